//! An event in our own words: a line of JSON, or an event from our own export.
//!
//! Must not depend on the format of the file.

use std::collections::BTreeMap;

use super::Fault;
use super::bank::one_currency;
use super::figures::{Mark, read};
use super::keys::Occurrences;
use super::options::Options;
use crate::accounts::{Operation, Request, TypedFloor};
use crate::event::{AccountName, EventRef, Key, Tags};
use crate::money::{Currency, Figure, TypedAmount};
use crate::time::When;

/// The words of an event.
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
    /// When it was recorded, elsewhere.
    pub(super) at: Option<String>,
    pub(super) reverses: Option<u64>,
}

/// What is wrong, and with which word.
pub(super) type Wrong = (&'static str, Fault);

/// Makes requests of events, one after the other.
pub(super) struct RequestBuilder<'o> {
    options: &'o Options,
    occurrences: Occurrences,
    /// The key of each event that has a number, for those that reverse it.
    keys: BTreeMap<u64, Key<'static>>,
}

fn missing(word: &'static str) -> Wrong {
    (word, Fault::Missing(format!("`{word}`")))
}

fn named(name: Option<&String>, word: &'static str) -> Result<AccountName<'static>, Wrong> {
    let name = name.ok_or_else(|| missing(word))?;
    AccountName::typed(name).map_err(|error| (word, error.into()))
}

/// The types, each with its own words.
const TYPES: [(&str, &[&str]); 8] = [
    ("deposit", &["account", "amount", "currency"]),
    ("withdraw", &["account", "amount", "currency"]),
    ("transfer", &["from", "to", "amount", "currency"]),
    ("open", &["account", "currency", "floor"]),
    ("limit", &["account", "floor"]),
    ("close", &["account"]),
    ("reverse", &["seq"]),
    ("undo", &[]),
];

impl<'o> RequestBuilder<'o> {
    pub(super) fn new(options: &'o Options) -> RequestBuilder<'o> {
        RequestBuilder {
            options,
            occurrences: Occurrences::default(),
            keys: BTreeMap::new(),
        }
    }

    /// What an event asks for.
    pub(super) fn request(&mut self, told: &EventFields) -> Result<Request, Wrong> {
        let key = match &told.key {
            Some(key) => Key::new(key.clone()).map_err(|error| ("key", error.into()))?,
            None => self.digest(told),
        };
        let (word, moment) = match &told.effective {
            Some(effective) => ("effective", Some(effective)),
            None => ("at", told.at.as_ref()),
        };
        let effective = moment.map(|text| moment_of(text)).transpose();
        let effective = effective.map_err(|fault| (word, fault))?;
        let mut tags = told.tags.clone();
        let reversed = told.reverses.and_then(|seq| self.keys.get(&seq).cloned());
        let operation = if let Some(key) = reversed {
            Operation::Reverse {
                event: EventRef::Key(key),
            }
        } else {
            // What it reverses is not in the file: it is still what it moved.
            let target = told.reverses.map(|seq| seq.to_string());
            tags.extend(target.map(|seq| ("reverses".to_owned(), seq)));
            self.operation(told)?
        };
        if let (Some(seq), Some(_)) = (told.seq, &told.at) {
            self.keys.insert(seq, key.clone());
        }
        let tags = tags
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()));
        Ok(Request {
            effective,
            memo: told.memo.clone().filter(|memo| !memo.is_empty()),
            tags: Tags::from_pairs(tags.collect()).map_err(|error| ("tags", error.into()))?,
            key: Some(key),
            ..Request::from(operation)
        })
    }

    /// A key for the event. An event recorded elsewhere is identified by its recording time, in any
    /// format; any other by its whole content, with a count for equal ones.
    fn digest(&mut self, told: &EventFields) -> Key<'static> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<u64>| number.map_or_else(String::new, |own| own.to_string());
        let mut parts = vec![
            told.kind.clone(),
            text(&told.account),
            text(&told.from),
            text(&told.to),
            text(&told.amount),
            text(&told.currency),
            text(&told.at),
            number(told.seq),
        ];
        let is_recorded = told.at.is_some() && told.seq.is_some();
        if !is_recorded {
            parts.extend([
                self.options.account.to_string(),
                text(&told.floor),
                text(&told.effective),
                text(&told.memo),
                number(told.reverses),
            ]);
            for (key, value) in &told.tags {
                parts.extend([key.clone(), value.clone()]);
            }
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let format = if is_recorded { "event" } else { "jsonl" };
        self.occurrences.key(format, &parts)
    }

    fn operation(&self, told: &EventFields) -> Result<Operation, Wrong> {
        let account = || match &told.account {
            Some(_) => named(told.account.as_ref(), "account"),
            None => Ok(self.options.account.clone()),
        };
        let Some((kind, allowed)) = TYPES.iter().find(|(kind, _)| *kind == told.kind) else {
            let kinds: Vec<&str> = TYPES.iter().map(|(kind, _)| *kind).collect();
            let fault = Fault::Expected {
                found: format!("the type `{}`", told.kind),
                expected: format!("one of {}", kinds.join(", ")),
            };
            return Err(("type", fault));
        };
        let given = [
            ("account", told.account.is_some()),
            ("from", told.from.is_some()),
            ("to", told.to.is_some()),
            ("amount", told.amount.is_some()),
            ("currency", told.currency.is_some()),
            ("floor", told.floor.is_some()),
        ];
        let mut strays = given
            .iter()
            .filter(|(word, given)| *given && !allowed.contains(word));
        if let Some((word, _)) = strays.next() {
            let fault = Fault::Expected {
                found: format!("`{word}`"),
                expected: format!("a word that `{kind}` takes"),
            };
            return Err((word, fault));
        }
        Ok(match *kind {
            "deposit" => Operation::Deposit {
                account: account()?,
                amount: self.amount(told)?,
            },
            "withdraw" => Operation::Withdraw {
                account: account()?,
                amount: self.amount(told)?,
            },
            "transfer" => Operation::Transfer {
                from: named(told.from.as_ref(), "from")?,
                to: named(told.to.as_ref(), "to")?,
                amount: self.amount(told)?,
            },
            "open" => Operation::Open {
                account: named(told.account.as_ref(), "account")?,
                currency: currency(told.currency.as_deref())?,
                floor: floor(told)?,
            },
            "limit" => Operation::Limit {
                account: named(told.account.as_ref(), "account")?,
                floor: floor(told)?.ok_or_else(|| missing("floor"))?,
            },
            "close" => Operation::Close {
                account: named(told.account.as_ref(), "account")?,
            },
            "reverse" => Operation::Reverse {
                event: EventRef::Seq(told.seq.ok_or_else(|| missing("seq"))?),
            },
            _ => return Ok(Operation::Undo),
        })
    }

    fn amount(&self, told: &EventFields) -> Result<TypedAmount, Wrong> {
        let text = told.amount.as_ref().ok_or_else(|| missing("amount"))?;
        let wrong = |fault: Fault| ("amount", fault);
        let typed = TypedAmount::parse(text).map_err(|error| wrong(error.into()))?;
        let named = currency(told.currency.as_deref())?;
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

pub(super) fn currency(code: Option<&str>) -> Result<Option<Currency>, Wrong> {
    code.map(|code| {
        Currency::new(code).ok_or_else(|| ("currency", Fault::Currency(code.to_owned())))
    })
    .transpose()
}

fn floor(told: &EventFields) -> Result<Option<TypedFloor>, Wrong> {
    match told.floor.as_deref() {
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
        return Err(Fault::NotADate {
            text: text.to_owned(),
            has_format: false,
        });
    }
    Ok(when)
}

/// A figure with its sign as an export of ours writes it: taken apart.
pub(super) fn signed(text: &str) -> Option<(bool, String)> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let canonical = read(digits, Mark::Point)?;
    (canonical == digits).then_some((is_negative, canonical))
}
