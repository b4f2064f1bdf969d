use proptest::prelude::*;

use super::*;
use crate::accounts::{Commitments, commits, kept_under};
use crate::event::{Hold, Movement};
use crate::money::Amount;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// What a record is made of: kind, accounts, amount, the pause before it, when it takes effect from then,
/// which earlier event it names.
type Piece = (u8, (usize, usize), u16, u8, Option<i8>, usize);

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = (
        0..7_u8,
        (0..3_usize, 0..3_usize),
        1..400_u16,
        0..4_u8,
        prop::option::weighted(0.4, -9..12_i8),
        any::<usize>(),
    );
    prop::collection::vec(piece, 2..40)
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_767_225_600_000_000 + micros).unwrap()
}

fn records(pieces: &[Piece]) -> Vec<Record<'static>> {
    let mut now = 0;
    let mut made: Vec<Record<'static>> = Vec::new();
    let mut holds: Vec<u64> = Vec::new();
    for (kind, (one, other), amount, pause, moved, named) in pieces {
        now += i64::from(*pause);
        let seq = made.len() as u64 + 1;
        let name = |number: usize| AccountName::typed(NAMES[number]).unwrap();
        let amount = Amount::from_canonical(format!("{amount}.5").as_bytes()).unwrap();
        let movement = || Movement {
            account: name(*one),
            amount,
            currency: None,
        };
        let hold = holds.get(named % holds.len().max(1)).copied().unwrap_or(1);
        let earlier = 1 + *named as u64 % seq;
        let (event, link) = match kind {
            0 | 1 => {
                holds.push(seq);
                let hold = Hold {
                    from: Some(name(*one)).filter(|_| one == other || named % 3 > 0),
                    to: Some(name(*other)).filter(|_| one != other),
                    amount,
                    currency: None,
                    expires: (named % 4 == 0).then(|| moment(now + 12 + i64::from(*pause) * 7)),
                };
                (Event::Hold(Box::new(hold)), None)
            }
            2 | 3 => {
                let keep = named % 5 > 0;
                let link = Link::Captures { hold, keep };
                (Event::Withdraw(movement()), Some(link))
            }
            4 => {
                let release = Event::Release {
                    hold,
                    amount,
                    currency: None,
                };
                (release, None)
            }
            5 => (Event::Deposit(movement()), Some(Link::Refunds(earlier))),
            _ => (Event::Deposit(movement()), None),
        };
        made.push(Record {
            seq,
            at: moment(now),
            effective: moved.map(|moved| moment(now + i64::from(moved))),
            event,
            link,
            key: None,
            more: false,
            note: None,
        });
    }
    made
}

