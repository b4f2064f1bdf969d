//! What version 2 adds to a line: its own types, and the links `captures`, `corrects` and `refunds`.
//!
//! The frame of a line, the note and the hash are those of version 1.

use super::cursor::{LineCursor, Parsed};
use super::v1::read;
use super::v1::write::{currency, push};
use crate::event::{AccountName, Event, Exchange, Hold, Kind, Link};
use crate::money::{Amount, Currency};
use crate::time::Timestamp;

/// Reads the own keys of a type that version 2 adds; none for a type of version 1.
pub(super) fn event<'a>(
    line: &mut LineCursor<'a>,
    kind: Kind,
    at: Timestamp,
    effective: Option<Timestamp>,
) -> Parsed<Option<Event<'a>>> {
    Ok(Some(match kind {
        Kind::Hold => Event::Hold(Box::new(hold(line, at, effective)?)),
        Kind::Release => {
            line.literal(",\"hold\":", "the key \"hold\" comes next")?;
            let hold = line.number("\"hold\" is a whole number")?;
            let (amount, currency) = read::money(line)?;
            Event::Release {
                hold,
                amount,
                currency,
            }
        }
        Kind::Exchange => Event::Exchange(Box::new(exchange(line)?)),
        Kind::Seal => {
            line.literal(",\"through\":\"", "the key \"through\" comes next")?;
            let start = line.at();
            let through = read::instant(line)?;
            if through >= at {
                return LineCursor::wrong_at(start, "a seal ends before it is recorded");
            }
            Event::Seal {
                through,
                is_final: line.optional(",\"final\":true")?,
            }
        }
        Kind::Unseal => Event::Unseal {
            through: if line.optional(",\"through\":\"")? {
                Some(read::instant(line)?)
            } else {
                None
            },
        },
        Kind::Redact => {
            line.literal(",\"event\":", "the key \"event\" comes next")?;
            Event::Redact {
                event: line.number("\"event\" is a whole number")?,
            }
        }
        Kind::Ledger
        | Kind::Open
        | Kind::Limit
        | Kind::Deposit
        | Kind::Withdraw
        | Kind::Transfer
        | Kind::Close => return Ok(None),
    }))
}

fn hold<'a>(
    line: &mut LineCursor<'a>,
    at: Timestamp,
    effective: Option<Timestamp>,
) -> Parsed<Hold<'a>> {
    let start = line.at();
    let from = optional_account(line, ",\"from\":\"")?;
    let to = optional_account(line, ",\"to\":\"")?;
    if from.is_none() && to.is_none() {
        return LineCursor::wrong_at(start, "a hold has \"from\" or \"to\" or both");
    }
    if from == to {
        return LineCursor::wrong_at(start, "a hold is between two accounts");
    }
    let (amount, currency) = read::money(line)?;
    let mut expires = None;
    if line.optional(",\"expires\":\"")? {
        let start = line.at();
        let moment = read::instant(line)?;
        if moment <= at || effective.is_some_and(|effective| moment <= effective) {
            return LineCursor::wrong_at(start, "a hold expires after it takes effect");
        }
        expires = Some(moment);
    }
    Ok(Hold {
        from,
        to,
        amount,
        currency,
        expires,
    })
}

fn optional_account<'a>(
    line: &mut LineCursor<'a>,
    key: &'static str,
) -> Parsed<Option<AccountName<'a>>> {
    if line.starts_with(key)? {
        return read::account(line, key).map(Some);
    }
    Ok(None)
}

fn exchange<'a>(line: &mut LineCursor<'a>) -> Parsed<Exchange<'a>> {
    let start = line.at();
    let from = read::account(line, ",\"from\":\"")?;
    let to = read::account(line, ",\"to\":\"")?;
    if from == to {
        return LineCursor::wrong_at(start, "an exchange is between two accounts");
    }
    let (amount, currency) = money_in(line, ["amount", "currency"])?;
    let start = line.at();
    let (to_amount, to_currency) = money_in(line, ["to_amount", "to_currency"])?;
    if currency == to_currency {
        return LineCursor::wrong_at(start, "an exchange is between two currencies");
    }
    Ok(Exchange {
        from,
        to,
        amount,
        currency,
        to_amount,
        to_currency,
    })
}

