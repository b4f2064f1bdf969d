//! The command line's definition: the program, its commands, and which function runs each.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{
    accounts, assert, balance, batch, bisect, capture, check, close, completions, copy, correct,
    deposit, diff, doctor, exchange, explore, export, head, history, hold, holds, import, init,
    limit, man, open, project, prove, redact, refund, release, replay, report, reverse, schema,
    seal, show, transfer, undo, unseal, verify, watch, why, withdraw,
};
use crate::flags::GlobalFlags;
use crate::groups::GROUPS;
use crate::session::{Done, Session};

/// An account ledger in one plain file of events
///
/// Every balance, every statement and every past state is replayed from the file, which is appended
/// to and never rewritten. The first deposit starts it: `ledger deposit 50`.
#[derive(Debug, Parser)]
#[command(
    name = "ledger",
    bin_name = "ledger",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    propagate_version = false,
    max_term_width = 100,
    after_help = "Exit codes: 0 done · 1 I/O · 2 usage · 3 the answer is no · 4 refused by a rule · 5 conflict\n            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout · 12 outcome unknown\n            13 engine unreachable\n\nExample: ledger deposit 50 -m 'pocket money' && ledger balance"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: GlobalFlags,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The command's name.
    #[arg(skip)]
    pub(crate) name: String,
}

