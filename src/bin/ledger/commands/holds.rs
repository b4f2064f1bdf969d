use clap::Args;
use event_ledger::accounts::HoldState;
use event_ledger::event::AccountName;
use event_ledger::ledger::AccountQuery;
use event_ledger::money::Balance;
use event_ledger::time::{Timestamp, Zone};

use super::balance;
use super::reading::{self, Moments};
use crate::flags::UntilFlags;
use crate::output::csv::{CsvTable, field};
use crate::output::json::{HoldAnswer, HoldsAnswer};
use crate::output::table::{Cell, Column, Table};
use crate::session::{Done, Session};

/// Show what is on hold, oldest first
#[derive(Debug, Args)]
#[command(after_help = super::help::reading("ledger holds rider:asha"))]
pub(crate) struct HoldsArgs {
    /// Accounts: names, globs (`*` crosses `:`) or first segments; all if none is named
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Show the ended ones too, with how they ended
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &HoldsArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let now = session.now()?;
    let replayed = reading.query(cutoff, Some(now), AccountQuery::All)?;
    let as_of = replayed.replay.as_of();
    let names = if arguments.accounts.is_empty() {
        None
    } else {
        Some(reading::pick(
            session,
            &replayed,
            Some(&arguments.accounts),
        )?)
    };
    let is_picked = |hold: &HoldState| {
        names.as_ref().is_none_or(|names| {
            let mut accounts = hold.accounts();
            accounts.any(|own| names.iter().any(|(name, _)| name.as_str() == own.as_str()))
        })
    };
    let commitments = replayed.state().commitments();
    let shown = commitments.holds().filter(|hold| {
        let is_open = hold.rest(as_of) != Balance::ZERO;
        is_picked(hold) && (arguments.all || is_open)
    });
    let shown: Vec<&HoldState> = shown.collect();
    reading::introduce(session, &reading, &replayed, None);
    if session.json {
        let holds = shown.iter().map(|hold| HoldAnswer::of(hold, as_of));
        session.answer(&HoldsAnswer {
            as_of: as_of.to_string(),
            holds: holds.collect(),
        });
    } else if session.csv {
        session.rendered(&csv(&shown, as_of));
    } else {
        let text = table(session, &shown, as_of, reading.zone(), arguments.all);
        session.rendered(&text);
    }
    Ok(0)
}

fn csv(holds: &[&HoldState], as_of: Timestamp) -> String {
    let mut table = CsvTable::new(&[
        "seq",
        "at",
        "effective",
        "from",
        "to",
        "amount",
        "captured",
        "released",
        "rest",
        "currency",
        "expires",
        "state",
        "key",
    ]);
    for hold in holds {
        let scale = hold.scale();
        table.push(&[
            hold.seq.to_string(),
            hold.at.to_string(),
            hold.took_effect.to_string(),
            field(hold.from.as_ref()),
            field(hold.to.as_ref()),
            hold.amount.as_balance().to_text(scale),
            hold.captured().to_text(scale),
            hold.released().to_text(scale),
            hold.rest(as_of).to_text(scale),
            field(hold.currency),
            field(hold.expires),
            hold.status(as_of).as_str().to_owned(),
            field(hold.key.as_ref()),
        ]);
    }
    table.into_text()
}

fn table(
    session: &Session,
    holds: &[&HoldState],
    as_of: Timestamp,
    zone: &Zone,
    all: bool,
) -> String {
    if holds.is_empty() {
        return "nothing is on hold\n".to_owned();
    }
    let mut columns = vec![
        Column::name("Hold"),
        Column::name("From").or_below(),
        Column::name("To").or_below(),
        Column::figure("Amount").optional(2),
        Column::figure("Captured").optional(1),
        Column::figure("Rest"),
        Column::unit(),
        Column::name("Expires").or_below(),
    ];
    if all {
        columns.push(Column::name("State"));
    }
    let mut table = Table::new(columns, session.printer.table_style());
    for hold in holds {
        let scale = hold.scale();
        let name = |name: &Option<AccountName<'static>>| {
            Cell::new(name.as_ref().map_or("–".to_owned(), ToString::to_string))
        };
        let mut row = vec![
            Cell::new(format!("#{}", hold.seq)),
            name(&hold.from),
            name(&hold.to),
            Cell::new(hold.amount.as_balance().to_text(scale)),
            Cell::new(hold.captured().to_text(scale)),
            Cell::new(hold.rest(as_of).to_text(scale)),
            balance::unit(hold.currency),
            Cell::new(
                hold.expires
                    .map_or_else(String::new, |one| zone.local_minute(one)),
            ),
        ];
        if all {
            row.push(Cell::new(hold.status(as_of).as_str()));
        }
        table.push(row);
    }
    table.to_text()
}
