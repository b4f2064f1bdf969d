//! `verify` and `doctor` of a log on an engine: each server's copy is read, and a rotten one is named.

use serde_json::json;

use crate::machine::machine;
use crate::servers::{Nats, Postgres};

/// Flips one bit of the first byte of this text in the files below a directory.
fn flip(directory: &std::path::Path, text: &[u8]) -> bool {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if flip(&path, text) {
                return true;
            }
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(text.len()).position(|window| window == text);
        let is_block = path.extension().is_some_and(|ending| ending == "blk")
            && path.components().any(|part| part.as_os_str() == "streams");
        if let (Some(at), true) = (at, is_block) {
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            return true;
        }
    }
    false
}

#[test]
fn a_copy_with_a_flipped_bit_is_found_and_named() {
    let Some(mut nats) = Nats::start(3, "") else {
        return;
    };
    let address = nats.address("books");
    let shell = machine(&address);
    shell.ledger("init --currency EUR -q --wait 30").succeeds();
    for number in 1..6 {
        shell
            .ledger(&format!("deposit {number} -q -a account:{number}"))
            .succeeds();
    }
    let sound = "sound: 5 events, head 5:<hex16>\n";
    let equal = "node0: the same bytes\nnode1: the same bytes\nnode2: the same bytes\n";
    shell.ledger("verify").prints(&format!("{sound}{equal}"));
    let nodes = shell.ledger("doctor --json").json()["nodes"].clone();
    let nodes = nodes.as_array().unwrap();
    assert_eq!(nodes.len(), 3);
    assert!(
        nodes
            .iter()
            .all(|node| node["online"] == true && node["behind"] == 0)
    );

    // A server is stopped cleanly, one bit of its file flips, and it comes back.
    let rotten = 1;
    let running = nats.nodes[rotten].running.take().unwrap();
    running.signal(rustix::process::Signal::TERM);
    let mut running = running;
    running.0.wait().unwrap();
    let ran = shell.ledger("doctor --wait 20").succeeds();
    assert!(
        ran.stdout
            .contains("node1: it is offline\n  fix: start it again"),
        "{ran:?}"
    );
    let ran = shell.ledger("verify --wait 20").succeeds();
    assert!(
        ran.stdout.contains("node1: not checked: it is offline"),
        "{ran:?}"
    );
    let text = b"\"account\":\"account:3\"";
    assert!(flip(&nats.directory.path().join("node1"), text));
    nats.nodes[rotten].start();
    // Until it has caught up, it is not known whether its copy is right.
    let ran = loop {
        let ran = shell.ledger("verify --wait 20");
        if !ran.stdout.contains("not checked") {
            break ran;
        }
    };
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert!(ran.stdout.starts_with(sound), "{ran:?}");
    let line = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("node1"))
        .unwrap();
    assert!(
        line == "node1: append 4 is missing, from line 4 on"
            || line == "node1: line 4 is another one, in append 4",
        "{line}"
    );
    assert!(ran.stdout.contains("node0: the same bytes\n"), "{ran:?}");
    let answer = shell.ledger("verify --json").json();
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["replicas"][1]["node"], "node1");
    assert_eq!(answer["replicas"][1]["ok"], false);
    assert_eq!(answer["replicas"][1]["line"], 4);
    // The figures come from a sound copy all the same.
    let mut other = machine(&address);
    other.without("LEDGER_NOW");
    for _ in 0..5 {
        let _ = std::fs::remove_dir_all(other.caches());
        other
            .ledger("balance account:3 -q --wait 20")
            .prints("3.00\n");
    }
}

#[test]
fn a_user_without_the_right_to_make_consumers_learns_what_was_not_checked() {
    const USERS: &str = r#"
authorization { users = [
  { user: admin, password: "hunter2" },
  { user: reader, password: "hunter3", permissions: {
      publish: { allow: ["$JS.API.STREAM.INFO.*", "$JS.API.DIRECT.GET.*"] },
      subscribe: { allow: ["_INBOX.>"] } } },
] }
"#;
    let Some(nats) = Nats::start(3, USERS) else {
        return;
    };
    let address = nats.address("books");
    let mut admin = machine(&address);
    admin
        .with("LEDGER_NATS_USER", "admin")
        .with("LEDGER_NATS_PASSWORD", "hunter2");
    admin.ledger("init -q --wait 30").succeeds();
    admin.ledger("deposit 5 -q").succeeds();
    let mut reader = machine(&address);
    reader
        .with("LEDGER_NATS_USER", "reader")
        .with("LEDGER_NATS_PASSWORD", "hunter3");
    reader.ledger("balance -q").prints("5\n");
    let ran = reader.ledger("verify").succeeds();
    assert!(ran.stdout.starts_with("sound: 1 event"), "{ran:?}");
    assert_eq!(ran.stdout.matches("not checked: ").count(), 3, "{ran:?}");
    assert!(ran.stdout.contains("CONSUMER.CREATE"), "{ran:?}");
    let ran = reader.ledger("deposit 1");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(
        ran.stderr.contains("ledger.books") && ran.stderr.contains("nothing was recorded"),
        "{ran:?}"
    );
}

