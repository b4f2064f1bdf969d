//! hledger's journal, so strict that `hledger check --strict` has nothing to say.
//!
//! Owns hledger's directives. A tag ends at a comma or at the end of the line; a description at `;`,
//! and `|` in it parts payee and note and is left as it is.

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
    format: "hledger",
    first_day: "0001-01-01",
    room: Room {
        is_name: is_tag_name,
        forbidden: &[',', ';'],
        longest: None,
    },
    preamble: "decimal-mark .\n\n",
    commodity: |code, example| match code {
        Some(code) => format!("commodity {example} {}\n", symbol(code)),
        None => format!("commodity {example}\n"),
    },
    account: |name, terms| match terms {
        Some(terms) => format!("account {name}  ; {terms}\n"),
        None => format!("account {name}\n"),
    },
    declares_tags: false,
    keywords: &[],
};

/// Letters and digits of any script, and marks that mean nothing there.
pub(super) fn is_tag_name(key: &str) -> bool {
    key.len() <= 64
        && key.starts_with(char::is_alphanumeric)
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
