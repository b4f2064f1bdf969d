//! The JSON answers of the contract, as types: their fields are the keys, in their order.
//!
//! Owns the keys. Must not know how an answer was come by. Money is a decimal text with its currency
//! beside it, times are UTC as in the log.

use std::collections::BTreeMap;

use event_ledger::accounts::Account;
use event_ledger::event::{Entry, Event, Posting};
use event_ledger::ledger::{AccountAfter, Receipt};
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::{Bound, Total};
use schemars::JsonSchema;
use serde::Serialize;

/// An answer as one line of JSON.
pub(crate) fn text(answer: &impl Serialize) -> String {
    // Our answers have text keys and no foreign serializers: nothing in them can fail.
    serde_json::to_string(answer).unwrap_or_default()
}

/// An answer for people to read, over several lines.
pub(crate) fn readable(answer: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(answer).unwrap_or_default();
    format!("{text}\n")
}

/// An event as in the log, memo and tags lifted out of the note.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "event")]
pub(crate) struct EventAnswer {
    v: u8,
    seq: u64,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    /// `null` beside an amount of no currency.
    #[expect(
        clippy::option_option,
        reason = "absent and `null` are two things in JSON"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
    /// Absent in a dry run, where nothing was hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<BTreeMap<String, String>>,
    /// True where memo and tags were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<bool>,
}

impl EventAnswer {
    pub(crate) fn of(entry: &Entry<'_>) -> EventAnswer {
        let mut answer = EventAnswer {
            v: 1,
            seq: entry.seq,
            at: entry.at.to_string(),
            effective: entry.effective.map(|effective| effective.to_string()),
            kind: entry.event.kind().as_str().to_owned(),
            id: None,
            account: None,
            from: None,
            to: None,
            amount: None,
            currency: None,
            floor: None,
            zone: None,
            strict: None,
            reverses: entry.reverses(),
            key: entry.key.as_ref().map(ToString::to_string),
            more: entry.more.then_some(true),
            hash: Some(entry.hash.to_string()),
            memo: entry.memo().map(str::to_owned),
            tags: tags_of(entry),
            redacted: matches!(entry.note, Some(event_ledger::event::Note::Redacted(_)))
                .then_some(true),
        };
        answer.fill(&entry.event);
        answer
    }

    fn fill(&mut self, event: &Event<'_>) {
        let code = |currency: &Option<Currency>| currency.map(|currency| currency.to_string());
        match event {
            Event::Ledger(opening) => {
                self.id = Some(opening.id.to_string());
                self.currency = code(&opening.currency).map(Some);
                self.zone = Some(opening.zone.to_string());
                self.strict = opening.strict.then_some(true);
            }
            Event::Open {
                account,
                currency,
                floor,
            } => {
                self.account = Some(account.to_string());
                self.currency = code(currency).map(Some);
                self.floor = floor.map(|floor| floor.to_string());
            }
            Event::Limit { account, floor } => {
                self.account = Some(account.to_string());
                self.floor = Some(floor.to_string());
            }
            Event::Deposit(movement) | Event::Withdraw(movement) => {
                self.account = Some(movement.account.to_string());
                self.amount = Some(movement.amount.to_string());
                self.currency = Some(code(&movement.currency));
            }
            Event::Transfer {
                from,
                to,
                amount,
                currency,
            } => {
                self.from = Some(from.to_string());
                self.to = Some(to.to_string());
                self.amount = Some(amount.to_string());
                self.currency = Some(code(currency));
            }
            Event::Close { account } => self.account = Some(account.to_string()),
        }
    }
}

/// The tags of an event, where it has any.
pub(crate) fn tags_of(entry: &Entry<'_>) -> Option<BTreeMap<String, String>> {
    let tags = entry.tags();
    (!tags.is_empty()).then(|| {
        tags.iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    })
}

/// An account's balance.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account_balance")]
pub(crate) struct BalanceOf {
    pub(crate) account: String,
    pub(crate) balance: String,
    pub(crate) currency: Option<String>,
}

impl BalanceOf {
    pub(crate) fn of(name: &str, account: &Account) -> BalanceOf {
        BalanceOf {
            account: name.to_owned(),
            balance: account.balance.to_text(account.scale),
            currency: currency_text(account.currency),
        }
    }

    pub(crate) fn standing(standing: &AccountAfter) -> BalanceOf {
        BalanceOf::of(&standing.name, &standing.account)
    }
}

/// A currency's code, or `null`.
pub(crate) fn currency_text(currency: Option<Currency>) -> Option<String> {
    currency.map(|currency| currency.to_string())
}

/// A sum over accounts of one currency.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "total")]
pub(crate) struct TotalOf {
    pub(crate) currency: Option<String>,
    pub(crate) balance: String,
}

impl TotalOf {
    pub(crate) fn of(total: &Total) -> TotalOf {
        TotalOf {
            currency: currency_text(total.currency),
            balance: total.balance.to_text(total.scale),
        }
    }
}

/// What every writing command answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "receipt")]
pub(crate) struct ReceiptAnswer {
    #[serde(flatten)]
    event: EventAnswer,
    replayed: bool,
    dry_run: bool,
    balances: Vec<BalanceOf>,
}

impl ReceiptAnswer {
    pub(crate) fn of(receipt: &Receipt, dry_run: bool) -> ReceiptAnswer {
        let mut event = EventAnswer::of(&receipt.entry);
        if dry_run && !receipt.replayed {
            event.hash = None;
        }
        ReceiptAnswer {
            event,
            replayed: receipt.replayed,
            dry_run,
            balances: receipt
                .accounts_after
                .iter()
                .map(BalanceOf::standing)
                .collect(),
        }
    }
}

/// A state: what `balance` answers, and the last line of `replay`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "balance")]
pub(crate) struct StateAnswer {
    pub(crate) ledger: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    pub(crate) events: u64,
    pub(crate) balances: Vec<BalanceOf>,
    pub(crate) totals: Vec<TotalOf>,
    pub(crate) torn_bytes: u64,
}

/// A bound as text: the instant in UTC, or `seq:17`.
pub(crate) fn bound_text(bound: Option<Bound>) -> Option<String> {
    bound.map(|bound| match bound {
        Bound::Time(instant) => instant.to_string(),
        Bound::Seq(seq) => format!("seq:{seq}"),
    })
}

/// What an event did to one account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "change")]
pub(crate) struct ChangeAnswer {
    pub(crate) account: String,
    pub(crate) change: String,
    pub(crate) balance: String,
    pub(crate) currency: Option<String>,
}

impl ChangeAnswer {
    /// What an event did, with the accounts as they stand right behind it.
    pub(crate) fn all<'s>(
        entry: &Entry<'_>,
        account: impl Fn(&str) -> Option<&'s Account>,
    ) -> Vec<ChangeAnswer> {
        entry
            .event
            .postings()
            .filter_map(
                |Posting {
                     account: name,
                     change,
                     ..
                 }| {
                    let account = account(name.as_str())?;
                    Some(ChangeAnswer {
                        account: name.to_string(),
                        change: signed(change, account.scale),
                        balance: account.balance.to_text(account.scale),
                        currency: currency_text(account.currency),
                    })
                },
            )
            .collect()
    }
}

/// A change as text: `-20.00`, `50.00`.
pub(crate) fn signed(change: Balance, scale: Scale) -> String {
    change.to_text(scale)
}
