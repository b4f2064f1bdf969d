//! What a reader knows of notes that count as erased. It looks for them once.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::erased::{ErasedNotes, redactions};
use super::file::io_error;
use super::{LogError, LogPosition, LogReader};
use crate::event::Note;

impl LogReader {
    /// The events that the `redact` events from the line at an offset on name.
    pub(crate) fn erased_from(&self, offset: u64) -> Result<Arc<BTreeSet<u64>>, LogError> {
        let mut known = self.erased.lock().unwrap_or_else(PoisonError::into_inner);
        if offset < known.from {
            let found = redactions(&self.file, offset, known.from)
                .map_err(|source| io_error(&self.path, "read", source))?;
            if !found.is_empty() {
                Arc::make_mut(&mut known.events).extend(found);
            }
            known.from = offset;
        }
        Ok(Arc::clone(&known.events))
    }

    /// Tells the reader which events the `redact` events up to a position name, so that it need not
    /// look for them. False if one after it names an event before it: the bytes of that note may be
    /// gone by now, and the position moved.
    pub(crate) fn knows_erased(
        &self,
        position: &LogPosition,
        before: &[u64],
    ) -> Result<bool, LogError> {
        let later = redactions(&self.file, position.offset.min(self.settled), self.settled)
            .map_err(|source| io_error(&self.path, "read", source))?;
        if later.first().is_some_and(|event| *event <= position.seq) {
            return Ok(false);
        }
        let mut known = self.erased.lock().unwrap_or_else(PoisonError::into_inner);
        *known = ErasedNotes {
            from: 0,
            events: Arc::new(before.iter().copied().chain(later).collect()),
        };
        Ok(true)
    }

    /// True if the note of an event counts as erased.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub(crate) fn is_erased(&self, seq: u64) -> Result<bool, LogError> {
        let line = self
            .line_of(seq, self.settled)
            .map_err(|source| io_error(&self.path, "read", source))?;
        match line {
            Some((offset, _)) => Ok(self.erased_from(offset)?.contains(&seq)),
            None => Ok(false),
        }
    }

    /// True if the note of an event is still in the file, whether or not it counts as erased. Only the
    /// lines before `end`, an offset between two lines, need to be valid.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub(crate) fn keeps_note(&self, seq: u64, end: u64) -> Result<bool, LogError> {
        let entry = self.entry_before(seq, end)?;
        Ok(entry.is_some_and(|entry| matches!(entry.note, Some(Note::Kept { .. }))))
    }
}
