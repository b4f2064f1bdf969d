//! Deciding wishes one after the other on what the log says, and writing what they come to as lines.
//!
//! Owns what lies between reading and appending. Must not write anything.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};

use crate::accounts::{Command, Decision, Draft, Found, NotReversible, Refusal, State, decide};
use crate::event::{Entry, Event, Hash, MEMO_MAX_BYTES, Note, Salt, Tags};
use crate::log::{Appended, LINE_MAX_BYTES, Mark, Record, ScanError, Snapshot, Tail, seal};
use crate::time::{Instant, Zone};

use super::new_log::random;
use super::reading::Stop;
use super::transaction::{Conditions, Mode, Notice, Outcome, Receipt, Standing};
use super::{Intent, LedgerError, NewLedger, Since, Wish};

/// The log as it was read for a transaction, and what is to be appended to it.
pub(super) struct Draftbook<'l> {
    log: Option<&'l Snapshot>,
    path: PathBuf,
    state: State,
    zone: Zone,
    last: Option<Mark>,
    tail: Tail,
    /// The event that was recorded under a key that some wish names.
    keyed: HashMap<String, Entry<'static>>,
    /// Decided and applied, not yet lines.
    pending: Vec<Pending>,
    slots: Vec<Result<Slot, LedgerError>>,
    notices: Vec<Notice>,
    is_init: bool,
    /// True where the pending events stand or fall together.
    together: bool,
}

struct Pending {
    /// Its hash is not computed yet.
    entry: Entry<'static>,
    standings: Vec<Standing>,
}

/// What became of a wish: the number of its event, and whether that is an old one.
struct Slot {
    seq: u64,
    replayed: bool,
}

/// Everything decided, as lines and receipts.
pub(super) struct Decided {
    lines: Vec<u8>,
    tail: Tail,
    outcome: Outcome,
    started: Option<PathBuf>,
}

