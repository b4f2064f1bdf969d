//! Runs commands through the program, as a shell or a script does.

use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Runner;
use crate::ask::{
    Ask, Bound, Command, Head, MORNING, Micros, Mode, Named, Story, Sum, Verb, instant,
};
use crate::books::{Answer, Books, Cut, Position, figure};
use crate::library::lines_of;

pub(crate) struct Program {
    directory: TempDir,
}

/// The words of a command line for what is asked for.
fn words(ask: &Ask) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |parts: &[&str]| words.extend(parts.iter().map(|part| (*part).to_owned()));
    let named = |named: &Named| match named {
        Named::Seq(seq) => seq.to_string(),
        Named::Key(key) => format!("key:{key}"),
        Named::Head(0) => "head".to_owned(),
        Named::Head(back) => format!("head~{back}"),
    };
    let bound = |bound: &Bound| match bound {
        Bound::Free => "none".to_owned(),
        Bound::At(sum) => sum.text(),
    };
    match &ask.verb {
        Verb::Open(account, currency, floor) => {
            add(&["open", account]);
            if let Some(code) = currency {
                add(&["--currency", code]);
            }
            if let Some(floor) = floor {
                add(&["--floor", &bound(floor)]);
            }
        }
        Verb::Limit(account, floor) => add(&["limit", account, "--floor", &bound(floor)]),
        Verb::Close(account) => add(&["close", account]),
        Verb::Deposit(account, sum) => add(&["deposit", &sum.text(), "--account", account]),
        Verb::Withdraw(account, sum) => add(&["withdraw", &sum.text(), "--account", account]),
        Verb::Transfer(from, to, sum) => {
            add(&["transfer", &sum.text(), "--from", from, "--to", to]);
        }
        Verb::Exchange(from, to, leaves, arrives) => {
            add(&["exchange", &leaves.text(), "--from", from, "--to", to]);
            add(&["--for", &arrives.text()]);
        }
        Verb::Hold {
            from,
            to,
            sum,
            expires,
        } => {
            add(&["hold", &sum.text()]);
            for (flag, account) in [("--from", from), ("--to", to)] {
                if let Some(account) = account {
                    add(&[flag, account]);
                }
            }
            if let Some(expires) = expires {
                add(&["--expires", &expires.text()]);
            }
        }
        Verb::Capture {
            hold,
            sum,
            to,
            keep,
        } => {
            add(&["capture", &named(hold)]);
            if let Some(sum) = sum {
                add(&[&sum.text()]);
            }
            if let Some(to) = to {
                add(&["--to", to]);
            }
            if *keep {
                add(&["--keep"]);
            }
        }
        Verb::Release(event, sum) | Verb::Refund(event, sum) => {
            let is_release = matches!(ask.verb, Verb::Release(..));
            add(&[if is_release { "release" } else { "refund" }, &named(event)]);
            if let Some(sum) = sum {
                add(&[&sum.text()]);
            }
        }
        Verb::Reverse(event) => add(&["reverse", &named(event)]),
        Verb::Undo => add(&["undo"]),
        Verb::Correct(change) => {
            add(&["correct", &named(&change.event)]);
            for (flag, sum) in [("--amount", &change.sum), ("--for", &change.arrives)] {
                if let Some(sum) = sum {
                    add(&[flag, &sum.text()]);
                }
            }
            let accounts = [
                ("--account", change.account),
                ("--from", change.from),
                ("--to", change.to),
            ];
            for (flag, account) in accounts {
                if let Some(account) = account {
                    add(&[flag, account]);
                }
            }
            for key in &change.untag {
                add(&["--untag", key]);
            }
        }
        Verb::Seal(through, is_final) => {
            add(&["seal", &through.text()]);
            if *is_final {
                add(&["--final", "--yes"]);
            }
        }
        Verb::Unseal(from) => {
            add(&["unseal"]);
            if let Some(from) = from {
                add(&[&from.text()]);
            }
        }
    }
    if let Some(effective) = ask.effective {
        add(&["--effective", &effective.text()]);
    }
    if let Some(key) = ask.key {
        add(&["--key", key]);
    }
    if let Some(memo) = ask.memo {
        add(&["-m", memo]);
    }
    for (key, value) in &ask.tags {
        add(&["--tag", &format!("{key}={value}")]);
    }
    words
}

