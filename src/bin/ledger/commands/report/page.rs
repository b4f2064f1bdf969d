//! The report as a page: what it shows, gathered from a second walk through the log.

use anyhow::bail;
use std::collections::HashSet;
use std::path::Path;

use event_ledger::event::Event;
use event_ledger::ledger::{LedgerError, ReadOptions};
use event_ledger::log::Access;
use event_ledger::replay::{
    AccountFilter, Statement, StatementBuilder, StatementPosting, StatementRow, undone,
};

use super::super::reading;
use super::arguments::ReportArgs;
use super::by;
use super::computed::{Computed, FILTERED};
use crate::failure::Failure;
use crate::output::page::{Page, PageAccount, PageRow, PageSection, is_page};
use crate::output::periods::{ReportRow, period_rows};
use crate::output::sentence;
use crate::output_file::{OutputTarget, beginning};
use crate::session::Session;

/// The maximum number of rows that a browser can handle smoothly.
const MOST_ROWS: u64 = 50_000;

/// Makes the page, writes it, and reports its path.
pub(super) fn write(
    arguments: &ReportArgs,
    file: &Path,
    computed: &Computed,
    session: &mut Session,
) -> anyhow::Result<()> {
    let statement = statement(arguments, computed)?;
    let events = statement.rows.len();
    let page = page(arguments, computed, statement);
    if is_standard_output(file) {
        reading::warn(session, &computed.reading, &computed.replayed);
        let _ = session.printer.bytes(page.to_html().as_bytes());
        return Ok(());
    }
    let target = OutputTarget::new(file, session.path(), "--html report.html", |file| {
        Ok(is_page(&beginning(file, 1024)?))
    })?;
    target.write(page.to_html().as_bytes(), Access::Owner)?;
    let events = sentence::counted(events, "event");
    let accounts = sentence::counted(page.accounts.len(), "account");
    let line = format!("wrote {}: {events} on {accounts}", file.display());
    reading::warn(session, &computed.reading, &computed.replayed);
    if session.json {
        session.printer.note("written", &line);
    } else if !session.quiet {
        session.line(&line);
    }
    Ok(())
}

/// True for `-`, which means standard output.
pub(super) fn is_standard_output(file: &Path) -> bool {
    file == Path::new("-")
}

fn statement(arguments: &ReportArgs, computed: &Computed) -> anyhow::Result<Statement> {
    // Checked before the events are collected, because a log can be larger than memory.
    let rows = computed.blocks.iter().flat_map(period_rows);
    let rows = rows.fold(0_u64, |sum, row| {
        let events = match row {
            ReportRow::Period(row) => row.events,
            ReportRow::Empty(_) => 0,
        };
        sum.saturating_add(events).saturating_add(1)
    });
    if rows > MOST_ROWS {
        bail!(
            Failure::usage(format!(
                "the page would have {rows} rows of events and periods, more than {MOST_ROWS}"
            ))
            .with_advice(
                "--since and --until make it shorter, --by month has fewer periods than --by day"
            )
        );
    }
    let cutoff = &computed.cutoff;
    let mut filter = arguments.filter.parse()?;
    let mut statement = StatementBuilder::new(
        cutoff.clone(),
        AccountFilter::new(computed.wanted.as_deref()),
    );
    computed.reading.scan::<LedgerError>(
        cutoff.clone(),
        None,
        ReadOptions::SILENT,
        |entry, fold, counted| {
            if counted && filter.takes(entry, fold.state()) {
                statement.push(entry, true)?;
            }
            Ok(())
        },
    )?;
    Ok(statement.finish()?)
}

