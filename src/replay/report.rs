//! Money in, money out and closing balance per period.
//!
//! In and out count only money that enters or leaves the selected accounts; a transfer between two
//! of them is neither.

use std::collections::BTreeMap;

use hashbrown::HashSet;
use thiserror::Error;

use crate::accounts::{Overflow, State};
use crate::event::{Entry, Posting};
use crate::money::{Balance, Currency};
use crate::time::{Period, Step, Timestamp, Zone};

use super::reversals::Reversals;
use super::{AccountFilter, Bound, Cutoff};

/// The maximum number of rows: with days, two hundred years.
const MOST_PERIODS: usize = 75_000;

/// Why there is no report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReportError {
    /// A figure that does not fit.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// A first or last event that is very far from the others.
    #[error("from {first} to {last} there are more than {most} rows")]
    TooManyPeriods {
        /// The first period, by name.
        first: String,
        /// The last.
        last: String,
        /// How many there may be.
        most: usize,
    },
}

/// How a report is cut into rows.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// The zone its days are in.
    pub zone: Zone,
    /// How long a period is.
    pub step: Step,
    /// True if a reversal reduces the side of the event it reverses: a reversed deposit then
    /// reduces money in instead of increasing money out.
    pub net: bool,
}

/// Collects the periods of a set of accounts while entries are read.
#[derive(Clone, Debug)]
pub struct Report {
    form: ReportOptions,
    cutoff: Cutoff,
    chosen: AccountFilter,
    /// Events that reverse others, unless those are in here themselves.
    undoing: HashSet<u64>,
    reversals: Reversals,
    /// The period of the last entry: the next one is mostly in it too.
    period: Option<Period>,
    blocks: BTreeMap<Option<Currency>, BTreeMap<Timestamp, Bucket>>,
}

/// What happened in one period.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    period: Period,
    /// Everything that counts, shown or not.
    all: Balance,
    /// For shown events.
    events: u64,
    incoming: Balance,
    outgoing: Balance,
}

/// The rows of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSection {
    /// Its currency.
    pub currency: Option<Currency>,
    /// The balance before the first row; the final balance if there is none.
    pub opening: Balance,
    /// Money in over all rows.
    pub incoming: Balance,
    /// Money out over all rows; negative only if reversals with `--net` exceed it.
    pub outgoing: Balance,
    /// `incoming` less `outgoing`.
    pub net: Balance,
    /// What is there after everything that counts.
    pub closing: Balance,
    /// One after the other without a gap.
    pub rows: Vec<PeriodRow>,
}

/// One period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodRow {
    /// Its name: `2026-03`.
    pub label: String,
    /// Its first and last microsecond, cut at the moments that were asked about.
    pub period: Period,
    /// The number of events on the accounts, including internal transfers.
    pub events: u64,
    /// Money in.
    pub incoming: Balance,
    /// Money out.
    pub outgoing: Balance,
    /// `incoming` less `outgoing`.
    pub net: Balance,
    /// The closing balance of the accounts.
    pub closing: Balance,
}

impl Report {
    /// An empty report of these accounts.
    pub fn new(form: ReportOptions, cutoff: Cutoff, chosen: AccountFilter) -> Report {
        Report {
            form,
            cutoff,
            chosen,
            undoing: HashSet::new(),
            reversals: Reversals::default(),
            period: None,
            blocks: BTreeMap::new(),
        }
    }

