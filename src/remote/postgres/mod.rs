//! A log in a PostgreSQL table: one append is one row.
//!
//! A row is inserted with the position after the expected one; the primary key refuses a second row
//! there. The row at position 0 has no lines and marks that the ledger exists.

mod codes;
mod connection;
mod insert;
mod passfile;
mod per_node;
mod tls;
mod wait;

use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use tokio_postgres::error::SqlState;

use super::attempts::{AttemptPause, Attempts};
use super::runtime::LazyRuntime;
use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, EngineHead, Fetched, Identity, LogName,
    NotAppended, PostgresAddress, ReplicaRead, ReplicaSink, Sink, Store, StoreError, StoreNode,
};
use codes::may_pass;
use connection::{PostgresConnectFailure, PostgresConnection, describe};

/// The time limit of a connection and of a statement; after it the next server is tried.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const STATEMENT_LIMIT: Duration = Duration::from_secs(5);

const CREATE_TABLE: &str = "create table if not exists ledger_append \
     (ledger text not null, position bigint not null, created uuid not null, \
     id uuid not null, lines bytea not null, primary key (ledger, position))";
const CREATE_LEDGER: &str = "insert into ledger_append (ledger, position, created, id, lines) \
     values ($1, 0, $2::text::uuid, $2::text::uuid, ''::bytea) on conflict (ledger, position) do nothing";
const HEAD: &str = "select position, created::text, \
     (extract(epoch from clock_timestamp()) * 1000000)::bigint \
     from ledger_append where ledger = $1 order by position desc limit 1";
const FETCH: &str = "select position, lines, id::text from ledger_append \
     where ledger = $1 and position between $2 and $3 order by position";
/// A log in a table of PostgreSQL.
pub struct PostgresStore {
    runtime: LazyRuntime,
    session: PostgresSession,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresStore({})", self.session.log_name())
    }
}

impl PostgresStore {
    /// A store that connects when it is first used.
    pub fn new(address: PostgresAddress, clock: Arc<dyn Clock>) -> PostgresStore {
        PostgresStore {
            runtime: LazyRuntime::default(),
            session: PostgresSession {
                address,
                attempts: Attempts::new(clock),
                identity: None,
                connection: None,
            },
        }
    }
}

impl Store for PostgresStore {
    fn log_name(&self) -> &LogName {
        self.session.log_name()
    }

    fn create(&mut self, _replicas: u8, until: Deadline) -> Result<EngineHead, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.create(until))
    }

    fn head(&mut self, until: Deadline) -> Result<EngineHead, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.head(until))
    }

    fn fetch(
        &mut self,
        from: AppendPosition,
        to: AppendPosition,
        until: Deadline,
        sink: &mut Sink<'_>,
    ) -> Result<(), StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.fetch(from, to, until, sink))
    }

    fn can_replace(&self) -> bool {
        true
    }

    fn append(
        &mut self,
        append: &Append<'_>,
        until: Deadline,
    ) -> Result<AppendPosition, NotAppended> {
        let runtime = self
            .runtime
            .get(self.session.address.log_name())
            .map_err(NotAppended::NotRecorded)?;
        runtime.block_on(self.session.append(append, until))
    }

    fn nodes(&mut self, until: Deadline) -> Result<Vec<StoreNode>, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.nodes(until))
    }

    fn read_replicas(
        &mut self,
        to: AppendPosition,
        until: Deadline,
        sink: &mut ReplicaSink<'_>,
    ) -> Result<Vec<ReplicaRead>, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.read_replicas(to, until, sink))
    }

    fn wait(&mut self, beyond: AppendPosition, until: Deadline) -> Result<bool, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.wait(beyond, until))
    }
}

struct PostgresSession {
    address: PostgresAddress,
    attempts: Attempts,
    identity: Option<Identity>,
    connection: Option<PostgresConnection>,
}

/// Why a statement has no result.
enum StatementFailure {
    Refused(tokio_postgres::Error),
    TooSlow,
}

