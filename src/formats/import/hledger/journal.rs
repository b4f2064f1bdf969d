//! The lines of a journal: directives, transactions, postings, comments.
//!
//! Anything outside the subset that is understood is refused with its line: a line that is skipped
//! may be money.

use jiff::civil::Date;

use super::super::days;
use super::super::figures::{self, DecimalMark};
use super::super::options::Options;
use super::super::{Fault, FilePlace, ImportError};

/// A transaction as written.
#[derive(Debug, Default)]
pub(super) struct JournalTransaction<'t> {
    pub(super) line: u64,
    /// None for an event that moves no money.
    pub(super) date: Option<Date>,
    pub(super) code: &'t str,
    pub(super) description: &'t str,
    pub(super) comment: Comment<'t>,
    pub(super) postings: Vec<JournalPosting<'t>>,
}

/// A posting as written.
#[derive(Debug)]
pub(super) struct JournalPosting<'t> {
    pub(super) line: u64,
    pub(super) account: &'t str,
    pub(super) amount: Option<WrittenAmount<'t>>,
    pub(super) price: Option<WrittenPrice<'t>>,
    pub(super) assertion: Option<WrittenAmount<'t>>,
}

impl<'t> JournalPosting<'t> {
    /// All that is written in figures.
    pub(super) fn amounts(&self) -> impl Iterator<Item = &WrittenAmount<'t>> {
        let price = self.price.as_ref().map(|price| &price.amount);
        self.amount.iter().chain(price).chain(&self.assertion)
    }
}

/// What a posting is worth in another commodity.
#[derive(Clone, Debug)]
pub(super) struct WrittenPrice<'t> {
    pub(super) amount: WrittenAmount<'t>,
    /// `@@`, the price of the whole; otherwise `@`, that of one unit.
    pub(super) is_total: bool,
}

/// An amount as written, with its position.
#[derive(Clone, Debug)]
pub(super) struct WrittenAmount<'t> {
    pub(super) text: &'t str,
    pub(super) place: FilePlace,
}

/// The text of comments, and the tags in it.
#[derive(Debug, Default)]
pub(super) struct Comment<'t> {
    pub(super) text: Vec<&'t str>,
    pub(super) tags: Vec<(&'t str, &'t str)>,
}

/// A journal as written.
#[derive(Debug, Default)]
pub(super) struct ParsedJournal<'t> {
    pub(super) transactions: Vec<JournalTransaction<'t>>,
    /// The mark of `decimal-mark`, and the amounts of `commodity` directives.
    pub(super) mark: Option<DecimalMark>,
    pub(super) formats: Vec<WrittenAmount<'t>>,
    /// Lines of a comment that may be an event which moves no money, as `export` writes it.
    remark: Option<JournalTransaction<'t>>,
}

const OUTSIDE: &str = "an indented line outside a transaction";
/// Directives that say nothing about balances.
const SAYS_NOTHING: [&str; 3] = ["account", "payee", "tag"];

/// Reads a journal's lines.
pub(super) fn parse<'t>(
    text: &'t str,
    options: &Options,
) -> Result<ParsedJournal<'t>, ImportError> {
    let mut journal = ParsedJournal {
        mark: options.decimal,
        ..ParsedJournal::default()
    };
    let mut section = Section::None;
    for (number, raw) in (1_u64..).zip(text.lines()) {
        let line = JournalLine {
            number,
            raw,
            text: raw.trim_end(),
        };
        if line.text.starts_with(';') && section != Section::Comment {
            journal.remark(&line);
            section = Section::None;
            continue;
        }
        journal.end_remark();
        if section == Section::Comment {
            if line.text == "end comment" {
                section = Section::None;
            }
            continue;
        }
        let is_indented = line.text.starts_with([' ', '\t']);
        let content = line.text.trim_start();
        if content.is_empty() {
            section = Section::None;
            continue;
        }
        if !is_indented {
            section = journal.top(&line)?;
            continue;
        }
        match section {
            Section::Transaction => journal.posting(&line)?,
            Section::Directive => journal.below_directive(&line),
            _ if content.starts_with(';') => {}
            _ => return Err(line.refuse(content, OUTSIDE)),
        }
    }
    journal.end_remark();
    Ok(journal)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Comment,
    Directive,
    Transaction,
}

struct JournalLine<'t> {
    number: u64,
    raw: &'t str,
    text: &'t str,
}

