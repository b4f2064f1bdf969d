use crate::accounts::testing::{Log, given, hash, request};
use crate::accounts::{Decision, Operation, Refusal, Request};
use crate::event::{EventRef, Note};

/// What differs, as `field: recorded -> asked`.
fn conflict(log: &Log, line: &str) -> Vec<String> {
    let Refusal::KeyConflict { differences, .. } = log.refusal(line) else {
        panic!("`{line}` is another refusal");
    };
    let text = |side: Option<String>| side.unwrap_or_else(|| "-".into());
    let shown = differences.into_iter().map(|one| {
        format!(
            "{}: {} -> {}",
            one.field,
            text(one.recorded),
            text(one.asked)
        )
    });
    shown.collect()
}

#[test]
fn the_same_content_is_the_first_event_again_however_it_is_spelled() {
    let log = given(&["deposit 5EUR a key=k memo=hi tag=x:y effective=77"]);
    for line in [
        "deposit 5EUR a key=k memo=hi tag=x:y effective=77",
        "deposit 5 a key=k memo=hi tag=x:y effective=77",
        "deposit 5.00EUR a key=k memo=hi tag=x:y effective=77",
    ] {
        assert_eq!(log.repeated(line), 1, "{line}");
    }
}

#[test]
fn a_repeat_succeeds_whatever_has_become_of_the_account_and_the_head() {
    let log = given(&[
        "deposit 5 a key=in",
        "withdraw 5 a key=out",
        "close a key=shut",
    ]);
    assert_eq!(log.repeated("deposit 5 a key=in if=0:00000000"), 1);
    assert_eq!(log.repeated("withdraw 5 a key=out"), 2);
    assert_eq!(log.repeated("close a key=shut"), 3);
}

#[test]
fn other_content_is_a_conflict_that_shows_both() {
    let log = given(&["deposit 5EUR a key=k"]);
    assert_eq!(conflict(&log, "deposit 6 a key=k"), ["amount: 5.00 -> 6"]);
    assert_eq!(
        conflict(&log, "deposit 5USD b key=k"),
        ["account: a -> b", "currency: EUR -> USD"]
    );
    assert_eq!(
        conflict(&log, "withdraw 5 a key=k"),
        ["type: deposit -> withdraw"]
    );
    assert_eq!(
        conflict(&log, "transfer 5 a b key=k"),
        [
            "type: deposit -> transfer",
            "account: a -> -",
            "from: - -> a",
            "to: - -> b"
        ]
    );
    assert_eq!(
        conflict(&log, "deposit 5 a key=k memo=hi"),
        ["memo: - -> hi"]
    );
    assert_eq!(
        conflict(&log, "deposit 5 a key=k tag=x:y"),
        ["tags.x: - -> y"]
    );
    assert_eq!(
        log.refused("deposit 6 a key=k"),
        (
            "key_conflict",
            "the key `k` was used for event 1 with other content: amount was 5.00, now 6".into()
        )
    );
}

#[test]
fn an_effective_time_asked_is_held_against_when_it_took_effect() {
    let log = given(&["deposit 5 a key=now", "deposit 5 a key=then effective=77"]);
    assert_eq!(log.repeated("deposit 5 a key=now effective=1"), 1);
    assert_eq!(conflict(&log, "deposit 5 a key=now effective=2").len(), 1);
    assert_eq!(conflict(&log, "deposit 5 a key=then").len(), 1);
    assert_eq!(log.repeated("deposit 5 a key=then effective=77"), 2);
}

#[test]
fn floors_compare_by_value_and_none_named_is_zero() {
    let log = given(&["open a EUR key=o", "limit a floor=-5 key=l"]);
    assert_eq!(log.repeated("open a key=o"), 1);
    assert_eq!(log.repeated("open a floor=0.00EUR key=o"), 1);
    assert_eq!(
        conflict(&log, "open a floor=none key=o"),
        ["floor: 0 -> none"]
    );
    assert_eq!(conflict(&log, "open a USD key=o"), ["currency: EUR -> USD"]);
    assert_eq!(log.repeated("limit a floor=-5.00EUR key=l"), 2);
    assert_eq!(
        conflict(&log, "limit a floor=-5USD key=l"),
        ["currency: EUR -> USD"]
    );
}

#[test]
fn a_reversal_repeats_by_what_it_reverses() {
    let log = given(&["deposit 5 a", "deposit 5 a", "reverse 1 key=r"]);
    assert_eq!(log.repeated("reverse 1 key=r"), 3);
    assert_eq!(conflict(&log, "reverse 2 key=r"), ["reverses: 1 -> 2"]);
    assert_eq!(conflict(&log, "withdraw 5 a key=r"), ["reverses: 1 -> -"]);
    let log = given(&["deposit 5 a key=k"]);
    assert_eq!(conflict(&log, "reverse 1 key=k"), ["reverses: - -> 1"]);
}

#[test]
fn a_redacted_note_is_taken_for_any() {
    let mut log = given(&["deposit 5 a key=k memo=secret tag=x:y"]);
    log.entries[1].record.note = Some(Note::Redacted(hash(9)));
    assert_eq!(log.repeated("deposit 5 a key=k memo=other"), 1);
    assert_eq!(log.repeated("deposit 5 a key=k"), 1);
    assert_eq!(
        conflict(&log, "deposit 6 a key=k memo=secret"),
        ["amount: 5 -> 6"]
    );
}

#[test]
fn an_erasure_repeats_by_what_it_erased() {
    let log = given(&["deposit 5 a memo=x", "deposit 5 a memo=y", "redact 1 key=r"]);
    assert_eq!(log.repeated("redact 1 key=r"), 3);
    assert_eq!(conflict(&log, "redact 2 key=r"), ["event: 1 -> 2"]);
    assert_eq!(
        conflict(&log, "deposit 5 a key=r"),
        [
            "type: redact -> deposit",
            "account: - -> a",
            "amount: - -> 5"
        ]
    );
    // The key is on the last of several, and all of them must have been erased.
    let several = |events: &[u64]| Request {
        operation: Operation::Redact {
            events: events.iter().copied().map(EventRef::Seq).collect(),
            linked: false,
        },
        ..request("redact 1 key=r")
    };
    let both = log.clone().with(&["redact 2"]);
    assert!(log.ask(&several(&[2, 1])).is_err());
    assert_eq!(both.ask(&several(&[2, 1])), Ok(Decision::Repeat(3)));
}

#[test]
fn a_note_that_counts_as_erased_is_taken_for_any() {
    let log = given(&["deposit 5 a key=k memo=secret tag=x:y", "redact 1"]);
    assert_eq!(log.repeated("deposit 5 a key=k memo=other"), 1);
    assert_eq!(log.repeated("deposit 5 a key=k"), 1);
}
