//! What every test of the command line stands on: a directory of its own, an environment with
//! nothing in it but what the test puts there, a clock that stands still, and exact comparison.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

#[path = "pasted.rs"]
mod pasted;

/// The clock of every test that does not set another.
pub(crate) const NOW: &str = "2026-11-23T10:15:02Z";

/// A directory with perhaps a log in it, and the program run there.
pub(crate) struct Shell {
    directory: TempDir,
    environment: Vec<(String, String)>,
    /// Whether hints are tried, in a copy of the directory.
    pastes: bool,
}

impl Shell {
    /// An empty directory.
    pub(crate) fn new() -> Shell {
        Shell {
            directory: TempDir::new().unwrap(),
            environment: vec![("LEDGER_NOW".to_owned(), NOW.to_owned())],
            pastes: true,
        }
    }

    /// An empty directory, and these commands run in it, each of which succeeds. Words are parted
    /// by blanks; quotes as in a shell.
    pub(crate) fn given(commands: &[&str]) -> Shell {
        let shell = Shell::new();
        for command in commands {
            shell.ledger(command).succeeds();
        }
        shell
    }

    /// Sets the clock from here on.
    pub(crate) fn at(&mut self, now: &str) -> &mut Shell {
        self.with("LEDGER_NOW", now)
    }

    /// Sets a variable from here on.
    pub(crate) fn with(&mut self, name: &str, value: &str) -> &mut Shell {
        self.environment.retain(|(own, _)| own != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a variable out of the environment.
    pub(crate) fn without(&mut self, name: &str) -> &mut Shell {
        self.environment.retain(|(own, _)| own != name);
        self
    }

    /// Where the commands run.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file in the directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The log's bytes.
    pub(crate) fn log(&self) -> Vec<u8> {
        std::fs::read(self.file("ledger.jsonl")).unwrap()
    }

    /// Puts these bytes in place of the log.
    pub(crate) fn set_log(&self, bytes: &[u8]) {
        std::fs::write(self.file("ledger.jsonl"), bytes).unwrap();
    }

    /// The names in the directory, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The program, ready to be run with more arguments or other streams.
    pub(crate) fn command(&self) -> Command {
        self.command_by(env!("CARGO_BIN_EXE_ledger"))
    }

    /// Another program in the same environment, one that runs ours.
    pub(crate) fn command_by(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path().join("home"))
            .env("XDG_CACHE_HOME", self.caches())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Where caches lie: beside the directory, so that `names` shows only what belongs there.
    pub(crate) fn caches(&self) -> PathBuf {
        let name = self.path().file_name().unwrap().to_string_lossy();
        self.path().parent().unwrap().join(format!("{name}-cache"))
    }

    /// Runs the program with a command line as it would be typed.
    #[track_caller]
    pub(crate) fn ledger(&self, line: &str) -> Ran {
        self.run(words(line))
    }

    /// Runs the program with these arguments.
    #[track_caller]
    pub(crate) fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Ran {
        let mut command = self.command();
        let ran = Ran::from(command.args(arguments).output().unwrap());
        let text = |word: &OsStr| word.to_string_lossy().into_owned();
        let arguments: Vec<String> = command.get_args().map(text).collect();
        if self.pastes {
            pasted::check(self, &arguments, &ran);
        }
        ran
    }

    /// From here on hints are not tried: the log is not in the directory.
    pub(crate) fn pastes_nothing(&mut self) -> &mut Shell {
        self.pastes = false;
        self
    }

    /// Runs the program without a check of its hints.
    pub(crate) fn unchecked<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, words: I) -> Ran {
        Ran::from(self.command().args(words).output().unwrap())
    }

    /// A copy of a directory, with the same environment.
    pub(crate) fn copy_of(other: &Shell) -> Shell {
        let mut shell = Shell::new();
        shell.environment.clone_from(&other.environment);
        pasted::copy(other.path(), shell.path());
        shell
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn ledger_with_input(&self, line: &str, input: &[u8]) -> Ran {
        let mut child = self
            .command()
            .args(words(line))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ran::from(output)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.caches());
    }
}

/// Words of a command line: parted by blanks, kept together by single or double quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {line}");
    words.extend(word);
    words
}

