//! Moments, calendars, zones, and `WHEN`, the grammar in which users write moments.
//!
//! Must not depend on the clock (callers pass `now`), on files except the time zone database, on
//! terminals or the log. jiff is used internally and is not part of public types.

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
pub use zone::{ClockChange, Period, Step, Zone};

#[cfg(test)]
mod tests;
