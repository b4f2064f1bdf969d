//! Journals of hledger and ledger-cli: declarations, then a transaction for each event that moves money
//! and a comment for every other event, in the order of the log.
//!
//! The differences between the two programs are in [`Dialect`].

use std::collections::BTreeSet;
use std::io::Write as _;

use super::declarations::Declarations;
use super::exporter::{EXTERNAL, ExportContext, ExportError, Exporter, Inclusion};
use super::metadata::{self, FieldLimits};
use super::row::currency;
use crate::event::{AccountName, Entry, Event, Opening, Posting};
use crate::money::{Currency, Scale};

/// What differs between the two programs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) format: &'static str,
    /// The first day it supports.
    pub(super) first_day: &'static str,
    /// What its metadata can contain.
    pub(super) limits: FieldLimits,
    /// The first lines of the file.
    pub(super) preamble: &'static str,
    /// The declaration of a commodity, from an example amount.
    pub(super) commodity: fn(Option<Currency>, &str) -> String,
    /// The declaration of an account, with its floor and closing day if known.
    pub(super) account: fn(&str, Option<&str>) -> String,
    /// Whether tag names must be declared.
    pub(super) declares_tags: bool,
    /// Account names that would be read as a keyword in a posting.
    pub(super) keywords: &'static [&'static str],
}

pub(super) struct JournalWriter {
    dialect: Dialect,
    declarations: Declarations,
    external: String,
    tags: BTreeSet<String>,
}

impl JournalWriter {
    pub(super) fn new(dialect: Dialect, context: &ExportContext) -> JournalWriter {
        JournalWriter {
            dialect,
            declarations: Declarations::new(context),
            external: EXTERNAL.to_owned(),
            tags: BTreeSet::new(),
        }
    }

    fn declarations(&self, out: &mut Vec<u8>) {
        let declarations = &self.declarations;
        for (commodity, scale) in &declarations.commodities {
            let line = (self.dialect.commodity)(*commodity, &example(*scale));
            out.extend_from_slice(line.as_bytes());
        }
        push_blank_line(out);
        if self.dialect.declares_tags {
            for tag in &self.tags {
                push_line(out, format_args!("tag {tag}"));
            }
            push_blank_line(out);
        }
        for (account, _) in declarations.written() {
            let floor = account.floor_text();
            let terms = match &account.closed_on {
                Some(day) => format!("floor: {floor}, closed: {day}"),
                None => format!("floor: {floor}"),
            };
            let line = (self.dialect.account)(&account.name, Some(&terms));
            out.extend_from_slice(line.as_bytes());
        }
        if declarations.has_external {
            let line = (self.dialect.account)(&self.external, None);
            out.extend_from_slice(line.as_bytes());
        }
        push_blank_line(out);
    }

    fn transaction(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let limits = &self.dialect.limits;
        // A character that ends a description, and those with a meaning at its start.
        let description = metadata::description(entry, limits, &[';'], &['*', '!', '(']);
        let day = self.declarations.day(entry);
        push_line(out, format_args!("{day} {description}"));
        for (name, value) in metadata::of(entry, &self.dialect.limits) {
            push_line(out, format_args!("    ; {name}: {value}"));
        }
        let unit = currency(&entry.event, self.declarations.context())
            .map_or_else(String::new, |code| format!(" {}", symbol(code)));
        let external = &self.external;
        if let Event::Exchange(exchange) = &entry.event {
            let leaves = format!("{} {}", exchange.amount, symbol(exchange.currency));
            let arrives = format!("{} {}", exchange.to_amount, symbol(exchange.to_currency));
            let (from, to) = (&exchange.from, &exchange.to);
            push_line(out, format_args!("    {from}  -{leaves} @@ {arrives}"));
            push_line(out, format_args!("    {to}  {arrives}"));
            push_blank_line(out);
            return;
        }
        for (name, figure) in postings(entry, |name| name, external, self.dialect.keywords) {
            push_line(out, format_args!("    {name}  {figure}{unit}"));
        }
        push_blank_line(out);
    }

