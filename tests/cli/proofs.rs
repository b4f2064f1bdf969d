//! Heads, receipts and proofs of growth: made, checked, and refused.

use crate::harness::{Ran, Shell, can_run, program, skip};
use crate::sealed::{FIRST, deposit, line, seal};

/// Whether `ssh-keygen` is there to sign and verify.
pub(crate) fn can_sign() -> bool {
    let found = program("ssh-keygen").arg("-?").output();
    if let Err(error) = &found {
        skip("signatures", &error.to_string());
    }
    found.is_ok()
}

/// Makes a key with this comment, and a file `signers` with the key.
pub(crate) fn key(shell: &Shell, name: &str, comment: &str) {
    let made = program("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"])
        .arg(shell.file(name))
        .status()
        .unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(shell.file(&format!("{name}.pub"))).unwrap();
    let path = shell.file("signers");
    let mut signers = std::fs::read_to_string(&path).unwrap_or_default();
    signers.push_str(&format!("{comment} {public}"));
    std::fs::write(path, signers).unwrap();
}

fn read(shell: &Shell, name: &str) -> String {
    std::fs::read_to_string(shell.file(name)).unwrap()
}

/// A ledger with a memo, a batch and six events.
fn ledger() -> Shell {
    let shell = Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -m salary --key pay -q",
    ]);
    let batch = b"{\"type\":\"withdraw\",\"amount\":1}\n{\"type\":\"withdraw\",\"amount\":2}\n";
    shell.ledger_with_input("batch -q", batch).succeeds();
    shell.ledger("withdraw 5 -m lunch -q").succeeds();
    shell.ledger("deposit 7 -q").succeeds();
    shell
}

