use proptest::prelude::*;

use super::*;
use crate::accounts::State;
use crate::accounts::testing::{Log, given, second};

const DAY: u64 = 86_400;

fn zone() -> Zone {
    Zone::named("Europe/Vienna").unwrap()
}

fn chosen(wanted: &[&str]) -> AccountFilter {
    let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    AccountFilter::new((!names.is_empty()).then_some(&names))
}

fn report(log: &Log, step: Step, cutoff: Cutoff, wanted: &[&str], net: bool) -> Vec<ReportSection> {
    let form = ReportOptions {
        zone: zone(),
        step,
        net,
    };
    let mut report = Report::new(form, cutoff.clone(), chosen(wanted));
    let mut state = State::default();
    for entry in &log.entries {
        let counted = cutoff.counts(entry);
        if counted {
            state.apply(entry).unwrap();
        }
        report.take(entry, &state, counted).unwrap();
    }
    report.finish().unwrap()
}

fn units(balance: Balance) -> i128 {
    balance.billionths() / 1_000_000_000
}

/// Each row as its name, in, out and closing balance.
fn rows(block: &ReportSection) -> Vec<(&str, i128, i128, i128)> {
    block
        .rows
        .iter()
        .map(|row| {
            (
                row.label.as_str(),
                units(row.incoming),
                units(row.outgoing),
                units(row.closing),
            )
        })
        .collect()
}

/// The moment of an event this many days after 15 January 2027, 9:00 in Vienna.
fn on(line: &str, day: u64) -> String {
    format!("{line} effective={}", day * DAY)
}

#[test]
fn a_gap_in_the_middle_is_shown_and_none_at_the_ends() {
    let log = given(&[
        &on("deposit 10 a", 0),
        &on("withdraw 4 a", 75),
        "deposit 9 b",
    ]);
    let blocks = report(&log, Step::Month, Cutoff::default(), &["a"], false);
    assert_eq!(blocks.len(), 1);
    assert_eq!(
        rows(&blocks[0]),
        [
            ("2027-01", 10, 0, 10),
            ("2027-02", 0, 0, 10),
            ("2027-03", 0, 4, 6)
        ]
    );
}

#[test]
fn a_transfer_inside_the_set_is_neither_in_nor_out() {
    let log = given(&[
        "deposit 10 a:x",
        "transfer 4 a:x a:y",
        "transfer 3 a:y b",
        "transfer 1 b a:x",
    ]);
    let of = |wanted: &[&str]| {
        let blocks = report(&log, Step::Year, Cutoff::default(), wanted, false);
        let row = &blocks[0].rows[0];
        (
            units(row.incoming),
            units(row.outgoing),
            units(row.closing),
            row.events,
        )
    };
    assert_eq!(of(&["a:*"]), (11, 3, 8, 4));
    assert_eq!(of(&["a:x"]), (11, 4, 7, 3));
    assert_eq!(of(&["a:y", "b"]), (4, 1, 3, 3));
    assert_eq!(of(&[]), (10, 0, 10, 4));
}

#[test]
fn currencies_are_never_added() {
    let log = given(&["deposit 10EUR a", "deposit 5USD b", "deposit 1 c"]);
    let blocks = report(&log, Step::Day, Cutoff::default(), &[], false);
    let found: Vec<_> = blocks
        .iter()
        .map(|block| (block.currency.map(|c| c.to_string()), units(block.closing)))
        .collect();
    assert_eq!(
        found,
        [
            (None, 1),
            (Some("EUR".to_owned()), 10),
            (Some("USD".to_owned()), 5)
        ]
    );
}

#[test]
fn a_reversal_counts_where_it_goes_or_is_taken_back_from_what_it_undoes() {
    let log = given(&[
        "open a floor=none",
        &on("deposit 10 a", 0),
        &on("withdraw 4 a", 0),
        &on("reverse 3", 30),
        &on("reverse 4", 60),
        &on("reverse 2", 60),
    ]);
    let gross = report(&log, Step::Month, Cutoff::default(), &[], false);
    assert_eq!(
        rows(&gross[0]),
        [
            ("2027-01", 10, 4, 6),
            ("2027-02", 4, 0, 10),
            ("2027-03", 0, 14, -4)
        ]
    );
    let net = report(&log, Step::Month, Cutoff::default(), &[], true);
    assert_eq!(
        rows(&net[0]),
        [
            ("2027-01", 10, 4, 6),
            ("2027-02", 0, -4, 10),
            ("2027-03", -10, 4, -4)
        ]
    );
}

