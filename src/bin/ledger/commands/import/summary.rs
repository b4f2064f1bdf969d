//! What a file holds, counted and summed exactly: rows, period, money in and out, balances.

use std::collections::BTreeMap;

use event_ledger::accounts::Operation;
use event_ledger::formats::import::{Imported, RowIdentity};
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::time::{Timestamp, When, Zone};

use crate::failure::quoted;
use crate::output::sentence;

/// Money in and out in one currency.
#[derive(Clone, Copy, Default)]
struct Turnover {
    into: Balance,
    out: Balance,
    scale: Scale,
}

#[derive(Default)]
pub(super) struct Summary {
    rows: u64,
    period: Option<(When, When)>,
    turnovers: BTreeMap<Option<Currency>, Turnover>,
    ends: Option<(Balance, Balance)>,
    pub(super) zeros: u64,
    pub(super) left_out: u64,
    pub(super) balances: u64,
    pub(super) notes: u64,
    unused: Vec<String>,
}

impl Summary {
    pub(super) fn of(imported: &Imported, is_statement: bool) -> Summary {
        let mut summary = Summary {
            rows: imported.read,
            ends: imported.ends,
            zeros: imported.zeros,
            left_out: imported.left_out,
            balances: imported.balances,
            notes: imported.notes,
            unused: imported.unused.clone(),
            ..Summary::default()
        };
        // Transfers of a journal have no side that is in or out.
        if !is_statement
            || imported
                .rows
                .iter()
                .any(|row| row.identity == RowIdentity::Event)
        {
            return summary;
        }
        for row in &imported.rows {
            summary.add(&row.request.operation);
        }
        let ends = imported.rows.first().zip(imported.rows.last());
        summary.period = ends.and_then(|(first, last)| {
            Some((
                first.request.effective.clone()?,
                last.request.effective.clone()?,
            ))
        });
        summary
    }

    /// Names the columns of text that became nothing.
    pub(super) fn of_unused(&self) -> Option<String> {
        let first = self.unused.first()?;
        let word = if self.unused.len() == 1 {
            "column"
        } else {
            "columns"
        };
        Some(format!(
            "not imported: the {word} {}; --map {} takes one as a memo",
            self.unused.join(", "),
            quoted(&format!("memo={first}"))
        ))
    }

    fn add(&mut self, command: &Operation) {
        let (amount, is_in) = match command {
            Operation::Deposit { amount, .. } => (amount, true),
            Operation::Withdraw { amount, .. } => (amount, false),
            _ => return,
        };
        let own = self.turnovers.entry(amount.currency).or_default();
        let sum = if is_in { &mut own.into } else { &mut own.out };
        *sum = sum.plus(amount.amount.as_balance()).unwrap_or(*sum);
        own.scale = own.scale.max(amount.amount.scale());
    }

    /// `112 rows, 2026-01-01 to 2026-12-30: in 34000.00 EUR, out 15523.12 EUR; balance 1842.17 to
    /// 20319.05`; nothing of a file without dates. Rows that name no currency are in that of the events.
    pub(super) fn line(
        &self,
        zone: &Zone,
        now: Timestamp,
        of_events: Option<Currency>,
    ) -> Option<String> {
        let (first, last) = self.period.as_ref()?;
        let day = |when: &When| {
            let at = when.resolve(now, zone).ok()?.start()?;
            Some(zone.local_date(at))
        };
        let (first, last) = (day(first)?, day(last)?);
        let period = if first == last {
            first
        } else {
            format!("{first} to {last}")
        };
        let rows = sentence::counted(self.rows, "row");
        let turnovers: Vec<String> = self
            .turnovers
            .iter()
            .map(|(currency, own)| {
                let currency = currency.or(of_events);
                let scale = currency
                    .and_then(Currency::minor_digits)
                    .unwrap_or_default();
                let scale = own.scale.max(scale);
                let text = |sum: Balance| sentence::with_currency(&sum.to_text(scale), currency);
                format!("in {}, out {}", text(own.into), text(own.out))
            })
            .collect();
        let mut line = format!("{rows}, {period}");
        if !turnovers.is_empty() {
            line = format!("{line}: {}", turnovers.join("; "));
        }
        if let Some((opening, closing)) = self.ends {
            let scale = self
                .turnovers
                .values()
                .map(|own| own.scale)
                .max()
                .unwrap_or_default();
            line = format!(
                "{line}; balance {} to {}",
                opening.to_text(scale),
                closing.to_text(scale)
            );
        }
        Some(line)
    }
}
