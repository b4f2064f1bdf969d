//! Signatures of heads, made and verified by running `ssh-keygen`.
//!
//! Must never read a private key: `ssh-keygen` finds it in a file, an agent or a security key.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::bail;
use event_ledger::proof::{HeadFile, SIGNATURE_NAMESPACE, SshSignature, TreeHead, is_signer_name};

use crate::failure::{Correction, Failure};
use crate::input_file::{self, read_limited};

const PROGRAM: &str = "ssh-keygen";
/// No signature is longer; what a program prints without end is not read.
const OUTPUT_MAX_BYTES: u64 = 64 * 1024;

/// A key that heads are signed with, and the name of its owner.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    key: PathBuf,
    name: String,
}

impl Signer {
    /// Names the owner of a key: `name`, otherwise the key's comment.
    pub(crate) fn new(key: &Path, name: Option<&str>) -> anyhow::Result<Signer> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => comment(key)?,
        };
        if !is_signer_name(&name) {
            bail!(
                Failure::usage(format!(
                    "`{name}` cannot be a signer's name: it has white space, a control character \
                     or `+`, or is empty"
                ))
                .corrected([Correction::flag("--as", "alice@example.com")])
            );
        }
        Ok(Signer {
            key: key.to_owned(),
            name,
        })
    }

    /// True if the key is on a security key, which waits for a touch.
    pub(crate) fn needs_touch(&self) -> bool {
        let mut public = self.key.clone().into_os_string();
        public.push(".pub");
        let is_security_key = |path: &Path| {
            let mut start = [0; 3];
            input_file::open(path)
                .and_then(|mut file| file.read_exact(&mut start))
                .is_ok_and(|()| &start == b"sk-")
        };
        is_security_key(Path::new(&public))
    }

    /// Signs a head. `ssh-keygen` asks for a passphrase on the terminal if it needs one.
    pub(crate) fn sign(&self, head: &TreeHead) -> anyhow::Result<SshSignature> {
        let directory = private_directory()?;
        let data = directory.path().join("head");
        write_new(&data, head.to_string().as_bytes())?;
        let ran = Command::new(PROGRAM)
            .args(["-Y", "sign", "-n", SIGNATURE_NAMESPACE, "-f"])
            .arg(&self.key)
            .arg(&data)
            // So that a passphrase can be typed.
            .stdin(Stdio::inherit())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(|error| not_run(&error))?;
        let failed = |said: &str| {
            let key = self.key.display();
            Failure::new("signing_failed", format!("cannot sign with {key}: {said}"))
        };
        if !ran.status.success() {
            bail!(failed(&said(&ran.stderr)));
        }
        let armored = read_limited(&data.with_extension("sig"), OUTPUT_MAX_BYTES)
            .map_err(|error| failed(&format!("no signature was written: {error}")))?;
        let armored = String::from_utf8_lossy(&armored);
        Ok(SshSignature::from_armored(&self.name, &armored)
            .map_err(|error| failed(&error.to_string()))?)
    }
}

/// The comment of a key, as `ssh-keygen -l` prints it: `256 SHA256:… COMMENT (ED25519)`.
fn comment(key: &Path) -> anyhow::Result<String> {
    let ran = Command::new(PROGRAM)
        .args(["-l", "-f"])
        .arg(key)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_run(&error))?;
    let shown = key.display();
    if !ran.status.success() {
        bail!(Failure::new(
            "signing_failed",
            format!("cannot read the key {shown}: {}", said(&ran.stderr))
        ));
    }
    let listed = String::from_utf8_lossy(&ran.stdout);
    let comment = listed.lines().next().and_then(|line| {
        let (_, line) = line.split_once(' ')?;
        let (_, line) = line.split_once(' ')?;
        Some(line.rsplit_once(" (")?.0.to_owned())
    });
    match comment {
        Some(comment) if comment != "no comment" => Ok(comment),
        _ => Err(Failure::usage(format!(
            "the key {shown} has no comment that names its owner"
        ))
        .corrected([Correction::flag("--as", "alice@example.com")])
        .into()),
    }
}

/// Verifies the signatures of a head against an `allowed_signers` file and returns those by known
/// signers. A signer is known if the file has the key.
///
/// # Errors
/// `signature_invalid` if the signature of a known signer is wrong, `unknown_signer` if no signer is
/// known.
pub(crate) fn verify_signatures<'h>(
    head: &'h HeadFile,
    allowed_signers: &Path,
) -> anyhow::Result<Vec<&'h SshSignature>> {
    let shown = allowed_signers.display();
    // Otherwise a file that is missing would look like one without the signer.
    input_file::open(allowed_signers)
        .map_err(|error| Failure::io(format!("cannot read {shown}: {error}")))?;
    let directory = private_directory()?;
    let data = head.head.to_string();
    let mut known = Vec::new();
    for (number, signature) in head.signatures().enumerate() {
        let file = directory.path().join(number.to_string());
        write_new(&file, signature.armored().as_bytes())?;
        let arguments = |action: &'static str| {
            let words = [OsStr::new("-Y"), OsStr::new(action), OsStr::new("-f")];
            let files = [
                allowed_signers.as_os_str(),
                OsStr::new("-s"),
                file.as_os_str(),
            ];
            [words, files].concat()
        };
        let name = [OsStr::new("-I"), OsStr::new(signature.name())];
        let namespace = [OsStr::new("-n"), OsStr::new(SIGNATURE_NAMESPACE)];
        let verify = [arguments("verify"), name.to_vec(), namespace.to_vec()].concat();
        if is_accepted(&verify, data.as_bytes())? {
            known.push(signature);
        } else if is_accepted(&arguments("find-principals"), b"")? {
            bail!(Failure::new(
                "signature_invalid",
                format!(
                    "the signature of {} is wrong: the key {} is in {shown}, but it did not sign this \
                 head in that name",
                    signature.name(),
                    signature.fingerprint()
                )
            ));
        }
    }
    if known.is_empty() {
        let names: Vec<&str> = head.signatures().map(SshSignature::name).collect();
        bail!(Failure::new(
            "unknown_signer",
            if names.is_empty() {
                "the head is not signed".to_owned()
            } else {
                format!("no signer is in {shown}; signed by {}", names.join(", "))
            }
        ));
    }
    Ok(known)
}

/// Whether `ssh-keygen` ends with success on this input.
fn is_accepted(arguments: &[&OsStr], input: &[u8]) -> anyhow::Result<bool> {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| not_run(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may end before it has read everything.
        let _ = stdin.write_all(input);
    }
    let status = child.wait().map_err(|error| not_run(&error))?;
    Ok(status.success())
}

/// What a program printed before it failed, on one line.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let said = lines.join("; ");
    if said.is_empty() {
        "ssh-keygen said nothing".to_owned()
    } else {
        said
    }
}

fn not_run(error: &io::Error) -> Failure {
    let failure = Failure::new("signing_failed", format!("cannot run ssh-keygen: {error}"));
    failure.with_hint_if_any(
        (error.kind() == io::ErrorKind::NotFound)
            .then(|| "sudo apt install openssh-client".to_owned()),
    )
}

fn private_directory() -> anyhow::Result<tempfile::TempDir> {
    Ok(tempfile::tempdir()
        .map_err(|error| Failure::io(format!("cannot make a temporary directory: {error}")))?)
}

fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes));
    let failed = |error| Failure::io(format!("cannot write {}: {error}", path.display()));
    Ok(written.map_err(failed)?)
}
