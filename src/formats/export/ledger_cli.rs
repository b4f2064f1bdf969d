//! The journal of ledger-cli, so strict that `ledger --strict --pedantic` has nothing to say.
//!
//! Owns its directives and what it reads into a comment: a date in brackets. A line has at most 4096
//! bytes there, and no year lies before 1400.

use super::hledger::is_tag_name;
use super::journal::{Dialect, Journal, symbol};
use super::metadata::Room;
use super::{Format, Kind};

pub(super) const FORMAT: Format = Format {
    name: DIALECT.format,
    kind: Kind::Text,
    tells_the_first_line: false,
    make: |about| Box::new(Journal::new(DIALECT, about)),
};

const DIALECT: Dialect = Dialect {
    format: "ledger",
    first_day: "1400-01-01",
    room: Room {
        is_name: is_tag_name,
        forbidden: &['[', ';'],
        longest: Some(3900),
    },
    preamble: "",
    commodity: |code, example| match code {
        Some(code) => {
            let symbol = symbol(code);
            let example = example.trim_end_matches('.');
            format!("commodity {symbol}\n    format {example} {symbol}\n")
        }
        // What has no commodity has no directive.
        None => String::new(),
    },
    account: |name, terms| match terms {
        Some(terms) => format!("account {name}\n    note {terms}\n"),
        None => format!("account {name}\n"),
    },
    declares_tags: true,
    keywords: &["assert", "check", "expr"],
};