    /// Writes an event that moves no money as a comment, because journals have no such entries.
    fn comment(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let day = self.declarations.day(entry);
        let kind = entry.event.kind().as_str();
        let account = entry.event.accounts().next();
        let account = account.map(AccountName::as_str).unwrap_or_default();
        push_line(out, format_args!("; {day} {kind} {account}"));
        for (name, value) in metadata::of(entry, &self.dialect.limits) {
            push_line(out, format_args!(";     {name}: {value}"));
        }
        push_blank_line(out);
    }
}

impl Exporter for JournalWriter {
    fn observe(&mut self, entry: &Entry<'_>, inclusion: Inclusion) {
        self.declarations.observe(entry, inclusion);
        let is_written = inclusion == Inclusion::Written && entry.event.kind().moves_money();
        if self.dialect.declares_tags && is_written {
            for (name, _) in metadata::of(entry, &self.dialect.limits) {
                if !self.tags.contains(name.as_ref()) {
                    self.tags.insert(name.into_owned());
                }
            }
        }
    }

    fn start(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        let (first_day, format) = (self.dialect.first_day, self.dialect.format);
        self.declarations.refuse_before(first_day, format)?;
        self.external = unused_name(|name| self.declarations.has(name));
        push_heading(out, &self.declarations.context().opening, remarks);
        out.extend_from_slice(self.dialect.preamble.as_bytes());
        self.declarations(out);
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        if entry.event.kind().moves_money() {
            self.transaction(entry, out);
        } else {
            self.comment(entry, out);
        }
        Ok(())
    }
}

/// The comments that begin a file: which ledger it is of, and the range of the export.
pub(super) fn push_heading(out: &mut Vec<u8>, opening: &Opening<'_>, remarks: &[String]) {
    let (id, zone) = (&opening.id, &opening.zone);
    push_line(out, format_args!("; ledger {id}, zone {zone}"));
    for remark in remarks {
        push_line(out, format_args!("; {remark}"));
    }
    push_blank_line(out);
}

/// The two postings of a transaction, padded to columns. A deposit or withdrawal gets the external
/// account as its other side.
pub(super) fn postings<'n>(
    entry: &'n Entry<'_>,
    rename: impl Fn(&'n str) -> &'n str,
    external: &'n str,
    keywords: &[&str],
) -> Vec<(String, String)> {
    let side = |posting: Posting<'n>| {
        let name = rename(posting.account.as_str());
        (name, posting.change.to_text(posting.scale))
    };
    let mut sides: Vec<(&str, String)> = entry.event.postings().map(side).collect();
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
        // The mark prevents the name from being read as a keyword.
        let mark = if keywords.contains(&name) { "* " } else { "" };
        let name = format!("{mark}{name:<names$}");
        (name, format!("{figure:>figures$}"))
    };
    sides.into_iter().map(set).collect()
}

/// The name of the external account, with a number appended if the log has an account of that name.
fn unused_name(is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2_u64..).map(|number| format!("{EXTERNAL}-{number}"));
    std::iter::once(EXTERNAL.to_owned())
        .chain(numbered)
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

/// A commodity's name, in quotes if it contains digits.
pub(super) fn symbol(code: Currency) -> String {
    if code.text().as_bytes().iter().any(u8::is_ascii_digit) {
        format!("\"{code}\"")
    } else {
        code.to_string()
    }
}

/// An example amount that shows a scale: `1000.00`, or `1000.` without decimals.
fn example(scale: Scale) -> String {
    format!("1000.{}", "0".repeat(usize::from(scale.digits())))
}

/// Adds a line, without trailing spaces.
pub(super) fn push_line(out: &mut Vec<u8>, line: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(line);
    while out.last() == Some(&b' ') {
        out.pop();
    }
    out.push(b'\n');
}

/// Adds an empty line unless the last line is empty.
pub(super) fn push_blank_line(out: &mut Vec<u8>) {
    if !out.is_empty() && !out.ends_with(b"\n\n") {
        out.push(b'\n');
    }
}
