//! The budget of build minutes in `sample-data/ci`, as far as it runs without a CI system.

use std::path::{Path, PathBuf};

use crate::harness::{Ran, Shell, program};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sample-data/ci")
        .join(name)
}

/// A directory for the log, and one for the programs: `ledger`, and a `date` that stands still.
struct Job {
    shell: Shell,
    programs: Shell,
    variables: Vec<(&'static str, &'static str)>,
}

impl Job {
    fn new() -> Job {
        let programs = Shell::new();
        let ledger = env!("CARGO_BIN_EXE_ledger");
        std::os::unix::fs::symlink(ledger, programs.file("ledger")).unwrap();
        let date = "#!/bin/sh\n[ \"$*\" = '-u +%Y-%m' ] && echo 2026-11\n";
        std::fs::write(programs.file("date"), date).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(programs.file("date"), executable).unwrap();
        Job {
            shell: Shell::new(),
            programs,
            variables: vec![
                ("LEDGER_NOW", crate::harness::NOW),
                ("MINUTES", "20"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_REPOSITORY", "us/shop"),
                ("GITHUB_RUN_ID", "17"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("GITHUB_JOB", "build"),
                ("GITHUB_SHA", "c0ffee"),
            ],
        }
    }

    fn with(&mut self, name: &'static str, value: &'static str) {
        self.variables.retain(|(own, _)| *own != name);
        self.variables.push((name, value));
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let system = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{system}", self.programs.path().display());
        let output = program("sh")
            .arg(sample("build-minutes.sh"))
            .args(arguments)
            .current_dir(self.shell.path())
            .env("PATH", path)
            .envs(self.variables.iter().copied())
            .output()
            .unwrap();
        Ran::from(output)
    }

    fn left(&self) -> String {
        let ran = self
            .shell
            .ledger("-f build-minutes.jsonl balance budget -q");
        ran.succeeds().stdout
    }
}

#[test]
fn a_budget_of_build_minutes_is_granted_once_a_month_and_taken_once_a_job() {
    let mut job = Job::new();
    for attempt in ["1", "2", "3"] {
        job.with("GITHUB_RUN_ATTEMPT", attempt);
        for step in [["grant"].as_slice(), &["spend", "8"], &["check"]] {
            job.run(step).succeeds();
        }
        assert_eq!(job.left(), "12\n", "attempt {attempt}");
    }
    job.with("LEG", "windows");
    job.run(&["spend", "8"]).succeeds();
    job.with("GITHUB_RUN_ID", "18");
    job.run(&["spend", "8"]).fails(
        4,
        "error: cannot transfer 8 from budget: balance 4, floor 0\nhint: ledger history budget\n",
    );
    assert_eq!(job.left(), "4\n");
    job.run(&["check"]).succeeds();
}

#[test]
fn a_log_that_was_cut_off_behind_the_kept_head_fails_the_job() {
    let job = Job::new();
    for step in [["grant"].as_slice(), &["spend", "8"], &["check"]] {
        job.run(step).succeeds();
    }
    let path = job.shell.file("build-minutes.jsonl");
    let log = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = log.split_inclusive('\n').take(2).collect();
    std::fs::write(&path, kept.concat()).unwrap();
    let ran = job.run(&["check"]);
    assert_eq!(ran.status, Some(6));
    assert!(
        ran.stderr.contains("the log is shorter than the head 2:"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_workflow_calls_what_the_script_knows() {
    let workflow = std::fs::read_to_string(sample("build-minutes.yml")).unwrap();
    let calls: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: ./build-minutes.sh "))
        .collect();
    assert_eq!(calls, ["grant", "spend 10", "check"]);
    assert!(!workflow.contains('\t'));
    let install = workflow.lines().find(|line| line.contains("cargo install"));
    assert!(
        install.unwrap().contains(" --git "),
        "the crate is not in a registry: {install:?}"
    );
    let ran = Job::new().run(&[]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.ends_with("grant | spend MINUTES | check\n"),
        "{}",
        ran.stderr
    );
}
