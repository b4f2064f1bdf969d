//! Tests of the room: a small log, signed once by `ssh-keygen`, and what is made from it.

mod agreement;
mod changes;
mod files;
mod kept_roots;
mod shell_checker;
mod signatures;
mod ssh_keygen;
mod vectors;

use std::fmt::Write as _;
use std::num::NonZeroU64;

use sha2::{Digest as _, Sha256};

use super::{
    GrowthProof, HeadFile, InclusionReceipt, SshSignature, TreeBuilder, TreeHash, TreeHead,
    TreeProof,
};
use crate::event::{Hash, LedgerId};

/// The signer of the heads of size 11 and 7, and the key as an `allowed_signers` file has it.
const SIGNER: &str = "alice@example.com";
const PUBLIC_KEY: &str = include_str!("alice.pub");
const SIGNATURE_OF_7: &str = include_str!("head-7.sig");
const SIGNATURE_OF_11: &str = include_str!("head-11.sig");

fn sha(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

fn hash(text: &str) -> Hash {
    Hash::from_hex(text.as_bytes()).unwrap()
}

fn size(size: u64) -> NonZeroU64 {
    NonZeroU64::new(size).unwrap()
}

fn at(index: u64) -> usize {
    usize::try_from(index).unwrap()
}

/// What a builder makes of some lines.
fn proof_over(lines: &[Line], mut tree: TreeBuilder) -> TreeProof {
    for line in lines {
        tree.push(&line.hash);
    }
    tree.finish().unwrap()
}

/// A line and its hash.
struct Line {
    text: String,
    hash: Hash,
}

/// A line after another one: the bytes before its hash, and its note's object or quoted digest.
fn line(previous: Option<&Line>, hashed: &str, note: Option<&str>) -> Line {
    let previous = previous.map_or("", |line| line.hash.as_str());
    let digest = match note {
        Some(object) if object.starts_with('{') => sha(object.as_bytes()),
        Some(digest) => digest.trim_matches('"').to_owned(),
        None => String::new(),
    };
    let own = sha(format!("{previous}\n{hashed}\n{digest}").as_bytes());
    let note = note.map_or(String::new(), |note| format!(r#","note":{note}"#));
    Line {
        text: format!(r#"{hashed},"hash":"{own}"{note}}}"#),
        hash: hash(&own),
    }
}

/// The first lines of a log of both versions: some with a note, some with a redacted one.
fn log(lines: u64) -> Vec<Line> {
    let mut log: Vec<Line> = Vec::new();
    for seq in 0..lines {
        let at = format!("2026-11-23T10:15:{seq:02}.000000Z");
        let hashed = match seq {
            0 => format!(
                r#"{{"v":1,"seq":0,"at":"{at}","type":"ledger","id":"61d653e216c7d1758c66db83d5637773","currency":"EUR","zone":"Europe/Vienna""#
            ),
            1 => format!(
                r#"{{"v":2,"seq":1,"at":"{at}","type":"hold","from":"rider:asha","amount":"200.00","currency":"EUR""#
            ),
            _ => format!(
                r#"{{"v":1,"seq":{seq},"at":"{at}","type":"deposit","account":"main","amount":"{seq}.00","currency":"EUR","key":"a,\"hash\":\"b""#
            ),
        };
        let note = match seq % 3 {
            2 => Some(format!(
                r#"{{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"lunch {seq} }}"}}"#
            )),
            1 => Some(format!("\"{}\"", sha(b"redacted"))),
            _ => None,
        };
        log.push(line(log.last(), &hashed, note.as_deref()));
    }
    log
}

/// RFC 6962, 2.1, word for word.
fn naive_root(leaves: &[TreeHash]) -> TreeHash {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(split_of(leaves.len()));
    TreeHash::of_node(naive_root(left), naive_root(right))
}

/// The largest power of two below a size.
fn split_of(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// RFC 6962, 2.1.1.
fn naive_path(index: usize, leaves: &[TreeHash]) -> Vec<TreeHash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split_of(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (naive_path(index, left), right)
    } else {
        (naive_path(index - left.len(), right), left)
    };
    path.push(naive_root(sibling));
    path
}

/// RFC 6962, 2.1.2; `is_whole` while the subtree starts the older tree.
fn naive_growth(older: usize, leaves: &[TreeHash], is_whole: bool) -> Vec<TreeHash> {
    if older == leaves.len() {
        return if is_whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(split_of(leaves.len()));
    let (mut path, sibling) = if older <= left.len() {
        (naive_growth(older, left, is_whole), right)
    } else {
        (naive_growth(older - left.len(), right, false), left)
    };
    path.push(naive_root(sibling));
    path
}

fn tree_head(lines: u64) -> TreeHead {
    head_of(&log(lines))
}

fn head_of(lines: &[Line]) -> TreeHead {
    TreeHead {
        ledger: LedgerId::from_hex(b"61d653e216c7d1758c66db83d5637773").unwrap(),
        size: size(lines.len().try_into().unwrap()),
        root: proof_over(lines, TreeBuilder::new()).root,
    }
}

/// The head of 7 or of 11 lines, signed.
fn signed_head(lines: u64) -> HeadFile {
    let armored = match lines {
        7 => SIGNATURE_OF_7,
        11 => SIGNATURE_OF_11,
        _ => panic!("no signature of {lines} lines"),
    };
    let mut file = HeadFile::unsigned(tree_head(lines));
    file.add_signature(SshSignature::from_armored(SIGNER, armored).unwrap());
    file
}

fn receipt(seq: u64, head: HeadFile) -> InclusionReceipt {
    receipt_from(&log(head.head.size.get()), seq, head)
}

fn receipt_from(log: &[Line], seq: u64, head: HeadFile) -> InclusionReceipt {
    let index = at(seq);
    let previous = index.checked_sub(1).map(|before| log[before].hash);
    let path = proof_over(log, TreeBuilder::for_inclusion(seq)).path;
    InclusionReceipt::new(previous, log[index].text.clone(), path, head).unwrap()
}

fn growth(older: &TreeHead, newer: HeadFile) -> GrowthProof {
    let log = log(newer.head.size.get());
    let path = proof_over(&log, TreeBuilder::for_consistency(older.size)).path;
    GrowthProof::new(older, path, newer).unwrap()
}
