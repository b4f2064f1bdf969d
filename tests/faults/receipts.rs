//! Receipts of the sample logs, and changed ones: what `check` and the shell checker say of each.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bench::{Dice, all, skip, under};
use crate::harness::{Ran, Shell, program};

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

/// Malformed, truncated and oversized forms of a proof file, each with a name.
fn hostile(file: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut add = |what: String, bytes: Vec<u8>| found.push((what, bytes));
    let bytes = file.as_bytes();
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    // Without its last signature a head is unsigned, and not malformed.
    let signed = ends.len() - 2;
    for (line, end) in ends.iter().enumerate().filter(|(line, _)| *line < signed) {
        add(
            format!("cut behind line {}", line + 1),
            bytes[..=*end].to_vec(),
        );
        add(
            format!("cut before the end of line {}", line + 1),
            bytes[..*end].to_vec(),
        );
        let mut long = bytes[..*end].to_vec();
        long.extend_from_slice(&vec![b'A'; 200_000]);
        long.extend_from_slice(&bytes[*end..]);
        add(format!("line {} is long", line + 1), long);
    }
    add(
        "the last byte is missing".to_owned(),
        bytes[..bytes.len() - 1].to_vec(),
    );
    add(
        "carriage returns".to_owned(),
        file.replace('\n', "\r\n").into_bytes(),
    );
    add(
        "a byte order mark".to_owned(),
        format!("\u{feff}{file}").into_bytes(),
    );
    add(
        "a NUL after it".to_owned(),
        format!("{file}\0").into_bytes(),
    );
    add("not UTF-8".to_owned(), [bytes, b"\xff\n"].concat());
    add(
        "an empty line after it".to_owned(),
        format!("{file}\n").into_bytes(),
    );
    add("twice".to_owned(), format!("{file}{file}").into_bytes());
    add(
        "too long".to_owned(),
        format!("{file}{}", "\u{2014} a A\n".repeat(40_000)).into_bytes(),
    );
    add(
        "thousands of lines".to_owned(),
        format!("{file}{}", "x\n".repeat(100_000)).into_bytes(),
    );
    add("empty".to_owned(), Vec::new());
    add("only line feeds".to_owned(), b"\n".repeat(100_000));
    add(
        "a log".to_owned(),
        b"{\"v\":1,\"seq\":0,\"at\":\"\n".to_vec(),
    );
    found
}

/// Runs the program with 20 seconds and half a gigabyte of memory.
fn limited(shell: &Shell, line: &str) -> Ran {
    let limits = "ulimit -v 524288; exec timeout 20 \"$0\" \"$@\"";
    let command = under(shell, &["sh", "-c", limits], line).output();
    Ran::from(command.unwrap())
}

#[test]
fn a_malformed_proof_file_is_refused_with_its_line_wherever_it_is_read() {
    let Some(shell) = prepared("malformed proof files") else {
        return;
    };
    shell
        .ledger("-f shop.jsonl head --tree --until seq:9 -o old -q")
        .succeeds();
    sign(&shell, "shop");
    prove(&shell, "shop", 200, "");
    let grow = "-f shop.jsonl prove --since old --head shop.head -o growth -q";
    shell.ledger(grow).succeeds();
    let read = |name: &str| std::fs::read_to_string(shell.file(name)).unwrap();
    for (kind, name, commands) in [
        (
            "receipt",
            "receipt",
            &["check bad --signers signers", "check bad --head shop.head"][..],
        ),
        (
            "growth",
            "growth",
            &[
                "check bad --signers signers --head old",
                "check bad --head old",
            ],
        ),
        (
            "head",
            "shop.head",
            &[
                "check bad --signers signers",
                "check receipt --head bad",
                "check growth --head bad",
                "-f shop.jsonl verify --head bad --signers signers",
                "-f shop.jsonl verify --head ./bad",
                "-f shop.jsonl prove 3 --head bad",
                "-f shop.jsonl prove --since bad",
            ],
        ),
    ] {
        let file = read(name);
        for command in commands {
            assert!(hostile(&file).len() > 15);
            for (what, bytes) in hostile(&file) {
                std::fs::write(shell.file("bad"), &bytes).unwrap();
                let ran = limited(&shell, command);
                let place = format!("{kind}, {what}: {command}: {ran:?}");
                assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{place}");
                let names_a_line = ran.stderr.contains("line ") || ran.stderr.contains("bytes");
                assert!(names_a_line && ran.stderr.len() < 600, "{place}");
            }
        }
    }
    // No head file is replaced by another one over a file that is none.
    for (what, bytes) in hostile(&read("shop.head")) {
        std::fs::write(shell.file("bad"), &bytes).unwrap();
        let ran = limited(&shell, "-f shop.jsonl head --tree -o bad");
        let is_new = bytes.is_empty() && ran.status == Some(0);
        assert!(
            is_new || ran.status == Some(2) || ran.status == Some(6),
            "{what}: {ran:?}"
        );
        assert!(
            is_new || std::fs::read(shell.file("bad")).unwrap() == bytes,
            "{what}"
        );
    }
    // Endless and strange files.
    for (line, status) in [
        ("check /dev/zero --signers signers", 6),
        ("check /dev/null --signers signers", 6),
        ("check . --signers signers", 1),
        ("check receipt --signers /dev/null", 6),
        ("check receipt --signers .", 6),
        ("check receipt --signers nowhere", 1),
    ] {
        let ran = limited(&shell, line);
        assert_eq!(ran.status, Some(status), "{line}: {ran:?}");
    }
}
