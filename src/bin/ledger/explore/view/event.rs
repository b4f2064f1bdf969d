//! One event, whole, with its links in both directions.

use event_ledger::event::Entry;
use event_ledger::time::Zone;
use ratatui::layout::Rect;

use super::super::links::{EventLink, links_of};
use super::super::state::{ExploreState, LogView};
use super::pen::{Ink, Pen, Theme, columns, inside};
use crate::commands::show::{of_its_note, of_its_type};
use crate::output::sentence;

/// The widest that the box gets.
const WIDEST: u16 = 76;
/// The columns of the words in front.
const WORDS: u16 = 12;

pub(super) fn draw(
    seq: u32,
    chosen: usize,
    state: &ExploreState,
    log: LogView<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
) {
    let Some(entry) = log.events.event(seq) else {
        return;
    };
    let mut lines = lines_of(&entry, log.zone);
    lines.extend(balances(&entry, seq, state, log, pen.theme));
    lines.push(("hash", entry.hash.to_string()));
    let links = links_of(seq, log);
    let link_lines = links.len().saturating_add(usize::from(!links.is_empty()));
    let height = lines.len().saturating_add(link_lines).saturating_add(2);
    let height = u16::try_from(height).unwrap_or(u16::MAX);
    let area = middle(area, WIDEST, height);
    pen.clear(area);
    pen.frame(area, &sentence::of_entry(&entry, log.zone), "", Ink::Now);
    let inner = inside(area);
    let x = inner.x.saturating_add(1);
    let room = inner.width.saturating_sub(WORDS).saturating_sub(2);
    let mut y = inner.y;
    for (word, text) in &lines {
        if y >= inner.bottom() {
            return;
        }
        pen.text(x, y, WORDS, word, Ink::Dim);
        pen.text(x.saturating_add(WORDS), y, room, text, Ink::Plain);
        y = y.saturating_add(1);
    }
    y = y.saturating_add(u16::from(!links.is_empty()));
    for (index, link) in links.iter().enumerate() {
        if y >= inner.bottom() {
            return;
        }
        draw_link(
            link,
            index == chosen,
            log,
            pen,
            Rect::new(x, y, inner.width, 1),
        );
        y = y.saturating_add(1);
    }
}

/// The event as in the log, without its number, type and links.
fn lines_of(entry: &Entry<'_>, zone: &Zone) -> Vec<(&'static str, String)> {
    let mut lines = vec![("recorded", zone.local(entry.at))];
    if let Some(effective) = entry.effective {
        lines.push(("effective", zone.local(effective)));
    }
    lines.extend(of_its_type(&entry.event, zone));
    lines.extend(of_its_note(entry));
    lines
}

/// What it did to each account: `assets:cash 812.47 → 765.17 EUR`.
fn balances(
    entry: &Entry<'_>,
    seq: u32,
    state: &ExploreState,
    log: LogView<'_>,
    theme: Theme,
) -> Vec<(&'static str, String)> {
    let position = log.index.orders().position_of(state.order, seq);
    let before = log.index.moment(state.order, position.saturating_sub(1));
    let after = log.index.moment(state.order, position);
    let arrow = theme.sign("→", "->");
    let mut lines = Vec::new();
    for posting in entry.event.postings() {
        let name = posting.account.as_str();
        let id = log.index.id_of(name);
        let Some((id, account)) = id.and_then(|id| Some((id, log.index.account(id)?))) else {
            continue;
        };
        let figure = |moment| log.index.balance(id, moment).to_text(account.scale);
        let figures = format!("{name}: {} {arrow} {}", figure(&before), figure(&after));
        let word = if lines.is_empty() { "balance" } else { "" };
        lines.push((word, sentence::with_currency(&figures, account.currency)));
    }
    lines
}

fn draw_link(link: &EventLink, is_chosen: bool, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let text = match log.events.event(link.seq) {
        Some(entry) => sentence::of_entry(&entry, log.zone),
        None => format!("#{}", link.seq),
    };
    let width = area.width.saturating_sub(2);
    let tone = if is_chosen { Ink::Now } else { Ink::Plain };
    pen.text(area.x, area.y, WORDS, link.word, Ink::Dim);
    let x = area.x.saturating_add(WORDS);
    let used = columns(&text);
    pen.text(x, area.y, width.saturating_sub(WORDS), &text, tone);
    if is_chosen {
        let marked = Rect::new(x, area.y, used.min(width.saturating_sub(WORDS)), 1);
        pen.tint(marked, Ink::Chosen);
    }
}

/// An area in the middle of another, not larger than it.
pub(super) fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width.saturating_sub(2));
    let height = height.min(area.height.saturating_sub(2));
    let half = |left: u16| left.checked_div(2).unwrap_or_default();
    Rect {
        x: area
            .x
            .saturating_add(half(area.width.saturating_sub(width))),
        y: area
            .y
            .saturating_add(half(area.height.saturating_sub(height))),
        width,
        height,
    }
}
