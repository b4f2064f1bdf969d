//! Holds as rows, with what became of each.

use rusqlite::{Connection, Result, params};

use super::figures::{code, minor, number};
use super::pending_rows::PendingRows;
use crate::accounts::State;
use crate::event::{AccountName, Entry, Event, Link};
use crate::money::{Balance, Currency};

/// The columns that are whole numbers of a currency.
pub(super) const FIGURES: [&str; 4] = [
    "amount_minor",
    "captured_minor",
    "released_minor",
    "rest_minor",
];

/// Writes the hold that an event makes, captures or releases, as it is after the event.
pub(super) fn write(
    connection: &Connection,
    rows_pending: &PendingRows,
    entry: &Entry<'_>,
    state: &State,
) -> Result<()> {
    let hold = match (&entry.event, entry.link) {
        (Event::Hold(_), _) => Some(entry.seq),
        (Event::Release { hold, .. }, _) => Some(*hold),
        (_, Some(Link::Captures { hold, .. })) => Some(hold),
        _ => None,
    };
    let Some(hold) = hold.and_then(|hold| state.commitments().hold(hold)) else {
        return Ok(());
    };
    let scale = rows_pending.scale(hold.currency);
    let rest = hold.unsettled();
    let (amount, captured, released) = (hold.amount.as_balance(), hold.captured(), hold.released());
    let text = |figure: Balance| figure.to_text(hold.scale());
    let whole = |figure: Balance| minor(figure, scale);
    let name = |name: &Option<AccountName<'static>>| name.as_ref().map(ToString::to_string);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO holds (seq, effective, from_account, to_account, \
             amount, amount_minor, captured, captured_minor, released, released_minor, \
             rest, rest_minor, currency, expires, key) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            number(hold.seq),
            hold.took_effect.to_string(),
            name(&hold.from),
            name(&hold.to),
            text(amount),
            whole(amount),
            text(captured),
            whole(captured),
            text(released),
            whole(released),
            text(rest),
            whole(rest),
            code(hold.currency.map(Currency::text).as_ref()),
            hold.expires.map(|moment| moment.to_string()),
            hold.key,
        ])?;
    Ok(())
}
