//! The data for the page's script: moments, and every figure at each moment as text.
//!
//! Numbers are positions on the screen and indices; money is text.

use event_ledger::money::{Balance, Scale};
use serde::Serialize;

use super::super::json;
use super::super::periods::period_rows;
use super::super::text::json_harmless;
use super::content::{Page, unit};
use super::drawing;
use super::time_axis::{TimeAxis, WIDTH};

#[derive(Serialize)]
struct PageData {
    /// The number of positions on the time axis.
    width: u32,
    /// Position, event number, moment in UTC, moment in the ledger's zone.
    moments: Vec<(u32, u64, String, String)>,
    /// The position of each period's end.
    periods: Vec<u32>,
    accounts: Vec<AccountSeries>,
    totals: Vec<TotalSeries>,
}

#[derive(Serialize)]
struct AccountSeries {
    opening: String,
    /// The index of a moment and the balance from then on.
    steps: Vec<(usize, String)>,
}

#[derive(Serialize)]
struct TotalSeries {
    currency: String,
    opening: String,
    /// The vertical position of the opening balance.
    y: u32,
    /// The index of a moment, the balance from then on, and its vertical position.
    steps: Vec<(usize, String, u32)>,
}

/// The data as JSON that is safe inside a script element.
pub(super) fn data(page: &Page<'_>, axis: Option<&TimeAxis>) -> String {
    let place = |at| axis.map_or(0, |axis| axis.place(at));
    let moments = page.rows.iter().map(|row| {
        let effective = row.effective.to_string();
        (place(row.effective), row.seq, effective, row.local.clone())
    });
    let mut periods: Vec<u32> = page
        .sections
        .iter()
        .flat_map(|section| period_rows(section.block))
        .map(|row| place(row.span().last))
        .collect();
    periods.sort_unstable();
    periods.dedup();
    let mut accounts: Vec<(Scale, AccountSeries)> = page
        .accounts
        .iter()
        .map(|account| {
            let opening = account.opening.to_text(account.scale);
            let steps = Vec::new();
            (account.scale, AccountSeries { opening, steps })
        })
        .collect();
    for (number, row) in page.rows.iter().enumerate() {
        for posting in &row.postings {
            if let Some((scale, account)) = accounts.get_mut(posting.account) {
                account
                    .steps
                    .push((number, posting.balance.to_text(*scale)));
            }
        }
    }
    let data = PageData {
        width: WIDTH,
        moments: moments.collect(),
        periods,
        accounts: accounts.into_iter().map(|(_, account)| account).collect(),
        totals: totals(page),
    };
    // A `</script>` in a text would end the element, so `<` is escaped.
    json_harmless(&json::text(&data)).replace('<', "\\u003c")
}

fn totals(page: &Page<'_>) -> Vec<TotalSeries> {
    page.sections
        .iter()
        .map(|section| {
            let levels = drawing::levels(page, section);
            let axis = drawing::money_axis(section, &levels);
            let depth = |figure: Balance| drawing::depth(&axis, figure);
            TotalSeries {
                currency: unit(section.block.currency),
                opening: section.figure(section.opening),
                y: depth(section.opening),
                steps: levels
                    .iter()
                    .map(|(moment, figure)| (*moment, section.figure(*figure), depth(*figure)))
                    .collect(),
            }
        })
        .collect()
}
