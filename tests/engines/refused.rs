//! What is refused: unsafe settings, wrong certificates and logins. And that secrets are shown nowhere.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Shell, can_run, words};
use crate::machine::machine;
use crate::servers::{Nats, PASSWORD, Postgres, Running};

/// The settings of a stream as `init` makes it.
fn settings(nats: &Nats) -> Value {
    let shell = machine(&nats.address("template"));
    shell.ledger("init -q --replicas 1").succeeds();
    nats.api("STREAM.INFO.template", &json!({}))["config"].clone()
}

#[test]
fn a_stream_with_a_setting_that_could_lose_an_append_is_refused_by_name() {
    let Some(nats) = Nats::start(1, "") else {
        return;
    };
    let sound = settings(&nats);
    let cases: [(&str, Value); 7] = [
        ("max_age", json!(3_600_000_000_000_u64)),
        ("max_msgs_per_subject", json!(1)),
        ("discard", json!("old")),
        ("storage", json!("memory")),
        ("retention", json!("workqueue")),
        ("deny_delete", json!(false)),
        ("republish", json!(null)),
    ];
    for (number, (setting, value)) in cases.into_iter().enumerate() {
        let name = format!("unsafe{number}");
        let mut config = sound.clone();
        config["name"] = json!(name);
        config["subjects"] = json!([format!("ledger.{name}")]);
        config["republish"]["src"] = json!(format!("ledger.{name}"));
        config["republish"]["dest"] = json!(format!("ledger-stored.{name}"));
        config[setting] = value;
        if setting == "retention" {
            // Which such a stream cannot have.
            config["allow_direct"] = json!(false);
        }
        let created = nats.api(&format!("STREAM.CREATE.{name}"), &config);
        if let Some(error) = created["error"]["description"].as_str() {
            // Then no ledger can be there either.
            println_once(&format!("{setting}: {error}"));
            continue;
        }
        let shell = machine(&nats.address(&name));
        for line in ["balance", "deposit 5", "init"] {
            let ran = shell.ledger(&format!("{line} --json"));
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(6), ""),
                "{setting}: {ran:?}"
            );
            let message = ran.error()["message"].clone();
            let message = message.as_str().unwrap();
            assert!(message.contains("is not safe for a ledger: "), "{message}");
            let is_named = message.contains(&format!(": {setting} is "));
            assert!(is_named || setting == "retention", "{setting}: {message}");
        }
        assert!(nats.api(&format!("STREAM.INFO.{name}"), &json!({}))["state"]["messages"] == 0);
    }
}

