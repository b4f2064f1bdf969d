//! The SQLite mirror: created, updated and made again.
//!
//! The position in the log is stored in the same transaction as the rows, so that each event is in
//! it exactly once, whatever is killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::ProjectionError;
use super::file::{OTHER_PROGRAMS_DATABASE, TABLES, check_beside, claim, identify, identity, make};
use super::pending_rows::{HeldAccounts, PendingRows};
use super::rows;
use super::schema::{SCHEMA, VERSION};
use super::trust::{distrust, lift_limit, limit_steps};
use crate::accounts::State;
use crate::event::{Entry, Event, Hash, LedgerId};
use crate::ledger::{LedgerError, SavedPosition, Subscription};
use crate::log::LockWaiter;
use crate::money::{Currency, Scale};
use crate::time::Zone;

/// So many events are written in one transaction.
const CHUNK: u64 = 100_000;

/// A SQLite mirror.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    identity: Option<(u64, u64)>,
    connection: Connection,
    at: Option<SavedPosition>,
    rows_pending: PendingRows,
    /// The next transaction removes all rows.
    anew: bool,
    /// The file is new: one transaction fills it, before SQLite's own log of writes is switched on,
    /// which would write everything a second time.
    fills: bool,
    /// Events since the last commit.
    pending: u64,
    /// True while SQLite's own log of writes may contain what was erased.
    erased: bool,
}

/// The result of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progressed {
    /// How many events were added.
    pub added: u64,
    /// False if it was stopped before the log's end.
    pub to_the_end: bool,
}

enum FollowError {
    Stopped,
    Failed(ProjectionError),
}

impl From<LedgerError> for FollowError {
    fn from(error: LedgerError) -> FollowError {
        FollowError::Failed(error.into())
    }
}

impl From<ProjectionError> for FollowError {
    fn from(error: ProjectionError) -> FollowError {
        FollowError::Failed(error)
    }
}

impl Database {
    /// True if there is no mirror yet: no file, or an empty one.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] if the file is something else, [`ProjectionError::Io`].
    pub fn is_new(path: &Path) -> Result<bool, ProjectionError> {
        identify(path)
    }

    /// Opens a mirror of this ledger, or creates one if there is no file. `anew` discards its
    /// content, of any ledger, once the log is read. If another process writes the file, `waiter`
    /// waits for it here, and SQLite waits up to `patience` in each later transaction.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] if the file is something else,
    /// [`ProjectionError::OtherLedger`], [`ProjectionError::OtherVersion`],
    /// [`ProjectionError::InUse`], [`ProjectionError::Sqlite`].
    pub fn open(
        path: &Path,
        ledger: LedgerId,
        anew: bool,
        patience: Duration,
        waiter: &mut dyn LockWaiter,
    ) -> Result<Database, ProjectionError> {
        loop {
            // SQLite itself does not wait if, for example, the journal is to be another.
            match Database::open_now(path, ledger, anew) {
                Err(ProjectionError::InUse { .. }) if waiter.wait(&|| None) => {}
                opened => {
                    let database = opened?;
                    let waits = database.connection.busy_timeout(patience);
                    waits.map_err(|error| database.sqlite("open", error))?;
                    return Ok(database);
                }
            }
        }
    }

