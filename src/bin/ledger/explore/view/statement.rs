//! The statement of the chosen account: what has happened up to the moment, and below it, dimmed, what
//! happens next.

use event_ledger::event::{Entry, Link};
use event_ledger::money::Balance;
use ratatui::layout::Rect;

use super::super::history::{AccountHistory, BalanceChange};
use super::super::state::{ExploreState, LogView};
use super::accounts::signed;
use super::pen::{Ink, Pen, columns, inside};
use crate::output::sentence;

pub(super) fn draw(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let Some((id, account)) = chosen(state, log) else {
        pen.frame(area, "", "", Ink::Dim);
        return;
    };
    frame(state, log, pen, area, id, account);
    let inner = inside(area);
    let moment = state.moment(log);
    let count = account.balances.count(&moment);
    let later = account.balances.len().saturating_sub(count);
    if account.balances.len() == 0 {
        let x = inner.x.saturating_add(1);
        pen.text(x, inner.y, inner.width, "no money has moved", Ink::Dim);
        return;
    }
    let rows = usize::from(inner.height);
    let third = rows.checked_div(3).unwrap_or_default();
    let rule = usize::from(later > 0);
    // What happens next gets a third of the pane, and what is left by a short past.
    let past_room = rows.saturating_sub(later.min(third)).saturating_sub(rule);
    let past = count.min(past_room);
    let next_room = rows.saturating_sub(past).saturating_sub(rule);
    let next = later.min(next_room);
    let first = count.saturating_sub(past);
    let changes: Vec<BalanceChange> = (first..count.saturating_add(next))
        .filter_map(|index| account.balances.change(state.order, index))
        .collect();
    let columns = StatementColumns::of(inner, account, &changes);
    let mut y = inner.y;
    for (number, change) in changes.iter().enumerate() {
        if number == past && rule > 0 {
            draw_rule(state, log, pen, inner, y);
            y = y.saturating_add(1);
        }
        let row = StatementRowView {
            change: *change,
            account,
            is_past: number < past,
        };
        row.draw(state, log, pen, &columns, y);
        y = y.saturating_add(1);
    }
    if past == changes.len() && rule > 0 {
        draw_rule(state, log, pen, inner, y);
    }
}

/// The account that is chosen.
pub(super) fn chosen<'l>(
    state: &ExploreState,
    log: LogView<'l>,
) -> Option<(usize, &'l AccountHistory)> {
    let id = state.account?;
    Some((id, log.index.account(id)?))
}

/// The frame with the account, its balance, what is on hold and the difference to the mark.
pub(super) fn frame(
    state: &ExploreState,
    log: LogView<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
    id: usize,
    account: &AccountHistory,
) {
    let moment = state.moment(log);
    let balance = log.index.balance(id, &moment);
    let figure = |balance: Balance| balance.to_text(account.scale);
    let note = sentence::with_currency(&figure(balance), account.currency);
    pen.frame(area, &account.name, &note, Ink::Dim);
    let y = area.bottom().saturating_sub(1);
    let mut end = area.right().saturating_sub(2);
    let start = area.x.saturating_add(2);
    let held = log.index.held(id, &moment, state.as_of(log));
    let mut parts: Vec<(String, Ink)> = Vec::new();
    if let Some(mark) = &state.mark {
        let then = log.index.moment(mark.order, mark.place.position);
        let change = balance
            .minus(log.index.balance(id, &then))
            .unwrap_or_default();
        parts.push((
            format!(" {} since mark ", signed(change, account.scale)),
            Ink::Mark,
        ));
    }
    if held != Balance::ZERO {
        let available = balance.minus(held).unwrap_or(balance);
        let text = format!(
            " {} on hold, {} available ",
            figure(held),
            figure(available)
        );
        parts.push((text, Ink::Strong));
    }
    for (text, tone) in parts {
        let wide = columns(&text);
        if end.saturating_sub(wide) < start {
            break;
        }
        pen.right(end, y, wide, &text, tone);
        end = end.saturating_sub(wide).saturating_sub(1);
    }
}

fn draw_rule(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, inner: Rect, y: u16) {
    let line = pen.theme.sign("╌", "-").repeat(usize::from(inner.width));
    pen.text(inner.x, y, inner.width, &line, Ink::Now);
    let label = match state.time(log) {
        Some(time) => format!(" {} ", log.zone.local_minute(time)),
        None => " nothing has happened yet ".to_owned(),
    };
    let x = inner.x.saturating_add(2);
    pen.text(x, y, inner.width.saturating_sub(2), &label, Ink::Now);
}

