//! Statements in many layouts from one list of movements: what is read is the list, or a question.

use std::collections::BTreeMap;
use std::io::Cursor;

use proptest::prelude::*;

use super::super::{Imported, Options};
use crate::accounts::Operation;
use crate::formats::import::{DateFormat, Encoding};

/// A movement: the day of January, the cents (below zero for money out) and the cents of a fee.
#[derive(Clone, Copy, Debug)]
struct TrueMove {
    day: u8,
    cents: i64,
    fee: i64,
}

impl TrueMove {
    fn total(self, has_fees: bool) -> i64 {
        if has_fees {
            self.cents - self.fee
        } else {
            self.cents
        }
    }
}

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Signed,
    SignedComma,
    Parentheses,
    TrailingMinus,
    TypeColumn,
    UnnamedSollHaben,
    AfBij,
    PlusMinus,
    UnknownWords,
    Suffix,
    SuffixOnCreditsOnly,
    Sides,
    SidesWithZeros,
    SidesDebitsNegative,
    SidesHalfKnown,
    Fee,
    GrossFeeNet,
    ForeignBeside,
    Lakh,
    BalanceRows,
    Inverted,
    Utf16,
    TotalRow,
}

const LAYOUTS: [Layout; 23] = [
    Layout::Signed,
    Layout::SignedComma,
    Layout::Parentheses,
    Layout::TrailingMinus,
    Layout::TypeColumn,
    Layout::UnnamedSollHaben,
    Layout::AfBij,
    Layout::PlusMinus,
    Layout::UnknownWords,
    Layout::Suffix,
    Layout::SuffixOnCreditsOnly,
    Layout::Sides,
    Layout::SidesWithZeros,
    Layout::SidesDebitsNegative,
    Layout::SidesHalfKnown,
    Layout::Fee,
    Layout::GrossFeeNet,
    Layout::ForeignBeside,
    Layout::Lakh,
    Layout::BalanceRows,
    Layout::Inverted,
    Layout::Utf16,
    Layout::TotalRow,
];

impl Layout {
    fn has_fees(self) -> bool {
        matches!(self, Layout::Fee | Layout::GrossFeeNet)
    }
}

