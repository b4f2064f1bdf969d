//! What the fault tests share: strace around the program, the log looked at from outside, skipping.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use event_ledger::ledger::{ReadOptions, Reader};
use event_ledger::replay::Cutoff;

use crate::ShortWait;

use crate::harness::{self, Ran, Shell, program, words};

/// True where the long variants are asked for.
pub(crate) fn all() -> bool {
    wish("all")
}

fn wish(word: &str) -> bool {
    std::env::var("LEDGER_FAULTS").is_ok_and(|wishes| wishes.split(',').any(|own| own == word))
}

/// Says that a test did not run, past the test harness's capture; where faults are required it is a
/// failure.
pub(crate) fn skip(what: &str, why: &str) {
    assert!(!wish("required"), "{what} must run here, but {why}");
    harness::skip(what, why);
}

/// True where this process is root, which some faults need.
pub(crate) fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:\t0\t0"))
}

/// The program with everything the shell sets, run by another one: `wrapper ledger …`.
pub(crate) fn under(shell: &Shell, wrapper: &[&str], line: &str) -> Command {
    let inner = shell.command();
    let mut command = program(wrapper[0]);
    command
        .args(&wrapper[1..])
        .arg(inner.get_program())
        .args(words(line))
        .current_dir(shell.path())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or(OsStr::new("")));
    }
    command
}

/// Whether strace can be used here; says so where not.
pub(crate) fn can_trace(what: &str) -> bool {
    let works = program("strace")
        .args(["-qq", "-o", "/dev/null", "true"])
        .output()
        .is_ok_and(|ran| ran.status.success());
    if !works {
        skip(what, "strace is missing or may not trace");
    }
    works
}

/// A run under strace and what it called, a line a call.
pub(crate) struct Traced {
    pub(crate) ran: Ran,
    pub(crate) calls: Vec<String>,
}

impl Traced {
    /// The calls whose text holds all of these words.
    pub(crate) fn calls_with(&self, parts: &[&str]) -> Vec<usize> {
        let holds = |call: &String| parts.iter().all(|part| call.contains(part));
        (0..self.calls.len())
            .filter(|at| holds(&self.calls[*at]))
            .collect()
    }

    /// The one call whose text holds all of these words.
    #[track_caller]
    pub(crate) fn call_with(&self, parts: &[&str]) -> usize {
        let found = self.calls_with(parts);
        assert_eq!(found.len(), 1, "{parts:?} in\n{}", self.calls.join("\n"));
        found[0]
    }
}

/// What a run under strace printed, without what strace itself says.
pub(crate) fn without_strace(mut output: Output) -> Ran {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let own = stderr
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("strace: "));
    output.stderr = own.collect::<String>().into_bytes();
    Ran::from(output)
}

/// Runs the program under strace with these injections (`write:error=EIO:when=1`). With `only`, they
/// befall nothing but calls on that file.
pub(crate) fn traced(shell: &Shell, inject: &[&str], only: Option<&Path>, line: &str) -> Traced {
    let out = tempfile::NamedTempFile::new().unwrap();
    let out_path = out.path().to_str().unwrap().to_owned();
    let injections: Vec<String> = inject.iter().map(|i| format!("inject={i}")).collect();
    let mut wrapper = vec!["strace", "-f", "-qq", "-y", "-s", "64", "-o", &out_path];
    for injection in &injections {
        wrapper.extend(["-e", injection]);
    }
    let only = only.map(|path| path.canonicalize().unwrap_or(path.to_owned()));
    if let Some(path) = &only {
        // As a descriptor's file it has its whole path, as an argument the one that was typed.
        wrapper.extend(["-P", path.to_str().unwrap(), "-P", "./ledger.jsonl"]);
    }
    let ran = without_strace(under(shell, &wrapper, line).output().unwrap());
    let text = String::from_utf8_lossy(&std::fs::read(out.path()).unwrap()).into_owned();
    let calls = text
        .lines()
        .map(|line| {
            line.split_once(' ')
                .map_or(line, |(_, call)| call.trim_start())
                .to_owned()
        })
        .collect();
    Traced { ran, calls }
}

/// What a log comes to, every line of it checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Its head's number.
    pub(crate) seq: u64,
    /// The account `main`, in the smallest unit that was written.
    pub(crate) main: String,
    pub(crate) torn_bytes: u64,
    /// The memos of its events, in order, where they have one.
    pub(crate) memos: Vec<String>,
}

/// Reads a log with the library and checks every line of it.
#[track_caller]
pub(crate) fn check(path: &Path) -> Checked {
    let reading = Reader::open(path, &mut ShortWait::default()).unwrap();
    let mut memos = Vec::new();
    let replayed = reading
        .scan::<event_ledger::ledger::LedgerError>(
            Cutoff::default(),
            None,
            ReadOptions::SILENT,
            |entry, _, _| {
                memos.extend(entry.memo().map(str::to_owned));
                Ok(())
            },
        )
        .unwrap();
    let main = replayed.state().account("main");
    Checked {
        seq: replayed.scanned.last.unwrap().seq,
        main: main.map_or_else(String::new, |main| main.balance.to_text(main.scale)),
        torn_bytes: replayed.torn_bytes(),
        memos,
    }
}

/// The numbers of a small generator, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `most`.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}
