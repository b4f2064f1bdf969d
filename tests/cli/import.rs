use std::path::Path;

use crate::harness::{Ran, Shell, can_run, lines, program, skip, stdout_of};

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/import");
    std::fs::read(path.join(name)).unwrap()
}

/// A directory with this file in it, and a ledger in euros.
fn with(name: &str, content: &[u8]) -> Shell {
    let shell = Shell::given(&["init --currency EUR --zone Europe/Vienna -q"]);
    std::fs::write(shell.file(name), content).unwrap();
    shell
}

fn head(ran: &Ran) -> &str {
    ran.stdout.lines().next().unwrap_or_default()
}

#[test]
fn a_year_of_a_german_bank_goes_in_once_its_questions_are_answered() {
    let shell = with("giro.csv", &sample("giro-2026.csv"));
    shell.ledger("import --from csv giro.csv").fails(
        2,
        "error: giro.csv, line 1, column 5: the byte E4 is not UTF-8; nothing was imported\nhint: --encoding windows-1252 reads what most Western European banks write\n",
    );
    shell.ledger("import --from csv giro.csv --encoding windows-1252").fails(
        2,
        "error: giro.csv, line 1: this is not a header: no columns for date and amount are found in `\"Umsätze Girokonto\";\"DE12500105170648489890\"`; nothing was imported\nhint: line 4 reads like one: --skip-lines 3\n",
    );
    let flags = "import --from csv giro.csv --encoding windows-1252 --skip-lines 3 -a giro";
    shell.ledger(flags).fails(
        4,
        "error: giro.csv, line 116: there is no account giro; nothing was imported\nhint: --open opens accounts that are not there yet, with no floor\n",
    );
    shell
        .ledger(&format!("{flags} --open"))
        .prints("imported 112 events, 1 account opened; giro is 18476.88 EUR\n112 rows, 2026-01-01 to 2026-12-30: in 33000.00 EUR, out 14523.12 EUR; balance 1842.17 to 20319.05\nhead 113:<hex16>\n");
    // What the bank began the year with is not in the file; with it, both end it with the same.
    shell
        .ledger("deposit 1842.17 -a giro --effective 2025-12-31 -q")
        .succeeds();
    shell.ledger("assert 'giro == 20319.05'").prints("");
    let before = shell.log();
    shell
        .ledger(&format!("{flags} --open"))
        .prints("imported 0 events, 112 were already recorded\n112 rows, 2026-01-01 to 2026-12-30: in 33000.00 EUR, out 14523.12 EUR; balance 1842.17 to 20319.05\nhead 114:<hex16>\n");
    assert_eq!(shell.log(), before);
    hledger_agrees_on_the_giro(&shell);
    let history = shell.ledger("history giro --since 2026-01-02 --until 2026-01-02 --json");
    let rows = history.succeeds().json_lines();
    assert_eq!(rows.len(), 2, "two coffees on one day stay two");
    assert_eq!(rows[0]["effective"], "2026-01-01T23:00:00.000000Z");
    assert_eq!(rows[0]["memo"], "Kartenzahlung Bäckerei Müller");
    assert_eq!(rows[0]["tags"]["counterparty"], "Bäckerei Müller");
}

/// What comes out again adds up to the same for hledger.
fn hledger_agrees_on_the_giro(shell: &Shell) {
    let journal = shell.ledger("export --to hledger");
    if journal.status != Some(0) {
        return skip("hledger on what comes out", "this build has no export");
    }
    std::fs::write(shell.file("out.journal"), &journal.raw).unwrap();
    if !can_run("hledger on what comes out", "hledger", &["--version"]) {
        return;
    }
    let theirs = stdout_of(
        program("hledger")
            .args([
                "-f",
                "out.journal",
                "balance",
                "giro",
                "--no-total",
                "-O",
                "csv",
            ])
            .current_dir(shell.path()),
    );
    assert!(theirs.ends_with("\"giro\",\"20319.05 EUR\"\n"), "{theirs}");
}

