//! Movements of a bank statement, whatever its format: they become deposits, withdrawals or
//! transfers, the oldest first.

use std::borrow::Cow;

use super::days::FileDate;
use super::figures::Number;
use super::keys::RowIdentity;
use super::options::Options;
use super::{BankBalance, Fault, FilePlace, ImportError, ImportedRow};
use crate::accounts::{Operation, Request};
use crate::event::{AccountName, Key, Tags};
use crate::money::Currency;

/// One movement of an account.
#[derive(Clone, Debug)]
pub(super) struct StatementMovement {
    /// The line on which its row begins.
    pub(super) line: u64,
    pub(super) amount_at: FilePlace,
    pub(super) date: FileDate,
    /// Above zero for money in.
    pub(super) number: Number,
    /// As in the file.
    pub(super) currency: Option<Currency>,
    pub(super) account: AccountName<'static>,
    /// The accounts that the file names beside its own.
    pub(super) from: Option<AccountName<'static>>,
    pub(super) to: Option<AccountName<'static>>,
    pub(super) memo: String,
    pub(super) tags: Vec<(String, String)>,
    pub(super) key: Key<'static>,
    pub(super) identity: RowIdentity,
}

/// The rows of a statement's movements, the oldest first. Movements of one day keep the order of the
/// file; a file with the newest first is turned round as a whole.
pub(super) fn rows(
    mut movements: Vec<StatementMovement>,
    newest_first: Option<bool>,
    options: &Options,
) -> Result<Vec<ImportedRow>, ImportError> {
    let ends = movements.first().zip(movements.last());
    let by_date = ends.is_some_and(|(first, last)| first.date.sort_key() > last.date.sort_key());
    if newest_first.unwrap_or(by_date) {
        movements.reverse();
    }
    movements.sort_by_key(|movement| movement.date.sort_key());
    movements
        .into_iter()
        .map(|movement| row(movement, options))
        .collect()
}

fn row(movement: StatementMovement, options: &Options) -> Result<ImportedRow, ImportError> {
    let at = |fault: Fault| fault.at(movement.amount_at.clone());
    let currency = one_currency(movement.currency, options).map_err(at)?;
    let amount = movement
        .number
        .amount(currency)
        .ok_or_else(|| at(Fault::TooLarge(movement.number.normal())))?;
    let goes_out = movement.number.value.is_negative() != options.invert;
    let account = movement.account;
    let command = match (movement.from, movement.to) {
        (None, None) if goes_out => Operation::Withdraw { account, amount },
        (None, None) => Operation::Deposit { account, amount },
        _ if movement.number.value.is_negative() => {
            let expected = "one above zero: `from` and `to` say the direction";
            return Err(at(Fault::expected("an amount below zero", expected)));
        }
        (from, to) => Operation::Transfer {
            from: from.unwrap_or_else(|| account.clone()),
            to: to.unwrap_or(account),
            amount,
        },
    };
    let effective = movement.date.when();
    let request = Request {
        effective: Some(effective.map_err(|error| Fault::from(error).on_line(movement.line))?),
        memo: Some(movement.memo).filter(|memo| !memo.is_empty()),
        tags: tags(movement.tags).map_err(|fault| fault.on_line(movement.line))?,
        key: Some(movement.key),
        ..Request::from(command)
    };
    Ok(ImportedRow {
        line: movement.line,
        request,
        identity: movement.identity,
    })
}

/// The currency of an amount: the file's, which must not be another than the user's.
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

/// The balance of an account as its bank says it, with the sign that the user asks for.
pub(super) fn bank_balance(
    account: &AccountName<'static>,
    number: Number,
    currency: Option<Currency>,
    date: FileDate,
    options: &Options,
) -> Result<BankBalance, Fault> {
    Ok(BankBalance {
        account: account.clone(),
        balance: number.turned(options.invert).value,
        currency,
        when: date.when()?,
    })
}

/// The tags that have a value.
pub(super) fn given<const N: usize>(tags: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    let given = |(tag, value): (&str, Option<String>)| Some((tag.to_owned(), value?));
    tags.into_iter().filter_map(given).collect()
}

/// Tags of pairs; the values of several pairs with one key are joined.
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

/// The account of a statement of the account with this number: the one that the number is mapped to;
/// if the file is of one account only, the one that the user names.
pub(super) fn account_of(
    number: &str,
    numbers: &[&str],
    options: &Options,
) -> Result<AccountName<'static>, Fault> {
    let value = options.value("account", number);
    let named = options.mapped(number);
    let named = named.or((value != number).then_some(value));
    let has_mapping = !options.map.is_empty() || !options.values.is_empty();
    match named {
        Some(name) => Ok(AccountName::typed(name)?),
        None if has_mapping => Err(Fault::OtherAccount(number.to_owned())),
        None if numbers.iter().any(|other| *other != number) => {
            let mut different: Vec<String> = Vec::new();
            for number in numbers {
                if !different.iter().any(|own| own == number) {
                    different.push((*number).to_owned());
                }
            }
            Err(Fault::SeveralAccounts(different))
        }
        None => Ok(options.account.clone()),
    }
}
