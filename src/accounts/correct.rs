//! The two events that a correction is recorded as: the reversal, and the event in its place.

use crate::event::{AccountName, Event, Exchange, Link, Movement, Posting, Record};
use crate::money::Amount;

use super::links::{can_replace, correctable, not_reversed_yet, permit_effective, reversal_of};
use super::proposed::{Proposed, frame, number, tags_of};
use super::refusal::{NotReversible, Refusal};
use super::request::{Context, Correction, Request};
use super::state::State;

/// The reversal of an event, and the event that replaces it.
pub(super) fn correct(
    state: &State,
    request: &Request,
    context: &Context<'_>,
    correction: &Correction,
) -> Result<Vec<Proposed>, Refusal> {
    let seq = number(&correction.event, context);
    let back_to = correction.back_to.as_deref();
    // What is not named stays as it is here.
    let source = back_to.or(context.target);
    let original = context.target.map(Record::took_effect);
    let sealed = state.commitments().seal().through;
    let in_sealed = original.is_some_and(|moment| Some(moment) <= sealed);
    let is_asked = request.effective.is_some();
    let replacement_effective = if is_asked {
        context.effective
    } else {
        source.map(Record::took_effect)
    };
    // What is sealed stays as it is: both take effect in the open period, if that was asked for.
    let reversal_effective = if in_sealed && is_asked {
        context.effective
    } else {
        original
    };
    permit_effective(state, reversal_effective)?;
    permit_effective(state, replacement_effective)?;
    let target = correctable(state, seq, context.target)?;
    not_reversed_yet(state, seq, None)?;
    if back_to.is_some_and(|earlier| !can_replace(&earlier.event, &target.event)) {
        let reason = NotReversible::NotItsReplacement;
        return Err(Refusal::NotReversible { seq, reason });
    }
    let opposite = reversal_of(state, seq, Some(target))?.into_owned();
    let event = match back_to {
        Some(earlier) => earlier.event.clone(),
        None => corrected(&target.event, correction, seq)?,
    };
    let source = source.unwrap_or(target);
    let memo = match &request.memo {
        Some(memo) => Some(memo.clone()).filter(|memo| !memo.is_empty()),
        None if state.commitments().is_redacted(source.seq) => None,
        None => source.memo().map(str::to_owned),
    };
    let tags = tags_of(state, source).without(&correction.untag);
    let tags = tags.with(&request.tags);
    let is_same = is_worth_the_same(&event, &target.event)
        && memo.as_deref() == target.memo()
        && tags == *target.tags()
        && replacement_effective == original;
    if is_same && back_to.is_none() {
        return Err(Refusal::NothingToCorrect { seq });
    }
    let mut reversal = frame(
        state,
        context,
        opposite,
        Some(Link::Reverses(seq)),
        reversal_effective,
    );
    reversal.more = true;
    let mut replacement = frame(
        state,
        context,
        event,
        Some(Link::Corrects(seq)),
        replacement_effective,
    );
    replacement.seq = replacement.seq.saturating_add(1);
    Ok(vec![
        Proposed {
            record: reversal,
            typed: [None, None],
            is_computed: true,
            // Every event of an `undo` has its memo.
            memo: back_to.and(request.memo()).map(str::to_owned),
            tags: tags_of(state, target),
        },
        Proposed {
            record: replacement,
            typed: [correction.amount, correction.arrives],
            is_computed: back_to.is_some(),
            memo,
            tags,
        },
    ])
}

/// True if two events of one type move the same money on the same accounts, however their amounts are
/// written.
fn is_worth_the_same(one: &Event<'_>, other: &Event<'_>) -> bool {
    let postings = |event: &Event<'_>| {
        let each = |posting: Posting<'_>| (posting.account.to_string(), posting.change);
        event.both_postings().map(|posting| posting.map(each))
    };
    postings(one) == postings(other)
}

/// The event with what a correction changes.
fn corrected(
    event: &Event<'static>,
    correction: &Correction,
    seq: u64,
) -> Result<Event<'static>, Refusal> {
    let kind = event.kind();
    let is_pair = matches!(event, Event::Transfer { .. } | Event::Exchange(_));
    let is_exchange = matches!(event, Event::Exchange(_));
    let given = [
        ("account", correction.account.is_some() && is_pair),
        ("from", correction.from.is_some() && !is_pair),
        ("to", correction.to.is_some() && !is_pair),
        ("for", correction.arrives.is_some() && !is_exchange),
    ];
    if let Some((word, _)) = given.into_iter().find(|(_, is_wrong)| *is_wrong) {
        return Err(Refusal::NotCorrectable { seq, word, kind });
    }
    let amount = |own: Amount| correction.amount.map_or(own, |typed| typed.amount);
    let name = |asked: &Option<AccountName<'static>>, own: &AccountName<'static>| {
        asked.clone().unwrap_or_else(|| own.clone())
    };
    let movement = |own: &Movement<'static>| Movement {
        account: name(&correction.account, &own.account),
        amount: amount(own.amount),
        currency: own.currency,
    };
    Ok(match event {
        Event::Deposit(own) => Event::Deposit(movement(own)),
        Event::Withdraw(own) => Event::Withdraw(movement(own)),
        Event::Transfer {
            from,
            to,
            amount: own,
            currency,
        } => Event::Transfer {
            from: name(&correction.from, from),
            to: name(&correction.to, to),
            amount: amount(*own),
            currency: *currency,
        },
        Event::Exchange(own) => Event::Exchange(Box::new(Exchange {
            from: name(&correction.from, &own.from),
            to: name(&correction.to, &own.to),
            amount: amount(own.amount),
            currency: own.currency,
            to_amount: correction
                .arrives
                .map_or(own.to_amount, |typed| typed.amount),
            to_currency: own.to_currency,
        })),
        other => other.clone(),
    })
}
