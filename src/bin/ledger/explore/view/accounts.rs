//! The accounts with their balances at the moment, and the difference to the mark.

use event_ledger::money::{Balance, Currency, Scale};
use ratatui::layout::Rect;

use super::super::history::{AccountHistory, AccountLife};
use super::super::orders::HistoryMoment;
use super::super::state::{ExploreState, LogView};
use super::super::sums::AccountsSum;
use super::pen::{Ink, Pen, columns, fit_name, inside};

/// Lines for the sums below the accounts.
const MOST_SUMS: usize = 4;
/// The columns of a currency and the gap before it.
const UNIT: u16 = 4;

/// The width that the pane would like to have.
pub(super) fn wanted_width(state: &ExploreState, log: LogView<'_>) -> u16 {
    // Only the first names are measured: their longest is wide enough.
    const MEASURED: usize = 1000;
    let accounts = state.listed.iter().take(MEASURED);
    let accounts = accounts.filter_map(|id| log.index.account(*id));
    let (mut name, mut figure) = (0, 0);
    for account in accounts {
        name = name.max(columns(&account.name));
        figure = figure.max(figure_width(account));
    }
    let marked = if state.mark.is_some() {
        figure.saturating_add(3)
    } else {
        0
    };
    // Frame, marker and gaps.
    name.saturating_add(figure)
        .saturating_add(marked)
        .saturating_add(UNIT)
        .saturating_add(6)
}

/// The width of the widest figure that the account ever had.
fn figure_width(account: &AccountHistory) -> u16 {
    let (low, high) = account.balances.extremes();
    let wide = |balance: Balance| columns(&balance.to_text(account.scale));
    wide(low).max(wide(high))
}

pub(super) fn draw(state: &ExploreState, log: LogView<'_>, pen: &mut Pen<'_>, area: Rect) {
    let title = if state.filter.is_empty() {
        "Accounts".to_owned()
    } else {
        format!("Accounts: {}", state.filter)
    };
    let note = if state.mark.is_some() {
        "since mark"
    } else {
        ""
    };
    pen.frame(area, &title, note, Ink::Dim);
    let inner = inside(area);
    if state.listed.is_empty() {
        let text = if state.filter.is_empty() {
            "no accounts"
        } else {
            "no account matches"
        };
        let x = inner.x.saturating_add(1);
        pen.text(x, inner.y, inner.width.saturating_sub(1), text, Ink::Dim);
        return;
    }
    let sums = sums(state, log, &state.moment(log));
    let shown_sums = if sums.len() > MOST_SUMS {
        MOST_SUMS.saturating_sub(1)
    } else {
        sums.len()
    };
    let count = u16::try_from(sums.len().min(MOST_SUMS)).unwrap_or_default();
    let sum_lines = if inner.height > 8 && count > 0 {
        count.saturating_add(1)
    } else {
        0
    };
    let rows = inner.height.saturating_sub(sum_lines);
    let shown = shown_accounts(state, usize::from(rows));
    let histories = || shown.iter().filter_map(|id| log.index.account(*id));
    let mut figure = histories().map(figure_width).max().unwrap_or_default();
    if sum_lines > 0 {
        let sums = sums.iter().take(shown_sums);
        let widest = sums.map(|sum| columns(&sum.balance.to_text(sum.scale)));
        figure = figure.max(widest.max().unwrap_or_default());
    }
    let places = RowColumns::of(inner, figure, state.mark.is_some());
    let mut before = "";
    for (y, id) in (inner.y..).zip(&shown) {
        if let Some(account) = log.index.account(*id) {
            let row = AccountRow { id: *id, account };
            row.draw(state, log, pen, &places, y, before);
            before = &account.name;
        }
    }
    if sum_lines == 0 {
        return;
    }
    let more = sums.len().saturating_sub(shown_sums);
    if more > 0 {
        let text = format!("and {more} more");
        let x = inner.x.saturating_add(2);
        let y = inner.bottom().saturating_sub(1);
        pen.text(x, y, places.name, &text, Ink::Dim);
    }
    let y = inner.bottom().saturating_sub(sum_lines);
    let line = pen.theme.sign("─", "-").repeat(usize::from(inner.width));
    pen.text(inner.x, y, inner.width, &line, Ink::Dim);
    for (y, sum) in (y.saturating_add(1)..).zip(sums.iter().take(shown_sums)) {
        pen.text(
            inner.x.saturating_add(2),
            y,
            places.name,
            &sum.name,
            Ink::Strong,
        );
        let text = sum.balance.to_text(sum.scale);
        let ink = if sum.balance.is_negative() {
            Ink::Negative
        } else {
            Ink::Strong
        };
        places.draw_unit(pen, y, sum.currency);
        if let Some(end) = places.balance_end {
            pen.right(end, y, figure, &text, ink);
        }
        if let (Some(mark), Some(end)) = (&state.mark, places.mark_end) {
            let then = log.index.moment(mark.order, mark.place.position);
            let then = self::sums(state, log, &then).into_iter();
            let mut then =
                then.filter(|own| (&own.name, own.currency) == (&sum.name, sum.currency));
            let then = then.next().map_or(Balance::ZERO, |own| own.balance);
            let change = sum.balance.minus(then).unwrap_or_default();
            if change != Balance::ZERO {
                let text = signed(change, sum.scale);
                pen.right(end, y, figure.saturating_add(2), &text, Ink::Mark);
            }
        }
    }
}

