//! The command line as a whole: the global flags, the flags that commands share, and the commands.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum as _};

use crate::commands::{self, Command};
use crate::output::colour::ColorChoice;

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
    after_help = "Exit codes: 0 done · 1 I/O · 2 usage · 3 the answer is no · 4 refused by a rule · 5 conflict\n            6 damaged or not a ledger · 10 no ledger here · 11 lock timeout · 12 outcome unknown\n\nExample: ledger deposit 50 -m 'pocket money' && ledger balance"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Understands a command line.
    ///
    /// # Errors
    /// What clap makes of it: a mistake, or help that was asked for.
    pub(crate) fn understand(raw: &[OsString]) -> Result<Arguments, clap::Error> {
        if let Some(understood) = Arguments::with_one_command(raw) {
            return Ok(understood);
        }
        let matches = Arguments::command().try_get_matches_from(raw)?;
        Arguments::from_arg_matches(&matches)
    }

    /// The same with only one command defined. `None` where that does not do, and whatever is to be
    /// said of it is said by the whole definition.
    fn with_one_command(raw: &[OsString]) -> Option<Arguments> {
        let mut words = raw.iter().skip(1);
        // A flag's value may be such a word too: then the words do not fit, and all is defined.
        let command = words.find_map(|word| commands::only(word.to_str()?))?;
        let program = Globals::augment_args(clap::Command::new("ledger"));
        let program = program.subcommand_required(true).subcommand(command);
        let matches = program.try_get_matches_from(raw).ok()?;
        Arguments::from_arg_matches(&matches).ok()
    }
}

/// Flags that every command takes, before it or behind it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The log
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "LEDGER_LOG",
        hide_env_values = true,
        default_value = "./ledger.jsonl",
        value_hint = clap::ValueHint::FilePath
    )]
    pub(crate) file: PathBuf,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but what was asked for: a write prints nothing, a balance the bare figure
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "When to use colour: auto, always or never"
    )]
    pub(crate) color: ColorChoice,
    /// Read the log from its front, and neither use nor keep a checkpoint
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// How long to wait for the lock
    #[arg(long, global = true, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) wait: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "seconds are a number from 0 to 1000000, like 10 or 0.5".to_owned();
    let is_plain = !text.is_empty()
        && text.len() <= 12
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds: f64 = if is_plain {
        text.parse().map_err(|_| wrong())?
    } else {
        return Err(wrong());
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(wait) if wait <= Duration::from_secs(1_000_000) => Ok(wait),
        _ => Err(wrong()),
    }
}

/// What every writing command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Writing {
    /// Say what it is for
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) memo: Option<String>,
    /// Add a tag, as often as you like
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub(crate) tags: Vec<String>,
    /// When it took effect, where that is not now
    #[arg(long, value_name = "WHEN")]
    pub(crate) effective: Option<String>,
    /// Record it once, however often it is asked: the same key with the same content changes
    /// nothing. `auto` makes the key of a CI job
    ///
    /// `auto` is made of the run, the job and what this command records (not of --file, --if-head
    /// and the like), so that a job that is run again records nothing twice. The variables: GitHub
    /// `GITHUB_REPOSITORY`, `GITHUB_RUN_ID`, `GITHUB_JOB`; GitLab `CI_PROJECT_ID`, `CI_PIPELINE_ID`,
    /// `CI_JOB_NAME`; Buildkite `BUILDKITE_PIPELINE_ID`, `BUILDKITE_BUILD_ID`, `BUILDKITE_STEP_ID`,
    /// `BUILDKITE_PARALLEL_JOB`, `BUILDKITE_LABEL`; Jenkins `JOB_NAME`, `BUILD_ID`, `STAGE_NAME`. On
    /// GitHub the legs of a matrix share a job: name them in a tag.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Only where the log still ends there, as `ledger head` printed it
    #[arg(long, value_name = "HEAD")]
    pub(crate) if_head: Option<String>,
    /// Decide and show, write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

/// Up to which moment a reading command counts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Until {
    /// Count what took effect until then; a day, month or year means its end
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Count only what had been recorded by then
    #[arg(long, value_name = "WHEN")]
    pub(crate) known_at: Option<String>,
}

/// From which moment on a reading command shows.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Since {
    /// Show what took effect from then on; a day, month or year means its start
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
}

/// What must be known of the command line before it is understood: how to say that it is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarlyFlags {
    pub(crate) json: bool,
    pub(crate) color: ColorChoice,
}

impl EarlyFlags {
    /// Looks through the raw arguments up to `--`.
    pub(crate) fn of(raw: &[OsString]) -> EarlyFlags {
        let mut early = EarlyFlags {
            json: false,
            color: ColorChoice::Auto,
        };
        let mut words = raw.iter().skip(1).map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            let color = match word.as_ref() {
                "--" => break,
                "--json" => {
                    early.json = true;
                    None
                }
                "--color" => words.next(),
                other => other
                    .strip_prefix("--color=")
                    .map(|value| value.to_owned().into()),
            };
            if let Some(choice) = color.and_then(|value| ColorChoice::from_str(&value, true).ok()) {
                early.color = choice;
            }
        }
        early
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_defined_alone_is_the_command_defined_with_all_others() {
        let all = Arguments::command();
        let mut alone = 0;
        for command in all.get_subcommands() {
            let name = command.get_name();
            let Some(only) = commands::only(name) else {
                // It has commands of its own.
                assert_eq!(name, "project");
                continue;
            };
            // All but its place in the list of commands.
            let told = |command: &clap::Command| {
                let whole = format!("{command:?}");
                let (front, place) = whole.split_once("disp_ord: ").unwrap();
                let (_, rest) = place.split_once(", ").unwrap();
                format!("{front}{rest}")
            };
            assert_eq!(told(&only), told(command));
            alone += 1;
        }
        assert!(alone > 20, "{alone}");
    }

    #[test]
    fn what_one_command_understands_is_what_all_of_them_understand() {
        let understood = |line: &str| {
            let raw: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let one = Arguments::with_one_command(&raw);
            let all = Arguments::command()
                .try_get_matches_from(&raw)
                .and_then(|matches| Arguments::from_arg_matches(&matches));
            match (one, all) {
                (Some(one), Ok(all)) => {
                    assert_eq!(format!("{one:?}"), format!("{all:?}"));
                    true
                }
                (Some(one), Err(error)) => panic!("{line}: {one:?} {error}"),
                (None, _) => false,
            }
        };
        for line in [
            "ledger head",
            "ledger -f x.jsonl --json balance main --until 2026-03 -q",
            "ledger deposit 5 EUR -a b --tag x=1 --tag y=2 -m head --wait 3",
            "ledger --no-cache verify --head 1:0123456789abcdef",
            "ledger withdraw 5 -n -- ",
        ] {
            understood(line);
        }
        assert!(understood(
            "ledger transfer 5 --from a --to b --color never"
        ));
        for line in [
            "ledger -f head balance",
            "ledger",
            "ledger help head",
            "ledger head --help",
            "ledger deposit",
            "ledger balanse",
            "ledger --version",
            "ledger project sqlite x.db",
        ] {
            assert!(!understood(line), "{line}");
        }
    }
}
