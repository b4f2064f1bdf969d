//! The page about engines: its configuration files start servers, and its commands work there.

use std::path::Path;

use crate::harness::Shell;
use crate::machine::machine;
use crate::refused::certificates;
use crate::servers::{Nats, Node, PASSWORD, Postgres, free_port};

const PAGE: &str = include_str!("../../docs/ENGINE.md");

/// The blocks under a heading of the page.
fn blocks(heading: &str) -> Vec<&'static str> {
    let (_, section) = PAGE
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no heading {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("\n```").skip(1).step_by(2);
    blocks
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

/// A block of the page with other ports, directories and names; each must be there.
fn with(text: &str, changes: &[(&str, String)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is missing in {text}");
        text = text.replace(from, to);
    }
    text
}

/// Runs a block of commands in one shell.
fn run(shell: &Shell, block: &str) {
    let binary = Path::new(env!("CARGO_BIN_EXE_ledger")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let ran = shell
        .command_by("sh")
        .args(["-e", "-c", block])
        .env("PATH", format!("{}:{path}", binary.display()))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{block}\n{text}");
}

#[test]
fn a_log_is_moved_to_an_engine_and_back_as_the_page_says() {
    let Some(nats) = Nats::start(3, "") else {
        return;
    };
    let mut shell = machine("unused");
    shell.without("LEDGER_LOG");
    shell.ledger("-f ledger.jsonl deposit 5 -q").succeeds();
    let [block] = blocks("From a file to an engine and back")[..] else {
        panic!("one block")
    };
    run(&shell, &with(block, &[("127.0.0.1:4222", nats.hosts())]));
    shell.ledger("-f backup.jsonl balance -q").prints("55\n");
    assert_eq!(shell.names(), ["backup.jsonl", "ledger.jsonl.moved"]);
}

#[test]
fn the_file_for_one_server_of_nats_works() {
    let directory = tempfile::tempdir().unwrap();
    let (port, monitor) = (free_port(), free_port());
    let [block] = blocks("One NATS server")[..] else {
        panic!("one block")
    };
    let changes = [
        ("127.0.0.1:4222", format!("\"127.0.0.1:{port}\"")),
        ("127.0.0.1:8222", format!("\"127.0.0.1:{monitor}\"")),
        (
            "/var/lib/nats",
            format!("{:?}", directory.path().join("data")),
        ),
    ];
    let Some(_nats) = Nats::start_with(directory, &with(block, &changes)) else {
        return;
    };
    let shell = machine(&format!("nats://127.0.0.1:{port}/BOOKS"));
    shell.ledger("init --replicas 1 -q").succeeds();
    shell.ledger("deposit 5 -q").succeeds();
    let ran = shell.ledger(&format!("doctor --monitor http://127.0.0.1:{monitor}"));
    assert!(!ran.stdout.contains("sync_interval is"), "{ran:?}");
    ran.succeeds();
}

#[test]
fn the_file_for_three_servers_of_nats_works_with_tls_and_rights() {
    let directory = tempfile::tempdir().unwrap();
    if !certificates(directory.path()) {
        return;
    }
    let [block] = blocks("Three NATS servers")[..] else {
        panic!("one block")
    };
    let routes: Vec<u16> = (0..3).map(|_| free_port()).collect();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let mut nodes = Vec::new();
    for (number, own) in routes.iter().enumerate() {
        let (port, monitor) = (free_port(), free_port());
        let route = |number: usize| format!("\"nats://127.0.0.1:{}\"", routes[number]);
        let changes = [
            ("server_name: n1", format!("server_name: n{}", number + 1)),
            ("0.0.0.0:4222", format!("\"127.0.0.1:{port}\"")),
            ("127.0.0.1:8222", format!("\"127.0.0.1:{monitor}\"")),
            (
                "/var/lib/nats",
                format!("{:?}", file(&format!("data{number}"))),
            ),
            ("/etc/nats/n1.pem", format!("{:?}", file("server.pem"))),
            ("/etc/nats/n1.key", format!("{:?}", file("server.key"))),
            ("0.0.0.0:6222", format!("\"127.0.0.1:{own}\"")),
            ("nats://n1:6222", route(0)),
            ("nats://n2:6222", route(1)),
            ("nats://n3:6222", route(2)),
            ("$WRITER", "for-writing".to_owned()),
            ("$ADMIN", "for-admin".to_owned()),
        ];
        let config = directory.path().join(format!("{number}.conf"));
        std::fs::write(&config, with(block, &changes)).unwrap();
        let Some(node) = Node::of(config, port, monitor) else {
            return;
        };
        nodes.push(node);
    }
    nodes.iter_mut().for_each(Node::start);
    let hosts: Vec<String> = nodes
        .iter()
        .map(|node| format!("127.0.0.1:{}", node.port))
        .collect();
    let address = format!("tls://{}/BOOKS?ca={}", hosts.join(","), file("ca.pem"));
    let user = |name: &str, password: &str| {
        let mut shell = machine(&address);
        shell
            .with("LEDGER_NATS_USER", name)
            .with("LEDGER_NATS_PASSWORD", password);
        shell
    };
    let (admin, writer) = (user("admin", "for-admin"), user("writer", "for-writing"));
    let refused = writer.ledger("init --wait 3");
    assert!(matches!(refused.status, Some(1 | 13)), "{refused:?}");
    admin.ledger("init -q --wait 30").succeeds();
    writer.ledger("deposit 5 -q --wait 30").succeeds();
    writer.ledger("balance -q").prints("5\n");
    admin.ledger("verify -q --wait 30").succeeds();
    let refused = user("writer", "another").ledger("balance --wait 2");
    assert_eq!(refused.status, Some(13), "{refused:?}");
}

#[test]
fn the_settings_and_roles_of_postgres_work() {
    let [settings, roles] = blocks("PostgreSQL")[..] else {
        panic!("two blocks")
    };
    let settings = settings.replace(" = ", "=");
    let settings = settings.lines().filter(|line| !line.starts_with('#'));
    let Some(postgres) = Postgres::start(&settings.collect::<Vec<_>>()) else {
        return;
    };
    let address = postgres.address("books");
    let owner = machine(&address);
    owner.ledger("init -q").succeeds();
    postgres.sql(roles);
    let role = |name: &str| {
        postgres.sql(&format!("alter role {name} password '{PASSWORD}'"));
        machine(&address.replace("ann@", &format!("{name}@")))
    };
    let (reader, writer, eraser) = (role("reader"), role("writer"), role("eraser"));
    writer.ledger("deposit 5 -m secret -q").succeeds();
    reader.ledger("balance -q").prints("5\n");
    for (shell, line) in [
        (&reader, "deposit 1"),
        (&writer, "redact 1 -m why --yes"),
        (&reader, "redact 1 -m why --yes"),
    ] {
        let ran = shell.ledger(line);
        assert_eq!(ran.status, Some(1), "{line}: {ran:?}");
    }
    eraser.ledger("redact 1 -m why --yes -q").succeeds();
    let shown = reader.ledger("show 1 --json").json();
    assert_eq!(shown["event"]["memo"], serde_json::Value::Null, "{shown}");
}
