//! Reads what other programs wrote: bank statements (CSV, OFX, camt.053, MT940), journals of hledger
//! and lines of JSON.
//!
//! A file becomes requests, each with its line and a key of its content, so that a second import of
//! the same records nothing. If a file allows two readings that move different money, that is an
//! error which names both. Does not know the log: which requests are known already, and whether an
//! account can bear them, is decided when they are recorded.

mod camt053;
mod csv;
mod currencies;
mod days;
mod error;
mod event_fields;
mod fault;
mod figures;
mod hledger;
mod json;
mod keys;
mod mt940;
mod ofx;
mod options;
mod sniff;
mod statement;
mod text;
mod words;

use crate::accounts::{NewLedger, Operation, Request};
use crate::event::AccountName;
use crate::money::{Balance, Currency};
use crate::time::When;

pub use error::{FilePlace, ImportError};
pub use fault::{Fault, Question};
pub use figures::DecimalMark;
pub use keys::{RowIdentity, counted, recounted};
pub use options::{
    DateFormat, Encoding, Footer, ImportFormat, OptionError, Options, Pair, SignRule, Skip,
    ValueMap,
};
pub use text::ReadSeek;

/// One event that a file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRow {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// What is to be recorded.
    pub request: Request,
    /// What its key is made of.
    pub identity: RowIdentity,
}

/// What a file says about its ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// The line.
    pub line: u64,
    /// The declared value.
    pub ledger: NewLedger,
}

/// The balance of an account as its bank says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankBalance {
    /// The account.
    pub account: AccountName<'static>,
    /// The balance.
    pub balance: Balance,
    /// Its currency.
    pub currency: Option<Currency>,
    /// The moment it is of.
    pub when: When,
}

/// What a file asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The events, in the order in which they are to be recorded.
    pub rows: Vec<ImportedRow>,
    /// What the file says about its ledger.
    pub settings: Option<FileSettings>,
    /// The balances that the bank says its accounts have.
    pub closings: Vec<BankBalance>,
    /// How many rows or transactions were read.
    pub read: u64,
    /// Rows that moved nothing.
    pub zeros: u64,
    /// Rows that the user left out.
    pub left_out: u64,
    /// Rows that are balances or totals.
    pub balances: u64,
    /// Rows without a date and an amount.
    pub notes: u64,
    /// The balance before the first movement and after the last, as the file says.
    pub ends: Option<(Balance, Balance)>,
}

/// Reads a file of this format.
///
/// # Errors
/// [`ImportError`]: the first thing that cannot be understood, or that can be understood in two ways.
pub fn read(
    format: ImportFormat,
    input: &mut dyn ReadSeek,
    options: &Options,
) -> Result<Imported, ImportError> {
    const FRONT: u64 = 4096;
    sniff::refuse_other(&text::front(input, FRONT)?, format)?;
    match format {
        ImportFormat::Csv => return csv::read(input, options),
        ImportFormat::Jsonl => return json::read(input, options),
        _ => {}
    }
    let bytes = text::whole(input)?;
    let encoding = match (format, options.encoding) {
        (_, Some(asked)) => Some(asked),
        (ImportFormat::Ofx | ImportFormat::Camt053, None) => {
            text::declared(&bytes, ofx::declared_encoding(&bytes))?
        }
        _ => None,
    };
    let text = text::decode(&bytes, encoding)?;
    match format {
        ImportFormat::Hledger => hledger::read(&text, options),
        ImportFormat::Camt053 => camt053::read(&text, options),
        ImportFormat::Mt940 => mt940::read(&text, options),
        _ => ofx::read(&text, options),
    }
}

impl Imported {
    /// The accounts whose money these events move or whose terms they change, each once, in their
    /// order, with the first currency that is named for it. Accounts that the events open are not
    /// among them.
    pub fn accounts(&self) -> Vec<(AccountName<'static>, Option<Currency>)> {
        let mut seen = hashbrown::HashSet::new();
        let mut found = Vec::new();
        for row in &self.rows {
            let (first, second, currency, opens) = match &row.request.operation {
                Operation::Deposit { account, amount }
                | Operation::Withdraw { account, amount } => {
                    (Some(account), None, amount.currency, false)
                }
                Operation::Transfer { from, to, amount } => {
                    (Some(from), Some(to), amount.currency, false)
                }
                Operation::Open { account, .. } => (Some(account), None, None, true),
                Operation::Limit { account, .. } | Operation::Close { account } => {
                    (Some(account), None, None, false)
                }
                _ => continue,
            };
            for name in [first, second].into_iter().flatten() {
                if seen.insert(name.clone()) && !opens {
                    found.push((name.clone(), currency));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