impl<'l> Draftbook<'l> {
    /// Where there is no log.
    pub(super) fn blank(path: &Path) -> Draftbook<'l> {
        Draftbook {
            log: None,
            path: path.to_owned(),
            state: State::default(),
            zone: Zone::utc(),
            last: None,
            tail: Tail::Clean,
            keyed: HashMap::new(),
            pending: Vec::new(),
            slots: Vec::new(),
            notices: Vec::new(),
            is_init: false,
            together: false,
        }
    }

    /// Reads and checks the log, and looks up what the wishes name in it.
    pub(super) fn read(
        log: &'l Snapshot,
        path: &Path,
        wishes: &[Wish],
    ) -> Result<Draftbook<'l>, LedgerError> {
        let mut book = Draftbook::blank(path);
        book.log = Some(log);
        let keys: HashSet<&str> = wishes
            .iter()
            .filter_map(|wish| wish.key.as_ref().map(crate::event::Key::as_str))
            .collect();
        let (state, keyed) = (&mut book.state, &mut book.keyed);
        let scanned = log.scan(None, |entry, _| {
            if let Some(key) = &entry.key
                && keys.contains(key.as_str())
                && !keyed.contains_key(key.as_str())
            {
                keyed.insert(key.to_string(), entry.clone().into_owned());
            }
            state.apply(entry).map_err(Stop::<LedgerError>::Overflow)
        });
        let scanned = scanned.map_err(|error| match error {
            ScanError::Log(error) => LedgerError::from(error),
            ScanError::Stopped(Stop::Overflow(overflow)) => overflow.into(),
            ScanError::Stopped(Stop::Other(error)) => error,
        })?;
        book.last = scanned.last;
        book.tail = scanned.tail;
        if let Some(opening) = book.state.opening() {
            book.zone = Zone::named(&opening.zone)?;
        }
        Ok(book)
    }

    /// Decides every wish on what the log and the wishes before it say.
    pub(super) fn decide_all(
        &mut self,
        wishes: &[Wish],
        conditions: &Conditions<'_>,
    ) -> Result<(), LedgerError> {
        self.together = conditions.mode == Mode::Together;
        let at = self.time(conditions.now);
        for (index, wish) in wishes.iter().enumerate() {
            let decided = self.decide(wish, index, at, conditions.now);
            match decided {
                Err(error) if conditions.mode == Mode::Together || !is_refusal(&error) => {
                    return Err(error);
                }
                decided => self.slots.push(decided),
            }
        }
        Ok(())
    }

    /// The time of what is recorded now: never before the last event's.
    fn time(&mut self, now: Instant) -> Instant {
        match self.last {
            Some(last) if now < last.at => {
                self.notices
                    .push(Notice::ClockBehind { now, last: last.at });
                last.at
            }
            _ => now,
        }
    }

    fn decide(
        &mut self,
        wish: &Wish,
        index: usize,
        at: Instant,
        now: Instant,
    ) -> Result<Slot, LedgerError> {
        if let Some(memo) = &wish.memo
            && memo.len() > MEMO_MAX_BYTES
        {
            return Err(LedgerError::MemoTooLong {
                length: memo.len(),
                most: MEMO_MAX_BYTES,
            });
        }
        if let Intent::Init(new) = &wish.intent {
            return self.decide_init(new, wish, index, at, now);
        }
        if self.last.is_none() && self.pending.is_empty() {
            if wish.if_head.is_some() {
                return Err(self.refused(no_head(wish), index));
            }
            self.start(&NewLedger::default(), at, now, None)?;
        }
        let effective = wish.effective(now, &self.zone)?;
        let command = match &wish.intent {
            Intent::Command(command) => command.clone(),
            Intent::Undo | Intent::Init(_) => self.undo(wish, index)?,
        };
        let request = wish.request(command, effective);
        let found = self.look_up(&request.command, wish)?;
        match decide(&self.state, &request, &found) {
            Err(refusal) => Err(self.refused(refusal, index)),
            Ok(Decision::Repeat(first)) => Ok(Slot {
                seq: first.seq,
                replayed: true,
            }),
            Ok(Decision::Record(draft)) => self.add(draft, at).map(|seq| Slot {
                seq,
                replayed: false,
            }),
        }
    }

    fn decide_init(
        &mut self,
        new: &NewLedger,
        wish: &Wish,
        index: usize,
        at: Instant,
        now: Instant,
    ) -> Result<Slot, LedgerError> {
        self.is_init = true;
        if let Some(key) = &wish.key
            && let Some(first) = self.keyed.get(key.as_str())
        {
            let seq = first.seq;
            let answer = new.answer_repeat(wish, key, first);
            return match answer {
                Ok(()) => Ok(Slot {
                    seq,
                    replayed: true,
                }),
                Err(refusal) => Err(self.refused(refusal, index)),
            };
        }
        if let (Some(asked), actual) = (&wish.if_head, self.head())
            && !actual.is_some_and(|(seq, hash)| asked.is_of(seq, &hash))
        {
            let refusal = Refusal::HeadConflict {
                asked: asked.clone(),
                actual,
            };
            return Err(self.refused(refusal, index));
        }
        if self.last.is_some() {
            return Err(LedgerError::LedgerExists {
                path: self.path.clone(),
            });
        }
        self.start(new, at, now, Some(wish))?;
        Ok(Slot {
            seq: 0,
            replayed: false,
        })
    }

    /// Puts the first line of a new log in front.
    fn start(
        &mut self,
        new: &NewLedger,
        at: Instant,
        now: Instant,
        wish: Option<&Wish>,
    ) -> Result<(), LedgerError> {
        self.zone = new.zone.clone();
        let (effective, memo, tags, key) = match wish {
            None => (None, None, Tags::default(), None),
            Some(wish) => (
                wish.effective(now, &new.zone)?,
                wish.memo(),
                wish.tags.clone(),
                wish.key.clone(),
            ),
        };
        let draft = Draft {
            event: Event::Ledger(new.opening()?),
            reverses: None,
            effective,
            key,
            memo,
            tags,
        };
        self.add(draft, at).map(|_| ())
    }

    /// What `undo` comes to: the newest event that is neither reversed nor a reversal. Asked again
    /// under its key, it means the event it undid then.
    fn undo(&self, wish: &Wish, index: usize) -> Result<Command, LedgerError> {
        let keyed = wish
            .key
            .as_ref()
            .and_then(|key| self.keyed.get(key.as_str()));
        if let Some(seq) = keyed.and_then(|first| first.reverses) {
            return Ok(Command::Reverse { seq });
        }
        let can_be_undone = |entry: &Entry<'_>| {
            entry.event.kind().moves_money()
                && entry.reverses.is_none()
                && self.state.reversed_by(entry.seq).is_none()
        };
        let pending = self.pending.iter().rev().map(|pending| &pending.entry);
        if let Some(entry) = pending.into_iter().find(|entry| can_be_undone(entry)) {
            return Ok(Command::Reverse { seq: entry.seq });
        }
        let mut seq = self.last.map_or(0, |last| last.seq);
        while seq > 0 {
            if let Some(entry) = self.log.map(|log| log.entry(seq)).transpose()?.flatten()
                && can_be_undone(&entry)
            {
                return Ok(Command::Reverse { seq });
            }
            seq = seq.saturating_sub(1);
        }
        let refusal = Refusal::NotReversible {
            seq: self.last.map_or(0, |last| last.seq),
            reason: NotReversible::NothingToUndo,
        };
        Err(self.refused(refusal, index))
    }

    fn look_up(&self, command: &Command, wish: &Wish) -> Result<Found, LedgerError> {
        let keyed = wish
            .key
            .as_ref()
            .and_then(|key| self.keyed.get(key.as_str()));
        let target = match command {
            Command::Reverse { seq } => match self.pending_entry(*seq) {
                Some(entry) => Some(entry.clone()),
                None => self.log.map(|log| log.entry(*seq)).transpose()?.flatten(),
            },
            _ => None,
        };
        Ok(Found {
            head: self.head(),
            keyed: keyed.cloned(),
            target,
        })
    }

    fn pending_entry(&self, seq: u64) -> Option<&Entry<'static>> {
        let first = self.pending.first()?.entry.seq;
        let index = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.pending.get(index).map(|pending| &pending.entry)
    }

    fn head(&self) -> Option<(u64, Hash)> {
        self.last.map(|last| (last.seq, last.hash))
    }

    /// Takes a decided event in: from here on it has happened, as far as later wishes see.
    fn add(&mut self, draft: Draft, at: Instant) -> Result<u64, LedgerError> {
        let seq = match (self.pending.last(), self.last) {
            (Some(pending), _) => pending.entry.seq.saturating_add(1),
            (None, Some(last)) => last.seq.saturating_add(1),
            (None, None) => 0,
        };
        let note = if draft.memo.is_none() && draft.tags.is_empty() {
            None
        } else {
            Some(Note::Kept {
                salt: Salt(random()?),
                memo: draft.memo.map(Cow::Owned),
                tags: draft.tags,
            })
        };
        let entry = Entry {
            seq,
            at,
            effective: draft.effective.filter(|effective| *effective != at),
            event: draft.event,
            reverses: draft.reverses,
            key: draft.key,
            more: false,
            hash: Hash::from_bytes([0; 32]),
            note,
        };
        self.state.apply(&entry)?;
        if let Some(key) = &entry.key {
            self.keyed.insert(key.to_string(), entry.clone());
        }
        let standings = standings(&self.state, &entry);
        self.pending.push(Pending { entry, standings });
        Ok(seq)
    }

    fn refused(&self, refusal: Refusal, request: usize) -> LedgerError {
        let since = match (&refusal, self.log) {
            (Refusal::HeadConflict { asked, actual }, Some(log)) => {
                since(log, asked, *actual).map(Box::new)
            }
            _ => None,
        };
        LedgerError::Refused {
            refusal: Box::new(refusal),
            request,
            since,
        }
    }

    /// Makes lines of what was decided.
    pub(super) fn close(mut self) -> Result<Decided, LedgerError> {
        let starts = self.last.is_none() && !self.pending.is_empty();
        if starts && self.pending.len() == 1 && !self.is_init {
            // Nothing but a first line that nobody asked for.
            self.pending.clear();
        }
        let old_standings = self.old_standings()?;
        let mut lines = Vec::new();
        let mut previous = self.last.map(|last| last.hash);
        let mut sealed: HashMap<u64, (Entry<'static>, Vec<Standing>)> = HashMap::new();
        let last_pending = self.pending.last().map(|pending| pending.entry.seq);
        for pending in std::mem::take(&mut self.pending) {
            let Pending { entry, standings } = pending;
            let more = self.together && entry.seq > 0 && Some(entry.seq) != last_pending;
            let (line, entry) = seal(record_of(entry, more), previous.as_ref());
            if line.len() > LINE_MAX_BYTES {
                return Err(LedgerError::TooLong {
                    length: line.len(),
                    most: LINE_MAX_BYTES,
                });
            }
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
            previous = Some(entry.hash);
            self.last = Some(Mark {
                offset: 0,
                seq: entry.seq,
                hash: entry.hash,
                at: entry.at,
            });
            sealed.insert(entry.seq, (entry, standings));
        }
        let keyed: HashMap<u64, Entry<'static>> = std::mem::take(&mut self.keyed)
            .into_values()
            .map(|entry| (entry.seq, entry))
            .collect();
        let receipt = |slot: Slot| -> Option<Receipt> {
            let (entry, standings) = match sealed.get(&slot.seq) {
                Some((entry, standings)) => (entry.clone(), standings.clone()),
                None => (
                    keyed.get(&slot.seq)?.clone(),
                    old_standings.get(&slot.seq).cloned().unwrap_or_default(),
                ),
            };
            Some(Receipt {
                entry,
                replayed: slot.replayed,
                standings,
            })
        };
        let results = self
            .slots
            .into_iter()
            .filter_map(|slot| match slot {
                Ok(slot) => receipt(slot).map(Ok),
                Err(error) => Some(Err(error)),
            })
            .collect();
        let started = (starts && !lines.is_empty() && !self.is_init).then(|| self.path.clone());
        Ok(Decided {
            lines,
            tail: self.tail,
            outcome: Outcome {
                results,
                notices: self.notices,
                zone: self.zone,
                head: self.last.map(|last| (last.seq, last.hash)),
            },
            started,
        })
    }

    /// How the accounts of repeated events stood right behind them: one more read of the log, for
    /// all of them together.
    fn old_standings(&self) -> Result<HashMap<u64, Vec<Standing>>, LedgerError> {
        let first_pending = self.pending.first().map_or(u64::MAX, |p| p.entry.seq);
        let wanted: HashSet<u64> = self
            .slots
            .iter()
            .flatten()
            .filter(|slot| slot.replayed && slot.seq < first_pending)
            .map(|slot| slot.seq)
            .collect();
        let mut found = HashMap::new();
        let (Some(log), Some(newest)) = (self.log, wanted.iter().max().copied()) else {
            return Ok(found);
        };
        let mut state = State::default();
        let scanned = log.scan(None, |entry, _| {
            if entry.seq > newest {
                return Err(Stop::Other(()));
            }
            state.apply(entry).map_err(Stop::Overflow)?;
            if wanted.contains(&entry.seq) {
                found.insert(entry.seq, standings(&state, entry));
            }
            Ok(())
        });
        match scanned {
            Err(ScanError::Log(error)) => Err(error.into()),
            Err(ScanError::Stopped(Stop::Overflow(overflow))) => Err(overflow.into()),
            Ok(_) | Err(ScanError::Stopped(Stop::Other(()))) => Ok(found),
        }
    }
}

