//! What is not trusted in a file that others could change: code in it, and pages that lead in circles.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _};

use super::schema::{SCHEMA, VERSION};

/// How often SQLite asks whether to continue, in steps of its virtual machine.
const STEPS: i32 = 100_000;
/// So many steps are always allowed, and so many more for each byte of the file.
const LEAST_STEPS: u64 = 1_000_000;
const STEPS_PER_BYTE: u64 = 16;

/// Ends what is read of a file after more steps than its size can need. In a planted file, the
/// same few pages can be the children of each other so often that reading a table never ends.
pub(super) fn limit_steps(connection: &mut Connection, path: &Path) -> rusqlite::Result<()> {
    let bytes: u64 = ["", "-wal"]
        .iter()
        .filter_map(|suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            std::fs::metadata(name).ok()
        })
        .fold(0, |sum, file| sum.saturating_add(file.len()));
    let mut left = LEAST_STEPS.saturating_add(bytes.saturating_mul(STEPS_PER_BYTE));
    let is_over = move || {
        left = left.saturating_sub(STEPS.unsigned_abs().into());
        left == 0
    };
    connection.progress_handler(STEPS, Some(is_over))
}

/// Lets statements take as long as they need.
pub(super) fn lift_limit(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.progress_handler(0, None::<fn() -> bool>)
}

/// Switches off what a changed file could run, and names what in it is not trusted.
pub(super) fn distrust(connection: &Connection) -> rusqlite::Result<Option<&'static str>> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF")?;
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if count("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'")? > 0 {
        return Ok(Some(
            "a read model with a trigger, which could change figures",
        ));
    }
    if count("PRAGMA user_version")? != VERSION {
        return Ok(None);
    }
    let model = Connection::open_in_memory()?;
    model.execute_batch(SCHEMA)?;
    let definition = "SELECT sql FROM sqlite_schema WHERE name = ?1";
    let mut statement =
        model.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, sql): (String, String) = (row.get(0)?, row.get(1)?);
        let found = connection
            .query_row(definition, [&name], |row| row.get::<_, Option<String>>(0))
            .optional()?;
        if found.is_some_and(|found| found.map(|found| words(&found)) != Some(words(&sql))) {
            return Ok(Some("a read model whose tables were changed"));
        }
    }
    // An index on an expression is computed with every row that is written.
    let mut statement = connection.prepare(
        "SELECT l.name FROM sqlite_schema AS s, pragma_index_list(s.name) AS l, \
         pragma_index_xinfo(l.name) AS x \
         WHERE s.type = 'table' AND l.origin = 'c' AND (x.cid = -2 OR l.partial)",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let sql = |connection: &Connection| {
            connection
                .query_row(definition, [&name], |row| row.get::<_, Option<String>>(0))
                .optional()
        };
        if sql(&model)?.is_none() || sql(&model)? != sql(connection)? {
            return Ok(Some("a read model with an index on an expression"));
        }
    }
    Ok(None)
}

/// A definition without its comments and line breaks, which change nothing.
fn words(sql: &str) -> Vec<String> {
    let lines = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    lines
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}