    /// Takes an entry in the order of the log, with the state after it and whether it counts.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn take(
        &mut self,
        entry: &Entry<'_>,
        state: &State,
        counted: bool,
    ) -> Result<(), Overflow> {
        if self.form.net
            && let Some(target) = self.reversals.take(entry)
            && !self.undoing.contains(&target)
        {
            self.undoing.insert(entry.seq);
        }
        if !counted {
            return Ok(());
        }
        let mut flows: [Option<(Option<Currency>, Balance)>; 2] = [None, None];
        for Posting {
            account: name,
            change,
            ..
        } in entry.event.postings()
        {
            if !self.chosen.takes(name.as_str()) {
                continue;
            }
            let currency = state
                .account(name.as_str())
                .and_then(|account| account.currency);
            match &mut flows {
                [Some((known, sum)), _] if *known == currency => {
                    *sum = sum.plus(change).ok_or(Overflow::Total { currency })?;
                }
                [first @ None, _] => *first = Some((currency, change)),
                [_, second] => *second = Some((currency, change)),
            }
        }
        for (currency, flow) in flows.into_iter().flatten() {
            self.add(entry, currency, flow)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        entry: &Entry<'_>,
        currency: Option<Currency>,
        flow: Balance,
    ) -> Result<(), Overflow> {
        let overflow = Overflow::Total { currency };
        let period = self.period_of(entry.took_effect());
        let undoes = self.form.net && self.undoing.contains(&entry.seq);
        let bucket = self
            .blocks
            .entry(currency)
            .or_default()
            .entry(period.first)
            .or_insert(Bucket {
                period,
                all: Balance::ZERO,
                events: 0,
                incoming: Balance::ZERO,
                outgoing: Balance::ZERO,
            });
        let mut next = *bucket;
        next.all = next.all.plus(flow).ok_or(overflow.clone())?;
        if self.cutoff.shows(entry) {
            next.events = next.events.saturating_add(1);
            if flow.is_negative() == undoes {
                next.incoming = next.incoming.plus(flow).ok_or(overflow)?;
            } else {
                next.outgoing = next.outgoing.minus(flow).ok_or(overflow)?;
            }
        }
        *bucket = next;
        Ok(())
    }

    fn period_of(&mut self, at: Timestamp) -> Period {
        if let Some(period) = self.period
            && (period.first..=period.last).contains(&at)
        {
            return period;
        }
        let period = self.form.zone.period(self.form.step, at);
        self.period = Some(period);
        period
    }

    /// A block a currency, that of no currency first.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn finish(self) -> Result<Vec<ReportSection>, ReportError> {
        self.blocks
            .iter()
            .map(|(currency, buckets)| self.block(*currency, buckets))
            .collect()
    }

    fn block(
        &self,
        currency: Option<Currency>,
        buckets: &BTreeMap<Timestamp, Bucket>,
    ) -> Result<ReportSection, ReportError> {
        let overflow = || Overflow::Total { currency };
        let mut block = ReportSection {
            currency,
            opening: Balance::ZERO,
            incoming: Balance::ZERO,
            outgoing: Balance::ZERO,
            net: Balance::ZERO,
            closing: Balance::ZERO,
            rows: Vec::new(),
        };
        let stretch = self.stretch(buckets);
        let mut closing = Balance::ZERO;
        let mut buckets = buckets.values().peekable();
        if let Some((first, last)) = stretch {
            while let Some(earlier) = buckets.next_if(|bucket| bucket.period.first < first.first) {
                closing = closing.plus(earlier.all).ok_or_else(overflow)?;
            }
            let mut period = first;
            loop {
                let bucket = buckets.next_if(|bucket| bucket.period.first == period.first);
                let row = self.row(period, bucket, closing, currency)?;
                closing = row.closing;
                block.incoming = block.incoming.plus(row.incoming).ok_or_else(overflow)?;
                block.outgoing = block.outgoing.plus(row.outgoing).ok_or_else(overflow)?;
                block.rows.push(row);
                if block.rows.len() > MOST_PERIODS {
                    let label = |at| self.form.zone.label(self.form.step, at);
                    return Err(ReportError::TooManyPeriods {
                        first: label(first.first),
                        last: label(last),
                        most: MOST_PERIODS,
                    });
                }
                let next = period.last.next_micro().filter(|next| *next <= last);
                let Some(next) = next else { break };
                period = self.form.zone.period(self.form.step, next);
            }
        }
        for hidden in buckets {
            closing = closing.plus(hidden.all).ok_or_else(overflow)?;
        }
        block.net = block.incoming.minus(block.outgoing).ok_or_else(overflow)?;
        block.opening = match block.rows.first() {
            Some(first) => first.closing.minus(first.net).ok_or_else(overflow)?,
            None => closing,
        };
        block.closing = closing;
        Ok(block)
    }

    fn row(
        &self,
        period: Period,
        bucket: Option<&Bucket>,
        before: Balance,
        currency: Option<Currency>,
    ) -> Result<PeriodRow, Overflow> {
        let overflow = || Overflow::Total { currency };
        let zero = Balance::ZERO;
        let (all, events, incoming, outgoing) = bucket.map_or((zero, 0, zero, zero), |bucket| {
            (bucket.all, bucket.events, bucket.incoming, bucket.outgoing)
        });
        Ok(PeriodRow {
            label: self.form.zone.label(self.form.step, period.first),
            period: self.cut(period),
            events,
            incoming,
            outgoing,
            net: incoming.minus(outgoing).ok_or_else(overflow)?,
            closing: before.plus(all).ok_or_else(overflow)?,
        })
    }

    /// The first period of the rows, and the first microsecond of the last: those with events, and
    /// empty ones from the requested moment on. `None` if no event is shown.
    fn stretch(&self, buckets: &BTreeMap<Timestamp, Bucket>) -> Option<(Period, Timestamp)> {
        let shown = || buckets.values().filter(|bucket| bucket.events > 0);
        let first = match self.cutoff.since {
            Some(Bound::Time(since)) => {
                let asked = self.form.zone.period(self.form.step, since);
                let earliest = buckets.values().next()?.period;
                if earliest.first < asked.first {
                    asked
                } else {
                    earliest
                }
            }
            Some(Bound::Seq(_)) | None => shown().next()?.period,
        };
        Some((first, shown().next_back()?.period.first))
    }

    fn cut(&self, period: Period) -> Period {
        let since = match self.cutoff.since {
            Some(Bound::Time(since)) => since,
            Some(Bound::Seq(_)) | None => period.first,
        };
        let until = match self.cutoff.until {
            Some(Bound::Time(until)) => until,
            Some(Bound::Seq(_)) | None => period.last,
        };
        Period {
            first: period.first.max(since),
            last: period.last.min(until),
        }
    }
}

#[cfg(test)]
mod tests;
