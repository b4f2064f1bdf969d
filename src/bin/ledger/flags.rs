//! Groups of flags that several commands share, and the global ones.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;
use clap::{Args, ValueEnum as _};

use crate::output::colour::ColorChoice;

/// Flags that every command takes, before it or behind it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalFlags {
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
pub(crate) struct WriteFlags {
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

/// The limit of what is read into memory.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct InputLimit {
    /// Refuse an input of more than N bytes
    #[arg(long, value_name = "N", default_value_t = 256 * 1024 * 1024)]
    pub(crate) max_bytes: u64,
}

impl InputLimit {
    /// What is wrong with a longer input.
    pub(crate) fn exceeded(self) -> Failure {
        let (most, twice) = (self.max_bytes, self.max_bytes.saturating_mul(2));
        Failure::invalid_input(format!("it has more than {most} bytes"))
            .with_hint(Some(format!("--max-bytes {twice} raises the limit")))
    }
}

/// Up to which moment a reading command counts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct UntilFlags {
    /// Count what took effect until then; a day, month or year means its end
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Count only what had been recorded by then
    #[arg(long, value_name = "WHEN")]
    pub(crate) known_at: Option<String>,
}

/// From which moment on a reading command shows.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SinceFlags {
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
