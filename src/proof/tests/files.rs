//! Reading and writing of the four kinds of file, and what is said of wrong ones.

use super::{growth, log, proof_over, receipt, signed_head, size, tree_head};
use crate::proof::{
    GrowthProof, HeadFile, InclusionReceipt, PROOF_FILE_MAX_BYTES, ProofError, ProofFile,
    TreeBuilder, is_signer_name,
};

fn says(result: Result<ProofFile, ProofError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
}

#[test]
fn what_is_written_is_read_again() {
    let head = signed_head(11);
    let file = head.to_string();
    assert_eq!(file.lines().count(), 5);
    assert_eq!(HeadFile::read(file.as_bytes()), Ok(head.clone()));
    assert_eq!(ProofFile::read(file.as_bytes()), Ok(ProofFile::Head(head)));
    let unsigned = HeadFile::unsigned(tree_head(3));
    assert!(unsigned.to_string().ends_with("=\n\n"));
    assert_eq!(
        HeadFile::read(unsigned.to_string().as_bytes()),
        Ok(unsigned)
    );
    for seq in 0..11 {
        let open = receipt(seq, signed_head(11));
        let file = open.to_string();
        assert_eq!(
            ProofFile::read(file.as_bytes()),
            Ok(ProofFile::Receipt(open))
        );
        let older = tree_head(seq + 1);
        let proof = growth(&older, signed_head(11));
        let file = proof.to_string();
        assert_eq!(
            ProofFile::read(file.as_bytes()),
            Ok(ProofFile::Growth(proof))
        );
    }
}

#[test]
fn a_closed_receipt_has_the_digest_in_place_of_the_note() {
    let log = log(11);
    for (seq, line) in (0_u64..).zip(&log) {
        let open = receipt(seq, signed_head(11));
        assert_eq!(open.line(), line.text);
        let closed = open.clone().closed();
        assert_eq!(
            InclusionReceipt::read(closed.to_string().as_bytes()),
            Ok(closed.clone())
        );
        assert!(!closed.line().contains("memo"));
        assert_eq!(closed == open, seq % 3 != 2);
        assert_eq!(closed.clone().closed(), closed);
    }
}

/// A line of the receipt, another text for it, and what is then said.
const WRONG_LINES: &[(usize, &str, &str)] = &[
    (
        1,
        "c2sp.org/tlog-proof@v2",
        "line 1: not `c2sp.org/tlog-proof@v1`",
    ),
    (
        1,
        "hello",
        "line 1: not a receipt, a proof of growth or a head file",
    ),
    (2, "extra YQ", "line 2: not canonical base64"),
    (
        2,
        "extra YQ==",
        "line 2: the event does not follow a hash and a line feed",
    ),
    (2, "extra", "line 2: not `extra` and the event"),
    (3, "index 05", "line 3: not `index` and a whole number"),
    (
        3,
        "index 18446744073709551616",
        "line 3: not `index` and a whole number",
    ),
    (
        3,
        "index 6",
        "line 3: the index is 6, but the event's seq is 5",
    ),
    (4, "AAAA", "line 4: not 32 bytes in canonical base64"),
    (
        4,
        "JZAgNb6tnev9hjcFlRx9t1x/MvH033U8xlN8IFV74Wc=",
        "line 11: the path does not lead from event 5 to the root",
    ),
    (
        9,
        "ledger/61D653e216c7d1758c66db83d5637773",
        "line 9: not `ledger/` and 32 hex digits",
    ),
    (10, "0", "line 10: the size is not a whole number from 1 on"),
    (
        10,
        "5",
        "line 11: the path does not lead from event 5 to the root",
    ),
    (
        11,
        "",
        "line 11: the root is not 32 bytes in canonical base64",
    ),
    (
        12,
        "extension",
        "line 12: the line after the root is not empty",
    ),
    (
        13,
        "- alice",
        "line 13: a signature begins with U+2014 and a space",
    ),
    (
        13,
        "\u{2014} alice",
        "line 13: a signature has a name, a space and base64",
    ),
    (
        13,
        "\u{2014} al\u{1b}ice AAAA",
        "line 13: a signer's name has no white space, control character or `+`",
    ),
    (
        13,
        "\u{2014} alice AAAAAB==",
        "line 13: the signature is not canonical base64",
    ),
    (
        13,
        "\u{2014} alice AAAAAA==",
        "line 13: the signature is too short",
    ),
];

#[test]
fn the_wrong_line_is_named() {
    let file = receipt(5, signed_head(11)).to_string();
    let lines: Vec<&str> = file.lines().collect();
    let with = |at: usize, other: &str| {
        let mut lines = lines.clone();
        lines[at - 1] = other;
        says(ProofFile::read(
            format!("{}\n", lines.join("\n")).as_bytes(),
        ))
    };
    for (at, other, message) in WRONG_LINES {
        assert_eq!(with(*at, other), *message);
    }
    // The first digit of the hash before, another one.
    let extra = lines[1].replacen("extra ZD", "extra ZT", 1);
    assert_eq!(
        with(2, &extra),
        "line 2: the event's hash does not match its bytes"
    );
    let name = file.replace("alice@", "mallory@");
    assert_eq!(
        says(ProofFile::read(name.as_bytes())),
        "line 13: the key id does not belong to the name and the key"
    );
    let twice = format!("{file}{}\n", lines[12]);
    assert_eq!(
        says(ProofFile::read(twice.as_bytes())),
        "line 14: the same signature twice"
    );
    let cut = file.trim_end();
    assert_eq!(
        says(ProofFile::read(cut.as_bytes())),
        "line 13: the last line has no line feed"
    );
    let latin = [b"ledger/\n\n".as_slice(), b"\xe9\n"].concat();
    assert_eq!(says(ProofFile::read(&latin)), "line 3: not UTF-8");
}

