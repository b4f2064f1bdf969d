//! What the reading commands share: their flags become a cutoff, and the answer names what that was
//! resolved to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use event_ledger::accounts::{Account, Pending};
use event_ledger::event::EventRef;
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions, Reader, Replayed};
use event_ledger::replay::{Bound, Cutoff, Glob, totals};
use event_ledger::time::{Timestamp, When, Zone};

use super::writing;
use crate::failure::{Failure, quoted};
use crate::flags::{SinceFlags, UntilFlags, WithoutFlags, optional};
use crate::output::check_report::CheckFormat;
use crate::output::json::{BalanceOf, OmittedAnswer, StateAnswer, TotalOf, bound_text};
use crate::output::sentence;
use crate::session::Session;

/// The form that `--format` and `--json` ask for together. The hint is for a command line that names two.
pub(crate) fn check_format(
    format: Option<CheckFormat>,
    session: &Session,
    hint: &str,
) -> Result<CheckFormat, Failure> {
    match (format, session.json) {
        (None | Some(CheckFormat::Json), true) => Ok(CheckFormat::Json),
        (Some(_), true) => {
            Err(Failure::usage("--json and --format name two forms").with_hint(hint))
        }
        (format, false) => Ok(format.unwrap_or_default()),
    }
}

/// The moments of a reading command, parsed before the log is opened, so that a mistake is found
/// first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moments {
    until: Option<When>,
    known_at: Option<When>,
    since: Option<When>,
    without: Vec<EventRef>,
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
            without: Vec::new(),
        })
    }

    /// The same without some events.
    pub(crate) fn without(self, flags: &WithoutFlags) -> anyhow::Result<Moments> {
        let without = flags.without.iter().map(|text| text.trim().parse());
        Ok(Moments {
            without: without.collect::<Result<_, _>>()?,
            ..self
        })
    }

    /// The moments resolved in this ledger.
    pub(crate) fn cutoff(&self, reading: &Reader, session: &mut Session) -> anyhow::Result<Cutoff> {
        let now = session.now()?;
        let all = [&self.until, &self.known_at, &self.since];
        for when in all.into_iter().flatten() {
            writing::note_clock_change(session, when, reading.zone());
        }
        let upper = |when| reading.until(when, now);
        Ok(Cutoff {
            until: optional(self.until.as_ref(), upper)?,
            known_at: optional(self.known_at.as_ref(), upper)?,
            since: optional(self.since.as_ref(), |when| reading.since(when, now))?,
            without: self.omitted(reading)?,
        })
    }

    fn omitted(&self, reading: &Reader) -> anyhow::Result<Vec<u64>> {
        let seqs = self.without.iter().map(|event| match event {
            EventRef::Seq(0) => Err(Failure::usage("the first line cannot be left out").into()),
            event => event_number(event, reading, None),
        });
        let mut seqs: Vec<u64> = seqs.collect::<anyhow::Result<_>>()?;
        seqs.sort_unstable();
        seqs.dedup();
        Ok(seqs)
    }
}

/// The number of an event, among the first lines if only these count.
pub(crate) fn event_number(
    event: &EventRef,
    reading: &Reader,
    lines: Option<u64>,
) -> anyhow::Result<u64> {
    let lines_or_all = || -> anyhow::Result<u64> {
        Ok(if let Some(lines) = lines {
            lines
        } else {
            let last = reading.log().last_seq()?;
            last.map_or(0, |seq| seq.saturating_add(1))
        })
    };
    match event {
        EventRef::Seq(seq) => {
            let lines = lines_or_all()?;
            if *seq < lines {
                return Ok(*seq);
            }
            Err(no_event(*seq, lines.saturating_sub(1)).into())
        }
        EventRef::Head(back) => {
            let lines = lines_or_all()?;
            let seq = lines.checked_sub(back.saturating_add(1));
            Ok(seq.ok_or_else(|| Failure::usage(format!("there are only {lines} events")))?)
        }
        EventRef::Key(key) => {
            let mut found = None;
            let options = ReadOptions::default();
            reading.scan::<LedgerError>(Cutoff::default(), None, options, |entry, _, _| {
                let counts = lines.is_none_or(|lines| entry.seq < lines);
                if counts && found.is_none() && entry.key.as_ref() == Some(key) {
                    found = Some(entry.seq);
                }
                Ok(())
            })?;
            Ok(found.ok_or_else(|| {
                Failure::usage(format!("no event has the key {key}")).with_hint("ledger replay")
            })?)
        }
    }
}

