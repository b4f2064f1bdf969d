//! [`Batch`]: requests that are decided one after the other under one lock, each after the log and
//! the earlier requests.
//!
//! It writes nothing: [`Batch::commit`] returns the records to append.

mod commit;
mod key_index;
mod load;
mod loaded_state;
mod log_state;
mod lookup;
mod moments;
mod pending;
mod redact;
mod resume;
mod since;
mod undo;
mod unknown_key;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};

use crate::accounts::{
    Context, Decision, NewLedger, Operation, Proposal, Refusal, Request, State, decide,
    permit_head, permit_request, similar,
};
use crate::event::{
    Entry, Event, EventRef, Hash, Key, Kind, LedgerId, Link, MEMO_MAX_BYTES, Note, Opening, Record,
    Salt,
};
use crate::log::{
    LINE_MAX_BYTES, LogReader, ScanError, ScanOptions, ScanRange, Scanned, Tail, encode,
};
use crate::time::{Timestamp, Zone};

use super::LedgerError;
use super::options::{Mode, RecordOptions};
use super::random::random;
use super::reader::{FoldError, applied};
use super::receipt::{AccountAfter, HoldAfter, Notice};
use crate::log::as_u64;
use key_index::{KeyIndex, note_in};
use loaded_state::LoadedState;
use pending::After;
use since::since;
use unknown_key::of_unknown_key;

pub(super) use commit::Decided;
pub(super) use log_state::LogState;
pub(super) use pending::{PendingEvents, Slot};

/// From this difference on, a clock behind the last event is reported: those of two machines always
/// differ a little.
const NOTICED_MICROS: i64 = 1_000_000;

/// The log as it was read for a transaction, and what is to be appended to it.
pub(super) struct Batch<'l> {
    log: Option<&'l LogReader>,
    path: PathBuf,
    state: State,
    /// Facts of the log that `state` lacks, if it comes from a checkpoint.
    loaded: Option<LoadedState>,
    zone: Zone,
    /// The end of the log.
    end: Scanned,
    /// The newest version of its lines.
    version: u64,
    /// The logged events that were recorded under the keys that the requests name.
    keyed: HashMap<String, Box<Entry<'static>>>,
    /// All keys of the log, as far as no checkpoint has them, if the state is to be kept.
    index: Option<KeyIndex>,
    /// Decided and applied, not yet appended.
    pending: PendingEvents,
    /// Which of the pending was decided under a key.
    pending_keys: HashMap<Box<str>, u64>,
    /// No event after this one can be undone any more.
    undone_down_to: Option<u64>,
    slots: Vec<Result<Slot, Box<LedgerError>>>,
    notices: Vec<Notice>,
    is_init: bool,
    /// True if the pending events count as a whole or not at all.
    together: bool,
    /// True if the names of new accounts are compared with the others: for a single request, because it
    /// looks at every account.
    compares_names: bool,
}

/// What a decision needs beside the log.
struct DecisionInput {
    at: Timestamp,
    effective: Option<Timestamp>,
    moment: Option<Timestamp>,
    id: Option<LedgerId>,
}