proptest! {
    /// Looked up in any order, before and after the later events.
    #[test]
    fn what_rests_on_a_position_gives_the_figures_of_all_events(
        pieces in pieces(),
        position in any::<prop::sample::Index>(),
        stored_at in any::<prop::sample::Index>(),
        recalled in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..6),
    ) {
        let records = records(&pieces);
        let (before, after) = records.split_at(position.index(records.len() - 1) + 1);
        let mut whole = Commitments::default();
        for record in &records {
            whole.apply(record);
        }
        // Stored once in between, and continued from there.
        let mut book = OutstandingBook::default();
        let (first, second) = before.split_at(stored_at.index(before.len()));
        for record in first {
            book.apply(record);
        }
        if let Some(last) = first.last() {
            let mut stored = OutstandingBook::default();
            for (name, outstanding) in book.at(last.at) {
                stored.put(name, outstanding);
            }
            book = stored;
        }
        for record in second {
            book.apply(record);
        }
        let base = before.last().unwrap();
        let mut resting = Commitments::resting_on(base.seq, whole.seal(), []);
        let look_up = |resting: &mut Commitments, is_early: bool| {
            for (index, early) in &recalled {
                let record = &before[index.index(before.len())];
                if *early != is_early {
                    continue;
                }
                resting.recall(record);
                let under = before.iter().filter(|one| commits(one) && kept_under(one) == record.seq);
                under.for_each(|one| resting.recall(one));
            }
        };
        look_up(&mut resting, true);
        for (name, outstanding) in book.at(base.at) {
            resting.put_outstanding(name, outstanding.clone());
            // Looked up again, by a later request.
            resting.put_outstanding(name, outstanding);
        }
        for record in after {
            resting.apply(record);
        }
        for (name, outstanding) in book.at(base.at) {
            resting.put_outstanding(name, outstanding);
        }
        look_up(&mut resting, false);
        let last = records.last().unwrap().at;
        for later in [0, 1, 5, 13, 40] {
            let at = Timestamp::from_unix_micros(last.unix_micros() + later).unwrap();
            let all = (whole.pending(at), resting.pending(at));
            for name in NAMES {
                prop_assert_eq!(resting.pending_of(name, at), whole.pending_of(name, at));
                let of = |pending: &hashbrown::HashMap<&str, crate::accounts::Pending>| {
                    pending.get(name).copied().unwrap_or_default()
                };
                prop_assert_eq!(of(&all.0), of(&all.1));
                let open = |one: &Commitments| {
                    let open = one.outstanding().open_hold(name, at);
                    open.map(|hold| (hold.seq, hold.scale, hold.unsettled()))
                };
                prop_assert_eq!(open(&resting), open(&whole));
                for from in [0, 2, 9] {
                    let from = Timestamp::from_unix_micros(at.unix_micros() + from).unwrap();
                    prop_assert_eq!(
                        held_at(&resting.outstanding().adjustments(name, at, from)),
                        held_at(&whole.outstanding().adjustments(name, at, from))
                    );
                }
            }
        }
        for (index, _) in &recalled {
            let seq = before[index.index(before.len())].seq;
            prop_assert_eq!(resting.hold(seq), whole.hold(seq));
            prop_assert_eq!(resting.refunds_of(seq), whole.refunds_of(seq));
            prop_assert_eq!(resting.refund_target(seq), whole.refund_target(seq));
        }
    }
}

/// The moments at which a figure is another than before.
fn held_at(adjustments: &[(Timestamp, i128)]) -> Vec<(Timestamp, i128)> {
    let mut found = adjustments.to_vec();
    found.dedup_by_key(|(_, figure)| *figure);
    found
}

#[test]
fn nothing_that_is_over_is_looked_at_again() {
    let name = || AccountName::typed("a").unwrap();
    let amount = Amount::from_canonical(b"5").unwrap();
    let record = |seq, at, event, link| Record {
        seq,
        at: moment(at),
        effective: None,
        event,
        link,
        key: None,
        more: false,
        note: None,
    };
    let hold = |expires: Option<i64>| {
        Event::Hold(Box::new(Hold {
            from: Some(name()),
            to: None,
            amount,
            currency: None,
            expires: expires.map(moment),
        }))
    };
    let movement = || Movement {
        account: name(),
        amount,
        currency: None,
    };
    let captures = |hold| Some(Link::Captures { hold, keep: false });
    let mut book = OutstandingBook::default();
    book.apply(&record(1, 0, hold(Some(10)), None));
    book.apply(&record(2, 1, hold(None), None));
    book.apply(&record(3, 2, hold(None), None));
    let later = Record {
        effective: Some(moment(8)),
        ..record(4, 3, Event::Withdraw(movement()), captures(2))
    };
    book.apply(&later);
    assert_eq!((book.holds.len(), book.turns.len()), (3, 2));
    book.apply(&record(5, 9, Event::Withdraw(movement()), captures(3)));
    assert_eq!((book.holds.len(), book.turns.len()), (1, 1));
    book.advance(moment(10));
    let known = &book.accounts["a"];
    assert!(book.holds.is_empty() && book.turns.is_empty());
    assert!(known.changing.is_empty());
    assert_eq!(known.pending, Pending::default());
    let later = Record {
        effective: Some(moment(30)),
        ..record(6, 20, Event::Deposit(movement()), None)
    };
    book.apply(&later);
    let later = Record {
        effective: Some(moment(50)),
        ..record(7, 40, Event::Deposit(movement()), None)
    };
    book.apply(&later);
    let known = &book.accounts["a"];
    assert_eq!(
        (known.later.len(), known.arriving),
        (1, amount.as_balance())
    );
}
