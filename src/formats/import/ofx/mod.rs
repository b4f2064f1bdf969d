//! OFX: statements of bank accounts and credit cards.
//!
//! The bank numbers its transactions; they are known again by these numbers.

mod tags;

use hashbrown::HashSet;
use jiff::civil::Time;
use jiff::tz::Offset;

use super::days::{self, ClockTime, FileDate};
use super::element::Element;
use super::figures::{self, DecimalMark, DecimalMarkDetector, Number, WrittenNumber};
use super::keys::{self, Occurrences, RowIdentity};
use super::options::{Encoding, Options, SignRule};
use super::statement::{self, StatementMovement};
use super::text::on_one_line;
use super::words::Direction;
use super::{BankBalance, Fault, FilePlace, ImportError, Imported, Question, currencies};
use crate::event::AccountName;
use crate::money::Currency;

/// The encoding that a file names: OFX 1 in its header, OFX 2 in its XML declaration.
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
struct OfxTransaction<'e> {
    element: &'e Element,
    statement: &'e Element,
    account: &'e AccountName<'static>,
    /// The code of its currency: its own, otherwise the statement's.
    currency: Option<&'e str>,
    written: WrittenNumber<'e>,
    /// The place of the amount.
    place: &'e FilePlace,
}

/// Reads a file.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let root = tags::parse(text)?;
    refuse_investments(&root)?;
    let mut statements = root.all("STMTRS");
    statements.extend(root.all("CCSTMTRS"));
    if statements.is_empty() {
        let fault = match status_of(&root) {
            Some(message) => Fault::unsupported(format!(
                "it holds no statement but a message of the bank (`{message}`) and"
            )),
            None if root.inner.is_empty() => Fault::Empty,
            None => Fault::missing("a statement (STMTRS or CCSTMTRS)"),
        };
        return Err(fault.on_line(root.line()));
    }
    let statements = accounts(&statements, options)?;
    let mut transactions = Vec::new();
    for (statement, account) in &statements {
        for element in statement.all("STMTTRN") {
            transactions.push(OfxTransaction::of(element, statement, account)?);
        }
    }
    let mut detector = DecimalMarkDetector::default();
    for (number, transaction) in transactions.iter().enumerate() {
        let place = (number, transaction.place.clone());
        detector.add(&place, transaction.written.digits);
    }
    let mark = detector.mark(options.decimal);
    let mark = mark.map_err(|((_, place), fault)| fault.at(place))?;
    let mut numbers = Numbers::default();
    let mut imported = Imported::default();
    let mut movements = Vec::with_capacity(transactions.len());
    for transaction in &transactions {
        imported.read = imported.read.saturating_add(1);
        let number = figures::signed(transaction.written, mark)
            .and_then(|number| directed(transaction.element, number, options))
            .map_err(|fault| fault.at(transaction.place.clone()))?;
        if number.is_zero() {
            imported.zeros = imported.zeros.saturating_add(1);
        } else {
            movements.push(movement(transaction, number, options, &mut numbers)?);
        }
    }
    imported.rows = statement::rows(movements, None, options)?;
    let closings = statements
        .iter()
        .map(|(statement, account)| closing(statement, account, mark, options));
    imported.closings = closings.flatten().collect();
    Ok(imported)
}

fn refuse_investments(root: &Element) -> Result<(), ImportError> {
    match root.all("INVSTMTRS").first() {
        None => Ok(()),
        Some(element) => {
            Err(Fault::unsupported("a statement of investments").at(element.place.clone()))
        }
    }
}

/// The message of a bank in place of a statement.
fn status_of(root: &Element) -> Option<String> {
    let statuses = root.all("STATUS");
    let is_failed = |status: &&&Element| status.value("CODE").is_some_and(|code| code != "0");
    let failed = statuses.iter().find(is_failed)?;
    Some(failed.first_of(&["MESSAGE", "CODE"])?.to_owned())
}

fn number_of(statement: &Element) -> &str {
    let number = statement.first_of(&["BANKACCTFROM/ACCTID", "CCACCTFROM/ACCTID"]);
    number.unwrap_or_default()
}

/// The account of each statement.
fn accounts<'e>(
    statements: &[&'e Element],
    options: &Options,
) -> Result<Vec<(&'e Element, AccountName<'static>)>, ImportError> {
    let numbers: Vec<&str> = statements.iter().map(|own| number_of(own)).collect();
    let account = |own: &&'e Element| {
        let account = statement::account_of(number_of(own), &numbers, options);
        let account = account.map_err(|fault| fault.at(own.place.clone()))?;
        Ok((*own, account))
    };
    statements.iter().map(account).collect()
}