#[test]
fn since_hides_rows_and_the_closing_balances_stay_true() {
    let log = given(&[
        &on("deposit 10 a", 0),
        &on("deposit 5 a", 50),
        &on("withdraw 4 a", 80),
        &on("withdraw 1 a", 100),
    ]);
    let from = |day| Cutoff {
        since: Some(Bound::Time(second(day * DAY))),
        ..Cutoff::default()
    };
    let february = report(&log, Step::Month, from(20), &[], false);
    assert_eq!(
        rows(&february[0]),
        [
            ("2027-02", 0, 0, 10),
            ("2027-03", 5, 0, 15),
            ("2027-04", 0, 5, 10)
        ]
    );
    assert_eq!(units(february[0].opening), 10);
    // In the middle of a period, only what came since is in and out.
    let late_april = report(&log, Step::Month, from(99), &[], false);
    assert_eq!(rows(&late_april[0]), [("2027-04", 0, 1, 10)]);
    assert_eq!(units(late_april[0].opening), 11);
    assert_eq!(late_april[0].rows[0].period.first, second(99 * DAY));
    let never = report(&log, Step::Month, from(101), &[], false);
    assert_eq!(rows(&never[0]), []);
    assert_eq!((units(never[0].opening), units(never[0].closing)), (10, 10));
}

#[test]
fn days_of_23_and_25_hours_hold_what_happened_in_them() {
    // Clocks in Vienna go forward on 2027-03-28 and back on 2027-10-31.
    let mut log = given(&["open a"]);
    for (text, sum) in [
        ("2027-03-27T22:59:59Z", 1),
        ("2027-03-27T23:00:00Z", 2),
        ("2027-03-28T21:59:59Z", 4),
        ("2027-03-28T22:00:00Z", 8),
        ("2027-10-30T21:59:59Z", 16),
        ("2027-10-30T22:00:00Z", 32),
        ("2027-10-31T22:59:59Z", 64),
        ("2027-10-31T23:00:00Z", 128),
    ] {
        let at = Timestamp::parse_rfc3339(text).unwrap();
        let seconds = (at.unix_micros() - second(0).unix_micros()) / 1_000_000;
        log.record(&format!("deposit {sum} a effective={seconds}"));
    }
    let blocks = report(&log, Step::Day, Cutoff::default(), &[], false);
    let block = &blocks[0];
    let of = |label: &str| {
        let row = block.rows.iter().find(|row| row.label == label).unwrap();
        let hours =
            (row.period.last.unix_micros() - row.period.first.unix_micros() + 1) / 3_600_000_000;
        (units(row.incoming), hours)
    };
    assert_eq!(of("2027-03-27"), (1, 24));
    assert_eq!(of("2027-03-28"), (2 + 4, 23));
    assert_eq!(of("2027-03-29"), (8, 24));
    assert_eq!(of("2027-10-31"), (32 + 64, 25));
    assert_eq!(of("2027-11-01"), (128, 24));
    assert_eq!(block.rows.len(), 220);
}

#[test]
fn a_figure_that_does_not_fit_is_an_error_and_so_are_too_many_rows() {
    let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
    let mut log = given(&["deposit 1 a", "deposit 1 a"]);
    log.entries[1].record.effective = Some(at("0202-01-01T00:00:00Z"));
    let form = ReportOptions {
        zone: zone(),
        step: Step::Day,
        net: false,
    };
    let mut report = Report::new(form, Cutoff::default(), AccountFilter::default());
    for entry in &log.entries {
        report.take(entry, &log.state, true).unwrap();
    }
    let error = report.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "from 0202-01-01 to 2027-01-15 there are more than 75000 rows"
    );
}

