use crate::harness::{Ran, Shell};

fn batch(shell: &Shell, flags: &str, lines: &[&str]) -> Ran {
    let input = lines.concat_lines();
    shell.ledger_with_input(&format!("batch {flags}"), input.as_bytes())
}

trait LineReader {
    fn concat_lines(&self) -> String;
}

impl LineReader for [&str] {
    fn concat_lines(&self) -> String {
        self.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn more(shell: &Shell) -> Vec<bool> {
    let log = String::from_utf8(shell.log()).unwrap();
    log.lines()
        .skip(1)
        .map(|line| line.contains(",\"more\":true,"))
        .collect()
}

#[test]
fn every_type_of_line_is_recorded_in_order_with_a_receipt_each() {
    let shell = Shell::given(&["init --currency EUR"]);
    batch(
        &shell,
        "",
        &[
            r#"{"type":"open","account":"giro","floor":-100}"#,
            r#"{"type":"deposit","amount":"50"}"#,
            r#"{"type":"deposit","account":"giro","amount":1.50,"memo":"lunch","tags":{"order":"7"},"key":"k"}"#,
            r#"{"type":"withdraw","account":"giro","amount":"2 EUR"}"#,
            r#"{"type":"transfer","from":"giro","to":"main","amount":"1","currency":"EUR"}"#,
            r#"{"type":"limit","account":"giro","floor":"none"}"#,
            r#"{"type":"reverse","seq":4}"#,
            r#"{"type":"undo"}"#,
            r#"{"type":"open","account":"old"}"#,
            r#"{"type":"close","account":"old"}"#,
        ],
    )
    .prints(
        "\
recorded #1 open giro in EUR, floor -100.00
recorded #2 deposit 50.00 EUR to main; main (new account) is 50.00 EUR
recorded #3 deposit 1.50 EUR to giro; giro is 1.50 EUR
recorded #4 withdraw 2.00 EUR from giro; giro is -0.50 EUR
recorded #5 transfer 1.00 EUR from giro to main; giro is -1.50 EUR, main is 51.00 EUR
recorded #6 limit giro, floor none
recorded #7 deposit 2.00 EUR to giro, reversing #4; giro is 0.50 EUR
recorded #8 transfer 1.00 EUR from main to giro, reversing #5; main is 50.00 EUR, giro is 1.50 EUR
recorded #9 open old in EUR
recorded #10 close old
head 10:<hex16>
",
    );
    let mut together = vec![true; 9];
    together.push(false);
    assert_eq!(more(&shell), together);
}

#[test]
fn a_line_that_is_refused_refuses_all_and_leaves_no_file() {
    let shell = Shell::new();
    batch(
        &shell,
        "",
        &[
            r#"{"type":"deposit","amount":"5"}"#,
            "",
            r#"{"type":"withdraw","amount":"7"}"#,
        ],
    )
    .fails(
        4,
        "error: line 3: cannot withdraw 7 from main: balance 5, floor 0; nothing was recorded\nhint: ledger history main\n",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn mistakes_name_the_line_and_the_word() {
    let shell = Shell::new();
    for (line, message) in [
        (
            r#"{"type":"deposit","amount":1e3}"#,
            "amount: `1e3` has an exponent; amounts are plain decimals",
        ),
        (
            r#"{"type":"deposit","amount":0.10000000000000000001}"#,
            "amount: `0.10000000000000000001` has 20 decimals, an amount has 9",
        ),
        (
            r#"{"type":"deposit","amount":"1,000"}"#,
            "amount: a comma can mean two things in `1,000`",
        ),
        (
            r#"{"type":"deposit","amount":-5}"#,
            "amount: an amount must be greater than zero, `-5` is not",
        ),
        (
            r#"{"type":"deposit","amount":[5]}"#,
            "amount: a text or a number is wanted, not a list",
        ),
        (
            r#"{"type":"deposit","amount":null}"#,
            "amount: a text or a number is wanted, not null",
        ),
        (r#"{"type":"deposit"}"#, "amount: it is missing"),
        (r#"{"amount":5}"#, "type: it is missing"),
        (r#"{"type":"init"}"#, "type: `init` is none"),
        (r#"{"type":"deposit","amuont":5}"#, "amuont: no such word"),
        (
            r#"{"type":"deposit","amount":5,"amount":5}"#,
            "amount: it occurs twice",
        ),
        (
            r#"{"type":"deposit","amount":5,"\u0061mount":6}"#,
            "amount: it occurs twice",
        ),
        (
            r#"{"type":"deposit","amount":5,"floor":3}"#,
            "floor: `deposit` does not take it",
        ),
        (
            r#"{"type":"deposit","amount":5,"memo":7}"#,
            "memo: a text is wanted, not a number",
        ),
        (
            r#"{"type":"deposit","amount":5,"tags":["a"]}"#,
            "tags: an object is wanted, not a list",
        ),
        (
            r#"{"type":"deposit","amount":5,"tags":{"a":true}}"#,
            "tags.a: a text is wanted, not true or false",
        ),
        (
            r#"{"type":"deposit","amount":5,"tags":{"a":"1","a":"2"}}"#,
            "tags: the tag `a` is given twice",
        ),
        (
            r#"{"type":"deposit","amount":5,"account":"a b"}"#,
            "account: ",
        ),
        (
            r#"{"type":"deposit","amount":5,"currency":"eur"}"#,
            "currency: ",
        ),
        (
            r#"{"type":"deposit","amount":5,"effective":"03/04/2026"}"#,
            "effective: ",
        ),
        (
            r#"{"type":"deposit","amount":5,"effective":"head"}"#,
            "effective: `head` is a position",
        ),
        (
            r#"{"type":"deposit","amount":5,"key":""}"#,
            "key: the key is empty",
        ),
        (
            r#"{"type":"deposit","amount":5,"key":"auto"}"#,
            "key: `auto` is for one command, not for a line",
        ),
        (
            r#"{"type":"reverse","seq":1.0}"#,
            "seq: 1.0 is not the number of an event",
        ),
        (
            r#"{"type":"reverse","seq":"1"}"#,
            "seq: a number is wanted, not a text",
        ),
        (
            r#"{"type":"transfer","from":"a","to":"a","amount":1}"#,
            "a transfer needs two accounts, a is both",
        ),
        (
            r#"{"type":"deposit","amount":5"#,
            "not JSON: EOF while parsing an object at column 28",
        ),
        (
            r#"{"type":"deposit","amount":5} x"#,
            "not JSON: trailing characters at column 31",
        ),
        (
            r#"[{"type":"deposit","amount":5}]"#,
            "a line is one JSON object, not a list",
        ),
        ("nonsense", "a line is one JSON object, not something else"),
    ] {
        let ran = batch(&shell, "", &[r#"{"type":"deposit","amount":"5"}"#, line]);
        let start = format!("error: line 2: {message}");
        assert!(ran.stderr.starts_with(&start), "{line}\n{}", ran.stderr);
        assert!(
            ran.stderr.contains("; nothing was recorded\n"),
            "{line}\n{}",
            ran.stderr
        );
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{line}");
    }
    let ran = shell.ledger_with_input("batch", b"{\"type\":\"deposit\",\"memo\":\"\xff\"}\n");
    assert!(
        ran.stderr
            .starts_with("error: line 1: byte 27 is not UTF-8"),
        "{}",
        ran.stderr
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn numbers_are_taken_by_their_digits() {
    let shell = Shell::new();
    let ran = batch(
        &shell,
        "--json",
        &[
            r#"{"type":"deposit","amount":0.1,"account":"a"}"#,
            r#"{"type":"deposit","amount":0.20,"account":"a"}"#,
            r#"{"type":"deposit","amount":123456789012345678.123456789,"account":"b"}"#,
        ],
    );
    let amounts: Vec<String> = ran
        .succeeds()
        .json_lines()
        .iter()
        .map(|receipt| receipt["amount"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(amounts, ["0.1", "0.20", "123456789012345678.123456789"]);
}

#[test]
fn blank_lines_a_mark_in_front_and_a_missing_line_feed_are_no_mistakes() {
    let shell = Shell::new();
    let input = b"\xef\xbb\xbf{\"type\":\"deposit\",\"amount\":1}\r\n\n \t\n{\"type\":\"deposit\",\"amount\":2}";
    shell.ledger_with_input("batch -q", input).succeeds();
    shell.ledger("balance main -q").prints("3\n");
}

#[test]
fn an_empty_batch_is_success_and_makes_no_log() {
    let shell = Shell::new();
    for flags in [
        "",
        "-",
        "--json",
        "--keep-going",
        "-n",
        "--if-head 1:deadbeef",
    ] {
        let note = if flags == "--json" {
            "{\"note\":{\"code\":\"empty_batch\",\"message\":\"the batch has no lines; nothing was recorded\"}}\n"
        } else {
            "note: the batch has no lines; nothing was recorded\n"
        };
        batch(&shell, flags, &["", ""]).is(0, "", note);
    }
    std::fs::write(shell.file("none.jsonl"), "").unwrap();
    shell.ledger("batch none.jsonl -q").prints("");
    assert_eq!(shell.names(), ["none.jsonl"]);
}

#[test]
fn keep_going_records_what_it_can_and_answers_line_by_line() {
    let lines = [
        r#"{"type":"deposit","amount":"5"}"#,
        r#"{"type":"withdraw","amount":"7"}"#,
        "nonsense",
        r#"{"type":"deposit","amount":"2","effective":"2026-02-30"}"#,
        r#"{"type":"withdraw","amount":"1"}"#,
    ];
    let shell = Shell::new();
    batch(&shell, "--keep-going", &lines).is(
        4,
        "\
recorded #1 deposit 5 to main; main (new account) is 5
recorded #2 withdraw 1 from main; main is 4
head 2:<hex16>
",
        "\
note: started a new ledger at ./ledger.jsonl
error: line 2: cannot withdraw 7 from main: balance 5, floor 0
hint: ledger history main
error: line 3: a line is one JSON object, not something else
error: line 4: effective: `2026-02-30` does not exist: day 30 is not between 1 and 28
",
    );
    assert_eq!(more(&shell), [false, false]);
    let answers = batch(&shell, "--keep-going --json", &lines);
    // The first that fails is the third line, which is no JSON.
    assert_eq!((answers.status, answers.stderr.as_str()), (Some(2), ""));
    let codes: Vec<String> = answers
        .json_lines()
        .iter()
        .map(|answer| match answer["error"]["code"].as_str() {
            Some(code) => {
                assert_eq!(answer["error"]["recorded"], "no");
                code.to_owned()
            }
            None => answer["type"].as_str().unwrap().to_owned(),
        })
        .collect();
    // By now there is enough for the second line.
    assert_eq!(
        codes,
        ["deposit", "withdraw", "usage", "invalid_time", "withdraw"]
    );
}

#[test]
fn keep_going_exits_as_the_first_failed_line_would() {
    let shell = Shell::given(&["deposit 5"]);
    let (bad, poor, good) = (
        "nonsense",
        r#"{"type":"withdraw","amount":"7"}"#,
        r#"{"type":"deposit","amount":"1"}"#,
    );
    for (lines, status) in [
        (vec![good, bad, poor], 2),
        (vec![poor, bad, good], 4),
        (vec![good], 0),
        (vec![bad], 2),
    ] {
        let ran = batch(&shell, "--keep-going -n", &lines);
        assert_eq!(ran.status, Some(status), "{lines:?}");
    }
}

#[test]
fn a_dry_run_decides_all_and_writes_nothing() {
    let shell = Shell::new();
    batch(
        &shell,
        "-n",
        &[r#"{"type":"deposit","amount":"5"}"#, r#"{"type":"withdraw","amount":"2"}"#],
    )
    .is(
        0,
        "would record #1 deposit 5 to main; main (new account) is 5\nwould record #2 withdraw 2 from main; main is 3\n",
        "note: would start a new ledger at ./ledger.jsonl\n",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_batch_sent_again_with_its_keys_records_what_is_missing_and_nothing_twice() {
    let shell = Shell::new();
    let lines = [
        r#"{"type":"deposit","amount":"5","key":"a-1"}"#,
        r#"{"type":"deposit","amount":"7","key":"a-2"}"#,
        r#"{"type":"undo","key":"a-3"}"#,
    ];
    batch(&shell, "-q", &lines[..2]).succeeds();
    let ran = batch(&shell, "", &lines).prints(
        "\
recorded before as #1 deposit 5 to main; main is 5
recorded before as #2 deposit 7 to main; main is 12
recorded #3 withdraw 7 from main, reversing #2; main is 5
recorded #4 withdraw 5 from main, reversing #1; main is 0
head 4:<hex16>
",
    );
    drop(ran);
    let log = shell.log();
    batch(&shell, "", &lines).prints(
        "\
recorded before as #1 deposit 5 to main; main is 5
recorded before as #2 deposit 7 to main; main is 12
recorded before as #3 withdraw 7 from main, reversing #2; main is 5
recorded before as #4 withdraw 5 from main, reversing #1; main is 0
head 4:<hex16>
",
    );
    assert_eq!(shell.log(), log);
}

#[test]
fn a_key_twice_in_one_batch_is_one_event_or_a_conflict() {
    let shell = Shell::new();
    let same = r#"{"type":"deposit","amount":"5","key":"k"}"#;
    batch(&shell, "-n", &[same, same]).is(
        0,
        "would record #1 deposit 5 to main; main (new account) is 5\nrecorded before as #1 deposit 5 to main; main (new account) is 5\n",
        "note: would start a new ledger at ./ledger.jsonl\n",
    );
    let other = r#"{"type":"deposit","amount":"6","key":"k"}"#;
    batch(&shell, "", &[same, other]).fails(
        5,
        "error: line 2: the key `k` was used for event 1 with other content: amount was 5, now 6; nothing was recorded\nhint: ledger show 1\n",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn flags_of_one_event_are_refused_on_a_batch() {
    let shell = Shell::new();
    for (flag, word) in [
        (
            "--key k",
            "--key is for one event; in a batch each line has its own `key`",
        ),
        (
            "-m lunch",
            "--memo is for one event; in a batch each line has its own `memo`",
        ),
        (
            "--tag a=b",
            "--tag is for one event; in a batch each line has its own `tags`",
        ),
        (
            "--effective today",
            "--effective is for one event; in a batch each line has its own `effective`",
        ),
    ] {
        batch(&shell, flag, &[]).fails(
            2,
            &format!(
                "error: {word}; write {{\"type\":\"deposit\",\"amount\":\"5\",\"key\":\"a-1\"}}\n\
                 hint: ledger batch --help\n"
            ),
        );
    }
}

#[test]
fn lines_come_from_a_file_or_standard_input_and_what_cannot_be_read_is_said() {
    let shell = Shell::new();
    std::fs::write(
        shell.file("in.jsonl"),
        "{\"type\":\"deposit\",\"amount\":1}\n",
    )
    .unwrap();
    shell.ledger("batch -q in.jsonl").succeeds();
    shell
        .ledger_with_input("batch -q -", b"{\"type\":\"deposit\",\"amount\":2}\n")
        .succeeds();
    shell.ledger("balance main -q").prints("3\n");
    shell.ledger("batch nowhere.jsonl").fails(
        1,
        "error: cannot read nowhere.jsonl: No such file or directory (os error 2); nothing was recorded\n",
    );
    shell.ledger("batch .").fails(
        1,
        "error: cannot read .: Is a directory (os error 21); nothing was recorded\n",
    );
}

#[test]
fn undo_in_a_batch_goes_back_through_the_batch_and_on_into_the_log() {
    let shell = Shell::given(&[
        "deposit 1 -q",
        "open x -q",
        "deposit 2 -q",
        "limit main --floor -9 -q",
    ]);
    let undo = r#"{"type":"undo"}"#;
    batch(
        &shell,
        "",
        &[r#"{"type":"deposit","amount":4}"#, undo, undo, undo],
    )
    .prints(
        "\
recorded #5 deposit 4 to main; main is 7
recorded #6 withdraw 4 from main, reversing #5; main is 3
recorded #7 withdraw 2 from main, reversing #3; main is 1
recorded #8 withdraw 1 from main, reversing #1; main is 0
head 8:<hex16>
",
    );
    let ran = batch(&shell, "", &[undo]);
    assert_eq!(ran.status, Some(4));
    assert!(ran.stderr.contains("nothing to undo"), "{}", ran.stderr);
}

#[test]
fn a_line_longer_than_any_event_is_refused_without_being_held() {
    let shell = Shell::new();
    let mut input = vec![b'{'; 3 * 1024 * 1024];
    input.extend(b"\n{\"type\":\"deposit\",\"amount\":1}\n");
    let ran = shell.ledger_with_input("batch --keep-going", &input);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .contains("error: line 1: it has more than 1048576 bytes\n"),
        "{}",
        ran.stderr
    );
    shell.ledger("balance main -q").prints("1\n");
}

#[test]
fn tags_that_no_line_of_the_log_can_hold_fail_their_own_line_only() {
    let shell = Shell::new();
    let long = format!(
        r#"{{"type":"deposit","amount":1,"tags":{{"a":"{}"}}}}"#,
        "x".repeat(70_000)
    );
    let ran = batch(
        &shell,
        "--keep-going",
        &[&long, r#"{"type":"deposit","amount":1}"#],
    );
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.contains("error: line 1: the event would take 7"),
        "{}",
        ran.stderr
    );
    shell.ledger("balance main -q").prints("1\n");
}

#[test]
fn a_correction_whose_replacement_does_not_fit_a_line_leaves_no_reversal_alone() {
    let tagged = format!(
        r#"{{"type":"deposit","amount":50,"tags":{{"a":"{}"}}}}"#,
        "x".repeat(65_100)
    );
    let correct = format!(
        r#"{{"type":"correct","seq":1,"amount":40,"memo":"{}"}}"#,
        "m".repeat(400)
    );
    for flag in ["--keep-going", "--stream"] {
        let shell = Shell::new();
        let ran = batch(
            &shell,
            flag,
            &[&tagged, &correct, r#"{"type":"deposit","amount":1}"#],
        );
        assert_eq!(ran.status, Some(2), "{flag}");
        let told = ran.stdout + &ran.stderr;
        assert!(told.contains("line 2: the event would take 65"), "{told}");
        shell.ledger("balance main -q").prints("51\n");
        assert_eq!(shell.log().split(|byte| *byte == b'\n').count(), 4);
    }
}

#[test]
fn an_undo_in_a_batch_undoes_what_it_undoes_alone() {
    let deposit = r#"{"type":"deposit","amount":50}"#;
    let correct = r#"{"type":"correct","seq":1,"amount":40}"#;
    let again = r#"{"type":"correct","seq":3,"amount":30}"#;
    let hold = r#"{"type":"hold","amount":20}"#;
    let capture = r#"{"type":"capture","seq":2,"amount":5}"#;
    let refund = r#"{"type":"refund","seq":1,"amount":20}"#;
    let reverse = r#"{"type":"reverse","seq":1}"#;
    let undo = r#"{"type":"undo"}"#;
    for lines in [
        &[deposit, correct, undo, undo, undo][..],
        &[deposit, correct, again, undo, undo, undo, undo],
        &[deposit, undo, undo, deposit, undo, undo],
        &[deposit, deposit, undo, undo, undo],
        &[deposit, hold, undo, undo, undo],
        &[deposit, hold, capture, undo, undo, undo],
        &[deposit, refund, undo, undo, undo],
        &[deposit, reverse, undo, correct, undo],
    ] {
        let (together, alone) = (Shell::new(), Shell::new());
        batch(&together, "--keep-going", lines);
        for line in lines {
            batch(&alone, "", &[line]);
        }
        let events = |shell: &Shell| {
            let replayed = shell.ledger("history --json").stdout;
            let rows = replayed.lines().map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let words = ["seq", "type", "change", "balance", "reverses", "corrects"];
                words.map(|word| row[word].to_string()).join(" ")
            });
            rows.collect::<Vec<_>>()
        };
        assert_eq!(events(&together), events(&alone), "{lines:?}");
    }
}

#[test]
fn a_key_beside_a_relative_time_is_refused_as_on_the_command_line() {
    let shell = Shell::new();
    let line = br#"{"type":"deposit","amount":"5","key":"k","effective":"yesterday"}"#;
    let ran = shell.ledger_with_input("batch", line);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .contains("line 1: effective: with a `key`, `yesterday` would mean another time"),
        "{}",
        ran.stderr
    );
    assert!(!shell.file("ledger.jsonl").exists());
    let now = br#"{"type":"deposit","amount":"5","key":"k","effective":"now"}"#;
    assert_eq!(shell.ledger_with_input("batch -q", now).status, Some(0));
}

#[test]
fn a_tag_whose_key_has_an_equals_sign_is_refused() {
    let shell = Shell::new();
    let line = br#"{"type":"deposit","amount":"5","tags":{"a=b":"c"}}"#;
    let ran = shell.ledger_with_input("batch", line);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .contains("a tag's key cannot contain `=`, as in `a=b`"),
        "{}",
        ran.stderr
    );
}
