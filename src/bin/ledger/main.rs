//! `ledger`: the command line of an event-sourced account ledger.
//!
//! This file is the table of contents: arguments, session, command, exit code. A command is a file
//! in `commands/`: its arguments, whose doc comments are its help, and one function.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::disallowed_methods,
        reason = "a test may panic"
    )
)]

mod bell;
mod cli;
mod clock;
mod commands;
mod completion;
mod confirm;
mod environment;
mod explore;
mod failure;
mod flags;
mod groups;
mod input_file;
mod locate;
mod monitor;
mod output;
mod output_file;
mod session;
mod signals;
mod ssh_keygen;
mod synonyms;
mod waiting;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::Cli;
use environment::Environment;
use event_ledger::remote::Address;
use failure::Failure;
use flags::EarlyFlags;
use locate::Located;
use output::print::Printer;
use output::usage::{NotRun, not_run};
use session::Session;

fn main() -> ExitCode {
    signals::report_file_size_limit_as_error();
    let raw: Vec<OsString> = std::env::args_os().collect();
    let environment = Environment::read();
    if let Some(shell) = completion::asked(&raw) {
        return completion::answer(&shell, &raw, &environment, Cli::whole);
    }
    // From here on, only the parsed values hold what an address has of secrets.
    let parsed = Cli::parse_from(&raw);
    let shown: Vec<OsString> = raw.iter().map(without_secrets).collect();
    let words = raw.iter().filter_map(|word| word.to_str());
    let secrets = words
        .flat_map(|word| [word, value_of(word)])
        .filter_map(Address::secret_in);
    let secrets: Vec<String> = secrets.map(str::to_owned).collect();
    match parsed {
        Ok(cli) => run(cli, shown, environment, secrets),
        Err(error) => refuse(error, &shown, &environment, secrets),
    }
}

fn run(cli: Cli, raw: Vec<OsString>, environment: Environment, secrets: Vec<String>) -> ExitCode {
    let Cli {
        globals,
        command,
        name,
    } = cli;
    let log = if globals.csv && !groups::prints_a_table(&name) {
        let message = "--csv is for balance, history, accounts, report, diff and holds";
        let hint = "ledger balance --csv".to_owned();
        Err(Failure::usage(message).with_hint(hint).into())
    } else if groups::uses_a_log(&name) {
        locate::locate(globals.file.clone(), &environment, name == "init")
    } else {
        Ok(Located::default())
    };
    let mut session = Session::new(globals, raw, environment, Cli::whole, &name);
    session.printer.hide(secrets);
    let outcome = log
        .and_then(|log| session.work_on(log))
        .and_then(|()| command.run(&mut session));
    session.end(outcome)
}

/// A word of the command line as it may be shown.
fn without_secrets(word: &OsString) -> OsString {
    let Some(text) = word.to_str() else {
        return word.clone();
    };
    let value = value_of(text);
    let flag = text.strip_suffix(value).unwrap_or_default();
    format!("{flag}{}", Address::without_secrets(value)).into()
}

/// The value in a word: `--file=ADDRESS`, `-fADDRESS` or `ADDRESS`.
fn value_of(word: &str) -> &str {
    match word.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => value,
        _ => word.strip_prefix("-f").unwrap_or(word),
    }
}

/// A command line that clap did not take: help that was asked for, or a mistake. Its message may repeat
/// the words as they were typed, and must not show their secrets.
fn refuse(
    error: clap::Error,
    raw: &[OsString],
    environment: &Environment,
    secrets: Vec<String>,
) -> ExitCode {
    let early = EarlyFlags::of(raw);
    let mut printer = Printer::new(environment.streams(early.color, None));
    printer.set_json(early.json);
    printer.hide(secrets);
    let corrections = synonyms::corrections(&error, raw, &Cli::whole());
    let out_colour = printer.table_style().colour;
    match not_run(error, out_colour) {
        NotRun::Asked(text) => {
            let _ = printer.rendered(&text);
            match printer.finish() {
                Ok(_) => ExitCode::SUCCESS,
                Err(error) => {
                    Failure::io(format!("cannot print the answer: {error}"))
                        .print(&mut printer, early.json);
                    ExitCode::FAILURE
                }
            }
        }
        NotRun::Nothing if raw.len() < 2 => {
            printer.guide(cli::FIRST_SCREEN);
            ExitCode::from(2)
        }
        NotRun::Nothing => {
            // `ledger project`
            let failure = Failure::usage("a command is missing").of_command(raw, false, Cli::whole);
            failure.print(&mut printer, early.json);
            ExitCode::from(failure.exit_code())
        }
        NotRun::Mistake(mistake) => {
            let failure = Failure::usage(mistake.message)
                .with_hint_if_any(mistake.hint)
                .corrected(corrections)
                .of_command(raw, groups::writes_by(raw), Cli::whole);
            failure.print(&mut printer, early.json);
            ExitCode::from(failure.exit_code())
        }
    }
}
