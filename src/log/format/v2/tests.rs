use crate::event::{Hash, Link};
use crate::log::format::{LineFault, ParseCache, encode, quick, read};

/// A line of every type and link that version 2 adds, chained by a program that shares nothing with
/// this one.
const PINNED: &str = include_str!("pinned.jsonl");

#[test]
fn every_new_line_is_read_and_encoded_to_the_same_bytes_and_hash() {
    let mut previous: Option<Hash> = None;
    for line in PINNED.lines() {
        let read = read(line.as_bytes()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        let hash = read.entry.hash;
        let (again, entry) = encode(read.entry.record, previous.as_ref());
        assert_eq!(again, line);
        assert_eq!(entry.hash, hash, "{line}");
        previous = Some(hash);
    }
    assert_eq!(PINNED.lines().count(), 15);
}

#[test]
fn every_proper_prefix_of_a_new_line_ends_early() {
    for line in PINNED.lines() {
        for length in 0..line.len() {
            let found = read(&line.as_bytes()[..length]).err();
            assert_eq!(found, Some(LineFault::Ends), "{}", &line[..length]);
        }
    }
}

#[test]
fn the_quick_reader_answers_as_the_strict_one_or_not_at_all() {
    let mut cache = ParseCache::default();
    let mut quick = 0;
    for line in PINNED.lines() {
        if let Some(found) = quick::read(line, &mut cache) {
            assert_eq!(found.entry, read(line.as_bytes()).unwrap().entry);
            quick += 1;
        }
    }
    // Those that move money, but for the exchanges.
    assert_eq!(quick, 4);
}

#[test]
fn another_version_than_the_lowest_is_not_canonical() {
    for line in PINNED.lines() {
        let as_one = line.replacen("\"v\":2", "\"v\":1", 1);
        assert!(
            matches!(read(as_one.as_bytes()), Err(LineFault::Form { .. })),
            "{as_one}"
        );
        assert!(quick::read(&as_one, &mut ParseCache::default()).is_none());
        let as_three = line.replacen("\"v\":2", "\"v\":3", 1);
        assert_eq!(read(as_three.as_bytes()).err(), Some(LineFault::Newer(3)));
        let without_link: Vec<&str> = [
            "captures\":2,\"keep\":true",
            "captures\":2",
            "corrects\":4",
            "refunds\":14",
        ]
        .into_iter()
        .filter(|link| line.contains(link))
        .take(1)
        .collect();
        for link in without_link {
            let plain = line.replacen(&format!(",\"{link}"), "", 1);
            assert!(
                matches!(read(plain.as_bytes()), Err(LineFault::Form { .. })),
                "{plain}"
            );
            assert!(quick::read(&plain, &mut ParseCache::default()).is_none());
        }
    }
}

#[test]
fn keys_that_do_not_fit_are_not_canonical() {
    let refused = [
        // Neither from nor to, or one account twice.
        (
            "\"from\":\"a\",\"to\":\"b\",\"amount\":\"5\"",
            "\"amount\":\"5\"",
        ),
        (
            "\"from\":\"a\",\"to\":\"b\",\"amount\":\"5\"",
            "\"from\":\"b\",\"to\":\"b\",\"amount\":\"5\"",
        ),
        // A hold that expires no later than it takes effect.
        (
            "\"expires\":\"2026-11-24T10:15:02.000000Z\"",
            "\"expires\":\"2026-11-23T10:15:02.000000Z\"",
        ),
        // One currency on both sides, one account on both sides, wrong decimals.
        ("\"to_currency\":\"USD\"", "\"to_currency\":\"EUR\""),
        (
            "\"from\":\"a\",\"to\":\"b\",\"amount\":\"100.00\"",
            "\"from\":\"b\",\"to\":\"b\",\"amount\":\"100.00\"",
        ),
        ("\"to_amount\":\"108.62\"", "\"to_amount\":\"108.6\""),
        // A seal that ends when it is recorded, or takes effect at another time.
        (
            "\"through\":\"2026-10-31T23:59:59.999999Z\",\"final\"",
            "\"through\":\"2026-11-23T10:15:02.000000Z\",\"final\"",
        ),
        (
            "\"type\":\"redact\"",
            "\"effective\":\"2026-11-22T10:15:02.000000Z\",\"type\":\"redact\"",
        ),
        // A link that the type does not have.
        ("\"event\":4", "\"event\":4,\"refunds\":3"),
        ("\"keep\":true,", "\"keep\":false,"),
    ];
    for (right, wrong) in refused {
        let line = PINNED.lines().find(|line| line.contains(right)).unwrap();
        let changed = line.replacen(right, wrong, 1);
        assert!(
            matches!(read(changed.as_bytes()), Err(LineFault::Form { .. })),
            "{changed}"
        );
    }
}

#[test]
fn a_link_names_its_event() {
    let links: Vec<u64> = PINNED
        .lines()
        .filter_map(|line| read(line.as_bytes()).unwrap().entry.link)
        .map(Link::target)
        .collect();
    assert_eq!(links, [6, 2, 2, 4, 14]);
}
