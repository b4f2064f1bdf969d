//! Whose figure a question is about: one account, or a glob whose accounts are added up.

use anyhow::bail;
use event_ledger::accounts::Account;
use event_ledger::event::AccountName;
use event_ledger::ledger::Replayed;
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::{AccountFilter, Glob, Total, totals};

use super::reading;
use super::writing;
use crate::failure::{Failure, quoted};
use crate::output::json::currency_text;

/// Whose figure.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// The account of this name.
    Account(AccountName<'static>),
    /// The sum of all that match.
    Glob(String),
}

impl Subject {
    /// A word without a glob is one account.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Subject> {
        Ok(if Glob::is_pattern(text) {
            Subject::Glob(text.to_owned())
        } else {
            Subject::Account(writing::account(text)?)
        })
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Subject::Account(name) => name.as_str(),
            Subject::Glob(text) => text,
        }
    }

    /// The name, if it is one account.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Subject::Account(name) => Some(name.as_str()),
            Subject::Glob(_) => None,
        }
    }

    /// Its accounts among all.
    pub(crate) fn filter(&self) -> AccountFilter {
        AccountFilter::new(Some(&[self.text().to_owned()]))
    }

    /// Its accounts at the cutoff, sorted by name; none if a glob matches none.
    pub(crate) fn accounts(&self, replayed: &Replayed) -> anyhow::Result<Vec<(String, Account)>> {
        match self {
            Subject::Account(name) => {
                let account = reading::one(replayed, name.as_str())?;
                Ok(vec![(name.to_string(), account)])
            }
            Subject::Glob(text) => {
                let glob = Glob::new(text);
                let all = replayed.state().accounts().into_iter();
                let found = all.filter(|(name, _)| glob.matches(name));
                Ok(found
                    .map(|(name, account)| (name.to_owned(), *account))
                    .collect())
            }
        }
    }

    /// What its accounts add up to; `currency` if there are none.
    pub(crate) fn total(
        &self,
        accounts: &[(String, Account)],
        currency: Option<Currency>,
    ) -> anyhow::Result<Total> {
        let totals = totals(accounts.iter().map(|(_, account)| account))?;
        match totals.as_slice() {
            [] => Ok(Total {
                currency,
                balance: Balance::ZERO,
                scale: Scale::WHOLE,
            }),
            [total] => Ok(*total),
            [one, other, ..] => {
                let word = |total: &Total| {
                    currency_text(total.currency).unwrap_or_else(|| "no currency".to_owned())
                };
                bail!(
                    Failure::new(
                        "currency_mismatch",
                        format!(
                            "{} holds {} and {}, which cannot be added",
                            self.text(),
                            word(one),
                            word(other)
                        )
                    )
                    .with_hint(format!("ledger balance {}", quoted(self.text())))
                );
            }
        }
    }
}
