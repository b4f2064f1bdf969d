use crate::harness::{Shell, without_hashes};

fn head(shell: &Shell) -> String {
    let ran = shell.ledger("head").succeeds();
    String::from_utf8(ran.raw).unwrap().trim_end().to_owned()
}

#[test]
fn every_writing_command_is_refused_behind_a_stale_head() {
    let shell = Shell::given(&["deposit 5 -q", "open a -q"]);
    let stale = head(&shell);
    shell.ledger("deposit 7 -q").succeeds();
    let log = shell.log();
    for command in [
        "deposit 1",
        "withdraw 1",
        "transfer 1 --from main --to a",
        "open b",
        "limit main --floor -5",
        "close a",
        "reverse 1",
        "undo",
        "batch in.jsonl",
        "batch in.jsonl --keep-going",
        "withdraw 1 -n",
    ] {
        std::fs::write(
            shell.file("in.jsonl"),
            "{\"type\":\"deposit\",\"amount\":1}\n",
        )
        .unwrap();
        let ran = shell.ledger(&format!("{command} --if-head {stale}"));
        let message = without_hashes(&stale);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(5), ""),
            "{command}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains(&format!(
                ", not {message}; 1 event since: #3 deposit 7 to main"
            )),
            "{command}: {}",
            ran.stderr
        );
    }
    assert_eq!(shell.log(), log);
}

#[test]
fn the_fresh_head_that_the_hint_names_is_taken() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let stale = head(&shell);
    shell.ledger("deposit 7 -q").succeeds();
    let fresh = head(&shell);
    let short: String = fresh.chars().take(10).collect();
    shell.ledger(&format!("deposit 1 -q --if-head {stale}"));
    shell
        .ledger(&format!("deposit 1 -q --if-head {short}"))
        .succeeds();
    shell.ledger("balance main -q").prints("13\n");
}

#[test]
fn a_whole_batch_lets_its_own_lines_pass_the_head_it_began_at() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let input = b"{\"type\":\"deposit\",\"amount\":1,\"key\":\"a\"}\n{\"type\":\"deposit\",\"amount\":2,\"key\":\"b\"}\n";
    let line = format!("batch -q --if-head {}", head(&shell));
    shell.ledger_with_input(&line, input).succeeds();
    // Sent again it finds its keys before it asks for the head.
    shell.ledger_with_input(&line, input).succeeds();
    shell.ledger("balance main -q").prints("8\n");
}

#[test]
fn where_there_is_no_ledger_no_head_fits() {
    let shell = Shell::new();
    for command in ["deposit 5", "batch in.jsonl"] {
        std::fs::write(
            shell.file("in.jsonl"),
            "{\"type\":\"deposit\",\"amount\":1}\n",
        )
        .unwrap();
        shell.ledger(&format!("{command} --if-head 1:deadbeef")).fails(
            5,
            "error: the head is missing (there is no ledger yet), not 1:deadbeef\nhint: ledger head\n",
        );
    }
    assert_eq!(shell.names(), ["in.jsonl"]);
}
