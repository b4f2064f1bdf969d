use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use event_ledger::event::Entry;
use event_ledger::log::decode;
use event_ledger::proof::{HeadFile, ProofFile, SshSignature, TreeHead};
use event_ledger::time::Zone;

use super::proving;
use crate::failure::{Correction, Failure};
use crate::flags::optional;
use crate::output::json_proof::CheckAnswer;
use crate::output::sentence;
use crate::session::{Done, Session};
use crate::ssh_keygen::verify_signatures;

/// Check a receipt, a proof of growth or a head file, without a log
///
/// A proof that anyone could have made proves nothing, so one of --signers and --head is required.
/// One known signer is enough; a wrong signature of a known one is an error. --head names the head
/// of a receipt, or the older head of a proof of growth.
#[derive(Debug, Args)]
#[command(after_help = super::help::checking(
    "ledger check 17.tlog-proof --signers allowed_signers"
))]
pub(crate) struct CheckArgs {
    /// The receipt, proof of growth or head file
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    proof: PathBuf,
    /// The allowed signers, in a file as OpenSSH reads it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    signers: Option<PathBuf>,
    /// A head file that you kept
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    head: Option<PathBuf>,
}

pub(crate) fn run(arguments: &CheckArgs, session: &mut Session) -> Done {
    if arguments.signers.is_none() && arguments.head.is_none() {
        bail!(
            Failure::usage(
                "a proof that anyone could have made proves nothing: name who may sign, \
                            or a head that you kept"
            )
            .corrected([Correction::flag("--signers", "allowed_signers")])
        );
    }
    let mut answer = CheckAnswer::default();
    let mut lines = Vec::new();
    match check(arguments, &mut answer, &mut lines) {
        Ok(()) => {
            answer.ok = true;
            if session.json {
                session.answer(&answer);
            } else if !session.quiet {
                for line in lines {
                    session.line(&line);
                }
            }
            Ok(0)
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !session.json || failure.exit_code() != 6 {
                bail!(failure);
            }
            answer.code = Some(failure.code().to_owned());
            answer.detail = Some(failure.message());
            session.answer(&answer);
            Ok(failure.exit_code())
        }
    }
}

/// Checks a file, and fills in what is known of it up to the first error.
fn check(
    arguments: &CheckArgs,
    answer: &mut CheckAnswer,
    lines: &mut Vec<String>,
) -> anyhow::Result<()> {
    let named = || arguments.proof.display().to_string();
    let kept = optional(arguments.head.as_deref(), proving::read_head)?;
    let bytes = proving::read_file(&arguments.proof)?;
    answer.kind = kind(&bytes).map(str::to_owned);
    let proof = ProofFile::read(&bytes).with_context(named)?;
    let head = match &proof {
        ProofFile::Receipt(receipt) => receipt.head(),
        ProofFile::Growth(growth) => growth.newer(),
        ProofFile::Head(head) => head,
    };
    answer.of_head(&head.head);
    let TreeHead { ledger, size, .. } = head.head;
    match &proof {
        ProofFile::Receipt(receipt) => {
            answer.index = Some(receipt.index());
            let entry = decode(receipt.line().as_bytes()).with_context(named)?;
            lines.push(format!(
                "event {} is in the ledger {ledger} of size {size}",
                receipt.index()
            ));
            lines.push(event_line(&entry));
            answer.event = Some(entry.into_owned());
        }
        ProofFile::Growth(growth) => {
            let Some(older) = &kept else {
                bail!(
                    Failure::usage("a proof of growth is checked together with the older head")
                        .corrected([Correction::flag("--head", "older.head")])
                );
            };
            growth.check(&older.head).with_context(named)?;
            lines.push(format!(
                "the ledger {ledger} of size {size} begins with all of size {}",
                older.head.size
            ));
        }
        ProofFile::Head(_) => {
            lines.push(format!("the ledger {ledger} has the head of size {size}"));
        }
    }
    if let (Some(kept), Some(path)) = (&kept, &arguments.head)
        && !matches!(proof, ProofFile::Growth(_))
        && kept.head != head.head
    {
        bail!(other_head(&head.head, &kept.head, path));
    }
    lines.extend(signers(arguments, head, answer)?);
    if let (ProofFile::Growth(_), None) = (&proof, &arguments.signers) {
        lines.push(format!(
            "anyone can append to a copy of a log: only --signers vouches for the size {size}"
        ));
    }
    Ok(())
}

/// Verifies the signatures, if signers are named, and returns what to say of them.
fn signers(
    arguments: &CheckArgs,
    head: &HeadFile,
    answer: &mut CheckAnswer,
) -> anyhow::Result<Vec<String>> {
    let Some(allowed) = &arguments.signers else {
        return Ok(vec!["no signature was checked".to_owned()]);
    };
    let known = verify_signatures(head, allowed)?;
    answer.of_signers(&known);
    let line = |signature: &&SshSignature| format!("signed by {}", signature.name());
    Ok(known.iter().map(line).collect())
}

fn event_line(entry: &Entry<'_>) -> String {
    let memo = entry
        .memo()
        .map_or_else(String::new, |memo| format!(" · {memo}"));
    format!(
        "{} · {}{memo}",
        sentence::of_entry(entry, &Zone::utc()),
        entry.took_effect()
    )
}

fn other_head(own: &TreeHead, kept: &TreeHead, path: &Path) -> Failure {
    let of = |head: &TreeHead| {
        let TreeHead { ledger, size, root } = head;
        format!("ledger {ledger}, size {size}, root {root}")
    };
    Failure::head_mismatch(format!(
        "its head is another than the one in {}: {}, not {}",
        path.display(),
        of(own),
        of(kept)
    ))
}

/// The kind that the first bytes announce.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    [
        ("c2sp.org/", "receipt"),
        ("old ", "growth"),
        ("ledger/", "head"),
    ]
    .into_iter()
    .find(|(start, _)| bytes.starts_with(start.as_bytes()))
    .map(|(_, kind)| kind)
}
