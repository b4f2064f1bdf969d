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

use event_ledger::money::{Balance, Scale};
use event_ledger::replay::{PeriodRow, ReportSection};

use super::colour;
use super::table::TableStyle;
use super::text::{harmless, shorten, width};
pub(crate) use panel::{LevelDots, draw_levels};
use panel::{Panel, Plot};

/// The width in a pipe or a file.
const USUAL_WIDTH: usize = 80;

/// Maximum columns per period.
const MAX_PERIOD_WIDTH: usize = 10;
/// Minimum columns for the plot; with less, no chart is drawn.
const MIN_PLOT_WIDTH: usize = 10;

/// The chart of a section as lines, each with its line feed; `step` is the word for a period. `None`
/// if there are no periods or the terminal is too narrow.
pub(crate) fn chart(
    section: &ReportSection,
    scale: Scale,
    step: &str,
    style: TableStyle,
) -> Option<String> {
    let whole_width = style.width.unwrap_or(USUAL_WIDTH);
    let line = Panel::line(section, scale);
    // If several periods share a column, the bars are higher, so the figures at the axis can be
    // longer and the plot narrower. The loop ends after a few rounds.
    let mut labels = line.label_width();
    let (periods, each, bars) = loop {
        let room = whole_width.checked_sub(labels.checked_add(1)?)?;
        if section.rows.is_empty() || room < MIN_PLOT_WIDTH {
            return None;
        }
        let (periods, each) = grouped(&section.rows, room);
        let bars = Panel::bars(scale, &periods)?;
        if bars.label_width() <= labels {
            break (periods, each, bars);
        }
        labels = bars.label_width();
    };
    // The columns left after the figures and the axis.
    let room = whole_width.checked_sub(labels.checked_add(1)?)?;
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
        1 => step.to_owned(),
        each => format!("{each} {step}s"),
    };
    let heading = |what: &str, text: &mut String| {
        let line = match section.currency {
            Some(currency) => format!("{what}, {currency}, by {by}"),
            None => format!("{what}, by {by}"),
        };
        let line = shorten(&line, whole_width);
        text.push_str(&colour::paint(style.colour, colour::HEADING, &line));
        text.push('\n');
    };
    heading("balance", &mut text);
    text.push_str(&line.drawn(&plot, &periods)?);
    heading("in (up) and out (down)", &mut text);
    text.push_str(&bars.drawn(&plot, &periods)?);
    text.push_str(&time_line(&plot, &periods, whole_width));
    Some(text)
}

/// Combines periods so that each group fits in a column; their money in and out is added up exactly.
fn grouped(periods: &[PeriodRow], room: usize) -> (Vec<PeriodRow>, usize) {
    let each = periods.len().div_ceil(room.max(1)).max(1);
    let add = |one: Balance, other: Balance| one.plus(other).unwrap_or(one);
    let groups = periods.chunks(each).filter_map(|group| {
        let (first, rest) = group.split_first()?;
        Some(rest.iter().fold(first.clone(), |sum, period| PeriodRow {
            incoming: add(sum.incoming, period.incoming),
            outgoing: add(sum.outgoing, period.outgoing),
            closing: period.closing,
            ..sum
        }))
    });
    (groups.collect(), each)
}

/// The line with the names of the periods, as many as fit.
fn time_line(plot: &Plot, periods: &[PeriodRow], most: usize) -> String {
    let period_width = usize::from(plot.period_width);
    let longest = periods.iter().map(|period| width(&period.label)).max();
    let needed = longest.unwrap_or_default().saturating_add(2);
    let every = needed.div_ceil(period_width.max(1)).max(1);
    let start = plot.labels.saturating_add(1);
    let mut line = " ".repeat(start);
    for (number, period) in periods.iter().enumerate().step_by(every) {
        let column = start.saturating_add(number.saturating_mul(period_width));
        let label = harmless(&period.label);
        if column.saturating_add(width(&label)) > most {
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
