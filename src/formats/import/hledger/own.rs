//! A transaction as `export` writes it: its tags hold the fields of the event, escaped.

use super::super::Fault;
use super::super::event_fields::EventFields;
use super::super::figures::Number;
use super::booked::Booked;
use super::journal::JournalTransaction;
use crate::formats::escape::unescaped;
use crate::formats::export::EVENT_FIELDS;
use crate::money::Currency;

fn tag<'t>(transaction: &JournalTransaction<'t>, name: &str) -> Option<&'t str> {
    let tags = &transaction.comment.tags;
    tags.iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}

/// The number of the event that `export` made the transaction of.
pub(super) fn seq(transaction: &JournalTransaction<'_>) -> Option<u64> {
    tag(transaction, "type")?;
    tag(transaction, "at")?;
    tag(transaction, "seq")?.parse().ok()
}

/// The event.
pub(super) fn fields(
    transaction: &JournalTransaction<'_>,
    postings: &[Booked],
) -> Result<EventFields, Fault> {
    let text = |text: &str| {
        unescaped(text)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| {
                Fault::expected(
                    format!("`{text}`"),
                    "text in which a backslash begins an escape",
                )
            })
    };
    let tagged = |name: &str| tag(transaction, name).map(text).transpose();
    let kind = tagged("type")?.unwrap_or_default();
    let mut fields = EventFields {
        effective: tagged("effective-at")?,
        key: tagged("key")?,
        seq: seq(transaction),
        at: tagged("at")?,
        reverses: tagged("reverses")?.and_then(|seq| seq.parse().ok()),
        corrects: tagged("corrects")?.and_then(|seq| seq.parse().ok()),
        refunds: tagged("refunds")?.and_then(|seq| seq.parse().ok()),
        tags: tags(transaction, &text)?,
        ..EventFields::default()
    };
    let giver = postings.iter().find(|posting| posting.is_giver());
    let taker = postings.iter().find(|posting| !posting.is_giver());
    if let (Some(giver), Some(taker), 2) = (giver, taker, postings.len()) {
        let amount = |number: Number| {
            let number = number.turned(number.value.is_negative());
            number.value.to_text(number.scale)
        };
        let code = |currency: Option<Currency>| currency.map(|currency| currency.to_string());
        fields.amount = Some(amount(giver.number));
        fields.currency = code(giver.currency);
        if kind == "exchange" {
            fields.to_amount = Some(amount(taker.number));
            fields.to_currency = code(taker.currency);
        }
        let (from, to) = (
            Some(giver.account.to_string()),
            Some(taker.account.to_string()),
        );
        match kind.as_str() {
            "deposit" => fields.account = to,
            "withdraw" => fields.account = from,
            _ => (fields.from, fields.to) = (from, to),
        }
        fields.memo = Some(text(transaction.description)?);
    } else {
        fields.account = tagged("account")?;
        fields.currency = tagged("currency")?;
        fields.floor = tagged("floor")?;
        fields.memo = tagged("memo")?;
    }
    fields.kind = kind;
    Ok(fields)
}

/// The event's own tags. A key that cannot be a tag's name there is written `tag-1:KEY=VALUE`, and
/// escaped once more.
fn tags(
    transaction: &JournalTransaction<'_>,
    text: &dyn Fn(&str) -> Result<String, Fault>,
) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs = Vec::new();
    for (key, value) in &transaction.comment.tags {
        if EVENT_FIELDS.contains(key) {
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
