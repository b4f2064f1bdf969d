//! Suggestions for the name of an account that does not exist.

use super::state::State;

/// More changes than this make another word.
const MOST_CHANGES: usize = 3;

/// The account that was probably meant: the only one that ends in this name (`groceries` for
/// `expenses:groceries`) or differs from it in case, otherwise the one with the fewest typing
/// mistakes, at most one per three characters. Closed accounts are left out.
pub fn suggest(state: &State, name: &str) -> Option<String> {
    let open = || {
        let accounts = state.unsorted().filter(|(_, account)| account.open);
        accounts.map(|(candidate, _)| candidate)
    };
    let only = |matches: &dyn Fn(&str) -> bool| {
        let mut found = open().filter(|candidate| matches(candidate));
        let first = found.next();
        first.filter(|_| found.next().is_none()).map(str::to_owned)
    };
    let lower = name.to_lowercase();
    let ends_in_it = |candidate: &str| {
        let front = candidate.strip_suffix(name);
        front.is_some_and(|front| front.ends_with(':'))
    };
    only(&|candidate| candidate.to_lowercase() == lower)
        .or_else(|| only(&ends_in_it))
        .or_else(|| closest(name, open()))
}

/// The open account whose name is so close to that of a new one that the new one is probably a slip:
/// one segment differs, in one typing mistake, or in two if it is long. A segment of up to three
/// characters, and one of which only the digits differ, is taken as it is.
pub fn similar(state: &State, name: &str) -> Option<String> {
    let others = state
        .unsorted()
        .filter(|(other, account)| account.open && *other != name);
    let close = others.filter_map(|(other, _)| Some((mistakes(name, other)?, other)));
    close.min().map(|(_, other)| other.to_owned())
}

/// The typing mistakes in the one segment that differs.
fn mistakes(name: &str, other: &str) -> Option<usize> {
    const SHORTEST: usize = 4;
    const LONG: usize = 8;
    if name.split(':').count() != other.split(':').count() {
        return None;
    }
    let mut differing = name
        .split(':')
        .zip(other.split(':'))
        .filter(|(one, two)| one != two);
    let (one, two) = differing.next()?;
    let length = one.chars().count().min(two.chars().count());
    if differing.next().is_some() || length < SHORTEST {
        return None;
    }
    let without_digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    if without_digits(one) == without_digits(two) {
        return None;
    }
    let count = strsim::osa_distance(&one.to_lowercase(), &two.to_lowercase());
    (count <= if length < LONG { 1 } else { 2 }).then_some(count)
}

fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let length = name.chars().count();
    let most = length.checked_div(3)?.min(MOST_CHANGES);
    candidates
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= most)
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(changes, _)| *changes <= most)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests;
