//! Events in the words of our own formats: a line of JSON, or what `export` wrote.
//!
//! Makes requests of their fields, and keys by which they are known again. Does not know how the
//! fields are written in the file.

use std::collections::BTreeMap;

use super::Fault;
use super::imported::ImportedRow;
use super::keys::{Occurrences, RowIdentity};
use super::options::Options;
use super::statement::one_currency;
use crate::accounts::{Correction, Operation, Request, TypedFloor};
use crate::event::{AccountName, EventRef, Key, Tags};
use crate::formats::request_json::REQUEST_TYPES;
use crate::money::{Currency, Figure, TypedAmount};
use crate::time::When;

/// The fields of an event.
#[derive(Clone, Debug, Default)]
pub(super) struct EventFields {
    pub(super) kind: String,
    pub(super) account: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) amount: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) floor: Option<String>,
    pub(super) effective: Option<String>,
    pub(super) memo: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) key: Option<String>,
    pub(super) seq: Option<u64>,
    /// When another ledger recorded it.
    pub(super) at: Option<String>,
    pub(super) reverses: Option<u64>,
    pub(super) corrects: Option<u64>,
    pub(super) refunds: Option<u64>,
    /// What arrives, of an exchange.
    pub(super) to_amount: Option<String>,
    pub(super) to_currency: Option<String>,
}

/// A field and what is wrong with it.
pub(super) type WrongField = (&'static str, Fault);

/// Makes requests of events, one after the other.
pub(super) struct RequestBuilder<'o> {
    options: &'o Options,
    occurrences: Occurrences,
    /// The events that have a number, for those that refer to them.
    known: BTreeMap<u64, KnownEvent>,
    /// A reversal that may be the first event of a correction, which is one request.
    reversal: Option<(u64, ImportedRow)>,
}

/// An event of the file.
struct KnownEvent {
    key: Key<'static>,
    /// The keys of its tags.
    tags: Vec<String>,
}

pub(super) fn missing(word: &'static str) -> WrongField {
    (word, Fault::missing(format!("`{word}`")))
}

