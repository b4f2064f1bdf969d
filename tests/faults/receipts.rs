//! Receipts of the sample logs, and changed ones: what `check` and the shell checker say of each.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bench::{Dice, all, skip};
use crate::harness::{Shell, program};

const SAMPLES: [&str; 3] = ["household", "shop", "rides"];

/// A directory with the sample logs, a key and its `allowed_signers`; nothing if a program is missing.
fn prepared(what: &str) -> Option<Shell> {
    let shell = Shell::new();
    let key = shell.file("key");
    let mut make = program("ssh-keygen");
    make.args(["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f"])
        .arg(&key);
    if !make.status().is_ok_and(|made| made.success()) {
        skip(what, "there is no ssh-keygen");
        return None;
    }
    if program("openssl").arg("version").output().is_err() {
        skip(what, "there is no openssl");
        return None;
    }
    let public = std::fs::read_to_string(shell.file("key.pub")).unwrap();
    std::fs::write(shell.file("signers"), format!("alice {public}")).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    for name in SAMPLES {
        let file = format!("{name}.jsonl");
        std::fs::copy(samples.join(&file), shell.file(&file)).unwrap();
    }
    Some(shell)
}

/// Whether `check` accepts the file `receipt`. A refusal is exit code 6 with a short message.
fn is_checked(shell: &Shell) -> bool {
    let ran = shell.ledger("check receipt --signers signers");
    let is_short = ran.stderr.len() < 1000 && ran.stderr.starts_with("error: ");
    match ran.status {
        Some(0) => true,
        Some(6) if is_short && ran.stdout.is_empty() => false,
        _ => panic!("{ran:?}"),
    }
}

/// Whether the shell checker accepts it.
fn is_checked_by_the_shell(shell: &Shell) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check-receipt.sh");
    let ran = program("sh")
        .arg(script)
        .args(["receipt", "signers"])
        .current_dir(shell.path())
        .output()
        .unwrap();
    match ran.status.code() {
        Some(0) => true,
        Some(1) => false,
        _ => panic!("{ran:?}"),
    }
}

/// Signs the head of a sample and makes the receipt of one of its events.
fn prove(shell: &Shell, name: &str, seq: u64, closed: &str) {
    let line = format!("-f {name}.jsonl prove {seq} {closed} --head {name}.head -o receipt -q");
    shell.ledger(&line).succeeds();
}

fn sign(shell: &Shell, name: &str) -> u64 {
    let line = format!("-f {name}.jsonl head --sign key -o {name}.head --json");
    shell.ledger(&line).succeeds().json()["seq"]
        .as_u64()
        .unwrap()
}

#[test]
fn the_receipts_of_the_samples_are_accepted() {
    let Some(shell) = prepared("receipts of the samples") else {
        return;
    };
    let (step, shell_step) = if all() { (1, 1) } else { (5, 50) };
    for name in SAMPLES {
        let last = sign(&shell, name);
        for seq in (0..=last).step_by(step) {
            for closed in ["", "--closed"] {
                prove(&shell, name, seq, closed);
                assert!(is_checked(&shell), "{name} {seq} {closed}");
                if seq % shell_step == 0 {
                    assert!(is_checked_by_the_shell(&shell), "{name} {seq} {closed}");
                }
            }
        }
    }
}

/// A receipt with one change: of a byte, of lines, or of what a line contains.
fn changed(receipt: &[u8], dice: &mut Dice) -> Vec<u8> {
    loop {
        let other = change(receipt, dice);
        if other != receipt {
            return other;
        }
    }
}

fn change(receipt: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut below = |most: usize| usize::try_from(dice.below(most as u64)).unwrap();
    let mut bytes = receipt.to_vec();
    let at = below(bytes.len());
    let mut lines: Vec<Vec<u8>> = receipt
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let line = below(lines.len());
    match below(12) {
        0 | 1 => bytes[at] ^= 1 << below(8),
        2 => bytes[at] = b"\0\n\r +/09=AZaz\"{}\xff"[below(17)],
        3 => drop(bytes.remove(at)),
        4 => bytes.insert(at, b"\n =A0"[below(5)]),
        5 => bytes.truncate(at),
        6 => bytes.extend_from_slice(&receipt[at..]),
        7 => {
            lines.remove(line);
            bytes = lines.concat();
        }
        8 => {
            let copy = lines[below(lines.len())].clone();
            lines[line] = copy;
            bytes = lines.concat();
        }
        9 => {
            let with = below(lines.len());
            lines.swap(line, with);
            bytes = lines.concat();
        }
        // The event, in base64 that is right again.
        10 => {
            let text = lines[1].strip_prefix(b"extra ").unwrap().trim_ascii_end();
            let mut event = STANDARD.decode(text).unwrap();
            let place = below(event.len());
            event[place] ^= 1 << below(8);
            lines[1] = format!("extra {}\n", STANDARD.encode(&event)).into_bytes();
            bytes = lines.concat();
        }
        // A number, a hash or a signature, in base64 that is right again.
        _ => {
            let text = String::from_utf8(lines[line].clone()).unwrap();
            let word = text.trim_end().rsplit(' ').next().unwrap().to_owned();
            let new = match (word.parse::<u64>(), STANDARD.decode(&word)) {
                (Ok(number), _) => number.saturating_add(1 + below(3) as u64).to_string(),
                (_, Ok(mut hash)) if !hash.is_empty() => {
                    let place = below(hash.len());
                    hash[place] ^= 1 << below(8);
                    STANDARD.encode(&hash)
                }
                _ => format!("{word}x"),
            };
            lines[line] = text.replacen(&word, &new, 1).into_bytes();
            bytes = lines.concat();
        }
    }
    bytes
}

#[test]
fn no_changed_receipt_is_accepted() {
    let Some(shell) = prepared("changed receipts") else {
        return;
    };
    let mut dice = Dice(20_261_127);
    let mut receipts = Vec::new();
    for name in SAMPLES {
        let last = sign(&shell, name);
        for (seq, closed) in [
            (0, ""),
            (last / 2, ""),
            (last / 2 + 1, "--closed"),
            (last, ""),
        ] {
            prove(&shell, name, seq, closed);
            receipts.push(std::fs::read(shell.file("receipt")).unwrap());
        }
    }
    let (changes, by_shell) = if all() { (10_000, 1) } else { (480, 4) };
    for number in 0..changes {
        let receipt = &receipts[number % receipts.len()];
        let other = changed(receipt, &mut dice);
        std::fs::write(shell.file("receipt"), &other).unwrap();
        let text = String::from_utf8_lossy(&other);
        assert!(!is_checked(&shell), "change {number}:\n{text}");
        if number % by_shell == 0 {
            assert!(!is_checked_by_the_shell(&shell), "change {number}:\n{text}");
        }
    }
}