#[test]
fn a_head_file_has_the_id_the_size_and_the_root() {
    let shell = ledger();
    let head = shell.ledger("head --tree").succeeds();
    let text = String::from_utf8(head.raw.clone()).unwrap();
    let fields: Vec<&str> = text.split('\n').collect();
    assert!(fields[0].starts_with("ledger/"), "{text}");
    assert_eq!((fields[1], fields[2].len(), fields[3]), ("6", 44, ""));
    let json = shell.ledger("head --tree --json").json();
    assert_eq!(
        (&json["size"], &json["root"], &json["head_file"]),
        (&6.into(), &fields[2].into(), &text.as_str().into())
    );
    assert_eq!(
        (&json["seq"], &json["signers"]),
        (&5.into(), &serde_json::json!([]))
    );
    shell
        .ledger("head --tree -o kept.head")
        .prints("kept.head: head of size 6, not signed\n");
    assert_eq!(read(&shell, "kept.head"), text);
    let mode = std::os::unix::fs::MetadataExt::mode(&shell.file("kept.head").metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let at = shell.ledger("head --tree --until seq:1 --json").json();
    assert_eq!((&at["size"], &at["seq"]), (&2.into(), &1.into()));
}

#[test]
fn no_head_ends_inside_a_batch() {
    let shell = ledger();
    for command in ["head --tree", "prove 1"] {
        shell.ledger(&format!("{command} --until seq:2")).fails(
            2,
            &format!(
                "error: event 2 is inside a batch that ends with event 3; a head never ends inside \
                 a batch\nhint: ledger {command} --until seq:3\n"
            ),
        );
        shell
            .ledger(&format!("{command} --until seq:3 -q"))
            .succeeds();
    }
    // Without a tree it is an event like others.
    shell.ledger("head --until seq:2 -q").prints("2:<hex64>\n");
}

#[test]
fn a_receipt_is_checked_against_a_kept_head() {
    let shell = ledger();
    shell.ledger("head --tree -o kept.head -q").succeeds();
    for (event, index) in [
        ("0", 0),
        ("1", 1),
        ("key:pay", 1),
        ("head", 5),
        ("head~1", 4),
    ] {
        let made = shell.ledger(&format!("prove {event} -o receipt"));
        made.prints(&format!(
            "receipt: receipt for event {index} in the log of size 6, not signed\n"
        ));
        let checked = shell
            .ledger("check receipt --head kept.head --json")
            .succeeds()
            .json();
        assert_eq!(
            (
                &checked["ok"],
                &checked["kind"],
                &checked["index"],
                &checked["event"]["seq"]
            ),
            (
                &true.into(),
                &"receipt".into(),
                &index.into(),
                &index.into()
            )
        );
    }
    let piped = shell.ledger("prove head").succeeds();
    shell.ledger("prove head -o receipt -q").prints("");
    assert_eq!(
        String::from_utf8(piped.raw).unwrap(),
        read(&shell, "receipt")
    );
    shell.ledger("prove 4 -o receipt -q").succeeds();
    shell.ledger("check receipt --head kept.head").prints(
        "event 4 is in the ledger <hex32> of size 6\n\
         #4 withdraw 5.00 EUR from main · 2026-11-23T10:15:02.000000Z · lunch\n\
         no signature was checked\n",
    );
    shell.ledger("check receipt --head kept.head -q").prints("");
    // A closed one says nothing about the memo.
    shell.ledger("prove 4 --closed -o closed -q").succeeds();
    let closed = shell.ledger("check closed --head kept.head").succeeds();
    assert!(!closed.stdout.contains("lunch"), "{}", closed.stdout);
    // The log goes on, and the receipt is good with the head that was kept.
    shell.ledger("deposit 1 -q").succeeds();
    shell.ledger("check receipt --head kept.head -q").prints("");
    shell
        .ledger("prove 4 --head kept.head -o again -q")
        .succeeds();
    assert_eq!(read(&shell, "again"), read(&shell, "receipt"));
    shell.ledger("head --tree -o later.head -q").succeeds();
    let other = shell.ledger("check receipt --head later.head --json");
    assert_eq!(
        (other.status, &other.json()["code"]),
        (Some(6), &"head_mismatch".into())
    );
    assert_eq!(other.stderr, "");
}

#[test]
fn a_proof_of_growth_is_checked_with_the_older_head() {
    let shell = ledger();
    shell.ledger("head --tree -o old.head -q").succeeds();
    shell.ledger("deposit 1 -q").succeeds();
    shell.ledger("deposit 2 -q").succeeds();
    shell
        .ledger("prove --since old.head -o growth")
        .prints("growth: the log of size 8 begins with that of size 6, not signed\n");
    shell.ledger("check growth --head old.head").prints(
        "the ledger <hex32> of size 8 begins with all of size 6\n\
         no signature was checked\n\
         anyone can append to a copy of a log: only --signers vouches for the size 8\n",
    );
    let json = shell.ledger("check growth --head old.head --json").json();
    assert_eq!(
        (&json["kind"], &json["size"]),
        (&"growth".into(), &8.into())
    );
    let made = shell.ledger("prove --since old.head --json").json();
    assert_eq!(
        (&made["kind"], &made["older_size"]),
        (&"growth".into(), &6.into())
    );
    assert_eq!(made["proof"], read(&shell, "growth").as_str());
    shell.ledger("check growth --signers signers").fails(
        2,
        "error: a proof of growth is checked together with the older head\n\
         hint: ledger check growth --signers signers --head older.head\n",
    );
    shell.ledger("head --tree -o new.head -q").succeeds();
    let other = shell.ledger("check growth --head new.head --json");
    assert_eq!(
        (other.status, &other.json()["code"]),
        (Some(6), &"head_mismatch".into())
    );
    // A log that did not grow.
    shell.ledger("prove --since new.head -o same -q").succeeds();
    shell.ledger("check same --head new.head -q").prints("");
}

#[test]
fn a_log_that_was_cut_off_or_changed_is_not_signed_and_proves_nothing() {
    let shell = ledger();
    shell.ledger("head --tree -o kept.head -q").succeeds();
    let kept = read(&shell, "kept.head");
    let log = String::from_utf8(shell.log()).unwrap();
    let cut: Vec<&str> = log.split_inclusive('\n').take(2).collect();
    let other = Shell::given(&["init --currency EUR -q"]);
    for bytes in [cut.concat(), String::from_utf8(other.log()).unwrap()] {
        shell.set_log(bytes.as_bytes());
        for command in [
            "head --tree -o kept.head",
            "prove --since kept.head",
            "prove 0 --head kept.head",
        ] {
            let ran = shell.ledger(&format!("{command} --json"));
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(6), ""),
                "{command}"
            );
            assert_eq!(ran.error()["code"], "head_mismatch", "{command}");
        }
        let verified = shell.ledger("verify --head kept.head --json");
        assert_eq!((verified.status, verified.stderr.as_str()), (Some(6), ""));
        let json = verified.json();
        assert_eq!(
            (&json["ok"], &json["findings"][0]["code"]),
            (&false.into(), &"head".into())
        );
    }
    assert_eq!(read(&shell, "kept.head"), kept);
    // The same ledger, but other events after the cut.
    shell.set_log(cut.concat().as_bytes());
    for _ in 0..5 {
        shell.ledger("deposit 1 -q").succeeds();
    }
    let ran = shell.ledger("head --tree -o kept.head");
    assert_eq!(ran.status, Some(6));
    assert!(
        ran.stderr.contains("does not begin with the 6 lines"),
        "{}",
        ran.stderr
    );
    assert_eq!(shell.ledger("verify --head kept.head").status, Some(6));
    shell.set_log(log.as_bytes());
    shell.ledger("verify --head kept.head").is(
        0,
        "sound: 5 events, head 5:<hex16>\n",
        "note: the signatures of kept.head were not checked; --signers FILE checks them\n",
    );
}