fn named(name: Option<&String>, word: &'static str) -> Result<AccountName<'static>, WrongField> {
    let name = name.ok_or_else(|| missing(word))?;
    AccountName::typed(name).map_err(|error| (word, error.into()))
}

/// The types that are imported.
const IMPORTED: [&str; 9] = [
    "deposit", "withdraw", "transfer", "exchange", "open", "limit", "close", "reverse", "undo",
];

impl<'o> RequestBuilder<'o> {
    pub(super) fn new(options: &'o Options) -> RequestBuilder<'o> {
        RequestBuilder {
            options,
            occurrences: Occurrences::default(),
            known: BTreeMap::new(),
            reversal: None,
        }
    }

    /// Adds an event of a line. A correction and the reversal before it are one row.
    pub(super) fn add(
        &mut self,
        line: u64,
        fields: &EventFields,
        rows: &mut Vec<ImportedRow>,
    ) -> Result<(), WrongField> {
        let corrects = fields.corrects.filter(|seq| self.known.contains_key(seq));
        match self.reversal.take() {
            Some((reversed, _)) if corrects == Some(reversed) => {}
            before => rows.extend(before.map(|(_, row)| row)),
        }
        let row = ImportedRow {
            line,
            request: self.request(fields, corrects)?,
            identity: RowIdentity::Event,
        };
        match fields.reverses {
            Some(seq) if matches!(row.request.operation, Operation::Reverse { .. }) => {
                self.reversal = Some((seq, row));
            }
            _ => rows.push(row),
        }
        Ok(())
    }

    /// Adds what waited for a next event.
    pub(super) fn finish(&mut self, rows: &mut Vec<ImportedRow>) {
        rows.extend(self.reversal.take().map(|(_, row)| row));
    }

    /// The request of an event.
    fn request(
        &mut self,
        fields: &EventFields,
        corrects: Option<u64>,
    ) -> Result<Request, WrongField> {
        let key = match &fields.key {
            Some(key) => Key::new(key.clone()).map_err(|error| ("key", error.into()))?,
            None => self.digest(fields),
        };
        let (word, moment) = match &fields.effective {
            Some(effective) => ("effective", Some(effective)),
            None => ("at", fields.at.as_ref()),
        };
        let effective = moment.map(|text| moment_of(text)).transpose();
        let effective = effective.map_err(|fault| (word, fault))?;
        let mut tags = fields.tags.clone();
        let known = |seq: Option<u64>| self.known.get(&seq?);
        let named = |known: &KnownEvent| EventRef::Key(known.key.clone());
        let operation = if let Some(known) = known(fields.reverses) {
            Operation::Reverse {
                event: named(known),
            }
        } else if let Some(known) = known(fields.refunds) {
            Operation::Refund {
                event: named(known),
                amount: Some(self.amount(fields)?),
            }
        } else if let Some(known) = known(corrects) {
            let is_left = |key: &&String| tags.iter().all(|(own, _)| own != *key);
            Operation::Correct(Box::new(Correction {
                untag: known.tags.iter().filter(is_left).cloned().collect(),
                ..self.correction(fields, named(known))?
            }))
        } else {
            // The event that it refers to is not in the file: it still moved that money.
            for (word, target) in [
                ("reverses", fields.reverses),
                ("corrects", fields.corrects),
                ("refunds", fields.refunds),
            ] {
                tags.extend(target.map(|seq| (word.to_owned(), seq.to_string())));
            }
            self.operation(fields)?
        };
        // A correction that names no memo keeps the one that was there.
        let is_correction = matches!(operation, Operation::Correct(_));
        let memo = fields.memo.clone().filter(|memo| !memo.is_empty());
        let memo = memo.or_else(|| is_correction.then(String::new));
        if let (Some(seq), Some(_)) = (fields.seq, &fields.at) {
            let known = KnownEvent {
                key: key.clone(),
                tags: tags.iter().map(|(key, _)| key.clone()).collect(),
            };
            self.known.insert(seq, known);
        }
        let tags = tags
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()));
        Ok(Request {
            effective,
            memo,
            tags: Tags::from_pairs(tags.collect()).map_err(|error| ("tags", error.into()))?,
            key: Some(key),
            ..Request::from(operation)
        })
    }

    /// A key of the event's content. An event that another ledger recorded is known by the time of
    /// that, in every format; any other by all of its fields, counted among equal ones.
    fn digest(&mut self, fields: &EventFields) -> Key<'static> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<u64>| number.map_or_else(String::new, |own| own.to_string());
        let mut parts = vec![
            fields.kind.clone(),
            text(&fields.account),
            text(&fields.from),
            text(&fields.to),
            text(&fields.amount),
            text(&fields.currency),
            text(&fields.at),
            number(fields.seq),
        ];
        let is_recorded = fields.at.is_some() && fields.seq.is_some();
        if !is_recorded {
            parts.extend([
                self.options.account.to_string(),
                text(&fields.floor),
                text(&fields.effective),
                text(&fields.memo),
                number(fields.reverses),
            ]);
            for (key, value) in &fields.tags {
                parts.extend([key.clone(), value.clone()]);
            }
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let format = if is_recorded { "event" } else { "jsonl" };
        self.occurrences.key(format, &parts)
    }

    fn operation(&self, fields: &EventFields) -> Result<Operation, WrongField> {
        let account = || match &fields.account {
            Some(_) => named(fields.account.as_ref(), "account"),
            None => Ok(self.options.account.clone()),
        };
        let mut types = REQUEST_TYPES.iter();
        let own = types.find(|(kind, _)| *kind == fields.kind && IMPORTED.contains(kind));
        let Some((kind, allowed)) = own else {
            let fault = Fault::expected(
                format!("the type `{}`", fields.kind),
                format!("one of {}", IMPORTED.join(", ")),
            );
            return Err(("type", fault));
        };
        let given = [
            ("account", fields.account.is_some()),
            ("from", fields.from.is_some()),
            ("to", fields.to.is_some()),
            ("amount", fields.amount.is_some()),
            ("currency", fields.currency.is_some()),
            ("floor", fields.floor.is_some()),
            ("for", fields.to_amount.is_some()),
        ];
        let mut strays = given
            .iter()
            .filter(|(word, given)| *given && !allowed.contains(word));
        if let Some((word, _)) = strays.next() {
            let fault = Fault::expected(format!("`{word}`"), format!("a word that `{kind}` takes"));
            return Err((word, fault));
        }
        Ok(match *kind {
            "deposit" => Operation::Deposit {
                account: account()?,
                amount: self.amount(fields)?,
            },
            "withdraw" => Operation::Withdraw {
                account: account()?,
                amount: self.amount(fields)?,
            },
            "transfer" => Operation::Transfer {
                from: named(fields.from.as_ref(), "from")?,
                to: named(fields.to.as_ref(), "to")?,
                amount: self.amount(fields)?,
            },
            "exchange" => Operation::Exchange {
                from: named(fields.from.as_ref(), "from")?,
                to: named(fields.to.as_ref(), "to")?,
                amount: self.amount(fields)?,
                arrives: self.arrives(fields)?,
            },
            "open" => Operation::Open {
                account: named(fields.account.as_ref(), "account")?,
                currency: currency(fields.currency.as_deref())?,
                floor: floor(fields)?,
            },
            "limit" => Operation::Limit {
                account: named(fields.account.as_ref(), "account")?,
                floor: floor(fields)?.ok_or_else(|| missing("floor"))?,
            },
            "close" => Operation::Close {
                account: named(fields.account.as_ref(), "account")?,
            },
            "reverse" => Operation::Reverse {
                event: EventRef::Seq(fields.seq.ok_or_else(|| missing("seq"))?),
            },
            _ => Operation::Undo,
        })
    }

    /// A correction to what an event says.
    fn correction(&self, fields: &EventFields, event: EventRef) -> Result<Correction, WrongField> {
        let name = |name: &Option<String>, word| {
            name.as_ref().map(|own| named(Some(own), word)).transpose()
        };
        let is_exchange = fields.to_amount.is_some();
        Ok(Correction {
            amount: Some(self.amount(fields)?),
            arrives: is_exchange.then(|| self.arrives(fields)).transpose()?,
            account: name(&fields.account, "account")?,
            from: name(&fields.from, "from")?,
            to: name(&fields.to, "to")?,
            ..Correction::of(event)
        })
    }

    fn amount(&self, fields: &EventFields) -> Result<TypedAmount, WrongField> {
        self.money(fields.amount.as_ref(), fields.currency.as_deref(), "amount")
    }

    fn arrives(&self, fields: &EventFields) -> Result<TypedAmount, WrongField> {
        let (amount, code) = (fields.to_amount.as_ref(), fields.to_currency.as_deref());
        self.money(amount, code, "to_amount")
    }

    fn money(
        &self,
        amount: Option<&String>,
        code: Option<&str>,
        word: &'static str,
    ) -> Result<TypedAmount, WrongField> {
        let text = amount.ok_or_else(|| missing(word))?;
        let wrong = |fault: Fault| (word, fault);
        let typed = TypedAmount::parse(text).map_err(|error| wrong(error.into()))?;
        let named = currency(code)?;
        if let (Some(glued), Some(named)) = (typed.currency, named)
            && glued != named
        {
            return Err(wrong(Fault::CurrencyContradicts {
                file: glued.to_string(),
                asked: named.to_string(),
            }));
        }
        let currency = one_currency(typed.currency.or(named), self.options).map_err(wrong)?;
        let Some(currency) = currency.filter(|_| typed.currency.is_none()) else {
            return Ok(typed);
        };
        // Read again with its currency, so that its digits are checked.
        TypedAmount::parse(&format!("{text} {currency}")).map_err(|error| wrong(error.into()))
    }
}

pub(super) fn currency(code: Option<&str>) -> Result<Option<Currency>, WrongField> {
    code.map(|code| {
        Currency::new(code).ok_or_else(|| ("currency", Fault::Currency(code.to_owned())))
    })
    .transpose()
}

fn floor(fields: &EventFields) -> Result<Option<TypedFloor>, WrongField> {
    match fields.floor.as_deref() {
        None => Ok(None),
        Some("none") => Ok(Some(TypedFloor::None)),
        Some(text) => {
            let figure = Figure::parse(text).map_err(|error| ("floor", error.into()))?;
            Ok(Some(TypedFloor::At(figure)))
        }
    }
}

/// A moment that does not depend on when it is read: no position, and no `yesterday`.
fn moment_of(text: &str) -> Result<When, Fault> {
    let when = When::parse(text)?;
    let is_fixed = text
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || c == '@')
        && !text.trim_end().ends_with("ago");
    if when.is_position() || !is_fixed {
        return Err(Fault::not_a_date(text));
    }
    Ok(when)
}
