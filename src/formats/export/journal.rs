//! What hledger and ledger-cli write alike: declarations, then a transaction for each event that
//! moves money and a comment for each that does not, in the order of the log.
//!
//! Owns the lines of a journal. What the two differ in is the [`Dialect`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::metadata::{self, Room};
use super::row::{amount, currency};
use super::survey::Survey;
use super::{About, EXTERNAL, Export, ExportError, Standing};
use crate::event::{AccountName, Entry};
use crate::money::{Amount, Currency, Scale};

/// What one program wants otherwise than the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) format: &'static str,
    /// The first day it knows.
    pub(super) first_day: &'static str,
    /// What its metadata can hold.
    pub(super) room: Room,
    /// Lines ahead of all others.
    pub(super) preamble: &'static str,
    /// A commodity, by an example of its figures.
    pub(super) commodity: fn(Option<Currency>, &str) -> String,
    /// An account, with what is to be said of it.
    pub(super) account: fn(&str, Option<&str>) -> String,
    /// Whether it wants the names of metadata declared.
    pub(super) declares_tags: bool,
    /// Names that would be a keyword where a posting stands.
    pub(super) keywords: &'static [&'static str],
}

/// What ends a description, and what would be something else at its start.
const NOT_IN_A_DESCRIPTION: &[char] = &[';'];
const NOT_AT_ITS_START: &[char] = &['*', '!', '('];

pub(super) struct Journal {
    dialect: Dialect,
    survey: Survey,
    external: String,
    tags: BTreeSet<String>,
}

impl Journal {
    pub(super) fn new(dialect: Dialect, about: &About) -> Journal {
        Journal {
            dialect,
            survey: Survey::new(about),
            external: EXTERNAL.to_owned(),
            tags: BTreeSet::new(),
        }
    }

    fn declarations(&self, text: &mut String) {
        let survey = &self.survey;
        for (commodity, scale) in &survey.commodities {
            text.push_str(&(self.dialect.commodity)(*commodity, &example(*scale)));
        }
        part(text);
        if self.dialect.declares_tags {
            for tag in &self.tags {
                line(text, format_args!("tag {tag}"));
            }
            part(text);
        }
        for (account, _) in survey.written() {
            let floor = account.floor_text();
            let closed = account
                .closed_on
                .as_ref()
                .map_or_else(String::new, |day| format!(", closed: {day}"));
            let terms = format!("floor: {floor}{closed}");
            text.push_str(&(self.dialect.account)(&account.name, Some(&terms)));
        }
        if survey.has_border {
            text.push_str(&(self.dialect.account)(&self.external, None));
        }
        part(text);
    }

    fn transaction(&mut self, entry: &Entry<'_>, text: &mut String) {
        let description = metadata::description(
            entry,
            &self.dialect.room,
            NOT_IN_A_DESCRIPTION,
            NOT_AT_ITS_START,
        );
        let day = self.survey.day(entry);
        line(text, format_args!("{day} {description}"));
        for (name, value) in metadata::of(entry, &self.dialect.room) {
            line(text, format_args!("    ; {name}: {value}"));
        }
        let unit = currency(&entry.event, self.survey.about())
            .map_or_else(String::new, |code| format!(" {}", symbol(code)));
        let external = &self.external;
        for (name, figure) in postings(entry, |name| name, external, self.dialect.keywords) {
            line(text, format_args!("    {name}  {figure}{unit}"));
        }
        part(text);
    }

    /// An event that moves no money: a comment, as there is nothing of the kind there.
    fn comment(&mut self, entry: &Entry<'_>, text: &mut String) {
        let day = self.survey.day(entry);
        let kind = entry.event.kind().as_str();
        let account = entry.event.accounts().next();
        let account = account.map(AccountName::as_str).unwrap_or_default();
        line(text, format_args!("; {day} {kind} {account}"));
        for (name, value) in metadata::of(entry, &self.dialect.room) {
            line(text, format_args!(";     {name}: {value}"));
        }
        part(text);
    }
}

impl Export for Journal {
    fn look(&mut self, entry: &Entry<'_>, standing: Standing) {
        self.survey.look(entry, standing);
        let is_written = standing == Standing::Written && entry.event.kind().moves_money();
        if self.dialect.declares_tags && is_written {
            for (name, _) in metadata::of(entry, &self.dialect.room) {
                if !self.tags.contains(name.as_ref()) {
                    self.tags.insert(name.into_owned());
                }
            }
        }
    }

    fn head(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        let (first_day, format) = (self.dialect.first_day, self.dialect.format);
        self.survey.none_before(first_day, format)?;
        self.external = free_name(|name| self.survey.has(name));
        let mut text = String::new();
        let opening = &self.survey.about().opening;
        line(
            &mut text,
            format_args!("; ledger {}, zone {}", opening.id, opening.zone),
        );
        for remark in remarks {
            line(&mut text, format_args!("; {remark}"));
        }
        part(&mut text);
        text.push_str(self.dialect.preamble);
        self.declarations(&mut text);
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let mut text = String::new();
        if entry.event.kind().moves_money() {
            self.transaction(entry, &mut text);
        } else {
            self.comment(entry, &mut text);
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), ExportError> {
        Ok(())
    }
}

/// The two sides of a transaction, names and figures set in columns. Money that crosses the border has
/// the account outside for its other side.
pub(super) fn postings<'n>(
    entry: &'n Entry<'_>,
    called: impl Fn(&'n str) -> &'n str,
    external: &'n str,
    keywords: &[&str],
) -> Vec<(String, String)> {
    let scale = amount(&entry.event).map_or(Scale::WHOLE, Amount::scale);
    let moved = entry.event.postings();
    let mut sides: Vec<(&str, String)> = moved
        .map(|posting| {
            (
                called(posting.account.as_str()),
                posting.change.to_text(scale),
            )
        })
        .collect();
    if let [(_, figure)] = sides.as_slice() {
        let opposite = match figure.strip_prefix('-') {
            Some(figure) => figure.to_owned(),
            None => format!("-{figure}"),
        };
        sides.push((external, opposite));
    }
    let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
    let names = widest(&mut sides.iter().map(|(name, _)| name.chars().count()));
    let figures = widest(&mut sides.iter().map(|(_, figure)| figure.len()));
    let set = |(name, figure): (&str, String)| {
        // A mark in front keeps a name from being read as a keyword.
        let mark = if keywords.contains(&name) { "* " } else { "" };
        (
            format!("{mark}{name:<names$}"),
            format!("{figure:>figures$}"),
        )
    };
    sides.into_iter().map(set).collect()
}

/// The name of the account outside: a number is put behind it where the log has one that is called
/// so.
fn free_name(is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2_u64..).map(|number| format!("{EXTERNAL}-{number}"));
    std::iter::once(EXTERNAL.to_owned())
        .chain(numbered)
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

/// A commodity's name: in quotes where there are digits in it.
pub(super) fn symbol(code: Currency) -> String {
    if code.text().as_bytes().iter().any(u8::is_ascii_digit) {
        format!("\"{code}\"")
    } else {
        code.to_string()
    }
}

/// A figure that shows a scale: `1000.00`, and `1000.` where there is nothing behind the point.
fn example(scale: Scale) -> String {
    format!("1000.{}", "0".repeat(usize::from(scale.digits())))
}

/// Adds a line. Blanks at its end mean nothing and are left out.
pub(super) fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(line);
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

/// An empty line, where the one before is not empty.
pub(super) fn part(text: &mut String) {
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
}
