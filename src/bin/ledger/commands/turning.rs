//! Where assertions turn, for the commands that ask every event.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::replay::{Cutoff, EventOrder, FigureCondition, Turn, TurnFinder};
use event_ledger::time::Timestamp;

use super::assertion::Assertion;

/// The order of events that a word names.
pub(crate) fn order_parser() -> impl TypedValueParser<Value = EventOrder> {
    let recorded = PossibleValue::new("recorded").help("As they were recorded");
    let effective = PossibleValue::new("effective").help("As they took effect");
    PossibleValuesParser::new([recorded, effective]).map(|word| match word.as_str() {
        "effective" => EventOrder::Effective,
        _ => EventOrder::Recorded,
    })
}

pub(crate) fn order_word(order: EventOrder) -> &'static str {
    match order {
        EventOrder::Recorded => "recorded",
        EventOrder::Effective => "effective",
    }
}

/// Where assertions turn.
pub(crate) struct Turns {
    /// In the order in which events were asked; the conditions are the assertions.
    pub(crate) found: Vec<Turn>,
    /// How many events were asked.
    pub(crate) events: u64,
    /// The state after all of them.
    pub(crate) replayed: Replayed,
}

/// Asks assertions after every event: every turn, or only the first after which each is not true.
pub(crate) fn turns(
    reading: &Reader,
    cutoff: &Cutoff,
    assertions: &[Assertion],
    by: EventOrder,
    every_turn: bool,
    now: Timestamp,
) -> anyhow::Result<Turns> {
    let conditions = assertions.iter().map(Assertion::condition).collect();
    let mut finder = TurnFinder::new(conditions, by, every_turn);
    let options = ReadOptions::default();
    let replayed =
        reading.scan::<LedgerError>(cutoff.clone(), Some(now), options, |entry, _, counted| {
            if counted && entry.seq > 0 {
                finder.take(entry)?;
            }
            Ok(())
        })?;
    let events = finder.events();
    let found = finder.finish().map_err(LedgerError::from)?;
    Ok(Turns {
        found,
        events,
        replayed,
    })
}

impl Assertion {
    /// What it says, as a condition on figures.
    fn condition(&self) -> FigureCondition {
        FigureCondition {
            accounts: self.subject.filter(),
            measure: self.measure,
            comparison: self.comparison,
            expected: self.expected.balance,
        }
    }
}
