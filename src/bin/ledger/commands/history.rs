use std::collections::HashSet;

use clap::Args;
use event_ledger::accounts::State;
use event_ledger::event::Event;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::money::{Currency, Scale};
use event_ledger::replay::{
    AccountFilter, Cutoff, EventFilter, Glob, Statement, StatementBuilder, StatementPosting,
    StatementRow, undone,
};
use event_ledger::time::{Timestamp, Zone};

use super::reading::{self, Moments};
use super::{balance, writing};
use crate::flags::{FilterFlags, SinceFlags, UntilFlags, WithoutFlags};
use crate::output::csv::{CsvTable, field};
use crate::output::json;
use crate::output::json_reading::{HistoryAnswer, LinkTargets};
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

/// Show what moved the money of accounts, in effective order, with the running balance
///
/// Of several accounts it is one statement: a row for each account that an event changed, and the
/// balance of all of them together in that currency. Without an account it is that of `main`, or of
/// all accounts if there is no `main`. --since and the filters hide rows; the balances stay the same.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger history main --since 2026-03 --limit 20"))]
pub(crate) struct HistoryArgs {
    /// Accounts, by name, first segments or glob
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Only the newest N rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The newest first
    #[arg(long)]
    reverse: bool,
    /// Leave out what was undone and what undid it; the balances are those of the rest
    #[arg(long)]
    net: bool,
    /// Only events that touch this account (repeatable)
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
    #[command(flatten)]
    filter: FilterFlags,
    #[command(flatten)]
    since: SinceFlags,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

/// A statement and what its rows need to be shown.
struct HistoryView<'a> {
    statement: &'a Statement,
    state: &'a State,
    zone: &'a Zone,
    /// The account of a statement of one; otherwise each row names its own.
    single: Option<String>,
    /// True if the heading says when all rows were recorded.
    is_recorded_once: bool,
}

/// One row: an event's change of one account.
type StatementLine<'a> = (&'a StatementRow, &'a StatementPosting);

pub(crate) fn run(arguments: &HistoryArgs, session: &mut Session) -> Done {
    let moments =
        Moments::parse(&arguments.until, Some(&arguments.since))?.without(&arguments.without)?;
    reading::names(&arguments.accounts)?;
    reading::names(&arguments.account)?;
    let filter = arguments.filter.parse()?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let accounts = reading::select(session, &reading, &cutoff, &arguments.account)?;
    let filter = EventFilter {
        accounts: AccountFilter::new(accounts.as_deref()),
        ..filter
    };
    let (replayed, statement, single) =
        statement(arguments, session, &reading, &cutoff, now, filter)?;
    let mut lines: Vec<StatementLine<'_>> = statement
        .rows
        .iter()
        .flat_map(|row| row.postings.iter().map(move |change| (row, change)))
        .collect();
    if let Some(limit) = arguments.limit {
        lines.drain(..lines.len().saturating_sub(limit));
    }
    if arguments.reverse {
        lines.reverse();
    }
    let mut shown = HistoryView {
        statement: &statement,
        state: replayed.state(),
        zone: reading.zone(),
        single,
        is_recorded_once: false,
    };
    reading::introduce(session, &reading, &replayed, Some(now));
    if session.csv {
        session.rendered(&csv(&lines, &shown));
        return Ok(0);
    }
    if session.json {
        reading::note_omitted(session, &replayed);
        for (row, change) in &lines {
            let answer = answer(row, change, &shown);
            session.printer.json(&json::text(&answer))?;
        }
        return Ok(0);
    }
    if !session.quiet
        && let Some(recorded) = recorded_once(&lines, reading.zone())
    {
        session.line(&format!("recorded {recorded}"));
        shown.is_recorded_once = true;
    }
    table(session, &lines, &shown)?;
    Ok(0)
}

