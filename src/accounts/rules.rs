//! The rules, checked on a record: on a new one before it is recorded, and by the audit on a logged
//! one.
//!
//! The order is part of the contract: sealed, links and holds, time (`links`), then unknown account,
//! closed, exists, currency, exceeds, not empty, funds, overflow; within each, `from` before `to`.

use crate::event::{AccountName, Event, Link, Posting, Record};
use crate::money::{Amount, Balance, Currency};

use super::account::Account;
use super::links::{permit_link, permit_rest};
use super::refusal::{Outflow, Refusal, Shortfall};
use super::state::{State, Touched};

/// Checks every rule on a record that comes next. The currency that it names is compared with the
/// accounts as it is: absent although the account has one is a mismatch too.
///
/// `target` is the record that its link names, or that it redacts; `before` the one directly before.
///
/// # Errors
/// The first [`Refusal`] in the documented order. An unknown account comes without a suggestion,
/// which only a request needs.
pub fn permit(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
    before: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    permit_link(state, record, target, before)?;
    permit_to(
        state,
        state.touched_by(&record.event),
        record,
        target,
        before,
    )
}

/// The rules from those on accounts on, with the accounts already looked up in the state.
///
/// # Errors
/// Those of [`permit`].
#[inline]
pub fn permit_to(
    state: &State,
    touched: Touched,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
    before: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    let parties = parties_at(state, touched, &record.event);
    permit_parties(state, &record.event, &parties)?;
    permit_rest(state, record, target)?;
    match before.filter(|_| matches!(record.link, Some(Link::Corrects(_)))) {
        // The reversal is applied already.
        Some(reversal) => permit_pair(state, reversal, record, true),
        None => permit_sums(state, record, &parties),
    }
}

/// An account that an event touches, with its state.
type Party<'a> = (&'a AccountName<'a>, Option<&'a Account>);
/// What leaves before what arrives.
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

/// The same for events that are judged as one: the first refusal of all of them in the documented order.
pub(super) fn permit_accounts_of(state: &State, events: &[&Event<'_>]) -> Result<(), Refusal> {
    let place = |refusal: &Refusal| match refusal {
        Refusal::SelfTransfer { .. } => 0,
        Refusal::UnknownAccount { .. } => 1,
        Refusal::AccountClosed { .. } => 2,
        Refusal::AccountExists { .. } => 3,
        _ => 4,
    };
    let refusals = events.iter();
    let refusals = refusals.filter_map(|event| permit_accounts(state, event).err());
    refusals.min_by_key(place).map_or(Ok(()), Err)
}

/// True for money that moves on open accounts of its currency, which is nearly always the case: the
/// rules up to the currency are about all others.
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
    if let [Some((from, _)), Some((to, _))] = parties
        && from == to
    {
        return Err(Refusal::SelfTransfer {
            account: from.to_string(),
        });
    }
    let made = account_it_may_make(state, event);
    let listed = || parties.iter().flatten().copied();
    if let Some((name, _)) = listed().find(|(name, known)| known.is_none() && made != Some(*name)) {
        return Err(Refusal::UnknownAccount {
            account: name.to_string(),
            did_you_mean: None,
            strict: state.is_strict(),
        });
    }
    let opens = matches!(event, Event::Open { .. });
    let closed = |account: &Account| !account.open;
    if let Some((name, _)) = listed().find(|(_, known)| !opens && known.is_some_and(closed)) {
        return Err(Refusal::AccountClosed {
            account: name.to_string(),
        });
    }
    let open = |account: &Account| account.open;
    if let Some((name, _)) = listed().find(|(_, known)| opens && known.is_some_and(open)) {
        return Err(Refusal::AccountExists {
            account: name.to_string(),
        });
    }
    let Some(named) = currencies(event) else {
        return Ok(());
    };
    for (party, said) in parties.iter().zip(named) {
        let Some((name, known)) = party else {
            continue;
        };
        let holds = match known.filter(|account| account.currency_is_fixed) {
            Some(account) => account.currency,
            None => said.or(state.default_currency()),
        };
        if holds != said {
            return Err(Refusal::CurrencyMismatch {
                account: name.to_string(),
                holds,
                asked: said,
                since: known.map(|account| account.first),
            });
        }
    }
    Ok(())
}

