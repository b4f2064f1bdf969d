//! Amounts as people type them: `50`, `50.00`, `+50`, `1_000`, `50 EUR`, `50EUR`, `EUR50`.
//!
//! A refused spelling comes with the spelling to suggest instead.

use thiserror::Error;

use super::{Amount, Balance, Currency, Scale};

/// Why a typed amount is refused, with the spelling to suggest if there is one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("the amount is empty")]
    Empty,
    /// A comma, which can be a decimal mark or a thousands separator.
    #[error("a comma can mean two things in `{text}`")]
    Comma {
        /// As typed.
        text: String,
        /// What was probably meant.
        reading: Option<String>,
    },
    /// Scientific notation.
    #[error("`{text}` has an exponent; amounts are plain decimals")]
    Exponent {
        /// As typed.
        text: String,
        /// The plain figure, if it is exact.
        reading: Option<String>,
    },
    /// Zero.
    #[error("an amount must be greater than zero")]
    Zero,
    /// A negative amount; the direction is given by the command.
    #[error("an amount must be greater than zero, `{text}` is not")]
    Negative {
        /// As typed.
        text: String,
        /// The figure without its sign.
        opposite: String,
    },
    /// Digits of another script, or full-width digits.
    #[error("`{text}` is not written with the digits 0 to 9")]
    ForeignDigits {
        /// As typed.
        text: String,
        /// The same figure in ASCII digits.
        reading: String,
    },
    /// Spaces, apostrophes or zeros that a plain figure does not have.
    #[error("`{text}` is not a plain decimal")]
    Spelling {
        /// As typed.
        text: String,
        /// The plain figure.
        reading: String,
    },
    /// More decimals than the currency or the format allows.
    #[error("`{text}` has {digits} decimal{}, {} has {most}", if *.digits == 1 { "" } else { "s" }, .currency.map_or_else(|| "an amount".to_owned(), |c| c.to_string()))]
    TooManyDecimals {
        /// As typed.
        text: String,
        /// The number of decimals.
        digits: usize,
        /// The number of decimals allowed.
        most: u8,
        /// The currency with this limit; `None` if it is the format's own.
        currency: Option<Currency>,
    },
    /// More digits before the point than there may be.
    #[error("`{text}` has more than {most} digits before the point")]
    TooLarge {
        /// As typed.
        text: String,
        /// How many there may be.
        most: usize,
    },
    /// Not a figure.
    #[error("`{text}` is not an amount")]
    NotANumber {
        /// As typed.
        text: String,
    },
    /// The text beside the figure is not a currency code.
    #[error("`{text}` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter")]
    Currency {
        /// As typed.
        text: String,
        /// The code that was probably meant.
        reading: Option<String>,
    },
}

/// The most digits that an amount has before the point.
const AMOUNT_DIGITS: usize = 18;
/// The most that a sum has.
const SUM_DIGITS: usize = 29;

/// A signed figure as typed, with its currency if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The figure.
    pub balance: Balance,
    /// The number of decimals typed.
    pub scale: Scale,
    /// The currency typed with it.
    pub currency: Option<Currency>,
}

/// An amount as typed: greater than zero, with its currency if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedAmount {
    /// The amount with the scale it was typed in.
    pub amount: Amount,
    /// The currency typed with it.
    pub currency: Option<Currency>,
}

impl TypedAmount {
    /// Parses a typed amount.
    ///
    /// # Errors
    /// [`AmountError`] with the spelling to suggest.
    pub fn parse(text: &str) -> Result<TypedAmount, AmountError> {
        let figure = Figure::parse(text)?;
        if figure.balance.is_negative() {
            let opposite = text.trim().replacen(['-', '\u{2212}'], "", 1);
            return Err(AmountError::Negative {
                text: shown(text),
                opposite: shown(&opposite),
            });
        }
        let amount = Amount::from_parts(figure.balance.billionths(), figure.scale)
            .ok_or(AmountError::Zero)?;
        Ok(TypedAmount {
            amount,
            currency: figure.currency,
        })
    }
}

impl Figure {
    /// Parses a typed figure that may be negative or zero, such as a floor.
    ///
    /// # Errors
    /// [`AmountError`] with the spelling to suggest.
    pub fn parse(text: &str) -> Result<Figure, AmountError> {
        Figure::with_digits(text, AMOUNT_DIGITS)
    }

