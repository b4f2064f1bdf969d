//! `redact` on PostgreSQL: the lines are replaced in the transaction that appends the event, and the
//! mirrors of all machines lose the note.

use crate::harness::Shell;
use crate::machine::machine;
use crate::servers::Postgres;

/// All bytes of this machine's mirrors.
fn mirrors(shell: &Shell) -> String {
    let remote = shell.caches().join("ledger/remote");
    let directories = std::fs::read_dir(remote).unwrap();
    let logs = directories.map(|found| {
        let log = found.unwrap().path().join("log.jsonl");
        String::from_utf8(std::fs::read(log).unwrap()).unwrap()
    });
    logs.collect()
}

#[test]
fn a_note_is_gone_from_the_rows_and_from_the_mirrors_of_all_machines() {
    let Some(postgres) = Postgres::start(&[]) else {
        return;
    };
    let address = postgres.address("books");
    let (one, other) = (machine(&address), machine(&address));
    one.ledger("init -q").succeeds();
    let batch = "{\"type\":\"deposit\",\"amount\":\"7\",\"memo\":\"stays\"}\n\
                 {\"type\":\"deposit\",\"amount\":\"5\",\"memo\":\"the secret\",\"tags\":{\"to\":\"Ann\"}}\n";
    one.ledger_with_input("batch -q", batch.as_bytes())
        .succeeds();
    // The last append that this machine has seen is the one that changes.
    other.ledger("show 2 --json").succeeds();
    assert!(mirrors(&other).contains("the secret"));
    one.ledger("redact 2 -m 'on request' --yes -q").succeeds();
    for shell in [&one, &other] {
        let shown = shell.ledger("show 2 --json").succeeds().json();
        assert_eq!(shown["event"]["memo"], serde_json::Value::Null, "{shown}");
        assert_eq!(
            shell.ledger("show 1 --json").json()["event"]["memo"],
            "stays"
        );
        let mirror = mirrors(shell);
        assert!(
            mirror.contains("stays") && !mirror.contains("the secret"),
            "{mirror}"
        );
        assert!(!mirror.contains("Ann"), "{mirror}");
        shell.ledger("balance -q").prints("12\n");
        shell.ledger("verify -q").succeeds();
    }
    one.ledger(&format!("copy '{address}' pulled.jsonl -q"))
        .succeeds();
    let pulled = std::fs::read_to_string(one.file("pulled.jsonl")).unwrap();
    assert!(
        pulled.contains("stays") && !pulled.contains("the secret"),
        "{pulled}"
    );
    one.ledger("-f pulled.jsonl verify -q").succeeds();
    // It goes on from there, on every machine.
    other.ledger("deposit 1 -q").succeeds();
    one.ledger("balance -q").prints("13\n");
}