/// The statement, and the account if it is one of a single account.
fn statement(
    arguments: &HistoryArgs,
    session: &mut Session,
    reading: &Reader,
    cutoff: &Cutoff,
    now: Timestamp,
    mut filter: EventFilter,
) -> anyhow::Result<(Replayed, Statement, Option<String>)> {
    let single = match arguments.accounts.as_slice() {
        [] => Some("main".to_owned()),
        [one] if !Glob::is_pattern(one) => Some(writing::account(one)?.to_string()),
        _ => None,
    };
    let builder = |wanted: Option<&[String]>| {
        let statement = StatementBuilder::new(cutoff.clone(), AccountFilter::new(wanted));
        if arguments.net {
            statement.net()
        } else {
            statement
        }
    };
    if let Some(name) = single {
        let mut statement = builder(Some(std::slice::from_ref(&name)));
        let mut filter = filter.clone();
        let options = ReadOptions {
            account: Some(&name),
            ..ReadOptions::default()
        };
        let replayed = reading.scan::<LedgerError>(
            cutoff.clone(),
            Some(now),
            options,
            |entry, fold, counted| {
                if counted {
                    statement.push(entry, filter.takes(entry, fold.state()))?;
                }
                Ok(())
            },
        )?;
        if reading::is_known(&replayed, &name) {
            return Ok((replayed, statement.finish()?, Some(name)));
        }
    }
    let wanted = reading::select(session, reading, cutoff, &arguments.accounts)?;
    let mut statement = builder(wanted.as_deref());
    let replayed = reading.scan::<LedgerError>(
        cutoff.clone(),
        Some(now),
        ReadOptions::default(),
        |entry, fold, counted| {
            if counted {
                statement.push(entry, filter.takes(entry, fold.state()))?;
            }
            Ok(())
        },
    )?;
    Ok((replayed, statement.finish()?, None))
}

impl HistoryView<'_> {
    fn account(&self, change: &StatementPosting) -> (&str, Option<Currency>, Scale) {
        let account = self.statement.accounts.get(change.account);
        let (name, currency) = account.map_or(("", None), |account| {
            (account.name.as_str(), account.currency)
        });
        let scale = self.state.account(name).map_or(Scale::WHOLE, |a| a.scale);
        (name, currency, scale)
    }

    /// The digits of the balance: those of the account, or the most of any of this currency.
    fn balance_scale(&self, change: &StatementPosting) -> Scale {
        let (_, currency, own) = self.account(change);
        let same = self.statement.accounts.iter();
        let same = same.filter(|account| account.currency == currency);
        same.filter_map(|account| self.state.account(&account.name))
            .map(|account| account.scale)
            .fold(own, Scale::max)
    }
}

fn answer(row: &StatementRow, change: &StatementPosting, shown: &HistoryView<'_>) -> HistoryAnswer {
    let (name, currency, scale) = shown.account(change);
    let balance = change.total.to_text(shown.balance_scale(change));
    HistoryAnswer::of(&row.entry, name, change.change, scale, balance, currency)
}

