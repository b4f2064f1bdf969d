//! An append as one row, and the lines that it replaces in earlier rows.

use tokio_postgres::error::SqlState;

use super::codes::is_unknown;
use super::connection::CHANNEL;
use super::{PostgresSession, STATEMENT_LIMIT, StatementFailure, number};
use crate::remote::{
    Append, AppendPosition, Deadline, NotAppended, PART_BYTES, PARTS, StoreError, store,
};

const APPEND: &str = "insert into ledger_append (ledger, position, created, id, lines) \
     select ledger, position + 1, created, $5::text::uuid, $3 from ledger_append \
     where ledger = $1 and position = $2 and created = $4::text::uuid \
     on conflict (ledger, position) do nothing";
const REPLACE: &str = "update ledger_append as old set lines = new.lines \
     from unnest($6::bigint[], $7::bytea[]) as new (position, lines) \
     where old.ledger = $1 and old.position = new.position and exists (select from added)";

impl PostgresSession {
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
        // One row has all the lines, but no more than any engine takes.
        store::parts(lines, PART_BYTES.saturating_mul(PARTS)).map_err(NotAppended::NotRecorded)?;
        if lines.len() > PART_BYTES.saturating_mul(PARTS) {
            return Err(NotAppended::NotRecorded(StoreError::TooLarge {
                bytes: lines.len(),
                most: PART_BYTES.saturating_mul(PARTS),
            }));
        }
        if self.identity.is_none() {
            self.head(until).await.map_err(NotAppended::NotRecorded)?;
        }
        self.connect(until)
            .await
            .map_err(NotAppended::NotRecorded)?;
        let (Some(connection), Some(identity)) = (&self.connection, &self.identity) else {
            return Err(NotAppended::NotRecorded(self.unreachable("no connection")));
        };
        let limit = self
            .attempts
            .append_limit(STATEMENT_LIMIT, lines.len(), until);
        let replacing = if replaced.is_empty() {
            String::new()
        } else {
            format!(", replaced as ({REPLACE})")
        };
        let bell = if connection.has_bell {
            format!(", pg_notify('{CHANNEL}', $1::text)")
        } else {
            String::new()
        };
        let statement = format!(
            "with added as ({APPEND} returning position){replacing} \
             select position{bell} from added"
        );
        let identity = identity.as_str();
        let expected_number = number(expected);
        let id = id.to_string();
        let positions: Vec<i64> = replaced.iter().map(|(at, _)| number(*at)).collect();
        let new_lines: Vec<&[u8]> = replaced.iter().map(|(_, new)| new.as_slice()).collect();
        let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![
            &self.address.ledger,
            &expected_number,
            &lines,
            &identity,
            &id,
        ];
        if !replaced.is_empty() {
            parameters.push(&positions);
            parameters.push(&new_lines);
        }
        let adding = connection.client.query(&statement, &parameters);
        let failure = match tokio::time::timeout(limit, adding).await {
            Ok(Ok(rows)) if rows.len() == 1 => return Ok(expected.next()),
            Ok(Ok(_)) => return Err(NotAppended::Conflict),
            Ok(Err(error)) => StatementFailure::Refused(error),
            Err(_) => StatementFailure::TooSlow,
        };
        let error = self.error(&failure);
        let code = match &failure {
            StatementFailure::Refused(error) => error.code().map(SqlState::code),
            StatementFailure::TooSlow => None,
        };
        match code {
            // Another transaction came first.
            Some("40001" | "23505") => Err(NotAppended::Conflict),
            // The transaction was refused as a whole.
            Some(code) if !code.starts_with("57") && !is_unknown(code) => {
                self.give_up();
                Err(NotAppended::NotRecorded(error))
            }
            _ => {
                self.give_up();
                Err(NotAppended::Unknown(error))
            }
        }
    }
}
