//! Tests against a real server. Without PostgreSQL's `initdb` and `postgres` they are skipped.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::PostgresStore;
use crate::remote::testing::servers::Postgres;
use crate::remote::testing::{
    RealClock, append_line, assert_recorded_once, bytes, id, synced, within,
};
use crate::remote::{
    Address, Append, AppendId, AppendPosition, NotAppended, Store, StoreError, SuppliedSecrets,
    settle,
};

impl Postgres {
    fn store(&self, ledger: &str) -> PostgresStore {
        self.store_as("ann:hunter2", ledger)
    }

    fn store_as(&self, login: &str, ledger: &str) -> PostgresStore {
        store(&format!(
            "postgres://{login}@127.0.0.1:{}/postgres?ledger={ledger}",
            self.port
        ))
    }
}

fn store(address: &str) -> PostgresStore {
    match Address::parse(address, &SuppliedSecrets::default()).unwrap() {
        Address::Postgres(address) => PostgresStore::new(address, Arc::new(RealClock)),
        Address::Nats(_) => panic!("{address}"),
    }
}

fn fetched(store: &mut PostgresStore, from: u64, to: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut next = AppendPosition::new(from);
    let (from, to) = (AppendPosition::new(from), AppendPosition::new(to));
    store.fetch(from, to, within(10), &mut |fetched| {
        let (position, lines) = (fetched.position, fetched.lines);
        assert_eq!(position, next);
        next = next.next();
        bytes.extend_from_slice(lines);
        ControlFlow::Continue(())
    })?;
    Ok(bytes)
}

#[test]
fn a_ledger_takes_appends_on_its_end_only() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    let mut books = server.store("books");
    let missing = books.head(within(5)).unwrap_err();
    assert!(
        matches!(missing, StoreError::NoStream { .. }),
        "no table: {missing}"
    );
    let created = books.create(1, within(10)).unwrap();
    assert_eq!(created.position, AppendPosition::START);
    assert_eq!(
        server
            .store("books")
            .create(1, within(10))
            .unwrap()
            .identity,
        created.identity
    );
    let missing = server.store("other").head(within(5)).unwrap_err();
    assert!(
        matches!(missing, StoreError::NoStream { .. }),
        "no ledger: {missing}"
    );
    let age = created.time.unwrap().elapsed().unwrap();
    assert!(age < Duration::from_secs(30), "{age:?}");

    assert_eq!(
        books
            .append(
                &Append::new(AppendPosition::START, b"0 a\n", id()),
                within(5)
            )
            .unwrap(),
        AppendPosition::new(1)
    );
    let mut other = server.store("books");
    for expected in [AppendPosition::START, AppendPosition::new(7)] {
        let refused = other.append(&Append::new(expected, b"0 b\n", id()), within(5));
        assert!(matches!(refused, Err(NotAppended::Conflict)), "{refused:?}");
    }
    assert_eq!(
        other
            .append(
                &Append::new(AppendPosition::new(1), b"1 b\n2 c\n", id()),
                within(5)
            )
            .unwrap(),
        AppendPosition::new(2)
    );
    let head = books.head(within(5)).unwrap();
    assert_eq!(
        (head.position, head.identity),
        (AppendPosition::new(2), created.identity)
    );
    assert_eq!(fetched(&mut books, 1, 2).unwrap(), b"0 a\n1 b\n2 c\n");
    assert_eq!(fetched(&mut books, 2, 2).unwrap(), b"1 b\n2 c\n");
    let refused = books.append(
        &Append::new(AppendPosition::new(2), b"no line", id()),
        within(5),
    );
    let Err(NotAppended::NotRecorded(StoreError::NotLines)) = refused else {
        panic!("{refused:?}");
    };
    let large = ("x".repeat(60_000) + "\n").repeat(100);
    assert_eq!(
        books
            .append(
                &Append::new(AppendPosition::new(2), large.as_bytes(), id()),
                within(20)
            )
            .unwrap(),
        AppendPosition::new(3)
    );
    assert!(fetched(&mut books, 3, 3).unwrap() == large.as_bytes());
    // Ledgers of one table do not see each other.
    let mut second = server.store("second");
    second.create(1, within(5)).unwrap();
    assert_eq!(
        second.head(within(5)).unwrap().position,
        AppendPosition::START
    );
    server.sql("delete from ledger_append where ledger = 'books' and position = 2");
    let hole = fetched(&mut books, 1, 3).unwrap_err();
    assert!(
        matches!(hole, StoreError::Hole { position, .. } if position == AppendPosition::new(2))
    );
    server.sql("delete from ledger_append where ledger = 'books'");
    server.store("books").create(1, within(5)).unwrap();
    let replaced = books.head(within(5)).unwrap_err();
    assert!(
        matches!(replaced, StoreError::Replaced { .. }),
        "{replaced}"
    );
    let refused = books.append(
        &Append::new(AppendPosition::START, b"0 z\n", id()),
        within(5),
    );
    assert!(matches!(refused, Err(NotAppended::Conflict)), "{refused:?}");
}

