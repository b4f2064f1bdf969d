//! Random values of a log: its id, and the salts of its notes.

use super::LedgerError;

/// Sixteen random bytes.
pub(super) fn random() -> Result<[u8; 16], LedgerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LedgerError::Random(error.into()))?;
    Ok(bytes)
}
