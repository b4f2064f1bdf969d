//! The model and the drawings, on the household sample and on a log of ours.

mod figures;
mod keys;
mod screens;

use std::path::{Path, PathBuf};

use event_ledger::accounts::{NewLedger, Operation, Request};
use event_ledger::event::Entry;
use event_ledger::ledger::{Mode, Reader, RecordOptions, record};
use event_ledger::money::Currency;
use event_ledger::time::{Timestamp, Zone};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use tempfile::TempDir;

use super::index::LogIndex;
use super::search::{ShortWait, matches};
use super::state::{EventSource, ExploreState, LogView};
use super::update::Wanted;
use super::view::{Theme, draw};
use crate::commands::batch::line;

/// When the log of everything was started.
const STARTED: &str = "2026-01-01T08:00:00Z";

/// A log in memory, as `explore` sees it.
pub(super) struct TestLog {
    pub(super) index: LogIndex,
    pub(super) entries: Vec<Entry<'static>>,
    pub(super) reader: Reader,
    pub(super) now: Timestamp,
    name: String,
    _directory: Option<TempDir>,
}

impl EventSource for TestLog {
    fn event(&self, seq: u32) -> Option<Entry<'static>> {
        self.entries.get(usize::try_from(seq).unwrap()).cloned()
    }
}

pub(super) fn instant(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

impl TestLog {
    fn read(path: &Path, directory: Option<TempDir>) -> TestLog {
        let reader = Reader::open(path, &mut ShortWait::default()).unwrap();
        let mut log = TestLog {
            index: LogIndex::default(),
            entries: Vec::new(),
            reader,
            now: instant("2026-11-23T10:15:02Z"),
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            _directory: directory,
        };
        let last = log.reader.log().last_seq().unwrap().unwrap();
        log.push(0..=last);
        log
    }

    /// Takes in these events of the file.
    pub(super) fn push(&mut self, seqs: std::ops::RangeInclusive<u64>) {
        for seq in seqs {
            let entry = self.reader.entry(seq).unwrap().unwrap();
            self.index.push(&entry).unwrap();
            self.entries.push(entry);
        }
        self.index.settle();
    }

    /// The household of the samples.
    pub(super) fn household() -> TestLog {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        TestLog::read(&root.join("sample-data/household.jsonl"), None)
    }

    /// Late entries, reversals, holds, a closed account and two currencies, in the order of recording.
    pub(super) fn of_everything() -> TestLog {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("ledger.jsonl");
        start(&path);
        for (at, line) in EVERYTHING {
            append(&path, at, line);
        }
        TestLog::read(&path, Some(directory))
    }

    /// Accounts in six groups.
    pub(super) fn of_many_groups() -> TestLog {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("ledger.jsonl");
        start(&path);
        for name in ["a:x", "b:x", "c:x", "d:x", "e:x", "f:x"] {
            let line = format!(r#"{{"type":"deposit","amount":"5","account":"{name}"}}"#);
            append(&path, "2026-01-01T08:01:00Z", &line);
        }
        TestLog::read(&path, Some(directory))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.reader.log().path().to_owned()
    }

    pub(super) fn view(&self) -> LogView<'_> {
        LogView {
            index: &self.index,
            events: self,
            zone: self.reader.zone(),
            name: &self.name,
            now: self.now,
        }
    }

    /// A state after keys: `Left`, `PgUp`, `text:lunch` and single characters.
    pub(super) fn after(&self, keys: &str) -> ExploreState {
        let mut state = ExploreState::new(self.view());
        for key in typed(keys) {
            if let Wanted::Search(text) = state.press(key, self.view()) {
                let hits = self.entries.iter().filter(|entry| matches(entry, &text));
                let seqs: Vec<u32> = hits
                    .map(|entry| u32::try_from(entry.seq).unwrap())
                    .collect();
                state.take_hits(&text, &seqs, self.view());
            }
        }
        state
    }

    pub(super) fn drawn(&self, state: &ExploreState, size: (u16, u16), theme: Theme) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        draw(state, self.view(), theme, &mut buffer);
        buffer
    }
}

pub(super) fn typed(keys: &str) -> Vec<KeyCode> {
    let each = |word: &str| match word {
        "Left" => vec![KeyCode::Left],
        "Right" => vec![KeyCode::Right],
        "Up" => vec![KeyCode::Up],
        "Down" => vec![KeyCode::Down],
        "PgUp" => vec![KeyCode::PageUp],
        "PgDn" => vec![KeyCode::PageDown],
        "Home" => vec![KeyCode::Home],
        "End" => vec![KeyCode::End],
        "Enter" => vec![KeyCode::Enter],
        "Esc" => vec![KeyCode::Esc],
        "Back" => vec![KeyCode::Backspace],
        word => {
            let typed = word.strip_prefix("text:").unwrap_or(word);
            typed.chars().map(KeyCode::Char).collect()
        }
    };
    keys.split_whitespace().flat_map(each).collect()
}

