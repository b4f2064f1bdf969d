use std::path::Path;

use rusqlite::Connection;

use crate::harness::{Shell, can_run, lines, program, stdout_of};
use crate::story::story;
use crate::watch::{Following, until};

/// Everything that stands in a database.
fn rows(file: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells: Vec<String> = (0..columns)
            .map(|column| match row.get_ref(column).unwrap() {
                rusqlite::types::ValueRef::Null => "-".to_owned(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap().to_owned(),
            })
            .collect();
        found.push(cells.join(" "));
    }
    found
}

#[test]
fn the_tables_answer_what_one_would_ask_of_the_log() {
    let shell = story();
    let file = shell.file("ledger.db");
    shell
        .ledger("project sqlite ledger.db")
        .prints("ledger.db is at event 10, 11 events added\n");
    assert_eq!(
        rows(
            &file,
            "SELECT account, day, change, balance_minor FROM daily_balances"
        ),
        [
            "assets:giro 2026-01-02 2500.00 250000",
            "assets:giro 2026-01-03 -900.00 160000",
            "assets:giro 2026-01-30 -12.50 158750",
            "assets:giro 2026-01-31 -120.40 146710",
            "assets:giro 2026-02-06 -1900.00 -43290",
            "assets:giro 2026-03-01 12.50 -42040",
            "assets:travel 2026-02-05 30.00 3000",
            "expenses:groceries 2026-01-31 120.40 12040",
            "expenses:rent 2026-01-03 900.00 90000",
        ]
    );
    assert_eq!(
        rows(
            &file,
            "SELECT account, currency, floor, open, first, last FROM accounts"
        ),
        [
            "assets:giro EUR -500.00 1 1 8",
            "assets:travel USD 0.00 1 6 6",
            "expenses:groceries EUR 0.00 1 5 5",
            "expenses:rent EUR 0.00 1 3 3",
            "old EUR 0.00 0 9 10",
        ]
    );
    assert_eq!(
        rows(&file, "SELECT currency, balance_minor, scale FROM totals"),
        ["EUR 60000 2", "USD 3000 2"]
    );
    assert_eq!(
        rows(&file, "SELECT seq, reversed_by FROM reversed_events"),
        ["4 8"]
    );
    assert_eq!(
        rows(&file, "SELECT seq, key, value FROM tags"),
        ["2 employer acme", "7 order 7", "7 shop north"]
    );
    assert_eq!(
        rows(&file, "SELECT * FROM months WHERE account = 'assets:giro'"),
        [
            "assets:giro 2026-01 EUR 250000 -103290 146710",
            "assets:giro 2026-02 EUR 0 -190000 -43290",
            "assets:giro 2026-03 EUR 1250 0 -42040"
        ]
    );
    assert_eq!(
        rows(&file, "SELECT * FROM tag_totals WHERE key = 'order'"),
        ["order 7 assets:giro EUR 1 -190000"]
    );
    // The statement is that of history, row by row.
    let history = shell.ledger("history assets:giro --json").succeeds();
    let expected: Vec<String> = history
        .json_lines()
        .iter()
        .map(|row| {
            let balance = row["balance"].as_str().unwrap().replace('.', "");
            format!(
                "{} {} {balance}",
                row["seq"],
                row["change"].as_str().unwrap()
            )
        })
        .collect();
    let statement = "SELECT seq, change, balance_minor FROM statement \
                     WHERE account = 'assets:giro' ORDER BY effective, seq";
    assert_eq!(rows(&file, statement), expected);
    for broken in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
        assert!(
            rows(&file, broken).iter().all(|row| row == "ok"),
            "{broken}"
        );
    }
}

#[test]
fn sqlite3_opens_it_and_its_schema_says_what_each_column_is() {
    let what = "a read model opened by sqlite3";
    if !can_run(what, "sqlite3", &["--version"]) {
        return;
    }
    let shell = story();
    shell.ledger("project sqlite ledger.db -q").prints("");
    let ask = |question: &str| {
        stdout_of(
            program("sqlite3")
                .args(["ledger.db", question])
                .current_dir(shell.path()),
        )
    };
    assert_eq!(
        ask("SELECT balance FROM balances WHERE account = 'assets:giro'"),
        "-420.40\n"
    );
    let schema = ask(".schema");
    assert!(
        schema.contains("minor     INTEGER,          -- the same as a whole number"),
        "{schema}"
    );
    assert!(schema.contains("-- Each account's movements in the order in which they took effect"));
}

#[test]
fn the_guide_names_every_table_and_view() {
    let shell = Shell::given(&["deposit 5 -q"]);
    shell.ledger("project sqlite ledger.db -q").prints("");
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/GUIDE.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let listed = guide.lines().find(|line| line.contains(".schema`"));
    let names = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')";
    for name in rows(&shell.file("ledger.db"), names) {
        let quoted = format!("`{name}`");
        assert!(listed.unwrap().contains(&quoted), "{name}");
    }
    let months = "SELECT sql FROM sqlite_schema WHERE name = 'months'";
    let months = rows(&shell.file("ledger.db"), months).concat();
    assert!(months.contains("Money out is negative"), "{months}");
}

#[test]
fn json_says_where_it_stands() {
    let mut shell = Shell::given(&["deposit 5 -q"]);
    shell.ledger("project sqlite ledger.db --json").prints(&lines(&[
        r#"{"ledger":"<hex32>","seq":1,"hash":"<hex64>","added":2,"rebuilt":false,"torn_bytes":0}"#,
    ]));
    shell
        .ledger("project sqlite ledger.db")
        .prints("ledger.db is at event 1, nothing to add\n");
    shell
        .at("2026-11-24T08:00:00Z")
        .ledger("deposit 6 -q")
        .succeeds();
    shell
        .ledger("project sqlite ledger.db")
        .prints("ledger.db is at event 2, 1 event added\n");
    shell.ledger("project sqlite ledger.db --rebuild --json").prints(&lines(&[
        r#"{"ledger":"<hex32>","seq":2,"hash":"<hex64>","added":3,"rebuilt":true,"torn_bytes":0}"#,
    ]));
    assert_eq!(shell.names(), ["ledger.db", "ledger.jsonl"]);
}