#[test]
fn only_files_of_the_same_kind_are_replaced() {
    let shell = ledger();
    std::fs::write(shell.file("notes.txt"), "mine").unwrap();
    shell.ledger("head --tree -o kept.head -q").succeeds();
    shell.ledger("prove 1 -o receipt -q").succeeds();
    let before = (
        shell.log(),
        read(&shell, "kept.head"),
        read(&shell, "receipt"),
    );
    for command in [
        "head --tree -o notes.txt",
        "head --tree -o receipt",
        "head --tree -o ledger.jsonl",
        "prove 1 -o notes.txt",
        "prove 1 -o kept.head",
        "prove 1 -o ledger.jsonl",
        "prove --since kept.head -o kept.head",
    ] {
        let ran = shell.ledger(&format!("{command} --json"));
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(2), ""),
            "{command}"
        );
        assert_eq!(ran.error()["code"], "usage", "{command}");
    }
    assert_eq!(read(&shell, "notes.txt"), "mine");
    assert_eq!(
        before,
        (
            shell.log(),
            read(&shell, "kept.head"),
            read(&shell, "receipt")
        )
    );
    shell.ledger("prove 2 -o receipt -q").succeeds();
    assert_ne!(before.2, read(&shell, "receipt"));
}

#[test]
fn mistakes_on_the_command_line_are_found_before_the_log_is_opened() {
    let shell = Shell::new();
    std::fs::write(shell.file("x"), "").unwrap();
    for command in [
        "head -o x",
        "head --as alice",
        "prove",
        "prove x",
        "prove 1 --since x",
        "prove 1 --head x --sign y",
        "prove 1 --head x --until 2026",
        "prove --since x --closed",
        "check",
        "check x",
        "verify --signers x",
        "verify --head 1:deadbeef --signers x",
    ] {
        let ran = shell.ledger(command);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(2), ""),
            "{command}: {}",
            ran.stderr
        );
    }
    let shell = ledger();
    shell.ledger("prove 6").fails(
        2,
        "error: there is no event 6: the last is event 5\nhint: ledger replay\n",
    );
    for command in ["prove head~6", "prove key:none", "prove 3 --until seq:1"] {
        assert_eq!(shell.ledger(command).status, Some(2), "{command}");
    }
}

