//! The log as each server has it.
//!
//! A direct get is answered by any replica, which the answer does not name. A consumer with one replica
//! is on one server and reads that server's copy; the answer to its creation names the server. So
//! consumers are made until each server has had one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::json;

use super::connection::RequestFailure;
use super::stream::{ApiAnswer, StreamInfo};
use super::{BATCH_BYTES, BATCH_MESSAGES, Connected, NatsSession, REQUEST_LIMIT};
use crate::remote::{
    AppendPosition, Deadline, Fetched, ReplicaRead, ReplicaSink, ReplicaState, Sink, StoreError,
    StoreNode,
};

/// How many consumers are made for each server, at most, until all had one.
const CONSUMERS_A_NODE: usize = 24;
/// How long the server keeps a consumer that is not used.
const INACTIVE: Duration = Duration::from_secs(30);
/// How long a request for messages waits at the server.
const PULL: Duration = Duration::from_secs(2);
/// After so many requests without a message in a row, the server has no more: it may only be slow.
const EMPTY_PULLS: u32 = 3;

/// The answer to the creation of a consumer.
#[derive(Debug, Deserialize)]
struct ConsumerInfo {
    name: String,
    cluster: Option<ConsumerCluster>,
}

#[derive(Debug, Deserialize)]
struct ConsumerCluster {
    leader: Option<String>,
}

impl NatsSession {
    /// The servers that keep the log.
    pub(super) async fn nodes(&mut self, until: Deadline) -> Result<Vec<StoreNode>, StoreError> {
        let info = self.stream_info(until).await?;
        Ok(info.nodes(|| self.own_name()))
    }

    async fn stream_info(&mut self, until: Deadline) -> Result<StreamInfo, StoreError> {
        self.connect(until).await?;
        let connected = self.connected.as_ref();
        let connected = connected.ok_or_else(|| self.unreachable("no connection"))?;
        self.info(&connected.connection, until).await
    }

    /// The name of the server of this connection.
    fn own_name(&self) -> String {
        let name = self.connected.as_ref().map(|connected| {
            let info = connected.connection.client.server_info();
            info.server_name
        });
        name.unwrap_or_default()
    }

    /// Passes on every append up to a position as each server has it.
    pub(super) async fn read_replicas(
        &mut self,
        to: AppendPosition,
        until: Deadline,
        sink: &mut ReplicaSink<'_>,
    ) -> Result<Vec<ReplicaRead>, StoreError> {
        let info = self.stream_info(until).await?;
        let nodes = info.nodes(|| self.own_name());
        if let [only] = nodes.as_slice() {
            let state = self.read_only_one(&only.name, to, until, sink).await?;
            return Ok(vec![ReplicaRead {
                node: only.name.clone(),
                state,
            }]);
        }
        let Some(connected) = &self.connected else {
            return Err(self.unreachable("no connection"));
        };
        let mut reads: BTreeMap<String, ReplicaState> = BTreeMap::new();
        let is_open = |reads: &BTreeMap<String, ReplicaState>, node: &StoreNode| {
            node.is_online && !reads.contains_key(&node.name)
        };
        for _ in 0..nodes.len().saturating_mul(CONSUMERS_A_NODE) {
            if !nodes.iter().any(|node| is_open(&reads, node)) {
                break;
            }
            let consumer = match self.consumer(connected).await {
                Ok(consumer) => consumer,
                Err(problem) => {
                    for node in nodes.iter().filter(|node| node.is_online) {
                        let state = ReplicaState::NotRead(problem.clone());
                        reads.entry(node.name.clone()).or_insert(state);
                    }
                    break;
                }
            };
            let node = consumer.cluster.and_then(|cluster| cluster.leader);
            if let Some(node) = node.filter(|node| !reads.contains_key(node)) {
                let name = &consumer.name;
                let state = self.read_consumer(connected, name, &node, to, sink).await;
                reads.insert(node, state);
            }
            self.delete_consumer(connected, &consumer.name).await;
        }
        let reads = nodes.into_iter().map(|node| {
            let state = reads.remove(&node.name).unwrap_or_else(|| {
                let why = if node.is_online {
                    "it hosted no consumer"
                } else {
                    "it is offline"
                };
                ReplicaState::NotRead(why.to_owned())
            });
            ReplicaRead {
                node: node.name,
                state,
            }
        });
        Ok(reads.collect())
    }

