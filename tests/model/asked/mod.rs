//! What reading commands answer about random logs, against a list of the log's lines that is looked through
//! for every figure: `why`, `bisect`, `assert --always` and `--without`.
//!
//! The lines are read from the file itself. Nothing here is shared with the model of the writing commands.

mod lines;
mod rules;

use std::path::Path;

use serde_json::{Value, json};

use crate::Runner as _;
use crate::ask::{Dice, MORNING};
use crate::books::Books;
use crate::library::Library;
use lines::{Line, Lines, text};

/// After everything that happens in a story.
const NOW: &str = "2026-11-29T12:00:00Z";
const ACCOUNTS: [&str; 5] = ["a", "b", "c:d", "main", "é"];

/// A log that a random story left.
struct Asked {
    library: Library,
    lines: Lines,
    dice: Dice,
}

impl Asked {
    /// The log of a story, of the next one if nearly nothing was recorded.
    fn of(seed: u64) -> Asked {
        let story = crate::story(seed, 40);
        let mut library = Library::start(&story);
        let mut books = Books::new(story.currency, story.strict, MORNING);
        for command in &story.commands {
            let _ = books.run(command);
            let _ = library.run(command, &books);
        }
        let lines = Lines::read(&library.path());
        if lines.last() < 5 {
            return Asked::of(seed + 100_000);
        }
        Asked {
            library,
            lines,
            dice: Dice(seed),
        }
    }

    /// Runs a command; its exit code and the JSON lines that it prints.
    fn ledger(&self, words: &[&str]) -> (Option<i32>, Vec<Value>) {
        let path = self.library.path();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ledger"))
            .args(words)
            .args(["--json", "--no-cache", "-f"])
            .arg(&path)
            .env_clear()
            .env("HOME", path.parent().unwrap_or(Path::new("/")))
            .env("LEDGER_NOW", NOW)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let lines = printed.lines();
        let values = lines.map(|line| serde_json::from_str(line).unwrap());
        (output.status.code(), values.collect())
    }

    fn account(&mut self) -> &'static str {
        ACCOUNTS[self.dice.below(3) as usize]
    }

    /// One or two events to leave out.
    fn some_events(&mut self) -> Vec<u64> {
        let last = self.lines.last();
        let mut seqs = vec![1 + self.dice.below(last)];
        if self.dice.below(2) == 0 {
            seqs.push(1 + self.dice.below(last));
        }
        seqs
    }
}

/// The figures of accounts as `balance` and `accounts` show them.
fn figure(value: &Value) -> i128 {
    lines::billionths(value.as_str().unwrap())
}

#[test]
fn without_some_events_is_a_sum_over_the_lines_that_are_left() {
    let mut refusals = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let mut asked = Asked::of(5_000 + seed);
        let named = asked.some_events();
        let texts: Vec<String> = named.iter().map(ToString::to_string).collect();
        let left_out = asked.lines.with_what_refers_to(&named);
        let rest = asked.lines.without(&left_out);
        let joined = texts.join(",");
        let (code, answer) = asked.ledger(&["accounts", "--without", &joined]);
        assert_eq!(code, Some(0), "seed {seed}");
        let answer = &answer[0];
        let what = || format!("seed {seed}, without {named:?}\n{}", asked.lines.text());
        assert_eq!(answer["without"], json!(left_out), "{}", what());
        let accounts = answer["accounts"].as_array().unwrap();
        let found: Vec<(&str, i128)> = accounts
            .iter()
            .map(|one| (text(&one["account"]), figure(&one["balance"])))
            .collect();
        let expected: Vec<(&str, i128)> = rest
            .accounts()
            .into_iter()
            .map(|name| (name, rest.balance(name)))
            .collect();
        assert_eq!(found, expected, "{}", what());
        let refused = rules::refused(&rest);
        refusals.extend(refused.iter().map(|(_, code)| *code));
        let refused: Vec<Value> = refused
            .iter()
            .map(|(seq, code)| json!({"seq": seq, "code": code}))
            .collect();
        assert_eq!(answer["refused"], json!(refused), "{}", what());
    }
    for code in ["insufficient_funds", "unknown_account"] {
        assert!(refusals.contains(code), "never {code}: {refusals:?}");
    }
}

