//! Manual pages.

use std::io::Write as _;
use std::process::Stdio;

use crate::harness::{Shell, can_run, program};

/// A page as groff sets it, with every warning it has. `None` where there is no groff.
fn set(page: &str) -> Option<(String, String)> {
    if !can_run("manual pages", "groff", &["--version"]) {
        return None;
    }
    let mut child = program("groff")
        .args(["-man", "-ww", "-Tutf8", "-Kutf8", "-P-cbou", "-rLL=80n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(page.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some((
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

#[test]
fn every_page_is_set_without_a_warning() {
    let shell = Shell::new();
    let mut commands = crate::help::commands();
    commands.push(String::new());
    for command in commands {
        let page = shell.ledger(&format!("man {command}")).succeeds().stdout;
        let Some((text, warnings)) = set(&page) else {
            return;
        };
        assert_eq!(warnings, "", "{command}");
        for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES"] {
            assert!(
                text.lines().any(|line| line == heading),
                "{command}: no {heading}\n{text}"
            );
        }
        assert!(text.contains("ledger"), "{command}: {text}");
        assert!(!text.contains("EXTRA"), "{command}");
        assert!(
            !text.contains('\u{2010}'),
            "{command}: a word is parted\n{text}"
        );
    }
}

#[test]
fn the_page_of_a_command_has_its_exit_codes_and_its_example() {
    let page = Shell::new().ledger("man deposit").succeeds().stdout;
    assert!(page.starts_with(".ie \\n(.g .ds Aq \\(aq\n"), "{page}");
    assert!(page.contains("\n.TH LEDGER-DEPOSIT 1 "), "{page}");
    assert!(
        page.contains("ledger\\-deposit \\- Deposit money\n"),
        "{page}"
    );
    assert!(
        page.contains("\n.SH \"EXIT STATUS\"\n.TP 4\n\\fB0\\fR\ndone"),
        "{page}"
    );
    assert!(page.contains("\\fB12\\fR\noutcome unknown\n"), "{page}");
    assert!(
        page.contains(
            "\n.SH EXAMPLES\n.nf\n\\fBledger deposit 50 \\-m \\*(Aqpocket money\\*(Aq\\fR\n.fi\n"
        ),
        "{page}"
    );
}

#[test]
fn installing_writes_a_page_for_every_command_and_can_be_done_again() {
    let shell = Shell::new();
    let mut expected: Vec<String> = crate::help::commands()
        .iter()
        .map(|command| format!("ledger-{}.1", command.replace(' ', "-")))
        .collect();
    expected.push("ledger.1".to_owned());
    expected.sort();
    for _ in 0..2 {
        shell
            .ledger("man --install 'share/the man'")
            .prints(&format!(
                "{} pages written to 'share/the man/man1'\n",
                expected.len()
            ));
    }
    let mut names: Vec<String> = std::fs::read_dir(shell.file("share/the man/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, expected);
    let page = std::fs::read_to_string(shell.file("share/the man/man1/ledger-undo.1")).unwrap();
    assert_eq!(page, shell.ledger("man undo").succeeds().stdout);
}

#[test]
fn a_page_of_no_command_is_refused_with_the_nearest() {
    let shell = Shell::new();
    shell.ledger("man depost").fails(
        2,
        "error: there is no command `depost`\nhint: ledger man deposit\n",
    );
    shell.ledger("man zebra").fails(
        2,
        "error: there is no command `zebra`\nhint: ledger --help\n",
    );
}

#[test]
fn where_pages_cannot_be_written_it_says_where() {
    let shell = Shell::new();
    std::fs::write(shell.file("taken"), "").unwrap();
    let ran = shell.ledger("man --install taken");
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.starts_with("error: cannot write taken/man1: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_synopsis_has_the_values_of_options() {
    const GLOBAL: &str = "[-f|--file FILE] [--no-create] [--json] [--csv] [-q|--quiet] [--no-pager] \
        [--color WHEN] [--no-cache] [--offline] [--wrong-clock] [--wait SECONDS]";
    let shell = Shell::new();
    let synopsis = |command: &str| {
        let page = shell.ledger(&format!("man {command}")).succeeds().stdout;
        let rest = page.split_once("\n.SH SYNOPSIS\n").unwrap().1;
        let line = rest.split_once("\n.SH").unwrap().0;
        line.replace("\\fB", "")
            .replace("\\fI", "")
            .replace("\\fR", "")
            .replace("\\-", "-")
    };
    let is = |command: &str, own: &str| {
        let expected = format!("ledger {command} {own} {GLOBAL}");
        assert_eq!(synopsis(command), expected);
    };
    is(
        "balance",
        "[--depth N] [--all] [--until WHEN] [--known-at WHEN] [--without SEQ]... [-h|--help] \
         [ACCOUNT...]",
    );
    is(
        "transfer",
        "--from ACCOUNT --to ACCOUNT [-m|--memo TEXT] [--tag KEY=VALUE]... [--effective WHEN] \
         [--key KEY] [--if-head HEAD] [-n|--dry-run] [-h|--help] AMOUNT [CURRENCY]",
    );
    is(
        "bisect",
        "[--all] [--by ORDER] [--until WHEN] [--known-at WHEN] [--without SEQ]... [-h|--help] \
         {ASSERTION... | --exec CMD}",
    );
}
