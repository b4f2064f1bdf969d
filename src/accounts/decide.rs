//! [`decide`]: a request becomes an event to record, or a refusal. Reads the state, changes nothing.
//!
//! The order of refusals is part of the contract: key, `--if-head`, not reversible, already reversed,
//! then that of the rules. A figure with more digits than the account's currency has is refused as
//! soon as that currency is certain, before any rule on figures.

use crate::event::{AccountName, Event, Movement};
use crate::money::{Amount, AmountError, Balance, Currency, Figure, Floor, Scale, TypedAmount};

use super::idempotency::answer_repeat;
use super::refusal::{Outflow, Refusal};
use super::request::{Command, Decision, Draft, FloorWish, Found, Request};
use super::reversal::reversal_of;
use super::rules::{permit_accounts, permit_figures};
use super::state::State;
use super::suggest::suggest;

/// Decides what a request comes to.
///
/// # Errors
/// The first [`Refusal`] in the documented order. Nothing was changed, whatever the answer.
pub fn decide(state: &State, request: &Request, found: &Found) -> Result<Decision, Refusal> {
    if let Command::Transfer { from, to, .. } = &request.command
        && from == to
    {
        // A mistake in the asking, whatever the log says.
        return Err(Refusal::SelfTransfer {
            account: from.to_string(),
        });
    }
    if let (Some(key), Some(first)) = (&request.key, &found.keyed) {
        return answer_repeat(state, request, key, first);
    }
    if let Some(asked) = &request.if_head {
        let actual = found.head.as_ref();
        if !actual.is_some_and(|(seq, hash)| asked.is_of(*seq, hash)) {
            return Err(Refusal::HeadConflict {
                asked: asked.clone(),
                actual: found.head,
            });
        }
    }
    let (mut event, reverses) = propose(state, &request.command, found)?;
    permit_accounts(state, &event).map_err(|refusal| with_suggestion(state, refusal))?;
    if reverses.is_none() {
        settle_digits(state, &mut event, &request.command)?;
    }
    permit_figures(state, &event).map_err(|refusal| as_reversal(refusal, reverses))?;
    Ok(Decision::Record(Draft {
        event,
        reverses,
        effective: request.effective,
        key: request.key.clone(),
        memo: request.memo.clone().filter(|memo| !memo.is_empty()),
        tags: request.tags.clone(),
    }))
}

/// Gives an event's figures the digits of its currency, which is certain once its accounts are
/// permitted.
fn settle_digits(state: &State, event: &mut Event<'_>, command: &Command) -> Result<(), Refusal> {
    match (event, command) {
        (Event::Deposit(movement) | Event::Withdraw(movement), _) => {
            movement.amount = with_minor_digits(movement.amount, movement.currency)?;
        }
        (
            Event::Transfer {
                amount, currency, ..
            },
            _,
        ) => *amount = with_minor_digits(*amount, *currency)?,
        (
            Event::Open {
                account,
                currency,
                floor,
            },
            Command::Open {
                floor: Some(wish), ..
            },
        ) => *floor = Some(floor_for(*wish, account, *currency)?),
        (Event::Limit { account, floor }, Command::Limit { floor: wish, .. }) => {
            let known = state.account(account.as_str());
            let currency = known.and_then(|account| account.currency);
            *floor = floor_for(*wish, account, currency)?;
        }
        _ => {}
    }
    Ok(())
}