/// What a run printed and how it ended. Ids, salts and hashes differ from run to run, so every
/// run of 16, 32 or 64 hex digits reads `<hex16>`, `<hex32>`, `<hex64>` in `stdout` and `stderr`.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: Option<i32>,
    /// Standard output as it came.
    pub(crate) raw: Vec<u8>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: &[u8]| without_hashes(&String::from_utf8_lossy(bytes));
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            status: output.status.code(),
            raw: output.stdout,
        }
    }
}

impl Ran {
    /// Exit code 0, whatever was printed.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Ran {
        assert_eq!(
            self.status,
            Some(0),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Exit code 0, exactly this on standard output and nothing on standard error.
    #[track_caller]
    pub(crate) fn prints(self, stdout: &str) -> Ran {
        self.is(0, stdout, "")
    }

    /// This exit code, nothing on standard output and exactly this on standard error.
    #[track_caller]
    pub(crate) fn fails(self, status: i32, stderr: &str) -> Ran {
        self.is(status, "", stderr)
    }

    /// Exactly this.
    #[track_caller]
    pub(crate) fn is(self, status: i32, stdout: &str, stderr: &str) -> Ran {
        let expected = (Some(status), stdout.to_owned(), stderr.to_owned());
        let found = (self.status, self.stdout.clone(), self.stderr.clone());
        assert!(
            expected == found,
            "expected status {:?}\n--- stdout\n{}--- stderr\n{}\nfound status {:?}\n--- stdout\n{}--- stderr\n{}",
            expected.0,
            expected.1,
            expected.2,
            found.0,
            found.1,
            found.2
        );
        self
    }

    /// Standard output as JSON, one value a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        String::from_utf8(self.raw.clone())
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")))
            .collect()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut lines = self.json_lines();
        assert_eq!(lines.len(), 1, "{}", self.stdout);
        lines.remove(0)
    }

    /// The error object on standard error, which has JSON objects only, one a line.
    #[track_caller]
    pub(crate) fn error(&self) -> serde_json::Value {
        let mut found = serde_json::Value::Null;
        for line in self.stderr.lines() {
            let value: serde_json::Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}: {error}", self.stderr));
            if let Some(error) = value.get("error") {
                found = error.clone();
            }
        }
        found
    }
}

/// `LineReader` of text, each with its end.
pub(crate) fn lines(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// Replaces runs of 16, 32 and 64 hex digits.
pub(crate) fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        match run.len() {
            length @ (16 | 32 | 64) => out.extend(["<hex", &length.to_string(), ">"]),
            _ => out.push_str(&run),
        }
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// A program of another project, in an environment that is the same on every machine.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", std::env::var_os("HOME").unwrap_or_default())
        .env("LC_ALL", "C.UTF-8")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::null());
    command
}

/// Whether a program runs here, found out with arguments that must succeed. If it does not, `what` is
/// reported as skipped.
pub(crate) fn can_run(what: &str, name: &str, probe: &[&str]) -> bool {
    let ran = program(name).args(probe).output();
    let runs = ran.is_ok_and(|ran| ran.status.success());
    if !runs {
        let probe = probe.join(" ");
        skip(what, &format!("`{name} {probe}` does not run here"));
    }
    runs
}

/// What a program prints on standard output. It must succeed.
#[track_caller]
pub(crate) fn stdout_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Reports once, past the capture of the test runner, that something cannot be tested here.
pub(crate) fn skip(what: &str, why: &str) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("\nskipped: {what}: {why}\n");
    if REPORTED.lock().unwrap().insert(line.clone()) {
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
