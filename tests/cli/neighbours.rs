//! What is exported, as the programs it is for understand it: every account's balance, and every
//! word of every event, on the samples and on random logs.

use std::collections::BTreeMap;
use std::path::Path;

use event_ledger::formats::escape::unescaped;
use event_ledger::formats::export::unescape_formula;
use serde_json::Value;

use crate::harness::{Shell, can_run, program};
use crate::wild;

/// Billionths of a currency, `""` where there is none.
type Balances = BTreeMap<String, (i128, String)>;

const SEEDS: std::ops::Range<u64> = 1..6;

/// The samples and the random logs, each in a directory of its own, with a name.
fn logs() -> Vec<(String, Shell)> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let mut logs = Vec::new();
    for name in ["household", "shop", "rides"] {
        let shell = Shell::new();
        shell.set_log(&std::fs::read(samples.join(format!("{name}.jsonl"))).unwrap());
        logs.push((name.to_owned(), shell));
    }
    for seed in SEEDS {
        let shell = Shell::new();
        shell.set_log(&wild::log(seed, 150));
        logs.push((format!("seed {seed}"), shell));
    }
    logs
}

fn has_python_with(module: &str, test: &str) -> bool {
    can_run(test, "python3", &["-c", &format!("import {module}")])
}

/// Runs a program, which must succeed and have nothing to say on standard error.
#[track_caller]
fn output(shell: &Shell, name: &str, arguments: &[&str]) -> String {
    let ran = program(name)
        .args(arguments)
        .current_dir(shell.path())
        .env("HOME", shell.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let said: String = stderr.chars().take(3000).collect();
    assert!(
        ran.status.success() && said.is_empty(),
        "{name} {arguments:?}: {said}"
    );
    String::from_utf8(ran.stdout).unwrap()
}

/// Exact billionths of a decimal text.
#[track_caller]
fn billionths(text: &str) -> i128 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 9, "{text}");
    let figure = format!("{whole}{fraction:0<9}");
    sign * figure.parse::<i128>().unwrap_or_else(|_| panic!("{text}"))
}

/// `10.00 EUR`, `5.0 "X99"`, `7`.
#[track_caller]
fn money(text: &str) -> (i128, String) {
    let (figure, unit) = text.split_once(' ').unwrap_or((text, ""));
    (billionths(figure), unit.trim_matches('"').to_owned())
}

/// Our balances, up to a moment.
fn ours(shell: &Shell, until: &str) -> Balances {
    let answer = shell
        .ledger(&format!("balance --all --json {until}"))
        .succeeds()
        .json();
    let balances = answer["balances"].as_array().unwrap();
    balances
        .iter()
        .map(|of| {
            let text = |key: &str| of[key].as_str().unwrap_or_default().to_owned();
            (
                text("account"),
                (billionths(&text("balance")), text("currency")),
            )
        })
        .collect()
}

/// Our events that move money, by number.
fn events(shell: &Shell) -> BTreeMap<u64, Value> {
    let lines = shell.ledger("replay --json").succeeds().json_lines();
    let moving = lines.into_iter().filter(|line| {
        line["changes"]
            .as_array()
            .is_some_and(|changes| !changes.is_empty())
    });
    moving
        .map(|line| {
            (
                line["event"]["seq"].as_u64().unwrap(),
                line["event"].clone(),
            )
        })
        .collect()
}

/// Every account of ours has the same balance there; one that never had money may not be there. What
/// is there besides is the account outside.
#[track_caller]
fn agree(name: &str, ours: &Balances, theirs: &Balances, external: &str) {
    for (account, (balance, currency)) in ours {
        match theirs.get(account) {
            // A zero may be shown without its unit.
            Some((0, _)) => assert_eq!(*balance, 0, "{name}: {account}"),
            Some(found) => assert_eq!(found, &(*balance, currency.clone()), "{name}: {account}"),
            None => assert_eq!(*balance, 0, "{name}: {account} is not there"),
        }
    }
    for account in theirs.keys() {
        assert!(
            ours.contains_key(account) || account == external,
            "{name}: {account} is none of ours"
        );
    }
}

