//! Which log a command works on: `--file`, otherwise `LEDGER_LOG`, otherwise the nearest
//! `ledger.jsonl` in this directory or one of its parents.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::bail;
use event_ledger::remote::Address;

use crate::environment::{self, Environment};
use crate::failure::Failure;

/// The name of a log that nothing names.
const NAME: &str = "ledger.jsonl";

/// The log of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    /// Its path, absolute if it is in a parent of the current directory; the address if it is on an
    /// engine.
    pub(crate) path: PathBuf,
    /// The address, if the log is on an engine.
    pub(crate) address: Option<Address>,
    /// True if it was found in a parent of the current directory.
    pub(crate) in_a_parent: bool,
}

impl Default for Located {
    fn default() -> Located {
        Located {
            path: Path::new(".").join(NAME),
            address: None,
            in_a_parent: false,
        }
    }
}

impl Located {
    /// The log that a word names: a path, or an address on an engine.
    pub(crate) fn named(word: &OsStr, environment: &Environment) -> anyhow::Result<Located> {
        let address = word.to_str().filter(|text| Address::is_meant(text));
        let address = address
            .map(|text| Address::parse(text, &environment.secrets))
            .transpose()?;
        let path = address.as_ref().map_or_else(
            || PathBuf::from(word),
            |address| address.log_name().as_str().into(),
        );
        Ok(Located {
            path,
            address,
            in_a_parent: false,
        })
    }
}

/// Finds the log. `here_only` is for a command that starts one.
pub(crate) fn locate(
    flag: Option<PathBuf>,
    environment: &Environment,
    here_only: bool,
) -> anyhow::Result<Located> {
    let named = |path: PathBuf| Located {
        path,
        ..Located::default()
    };
    if let Some(path) = flag {
        return Located::named(path.as_os_str(), environment);
    }
    match &environment.log {
        Some(path) if path.is_empty() => {
            bail!(
                Failure::usage("the environment variable LEDGER_LOG is set, but empty")
                    .with_hint("unset LEDGER_LOG")
            )
        }
        Some(path) => return Located::named(path, environment),
        None => {}
    }
    let here = Path::new(".").join(NAME);
    if here_only || here.symlink_metadata().is_ok() {
        return Ok(named(here));
    }
    let in_a_parent = environment::directory()
        .and_then(|directory| nearest_above(&directory, environment.home.as_ref()));
    Ok(match in_a_parent {
        Some(path) => Located {
            path,
            address: None,
            in_a_parent: true,
        },
        None => named(here),
    })
}

/// The nearest log above a directory. The search stops at a file system boundary and, inside the home
/// directory, at that. Another user's file, and a link of another user, do not count.
fn nearest_above(directory: &Path, home: Option<&OsString>) -> Option<PathBuf> {
    let home = home.and_then(|home| std::fs::canonicalize(home).ok());
    let home = home.filter(|home| directory.starts_with(home));
    let device = device(directory);
    for parent in directory.ancestors() {
        if self::device(parent) != device {
            return None;
        }
        let candidate = parent.join(NAME);
        if parent != directory && is_own_file(&candidate) {
            return Some(candidate);
        }
        if home.as_deref() == Some(parent) {
            return None;
        }
    }
    None
}

#[cfg(unix)]
fn device(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;

    path.metadata().ok().map(|metadata| metadata.dev())
}

#[cfg(unix)]
fn is_own_file(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let user = rustix::process::geteuid().as_raw();
    let is_own = |metadata: &std::fs::Metadata| metadata.uid() == user;
    path.symlink_metadata().is_ok_and(|link| is_own(&link))
        && path
            .metadata()
            .is_ok_and(|file| file.is_file() && is_own(&file))
}

#[cfg(not(unix))]
fn device(_: &Path) -> Option<u64> {
    None
}

#[cfg(not(unix))]
fn is_own_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file())
}
