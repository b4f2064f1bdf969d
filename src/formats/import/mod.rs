//! Reading what others wrote: bank statements (CSV, OFX), journals (hledger) and lines of JSON.
//!
//! Bytes become requests, each with the line it stands on and a key made of what it says, so that a
//! second import of the same knows it again. Nothing is guessed: where a file allows two readings,
//! that is an error which names both. Must not know the log: what is known already, and whether an
//! account can bear it, is decided when the requests are recorded.

mod bank;
mod csv;
mod days;
mod error;
mod figures;
mod hledger;
mod json;
mod keys;
mod ofx;
mod options;
mod text;
mod told;

use crate::accounts::{NewLedger, Operation, Request};
use crate::event::AccountName;
use crate::money::{Balance, Currency};
use crate::time::When;

pub use error::{Fault, ImportError, Place};
pub use figures::Mark;
pub use options::{DateFormat, Encoding, Format, OptionError, Options, Pair, Skip};

/// One event that a file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it stands on, or begins on, counted from 1.
    pub line: u64,
    /// What it asks for.
    pub request: Request,
}

/// What a file says a ledger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The line it stands on.
    pub line: u64,
    /// What it says.
    pub ledger: NewLedger,
}

/// What a bank says an account holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Our account.
    pub account: AccountName<'static>,
    /// How much.
    pub balance: Balance,
    /// Of what.
    pub currency: Option<Currency>,
    /// When.
    pub when: When,
}

/// What a file asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The events, in the order in which they are to be recorded.
    pub rows: Vec<Row>,
    /// What the ledger is, where the file says so.
    pub settings: Option<Settings>,
    /// What the bank says its accounts hold.
    pub closings: Vec<Closing>,
    /// Rows of nothing: an amount of zero is no event.
    pub zeros: u64,
    /// Rows that were not asked for.
    pub left_out: u64,
}

/// Reads a file of this format.
///
/// # Errors
/// [`ImportError`]: the first thing that cannot be understood, or that can be understood in two ways.
pub fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Imported, ImportError> {
    match format {
        Format::Csv => csv::read(&text::decode(bytes, options.encoding)?, options),
        Format::Jsonl => json::read(&text::decode(bytes, options.encoding)?, options),
        Format::Hledger => hledger::read(&text::decode(bytes, options.encoding)?, options),
        Format::Ofx => {
            let encoding = match options.encoding {
                Some(asked) => Some(asked),
                None => text::declared(bytes, ofx::declared_encoding(bytes))?,
            };
            ofx::read(&text::decode(bytes, encoding)?, options)
        }
    }
}

impl Imported {
    /// The accounts whose money these events move or whose terms they change, each once, in their
    /// order, with the first currency that is named for it. Those that the events open themselves
    /// are not among them.
    pub fn accounts(&self) -> Vec<(AccountName<'static>, Option<Currency>)> {
        let mut seen = hashbrown::HashSet::new();
        let mut found = Vec::new();
        for row in &self.rows {
            let command = &row.request.operation;
            let (first, second, currency, opens) = match command {
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
