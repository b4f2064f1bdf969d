//! One panel of a chart: an axis with figures on the left and a plot on the right.
//!
//! The line is drawn with ratatui's canvas. Bars have eight sizes per cell upwards, but only three
//! downwards, because Unicode has no other block characters.

use std::fmt::Write as _;

use event_ledger::money::{Balance, Scale};
use event_ledger::replay::{PeriodRow, ReportSection};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::Widget as _;
use ratatui::widgets::canvas::{Canvas, Line};

use super::super::axis::Axis;
use super::super::colour;
use super::super::table::TableStyle;
use super::super::text::width;

/// Minimum height of the line chart, and of bars up to the highest figure at their axis.
const LINE_ROWS: u16 = 8;
const BAR_ROWS: u16 = 4;
/// The last cell of a bar, by eighths: upwards and downwards.
const UP: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const DOWN: [&str; 9] = [" ", "▔", "▔", "▀", "▀", "▀", "▀", "█", "█"];

/// The layout shared by both panels.
pub(super) struct Plot {
    /// Columns for the figures on the left.
    pub(super) labels: usize,
    /// Columns per period.
    pub(super) period_width: u16,
    pub(super) style: TableStyle,
}

/// The content of a panel.
pub(super) enum Panel {
    /// The balance as a line.
    Line {
        axis: Axis,
        scale: Scale,
        opening: Balance,
    },
    /// Money in (up) and money out (down) as bars on one scale.
    Bars {
        axis: Axis,
        scale: Scale,
        /// Rows above and below the zero line: as many as the bars need.
        up: u16,
        down: u16,
    },
}

impl Panel {
    pub(super) fn line(section: &ReportSection, scale: Scale) -> Panel {
        let closings = section.rows.iter().map(|period| period.closing);
        Panel::Line {
            axis: Axis::around(closings.chain([section.opening]), scale),
            scale,
            opening: section.opening,
        }
    }

    /// `None` if a sum overflows.
    pub(super) fn bars(scale: Scale, periods: &[PeriodRow]) -> Option<Panel> {
        let (mut most_up, mut most_down) = (Balance::ZERO, Balance::ZERO);
        for period in periods {
            let (up, down) = up_and_down(period)?;
            most_up = most_up.max(up);
            most_down = most_down.max(down);
        }
        let axis = Axis::up_to(most_up.max(most_down), scale);
        let rows = |most: Balance| {
            let parts = u32::from(bar_rows(&axis)).saturating_mul(8);
            let rows = axis.pixel(most, parts).div_ceil(8);
            let least = u16::from(most > Balance::ZERO);
            u16::try_from(rows).unwrap_or(least).max(least)
        };
        Some(Panel::Bars {
            up: rows(most_up),
            down: rows(most_down),
            axis,
            scale,
        })
    }

    /// The figures at the axis, each with its row.
    fn labels(&self) -> Vec<(u16, String)> {
        match self {
            Panel::Line { axis, scale, .. } => {
                let rows = self.rows();
                let most = u32::from(rows).saturating_mul(4).saturating_sub(1);
                let row = |tick| u16::try_from(axis.pixel(tick, most) / 4).unwrap_or_default();
                let last = rows.saturating_sub(1);
                axis.ticks()
                    .iter()
                    .map(|tick| (last.saturating_sub(row(*tick)), tick.to_text(*scale)))
                    .collect()
            }
            Panel::Bars {
                axis,
                scale,
                up,
                down,
            } => {
                let ticks = axis.ticks().iter().flat_map(|tick| {
                    let rows = axis.pixel(*tick, bar_rows(axis).into());
                    let rows = u16::try_from(rows).unwrap_or_default();
                    let above = (rows <= *up).then(|| up.saturating_sub(rows));
                    let below = (rows <= *down).then(|| up.saturating_add(rows));
                    let text = tick.to_text(*scale);
                    [above, below]
                        .into_iter()
                        .flatten()
                        .map(move |row| (row, text.clone()))
                });
                ticks.collect()
            }
        }
    }

    /// Columns for the figures and the space after them.
    pub(super) fn label_width(&self) -> usize {
        let widths = self.labels().into_iter().map(|(_, label)| width(&label));
        widths.max().unwrap_or_default().saturating_add(1)
    }

    fn rows(&self) -> u16 {
        match self {
            Panel::Line { axis, .. } => even_rows(axis, LINE_ROWS).saturating_add(1),
            Panel::Bars { up, down, .. } => up.saturating_add(*down).saturating_add(1),
        }
    }

