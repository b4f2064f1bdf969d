use std::collections::BTreeMap;
use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::{CheckpointError, held};
use std::sync::Arc;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

fn bytes_of(records: &Records) -> (Vec<u8>, Root) {
    let mut writer = TableWriter::new(Vec::new());
    for (key, value) in records {
        writer.push(key, value).unwrap();
    }
    writer.finish().unwrap()
}

fn table_of(bytes: &[u8], base: usize, root: Root) -> PagedTable {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&vec![b'x'; base]).unwrap();
    file.write_all(bytes).unwrap();
    PagedTable::new(Arc::new(file), base as u64, root)
}

fn all(table: &PagedTable) -> Result<Records, CheckpointError> {
    let mut found = Records::new();
    table.each(b"", |key, value| {
        found.insert(key.to_vec(), value.to_vec());
        Ok(())
    })?;
    Ok(found)
}

fn records() -> impl Strategy<Value = Records> {
    prop::collection::btree_map(
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(any::<u8>(), 0..300),
        0..400,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_holds_what_was_put_in_it_and_finds_it(records in records(), base in 0_usize..9) {
        let (bytes, root) = bytes_of(&records);
        let table = table_of(&bytes, base, root);
        prop_assert_eq!(root.records, records.len() as u64);
        prop_assert_eq!(root.bytes, bytes.len() as u64);
        prop_assert_eq!(&all(&table).unwrap(), &records);
        for (key, value) in &records {
            let found = table.get(key).unwrap();
            prop_assert_eq!(found.as_ref(), Some(value));
            let mut other = key.clone();
            other.push(7);
            prop_assert_eq!(table.get(&other).unwrap(), records.get(&other).cloned());
        }
        for prefix in [vec![], vec![0], vec![200, 1], vec![255]] {
            let mut found = Vec::new();
            table.each(&prefix, |key, _| { found.push(key.to_vec()); Ok(()) }).unwrap();
            let wanted: Vec<_> = records.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn merged_tables_hold_all_records_once_and_later_ones_are_joined_after_earlier_ones(
        parts in prop::collection::vec(records(), 1..4)
    ) {
        let tables: Vec<_> = parts.iter().map(|part| {
            let (bytes, root) = bytes_of(part);
            table_of(&bytes, 0, root)
        }).collect();
        let mut cursors: Vec<_> = tables.iter().map(|table| table.seek(b"").unwrap()).collect();
        let mut out = TableWriter::new(Vec::new());
        let join = |values: &[Vec<u8>]| Ok(values.concat());
        merge(&mut cursors, join, |key, value| out.push(key, value)).unwrap();
        let (bytes, root) = out.finish().unwrap();
        let mut wanted = Records::new();
        for part in &parts {
            for (key, value) in part {
                wanted.entry(key.clone()).or_default().extend_from_slice(value);
            }
        }
        prop_assert_eq!(all(&table_of(&bytes, 0, root)).unwrap(), wanted);
    }
}

#[test]
fn a_table_of_many_pages_is_found_by_few_of_them() {
    let records: Records = (0..50_000_u32)
        .map(|n| (n.to_be_bytes().to_vec(), vec![7; 30]))
        .collect();
    let (bytes, root) = bytes_of(&records);
    assert_eq!(root.height, 1);
    let table = table_of(&bytes, 0, root);
    assert_eq!(
        table.get(&41_234_u32.to_be_bytes()).unwrap(),
        Some(vec![7; 30])
    );
    assert_eq!(held(&table.inner).len(), 1);
}

#[test]
fn every_changed_byte_and_every_cut_is_seen() {
    let records: Records = (0..500_u32)
        .map(|n| (n.to_be_bytes().to_vec(), vec![n.to_le_bytes()[0]; 40]))
        .collect();
    let (bytes, root) = bytes_of(&records);
    assert!(root.height > 0);
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(all(&table_of(&changed, 0, root)).is_err(), "byte {at}");
        assert!(
            all(&table_of(&bytes[..at], 0, root)).is_err(),
            "cut at {at}"
        );
    }
}
