//! What can happen in a ledger: [`Event`], and [`Entry`], an event with its place, times and note.
//!
//! Owns the words and their forms: account names, idempotency keys, ledger ids, hashes as text. Must
//! not know JSON, files, balances or rules. Everything borrows from the line it was read from
//! (`'a`), so that a replay allocates nothing for it; `into_owned` lets it go.

mod entry;
mod name;
mod token;

pub use entry::{Entry, Event, Kind, MEMO_MAX_BYTES, Movement, Note, Opening, Tags, TagsError};
pub use name::{AccountName, NameError, NameFault};
pub use token::{Hash, Head, HeadError, Key, KeyError, LedgerId, Salt};