/// An event that is not there.
pub(crate) fn no_event(seq: u64, head: u64) -> Failure {
    let message = format!("there is no event {seq}: the log ends with event {head}");
    Failure::usage(message).with_hint(format!("ledger show {head}"))
}

pub(crate) fn open(session: &mut Session, moments: &Moments) -> anyhow::Result<(Reader, Cutoff)> {
    let reading = session.reading()?;
    let cutoff = moments.cutoff(&reading, session)?;
    Ok((reading, cutoff))
}

/// Prints the resolved moments above a table, and warns about skipped bytes. A table with times in it
/// also names the ledger's zone, as it is now.
pub(crate) fn introduce(
    session: &mut Session,
    reading: &Reader,
    replayed: &Replayed,
    times: Option<Timestamp>,
) {
    warn(session, reading, replayed);
    if session.csv {
        note_omitted(session, replayed);
    }
    if session.json || session.quiet || session.csv {
        return;
    }
    let cutoff = replayed.replay.cutoff();
    let zone = reading.zone();
    let resolved = sentence::of_cutoff(cutoff, zone);
    let zone = times
        .filter(|_| !sentence::names_a_time(cutoff))
        .map(|now| sentence::of_zone(zone, now));
    let future = future(replayed);
    let omitted = sentence::of_omitted(&replayed.omitted, &cutoff.without);
    let lines = [resolved, zone, future].into_iter().flatten();
    for line in lines.chain(omitted) {
        session.line(&line);
    }
}

/// Notes which moment is meant beside an answer that has no place for it.
pub(crate) fn note_resolved(session: &mut Session, cutoff: &Cutoff, reading: &Reader) {
    if let Some(resolved) = sentence::of_cutoff(cutoff, reading.zone())
        && !session.quiet
        && !session.json
    {
        session.printer.note("resolved", &resolved);
    }
}

/// A remark if figures without `--until` include future events.
pub(crate) fn future(replayed: &Replayed) -> Option<String> {
    match replayed.replay.cutoff().until {
        None => sentence::of_future(replayed.replay.future()),
        Some(_) => None,
    }
}

/// The same as a note, beside an answer that has no place for it.
pub(crate) fn note_future(session: &mut Session, replayed: &Replayed) {
    if let Some(text) = future(replayed)
        && !session.quiet
        && !session.json
    {
        session.printer.note("future", &text);
    }
}

/// Notes what was left out beside an answer that has no place for it.
pub(crate) fn note_omitted(session: &mut Session, replayed: &Replayed) {
    let named = &replayed.replay.cutoff().without;
    for text in sentence::of_omitted(&replayed.omitted, named) {
        session.printer.note("without", &text);
    }
}

/// Warns of skipped bytes, and of moments that are probably a mistake.
pub(crate) fn warn(session: &mut Session, reading: &Reader, replayed: &Replayed) {
    /// Two clocks may differ by so much, in microseconds.
    const APART: i64 = 60_000_000;
    writing::torn(session, replayed.torn_bytes());
    let cutoff = replayed.replay.cutoff();
    if let (Some(Bound::Time(since)), Some(Bound::Time(until))) = (cutoff.since, cutoff.until)
        && since > until
    {
        session.printer.warning(
            "since_after_until",
            "--since is after --until, so there are no events between them",
        );
    }
    if let (Some((_, _, at)), Ok(now)) = (replayed.replay.last(), session.now())
        && at.unix_micros() > now.unix_micros().saturating_add(APART)
    {
        let text = format!(
            "the last event was recorded at {}, which is after now: a clock was wrong",
            reading.zone().local(at)
        );
        session.printer.warning("recorded_in_the_future", &text);
    }
}

