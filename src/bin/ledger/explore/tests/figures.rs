//! Every figure of the index is that of the reading commands at the same moment.

use std::collections::BTreeMap;

use event_ledger::ledger::AccountQuery;
use event_ledger::money::Balance;
use event_ledger::replay::{Bound, Cutoff, EventOrder};

use super::super::history::AccountLife;
use super::TestLog;

/// Balance and what is on hold of every account that exists.
type Figures = BTreeMap<String, (Balance, Balance, bool)>;

fn of_the_index(log: &TestLog, order: EventOrder, position: usize) -> Figures {
    let moment = log.index.moment(order, position);
    let as_of = log.index.orders().time_at(order, position).unwrap();
    let mut figures = Figures::new();
    for id in log.index.sorted() {
        let account = log.index.account(*id).unwrap();
        let life = account.life(&moment);
        if life != AccountLife::NotYet {
            let balance = log.index.balance(*id, &moment);
            let held = log.index.held(*id, &moment, as_of);
            let is_open = life == AccountLife::Open;
            figures.insert(account.name.clone(), (balance, held, is_open));
        }
    }
    figures
}

fn of_the_reader(log: &TestLog, order: EventOrder, position: usize) -> Figures {
    let moment = log.index.orders().time_at(order, position).unwrap();
    let mut cutoff = Cutoff::default();
    match order {
        EventOrder::Effective => cutoff.until = Some(Bound::Time(moment)),
        EventOrder::Recorded => {
            cutoff.known_at = Some(Bound::Seq(position.try_into().unwrap()));
        }
    }
    let replayed = log.reader.query(cutoff, None, AccountQuery::All).unwrap();
    let pending = replayed.state().commitments().pending(moment);
    let accounts = replayed.state().accounts().into_iter();
    accounts
        .map(|(name, account)| {
            let held = pending.get(name).copied().unwrap_or_default().outgoing;
            (name.to_owned(), (account.balance, held, account.open))
        })
        .collect()
}

fn agree(log: &TestLog) {
    for order in [EventOrder::Effective, EventOrder::Recorded] {
        let times = |position| log.index.orders().time_at(order, position);
        for position in 1..=log.index.len() {
            // In the order of effect, a moment has all of its events.
            if order == EventOrder::Effective && times(position) == times(position + 1) {
                continue;
            }
            assert_eq!(
                of_the_index(log, order, position),
                of_the_reader(log, order, position),
                "{order:?} {position}"
            );
        }
    }
}

#[test]
fn every_figure_is_that_of_the_reading_commands_at_that_moment() {
    agree(&TestLog::of_everything());
    agree(&TestLog::household());
}

#[test]
fn a_log_that_grows_has_the_figures_of_one_that_is_read_at_once() {
    for first in [1, 5, 12, 20] {
        let mut log = TestLog::of_everything();
        let last = u64::try_from(log.index.len()).unwrap();
        let whole = log;
        log = TestLog {
            index: super::LogIndex::default(),
            entries: Vec::new(),
            reader: event_ledger::ledger::Reader::open(
                &whole.path(),
                &mut super::ShortWait::default(),
            )
            .unwrap(),
            now: whole.now,
            name: whole.name.clone(),
            _directory: None,
        };
        log.push(0..=first);
        for seq in first + 1..=last {
            log.push(seq..=seq);
        }
        agree(&log);
        for order in [EventOrder::Effective, EventOrder::Recorded] {
            for position in 0..=log.index.len() {
                let orders = (log.index.orders(), whole.index.orders());
                assert_eq!(
                    orders.0.seq_at(order, position),
                    orders.1.seq_at(order, position)
                );
                let moments = (
                    log.index.moment(order, position),
                    whole.index.moment(order, position),
                );
                assert_eq!(log.index.sums(&moments.0), whole.index.sums(&moments.1));
            }
        }
    }
}

#[test]
fn the_changes_of_an_account_add_up_in_both_orders() {
    let log = TestLog::of_everything();
    for order in [EventOrder::Effective, EventOrder::Recorded] {
        for id in log.index.sorted() {
            let account = log.index.account(*id).unwrap();
            let mut sum = Balance::ZERO;
            let mut before = 0;
            for index in 0..account.balances.len() {
                let change = account.balances.change(order, index).unwrap();
                sum = sum.plus(change.change).unwrap();
                assert_eq!(change.balance, sum, "{} {index}", account.name);
                let position = log.index.orders().position_of(order, change.seq);
                assert!(position > before, "{} {index}", account.name);
                before = position;
            }
        }
    }
}

#[test]
fn sums_are_those_of_balance() {
    let log = TestLog::of_everything();
    let shown = |position: usize| -> Vec<String> {
        let moment = log.index.moment(EventOrder::Recorded, position);
        let sums = log.index.sums(&moment);
        let text = |sum: &super::super::sums::AccountsSum| {
            let currency = sum.currency.map_or(String::new(), |code| code.to_string());
            format!("{} {} {currency}", sum.name, sum.balance.to_text(sum.scale))
        };
        sums.iter().map(text).collect()
    };
    assert_eq!(shown(0), [""; 0]);
    assert_eq!(shown(2), ["bank 2500.00 EUR"]);
    assert_eq!(
        shown(8),
        [
            "bank 1387.10 EUR",
            "cost 1020.40 EUR",
            "shop 80.00 EUR",
            "wallet 30.00 USD"
        ]
    );
}
