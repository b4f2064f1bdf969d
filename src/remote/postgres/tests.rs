//! Tests against a real server. Without PostgreSQL's `initdb` and `postgres` they are skipped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::PostgresStore;
use crate::remote::testing::servers::Postgres;
use crate::remote::testing::{
    self, RealClock, append_after, fetched, id, killed_servers_lose_and_double_nothing,
    takes_appends_at_its_end_only, within,
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

#[test]
fn a_ledger_takes_appends_on_its_end_only() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    takes_appends_at_its_end_only(|| server.store("books"));
    let missing = server.store("other").head(within(5)).unwrap_err();
    assert!(
        matches!(missing, StoreError::NoStream { .. }),
        "no ledger: {missing}"
    );
    let mut books = server.store("books");
    books.head(within(5)).unwrap();
    let refused = append_after(&mut books, 2, b"no line");
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
    let refused = append_after(&mut books, 0, b"0 z\n");
    assert!(matches!(refused, Err(NotAppended::Conflict)), "{refused:?}");
}

#[test]
fn waiting_ends_with_the_next_append() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    testing::waiting_ends_with_the_next_append(|| server.store("books"));
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
    let refused = append_after(&mut reader, 0, b"0 a\n");
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

#[test]
fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let Some(mut server) = Postgres::start(&[]) else {
        return;
    };
    server.store("books").create(1, within(10)).unwrap();
    let address = server.address("books").replace("ann@", "ann:hunter2@");
    killed_servers_lose_and_double_nothing(
        || store(&address),
        2,
        |_| {
            server.kill();
            server.run();
        },
    );
}

#[test]
fn a_lost_answer_is_settled() {
    let Some(server) = Postgres::start(&[]) else {
        return;
    };
    let mut store = server.store("books");
    store.create(1, within(10)).unwrap();
    append_after(&mut store, 0, b"0 a\n").unwrap();
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
