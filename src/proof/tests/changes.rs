//! Every change of one byte makes a file wrong.

use super::{growth, receipt, signed_head, tree_head};
use crate::proof::{GrowthProof, HeadFile, InclusionReceipt, ProofError, ProofFile};

/// Calls with the file after each change of one byte: replaced, left out, doubled, or one put in.
pub(super) fn for_each_change(file: &[u8], mut check: impl FnMut(&[u8])) {
    const OTHERS: &[u8] = b"\0\t\n\r +/09=AZaz\"{}\x7f\x80\xff";
    for at in 0..file.len() {
        let (before, byte, after) = (&file[..at], file[at], &file[at + 1..]);
        let flips = (0..8).map(|bit| byte ^ (1 << bit));
        let neighbours = [byte.wrapping_add(1), byte.wrapping_sub(1)];
        for other in flips.chain(neighbours).chain(OTHERS.iter().copied()) {
            if other != byte {
                check(&[before, &[other], after].concat());
            }
        }
        check(&[before, after].concat());
        for added in [byte, b'\n', b'A', b' ', b'='] {
            let changed = [before, &[added, byte], after].concat();
            if changed != file {
                check(&changed);
            }
        }
    }
    for added in [b'\n', b' ', b'A', 0] {
        check(&[file, &[added]].concat());
    }
}

/// What is checked of the signatures here: all but the last 64 bytes, the Ed25519 signature proper.
fn checked_of_signatures(head: &HeadFile) -> Vec<Vec<u8>> {
    let checked = head.signatures().map(|signature| {
        let (checked, _) = signature.blob().split_last_chunk::<64>().unwrap();
        [signature.name().as_bytes(), checked].concat()
    });
    checked.collect()
}

/// Reads each change of a file, and returns those that are accepted. They may differ from the
/// original in the three signed lines or in the signature itself, but in nothing else: both are
/// rejected by `ssh-keygen`, as the tests with `ssh-keygen` show.
pub(super) fn accepted_changes(
    file: &str,
    read: impl Fn(&[u8]) -> Result<(String, HeadFile), ProofError>,
) -> Vec<HeadFile> {
    let (mut all, mut accepted) = (0, Vec::new());
    let (own_part, head) = read(file.as_bytes()).unwrap();
    for_each_change(file.as_bytes(), |changed| {
        all += 1;
        match read(changed) {
            Err(error) => assert!(error.to_string().len() < 200, "{error}"),
            Ok((part, changed_head)) => {
                let text = String::from_utf8_lossy(changed);
                assert_eq!(part, own_part, "{text}");
                let checked = checked_of_signatures(&changed_head);
                assert_eq!(checked, checked_of_signatures(&head), "{text}");
                assert_ne!(changed_head, head, "{text}");
                accepted.push(changed_head);
            }
        }
    });
    assert!(all > 5_000, "{all} changes");
    assert!(
        accepted.len() < 3_000,
        "{} accepted of {all}",
        accepted.len()
    );
    accepted
}

fn read_receipt(bytes: &[u8]) -> Result<(String, HeadFile), ProofError> {
    let read = InclusionReceipt::read(bytes)?;
    let own_part = format!("{:?} {} {}", read.previous(), read.line(), read.index());
    Ok((own_part, read.head().clone()))
}

/// The changes of a signed receipt that only `ssh-keygen` can refuse.
pub(super) fn changes_left_to_ssh_keygen(receipt: &InclusionReceipt) -> Vec<HeadFile> {
    accepted_changes(&receipt.to_string(), read_receipt)
}

#[test]
fn a_changed_head_file_is_refused_unless_only_a_signature_can_tell() {
    let file = signed_head(11).to_string();
    accepted_changes(&file, |bytes| {
        HeadFile::read(bytes).map(|head| (String::new(), head))
    });
}

#[test]
fn a_changed_receipt_is_refused_unless_only_a_signature_can_tell() {
    // Event 5 has a note, event 4 a redacted one, event 0 no hash before it.
    for seq in [5, 4, 0] {
        changes_left_to_ssh_keygen(&receipt(seq, signed_head(11)));
    }
    changes_left_to_ssh_keygen(&receipt(5, signed_head(11)).closed());
}

#[test]
fn a_changed_proof_of_growth_is_refused_unless_only_a_signature_can_tell() {
    let older = tree_head(7);
    let file = growth(&older, signed_head(11)).to_string();
    accepted_changes(&file, |bytes| {
        let read = GrowthProof::read(bytes)?;
        read.check(&older)?;
        Ok((String::new(), read.newer().clone()))
    });
}

#[test]
fn no_byte_of_an_unsigned_file_may_change_if_its_head_was_kept() {
    let unsigned = || HeadFile::unsigned(tree_head(11));
    let (older, newer) = (tree_head(7), tree_head(11));
    for file in [
        receipt(5, unsigned()).to_string(),
        receipt(5, unsigned()).closed().to_string(),
        growth(&older, unsigned()).to_string(),
        unsigned().to_string(),
    ] {
        for_each_change(file.as_bytes(), |changed| {
            let head = match ProofFile::read(changed) {
                Err(_) => None,
                Ok(ProofFile::Receipt(receipt)) => Some(receipt.head().head),
                Ok(ProofFile::Growth(growth)) => {
                    let is_right = growth.check(&older).is_ok();
                    is_right.then_some(growth.newer().head)
                }
                Ok(ProofFile::Head(head)) => Some(head.head),
            };
            assert_ne!(head, Some(newer), "{}", String::from_utf8_lossy(changed));
        });
    }
}