fn plain(cents: i64) -> String {
    let magnitude = cents.unsigned_abs();
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

fn lakh(cents: i64) -> String {
    let text = plain(cents.abs());
    let (whole, fraction) = text.split_once('.').unwrap();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && (left == 3 || left > 3 && left % 2 == 1) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("\"{grouped}.{fraction}\"")
}

/// A statement as text, and the line of each movement.
fn written(
    layout: Layout,
    moves: &[TrueMove],
    opening: i64,
    with_balance: bool,
    newest_first: bool,
) -> (String, Vec<usize>) {
    let word = |own: &TrueMove, out: &'static str, into: &'static str| {
        if own.cents < 0 { out } else { into }
    };
    let side = |own: &TrueMove, is_debit: bool, empty: &str| {
        if (own.cents < 0) == is_debit {
            plain(own.cents.abs())
        } else {
            empty.to_owned()
        }
    };
    let (header, separator) = match layout {
        Layout::SignedComma | Layout::Utf16 => ("Buchungstag;Betrag;Verwendungszweck", ";"),
        Layout::UnnamedSollHaben | Layout::BalanceRows => {
            ("Buchungstag;Umsatz;Verwendungszweck;\" \"", ";")
        }
        Layout::TypeColumn => ("Date,Amount,Description,Transaction Type", ","),
        Layout::AfBij => ("Datum,Bedrag,Omschrijving,Af Bij", ","),
        Layout::PlusMinus => ("Date,Amount,Description,What", ","),
        Layout::UnknownWords => ("Date,Amount,Description,Kind of row", ","),
        Layout::Sides | Layout::SidesWithZeros | Layout::SidesDebitsNegative => {
            ("Date,Debit,Credit,Description", ",")
        }
        Layout::SidesHalfKnown => ("Date,Description,Deposit,Payment", ","),
        Layout::Lakh => ("Date,Narration,Withdrawal Amt.,Deposit Amt.", ","),
        Layout::Fee => ("Date,Amount,Fee,Description", ","),
        Layout::GrossFeeNet => ("Date,Gross,Fee,Net,Description", ","),
        Layout::ForeignBeside => ("Date,Amount,Foreign value,Description", ","),
        _ => ("Date,Amount,Description", ","),
    };
    let is_german = matches!(
        layout,
        Layout::SignedComma | Layout::Utf16 | Layout::UnnamedSollHaben | Layout::BalanceRows
    );
    let date = |day: u8| {
        if is_german {
            format!("{day:02}.01.2026")
        } else {
            format!("2026-01-{day:02}")
        }
    };
    let number = |cents: i64| {
        if is_german {
            plain(cents).replace('.', ",")
        } else {
            plain(cents)
        }
    };
    let mut rows = Vec::new();
    let mut balance = opening;
    for (index, own) in moves.iter().enumerate() {
        balance += own.total(layout.has_fees());
        let text = format!(
            "row {}",
            char::from(b'a' + u8::try_from(index % 26).unwrap())
        );
        let absolute = number(own.cents.abs());
        let mut cells = vec![date(own.day)];
        cells.extend(match layout {
            Layout::Parentheses if own.cents < 0 => vec![format!("({absolute})"), text],
            Layout::TrailingMinus if own.cents < 0 => vec![format!("{absolute}-"), text],
            Layout::TypeColumn => vec![absolute, text, word(own, "Debit", "Credit").to_owned()],
            Layout::UnnamedSollHaben | Layout::BalanceRows => {
                vec![absolute, text, word(own, "S", "H").to_owned()]
            }
            Layout::AfBij => vec![absolute, text, word(own, "Af", "Bij").to_owned()],
            Layout::PlusMinus => vec![absolute, text, word(own, "-", "+").to_owned()],
            Layout::UnknownWords => vec![absolute, text, word(own, "Kauf", "Verkauf").to_owned()],
            Layout::Suffix => vec![format!("{absolute} {}", word(own, "DR", "CR")), text],
            Layout::SuffixOnCreditsOnly => {
                vec![format!("{absolute}{}", word(own, "", " CR")), text]
            }
            Layout::Sides => vec![side(own, true, ""), side(own, false, ""), text],
            Layout::SidesWithZeros => vec![side(own, true, "0.00"), side(own, false, "0.00"), text],
            Layout::SidesDebitsNegative => {
                let debit = side(own, true, "");
                let debit = if debit.is_empty() {
                    debit
                } else {
                    format!("-{debit}")
                };
                vec![debit, side(own, false, ""), text]
            }
            Layout::SidesHalfKnown => vec![text, side(own, false, "0.00"), side(own, true, "0.00")],
            Layout::Lakh => {
                let cell = |is_debit: bool| {
                    if (own.cents < 0) == is_debit {
                        lakh(own.cents)
                    } else {
                        String::new()
                    }
                };
                vec![text, cell(true), cell(false)]
            }
            Layout::Fee => vec![number(own.cents), number(own.fee), text],
            Layout::GrossFeeNet => vec![
                number(own.cents),
                number(-own.fee),
                number(own.cents - own.fee),
                text,
            ],
            Layout::ForeignBeside => vec![number(own.cents), number(own.cents * 2), text],
            Layout::Inverted => vec![number(-own.cents), text],
            _ => vec![number(own.cents), text],
        });
        if with_balance {
            let shown = if layout == Layout::Lakh && balance >= 0 {
                lakh(balance)
            } else {
                number(balance)
            };
            cells.push(shown);
        }
        rows.push(cells.join(separator));
    }
    let mut lines: Vec<usize> = (0..rows.len()).collect();
    if newest_first {
        rows.reverse();
        lines.reverse();
    }
    // The line of each movement: the header is the first.
    let mut line_of = vec![0; rows.len()];
    for (at, own) in lines.iter().enumerate() {
        line_of[*own] = at + 2;
    }
    let mut text = header.to_owned();
    if with_balance {
        text = format!(
            "{text}{separator}{}",
            if is_german { "Saldo" } else { "Balance" }
        );
    }
    text = format!("{text}\n{}\n", rows.join("\n"));
    if layout == Layout::BalanceRows {
        let row = |day: u8, what: &str, cents: i64| {
            let last = if with_balance { ";" } else { "" };
            format!(
                "{};{};{what};{}{last}\n",
                date(day),
                number(cents.abs()),
                if cents < 0 { "S" } else { "H" }
            )
        };
        text = format!(
            "{text}\n{}{}",
            row(1, "Anfangssaldo", opening),
            row(31, "Endsaldo", balance)
        );
    }
    if layout == Layout::TotalRow {
        let sum: i64 = moves.iter().map(|own| own.cents).sum();
        let last = if with_balance { "," } else { "" };
        text = format!(
            "{text}Total,{},{last}\nsome words after the rows{}\n",
            number(sum),
            ",,".to_owned() + last
        );
    }
    (text, line_of)
}

fn options(layout: Layout) -> Options {
    let mut options = Options::default();
    if layout == Layout::Utf16 {
        options.encoding = Encoding::named("utf-16le").ok();
    }
    if layout == Layout::SignedComma {
        options.date_format = DateFormat::parse("%d.%m.%Y").ok();
    }
    options
}

fn bytes(layout: Layout, text: &str) -> Vec<u8> {
    match layout {
        Layout::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

/// What each line of the file moved, in cents.
fn moved(imported: &Imported) -> BTreeMap<usize, i64> {
    let mut moved = BTreeMap::new();
    for row in &imported.rows {
        let (amount, sign) = match &row.request.operation {
            Operation::Deposit { amount, .. } => (amount, 1),
            Operation::Withdraw { amount, .. } => (amount, -1),
            other => panic!("{other:?}"),
        };
        let cents = i64::try_from(amount.amount.billionths() / 10_000_000).unwrap() * sign;
        *moved.entry(usize::try_from(row.line).unwrap()).or_default() += cents;
    }
    moved
}

fn check(
    layout: Layout,
    moves: &[TrueMove],
    opening: i64,
    with_balance: bool,
    newest_first: bool,
) -> Result<bool, String> {
    let (text, lines) = written(layout, moves, opening, with_balance, newest_first);
    let Ok(imported) = super::read(&mut Cursor::new(bytes(layout, &text)), &options(layout)) else {
        return Ok(false);
    };
    let expected: BTreeMap<usize, i64> = moves
        .iter()
        .zip(&lines)
        .map(|(own, line)| (*line, own.total(layout.has_fees())))
        .filter(|(_, total)| *total != 0)
        .collect();
    let mut found = moved(&imported);
    found.retain(|_, total| *total != 0);
    if found == expected {
        Ok(true)
    } else {
        Err(format!(
            "{layout:?}\n{text}\nread {found:?}\ntrue {expected:?}"
        ))
    }
}

/// The layouts in which nothing but balances says what moved, or not even those.
fn is_open(layout: Layout, with_balance: bool) -> bool {
    match layout {
        Layout::UnknownWords => true,
        Layout::SuffixOnCreditsOnly
        | Layout::SidesDebitsNegative
        | Layout::SidesHalfKnown
        | Layout::Fee
        | Layout::GrossFeeNet
        | Layout::ForeignBeside => !with_balance,
        _ => false,
    }
}

#[test]
fn a_usual_month_is_read_in_every_layout_that_leaves_nothing_open() {
    let usual = [
        (2, -1250, 0),
        (3, 130_000, 0),
        (3, -420, 25),
        (9, -99_900, 150),
        (17, 7700, 0),
        (28, -1, 0),
    ];
    let moves = usual.map(|(day, cents, fee)| TrueMove { day, cents, fee });
    for layout in LAYOUTS {
        // Without balances an inverted file cannot be told from another.
        if layout == Layout::Inverted {
            assert!(check(layout, &moves, 5000, true, false).unwrap());
            continue;
        }
        for (with_balance, newest_first) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            let is_read = check(layout, &moves, 5000, with_balance, newest_first).unwrap();
            let expected = !is_open(layout, with_balance);
            assert_eq!(
                is_read, expected,
                "{layout:?} {with_balance} {newest_first}"
            );
        }
    }
}

proptest! {
    /// More runs: `PROPTEST_CASES=10000 cargo test --lib layout`.
    #[test]
    fn every_layout_gives_the_movements_or_a_question(
        layout in prop::sample::select(LAYOUTS.to_vec()),
        days in proptest::collection::vec((1_u8..29, 1_i64..20_000, any::<bool>(), prop_oneof![3 => Just(0_i64), 1 => 1_i64..300]), 1..9),
        round in any::<bool>(),
        opening in -5_000_i64..200_000,
        with_balance in any::<bool>(),
        newest_first in any::<bool>(),
    ) {
        // Unsigned numbers without balances read as what they are written as.
        prop_assume!(layout != Layout::Inverted || with_balance);
        let mut days = days;
        days.sort_unstable_by_key(|(day, ..)| *day);
        let moves: Vec<TrueMove> = days
            .into_iter()
            .map(|(day, cents, out, fee)| {
                // Equal and round amounts make coincidences.
                let cents = if round { (cents / 5_000 + 1) * 500 } else { cents };
                TrueMove { day, cents: if out { -cents } else { cents }, fee }
            })
            .collect();
        // A file in which every number is above zero and nothing tells the direction is read as it is.
        let is_all_out = moves.iter().all(|own| own.cents < 0);
        let has_two_balances = with_balance && moves.len() > 1;
        prop_assume!(!(layout == Layout::SuffixOnCreditsOnly && is_all_out && !has_two_balances));
        prop_assume!(!(layout == Layout::Inverted && moves.len() < 2));
        if let Err(text) = check(layout, &moves, opening, with_balance, newest_first) {
            return Err(TestCaseError::fail(text));
        }
    }
}
