use crate::harness::lines;
use crate::story::story;

#[test]
fn the_head_stands_alone_on_standard_output() {
    let shell = story();
    shell.ledger("head").prints("10:<hex64>\n");
    shell.ledger("head -q").prints("10:<hex64>\n");
}

#[test]
fn json_says_what_the_head_is_made_of() {
    let shell = story();
    shell.ledger("head --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":10,"hash":"<hex64>","head":"10:<hex64>","at":"2026-03-03T08:00:00.000000Z","until":null,"known_at":null,"torn_bytes":0}"#]));
}

#[test]
fn the_head_of_a_moment_is_the_newest_event_that_counts() {
    let shell = story();
    shell.ledger("head --until 2026-01").is(
        0,
        "5:<hex64>\n",
        "note: until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)\n",
    );
    shell.ledger("head --until 2026-01-30 --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":4,"hash":"<hex64>","head":"4:<hex64>","at":"2026-02-03T08:00:00.000000Z","until":"2026-01-30T22:59:59.999999Z","known_at":null,"torn_bytes":0}"#]));
    shell.ledger("head --until 2020 -q").prints("0:<hex64>\n");
}

#[test]
fn the_head_of_what_was_known_is_the_last_event_that_was_recorded() {
    let shell = story();
    shell.ledger("head --known-at 2026-02-04").is(
        0,
        "5:<hex64>\n",
        "note: known at 2026-02-04 23:59:59.999999 +01:00 (Europe/Vienna)\n",
    );
    shell
        .ledger("head --known-at seq:4 -q")
        .prints("4:<hex64>\n");
    shell
        .ledger("head --until 2026-01-30 --known-at 2026-02 -q")
        .prints("4:<hex64>\n");
}

#[test]
fn the_head_is_taken_by_if_head() {
    let shell = story();
    let head = String::from_utf8(shell.ledger("head").raw).unwrap();
    shell
        .run([
            "deposit",
            "1",
            "--account",
            "assets:giro",
            "--if-head",
            head.trim(),
        ])
        .succeeds();
    let late = shell.run([
        "deposit",
        "1",
        "--account",
        "assets:giro",
        "--if-head",
        head.trim(),
    ]);
    assert_eq!(late.status, Some(5));
}
