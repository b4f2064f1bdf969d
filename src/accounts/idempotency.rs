//! Idempotency keys: a repeated key with the same content succeeds, with other content it is a
//! conflict.
//!
//! Content is what was requested, not its spelling: amounts compare by value, and an omitted value
//! compares as what it resolves to.

use std::collections::BTreeSet;

use crate::event::{AccountName, Event, EventRef, Key, Link, Note, Record};
use crate::money::{Amount, Balance, Currency, Floor, Scale};
use crate::time::{Timestamp, When};

use super::refusal::{Difference, Refusal};
use super::request::{Context, Decision, Operation, Request, TypedFloor};
use super::state::State;

/// Answers a request whose key was used for the event `first`, whatever the state is now.
pub(super) fn answer_repeat(
    state: &State,
    request: &Request,
    context: &Context<'_>,
    key: &Key<'static>,
    first: &Record<'static>,
) -> Result<Decision, Refusal> {
    let mut differences = Differences::default();
    differences.of_operation(state, &request.operation, context, first);
    differences.of_effective(context.effective, first);
    differences.of_note(state, request, first);
    if differences.0.is_empty() {
        return Ok(Decision::Repeat(first.seq));
    }
    Err(Refusal::KeyConflict {
        key: key.clone(),
        seq: first.seq,
        differences: differences.0,
    })
}

/// What a request asks for, key by key; `None` is not compared.
#[derive(Default)]
struct Asked<'a> {
    kind: Option<&'static str>,
    /// Not absent, although the type may have it.
    account: Option<&'a AccountName<'a>>,
    from: Option<&'a AccountName<'a>>,
    to: Option<&'a AccountName<'a>>,
    amount: Option<Amount>,
    currency: Option<Currency>,
    to_amount: Option<Amount>,
    to_currency: Option<Currency>,
    floor: Option<Floor>,
    link: Option<Link>,
    /// True if what is absent must be absent in the recorded event as well.
    is_whole: bool,
}

