//! Events and balances as rows.
//!
//! What is written depends on the events alone, and not on where a transaction ended: rows that
//! combine several events are written before each commit from exact sums.

use rusqlite::{Connection, Result, params};

use super::ProjectionError;
use super::figures::{code, exact, factor, minor, number, padding};
use super::hold_rows;
use super::pending_rows::{DailyChanges, HeldAccounts, PendingRow, PendingRows, plus};
use crate::accounts::{Account, State};
use crate::event::{AccountName, Entry, Event, Link, Note, Posting};
use crate::ledger::{LedgerError, SavedPosition};
use crate::money::{Amount, Balance, Currency, Floor, Scale};
use crate::time::Zone;

/// What can go wrong with rows.
pub(super) enum RowError {
    Sqlite(rusqlite::Error),
    Ledger(LedgerError),
}

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> RowError {
        RowError::Sqlite(error)
    }
}

impl RowError {
    pub(super) fn at(self, path: &std::path::Path) -> ProjectionError {
        match self {
            RowError::Sqlite(error) => ProjectionError::sqlite(path, "write", error),
            RowError::Ledger(error) => ProjectionError::Ledger(error),
        }
    }
}

/// Writes the rows of an event, with the balances after it.
pub(super) fn write(
    connection: &Connection,
    rows_pending: &mut PendingRows,
    zone: &Zone,
    entry: &Entry<'_>,
    state: &State,
) -> Result<(), RowError> {
    for name in entry.event.accounts() {
        if let Some(account) = state.account(name.as_str()) {
            settle(connection, rows_pending, name.as_str(), account)?;
        }
    }
    let day = rows_pending.day(zone, entry.took_effect());
    event(connection, rows_pending, &day, entry)?;
    if let Event::Redact { event } = entry.event
        && event < entry.seq
    {
        erase(connection, event)?;
    }
    hold_rows::write(connection, rows_pending, entry, state)?;
    for Posting {
        account: name,
        change,
        ..
    } in entry.event.postings()
    {
        let Some(account) = state.account(name.as_str()) else {
            continue;
        };
        let row = (entry.seq, change, account.balance);
        let noted = rows_pending
            .touch(name.as_str())
            .note(name.as_str(), &day, row);
        noted.map_err(|overflow| RowError::Ledger(overflow.into()))?;
    }
    if !entry.tags().is_empty() {
        let mut statement =
            connection.prepare_cached("INSERT INTO tags (seq, key, value) VALUES (?1, ?2, ?3)")?;
        for (key, value) in entry.tags().iter() {
            statement.execute(params![number(entry.seq), key, value])?;
        }
    }
    Ok(())
}

/// Erases memo and tags of an event.
fn erase(connection: &Connection, seq: u64) -> Result<()> {
    connection
        .prepare_cached("UPDATE events SET memo = NULL, redacted = 1 WHERE seq = ?1")?
        .execute([number(seq)])?;
    connection
        .prepare_cached("DELETE FROM tags WHERE seq = ?1")?
        .execute([number(seq)])?;
    Ok(())
}

