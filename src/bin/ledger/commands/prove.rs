use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use event_ledger::event::EventRef;
use event_ledger::ledger::Reader;
use event_ledger::proof::{GrowthProof, HeadFile, InclusionReceipt, LogTree, TreePath};

use super::proving::{self, SignFlags};
use super::reading::{self, Moments};
use super::writing;
use crate::failure::Failure;
use crate::flags::{UntilFlags, optional};
use crate::output::json_proof::ProveAnswer;
use crate::output_file::OutputTarget;
use crate::session::{Done, Session};

/// Make a receipt for one event, or a proof that the log has grown
///
/// A receipt shows that one event, byte for byte, is in the log of a head: `ledger check` and a shell
/// script check it without the log. A proof of growth (--since) shows that nothing before an older
/// head was changed. Either has the head of the log as it is now, or the one of --head.
#[derive(Debug, Args)]
#[command(
    after_help = super::help::proving("ledger prove 17 --sign ~/.ssh/id_ed25519 -o 17.tlog-proof"),
    group = clap::ArgGroup::new("what").required(true).args(["event", "since"]),
)]
pub(crate) struct ProveArgs {
    /// The event: its number, key:KEY, head or head~3
    #[arg(value_name = "SEQ")]
    event: Option<String>,
    /// Put the digest of memo and tags in their place
    #[arg(long, conflicts_with = "since")]
    closed: bool,
    /// Prove that the log of this older head file was only appended to
    #[arg(long, value_name = "HEADFILE", value_hint = clap::ValueHint::FilePath)]
    since: Option<PathBuf>,
    /// Use the head in this file, with its signatures
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath,
        conflicts_with_all = ["sign", "until", "known_at"])]
    head: Option<PathBuf>,
    #[command(flatten)]
    sign: SignFlags,
    /// Write to this file
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    until: UntilFlags,
}

/// A proof, made.
struct Proof {
    text: String,
    answer: ProveAnswer,
    done: String,
    torn_bytes: u64,
}

pub(crate) fn run(arguments: &ProveArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    let event = optional(arguments.event.as_deref(), str::parse::<EventRef>)?;
    let older = optional(arguments.since.as_deref(), proving::read_head)?;
    let given = optional(arguments.head.as_deref(), proving::read_head)?;
    let signer = arguments.sign.signer()?;
    let target = optional(arguments.output.as_deref(), |path| {
        proving::proof_target(path, session.path())
    })?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    if let (Some(given), Some(path)) = (&given, &arguments.head) {
        proving::require_ledger(&given.head, path, &reading)?;
    }
    let size = match &given {
        Some(given) => Some(given.head.size),
        None => proving::size_at(&reading, &cutoff)?,
    };
    let signs = signer.is_some();
    let mut head_of = |tree: &LogTree| -> anyhow::Result<HeadFile> {
        match (&given, &arguments.head) {
            (Some(given), Some(path)) => {
                if given.head == tree.head {
                    return Ok(given.clone());
                }
                bail!(proving::other_lines(&given.head, path))
            }
            _ => proving::sign(
                session,
                &reading,
                HeadFile::unsigned(tree.head),
                signer.as_ref(),
            ),
        }
    };
    let mut proof = match (older, &arguments.since, event) {
        (Some(older), Some(path), _) => {
            let tree = proving::tree(
                &reading,
                size,
                TreePath::Consistency(older.head.size),
                signs,
            )?;
            proving::require_growth(&older.head, path, &reading, &tree)?;
            growth(&older, head_of(&tree)?, tree)?
        }
        (_, _, Some(event)) => {
            let seq = resolve(&event, &reading, size.map(std::num::NonZeroU64::get))?;
            let tree = proving::tree(&reading, size, TreePath::Inclusion(seq), signs)?;
            receipt(arguments.closed, head_of(&tree)?, tree)?
        }
        (None, _, None) | (_, None, None) => bail!(Failure::usage("no event is named")),
    };
    writing::torn(session, proof.torn_bytes);
    proof.answer.output = target.as_ref().map(OutputTarget::shown);
    let done = std::mem::take(&mut proof.done);
    proving::put(session, target, &proof.text, |shown| {
        format!("{shown}: {done}")
    })?;
    if session.json {
        if proof.answer.output.is_none() {
            proof.answer.proof = Some(proof.text);
        }
        session.answer(&proof.answer);
    }
    Ok(0)
}

fn growth(older: &HeadFile, newer: HeadFile, tree: LogTree) -> anyhow::Result<Proof> {
    let by = proving::signed_by(&newer);
    let proof = GrowthProof::new(&older.head, tree.path, newer).context("the proof")?;
    Ok(Proof {
        text: proof.to_string(),
        answer: ProveAnswer::growth(older.head.size.get(), proof.newer()),
        done: format!(
            "the log of size {} begins with that of size {}{by}",
            tree.head.size, older.head.size
        ),
        torn_bytes: tree.torn_bytes,
    })
}

fn receipt(is_closed: bool, head: HeadFile, tree: LogTree) -> anyhow::Result<Proof> {
    let by = proving::signed_by(&head);
    let Some(chained) = tree.line else {
        bail!(Failure::damaged("the event's line was not found"));
    };
    let receipt = InclusionReceipt::new(chained.previous, chained.line, tree.path, head)
        .context("the receipt")?;
    let receipt = if is_closed || tree.is_erased {
        receipt.closed()
    } else {
        receipt
    };
    Ok(Proof {
        text: receipt.to_string(),
        answer: ProveAnswer::receipt(&receipt),
        done: format!(
            "receipt for event {} in the log of size {}{by}",
            receipt.index(),
            tree.head.size
        ),
        torn_bytes: tree.torn_bytes,
    })
}

/// The number of the event, among the first lines if only these count.
fn resolve(event: &EventRef, reading: &Reader, lines: Option<u64>) -> anyhow::Result<u64> {
    match (event, lines) {
        (EventRef::Seq(seq), Some(lines)) if *seq >= lines => bail!(proving::missing(*seq, lines)),
        (EventRef::Seq(seq), None) => Ok(*seq),
        _ => reading::event_number(event, reading, lines),
    }
}
