//! Exact money: [`Amount`], [`Balance`], [`Currency`].
//!
//! Owns every figure: how it is typed, how it is written, and all arithmetic, which is checked in
//! release builds too. Must not know serde, files, accounts or the clock. Nothing here is a float and
//! nothing is ever rounded: what does not fit is refused.

mod amount;
mod currency;
mod typed;

pub use amount::{Amount, Balance, Floor, Scale};
pub use currency::{Currency, CurrencyText};
pub use typed::{AmountError, Figure, TypedAmount};
