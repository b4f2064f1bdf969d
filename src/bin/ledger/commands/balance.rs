use std::collections::BTreeMap;

use clap::Args;
use event_ledger::accounts::{Account, Overflow, Pending, SortedAccounts};
use event_ledger::ledger::{AccountQuery, Replayed};
use event_ledger::money::{Balance, Currency};
use event_ledger::replay::totals;

use super::reading::{self, Moments};
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::csv::CsvTable;
use crate::output::json;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what accounts hold, now or at any moment
///
/// Closed accounts with nothing in them are shown only if they are named, or with --all. If account
/// names begin with different first segments (assets:…, expenses:…), there is a total for each of
/// these, otherwise one for each currency.
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger balance assets --until yesterday"))]
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
    let mut accounts: Accounts<'_> = accounts.into_iter().filter(is_shown).collect();
    let grouped;
    if let Some(depth) = arguments.depth {
        grouped = group(&accounts, usize::from(depth))?;
        let groups = grouped.iter();
        accounts = groups
            .map(|(name, account)| (name.as_str(), account))
            .collect();
    }
    if session.json {
        let answer = reading::state_answer(&reading, &replayed, &accounts)?;
        reading::introduce(session, &reading, &replayed);
        let _ = session.printer.json(&json::text(&answer));
        return Ok(0);
    }
    // Before the first line is printed: a total that does not fit is an error.
    let text = if session.csv {
        csv(&accounts)
    } else if session.quiet {
        let figures = accounts.iter();
        let figures = figures.map(|(_, account)| account.balance.to_text(account.scale) + "\n");
        figures.collect()
    } else {
        table(session, &accounts, &replayed)?
    };
    reading::introduce(session, &reading, &replayed);
    let _ = session.printer.rendered(&text);
    Ok(0)
}

/// Accounts added up by the first segments of their names, one for each currency.
fn group(accounts: &[(&str, &Account)], depth: usize) -> Result<Vec<(String, Account)>, Overflow> {
    let mut groups: BTreeMap<(String, Option<Currency>), Account> = BTreeMap::new();
    for (name, account) in accounts {
        let segments: Vec<&str> = name.split(':').take(depth).collect();
        let key = (segments.join(":"), account.currency);
        let sum = match groups.get(&key) {
            None => **account,
            Some(sum) => {
                let balance = sum.balance.plus(account.balance);
                Account {
                    balance: balance.ok_or(Overflow::Total {
                        currency: account.currency,
                    })?,
                    scale: sum.scale.max(account.scale),
                    ..*sum
                }
            }
        };
        groups.insert(key, sum);
    }
    let groups = groups.into_iter();
    Ok(groups.map(|((name, _), sum)| (name, sum)).collect())
}

fn csv(accounts: &[(&str, &Account)]) -> String {
    let mut table = CsvTable::new(&["account", "balance", "currency"]);
    for (name, account) in accounts {
        table.push(&[
            (*name).to_owned(),
            account.balance.to_text(account.scale),
            account
                .currency
                .map_or_else(String::new, |code| code.to_string()),
        ]);
    }
    table.into_text()
}

/// Accounts and their balances, and the totals of several accounts.
pub(crate) fn table(
    session: &Session,
    accounts: &[(&str, &Account)],
    replayed: &Replayed,
) -> Result<String, Overflow> {
    // A total that does not fit is an error, whether it is shown or not.
    let totals = totals(accounts.iter().map(|(_, account)| *account))?;
    if accounts.is_empty() {
        return Ok("no accounts\n".to_owned());
    }
    let pending = replayed
        .state()
        .commitments()
        .pending(replayed.replay.as_of());
    let of = |name: &str| pending.get(name).copied().unwrap_or_default();
    let any = |figure: fn(Pending) -> Balance| {
        let mut names = accounts.iter().map(|(name, _)| name);
        names.any(|name| figure(of(name)) != Balance::ZERO)
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
    for (name, account) in accounts {
        let mut row = vec![
            Cell::from(*name),
            Cell::from(account.balance.to_text(account.scale)),
        ];
        if shows_holds {
            let held = of(name).outgoing;
            let available = account.balance.minus(held).unwrap_or(account.balance);
            row.push(Cell::from(held.to_text(account.scale)));
            row.push(Cell::from(available.to_text(account.scale)));
        }
        if shows_incoming {
            row.push(Cell::from(of(name).incoming.to_text(account.scale)));
        }
        row.push(unit(account.currency));
        table.push(row);
    }
    let tops = group(accounts, 1)?;
    let first = tops.first().map(|(name, _)| name);
    let has_several_tops = tops.iter().any(|(name, _)| Some(name) != first);
    let has_segments = accounts.iter().any(|(name, _)| name.contains(':'));
    if has_segments && has_several_tops {
        for (name, sum) in &tops {
            let mut row = vec![Cell::new(name), Cell::new(sum.balance.to_text(sum.scale))];
            row.extend(no_sums());
            row.push(unit(sum.currency));
            table.push_sum(row);
        }
    } else if accounts.len() > 1 {
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
