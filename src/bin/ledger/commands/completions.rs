use std::ffi::OsStr;

use clap::Args;
use clap_complete::Shell;

use crate::completion;
use crate::failure::Failure;
use crate::session::{Done, Session};

/// Print a completion script for a shell
///
/// Source it in your shell's startup file. It completes commands, flags, accounts, tags, currencies
/// and moments from the log that --file or `LEDGER_LOG` names:
///
/// bash: source <(ledger completions bash)
///
/// zsh: source <(ledger completions zsh)
///
/// fish: ledger completions fish | source
///
/// powershell: ledger completions powershell | Out-String | Invoke-Expression
///
/// elvish: eval (ledger completions elvish | slurp)
#[derive(Debug, Args)]
#[command(after_help = super::help::offline("source <(ledger completions bash)"))]
pub(crate) struct CompletionsArgs {
    /// Which shell: bash, zsh, fish, powershell or elvish
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

pub(crate) fn run(arguments: &CompletionsArgs, session: &mut Session) -> Done {
    let program = session
        .raw
        .first()
        .map_or(OsStr::new("ledger"), |name| name);
    let script = completion::script(arguments.shell, program)
        .ok_or_else(|| Failure::usage(format!("there is no completion for {}", arguments.shell)))?;
    let _ = session.printer.bytes(script.as_bytes());
    Ok(0)
}
