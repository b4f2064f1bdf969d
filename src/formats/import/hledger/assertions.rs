//! Balance assertions of a journal, checked against its own postings. They are not recorded.

use std::collections::BTreeMap;

use super::super::{Fault, ImportError};
use super::booked::Booked;
use super::journal::JournalTransaction;
use super::{JournalBooker, figure};
use crate::money::{Balance, Currency};

impl JournalBooker<'_, '_> {
    /// Checks the assertions in the order of their days.
    pub(super) fn check_assertions(
        &self,
        mut booked: Vec<(&JournalTransaction<'_>, Vec<Booked>)>,
    ) -> Result<(), ImportError> {
        let is_asserted = |own: &(&JournalTransaction<'_>, Vec<Booked>)| {
            own.0
                .postings
                .iter()
                .any(|posting| posting.assertion.is_some())
        };
        if !booked.iter().any(is_asserted) {
            return Ok(());
        }
        booked.sort_by_key(|(transaction, _)| transaction.date);
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
                let moved = sum.plus(posting.number.value);
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
                if expected.value != actual {
                    let fault = Fault::Assertion {
                        account: posting.account.to_string(),
                        actual: figure(actual, currency),
                        expected: written.text.to_owned(),
                    };
                    return Err(fault.at(written.place.clone()));
                }
            }
        }
        Ok(())
    }
}
