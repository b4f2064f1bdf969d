//! Lines of JSON: the bare form `{"type":"deposit","amount":50}`, the words of a batch, and events as
//! receipts and exports show them.
//!
//! Amounts that are JSON numbers are taken by their digits, without a float in between.

use super::event_fields::{self, EventFields, RequestBuilder, WrongField};
use super::options::Options;
use super::text::{ReadSeek, TextReader};
use super::{Fault, FilePlace, FileSettings, ImportError, Imported};
use crate::accounts::NewLedger;
use crate::event::Kind;
use crate::formats::event_json::EVENT_KEYS;
use crate::formats::request_json::{
    self, COMMON_WORDS, JsonWords, REQUEST_TYPES, RawWords, ValueError, reason_of, similar_word,
};
use crate::time::Zone;

/// What a receipt has besides the keys of its event.
const RECEIPT_KEYS: [&str; 10] = [
    "replayed",
    "dry_run",
    "balances",
    "opened",
    "started",
    "file",
    "hold_state",
    "redacted",
    "copies",
    "left_behind",
];

/// A line: a request, an event or a receipt.
struct JsonLine<'a> {
    number: u64,
    text: &'a str,
    words: RawWords<'a>,
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
    let mut lines = TextReader::new(input, options.encoding)?;
    let mut number = 0_u64;
    while let Some(text) = lines.line()? {
        number = number.saturating_add(1);
        if text.trim().is_empty() {
            continue;
        }
        imported.read = imported.read.saturating_add(1);
        let line = JsonLine::parse(number, &text)?;
        let kind = line.text("type")?;
        let kind = kind.ok_or_else(|| line.wrong(event_fields::missing("type")))?;
        if kind == "ledger" {
            let ledger = line.new_ledger()?;
            if imported.settings.is_some() || !imported.rows.is_empty() {
                let fault = Fault::unsupported("a `ledger` line after other lines");
                return Err(fault.on_line(number));
            }
            imported.settings = Some(FileSettings {
                line: number,
                ledger,
            });
        } else if line.is_of_that_ledger_alone(&kind) {
            imported.left_out = imported.left_out.saturating_add(1);
        } else {
            let fields = line.fields(kind)?;
            let added = builder.add(number, &fields, &mut imported.rows);
            added.map_err(|wrong| line.wrong(wrong))?;
        }
    }
    builder.finish(&mut imported.rows);
    if imported.read == 0 {
        return Err(Fault::Empty.whole());
    }
    Ok(imported)
}

/// The beginning of a value, as errors show it.
fn shown(raw: &str) -> String {
    format!("`{}`", raw.chars().take(20).collect::<String>())
}

impl<'a> JsonLine<'a> {
    fn parse(number: u64, text: &'a str) -> Result<JsonLine<'a>, ImportError> {
        let json = text.trim();
        let indent = text.len().saturating_sub(text.trim_start().len());
        let start = FilePlace::in_column(number, indent.saturating_add(1));
        if json.starts_with('[') {
            let fault = Fault::Unsupported {
                what: "an array".to_owned(),
                hint: Some("jq -c '.[]' FILE | ledger import --from jsonl".to_owned()),
            };
            return Err(fault.at(start));
        }
        if !json.starts_with('{') {
            return Err(Fault::expected(shown(json), "a JSON object").at(start));
        }
        let words = serde_json::from_str(json).map_err(|error| {
            let bytes = error.column().saturating_sub(1);
            let before = json.get(..bytes).unwrap_or(json).chars().count();
            let column = before.saturating_add(indent).saturating_add(1);
            Fault::Json(reason_of(&error)).at(FilePlace::in_column(number, column))
        })?;
        let line = JsonLine {
            number,
            text,
            words,
        };
        line.check_words()?;
        let refused = |what: &str, hint: Option<&str>| {
            let (what, hint) = (what.to_owned(), hint.map(str::to_owned));
            Err(Fault::Unsupported { what, hint }.on_line(number))
        };
        // A note that was erased is its digest, in a log and in an export.
        if line.raw("note").is_some_and(|note| note.starts_with('{')) {
            return refused(
                "a line of a log, whose hashes must be checked,",
                Some("ledger --file LOG export --to jsonl | ledger import --from jsonl"),
            );
        }
        if line.raw("dry_run") == Some("true") {
            return refused("the receipt of a dry run, which recorded nothing,", None);
        }
        if line.number("v")?.is_some_and(|v| v > 2) {
            return refused("an event of a newer version", None);
        }
        Ok(line)
    }

    /// The error of a word's value.
    fn wrong(&self, (word, fault): WrongField) -> ImportError {
        self.wrong_at(word, 0, fault)
    }

    /// The error of a value that is found by its word, which can occur several times.
    fn wrong_at(&self, word: &str, occurrence: usize, fault: Fault) -> ImportError {
        let line = self.text;
        let name = format!("\"{word}\"");
        let mut values = line.match_indices(&name).filter_map(|(at, _)| {
            let after = line.get(at.checked_add(name.len())?..)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            line.get(..line.len().checked_sub(value.len())?)
        });
        match values.nth(occurrence) {
            Some(before) => {
                let column = before.chars().count().saturating_add(1);
                fault.at(FilePlace::in_column(self.number, column))
            }
            None => fault.on_line(self.number),
        }
    }

    /// Every word is known and occurs once.
    fn check_words(&self) -> Result<(), ImportError> {
        if let Some(word) = self.words.doubled() {
            let fault = Fault::Json(format!("`{word}` occurs twice"));
            return Err(self.wrong_at(word, 1, fault));
        }
        let own = REQUEST_TYPES.iter().flat_map(|(_, own)| own.iter());
        let known = own
            .chain(&COMMON_WORDS)
            .chain(&EVENT_KEYS)
            .chain(&RECEIPT_KEYS);
        let mut words = self.words.0.iter().map(|(word, _)| word.as_str());
        let is_known = |word: &str| known.clone().any(|known| *known == word);
        let Some(word) = words.find(|word| !is_known(word)) else {
            return Ok(());
        };
        let meant = similar_word(word, known.clone());
        let meant = meant.map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
        let shown: String = word.chars().take(40).collect();
        let fault = Fault::Json(format!("there is no word `{shown}`{meant}"));
        Err(self.wrong_at(word, 0, fault))
    }

    /// A value as it was written; `null` is none.
    fn raw(&self, word: &str) -> Option<&'a str> {
        let raw = self.words.get(word).map(|value| value.get());
        raw.filter(|raw| *raw != "null")
    }