fn println_once(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn a_server_of_postgres_that_could_lose_an_append_is_refused_by_name() {
    let Some(postgres) = Postgres::start(&["fsync=off"]) else {
        return;
    };
    let shell = machine(&postgres.address("books"));
    for line in ["init", "deposit 5", "balance"] {
        let ran = shell.ledger(line);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{ran:?}");
        assert!(
            ran.stderr.contains("fsync is off, but must be on"),
            "{ran:?}"
        );
    }
}

#[test]
fn a_first_write_makes_no_log_on_an_engine() {
    let (Some(nats), Some(postgres)) = (Nats::start(1, ""), Postgres::start(&[])) else {
        return;
    };
    for address in [nats.address("books"), postgres.address("books")] {
        let shell = machine(&address);
        let log_name = address.replace("ann@", "");
        for line in ["deposit 5", "balance", "init --dry-run -q"] {
            let ran = shell.ledger(line);
            if line.starts_with("init") {
                ran.prints("");
                continue;
            }
            ran.fails(
                10,
                &format!("error: there is no ledger at {log_name}\nhint: ledger init\n"),
            );
        }
        if address.starts_with("nats") {
            // The hint is the command that works here.
            shell.ledger("init").fails(
                1,
                &format!("error: {log_name} refused: replicas > 1 not supported in non-clustered mode; nothing was recorded\nhint: ledger init --replicas 1\n"),
            );
        }
        shell.ledger("init --replicas 1 -q").succeeds();
        shell.ledger("deposit 5 -q").succeeds();
        if address.starts_with("nats") {
            // A message cannot be changed.
            let ran = shell.ledger("redact 1 -m why --yes");
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
            assert!(ran.stderr.contains("hint: ledger copy "), "{ran:?}");
        }
        shell.ledger("balance -q").prints("5\n");
    }
}

/// Runs commands with secrets in the address and in the environment, and looks for them in everything.
fn no_secret_is_shown(shell: &Shell, address: &str, secrets: &[&str]) {
    let quoted = format!("'{address}'");
    let lines = [
        format!("-f {quoted} balance"),
        format!("-f {quoted} balance --json"),
        format!("--file={quoted} deposit 5 --key auto"),
        format!("-f {quoted} deposit"),
        format!("-f {quoted} depsoit 5"),
        format!("-f {quoted} deposit -5"),
        format!("-f {quoted} withdraw 1000 --json"),
        format!("-f {quoted} history nobody"),
        format!("-f {quoted} verify"),
        format!("-f {quoted} doctor --json"),
        format!("-f {quoted} doctor --repair"),
        format!("-f {quoted} watch --no-follow --cursor cursor"),
        format!("-f {quoted} project sqlite mirror.db"),
        format!("-f {quoted} --offline balance"),
        format!("-f {quoted} init"),
        format!("copy {quoted} copy.jsonl"),
        format!("copy copy.jsonl {quoted} --move"),
        format!("copy {quoted} nix/nix.jsonl"),
        format!("{quoted} balance"),
        format!("balance {quoted}"),
        format!("-f '{address}x' --wait 1 balance"),
        format!("-f '{address}&tls=maybe' balance"),
    ];
    for line in &lines {
        let ran = Command::output(shell.command().args(words(line))).unwrap();
        for out in [&ran.stdout, &ran.stderr] {
            let text = String::from_utf8_lossy(out);
            for secret in secrets {
                assert!(!text.contains(secret), "{line}: {text}");
            }
        }
    }
    // Nor is one in a file.
    let mut directories: Vec<PathBuf> = vec![shell.path().to_owned(), shell.caches()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for secret in secrets {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
}

#[test]
fn secrets_are_shown_nowhere() {
    const USERS: &str = r#"
authorization { users = [ { user: ann, password: "hunter2" } ] }
"#;
    let (Some(nats), Some(postgres)) = (Nats::start(1, USERS), Postgres::start(&[])) else {
        return;
    };
    let host = nats.hosts();
    let log_name = format!("127.0.0.1:{}/postgres?ledger=books", postgres.port);
    for (address, wrong) in [
        (
            format!("nats://ann:hunter2@{host}/books"),
            format!("nats://ann:hunter3@{host}/books"),
        ),
        (
            format!("postgres://ann:hunter2@{log_name}"),
            format!("postgres://ann:hunter3@{log_name}"),
        ),
    ] {
        let mut shell = Shell::new();
        shell
            .pastes_nothing()
            .with("LEDGER_NATS_PASSWORD", "hunter4")
            .with("PGPASSWORD", "hunter5");
        shell
            .ledger(&format!("-f '{address}' init -q --replicas 1"))
            .succeeds();
        let secrets = ["hunter2", "hunter3", "hunter4", "hunter5"];
        no_secret_is_shown(&shell, &address, &secrets);
        no_secret_is_shown(&shell, &wrong, &secrets);
        let started = Instant::now();
        let ran = shell.ledger(&format!("-f '{wrong}' balance --json"));
        assert_eq!(ran.error()["code"], "unreachable", "{ran:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    // A secret from the environment is not in the list of processes.
    let mut shell = machine(&format!("nats://{host}/books"));
    shell
        .with("LEDGER_NATS_USER", "ann")
        .with("LEDGER_NATS_PASSWORD", PASSWORD);
    let watching = shell.command().args(["watch", "-q"]).spawn().unwrap();
    let id = watching.id();
    let _watching = Running(watching);
    let line = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    assert!(!line.contains(PASSWORD), "{line}");
}

/// Makes certificates: of a server, one with another name, one that has expired, and their authority.
pub(crate) fn certificates(directory: &Path) -> bool {
    if !can_run("TLS", "openssl", &["version"]) {
        return false;
    }
    let openssl = |line: &str| {
        let ran = Command::new("openssl")
            .args(words(line))
            .current_dir(directory)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "openssl {line}: {text}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for authority in ["ca", "other"] {
        openssl(&format!(
            "req -x509 {key} -keyout {authority}.key -out {authority}.pem -days 2 -subj /CN={authority} \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
        ));
    }
    for (name, host, dates) in [
        ("server", "IP:127.0.0.1", "-days 2"),
        ("named", "DNS:elsewhere.example", "-days 2"),
        (
            "expired",
            "IP:127.0.0.1",
            "-not_before 20200101000000Z -not_after 20200102000000Z",
        ),
    ] {
        openssl(&format!(
            "req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"
        ));
        std::fs::write(
            directory.join("extensions"),
            format!("subjectAltName={host}\n"),
        )
        .unwrap();
        let sign = format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem \
             -extfile extensions"
        );
        let with_dates = format!("{sign} {dates}");
        if name == "expired" && !has_dates(directory) {
            // An older OpenSSL cannot set dates, but takes an end in the past. One of no days would still be
            // valid for the rest of this second.
            openssl(&format!("{sign} -days -1"));
        } else {
            openssl(&with_dates);
        }
    }
    true
}

/// Whether this OpenSSL can set the dates of a certificate.
fn has_dates(directory: &Path) -> bool {
    let ran = Command::new("openssl")
        .args(["x509", "-help"])
        .current_dir(directory)
        .output()
        .unwrap();
    String::from_utf8_lossy(&ran.stderr).contains("-not_after")
}

/// A connection with the right authority works, any other is refused at once.
fn is_refused_without_trust(address: &dyn Fn(&str) -> String, directory: &Path, certificate: &str) {
    let shell = machine("unused");
    let file = |name: &str| directory.join(name).display().to_string();
    let is_sound = certificate == "server";
    for (authority, is_trusted) in [("ca.pem", true), ("other.pem", false), ("", false)] {
        let authority = if authority.is_empty() {
            String::new()
        } else {
            file(authority)
        };
        let started = Instant::now();
        let line = format!("-f '{}' init -q --replicas 1 --wait 5", address(&authority));
        let ran = shell.ledger(&line);
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{:?}",
            started.elapsed()
        );
        if is_sound && is_trusted {
            ran.succeeds();
            let line = format!("-f '{}' deposit 5 -q", address(&authority));
            shell.ledger(&line).succeeds();
        } else {
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(13), ""),
                "{certificate} {ran:?}"
            );
        }
    }
}

#[test]
fn certificates_of_nats_are_checked() {
    for certificate in ["server", "named", "expired"] {
        let directory = tempfile::tempdir().unwrap();
        if !certificates(directory.path()) {
            return;
        }
        let file = |name: &str| directory.path().join(name).display().to_string();
        let settings = format!(
            "tls {{ cert_file: {:?}, key_file: {:?} }}",
            file(&format!("{certificate}.pem")),
            file(&format!("{certificate}.key"))
        );
        let Some(nats) = Nats::start_in(directory, 1, &settings) else {
            return;
        };
        let host = nats.hosts();
        let address = |authority: &str| match authority {
            "" => format!("tls://{host}/books"),
            authority => format!("tls://{host}/books?ca={authority}"),
        };
        is_refused_without_trust(&address, nats.directory.path(), certificate);
    }
}

#[test]
fn certificates_of_postgres_are_checked() {
    for certificate in ["server", "named", "expired"] {
        let directory = tempfile::tempdir().unwrap();
        if !certificates(directory.path()) {
            return;
        }
        let file = |name: &str| directory.path().join(name).display().to_string();
        let settings = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file(&format!("{certificate}.pem"))),
            format!("ssl_key_file={}", file(&format!("{certificate}.key"))),
        ];
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let Some(postgres) = Postgres::start_in(directory, &settings) else {
            return;
        };
        let port = postgres.port;
        let address = |authority: &str| {
            let start = format!("postgres://ann@127.0.0.1:{port}/postgres?ledger=books");
            match authority {
                "" => format!("{start}&sslmode=verify-full"),
                authority => format!("{start}&sslmode=verify-full&sslrootcert={authority}"),
            }
        };
        is_refused_without_trust(&address, postgres.directory.path(), certificate);
    }
}

#[test]
fn a_secret_does_not_leave_this_machine_without_tls() {
    let mut shell = machine("nats://192.0.2.1/books");
    shell.with("LEDGER_NATS_PASSWORD", "hunter2");
    let ran = shell.ledger("balance --wait 1");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("without TLS: write tls://"), "{ran:?}");
    shell.with("LEDGER_LOG", "postgres://ann@192.0.2.1/db?ledger=books");
    let ran = shell.ledger("balance --wait 1");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("sslmode=verify-full"), "{ran:?}");
    for address in [
        "nats://h/books?what=1",
        "postgres://ann@h/db",
        "nats://h",
        "nats:books",
    ] {
        let ran = machine(address).ledger("balance");
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    }
}
