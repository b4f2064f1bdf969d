//! A chart for the terminal: the balance over time as a line, and below it money in and out as bars.
//!
//! No line is wider than the terminal. The figures at the axes are exact; only the positions of dots
//! and bars are rounded.
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
mod series;

use event_ledger::money::Balance;

use super::colour;
use super::text::{harmless, shorten, width};
use panel::{Panel, Plot};
pub(crate) use series::{ChartPeriod, ChartStyle, Series};

/// Maximum columns per period.
const MAX_PERIOD_WIDTH: usize = 10;
/// Minimum columns for the plot; with less, no chart is drawn.
const MIN_PLOT_WIDTH: usize = 10;

impl Series {
    /// The chart as lines, each with its line feed. `None` if there are no periods or the terminal is too
    /// narrow.
    pub(crate) fn chart(&self, style: ChartStyle) -> Option<String> {
        let line = Panel::line(self);
        // If several periods share a column, the bars are higher, so the figures at the axis can be
        // longer and the plot narrower. The loop ends after a few rounds.
        let mut labels = line.label_width();
        let (periods, each, bars) = loop {
            let room = style.width.checked_sub(labels.checked_add(1)?)?;
            if self.periods.is_empty() || room < MIN_PLOT_WIDTH {
                return None;
            }
            let (periods, each) = self.grouped(room);
            let bars = Panel::bars(self.scale, &periods)?;
            if bars.label_width() <= labels {
                break (periods, each, bars);
            }
            labels = bars.label_width();
        };
        // The columns left after the figures and the axis.
        let room = style.width.checked_sub(labels.checked_add(1)?)?;
        let period_width = room
            .checked_div(periods.len())
            .unwrap_or(1)
            .clamp(1, MAX_PERIOD_WIDTH);
        let plot = Plot {
            labels,
            period_width: u16::try_from(period_width).ok()?,
            style,
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
            let line = shorten(&line, style.width);
            text.push_str(&colour::paint(style.colour, colour::HEADING, &line));
            text.push('\n');
        };
        heading("balance", &mut text);
        text.push_str(&line.drawn(&plot, &periods)?);
        heading("in (up) and out (down)", &mut text);
        text.push_str(&bars.drawn(&plot, &periods)?);
        text.push_str(&time_line(&plot, &periods));
        Some(text)
    }

    /// Combines periods so that each group fits in a column; their money in and out is added up exactly.
    fn grouped(&self, room: usize) -> (Vec<ChartPeriod>, usize) {
        let each = self.periods.len().div_ceil(room.max(1)).max(1);
        let add = |one: Balance, other: Balance| one.plus(other).unwrap_or(one);
        let groups = self.periods.chunks(each).filter_map(|group| {
            let (first, rest) = group.split_first()?;
            Some(rest.iter().fold(first.clone(), |sum, period| ChartPeriod {
                label: sum.label,
                incoming: add(sum.incoming, period.incoming),
                outgoing: add(sum.outgoing, period.outgoing),
                closing: period.closing,
            }))
        });
        (groups.collect(), each)
    }
}

/// The line with the names of the periods, as many as fit.
fn time_line(plot: &Plot, periods: &[ChartPeriod]) -> String {
    let period_width = usize::from(plot.period_width);
    let longest = periods.iter().map(|period| width(&period.label)).max();
    let needed = longest.unwrap_or_default().saturating_add(2);
    let every = needed.div_ceil(period_width.max(1)).max(1);
    let start = plot.labels.saturating_add(1);
    let mut line = " ".repeat(start);
    for (number, period) in periods.iter().enumerate().step_by(every) {
        let column = start.saturating_add(number.saturating_mul(period_width));
        let label = harmless(&period.label);
        if column.saturating_add(width(&label)) > plot.style.width {
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
