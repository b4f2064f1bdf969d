//! What a page shows.

use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::{ReportSection, StatementPosting};
use event_ledger::time::Timestamp;

pub(crate) struct Page<'a> {
    /// `Report by month`
    pub(crate) title: String,
    /// The accounts, such as `assets:*`.
    pub(crate) scope: String,
    /// The bounds and the head of the report, as names and values.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Remarks on the figures.
    pub(crate) notes: Vec<String>,
    /// The heading of the column of periods, such as `Month`.
    pub(crate) step: &'static str,
    /// True if the rows start at a moment, and what was there before is a row of its own.
    pub(crate) is_since: bool,
    /// The time of creation.
    pub(crate) now: Timestamp,
    pub(crate) sections: Vec<PageSection<'a>>,
    pub(crate) accounts: Vec<PageAccount>,
    pub(crate) rows: Vec<PageRow>,
}

/// The report in one currency.
pub(crate) struct PageSection<'a> {
    /// The number of decimals to show.
    pub(crate) scale: Scale,
    /// The balance before the first row of the statement.
    pub(crate) opening: Balance,
    pub(crate) block: &'a ReportSection,
}

pub(crate) struct PageAccount {
    pub(crate) name: String,
    pub(crate) currency: Option<Currency>,
    pub(crate) scale: Scale,
    /// Its balance before the first row of the statement.
    pub(crate) opening: Balance,
}

/// An event of the statement.
pub(crate) struct PageRow {
    pub(crate) seq: u64,
    pub(crate) effective: Timestamp,
    /// The effective time in the ledger's zone, to the minute.
    pub(crate) local: String,
    pub(crate) kind: &'static str,
    /// Memo, tags, other side and links.
    pub(crate) details: String,
    /// True for a reversed event and for a reversal.
    pub(crate) undone: bool,
    /// Their accounts are those of the page, by index.
    pub(crate) postings: Vec<StatementPosting>,
}

impl PageSection<'_> {
    pub(super) fn figure(&self, figure: Balance) -> String {
        figure.to_text(self.scale)
    }

    pub(super) fn unit(&self) -> String {
        unit(self.block.currency)
    }

    /// The unit with a blank after it, to begin a name; empty if there is none.
    pub(super) fn prefix(&self) -> String {
        let currency = self.block.currency;
        currency.map_or_else(String::new, |currency| format!("{currency} "))
    }
}

pub(super) fn unit(currency: Option<Currency>) -> String {
    currency.map_or_else(String::new, |currency| currency.to_string())
}
