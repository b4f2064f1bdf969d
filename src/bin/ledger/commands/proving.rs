//! What the commands share that make heads, receipts and proofs of growth.

use std::fs::File;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use event_ledger::event::Head;
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions, Reader};
use event_ledger::log::Access;
use event_ledger::proof::{
    HeadFile, LogTree, LogTreeError, PROOF_FILE_MAX_BYTES, ProofFile, TreeHead, TreePath, TreeRoots,
};
use event_ledger::replay::Cutoff;

use crate::failure::{Correction, Failure};
use crate::input_file::read_limited;
use crate::output_file::{OutputTarget, beginning};
use crate::session::Session;
use crate::ssh_keygen::Signer;

/// Who signs a head.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SignFlags {
    /// Sign the head with this key, by running ssh-keygen
    ///
    /// The key may be a private key file, or a public one whose private key is in an agent or on a
    /// security key. Only ssh-keygen reads it.
    #[arg(long, value_name = "KEY", value_hint = clap::ValueHint::FilePath)]
    pub(crate) sign: Option<PathBuf>,
    /// The signer's name, if not the key's comment
    #[arg(long = "as", value_name = "NAME", requires = "sign")]
    name: Option<String>,
}

impl SignFlags {
    pub(crate) fn signer(&self) -> anyhow::Result<Option<Signer>> {
        let signer = |key: &PathBuf| Signer::new(key, self.name.as_deref());
        self.sign.as_ref().map(signer).transpose()
    }
}

/// The bytes of a proof file.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(PROOF_FILE_MAX_BYTES).unwrap_or(u64::MAX);
    let read = read_limited(path, limit);
    Ok(read.map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        if error.kind() == std::io::ErrorKind::FileTooLarge {
            Failure::new("proof_invalid", message)
        } else {
            Failure::io(message)
        }
    })?)
}

/// A head file.
///
/// # Errors
/// As those of [`read_file`]; a usage failure if a head was typed instead of a file.
pub(crate) fn read_head(path: &Path) -> anyhow::Result<HeadFile> {
    let typed = path.to_str().and_then(|text| text.parse::<Head>().ok());
    if typed.is_some() && !path.exists() {
        bail!(
            Failure::usage(format!(
                "{} is a head, but a head file is needed here: it has the root of the tree too",
                path.display()
            ))
            .with_hint("ledger head --help")
        );
    }
    HeadFile::read(&read_file(path)?).with_context(|| path.display().to_string())
}

/// Where a head file goes.
pub(crate) fn head_target(path: &Path, log: &Path) -> anyhow::Result<OutputTarget> {
    let target = OutputTarget::new(path, log, "--output ledger.head", |file| {
        Ok(matches!(proof_in(file)?, Some(ProofFile::Head(_))))
    });
    Ok(target?)
}

/// Where a receipt or a proof of growth goes.
pub(crate) fn proof_target(path: &Path, log: &Path) -> anyhow::Result<OutputTarget> {
    let target = OutputTarget::new(path, log, "--output event.tlog-proof", |file| {
        let found = proof_in(file)?;
        Ok(found.is_some_and(|found| !matches!(found, ProofFile::Head(_))))
    });
    Ok(target?)
}

fn proof_in(file: &File) -> std::io::Result<Option<ProofFile>> {
    let most = u64::try_from(PROOF_FILE_MAX_BYTES).unwrap_or(u64::MAX);
    let bytes = beginning(file, most.saturating_add(1))?;
    Ok(ProofFile::read(&bytes).ok())
}

/// The size of the tree up to the newest event that counts; none for the whole log.
pub(crate) fn size_at(reading: &Reader, cutoff: &Cutoff) -> anyhow::Result<Option<NonZeroU64>> {
    if cutoff.until.is_none() && cutoff.known_at.is_none() {
        return Ok(None);
    }
    // The first line is there whatever the moment.
    let mut newest = 0;
    reading.scan::<LedgerError>(
        cutoff.clone(),
        None,
        ReadOptions::default(),
        |entry, _, counted| {
            if counted {
                newest = entry.seq;
            }
            Ok(())
        },
    )?;
    Ok(NonZeroU64::new(newest.saturating_add(1)))
}

/// The tree of a log. Roots that were kept are used unless the head is to be signed: what is signed
/// is read.
///
/// # Errors
/// `head_mismatch` if the log has fewer lines than the older head of a consistency path;
/// `invalid_time` if the tree would end inside a batch.
pub(crate) fn tree(
    reading: &Reader,
    size: Option<NonZeroU64>,
    path: TreePath,
    is_signed: bool,
) -> anyhow::Result<LogTree> {
    let tree = match tree_of(reading, size, path, is_signed) {
        Ok(tree) => tree,
        Err(LogTreeError::Log(error)) => bail!(LedgerError::from(error)),
        Err(LogTreeError::TooShort { lines }) => bail!(too_short(size, path, lines)),
    };
    if let Some(end) = tree.batch_end {
        let last = tree.head.size.get().saturating_sub(1);
        bail!(
            Failure::invalid_time(format!(
                "event {last} is inside a batch that ends with event {end}; a head never ends \
                 inside a batch"
            ))
            .corrected([Correction::flag("--until", format!("seq:{end}"))])
        );
    }
    // The tree has no accounts. This finds out whether their rules were kept.
    reading.query(Cutoff::default(), None, AccountQuery::None)?;
    Ok(tree)
}

