//! The event that a request asks for: with its currency resolved, and its amounts as they were typed
//! until the decimals of the currency are certain.

use crate::event::{
    AccountName, Event, EventRef, Exchange, Hold, LedgerId, Link, Movement, Opening, Record,
};
use crate::money::{Amount, Balance, Currency, Scale, TypedAmount};
use crate::time::Timestamp;

use super::correct::correct;
use super::hold::HoldState;
use super::links::{
    not_reversed_yet, open_hold, permit_effective, permit_hold_time, refund_rest, refundable,
    refunds, reversal_of,
};
use super::proposed::{Proposed, frame, number, tags_of};
use super::refusal::{NotReversible, Refusal};
use super::request::{Context, Operation, Request, TypedFloor};
use super::rules::permit_accounts;
use super::state::State;

/// What a request asks for: one event, or the two of a correction.
pub(super) fn propose(
    state: &State,
    request: &Request,
    context: &Context<'_>,
) -> Result<Vec<Proposed>, Refusal> {
    let own = |event| own(state, request, context, event);
    let movement = |account: &AccountName<'static>, typed: &TypedAmount| Movement {
        account: account.clone(),
        amount: typed.amount,
        currency: typed.currency.or_else(|| currency_of(state, account)),
    };
    let linked = |event, link, typed| linked(state, request, context, event, link, typed);
    let proposed = match &request.operation {
        Operation::Init(new) => own(Event::Ledger(Opening {
            id: context.id.unwrap_or(LedgerId::from_bytes([0; 16])),
            currency: new.currency,
            zone: new.zone.name().to_owned().into(),
            strict: new.strict,
        })),
        Operation::Open {
            account,
            currency,
            floor,
        } => {
            let floor_says = floor.and_then(TypedFloor::currency);
            let said = currency.or(floor_says);
            own(Event::Open {
                account: account.clone(),
                currency: said.or_else(|| currency_of(state, account)),
                floor: floor.map(TypedFloor::as_typed),
            })
        }
        Operation::Limit { account, floor } => own(Event::Limit {
            account: account.clone(),
            floor: floor.as_typed(),
        }),
        Operation::Deposit { account, amount } => own(Event::Deposit(movement(account, amount))),
        Operation::Withdraw { account, amount } => own(Event::Withdraw(movement(account, amount))),
        Operation::Transfer { from, to, amount } => own(Event::Transfer {
            from: from.clone(),
            to: to.clone(),
            amount: amount.amount,
            currency: amount.currency.or_else(|| currency_of(state, from)),
        }),
        Operation::Close { account } => own(Event::Close {
            account: account.clone(),
        }),
        Operation::Exchange {
            from,
            to,
            amount,
            arrives,
        } => {
            let event = exchange(state, from, to, amount, arrives);
            let event = event.map_err(|refusal| {
                let first = before_currencies(state, context, from, to, amount);
                first.unwrap_or(refusal)
            })?;
            own(Event::Exchange(Box::new(event)))
        }
        Operation::Hold {
            from, to, amount, ..
        } => own(Event::Hold(Box::new(Hold {
            from: from.clone(),
            to: to.clone(),
            amount: amount.amount,
            currency: amount.currency.or_else(|| {
                let named = from.as_ref().or(to.as_ref());
                named.and_then(|account| currency_of(state, account))
            }),
            expires: context.moment,
        }))),
        Operation::Capture {
            hold,
            amount,
            to,
            keep,
        } => {
            let hold = hold_of(state, context, hold);
            let hold = hold.map_err(|refusal| match refusal {
                Refusal::HoldExpired { seq, expired, .. } => {
                    let hold = state.commitments().hold(seq);
                    let movement = |hold| capture(hold, amount.as_ref(), to.as_ref()).ok();
                    Refusal::HoldExpired {
                        seq,
                        expired,
                        instead: hold.and_then(movement).map(Box::new),
                    }
                }
                other => other,
            })?;
            let event = capture(hold, amount.as_ref(), to.as_ref())?;
            let link = Link::Captures {
                hold: hold.seq,
                keep: *keep,
            };
            linked(event, Some(link), *amount)
        }
        Operation::Release { hold, amount } => {
            let hold = hold_of(state, context, hold)?;
            let event = Event::Release {
                hold: hold.seq,
                amount: taken(hold, amount.as_ref()),
                currency: hold.currency,
            };
            linked(event, None, *amount)
        }
        Operation::Refund { event, amount } => {
            let seq = number(event, context);
            sealed_first(state, request, context)?;
            let target = refundable(state, seq, context.target)?;
            let scale = refunds(state, seq).map(Amount::scale).max();
            let event = match target.event.amount() {
                Some((whole, _)) => {
                    let rest = refund_rest(state, target);
                    let asked = asked_or_rest(amount.as_ref(), rest, whole, scale);
                    refund(&target.event, asked)
                }
                None => target.event.clone(),
            };
            linked(event, Some(Link::Refunds(seq)), *amount)
        }
        Operation::Reverse { event } => {
            let seq = number(event, context);
            sealed_first(state, request, context)?;
            let event = reversal_of(state, seq, context.target)?.into_owned();
            not_reversed_yet(state, seq, None)?;
            linked(event, Some(Link::Reverses(seq)), None)
        }
        Operation::Correct(correction) => {
            return correct(state, request, context, correction);
        }
        Operation::Seal { is_final, .. } => own(Event::Seal {
            through: context.moment.unwrap_or(Timestamp::MIN),
            is_final: *is_final,
        }),
        Operation::Unseal { .. } => own(Event::Unseal {
            through: context.moment,
        }),
        Operation::Redact { events, .. } => own(Event::Redact {
            event: events.last().map_or(0, |event| number(event, context)),
        }),
        Operation::Undo => {
            return Err(Refusal::NotReversible {
                seq: 0,
                reason: NotReversible::NothingToUndo,
            });
        }
    };
    Ok(vec![proposed])
}

