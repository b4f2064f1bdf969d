//! Groups of flags that several commands share, and the global ones.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum as _};
use event_ledger::event::Kind;
use event_ledger::replay::{AccountFilter, EventFilter};

use crate::failure::{Correction, Failure};
use crate::output::colour::ColorChoice;

/// Flags that every command takes, before or after its name.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalFlags {
    /// The log, or its address on an engine; otherwise `LEDGER_LOG`, or the nearest ledger.jsonl here or in a parent directory
    #[arg(short, long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Refuse to start a log (exit 10)
    #[arg(long, global = true)]
    pub(crate) no_create: bool,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print a table as CSV
    #[arg(long, global = true, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Print only what was asked for: nothing for a write, the figure for a balance
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print without a pager
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
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
    /// Read the whole log, without a checkpoint
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// Read this machine's copy of a log on an engine, without a connection
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// Record on an engine although this machine's clock is far from the engine's
    #[arg(long, global = true)]
    pub(crate) wrong_clock: bool,
    /// How long to wait for the lock, or for an engine
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

/// A value that may be missing, parsed.
pub(crate) fn optional<T, U, E>(
    value: Option<T>,
    parse: impl FnOnce(T) -> Result<U, E>,
) -> Result<Option<U>, E> {
    value.map(parse).transpose()
}

/// Flags of every writing command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WriteFlags {
    /// What it is for
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) memo: Option<String>,
    /// Add a tag (repeatable)
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub(crate) tags: Vec<String>,
    /// Effective date, if not now
    #[arg(long, value_name = "WHEN")]
    pub(crate) effective: Option<String>,
    /// Idempotency key: a repeat with the same content records nothing
    ///
    /// `auto` makes the key of a CI job from the run, the job and what this command records (not from
    /// --file, --if-head and the like), so that a job that is run again records nothing twice. The
    /// variables: GitHub
    /// `GITHUB_REPOSITORY`, `GITHUB_RUN_ID`, `GITHUB_JOB`; GitLab `CI_PROJECT_ID`, `CI_PIPELINE_ID`,
    /// `CI_JOB_NAME`; Buildkite `BUILDKITE_PIPELINE_ID`, `BUILDKITE_BUILD_ID`, `BUILDKITE_STEP_ID`,
    /// `BUILDKITE_PARALLEL_JOB`, `BUILDKITE_LABEL`; Jenkins `JOB_NAME`, `BUILD_ID`, `STAGE_NAME`. On
    /// GitHub the jobs of a matrix share a name: tell them apart by a tag.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Only if the log still ends at this head
    #[arg(long, value_name = "HEAD")]
    pub(crate) if_head: Option<String>,
    /// Show what would be recorded, without recording it
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

/// The name that a word with a slip or two was meant to be.
pub(crate) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(name, word), name));
    let close = distances.filter(|(distance, _)| *distance <= 2);
    close.min().map(|(_, name)| name)
}

/// A word that is none of those that a flag takes.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{expected}")]
pub(crate) struct UnknownChoice {
    expected: &'static str,
    meant: Option<&'static str>,
}

impl UnknownChoice {
    /// What is expected in place of a word, and which of the choices was probably meant.
    pub(crate) fn of(
        expected: &'static str,
        word: &str,
        choices: impl IntoIterator<Item = &'static str>,
    ) -> UnknownChoice {
        UnknownChoice {
            expected,
            meant: nearest(word, choices),
        }
    }

    pub(crate) fn meant(&self) -> Option<&'static str> {
        self.meant
    }
}

/// The limit of what is read into memory.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct InputLimit {
    /// Refuse an input of more than N bytes
    #[arg(long, value_name = "N", default_value_t = 256 * 1024 * 1024)]
    pub(crate) max_bytes: u64,
}

impl InputLimit {
    /// What is wrong with a longer input, of this length if that is known.
    pub(crate) fn exceeded(self, length: u64) -> Failure {
        let most = self.max_bytes;
        let enough = length.max(most.saturating_mul(2));
        Failure::new("invalid_input", format!("it has more than {most} bytes"))
            .corrected([Correction::flag("--max-bytes", enough.to_string())])
    }
}

/// Flags of every reading command: up to which moment it counts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct UntilFlags {
    /// Count what took effect up to this moment; a day, month or year means its end
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Count only what had been recorded by this moment
    #[arg(long, value_name = "WHEN")]
    pub(crate) known_at: Option<String>,
}

/// From which moment on a reading command shows events.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SinceFlags {
    /// Show what took effect from this moment on; a day, month or year means its start
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
}

/// What a reading command leaves out as if it had not happened.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WithoutFlags {
    /// As if these events, and what refers to them, had not happened
    #[arg(long, value_name = "SEQ", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
}

/// Which events a reading command shows: any of one kind, all of several kinds.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FilterFlags {
    /// Only events with this tag (repeatable)
    #[arg(long = "tag", value_name = "KEY[=VALUE]")]
    pub(crate) tags: Vec<String>,
    /// Only events of this type, such as deposit (repeatable)
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kinds: Vec<String>,
    /// Only events whose memo holds this text, in any case (repeatable)
    #[arg(long = "memo", value_name = "TEXT")]
    pub(crate) memos: Vec<String>,
}

impl FilterFlags {
    /// True if every event is shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.kinds.is_empty() && self.memos.is_empty()
    }

    /// The filter, of all accounts.
    pub(crate) fn parse(&self) -> anyhow::Result<EventFilter> {
        let tags = self.tags.iter().map(|text| tag(text));
        let kinds = self.kinds.iter().map(|word| kind(word));
        Ok(EventFilter {
            accounts: AccountFilter::default(),
            tags: tags.collect::<Result<_, _>>()?,
            kinds: kinds.collect::<Result<_, _>>()?,
            memos: self.memos.clone(),
        })
    }
}

fn tag(text: &str) -> Result<(String, Option<String>), Failure> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text, None),
    };
    if key.is_empty() {
        return Err(Failure::usage("a tag's key is empty")
            .with_advice("write --tag order, or --tag order=1234"));
    }
    Ok((key.to_owned(), value))
}

fn kind(word: &str) -> Result<Kind, Failure> {
    Kind::from_word(word).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let nearest = names
            .iter()
            .min_by_key(|name| strsim::damerau_levenshtein(name, word));
        Failure::usage(format!(
            "`{word}` is not a type of event: {}",
            names.join(", ")
        ))
        .corrected(nearest.map(|name| Correction::word(word, *name)))
    })
}

/// Flags needed to report a usage error.
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