    /// The log on the only server.
    async fn read_only_one(
        &mut self,
        node: &str,
        to: AppendPosition,
        until: Deadline,
        sink: &mut ReplicaSink<'_>,
    ) -> Result<ReplicaState, StoreError> {
        let mut last = AppendPosition::START;
        let mut each = |fetched: Fetched<'_>| {
            last = fetched.position;
            sink(node, fetched)
        };
        let read = self
            .fetch(AppendPosition::new(1), to, until, &mut each)
            .await;
        match read {
            Ok(()) | Err(StoreError::Hole { .. }) => Ok(ReplicaState::Read(last)),
            Err(error) => Err(error),
        }
    }

    /// Makes a consumer on any server; what the server said if it does not.
    async fn consumer(&self, connected: &Connected) -> Result<ConsumerInfo, String> {
        let stream = &self.address.stream;
        let inbox = connected.connection.client.new_inbox();
        let name = format!("verify-{}", inbox.rsplit('.').next().unwrap_or("any"));
        let request = json!({
            "stream_name": stream,
            "config": {
                "name": name,
                "ack_policy": "none",
                "deliver_policy": "all",
                "replay_policy": "instant",
                "num_replicas": 1,
                "mem_storage": true,
                "inactive_threshold": u64::try_from(INACTIVE.as_nanos()).unwrap_or(0),
            },
        });
        let subject = format!("$JS.API.CONSUMER.CREATE.{stream}.{name}");
        let body = request.to_string().into_bytes();
        let answer = connected
            .connection
            .request(subject, None, body, REQUEST_LIMIT);
        let answer = answer.await.map_err(|failure| match failure {
            RequestFailure::Denied(problem) | RequestFailure::Lost(problem) => problem,
            RequestFailure::NoResponders => "no leader".to_owned(),
        })?;
        let error = |error: serde_json::Error| format!("unexpected answer: {error}");
        let api: ApiAnswer = serde_json::from_slice(&answer.payload).map_err(error)?;
        match api.error {
            Some(refusal) => Err(refusal.description),
            None => serde_json::from_slice(&answer.payload).map_err(error),
        }
    }

    async fn delete_consumer(&self, connected: &Connected, name: &str) {
        let stream = &self.address.stream;
        let subject = format!("$JS.API.CONSUMER.DELETE.{stream}.{name}");
        // If it stays, the server removes it after a while.
        let deleting = connected
            .connection
            .request(subject, None, Vec::new(), REQUEST_LIMIT);
        let _ = deleting.await;
    }

    /// Reads what one consumer delivers, in order.
    async fn read_consumer(
        &self,
        connected: &Connected,
        name: &str,
        node: &str,
        to: AppendPosition,
        sink: &mut ReplicaSink<'_>,
    ) -> ReplicaState {
        let mut next = AppendPosition::new(1);
        let mut empty = 0_u32;
        while next <= to && empty < EMPTY_PULLS {
            let before = next;
            let mut each = |fetched: Fetched<'_>| {
                if fetched.position != next {
                    return ControlFlow::Break(());
                }
                next = next.next();
                sink(node, fetched)
            };
            match self.pull(connected, name, to, &mut each).await {
                Ok(ControlFlow::Continue(())) if next > before => empty = 0,
                Ok(ControlFlow::Continue(())) => empty = empty.saturating_add(1),
                // It has something else than what comes next.
                Ok(ControlFlow::Break(())) => break,
                Err(RequestFailure::Lost(problem) | RequestFailure::Denied(problem)) => {
                    return ReplicaState::NotRead(problem);
                }
                Err(RequestFailure::NoResponders) => {
                    return ReplicaState::NotRead("no leader".to_owned());
                }
            }
        }
        let last = next.number().saturating_sub(1);
        ReplicaState::Read(AppendPosition::new(last))
    }

    /// One request for messages of a consumer.
    async fn pull(
        &self,
        connected: &Connected,
        name: &str,
        to: AppendPosition,
        sink: &mut Sink<'_>,
    ) -> Result<ControlFlow<()>, RequestFailure> {
        let connection = &connected.connection;
        let lost = |error: &dyn std::fmt::Display| RequestFailure::Lost(error.to_string());
        let inbox = connection.client.new_inbox();
        let request = json!({
            "batch": BATCH_MESSAGES,
            "max_bytes": BATCH_BYTES,
            "expires": u64::try_from(PULL.as_nanos()).unwrap_or(0),
        });
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{name}", self.address.stream);
        let mut messages = connection
            .within(REQUEST_LIMIT, async {
                let messages = connection.client.subscribe(inbox.clone()).await;
                let messages = messages.map_err(|error| lost(&error))?;
                connection
                    .client
                    .publish_with_reply(subject, inbox, request.to_string().into())
                    .await
                    .map_err(|error| lost(&error))?;
                Ok(messages)
            })
            .await?;
        loop {
            let message = connection
                .within(PULL.saturating_add(REQUEST_LIMIT), async {
                    let message = messages.next().await;
                    message.ok_or_else(|| RequestFailure::Lost("the answer ended".to_owned()))
                })
                .await?;
            // A status ends the answer: nothing more, or the limit of bytes.
            let Some(position) = message.reply.as_deref().and_then(stream_sequence) else {
                return Ok(ControlFlow::Continue(()));
            };
            let fetched = Fetched {
                position,
                lines: &message.payload,
                id: None,
            };
            if sink(fetched).is_break() || position == to {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

/// The position in the subject that a delivered message is acknowledged at.
fn stream_sequence(reply: &str) -> Option<AppendPosition> {
    let tokens: Vec<&str> = reply.split('.').collect();
    // With a domain and an account before the stream's name, or without.
    let at = if tokens.len() >= 11 { 7 } else { 5 };
    let is_ours = tokens.starts_with(&["$JS", "ACK"]);
    let number = tokens.get(at).filter(|_| is_ours)?;
    Some(AppendPosition::new(number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::stream_sequence;
    use crate::remote::AppendPosition;

    #[test]
    fn the_position_is_found_in_both_forms_of_an_acknowledgement() {
        let short = "$JS.ACK.books.verify-x.1.17.3.1800000000000000000.5";
        assert_eq!(stream_sequence(short), Some(AppendPosition::new(17)));
        let long = "$JS.ACK._.hash.books.verify-x.1.17.3.1800000000000000000.5.token";
        assert_eq!(stream_sequence(long), Some(AppendPosition::new(17)));
        assert_eq!(stream_sequence("_INBOX.x"), None);
    }
}
