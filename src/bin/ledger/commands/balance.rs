use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use clap::Args;
use event_ledger::accounts::{Account, Overflow, Pending, SortedAccounts};
use event_ledger::ledger::{AccountQuery, Replayed};
use event_ledger::money::{Balance, Currency};
use event_ledger::replay::totals;

use super::reading::{self, BalanceRow, Moments};
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::csv::{CsvTable, field};
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what accounts hold, now or at any moment
///
/// Closed accounts with nothing in them are shown only if they are named, or with --all. If account
/// names begin with different first segments (assets:…, expenses:…), there is a total for each of
/// these, otherwise one for each currency.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger balance assets --until yesterday"))]
pub(crate) struct BalanceArgs {
    /// Accounts, by name, first segments or glob (`*` any characters, `?` one)
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Add accounts up by the first N segments of their names
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    depth: Option<u16>,
    /// Show closed accounts with nothing in them too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

/// Accounts by name.
type Accounts<'a> = Vec<(&'a str, &'a Account)>;

pub(crate) fn run(arguments: &BalanceArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    reading::names(&arguments.accounts)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let (picked, sorted): (Vec<(String, Account)>, SortedAccounts);
    let (replayed, accounts): (Replayed, Accounts<'_>) = if arguments.accounts.is_empty() {
        let mut replayed = reading.query(cutoff, Some(now), AccountQuery::Sorted)?;
        sorted = replayed.take_sorted();
        (replayed, sorted.iter().collect())
    } else {
        let wanted = &arguments.accounts;
        let (replayed, accounts) = reading::balances(session, &reading, &cutoff, now, wanted)?;
        picked = accounts;
        let accounts = picked.iter();
        let accounts = accounts.map(|(name, account)| (name.as_str(), account));
        (replayed, accounts.collect())
    };
    let is_shown = |(name, account): &(&str, &Account)| {
        let is_named = arguments.accounts.iter().any(|text| text == name);
        account.open || account.balance != Balance::ZERO || is_named || arguments.all
    };
    let accounts: Accounts<'_> = accounts.into_iter().filter(is_shown).collect();
    let mut rows = BalanceRow::all(&replayed, &accounts);
    if let Some(depth) = arguments.depth {
        rows = group(&rows, usize::from(depth))?;
    }
    if session.json {
        let answer = reading::state_answer(&reading, &replayed, &rows)?;
        reading::introduce(session, &reading, &replayed, None);
        session.answer(&answer);
        return Ok(0);
    }
    // Before the first line is printed: a total that does not fit is an error.
    let text = if session.csv {
        csv(&rows)
    } else if session.quiet {
        let figures = rows.iter().map(|row| &row.account);
        let figures = figures.map(|account| account.balance.to_text(account.scale) + "\n");
        figures.collect()
    } else {
        table(session, &rows)?
    };
    reading::introduce(session, &reading, &replayed, None);
    session.rendered(&text);
    Ok(0)
}

/// The rows added up by the first segments of their names, in the order of names and currencies.
fn group(rows: &[BalanceRow<'_>], depth: usize) -> Result<Vec<BalanceRow<'static>>, Overflow> {
    let mut groups: BTreeMap<(String, Option<Currency>), BalanceRow<'static>> = BTreeMap::new();
    for row in rows {
        let segments: Vec<&str> = row.name.split(':').take(depth).collect();
        let name = segments.join(":");
        let currency = row.account.currency;
        match groups.entry((name.clone(), currency)) {
            Entry::Vacant(room) => {
                room.insert(BalanceRow {
                    name: name.into(),
                    account: row.account,
                    pending: row.pending,
                });
            }
            Entry::Occupied(mut there) => {
                add(there.get_mut(), row).ok_or(Overflow::Total { currency })?;
            }
        }
    }
    Ok(groups.into_values().collect())
}

fn add(sum: &mut BalanceRow<'_>, row: &BalanceRow<'_>) -> Option<()> {
    let (account, pending) = (&mut sum.account, &mut sum.pending);
    account.balance = account.balance.plus(row.account.balance)?;
    account.scale = account.scale.max(row.account.scale);
    pending.incoming = pending.incoming.plus(row.pending.incoming)?;
    pending.outgoing = pending.outgoing.plus(row.pending.outgoing)?;
    Some(())
}

fn csv(rows: &[BalanceRow<'_>]) -> String {
    let mut table = CsvTable::new(&[
        "account",
        "balance",
        "currency",
        "pending_in",
        "pending_out",
        "available",
    ]);
    for BalanceRow {
        name,
        account,
        pending,
    } in rows
    {
        let figure = |balance: Balance| balance.to_text(account.scale);
        table.push(&[
            name.to_string(),
            figure(account.balance),
            field(account.currency),
            figure(pending.incoming),
            figure(pending.outgoing),
            figure(pending.available(account.balance)),
        ]);
    }
    table.into_text()
}

/// Accounts and their balances, and the totals of several accounts.
pub(crate) fn table(session: &Session, rows: &[BalanceRow<'_>]) -> Result<String, Overflow> {
    // A total that does not fit is an error, whether it is shown or not.
    let totals = totals(rows.iter().map(|row| &row.account))?;
    if rows.is_empty() {
        return Ok("no accounts\n".to_owned());
    }
    let any = |figure: fn(Pending) -> Balance| {
        let mut rows = rows.iter();
        rows.any(|row| figure(row.pending) != Balance::ZERO)
    };
    let shows_holds = any(|pending| pending.outgoing);
    let shows_incoming = any(|pending| pending.incoming);
    let mut columns = vec![
        Column::name("Account"),
        Column::figure("Balance"),
        Column::unit(),
    ];
    if shows_holds {
        columns.insert(2, Column::figure("Held").optional(1));
        columns.insert(3, Column::figure("Available"));
    }
    if shows_incoming {
        let before_unit = columns.len().saturating_sub(1);
        columns.insert(before_unit, Column::figure("Incoming").optional(1));
    }
    // Sums are of balances alone.
    let others = usize::from(shows_holds)
        .saturating_mul(2)
        .saturating_add(usize::from(shows_incoming));
    let no_sums = || std::iter::repeat_with(|| Cell::new("")).take(others);
    let mut table = Table::new(columns, session.printer.table_style());
    for BalanceRow {
        name,
        account,
        pending,
    } in rows
    {
        let figure = |balance: Balance| Cell::from(balance.to_text(account.scale));
        let mut row = vec![Cell::from(&**name), figure(account.balance)];
        if shows_holds {
            row.push(figure(pending.outgoing));
            row.push(figure(pending.available(account.balance)));
        }
        if shows_incoming {
            row.push(figure(pending.incoming));
        }
        row.push(unit(account.currency));
        table.push(row);
    }
    let tops = group(rows, 1)?;
    let first = tops.first().map(|top| &top.name);
    let has_several_tops = tops.iter().any(|top| Some(&top.name) != first);
    let has_segments = rows.iter().any(|row| row.name.contains(':'));
    if has_segments && has_several_tops {
        for BalanceRow { name, account, .. } in &tops {
            let balance = account.balance.to_text(account.scale);
            let mut row = vec![Cell::new(name), Cell::new(balance)];
            row.extend(no_sums());
            row.push(unit(account.currency));
            table.push_sum(row);
        }
    } else if rows.len() > 1 {
        for (index, total) in totals.iter().enumerate() {
            let mut row = vec![
                Cell::new(if index == 0 { "Total" } else { "" }),
                Cell::new(total.balance.to_text(total.scale)),
            ];
            row.extend(no_sums());
            row.push(unit(total.currency));
            table.push_sum(row);
        }
    }
    Ok(table.to_text())
}

/// A currency after a figure.
pub(crate) fn unit(currency: Option<Currency>) -> Cell<'static> {
    Cell::new(currency.map_or_else(String::new, |currency| currency.to_string()))
}
