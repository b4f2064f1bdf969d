//! Logs whose chain is right and whose links no ledger wrote: to the event itself, to a later one, or to
//! one that they do not fit.

use crate::harness::{Shell, without_hashes};
use crate::sealed::{FIRST, deposit, line, seal};

const SALT: &str = r#" NOTE {"salt":"AAAAAAAAAAAAAAAAAAAAAA","memo":"first"}"#;

fn v2(line: &str) -> String {
    line.replacen(r#"{"v":1"#, r#"{"v":2"#, 1)
}

fn withdraw(seq: u64, amount: &str, link: &str) -> String {
    line(
        seq,
        &format!(
            r#""type":"withdraw","account":"main","amount":"{amount}","currency":"EUR",{link}"#
        ),
    )
}

fn of(lines: &[String]) -> Shell {
    let shell = Shell::new();
    let mut all = vec![FIRST.to_owned()];
    all.extend_from_slice(lines);
    shell.set_log(&seal(&all));
    shell
}

const BROKEN: &str =
    "warning: event 3 breaks a rule of the ledger and counts all the same: ledger verify\n";

#[test]
fn undo_ends_on_an_event_that_corrects_itself_or_a_later_one() {
    for named in [2, 3, 4_294_967_296_u64] {
        let corrects = v2(&format!(r#"{},"corrects":{named}"#, deposit(2, "7.00")));
        let shell = of(&[deposit(1, "5.00"), corrects]);
        shell.ledger("show 2").succeeds();
        shell.ledger("undo -q").prints("");
        shell
            .ledger("balance -q")
            .is(0, "5.00\n", &BROKEN.replace("event 3", "event 2"));
    }
}

#[test]
fn undo_ends_on_a_batch_in_which_an_event_corrects_itself() {
    let batch = format!(r#"{},"more":true"#, deposit(2, "6.00"));
    let corrects = v2(&format!(r#"{},"corrects":3"#, deposit(3, "7.00")));
    let shell = of(&[deposit(1, "5.00"), batch, corrects]);
    shell.ledger("undo -q").prints("");
    shell.ledger("balance -q").is(0, "5.00\n", BROKEN);
}

#[test]
fn a_redaction_of_itself_or_of_a_later_event_erases_no_note() {
    for named in [2, 3, 4] {
        let redact = v2(&line(2, &format!(r#""type":"redact","event":{named}"#)));
        let shell = of(&[deposit(1, "5.00"), redact + SALT]);
        shell.ledger("deposit 1 -m second -q").prints("");
        shell.ledger("deposit 1 -m third -q").prints("");
        let memos = shell.ledger("history --json").json_lines();
        assert_eq!(memos[1]["memo"], "second", "{named}");
        assert_eq!(memos[2]["memo"], "third", "{named}");
        assert!(shell.ledger("replay").stdout.contains("first"), "{named}");
        let log = String::from_utf8(shell.log()).unwrap();
        for memo in ["first", "second", "third"] {
            assert!(log.contains(memo), "{named}: {log}");
        }
        shell.ledger("verify --json").json();
        assert_eq!(shell.ledger("verify").status, Some(6));
    }
}

#[test]
fn net_hides_only_pairs_that_cancel_out() {
    let rest = |shell: &Shell, command: &str| {
        let rows = shell.ledger(&format!("{command} --json")).json_lines();
        rows.iter()
            .map(|row| row["seq"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let reversal = |seq, amount| withdraw(seq, amount, r#""reverses":1"#);
    let sound = of(&[deposit(1, "5.00"), reversal(2, "5.00")]);
    assert!(rest(&sound, "history main --net").is_empty());
    let amount = of(&[deposit(1, "5.00"), reversal(2, "4.00")]);
    assert_eq!(rest(&amount, "history main --net"), [1, 2]);
    let same = of(&[
        deposit(1, "5.00"),
        format!(r#"{},"reverses":1"#, deposit(2, "5.00")),
    ]);
    assert_eq!(rest(&same, "history main --net"), [1, 2]);
    let twice = of(&[deposit(1, "5.00"), reversal(2, "5.00"), reversal(3, "5.00")]);
    assert_eq!(rest(&twice, "history main --net"), [3]);
    let report = amount.ledger("report --by year --net --json").json();
    let row = report["currencies"][0].clone();
    assert_eq!((&row["in"], &row["out"]), (&"5.00".into(), &"4.00".into()));
}

#[test]
fn an_erased_note_that_no_redaction_names_is_a_finding_in_a_sound_log() {
    let digest = "ab".repeat(32);
    let erased = format!(r#"{} NOTE "{digest}""#, deposit(1, "5.00"));
    let shell = of(std::slice::from_ref(&erased));
    let ran = shell.ledger("verify");
    assert_eq!(
        without_hashes(&ran.stdout),
        "\
line 2, byte 211: redacted_without_event: its note was erased, but no redact event names it
sound: 1 event, head 1:<hex16>, 1 redacted note
"
    );
    assert_eq!(ran.status, Some(0));
    let answer = shell.ledger("verify --json").json();
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["findings"][0]["code"], "redacted_without_event");
    shell
        .ledger("doctor")
        .prints("./ledger.jsonl is sound: 1 event, head 1:<hex16>\n");
    shell.ledger("deposit 1 -q").prints("");
    let redact = v2(&line(2, r#""type":"redact","event":1"#));
    let named = of(&[erased, redact]);
    let answer = named.ledger("verify --json").json();
    assert!(answer["findings"].as_array().unwrap().is_empty());
}