    /// Parses a typed balance to compare with: a sum may have more digits than an amount.
    ///
    /// # Errors
    /// [`AmountError`] with the spelling to suggest.
    pub fn parse_sum(text: &str) -> Result<Figure, AmountError> {
        Figure::with_digits(text, SUM_DIGITS)
    }

    fn with_digits(text: &str, most: usize) -> Result<Figure, AmountError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(AmountError::Empty);
        }
        if let Some(reading) = in_ascii_digits(trimmed) {
            return Err(AmountError::ForeignDigits {
                text: shown(trimmed),
                reading: shown(&reading),
            });
        }
        if let Some(reading) = without_sign(trimmed) {
            return Err(AmountError::Spelling {
                text: shown(trimmed),
                reading,
            });
        }
        let parts = split(trimmed)?;
        let (balance, scale) = plain(trimmed, parts.figure, most)?;
        if let Some(most) = parts.currency.and_then(Currency::minor_digits)
            && scale > most
        {
            return Err(AmountError::TooManyDecimals {
                text: shown(trimmed),
                digits: usize::from(scale.digits()),
                most: most.digits(),
                currency: parts.currency,
            });
        }
        Ok(Figure {
            balance,
            scale,
            currency: parts.currency,
        })
    }
}

struct FigureParts<'a> {
    figure: &'a str,
    currency: Option<Currency>,
}

/// Splits off the currency. Separated by white space it may be any code; next to the figure it is
/// letters only, so that `1E30` is not an amount of the currency `E30`.
fn split(text: &str) -> Result<FigureParts<'_>, AmountError> {
    let is_figure = |part: &str| part.contains(|c: char| c.is_ascii_digit());
    if let Some((left, right)) = text.split_once(char::is_whitespace) {
        let right = right.trim_start();
        let (figure, code) = match (starts_like_figure(left), starts_like_figure(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            _ if is_figure(left) && is_figure(right) => {
                return Err(digits_with_spaces(text));
            }
            _ => return Err(AmountError::NotANumber { text: shown(text) }),
        };
        return Ok(FigureParts {
            figure,
            currency: Some(code_of(code)?),
        });
    }
    let letters_in_front = text
        .len()
        .saturating_sub(text.trim_start_matches(|c: char| c.is_alphabetic()).len());
    let letters_after = text
        .len()
        .saturating_sub(text.trim_end_matches(|c: char| c.is_alphabetic()).len());
    let (front, rest) = text
        .split_at_checked(letters_in_front)
        .unwrap_or(("", text));
    if !front.is_empty() {
        if !is_figure(rest) || !starts_like_figure(rest) || letters_after > 0 {
            return Err(AmountError::NotANumber { text: shown(text) });
        }
        return Ok(FigureParts {
            figure: rest,
            currency: Some(code_of(front)?),
        });
    }
    let cut = text.len().saturating_sub(letters_after);
    let (figure, after) = text.split_at_checked(cut).unwrap_or((text, ""));
    if after.is_empty() {
        return Ok(FigureParts {
            figure,
            currency: None,
        });
    }
    if !is_figure(figure) || after.eq_ignore_ascii_case("e") {
        return Err(AmountError::NotANumber { text: shown(text) });
    }
    Ok(FigureParts {
        figure,
        currency: Some(code_of(after)?),
    })
}

fn starts_like_figure(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '\u{2212}' | '.'))
}

fn code_of(code: &str) -> Result<Currency, AmountError> {
    Currency::new(code).ok_or_else(|| {
        let upper = code.to_uppercase();
        AmountError::Currency {
            text: shown(code),
            reading: Currency::new(&upper).map(|c| c.to_string()),
        }
    })
}

/// The error for digits separated by spaces; it suggests the digits without them.
fn digits_with_spaces(text: &str) -> AmountError {
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match Figure::parse(&joined) {
        Ok(_) => AmountError::Spelling {
            text: shown(text),
            reading: shown(&joined),
        },
        Err(AmountError::Comma { reading, .. }) => AmountError::Comma {
            text: shown(text),
            reading,
        },
        Err(_) => AmountError::NotANumber { text: shown(text) },
    }
}

