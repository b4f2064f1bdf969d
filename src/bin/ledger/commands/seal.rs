use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Operation;
use event_ledger::event::Event;
use event_ledger::ledger::{AccountAfter, AccountQuery, Mode, Receipt};
use event_ledger::replay::{Bound, Cutoff};
use event_ledger::time::Timestamp;

use super::balance;
use super::reading::BalanceRow;
use super::writing;
use crate::confirm;
use crate::failure::{Correction, Failure};
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Let nothing take effect up to a moment any more
///
/// The receipt has the balance of each account at that moment, and the head: keep it.
#[derive(Debug, Args)]
#[command(mut_arg("effective", |effective| effective.hide(true)))]
#[command(after_help = super::help::writing("ledger seal 2026-03"))]
pub(crate) struct SealArgs {
    /// Up to the end of this day, month, quarter or year, or this moment
    #[arg(value_name = "WHEN")]
    when: String,
    /// It cannot be taken back
    #[arg(long = "final")]
    is_final: bool,
    /// Do not ask before a final seal
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: SealArgs, session: &mut Session) -> Done {
    writing::refuse_effective(&arguments.writing, "seal")?;
    let dry_run = arguments.writing.dry_run;
    let asks = arguments.is_final && !arguments.yes && !dry_run;
    if asks && !confirm::can_ask(session) {
        let yes = Correction::Add(vec!["--yes".to_owned()]);
        bail!(Failure::usage("a final seal cannot be taken back").corrected([yes]));
    }
    let operation = Operation::Seal {
        through: writing::moment(&arguments.when)?,
        is_final: arguments.is_final,
    };
    let request = [writing::request(session, operation, arguments.writing)?];
    if asks {
        let planned = session.record(&request, Mode::Together, true)?;
        let mut new = planned
            .results
            .receipts()
            .filter(|receipt| !receipt.replayed);
        if let Some((through, _)) = new.find_map(|receipt| seal(&receipt)) {
            let through = planned.zone.local(through);
            confirm::ask(
                session,
                &format!("Seal everything up to {through} for good?"),
            )?;
        }
    }
    let outcome = session.record(&request, Mode::Together, dry_run)?;
    let run = writing::tell(session, dry_run, &outcome.notices, &outcome.zone);
    for mut receipt in outcome.results.receipts() {
        let Some((through, seq)) = seal(&receipt) else {
            continue;
        };
        // A seal that is only planned is not in the log, but changes no balance either.
        let known_at = (!dry_run || receipt.replayed).then_some(Bound::Seq(seq));
        let table = match add_balances(session, &mut receipt, through, known_at) {
            Ok(table) => table,
            Err(error) if dry_run => return Err(error),
            Err(error) => {
                let text = format!("it was recorded, but the balances could not be read: {error}");
                session.printer.warning("not_printed", &text);
                String::new()
            }
        };
        let _ = writing::show_receipt(session, &receipt, run);
        if !session.json && !session.quiet {
            session.rendered(&table);
        }
    }
    writing::show_head(session, outcome.head, dry_run);
    Ok(0)
}

/// The moment and the number of a seal.
fn seal(receipt: &Receipt) -> Option<(Timestamp, u64)> {
    match receipt.entry.event {
        Event::Seal { through, .. } => Some((through, receipt.entry.seq)),
        _ => None,
    }
}

/// Adds the accounts as they were at the sealed moment to a receipt, and returns them as a table.
fn add_balances(
    session: &mut Session,
    receipt: &mut Receipt,
    through: Timestamp,
    known_at: Option<Bound>,
) -> anyhow::Result<String> {
    if session.existing()?.is_none() {
        return Ok(String::new());
    }
    let reader = session.reading()?;
    let cutoff = Cutoff {
        until: Some(Bound::Time(through)),
        known_at,
        ..Cutoff::default()
    };
    let replayed = reader.query(cutoff, None, AccountQuery::All)?;
    let rows = BalanceRow::all(&replayed, &replayed.state().accounts());
    receipt.accounts_after = rows
        .iter()
        .map(|row| AccountAfter {
            name: row.name.to_string(),
            account: row.account,
            pending: row.pending,
            is_new: false,
            similar: None,
        })
        .collect();
    Ok(balance::table(session, &rows)?)
}