/// Refuses invalid account names before the log is opened.
pub(crate) fn names(wanted: &[String]) -> anyhow::Result<()> {
    wanted
        .iter()
        .filter(|text| !Glob::is_pattern(text))
        .try_for_each(|text| writing::account(text).map(drop))
}

/// The accounts that a command names; `None`, which is all of them, if it names none.
pub(crate) fn named(accounts: &[String]) -> Option<&[String]> {
    (!accounts.is_empty()).then_some(accounts)
}

/// True if the account of this name had been opened by `--known-at`.
pub(crate) fn is_known(replayed: &Replayed, name: &str) -> bool {
    replayed.state().account(name).is_some() || replayed.replay.known_account(name).is_some()
}

/// The balances at a cutoff, and the accounts that are wanted, sorted by name; all of them if none is
/// named. A name that is no account means the accounts below it. An account that was opened only
/// after the cutoff has nothing in it.
pub(crate) fn balances(
    session: &mut Session,
    reading: &Reader,
    cutoff: &Cutoff,
    now: Timestamp,
    wanted: &[String],
) -> anyhow::Result<(Replayed, Vec<(String, Account)>)> {
    if !wanted.is_empty() && !wanted.iter().any(|text| Glob::is_pattern(text)) {
        let names = wanted.iter();
        let names = names.map(|name| Ok(writing::account(name)?.to_string()));
        let names: Vec<String> = names.collect::<anyhow::Result<_>>()?;
        let only: Vec<&str> = names.iter().map(String::as_str).collect();
        let named = AccountQuery::Named(&only);
        let replayed = reading.query(cutoff.clone(), Some(now), named)?;
        if names.iter().all(|name| is_known(&replayed, name)) {
            let accounts = pick(session, &replayed, Some(&names))?;
            return Ok((replayed, accounts));
        }
    }
    let replayed = reading.query(cutoff.clone(), Some(now), AccountQuery::All)?;
    let accounts = pick(session, &replayed, named(wanted))?;
    Ok((replayed, accounts))
}

/// Accounts picked by names, first segments and globs from the balances of all; `None` is all.
pub(crate) fn pick(
    session: &mut Session,
    replayed: &Replayed,
    wanted: Option<&[String]>,
) -> anyhow::Result<Vec<(String, Account)>> {
    let all = replayed.state().accounts();
    let Some(wanted) = wanted else {
        return Ok(all
            .into_iter()
            .map(|(name, account)| (name.to_owned(), *account))
            .collect());
    };
    let mut picked = BTreeMap::new();
    for pattern in patterns(session, replayed, wanted)? {
        if Glob::is_pattern(&pattern) {
            let glob = Glob::new(&pattern);
            let matching = all.iter().filter(|(name, _)| glob.matches(name));
            picked.extend(matching.map(|(name, account)| ((*name).to_owned(), **account)));
        } else {
            let account = one(replayed, &pattern)?;
            picked.insert(pattern, account);
        }
    }
    Ok(picked.into_iter().collect())
}

/// The names and globs that a walk over events looks for; `None`, which is all accounts, if none is
/// named.
pub(crate) fn select(
    session: &mut Session,
    reading: &Reader,
    cutoff: &Cutoff,
    wanted: &[String],
) -> anyhow::Result<Option<Vec<String>>> {
    let Some(wanted) = named(wanted) else {
        return Ok(None);
    };
    let known = Cutoff {
        until: None,
        since: None,
        ..cutoff.clone()
    };
    let replayed = reading.query(known, None, AccountQuery::All)?;
    patterns(session, &replayed, wanted).map(Some)
}

