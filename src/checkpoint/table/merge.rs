//! Several tables become one.
//!
//! Owns the order. What becomes of records with the same key is the caller's.

use std::io::Write;

use super::{Cursor, TableWriter};
use crate::checkpoint::Unfit;

/// Writes the records of all tables in the order of their keys. Where several have a key, `join`
/// makes one value of theirs, the first table's first.
pub(in crate::checkpoint) fn merge<W: Write>(
    cursors: &mut [Cursor<'_>],
    out: &mut TableWriter<W>,
    mut join: impl FnMut(&[Vec<u8>]) -> Result<Vec<u8>, Unfit>,
) -> Result<(), Unfit> {
    let mut stand: Vec<bool> = Vec::new();
    for cursor in cursors.iter_mut() {
        stand.push(cursor.advance()?);
    }
    loop {
        let standing = cursors.iter().zip(&stand).filter(|(_, stands)| **stands);
        let Some(least) = standing.map(|(cursor, _)| cursor.key()).min() else {
            return Ok(());
        };
        let least = least.to_vec();
        let mut values = Vec::new();
        for (cursor, stands) in cursors.iter_mut().zip(&mut stand) {
            if *stands && cursor.key() == least {
                values.push(cursor.value().to_vec());
                *stands = cursor.advance()?;
            }
        }
        match values.as_slice() {
            [only] => out.push(&least, only)?,
            several => out.push(&least, &join(several)?)?,
        }
    }
}
