//! Messages for invalid amounts, names, times and other words that were typed.

use event_ledger::event::{EventRefError, HeadError, KeyError, NameError, TagsError};
use event_ledger::money::AmountError;
use event_ledger::time::{WhenError, ZoneError};

use super::Failure;

impl From<AmountError> for Failure {
    fn from(error: AmountError) -> Failure {
        let message = error.to_string();
        let code = match &error {
            AmountError::Currency { .. } => "invalid_currency",
            _ => "invalid_amount",
        };
        let failure = Failure::new(code, message);
        let (failure, advice) = match error {
            AmountError::Comma {
                text,
                reading: Some(reading),
            }
            | AmountError::Exponent {
                text,
                reading: Some(reading),
            }
            | AmountError::ForeignDigits { text, reading }
            | AmountError::Spelling { text, reading }
            | AmountError::Currency {
                text,
                reading: Some(reading),
            } => (
                failure.with_readings(&text, [&reading]),
                format!("write {reading}"),
            ),
            AmountError::Negative { opposite, .. } => {
                (failure, format!("did you mean withdraw {opposite}?"))
            }
            // No hint: a thousand times as much is not offered for what may be a slip of the finger.
            AmountError::TooManyDecimals { .. } => (
                failure,
                "nothing is ever rounded: write the figure you mean".to_owned(),
            ),
            AmountError::Currency { reading: None, .. }
            | AmountError::Exponent { reading: None, .. }
            | AmountError::Comma { reading: None, .. }
            | AmountError::Empty
            | AmountError::Zero
            | AmountError::TooLarge { .. }
            | AmountError::NotANumber { .. } => (
                failure,
                "write an amount like 50, 50.00, 1_000 or '50 EUR'".to_owned(),
            ),
        };
        failure.with_advice(advice)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Failure {
        let failure = Failure::new("invalid_account", error.to_string());
        match &error.suggestion {
            Some(name) => failure
                .with_readings(&error.text, [name])
                .with_advice(format!("did you mean {name}?")),
            None => failure.with_advice("a name is letters and digits of any script, `.`, `_`, `-`, `@`, `/`, with its parts \
                 joined by `:`"),
        }
    }
}

impl From<WhenError> for Failure {
    fn from(error: WhenError) -> Failure {
        Failure::invalid_time(error.to_string())
            .with_readings(error.text(), error.readings())
            .with_advice_if_any(error.hint())
    }
}

impl From<ZoneError> for Failure {
    fn from(error: ZoneError) -> Failure {
        let advice = error.hint();
        let failure = Failure::invalid_time(error.to_string()).with_advice_if_any(advice);
        let ZoneError::Unknown { name, suggestion } = error;
        failure.with_readings(&name, &suggestion)
    }
}

impl From<EventRefError> for Failure {
    fn from(error: EventRefError) -> Failure {
        Failure::usage(error.to_string()).with_hint("ledger replay")
    }
}

impl From<HeadError> for Failure {
    fn from(error: HeadError) -> Failure {
        Failure::usage(error.to_string()).with_hint("ledger head")
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        Failure::usage(error.to_string()).with_advice("a key is like order-1234")
    }
}

impl From<TagsError> for Failure {
    fn from(error: TagsError) -> Failure {
        Failure::usage(error.to_string()).with_advice("a tag is like order=1234")
    }
}
