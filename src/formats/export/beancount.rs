//! Beancount files that `bean-check` accepts.
//!
//! Events that move money become transactions. An account is opened on the first day on which an
//! event touches it, because an event may take effect before its account was opened here. It is
//! closed only if no event follows, because beancount cannot reopen an account. The log's own
//! `open`, `limit` and `close` become `custom` directives.

mod names;

use super::declarations::Declarations;
use super::exporter::{ContentKind, ExportError, ExportFormat, Exporter, Inclusion};
use super::journal::{postings, push_blank_line, push_heading, push_line};
use super::metadata::{self, FieldLimits, Fields};
use super::row::{LINKS, currency};
use crate::event::{AccountName, Entry, Event};
use names::{AccountNames, EXCHANGE, EXTERNAL, commodity};

const NAME: &str = "beancount";
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: NAME,
    kind: ContentKind::Text,
    is_by_event: false,
    make: |context| {
        Box::new(Beancount {
            declarations: Declarations::new(context),
            names: AccountNames::default(),
        })
    },
};

const LIMITS: FieldLimits = FieldLimits {
    is_valid_name: is_metadata_key,
    forbidden: &[],
    max_bytes: None,
};

struct Beancount {
    declarations: Declarations,
    names: AccountNames,
}

fn is_metadata_key(key: &str) -> bool {
    key.len() >= 2
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

impl Beancount {
    fn declarations(&self, out: &mut Vec<u8>) {
        let declarations = &self.declarations;
        let Some((first, _)) = &declarations.earliest else {
            return;
        };
        for code in declarations.commodities.keys() {
            let ours = code.map_or_else(String::new, |code| code.to_string());
            let theirs = commodity(*code);
            push_line(out, format_args!("{first} commodity {theirs}"));
            if ours != theirs {
                push_line(out, format_args!("  ledger-currency: {}", quoted(&ours)));
            }
        }
        push_blank_line(out);
        for (account, days) in declarations.written() {
            let held: Vec<_> = account
                .currencies
                .iter()
                .map(|code| commodity(*code))
                .collect();
            let name = self.names.name(&account.name);
            let (day, held) = (&days.first, held.join(","));
            push_line(out, format_args!("{day} open {name} {held}"));
            let account_name = quoted(&account.name);
            push_line(out, format_args!("  ledger-account: {account_name}"));
            let floor = quoted(&account.floor_text());
            push_line(out, format_args!("  floor: {floor}"));
        }
        if declarations.has_external {
            push_line(out, format_args!("{first} open {EXTERNAL}"));
        }
        if declarations.has_exchange {
            push_line(out, format_args!("{first} open {EXCHANGE}"));
        }
        push_blank_line(out);
    }

    fn transaction(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let memo = metadata::description(entry, &LIMITS, &[], &[]);
        let day = self.declarations.day(entry);
        push_line(out, format_args!("{day} * {}", quoted(&memo)));
        push_fields(out, metadata::of(entry, &LIMITS));
        let unit = commodity(currency(&entry.event, self.declarations.context()));
        let rename = |name| self.names.name(name);
        if let Event::Exchange(exchange) = &entry.event {
            // Its `@@` does not always balance; four postings do.
            let (from, to) = (&exchange.from, &exchange.to);
            let (from, to) = (rename(from.as_str()), rename(to.as_str()));
            let (leaves, unit) = (exchange.amount, commodity(Some(exchange.currency)));
            push_line(out, format_args!("  {from}  -{leaves} {unit}"));
            push_line(out, format_args!("  {EXCHANGE}  {leaves} {unit}"));
            let (arrives, unit) = (exchange.to_amount, commodity(Some(exchange.to_currency)));
            push_line(out, format_args!("  {to}  {arrives} {unit}"));
            push_line(out, format_args!("  {EXCHANGE}  -{arrives} {unit}"));
            push_blank_line(out);
            return;
        }
        for (name, figure) in postings(entry, rename, EXTERNAL, &[]) {
            push_line(out, format_args!("  {name}  {figure} {unit}"));
        }
        push_blank_line(out);
    }

    /// Writes an event that moves no money.
    fn custom(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let day = self.declarations.day(entry);
        let kind = quoted(entry.event.kind().as_str());
        let account = entry.event.accounts().next();
        let account = quoted(account.map(AccountName::as_str).unwrap_or_default());
        push_line(out, format_args!("{day} custom {kind} {account}"));
        push_fields(out, metadata::of(entry, &LIMITS));
        push_blank_line(out);
    }
}

impl Exporter for Beancount {
    fn observe(&mut self, entry: &Entry<'_>, inclusion: Inclusion) {
        self.declarations.observe(entry, inclusion);
    }

    fn start(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        let accounts = self.declarations.in_log_order();
        self.names = AccountNames::of(accounts.map(|account| account.name.as_str()));
        let opening = &self.declarations.context().opening;
        push_heading(out, opening, remarks);
        let title = format_args!("option \"title\" \"ledger {}\"", opening.id);
        push_line(out, title);
        if let Some(code) = opening.currency {
            let name = "operating_currency";
            let code = commodity(Some(code));
            push_line(out, format_args!("option \"{name}\" \"{code}\""));
        }
        push_blank_line(out);
        self.declarations(out);
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        if entry.event.kind().moves_money() {
            self.transaction(entry, out);
        } else {
            self.custom(entry, out);
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        for (account, days) in self.declarations.written() {
            // Beancount refuses events after an account was closed.
            if account.closed_on.as_ref() == Some(&days.last) {
                let name = self.names.name(&account.name);
                push_line(out, format_args!("{} close {name}", days.last));
            }
        }
        Ok(())
    }
}

fn push_fields(out: &mut Vec<u8>, fields: Fields) {
    for (name, value) in fields {
        let is_number = name == "seq" || LINKS.contains(&name.as_ref());
        let value = if is_number { value } else { quoted(&value) };
        push_line(out, format_args!("  {name}: {value}"));
    }
}

/// The text as a beancount string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
