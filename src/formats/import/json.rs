//! Lines of JSON: the bare form `{"type":"deposit","amount":50}`, the words of a batch, and events as
//! receipts and exports show them.
//!
//! Amounts that are JSON numbers are taken by their digits, without a float in between.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::event_fields::{self, EventFields, RequestBuilder};
use super::options::Options;
use super::text::{ReadSeek, TextReader};
use super::{Fault, FileSettings, ImportError, Imported};
use crate::accounts::NewLedger;
use crate::event::Kind;
use crate::formats::request_json::{JsonWords, kind_of, reason_of};
use crate::time::Zone;

/// The fields of a line. Derived, so that a doubled or unknown one is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLine<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default, borrow)]
    amount: Option<&'a RawValue>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default, borrow)]
    floor: Option<&'a RawValue>,
    #[serde(default)]
    effective: Option<String>,
    #[serde(default)]
    memo: Option<String>,
    #[serde(default)]
    tags: Option<JsonWords<String>>,
    #[serde(default)]
    key: Option<String>,
    // Of an event that was recorded:
    #[serde(default)]
    v: Option<u64>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    reverses: Option<u64>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    strict: Option<bool>,
    #[serde(default, borrow)]
    note: Option<&'a RawValue>,
    #[serde(default)]
    dry_run: Option<bool>,
    #[serde(default, borrow, alias = "for")]
    to_amount: Option<&'a RawValue>,
    #[serde(default)]
    to_currency: Option<String>,
    #[serde(default)]
    corrects: Option<u64>,
    #[serde(default)]
    refunds: Option<u64>,
    // A capture is a movement, whatever it captures.
    #[serde(default, rename = "captures")]
    _captures: Option<IgnoredAny>,
    #[serde(default, rename = "keep")]
    _keep: Option<IgnoredAny>,
    #[serde(default, rename = "expires")]
    _expires: Option<IgnoredAny>,
    #[serde(default, rename = "hold")]
    _hold: Option<IgnoredAny>,
    #[serde(default, rename = "through")]
    _through: Option<IgnoredAny>,
    #[serde(default, rename = "final")]
    _final: Option<IgnoredAny>,
    #[serde(default, rename = "event")]
    _event: Option<IgnoredAny>,
    #[serde(default, rename = "opened")]
    _opened: Option<IgnoredAny>,
    #[serde(default, rename = "started")]
    _started: Option<IgnoredAny>,
    #[serde(default, rename = "hold_state")]
    _hold_state: Option<IgnoredAny>,
    #[serde(default, rename = "file")]
    _file: Option<IgnoredAny>,
    #[serde(default, rename = "id")]
    _id: Option<IgnoredAny>,
    #[serde(default, rename = "hash")]
    _hash: Option<IgnoredAny>,
    #[serde(default, rename = "more")]
    _more: Option<IgnoredAny>,
    #[serde(default, rename = "balances")]
    _balances: Option<IgnoredAny>,
    #[serde(default, rename = "replayed")]
    _replayed: Option<IgnoredAny>,
}

/// The tags in a text that is one JSON object.
pub(super) fn tags(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let tags: JsonWords<String> =
        serde_json::from_str(text).map_err(|error| Fault::Json(reason_of(&error)))?;
    Ok(tags.0)
}

/// Reads lines.
pub(super) fn read(input: &mut dyn ReadSeek, options: &Options) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut builder = RequestBuilder::new(options);
    let mut text = TextReader::new(input, options.encoding)?;
    let mut number = 0_u64;
    while let Some(line) = text.line()? {
        number = number.saturating_add(1);
        let line = line.as_str();
        if line.trim().is_empty() {
            continue;
        }
        imported.read = imported.read.saturating_add(1);
        let at = |column: Option<usize>, fault: Fault| match column {
            Some(column) => ImportError::in_column(number, column, fault),
            None => ImportError::on_line(number, fault),
        };
        let words = parse(line).map_err(|(column, fault)| at(column, fault))?;
        if words.kind == "ledger" {
            let ledger = new_ledger(&words).map_err(|fault| at(None, fault))?;
            if imported.settings.is_some() || !imported.rows.is_empty() {
                let what = "a `ledger` line after other lines".to_owned();
                return Err(at(None, Fault::Unsupported { what, hint: None }));
            }
            imported.settings = Some(FileSettings {
                line: number,
                ledger,
            });
            continue;
        }
        if words.is_of_that_ledger_alone() {
            imported.left_out = imported.left_out.saturating_add(1);
            continue;
        }
        let fields = words
            .fields()
            .map_err(|(word, fault)| at(column_of(line, word), fault))?;
        builder
            .add(number, &fields, &mut imported.rows)
            .map_err(|(word, fault)| at(column_of(line, word), fault))?;
    }
    builder.finish(&mut imported.rows);
    if imported.read == 0 {
        return Err(ImportError::whole(Fault::Empty));
    }
    Ok(imported)
}