/// The account outside: where the log has accounts of that name, the next that is free.
fn external(ours: &Balances) -> String {
    let mut names = std::iter::once("equity:external".to_owned())
        .chain((2..).map(|number| format!("equity:external-{number}")));
    names.find(|name| !ours.contains_key(name)).unwrap()
}

/// The text of one tag, from a transaction's names and values.
fn named<'v>(tags: &'v [(String, String)], name: &str) -> Option<&'v str> {
    let found = tags.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str())
}

/// What the names and values of a transaction say about our event: everything, exactly.
#[track_caller]
fn says_the_same(name: &str, event: &Value, description: &str, tags: &[(String, String)]) {
    let text = |key: &str| event[key].as_str();
    let plain = |value: &str| {
        unescaped(value)
            .unwrap_or_else(|| panic!("{value}"))
            .into_owned()
    };
    let joined = |prefix: &str, first: u32| {
        let mut whole = String::new();
        for number in first.. {
            let name = match number {
                0 => prefix.to_owned(),
                number => format!("{prefix}-{number}"),
            };
            match named(tags, &name) {
                Some(piece) => whole.push_str(&plain(piece)),
                None if number == 0 => return None,
                None if number > 1 || first == 1 => break,
                None => {}
            }
        }
        (!whole.is_empty()).then_some(whole)
    };
    let memo =
        joined("memo", 1).or_else(|| Some(plain(description)).filter(|memo| !memo.is_empty()));
    assert_eq!(memo.as_deref(), text("memo"), "{name}: {event}");
    for (key, tag) in [("at", "at"), ("type", "type"), ("key", "key")] {
        let found = named(tags, tag).map(plain);
        assert_eq!(found.as_deref(), text(key), "{name}: {event}");
    }
    let effective = named(tags, "effective-at");
    assert_eq!(
        effective,
        text("effective").or(text("at")),
        "{name}: {event}"
    );
    let reverses = event["reverses"].as_u64().map(|seq| seq.to_string());
    assert_eq!(
        named(tags, "reverses"),
        reverses.as_deref(),
        "{name}: {event}"
    );
    let mut number = 0;
    for (key, value) in event["tags"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap();
        if let Some(found) = named(tags, key)
            && plain(found) == value
        {
            continue;
        }
        number += 1;
        let both = joined(&format!("tag-{number}"), 0)
            .unwrap_or_else(|| panic!("{name}: {key:?} is missing: {tags:?}"));
        let (found_key, found) = both.split_once('=').unwrap();
        assert_eq!(
            (plain(found_key).as_str(), found),
            (key.as_str(), value),
            "{name}"
        );
    }
}

#[test]
fn hledger_checks_strictly_and_agrees_on_every_balance_and_every_word() {
    let what = "exports in hledger";
    if !can_run(what, "hledger", &["--version"]) {
        return;
    }
    for (name, shell) in logs() {
        shell
            .ledger("export --to hledger -o x.journal -q")
            .succeeds();
        output(&shell, "hledger", &["-f", "x.journal", "check", "--strict"]);
        let csv = output(
            &shell,
            "hledger",
            &[
                "-f",
                "x.journal",
                "balance",
                "--flat",
                "-N",
                "-E",
                "-O",
                "csv",
            ],
        );
        let ours = ours(&shell, "");
        let external = external(&ours);
        let mut theirs = Balances::new();
        for row in csv::Reader::from_reader(csv.as_bytes()).records() {
            let row = row.unwrap();
            if row[0] != external {
                theirs.insert(row[0].to_owned(), money(&row[1]));
            }
        }
        agree(&name, &ours, &theirs, &external);
        let json = output(
            &shell,
            "hledger",
            &["-f", "x.journal", "print", "-O", "json"],
        );
        let transactions: Vec<Value> = serde_json::from_str(&json).unwrap();
        let mut events = events(&shell);
        for transaction in transactions {
            let tags: Vec<(String, String)> =
                serde_json::from_value(transaction["ttags"].clone()).unwrap();
            let seq = named(&tags, "seq").unwrap().parse().unwrap();
            let description = transaction["tdescription"].as_str().unwrap();
            says_the_same(&name, &events.remove(&seq).unwrap(), description, &tags);
        }
        assert!(events.is_empty(), "{name}: {events:?}");
    }
}

