//! What is wrong with a file that is imported, and the flag that answers what the file leaves open.

use event_ledger::formats::import::{Fault, ImportError, OptionError, Question};

use super::{Failure, quoted};

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        let place = error.place.to_string();
        let message = error.fault.to_string();
        let failure = match *error.fault {
            Fault::Unread(_) => Failure::io(message),
            _ => Failure::new("invalid_input", message),
        };
        let failure = failure.with_hint_if_any(hint(*error.fault));
        if place.is_empty() {
            failure
        } else {
            failure.at(&place)
        }
    }
}

impl From<OptionError> for Failure {
    fn from(error: OptionError) -> Failure {
        let hint = match &error {
            OptionError::Pair(_) => "--map date=Buchungstag,amount=Betrag",
            OptionError::Value(_) => {
                "--value 'account:Main Account=assets:giro', --value 'currency:R$=BRL'"
            }
            OptionError::Encoding(_) => "--encoding windows-1252, iso-8859-15, utf-16le or utf-8",
            OptionError::DateFormat { .. } => {
                "--date-format %d.%m.%Y: %d day, %m month, %Y year, %y its last two digits, %b a name, %I %p an hour of twelve"
            }
            OptionError::Delimiter(_) => "--delimiter ';'",
        };
        Failure::usage(error.to_string()).with_hint(hint)
    }
}

fn hint(fault: Fault) -> Option<String> {
    Some(match fault {
        Fault::NotText { encoding, byte } => match (encoding.as_str(), byte) {
            (_, 0) => "--encoding utf-16le, if it comes from Windows",
            ("UTF-8", _) => "--encoding windows-1252 reads what most Western European banks write",
            _ => "name another with --encoding",
        }
        .to_owned(),
        Fault::EncodingOpen { declared } => {
            format!("--encoding utf-8, or --encoding {declared}")
        }
        Fault::MarkContradicts { mark, .. } => {
            format!("--encoding {}, or none", mark.to_lowercase())
        }
        Fault::NoHeader {
            skip: Some(lines), ..
        } => format!("line {} reads like one: --skip-lines {lines}", lines.saturating_add(1)),
        Fault::NoHeader { .. } => {
            "--skip-lines N skips the lines before it, --map date=COLUMN,amount=COLUMN names its columns"
                .to_owned()
        }
        Fault::Delimiter { one, .. } => format!("--delimiter {}", delimiter(one)),
        Fault::NoSuchColumn { .. } => {
            "a column is named as in the header, or by its number: amount=#3".to_owned()
        }
        Fault::TwoColumns { role, one, other } => format!(
            "--map {} or --map {}",
            quoted(&format!("{role}={one}")),
            quoted(&format!("{role}={other}"))
        ),
        Fault::NoColumn { role, .. } => {
            format!("--map {role}=COLUMN; a row before the header is skipped with --skip-lines N")
        }
        Fault::NoSuchRole { .. } => "--map date=Buchungstag,amount=Betrag,tag:order=Bestellung".to_owned(),
        Fault::Fields { .. } => {
            "another --delimiter splits it otherwise; --skip-footer auto skips what follows the rows"
                .to_owned()
        }
        Fault::QuoteOpen | Fault::QuoteAstray(_) => {
            "a quote that belongs to the text is written twice: \"\"".to_owned()
        }
        Fault::States {
            column,
            values,
            pending,
        } => states(&column, &values, pending),
        Fault::Decimal { .. } => "--decimal comma, or --decimal point".to_owned(),
        Fault::DecimalMixed { .. } => "--decimal comma or point says which of them is right".to_owned(),
        Fault::NotANumber { mark: Some(_), .. } => {
            "--decimal names the character before fractions".to_owned()
        }
        Fault::NotANumber { mark: None, .. } => {
            "--map amount=COLUMN, or --map debit=COLUMN,credit=COLUMN, names the columns; --skip COLUMN=VALUE leaves rows out"
                .to_owned()
        }
        Fault::NoAmount => "--skip COLUMN=VALUE leaves rows out, --skip-footer auto those after the last row".to_owned(),
        Fault::Sides(_) => {
            "--map debit=COLUMN,credit=COLUMN names the columns; --skip COLUMN=VALUE leaves rows out"
                .to_owned()
        }
        Fault::Direction { word, column } => {
            let word = quoted(&word);
            let other = quoted(&format!("ignore={column}"));
            format!("--in {word} or --out {word}; --map {other} if the column is no direction")
        }
        Fault::TwoReadings { question, .. } => answers(&question),
        Fault::BalanceBreaks { .. } => {
            "a row is missing, or another column is the money: --map amount=COLUMN; --no-balance-check if the file's balances are wrong"
                .to_owned()
        }
        Fault::BalanceRow { text, column } => {
            let pair = quoted(&format!("{column}={text}"));
            format!("--skip {pair} leaves such rows out, --movement {pair} records them")
        }
        Fault::DateOrder { formats, .. } => {
            let formats: Vec<String> =
                formats.iter().map(|format| format!("--date-format {format}")).collect();
            formats.join(", or ")
        }
        Fault::Century(_) => {
            "--date-format %d.%m.%y: %y is 2000 to 2068 and 1969 to 1999".to_owned()
        }
        Fault::NoSuchDay { .. } => {
            "correct the date, or leave the row out: --skip COLUMN=VALUE".to_owned()
        }
        Fault::NotATime(_) => "write an offset in place of a zone's letters: +01:00".to_owned(),
        Fault::NotADate { has_format, .. } => if has_format {
            "%d day, %m month, %Y year, %y its last two digits, %H:%M:%S or %I:%M %p a time"
        } else {
            "--date-format says how dates are written: %d.%m.%y, %Y%m%d; --skip COLUMN=VALUE leaves rows out"
        }
        .to_owned(),
        Fault::Currency(text) => {
            format!("--value {}", quoted(&format!("currency:{text}=EUR")))
        }
        Fault::CurrencyContradicts { file, .. } => format!("--currency {file}"),
        Fault::OtherFormat { from: Some(from), .. } => format!("--from {}", from.word()),
        Fault::OtherFormat { from: None, .. } => {
            "ask the bank for CSV, OFX, camt.053 or MT940".to_owned()
        }
        Fault::SeveralAccounts(numbers) => {
            mapping(numbers.iter().map(|number| format!("{number}=ACCOUNT")))
        }
        Fault::AccountColumn { column, values } => {
            let value = values.first().map(String::as_str).unwrap_or_default();
            format!(
                "--map {} books each to its own, --only {} takes one of them",
                quoted(&format!("account={column}")),
                quoted(&format!("{column}={value}"))
            )
        }
        Fault::AccountValue(value) => {
            format!("--value {}", quoted(&format!("account:{value}={}", likely(&value))))
        }
        Fault::Names(names) => {
            mapping(names.iter().map(|name| format!("{name}={}", likely(name))))
        }
        Fault::OneBlank(_) => "put two blanks before the amount".to_owned(),
        Fault::OtherAccount(number) => {
            mapping(std::iter::once(format!("{number}=ACCOUNT")))
        }
        Fault::NumberTwice(_) => {
            "--by-content identifies transactions by their content".to_owned()
        }
        Fault::RowForHeader {
            columns: Some((date, amount)),
            ..
        } => format!("--no-header --map date=#{date},amount=#{amount}"),
        Fault::RowForHeader { .. } => {
            "--no-header, and --map date=#1,amount=#2 with the numbers of the columns".to_owned()
        }
        Fault::NotInIt(_) => "names are mapped as they are in the file".to_owned(),
        Fault::Unsupported { hint, .. } => return hint,
        Fault::InexactPrice(currency) => {
            format!("the price of the whole instead: `@@ AMOUNT {currency}`")
        }
        Fault::Assertion { .. } => "`hledger check` says the same of the journal".to_owned(),
        Fault::Unbalanced { .. } => "`hledger check` says what is missing".to_owned(),
        Fault::Amount(error) => return Failure::from(error).advice,
        Fault::Name(error) => return Failure::from(error).advice,
        Fault::When(error) => return Failure::from(error).advice,
        Fault::Zone(error) => return Failure::from(error).advice,
        Fault::Key(error) => return Failure::from(error).advice,
        Fault::Tags(error) => return Failure::from(error).advice,
        Fault::Missing(_) => return None,
        Fault::TooFine(_) | Fault::TooLarge(_) => {
            "amounts have at most 18 digits before and nine after the decimal mark".to_owned()
        }
        Fault::Empty
        | Fault::Unread(_)
        | Fault::TooLong(_)
        | Fault::NotAnOfxAmount(_)
        | Fault::Expected { .. }
        | Fault::Json(_) => return None,
    })
}

