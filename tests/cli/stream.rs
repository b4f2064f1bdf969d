//! `batch --stream`: lines that arrive together are recorded together, and answered in order.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::Value;

use crate::harness::{Shell, lines};

/// A running stream with its pipe open.
struct Stream {
    child: Child,
    input: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Stream {
    fn start(shell: &Shell, flags: &[&str]) -> Stream {
        let mut child = shell
            .command()
            .args(["batch", "--stream"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Stream {
            input: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn send(&mut self, lines: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(lines.as_bytes()).unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Ends the input, and returns the exit code.
    fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}

#[test]
fn a_line_is_answered_while_the_pipe_is_open() {
    let shell = Shell::given(&["init --currency EUR -q"]);
    let mut stream = Stream::start(&shell, &[]);
    stream.send("{\"type\":\"deposit\",\"amount\":5}\n");
    let answer = stream.answer();
    assert_eq!(
        (&answer["seq"], &answer["amount"]),
        (&1.into(), &"5.00".into())
    );
    assert_eq!(answer["balances"][0]["balance"], "5.00");
    // Half a line is waited for, and the log is free meanwhile.
    stream.send("{\"type\":\"deposit\",");
    shell.ledger("deposit 7 -q --wait 0").succeeds();
    stream.send("\"amount\":1}\n");
    let answer = stream.answer();
    assert_eq!(
        (&answer["seq"], &answer["amount"]),
        (&3.into(), &"1.00".into())
    );
    assert_eq!(answer["balances"][0]["balance"], "13.00");
    // The last line needs no line feed.
    stream.send("{\"type\":\"withdraw\",\"amount\":13}");
    drop(stream.input.take());
    assert_eq!(stream.answer()["balances"][0]["balance"], "0.00");
    assert_eq!(stream.end(), Some(0));
    shell.ledger("verify").succeeds();
}

#[test]
fn every_line_has_its_answer_in_order_and_the_first_failed_one_the_exit_code() {
    let shell = Shell::new();
    let input = lines(&[
        r#"{"type":"deposit","amount":5,"key":"a"}"#,
        "",
        r#"{"type":"withdraw","amount":9}"#,
        "no line",
        r#"{"type":"deposit","amount":5,"key":"a"}"#,
        r#"{"type":"correct","seq":1,"amount":6}"#,
    ]);
    let ran = shell.ledger_with_input("batch --stream", input.as_bytes());
    assert_eq!(ran.status, Some(4));
    let answers = ran.json_lines();
    let told: Vec<String> = answers
        .iter()
        .map(|answer| match &answer["error"] {
            Value::Null => format!("{} {}", answer["seq"], answer["replayed"]),
            error => format!("{} {}", error["code"], error["message"]),
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 false",
            "\"insufficient_funds\" \"line 3: cannot withdraw 9 from main: balance 5, floor 0\"",
            "\"usage\" \"line 4: a line is one JSON object, not something else\"",
            "1 true",
            "2 false",
            "3 false",
        ]
    );
    assert_eq!(
        ran.stderr,
        "{\"note\":{\"code\":\"started\",\"message\":\"started a new ledger at ./ledger.jsonl\"}}\n\
         {\"note\":{\"code\":\"newer_version\",\"message\":\"from event 3 on, this log needs ledger 0.2 or newer\"}}\n"
    );
    shell.ledger("balance main -q").prints("6\n");
}

#[test]
fn a_stream_records_what_a_batch_that_keeps_going_records() {
    let shell = Shell::given(&["init --currency EUR -q"]);
    let first = shell.log();
    let mut input = "{\"type\":\"deposit\",\"amount\":50}\n".to_owned();
    for number in 0..4000 {
        let line = match number % 9 {
            0 => format!("{{\"type\":\"withdraw\",\"amount\":{}}}", number % 50),
            1 => format!(
                "{{\"type\":\"deposit\",\"amount\":1,\"key\":\"k{}\"}}",
                number % 70
            ),
            2 => "{\"type\":\"undo\"}".to_owned(),
            3 => format!("{{\"type\":\"reverse\",\"seq\":{}}}", number / 3),
            _ => format!(
                "{{\"type\":\"deposit\",\"amount\":{number},\"account\":\"a:{}\"}}",
                number % 13
            ),
        };
        input += &line;
        input.push('\n');
    }
    let whole = shell.ledger_with_input("batch --keep-going --json", input.as_bytes());
    let expected = shell.log();
    shell.set_log(&first);
    let streamed = shell.ledger_with_input("batch --stream", input.as_bytes());
    assert_eq!(streamed.status, whole.status);
    assert!(shell.log() == expected, "the logs differ");
    assert!(streamed.raw == whole.raw, "the answers differ");
    // From a file, too.
    shell.set_log(&first);
    std::fs::write(shell.file("lines"), &input).unwrap();
    let streamed = shell.ledger("batch lines --stream");
    assert!(shell.log() == expected, "the logs differ");
    assert!(streamed.raw == whole.raw, "the answers differ");
}

#[test]
fn a_group_whose_lock_is_not_granted_is_refused_and_the_stream_goes_on() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let lock = std::fs::File::open(shell.file("ledger.jsonl")).unwrap();
    lock.lock().unwrap();
    let mut stream = Stream::start(&shell, &["--wait", "0"]);
    stream.send("{\"type\":\"deposit\",\"amount\":1}\nno line\n");
    let error = &stream.answer()["error"];
    assert_eq!(
        (&error["code"], &error["recorded"]),
        (&"lock_timeout".into(), &"no".into())
    );
    assert_eq!(stream.answer()["error"]["code"], "usage");
    lock.unlock().unwrap();
    stream.send("{\"type\":\"deposit\",\"amount\":1}\n");
    assert_eq!(stream.answer()["seq"], 2);
    assert_eq!(stream.end(), Some(11));
}

#[test]
fn flags_of_a_whole_batch_are_usage_with_a_stream() {
    let shell = Shell::new();
    for flag in [
        "--keep-going",
        "--if-head 0:3fa9c112",
        "--key k",
        "--dry-run",
        "--max-bytes 9",
    ] {
        let ran = shell.ledger(&format!("batch --stream {flag}"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{flag}");
    }
    shell.ledger("batch --stream").prints("");
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_reader_of_the_answers_that_went_away_ends_the_stream_quietly() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let mut stream = Stream::start(&shell, &[]);
    stream.send("{\"type\":\"deposit\",\"amount\":1}\n");
    stream.answer();
    let Stream {
        mut child,
        input,
        answers,
    } = stream;
    drop(answers);
    let mut input = input.unwrap();
    // It ends although the input does not; until then a line fits the pipe.
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let _ = input.write_all(b"{\"type\":\"deposit\",\"amount\":1}\n");
    };
    assert_eq!(status.code(), Some(0));
    shell.ledger("verify").succeeds();
}
