use std::borrow::Cow;

use proptest::prelude::*;

use super::write::write;
use super::*;
use crate::event::{
    AccountName, Event, Hash, LedgerId, Link, Movement, Note, Opening, Record, Salt, Tags,
};
use crate::money::{Amount, Currency};
use crate::time::Timestamp;

fn instant(text: &str) -> Timestamp {
    Timestamp::from_canonical(text.as_bytes()).unwrap()
}

fn first() -> Record<'static> {
    Record {
        seq: 0,
        at: instant("2026-11-23T10:15:01.000000Z"),
        effective: None,
        event: Event::Ledger(Opening {
            id: LedgerId::from_bytes([0xab; 16]),
            currency: Currency::new("EUR"),
            zone: "Europe/Vienna".into(),
            strict: false,
        }),
        link: None,
        key: None,
        more: false,
        note: None,
    }
}

fn second() -> Record<'static> {
    Record {
        seq: 1,
        at: instant("2026-11-23T10:15:02.123456Z"),
        effective: None,
        event: Event::Withdraw(Movement {
            account: AccountName::main(),
            amount: Amount::from_canonical(b"20.00").unwrap(),
            currency: Currency::new("EUR"),
        }),
        link: None,
        key: None,
        more: false,
        note: Some(Note::Kept {
            salt: Salt([7; 16]),
            memo: Some("lunch".into()),
            tags: Tags::from_pairs(vec![("order".into(), "1234".into())]).unwrap(),
        }),
    }
}

#[test]
fn the_frozen_form_is_these_bytes_and_these_hashes() {
    let (line, hash) = write(&first(), None);
    assert_eq!(
        line,
        concat!(
            r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:01.000000Z","type":"ledger","id":"abababababababababababababababab","currency":"EUR","zone":"Europe/Vienna","#,
            r#""hash":"PIN0"}"#
        ).replace("PIN0", PINNED_FIRST)
    );
    assert_eq!(hash.as_str(), PINNED_FIRST);
    let (line, hash) = write(&second(), Some(&hash));
    assert_eq!(
        line,
        concat!(
            r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.123456Z","type":"withdraw","account":"main","amount":"20.00","currency":"EUR","#,
            r#""hash":"PIN1","note":{"salt":"BwcHBwcHBwcHBwcHBwcHBw","memo":"lunch","tags":{"order":"1234"}}}"#
        ).replace("PIN1", PINNED_SECOND)
    );
    assert_eq!(hash.as_str(), PINNED_SECOND);
}

/// Computed apart from this program, with Python's hashlib.
const PINNED_FIRST: &str = "792032b3845fe1f6a7c4ff6338b6da801148a9acb7aa1bf1a457690d91081f2f";
const PINNED_SECOND: &str = "373655d2c92061262bc7e2bc3ce74b12af6087adecc402c185318338089c2f90";

fn sealed(record: &Record<'_>) -> String {
    write(record, None).0
}

fn fault(line: &str) -> LineFault {
    read(line.as_bytes())
        .err()
        .unwrap_or_else(|| panic!("{line} is taken"))
}

#[test]
fn every_proper_prefix_of_a_line_ends_early_and_is_not_wrong() {
    let mut long = second();
    long.key = Some(crate::event::Key::new("a\"b").unwrap());
    long.more = true;
    long.link = Some(Link::Reverses(12));
    long.effective = Some(instant("2026-11-22T10:15:02.123456Z"));
    long.note = Some(Note::Kept {
        salt: Salt([255; 16]),
        memo: Some("tab\tquote\" ünï \u{1} 😀".into()),
        tags: Tags::from_pairs(vec![("a".into(), "1".into()), ("é".into(), "".into())]).unwrap(),
    });
    let mut named = first();
    named.seq = 3;
    named.event = Event::Open {
        account: AccountName::new("Küche:a/b").unwrap(),
        currency: Currency::new("JPY"),
        floor: crate::money::Floor::from_canonical(b"-12.5"),
    };
    for line in [
        sealed(&first()),
        sealed(&second()),
        sealed(&long),
        sealed(&named),
    ] {
        assert!(read(line.as_bytes()).is_ok(), "{line}");
        for end in 0..line.len() {
            let prefix = &line.as_bytes()[..end];
            assert_eq!(
                read(prefix).err(),
                Some(LineFault::Ends),
                "{:?}",
                String::from_utf8_lossy(prefix)
            );
        }
    }
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let (line, hash) = write(&second(), None);
    let read = read(line.as_bytes()).unwrap();
    assert_eq!(read.entry.event, second().event);
    assert_eq!(read.entry.note, second().note);
    assert_eq!(read.entry.hash, hash);
}

