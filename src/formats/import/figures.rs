//! Figures as banks and bookkeepers write them: `1.234,56`, `-£12.50`, `(3.00)`, `12,50 EUR`.
//!
//! Owns what a cell can mean with either decimal mark, and what a whole file of them leaves open.
//! Nothing is rounded and nothing guessed.

use crate::money::{Amount, Balance, Currency, TypedAmount};

use super::Fault;

/// What parts units from fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `12,50`
    Comma,
    /// `12.50`
    Point,
}

impl Mark {
    fn character(self) -> char {
        match self {
            Mark::Comma => ',',
            Mark::Point => '.',
        }
    }

    fn other(self) -> Mark {
        match self {
            Mark::Comma => Mark::Point,
            Mark::Point => Mark::Comma,
        }
    }
}

/// A cell taken apart: sign, digits with what parts them, and the unit beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure<'a> {
    pub(super) negative: bool,
    pub(super) digits: &'a str,
    pub(super) unit: &'a str,
}

/// A figure that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) negative: bool,
    /// Without sign, in canonical form.
    pub(super) magnitude: String,
}

impl Signed {
    pub(super) fn is_zero(&self) -> bool {
        !self
            .magnitude
            .bytes()
            .any(|byte| matches!(byte, b'1'..=b'9'))
    }

    /// With its sign, and zeros at the end left out: one text for one value.
    pub(super) fn normal(&self) -> String {
        let magnitude = if self.magnitude.contains('.') {
            self.magnitude.trim_end_matches('0').trim_end_matches('.')
        } else {
            &self.magnitude
        };
        let sign = if self.negative && !self.is_zero() {
            "-"
        } else {
            ""
        };
        format!("{sign}{magnitude}")
    }

    /// As a sum's part.
    pub(super) fn balance(&self) -> Option<Balance> {
        let (balance, _) = Balance::from_canonical(self.magnitude.as_bytes())?;
        if self.negative {
            balance.negated()
        } else {
            Some(balance)
        }
    }

    /// The amount without its sign. Zeros that the currency has no place for say nothing and are
    /// left out; other digits are not.
    pub(super) fn amount(&self, currency: Option<Currency>) -> Option<TypedAmount> {
        let mut digits = self.magnitude.as_str();
        if let Some(most) = currency.and_then(Currency::minor_digits)
            && let Some((whole, fraction)) = digits.split_once('.')
        {
            let most = usize::from(most.digits());
            let surplus = fraction.get(most..).unwrap_or_default();
            if surplus.bytes().all(|byte| byte == b'0') {
                let kept = digits.len().saturating_sub(surplus.len());
                digits = digits.get(..kept).unwrap_or(digits);
                if most == 0 {
                    digits = whole;
                }
            }
        }
        let amount = Amount::from_canonical(digits.as_bytes())?;
        Some(TypedAmount { amount, currency })
    }
}

/// Takes a cell apart: a sign in front or behind, or parentheses; a unit in front or behind.
/// `None` where that is not what it is.
pub(super) fn take_apart(cell: &str) -> Option<Figure<'_>> {
    let cell = cell.trim();
    let starts_digits = |at: usize| {
        let rest = cell.get(at..).unwrap_or_default();
        let digits = rest.strip_prefix(['.', ',']).unwrap_or(rest);
        digits.starts_with(|c: char| c.is_ascii_digit())
    };
    let first = cell
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| starts_digits(*at))?;
    let last = cell.rfind(|c: char| c.is_ascii_digit())?.saturating_add(1);
    let (front, digits, behind) = (
        cell.get(..first)?,
        cell.get(first..last)?,
        cell.get(last..)?,
    );
    let belongs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_grouping(c);
    if !digits.chars().all(belongs) || behind.starts_with(['.', ',']) {
        return None;
    }
    let mut negative = false;
    let (mut front, mut behind) = (front.trim(), behind.trim());
    // A spreadsheet puts the unit ahead of the parentheses: `$(3.00)`.
    let opens = front.strip_prefix('(').or_else(|| front.strip_suffix('('));
    if let (Some(inner), Some(outer)) = (opens, behind.strip_suffix(')')) {
        (front, behind, negative) = (inner.trim(), outer.trim(), true);
    }
    let mut signs = usize::from(negative);
    for side in [&mut front, &mut behind] {
        for sign in ['-', '\u{2212}', '+'] {
            let rest = side.strip_prefix(sign).or_else(|| side.strip_suffix(sign));
            if let Some(rest) = rest {
                *side = rest.trim();
                signs = signs.saturating_add(1);
                negative |= sign != '+';
            }
        }
    }
    let (("", unit) | (unit, "")) = (front, behind) else {
        return None;
    };
    let is_unit = |c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '(' | ')' | '\u{2212}');
    (signs <= 1 && unit.chars().all(is_unit)).then_some(Figure {
        negative,
        digits,
        unit,
    })
}