    fn open_now(path: &Path, ledger: LedgerId, anew: bool) -> Result<Database, ProjectionError> {
        let is_new = identify(path)?;
        check_beside(path)?;
        if is_new {
            make(path)?;
        }
        let failed = |error| ProjectionError::sqlite(path, "open", error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(Duration::ZERO).map_err(failed)?;
        limit_steps(&mut connection, path).map_err(failed)?;
        if let Some(what) = distrust(&connection).map_err(failed)? {
            return Err(ProjectionError::NotOurs {
                path: path.to_owned(),
                what,
            });
        }
        if !claim(&connection).map_err(failed)? {
            return Err(ProjectionError::NotOurs {
                path: path.to_owned(),
                what: OTHER_PROGRAMS_DATABASE,
            });
        }
        prepare(&connection).map_err(failed)?;
        if !is_new {
            keep_log_of_writes(&connection).map_err(failed)?;
        }
        let mut database = Database {
            path: path.to_owned(),
            identity: identity(path),
            connection,
            at: None,
            rows_pending: PendingRows::default(),
            anew,
            fills: is_new,
            pending: 0,
            erased: false,
        };
        if !anew {
            database.create().map_err(failed)?;
            let version = database.number("PRAGMA user_version").map_err(failed)?;
            if version != VERSION {
                return Err(ProjectionError::OtherVersion {
                    path: path.to_owned(),
                    found: version,
                });
            }
            database.at = database.stored()?;
            if let Some(at) = database.at
                && at.ledger != ledger
            {
                return Err(ProjectionError::OtherLedger {
                    path: path.to_owned(),
                    found: Box::new(at.ledger),
                    wanted: Box::new(ledger),
                });
            }
            database.load().map_err(failed)?;
        }
        lift_limit(&mut database.connection).map_err(failed)?;
        Ok(database)
    }

    /// The last event that is in there.
    pub fn at(&self) -> Option<SavedPosition> {
        self.at
    }

    /// Adds every event of the subscription. `go_on` gets the number of bytes read and can stop it;
    /// the mirror then has a whole prefix of the log.
    ///
    /// # Errors
    /// The error of the log or of the file. Then nothing changed since the last commit.
    pub fn bring(
        &mut self,
        follower: &mut Subscription,
        go_on: &mut (dyn FnMut(u64) -> bool + Send),
    ) -> Result<Progressed, ProjectionError> {
        let (zone, ledger) = (follower.zone().clone(), follower.opening().id);
        let mut added = 0_u64;
        let mut there = self.begin()?;
        let taken = follower.take(|entry, state, bytes| {
            let at = SavedPosition {
                ledger,
                seq: entry.seq,
                hash: entry.hash,
            };
            if self.is_there(entry, there)? {
                self.at = Some(at);
                return Ok(());
            }
            self.write(&zone, entry, state, at)?;
            added = added.saturating_add(1);
            if self.pending >= CHUNK && (self.anew || self.fills) {
                // All of it is one transaction, but not all of it waits in memory.
                self.finish(state)?;
            } else if self.pending >= CHUNK {
                self.commit(state)?;
                there = self.begin()?;
            }
            if go_on(bytes) {
                return Ok(());
            }
            if !self.anew {
                self.commit(state)?;
            }
            Err(FollowError::Stopped)
        });
        let to_the_end = match taken {
            Ok(()) => self.commit(follower.state()).map(|()| true),
            Err(FollowError::Stopped) => Ok(false),
            Err(FollowError::Failed(error)) => Err(error),
        };
        if !matches!(to_the_end, Ok(true)) {
            self.give_up();
        }
        let to_the_end = to_the_end?;
        Ok(Progressed { added, to_the_end })
    }

    /// Leaves a single file, unless another process is reading it.
    pub fn close(self) {
        // If one is, the next run does it.
        let _ = self.empties_log();
    }

    /// Empties SQLite's own log of writes; false if a reader of the file prevents it.
    fn empties_log(&self) -> bool {
        let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self.connection.query_row(empty, [], |row| row.get(0));
        !busy.unwrap_or(true)
    }

    fn sqlite(&self, action: &'static str, error: rusqlite::Error) -> ProjectionError {
        ProjectionError::sqlite(&self.path, action, error)
    }

    fn in_use(&self) -> ProjectionError {
        ProjectionError::InUse {
            path: self.path.clone(),
        }
    }

    /// Starts a transaction, and returns the last event in the mirror: another process may have
    /// updated it meanwhile.
    fn begin(&mut self) -> Result<Option<SavedPosition>, ProjectionError> {
        if identity(&self.path) != self.identity {
            return Err(ProjectionError::Gone {
                path: self.path.clone(),
            });
        }
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| self.sqlite("write", error))?;
        self.pending = 0;
        if self.anew {
            self.clear().map_err(|error| self.sqlite("write", error))?;
            self.create_tables()
                .map_err(|error| self.sqlite("write", error))?;
            return Ok(None);
        }
        let stored = self.stored()?;
        if stored != self.at {
            let is_ahead = stored.map(|at| at.seq) > self.at.map(|at| at.seq);
            if !is_ahead {
                self.give_up();
                return Err(self.in_use());
            }
            let loaded = limit_steps(&mut self.connection, &self.path)
                .and_then(|()| self.load())
                .and_then(|()| lift_limit(&mut self.connection));
            loaded.map_err(|error| self.sqlite("read", error))?;
        }
        Ok(stored)
    }

    /// True if this event is already in it.
    fn is_there(
        &self,
        entry: &Entry<'_>,
        up_to: Option<SavedPosition>,
    ) -> Result<bool, FollowError> {
        match up_to {
            Some(up_to) if entry.seq == up_to.seq && entry.hash != up_to.hash => {
                Err(FollowError::Failed(self.in_use()))
            }
            Some(up_to) => Ok(entry.seq <= up_to.seq),
            None => Ok(false),
        }
    }

    fn write(
        &mut self,
        zone: &Zone,
        entry: &Entry<'_>,
        state: &State,
        at: SavedPosition,
    ) -> Result<(), FollowError> {
        rows::write(&self.connection, &mut self.rows_pending, zone, entry, state)
            .map_err(|error| FollowError::Failed(error.at(&self.path)))?;
        self.at = Some(at);
        self.pending = self.pending.saturating_add(1);
        self.erased |= matches!(entry.event, Event::Redact { .. });
        Ok(())
    }

