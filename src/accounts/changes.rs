//! What an event does to balances: the one place that says which way money goes.

use crate::event::{AccountName, Event};
use crate::money::{Amount, Balance};

/// The balances an event changes and by how much; of a transfer `from` first.
#[inline]
pub fn changes<'e>(event: &'e Event<'_>) -> [Option<(&'e AccountName<'e>, Balance)>; 2] {
    match event {
        Event::Deposit(movement) | Event::Withdraw(movement) => {
            let change = match event {
                Event::Withdraw(_) => taken(movement.amount),
                _ => movement.amount.as_balance(),
            };
            [Some((&movement.account, change)), None]
        }
        Event::Transfer {
            from, to, amount, ..
        } => [
            Some((from, taken(*amount))),
            Some((to, amount.as_balance())),
        ],
        Event::Ledger(_) | Event::Open { .. } | Event::Limit { .. } | Event::Close { .. } => {
            [None, None]
        }
    }
}

/// An amount is above zero, and every such `i128` has an opposite: nothing can wrap here.
fn taken(amount: Amount) -> Balance {
    Balance::from_billionths(amount.billionths().wrapping_neg())
}
