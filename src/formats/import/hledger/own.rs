//! A transaction as an export of ours writes it: its tags say what was recorded.
//!
//! Owns how those tags go back to an event. Values stand there escaped.

use super::super::Fault;
use super::super::told::EventFields;
use super::Booked;
use super::journal::Transaction;
use crate::formats::escape::unescaped;

/// Tags that say what was recorded; every other is the event's own.
const OURS: [&str; 11] = [
    "seq",
    "at",
    "effective-at",
    "type",
    "key",
    "reverses",
    "redacted",
    "memo",
    "account",
    "currency",
    "floor",
];

fn tag<'t>(transaction: &Transaction<'t>, name: &str) -> Option<&'t str> {
    let tags = &transaction.comment.tags;
    tags.iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}

/// The number of the event that an export made the transaction of.
pub(super) fn seq(transaction: &Transaction<'_>) -> Option<u64> {
    tag(transaction, "type")?;
    tag(transaction, "at")?;
    tag(transaction, "seq")?.parse().ok()
}

/// The event.
pub(super) fn told(
    transaction: &Transaction<'_>,
    postings: &[Booked],
) -> Result<EventFields, Fault> {
    let text = |text: &str| {
        unescaped(text)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| Fault::Expected {
                found: format!("`{text}`"),
                expected: "text in which a backslash begins an escape".to_owned(),
            })
    };
    let tagged = |name: &str| tag(transaction, name).map(text).transpose();
    let kind = tagged("type")?.unwrap_or_default();
    let mut told = EventFields {
        effective: tagged("effective-at")?,
        key: tagged("key")?,
        seq: seq(transaction),
        at: tagged("at")?,
        reverses: tagged("reverses")?.and_then(|seq| seq.parse().ok()),
        tags: tags(transaction, &text)?,
        ..EventFields::default()
    };
    let giver = postings.iter().find(|posting| posting.signed.negative);
    let taker = postings.iter().find(|posting| !posting.signed.negative);
    if let (Some(giver), Some(taker), 2) = (giver, taker, postings.len()) {
        told.amount = Some(taker.signed.magnitude.clone());
        told.currency = taker.currency.map(|currency| currency.to_string());
        let (from, to) = (
            Some(giver.account.to_string()),
            Some(taker.account.to_string()),
        );
        match kind.as_str() {
            "deposit" => told.account = to,
            "withdraw" => told.account = from,
            _ => (told.from, told.to) = (from, to),
        }
        told.memo = Some(text(transaction.description)?);
    } else {
        told.account = tagged("account")?;
        told.currency = tagged("currency")?;
        told.floor = tagged("floor")?;
        told.memo = tagged("memo")?;
    }
    told.kind = kind;
    Ok(told)
}

/// The event's own tags. One whose key can be no name there stands as `tag-1:KEY=VALUE`, its key
/// escaped once more.
fn tags(
    transaction: &Transaction<'_>,
    text: &dyn Fn(&str) -> Result<String, Fault>,
) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs = Vec::new();
    for (key, value) in &transaction.comment.tags {
        if OURS.contains(key) {
            continue;
        }
        let value = text(value)?;
        let numbered = key.strip_prefix("tag-").is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        match value.split_once('=').filter(|_| numbered) {
            Some((key, value)) => pairs.push((text(key)?, value.to_owned())),
            None => pairs.push(((*key).to_owned(), value)),
        }
    }
    pairs.sort();
    Ok(pairs)
}
