use clap::Args;
use event_ledger::accounts::Account;
use event_ledger::replay::totals;

use super::reading::{self, Moments};
use crate::arguments::Until;
use crate::failure::Failure;
use crate::output::json;
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what accounts hold, now or at any moment
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger balance 'assets:*' --until yesterday"))]
pub(crate) struct Balance {
    /// Accounts, by name or glob (`*` any characters, `?` one); all of them unless named
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    until: Until,
}

pub(crate) fn run(arguments: &Balance, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    reading::names(&arguments.accounts)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let wanted = reading::by_name(&arguments.accounts);
    let replayed = reading.balances(cutoff, Some(now), wanted.as_deref())?;
    let accounts = reading::pick(&replayed, &arguments.accounts)?;
    if session.json {
        let answer = reading::state_answer(&reading, &replayed, &accounts)?;
        reading::introduce(session, &reading, &replayed);
        let _ = session.printer.json(&json::text(&answer));
        return Ok(0);
    }
    // Before the first line is printed: a total that does not fit is an error.
    totals(accounts.iter().map(|(_, account)| account))?;
    if session.quiet {
        reading::introduce(session, &reading, &replayed);
        for (_, account) in &accounts {
            let _ = session
                .printer
                .line(&account.balance.to_text(account.scale));
        }
        return Ok(0);
    }
    let table = table(session, &accounts)?;
    reading::introduce(session, &reading, &replayed);
    let _ = session.printer.rendered(&table);
    Ok(0)
}

/// Accounts and their balances, and under several accounts a total a currency.
pub(crate) fn table(session: &Session, accounts: &[(String, Account)]) -> Result<String, Failure> {
    if accounts.is_empty() {
        return Ok("no accounts\n".to_owned());
    }
    let columns = vec![
        Column::name("Account"),
        Column::figure("Balance"),
        Column::unit(),
    ];
    let mut table = Table::new(columns, session.printer.look());
    for (name, account) in accounts {
        table.push(vec![
            Cell::new(name),
            Cell::new(account.balance.to_text(account.scale)),
            unit(account.currency),
        ]);
    }
    if accounts.len() > 1 {
        for (index, total) in totals(accounts.iter().map(|(_, account)| account))?
            .iter()
            .enumerate()
        {
            table.push_sum(vec![
                Cell::new(if index == 0 { "Total" } else { "" }),
                Cell::new(total.balance.to_text(total.scale)),
                unit(total.currency),
            ]);
        }
    }
    Ok(table.to_text())
}

/// A currency behind a figure.
pub(crate) fn unit(currency: Option<event_ledger::money::Currency>) -> Cell {
    Cell::new(currency.map_or_else(String::new, |currency| currency.to_string()))
}
