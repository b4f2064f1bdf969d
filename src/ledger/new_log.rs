//! What a new log starts with.

use std::borrow::Cow;

use crate::accounts::{Difference, Refusal};
use crate::event::{Entry, Event, Key, LedgerId, Opening};
use crate::money::Currency;
use crate::time::Zone;

use super::{LedgerError, Wish};

/// What a new ledger is to be.
#[derive(Clone, Debug)]
pub struct NewLedger {
    /// The default currency.
    pub currency: Option<Currency>,
    /// The zone its days are in.
    pub zone: Zone,
    /// True where accounts must be opened first.
    pub strict: bool,
}

impl PartialEq for NewLedger {
    fn eq(&self, other: &NewLedger) -> bool {
        (self.currency, self.strict, self.zone.name())
            == (other.currency, other.strict, other.zone.name())
    }
}

impl Eq for NewLedger {}

impl Default for NewLedger {
    fn default() -> NewLedger {
        NewLedger {
            currency: None,
            zone: Zone::utc(),
            strict: false,
        }
    }
}

impl NewLedger {
    /// The first line's content, with an id drawn at random.
    pub(super) fn opening(&self) -> Result<Opening<'static>, LedgerError> {
        Ok(Opening {
            id: LedgerId::from_bytes(random()?),
            currency: self.currency,
            zone: Cow::Owned(self.zone.name().to_owned()),
            strict: self.strict,
        })
    }

    /// Answers an `init` whose key was used before: nothing where it asked for the same.
    pub(super) fn answer_repeat(
        &self,
        wish: &Wish,
        key: &Key<'static>,
        first: &Entry<'static>,
    ) -> Result<(), Refusal> {
        let mut differences = Vec::new();
        let mut compare = |field: &str, recorded: Option<String>, asked: Option<String>| {
            if recorded != asked {
                differences.push(Difference {
                    field: field.to_owned(),
                    recorded,
                    asked,
                });
            }
        };
        if let Event::Ledger(opening) = &first.event {
            let text = |currency: Option<Currency>| currency.map(|currency| currency.to_string());
            compare("currency", text(opening.currency), text(self.currency));
            compare(
                "zone",
                Some(opening.zone.to_string()),
                Some(self.zone.name().to_owned()),
            );
            let strict = |strict: bool| strict.then(|| "true".to_owned());
            compare("strict", strict(opening.strict), strict(self.strict));
            compare("memo", first.memo().map(str::to_owned), wish.memo());
            let tags = |tags: &crate::event::Tags<'_>| {
                let pairs: Vec<_> = tags
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                (!pairs.is_empty()).then(|| pairs.join(", "))
            };
            compare("tags", tags(first.tags()), tags(&wish.tags));
        } else {
            let kind = first.event.kind().as_str();
            compare("type", Some(kind.to_owned()), Some("ledger".to_owned()));
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(Refusal::KeyConflict {
            key: key.clone(),
            seq: first.seq,
            differences,
        })
    }
}

/// Sixteen random bytes.
pub(super) fn random() -> Result<[u8; 16], LedgerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LedgerError::Random(error.into()))?;
    Ok(bytes)
}