fn event(
    connection: &Connection,
    rows_pending: &mut PendingRows,
    day: &str,
    entry: &Entry<'_>,
) -> Result<()> {
    let (mut account, mut from, mut to) = (None, None, None);
    let mut moved: Option<(Amount, Option<Currency>)> = None;
    let (mut currency, mut floor) = (None, None);
    let (mut arrived, mut through, mut is_final) = (None, None, false);
    let (mut expires, mut releases, mut redacts) = (None, None, None);
    match &entry.event {
        Event::Ledger(opening) => currency = opening.currency,
        Event::Open {
            account: name,
            currency: held,
            floor: limit,
        } => {
            account = Some(name.as_str());
            currency = *held;
            floor = limit.map(|limit| limit.to_string());
        }
        Event::Limit {
            account: name,
            floor: limit,
        } => {
            account = Some(name.as_str());
            floor = Some(limit.to_string());
        }
        Event::Deposit(movement) | Event::Withdraw(movement) => {
            account = Some(movement.account.as_str());
            moved = Some((movement.amount, movement.currency));
        }
        Event::Transfer {
            from: giver,
            to: taker,
            amount,
            currency,
        } => {
            (from, to) = (Some(giver.as_str()), Some(taker.as_str()));
            moved = Some((*amount, *currency));
        }
        Event::Close { account: name } => account = Some(name.as_str()),
        Event::Hold(hold) => {
            from = hold.from.as_ref().map(AccountName::as_str);
            to = hold.to.as_ref().map(AccountName::as_str);
            moved = Some((hold.amount, hold.currency));
            expires = hold.expires;
        }
        Event::Release {
            hold,
            amount,
            currency,
        } => {
            releases = Some(*hold);
            moved = Some((*amount, *currency));
        }
        Event::Exchange(exchange) => {
            (from, to) = (Some(exchange.from.as_str()), Some(exchange.to.as_str()));
            moved = Some((exchange.amount, Some(exchange.currency)));
            arrived = Some((exchange.to_amount, exchange.to_currency));
            refine(
                connection,
                rows_pending,
                Some(exchange.to_currency),
                exchange.to_amount.scale(),
            )?;
        }
        Event::Seal {
            through: end,
            is_final: cannot_be_taken_back,
        } => (through, is_final) = (Some(*end), *cannot_be_taken_back),
        Event::Unseal { through: end } => through = *end,
        Event::Redact { event } => redacts = Some(*event),
    }
    let (mut captures, mut keeps, mut corrects, mut refunds) = (None, false, None, None);
    match entry.link {
        Some(Link::Captures { hold, keep }) => (captures, keeps) = (Some(hold), keep),
        Some(Link::Corrects(seq)) => corrects = Some(seq),
        Some(Link::Refunds(seq)) => refunds = Some(seq),
        Some(Link::Reverses(_)) | None => {}
    }
    if let Some((amount, of)) = moved {
        currency = of;
        // Of a log that keeps the rules, the account has seen to that.
        refine(connection, rows_pending, of, amount.scale())?;
    }
    // A value for each column of the schema, in its order: a long text takes its time to be found again.
    let mut statement = connection.prepare_cached(
        "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    )?;
    statement.execute(params![
        number(entry.seq),
        entry.at.text().as_str(),
        entry.took_effect().text().as_str(),
        day,
        entry.event.kind().as_str(),
        account,
        from,
        to,
        moved.map(|(amount, _)| amount.to_string()),
        moved.and_then(|(amount, of)| minor(amount.as_balance(), rows_pending.scale(of))),
        code(currency.map(Currency::text).as_ref()),
        arrived.map(|(amount, _)| amount.to_string()),
        code(arrived.map(|(_, of)| of.text()).as_ref()),
        floor,
        expires.map(|moment| moment.to_string()),
        through.map(|moment| moment.to_string()),
        is_final,
        entry.reverses().map(number),
        captures.map(number),
        keeps,
        releases.map(number),
        corrects.map(number),
        refunds.map(number),
        redacts.map(number),
        entry.key.as_ref().map(crate::event::Key::as_str),
        entry.memo(),
        matches!(entry.note, Some(Note::Redacted(_))),
        entry.more,
        entry.hash.as_str(),
    ])?;
    Ok(())
}

/// Sees to it that an account has its row, and that its figures are as fine as the newest of them.
fn settle(
    connection: &Connection,
    rows_pending: &mut PendingRows,
    name: &str,
    account: &Account,
) -> Result<()> {
    rows_pending.touch(name);
    let now = HeldAccounts::of(account);
    let before = rows_pending.accounts.get(name).copied();
    if before == Some(now) {
        return Ok(());
    }
    refine(connection, rows_pending, account.currency, account.scale)?;
    if let Some(before) = before
        && before.scale < now.scale
    {
        let padding = padding(before.scale, now.scale);
        for table in ["changes", "daily_balances"] {
            connection.execute(
                &format!(
                    "UPDATE {table} SET change = change || ?2, balance = balance || ?2 \
                     WHERE account = ?1"
                ),
                params![name, padding],
            )?;
        }
    }
    rows_pending.accounts.insert(name.into(), now);
    write_account(connection, rows_pending, name, account)
}

/// Sees to it that a currency's whole numbers are as fine as this.
fn refine(
    connection: &Connection,
    rows_pending: &mut PendingRows,
    currency: Option<Currency>,
    finest: Scale,
) -> Result<()> {
    let known = rows_pending.currencies.get(&currency).copied();
    let scale = rows_pending.scale(currency).max(finest);
    if known == Some(scale) {
        return Ok(());
    }
    let of = currency.map(Currency::text);
    let of = code(of.as_ref());
    let ten = |scale| factor(scale).and_then(|factor| i64::try_from(factor).ok());
    rows_pending.currencies.insert(currency, scale);
    let Some(before) = known else {
        connection.execute(
            "INSERT INTO currencies (currency, scale, factor) VALUES (?1, ?2, ?3)",
            params![of, scale.digits(), ten(scale)],
        )?;
        return Ok(());
    };
    connection.execute(
        "UPDATE currencies SET scale = ?2, factor = ?3 WHERE currency IS ?1",
        params![of, scale.digits(), ten(scale)],
    )?;
    let by = ten(scale).zip(ten(before));
    let by = by
        .and_then(|(now, before)| now.checked_div(before))
        .unwrap_or(1);
    // There is no integer beyond 64 bits.
    let most = i64::MAX.checked_div(by).unwrap_or(0);
    let times = |column: &str| {
        format!("{column} = CASE WHEN {column} BETWEEN -?3 AND ?3 THEN {column} * ?2 END")
    };
    connection.execute(
        &format!("UPDATE events SET {} WHERE currency IS ?1", times("minor")),
        params![of, by, most],
    )?;
    let columns = hold_rows::FIGURES;
    let columns = columns.map(times).join(", ");
    connection.execute(
        &format!("UPDATE holds SET {columns} WHERE currency IS ?1"),
        params![of, by, most],
    )?;
    for table in ["changes", "daily_balances"] {
        let (change, balance) = (times("change_minor"), times("balance_minor"));
        connection.execute(
            &format!(
                "UPDATE {table} SET {change}, {balance} \
                 WHERE account IN (SELECT account FROM accounts WHERE currency IS ?1)"
            ),
            params![of, by, most],
        )?;
    }
    rows_pending.touch_all(currency);
    Ok(())
}

fn write_account(
    connection: &Connection,
    rows_pending: &PendingRows,
    name: &str,
    account: &Account,
) -> Result<()> {
    let scale = rows_pending.scale(account.currency);
    let (floor, floor_minor) = match account.floor {
        Floor::None => (None, None),
        Floor::At(floor, _) => (
            Some(account.floor.to_text(account.scale)),
            minor(floor, scale),
        ),
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO accounts \
             (account, currency, scale, floor, floor_minor, open, first, last) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            name,
            code(account.currency.map(Currency::text).as_ref()),
            account.scale.digits(),
            floor,
            floor_minor,
            account.open,
            number(account.first),
            number(account.last),
        ])?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO balances (account, currency, balance, balance_minor) \
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            name,
            code(account.currency.map(Currency::text).as_ref()),
            account.balance.to_text(account.scale),
            minor(account.balance, scale),
        ])?;
    Ok(())
}