impl<'l> Batch<'l> {
    /// A batch for a log that does not exist yet.
    pub(super) fn blank(path: &Path) -> Batch<'l> {
        Batch {
            log: None,
            path: path.to_owned(),
            state: State::default(),
            loaded: None,
            zone: Zone::utc(),
            end: Scanned {
                last: None,
                tail: Tail::Clean,
            },
            version: 1,
            keyed: HashMap::new(),
            index: None,
            pending: PendingEvents::default(),
            pending_keys: HashMap::new(),
            undone_down_to: None,
            slots: Vec::new(),
            notices: Vec::new(),
            is_init: false,
            together: false,
            compares_names: false,
        }
    }

    /// The same for this number of requests.
    pub(super) fn for_requests(self, count: usize) -> Batch<'l> {
        Batch {
            compares_names: count == 1,
            ..self
        }
    }

    /// The same, whose state can be kept for the next batch.
    pub(super) fn keeping(self, keeps: bool) -> Batch<'l> {
        Batch {
            index: keeps.then(KeyIndex::default),
            ..self
        }
    }

    /// Reads and checks the log, and looks up the keys of the requests.
    pub(super) fn read(
        log: &'l LogReader,
        path: &Path,
        requests: &[Request],
        keeps: bool,
    ) -> Result<Batch<'l>, LedgerError> {
        let mut batch = Batch::blank(path).keeping(keeps);
        batch.log = Some(log);
        let keys = Batch::keys(requests);
        let (state, keyed, index) = (&mut batch.state, &mut batch.keyed, &mut batch.index);
        let version = &mut batch.version;
        let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
            Batch::note_key(keyed, &keys, entry);
            if let Some(index) = index {
                note_in(index, entry);
            }
            *version = entry.version().max(*version);
            applied::<_, LedgerError>(state.apply(entry), log, place)
        });
        batch.end = scanned.map_err(|error| match error {
            ScanError::Log(error) => LedgerError::from(error),
            ScanError::Stopped(FoldError::Log(error) | FoldError::Caller(error)) => error,
        })?;
        if let Some(opening) = batch.state.opening() {
            batch.zone = known_zone(opening);
        }
        Ok(batch)
    }

    /// The keys that the requests name: their own, and those of events they refer to.
    fn keys(requests: &[Request]) -> HashSet<&str> {
        let named = requests.iter().flat_map(|request| {
            let targets = request.operation.targets().iter();
            let targets = targets.filter_map(|target| match target {
                EventRef::Key(key) => Some(key),
                EventRef::Seq(_) | EventRef::Head(_) => None,
            });
            targets.chain(&request.key)
        });
        named.map(Key::as_str).collect()
    }

    /// Keeps the first event under each key that is named.
    fn note_key(
        keyed: &mut HashMap<String, Box<Entry<'static>>>,
        keys: &HashSet<&str>,
        entry: &Entry<'_>,
    ) {
        if let Some(key) = &entry.key
            && keys.contains(key.as_str())
            && !keyed.contains_key(key.as_str())
        {
            keyed.insert(key.to_string(), Box::new(entry.clone().into_owned()));
        }
    }

    /// Decides every request on what the log and the requests before it say.
    pub(super) fn decide_all(
        &mut self,
        requests: &[Request],
        options: &mut RecordOptions<'_>,
    ) -> Result<(), LedgerError> {
        self.together = options.mode == Mode::Together;
        // Other processes may have recorded events since the clock was read first.
        let by_now = options.waiter.now();
        let at = self.time(by_now.map_or(options.now, |by_now| by_now.max(options.now)));
        self.pending = PendingEvents::following(self.end.last.map(|last| last.hash));
        for (index, request) in requests.iter().enumerate() {
            let decided = self.decide(request, at, options.now);
            match decided {
                Err(error) if error.concerns_all() => return Err(error),
                Err(error) if self.together => {
                    return Err(LedgerError::OfRequest {
                        request: index,
                        source: Box::new(error),
                    });
                }
                decided => self.slots.push(decided.map_err(Box::new)),
            }
            self.pending.settle(self.together);
            (options.progress)();
        }
        Ok(())
    }

    /// The time of what is recorded now: never before the last event's.
    fn time(&mut self, now: Timestamp) -> Timestamp {
        match self.end.last {
            Some(last) if now < last.at => {
                let behind = last.at.unix_micros().saturating_sub(now.unix_micros());
                if behind >= NOTICED_MICROS {
                    let last = last.at;
                    self.notices.push(Notice::ClockBehind { now, last });
                }
                last.at
            }
            _ => now,
        }
    }

    fn decide(
        &mut self,
        request: &Request,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Slot, LedgerError> {
        if let Some(memo) = request.memo()
            && memo.len() > MEMO_MAX_BYTES
        {
            return Err(LedgerError::MemoTooLong {
                length: memo.len(),
                most: MEMO_MAX_BYTES,
            });
        }
        permit_request(&request.operation).map_err(|refusal| self.refused(refusal))?;
        if self.keyed(request).is_none() {
            let permitted = permit_head(request, self.head());
            permitted.map_err(|refusal| self.refused(refusal))?;
        }
        let id = if let Operation::Init(new) = &request.operation {
            Some(self.prepare_init(new, request)?)
        } else {
            if self.next_seq() == 0 {
                let init = Request::from(Operation::Init(NewLedger::default()));
                self.decide(&init, at, now)?;
                self.is_init = false;
            }
            None
        };
        match &request.operation {
            _ if self.keyed(request).is_some() => {}
            Operation::Undo => return self.undo(request, at, now),
            Operation::Redact { .. } => return self.redact(request, at, now),
            _ => {}
        }
        self.decide_one(request, id, at, now)
    }

    fn decide_one(
        &mut self,
        request: &Request,
        id: Option<LedgerId>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Slot, LedgerError> {
        let effective = self.effective(request, now)?;
        let moment = self.moment(&request.operation, now)?;
        let request = self.resolved(request);
        let target = self.target(&request.operation)?;
        self.load_for(&request, target.as_ref())?;
        let input = DecisionInput {
            at,
            effective,
            moment,
            id,
        };
        let mut decided = self.ask(&request, &input, target.as_ref());
        if let Err(Refusal::UnknownAccount { .. }) = &decided
            && self.load_all()?
        {
            // A suggestion needs all accounts.
            decided = self.ask(&request, &input, target.as_ref());
        }
        let is_init = matches!(&request.operation, Operation::Init(_));
        match decided {
            Err(refusal) => Err(self.refused(of_unknown_key(&request.operation, refusal))),
            Ok(Decision::Repeat(seq)) => Ok(Slot {
                seq,
                earlier: self.earlier(&request.operation, seq)?,
                replayed: true,
            }),
            Ok(Decision::Record(_)) if is_init && self.end.last.is_some() => {
                Err(LedgerError::LedgerExists {
                    path: self.path.clone(),
                })
            }
            Ok(Decision::Record(proposals)) => {
                let earlier = as_u64(proposals.len()).saturating_sub(1);
                // What is wrong with one of them is found before the first is applied.
                let records = self.records(proposals, request.key.as_ref(), at)?;
                let seq = records.last().map_or(0, |record| record.seq);
                for record in records {
                    self.add(record)?;
                }
                Ok(Slot {
                    seq,
                    earlier,
                    replayed: false,
                })
            }
        }
    }

    /// How many events were recorded by the same request directly before a repeated one.
    fn earlier(&self, operation: &Operation, seq: u64) -> Result<u64, LedgerError> {
        let mut earlier: u64 = 0;
        match operation {
            Operation::Correct(_) => return Ok(1),
            Operation::Undo | Operation::Redact { .. } => {}
            _ => return Ok(0),
        }
        while let Some(before) = seq.checked_sub(earlier.saturating_add(1)) {
            let record = self.record_at(before)?;
            let is_redaction = matches!(operation, Operation::Redact { .. });
            let is_part = |record: &Record<'_>| match record.event {
                Event::Redact { .. } => is_redaction,
                Event::Release { .. } => !is_redaction,
                _ => record.link.is_some() && !is_redaction,
            };
            if !record.is_some_and(|record| record.more && is_part(&record)) {
                break;
            }
            earlier = earlier.saturating_add(1);
        }
        Ok(earlier)
    }

    fn ask(
        &self,
        request: &Request,
        input: &DecisionInput,
        target: Option<&Record<'static>>,
    ) -> Result<Decision, Refusal> {
        let keyed = self.keyed(request);
        let context = Context {
            at: Some(input.at),
            moment: input.moment,
            effective: input.effective,
            head: self.head(),
            keyed: keyed.as_deref(),
            target,
            id: input.id,
        };
        decide(&self.state, request, &context)
    }

    /// Takes a new ledger's zone, unless there is a ledger, and draws its id.
    fn prepare_init(
        &mut self,
        new: &NewLedger,
        request: &Request,
    ) -> Result<LedgerId, LedgerError> {
        self.is_init = true;
        if self.end.last.is_none() && self.keyed(request).is_none() {
            self.zone = new.zone.clone();
        }
        Ok(LedgerId::from_bytes(random()?))
    }

    /// The records of what was decided on one request. The key is on the last of them.
    fn records(
        &self,
        proposals: Vec<Proposal>,
        key: Option<&Key<'static>>,
        at: Timestamp,
    ) -> Result<Vec<Record<'static>>, LedgerError> {
        let count = proposals.len();
        let mut records = Vec::with_capacity(count);
        for (proposal, seq) in proposals.into_iter().zip(self.next_seq()..) {
            let is_last = records.len().saturating_add(1) == count;
            let note = if proposal.memo.is_none() && proposal.tags.is_empty() {
                None
            } else {
                Some(Note::Kept {
                    salt: Salt(random()?),
                    memo: proposal.memo.map(Cow::Owned),
                    tags: proposal.tags,
                })
            };
            let record = Record {
                seq,
                at,
                effective: proposal.effective.filter(|effective| *effective != at),
                event: proposal.event,
                link: proposal.link,
                key: key.filter(|_| is_last).cloned(),
                more: !is_last,
                note,
            };
            permit_length(&record)?;
            records.push(record);
        }
        Ok(records)
    }

    /// Applies a decided event, so that later requests are decided after it.
    fn add(&mut self, record: Record<'static>) -> Result<(), LedgerError> {
        let (seq, more) = (record.seq, record.more);
        let touched = record.event.accounts();
        let before: Vec<String> = touched
            .filter(|name| self.state.account(name.as_str()).is_some())
            .map(ToString::to_string)
            .collect();
        self.state.apply(&record)?;
        if let Some(key) = &record.key {
            self.pending_keys.insert(key.as_str().into(), seq);
        }
        if can_be_undone(&record) {
            self.undone_down_to = None;
        }
        let mut accounts_after = AccountAfter::all(&self.state, &record);
        for after in &mut accounts_after {
            let mut named = record.event.accounts();
            after.is_new =
                named.any(|name| name.as_str() == after.name) && !before.contains(&after.name);
            if after.is_new && self.compares_names && self.load_a_few()? {
                after.similar = similar(&self.state, &after.name).map(String::into_boxed_str);
            }
        }
        let after = After {
            accounts: accounts_after.into_boxed_slice(),
            hold: HoldAfter::of(&self.state, &record).map(Box::new),
            more,
        };
        self.pending.push(record, after);
        Ok(())
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
            zone: self.zone.clone(),
        }
    }
}

