//! What is wrong with a file that is imported, with what to do about it: most often the flag that
//! answers the question which the file leaves open.

use event_ledger::formats::import::{Fault, ImportError, OptionError};

use super::{Failure, quoted};

impl Failure {
    /// A file that cannot be imported as it is.
    pub(crate) fn invalid_input(message: impl Into<String>) -> Failure {
        Failure::new("invalid_input", 2, message)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        let place = error.place.to_string();
        let failure = Failure::invalid_input(error.fault.to_string());
        let failure = failure.with_hint(hint(*error.fault));
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
            OptionError::Encoding(_) => "--encoding windows-1252, iso-8859-15, utf-16le or utf-8",
            OptionError::DateFormat { .. } => {
                "--date-format %d.%m.%Y: %d day, %m month, %Y year, %y its last two digits, %b a name"
            }
            OptionError::Delimiter(_) => "--delimiter ';'",
        };
        Failure::usage(error.to_string()).with_hint(Some(hint.to_owned()))
    }
}

fn hint(fault: Fault) -> Option<String> {
    Some(match fault {
        Fault::NotText { encoding, byte } => match (encoding.as_str(), byte) {
            (_, 0) => "--encoding utf-16le, where it comes from Windows",
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
            "--skip-lines N skips what stands before it, --map date=COLUMN,amount=COLUMN names its columns"
                .to_owned()
        }
        Fault::Delimiter { one, .. } => format!("--delimiter {}", delimiter(one)),
        Fault::NoSuchColumn { .. } => {
            "a column is named as the header has it, or by its number: --map amount=#3".to_owned()
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
            "another --delimiter parts it otherwise; a line below the rows is left out by: head -n -1 FILE | ledger import …"
                .to_owned()
        }
        Fault::QuoteOpen | Fault::QuoteAstray(_) => {
            "a quote that belongs to the text is written twice: \"\"".to_owned()
        }
        Fault::States { column, values } => {
            let value = values.first().map(String::as_str).unwrap_or_default();
            let pair = quoted(&format!("{column}={value}"));
            format!("--only {pair} imports these alone; each further --only adds others")
        }
        Fault::Decimal { .. } => "--decimal comma, or --decimal point".to_owned(),
        Fault::DecimalMixed { .. } => "--decimal comma or point says which of them is right".to_owned(),
        Fault::NotAFigure { mark: Some(_), .. } => {
            "--decimal says what parts units from fractions".to_owned()
        }
        Fault::NotAFigure { mark: None, .. } | Fault::Sides(_) => {
            "--map amount=COLUMN, or --map debit=COLUMN,credit=COLUMN, names where figures stand"
                .to_owned()
        }
        Fault::Direction(_) => "--map direction=COLUMN names where it stands".to_owned(),
        Fault::DateOrder { separator, .. } => format!(
            "--date-format %d{separator}%m{separator}%Y, or --date-format %m{separator}%d{separator}%Y"
        ),
        Fault::NotADate { has_format, .. } => if has_format {
            "--date-format %d.%m.%Y: %d day, %m month, %Y year, %y its last two digits, %H:%M:%S a time"
        } else {
            "--date-format says how dates are written: %d.%m.%y, %Y%m%d"
        }
        .to_owned(),
        Fault::Currency(text) => format!(
            "--currency says what it is where the file does not; of a journal {}",
            quoted(&format!("--map {text}=EUR")).trim_matches('\'')
        ),
        Fault::CurrencyContradicts { file, .. } => format!("--currency {file}"),
        Fault::SeveralAccounts(numbers) => {
            mapping(numbers.iter().map(|number| format!("{number}=ACCOUNT")))
        }
        Fault::Names(names) => {
            mapping(names.iter().map(|name| format!("{name}={}", likely(name))))
        }
        Fault::OtherAccount(number) => {
            mapping(std::iter::once(format!("{number}=ACCOUNT")))
        }
        Fault::NumberTwice(_) => {
            "--by-content knows transactions by what they say and not by their numbers".to_owned()
        }
        Fault::RowForHeader { .. } => {
            "--no-header, and --map date=#1,amount=#2 with the numbers of the columns".to_owned()
        }
        Fault::NotInIt(_) => "names are mapped as they stand in the file".to_owned(),
        Fault::Unsupported { hint, .. } => return hint,
        Fault::ManyToMany(..) => {
            "split it into transactions with one posting on one side".to_owned()
        }
        Fault::Assertion { .. } => "`hledger check` says the same of the journal".to_owned(),
        Fault::Unbalanced { .. } => "`hledger check` says what is missing".to_owned(),
        Fault::Amount(error) => return Failure::from(error).hint,
        Fault::Name(error) => return Failure::from(error).hint,
        Fault::When(error) => return Failure::from(error).hint,
        Fault::Zone(error) => return Failure::from(error).hint,
        Fault::Key(error) => return Failure::from(error).hint,
        Fault::Tags(error) => return Failure::from(error).hint,
        Fault::Empty | Fault::Missing(_) | Fault::Expected { .. } | Fault::Json(_) => return None,
    })
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

/// An account name close to a name that is none.
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
