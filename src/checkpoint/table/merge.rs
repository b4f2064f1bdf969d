//! Merges several tables. The caller decides about records with equal keys.

use super::TableCursor;
use crate::checkpoint::CheckpointError;

/// Passes the records of all tables in the order of their keys. If several tables have a key,
/// `join` combines their values, the first table's first.
pub(in crate::checkpoint) fn merge(
    cursors: &mut [TableCursor<'_>],
    mut join: impl FnMut(&[Vec<u8>]) -> Result<Vec<u8>, CheckpointError>,
    mut put: impl FnMut(&[u8], &[u8]) -> Result<(), CheckpointError>,
) -> Result<(), CheckpointError> {
    let mut open = Vec::new();
    for cursor in cursors.iter_mut() {
        if cursor.advance()? {
            open.push(cursor);
        }
    }
    loop {
        if let [last] = open.as_mut_slice() {
            // Nothing is compared any more.
            loop {
                put(last.key(), last.value())?;
                if !last.advance()? {
                    return Ok(());
                }
            }
        }
        let Some(least) = open.iter().map(|cursor| cursor.key()).min() else {
            return Ok(());
        };
        let with_it = open.iter().filter(|cursor| cursor.key() == least);
        let values: Vec<&[u8]> = with_it.map(|cursor| cursor.value()).collect();
        match values.as_slice() {
            [only] => put(least, only)?,
            several => {
                let several: Vec<Vec<u8>> = several.iter().map(|value| value.to_vec()).collect();
                put(least, &join(&several)?)?;
            }
        }
        let least = least.to_vec();
        let mut at = 0;
        while let Some(cursor) = open.get_mut(at) {
            if cursor.key() == least && !cursor.advance()? {
                open.remove(at);
            } else {
                at = at.saturating_add(1);
            }
        }
    }
}
