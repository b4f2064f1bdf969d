//! What `explore` shows: a moment, an account, and what lies over them. Values only.

use event_ledger::event::{AccountName, Entry};
use event_ledger::replay::{EventOrder, Glob};
use event_ledger::time::{Timestamp, Zone};

use super::index::LogIndex;
use super::orders::HistoryMoment;

/// Where events are read from.
pub(crate) trait EventSource {
    /// The event with this number.
    fn event(&self, seq: u32) -> Option<Entry<'static>>;
}

/// The log, as updates and drawings see it.
#[derive(Clone, Copy)]
pub(crate) struct LogView<'l> {
    pub(crate) index: &'l LogIndex,
    pub(crate) events: &'l dyn EventSource,
    pub(crate) zone: &'l Zone,
    pub(crate) name: &'l str,
    pub(crate) now: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct ExploreState {
    /// The order in which time is moved through: that of effect as `--until`, of recording as `--known-at`.
    pub(super) order: EventOrder,
    pub(super) place: TimeCursor,
    /// The accounts that are listed, sorted by name.
    pub(super) listed: Vec<usize>,
    pub(super) filter: String,
    /// The account whose statement is shown.
    pub(super) account: Option<usize>,
    pub(super) mark: Option<TimeMark>,
    pub(super) shows_chart: bool,
    pub(super) overlay: Option<Overlay>,
    pub(super) search: Option<SearchHits>,
    /// Said until the next key.
    pub(super) message: Option<String>,
}

/// A place in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeCursor {
    /// How many events count.
    pub(super) position: usize,
    /// The event that counts last; none before the first.
    pub(super) seq: Option<u32>,
    /// The moment, if it is later than that event.
    pub(super) later: Option<Timestamp>,
}

/// A moment to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeMark {
    pub(super) order: EventOrder,
    pub(super) place: TimeCursor,
}

/// What lies over the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// The keys, from one of them on if there is no room for all.
    Help {
        first: usize,
    },
    /// An event, whole, and which of its links is chosen.
    Event {
        seq: u32,
        link: usize,
    },
    Prompt(Prompt),
}

/// A line that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(super) kind: PromptKind,
    pub(super) text: String,
    pub(super) error: Option<String>,
}

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptKind {
    GoTo,
    Search,
    Accounts,
}

/// A search and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchHits {
    pub(super) text: String,
    /// The events, in the order of the log; none while it runs.
    pub(super) found: Option<Vec<u32>>,
}

impl ExploreState {
    /// At the end of a log.
    pub(crate) fn new(log: LogView<'_>) -> ExploreState {
        let mut state = ExploreState {
            order: EventOrder::Effective,
            place: TimeCursor::at(log.index.len(), EventOrder::Effective, log),
            listed: Vec::new(),
            filter: String::new(),
            account: None,
            mark: None,
            shows_chart: false,
            overlay: None,
            search: None,
            message: None,
        };
        state.list_accounts(log);
        // The account of the last event is the most likely question.
        let last = log
            .index
            .orders()
            .seq_at(EventOrder::Recorded, log.index.len());
        state.show_account_of(last, log);
        state.account = state.account.or_else(|| state.listed.first().copied());
        state
    }

    /// Lists the accounts that the filter takes.
    pub(super) fn list_accounts(&mut self, log: LogView<'_>) {
        let filter = self.filter.to_lowercase();
        let glob = Glob::is_pattern(&filter).then(|| Glob::new(&filter));
        let takes = |id: &usize| {
            let Some(account) = log.index.account(*id) else {
                return false;
            };
            if filter.is_empty() {
                return true;
            }
            let name = account.name.to_lowercase();
            match &glob {
                Some(glob) => glob.matches(&name),
                None => name.contains(&filter),
            }
        };
        self.listed = log.index.sorted().iter().copied().filter(takes).collect();
    }

    /// Shows an account of an event, unless one is shown already.
    pub(super) fn show_account_of(&mut self, seq: Option<u32>, log: LogView<'_>) {
        let Some(entry) = seq.and_then(|seq| log.events.event(seq)) else {
            return;
        };
        let shown = self.account.and_then(|id| log.index.account(id));
        let names = || entry.event.accounts().map(AccountName::as_str);
        if names().any(|name| shown.is_some_and(|shown| shown.name == name)) {
            return;
        }
        let mut ids = names().filter_map(|name| log.index.id_of(name));
        let found = ids.find(|id| self.listed.contains(id));
        self.account = found.or(self.account);
    }

    /// The text that was searched for.
    pub(super) fn search_text(&self) -> Option<&str> {
        self.search.as_ref().map(|search| search.text.as_str())
    }

    /// The moment that is shown; none before the first event.
    pub(super) fn time(&self, log: LogView<'_>) -> Option<Timestamp> {
        self.place.time(self.order, log)
    }

    /// The moment at which holds are looked at: at the end it is now.
    pub(super) fn as_of(&self, log: LogView<'_>) -> Timestamp {
        let time = self.time(log).unwrap_or(Timestamp::MIN);
        if self.is_at_the_end(log) {
            time.max(log.now)
        } else {
            time
        }
    }

    pub(super) fn is_at_the_end(&self, log: LogView<'_>) -> bool {
        self.place.position == log.index.len()
    }

    pub(super) fn moment<'l>(&self, log: LogView<'l>) -> HistoryMoment<'l> {
        log.index.moment(self.order, self.place.position)
    }
}

impl TimeCursor {
    /// Right after the event at a position.
    pub(super) fn at(position: usize, order: EventOrder, log: LogView<'_>) -> TimeCursor {
        let position = position.min(log.index.len());
        TimeCursor {
            position,
            seq: log.index.orders().seq_at(order, position),
            later: None,
        }
    }

    /// At a moment; at the end of the log it is that of the last event.
    pub(super) fn at_moment(moment: Timestamp, order: EventOrder, log: LogView<'_>) -> TimeCursor {
        let position = log.index.orders().position_at(order, moment);
        let place = TimeCursor::at(position, order, log);
        let is_between = position > 0 && position < log.index.len();
        TimeCursor {
            later: Some(moment).filter(|_| is_between),
            ..place
        }
    }

    /// The same place after events were recorded, some of which may have taken effect before it.
    pub(super) fn after_growth(self, order: EventOrder, log: LogView<'_>) -> TimeCursor {
        match (self.later, self.seq) {
            (Some(moment), _) => TimeCursor::at_moment(moment, order, log),
            (None, Some(seq)) => {
                TimeCursor::at(log.index.orders().position_of(order, seq), order, log)
            }
            (None, None) => self,
        }
    }

    /// Its moment; none before the first event.
    pub(super) fn time(&self, order: EventOrder, log: LogView<'_>) -> Option<Timestamp> {
        let event = || log.index.orders().time_of(order, self.seq?);
        self.later.or_else(event)
    }
}
