//! The same commands on a file, on NATS and on PostgreSQL: the same answers and the same lines.

use crate::harness::Shell;
use crate::machine::machine;
use crate::servers::{Nats, Postgres};

/// What is run everywhere. A line with `|` has its input before it.
const STORY: &[&str] = &[
    "deposit 50 --key k",
    "deposit 50 --key k",
    "deposit 60 --key k",
    "withdraw 80",
    "withdraw 20 -m lunch --tag trip=alps --json",
    "open savings --floor -10 -q",
    "transfer 15 --to savings --from main",
    "limit savings --floor 0",
    "exchange 5 --from main --to dollars --for 5.40USD",
    "hold 3 --from main --to shop --expires 2026-12-24",
    "holds",
    "capture 7 2 --keep",
    "release 7",
    "refund 2 1",
    "correct 1 --amount 55",
    "undo",
    "reverse 3 --dry-run",
    "close savings",
    "deposit 1 --if-head 3:00000000",
    "deposit 1 --effective 2026-11-01 -a late",
    r#"{"type":"deposit","amount":2}{"type":"withdraw","amount":900} | batch"#,
    r#"{"type":"deposit","amount":2}{"type":"withdraw","amount":900} | batch --keep-going --json"#,
    r#"{"type":"deposit","amount":2,"key":"s"}{"type":"withdraw","amount":900} | batch --stream"#,
    r#"{"type":"transfer","from":"main","to":"a","amount":1}{"type":"undo"} | batch"#,
    "seal 2026-10",
    "deposit 1 --effective 2026-10-01",
    "unseal -m mistake",
    "balance",
    "balance --until 2026-11-22 --json",
    "balance --known-at seq:5",
    "history main",
    "history --json",
    "replay",
    "show 7",
    "accounts --json",
    "diff seq:2 head",
    "report --by month",
    "assert 'main > 0' 'savings == 1000'",
    "why main",
    "bisect 'main >= 40'",
    "head",
    "verify -q",
    "export --to csv",
    "export --to hledger",
    "watch --since seq:0 --no-follow",
    "project sqlite mirror.db",
    "project sqlite mirror.db",
    "doctor -q",
    "init",
    "balance nobody",
];

fn run(shell: &Shell, line: &str) -> crate::harness::Ran {
    match line.split_once(" | ") {
        Some((input, command)) => {
            let input = input.replace("}{", "}\n{");
            shell.ledger_with_input(command, input.as_bytes())
        }
        None => shell.ledger(line),
    }
}

/// Replaces the beginnings of hashes.
fn without_short_hashes(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_hex) {
        out += &rest[..start];
        let run = &rest[start..];
        let end = run.find(|c| !is_hex(c)).unwrap_or(run.len());
        out += if end == 12 { "<hash>" } else { &run[..end] };
        rest = &run[end..];
    }
    out + rest
}

/// The lines of a log without what is random: salts, and the hashes that follow from them.
fn lines_of(log: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(log).unwrap();
    let cut = |line: &str| {
        let start = line.split(",\"hash\":").next().unwrap().to_owned();
        let memo = line.find("\"memo\"").map_or("", |at| &line[at..]);
        start + memo
    };
    text.lines().map(cut).collect()
}

#[test]
fn commands_answer_alike_on_a_file_and_on_engines() {
    let file = machine("ledger.jsonl");
    file.ledger("init --currency EUR --zone Europe/Vienna -q")
        .succeeds();
    let mut machines = vec![("ledger.jsonl".to_owned(), file)];
    let (nats, postgres) = (Nats::start(1, ""), Postgres::start(&[]));
    let addresses = [
        nats.as_ref().map(|nats| nats.address("books")),
        postgres.as_ref().map(|postgres| postgres.address("books")),
    ];
    for address in addresses.into_iter().flatten() {
        let shell = machine(&address);
        let first = machines[0].1.file("ledger.jsonl");
        let first = first.to_str().unwrap();
        shell
            .ledger(&format!("copy {first} '{address}' --replicas 1 -q"))
            .succeeds();
        machines.push((address.replace("ann@", ""), shell));
    }
    for line in STORY {
        let mut expected = None;
        for (log_name, shell) in &machines {
            let ran = run(shell, line);
            let plain = |text: &str| without_short_hashes(&text.replace(log_name, "LOG"));
            let found = (ran.status, plain(&ran.stdout), plain(&ran.stderr));
            let expected = expected.get_or_insert_with(|| found.clone());
            assert_eq!(found, *expected, "{line} on {log_name}");
        }
    }
    let log = machines[0].1.log();
    for (log_name, shell) in &machines[1..] {
        let address = log_name.replace("//127", "//ann@127");
        let address = if log_name.starts_with("nats") {
            log_name
        } else {
            &address
        };
        shell
            .ledger(&format!("copy '{address}' pulled.jsonl -q"))
            .succeeds();
        let pulled = std::fs::read(shell.file("pulled.jsonl")).unwrap();
        assert_eq!(lines_of(&pulled), lines_of(&log), "{log_name}");
    }
}
