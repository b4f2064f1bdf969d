//! Where assertions turn, for the commands that ask every event.

use clap::ValueEnum;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::replay::{Cutoff, EventOrder, FigureCondition, Turn, TurnFinder};

use super::assertion::Assertion;

/// In which order events are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderBy {
    /// As they were recorded
    #[default]
    Recorded,
    /// As they took effect
    Effective,
}

impl OrderBy {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            OrderBy::Recorded => "recorded",
            OrderBy::Effective => "effective",
        }
    }

    fn order(self) -> EventOrder {
        match self {
            OrderBy::Recorded => EventOrder::Recorded,
            OrderBy::Effective => EventOrder::Effective,
        }
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
    by: OrderBy,
    every_turn: bool,
) -> anyhow::Result<Turns> {
    let conditions = assertions.iter().map(Assertion::condition).collect();
    let mut finder = TurnFinder::new(conditions, by.order(), every_turn);
    let options = ReadOptions::default();
    let replayed =
        reading.scan::<LedgerError>(cutoff.clone(), None, options, |entry, _, counted| {
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