fn page<'c>(arguments: &ReportArgs, computed: &'c Computed, statement: Statement) -> Page<'c> {
    let step = arguments.period();
    // The selected accounts, including those without events, in the order of the statement.
    let places: Vec<usize> = statement
        .accounts
        .iter()
        .map(|standing| {
            computed
                .accounts
                .iter()
                .position(|(name, _)| *name == standing.name)
                .unwrap_or(usize::MAX)
        })
        .collect();
    let accounts = computed.accounts.iter().enumerate();
    let accounts = accounts.map(|(number, (name, account))| PageAccount {
        name: name.clone(),
        currency: account.currency,
        scale: account.scale,
        opening: places
            .iter()
            .position(|place| *place == number)
            .and_then(|own| statement.accounts.get(own))
            .map_or(account.balance, |standing| standing.opening),
    });
    let sections = computed.blocks.iter().map(|block| PageSection {
        scale: computed.scale(block.currency),
        opening: statement
            .openings
            .get(&block.currency)
            .copied()
            .unwrap_or(block.opening),
        block,
    });
    let reversals = computed.replayed.state().reversals();
    let undone = undone(reversals.map(|(target, by)| (by, target)));
    Page {
        title: format!("Report by {}", by::word(step)),
        scope: if arguments.accounts.is_empty() {
            "all accounts".to_owned()
        } else {
            arguments.accounts.join(", ")
        },
        facts: facts(arguments, computed),
        notes: notes(arguments, computed),
        step: by::head(step),
        is_since: computed.cutoff.since.is_some(),
        now: computed.now,
        sections: sections.collect(),
        accounts: accounts.collect(),
        rows: statement
            .rows
            .into_iter()
            .map(|line| row(&line, &places, &undone, computed))
            .collect(),
    }
}

fn notes(arguments: &ReportArgs, computed: &Computed) -> Vec<String> {
    let filtered = (!arguments.filter.is_empty()).then(|| FILTERED.to_owned());
    let future = reading::future(&computed.replayed);
    filtered.into_iter().chain(future).collect()
}

/// The bounds of the page, with which every figure can be computed again.
fn facts(arguments: &ReportArgs, computed: &Computed) -> Vec<(&'static str, String)> {
    let zone = computed.reading.zone();
    let cutoff = &computed.cutoff;
    let bound = |name, bound: Option<_>| bound.map(|bound| (name, sentence::of_bound(bound, zone)));
    let head = computed.replayed.replay.last();
    let netted = "deducted from the side of the reversed event".to_owned();
    [
        bound("since", cutoff.since),
        bound("until", cutoff.until),
        bound("known at", cutoff.known_at),
        arguments.net.then_some(("reversals", netted)),
        Some(("zone", zone.name().to_owned())),
        Some(("ledger", computed.reading.opening().id.to_string())),
        head.map(|(seq, hash, _)| ("head", format!("{seq}:{}", hash.short(16)))),
        Some(("made", zone.local_minute(computed.now))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn row(
    row: &StatementRow,
    places: &[usize],
    undone: &HashSet<u64>,
    computed: &Computed,
) -> PageRow {
    let entry = &row.entry;
    let zone = computed.reading.zone();
    let postings = row.postings.iter().map(|posting| StatementPosting {
        account: places.get(posting.account).copied().unwrap_or(usize::MAX),
        ..*posting
    });
    PageRow {
        seq: entry.seq,
        effective: entry.took_effect(),
        local: zone.local_minute(entry.took_effect()),
        kind: entry.event.kind().as_str(),
        details: details(row, computed),
        undone: undone.contains(&entry.seq),
        postings: postings.collect(),
    }
}

/// Memo and tags, the other side if it is not one of the accounts, and links.
fn details(row: &StatementRow, computed: &Computed) -> String {
    let entry = &row.entry;
    let zone = computed.reading.zone();
    let other_side = match &entry.event {
        Event::Transfer { from, to, .. } if row.postings.len() == 1 => {
            let is_giver = row
                .postings
                .iter()
                .any(|posting| posting.change.is_negative());
            Some(if is_giver {
                format!("to {to}")
            } else {
                format!("from {from}")
            })
        }
        _ => None,
    };
    let recorded = entry
        .effective
        .map(|_| format!("recorded {}", zone.local_minute(entry.at)));
    let reversed_by = computed.replayed.state().reversed_by(entry.seq);
    let parts: Vec<String> = [
        sentence::of_note(entry),
        other_side,
        entry.link.map(sentence::of_link),
        reversed_by.map(|seq| format!("reversed by #{seq}")),
        recorded,
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join(", ")
}
