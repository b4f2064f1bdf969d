//! The events of a ledger: [`Event`]; [`Record`], an event with its position, times, link, key and
//! note; [`Entry`], a record with its hash.
//!
//! Also the forms of account names, idempotency keys, ledger ids and hashes as text. Must not
//! depend on JSON, files, balances or rules. Everything borrows from the line it was read from
//! (`'a`), so that a replay does not allocate; `into_owned` makes an independent copy.

mod entry;
mod kinds;
mod link;
mod name;
mod note;
mod reference;
mod token;

pub use entry::{Entry, Record};
pub use kinds::{Event, Exchange, Hold, Kind, Movement, Opening, Posting};
pub use link::Link;
pub use name::{AccountName, NameError, NameFault};
pub use note::{MEMO_MAX_BYTES, Note, Tags, TagsError};
pub use reference::{EventRef, EventRefError};
pub use token::{Hash, Head, HeadError, Key, KeyError, LedgerId, Salt};
