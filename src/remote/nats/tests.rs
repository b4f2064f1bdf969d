//! Tests against real servers: one, and a cluster of three. Without `nats-server` they are skipped.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NatsStore, stream};
use crate::remote::testing::servers::Nats;
use crate::remote::testing::{
    self, RealClock, append, append_after, fetched, id, killed_servers_lose_and_double_nothing,
    takes_appends_at_its_end_only, within,
};
use crate::remote::{
    Address, Append, AppendId, AppendPosition, NotAppended, Store, StoreError, SuppliedSecrets,
    settle,
};

impl Nats {
    fn store(&self, name: &str) -> NatsStore {
        store(&self.address(name))
    }
}

fn store(address: &str) -> NatsStore {
    match Address::parse(address, &SuppliedSecrets::default()).unwrap() {
        Address::Nats(address) => NatsStore::new(address, Arc::new(RealClock)),
        Address::Postgres(_) => panic!("{address}"),
    }
}

#[test]
fn a_stream_takes_appends_on_its_end_only() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    takes_appends_at_its_end_only(|| cluster.store("books"));
    let mut store = cluster.store("books");
    let started = Instant::now();
    let beyond = store.fetch(
        AppendPosition::new(3),
        AppendPosition::new(3),
        within(10),
        &mut |_| panic!("there is no third append"),
    );
    assert!(matches!(beyond, Err(StoreError::Hole { .. })), "{beyond:?}");
    assert!(started.elapsed() < Duration::from_secs(9));
}

#[test]
fn a_large_append_is_recorded_whole_or_not_at_all() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    let mut store = cluster.store("books");
    store.create(1, within(5)).unwrap();
    let line = "x".repeat(60_000);
    let large: String = (0..60).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{number} {line}");
        text
    });
    let refused = store.append(
        &Append::new(AppendPosition::new(1), large.as_bytes(), id()),
        within(20),
    );
    assert!(matches!(refused, Err(NotAppended::Conflict)), "{refused:?}");
    assert_eq!(
        store.head(within(5)).unwrap().position,
        AppendPosition::START
    );
    let end = store
        .append(
            &Append::new(AppendPosition::START, large.as_bytes(), id()),
            within(20),
        )
        .unwrap();
    assert_eq!(end, AppendPosition::new(8));
    assert_eq!(fetched(&mut store, 1, 8).unwrap(), large.as_bytes());
    // The same bytes again are recognised and not recorded twice.
    let mut look = |id| {
        settle::look(
            &mut store,
            AppendPosition::START,
            large.as_bytes(),
            id,
            within(20),
        )
    };
    assert_eq!(look(id()).unwrap(), Some(settle::Settled::Recorded(end)));
    // The same bytes of another machine are another append.
    let other = AppendId::random().unwrap();
    assert_eq!(look(other).unwrap(), Some(settle::Settled::Superseded));
    let most = "y".repeat(500_000) + "\n";
    let refused = store.append(
        &Append::new(end, most.repeat(1001).as_bytes(), id()),
        within(20),
    );
    let Err(NotAppended::NotRecorded(StoreError::TooLarge { .. })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(store.head(within(5)).unwrap().position, end);
}

#[test]
fn many_appends_are_fetched_in_several_requests() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    let mut store = cluster.store("books");
    store.create(1, within(5)).unwrap();
    let line = "z".repeat(50_000);
    let mut all = String::new();
    for number in 0..400 {
        let text = format!("{number} {line}\n");
        store
            .append(
                &Append::new(AppendPosition::new(number), text.as_bytes(), id()),
                within(20),
            )
            .unwrap();
        all += &text;
    }
    assert!(all.len() > 2 * super::BATCH_BYTES);
    assert!(fetched(&mut store, 1, 400).unwrap() == all.as_bytes());
}

#[test]
fn waiting_ends_with_the_next_append() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    testing::waiting_ends_with_the_next_append(|| cluster.store("books"));
}

