//! The environment: the one place that reads it.
//!
//! `LEDGER_FILE` is never read: it belongs to hledger and ledger-cli.

use std::ffi::OsString;
use std::path::PathBuf;

use event_ledger::remote::{Secret, SuppliedSecrets};

use crate::output::colour::{ColorChoice, ColourWishes};
use crate::output::pager::PagerChoice;
use crate::output::print::Streams;

/// The variables that matter, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `LEDGER_NOW`: replaces the clock.
    pub(crate) now: Option<OsString>,
    /// `LEDGER_LOG`: the log, if `--file` does not name it.
    pub(crate) log: Option<OsString>,
    /// The pager of `LEDGER_PAGER` or `PAGER`.
    pub(crate) pager: Option<PagerChoice>,
    pub(crate) secrets: SuppliedSecrets,
    pub(crate) home: Option<OsString>,
    /// The variables about colour.
    pub(crate) colour: ColourWishes,
    /// The directory of this user's caches: `XDG_CACHE_HOME`, otherwise `.cache` in `HOME`; only if
    /// that is an absolute path, as the XDG specification says.
    pub(crate) caches: Option<PathBuf>,
    /// The locale of characters: `LC_ALL`, otherwise `LC_CTYPE`, otherwise `LANG`.
    pub(crate) locale: Option<OsString>,
}

impl Environment {
    pub(crate) fn read() -> Environment {
        Environment {
            now: variable("LEDGER_NOW"),
            log: variable("LEDGER_LOG"),
            home: variable("HOME"),
            secrets: secrets(),
            pager: PagerChoice::of(variable("LEDGER_PAGER"), variable("PAGER")),
            colour: ColourWishes {
                no_color: variable("NO_COLOR"),
                clicolor_force: variable("CLICOLOR_FORCE"),
                term: variable("TERM"),
            },
            caches: caches(),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"]
                .into_iter()
                .filter_map(variable)
                .find(|locale| !locale.is_empty()),
        }
    }

    pub(crate) fn streams(&self, choice: ColorChoice, pager: Option<PagerChoice>) -> Streams {
        Streams::of_process(choice, &self.colour, self.is_plain(), pager)
    }

    /// True if rules and charts are ASCII: on a dumb terminal, and in a locale that is not UTF-8.
    pub(crate) fn is_plain(&self) -> bool {
        let is_other = self.locale.as_ref().is_some_and(|locale| {
            let locale = locale.to_string_lossy().to_ascii_lowercase();
            !locale.contains("utf-8") && !locale.contains("utf8")
        });
        self.colour.dumb() || is_other
    }
}

/// Secrets, so that none need be on a command line, where other users can see it.
fn secrets() -> SuppliedSecrets {
    let text = |name| variable(name).and_then(|value| value.into_string().ok());
    let path = |name| variable(name).map(PathBuf::from);
    SuppliedSecrets {
        nats_creds: path("LEDGER_NATS_CREDS"),
        nats_user: text("LEDGER_NATS_USER"),
        nats_password: text("LEDGER_NATS_PASSWORD").map(Secret::new),
        postgres_user: text("PGUSER").or_else(|| text("USER")),
        postgres_password: text("PGPASSWORD").map(Secret::new),
        postgres_passfile: path("PGPASSFILE"),
    }
}

fn caches() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let directory = |name| variable(name).map(PathBuf::from).and_then(absolute);
    directory("XDG_CACHE_HOME").or_else(|| directory("HOME").map(|home| home.join(".cache")))
}

#[expect(clippy::disallowed_methods, reason = "this is the environment's owner")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The directory that relative paths start from.
pub(crate) fn directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}
