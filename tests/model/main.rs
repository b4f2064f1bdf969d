//! Random sequences of every writing command against a model that knows only a list of lines: the same
//! lines, balances, holds and refusals.
//!
//! The usual run takes a few thousand commands. The long one takes 100,000:
//! `cargo test --release --test model -- --ignored`. A failure is shown as a short sequence that fails in
//! the same way.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::format_collect,
    reason = "a test may panic"
)]

mod ask;
mod asked;
mod books;
mod library;
mod program;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ask::{Command, Dice, MORNING, Story};
use crate::books::{Answer, Books, Cut, Position};
use crate::library::Library;
use crate::program::Program;

/// What runs commands on a log: the library, or the program.
pub(crate) trait Runner {
    /// Starts a log.
    fn start(story: &Story) -> Self;

    /// Runs a command and returns what each thing that it asks for led to, or the one refusal of all.
    fn run(&mut self, command: &Command, books: &Books) -> Result<Vec<Answer>, String>;

    /// The lines of the log, with `HASH` and `SALT` in place of what is not known before.
    fn lines(&self) -> Vec<String>;

    /// Compares the answers of reading commands.
    fn read(&mut self, cut: Cut, books: &Books, now: ask::Micros) -> Result<(), String>;
}

/// How often each answer and each kind of line came.
type Counts = BTreeMap<&'static str, usize>;

/// How often everything is read, in commands.
const READ_EVERY: usize = 8;

/// Replays a story; an error says where the two differ.
fn differs<R: Runner>(story: &Story) -> Result<(), String> {
    let mut runner = R::start(story);
    let mut books = Books::new(story.currency, story.strict, MORNING);
    for (index, command) in story.commands.iter().enumerate() {
        let before = books.lines.len();
        let expected = books.run(command);
        let found = runner.run(command, &books);
        let expected = expected.map(flat).map_err(str::to_owned);
        let found = found.map(flat);
        if expected != found {
            return Err(format!(
                "command {index}: expected {expected:?}, found {found:?}"
            ));
        }
        let lines = runner.lines();
        for line in &books.lines[before..] {
            let text = line.text();
            let found = lines.get(line.seq as usize);
            if found != Some(&text) {
                return Err(format!(
                    "command {index}: expected\n{text}\nfound\n{found:?}"
                ));
            }
        }
        if lines.len() != books.lines.len() {
            return Err(format!("command {index}: {} lines", lines.len()));
        }
        if index % READ_EVERY == 0 || index + 1 == story.commands.len() {
            let mut dice = Dice(index as u64);
            let position = |dice: &mut Dice| match dice.below(3) {
                0 => None,
                1 => Some(Position::Seq(dice.below(before as u64))),
                _ => Some(Position::Time(
                    command.now + (dice.below(60).cast_signed() - 30) * ask::HOUR,
                )),
            };
            let cuts = [
                Cut::default(),
                Cut {
                    until: position(&mut dice),
                    known_at: position(&mut dice),
                },
            ];
            for cut in cuts {
                let read = runner.read(cut, &books, command.now);
                read.map_err(|found| format!("after command {index}, {cut:?}: {found}"))?;
            }
        }
    }
    Ok(())
}

/// The answers with one line in each.
fn flat(answers: Vec<Answer>) -> Vec<Answer> {
    let each = answers.into_iter().flat_map(|answer| match answer {
        Answer::Recorded(seqs) => seqs
            .into_iter()
            .map(|seq| Answer::Recorded(vec![seq]))
            .collect(),
        other => vec![other],
    });
    each.collect()
}