#[test]
fn a_statement_that_overlaps_adds_only_what_is_new() {
    let shell = Shell::given(&["open main --floor none -q"]);
    let import = |rows: &[&str]| {
        let text = format!("Date,Amount,Description,Balance\n{}\n", rows.join("\n"));
        let ran = shell.ledger_with_input("import --from csv -", text.as_bytes());
        head(&ran.succeeds()).to_owned()
    };
    // The first statement ends on a day with one coffee so far.
    assert_eq!(
        import(&[
            "2026-01-01,-900.00,rent,100.00",
            "2026-01-02,-3.50,coffee,96.50"
        ]),
        "imported 2 events; main is -903.50"
    );
    // The next begins on that day, with two of them, and with other balances.
    assert_eq!(
        import(&[
            "2026-01-02,-3.50,coffee,50.00",
            "2026-01-02,-3.50,coffee,46.50",
            "2026-01-03,-7.00,cake,39.50",
        ]),
        "imported 2 events, 1 was already recorded; main is -914.00"
    );
    assert_eq!(
        import(&[
            "2026-01-02,-3.50,coffee,96.50",
            "2026-01-01,-900.00,rent,100.00"
        ]),
        "imported 0 events, 2 were already recorded"
    );
    // The same rows on another account are others.
    let other = b"Date,Amount\n2026-01-04,5.00\n";
    shell
        .ledger_with_input("import --from csv -a b -q", other)
        .prints("");
    shell
        .ledger_with_input("import --from csv -q", other)
        .prints("");
    shell.ledger("balance b -q").prints("5.00\n");
}

#[test]
fn a_known_row_with_another_content_is_a_conflict_and_nothing_is_imported() {
    let text =
        b"Date,Amount,Description,Payee\n2026-01-02,3.50,gift,Ann\n2026-01-03,4.50,gift,Ann\n";
    let shell = with("in.csv", text);
    shell.ledger("import --from csv in.csv -q").prints("");
    let before = shell.log();
    shell
        .ledger("import --from csv in.csv --map memo=Payee")
        .fails(
            5,
            "error: in.csv, line 2: the key `csv:<hex32>:1` was used for event 1 with other content: memo was gift, now Ann; tags.counterparty was Ann, now none; tags.text was none, now gift; nothing was imported\nhint: --keep-known leaves such events as they are; the bank or other flags word them otherwise now\n",
        );
    shell
        .ledger("import --from csv in.csv --map memo=Payee --keep-known")
        .prints("imported 0 events, 2 were already recorded\n2 rows, 2026-01-02 to 2026-01-03: in 8.00, out 0.00\nhead 2:<hex16>\n");
    assert_eq!(shell.log(), before);
}

#[test]
fn a_refusal_names_file_line_and_what_to_do_and_leaves_no_file() {
    let shell = Shell::new();
    let refused = |flags: &str, text: &str, status: i32, expected: &str| {
        let ran = shell.ledger_with_input(&format!("import --from csv {flags}"), text.as_bytes());
        ran.fails(status, expected);
    };
    refused(
        "",
        "Date,Amount\n2026-01-01,5\n2026-01-02,-7\n",
        4,
        "error: standard input, line 3: cannot withdraw 7 from main: balance 5, floor 0; nothing was imported\nhint: --open opens accounts that are not there yet, with no floor: few statements begin at zero\n",
    );
    refused(
        "",
        "Date,Amount\n03/04/2026,5\n",
        2,
        "error: standard input, line 2, column 1 (Date): `03/04/2026` can be 2026-04-03 or 2026-03-04, and nothing else in the file decides; nothing was imported\nhint: --date-format %d/%m/%Y, or --date-format %m/%d/%Y\n",
    );
    refused(
        "",
        "Date,Amount\n2026-01-01,\"1,234\"\n",
        2,
        "error: standard input, line 2, column 2 (Amount): `1,234` can be 1.234 or 1234, and nothing else in the file decides; nothing was imported\nhint: --decimal comma, or --decimal point\n",
    );
    refused(
        "--currency EUR",
        "Date,Amount,Currency\n2026-01-01,5,USD\n",
        2,
        "error: standard input, line 2, column 2 (Amount): the file says USD, not EUR; nothing was imported\nhint: --currency USD\n",
    );
    refused(
        "",
        "Date,Amount,Status\n2026-01-01,5,Gebucht\n2026-01-02,5,Vorgemerkt\n",
        2,
        "error: standard input, line 3, column 3 (Status): rows say `Gebucht`, `Vorgemerkt` here, and the file does not say which of them count; nothing was imported\nhint: --skip Status=Vorgemerkt leaves these out\n",
    );
    refused(
        "",
        "\n",
        2,
        "error: standard input: there is nothing in it; nothing was imported\n",
    );
    assert_eq!(shell.names(), [""; 0]);
    shell.ledger("import --from csv nowhere.csv").fails(
        1,
        "error: cannot read nowhere.csv: No such file or directory (os error 2); nothing was imported\n",
    );
    shell
        .ledger("import --from csv nowhere.csv --map date")
        .fails(
            2,
            "error: `date` is not of the form A=B\nhint: --map date=Buchungstag,amount=Betrag\n",
        );
    let ran = shell.ledger_with_input("import --from csv --json", b"Date,Amount\nx,5\n");
    assert_eq!(ran.error()["code"], "invalid_input");
    assert_eq!(ran.error()["recorded"], "no");
}

