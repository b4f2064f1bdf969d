//! hledger journals that pass `hledger check --strict`.
//!
//! A tag ends at a comma or at the end of the line, a description at `;`. A `|` in a description
//! separates payee and note and is left as it is.

use super::exporter::{ContentKind, ExportFormat};
use super::journal::{Dialect, JournalWriter, symbol};
use super::metadata::FieldLimits;

pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: DIALECT.format,
    kind: ContentKind::Text,
    is_by_event: false,
    make: |context| Box::new(JournalWriter::new(DIALECT, context)),
};

const DIALECT: Dialect = Dialect {
    format: "hledger",
    first_day: "0001-01-01",
    limits: FieldLimits {
        is_valid_name: is_tag_name,
        forbidden: &[',', ';'],
        max_bytes: None,
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

/// True for letters and digits of any script and for marks without a meaning in hledger.
pub(super) fn is_tag_name(key: &str) -> bool {
    key.len() <= 64
        && key.starts_with(char::is_alphanumeric)
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
