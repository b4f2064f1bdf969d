//! The JSON answers of the reading commands except `balance`.

use std::collections::BTreeMap;

use event_ledger::accounts::{Account, LinksTo, Pending};
use event_ledger::event::{Entry, Link};
use event_ledger::formats::event_json::EventJson;
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::AccountDiff;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{BalanceOf, ChangeAnswer, OmittedAnswer, StateAnswer, currency_text, tags_of};
use super::json_proof::TreeAnswer;

/// A row of a statement: nothing left out, `null` if absent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "history")]
pub(crate) struct HistoryAnswer {
    seq: u64,
    at: String,
    /// Always present; equal to `at` if the event has no other effective time.
    effective: String,
    #[serde(rename = "type")]
    kind: String,
    account: String,
    change: String,
    balance: String,
    currency: Option<String>,
    memo: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    links: LinkTargets,
    key: Option<String>,
}

impl HistoryAnswer {
    pub(crate) fn of(
        entry: &Entry<'_>,
        account: &str,
        change: Balance,
        scale: Scale,
        balance: String,
        currency: Option<Currency>,
    ) -> HistoryAnswer {
        HistoryAnswer {
            seq: entry.seq,
            at: entry.at.to_string(),
            effective: entry.took_effect().to_string(),
            kind: entry.event.kind().as_str().to_owned(),
            account: account.to_owned(),
            change: change.to_text(scale),
            balance,
            currency: currency_text(currency),
            memo: entry.memo().map(str::to_owned),
            tags: tags_of(entry),
            links: LinkTargets::of(entry.link),
            key: entry.key.as_ref().map(ToString::to_string),
        }
    }
}

/// The event that a link names, under the kind of the link.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct LinkTargets {
    pub(crate) reverses: Option<u64>,
    pub(crate) captures: Option<u64>,
    pub(crate) corrects: Option<u64>,
    pub(crate) refunds: Option<u64>,
}

impl LinkTargets {
    pub(crate) fn of(link: Option<Link>) -> LinkTargets {
        let target = |is_it: fn(&Link) -> bool| link.filter(is_it).map(Link::target);
        LinkTargets {
            reverses: target(|link| matches!(link, Link::Reverses(_))),
            captures: target(|link| matches!(link, Link::Captures { .. })),
            corrects: target(|link| matches!(link, Link::Corrects(_))),
            refunds: target(|link| matches!(link, Link::Refunds(_))),
        }
    }
}

/// A line of `replay`: an event and what it changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "replay")]
pub(crate) struct ReplayAnswer<'e> {
    pub(crate) event: EventJson<'e>,
    pub(crate) changes: Vec<ChangeAnswer>,
}

/// The last line of `replay`: what the events add up to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "replay_state")]
pub(crate) struct ReplayedAnswer {
    pub(crate) state: StateAnswer,
}

/// An account before or after an event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account_around")]
pub(crate) struct AroundAnswer {
    #[serde(flatten)]
    balance: BalanceOf,
    floor: String,
    open: bool,
}

impl AroundAnswer {
    pub(crate) fn of(name: &str, account: &Account, pending: Pending) -> AroundAnswer {
        AroundAnswer {
            balance: BalanceOf::of(name, account, pending),
            floor: account.floor.to_text(account.scale),
            open: account.open,
        }
    }
}

/// What `show` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "show")]
pub(crate) struct ShowAnswer<'e> {
    pub(crate) event: EventJson<'e>,
    pub(crate) changes: Vec<ChangeAnswer>,
    /// The accounts it touched, before it; without accounts that did not exist.
    pub(crate) before: Vec<AroundAnswer>,
    /// The same accounts after it.
    pub(crate) balances: Vec<AroundAnswer>,
    /// The event that reverses this one.
    pub(crate) reversed_by: Option<u64>,
    pub(crate) links: LinksAnswer,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    pub(crate) torn_bytes: u64,
}

/// The events that an event refers to, and those that refer to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "links")]
pub(crate) struct LinksAnswer {
    reverses: Option<u64>,
    reversed_by: Option<u64>,
    captures: Option<u64>,
    captured_by: Vec<u64>,
    corrects: Option<u64>,
    corrected_by: Option<u64>,
    refunds: Option<u64>,
    refunded_by: Vec<u64>,
}

impl LinksAnswer {
    pub(crate) fn of(link: Option<Link>, links: &LinksTo) -> LinksAnswer {
        let targets = LinkTargets::of(link);
        LinksAnswer {
            reverses: targets.reverses,
            reversed_by: links.reversed_by,
            captures: targets.captures,
            captured_by: links.captured_by.clone(),
            corrects: targets.corrects,
            corrected_by: links.corrected_by,
            refunds: targets.refunds,
            refunded_by: links.refunded_by.clone(),
        }
    }
}

/// An account as `accounts` lists it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account")]
pub(crate) struct AccountAnswer {
    account: String,
    currency: Option<String>,
    floor: String,
    balance: String,
    /// The number of the first event that touched it.
    first: u64,
    /// The number of the last.
    last: u64,
    open: bool,
}

impl AccountAnswer {
    pub(crate) fn of(name: &str, account: &Account) -> AccountAnswer {
        AccountAnswer {
            account: name.to_owned(),
            currency: currency_text(account.currency),
            floor: account.floor.to_text(account.scale),
            balance: account.balance.to_text(account.scale),
            first: account.first,
            last: account.last,
            open: account.open,
        }
    }
}

/// What `accounts` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "accounts")]
pub(crate) struct AccountsAnswer {
    pub(crate) ledger: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    pub(crate) events: u64,
    pub(crate) accounts: Vec<AccountAnswer>,
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
    pub(crate) torn_bytes: u64,
}

/// One account at two moments.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "account_diff")]
pub(crate) struct AccountDiffAnswer {
    account: String,
    from: String,
    to: String,
    change: String,
    currency: Option<String>,
}

impl AccountDiffAnswer {
    pub(crate) fn of(diff: &AccountDiff) -> AccountDiffAnswer {
        AccountDiffAnswer {
            account: diff.account.clone(),
            from: diff.from.to_text(diff.scale),
            to: diff.to.to_text(diff.scale),
            change: diff.change.to_text(diff.scale),
            currency: currency_text(diff.currency),
        }
    }
}

/// What `diff` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "diff")]
pub(crate) struct DiffAnswer {
    pub(crate) from: StateAnswer,
    pub(crate) to: StateAnswer,
    pub(crate) changes: Vec<AccountDiffAnswer>,
}

/// What `head` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "head")]
pub(crate) struct HeadAnswer {
    pub(crate) ledger: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
    /// `SEQ:HASH`, as `--if-head` and `verify --head` take it.
    pub(crate) head: String,
    /// When it was recorded.
    pub(crate) at: String,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    pub(crate) torn_bytes: u64,
    /// With `--tree` or `--sign`.
    #[serde(flatten)]
    pub(crate) tree: Option<TreeAnswer>,
}

/// What `export --output` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "exported")]
pub(crate) struct ExportedAnswer {
    pub(crate) ledger: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    pub(crate) format: String,
    /// The file that was written.
    pub(crate) file: String,
    /// The number of written events, without the first line.
    pub(crate) events: u64,
    /// How long the file is.
    pub(crate) bytes: u64,
    pub(crate) torn_bytes: u64,
}
