//! [`decide`]: a request becomes an event to record, or a refusal. It reads the state and changes
//! nothing.
//!
//! The order of refusals is part of the contract: key, `--if-head`, not reversible, already reversed,
//! then that of the rules. An amount with more decimals than its currency has is refused as soon as
//! the currency is certain, before any rule on figures.

use crate::event::{AccountName, Event, Hash};
use crate::money::{Amount, AmountError, Balance, Currency, Figure, Floor, Scale};

use super::idempotency::answer_repeat;
use super::links::{permit_link, permit_rest};
use super::propose::propose;
use super::proposed::Proposed;
use super::refusal::Refusal;
use super::request::{Context, Decision, Operation, Proposal, Request, TypedFloor};
use super::rules::{permit_accounts, permit_accounts_of, permit_figures, permit_pair};
use super::state::State;
use super::suggest::suggest;

/// Decides whether a request is recorded, and as which event.
///
/// # Errors
/// The first [`Refusal`] in the documented order. The state never changes.
pub fn decide(
    state: &State,
    request: &Request,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    answer(state, request, context).map_err(|refusal| with_suggestion(state, refusal))
}

fn answer(state: &State, request: &Request, context: &Context<'_>) -> Result<Decision, Refusal> {
    permit_request(&request.operation)?;
    if let (Some(key), Some(first)) = (&request.key, context.keyed) {
        return answer_repeat(state, request, context, key, first);
    }
    permit_head(request, context.head)?;
    let mut proposed = propose(state, request, context)?;
    if let [one] = proposed.as_mut_slice() {
        permit_link(state, &one.record, context.target, None)?;
        permit_accounts(state, &one.record.event)?;
        permit_amounts(state, request, one)?;
        permit_rest(state, &one.record, context.target).map_err(|refusal| match refusal {
            Refusal::ExceedsRefundable {
                seq,
                rest,
                scale,
                currency,
                ..
            } if one.is_computed => Refusal::ExceedsRefundable {
                seq,
                asked: None,
                rest,
                scale,
                currency,
            },
            other => other,
        })?;
        permit_figures(state, &one.record)?;
    }
    if let [reversal, replacement] = proposed.as_mut_slice() {
        let events = [&reversal.record.event, &replacement.record.event];
        permit_accounts_of(state, &events)?;
        permit_amounts(state, request, replacement)?;
        permit_pair(state, &reversal.record, &replacement.record, false)?;
    }
    let proposals = proposed.into_iter().map(|one| Proposal {
        event: one.record.event,
        link: one.record.link,
        effective: one.record.effective,
        memo: one.memo,
        tags: one.tags,
    });
    Ok(Decision::Record(proposals.collect()))
}

/// Refuses a mistake in the request itself, whatever the log says.
///
/// # Errors
/// [`Refusal::SelfTransfer`], [`Refusal::SameCurrency`].
pub fn permit_request(operation: &Operation) -> Result<(), Refusal> {
    let (from, to) = match operation {
        Operation::Transfer { from, to, .. } | Operation::Exchange { from, to, .. } => {
            (Some(from), Some(to))
        }
        Operation::Hold { from, to, .. } => (from.as_ref(), to.as_ref()),
        Operation::Correct(correction) => (correction.from.as_ref(), correction.to.as_ref()),
        _ => (None, None),
    };
    if let (Some(from), Some(to)) = (from, to)
        && from == to
    {
        return Err(Refusal::SelfTransfer {
            account: from.to_string(),
        });
    }
    match operation {
        Operation::Exchange {
            amount, arrives, ..
        } if amount.currency.is_some() && amount.currency == arrives.currency => {
            Err(Refusal::SameCurrency {
                currency: amount.currency,
                is_typed: true,
            })
        }
        _ => Ok(()),
    }
}