/// The event with the currency it resolves to and its figures still as they were typed, and the
/// event that it reverses.
fn propose(
    state: &State,
    command: &Command,
    found: &Found,
) -> Result<(Event<'static>, Option<u64>), Refusal> {
    let movement = |account: &AccountName<'static>, typed: &TypedAmount| Movement {
        account: account.clone(),
        amount: typed.amount,
        currency: typed.currency.or_else(|| currency_of(state, account)),
    };
    let event = match command {
        Command::Open {
            account,
            currency,
            floor,
        } => {
            let floor_says = floor.and_then(FloorWish::currency);
            let said = currency.or(floor_says);
            Event::Open {
                account: account.clone(),
                currency: said.or_else(|| currency_of(state, account)),
                floor: floor.map(FloorWish::as_typed),
            }
        }
        Command::Limit { account, floor } => Event::Limit {
            account: account.clone(),
            floor: floor.as_typed(),
        },
        Command::Deposit { account, amount } => Event::Deposit(movement(account, amount)),
        Command::Withdraw { account, amount } => Event::Withdraw(movement(account, amount)),
        Command::Transfer { from, to, amount } => Event::Transfer {
            from: from.clone(),
            to: to.clone(),
            amount: amount.amount,
            currency: amount.currency.or_else(|| currency_of(state, from)),
        },
        Command::Close { account } => Event::Close {
            account: account.clone(),
        },
        Command::Reverse { seq } => {
            let event = reversal_of(state, *seq, found.target.as_ref())?;
            return Ok((event, Some(*seq)));
        }
    };
    Ok((event, None))
}

/// What an account holds or, where it is new, would hold with nothing named.
fn currency_of(state: &State, account: &AccountName<'_>) -> Option<Currency> {
    match state.account(account.as_str()) {
        Some(known) if known.currency_is_fixed => known.currency,
        _ => state.default_currency(),
    }
}

impl FloorWish {
    pub(super) fn currency(self) -> Option<Currency> {
        match self {
            FloorWish::None => None,
            FloorWish::At(figure) => figure.currency,
        }
    }

    pub(super) fn as_typed(self) -> Floor {
        match self {
            FloorWish::None => Floor::None,
            FloorWish::At(figure) => Floor::At(figure.balance, figure.scale),
        }
    }
}

fn floor_for(
    wish: FloorWish,
    account: &AccountName<'_>,
    currency: Option<Currency>,
) -> Result<Floor, Refusal> {
    let FloorWish::At(figure) = wish else {
        return Ok(Floor::None);
    };
    if figure.currency.is_some() && figure.currency != currency {
        return Err(Refusal::CurrencyMismatch {
            account: account.to_string(),
            holds: currency,
            asked: figure.currency,
        });
    }
    let Figure { balance, scale, .. } = figure;
    match currency.and_then(Currency::minor_digits) {
        Some(minor) if scale > minor => {
            Err(too_many_decimals(balance, scale, minor, currency).into())
        }
        Some(minor) => Ok(Floor::At(balance, minor)),
        None => Ok(Floor::At(balance, scale)),
    }
}

fn with_minor_digits(amount: Amount, currency: Option<Currency>) -> Result<Amount, Refusal> {
    let Some(minor) = currency.and_then(Currency::minor_digits) else {
        return Ok(amount);
    };
    let fitting = amount.at_scale(minor);
    fitting.ok_or_else(|| {
        too_many_decimals(amount.as_balance(), amount.scale(), minor, currency).into()
    })
}

fn too_many_decimals(
    figure: Balance,
    scale: Scale,
    most: Scale,
    currency: Option<Currency>,
) -> AmountError {
    AmountError::TooManyDecimals {
        text: figure.to_text(scale),
        digits: usize::from(scale.digits()),
        most: most.digits(),
        currency,
    }
}

fn with_suggestion(state: &State, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::UnknownAccount {
            account, strict, ..
        } => Refusal::UnknownAccount {
            did_you_mean: suggest(state, &account),
            account,
            strict,
        },
        other => other,
    }
}

/// A reversal that takes money out says so in its own word.
fn as_reversal(refusal: Refusal, reverses: Option<u64>) -> Refusal {
    match refusal {
        Refusal::InsufficientFunds(mut shortfall) if reverses.is_some() => {
            shortfall.outflow = Outflow::Reverse;
            Refusal::InsufficientFunds(shortfall)
        }
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod model;
#[cfg(test)]
mod tests;