/// The line of a batch for what is asked for.
fn line(ask: &Ask) -> Value {
    let sum = |sum: &Sum| json!(sum.text());
    let named = |named: &Named| match named {
        Named::Seq(seq) => json!(seq),
        Named::Key(key) => json!(format!("key:{key}")),
        // A batch has no word for it.
        Named::Head(_) => unreachable!(),
    };
    let bound = |bound: &Bound| match bound {
        Bound::Free => json!("none"),
        Bound::At(sum) => json!(sum.text()),
    };
    let maybe = |sum: &Option<Sum>| json!(sum.as_ref().map(Sum::text));
    let mut line = match &ask.verb {
        Verb::Open(account, currency, floor) => json!({
            "type": "open", "account": account, "currency": currency,
            "floor": floor.as_ref().map(bound)
        }),
        Verb::Limit(account, floor) => {
            json!({"type": "limit", "account": account, "floor": bound(floor)})
        }
        Verb::Close(account) => json!({"type": "close", "account": account}),
        Verb::Deposit(account, amount) => {
            json!({"type": "deposit", "account": account, "amount": sum(amount)})
        }
        Verb::Withdraw(account, amount) => {
            json!({"type": "withdraw", "account": account, "amount": sum(amount)})
        }
        Verb::Transfer(from, to, amount) => {
            json!({"type": "transfer", "from": from, "to": to, "amount": sum(amount)})
        }
        Verb::Exchange(from, to, leaves, arrives) => json!({
            "type": "exchange", "from": from, "to": to, "amount": sum(leaves), "for": sum(arrives)
        }),
        Verb::Hold {
            from,
            to,
            sum: amount,
            expires,
        } => json!({
            "type": "hold", "from": from, "to": to, "amount": sum(amount),
            "expires": expires.map(super::ask::Time::text)
        }),
        Verb::Capture {
            hold,
            sum,
            to,
            keep,
        } => json!({
            "type": "capture", "seq": named(hold), "amount": maybe(sum), "to": to,
            "keep": keep.then_some(true)
        }),
        Verb::Release(event, sum) => {
            json!({"type": "release", "seq": named(event), "amount": maybe(sum)})
        }
        Verb::Refund(event, sum) => {
            json!({"type": "refund", "seq": named(event), "amount": maybe(sum)})
        }
        Verb::Reverse(event) => json!({"type": "reverse", "seq": named(event)}),
        Verb::Undo => json!({"type": "undo"}),
        Verb::Correct(change) => json!({
            "type": "correct", "seq": named(&change.event), "amount": maybe(&change.sum),
            "for": maybe(&change.arrives), "account": change.account, "from": change.from,
            "to": change.to, "untag": change.untag
        }),
        Verb::Seal(..) | Verb::Unseal(_) => unreachable!(),
    };
    let object = line.as_object_mut().unwrap();
    object.retain(|_, value| !value.is_null());
    if let Some(effective) = ask.effective {
        object.insert("effective".to_owned(), json!(effective.text()));
    }
    if let Some(key) = ask.key {
        object.insert("key".to_owned(), json!(key));
    }
    if let Some(memo) = ask.memo {
        object.insert("memo".to_owned(), json!(memo));
    }
    if !ask.tags.is_empty() {
        let tags = ask.tags.iter();
        let tags = tags.map(|(key, value)| ((*key).to_owned(), json!(value)));
        object.insert("tags".to_owned(), Value::Object(tags.collect()));
    }
    line
}

impl Program {
    fn ledger(&self, now: Micros, words: &[String], input: &str) -> (i32, Vec<Value>, Vec<Value>) {
        let cache = self.directory.path().join("cache");
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ledger"))
            .args(words)
            .arg("--json")
            .current_dir(self.directory.path())
            .env_clear()
            .env("HOME", self.directory.path())
            .env("XDG_CACHE_HOME", cache)
            .env("LEDGER_NOW", instant(now))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let values = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let lines = text.lines().map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
            });
            lines.collect::<Vec<Value>>()
        };
        let status = output.status.code().unwrap();
        (status, values(&output.stdout), values(&output.stderr))
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("ledger.jsonl")
    }
}

fn code(object: &Value) -> Option<String> {
    let code = object["error"]["code"].as_str()?;
    let kinds = ["no", "yes", "unknown"];
    let recorded = object["error"]["recorded"].as_str();
    assert!(
        recorded.is_some_and(|word| kinds.contains(&word)),
        "{object}"
    );
    Some(code.to_owned())
}

impl Runner for Program {
    fn start(story: &Story) -> Program {
        let shared = std::path::Path::new("/dev/shm");
        let directory = if shared.is_dir() {
            TempDir::new_in(shared)
        } else {
            TempDir::new()
        };
        let program = Program {
            directory: directory.unwrap(),
        };
        let mut words = vec!["init".to_owned()];
        if let Some(code) = story.currency {
            words.extend(["--currency".to_owned(), code.to_owned()]);
        }
        if story.strict {
            words.push("--strict".to_owned());
        }
        assert_eq!(program.ledger(MORNING, &words, "").0, 0);
        program
    }

