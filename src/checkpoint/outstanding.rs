//! What accounts still expect at the end of a checkpoint, as records: a name, a zero byte, and a number for
//! each part of a long list.

use super::table::PagedTable;
use super::varint::{self, Bytes};
use super::{CheckpointError, as_u64, record};
use crate::accounts::{Outstanding, OutstandingBook, OutstandingHold, Settlement};
use crate::money::{Amount, Balance, Scale};
use crate::time::Timestamp;

/// No record has more holds or movements than this, so that one fits a page.
const ITEMS_MAX: usize = 256;

/// What an item is: a movement, or a hold with these flags.
const IS_MOVEMENT: u8 = 1;
const IS_OUTGOING: u8 = 2;
const EXPIRES: u8 = 4;
const HAS_SETTLEMENTS: u8 = 8;

const IS_CAPTURE: u8 = 1;
const ENDS: u8 = 2;

/// Shows the records of all accounts after a moment, in the order of their keys.
pub(super) fn records(
    book: &mut OutstandingBook,
    moment: Timestamp,
    mut put: impl FnMut(&[u8], &[u8]),
) {
    for (name, outstanding) in book.at(moment) {
        let mut number = 0_u64;
        let mut put = |items: &dyn Fn(&mut Vec<u8>)| {
            let mut value = Vec::new();
            items(&mut value);
            put(&record::and_number(prefix_of(name), number), &value);
            number = number.saturating_add(1);
        };
        for holds in outstanding.holds.chunks(ITEMS_MAX) {
            put(&|out| holds.iter().for_each(|hold| put_hold(out, hold)));
        }
        for later in outstanding.later.chunks(ITEMS_MAX) {
            put(&|out| {
                for (effective, change) in later {
                    out.push(IS_MOVEMENT);
                    varint::put_i64(out, effective.unix_micros());
                    varint::put_i128(out, change.billionths());
                }
            });
        }
    }
}

/// What is stored of one account.
pub(super) fn of_account(table: &PagedTable, name: &str) -> Result<Outstanding, CheckpointError> {
    let mut found = Outstanding::default();
    table.each(&prefix_of(name), |_, value| take(&mut found, value))?;
    Ok(found)
}

/// Shows what is stored of each account.
pub(super) fn each(
    table: &PagedTable,
    mut show: impl FnMut(&str, Outstanding),
) -> Result<(), CheckpointError> {
    let mut open: Option<(String, Outstanding)> = None;
    table.each(b"", |key, value| {
        let name = name_of(key).ok_or(WRONG)?;
        match &mut open {
            Some((own, found)) if own == name => return take(found, value),
            _ => {}
        }
        let mut found = Outstanding::default();
        take(&mut found, value)?;
        if let Some((name, found)) = open.replace((name.to_owned(), found)) {
            show(&name, found);
        }
        Ok(())
    })?;
    if let Some((name, found)) = open {
        show(&name, found);
    }
    Ok(())
}

const WRONG: CheckpointError = CheckpointError::Wrong("what is outstanding is not in its form");

fn prefix_of(name: &str) -> Vec<u8> {
    let mut prefix = name.as_bytes().to_vec();
    // No name holds it.
    prefix.push(0);
    prefix
}

fn name_of(key: &[u8]) -> Option<&str> {
    let (rest, _) = key.split_last_chunk::<8>()?;
    std::str::from_utf8(rest.strip_suffix(&[0])?).ok()
}

fn put_hold(out: &mut Vec<u8>, hold: &OutstandingHold) {
    let mut flags = 0;
    let mut set = |flag: u8, is_set: bool| flags |= if is_set { flag } else { 0 };
    set(IS_OUTGOING, hold.is_outgoing);
    set(EXPIRES, hold.expires.is_some());
    set(HAS_SETTLEMENTS, !hold.settlements.is_empty());
    out.push(flags);
    varint::put_u64(out, hold.seq);
    varint::put_i128(out, hold.amount.billionths());
    out.push(hold.scale.digits());
    if let Some(expires) = hold.expires {
        varint::put_i64(out, expires.unix_micros());
    }
    if hold.settlements.is_empty() {
        return;
    }
    varint::put_u64(out, as_u64(hold.settlements.len()));
    for settlement in &hold.settlements {
        let is_capture = if settlement.is_capture { IS_CAPTURE } else { 0 };
        let ends = if settlement.ends { ENDS } else { 0 };
        out.push(is_capture | ends);
        varint::put_u64(out, settlement.seq);
        varint::put_i64(out, settlement.took_effect.unix_micros());
        varint::put_i128(out, settlement.amount.billionths());
        out.push(settlement.amount.scale().digits());
    }
}

fn take(found: &mut Outstanding, value: &[u8]) -> Result<(), CheckpointError> {
    let mut bytes = Bytes(value);
    let mut read = || {
        while !bytes.is_empty() {
            let flags = bytes.byte()?;
            if flags == IS_MOVEMENT {
                let effective = Timestamp::from_unix_micros(bytes.i64()?)?;
                let change = Balance::from_billionths(bytes.i128()?);
                found.later.push((effective, change));
            } else {
                found.holds.push(get_hold(&mut bytes, flags)?);
            }
        }
        Some(())
    };
    read().ok_or(WRONG)
}

