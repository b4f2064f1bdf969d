//! A log in a NATS JetStream stream.
//!
//! An append is published with the expected last sequence, so that the server refuses it if another
//! one came first. If a server fails, the next one is tried.

mod connection;
mod per_node;
mod publish;
mod stream;
mod wait;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Message, StatusCode, Subscriber};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::attempts::{AttemptPause, Attempts};
use super::runtime::LazyRuntime;
use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, EngineHead, Fetched, Identity, LogName,
    NatsAddress, NotAppended, PART_BYTES, ReplicaRead, ReplicaSink, Sink, Store, StoreError,
    StoreNode,
};
use connection::{NatsConnection, RequestFailure};
use stream::{ApiAnswer, ApiError, StreamInfo};

/// The time limit of a connection and of a request; after it the next server is tried.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
const REQUEST_LIMIT: Duration = Duration::from_secs(3);
/// How many messages, and how many bytes, are fetched by one request.
const BATCH_MESSAGES: u64 = 5000;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How often a missing message is requested from another replica.
const HOLE_ATTEMPTS: u32 = 8;
/// The room for a message's headers below the server's limit of a message.
const HEADER_ROOM: usize = 1024;

/// A log in a stream of NATS JetStream.
pub struct NatsStore {
    runtime: LazyRuntime,
    session: NatsSession,
}

impl std::fmt::Debug for NatsStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NatsStore({})", self.session.log_name())
    }
}

impl NatsStore {
    /// A store that connects when it is first used.
    pub fn new(address: NatsAddress, clock: Arc<dyn Clock>) -> NatsStore {
        NatsStore {
            runtime: LazyRuntime::default(),
            session: NatsSession {
                address,
                attempts: Attempts::new(clock),
                identity: None,
                connected: None,
            },
        }
    }
}

impl Store for NatsStore {
    fn log_name(&self) -> &LogName {
        self.session.log_name()
    }