/// An event that names no earlier one.
fn own(state: &State, request: &Request, context: &Context<'_>, event: Event<'static>) -> Proposed {
    let is_computed = event.kind().acts_at_once();
    Proposed {
        record: frame(state, context, event, None, context.effective),
        typed: [None, None],
        is_computed,
        memo: request.memo().map(str::to_owned),
        tags: request.tags.clone(),
    }
}

/// An event that names an earlier one: it takes effect no earlier than that one, unless asked for, and
/// carries its tags.
fn linked(
    state: &State,
    request: &Request,
    context: &Context<'_>,
    event: Event<'static>,
    link: Option<Link>,
    typed: Option<TypedAmount>,
) -> Proposed {
    Proposed {
        record: frame(
            state,
            context,
            event,
            link,
            linked_effective(request, context),
        ),
        typed: [typed, None],
        is_computed: typed.is_none(),
        memo: request.memo().map(str::to_owned),
        tags: context
            .target
            .map(|target| tags_of(state, target))
            .unwrap_or_default()
            .with(&request.tags),
    }
}

fn linked_effective(request: &Request, context: &Context<'_>) -> Option<Timestamp> {
    if request.effective.is_some() {
        return context.effective;
    }
    let target = context.target.map(Record::took_effect);
    target.filter(|target| context.at.is_some_and(|at| *target > at))
}

/// Refuses a sealed period before anything that depends on the event that is named.
fn sealed_first(state: &State, request: &Request, context: &Context<'_>) -> Result<(), Refusal> {
    let effective = linked_effective(request, context);
    permit_effective(state, effective)
}

fn hold_of<'s>(
    state: &'s State,
    context: &Context<'_>,
    hold: &EventRef,
) -> Result<&'s HoldState, Refusal> {
    permit_effective(state, context.effective)?;
    let probe = frame(
        state,
        context,
        Event::Redact { event: 0 },
        None,
        context.effective,
    );
    let hold = open_hold(state, &probe, number(hold, context))?;
    if context.effective.is_some() {
        permit_hold_time(&probe, hold)?;
    }
    Ok(hold)
}

/// The amount that was typed, or all that is left of a whole, with the decimals of the finest amount
/// that is involved. If nothing is left, it is the whole, which the rules refuse.
fn asked_or_rest(
    typed: Option<&TypedAmount>,
    rest: Balance,
    whole: Amount,
    finest: Option<Scale>,
) -> Amount {
    let scale = finest.map_or(whole.scale(), |finest| finest.max(whole.scale()));
    let rest = || Amount::from_balance(rest, scale).unwrap_or(whole);
    typed.map_or_else(rest, |typed| typed.amount)
}