fn leaf<'e>(element: &'e Element, name: &str) -> Result<&'e Element, ImportError> {
    let found = element.at(name).filter(|leaf| !leaf.text.is_empty());
    found.ok_or_else(|| Fault::missing(format!("`<{name}>`")).at(element.place.clone()))
}

impl<'e> OfxTransaction<'e> {
    fn of(
        element: &'e Element,
        statement: &'e Element,
        account: &'e AccountName<'static>,
    ) -> Result<OfxTransaction<'e>, ImportError> {
        let leaf = leaf(element, "TRNAMT")?;
        let own = element.value("CURRENCY/CURSYM");
        let currency = own.or_else(|| statement.value("CURDEF"));
        // Some banks write `$1.00`: fine if the sign can be that of the currency.
        let is_fine = |written: &WrittenNumber<'_>| {
            let mut candidates = currencies::candidates(written.unit).into_iter();
            let is_same = candidates.any(|own| Some(own.to_string().as_str()) == currency);
            written.direction.is_none() && (written.unit.is_empty() || is_same)
        };
        let written = figures::take_apart(&leaf.text).filter(is_fine);
        let fault = || Fault::NotAnOfxAmount(leaf.text.clone()).at(leaf.place.clone());
        Ok(OfxTransaction {
            element,
            statement,
            account,
            currency,
            written: written.ok_or_else(fault)?,
            place: &leaf.place,
        })
    }
}

/// The direction that a transaction's type names for certain.
fn direction_of(element: &Element) -> Option<Direction> {
    match element.value("TRNTYPE")?.to_ascii_uppercase().as_str() {
        "CREDIT" | "DEP" | "DIRECTDEP" => Some(Direction::In),
        "DEBIT" | "CHECK" | "DIRECTDEBIT" | "REPEATPMT" => Some(Direction::Out),
        _ => None,
    }
}

/// A number whose sign agrees with the transaction's type, or as the user decides.
fn directed(element: &Element, number: Number, options: &Options) -> Result<Number, Fault> {
    let Some(word) = direction_of(element).filter(|_| !number.is_zero()) else {
        return Ok(number);
    };
    let agrees = (word == Direction::Out) == number.value.is_negative();
    let turned = number.turned(true);
    match options.direction {
        _ if agrees => Ok(number),
        Some(SignRule::Sign) => Ok(number),
        // A credit below zero takes money back.
        Some(SignRule::Both) if word == Direction::In => Ok(number),
        Some(SignRule::Word | SignRule::Both) => Ok(turned),
        None => Err(Fault::TwoReadings {
            text: format!(
                "{} {}",
                element.value("TRNTYPE").unwrap_or_default(),
                number.value.to_text(number.scale)
            ),
            one: number.value.to_text(number.scale),
            other: turned.value.to_text(number.scale),
            question: Box::new(Question::Direction),
        }),
    }
}

/// The balance at the end of a statement, if it can be read: it is compared and not recorded.
fn closing(
    statement: &Element,
    account: &AccountName<'static>,
    mark: DecimalMark,
    options: &Options,
) -> Option<BankBalance> {
    let written = figures::take_apart(statement.value("LEDGERBAL/BALAMT")?)?;
    let number = figures::signed(written, mark).ok()?;
    let date = moment(statement.value("LEDGERBAL/DTASOF")?)?;
    let currency = statement.value("CURDEF").and_then(Currency::new);
    let currency = currency.or(options.currency);
    statement::bank_balance(account, number, currency, date, options).ok()
}

/// The bank's numbers: each must be of one transaction.
#[derive(Default)]
struct Numbers {
    seen: HashSet<(String, String)>,
    occurrences: Occurrences,
}

impl Numbers {
    fn of<'e>(
        &mut self,
        transaction: &OfxTransaction<'e>,
        options: &Options,
    ) -> Result<Option<&'e str>, ImportError> {
        if options.by_content {
            return Ok(None);
        }
        let id = leaf(transaction.element, "FITID")?;
        let number = number_of(transaction.statement);
        if self.seen.insert((number.to_owned(), id.text.clone())) {
            return Ok(Some(&id.text));
        }
        let fault = Fault::NumberTwice(id.text.clone());
        Err(fault.at(id.place.clone()))
    }
}