    fn create(&mut self, replicas: u8, until: Deadline) -> Result<EngineHead, StoreError> {
        let runtime = self.runtime.get(self.session.address.log_name())?;
        runtime.block_on(self.session.create(replicas, until))
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

/// A connection with the settings that were checked on it.
#[derive(Debug)]
struct Connected {
    connection: NatsConnection,
    part_bytes: usize,
    bell: Option<Subscriber>,
}

struct NatsSession {
    address: NatsAddress,
    attempts: Attempts,
    identity: Option<Identity>,
    connected: Option<Connected>,
}

impl NatsSession {
    fn log_name(&self) -> &LogName {
        self.address.log_name()
    }

    fn unreachable(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Unreachable {
            log_name: self.log_name().clone(),
            problem: problem.into(),
        }
    }

    fn refused(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Refused {
            log_name: self.log_name().clone(),
            problem: problem.into(),
        }
    }

    fn error(&self, failure: RequestFailure) -> StoreError {
        match failure {
            RequestFailure::Denied(problem) => self.refused(problem),
            RequestFailure::NoResponders => self.unreachable("no leader"),
            RequestFailure::Lost(problem) => self.unreachable(problem),
        }
    }

    /// Closes this connection; the next server is tried next.
    fn give_up(&mut self) {
        self.connected = None;
        self.attempts.turn();
    }

    /// Connects to one server, and checks its version.
    async fn open(&mut self, until: Deadline) -> Result<NatsConnection, (StoreError, bool)> {
        let Some(host) = self.attempts.current(&self.address.hosts) else {
            return Err((self.unreachable("no server is named"), true));
        };
        let limit = self.attempts.limit(CONNECT_LIMIT, until);
        match NatsConnection::open(&self.address, host, limit).await {
            Ok(connection) => {
                let info = connection.client.server_info();
                stream::check_version(self.log_name(), &info.version)
                    .map_err(|error| (error, true))?;
                Ok(connection)
            }
            Err(failure) => {
                self.attempts.turn();
                Err((self.unreachable(failure.problem), failure.is_final))
            }
        }
    }

    /// Makes sure that there is a connection to a stream with checked settings, trying one server
    /// after the other until the deadline. Returns the head if it was requested meanwhile.
    async fn connect(&mut self, until: Deadline) -> Result<Option<EngineHead>, StoreError> {
        let mut pause = AttemptPause::default();
        loop {
            if self.connected.is_some() {
                return Ok(None);
            }
            let error = match self.open(until).await {
                Ok(connection) => match self.info(&connection, until).await {
                    Ok(info) => return self.accept(connection, &info).map(Some),
                    Err(error) => {
                        self.give_up();
                        error
                    }
                },
                Err((error, true)) => return Err(error),
                Err((error, false)) => error,
            };
            let may_pass = matches!(error, StoreError::Unreachable { .. });
            if !may_pass || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
    }

    /// Checks the stream and keeps the connection to it.
    fn accept(
        &mut self,
        connection: NatsConnection,
        info: &StreamInfo,
    ) -> Result<EngineHead, StoreError> {
        info.check(self.log_name(), &self.address.stream)?;
        let head = info.head();
        match &self.identity {
            Some(identity) if *identity != head.identity => {
                return Err(StoreError::Replaced {
                    log_name: self.log_name().clone(),
                });
            }
            _ => self.identity = Some(head.identity.clone()),
        }
        let most = connection.client.server_info().max_payload;
        self.connected = Some(Connected {
            connection,
            part_bytes: PART_BYTES
                .min(most.saturating_sub(HEADER_ROOM))
                .min(info.most_message_bytes().unwrap_or(usize::MAX)),
            bell: None,
        });
        Ok(head)
    }

    async fn info(
        &self,
        connection: &NatsConnection,
        until: Deadline,
    ) -> Result<StreamInfo, StoreError> {
        let subject = format!("$JS.API.STREAM.INFO.{}", self.address.stream);
        self.api(connection, subject, Vec::new(), until).await
    }

    /// A request to the JetStream API.
    async fn api<T: DeserializeOwned>(
        &self,
        connection: &NatsConnection,
        subject: String,
        payload: Vec<u8>,
        until: Deadline,
    ) -> Result<T, StoreError> {
        /// The stream does not exist.
        const STREAM_NOT_FOUND: u32 = 10059;
        let limit = self.attempts.limit(REQUEST_LIMIT, until);
        let answer = connection
            .request(subject, None, payload, limit)
            .await
            .map_err(|failure| self.error(failure))?;
        match self.answer(&answer)? {
            Ok(value) => Ok(value),
            Err(error) if error.err_code == STREAM_NOT_FOUND => Err(StoreError::NoStream {
                log_name: self.log_name().clone(),
            }),
            Err(error) if error.code >= 500 => Err(self.unreachable(error.description)),
            Err(error) => Err(self.refused(error.description)),
        }
    }

    fn answer<T: DeserializeOwned>(
        &self,
        message: &Message,
    ) -> Result<Result<T, ApiError>, StoreError> {
        let unexpected =
            |error: serde_json::Error| self.unreachable(format!("unexpected answer: {error}"));
        let answer: ApiAnswer = serde_json::from_slice(&message.payload).map_err(unexpected)?;
        match answer.error {
            Some(error) => Ok(Err(error)),
            None => serde_json::from_slice(&message.payload)
                .map(Ok)
                .map_err(unexpected),
        }
    }

    async fn create(&mut self, replicas: u8, until: Deadline) -> Result<EngineHead, StoreError> {
        /// The stream exists with other settings, which are checked like those of any stream.
        const NAME_IN_USE: u32 = 10058;
        /// A single server cannot keep several copies.
        const NOT_CLUSTERED: u32 = 10074;
        let mut pause = AttemptPause::default();
        loop {
            let error = match self.open(until).await {
                Ok(connection) => {
                    if let Ok(info) = self.info(&connection, until).await {
                        return self.accept(connection, &info);
                    }
                    let subject = format!("$JS.API.STREAM.CREATE.{}", self.address.stream);
                    let settings = stream::creation(&self.address.stream, replicas);
                    let limit = self
                        .attempts
                        .limit(CONNECT_LIMIT.saturating_add(REQUEST_LIMIT), until);
                    let created = connection
                        .request(subject, None, settings.into_bytes(), limit)
                        .await
                        .map_err(|failure| self.error(failure))
                        .and_then(|message| self.answer::<StreamInfo>(&message));
                    match created {
                        Ok(Err(error))
                            if error.err_code == NOT_CLUSTERED
                                || (error.err_code != NAME_IN_USE && error.code < 500) =>
                        {
                            return Err(self.refused(error.description));
                        }
                        Ok(Err(error)) if error.err_code != NAME_IN_USE => {
                            self.refused(error.description)
                        }
                        // Asked for again: the answer to the creation may be older than its state.
                        Ok(_) => match self.info(&connection, until).await {
                            Ok(info) => return self.accept(connection, &info),
                            Err(error) => error,
                        },
                        Err(error @ StoreError::Refused { .. }) => return Err(error),
                        Err(error) => error,
                    }
                }
                Err((error, true)) => return Err(error),
                Err((error, false)) => error,
            };
            self.give_up();
            if !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
    }

    async fn head(&mut self, until: Deadline) -> Result<EngineHead, StoreError> {
        let mut pause = AttemptPause::default();
        loop {
            if let Some(head) = self.connect(until).await? {
                return Ok(head);
            }
            let Some(connected) = self.connected.take() else {
                continue;
            };
            let error = match self.info(&connected.connection, until).await {
                Ok(info) => {
                    let bell = connected.bell;
                    let head = self.accept(connected.connection, &info)?;
                    if let Some(connected) = &mut self.connected {
                        connected.bell = bell;
                    }
                    return Ok(head);
                }
                Err(error) => error,
            };
            self.give_up();
            let may_pass = matches!(error, StoreError::Unreachable { .. });
            if !may_pass || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
        }
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
        let mut holes: u32 = 0;
        while next <= to {
            self.connect(until).await?;
            let Some(connected) = &self.connected else {
                continue;
            };
            let before = next;
            let outcome = self
                .fetch_batch(connected, &mut next, to, until, sink)
                .await;
            if next > before {
                holes = 0;
                pause = AttemptPause::default();
            }
            let error = match outcome {
                Ok(ControlFlow::Break(())) => return Ok(()),
                Ok(ControlFlow::Continue(())) if next > before => continue,
                Ok(ControlFlow::Continue(())) => {
                    holes = holes.saturating_add(1);
                    StoreError::Hole {
                        log_name: self.log_name().clone(),
                        position: next,
                        node: None,
                    }
                }
                Err(RequestFailure::Denied(problem)) => return Err(self.refused(problem)),
                Err(failure) => {
                    self.give_up();
                    self.error(failure)
                }
            };
            if holes >= HOLE_ATTEMPTS || !self.attempts.pause(&mut pause, until).await {
                return Err(error);
            }
            if holes == HOLE_ATTEMPTS / 2 {
                self.give_up();
            }
        }
        Ok(())
    }

    /// Fetches with one request, and moves `next` past each message that is delivered in order.
    async fn fetch_batch(
        &self,
        connected: &Connected,
        next: &mut AppendPosition,
        to: AppendPosition,
        until: Deadline,
        sink: &mut Sink<'_>,
    ) -> Result<ControlFlow<()>, RequestFailure> {
        use futures_util::StreamExt as _;
        let connection = &connected.connection;
        let lost = |error: &dyn std::fmt::Display| RequestFailure::Lost(error.to_string());
        let inbox = connection.client.new_inbox();
        let left = to.number().saturating_sub(next.number()).saturating_add(1);
        let request = json!({
            "seq": next.number(),
            "batch": left.min(BATCH_MESSAGES),
            "max_bytes": BATCH_BYTES,
        });
        let subject = format!("$JS.API.DIRECT.GET.{}", self.address.stream);
        let limit = self.attempts.limit(REQUEST_LIMIT, until);
        let mut answers = connection
            .within(limit, async {
                let answers = connection.client.subscribe(inbox.clone()).await;
                let answers = answers.map_err(|error| lost(&error))?;
                connection
                    .client
                    .publish_with_reply(subject, inbox, request.to_string().into())
                    .await
                    .map_err(|error| lost(&error))?;
                Ok(answers)
            })
            .await?;
        loop {
            let limit = self.attempts.limit(REQUEST_LIMIT, until);
            let message = connection
                .within(limit, async {
                    let message = answers.next().await;
                    message.ok_or_else(|| RequestFailure::Lost("the answer ended".to_owned()))
                })
                .await?;
            match message.status {
                Some(StatusCode::NO_RESPONDERS) => return Err(RequestFailure::NoResponders),
                Some(status) if status != StatusCode::OK => return Ok(ControlFlow::Continue(())),
                _ => {}
            }
            let headers = message.headers.as_ref();
            let value = |name: &'static str| Some(headers?.get(name)?.as_str());
            let is_ours = value("Nats-Stream") == Some(self.address.stream.as_str());
            let sequence = value("Nats-Sequence").and_then(|text| text.parse().ok());
            if !is_ours || sequence != Some(next.number()) {
                return Ok(ControlFlow::Continue(()));
            }
            let position = *next;
            *next = position.next();
            let fetched = Fetched {
                position,
                lines: &message.payload,
                id: value(stream::ID).and_then(AppendId::from_text),
            };
            if sink(fetched).is_break() || position == to {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