#[test]
fn ledger_cli_has_no_complaint_and_agrees_on_every_balance_and_every_memo() {
    let what = "exports in ledger-cli";
    if !can_run(what, "ledger", &["--version"]) {
        return;
    }
    for (name, shell) in logs() {
        shell.ledger("export --to ledger -o x.ledger -q").succeeds();
        let run = |arguments: &[&str]| {
            let mut all = vec!["--args-only", "--strict", "--pedantic", "-f", "x.ledger"];
            all.extend_from_slice(arguments);
            output(&shell, "ledger", &all)
        };
        let balances = run(&[
            "balance",
            "--flat",
            "--empty",
            "--no-total",
            "--unround",
            "--format",
            "%(account)\\t%(amount)\\n",
        ]);
        let ours = ours(&shell, "");
        let external = external(&ours);
        let mut theirs = Balances::new();
        for line in balances.lines() {
            // The account outside holds several currencies, each on a line of its own.
            if let Some((account, figure)) = line.split_once('\t')
                && account != external
            {
                theirs.insert(account.to_owned(), money(figure));
            }
        }
        agree(&name, &ours, &theirs, &external);
        let events = events(&shell);
        let listed = run(&[
            "register",
            "--format",
            "%(tag(\"seq\"))\\t%(tag(\"memo-1\") ? 1 : 0)\\t%(payee)\\n",
        ]);
        let mut seen = 0;
        for line in listed.lines() {
            let cells: Vec<&str> = line.splitn(3, '\t').collect();
            let event = &events[&cells[0].parse().unwrap()];
            seen += 1;
            if cells[1] == "0" {
                let memo = event["memo"].as_str().unwrap_or("<Unspecified payee>");
                assert_eq!(unescaped(cells[2]).unwrap(), memo, "{name}: {event}");
            }
        }
        assert_eq!(seen, 2 * events.len(), "{name}");
    }
}

#[test]
fn bean_check_passes_and_beancount_agrees_on_every_balance_and_every_word() {
    const SCRIPT: &str = r#"
import decimal, json, sys
from beancount import loader
from beancount.core import data
entries, errors, options = loader.load_file("x.beancount")
assert not errors, errors
context = decimal.Context(prec=100)
names, balances, transactions = {}, {}, []
for entry in entries:
    if isinstance(entry, data.Open):
        names[entry.account] = entry.meta.get("ledger-account", "")
currencies = {}
for entry in entries:
    if isinstance(entry, data.Commodity):
        currencies[entry.currency] = entry.meta.get("ledger-currency", entry.currency)
    if isinstance(entry, data.Transaction):
        meta = [[k, str(v)] for k, v in entry.meta.items() if k not in ("filename", "lineno")]
        transactions.append([entry.narration, meta])
        for posting in entry.postings:
            key = (names[posting.account], currencies[posting.units.currency])
            balances[key] = context.add(balances.get(key, decimal.Decimal(0)), posting.units.number)
json.dump({"balances": [[a, format(n, "f"), c] for (a, c), n in balances.items()], "transactions": transactions}, sys.stdout)
"#;
    let what = "exports in beancount";
    if !can_run(what, "bean-check", &["--version"]) || !has_python_with("beancount", what) {
        return;
    }
    for (name, shell) in logs() {
        shell
            .ledger("export --to beancount -o x.beancount -q")
            .succeeds();
        output(&shell, "bean-check", &["--no-cache", "x.beancount"]);
        let found = output(&shell, "python3", &["-c", SCRIPT]);
        let found: Value = serde_json::from_str(&found).unwrap();
        let mut theirs = Balances::new();
        for row in found["balances"].as_array().unwrap() {
            let text = |index: usize| row[index].as_str().unwrap().to_owned();
            if !text(0).is_empty() {
                theirs.insert(text(0), (billionths(&text(1)), text(2)));
            }
        }
        agree(&name, &ours(&shell, ""), &theirs, "");
        let mut events = events(&shell);
        for transaction in found["transactions"].as_array().unwrap() {
            let tags: Vec<(String, String)> =
                serde_json::from_value(transaction[1].clone()).unwrap();
            let seq = named(&tags, "seq").unwrap().parse().unwrap();
            let memo = transaction[0].as_str().unwrap();
            says_the_same(&name, &events.remove(&seq).unwrap(), memo, &tags);
        }
        assert!(events.is_empty(), "{name}: {events:?}");
    }
}

