//! A read model in SQLite: made, brought forward and made again.
//!
//! Owns the file: which are ours and which are somebody else's, and that the position in the log
//! stands in the same transaction as the rows, so that each event is in there once whatever is killed
//! when. Must not know what the rows are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::ProjectionError;
use super::file::{APPLICATION, SOMEBODY_ELSES, identify, identity, make};
use super::pending_rows::{HeldAccounts, PendingRows};
use super::rows;
use crate::accounts::State;
use crate::event::{Entry, Hash, LedgerId};
use crate::ledger::{LedgerError, SavedPosition, Subscription};
use crate::money::{Currency, Scale};
use crate::time::Zone;

/// The tables and views, documented.
const SCHEMA: &str = include_str!("schema.sql");
/// The version of the tables.
const VERSION: i64 = 1;
/// How many tables and views there are.
const TABLES: &str = "SELECT count(*) FROM sqlite_schema";
/// So many events are written in one transaction.
const CHUNK: u64 = 100_000;

/// A read model in a file.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    identity: Option<(u64, u64)>,
    connection: Connection,
    at: Option<SavedPosition>,
    rows_pending: PendingRows,
    /// All that is in there is thrown away by the next transaction.
    anew: bool,
    /// Events since the last commit.
    pending: u64,
}

/// What came of bringing a read model forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progressed {
    /// How many events were added.
    pub added: u64,
    /// False where it was stopped before the log's end.
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
    /// True where no read model is yet: no file, or an empty one.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] where the file is something else, [`ProjectionError::Io`].
    pub fn is_new(path: &Path) -> Result<bool, ProjectionError> {
        identify(path)
    }

    /// Opens a read model of this ledger, or starts one where no file is. `anew` throws away what
    /// is in it, of whatever ledger, once the log is read. Waits as long as `patience` for others
    /// who write to the file.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] where the file is something else,
    /// [`ProjectionError::OtherLedger`], [`ProjectionError::OtherVersion`],
    /// [`ProjectionError::InUse`], [`ProjectionError::Sqlite`].
    pub fn open(
        path: &Path,
        ledger: LedgerId,
        anew: bool,
        patience: Duration,
    ) -> Result<Database, ProjectionError> {
        if identify(path)? {
            make(path)?;
        }
        let failed = |error| ProjectionError::sqlite(path, "open", error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(patience).map_err(failed)?;
        if !claim(&connection).map_err(failed)? {
            return Err(ProjectionError::NotOurs {
                path: path.to_owned(),
                what: SOMEBODY_ELSES,
            });
        }
        prepare(&connection).map_err(failed)?;
        let mut database = Database {
            path: path.to_owned(),
            identity: identity(path),
            connection,
            at: None,
            rows_pending: PendingRows::default(),
            anew,
            pending: 0,
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
        Ok(database)
    }

    /// The last event that is in there.
    pub fn at(&self) -> Option<SavedPosition> {
        self.at
    }

    /// Adds every event that the follower hands on. `go_on` is told of the bytes of the log that
    /// were read, and may stop it: what is in there then is a whole prefix of the log.
    ///
    /// # Errors
    /// What the log or the file says. Nothing was changed since the last commit then.
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
            if self.pending >= CHUNK && self.anew {
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

    /// Leaves the file in one piece, as far as nobody else reads in it.
    pub fn close(self) {
        // Where somebody does, the next one sees to it.
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    fn sqlite(&self, action: &'static str, error: rusqlite::Error) -> ProjectionError {
        ProjectionError::sqlite(&self.path, action, error)
    }

    fn in_use(&self) -> ProjectionError {
        ProjectionError::InUse {
            path: self.path.clone(),
        }
    }

    /// Starts a transaction, and says which event is the last that is in there: somebody else may
    /// have brought the file further meanwhile.
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
            self.load().map_err(|error| self.sqlite("read", error))?;
        }
        Ok(stored)
    }

    /// True where this event is in there already.
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
        self.anew = false;
        Ok(())
    }

    /// Takes back what was not committed, if anything was begun.
    fn give_up(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// The last event that the file says is in there.
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
                what: "no read model of a ledger",
            }),
        }
    }

    /// Reads what must be known of the tables to go on in them.
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

    /// Makes the tables where there are none at all.
    fn create(&self) -> rusqlite::Result<()> {
        if self.number(TABLES)? > 0 {
            return Ok(());
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        // Somebody else may have been quicker.
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

    /// Drops the tables and views that are ours, and leaves what somebody added.
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

/// Signs a file that is empty; true where it is signed then. An open database knows better than the
/// file's first bytes: those of a run that was killed while it signed are taken back by the opening.
fn claim(connection: &Connection) -> rusqlite::Result<bool> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
    if number("PRAGMA application_id")? == APPLICATION {
        return Ok(true);
    }
    // Somebody else may be about to make one of theirs.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let (signed, tables) = (number("PRAGMA application_id")?, number(TABLES)?);
    if signed == 0 && tables == 0 {
        connection.pragma_update(None, "application_id", APPLICATION)?;
    }
    let signed = number("PRAGMA application_id")?;
    connection.execute_batch("COMMIT")?;
    Ok(signed == APPLICATION)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // References say what belongs together. Rows are replaced as a whole here.
    connection.pragma_update(None, "foreign_keys", false)?;
    // Readers are not kept out, and a commit that a power cut takes away is made again from the log.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

#[cfg(test)]
mod tests;
