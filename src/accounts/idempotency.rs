//! A key that was used before: the same content is success, other content a conflict.
//!
//! Content is what was asked for, not how it was spelled: amounts compare by value, and what was left
//! out compares as what it resolves to.

use std::collections::BTreeSet;

use crate::event::{AccountName, Event, EventRef, Key, Note, Record};
use crate::money::{Amount, Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

use super::refusal::{Difference, Refusal};
use super::request::{Context, Decision, Operation, Request, TypedFloor};
use super::state::State;

/// Answers a request whose key was used for `first`, whatever the accounts are now.
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
    differences.of_note(request, first);
    if differences.0.is_empty() {
        return Ok(Decision::Repeat(first.seq));
    }
    Err(Refusal::KeyConflict {
        key: key.clone(),
        seq: first.seq,
        differences: differences.0,
    })
}

/// The own keys of an event or an operation, those of them that it has.
#[derive(Default)]
struct Content<'a> {
    kind: &'static str,
    account: Option<&'a AccountName<'a>>,
    from: Option<&'a AccountName<'a>>,
    to: Option<&'a AccountName<'a>>,
    amount: Option<Amount>,
    currency: Option<Currency>,
    floor: Option<Floor>,
    zone: Option<&'a str>,
    strict: bool,
}

fn recorded_content<'a>(state: &State, event: &'a Event<'_>) -> Content<'a> {
    let kind = event.kind().as_str();
    let of_kind = Content {
        kind,
        ..Content::default()
    };
    match event {
        Event::Ledger(opening) => Content {
            currency: opening.currency,
            zone: Some(&opening.zone),
            strict: opening.strict,
            ..of_kind
        },
        Event::Open {
            account,
            currency,
            floor,
        } => Content {
            account: Some(account),
            currency: *currency,
            floor: Some(floor.unwrap_or_default()),
            ..of_kind
        },
        Event::Limit { account, floor } => Content {
            account: Some(account),
            // A floor may be asked for with a currency, which can only be the account's.
            currency: state
                .account(account.as_str())
                .and_then(|known| known.currency),
            floor: Some(*floor),
            ..of_kind
        },
        Event::Deposit(movement) | Event::Withdraw(movement) => Content {
            account: Some(&movement.account),
            amount: Some(movement.amount),
            currency: movement.currency,
            ..of_kind
        },
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => Content {
            from: Some(from),
            to: Some(to),
            amount: Some(*amount),
            currency: *currency,
            ..of_kind
        },
        Event::Close { account } => Content {
            account: Some(account),
            ..of_kind
        },
    }
}

/// `None` for a reversal, whose own keys follow from what it reverses.
fn asked_content(operation: &Operation) -> Option<Content<'_>> {
    let nothing = Content::default();
    Some(match operation {
        Operation::Open {
            account,
            currency,
            floor,
        } => Content {
            kind: "open",
            account: Some(account),
            currency: currency.or(floor.and_then(TypedFloor::currency)),
            floor: Some(floor.map_or_else(Floor::default, TypedFloor::as_typed)),
            ..nothing
        },
        Operation::Limit { account, floor } => Content {
            kind: "limit",
            account: Some(account),
            currency: floor.currency(),
            floor: Some(floor.as_typed()),
            ..nothing
        },
        Operation::Deposit { account, amount } => Content {
            kind: "deposit",
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Operation::Withdraw { account, amount } => Content {
            kind: "withdraw",
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Operation::Transfer { from, to, amount } => Content {
            kind: "transfer",
            from: Some(from),
            to: Some(to),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Operation::Close { account } => Content {
            kind: "close",
            account: Some(account),
            ..nothing
        },
        Operation::Init(new) => Content {
            kind: "ledger",
            currency: new.currency,
            zone: Some(new.zone.name()),
            strict: new.strict,
            ..nothing
        },
        Operation::Reverse { .. } | Operation::Undo => return None,
    })
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

    fn of_operation(
        &mut self,
        state: &State,
        operation: &Operation,
        context: &Context<'_>,
        first: &Record<'_>,
    ) {
        let asked_reverses = match operation {
            Operation::Reverse {
                event: EventRef::Seq(seq),
            } => Some(*seq),
            Operation::Reverse { .. } => context.target.map(|target| target.seq),
            _ => None,
        };
        if let Some(asked) = asked_content(operation) {
            self.of_content(&recorded_content(state, &first.event), &asked);
        }
        if first.reverses() != asked_reverses {
            let text = |seq: Option<u64>| seq.map(|seq| seq.to_string());
            self.push("reverses", text(first.reverses()), text(asked_reverses));
        }
    }

    fn of_content(&mut self, recorded: &Content<'_>, asked: &Content<'_>) {
        if recorded.kind != asked.kind {
            let text = |kind: &str| Some(kind.to_owned());
            self.push("type", text(recorded.kind), text(asked.kind));
        }
        let names = [
            ("account", recorded.account, asked.account),
            ("from", recorded.from, asked.from),
            ("to", recorded.to, asked.to),
        ];
        for (field, recorded, asked) in names {
            if recorded != asked {
                let text = |name: Option<&AccountName<'_>>| name.map(AccountName::to_string);
                self.push(field, text(recorded), text(asked));
            }
        }
        let value = |amount: Option<Amount>| amount.map(Amount::billionths);
        if value(recorded.amount) != value(asked.amount) {
            let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
            self.push("amount", text(recorded.amount), text(asked.amount));
        }
        // None named means the account's own, which is the recorded one: it never changes.
        let is_named = asked.currency.is_some() || asked.kind == "ledger";
        if is_named && asked.currency != recorded.currency {
            let text = |currency: Option<Currency>| currency.map(|currency| currency.to_string());
            self.push("currency", text(recorded.currency), text(asked.currency));
        }
        if recorded.zone != asked.zone {
            let text = |zone: Option<&str>| zone.map(str::to_owned);
            self.push("zone", text(recorded.zone), text(asked.zone));
        }
        if recorded.strict != asked.strict {
            let text = |strict: bool| strict.then(|| "true".to_owned());
            self.push("strict", text(recorded.strict), text(asked.strict));
        }
        if recorded.floor.map(figure) != asked.floor.map(figure) {
            let text = |floor: Option<Floor>| floor.map(|floor| floor.to_text(Scale::WHOLE));
            self.push("floor", text(recorded.floor), text(asked.floor));
        }
    }

    fn of_effective(&mut self, asked: Option<Timestamp>, first: &Record<'_>) {
        // An event has no `effective` if that is when it was recorded.
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

    fn of_note(&mut self, request: &Request, first: &Record<'_>) {
        if matches!(first.note, Some(Note::Redacted(_))) {
            // Its content is gone, so it cannot be compared.
            return;
        }
        let asked = request.memo();
        if first.memo() != asked {
            let text = |memo: Option<&str>| memo.map(str::to_owned);
            self.push("memo", text(first.memo()), text(asked));
        }
        let pairs = first.tags().iter().chain(request.tags.iter());
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
