//! `watch` and `project --follow` on an engine: what another machine records arrives at once.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::machine::machine;
use crate::servers::{Nats, Postgres, Running};

fn followed(address: &str) {
    let (here, there) = (machine(address), machine(address));
    there.ledger("init --replicas 1 -q").succeeds();
    there.ledger("deposit 1 -q").succeeds();
    let start = |arguments: &[&str]| {
        let mut child = here
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        (Running(child), lines)
    };
    let (_watching, mut events) = start(&["watch", "--since", "seq:1", "--json"]);
    let (_projecting, mut steps) = start(&["project", "sqlite", "mirror.db", "--follow"]);
    assert!(events.next().unwrap().unwrap().contains("\"seq\":1,"));
    assert!(steps.next().unwrap().unwrap().contains("is at event 1"));
    for number in 2..5 {
        there.ledger(&format!("deposit {number} -q")).succeeds();
        let started = Instant::now();
        let event = events.next().unwrap().unwrap();
        assert!(event.contains(&format!("\"seq\":{number},")), "{event}");
        let step = steps.next().unwrap().unwrap();
        assert!(step.contains(&format!("is at event {number}")), "{step}");
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "{:?}",
            started.elapsed()
        );
    }
    // A cursor continues where it ended, whatever machine has it.
    here.ledger("watch --cursor cursor --no-follow -q --since seq:3")
        .succeeds();
    there.ledger("deposit 5 -q").succeeds();
    let ran = here.ledger("watch --cursor cursor --no-follow --json");
    let seqs: Vec<serde_json::Value> = ran
        .json_lines()
        .iter()
        .map(|line| line["event"]["seq"].clone())
        .collect();
    assert_eq!(seqs, [5]);
}

#[test]
fn events_of_another_machine_arrive_from_nats() {
    if let Some(nats) = Nats::start(1, "") {
        followed(&nats.address("books"));
    }
}

#[test]
fn events_of_another_machine_arrive_from_postgres() {
    if let Some(postgres) = Postgres::start(&[]) {
        followed(&postgres.address("books"));
    }
}

#[test]
fn a_follower_survives_that_its_server_is_away_for_a_while() {
    let Some(mut nats) = Nats::start(1, "") else {
        return;
    };
    let (here, there) = (
        machine(&nats.address("books")),
        machine(&nats.address("books")),
    );
    there.ledger("init --replicas 1 -q").succeeds();
    let mut child = here
        .command()
        .args(["watch", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut watching = Running(child);
    std::thread::sleep(Duration::from_millis(500));
    nats.nodes[0].kill();
    std::thread::sleep(Duration::from_millis(1500));
    nats.nodes[0].start();
    there.ledger("deposit 7 -q --wait 30").succeeds();
    assert!(events.next().unwrap().unwrap().contains("\"amount\":\"7\""));
    // It ends quietly, and soon, while the server is away.
    nats.nodes[0].kill();
    std::thread::sleep(Duration::from_millis(200));
    watching.signal(rustix::process::Signal::TERM);
    let started = Instant::now();
    assert_eq!(watching.0.wait().unwrap().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5));
}
