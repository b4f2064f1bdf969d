//! Copies of a log's bytes in files beside it, made before the log itself is changed.
//!
//! A copy and its name are synced before the caller relies on them.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::atomic_file::{Access, AtomicFile};
use super::lines::as_u64;
use super::{LogReader, platform};

/// The longest file name that common file systems take, in bytes.
const NAME_MAX_BYTES: usize = 255;
/// The space for a number appended to a name that is taken.
const NUMBER_BYTES: usize = 6;

/// Copies the bytes of a log from `offset` on to `<file>.<word>-<offset>`, a new file, and syncs it. A
/// copy that cannot be completed leaves nothing.
pub(crate) fn keep_copy(log: &LogReader, offset: u64, word: &str) -> io::Result<PathBuf> {
    let mut copy = AtomicFile::create(&log.path, Access::Owner)?;
    copy_from(log, offset, &mut copy)?;
    Ok(copy.commit_new(names_beside(&log.path, &format!("{word}-{offset}")))?)
}

/// Copies without the holes of the file: they stay holes.
fn copy_from(log: &LogReader, offset: u64, copy: &mut AtomicFile) -> io::Result<()> {
    let mut at = offset;
    let mut copied = offset;
    let mut block = vec![0; 64 * 1024];
    while let Some(data) = platform::next_data(&log.file, at)?.filter(|data| *data < log.length) {
        at = data;
        let most = usize::try_from(log.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let target = block.get_mut(..most.min(64 * 1024)).unwrap_or_default();
        let read = platform::read_at(&log.file, target, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if copied < at {
            copy.set_length(at.saturating_sub(offset))?;
        }
        copy.write_all(target.get(..read).unwrap_or_default())?;
        at = at.saturating_add(as_u64(read));
        copied = at;
    }
    if copied < log.length {
        copy.set_length(log.length.saturating_sub(offset))?;
    }
    Ok(())
}

/// The files beside a log that were copied from it: torn tails, and originals from before a repair.
pub fn copies_beside(log: &Path) -> Vec<PathBuf> {
    let real = std::fs::canonicalize(log).unwrap_or_else(|_| log.to_owned());
    let mut found: Vec<PathBuf> = copies_of(log);
    if real.file_name() != log.file_name() {
        // The log was found through a link.
        found.extend(copies_of(&real));
    }
    found.sort();
    found
}

fn copies_of(log: &Path) -> Vec<PathBuf> {
    const WORDS: [&str; 3] = [".torn-", ".damaged-", ".repairing-"];
    let own = log.file_name().unwrap_or_default().to_string_lossy();
    // A name that was cut ends with a digest.
    let is_own = |start: &str| {
        let cut = start.rsplit_once('~').map(|(cut, _)| cut);
        start == own || cut.is_some_and(|cut| cut.len() > 100 && own.starts_with(cut))
    };
    let directory = match log.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = names.map(|found| found.file_name()).filter(|name| {
        let name = name.to_string_lossy();
        let parts = WORDS.iter().filter_map(|word| name.rsplit_once(word));
        parts.into_iter().any(|(start, _)| is_own(start))
    });
    names.map(|name| log.with_file_name(name)).collect()
}

/// The first name of these that is free.
pub(super) fn free_name_beside(log: &Path, suffix: &str) -> io::Result<PathBuf> {
    names_beside(log, suffix)
        .find(|name| std::fs::symlink_metadata(name).is_err())
        .ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

/// `<file>.<suffix>`, then the same with `.1`, `.2` and so on.
pub(super) fn names_beside(log: &Path, suffix: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let mut name = shortened(
        log.file_name().unwrap_or_default(),
        NAME_MAX_BYTES.saturating_sub(suffix.len().saturating_add(NUMBER_BYTES)),
    );
    name.push(".");
    name.push(suffix);
    let first = log.with_file_name(&name);
    std::iter::once(first.clone()).chain((1_u32..).map(move |number| {
        let mut next = OsString::from(&first);
        next.push(format!(".{number}"));
        PathBuf::from(next)
    }))
}

/// A name of at most this many bytes: a longer one is cut, and part of its digest is added.
fn shortened(name: &OsStr, most: usize) -> OsString {
    if name.len() <= most {
        return name.to_owned();
    }
    let digest: [u8; 32] = Sha256::digest(name.as_encoded_bytes()).into();
    let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
    let text = name.to_string_lossy();
    let kept = text.floor_char_boundary(most.saturating_sub(9));
    let start = text.get(..kept).unwrap_or_default();
    format!("{start}~{}", digits.collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_still_tells_its_log() {
        let long = "ä".repeat(125);
        for (name, suffix) in [("ledger.jsonl", "torn-7"), (&long, "torn-7"), (&long, "x")] {
            let path = Path::new("/d").join(name);
            let mut names = names_beside(&path, suffix);
            for expected in [String::new(), ".1".to_owned(), ".2".to_owned()] {
                let found = names.next().unwrap();
                let found = found.file_name().unwrap().to_str().unwrap();
                assert!(found.len() <= NAME_MAX_BYTES, "{found}");
                assert!(found.ends_with(&format!(".{suffix}{expected}")), "{found}");
                assert!(found.starts_with(&name[..12]), "{found}");
            }
        }
        let other = format!("{}x", &long[2..]);
        let first = |name: &str| names_beside(Path::new(name), "torn-7").next();
        assert_ne!(first(&long), first(&other));
    }
}
