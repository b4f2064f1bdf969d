use clap::Args;
use event_ledger::event::{Entry, Event};
use event_ledger::formats::event_json::EventJson;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::replay::{AccountFilter, Cutoff, EventFilter, Replay as Fold};
use event_ledger::time::{Timestamp, Zone};

use super::balance;
use super::reading::{self, BalanceRow, Moments};
use crate::flags::{FilterFlags, SinceFlags, UntilFlags, WithoutFlags};
use crate::output::json::{self, ChangeAnswer};
use crate::output::json_reading::{ReplayAnswer, ReplayedAnswer};
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

/// Show the log's events in order, what each changed, and the state they add up to
///
/// With filters it is the story of the events that they take, and the state that these alone add up
/// to: `ledger replay --tag order=4711`.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger replay --until 2026-03-31"))]
pub(crate) struct ReplayArgs {
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

pub(crate) fn run(arguments: &ReplayArgs, session: &mut Session) -> Done {
    let moments =
        Moments::parse(&arguments.until, Some(&arguments.since))?.without(&arguments.without)?;
    reading::names(&arguments.account)?;
    let filter = arguments.filter.parse()?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let wanted = reading::select(session, &reading, &cutoff, &arguments.account)?;
    let filter = EventFilter {
        accounts: AccountFilter::new(wanted.as_deref()),
        ..filter
    };
    let story = Story {
        reading: &reading,
        cutoff,
        filter,
    };
    // The whole log is checked before the first event is printed: no figure of a damaged one.
    let replayed = story.replay(now)?;
    let rows = BalanceRow::all(&replayed, &replayed.state().accounts());
    let state = reading::state_answer(&reading, &replayed, &rows)?;
    reading::introduce(session, &reading, &replayed, Some(now));
    if session.json {
        print_lines(session, &story)?;
    } else {
        print_table(session, &story)?;
    }
    if session.json {
        session.answer(&ReplayedAnswer { state });
        return Ok(0);
    }
    let events = replayed.replay.events();
    let verb = if events == 1 { "adds" } else { "add" };
    let words = format!("{} {verb} up to:", sentence::counted(events, "event"));
    session.line("");
    if !session.quiet {
        session.line(&words);
    }
    let table = balance::table(session, &rows)?;
    session.rendered(&table);
    Ok(0)
}

/// The events that a filter takes, and what they alone add up to.
struct Story<'r> {
    reading: &'r Reader,
    cutoff: Cutoff,
    filter: EventFilter,
}

impl Story<'_> {
    /// Takes the counted events, with the state after each.
    fn fold(
        &self,
        now: Option<Timestamp>,
        mut each: impl FnMut(&Entry<'_>, &Fold) -> anyhow::Result<()> + Send,
    ) -> anyhow::Result<Replayed> {
        let is_all = self.filter.is_empty();
        let mut filter = self.filter.clone();
        let mut own = Fold::new(self.cutoff.clone(), now);
        let options = ReadOptions::SILENT;
        let scanned =
            self.reading
                .scan(self.cutoff.clone(), now, options, |entry, fold, counted| {
                    if is_all {
                        return if counted { each(entry, fold) } else { Ok(()) };
                    }
                    let is_first = matches!(entry.event, Event::Ledger(_));
                    let is_taken = counted && filter.takes(entry, fold.state());
                    if is_first || is_taken {
                        own.take(entry).map_err(LedgerError::from)?;
                    }
                    if is_taken {
                        each(entry, &own)?;
                    }
                    anyhow::Ok(())
                });
        let mut replayed = scanned?;
        if !is_all {
            replayed.replay = own;
        }
        Ok(replayed)
    }

    fn replay(&self, now: Timestamp) -> anyhow::Result<Replayed> {
        self.fold(Some(now), |_, _| Ok(()))
    }

    /// Goes through the events that are shown, each with the state after it.
    fn each(
        &self,
        mut show: impl FnMut(&Entry<'_>, &Fold) -> Printed + Send,
    ) -> anyhow::Result<()> {
        let shown = |entry: &Entry<'_>, fold: &Fold| {
            if self.cutoff.shows(entry) {
                show(entry, fold)?;
            }
            Ok(())
        };
        self.fold(None, shown).map(drop)
    }
}

fn print_lines(session: &mut Session, story: &Story<'_>) -> anyhow::Result<()> {
    story.each(|entry, fold| {
        let answer = ReplayAnswer {
            event: EventJson::of(entry),
            changes: ChangeAnswer::all(entry, |name| fold.state().account(name)),
        };
        session.printer.json(&json::text(&answer))
    })
}

fn print_table(session: &mut Session, story: &Story<'_>) -> anyhow::Result<()> {
    let columns = vec![
        Column::number("#"),
        Column::date("Time (effective)").optional(1),
        Column::name("Account").or_below(),
        Column::figure("Change"),
        Column::figure("Balance"),
        Column::unit(),
        Column::text("Event").or_below(),
    ];
    let mut table = StreamedTable::new(columns, &session.printer);
    story.each(|entry, fold| {
        rows(entry, fold, story.reading.zone())
            .into_iter()
            .try_for_each(|row| table.push(row, &mut session.printer))
    })?;
    let printed = if table.is_empty() {
        session.printer.line("no events")
    } else {
        table.finish(&mut session.printer)
    };
    Ok(printed?)
}

/// A row per account. The first shows when the event was recorded, the next when it took effect if
/// that differs.
fn rows(entry: &Entry<'_>, fold: &Fold, zone: &Zone) -> Vec<Vec<Cell<'static>>> {
    let moved = entry.event.postings();
    let mut sides: Vec<[Cell<'static>; 4]> = moved
        .filter_map(|posting| {
            let account = fold.state().account(posting.account.as_str())?;
            Some([
                Cell::new(posting.account),
                Cell::new(posting.change.to_text(account.scale)),
                Cell::new(account.balance.to_text(account.scale)),
                balance::unit(account.currency),
            ])
        })
        .collect();
    if sides.is_empty() {
        let name = entry.event.accounts().next();
        let mut side: [Cell<'static>; 4] = Default::default();
        if let (Some(name), [cell, ..]) = (name, &mut side) {
            *cell = Cell::new(name);
        }
        sides.push(side);
    }
    let effective = entry
        .effective
        .map(|effective| Cell::new(format!("({})", zone.local_minute(effective))));
    if effective.is_some() && sides.len() < 2 {
        sides.push(Default::default());
    }
    let mut times = [Some(Cell::new(zone.local_minute(entry.at))), effective].into_iter();
    let mut first = true;
    sides
        .into_iter()
        .map(|side| {
            let (number, event) = if std::mem::take(&mut first) {
                (
                    Cell::new(entry.seq),
                    Cell::new(sentence::of_kind(entry, zone)),
                )
            } else {
                Default::default()
            };
            let time = times.next().flatten().unwrap_or_default();
            [number, time]
                .into_iter()
                .chain(side)
                .chain([event])
                .collect()
        })
        .collect()
}
