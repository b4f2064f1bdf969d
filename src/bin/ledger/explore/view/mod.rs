//! Draws a state into a buffer: a heading, accounts on the left, a statement or chart on the right, the
//! time line below.

mod accounts;
mod chart;
mod event;
mod help;
mod pen;
mod statement;
mod timeline;

use event_ledger::replay::EventOrder;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::state::{ExploreState, LogView, Overlay, Prompt, PromptKind};
pub(crate) use help::LAST_OF_HELP;
pub(crate) use pen::Theme;
use pen::{Ink, Pen, columns};

/// The smallest window in which panes fit.
const SMALLEST: (u16, u16) = (40, 16);
/// With fewer columns, the statement is below the accounts.
const SIDE_BY_SIDE: u16 = 64;

/// Draws everything. Returns where the cursor of a prompt is.
pub(crate) fn draw(
    state: &ExploreState,
    log: LogView<'_>,
    theme: Theme,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let area = buffer.area;
    let mut pen = Pen { buffer, theme };
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        let text = format!("explore needs a window of {width} by {height}");
        pen.text(area.x, area.y, area.width, &text, Ink::Plain);
        return None;
    }
    let places = Places::of(area, accounts::wanted_width(state, log));
    heading(state, log, &mut pen, places.heading);
    accounts::draw(state, log, &mut pen, places.accounts);
    if state.shows_chart {
        chart::draw(state, log, &mut pen, places.statement);
    } else {
        statement::draw(state, log, &mut pen, places.statement);
    }
    timeline::draw(state, log, &mut pen, places.timeline);
    if matches!(
        &state.overlay,
        Some(Overlay::Help { .. } | Overlay::Event { .. })
    ) {
        pen.tint(area, Ink::Dim);
    }
    let mut is_cut = false;
    match &state.overlay {
        Some(Overlay::Help { first }) => is_cut = help::draw(*first, &mut pen, area),
        Some(Overlay::Event { seq, link }) => event::draw(*seq, *link, state, log, &mut pen, area),
        Some(Overlay::Prompt(_)) | None => {}
    }
    footer(state, is_cut, &mut pen, places.footer)
}

/// Draws how far reading the log has come.
pub(crate) fn draw_reading(name: &str, percent: u64, theme: Theme, buffer: &mut Buffer) {
    let area = buffer.area;
    let mut pen = Pen { buffer, theme };
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    pen.text(x, area.y, room, name, Ink::Strong);
    let text = format!("reading the log: {percent} %");
    let width = columns(&text).min(room);
    let place = event::middle(area, width, 1);
    pen.text(place.x, place.y, width, &text, Ink::Plain);
    let last = area.bottom().saturating_sub(1);
    let keys = FooterKeys {
        always: &[("q", "quit")],
        ..FooterKeys::default()
    };
    keys.draw(&mut pen, x, last, room);
}

/// Where things are.
struct Places {
    heading: Rect,
    accounts: Rect,
    statement: Rect,
    timeline: Rect,
    footer: Rect,
}

impl Places {
    fn of(area: Rect, accounts_width: u16) -> Places {
        let row = |y: u16, height: u16| Rect { y, height, ..area };
        let timeline_height = if area.height >= 30 { 7 } else { 5 };
        let footer = row(area.bottom().saturating_sub(1), 1);
        let timeline = row(footer.y.saturating_sub(timeline_height), timeline_height);
        let top = area.y.saturating_add(1);
        let panes = row(top, timeline.y.saturating_sub(top));
        let (accounts, statement) = if area.width < SIDE_BY_SIDE {
            one_above_the_other(panes)
        } else {
            side_by_side(panes, accounts_width)
        };
        Places {
            heading: row(area.y, 1),
            accounts,
            statement,
            timeline,
            footer,
        }
    }
}

fn side_by_side(panes: Rect, accounts_width: u16) -> (Rect, Rect) {
    // The statement has more to say.
    let most = panes.width.saturating_mul(9).checked_div(20);
    let width = accounts_width.clamp(24, most.unwrap_or_default().max(24));
    let statement = Rect {
        x: panes.x.saturating_add(width),
        width: panes.width.saturating_sub(width),
        ..panes
    };
    (Rect { width, ..panes }, statement)
}

fn one_above_the_other(panes: Rect) -> (Rect, Rect) {
    let third = panes.height.checked_div(3).unwrap_or_default().max(4);
    let height = third.min(panes.height);
    let statement = Rect {
        y: panes.y.saturating_add(height),
        height: panes.height.saturating_sub(height),
        ..panes
    };
    (Rect { height, ..panes }, statement)
}

/// The log on the left, the moment on the right.
fn heading(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let total = log.index.len();
    let word = match state.order {
        EventOrder::Effective => "until",
        EventOrder::Recorded => "known at",
    };
    let moment = match state.time(log) {
        Some(time) => format!("{word} {}", log.zone.local_minute(time)),
        None => "before the first event".to_owned(),
    };
    let count = format!("  {} of {total} ", state.place.position);
    let end = area.right();
    pen.right(end, area.y, area.width, &count, Ink::Dim);
    let end = end.saturating_sub(columns(&count));
    pen.right(end, area.y, area.width, &moment, Ink::Now);
    let used = columns(&count).saturating_add(columns(&moment));
    let room = area.width.saturating_sub(used).saturating_sub(3);
    let x = area.x.saturating_add(1);
    let used = pen.text(x, area.y, room, log.name, Ink::Strong);
    let zone = format!("  {}", log.zone.name());
    let room = room.saturating_sub(used);
    if columns(&zone) <= room {
        pen.text(x.saturating_add(used), area.y, room, &zone, Ink::Dim);
    }
}

