//! Numbers as banks and bookkeepers write them: `1.234,56`, `-£12.50`, `(3.00)`, `12,50 EUR`, `5.00 CR`.
//!
//! Finds what a cell can mean with either decimal mark, and which mark all cells of a file allow.
//! Nothing is rounded.

use super::Fault;
pub(super) use super::decimal_mark::DecimalMark;
use super::words::{Direction, suffix_direction};
use crate::money::{Amount, Balance, Currency, Scale, TypedAmount};

/// The parts of a cell: sign, digits with their separators, the unit and a direction beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrittenNumber<'a> {
    pub(super) negative: bool,
    pub(super) digits: &'a str,
    pub(super) unit: &'a str,
    /// What `DR` or `CR` beside the digits says.
    pub(super) direction: Option<Direction>,
}

/// A number that was understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    /// With its sign.
    pub(super) value: Balance,
    /// The digits after the decimal mark, as written.
    pub(super) scale: Scale,
}

impl Number {
    pub(super) fn is_zero(self) -> bool {
        self.value == Balance::ZERO
    }

    /// A value with as many digits after the decimal mark as it needs.
    pub(super) fn exact(value: Balance) -> Number {
        let scale = value.finest_scale();
        Number { value, scale }
    }

    /// With the other sign, if it turns.
    pub(super) fn turned(self, turns: bool) -> Number {
        let value = self.value.negated().filter(|_| turns);
        Number {
            value: value.unwrap_or(self.value),
            ..self
        }
    }

    /// The amount without its sign. Zeros that the currency has no place for are left out; other
    /// digits are not.
    pub(super) fn amount(self, currency: Option<Currency>) -> Option<TypedAmount> {
        let magnitude = self.value.billionths().checked_abs()?;
        let most = currency.and_then(Currency::minor_digits);
        let needed = self.value.finest_scale();
        let scale = match most {
            Some(most) if self.scale > most && needed <= most => most,
            _ => self.scale.max(needed),
        };
        let amount = Amount::from_parts(magnitude, scale)?;
        Some(TypedAmount { amount, currency })
    }

    /// One text for one value, for keys.
    pub(super) fn normal(self) -> String {
        self.value.to_text(Scale::WHOLE)
    }
}

/// Takes a cell apart: a sign before or after the digits, or parentheses; a unit and a direction
/// before or after. `None` if the cell is not a number.
pub(super) fn take_apart(cell: &str) -> Option<WrittenNumber<'_>> {
    let cell = cell.trim();
    let starts_digits = |at: usize| {
        let rest = cell.get(at..).unwrap_or_default();
        let digits = rest.strip_prefix(['.', ',']).unwrap_or(rest);
        digits.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut first = cell
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| starts_digits(*at))?;
    // The point of `Rs.500` belongs to the unit.
    let before = cell.get(..first).unwrap_or_default();
    if cell.get(first..)?.starts_with('.') && before.ends_with(char::is_alphabetic) {
        first = first.checked_add(1)?;
    }
    let last = cell.rfind(|c: char| c.is_ascii_digit())?.checked_add(1)?;
    let (front, digits, after) = (
        cell.get(..first)?,
        cell.get(first..last)?,
        cell.get(last..)?,
    );
    let belongs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_grouping(c);
    if !digits.chars().all(belongs) || after.starts_with(['.', ',']) {
        return None;
    }
    let mut negative = false;
    let (mut front, mut after) = (front.trim(), after.trim());
    // A spreadsheet puts the unit before the parentheses: `$(3.00)`.
    let opens = front.strip_prefix('(').or_else(|| front.strip_suffix('('));
    if let (Some(inner), Some(outer)) = (opens, after.strip_suffix(')')) {
        (front, after, negative) = (inner.trim(), outer.trim(), true);
    }
    let mut signs = usize::from(negative);
    for side in [&mut front, &mut after] {
        for sign in ['-', '\u{2212}', '\u{2013}', '+'] {
            let rest = side.strip_prefix(sign).or_else(|| side.strip_suffix(sign));
            if let Some(rest) = rest {
                *side = rest.trim();
                signs = signs.saturating_add(1);
                negative |= sign != '+';
            }
        }
    }
    let (front_word, front) = suffix_direction(front);
    let (word_after, after) = suffix_direction(after);
    let direction = match (front_word, word_after) {
        (Some(_), Some(_)) => return None,
        (one, other) => one.or(other),
    };
    let (("", unit) | (unit, "")) = (front, after) else {
        return None;
    };
    let is_unit =
        |c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '(' | ')' | '\u{2212}' | '%');
    (signs <= 1 && unit.chars().all(is_unit)).then_some(WrittenNumber {
        negative,
        digits,
        unit,
        direction,
    })
}

/// A separator of groups whatever the decimal mark is.
fn is_grouping(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '_'
    )
}

