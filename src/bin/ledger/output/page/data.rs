//! What the page's script is told: moments, and every figure at each of them as a text.
//!
//! Owns the shape of it. Whole numbers are places on the screen and in the lists; money is text.

use event_ledger::money::{Balance, Scale};
use serde::Serialize;

use super::super::json;
use super::super::text::json_harmless;
use super::drawing::{self, TimeAxis};
use super::{Page, unit};

#[derive(Serialize)]
struct Data {
    /// How many places the time axis has.
    width: u32,
    /// Place, number, moment in UTC, moment in the ledger's zone.
    moments: Vec<(u32, u64, String, String)>,
    /// Where each period ends.
    periods: Vec<u32>,
    accounts: Vec<Account>,
    totals: Vec<Total>,
}

#[derive(Serialize)]
struct Account {
    opening: String,
    /// From which moment on, which balance.
    steps: Vec<(usize, String)>,
}

#[derive(Serialize)]
struct Total {
    currency: String,
    opening: String,
    /// How far down the opening balance lies.
    y: u32,
    /// From which moment on, which balance, and how far down it lies.
    steps: Vec<(usize, String, u32)>,
}

/// The data as JSON that may stand in a script element.
pub(super) fn data(page: &Page<'_>, axis: Option<&TimeAxis>) -> String {
    let place = |at| axis.map_or(0, |axis| axis.place(at));
    let moments = page.rows.iter().map(|row| {
        let effective = row.effective.to_string();
        (place(row.effective), row.seq, effective, row.local.clone())
    });
    let mut periods: Vec<u32> = page
        .sections
        .iter()
        .flat_map(|section| &section.block.rows)
        .map(|row| place(row.period.last))
        .collect();
    periods.sort_unstable();
    periods.dedup();
    let mut accounts: Vec<(Scale, Account)> = page
        .accounts
        .iter()
        .map(|account| {
            let opening = account.opening.to_text(account.scale);
            let steps = Vec::new();
            (account.scale, Account { opening, steps })
        })
        .collect();
    for (number, row) in page.rows.iter().enumerate() {
        for leg in &row.legs {
            if let Some((scale, account)) = accounts.get_mut(leg.account) {
                account.steps.push((number, leg.balance.to_text(*scale)));
            }
        }
    }
    let data = Data {
        width: drawing::WIDTH,
        moments: moments.collect(),
        periods,
        accounts: accounts.into_iter().map(|(_, account)| account).collect(),
        totals: totals(page),
    };
    // Behind `<` a script element could end; in JSON it can stand as its number.
    json_harmless(&json::text(&data)).replace('<', "\\u003c")
}

fn totals(page: &Page<'_>) -> Vec<Total> {
    page.sections
        .iter()
        .map(|section| {
            let levels = drawing::levels(page, section);
            let axis = drawing::money_axis(section, &levels);
            let depth = |figure: Balance| drawing::depth(&axis, figure);
            Total {
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
