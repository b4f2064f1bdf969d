//! Figures in tables: exact text, and an integer of minor units.
//!
//! A figure that does not fit in 64 bits has no integer: it is never rounded or wrapped.

use crate::money::{Balance, CurrencyText, Scale};

/// A figure in units of the last digit of `scale`; `None` if that is not an integer of 64 bits.
pub(super) fn minor(figure: Balance, scale: Scale) -> Option<i64> {
    let step = factor(Scale::FINEST)?.checked_div(factor(scale)?)?;
    let billionths = figure.billionths();
    if billionths.checked_rem(step)? != 0 {
        return None;
    }
    i64::try_from(billionths.checked_div(step)?).ok()
}

/// Ten to the power of a scale.
pub(super) fn factor(scale: Scale) -> Option<i128> {
    10_i128.checked_pow(u32::from(scale.digits()))
}

/// The figure of a text that was made by [`Balance::to_text`], however long it is.
pub(super) fn exact(text: &str) -> Option<Balance> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let billionths = format!("{sign}{whole}{fraction:0<9}").parse().ok()?;
    Some(Balance::from_billionths(billionths))
}

/// The zeros to append to a text to increase its scale.
pub(super) fn padding(from: Scale, to: Scale) -> String {
    let point = if from == Scale::WHOLE { "." } else { "" };
    let zeros = usize::from(to.digits().saturating_sub(from.digits()));
    format!("{point}{}", "0".repeat(zeros))
}

/// A number of an event. Logs of more than 2^63 events do not come up.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub(super) fn code(text: Option<&CurrencyText>) -> Option<&str> {
    text.map(CurrencyText::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scale(digits: u8) -> Scale {
        Scale::new(digits).unwrap()
    }

    #[test]
    fn a_whole_number_that_does_not_fit_is_none_and_never_a_wrong_one() {
        let figure = |text| exact(text).unwrap();
        for (text, digits, expected) in [
            ("12.34", 2, Some(1234)),
            ("-0.01", 2, Some(-1)),
            ("12.34", 9, Some(12_340_000_000)),
            ("12.34", 1, None),
            ("92233720368547758.07", 2, Some(i64::MAX)),
            ("92233720368547758.08", 2, None),
            ("-92233720368547758.08", 2, Some(i64::MIN)),
            ("999999999999999999", 0, Some(999_999_999_999_999_999)),
            ("999999999999999999", 9, None),
            ("170141183460469231731687303715.884105727", 9, None),
        ] {
            assert_eq!(minor(figure(text), scale(digits)), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_is_read_back_exactly_and_padding_makes_it_finer(
            billionths in any::<i128>(), one in 0_u8..=9, other in 0_u8..=9,
        ) {
            let figure = Balance::from_billionths(billionths);
            prop_assert_eq!(exact(&figure.to_text(scale(one))), Some(figure));
            let (coarse, fine) = (scale(one.min(other)), scale(one.max(other)));
            let coarse = coarse.max(figure.finest_scale());
            if coarse < fine {
                let padded = figure.to_text(coarse) + &padding(coarse, fine);
                prop_assert_eq!(padded, figure.to_text(fine));
            }
        }
    }
}
