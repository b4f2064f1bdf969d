//! Rows of a file held against the events of a ledger: which are known by their keys, and which may
//! be known events in other words.

use std::collections::BTreeMap;

use event_ledger::accounts::Operation;
use event_ledger::event::{AccountName, Entry, Event};
use event_ledger::formats::import::{self, Imported, ImportedRow, RowIdentity};
use event_ledger::money::TypedAmount;
use event_ledger::time::{Step, Timestamp, Zone};
use hashbrown::{HashMap, HashSet};

/// What makes two movements alike: the day, and what changes on which account. An account has one
/// currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    day: Timestamp,
    changes: Vec<(String, i128)>,
}

/// An event that may be one of the rows.
struct KnownEvent {
    seq: u64,
    key: Option<String>,
}

/// What a ledger knows of the rows of a file.
#[derive(Default)]
pub(super) struct KnownRows {
    /// The keys of the file.
    wanted: HashSet<String>,
    /// The rows that could be duplicates, by likeness.
    alike: BTreeMap<Likeness, Vec<KnownEvent>>,
    reversed: HashSet<u64>,
    /// The keys that were found.
    found: HashSet<String>,
    /// The highest count of content in the ledger, by its digest.
    counts: HashMap<String, u64>,
}

/// A row that may be a known event.
pub(super) struct Duplicate {
    pub(super) line: u64,
    pub(super) seq: u64,
}

impl KnownRows {
    /// Begins with the rows of a file.
    pub(super) fn new(imported: &Imported, zone: &Zone, now: Timestamp) -> KnownRows {
        let mut known = KnownRows::default();
        for row in &imported.rows {
            if let Some(key) = &row.request.key {
                known.wanted.insert(key.to_string());
                if let Some((digest, _)) = import::counted(key.as_str()) {
                    known.counts.insert(digest.to_owned(), 0);
                }
            }
            if let Some(likeness) = likeness_of(row, zone, now) {
                known.alike.insert(likeness, Vec::new());
            }
        }
        known
    }

    /// Takes in an event of the ledger.
    pub(super) fn see(&mut self, entry: &Entry<'_>, zone: &Zone) {
        let key = entry.key.as_ref().map(event_ledger::event::Key::as_str);
        if let Some(key) = key {
            if self.wanted.contains(key) {
                self.found.insert(key.to_owned());
            }
            if let Some((digest, count)) = import::counted(key)
                && let Some(highest) = self.counts.get_mut(digest)
            {
                *highest = count.max(*highest);
            }
        }
        if let Some(seq) = entry.reverses() {
            self.reversed.insert(seq);
            return;
        }
        if self.alike.is_empty() || key.is_some_and(|key| self.wanted.contains(key)) {
            return;
        }
        let changes = changes_of(&entry.event);
        let day = zone.period(Step::Day, entry.took_effect()).first;
        if let Some(events) = self.alike.get_mut(&Likeness { day, changes }) {
            events.push(KnownEvent {
                seq: entry.seq,
                key: key.map(str::to_owned),
            });
        }
    }

    /// True of a row that the ledger has under the same key.
    pub(super) fn has(&self, row: &ImportedRow) -> bool {
        let key = row.request.key.as_ref();
        key.is_some_and(|key| self.found.contains(key.as_str()))
    }

    /// Counts content on from what the ledger has: the file repeats nothing.
    pub(super) fn count_on(&self, row: &mut ImportedRow) {
        let Some(key) = row
            .request
            .key
            .as_ref()
            .filter(|_| row.identity == RowIdentity::Content)
        else {
            return;
        };
        let by = import::counted(key.as_str()).and_then(|(digest, _)| self.counts.get(digest));
        if let Some(key) = by.and_then(|by| import::recounted(key, *by)) {
            row.request.key = Some(key);
        }
    }

    /// The event that a row may be in other words. Each event is one row at most.
    pub(super) fn duplicate(
        &mut self,
        row: &ImportedRow,
        zone: &Zone,
        now: Timestamp,
    ) -> Option<Duplicate> {
        if self.has(row) {
            return None;
        }
        let events = self.alike.get_mut(&likeness_of(row, zone, now)?)?;
        let own = row
            .request
            .key
            .as_ref()
            .filter(|_| row.identity == RowIdentity::Number);
        let at = events.iter().position(|event| {
            // Two numbers of one source are two transactions.
            let is_other = own.is_some_and(|own| {
                event.key.as_deref().is_some_and(|key| {
                    import::counted(key).is_none() && source(key) == source(own.as_str())
                })
            });
            !is_other && !self.reversed.contains(&event.seq)
        })?;
        let event = events.remove(at);
        Some(Duplicate {
            line: row.line,
            seq: event.seq,
        })
    }
}

fn source(key: &str) -> &str {
    key.split_once(':').map_or("", |(source, _)| source)
}

fn likeness_of(row: &ImportedRow, zone: &Zone, now: Timestamp) -> Option<Likeness> {
    if row.identity == RowIdentity::Event {
        return None;
    }
    let at = row
        .request
        .effective
        .as_ref()?
        .resolve(now, zone)
        .ok()?
        .start()?;
    let day = zone.period(Step::Day, at).first;
    let change = |account: &AccountName<'_>, sign: i128, amount: &TypedAmount| {
        let billionths = amount.amount.billionths().saturating_mul(sign);
        (account.to_string(), billionths)
    };
    let mut changes = match &row.request.operation {
        Operation::Deposit { account, amount } => vec![change(account, 1, amount)],
        Operation::Withdraw { account, amount } => vec![change(account, -1, amount)],
        Operation::Transfer { from, to, amount } => {
            vec![change(from, -1, amount), change(to, 1, amount)]
        }
        _ => return None,
    };
    changes.sort_unstable();
    Some(Likeness { day, changes })
}

fn changes_of(event: &Event<'_>) -> Vec<(String, i128)> {
    let mut changes: Vec<_> = event
        .postings()
        .map(|posting| (posting.account.to_string(), posting.change.billionths()))
        .collect();
    changes.sort_unstable();
    changes
}