/// How rows of several states are chosen.
fn states(column: &str, values: &[String], pending: Option<String>) -> String {
    if let Some(pending) = pending {
        let pair = quoted(&format!("{column}={pending}"));
        format!("--skip {pair} leaves these out")
    } else {
        let value = values.first().map(String::as_str).unwrap_or_default();
        let pair = quoted(&format!("{column}={value}"));
        format!("--only {pair} imports these alone; each further --only adds others")
    }
}

/// The flags that answer a question.
fn answers(question: &Question) -> String {
    let map = |pair: String| format!("--map {}", quoted(&pair));
    match question {
        Question::Columns { one, other } => {
            format!("{} or {}", map(one.clone()), map(other.clone()))
        }
        Question::Fee { column } => format!(
            "{} books the fee too, {} does not",
            map(format!("fee={column}")),
            map(format!("ignore={column}"))
        ),
        Question::Direction => {
            "--direction sign (the sign alone), word (the word or column alone) or both (a minus turns it round)"
                .to_owned()
        }
    }
}

/// The flag that maps these pairs.
fn mapping(pairs: impl Iterator<Item = String>) -> String {
    let pairs: Vec<String> = pairs.collect();
    format!("--map {}", quoted(&pairs.join(",")))
}

fn delimiter(delimiter: char) -> String {
    match delimiter {
        '\t' => "tab".to_owned(),
        other => quoted(&other.to_string()),
    }
}

/// A valid account name similar to an invalid one.
fn likely(name: &str) -> String {
    let mut likely = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            c if c.is_alphanumeric() || ":._@/".contains(c) => likely.push(c),
            _ if likely.ends_with(['-', ':']) || likely.is_empty() => {}
            _ => likely.push('-'),
        }
    }
    likely.trim_end_matches(['-', ':']).to_owned()
}
