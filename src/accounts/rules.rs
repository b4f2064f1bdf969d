//! The rules, asked of an event as it stands: of a new one before it is recorded, and by the audit
//! of what a log says.
//!
//! The order is part of the contract: unknown account, closed, exists, currency, not empty, funds,
//! overflow; within each, of a transfer, `from` before `to`.

use crate::event::{AccountName, Event, Posting};
use crate::money::{Balance, Floor};

use super::refusal::{Outflow, Refusal, Shortfall};
use super::state::{Account, State, Touched};

/// Asks every rule of an event that would come next. The currency that it carries is held against
/// the accounts as it stands: left out where the account has one is a mismatch too.
///
/// # Errors
/// The first [`Refusal`] in the documented order. An unknown account comes without a suggestion,
/// which only a request needs.
pub fn permit(state: &State, event: &Event<'_>) -> Result<(), Refusal> {
    permit_to(state, state.touched_by(event), event)
}

/// The same where the state has just been asked for what the event touches.
///
/// # Errors
/// Those of [`permit`].
#[inline]
pub fn permit_to(state: &State, touched: Touched, event: &Event<'_>) -> Result<(), Refusal> {
    let parties = parties_at(state, touched, event);
    permit_parties(state, event, &parties)?;
    permit_sums(state, event, &parties)
}

/// An account that an event touches, with what is known of it.
type Party<'a> = (&'a AccountName<'a>, Option<&'a Account>);
/// Of a transfer `from` before `to`.
type Parties<'a> = [Option<Party<'a>>; 2];

fn parties<'a>(state: &'a State, event: &'a Event<'_>) -> Parties<'a> {
    parties_at(state, state.touched_by(event), event)
}

#[inline]
fn parties_at<'a>(state: &'a State, touched: Touched, event: &'a Event<'_>) -> Parties<'a> {
    let ([one, other], Touched([at, other_at])) = (event.touched(), touched);
    [
        one.map(|name| (name, state.account_at(at))),
        other.map(|name| (name, state.account_at(other_at))),
    ]
}

/// The rules up to the currency: whether these accounts may be touched in this way at all.
pub(super) fn permit_accounts(state: &State, event: &Event<'_>) -> Result<(), Refusal> {
    permit_parties(state, event, &parties(state, event))
}

/// True for money that moves on open accounts of its currency, as it does nearly always: the rules up to
/// the currency are about all others.
#[inline]
fn is_usual(event: &Event<'_>, parties: &Parties<'_>) -> bool {
    let said = match event {
        Event::Deposit(movement) | Event::Withdraw(movement) => movement.currency,
        Event::Transfer {
            from, to, currency, ..
        } if from != to => *currency,
        _ => return false,
    };
    parties.iter().flatten().all(|(_, known)| {
        known.is_some_and(|known| known.open && known.currency_is_fixed && known.currency == said)
    })
}

fn permit_parties(state: &State, event: &Event<'_>, parties: &Parties<'_>) -> Result<(), Refusal> {
    if is_usual(event, parties) {
        return Ok(());
    }
    if let Event::Transfer { from, to, .. } = event
        && from == to
    {
        return Err(Refusal::SelfTransfer {
            account: from.to_string(),
        });
    }
    let parties = || parties.iter().flatten().copied();
    let made = account_it_may_make(state, event);
    if let Some((name, _)) = parties().find(|(name, known)| known.is_none() && made != Some(*name))
    {
        return Err(Refusal::UnknownAccount {
            account: name.to_string(),
            did_you_mean: None,
            strict: state.is_strict(),
        });
    }
    let opens = matches!(event, Event::Open { .. });
    let closed = |account: &Account| !account.open;
    if let Some((name, _)) = parties().find(|(_, known)| !opens && known.is_some_and(closed)) {
        return Err(Refusal::AccountClosed {
            account: name.to_string(),
        });
    }
    let open = |account: &Account| account.open;
    if let Some((name, _)) = parties().find(|(_, known)| opens && known.is_some_and(open)) {
        return Err(Refusal::AccountExists {
            account: name.to_string(),
        });
    }
    let said = match event {
        Event::Open { currency, .. } | Event::Transfer { currency, .. } => *currency,
        Event::Deposit(movement) | Event::Withdraw(movement) => movement.currency,
        Event::Ledger(_) | Event::Limit { .. } | Event::Close { .. } => return Ok(()),
    };
    for (name, known) in parties() {
        let holds = match known.filter(|account| account.currency_is_fixed) {
            Some(account) => account.currency,
            None => said.or(state.default_currency()),
        };
        if holds != said {
            return Err(Refusal::CurrencyMismatch {
                account: name.to_string(),
                holds,
                asked: said,
            });
        }
    }
    Ok(())
}

/// The rules on figures, for an event whose accounts are permitted.
pub(super) fn permit_figures(state: &State, event: &Event<'_>) -> Result<(), Refusal> {
    permit_sums(state, event, &parties(state, event))
}

fn permit_sums(state: &State, event: &Event<'_>, parties: &Parties<'_>) -> Result<(), Refusal> {
    let (account, outflow) = match event {
        Event::Close { account } => return permit_close(state, account),
        Event::Withdraw(movement) => (
            &movement.account,
            Some((Outflow::Withdraw, movement.amount)),
        ),
        Event::Transfer { from, amount, .. } => (from, Some((Outflow::Transfer, *amount))),
        Event::Deposit(movement) => (&movement.account, None),
        Event::Ledger(_) | Event::Open { .. } | Event::Limit { .. } => return Ok(()),
    };
    if let Some((outflow, amount)) = outflow
        && let [Some((_, Some(known))), _] = parties
    {
        // What cannot be represented lies below every floor there can be.
        let after = known.balance.minus(amount.as_balance());
        let allowed = after.map_or(known.floor == Floor::None, |after| {
            known.floor.allows(after)
        });
        if !allowed {
            return Err(Refusal::InsufficientFunds(Box::new(Shortfall {
                outflow,
                account: account.to_string(),
                amount,
                balance: known.balance,
                floor: known.floor,
                currency: known.currency,
                scale: known.scale,
            })));
        }
    }
    // Both name the accounts in the order in which the event does.
    for (
        Posting {
            account: name,
            change,
            ..
        },
        (_, known),
    ) in event.postings().zip(parties.iter().flatten())
    {
        let balance = known.map_or(Balance::ZERO, |account| account.balance);
        if balance.plus(change).is_none() {
            return Err(Refusal::BalanceOverflow {
                account: name.to_string(),
            });
        }
    }
    Ok(())
}

fn permit_close(state: &State, name: &AccountName<'_>) -> Result<(), Refusal> {
    match state.account(name.as_str()) {
        Some(account) if account.balance != Balance::ZERO => Err(Refusal::AccountNotEmpty {
            account: name.to_string(),
            balance: account.balance,
            scale: account.scale,
            currency: account.currency,
        }),
        _ => Ok(()),
    }
}

/// Money that arrives makes its account, unless the ledger wants accounts opened first.
fn account_it_may_make<'a>(state: &State, event: &'a Event<'_>) -> Option<&'a AccountName<'a>> {
    match event {
        Event::Open { account, .. } => Some(account),
        Event::Deposit(movement) if !state.is_strict() => Some(&movement.account),
        Event::Transfer { to, .. } if !state.is_strict() => Some(to),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