    fn read<T>(
        &self,
        word: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Result<Option<T>, ImportError> {
        let Some(raw) = self.raw(word) else {
            return Ok(None);
        };
        parse(raw).map(Some).map_err(|error| {
            let fault = match error {
                ValueError::Json(error) => Fault::Json(reason_of(&error)),
                ValueError::Type { expected } => Fault::expected(shown(raw), expected),
            };
            self.wrong((word, fault))
        })
    }

    fn text(&self, word: &'static str) -> Result<Option<String>, ImportError> {
        self.read(word, request_json::text_of)
    }

    fn figure(&self, word: &'static str) -> Result<Option<String>, ImportError> {
        self.read(word, request_json::figure_of)
    }

    fn number(&self, word: &'static str) -> Result<Option<u64>, ImportError> {
        let expected = "a whole number";
        self.read(word, |raw| {
            raw.parse().map_err(|_| ValueError::Type { expected })
        })
    }

    fn tags(&self) -> Result<Vec<(String, String)>, ImportError> {
        let tags = self.raw("tags").map_or_else(|| Ok(Vec::new()), tags);
        let mut tags = tags.map_err(|fault| self.wrong(("tags", fault)))?;
        tags.sort();
        Ok(tags)
    }

    fn new_ledger(&self) -> Result<NewLedger, ImportError> {
        let zone = self.text("zone")?;
        let zone = zone.map_or_else(|| Ok(Zone::utc()), |name| Zone::named(&name));
        let currency = event_fields::currency(self.text("currency")?.as_deref());
        Ok(NewLedger {
            currency: currency.map_err(|wrong| self.wrong(wrong))?,
            zone: zone.map_err(|error| self.wrong(("zone", error.into())))?,
            strict: self.raw("strict") == Some("true"),
        })
    }

    /// True of an event that another ledger recorded and that moved nothing: what was set aside, sealed
    /// or erased there.
    fn is_of_that_ledger_alone(&self, kind: &str) -> bool {
        let kind = Kind::from_word(kind);
        let moves_nothing = kind.is_some_and(|kind| kind.version() == 2 && !kind.moves_money());
        moves_nothing && self.raw("at").is_some() && self.raw("seq").is_some()
    }

    fn fields(&self, kind: String) -> Result<EventFields, ImportError> {
        // What arrives of an exchange: its key in an event, or the word of a request.
        let arrives = match self.raw("to_amount") {
            Some(_) => "to_amount",
            None => "for",
        };
        Ok(EventFields {
            kind,
            account: self.text("account")?,
            from: self.text("from")?,
            to: self.text("to")?,
            amount: self.figure("amount")?,
            currency: self.text("currency")?,
            floor: self.figure("floor")?,
            effective: self.text("effective")?,
            memo: self.text("memo")?,
            tags: self.tags()?,
            key: self.text("key")?,
            seq: self.number("seq")?,
            at: self.text("at")?,
            reverses: self.number("reverses")?,
            corrects: self.number("corrects")?,
            refunds: self.number("refunds")?,
            to_amount: self.figure(arrives)?,
            to_currency: self.text("to_currency")?,
        })
    }
}

#[cfg(test)]
mod tests;
