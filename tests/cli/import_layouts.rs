//! Files as banks and people have them: the right balance, or a question.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Shell, skip};

/// A new ledger into which a file is imported with these flags.
fn import(flags: &str, name: &str, text: &str) -> (Shell, crate::harness::Ran) {
    let shell = Shell::new();
    std::fs::write(shell.file(name), text).unwrap();
    let ran = shell.ledger(&format!("import {flags} {name} --open"));
    (shell, ran)
}

fn balance(shell: &Shell, account: &str) -> String {
    let ran = shell.ledger(&format!("balance {account} -q"));
    ran.succeeds().stdout.trim().to_owned()
}

#[test]
fn each_layout_gives_its_balance_or_the_hint_that_leads_to_it() {
    for (flags, text, hint, flag, expected) in [
        (
            "--from csv",
            "Date,Description,Deposit,Payment\n2026-01-13,rent,0.00,5.00\n2026-01-14,pay,7.00,0.00\n",
            "--map debit=Payment,credit=Deposit",
            "--map debit=Payment,credit=Deposit",
            "2.00",
        ),
        (
            "--from csv",
            "Date,Amount,Fee,Description\n2026-01-13,-10.00,0.50,x\n",
            "--map fee=Fee books the fee too",
            "--map fee=Fee",
            "-10.50",
        ),
        (
            "--from csv",
            "Date,Amount,Net,Description\n2026-01-13,-10.00,-9.00,x\n",
            "--map amount=Amount or --map amount=Net",
            "--map amount=Net",
            "-9.00",
        ),
        (
            "--from csv",
            "Date,Amount,Kind\n2026-01-13,10.00,Purchase\n2026-01-14,4.00,Payment\n",
            "--in Payment or --out Payment",
            "--in Payment",
            "-6.00",
        ),
        (
            "--from csv",
            "Date,Debit,Credit\n2026-01-13,-10.00,\n2026-01-14,,4.00\n",
            "--direction sign",
            "--direction word",
            "-6.00",
        ),
        (
            "--from csv",
            "Date,Amount,State\n2026-01-13,-10.00,DONE\n2026-01-14,-4.00,PENDING\n",
            "--skip State=PENDING leaves these out",
            "--skip State=PENDING",
            "-10.00",
        ),
        (
            "--from csv",
            "Date,Amount,What\n2026-01-13,-10.00,x\n2026-01-14,40.00,Saldo\n",
            "--skip What=Saldo leaves such rows out, --movement What=Saldo records them",
            "--skip What=Saldo",
            "-10.00",
        ),
        (
            "--from csv",
            "Date,Amount,Currency\n2026-01-13,-10.00,Taler\n",
            "--value currency:Taler=EUR",
            "--value currency:Taler=EUR",
            "-10.00",
        ),
        (
            "--from csv",
            "Account,Date,Amount\na,2026-01-13,-10.00\nb,2026-01-13,-3.00\n",
            "--map account=Account books each to its own",
            "--only Account=a",
            "-10.00",
        ),
        (
            "--from ofx",
            "OFXHEADER:100\n<OFX><STMTRS><CURDEF>EUR<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260113<TRNAMT>5.00<FITID>1<NAME>x</STMTTRN></STMTRS></OFX>",
            "--direction sign",
            "--direction word",
            "-5.00",
        ),
    ] {
        let (_, ran) = import(flags, "file", text);
        assert_eq!(ran.status, Some(2), "{text}{}", ran.stdout);
        assert!(ran.stderr.contains(hint), "{text}{}", ran.stderr);
        let (shell, ran) = import(&format!("{flags} {flag}"), "file", text);
        ran.succeeds();
        assert_eq!(balance(&shell, "main"), expected, "{text}");
    }
}

#[test]
fn balances_that_no_reading_leads_to_are_refused_and_may_be_ignored() {
    let text = "Date,Amount,Balance\n2026-01-13,-10.00,90.00\n2026-01-14,-4.00,85.00\n";
    let (_, ran) = import("--from csv", "file", text);
    ran.fails(
        2,
        "error: file, line 3, column 3 (Balance): the balance is 85.00 here, but the rows lead to 86.00; nothing was imported\nhint: a row is missing, or another column is the money: --map amount=COLUMN; --no-balance-check if the file's balances are wrong\n",
    );
    let (shell, ran) = import("--from csv --no-balance-check", "file", text);
    ran.succeeds();
    assert_eq!(balance(&shell, "main"), "-14.00");
}

