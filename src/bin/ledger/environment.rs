//! The environment: the one place that reads it.
//!
//! `LEDGER_FILE` is never read: it belongs to hledger and ledger-cli, and their journal must not
//! cost anyone a byte.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::output::colour::ColourWishes;

/// What the environment says, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `LEDGER_NOW`: stands in for the clock.
    pub(crate) now: Option<OsString>,
    /// About colour.
    pub(crate) colour: ColourWishes,
    /// Where this user's caches lie: `XDG_CACHE_HOME`, else `.cache` in `HOME`; only where that is
    /// an absolute path, as the convention has it.
    pub(crate) caches: Option<PathBuf>,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Environment {
        Environment {
            now: variable("LEDGER_NOW"),
            colour: ColourWishes {
                no_color: variable("NO_COLOR"),
                clicolor_force: variable("CLICOLOR_FORCE"),
                term: variable("TERM"),
            },
            caches: caches(),
        }
    }
}

fn caches() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let directory = |name| variable(name).map(PathBuf::from).and_then(absolute);
    directory("XDG_CACHE_HOME").or_else(|| directory("HOME").map(|home| home.join(".cache")))
}

/// One variable, where it is set.
#[expect(clippy::disallowed_methods, reason = "this is the environment's owner")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The directory that relative paths start from.
pub(crate) fn directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}
