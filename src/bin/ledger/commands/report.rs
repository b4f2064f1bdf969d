//! The report by periods. The report by groups and the page have files of their own.

use anyhow::bail;

use event_ledger::ledger::Reader;
use event_ledger::replay::{self, AccountFilter, Cutoff, ReportOptions, ReportSection};

use super::balance;
use super::reading::{self, Moments};
use crate::failure::{Correction, Failure};
use crate::output::chart;
use crate::output::csv::{CsvTable, field};
use crate::output::json_report::BlockAnswer;
use crate::output::periods::{ReportRow, period_rows};
use crate::output::print::Printed;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::{Done, Session};

mod arguments;
mod by;
mod computed;
mod groups;
mod page;

pub(crate) use arguments::ReportArgs;
use computed::{Computed, read};

pub(crate) fn run(arguments: &ReportArgs, session: &mut Session) -> Done {
    let moments =
        Moments::parse(&arguments.until, Some(&arguments.since))?.without(&arguments.without)?;
    reading::names(&arguments.accounts)?;
    let forms = [
        ("JSON", "--json", session.json),
        ("CSV", "--csv", session.csv),
    ];
    let form = forms.into_iter().find(|(_, _, is_asked)| *is_asked);
    if arguments.chart
        && let Some((name, flag, _)) = form
    {
        bail!(
            Failure::usage(format!("a chart is not {name}"))
                .corrected([Correction::Drop("--chart")])
                .corrected([Correction::Drop(flag)])
        );
    }
    let page_file = arguments.html.as_deref();
    if session.json && page_file.is_some_and(page::is_standard_output) {
        bail!(
            Failure::usage("with --json standard output has only JSON, and a page is not JSON",)
                .corrected([Correction::flag("--html", "report.html")])
        );
    }
    groups::check(arguments)?;
    if let Some(by) = arguments.by.groups(arguments.depth) {
        return groups::run(arguments, by, &moments, session);
    }
    let computed = compute(arguments, &moments, session)?;
    if let Some(file) = &arguments.html {
        page::write(arguments, file, &computed, session)?;
    }
    let (reading, replayed) = (&computed.reading, &computed.replayed);
    if session.json {
        let blocks = computed.blocks.iter();
        let blocks = blocks.map(|block| BlockAnswer::of(block, computed.scale(block.currency)));
        let answer = computed.answer(arguments, blocks.collect())?;
        reading::introduce(session, reading, replayed, None);
        session.answer(&answer);
    } else if session.csv {
        reading::introduce(session, reading, replayed, None);
        session.rendered(&csv(&computed));
    } else if arguments.html.is_none() {
        reading::introduce(session, reading, replayed, Some(computed.now));
        show(arguments, &computed, session)?;
    }
    Ok(0)
}

/// The report of periods.
fn compute(
    arguments: &ReportArgs,
    moments: &Moments,
    session: &mut Session,
) -> anyhow::Result<Computed> {
    let begin = |reading: &Reader, cutoff: &Cutoff, accounts: AccountFilter| {
        let form = ReportOptions {
            zone: reading.zone().clone(),
            step: arguments.period(),
            net: arguments.net,
        };
        replay::Report::new(form, cutoff.clone(), accounts)
    };
    let take = replay::Report::take;
    read(arguments, moments, session, begin, take, |report| {
        Ok(report.finish()?)
    })
}

/// A table per currency, each followed by its chart if requested.
fn show(arguments: &ReportArgs, computed: &Computed, session: &mut Session) -> Printed {
    let blocks = computed.blocks.iter();
    let mut shown = blocks.filter(|block| !block.rows.is_empty()).peekable();
    if shown.peek().is_none() {
        session.line("no events to show");
    }
    for (index, block) in shown.enumerate() {
        if index > 0 {
            session.line("");
        }
        table(arguments, computed, block, session)?;
        if arguments.chart {
            show_chart(arguments, computed, block, session);
        }
    }
    Ok(())
}

fn table(
    arguments: &ReportArgs,
    computed: &Computed,
    block: &ReportSection,
    session: &mut Session,
) -> Printed {
    let scale = computed.scale(block.currency);
    let columns = vec![
        Column::date(by::head(arguments.period())),
        Column::figure("In").optional(1),
        Column::figure("Out").optional(1),
        Column::figure("Net").optional(2),
        Column::figure("Balance"),
        Column::unit(),
    ];
    let mut table = StreamedTable::new(columns, &session.printer);
    let unit = || balance::unit(block.currency);
    if computed.cutoff.since.is_some() {
        let cells = vec![
            Cell::new("before"),
            Cell::default(),
            Cell::default(),
            Cell::default(),
            Cell::new(block.opening.to_text(scale)),
            unit(),
        ];
        let dim = cells.into_iter().map(Cell::dim);
        table.push(dim, &mut session.printer)?;
    }
    for row in period_rows(block) {
        let row = match row {
            ReportRow::Period(row) => row,
            ReportRow::Empty(empty) => {
                let blank = std::iter::repeat_with(Cell::default).take(5);
                let cells = std::iter::once(Cell::new(empty.text))
                    .chain(blank)
                    .map(Cell::dim);
                table.push(cells, &mut session.printer)?;
                continue;
            }
        };
        let cells = vec![
            Cell::new(&row.label),
            Cell::new(row.incoming.to_text(scale)),
            Cell::new(row.outgoing.to_text(scale)),
            Cell::new(row.net.to_text(scale)),
            Cell::new(row.closing.to_text(scale)),
            unit(),
        ];
        table.push(cells, &mut session.printer)?;
    }
    if block.rows.len() > 1 {
        table.push_sum(vec![
            Cell::new("Total"),
            Cell::new(block.incoming.to_text(scale)),
            Cell::new(block.outgoing.to_text(scale)),
            Cell::new(block.net.to_text(scale)),
            Cell::new(block.closing.to_text(scale)),
            unit(),
        ]);
    }
    table.finish(&mut session.printer)
}

fn csv(computed: &Computed) -> String {
    let mut table = CsvTable::new(&["period", "in", "out", "net", "balance", "currency"]);
    for block in &computed.blocks {
        let scale = computed.scale(block.currency);
        for row in &block.rows {
            table.push(&[
                row.label.clone(),
                row.incoming.to_text(scale),
                row.outgoing.to_text(scale),
                row.net.to_text(scale),
                row.closing.to_text(scale),
                field(block.currency),
            ]);
        }
    }
    table.into_text()
}

fn show_chart(
    arguments: &ReportArgs,
    computed: &Computed,
    block: &ReportSection,
    session: &mut Session,
) {
    let mut style = session.printer.table_style();
    style.ascii |= arguments.ascii;
    let step = by::word(arguments.period());
    match chart::chart(block, computed.scale(block.currency), step, style) {
        Some(drawn) => {
            session.line("");
            session.rendered(&drawn);
        }
        None => session
            .printer
            .note("chart", "the window is too narrow for a chart"),
    }
}
