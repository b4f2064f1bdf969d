//! The balance of the chosen account over the whole time of the log, with the moment in it.

use event_ledger::time::Timestamp;
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::super::state::{ExploreState, LogView};
use super::pen::{Ink, Pen, columns, inside};
use super::statement::{chosen, frame};
use super::timeline::TimeScale;
use crate::output::axis::Axis;
use crate::output::chart::{LevelDots, draw_levels};

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
    let levels: Vec<LevelDots> = (0..scale_width(plot))
        .map(|column| {
            let from = u32::from(column);
            (
                from,
                from.saturating_add(1),
                height_at(scale.end_of(column)),
            )
        })
        .collect();
    let now = state.time(log).map(|time| scale.column(time));
    let now = now.map_or(0, |column| column.checked_div(2).unwrap_or_default());
    draw_line(pen, plot, &levels, now);
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

/// The line, brighter up to the moment.
fn draw_line(pen: &mut Pen<'_>, plot: Rect, levels: &[LevelDots], now: u16) {
    draw_levels(levels, false, plot, pen.buffer);
    for position in plot.positions() {
        let is_past = position.x.saturating_sub(plot.x) <= now;
        let style = pen.theme.style(if is_past { Ink::Now } else { Ink::Dim });
        if let Some(cell) = pen
            .buffer
            .cell_mut(position)
            .filter(|cell| cell.symbol() != " ")
        {
            cell.set_fg(Color::Reset).set_style(style);
            if pen.theme.ascii {
                cell.set_symbol("*");
            }
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