#[test]
fn a_dry_run_shows_what_would_be_added_and_changes_nothing() {
    let shell = with(
        "in.csv",
        b"Date,Amount,Description\n2026-01-03,-3.50,coffee\n2026-01-02,100.00,pay\n",
    );
    std::fs::write(
        shell.file("first.csv"),
        b"Date,Amount,Description\n2026-01-02,100.00,pay\n",
    )
    .unwrap();
    shell.ledger("import --from csv first.csv -q").prints("");
    let before = shell.log();
    shell.ledger("import --from csv in.csv --dry-run").is(
        0,
        &lines(&[
            "Effective         Type      Account  Change      Details",
            "────────────────────────────────────────────────────────",
            "2026-01-03 00:00  withdraw  main      -3.50 EUR  coffee",
            "would import 1 event, 1 was already recorded; main is 96.50 EUR",
            "2 rows, 2026-01-02 to 2026-01-03: in 100.00 EUR, out 3.50 EUR",
        ]),
        "note: times in Europe/Vienna, now +01:00\n",
    );
    let receipts = shell
        .ledger("import --from csv in.csv -n --json")
        .succeeds()
        .json_lines();
    assert_eq!(receipts.len(), 2);
    assert_eq!(receipts[0]["replayed"], true);
    assert_eq!(receipts[1]["dry_run"], true);
    assert_eq!(receipts[1]["balances"][0]["balance"], "96.50");
    assert_eq!(shell.log(), before);
}

#[test]
fn all_of_a_file_is_one_batch() {
    let shell = Shell::new();
    let text = b"Date,Amount\n2026-01-01,5\n2026-01-02,6\n2026-01-03,7\n";
    shell
        .ledger_with_input("import --from csv -q", text)
        .succeeds();
    let log = String::from_utf8(shell.log()).unwrap();
    let more: Vec<bool> = log
        .lines()
        .map(|line| line.contains(",\"more\":true,"))
        .collect();
    assert_eq!(more, [false, true, true, false]);
}

#[test]
fn both_forms_of_ofx_are_read_and_known_by_the_banks_numbers() {
    let shell = with("checking.ofx", &sample("checking-q1.ofx"));
    std::fs::write(shell.file("card.ofx"), sample("card-may.ofx")).unwrap();
    shell
        .ledger("import --from ofx checking.ofx -a checking --open")
        .is(
            0,
            "imported 15 events, 1 account opened; checking is 4973.85 USD\n15 rows, 2026-01-03 to 2026-03-21: in 9631.65 USD, out 4657.80 USD\nhead 16:<hex16>\n",
            "note: the bank has 5000.30 USD in checking on 2026-03-31, this ledger 4973.85 USD: it lacks what was there before the file begins\n",
        );
    shell
        .ledger("import --from ofx card.ofx -a card --open")
        .prints("imported 4 events, 1 account opened; card is 0.00 EUR\n4 rows, 2026-05-04 to 2026-05-27: in 265.40 EUR, out 265.40 EUR\nhead 21:<hex16>\n");
    // With what was there before, the two agree.
    shell
        .ledger("deposit '26.45 USD' -a checking --effective 2025-12-31 -q")
        .succeeds();
    for (file, account, known) in [("checking.ofx", "checking", 15), ("card.ofx", "card", 4)] {
        let ran = shell.ledger(&format!("import --from ofx {file} -a {account}"));
        let expected = format!("imported 0 events, {known} were already recorded");
        assert_eq!(head(&ran.succeeds()), expected);
    }
    let rows = shell
        .ledger("history checking --limit 3 --json")
        .succeeds()
        .json_lines();
    assert_eq!(rows[0]["memo"], "AT&T STORE & CAFE");
    assert_eq!(rows[0]["effective"], "2026-03-09T17:00:00.000000Z");
    assert_eq!(rows[2]["memo"], "ACCT 77&78");
    assert_eq!(rows[2]["tags"]["counterparty"], "CITY POWER");
}

