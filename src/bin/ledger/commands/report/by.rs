//! By what a report is cut into rows: periods, or groups of events.

use event_ledger::replay::BreakdownBy;
use event_ledger::time::Step;

use crate::flags::UnknownChoice;

/// By what a report is cut into rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReportBy {
    Period(ReportPeriod),
    Tag(String),
    Account,
    Type,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportPeriod {
    Day,
    /// Monday to Sunday, by ISO 8601
    Week,
    Month,
    Quarter,
    Year,
}

impl ReportPeriod {
    const ALL: [ReportPeriod; 5] = [
        ReportPeriod::Day,
        ReportPeriod::Week,
        ReportPeriod::Month,
        ReportPeriod::Quarter,
        ReportPeriod::Year,
    ];

    pub(super) fn step(self) -> Step {
        match self {
            ReportPeriod::Day => Step::Day,
            ReportPeriod::Week => Step::Week,
            ReportPeriod::Month => Step::Month,
            ReportPeriod::Quarter => Step::Quarter,
            ReportPeriod::Year => Step::Year,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            ReportPeriod::Day => "day",
            ReportPeriod::Week => "week",
            ReportPeriod::Month => "month",
            ReportPeriod::Quarter => "quarter",
            ReportPeriod::Year => "year",
        }
    }

    /// The head of the column of periods.
    pub(super) fn head(self) -> &'static str {
        match self {
            ReportPeriod::Day => "Day",
            ReportPeriod::Week => "Week",
            ReportPeriod::Month => "Month",
            ReportPeriod::Quarter => "Quarter",
            ReportPeriod::Year => "Year",
        }
    }
}

impl ReportBy {
    pub(super) fn parse(text: &str) -> Result<ReportBy, UnknownChoice> {
        let lower = text.to_ascii_lowercase();
        let mut periods = ReportPeriod::ALL.into_iter();
        if let Some(period) = periods.find(|period| period.word() == lower) {
            return Ok(ReportBy::Period(period));
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
    pub(super) fn period(&self) -> Option<ReportPeriod> {
        match self {
            ReportBy::Period(period) => Some(*period),
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
            ReportBy::Period(period) => period.word().to_owned(),
            ReportBy::Tag(key) => format!("tag:{key}"),
            ReportBy::Account => "account".to_owned(),
            ReportBy::Type => "type".to_owned(),
        }
    }
}
