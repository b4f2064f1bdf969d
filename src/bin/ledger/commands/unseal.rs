use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::failure::{Failure, quoted};
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Take the seal back
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!("ledger unseal 2026-03 -m 'invoice 17 was missing'"))]
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
        let when = arguments
            .when
            .as_deref()
            .map(|when| format!(" {}", quoted(when)));
        bail!(
            Failure::usage("unseal needs a reason").with_hint(Some(format!(
                "ledger unseal{} -m WHY",
                when.unwrap_or_default()
            )))
        );
    }
    let from = arguments.when.as_deref().map(writing::moment).transpose()?;
    writing::write(session, Operation::Unseal { from }, arguments.writing)
}
