//! Journals of hledger: transactions become transfers, deposits and withdrawals.

mod assertions;
mod booked;
mod journal;
mod own;
mod prices;

use std::collections::BTreeMap;

use super::days::FileDate;
use super::event_fields::RequestBuilder;
use super::figures::{self, DecimalMark, DecimalMarkDetector, Number, WrittenNumber};
use super::keys::{self, Occurrences, RowIdentity, part_of};
use super::options::Options;
use super::statement;
use super::text::on_one_line;
use super::{Fault, FilePlace, ImportError, Imported, ImportedRow, currencies};
use crate::accounts::{Operation, Request};
use crate::event::{AccountName, Key, Tags};
use crate::money::{Balance, Currency};
use booked::{Booked, operation};
use journal::{JournalPosting, JournalTransaction, ParsedJournal, WrittenAmount};

/// Reads a journal.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let journal = journal::parse(text, options)?;
    let mark = mark(&journal)?;
    let names = names(&journal, options)?;
    let mut reader = JournalBooker {
        options,
        mark,
        names,
        occurrences: Occurrences::default(),
        builder: RequestBuilder::new(options),
    };
    let mut imported = Imported::default();
    let mut transactions: Vec<&JournalTransaction<'_>> = journal.transactions.iter().collect();
    // An export may be by date; what happened first was recorded first.
    if transactions
        .iter()
        .all(|transaction| own::seq(transaction).is_some())
    {
        transactions.sort_by_key(|transaction| own::seq(transaction));
    }
    let mut booked = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        imported.read = imported.read.saturating_add(1);
        let postings = reader.postings(transaction)?;
        let rows = reader.rows(transaction, &postings)?;
        if rows.is_empty() && own::seq(transaction).is_none() {
            imported.zeros = imported.zeros.saturating_add(1);
        }
        imported.rows.extend(rows);
        booked.push((transaction, postings));
    }
    reader.builder.finish(&mut imported.rows);
    reader.check_assertions(booked)?;
    Ok(imported)
}

/// The decimal mark: of a directive, otherwise the one that all amounts allow.
fn mark(journal: &ParsedJournal<'_>) -> Result<DecimalMark, ImportError> {
    let amounts = journal.postings().flat_map(JournalPosting::amounts);
    let written = journal.formats.iter().chain(amounts);
    let mut detector = DecimalMarkDetector::default();
    for (number, amount) in written.enumerate() {
        if let Some(parts) = take_apart(amount.text) {
            detector.add(&(number, amount.place.clone()), parts.digits);
        }
    }
    let mark = detector.mark(journal.mark);
    mark.map_err(|((_, place), fault)| fault.at(place))
}

/// An amount with its commodity, which may be quoted.
fn take_apart(text: &str) -> Option<WrittenNumber<'_>> {
    let Some((front, rest)) = text.split_once('"') else {
        // `CR` is a commodity here.
        return figures::take_apart(text).filter(|written| written.direction.is_none());
    };
    let (commodity, after) = rest.split_once('"')?;
    let (front, after) = (front.trim(), after.trim());
    let figure = match (front, after) {
        ("", figure) | (figure, "") => figures::take_apart(figure)?,
        ("-", figure) => WrittenNumber {
            negative: true,
            ..figures::take_apart(figure).filter(|figure| !figure.negative)?
        },
        _ => return None,
    };
    figure.unit.is_empty().then_some(WrittenNumber {
        unit: commodity,
        ..figure
    })
}

