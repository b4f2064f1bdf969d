//! The checkpoint from outside: when there is one, what rests on it, and that nothing hangs on it.

use std::path::PathBuf;

use crate::completions::values;
use crate::harness::Shell;
use crate::proofs::{can_sign, key};
use crate::races::{at_once, seqs, statuses};

/// Long enough for a checkpoint.
const EVENTS: usize = 6000;

/// A log of six thousand events, each under a key, all recorded as one.
fn long() -> Shell {
    long_by("batch -q -")
}

/// The same, recorded in this way.
fn long_by(command: &str) -> Shell {
    let shell = Shell::given(&["init --currency EUR"]);
    let mut batch = String::new();
    for number in 1..=EVENTS {
        let account = ["main", "savings", "travel"][number % 3];
        let line = serde_json::json!({
            "type": "deposit",
            "account": account,
            "amount": (number % 90 + 1).to_string(),
            "key": format!("k{number}"),
        });
        batch.push_str(&line.to_string());
        batch.push('\n');
    }
    batch.push_str(
        "{\"type\":\"deposit\",\"account\":\"rare\",\"amount\":\"7\",\"memo\":\"found\"}\n",
    );
    shell
        .ledger_with_input(command, batch.as_bytes())
        .succeeds();
    shell
}

/// The files of the one checkpoint there is.
fn files(shell: &Shell) -> Vec<PathBuf> {
    let Ok(places) = std::fs::read_dir(shell.caches().join("ledger")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for place in places {
        let place = std::fs::read_dir(place.unwrap().path()).unwrap();
        found.extend(place.map(|file| file.unwrap().path()));
    }
    found.sort();
    found
}

/// A digit of an early amount is another: damage that only a whole reading sees.
fn damage_early(shell: &Shell) {
    let mut log = shell.log();
    let at = log.len() / 3;
    let key = b"\"amount\":\"";
    let at = at + log[at..].windows(key.len()).position(|w| w == key).unwrap() + key.len();
    log[at] = if log[at] == b'9' { b'1' } else { b'9' };
    shell.set_log(&log);
}

/// What every kind of answer says.
fn answers(shell: &Shell, flag: &str) -> Vec<(Vec<u8>, String, Option<i32>)> {
    [
        "balance",
        "balance main",
        "balance nobody",
        "balance --json --until seq:3000",
        "balance --known-at seq:17",
        "history rare",
        "history main --limit 3 --json",
        "accounts",
        "show 5999",
        "show 9999",
        "diff seq:1000 seq:5000",
        "assert 'rare == 7' 'main >= 1'",
        "head",
        "deposit 5 --key k7 -n",
        "deposit 8 -a savings --key k7 -n",
        "withdraw 1 -a rare -n --json",
        "withdraw 1 -a rear -n",
        "reverse 6001 -n",
        "undo -n",
    ]
    .iter()
    .map(|command| {
        let ran = shell.ledger(&format!("{command} {flag}"));
        let is_new_event = command.contains("-n");
        let raw = if is_new_event { Vec::new() } else { ran.raw };
        (raw, format!("{}{}", ran.stdout, ran.stderr), ran.status)
    })
    .collect()
}

#[test]
fn a_short_log_has_no_checkpoint() {
    let shell = Shell::given(&["deposit 50", "balance"]);
    assert_eq!(files(&shell), Vec::<PathBuf>::new());
}

#[test]
fn every_answer_is_the_same_with_a_checkpoint_and_without() {
    let shell = long();
    let without = answers(&shell, "--no-cache");
    assert_eq!(files(&shell), Vec::<PathBuf>::new());
    let first = answers(&shell, "");
    assert!(!files(&shell).is_empty());
    let second = answers(&shell, "");
    for (number, answer) in without.iter().enumerate() {
        assert_eq!(&first[number], answer, "{number}");
        assert_eq!(&second[number], answer, "{number}");
    }
}

#[test]
fn what_was_checked_before_is_not_read_again_and_no_cache_and_verify_read_it() {
    let shell = long();
    let head = shell.ledger("head").succeeds().raw;
    damage_early(&shell);
    assert_eq!(shell.ledger("head").succeeds().raw, head);
    assert_eq!(shell.ledger("head --no-cache").status, Some(6));
    assert_eq!(shell.ledger("balance --no-cache").status, Some(6));
    assert_eq!(shell.ledger("verify").status, Some(6));
    // What is printed from the log is checked in the same run, wherever it stands.
    assert_eq!(shell.ledger("replay").status, Some(6));
    assert_eq!(shell.ledger("history main").status, Some(6));
}

#[test]
fn a_cache_that_cannot_be_written_changes_no_answer() {
    let mut shell = long();
    let without = answers(&shell, "--no-cache");
    std::fs::write(shell.file("no-directory"), "a file").unwrap();
    let in_a_file = shell.file("no-directory").join("cache");
    shell.with("XDG_CACHE_HOME", in_a_file.to_str().unwrap());
    assert_eq!(answers(&shell, ""), without);
    shell.with("XDG_CACHE_HOME", "relative/paths/are/not/used");
    shell.with("HOME", in_a_file.to_str().unwrap());
    assert_eq!(answers(&shell, ""), without);
    assert_eq!(shell.names(), ["ledger.jsonl", "no-directory"]);
}

#[cfg(unix)]
#[test]
fn a_checkpoint_is_its_owners_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let shell = long();
    shell.ledger("balance").succeeds();
    let found = files(&shell);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    for file in &found {
        assert_eq!(mode(file) & 0o777, 0o600, "{}", file.display());
    }
    assert_eq!(mode(found[0].parent().unwrap()) & 0o777, 0o700);
}

