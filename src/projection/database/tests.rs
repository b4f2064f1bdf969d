use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::event::{AccountName, Event, Movement, Note, Opening, Record, Salt, Tags};
use crate::ledger::{LedgerError, LogSource, Reader, Start};
use crate::log::testing::ShortWait;
use crate::log::{NoWait, encode};
use crate::money::{Amount, Floor};
use crate::replay::{Bound, Cutoff};
use crate::time::{Timestamp, When};

const NOW: &str = "2030-01-01T00:00:00Z";

/// What one random event is made of.
#[derive(Clone, Debug)]
struct Toss {
    kind: u8,
    account: usize,
    other: usize,
    amount: usize,
    hours_back: i64,
    tagged: bool,
}

fn tosses() -> impl Strategy<Value = Vec<Toss>> {
    let toss = (
        0_u8..9,
        0_usize..5,
        0_usize..5,
        0_usize..8,
        0_i64..2000,
        any::<bool>(),
    );
    let toss = toss.prop_map(|(kind, account, other, amount, hours_back, tagged)| Toss {
        kind,
        account,
        other,
        amount,
        hours_back,
        tagged,
    });
    proptest::collection::vec(toss, 1..60)
}

/// Accounts with what they hold: of `BTC` and of no currency the figures grow finer on the way.
const ACCOUNTS: [(&str, Option<&str>); 5] = [
    ("bank", Some("EUR")),
    ("cash", Some("EUR")),
    ("coins", Some("BTC")),
    ("wallet", Some("BTC")),
    ("points", None),
];
const FINE: [&str; 8] = [
    "1",
    "0.5",
    "12.25",
    "0.000000001",
    "7.125",
    "999999999999999999",
    "92233720368.547758",
    "3",
];
const CENTS: [&str; 8] = [
    "1.00",
    "0.50",
    "12.25",
    "0.01",
    "7.12",
    "999999999999999999.99",
    "92233720368547758.07",
    "3.00",
];

/// The lines of a log that keeps the format, if not every rule.
fn lines(tosses: &[Toss]) -> Vec<String> {
    let mut previous = None;
    let mut lines = Vec::new();
    let opening = Event::Ledger(Opening {
        id: LedgerId::from_bytes([7; 16]),
        currency: None,
        zone: "America/New_York".into(),
        strict: false,
    });
    let mut push = |event: Event<'_>, effective: Option<Timestamp>, note: Option<Note<'_>>| {
        let seq = lines.len() as u64;
        let record = Record {
            seq,
            at: Timestamp::from_unix_micros(
                1_700_000_000_000_000 + seq.cast_signed() * 3_600_000_000,
            )
            .unwrap(),
            effective,
            event,
            link: None,
            key: None,
            more: false,
            note,
        };
        let (line, entry) = encode(record, previous.as_ref());
        previous = Some(entry.hash);
        lines.push(line + "\n");
    };
    push(opening, None, None);
    for toss in tosses {
        let (name, currency) = ACCOUNTS[toss.account];
        let (other, other_currency) = ACCOUNTS[toss.other];
        let account = AccountName::new(name).unwrap();
        let currency = currency.and_then(Currency::new);
        let figure = match name {
            "bank" | "cash" => CENTS[toss.amount],
            _ => FINE[toss.amount],
        };
        let amount = Amount::from_canonical(figure.as_bytes()).unwrap();
        let movement = Movement {
            account: account.clone(),
            amount,
            currency,
        };
        let event = match toss.kind {
            0 => Event::Open {
                account,
                currency,
                floor: Some(Floor::None),
            },
            1 => Event::Limit {
                account,
                floor: Floor::from_canonical(format!("-{figure}").as_bytes()).unwrap(),
            },
            2 | 3 if name != other && currency == other_currency.and_then(Currency::new) => {
                Event::Transfer {
                    from: account,
                    to: AccountName::new(other).unwrap(),
                    amount,
                    currency,
                }
            }
            4 | 5 => Event::Withdraw(movement),
            6 => Event::Close { account },
            _ => Event::Deposit(movement),
        };
        let effective = (toss.hours_back > 1000).then(|| {
            let back = 1_700_000_000_000_000 - toss.hours_back * 3_600_000_000;
            Timestamp::from_unix_micros(back).unwrap()
        });
        let note = toss.tagged.then(|| Note::Kept {
            salt: Salt([1; 16]),
            memo: Some("it's \"so\"".into()),
            tags: Tags::from_pairs(vec![("order".into(), figure.into())]).unwrap(),
        });
        push(event, effective, note);
    }
    lines
}