/// The currencies that an event names for its accounts, if it is about amounts.
fn currencies(event: &Event<'_>) -> Option<[Option<Currency>; 2]> {
    let both = |currency: Option<Currency>| Some([currency, currency]);
    match event {
        Event::Open { currency, .. } | Event::Transfer { currency, .. } => both(*currency),
        Event::Deposit(movement) | Event::Withdraw(movement) => both(movement.currency),
        Event::Hold(hold) => both(hold.currency),
        Event::Exchange(exchange) => Some([Some(exchange.currency), Some(exchange.to_currency)]),
        Event::Ledger(_)
        | Event::Limit { .. }
        | Event::Close { .. }
        | Event::Release { .. }
        | Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. } => None,
    }
}

/// The rules on figures, for a record whose accounts are permitted.
pub(super) fn permit_figures(state: &State, record: &Record<'_>) -> Result<(), Refusal> {
    permit_sums(state, record, &parties(state, &record.event))
}

#[inline]
fn permit_sums(state: &State, record: &Record<'_>, parties: &Parties<'_>) -> Result<(), Refusal> {
    if let Event::Close { account } = &record.event {
        return permit_close(state, record, account);
    }
    if let Some((outflow, amount)) = outflow(record)
        && let [Some((name, Some(known))), _] = parties
    {
        let change = amount.as_balance().billionths().saturating_neg();
        let lowest = lowest(state, record, name, known, change);
        if !known.floor.allows(lowest) {
            return Err(Refusal::InsufficientFunds(Box::new(Shortfall {
                outflow,
                account: name.to_string(),
                amount,
                balance: known.balance,
                available: Balance::from_billionths(lowest.billionths().saturating_sub(change)),
                floor: known.floor,
                currency: known.currency,
                scale: known.scale,
            })));
        }
    }
    // Both name the accounts in the same order.
    for (
        Posting {
            account, change, ..
        },
        (_, known),
    ) in record.event.postings().zip(parties.iter().flatten())
    {
        let balance = known.map_or(Balance::ZERO, |account| account.balance);
        if balance.plus(change).is_none() {
            return Err(Refusal::BalanceOverflow {
                account: account.to_string(),
            });
        }
    }
    Ok(())
}

/// The lowest that is available on an account at any moment from a record on, after a change; perhaps less
/// if its floor allows that.
#[inline]
fn lowest(
    state: &State,
    record: &Record<'_>,
    name: &AccountName<'_>,
    known: &Account,
    change: i128,
) -> Balance {
    let after = known.balance.billionths().saturating_add(change);
    let commitments = state.commitments();
    if commitments.is_empty() {
        return Balance::from_billionths(after);
    }
    let outstanding = commitments.outstanding();
    let missing = outstanding.most_missing(name.as_str());
    let least = Balance::from_billionths(after.saturating_sub(missing));
    if known.floor.allows(least) {
        return least;
    }
    let from = record.took_effect().max(record.at);
    let adjustments = outstanding.adjustments(name.as_str(), record.at, from);
    let worst = adjustments.iter().map(|(_, adjustment)| *adjustment).min();
    Balance::from_billionths(after.saturating_add(worst.unwrap_or(0)))
}

/// What a record takes from its first account, if floors apply to it.
#[inline]
fn outflow(record: &Record<'_>) -> Option<(Outflow, Amount)> {
    // The hold was checked when it was made.
    if matches!(record.link, Some(Link::Captures { .. })) {
        return None;
    }
    let (own, amount) = match &record.event {
        Event::Withdraw(movement) => (Outflow::Withdraw, movement.amount),
        Event::Transfer { amount, .. } => (Outflow::Transfer, *amount),
        Event::Exchange(exchange) => (Outflow::Exchange, exchange.amount),
        Event::Hold(hold) if hold.from.is_some() => (Outflow::Hold, hold.amount),
        _ => return None,
    };
    let outflow = match record.link {
        Some(Link::Reverses(_)) => Outflow::Reverse,
        Some(Link::Refunds(_)) => Outflow::Refund,
        _ => own,
    };
    Some((outflow, amount))
}

