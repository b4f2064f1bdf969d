//! Events and moments as sentences for people.

use std::fmt::Display;

use event_ledger::event::{AccountName, Entry, Event, Exchange, Link, Note};
use event_ledger::ledger::{AccountAfter, Omitted, Receipt};
use event_ledger::ledger::{ReplicaCheck, ReplicaFound};
use event_ledger::money::{Amount, Currency};
use event_ledger::replay::{Bound, Cutoff};
use event_ledger::time::{Timestamp, Zone};

/// `50.00 EUR`
pub(crate) fn money(amount: Amount, currency: Option<Currency>) -> String {
    with_currency(&amount.to_string(), currency)
}

/// A figure, followed by its currency if it has one.
pub(crate) fn with_currency(figure: &str, currency: Option<Currency>) -> String {
    match currency {
        Some(currency) => format!("{figure} {currency}"),
        None => figure.to_owned(),
    }
}

/// `#17 withdraw 20.00 EUR from main`
pub(crate) fn of_entry(entry: &Entry<'_>, zone: &Zone) -> String {
    format!("#{} {}", entry.seq, of_event(&entry.event, zone))
}

/// `withdraw 20.00 EUR from main`
pub(crate) fn of_event(event: &Event<'_>, zone: &Zone) -> String {
    match event {
        Event::Ledger(opening) => {
            let currency = opening
                .currency
                .map_or_else(String::new, |code| format!(", {code}"));
            let strict = if opening.strict { ", strict" } else { "" };
            format!("ledger {}, {}{currency}{strict}", opening.id, opening.zone)
        }
        Event::Open {
            account,
            currency,
            floor,
        } => {
            let currency = currency.map_or_else(String::new, |code| format!(" in {code}"));
            let floor = floor.map_or_else(String::new, |floor| format!(", floor {floor}"));
            format!("open {account}{currency}{floor}")
        }
        Event::Limit { account, floor } => format!("limit {account}, floor {floor}"),
        Event::Deposit(movement) => format!(
            "deposit {} to {}",
            money(movement.amount, movement.currency),
            movement.account
        ),
        Event::Withdraw(movement) => format!(
            "withdraw {} from {}",
            money(movement.amount, movement.currency),
            movement.account
        ),
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => format!("transfer {} from {from} to {to}", money(*amount, *currency)),
        Event::Close { account } => format!("close {account}"),
        Event::Hold(hold) => {
            let side = |word: &str, name: &Option<AccountName<'_>>| {
                let name = name.as_ref();
                name.map_or_else(String::new, |name| format!(" {word} {name}"))
            };
            format!(
                "hold {}{}{}",
                money(hold.amount, hold.currency),
                side("from", &hold.from),
                side("to", &hold.to)
            )
        }
        Event::Release {
            hold,
            amount,
            currency,
        } => format!("release {} of hold #{hold}", money(*amount, *currency)),
        Event::Exchange(exchange) => format!(
            "exchange {} from {} for {} to {}{}",
            money(exchange.amount, Some(exchange.currency)),
            exchange.from,
            money(exchange.to_amount, Some(exchange.to_currency)),
            exchange.to,
            rate(exchange).map_or_else(String::new, |rate| format!(" ({rate})"))
        ),
        Event::Seal { through, is_final } => {
            let is_final = if *is_final { ", final" } else { "" };
            format!("seal through {}{is_final}", zone.local(*through))
        }
        Event::Unseal { through } => match through {
            Some(through) => format!("unseal after {}", zone.local(*through)),
            None => "unseal everything".to_owned(),
        },
        Event::Redact { event } => format!("redact #{event}"),
    }
}

/// What was found of one server's copy of a log.
pub(crate) fn of_replica(replica: &ReplicaCheck) -> String {
    let node = &replica.node;
    match &replica.found {
        ReplicaFound::Equal => format!("{node}: the same bytes"),
        ReplicaFound::Differs { line, append } => {
            format!("{node}: line {line} is another one, in append {append}")
        }
        ReplicaFound::Missing { line, append } => {
            format!("{node}: append {append} is missing, from line {line} on")
        }
        ReplicaFound::NotRead(why) => format!("{node}: not checked: {why}"),
    }
}

/// The quotient of an exchange, with four decimals: `≈ 1.0862 USD/EUR`.
fn rate(exchange: &Exchange<'_>) -> Option<String> {
    const DECIMALS: i128 = 10_000;
    let scaled = exchange.to_amount.billionths().checked_mul(DECIMALS)?;
    let half = exchange.amount.billionths().checked_div(2)?;
    let rate = scaled
        .checked_add(half)?
        .checked_div(exchange.amount.billionths())?;
    let (whole, part) = (rate.checked_div(DECIMALS)?, rate.checked_rem(DECIMALS)?);
    Some(format!(
        "≈ {whole}.{part:04} {}/{}",
        exchange.to_currency, exchange.currency
    ))
}