/// Refuses what does not fit a line. Only tags can be that long.
fn permit_length(record: &Record<'static>) -> Result<(), LedgerError> {
    const SURELY_FITS: usize = 4096;
    let tags = record.tags().iter();
    let length = tags.fold(0_usize, |sum, (key, value)| {
        sum.saturating_add(key.len()).saturating_add(value.len())
    });
    if length <= SURELY_FITS {
        return Ok(());
    }
    let with_more = Record {
        more: true,
        ..record.clone()
    };
    let (line, _) = encode(with_more, Some(&Hash::from_bytes([0; 32])));
    if line.len() > LINE_MAX_BYTES {
        return Err(LedgerError::TooLong {
            length: line.len(),
            most: LINE_MAX_BYTES,
        });
    }
    Ok(())
}

/// True if `undo` may undo this event, unless that was done.
fn can_be_undone(record: &Record<'_>) -> bool {
    let kind = record.event.kind();
    let is_own = !matches!(record.link, Some(Link::Reverses(_)));
    (kind.moves_money() && is_own) || kind == Kind::Hold
}

/// The zone of a ledger; UTC if this build does not know it, which counts only if a moment needs it.
fn known_zone(opening: &Opening<'_>) -> Zone {
    Zone::named(&opening.zone).unwrap_or_else(|_| Zone::utc())
}
