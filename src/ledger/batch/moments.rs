//! The moments that requests name, in the ledger's zone.

use crate::accounts::{Operation, Request};
use crate::ledger::LedgerError;
use crate::time::{Moment, Timestamp, When};

use super::Batch;

impl Batch<'_> {
    /// The moment that an operation names: a hold expires and a seal ends at the end of a day or of
    /// what is longer; an unseal leaves what is before its start.
    pub(super) fn moment(
        &self,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let Some(when) = operation.moment() else {
            return Ok(None);
        };
        let edge = match operation {
            Operation::Unseal { .. } => Moment::start,
            _ => Moment::until,
        };
        let found = self.resolve(when, now, edge)?;
        let moment = match operation {
            Operation::Unseal { .. } => found.and_then(Timestamp::previous_micro),
            _ => found,
        };
        match moment {
            Some(moment) => Ok(Some(moment)),
            None => Err(LedgerError::PositionNotTime {
                text: when.text().to_owned(),
            }),
        }
    }

    /// One edge of a moment that was typed, in the ledger's zone.
    ///
    /// # Errors
    /// [`LedgerError::UnknownZone`] if that depends on a zone that this build does not know.
    fn resolve(
        &self,
        when: &When,
        now: Timestamp,
        edge: fn(&Moment) -> Option<Timestamp>,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let found = edge(&when.resolve(now, &self.zone)?);
        if let Some(opening) = self.state.opening()
            && opening.zone != self.zone.name()
            && when.needs_zone()
        {
            return Err(LedgerError::UnknownZone {
                zone: opening.zone.to_string(),
                text: when.text().to_owned(),
                in_utc: found,
            });
        }
        Ok(found)
    }

    /// The instant a request takes effect, in the ledger's zone: a day or longer means its start.
    pub(super) fn effective(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let Some(when) = &request.effective else {
            return Ok(None);
        };
        match self.resolve(when, now, Moment::start)? {
            // What takes effect now does so when it is recorded, which is a little later.
            Some(instant) => Ok((!when.is_now()).then_some(instant)),
            None => Err(LedgerError::PositionNotTime {
                text: when.text().to_owned(),
            }),
        }
    }
}