/// The floors of a correction: its two records are judged as one, for the accounts that have less at
/// some moment than without them. `is_applied`: the state includes the reversal already.
///
/// # Errors
/// [`Refusal::InsufficientFunds`], then [`Refusal::BalanceOverflow`].
pub(super) fn permit_pair(
    state: &State,
    reversal: &Record<'_>,
    replacement: &Record<'_>,
    is_applied: bool,
) -> Result<(), Refusal> {
    let start = |record: &Record<'_>| record.took_effect().max(replacement.at);
    let (one, other) = (start(reversal), start(replacement));
    let from = one.min(other);
    let pair = [(reversal, is_applied, one), (replacement, false, other)];
    let mut names: Vec<&AccountName<'_>> = Vec::new();
    for name in pair.iter().flat_map(|(record, ..)| record.event.accounts()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let changes = |name: &AccountName<'_>, moment, counts: &dyn Fn(bool) -> bool| {
        let mut sum = 0_i128;
        for (record, applied, start) in &pair {
            if *start > moment || !counts(*applied) {
                continue;
            }
            for posting in record.event.postings().filter(|one| one.account == name) {
                sum = sum.saturating_add(posting.change.billionths());
            }
        }
        sum
    };
    for name in &names {
        let Some(known) = state.account(name.as_str()) else {
            continue;
        };
        let adjustments =
            state
                .commitments()
                .outstanding()
                .adjustments(name.as_str(), replacement.at, from);
        let adjustment_at = |moment| {
            let mut before = adjustments.iter().rev();
            let found = before.find(|(one, _)| *one <= moment);
            found.map_or(0, |(_, adjustment)| *adjustment)
        };
        let mut moments: Vec<_> = adjustments.iter().map(|(moment, _)| *moment).collect();
        moments.extend([one, other]);
        let is_less = moments
            .iter()
            .any(|moment| changes(name, *moment, &|_| true) < 0);
        if !is_less {
            continue;
        }
        let available = moments.iter().map(|moment| {
            let change = changes(name, *moment, &|applied| !applied);
            let balance = known
                .balance
                .billionths()
                .saturating_add(adjustment_at(*moment));
            balance.saturating_add(change)
        });
        let lowest = Balance::from_billionths(available.min().unwrap_or_default());
        if !known.floor.allows(lowest) {
            let Some((amount, _)) = replacement.event.amount() else {
                continue;
            };
            return Err(Refusal::InsufficientFunds(Box::new(Shortfall {
                outflow: Outflow::Correct,
                account: name.to_string(),
                amount,
                balance: known.balance,
                available: lowest,
                floor: known.floor,
                currency: known.currency,
                scale: known.scale,
            })));
        }
    }
    for posting in replacement.event.postings() {
        let known = state.account(posting.account.as_str());
        let balance = known.map_or(Balance::ZERO, |account| account.balance);
        if balance.plus(posting.change).is_none() {
            return Err(Refusal::BalanceOverflow {
                account: posting.account.to_string(),
            });
        }
    }
    Ok(())
}

fn permit_close(state: &State, record: &Record<'_>, name: &AccountName<'_>) -> Result<(), Refusal> {
    let account = state.account(name.as_str());
    if let Some(account) = account.filter(|account| account.balance != Balance::ZERO) {
        return Err(Refusal::AccountNotEmpty {
            account: name.to_string(),
            balance: account.balance,
            scale: account.scale,
            currency: account.currency,
        });
    }
    let outstanding = state.commitments().outstanding();
    match outstanding.open_hold(name.as_str(), record.at) {
        Some(hold) => Err(Refusal::AccountHasHold {
            account: name.to_string(),
            hold: hold.seq,
            rest: hold.unsettled(),
            scale: hold.scale,
            currency: account.and_then(|account| account.currency),
        }),
        None => Ok(()),
    }
}

/// Money that arrives makes its account, unless accounts must be opened first.
fn account_it_may_make<'a>(state: &State, event: &'a Event<'_>) -> Option<&'a AccountName<'a>> {
    match event {
        Event::Open { account, .. } => Some(account),
        Event::Deposit(movement) if !state.is_strict() => Some(&movement.account),
        Event::Transfer { to, .. } if !state.is_strict() => Some(to),
        Event::Exchange(exchange) if !state.is_strict() => Some(&exchange.to),
        Event::Hold(hold) if !state.is_strict() => hold.to.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
