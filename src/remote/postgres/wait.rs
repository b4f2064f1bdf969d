//! Waiting for the next append: `listen` and `notify`.

use std::time::Duration;

use super::connection::CHANNEL;
use super::{PostgresSession, STATEMENT_LIMIT};
use crate::remote::{AppendPosition, Deadline, StoreError};

/// How often the head is checked without a notification.
pub(super) const LOOK: Duration = Duration::from_secs(5);

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
            let left = until.left(self.clock.as_ref());
            if left.is_zero() {
                return Ok(false);
            }
            let pause = tokio::time::sleep(left.min(LOOK));
            match &mut self.connection {
                Some(connection) if connection.is_listening => {
                    tokio::select! {
                        _ = connection.bell.changed() => {}
                        () = pause => {}
                    }
                }
                _ => pause.await,
            }
            if until.is_over(self.clock.as_ref()) {
                return Ok(false);
            }
        }
    }

    /// Listens for notifications. Without them, the server is checked every few seconds.
    async fn listen(&mut self, until: Deadline) {
        let limit = self.limit(STATEMENT_LIMIT, until);
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
