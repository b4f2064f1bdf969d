//! The commands, one a file: its arguments, whose doc comments are its help, and one function.

mod accounts;
mod assert;
mod balance;
mod batch;
mod close;
mod completions;
mod deposit;
mod diff;
mod doctor;
mod export;
mod head;
mod help;
mod history;
mod import;
mod init;
mod key;
mod limit;
mod man;
mod open;
mod project;
mod reading;
mod replay;
mod report;
mod reverse;
mod schema;
mod show;
mod transfer;
mod undo;
mod verify;
mod watch;
mod withdraw;
mod writing;

use clap::{Args as _, Subcommand};

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
    Batch(batch::Batch),
    Import(import::Import),
    Balance(balance::Balance),
    History(history::History),
    Replay(replay::Replay),
    Show(show::Show),
    Accounts(accounts::Accounts),
    Diff(diff::Diff),
    Report(report::Report),
    Assert(assert::Assert),
    Export(export::Export),
    Head(head::Head),
    Watch(watch::Watch),
    Project(project::Project),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
    Schema(schema::Schema),
}

/// One command's definition without all the others, which a run that asks for this one need not build:
/// it is what takes most of a short command's time. `None` where there is none that stands alone.
pub(crate) fn only(name: &str) -> Option<clap::Command> {
    macro_rules! defined {
        ($($name:literal => $arguments:ty),+ $(,)?) => {
            match name {
                $($name => Some(<$arguments>::augment_args(clap::Command::new($name))),)+
                _ => None,
            }
        };
    }
    defined! {
        "init" => init::Init,
        "open" => open::Open,
        "limit" => limit::Limit,
        "deposit" => deposit::Deposit,
        "withdraw" => withdraw::Withdraw,
        "transfer" => transfer::Transfer,
        "close" => close::Close,
        "reverse" => reverse::Reverse,
        "undo" => undo::Undo,
        "batch" => batch::Batch,
        "import" => import::Import,
        "balance" => balance::Balance,
        "history" => history::History,
        "replay" => replay::Replay,
        "show" => show::Show,
        "accounts" => accounts::Accounts,
        "diff" => diff::Diff,
        "report" => report::Report,
        "assert" => assert::Assert,
        "export" => export::Export,
        "head" => head::Head,
        "watch" => watch::Watch,
        "verify" => verify::Verify,
        "doctor" => doctor::Doctor,
        "completions" => completions::Completions,
        "man" => man::Man,
        "schema" => schema::Schema,
    }
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
        Command::Batch(arguments) => batch::run(&arguments, session),
        Command::Import(arguments) => import::run(&arguments, session),
        Command::Balance(arguments) => balance::run(&arguments, session),
        Command::History(arguments) => history::run(&arguments, session),
        Command::Replay(arguments) => replay::run(&arguments, session),
        Command::Show(arguments) => show::run(&arguments, session),
        Command::Accounts(arguments) => accounts::run(&arguments, session),
        Command::Diff(arguments) => diff::run(&arguments, session),
        Command::Report(arguments) => report::run(&arguments, session),
        Command::Assert(arguments) => assert::run(&arguments, session),
        Command::Export(arguments) => export::run(&arguments, session),
        Command::Head(arguments) => head::run(&arguments, session),
        Command::Watch(arguments) => watch::run(&arguments, session),
        Command::Project(arguments) => project::run(&arguments, session),
        Command::Verify(arguments) => verify::run(&arguments, session),
        Command::Doctor(arguments) => doctor::run(&arguments, session),
        Command::Completions(arguments) => completions::run(&arguments, session),
        Command::Man(arguments) => man::run(&arguments, session),
        Command::Schema(arguments) => schema::run(&arguments, session),
    }
}
