//! Whether lines that are not in a file continue a log.
//!
//! Must not depend on what events mean.

use super::format::{self, LineFault};
use super::lines::{RawLine, as_u64};
use super::{Checker, LogPosition, Verdict};

/// Checks that lines, each with its line feed, continue the log that ends with the line `previous`
/// (empty for a log without lines). Lines of a later version are left to the reader of the log, which
/// refuses them.
///
/// # Errors
/// What is wrong with the first line that does not.
pub fn continues(previous: &[u8], lines: &[u8]) -> Result<(), String> {
    let mut checker = match previous.strip_suffix(b"\n") {
        None => Checker::new(),
        Some(line) => match format::read(line) {
            Ok(line) => Checker::after(&LogPosition {
                offset: 0,
                seq: line.entry.seq,
                hash: line.entry.hash,
                at: line.entry.at,
            }),
            Err(LineFault::Newer(_)) => return Ok(()),
            Err(_) => return Err("the line before it cannot be read".to_owned()),
        },
    };
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let bytes = line.strip_suffix(b"\n").ok_or("its last line is cut")?;
        let length = as_u64(bytes.len());
        let raw = RawLine {
            number: checker.next_seq().saturating_add(1),
            offset: 0,
            bytes,
            length,
            length_without_nul: length,
            terminated: true,
        };
        match checker.check(&raw) {
            Ok(_) => {}
            Err(Verdict::Newer(_)) => return Ok(()),
            Err(Verdict::Damaged(found)) => {
                let reason = found.into_iter().next().map(|damage| damage.reason);
                let reason = reason.unwrap_or_else(|| "it is not sound".to_owned());
                return Err(format!("line {}: {reason}", raw.number));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::testing::Made;

    fn lines() -> Vec<Vec<u8>> {
        let mut made = Made::default();
        for number in 0..6 {
            made.push(number % 3 * 10, number == 2);
        }
        let lines = made.bytes.split_inclusive(|byte| *byte == b'\n');
        lines.map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn lines_continue_the_log_wherever_it_is_divided() {
        let lines = lines();
        for at in 0..=lines.len() {
            let before = at.checked_sub(1).map_or(&[][..], |last| &lines[last]);
            for end in at..=lines.len() {
                assert_eq!(continues(before, &lines[at..end].concat()), Ok(()));
            }
        }
    }

    #[test]
    fn what_does_not_continue_it_is_refused_with_the_line() {
        let lines = lines();
        assert_eq!(
            continues(&lines[1], &lines[3]).unwrap_err(),
            "line 3: its hash does not match its bytes and the previous line's hash"
        );
        assert!(
            continues(b"", &lines[1]).is_err(),
            "it is not the first line"
        );
        assert!(
            continues(&lines[1], &lines[0]).is_err(),
            "it is not the next line"
        );
        let cut = lines[2].strip_suffix(b"\n").unwrap();
        assert_eq!(
            continues(&lines[1], cut).unwrap_err(),
            "its last line is cut"
        );
        for at in 0..lines[2].len() {
            let mut changed = [lines[2].as_slice(), &lines[3]].concat();
            changed[at] ^= 1;
            assert!(continues(&lines[1], &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn lines_of_a_later_version_are_left_to_the_reader() {
        let lines = lines();
        let newer = b"{\"v\":9,\"seq\":2,\"at\":\"2026-11-23T10:15:02.000000Z\"}\n";
        assert_eq!(continues(&lines[1], newer), Ok(()));
        assert_eq!(continues(newer, &lines[3]), Ok(()));
    }
}
