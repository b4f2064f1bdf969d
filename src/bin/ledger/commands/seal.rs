use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::failure::{Failure, quoted};
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Let nothing take effect up to a moment any more
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!("ledger seal 2026-03"))]
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
    let operation = Operation::Seal {
        through: writing::moment(&arguments.when)?,
        is_final: arguments.is_final,
    };
    if arguments.is_final && !arguments.yes && !arguments.writing.dry_run {
        bail!(
            Failure::usage("a final seal cannot be taken back").with_hint(Some(format!(
                "ledger seal {} --final --yes",
                quoted(&arguments.when)
            )))
        );
    }
    writing::write(session, operation, arguments.writing)
}
