use std::io::IsTerminal as _;

use anyhow::bail;
use clap::Args;

use crate::explore;
use crate::failure::Failure;
use crate::session::{Done, Session};

/// Move through time on a full screen
///
/// On the left the accounts with their balances at the moment, on the right the statement of one of them,
/// below the time line. Arrows move through time, Enter shows an event with its links, `?` lists all
/// keys, `q` ends. What is recorded meanwhile appears. Nothing is ever written.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger explore"))]
pub(crate) struct ExploreArgs {}

pub(crate) fn run(_: &ExploreArgs, session: &mut Session) -> Done {
    if session.json || session.csv || session.quiet {
        let message = "explore has no other output than the screen";
        let hint = "ledger history --json".to_owned();
        bail!(Failure::usage(message).with_hint(hint));
    }
    if !session.is_on_a_screen() || !std::io::stdin().is_terminal() {
        let message = "explore needs a terminal";
        let hint = "ledger history".to_owned();
        bail!(Failure::usage(message).with_hint(hint));
    }
    let reading = session.reading()?;
    explore::run(reading, session)?;
    Ok(0)
}