#[test]
fn duckdb_agrees_on_every_balance_and_every_word_of_a_parquet_file() {
    const SCRIPT: &str = r#"
import duckdb, json, sys
from decimal import Decimal
print(json.dumps({
  "balances": duckdb.sql("select account, sum(amount)::varchar, coalesce(any_value(currency), '') from 'x.parquet' group by account").fetchall(),
  "rows": duckdb.sql("""select seq, epoch_us("at")::varchar, epoch_us(effective)::varchar, type, memo,
      case when tags is null then null else map_entries(tags)::json end, key, reverses, date::varchar from 'x.parquet'""").fetchall(),
}))
"#;
    if !has_python_with("duckdb", "exports in Parquet") {
        return;
    }
    for (name, shell) in logs() {
        shell
            .ledger("export --to parquet -o x.parquet -q")
            .succeeds();
        let found = output(&shell, "python3", &["-c", SCRIPT]);
        let found: Value = serde_json::from_str(&found).unwrap();
        let mut theirs = Balances::new();
        for row in found["balances"].as_array().unwrap() {
            let text = |index: usize| row[index].as_str().unwrap().to_owned();
            theirs.insert(text(0), (billionths(&text(1)), text(2)));
        }
        agree(&name, &ours(&shell, ""), &theirs, "");
        let events = events(&shell);
        let micros = |event: &Value, key: &str| {
            let text = event[key].as_str()?;
            let at = event_ledger::time::Timestamp::from_canonical(text.as_bytes()).unwrap();
            Some(at.unix_micros().to_string())
        };
        for row in found["rows"].as_array().unwrap() {
            let event = &events[&row[0].as_u64().unwrap()];
            let at = micros(event, "at");
            assert_eq!(row[1].as_str(), at.as_deref(), "{name}: {event}");
            let effective = micros(event, "effective").or(at);
            assert_eq!(row[2].as_str(), effective.as_deref(), "{name}: {event}");
            let tags = row[5].as_str().map(|text| {
                let pairs: Vec<Value> = serde_json::from_str(text).unwrap();
                let pair = |pair: &Value| {
                    (
                        pair["key"].as_str().unwrap().to_owned(),
                        pair["value"].clone(),
                    )
                };
                Value::Object(pairs.iter().map(pair).collect())
            });
            assert_eq!(tags.as_ref(), event.get("tags"), "{name}: {event}");
            for (index, key) in [(3, "type"), (4, "memo"), (6, "key"), (7, "reverses")] {
                assert_eq!(row[index], event[key], "{name}: {event}");
            }
        }
    }
}