#[test]
fn growth_is_checked_against_the_kept_head() {
    let older = tree_head(7);
    let proof = growth(&older, signed_head(11));
    let says = |head| proof.check(&head).unwrap_err().to_string();
    let mut other = older;
    other.root = tree_head(6).root;
    assert_eq!(
        says(other),
        "the head of size 11 does not continue the head of size 7"
    );
    assert_eq!(
        says(tree_head(6)),
        "line 1: the proof starts at size 7, the older head has size 6"
    );
    let mut other = older;
    other.ledger = crate::event::LedgerId::from_bytes([7; 16]);
    assert!(says(other).starts_with("the proof is of ledger 61d653e2"));
    // The other way round.
    let backwards = format!("old 11\n\n{}", signed_head(7));
    let read = GrowthProof::read(backwards.as_bytes()).unwrap();
    let error = read.check(&tree_head(11)).unwrap_err();
    assert_eq!(
        error,
        ProofError::NotGrown {
            older: 11,
            newer: 7
        }
    );
}

#[test]
fn a_wrong_receipt_cannot_be_made() {
    let log = log(11);
    let path = proof_over(&log, TreeBuilder::for_inclusion(5)).path;
    let make = |previous, line: &str, path: &[_]| {
        InclusionReceipt::new(previous, line.to_owned(), path.to_vec(), signed_head(11))
            .map_err(|error| error.to_string())
    };
    assert!(make(Some(log[4].hash), &log[5].text, &path).is_ok());
    let errors = [
        make(Some(log[3].hash), &log[5].text, &path),
        make(None, &log[5].text, &path),
        make(Some(log[5].hash), &log[6].text, &path),
        make(Some(log[4].hash), &log[5].text, &path[1..]),
        make(Some(log[4].hash), "{}", &path),
        make(Some(log[4].hash), r#"{"v":0,"seq":5,"at":""#, &path),
        make(Some(log[4].hash), &format!("{}\n", log[5].text), &path),
    ];
    let errors = errors.map(|error| error.unwrap_err());
    assert_eq!(
        errors,
        [
            "line 2: the event's hash does not match its bytes",
            "line 2: every event but the first follows a hash",
            "line 11: the path does not lead from event 6 to the root",
            "line 10: the path does not lead from event 5 to the root",
            "line 2: the event does not begin with its version, seq and time",
            "line 2: the event does not begin with its version, seq and time",
            "line 2: the event has more than one line",
        ]
    );
}

#[test]
fn hostile_files_are_refused_at_once() {
    let long = vec![b'a'; PROOF_FILE_MAX_BYTES + 1];
    assert_eq!(
        says(ProofFile::read(&[b"old ", long.as_slice()].concat())),
        "the file is longer than 262144 bytes"
    );
    let hash = tree_head(1).root;
    let path = format!("old 7\n{}", format!("{hash}\n").repeat(5000));
    assert_eq!(
        says(ProofFile::read(path.as_bytes())),
        "line 66: the path has more than 64 hashes"
    );
    let line = "\u{2014} a AAAAAAA=\n";
    let many = ('A'..='\u{200}').filter(|name| is_signer_name(&name.to_string()));
    let many: Vec<String> = many
        .map(|name| format!("\u{2014} {name} AAAAAAA=\n"))
        .collect();
    let many = many.concat();
    let head = HeadFile::unsigned(tree_head(1)).to_string();
    assert_eq!(
        says(ProofFile::read(format!("{head}{many}").as_bytes())),
        "line 69: more than 64 signatures"
    );
    assert_eq!(
        says(ProofFile::read(format!("{head}{line}").as_bytes())),
        "accepted"
    );
    for file in [
        "",
        "\n",
        "old \n",
        "old 1\n",
        "old 1\n\n",
        "ledger/\n",
        "c2sp.org/\n",
    ] {
        assert!(ProofFile::read(file.as_bytes()).is_err(), "{file:?}");
    }
    let mut tail = signed_head(11).to_string().into_bytes();
    while tail.pop().is_some() {
        let is_unsigned = tail.ends_with(b"=\n\n");
        assert_eq!(HeadFile::read(&tail).is_ok(), is_unsigned);
    }
}

#[test]
fn a_path_of_the_largest_tree_is_read() {
    let mut head = tree_head(1);
    head.size = size(u64::MAX);
    let path = format!("{}\n", head.root).repeat(64);
    let file = format!(
        "old 9223372036854775809\n{path}\n{}",
        HeadFile::unsigned(head)
    );
    let read = GrowthProof::read(file.as_bytes()).unwrap();
    assert_eq!(read.to_string(), file);
}

#[test]
fn names_of_signers_have_no_white_space_plus_or_control_character() {
    for good in ["alice@example.com", "ledger.example/ci", "Ж", "a,b*"] {
        assert!(is_signer_name(good), "{good}");
    }
    for bad in [
        "", " ", "a b", "a\u{a0}b", "a+b", "a\nb", "a\u{1b}b", "a\u{85}b",
    ] {
        assert!(!is_signer_name(bad), "{bad:?}");
    }
}