    fn run(&mut self, command: &Command, books: &Books) -> Result<Vec<Answer>, String> {
        let _ = books;
        let mut words_of_all = Vec::new();
        let mut input = String::new();
        if command.mode == Mode::One {
            words_of_all = words(&command.asks[0]);
        } else {
            words_of_all.push("batch".to_owned());
            for ask in &command.asks {
                input += &format!("{}\n", line(ask));
            }
            if command.mode == Mode::KeepGoing {
                words_of_all.push("--keep-going".to_owned());
            }
        }
        let head = match command.head {
            Head::Any => None,
            Head::Right => {
                let (_, out, _) = self.ledger(command.now, &["head".to_owned()], "");
                let hash = out[0]["hash"].as_str().unwrap().to_owned();
                Some(format!("{}:{hash}", out[0]["seq"]))
            }
            Head::Stale => Some(format!("0:{}", "0".repeat(64))),
        };
        if let Some(head) = head {
            words_of_all.extend(["--if-head".to_owned(), head]);
        }
        if command.dry_run {
            words_of_all.push("-n".to_owned());
        }
        let (status, out, err) = self.ledger(command.now, &words_of_all, &input);
        let failed = err.iter().find_map(code);
        if let Some(code) = failed {
            assert_ne!(status, 0, "{code}");
            return Err(code);
        }
        let mut answers: Vec<Answer> = Vec::new();
        for receipt in &out {
            if let Some(code) = code(receipt) {
                answers.push(Answer::Refused(code.leak()));
                continue;
            }
            assert_eq!(receipt["dry_run"], command.dry_run);
            let seq = receipt["seq"].as_u64().unwrap();
            if receipt["replayed"] == false {
                answers.push(Answer::Recorded(vec![seq]));
            } else if !receipt["key"].is_null() {
                // Of several events, the key is on the last.
                answers.push(Answer::Repeated(seq));
            }
        }
        Ok(answers)
    }

    fn lines(&self) -> Vec<String> {
        lines_of(&self.path())
    }

    fn read(&mut self, cut: Cut, books: &Books, now: Micros) -> Result<(), String> {
        let mut words = vec!["balance".to_owned(), "--all".to_owned()];
        for (flag, position) in [("--until", cut.until), ("--known-at", cut.known_at)] {
            let text = match position {
                None => continue,
                Some(Position::Time(moment)) => instant(moment),
                Some(Position::Seq(seq)) => format!("seq:{seq}"),
            };
            words.extend([flag.to_owned(), text]);
        }
        let (expected, holds) = books.shown(cut, now);
        let (_, out, _) = self.ledger(now, &words, "");
        let balances = out[0]["balances"].as_array().unwrap();
        let billionths = |value: &Value| {
            let sum = Sum {
                figure: value.as_str().unwrap().to_owned(),
                currency: None,
            };
            sum.value().0
        };
        let found: Vec<(String, [i128; 4])> = balances
            .iter()
            .map(|one| {
                let keys = ["balance", "pending_in", "pending_out", "available"];
                let figures = keys.map(|key| billionths(&one[key]));
                (one["account"].as_str().unwrap().to_owned(), figures)
            })
            .collect();
        let expected: Vec<(String, [i128; 4])> = expected
            .into_iter()
            .map(|(name, figures)| {
                let available = figures.balance - figures.pending_out;
                let all = [
                    figures.balance,
                    figures.pending_in,
                    figures.pending_out,
                    available,
                ];
                (name.to_owned(), all)
            })
            .collect();
        if found != expected {
            return Err(format!("expected {expected:?}, found {found:?}"));
        }
        "holds".clone_into(&mut words[0]);
        let (_, out, _) = self.ledger(now, &words, "");
        let found: Vec<String> = out[0]["holds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let keys = ["captured", "released", "rest"];
                let figures = keys.map(|key| figure(billionths(&one[key]), 0));
                format!(
                    "{} {figures:?} {}",
                    one["seq"],
                    one["state"].as_str().unwrap()
                )
            })
            .collect();
        let expected: Vec<String> = holds
            .iter()
            .map(|hold| {
                let figures = [hold.captured, hold.released, hold.rest].map(|one| figure(one, 0));
                format!("{} {figures:?} {}", hold.seq, hold.state)
            })
            .collect();
        if found != expected {
            return Err(format!("expected {expected:?}, found {found:?}"));
        }
        let (status, out, _) = self.ledger(now, &["verify".to_owned()], "");
        if status != 0 {
            return Err(format!("verify: {out:?}"));
        }
        Ok(())
    }
}
