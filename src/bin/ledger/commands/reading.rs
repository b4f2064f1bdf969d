//! What the reading commands share: their flags become a cutoff, and the answer says what it was
//! resolved to.

use event_ledger::accounts::Account;
use event_ledger::ledger::{Reader, Replayed};
use event_ledger::replay::{Cutoff, Glob, totals};
use event_ledger::time::{Timestamp, When};

use super::writing;
use crate::failure::Failure;
use crate::flags::{SinceFlags, UntilFlags};
use crate::output::json::{BalanceOf, StateAnswer, TotalOf, bound_text};
use crate::output::sentence;
use crate::session::Session;

/// The moments a reading command was asked about, before the log is opened: a mistake in them is
/// found first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moments {
    until: Option<When>,
    known_at: Option<When>,
    since: Option<When>,
}

impl Moments {
    pub(crate) fn parse(until: &UntilFlags, since: Option<&SinceFlags>) -> anyhow::Result<Moments> {
        let parse = |text: &Option<String>| text.as_deref().map(When::parse).transpose();
        Ok(Moments {
            until: parse(&until.until)?,
            known_at: parse(&until.known_at)?,
            since: match since {
                Some(since) => parse(&since.since)?,
                None => None,
            },
        })
    }

    /// What they come to in this ledger.
    pub(crate) fn cutoff(&self, reading: &Reader, session: &mut Session) -> anyhow::Result<Cutoff> {
        let now = session.now()?;
        let upper = |when: &Option<When>| {
            when.as_ref()
                .map(|when| reading.until(when, now))
                .transpose()
        };
        Ok(Cutoff {
            until: upper(&self.until)?,
            known_at: upper(&self.known_at)?,
            since: self
                .since
                .as_ref()
                .map(|when| reading.since(when, now))
                .transpose()?,
        })
    }
}

/// Opens the log and resolves the moments.
pub(crate) fn open(session: &mut Session, moments: &Moments) -> anyhow::Result<(Reader, Cutoff)> {
    let reading = session.reading()?;
    let cutoff = moments.cutoff(&reading, session)?;
    Ok((reading, cutoff))
}

/// Prints, above a table of figures, what the answer was resolved to, and warns of what it passed
/// over.
pub(crate) fn introduce(session: &mut Session, reading: &Reader, replayed: &Replayed) {
    introduction(session, reading, replayed, None);
}

/// The same above a table with times in it, which are in the ledger's zone.
pub(crate) fn introduce_times(
    session: &mut Session,
    reading: &Reader,
    replayed: &Replayed,
    now: Timestamp,
) {
    introduction(session, reading, replayed, Some(now));
}

fn introduction(
    session: &mut Session,
    reading: &Reader,
    replayed: &Replayed,
    times: Option<Timestamp>,
) {
    writing::torn(session, replayed.torn_bytes());
    if session.json || session.quiet {
        return;
    }
    let cutoff = replayed.replay.cutoff();
    let zone = reading.zone();
    let resolved = sentence::of_cutoff(cutoff, zone);
    let zone = times
        .filter(|_| !sentence::names_a_time(cutoff))
        .map(|now| sentence::of_zone(zone, now));
    let future = match cutoff.until {
        None => sentence::of_future(replayed.replay.future()),
        Some(_) => None,
    };
    for line in [resolved, zone, future].into_iter().flatten() {
        let _ = session.printer.line(&line);
    }
}

/// Refuses what can be no account's name, before the log is opened.
pub(crate) fn names(wanted: &[String]) -> anyhow::Result<()> {
    wanted
        .iter()
        .filter(|text| !Glob::is_pattern(text))
        .try_for_each(|text| writing::account(text).map(drop))
}

/// The names, where only names are wanted; `None` where other accounts may be.
pub(crate) fn by_name(wanted: &[String]) -> Option<Vec<&str>> {
    let is_all_names = !wanted.is_empty() && !wanted.iter().any(|text| Glob::is_pattern(text));
    is_all_names.then(|| wanted.iter().map(String::as_str).collect())
}

/// Accounts picked by names and globs, sorted by name; all of them where nothing is named. A name
/// that is no account is an error, a glob that matches nothing is not. An account that came to be
/// only after the cutoff is there with nothing on it.
pub(crate) fn pick(
    replayed: &Replayed,
    wanted: &[String],
) -> anyhow::Result<Vec<(String, Account)>> {
    let state = replayed.state();
    let all = state.accounts();
    if wanted.is_empty() {
        return Ok(all
            .into_iter()
            .map(|(name, account)| (name.to_owned(), *account))
            .collect());
    }
    let mut picked = std::collections::BTreeMap::new();
    for text in wanted {
        if Glob::is_pattern(text) {
            let glob = Glob::new(text);
            for (name, account) in all.iter().filter(|(name, _)| glob.matches(name)) {
                picked.insert((*name).to_owned(), **account);
            }
        } else {
            let name = writing::account(text)?;
            let account = one(replayed, name.as_str())?;
            picked.insert(name.to_string(), account);
        }
    }
    Ok(picked.into_iter().collect())
}

/// The account of this name at the cutoff.
pub(crate) fn one(replayed: &Replayed, name: &str) -> anyhow::Result<Account> {
    if let Some(account) = replayed.state().account(name) {
        return Ok(*account);
    }
    match replayed.replay.known_account(name) {
        Some(currency) => Ok(Account::not_yet(currency)),
        None => Err(Failure::unknown_account(
            name,
            event_ledger::accounts::suggest(replayed.state(), name),
        )
        .into()),
    }
}

/// The state as the contract's JSON object, of these accounts.
pub(crate) fn state_answer(
    reading: &Reader,
    replayed: &Replayed,
    accounts: &[(&str, &Account)],
) -> anyhow::Result<StateAnswer> {
    let cutoff = replayed.replay.cutoff();
    let as_of = replayed.replay.as_of();
    let pending = replayed.state().commitments().pending(as_of);
    let (seq, hash) = replayed.replay.last().map_or_else(
        || (0, String::new()),
        |(seq, hash, _)| (seq, hash.to_string()),
    );
    Ok(StateAnswer {
        ledger: reading.opening().id.to_string(),
        seq,
        hash,
        until: bound_text(cutoff.until),
        known_at: bound_text(cutoff.known_at),
        as_of: as_of.to_string(),
        events: replayed.replay.events(),
        balances: accounts
            .iter()
            .map(|(name, account)| {
                let pending = pending.get(name).copied().unwrap_or_default();
                BalanceOf::of(name, account, pending)
            })
            .collect(),
        totals: totals(accounts.iter().map(|(_, account)| *account))?
            .iter()
            .map(TotalOf::of)
            .collect(),
        torn_bytes: replayed.torn_bytes(),
    })
}
