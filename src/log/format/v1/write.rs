//! Writes the own keys of the types of version 1, and the values that later versions have too.

use std::fmt::Write as _;

use crate::event::{Event, Movement};
use crate::money::{Currency, Floor, Scale};

/// Writing to a `String` cannot fail.
pub(in crate::log::format) fn push(line: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = line.write_fmt(text);
}

/// Writes the own keys of a type of version 1.
pub(in crate::log::format) fn event(line: &mut String, event: &Event<'_>) {
    match event {
        Event::Ledger(opening) => {
            push(line, format_args!(",\"id\":\"{}\"", opening.id));
            currency(line, opening.currency);
            push(line, format_args!(",\"zone\":\"{}\"", opening.zone));
            if opening.strict {
                line.push_str(",\"strict\":true");
            }
        }
        Event::Open {
            account,
            currency: code,
            floor: lowest,
        } => {
            push(line, format_args!(",\"account\":\"{account}\""));
            currency(line, *code);
            if let Some(lowest) = lowest {
                floor(line, *lowest);
            }
        }
        Event::Limit {
            account,
            floor: lowest,
        } => {
            push(line, format_args!(",\"account\":\"{account}\""));
            floor(line, *lowest);
        }
        Event::Deposit(movement) | Event::Withdraw(movement) => {
            let Movement {
                account,
                amount,
                currency: code,
            } = movement;
            push(
                line,
                format_args!(",\"account\":\"{account}\",\"amount\":\"{amount}\""),
            );
            currency(line, *code);
        }
        Event::Transfer {
            from,
            to,
            amount,
            currency: code,
        } => {
            push(
                line,
                format_args!(",\"from\":\"{from}\",\"to\":\"{to}\",\"amount\":\"{amount}\""),
            );
            currency(line, *code);
        }
        Event::Close { account } => push(line, format_args!(",\"account\":\"{account}\"")),
        Event::Hold(_)
        | Event::Release { .. }
        | Event::Exchange(_)
        | Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. } => {}
    }
}

pub(in crate::log::format) fn currency(line: &mut String, currency: Option<Currency>) {
    if let Some(currency) = currency {
        push(line, format_args!(",\"currency\":\"{currency}\""));
    }
}

fn floor(line: &mut String, floor: Floor) {
    push(
        line,
        format_args!(",\"floor\":\"{}\"", floor.to_text(Scale::WHOLE)),
    );
}
