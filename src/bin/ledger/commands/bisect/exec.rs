//! A command that says whether all is well at a moment of the log, as `git bisect run` does.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use event_ledger::formats::event_json::EventJson;
use event_ledger::ledger::Reader;
use event_ledger::replay::{Bound, Cutoff};

use super::super::reading;
use crate::failure::{Correction, Failure};
use crate::output::json_assert::BisectAnswer;
use crate::output::sentence;
use crate::session::{Done, Session};

/// The variable with the moment that the command judges.
const MOMENT: &str = "LEDGER_UNTIL";

/// What a command says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Good,
    Bad,
    /// It cannot say.
    Skip,
}

/// The command, and how often it was asked.
struct AskedCommand<'c> {
    command: &'c str,
    times: u64,
    is_silent: bool,
}

/// What halving has found.
enum Halved {
    /// The first event after which it is bad.
    Found(u64),
    /// It is good at the end.
    NeverBad,
    /// It is bad before the first event.
    AlwaysBad,
    /// One of these events: the command could not say more.
    Skipped(u64, u64),
}

pub(super) fn run(command: &str, reading: &Reader, cutoff: &Cutoff, session: &mut Session) -> Done {
    let last = last_event(reading, cutoff)?;
    // The log is checked before a command judges it.
    let replayed = reading.replay(cutoff.clone(), None)?;
    reading::warn(session, reading, &replayed);
    let mut asked = AskedCommand {
        command,
        times: 0,
        is_silent: session.json || session.quiet,
    };
    let halved = halve(last, |seq| asked.ask(seq))?;
    let times = asked.times;
    let found = match halved {
        Halved::Found(seq) => reading.entry(seq)?,
        Halved::NeverBad | Halved::AlwaysBad | Halved::Skipped(..) => None,
    };
    let what = match (&halved, &found) {
        (_, Some(entry)) => {
            let mut text = format!(
                "bad from event {} on: {}",
                entry.seq,
                sentence::of_entry(entry, reading.zone())
            );
            if let Some(note) = sentence::of_note(entry) {
                text.push_str(&format!(": {note}"));
            }
            text
        }
        (Halved::NeverBad, _) => format!("good after event {last}"),
        (Halved::AlwaysBad, _) => "bad before the first event".to_owned(),
        (Halved::Skipped(first, last), _) => {
            format!("bad from one of the events {first} to {last} on; those between were skipped")
        }
        (Halved::Found(_), None) => bail!(Failure::damaged("an event is not there any more")),
    };
    if session.json {
        let answer = BisectAnswer {
            found: found.is_some(),
            event: found.as_ref().map(EventJson::of),
            ..BisectAnswer::not_found(times)
        };
        if found.is_none() {
            session.printer.note("bisect", &what);
        }
        session.answer(&answer);
    } else {
        session.line(&what);
    }
    Ok(if found.is_some() { 0 } else { 3 })
}

/// The last event of the part that is searched: positions only, because the moments that the command
/// judges are positions.
fn last_event(reading: &Reader, cutoff: &Cutoff) -> anyhow::Result<u64> {
    let wrong = |flag: &str| {
        Failure::usage(format!("with --exec, {flag} is a position, like seq:17"))
            .corrected([Correction::flag(flag, "head")])
    };
    if !cutoff.without.is_empty() {
        bail!(
            Failure::usage(
                "--without cannot be used with --exec; the command can leave events out"
            )
            .corrected([Correction::Drop("--without")])
        );
    }
    let mut last = reading.log().last_seq()?.unwrap_or(0);
    for (flag, bound) in [("--until", cutoff.until), ("--known-at", cutoff.known_at)] {
        match bound {
            Some(Bound::Seq(seq)) => last = last.min(seq),
            Some(Bound::Time(_)) => bail!(wrong(flag)),
            None => {}
        }
    }
    Ok(last)
}