#[test]
fn a_wrong_file_is_named_with_its_wrong_line() {
    let shell = ledger();
    shell.ledger("head --tree -o kept.head -q").succeeds();
    shell.ledger("prove 1 -o receipt -q").succeeds();
    let receipt = read(&shell, "receipt");
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("empty", Vec::new(), "line 1"),
        ("endless", vec![b'a'; 300_000], "cannot read"),
        ("binary", vec![0xff; 100], "line 1"),
        ("short", receipt.as_bytes()[..200].to_vec(), "line 2"),
        (
            "index",
            receipt.replace("index 1", "index 2").into_bytes(),
            "line 3",
        ),
        (
            "text",
            b"c2sp.org/tlog-proof@v1\nextra \x1b[2J\n".to_vec(),
            "line 2",
        ),
    ];
    for (name, bytes, said) in cases {
        std::fs::write(shell.file(name), bytes).unwrap();
        let ran = shell.ledger(&format!("check {name} --head kept.head"));
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(6), ""),
            "{name}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains(said) && !ran.stderr.contains('\x1b'),
            "{}",
            ran.stderr
        );
        let ran = shell.ledger(&format!("check {name} --head kept.head --json"));
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(6), ""), "{name}");
        let json = ran.json();
        assert_eq!(
            (&json["ok"], &json["code"]),
            (&false.into(), &"proof_invalid".into())
        );
    }
    let ran = shell.ledger("check nowhere --head kept.head --json");
    assert_eq!((ran.status, &ran.error()["code"]), (Some(1), &"io".into()));
}

#[test]
fn a_receipt_of_a_later_version_is_not_judged() {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};
    let hex = |bytes: &[u8]| {
        Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let hashed = r#"{"v":9,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"vote""#;
    let hash = hex(format!("\n{hashed}\n").as_bytes());
    let extra = encode(format!("\n{hashed},\"hash\":\"{hash}\"}}\n").as_bytes());
    let root = encode(&Sha256::digest([b"\0", hash.as_bytes()].concat()));
    let head = format!("ledger/{}\n1\n{root}\n\n", "0".repeat(32));
    let shell = Shell::new();
    std::fs::write(shell.file("head"), &head).unwrap();
    let receipt = format!("c2sp.org/tlog-proof@v1\nextra {extra}\nindex 0\n\n{head}");
    std::fs::write(shell.file("receipt"), receipt).unwrap();
    let ran = shell.ledger("check receipt --head head --json");
    assert_eq!(
        (ran.status, &ran.json()["code"]),
        (Some(6), &"newer_version".into())
    );
}