fn get_hold(bytes: &mut Bytes<'_>, flags: u8) -> Option<OutstandingHold> {
    if flags & !(IS_OUTGOING | EXPIRES | HAS_SETTLEMENTS) != 0 {
        return None;
    }
    let mut hold = OutstandingHold {
        seq: bytes.u64()?,
        is_outgoing: flags & IS_OUTGOING != 0,
        amount: Balance::from_billionths(bytes.i128()?),
        scale: Scale::new(bytes.byte()?)?,
        expires: None,
        settlements: Vec::new(),
    };
    if flags & EXPIRES != 0 {
        hold.expires = Some(Timestamp::from_unix_micros(bytes.i64()?)?);
    }
    if flags & HAS_SETTLEMENTS != 0 {
        for _ in 0..bytes.u64()? {
            let flags = bytes.byte()?;
            hold.settlements.push(Settlement {
                seq: bytes.u64()?,
                took_effect: Timestamp::from_unix_micros(bytes.i64()?)?,
                amount: {
                    let billionths = Balance::from_billionths(bytes.i128()?);
                    Amount::from_balance(billionths, Scale::new(bytes.byte()?)?)?
                },
                is_capture: flags & IS_CAPTURE != 0,
                ends: flags & ENDS != 0,
            });
        }
    }
    Some(hold)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::checkpoint::table::{PagedTable, TableWriter};

    fn moment(micros: i64) -> Timestamp {
        Timestamp::from_unix_micros(1_767_225_600_000_000 + micros).unwrap()
    }

    /// More than one record of each kind.
    fn outstanding(name: &str) -> Outstanding {
        let hold = |seq: u64| OutstandingHold {
            seq,
            is_outgoing: name == "main",
            amount: Balance::from_billionths(i128::from(seq) << 90),
            scale: Scale::new(9).unwrap(),
            expires: seq.is_multiple_of(2).then(|| moment(9)),
            settlements: (0..seq % 3)
                .map(|number| Settlement {
                    seq: seq + number,
                    took_effect: moment(5),
                    amount: Amount::from_canonical(b"1.50").unwrap(),
                    is_capture: number == 0,
                    ends: seq.is_multiple_of(5),
                })
                .collect(),
        };
        let later = |number: i64| {
            (
                moment(number),
                Balance::from_billionths(-i128::from(number)),
            )
        };
        Outstanding {
            holds: (1..600).map(hold).collect(),
            later: (1..300).map(later).collect(),
        }
    }

    fn table(records: &[(Vec<u8>, Vec<u8>)]) -> PagedTable {
        let mut writer = TableWriter::new(Vec::new());
        for (key, value) in records {
            writer.push(key, value).unwrap();
        }
        let (bytes, root) = writer.finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        PagedTable::new(Arc::new(file), 0, root)
    }

    fn all(table: &PagedTable) -> Result<Vec<(String, Outstanding)>, CheckpointError> {
        let mut found = Vec::new();
        each(table, |name, outstanding| {
            found.push((name.to_owned(), outstanding));
        })?;
        Ok(found)
    }

    #[test]
    fn what_is_outstanding_is_read_as_it_was_put_and_a_cut_record_is_refused() {
        let mut book = OutstandingBook::default();
        let names = ["main", "main:a"];
        for name in names {
            book.put(name, outstanding(name));
        }
        let mut written = Vec::new();
        records(&mut book, moment(0), |key, value| {
            written.push((key.to_vec(), value.to_vec()));
        });
        let stored = table(&written);
        for name in names {
            assert_eq!(of_account(&stored, name).unwrap(), outstanding(name));
        }
        let expected = names.map(|name| (name.to_owned(), outstanding(name)));
        assert_eq!(all(&stored).unwrap(), expected);
        assert!(of_account(&stored, "mai").unwrap().is_empty());
        let (_, value) = &written[0];
        let mut refused = 0;
        for cut in 0..value.len() {
            let taken = take(&mut Outstanding::default(), &value[..cut]);
            refused += usize::from(taken.is_err());
        }
        // It may be cut between two holds.
        assert_eq!(refused, value.len() - ITEMS_MAX);
        for key in [&b"main"[..], b"main\0", b"\xff\0\0\0\0\0\0\0\0\0"] {
            assert!(all(&table(&[(key.to_vec(), value.clone())])).is_err());
        }
    }

    #[test]
    fn a_number_of_settlements_beyond_the_record_is_refused_at_once() {
        let mut value = vec![HAS_SETTLEMENTS];
        varint::put_u64(&mut value, 1);
        varint::put_i128(&mut value, 5);
        value.push(0);
        varint::put_u64(&mut value, u64::MAX);
        let key = record::and_number(prefix_of("main"), 0);
        assert!(all(&table(&[(key, value)])).is_err());
    }
}
