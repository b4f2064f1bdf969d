//! What a report was computed from, by periods and by groups alike.

use std::collections::BTreeMap;

use event_ledger::accounts::{Account, Overflow, State};
use event_ledger::event::Entry;
use event_ledger::ledger::{ReadOptions, Reader, Replayed};
use event_ledger::money::{Currency, Scale};
use event_ledger::replay::{AccountFilter, Cutoff, ReportSection, totals};
use event_ledger::time::Timestamp;

use super::arguments::ReportArgs;
use crate::commands::reading::{self, Moments};
use crate::flags::FilterFlags;
use crate::output::json::bound_text;
use crate::output::json_report::{BlockAnswer, FilterAnswer, ReportAnswer};
use crate::session::Session;

/// What the figures of a report with filters are.
pub(super) const FILTERED: &str = "only events that match the filters count, in the balances too";

/// What was computed, and of what. `B` is the rows of periods, or of groups.
pub(super) struct Computed<B = Vec<ReportSection>> {
    pub(super) reading: Reader,
    pub(super) replayed: Replayed,
    pub(super) cutoff: Cutoff,
    pub(super) now: Timestamp,
    /// The names and globs of the accounts; `None` for all of them.
    pub(super) wanted: Option<Vec<String>>,
    pub(super) accounts: Vec<(String, Account)>,
    pub(super) blocks: B,
    pub(super) scales: BTreeMap<Option<Currency>, Scale>,
}

impl<B> Computed<B> {
    /// The digits that figures of a currency are shown with.
    pub(super) fn scale(&self, currency: Option<Currency>) -> Scale {
        self.scales.get(&currency).copied().unwrap_or_default()
    }

    /// The answer in JSON, with what was computed of each currency.
    pub(super) fn answer(
        &self,
        arguments: &ReportArgs,
        currencies: Vec<BlockAnswer>,
    ) -> anyhow::Result<ReportAnswer> {
        let state = reading::state_answer(&self.reading, &self.replayed, &[])?;
        Ok(ReportAnswer {
            ledger: state.ledger,
            seq: state.seq,
            hash: state.hash,
            since: bound_text(self.cutoff.since),
            until: state.until,
            known_at: state.known_at,
            zone: self.reading.zone().name().to_owned(),
            by: arguments.by.word(),
            netted: arguments.net,
            accounts: self.accounts.iter().map(|(name, _)| name.clone()).collect(),
            filter: filter(&arguments.filter),
            currencies,
            omitted: state.omitted,
            torn_bytes: state.torn_bytes,
        })
    }
}

fn filter(flags: &FilterFlags) -> Option<FilterAnswer> {
    (!flags.is_empty()).then(|| FilterAnswer {
        tags: flags.tags.clone(),
        types: flags.kinds.clone(),
        memos: flags.memos.clone(),
    })
}

/// Notes beside a table that its balances are not those of the accounts.
fn note_filter(arguments: &ReportArgs, session: &mut Session) {
    if !arguments.filter.is_empty() && !session.json && !session.quiet {
        session.printer.note("filtered", FILTERED);
    }
}

/// Reads the log for a report: `begin` starts the sums, `take` takes in each event with the state after
/// it and whether it counts, and `finish` makes the rows.
pub(super) fn read<T: Send, B>(
    arguments: &ReportArgs,
    moments: &Moments,
    session: &mut Session,
    begin: impl FnOnce(&Reader, &Cutoff, AccountFilter) -> T,
    take: fn(&mut T, &Entry<'_>, &State, bool) -> Result<(), Overflow>,
    finish: impl FnOnce(T) -> anyhow::Result<B>,
) -> anyhow::Result<Computed<B>> {
    let (reading, cutoff) = reading::open(session, moments)?;
    let now = session.now()?;
    let mut filter = arguments.filter.parse()?;
    let wanted = reading::select(session, &reading, &cutoff, &arguments.accounts)?;
    let mut sums = begin(&reading, &cutoff, AccountFilter::new(wanted.as_deref()));
    let replayed = reading.scan::<anyhow::Error>(
        cutoff.clone(),
        Some(now),
        ReadOptions::SILENT,
        |entry, replay, counted| {
            let counted = counted && filter.takes(entry, replay.state());
            Ok(take(&mut sums, entry, replay.state(), counted)?)
        },
    )?;
    note_filter(arguments, session);
    let accounts = reading::pick(session, &replayed, wanted.as_deref())?;
    let scales = totals(accounts.iter().map(|(_, account)| account))?
        .iter()
        .map(|total| (total.currency, total.scale))
        .collect();
    Ok(Computed {
        blocks: finish(sums)?,
        reading,
        replayed,
        cutoff,
        now,
        wanted,
        accounts,
        scales,
    })
}
