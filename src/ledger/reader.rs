//! Reads a ledger at a moment.

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::accounts::{ApplyError, SortedAccounts, State};
use crate::checkpoint::{CacheDir, Checkpoint, RuleWatch};
use crate::event::{Entry, Opening};
use crate::log::{
    Code, Damage, LineSpan, LockWaiter, LogError, LogReader, ProgressObserver, ScanError,
    ScanOptions, ScanRange, Scanned,
};
use crate::replay::{Bound, Cutoff, Replay};
use crate::time::{Moment, Position, Timestamp, When, Zone};

use super::LedgerError;

mod from_checkpoint;
mod omitted;

pub use from_checkpoint::EventContext;
pub use omitted::Omitted;
use omitted::OmittedBuilder;

/// A ledger opened for reading, at one moment.
#[derive(Debug)]
pub struct Reader {
    log: LogReader,
    opening: Opening<'static>,
    zone: Zone,
    cache: Option<CacheDir>,
    checkpoint: OnceLock<Option<Checkpoint>>,
    rules: RulesKept,
}

/// Whether the events of a log keep the rules, once a [`Reader`] has read it for an answer. Copies share
/// what is found.
#[derive(Clone, Debug, Default)]
pub struct RulesKept(Arc<OnceLock<Option<u64>>>);

impl RulesKept {
    /// The first event that breaks a rule, if that is known by now. A key that is used twice does not
    /// count.
    pub fn first_broken(&self) -> Option<u64> {
        self.0.get().copied().flatten()
    }

    pub(super) fn are_known(&self) -> bool {
        self.0.get().is_some()
    }

    pub(super) fn found(&self, watch: RuleWatch<'_>) {
        self.0.get_or_init(|| watch.finish());
    }
}

/// The accounts a query answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountQuery<'q> {
    /// None: only how many events count, and the last of them.
    None,
    /// These. The state may lack all others, and all of a hold but its part in the figures.
    Named(&'q [&'q str]),
    /// These, with every hold. The state may lack all other accounts.
    WithHolds(&'q [&'q str]),
    /// All, to look up.
    All,
    /// All, in the order of their names: [`Replayed::take_sorted`]. The state may lack some, and all of a
    /// hold but its part in the figures.
    Sorted,
}

impl<'q> From<Option<&'q [&'q str]>> for AccountQuery<'q> {
    /// The accounts of these names; all of them without names.
    fn from(names: Option<&'q [&'q str]>) -> AccountQuery<'q> {
        names.map_or(AccountQuery::All, AccountQuery::Named)
    }
}

/// Which entries [`Reader::scan`] delivers, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions<'q> {
    /// Only entries of this account. The state is right for this account and may lack all others.
    pub account: Option<&'q str>,
    /// No progress is reported: the caller prints while it reads.
    pub is_silent: bool,
    /// The caller does not look at notes.
    pub ignores_notes: bool,
    /// What a scan of the whole log by this same reader has found: up to there, the hashes are not
    /// computed again.
    pub checked: Option<Scanned>,
}

/// The state that the counted events of a log add up to.
#[derive(Debug)]
pub struct Replayed {
    /// The fold.
    pub replay: Replay,
    /// Where the log ended.
    pub scanned: Scanned,
    /// What was left out as if it had not happened.
    pub omitted: Omitted,
    /// True if the state is that of all counted events, and not only right for some accounts.
    pub is_whole: bool,
    sorted: Option<SortedAccounts>,
}

impl ReadOptions<'_> {
    /// Every entry, without progress: the caller prints while it reads.
    pub const SILENT: ReadOptions<'static> = ReadOptions {
        account: None,
        is_silent: true,
        ignores_notes: false,
        checked: None,
    };
}

impl Replayed {
    fn new(replay: Replay, scanned: Scanned) -> Replayed {
        Replayed {
            replay,
            scanned,
            omitted: Omitted::default(),
            is_whole: true,
            sorted: None,
        }
    }

    /// The bytes of a torn tail.
    pub fn torn_bytes(&self) -> u64 {
        self.scanned.tail.torn_bytes()
    }

    /// The state. Reversals are complete only if the whole log was scanned for it.
    pub fn state(&self) -> &State {
        self.replay.state()
    }

    /// The accounts in the order of their names, taken out.
    pub fn take_sorted(&mut self) -> SortedAccounts {
        self.sorted
            .take()
            .unwrap_or_else(|| SortedAccounts::of(self.replay.state()))
    }
}

/// Why a scan that folds ended early.
pub(super) enum FoldError<E> {
    Log(LedgerError),
    Caller(E),
}