/// The number that digits mean with this decimal mark.
pub(super) fn read(digits: &str, mark: DecimalMark) -> Result<Number, Fault> {
    const FINEST: usize = 9;
    let not_a_number = || Fault::NotANumber {
        text: digits.to_owned(),
        mark: Some(mark),
    };
    let (whole, fraction) = match digits.split_once(mark.character()) {
        Some((_, fraction)) if !all_digits(fraction) => return Err(not_a_number()),
        // Exchanges write ten digits and mean fewer.
        Some((whole, long)) if long.len() > FINEST => (whole, Some(long.trim_end_matches('0'))),
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    if fraction.is_some_and(|fraction| fraction.len() > FINEST) {
        return Err(Fault::TooFine(digits.to_owned()));
    }
    let groups = ungrouped(whole, mark, fraction.is_none()).ok_or_else(not_a_number)?;
    let whole = match groups.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let canonical = match fraction {
        None | Some("") => whole.to_owned(),
        Some(fraction) => format!("{whole}.{fraction}"),
    };
    let number = Balance::from_canonical(canonical.as_bytes());
    let (value, scale) = number.ok_or_else(|| Fault::TooLarge(digits.to_owned()))?;
    Ok(Number { value, scale })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits before the mark without what separates their groups: three digits each, or two each
/// before the last three, as in India.
fn ungrouped(whole: &str, mark: DecimalMark, is_whole: bool) -> Option<String> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return (!whole.is_empty() || !is_whole).then(|| whole.to_owned());
    };
    if separator != mark.other().character() && !is_grouping(separator) {
        return None;
    }
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let first_is_good = all_digits(first) && first.len() <= 3 && !first.starts_with('0');
    let are_of = |length: usize| {
        let fits = |group: &&str| all_digits(group) && group.len() == length;
        middle.iter().all(fits)
    };
    let last_is_good = all_digits(last) && last.len() == 3;
    let is_lakh = first.len() <= 2 && !middle.is_empty() && are_of(2);
    (first_is_good && last_is_good && (are_of(3) || is_lakh)).then(|| groups.concat())
}

/// Finds the decimal mark that all numbers of a file allow.
#[derive(Clone, Debug, Default)]
pub(super) struct DecimalMarkDetector<P> {
    comma: Option<(P, String)>,
    point: Option<(P, String)>,
    open: Option<(P, String)>,
}

impl<P: Clone + PartialOrd> DecimalMarkDetector<P> {
    /// Takes in the digits of a number and their place.
    pub(super) fn add(&mut self, place: &P, digits: &str) {
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let readings = (
            read(digits, DecimalMark::Comma).ok(),
            read(digits, DecimalMark::Point).ok(),
        );
        let slot = match readings {
            (Some(comma), Some(point)) if comma == point => return,
            (Some(_), Some(_)) => &mut self.open,
            (Some(_), None) => &mut self.comma,
            (None, Some(_)) => &mut self.point,
            // The reader of the number reports it.
            (None, None) => return,
        };
        slot.get_or_insert_with(|| (place.clone(), digits.to_owned()));
    }

    /// Takes in what another detector found.
    pub(super) fn merge(&mut self, other: &DecimalMarkDetector<P>) {
        for (own, other) in [
            (&mut self.comma, &other.comma),
            (&mut self.point, &other.point),
            (&mut self.open, &other.open),
        ] {
            let is_earlier = match (own.as_ref(), other) {
                (Some((place, _)), Some((earlier, _))) => earlier < place,
                (None, Some(_)) => true,
                _ => false,
            };
            if is_earlier {
                own.clone_from(other);
            }
        }
    }

    /// True if some number can be read with one mark only.
    pub(super) fn is_decided(&self) -> bool {
        self.comma.is_some() || self.point.is_some()
    }

    /// True if some number has two readings and none decides.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some() && !self.is_decided()
    }

    /// The one mark with which every number can be read; otherwise the number that leaves it open
    /// or contradicts, and why.
    pub(super) fn mark(&self, asked: Option<DecimalMark>) -> Result<DecimalMark, (P, Fault)> {
        if let Some(asked) = asked {
            return Ok(asked);
        }
        match (&self.comma, &self.point, &self.open) {
            (Some(comma), Some(point), _) => {
                let (first, later) = if comma.0 < point.0 {
                    (comma, point)
                } else {
                    (point, comma)
                };
                let ((place, text), (_, earlier)) = (later.clone(), first.clone());
                Err((place, Fault::DecimalMixed { text, earlier }))
            }
            (Some(_), None, _) => Ok(DecimalMark::Comma),
            (None, None, Some((place, digits))) => {
                let text = |mark| {
                    let number = read(digits, mark).unwrap_or_default();
                    number.value.to_text(number.scale)
                };
                let fault = Fault::Decimal {
                    text: digits.clone(),
                    comma: text(DecimalMark::Comma),
                    point: text(DecimalMark::Point),
                };
                Err((place.clone(), fault))
            }
            (None, _, _) => Ok(DecimalMark::Point),
        }
    }
}

/// A number with its sign, read with this mark.
pub(super) fn signed(written: WrittenNumber<'_>, mark: DecimalMark) -> Result<Number, Fault> {
    Ok(read(written.digits, mark)?.turned(written.negative))
}

#[cfg(test)]
mod tests;