/// What stands between groups of three digits whatever the decimal mark is.
fn is_grouping(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '_'
    )
}

/// The digits in canonical form where this mark parts units from fractions.
pub(super) fn read(digits: &str, mark: Mark) -> Option<String> {
    let (whole, fraction) = match digits.split_once(mark.character()) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|fraction| !all_digits(fraction) || fraction.len() > 9) {
        return None;
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    let whole = match separator {
        None => whole.to_owned(),
        Some(separator) if separator == mark.other().character() || is_grouping(separator) => {
            let mut groups = whole.split(separator);
            let first = groups.next().unwrap_or_default();
            let first_is_good = all_digits(first) && first.len() <= 3 && !first.starts_with('0');
            if !first_is_good || !groups.all(|group| all_digits(group) && group.len() == 3) {
                return None;
            }
            whole.replace(separator, "")
        }
        Some(_) => return None,
    };
    let whole = match whole.trim_start_matches('0') {
        "" if whole.is_empty() && fraction.is_none() => return None,
        "" => "0",
        rest => rest,
    };
    if whole.len() > 18 {
        return None;
    }
    Some(match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole.to_owned(),
    })
}

/// What the figures of a file say about the mark between units and fractions.
#[derive(Default)]
pub(super) struct DecimalMarkDetector<'a> {
    comma: Option<(usize, &'a str)>,
    point: Option<(usize, &'a str)>,
    open: Option<(usize, &'a str)>,
}

impl<'a> DecimalMarkDetector<'a> {
    /// Takes in the digits of a figure, with its number in the file.
    pub(super) fn add(&mut self, number: usize, digits: &'a str) {
        let readings = (read(digits, Mark::Comma), read(digits, Mark::Point));
        let slot = match &readings {
            (Some(comma), Some(point)) if comma == point => return,
            (Some(_), Some(_)) => &mut self.open,
            (Some(_), None) => &mut self.comma,
            (None, Some(_)) => &mut self.point,
            // Whoever reads it says that it is no figure.
            (None, None) => return,
        };
        slot.get_or_insert((number, digits));
    }

    /// The one mark with which every figure can be read; else the number of the figure that leaves
    /// it open, or contradicts, and why.
    pub(super) fn mark(&self, asked: Option<Mark>) -> Result<Mark, (usize, Fault)> {
        if let Some(asked) = asked {
            return Ok(asked);
        }
        match (self.comma, self.point, self.open) {
            (Some(comma), Some(point), _) => {
                let (first, later) = if comma.0 < point.0 {
                    (comma, point)
                } else {
                    (point, comma)
                };
                Err((
                    later.0,
                    Fault::DecimalMixed {
                        text: later.1.to_owned(),
                        earlier: first.1.to_owned(),
                    },
                ))
            }
            (Some(_), None, _) => Ok(Mark::Comma),
            (None, None, Some((number, digits))) => Err((
                number,
                Fault::Decimal {
                    text: digits.to_owned(),
                    comma: read(digits, Mark::Comma).unwrap_or_default(),
                    point: read(digits, Mark::Point).unwrap_or_default(),
                },
            )),
            (None, _, _) => Ok(Mark::Point),
        }
    }
}

/// A figure with its sign, read with this mark.
pub(super) fn signed(figure: Figure<'_>, mark: Mark) -> Result<Signed, Fault> {
    match read(figure.digits, mark) {
        Some(magnitude) => Ok(Signed {
            negative: figure.negative,
            magnitude,
        }),
        None => Err(Fault::NotAFigure {
            text: figure.digits.to_owned(),
            mark: Some(mark),
        }),
    }
}

/// The currency that a unit beside a figure names; `None` where it names none for certain.
pub(super) fn currency_of(unit: &str) -> Option<Currency> {
    let code = match unit {
        "€" => "EUR",
        "£" => "GBP",
        "₹" => "INR",
        "₽" => "RUB",
        "₺" => "TRY",
        "₩" => "KRW",
        "₪" => "ILS",
        "zł" => "PLN",
        "Kč" => "CZK",
        "Fr." | "SFr." => "CHF",
        code => code,
    };
    Currency::new(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(digits: &str) -> (Option<String>, Option<String>) {
        (read(digits, Mark::Comma), read(digits, Mark::Point))
    }

    #[test]
    fn a_figure_is_read_with_the_mark_that_is_named_and_no_other() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(both("12,50"), (some("12.50"), None));
        assert_eq!(both("12.50"), (None, some("12.50")));
        assert_eq!(both("1.234"), (some("1234"), some("1.234")));
        assert_eq!(both("1,234"), (some("1.234"), some("1234")));
        assert_eq!(both("1.234,56"), (some("1234.56"), None));
        assert_eq!(both("1,234,567"), (None, some("1234567")));
        assert_eq!(both("0,123"), (some("0.123"), None));
        assert_eq!(both("1234,567"), (some("1234.567"), None));
        assert_eq!(both("1'234.50"), (None, some("1234.50")));
        assert_eq!(both("1\u{a0}234,50"), (some("1234.50"), None));
        assert_eq!(both(",5"), (some("0.5"), None));
        assert_eq!(both("007"), (some("7"), some("7")));
        assert_eq!(both("0"), (some("0"), some("0")));
        for bad in [
            "1.23,4",
            "1,2,3",
            "1'23",
            "1''234",
            "12,345,67",
            "1.234.56",
            "1234.567,8",
        ] {
            assert_eq!(both(bad), (None, None), "{bad}");
        }
    }

    #[test]
    fn sign_and_unit_are_taken_off_on_either_side() {
        for (cell, negative, digits, unit) in [
            ("12.50", false, "12.50", ""),
            ("-12.50", true, "12.50", ""),
            ("+12.50", false, "12.50", ""),
            ("\u{2212}12.50", true, "12.50", ""),
            ("12,50-", true, "12,50", ""),
            ("(3.00)", true, "3.00", ""),
            ("$(3.00)", true, "3.00", "$"),
            ("$ (3.00)", true, "3.00", "$"),
            ("($3.00)", true, "3.00", "$"),
            ("-£12.50", true, "12.50", "£"),
            ("£-12.50", true, "12.50", "£"),
            ("12,50 EUR", false, "12,50", "EUR"),
            ("-12,50 €", true, "12,50", "€"),
            ("EUR 1 234,50", false, "1 234,50", "EUR"),
            (".5", false, ".5", ""),
        ] {
            let found = take_apart(cell);
            assert_eq!(
                found,
                Some(Figure {
                    negative,
                    digits,
                    unit
                }),
                "{cell}"
            );
        }
        for bad in [
            "",
            "abc",
            "1e5",
            "--5",
            "-5-",
            "1.",
            "12:30",
            "EUR 5 EUR",
            "(5",
            "-(5)",
            "$(5",
            "EUR (5 EUR)",
            "1 of 3",
            "5%5",
        ] {
            assert_eq!(take_apart(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_file_decides_only_where_one_reading_fits_all_its_figures() {
        let vote = |cells: &[&str]| {
            let mut ballot = DecimalMarkDetector::default();
            for (number, cell) in cells.iter().enumerate() {
                ballot.add(number, cell);
            }
            ballot.mark(None).map_err(|(number, _)| number)
        };
        assert_eq!(vote(&["1.234", "12,50"]), Ok(Mark::Comma));
        assert_eq!(vote(&["5", "1,234", "12.50"]), Ok(Mark::Point));
        assert_eq!(vote(&["5", "70"]), Ok(Mark::Point));
        assert_eq!(vote(&["5", "1,234"]), Err(1));
        assert_eq!(vote(&["12,50", "7", "12.50"]), Err(2));
    }

    #[test]
    fn zeros_a_currency_has_no_place_for_are_left_out_and_other_digits_are_not() {
        let amount = |magnitude: &str, currency: &str| {
            let signed = Signed {
                negative: false,
                magnitude: magnitude.to_owned(),
            };
            signed
                .amount(Currency::new(currency))
                .unwrap()
                .amount
                .to_string()
        };
        assert_eq!(amount("12.500000", "EUR"), "12.50");
        assert_eq!(amount("12.505", "EUR"), "12.505");
        assert_eq!(amount("1200.00", "JPY"), "1200");
        assert_eq!(amount("0.50000000", "BTC"), "0.50000000");
    }

    proptest! {
        #[test]
        fn what_is_printed_with_separators_is_read_as_the_same(
            whole in 0_u64..1_000_000_000_000, cents in 0_u8..100, comma in any::<bool>(),
        ) {
            let (mark, group) = if comma { (Mark::Comma, '.') } else { (Mark::Point, ',') };
            let plain = whole.to_string();
            let mut grouped = String::new();
            for (index, digit) in plain.chars().enumerate() {
                if index > 0 && (plain.len() - index).is_multiple_of(3) {
                    grouped.push(group);
                }
                grouped.push(digit);
            }
            let text = format!("{grouped}{}{cents:02}", mark.character());
            prop_assert_eq!(read(&text, mark), Some(format!("{whole}.{cents:02}")));
            prop_assert_eq!(read(&text, mark.other()), None);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
            if let Some(figure) = take_apart(&text) {
                for mark in [Mark::Comma, Mark::Point] {
                    if let Some(magnitude) = read(figure.digits, mark) {
                        prop_assert!(Balance::from_canonical(magnitude.as_bytes()).is_some());
                    }
                }
            }
        }
    }
}
