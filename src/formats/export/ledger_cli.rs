//! ledger-cli journals that pass `ledger --strict --pedantic`.
//!
//! ledger-cli reads `[DATE]` inside comments, lines of at most 4096 bytes, and no year before 1400.

use super::exporter::{ContentKind, ExportFormat};
use super::hledger::is_tag_name;
use super::journal::{Dialect, JournalWriter, symbol};
use super::metadata::FieldLimits;

pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: DIALECT.format,
    kind: ContentKind::Text,
    is_by_event: false,
    make: |context| Box::new(JournalWriter::new(DIALECT, context)),
};

const DIALECT: Dialect = Dialect {
    format: "ledger",
    first_day: "1400-01-01",
    limits: FieldLimits {
        is_valid_name: is_tag_name,
        forbidden: &['[', ';'],
        max_bytes: Some(3900),
    },
    preamble: "",
    commodity: |code, example| match code {
        Some(code) => {
            let symbol = symbol(code);
            let example = example.trim_end_matches('.');
            format!("commodity {symbol}\n    format {example} {symbol}\n")
        }
        // Amounts without a commodity need no directive.
        None => String::new(),
    },
    account: |name, terms| match terms {
        Some(terms) => format!("account {name}\n    note {terms}\n"),
        None => format!("account {name}\n"),
    },
    declares_tags: true,
    keywords: &["assert", "check", "expr"],
};
