//! What the lines of a bank's statement have in common, whatever the format: they become deposits,
//! withdrawals or transfers, the oldest first.

use std::borrow::Cow;

use super::figures::Signed;
use super::options::Options;
use super::{Fault, ImportError, Place, Row};
use crate::accounts::{Operation, Request};
use crate::event::{AccountName, Key, Tags};
use crate::money::Currency;
use crate::time::{Timestamp, When};

/// The other side of a line, where the file names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Other {
    From(AccountName<'static>),
    To(AccountName<'static>),
    Both(AccountName<'static>, AccountName<'static>),
}

/// A line of a statement.
#[derive(Clone, Debug)]
pub(super) struct Posting {
    /// Where the row begins.
    pub(super) line: u64,
    /// Where its amount stands.
    pub(super) amount_at: Place,
    /// In the ledger's own form.
    pub(super) effective: String,
    pub(super) signed: Signed,
    /// As the file says.
    pub(super) currency: Option<Currency>,
    pub(super) account: AccountName<'static>,
    pub(super) other: Option<Other>,
    pub(super) memo: String,
    pub(super) tags: Vec<(String, String)>,
    pub(super) key: Key<'static>,
}

/// The rows that a statement's lines come to, the oldest first.
pub(super) fn rows(mut postings: Vec<Posting>, options: &Options) -> Result<Vec<Row>, ImportError> {
    // Of one day the order of the file is kept: a newest first one is turned round as a whole.
    let ends = (postings.first(), postings.last());
    if let (Some(first), Some(last)) = ends
        && moment(&first.effective) > moment(&last.effective)
    {
        postings.reverse();
    }
    postings.sort_by_cached_key(|posting| moment(&posting.effective));
    postings
        .into_iter()
        .map(|posting| row(posting, options))
        .collect()
}

/// What times are sorted by.
fn moment(text: &str) -> String {
    match Timestamp::parse_rfc3339(text) {
        Ok(instant) => instant.to_string(),
        Err(_) => text.replace(' ', "T"),
    }
}

fn row(posting: Posting, options: &Options) -> Result<Row, ImportError> {
    let at = |fault: Fault| ImportError::at(posting.amount_at.clone(), fault);
    let currency = one_currency(posting.currency, options).map_err(at)?;
    let amount = posting.signed.amount(currency).ok_or_else(|| {
        at(Fault::NotAFigure {
            text: posting.signed.magnitude.clone(),
            mark: None,
        })
    })?;
    let goes_out = posting.signed.negative != options.invert;
    let account = posting.account;
    let command = match posting.other {
        None if goes_out => Operation::Withdraw { account, amount },
        None => Operation::Deposit { account, amount },
        Some(_) if posting.signed.negative => {
            return Err(at(Fault::Expected {
                found: "an amount below zero".to_owned(),
                expected: "one above, as `from` and `to` say the direction,".to_owned(),
            }));
        }
        Some(other) => {
            let (from, to) = match other {
                Other::From(from) => (from, account),
                Other::To(to) => (account, to),
                Other::Both(from, to) => (from, to),
            };
            Operation::Transfer { from, to, amount }
        }
    };
    let request = Request {
        effective: Some(
            When::parse(&posting.effective)
                .map_err(|error| ImportError::on_line(posting.line, error.into()))?,
        ),
        memo: Some(posting.memo).filter(|memo| !memo.is_empty()),
        tags: tags(posting.tags).map_err(|fault| ImportError::on_line(posting.line, fault))?,
        key: Some(posting.key),
        ..Request::from(command)
    };
    Ok(Row {
        line: posting.line,
        request,
    })
}

/// What an amount is in: the file's currency, which must not be another than the asker's.
pub(super) fn one_currency(
    file: Option<Currency>,
    options: &Options,
) -> Result<Option<Currency>, Fault> {
    match (file, options.currency) {
        (Some(file), Some(asked)) if file != asked => Err(Fault::CurrencyContradicts {
            file: file.to_string(),
            asked: asked.to_string(),
        }),
        (file, asked) => Ok(file.or(asked)),
    }
}

/// Tags of pairs; of several with one key the values are joined.
pub(super) fn tags(pairs: Vec<(String, String)>) -> Result<Tags<'static>, Fault> {
    let mut joined: Vec<(String, String)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        match joined.iter_mut().find(|(own, _)| *own == key) {
            Some((_, own)) => {
                own.push_str(", ");
                own.push_str(&value);
            }
            None => joined.push((key, value)),
        }
    }
    let pairs = joined
        .into_iter()
        .map(|(key, value)| (Cow::Owned(key), Cow::Owned(value)));
    Ok(Tags::from_pairs(pairs.collect())?)
}