/// A prompt, a message, or the keys.
fn footer(
    state: &ExploreState,
    is_help_cut: bool,
    pen: &mut Pen<'_>,
    area: Rect,
) -> Option<(u16, u16)> {
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    if let Some(Overlay::Prompt(prompt)) = &state.overlay {
        return Some(prompt_line(prompt, pen, x, area.y, room));
    }
    let searching = state
        .search
        .as_ref()
        .filter(|search| search.found.is_none())
        .map(|search| format!("searching for `{}` …", search.text));
    if let Some(message) = state.message.as_ref().or(searching.as_ref()) {
        pen.text(x, area.y, room, message, Ink::Strong);
        return None;
    }
    let keys = match &state.overlay {
        Some(Overlay::Event { .. }) => FooterKeys {
            first: &[("↑↓", "link"), ("Enter", "follow it"), ("←→", "event")],
            always: &[("Esc", "close")],
            last: &[],
        },
        Some(Overlay::Help { .. }) => FooterKeys {
            first: if is_help_cut {
                &[("↑↓", "more")]
            } else {
                &[]
            },
            always: &[("Esc", "close")],
            last: &[],
        },
        _ => FooterKeys {
            first: &[
                ("←→", "event"),
                ("PgUp PgDn", "day"),
                ("[ ]", "month"),
                ("t", "go to"),
                ("/", "find"),
            ],
            always: &[("?", "help"), ("q", "quit")],
            last: &[
                ("↑↓", "account"),
                ("Enter", "show"),
                ("m", "mark"),
                ("k", "known at"),
                ("c", "chart"),
                ("a", "accounts"),
            ],
        },
    };
    keys.draw(pen, x, area.y, room);
    None
}

type KeyWords = (&'static str, &'static str);

/// Keys and what they do, as many as there is room for.
#[derive(Clone, Copy, Default)]
struct FooterKeys {
    first: &'static [KeyWords],
    /// These come before the others are left out.
    always: &'static [KeyWords],
    last: &'static [KeyWords],
}

impl FooterKeys {
    const GAP: u16 = 3;

    fn draw(self, pen: &mut Pen<'_>, x: u16, y: u16, room: u16) {
        let wide = |keys: &[KeyWords]| -> u16 {
            let each = keys.iter().map(|(key, what)| {
                let words = columns(key).saturating_add(columns(what));
                words.saturating_add(1).saturating_add(FooterKeys::GAP)
            });
            each.sum()
        };
        let room = room.saturating_add(FooterKeys::GAP);
        let fitting = |keys: &'static [KeyWords], room: u16| {
            let counts = (0..=keys.len()).rev();
            let mut parts = counts.filter_map(|count| keys.get(..count));
            parts.find(|part| wide(part) <= room).unwrap_or_default()
        };
        let first = fitting(self.first, room.saturating_sub(wide(self.always)));
        let used = wide(first).saturating_add(wide(self.always));
        let last = if first.len() == self.first.len() {
            fitting(self.last, room.saturating_sub(used))
        } else {
            &[]
        };
        let mut at = x;
        for (key, what) in [first, self.always, last].into_iter().flatten() {
            let key = if pen.theme.ascii {
                key.replace("←→", "< >").replace("↑↓", "^ v")
            } else {
                (*key).to_owned()
            };
            at = at.saturating_add(pen.text(at, y, room, &key, Ink::Strong));
            at = at.saturating_add(1);
            at = at.saturating_add(pen.text(at, y, room, what, Ink::Dim));
            at = at.saturating_add(FooterKeys::GAP);
        }
    }
}

fn prompt_line(prompt: &Prompt, pen: &mut Pen<'_>, x: u16, y: u16, room: u16) -> (u16, u16) {
    let (label, example) = match prompt.kind {
        PromptKind::GoTo => ("go to: ", "2026-03, 2026-03-14 18:00, yesterday, seq:17"),
        PromptKind::Search => ("find: ", "a part of a memo, a tag or an account"),
        PromptKind::Accounts => ("accounts: ", "a part of a name, or a glob like assets:*"),
    };
    let mut at = x.saturating_add(pen.text(x, y, room, label, Ink::Now));
    let left = |at: u16| x.saturating_add(room).saturating_sub(at);
    if prompt.text.is_empty() {
        pen.text(at, y, left(at), example, Ink::Dim);
    } else {
        at = at.saturating_add(pen.text(at, y, left(at), &prompt.text, Ink::Plain));
    }
    let cursor = (at, y);
    if let Some(error) = &prompt.error {
        let from = at.saturating_add(2);
        pen.text(from, y, left(from), error, Ink::Error);
    }
    cursor
}
