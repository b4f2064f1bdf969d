//! Shell completion: the scripts to source, and the answers they request.
//!
//! The protocol: `LEDGER_COMPLETE=bash ledger -- WORD …` prints candidates for the last word. Both
//! the variable and the `--` are required, so that a variable that happens to be set does not turn
//! a deposit into a list of words. Errors are silent. Values are completed by their name in the
//! help (`ACCOUNT`, `WHEN`, …), so a new command needs no code here.

mod candidates;
mod typed;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::ValueHint;
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate, complete};
use clap_complete::env::Shells;
use clap_complete::{ArgValueCompleter, Shell};
use event_ledger::event::Kind;
use event_ledger::remote::Mirror;

use crate::environment::{self, Environment};
use crate::failure::quoted;
use crate::locate::{self, Located};
use crate::output::colour::ColorChoice;
use crate::output::print::Printer;
use crate::output::text::harmless;
use candidates::Candidates;

/// The variable that a completion script sets.
const VARIABLE: &str = "LEDGER_COMPLETE";
/// Stands for the program's path in a template, until it is put in with the quotes it needs.
const PROGRAM: &str = "ledger-program-path";

/// The script to be sourced, which will call `program`. `None` for a shell that has none.
pub(crate) fn script(shell: Shell, program: &OsStr) -> Option<String> {
    let program = called(program);
    let own = |template: &str| {
        template
            .replace("VARIABLE", VARIABLE)
            .replace(PROGRAM, &quoted(&program))
    };
    match shell {
        Shell::Bash => Some(own(include_str!("bash.sh"))),
        Shell::Zsh => Some(own(include_str!("zsh.sh"))),
        other => {
            let shells = Shells::builtins();
            let mut script = Vec::new();
            shells
                .completer(&other.to_string())?
                .write_registration(VARIABLE, "ledger", "ledger", &program, &mut script)
                .ok()?;
            let script = String::from_utf8_lossy(&script);
            Some(format!("{}\n", script.trim()))
        }
    }
}

/// How to call the program from anywhere: by its name if it was called so, otherwise by its path.
fn called(program: &OsStr) -> String {
    let path = Path::new(program);
    let path = match environment::directory() {
        Some(directory) if path.components().count() > 1 => directory.join(path),
        _ => path.to_owned(),
    };
    path.to_string_lossy().into_owned()
}

/// The shell that requests completion, if any.
pub(crate) fn asked(raw: &[OsString]) -> Option<OsString> {
    let shell = environment::variable(VARIABLE).filter(|shell| !shell.is_empty())?;
    (raw.get(1)? == "--").then_some(shell)
}

/// Answers the shell that asked.
pub(crate) fn answer(
    shell: &OsStr,
    raw: &[OsString],
    environment: &Environment,
    command: impl Fn() -> Command,
) -> ExitCode {
    fail_quietly();
    let words: Vec<OsString> = raw
        .iter()
        .skip(2)
        .map(|word| typed::unquoted(word))
        .collect();
    let named = log_named_in(&words, command()).map(typed::at_home);
    let log = locate::locate(named, environment, false).ok();
    let log = log.and_then(|log| readable_path(log, environment));
    let mut command = completing(command(), &Arc::new(Candidates::of(log, environment)));
    let directory = environment::directory();
    let answer = if shell == "bash" {
        in_bash(&mut command, words, directory.as_deref())
    } else {
        let mut answer = Vec::new();
        Shells::builtins()
            .completer(&shell.to_string_lossy())
            .and_then(|completer| {
                completer
                    .write_complete(&mut command, words, directory.as_deref(), &mut answer)
                    .ok()
            })
            .map(|()| answer)
    };
    let Some(answer) = answer else {
        return ExitCode::FAILURE;
    };
    let mut printer = Printer::new(environment.streams(ColorChoice::Never, None));
    let _ = printer.bytes(&of_harmless_lines(&answer));
    let _ = printer.finish();
    ExitCode::SUCCESS
}

/// The file that candidates are read from: of a log on an engine this machine's copy, without a
/// connection.
fn readable_path(log: Located, environment: &Environment) -> Option<PathBuf> {
    let Some(address) = log.address else {
        return Some(log.path);
    };
    let mirrors = environment.caches.as_ref()?.join("ledger");
    let found = Mirror::find(&mirrors, address.log_name())
        .into_iter()
        .next()?;
    Some(found.0)
}

