use clap::Args;
use event_ledger::accounts::Account;
use event_ledger::ledger::{AccountQuery, Replayed};
use event_ledger::money::{Balance, Currency, CurrencyText};
use event_ledger::replay::{Total, totals};

use super::reading::{self, Moments};
use crate::flags::UntilFlags;
use crate::output::json;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what accounts hold, now or at any moment
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger balance 'assets:*' --until yesterday"))]
pub(crate) struct BalanceArgs {
    /// Accounts, by name or glob (`*` any characters, `?` one); all of them unless named
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &BalanceArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    reading::names(&arguments.accounts)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let wanted = reading::by_name(&arguments.accounts);
    let is_all = arguments.accounts.is_empty();
    let query = if is_all {
        AccountQuery::Sorted
    } else {
        wanted.as_deref().into()
    };
    let mut replayed = reading.query(cutoff, Some(now), query)?;
    let (sorted, picked);
    let accounts: Vec<(&str, &Account)> = if is_all {
        sorted = replayed.take_sorted();
        sorted.iter().collect()
    } else {
        picked = reading::pick(&replayed, &arguments.accounts)?;
        picked
            .iter()
            .map(|(name, account)| (name.as_str(), account))
            .collect()
    };
    let each = || accounts.iter().map(|(_, account)| *account);
    if session.json {
        let answer = reading::state_answer(&reading, &replayed, &accounts)?;
        reading::introduce(session, &reading, &replayed);
        let _ = session.printer.json(&json::text(&answer));
        return Ok(0);
    }
    // Before the first line is printed: a total that does not fit is an error.
    let totals = totals(each())?;
    if session.quiet {
        reading::introduce(session, &reading, &replayed);
        for account in each() {
            let _ = session
                .printer
                .line(&account.balance.to_text(account.scale));
        }
        return Ok(0);
    }
    let table = table(session, &accounts, &totals, &replayed);
    reading::introduce(session, &reading, &replayed);
    let _ = session.printer.rendered(&table);
    Ok(0)
}

/// Accounts and their balances, and under several accounts a total a currency.
pub(crate) fn table(
    session: &Session,
    accounts: &[(&str, &Account)],
    totals: &[Total],
    replayed: &Replayed,
) -> String {
    if accounts.is_empty() {
        return "no accounts\n".to_owned();
    }
    let pending = replayed
        .state()
        .commitments()
        .pending(replayed.replay.as_of());
    let is_held = |name: &str| {
        let held = pending.get(name).map(|pending| pending.outgoing);
        held.is_some_and(|held| held != Balance::ZERO)
    };
    let shows_holds = accounts.iter().any(|(name, _)| is_held(name));
    let mut columns = vec![
        Column::name("Account"),
        Column::figure("Balance"),
        Column::unit(),
    ];
    if shows_holds {
        columns.insert(2, Column::figure("Held"));
        columns.insert(3, Column::figure("Available"));
    }
    let mut table = Table::new(columns, session.printer.table_style());
    for (name, account) in accounts {
        let code = account.currency.map(Currency::text);
        let mut row = vec![
            Cell::from(*name),
            Cell::from(account.balance.to_text(account.scale)),
        ];
        if shows_holds {
            let held = pending.get(name).copied().unwrap_or_default().outgoing;
            let available = account.balance.minus(held).unwrap_or(account.balance);
            row.push(Cell::from(held.to_text(account.scale)));
            row.push(Cell::from(available.to_text(account.scale)));
        }
        row.push(Cell::from(code.as_ref().map_or("", CurrencyText::as_str)));
        table.push(row);
    }
    if accounts.len() > 1 {
        for (index, total) in totals.iter().enumerate() {
            let mut row = vec![
                Cell::new(if index == 0 { "Total" } else { "" }),
                Cell::new(total.balance.to_text(total.scale)),
            ];
            if shows_holds {
                row.extend([Cell::new(""), Cell::new("")]);
            }
            row.push(unit(total.currency));
            table.push_sum(row);
        }
    }
    table.to_text()
}

/// A currency behind a figure.
pub(crate) fn unit(currency: Option<Currency>) -> Cell<'static> {
    Cell::new(currency.map_or_else(String::new, |currency| currency.to_string()))
}
