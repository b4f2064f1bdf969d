//! Clocks that are absurd, and what stands in the log when they are.

use crate::bench::check;
use crate::harness::Shell;

#[test]
fn a_clock_beyond_the_years_is_refused_before_anything_is_written() {
    let mut shell = Shell::new();
    for absurd in [
        "",
        "10000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23",
        "1700000000",
        "now",
    ] {
        shell.at(absurd);
        for command in ["deposit 5", "init", "balance --until today"] {
            let ran = shell.ledger(command);
            let expected = if command.starts_with("balance") {
                Some(10)
            } else {
                Some(2)
            };
            assert!(
                ran.status == expected || ran.status == Some(2),
                "{absurd} {command}: {ran:?}"
            );
            assert_eq!(ran.stdout, "", "{absurd} {command}");
        }
        assert_eq!(shell.names(), [""; 0], "{absurd}");
    }
}

#[test]
fn after_a_clock_that_ran_ahead_events_take_its_time_with_a_warning_and_their_order_is_seq() {
    let mut shell = Shell::new();
    shell.at("9990-01-01T00:00:00Z");
    shell.ledger("deposit 1 -m first -q").succeeds();
    for (now, memo) in [
        ("2026-11-23T10:15:02Z", "second"),
        ("0001-01-01T00:00:00Z", "third"),
        ("2027-01-01T00:00:00Z", "fourth"),
    ] {
        shell.at(now);
        let ran = shell
            .ledger(&format!("deposit 1 --json -m {memo}"))
            .succeeds();
        assert!(
            ran.stderr
                .starts_with("{\"warning\":{\"code\":\"clock_behind\","),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.json()["at"], "9990-01-01T00:00:00.000000Z");
    }
    assert_eq!(
        check(&shell.file("ledger.jsonl")).memos,
        ["first", "second", "third", "fourth"]
    );
    let history = shell.ledger("history --json").succeeds().json_lines();
    let seqs: Vec<u64> = history
        .iter()
        .map(|row| row["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    shell.ledger("verify -q").succeeds();
}
