//! The balance of the chosen account over the whole time of the log, with the moment in it.

use event_ledger::time::Timestamp;
use ratatui::layout::Rect;

use super::super::state::{ExploreState, LogView};
use super::pen::{Ink, Pen, columns, inside};
use super::statement::{chosen, frame};
use super::timeline::TimeScale;
use crate::output::axis::Axis;

/// The dots of a braille cell: two columns of four, from above.
const DOTS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
const BRAILLE: u32 = 0x2800;

pub(super) fn draw(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let Some((id, account)) = chosen(state, log) else {
        pen.frame(area, "", "", Ink::Dim);
        return;
    };
    frame(state, log, pen, area, id, account);
    let inner = inside(area);
    let (low, high) = account.balances.extremes();
    let axis = Axis::around([low, high].into_iter(), account.scale);
    let labels: Vec<String> = axis
        .ticks()
        .iter()
        .map(|tick| tick.to_text(account.scale))
        .collect();
    let label_width = labels.iter().map(|label| columns(label)).max();
    let label_width = label_width.unwrap_or_default().saturating_add(2);
    let plot = Rect {
        x: inner.x.saturating_add(label_width),
        y: inner.y,
        width: inner.width.saturating_sub(label_width).saturating_sub(1),
        height: inner.height.saturating_sub(2),
    };
    let scale = TimeScale::of(state.order, log, plot.width.saturating_mul(2));
    let (Some(scale), true) = (scale, plot.height > 1 && plot.width > 4) else {
        pen.text(
            inner.x,
            inner.y,
            inner.width,
            "no room for a chart",
            Ink::Dim,
        );
        return;
    };
    draw_axes(pen, plot, inner.x, label_width, &axis, &labels);
    let most = u32::from(plot.height).saturating_mul(4).saturating_sub(1);
    let height_at = |moment: Timestamp| {
        let position = log.index.orders().position_at(state.order, moment);
        let moment = log.index.moment(state.order, position);
        let balance = log.index.balance(id, &moment);
        axis.pixel(balance, most)
    };
    let heights: Vec<u32> = (0..scale_width(plot))
        .map(|column| height_at(scale.end_of(column)))
        .collect();
    let now = state.time(log).map(|time| scale.column(time));
    let now = now.map_or(0, |column| column.checked_div(2).unwrap_or_default());
    draw_line(pen, plot, &heights, now);
    draw_now(state, log, pen, plot, now);
    draw_dates(log, pen, plot, &scale);
}

fn scale_width(plot: Rect) -> u16 {
    plot.width.saturating_mul(2)
}

fn draw_axes(
    pen: &mut Pen<'_>,
    plot: Rect,
    x: u16,
    label_width: u16,
    axis: &Axis,
    labels: &[String],
) {
    let most = u32::from(plot.height.saturating_sub(1));
    let line = plot.x.saturating_sub(1);
    for y in plot.y..plot.bottom() {
        pen.text(line, y, 1, pen.theme.sign("│", "|"), Ink::Dim);
    }
    for (tick, label) in axis.ticks().iter().zip(labels) {
        let row = u16::try_from(axis.pixel(*tick, most)).unwrap_or_default();
        let y = plot.bottom().saturating_sub(1).saturating_sub(row);
        let end = x.saturating_add(label_width).saturating_sub(2);
        pen.right(end, y, label_width, label, Ink::Dim);
        pen.text(line, y, 1, pen.theme.sign("┤", "+"), Ink::Dim);
    }
    let y = plot.bottom();
    let rule = pen.theme.sign("─", "-").repeat(usize::from(plot.width));
    pen.text(line, y, 1, pen.theme.sign("└", "+"), Ink::Dim);
    pen.text(plot.x, y, plot.width, &rule, Ink::Dim);
}

/// The line, from one height to the next.
fn draw_line(pen: &mut Pen<'_>, plot: Rect, heights: &[u32], now: u16) {
    let rows = usize::from(plot.height);
    let wide = usize::from(plot.width);
    let mut cells = vec![0_u32; rows.saturating_mul(wide)];
    let mut before = heights.first().copied().unwrap_or_default();
    for (column, height) in heights.iter().enumerate() {
        let (low, high) = ((*height).min(before), (*height).max(before));
        // A step goes up or down in one column.
        for dot in low..=high {
            let Ok(dot) = usize::try_from(dot) else {
                continue;
            };
            let row = dot.checked_div(4).unwrap_or_default();
            let within = 3_usize.saturating_sub(dot.checked_rem(4).unwrap_or_default());
            let half = column.checked_rem(2).unwrap_or_default();
            let cell = column.checked_div(2).unwrap_or_default();
            let index = rows
                .saturating_sub(1)
                .saturating_sub(row)
                .saturating_mul(wide)
                .saturating_add(cell);
            let bit = DOTS.get(half).and_then(|dots| dots.get(within));
            if let (Some(cell), Some(bit)) = (cells.get_mut(index), bit) {
                *cell |= *bit;
            }
        }
        before = *height;
    }
    for (y, row) in (plot.y..).zip(cells.chunks(wide.max(1))) {
        for (column, dots) in (0_u16..).zip(row) {
            if *dots == 0 {
                continue;
            }
            let sign = if pen.theme.ascii {
                "*".to_owned()
            } else {
                let code = BRAILLE.saturating_add(*dots);
                char::from_u32(code).map_or_else(String::new, String::from)
            };
            let tone = if column <= now { Ink::Now } else { Ink::Dim };
            pen.text(plot.x.saturating_add(column), y, 1, &sign, tone);
        }
    }
}

/// The moment as a line from above, where nothing else is.
fn draw_now(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, plot: Rect, now: u16) {
    let x = plot.x.saturating_add(now);
    for y in plot.y..plot.bottom() {
        let is_free = pen
            .buffer
            .cell((x, y))
            .is_some_and(|cell| cell.symbol() == " ");
        if is_free {
            pen.text(x, y, 1, pen.theme.sign("┊", ":"), Ink::Now);
        }
    }
    pen.text(x, plot.bottom(), 1, pen.theme.sign("▲", "^"), Ink::Now);
    if let Some(mark) = state.mark.filter(|mark| mark.order == state.order)
        && let Some(time) = mark.place.time(mark.order, log)
        && let Some(scale) = TimeScale::of(state.order, log, plot.width)
    {
        let x = plot.x.saturating_add(scale.column(time));
        pen.text(x, plot.bottom(), 1, pen.theme.sign("◆", "*"), Ink::Mark);
    }
}

fn draw_dates(log: LogView<'_>, pen: &mut Pen<'_>, plot: Rect, scale: &TimeScale) {
    let y = plot.bottom().saturating_add(1);
    let first = log.zone.local_date(scale.start());
    let last = log.zone.local_date(scale.end_of(scale_width(plot)));
    pen.text(plot.x, y, plot.width, &first, Ink::Dim);
    let both = columns(&first).saturating_add(columns(&last));
    if both < plot.width {
        pen.right(plot.right(), y, plot.width, &last, Ink::Dim);
    }
}