/// `reverses #12`, `captures #12 and keeps the rest`.
pub(crate) fn of_link(link: Link) -> String {
    match link {
        Link::Reverses(seq) => format!("reverses #{seq}"),
        Link::Captures { hold, keep: false } => format!("captures #{hold}"),
        Link::Captures { hold, keep: true } => format!("captures #{hold} and keeps the rest"),
        Link::Corrects(seq) => format!("corrects #{seq}"),
        Link::Refunds(seq) => format!("refunds #{seq}"),
    }
}

/// What was recorded, and the balances after it: `deposited 50.00 EUR to main, balance 50.00 EUR`.
pub(crate) fn of_receipt(receipt: &Receipt, dry_run: bool, zone: &Zone) -> String {
    let entry = &receipt.entry;
    let what = match &entry.event {
        Event::Ledger(opening) => {
            let currency = opening
                .currency
                .map_or_else(String::new, |code| format!(" in {code}"));
            let strict = if opening.strict {
                ", accounts are opened first"
            } else {
                ""
            };
            format!(
                "ledger {}{currency}, zone {}{strict}",
                opening.id, opening.zone
            )
        }
        other => of_event(other, zone),
    };
    let reverses = match entry.link {
        None => String::new(),
        Some(Link::Reverses(seq)) => format!(", reversing #{seq}"),
        Some(link) => format!(", {}", of_link(link)),
    };
    let mark = if dry_run && !receipt.replayed {
        "would record"
    } else if receipt.replayed {
        "recorded before as"
    } else {
        "recorded"
    };
    let accounts_after: Vec<String> = receipt
        .accounts_after
        .iter()
        .filter(|_| entry.event.amount().is_some())
        .map(of_account_after)
        .collect();
    let after = if accounts_after.is_empty() {
        String::new()
    } else {
        format!("; {}", accounts_after.join(", "))
    };
    format!("{mark} #{} {what}{reverses}{after}", entry.seq)
}

/// `main 50.00 EUR`
pub(crate) fn of_account_after(after: &AccountAfter) -> String {
    let (account, pending) = (&after.account, after.pending);
    let figure = account.balance.to_text(account.scale);
    let balance = with_currency(&figure, account.currency);
    let is_new = match &after.similar {
        Some(other) => format!(" (new account; did you mean {other}?)"),
        None if after.is_new => " (new account)".to_owned(),
        None => String::new(),
    };
    let available = pending.available(account.balance);
    let available = if available == account.balance {
        String::new()
    } else {
        format!(", {} available", available.to_text(account.scale))
    };
    format!("{}{is_new} is {balance}{available}", after.name)
}

/// A moment: `event 17`, or local time with its offset.
pub(crate) fn of_bound(bound: Bound, zone: &Zone) -> String {
    match bound {
        Bound::Time(instant) => zone.local(instant),
        Bound::Seq(seq) => format!("event {seq}"),
    }
}

/// The moments that were resolved for an answer; empty if it covers everything.
pub(crate) fn of_cutoff(cutoff: &Cutoff, zone: &Zone) -> Option<String> {
    let named = |word: &str, bound: Option<Bound>| {
        bound.map(|bound| format!("{word} {}", of_bound(bound, zone)))
    };
    let parts: Vec<String> = [
        named("since", cutoff.since),
        named("until", cutoff.until),
        named("known at", cutoff.known_at),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| {
        let parts = parts.join(", ");
        if names_a_time(cutoff) {
            format!("{parts} ({})", zone.name())
        } else {
            parts
        }
    })
}

/// What was left out as if it had not happened, and what the rules would then have refused; empty if
/// nothing was left out.
pub(crate) fn of_omitted(omitted: &Omitted, named: &[u64]) -> Vec<String> {
    let Omitted { without, refused } = omitted;
    let seqs = |seqs: &mut dyn Iterator<Item = u64>| -> Vec<String> {
        seqs.map(|seq| format!("#{seq}")).collect()
    };
    let is_named = |seq: &u64| named.contains(seq);
    let own = seqs(&mut without.iter().copied().filter(is_named));
    let later = seqs(&mut without.iter().copied().filter(|seq| !is_named(seq)));
    let mut lines = Vec::new();
    if !own.is_empty() {
        let mut line = format!("without {}", some_of(&own));
        if !later.is_empty() {
            let refer = if later.len() == 1 { "refers" } else { "refer" };
            let to = if own.len() == 1 { "it" } else { "them" };
            line.push_str(&format!(", and {}, which {refer} to {to}", some_of(&later)));
        }
        lines.push(line);
    }
    if !refused.is_empty() {
        let refused = refused.iter().map(|(seq, code)| format!("#{seq} ({code})"));
        let refused: Vec<String> = refused.collect();
        lines.push(format!(
            "the rules would then have refused {}",
            some_of(&refused)
        ));
    }
    lines
}

