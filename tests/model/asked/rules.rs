//! The rules as the format's page has them, asked of lines that are already recorded.

use super::lines::{Line, Lines, billionths};

/// The events that the rules refuse, each with the first rule that it breaks, in the order of the lines.
/// What is refused counts for those after it all the same.
pub(super) fn refused(lines: &Lines) -> Vec<(u64, &'static str)> {
    let all = lines.all();
    let mut found = Vec::new();
    for (index, line) in all.iter().enumerate().skip(1) {
        let before = Lines::of(all[..index].to_vec());
        let reversal = all[..index]
            .last()
            .filter(|reversal| is_pair(reversal, line));
        let next = all.get(index + 1).filter(|next| is_pair(line, next));
        let code = of_links(&before, line, reversal)
            .or_else(|| of_accounts(&before, line))
            .or_else(|| match (reversal, next) {
                // The floors of a correction are asked after both of its lines.
                (_, Some(_)) => None,
                (Some(reversal), None) => below_after_pair(&before, reversal, line),
                (None, None) => of_sums(&before, line),
            });
        found.extend(code.map(|code| (line.seq, code)));
    }
    found
}

fn is_pair(reversal: &Line, line: &Line) -> bool {
    let corrects = line.links_to("corrects");
    corrects.is_some() && reversal.more && reversal.links_to("reverses") == corrects
}

fn of_links(before: &Lines, line: &Line, reversal: Option<&Line>) -> Option<&'static str> {
    let seals: Vec<&Line> = before
        .all()
        .iter()
        .filter(|line| matches!(line.kind(), "seal" | "unseal"))
        .collect();
    let through = seals.last().and_then(|line| line.get("through"));
    let last_final = seals
        .iter()
        .filter(|line| line.value["final"] == serde_json::Value::Bool(true))
        .filter_map(|line| line.get("through"))
        .next_back();
    if let (Some(through), Some(effective)) = (through, line.get("effective"))
        && effective <= through
    {
        return Some("period_sealed");
    }
    let refunded = |seq: u64| -> i128 {
        let refunds = before.all().iter();
        let refunds = refunds.filter(|line| line.links_to("refunds") == Some(seq));
        let stands = |refund: &&Line| {
            let mut lines = before.all().iter();
            !lines.any(|line| line.links_to("reverses") == Some(refund.seq))
        };
        refunds.filter(stands).map(Line::amount).sum()
    };
    if let Some(target) = line.links_to("reverses").or(line.links_to("corrects"))
        && refunded(target) != 0
    {
        return Some("not_reversible");
    }
    if line.links_to("corrects").is_some() && reversal.is_none() {
        return Some("not_reversible");
    }
    match line.kind() {
        "seal" => {
            let own = line.get("through");
            (through.is_some() && own <= through).then_some("invalid_time")
        }
        "unseal" => {
            let own = line.get("through");
            match through {
                None => Some("invalid_time"),
                Some(_) if last_final.is_some() && own < last_final => Some("period_sealed"),
                Some(through) => own
                    .is_some_and(|own| own >= through)
                    .then_some("invalid_time"),
            }
        }
        _ => None,
    }
}

/// The accounts of a line, each with the currency that the line names for it.
fn parties(line: &Line) -> Vec<(&str, Option<&str>)> {
    let currency = line.get("currency");
    let arrives = line.get("to_currency").or(currency);
    let named = [("account", currency), ("from", currency), ("to", arrives)];
    let named = named.into_iter();
    named
        .filter_map(|(key, currency)| Some((line.get(key)?, currency)))
        .collect()
}

fn of_accounts(before: &Lines, line: &Line) -> Option<&'static str> {
    let is_strict = before.all()[0].value["strict"] == serde_json::Value::Bool(true);
    let makes = |name: &str| match line.kind() {
        "open" => true,
        "deposit" => !is_strict,
        "transfer" | "exchange" | "hold" => !is_strict && line.get("to") == Some(name),
        _ => false,
    };
    let touching = |name: &str| -> Vec<&Line> {
        let lines = before.all().iter();
        lines.filter(|line| line.names().contains(&name)).collect()
    };
    let is_closed = |name: &str| {
        let lines = touching(name).into_iter();
        let mut lines = lines.filter(|line| matches!(line.kind(), "open" | "close"));
        lines.next_back().is_some_and(|line| line.kind() == "close")
    };
    let names = parties(line);
    if names
        .iter()
        .any(|(name, _)| touching(name).is_empty() && !makes(name))
    {
        return Some("unknown_account");
    }
    if line.kind() != "open" && names.iter().any(|(name, _)| is_closed(name)) {
        return Some("account_closed");
    }
    if line.kind() == "open"
        && names
            .iter()
            .any(|(name, _)| !touching(name).is_empty() && !is_closed(name))
    {
        return Some("account_exists");
    }
    if matches!(line.kind(), "limit" | "close") {
        return None;
    }
    let default = before.all()[0].get("currency");
    for (name, said) in names {
        // The first event that says something about money fixes it.
        let fixing = touching(name)
            .into_iter()
            .find(|line| !matches!(line.kind(), "limit" | "close"));
        let holds = match fixing {
            Some(first) => {
                let first = parties(first).into_iter().find(|(own, _)| *own == name);
                first.and_then(|(_, said)| said).or(default)
            }
            None => said.or(default),
        };
        if holds != said {
            return Some("currency_mismatch");
        }
    }
    None
}

