use anyhow::bail;
use clap::Args;
use event_ledger::ledger::{AccountQuery, Reader, Replayed};
use event_ledger::replay::{AccountDiff, Bound, Cutoff, diff};
use event_ledger::time::{Timestamp, When};

use super::balance;
use super::reading::{self, BalanceRow, Moments};
use crate::failure::Failure;
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::csv::{CsvTable, field};
use crate::output::json_reading::{AccountDiffAnswer, DiffAnswer};
use crate::output::sentence;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what changed between two moments
///
/// A moment is UNTIL, or UNTIL@KNOWN-AT: what took effect up to UNTIL and had been recorded by
/// KNOWN-AT. So `2026-03@2026-04-02 2026-03@now` shows what was recorded late for March.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger diff 2026-02 2026-03"))]
pub(crate) struct DiffArgs {
    /// The first moment, read like --until: a day, month or year means its end
    #[arg(value_name = "A")]
    from: String,
    /// The second moment
    #[arg(value_name = "B")]
    to: String,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

pub(crate) fn run(arguments: &DiffArgs, session: &mut Session) -> Done {
    let from = DiffSide::parse(&arguments.from)?;
    let to = DiffSide::parse(&arguments.to)?;
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let from = from.cutoff(&reading, now, &cutoff)?;
    let to = to.cutoff(&reading, now, &cutoff)?;
    let from = reading.query(from, None, AccountQuery::All)?;
    let to = reading.query(to, None, AccountQuery::All)?;
    let changes = diff(from.state(), to.state())?;
    reading::warn(session, &reading, &to);
    if session.json {
        let state = |one: &Replayed| {
            let rows = BalanceRow::all(one, &one.state().accounts());
            reading::state_answer(&reading, one, &rows)
        };
        let answer = DiffAnswer {
            from: state(&from)?,
            to: state(&to)?,
            changes: changes.iter().map(AccountDiffAnswer::of).collect(),
        };
        session.answer(&answer);
        return Ok(0);
    }
    if session.csv {
        reading::note_omitted(session, &to);
        session.rendered(&csv(&changes));
        return Ok(0);
    }
    if !session.quiet {
        session.line(&resolved(&reading, &from, &to));
        for line in sentence::of_omitted(&to.omitted, &to.replay.cutoff().without) {
            session.line(&line);
        }
    }
    let table = table(session, &changes);
    session.rendered(&table);
    Ok(0)
}

/// One of the two moments.
struct DiffSide {
    until: When,
    known_at: Option<When>,
}

impl DiffSide {
    /// Parses `UNTIL` or `UNTIL@KNOWN-AT`. An `@` in front is part of the first moment.
    fn parse(text: &str) -> anyhow::Result<DiffSide> {
        let split = text.char_indices().skip(1).find(|(_, c)| *c == '@');
        let (until, known_at) = match split {
            Some((at, _)) => {
                let (until, rest) = text.split_at_checked(at).unwrap_or((text, ""));
                (until, rest.strip_prefix('@'))
            }
            None => (text, None),
        };
        Ok(DiffSide {
            until: When::parse(until)?,
            known_at: known_at.map(When::parse).transpose()?,
        })
    }

    /// The cutoff of this moment, limited by `--until` and `--known-at`.
    fn cutoff(&self, reading: &Reader, now: Timestamp, cutoff: &Cutoff) -> anyhow::Result<Cutoff> {
        let resolved = |when: &When| Ok::<_, anyhow::Error>(reading.until(when, now)?);
        let known_at = self.known_at.as_ref().map(resolved).transpose()?;
        let known_at_text = self.known_at.as_ref().map_or("", When::text);
        Ok(Cutoff {
            until: earlier(
                Some(resolved(&self.until)?),
                cutoff.until,
                self.until.text(),
                "--until",
            )?,
            known_at: earlier(known_at, cutoff.known_at, known_at_text, "--known-at")?,
            ..cutoff.clone()
        })
    }
}

/// The earlier of two bounds.
fn earlier(
    own: Option<Bound>,
    limit: Option<Bound>,
    text: &str,
    flag: &str,
) -> anyhow::Result<Option<Bound>> {
    Ok(match (own, limit) {
        (own, None) => own,
        (None, limit) => limit,
        (Some(Bound::Time(own)), Some(Bound::Time(limit))) => Some(Bound::Time(own.min(limit))),
        (Some(Bound::Seq(own)), Some(Bound::Seq(limit))) => Some(Bound::Seq(own.min(limit))),
        (Some(Bound::Time(_)), Some(Bound::Seq(_)))
        | (Some(Bound::Seq(_)), Some(Bound::Time(_))) => {
            bail!(
                Failure::usage(format!(
                    "`{text}` and {flag} are a position and a time: neither is the earlier one"
                ))
                .with_advice("name both as times, or both as positions")
            )
        }
    })
}

/// `from 2026-02-28 23:59:59.999999 +01:00 to event 17 (Europe/Vienna)`
fn resolved(reading: &Reader, from: &Replayed, to: &Replayed) -> String {
    let zone = reading.zone();
    let until = |one: &Replayed| {
        let until = one.replay.cutoff().until;
        until.map_or_else(String::new, |bound| sentence::of_bound(bound, zone))
    };
    let known_at = |one: &Replayed| {
        let known_at = one.replay.cutoff().known_at;
        known_at.map_or_else(String::new, |bound| {
            format!(", known at {}", sentence::of_bound(bound, zone))
        })
    };
    let is_same = from.replay.cutoff().known_at == to.replay.cutoff().known_at;
    let first = if is_same {
        String::new()
    } else {
        known_at(from)
    };
    format!(
        "from {}{first} to {}{} ({})",
        until(from),
        until(to),
        known_at(to),
        zone.name()
    )
}

fn csv(changes: &[AccountDiff]) -> String {
    let mut table = CsvTable::new(&["account", "from", "to", "change", "currency"]);
    for one in changes {
        table.push(&[
            one.account.clone(),
            one.from.to_text(one.scale),
            one.to.to_text(one.scale),
            one.change.to_text(one.scale),
            field(one.currency),
        ]);
    }
    table.into_text()
}

fn table(session: &Session, changes: &[AccountDiff]) -> String {
    if changes.is_empty() {
        return "no changes\n".to_owned();
    }
    let columns = vec![
        Column::name("Account"),
        Column::figure("From").optional(2),
        Column::figure("To").optional(1),
        Column::figure("Change"),
        Column::unit(),
    ];
    let mut table = Table::new(columns, session.printer.table_style());
    for one in changes {
        table.push(vec![
            Cell::new(&one.account),
            Cell::new(one.from.to_text(one.scale)),
            Cell::new(one.to.to_text(one.scale)),
            Cell::new(one.change.to_text(one.scale)),
            balance::unit(one.currency),
        ]);
    }
    table.to_text()
}