#[test]
fn a_file_of_several_accounts_is_not_put_into_one() {
    let statement = |account: &str, amount: &str| {
        format!(
            "<STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>{account}</BANKACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260102<TRNAMT>{amount}<FITID>1<NAME>x</STMTTRN></BANKTRANLIST></STMTRS>"
        )
    };
    let text = format!(
        "<OFX>\n{}\n{}</OFX>",
        statement("11", "5.00"),
        statement("22", "7.50")
    );
    let shell = with("two.ofx", text.as_bytes());
    shell.ledger("import --from ofx two.ofx").fails(
        2,
        "error: two.ofx, line 2, column 1: it is of several accounts: `11`, `22`; nothing was imported\nhint: --map 11=ACCOUNT,22=ACCOUNT\n",
    );
    shell
        .ledger("import --from ofx two.ofx --map 11=giro,22=savings")
        .prints("imported 2 events; giro (new account) is 5.00 EUR, savings (new account) is 7.50 EUR\n2 rows, 2026-01-02: in 12.50 EUR, out 0.00 EUR\nhead 2:<hex16>\n");
}

#[test]
fn numbers_that_are_not_the_banks_own_are_not_relied_on() {
    let one = "<STMTTRN><DTPOSTED>20260102<TRNAMT>5,5<FITID>0<NAME>x</STMTTRN>";
    let text = format!("<OFX><STMTRS><CURDEF>EUR\n{one}\n{one}</STMTRS></OFX>");
    let shell = with("zero.ofx", text.as_bytes());
    shell.ledger("import --from ofx zero.ofx").fails(
        2,
        "error: zero.ofx, line 3, column 39: another transaction has the number `0`; nothing was imported\nhint: --by-content identifies transactions by their content\n",
    );
    shell
        .ledger("import --from ofx zero.ofx --by-content")
        .prints("imported 2 events; main is 11.00 EUR\n2 rows, 2026-01-02: in 11.00 EUR, out 0.00 EUR\nhead 2:<hex16>\n");
    shell
        .ledger("import --from ofx zero.ofx --by-content")
        .prints("imported 0 events, 2 were already recorded\n2 rows, 2026-01-02: in 11.00 EUR, out 0.00 EUR\nhead 2:<hex16>\n");
}

#[test]
fn a_flag_that_says_nothing_of_the_format_is_refused_before_anything_is_opened() {
    let shell = Shell::new();
    for (line, message) in [
        (
            "--from jsonl --map a=b",
            "--map is for csv, ofx, camt053, mt940, hledger, not for jsonl",
        ),
        (
            "--from hledger -a b",
            "--account is for csv, ofx, camt053, mt940, jsonl, not for hledger",
        ),
        (
            "--from ofx --delimiter ;",
            "--delimiter is for csv, not for ofx",
        ),
        (
            "--from hledger --by-content",
            "--by-content is for csv, ofx, camt053, mt940, not for hledger",
        ),
    ] {
        shell.ledger(&format!("import {line} nowhere")).fails(
            2,
            &format!("error: {message}\nhint: ledger import --help\n"),
        );
    }
}

#[test]
fn the_textbook_example_is_read_by_its_digits() {
    let shell = with("book.jsonl", &sample("textbook.jsonl"));
    shell
        .ledger("import --from jsonl book.jsonl")
        .prints("imported 3 events; main is 42.50 EUR\nhead 3:<hex16>\n");
    shell
        .ledger("import --from jsonl book.jsonl")
        .prints("imported 0 events, 3 were already recorded\nhead 3:<hex16>\n");
    shell
        .ledger_with_input("import --from jsonl", b"{\"type\":\"deposit\",\"amount\":1}\n{\"type\":\"deposit\",\"amount\":1e2}\n")
        .fails(
            2,
            "error: standard input, line 2, column 28: `1e2` has an exponent; amounts are plain decimals; nothing was imported\nhint: write 100\n",
        );
}

