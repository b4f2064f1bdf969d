//! Signatures made by `ssh-keygen`, and its verdict on ours. Skipped with a line if it is missing.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::changes::changes_left_to_ssh_keygen;
use super::{PUBLIC_KEY, SIGNER, receipt, signed_head, tree_head};
use crate::proof::{HeadFile, SIGNATURE_NAMESPACE, SshSignature};

pub(super) fn is_installed() -> bool {
    let found = Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !found {
        println!("skipped: ssh-keygen is not installed");
    }
    found
}

pub(super) fn run(input: &str, arguments: &[&str]) -> Option<String> {
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    output.status.success().then_some(text)
}

/// Whether `ssh-keygen` accepts every signature of a head by these signers.
fn is_verified(directory: &Path, head: &HeadFile, signers: &str) -> bool {
    let (known, file) = (directory.join("signers"), directory.join("sig"));
    std::fs::write(&known, signers).unwrap();
    head.signatures().all(|signature| {
        std::fs::write(&file, signature.armored()).unwrap();
        let (known, file) = (known.to_str().unwrap(), file.to_str().unwrap());
        let arguments = ["-Y", "verify", "-f", known, "-I", signature.name()];
        let more = ["-n", SIGNATURE_NAMESPACE, "-s", file];
        run(&head.head.to_string(), &[&arguments[..], &more].concat()).is_some()
    })
}

#[test]
fn the_signatures_of_the_examples_are_right_and_a_changed_one_is_not() {
    if !is_installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let signers = format!("{SIGNER} {PUBLIC_KEY}");
    for lines in [7, 11] {
        assert!(is_verified(directory.path(), &signed_head(lines), &signers));
    }
    assert!(!is_verified(
        directory.path(),
        &signed_head(7),
        &format!("bob {PUBLIC_KEY}")
    ));
    // Of the changes that the room leaves to `ssh-keygen`: all of the signed lines, some of the rest.
    let receipt = receipt(5, signed_head(11));
    let (mut of_lines, mut of_signature) = (0, 0);
    for head in changes_left_to_ssh_keygen(&receipt) {
        let lines_changed = head.head != receipt.head().head;
        of_lines += usize::from(lines_changed);
        of_signature += usize::from(!lines_changed);
        if lines_changed || of_signature % 20 == 0 {
            assert!(!is_verified(directory.path(), &head, &signers), "{head}");
        }
    }
    assert!(
        of_lines > 50 && of_signature > 500,
        "{of_lines} {of_signature}"
    );
}

#[test]
fn signatures_by_every_kind_of_key_are_read() {
    if !is_installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let mut head = HeadFile::unsigned(tree_head(7));
    let mut signers = String::new();
    for (kind, bits) in [
        ("ed25519", "256"),
        ("ecdsa", "256"),
        ("ecdsa", "521"),
        ("rsa", "2048"),
    ] {
        let name = format!("{kind}-{bits}@example.com");
        let key = path(&name);
        let arguments = [
            "-q", "-t", kind, "-b", bits, "-N", "", "-C", &name, "-f", &key,
        ];
        run("", &arguments).unwrap();
        let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
        let arguments = ["-Y", "sign", "-q", "-f", &key, "-n", SIGNATURE_NAMESPACE];
        let armored = run(&head.head.to_string(), &arguments).unwrap();
        let signature = SshSignature::from_armored(&name, &armored).unwrap();
        assert_eq!(signature.armored(), armored);
        let listed = run("", &["-l", "-f", &key]).unwrap();
        assert!(
            listed.contains(&format!(" {} ", signature.fingerprint())),
            "{listed}"
        );
        head.add_signature(signature.clone());
        // A second signature by the same key takes the place of the first.
        head.add_signature(signature);
        signers.push_str(&[&name, " ", &public].concat());
        let other = ["-Y", "sign", "-q", "-f", &key, "-n", "file"];
        let armored = run(&head.head.to_string(), &other).unwrap();
        let error = SshSignature::from_armored(&name, &armored).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: an OpenSSH signature for another namespace than ledger-head"
        );
    }
    assert_eq!(head.signatures().count(), 4);
    let read = HeadFile::read(head.to_string().as_bytes()).unwrap();
    assert_eq!(read, head);
    assert!(is_verified(directory.path(), &read, &signers));
}
