//! A key that was used before: the same content is success, other content a conflict.
//!
//! Content is what was asked for, not how it was spelled: amounts compare by value, and what was left
//! out compares as what it would resolve to.

use std::collections::BTreeSet;

use crate::event::{AccountName, Entry, Event, Key, Note};
use crate::money::{Amount, Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

use super::refusal::{Difference, Refusal};
use super::request::{Command, Decision, FloorWish, Request};
use super::state::State;

/// Answers a request whose key was used for `first`, whatever the accounts look like by now.
pub(super) fn answer_repeat(
    state: &State,
    request: &Request,
    key: &Key<'static>,
    first: &Entry<'static>,
) -> Result<Decision, Refusal> {
    let mut differences = Differences::default();
    differences.of_command(state, &request.command, first);
    differences.of_effective(request.effective, first);
    differences.of_note(request, first);
    if differences.0.is_empty() {
        return Ok(Decision::Repeat(first.clone()));
    }
    Err(Refusal::KeyConflict {
        key: key.clone(),
        seq: first.seq,
        differences: differences.0,
    })
}

/// The own keys of an event or a command, whichever of them it has.
#[derive(Default)]
struct Content<'a> {
    kind: &'static str,
    account: Option<&'a AccountName<'a>>,
    from: Option<&'a AccountName<'a>>,
    to: Option<&'a AccountName<'a>>,
    amount: Option<Amount>,
    currency: Option<Currency>,
    floor: Option<Floor>,
}

fn recorded_content<'a>(state: &State, event: &'a Event<'_>) -> Content<'a> {
    let kind = event.kind().as_str();
    let of_kind = Content {
        kind,
        ..Content::default()
    };
    match event {
        Event::Ledger(_) => of_kind,
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
fn asked_content(command: &Command) -> Option<Content<'_>> {
    let nothing = Content::default();
    Some(match command {
        Command::Open {
            account,
            currency,
            floor,
        } => Content {
            kind: "open",
            account: Some(account),
            currency: currency.or(floor.and_then(FloorWish::currency)),
            floor: Some(floor.map_or_else(Floor::default, FloorWish::as_typed)),
            ..nothing
        },
        Command::Limit { account, floor } => Content {
            kind: "limit",
            account: Some(account),
            currency: floor.currency(),
            floor: Some(floor.as_typed()),
            ..nothing
        },
        Command::Deposit { account, amount } => Content {
            kind: "deposit",
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Command::Withdraw { account, amount } => Content {
            kind: "withdraw",
            account: Some(account),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Command::Transfer { from, to, amount } => Content {
            kind: "transfer",
            from: Some(from),
            to: Some(to),
            amount: Some(amount.amount),
            currency: amount.currency,
            ..nothing
        },
        Command::Close { account } => Content {
            kind: "close",
            account: Some(account),
            ..nothing
        },
        Command::Reverse { .. } => return None,
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

    fn of_command(&mut self, state: &State, command: &Command, first: &Entry<'_>) {
        let asked = asked_content(command);
        let asked_reverses = match command {
            Command::Reverse { seq } => Some(*seq),
            _ => None,
        };
        if let Some(asked) = asked {
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
        if asked.currency.is_some() && asked.currency != recorded.currency {
            let text = |currency: Option<Currency>| currency.map(|currency| currency.to_string());
            self.push("currency", text(recorded.currency), text(asked.currency));
        }
        if recorded.floor.map(figure) != asked.floor.map(figure) {
            let text = |floor: Option<Floor>| floor.map(|floor| floor.to_text(Scale::WHOLE));
            self.push("floor", text(recorded.floor), text(asked.floor));
        }
    }

    fn of_effective(&mut self, asked: Option<Timestamp>, first: &Entry<'_>) {
        // An event leaves `effective` out where it is the time of recording.
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

    fn of_note(&mut self, request: &Request, first: &Entry<'_>) {
        if matches!(first.note, Some(Note::Redacted(_))) {
            // What it said is gone: nobody can say that it was something else.
            return;
        }
        let asked = request.memo.as_deref().filter(|memo| !memo.is_empty());
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
