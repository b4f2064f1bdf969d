//! [`Event`]: what happened. [`Entry`]: an event with its place in the log, its times and its note.
//!
//! Owns the shape of both. An event is a fact, never a result: no balance stands in one.

use std::borrow::Cow;

use thiserror::Error;

use super::{AccountName, Hash, Key, LedgerId, Salt};
use crate::money::{Amount, Currency, Floor};
use crate::time::Timestamp;

/// The most bytes a memo has.
pub const MEMO_MAX_BYTES: usize = 4096;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The first line of every log.
    Ledger(Opening<'a>),
    /// An account was opened, or opened again.
    Open {
        /// Which.
        account: AccountName<'a>,
        /// What it holds, where something was named or the ledger has a default.
        currency: Option<Currency>,
        /// How low it may go; zero where absent.
        floor: Option<Floor>,
    },
    /// An account's floor was set.
    Limit {
        /// Which.
        account: AccountName<'a>,
        /// How low it may go from here on.
        floor: Floor,
    },
    /// Money came in from outside.
    Deposit(Movement<'a>),
    /// Money went out.
    Withdraw(Movement<'a>),
    /// Money went from one account to another.
    Transfer {
        /// Where it left.
        from: AccountName<'a>,
        /// Where it arrived.
        to: AccountName<'a>,
        /// How much.
        amount: Amount,
        /// Of what.
        currency: Option<Currency>,
    },
    /// An account was closed.
    Close {
        /// Which.
        account: AccountName<'a>,
    },
}

/// What a ledger is: the first line's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Drawn at random when the log was made.
    pub id: LedgerId,
    /// The default currency.
    pub currency: Option<Currency>,
    /// The IANA name of the zone its days are in.
    pub zone: Cow<'a, str>,
    /// True where accounts must be opened before money moves.
    pub strict: bool,
}

impl Opening<'_> {
    /// The same, free of the line it was read from.
    pub fn into_owned(self) -> Opening<'static> {
        Opening {
            zone: Cow::Owned(self.zone.into_owned()),
            ..self
        }
    }
}

/// Money that crosses the border of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement<'a> {
    /// Whose balance changes.
    pub account: AccountName<'a>,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Option<Currency>,
}

/// The type of an event, as the log and the command line call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `ledger`
    Ledger,
    /// `open`
    Open,
    /// `limit`
    Limit,
    /// `deposit`
    Deposit,
    /// `withdraw`
    Withdraw,
    /// `transfer`
    Transfer,
    /// `close`
    Close,
}

impl Kind {
    /// Every kind, in the order of the format's page.
    pub const ALL: [Kind; 7] = [
        Kind::Ledger,
        Kind::Open,
        Kind::Limit,
        Kind::Deposit,
        Kind::Withdraw,
        Kind::Transfer,
        Kind::Close,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ledger => "ledger",
            Kind::Open => "open",
            Kind::Limit => "limit",
            Kind::Deposit => "deposit",
            Kind::Withdraw => "withdraw",
            Kind::Transfer => "transfer",
            Kind::Close => "close",
        }
    }

    /// The kind this word names.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// True where events of this kind change balances.
    pub fn moves_money(self) -> bool {
        matches!(self, Kind::Deposit | Kind::Withdraw | Kind::Transfer)
    }
}

impl Event<'_> {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Event::Ledger(_) => Kind::Ledger,
            Event::Open { .. } => Kind::Open,
            Event::Limit { .. } => Kind::Limit,
            Event::Deposit(_) => Kind::Deposit,
            Event::Withdraw(_) => Kind::Withdraw,
            Event::Transfer { .. } => Kind::Transfer,
            Event::Close { .. } => Kind::Close,
        }
    }

    /// The accounts it touches: the one that gives before the one that takes.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'_>> {
        self.touched().into_iter().flatten()
    }

    /// The same side by side.
    #[inline]
    pub(crate) fn touched(&self) -> [Option<&AccountName<'_>>; 2] {
        match self {
            Event::Ledger(_) => [None, None],
            Event::Open { account, .. }
            | Event::Limit { account, .. }
            | Event::Close { account } => [Some(account), None],
            Event::Deposit(movement) | Event::Withdraw(movement) => [Some(&movement.account), None],
            Event::Transfer { from, to, .. } => [Some(from), Some(to)],
        }
    }

    /// The same event, free of the line it was read from.
    pub fn into_owned(self) -> Event<'static> {
        let owned = |movement: Movement<'_>| Movement {
            account: movement.account.into_owned(),
            amount: movement.amount,
            currency: movement.currency,
        };
        match self {
            Event::Ledger(opening) => Event::Ledger(opening.into_owned()),
            Event::Open {
                account,
                currency,
                floor,
            } => Event::Open {
                account: account.into_owned(),
                currency,
                floor,
            },
            Event::Limit { account, floor } => Event::Limit {
                account: account.into_owned(),
                floor,
            },
            Event::Deposit(movement) => Event::Deposit(owned(movement)),
            Event::Withdraw(movement) => Event::Withdraw(owned(movement)),
            Event::Transfer {
                from,
                to,
                amount,
                currency,
            } => Event::Transfer {
                from: from.into_owned(),
                to: to.into_owned(),
                amount,
                currency,
            },
            Event::Close { account } => Event::Close {
                account: account.into_owned(),
            },
        }
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its number: 0 for the first line, then without a gap.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it took effect, where that is not `at`.
    pub effective: Option<Timestamp>,
    /// What happened.
    pub event: Event<'a>,
    /// The number of the event that this one undoes.
    pub reverses: Option<u64>,
    /// The idempotency key it was recorded under.
    pub key: Option<Key<'a>>,
    /// True on every event of a batch but its last.
    pub more: bool,
    /// The chain's hash.
    pub hash: Hash,
    /// What may be erased one day.
    pub note: Option<Note<'a>>,
}

