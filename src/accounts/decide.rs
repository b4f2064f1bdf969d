//! [`decide`]: a request becomes an event to record, or a refusal. It reads the state and changes
//! nothing.
//!
//! The order of refusals is part of the contract: key, `--if-head`, not reversible, already reversed,
//! then that of the rules. An amount with more decimals than its currency has is refused as soon as
//! the currency is certain, before any rule on figures.

use crate::event::{AccountName, Event, EventRef, Hash, LedgerId, Link, Movement, Opening};
use crate::money::{Amount, AmountError, Balance, Currency, Figure, Floor, Scale, TypedAmount};

use super::idempotency::answer_repeat;
use super::refusal::{NotReversible, Outflow, Refusal};
use super::request::{Context, Decision, Operation, Proposal, Request, TypedFloor};
use super::reversal::reversal_of;
use super::rules::{permit_accounts, permit_figures};
use super::state::State;
use super::suggest::suggest;

/// Decides whether a request is recorded, and as what event.
///
/// # Errors
/// The first [`Refusal`] in the documented order. Nothing is changed, whatever the answer.
pub fn decide(
    state: &State,
    request: &Request,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    if let Operation::Transfer { from, to, .. } = &request.operation
        && from == to
    {
        // A mistake in the request, whatever the log says.
        return Err(Refusal::SelfTransfer {
            account: from.to_string(),
        });
    }
    if let (Some(key), Some(first)) = (&request.key, context.keyed) {
        return answer_repeat(state, request, context, key, first);
    }
    permit_head(request, context.head)?;
    let (mut event, link) = propose(state, &request.operation, context)?;
    permit_accounts(state, &event).map_err(|refusal| with_suggestion(state, refusal))?;
    if link.is_none() {
        settle_digits(state, &mut event, &request.operation)?;
    }
    permit_figures(state, &event).map_err(|refusal| as_reversal(refusal, link))?;
    Ok(Decision::Record(Proposal {
        event,
        link,
        effective: context.effective,
        memo: request.memo().map(str::to_owned),
        tags: request.tags.clone(),
    }))
}

/// Refuses a request whose `if_head` is not where the log ends.
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
            },
            _,
        ) => *amount = with_minor_digits(*amount, *currency)?,
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

/// The event with its currency resolved and its figures as they were typed, and its link.
fn propose(
    state: &State,
    operation: &Operation,
    context: &Context<'_>,
) -> Result<(Event<'static>, Option<Link>), Refusal> {
    let movement = |account: &AccountName<'static>, typed: &TypedAmount| Movement {
        account: account.clone(),
        amount: typed.amount,
        currency: typed.currency.or_else(|| currency_of(state, account)),
    };
    let event = match operation {
        Operation::Open {
            account,
            currency,
            floor,
        } => {
            let floor_says = floor.and_then(TypedFloor::currency);
            let said = currency.or(floor_says);
            Event::Open {
                account: account.clone(),
                currency: said.or_else(|| currency_of(state, account)),
                floor: floor.map(TypedFloor::as_typed),
            }
        }
        Operation::Limit { account, floor } => Event::Limit {
            account: account.clone(),
            floor: floor.as_typed(),
        },
        Operation::Deposit { account, amount } => Event::Deposit(movement(account, amount)),
        Operation::Withdraw { account, amount } => Event::Withdraw(movement(account, amount)),
        Operation::Transfer { from, to, amount } => Event::Transfer {
            from: from.clone(),
            to: to.clone(),
            amount: amount.amount,
            currency: amount.currency.or_else(|| currency_of(state, from)),
        },
        Operation::Close { account } => Event::Close {
            account: account.clone(),
        },
        Operation::Init(new) => Event::Ledger(Opening {
            id: context.id.unwrap_or(LedgerId::from_bytes([0; 16])),
            currency: new.currency,
            zone: new.zone.name().to_owned().into(),
            strict: new.strict,
        }),
        Operation::Reverse { event } => {
            let seq = context
                .target
                .map_or_else(|| named(event), |target| target.seq);
            let event = reversal_of(state, seq, context.target)?;
            return Ok((event, Some(Link::Reverses(seq))));
        }
        Operation::Undo => {
            return Err(Refusal::NotReversible {
                seq: 0,
                reason: NotReversible::NothingToUndo,
            });
        }
    };
    Ok((event, None))
}

/// The number that a reference names, if it names one.
fn named(event: &EventRef) -> u64 {
    match event {
        EventRef::Seq(seq) => *seq,
        EventRef::Key(_) | EventRef::Head(_) => 0,
    }
}

/// What an account holds or, if it is new, would hold if nothing is named.
fn currency_of(state: &State, account: &AccountName<'_>) -> Option<Currency> {
    match state.account(account.as_str()) {
        Some(known) if known.currency_is_fixed => known.currency,
        _ => state.default_currency(),
    }
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
fn as_reversal(refusal: Refusal, link: Option<Link>) -> Refusal {
    match refusal {
        Refusal::InsufficientFunds(mut shortfall) if link.is_some() => {
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
