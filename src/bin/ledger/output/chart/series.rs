//! What a chart shows, and the terminal it is drawn for.

use event_ledger::money::{Balance, Currency, Scale};

/// The terminal's width and abilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartStyle {
    /// Columns; no line is wider.
    pub(crate) width: usize,
    /// Whether to use colours.
    pub(crate) colour: bool,
    /// Whether to use ASCII only.
    pub(crate) ascii: bool,
}

/// One period of a chart.
#[derive(Clone, Debug)]
pub(crate) struct ChartPeriod {
    /// Its name.
    pub(crate) label: String,
    /// Money in.
    pub(crate) incoming: Balance,
    /// Money out.
    pub(crate) outgoing: Balance,
    /// The closing balance.
    pub(crate) closing: Balance,
}

/// The periods of one currency.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// The currency.
    pub(crate) currency: Option<Currency>,
    /// The number of decimals to show.
    pub(crate) scale: Scale,
    /// The balance before the first period.
    pub(crate) opening: Balance,
    /// The word for a period, such as `month`.
    pub(crate) step: &'static str,
    /// The periods, without gaps.
    pub(crate) periods: Vec<ChartPeriod>,
}