/// A random story: made with the model, so that commands name lines that are there.
fn story(seed: u64, commands: usize) -> Story {
    let mut dice = Dice(seed);
    let mut story = dice.ledger();
    let mut books = Books::new(story.currency, story.strict, MORNING);
    let mut now = MORNING;
    for _ in 0..commands {
        now += dice.pause();
        let mut command = dice.command(now, books.next(), &books.open_holds(now));
        if dice.below(12) == 0
            && let Some(earlier) = story.commands.last()
        {
            // The same again: with its key, that is a repeat.
            command = Command {
                now,
                ..earlier.clone()
            };
        }
        let _ = books.run(&command);
        story.commands.push(command);
    }
    story
}

/// Leaves out what is not needed for a failure.
fn shortened<R: Runner>(mut story: Story) -> Story {
    let mut index = story.commands.len();
    while index > 0 {
        index -= 1;
        let mut shorter = story.clone();
        shorter.commands.remove(index);
        if differs::<R>(&shorter).is_err() {
            story = shorter;
        }
    }
    story
}

fn agree<R: Runner>(seeds: std::ops::Range<u64>, commands: usize) -> Counts {
    let mut counts = Counts::new();
    for seed in seeds {
        let story = story(seed, commands);
        if let Err(first) = differs::<R>(&story) {
            let story = shortened::<R>(story);
            let difference = differs::<R>(&story).err().unwrap_or(first);
            let mut text = format!(
                "seed {seed}: {:?} strict {}\n",
                story.currency, story.strict
            );
            for command in &story.commands {
                writeln!(text, "{command:?}").unwrap();
            }
            panic!("{text}{difference}");
        }
        count(&story, &mut counts);
    }
    counts
}

/// Counts what became of the commands.
fn count(story: &Story, counts: &mut Counts) {
    let mut books = Books::new(story.currency, story.strict, MORNING);
    for command in &story.commands {
        match books.run(command) {
            Err(code) => *counts.entry(code).or_default() += 1,
            Ok(answers) => {
                for answer in answers {
                    let code = match answer {
                        Answer::Recorded(_) => "recorded",
                        Answer::Repeated(_) => "repeated",
                        Answer::Refused(code) => code,
                    };
                    *counts.entry(code).or_default() += 1;
                }
            }
        }
    }
    for line in &books.lines {
        *counts.entry(line.what.kind()).or_default() += 1;
        let link = match line.link {
            None => continue,
            Some((books::Link::Reverses, _)) => "reverses",
            Some((books::Link::Captures, _)) => "captures",
            Some((books::Link::CapturesAndKeeps, _)) => "keep",
            Some((books::Link::Corrects, _)) => "corrects",
            Some((books::Link::Refunds, _)) => "refunds",
        };
        *counts.entry(link).or_default() += 1;
    }
}

/// What must have happened often, or the sequences test little.
fn assert_varied(counts: &Counts) {
    for word in [
        "recorded",
        "repeated",
        "open",
        "limit",
        "close",
        "deposit",
        "withdraw",
        "transfer",
        "exchange",
        "hold",
        "release",
        "seal",
        "unseal",
        "reverses",
        "captures",
        "keep",
        "corrects",
        "refunds",
        "usage",
        "key_conflict",
        "head_conflict",
        "period_sealed",
        "unknown_hold",
        "not_reversible",
        "already_reversed",
        "hold_closed",
        "hold_expired",
        "invalid_time",
        "unknown_account",
        "account_closed",
        "account_exists",
        "currency_mismatch",
        "invalid_amount",
        "exceeds_hold",
        "exceeds_refundable",
        "account_not_empty",
        "insufficient_funds",
    ] {
        assert!(counts.contains_key(word), "never {word}: {counts:?}");
    }
}

#[test]
fn the_library_agrees_with_a_list_of_lines() {
    assert_varied(&agree::<Library>(0..80, 60));
}

#[test]
#[ignore = "takes minutes: 100,000 commands"]
fn the_library_agrees_with_a_list_of_lines_over_100_000_commands() {
    assert_varied(&agree::<Library>(1000..3000, 50));
}

#[test]
fn the_program_agrees_with_a_list_of_lines() {
    agree::<Program>(0..12, 50);
}