/// The lowest balance that an account may have.
fn floor(before: &Lines, account: &str) -> Option<i128> {
    let lines = before.all().iter();
    let own = lines.filter(|line| line.get("account") == Some(account));
    let mut set = own.filter(|line| matches!(line.kind(), "open" | "limit"));
    match set.next_back().map(|line| line.get("floor")) {
        Some(Some("none")) => None,
        Some(Some(floor)) => Some(billionths(floor)),
        Some(None) | None => Some(0),
    }
}

/// What is available on an account at a moment, for a decision at `at`.
fn available(lines: &Lines, account: &str, moment: &str, at: &str) -> i128 {
    let took_effect = |line: &Line| line.effective() <= moment;
    let all = lines.all().iter();
    let posted = all.clone().filter(|line| took_effect(line));
    let posted: i128 = posted.map(|line| line.change(account)).sum();
    let holds = all.filter(|line| line.kind() == "hold" && line.get("from") == Some(account));
    let open = holds.filter(|hold| hold.get("expires").is_none_or(|expires| expires > at));
    let held: i128 = open.map(|hold| lines.left(hold, took_effect)).sum();
    posted - held
}

/// The moments from one on at which something takes effect.
fn moments<'l>(lines: &'l Lines, from: &'l str) -> Vec<&'l str> {
    let later = lines.all().iter().map(Line::effective);
    let mut moments: Vec<&str> = later.filter(|moment| *moment > from).collect();
    moments.push(from);
    moments
}

fn start<'l>(line: &'l Line, at: &'l str) -> &'l str {
    line.effective().max(at)
}

fn of_sums(before: &Lines, line: &Line) -> Option<&'static str> {
    if line.kind() == "close" {
        let account = line.get("account").unwrap_or_default();
        let pending = |side| before.pending(account, side, &line.at);
        let is_empty = before.balance(account) == 0 && pending("from") == 0 && pending("to") == 0;
        return (!is_empty).then_some("account_not_empty");
    }
    let taken = match line.kind() {
        "withdraw" => line.get("account"),
        "transfer" | "exchange" | "hold" => line.get("from"),
        _ => None,
    };
    let account = taken.filter(|_| line.links_to("captures").is_none())?;
    let floor = floor(before, account)?;
    let from = start(line, &line.at);
    let is_below = moments(before, from)
        .into_iter()
        .any(|moment| available(before, account, moment, &line.at) - line.amount() < floor);
    is_below.then_some("insufficient_funds")
}

/// The floors after a correction, for the accounts that have less at some moment than without it.
fn below_after_pair(before: &Lines, reversal: &Line, line: &Line) -> Option<&'static str> {
    let both = [reversal, line];
    let mut lines = before.all().to_vec();
    lines.retain(|one| one.seq != reversal.seq);
    let without = Lines::of(lines);
    let starts = both.map(|one| start(one, &line.at));
    let from = starts.into_iter().min()?;
    let mut names: Vec<&str> = both.iter().flat_map(|one| one.names()).collect();
    names.dedup();
    for account in names {
        let Some(floor) = floor(before, account) else {
            continue;
        };
        let mut moments = moments(&without, from);
        moments.extend(starts);
        let change = |moment: &str| -> i128 {
            let counted = both.iter().filter(|one| start(one, &line.at) <= moment);
            counted.map(|one| one.change(account)).sum()
        };
        if moments.iter().all(|moment| change(moment) >= 0) {
            continue;
        }
        let is_below = moments
            .iter()
            .any(|moment| available(&without, account, moment, &line.at) + change(moment) < floor);
        if is_below {
            return Some("insufficient_funds");
        }
    }
    None
}
