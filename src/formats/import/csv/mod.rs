//! Statements as rows with a header, which is what most banks give to their customers.
//!
//! A file is read in passes: `table` finds the header, `survey` looks at every column, `cells` reads
//! the numbers, `choice` decides for one interpretation or asks, `movements` makes movements of the rows.
//! Texts are not kept between the passes, so that a long file takes little memory.

mod balances;
mod candidates;
mod cells;
mod choice;
mod columns;
mod headers;
mod interpretation;
mod movements;
mod own;
mod records;
mod rows;
mod survey;
mod table;

use super::figures::DecimalMark;
use super::options::{Footer, Options};
use super::text::ReadSeek;
use super::{Fault, ImportError, Imported, days};
use candidates::Candidates;
use cells::CellReader;
use columns::{ColumnRole, ColumnRoles};
use movements::MovementReader;
use rows::RowSorter;
use survey::Survey;
use table::CsvTable;

/// Reads a statement.
pub(super) fn read(input: &mut dyn ReadSeek, options: &Options) -> Result<Imported, ImportError> {
    let mut table = CsvTable::find(input, options)?;
    if options.map.is_empty() && options.only.is_empty() && own::is_own(&table) {
        return own::read(input, &table, options);
    }
    let mut columns =
        ColumnRoles::of(&table.header, &options.map).map_err(|fault| fault.on_line(table.line))?;
    refuse_row_for_header(&table, &columns)?;
    let sorter = RowSorter::new(&table.header, table.line, &columns, options)?;
    if options.footer == Footer::AfterLastRow {
        table.end_after_last_row(input, &sorter, options)?;
    }
    let survey = Survey::of(input, &table, &columns, &sorter, options)?;
    survey.ask_for_accounts(&table, &columns, &sorter)?;
    let dates = survey.dates.reader().map_err(|(line, fault)| {
        let column = columns.one(&ColumnRole::Date).unwrap_or_default();
        fault.at(table.place(line, column))
    })?;
    let unclaimed = survey.unclaimed_money(&columns);
    if columns.one(&ColumnRole::Currency).is_none()
        && let Some(place) = survey.currency_column(&table, &columns)?
    {
        columns.add(ColumnRole::Currency, place);
    }
    let mut words = survey.direction_columns(&columns);
    words.extend(columns.one(&ColumnRole::Direction));
    words.extend(survey.half_known_directions(&columns));
    let figures = CellReader {
        table: &table,
        columns: &columns,
        sorter: &sorter,
        options,
        dates: &dates,
        money: money_columns(&table, &columns, &survey, &unclaimed, options)?,
        words,
    }
    .read(input)?;
    let candidates = Candidates {
        table: &table,
        columns: &columns,
        survey: &survey,
        figures: &figures,
        options,
        unclaimed: &unclaimed,
    };
    let choice = candidates.choose()?;
    let unused = survey.unused_texts(&table, &columns, &figures.words);
    let imported = MovementReader {
        table: &table,
        columns: &columns,
        options,
        figures: &figures,
        dates: &dates,
        choice,
        ids: survey.id_column(),
    }
    .read(input)?;
    Ok(Imported { unused, ..imported })
}

/// All columns of numbers, each with its decimal mark.
fn money_columns(
    table: &CsvTable,
    columns: &ColumnRoles,
    survey: &Survey,
    unclaimed: &[usize],
    options: &Options,
) -> Result<Vec<(usize, DecimalMark)>, ImportError> {
    let money = columns.money();
    let mut others: Vec<usize> = columns.all(&ColumnRole::Fee).collect();
    others.extend(columns.all(&ColumnRole::Balance));
    others.extend(unclaimed);
    let mark = survey.mark(table, &money, &others, options.decimal)?;
    let mut found: Vec<(usize, DecimalMark)> = money.iter().map(|place| (*place, mark)).collect();
    for place in others.into_iter().filter(|place| !money.contains(place)) {
        // A column whose own numbers decide may be written otherwise than the amounts.
        let decided = survey
            .profile(place)
            .filter(|profile| profile.marks.is_decided());
        let own = decided.and_then(|profile| profile.marks.mark(options.decimal).ok());
        found.push((place, own.unwrap_or(mark)));
    }
    Ok(found)
}

/// Refuses a row in the place of the header: it would be lost.
fn refuse_row_for_header(table: &CsvTable, columns: &ColumnRoles) -> Result<(), ImportError> {
    let place = columns.one(&ColumnRole::Date).unwrap_or_default();
    match table.header.get(place) {
        Some(text) if days::is_like_one(text) => {
            let fault = Fault::RowForHeader {
                text: text.clone(),
                columns: None,
            };
            Err(fault.on_line(table.line))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod tests;
