//! On a pseudo-terminal: nothing that somebody wrote into the log, a file's name, an argument or the
//! environment acts on it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use crate::harness::{Shell, without_hashes, words};

/// What a terminal acts on, or what hides from its reader, each in a frame to be found again.
const HOSTILE: [&str; 10] = [
    "\u{1}\u{2}\u{7}\u{8}\u{b}\u{c}\u{e}\u{1f}",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]8;;http://x\u{1b}\\link",
    "\u{1b}[2J\u{1b}[31m\u{1b}[1m",
    "\u{7f}\u{7f}",
    "\u{80}\u{85}\u{9b}31m\u{9d}0;owned\u{9c}",
    "\u{202e}\u{202a}\u{2066}\u{2069}\u{200f}\u{61c}",
    "\u{2028}\u{2029}",
    "a\rb\tc",
    "one\ntwo",
];

/// All of it in one text; and without the controls, which some places refuse before they look at
/// anything else.
fn together() -> [String; 2] {
    let all = HOSTILE.concat();
    let without_controls = all.replace(char::is_control, "");
    [all, without_controls]
}

/// What came out of one run on a terminal.
struct Screen {
    text: String,
    status: Option<i32>,
}

/// Both ends of a terminal.
fn terminal() -> (File, File) {
    let master = {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        File::from(master)
    };
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOCTTY)
        .open(OsStr::from_bytes(name.to_bytes()))
        .unwrap();
    // As the program sends it, with no carriage returns put in.
    let mut modes = tcgetattr(&terminal).unwrap();
    modes.make_raw();
    tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: 120,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    (master, terminal)
}

/// What comes out of a terminal until nobody holds its other end.
fn all_of(mut master: File) -> String {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    // Once the other side is closed, a read is an error.
    while let Ok(read) = master.read(&mut block)
        && read > 0
    {
        bytes.extend_from_slice(&block[..read]);
    }
    String::from_utf8(bytes).expect("what is printed is UTF-8")
}

/// Runs the program on a terminal on which this is typed.
fn typing(shell: &Shell, line: &str, typed: &str) -> Screen {
    let (mut master, terminal) = terminal();
    let mut child = {
        let mut command = shell.command();
        command
            .args(words(line))
            .stdin(Stdio::from(terminal.try_clone().unwrap()))
            .stdout(Stdio::from(terminal.try_clone().unwrap()))
            .stderr(Stdio::from(terminal));
        command.spawn().unwrap()
    };
    master.write_all(typed.as_bytes()).unwrap();
    let text = all_of(master);
    let status = child.wait().unwrap().code();
    Screen { text, status }
}

/// Runs the program with standard output and standard error on a terminal of their own.
fn on_a_terminal(
    shell: &Shell,
    arguments: &[OsString],
    input: &[u8],
    set: &[(&str, &OsStr)],
) -> Screen {
    let (master, terminal) = terminal();
    std::fs::write(shell.file("input"), input).unwrap();
    let mut child = {
        let mut command = shell.command();
        command
            .args(arguments)
            .env("TERM", "xterm-256color")
            .envs(set.iter().copied())
            .stdin(File::open(shell.file("input")).unwrap())
            .stdout(Stdio::from(terminal.try_clone().unwrap()))
            .stderr(Stdio::from(terminal));
        command.spawn().unwrap()
    };
    let text = all_of(master);
    let status = child.wait().unwrap().code();
    Screen { text, status }
}

#[test]
fn a_final_seal_and_an_erasure_are_asked_about() {
    for (line, question) in [
        (
            "seal 2026-03 --final",
            "Seal everything up to 2026-03-31 23:59:59.999999 +00:00 for good? [y/N] ",
        ),
        (
            "redact 1 -m request",
            "Erase memo and tags of event 1 for good? [y/N] ",
        ),
    ] {
        let shell = Shell::given(&["deposit 5 -m secret --effective 2026-03-01"]);
        let before = shell.log();
        for answer in ["\n", "n\n", "yessir\n"] {
            let screen = typing(&shell, line, answer);
            assert!(
                without_colours(&screen.text).contains(question),
                "{}",
                screen.text
            );
            assert_eq!(screen.status, Some(2), "{}", screen.text);
            assert_eq!(shell.log(), before);
        }
        let screen = typing(&shell, line, "y\n");
        assert_eq!(screen.status, Some(0), "{}", screen.text);
        assert_ne!(shell.log(), before);
    }
}