#[test]
fn a_row_in_other_words_is_asked_about_and_never_doubled() {
    let row = |text: &str| format!("Date,Amount,Description\n2026-01-13,-5.50,{text}\n");
    let (shell, ran) = import("--from csv", "one.csv", &row("luhcn"));
    ran.succeeds();
    std::fs::write(shell.file("two.csv"), row("lunch")).unwrap();
    shell.ledger("import --from csv two.csv").fails(
        2,
        "error: two.csv, line 2: this may be event 2 in other words: same day, account and amount; nothing was imported\nhint: --duplicates skip leaves such rows out, --duplicates record records them\n",
    );
    shell
        .ledger("import --from csv two.csv --duplicates skip -q")
        .succeeds();
    assert_eq!(balance(&shell, "main"), "-5.50");
    shell
        .ledger("import --from csv two.csv --duplicates record -q")
        .succeeds();
    assert_eq!(balance(&shell, "main"), "-11.00");
    shell.ledger("import --from csv one.csv -q").succeeds();
    assert_eq!(balance(&shell, "main"), "-11.00");
    // The same row again, in a file that repeats nothing.
    shell
        .ledger("import --from csv one.csv --no-overlap -q")
        .succeeds();
    assert_eq!(balance(&shell, "main"), "-16.50");
}

#[test]
fn a_bank_s_number_is_the_identity_and_edited_texts_are_not() {
    let text = |category: &str, note: &str| {
        format!(
            "Transaction ID,Date,Amount,Category,Notes and #tags\ntx_1,2026-01-13,-3.21,{category},{note}\n"
        )
    };
    let (shell, ran) = import("--from csv", "one.csv", &text("Food", ""));
    ran.succeeds();
    std::fs::write(shell.file("two.csv"), text("Trips", "trip")).unwrap();
    shell
        .ledger("import --from csv two.csv --keep-known -q")
        .succeeds();
    assert_eq!(balance(&shell, "main"), "-3.21");
}

#[test]
fn a_profile_that_cannot_be_written_is_refused_before_anything_is_recorded() {
    let shell = Shell::new();
    std::fs::write(shell.file("one.csv"), "date,amount\n2026-01-31,1.50\n").unwrap();
    std::fs::write(shell.file("bank.toml"), "mine = 1\n").unwrap();
    for rules in ["bank.toml", "ledger.jsonl", "missing/bank.toml"] {
        let ran = shell.ledger(&format!(
            "import --from csv one.csv --save-rules {rules} --json"
        ));
        assert_ne!(ran.status, Some(0), "{rules}");
        assert_eq!(ran.error()["recorded"], "no", "{rules}");
        assert!(!shell.file("ledger.jsonl").exists(), "{rules}");
    }
    let kept = std::fs::read_to_string(shell.file("bank.toml")).unwrap();
    assert_eq!(kept, "mine = 1\n");
}

#[test]
fn a_profile_holds_the_flags_about_a_file_and_flags_go_before_it() {
    let text = "x\nTag;Wert\n31.01.2026;1,50\n";
    let (shell, ran) = import(
        "--from csv -a giro --map date=Tag,amount=Wert --skip-lines 1 --save-rules bank.toml",
        "one.csv",
        text,
    );
    ran.succeeds();
    let rules = std::fs::read_to_string(shell.file("bank.toml")).unwrap();
    assert_eq!(
        rules,
        "# Flags of `ledger import` for files of one kind.\nfrom = \"csv\"\naccount = \"giro\"\nmap = [\"date=Tag,amount=Wert\"]\nskip-lines = \"1\"\n"
    );
    std::fs::write(shell.file("two.csv"), text.replace("31.", "30.")).unwrap();
    shell
        .ledger("import --rules bank.toml two.csv -q")
        .succeeds();
    shell
        .ledger("import --rules bank.toml two.csv -a other --open -q")
        .succeeds();
    assert_eq!(balance(&shell, "giro"), "3.00");
    assert_eq!(balance(&shell, "other"), "1.50");
    std::fs::write(shell.file("bad.toml"), "from = \"csv\"\nwhat = 1\n").unwrap();
    let ran = shell.ledger("import --rules bad.toml two.csv");
    assert!(
        ran.stderr
            .starts_with("error: bad.toml, line 2: unknown field `what`"),
        "{}",
        ran.stderr
    );
}