#[test]
fn why_adds_up_to_the_balance_with_the_events_that_stand() {
    for seed in 0..30 {
        let mut asked = Asked::of(6_000 + seed);
        let account = asked.account();
        let since = match asked.dice.below(3) {
            0 => None,
            1 => Some("2026-11-22".to_owned()),
            _ => Some("2026-11-23T12:00:00Z".to_owned()),
        };
        let mut words = vec!["why", account];
        if let Some(since) = &since {
            words.extend(["--since", since]);
        }
        let (code, answer) = asked.ledger(&words);
        if !asked.lines.accounts().contains(&account) {
            assert_eq!(code, Some(4), "seed {seed}");
            continue;
        }
        let answer = &answer[0];
        let start = match since.as_deref() {
            Some("2026-11-22") => "2026-11-22T00:00:00.000000Z".to_owned(),
            Some(_) => "2026-11-23T12:00:00.000000Z".to_owned(),
            // The first moment after the seal: anything longer than it.
            None => asked.lines.seal().map_or_else(String::new, |at| at + "~"),
        };
        let what = || format!("seed {seed}, {words:?}\n{}", asked.lines.text());
        let is_shown = |line: &&Line| *line.effective() >= *start && line.change(account) != 0;
        let shown: Vec<&Line> = asked.lines.all().iter().filter(is_shown).collect();
        let cancelled = cancelled(&shown);
        let mut stand: Vec<&Line> = shown
            .into_iter()
            .filter(|line| !cancelled.contains(&line.seq))
            .collect();
        stand.sort_by_key(|line| (line.effective(), line.seq));
        let rows: Vec<(u64, i128)> = answer["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["seq"].as_u64().unwrap(), figure(&row["change"])))
            .collect();
        let expected: Vec<(u64, i128)> = stand
            .iter()
            .map(|line| (line.seq, line.change(account)))
            .collect();
        assert_eq!(rows, expected, "{}", what());
        assert_eq!(answer["cancelled"], json!(cancelled.len()), "{}", what());
        let sum: i128 = rows.iter().map(|(_, change)| change).sum();
        let opening = figure(&answer["opening"]["balance"]);
        let balance = asked.lines.balance(account);
        assert_eq!(opening + sum, balance, "{}", what());
        assert_eq!(figure(&answer["balance"]), balance, "{}", what());
        let held = asked.lines.pending(account, "from", NOW);
        assert_eq!(figure(&answer["available"]), balance - held, "{}", what());
        for by in ["tag:o", "account", "type", "month"] {
            let mut words = words.clone();
            words.extend(["--group", by]);
            let (_, answer) = asked.ledger(&words);
            let groups = answer[0]["rows"].as_array().unwrap().clone();
            let grouped: i128 = groups.iter().map(|group| figure(&group["change"])).sum();
            let events: u64 = groups
                .iter()
                .map(|one| one["events"].as_u64().unwrap())
                .sum();
            assert_eq!(
                (grouped, events as usize),
                (sum, rows.len()),
                "{by} {}",
                what()
            );
        }
    }
}

/// The events that undo each other, looked for again and again from the newest pair down.
fn cancelled(shown: &[&Line]) -> Vec<u64> {
    let mut gone: Vec<u64> = Vec::new();
    for line in shown.iter().rev() {
        let Some(target) = line.links_to("reverses") else {
            continue;
        };
        let is_there = shown.iter().any(|other| other.seq == target);
        if is_there && !gone.contains(&line.seq) {
            gone.extend([line.seq, target]);
        }
    }
    gone
}

/// One question, as it is typed and as it is meant.
struct Question {
    typed: String,
    measure: &'static str,
    account: &'static str,
    sign: &'static str,
    figure: i128,
}

impl Question {
    fn of(asked: &mut Asked) -> Question {
        let account = asked.account();
        let measure = [
            "balance",
            "balance",
            "available",
            "pending_in",
            "pending_out",
        ][asked.dice.below(5) as usize];
        let sign = ["==", "!=", "<", "<=", ">", ">="][asked.dice.below(6) as usize];
        // A figure that the account had once, so that the answer turns.
        let count = 1 + asked.dice.below(asked.lines.last());
        let until = asked.lines.first(count);
        let at = until.all().last().map(|line| line.at.clone());
        let figure = until.figure(measure, account, &at.unwrap_or_default());
        let named = if measure == "balance" {
            account.to_owned()
        } else {
            format!("{measure}({account})")
        };
        Question {
            typed: format!("{named} {sign} {}", lines::decimal(figure)),
            measure,
            account,
            sign,
            figure,
        }
    }

    fn is_true(&self, actual: i128) -> bool {
        match self.sign {
            "==" => actual == self.figure,
            "!=" => actual != self.figure,
            "<" => actual < self.figure,
            "<=" => actual <= self.figure,
            ">" => actual > self.figure,
            _ => actual >= self.figure,
        }
    }

    /// Every event after which the answer is another one, with the answer.
    fn turns(&self, lines: &Lines, by: &str) -> Vec<(u64, bool)> {
        let mut events: Vec<Line> = lines.all().iter().skip(1).cloned().collect();
        if by == "effective" {
            events.sort_by_key(|line| (line.effective().to_owned(), line.seq));
        }
        let mut turns = Vec::new();
        let mut answer = true;
        for count in 1..=events.len() {
            let last = &events[count - 1];
            let moment = |line: &Line| match by {
                "effective" => line.effective().to_owned(),
                _ => line.at.clone(),
            };
            if let Some(next) = events.get(count)
                && last.more
                && last.links_to("reverses").is_some()
                && next.links_to("corrects") == last.links_to("reverses")
                && next.seq == last.seq + 1
                && (by == "recorded" || moment(next) == moment(last))
            {
                // The correction that follows is a part of this event.
                continue;
            }
            let seen = Lines::of(events[..count].to_vec());
            let is_touched = |line: &Line| seen.touches(line, self.account);
            if !seen.all().iter().any(is_touched) {
                continue;
            }
            let figure = seen.figure(self.measure, self.account, &moment(last));
            if self.is_true(figure) != answer {
                answer = !answer;
                turns.push((last.seq, answer));
            }
        }
        turns
    }
}

#[test]
fn bisect_and_assert_always_ask_every_event() {
    let mut found_turns = 0;
    for seed in 0..40 {
        let mut asked = Asked::of(7_000 + seed);
        let question = Question::of(&mut asked);
        let is_known = asked.lines.accounts().contains(&question.account);
        for by in ["recorded", "effective"] {
            let typed = question.typed.as_str();
            let (code, answer) = asked.ledger(&["bisect", typed, "--all", "--by", by]);
            if !is_known {
                assert_eq!(code, Some(4), "seed {seed}");
                continue;
            }
            let what = || format!("seed {seed}, {typed} by {by}\n{}", asked.lines.text());
            let turns = question.turns(&asked.lines, by);
            let found: Vec<(u64, bool)> = answer
                .iter()
                .map(|turn| {
                    let seq = turn["event"]["seq"].as_u64().unwrap();
                    (seq, turn["holds"].as_bool().unwrap())
                })
                .collect();
            assert_eq!(found, turns, "{}", what());
            assert_eq!(
                code,
                Some(if turns.is_empty() { 3 } else { 0 }),
                "{}",
                what()
            );
            found_turns += turns.len();
            let first = turns.iter().find(|(_, holds)| !holds).map(|(seq, _)| *seq);
            let (code, answer) = asked.ledger(&["bisect", typed, "--by", by]);
            assert_eq!(answer[0]["event"]["seq"].as_u64(), first, "{}", what());
            assert_eq!(
                code,
                Some(if first.is_some() { 0 } else { 3 }),
                "{}",
                what()
            );
            let (code, answer) = asked.ledger(&["assert", typed, "--always", "--by", by]);
            let verdict = &answer[0]["assertions"][0];
            assert_eq!(verdict["ok"], json!(first.is_none()), "{}", what());
            assert_eq!(
                code,
                Some(if first.is_some() { 3 } else { 0 }),
                "{}",
                what()
            );
            if first.is_some() {
                assert_eq!(verdict["seq"].as_u64(), first, "{}", what());
            }
        }
    }
    assert!(found_turns > 50, "{found_turns}");
}
