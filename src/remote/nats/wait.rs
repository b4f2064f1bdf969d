//! Waiting for the next append: the server rings a bell.

use std::time::Duration;

use super::connection::RequestFailure;
use super::{Connected, NatsSession, REQUEST_LIMIT, stream};
use crate::remote::attempts::HEAD_CHECK_INTERVAL;
use crate::remote::{AppendPosition, Deadline, StoreError};

impl NatsSession {
    pub(super) async fn wait(
        &mut self,
        beyond: AppendPosition,
        until: Deadline,
    ) -> Result<bool, StoreError> {
        loop {
            self.connect(until).await?;
            self.listen(until).await;
            if self.head(until).await?.position > beyond {
                return Ok(true);
            }
            let left = self.attempts.left(until);
            if left.is_zero() {
                return Ok(false);
            }
            if self.hear(beyond, left.min(HEAD_CHECK_INTERVAL)).await {
                return Ok(true);
            }
            if self.attempts.left(until).is_zero() {
                return Ok(false);
            }
        }
    }

    /// Subscribes to notifications. Without permission for it, the head is still checked every few
    /// seconds.
    async fn listen(&mut self, until: Deadline) {
        let limit = self.attempts.limit(REQUEST_LIMIT, until);
        let subject = stream::bell_subject(&self.address.stream);
        let Some(connected) = &mut self.connected else {
            return;
        };
        if connected.bell.is_some() {
            return;
        }
        let client = &connected.connection.client;
        let listening = async {
            let lost = |error: &dyn std::fmt::Display| RequestFailure::Lost(error.to_string());
            client
                .subscribe(subject)
                .await
                .map_err(|error| lost(&error))
        };
        connected.bell = connected.connection.within(limit, listening).await.ok();
    }

    /// Waits for the bell of an append after `beyond`, or until the limit; true if it rang.
    async fn hear(&mut self, beyond: AppendPosition, limit: Duration) -> bool {
        use futures_util::StreamExt as _;
        let heard = async {
            if let Some(Connected {
                connection,
                bell: Some(bell),
                ..
            }) = self.connected.as_mut()
            {
                let rings = async {
                    loop {
                        let Some(message) = bell.next().await else {
                            return Err(RequestFailure::Lost("the bell ended".to_owned()));
                        };
                        let headers = message.headers.as_ref();
                        let value = |name: &'static str| Some(headers?.get(name)?.as_str());
                        let sequence = value("Nats-Sequence").and_then(|text| text.parse().ok());
                        if sequence.is_none_or(|number: u64| number > beyond.number()) {
                            return Ok(());
                        }
                    }
                };
                connection.within(limit, rings).await
            } else {
                tokio::time::sleep(limit).await;
                Err(RequestFailure::Lost("no notifications".to_owned()))
            }
        };
        // After a failure, the next check of the head shows whether the connection still works.
        heard.await.is_ok()
    }
}
