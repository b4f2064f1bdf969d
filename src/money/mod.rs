//! Exact money: [`Amount`], [`Balance`], [`Currency`].
//!
//! Parsing, formatting and checked arithmetic of figures. No floats, no rounding: a value that does
//! not fit is an error. Must not depend on serde, files, accounts or the clock.

mod amount;
mod currency;
mod typed;

pub use amount::{Amount, Balance, Floor, Scale};
pub use currency::{Currency, CurrencyText};
pub use typed::{AmountError, Figure, TypedAmount};