/// Layouts of real banks, with names and figures that are made up.
#[test]
fn layouts_of_further_banks_are_read_without_a_question() {
    for (bank, flags, text, expected) in [
        (
            "sparkasse-camt",
            "--from csv",
            r#""Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";"Mandatsreferenz";"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"Auslagenersatz Ruecklastschrift";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"
"DE1";"14.01.26";"14.01.26";"FOLGELASTSCHRIFT";"Strom";"DE98";"M1";"E1";"";"";"";"Stadtwerke";"DE2";"XXX";"-50,00";"EUR";"Umsatz gebucht"
"DE1";"13.01.26";"13.01.26";"GUTSCHRIFT";"Lohn";"";"";"";"";"";"";"Firma";"DE3";"XXX";"1300,00";"EUR";"Umsatz gebucht"
"#,
            "1250.00",
        ),
        (
            "wise",
            "--from csv",
            r#""TransferWise ID",Date,"Date Time",Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name","Payee Account Number",Merchant,"Card Last Four Digits","Card Holder Full Name",Attachment,Note,"Total fees","Exchange To Amount","Transaction Type","Transaction Details Type"
CARD-1,14-01-2026,"14-01-2026 10:00:00.000",-20.50,EUR,"Card transaction",,79.50,EUR,USD,1.10,,,,Shop,1234,Kim,,,0.50,22.00,DEBIT,CARD
TRANSFER-2,13-01-2026,"13-01-2026 09:00:00.000",100.00,EUR,"Received money",,100.00,,,,Kim,,,,,,,,0.00,,CREDIT,DEPOSIT
"#,
            "79.50",
        ),
        (
            "n26",
            "--from csv",
            r#""Date","Payee","Account number","Transaction type","Payment reference","Amount (EUR)","Amount (Foreign Currency)","Type Foreign Currency","Exchange Rate"
"2026-01-13","Shop","","MasterCard Payment","","-22.0","-24.1","USD","1.0954"
"2026-01-14","Firma","DE1","Income","Lohn","1300.0","","",""
"#,
            "1278.00",
        ),
        (
            "chase-checking",
            "--from csv",
            r"Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,01/14/2026,SHOP,-20.50,DEBIT_CARD,79.50,
CREDIT,01/13/2026,PAY,100.00,ACH_CREDIT,100.00,
",
            "79.50",
        ),
        (
            "sbi",
            "--from csv --currency INR",
            r"Txn Date	Value Date	Description	Ref No./Cheque No.	Debit	Credit	Balance
1 Apr 2026	1 Apr 2026	TO TRANSFER		1,500.00		1,23,500.00
2 Apr 2026	2 Apr 2026	BY SALARY			50,000.00	1,73,500.00
",
            "48500.00",
        ),
        (
            "icici",
            "--from csv",
            r"S No.,Value Date,Transaction Date,Cheque Number,Transaction Remarks,Withdrawal Amount (INR ),Deposit Amount (INR ),Balance (INR )
1,01/04/2026,01/04/2026,-,UPI/SHOP,500.00,0.0,9500.00
2,13/04/2026,13/04/2026,-,SALARY,0.0,40000.00,49500.00
",
            "39500.00",
        ),
        (
            "itau",
            "--from csv",
            r"data;lançamento;ag./origem;valor (R$);saldos (R$)
02/01/2026;SALDO ANTERIOR;;;1.000,00
13/01/2026;PIX ENVIADO KIM;;-50,00;
13/01/2026;SALDO DO DIA;;;950,00
14/01/2026;SALARIO;;3.000,00;
14/01/2026;SALDO DO DIA;;;3.950,00
",
            "2950.00",
        ),
        (
            "dkb",
            "--from csv --skip-lines auto",
            r#""Girokonto";"DE1"
""
"Kontostand vom 14.01.2026:";"1.250,00 €"
""
"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz"
"14.01.26";"14.01.26";"Gebucht";"Kim";"Strom AG";"Abschlag";"Ausgang";"DE2";"-50,00";"";"";""
"13.01.26";"13.01.26";"Gebucht";"Firma";"Kim";"Lohn";"Eingang";"DE3";"1.300,00";"";"";""
"#,
            "1250.00",
        ),
        (
            "mbank",
            "--from csv",
            r"#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;#Saldo po operacji
2026-01-13;ZAKUP;eKonto;Jedzenie;-50,00 PLN;950,00 PLN
2026-01-14;PRZELEW;eKonto;Wplywy;1 000,00 PLN;1 950,00 PLN
",
            "950.00",
        ),
        (
            "ally",
            "--from csv",
            r"Date, Time, Amount, Type, Description
2026-01-13, 10:00:00, 20.50, Withdrawal, SHOP
2026-01-14, 10:00:00, 100.00, Deposit, PAY
",
            "79.50",
        ),
    ] {
        let (shell, ran) = import(flags, "file", text);
        assert_eq!(ran.status, Some(0), "{bank}: {}", ran.stderr);
        assert_eq!(balance(&shell, "main"), expected, "{bank}");
    }
}

