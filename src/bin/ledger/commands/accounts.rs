use clap::Args;
use event_ledger::accounts::Account;
use event_ledger::ledger::AccountQuery;
use event_ledger::time::Zone;

use super::balance;
use super::reading::{self, Moments};
use crate::flags::{UntilFlags, WithoutFlags};
use crate::output::csv::{CsvTable, field};
use crate::output::json_reading::{AccountAnswer, AccountsAnswer};
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show every account: balance, floor, first and last event, open or closed
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger accounts --until 2026-03-31"))]
pub(crate) struct AccountsArgs {
    #[command(flatten)]
    until: UntilFlags,
    #[command(flatten)]
    without: WithoutFlags,
}

pub(crate) fn run(arguments: &AccountsArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?.without(&arguments.without)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let mut replayed = reading.query(cutoff, Some(now), AccountQuery::Sorted)?;
    let sorted = replayed.take_sorted();
    let accounts: Vec<_> = sorted.iter().collect();
    reading::introduce(session, &reading, &replayed, Some(now));
    if session.json {
        // No totals: an overflow of a sum must not prevent the list.
        let state = reading::state_answer(&reading, &replayed, &[])?;
        let accounts = accounts.iter();
        let accounts = accounts.map(|(name, account)| AccountAnswer::of(name, account));
        session.answer(&AccountsAnswer {
            ledger: state.ledger,
            seq: state.seq,
            hash: state.hash,
            until: state.until,
            known_at: state.known_at,
            events: state.events,
            accounts: accounts.collect(),
            omitted: state.omitted,
            torn_bytes: state.torn_bytes,
        });
    } else if session.csv {
        session.rendered(&csv(&accounts));
    } else {
        let table = table(session, &accounts, reading.zone());
        session.rendered(&table);
    }
    Ok(0)
}

fn csv(accounts: &[(&str, &Account)]) -> String {
    let mut table = CsvTable::new(&[
        "account", "balance", "currency", "floor", "first", "last", "last_at", "state",
    ]);
    for (name, account) in accounts {
        table.push(&[
            (*name).to_owned(),
            account.balance.to_text(account.scale),
            field(account.currency),
            account.floor.to_text(account.scale),
            account.first.to_string(),
            account.last.to_string(),
            account.last_at.to_string(),
            state(account).to_owned(),
        ]);
    }
    table.into_text()
}

fn state(account: &Account) -> &'static str {
    if account.open { "open" } else { "closed" }
}

fn table(session: &Session, accounts: &[(&str, &Account)], zone: &Zone) -> String {
    if accounts.is_empty() {
        return "no accounts\n".to_owned();
    }
    let columns = vec![
        Column::name("Account"),
        Column::figure("Balance"),
        Column::unit(),
        Column::figure("Floor").optional(2),
        Column::number("First").optional(3),
        Column::number("Last").optional(3),
        Column::unit().optional(3),
        Column::name("State").optional(1),
    ];
    let mut table = Table::new(columns, session.printer.table_style());
    for (name, account) in accounts {
        let row = vec![
            Cell::new(name),
            Cell::new(account.balance.to_text(account.scale)),
            balance::unit(account.currency),
            Cell::new(account.floor.to_text(account.scale)),
            Cell::new(account.first),
            Cell::new(account.last),
            Cell::new(zone.local_date(account.last_at)),
            Cell::new(state(account)),
        ];
        table.push(if account.open {
            row
        } else {
            row.into_iter().map(Cell::dim).collect()
        });
    }
    table.to_text()
}