#[test]
fn a_journal_comes_in_as_transfers_and_hledger_agrees_on_every_balance() {
    let shell = with("household.journal", &sample("household.journal"));
    shell.ledger("import --from hledger household.journal").fails(
        4,
        "error: household.journal, line 11: there is no account equity:opening; nothing was imported\nhint: --open opens accounts that are not there yet, with no floor\n",
    );
    shell
        .ledger("import --from hledger household.journal --open")
        .prints("imported 7 events, 6 accounts opened\nhead 13:<hex16>\n");
    shell
        .ledger("import --from hledger household.journal --open")
        .prints("imported 0 events, 7 were already recorded\nhead 13:<hex16>\n");
    if !can_run("hledger's own balances", "hledger", &["--version"]) {
        return;
    }
    let theirs = stdout_of(
        program("hledger")
            .args([
                "-f",
                "household.journal",
                "balance",
                "--flat",
                "--no-total",
                "-O",
                "csv",
                "-c",
                "1000.00 EUR",
            ])
            .current_dir(shell.path()),
    );
    let ours = shell.ledger("balance --json").succeeds().json();
    let balances = ours["balances"].as_array().unwrap();
    assert_eq!(theirs.lines().count(), balances.len() + 1, "{theirs}");
    for balance in balances {
        let figure = balance["balance"].as_str().unwrap();
        let line = format!(
            "\"{}\",\"{figure} EUR\"",
            balance["account"].as_str().unwrap()
        );
        assert!(theirs.lines().any(|own| own == line), "{line}\n{theirs}");
    }
}

/// A ledger with everything that an event can say.
fn full() -> Shell {
    let mut shell = Shell::given(&["init --currency EUR --zone Europe/Vienna -q"]);
    for (now, command) in [
        (
            "2026-01-01T10:00:00Z",
            "open giro --floor -100 -m 'for the house'",
        ),
        (
            "2026-01-02T10:00:00Z",
            "deposit 50 -a giro -m 'pay, and more' --tag order=7 --tag 'a b=c,d;e' --key one",
        ),
        (
            "2026-01-03T10:00:00Z",
            "withdraw 80.5 -a giro --effective '2026-01-02 08:30'",
        ),
        (
            "2026-01-04T10:00:00Z",
            "transfer 10 --from giro --to savings -m =1+1",
        ),
        ("2026-01-05T10:00:00Z", "reverse 3 -m mistake"),
        ("2026-01-06T10:00:00Z", "deposit 7 USD -a travel"),
        ("2026-01-07T10:00:00Z", "limit giro --floor none"),
        ("2026-01-08T10:00:00Z", "withdraw 500 -a giro"),
    ] {
        shell.at(now).ledger(&format!("{command} -q")).succeeds();
    }
    shell
}

/// What a statement says, without the numbers, the times of recording and the keys of another log.
fn statement(shell: &Shell, account: &str) -> Vec<serde_json::Value> {
    let rows = shell
        .ledger(&format!("history {account} --json"))
        .succeeds()
        .json_lines();
    let without = |mut row: serde_json::Value| {
        if !row["reverses"].is_null() {
            // A reversal carries the tags of its event, which older logs did not do.
            row.as_object_mut().unwrap().remove("tags");
        }
        for key in [
            "seq", "at", "key", "reverses", "captures", "corrects", "refunds",
        ] {
            row.as_object_mut().unwrap().remove(key);
        }
        row
    };
    rows.into_iter().map(without).collect()
}

