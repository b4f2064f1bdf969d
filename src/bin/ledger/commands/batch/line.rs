//! One line of a batch: a JSON object becomes a request.
//!
//! Strict: an unknown or doubled word, a word of another type, or a wrong JSON type is an error
//! that names the word. The digits of numbers are taken exactly.

use event_ledger::accounts::{Correction, Operation, Request, TypedFloor, permit_request};
use event_ledger::event::{AccountName, EventRef, Key, Tags};
use event_ledger::formats::request_json::{
    self, COMMON_WORDS, REQUEST_TYPES, RawWords, ValueError, kind_of, reason_of, similar_word,
};
use event_ledger::money::{Currency, Figure, TypedAmount};
use event_ledger::time::When;

use anyhow::{Context as _, bail};

use crate::commands::writing;
use crate::failure::{Advice, Failure};

/// Parses one line. The caller adds the line number to an error.
pub(crate) fn request(line: &[u8]) -> anyhow::Result<Request> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let column = error.valid_up_to().saturating_add(1);
        Failure::usage(format!("byte {column} is not UTF-8"))
    })?;
    let line = BatchLine::read(text)?;
    let kind = line.kind()?;
    let operation = line.operation(kind)?;
    let effective = line.text("effective")?;
    let key = line.text("key")?;
    if key.as_deref() == Some("auto") {
        bail!(
            mistake("key", "`auto` is for one command, not for a line")
                .with_advice("name a key of its own for each line")
        );
    }
    let effective = effective
        .as_deref()
        .map(writing::moment)
        .transpose()
        .context("effective")?;
    if let Some(when) = effective.as_ref().filter(|when| when.is_relative())
        && key.is_some()
    {
        let text = format!(
            "with a `key`, `{}` would mean another time when the line is sent again",
            when.text()
        );
        let advice = "write a time such as 2026-03-01 or 2026-03-01T10:15:00Z".to_owned();
        bail!(mistake("effective", text).with_advice(advice));
    }
    Ok(Request {
        operation,
        effective,
        memo: line.text("memo")?,
        tags: line.tags()?,
        key: key.map(Key::new).transpose().context("key")?,
        if_head: None,
    })
}

struct BatchLine<'a>(RawWords<'a>);

impl<'a> BatchLine<'a> {
    fn read(text: &'a str) -> anyhow::Result<BatchLine<'a>> {
        let json = text.trim();
        if !json.starts_with('{') {
            let hint = json
                .starts_with('[')
                .then(|| "jq -c '.[]' prints one a line".to_owned());
            bail!(
                Failure::usage(format!("a line is one JSON object, not {}", kind_of(json)))
                    .with_advice_if_any(hint)
            );
        }
        let words: RawWords<'a> = serde_json::from_str(json).map_err(|error| not_json(&error))?;
        if let Some(word) = words.doubled() {
            bail!(mistake(word, "it occurs twice"));
        }
        for (word, _) in &words.0 {
            let known = REQUEST_TYPES
                .iter()
                .flat_map(|(_, own)| own.iter())
                .chain(&COMMON_WORDS);
            if known.clone().any(|known| known == word) {
                continue;
            }
            let advice = match similar_word(word, known) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "`ledger batch --help` lists the words".to_owned(),
            };
            bail!(mistake(word, "no such word").with_advice(advice));
        }
        Ok(BatchLine(words))
    }