#[test]
fn every_wrong_setting_is_named() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    let other_bell = json!({"src": "ledger.s", "dest": "elsewhere", "headers_only": true});
    let changes: [(&str, Value); 16] = [
        ("storage", json!("memory")),
        ("retention", json!("interest")),
        ("discard", json!("old")),
        ("max_age", json!(3_600_000_000_000_u64)),
        ("max_msgs_per_subject", json!(10)),
        ("deny_delete", json!(false)),
        ("deny_purge", json!(false)),
        ("allow_direct", json!(false)),
        ("allow_atomic", json!(false)),
        ("allow_rollup_hdrs", json!(true)),
        ("allow_msg_ttl", json!(true)),
        ("no_ack", json!(true)),
        ("subjects", json!(["ledger.s", "more"])),
        ("republish", other_bell),
        (
            "subject_transform",
            json!({"src": "ledger.s", "dest": "ledger.t"}),
        ),
        ("persist_mode", json!("async")),
    ];
    for (number, (setting, value)) in changes.into_iter().enumerate() {
        let name = format!("s{number}");
        let text = stream::creation(&name, 1);
        let mut settings: Value = serde_json::from_str(&text).unwrap();
        let value: Value = serde_json::from_str(
            &value
                .to_string()
                .replace("ledger.s", &stream::subject(&name)),
        )
        .unwrap();
        settings[setting] = value;
        match setting {
            "allow_rollup_hdrs" => settings["deny_purge"] = json!(false),
            "no_ack" | "persist_mode" => settings["allow_atomic"] = json!(false),
            _ => {}
        }
        let created = cluster.api(&format!("STREAM.CREATE.{name}"), &settings);
        assert!(created.get("error").is_none(), "{setting}: {created}");
        for outcome in [
            cluster.store(&name).head(within(5)),
            cluster.store(&name).create(1, within(5)),
        ] {
            let Err(StoreError::WrongSetting { setting: named, .. }) = &outcome else {
                panic!("{setting}: {outcome:?}");
            };
            let also = ["deny_purge", "allow_atomic"];
            assert!(
                *named == setting || also.contains(named),
                "{setting}: {outcome:?}"
            );
        }
        let refused = cluster.store(&name).append(
            &Append::new(AppendPosition::START, b"0 a\n", id()),
            within(5),
        );
        assert!(
            matches!(refused, Err(NotAppended::NotRecorded(_))),
            "{setting}: {refused:?}"
        );
    }
}

#[test]
fn a_stream_that_is_full_refuses() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    let mut settings: Value = serde_json::from_str(&stream::creation("books", 1)).unwrap();
    settings["max_msgs"] = json!(1);
    cluster.api("STREAM.CREATE.books", &settings);
    let mut store = cluster.store("books");
    append_after(&mut store, 0, b"0 a\n").unwrap();
    let refused = append_after(&mut store, 1, b"1 b\n");
    let Err(NotAppended::NotRecorded(StoreError::Refused { .. })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        store.head(within(5)).unwrap().position,
        AppendPosition::new(1)
    );
}

const USERS: &str = r#"
authorization { users = [
  { user: admin, password: "hunter2" },
  { user: reader, password: "hunter3", permissions: {
      publish: { allow: ["$JS.API.STREAM.INFO.*", "$JS.API.DIRECT.GET.*"] },
      subscribe: { allow: ["_INBOX.>"] } } },
] }
"#;

#[test]
fn login_and_rights_are_refused_quickly_and_without_secrets() {
    let Some(cluster) = Nats::start(1, USERS) else {
        return;
    };
    let hosts = cluster.hosts();
    let mut admin = store(&format!("nats://admin:hunter2@{hosts}/books"));
    admin.create(1, within(5)).unwrap();
    let started = Instant::now();
    for address in [
        format!("nats://admin:hunter4@{hosts}/books"),
        format!("nats://{hosts}/books"),
    ] {
        let error = store(&address).head(within(20)).unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter"), "{text}");
    }
    let mut reader = store(&format!("nats://reader:hunter3@{hosts}/books"));
    assert_eq!(
        reader.head(within(5)).unwrap().position,
        AppendPosition::START
    );
    let refused = reader.append(
        &Append::new(AppendPosition::START, b"0 a\n", id()),
        within(20),
    );
    let Err(NotAppended::NotRecorded(error @ StoreError::Refused { .. })) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.to_string().contains("ledger.books"), "{error}");
    let took = started.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    // Without permission for notifications, the head is checked.
    let mut writer = store(&format!("nats://admin:hunter2@{hosts}/books"));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || reader.wait(AppendPosition::START, within(20)).unwrap());
        std::thread::sleep(Duration::from_millis(300));
        writer
            .append(
                &Append::new(AppendPosition::START, b"0 a\n", id()),
                within(5),
            )
            .unwrap();
        assert!(waiting.join().unwrap());
    });
    let error = store(&format!("nats://reader:hunter3@{hosts}/other")).create(1, within(20));
    assert!(
        matches!(error, Err(StoreError::Refused { .. })),
        "{error:?}"
    );
}