fn tree_of(
    reading: &Reader,
    size: Option<NonZeroU64>,
    path: TreePath,
    is_signed: bool,
) -> Result<LogTree, LogTreeError> {
    let (log, id) = (reading.log(), reading.opening().id);
    let cache = reading.checkpoints();
    let kept = cache.and_then(|cache| cache.tree(&id, log.path()));
    let kept = kept.and_then(|bytes| TreeRoots::read(&bytes, &id));
    let found = match kept.as_ref().filter(|_| !is_signed) {
        Some(roots) => LogTree::from_roots(log, id, size, path, roots)?,
        None => None,
    };
    let (tree, roots) = match found {
        Some(found) => found,
        None => LogTree::scan(log, id, size, path)?,
    };
    if let (Some(cache), Some(roots)) = (cache, roots)
        && kept.as_ref() != Some(&roots)
    {
        cache.keep_tree(&id, log.path(), &roots.write(&id));
    }
    Ok(tree)
}

fn too_short(size: Option<NonZeroU64>, path: TreePath, lines: u64) -> Failure {
    let wanted = match path {
        TreePath::Inclusion(seq) if size.is_none_or(|size| size.get() <= lines) => {
            return missing(seq, size.map_or(lines, NonZeroU64::get));
        }
        TreePath::Consistency(older) => size.map_or(older, |size| size.max(older)),
        TreePath::None | TreePath::Inclusion(_) => size.unwrap_or(NonZeroU64::MIN),
    };
    let lines = size.map_or(lines, |size| size.get().min(lines));
    Failure::head_mismatch(format!(
        "the head has size {wanted}, but there are only {lines} lines: the end was cut off, or \
         this is another log"
    ))
    .with_hint("ledger verify")
}

/// An event that is not there.
pub(crate) fn missing(seq: u64, lines: u64) -> Failure {
    let last = lines.saturating_sub(1);
    Failure::usage(format!("there is no event {seq}: the last is event {last}"))
        .with_hint("ledger replay")
}

/// Refuses a log that does not begin with the lines of an older head.
pub(crate) fn require_growth(
    older: &TreeHead,
    named: &Path,
    reading: &Reader,
    tree: &LogTree,
) -> anyhow::Result<()> {
    require_ledger(older, named, reading)?;
    if tree.older_root == Some(older.root) {
        return Ok(());
    }
    Err(other_lines(older, named).with_hint("ledger verify").into())
}

/// A log that does not begin with the lines of a head.
pub(crate) fn other_lines(head: &TreeHead, named: &Path) -> Failure {
    Failure::head_mismatch(format!(
        "the log does not begin with the {} lines of the head in {}: it was changed, or is another",
        head.size,
        named.display()
    ))
}

/// Refuses a head of another ledger.
pub(crate) fn require_ledger(
    head: &TreeHead,
    named: &Path,
    reading: &Reader,
) -> anyhow::Result<()> {
    let own = reading.opening().id;
    if head.ledger == own {
        return Ok(());
    }
    Err(Failure::head_mismatch(format!(
        "{} is a head of the ledger {}, this is {own}",
        named.display(),
        head.ledger
    ))
    .into())
}

/// Adds a signature to a head, after the log has been written to the disk.
pub(crate) fn sign(
    session: &mut Session,
    reading: &Reader,
    mut head: HeadFile,
    signer: Option<&Signer>,
) -> anyhow::Result<HeadFile> {
    if let Some(signer) = signer {
        let log = reading.log();
        // Otherwise a power cut could take away what was signed.
        if cfg!(unix) {
            log.file().sync_all().map_err(|error| {
                Failure::io(format!("cannot sync {}: {error}", log.path().display()))
            })?;
        }
        if signer.needs_touch() && !session.quiet && !session.json {
            session.printer.note("signing", "touch the security key");
        }
        head.add_signature(signer.sign(&head.head)?);
    }
    Ok(head)
}

/// Writes a file, or prints it if there is no file to write.
pub(crate) fn put(
    session: &mut Session,
    target: Option<OutputTarget>,
    text: &str,
    done: impl FnOnce(&str) -> String,
) -> anyhow::Result<()> {
    let Some(target) = target else {
        if session.json {
            return Ok(());
        }
        let _ = if session.printer.is_terminal() {
            session
                .printer
                .rendered(&crate::output::text::harmless_lines(text))
        } else {
            session.printer.bytes(text.as_bytes())
        };
        return Ok(());
    };
    let shown = target.shown();
    target.write(text.as_bytes(), Access::Owner)?;
    if !session.quiet && !session.json {
        session.line(&done(&shown));
    }
    Ok(())
}

/// `, signed by alice@example.com and bob@example.com`
pub(crate) fn signed_by(head: &HeadFile) -> String {
    let names: Vec<&str> = head
        .signatures()
        .map(event_ledger::proof::SshSignature::name)
        .collect();
    if names.is_empty() {
        ", not signed".to_owned()
    } else {
        format!(", signed by {}", names.join(" and "))
    }
}
