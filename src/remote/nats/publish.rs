//! Appends to a stream: one message, or an atomic batch of them.

use async_nats::{HeaderMap, Message};

use super::connection::RequestFailure;
use super::stream::{self, Stored};
use super::{Connected, NatsSession, REQUEST_LIMIT};
use crate::remote::attempts::AttemptPause;
use crate::remote::{Append, AppendId, AppendPosition, Deadline, NotAppended, StoreError, store};

impl NatsSession {
    pub(super) async fn append(
        &mut self,
        append: &Append<'_>,
        until: Deadline,
    ) -> Result<AppendPosition, NotAppended> {
        let Append {
            expected,
            lines,
            id,
            replaced,
        } = *append;
        if !replaced.is_empty() {
            return Err(NotAppended::NotRecorded(StoreError::Refused {
                log_name: self.log_name().clone(),
                problem: "messages of a stream cannot be changed".to_owned(),
            }));
        }
        let mut pause = AttemptPause::default();
        loop {
            self.connect(until)
                .await
                .map_err(NotAppended::NotRecorded)?;
            let Some(connected) = &self.connected else {
                continue;
            };
            let parts =
                store::parts(lines, connected.part_bytes).map_err(NotAppended::NotRecorded)?;
            let count = u64::try_from(parts.len()).unwrap_or(u64::MAX);
            let failure = match self.publish(connected, expected, &parts, id, until).await {
                Ok(message) => return self.outcome(&message, expected.after(count)),
                Err(failure) => failure,
            };
            match failure {
                // No server received it.
                RequestFailure::NoResponders => {
                    self.give_up();
                    if !self.attempts.pause(&mut pause, until).await {
                        return Err(NotAppended::NotRecorded(self.error(failure)));
                    }
                }
                RequestFailure::Denied(_) => {
                    return Err(NotAppended::NotRecorded(self.error(failure)));
                }
                RequestFailure::Lost(_) => {
                    self.give_up();
                    return Err(NotAppended::Unknown(self.error(failure)));
                }
            }
        }
    }

    /// Publishes one message, or an atomic batch; the answer to its last message.
    async fn publish(
        &self,
        connected: &Connected,
        expected: AppendPosition,
        parts: &[&[u8]],
        id: AppendId,
        until: Deadline,
    ) -> Result<Message, RequestFailure> {
        let connection = &connected.connection;
        let subject = stream::subject(&self.address.stream);
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Expected-Stream", self.address.stream.as_str());
        headers.insert("Nats-Expected-Last-Sequence", expected.to_string());
        headers.insert(stream::ID, id.to_string());
        let Some((last, earlier)) = parts.split_last() else {
            return Err(RequestFailure::Denied("an append is not empty".to_owned()));
        };
        if earlier.is_empty() {
            let limit = self.attempts.limit(REQUEST_LIMIT, until);
            return connection
                .request(subject, Some(headers), last.to_vec(), limit)
                .await;
        }
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let limit = self.attempts.append_limit(REQUEST_LIMIT, bytes, until);
        let batch = connection
            .client
            .new_inbox()
            .rsplit('.')
            .next()
            .map(str::to_owned);
        headers.insert("Nats-Batch-Id", batch.unwrap_or_default());
        let mut number: u64 = 0;
        for part in earlier {
            number = number.saturating_add(1);
            headers.insert("Nats-Batch-Sequence", number.to_string());
            if number == 1 {
                // The answer is empty, or says that the server does not support batches.
                let answer = connection
                    .request(subject.clone(), Some(headers.clone()), part.to_vec(), limit)
                    .await?;
                if !answer.payload.is_empty() {
                    return Ok(answer);
                }
                headers = without_expected_sequence(&headers);
                continue;
            }
            let sent = async {
                let payload = part.to_vec().into();
                connection
                    .client
                    .publish_with_headers(subject.clone(), headers.clone(), payload)
                    .await
                    .map_err(|error| RequestFailure::Lost(error.to_string()))
            };
            connection.within(limit, sent).await?;
        }
        headers.insert("Nats-Batch-Sequence", number.saturating_add(1).to_string());
        headers.insert("Nats-Batch-Commit", "1");
        connection
            .request(subject, Some(headers), last.to_vec(), limit)
            .await
    }

    /// The content of the answer to an append.
    fn outcome(
        &self,
        message: &Message,
        end: AppendPosition,
    ) -> Result<AppendPosition, NotAppended> {
        /// The stream has another end than expected.
        const WRONG_LAST_SEQUENCE: [u32; 2] = [10071, 10164];
        match self
            .answer::<Stored>(message)
            .map_err(NotAppended::Unknown)?
        {
            Ok(stored) if stored.stream == self.address.stream && stored.seq == end.number() => {
                Ok(end)
            }
            Ok(stored) => Err(NotAppended::Unknown(self.unreachable(format!(
                "the append was stored as {} of {}, not as {end}",
                stored.seq, stored.stream
            )))),
            Err(error) if WRONG_LAST_SEQUENCE.contains(&error.err_code) => {
                Err(NotAppended::Conflict)
            }
            // A limit is checked before an append is proposed; other failures of the server may come
            // after it.
            Err(error) if error.code < 500 || error.description.contains("exceeded") => {
                Err(NotAppended::NotRecorded(self.refused(error.description)))
            }
            Err(error) => Err(NotAppended::Unknown(self.unreachable(error.description))),
        }
    }
}

/// The headers of later messages in a batch: only the first one has an expectation.
fn without_expected_sequence(headers: &HeaderMap) -> HeaderMap {
    let mut rest = HeaderMap::new();
    for (name, values) in headers.iter() {
        if AsRef::<str>::as_ref(name) != "Nats-Expected-Last-Sequence" {
            for value in values {
                rest.append(name.clone(), value.clone());
            }
        }
    }
    rest
}
