//! The checker that needs only a shell, `openssl` and `ssh-keygen`: `docs/check-receipt.sh`.

use std::path::Path;
use std::process::Command;

use super::changes::for_each_change;
use super::ssh_keygen::{is_installed, run};
use super::{PUBLIC_KEY, SIGNER, head_of, line, log, receipt, receipt_from, signed_head};
use crate::proof::{HeadFile, SIGNATURE_NAMESPACE, SshSignature};

/// A directory with an `allowed_signers` file, if what the checker needs is installed.
fn prepared() -> Option<tempfile::TempDir> {
    if !is_installed() {
        return None;
    }
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let signers = format!("{SIGNER} {PUBLIC_KEY}");
    std::fs::write(directory.path().join("signers"), signers).unwrap();
    Some(directory)
}

/// Runs the checker: what it prints if it accepts the receipt, otherwise what it complains about.
fn checked(directory: &Path, receipt: &[u8]) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check-receipt.sh");
    let file = directory.join("receipt");
    std::fs::write(&file, receipt).unwrap();
    let output = Command::new("sh")
        .args([&script, &file, &directory.join("signers")])
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn the_shell_checker_accepts_every_receipt() {
    let Some(directory) = prepared() else { return };
    for seq in 0..11 {
        let open = receipt(seq, signed_head(11));
        let closed = open.clone().closed();
        for receipt in [open, closed] {
            assert_eq!(
                checked(directory.path(), receipt.to_string().as_bytes()),
                Ok(format!("{}\nsigned by {SIGNER}\n", receipt.line()))
            );
        }
    }
    let unsigned = receipt(5, HeadFile::unsigned(signed_head(11).head)).to_string();
    let unknown = "wrong: no known signer\n";
    assert_eq!(
        checked(directory.path(), unsigned.as_bytes()),
        Err(unknown.to_owned())
    );
}

#[test]
fn the_shell_checker_accepts_the_longest_line_and_ignores_other_kinds_of_signature() {
    let Some(directory) = prepared() else { return };
    let key = directory.path().join("key");
    let key = key.to_str().unwrap();
    run("", &["-q", "-t", "ecdsa", "-N", "", "-C", "bob", "-f", key]).unwrap();
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    std::fs::write(directory.path().join("signers"), format!("bob {public}")).unwrap();
    let mut lines = log(1);
    let hashed = r#"{"v":2,"seq":1,"at":"2026-11-23T10:16:00.000000Z","type":"seal""#;
    let note = format!(
        r#"{{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"{}"}}"#,
        "ж".repeat(32_000)
    );
    lines.push(line(lines.last(), hashed, Some(&note)));
    let mut head = HeadFile::unsigned(head_of(&lines));
    let arguments = ["-Y", "sign", "-q", "-f", key, "-n", SIGNATURE_NAMESPACE];
    let armored = run(&head.head.to_string(), &arguments).unwrap();
    head.add_signature(SshSignature::from_armored("bob", &armored).unwrap());
    let receipt = receipt_from(&lines, 1, head).to_string();
    let witnessed = format!("{receipt}\u{2014} witness.example AAAAAAA=\n");
    for receipt in [receipt, witnessed] {
        let said = checked(directory.path(), receipt.as_bytes()).unwrap();
        assert!(said.ends_with("\nsigned by bob\n"));
    }
}

#[test]
fn the_page_shows_how_to_check_a_head_by_hand() {
    let Some(directory) = prepared() else { return };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/PROOF.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, recipe) = page.split_once("```sh\n").unwrap();
    let (recipe, _) = recipe.split_once("```").unwrap();
    let path = |name| directory.path().join(name);
    std::fs::rename(path("signers"), path("allowed_signers")).unwrap();
    let is_right = |head: &str| {
        std::fs::write(path("head"), head).unwrap();
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", recipe]).current_dir(directory.path());
        shell.output().unwrap().status.success()
    };
    let head = signed_head(11).to_string();
    assert!(is_right(&head));
    assert!(!is_right(&head.replacen("11", "12", 1)));
    assert!(page.contains(&signed_head(11).head.to_string()));
}

#[test]
fn the_shell_checker_refuses_changed_receipts() {
    /// Every change would take hours.
    const STEP: usize = 997;
    let Some(directory) = prepared() else { return };
    for receipt in [
        receipt(5, signed_head(11)),
        receipt(5, signed_head(11)).closed(),
    ] {
        let (mut number, mut tried) = (0_usize, 0);
        for_each_change(receipt.to_string().as_bytes(), |changed| {
            number += 1;
            if number % STEP == 0 {
                tried += 1;
                let text = String::from_utf8_lossy(changed);
                assert!(checked(directory.path(), changed).is_err(), "{text}");
            }
        });
        assert!(tried > 20, "{tried}");
    }
}