#[test]
fn what_replay_prints_of_events_comes_in_again_the_same() {
    let shell = full();
    let events: String = shell
        .ledger("replay --json")
        .succeeds()
        .json_lines()
        .iter()
        .filter(|line| line["event"].is_object())
        .map(|line| format!("{}\n", line["event"]))
        .collect();
    std::fs::write(shell.file("events.jsonl"), &events).unwrap();
    let other = Shell::new();
    std::fs::write(other.file("events.jsonl"), &events).unwrap();
    other.ledger("import --from jsonl events.jsonl").is(
        0,
        "imported 8 events; giro is -460.00 EUR, savings (new account) is 10.00 EUR, travel (new account) is 7.00 USD\nhead 8:<hex16>\n",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
    for account in ["giro", "savings", "travel"] {
        assert_eq!(
            statement(&other, account),
            statement(&shell, account),
            "{account}"
        );
    }
    other
        .ledger("import --from jsonl events.jsonl")
        .prints("imported 0 events, 8 were already recorded\nhead 8:<hex16>\n");
    // A reversal is one there, too.
    let shown = other.ledger("show 5 --json").succeeds().json();
    assert_eq!(shown["event"]["reverses"], 3);
    // A ledger of another currency is another ledger.
    let third = Shell::given(&["init --currency USD -q"]);
    std::fs::write(third.file("events.jsonl"), &events).unwrap();
    third.ledger("import --from jsonl events.jsonl").fails(
        4,
        "error: events.jsonl, line 1: the ledger of this file is in EUR, the one it goes into has USD for its default; nothing was imported\nhint: --file new.jsonl starts another\n",
    );
}

#[test]
fn every_receipt_is_a_line_that_can_be_imported() {
    let shell = Shell::given(&["init --currency EUR -q"]);
    let mut receipts = String::new();
    for command in [
        "deposit 50 -m private",
        "hold 20 --to shop --expires 'in 1 day'",
        "capture 2 5 --keep",
        "release 2",
        "redact 1 -m 'on request' --yes",
        "seal 2026-01-01",
    ] {
        let receipt = shell.ledger(&format!("{command} --json")).succeeds().json();
        receipts.push_str(&format!("{receipt}\n"));
    }
    let other = Shell::new();
    std::fs::write(other.file("receipts.jsonl"), receipts).unwrap();
    other.ledger("import --from jsonl receipts.jsonl").is(
        0,
        "imported 2 events, 4 rows left out; main (new account) is 50.00 EUR, shop (new account) is 5.00 EUR\nhead 2:<hex16>\n",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
}

/// Every event of one ledger in another, by way of this format: the same balances, the same
/// statements, and nothing new when it comes again.
fn goes_round(shell: &Shell, format: &str) {
    let text = shell
        .ledger(&format!("export --to {format}"))
        .succeeds()
        .raw;
    let opening = shell.ledger("show 0 --json").succeeds().json()["event"].clone();
    let other = Shell::new();
    if format != "jsonl" {
        let currency = opening["currency"].as_str().unwrap();
        let zone = opening["zone"].as_str().unwrap();
        other
            .ledger(&format!("init --currency {currency} --zone {zone} -q"))
            .succeeds();
    }
    std::fs::write(other.file("export"), text).unwrap();
    // Of accounts a CSV says nothing.
    let open = if format == "csv" { "--open" } else { "" };
    let import = format!("import --from {format} export {open}");
    other.ledger(&import).succeeds();
    let balances =
        |shell: &Shell| shell.ledger("balance --all --json").succeeds().json()["balances"].clone();
    assert_eq!(balances(&other), balances(shell), "{format}");
    for account in balances(shell).as_array().unwrap() {
        let name = account["account"].as_str().unwrap();
        assert_eq!(
            statement(&other, name),
            statement(shell, name),
            "{format} {name}"
        );
    }
    other.ledger("verify").succeeds();
    let before = other.log();
    let again = other.ledger(&import).succeeds();
    assert!(
        again.stdout.starts_with("imported 0 events, "),
        "{format}: {}",
        again.stdout
    );
    assert_eq!(other.log(), before, "{format}");
}

/// A hold that was captured and released, refunds, corrections and an exchange; nothing is on hold any more.
fn order() -> Shell {
    Shell::given(&[
        "init --currency EUR --zone Europe/Berlin",
        "deposit 100 -a customer -m cash --tag a=1 --tag b=2",
        "hold 60 --from customer --to shop --tag order=4711 --expires 2026-12-01 --key auth",
        "capture 2 25 --keep",
        "capture 2 20 --keep",
        "release 2",
        "refund 3 10",
        "reverse 6",
        "refund 3 4 -m scratched",
        "correct 4 --amount 21 -m 'a slip'",
        "correct 1 --amount 101 -m '' --untag a --tag c=3",
        "deposit 40 -a customer",
        "correct head --account client",
        "exchange 30 --from client --to travel --for 33USD",
        "correct head --for 34",
        "reverse head",
        "seal 2026-10",
        "deposit 1 -a client",
    ])
}

#[test]
fn what_is_exported_comes_in_again_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    if full().ledger("export --help").status != Some(0) {
        return skip("the way out and in again", "this build has no export");
    }
    for format in ["csv", "jsonl", "hledger"] {
        goes_round(&full(), format);
        goes_round(&order(), format);
        for sample in ["household", "shop", "rides"] {
            let shell = Shell::new();
            std::fs::copy(
                root.join(format!("{sample}.jsonl")),
                shell.file("ledger.jsonl"),
            )
            .unwrap();
            goes_round(&shell, format);
        }
    }
}

#[test]
fn an_import_on_a_head_that_is_no_more_is_refused() {
    let shell = Shell::given(&["deposit 5"]);
    let head = shell.ledger("head").succeeds().raw;
    let head = String::from_utf8(head).unwrap();
    shell.ledger("deposit 6").succeeds();
    let line = format!("import --from csv --if-head {}", head.trim());
    let ran = shell.ledger_with_input(&line, b"Date,Amount\n2026-01-01,5\n");
    assert_eq!(ran.status, Some(5), "{}", ran.stderr);
}

#[test]
fn a_statement_in_two_currencies_is_told_how_each_gets_an_account() {
    let text = "Date,Amount,Currency\n2026-01-02,3.00,EUR\n2026-01-03,5.00,USD\n";
    let shell = with("two.csv", text.as_bytes());
    shell.ledger("import --from csv two.csv").fails(
        4,
        "error: two.csv, line 3: main holds EUR, not USD; nothing was imported\nhint: an account holds one currency: --only COLUMN=USD takes those rows, --account names one for them\n",
    );
    shell
        .ledger("import --from csv two.csv --only Currency=EUR -q")
        .succeeds();
    shell
        .ledger("import --from csv two.csv --only Currency=USD -a travel --open -q")
        .succeeds();
    shell
        .ledger("assert 'main == 3 EUR' 'travel == 5 USD'")
        .prints("");
}

#[test]
fn a_directive_that_cannot_be_read_is_told_how_hledger_writes_it_out() {
    let journal = "P 2026-01-01 USD 0.9 EUR\n2026-01-01 x\n  a  5 EUR\n  b\n";
    let shell = with("x.journal", journal.as_bytes());
    shell.ledger("import --from hledger x.journal").fails(
        2,
        "error: x.journal, line 1, column 1: a price cannot be imported; nothing was imported\nhint: hledger -f FILE print --explicit | ledger import --from hledger\n",
    );
}

#[test]
fn input_that_is_larger_than_allowed_is_an_error_that_names_the_flag_and_records_nothing() {
    let shell = Shell::new();
    std::fs::write(shell.file("a.csv"), "Date,Amount\n2026-01-13,5.00\n").unwrap();
    std::fs::write(
        shell.file("b.jsonl"),
        "{\"type\":\"deposit\",\"amount\":5}\n",
    )
    .unwrap();
    for command in [
        "import --from csv a.csv -a main --max-bytes 10",
        "import --from csv - -a main --max-bytes 10 < a.csv",
        "batch b.jsonl --max-bytes 10",
    ] {
        let ran = match command.split_once(" < ") {
            Some((command, file)) => {
                let input = std::fs::read(shell.file(file)).unwrap();
                shell.ledger_with_input(command, &input)
            }
            None => shell.ledger(command),
        };
        assert_eq!(ran.status, Some(2), "{command}: {}", ran.stderr);
        let (before, _) = command.split_once(" 10").unwrap();
        let named = command
            .split(' ')
            .find(|word| word.starts_with(['a', 'b']) && word.contains('.'));
        let length = named.map_or(0, |name| shell.file(name).metadata().unwrap().len());
        // What comes through a pipe has no length.
        let enough = if command.contains('<') { 20 } else { length };
        let hint = format!("hint: ledger {before} {enough}\n");
        assert!(ran.stderr.ends_with(&hint), "{}", ran.stderr);
        assert!(!shell.file("ledger.jsonl").exists());
    }
    shell
        .ledger("import --from csv a.csv -a main --max-bytes 40 -q")
        .succeeds();
}
