//! A head file: a C2SP checkpoint of the tree in a C2SP signed note.

use std::fmt;
use std::num::NonZeroU64;

use super::signature::is_signer_name;
use super::text::{NumberedLines, decode_base64, encode_base64, parse_number};
use super::{ProofError, SshSignature, TreeHash};
use crate::event::LedgerId;

/// More lines of signatures are refused, so that checking one file cannot take for ever.
const SIGNATURES_MAX: usize = 64;
const KEY_ID_BYTES: usize = 4;
/// U+2014 and a space.
const DASH: &str = "\u{2014} ";

/// A tree's size and root, with the ledger they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The ledger's id.
    pub ledger: LedgerId,
    /// The number of lines: the last event's `seq` and one.
    pub size: NonZeroU64,
    /// The root.
    pub root: TreeHash,
}

impl TreeHead {
    fn read(lines: &mut NumberedLines<'_>) -> Result<TreeHead, ProofError> {
        let origin = lines.next_line("the ledger's id is missing")?;
        let ledger = origin
            .strip_prefix("ledger/")
            .and_then(|id| LedgerId::from_hex(id.as_bytes()))
            .ok_or_else(|| lines.wrong("not `ledger/` and 32 hex digits"))?;
        let size = parse_number(lines.next_line("the size is missing")?)
            .and_then(NonZeroU64::new)
            .ok_or_else(|| lines.wrong("the size is not a whole number from 1 on"))?;
        let root = TreeHash::from_base64(lines.next_line("the root is missing")?)
            .ok_or_else(|| lines.wrong("the root is not 32 bytes in canonical base64"))?;
        Ok(TreeHead { ledger, size, root })
    }
}

impl fmt::Display for TreeHead {
    /// Writes the three lines that are signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TreeHead { ledger, size, root } = self;
        write!(f, "ledger/{ledger}\n{size}\n{root}\n")
    }
}

/// One line of signature.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SignatureLine {
    Ssh(SshSignature),
    /// A signature of another kind, such as a witness's: kept, but ignored.
    Other {
        name: String,
        /// The key id and the signature.
        bytes: Vec<u8>,
    },
}

impl SignatureLine {
    fn read(line: &str) -> Result<SignatureLine, &'static str> {
        let (name, encoded) = line
            .strip_prefix(DASH)
            .ok_or("a signature begins with U+2014 and a space")?
            .split_once(' ')
            .ok_or("a signature has a name, a space and base64")?;
        if !is_signer_name(name) {
            return Err("a signer's name has no white space, control character or `+`");
        }
        let bytes = decode_base64(encoded).ok_or("the signature is not canonical base64")?;
        let (key_id, blob) = bytes
            .split_at_checked(KEY_ID_BYTES)
            .filter(|(_, blob)| !blob.is_empty())
            .ok_or("the signature is too short")?;
        match SshSignature::from_blob(name, blob.to_vec())? {
            None => Ok(SignatureLine::Other {
                name: name.to_owned(),
                bytes,
            }),
            Some(signature) if signature.key_id() == key_id => Ok(SignatureLine::Ssh(signature)),
            Some(_) => Err("the key id does not belong to the name and the key"),
        }
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureLine::Ssh(signature) => {
                let bytes = [&signature.key_id(), signature.blob()].concat();
                writeln!(f, "{DASH}{} {}", signature.name(), encode_base64(&bytes))
            }
            SignatureLine::Other { name, bytes } => {
                writeln!(f, "{DASH}{name} {}", encode_base64(bytes))
            }
        }
    }
}

/// A head with the signatures under it. Its `Display` is the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadFile {
    /// What is signed.
    pub head: TreeHead,
    signatures: Vec<SignatureLine>,
}

impl HeadFile {
    /// A head that no one has signed.
    pub fn unsigned(head: TreeHead) -> HeadFile {
        HeadFile {
            head,
            signatures: Vec::new(),
        }
    }

    /// Adds a signature, in place of an older one by the same name and key.
    pub fn add_signature(&mut self, signature: SshSignature) {
        self.signatures.retain(|line| match line {
            SignatureLine::Ssh(other) => {
                (other.name(), other.public_key()) != (signature.name(), signature.public_key())
            }
            SignatureLine::Other { .. } => true,
        });
        self.signatures.push(SignatureLine::Ssh(signature));
    }

    /// The OpenSSH signatures, in the order of the file.
    pub fn signatures(&self) -> impl Iterator<Item = &SshSignature> {
        self.signatures.iter().filter_map(|line| match line {
            SignatureLine::Ssh(signature) => Some(signature),
            SignatureLine::Other { .. } => None,
        })
    }

    /// Reads a head file.
    ///
    /// # Errors
    /// [`ProofError`] with the line that is wrong.
    pub fn read(bytes: &[u8]) -> Result<HeadFile, ProofError> {
        HeadFile::read_to_end(&mut NumberedLines::new(bytes)?)
    }

    /// Reads a head file that is the rest of a file.
    pub(super) fn read_to_end(lines: &mut NumberedLines<'_>) -> Result<HeadFile, ProofError> {
        let head = TreeHead::read(lines)?;
        if !lines
            .next_line("the empty line after the root is missing")?
            .is_empty()
        {
            return Err(lines.wrong("the line after the root is not empty"));
        }
        let mut signatures = Vec::new();
        while !lines.is_at_end() {
            let line = lines.next_line("a signature is missing")?;
            if signatures.len() == SIGNATURES_MAX {
                return Err(lines.wrong("more than 64 signatures"));
            }
            let signature = SignatureLine::read(line).map_err(|reason| lines.wrong(reason))?;
            if signatures.contains(&signature) {
                return Err(lines.wrong("the same signature twice"));
            }
            signatures.push(signature);
        }
        Ok(HeadFile { head, signatures })
    }
}

impl fmt::Display for HeadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}
