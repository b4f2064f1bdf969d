//! Comparison of a checkpoint with its log.
//!
//! Only its end and the places of its states are taken from the existing checkpoint. Everything
//! else is rebuilt from the log and compared.

use std::io;

use super::builder::{Builder, newest};
use super::cache_dir::CacheDir;
use super::fold::join_accounts;
use super::manifest::{Opened, TableFile};
use super::open::{Checkpoint, last_line};
use super::table::{PagedTable, Root, TableWriter};
use super::{CheckpointError, GONE};
use crate::event::Entry;
use crate::log::{LineSpan, LogReader};

/// Rebuilds a checkpoint, line by line, to compare it with the existing one.
pub struct CheckpointVerifier {
    cache: CacheDir,
    kept: Checkpoint,
    /// `None` once it could not be made.
    builder: Option<Builder>,
    /// True once a file of the cache is gone: then nothing can be said of the checkpoint.
    is_lost: bool,
}

impl CheckpointVerifier {
    /// Expects lines from the first on; `None` if there is no usable checkpoint of this log, or
    /// none can be written.
    pub fn of(cache: &CacheDir, log: &LogReader) -> Option<CheckpointVerifier> {
        let opening = log.opening().ok()??;
        let kept = Checkpoint::open(cache, log, &opening).ok().flatten()?;
        let slot = cache.place(&opening.id, log.path()).ok()?.beside();
        let lock = slot.lock().ok().flatten()?;
        let (builder, is_lost) = match kept.states() {
            Ok(states) => {
                let builder = Builder::new(lock, cache.sizes, &opening);
                (Some(builder.with_states_at(states)), false)
            }
            Err(error) => (None, error.is_gone()),
        };
        Some(CheckpointVerifier {
            cache: cache.clone(),
            kept,
            builder,
            is_lost,
        })
    }

    /// Takes the next valid line; lines after the checkpoint's end are ignored.
    pub fn take(&mut self, entry: &Entry<'_>, span: LineSpan) {
        if entry.seq > self.kept.end().seq {
            return;
        }
        let taken = self
            .builder
            .as_mut()
            .map(|builder| builder.take(entry, span));
        if let Some(Err(error)) = taken {
            self.is_lost = error.is_gone();
            self.builder = None;
        }
    }

    /// A checkpoint of a damaged log is not judged.
    pub fn give_up(self, log: &LogReader) {
        drop(self.builder);
        if let Ok(slot) = self.cache.place(&self.kept.opening.id, log.path()) {
            slot.beside().clear();
        }
    }

    /// True unless the checkpoint differs from the rebuilt one; then it is deleted. `broken` is the first
    /// event of the log that breaks a rule.
    pub fn agrees(mut self, log: &LogReader, broken: Option<u64>) -> bool {
        let agrees = match self.builder.take() {
            Some(builder) => match self.compare(log, builder, broken) {
                Ok(agrees) => agrees,
                Err(error) => error.is_gone(),
            },
            None => self.is_lost,
        };
        if let Ok(slot) = self.cache.place(&self.kept.opening.id, log.path()) {
            slot.beside().clear();
            if !agrees {
                slot.clear();
            }
        }
        agrees
    }

    fn compare(
        &self,
        log: &LogReader,
        builder: Builder,
        broken: Option<u64>,
    ) -> Result<bool, CheckpointError> {
        let end = self.kept.end();
        let broken = broken.filter(|seq| *seq <= end.seq);
        builder.finish(last_line(log, end)?, broken)?;
        let place = self.cache.place(&self.kept.opening.id, log.path())?;
        let made = Opened::open(place.beside())?.ok_or(CheckpointError::Wrong(GONE))?;
        let (ours, theirs) = (&made.manifest, &self.kept.opened.manifest);
        Ok(ours.ledger == theirs.ledger
            && ours.first == theirs.first
            && ours.end == theirs.end
            && ours.last_line == theirs.last_line
            && (theirs.late.is_none() || ours.late == theirs.late)
            && ours.open == theirs.open
            && ours.states == theirs.states
            && ours.since_state == theirs.since_state
            && ours.version == theirs.version
            && ours.broken == theirs.broken
            && ours.seal == theirs.seal
            && ours.redactions == theirs.redactions
            && made.whole_outstanding()? == self.kept.opened.whole_outstanding()?
            && self.states_are_whole()?
            && accounts_as_one(&made)? == accounts_as_one(&self.kept.opened)?
            && facts_as_one(&made)? == facts_as_one(&self.kept.opened)?)
    }

    /// Every page of the states that are tables of their own is there.
    fn states_are_whole(&self) -> Result<bool, CheckpointError> {
        for (_, table) in &self.kept.opened.manifest.states {
            let table = self.kept.opened.table(table)?;
            table.each(b"", |_, _| Ok(()))?;
        }
        Ok(true)
    }
}

/// The root of all accounts as one table; equal roots mean equal accounts.
fn accounts_as_one(opened: &Opened) -> Result<Root, CheckpointError> {
    let named = opened.manifest.accounts.as_slice();
    as_one(opened, named, &opened.own_accounts, join_accounts)
}

fn facts_as_one(opened: &Opened) -> Result<Root, CheckpointError> {
    let named = opened.manifest.facts.as_slice();
    as_one(opened, named, &opened.own_facts, newest)
}

fn as_one(
    opened: &Opened,
    named: &[TableFile],
    own: &PagedTable,
    join: impl FnMut(&[Vec<u8>]) -> Result<Vec<u8>, CheckpointError>,
) -> Result<Root, CheckpointError> {
    let mut out = TableWriter::new(io::sink());
    opened.merged(named, own, join, |key, value| out.push(key, value))?;
    Ok(out.finish()?.1)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::event::Event;
    use crate::log::testing::ShortWait;
    use crate::log::{ScanOptions, ScanRange};
    use crate::money::Amount;

    /// A checkpoint with right digests over wrong figures: only counting again tells.
    #[test]
    fn a_checkpoint_of_other_amounts_does_not_agree_and_is_thrown_away() {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/household.jsonl");
        let log = LogReader::open(std::path::Path::new(sample), &mut ShortWait::default()).unwrap();
        let opening = log.opening().unwrap().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let cache = CacheDir::new(directory.path().to_owned());
        for forges in [false, true] {
            let place = cache.place(&opening.id, log.path()).unwrap();
            let lock = place.lock().unwrap().unwrap();
            let mut builder = Builder::new(lock, cache.sizes, &opening);
            let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
                let mut entry = entry.clone();
                if let (17, true, Event::Transfer { amount, .. }) =
                    (entry.seq, forges, &mut entry.record.event)
                {
                    *amount = Amount::from_canonical(b"55.06").unwrap();
                }
                builder.take(&entry, place)
            });
            let end = scanned.unwrap().last.unwrap();
            builder
                .finish(last_line(&log, &end).unwrap(), None)
                .unwrap();
            let mut recount = CheckpointVerifier::of(&cache, &log).unwrap();
            let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
                recount.take(entry, place);
                Ok::<(), Infallible>(())
            });
            scanned.unwrap();
            assert_eq!(recount.agrees(&log, None), !forges);
            assert_eq!(CheckpointVerifier::of(&cache, &log).is_some(), !forges);
        }
    }
}
