//! Tests of the addresses.

use super::{Address, NatsAddress, NatsTls, PostgresAddress, SslMode, SuppliedSecrets};
use crate::remote::Secret;

fn nats(text: &str) -> NatsAddress {
    match Address::parse(text, &SuppliedSecrets::default()).unwrap() {
        Address::Nats(address) => address,
        Address::Postgres(_) => panic!("{text}"),
    }
}

fn postgres(text: &str) -> PostgresAddress {
    match Address::parse(text, &SuppliedSecrets::default()).unwrap() {
        Address::Postgres(address) => address,
        Address::Nats(_) => panic!("{text}"),
    }
}

fn refusal(text: &str) -> String {
    let error = Address::parse(text, &SuppliedSecrets::default()).unwrap_err();
    let message = error.to_string();
    assert!(!message.contains("hunter2"), "{message}");
    message
}

#[test]
fn a_short_address_has_defaults() {
    let address = nats("nats://broker/books");
    assert_eq!(address.hosts[0].to_string(), "broker:4222");
    assert_eq!(address.stream, "books");
    assert_eq!(address.tls, NatsTls::IfOffered);
    assert_eq!(address.log_name().as_str(), "nats://broker/books");
    let address = postgres("postgres://ann@db/books?ledger=main");
    assert_eq!(address.hosts[0].to_string(), "db:5432");
    assert_eq!(address.sslmode, SslMode::Prefer);
    assert_eq!(
        address.log_name().as_str(),
        "postgres://db/books?ledger=main"
    );
}

#[test]
fn a_long_address_is_taken_apart() {
    let address = nats(
        "tls://ann:h%40nter@a:4223,[::1]:4224,c/books?creds=/a%20b&ca=ca.pem&cert=c.pem&key=k.pem",
    );
    let hosts: Vec<String> = address.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["a:4223", "[::1]:4224", "c:4222"]);
    assert_eq!(address.user.as_deref(), Some("ann"));
    assert_eq!(address.password.as_ref().unwrap().reveal(), "h@nter");
    assert_eq!(address.creds.as_deref().unwrap().to_str(), Some("/a b"));
    assert_eq!(address.tls, NatsTls::On);
    assert_eq!(
        address.log_name().as_str(),
        "tls://a:4223,[::1]:4224,c/books"
    );
}