/// Cases that were collected outside, if they are beside the repository: a directory
/// each, with a command and the balance of each account that it must end with.
#[test]
fn cases_from_the_field_give_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/field-cases");
    if !root.is_dir() {
        return skip("cases from the field", "../shared/field-cases is not there");
    }
    for (name, account, expected) in [
        ("01-unsigned-amount-with-type-column", "a", &["1294.50"][..]),
        ("03-unsigned-amount-unnamed-S-H-column", "a", &["1250.00"]),
        ("04-saldo-rows-become-deposits", "a", &["1250.00"]),
        ("05-fee-column-ignored-revolut", "a", &["283.60"]),
        ("08-edited-category-imports-twice", "a", &["-3.21"]),
        ("10-half-a-pair-zero-filled", "a", &["2.00", ""]),
        ("12-journal-typo-fixed-doubles", "expenses:food", &["10.00"]),
        ("13-no-way-to-leave-rows-out", "bofa", &["30.00"]),
        ("13-no-way-to-leave-rows-out", "starling", &["-22.80"]),
        ("14-footers-need-head", "pf", &["5354.70"]),
        ("14-footers-need-head", "t", &["4.50"]),
        (
            "15-currency-spelled-otherwise-cannot-be-said",
            "a",
            &["10.50"],
        ),
        (
            "15-currency-spelled-otherwise-cannot-be-said",
            "b",
            &["5.00"],
        ),
        ("16-dr-cr-suffix", "a", &["87.50"]),
        ("17-lakh-grouping", "a", &["147500.00"]),
        ("18-trailing-zeros-beyond-nine", "btc", &["0.00123456"]),
        ("19-dutch-direction-words", "a", &["2485.55"]),
        ("22-twelve-hour-times", "a", &["-5.00"]),
        ("23-many-to-many-journal", "assets:cash", &["100.00"]),
        ("24-camt053", "a", &["-5.00"]),
        ("26-identity-of-nfd-and-midnight", "a", &["-5.50"]),
    ] {
        let log = run_case(&root.join(name));
        let ran = Command::new(env!("CARGO_BIN_EXE_ledger"))
            .args(["-f"])
            .arg(&log)
            .args(["balance", account, "-q"])
            .output()
            .unwrap();
        let found = String::from_utf8(ran.stdout).unwrap();
        assert!(expected.contains(&found.trim()), "{name}: {found}");
    }
    // Cases whose commands are refused: a flag leads on.
    for (name, command, account, expected) in [
        (
            "13-no-way-to-leave-rows-out",
            "--from csv card-pending.csv -a x --map date=Date\u{a0}Processed --skip Date\u{a0}Processed=Pending",
            "x",
            "1183.23",
        ),
        (
            "13-no-way-to-leave-rows-out",
            "--from csv comdirect.csv -a x --skip Buchungstag=offen",
            "x",
            "-50.00",
        ),
        (
            "29-account-values-cannot-be-mapped",
            "--from csv n26.csv --map account=Account\u{a0}Name --value account:Main\u{a0}Account=Main-Account",
            "Main-Account",
            "2000.00",
        ),
    ] {
        let shell = Shell::new();
        let ledger = |words: Vec<String>| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
            command
                .arg("-f")
                .arg(shell.file("case.jsonl"))
                .args(words)
                .current_dir(root.join(name));
            command.output().unwrap()
        };
        let words = format!("import {command} --open");
        let ran = ledger(
            words
                .split(' ')
                .map(|word| word.replace('\u{a0}', " "))
                .collect(),
        );
        assert!(
            ran.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let ran = ledger(["balance", account, "-q"].map(str::to_owned).to_vec());
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout).trim(),
            expected,
            "{name}"
        );
    }
    let log = run_case(&root.join("25-misleading-messages"));
    assert!(!log.exists(), "nothing of it is imported");
}

/// Runs a case in its directory; the path of its log.
fn run_case(case: &Path) -> PathBuf {
    let directory = std::env::temp_dir();
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let log = directory.join(format!("field-{}-{name}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&log);
    crate::harness::program("bash")
        .arg("cmd")
        .current_dir(case)
        .env("LEDGER", env!("CARGO_BIN_EXE_ledger"))
        .env("LOG", &log)
        .output()
        .unwrap();
    log
}

#[test]
fn columns_of_text_that_become_nothing_are_named_once() {
    let text = "Datum;Betrag;Zweck;Farbe\n31.01.2026;1,50;Miete;rot\n30.01.2026;2,50;Essen;blau\n";
    let shell = Shell::new();
    std::fs::write(shell.file("one.csv"), text).unwrap();
    let ran = shell.ledger("import --from csv one.csv");
    assert!(
        ran.stderr.ends_with(
            "note: not imported: the column Farbe; --map memo=Farbe takes one as a memo\n"
        ),
        "{}",
        ran.stderr
    );
    let memos = shell.ledger("history --json").json_lines();
    assert_eq!(memos[0]["memo"], "Essen");
    std::fs::write(shell.file("two.csv"), text).unwrap();
    let ran = shell.ledger("import --from csv two.csv --map ignore=Farbe");
    assert!(!ran.stderr.contains("not imported"), "{}", ran.stderr);
}
