//! OpenSSH signatures as `ssh-keygen -Y sign` makes them (`PROTOCOL.sshsig`), parsed strictly.
//!
//! Every byte but the signature itself is checked here. Whether the signature is right, and whose key
//! it is, only `ssh-keygen -Y verify` answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::ProofError;
use super::text::{decode_base64, encode_base64};

/// What a signature is made for; `ssh-keygen` takes it as `-n`.
pub const SIGNATURE_NAMESPACE: &str = "ledger-head";

const MAGIC: &[u8] = b"SSHSIG";
/// The namespace as a field of a signature, after its length.
const NAMESPACE_FIELD: &[u8] = b"\0\0\0\x0bledger-head";
/// The kind of signature in a key id, after the byte for kinds without a number of their own.
const KIND: &[u8] = b"\xffopenssh.com/sshsig";
const ARMOR_BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const ARMOR_END: &str = "-----END SSH SIGNATURE-----\n";
const ARMOR_WIDTH: usize = 70;

/// A signer's name and OpenSSH signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSignature {
    name: String,
    blob: Vec<u8>,
    public_key: Vec<u8>,
}

/// Whether a text may name a signer: not empty, no white space, no `+`, no control character.
pub fn is_signer_name(name: &str) -> bool {
    let is_refused = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !name.is_empty() && !name.contains(is_refused)
}

impl SshSignature {
    /// Reads the output of `ssh-keygen -Y sign`.
    ///
    /// # Errors
    /// [`ProofError::Form`] with the line of that output.
    pub fn from_armored(name: &str, armored: &str) -> Result<SshSignature, ProofError> {
        let wrong = |line, reason| ProofError::Form { line, reason };
        if !is_signer_name(name) {
            return Err(wrong(1, "a signer's name has no white space and no `+`"));
        }
        let body = armored
            .strip_prefix(ARMOR_BEGIN)
            .ok_or_else(|| wrong(1, "an OpenSSH signature begins otherwise"))?
            .strip_suffix(ARMOR_END)
            .ok_or_else(|| {
                wrong(
                    armored.lines().count(),
                    "an OpenSSH signature ends otherwise",
                )
            })?;
        let blob = decode_base64(&body.replace('\n', ""))
            .ok_or_else(|| wrong(2, "not canonical base64"))?;
        SshSignature::from_blob(name, blob)
            .map_err(|reason| wrong(2, reason))?
            .ok_or_else(|| wrong(2, "not an OpenSSH signature"))
    }

    /// Parses the bytes between the two marks; none if they are another kind of signature.
    pub(super) fn from_blob(
        name: &str,
        blob: Vec<u8>,
    ) -> Result<Option<SshSignature>, &'static str> {
        let Some(body) = blob.strip_prefix(MAGIC) else {
            // A signature made for a head, so its first bytes were changed. Ignoring it as another kind
            // would let that pass.
            let is_for_a_head = blob
                .windows(NAMESPACE_FIELD.len())
                .any(|field| field == NAMESPACE_FIELD);
            return if is_for_a_head {
                Err("an OpenSSH signature that does not begin with SSHSIG")
            } else {
                Ok(None)
            };
        };
        let public_key = parse(body)?.to_vec();
        Ok(Some(SshSignature {
            name: name.to_owned(),
            blob,
            public_key,
        }))
    }

    /// The signer's name: what an `allowed_signers` file calls the principal.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key in OpenSSH's binary form.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The key's fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.public_key);
        format!("SHA256:{}", STANDARD_NO_PAD.encode(digest))
    }

    /// The signature as `ssh-keygen -Y verify` reads it.
    pub fn armored(&self) -> String {
        let mut text = ARMOR_BEGIN.to_owned();
        let mut rest = encode_base64(&self.blob);
        while !rest.is_empty() {
            let after = rest.split_off(rest.len().min(ARMOR_WIDTH));
            text.push_str(&rest);
            text.push('\n');
            rest = after;
        }
        text.push_str(ARMOR_END);
        text
    }

    pub(super) fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The first four bytes of the digest of the name, the kind of signature and the public key.
    pub(super) fn key_id(&self) -> [u8; 4] {
        let mut sha = Sha256::new();
        sha.update(self.name.as_bytes());
        sha.update(b"\n");
        sha.update(KIND);
        sha.update(&self.public_key);
        let [first, second, third, fourth, ..]: [u8; 32] = sha.finalize().into();
        [first, second, third, fourth]
    }
}

/// Parses what follows the magic, and returns the public key.
fn parse(body: &[u8]) -> Result<&[u8], &'static str> {
    const CUT: &str = "an OpenSSH signature that ends too early";
    let mut fields = SshFields(body);
    if fields.number().ok_or(CUT)? != 1 {
        return Err("an OpenSSH signature of an unknown version");
    }
    let public_key = fields.string().ok_or(CUT)?;
    if fields.string().ok_or(CUT)? != SIGNATURE_NAMESPACE.as_bytes() {
        return Err("an OpenSSH signature for another namespace than ledger-head");
    }
    if !fields.string().ok_or(CUT)?.is_empty() {
        return Err("an OpenSSH signature whose reserved field is not empty");
    }
    if !matches!(fields.string().ok_or(CUT)?, b"sha256" | b"sha512") {
        return Err("an OpenSSH signature with an unknown hash algorithm");
    }
    let signature = fields.string().ok_or(CUT)?;
    if !fields.0.is_empty() {
        return Err("an OpenSSH signature with bytes after its end");
    }
    let key_type = SshFields(public_key).string().ok_or(CUT)?;
    let mut fields = SshFields(signature);
    let algorithm = fields.string().ok_or(CUT)?;
    if !is_algorithm_of(algorithm, key_type) {
        return Err("an OpenSSH signature whose algorithm is not its key's");
    }
    let raw = fields.string().ok_or(CUT)?;
    // A security key adds a byte of flags and a counter.
    let after_raw = if key_type.starts_with(b"sk-") { 5 } else { 0 };
    if raw.is_empty() || fields.0.len() != after_raw {
        return Err("an OpenSSH signature of the wrong length");
    }
    Ok(public_key)
}

/// Whether a key of this type makes signatures of this algorithm.
fn is_algorithm_of(algorithm: &[u8], key_type: &[u8]) -> bool {
    const CERTIFICATE: &[u8] = b"-cert-v01@openssh.com";
    const VENDOR: &[u8] = b"@openssh.com";
    let plain = key_type.strip_suffix(CERTIFICATE);
    let plain = match plain {
        Some(plain) if plain.starts_with(b"sk-") => [plain, VENDOR].concat(),
        Some(plain) => plain.to_vec(),
        None => key_type.to_vec(),
    };
    match plain.as_slice() {
        b"ssh-rsa" => matches!(algorithm, b"rsa-sha2-256" | b"rsa-sha2-512"),
        plain => !plain.is_empty() && algorithm == plain,
    }
}

/// The fields of SSH's binary encoding (RFC 4251, 5).
struct SshFields<'a>(&'a [u8]);

impl<'a> SshFields<'a> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}
