//! An append is one sync on each node of NATS: that of what the nodes agree on, from which the file is
//! made again.

use std::process::{Command, Stdio};

use crate::harness::can_run;
use crate::machine::machine;
use crate::servers::{Nats, Running};

#[test]
fn an_append_is_one_sync_on_each_node() {
    const APPENDS: usize = 5;
    let can_trace = can_run(
        "the sync of an append",
        "strace",
        &["-qq", "-o", "/dev/null", "true"],
    );
    let Some(nats) = Nats::start(3, "").filter(|_| can_trace) else {
        return;
    };
    let shell = machine(&nats.address("books"));
    shell.ledger("init -q --wait 30").succeeds();
    shell.ledger("deposit 1 -q").succeeds();
    let traces = tempfile::tempdir().unwrap();
    let mut tracing = Vec::new();
    for (number, node) in nats.nodes.iter().enumerate() {
        let id = node.running.as_ref().unwrap().0.id();
        let child: std::process::Child = Command::new("strace")
            .args([
                "-f",
                "-y",
                "-e",
                "trace=fsync,fdatasync,pwrite64,write",
                "-o",
            ])
            .arg(traces.path().join(number.to_string()))
            .args(["-p", &id.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tracing.push(Running(child));
    }
    // It is attached once it has seen something: the nodes talk all the time.
    for number in 0..3 {
        let file = traces.path().join(number.to_string());
        while std::fs::metadata(&file).map_or(0, |found| found.len()) == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    for _ in 0..APPENDS {
        shell.ledger("deposit 1 -q").succeeds();
    }
    // What a follower still has to do is done once its copy is compared.
    shell.ledger("verify -q").succeeds();
    for (number, running) in tracing.iter_mut().enumerate() {
        running.signal(rustix::process::Signal::INT);
        running.0.wait().unwrap();
        let trace = std::fs::read_to_string(traces.path().join(number.to_string())).unwrap();
        let syncs = trace
            .lines()
            .filter(|line| line.contains("sync(") && line.contains("/_js_/S-R3F-"))
            .count();
        assert_eq!(syncs, APPENDS, "node {number}:\n{trace}");
    }
}
