//! The log as each named server has it: the primary, and standbys that the address names.

use std::time::Duration;

use super::connection::{PostgresConnection, describe};
use super::{CONNECT_LIMIT, PostgresSession, STATEMENT_LIMIT, StatementFailure, read_head};
use crate::remote::url::Host;
use crate::remote::{
    AppendPosition, Deadline, ReplicaRead, ReplicaSink, ReplicaState, StoreError, StoreNode,
};

impl PostgresSession {
    /// The named servers and how far each is.
    pub(super) async fn nodes(&mut self, until: Deadline) -> Result<Vec<StoreNode>, StoreError> {
        let head = self.head(until).await?.position;
        let mut nodes = Vec::new();
        for host in &self.address.hosts {
            let limit = self.attempts.limit(CONNECT_LIMIT, until);
            let asked = self.ask_node(host, limit).await;
            let (is_leader, position) = asked.as_ref().copied().unwrap_or_default();
            nodes.push(StoreNode {
                name: host.to_string(),
                is_online: asked.is_ok(),
                is_leader,
                behind: head.number().saturating_sub(position.number()),
            });
        }
        Ok(nodes)
    }

    /// Whether a server is the primary, and its last position.
    async fn ask_node(
        &self,
        host: &Host,
        limit: Duration,
    ) -> Result<(bool, AppendPosition), String> {
        const ROLE: &str = "select not pg_is_in_recovery()";
        let connection = PostgresConnection::open_any(&self.address, host, limit).await?;
        let asking = async {
            let role = connection.client.query_one(ROLE, &[]).await?;
            let is_primary: bool = role.try_get(0)?;
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 1] =
                [&self.address.ledger];
            let row = connection
                .client
                .query_opt(super::HEAD, &parameters)
                .await?;
            let head = row.map(|row| read_head(&row)).transpose()?;
            let position = head.map_or(AppendPosition::START, |head| head.position);
            Ok::<_, tokio_postgres::Error>((is_primary, position))
        };
        match tokio::time::timeout(STATEMENT_LIMIT, asking).await {
            Ok(outcome) => outcome.map_err(|error| describe(&error)),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    /// Passes on every append up to a position as each named server has it.
    pub(super) async fn read_replicas(
        &mut self,
        to: AppendPosition,
        until: Deadline,
        sink: &mut ReplicaSink<'_>,
    ) -> Result<Vec<ReplicaRead>, StoreError> {
        let mut reads = Vec::new();
        for host in &self.address.hosts {
            let node = host.to_string();
            let limit = self.attempts.limit(CONNECT_LIMIT, until);
            let state = match PostgresConnection::open_any(&self.address, host, limit).await {
                Ok(connection) => self.read_node(&connection, &node, to, sink).await,
                Err(problem) => ReplicaState::NotRead(problem),
            };
            reads.push(ReplicaRead { node, state });
        }
        Ok(reads)
    }

    async fn read_node(
        &self,
        connection: &PostgresConnection,
        node: &str,
        to: AppendPosition,
        sink: &mut ReplicaSink<'_>,
    ) -> ReplicaState {
        let mut next = AppendPosition::new(1);
        let mut each = |fetched: crate::remote::Fetched<'_>| sink(node, fetched);
        let reading = self.fetch_rows(connection, &mut next, to, STATEMENT_LIMIT, &mut each);
        match reading.await {
            Ok(_) => ReplicaState::Read(AppendPosition::new(next.number().saturating_sub(1))),
            Err(StatementFailure::Refused(error)) => ReplicaState::NotRead(describe(&error)),
            Err(StatementFailure::TooSlow) => ReplicaState::NotRead("no answer in time".to_owned()),
        }
    }
}
