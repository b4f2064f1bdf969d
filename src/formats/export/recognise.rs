//! Recognises files that an export made. No log is one, however it is damaged: none of the formats
//! starts as a line of a log does.

use super::COLUMNS;
use super::jsonl::FIRST_BYTES;

/// What a Parquet file of ours names as its maker.
pub(super) const CREATED_BY: &str = concat!("event-ledger ", env!("CARGO_PKG_VERSION"));

/// True if a file that starts and ends with these bytes is an export in any format.
pub fn is_export(beginning: &[u8], ending: &[u8]) -> bool {
    is_csv(beginning)
        || is_jsonl(beginning)
        || is_journal(beginning)
        || is_parquet(beginning, ending)
}

fn is_csv(beginning: &[u8]) -> bool {
    let header = format!("{}\r\n", COLUMNS.join(","));
    beginning.starts_with(header.as_bytes())
}

fn is_jsonl(beginning: &[u8]) -> bool {
    beginning.starts_with(FIRST_BYTES)
        && memchr::memmem::find(beginning, b"\"type\":\"ledger\"").is_some()
}

/// The comment that starts every journal names the ledger by its 32 digits.
fn is_journal(beginning: &[u8]) -> bool {
    beginning
        .strip_prefix(b"; ledger ")
        .and_then(|rest| rest.split_at_checked(32))
        .is_some_and(|(id, rest)| {
            id.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(b", zone ")
        })
}

fn is_parquet(beginning: &[u8], ending: &[u8]) -> bool {
    let marker = CREATED_BY.as_bytes();
    beginning.starts_with(b"PAR1")
        && ending.ends_with(b"PAR1")
        && memchr::memmem::find(ending, marker).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_programs_and_logs_start_with_is_no_export() {
        let log = include_bytes!("../../../sample-data/household.jsonl");
        for start in 0..200 {
            let damaged = log.get(start..).unwrap();
            assert!(!is_export(damaged, damaged), "{start}");
        }
        for text in [
            "",
            "seq,date\r\n",
            "; ledger of ours\n",
            "PAR1 PAR1",
            "<!DOCTYPE html>",
            " {\"v\":1}\n",
        ] {
            assert!(!is_export(text.as_bytes(), text.as_bytes()), "{text}");
        }
    }
}
