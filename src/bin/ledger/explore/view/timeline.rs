//! The time line: the event at the moment, how many events there are when, and the moment among them.

use event_ledger::replay::EventOrder;
use event_ledger::time::{Step, Timestamp};
use ratatui::layout::Rect;

use super::super::state::{ExploreState, LogView, TimeCursor};
use super::pen::{Ink, Pen, columns};
use crate::output::axis::part;
use crate::output::sentence;

/// The heights of a bar's highest cell, in eighths.
const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

pub(super) fn draw(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    event_line(state, log, pen, area);
    let bars = Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(3),
    };
    let Some(scale) = TimeScale::of(state.order, log, bars.width) else {
        pen.text(bars.x, bars.y, bars.width, "no events", Ink::Dim);
        return;
    };
    draw_bars(state, log, pen, bars, &scale);
    draw_ruler(state, log, pen, bars, &scale);
}

/// The event that has happened last.
fn event_line(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let (x, room) = (area.x.saturating_add(1), area.width.saturating_sub(2));
    let entry = state.place.seq.and_then(|seq| log.events.event(seq));
    let Some(entry) = entry else {
        pen.text(x, area.y, room, "before the first event", Ink::Dim);
        return;
    };
    let mut text = sentence::of_entry(&entry, log.zone);
    if let Some(link) = entry.link {
        text.push_str(", ");
        text.push_str(&sentence::of_link(link));
    }
    if let Some(note) = sentence::of_note(&entry) {
        text.push_str(": ");
        text.push_str(&note);
    }
    let other = match state.order {
        EventOrder::Effective => ("recorded", entry.at),
        EventOrder::Recorded => ("effective", entry.took_effect()),
    };
    let other = entry
        .effective
        .map(|_| format!("{} {}", other.0, log.zone.local_minute(other.1)));
    let other = other.unwrap_or_default();
    let wide = columns(&other);
    let left = room.saturating_sub(wide).saturating_sub(2);
    pen.text(x, area.y, left, &text, Ink::Strong);
    pen.right(x.saturating_add(room), area.y, wide, &other, Ink::Dim);
}

/// The time between the first event and the last, in columns.
pub(super) struct TimeScale {
    first: i64,
    last: i64,
    width: u16,
}

impl TimeScale {
    /// None without events or columns.
    pub(super) fn of(order: EventOrder, log: LogView<'_>, width: u16) -> Option<TimeScale> {
        let first = log.index.orders().time_at(order, 1)?.unix_micros();
        let last = log
            .index
            .orders()
            .time_at(order, log.index.len())?
            .unix_micros();
        (width > 0).then_some(TimeScale { first, last, width })
    }

    pub(super) fn start(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.first).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn column(&self, moment: Timestamp) -> u16 {
        let moment = moment.unix_micros().clamp(self.first, self.last);
        let distance = |from: i64, to: i64| u128::from(to.abs_diff(from));
        let most = self.width.saturating_sub(1);
        let column = part(
            distance(self.first, moment),
            distance(self.first, self.last),
            u32::from(most),
        );
        u16::try_from(column).unwrap_or(most)
    }

    pub(super) fn end_of(&self, column: u16) -> Timestamp {
        let most = i128::from(self.width.saturating_sub(1)).max(1);
        let span = i128::from(self.last).saturating_sub(i128::from(self.first));
        // Half a column later: moments are rounded to the nearest column.
        let doubled = i128::from(column).saturating_mul(2).saturating_add(1);
        let offset = span
            .saturating_mul(doubled)
            .checked_div(most.saturating_mul(2))
            .unwrap_or_default();
        let moment = i128::from(self.first).saturating_add(offset);
        let moment = i64::try_from(moment).unwrap_or(self.last).min(self.last);
        Timestamp::from_unix_micros(moment).unwrap_or(Timestamp::MAX)
    }

    /// Periods that begin in it, as many as there is room for their names, with the columns in which they
    /// begin.
    pub(super) fn ticks(&self, log: LogView<'_>) -> Vec<(u16, String)> {
        /// The columns of a name and a gap.
        const EACH: u16 = 12;
        let most = usize::from(self.width.checked_div(EACH).unwrap_or_default()).max(1);
        let steps = [Step::Day, Step::Month, Step::Quarter, Step::Year];
        let ticks = |step: Step| -> Option<Vec<(u16, String)>> {
            let mut ticks = Vec::new();
            let mut moment = Timestamp::from_unix_micros(self.first)?;
            loop {
                let period = log.zone.period(step, moment);
                ticks.push((self.column(period.first), log.zone.label(step, moment)));
                if ticks.len() > most.saturating_mul(2) {
                    return None;
                }
                moment = period.last.next_micro()?;
                if moment.unix_micros() > self.last {
                    return Some(ticks);
                }
            }
        };
        let fitting = steps.into_iter().find_map(ticks);
        let mut end = 0;
        let mut shown = Vec::new();
        for (column, label) in fitting.unwrap_or_default() {
            let wide = columns(&label);
            let is_free = shown.is_empty() || column >= end;
            if is_free && column.saturating_add(wide) <= self.width {
                end = column.saturating_add(wide).saturating_add(2);
                shown.push((column, label));
            }
        }
        shown
    }
}