fn reading(log: &Path) -> Reader {
    Reader::open(log, &mut ShortWait::default()).unwrap()
}

fn open(file: &Path, anew: bool) -> Result<Database, ProjectionError> {
    let id = LedgerId::from_bytes([7; 16]);
    Database::open(file, id, anew, Duration::ZERO, &mut ShortWait::default())
}

/// Brings a read model up to the log's end, as a process of its own would.
fn bring(log: &Path, file: &Path, anew: bool) -> Progressed {
    let mut database = open(file, anew).unwrap();
    let start = database.at().map_or(Start::Front, Start::SavedPosition);
    let mut follower = Subscription::start(reading(log), start).unwrap();
    let brought = database.bring(&mut follower, &mut |_| true).unwrap();
    database.close();
    brought
}

/// Every row of every table, and the schema.
fn dump(file: &Path) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut rows = Vec::new();
    for name in names {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {name}"))
            .unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        // A sum beyond 64 bits is an error and no figure: of the views that is all there is to say.
        while let Ok(Some(row)) = found.next() {
            let cells: Vec<String> = (0..columns)
                .map(|column| format!("{:?}", row.get_ref(column).unwrap()))
                .collect();
            rows.push(format!("{name}: {}", cells.join(", ")));
        }
    }
    rows
}

fn figures(file: &Path, sql: &str) -> BTreeMap<String, (String, Option<i64>)> {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
    rows.unwrap().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn step_by_step_and_from_nothing_come_to_the_same_rows(
        tosses in tosses(), splits in proptest::collection::vec(1_usize..12, 1..12),
    ) {
        let directory = TempDir::new().unwrap();
        let log = directory.path().join("log");
        let lines = lines(&tosses);
        let (step, whole) = (directory.path().join("step.db"), directory.path().join("whole.db"));
        let mut end = 0;
        for split in splits.iter().cycle() {
            end = (end + split).min(lines.len());
            std::fs::write(&log, lines[..end].concat()).unwrap();
            bring(&log, &step, false);
            if end == lines.len() {
                break;
            }
        }
        bring(&log, &whole, false);
        let expected = dump(&whole);
        prop_assert_eq!(dump(&step), expected.clone());
        // Made again in place of something else, it is the same.
        bring(&log, &step, true);
        prop_assert_eq!(dump(&step), expected);
    }

    #[test]
    fn the_tables_hold_what_a_replay_comes_to(tosses in tosses()) {
        let directory = TempDir::new().unwrap();
        let (log, file) = (directory.path().join("log"), directory.path().join("db"));
        std::fs::write(&log, lines(&tosses).concat()).unwrap();
        bring(&log, &file, false);
        let reading = reading(&log);
        let now = Timestamp::parse_rfc3339(NOW).unwrap();
        let replayed = reading.replay(Cutoff::default(), None).unwrap();
        let balances = figures(&file, "SELECT account, balance, balance_minor FROM balances");
        let scales = figures(&file, "SELECT coalesce(currency, ''), 'scale', scale FROM currencies");
        let scale_of = |currency: Option<Currency>| {
            let code = currency.map_or_else(String::new, |currency| currency.to_string());
            Scale::new(u8::try_from(scales[&code].1.unwrap()).unwrap()).unwrap()
        };
        prop_assert_eq!(balances.len(), replayed.state().account_count());
        for (name, account) in replayed.state().accounts() {
            let text = account.balance.to_text(account.scale);
            let whole = super::super::figures::minor(account.balance, scale_of(account.currency));
            prop_assert_eq!(&balances[name], &(text, whole), "{}", name);
        }
        let days = figures(
            &file,
            "SELECT account || ' ' || day, balance, balance_minor FROM daily_balances",
        );
        for (key, (text, whole)) in days {
            let (name, day) = key.split_once(' ').unwrap();
            let until = reading.until(&When::parse(day).unwrap(), now).unwrap();
            let cutoff = Cutoff { until: Some(until), ..Cutoff::default() };
            let then = reading.replay(cutoff, None).unwrap();
            let account = then.state().account(name).unwrap();
            let known = replayed.state().account(name).unwrap();
            prop_assert_eq!(&text, &account.balance.to_text(known.scale), "{}", key);
            let minor = super::super::figures::minor(account.balance, scale_of(known.currency));
            prop_assert_eq!(whole, minor, "{}", key);
            prop_assert!(matches!(until, Bound::Time(_)));
        }
    }
}

