//! By what a report is cut into rows: periods, or groups of events.

use event_ledger::replay::BreakdownBy;
use event_ledger::time::Step;

use crate::flags::UnknownChoice;

/// By what a report is cut into rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReportBy {
    Period(Step),
    Tag(String),
    Account,
    Type,
}

/// The word for a period, and the head of a column of them.
const PERIODS: [(Step, &str, &str); 5] = [
    (Step::Day, "day", "Day"),
    (Step::Week, "week", "Week"),
    (Step::Month, "month", "Month"),
    (Step::Quarter, "quarter", "Quarter"),
    (Step::Year, "year", "Year"),
];

fn named(step: Step) -> (&'static str, &'static str) {
    let found = PERIODS.into_iter().find(|(own, ..)| *own == step);
    found
        .map(|(_, word, head)| (word, head))
        .unwrap_or_default()
}

/// `month`
pub(super) fn word(step: Step) -> &'static str {
    named(step).0
}

/// `Month`
pub(super) fn head(step: Step) -> &'static str {
    named(step).1
}

impl ReportBy {
    pub(super) fn parse(text: &str) -> Result<ReportBy, UnknownChoice> {
        let lower = text.to_ascii_lowercase();
        if let Some((step, ..)) = PERIODS.into_iter().find(|(_, word, _)| *word == lower) {
            return Ok(ReportBy::Period(step));
        }
        match text.strip_prefix("tag:") {
            Some(key) if !key.is_empty() => Ok(ReportBy::Tag(key.to_owned())),
            None if lower == "account" => Ok(ReportBy::Account),
            None if lower == "type" => Ok(ReportBy::Type),
            _ => Err(UnknownChoice::of(
                "use day, week, month, quarter, year, tag:KEY, account or type",
                &lower,
                ["day", "week", "month", "quarter", "year", "account", "type"],
            )),
        }
    }

    /// The period, if it is by periods.
    pub(super) fn period(&self) -> Option<Step> {
        match self {
            ReportBy::Period(step) => Some(*step),
            ReportBy::Tag(_) | ReportBy::Account | ReportBy::Type => None,
        }
    }

    /// The groups, if it is by groups.
    pub(super) fn groups(&self, depth: Option<u16>) -> Option<BreakdownBy> {
        match self {
            ReportBy::Period(_) => None,
            ReportBy::Tag(key) => Some(BreakdownBy::Tag(key.clone())),
            ReportBy::Account => Some(BreakdownBy::Account {
                depth: depth.map(usize::from),
            }),
            ReportBy::Type => Some(BreakdownBy::Type),
        }
    }

    /// As it is typed.
    pub(super) fn word(&self) -> String {
        match self {
            ReportBy::Period(step) => word(*step).to_owned(),
            ReportBy::Tag(key) => format!("tag:{key}"),
            ReportBy::Account => "account".to_owned(),
            ReportBy::Type => "type".to_owned(),
        }
    }
}