/// The amount that was typed, or all that is left of a hold.
fn taken(hold: &HoldState, typed: Option<&TypedAmount>) -> Amount {
    asked_or_rest(typed, hold.unsettled(), hold.amount, Some(hold.scale()))
}

fn capture(
    hold: &HoldState,
    typed: Option<&TypedAmount>,
    to: Option<&AccountName<'static>>,
) -> Result<Event<'static>, Refusal> {
    let amount = taken(hold, typed);
    let currency = hold.currency;
    let target = match (&hold.to, to) {
        (Some(own), Some(asked)) if own != asked => {
            return Err(Refusal::CaptureTo {
                seq: hold.seq,
                to: own.to_string(),
            });
        }
        (own, asked) => asked.or(own.as_ref()).cloned(),
    };
    Ok(match (hold.from.clone(), target) {
        (Some(from), Some(to)) => Event::Transfer {
            from,
            to,
            amount,
            currency,
        },
        (Some(account), None) => Event::Withdraw(Movement {
            account,
            amount,
            currency,
        }),
        (None, Some(account)) if hold.to.is_some() => Event::Deposit(Movement {
            account,
            amount,
            currency,
        }),
        (None, _) => return Err(Refusal::CaptureWithoutFrom { seq: hold.seq }),
    })
}

/// The opposite movement of this amount.
fn refund(event: &Event<'static>, amount: Amount) -> Event<'static> {
    match event {
        Event::Deposit(movement) => Event::Withdraw(Movement {
            amount,
            ..movement.clone()
        }),
        Event::Withdraw(movement) => Event::Deposit(Movement {
            amount,
            ..movement.clone()
        }),
        Event::Transfer {
            from, to, currency, ..
        } => Event::Transfer {
            from: to.clone(),
            to: from.clone(),
            amount,
            currency: *currency,
        },
        other => other.clone(),
    }
}

/// What is refused before the currencies of an exchange: a sealed period, and accounts that are unknown
/// or closed.
fn before_currencies(
    state: &State,
    context: &Context<'_>,
    from: &AccountName<'static>,
    to: &AccountName<'static>,
    amount: &TypedAmount,
) -> Option<Refusal> {
    let transfer = Event::Transfer {
        from: from.clone(),
        to: to.clone(),
        amount: amount.amount,
        currency: amount.currency,
    };
    let sealed = permit_effective(state, context.effective);
    let refusal = sealed
        .and_then(|()| permit_accounts(state, &transfer))
        .err()?;
    (!matches!(refusal, Refusal::CurrencyMismatch { .. })).then_some(refusal)
}

fn exchange(
    state: &State,
    from: &AccountName<'static>,
    to: &AccountName<'static>,
    amount: &TypedAmount,
    arrives: &TypedAmount,
) -> Result<Exchange<'static>, Refusal> {
    let currency = amount.currency.or_else(|| currency_of(state, from));
    // An account that is new does not make the default currency the one that arrives.
    let known = state
        .account(to.as_str())
        .filter(|known| known.currency_is_fixed);
    let to_currency = arrives
        .currency
        .or_else(|| known.map_or_else(|| state.default_currency(), |known| known.currency));
    let (Some(currency), Some(to_currency)) = (currency, to_currency) else {
        let account = if currency.is_none() { from } else { to };
        return Err(Refusal::CurrencyNeeded {
            account: account.to_string(),
        });
    };
    if currency == to_currency {
        let is_typed = amount.currency.is_some() && arrives.currency.is_some();
        return Err(Refusal::SameCurrency {
            currency: Some(currency),
            is_typed,
        });
    }
    Ok(Exchange {
        from: from.clone(),
        to: to.clone(),
        amount: amount.amount,
        currency,
        to_amount: arrives.amount,
        to_currency,
    })
}

/// What an account holds or, if it is new, would hold if nothing is named.
pub(super) fn currency_of(state: &State, account: &AccountName<'_>) -> Option<Currency> {
    match state.account(account.as_str()) {
        Some(known) if known.currency_is_fixed => known.currency,
        _ => state.default_currency(),
    }
}
