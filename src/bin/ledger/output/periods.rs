//! The rows of a table of periods, with long runs of empty periods as one row.

use event_ledger::replay::{PeriodRow, ReportSection};
use event_ledger::time::Period;

/// A row of the table of periods.
pub(crate) enum ReportRow<'b> {
    Period(&'b PeriodRow),
    /// Periods without events, too many to show.
    Empty(EmptyPeriods),
}

/// Periods without events, one after the other.
pub(crate) struct EmptyPeriods {
    /// From the start of the first to the end of the last.
    pub(crate) span: Period,
    pub(crate) text: String,
}

impl ReportRow<'_> {
    /// From its first to its last microsecond.
    pub(crate) fn span(&self) -> Period {
        match self {
            ReportRow::Period(row) => row.period,
            ReportRow::Empty(empty) => empty.span,
        }
    }
}

/// The rows of a section.
pub(crate) fn period_rows(section: &ReportSection) -> Vec<ReportRow<'_>> {
    const MANY: usize = 24;
    let is_empty = |row: &PeriodRow| row.events == 0;
    let mut shown = Vec::new();
    for run in section
        .rows
        .chunk_by(|one, other| is_empty(one) == is_empty(other))
    {
        match run {
            [first, .., last] if run.len() > MANY && is_empty(first) => {
                shown.push(ReportRow::Empty(EmptyPeriods {
                    span: Period {
                        first: first.period.first,
                        last: last.period.last,
                    },
                    text: format!("({} empty periods)", run.len()),
                }));
            }
            _ => shown.extend(run.iter().map(ReportRow::Period)),
        }
    }
    shown
}
