//! Waiting for the next append: `listen` and `notify`.

use super::connection::CHANNEL;
use super::{PostgresSession, STATEMENT_LIMIT};
use crate::remote::attempts::HEAD_CHECK_INTERVAL;
use crate::remote::{AppendPosition, Deadline, StoreError};

impl PostgresSession {
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
            let pause = tokio::time::sleep(left.min(HEAD_CHECK_INTERVAL));
            match &mut self.connection {
                Some(connection) if connection.is_listening => {
                    tokio::select! {
                        _ = connection.bell.changed() => {}
                        () = pause => {}
                    }
                }
                _ => pause.await,
            }
            if self.attempts.left(until).is_zero() {
                return Ok(false);
            }
        }
    }

    /// Listens for notifications. Without them, the server is checked every few seconds.
    async fn listen(&mut self, until: Deadline) {
        let limit = self.attempts.limit(STATEMENT_LIMIT, until);
        let Some(connection) = &mut self.connection else {
            return;
        };
        if connection.has_bell && !connection.is_listening {
            let statement = format!("listen {CHANNEL}");
            let listening = connection.client.batch_execute(&statement);
            let outcome = tokio::time::timeout(limit, listening).await;
            connection.is_listening = matches!(outcome, Ok(Ok(())));
        }
        connection.bell.mark_unchanged();
    }
}