impl Cli {
    /// Parses a command line.
    pub(crate) fn parse_from(raw: &[OsString]) -> Result<Cli, clap::Error> {
        let matches = match Cli::of_named(raw).try_get_matches_from(raw) {
            Ok(matches) => matches,
            // What is wrong, or asked for, is said by the whole definition.
            Err(_) => match Cli::command().try_get_matches_from(raw) {
                Ok(matches) => matches,
                Err(error) if error.kind() == ErrorKind::DisplayHelp => {
                    return Err(match Cli::with_groups().try_get_matches_from(raw) {
                        Err(whole) => whole,
                        Ok(_) => error,
                    });
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Cli {
            name: matches.subcommand_name().unwrap_or_default().to_owned(),
            ..Cli::from_arg_matches(&matches)?
        })
    }

    /// The definition with those commands alone that a command line names. `clap` copies each global
    /// flag into each command, which would take a fifth of a short command's time.
    fn of_named(raw: &[OsString]) -> clap::Command {
        let all = Command::augment_subcommands(clap::Command::new("ledger"));
        let is_named = |command: &&clap::Command| {
            let mut names = command
                .get_all_aliases()
                .chain(std::iter::once(command.get_name()));
            names.any(|name| raw.iter().any(|word| word == name))
        };
        let named = all.get_subcommands().filter(is_named).cloned();
        GlobalFlags::augment_args(clap::Command::new("ledger"))
            .subcommand_required(true)
            .subcommands(named)
    }

    /// The definition with every command in full.
    pub(crate) fn whole() -> clap::Command {
        let mut whole = Cli::command();
        whole.build();
        whole
    }

    /// The whole definition, whose help lists the commands in groups.
    fn with_groups() -> clap::Command {
        let whole = Cli::whole();
        let groups = groups(&whole);
        whole
            .mut_subcommands(|command| command.hide(true))
            .override_usage("ledger [OPTIONS] <COMMAND>")
            .help_template(format!(
                "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{{all-args}}{{after-help}}"
            ))
    }
}

/// What a bare `ledger` prints.
pub(crate) const FIRST_SCREEN: &str = "\
ledger keeps accounts in one plain file of events, ./ledger.jsonl unless named.

  ledger deposit 50 -m 'pocket money'        bring money in; starts the file
  ledger withdraw 12.50 -m lunch             take money out
  ledger transfer 20 --from main --to trip   move money
  ledger balance                             what each account holds
  ledger history                             each movement, with the balance

Every past state is still there, and every change can be undone:

  ledger balance --until yesterday
  ledger undo

ledger help                lists all commands
ledger help deposit        explains one; so does `ledger man deposit`
";

/// The list of commands, in groups. A command of no group is listed last.
fn groups(whole: &clap::Command) -> String {
    let in_group = |group: &[&str]| -> Vec<&clap::Command> {
        let named = group.iter().filter_map(|name| whole.find_subcommand(name));
        named.collect()
    };
    let mut groups: Vec<(&str, Vec<&clap::Command>)> = GROUPS
        .iter()
        .map(|(heading, names)| (*heading, in_group(names)))
        .collect();
    let has_group = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let other = whole
        .get_subcommands()
        .filter(|command| !has_group(command.get_name()))
        .collect();
    groups.push(("Other", other));
    let mut text = String::new();
    for (heading, commands) in groups.iter().filter(|(_, commands)| !commands.is_empty()) {
        let list = clap::Command::new("list")
            .disable_help_subcommand(true)
            .disable_help_flag(true)
            .max_term_width(100)
            .help_template("{subcommands}")
            .subcommands(commands.iter().map(|command| {
                let about = command.get_about().cloned().unwrap_or_default();
                clap::Command::new(command.get_name().to_owned()).about(about)
            }))
            .render_help()
            .ansi()
            .to_string();
        text.extend([heading, ":\n", list.trim_end(), "\n\n"]);
    }
    text
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Open(open::OpenArgs),
    Limit(limit::LimitArgs),
    Deposit(deposit::DepositArgs),
    Withdraw(withdraw::WithdrawArgs),
    Transfer(transfer::TransferArgs),
    Exchange(exchange::ExchangeArgs),
    Hold(hold::HoldArgs),
    Capture(capture::CaptureArgs),
    Release(release::ReleaseArgs),
    Refund(refund::RefundArgs),
    Close(close::CloseArgs),
    Reverse(reverse::ReverseArgs),
    Undo(undo::UndoArgs),
    Correct(correct::CorrectArgs),
    Batch(batch::BatchArgs),
    Import(import::ImportArgs),
    Seal(seal::SealArgs),
    Unseal(unseal::UnsealArgs),
    Redact(redact::RedactArgs),
    Balance(balance::BalanceArgs),
    History(history::HistoryArgs),
    Replay(replay::ReplayArgs),
    Show(show::ShowArgs),
    Accounts(accounts::AccountsArgs),
    Holds(holds::HoldsArgs),
    Diff(diff::DiffArgs),
    Report(report::ReportArgs),
    Why(why::WhyArgs),
    Explore(explore::ExploreArgs),
    Assert(assert::AssertArgs),
    Bisect(bisect::BisectArgs),
    Export(export::ExportArgs),
    Head(head::HeadArgs),
    Prove(prove::ProveArgs),
    Check(check::CheckArgs),
    Watch(watch::WatchArgs),
    Project(project::ProjectArgs),
    Copy(copy::CopyArgs),
    Verify(verify::VerifyArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Schema(schema::SchemaArgs),
}

impl Command {
    /// Runs the command.
    pub(crate) fn run(self, session: &mut Session) -> Done {
        match self {
            Command::Init(arguments) => init::run(arguments, session),
            Command::Open(arguments) => open::run(arguments, session),
            Command::Limit(arguments) => limit::run(arguments, session),
            Command::Deposit(arguments) => deposit::run(arguments, session),
            Command::Withdraw(arguments) => withdraw::run(arguments, session),
            Command::Transfer(arguments) => transfer::run(arguments, session),
            Command::Exchange(arguments) => exchange::run(arguments, session),
            Command::Hold(arguments) => hold::run(arguments, session),
            Command::Capture(arguments) => capture::run(arguments, session),
            Command::Release(arguments) => release::run(arguments, session),
            Command::Refund(arguments) => refund::run(arguments, session),
            Command::Correct(arguments) => correct::run(arguments, session),
            Command::Seal(arguments) => seal::run(arguments, session),
            Command::Unseal(arguments) => unseal::run(arguments, session),
            Command::Redact(arguments) => redact::run(arguments, session),
            Command::Holds(arguments) => holds::run(&arguments, session),
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
            Command::Why(arguments) => why::run(&arguments, session),
            Command::Explore(arguments) => explore::run(&arguments, session),
            Command::Assert(arguments) => assert::run(&arguments, session),
            Command::Bisect(arguments) => bisect::run(&arguments, session),
            Command::Export(arguments) => export::run(&arguments, session),
            Command::Head(arguments) => head::run(&arguments, session),
            Command::Prove(arguments) => prove::run(&arguments, session),
            Command::Check(arguments) => check::run(&arguments, session),
            Command::Watch(arguments) => watch::run(&arguments, session),
            Command::Project(arguments) => project::run(&arguments, session),
            Command::Copy(arguments) => copy::run(&arguments, session),
            Command::Verify(arguments) => verify::run(&arguments, session),
            Command::Doctor(arguments) => doctor::run(&arguments, session),
            Command::Completions(arguments) => completions::run(&arguments, session),
            Command::Man(arguments) => man::run(&arguments, session),
            Command::Schema(arguments) => schema::run(&arguments, session),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::{TABLES, UNPAGED, WITHOUT_LOG};

    #[test]
    fn every_command_is_in_exactly_one_group() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let groups = GROUPS.iter().flat_map(|(_, names)| names.iter());
            assert_eq!(groups.filter(|own| **own == name).count(), 1, "{name}");
        }
        let of_groups = GROUPS.iter().flat_map(|(_, names)| names.iter());
        let others = [&TABLES[..], &UNPAGED, &WITHOUT_LOG];
        for name in of_groups.chain(others.into_iter().flatten()) {
            assert!(Cli::whole().find_subcommand(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_first_screen_fits_into_a_small_window() {
        assert!(FIRST_SCREEN.lines().count() <= 20);
        assert!(FIRST_SCREEN.lines().all(|line| line.len() < 80));
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::whole().debug_assert();
    }
}
