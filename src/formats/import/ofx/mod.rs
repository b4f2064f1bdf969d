//! OFX, which banks hand out for programs: statements of accounts and of credit cards.
//!
//! Owns what its elements mean. Transactions are numbered by the bank, and known again by that.

mod tags;

use hashbrown::HashSet;

use super::bank::{self, Posting};
use super::figures::{self, DecimalMarkDetector, Figure, Mark};
use super::keys::{self, Occurrences};
use super::options::{Encoding, Options};
use super::text::on_one_line;
use super::{Closing, Fault, ImportError, Imported, Place};
use crate::event::AccountName;
use crate::money::Currency;
use crate::time::When;
use tags::Element;

/// What a file says its text is in: OFX 1 in its header, OFX 2 where XML does.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<Encoding> {
    const HEADER: usize = 1024;
    let front = bytes.get(..HEADER).unwrap_or(bytes);
    let front = String::from_utf8_lossy(front).to_ascii_uppercase();
    if let Some(declared) = front.split_once("<?XML").map(|(_, rest)| rest) {
        let (_, value) = declared.split_once("ENCODING")?;
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let label = value
            .trim_start_matches(['"', '\''])
            .split(['"', '\'', '?'])
            .next()?;
        return Encoding::named(label).ok();
    }
    let field = |name: &str| {
        let (_, value) = front.split_once(name)?;
        value.split(|c: char| c.is_whitespace() || c == '<').next()
    };
    let label = match (field("ENCODING:"), field("CHARSET:")) {
        (Some("UTF-8" | "UNICODE"), _) => "utf-8",
        (_, Some("1252")) => "windows-1252",
        (_, Some("ISO-8859-1" | "8859-1")) => "iso-8859-1",
        _ => return None,
    };
    Encoding::named(label).ok()
}

/// A transaction of one statement.
struct Transaction<'e> {
    element: &'e Element,
    statement: &'e Element,
    account: AccountName<'static>,
    figure: Figure<'e>,
    place: Place,
}

/// Reads a file.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let root = tags::parse(text)?;
    refuse_investments(&root)?;
    let mut statements = Vec::new();
    root.all("STMTRS", &mut statements);
    root.all("CCSTMTRS", &mut statements);
    if statements.is_empty() {
        let fault = match status_of(&root) {
            Some(message) => Fault::Unsupported {
                what: format!("it holds no statement but a message of the bank (`{message}`) and"),
                hint: None,
            },
            None => Fault::Missing("a statement (STMTRS or CCSTMTRS)".to_owned()),
        };
        return Err(ImportError::on_line(root.place.line.unwrap_or(1), fault));
    }
    let mut transactions = Vec::new();
    let statements = accounts(&statements, options)?;
    for (statement, account) in &statements {
        let mut elements = Vec::new();
        statement.all("STMTTRN", &mut elements);
        for element in elements {
            let (figure, place) = figure_of(element)?;
            let account = account.clone();
            transactions.push(Transaction {
                element,
                statement,
                account,
                figure,
                place,
            });
        }
    }
    let mut ballot = DecimalMarkDetector::default();
    for (number, transaction) in transactions.iter().enumerate() {
        ballot.add(number, transaction.figure.digits);
    }
    let mark = ballot.mark(options.decimal).map_err(|(number, fault)| {
        let place = transactions
            .get(number)
            .map(|transaction| transaction.place.clone());
        ImportError::at(place.unwrap_or_default(), fault)
    })?;
    let mut numbers = Numbers::default();
    let mut imported = Imported::default();
    let mut postings = Vec::with_capacity(transactions.len());
    for transaction in &transactions {
        let signed = figures::signed(transaction.figure, mark)
            .map_err(|fault| ImportError::at(transaction.place.clone(), fault))?;
        if signed.is_zero() {
            imported.zeros = imported.zeros.saturating_add(1);
        } else {
            let posting = posting(transaction, signed, options, &mut numbers)?;
            postings.push(posting);
        }
    }
    imported.rows = bank::rows(postings, options)?;
    let closings = statements
        .iter()
        .map(|(statement, account)| closing(statement, account, mark, options));
    imported.closings = closings.flatten().collect();
    Ok(imported)
}

fn refuse_investments(root: &Element) -> Result<(), ImportError> {
    let mut found = Vec::new();
    root.all("INVSTMTRS", &mut found);
    match found.first() {
        None => Ok(()),
        Some(element) => Err(ImportError::at(
            element.place.clone(),
            Fault::Unsupported {
                what: "a statement of investments".to_owned(),
                hint: None,
            },
        )),
    }
}

/// What a bank says instead of a statement.
fn status_of(root: &Element) -> Option<String> {
    let mut found = Vec::new();
    root.all("STATUS", &mut found);
    let failed = found
        .iter()
        .find(|status| status.value(&["CODE"]).is_some_and(|code| code != "0"))?;
    let message = failed
        .value(&["MESSAGE"])
        .or_else(|| failed.value(&["CODE"]))?;
    Some(message.to_owned())
}