/// Parses the figure: a sign, digits with `_` between them, a point, up to nine decimals.
///
/// There are at most so many digits before the point.
fn plain(whole_text: &str, figure: &str, most: usize) -> Result<(Balance, Scale), AmountError> {
    let negative = figure.starts_with(['-', '\u{2212}']);
    let unsigned = figure
        .strip_prefix(['-', '\u{2212}', '+'])
        .unwrap_or(figure);
    if unsigned.contains(',') && unsigned.contains(|c: char| c.is_ascii_digit()) {
        return Err(AmountError::Comma {
            text: shown(whole_text),
            reading: comma_reading(unsigned),
        });
    }
    if let Some(error) = exponent(whole_text, unsigned) {
        return Err(error);
    }
    let (integer, fraction) = match unsigned.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (unsigned, None),
    };
    let misspelled = || misspelled(whole_text, unsigned);
    let integer = grouped(integer).ok_or_else(misspelled)?;
    let fraction = fraction
        .map_or(Some(String::new()), grouped)
        .ok_or_else(misspelled)?;
    if integer.is_empty() || (unsigned.contains('.') && fraction.is_empty()) {
        return Err(misspelled());
    }
    if integer.len() > 1 && integer.starts_with('0') {
        return Err(misspelled());
    }
    let too_large = || AmountError::TooLarge {
        text: shown(whole_text),
        most,
    };
    if integer.len() > most {
        return Err(too_large());
    }
    if fraction.len() > 9 {
        return Err(AmountError::TooManyDecimals {
            text: shown(whole_text),
            digits: fraction.len(),
            most: 9,
            currency: None,
        });
    }
    // The digits that an amount may have are read as one; those above them are added.
    let split_at = integer.len().saturating_sub(AMOUNT_DIGITS);
    let (high, low) = integer.split_at_checked(split_at).unwrap_or(("", &integer));
    let mut canonical = match low.trim_start_matches('0') {
        "" => "0".to_owned(),
        low => low.to_owned(),
    };
    if !fraction.is_empty() {
        canonical.push('.');
        canonical.push_str(&fraction);
    }
    let (magnitude, scale) =
        Balance::from_canonical(canonical.as_bytes()).ok_or_else(misspelled)?;
    let magnitude = match high.parse::<i128>() {
        Ok(high) => Balance::from_quintillions(high)
            .and_then(|high| high.plus(magnitude))
            .ok_or_else(too_large)?,
        Err(_) => magnitude,
    };
    let balance = if negative {
        magnitude.negated().ok_or_else(misspelled)?
    } else {
        magnitude
    };
    Ok((balance, scale))
}

/// The digits without the `_` between them; `None` if a `_` is at an end or doubled, or if there are
/// other characters.
fn grouped(digits: &str) -> Option<String> {
    if digits.is_empty() {
        return Some(String::new());
    }
    let groups_are_digits = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    groups_are_digits.then(|| digits.replace('_', ""))
}

/// What was probably meant: with groups of three digits after the comma, thousands; otherwise decimals.
/// Three decimals are not offered, because most currencies have fewer.
fn comma_reading(unsigned: &str) -> Option<String> {
    let (before_point, _) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = before_point.split(',');
    let is_first = |group: &str| (1..=3).contains(&group.len()) && !group.starts_with('0');
    let is_grouped = groups.next().is_some_and(is_first) && groups.all(|group| group.len() == 3);
    let reading = if is_grouped && before_point.contains(',') {
        unsigned.replace(',', "")
    } else if unsigned.matches(',').count() == 1 {
        unsigned.replace('.', "").replace(',', ".")
    } else {
        return None;
    };
    TypedAmount::parse(&reading).is_ok().then_some(reading)
}

fn exponent(whole_text: &str, unsigned: &str) -> Option<AmountError> {
    let (mantissa, power) = unsigned.split_once(['e', 'E'])?;
    let power = power.strip_prefix('+').unwrap_or(power);
    let looks_so = !mantissa.is_empty()
        && mantissa
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && power
            .strip_prefix('-')
            .unwrap_or(power)
            .bytes()
            .all(|byte| byte.is_ascii_digit());
    if !looks_so {
        return None;
    }
    let reading = power
        .parse::<usize>()
        .ok()
        .filter(|zeros| *zeros <= 17 && !mantissa.contains('.'))
        .map(|zeros| format!("{mantissa}{}", "0".repeat(zeros)))
        .filter(|plain| TypedAmount::parse(plain).is_ok());
    Some(AmountError::Exponent {
        text: shown(whole_text),
        reading,
    })
}

