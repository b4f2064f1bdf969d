//! What must be declared before the first event is written: accounts, commodities and their days.
//!
//! Its size depends on the number of accounts, not of events.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::day::DayFormatter;
use super::exporter::{ExportContext, ExportError, Inclusion};
use super::row::currency;
use crate::event::{Entry, Event};
use crate::money::{Currency, Floor, Scale};

/// The first and the last day of something. As ISO dates, the texts compare in time order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DayRange {
    pub(super) first: String,
    pub(super) last: String,
}

impl DayRange {
    fn widen(days: &mut Option<DayRange>, day: &str) {
        match days {
            None => {
                *days = Some(DayRange {
                    first: day.to_owned(),
                    last: day.to_owned(),
                });
            }
            Some(days) if day < days.first.as_str() => day.clone_into(&mut days.first),
            Some(days) if day > days.last.as_str() => day.clone_into(&mut days.last),
            Some(_) => {}
        }
    }
}

/// What the events say about an account.
#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredAccount {
    pub(super) name: String,
    /// The first and last day on which a written event touches it.
    pub(super) touched: Option<DayRange>,
    /// The currencies it holds.
    pub(super) currencies: BTreeSet<Option<Currency>>,
    /// Its lowest allowed balance.
    pub(super) floor: Floor,
    /// The day on which it was closed, unless it was reopened.
    pub(super) closed_on: Option<String>,
}

impl DeclaredAccount {
    /// The floor with the digits of the account's currency.
    pub(super) fn floor_text(&self) -> String {
        let codes = self.currencies.iter().flatten();
        let minor = codes.filter_map(|code| code.minor_digits()).max();
        self.floor.to_text(minor.unwrap_or_default())
    }
}

/// Everything that was collected.
#[derive(Debug)]
pub(super) struct Declarations {
    context: ExportContext,
    day: DayFormatter,
    /// In the order of their first appearance in the log.
    accounts: Vec<DeclaredAccount>,
    indices: HashMap<Box<str>, usize>,
    /// Each with the largest number of decimals among its amounts.
    pub(super) commodities: BTreeMap<Option<Currency>, Scale>,
    /// True if there are deposits or withdrawals, which need an account for their other side.
    pub(super) has_external: bool,
    /// True if two currencies are exchanged.
    pub(super) has_exchange: bool,
    /// The earliest effective day of a written event, and that event.
    pub(super) earliest: Option<(String, u64)>,
}

impl Declarations {
    pub(super) fn new(context: &ExportContext) -> Declarations {
        Declarations {
            context: context.clone(),
            day: DayFormatter::new(&context.zone),
            accounts: Vec::new(),
            indices: HashMap::new(),
            commodities: BTreeMap::new(),
            has_external: false,
            has_exchange: false,
            earliest: None,
        }
    }

    /// The day on which an event took effect.
    pub(super) fn day(&mut self, entry: &Entry<'_>) -> &str {
        self.day.day(entry)
    }

    pub(super) fn context(&self) -> &ExportContext {
        &self.context
    }

    pub(super) fn observe(&mut self, entry: &Entry<'_>, inclusion: Inclusion) {
        for name in entry.event.accounts() {
            self.place(name.as_str());
        }
        if inclusion == Inclusion::Uncounted {
            return;
        }
        let day = self.day(entry).to_owned();
        self.record_terms(entry, &day);
        if inclusion == Inclusion::Counted {
            return;
        }
        if self.earliest.as_ref().is_none_or(|(first, _)| day < *first) {
            self.earliest = Some((day.clone(), entry.seq));
        }
        let default = currency(&entry.event, &self.context);
        let mut moved = 0_u8;
        for posting in entry.event.postings() {
            moved = moved.saturating_add(1);
            let code = posting.currency.or(default);
            let finest = self.commodities.entry(code).or_default();
            *finest = (*finest).max(posting.scale).max(minor_digits(code));
            if let Some(account) = self.account_mut(posting.account.as_str()) {
                DayRange::widen(&mut account.touched, &day);
                account.currencies.insert(code);
            }
        }
        self.has_external |= moved == 1;
        self.has_exchange |= matches!(entry.event, Event::Exchange(_));
        if moved > 0 {
            return;
        }
        if default.is_some() {
            let finest = minor_digits(default);
            self.commodities.entry(default).or_insert(finest);
        }
        for name in entry.event.accounts() {
            if let Some(account) = self.account_mut(name.as_str()) {
                DayRange::widen(&mut account.touched, &day);
                account.currencies.extend(default.map(Some));
            }
        }
    }

    /// Records the floor and the closing of an account.
    fn record_terms(&mut self, entry: &Entry<'_>, day: &str) {
        let Some(account) = entry.event.accounts().next() else {
            return;
        };
        let Some(account) = self.account_mut(account.as_str()) else {
            return;
        };
        match &entry.event {
            Event::Open { floor, .. } => {
                account.floor = floor.unwrap_or_default();
                account.closed_on = None;
            }
            Event::Limit { floor, .. } => account.floor = *floor,
            Event::Close { .. } => account.closed_on = Some(day.to_owned()),
            _ => {}
        }
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.indices.get(name) {
            return *place;
        }
        let place = self.accounts.len();
        self.indices.insert(name.into(), place);
        self.accounts.push(DeclaredAccount {
            name: name.to_owned(),
            ..DeclaredAccount::default()
        });
        place
    }

    fn account_mut(&mut self, name: &str) -> Option<&mut DeclaredAccount> {
        let place = self.place(name);
        self.accounts.get_mut(place)
    }

    /// True if the account appears in the log, written or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.indices.contains_key(name)
    }

    /// Every account of the log, in the order of first appearance.
    pub(super) fn in_log_order(&self) -> impl Iterator<Item = &DeclaredAccount> {
        self.accounts.iter()
    }

    /// The accounts of written events, sorted by name, each with its days.
    pub(super) fn written(&self) -> Vec<(&DeclaredAccount, &DayRange)> {
        let touched = self.accounts.iter();
        let mut found: Vec<_> = touched
            .filter_map(|account| Some((account, account.touched.as_ref()?)))
            .collect();
        found.sort_unstable_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        found
    }

    /// Returns an error if an event is before the first day that the other program supports.
    pub(super) fn refuse_before(
        &self,
        first: &'static str,
        format: &'static str,
    ) -> Result<(), ExportError> {
        match &self.earliest {
            Some((date, seq)) if date.as_str() < first => Err(ExportError::TooEarly {
                seq: *seq,
                date: date.clone(),
                format,
                first,
            }),
            _ => Ok(()),
        }
    }
}

fn minor_digits(code: Option<Currency>) -> Scale {
    code.and_then(Currency::minor_digits).unwrap_or_default()
}