impl<'t> JournalLine<'t> {
    /// A price, of which this follows the first `@` after an amount.
    fn price(&self, amount: &str, text: &'t str) -> Result<WrittenPrice<'t>, ImportError> {
        let (text, is_total) = match text.strip_prefix('@') {
            Some(total) => (total, true),
            None => (text, false),
        };
        let text = text.trim();
        if amount.is_empty() || amount.ends_with('(') || text.contains('@') {
            return Err(self.refuse(text, "a price of this form"));
        }
        if text.is_empty() {
            return Err(self.wrong(text, "an amount after `@`"));
        }
        let place = self.place(text);
        Ok(WrittenPrice {
            amount: WrittenAmount { text, place },
            is_total,
        })
    }

    /// The place of a part of this line.
    fn place(&self, part: &str) -> FilePlace {
        let offset = part.as_ptr().addr().checked_sub(self.raw.as_ptr().addr());
        let before = offset.and_then(|offset| self.raw.get(..offset));
        match before {
            Some(before) => {
                let column = before.chars().count().saturating_add(1);
                FilePlace::in_column(self.number, column)
            }
            None => FilePlace::on_line(self.number),
        }
    }

    /// Refuses a directive: hledger itself writes the journal out without any.
    fn refuse_directive(&self, what: &str) -> ImportError {
        const WITHOUT: &str = "hledger -f FILE print --explicit | ledger import --from hledger";
        let fault = Fault::Unsupported {
            what: what.to_owned(),
            hint: Some(WITHOUT.to_owned()),
        };
        fault.at(self.place(self.text.trim_start()))
    }

    fn refuse(&self, part: &str, what: &str) -> ImportError {
        let fault = Fault::unsupported(what);
        fault.at(self.place(part))
    }

    fn wrong(&self, part: &str, expected: &str) -> ImportError {
        let found = shown(part);
        Fault::expected(
            if found.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{found}`")
            },
            expected.to_owned(),
        )
        .at(self.place(part))
    }
}

impl<'t> ParsedJournal<'t> {
    pub(super) fn postings(&self) -> impl Iterator<Item = &JournalPosting<'t>> {
        self.transactions.iter().flat_map(|own| &own.postings)
    }

    /// A line of comment between transactions.
    fn remark(&mut self, line: &JournalLine<'t>) {
        let remark = self.remark.get_or_insert_with(|| JournalTransaction {
            line: line.number,
            ..JournalTransaction::default()
        });
        // What cannot be read here is a comment without meaning.
        let _ = remark.comment.add(line, line.text.trim_start_matches(';'));
    }

    /// Comments with the number and the type of an event are one, as `export` writes it.
    fn end_remark(&mut self) {
        let Some(remark) = self.remark.take() else {
            return;
        };
        let has = |name: &str| remark.comment.tags.iter().any(|(key, _)| *key == name);
        if ["seq", "type", "at", "account"].into_iter().all(has) {
            self.transactions.push(remark);
        }
    }

    /// A line that is not indented: a directive, a comment, or the head of a transaction.
    fn top(&mut self, line: &JournalLine<'t>) -> Result<Section, ImportError> {
        let text = line.text;
        if text.starts_with([';', '#', '*']) {
            return Ok(Section::None);
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            self.transactions.push(head(line)?);
            return Ok(Section::Transaction);
        }
        let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        let rest = rest.trim();
        match word {
            "comment" => Ok(Section::Comment),
            word if SAYS_NOTHING.contains(&word) => Ok(Section::Directive),
            "decimal-mark" => {
                let mark = match rest {
                    "," => DecimalMark::Comma,
                    "." => DecimalMark::Point,
                    other => return Err(line.wrong(other, "`.` or `,`")),
                };
                self.mark = self.mark.or(Some(mark));
                Ok(Section::Directive)
            }
            "commodity" => {
                self.add_format(line, rest);
                Ok(Section::Directive)
            }
            "P" => Err(line.refuse_directive("a price")),
            "include" => Err(line.refuse_directive("`include` of another file")),
            "~" => Err(line.refuse_directive("a periodic transaction")),
            "=" => Err(line.refuse_directive("an automated posting")),
            word => Err(line.refuse_directive(&format!("the directive `{}`", shown(word)))),
        }
    }

    fn below_directive(&mut self, line: &JournalLine<'t>) {
        if let Some(format) = line.text.trim_start().strip_prefix("format ") {
            self.add_format(line, format.trim());
        }
    }

    /// An amount in a directive: it shows the decimal mark.
    fn add_format(&mut self, line: &JournalLine<'t>, text: &'t str) {
        let text = text.split(';').next().unwrap_or_default().trim();
        if text.contains(|c: char| c.is_ascii_digit()) {
            let place = line.place(text);
            self.formats.push(WrittenAmount { text, place });
        }
    }

    fn posting(&mut self, line: &JournalLine<'t>) -> Result<(), ImportError> {
        let text = line.text.trim_start();
        let Some(transaction) = self.transactions.last_mut() else {
            return Err(line.refuse(text, OUTSIDE));
        };
        if let Some(comment) = text.strip_prefix(';') {
            transaction.comment.add(line, comment)?;
            return Ok(());
        }
        let text = text.strip_prefix(['*', '!']).map_or(text, str::trim_start);
        if text.starts_with(['(', '[']) {
            return Err(line.refuse(text, "a virtual posting"));
        }
        let end = text.find("  ").into_iter().chain(text.find('\t')).min();
        let (account, rest) = text
            .split_at_checked(end.unwrap_or(text.len()))
            .unwrap_or((text, ""));
        let ends_in_amount = account.match_indices(' ').any(|(at, _)| {
            let rest = account.get(at..).unwrap_or_default();
            rest.contains(|c: char| c.is_ascii_digit()) && figures::take_apart(rest).is_some()
        });
        if end.is_none() && ends_in_amount {
            let fault = Fault::OneBlank(account.to_owned());
            return Err(fault.at(line.place(account)));
        }
        if let Some(mark) = account.find(" ;") {
            let part = account.get(mark..).unwrap_or_default();
            return Err(line.wrong(part, "two blanks between account and comment"));
        }
        let (rest, comment) = match rest.split_once(';') {
            Some((rest, comment)) => (rest, Some(comment)),
            None => (rest, None),
        };
        if let Some(comment) = comment {
            transaction.comment.add(line, comment)?;
        }
        let rest = rest.trim();
        if let Some(at) = rest.find('{') {
            return Err(line.refuse(rest.get(at..).unwrap_or_default(), "a lot's cost"));
        }
        let (amount, assertion) = match rest.split_once('=') {
            Some((amount, assertion)) => (amount.trim(), Some(assertion.trim_start())),
            None => (rest, None),
        };
        if let Some(strong) = assertion.filter(|text| text.starts_with(['=', '*'])) {
            return Err(line.refuse(strong, "an assertion on all commodities or subaccounts"));
        }
        let (amount, price) = match amount.split_once('@') {
            Some((amount, price)) => (amount.trim_end(), Some(price)),
            None => (amount, None),
        };
        let written = |text: &'t str| WrittenAmount {
            text,
            place: line.place(text),
        };
        let price = price.map(|text| line.price(amount, text)).transpose()?;
        if assertion == Some("") {
            return Err(line.wrong("", "an amount after `=`"));
        }
        if amount.is_empty() && assertion.is_some() {
            return Err(line.refuse(rest, "an amount that only an assertion says"));
        }
        transaction.postings.push(JournalPosting {
            line: line.number,
            account,
            amount: (!amount.is_empty()).then(|| written(amount)),
            price,
            assertion: assertion.map(written),
        });
        Ok(())
    }
}

/// `2026-12-31 * (code) description  ; comment`
fn head<'t>(line: &JournalLine<'t>) -> Result<JournalTransaction<'t>, ImportError> {
    let (text, comment) = match line.text.split_once(';') {
        Some((text, comment)) => (text.trim_end(), Some(comment)),
        None => (line.text, None),
    };
    let (date, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    if let Some((_, second)) = date.split_once('=') {
        return Err(line.refuse(second, "a second date"));
    }
    let numbers = self::date(date).ok_or_else(|| line.wrong(date, "a date like 2026-12-31"))?;
    let [year, month, day] = numbers;
    let fault = || Fault::NoSuchDay { year, month, day };
    let date = days::civil(numbers).ok_or_else(|| fault().on_line(line.number))?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(['*', '!']).map_or(rest, str::trim_start);
    let (code, description) = match rest.strip_prefix('(').map(|rest| rest.split_once(')')) {
        Some(Some((code, description))) => (code.trim(), description.trim()),
        Some(None) => return Err(line.wrong(rest, "`)` after the code")),
        None => ("", rest.trim()),
    };
    let mut transaction = JournalTransaction {
        line: line.number,
        date: Some(date),
        code,
        description,
        ..JournalTransaction::default()
    };
    if let Some(comment) = comment {
        transaction.comment.add(line, comment)?;
    }
    Ok(transaction)
}

/// Year, month and day of a whole date, its year first.
fn date(text: &str) -> Option<[u16; 3]> {
    let separator = text
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let is_number = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_date = year.len() == 4 && is_number(year, 4) && is_number(month, 2) && is_number(day, 2);
    is_date.then_some(())?;
    Some([year.parse().ok()?, month.parse().ok()?, day.parse().ok()?])
}

impl<'t> Comment<'t> {
    /// Takes in a comment: text, and tags `name:value` separated by commas.
    fn add(&mut self, line: &JournalLine<'t>, comment: &'t str) -> Result<(), ImportError> {
        for piece in comment.split(',') {
            let piece = piece.trim();
            let Some((front, value)) = piece.split_once(':') else {
                if is_bracketed_date(piece) {
                    return Err(line.refuse(piece, "a posting's own date"));
                }
                self.text
                    .extend(Some(piece).filter(|text| !text.is_empty()));
                continue;
            };
            let (text, name) = match front.rsplit_once(char::is_whitespace) {
                Some((text, name)) => (text.trim(), name),
                None => ("", front),
            };
            if name.is_empty() {
                self.text.push(piece);
                continue;
            }
            if matches!(name, "date" | "date2") {
                return Err(line.refuse(name, "a posting's own date"));
            }
            self.text.extend(Some(text).filter(|text| !text.is_empty()));
            self.tags.push((name, value.trim()));
        }
        Ok(())
    }
}

fn is_bracketed_date(text: &str) -> bool {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| {
        !inner.is_empty()
            && inner
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '='))
    })
}

fn shown(word: &str) -> String {
    word.chars().take(30).collect()
}
