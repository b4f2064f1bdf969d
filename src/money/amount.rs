//! Amounts and balances: an `i128` of billionths, and the number of decimals to show.
//!
//! Canonical decimal text and checked arithmetic. Amounts as people type them are in `typed`.

use std::fmt;

/// Billionths in one unit of money: figures have at most nine decimals.
const BILLIONTHS: u32 = 1_000_000_000;
const BILLION: i128 = 1_000_000_000;
/// Digits that an amount may have before the decimal point.
const MAX_WHOLE_DIGITS: usize = 18;

/// Billionths in the last digit, by number of decimals.
const STEPS: [u32; 10] = [
    1_000_000_000,
    100_000_000,
    10_000_000,
    1_000_000,
    100_000,
    10_000,
    1000,
    100,
    10,
    1,
];

/// A number of decimals: 0 to 9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scale(u8);

impl Scale {
    /// No decimals.
    pub const WHOLE: Scale = Scale(0);
    /// Nine decimals, the most there are.
    pub const FINEST: Scale = Scale(9);

    /// The scale with this number of decimals; `None` for more than nine.
    pub fn new(digits: u8) -> Option<Scale> {
        (digits <= 9).then_some(Scale(digits))
    }

    /// The number of decimals.
    pub fn digits(self) -> u8 {
        self.0
    }

    /// Billionths in the last digit of this scale.
    fn step(self) -> i128 {
        10_i128
            .checked_pow(u32::from(9_u8.saturating_sub(self.0)))
            .unwrap_or(BILLION)
    }
}

/// An amount of money that an event moves: greater than zero, with at most 18 digits before the
/// decimal point and 9 after it. Keeps the scale it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    billionths: i128,
    scale: Scale,
}

impl Amount {
    /// Parses canonical text: no sign, no leading zeros, an optional point with 1 to 9 decimals, greater
    /// than zero. `None` for any other spelling.
    pub fn from_canonical(text: &[u8]) -> Option<Amount> {
        let (billionths, scale) = unsigned(text)?;
        (billionths > 0).then_some(Amount { billionths, scale })
    }

    /// The amount with these digits before and after the point, for a caller that has already checked
    /// that the text is canonical. `None` for zero and for more than nine digits on either side.
    #[inline]
    pub(crate) fn from_digits(whole: u64, fraction: u64, fraction_digits: usize) -> Option<Amount> {
        const BELOW: u64 = 1_000_000_000;
        let step = *STEPS.get(fraction_digits)?;
        let billionths = whole
            .checked_mul(BELOW)?
            .checked_add(fraction.checked_mul(u64::from(step))?)?;
        let fits = whole < BELOW && fraction < BELOW && billionths > 0;
        fits.then_some(Amount {
            billionths: i128::from(billionths),
            scale: Scale(u8::try_from(fraction_digits).ok()?),
        })
    }

    /// The amount of a sum, written with at least `scale`; `None` if it is not above zero.
    pub fn from_balance(balance: Balance, scale: Scale) -> Option<Amount> {
        Amount::from_parts(balance.0, scale.max(balance.finest_scale()))
    }

    /// The amount of so many billionths, written with this scale. `None` if it is not above zero or
    /// has more than 18 digits before the point.
    pub(crate) fn from_parts(billionths: i128, scale: Scale) -> Option<Amount> {
        const BEYOND: i128 = 1_000_000_000_000_000_000_000_000_000;
        (billionths > 0 && billionths < BEYOND).then_some(Amount { billionths, scale })
    }

    /// The number of decimals it is written with.
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// The same amount written with `scale`; `None` if it has more decimals than that, even if they are
    /// zeros.
    pub fn at_scale(self, scale: Scale) -> Option<Amount> {
        (self.scale <= scale).then_some(Amount { scale, ..self })
    }

    /// The amount in billionths.
    pub fn billionths(self) -> i128 {
        self.billionths
    }

    /// The amount as a change of a balance.
    pub fn as_balance(self) -> Balance {
        Balance(self.billionths)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Balance(self.billionths).to_text(self.scale))
    }
}

/// A sum of amounts, in billionths; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Balance(i128);

impl Balance {
    /// Zero.
    pub const ZERO: Balance = Balance(0);

    /// A balance of this many billionths.
    pub fn from_billionths(billionths: i128) -> Balance {
        Balance(billionths)
    }

    /// The balance in billionths.
    pub fn billionths(self) -> i128 {
        self.0
    }

    /// The sum, or `None` on overflow.
    pub fn plus(self, other: Balance) -> Option<Balance> {
        self.0.checked_add(other.0).map(Balance)
    }

    /// The difference, or `None` on overflow.
    pub fn minus(self, other: Balance) -> Option<Balance> {
        self.0.checked_sub(other.0).map(Balance)
    }

