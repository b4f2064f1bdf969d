//! Words as they are in the shell's line, before the shell has parsed them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::environment;

/// A word without its quotes. Variables and globs, which only the shell can resolve, stay.
pub(super) fn unquoted(word: &OsStr) -> OsString {
    let Some(text) = word.to_str() else {
        return word.to_owned();
    };
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None | Some('"'), '\\') => out.extend(characters.next()),
            _ => out.push(c),
        }
    }
    out.into()
}

/// A path with the home directory in place of `~`.
pub(super) fn at_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), environment::variable("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path,
    }
}
