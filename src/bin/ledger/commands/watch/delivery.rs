//! Delivery of events: a line on standard output, or a command.
//!
//! Lines wait for each other as long as the log has more, up to what a pipe takes at once. The cursor
//! moves only after a delivery, and a failed delivery is repeated.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::bail;
use event_ledger::accounts::State;
use event_ledger::event::{Entry, LedgerId};
use event_ledger::ledger::SavedPosition;
use event_ledger::projection::{Cursor, ProjectionError};
use event_ledger::replay::EventFilter;
use event_ledger::time::Zone;

use crate::output::json;
use crate::output::json_following::{WatchAnswer, WatchedChange};
use crate::output::print::QuietEnd;
use crate::output::sentence;
use crate::output::text::{harmless, json_harmless};
use crate::session::Session;
use crate::waiting::{CommandEnd, WHOLE_BYTES, Waiting};

/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The number of lines that may be repeated after a kill.
const LINES_AT_RISK: u32 = 1000;

/// The command that an event is delivered to.
#[derive(Clone, Debug)]
pub(super) struct DeliveryCommand {
    /// What `sh` runs.
    pub(super) text: String,
    /// How long it may take for one event.
    pub(super) limit: Option<Duration>,
}

pub(super) struct Delivery {
    filter: EventFilter,
    command: Option<DeliveryCommand>,
    cursor: Option<Cursor>,
    waiting: Waiting,
    zone: Zone,
    /// Lines that are not printed yet.
    lines: String,
    /// The last event that was taken; its line may be among those.
    ahead: Option<SavedPosition>,
    /// The last event up to which everything was delivered, if the cursor is not there yet.
    delivered: Option<SavedPosition>,
    unkept: u32,
}

impl Delivery {
    pub(super) fn new(
        filter: EventFilter,
        command: Option<DeliveryCommand>,
        cursor: Option<Cursor>,
        waiting: Waiting,
        zone: Zone,
    ) -> Delivery {
        Delivery {
            filter,
            command,
            cursor,
            waiting,
            zone,
            lines: String::new(),
            ahead: None,
            delivered: None,
            unkept: 0,
        }
    }

    pub(super) fn waiting(&mut self) -> &mut Waiting {
        &mut self.waiting
    }

    /// Moves the cursor to where this run starts, if there is one.
    pub(super) fn keep(&mut self, position: SavedPosition) -> Result<(), ProjectionError> {
        self.delivered = Some(position);
        self.advance()
    }

    /// Prints what waits, and moves the cursor to what was delivered.
    pub(super) fn keep_all(&mut self, session: &mut Session) -> anyhow::Result<()> {
        let printed = self.pass_on(session);
        self.advance()?;
        printed
    }

    fn advance(&mut self) -> Result<(), ProjectionError> {
        self.unkept = 0;
        match (&mut self.cursor, self.delivered.take()) {
            (Some(cursor), Some(position)) => cursor.advance(position),
            _ => Ok(()),
        }
    }

    /// Delivers an event, if it passes the filter. A line may wait for [`Delivery::keep_all`].
    pub(super) fn take(
        &mut self,
        entry: &Entry<'_>,
        state: &State,
        ledger: LedgerId,
        session: &mut Session,
    ) -> anyhow::Result<()> {
        if self.waiting.is_over() {
            bail!(QuietEnd);
        }
        let is_wanted = self.filter.takes(entry, state);
        if is_wanted {
            match self.command.clone() {
                Some(command) => self.run(&command, entry, state, session)?,
                None => self.print(entry, state, session)?,
            }
        }
        self.ahead = Some(SavedPosition {
            ledger,
            seq: entry.seq,
            hash: entry.hash,
        });
        if self.lines.is_empty() {
            self.delivered = self.ahead;
        }
        self.unkept = self.unkept.saturating_add(1);
        let at_once = is_wanted && self.command.is_some();
        if at_once || self.unkept >= LINES_AT_RISK {
            self.keep_all(session)?;
        }
        Ok(())
    }