/// The text of a screen, without blanks at the ends of lines.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        // A hash is another one in every run.
        let line = match line.find(" hash  ") {
            Some(_) => line
                .replace(|c: char| c.is_ascii_hexdigit(), "x")
                .replace("hxsh", "hash"),
            None => line,
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The styles of a screen, a letter for each cell.
pub(super) fn styles(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let line: String = row
            .iter()
            .map(|cell| {
                let bold = cell.modifier.contains(Modifier::BOLD);
                let dim = cell.modifier.contains(Modifier::DIM);
                let letter = match cell.fg {
                    Color::Reset if cell.modifier.contains(Modifier::REVERSED) => 'v',
                    Color::Reset if bold => 'b',
                    Color::Reset if dim => 'd',
                    Color::Reset => '.',
                    Color::Cyan => 'c',
                    Color::Yellow => 'y',
                    Color::Magenta => 'm',
                    Color::Green => 'g',
                    Color::Red => 'r',
                    _ => '?',
                };
                if cell.symbol() == " " && letter != 'v' {
                    ' '
                } else {
                    letter
                }
            })
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What happens in the log of everything, after it was started: lines of a batch.
const EVERYTHING: [(&str, &str); 21] = [
    (
        "2026-01-01T08:01:00Z",
        r#"{"type":"open","account":"bank:giro","floor":"none"}"#,
    ),
    (
        "2026-01-02T08:00:00Z",
        r#"{"type":"deposit","amount":"2500","account":"bank:giro","memo":"salary","tags":{"employer":"acme"}}"#,
    ),
    (
        "2026-01-03T08:00:00Z",
        r#"{"type":"transfer","amount":"900","from":"bank:giro","to":"cost:rent","memo":"rent"}"#,
    ),
    (
        "2026-02-03T08:00:00Z",
        r#"{"type":"withdraw","amount":"12.5","account":"bank:giro","effective":"2026-01-30T08:00:00Z","memo":"Lunch"}"#,
    ),
    (
        "2026-02-04T08:00:00Z",
        r#"{"type":"transfer","amount":"120.40","from":"bank:giro","to":"cost:food","effective":"2026-01-02T07:00:00Z"}"#,
    ),
    (
        "2026-02-05T08:00:00Z",
        r#"{"type":"deposit","amount":"30USD","account":"wallet"}"#,
    ),
    (
        "2026-02-06T08:00:00Z",
        r#"{"type":"hold","amount":"200","from":"bank:giro","to":"shop","expires":"2026-02-20T08:00:00Z","key":"order-7"}"#,
    ),
    (
        "2026-02-07T08:00:00Z",
        r#"{"type":"capture","seq":7,"amount":"80","keep":true}"#,
    ),
    (
        "2026-02-08T08:00:00Z",
        r#"{"type":"withdraw","amount":"1900","account":"bank:giro","memo":"overdraft","tags":{"order":"7"}}"#,
    ),
    ("2026-02-09T08:00:00Z", r#"{"type":"reverse","seq":4}"#),
    (
        "2026-02-10T08:00:00Z",
        r#"{"type":"release","seq":7,"amount":"20"}"#,
    ),
    (
        "2026-02-11T08:00:00Z",
        r#"{"type":"hold","amount":"50","from":"bank:giro","effective":"2026-02-06T09:00:00Z"}"#,
    ),
    (
        "2026-02-12T08:00:00Z",
        r#"{"type":"refund","seq":8,"amount":"5"}"#,
    ),
    ("2026-03-02T08:00:00Z", r#"{"type":"open","account":"old"}"#),
    (
        "2026-03-03T08:00:00Z",
        r#"{"type":"close","account":"old"}"#,
    ),
    (
        "2026-03-04T08:00:00Z",
        r#"{"type":"transfer","amount":"3","from":"cost:food","to":"bank:giro","effective":"2026-03-01T08:00:00Z"}"#,
    ),
    (
        "2026-03-05T08:00:00Z",
        r#"{"type":"deposit","amount":"7","account":"bank:giro"}"#,
    ),
    (
        "2026-03-05T08:00:00Z",
        r#"{"type":"deposit","amount":"8","account":"bank:giro"}"#,
    ),
    (
        "2026-03-06T08:00:00Z",
        r#"{"type":"correct","seq":17,"amount":"9"}"#,
    ),
    (
        "2026-03-07T08:00:00Z",
        r#"{"type":"deposit","amount":"1","account":"shop","effective":"2026-12-24T08:00:00Z","memo":"later"}"#,
    ),
    (
        "2026-03-08T08:00:00Z",
        r#"{"type":"withdraw","amount":"1","account":"shop","memo":"\u001b[31mred"}"#,
    ),
];

/// Starts a log in euros.
pub(super) fn start(path: &Path) {
    let ledger = NewLedger {
        currency: Some(Currency::new("EUR").unwrap()),
        zone: Zone::named("Europe/Vienna").unwrap(),
        strict: false,
    };
    record_at(path, STARTED, Operation::Init(ledger).into());
}

/// Records one line of a batch.
pub(super) fn append(path: &Path, at: &str, line: &str) {
    record_at(path, at, line::request(line.as_bytes()).unwrap());
}

fn record_at(path: &Path, at: &str, request: Request) {
    let mut options = RecordOptions {
        now: instant(at),
        // A process that another test starts has a copy of this one's lock until it runs its program.
        waiter: &mut ShortWait::default(),
        mode: Mode::Together,
        dry_run: false,
        checkpoints: None,
        observer: None,
        progress: &mut || (),
    };
    record(path, &[request], &mut options).unwrap();
}