    /// The panel as lines, each with its line feed.
    pub(super) fn drawn(&self, plot: &Plot, periods: &[PeriodRow]) -> Option<String> {
        let axis_column = u16::try_from(plot.labels).ok()?;
        let count = u16::try_from(periods.len()).ok()?;
        let plot_width = plot.period_width.checked_mul(count)?;
        let left = axis_column.checked_add(1)?;
        let area = Rect::new(0, 0, left.checked_add(plot_width)?, self.rows());
        let mut buffer = Buffer::empty(area);
        let labels = self.labels();
        for row in 0..area.height {
            let label = labels.iter().find(|(own, _)| *own == row);
            let is_zero = matches!(self, Panel::Bars { up, .. } if *up == row);
            buffer.set_string(axis_column, row, axis_sign(label.is_some(), is_zero), DIM);
            if let Some((_, label)) = label {
                let indent = plot.labels.saturating_sub(width(label)).saturating_sub(1);
                buffer.set_string(u16::try_from(indent).ok()?, row, label, Style::new());
            }
        }
        let inner = Rect::new(left, 0, plot_width, area.height);
        match self {
            Panel::Line { axis, opening, .. } => {
                let steps = steps(axis, *opening, periods, plot, inner);
                draw_levels(&steps, plot.style.ascii, inner, &mut buffer);
            }
            Panel::Bars { axis, up: zero, .. } => {
                let rule = "─".repeat(usize::from(plot_width));
                buffer.set_string(left, *zero, rule, DIM);
                let mut column = left;
                for period in periods {
                    let (up, down) = up_and_down(period)?;
                    let place = BarColumn {
                        column,
                        zero: *zero,
                        plot,
                    };
                    place.draw(axis, up, true, &mut buffer);
                    place.draw(axis, down, false, &mut buffer);
                    column = column.saturating_add(plot.period_width);
                }
            }
        }
        Some(text(&buffer, plot.style))
    }
}

/// The smallest number of rows, at least `least`, that spaces the figures at the axis evenly.
fn even_rows(axis: &Axis, least: u16) -> u16 {
    let gaps = axis.ticks().len().saturating_sub(1).max(1);
    let rows = usize::from(least).div_ceil(gaps).saturating_mul(gaps);
    u16::try_from(rows).unwrap_or(least)
}

/// Rows from the zero line to the highest figure at the axis.
fn bar_rows(axis: &Axis) -> u16 {
    even_rows(axis, BAR_ROWS)
}

const DIM: Style = Style::new().fg(Color::DarkGray);

fn axis_sign(has_label: bool, is_zero: bool) -> &'static str {
    match (has_label, is_zero) {
        (_, true) => "┼",
        (true, false) => "┤",
        (false, false) => "│",
    }
}

/// The height of the bar upwards and of the bar downwards. With `--net`, a reversal of more than the
/// period's total makes a side negative; that part is added to the other side.
fn up_and_down(period: &PeriodRow) -> Option<(Balance, Balance)> {
    let part = |figure: Balance, other: Balance| {
        let back = if other.is_negative() {
            other.negated()?
        } else {
            Balance::ZERO
        };
        figure.max(Balance::ZERO).plus(back)
    };
    Some((
        part(period.incoming, period.outgoing)?,
        part(period.outgoing, period.incoming)?,
    ))
}

/// A horizontal line of dots: from column, to column, height.
pub(crate) type LevelDots = (u32, u32, u32);

/// The balance of each period, in dots.
fn steps(
    axis: &Axis,
    opening: Balance,
    periods: &[PeriodRow],
    plot: &Plot,
    inner: Rect,
) -> Vec<LevelDots> {
    let (across, down) = dots(plot.style.ascii);
    let most = u32::from(inner.height)
        .saturating_mul(down)
        .saturating_sub(1);
    let wide = u32::from(plot.period_width).saturating_mul(across);
    let mut steps = Vec::new();
    let mut from = 0_u32;
    // A single period is drawn with the opening balance before it.
    let mut levels: Vec<Balance> = periods.iter().map(|period| period.closing).collect();
    let wide = if levels.len() == 1 {
        levels.insert(0, opening);
        wide / 2
    } else {
        wide
    };
    for level in levels {
        let to = from.saturating_add(wide);
        steps.push((from, to, axis.pixel(level, most)));
        from = to;
    }
    steps
}

