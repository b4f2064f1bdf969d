//! The report by groups: tags, accounts or types.

use anyhow::bail;
use event_ledger::ledger::Reader;
use event_ledger::money::{Currency, Scale};
use event_ledger::replay::{
    AccountFilter, Breakdown, BreakdownBuilder, BreakdownBy, BreakdownRow, Cutoff,
};

use super::super::balance;
use super::super::reading::{self, Moments};
use super::arguments::ReportArgs;
use super::computed::read;
use crate::failure::{Correction, Failure};
use crate::output::csv::{CsvTable, field};
use crate::output::json_report::BlockAnswer;
use crate::output::print::Printed;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

/// Refuses what only periods have.
pub(super) fn check(arguments: &ReportArgs) -> anyhow::Result<()> {
    let by = arguments.by.word();
    let is_account = by == "account";
    if arguments.by.period().is_none() && (arguments.chart || arguments.html.is_some()) {
        let flag = if arguments.chart { "--chart" } else { "--html" };
        bail!(
            Failure::usage(format!("{flag} shows periods, not --by {by}"))
                .corrected([Correction::flag("--by", "month")])
        );
    }
    if arguments.depth.is_some() && !is_account {
        bail!(
            Failure::usage("--depth is for --by account")
                .with_hint("ledger report --by account --depth 1")
        );
    }
    Ok(())
}

pub(super) fn run(
    arguments: &ReportArgs,
    by: BreakdownBy,
    moments: &Moments,
    session: &mut Session,
) -> Done {
    let begin = |_: &Reader, cutoff: &Cutoff, accounts: AccountFilter| {
        BreakdownBuilder::new(by.clone(), arguments.net, cutoff.clone(), accounts)
    };
    let take = BreakdownBuilder::take;
    let computed = read(arguments, moments, session, begin, take, |builder| {
        Ok(builder.finish()?)
    })?;
    let (reading, replayed) = (&computed.reading, &computed.replayed);
    let sections = &computed.blocks;
    let scale = |currency| computed.scale(currency);
    if session.json {
        let blocks = sections.iter();
        let blocks = blocks
            .map(|section| BlockAnswer::groups(section, scale(section.currency)))
            .collect::<Result<_, _>>()?;
        let answer = computed.answer(arguments, blocks)?;
        reading::introduce(session, reading, replayed, None);
        session.answer(&answer);
        return Ok(0);
    }
    reading::introduce(session, reading, replayed, None);
    if session.csv {
        session.rendered(&csv(sections, scale));
        return Ok(0);
    }
    let sections = sections.iter();
    let mut shown = sections
        .filter(|section| !section.rows.is_empty())
        .peekable();
    if shown.peek().is_none() {
        session.line("no events to show");
    }
    for (index, section) in shown.enumerate() {
        if index > 0 {
            session.line("");
        }
        table(&by, section, scale(section.currency), session)?;
    }
    Ok(0)
}

fn table(by: &BreakdownBy, section: &Breakdown, scale: Scale, session: &mut Session) -> Printed {
    let (head, none, has_balance) = match by {
        BreakdownBy::Tag(key) => (key.as_str(), "(none)", false),
        BreakdownBy::Account { .. } => ("Account", "", true),
        BreakdownBy::Type => ("Type", "", false),
    };
    let mut columns = vec![
        Column::name(head),
        Column::number("Events").optional(3),
        Column::figure("In").optional(1),
        Column::figure("Out").optional(1),
        Column::figure("Net").optional(if has_balance { 2 } else { 0 }),
    ];
    if has_balance {
        columns.push(Column::figure("Balance"));
    }
    columns.push(Column::unit());
    let mut table = StreamedTable::new(columns, &session.printer);
    let cells = |row: &BreakdownRow, name: Cell<'static>| {
        let mut cells = vec![
            name,
            Cell::new(row.events),
            Cell::new(row.incoming.to_text(scale)),
            Cell::new(row.outgoing.to_text(scale)),
            Cell::new(row.net.to_text(scale)),
        ];
        if has_balance {
            cells.push(Cell::new(row.closing.to_text(scale)));
        }
        cells.push(balance::unit(section.currency));
        cells
    };
    for row in &section.rows {
        let name = match &row.name {
            Some(name) => Cell::new(name),
            None => Cell::new(none).dim(),
        };
        table.push(cells(row, name), &mut session.printer)?;
    }
    if section.rows.len() > 1 {
        let mut total = cells(&section.total, Cell::new("Total"));
        if let Some(events) = total.get_mut(1) {
            // An event may be in several rows.
            *events = Cell::default();
        }
        table.push_sum(total);
    }
    table.finish(&mut session.printer)
}

fn csv(sections: &[Breakdown], scale: impl Fn(Option<Currency>) -> Scale) -> String {
    let mut table = CsvTable::new(&["group", "events", "in", "out", "net", "balance", "currency"]);
    for section in sections {
        let scale = scale(section.currency);
        for row in &section.rows {
            table.push(&[
                row.name.clone().unwrap_or_default(),
                row.events.to_string(),
                row.incoming.to_text(scale),
                row.outgoing.to_text(scale),
                row.net.to_text(scale),
                row.closing.to_text(scale),
                field(section.currency),
            ]);
        }
    }
    table.into_text()
}
