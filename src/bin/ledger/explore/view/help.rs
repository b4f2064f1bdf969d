//! The keys.

use ratatui::layout::Rect;

use super::event::middle;
use super::pen::{Ink, Pen, inside};

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

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect) {
    let height = u16::try_from(KEYS.len())
        .unwrap_or_default()
        .saturating_add(2);
    // On a low screen the gaps are left out.
    let has_gaps = height <= area.height.saturating_sub(2);
    let keys: Vec<_> = KEYS
        .iter()
        .filter(|(key, _)| has_gaps || !key.is_empty())
        .collect();
    let height = u16::try_from(keys.len())
        .unwrap_or_default()
        .saturating_add(2);
    let area = middle(area, WIDTH, height);
    pen.clear(area);
    pen.frame(area, "Keys", "", Ink::Now);
    let inner = inside(area);
    let x = inner.x.saturating_add(2);
    let room = inner.width.saturating_sub(KEY_WIDTH).saturating_sub(3);
    for (y, (key, what)) in (inner.y..inner.bottom()).zip(keys) {
        let key = if pen.theme.ascii {
            key.replace("← →", "< >").replace("↑ ↓", "^ v")
        } else {
            (*key).to_owned()
        };
        pen.text(x, y, KEY_WIDTH, &key, Ink::Strong);
        pen.text(x.saturating_add(KEY_WIDTH), y, room, what, Ink::Plain);
    }
}