/// The candidates made harmless: the completion engine returns file names unchanged.
fn of_harmless_lines(answer: &[u8]) -> Vec<u8> {
    let is_harmless = |line: &&[u8]| {
        let text = String::from_utf8_lossy(line);
        text.trim_end_matches('\n')
            .split('\t')
            .all(|part| matches!(harmless(part), Cow::Borrowed(_)))
    };
    let lines = answer.split_inclusive(|byte| *byte == b'\n');
    lines.filter(is_harmless).collect::<Vec<_>>().concat()
}

/// The completion engine panics for some command lines (`deposit --tag --x`); then there are no
/// candidates and no message.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing is recorded or printed here"
)]
fn fail_quietly() {
    std::panic::set_hook(Box::new(|_| std::process::exit(1)));
}

/// One candidate per line, for our own script. If a value is possible and nothing was typed, flags
/// are left out, because they would hide the values.
fn in_bash(
    command: &mut Command,
    words: Vec<OsString>,
    directory: Option<&Path>,
) -> Option<Vec<u8>> {
    let last = words.len().checked_sub(1)?;
    let nothing_typed = words.last().is_some_and(|word| word.is_empty());
    let mut found = complete(command, words, last, directory).ok()?;
    let is_flag = |candidate: &CompletionCandidate| {
        candidate.get_value().as_encoded_bytes().starts_with(b"-")
    };
    if nothing_typed && !found.iter().all(is_flag) {
        found.retain(|candidate| !is_flag(candidate));
    }
    let mut lines = Vec::new();
    for candidate in found {
        lines.extend_from_slice(candidate.get_value().as_encoded_bytes());
        lines.push(b'\n');
    }
    Some(lines)
}

/// The log that a command line is about, however far it was typed.
fn log_named_in(words: &[OsString], command: Command) -> Option<PathBuf> {
    command
        .ignore_errors(true)
        .try_get_matches_from(words)
        .ok()?
        .try_get_one::<PathBuf>("file")
        .ok()?
        .cloned()
}

/// The command line with what its values may be.
fn completing(command: Command, candidates: &Arc<Candidates>) -> Command {
    let name = command.get_name().to_owned();
    command
        .mut_args(|argument| completing_argument(&name, argument, candidates))
        .mut_subcommands(|command| completing(command, candidates))
}

fn completing_argument(command: &str, argument: Arg, candidates: &Arc<Candidates>) -> Arg {
    let has_its_own = !argument.get_possible_values().is_empty()
        || argument.get_value_hint() != ValueHint::Unknown;
    let Some(name) = argument.get_value_names().and_then(<[_]>::first) else {
        return argument;
    };
    if has_its_own {
        return argument;
    }
    let name = name.to_string();
    let candidates = Arc::clone(candidates);
    match name.as_str() {
        "ACCOUNT" | "ASSERTION" => {
            argument.add(ArgValueCandidates::new(move || candidates.accounts()))
        }
        "CURRENCY" => argument.add(ArgValueCandidates::new(move || candidates.currencies())),
        "SEQ" => {
            let is_hold = matches!(command, "capture" | "release");
            argument.add(ArgValueCompleter::new(move |current: &OsStr| {
                let current = current.to_string_lossy();
                if !current.is_empty()
                    && ("key:".starts_with(&*current) || current.starts_with("key:"))
                {
                    candidates.keys(&current)
                } else if is_hold {
                    candidates.holds(&current)
                } else {
                    candidates.positions(&current)
                }
            }))
        }
        "BY" | "GROUP" => {
            let words: &[&str] = if name == "BY" {
                &["day", "week", "month", "quarter", "year", "account", "type"]
            } else {
                &["account", "type", "month"]
            };
            argument.add(ArgValueCompleter::new(move |current: &OsStr| {
                candidates.groups(words, &current.to_string_lossy())
            }))
        }
        "HEAD" => argument.add(ArgValueCandidates::new(move || candidates.head())),
        "WHEN" | "A" | "B" => {
            let with_positions = argument.get_id() != "effective";
            argument.add(ArgValueCandidates::new(move || {
                candidates.moments(with_positions)
            }))
        }
        "TYPE" => argument.add(ArgValueCandidates::new(|| {
            let words = Kind::ALL.iter().map(|kind| kind.as_str());
            words.map(CompletionCandidate::new).collect()
        })),
        "KEY=VALUE" | "KEY[=VALUE]" => {
            argument.add(ArgValueCompleter::new(move |current: &OsStr| {
                candidates.tags(&current.to_string_lossy())
            }))
        }
        "FILE" => argument.value_hint(ValueHint::FilePath),
        "DIR" => argument.value_hint(ValueHint::DirPath),
        _ => argument,
    }
}
