//! Balance assertions: a journal's own checks on its own postings.
//!
//! Owns in which order they are asked. Nothing of them is recorded.

use std::collections::BTreeMap;

use super::super::{Fault, ImportError};
use super::journal::Transaction;
use super::{Booked, Reader, figure};
use crate::money::{Balance, Currency};

impl Reader<'_, '_> {
    /// Holds the journal's assertions against its own postings, in the order of their days.
    pub(super) fn check_assertions(
        &self,
        mut booked: Vec<(&Transaction<'_>, Vec<Booked>)>,
    ) -> Result<(), ImportError> {
        let is_asserted = |own: &(&Transaction<'_>, Vec<Booked>)| {
            own.0
                .postings
                .iter()
                .any(|posting| posting.assertion.is_some())
        };
        if !booked.iter().any(is_asserted) {
            return Ok(());
        }
        booked.sort_by(|one, other| one.0.date.cmp(&other.0.date));
        let mut sums: BTreeMap<(&str, Option<Currency>), Balance> = BTreeMap::new();
        for (transaction, postings) in &booked {
            let mut asserted = transaction
                .postings
                .iter()
                .filter(|posting| posting.amount.is_some());
            for posting in postings {
                let sum = sums
                    .entry((posting.account.as_str(), posting.currency))
                    .or_default();
                let moved = posting.signed.balance().and_then(|moved| sum.plus(moved));
                *sum = moved.unwrap_or(*sum);
                let Some(written) = asserted
                    .next()
                    .and_then(|posting| posting.assertion.as_ref())
                else {
                    continue;
                };
                let (expected, currency) = self.amount(written)?;
                let actual = sums.get(&(posting.account.as_str(), currency)).copied();
                let actual = actual.unwrap_or_default();
                if expected.balance() != Some(actual) {
                    let fault = Fault::Assertion {
                        account: posting.account.to_string(),
                        actual: figure(actual, currency),
                        expected: written.text.to_owned(),
                    };
                    return Err(ImportError::at(written.place.clone(), fault));
                }
            }
        }
        Ok(())
    }
}