    /// The negated balance, or `None` on overflow (`i128::MIN`).
    pub fn negated(self) -> Option<Balance> {
        self.0.checked_neg().map(Balance)
    }

    /// True if it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// So many times 10^18; `None` if that does not fit.
    pub(super) fn from_quintillions(count: i128) -> Option<Balance> {
        const QUINTILLION: i128 = 1_000_000_000_000_000_000;
        let whole = count.checked_mul(QUINTILLION)?;
        whole.checked_mul(BILLION).map(Balance)
    }

    /// Parses the canonical text of a signed figure: like that of an amount, but zero is allowed and a
    /// negative figure starts with `-`.
    pub fn from_canonical(text: &[u8]) -> Option<(Balance, Scale)> {
        match text.strip_prefix(b"-") {
            Some(digits) => {
                let (billionths, scale) = unsigned(digits)?;
                (billionths > 0)
                    .then(|| billionths.checked_neg())
                    .flatten()
                    .map(|negative| (Balance(negative), scale))
            }
            None => unsigned(text).map(|(billionths, scale)| (Balance(billionths), scale)),
        }
    }

    /// The scale needed to write this balance exactly.
    pub fn finest_scale(self) -> Scale {
        (0..=9)
            .map(Scale)
            .find(|scale| self.0.checked_rem(scale.step()) == Some(0))
            .unwrap_or(Scale::FINEST)
    }

    /// The figure with `scale` decimals, or more if it needs them: nothing is rounded.
    pub fn to_text(self, scale: Scale) -> String {
        let (whole, billionths) = self.parts();
        // The extra leading 1 preserves leading zeros.
        let mut digits = itoa::Buffer::new();
        let digits = digits
            .format(billionths.saturating_add(BILLIONTHS))
            .split_at(1)
            .1;
        let needed = digits.trim_end_matches('0').len();
        let shown = digits.get(..needed.max(usize::from(scale.0)));
        let shown = shown.unwrap_or(digits);
        let mut text = String::with_capacity(40);
        if self.0 < 0 {
            text.push('-');
        }
        text.push_str(itoa::Buffer::new().format(whole));
        if !shown.is_empty() {
            text.push('.');
            text.push_str(shown);
        }
        text
    }

    /// The digits before and after the decimal point, without the sign.
    fn parts(self) -> (u128, u32) {
        let magnitude = self.0.unsigned_abs();
        if let Ok(magnitude) = u64::try_from(magnitude) {
            // The common case, divided in 64 bits, which is faster.
            let billionths = magnitude.checked_rem(BILLIONTHS.into()).unwrap_or_default();
            let whole = magnitude.checked_div(BILLIONTHS.into()).unwrap_or_default();
            return (whole.into(), u32::try_from(billionths).unwrap_or_default());
        }
        let billionths = magnitude.checked_rem(BILLIONTHS.into()).unwrap_or_default();
        let whole = magnitude.checked_div(BILLIONTHS.into()).unwrap_or_default();
        (whole, u32::try_from(billionths).unwrap_or_default())
    }
}

/// The lowest balance that a withdrawal may leave in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Floor {
    /// No lower bound.
    None,
    /// Not below this figure, which is written with this scale.
    At(Balance, Scale),
}

impl Default for Floor {
    fn default() -> Floor {
        Floor::At(Balance::ZERO, Scale::WHOLE)
    }
}

impl Floor {
    /// Parses canonical text: `none` or a signed figure.
    pub fn from_canonical(text: &[u8]) -> Option<Floor> {
        if text == b"none" {
            return Some(Floor::None);
        }
        Balance::from_canonical(text).map(|(balance, scale)| Floor::At(balance, scale))
    }

    /// True if `balance` is not below this floor.
    pub fn allows(self, balance: Balance) -> bool {
        match self {
            Floor::None => true,
            Floor::At(floor, _) => balance >= floor,
        }
    }

    /// The figure with at least `scale` decimals, or `none`.
    pub fn to_text(self, scale: Scale) -> String {
        match self {
            Floor::None => "none".to_owned(),
            Floor::At(balance, own) => balance.to_text(own.max(scale)),
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Scale::WHOLE))
    }
}

/// `0` or digits without leading zeros, then optionally `.` and 1 to 9 digits.
#[inline]
fn unsigned(text: &[u8]) -> Option<(i128, Scale)> {
    let (whole, whole_digits, rest) = digits(text, MAX_WHOLE_DIGITS);
    let leading_zero = whole_digits > 1 && text.first() == Some(&b'0');
    if whole_digits == 0 || leading_zero {
        return None;
    }
    let (fraction, fraction_digits) = match rest.split_first() {
        None => (0, 0),
        Some((b'.', rest)) => match digits(rest, 9) {
            (_, 0, _) => return None,
            (fraction, count, []) => (fraction, count),
            _ => return None,
        },
        Some(_) => return None,
    };
    let step = *STEPS.get(fraction_digits)?;
    // Cannot overflow: the result is below 10^27, and an `i128` holds more than 10^38.
    let billionths = i128::from(whole)
        .wrapping_mul(BILLION)
        .wrapping_add(i128::from(fraction).wrapping_mul(i128::from(step)));
    Some((billionths, Scale(u8::try_from(fraction_digits).ok()?)))
}

