//! camt.053: account statements of ISO 20022, in its old and its new versions.
//!
//! Elements are known by their local names, so that the namespace of a version does not matter. A
//! statement's entries must lead from its opening to its closing balance.

mod entry;
mod tree;

use super::days::DateReader;
use super::element::Element;
use super::keys::{self, Occurrences, RowIdentity};
use super::options::Options;
use super::statement::{self, StatementMovement};
use super::{BankBalance, Fault, ImportError, Imported};
use crate::event::AccountName;
use crate::money::Balance;
use entry::{Part, amount, parts};
use hashbrown::HashSet;

/// Reads a file.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let root = tree::parse(text)?;
    let statements = root.all("Stmt");
    if statements.is_empty() {
        let fault = Fault::missing("a statement (BkToCstmrStmt/Stmt)");
        return Err(fault.on_line(root.line()));
    }
    let numbers: Vec<&str> = statements.iter().map(|own| number_of(own)).collect();
    let mut imported = Imported::default();
    let mut movements = Vec::new();
    let mut keys = EntryKeys::of(&statements, options);
    for statement in &statements {
        let account = statement::account_of(number_of(statement), &numbers, options)
            .map_err(|fault| fault.on_line(statement.line()))?;
        let turns = turns_reversals(statement, options)?;
        for entry in statement.children("Ntry") {
            imported.read = imported.read.saturating_add(1);
            if !is_booked(entry) {
                imported.left_out = imported.left_out.saturating_add(1);
                continue;
            }
            let found = parts(entry)?;
            if found.iter().all(|part| part.number.is_zero()) {
                imported.zeros = imported.zeros.saturating_add(1);
                continue;
            }
            movements.extend(keys.movements(entry, &found, turns, &account)?);
        }
        imported
            .closings
            .extend(closing(statement, &account, options));
    }
    if let [one] = statements.as_slice() {
        imported.ends = balance(one, OPENING)?.zip(balance(one, CLOSING)?);
    }
    imported.rows = statement::rows(movements, None, options)?;
    Ok(imported)
}

fn number_of(statement: &Element) -> &str {
    let id = statement.first_of(&["Acct/Id/IBAN", "Acct/Id/Othr/Id"]);
    id.unwrap_or_default()
}

fn is_booked(entry: &Element) -> bool {
    let status = entry.first_of(&["Sts/Cd", "Sts"]);
    status.is_none_or(|status| status == "BOOK")
}
const OPENING: &[&str] = &["OPBD", "PRCD"];
const CLOSING: &[&str] = &["CLBD"];

fn balance_element<'s>(statement: &'s Element, kinds: &[&str]) -> Option<&'s Element> {
    kinds.iter().find_map(|kind| {
        statement
            .children("Bal")
            .find(|own| own.value("Tp/CdOrPrtry/Cd") == Some(kind))
    })
}

fn balance(statement: &Element, kinds: &[&str]) -> Result<Option<Balance>, ImportError> {
    let element = balance_element(statement, kinds);
    element
        .map(|element| Ok(amount(element)?.0.value))
        .transpose()
}

/// True if the bank shows a reversal with the direction of what it reverses. The standard says that
/// the direction of an entry is its own; the balances tell if a bank does otherwise.
fn turns_reversals(statement: &Element, options: &Options) -> Result<bool, ImportError> {
    let ends = balance(statement, OPENING)?.zip(balance(statement, CLOSING)?);
    let Some((opening, closing)) = ends.filter(|_| options.checks_balances) else {
        return Ok(false);
    };
    let leads_to = |turns: bool| -> Result<Balance, ImportError> {
        let mut sum = opening;
        for entry in statement.children("Ntry").filter(|entry| is_booked(entry)) {
            let (number, _) = amount(entry)?;
            let number = number.turned(turns && is_reversal(entry));
            sum = sum.plus(number.value).unwrap_or(sum);
        }
        Ok(sum)
    };
    let expected = leads_to(false)?;
    if expected == closing {
        return Ok(false);
    }
    if leads_to(true)? == closing {
        return Ok(true);
    }
    let line = balance_element(statement, CLOSING)
        .unwrap_or(statement)
        .line();
    Err(Fault::balance_breaks(closing, expected).on_line(line))
}

fn is_reversal(entry: &Element) -> bool {
    matches!(entry.value("RvslInd"), Some("true" | "1"))
}

fn closing(
    statement: &Element,
    account: &AccountName<'static>,
    options: &Options,
) -> Option<BankBalance> {
    let element = balance_element(statement, CLOSING)?;
    let (number, currency) = amount(element).ok()?;
    let date = element.first_of(&["Dt/Dt", "Dt/DtTm"])?;
    let date = DateReader::Found(None).read(date).ok()?;
    statement::bank_balance(account, number, currency, date, options).ok()
}

/// Makes keys: of the bank's reference if every entry has its own, otherwise of the content.
struct EntryKeys {
    by_reference: bool,
    occurrences: Occurrences,
}

impl EntryKeys {
    fn of(statements: &[&Element], options: &Options) -> EntryKeys {
        let mut seen = HashSet::new();
        let mut entries = statements
            .iter()
            .flat_map(|own| own.children("Ntry").map(|entry| (number_of(own), entry)))
            .filter(|(_, entry)| is_booked(entry));
        let are_own = entries.all(|(number, entry)| {
            let reference = entry.value("AcctSvcrRef");
            reference.is_some_and(|reference| {
                !matches!(reference, "NONREF" | "NOTPROVIDED") && seen.insert((number, reference))
            })
        });
        EntryKeys {
            by_reference: are_own && !options.by_content,
            occurrences: Occurrences::default(),
        }
    }

    fn movements(
        &mut self,
        entry: &Element,
        parts: &[Part],
        turns: bool,
        account: &AccountName<'static>,
    ) -> Result<Vec<StatementMovement>, ImportError> {
        let at = |fault: Fault| fault.on_line(entry.line());
        let booked = entry
            .first_of(&["BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"])
            .ok_or_else(|| at(Fault::missing("`<BookgDt>`")))?;
        let date = DateReader::Found(None).read(booked).map_err(at)?;
        let turns = turns && is_reversal(entry);
        let day = date.date.to_string();
        let whole = self.by_reference.then(|| {
            let reference = entry.value("AcctSvcrRef").unwrap_or_default();
            keys::numbered("camt053", &[account.as_str(), &day, reference])
        });
        let mut movements = Vec::with_capacity(parts.len());
        for (part, own) in (1..).zip(parts) {
            let number = own.number.turned(turns);
            let (key, identity) = match &whole {
                Some(key) if parts.len() == 1 => (key.clone(), RowIdentity::Number),
                Some(key) => (keys::part_of(key, part), RowIdentity::Number),
                None => {
                    let amount = number.normal();
                    let mut texts = vec![account.as_str(), day.as_str(), amount.as_str()];
                    texts.extend(own.texts());
                    (
                        self.occurrences.key("camt053", &texts),
                        RowIdentity::Content,
                    )
                }
            };
            let mut tags = own.tags.clone();
            if is_reversal(entry) {
                tags.push(("kind".to_owned(), "reversal".to_owned()));
            }
            movements.push(StatementMovement {
                line: entry.line(),
                amount_at: entry.place.clone(),
                date,
                number,
                currency: own.currency,
                account: account.clone(),
                from: None,
                to: None,
                memo: own.memo.clone(),
                tags,
                key,
                identity,
            });
        }
        Ok(movements)
    }
}

#[cfg(test)]
mod tests;
