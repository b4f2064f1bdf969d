//! What must be known of all events before the first is written: which accounts and commodities
//! there are, and on which days.
//!
//! Owns what is gathered; it grows with the accounts and not with the events.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::calendar::Calendar;
use super::row::{amount, currency};
use super::{About, ExportError, Standing};
use crate::event::{Entry, Event};
use crate::money::{Currency, Floor, Scale};

/// The days from the first to the last of something, as text that compares as days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) first: String,
    pub(super) last: String,
}

impl Days {
    fn widen(days: &mut Option<Days>, day: &str) {
        match days {
            None => {
                *days = Some(Days {
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

/// An account as the events show it.
#[derive(Clone, Debug, Default)]
pub(super) struct Surveyed {
    pub(super) name: String,
    /// The days on which events that are written touch it; nothing where none does.
    pub(super) touched: Option<Days>,
    /// What it holds, as far as the events say so.
    pub(super) currencies: BTreeSet<Option<Currency>>,
    /// How low it may go.
    pub(super) floor: Floor,
    /// The day on which it was closed, where it stays so.
    pub(super) closed_on: Option<String>,
}

impl Surveyed {
    /// How low it may go, with the digits of what it holds.
    pub(super) fn floor_text(&self) -> String {
        let codes = self.currencies.iter().flatten();
        let minor = codes.filter_map(|code| code.minor_digits()).max();
        self.floor.to_text(minor.unwrap_or_default())
    }
}

/// Everything that was gathered.
#[derive(Debug)]
pub(super) struct Survey {
    about: About,
    calendar: Calendar,
    /// In the order in which the log first names them, which never changes.
    accounts: Vec<Surveyed>,
    places: HashMap<Box<str>, usize>,
    /// With the finest scale of its amounts.
    pub(super) commodities: BTreeMap<Option<Currency>, Scale>,
    /// True where money crosses the border of the ledger.
    pub(super) has_border: bool,
    /// The first day on which something that is written took effect, and the event.
    pub(super) earliest: Option<(String, u64)>,
}

impl Survey {
    pub(super) fn new(about: &About) -> Survey {
        Survey {
            about: about.clone(),
            calendar: Calendar::new(&about.zone),
            accounts: Vec::new(),
            places: HashMap::new(),
            commodities: BTreeMap::new(),
            has_border: false,
            earliest: None,
        }
    }

    /// The day on which an event took effect.
    pub(super) fn day(&mut self, entry: &Entry<'_>) -> &str {
        self.calendar.day(entry)
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    pub(super) fn look(&mut self, entry: &Entry<'_>, standing: Standing) {
        for name in entry.event.accounts() {
            self.place(name.as_str());
        }
        if standing == Standing::Uncounted {
            return;
        }
        let day = self.day(entry).to_owned();
        self.note_terms(entry, &day);
        if standing == Standing::Counted {
            return;
        }
        if self.earliest.as_ref().is_none_or(|(first, _)| day < *first) {
            self.earliest = Some((day.clone(), entry.seq));
        }
        let code = currency(&entry.event, &self.about);
        if let Some(amount) = amount(&entry.event) {
            let minor = code.and_then(Currency::minor_digits).unwrap_or_default();
            let finest = self.commodities.entry(code).or_default();
            *finest = (*finest).max(amount.scale()).max(minor);
        } else if let Some(code) = code {
            self.commodities
                .entry(Some(code))
                .or_insert(code.minor_digits().unwrap_or_default());
        }
        let moved = entry.event.postings().count();
        self.has_border |= moved == 1;
        for name in entry.event.accounts() {
            if let Some(account) = self.account_mut(name.as_str()) {
                Days::widen(&mut account.touched, &day);
                if moved > 0 {
                    account.currencies.insert(code);
                } else {
                    account.currencies.extend(code.map(Some));
                }
            }
        }
    }

    /// What holds of an account from here on.
    fn note_terms(&mut self, entry: &Entry<'_>, day: &str) {
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
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.accounts.len();
        self.places.insert(name.into(), place);
        self.accounts.push(Surveyed {
            name: name.to_owned(),
            ..Surveyed::default()
        });
        place
    }

    fn account_mut(&mut self, name: &str) -> Option<&mut Surveyed> {
        let place = self.place(name);
        self.accounts.get_mut(place)
    }

    /// True where the log names this account, written or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Every account of the log, in the order in which it first names them.
    pub(super) fn in_order_of_appearance(&self) -> impl Iterator<Item = &Surveyed> {
        self.accounts.iter()
    }

    /// The accounts that are written about, sorted by name, each with its days.
    pub(super) fn written(&self) -> Vec<(&Surveyed, &Days)> {
        let touched = self.accounts.iter();
        let mut found: Vec<_> = touched
            .filter_map(|account| Some((account, account.touched.as_ref()?)))
            .collect();
        found.sort_unstable_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        found
    }

    /// Refuses days that a program does not know.
    pub(super) fn none_before(
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