/// Names and globs of accounts that are there. A name that is no account becomes the glob of the
/// accounts below it; a glob that matches no account is left out, with a warning.
///
/// # Errors
/// A single name that is no account.
fn patterns(
    session: &mut Session,
    replayed: &Replayed,
    wanted: &[String],
) -> anyhow::Result<Vec<String>> {
    let all = replayed.state().accounts();
    let mut patterns = Vec::new();
    for text in wanted {
        if Glob::is_pattern(text) {
            if matches_any(&all, text) {
                patterns.push(text.clone());
            } else {
                no_match(session, text);
            }
            continue;
        }
        let name = writing::account(text)?;
        let below = format!("{name}:*");
        if !is_known(replayed, name.as_str()) && matches_any(&all, &below) {
            patterns.push(below);
        } else {
            one(replayed, name.as_str())?;
            patterns.push(name.to_string());
        }
    }
    Ok(patterns)
}

fn matches_any(accounts: &[(&str, &Account)], pattern: &str) -> bool {
    let glob = Glob::new(pattern);
    accounts.iter().any(|(name, _)| glob.matches(name))
}

pub(crate) fn no_match(session: &mut Session, pattern: &str) {
    let text = format!("no account matches {}", quoted(pattern));
    session.printer.warning("no_match", &text);
}

/// The account of this name at the cutoff.
pub(crate) fn one(replayed: &Replayed, name: &str) -> anyhow::Result<Account> {
    if let Some(account) = replayed.state().account(name) {
        return Ok(*account);
    }
    match replayed.replay.known_account(name) {
        Some(currency) => Ok(Account::not_yet(currency)),
        None => Err(unknown(replayed, name).into()),
    }
}

fn unknown(replayed: &Replayed, name: &str) -> Failure {
    let state = replayed.state();
    let suggested = event_ledger::accounts::suggest(state, name);
    match replayed.replay.cutoff().known_at {
        Some(known_at) if suggested.is_none() => {
            let zone = state.opening().map(|opening| Zone::named(&opening.zone));
            let zone = zone.and_then(Result::ok).unwrap_or_else(Zone::utc);
            let moment = sentence::of_bound(known_at, &zone);
            let at = bound_text(Some(known_at)).unwrap_or_default();
            Failure::new(
                "unknown_account",
                format!("no account {name} was known at {moment}"),
            )
            .with_hint(format!("ledger accounts --known-at {at}"))
        }
        _ => Failure::unknown_account(name, suggested),
    }
}

/// An account, or several added up, with what is on hold.
pub(crate) struct BalanceRow<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) account: Account,
    pub(crate) pending: Pending,
}

impl<'a> BalanceRow<'a> {
    pub(crate) fn all(
        replayed: &Replayed,
        accounts: &[(&'a str, &'a Account)],
    ) -> Vec<BalanceRow<'a>> {
        let as_of = replayed.replay.as_of();
        let pending = replayed.state().commitments().pending(as_of);
        let rows = accounts.iter().map(|(name, account)| BalanceRow {
            name: Cow::Borrowed(name),
            account: **account,
            pending: pending.get(name).copied().unwrap_or_default(),
        });
        rows.collect()
    }
}

/// The state as the contract's JSON object, of these accounts.
pub(crate) fn state_answer(
    reading: &Reader,
    replayed: &Replayed,
    rows: &[BalanceRow<'_>],
) -> anyhow::Result<StateAnswer> {
    let cutoff = replayed.replay.cutoff();
    let as_of = replayed.replay.as_of();
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
        balances: rows
            .iter()
            .map(|row| BalanceOf::of(&row.name, &row.account, row.pending))
            .collect(),
        totals: totals(rows.iter().map(|row| &row.account))?
            .iter()
            .map(TotalOf::of)
            .collect(),
        omitted: OmittedAnswer::of(&replayed.omitted),
        torn_bytes: replayed.torn_bytes(),
    })
}