#[test]
fn a_wrong_address_is_refused_without_its_values() {
    for (text, part) in [
        ("nats://u:hunter2@localhost", "stream"),
        ("nats://u:hunter2@localhost/a.b", "stream"),
        ("nats://localhost/a?password=hunter2", "parameter password"),
        ("nats://localhost/a?ca=x&ca=hunter2", "twice"),
        ("nats://localhost/a?tls=hunter2", "tls is"),
        ("tls://localhost/a?tls=off", "contradict"),
        ("nats://localhost/a?cert=hunter2", "together"),
        ("nats://localhost:hunter2/a", "port"),
        ("nats://localhost:0/a", "port"),
        ("nats:///a", "host"),
        ("nats://localhost/a?ca=%zz", "%25"),
        ("nats://localhost/a?ca=%00", "control"),
        ("nats://localhost/a#hunter2", "fragment"),
        ("nats:localhost", "form"),
        ("mysql://localhost/a", "only"),
        ("postgres://localhost/a?ledger=b", "user"),
        ("postgres://u@localhost/?ledger=b", "database"),
        ("postgres://u@localhost/a", "ledger=NAME"),
        (
            "postgres://u@localhost/a?ledger=b&sslmode=hunter2",
            "sslmode is",
        ),
        (
            "postgres://u@localhost/a?ledger=b&options=hunter2",
            "parameter options",
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn a_secret_without_tls_stays_on_this_machine() {
    for text in [
        "nats://u:hunter2@broker/a",
        "nats://broker/a?creds=hunter2",
        "nats://u:hunter2@localhost,broker/a",
        "postgres://u:hunter2@db/a?ledger=b",
        "postgres://u:hunter2@db/a?ledger=b&sslmode=prefer",
    ] {
        assert!(refusal(text).contains("without TLS"), "{text}");
    }
    for text in [
        "nats://u:hunter2@127.0.0.1/a",
        "nats://u:hunter2@[::1]/a",
        "nats://u:hunter2@localhost/a",
        "nats://u:hunter2@broker/a?tls=off",
        "nats://u:hunter2@broker/a?tls=first",
        "tls://u:hunter2@broker/a",
        "postgres://u:hunter2@localhost/a?ledger=b",
        "postgres://u:hunter2@db/a?ledger=b&sslmode=disable",
        "postgres://u:hunter2@db/a?ledger=b&sslmode=require",
    ] {
        let address = Address::parse(text, &SuppliedSecrets::default()).unwrap();
        assert!(!format!("{address:?} {}", address.log_name()).contains("hunter2"));
    }
}

#[test]
fn supplied_secrets_are_used_if_the_address_has_none() {
    let supplied = SuppliedSecrets {
        nats_user: Some("ann".to_owned()),
        nats_password: Some(Secret::new("hunter2".to_owned())),
        postgres_password: Some(Secret::new("hunter3".to_owned())),
        ..SuppliedSecrets::default()
    };
    let Address::Nats(address) = Address::parse("nats://localhost/a", &supplied).unwrap() else {
        panic!("NATS")
    };
    assert_eq!(address.user.as_deref(), Some("ann"));
    assert_eq!(address.password.unwrap().reveal(), "hunter2");
    let Address::Nats(address) = Address::parse("nats://localhost/a?creds=f", &supplied).unwrap()
    else {
        panic!("NATS")
    };
    assert_eq!((address.user, address.password), (None, None));
    let text = "postgres://u@localhost/a?ledger=b";
    let Address::Postgres(address) = Address::parse(text, &supplied).unwrap() else {
        panic!("PostgreSQL")
    };
    assert_eq!(address.password.unwrap().reveal(), "hunter3");
    let remote = Address::parse("nats://broker/a", &supplied).unwrap_err();
    assert!(remote.to_string().contains("without TLS"));
}

#[test]
fn an_address_is_told_from_a_path() {
    for text in ["nats://a/b", "tls://a/b", "postgres://a", "postgresql://a"] {
        assert!(Address::is_meant(text), "{text}");
    }
    for text in ["ledger.jsonl", "./nats", "/tmp/nats:/a", "C:\\a"] {
        assert!(!Address::is_meant(text), "{text}");
    }
}

#[test]
fn an_address_is_shown_without_its_secrets() {
    for (text, shown) in [
        ("ledger.jsonl", "ledger.jsonl"),
        ("./nats:x", "./nats:x"),
        ("nats://h/books", "nats://h/books"),
        (
            "nats://ann:hunter2@h:4333,i/books?creds=/f&tls=first",
            "nats://h:4333,i/books",
        ),
        ("tls://token@h/books#hunter2", "tls://h/books"),
        ("nats://a:hunter2@b@h/books", "nats://h/books"),
        ("nats:hunter2@h", "nats://…"),
        (
            "postgres://ann:hunter2@h/db?sslmode=disable&ledger=x&password=hunter2",
            "postgres://ann@h/db?ledger=x",
        ),
        ("postgresql://h/db?ledger=x", "postgresql://h/db?ledger=x"),
    ] {
        assert_eq!(Address::without_secrets(text), shown);
    }
}

#[test]
fn the_secret_of_an_address_is_found() {
    for (text, secret) in [
        ("nats://ann:hunter2@h/books", Some("hunter2")),
        ("nats://token@h/books", Some("token")),
        ("tls://a:b@c@h/books?x=@y:z@", Some("b@c")),
        ("postgres://ann:hunter2@h/db?ledger=x", Some("hunter2")),
        ("postgres://ann@h/db?ledger=x", None),
        ("nats://h/books", None),
        ("http://ann:hunter2@h", None),
        ("ann:hunter2@h", None),
    ] {
        assert_eq!(Address::secret_in(text), secret, "{text}");
    }
}
