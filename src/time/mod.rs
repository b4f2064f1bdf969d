//! Moments, calendars and zones, and the one grammar (`WHEN`) in which a person names a moment.
//!
//! Owns: [`Timestamp`] and the log's 27 bytes for it, [`Zone`] and its calendar periods, [`When`] and what it
//! resolves to. Must not know: the clock (callers hand `now` in), files (beyond the time zone
//! database that jiff reads), terminals, the log. jiff is an inner matter and shows in no public type.

mod calendar;
mod error;
mod form;
mod hints;
mod names;
mod parse;
mod scan;
mod timestamp;
mod when;
mod zone;

pub use error::{WhenError, ZoneError};
pub use form::Position;
pub use timestamp::{Day, InstantText, Timestamp};
pub use when::{Moment, When};
pub use zone::{Period, Step, Zone};

#[cfg(test)]
mod tests;