/// A list, of which only the beginning is shown if it is long.
fn some_of(words: &[String]) -> String {
    const MOST: usize = 8;
    let shown: Vec<&str> = words.iter().take(MOST).map(String::as_str).collect();
    match words.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// True if a moment was resolved to a time, and not only positions.
pub(crate) fn names_a_time(cutoff: &Cutoff) -> bool {
    [cutoff.since, cutoff.until, cutoff.known_at]
        .into_iter()
        .flatten()
        .any(|bound| matches!(bound, Bound::Time(_)))
}

/// The zone of the times in a table: `times in Europe/Vienna, now +01:00`.
pub(crate) fn of_zone(zone: &Zone, now: Timestamp) -> String {
    let now = zone.local(now);
    let offset = now.rsplit(' ').next().unwrap_or_default();
    format!("times in {}, now {offset}", zone.name())
}

/// A remark if figures include future events; `None` if they do not.
pub(crate) fn of_future(events: u64) -> Option<String> {
    match events {
        0 => None,
        1 => Some(
            "1 event counted here takes effect in the future; --until now leaves it out".to_owned(),
        ),
        more => Some(format!(
            "{more} events counted here take effect in the future; --until now leaves them out"
        )),
    }
}

/// The event, for a table with columns for account and figures: `withdraw: lunch [order=1234],
/// reverses #12`
pub(crate) fn of_kind(entry: &Entry<'_>, zone: &Zone) -> String {
    let terms = match &entry.event {
        Event::Ledger(opening) => {
            let currency = opening.currency.map(|code| code.to_string());
            let strict = opening.strict.then(|| "strict".to_owned());
            let terms = [Some(opening.zone.to_string()), currency, strict];
            terms.into_iter().flatten().collect::<Vec<_>>()
        }
        Event::Open {
            currency, floor, ..
        } => {
            let floor = floor.map(|floor| format!("floor {floor}"));
            let currency = currency.map(|code| code.to_string());
            currency.into_iter().chain(floor).collect()
        }
        Event::Limit { floor, .. } => vec![format!("floor {floor}")],
        Event::Exchange(exchange) => rate(exchange).into_iter().collect(),
        Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. }
        | Event::Hold(_)
        | Event::Release { .. } => Vec::new(),
        Event::Deposit(_) | Event::Withdraw(_) | Event::Transfer { .. } | Event::Close { .. } => {
            Vec::new()
        }
    };
    let mut text = match &entry.event {
        // What has no columns of its own is described in words.
        event @ (Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. }
        | Event::Hold(_)
        | Event::Release { .. }) => of_event(event, zone),
        event => event.kind().as_str().to_owned(),
    };
    for term in terms {
        text.push_str(", ");
        text.push_str(&term);
    }
    // The end is cut on a narrow terminal.
    if let Some(note) = of_note(entry) {
        text.push_str(if entry.memo().is_some() { ": " } else { " " });
        text.push_str(&note);
    }
    if let Some(link) = entry.link.map(of_link) {
        text.push_str(", ");
        text.push_str(&link);
    }
    text
}

/// Memo and tags: `lunch [order=1234]`.
pub(crate) fn of_note(entry: &Entry<'_>) -> Option<String> {
    if matches!(entry.note, Some(Note::Redacted(_))) {
        return Some("[redacted]".to_owned());
    }
    let tags = of_tags(entry);
    let tags = (!tags.is_empty()).then(|| format!("[{tags}]"));
    let parts: Vec<String> = entry
        .memo()
        .map(str::to_owned)
        .into_iter()
        .chain(tags)
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `event 4`, `events 4 and 6`, `events 4, 6 and 7`
pub(crate) fn of_numbers(events: &[u64]) -> String {
    match events {
        [one] => format!("event {one}"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(u64::to_string).collect();
            format!("events {} and {last}", first.join(", "))
        }
        [] => "no event".to_owned(),
    }
}

/// `1 event`, `2 events`
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, word: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {word}{plural}")
}

/// `order=1234 shop=north`
pub(crate) fn of_tags(entry: &Entry<'_>) -> String {
    let pairs: Vec<String> = entry
        .tags()
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(" ")
}
