use proptest::prelude::*;

use super::super::read::read as read_strictly;
use super::*;

const DEPOSIT: &str = r#"{"v":1,"seq":17,"at":"2026-11-23T10:15:02.123456Z","type":"deposit","account":"assets:bank","amount":"20.00","currency":"EUR","hash":"HASH"}"#;
const USUAL: [&str; 8] = [
    DEPOSIT,
    r#"{"v":1,"seq":18,"at":"2026-11-23T10:15:03.000000Z","type":"withdraw","account":"main","amount":"0.5","hash":"HASH"}"#,
    r#"{"v":1,"seq":19,"at":"2026-11-24T10:15:03.000000Z","type":"transfer","from":"a","to":"b","amount":"1000","currency":"JPY","hash":"HASH"}"#,
    r#"{"v":1,"seq":20,"at":"2026-11-24T10:15:03.000000Z","effective":"2024-02-29T23:59:59.999999Z","type":"deposit","account":"Küche","amount":"7","currency":"BTC","hash":"HASH"}"#,
    r#"{"v":1,"seq":21,"at":"2026-11-24T10:15:03.000000Z","type":"deposit","account":"a","amount":"7.25","currency":"EUR","reverses":3,"key":"order 7~","more":true,"hash":"HASH"}"#,
    r#"{"v":1,"seq":22,"at":"2026-11-24T10:15:03.000000Z","type":"deposit","account":"a","amount":"7.25","currency":"EUR","hash":"HASH","note":{"salt":"BwcHBwcHBwcHBwcHBwcHBw","memo":"é \"lunch\"","tags":{"a":"1"}}}"#,
    r#"{"v":1,"seq":23,"at":"2026-11-24T10:15:03.000000Z","type":"deposit","account":"a","amount":"7.25","currency":"EUR","hash":"HASH","note":"HASH"}"#,
    r#"{"v":1,"seq":24,"at":"9999-12-30T21:00:00.000000Z","type":"deposit","account":"a","amount":"999999999999999999.999999999","hash":"HASH"}"#,
];
const UNUSUAL: [&str; 4] = [
    r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:02.123456Z","type":"ledger","id":"07070707070707070707070707070707","zone":"UTC","hash":"HASH"}"#,
    r#"{"v":1,"seq":5,"at":"2026-11-23T10:15:02.123456Z","type":"open","account":"a","floor":"none","hash":"HASH"}"#,
    r#"{"v":1,"seq":6,"at":"2026-11-23T10:15:02.123456Z","type":"close","account":"a","key":"k","hash":"HASH"}"#,
    r#"{"v":1,"seq":7,"at":"2026-11-23T10:15:02.123456Z","type":"deposit","account":"a","amount":"1","key":"\"é","hash":"HASH"}"#,
];

fn line(template: &str) -> Vec<u8> {
    template.replace("HASH", &"0f".repeat(32)).into_bytes()
}

/// The quick reader may leave a line to the strict one, and must never differ from it.
fn assert_no_difference(bytes: &[u8], cache: &mut ParseCache) -> bool {
    let text = std::str::from_utf8(bytes);
    let Some(quick) = text.ok().and_then(|text| read(text, cache)) else {
        return false;
    };
    let Ok(strict) = read_strictly(bytes) else {
        panic!(
            "only the quick reader takes {}",
            String::from_utf8_lossy(bytes)
        );
    };
    assert_eq!(quick.entry, strict.entry);
    assert_eq!(quick.covered, strict.covered);
    true
}

#[test]
fn the_usual_lines_are_read_quickly_and_alike() {
    let mut cache = ParseCache::default();
    for template in USUAL {
        for cache in [&mut cache, &mut ParseCache::default()] {
            assert!(assert_no_difference(&line(template), cache), "{template}");
        }
    }
}

#[test]
fn the_unusual_lines_are_left_to_the_strict_reader() {
    for template in UNUSUAL {
        let bytes = line(template);
        assert!(read_strictly(&bytes).is_ok(), "{template}");
        let text = str::from_utf8(&bytes).unwrap();
        assert!(
            read(text, &mut ParseCache::default()).is_none(),
            "{template}"
        );
    }
}

#[test]
fn no_single_byte_makes_the_two_readers_differ() {
    let bytes_to_try = b"\0 \"\\0159:;/.,-+abefgzTZ{}[]\n\r\x7f\x80\xc3\xa9\xff";
    for template in USUAL {
        let whole = line(template);
        let mut cache = ParseCache::default();
        for at in 0..whole.len() {
            assert_no_difference(&whole[..at], &mut cache);
            for byte in bytes_to_try {
                let mut changed = whole.clone();
                changed[at] = *byte;
                assert_no_difference(&changed, &mut cache);
                let mut longer = whole.clone();
                longer.insert(at, *byte);
                assert_no_difference(&longer, &mut cache);
            }
            let mut shorter = whole.clone();
            shorter.remove(at);
            assert_no_difference(&shorter, &mut cache);
        }
    }
}

proptest! {
    #[test]
    fn no_part_of_one_line_in_another_makes_the_two_readers_differ(
        one in 0..12_usize, other in 0..12_usize, from in 0..400_usize, length in 0..80_usize, at in 0..400_usize,
    ) {
        let all: Vec<Vec<u8>> = USUAL.iter().chain(&UNUSUAL).map(|template| line(template)).collect();
        let (one, other) = (&all[one], &all[other]);
        let (from, at) = (from % one.len(), at % other.len());
        let stretch = &one[from..(from + length).min(one.len())];
        let mut cache = ParseCache::default();
        assert_no_difference(one, &mut cache);
        assert_no_difference(&[&other[..at], stretch, &other[at..]].concat(), &mut cache);
        let after = (at + stretch.len()).min(other.len());
        assert_no_difference(&[&other[..at], stretch, &other[after..]].concat(), &mut cache);
    }

    #[test]
    fn times_and_figures_are_read_alike(
        at in "[0-9]{3}[0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{6}Z",
        amount in "[0-9]{0,19}\\.?[0-9]{0,10}", seq in "[0-9]{1,21}", currency in "[A-Z]{2,4}[0-9]?|EUR|JPY|KWD",
    ) {
        let changed = DEPOSIT.replace("\"seq\":17", &format!("\"seq\":{seq}"))
            .replace("2026-11-23T10:15:02.123456Z", &at)
            .replace("20.00", &amount)
            .replace("EUR", &currency);
        let mut cache = ParseCache::default();
        assert_no_difference(&line(&changed), &mut cache);
        assert_no_difference(&line(&changed), &mut cache);
    }
}
