//! The nightly job in `sample-data/ci`, as far as it runs without a CI system.

use std::path::{Path, PathBuf};

use crate::harness::{Ran, Shell, program};
use crate::proofs::{can_sign, key};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sample-data/ci")
        .join(name)
}

/// A log, a key, and a directory of programs: `ledger`, and a `date` that says which night it is.
struct Job {
    shell: Shell,
    programs: Shell,
}

impl Job {
    fn new() -> Job {
        let shell = Shell::given(&["deposit 5 -q"]);
        key(&shell, "key", "shop@example.com");
        std::fs::create_dir(shell.file("heads")).unwrap();
        std::fs::rename(shell.file("signers"), shell.file("heads/allowed_signers")).unwrap();
        let programs = Shell::new();
        let ledger = env!("CARGO_BIN_EXE_ledger");
        std::os::unix::fs::symlink(ledger, programs.file("ledger")).unwrap();
        let date = programs.file("date");
        std::fs::write(&date, "#!/bin/sh\necho \"$NIGHT\"\n").unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(date, executable).unwrap();
        Job { shell, programs }
    }

    fn run(&self, night: &str) -> Ran {
        let system = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{system}", self.programs.path().display());
        let output = program("sh")
            .arg(sample("nightly-head.sh"))
            .current_dir(self.shell.path())
            .envs([("PATH", path.as_str()), ("KEY", "key"), ("NIGHT", night)])
            .output()
            .unwrap();
        Ran::from(output)
    }

    fn newest(&self) -> String {
        std::fs::read_to_string(self.shell.file("heads/newest.head")).unwrap()
    }
}

#[test]
fn every_night_has_a_signed_head_and_a_proof_of_growth() {
    if !can_sign() {
        return;
    }
    let job = Job::new();
    job.run("2026-11-21")
        .prints("heads/newest.head: head of size 2, signed by shop@example.com\n");
    // A night without events.
    job.run("2026-11-22").succeeds();
    job.shell.ledger("deposit 7 -q").succeeds();
    job.run("2026-11-23")
        .prints("heads/newest.head: head of size 3, signed by shop@example.com\n");
    for (growth, older) in [("22", "21"), ("23", "22")] {
        let check = format!(
            "check heads/2026-11-{growth}.growth --head heads/2026-11-{older}.head --signers \
             heads/allowed_signers -q"
        );
        job.shell.ledger(&check).prints("");
    }
}

#[test]
fn a_night_after_a_change_signs_nothing() {
    if !can_sign() {
        return;
    }
    let job = Job::new();
    job.shell.ledger("deposit 7 -q").succeeds();
    job.run("2026-11-21").succeeds();
    let newest = job.newest();
    let log = String::from_utf8(job.shell.log()).unwrap();
    let first: Vec<&str> = log.split_inclusive('\n').take(2).collect();
    job.shell.set_log(first.concat().as_bytes());
    job.shell.ledger("deposit 70 -q").succeeds();
    job.shell.ledger("deposit 8 -q").succeeds();
    let ran = job.run("2026-11-22");
    assert_eq!(ran.status, Some(6), "{}", ran.stderr);
    assert!(ran.stderr.contains("does not begin with"), "{}", ran.stderr);
    assert_eq!(job.newest(), newest);
    assert!(!job.shell.file("heads/2026-11-22.head").exists());
    assert!(!job.shell.file("heads/2026-11-22.growth").exists());
    // A head that was put there by a person without the key.
    job.shell
        .ledger("head --tree -o heads/forged.head -q")
        .succeeds();
    std::fs::rename(
        job.shell.file("heads/forged.head"),
        job.shell.file("heads/newest.head"),
    )
    .unwrap();
    let ran = job.run("2026-11-22");
    assert_eq!(ran.status, Some(6), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the head is not signed"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_workflow_runs_the_script_with_variables_that_it_reads() {
    let workflow = std::fs::read_to_string(sample("nightly-head.yml")).unwrap();
    let script = std::fs::read_to_string(sample("nightly-head.sh")).unwrap();
    assert!(
        workflow
            .lines()
            .any(|line| line.trim() == "./nightly-head.sh")
    );
    assert!(!workflow.contains('\t'));
    for name in ["LEDGER_LOG", "HEADS", "KEY"] {
        assert!(workflow.contains(&format!("      {name}: ")), "{name}");
        assert!(script.contains(&format!("${{{name}:")), "{name}");
    }
    let ran = program("sh")
        .arg(sample("nightly-head.sh"))
        .output()
        .unwrap();
    assert!(!ran.status.success());
}