#[test]
fn every_other_spelling_is_refused() {
    let line = sealed(&second());
    let change = |from: &str, to: &str| {
        assert!(line.contains(from), "{from}");
        line.replacen(from, to, 1)
    };
    for wrong in [
        change("\"seq\":1", "\"seq\": 1"),
        change("\"seq\":1", "\"seq\":01"),
        change("\"seq\":1", "\"seq\":\"1\""),
        change("\"seq\":1", "\"seq\":1.0"),
        change("\"seq\":1", "\"seq\":-1"),
        change("\"seq\":1", "\"seq\":18446744073709551616"),
        change("\"seq\":1", "\"seq\":1,\"seq\":1"),
        change("10:15:02.123456Z", "10:15:02.123Z"),
        change("10:15:02.123456Z", "25:15:02.123456Z"),
        change("11-23T", "02-30T"),
        change("Z\",\"type\"", "Z\",\"more\":true,\"type\""),
        change("withdraw", "Withdraw"),
        change("withdraw", "\\u0077ithdraw"),
        change("\"account\"", "\"acc\\u006funt\""),
        change("\"main\"", "\"ma in\""),
        change("\"main\"", "[\"main\"]"),
        change("\"20.00\"", "20.00"),
        change("\"20.00\"", "\"20\""),
        change("\"20.00\"", "\"20.0\""),
        change("\"20.00\"", "\"20.000\""),
        change("\"20.00\"", "\"020.00\""),
        change("\"20.00\"", "\"-20.00\""),
        change("\"20.00\"", "\"0.00\""),
        change("\"20.00\"", "\"2e1\""),
        change("\"EUR\"", "\"eur\""),
        change("\"EUR\"", "null"),
        change(",\"hash\"", ",\"floor\":\"0\",\"hash\""),
        change(",\"hash\"", ",\"more\":false,\"hash\""),
        change(",\"hash\"", ",\"extra\":1,\"hash\""),
        change(",\"hash\"", ",\"key\":\"\",\"hash\""),
        change(",\"hash\"", ",\"key\":\"a\\u0041\",\"hash\""),
        change("\"lunch\"", "\"lun\\u0063h\""),
        change("\"lunch\"", "\"lun\\/ch\""),
        change("\"lunch\"", "\"lun\\u000ach\""),
        change("\"lunch\"", "\"lun\\u001Fch\""),
        change("\"lunch\"", "\"lun\\ud800ch\""),
        change("\"lunch\"", "\"lun\tch\""),
        change("\"lunch\"", "\"lunch\",\"memo\":\"dinner\""),
        change("{\"order\":\"1234\"}", "{}"),
        change("{\"order\":\"1234\"}", "{\"order\":1234}"),
        change("{\"order\":\"1234\"}", "{\"order\":\"1\",\"order\":\"2\"}"),
        change("{\"order\":\"1234\"}", "{\"b\":\"1\",\"a\":\"2\"}"),
        change("{\"order\":\"1234\"}", "{\"\":\"1\"}"),
        change("BwcHBwcHBwcHBwcHBwcHBw", "BwcHBwcHBwcHBwcHBwcHBx"),
        change("BwcHBwcHBwcHBwcHBwcHBw", "BwcHBwcHBwcHBwcHBwcHBw=="),
        change("}}}", "}},\"x\":1}"),
        format!(" {line}"),
        format!("{line} "),
        format!("{line}\r"),
        format!("\u{feff}{line}"),
        format!("[{line}]"),
        String::from("null"),
        "[".repeat(60_000),
        "{\"v\":0,\"seq\":1".to_owned(),
    ] {
        assert!(
            matches!(fault(&wrong), LineFault::Form { .. }),
            "{wrong}: {:?}",
            fault(&wrong)
        );
    }
}

#[test]
fn a_later_version_is_told_apart_from_damage() {
    let line = sealed(&second()).replacen("\"v\":1", "\"v\":3", 1);
    assert_eq!(fault(&line), LineFault::Newer(3));
    assert_eq!(fault("{\"v\":17,whatever"), LineFault::Newer(17));
    assert_eq!(fault("{\"v\":3"), LineFault::Ends);
}

#[test]
fn a_redacted_note_is_a_digest() {
    let mut record = second();
    record.note = Some(Note::Redacted(Hash::from_bytes([1; 32])));
    let line = sealed(&record);
    assert!(line.ends_with(&format!(",\"note\":\"{}\"}}", "01".repeat(32))));
    let read = read(line.as_bytes()).unwrap();
    assert_eq!(read.entry.record.note, record.note);
    assert!(read.covered.note_object.is_none());
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            any::<char>(),
            (0_u8..0x20).prop_map(char::from),
            Just('"'),
            Just('\\')
        ],
        0..24,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn notes_round_trip_and_are_read_by_a_json_library_alike(
        memo in any_text(),
        tags in proptest::collection::btree_map(any_text().prop_filter("key", |k| !k.is_empty()), any_text(), 0..4),
    ) {
        let mut record = second();
        let pairs = tags.iter().map(|(k, v)| (Cow::Owned(k.clone()), Cow::Owned(v.clone()))).collect();
        record.note = Some(Note::Kept {
            salt: Salt([3; 16]),
            memo: Some(Cow::Owned(memo.clone())),
            tags: Tags::from_sorted(pairs).unwrap(),
        });
        let line = sealed(&record);
        let read = read(line.as_bytes()).ok().unwrap();
        prop_assert_eq!(read.entry.record.note, record.note);
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(json["note"]["memo"].as_str(), Some(memo.as_str()));
        for (key, value) in &tags {
            prop_assert_eq!(json["note"]["tags"][key].as_str(), Some(value.as_str()));
        }
    }

    #[test]
    fn a_line_that_is_read_is_written_back_to_the_same_bytes(
        at in 0_usize..400, byte in any::<u8>(), insert in any::<bool>(),
    ) {
        let mut bytes = sealed(&second()).into_bytes();
        let at = at % bytes.len();
        if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        if let Ok(line) = read(&bytes) {
            let entry = line.entry;
            let hash = entry.hash;
            let (written, own) = write(&entry.record, None);
            prop_assert_eq!(written.replace(own.as_str(), hash.as_str()).into_bytes(), bytes);
        }
    }

    #[test]
    fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }
}