/// Writes the rows that combine several events, and the position.
pub(super) fn finish(
    connection: &Connection,
    rows_pending: &mut PendingRows,
    state: &State,
    at: &SavedPosition,
) -> Result<(), RowError> {
    for (name, pending) in rows_pending.take_pending() {
        let Some(account) = state.account(&name) else {
            continue;
        };
        write_account(connection, rows_pending, &name, account)?;
        let scale = rows_pending.scale(account.currency);
        write_changes(connection, &name, account, scale, &pending)?;
        write_days(connection, &name, account, scale, pending.days)?;
    }
    if let Some(opening) = state.opening() {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO meta (one, ledger, currency, zone, strict, seq, hash) \
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                opening.id.as_str(),
                code(opening.currency.map(Currency::text).as_ref()),
                opening.zone.as_ref(),
                opening.strict,
                number(at.seq),
                at.hash.as_str(),
            ])?;
    }
    Ok(())
}

fn write_changes(
    connection: &Connection,
    name: &str,
    account: &Account,
    scale: Scale,
    pending: &PendingRow,
) -> Result<()> {
    let mut write = connection.prepare_cached(
        "INSERT INTO changes (account, seq, change, change_minor, balance, balance_minor) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (seq, change, balance) in &pending.changes {
        write.execute(params![
            name,
            number(*seq),
            change.to_text(account.scale),
            minor(*change, scale),
            balance.to_text(account.scale),
            minor(*balance, scale),
        ])?;
    }
    Ok(())
}

/// Writes an account's days from the first changed one on: later days change by the same amount.
fn write_days(
    connection: &Connection,
    name: &str,
    account: &Account,
    scale: Scale,
    mut days: DailyChanges,
) -> Result<(), RowError> {
    let overflow = |overflow: crate::accounts::Overflow| RowError::Ledger(overflow.into());
    let Some(first) = days.keys().next().cloned() else {
        return Ok(());
    };
    let mut before = connection.prepare_cached(
        "SELECT balance FROM daily_balances WHERE account = ?1 AND day < ?2 \
         ORDER BY day DESC LIMIT 1",
    )?;
    let mut balance = match before.query(params![name, &*first])?.next()? {
        Some(row) => figure(row, 0)?,
        None => Balance::ZERO,
    };
    let mut behind = connection.prepare_cached(
        "SELECT day, change FROM daily_balances WHERE account = ?1 AND day >= ?2",
    )?;
    let mut rows = behind.query(params![name, &*first])?;
    while let Some(row) = rows.next()? {
        let day: Box<str> = row.get(0)?;
        let change = figure(row, 1)?;
        let sum = days.entry(day).or_insert(Balance::ZERO);
        *sum = plus(*sum, change, name).map_err(overflow)?;
    }
    drop(rows);
    let mut write = connection.prepare_cached(
        "INSERT OR REPLACE INTO daily_balances \
         (account, day, change, change_minor, balance, balance_minor) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (day, change) in days {
        balance = plus(balance, change, name).map_err(overflow)?;
        write.execute(params![
            name,
            &*day,
            change.to_text(account.scale),
            minor(change, scale),
            balance.to_text(account.scale),
            minor(balance, scale),
        ])?;
    }
    Ok(())
}

/// A figure that was written as text.
fn figure(row: &rusqlite::Row<'_>, column: usize) -> Result<Balance> {
    let text: String = row.get(column)?;
    exact(&text).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            format!("{text:?} is not a figure").into(),
        )
    })
}
