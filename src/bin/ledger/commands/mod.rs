//! The commands, one a file: its arguments, whose doc comments are its help, and one function.

mod balance;
mod close;
mod deposit;
mod help;
mod init;
mod key;
mod limit;
mod open;
mod reading;
mod reverse;
mod transfer;
mod undo;
mod withdraw;
mod writing;

use clap::Subcommand;

use crate::session::{Done, Session};

/// What `ledger` can do, in the order of its help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Init),
    Open(open::Open),
    Limit(limit::Limit),
    Deposit(deposit::Deposit),
    Withdraw(withdraw::Withdraw),
    Transfer(transfer::Transfer),
    Close(close::Close),
    Reverse(reverse::Reverse),
    Undo(undo::Undo),
    Balance(balance::Balance),
}

/// Runs a command.
pub(crate) fn run(command: Command, session: &mut Session) -> Done {
    match command {
        Command::Init(arguments) => init::run(arguments, session),
        Command::Open(arguments) => open::run(arguments, session),
        Command::Limit(arguments) => limit::run(arguments, session),
        Command::Deposit(arguments) => deposit::run(arguments, session),
        Command::Withdraw(arguments) => withdraw::run(arguments, session),
        Command::Transfer(arguments) => transfer::run(arguments, session),
        Command::Close(arguments) => close::run(arguments, session),
        Command::Reverse(arguments) => reverse::run(arguments, session),
        Command::Undo(arguments) => undo::run(arguments, session),
        Command::Balance(arguments) => balance::run(&arguments, session),
    }
}