#[test]
fn verify_throws_a_changed_checkpoint_away_and_says_so() {
    let shell = long();
    shell.ledger("balance").succeeds();
    let sound = shell.ledger("verify").succeeds();
    assert_eq!(sound.stderr, "");
    assert!(files(&shell).iter().any(|file| file.ends_with("head")));
    let head = files(&shell)
        .into_iter()
        .find(|file| file.ends_with("head"))
        .unwrap();
    let mut bytes = std::fs::read(&head).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&head, bytes).unwrap();
    let told = shell.ledger("verify").succeeds();
    assert_eq!(
        told.stderr,
        "warning: the checkpoint differed from the log and was deleted; this answer does not depend on it\n"
    );
    assert_eq!(files(&shell), Vec::<PathBuf>::new());
    assert_eq!(told.stdout, sound.stdout);
    assert_eq!(shell.ledger("verify").succeeds().stderr, "");
}

#[test]
fn many_appends_and_reads_at_once_with_checkpoints_lose_none() {
    let shell = long();
    let mut commands = Vec::new();
    for number in 0..30 {
        commands.push(format!("deposit 1 -a race --key race-{}", number / 2));
        commands.push("balance main -q".to_owned());
    }
    let ran = at_once(&shell, &commands);
    assert_eq!(statuses(&ran, 0), commands.len());
    assert_eq!(shell.ledger("balance race -q").succeeds().stdout, "15.00\n");
    let seqs = seqs(&shell);
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    shell.ledger("verify").succeeds();
    assert_eq!(answers(&shell, ""), answers(&shell, "--no-cache"));
}

#[test]
fn a_log_that_was_moved_or_replaced_has_no_use_for_an_old_checkpoint() {
    let shell = long();
    shell.ledger("balance").succeeds();
    let other = Shell::given(&["init --currency EUR", "deposit 3"]);
    shell.set_log(&other.log());
    shell.ledger("balance -q").prints("3.00\n");
    let moved = shell.file("moved.jsonl");
    std::fs::rename(shell.file("ledger.jsonl"), &moved).unwrap();
    shell.ledger("-f moved.jsonl balance -q").prints("3.00\n");
}

#[test]
fn completion_asks_the_checkpoint_and_never_makes_one() {
    let shell = long();
    values(&shell, &["balance", ""]);
    assert_eq!(files(&shell), Vec::<PathBuf>::new());
    shell.ledger("balance").succeeds();
    // Of a damaged log nothing behind the damage is offered, unless it need not be read.
    damage_early(&shell);
    let accounts = values(&shell, &["balance", ""]);
    assert!(accounts.contains(&"rare".to_owned()), "{accounts:?}");
    std::fs::remove_dir_all(shell.caches()).unwrap();
    let accounts = values(&shell, &["balance", ""]);
    assert!(!accounts.contains(&"rare".to_owned()), "{accounts:?}");
    assert_eq!(files(&shell), Vec::<PathBuf>::new());
}