fn movement(
    transaction: &OfxTransaction<'_>,
    number: Number,
    options: &Options,
    numbers: &mut Numbers,
) -> Result<StatementMovement, ImportError> {
    let OfxTransaction {
        element, statement, ..
    } = *transaction;
    let posted = leaf(element, "DTPOSTED")?;
    let date = moment(&posted.text)
        .ok_or_else(|| Fault::not_a_date(&posted.text).at(posted.place.clone()))?;
    let id = numbers.of(transaction, options)?;
    let bank = statement.value("BANKACCTFROM/BANKID").unwrap_or_default();
    let own_number = number_of(statement);
    let account = transaction.account;
    let text = |path: &str| {
        let text = element.value(path).map(on_one_line);
        text.filter(|text| !text.is_empty())
    };
    let name = text("NAME").or_else(|| text("PAYEE/NAME"));
    let (key, identity) = if let Some(id) = id {
        let parts = [account.as_str(), bank, own_number, id];
        (keys::numbered("ofx", &parts), RowIdentity::Number)
    } else {
        let comparable = |text: &Option<String>| keys::comparable(text.as_deref().unwrap_or(""));
        let (name, memo) = (comparable(&name), comparable(&text("MEMO")));
        let (amount, day) = (number.normal(), date.date.to_string());
        let parts = [
            account.as_str(),
            bank,
            own_number,
            &day,
            &amount,
            &name,
            &memo,
        ];
        (numbers.occurrences.key("ofx", &parts), RowIdentity::Content)
    };
    let currency = match transaction.currency {
        Some(code) => {
            let fault = || Fault::Currency(code.to_owned()).at(transaction.place.clone());
            Some(Currency::new(&code.to_ascii_uppercase()).ok_or_else(fault)?)
        }
        None => options.currency,
    };
    // Without a memo, the name is the only text.
    let (memo, counterparty) = match (text("MEMO"), name) {
        (Some(memo), name) => (memo, name),
        (None, name) => (name.unwrap_or_default(), None),
    };
    let tags = [
        ("counterparty", counterparty),
        ("fitid", id.map(str::to_owned)),
        ("kind", text("TRNTYPE").map(|kind| kind.to_lowercase())),
        ("check", text("CHECKNUM")),
        ("reference", text("REFNUM")),
    ];
    Ok(StatementMovement {
        line: element.line(),
        amount_at: transaction.place.clone(),
        date,
        number,
        currency,
        account: account.clone(),
        from: None,
        to: None,
        memo,
        tags: statement::given(tags),
        key,
        identity,
    })
}

/// `20260105`, `20260105120000`, `20260105120000.000[-5:EST]`. A time without a zone is in UTC, as
/// the standard says; midnight is how banks write that they mean the day.
fn moment(text: &str) -> Option<FileDate> {
    let (stamp, zone) = match text.trim().split_once('[') {
        Some((stamp, zone)) => (stamp.trim(), Some(zone.strip_suffix(']')?)),
        None => (text.trim(), None),
    };
    let (digits, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(digits) || !all_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<u16>().ok();
    let small = |from: usize, to: usize| i8::try_from(part(from, to)?).ok();
    let date = days::civil([part(0, 4)?, part(4, 6)?, part(6, 8)?])?;
    let second = match digits.len() {
        8 => return Some(FileDate::new(date, None)),
        12 => 0,
        14 => small(12, 14)?,
        _ => return None,
    };
    let nanosecond = format!("{fraction:0<9}").parse().ok()?;
    let time = Time::new(small(8, 10)?, small(10, 12)?, second, 0).ok()?;
    if time == Time::midnight() {
        return Some(FileDate::new(date, None));
    }
    let time = time.with().subsec_nanosecond(nanosecond).build().ok()?;
    Some(FileDate::new(
        date,
        Some(ClockTime::new(time, Some(offset(zone)?))),
    ))
}

/// `-5:EST`, `+5.5:IST`, `0:GMT`, `-3:30` as an offset.
fn offset(zone: Option<&str>) -> Option<Offset> {
    let Some(zone) = zone else {
        return Some(Offset::UTC);
    };
    let hours = zone.split(':').next()?.trim();
    let (sign, hours) = match hours.strip_prefix('-') {
        Some(hours) => (-1, hours),
        None => (1, hours.strip_prefix('+').unwrap_or(hours)),
    };
    let (hours, fraction) = hours.split_once('.').unwrap_or((hours, ""));
    let minutes = match fraction {
        "" | "0" | "00" => 0,
        "5" | "50" | "30" => 30,
        "75" | "45" => 45,
        "25" | "15" => 15,
        _ => return None,
    };
    days::offset_of(sign, hours.parse().ok()?, minutes)
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
            ("20260105120000", Some("2026-01-05T12:00:00.000000Z")),
            (
                "20260105120000.500[-5:EST]",
                Some("2026-01-05T17:00:00.500000Z"),
            ),
            (
                "202601051205[+5.5:IST]",
                Some("2026-01-05T06:35:00.000000Z"),
            ),
            ("2026-01-05", None),
            ("202601", None),
            ("20260105120000[EST]", None),
        ] {
            let found = moment(text).map(|date| date.when().unwrap().text().to_owned());
            assert_eq!(found.as_deref(), expected, "{text}");
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