#[test]
fn a_note_that_counts_as_erased_is_in_no_receipt() {
    let note = r#"{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"private"}"#;
    let noted = format!("{} NOTE {note}", deposit(1, "5.00"));
    let redact = line(2, r#""type":"redact","event":1"#).replace(r#"{"v":1"#, r#"{"v":2"#);
    let shell = Shell::new();
    // The bytes are in the log in both; the second says that they are not to be shown.
    let logs = [
        vec![FIRST.to_owned(), noted.clone()],
        vec![FIRST.to_owned(), noted, redact],
    ];
    let mut receipts = logs.map(|lines| {
        shell.set_log(&seal(&lines));
        shell
            .ledger("head --tree --until seq:1 -o kept.head -q")
            .succeeds();
        shell
            .ledger("prove 1 --head kept.head -o receipt -q")
            .succeeds();
        let open = read(&shell, "receipt");
        shell
            .ledger("prove 1 --head kept.head --closed -o receipt -q")
            .succeeds();
        (open, read(&shell, "receipt"))
    });
    let [(open, closed), (erased, erased_closed)] = &mut receipts;
    assert_ne!(open, closed);
    assert_eq!((&*erased, &*erased_closed), (&*closed, &*closed));
}

/// A ledger and the key of alice, if there is `ssh-keygen`.
fn signed() -> Option<Shell> {
    can_sign().then(|| {
        let shell = ledger();
        key(&shell, "alice", "alice@example.com");
        shell
    })
}

#[test]
fn a_signed_head_is_checked_against_the_signers() {
    let Some(shell) = signed() else { return };
    shell
        .ledger("head --sign alice -o kept.head")
        .prints("kept.head: head of size 6, signed by alice@example.com\n");
    shell
        .ledger("check kept.head --signers signers")
        .prints("the ledger <hex32> has the head of size 6\nsigned by alice@example.com\n");
    let json = shell
        .ledger("check kept.head --signers signers --json")
        .json();
    assert_eq!(
        (&json["ok"], &json["kind"], &json["signers"][0]["name"]),
        (&true.into(), &"head".into(), &"alice@example.com".into())
    );
    shell
        .ledger("verify --head kept.head --signers signers")
        .prints("sound: 5 events, head 5:<hex16>\n");
    // Another signer of the same head is added; a day on, the new head has one signature.
    key(&shell, "bob", "bob");
    shell
        .ledger("head --sign bob -o kept.head")
        .prints("kept.head: head of size 6, signed by alice@example.com and bob\n");
    shell.ledger("deposit 1 -q").succeeds();
    shell
        .ledger("head --sign alice --as carol -o kept.head")
        .prints("kept.head: head of size 7, signed by carol\n");
    let json = shell.ledger("head --sign alice --json").json();
    assert_eq!(json["signers"][0]["name"], "alice@example.com");
}

#[test]
fn receipts_and_proofs_of_growth_are_signed_too() {
    let Some(shell) = signed() else { return };
    shell.ledger("head --sign alice -o old.head -q").succeeds();
    shell
        .ledger("prove 4 --sign alice -o receipt -q")
        .succeeds();
    let ran = shell.ledger("check receipt --signers signers").succeeds();
    assert!(
        ran.stdout.contains("signed by alice@example.com"),
        "{}",
        ran.stdout
    );
    shell
        .ledger("check receipt --signers signers --head old.head -q")
        .prints("");
    shell.ledger("deposit 1 -q").succeeds();
    shell
        .ledger("prove --since old.head --sign alice -o growth -q")
        .succeeds();
    shell
        .ledger("check growth --head old.head --signers signers -q")
        .prints("");
    shell.ledger("head --sign alice -o new.head -q").succeeds();
    shell
        .ledger("prove --since old.head --head new.head -o growth -q")
        .succeeds();
    shell
        .ledger("check growth --head old.head --signers signers -q")
        .prints("");
    // Not signed: the size is nobody's word.
    shell
        .ledger("prove --since old.head -o growth -q")
        .succeeds();
    code(
        &shell,
        "check growth --head old.head --signers signers",
        "unknown_signer",
    );
    shell.ledger("prove 4 -o receipt -q").succeeds();
    code(&shell, "check receipt --signers signers", "unknown_signer");
}

#[track_caller]
fn code(shell: &Shell, command: &str, code: &str) -> Ran {
    let ran = shell.ledger(&format!("{command} --json"));
    let found = ran.json();
    assert_eq!(
        (ran.status, &found["code"], ran.stderr.as_str()),
        (Some(6), &code.into(), ""),
        "{found}"
    );
    ran
}

#[test]
fn one_known_signer_is_enough_and_a_wrong_signature_of_one_is_not() {
    let Some(shell) = signed() else { return };
    key(&shell, "bob", "bob");
    shell.ledger("head --sign alice -o kept.head -q").succeeds();
    shell.ledger("head --sign bob -o kept.head -q").succeeds();
    let signers = read(&shell, "signers");
    let (alice, bob) = signers.split_once('\n').unwrap();
    std::fs::write(shell.file("only-bob"), bob).unwrap();
    shell
        .ledger("check kept.head --signers only-bob -q")
        .prints("");
    std::fs::write(shell.file("nobody"), "").unwrap();
    code(&shell, "check kept.head --signers nobody", "unknown_signer");
    // The key of alice in another name.
    let renamed = format!(
        "mallory{}",
        alice.strip_prefix("alice@example.com").unwrap()
    );
    std::fs::write(shell.file("renamed"), format!("{renamed}\n{bob}")).unwrap();
    code(
        &shell,
        "check kept.head --signers renamed",
        "signature_invalid",
    );
    // Signatures of another head of the same ledger.
    let kept = read(&shell, "kept.head");
    shell.ledger("deposit 1 -q").succeeds();
    let other = String::from_utf8(shell.ledger("head --tree").raw).unwrap();
    let signatures: String = kept.lines().skip(4).flat_map(|line| [line, "\n"]).collect();
    std::fs::write(shell.file("mixed"), format!("{other}{signatures}")).unwrap();
    code(&shell, "check mixed --signers signers", "signature_invalid");
    let ran = shell.ledger("verify --head mixed --signers signers --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(6), &"signature_invalid".into())
    );
    let ran = shell.ledger("check kept.head --signers nowhere --json");
    assert_eq!((ran.status, &ran.error()["code"]), (Some(1), &"io".into()));
}

#[test]
fn what_ssh_keygen_says_is_passed_on_and_nothing_is_written() {
    let Some(shell) = signed() else { return };
    key(&shell, "spaced", "alice of example");
    let ran = shell.ledger("head --sign spaced -o kept.head");
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .ends_with("hint: ledger head --sign spaced -o kept.head --as alice@example.com\n"),
        "{}",
        ran.stderr
    );
    shell
        .ledger("head --sign spaced --as alice@example.com -q -o x.head")
        .succeeds();
    std::fs::write(shell.file("broken"), "no key\n").unwrap();
    for (key, said) in [
        ("missing", "No such file"),
        ("broken", "cannot sign with broken: "),
    ] {
        let ran = shell.ledger(&format!("head --sign {key} --as a -o kept.head --json"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{key}");
        let error = ran.error();
        assert_eq!(error["code"], "signing_failed");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    assert!(!shell.file("kept.head").exists());
    let none = Shell::new();
    let mut shell = shell;
    shell.with("PATH", none.path().to_str().unwrap());
    let ran = shell.ledger("head --sign alice --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(1), &"signing_failed".into())
    );
}

#[test]
fn a_private_key_is_read_by_ssh_keygen_alone() {
    let Some(shell) = signed() else { return };
    if !can_run("the files that are opened", "strace", &["-V"]) {
        return;
    }
    let traced = program("strace")
        .args(["-e", "trace=open,openat,fsync", "-o", "trace"])
        .arg(env!("CARGO_BIN_EXE_ledger"))
        .args(["head", "--sign", "alice", "-o", "kept.head", "-q"])
        .current_dir(shell.path())
        .status()
        .unwrap();
    assert!(traced.success());
    let trace = read(&shell, "trace");
    assert!(trace.contains("alice.pub\""), "{trace}");
    assert!(!trace.contains("alice\""), "{trace}");
    // The log is synced before the head file, which is written last.
    assert!(trace.matches("fsync(").count() >= 2, "{trace}");
}

#[test]
fn a_key_in_an_agent_signs() {
    let Some(mut shell) = signed() else { return };
    if let Err(error) = program("ssh-agent").arg("-k").output() {
        skip("a key in an agent", &error.to_string());
        return;
    }
    let socket = shell.file("agent");
    let mut agent = program("ssh-agent")
        .args(["-D", "-a"])
        .arg(&socket)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !socket.exists() && agent.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let added = program("ssh-add")
        .arg("-q")
        .arg(shell.file("alice"))
        .env("SSH_AUTH_SOCK", &socket)
        .status();
    std::fs::remove_file(shell.file("alice")).unwrap();
    shell.with("SSH_AUTH_SOCK", socket.to_str().unwrap());
    let ran = shell.ledger("head --sign alice.pub -o kept.head");
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(added.unwrap().success());
    ran.prints("kept.head: head of size 6, signed by alice@example.com\n");
    shell
        .ledger("check kept.head --signers signers -q")
        .prints("");
}

/// Runs a command on a terminal of its own, and types a passphrase when it is asked for.
const TYPIST: &str = "
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b''
while b'passphrase' not in shown:
    shown += os.read(terminal, 1000)
os.write(terminal, b'secret words\\n')
try:
    while os.read(terminal, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

#[test]
fn a_passphrase_is_typed_on_the_terminal() {
    let Some(mut shell) = signed() else { return };
    if !can_run("a passphrase", "python3", &["--version"]) {
        return;
    }
    let locked = program("ssh-keygen")
        .args(["-q", "-p", "-N", "secret words", "-f"])
        .arg(shell.file("alice"))
        .output()
        .unwrap();
    assert!(locked.status.success());
    // Without a passphrase.
    shell
        .with("SSH_ASKPASS_REQUIRE", "force")
        .with("SSH_ASKPASS", "/bin/false");
    let ran = shell.ledger("head --sign alice -o kept.head --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(1), &"signing_failed".into())
    );
    let typed = program("python3")
        .args(["-c", TYPIST, env!("CARGO_BIN_EXE_ledger")])
        .args(["head", "--sign", "alice", "-o", "kept.head"])
        .current_dir(shell.path())
        .status()
        .unwrap();
    assert!(typed.success());
    shell
        .ledger("check kept.head --signers signers -q")
        .prints("");
}

#[test]
fn names_and_texts_in_a_proof_are_harmless_on_a_terminal() {
    let Some(shell) = signed() else { return };
    shell.ledger("deposit 1 -m \"a\u{202e}b\" -q").succeeds();
    let name = "a\u{202e}b";
    shell
        .run([
            "head",
            "--sign",
            "alice",
            "--as",
            name,
            "-o",
            "kept.head",
            "-q",
        ])
        .succeeds();
    shell
        .ledger("prove head --head kept.head -o receipt -q")
        .succeeds();
    let ran = shell.ledger("check receipt --head kept.head").succeeds();
    assert!(!ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
    let ran = shell.ledger("check receipt --signers signers");
    assert!(
        ran.status == Some(6) && !ran.stderr.contains('\u{202e}'),
        "{}",
        ran.stderr
    );
}

#[test]
fn every_receipt_of_the_samples_is_right() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    for name in ["household.jsonl", "shop.jsonl", "rides.jsonl"] {
        let shell = Shell::new();
        std::fs::copy(samples.join(name), shell.file("ledger.jsonl")).unwrap();
        shell.ledger("head --tree -o kept.head -q").succeeds();
        let last: u64 = read(&shell, "kept.head")
            .lines()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let step = usize::try_from(last / 12 + 1).unwrap();
        for seq in (0..last).step_by(step).chain([last - 1]) {
            shell
                .ledger(&format!("prove {seq} -o receipt -q"))
                .succeeds();
            shell.ledger("check receipt --head kept.head -q").prints("");
        }
    }
}

#[test]
fn the_shell_checker_accepts_what_prove_makes() {
    let Some(shell) = signed() else { return };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check-receipt.sh");
    for arguments in ["prove 4", "prove 4 --closed", "prove 0"] {
        shell
            .ledger(&format!("{arguments} --sign alice -o receipt -q"))
            .succeeds();
        let checked = program("sh")
            .arg(&script)
            .args(["receipt", "signers"])
            .current_dir(shell.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{arguments}: {stderr}");
    }
}