/// What `head --tree` and `prove` say.
fn proofs(shell: &Shell, flags: &str) -> Vec<String> {
    let lines = [
        "head --tree",
        "prove 17",
        "prove head",
        "prove 4100 --closed",
        "prove --since old.head",
        "prove 17 --head old.head",
        "head --tree --until seq:5000",
    ];
    let runs = lines.map(|line| {
        let ran = shell.ledger(&format!("{line} {flags}")).succeeds();
        String::from_utf8(ran.raw).unwrap()
    });
    runs.to_vec()
}

#[test]
fn heads_and_proofs_are_the_same_with_kept_roots_and_without() {
    let shell = long_by("batch --keep-going -q -");
    shell
        .ledger("head --tree --until seq:4500 -o old.head -q --no-cache")
        .succeeds();
    let kept = |shell: &Shell| files(shell).into_iter().find(|file| file.ends_with("tree"));
    let plain = proofs(&shell, "--no-cache");
    assert_eq!(proofs(&shell, ""), plain, "they are kept now");
    let tree = kept(&shell).expect("the roots of a long log are kept");
    assert_eq!(proofs(&shell, ""), plain);
    // More is recorded, a note is erased, the roots are changed, and they are deleted.
    shell.ledger("deposit 5 -a rare -q").succeeds();
    let plain = proofs(&shell, "--no-cache");
    assert_eq!(proofs(&shell, ""), plain);
    shell.ledger("redact 6001 -m why --yes -q").succeeds();
    let plain = proofs(&shell, "--no-cache");
    assert_eq!(proofs(&shell, ""), plain);
    let mut bytes = std::fs::read(&tree).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&tree, bytes).unwrap();
    assert_eq!(proofs(&shell, ""), plain);
    std::fs::remove_file(&tree).unwrap();
    assert_eq!(proofs(&shell, ""), plain);
    assert_eq!(kept(&shell), Some(tree));
}

#[test]
fn what_is_signed_is_read_and_a_line_that_is_shown_is_checked() {
    let shell = long();
    shell.ledger("head --tree -q").succeeds();
    damage_early(&shell);
    // Only what is read can be found to be damaged.
    shell.ledger("head --tree -q").succeeds();
    let damaged = 6000 / 3;
    for near in [damaged - 50, damaged + 50] {
        assert_eq!(shell.ledger(&format!("prove {near}")).status, Some(6));
    }
    shell.ledger("prove 5000 -q").succeeds();
    if can_sign() {
        key(&shell, "alice", "alice@example.com");
        assert_eq!(shell.ledger("head --sign alice").status, Some(6));
        assert_eq!(shell.ledger("prove 5000 --sign alice").status, Some(6));
    }
}

#[test]
fn what_an_undo_that_fails_had_looked_up_is_looked_up_again() {
    let shell = long();
    let both = concat!(
        "{\"type\":\"deposit\",\"account\":\"p\",\"amount\":\"5\"}\n",
        "{\"type\":\"deposit\",\"account\":\"q\",\"amount\":\"7\"}\n",
    );
    shell
        .ledger_with_input("batch -q -", both.as_bytes())
        .succeeds();
    shell.ledger("limit p --floor 5 -q").succeeds();
    shell.ledger("balance q -q").prints("7.00\n");
    assert!(!files(&shell).is_empty());
    // The deposit to q could be undone, that to p cannot: neither is.
    let lines = concat!(
        "{\"type\":\"undo\"}\n",
        "{\"type\":\"withdraw\",\"account\":\"q\",\"amount\":\"1\"}\n",
    );
    let ran = shell.ledger_with_input("batch --keep-going -q -", lines.as_bytes());
    assert_eq!(ran.status, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("line 1: cannot"), "{ran:?}");
    assert!(!ran.stderr.contains("line 2"), "{ran:?}");
    shell.ledger("balance p q -q").prints("5.00\n6.00\n");
}