/// The error for a misspelled figure; it suggests the figure without extra zeros and separators.
fn misspelled(whole_text: &str, unsigned: &str) -> AmountError {
    let bare: String = unsigned
        .chars()
        .filter(|c| !matches!(c, '_' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}'))
        .collect();
    let (integer, fraction) = bare.split_once('.').unwrap_or((&bare, ""));
    let all_digits =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 18;
    if bare.contains(|c: char| c.is_ascii_digit()) && all_digits(integer) && all_digits(fraction) {
        let integer = match integer.trim_start_matches('0') {
            "" => "0",
            rest => rest,
        };
        let reading = if fraction.is_empty() {
            integer.to_owned()
        } else {
            format!("{integer}.{fraction}")
        };
        return AmountError::Spelling {
            text: shown(whole_text),
            reading,
        };
    }
    AmountError::NotANumber {
        text: shown(whole_text),
    }
}

/// `€50` with the currency's code instead of its sign; `None` if it has no sign or is still wrong.
fn without_sign(text: &str) -> Option<String> {
    const SIGNS: [(char, &str); 4] = [('€', "EUR"), ('$', "USD"), ('£', "GBP"), ('₹', "INR")];
    let (sign, code) = SIGNS.iter().find(|(sign, _)| text.contains(*sign))?;
    let figure = text.replacen(*sign, "", 1);
    if figure.contains(char::is_alphabetic) {
        return None;
    }
    let reading = format!("{}{code}", figure.trim());
    TypedAmount::parse(&reading).is_ok().then_some(reading)
}

/// The text with decimal digits of other scripts replaced by ASCII digits; `None` if it has none.
fn in_ascii_digits(text: &str) -> Option<String> {
    let mut found = false;
    let ascii = text
        .chars()
        .map(|c| match foreign_digit(c) {
            Some(digit) => {
                found = true;
                digit
            }
            None => c,
        })
        .collect();
    found.then_some(ascii)
}

/// The code points of zero in the scripts whose digits people type. Source: Unicode 16,
/// `DerivedNumericType.txt`, type Decimal, Basic Multilingual Plane.
const ZEROS: [u32; 37] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x1D7CE,
];

fn foreign_digit(c: char) -> Option<char> {
    let code = u32::from(c);
    ZEROS.iter().find_map(|zero| {
        code.checked_sub(*zero)
            .filter(|digit| *digit <= 9)
            .and_then(|digit| char::from_digit(digit, 10))
    })
}

