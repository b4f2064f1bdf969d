use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions};
use event_ledger::proof::{HeadFile, TreePath};

use super::proving::{self, SignFlags};
use super::reading::{self, Moments};
use super::writing;
use crate::failure::Failure;
use crate::flags::UntilFlags;
use crate::output::json::bound_text;
use crate::output::json_proof::TreeAnswer;
use crate::output::json_reading::HeadAnswer;
use crate::output_file::OutputTarget;
use crate::session::{Done, Session};

/// Show where the log ends; a copy kept elsewhere detects tampering
///
/// SEQ:HASH is the number and the hash of the last event: --if-head and verify --head take it.
///
/// With --tree it is a head file: the number of lines and the root of the tree over them, which
/// receipts and proofs of growth refer to. If --output names a head file of this ledger, the log must
/// have grown from it; otherwise nothing is signed or written (exit 6). So a job that signs the head
/// every night also watches over the log.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger withdraw 20 --if-head \"$(ledger head)\""))]
pub(crate) struct HeadArgs {
    /// Make a head file, with the root of the tree
    #[arg(long)]
    tree: bool,
    #[command(flatten)]
    sign: SignFlags,
    /// Write the head file here
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &HeadArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    if arguments.tree || arguments.sign.sign.is_some() {
        return head_file(arguments, &moments, session);
    }
    if arguments.output.is_some() {
        bail!(
            Failure::usage("--output writes a head file")
                .with_hint("ledger head --tree --output ledger.head")
        );
    }
    let (reading, cutoff) = reading::open(session, &moments)?;
    let mut newest = None;
    let replayed = if cutoff.until.is_none() {
        reading.query(cutoff.clone(), None, AccountQuery::None)?
    } else {
        reading.scan::<LedgerError>(
            cutoff.clone(),
            None,
            ReadOptions::SILENT,
            |entry, _, counted| {
                if counted {
                    newest = Some((entry.seq, entry.hash, entry.at));
                }
                Ok(())
            },
        )?
    };
    let Some((seq, hash, at)) = newest.or_else(|| replayed.replay.last()) else {
        bail!(Failure::damaged("the log has no first line"));
    };
    reading::warn(session, &reading, &replayed);
    let head = format!("{seq}:{hash}");
    if session.json {
        let answer = HeadAnswer {
            ledger: reading.opening().id.to_string(),
            seq,
            hash: hash.to_string(),
            head,
            at: at.to_string(),
            until: bound_text(cutoff.until),
            known_at: bound_text(cutoff.known_at),
            torn_bytes: replayed.torn_bytes(),
            tree: None,
        };
        session.answer(&answer);
        return Ok(0);
    }
    reading::note_resolved(session, &cutoff, &reading);
    session.line(&head);
    Ok(0)
}

fn head_file(arguments: &HeadArgs, moments: &Moments, session: &mut Session) -> Done {
    let signer = arguments.sign.signer()?;
    let output = arguments.output.as_deref();
    let target = output.map(|path| proving::head_target(path, session.path()));
    let target = target.transpose()?;
    // The head that the file has today, if it has one.
    let kept = output.filter(|path| path.metadata().is_ok_and(|found| found.len() > 0));
    let kept = kept.map(|path| Ok::<_, anyhow::Error>((path, proving::read_head(path)?)));
    let kept = kept.transpose()?;
    let (reading, cutoff) = reading::open(session, moments)?;
    let path = match &kept {
        Some((path, kept)) => {
            proving::require_ledger(&kept.head, path, &reading)?;
            TreePath::Consistency(kept.head.size)
        }
        None => TreePath::None,
    };
    let size = proving::size_at(&reading, &cutoff)?;
    let tree = proving::tree(&reading, size, path, signer.is_some())?;
    let mut head = HeadFile::unsigned(tree.head);
    if let Some((path, kept)) = kept {
        proving::require_growth(&kept.head, path, &reading, &tree)?;
        if kept.head == head.head {
            // The same head: other signatures of it are kept.
            head = kept;
        }
    }
    let head = proving::sign(session, &reading, head, signer.as_ref())?;
    writing::torn(session, tree.torn_bytes);
    let shown = target.as_ref().map(OutputTarget::shown);
    let seq = tree.head.size.get().saturating_sub(1);
    reading::note_resolved(session, &cutoff, &reading);
    proving::put(session, target, &head.to_string(), |shown| {
        let size = tree.head.size;
        format!("{shown}: head of size {size}{}", proving::signed_by(&head))
    })?;
    if session.json {
        let at = reading.entry(seq)?.map(|entry| entry.at.to_string());
        let answer = HeadAnswer {
            ledger: tree.head.ledger.to_string(),
            seq,
            hash: tree.hash.to_string(),
            head: format!("{seq}:{}", tree.hash),
            at: at.unwrap_or_default(),
            until: bound_text(cutoff.until),
            known_at: bound_text(cutoff.known_at),
            torn_bytes: tree.torn_bytes,
            tree: Some(TreeAnswer::of(&head, shown)),
        };
        session.answer(&answer);
    }
    Ok(0)
}