fn number_of(statement: &Element) -> Option<&str> {
    ["BANKACCTFROM", "CCACCTFROM"]
        .into_iter()
        .find_map(|from| statement.value(&[from, "ACCTID"]))
}

/// The account of ours that each statement is of: the one that was named for its number; where the
/// file is of one account only, the one that was named at all.
fn accounts<'e>(
    statements: &[&'e Element],
    options: &Options,
) -> Result<Vec<(&'e Element, AccountName<'static>)>, ImportError> {
    let mut numbers: Vec<&str> = Vec::new();
    for statement in statements {
        let number = number_of(statement).unwrap_or_default();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let mut found = Vec::with_capacity(statements.len());
    for statement in statements {
        let number = number_of(statement).unwrap_or_default();
        let named = options.map.iter().find(|pair| pair.left == number);
        let at = |fault: Fault| ImportError::at(statement.place.clone(), fault);
        let account = match named {
            Some(pair) => AccountName::typed(&pair.right).map_err(|error| at(error.into()))?,
            None if !options.map.is_empty() => {
                return Err(at(Fault::OtherAccount(number.to_owned())));
            }
            None if numbers.len() > 1 => {
                let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
                return Err(at(Fault::SeveralAccounts(numbers)));
            }
            None => options.account.clone(),
        };
        found.push((*statement, account));
    }
    Ok(found)
}

fn leaf<'e>(element: &'e Element, name: &str) -> Result<&'e Element, ImportError> {
    let found = element.one(name).filter(|leaf| !leaf.value.is_empty());
    found.ok_or_else(|| {
        ImportError::at(element.place.clone(), Fault::Missing(format!("`<{name}>`")))
    })
}

fn figure_of(element: &Element) -> Result<(Figure<'_>, Place), ImportError> {
    let leaf = leaf(element, "TRNAMT")?;
    match figures::take_apart(&leaf.value) {
        Some(figure) if figure.unit.is_empty() => Ok((figure, leaf.place.clone())),
        _ => Err(ImportError::at(
            leaf.place.clone(),
            Fault::NotAFigure {
                text: leaf.value.clone(),
                mark: None,
            },
        )),
    }
}

/// What the bank says is there at the end of a statement, where it can be read: it is held against
/// the ledger and recorded nowhere.
fn closing(
    statement: &Element,
    account: &AccountName<'static>,
    mark: Mark,
    options: &Options,
) -> Option<Closing> {
    let figure = figures::take_apart(statement.value(&["LEDGERBAL", "BALAMT"])?)?;
    let mut signed = figures::signed(figure, mark).ok()?;
    signed.negative ^= options.invert;
    let when = moment(statement.value(&["LEDGERBAL", "DTASOF"])?)?;
    let currency = statement.value(&["CURDEF"]).and_then(Currency::new);
    Some(Closing {
        account: account.clone(),
        balance: signed.balance()?,
        currency: currency.or(options.currency),
        when: When::parse(&when).ok()?,
    })
}

/// The bank's numbers: each stands for one transaction, or none of them is relied on.
#[derive(Default)]
struct Numbers {
    seen: HashSet<(String, String)>,
    occurrences: Occurrences,
}

impl Numbers {
    fn of<'e>(
        &mut self,
        transaction: &Transaction<'e>,
        options: &Options,
    ) -> Result<Option<&'e str>, ImportError> {
        if options.by_content {
            return Ok(None);
        }
        let id = leaf(transaction.element, "FITID")?;
        let number = number_of(transaction.statement).unwrap_or_default();
        if self.seen.insert((number.to_owned(), id.value.clone())) {
            return Ok(Some(&id.value));
        }
        let fault = Fault::NumberTwice(id.value.clone());
        Err(ImportError::at(id.place.clone(), fault))
    }
}