/// The typed text, cut to forty characters.
fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str) -> (String, Option<String>) {
        let typed = TypedAmount::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        (
            typed.amount.to_string(),
            typed.currency.map(|c| c.to_string()),
        )
    }

    fn refused(text: &str) -> AmountError {
        TypedAmount::parse(text).expect_err(text)
    }

    #[test]
    fn every_documented_spelling_is_accepted() {
        let plain = |figure: &str| (figure.to_owned(), None);
        let euros = |figure: &str| (figure.to_owned(), Some("EUR".to_owned()));
        assert_eq!(typed("50"), plain("50"));
        assert_eq!(typed("50.00"), plain("50.00"));
        assert_eq!(typed("+50"), plain("50"));
        assert_eq!(typed("1_000"), plain("1000"));
        assert_eq!(typed("0.5"), plain("0.5"));
        assert_eq!(typed("50 EUR"), euros("50"));
        assert_eq!(typed("50EUR"), euros("50"));
        assert_eq!(typed("EUR50"), euros("50"));
        assert_eq!(typed("EUR 50"), euros("50"));
        assert_eq!(typed("+1_000.50EUR"), euros("1000.50"));
        assert_eq!(typed("5 E30").1.as_deref(), Some("E30"));
    }

    #[test]
    fn a_comma_is_refused_with_the_reading_that_was_probably_meant() {
        let reading = |text: &str| match refused(text) {
            AmountError::Comma { reading, .. } => reading.unwrap_or_default(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(reading("1,000"), "1000");
        assert_eq!(reading("12,50"), "12.50");
        assert_eq!(reading("0,125"), "0.125");
        assert_eq!(reading("1234,500"), "1234.500");
        assert_eq!(reading("1,2,3"), "");
        assert_eq!(reading("1.000,50"), "1000.50");
        assert_eq!(reading("1,000.50"), "1000.50");
        assert_eq!(reading("1,000,000"), "1000000");
        assert_eq!(reading("1,000 EUR"), "1000");
    }

    #[test]
    fn a_sign_of_a_currency_is_refused_with_its_code() {
        let reading = |text: &str| match refused(text) {
            AmountError::Spelling { reading, .. } => reading,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(reading("€50"), "50EUR");
        assert_eq!(reading("12.50 €"), "12.50EUR");
        assert_eq!(reading("$1_000"), "1_000USD");
        assert!(matches!(refused("€50€"), AmountError::NotANumber { .. }));
        assert!(matches!(
            refused("50 EUR€"),
            AmountError::Currency { .. } | AmountError::NotANumber { .. }
        ));
    }

    #[test]
    fn an_exponent_is_refused_with_the_plain_figure() {
        assert!(
            matches!(refused("1e3"), AmountError::Exponent { reading: Some(r), .. } if r == "1000")
        );
        assert!(matches!(
            refused("1E30"),
            AmountError::Exponent { reading: None, .. }
        ));
        assert!(matches!(
            refused("1e-3"),
            AmountError::Exponent { reading: None, .. }
        ));
        assert!(matches!(refused("1e"), AmountError::NotANumber { .. }));
    }

    #[test]
    fn zero_and_negative_amounts_are_refused() {
        assert_eq!(refused("0"), AmountError::Zero);
        assert_eq!(refused("0.00 EUR"), AmountError::Zero);
        assert!(matches!(refused("-5"), AmountError::Negative { opposite, .. } if opposite == "5"));
        assert!(
            matches!(refused("-5.00EUR"), AmountError::Negative { opposite, .. } if opposite == "5.00EUR")
        );
        assert!(matches!(refused("\u{2212}5"), AmountError::Negative { .. }));
        assert_eq!(refused("-0"), AmountError::Zero);
    }

    #[test]
    fn misspelled_figures_are_refused_with_a_suggestion() {
        let reading = |text: &str| match refused(text) {
            AmountError::Spelling { reading, .. } | AmountError::ForeignDigits { reading, .. } => {
                reading
            }
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(reading("050"), "50");
        assert_eq!(reading(".5"), "0.5");
        assert_eq!(reading("5."), "5");
        assert_eq!(reading("1__000"), "1000");
        assert_eq!(reading("1'000"), "1000");
        assert_eq!(reading("1 000"), "1000");
        assert_eq!(reading("٥٠"), "50");
        assert_eq!(reading("５０"), "50");
    }

    #[test]
    fn text_that_is_not_a_figure_is_refused() {
        for text in [
            "NaN", "inf", "abc", "EUR", "--5", "1.2.3", "0x10", "¤50", "50¤", "1E3X", "EUR50EUR",
            "+", "-", ".", "_", "E30",
        ] {
            let error = refused(text);
            assert!(
                matches!(
                    error,
                    AmountError::NotANumber { .. } | AmountError::Currency { .. }
                ),
                "{text}: {error:?}"
            );
        }
        assert_eq!(refused("  "), AmountError::Empty);
    }

    #[test]
    fn too_many_decimals_are_refused_and_not_rounded() {
        assert!(matches!(
            refused("50.005 EUR"),
            AmountError::TooManyDecimals {
                digits: 3,
                most: 2,
                ..
            }
        ));
        assert!(matches!(
            refused("50.000 EUR"),
            AmountError::TooManyDecimals {
                digits: 3,
                most: 2,
                ..
            }
        ));
        assert!(matches!(
            refused("5.5 JPY"),
            AmountError::TooManyDecimals { most: 0, .. }
        ));
        assert!(matches!(
            refused("0.0000000001"),
            AmountError::TooManyDecimals {
                digits: 10,
                most: 9,
                ..
            }
        ));
        assert!(matches!(
            refused("1000000000000000000"),
            AmountError::TooLarge { .. }
        ));
        assert_eq!(typed("999999999999999999.999999999").0.len(), 28);
    }

    #[test]
    fn a_lower_case_currency_is_refused_with_the_code() {
        assert!(
            matches!(refused("50 eur"), AmountError::Currency { reading: Some(r), .. } if r == "EUR")
        );
    }

    #[test]
    fn a_figure_may_be_negative_or_zero() {
        assert!(Figure::parse("-100").unwrap().balance.is_negative());
        assert_eq!(Figure::parse("0").unwrap().balance, Balance::ZERO);
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,40}") {
            let _ = TypedAmount::parse(&text);
            let _ = Figure::parse(&text);
        }

        #[test]
        fn parsing_text_like_figures_never_panics(text in "[-+]?[0-9_,.eE' ]{0,24}(EUR|JPY|e|٥)?") {
            let _ = TypedAmount::parse(&text);
        }
    }
}
