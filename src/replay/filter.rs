//! Which events a reading command shows: those of some accounts, tags, types and memos.

use crate::accounts::State;
use crate::event::{Entry, Kind};

use super::AccountFilter;

/// Conditions on an event: any of those of one kind, all of those of several kinds.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The accounts of the event.
    pub accounts: AccountFilter,
    /// Tags, each a key with or without a value.
    pub tags: Vec<(String, Option<String>)>,
    /// Types.
    pub kinds: Vec<Kind>,
    /// Parts of the memo, whose case does not matter.
    pub memos: Vec<String>,
}

impl EventFilter {
    /// True if it takes every event.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_all()
            && self.tags.is_empty()
            && self.kinds.is_empty()
            && self.memos.is_empty()
    }

    /// True if the event meets the conditions. `state`, to which the event was applied if it counts, says
    /// which accounts a release is about.
    pub fn takes(&mut self, entry: &Entry<'_>, state: &State) -> bool {
        self.takes_kind(entry.event.kind())
            && self.takes_tags(entry)
            && self.takes_memo(entry)
            && self.takes_account(entry, state)
    }

    fn takes_account(&mut self, entry: &Entry<'_>, state: &State) -> bool {
        self.accounts.is_all()
            || state
                .accounts_of(&entry.event)
                .any(|account| self.accounts.takes(account))
    }

    fn takes_kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    fn takes_tags(&self, entry: &Entry<'_>) -> bool {
        let has = |(key, wanted): &(String, Option<String>)| {
            let found = entry.tags().get(key);
            found.is_some_and(|value| wanted.as_deref().is_none_or(|wanted| wanted == value))
        };
        self.tags.is_empty() || self.tags.iter().any(has)
    }

    fn takes_memo(&self, entry: &Entry<'_>) -> bool {
        if self.memos.is_empty() {
            return true;
        }
        let Some(memo) = entry.memo().map(str::to_lowercase) else {
            return false;
        };
        let mut memos = self.memos.iter();
        memos.any(|part| memo.contains(&part.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::testing::given;

    #[test]
    fn any_of_one_kind_and_all_of_several_kinds() {
        let log = given(&[
            "deposit 10 a memo=Lunch",
            "withdraw 3 a memo=lunchbox",
            "deposit 5 b",
            "transfer 1 a b",
            "hold 2 a",
            "release 5",
        ]);
        let taken = |mut filter: EventFilter| -> Vec<u64> {
            let entries = log.entries.iter().skip(1);
            let taken = entries.filter(|entry| filter.takes(entry, &log.state));
            taken.map(|entry| entry.seq).collect()
        };
        let of_account = |name: &str| EventFilter {
            accounts: AccountFilter::new(Some(&[name.to_owned()])),
            ..EventFilter::default()
        };
        assert!(EventFilter::default().is_empty());
        assert_eq!(taken(EventFilter::default()), [1, 2, 3, 4, 5, 6]);
        assert_eq!(taken(of_account("b")), [3, 4]);
        assert_eq!(taken(of_account("a")), [1, 2, 4, 5, 6]);
        let kinds = vec![Kind::Deposit, Kind::Transfer];
        assert_eq!(
            taken(EventFilter {
                kinds: kinds.clone(),
                ..EventFilter::default()
            }),
            [1, 3, 4]
        );
        assert_eq!(
            taken(EventFilter {
                kinds,
                ..of_account("a")
            }),
            [1, 4]
        );
        let memos = vec!["LUNCH".to_owned(), "dinner".to_owned()];
        let memos = EventFilter {
            memos,
            ..EventFilter::default()
        };
        assert!(!memos.is_empty());
        assert_eq!(taken(memos), [1, 2]);
    }
}