/// A model without buckets and order: for each row, all events are examined again.
fn expected(
    log: &Log,
    row: &PeriodRow,
    step: Step,
    cutoff: &Cutoff,
    member: &dyn Fn(&str) -> bool,
) -> (i128, i128, i128) {
    let (mut incoming, mut outgoing, mut closing) = (0, 0, 0);
    for entry in log.entries.iter().filter(|entry| cutoff.counts(entry)) {
        let flow: i128 = entry
            .event
            .postings()
            .filter(|posting| member(posting.account.as_str()))
            .map(|posting| units(posting.change))
            .sum();
        let name = zone().local_date(entry.took_effect());
        let own = match step {
            Step::Day => name.clone(),
            Step::Month => name[..7].to_owned(),
            Step::Year => name[..4].to_owned(),
            Step::Quarter => {
                let month: u32 = name[5..7].parse().unwrap();
                format!("{}-Q{}", &name[..4], (month - 1) / 3 + 1)
            }
            Step::Week => {
                let date: jiff::civil::Date = name.parse().unwrap();
                let week = date.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
        };
        if own <= row.label {
            closing += flow;
        }
        if own == row.label && cutoff.shows(entry) {
            if flow > 0 {
                incoming += flow;
            } else {
                outgoing -= flow;
            }
        }
    }
    (incoming, outgoing, closing)
}

proptest! {
    #[test]
    fn a_report_is_what_a_model_without_buckets_says(
        steps in proptest::collection::vec((0..6_usize, 1..1000_u32, 0..40_000_000_u64), 1..40),
        step in prop_oneof![
            Just(Step::Day), Just(Step::Week), Just(Step::Month), Just(Step::Quarter), Just(Step::Year)
        ],
        since in proptest::option::of(0..40_000_000_u64),
        until in proptest::option::of(0..40_000_000_u64),
        net in any::<bool>(),
    ) {
        let mut log = given(&["open s:a floor=none", "open s:b floor=none", "open c floor=none"]);
        for (what, sum, at) in steps {
            let line = match what {
                0 => format!("deposit {sum} s:a"),
                1 => format!("withdraw {sum} s:b"),
                2 => format!("transfer {sum} s:a s:b"),
                3 => format!("transfer {sum} s:b c"),
                4 => format!("transfer {sum} c s:a"),
                _ => format!("reverse {}", 4 + sum % 20),
            };
            let line = format!("{line} effective={at}");
            if log.when(&line).is_ok() {
                log.record(&line);
            }
        }
        let cutoff = Cutoff {
            until: until.map(|at| Bound::Time(second(at))),
            since: since.map(|at| Bound::Time(second(at))),
            ..Cutoff::default()
        };
        let member = |name: &str| name.starts_with("s:");
        let counts = |entry: &&Entry<'_>| {
            entry.event.postings().any(|posting| member(posting.account.as_str()))
        };
        let blocks = report(&log, step, cutoff.clone(), &["s:*"], net);
        let counted: Vec<_> = log.entries.iter()
            .filter(|entry| cutoff.counts(entry)).filter(counts).collect();
        prop_assert_eq!(blocks.len(), usize::from(!counted.is_empty()));
        for block in &blocks {
            // All periods from the first event or the requested moment to the last event.
            for pair in block.rows.windows(2) {
                prop_assert_eq!(Some(pair[1].period.first), pair[0].period.last.next_micro());
                prop_assert_eq!(pair[0].closing.plus(pair[1].net), Some(pair[1].closing));
            }
            let shown = || counted.iter().filter(|entry| cutoff.shows(entry));
            prop_assert_eq!(block.rows.is_empty(), shown().count() == 0);
            let last = shown().map(|entry| entry.took_effect()).max();
            prop_assert_eq!(
                block.rows.last().map(|row| row.label.clone()),
                last.map(|at| zone().label(step, at))
            );
            if let Some(first) = block.rows.first() {
                let earliest = counted.iter().map(|entry| entry.took_effect()).min().unwrap();
                let from = since.map_or(earliest, |at| earliest.max(second(at)));
                prop_assert_eq!(&first.label, &zone().label(step, from));
                prop_assert_eq!(first.closing.minus(first.net), Some(block.opening));
            }
            let (mut incoming, mut outgoing, mut events) = (0, 0, 0);
            for row in &block.rows {
                let (row_in, row_out, closing) = expected(&log, row, step, &cutoff, &member);
                if !net {
                    prop_assert_eq!((units(row.incoming), units(row.outgoing)), (row_in, row_out));
                }
                prop_assert_eq!(units(row.net), row_in - row_out);
                prop_assert_eq!(units(row.closing), closing);
                incoming += units(row.incoming);
                outgoing += units(row.outgoing);
                events += row.events;
            }
            prop_assert_eq!((units(block.incoming), units(block.outgoing)), (incoming, outgoing));
            prop_assert_eq!(block.opening.plus(block.net), Some(block.closing));
            prop_assert_eq!(events, u64::try_from(shown().count()).unwrap());
        }
    }
}
