//! With kept roots and without: the same tree, the same paths, the same errors.

use std::num::NonZeroU64;
use std::path::Path;

use super::size;
use crate::event::{AccountName, Event, LedgerId, Movement, Opening, Record};
use crate::log::testing::ShortWait;
use crate::log::{LogReader, encode};
use crate::money::Amount;
use crate::proof::{LogTree, TreePath, TreeRoots};
use crate::time::Timestamp;

const BLOCK: u64 = 4096;
const LINES: u64 = 2 * BLOCK + 100;

fn id() -> LedgerId {
    LedgerId::from_bytes([7; 16])
}

/// A log of so many lines, of which some are in batches: one over the end of the first block, one of
/// two lines after it.
fn log(path: &Path, lines: u64) -> LogReader {
    let record = |seq: u64| Record {
        seq,
        at: Timestamp::from_unix_micros(1_800_000_000_000_000).unwrap(),
        effective: None,
        event: match seq {
            0 => Event::Ledger(Opening {
                id: id(),
                currency: None,
                zone: "UTC".into(),
                strict: false,
            }),
            _ => Event::Deposit(Movement {
                account: AccountName::main(),
                amount: Amount::from_canonical(b"1").unwrap(),
                currency: None,
            }),
        },
        link: None,
        key: None,
        more: (BLOCK - 3..BLOCK + 2).contains(&seq) || seq == 5000,
        note: None,
    };
    let mut text = String::new();
    let mut last = None;
    for seq in 0..lines {
        let (line, entry) = encode(record(seq), last.as_ref());
        text.extend([line.as_str(), "\n"]);
        last = Some(entry.hash);
    }
    std::fs::write(path, text).unwrap();
    LogReader::open(path, &mut ShortWait::default()).unwrap()
}

/// What a tree came to, as text.
fn told(found: Result<(LogTree, Option<TreeRoots>), impl std::fmt::Debug>) -> String {
    format!("{:?}", found.map(|(tree, _)| tree))
}

#[test]
fn kept_roots_lead_to_the_same_trees_paths_and_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    // Kept when the log had one block, and a little more.
    let earlier = log(&path, BLOCK + 10);
    let (_, kept) = LogTree::scan(&earlier, id(), None, TreePath::None).unwrap();
    let kept = kept.unwrap();
    assert_eq!(kept.lines(), BLOCK);
    let log = log(&path, LINES);
    let (_, all) = LogTree::scan(&log, id(), None, TreePath::None).unwrap();
    let all = all.unwrap();
    let sizes = [BLOCK - 1, BLOCK + 1, BLOCK + 9, 2 * BLOCK];
    let sizes = sizes.into_iter().map(|lines| Some(size(lines)));
    let (mut from_roots, mut read_whole) = (0, 0);
    for size in sizes.chain([None]) {
        let inclusions = [0, BLOCK - 1, BLOCK, 2 * BLOCK, LINES];
        let olders = [700, BLOCK, BLOCK + 6, 2 * BLOCK, LINES + 1];
        let inclusions = inclusions.into_iter().map(TreePath::Inclusion);
        let olders = olders
            .into_iter()
            .map(|lines| TreePath::Consistency(super::size(lines)));
        for path in inclusions.chain(olders).chain([TreePath::None]) {
            let plain = told(LogTree::scan(&log, id(), size, path));
            for roots in [&kept, &all] {
                match LogTree::from_roots(&log, id(), size, path, roots) {
                    Ok(None) => read_whole += 1,
                    found => {
                        from_roots += 1;
                        let found = found.map(Option::unwrap);
                        assert_eq!(told(found), plain, "{size:?} {path:?}");
                    }
                }
            }
        }
    }
    assert!(
        from_roots > 80 && read_whole > 0,
        "{from_roots} {read_whole}"
    );
    // What was kept grows with the log.
    let (_, grown) = LogTree::from_roots(&log, id(), None, TreePath::None, &kept)
        .unwrap()
        .unwrap();
    assert_eq!(grown, Some(all));
}

#[test]
fn roots_of_another_log_or_a_changed_line_are_not_used_for_a_leaf_that_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let whole = log(&path, LINES);
    let (_, kept) = LogTree::scan(&whole, id(), None, TreePath::None).unwrap();
    let kept = kept.unwrap();
    let shows = |roots: &TreeRoots, log: &LogReader, path: TreePath| {
        LogTree::from_roots(log, id(), None, path, roots)
            .unwrap()
            .is_some()
    };
    let second = TreePath::Inclusion(BLOCK + 7);
    assert!(shows(&kept, &whole, second));
    let mut other = kept.clone();
    other.roots.swap(0, 1);
    assert!(!shows(&other, &whole, second));
    let mut other = kept.clone();
    other.roots.truncate(1);
    assert!(!shows(&other, &whole, second), "its last line is another");
    assert!(
        !shows(&kept, &log(&path, BLOCK), second),
        "it is longer than the log"
    );
    // A changed line is found if its block is read, which it is for every leaf that is shown.
    log(&path, LINES);
    let mut bytes = std::fs::read(&path).unwrap();
    let place = bytes.len() / 2;
    let at = place
        + bytes[place..]
            .windows(10)
            .position(|w| w == b"\"amount\":\"")
            .unwrap()
        + 10;
    bytes[at] = b'2';
    std::fs::write(&path, bytes).unwrap();
    let changed = LogReader::open(&path, &mut ShortWait::default()).unwrap();
    let changed_block = TreePath::Inclusion(LINES / 2);
    assert!(!shows(&kept, &changed, changed_block));
    assert!(!shows(
        &kept,
        &changed,
        TreePath::Consistency(size(LINES / 2))
    ));
}

#[test]
fn kept_roots_are_read_as_they_were_written_and_in_no_other_form() {
    let directory = tempfile::tempdir().unwrap();
    let whole = log(&directory.path().join("log"), LINES);
    let (_, kept) = LogTree::scan(&whole, id(), None, TreePath::None).unwrap();
    let kept = kept.unwrap();
    let bytes = kept.write(&id());
    assert_eq!(TreeRoots::read(&bytes, &id()), Some(kept));
    assert_eq!(
        TreeRoots::read(&bytes, &LedgerId::from_bytes([8; 16])),
        None
    );
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(TreeRoots::read(&changed, &id()), None, "{at}");
        assert_eq!(TreeRoots::read(&bytes[..at], &id()), None, "{at}");
    }
    // A log shorter than a block has none to keep.
    let short = log(&directory.path().join("short"), 100);
    let (_, none) = LogTree::scan(&short, id(), NonZeroU64::new(50), TreePath::None).unwrap();
    assert_eq!(none, None);
}
