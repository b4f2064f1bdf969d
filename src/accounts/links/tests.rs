use super::*;
use crate::accounts::testing::{given, missing, second};
use crate::event::Link;

/// The rules of a logged reversal.
fn permit_reversal(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    permit_link(state, record, target, None)
}

fn reason(refusal: Result<(), Refusal>) -> NotReversible {
    match refusal {
        Err(Refusal::NotReversible { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_logged_reversal_must_be_exactly_the_opposite_of_something_before_it() {
    let log = given(&["deposit 5EUR a", "deposit 6EUR a", "open b"]);
    let event = |seq: usize| log.entries[seq].event.clone();
    let right = log.entry(opposite(&event(1)).unwrap(), Some(1));
    assert_eq!(
        permit_reversal(&log.state, &right, log.at(1).map(|entry| &entry.record)),
        Ok(())
    );
    let other_amount = log.entry(opposite(&event(2)).unwrap(), Some(1));
    let refused = permit_reversal(
        &log.state,
        &other_amount,
        log.at(1).map(|entry| &entry.record),
    );
    assert_eq!(reason(refused), NotReversible::NotItsOpposite);
    let same_direction = log.entry(event(1), Some(1));
    let refused = permit_reversal(
        &log.state,
        &same_direction,
        log.at(1).map(|entry| &entry.record),
    );
    assert_eq!(reason(refused), NotReversible::NotItsOpposite);
    let of_an_open = log.entry(event(1), Some(3));
    let refused = permit_reversal(
        &log.state,
        &of_an_open,
        log.at(3).map(|entry| &entry.record),
    );
    assert_eq!(
        reason(refused),
        NotReversible::MovesNothing(crate::event::Kind::Open)
    );
}

#[test]
fn a_logged_reversal_of_what_is_not_there_or_comes_later_is_found() {
    let log = given(&["deposit 5 a"]);
    let entry = log.entry(opposite(&log.entries[1].event).unwrap(), Some(9));
    assert_eq!(permit_reversal(&log.state, &entry, None), Err(missing(9)));
    let mut itself = entry.clone();
    itself.record.link = Some(Link::Reverses(itself.seq));
    let refused = permit_reversal(&log.state, &itself, Some(&itself.record));
    assert_eq!(refused, Err(missing(itself.seq)));
}

#[test]
fn a_second_logged_reversal_is_found() {
    let log = given(&["deposit 5 a", "reverse 1", "deposit 5 a"]);
    let entry = log.entry(opposite(&log.entries[1].event).unwrap(), Some(1));
    let refused = permit_reversal(&log.state, &entry, log.at(1).map(|entry| &entry.record));
    assert_eq!(
        refused,
        Err(Refusal::AlreadyReversed {
            seq: 1,
            by: 2,
            replacement: None,
        })
    );
}

#[test]
fn an_entry_that_reverses_nothing_passes() {
    let log = given(&["deposit 5 a"]);
    assert_eq!(permit_reversal(&log.state, &log.entries[1], None), Ok(()));
}

/// What a command is refused with, or `-`.
fn refused(lines: &[&str], line: &str) -> &'static str {
    match given(lines).when(line) {
        Err(refusal) => refusal.code(),
        Ok(_) => "-",
    }
}

#[test]
fn a_hold_sets_money_aside_until_it_is_captured_released_or_expired() {
    // The first event is recorded at second 1, each next one a second later.
    let held = ["deposit 50 a", "hold 30 a to=b"];
    for (more, line, code) in [
        (&[][..], "withdraw 20 a", "-"),
        (&[][..], "withdraw 21 a", "insufficient_funds"),
        (&[][..], "hold 21 a", "insufficient_funds"),
        (&[][..], "close b", "account_not_empty"),
        (&["capture 2 10 keep=1"], "withdraw 20 a", "-"),
        (
            &["capture 2 10 keep=1"],
            "withdraw 21 a",
            "insufficient_funds",
        ),
        (&["capture 2 10"], "withdraw 40 a", "-"),
        (&["release 2 10"], "withdraw 30 a", "-"),
        (&["release 2 10"], "withdraw 31 a", "insufficient_funds"),
        (&["release 2"], "withdraw 50 a", "-"),
        (&["capture 2 10 keep=1"], "capture 2 21", "exceeds_hold"),
        (&["capture 2 10 keep=1"], "capture 2", "-"),
        (&["capture 2 10"], "capture 2", "hold_closed"),
        (&["capture 2"], "release 2", "hold_closed"),
        (&["release 2"], "capture 2", "hold_closed"),
        (&[][..], "capture 1", "unknown_hold"),
        (&[][..], "capture 9", "unknown_hold"),
        (&[][..], "release 9", "unknown_hold"),
        (&[][..], "capture 2 to=c", "usage"),
        (&[][..], "capture 2 5EUR", "currency_mismatch"),
        (&[][..], "capture 2 effective=1", "invalid_time"),
        (&[][..], "release 2 effective=1", "invalid_time"),
        (&[][..], "reverse 2", "not_reversible"),
        (&["capture 2"], "reverse 3", "-"),
    ] {
        let lines = [&held[..], more].concat();
        assert_eq!(refused(&lines, line), code, "{lines:?}, {line}");
    }
    let expiring = ["deposit 50 a", "hold 30 a expires=4"];
    assert_eq!(refused(&expiring, "withdraw 21 a"), "insufficient_funds");
    assert_eq!(refused(&expiring, "capture 2"), "-");
    let expired = ["deposit 50 a", "hold 30 a expires=4", "deposit 1 b"];
    assert_eq!(refused(&expired, "withdraw 50 a"), "-");
    assert_eq!(refused(&expired, "capture 2"), "hold_expired");
    assert_eq!(refused(&expired, "release 2"), "hold_expired");
    assert_eq!(refused(&expired, "close a"), "account_not_empty");
    assert_eq!(refused(&[], "hold 5 a"), "unknown_account");
    assert_eq!(refused(&["open a"], "hold 5 a expires=1"), "invalid_time");
}

#[test]
fn a_hold_decides_what_captures_it() {
    let kinds = |hold: &str, capture: &str| {
        let log = given(&["deposit 50 a", hold]);
        log.recorded(capture)
    };
    assert_eq!(kinds("hold 30 a to=b", "capture 2"), "transfer a b 30");
    assert_eq!(kinds("hold 30 a", "capture 2"), "withdraw a 30");
    assert_eq!(kinds("hold 30 a", "capture 2 5 to=c"), "transfer a c 5");
    assert_eq!(kinds("hold 30 to=b", "capture 2"), "deposit b 30");
    assert_eq!(
        refused(&["deposit 50 a", "hold 30 to=b"], "capture 2 to=c"),
        "usage"
    );
}

#[test]
fn what_takes_effect_later_does_not_cover_what_leaves_today() {
    assert_eq!(
        refused(&["deposit 50 a effective=900"], "withdraw 5 a"),
        "insufficient_funds"
    );
    assert_eq!(
        refused(
            &["deposit 50 a effective=900"],
            "withdraw 5 a effective=900"
        ),
        "-"
    );
    assert_eq!(
        refused(
            &["deposit 50 a effective=900"],
            "withdraw 5 a effective=899"
        ),
        "insufficient_funds"
    );
    // What leaves later is not there any more.
    let later = ["deposit 50 a", "withdraw 30 a effective=900"];
    assert_eq!(refused(&later, "withdraw 21 a"), "insufficient_funds");
    assert_eq!(refused(&later, "withdraw 20 a"), "-");
    // The past is not judged.
    let late = ["deposit 50 a", "withdraw 50 a", "deposit 50 a"];
    assert_eq!(refused(&late, "withdraw 50 a effective=2"), "-");
}

#[test]
fn refunds_add_up_to_the_event_at_most() {
    let paid = ["deposit 50 a", "transfer 20 a shop"];
    for (more, line, code) in [
        (&[][..], "refund 2 20", "-"),
        (&[][..], "refund 2 21", "exceeds_refundable"),
        (&["refund 2 5"], "refund 2 15", "-"),
        (&["refund 2 5"], "refund 2 16", "exceeds_refundable"),
        (&["refund 2"], "refund 2", "exceeds_refundable"),
        (&["refund 2 5", "reverse 3"], "refund 2 20", "-"),
        (&["refund 2 5"], "reverse 2", "not_reversible"),
        (&["refund 2 5"], "correct 2 amount=21", "not_reversible"),
        (&["refund 2 5"], "refund 3", "not_reversible"),
        (&["refund 2 5"], "correct 3 amount=6", "not_reversible"),
        (&["refund 2 5"], "reverse 3", "-"),
        (&["refund 2 5", "reverse 3"], "reverse 4", "not_reversible"),
        (&["reverse 2"], "refund 2", "already_reversed"),
        (&["reverse 2"], "refund 3", "not_reversible"),
        (&["reverse 2"], "correct 2 amount=21", "already_reversed"),
        (&["transfer 20 shop c"], "refund 2 5", "insufficient_funds"),
    ] {
        let lines = [&paid[..], more].concat();
        assert_eq!(refused(&lines, line), code, "{lines:?}, {line}");
    }
    let log = given(&["deposit 50 a", "transfer 20 a shop", "refund 2 5"]);
    assert_eq!(log.recorded("refund 2"), "transfer shop a 15");
}

#[test]
fn a_correction_is_judged_as_one() {
    // Reversing the deposit alone would leave less than nothing.
    let spent = ["deposit 50 a", "withdraw 45 a"];
    assert_eq!(refused(&spent, "reverse 1"), "insufficient_funds");
    assert_eq!(refused(&spent, "correct 1 amount=46"), "-");
    assert_eq!(refused(&spent, "correct 1 amount=44"), "insufficient_funds");
    assert_eq!(refused(&spent, "correct 1 account=b"), "insufficient_funds");
    assert_eq!(refused(&spent, "correct 1 amount=50"), "usage");
    assert_eq!(refused(&spent, "correct 1 to=b amount=60"), "usage");
    let log = given(&["deposit 50 a", "withdraw 45 a", "correct 1 amount=46"]);
    assert_eq!(log.balance("a"), "1");
    let links: Vec<_> = log.entries.iter().map(|entry| entry.link).collect();
    assert_eq!(
        links[3..],
        [Some(Link::Reverses(1)), Some(Link::Corrects(1))]
    );
    // The original took effect a second after the first line.
    assert_eq!(log.entries[4].took_effect(), second(1));
    let corrected = ["deposit 50 a", "correct 1 amount=46"];
    assert_eq!(
        refused(&corrected, "correct 1 amount=47"),
        "already_reversed"
    );
    assert_eq!(refused(&corrected, "correct 3 amount=47"), "-");
    assert_eq!(refused(&corrected, "reverse 2"), "not_reversible");
    assert_eq!(refused(&corrected, "reverse 3"), "-");
}

#[test]
fn an_exchange_moves_two_currencies() {
    let rich = ["deposit 100EUR a", "deposit 1USD b"];
    let log = given(&rich).with(&["exchange 50 a b for=54.31"]);
    assert_eq!(
        (log.balance("a"), log.balance("b")),
        ("50.00".into(), "55.31".into())
    );
    for (line, code) in [
        ("exchange 101 a b for=1", "insufficient_funds"),
        ("exchange 5EUR a b for=5EUR", "usage"),
        ("exchange 5 a c for=5EUR", "currency_mismatch"),
        ("exchange 5USD a b for=5EUR", "currency_mismatch"),
        ("exchange 5.001 a b for=5", "invalid_amount"),
        ("exchange 5 a b for=5.001", "invalid_amount"),
        ("exchange 5 a a for=5USD", "usage"),
        ("refund 3", "not_reversible"),
        ("reverse 3", "-"),
        ("correct 3 for=60", "-"),
    ] {
        let found = log.when(line).err().map_or("-", |refusal| refusal.code());
        assert_eq!(found, code, "{line}");
    }
}

#[test]
fn nothing_takes_effect_in_a_sealed_period() {
    let sealed = ["deposit 50 a", "deposit 5 a", "hold 5 a", "seal 2"];
    for (line, code) in [
        ("deposit 1 a", "-"),
        ("deposit 1 a effective=2", "period_sealed"),
        ("deposit 1 a effective=3", "-"),
        ("open b effective=1", "period_sealed"),
        ("hold 1 a effective=1", "period_sealed"),
        ("correct 1 amount=51", "period_sealed"),
        ("correct 1 amount=51 effective=4", "-"),
        ("reverse 1 effective=2", "period_sealed"),
        ("reverse 9 effective=2", "period_sealed"),
        ("reverse 1", "-"),
        ("seal 2", "invalid_time"),
        ("seal 9", "invalid_time"),
        ("seal 4", "-"),
        ("unseal 3", "invalid_time"),
        ("unseal 2", "-"),
        ("unseal", "-"),
    ] {
        assert_eq!(refused(&sealed, line), code, "{line}");
    }
    let opened = ["deposit 50 a", "deposit 5 a", "seal 2", "unseal 2"];
    assert_eq!(refused(&opened, "deposit 1 a effective=2"), "-");
    assert_eq!(refused(&opened, "deposit 1 a effective=1"), "period_sealed");
    assert_eq!(refused(&["deposit 5 a"], "unseal"), "invalid_time");
    let last = ["deposit 50 a", "deposit 5 a", "seal 2 final=1"];
    assert_eq!(refused(&last, "unseal"), "period_sealed");
    assert_eq!(refused(&last, "unseal 2"), "period_sealed");
    assert_eq!(refused(&last, "seal 3"), "-");
}

#[test]
fn only_what_has_a_note_is_redacted() {
    let noted = ["deposit 50 a memo=x", "deposit 5 a"];
    assert_eq!(refused(&noted, "redact 1"), "-");
    assert_eq!(refused(&noted, "redact 2"), "nothing_to_redact");
    assert_eq!(refused(&noted, "redact 9"), "nothing_to_redact");
}

#[test]
fn an_erasure_changes_no_figure_and_is_kept_in_order() {
    let erased = [
        "deposit 50 a memo=x",
        "withdraw 5 a memo=y",
        "redact 2",
        "redact 1",
    ];
    let log = given(&erased);
    let commitments = log.state.commitments();
    assert_eq!(log.balance("a"), "45");
    assert_eq!(
        commitments.redactions().collect::<Vec<_>>(),
        [(3, 2), (4, 1)]
    );
    assert!(commitments.is_redacted(1) && !commitments.is_redacted(3));
    // A seal does not stop it.
    let sealed = [&erased[..], &["seal 3"]].concat();
    assert_eq!(refused(&sealed, "redact 1"), "-");
}
