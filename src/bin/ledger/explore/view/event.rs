//! One event, whole, with its links in both directions.

use event_ledger::event::Entry;
use event_ledger::time::Zone;
use ratatui::layout::Rect;

use super::super::links::{EventLink, links_of};
use super::super::state::{ExploreState, LogView};
use super::pen::{Ink, Pen, Theme, columns, fit_name, inside};
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
    // Without the frame, the words in front and gaps.
    let width = middle(area, WIDEST, 0).width;
    let room = width.saturating_sub(WORDS).saturating_sub(4);
    let mut lines = lines_of(&entry, log.zone);
    lines.extend(balances(&entry, seq, state, log, (pen.theme, room)));
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
    // In a low window the last lines make room for the links, and the first links for the chosen one.
    let rows = usize::from(inner.height);
    let gap = usize::from(!links.is_empty());
    let least = links.len().min(rows.checked_div(2).unwrap_or_default());
    lines.truncate(rows.saturating_sub(least).saturating_sub(gap));
    let visible = rows.saturating_sub(lines.len()).saturating_sub(gap);
    let first = chosen.saturating_add(1).saturating_sub(visible);
    let mut y = inner.y;
    for (word, text) in &lines {
        pen.text(x, y, WORDS, word, Ink::Dim);
        pen.text(x.saturating_add(WORDS), y, room, text, Ink::Plain);
        y = y.saturating_add(1);
    }
    y = y.saturating_add(u16::from(!links.is_empty()));
    let words = links
        .iter()
        .map(|link| columns(link.word).saturating_add(1));
    let words = words.max().unwrap_or_default().max(WORDS);
    for (index, link) in links.iter().enumerate().skip(first).take(visible) {
        draw_link(
            link,
            index == chosen,
            log,
            pen,
            (Rect::new(x, y, inner.width, 1), words),
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

/// What it did to each account: `assets:cash: 812.47 → 765.17 EUR`, in as many lines as it takes to show
/// the figures whole.
fn balances(
    entry: &Entry<'_>,
    seq: u32,
    state: &ExploreState,
    log: LogView<'_>,
    (theme, room): (Theme, u16),
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
        let before = figure(&before);
        let after = format!("{arrow} {}", figure(&after));
        let after = sentence::with_currency(&after, account.currency);
        let figures = format!("{before} {after}");
        let whole = format!("{name}: {figures}");
        let texts = if columns(&whole) <= room {
            vec![whole]
        } else if columns(&figures) <= room {
            vec![fit_name(name, room), figures]
        } else {
            vec![fit_name(name, room), before, after]
        };
        for text in texts {
            let word = if lines.is_empty() { "balance" } else { "" };
            lines.push((word, text));
        }
    }
    lines
}

fn draw_link(
    link: &EventLink,
    is_chosen: bool,
    log: LogView<'_>,
    pen: &mut Pen<'_>,
    (area, words): (Rect, u16),
) {
    let text = match log.events.event(link.seq) {
        Some(entry) => sentence::of_entry(&entry, log.zone),
        None => format!("#{}", link.seq),
    };
    let room = area.width.saturating_sub(2).saturating_sub(words);
    let tone = if is_chosen { Ink::Now } else { Ink::Plain };
    pen.text(area.x, area.y, words, link.word, Ink::Dim);
    let x = area.x.saturating_add(words);
    let used = columns(&text);
    pen.text(x, area.y, room, &text, tone);
    if is_chosen {
        let marked = Rect::new(x, area.y, used.min(room), 1);
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
