use std::collections::HashSet;

use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Account;
use event_ledger::event::{AccountName, Entry, Event, Kind};
use event_ledger::ledger::{LedgerError, ReadOptions, Replayed};
use event_ledger::replay::{
    AccountFilter, StatementBuilder, StatementPosting, StatementRow, undone,
};
use event_ledger::time::Zone;

use super::reading::{self, Moments};
use super::{balance, writing};
use crate::failure::Failure;
use crate::flags::{SinceFlags, UntilFlags};
use crate::output::json;
use crate::output::json_reading::HistoryAnswer;
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

/// Show one account's statement: what moved its money, in the order in which it took effect
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger history main --since 2026-03 --limit 20"))]
pub(crate) struct HistoryArgs {
    /// Whose; `main` unless named
    account: Option<String>,
    /// Only the newest N
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The newest first
    #[arg(long)]
    reverse: bool,
    /// Only events of this type: deposit, withdraw or transfer
    #[arg(
        long = "type",
        value_name = "TYPE",
        value_parser = ["deposit", "withdraw", "transfer"],
        hide_possible_values = true
    )]
    kinds: Vec<String>,
    /// Only events with this tag; of several, with all of them
    #[arg(long = "tag", value_name = "KEY[=VALUE]")]
    tags: Vec<String>,
    /// Hide what was undone, and what undid it
    #[arg(long)]
    net: bool,
    #[command(flatten)]
    since: SinceFlags,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &HistoryArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, Some(&arguments.since))?;
    let name = writing::account_or_main(arguments.account.as_deref())?;
    let filter = Filter::of(arguments)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let own = name.as_str();
    let mut statement = StatementBuilder::new(cutoff, AccountFilter::new(&[own.to_owned()]));
    if arguments.net {
        statement = statement.net();
    }
    let options = ReadOptions {
        account: Some(own),
        ..ReadOptions::default()
    };
    let replayed =
        reading.scan::<LedgerError>(cutoff, Some(now), options, |entry, _, counted| {
            if counted {
                statement.push(entry, filter.takes(entry))?;
            }
            Ok(())
        })?;
    let account = reading::one(&replayed, name.as_str())?;
    let mut rows = statement.finish()?.rows;
    if let Some(limit) = arguments.limit {
        rows.drain(..rows.len().saturating_sub(limit));
    }
    if arguments.reverse {
        rows.reverse();
    }
    reading::introduce_times(session, &reading, &replayed, now);
    if session.json {
        for (row, posting) in postings(&rows) {
            let answer = HistoryAnswer::of(row, posting, name.as_str(), &account);
            if session.printer.json(&json::text(&answer)) == Printed::Closed {
                break;
            }
        }
    } else {
        table(session, &rows, &name, &account, &replayed, reading.zone());
    }
    Ok(0)
}

/// Which rows are shown; the balances are of all of them.
struct Filter {
    kinds: Vec<Kind>,
    tags: Vec<(String, Option<String>)>,
}

impl Filter {
    fn of(arguments: &HistoryArgs) -> anyhow::Result<Filter> {
        let kinds = &arguments.kinds;
        Ok(Filter {
            kinds: kinds
                .iter()
                .filter_map(|word| Kind::from_word(word))
                .collect(),
            tags: arguments
                .tags
                .iter()
                .map(|text| tag(text))
                .collect::<Result<_, _>>()?,
        })
    }

    fn takes(&self, entry: &Entry<'_>) -> bool {
        let is_of_kind = self.kinds.is_empty() || self.kinds.contains(&entry.event.kind());
        is_of_kind
            && self.tags.iter().all(|(key, wanted)| {
                let found = entry.tags().get(key);
                found.is_some_and(|value| wanted.as_deref().is_none_or(|wanted| wanted == value))
            })
    }
}

fn tag(text: &str) -> anyhow::Result<(String, Option<String>)> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text, None),
    };
    if key.is_empty() {
        bail!(
            Failure::usage("a tag's key is empty")
                .with_hint(Some("--tag order, or --tag order=1234".to_owned()))
        );
    }
    Ok((key.to_owned(), value))
}

fn table(
    session: &mut Session,
    rows: &[StatementRow],
    name: &AccountName<'_>,
    account: &Account,
    replayed: &Replayed,
    zone: &Zone,
) {
    if rows.is_empty() {
        let _ = session
            .printer
            .line(&format!("no events to show on {name}"));
        return;
    }
    let reversals = replayed.state().reversals();
    let undone = undone(reversals.map(|(target, by)| (by, target)));
    let columns = vec![
        Column::number("#").optional(1),
        Column::date("Effective"),
        Column::name("Type").optional(2),
        Column::figure("Change"),
        Column::figure("Balance"),
        Column::unit(),
        Column::text("Details"),
    ];
    let mut table = StreamedTable::new(columns, &session.printer);
    for (row, posting) in postings(rows) {
        let cells = cells(row, posting, name, account, replayed, zone);
        let cells = toned(cells, &undone, row.entry.seq);
        if table.push(cells, &mut session.printer) == Printed::Closed {
            return;
        }
    }
    let _ = table.finish(&mut session.printer);
}

fn toned(cells: Vec<Cell<'static>>, undone: &HashSet<u64>, seq: u64) -> Vec<Cell<'static>> {
    if undone.contains(&seq) {
        cells.into_iter().map(Cell::dim).collect()
    } else {
        cells
    }
}

/// Each row with what it changed on each account.
fn postings(rows: &[StatementRow]) -> impl Iterator<Item = (&StatementRow, &StatementPosting)> {
    rows.iter()
        .flat_map(|row| row.postings.iter().map(move |posting| (row, posting)))
}

fn cells(
    row: &StatementRow,
    posting: &StatementPosting,
    name: &AccountName<'_>,
    account: &Account,
    replayed: &Replayed,
    zone: &Zone,
) -> Vec<Cell<'static>> {
    vec![
        Cell::new(row.entry.seq),
        Cell::new(zone.local_minute(row.entry.took_effect())),
        Cell::new(row.entry.event.kind().as_str()),
        Cell::new(posting.change.to_text(account.scale)),
        Cell::new(posting.total.to_text(account.scale)),
        balance::unit(account.currency),
        Cell::new(details(row, name, replayed, zone)),
    ]
}

/// What it reverses or what reversed it, the other side, what it is for, and when it was recorded
/// where that was another time.
fn details(row: &StatementRow, name: &AccountName<'_>, replayed: &Replayed, zone: &Zone) -> String {
    let entry = &row.entry;
    let other_side = match &entry.event {
        Event::Transfer { from, to, .. } if from == name => Some(format!("to {to}")),
        Event::Transfer { from, .. } => Some(format!("from {from}")),
        _ => None,
    };
    let reverses = entry.link.map(sentence::of_link);
    let reversed_by = replayed.state().reversed_by(entry.seq);
    let recorded = entry
        .effective
        .map(|_| format!("recorded {}", zone.local_minute(entry.at)));
    // What is short and matters comes first: the end is cut where the terminal is narrow.
    let parts: Vec<String> = [
        reversed_by.map(|seq| format!("reversed by #{seq}")),
        reverses,
        other_side,
        sentence::of_note(entry),
        recorded,
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join(", ")
}