    fn raw(&self, word: &str) -> Option<&'a str> {
        self.0.get(word).map(|value| value.get())
    }

    /// The type, once it is certain that every word is one of its own.
    fn kind(&self) -> anyhow::Result<&'static str> {
        let all = || {
            let names: Vec<&str> = REQUEST_TYPES.iter().map(|(name, _)| *name).collect();
            Some(format!("the types are {}", names.join(", ")))
        };
        let Some(named) = self.text("type")? else {
            bail!(mistake("type", "it is missing").with_advice_if_any(all()));
        };
        let Some((kind, own)) = REQUEST_TYPES.iter().find(|(name, _)| *name == named) else {
            bail!(mistake("type", format!("`{named}` is none")).with_advice_if_any(all()));
        };
        let mut words = self.0.0.iter().map(|(word, _)| word.as_str());
        match words.find(|word| !own.contains(word) && !COMMON_WORDS.contains(word)) {
            Some(word) => Err(mistake(word, format!("`{kind}` does not take it")).into()),
            None => Ok(kind),
        }
    }

    fn operation(&self, kind: &str) -> anyhow::Result<Operation> {
        let operation = match kind {
            "deposit" => Operation::Deposit {
                account: self.account_or_main()?,
                amount: self.amount(kind)?,
            },
            "withdraw" => Operation::Withdraw {
                account: self.account_or_main()?,
                amount: self.amount(kind)?,
            },
            "transfer" => {
                let (from, to) = (self.account("from")?, self.account("to")?);
                let amount = self.amount(kind)?;
                Operation::Transfer { from, to, amount }
            }
            "open" => Operation::Open {
                account: self.account("account")?,
                currency: self.currency()?,
                floor: self.floor()?,
            },
            "limit" => Operation::Limit {
                account: self.account("account")?,
                floor: self.floor()?.ok_or_else(|| missing("floor"))?,
            },
            "close" => Operation::Close {
                account: self.account("account")?,
            },
            "exchange" => Operation::Exchange {
                from: self.account("from")?,
                to: self.account("to")?,
                amount: self.amount(kind)?,
                arrives: self
                    .amount_in("for", None, kind)?
                    .ok_or_else(|| missing("for"))?,
            },
            "hold" => {
                let to = self.optional_account("to")?;
                let from = match self.optional_account("from")? {
                    None if to.is_none() => Some(AccountName::main()),
                    from => from,
                };
                Operation::Hold {
                    from,
                    to,
                    amount: self.amount(kind)?,
                    expires: self.moment("expires")?,
                }
            }
            "capture" => Operation::Capture {
                hold: self.seq()?,
                amount: self.optional_amount(kind)?,
                to: self.optional_account("to")?,
                keep: self.flag("keep")?,
            },
            "release" => Operation::Release {
                hold: self.seq()?,
                amount: self.optional_amount(kind)?,
            },
            "refund" => Operation::Refund {
                event: self.seq()?,
                amount: self.optional_amount(kind)?,
            },
            "correct" => Operation::Correct(Box::new(Correction {
                event: self.seq()?,
                amount: self.optional_amount(kind)?,
                arrives: self.amount_in("for", None, kind)?,
                account: self.optional_account("account")?,
                from: self.optional_account("from")?,
                to: self.optional_account("to")?,
                untag: self.untag()?,
                back_to: None,
            })),
            "reverse" => Operation::Reverse { event: self.seq()? },
            _ => Operation::Undo,
        };
        permit_request(&operation)?;
        Ok(operation)
    }

    fn optional_account(&self, word: &str) -> anyhow::Result<Option<AccountName<'static>>> {
        match self.raw(word) {
            Some(_) => self.account(word).map(Some),
            None => Ok(None),
        }
    }

    fn optional_amount(&self, verb: &str) -> anyhow::Result<Option<TypedAmount>> {
        let currency = self.currency()?;
        self.amount_in("amount", currency, verb)
    }

    fn amount_in(
        &self,
        word: &str,
        currency: Option<Currency>,
        verb: &str,
    ) -> anyhow::Result<Option<TypedAmount>> {
        let Some(figure) = self.figure(word)? else {
            return Ok(None);
        };
        let currency = currency.map(|currency| currency.to_string());
        let amount = writing::amount(&figure, currency.as_deref(), verb);
        Ok(Some(amount.with_context(|| word.to_owned())?))
    }

    fn moment(&self, word: &str) -> anyhow::Result<Option<When>> {
        let text = self.text(word)?;
        let moment = text.as_deref().map(writing::moment).transpose();
        moment.with_context(|| word.to_owned())
    }

    fn flag(&self, word: &str) -> anyhow::Result<bool> {
        match self.raw(word) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(raw) => bail!(wrong_type(word, "true or false", raw)),
        }
    }

    fn untag(&self) -> anyhow::Result<Vec<String>> {
        let Some(raw) = self.raw("untag") else {
            return Ok(Vec::new());
        };
        let tags = serde_json::from_str(raw);
        Ok(tags.map_err(|_| wrong_type("untag", "a list of texts", raw))?)
    }

    fn text(&self, word: &str) -> anyhow::Result<Option<String>> {
        self.raw(word).map(|raw| text_of(word, raw)).transpose()
    }

    /// A figure: a text, or the digits of a number.
    fn figure(&self, word: &str) -> anyhow::Result<Option<String>> {
        let figure = |raw| request_json::figure_of(raw).map_err(|error| of_value(word, error, raw));
        Ok(self.raw(word).map(figure).transpose()?)
    }

    fn account(&self, word: &str) -> anyhow::Result<AccountName<'static>> {
        let name = self.text(word)?.ok_or_else(|| missing(word))?;
        writing::account(&name).with_context(|| word.to_owned())
    }

    fn account_or_main(&self) -> anyhow::Result<AccountName<'static>> {
        match self.raw("account") {
            Some(_) => self.account("account"),
            None => Ok(AccountName::main()),
        }
    }

    fn amount(&self, verb: &str) -> anyhow::Result<TypedAmount> {
        let figure = self.figure("amount")?.ok_or_else(|| missing("amount"))?;
        // Checked first, so that its errors are not attributed to the amount.
        let currency = self.currency()?.map(|currency| currency.to_string());
        writing::amount(&figure, currency.as_deref(), verb).context("amount")
    }

    fn currency(&self) -> anyhow::Result<Option<Currency>> {
        let code = self.text("currency")?;
        code.as_deref()
            .map(writing::currency)
            .transpose()
            .context("currency")
    }

    fn floor(&self) -> anyhow::Result<Option<TypedFloor>> {
        let Some(figure) = self.figure("floor")? else {
            return Ok(None);
        };
        if figure == "none" {
            return Ok(Some(TypedFloor::None));
        }
        Figure::parse(&figure)
            .map(|figure| Some(TypedFloor::At(figure)))
            .context("floor")
    }

    /// The event that is meant: a number, or `"key:KEY"`.
    fn seq(&self) -> anyhow::Result<EventRef> {
        let raw = self.raw("seq").ok_or_else(|| missing("seq"))?;
        if kind_of(raw) == "a number" {
            let seq: Result<u64, _> = raw.parse();
            let seq =
                seq.map_err(|_| mistake("seq", format!("{raw} is not the number of an event")))?;
            return Ok(EventRef::Seq(seq));
        }
        if !raw.starts_with("\"key:") {
            bail!(wrong_type("seq", "a number", raw));
        }
        let text = text_of("seq", raw)?;
        let event: Result<EventRef, _> = text.parse();
        Ok(event.map_err(|error| mistake("seq", error.to_string()))?)
    }

    fn tags(&self) -> anyhow::Result<Tags<'static>> {
        let Some(raw) = self.raw("tags") else {
            return Ok(Tags::default());
        };
        if !raw.starts_with('{') {
            bail!(wrong_type("tags", "an object", raw));
        }
        let pairs: RawWords<'_> =
            serde_json::from_str(raw).map_err(|error| not_json(&error).at("tags"))?;
        let pairs = pairs.0.into_iter().map(|(tag, value)| {
            let text = text_of(&format!("tags.{tag}"), value.get())?;
            Ok((tag.into(), text.into()))
        });
        let pairs = pairs.collect::<anyhow::Result<Vec<_>>>()?;
        let hint = || Advice("write \"tags\":{\"order\":\"1234\"}".to_owned());
        Tags::from_pairs(pairs).context("tags").with_context(hint)
    }
}

