//! Command lines that clap does not take.

use clap::{Arg, ArgAction, Command};

use super::*;

const EVIL: &str = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}a\nerror: b\n\n  tip: rm";
const EVIL_SHOWN: &str = "\\u{1b}]0;owned\\u{7}\\u{9b}31m\\u{202e}a\\nerror: b\\n\\n  tip: rm";

fn ledger() -> Command {
    Command::new("ledger")
        .version("1.2.3")
        .bin_name("ledger")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("color")
                .long("color")
                .value_parser(["auto", "always"])
                .global(true),
        )
        .subcommand(
            Command::new("deposit")
                .arg(
                    Arg::new("amount")
                        .required(true)
                        .value_parser(|text: &str| {
                            if text == "5" {
                                Ok(5)
                            } else {
                                Err(format!("{text} is not five"))
                            }
                        }),
                )
                .arg(Arg::new("memo").long("memo"))
                .arg(
                    Arg::new("dry")
                        .long("dry")
                        .action(ArgAction::SetTrue)
                        .conflicts_with("memo"),
                ),
        )
}

fn mistake_of<const N: usize>(arguments: [&str; N]) -> UsageMistake {
    let error = ledger().try_get_matches_from(arguments).unwrap_err();
    let NotRun::Mistake(mistake) = not_run(error, true) else {
        panic!("not a mistake: {arguments:?}");
    };
    for text in [Some(&mistake.message), mistake.hint.as_ref()]
        .into_iter()
        .flatten()
    {
        assert_eq!(harmless(text), *text, "{arguments:?}");
    }
    mistake
}

#[test]
fn mistakes_are_one_line_and_a_hint() {
    for (arguments, message, hint) in [
        (
            &["ledger", "deposit"][..],
            "the following required arguments were not provided: <amount>",
            Some("ledger deposit --help"),
        ),
        (
            &["ledger", "depsit"],
            "unrecognized subcommand 'depsit'",
            Some("ledger --help"),
        ),
        (
            &["ledger", "--color", "blue", "deposit", "5"],
            "invalid value 'blue' for '--color <color>' [possible values: auto, always]",
            None,
        ),
        (
            &["ledger", "deposit", "6"],
            "invalid value '6' for '<amount>': 6 is not five",
            None,
        ),
        (
            &["ledger", "deposit", "5", "--meno", "x"],
            "unexpected argument '--meno' found",
            Some("ledger deposit --help"),
        ),
        (
            &["ledger", "deposit", "5", "6"],
            "unexpected argument '6' found",
            Some("ledger deposit --help"),
        ),
        (
            &["ledger", "deposit", "5", "--memo", "a", "--dry"],
            "the argument '--memo <memo>' cannot be used with '--dry'",
            Some("ledger deposit --help"),
        ),
        (
            &["ledger", "--color", "auto"],
            "ledger needs a command",
            Some("ledger --help"),
        ),
    ] {
        let error = ledger().try_get_matches_from(arguments).unwrap_err();
        let expected = UsageMistake {
            message: message.into(),
            hint: hint.map(str::to_owned),
        };
        assert_eq!(not_run(error, true), NotRun::Mistake(expected));
    }
}

#[test]
fn arguments_are_echoed_harmless_and_cannot_forge_a_hint() {
    let quoted = format!("'{EVIL_SHOWN}'");
    for mistake in [
        mistake_of(["ledger", EVIL]),
        mistake_of(["ledger", "--color", EVIL, "deposit", "5"]),
        mistake_of(["ledger", "deposit", EVIL]),
        mistake_of(["ledger", "deposit", "5", EVIL]),
    ] {
        assert!(mistake.message.contains(&quoted), "{mistake:?}");
        assert!(
            !mistake.hint.clone().is_some_and(|hint| hint.contains("rm")),
            "{mistake:?}"
        );
    }
    let flag = format!("--{EVIL}");
    assert!(
        mistake_of(["ledger", "deposit", "5", &flag])
            .message
            .contains(EVIL_SHOWN)
    );
    assert!(
        mistake_of(["ledger", "deposit", &flag])
            .message
            .contains(EVIL_SHOWN)
    );
}

#[test]
#[cfg(unix)]
fn bytes_that_are_no_text_are_a_mistake_and_no_panic() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    for place in 1..4 {
        let mut arguments: Vec<OsString> = ["ledger", "deposit", "5", "--memo"]
            .map(OsString::from)
            .into();
        arguments.insert(place, OsString::from_vec(b"\xff\x1b[2J".to_vec()));
        let error = ledger().try_get_matches_from(arguments).unwrap_err();
        let NotRun::Mistake(mistake) = not_run(error, true) else {
            panic!("not a mistake");
        };
        assert_eq!(harmless(&mistake.message), mistake.message);
    }
}

#[test]
fn help_and_version_are_asked_for_and_nothing_is_not() {
    let parse = |arguments: &[&str]| ledger().try_get_matches_from(arguments).unwrap_err();
    assert_eq!(
        not_run(parse(&["ledger", "-V"]), false),
        NotRun::Asked("ledger 1.2.3\n".into())
    );
    let NotRun::Asked(plain) = not_run(parse(&["ledger", "--help"]), false) else {
        panic!("not asked for");
    };
    assert!(plain.contains("Usage: ledger") && !plain.contains('\u{1b}'));
    let NotRun::Asked(styled) = not_run(parse(&["ledger", "--help"]), true) else {
        panic!("not asked for");
    };
    assert!(styled.contains("\u{1b}[") && !styled.contains("u{1b}"));
    assert_eq!(not_run(parse(&["ledger"]), true), NotRun::Nothing);
}
