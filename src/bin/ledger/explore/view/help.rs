//! The keys.

use ratatui::layout::Rect;

use super::event::middle;
use super::pen::{Ink, Pen, inside};
use crate::output::text::wrapped;

const KEYS: [(&str, &str); 19] = [
    ("← →", "one event back or on"),
    ("PgUp PgDn", "to the end of the day before or after"),
    ("[ ]", "to the end of the month before or after"),
    ("Home End", "before the first event, to the last"),
    ("t", "go to a moment or an event"),
    ("k", "by recording time (known at) or effective time"),
    ("", ""),
    ("↑ ↓", "choose an account"),
    ("a", "list only some accounts"),
    ("c", "the balance as a chart"),
    ("Enter", "show the event, whole, with its links"),
    ("", ""),
    ("/", "find a text in memos, tags and accounts"),
    ("n N", "the next hit, the one before"),
    ("m", "set a mark, and show the difference to it"),
    ("", ""),
    ("?", "this page"),
    ("Esc", "close, end a search"),
    ("q", "quit"),
];
const WIDTH: u16 = 64;
const KEY_WIDTH: u16 = 12;

/// The last key that may be the first one shown.
pub(crate) const LAST_OF_HELP: usize = 15;

/// Draws the keys, from one on if there is no room for all. True if there is none.
pub(super) fn draw(first: usize, pen: &mut Pen<'_>, area: Rect) -> bool {
    // Without the frame, the keys and gaps.
    let width = middle(area, WIDTH, 0).width;
    let room = width.saturating_sub(KEY_WIDTH).saturating_sub(5);
    // On a low screen the gaps are left out.
    let is_low = KEYS.len().saturating_add(4) > usize::from(area.height);
    let entries = KEYS.iter().filter(|(key, _)| !is_low || !key.is_empty());
    let entries = entries.map(|(key, what)| (key, wrapped(what, usize::from(room))));
    let mut entries: Vec<_> = entries.collect();
    let height = |entries: &[(_, std::borrow::Cow<'_, str>)]| {
        let lines = entries.iter().map(|(_, text)| text.split('\n').count());
        u16::try_from(lines.sum::<usize>().saturating_add(2)).unwrap_or(u16::MAX)
    };
    let whole = height(&entries);
    let is_cut = whole > area.height.saturating_sub(2);
    if is_cut {
        entries.drain(..first.min(entries.len()));
    }
    let area = middle(area, WIDTH, whole);
    pen.clear(area);
    pen.frame(area, "Keys", "", Ink::Now);
    let inner = inside(area);
    let x = inner.x.saturating_add(2);
    let mut y = inner.y;
    for (key, text) in entries {
        let key = if pen.theme.ascii {
            key.replace("← →", "< >").replace("↑ ↓", "^ v")
        } else {
            (*key).to_owned()
        };
        for (index, line) in text.split('\n').enumerate() {
            if y >= inner.bottom() {
                return is_cut;
            }
            if index == 0 {
                pen.text(x, y, KEY_WIDTH, &key, Ink::Strong);
            }
            pen.text(x.saturating_add(KEY_WIDTH), y, room, line, Ink::Plain);
            y = y.saturating_add(1);
        }
    }
    is_cut
}