fn posting(
    transaction: &Transaction<'_>,
    signed: figures::Signed,
    options: &Options,
    numbers: &mut Numbers,
) -> Result<Posting, ImportError> {
    let Transaction {
        element, statement, ..
    } = *transaction;
    let posted = leaf(element, "DTPOSTED")?;
    let effective = moment(&posted.value).ok_or_else(|| {
        ImportError::at(
            posted.place.clone(),
            Fault::NotADate {
                text: posted.value.clone(),
                has_format: false,
            },
        )
    })?;
    let id = numbers.of(transaction, options)?;
    let bank = statement
        .value(&["BANKACCTFROM", "BANKID"])
        .unwrap_or_default();
    let number = number_of(statement).unwrap_or_default();
    let account = transaction.account.clone();
    let text = |path: &[&str]| {
        element
            .value(path)
            .map(on_one_line)
            .filter(|text| !text.is_empty())
    };
    let name = text(&["NAME"]).or_else(|| text(&["PAYEE", "NAME"]));
    let key = if let Some(id) = id {
        keys::numbered("ofx", &[account.as_str(), bank, number, id])
    } else {
        let (name, memo) = (name.clone().unwrap_or_default(), text(&["MEMO"]));
        let (amount, memo) = (signed.normal(), memo.unwrap_or_default());
        let parts = [
            account.as_str(),
            bank,
            number,
            &effective,
            &amount,
            &name,
            &memo,
        ];
        numbers.occurrences.key("ofx", &parts)
    };
    // Where there is no memo, the name is all that says what it was for.
    let (memo, counterparty) = match (text(&["MEMO"]), name) {
        (Some(memo), name) => (memo, name),
        (None, name) => (name.unwrap_or_default(), None),
    };
    let tags = [
        ("counterparty", counterparty),
        ("fitid", id.map(str::to_owned)),
        ("kind", text(&["TRNTYPE"]).map(|kind| kind.to_lowercase())),
        ("check", text(&["CHECKNUM"])),
        ("reference", text(&["REFNUM"])),
    ];
    let tags = tags
        .into_iter()
        .filter_map(|(tag, value)| Some((tag.to_owned(), value?)));
    Ok(Posting {
        line: element.place.line.unwrap_or(1),
        amount_at: transaction.place.clone(),
        effective,
        signed,
        currency: currency(transaction, options)?,
        account,
        other: None,
        memo,
        tags: tags.collect(),
        key,
    })
}

/// What the amount is in: the transaction's own currency, else the statement's.
fn currency(
    transaction: &Transaction<'_>,
    options: &Options,
) -> Result<Option<Currency>, ImportError> {
    let own = transaction.element.value(&["CURRENCY", "CURSYM"]);
    let Some(code) = own.or_else(|| transaction.statement.value(&["CURDEF"])) else {
        return Ok(options.currency);
    };
    let currency = Currency::new(&code.to_ascii_uppercase());
    let fault = || Fault::Currency(code.to_owned());
    currency
        .map(Some)
        .ok_or_else(|| ImportError::at(transaction.place.clone(), fault()))
}

/// `20260105`, `20260105120000`, `20260105120000.000[-5:EST]`. A time without a zone is in UTC, as the
/// standard has it; midnight is how banks write that they mean the day.
fn moment(text: &str) -> Option<String> {
    let (stamp, zone) = match text.trim().split_once('[') {
        Some((stamp, zone)) => (stamp.trim(), Some(zone.strip_suffix(']')?)),
        None => (text.trim(), None),
    };
    let (digits, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(digits) || !all_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let clock = match digits.len() {
        8 => return Some(date),
        12 => format!("{}:{}:00", part(8, 10)?, part(10, 12)?),
        14 => format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?),
        _ => return None,
    };
    if clock == "00:00:00" {
        return Some(date);
    }
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    Some(format!("{date}T{clock}{fraction}{}", offset(zone)?))
}

/// `-5:EST`, `+5.5:IST`, `0:GMT`, `-3:30` as an offset of hours and minutes.
fn offset(zone: Option<&str>) -> Option<String> {
    let Some(zone) = zone else {
        return Some("Z".to_owned());
    };
    let hours = zone.split(':').next()?.trim();
    let (sign, hours) = match hours.strip_prefix('-') {
        Some(hours) => ('-', hours),
        None => ('+', hours.strip_prefix('+').unwrap_or(hours)),
    };
    let (hours, fraction) = hours.split_once('.').unwrap_or((hours, ""));
    let hours: u8 = hours.parse().ok().filter(|hours| *hours <= 14)?;
    let minutes = match fraction {
        "" | "0" | "00" => 0,
        "5" | "50" | "30" => 30,
        "75" | "45" => 45,
        "25" | "15" => 15,
        _ => return None,
    };
    Some(format!("{sign}{hours:02}:{minutes:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_or_exact() {
        for (text, expected) in [
            ("20260105", Some("2026-01-05")),
            ("20260105000000", Some("2026-01-05")),
            ("20260105000000[-5:EST]", Some("2026-01-05")),
            ("20260105120000", Some("2026-01-05T12:00:00Z")),
            (
                "20260105120000.500[-5:EST]",
                Some("2026-01-05T12:00:00.5-05:00"),
            ),
            ("202601051205[+5.5:IST]", Some("2026-01-05T12:05:00+05:30")),
            ("2026-01-05", None),
            ("202601", None),
            ("20260105120000[EST]", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_header_says_what_the_text_is_in() {
        let declared = |header: &str| declared_encoding(header.as_bytes());
        let named = |label: &str| Some(Encoding::named(label).unwrap());
        assert_eq!(
            declared("ENCODING:USASCII\nCHARSET:1252\n"),
            named("windows-1252")
        );
        assert_eq!(declared("ENCODING:UTF-8\nCHARSET:NONE\n"), named("utf-8"));
        assert_eq!(
            declared("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"),
            named("latin1")
        );
        assert_eq!(declared("<OFX>"), None);
    }
}