#[test]
fn a_log_that_does_not_go_on_is_refused_and_a_rebuild_helps() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    shell.ledger("project sqlite 'my ledger.db' -q").succeeds();
    let log = shell.log();
    let cut = log[..log.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    shell.set_log(&log[..cut]);
    let before = std::fs::read(shell.file("my ledger.db")).unwrap();
    shell.ledger("project sqlite 'my ledger.db'").fails(
        6,
        "\
error: ./ledger.jsonl does not continue after event 2 (<hex16>): it ends at event 1
hint: ledger project sqlite 'my ledger.db' --rebuild
",
    );
    assert_eq!(std::fs::read(shell.file("my ledger.db")).unwrap(), before);
    shell
        .ledger("project sqlite 'my ledger.db' --rebuild")
        .prints("my ledger.db is at event 1, made again\n");
    let other = Shell::given(&["deposit 5 -q"]);
    shell.set_log(&other.log());
    shell.ledger("project sqlite 'my ledger.db'").fails(
        6,
        "\
error: my ledger.db is of the ledger <hex32>, and this is <hex32>; --file names the log that it is of
hint: ledger project sqlite 'my ledger.db' --rebuild
",
    );
}

#[test]
fn what_is_no_read_model_is_not_touched_and_of_a_bad_log_none_is_made() {
    let shell = Shell::given(&["deposit 5 -q"]);
    std::fs::write(shell.file("notes"), "buy milk\n").unwrap();
    let refused = |what: &str, why: &str| {
        for more in ["", " --rebuild"] {
            shell.ledger(&format!("project sqlite {what}{more}")).fails(
                2,
                &format!("error: {what} is {why}; it was not touched; name a new file\nhint: ledger project --help\n"),
            );
        }
    };
    refused("notes", "no SQLite database");
    refused("ledger.jsonl", "no SQLite database");
    refused(".", "no regular file");
    Connection::open(shell.file("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    refused("other.db", "another program's database");
    let mut log = shell.log();
    let middle = log.len() / 2;
    log[middle] ^= 1;
    shell.set_log(&log);
    assert_eq!(shell.ledger("project sqlite new.db").status, Some(6));
    assert_eq!(
        shell
            .ledger("project sqlite new.db -f nowhere.jsonl")
            .status,
        Some(10)
    );
    assert_eq!(shell.names(), ["ledger.jsonl", "notes", "other.db"]);
}

#[test]
fn a_file_that_another_process_writes_is_waited_for_as_long_as_wait_says() {
    let mut shell = Shell::given(&["deposit 5 -q"]);
    shell.ledger("project sqlite ledger.db -q").succeeds();
    shell.ledger("deposit 6 -q").succeeds();
    // As the first process does it, which makes the file with one transaction.
    let first = Connection::open(shell.file("ledger.db")).unwrap();
    first
        .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
        .unwrap();
    first.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // The hint is not tried in a copy: reading the file here would give up the lock.
    shell.pastes_nothing();
    shell.ledger("--wait 0 project sqlite ledger.db").fails(
        11,
        "\
error: ledger.db is in use by another process
hint: ledger project sqlite ledger.db --wait 60
",
    );
    let mut second = Following::start(&shell, "--wait 60 project sqlite ledger.db");
    assert_eq!(
        second.is_ready(),
        "note: waiting for another process, which holds the lock\n"
    );
    first.execute_batch("COMMIT").unwrap();
    second
        .ends()
        .prints("ledger.db is at event 2, 1 event added\n");
}

#[test]
fn processes_that_make_the_same_file_at_once_all_succeed() {
    let shell = Shell::given(&["deposit 5 -q"]);
    for round in 0..4 {
        let line = format!("--wait 60 project sqlite {round}.db");
        let all: Vec<Following> = (0..8).map(|_| Following::start(&shell, &line)).collect();
        for one in all {
            let ran = one.ends().succeeds();
            assert!(ran.stdout.starts_with(&format!("{round}.db is at event 1")));
        }
        let file = shell.file(&format!("{round}.db"));
        assert_eq!(rows(&file, "SELECT seq FROM events"), ["0", "1"]);
    }
}

#[test]
fn followed_it_is_in_step_until_a_signal() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let mut following = Following::start(&shell, "project sqlite ledger.db --follow");
    assert_eq!(
        following.line(),
        "ledger.db is at event 1, 2 events added\n"
    );
    shell.ledger("deposit 6 -q").succeeds();
    assert_eq!(following.line(), "ledger.db is at event 2, 1 event added\n");
    let file = shell.file("ledger.db");
    // Somebody who reads at the same time sees the newest.
    assert_eq!(rows(&file, "SELECT balance FROM balances"), ["11"]);
    // Somebody who brings it forward at the same time does no harm.
    shell.ledger("deposit 7 -q").succeeds();
    shell.ledger("project sqlite ledger.db -q").succeeds();
    shell.ledger("deposit 8 -q").succeeds();
    until("event 4 is in it", || {
        rows(&file, "SELECT seq FROM meta") == ["4"]
    });
    following.signal("TERM");
    let ran = following.ends();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(rows(&file, "SELECT seq FROM changes"), ["1", "2", "3", "4"]);
}
