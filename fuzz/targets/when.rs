//! WHEN: whatever is typed is a moment or an error that is short and harmless, a moment's two ends
//! are in order, and every moment can be typed as it is shown.
#![no_main]

use std::sync::LazyLock;

use event_ledger::time::{Moment, Step, Timestamp, When, Zone};
use libfuzzer_sys::fuzz_target;

/// Zones with what is awkward about zones: none, half hours, a skipped day, gaps at midnight.
static ZONES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    [
        "UTC",
        "Europe/Vienna",
        "Pacific/Apia",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
    ]
    .into_iter()
    .map(|name| Zone::named(name).expect("it is in the database"))
    .collect()
});

fuzz_target!(|text: &str| {
    let when = match When::parse(text) {
        Ok(when) => when,
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            assert!(
                error.to_string().len() < 1024 && hint.len() < 1024,
                "{error}"
            );
            return;
        }
    };
    assert_eq!(When::parse(when.text()).as_ref(), Ok(&when));
    let now = Timestamp::parse_rfc3339("2026-11-23T10:15:02.123456Z").expect("a time");
    for zone in ZONES.iter() {
        let moment = match when.resolve(now, zone) {
            Ok(moment) => moment,
            Err(error) => {
                assert!(
                    !when.is_position() && error.to_string().len() < 1024,
                    "{error}"
                );
                continue;
            }
        };
        match moment {
            Moment::Position(_) => assert!(when.is_position()),
            Moment::At(at) => {
                assert_eq!((moment.since(), moment.until()), (Some(at), Some(at)));
                can_be_typed_as_it_is_shown(at, now, zone);
            }
            Moment::Span(period) => {
                // Finer than a microsecond: between two neighbours.
                let is_between = period.last.next_micro() == Some(period.first);
                assert!(period.first <= period.last || is_between, "{period:?}");
                assert_eq!(moment.start(), Some(period.first.min(period.last)));
                can_be_typed_as_it_is_shown(period.first, now, zone);
                can_be_typed_as_it_is_shown(period.last, now, zone);
            }
        }
    }
});

fn can_be_typed_as_it_is_shown(at: Timestamp, now: Timestamp, zone: &Zone) {
    // The first and the last day of time lie beyond its ends in some zones.
    let text = at.text();
    if text.as_str() < "0001-01-02" || text.as_str() > "9999-12-29" {
        return;
    }
    for shown in [at.to_string(), zone.local(at)] {
        let typed = When::parse(&shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(
            typed.resolve(now, zone),
            Ok(Moment::At(at)),
            "{shown} in {}",
            zone.name()
        );
    }
    for step in [
        Step::Day,
        Step::Week,
        Step::Month,
        Step::Quarter,
        Step::Year,
    ] {
        let period = zone.period(step, at);
        assert!(
            period.first <= at && at <= period.last,
            "{at} is not in {period:?}"
        );
        let label = zone.label(step, at);
        let typed = When::parse(&label).unwrap_or_else(|error| panic!("{label}: {error}"));
        assert_eq!(
            typed.resolve(now, zone),
            Ok(Moment::Span(period)),
            "{label} in {}",
            zone.name()
        );
    }
}
