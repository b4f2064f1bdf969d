//! The promises of the room, a sentence each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-11-23T10:15:02.123456Z";

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn resolve_in(text: &str, now: &str, zone_name: &str) -> Result<Moment, WhenError> {
    When::parse(text)?.resolve(at(now), &zone(zone_name))
}

fn vienna(text: &str) -> Moment {
    resolve_in(text, NOW, "Europe/Vienna").unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn instant_in(text: &str, zone_name: &str) -> String {
    match resolve_in(text, NOW, zone_name).unwrap() {
        Moment::At(at) => at.to_string(),
        other => panic!("{text} is {other:?}"),
    }
}

fn span_in(text: &str, zone_name: &str) -> (String, String) {
    match resolve_in(text, NOW, zone_name).unwrap() {
        Moment::Span(period) => (period.first.to_string(), period.last.to_string()),
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn every_form_of_an_instant_is_understood() {
    for (text, expected) in [
        ("2026-11-23T10:15:02.5Z", "2026-11-23T10:15:02.500000Z"),
        ("2026-11-23t10:15:02z", "2026-11-23T10:15:02.000000Z"),
        ("2026-11-23 10:15:02Z", "2026-11-23T10:15:02.000000Z"),
        ("2026-11-23T10:15Z", "2026-11-23T10:15:00.000000Z"),
        ("2026-11-23T10:15:02+01:00", "2026-11-23T09:15:02.000000Z"),
        ("2026-11-23 10:15+01:00", "2026-11-23T09:15:00.000000Z"),
        ("2026-11-23 10:15:02 +0100", "2026-11-23T09:15:02.000000Z"),
        ("2026-11-23 10:15-03", "2026-11-23T13:15:00.000000Z"),
        ("2026-11-23T00:15:02-00:00", "2026-11-23T00:15:02.000000Z"),
        ("2026-01-01T00:15:02+05:30", "2025-12-31T18:45:02.000000Z"),
        (
            "1850-01-01 00:00:00 +01:05:21",
            "1849-12-31T22:54:39.000000Z",
        ),
        ("2026-11-23 10:15", "2026-11-23T09:15:00.000000Z"),
        ("2026-07-01T10:15", "2026-07-01T08:15:00.000000Z"),
        ("2026-11-23 10:15:02.123456", "2026-11-23T09:15:02.123456Z"),
        ("  2026-11-23 10:15:02 ", "2026-11-23T09:15:02.000000Z"),
        ("2024-02-29T12:00Z", "2024-02-29T12:00:00.000000Z"),
        ("now", NOW),
        ("NOW", NOW),
        ("@1700000000", "2023-11-14T22:13:20.000000Z"),
        ("@1700000000.25", "2023-11-14T22:13:20.250000Z"),
        ("@0", "1970-01-01T00:00:00.000000Z"),
        ("@17", "1970-01-01T00:00:17.000000Z"),
        ("@-1.5", "1969-12-31T23:59:58.500000Z"),
        ("@-62135596800", "0001-01-01T00:00:00.000000Z"),
        ("90m ago", "2026-11-23T08:45:02.123456Z"),
        ("90 Min AGO", "2026-11-23T08:45:02.123456Z"),
        ("an hour ago", "2026-11-23T09:15:02.123456Z"),
        ("1 s ago", "2026-11-23T10:15:01.123456Z"),
        ("2 days ago", "2026-11-21T10:15:02.123456Z"),
        ("a day  ago", "2026-11-22T10:15:02.123456Z"),
        ("1 week ago", "2026-11-16T10:15:02.123456Z"),
        ("2mo ago", "2026-09-23T09:15:02.123456Z"),
        ("1 quarter ago", "2026-08-23T09:15:02.123456Z"),
        ("1y ago", "2025-11-23T10:15:02.123456Z"),
        ("0 days ago", NOW),
        ("in 90m", "2026-11-23T11:45:02.123456Z"),
        ("in an hour", "2026-11-23T11:15:02.123456Z"),
        ("in 7 days", "2026-11-30T10:15:02.123456Z"),
        ("in 3 months", "2027-02-23T10:15:02.123456Z"),
        ("IN 1 y", "2027-11-23T10:15:02.123456Z"),
        ("in 0d", NOW),
    ] {
        assert_eq!(vienna(text), Moment::At(at(expected)), "{text}");
    }
}

#[test]
fn every_form_of_a_span_is_understood() {
    for (text, first, last) in [
        (
            "2026-11-23",
            "2026-11-22T23:00:00.000000Z",
            "2026-11-23T22:59:59.999999Z",
        ),
        (
            "2026-11",
            "2026-10-31T23:00:00.000000Z",
            "2026-11-30T22:59:59.999999Z",
        ),
        (
            "2026-Q4",
            "2026-09-30T22:00:00.000000Z",
            "2026-12-31T22:59:59.999999Z",
        ),
        (
            "2026-q1",
            "2025-12-31T23:00:00.000000Z",
            "2026-03-31T21:59:59.999999Z",
        ),
        (
            "2026-Q2",
            "2026-03-31T22:00:00.000000Z",
            "2026-06-30T21:59:59.999999Z",
        ),
        (
            "2026-Q3",
            "2026-06-30T22:00:00.000000Z",
            "2026-09-30T21:59:59.999999Z",
        ),
        (
            "2026",
            "2025-12-31T23:00:00.000000Z",
            "2026-12-31T22:59:59.999999Z",
        ),
        (
            "2026-W48",
            "2026-11-22T23:00:00.000000Z",
            "2026-11-29T22:59:59.999999Z",
        ),
        (
            "2026-w53",
            "2026-12-27T23:00:00.000000Z",
            "2027-01-03T22:59:59.999999Z",
        ),
        (
            "today",
            "2026-11-22T23:00:00.000000Z",
            "2026-11-23T22:59:59.999999Z",
        ),
        (
            "Yesterday",
            "2026-11-21T23:00:00.000000Z",
            "2026-11-22T22:59:59.999999Z",
        ),
        (
            "tomorrow",
            "2026-11-23T23:00:00.000000Z",
            "2026-11-24T22:59:59.999999Z",
        ),
    ] {
        assert_eq!(
            span_in(text, "Europe/Vienna"),
            (first.into(), last.into()),
            "{text}"
        );
    }
}

#[test]
fn every_form_of_a_position_is_understood() {
    let full = "0123456789abcdef".repeat(4);
    for (text, expected) in [
        ("seq:17", Position::Seq(17)),
        ("SEQ:0", Position::Seq(0)),
        ("seq:18446744073709551615", Position::Seq(u64::MAX)),
        ("head", Position::BeforeHead(0)),
        ("HEAD~", Position::BeforeHead(1)),
        ("head~3", Position::BeforeHead(3)),
        ("hash:3fa9c1d2", Position::Hash("3fa9c1d2".into())),
        (&format!("hash:{full}"), Position::Hash(full.clone())),
    ] {
        assert!(When::parse(text).unwrap().is_position(), "{text}");
        assert_eq!(vienna(text), Moment::Position(expected), "{text}");
        assert_eq!(
            (
                vienna(text).since(),
                vienna(text).until(),
                vienna(text).start()
            ),
            (None, None, None)
        );
    }
    assert!(!When::parse("now").unwrap().is_position());
}

#[test]
fn a_refusal_offers_the_spelling_to_use() {
    for (text, hint) in [
        ("2026/03/04", "write 2026-03-04"),
        ("2026.3.4", "write 2026-03-04"),
        ("2026-3-4", "write 2026-03-04"),
        ("2026-3", "write 2026-03"),
        ("11/2026", "write 2026-11"),
        ("20260304", "write 2026-03-04"),
        ("13/04/2026", "write 2026-04-13"),
        ("04/13/2026", "write 2026-04-13"),
        ("04/04/2026", "write 2026-04-04"),
        ("03/04/2026", "write 2026-04-03 or 2026-03-04"),
        ("3.4.2026", "write 2026-04-03 or 2026-03-04"),
        ("03-04-2026", "write 2026-04-03 or 2026-03-04"),
        (
            "03/04/2026 9:15",
            "write 2026-04-03 09:15 or 2026-03-04 09:15",
        ),
        ("2026-11-23 9:15", "write 2026-11-23 09:15"),
        ("2026-11-23T10", "write 2026-11-23T10:00"),
        ("2026-11-23  10:15", "write 2026-11-23 10:15"),
        ("2026Q4", "write 2026-Q4"),
        ("Q4 2026", "write 2026-Q4"),
        ("q4/2026", "write 2026-Q4"),
        ("2026W48", "write 2026-W48"),
        ("1700000000", "write @1700000000"),
        ("1700000000123", "write @1700000000.123"),
        ("@1700000000123", "write @1700000000.123"),
        ("17", "write seq:17"),
        ("#17", "write seq:17"),
        ("#2026", "write seq:2026"),
        ("17:3fa9c1d2", "write hash:3fa9c1d2"),
        ("seq 17", "write seq:17"),
        ("head^", "write head~1"),
        ("head-3", "write head~3"),
        ("10:15", "write 2026-11-23 10:15"),
        ("2d", "write 2d ago"),
        ("-2 days", "write 2 days ago"),
        ("-1 days ago", "write 1 days ago"),
        ("hash:3FA9C1D2", "write hash:3fa9c1d2"),
        (
            "2026-11-23 24:00",
            "midnight is 00:00 of the day that begins",
        ),
        (
            "2016-12-31T23:59:60Z",
            "leap seconds are not counted: write second 59",
        ),
    ] {
        let error = When::parse(text).expect_err(text);
        assert_eq!(error.hint().as_deref(), Some(hint), "{text}: {error}");
    }
    for text in [
        "",
        " \t",
        "March 2026",
        "last monday",
        "next week",
        "03/04/26",
        "2026-11-23x",
        "２０２６",
        "1.5 hours ago",
        "2026-11-23 10:15 Europe/Vienna",
        "@",
        "@9e99",
        "@1.",
        "@+5",
        "2026-11-23T10:15:02.Z",
        "2026-11-23T10:15:02.1234567890Z",
        "head~-1",
        "head~x",
        "head~~",
        "seq:",
        "seq:-1",
        "ago",
        "in",
        "in 7",
        "in days",
        "in 7 days ago",
        "+2026",
        "2026-",
        "2026-Q",
        "2026-327",
        "99/98/2026",
        "2026-11-23T10:15:02+1:00",
    ] {
        let error = When::parse(text).expect_err(text);
        assert!(
            error.hint().is_some_and(|hint| hint.contains("2 days ago")),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn a_part_that_does_not_exist_is_named() {
    for (text, message) in [
        (
            "2026-13",
            "`2026-13` does not exist: month 13 is not between 1 and 12",
        ),
        (
            "2026-02-30",
            "`2026-02-30` does not exist: day 30 is not between 1 and 28",
        ),
        (
            "2026/02/30",
            "`2026-02-30` does not exist: day 30 is not between 1 and 28",
        ),
        (
            "1900-02-29",
            "`1900-02-29` does not exist: day 29 is not between 1 and 28",
        ),
        (
            "2026-00-10",
            "`2026-00-10` does not exist: month 0 is not between 1 and 12",
        ),
        (
            "2026-04-31T10:00Z",
            "`2026-04-31T10:00Z` does not exist: day 31 is not between 1 and 30",
        ),
        (
            "0000",
            "`0000` does not exist: year 0 is not between 1 and 9999",
        ),
        (
            "2026-Q5",
            "`2026-Q5` does not exist: quarter 5 is not between 1 and 4",
        ),
        (
            "2025-W53",
            "`2025-W53` does not exist: week 53 is not between 1 and 52",
        ),
        (
            "2026-W00",
            "`2026-W00` does not exist: week 0 is not between 1 and 53",
        ),
        (
            "2026-11-23 25:00",
            "`2026-11-23 25:00` does not exist: hour 25 is not between 0 and 23",
        ),
        (
            "2026-11-23 10:60",
            "`2026-11-23 10:60` does not exist: minute 60 is not between 0 and 59",
        ),
        (
            "2026-11-23 10:15+24:00",
            "`2026-11-23 10:15+24:00` does not exist: offset hour 24 is not between 0 and 23",
        ),
    ] {
        assert_eq!(When::parse(text).expect_err(text).to_string(), message);
    }
}

#[test]
fn huge_numbers_are_errors_and_never_panics() {
    let nines = "9".repeat(400);
    for text in [
        "seq:99999999999999999999".to_owned(),
        "head~99999999999999999999".to_owned(),
        "@99999999999999999999".to_owned(),
        "@999999999999999999".to_owned(),
        "@-99999999999999".to_owned(),
        format!("@{nines}"),
        format!("{nines} days ago"),
        format!("seq:{nines}"),
        nines.clone(),
        "é".repeat(400),
        format!("2 {nines} ago"),
        format!("hash:{nines}"),
        "9999-12-31T23:59Z".to_owned(),
        "0001-01-01T00:00+01:00".to_owned(),
        "999999999999999999 hours ago".to_owned(),
        "9223372036854775807 weeks ago x".to_owned(),
    ] {
        let error = When::parse(&text).expect_err(&text);
        let said = format!("{error} {:?}", error.hint());
        assert!(said.len() < 500, "{said}");
    }
    for text in [
        "99999999999 days ago",
        "9223372036854775807 quarters ago",
        "9223372036854775807 weeks ago",
        "3000 years ago",
        "99999999999 s ago",
        "9999-12-31",
    ] {
        let error = resolve_in(text, NOW, "UTC").expect_err(text);
        assert!(
            matches!(error, WhenError::OutOfRange { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_hash_is_8_to_64_lower_case_hex() {
    assert_eq!(
        When::parse("hash:3fa9c1d"),
        Err(WhenError::HashLength {
            text: "hash:3fa9c1d".into(),
            digits: 7
        })
    );
    assert!(matches!(
        When::parse(&format!("hash:{}", "a".repeat(65))),
        Err(WhenError::HashLength { digits: 65, .. })
    ));
    assert!(matches!(
        When::parse("hash:3fa9c1…"),
        Err(WhenError::HashDigits { accepted: None, .. })
    ));
    assert_eq!(vienna("HASH:3fa9c1d2"), vienna("hash:3fa9c1d2"));
}

#[test]
fn an_unknown_unit_is_named() {
    let error = When::parse("3 fortnights ago").unwrap_err();
    assert!(error.to_string().contains("`fortnights`"));
}

#[test]
fn a_local_time_in_a_gap_means_the_later() {
    assert_eq!(
        instant_in("2026-03-29 02:30", "Europe/Vienna"),
        "2026-03-29T01:30:00.000000Z"
    );
    assert_eq!(
        instant_in("2026-10-04 02:15", "Australia/Lord_Howe"),
        "2026-10-03T15:45:00.000000Z"
    );
    assert_eq!(
        instant_in("2011-12-30 12:00", "Pacific/Apia"),
        "2011-12-30T22:00:00.000000Z"
    );
}

#[test]
fn a_local_time_in_a_fold_means_the_first() {
    assert_eq!(
        instant_in("2026-10-25 02:30", "Europe/Vienna"),
        "2026-10-25T00:30:00.000000Z"
    );
    assert_eq!(
        instant_in("2026-04-05 01:45", "Australia/Lord_Howe"),
        "2026-04-04T14:45:00.000000Z"
    );
}

#[test]
fn steps_back_keep_the_local_time_of_day_and_hours_are_exact() {
    let back = |text, now| resolve_in(text, now, "Europe/Vienna").unwrap();
    assert_eq!(
        back("1 day ago", "2026-03-29T10:00:00Z"),
        Moment::At(at("2026-03-28T11:00:00Z"))
    );
    assert_eq!(
        back("24h ago", "2026-03-29T10:00:00Z"),
        Moment::At(at("2026-03-28T10:00:00Z"))
    );
    assert_eq!(
        back("1 day ago", "2026-03-30T00:30:00Z"),
        Moment::At(at("2026-03-29T01:30:00Z")),
        "into a gap"
    );
    assert_eq!(
        back("1 day ago", "2026-10-26T01:30:00Z"),
        Moment::At(at("2026-10-25T00:30:00Z")),
        "into a fold"
    );
    assert_eq!(
        back("0 days ago", "2026-10-25T01:30:00Z"),
        Moment::At(at("2026-10-25T01:30:00Z")),
        "second pass"
    );
    assert_eq!(
        back("1 month ago", "2026-03-31T10:00:00Z"),
        Moment::At(at("2026-02-28T11:00:00Z"))
    );
    assert_eq!(
        back("1 year ago", "2024-02-29T12:00:00Z"),
        Moment::At(at("2023-02-28T12:00:00Z"))
    );
}

#[test]
fn days_have_23_to_25_hours_and_may_start_late() {
    let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(
        span_in("2026-03-29", "Europe/Vienna"),
        pair("2026-03-28T23:00:00.000000Z", "2026-03-29T21:59:59.999999Z")
    );
    assert_eq!(
        span_in("2026-10-25", "Europe/Vienna"),
        pair("2026-10-24T22:00:00.000000Z", "2026-10-25T22:59:59.999999Z")
    );
    assert_eq!(
        span_in("2017-10-15", "America/Sao_Paulo"),
        pair("2017-10-15T03:00:00.000000Z", "2017-10-16T01:59:59.999999Z")
    );
    assert_eq!(
        span_in("2018-02-17", "America/Sao_Paulo"),
        pair("2018-02-17T02:00:00.000000Z", "2018-02-18T02:59:59.999999Z")
    );
    assert_eq!(
        span_in("2026-10-04", "Australia/Lord_Howe"),
        pair("2026-10-03T13:30:00.000000Z", "2026-10-04T12:59:59.999999Z")
    );
    assert_eq!(
        span_in("2011-12-29", "Pacific/Apia"),
        pair("2011-12-29T10:00:00.000000Z", "2011-12-30T09:59:59.999999Z")
    );
}

#[test]
fn a_day_whose_gap_began_before_midnight_starts_with_the_jump() {
    let (first, _) = span_in("1919-03-31", "America/Toronto");
    assert_eq!(first, "1919-03-31T04:30:00.000000Z");
    assert_eq!(
        zone("America/Toronto").local(at(&first)),
        "1919-03-31 00:30:00 -04:00"
    );
}

#[test]
fn an_hour_that_is_repeated_across_midnight_belongs_to_its_own_date() {
    // Clocks went from 00:01 on the 7th back to 23:01 on the 6th.
    let st_johns = zone("America/St_Johns");
    let second_pass = at("2010-11-07T03:00:00Z");
    assert_eq!(st_johns.local_minute(second_pass), "2010-11-06 23:30");
    assert_eq!(st_johns.label(Step::Day, second_pass), "2010-11-06");
    let day = st_johns.period(Step::Day, second_pass);
    assert_eq!(day.last.next_micro(), Some(at("2010-11-07T03:30:00Z")));
    // The one minute of the 7th before that has not begun the 7th yet.
    let first_pass = at("2010-11-07T02:30:30Z");
    assert_eq!(st_johns.local_minute(first_pass), "2010-11-07 00:00");
    assert_eq!(st_johns.period(Step::Day, first_pass), day);
    assert_eq!(
        st_johns.label(Step::Day, at("2010-11-07T03:30:00Z")),
        "2010-11-07"
    );
}

#[test]
fn a_skipped_day_is_refused_and_yesterday_passes_over_it() {
    let error = resolve_in("2011-12-30", NOW, "Pacific/Apia").unwrap_err();
    assert_eq!(
        error,
        WhenError::SkippedDay {
            text: "2011-12-30".into(),
            zone: "Pacific/Apia".into()
        }
    );
    assert_eq!(
        resolve_in("yesterday", "2011-12-30T12:00:00Z", "Pacific/Apia").unwrap(),
        resolve_in("2011-12-29", NOW, "Pacific/Apia").unwrap()
    );
    assert!(resolve_in("2011-12", NOW, "Pacific/Apia").is_ok());
}

#[test]
fn an_instant_finer_than_a_microsecond_lies_between_two() {
    for text in [
        "2026-11-23T10:15:02.1234567Z",
        "2026-11-23 11:15:02.123456001",
        "@1795428902.1234569",
    ] {
        let moment = vienna(text);
        assert_eq!(moment.until(), Some(at(NOW)), "{text}");
        assert_eq!(moment.since(), at(NOW).next_micro(), "{text}");
        assert_eq!(moment.start(), Some(at(NOW)), "{text}");
    }
    assert_eq!(
        vienna("@-0.0000001").until(),
        Some(at("1969-12-31T23:59:59.999999Z"))
    );
    assert_eq!(
        vienna("2026-11-23T10:15:02.123456000Z"),
        Moment::At(at(NOW))
    );
}

#[test]
fn since_and_effective_take_the_start_of_a_span_and_until_its_end() {
    let year = vienna("2026");
    assert_eq!(year.since(), Some(at("2025-12-31T23:00:00Z")));
    assert_eq!(year.start(), year.since());
    assert_eq!(year.until(), Some(at("2026-12-31T22:59:59.999999Z")));
}

#[test]
fn spans_are_cut_at_the_ends_of_time() {
    assert_eq!(
        resolve_in("9999", NOW, "UTC").unwrap().until(),
        Some(Timestamp::MAX)
    );
    assert_eq!(
        resolve_in("9999-12-30", NOW, "UTC").unwrap().until(),
        Some(Timestamp::MAX)
    );
    assert_eq!(
        resolve_in("0001", NOW, "Europe/Vienna").unwrap().since(),
        Some(Timestamp::MIN)
    );
}

#[test]
fn the_text_is_kept_without_its_blanks() {
    assert_eq!(When::parse(" 2 Days ago ").unwrap().text(), "2 Days ago");
}

#[test]
fn the_clock_stand_in_is_rfc3339_and_nothing_less() {
    assert_eq!(
        at("2026-11-23T11:15:02.123456999+01:00").text().as_str(),
        NOW
    );
    assert_eq!(
        at("1969-12-31T23:59:59.9999999Z").text().as_str(),
        "1969-12-31T23:59:59.999999Z"
    );
    for text in [
        "2026-11-23T10:15:02",
        "2026-11-23",
        "2026-11-23T10:15Z",
        "now",
        "",
        "@17",
        " 2026-11-23T10:15:02Z",
    ] {
        assert!(
            matches!(
                Timestamp::parse_rfc3339(text),
                Err(WhenError::NotRfc3339 { .. })
            ),
            "{text}"
        );
    }
    assert!(matches!(
        Timestamp::parse_rfc3339("2026-02-30T10:15:02Z"),
        Err(WhenError::Field { .. })
    ));
}

#[test]
fn only_the_canonical_27_bytes_are_an_instant() {
    for bad in [
        "2026-11-23T10:15:02.12345Z",
        "2026-11-23T10:15:02.1234567Z",
        "2026-11-23 10:15:02.123456Z",
        "2026-11-23T10:15:02.123456z",
        "2026-02-29T10:15:02.123456Z",
        "2026-11-31T10:15:02.123456Z",
        "2026-11-23T24:00:00.000000Z",
        "2026-11-23T10:60:02.123456Z",
        "2026-11-23T10:15:60.123456Z",
        "0000-11-23T10:15:02.123456Z",
        "2026-00-23T10:15:02.123456Z",
        "2026-11-00T10:15:02.123456Z",
        "9999-12-30T22:00:01.000000Z",
        "2026-11-23T10:15:02.12345:Z",
        "/026-11-23T10:15:02.123456Z",
        "",
    ] {
        assert_eq!(Timestamp::from_canonical(bad.as_bytes()), None, "{bad}");
    }
    for good in [
        "2024-02-29T00:00:00.000000Z",
        "2000-02-29T23:59:59.999999Z",
        NOW,
    ] {
        assert_eq!(
            Timestamp::from_canonical(good.as_bytes())
                .unwrap()
                .to_string(),
            good
        );
    }
    assert_eq!(
        format!("{:?}|{:>30}", at(NOW), at(NOW)),
        format!("{NOW}|   {NOW}")
    );
}

#[test]
fn time_ends_where_every_zone_still_has_a_local_time() {
    for end in [Timestamp::MIN, Timestamp::MAX] {
        assert_eq!(Timestamp::from_canonical(end.text().as_bytes()), Some(end));
        assert_eq!(Timestamp::from_unix_micros(end.unix_micros()), Some(end));
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "Europe/Vienna"] {
            let zone = zone(name);
            for step in [
                Step::Day,
                Step::Week,
                Step::Month,
                Step::Quarter,
                Step::Year,
            ] {
                let period = zone.period(step, end);
                assert!(period.first <= end && end <= period.last, "{name} {step:?}");
                assert!(!zone.label(step, end).is_empty());
            }
            assert!(!zone.local(end).is_empty());
        }
    }
    assert_eq!(Timestamp::MIN.previous_micro(), None);
    assert_eq!(Timestamp::MAX.next_micro(), None);
    assert_eq!(
        Timestamp::MAX.unix_micros(),
        jiff::Timestamp::MAX.as_microsecond()
    );
    assert_eq!(Timestamp::from_unix_micros(i64::MAX), None);
    assert_eq!(Timestamp::from_unix_micros(i64::MIN), None);
}

#[test]
fn the_systems_time_is_cut_down_to_microseconds() {
    let after = Timestamp::from_system(UNIX_EPOCH + Duration::from_nanos(1_999)).unwrap();
    assert_eq!(after.unix_micros(), 1);
    let before = Timestamp::from_system(UNIX_EPOCH - Duration::from_nanos(1)).unwrap();
    assert_eq!(before.text().as_str(), "1969-12-31T23:59:59.999999Z");
}

#[test]
fn people_see_local_time_with_its_offset() {
    let vienna = zone("Europe/Vienna");
    assert_eq!(
        vienna.local(at("2026-11-23T10:15:02Z")),
        "2026-11-23 11:15:02 +01:00"
    );
    assert_eq!(
        vienna.local(at("2026-11-23T10:15:02.5Z")),
        "2026-11-23 11:15:02.5 +01:00"
    );
    assert_eq!(vienna.local(at(NOW)), "2026-11-23 11:15:02.123456 +01:00");
    assert_eq!(vienna.local_minute(at(NOW)), "2026-11-23 11:15");
    assert_eq!(vienna.local_date(at("2026-11-23T23:00:00Z")), "2026-11-24");
    assert_eq!(
        zone("America/St_Johns").local(at("2026-11-23T10:15:02Z")),
        "2026-11-23 06:45:02 -03:30"
    );
    assert_eq!(
        vienna.local(at("1850-01-01T00:00:00Z")),
        "1850-01-01 01:05:21 +01:05:21"
    );
}

#[test]
fn a_label_names_the_period_and_is_understood_as_it() {
    for (step, label) in [
        (Step::Day, "2026-11-23"),
        (Step::Week, "2026-W48"),
        (Step::Month, "2026-11"),
        (Step::Quarter, "2026-Q4"),
        (Step::Year, "2026"),
    ] {
        assert_eq!(zone("Europe/Vienna").label(step, at(NOW)), label);
        assert_eq!(
            vienna(label),
            Moment::Span(zone("Europe/Vienna").period(step, at(NOW)))
        );
    }
    assert_eq!(
        Zone::utc().label(Step::Week, at("2027-01-01T00:00:00Z")),
        "2026-W53"
    );
    assert_eq!(
        Zone::utc().label(Step::Quarter, at("2027-01-01T00:00:00Z")),
        "2027-Q1"
    );
}

#[test]
fn a_zone_is_named_exactly() {
    for name in [
        "Europe/Vienna",
        "UTC",
        "Etc/UTC",
        "America/Argentina/Buenos_Aires",
        "US/Eastern",
        "Europe/Kiev",
    ] {
        assert_eq!(zone(name).name(), name);
    }
    assert_eq!(Zone::utc().name(), "UTC");
    for (name, meant) in [
        ("europe/vienna", Some("Europe/Vienna")),
        ("utc", Some("UTC")),
        ("Vienna", Some("Europe/Vienna")),
        ("Europe/Viena", Some("Europe/Vienna")),
        ("new york", Some("America/New_York")),
        (" Europe/Vienna", Some("Europe/Vienna")),
        ("Mars/Olympus_Mons", None),
        ("", None),
        ("posix/Europe/Vienna", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("EST5EDT4,M3.2.0,M11.1.0", None),
        ("+01:00", None),
        ("Etc/Unknown", None),
    ] {
        let ZoneError::Unknown { suggestion, .. } = Zone::named(name).unwrap_err();
        assert_eq!(suggestion.as_deref(), meant, "{name}");
    }
    assert!(
        Zone::named(&"x".repeat(5000))
            .unwrap_err()
            .to_string()
            .len()
            < 300
    );
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.unix_micros()..=Timestamp::MAX.unix_micros())
        .prop_map(|micros| Timestamp::from_unix_micros(micros).unwrap())
}

fn any_zone() -> impl Strategy<Value = Zone> {
    proptest::sample::select(vec![
        "UTC",
        "Europe/Vienna",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/St_Johns",
        "America/Toronto",
        "America/Havana",
        "Asia/Tehran",
        "Africa/Casablanca",
        "America/Juneau",
        "Asia/Manila",
    ])
    .prop_map(zone)
}

fn any_step() -> impl Strategy<Value = Step> {
    proptest::sample::select(vec![
        Step::Day,
        Step::Week,
        Step::Month,
        Step::Quarter,
        Step::Year,
    ])
}

/// Mostly the two centuries in which zones changed their clocks.
fn lively_instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![1 => any_instant(), 9 => (-5_000_000_000_i64..3_000_000_000).prop_map(|s| Timestamp::from_unix_micros(s * 1_000_000).unwrap())]
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        if let Err(error) = When::parse(&text) {
            prop_assert!(error.to_string().len() + error.hint().unwrap_or_default().len() < 700);
        }
        let _ = Timestamp::parse_rfc3339(&text);
    }

    #[test]
    fn no_text_of_the_grammars_letters_panics(
        text in "[0-9QWTZagodsmyheqx@#:~^+./ é-]{0,24}|[0-9]{1,30} ?(s|m|h|d|w|mo|q|y) ago|@-?[0-9]{1,25}(\\.[0-9]{0,12})?|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?",
        now in any_instant(), zone in any_zone(),
    ) {
        if let Ok(when) = When::parse(&text) {
            let _ = when.resolve(now, &zone);
        }
    }

    #[test]
    fn an_instant_survives_its_bytes_and_its_number(at in any_instant()) {
        prop_assert_eq!(Timestamp::from_canonical(at.text().as_bytes()), Some(at));
        prop_assert_eq!(Timestamp::from_unix_micros(at.unix_micros()), Some(at));
        let jiffs = jiff::Timestamp::from_nanosecond(i128::from(at.unix_micros()) * 1000).unwrap();
        prop_assert_eq!(format!("{jiffs:.6}"), at.to_string());
    }

    #[test]
    fn bytes_compare_as_times(a in any_instant(), b in any_instant()) {
        prop_assert_eq!(a.cmp(&b), a.unix_micros().cmp(&b.unix_micros()));
        if let Some(next) = a.next_micro() {
            prop_assert!(next > a);
            prop_assert_eq!(next.previous_micro(), Some(a));
        }
    }

    #[test]
    fn the_canonical_form_is_judged_as_jiff_judges_it(at in any_instant(), place in 0_usize..27, byte in prop_oneof![b'0'..=b'9', any::<u8>()]) {
        let mut bytes = *at.text().as_bytes();
        bytes[place] = byte;
        let jiffs = std::str::from_utf8(&bytes).ok()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok())
            .filter(|stamp| format!("{stamp:.6}").as_bytes() == bytes.as_slice())
            .map(jiff::Timestamp::as_microsecond)
            .filter(|micros| *micros >= Timestamp::MIN.unix_micros());
        prop_assert_eq!(Timestamp::from_canonical(&bytes).map(Timestamp::unix_micros), jiffs);
    }

    #[test]
    fn what_people_see_can_be_typed(at in any_instant(), zone in any_zone()) {
        let shown = zone.local(at);
        prop_assume!(!shown.starts_with("0000"));
        prop_assert_eq!(When::parse(&shown).unwrap().resolve(Timestamp::MIN, &Zone::utc()), Ok(Moment::At(at)));
    }

    #[test]
    fn periods_hold_their_moment_and_follow_each_other(at in lively_instant(), zone in any_zone(), step in any_step()) {
        let period = zone.period(step, at);
        prop_assert!(period.first <= at && at <= period.last, "{:?}", period);
        prop_assert_eq!(zone.period(step, period.first), period);
        prop_assert_eq!(zone.period(step, period.last), period);
        if let Some(next) = period.last.next_micro() {
            prop_assert_eq!(zone.period(step, next).first, next);
        }
        let named = When::parse(&zone.label(step, at));
        if let Ok(named) = named {
            prop_assert_eq!(named.resolve(at, &zone), Ok(Moment::Span(period)));
        }
    }
}