impl From<tokio_postgres::Error> for StatementFailure {
    fn from(error: tokio_postgres::Error) -> StatementFailure {
        StatementFailure::Refused(error)
    }
}

impl PostgresSession {
    fn log_name(&self) -> &LogName {
        self.address.log_name()
    }

    fn unreachable(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Unreachable {
            log_name: self.log_name().clone(),
            problem: problem.into(),
        }
    }

    fn give_up(&mut self) {
        self.connection = None;
        self.attempts.turn();
    }

    /// What a failed statement means: an error that may pass is [`StoreError::Unreachable`].
    fn error(&self, failure: &StatementFailure) -> StoreError {
        let StatementFailure::Refused(error) = failure else {
            return self.unreachable("no answer in time");
        };
        let log_name = self.log_name().clone();
        match error.code() {
            Some(&SqlState::UNDEFINED_TABLE) => StoreError::NoStream { log_name },
            Some(code) if !may_pass(code) => StoreError::Refused {
                log_name,
                problem: describe(error),
            },
            _ => self.unreachable(describe(error)),
        }
    }

    /// The connection; one server is tried after the other until the deadline.
    async fn connect(&mut self, until: Deadline) -> Result<(), StoreError> {
        let mut pause = AttemptPause::default();
        loop {
            if let Some(connection) = &self.connection
                && !connection.client.is_closed()
            {
                return Ok(());
            }
            let Some(host) = self.attempts.current(&self.address.hosts) else {
                return Err(self.unreachable("no server is named"));
            };
            let limit = self.attempts.limit(CONNECT_LIMIT, until);
            match PostgresConnection::open(&self.address, host, limit).await {
                Ok(connection) => self.connection = Some(connection),
                Err(PostgresConnectFailure { error, is_final }) => {
                    self.give_up();
                    if is_final || !self.attempts.pause(&mut pause, until).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn create(&mut self, until: Deadline) -> Result<EngineHead, StoreError> {
        let mut pause = AttemptPause::default();
        loop {
            self.connect(until).await?;
            let outcome = match &self.connection {
                Some(connection) => self.try_create(connection, until).await,
                None => continue,
            };
            let Err(failure) = outcome else {
                return self.head(until).await;
            };
            let error = self.error(&failure);
            // If two clients create the same table at once, one of them is refused.
            let is_race = matches!(&failure, StatementFailure::Refused(error)
                if error.code() == Some(&SqlState::UNIQUE_VIOLATION));
            if !is_race {
                self.give_up();
            }
            let may_pass = is_race || matches!(error, StoreError::Unreachable { .. });
            if !may_pass || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
    }

    async fn try_create(
        &self,
        connection: &PostgresConnection,
        until: Deadline,
    ) -> Result<(), StatementFailure> {
        let Ok(created) = AppendId::random() else {
            return Err(StatementFailure::TooSlow);
        };
        let created = created.to_string();
        let creating = async {
            connection.client.batch_execute(CREATE_TABLE).await?;
            connection
                .client
                .execute(CREATE_LEDGER, &[&self.address.ledger, &created])
                .await?;
            Ok::<(), tokio_postgres::Error>(())
        };
        let limit = self.attempts.limit(STATEMENT_LIMIT, until);
        match tokio::time::timeout(limit, creating).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(StatementFailure::TooSlow),
        }
    }

    async fn head(&mut self, until: Deadline) -> Result<EngineHead, StoreError> {
        let mut pause = AttemptPause::default();
        loop {
            self.connect(until).await?;
            let Some(connection) = &self.connection else {
                continue;
            };
            let limit = self.attempts.limit(STATEMENT_LIMIT, until);
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 1] =
                [&self.address.ledger];
            let asking = connection.client.query_opt(HEAD, &parameters);
            let failure = match tokio::time::timeout(limit, asking).await {
                Ok(Ok(None)) => {
                    return Err(StoreError::NoStream {
                        log_name: self.log_name().clone(),
                    });
                }
                Ok(Ok(Some(row))) => match read_head(&row) {
                    Ok(head) => return self.accept(head),
                    Err(error) => error.into(),
                },
                Ok(Err(error)) => error.into(),
                Err(_) => StatementFailure::TooSlow,
            };
            let error = self.error(&failure);
            self.give_up();
            let may_pass = matches!(error, StoreError::Unreachable { .. });
            if !may_pass || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
    }

    fn accept(&mut self, head: EngineHead) -> Result<EngineHead, StoreError> {
        match &self.identity {
            Some(identity) if *identity != head.identity => {
                return Err(StoreError::Replaced {
                    log_name: self.log_name().clone(),
                });
            }
            _ => self.identity = Some(head.identity.clone()),
        }
        Ok(head)
    }

    async fn fetch(
        &mut self,
        from: AppendPosition,
        to: AppendPosition,
        until: Deadline,
        sink: &mut Sink<'_>,
    ) -> Result<(), StoreError> {
        let mut next = from.max(AppendPosition::new(1));
        let mut pause = AttemptPause::default();
        while next <= to {
            self.connect(until).await?;
            let Some(connection) = &self.connection else {
                continue;
            };
            let before = next;
            let limit = self.attempts.limit(STATEMENT_LIMIT, until);
            let outcome = self
                .fetch_rows(connection, &mut next, to, limit, sink)
                .await;
            let error = match outcome {
                Ok(ControlFlow::Break(())) => return Ok(()),
                // The primary has every row, so there is no other server to try.
                Ok(ControlFlow::Continue(())) => {
                    return Err(StoreError::Hole {
                        log_name: self.log_name().clone(),
                        position: next,
                        node: None,
                    });
                }
                Err(failure) => self.error(&failure),
            };
            if next > before {
                pause = AttemptPause::default();
            }
            self.give_up();
            let may_pass = matches!(error, StoreError::Unreachable { .. });
            if !may_pass || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Reads rows in order and moves `next` past each. It continues if a row is missing.
    async fn fetch_rows(
        &self,
        connection: &PostgresConnection,
        next: &mut AppendPosition,
        to: AppendPosition,
        limit: Duration,
        sink: &mut Sink<'_>,
    ) -> Result<ControlFlow<()>, StatementFailure> {
        let (first, last) = (number(*next), number(to));
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&self.address.ledger, &first, &last];
        let asking = connection.client.query_raw(FETCH, parameters);
        let rows = match tokio::time::timeout(limit, asking).await {
            Ok(rows) => rows?,
            Err(_) => return Err(StatementFailure::TooSlow),
        };
        let mut rows = pin!(rows);
        loop {
            let row = match tokio::time::timeout(limit, rows.try_next()).await {
                Ok(row) => row?,
                Err(_) => return Err(StatementFailure::TooSlow),
            };
            let Some(row) = row else {
                return Ok(ControlFlow::Continue(()));
            };
            let found: i64 = row.try_get(0)?;
            let lines: &[u8] = row.try_get(1)?;
            let id: &str = row.try_get(2)?;
            let position = *next;
            if found != number(position) {
                return Ok(ControlFlow::Continue(()));
            }
            *next = position.next();
            let fetched = Fetched {
                position,
                lines,
                id: AppendId::from_text(id),
            };
            if sink(fetched).is_break() || position == to {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

fn number(position: AppendPosition) -> i64 {
    i64::try_from(position.number()).unwrap_or(i64::MAX)
}

fn read_head(row: &tokio_postgres::Row) -> Result<EngineHead, tokio_postgres::Error> {
    let position: i64 = row.try_get(0)?;
    let created: String = row.try_get(1)?;
    let time: i64 = row.try_get(2)?;
    let since = Duration::from_micros(u64::try_from(time).unwrap_or(0));
    Ok(EngineHead {
        position: AppendPosition::new(u64::try_from(position).unwrap_or(0)),
        identity: Identity::new(created),
        time: SystemTime::UNIX_EPOCH.checked_add(since),
    })
}

#[cfg(test)]
mod tests;