impl Decided {
    /// The lines to append, each with its line feed.
    pub(super) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// What lies behind the log's last event.
    pub(super) fn tail(&self) -> Tail {
        self.tail
    }

    /// The outcome, with what the append had to tell; nothing was appended where there is none.
    pub(super) fn outcome(self, appended: Option<Appended>) -> Outcome {
        let mut outcome = self.outcome;
        let was_appended = appended.is_some();
        match (self.tail, appended) {
            (
                Tail::Torn { bytes, .. },
                Some(Appended {
                    quarantine: Some(to),
                }),
            ) => {
                outcome.notices.insert(0, Notice::SetAside { bytes, to });
            }
            (Tail::Torn { bytes, .. }, None) => outcome.notices.insert(0, Notice::Torn { bytes }),
            _ => {}
        }
        if let Some(path) = self.started {
            outcome.notices.push(if was_appended {
                Notice::Started { path }
            } else {
                Notice::WouldStart { path }
            });
        }
        outcome
    }
}

/// True for what one wish can be told while others go on.
fn is_refusal(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Refused { .. }
            | LedgerError::When(_)
            | LedgerError::PositionNotTime { .. }
            | LedgerError::MemoTooLong { .. }
    )
}

fn no_head(wish: &Wish) -> Refusal {
    Refusal::HeadConflict {
        asked: wish.if_head.clone().unwrap_or(crate::event::Head {
            seq: 0,
            hash_prefix: String::new(),
        }),
        actual: None,
    }
}

