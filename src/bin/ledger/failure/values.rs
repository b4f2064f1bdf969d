//! Messages for invalid amounts, names, times and other words that were typed.

use event_ledger::event::{EventRefError, HeadError, KeyError, NameError, TagsError};
use event_ledger::money::AmountError;
use event_ledger::time::{WhenError, ZoneError};

use super::{Correction, Failure};

impl From<AmountError> for Failure {
    fn from(error: AmountError) -> Failure {
        let message = error.to_string();
        let code = match &error {
            AmountError::Currency { .. } => "invalid_currency",
            _ => "invalid_amount",
        };
        let corrections = match &error {
            AmountError::Comma { text, readings } => match readings.as_slice() {
                [reading] => Some(Correction::word(text, reading)),
                _ => None,
            },
            AmountError::Exponent {
                text,
                reading: Some(reading),
            }
            | AmountError::ForeignDigits { text, reading }
            | AmountError::Spelling { text, reading } => Some(Correction::word(text, reading)),
            _ => None,
        };
        let hint = match error {
            AmountError::Comma { readings, .. } if !readings.is_empty() => {
                Some(format!("write {}", readings.join(" or ")))
            }
            AmountError::Exponent {
                reading: Some(reading),
                ..
            }
            | AmountError::ForeignDigits { reading, .. }
            | AmountError::Spelling { reading, .. }
            | AmountError::Currency {
                reading: Some(reading),
                ..
            } => Some(format!("write {reading}")),
            AmountError::Negative { opposite, .. } => {
                Some(format!("did you mean withdraw {opposite}?"))
            }
            AmountError::TooManyDecimals { .. } => {
                Some("nothing is ever rounded: write the figure you mean".to_owned())
            }
            AmountError::Currency { reading: None, .. }
            | AmountError::Exponent { reading: None, .. }
            | AmountError::Comma { .. }
            | AmountError::Empty
            | AmountError::Zero
            | AmountError::TooLarge { .. }
            | AmountError::NotANumber { .. } => {
                Some("write an amount like 50, 50.00, 1_000 or '50 EUR'".to_owned())
            }
        };
        Failure::new(code, 2, message)
            .with_hint(hint)
            .corrected(corrections)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Failure {
        let hint = match &error.suggestion {
            Some(name) => format!("did you mean {name}?"),
            None => {
                "letters and digits of any script, `.`, `_`, `-`, `@`, `/`, parts joined by `:`"
                    .to_owned()
            }
        };
        Failure::new("invalid_account", 2, error.to_string()).with_hint(Some(hint))
    }
}

impl From<WhenError> for Failure {
    fn from(error: WhenError) -> Failure {
        Failure::invalid_time(error.to_string()).with_hint(error.hint())
    }
}

impl From<ZoneError> for Failure {
    fn from(error: ZoneError) -> Failure {
        Failure::invalid_time(error.to_string()).with_hint(error.hint())
    }
}

impl From<EventRefError> for Failure {
    fn from(error: EventRefError) -> Failure {
        Failure::usage(error.to_string()).with_hint(Some("ledger replay".to_owned()))
    }
}

impl From<HeadError> for Failure {
    fn from(error: HeadError) -> Failure {
        Failure::usage(error.to_string()).with_hint(Some("ledger head".to_owned()))
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        Failure::usage(error.to_string()).with_hint(Some("--key order-1234".to_owned()))
    }
}

impl From<TagsError> for Failure {
    fn from(error: TagsError) -> Failure {
        Failure::usage(error.to_string()).with_hint(Some("--tag order=1234".to_owned()))
    }
}
