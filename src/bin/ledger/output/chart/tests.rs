//! Exact charts, and random ones that must fit the terminal.

use proptest::prelude::*;

use event_ledger::money::Currency;
use event_ledger::time::{Period, Timestamp};

use super::*;

const PIPE: TableStyle = TableStyle {
    width: Some(40),
    colour: false,
    ascii: false,
};

fn figure(text: &str) -> Balance {
    Balance::from_canonical(text.as_bytes()).unwrap().0
}

fn section(opening: Balance, rows: Vec<PeriodRow>) -> ReportSection {
    ReportSection {
        currency: Currency::new("EUR"),
        opening,
        incoming: Balance::ZERO,
        outgoing: Balance::ZERO,
        net: Balance::ZERO,
        closing: Balance::ZERO,
        rows,
    }
}

fn period(label: &str, [incoming, outgoing, closing]: [Balance; 3]) -> PeriodRow {
    PeriodRow {
        label: label.to_owned(),
        period: Period {
            first: Timestamp::MIN,
            last: Timestamp::MAX,
        },
        events: 0,
        incoming,
        outgoing,
        net: Balance::ZERO,
        closing,
    }
}

/// The chart of these periods: name, in, out, closing.
fn drawn(opening: &str, periods: &[(&str, &str, &str, &str)], style: TableStyle) -> Option<String> {
    let rows = periods.iter().map(|(label, incoming, outgoing, closing)| {
        period(
            label,
            [incoming, outgoing, closing].map(|text| figure(text)),
        )
    });
    let section = section(figure(opening), rows.collect());
    chart(&section, Scale::new(2).unwrap(), "month", style)
}

fn quarter(style: TableStyle) -> Option<String> {
    let periods = [
        ("2026-01", "80", "20", "60"),
        ("2026-02", "0", "0.01", "59.99"),
        ("2026-03", "20", "75", "4.99"),
    ];
    drawn("0", &periods, style)
}

#[test]
fn the_balance_is_a_line_above_bars_for_in_and_out() {
    let expected = "\
balance, EUR, by month
60.00 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⡇
      │                    ⡇
      │                    ⡇
40.00 ┤                    ⡇
      │                    ⡇
      │                    ⡇
20.00 ┤                    ⡇
      │                    ⡇
      │                    ⡇
 0.00 ┤                    ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
in (up) and out (down), EUR, by month
80.00 ┤█████████
60.00 ┤█████████
40.00 ┤█████████
20.00 ┤█████████           █████████
 0.00 ┼──────────────────────────────
20.00 ┤█████████ ▔▔▔▔▔▔▔▔▔ █████████
40.00 ┤                    █████████
60.00 ┤                    █████████
80.00 ┤                    ▀▀▀▀▀▀▀▀▀
       2026-01   2026-02   2026-03
";
    let drawn = quarter(PIPE).unwrap();
    assert_eq!(drawn, expected, "\n{drawn}");
}

#[test]
fn ascii_charts_contain_only_ascii() {
    let ascii = TableStyle {
        ascii: true,
        ..PIPE
    };
    let expected = "\
balance, EUR, by month
60.00 +*********************
      |                    *
      |                    *
40.00 +                    *
      |                    *
      |                    *
20.00 +                    *
      |                    *
      |                    **********
 0.00 +
in (up) and out (down), EUR, by month
80.00 +#########
60.00 +#########
40.00 +#########
20.00 +#########           #########
 0.00 +------------------------------
20.00 +######### ######### #########
40.00 +                    #########
60.00 +                    #########
80.00 +                    #########
       2026-01   2026-02   2026-03
";
    let drawn = quarter(ascii).unwrap();
    assert_eq!(drawn, expected, "\n{drawn}");
}

#[test]
fn colour_changes_no_character() {
    let colour = TableStyle {
        colour: true,
        ..PIPE
    };
    let drawn = quarter(colour).unwrap();
    assert!(drawn.contains("\u{1b}[32m█"), "{drawn}");
    assert!(drawn.contains("\u{1b}[31m"), "{drawn}");
    let mut plain = String::new();
    for piece in drawn.split('\u{1b}') {
        plain.push_str(
            piece
                .split_once('m')
                .filter(|_| piece.starts_with('['))
                .map_or(piece, |(_, rest)| rest),
        );
    }
    assert_eq!(plain, quarter(PIPE).unwrap());
}

#[test]
fn a_single_period_is_drawn_after_the_opening_balance() {
    let drawn = drawn("50", &[("2026", "0", "50", "0")], PIPE).unwrap();
    let line = drawn.lines().nth(1).unwrap();
    assert_eq!(line, "60.00 ┤");
    assert!(drawn.contains('⡇'), "{drawn}");
}

#[test]
fn periods_that_share_a_column_are_named_in_the_heading() {
    let labels: Vec<String> = (0..100).map(|number| format!("d{number:03}")).collect();
    let periods: Vec<_> = labels
        .iter()
        .map(|label| (label.as_str(), "1", "0", "1"))
        .collect();
    let drawn = drawn("0", &periods, PIPE).unwrap();
    assert!(drawn.starts_with("balance, EUR, by 3 months\n"), "{drawn}");
    assert!(drawn.contains("3.00 ┤█"), "{drawn}");
    assert!(
        drawn.lines().last().unwrap().contains(" d000  d0"),
        "{drawn}"
    );
}

#[test]
fn no_periods_or_no_space_give_no_chart() {
    assert_eq!(drawn("0", &[], PIPE), None);
    let narrow = TableStyle {
        width: Some(14),
        ..PIPE
    };
    assert_eq!(quarter(narrow), None);
}

#[test]
fn a_negative_side_is_drawn_in_the_other_direction() {
    let period = ("2026-01", "-5", "0", "0");
    let drawn = drawn("5", &[period], PIPE).unwrap();
    let below = drawn.split('┼').nth(1).unwrap();
    assert!(below.contains('█'), "{drawn}");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        width in 0_usize..120,
        opening in any::<i128>(),
        periods in proptest::collection::vec((any::<i64>(), any::<i64>(), any::<i128>()), 0..200),
        ascii in any::<bool>(),
        digits in 0_u8..=9,
    ) {
        let rows = periods.iter().map(|(incoming, outgoing, closing)| {
            let figures = [i128::from(*incoming), i128::from(*outgoing), *closing];
            period("2026-03-14", figures.map(Balance::from_billionths))
        });
        let section = ReportSection {
            currency: None,
            ..section(Balance::from_billionths(opening), rows.collect())
        };
        let style = TableStyle { width: Some(width), colour: false, ascii };
        if let Some(drawn) = chart(&section, Scale::new(digits).unwrap(), "day", style) {
            for line in drawn.lines() {
                prop_assert!(super::super::text::width(line) <= width, "{line}");
                prop_assert!(!ascii || line.is_ascii(), "{line}");
                prop_assert_eq!(line.trim_end(), line);
            }
        }
    }
}
