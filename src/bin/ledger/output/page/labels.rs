//! The words beside and under the charts, placed so that they do not touch, on a phone too.

use event_ledger::money::Balance;
use event_ledger::replay::PeriodRow;
use maud::{Markup, html};

use super::super::axis::part;
use super::content::PageSection;
use super::time_axis::{TimeAxis, WIDTH};

/// The width of a character of a label in pixels, and the space beside a label.
const CHARACTER: u32 = 7;
const BESIDE: u32 = 8;
/// The maximum number of characters left of a chart; a longer label begins there and reaches into it.
pub(super) const LEFT: usize = 14;
/// The width of a chart on a phone in pixels.
const NARROW: u32 = 240;
/// The distance between two figures at an axis in pixels.
const LINE: u32 = 13;

/// The width of a label with so many characters, and of the space beside it, in pixels.
pub(super) fn width(characters: usize) -> u32 {
    let characters = u32::try_from(characters).unwrap_or(u32::MAX);
    characters.saturating_mul(CHARACTER).saturating_add(BESIDE)
}

/// A figure at an axis, left of the chart.
pub(super) fn axis_label(
    section: &PageSection<'_>,
    gutter: u32,
    y: u32,
    figure: Balance,
) -> Markup {
    let text = section.figure(figure);
    let y = y.saturating_add(4);
    html! {
        @if text.chars().count() > LEFT {
            text.halo x={ "-" (gutter) } y=(y) { (text) }
        } @else {
            text.axis x="0" dx="-6" y=(y) { (text) }
        }
    }
}

/// The figures that are written, so far apart that they do not touch.
pub(super) fn apart(mut ticks: Vec<(u32, Balance)>) -> Vec<(u32, Balance)> {
    ticks.sort_by_key(|(y, _)| std::cmp::Reverse(*y));
    let mut last: Option<u32> = None;
    ticks.retain(|(y, _)| {
        let fits = last.is_none_or(|last| last.abs_diff(*y) >= LINE);
        if fits {
            last = Some(*y);
        }
        fits
    });
    ticks
}

/// A name under a chart.
pub(super) struct PeriodName<'a> {
    pub(super) text: &'a str,
    /// `middle`, or `end` for a name that would cross the right edge.
    pub(super) anchor: &'static str,
    pub(super) x: u32,
    /// The positions that it covers.
    from: u32,
    to: u32,
}

/// The names of every period, or every second, and so on: as many as fit on a phone.
pub(super) fn names<'a>(section: &'a PageSection<'_>, axis: &TimeAxis) -> Vec<PeriodName<'a>> {
    let rows = &section.block.rows;
    let longest = rows.iter().map(|row| row.label.chars().count()).max();
    let pixels = width(longest.unwrap_or_default());
    let width = part(pixels.into(), NARROW.into(), WIDTH);
    let half = width / 2;
    let name = |row: &'a PeriodRow| {
        let (first, last) = (axis.place(row.period.first), axis.place(row.period.last));
        let middle = first.midpoint(last);
        let is_late = middle.saturating_add(half) > WIDTH;
        let from = if is_late {
            WIDTH.saturating_sub(width)
        } else {
            middle.saturating_sub(half)
        };
        PeriodName {
            text: &row.label,
            anchor: if is_late { "end" } else { "middle" },
            x: if is_late { WIDTH } else { middle },
            from,
            to: if is_late {
                WIDTH
            } else {
                middle.saturating_add(half)
            },
        }
    };
    let mut names = Vec::new();
    for every in 1..=rows.len() {
        names = rows.iter().step_by(every).map(name).collect();
        let mut pairs = names.iter().zip(names.iter().skip(1));
        if pairs.all(|(one, next)| one.to <= next.from) {
            break;
        }
    }
    names
}
