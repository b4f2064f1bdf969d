use anyhow::bail;
use clap::Args;
use event_ledger::ledger::{AccountQuery, Reader, Replayed};
use event_ledger::replay::{AccountDiff, Bound, Cutoff, diff};
use event_ledger::time::{Timestamp, When};

use super::reading::{self, Moments};
use super::{balance, writing};
use crate::failure::Failure;
use crate::flags::UntilFlags;
use crate::output::json;
use crate::output::json_reading::{AccountDiffAnswer, DiffAnswer};
use crate::output::sentence;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what changed between two moments
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger diff 2026-02 2026-03"))]
pub(crate) struct DiffArgs {
    /// The one moment, read like --until: a day, month or year means its end
    #[arg(value_name = "A")]
    from: String,
    /// The other
    #[arg(value_name = "B")]
    to: String,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &DiffArgs, session: &mut Session) -> Done {
    let from = When::parse(&arguments.from)?;
    let to = When::parse(&arguments.to)?;
    let moments = Moments::parse(&arguments.until, None)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let from = side(&reading, &from, now, cutoff)?;
    let to = side(&reading, &to, now, cutoff)?;
    let from = reading.query(from, None, AccountQuery::All)?;
    let to = reading.query(to, None, AccountQuery::All)?;
    let changes = diff(from.state(), to.state())?;
    writing::torn(session, to.torn_bytes());
    if session.json {
        let state = |one: &Replayed| reading::state_answer(&reading, one, &one.state().accounts());
        let answer = DiffAnswer {
            from: state(&from)?,
            to: state(&to)?,
            changes: changes.iter().map(AccountDiffAnswer::of).collect(),
        };
        let _ = session.printer.json(&json::text(&answer));
        return Ok(0);
    }
    if !session.quiet {
        let _ = session.printer.line(&resolved(&reading, &from, &to));
    }
    let table = table(session, &changes);
    let _ = session.printer.rendered(&table);
    Ok(0)
}

/// The cutoff of one side: the moment itself, cut further by `--until` and `--known-at`.
fn side(reading: &Reader, when: &When, now: Timestamp, cutoff: Cutoff) -> anyhow::Result<Cutoff> {
    let own = reading.until(when, now)?;
    let until =
        match (own, cutoff.until) {
            (own, None) => own,
            (Bound::Time(own), Some(Bound::Time(cut))) => Bound::Time(own.min(cut)),
            (Bound::Seq(own), Some(Bound::Seq(cut))) => Bound::Seq(own.min(cut)),
            (Bound::Time(_), Some(Bound::Seq(_))) | (Bound::Seq(_), Some(Bound::Time(_))) => {
                bail!(Failure::usage(format!(
                "`{}` and --until are a position and a time: of the two neither is the earlier",
                when.text()
            ))
            .with_hint(Some(
                "give both as times or both as positions; --known-at takes either".to_owned(),
            )));
            }
        };
    Ok(Cutoff {
        until: Some(until),
        ..cutoff
    })
}

/// `from 2026-02-28 23:59:59.999999 +01:00 to event 17 (Europe/Vienna)`
fn resolved(reading: &Reader, from: &Replayed, to: &Replayed) -> String {
    let zone = reading.zone();
    let until = |one: &Replayed| {
        let until = one.replay.cutoff().until;
        until.map_or_else(String::new, |bound| sentence::of_bound(bound, zone))
    };
    let known_at = to
        .replay
        .cutoff()
        .known_at
        .map_or_else(String::new, |bound| {
            format!(", known at {}", sentence::of_bound(bound, zone))
        });
    format!(
        "from {} to {}{known_at} ({})",
        until(from),
        until(to),
        zone.name()
    )
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
