//! Without a connection: `--offline`, how long it takes to say that nothing answers, and a copy on this
//! machine that is damaged.

use std::time::{Duration, Instant};

use crate::machine::machine;
use crate::servers::{Nats, Postgres, free_port};

#[test]
fn this_machines_copy_is_read_offline_and_says_when_it_was_made() {
    let Some(mut nats) = Nats::start(1, "") else {
        return;
    };
    let shell = machine(&nats.address("books"));
    let log_name = nats.address("books");
    shell.ledger("--offline balance").fails(
        10,
        &format!("error: this machine has no copy of {log_name} yet\nhint: ledger balance\n"),
    );
    shell.ledger("init --replicas 1 -q").succeeds();
    shell.ledger("deposit 5 -q").succeeds();
    shell.ledger("balance -q").prints("5\n");
    machine(&log_name).ledger("deposit 6 -q").succeeds();
    nats.nodes[0].kill();
    let ran = shell.ledger("--offline balance main").succeeds();
    assert!(ran.stdout.contains('5'), "{ran:?}");
    assert!(
        ran.stderr
            .starts_with("note: offline: this is the log as of 20"),
        "{ran:?}"
    );
    shell.ledger("--offline history -q").succeeds();
    shell.ledger("--offline verify -q").succeeds();
    // Nothing is recorded offline, not even later.
    let ran = shell.ledger("--offline deposit 1");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    let ran = shell.ledger("--offline deposit 1 --dry-run").succeeds();
    assert!(
        ran.stdout.starts_with("would record #2 deposit 1 "),
        "{ran:?}"
    );
    assert!(ran.stderr.starts_with("note: offline: "), "{ran:?}");
    assert_eq!(shell.ledger("balance --wait 1").status, Some(13));
}

#[test]
fn a_server_that_does_not_answer_costs_no_more_than_the_time_to_wait() {
    let port = free_port();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().port();
    for address in [
        format!("nats://127.0.0.1:{port}/books"),
        format!("nats://127.0.0.1:{silent}/books"),
        format!("postgres://ann@127.0.0.1:{port}/db?ledger=books"),
        format!("postgres://ann@127.0.0.1:{silent}/db?ledger=books"),
    ] {
        let shell = machine(&address);
        for line in [
            "balance --wait 1 --json",
            "deposit 5 --wait 1 --json",
            "init --wait 1 --json",
        ] {
            let started = Instant::now();
            let ran = shell.ledger(line);
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(13), ""),
                "{line} {ran:?}"
            );
            assert_eq!(ran.error()["code"], "unreachable");
            let took = started.elapsed();
            assert!(
                took < Duration::from_secs(3),
                "{line} on {address}: {took:?}"
            );
        }
    }
}

#[test]
fn a_copy_that_is_damaged_on_this_machine_is_fetched_again() {
    let (Some(nats), Some(postgres)) = (Nats::start(1, ""), Postgres::start(&[])) else {
        return;
    };
    for address in [nats.address("books"), postgres.address("books")] {
        let shell = machine(&address);
        shell.ledger("init --replicas 1 -q").succeeds();
        for number in 1..5 {
            shell.ledger(&format!("deposit {number} -q")).succeeds();
        }
        let remote = shell.caches().join("ledger/remote");
        let log = std::fs::read_dir(&remote).unwrap().next().unwrap().unwrap();
        let log = log.path().join("log.jsonl");
        let whole = std::fs::read(&log).unwrap();
        let damage = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&log, bytes).unwrap();
        };
        // Its end is checked whenever it is opened.
        damage(whole.len() - 5);
        shell.ledger("balance -q").prints("10\n");
        // What is before is noticed by whatever reads it.
        damage(whole.len() / 2);
        let ran = shell.ledger("--no-cache balance");
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{ran:?}");
        assert!(
            ran.stderr.contains("this machine's copy was discarded"),
            "{ran:?}"
        );
        shell.ledger("--no-cache balance -q").prints("10\n");
        // A write decides on it, too.
        damage(whole.len() / 2);
        let ran = shell.ledger("--no-cache deposit 5");
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{ran:?}");
        shell.ledger("--no-cache deposit 5 -q").succeeds();
        shell.ledger("balance -q").prints("15\n");
        std::fs::remove_dir_all(shell.caches()).unwrap();
        shell.ledger("balance -q").prints("15\n");
    }
}
