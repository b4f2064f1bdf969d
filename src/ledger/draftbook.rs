//! Deciding wishes one after the other on what the log says, and writing what they come to as lines.
//!
//! Owns what lies between reading and appending. Must not write anything.

mod closing;
mod known;
mod looking_back;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};

use crate::accounts::{Command, Decision, Draft, Found, NotReversible, Refusal, State, decide};
use crate::event::{Entry, Event, Hash, Key, Link, MEMO_MAX_BYTES, Note, Record, Salt, Tags};
use crate::log::{LINE_MAX_BYTES, LogPosition, LogReader, ScanError, Tail, encode};
use crate::time::{Timestamp, Zone};

use super::new_log::random;
use super::reader::Stop;
use super::transaction::{Mode, Notice, Receipt, RecordOptions};
use super::{Intent, LedgerError, NewLedger, Wish};
use closing::{accounts_after, record_of};
use known::Known;
use looking_back::{can_be_undone, since};

pub(super) use closing::Decided;

/// The log as it was read for a transaction, and what is to be appended to it.
pub(super) struct Draftbook<'l> {
    log: Option<&'l LogReader>,
    path: PathBuf,
    state: State,
    /// What the log says beyond `state`, where it was not read from its front.
    known: Option<Known>,
    zone: Zone,
    last: Option<LogPosition>,
    tail: Tail,
    /// The event that was recorded under a key that some wish names, as a receipt that still lacks
    /// its accounts_after.
    keyed: HashMap<String, Box<Receipt>>,
    /// Decided and applied, not yet lines.
    pending: Vec<Pending>,
    /// Which of the pending was decided under a key.
    pending_keys: HashMap<String, usize>,
    /// The pending that moved money and reverse nothing, oldest first; `undo` takes from its end.
    undoable: Vec<u64>,
    /// Every logged event behind this one is known not to be there for `undo` any more.
    undone_down_to: Option<u64>,
    slots: Vec<Result<Slot, LedgerError>>,
    notices: Vec<Notice>,
    is_init: bool,
    /// True where the pending events stand or fall together.
    together: bool,
}

/// The receipt of an event that has no hash yet.
struct Pending(Box<Receipt>);

impl Pending {
    fn seq(&self) -> u64 {
        self.0.entry.seq
    }
}

/// What became of a wish: the number of its event, and whether that is an old one.
struct Slot {
    seq: u64,
    replayed: bool,
}

