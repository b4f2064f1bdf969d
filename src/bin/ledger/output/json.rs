//! The JSON answers of the contract as types: the fields are the keys, in order.
//!
//! Money is a decimal string with its currency beside it; times are UTC as in the log.

use std::collections::BTreeMap;
use std::path::Path;

use event_ledger::accounts::{Account, HoldState, Pending};
use event_ledger::event::Entry;
use event_ledger::formats::event_json::EventJson;
use event_ledger::ledger::{Omitted, Receipt};
use event_ledger::money::Currency;
use event_ledger::replay::{Bound, Total};
use event_ledger::time::Timestamp;
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

/// A note or a warning beside an answer, a line on standard error.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "note")]
pub(crate) enum NoteAnswer {
    Note(NoteBody),
    Warning(NoteBody),
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct NoteBody {
    /// What it is about, one word for programs.
    code: String,
    message: String,
}

impl NoteBody {
    pub(crate) fn new(code: &str, message: &str) -> NoteBody {
        NoteBody {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// The tags of an event, if it has any.
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
    /// The rests of holds to it.
    pub(crate) pending_in: String,
    /// The rests of holds from it.
    pub(crate) pending_out: String,
    /// The balance without what holds set aside.
    pub(crate) available: String,
    pub(crate) currency: Option<String>,
}

impl BalanceOf {
    pub(crate) fn of(name: &str, account: &Account, pending: Pending) -> BalanceOf {
        BalanceOf {
            account: name.to_owned(),
            balance: account.balance.to_text(account.scale),
            pending_in: pending.incoming.to_text(account.scale),
            pending_out: pending.outgoing.to_text(account.scale),
            available: pending.available(account.balance).to_text(account.scale),
            currency: currency_text(account.currency),
        }
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
pub(crate) struct ReceiptAnswer<'e> {
    #[serde(flatten)]
    event: EventJson<'e>,
    replayed: bool,
    dry_run: bool,
    balances: Vec<BalanceOf>,
    /// The accounts that the event made.
    opened: Vec<String>,
    /// True if the log was started.
    started: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_state: Option<HoldStateAnswer>,
    #[serde(flatten)]
    erasure: Option<ErasureAnswer>,
    /// The log's absolute path if it was found in a parent of the current directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// A hold right after an event that made it, captured or released it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "hold_state")]
pub(crate) struct HoldStateAnswer {
    seq: u64,
    rest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// What `redact` reached and what not: the same on each of its receipts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "erasure")]
pub(crate) struct ErasureAnswer {
    /// The events whose notes the command erases.
    pub(crate) redacted: Vec<u64>,
    /// The linked events that still carry the same memo or an equal tag.
    pub(crate) copies: Vec<u64>,
    /// Files beside the log that may still contain an erased note.
    pub(crate) left_behind: Vec<String>,
}

impl<'e> ReceiptAnswer<'e> {
    pub(crate) fn of(receipt: &'e Receipt, dry_run: bool, started: bool) -> ReceiptAnswer<'e> {
        let mut event = EventJson::of(&receipt.entry);
        if dry_run && !receipt.replayed {
            event = event.without_hash();
        }
        ReceiptAnswer {
            event,
            replayed: receipt.replayed,
            dry_run,
            balances: receipt
                .accounts_after
                .iter()
                .map(|after| BalanceOf::of(&after.name, &after.account, after.pending))
                .collect(),
            opened: receipt
                .accounts_after
                .iter()
                .filter(|after| after.is_new)
                .map(|after| after.name.clone())
                .collect(),
            started,
            hold_state: receipt.hold.as_ref().map(|hold| HoldStateAnswer {
                seq: hold.seq,
                rest: hold.rest.to_text(hold.scale),
                expires: hold.expires.map(|expires| expires.to_string()),
            }),
            erasure: None,
            file: None,
        }
    }

    /// The receipt of an erasure.
    pub(crate) fn with_erasure(self, erasure: ErasureAnswer) -> ReceiptAnswer<'e> {
        ReceiptAnswer {
            erasure: Some(erasure),
            ..self
        }
    }

    /// The receipt of a log that was found in a parent of the current directory.
    pub(crate) fn in_file(self, file: Option<&Path>) -> ReceiptAnswer<'e> {
        ReceiptAnswer {
            file: file.map(|path| path.display().to_string()),
            ..self
        }
    }
}

/// What `holds` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "holds")]
pub(crate) struct HoldsAnswer {
    pub(crate) as_of: String,
    pub(crate) holds: Vec<HoldAnswer>,
}

/// A hold with what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "hold")]
pub(crate) struct HoldAnswer {
    seq: u64,
    at: String,
    effective: String,
    from: Option<String>,
    to: Option<String>,
    amount: String,
    captured: String,
    released: String,
    rest: String,
    currency: Option<String>,
    expires: Option<String>,
    state: String,
    key: Option<String>,
}

impl HoldAnswer {
    pub(crate) fn of(hold: &HoldState, as_of: Timestamp) -> HoldAnswer {
        let scale = hold.scale();
        HoldAnswer {
            seq: hold.seq,
            at: hold.at.to_string(),
            effective: hold.took_effect.to_string(),
            from: hold.from.as_ref().map(ToString::to_string),
            to: hold.to.as_ref().map(ToString::to_string),
            amount: hold.amount.as_balance().to_text(scale),
            captured: hold.captured().to_text(scale),
            released: hold.released().to_text(scale),
            rest: hold.rest(as_of).to_text(scale),
            currency: currency_text(hold.currency),
            expires: hold.expires.map(|expires| expires.to_string()),
            state: hold.status(as_of).as_str().to_owned(),
            key: hold.key.clone(),
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
    /// The moment at which holds were looked at.
    pub(crate) as_of: String,
    pub(crate) events: u64,
    pub(crate) balances: Vec<BalanceOf>,
    pub(crate) totals: Vec<TotalOf>,
    /// With `--without`.
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
    pub(crate) torn_bytes: u64,
}

/// What was left out as if it had not happened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "omitted")]
pub(crate) struct OmittedAnswer {
    /// The events that were named and those that refer to them.
    without: Vec<u64>,
    /// The events that the rules would then have refused, in the order of the log. They count.
    refused: Vec<RefusedAnswer>,
}

/// An event that the rules would have refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "refused")]
struct RefusedAnswer {
    seq: u64,
    /// The rule, as in an error.
    code: String,
}

impl OmittedAnswer {
    /// None if nothing is left out.
    pub(crate) fn of(omitted: &Omitted) -> Option<OmittedAnswer> {
        let refused = omitted.refused.iter().map(|(seq, code)| RefusedAnswer {
            seq: *seq,
            code: (*code).to_owned(),
        });
        (!omitted.without.is_empty()).then(|| OmittedAnswer {
            without: omitted.without.clone(),
            refused: refused.collect(),
        })
    }
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
    /// What an event changed, with the balances after it.
    pub(crate) fn all<'s>(
        entry: &Entry<'_>,
        account: impl Fn(&str) -> Option<&'s Account>,
    ) -> Vec<ChangeAnswer> {
        entry
            .event
            .postings()
            .filter_map(|posting| {
                let account = account(posting.account.as_str())?;
                Some(ChangeAnswer {
                    account: posting.account.to_string(),
                    change: posting.change.to_text(account.scale),
                    balance: account.balance.to_text(account.scale),
                    currency: currency_text(account.currency),
                })
            })
            .collect()
    }
}
