//! Journals of hledger: the part of the language that says who gave what to whom.
//!
//! Owns how a transaction becomes transfers, and the account that stands for the world outside.

mod assertions;
mod journal;
mod own;

use std::collections::BTreeMap;

use super::bank::{self, one_currency};
use super::figures::{self, DecimalMarkDetector, Mark, Signed};
use super::keys::{Occurrences, part_of};
use super::options::Options;
use super::text::on_one_line;
use super::told::RequestBuilder;
use super::{Fault, ImportError, Imported, Place, Row};
use crate::accounts::{Operation, Request};
use crate::event::{AccountName, Key, Tags};
use crate::money::{Balance, Currency, Scale};
use crate::time::When;
use journal::{Amount, Journal, Transaction};

/// The other side of deposits and withdrawals: the world outside.
pub(super) const EXTERNAL: &str = "equity:external";

/// Reads a journal.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let journal = journal::parse(text, options)?;
    let mark = mark(&journal)?;
    let names = names(&journal, options)?;
    let mut reader = Reader {
        options,
        mark,
        names,
        occurrences: Occurrences::default(),
        teller: RequestBuilder::new(options),
    };
    let mut imported = Imported::default();
    let mut transactions: Vec<&Transaction<'_>> = journal.transactions.iter().collect();
    // An export may be by date; what happened first was recorded first.
    if transactions
        .iter()
        .all(|transaction| own::seq(transaction).is_some())
    {
        transactions.sort_by_key(|transaction| own::seq(transaction));
    }
    let mut booked = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        let postings = reader.postings(transaction)?;
        let rows = reader.rows(transaction, &postings)?;
        if rows.is_empty() {
            imported.zeros = imported.zeros.saturating_add(1);
        }
        imported.rows.extend(rows);
        booked.push((transaction, postings));
    }
    reader.check_assertions(booked)?;
    Ok(imported)
}

/// The decimal mark: what a directive says, else what all amounts allow.
fn mark(journal: &Journal<'_>) -> Result<Mark, ImportError> {
    let written = journal
        .formats
        .iter()
        .chain(journal.transactions.iter().flat_map(|own| {
            own.postings
                .iter()
                .flat_map(|posting| posting.amount.iter().chain(&posting.assertion))
        }));
    let written: Vec<&Amount<'_>> = written.collect();
    let mut ballot = DecimalMarkDetector::default();
    for (number, amount) in written.iter().enumerate() {
        if let Some(parts) = take_apart(amount.text) {
            ballot.add(number, parts.digits);
        }
    }
    ballot.mark(journal.mark).map_err(|(number, fault)| {
        let place = written.get(number).map(|amount| amount.place.clone());
        ImportError::at(place.unwrap_or_default(), fault)
    })
}

/// An amount with its commodity, which may stand in quotes.
fn take_apart(text: &str) -> Option<figures::Figure<'_>> {
    let Some((front, rest)) = text.split_once('"') else {
        return figures::take_apart(text);
    };
    let (commodity, behind) = rest.split_once('"')?;
    let (front, behind) = (front.trim(), behind.trim());
    let figure = match (front, behind) {
        ("", figure) | (figure, "") => figures::take_apart(figure)?,
        ("-", figure) => figures::Figure {
            negative: true,
            ..figures::take_apart(figure).filter(|figure| !figure.negative)?
        },
        _ => return None,
    };
    figure.unit.is_empty().then_some(figures::Figure {
        unit: commodity,
        ..figure
    })
}

/// Our names for the journal's accounts; all that are none at once, so that they can be named.
fn names<'t>(
    journal: &Journal<'t>,
    options: &Options,
) -> Result<BTreeMap<&'t str, AccountName<'static>>, ImportError> {
    for pair in &options.map {
        let is_in_it = journal
            .transactions
            .iter()
            .flat_map(|own| &own.postings)
            .any(|posting| {
                let amounts = posting.amount.iter().chain(&posting.assertion);
                let mut units = amounts.filter_map(|amount| take_apart(amount.text));
                posting.account == pair.left || units.any(|figure| figure.unit == pair.left)
            });
        if !is_in_it {
            return Err(ImportError::whole(Fault::NotInIt(pair.left.clone())));
        }
    }
    let mut names = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut first_wrong = None;
    for posting in journal.transactions.iter().flat_map(|own| &own.postings) {
        if names.contains_key(posting.account) || wrong.iter().any(|own| own == posting.account) {
            continue;
        }
        let mapped = options.map.iter().find(|pair| pair.left == posting.account);
        let name = mapped.map_or(posting.account, |pair| pair.right.as_str());
        if let Ok(name) = AccountName::typed(name) {
            names.insert(posting.account, name);
        } else {
            first_wrong = first_wrong.or(Some(posting.line));
            wrong.push(posting.account.to_owned());
        }
    }
    match first_wrong {
        Some(line) => Err(ImportError::on_line(line, Fault::Names(wrong))),
        None => Ok(names),
    }
}