impl<'l> Draftbook<'l> {
    /// Where there is no log.
    pub(super) fn blank(path: &Path) -> Draftbook<'l> {
        Draftbook {
            log: None,
            path: path.to_owned(),
            state: State::default(),
            known: None,
            zone: Zone::utc(),
            last: None,
            tail: Tail::Clean,
            keyed: HashMap::new(),
            pending: Vec::new(),
            pending_keys: HashMap::new(),
            undoable: Vec::new(),
            undone_down_to: None,
            slots: Vec::new(),
            notices: Vec::new(),
            is_init: false,
            together: false,
        }
    }

    /// Reads and checks the log, and looks up what the wishes name in it.
    pub(super) fn read(
        log: &'l LogReader,
        path: &Path,
        wishes: &[Wish],
    ) -> Result<Draftbook<'l>, LedgerError> {
        let mut book = Draftbook::blank(path);
        book.log = Some(log);
        let keys = Draftbook::keys(wishes);
        let (state, keyed) = (&mut book.state, &mut book.keyed);
        let scanned = log.scan(None, |entry, _| {
            Draftbook::note_key(keyed, &keys, entry);
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

    /// The keys that wishes name.
    fn keys(wishes: &[Wish]) -> HashSet<&str> {
        let keys = wishes
            .iter()
            .flat_map(|wish| [wish.key.as_ref(), wish.intent.reversed_key()]);
        keys.flatten().map(Key::as_str).collect()
    }

    /// Keeps the first event under each key that is asked for.
    fn note_key(
        keyed: &mut HashMap<String, Box<Receipt>>,
        keys: &HashSet<&str>,
        entry: &Entry<'_>,
    ) {
        if let Some(key) = &entry.key
            && keys.contains(key.as_str())
            && !keyed.contains_key(key.as_str())
        {
            let receipt = Receipt::old(entry.clone().into_owned());
            keyed.insert(key.to_string(), Box::new(receipt));
        }
    }

    /// Decides every wish on what the log and the wishes before it say.
    pub(super) fn decide_all(
        &mut self,
        wishes: &[Wish],
        conditions: &mut RecordOptions<'_>,
    ) -> Result<(), LedgerError> {
        self.together = conditions.mode == Mode::Together;
        // Others may have recorded something since the clock was asked first: it is not behind then.
        let by_now = conditions.waiter.now();
        let at = self.time(by_now.map_or(conditions.now, |by_now| by_now.max(conditions.now)));
        for (index, wish) in wishes.iter().enumerate() {
            let decided = self.decide(wish, at, conditions.now);
            match decided {
                Err(error) if is_of_all(&error) => return Err(error),
                Err(error) if self.together => {
                    return Err(LedgerError::OfWish {
                        wish: index,
                        source: Box::new(error),
                    });
                }
                decided => self.slots.push(decided),
            }
            (conditions.progress)();
        }
        Ok(())
    }

    /// The time of what is recorded now: never before the last event's.
    fn time(&mut self, now: Timestamp) -> Timestamp {
        match self.last {
            Some(last) if now < last.at => {
                self.notices
                    .push(Notice::ClockBehind { now, last: last.at });
                last.at
            }
            _ => now,
        }
    }

    fn decide(&mut self, wish: &Wish, at: Timestamp, now: Timestamp) -> Result<Slot, LedgerError> {
        if let Some(memo) = &wish.memo
            && memo.len() > MEMO_MAX_BYTES
        {
            return Err(LedgerError::MemoTooLong {
                length: memo.len(),
                most: MEMO_MAX_BYTES,
            });
        }
        if let Intent::Init(new) = &wish.intent {
            return self.decide_init(new, wish, at, now);
        }
        if self.last.is_none() && self.pending.is_empty() {
            if wish.if_head.is_some() {
                return Err(self.refused(no_head(wish)));
            }
            self.start(&NewLedger::default(), at, now, None)?;
        }
        let effective = wish.effective(now, &self.zone)?;
        let command = match &wish.intent {
            Intent::Command(command) => command.clone(),
            Intent::ReverseKeyed(key) => self.reverse_keyed(key)?,
            Intent::Undo | Intent::Init(_) => self.undo(wish)?,
        };
        let request = wish.request(command, effective);
        let found = self.look_up(&request.command, wish)?;
        self.know(&request.command, &found)?;
        let mut decided = decide(&self.state, &request, &found);
        if let Err(Refusal::UnknownAccount { .. }) = &decided
            && self.know_all()?
        {
            // Which one may have been meant is asked of all of them.
            decided = decide(&self.state, &request, &found);
        }
        match decided {
            Err(refusal) => Err(self.refused(refusal)),
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
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Slot, LedgerError> {
        self.is_init = true;
        if let Some(key) = &wish.key
            && let Some(first) = self.keyed(wish)
        {
            let seq = first.seq;
            let answer = new.answer_repeat(wish, key, first);
            return match answer {
                Ok(()) => Ok(Slot {
                    seq,
                    replayed: true,
                }),
                Err(refusal) => Err(self.refused(refusal)),
            };
        }
        if let (Some(asked), actual) = (&wish.if_head, self.head())
            && !actual.is_some_and(|(seq, hash)| asked.is_of(seq, &hash))
        {
            let refusal = Refusal::HeadConflict {
                asked: asked.clone(),
                actual,
            };
            return Err(self.refused(refusal));
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
        at: Timestamp,
        now: Timestamp,
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

    /// The event under a wish's key, logged or pending.
    fn keyed(&self, wish: &Wish) -> Option<&Entry<'static>> {
        self.under(wish.key.as_ref()?.as_str())
    }

    fn under(&self, key: &str) -> Option<&Entry<'static>> {
        let pending = || {
            let Pending(pending) = self.pending.get(*self.pending_keys.get(key)?)?;
            Some(pending)
        };
        let receipt = self.keyed.get(key).or_else(pending)?;
        Some(&receipt.entry)
    }

    fn reverse_keyed(&self, key: &Key<'static>) -> Result<Command, LedgerError> {
        match self.under(key.as_str()) {
            Some(entry) => Ok(Command::Reverse { seq: entry.seq }),
            None => Err(self.refused(Refusal::NotReversible {
                seq: 0,
                reason: NotReversible::KeyUnknown,
            })),
        }
    }

    fn look_up(&self, command: &Command, wish: &Wish) -> Result<Found, LedgerError> {
        let target = match command {
            Command::Reverse { seq } => match self.pending_entry(*seq) {
                Some(entry) => Some(entry.clone()),
                None => self.log.map(|log| log.entry(*seq)).transpose()?.flatten(),
            },
            _ => None,
        };
        Ok(Found {
            head: self.head(),
            keyed: self.keyed(wish).cloned(),
            target,
        })
    }

    fn pending_entry(&self, seq: u64) -> Option<&Entry<'static>> {
        let first = self.pending.first()?.seq();
        let index = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.pending.get(index).map(|pending| &pending.0.entry)
    }

    fn head(&self) -> Option<(u64, Hash)> {
        self.last.map(|last| (last.seq, last.hash))
    }

    /// Takes a decided event in: from here on it has happened, as far as later wishes see.
    fn add(&mut self, draft: Draft, at: Timestamp) -> Result<u64, LedgerError> {
        let seq = match (self.pending.last(), self.last) {
            (Some(pending), _) => pending.seq().saturating_add(1),
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
            record: Record {
                seq,
                at,
                effective: draft.effective.filter(|effective| *effective != at),
                event: draft.event,
                link: draft.reverses.map(Link::Reverses),
                key: draft.key,
                more: false,
                note,
            },
            hash: Hash::from_bytes([0; 32]),
        };
        permit_length(&entry)?;
        self.state.apply(&entry)?;
        if let Some(key) = &entry.key {
            self.pending_keys
                .insert(key.to_string(), self.pending.len());
        }
        if can_be_undone(&entry) {
            self.undoable.push(seq);
        }
        let accounts_after = accounts_after(&self.state, &entry);
        self.pending.push(Pending(Box::new(Receipt {
            entry,
            replayed: false,
            accounts_after,
        })));
        Ok(seq)
    }

    fn refused(&self, refusal: Refusal) -> LedgerError {
        let since = match (&refusal, self.log) {
            (Refusal::HeadConflict { asked, actual }, Some(log)) => {
                since(log, asked, *actual).map(Box::new)
            }
            _ => None,
        };
        LedgerError::Refused {
            refusal: Box::new(refusal),
            since,
        }
    }
}

/// True for what is no matter of one wish: the log cannot be gone on with, or does not end where
/// all of them were to find its end.
fn is_of_all(error: &LedgerError) -> bool {
    match error {
        LedgerError::Refused { refusal, .. } => matches!(**refusal, Refusal::HeadConflict { .. }),
        LedgerError::When(_)
        | LedgerError::PositionNotTime { .. }
        | LedgerError::MemoTooLong { .. }
        | LedgerError::TooLong { .. } => false,
        _ => true,
    }
}

/// Refuses what a line of the log cannot hold. Only tags are long enough to be asked about.
fn permit_length(entry: &Entry<'static>) -> Result<(), LedgerError> {
    const SURELY_FITS: usize = 4096;
    let tags = entry.tags().iter();
    let length = tags.fold(0_usize, |sum, (key, value)| {
        sum.saturating_add(key.len()).saturating_add(value.len())
    });
    if length <= SURELY_FITS {
        return Ok(());
    }
    let (line, _) = encode(record_of(entry.clone(), true), Some(&entry.hash));
    if line.len() > LINE_MAX_BYTES {
        return Err(LedgerError::TooLong {
            length: line.len(),
            most: LINE_MAX_BYTES,
        });
    }
    Ok(())
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