fn standings(state: &State, entry: &Entry<'_>) -> Vec<Standing> {
    entry
        .event
        .accounts()
        .filter_map(|name| {
            state.account(name.as_str()).map(|account| Standing {
                name: name.to_string(),
                account: *account,
            })
        })
        .collect()
}

fn record_of(entry: Entry<'static>, more: bool) -> Record<'static> {
    Record {
        seq: entry.seq,
        at: entry.at,
        effective: entry.effective,
        event: entry.event,
        reverses: entry.reverses,
        key: entry.key,
        more,
        note: entry.note,
    }
}

/// What was recorded behind a head that is not the last one any more.
fn since(log: &Snapshot, asked: &crate::event::Head, actual: Option<(u64, Hash)>) -> Option<Since> {
    const SHOWN: u64 = 5;
    let (head, _) = actual?;
    let is_known = log
        .entry(asked.seq)
        .ok()?
        .is_some_and(|entry| asked.is_of(entry.seq, &entry.hash));
    let count = if is_known {
        head.saturating_sub(asked.seq)
    } else {
        0
    };
    let from = head.saturating_sub(count.min(SHOWN)).saturating_add(1);
    let newest = (from..=head)
        .filter_map(|seq| log.entry(seq).ok().flatten())
        .collect();
    Some(Since {
        is_known,
        count,
        newest: if is_known { newest } else { Vec::new() },
        head: actual,
    })
}