#[test]
fn waiting_ends_with_the_next_append() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    let mut store = server.store("books");
    store.create(1, within(10)).unwrap();
    let started = Instant::now();
    assert!(!store.wait(AppendPosition::START, within(1)).unwrap());
    assert!(started.elapsed() >= Duration::from_millis(900));
    let mut writer = server.store("books");
    writer.head(within(5)).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let started = Instant::now();
            assert!(store.wait(AppendPosition::START, within(20)).unwrap());
            started.elapsed()
        });
        std::thread::sleep(Duration::from_millis(500));
        writer
            .append(
                &Append::new(AppendPosition::START, b"0 a\n", id()),
                within(5),
            )
            .unwrap();
        let waited = waiting.join().unwrap();
        assert!(
            waited < crate::remote::attempts::HEAD_CHECK_INTERVAL / 2,
            "no bell: {waited:?}"
        );
    });
}

#[test]
fn login_and_rights_are_refused_quickly_and_without_secrets() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    server.store("books").create(1, within(10)).unwrap();
    server.sql("create role bob login password 'hunter3'; grant select on ledger_append to bob");
    let started = Instant::now();
    let error = server
        .store_as("ann:hunter4", "books")
        .head(within(20))
        .unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
    let mut reader = server.store_as("bob:hunter3", "books");
    assert_eq!(
        reader.head(within(5)).unwrap().position,
        AppendPosition::START
    );
    let refused = reader.append(
        &Append::new(AppendPosition::START, b"0 a\n", id()),
        within(20),
    );
    let Err(NotAppended::NotRecorded(StoreError::Refused { .. })) = refused else {
        panic!("{refused:?}");
    };
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_password_file_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pgpass");
    std::fs::write(&path, "127.0.0.1:*:postgres:ann:hunter2\n").unwrap();
    let supplied = SuppliedSecrets {
        postgres_passfile: Some(path.clone()),
        ..SuppliedSecrets::default()
    };
    let text = format!(
        "postgres://ann@127.0.0.1:{}/postgres?ledger=books",
        server.port
    );
    let created = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let Address::Postgres(address) = Address::parse(&text, &supplied).unwrap() else {
            panic!("PostgreSQL");
        };
        PostgresStore::new(address, Arc::new(RealClock)).create(1, within(10))
    };
    created(0o600).unwrap();
    let error = created(0o644).unwrap_err();
    assert!(error.to_string().contains("other users"), "{error}");
}