#[test]
fn a_monitoring_port_shows_whether_appends_are_synced() {
    let Some(nats) = Nats::start(1, "") else {
        return;
    };
    let shell = machine(&nats.address("books"));
    shell.ledger("init -q --replicas 1").succeeds();
    let port = nats.nodes[0].monitor;
    let ran = shell
        .ledger(&format!("doctor --monitor http://127.0.0.1:{port}"))
        .succeeds();
    assert!(
        ran.stdout.contains("node0: keeps the log alone\n"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains(", syncs each append\n"), "{ran:?}");
    let monitored = shell.ledger(&format!("doctor --json --monitor http://127.0.0.1:{port}/"));
    let monitored = monitored.succeeds().json()["monitored"].clone();
    assert_eq!(monitored[0]["sync_always"], true);
    assert_eq!(monitored[0]["problem"], json!(null));
    // Another server, with the usual interval.
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let (port, monitor) = (crate::servers::free_port(), crate::servers::free_port());
    let text = format!(
        "server_name: lazy\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
         jetstream {{ store_dir: {:?} }}\n",
        store.display()
    );
    let Some(_lazy) = Nats::start_with(directory, &text) else {
        return;
    };
    let ran = shell.ledger(&format!("doctor --monitor http://127.0.0.1:{monitor}"));
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert!(
        ran.stdout.contains("lazy: acknowledges appends before they are synced\n  fix: write `sync_interval: always`"),
        "{ran:?}"
    );
    let closed = crate::servers::free_port();
    let ran = shell.ledger(&format!("doctor --monitor http://127.0.0.1:{closed}"));
    assert_eq!(ran.status, Some(1), "{ran:?}");
}

#[test]
fn a_row_of_postgres_that_was_changed_is_found() {
    let Some(postgres) = Postgres::start(&[]) else {
        return;
    };
    let shell = machine(&postgres.address("books"));
    shell.ledger("init -q").succeeds();
    for number in 1..4 {
        shell.ledger(&format!("deposit {number} -q")).succeeds();
    }
    let node = format!("127.0.0.1:{}", postgres.port);
    shell.ledger("verify").prints(&format!(
        "sound: 3 events, head 3:<hex16>\n{node}: the same bytes\n"
    ));
    postgres.sql(
        "update ledger_append set lines = convert_to(replace(convert_from(lines, 'UTF8'), \
         '\"amount\":\"2\"', '\"amount\":\"9\"'), 'UTF8') where position = 3",
    );
    let ran = shell.ledger("verify");
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert!(
        ran.stdout
            .contains(&format!("{node}: line 3 is another one, in append 3")),
        "{ran:?}"
    );
    // A machine that has not seen it before refuses it.
    let other = machine(&postgres.address("books"));
    let ran = other.ledger("balance");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{ran:?}");
    assert!(ran.stderr.contains("append 3 of "), "{ran:?}");
}

#[test]
fn a_standby_of_postgres_is_compared_and_takes_over() {
    let Some(mut primary) = Postgres::start(&[]) else {
        return;
    };
    let standby = primary.standby();
    let (first, second) = (
        format!("127.0.0.1:{}", primary.port),
        format!("127.0.0.1:{}", standby.port),
    );
    // The standby is named first: what records looks for the primary.
    let address = primary
        .address("books")
        .replace(&first, &format!("{second},{first}"));
    let shell = machine(&address);
    shell.ledger("init -q").succeeds();
    shell.ledger("deposit 5 -m secret -q").succeeds();
    let nodes = shell.ledger("doctor --json").succeeds().json();
    let listed = nodes["nodes"].as_array().unwrap();
    let of = |name: &str| listed.iter().find(|node| node["name"] == name).unwrap();
    assert_eq!(of(&first)["leader"], true, "{nodes}");
    assert_eq!(of(&second)["leader"], false, "{nodes}");
    shell.ledger("verify -q").succeeds();
    primary.kill();
    let ran = shell.ledger("deposit 1 --wait 3");
    assert_eq!(ran.status, Some(13), "{ran:?}");
    standby.promote();
    shell.ledger("deposit 1 -q --wait 30").succeeds();
    shell.ledger("balance -q").prints("6\n");
    shell.ledger("redact 1 -m why --yes -q").succeeds();
}