/// An event that was applied, or why a log with it has no figures.
pub(super) fn applied<T, E>(
    result: Result<T, ApplyError>,
    log: &LogReader,
    place: LineSpan,
) -> Result<T, FoldError<E>> {
    result.map_err(|error| {
        FoldError::Log(match error {
            ApplyError::Overflow(overflow) => overflow.into(),
            ApplyError::OtherCurrency { .. } => LedgerError::Log(LogError::Damaged {
                path: log.path().to_owned(),
                damage: Damage {
                    line: place.line,
                    offset: place.offset,
                    code: Code::Currency,
                    reason: error.to_string(),
                },
            }),
        })
    })
}

impl Reader {
    /// Opens a ledger for reading. Nothing is written, made or repaired.
    ///
    /// # Errors
    /// [`LedgerError::NoLedger`] if there is none, otherwise the error of the log.
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Reader, LedgerError> {
        let log = match LogReader::open(path, waiter) {
            Err(LogError::NotFound { path }) => {
                return Err(LedgerError::NoLedger {
                    path,
                    torn_bytes: 0,
                });
            }
            other => other?,
        };
        Reader::of(log)
    }

    /// The ledger of a log that was opened.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn of(log: LogReader) -> Result<Reader, LedgerError> {
        let Some(opening) = log.opening()? else {
            // A scan tells an empty file, damage and another program's file apart.
            let scanned = checked(&log)?;
            return Err(LedgerError::NoLedger {
                path: log.path().to_owned(),
                torn_bytes: scanned.tail.torn_bytes(),
            });
        };
        let zone = if let Ok(zone) = Zone::named(&opening.zone) {
            zone
        } else {
            // It may be a damaged name: then the damage is reported.
            if !log.checked(0).is_ok_and(|first| first.is_some()) {
                checked(&log)?;
            }
            Zone::utc()
        };
        Ok(Reader {
            log,
            opening,
            zone,
            cache: None,
            checkpoint: OnceLock::new(),
            rules: RulesKept::default(),
        })
    }

    /// The same with checkpoints in this directory: what was checked before is not read again.
    #[must_use]
    pub fn with_checkpoints(self, cache: Option<CacheDir>) -> Reader {
        Reader { cache, ..self }
    }

    /// Whether the events keep the rules, once they were read.
    pub fn rules(&self) -> RulesKept {
        self.rules.clone()
    }

    /// The ledger's first line.
    pub fn opening(&self) -> &Opening<'static> {
        &self.opening
    }

    /// True if this build does not know the zone in the first line, so that UTC stands in for it.
    pub fn has_unknown_zone(&self) -> bool {
        self.opening.zone != self.zone.name()
    }

    /// The zone its days are in; UTC if this build does not know it.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The log it is read from.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// The log alone.
    pub fn into_log(self) -> LogReader {
        self.log.with_observer(None)
    }

    /// The same with an observer of long reads.
    #[must_use]
    pub fn with_observer(self, observer: Option<ProgressObserver>) -> Reader {
        Reader {
            log: self.log.with_observer(observer),
            ..self
        }
    }

    /// The bound that `--until` or `--known-at` means: the end of a day or longer.
    ///
    /// # Errors
    /// [`LedgerError::When`], [`LedgerError::NoSuchPosition`].
    pub fn until(&self, when: &When, now: Timestamp) -> Result<Bound, LedgerError> {
        let moment = when.resolve(now, &self.zone)?;
        self.bound(when, &moment, moment.until())
    }

    /// The bound that `--since` means: the start of a day or longer.
    ///
    /// # Errors
    /// [`LedgerError::When`], [`LedgerError::NoSuchPosition`].
    pub fn since(&self, when: &When, now: Timestamp) -> Result<Bound, LedgerError> {
        let moment = when.resolve(now, &self.zone)?;
        self.bound(when, &moment, moment.since())
    }

    fn bound(
        &self,
        when: &When,
        moment: &Moment,
        edge: Option<Timestamp>,
    ) -> Result<Bound, LedgerError> {
        match (moment, edge) {
            (Moment::Position(position), _) => self.seq_of(when, position).map(Bound::Seq),
            (_, Some(instant)) => Ok(Bound::Time(instant)),
            (_, None) => Err(LedgerError::PositionNotTime {
                text: when.text().to_owned(),
            }),
        }
    }

    fn seq_of(&self, when: &When, position: &Position) -> Result<u64, LedgerError> {
        let head = self.log.last_seq()?.unwrap_or(0);
        let missing = |reason: String| match checked(&self.log) {
            Ok(_) => LedgerError::NoSuchPosition {
                text: when.text().to_owned(),
                reason,
                head,
            },
            // If the end is damaged, it has no number, and the damage is reported.
            Err(damage) => damage,
        };
        match position {
            Position::Seq(seq) if *seq <= head => Ok(*seq),
            Position::Seq(_) => Err(missing(format!("its head is event {head}"))),
            Position::BeforeHead(steps) => head
                .checked_sub(*steps)
                .ok_or_else(|| missing(format!("it has only {head} events"))),
            Position::Hash(prefix) => {
                let mut found = Vec::new();
                never_stopped(
                    self.log
                        .scan(ScanRange::ALL, ScanOptions::CHECK, |entry, _| {
                            if entry.hash.as_str().starts_with(prefix) {
                                found.push(entry.seq);
                            }
                            Ok(())
                        }),
                )?;
                match found.as_slice() {
                    [seq] => Ok(*seq),
                    [] => Err(missing("no event has this hash".to_owned())),
                    [one, other, ..] => Err(missing(format!(
                        "events {one} and {other} both start so, write more of the hash"
                    ))),
                }
            }
        }
    }

    /// Folds the log up to a cutoff, without a checkpoint: the state is complete.
    ///
    /// # Errors
    /// The error of the log; a damaged log has no figures.
    pub fn replay(&self, cutoff: Cutoff, now: Option<Timestamp>) -> Result<Replayed, LedgerError> {
        let options = ReadOptions {
            ignores_notes: true,
            ..ReadOptions::default()
        };
        self.scan(cutoff, now, options, |_, _, _| Ok(()))
    }

    /// Scans the whole log and delivers every entry, or every one of an account, with the fold
    /// after it and whether it counts.
    ///
    /// # Errors
    /// The error of the log, or of `each`.
    pub fn scan<E: From<LedgerError> + Send>(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        options: ReadOptions<'_>,
        mut each: impl FnMut(&Entry<'_>, &Replay, bool) -> Result<(), E> + Send,
    ) -> Result<Replayed, E> {
        if let Some(name) = options.account
            && cutoff.without.is_empty()
            && let Some(found) = self.entries_of(name, &cutoff, now)
        {
            return found.replay(self.opening.clone(), cutoff, each);
        }
        let mut omitted = OmittedBuilder::new(&cutoff);
        let is_wanted = |entry: &Entry<'_>| options.account.is_none_or(|name| touches(entry, name));
        let mut watch = (!self.rules.are_known()).then(RuleWatch::new);
        // Otherwise the state is that of some of the events.
        let is_shared = cutoff.counts_everything();
        let mut replay = Replay::new(cutoff, now);
        let (range, is_checked) = ScanRange::ALL.again(options.checked.as_ref());
        let scan_options = ScanOptions {
            is_silent: options.is_silent,
            is_checked,
            ignores_notes: options.ignores_notes,
        };
        let scanned = self.log.scan(range, scan_options, |entry, place| {
            let touched = match &mut watch {
                Some(watch) if is_shared => {
                    let checked = watch.check(replay.state(), &self.log, entry, place);
                    Some(checked.map_err(|error| FoldError::Log(error.into()))?)
                }
                Some(watch) => {
                    let taken = watch.take(&self.log, entry, place);
                    taken.map_err(|error| FoldError::Log(error.into()))?;
                    None
                }
                None => None,
            };
            let counted = applied(replay.take_to(touched, entry), &self.log, place)?;
            if let Some(omitted) = &mut omitted {
                let target = |seq| self.entry(seq);
                let taken = omitted.take(entry, &replay, target);
                taken.map_err(|error| FoldError::Caller(error.into()))?;
            }
            if is_wanted(entry) {
                each(entry, &replay, counted).map_err(FoldError::Caller)?;
            }
            Ok(())
        });
        if let Some(watch) = watch.filter(|_| scanned.is_ok()) {
            self.rules.found(watch);
        }
        match scanned {
            Ok(scanned) => Ok(Replayed {
                omitted: omitted.map(OmittedBuilder::finish).unwrap_or_default(),
                ..Replayed::new(replay, scanned)
            }),
            Err(ScanError::Log(error)) => Err(LedgerError::from(error).into()),
            Err(ScanError::Stopped(FoldError::Log(error))) => Err(error.into()),
            Err(ScanError::Stopped(FoldError::Caller(error))) => Err(error),
        }
    }

    /// The event with this number, in a log that was checked in this run.
    ///
    /// # Errors
    /// [`LedgerError::Log`].
    pub fn entry(&self, seq: u64) -> Result<Option<Entry<'static>>, LedgerError> {
        Ok(self.log.entry(seq)?)
    }
}

/// True if an event names an account.
fn touches(entry: &Entry<'_>, name: &str) -> bool {
    entry.event.accounts().any(|own| own.as_str() == name)
}

/// Checks a whole log.
pub(super) fn checked(log: &LogReader) -> Result<Scanned, LedgerError> {
    never_stopped(log.scan(ScanRange::ALL, ScanOptions::CHECK, |_, _| Ok(())))
}

pub(super) fn never_stopped(
    scanned: Result<Scanned, ScanError<Infallible>>,
) -> Result<Scanned, LedgerError> {
    match scanned {
        Ok(scanned) => Ok(scanned),
        Err(ScanError::Log(error)) => Err(error.into()),
        Err(ScanError::Stopped(never)) => match never {},
    }
}