#[test]
fn settings_that_could_lose_an_append_are_named() {
    let Some(server) = Postgres::start(&["fsync=off", "synchronous_commit=off"]) else {
        return;
    };
    let error = server.store("books").create(1, within(10)).unwrap_err();
    let StoreError::WrongSetting { setting, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(setting, "fsync");
    drop(server);
    let Some(server) = Postgres::start(&["synchronous_commit=off"]) else {
        return;
    };
    server.store("books").create(1, within(10)).unwrap();
    server.sql("alter table ledger_append set unlogged");
    let error = server.store("books").head(within(10)).unwrap_err();
    assert!(error.to_string().contains("persistence"), "{error}");
    // Without the primary key nothing would refuse a second row.
    server.sql("alter table ledger_append set logged; alter table ledger_append drop constraint ledger_append_pkey");
    let refused = server.store("books").append(
        &Append::new(AppendPosition::START, b"0 a\n", id()),
        within(10),
    );
    assert!(
        matches!(refused, Err(NotAppended::NotRecorded(_))),
        "{refused:?}"
    );
}

#[test]
fn a_server_without_an_answer_costs_bounded_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut store = store(&format!("postgres://ann@127.0.0.1:{port}/a?ledger=b"));
    let started = Instant::now();
    let error = store.head(within(1)).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(4));
    drop(listener);
}

/// Four machines append while the server is killed and started again: what was acknowledged is recorded
/// once, and all mirrors are equal.
#[test]
fn a_server_that_is_killed_loses_and_doubles_nothing() {
    const MACHINES: usize = 4;
    const APPENDS: usize = 40;
    let Some(mut server) = Postgres::start(&[]) else {
        return;
    };
    server.store("books").create(1, within(10)).unwrap();
    let caches: Vec<tempfile::TempDir> = (0..MACHINES)
        .map(|_| tempfile::tempdir().unwrap())
        .collect();
    let stores: Vec<PostgresStore> = caches.iter().map(|_| server.store("books")).collect();
    let done = AtomicUsize::new(0);
    let names: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = caches
            .iter()
            .zip(stores)
            .enumerate()
            .map(|(machine, (cache, mut store))| {
                let done = &done;
                scope.spawn(move || {
                    let appended = (0..APPENDS).map(|number| {
                        let name = format!("machine{machine}-{number}");
                        append_line(cache.path(), &mut store, &name, within(90));
                        done.fetch_add(1, Ordering::Relaxed);
                        name
                    });
                    appended.collect::<Vec<_>>()
                })
            })
            .collect();
        for _ in 0..2 {
            let before = done.load(Ordering::Relaxed);
            while done.load(Ordering::Relaxed) < (before + 20).min(MACHINES * APPENDS) {
                std::thread::sleep(Duration::from_millis(20));
            }
            server.kill();
            server.run();
        }
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    let cache = tempfile::tempdir().unwrap();
    let log = bytes(&synced(
        cache.path(),
        &mut server.store("books"),
        within(30),
    ));
    assert_recorded_once(&log, &names);
    for cache in &caches {
        assert!(
            bytes(&synced(
                cache.path(),
                &mut server.store("books"),
                within(30)
            )) == log
        );
    }
}

#[test]
fn a_lost_answer_is_settled() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    let mut store = server.store("books");
    store.create(1, within(10)).unwrap();
    store
        .append(
            &Append::new(AppendPosition::START, b"0 a\n", id()),
            within(5),
        )
        .unwrap();
    let mut look = |expected, lines: &[u8], id| {
        settle::look(
            &mut store,
            AppendPosition::new(expected),
            lines,
            id,
            within(5),
        )
        .unwrap()
    };
    let first = settle::Settled::Recorded(AppendPosition::new(1));
    assert_eq!(look(0, b"0 a\n", id()), Some(first));
    assert_eq!(look(0, b"0 b\n", id()), Some(settle::Settled::Superseded));
    // The same bytes of another machine are another append.
    let other = AppendId::random().unwrap();
    assert_eq!(look(0, b"0 a\n", other), Some(settle::Settled::Superseded));
    assert_eq!(look(1, b"1 b\n", id()), None);
}
