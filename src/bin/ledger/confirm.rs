//! Asking before something that cannot be taken back.

use std::io::{self, IsTerminal as _};

use anyhow::bail;

use crate::failure::Failure;
use crate::session::Session;

/// Whether the user can be asked: standard input and standard error are a terminal.
pub(crate) fn can_ask(session: &Session) -> bool {
    session.printer.asks() && io::stdin().is_terminal()
}

/// Asks, and goes on if the answer is yes.
pub(crate) fn ask(session: &mut Session, question: &str) -> anyhow::Result<()> {
    session.printer.question(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    match (read, answer.trim().to_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        (Err(error), _) => bail!(Failure::io(format!("cannot read the answer: {error}"))),
        _ => bail!(Failure::usage("it was not confirmed; nothing was recorded")),
    }
}
