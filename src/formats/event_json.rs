//! [`EventJson`]: an event as JSON, the same in receipts, `replay`, `show`, `watch`, `check` and
//! exports.
//!
//! The keys are those of the log, in its order, with memo and tags taken out of the note and without
//! the salt.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::event::{AccountName, Entry, Event, Key, Link, Note};
use crate::money::{Amount, Currency, Floor};
use crate::time::Timestamp;

/// The keys of [`EventJson`], in its order.
pub const EVENT_KEYS: [&str; 32] = [
    "v",
    "seq",
    "at",
    "effective",
    "type",
    "id",
    "account",
    "from",
    "to",
    "amount",
    "currency",
    "to_amount",
    "to_currency",
    "expires",
    "hold",
    "through",
    "final",
    "event",
    "floor",
    "zone",
    "strict",
    "reverses",
    "captures",
    "keep",
    "corrects",
    "refunds",
    "key",
    "more",
    "hash",
    "note",
    "memo",
    "tags",
];

/// An event as in the log, with memo and tags taken out of the note.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "cli", schemars(rename = "event"))]
pub struct EventJson<'e> {
    v: u64,
    seq: u64,
    at: Text<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<Text<Timestamp>>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Text<Amount>>,
    /// `null` beside an amount without a currency.
    #[expect(
        clippy::option_option,
        reason = "absent and `null` are two things in JSON"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Option<Text<Currency>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_amount: Option<Text<Amount>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_currency: Option<Text<Currency>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Text<Timestamp>>,
    /// The hold that a release is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<Text<Timestamp>>,
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    is_final: Option<bool>,
    /// The event that a redaction is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<Text<Floor>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
    /// Absent in a dry run, which hashes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'e str>,
    /// The digest of a note that was erased, in place of memo and tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<BTreeMap<&'e str, &'e str>>,
}

impl<'e> EventJson<'e> {
    /// An event as it was recorded.
    pub fn of(entry: &'e Entry<'_>) -> EventJson<'e> {
        let amount = entry.event.amount();
        let currency = match amount {
            Some((_, currency)) => Some(currency),
            None => entry.event.currency().map(Some),
        };
        let tags = entry.tags();
        let mut json = EventJson {
            v: entry.version(),
            seq: entry.seq,
            at: Text(entry.at),
            effective: entry.effective.map(Text),
            kind: entry.event.kind().as_str(),
            id: None,
            account: None,
            from: None,
            to: None,
            amount: amount.map(|(amount, _)| Text(amount)),
            currency: currency.map(|currency| currency.map(Text)),
            to_amount: None,
            to_currency: None,
            expires: None,
            hold: None,
            through: None,
            is_final: None,
            event: None,
            floor: None,
            zone: None,
            strict: None,
            reverses: None,
            captures: None,
            keep: None,
            corrects: None,
            refunds: None,
            key: entry.key.as_ref().map(Key::as_str),
            more: entry.more.then_some(true),
            hash: Some(entry.hash.as_str()),
            note: match &entry.note {
                Some(Note::Redacted(digest)) => Some(digest.as_str()),
                _ => None,
            },
            memo: entry.memo(),
            tags: (!tags.is_empty()).then(|| tags.iter().collect()),
        };
        json.fill(&entry.event);
        match entry.link {
            Some(Link::Reverses(seq)) => json.reverses = Some(seq),
            Some(Link::Captures { hold, keep }) => {
                json.captures = Some(hold);
                json.keep = keep.then_some(true);
            }
            Some(Link::Corrects(seq)) => json.corrects = Some(seq),
            Some(Link::Refunds(seq)) => json.refunds = Some(seq),
            None => {}
        }
        json
    }

    /// The same event without a hash, which a dry run does not compute.
    #[must_use]
    pub fn without_hash(self) -> EventJson<'e> {
        EventJson { hash: None, ..self }
    }

    /// The keys of its type, but for the amount and its currency.
    fn fill(&mut self, event: &'e Event<'_>) {
        let [first, second] = event.touched();
        let (first, second) = (
            first.map(AccountName::as_str),
            second.map(AccountName::as_str),
        );
        match event {
            Event::Ledger(opening) => {
                self.id = Some(opening.id.as_str());
                self.zone = Some(opening.zone.as_ref());
                self.strict = opening.strict.then_some(true);
            }
            Event::Open { floor, .. } => {
                self.account = first;
                self.floor = floor.map(Text);
            }
            Event::Limit { floor, .. } => {
                self.account = first;
                self.floor = Some(Text(*floor));
            }
            Event::Deposit(_) | Event::Withdraw(_) | Event::Close { .. } => self.account = first,
            Event::Transfer { .. } => (self.from, self.to) = (first, second),
            Event::Hold(hold) => {
                (self.from, self.to) = (first, second);
                self.expires = hold.expires.map(Text);
            }
            Event::Release { hold, .. } => self.hold = Some(*hold),
            Event::Exchange(exchange) => {
                (self.from, self.to) = (first, second);
                self.to_amount = Some(Text(exchange.to_amount));
                self.to_currency = Some(Text(exchange.to_currency));
            }
            Event::Seal { through, is_final } => {
                self.through = Some(Text(*through));
                self.is_final = is_final.then_some(true);
            }
            Event::Unseal { through } => self.through = through.map(Text),
            Event::Redact { event } => self.event = Some(*event),
        }
    }
}

/// A value as the text that it is printed as.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "cli", schemars(inline, transparent))]
struct Text<T>(#[cfg_attr(feature = "cli", schemars(with = "String"))] T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_keys_is_that_of_the_type() {
        let schema = schemars::schema_for!(EventJson<'_>);
        let own = schema.as_value()["properties"].as_object().unwrap();
        let mut keys: Vec<&str> = own.keys().map(String::as_str).collect();
        let mut listed = EVENT_KEYS;
        keys.sort_unstable();
        listed.sort_unstable();
        assert_eq!(keys, listed);
    }
}