    /// Writes what waits for it.
    fn finish(&mut self, state: &State) -> Result<(), ProjectionError> {
        if let Some(at) = &self.at
            && self.pending > 0
        {
            rows::finish(&self.connection, &mut self.rows_pending, state, at)
                .map_err(|error| error.at(&self.path))?;
        }
        self.pending = 0;
        Ok(())
    }

    fn commit(&mut self, state: &State) -> Result<(), ProjectionError> {
        self.finish(state)?;
        self.connection
            .execute_batch("COMMIT")
            .map_err(|error| self.sqlite("write", error))?;
        if self.fills {
            // If another process is reading, the next run does it.
            let _ = keep_log_of_writes(&self.connection);
        }
        (self.anew, self.fills) = (false, false);
        // Until it is emptied, that log has the pages from before an erasure.
        self.erased = self.erased && !self.empties_log();
        Ok(())
    }

    /// Takes back what was not committed, if anything was begun.
    fn give_up(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// The last event according to the file.
    fn stored(&self) -> Result<Option<SavedPosition>, ProjectionError> {
        let row = self
            .connection
            .query_row("SELECT ledger, seq, hash FROM meta", [], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()
            .map_err(|error| self.sqlite("read", error))?;
        let Some((ledger, seq, hash)) = row else {
            return Ok(None);
        };
        let position = LedgerId::from_hex(ledger.as_bytes())
            .zip(Hash::from_hex(hash.as_bytes()))
            .zip(u64::try_from(seq).ok());
        match position {
            Some(((ledger, hash), seq)) => Ok(Some(SavedPosition { ledger, seq, hash })),
            None => Err(ProjectionError::NotOurs {
                path: self.path.clone(),
                what: "not a ledger's mirror",
            }),
        }
    }

    /// Reads what is needed to continue in the tables.
    fn load(&mut self) -> rusqlite::Result<()> {
        let mut rows_pending = PendingRows::default();
        let scale = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<Scale> {
            Ok(Scale::new(row.get(column)?).unwrap_or(Scale::FINEST))
        };
        let currency = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<Option<Currency>> {
            let code: Option<String> = row.get(column)?;
            Ok(code.and_then(|code| Currency::new(&code)))
        };
        let mut statement = self
            .connection
            .prepare("SELECT account, currency, scale FROM accounts")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let held = HeldAccounts {
                currency: currency(row, 1)?,
                scale: scale(row, 2)?,
            };
            rows_pending.accounts.insert(row.get(0)?, held);
        }
        let mut statement = self
            .connection
            .prepare("SELECT currency, scale FROM currencies")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            rows_pending
                .currencies
                .insert(currency(row, 0)?, scale(row, 1)?);
        }
        self.rows_pending = rows_pending;
        Ok(())
    }

    fn number(&self, sql: &str) -> rusqlite::Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0))
    }

    /// Creates the tables if there are none.
    fn create(&self) -> rusqlite::Result<()> {
        if self.number(TABLES)? > 0 {
            return Ok(());
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        // Another process may have been faster.
        let made = match self.number(TABLES) {
            Ok(0) => self.create_tables(),
            other => other.map(drop),
        };
        match made {
            Ok(()) => self.connection.execute_batch("COMMIT"),
            Err(error) => {
                self.give_up();
                Err(error)
            }
        }
    }

    fn create_tables(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch(SCHEMA)?;
        self.connection.pragma_update(None, "user_version", VERSION)
    }

    /// Drops our tables and views, and leaves those that users added.
    fn clear(&mut self) -> rusqlite::Result<()> {
        self.rows_pending = PendingRows::default();
        let model = Connection::open_in_memory()?;
        model.execute_batch(SCHEMA)?;
        let mut statement = model.prepare(
            "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') \
             ORDER BY type DESC",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            self.connection
                .execute_batch(&format!("DROP {kind} IF EXISTS \"{name}\""))?;
        }
        Ok(())
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // Enough for the ends of a thousand accounts besides the newest events.
    connection.pragma_update(None, "cache_size", -32_768)?;
    // A statement is planned once, and not again for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten, always: a page that is split leaves a copy behind otherwise.
    connection.pragma_update(None, "secure_delete", true)?;
    // Foreign keys are documentation here; rows are replaced as a whole.
    connection.pragma_update(None, "foreign_keys", false)?;
    // A commit lost in a power cut is made again from the log.
    connection.pragma_update(None, "synchronous", "NORMAL")
}

/// Lets others read while rows are written.
fn keep_log_of_writes(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
}

#[cfg(test)]
mod tests;