/// The sums of the accounts that are listed.
fn sums(state: &ExploreState, log: LogView<'_>, moment: &HistoryMoment<'_>) -> Vec<AccountsSum> {
    if state.filter.is_empty() {
        log.index.sums(moment)
    } else {
        log.index.sums_of(&state.listed, moment)
    }
}

/// The accounts for so many rows, the chosen one in the middle.
fn shown_accounts(state: &ExploreState, rows: usize) -> Vec<usize> {
    let mut listed = state.listed.iter();
    let chosen = listed.position(|id| Some(*id) == state.account);
    let half = rows.checked_div(2).unwrap_or_default();
    let last = state.listed.len().saturating_sub(rows);
    let first = chosen.unwrap_or(0).saturating_sub(half).min(last);
    let shown = state.listed.iter().skip(first).take(rows);
    shown.copied().collect()
}

/// Where the parts of a row are.
struct RowColumns {
    x: u16,
    name: u16,
    /// The column before which the balance ends; none if there is only room for the difference.
    balance_end: Option<u16>,
    /// The same of the difference to the mark.
    mark_end: Option<u16>,
    /// The last of the two.
    end: u16,
    figure: u16,
}

impl RowColumns {
    fn of(inner: Rect, figure: u16, has_mark: bool) -> RowColumns {
        /// With less for its name, an account has only the difference.
        const SHORTEST_NAME: u16 = 14;
        let end = inner.right().saturating_sub(UNIT).saturating_sub(1);
        let start = inner.x.saturating_add(2);
        let room = |end: u16| {
            let figure = end.saturating_sub(figure).saturating_sub(1);
            figure.saturating_sub(start)
        };
        let before_mark = end.saturating_sub(figure).saturating_sub(3);
        let (balance_end, mark_end) = match has_mark {
            false => (Some(end), None),
            true if room(before_mark) < SHORTEST_NAME => (None, Some(end)),
            true => (Some(before_mark), Some(end)),
        };
        let mut name = room(balance_end.unwrap_or(end));
        if balance_end.is_none() {
            name = name.saturating_sub(1);
        }
        RowColumns {
            x: inner.x,
            name,
            balance_end,
            mark_end,
            end,
            figure,
        }
    }

    fn draw_unit(&self, pen: &mut Pen<'_>, y: u16, currency: Option<Currency>) {
        if let Some(currency) = currency {
            let x = self.end.saturating_add(1);
            pen.text(x, y, UNIT, &currency.to_string(), Ink::Dim);
        }
    }
}

struct AccountRow<'a> {
    id: usize,
    account: &'a AccountHistory,
}

impl AccountRow<'_> {
    fn draw(
        &self,
        state: &ExploreState,
        log: LogView<'_>,
        pen: &mut Pen<'_>,
        places: &RowColumns,
        y: u16,
        before: &str,
    ) {
        let moment = state.moment(log);
        let life = self.account.life(&moment);
        let balance = log.index.balance(self.id, &moment);
        let is_chosen = state.account == Some(self.id);
        if is_chosen {
            let marker = pen.theme.sign("▌", ">");
            pen.text(places.x, y, 1, marker, Ink::Now);
        }
        let name = fit_name(&self.account.name, places.name);
        let x = places.x.saturating_add(2);
        let ink = match life {
            AccountLife::Open if is_chosen => Ink::Strong,
            AccountLife::Open => Ink::Plain,
            AccountLife::NotYet | AccountLife::Closed => Ink::Dim,
        };
        let used = pen.text(x, y, places.name, &name, ink);
        // What the name above says already is less important.
        let shared = shared_segments(before, &self.account.name);
        if shared > 0 && name == self.account.name && !is_chosen {
            pen.tint(Rect::new(x, y, shared.min(used), 1), Ink::Dim);
        }
        if let Some(end) = places.balance_end {
            let text = match life {
                AccountLife::NotYet => "–".to_owned(),
                AccountLife::Closed if balance == Balance::ZERO => "closed".to_owned(),
                AccountLife::Open | AccountLife::Closed => balance.to_text(self.account.scale),
            };
            let ink = if life == AccountLife::Open && balance.is_negative() {
                Ink::Negative
            } else {
                ink
            };
            pen.right(end, y, places.figure, &text, ink);
        }
        places.draw_unit(pen, y, self.account.currency);
        if let (Some(mark), Some(end)) = (&state.mark, places.mark_end) {
            let then = log.index.moment(mark.order, mark.place.position);
            let change = balance.minus(log.index.balance(self.id, &then));
            let change = change.unwrap_or_default();
            if change != Balance::ZERO {
                let text = signed(change, self.account.scale);
                let room = places.figure.saturating_add(2);
                pen.right(end, y, room, &text, Ink::Mark);
            }
        }
    }
}

/// A change with its sign: `+12.00`.
pub(super) fn signed(change: Balance, scale: Scale) -> String {
    let text = change.to_text(scale);
    if change.is_negative() {
        text
    } else {
        format!("+{text}")
    }
}

/// The columns of the first segments that two names share.
fn shared_segments(one: &str, other: &str) -> u16 {
    let shared = one
        .split_inclusive(':')
        .zip(other.split_inclusive(':'))
        .take_while(|(one, other)| one == other && one.ends_with(':'));
    shared.map(|(segment, _)| columns(segment)).sum()
}