/// A text without colours, `ESC [ … m`.
#[test]
fn a_quiet_batch_that_takes_its_time_shows_how_far_it_is_and_then_no_trace_of_it() {
    let shell = Shell::given(&["init --currency EUR"]);
    let (mut master, terminal) = terminal();
    let mut child = {
        let mut command = shell.command();
        command
            .args(words("-q batch --max-bytes 100000000"))
            .env("TERM", "xterm-256color")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::from(terminal));
        command.spawn().unwrap()
    };
    let mut input = child.stdin.take().unwrap();
    let lines = b"{\"type\":\"open\",\"account\":\"main\",\"amount\":1}\n";
    // The lines go on until the terminal shows something; then the batch is refused.
    let shown = std::sync::atomic::AtomicBool::new(false);
    let first = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !shown.load(std::sync::atomic::Ordering::Relaxed) {
                input.write_all(b"\n\n\n\n\n\n\n\n").unwrap();
            }
            input.write_all(lines).unwrap();
            drop(input);
        });
        let mut block = [0; 4096];
        let read = master.read(&mut block).unwrap();
        shown.store(true, std::sync::atomic::Ordering::Relaxed);
        String::from_utf8(block[..read].to_vec()).unwrap()
    });
    assert!(first.contains("reading"), "{first:?}");
    let rest = all_of(master);
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let (erased, error) = rest
        .rsplit_once("\r\u{1b}[2K")
        .unwrap_or_else(|| panic!("{rest:?}"));
    assert!(!erased.contains("error"), "{rest:?}");
    assert!(
        without_colours(error).starts_with("error: line "),
        "{rest:?}"
    );
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        match piece.split_once('m') {
            Some((codes, rest))
                if codes
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b';') =>
            {
                out.push_str(rest);
            }
            _ => write!(out, "\u{1b}[{piece}").unwrap(),
        }
    }
    out
}