/// Dots per cell, across and down.
fn dots(ascii: bool) -> (u32, u32) {
    if ascii { (1, 1) } else { (2, 4) }
}

/// Draws a line from level to level, in cyan.
pub(crate) fn draw_levels(steps: &[LevelDots], ascii: bool, inner: Rect, buffer: &mut Buffer) {
    let (across, down) = dots(ascii);
    let edge =
        |cells: u16, dots: u32| f64::from(u32::from(cells).saturating_mul(dots).saturating_sub(1));
    let marker = if ascii { Marker::Dot } else { Marker::Braille };
    let draw = |x1: u32, y1: u32, x2: u32, y2: u32| Line {
        x1: x1.into(),
        y1: y1.into(),
        x2: x2.into(),
        y2: y2.into(),
        color: Color::Cyan,
    };
    Canvas::default()
        .marker(marker)
        .x_bounds([0.0, edge(inner.width, across)])
        .y_bounds([0.0, edge(inner.height, down)])
        .paint(|canvas| {
            let mut before = None;
            for (from, to, height) in steps {
                if let Some(before) = before {
                    canvas.draw(&draw(*from, before, *from, *height));
                }
                canvas.draw(&draw(*from, *height, to.saturating_sub(1), *height));
                before = Some(*height);
            }
        })
        .render(inner, buffer);
}

/// The position of a bar.
struct BarColumn<'p> {
    column: u16,
    /// The row of the zero line.
    zero: u16,
    plot: &'p Plot,
}

impl BarColumn<'_> {
    /// Draws a bar from the zero line. A figure other than zero always gets at least one dot.
    fn draw(&self, axis: &Axis, figure: Balance, up: bool, buffer: &mut Buffer) {
        if figure <= Balance::ZERO {
            return;
        }
        let parts: u16 = if self.plot.style.ascii { 1 } else { 8 };
        let most = u32::from(bar_rows(axis)).saturating_mul(parts.into());
        let height = u16::try_from(axis.pixel(figure, most)).unwrap_or_default();
        let mut left = height.max(1);
        let columns = match self.plot.period_width {
            narrow @ 0..=2 => narrow.min(1),
            wide => wide.saturating_sub(1),
        };
        let style = Style::new().fg(if up { Color::Green } else { Color::Red });
        let mut row = self.zero;
        while left > 0 {
            row = if up {
                row.saturating_sub(1)
            } else {
                row.saturating_add(1)
            };
            let filled = left.min(parts);
            left = left.saturating_sub(parts);
            let eighths = if parts == 1 { 8 } else { usize::from(filled) };
            let signs = if up { &UP } else { &DOWN };
            let sign = signs.get(eighths).copied().unwrap_or("█");
            buffer.set_string(self.column, row, sign.repeat(usize::from(columns)), style);
        }
    }
}

/// The cells as lines without trailing spaces.
fn text(buffer: &Buffer, style: TableStyle) -> String {
    let mut text = String::new();
    for row in buffer
        .content()
        .chunks(usize::from(buffer.area.width).max(1))
    {
        let used = row.iter().rposition(|cell| cell.symbol() != " ");
        let mut run = String::new();
        let mut colour = Color::Reset;
        for cell in row
            .iter()
            .take(used.map_or(0, |last| last.saturating_add(1)))
        {
            if cell.fg != colour && cell.symbol() != " " {
                paint(&mut text, &mut run, colour, style);
                colour = cell.fg;
            }
            run.push_str(if style.ascii {
                ascii(cell.symbol())
            } else {
                cell.symbol()
            });
        }
        paint(&mut text, &mut run, colour, style);
        text.push('\n');
    }
    text
}

fn paint(text: &mut String, run: &mut String, colour: Color, chart: TableStyle) {
    let style = match colour {
        Color::Cyan => colour::LINE,
        Color::Green => colour::INCOMING,
        Color::Red => colour::OUTGOING,
        Color::DarkGray => colour::DIM,
        _ => anstyle::Style::new(),
    };
    let painted = chart.colour && colour != Color::Reset;
    // Writing to a String cannot fail.
    let _ = write!(text, "{}", colour::paint(painted, style, run));
    run.clear();
}

fn ascii(symbol: &str) -> &str {
    match symbol {
        "┤" | "┼" => "+",
        "│" => "|",
        "─" => "-",
        "█" | "▀" => "#",
        "•" => "*",
        other if other.is_ascii() => other,
        _ => "*",
    }
}
