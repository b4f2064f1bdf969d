use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::failure::{Correction, Failure};
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Take the seal back
#[derive(Debug, Args)]
#[command(mut_arg("effective", |effective| effective.hide(true)))]
#[command(after_help = super::help::writing("ledger unseal 2026-03 -m 'invoice 17 was missing'"))]
pub(crate) struct UnsealArgs {
    /// Opens this day, month, quarter or year and everything after it; everything if not named
    #[arg(value_name = "WHEN")]
    when: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: UnsealArgs, session: &mut Session) -> Done {
    writing::refuse_effective(&arguments.writing, "unseal")?;
    if arguments.writing.memo.as_deref().is_none_or(str::is_empty) {
        bail!(
            Failure::usage("unseal needs a reason")
                .corrected([Correction::flag("--memo", "a late invoice")])
        );
    }
    let from = arguments.when.as_deref().map(writing::moment).transpose()?;
    writing::write(session, Operation::Unseal { from }, arguments.writing)
}