impl Entry<'_> {
    /// When it took effect: `effective`, or else when it was recorded.
    pub fn took_effect(&self) -> Timestamp {
        self.effective.unwrap_or(self.at)
    }

    /// The memo, where there is one that was not redacted.
    pub fn memo(&self) -> Option<&str> {
        match &self.note {
            Some(Note::Kept { memo, .. }) => memo.as_deref(),
            _ => None,
        }
    }

    /// The tags; none where there are none or they were redacted.
    pub fn tags(&self) -> &Tags<'_> {
        const NONE: &Tags<'static> = &Tags(Vec::new());
        match &self.note {
            Some(Note::Kept { tags, .. }) => tags,
            _ => NONE,
        }
    }

    /// This entry's place as a word.
    pub fn head(&self) -> super::Head {
        super::Head::new(self.seq, &self.hash)
    }

    /// The same entry, free of the line it was read from.
    pub fn into_owned(self) -> Entry<'static> {
        Entry {
            seq: self.seq,
            at: self.at,
            effective: self.effective,
            event: self.event.into_owned(),
            reverses: self.reverses,
            key: self.key.map(Key::into_owned),
            more: self.more,
            hash: self.hash,
            note: self.note.map(Note::into_owned),
        }
    }
}

/// Memo and tags, or what is left of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// As it was written.
    Kept {
        /// Keeps the digest from being guessed.
        salt: Salt,
        /// Free text.
        memo: Option<Cow<'a, str>>,
        /// Sorted by key.
        tags: Tags<'a>,
    },
    /// Erased; its digest stands in its place and holds the chain.
    Redacted(Hash),
}

impl Note<'_> {
    /// The same note, free of the line it was read from.
    pub fn into_owned(self) -> Note<'static> {
        match self {
            Note::Kept { salt, memo, tags } => Note::Kept {
                salt,
                memo: memo.map(|memo| Cow::Owned(memo.into_owned())),
                tags: tags.into_owned(),
            },
            Note::Redacted(hash) => Note::Redacted(hash),
        }
    }
}

/// Key and value pairs, sorted by key, no key twice, no key empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// Pairs that are no tags.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TagsError {
    /// A tag without a key.
    #[error("a tag's key is empty")]
    EmptyKey,
    /// A key that stands twice.
    #[error("the tag `{0}` is given twice")]
    Twice(String),
}

impl<'a> Tags<'a> {
    /// Sorts pairs by key.
    ///
    /// # Errors
    /// [`TagsError`] where a key is empty or stands twice.
    pub fn from_pairs(mut pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Tags<'a>, TagsError> {
        pairs.sort();
        Tags::from_sorted(pairs)
    }

    /// Takes pairs that are sorted already.
    ///
    /// # Errors
    /// [`TagsError`] where a key is empty, stands twice, or stands before a smaller one.
    pub fn from_sorted(pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Tags<'a>, TagsError> {
        let keys = || pairs.iter().map(|(key, _)| key);
        if keys().any(|key| key.is_empty()) {
            return Err(TagsError::EmptyKey);
        }
        let out_of_order = keys().zip(keys().skip(1)).find(|(one, next)| one >= next);
        match out_of_order {
            Some((key, _)) => Err(TagsError::Twice(key.to_string())),
            None => Ok(Tags(pairs)),
        }
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// The value under this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == key).map(|(_, v)| v)
    }

    /// The same tags, free of the line they were read from.
    pub fn into_owned(self) -> Tags<'static> {
        Tags(
            self.0
                .into_iter()
                .map(|(key, value)| (Cow::Owned(key.into_owned()), Cow::Owned(value.into_owned())))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_sorted_and_no_key_stands_twice() {
        let tags = Tags::from_pairs(vec![("b".into(), "2".into()), ("a".into(), "1".into())]);
        let tags = tags.unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        assert_eq!(tags.get("b"), Some("2"));
        let twice = Tags::from_pairs(vec![("a".into(), "2".into()), ("a".into(), "1".into())]);
        assert_eq!(twice, Err(TagsError::Twice("a".into())));
        let empty = Tags::from_pairs(vec![("".into(), "2".into())]);
        assert_eq!(empty, Err(TagsError::EmptyKey));
    }
}