fn csv(lines: &[StatementLine<'_>], shown: &HistoryView<'_>) -> String {
    let mut table = CsvTable::new(&[
        "seq",
        "at",
        "effective",
        "type",
        "account",
        "change",
        "balance",
        "currency",
        "memo",
        "tags",
        "reverses",
        "captures",
        "corrects",
        "refunds",
        "key",
    ]);
    for (row, change) in lines {
        let entry = &row.entry;
        let (name, currency, scale) = shown.account(change);
        let links = LinkTargets::of(entry.link);
        let tags: Vec<String> = entry
            .tags()
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        table.push(&[
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.took_effect().to_string(),
            entry.event.kind().as_str().to_owned(),
            name.to_owned(),
            change.change.to_text(scale),
            change.total.to_text(shown.balance_scale(change)),
            field(currency),
            field(entry.memo()),
            tags.join(";"),
            field(links.reverses),
            field(links.captures),
            field(links.corrects),
            field(links.refunds),
            field(entry.key.as_ref()),
        ]);
    }
    table.into_text()
}

/// The day on which all rows were recorded, if they all took effect at another time and it is one day.
fn recorded_once(lines: &[StatementLine<'_>], zone: &Zone) -> Option<String> {
    let (first, _) = lines.first()?;
    let day = zone.local_date(first.entry.at);
    let is_same = |(row, _): &StatementLine<'_>| {
        row.entry.effective.is_some() && zone.local_date(row.entry.at) == day
    };
    (lines.len() > 1 && lines.iter().all(is_same)).then_some(day)
}

fn table(session: &mut Session, lines: &[StatementLine<'_>], shown: &HistoryView<'_>) -> Printed {
    if lines.is_empty() {
        let on = match &shown.single {
            Some(name) => format!("no events to show on {name}"),
            None => "no events to show".to_owned(),
        };
        return session.printer.line(&on);
    }
    let reversals = shown.state.reversals();
    let undone = undone(reversals.map(|(target, by)| (by, target)));
    let mut columns = vec![
        Column::number("#").or_below(),
        Column::date("Effective"),
        Column::name("Type").optional(2),
    ];
    if shown.single.is_none() {
        columns.push(Column::name("Account").or_below());
    }
    columns.extend([
        Column::figure("Change"),
        Column::figure("Balance"),
        Column::unit(),
        Column::text("Details"),
    ]);
    let mut table = StreamedTable::new(columns, &session.printer);
    for (row, change) in lines {
        let cells = cells(row, change, shown, &undone);
        table.push(cells, &mut session.printer)?;
    }
    table.finish(&mut session.printer)
}

fn cells(
    row: &StatementRow,
    change: &StatementPosting,
    shown: &HistoryView<'_>,
    undone: &HashSet<u64>,
) -> Vec<Cell<'static>> {
    let (name, currency, scale) = shown.account(change);
    let entry = &row.entry;
    let mut cells = vec![
        Cell::new(entry.seq),
        Cell::new(shown.zone.local_minute(entry.took_effect())),
        Cell::new(entry.event.kind().as_str()),
    ];
    if shown.single.is_none() {
        cells.push(Cell::new(name));
    }
    cells.extend([
        Cell::new(change.change.to_text(scale)),
        Cell::new(change.total.to_text(shown.balance_scale(change))),
        balance::unit(currency),
        Cell::new(details(row, name, shown)),
    ]);
    if undone.contains(&entry.seq) {
        cells.into_iter().map(Cell::dim).collect()
    } else {
        cells
    }
}

/// The memo, the other account, what it reverses or what reversed it, and when it was recorded if it
/// took effect at another time.
fn details(row: &StatementRow, name: &str, shown: &HistoryView<'_>) -> String {
    let entry = &row.entry;
    let other_side = match &entry.event {
        Event::Transfer { from, to, .. } if from.as_str() == name => Some(format!("to {to}")),
        Event::Transfer { from, .. } => Some(format!("from {from}")),
        Event::Exchange(exchange) if exchange.from.as_str() == name => Some(format!(
            "{} {} to {}",
            exchange.to_amount, exchange.to_currency, exchange.to
        )),
        Event::Exchange(exchange) => Some(format!(
            "{} {} from {}",
            exchange.amount, exchange.currency, exchange.from
        )),
        _ => None,
    };
    let reverses = entry.link.map(sentence::of_link);
    let reversed_by = shown.state.reversed_by(entry.seq);
    // Without an effective time, both are the same.
    let recorded = (!shown.is_recorded_once && entry.effective.is_some())
        .then(|| shown.zone.local_minute(entry.at))
        .filter(|recorded| *recorded != shown.zone.local_minute(entry.took_effect()))
        .map(|recorded| format!("recorded {recorded}"));
    // What matters comes first: the end is cut on a narrow terminal.
    let parts: Vec<String> = [
        sentence::of_note(entry),
        other_side,
        reversed_by.map(|seq| format!("reversed by #{seq}")),
        reverses,
        recorded,
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join(", ")
}
