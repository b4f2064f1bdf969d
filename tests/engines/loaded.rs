//! Four machines record in one account while servers are killed: what was acknowledged is there, once,
//! in one chain, and the balance never falls below its floor.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::Shell;
use crate::machine::machine;
use crate::servers::{Nats, Node, Postgres, load_time};

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Numbers for a schedule. The seed is printed, so that a run can be repeated.
struct Numbers(u64);

impl Numbers {
    fn new() -> Numbers {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = now.unwrap().subsec_nanos().into();
        say(&format!("seed {seed}"));
        Numbers(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// What a machine learned of its commands, by their keys.
#[derive(Default)]
struct Learned {
    acknowledged: BTreeSet<String>,
    refused: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

/// Records until it is over: mostly withdrawals of 1.00, each with a key of its own. A command whose
/// outcome is unknown is repeated.
fn record(shell: &Shell, machine: usize, is_over: &AtomicBool) -> Learned {
    let mut learned = Learned::default();
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        let key = format!("{machine}-{number}");
        let what = if number % 4 == 0 {
            "deposit 2"
        } else {
            "withdraw 1"
        };
        let line = format!("{what} --key {key} --wait 15 --json");
        loop {
            let ran = shell.ledger(&line);
            match ran.status {
                Some(0) => {
                    learned.unknown.remove(&key);
                    learned.acknowledged.insert(key);
                }
                Some(4) => {
                    learned.unknown.remove(&key);
                    learned.refused.insert(key);
                }
                Some(12) if is_over.load(Ordering::Relaxed) => {
                    learned.unknown.insert(key);
                }
                Some(12) => {
                    learned.unknown.insert(key.clone());
                    continue;
                }
                // Nothing was recorded by this attempt.
                Some(11 | 13) => {}
                _ => panic!("{line}: {ran:?}"),
            }
            break;
        }
    }
    learned
}

/// Compares the log with what the machines learned, and their mirrors with each other.
fn check(shells: &[Shell], learned: &[Learned]) {
    let first = &shells[0];
    let verified = first.ledger("verify --wait 60");
    assert_eq!(verified.status, Some(0), "{verified:?}");
    let always = first.ledger("assert 'main >= 0' --always --wait 60");
    assert_eq!(always.status, Some(0), "{always:?}");
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for row in first.ledger("history main --json").json_lines() {
        if let Some(key) = row["key"].as_str() {
            *times.entry(key.to_owned()).or_default() += 1;
        }
    }
    let mut acknowledged = 0;
    for learned in learned {
        acknowledged += learned.acknowledged.len();
        for key in &learned.acknowledged {
            assert_eq!(times.remove(key), Some(1), "{key} was acknowledged");
        }
        for key in &learned.refused {
            assert_eq!(times.remove(key), None, "{key} was refused");
        }
        for key in &learned.unknown {
            assert!(times.remove(key).unwrap_or(1) == 1, "{key} is unknown");
        }
    }
    assert!(times.is_empty(), "nobody learned of {times:?}");
    say(&format!("{acknowledged} acknowledged"));
    assert!(acknowledged > 4, "only {acknowledged} were recorded");
    let mirrors: Vec<Vec<u8>> = shells
        .iter()
        .map(|shell| {
            shell.ledger("balance --wait 60").succeeds();
            let remote = shell.caches().join("ledger/remote");
            let found = std::fs::read_dir(remote).unwrap().next().unwrap();
            std::fs::read(found.unwrap().path().join("log.jsonl")).unwrap()
        })
        .collect();
    assert!(mirrors.iter().all(|mirror| *mirror == mirrors[0]));
}

/// Lets four machines record while something is done to the servers.
fn under_load(addresses: &[String], disturb: impl FnOnce(Instant)) {
    let shells: Vec<Shell> = addresses
        .iter()
        .map(|address| {
            let mut shell = machine(address);
            shell.without("LEDGER_NOW");
            shell
        })
        .collect();
    shells[0]
        .ledger("init --currency EUR -q --wait 30")
        .succeeds();
    shells[0].ledger("deposit 5 -q --wait 30").succeeds();
    let is_over = AtomicBool::new(false);
    let learned = std::thread::scope(|scope| {
        let recording: Vec<_> = shells
            .iter()
            .enumerate()
            .map(|(number, shell)| {
                let is_over = &is_over;
                scope.spawn(move || record(shell, number, is_over))
            })
            .collect();
        disturb(Instant::now() + load_time());
        is_over.store(true, Ordering::Relaxed);
        let learned = recording
            .into_iter()
            .map(|recording| recording.join().unwrap());
        learned.collect::<Vec<Learned>>()
    });
    check(&shells, &learned);
}

#[test]
fn nodes_of_nats_that_are_killed_lose_and_double_nothing() {
    let Some(mut nats) = Nats::start(3, "") else {
        return;
    };
    // Each machine begins with another node.
    let hosts: Vec<String> = nats.hosts().split(',').map(str::to_owned).collect();
    let addresses: Vec<String> = (0..4)
        .map(|machine| {
            let mut hosts = hosts.clone();
            hosts.rotate_left(machine % 3);
            format!("nats://{}/books", hosts.join(","))
        })
        .collect();
    let mut numbers = Numbers::new();
    under_load(&addresses, |end| {
        while Instant::now() < end {
            let node = usize::try_from(numbers.below(3)).unwrap();
            match numbers.below(8) {
                // All of them.
                0 => nats.nodes.iter_mut().for_each(Node::kill),
                // Two: there is no majority.
                1 | 2 => {
                    nats.nodes[node].kill();
                    nats.nodes[(node + 1) % 3].kill();
                }
                // One that stands still and does not know it.
                3 | 4 => {
                    if let Some(running) = &nats.nodes[node].running {
                        running.signal(Signal::STOP);
                        std::thread::sleep(numbers.milliseconds(500, 4000));
                        running.signal(Signal::CONT);
                    }
                }
                _ => nats.nodes[node].kill(),
            }
            std::thread::sleep(numbers.milliseconds(100, 1500));
            for node in &mut nats.nodes {
                if node.running.is_none() {
                    node.start();
                }
            }
            std::thread::sleep(numbers.milliseconds(300, 3000));
        }
    });
}

#[test]
fn a_server_of_postgres_that_is_killed_loses_and_doubles_nothing() {
    let Some(mut postgres) = Postgres::start(&[]) else {
        return;
    };
    let addresses = vec![postgres.address("books"); 4];
    let mut numbers = Numbers::new();
    under_load(&addresses, |end| {
        while Instant::now() < end {
            postgres.kill();
            postgres.run();
            std::thread::sleep(numbers.milliseconds(300, 2500));
        }
    });
}