fn calm(events: usize) -> Vec<Toss> {
    let toss = Toss {
        kind: 8,
        account: 0,
        other: 0,
        amount: 2,
        hours_back: 0,
        tagged: false,
    };
    vec![toss; events]
}

#[test]
fn a_database_of_somebody_elses_is_not_touched() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("db");
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE meta (x); INSERT INTO meta VALUES (1)")
        .unwrap();
    drop(other);
    let notes = directory.path().join("notes");
    std::fs::write(&notes, "buy milk\n").unwrap();
    for path in [&file, &notes, &directory.path().to_owned()] {
        let before = std::fs::read(path).unwrap_or_default();
        for anew in [false, true] {
            let refused = open(path, anew);
            assert!(
                matches!(refused, Err(ProjectionError::NotOurs { .. })),
                "{refused:?}"
            );
        }
        assert_eq!(std::fs::read(path).unwrap_or_default(), before);
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn what_is_stopped_in_its_middle_is_a_whole_prefix_and_goes_on() {
    let directory = TempDir::new().unwrap();
    let (log, file) = (directory.path().join("log"), directory.path().join("db"));
    std::fs::write(&log, lines(&calm(30)).concat()).unwrap();
    let mut database = open(&file, false).unwrap();
    let mut follower = Subscription::start(reading(&log), Start::Front).unwrap();
    let mut left = 12;
    let brought = database.bring(&mut follower, &mut |_| {
        left -= 1;
        left > 0
    });
    assert_eq!(
        brought.unwrap(),
        Progressed {
            added: 12,
            to_the_end: false
        }
    );
    drop(database);
    assert_eq!(open(&file, false).unwrap().at().unwrap().seq, 11);
    assert_eq!(bring(&log, &file, false).added, 19);
    let whole = directory.path().join("whole");
    bring(&log, &whole, false);
    assert_eq!(dump(&file), dump(&whole));
}

/// Looks for more in the file.
fn look(follower: &mut Subscription, path: &Path) -> Result<bool, LedgerError> {
    let mut source = LogSource::File(path.to_owned());
    follower.look(&mut source, &mut ShortWait::default())
}

#[test]
fn two_at_once_add_each_event_once() {
    let directory = TempDir::new().unwrap();
    let (log, file) = (directory.path().join("log"), directory.path().join("db"));
    let lines = lines(&calm(30));
    std::fs::write(&log, lines[..10].concat()).unwrap();
    let mut one = open(&file, false).unwrap();
    let mut follower = Subscription::start(reading(&log), Start::Front).unwrap();
    one.bring(&mut follower, &mut |_| true).unwrap();
    std::fs::write(&log, lines[..20].concat()).unwrap();
    assert_eq!(bring(&log, &file, false).added, 10);
    std::fs::write(&log, lines.concat()).unwrap();
    assert!(look(&mut follower, &log).unwrap());
    // Of the 21 that it had not seen, ten are in there already.
    assert_eq!(one.bring(&mut follower, &mut |_| true).unwrap().added, 11);
    let whole = directory.path().join("whole");
    bring(&log, &whole, false);
    assert_eq!(dump(&file), dump(&whole));
}

#[test]
fn a_file_of_another_ledger_or_version_is_refused_and_can_be_made_anew() {
    let directory = TempDir::new().unwrap();
    let (log, file) = (directory.path().join("log"), directory.path().join("db"));
    std::fs::write(&log, lines(&calm(3)).concat()).unwrap();
    bring(&log, &file, false);
    let id = LedgerId::from_bytes([8; 16]);
    let other = Database::open(&file, id, false, Duration::ZERO, &mut NoWait);
    assert!(matches!(other, Err(ProjectionError::OtherLedger { .. })));
    let connection = Connection::open(&file).unwrap();
    connection
        .execute_batch("PRAGMA user_version = 99; CREATE VIEW mine AS SELECT 1 AS one")
        .unwrap();
    drop(connection);
    let other = open(&file, false);
    assert!(matches!(
        other,
        Err(ProjectionError::OtherVersion { found: 99, .. })
    ));
    assert_eq!(bring(&log, &file, true).added, 4);
    assert!(open(&file, false).is_ok());
    // What users added to it is still there.
    assert!(
        dump(&file)
            .iter()
            .any(|row| row.starts_with("mine: Integer(1)"))
    );
}

#[test]
fn nothing_is_written_to_a_file_that_was_removed_or_replaced() {
    let directory = TempDir::new().unwrap();
    let (log, file) = (directory.path().join("log"), directory.path().join("db"));
    let lines = lines(&calm(30));
    std::fs::write(&log, lines[..10].concat()).unwrap();
    let mut database = open(&file, false).unwrap();
    let mut follower = Subscription::start(reading(&log), Start::Front).unwrap();
    database.bring(&mut follower, &mut |_| true).unwrap();
    std::fs::rename(&file, directory.path().join("old")).unwrap();
    std::fs::write(&log, lines.concat()).unwrap();
    assert!(look(&mut follower, &log).unwrap());
    let gone = database.bring(&mut follower, &mut |_| true);
    assert!(
        matches!(gone, Err(ProjectionError::Gone { .. })),
        "{gone:?}"
    );
}

/// A page of a table without row ids, or the root of one: `cells` times the page `child`.
fn interior(bytes: &mut [u8], child: u32, cell: &[u8], cells: u16) {
    let size = bytes.len();
    bytes.fill(0);
    bytes[0] = 0x02;
    let start = size - cell.len();
    bytes[start..].copy_from_slice(cell);
    bytes[start..start + 4].copy_from_slice(&child.to_be_bytes());
    let start = u16::try_from(start).unwrap().to_be_bytes();
    bytes[3..5].copy_from_slice(&cells.to_be_bytes());
    bytes[5..7].copy_from_slice(&start);
    bytes[8..12].copy_from_slice(&child.to_be_bytes());
    for index in 0..usize::from(cells) {
        bytes[12 + 2 * index..14 + 2 * index].copy_from_slice(&start);
    }
}

#[test]
fn a_planted_table_whose_pages_lead_to_the_same_pages_again_and_again_ends_in_an_error() {
    const LEVELS: usize = 12;
    const CELLS: u16 = 600;
    let directory = TempDir::new().unwrap();
    let (log, file) = (directory.path().join("log"), directory.path().join("db"));
    std::fs::write(&log, lines(&calm(3)).concat()).unwrap();
    bring(&log, &file, false);
    let connection = Connection::open(&file).unwrap();
    let root: u32 = connection
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'accounts'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let size: u32 = connection
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    let (root, size) = (root as usize, size as usize);
    let mut bytes = std::fs::read(&file).unwrap();
    let pages = bytes.len() / size;
    let leaf = bytes[(root - 1) * size..root * size].to_vec();
    // The last row of the leaf, as SQLite laid it down: its length and its bytes.
    let start = usize::from(u16::from_be_bytes([leaf[8], leaf[9]]));
    let row = &leaf[start..=start + usize::from(leaf[start])];
    let cell = [&[0; 4], row].concat();
    for level in 0..LEVELS {
        let child = u32::try_from(pages + level + 2).unwrap();
        let mut page = vec![0; size];
        interior(&mut page, child, &cell, CELLS);
        bytes.extend(page);
    }
    bytes.extend(leaf);
    let first = u32::try_from(pages + 1).unwrap();
    interior(
        &mut bytes[(root - 1) * size..root * size],
        first,
        &cell,
        CELLS,
    );
    let all = u32::try_from(bytes.len() / size).unwrap();
    bytes[28..32].copy_from_slice(&all.to_be_bytes());
    std::fs::write(&file, bytes).unwrap();
    let refused = open(&file, false).unwrap_err().to_string();
    assert!(
        refused.contains("takes longer to read than its size can need"),
        "{refused}"
    );
}
