//! beancount's directives: what `bean-check` takes.
//!
//! Owns which directive an event is. What moves money is a transaction; accounts are opened on the
//! first day on which something touches them, as an event may have taken effect before its account
//! was opened here, and closed only where nothing comes behind, as beancount opens none again. What
//! our log says of accounts stands beside that in `custom` directives.

mod names;

use super::journal::{line, part, postings};
use super::metadata::{self, Items, Room};
use super::row::currency;
use super::survey::Survey;
use super::{Export, ExportError, Format, Kind, Standing};
use crate::event::{AccountName, Entry};
use names::{EXTERNAL, Names, commodity};

const NAME: &str = "beancount";
pub(super) const FORMAT: Format = Format {
    name: NAME,
    kind: Kind::Text,
    tells_the_first_line: false,
    make: |about| {
        Box::new(Beancount {
            survey: Survey::new(about),
            names: Names::default(),
        })
    },
};

const ROOM: Room = Room {
    is_name: is_metadata_key,
    forbidden: &[],
    longest: None,
};

struct Beancount {
    survey: Survey,
    names: Names,
}

fn is_metadata_key(key: &str) -> bool {
    key.len() >= 2
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

impl Beancount {
    fn declarations(&self, text: &mut String) {
        let survey = &self.survey;
        let Some((first, _)) = &survey.earliest else {
            return;
        };
        for code in survey.commodities.keys() {
            let ours = code.map_or_else(String::new, |code| code.to_string());
            let theirs = commodity(*code);
            line(text, format_args!("{first} commodity {theirs}"));
            if ours != theirs {
                line(text, format_args!("  ledger-currency: {}", quoted(&ours)));
            }
        }
        part(text);
        for (account, days) in survey.written() {
            let held: Vec<_> = account
                .currencies
                .iter()
                .map(|code| commodity(*code))
                .collect();
            let name = self.names.name(&account.name);
            let (day, held) = (&days.first, held.join(","));
            line(text, format_args!("{day} open {name} {held}"));
            line(
                text,
                format_args!("  ledger-account: {}", quoted(&account.name)),
            );
            let floor = quoted(&account.floor_text());
            line(text, format_args!("  floor: {floor}"));
        }
        if survey.has_border {
            line(text, format_args!("{first} open {EXTERNAL}"));
        }
        part(text);
    }

    fn transaction(&mut self, entry: &Entry<'_>, text: &mut String) {
        let memo = metadata::description(entry, &ROOM, &[], &[]);
        let day = self.survey.day(entry);
        line(text, format_args!("{day} * {}", quoted(&memo)));
        say(text, metadata::of(entry, &ROOM));
        let unit = commodity(currency(&entry.event, self.survey.about()));
        let called = |name| self.names.name(name);
        for (name, figure) in postings(entry, called, EXTERNAL, &[]) {
            line(text, format_args!("  {name}  {figure} {unit}"));
        }
        part(text);
    }

    /// An event that moves no money.
    fn custom(&mut self, entry: &Entry<'_>, text: &mut String) {
        let day = self.survey.day(entry);
        let kind = quoted(entry.event.kind().as_str());
        let account = entry.event.accounts().next();
        let account = quoted(account.map(AccountName::as_str).unwrap_or_default());
        line(text, format_args!("{day} custom {kind} {account}"));
        say(text, metadata::of(entry, &ROOM));
        part(text);
    }
}

impl Export for Beancount {
    fn look(&mut self, entry: &Entry<'_>, standing: Standing) {
        self.survey.look(entry, standing);
    }

    fn head(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        let accounts = self.survey.in_order_of_appearance();
        self.names = Names::of(accounts.map(|account| account.name.as_str()));
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
        line(
            &mut text,
            format_args!("option \"title\" \"ledger {}\"", opening.id),
        );
        if let Some(code) = opening.currency {
            let code = commodity(Some(code));
            line(
                &mut text,
                format_args!("option \"operating_currency\" \"{code}\""),
            );
        }
        part(&mut text);
        self.declarations(&mut text);
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let mut text = String::new();
        if entry.event.kind().moves_money() {
            self.transaction(entry, &mut text);
        } else {
            self.custom(entry, &mut text);
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let mut text = String::new();
        for (account, days) in self.survey.written() {
            // Of an account with something behind its closing, beancount would refuse the closing.
            if account.closed_on.as_ref() == Some(&days.last) {
                let name = self.names.name(&account.name);
                line(&mut text, format_args!("{} close {name}", days.last));
            }
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn say(text: &mut String, items: Items) {
    for (name, value) in items {
        let is_number = matches!(name.as_ref(), "seq" | "reverses");
        let value = if is_number { value } else { quoted(&value) };
        line(text, format_args!("  {name}: {value}"));
    }
}

/// A string as beancount reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