fn parse(line: &str) -> Result<JsonLine<'_>, (Option<usize>, Fault)> {
    let json = line.trim();
    let indent = line.len().saturating_sub(line.trim_start().len());
    if json.starts_with('[') {
        let fault = Fault::Unsupported {
            what: "an array".to_owned(),
            hint: Some("jq -c '.[]' FILE | ledger import --from jsonl".to_owned()),
        };
        return Err((indent.checked_add(1), fault));
    }
    if !json.starts_with('{') {
        return Err((
            indent.checked_add(1),
            Fault::Expected {
                found: format!("`{}`", json.chars().take(20).collect::<String>()),
                expected: "a JSON object".to_owned(),
            },
        ));
    }
    let words: JsonLine<'_> = serde_json::from_str(json).map_err(|error| {
        let bytes = error.column().saturating_sub(1);
        let before = json.get(..bytes).unwrap_or(json).chars().count();
        let column = before.saturating_add(indent).saturating_add(1);
        (Some(column), Fault::Json(reason_of(&error)))
    })?;
    let refused = |what: &str, hint: Option<&str>| {
        let fault = Fault::Unsupported {
            what: what.to_owned(),
            hint: hint.map(str::to_owned),
        };
        Err((None, fault))
    };
    // A note that was erased is its digest, in a log and in an export.
    if words.note.is_some_and(|note| note.get().starts_with('{')) {
        return refused(
            "a line of a log, whose hashes must be checked,",
            Some("ledger --file LOG export --to jsonl | ledger import --from jsonl"),
        );
    }
    if words.dry_run == Some(true) {
        return refused("the receipt of a dry run, which recorded nothing,", None);
    }
    if words.v.is_some_and(|version| version > 2) {
        return refused("an event of a newer version", None);
    }
    Ok(words)
}

/// The column of a field's value, found by the field's name.
fn column_of(line: &str, word: &str) -> Option<usize> {
    let name = format!("\"{word}\"");
    let mut from = 0_usize;
    loop {
        let found = line.get(from..)?.find(&name)?.checked_add(from)?;
        let behind = found.checked_add(name.len())?;
        let value = line.get(behind..)?.trim_start().strip_prefix(':');
        if let Some(value) = value {
            let start = line.len().checked_sub(value.trim_start().len())?;
            return line.get(..start)?.chars().count().checked_add(1);
        }
        from = behind;
    }
}

fn new_ledger(words: &JsonLine<'_>) -> Result<NewLedger, Fault> {
    let zone = words
        .zone
        .as_deref()
        .map_or_else(|| Ok(Zone::utc()), Zone::named)?;
    Ok(NewLedger {
        currency: event_fields::currency(words.currency.as_deref()).map_err(|(_, fault)| fault)?,
        zone,
        strict: words.strict.unwrap_or_default(),
    })
}

impl JsonLine<'_> {
    /// True of an event that another ledger recorded and that moved nothing: what was set aside, sealed
    /// or erased there.
    fn is_of_that_ledger_alone(&self) -> bool {
        let kind = Kind::from_word(&self.kind);
        let moves_nothing = kind.is_some_and(|kind| kind.version() == 2 && !kind.moves_money());
        moves_nothing && self.at.is_some() && self.seq.is_some()
    }

    fn fields(&self) -> Result<EventFields, event_fields::WrongField> {
        let figure = |word: &'static str, raw: Option<&RawValue>| {
            raw.map(|raw| figure(raw.get()).map_err(|fault| (word, fault)))
                .transpose()
        };
        let mut tags = self
            .tags
            .as_ref()
            .map(|tags| tags.0.clone())
            .unwrap_or_default();
        tags.sort();
        Ok(EventFields {
            kind: self.kind.clone(),
            account: self.account.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            amount: figure("amount", self.amount)?,
            currency: self.currency.clone(),
            floor: figure("floor", self.floor)?,
            effective: self.effective.clone(),
            memo: self.memo.clone(),
            tags,
            key: self.key.clone(),
            seq: self.seq,
            at: self.at.clone(),
            reverses: self.reverses,
            corrects: self.corrects,
            refunds: self.refunds,
            to_amount: figure("to_amount", self.to_amount)?,
            to_currency: self.to_currency.clone(),
        })
    }
}

/// A figure: a text, or the digits of a number.
fn figure(raw: &str) -> Result<String, Fault> {
    let wrong = || Fault::Expected {
        found: format!("`{}`", raw.chars().take(20).collect::<String>()),
        expected: "a text or a number".to_owned(),
    };
    match kind_of(raw) {
        "a text" => serde_json::from_str(raw).map_err(|_| wrong()),
        "a number" => Ok(raw.to_owned()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests;