    fn print(
        &mut self,
        entry: &Entry<'_>,
        state: &State,
        session: &mut Session,
    ) -> anyhow::Result<()> {
        let text = if session.json {
            json::text(&WatchAnswer::of(entry, state))
        } else {
            in_words(entry, state, &self.zone)
        };
        let line = if session.json {
            json_harmless(&text)
        } else {
            harmless(&text)
        };
        let length = line.len().saturating_add(1);
        if self.lines.len().saturating_add(length) > WHOLE_BYTES {
            self.pass_on(session)?;
        }
        self.lines.push_str(&line);
        self.lines.push('\n');
        Ok(())
    }

    /// Prints the lines that wait.
    fn pass_on(&mut self, session: &mut Session) -> anyhow::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.lines);
        let printed = self.waiting.print(lines.len(), || {
            session.rendered(&lines);
            session.printer.flush()
        });
        printed.unwrap_or(Err(QuietEnd))?;
        self.delivered = self.ahead;
        Ok(())
    }

    /// Runs the command for an event until it succeeds.
    fn run(
        &mut self,
        command: &DeliveryCommand,
        entry: &Entry<'_>,
        state: &State,
        session: &mut Session,
    ) -> anyhow::Result<()> {
        let mut line = json::text(&WatchAnswer::of(entry, state));
        line.push('\n');
        let mut pause = FIRST_PAUSE;
        loop {
            let mut shell = Command::new("sh");
            shell.args(["-c", &command.text]).stdin(Stdio::piped());
            let input = line.clone().into_bytes();
            let what = match self.waiting.run(&mut shell, input, command.limit) {
                Ok(CommandEnd::Stopped) => bail!(QuietEnd),
                Ok(CommandEnd::Ended(status)) if status.success() => return Ok(()),
                Ok(CommandEnd::Ended(status)) => how(status),
                Ok(CommandEnd::TookTooLong) => format!(
                    "ended after {} s, --exec-limit allows no more",
                    command.limit.unwrap_or_default().as_secs()
                ),
                Err(error) => error.to_string(),
            };
            session.printer.warning(
                "command_failed",
                &format!(
                    "the command failed for event {} ({what}); it is run again in {} s",
                    entry.seq,
                    seconds(pause)
                ),
            );
            if !self.waiting.pause(pause) {
                bail!(QuietEnd);
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

/// `exit code 3`, or the signal.
fn how(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

/// `0.1`, `12.8`, `30`.
fn seconds(time: Duration) -> String {
    match time.subsec_millis() / 100 {
        0 => time.as_secs().to_string(),
        tenths => format!("{}.{tenths}", time.as_secs()),
    }
}

/// `2026-11-23 11:15  #2 withdraw 12.50 EUR from main; main 50.00 → 37.50 EUR: lunch`
fn in_words(entry: &Entry<'_>, state: &State, zone: &Zone) -> String {
    let mut text = format!(
        "{}  {}",
        zone.local_minute(entry.at),
        sentence::of_entry(entry, zone)
    );
    let effective = entry
        .effective
        .map(|effective| format!(" as of {}", zone.local_minute(effective)));
    let reverses = entry
        .link
        .map(|link| format!(", {}", sentence::of_link(link)));
    text.extend(effective.into_iter().chain(reverses));
    let mut parted_by = ';';
    for change in WatchedChange::all(entry, state) {
        let (account, before, balance) = (&change.account, &change.before, &change.balance);
        let currency = change
            .currency
            .map_or_else(String::new, |code| format!(" {code}"));
        text.extend([format!(
            "{parted_by} {account} {before} → {balance}{currency}"
        )]);
        parted_by = ',';
    }
    if let Some(note) = sentence::of_note(entry) {
        text.push_str(": ");
        text.push_str(&note);
    }
    text
}