fn draw_bars(
    state: &ExploreState,
    log: LogView<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
    scale: &TimeScale,
) {
    let mut counts: Vec<u64> = Vec::new();
    let mut before = 0;
    for column in 0..scale.width {
        let position = if column.saturating_add(1) == scale.width {
            log.index.len()
        } else {
            log.index
                .orders()
                .position_at(state.order, scale.end_of(column))
        };
        let count = position.saturating_sub(before);
        counts.push(u64::try_from(count).unwrap_or(u64::MAX));
        before = before.max(position);
    }
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let full = u64::from(area.height).saturating_mul(8);
    // Square roots: a day of imports must not flatten all others.
    let level = |count: u64| {
        let square = count.saturating_mul(full).saturating_mul(full);
        let level = square.checked_div(most).unwrap_or_default().isqrt();
        if count > 0 { level.max(1) } else { 0 }
    };
    let now = column_of(state.place, state.order, log, scale);
    let mark = state.mark.filter(|mark| mark.order == state.order);
    let mark = mark.map(|mark| column_of(mark.place, state.order, log, scale));
    let hits = hit_columns(state, log, scale);
    for (column, count) in (0_u16..).zip(&counts) {
        let x = area.x.saturating_add(column);
        let is_past = column <= now && state.place.position > 0;
        let tone = if column == now {
            Ink::Now
        } else if mark == Some(column) {
            Ink::Mark
        } else if hits.binary_search(&column).is_ok() {
            Ink::Hit
        } else if is_past {
            Ink::Plain
        } else {
            Ink::Dim
        };
        let mut left = level(*count);
        for row in 0..area.height {
            let y = area.bottom().saturating_sub(1).saturating_sub(row);
            let cell = left.min(8);
            left = left.saturating_sub(cell);
            let is_line = column == now || mark == Some(column);
            let sign = match usize::try_from(cell).unwrap_or_default() {
                0 if is_line => pen.theme.sign("│", "|"),
                0 => continue,
                _ if pen.theme.ascii => "#",
                eighths => EIGHTHS
                    .get(eighths.saturating_sub(1))
                    .copied()
                    .unwrap_or("█"),
            };
            pen.text(x, y, 1, sign, tone);
        }
    }
}

fn hit_columns(state: &ExploreState, log: LogView<'_>, scale: &TimeScale) -> Vec<u16> {
    let found = state.search.as_ref();
    let found = found.and_then(|search| search.found.as_deref());
    let times = found.unwrap_or_default().iter();
    let times = times.filter_map(|seq| log.index.orders().time_of(state.order, *seq));
    let mut columns: Vec<u16> = times.map(|time| scale.column(time)).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn column_of(place: TimeCursor, order: EventOrder, log: LogView<'_>, scale: &TimeScale) -> u16 {
    place.time(order, log).map_or(0, |time| scale.column(time))
}

/// The line below the bars with the moment and the mark, and the names of periods.
fn draw_ruler(
    state: &ExploreState,
    log: LogView<'_>,
    pen: &mut Pen<'_>,
    bars: Rect,
    scale: &TimeScale,
) {
    let y = bars.bottom();
    let line = pen.theme.sign("─", "-").repeat(usize::from(bars.width));
    pen.text(bars.x, y, bars.width, &line, Ink::Dim);
    for (column, label) in scale.ticks(log) {
        let x = bars.x.saturating_add(column);
        pen.text(x, y, 1, pen.theme.sign("┬", "+"), Ink::Dim);
        let room = bars.width.saturating_sub(column);
        pen.text(x, y.saturating_add(1), room, &label, Ink::Dim);
    }
    if let Some(mark) = state.mark.filter(|mark| mark.order == state.order) {
        let column = column_of(mark.place, state.order, log, scale);
        let sign = pen.theme.sign("◆", "*");
        pen.text(bars.x.saturating_add(column), y, 1, sign, Ink::Mark);
    }
    let column = column_of(state.place, state.order, log, scale);
    let sign = pen.theme.sign("▲", "^");
    pen.text(bars.x.saturating_add(column), y, 1, sign, Ink::Now);
}