fn asked(operation: &Operation, target: Option<u64>) -> Asked<'_> {
    let nothing = Asked::default();
    let whole = |kind: &'static str| Asked {
        kind: Some(kind),
        is_whole: true,
        ..Asked::default()
    };
    let seq = target.unwrap_or_default();
    match operation {
        Operation::Init(new) => Asked {
            currency: new.currency,
            ..whole("ledger")
        },
        Operation::Open {
            account,
            currency,
            floor,
        } => Asked {
            account: Some(account),
            currency: currency.or(floor.and_then(TypedFloor::currency)),
            floor: Some(floor.map_or_else(Floor::default, TypedFloor::as_typed)),
            ..whole("open")
        },
        Operation::Limit { account, floor } => Asked {
            account: Some(account),
            currency: floor.currency(),
            floor: Some(floor.as_typed()),
            ..whole("limit")
        },
        Operation::Deposit { account, amount } => Asked {
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..whole("deposit")
        },
        Operation::Withdraw { account, amount } => Asked {
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..whole("withdraw")
        },
        Operation::Transfer { from, to, amount } => Asked {
            from: Some(from),
            to: Some(to),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..whole("transfer")
        },
        Operation::Close { account } => Asked {
            account: Some(account),
            ..whole("close")
        },
        Operation::Exchange {
            from,
            to,
            amount,
            arrives,
        } => Asked {
            from: Some(from),
            to: Some(to),
            amount: Some(amount.amount),
            currency: amount.currency,
            to_amount: Some(arrives.amount),
            to_currency: arrives.currency,
            ..whole("exchange")
        },
        Operation::Hold {
            from, to, amount, ..
        } => Asked {
            from: from.as_ref(),
            to: to.as_ref(),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..whole("hold")
        },
        Operation::Capture {
            amount, to, keep, ..
        } => Asked {
            to: to.as_ref(),
            amount: amount.map(|typed| typed.amount),
            currency: amount.and_then(|typed| typed.currency),
            link: Some(Link::Captures {
                hold: seq,
                keep: *keep,
            }),
            ..nothing
        },
        Operation::Release { amount, .. } => Asked {
            kind: Some("release"),
            amount: amount.map(|typed| typed.amount),
            currency: amount.and_then(|typed| typed.currency),
            ..nothing
        },
        Operation::Refund { amount, .. } => Asked {
            amount: amount.map(|typed| typed.amount),
            currency: amount.and_then(|typed| typed.currency),
            link: Some(Link::Refunds(seq)),
            ..nothing
        },
        Operation::Correct(correction) => Asked {
            account: correction.account.as_ref(),
            from: correction.from.as_ref(),
            to: correction.to.as_ref(),
            amount: correction.amount.map(|typed| typed.amount),
            currency: correction.amount.and_then(|typed| typed.currency),
            to_amount: correction.arrives.map(|typed| typed.amount),
            to_currency: correction.arrives.and_then(|typed| typed.currency),
            link: Some(Link::Corrects(seq)),
            ..nothing
        },
        Operation::Seal { .. } => whole("seal"),
        Operation::Unseal { .. } => whole("unseal"),
        Operation::Redact { .. } => whole("redact"),
        Operation::Reverse { .. } => Asked {
            link: Some(Link::Reverses(seq)),
            ..nothing
        },
        Operation::Undo => nothing,
    }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn push(&mut self, field: &str, recorded: Option<String>, asked: Option<String>) {
        self.0.push(Difference {
            field: field.to_owned(),
            recorded,
            asked,
        });
    }

    fn compare(&mut self, field: &str, recorded: Option<String>, asked: Option<String>) {
        if recorded != asked {
            self.push(field, recorded, asked);
        }
    }

    fn of_operation(
        &mut self,
        state: &State,
        operation: &Operation,
        context: &Context<'_>,
        first: &Record<'_>,
    ) {
        let named = operation.target().and_then(|event| match event {
            EventRef::Seq(seq) => Some(*seq),
            EventRef::Key(_) | EventRef::Head(_) => None,
        });
        let target = named.or(context.target.map(|target| target.seq));
        let asked = asked(operation, target);
        let recorded_kind = first.event.kind().as_str();
        if matches!(operation, Operation::Undo) {
            // What it undoes follows from the log; only that it undid something can differ.
            let is_release = matches!(first.event, Event::Release { .. });
            if first.link.is_none() && !is_release {
                self.push(
                    "type",
                    Some(recorded_kind.to_owned()),
                    Some("undo".to_owned()),
                );
            }
            return;
        }
        let is_moving = asked.kind.is_none() && first.event.kind().moves_money();
        if let Some(kind) = asked.kind
            && recorded_kind != kind
        {
            self.push(
                "type",
                Some(recorded_kind.to_owned()),
                Some(kind.to_owned()),
            );
        }
        if asked.kind.is_some() || is_moving {
            self.of_accounts(first, &asked);
            self.of_figures(state, first, &asked);
        }
        self.of_links(first, &asked);
        match (operation, &first.event) {
            (Operation::Redact { events, .. }, Event::Redact { event }) => {
                self.of_erased(state, events, *event);
            }
            _ => self.of_details(operation, context, first, target),
        }
    }

    fn of_accounts(&mut self, first: &Record<'_>, asked: &Asked<'_>) {
        let event = &first.event;
        let (mut account, mut from, mut to) = (None, None, None);
        match (event, event.touched()) {
            (Event::Hold(_) | Event::Transfer { .. } | Event::Exchange(_), [one, other]) => {
                (from, to) = (one, other);
            }
            (_, [one, _]) => account = one,
        }
        if let (Event::Deposit(movement), Some(Link::Captures { .. })) = (event, asked.link) {
            // Where a capture goes to; a hold that only announces money is captured by a deposit.
            to = Some(&movement.account);
        }
        let names = [
            ("account", account, asked.account),
            ("from", from, asked.from),
            ("to", to, asked.to),
        ];
        for (field, recorded, asked_name) in names {
            if asked_name.is_some() || asked.is_whole {
                let text = |name: Option<&AccountName<'_>>| name.map(AccountName::to_string);
                self.compare(field, text(recorded), text(asked_name));
            }
        }
    }

    fn of_figures(&mut self, state: &State, first: &Record<'_>, asked: &Asked<'_>) {
        let event = &first.event;
        let (to_amount, to_currency) = match event {
            Event::Exchange(exchange) => (Some(exchange.to_amount), Some(exchange.to_currency)),
            _ => (None, None),
        };
        let amount = event.amount().map(|(amount, _)| amount);
        let figures = [
            ("amount", amount, asked.amount),
            ("to_amount", to_amount, asked.to_amount),
        ];
        for (field, recorded, asked_amount) in figures {
            let value = |amount: Option<Amount>| amount.map(Amount::billionths);
            let is_compared = asked_amount.is_some() || asked.is_whole;
            if is_compared && value(recorded) != value(asked_amount) {
                let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
                self.push(field, text(recorded), text(asked_amount));
            }
        }
        let (currency, floor) = match event {
            Event::Open {
                currency, floor, ..
            } => (*currency, Some(floor.unwrap_or_default())),
            // A floor may come with a currency, which must be the account's.
            Event::Limit { account, floor } => {
                let known = state.account(account.as_str());
                (known.and_then(|known| known.currency), Some(*floor))
            }
            other => (other.currency(), None),
        };
        let code = |currency: Option<Currency>| currency.map(|currency| currency.to_string());
        // Without a currency, the account's own is meant, which never changes.
        if asked.currency.is_some() || asked.kind == Some("ledger") {
            self.compare("currency", code(currency), code(asked.currency));
        }
        if asked.to_currency.is_some() {
            self.compare("to_currency", code(to_currency), code(asked.to_currency));
        }
        if asked.is_whole && floor.map(figure) != asked.floor.map(figure) {
            let text = |floor: Option<Floor>| floor.map(|floor| floor.to_text(Scale::WHOLE));
            self.push("floor", text(floor), text(asked.floor));
        }
    }

    fn of_links(&mut self, first: &Record<'_>, asked: &Asked<'_>) {
        let reverses = |link| match link {
            Some(Link::Reverses(seq)) => Some(seq.to_string()),
            _ => None,
        };
        let captures = |link| match link {
            Some(Link::Captures { hold, .. }) => Some(hold.to_string()),
            _ => None,
        };
        let keep = |link| match link {
            Some(Link::Captures { keep: true, .. }) => Some("true".to_owned()),
            _ => None,
        };
        let corrects = |link| match link {
            Some(Link::Corrects(seq)) => Some(seq.to_string()),
            _ => None,
        };
        let refunds = |link| match link {
            Some(Link::Refunds(seq)) => Some(seq.to_string()),
            _ => None,
        };
        let (recorded, asked) = (first.link, asked.link);
        self.compare("reverses", reverses(recorded), reverses(asked));
        self.compare("captures", captures(recorded), captures(asked));
        self.compare("keep", keep(recorded), keep(asked));
        self.compare("corrects", corrects(recorded), corrects(asked));
        self.compare("refunds", refunds(recorded), refunds(asked));
    }

    /// What only one type has.
    fn of_details(
        &mut self,
        operation: &Operation,
        context: &Context<'_>,
        first: &Record<'_>,
        target: Option<u64>,
    ) {
        let time = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
        let flag = |is_set: bool| is_set.then(|| "true".to_owned());
        match (operation, &first.event) {
            (Operation::Init(new), Event::Ledger(opening)) => {
                let zone = |zone: &str| Some(zone.to_owned());
                self.compare("zone", zone(&opening.zone), zone(new.zone.name()));
                self.compare("strict", flag(opening.strict), flag(new.strict));
            }
            (Operation::Hold { expires, .. }, Event::Hold(hold))
                if !expires.as_ref().is_some_and(When::is_relative) =>
            {
                self.compare("expires", time(hold.expires), time(context.moment));
            }
            (Operation::Release { .. }, Event::Release { hold, .. }) => {
                let number = |seq: u64| Some(seq.to_string());
                self.compare("hold", number(*hold), target.and_then(number));
            }
            (
                Operation::Seal {
                    is_final: asked, ..
                },
                Event::Seal { through, is_final },
            ) => {
                self.compare("through", time(Some(*through)), time(context.moment));
                self.compare("final", flag(*is_final), flag(*asked));
            }
            (Operation::Unseal { .. }, Event::Unseal { through }) => {
                self.compare("through", time(*through), time(context.moment));
            }
            _ => {}
        }
    }

    /// The first event is the redaction of the last of them that was not erased before; those of the
    /// others were recorded with it.
    fn of_erased(&mut self, state: &State, events: &[EventRef], recorded: u64) {
        let numbers = events.iter().filter_map(|event| match event {
            EventRef::Seq(seq) => Some(*seq),
            EventRef::Key(_) | EventRef::Head(_) => None,
        });
        let asked: Vec<u64> = numbers.collect();
        let is_erased = |seq: &u64| state.commitments().is_redacted(*seq);
        if !asked.contains(&recorded) || !asked.iter().all(is_erased) {
            let asked = asked.iter().map(u64::to_string).collect::<Vec<_>>();
            self.push("event", Some(recorded.to_string()), Some(asked.join(", ")));
        }
    }

    fn of_effective(&mut self, asked: Option<Timestamp>, first: &Record<'_>) {
        // An event has no `effective` if that is when it was recorded.
        // Without an `effective` that was asked for, it follows from the event that is named.
        let is_release = matches!(first.event, Event::Release { .. });
        if asked.is_none() && (first.link.is_some() || is_release) {
            return;
        }
        let is_same = match asked {
            Some(asked) => asked == first.took_effect(),
            None => first.effective.is_none(),
        };
        if !is_same {
            let text = |instant: Timestamp| instant.to_string();
            let recorded = asked.map_or(first.effective, |_| Some(first.took_effect()));
            self.push("effective", recorded.map(text), asked.map(text));
        }
    }

    fn of_note(&mut self, state: &State, request: &Request, first: &Record<'_>) {
        if matches!(first.note, Some(Note::Redacted(_)))
            || state.commitments().is_redacted(first.seq)
        {
            // Its content is gone, so it cannot be compared.
            return;
        }
        if let Operation::Correct(correction) = &request.operation {
            for key in &correction.untag {
                if let (Some(value), None) = (first.tags().get(key), request.tags.get(key)) {
                    self.push(&format!("tags.{key}"), Some(value.to_owned()), None);
                }
            }
        }
        let is_undo = matches!(request.operation, Operation::Undo);
        let inherits = is_undo || request.operation.target().is_some();
        let asked = request.memo();
        if first.memo() != asked && (asked.is_some() || !inherits) {
            let text = |memo: Option<&str>| memo.map(str::to_owned);
            self.push("memo", text(first.memo()), text(asked));
        }
        let recorded = first.tags().iter().filter(|_| !inherits);
        let pairs = recorded.chain(request.tags.iter());
        let keys: BTreeSet<&str> = pairs.map(|(key, _)| key).collect();
        for key in keys {
            let (recorded, asked) = (first.tags().get(key), request.tags.get(key));
            if recorded != asked {
                let text = |value: Option<&str>| value.map(str::to_owned);
                self.push(&format!("tags.{key}"), text(recorded), text(asked));
            }
        }
    }
}

/// A floor by its value, however many digits it is written with.
fn figure(floor: Floor) -> Option<Balance> {
    match floor {
        Floor::None => None,
        Floor::At(balance, _) => Some(balance),
    }
}

#[cfg(test)]
mod tests;