#[test]
fn a_csv_adds_up_to_every_balance_and_holds_every_word_and_no_formula() {
    for (name, shell) in logs() {
        let csv = shell.ledger("export --to csv").succeeds().raw;
        let events = events(&shell);
        let mut theirs = Balances::new();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header = reader.headers().unwrap().clone();
        assert_eq!(
            header.iter().collect::<Vec<_>>().join(","),
            "seq,date,effective,at,type,account,other_account,amount,currency,memo,tags,key,reverses,captures,corrects,refunds"
        );
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |name: &str| {
                let place = header.iter().position(|own| own == name).unwrap();
                row[place].to_owned()
            };
            let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            for name in [
                "type",
                "account",
                "other_account",
                "currency",
                "memo",
                "tags",
                "key",
            ] {
                assert!(!is_formula(&cell(name)), "{row:?}");
            }
            let event = &events[&cell("seq").parse().unwrap()];
            let text = |key: &str| event[key].as_str().unwrap_or_default();
            assert_eq!(unescape_formula(&cell("memo")), text("memo"), "{name}");
            assert_eq!(unescape_formula(&cell("key")), text("key"), "{name}");
            assert_eq!(cell("at"), text("at"), "{name}");
            let effective = event["effective"].as_str().unwrap_or(text("at"));
            assert_eq!(cell("effective"), effective, "{name}");
            let tags = cell("tags");
            let tags: Option<Value> =
                (!tags.is_empty()).then(|| serde_json::from_str(&tags).unwrap());
            assert_eq!(tags.as_ref(), event.get("tags"), "{name}");
            let sum = theirs
                .entry(cell("account"))
                .or_insert((0, cell("currency")));
            sum.0 += billionths(&cell("amount"));
        }
        agree(&name, &ours(&shell, ""), &theirs, "");
    }
}

#[test]
fn every_line_of_json_is_the_event_as_a_replay_shows_it() {
    for (name, shell) in logs() {
        let replayed = shell.ledger("replay --json").succeeds().json_lines();
        let replayed: Vec<&Value> = replayed
            .iter()
            .filter_map(|line| line.get("event"))
            .collect();
        let exported = shell.ledger("export --to jsonl").succeeds();
        let lines = exported.json_lines();
        assert_eq!(lines.iter().collect::<Vec<_>>(), replayed, "{name}");
        // The order of the keys too, and what could deceive on a terminal.
        let text = String::from_utf8(exported.raw).unwrap();
        let replay = String::from_utf8(shell.ledger("replay --json").raw).unwrap();
        // The space in front tells an export from a log.
        let text = text.strip_prefix(' ').unwrap();
        for (one, other) in text.lines().zip(replay.lines()) {
            assert!(
                other.starts_with(&format!("{{\"event\":{one},")),
                "{one}\n{other}"
            );
        }
    }
}

#[test]
fn a_moment_is_exported_as_its_balances_say() {
    if !can_run("a moment in hledger", "hledger", &["--version"]) {
        return;
    }
    for (name, shell) in logs() {
        for moment in [
            "--until 2026-02-10",
            "--known-at seq:30",
            "--until 2025-12-31 --known-at head~20",
        ] {
            let ours = ours(&shell, moment);
            shell
                .ledger(&format!("export --to hledger -q -o x.journal {moment}"))
                .succeeds();
            output(&shell, "hledger", &["-f", "x.journal", "check", "--strict"]);
            let csv = output(
                &shell,
                "hledger",
                &[
                    "-f",
                    "x.journal",
                    "balance",
                    "--flat",
                    "-N",
                    "-E",
                    "-O",
                    "csv",
                ],
            );
            let mut theirs = Balances::new();
            for row in csv::Reader::from_reader(csv.as_bytes()).records() {
                let row = row.unwrap();
                let is_outside =
                    row[0].starts_with("equity:external") && !ours.contains_key(&row[0]);
                if !is_outside {
                    theirs.insert(row[0].to_owned(), money(row[1].split(", ").next().unwrap()));
                }
            }
            agree(&format!("{name} {moment}"), &ours, &theirs, "");
        }
    }
}