/// A posting that was understood.
struct Booked {
    account: AccountName<'static>,
    currency: Option<Currency>,
    signed: Signed,
    place: Place,
}

struct Reader<'o, 't> {
    options: &'o Options,
    mark: Mark,
    names: BTreeMap<&'t str, AccountName<'static>>,
    occurrences: Occurrences,
    /// For what an export of ours wrote.
    teller: RequestBuilder<'o>,
}

impl Reader<'_, '_> {
    fn amount(&self, amount: &Amount<'_>) -> Result<(Signed, Option<Currency>), ImportError> {
        let at = |fault: Fault| ImportError::at(amount.place.clone(), fault);
        let figure = take_apart(amount.text).ok_or_else(|| {
            at(Fault::NotAFigure {
                text: amount.text.to_owned(),
                mark: Some(self.mark),
            })
        })?;
        let signed = figures::signed(figure, self.mark).map_err(at)?;
        let mapped = self
            .options
            .map
            .iter()
            .find(|pair| pair.left == figure.unit);
        let named = match (figure.unit, mapped) {
            ("", _) => None,
            (_, Some(pair)) => Some(
                Currency::new(&pair.right)
                    .ok_or_else(|| at(Fault::Currency(pair.right.clone())))?,
            ),
            (unit, None) => Some(
                figures::currency_of(unit).ok_or_else(|| at(Fault::Currency(unit.to_owned())))?,
            ),
        };
        // A journal may be in several currencies: the one that was asked for is for bare figures.
        let currency = match named {
            Some(named) => Some(named),
            None => one_currency(None, self.options).map_err(at)?,
        };
        Ok((signed, currency))
    }

    /// The postings of a transaction, the amount that is left out filled in, adding up to nothing.
    fn postings(&self, transaction: &Transaction<'_>) -> Result<Vec<Booked>, ImportError> {
        let mut booked = Vec::with_capacity(transaction.postings.len());
        let mut sums: BTreeMap<Option<Currency>, Balance> = BTreeMap::new();
        let mut elided = None;
        for posting in &transaction.postings {
            let Some(account) = self.names.get(posting.account).cloned() else {
                continue;
            };
            let Some(amount) = &posting.amount else {
                if elided.replace((account, posting.line)).is_some() {
                    let fault = Fault::Expected {
                        found: "a second posting without an amount".to_owned(),
                        expected: "one at most".to_owned(),
                    };
                    return Err(ImportError::on_line(posting.line, fault));
                }
                continue;
            };
            let (signed, currency) = self.amount(amount)?;
            let balance = signed.balance();
            let sum = sums.entry(currency).or_default();
            *sum = balance
                .and_then(|balance| sum.plus(balance))
                .ok_or_else(|| {
                    ImportError::at(
                        amount.place.clone(),
                        Fault::NotAFigure {
                            text: amount.text.to_owned(),
                            mark: None,
                        },
                    )
                })?;
            booked.push(Booked {
                account,
                currency,
                signed,
                place: amount.place.clone(),
            });
        }
        if let Some((account, line)) = elided {
            for (currency, sum) in &sums {
                let Some(missing) = sum.negated().filter(|missing| *missing != Balance::ZERO)
                else {
                    continue;
                };
                let text = missing.to_text(Scale::WHOLE);
                let signed = Signed {
                    negative: missing.is_negative(),
                    magnitude: text.trim_start_matches('-').to_owned(),
                };
                let place = Place {
                    line: Some(line),
                    ..Place::default()
                };
                let account = account.clone();
                booked.push(Booked {
                    account,
                    currency: *currency,
                    signed,
                    place,
                });
            }
            return Ok(booked);
        }
        let unbalanced = sums.iter().find(|(_, sum)| **sum != Balance::ZERO);
        match unbalanced {
            Some((currency, sum)) => Err(ImportError::on_line(
                transaction.line,
                Fault::Unbalanced {
                    sum: figure(*sum, *currency),
                },
            )),
            None => Ok(booked),
        }
    }

