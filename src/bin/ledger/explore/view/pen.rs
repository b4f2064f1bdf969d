//! Writes text and styles into a buffer. Text is made harmless and cut to its place.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Color, Modifier, Style};

use crate::output::text::{harmless, shorten, width};

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// The sixteen colours of the terminal; otherwise only weight and reverse.
    pub(crate) colour: bool,
    /// Lines and bars consist of ASCII characters.
    pub(crate) ascii: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Dim,
    Strong,
    /// The moment that is shown.
    Now,
    /// The mark and the difference to it.
    Mark,
    /// What is found.
    Hit,
    /// Money that came in.
    Incoming,
    /// Money that went out, and what is below zero.
    Negative,
    /// What is chosen.
    Chosen,
    Error,
}

impl Theme {
    pub(super) fn style(self, tone: Ink) -> Style {
        let plain = Style::new();
        let colour = |colour: Color| {
            if self.colour { plain.fg(colour) } else { plain }
        };
        match tone {
            Ink::Plain => plain,
            Ink::Dim => plain.add_modifier(Modifier::DIM),
            Ink::Strong => plain.add_modifier(Modifier::BOLD),
            Ink::Now => colour(Color::Cyan).add_modifier(Modifier::BOLD),
            Ink::Mark => colour(Color::Yellow).add_modifier(Modifier::BOLD),
            Ink::Hit => colour(Color::Magenta).add_modifier(Modifier::UNDERLINED),
            Ink::Incoming => colour(Color::Green),
            Ink::Negative => colour(Color::Red),
            Ink::Chosen => plain.add_modifier(Modifier::REVERSED),
            Ink::Error => colour(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    /// The character that is drawn for another in ASCII.
    pub(super) fn sign(self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { sign }
    }
}

pub(super) struct Pen<'b> {
    pub(super) buffer: &'b mut Buffer,
    pub(super) theme: Theme,
}

impl Pen<'_> {
    /// Text from a column on, cut to so many columns. Returns how many it took.
    pub(super) fn text(&mut self, x: u16, y: u16, most: u16, text: &str, tone: Ink) -> u16 {
        let harmless = harmless(text);
        let cut = shorten(&harmless, usize::from(most));
        let cut = if self.theme.ascii {
            in_ascii(&cut)
        } else {
            cut.into_owned()
        };
        if y >= self.buffer.area.bottom() || x >= self.buffer.area.right() {
            return 0;
        }
        let style = self.theme.style(tone);
        let room = usize::from(most);
        let (end, _) = self.buffer.set_stringn(x, y, &cut, room, style);
        end.saturating_sub(x)
    }

    /// Text that ends before a column.
    pub(super) fn right(&mut self, end: u16, y: u16, most: u16, text: &str, tone: Ink) {
        let wide = columns(text).min(most);
        self.text(end.saturating_sub(wide), y, most, text, tone);
    }

    /// Adds a style to what is written already.
    pub(super) fn tint(&mut self, area: Rect, tone: Ink) {
        let style = self.theme.style(tone);
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// A frame with a title on its upper side and a note on the right of it.
    pub(super) fn frame(&mut self, area: Rect, title: &str, note: &str, tone: Ink) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let theme = self.theme;
        let (left, top) = (area.x, area.y);
        let right = area.right().saturating_sub(1);
        let bottom = area.bottom().saturating_sub(1);
        let line = theme.sign("─", "-").repeat(usize::from(area.width));
        for (y, start, end) in [
            (top, theme.sign("╭", "+"), theme.sign("╮", "+")),
            (bottom, theme.sign("╰", "+"), theme.sign("╯", "+")),
        ] {
            self.text(left, y, area.width, &line, tone);
            self.text(left, y, 1, start, tone);
            self.text(right, y, 1, end, tone);
        }
        for y in top.saturating_add(1)..bottom {
            self.text(left, y, 1, theme.sign("│", "|"), tone);
            self.text(right, y, 1, theme.sign("│", "|"), tone);
        }
        let room = area.width.saturating_sub(4);
        let mut used = 0;
        if !title.is_empty() {
            let title = format!(" {title} ");
            used = self.text(left.saturating_add(2), top, room, &title, Ink::Strong);
        }
        let left_over = room.saturating_sub(used).saturating_sub(1);
        if !note.is_empty() && columns(note).saturating_add(2) <= left_over {
            let note = format!(" {note} ");
            self.right(right.saturating_sub(1), top, left_over, &note, Ink::Strong);
        }
    }

    pub(super) fn clear(&mut self, area: Rect) {
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }
}

pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(width(&harmless(text))).unwrap_or(u16::MAX)
}

/// What the signs of ours are in ASCII; letters of names and memos stay.
fn in_ascii(text: &str) -> String {
    text.replace(['·', '–'], "-").replace('…', "~")
}

/// A name cut at its front, where it says least: between segments, if one of them fits.
pub(super) fn fit_name(name: &str, most: u16) -> String {
    if columns(name) <= most {
        return name.to_owned();
    }
    let tail = |at: usize| name.get(at..).unwrap_or_default();
    let fits = |at: &usize| columns(tail(*at)) < most;
    let segments = name.match_indices(':').map(|(at, _)| at.saturating_add(1));
    let anywhere = name.char_indices().map(|(at, _)| at);
    let start = segments.chain(anywhere).find(fits);
    format!("…{}", tail(start.unwrap_or(name.len())))
}

/// The part of an area inside a frame.
pub(super) fn inside(area: Rect) -> Rect {
    area.inner(Margin::new(1, 1))
}