/// An amount with a currency that must be there.
fn money_in(line: &mut LineCursor<'_>, keys: [&'static str; 2]) -> Parsed<(Amount, Currency)> {
    let [amount_key, currency_key] = keys;
    let is_first = amount_key == "amount";
    let (before_amount, before_currency) = if is_first {
        (",\"amount\":\"", ",\"currency\":\"")
    } else {
        (",\"to_amount\":\"", ",\"to_currency\":\"")
    };
    line.literal(
        before_amount,
        if is_first {
            "the key \"amount\" comes next, a text"
        } else {
            "the key \"to_amount\" comes next, a text"
        },
    )?;
    let start = line.at();
    let amount = read::amount(line)?;
    line.literal(
        before_currency,
        if currency_key == "currency" {
            "the key \"currency\" comes next"
        } else {
            "the key \"to_currency\" comes next"
        },
    )?;
    let currency = read::currency_code(line)?;
    match currency.minor_digits() {
        Some(digits) if digits != amount.scale() => {
            LineCursor::wrong_at(start, "an amount has exactly its currency's minor digits")
        }
        _ => Ok((amount, currency)),
    }
}

/// Reads a link that version 2 adds to this type; a link is required on a type of version 1.
pub(super) fn link(line: &mut LineCursor<'_>, kind: Kind) -> Parsed<Option<Link>> {
    const REASON: &str = "a line has the lowest version that has its type and its keys";
    if kind == Kind::Exchange && line.optional(",\"reverses\":")? {
        let seq = line.number("\"reverses\" is a whole number")?;
        return Ok(Some(Link::Reverses(seq)));
    }
    if kind.moves_money() && line.optional(",\"corrects\":")? {
        let seq = line.number("\"corrects\" is a whole number")?;
        return Ok(Some(Link::Corrects(seq)));
    }
    if kind.version() == 2 {
        return Ok(None);
    }
    if kind.moves_money() && line.optional(",\"captures\":")? {
        let hold = line.number("\"captures\" is a whole number")?;
        let keep = line.optional(",\"keep\":true")?;
        return Ok(Some(Link::Captures { hold, keep }));
    }
    if kind.moves_money() && line.optional(",\"refunds\":")? {
        let seq = line.number("\"refunds\" is a whole number")?;
        return Ok(Some(Link::Refunds(seq)));
    }
    line.wrong(REASON)
}

/// Writes the own keys of a type that version 2 adds.
pub(super) fn write_event(line: &mut String, event: &Event<'_>) {
    match event {
        Event::Hold(hold) => {
            if let Some(from) = &hold.from {
                push(line, format_args!(",\"from\":\"{from}\""));
            }
            if let Some(to) = &hold.to {
                push(line, format_args!(",\"to\":\"{to}\""));
            }
            push(line, format_args!(",\"amount\":\"{}\"", hold.amount));
            currency(line, hold.currency);
            if let Some(expires) = hold.expires {
                push(line, format_args!(",\"expires\":\"{expires}\""));
            }
        }
        Event::Release {
            hold,
            amount,
            currency: code,
        } => {
            push(
                line,
                format_args!(",\"hold\":{hold},\"amount\":\"{amount}\""),
            );
            currency(line, *code);
        }
        Event::Exchange(exchange) => {
            let Exchange {
                from,
                to,
                amount,
                currency,
                to_amount,
                to_currency,
            } = &**exchange;
            push(line, format_args!(",\"from\":\"{from}\",\"to\":\"{to}\""));
            push(
                line,
                format_args!(",\"amount\":\"{amount}\",\"currency\":\"{currency}\""),
            );
            push(
                line,
                format_args!(",\"to_amount\":\"{to_amount}\",\"to_currency\":\"{to_currency}\""),
            );
        }
        Event::Seal { through, is_final } => {
            push(line, format_args!(",\"through\":\"{through}\""));
            if *is_final {
                line.push_str(",\"final\":true");
            }
        }
        Event::Unseal { through } => {
            if let Some(through) = through {
                push(line, format_args!(",\"through\":\"{through}\""));
            }
        }
        Event::Redact { event } => push(line, format_args!(",\"event\":{event}")),
        Event::Ledger(_)
        | Event::Open { .. }
        | Event::Limit { .. }
        | Event::Deposit(_)
        | Event::Withdraw(_)
        | Event::Transfer { .. }
        | Event::Close { .. } => {}
    }
}

/// Writes a link.
pub(super) fn write_link(line: &mut String, link: Link) {
    match link {
        Link::Reverses(seq) => push(line, format_args!(",\"reverses\":{seq}")),
        Link::Captures { hold, keep } => {
            push(line, format_args!(",\"captures\":{hold}"));
            if keep {
                line.push_str(",\"keep\":true");
            }
        }
        Link::Corrects(seq) => push(line, format_args!(",\"corrects\":{seq}")),
        Link::Refunds(seq) => push(line, format_args!(",\"refunds\":{seq}")),
    }
}

#[cfg(test)]
mod tests;