    fn rows(
        &mut self,
        transaction: &Transaction<'_>,
        postings: &[Booked],
    ) -> Result<Vec<Row>, ImportError> {
        let on_line = |fault: Fault| ImportError::on_line(transaction.line, fault);
        if own::seq(transaction).is_some() {
            let told = own::told(transaction, postings).map_err(on_line)?;
            let request = self
                .teller
                .request(&told)
                .map_err(|(_, fault)| on_line(fault))?;
            let line = transaction.line;
            return Ok(vec![Row { line, request }]);
        }
        let key = self.digest(transaction, postings);
        let effective = When::parse(&transaction.date).map_err(|error| on_line(error.into()))?;
        let tags: Tags<'static> = bank::tags(notes(transaction)).map_err(on_line)?;
        let memo = Some(on_one_line(transaction.description)).filter(|text| !text.is_empty());
        let commands = Self::commands(transaction, postings)?;
        let is_one = commands.len() == 1;
        let row = |(part, command): (usize, Operation)| Row {
            line: transaction.line,
            request: Request {
                effective: Some(effective.clone()),
                memo: memo.clone(),
                tags: tags.clone(),
                key: Some(if is_one {
                    key.clone()
                } else {
                    part_of(&key, part)
                }),
                ..Request::from(command)
            },
        };
        Ok((1..).zip(commands).map(row).collect())
    }

    /// A transaction as transfers: of each currency one gives or one takes.
    fn commands(
        transaction: &Transaction<'_>,
        postings: &[Booked],
    ) -> Result<Vec<Operation>, ImportError> {
        let mut currencies: Vec<Option<Currency>> = Vec::new();
        for posting in postings {
            if !currencies.contains(&posting.currency) {
                currencies.push(posting.currency);
            }
        }
        let mut commands = Vec::with_capacity(postings.len());
        for currency in currencies {
            let of_currency = postings
                .iter()
                .filter(|posting| posting.currency == currency && !posting.signed.is_zero());
            let (givers, takers): (Vec<&Booked>, Vec<&Booked>) =
                of_currency.partition(|posting| posting.signed.negative);
            let pairs: Vec<(&Booked, &Booked, &Booked)> =
                match (givers.as_slice(), takers.as_slice()) {
                    ([], _) | (_, []) => Vec::new(),
                    ([giver], takers) => takers
                        .iter()
                        .map(|taker| (*giver, *taker, *taker))
                        .collect(),
                    (givers, [taker]) => givers
                        .iter()
                        .map(|giver| (*giver, *taker, *giver))
                        .collect(),
                    (givers, takers) => {
                        let fault = Fault::ManyToMany(givers.len(), takers.len());
                        return Err(ImportError::on_line(transaction.line, fault));
                    }
                };
            for (giver, taker, counted) in pairs {
                commands.push(command(giver, taker, counted)?);
            }
        }
        Ok(commands)
    }

    /// A key of everything the transaction says but whether it is cleared, counted among those like it.
    fn digest(&mut self, transaction: &Transaction<'_>, postings: &[Booked]) -> Key<'static> {
        let mut parts = vec![
            transaction.date.clone(),
            transaction.code.to_owned(),
            on_one_line(transaction.description),
        ];
        for posting in postings {
            parts.extend([
                posting.account.to_string(),
                posting.signed.normal(),
                posting
                    .currency
                    .map(|currency| currency.to_string())
                    .unwrap_or_default(),
            ]);
        }
        let mut tags: Vec<String> = transaction
            .comment
            .tags
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .collect();
        tags.sort_unstable();
        parts.extend(tags);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.occurrences.key("hledger", &parts)
    }
}

fn figure(balance: Balance, currency: Option<Currency>) -> String {
    let scale = currency
        .and_then(Currency::minor_digits)
        .unwrap_or_default();
    let text = balance.to_text(scale);
    currency.map_or_else(|| text.clone(), |currency| format!("{text} {currency}"))
}

fn command(giver: &Booked, taker: &Booked, counted: &Booked) -> Result<Operation, ImportError> {
    let at = |fault: Fault| ImportError::at(counted.place.clone(), fault);
    let amount = counted.signed.amount(counted.currency).ok_or_else(|| {
        at(Fault::NotAFigure {
            text: counted.signed.magnitude.clone(),
            mark: None,
        })
    })?;
    let (from, to) = (giver.account.clone(), taker.account.clone());
    match (from.as_str() == EXTERNAL, to.as_str() == EXTERNAL) {
        (true, false) => Ok(Operation::Deposit {
            account: to,
            amount,
        }),
        (false, true) => Ok(Operation::Withdraw {
            account: from,
            amount,
        }),
        _ if from == to => Err(at(Fault::Unsupported {
            what: format!("a transaction from {from} to itself"),
            hint: None,
        })),
        _ => Ok(Operation::Transfer { from, to, amount }),
    }
}

/// What a transaction says besides: its tags, its code, and the rest of its comments.
fn notes(transaction: &Transaction<'_>) -> Vec<(String, String)> {
    let tags = transaction.comment.tags.iter();
    let mut notes: Vec<(String, String)> = tags
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    if !transaction.code.is_empty() {
        notes.push(("code".to_owned(), transaction.code.to_owned()));
    }
    let text = on_one_line(&transaction.comment.text.join(", "));
    if !text.is_empty() {
        notes.push(("comment".to_owned(), text));
    }
    notes
}

#[cfg(test)]
mod tests;