/// The files in the shell's directory.
fn files(shell: &Shell) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(shell.path()).unwrap();
    let paths = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    paths
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// Runs it without colour and with, and holds what comes out to be text and line feeds, and with
/// colour the same but for the colours.
#[track_caller]
fn is_harmless(
    shell: &Shell,
    arguments: &[OsString],
    input: &[u8],
    set: &[(&str, &OsStr)],
) -> Screen {
    let before = files(shell);
    let coloured = on_a_terminal(shell, arguments, input, set);
    // The same again, in the same directory.
    for path in files(shell).keys() {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in &before {
        std::fs::write(path, bytes).unwrap();
    }
    let no_colour = [("NO_COLOR", OsStr::new("1"))];
    let plain = on_a_terminal(shell, arguments, input, &[set, &no_colour].concat());
    let acts = |c: char| {
        c != '\n'
            && (c.is_control()
                || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    if let Some(at) = plain.text.find(acts) {
        let from = plain.text[..at].rfind('\n').map_or(0, |at| at + 1);
        panic!("{arguments:?} prints {:?}", &plain.text[from..]);
    }
    assert_eq!(
        without_hashes(&without_colours(&coloured.text)),
        without_hashes(&plain.text),
        "{arguments:?}: colours that are not ours"
    );
    assert!(plain.status.is_some(), "{arguments:?}: {}", plain.text);
    plain
}

fn typed(line: &str) -> Vec<OsString> {
    words(line).into_iter().map(OsString::from).collect()
}

/// A log in which everything that can hold hostile text holds all of it.
fn hostile_log() -> Shell {
    let shell = Shell::given(&["init --currency EUR", "deposit 100"]);
    for hostile in HOSTILE {
        shell.run(["deposit", "5", "-m", hostile]).succeeds();
        let tag = format!("k{hostile}={hostile}");
        shell.run(["deposit", "5", "--tag", &tag]).succeeds();
        if !hostile.contains(char::is_control) {
            shell.run(["withdraw", "1", "--key", hostile]).succeeds();
        }
    }
    // No argument can hold a NUL, and a name can hold letters that look like nothing.
    let nul = r#"{"type":"deposit","account":"ㅤ:ﾠ","amount":"1","memo":"\u0000\u001b[2J","tags":{"\u0000":"\u0000"}}"#;
    shell.ledger_with_input("batch", nul.as_bytes()).succeeds();
    shell
}

#[test]
fn nothing_from_the_log_acts_on_a_terminal() {
    let shell = hostile_log();
    for line in [
        "balance",
        "balance -q main",
        "balance --json",
        "history",
        "history --json",
        "history --net --reverse --limit 3",
        "history ㅤ:ﾠ",
        "replay",
        "replay --json",
        "show 2",
        "show 4",
        "show 6 --json",
        "show seq",
        "accounts",
        "accounts --json",
        "diff seq:1 head",
        "diff seq:1 head --json",
        "assert 'main == 1'",
        "assert 'main == 1' --format tap",
        "assert 'main == 1' --format junit",
        "head",
        "verify",
        "verify --format github",
        "verify --format junit",
        "verify --format tap",
        "doctor",
    ] {
        is_harmless(&shell, &typed(line), b"", &[]);
    }
    let seqs = 2..=shell.log().iter().filter(|byte| **byte == b'\n').count() - 1;
    for seq in seqs {
        let screen = is_harmless(&shell, &typed(&format!("show {seq}")), b"", &[]);
        assert!(
            screen.text.contains("\\u{") || screen.text.contains('\\'),
            "{}",
            screen.text
        );
    }
}

#[test]
fn json_gives_every_text_back_exactly() {
    let shell = Shell::given(&["init -q"]);
    let texts = HOSTILE.map(str::to_owned).into_iter().chain(together());
    let texts = texts.chain(["\u{0}\u{10ffff}\u{feff}\"\\/é𝄞".to_owned()]);
    for text in texts {
        let wish = serde_json::json!({"type": "deposit", "amount": "1", "memo": text, "tags": {&text: text}});
        let receipt = shell.ledger_with_input("batch --json", wish.to_string().as_bytes());
        let receipt = receipt.succeeds().json();
        let show = format!("show {} --json", receipt["seq"]);
        let shown = shell.ledger(&show).succeeds().json();
        let on_screen = on_a_terminal(&shell, &typed(&show), b"", &[]).text;
        let on_screen: serde_json::Value = serde_json::from_str(&on_screen).unwrap();
        let history = shell.ledger("history --json").succeeds().json_lines();
        let replay = shell.ledger("replay --json").succeeds().json_lines();
        for event in [
            &receipt,
            &shown["event"],
            &on_screen["event"],
            history.last().unwrap(),
            &replay[replay.len() - 2]["event"],
        ] {
            assert_eq!(event["memo"], wish["memo"], "{event}");
            assert_eq!(event["tags"], wish["tags"], "{event}");
        }
    }
}

#[test]
fn receipts_and_refusals_of_hostile_text_do_nothing_to_a_terminal() {
    let shell = hostile_log();
    for hostile in together() {
        let text = OsString::from(&hostile);
        for (before, behind) in [
            ("deposit 5 -m", ""),
            ("deposit 5 --json -m", ""),
            ("deposit 5 -n -m", ""),
            ("deposit 7 -m x --key", ""),
            ("deposit 7 --tag", ""),
            ("deposit 7 -a", ""),
            ("deposit", ""),
            ("deposit 7 EUR -m x --effective", ""),
            ("deposit 7", ""),
            ("balance", ""),
            ("balance --until", ""),
            ("balance --known-at", ""),
            ("balance --color", ""),
            ("balance --wait", ""),
            ("--file", "balance"),
            ("--file", "deposit 5"),
            ("--file", "verify"),
            ("--file", "doctor"),
            ("--file", "batch no-such-file"),
            ("history --type", ""),
            ("history --tag", ""),
            ("history --limit", ""),
            ("history --since", ""),
            ("show", ""),
            ("reverse", ""),
            ("assert", ""),
            ("diff", "now"),
            ("verify --head", ""),
            ("verify --format", ""),
            ("doctor --salvage-to", ""),
            ("init --zone", ""),
            ("init --currency", ""),
            ("open a --floor", ""),
            ("batch", ""),
            ("completions", ""),
            ("schema", ""),
            ("man", ""),
            ("help", ""),
            ("", ""),
            ("", "--help"),
        ] {
            let arguments = [typed(before), vec![text.clone()], typed(behind)].concat();
            is_harmless(&shell, &arguments, b"", &[]);
        }
        // An unknown flag, and one glued to its value.
        for glued in ["--", "--color=", "--file=", "--tag=", "-x", "--until="] {
            let mut argument = OsString::from(glued);
            argument.push(&hostile);
            is_harmless(&shell, &[OsString::from("deposit"), argument], b"", &[]);
        }
        is_harmless(&shell, &typed("withdraw 1000 --key once"), b"", &[]);
    }
    let mut bytes = OsString::from_vec(b"\xff\x1b[2J\xc2\x9b".to_vec());
    for line in ["deposit", "balance", "--file", "deposit 5 -m", "batch"] {
        is_harmless(
            &shell,
            &[typed(line), vec![bytes.clone()]].concat(),
            b"",
            &[],
        );
    }
    bytes.push(".jsonl");
    let new = [vec![OsString::from("--file"), bytes], typed("deposit 5")].concat();
    let screen = is_harmless(&shell, &new, b"", &[]);
    assert_eq!(screen.status, Some(0), "{}", screen.text);
}

#[test]
fn what_a_key_stands_for_and_what_is_undone_does_nothing_to_a_terminal() {
    let shell = hostile_log();
    for hostile in HOSTILE
        .into_iter()
        .filter(|text| !text.contains(char::is_control))
    {
        for (amount, status) in [("1", 0), ("2", 5)] {
            let arguments: Vec<OsString> = ["withdraw", amount, "--key", hostile]
                .map(OsString::from)
                .to_vec();
            let screen = is_harmless(&shell, &arguments, b"", &[]);
            assert_eq!(screen.status, Some(status), "{}", screen.text);
        }
    }
    for seq in 2..20 {
        is_harmless(&shell, &typed(&format!("reverse {seq}")), b"", &[]);
        is_harmless(
            &shell,
            &typed(&format!("deposit 5 --key k --if-head {seq}:00000000")),
            b"",
            &[],
        );
    }
    for _ in 0..4 {
        is_harmless(&shell, &typed("undo"), b"", &[]);
    }
}

#[test]
fn what_is_wrong_with_a_batch_is_said_harmlessly() {
    let shell = hostile_log();
    for hostile in together() {
        let text = serde_json::to_string(&hostile).unwrap();
        for line in [
            format!(r#"{{"type":"deposit","amount":"5","memo":{text}}}"#),
            format!(r#"{{"type":{text},"amount":"5"}}"#),
            format!(r#"{{"type":"deposit","amount":{text}}}"#),
            format!(r#"{{"type":"deposit","amount":"5","account":{text}}}"#),
            format!(r#"{{"type":"deposit","amount":"5","effective":{text}}}"#),
            format!(r#"{{"type":"deposit","amount":"5",{text}:1}}"#),
            format!(r#"{{"type":"deposit","amount":"5","tags":{{{text}:1}}}}"#),
            format!(r#"{{"type":"deposit","amount":"5",{text}"#),
            hostile.clone(),
            format!(r#"{{"type":"deposit","amount":"5{hostile}"}}"#),
        ] {
            is_harmless(&shell, &typed("batch"), line.as_bytes(), &[]);
            is_harmless(&shell, &typed("batch --keep-going"), line.as_bytes(), &[]);
        }
    }
}

#[test]
fn damage_and_torn_tails_are_told_harmlessly() {
    for hostile in together() {
        let shell = hostile_log();
        let sound = shell.log();
        // Raw in a line of its own, in place of a memo's text, and as a torn tail.
        let raw = [&sound[..], hostile.as_bytes(), b"\n"].concat();
        let begun = [&sound[..], b"{\"v\":1,\"seq\":", hostile.as_bytes()].concat();
        let torn = sound[..sound.len() - 20].to_vec();
        let theirs = hostile.as_bytes().to_vec();
        for log in [raw, begun, torn, theirs] {
            for line in [
                "balance",
                "balance --json",
                "replay",
                "verify",
                "verify --json",
                "verify --format github",
                "doctor",
                "doctor --json",
                "deposit 5",
            ] {
                shell.set_log(&log);
                is_harmless(&shell, &typed(line), b"", &[]);
            }
        }
    }
}

#[test]
fn the_environment_and_the_names_of_files_do_nothing_to_a_terminal() {
    let shell = hostile_log();
    for hostile in together() {
        let value = OsStr::new(&hostile);
        for line in ["--help", "balance --help", "balance", "deposit 5", "verify"] {
            is_harmless(&shell, &typed(line), b"", &[("LEDGER_LOG", value)]);
            is_harmless(&shell, &typed(line), b"", &[("LEDGER_NOW", value)]);
        }
        let file = OsString::from(format!("log{}.jsonl", hostile.replace('/', "")));
        std::fs::copy(shell.file("ledger.jsonl"), shell.file("of.jsonl")).unwrap();
        std::fs::rename(shell.file("of.jsonl"), shell.path().join(&file)).unwrap();
        for line in [
            "balance",
            "verify",
            "doctor",
            "deposit 5",
            "init",
            "doctor --salvage-to new",
        ] {
            let arguments = [vec![OsString::from("--file"), file.clone()], typed(line)].concat();
            is_harmless(&shell, &arguments, b"", &[]);
        }
        let log = shell.log();
        std::fs::write(shell.path().join(&file), &log[..log.len() - 20]).unwrap();
        for line in ["balance", "verify", "deposit 5"] {
            let arguments = [vec![OsString::from("--file"), file.clone()], typed(line)].concat();
            is_harmless(&shell, &arguments, b"", &[]);
        }
        let damaged = [&log[..], b"x\n"].concat();
        std::fs::write(shell.path().join(&file), damaged).unwrap();
        for line in [
            "balance",
            "verify",
            "doctor",
            "deposit 5",
            "doctor --repair",
        ] {
            let arguments = [vec![OsString::from("--file"), file.clone()], typed(line)].concat();
            is_harmless(&shell, &arguments, b"", &[]);
        }
    }
}

#[test]
fn what_completion_offers_does_nothing_to_a_terminal() {
    let shell = hostile_log();
    for hostile in HOSTILE {
        std::fs::write(
            shell
                .path()
                .join(format!("file{}", hostile.replace('/', ""))),
            "",
        )
        .unwrap();
    }
    for kind in ["fish", "bash", "zsh", "elvish", "powershell"] {
        for line in [
            "balance",
            "history --tag",
            "history --tag k",
            "show",
            "reverse",
            "balance --until",
            "deposit 5 -a",
            "batch",
            "--file",
            "verify --head",
        ] {
            let arguments = [typed("-- ledger"), typed(line), vec![OsString::new()]].concat();
            let screen = on_a_terminal(
                &shell,
                &arguments,
                b"",
                &[("LEDGER_COMPLETE", OsStr::new(kind))],
            );
            let acts = |c: char| {
                !matches!(c, '\n' | '\t' | '\u{b}') && c.is_control()
                    || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(
                !screen.text.contains(acts),
                "{kind} {line}: {:?}",
                screen.text
            );
        }
    }
}