impl AskedCommand<'_> {
    /// Asks the command about the first `seq` events.
    fn ask(&mut self, seq: u64) -> anyhow::Result<Said> {
        self.times = self.times.saturating_add(1);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", self.command])
            .env(MOMENT, format!("seq:{seq}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if self.is_silent {
            shell.stderr(Stdio::null());
        }
        let status = shell
            .status()
            .context("cannot run `sh`")
            .map_err(|error| Failure::io(format!("{error:#}")))?;
        match status.code() {
            Some(0) => Ok(Said::Good),
            Some(125) => Ok(Said::Skip),
            Some(1..=127) => Ok(Said::Bad),
            Some(code) => bail!(Failure::io(format!(
                "the command ended with {code} for event {seq}: 0 is good, 125 skips, 1 to 127 is bad"
            ))),
            None => bail!(Failure::io(format!(
                "the command was ended by a signal for event {seq}"
            ))),
        }
    }
}

/// Finds the first event after which `ask` says bad. Both ends are asked first.
fn halve(last: u64, mut ask: impl FnMut(u64) -> anyhow::Result<Said>) -> anyhow::Result<Halved> {
    match ask(last)? {
        Said::Bad => {}
        Said::Good => return Ok(Halved::NeverBad),
        Said::Skip => bail!(Failure::io(format!(
            "the command cannot say whether event {last}, the last one, is good or bad"
        ))),
    }
    match ask(0)? {
        Said::Good => {}
        Said::Bad => return Ok(Halved::AlwaysBad),
        Said::Skip => bail!(Failure::io(
            "the command cannot say whether the log without events is good or bad"
        )),
    }
    let (mut good, mut bad) = (0_u64, last);
    let mut skipped = BTreeSet::new();
    while let Some(seq) = middle(good, bad, &skipped) {
        match ask(seq)? {
            Said::Good => good = seq,
            Said::Bad => bad = seq,
            Said::Skip => drop(skipped.insert(seq)),
        }
    }
    let first = good.saturating_add(1);
    Ok(if first == bad {
        Halved::Found(bad)
    } else {
        Halved::Skipped(first, bad)
    })
}

/// The event nearest to the middle that was not skipped.
fn middle(good: u64, bad: u64, skipped: &BTreeSet<u64>) -> Option<u64> {
    let middle = good.midpoint(bad);
    let is_open = |seq: &u64| *seq > good && *seq < bad && !skipped.contains(seq);
    let distances = 0..=bad.saturating_sub(good);
    distances
        .flat_map(|distance| {
            let below = middle.checked_sub(distance);
            [below, middle.checked_add(distance)]
        })
        .flatten()
        .find(is_open)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a log of 100 events that is bad from event `bad` on, and how often was asked.
    fn found(bad: u64, skipped: std::ops::Range<u64>) -> (Option<u64>, Option<(u64, u64)>, u64) {
        let mut times = 0;
        let halved = halve(100, |seq| {
            times += 1;
            Ok(match seq {
                seq if skipped.contains(&seq) => Said::Skip,
                seq if seq >= bad => Said::Bad,
                _ => Said::Good,
            })
        });
        match halved.unwrap() {
            Halved::Found(seq) => (Some(seq), None, times),
            Halved::Skipped(first, last) => (None, Some((first, last)), times),
            Halved::NeverBad | Halved::AlwaysBad => (None, None, times),
        }
    }

    #[test]
    fn every_event_is_found_in_few_steps() {
        for bad in 1..=100 {
            let (seq, _, times) = found(bad, 0..0);
            assert_eq!(seq, Some(bad));
            assert!(times <= 9, "{times}");
        }
        assert_eq!(found(101, 0..0), (None, None, 1));
        assert_eq!(found(0, 0..0), (None, None, 2));
    }

    #[test]
    fn skipped_events_are_passed_over_and_named_if_the_answer_is_among_them() {
        assert_eq!(found(70, 40..60).0, Some(70));
        assert_eq!(found(20, 40..60).0, Some(20));
        assert_eq!(found(45, 40..60).1, Some((40, 60)));
        assert_eq!(found(60, 40..60).1, Some((40, 60)));
    }
}
