//! Files that are made for people and are no logs: written whole or not at all.
//!
//! Owns how they come to be, beside what may not be written over. Must not know what is in them.

use anyhow::bail;
use std::fs::{Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, quoted};

/// Writes a page. What is there already is only written over where it is a page as well, and never
/// where it is the log.
pub(crate) fn write_page(file: &Path, log: &Path, text: &str) -> anyhow::Result<()> {
    let target = target(file)?;
    let found = match std::fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => bail!(failed(file, &error)),
    };
    if let Some(metadata) = &found {
        refuse_what_is_no_page(file, &target, metadata, log)?;
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let written = NamedTempFile::new_in(folder).and_then(|mut draft| {
        draft.write_all(text.as_bytes())?;
        if let Some(metadata) = found {
            draft.as_file().set_permissions(metadata.permissions())?;
        }
        // So that after a power cut there is the old page or the new one.
        draft.as_file().sync_all()?;
        draft.persist(&target)?;
        Ok(())
    });
    Ok(written.map_err(|error| failed(file, &error))?)
}

/// Where a path leads: a link stays a link, and what it names is written.
fn target(file: &Path) -> anyhow::Result<PathBuf> {
    match std::fs::canonicalize(file) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(file.to_owned()),
        Err(error) => Err(failed(file, &error).into()),
    }
}

fn refuse_what_is_no_page(
    file: &Path,
    target: &Path,
    metadata: &Metadata,
    log: &Path,
) -> anyhow::Result<()> {
    let name = file.display();
    let elsewhere = |message: String| {
        Failure::usage(message).with_hint(Some("--html report.html names another".to_owned()))
    };
    if std::fs::canonicalize(log).is_ok_and(|log| log == target) {
        bail!(elsewhere(format!("{name} is the log itself")));
    }
    if !metadata.is_file() {
        bail!(elsewhere(format!("{name} is no regular file")));
    }
    let mut start = Vec::new();
    OpenOptions::new()
        .read(true)
        .open(target)
        .and_then(|opened| opened.take(15).read_to_end(&mut start))
        .map_err(|error| failed(file, &error))?;
    if start.is_empty() || start.eq_ignore_ascii_case(b"<!doctype html>") {
        return Ok(());
    }
    Err(elsewhere(format!(
        "{name} is there and is no page, and stays as it is"
    ))
    .into())
}

fn failed(file: &Path, error: &std::io::Error) -> Failure {
    let folder = file.parent().map(|folder| folder.display().to_string());
    let is_missing = error.kind() == ErrorKind::NotFound;
    // Not the error itself, which names the draft that nobody asked for.
    let why = if is_missing {
        "there is no such folder".to_owned()
    } else {
        error.kind().to_string()
    };
    Failure::io(format!("cannot write {}: {why}", file.display())).with_hint(
        folder
            .filter(|folder| is_missing && !folder.is_empty())
            .map(|folder| format!("mkdir -p {}", quoted(&folder))),
    )
}