/// The account names of the journal's accounts; all that cannot be names in one error.
fn names<'t>(
    journal: &ParsedJournal<'t>,
    options: &Options,
) -> Result<BTreeMap<&'t str, AccountName<'static>>, ImportError> {
    for pair in &options.map {
        let is_in_it = |posting: &JournalPosting<'_>| {
            let mut figures = posting.amounts().filter_map(|own| take_apart(own.text));
            posting.account == pair.left || figures.any(|figure| figure.unit == pair.left)
        };
        if !journal.postings().any(is_in_it) {
            return Err(Fault::NotInIt(pair.left.clone()).whole());
        }
    }
    let mut names = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut first_wrong = None;
    for posting in journal.postings() {
        if names.contains_key(posting.account) || wrong.iter().any(|own| own == posting.account) {
            continue;
        }
        let name = options.value("account", posting.account);
        let name = options.mapped(posting.account).unwrap_or(name);
        if let Ok(name) = AccountName::typed(name) {
            names.insert(posting.account, name);
        } else {
            first_wrong = first_wrong.or(Some(posting.line));
            wrong.push(posting.account.to_owned());
        }
    }
    match first_wrong {
        Some(line) => Err(Fault::Names(wrong).on_line(line)),
        None => Ok(names),
    }
}

struct JournalBooker<'o, 't> {
    options: &'o Options,
    mark: DecimalMark,
    names: BTreeMap<&'t str, AccountName<'static>>,
    occurrences: Occurrences,
    /// For events that `export` wrote.
    builder: RequestBuilder<'o>,
}

impl JournalBooker<'_, '_> {
    fn amount(
        &self,
        amount: &WrittenAmount<'_>,
    ) -> Result<(Number, Option<Currency>), ImportError> {
        let at = |fault: Fault| fault.at(amount.place.clone());
        let figure = take_apart(amount.text).ok_or_else(|| {
            at(Fault::NotANumber {
                text: amount.text.to_owned(),
                mark: Some(self.mark),
            })
        })?;
        let number = figures::signed(figure, self.mark).map_err(at)?;
        let currency = match (figure.unit, self.options.mapped(figure.unit)) {
            // A journal may be in several currencies: the user's is for amounts without one.
            ("", _) => return Ok((number, self.options.currency)),
            (_, Some(code)) => Currency::new(code).ok_or(code),
            (unit, None) => {
                let named = self.options.value("currency", unit);
                currencies::resolve(named, self.options.currency).ok_or(unit)
            }
        };
        let currency = currency.map_err(|code| at(Fault::Currency(code.to_owned())))?;
        Ok((number, Some(currency)))
    }

    /// The postings of a transaction with the amount that is left out; they add up to zero.
    fn postings(&self, transaction: &JournalTransaction<'_>) -> Result<Vec<Booked>, ImportError> {
        let mut booked = Vec::with_capacity(transaction.postings.len());
        let mut sums: BTreeMap<Option<Currency>, Balance> = BTreeMap::new();
        let mut elided = None;
        for posting in &transaction.postings {
            let Some(account) = self.names.get(posting.account).cloned() else {
                continue;
            };
            let Some(amount) = &posting.amount else {
                if elided.replace((account, posting.line)).is_some() {
                    let fault =
                        Fault::expected("a second posting without an amount", "one at most");
                    return Err(fault.on_line(posting.line));
                }
                continue;
            };
            let (number, currency) = self.amount(amount)?;
            let price = match &posting.price {
                Some(price) => Some(self.worth(price, number, currency)?),
                None => None,
            };
            let (worth, worth_currency) = price.unwrap_or((number, currency));
            let sum = sums.entry(worth_currency).or_default();
            *sum = sum
                .plus(worth.value)
                .ok_or_else(|| Fault::TooLarge(amount.text.to_owned()).at(amount.place.clone()))?;
            booked.push(Booked {
                account,
                currency,
                number,
                price,
                place: amount.place.clone(),
            });
        }
        if let Some((account, line)) = elided {
            for (currency, sum) in &sums {
                let Some(missing) = sum.negated().filter(|missing| *missing != Balance::ZERO)
                else {
                    continue;
                };
                booked.push(Booked {
                    account: account.clone(),
                    currency: *currency,
                    number: Number::exact(missing),
                    price: None,
                    place: FilePlace::on_line(line),
                });
            }
            return Ok(booked);
        }
        let unbalanced = sums.iter().find(|(_, sum)| **sum != Balance::ZERO);
        match unbalanced {
            Some((currency, sum)) => {
                let sum = figure(*sum, *currency);
                Err(Fault::Unbalanced { sum }.on_line(transaction.line))
            }
            None => Ok(booked),
        }
    }

