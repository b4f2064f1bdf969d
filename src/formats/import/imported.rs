//! What a file asks for: [`Imported`] with its [`ImportedRow`]s.

use super::keys::RowIdentity;
use crate::accounts::{NewLedger, Operation, Request};
use crate::event::AccountName;
use crate::money::{Balance, Currency};
use crate::time::When;

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
    /// The columns of text that become nothing, by name.
    pub unused: Vec<String>,
    /// The balance before the first movement and after the last, as the file says.
    pub ends: Option<(Balance, Balance)>,
}

impl Imported {
    /// The accounts whose money these events move or whose terms they change, each once, in their
    /// order, with the first currency that is named for it. Accounts that the events open are not
    /// among them.
    pub fn accounts(&self) -> Vec<(AccountName<'static>, Option<Currency>)> {
        let mut seen = hashbrown::HashSet::new();
        let mut found = Vec::new();
        for row in &self.rows {
            let opens = matches!(row.request.operation, Operation::Open { .. });
            for (name, currency) in named(&row.request.operation) {
                if seen.insert(name.clone()) && !opens {
                    found.push((name, currency));
                }
            }
        }
        found
    }
}

/// The accounts that an operation names, each with the currency that it names for it.
fn named(operation: &Operation) -> Vec<(AccountName<'static>, Option<Currency>)> {
    match operation {
        Operation::Deposit { account, amount } | Operation::Withdraw { account, amount } => {
            vec![(account.clone(), amount.currency)]
        }
        Operation::Transfer { from, to, amount } => vec![
            (from.clone(), amount.currency),
            (to.clone(), amount.currency),
        ],
        Operation::Exchange {
            from,
            to,
            amount,
            arrives,
        } => vec![
            (from.clone(), amount.currency),
            (to.clone(), arrives.currency),
        ],
        Operation::Correct(correction) => {
            let amount = correction.amount.and_then(|typed| typed.currency);
            let arrives = correction.arrives.and_then(|typed| typed.currency);
            let leaves = [&correction.account, &correction.from];
            let leaves = leaves.into_iter().flatten();
            let leaves = leaves.map(|name| (name.clone(), amount));
            let to = correction.to.iter();
            let to = to.map(|name| (name.clone(), arrives.or(amount)));
            leaves.chain(to).collect()
        }
        Operation::Open { account, .. }
        | Operation::Limit { account, .. }
        | Operation::Close { account } => vec![(account.clone(), None)],
        _ => Vec::new(),
    }
}
