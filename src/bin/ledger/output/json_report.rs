//! The JSON answer of `report`.

use event_ledger::accounts::Overflow;
use event_ledger::money::Scale;
use event_ledger::replay::{Breakdown, BreakdownRow, PeriodRow, ReportSection};
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{OmittedAnswer, currency_text};

/// What `report` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report")]
pub(crate) struct ReportAnswer {
    pub(crate) ledger: String,
    pub(crate) seq: u64,
    pub(crate) hash: String,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    /// The zone that periods begin and end in.
    pub(crate) zone: String,
    pub(crate) by: String,
    /// True if reversals reduce the side of the event they reverse.
    pub(crate) netted: bool,
    /// The accounts it is about, sorted by name.
    pub(crate) accounts: Vec<String>,
    /// Which events count, in the balances too; absent if all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<FilterAnswer>,
    pub(crate) currencies: Vec<BlockAnswer>,
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
    pub(crate) torn_bytes: u64,
}

/// The filters of a report: any value of one kind, all of several kinds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report_filter")]
pub(crate) struct FilterAnswer {
    /// `KEY` or `KEY=VALUE`
    pub(crate) tags: Vec<String>,
    pub(crate) types: Vec<String>,
    /// Parts of the memo.
    pub(crate) memos: Vec<String>,
}

/// The periods of one currency.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report_currency")]
pub(crate) struct BlockAnswer {
    currency: Option<String>,
    /// The balance before the first period.
    opening: String,
    /// Over all periods.
    #[serde(rename = "in")]
    incoming: String,
    /// Totals over all periods; money out has no sign.
    #[serde(rename = "out")]
    outgoing: String,
    /// `in` less `out`.
    net: String,
    /// What is there after everything that counts.
    balance: String,
    /// Empty if it is by groups.
    periods: Vec<PeriodAnswer>,
    /// With `--by` tag, account or type.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<BreakdownAnswer>>,
}

/// The events of a group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report_group")]
struct BreakdownAnswer {
    /// `null` for what has no group.
    group: Option<String>,
    /// How many events moved its money.
    events: u64,
    #[serde(rename = "in")]
    incoming: String,
    #[serde(rename = "out")]
    outgoing: String,
    net: String,
    /// What everything that counts adds up to, before the requested range too.
    balance: String,
}

/// One period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report_period")]
pub(crate) struct PeriodAnswer {
    /// `2026-03`
    period: String,
    /// Its first microsecond, or the requested moment if that is later.
    start: String,
    /// Its last microsecond, or the requested moment if that is earlier.
    end: String,
    /// How many events moved money of the accounts, transfers between them included.
    events: u64,
    #[serde(rename = "in")]
    incoming: String,
    #[serde(rename = "out")]
    outgoing: String,
    net: String,
    /// The closing balance.
    balance: String,
}

impl BlockAnswer {
    pub(crate) fn of(block: &ReportSection, scale: Scale) -> BlockAnswer {
        BlockAnswer {
            currency: currency_text(block.currency),
            opening: block.opening.to_text(scale),
            incoming: block.incoming.to_text(scale),
            outgoing: block.outgoing.to_text(scale),
            net: block.net.to_text(scale),
            balance: block.closing.to_text(scale),
            periods: block
                .rows
                .iter()
                .map(|row| PeriodAnswer::of(row, scale))
                .collect(),
            groups: None,
        }
    }

    /// The same by groups.
    pub(crate) fn groups(section: &Breakdown, scale: Scale) -> Result<BlockAnswer, Overflow> {
        let Breakdown {
            currency,
            rows,
            total,
        } = section;
        let opening = total.closing.minus(total.net).ok_or(Overflow::Total {
            currency: *currency,
        })?;
        Ok(BlockAnswer {
            currency: currency_text(*currency),
            opening: opening.to_text(scale),
            incoming: total.incoming.to_text(scale),
            outgoing: total.outgoing.to_text(scale),
            net: total.net.to_text(scale),
            balance: total.closing.to_text(scale),
            periods: Vec::new(),
            groups: Some(
                rows.iter()
                    .map(|row| BreakdownAnswer::of(row, scale))
                    .collect(),
            ),
        })
    }
}

impl BreakdownAnswer {
    fn of(row: &BreakdownRow, scale: Scale) -> BreakdownAnswer {
        BreakdownAnswer {
            group: row.name.clone(),
            events: row.events,
            incoming: row.incoming.to_text(scale),
            outgoing: row.outgoing.to_text(scale),
            net: row.net.to_text(scale),
            balance: row.closing.to_text(scale),
        }
    }
}

impl PeriodAnswer {
    fn of(row: &PeriodRow, scale: Scale) -> PeriodAnswer {
        PeriodAnswer {
            period: row.label.clone(),
            start: row.period.first.to_string(),
            end: row.period.last.to_string(),
            events: row.events,
            incoming: row.incoming.to_text(scale),
            outgoing: row.outgoing.to_text(scale),
            net: row.net.to_text(scale),
            balance: row.closing.to_text(scale),
        }
    }
}