    fn rows(
        &mut self,
        transaction: &JournalTransaction<'_>,
        postings: &[Booked],
    ) -> Result<Vec<ImportedRow>, ImportError> {
        let on_line = |fault: Fault| fault.on_line(transaction.line);
        if own::seq(transaction).is_some() {
            let fields = own::fields(transaction, postings).map_err(on_line)?;
            let mut rows = Vec::new();
            self.builder
                .add(transaction.line, &fields, &mut rows)
                .map_err(|(_, fault)| on_line(fault))?;
            return Ok(rows);
        }
        let key = self.digest(transaction, postings);
        let date = transaction.date.map(|date| FileDate::new(date, None));
        let date = date.ok_or_else(|| on_line(Fault::missing("the date")))?;
        let effective = date.when().map_err(|error| on_line(error.into()))?;
        let tags: Tags<'static> = statement::tags(notes(transaction)).map_err(on_line)?;
        let memo = Some(on_one_line(transaction.description)).filter(|text| !text.is_empty());
        let operations = Self::operations(postings)?;
        let is_one = operations.len() == 1;
        let row = |(part, operation): (usize, Operation)| ImportedRow {
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
                ..Request::from(operation)
            },
            identity: RowIdentity::Content,
        };
        Ok((1..).zip(operations).map(row).collect())
    }

    /// A transaction as transfers of each currency. If several accounts give and several take, nothing
    /// says who gave to whom: each posting is then a deposit or a withdrawal, in their order.
    fn operations(postings: &[Booked]) -> Result<Vec<Operation>, ImportError> {
        let mut currencies: Vec<Option<Currency>> = Vec::new();
        for posting in postings {
            let (_, currency) = posting.worth();
            if !currencies.contains(&currency) {
                currencies.push(currency);
            }
        }
        let mut operations = Vec::with_capacity(postings.len());
        for currency in currencies {
            let is_moving =
                |posting: &&Booked| posting.worth().1 == currency && !posting.number.is_zero();
            let (givers, takers): (Vec<&Booked>, Vec<&Booked>) = postings
                .iter()
                .filter(is_moving)
                .partition(|posting| posting.is_giver());
            match (givers.as_slice(), takers.as_slice()) {
                ([], _) | (_, []) => {}
                ([giver], takers) => {
                    for taker in takers {
                        operations.push(operation(giver, taker, taker)?);
                    }
                }
                (givers, [taker]) => {
                    for giver in givers {
                        operations.push(operation(giver, taker, giver)?);
                    }
                }
                _ => {
                    let moving = postings.iter().filter(is_moving);
                    for posting in moving.filter(|own| !own.is_outside()) {
                        operations.push(posting.against_external()?);
                    }
                }
            }
        }
        Ok(operations)
    }

    /// A key of the transaction but for whether it is cleared, counted among equal ones.
    fn digest(
        &mut self,
        transaction: &JournalTransaction<'_>,
        postings: &[Booked],
    ) -> Key<'static> {
        let mut parts = vec![
            transaction
                .date
                .map_or_else(String::new, |date| date.to_string()),
            keys::comparable(transaction.code),
            keys::comparable(&on_one_line(transaction.description)),
        ];
        for posting in postings {
            parts.extend([
                posting.account.to_string(),
                posting.number.normal(),
                posting
                    .currency
                    .map(|currency| currency.to_string())
                    .unwrap_or_default(),
            ]);
            if let Some((worth, currency)) = &posting.price {
                parts.extend(currency.map(|currency| currency.to_string()));
                parts.push(worth.normal());
            }
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
    let scale = currency.and_then(Currency::minor_digits);
    let text = balance.to_text(scale.unwrap_or_default());
    match currency {
        Some(currency) => format!("{text} {currency}"),
        None => text,
    }
}

/// The tags of a transaction, its code, and the rest of its comments.
fn notes(transaction: &JournalTransaction<'_>) -> Vec<(String, String)> {
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