/// The currencies that were typed, and the decimals of the amounts, which are settled here.
fn permit_amounts(
    state: &State,
    request: &Request,
    proposed: &mut Proposed,
) -> Result<(), Refusal> {
    let event = &mut proposed.record.event;
    let arrives = match event {
        Event::Exchange(exchange) => Some(exchange.to_currency),
        _ => event.currency(),
    };
    let sides = proposed.typed.into_iter().zip([event.currency(), arrives]);
    for (index, (typed, holds)) in sides.enumerate() {
        if let Some(asked) = typed.and_then(|typed| typed.currency)
            && Some(asked) != holds
        {
            let account = event.accounts().nth(index).map(ToString::to_string);
            let account = account.unwrap_or_default();
            return Err(Refusal::CurrencyMismatch {
                since: state.account(&account).map(|account| account.first),
                account,
                holds,
                asked: Some(asked),
            });
        }
    }
    if proposed.is_computed {
        return Ok(());
    }
    settle_digits(state, event, &request.operation)
}

/// Refuses a request whose `if_head` is not the end of the log.
///
/// # Errors
/// [`Refusal::HeadConflict`].
pub fn permit_head(request: &Request, actual: Option<(u64, Hash)>) -> Result<(), Refusal> {
    match &request.if_head {
        Some(asked) if !actual.is_some_and(|(seq, hash)| asked.is_of(seq, &hash)) => {
            Err(Refusal::HeadConflict {
                asked: asked.clone(),
                actual,
            })
        }
        _ => Ok(()),
    }
}

/// Gives an event's figures the decimals of its currency, which is certain once its accounts are
/// permitted.
fn settle_digits(
    state: &State,
    event: &mut Event<'_>,
    operation: &Operation,
) -> Result<(), Refusal> {
    match (event, operation) {
        (Event::Deposit(movement) | Event::Withdraw(movement), _) => {
            movement.amount = with_minor_digits(movement.amount, movement.currency)?;
        }
        (
            Event::Transfer {
                amount, currency, ..
            }
            | Event::Release {
                amount, currency, ..
            },
            _,
        ) => *amount = with_minor_digits(*amount, *currency)?,
        (Event::Hold(hold), _) => hold.amount = with_minor_digits(hold.amount, hold.currency)?,
        (Event::Exchange(exchange), _) => {
            exchange.amount = with_minor_digits(exchange.amount, Some(exchange.currency))?;
            exchange.to_amount = with_minor_digits(exchange.to_amount, Some(exchange.to_currency))?;
        }
        (
            Event::Open {
                account,
                currency,
                floor,
            },
            Operation::Open {
                floor: Some(typed), ..
            },
        ) => *floor = Some(floor_for(*typed, account, *currency)?),
        (Event::Limit { account, floor }, Operation::Limit { floor: typed, .. }) => {
            let known = state.account(account.as_str());
            let currency = known.and_then(|account| account.currency);
            *floor = floor_for(*typed, account, currency)?;
        }
        _ => {}
    }
    Ok(())
}

impl TypedFloor {
    pub(super) fn currency(self) -> Option<Currency> {
        match self {
            TypedFloor::None => None,
            TypedFloor::At(figure) => figure.currency,
        }
    }

    pub(super) fn as_typed(self) -> Floor {
        match self {
            TypedFloor::None => Floor::None,
            TypedFloor::At(figure) => Floor::At(figure.balance, figure.scale),
        }
    }
}

fn floor_for(
    typed: TypedFloor,
    account: &AccountName<'_>,
    currency: Option<Currency>,
) -> Result<Floor, Refusal> {
    let TypedFloor::At(figure) = typed else {
        return Ok(Floor::None);
    };
    if figure.currency.is_some() && figure.currency != currency {
        return Err(Refusal::CurrencyMismatch {
            account: account.to_string(),
            holds: currency,
            asked: figure.currency,
            since: None,
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod model;
#[cfg(test)]
mod order;
#[cfg(test)]
mod tests;
