//! A chart for the terminal: the balance over time as a line, and below it what came in and what went
//! out as bars.
//!
//! Owns what is drawn where, and that no line is wider than the window. Must not know how the figures
//! were come by. The figures at the axes are exact; only dots and bars are rounded, to the nearest.
//!
//! ```text
//!  400.00 ┤  ⣀⣀⣀⣀⡀
//!  200.00 ┤⠤⠤⠇   ⠧⠤⠤⠤
//!    0.00 ┤
//!
//!   200.00 ┤  ███
//!     0.00 ┼─────────
//!   200.00 ┤     ▀▀▀
//!           01  02  03
//! ```

mod panel;

use event_ledger::money::{Balance, Currency, Scale};

use super::colour;
use super::text::{harmless, shorten, width};
use panel::{Panel, Plot};

/// Rows of the line at least, and of bars up to the highest figure at their axis.
const LINE_ROWS: u16 = 8;
const BAR_ROWS: u16 = 4;
/// A period is not made wider than this.
const WIDEST_SLOT: usize = 10;
/// With less than this there is nothing to be seen.
const NARROWEST_PLOT: usize = 10;

/// What a terminal can show of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Columns; nothing is wider.
    pub(crate) width: usize,
    /// Colour.
    pub(crate) colour: bool,
    /// Nothing but ASCII.
    pub(crate) ascii: bool,
}

/// One period.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// Its name.
    pub(crate) label: String,
    /// What came in.
    pub(crate) incoming: Balance,
    /// What went out.
    pub(crate) outgoing: Balance,
    /// What was there in the end.
    pub(crate) closing: Balance,
}

/// The periods of one currency.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Of what.
    pub(crate) currency: Option<Currency>,
    /// The digits to show.
    pub(crate) scale: Scale,
    /// What was there before.
    pub(crate) opening: Balance,
    /// What a period is called: `month`.
    pub(crate) step: &'static str,
    /// One after the other without a gap.
    pub(crate) slots: Vec<Slot>,
}

impl Series {
    /// The chart, each line with its end. `None` where there is nothing to draw, or no room for it.
    pub(crate) fn chart(&self, window: Window) -> Option<String> {
        let line = Panel::line(self);
        // Periods that share a column have higher bars, and those perhaps a longer figure at their
        // axis, which leaves less room: at most a few times.
        let mut labels = line.label_width();
        let (slots, each, bars) = loop {
            let room = window.width.checked_sub(labels.checked_add(1)?)?;
            if self.slots.is_empty() || room < NARROWEST_PLOT {
                return None;
            }
            let (slots, each) = self.grouped(room);
            let bars = Panel::bars(self.scale, &slots)?;
            if bars.label_width() <= labels {
                break (slots, each, bars);
            }
            labels = bars.label_width();
        };
        // What is left beside the figures and the axis.
        let room = window.width.checked_sub(labels.checked_add(1)?)?;
        let slot_width = room
            .checked_div(slots.len())
            .unwrap_or(1)
            .clamp(1, WIDEST_SLOT);
        let plot = Plot {
            labels,
            slot_width: u16::try_from(slot_width).ok()?,
            window,
        };
        let mut text = String::new();
        let by = match each {
            1 => self.step.to_owned(),
            each => format!("{each} {}s", self.step),
        };
        let heading = |what: &str, text: &mut String| {
            let line = match self.currency {
                Some(currency) => format!("{what}, {currency}, by {by}"),
                None => format!("{what}, by {by}"),
            };
            let line = shorten(&line, window.width);
            text.push_str(&colour::paint(window.colour, colour::HEADING, &line));
            text.push('\n');
        };
        heading("balance", &mut text);
        text.push_str(&line.drawn(&plot, &slots)?);
        heading("in (up) and out (down)", &mut text);
        text.push_str(&bars.drawn(&plot, &slots)?);
        text.push_str(&time_line(&plot, &slots));
        Some(text)
    }

    /// As many periods to a column as it takes: what came in and went out is added up, exactly.
    fn grouped(&self, room: usize) -> (Vec<Slot>, usize) {
        let each = self.slots.len().div_ceil(room.max(1)).max(1);
        let add = |one: Balance, other: Balance| one.plus(other).unwrap_or(one);
        let groups = self.slots.chunks(each).filter_map(|group| {
            let (first, rest) = group.split_first()?;
            Some(rest.iter().fold(first.clone(), |sum, slot| Slot {
                label: sum.label,
                incoming: add(sum.incoming, slot.incoming),
                outgoing: add(sum.outgoing, slot.outgoing),
                closing: slot.closing,
            }))
        });
        (groups.collect(), each)
    }
}

/// The names of the periods, as many as there is room for.
fn time_line(plot: &Plot, slots: &[Slot]) -> String {
    let slot_width = usize::from(plot.slot_width);
    let longest = slots.iter().map(|slot| width(&slot.label)).max();
    let needed = longest.unwrap_or_default().saturating_add(2);
    let every = needed.div_ceil(slot_width.max(1)).max(1);
    let start = plot.labels.saturating_add(1);
    let mut line = " ".repeat(start);
    for (number, slot) in slots.iter().enumerate().step_by(every) {
        let column = start.saturating_add(number.saturating_mul(slot_width));
        let label = harmless(&slot.label);
        if column.saturating_add(width(&label)) > plot.window.width {
            break;
        }
        line.push_str(&" ".repeat(column.saturating_sub(width(&line))));
        line.push_str(&label);
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests;