/// The leading ASCII digits, at most `most` of them and never more than 19: their value, their number,
/// and the rest of the text.
#[inline]
fn digits(text: &[u8], most: usize) -> (u64, usize, &[u8]) {
    let mut value = 0_u64;
    let mut count = 0_usize;
    for byte in text.iter().take(most) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        count = count.wrapping_add(1);
    }
    (value, count, text.get(count..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_canonical_text_is_parsed() {
        for good in [
            "1",
            "0.1",
            "50.00",
            "999999999999999999.999999999",
            "0.000000001",
        ] {
            let amount = Amount::from_canonical(good.as_bytes()).unwrap();
            assert_eq!(amount.to_string(), good);
        }
        for bad in [
            "",
            "0",
            "0.00",
            "00",
            "01",
            "+1",
            "-1",
            "1.",
            ".5",
            "1e3",
            "1_000",
            "1,0",
            " 1",
            "1 ",
            "1.0000000001",
            "1000000000000000000",
            "1.2.3",
            "٥",
            "1:",
            "1/",
        ] {
            assert_eq!(Amount::from_canonical(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn digits_are_parsed_to_billionths() {
        for (text, billionths, digits) in [
            ("0", 0, 0),
            ("7", 7_000_000_000, 0),
            ("719.50", 719_500_000_000, 2),
            ("0.000000001", 1, 9),
            ("12.000000030", 12_000_000_030, 9),
            (
                "999999999999999999.999999999",
                999_999_999_999_999_999_999_999_999,
                9,
            ),
        ] {
            assert_eq!(unsigned(text.as_bytes()), Some((billionths, Scale(digits))));
        }
    }

    #[test]
    fn minus_zero_is_refused() {
        assert_eq!(Balance::from_canonical(b"-0"), None);
        assert_eq!(Balance::from_canonical(b"-0.00"), None);
        assert!(Balance::from_canonical(b"0.00").is_some());
    }

    #[test]
    fn overflow_is_refused_and_does_not_wrap() {
        let most = Balance::from_billionths(i128::MAX);
        assert_eq!(most.plus(Balance::from_billionths(1)), None);
        let least = Balance::from_billionths(i128::MIN);
        assert_eq!(least.minus(Balance::from_billionths(1)), None);
        assert_eq!(least.negated(), None);
        assert_eq!(
            least.to_text(Scale::WHOLE),
            "-170141183460469231731687303715.884105728"
        );
    }

    #[test]
    fn a_scale_is_widened_and_never_narrowed() {
        let amount = Amount::from_canonical(b"1.5").unwrap();
        let two = Scale::new(2).unwrap();
        assert_eq!(amount.at_scale(two).unwrap().to_string(), "1.50");
        assert_eq!(
            Amount::from_canonical(b"1.500").unwrap().at_scale(two),
            None
        );
    }

    proptest! {
        #[test]
        fn decimal_text_round_trips(billionths in any::<i128>(), digits in 0_u8..=9) {
            let balance = Balance::from_billionths(billionths);
            let text = balance.to_text(Scale::new(digits).unwrap());
            prop_assert!(!text.contains("--"));
            let whole = text.trim_start_matches('-').split('.').next().unwrap().len();
            if whole <= 18 {
                prop_assert_eq!(Balance::from_canonical(text.as_bytes()).unwrap().0, balance);
            }
        }

        #[test]
        fn text_has_the_digits_and_a_point(
            billionths in prop_oneof![any::<i128>(), any::<i64>().prop_map(i128::from), (-9_i128..=9).prop_map(|n| n * 100_000_000)],
            digits in 0_u8..=9,
        ) {
            let padded = format!("{:010}", billionths.unsigned_abs());
            let (whole, fraction) = padded.split_at(padded.len() - 9);
            let needed = fraction.trim_end_matches('0').len().max(digits.into());
            let sign = if billionths < 0 { "-" } else { "" };
            let point = if needed > 0 { "." } else { "" };
            let text = Balance::from_billionths(billionths).to_text(Scale::new(digits).unwrap());
            prop_assert_eq!(text, format!("{sign}{whole}{point}{}", &fraction[..needed]));
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Amount::from_canonical(&bytes);
            let _ = Floor::from_canonical(&bytes);
        }
    }
}