/// Where the parts of a row are.
struct StatementColumns {
    x: u16,
    date: u16,
    change_end: u16,
    balance_end: u16,
    figure: u16,
    details: u16,
    details_width: u16,
    has_time: bool,
}

impl StatementColumns {
    fn of(inner: Rect, account: &AccountHistory, changes: &[BalanceChange]) -> StatementColumns {
        let wide = |balance: Balance| columns(&signed(balance, account.scale));
        let change = changes.iter().map(|one| wide(one.change)).max();
        let balance = changes
            .iter()
            .map(|one| columns(&one.balance.to_text(account.scale)))
            .max();
        let (change, balance) = (change.unwrap_or_default(), balance.unwrap_or_default());
        let has_time = inner.width >= 56;
        let date = if has_time { 16 } else { 10 };
        let gap = if has_time { 2 } else { 1 };
        let x = inner.x.saturating_add(2);
        let change_end = x
            .saturating_add(date)
            .saturating_add(gap)
            .saturating_add(change);
        let balance_end = change_end.saturating_add(gap).saturating_add(balance);
        let details = balance_end.saturating_add(gap);
        StatementColumns {
            x: inner.x,
            date,
            change_end,
            balance_end,
            figure: change.max(balance),
            details,
            details_width: inner.right().saturating_sub(details),
            has_time,
        }
    }
}

struct StatementRowView<'a> {
    change: BalanceChange,
    account: &'a AccountHistory,
    /// True if it has happened at the moment that is shown.
    is_past: bool,
}

impl StatementRowView<'_> {
    fn draw(
        &self,
        state: &ExploreState,
        log: LogView<'_>,
        pen: &mut Pen<'_>,
        columns: &StatementColumns,
        y: u16,
    ) {
        let BalanceChange {
            seq,
            change,
            balance,
        } = self.change;
        let is_now = self.is_past && state.place.seq == Some(seq);
        let is_undone = self.is_past && is_undone(seq, state, log);
        let tone = |tone: Ink| match (self.is_past, is_undone) {
            (true, false) => tone,
            _ => Ink::Dim,
        };
        if is_now {
            let marker = pen.theme.sign("▸", ">");
            pen.text(columns.x, y, 1, marker, Ink::Now);
        }
        let time = log.index.orders().time_of(state.order, seq);
        let date = time.map_or_else(String::new, |time| {
            if columns.has_time {
                log.zone.local_minute(time)
            } else {
                log.zone.local_date(time)
            }
        });
        let plain = if is_now { Ink::Strong } else { Ink::Plain };
        let x = columns.x.saturating_add(2);
        pen.text(x, y, columns.date, &date, tone(plain));
        let sign = if change.is_negative() {
            Ink::Negative
        } else {
            Ink::Incoming
        };
        let text = signed(change, self.account.scale);
        pen.right(columns.change_end, y, columns.figure, &text, tone(sign));
        let text = balance.to_text(self.account.scale);
        let sign = if balance.is_negative() {
            Ink::Negative
        } else {
            plain
        };
        pen.right(columns.balance_end, y, columns.figure, &text, tone(sign));
        if let Some(entry) = log.events.event(seq) {
            let text = details(&entry, &self.account.name);
            pen.text(
                columns.details,
                y,
                columns.details_width,
                &text,
                tone(plain),
            );
        }
        let search = state.search.as_ref();
        let is_hit = search
            .and_then(|search| search.found.as_ref())
            .is_some_and(|found| found.binary_search(&seq).is_ok());
        if is_hit {
            let area = Rect::new(columns.details, y, columns.details_width, 1);
            pen.tint(area, Ink::Hit);
        }
    }
}

/// True if a counted event reverses this one, or this one reverses another.
fn is_undone(seq: u32, state: &ExploreState, log: LogView<'_>) -> bool {
    let moment = state.moment(log);
    let reverses = |entry: &Entry<'_>| matches!(entry.link, Some(Link::Reverses(_)));
    let mut later = log.index.references_to(seq);
    later.any(|by| moment.counts(by) && log.events.event(by).is_some_and(|own| reverses(&own)))
}

/// Memo and tags, the other account, and what it refers to.
fn details(entry: &Entry<'_>, name: &str) -> String {
    let mut postings = entry.event.postings();
    let other = postings.find(|posting| posting.account.as_str() != name);
    let other = other.map(|posting| {
        let direction = if posting.change.is_negative() {
            "from"
        } else {
            "to"
        };
        format!("{direction} {}", posting.account)
    });
    let parts = [
        sentence::of_note(entry),
        other,
        entry.link.map(sentence::of_link),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