/// A test server that answers each connection with these bytes and nothing more.
fn hostile(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut connection = connection.unwrap();
                let _ = connection.write_all(&answer);
                let _ = connection.read_to_end(&mut Vec::new());
            });
        }
    });
    port
}

#[test]
fn a_silent_or_hostile_server_costs_bounded_time() {
    let info = |version: &str| {
        format!(
            "INFO {{\"server_id\":\"x\",\"version\":\"{version}\",\"proto\":1,\"host\":\"h\",\"port\":1,\
             \"headers\":true,\"max_payload\":1048576}}\r\n"
        )
    };
    let silent_later = info("2.15.1") + "PONG\r\n";
    for answer in [
        Vec::new(),
        b"INFO {\"server_id\":".to_vec(),
        silent_later.into_bytes(),
        vec![b'x'; 1024 * 1024],
    ] {
        let port = hostile(answer);
        let mut store = store(&format!("nats://127.0.0.1:{port}/books"));
        let started = Instant::now();
        let error = store.head(within(2)).unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
        let refused = store.append(
            &Append::new(AppendPosition::START, b"0 a\n", id()),
            within(2),
        );
        assert!(
            matches!(refused, Err(NotAppended::NotRecorded(_))),
            "{refused:?}"
        );
        let took = started.elapsed();
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    let port = hostile((info("2.12.2") + "PONG\r\n").into_bytes());
    let error = store(&format!("nats://127.0.0.1:{port}/books"))
        .head(within(5))
        .unwrap_err();
    let StoreError::WrongSetting { found, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(found, "2.12.2");
}

#[test]
fn a_server_that_is_gone_is_unreachable_until_it_is_back() {
    let Some(mut cluster) = Nats::start(1, "") else {
        return;
    };
    let mut store = cluster.store("books");
    store.create(1, within(5)).unwrap();
    append_after(&mut store, 0, b"0 a\n").unwrap();
    cluster.nodes[0].kill();
    let started = Instant::now();
    let error = store.head(within(1)).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(500));
            cluster.nodes[0].start();
        });
        let end = append(
            &mut store,
            AppendPosition::new(1),
            b"1 b\n",
            id(),
            within(20),
            &RealClock,
        );
        assert_eq!(end.unwrap(), AppendPosition::new(2));
    });
    assert_eq!(fetched(&mut store, 1, 2).unwrap(), b"0 a\n1 b\n");
}

#[test]
fn a_stream_that_was_created_again_is_found() {
    let Some(cluster) = Nats::start(1, "") else {
        return;
    };
    let mut store = cluster.store("books");
    store.create(1, within(5)).unwrap();
    cluster.api("STREAM.DELETE.books", &json!({}));
    let error = store.head(within(5)).unwrap_err();
    assert!(matches!(error, StoreError::NoStream { .. }), "{error}");
    cluster.store("books").create(1, within(5)).unwrap();
    let error = store.head(within(5)).unwrap_err();
    assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
}

/// The nodes that are killed, one after the other, have the leader among them.
#[test]
fn nodes_that_are_killed_lose_and_double_nothing() {
    let Some(mut cluster) = Nats::start(3, "") else {
        return;
    };
    cluster.store("books").create(3, within(60)).unwrap();
    let address = cluster.address("books");
    killed_servers_lose_and_double_nothing(
        || store(&address),
        3,
        |round| {
            let node = &mut cluster.nodes[(round + 1) % 3];
            node.kill();
            std::thread::sleep(Duration::from_secs(2));
            node.start();
        },
    );
}