fn text_of(word: &str, raw: &str) -> anyhow::Result<String> {
    Ok(request_json::text_of(raw).map_err(|error| of_value(word, error, raw))?)
}

fn of_value(word: &str, error: ValueError, raw: &str) -> Failure {
    match error {
        ValueError::Type { expected } => wrong_type(word, expected, raw),
        ValueError::Json(error) => not_json(&error).at(word),
    }
}

fn mistake(word: &str, what: impl Into<String>) -> Failure {
    let shown: String = word.chars().take(40).collect();
    Failure::usage(what).at(&shown)
}

fn missing(word: &str) -> Failure {
    mistake(word, "it is missing")
}

fn wrong_type(word: &str, wanted: &str, raw: &str) -> Failure {
    mistake(word, format!("{wanted} is wanted, not {}", kind_of(raw))).with_advice_if_any(
        (raw == "null").then(|| "leave the word out where there is nothing".to_owned()),
    )
}

/// A syntax error, with its column and without the line: it is always the first here.
fn not_json(error: &serde_json::Error) -> Failure {
    let what = reason_of(error);
    let failure = Failure::usage(format!("not JSON: {what} at column {}", error.column()));
    failure.with_advice_if_any(
        error
            .is_eof()
            .then(|| "jq -c . prints one object a line".to_owned()),
    )
}
