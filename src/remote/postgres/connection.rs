//! One connection to the primary of a PostgreSQL database: login, TLS, and the check of settings
//! that could lose an append.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::watch;
use tokio_postgres::config::{SslMode as ClientSslMode, TargetSessionAttrs};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Socket};

use super::{passfile, tls};
use crate::remote::StoreError;
use crate::remote::url::{Host, PostgresAddress, SslMode};

/// The channel of `listen` and `notify`. The payload is the ledger's name.
pub(super) const CHANNEL: &str = "ledger_append";

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct PostgresConnectFailure {
    pub(super) error: StoreError,
    /// True if another attempt would fail as well.
    pub(super) is_final: bool,
}

/// A connection.
pub(super) struct PostgresConnection {
    pub(super) client: Client,
    /// Counts the notifications for this ledger.
    pub(super) bell: watch::Receiver<u64>,
    pub(super) is_listening: bool,
    /// True if the server has `notify`.
    pub(super) has_bell: bool,
}

impl PostgresConnection {
    /// Connects to this server within the time limit and checks its settings.
    pub(super) async fn open(
        address: &PostgresAddress,
        host: &Host,
        limit: Duration,
    ) -> Result<PostgresConnection, PostgresConnectFailure> {
        let unreachable = |problem: String, is_final: bool| PostgresConnectFailure {
            error: StoreError::Unreachable {
                log_name: address.log_name().clone(),
                problem,
            },
            is_final,
        };
        let role = TargetSessionAttrs::ReadWrite;
        let connection = PostgresConnection::connect(address, host, role, limit).await?;
        let checking = tokio::time::timeout(limit, connection.check(address));
        match checking.await {
            Ok(outcome) => {
                let has_bell = outcome?;
                Ok(PostgresConnection {
                    has_bell,
                    ..connection
                })
            }
            Err(_) => Err(unreachable(
                format!("{host}: no answer within {limit:?}"),
                false,
            )),
        }
    }

    /// Connects to this server for reading, whatever its role.
    pub(super) async fn open_any(
        address: &PostgresAddress,
        host: &Host,
        limit: Duration,
    ) -> Result<PostgresConnection, String> {
        let role = TargetSessionAttrs::Any;
        let connection = PostgresConnection::connect(address, host, role, limit).await;
        connection.map_err(|failure| match failure.error {
            StoreError::Unreachable { problem, .. } => problem,
            error => error.to_string(),
        })
    }

    async fn connect(
        address: &PostgresAddress,
        host: &Host,
        role: TargetSessionAttrs,
        limit: Duration,
    ) -> Result<PostgresConnection, PostgresConnectFailure> {
        let unreachable = |problem: String, is_final: bool| PostgresConnectFailure {
            error: StoreError::Unreachable {
                log_name: address.log_name().clone(),
                problem,
            },
            is_final,
        };
        let mut config = config(address, host, limit)
            .map_err(|error| unreachable(format!("password file: {error}"), true))?;
        config.target_session_attrs(role);
        let is_plain = address.sslmode == SslMode::Disable
            || (address.sslmode == SslMode::Prefer && host.is_local());
        let opening = async {
            if is_plain {
                connect(address, &config, NoTls).await
            } else {
                let connector = tls::connector(address)
                    .map_err(|error| unreachable(format!("TLS: {error}"), true))?;
                connect(address, &config, connector).await
            }
        };
        tokio::time::timeout(limit, opening)
            .await
            .map_err(|_| unreachable(format!("{host}: no answer within {limit:?}"), false))?
    }

    /// Refuses settings that could lose an append. True if the server has `notify`.
    async fn check(&self, address: &PostgresAddress) -> Result<bool, PostgresConnectFailure> {
        const SETTINGS: &str = "select current_setting('fsync', true), \
             current_setting('full_page_writes', true), \
             current_setting('synchronous_commit', true), \
             (select relpersistence::text from pg_class where oid = to_regclass('ledger_append')), \
             version()";
        let failed = |error: &tokio_postgres::Error| failure(address, error);
        let isolation = "set session characteristics as transaction isolation level serializable";
        // A server that does not offer it checks the primary key all the same.
        let _ = self.client.batch_execute(isolation).await;
        let row = self.client.query_one(SETTINGS, &[]).await;
        let row = row.map_err(|error| failed(&error))?;
        let value = |column: usize| row.try_get::<_, Option<String>>(column).ok().flatten();
        let rows = [
            ("fsync", value(0), "on"),
            ("full_page_writes", value(1), "on"),
            ("the persistence of table ledger_append", value(3), "p"),
        ];
        for (setting, found, needed) in rows {
            if let Some(found) = found
                && found != needed
            {
                return Err(PostgresConnectFailure {
                    error: StoreError::WrongSetting {
                        log_name: address.log_name().clone(),
                        setting,
                        found,
                        needed: needed.to_owned(),
                    },
                    is_final: true,
                });
            }
        }
        if value(2).is_some_and(|mode| mode == "off" || mode == "local") {
            let safe = self
                .client
                .batch_execute("set synchronous_commit = on")
                .await;
            safe.map_err(|error| failed(&error))?;
        }
        Ok(value(4).is_some_and(|version| version.starts_with("PostgreSQL")))
    }
}

async fn connect<T>(
    address: &PostgresAddress,
    config: &Config,
    tls: T,
) -> Result<PostgresConnection, PostgresConnectFailure>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, mut connection) = config
        .connect(tls)
        .await
        .map_err(|error| failure(address, &error))?;
    let (sender, bell) = watch::channel(0_u64);
    let ledger: Arc<str> = address.ledger.as_str().into();
    tokio::spawn(async move {
        // Ends with the connection; the client's requests then fail.
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message
                && notification.payload() == &*ledger
            {
                sender.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    });
    Ok(PostgresConnection {
        client,
        bell,
        is_listening: false,
        has_bell: false,
    })
}

fn config(address: &PostgresAddress, host: &Host, limit: Duration) -> std::io::Result<Config> {
    let mut config = Config::new();
    config
        .host(&host.name)
        .port(host.port)
        .dbname(&address.database)
        .user(&address.user)
        .application_name("ledger")
        .connect_timeout(limit)
        .ssl_mode(match address.sslmode {
            SslMode::Disable => ClientSslMode::Disable,
            SslMode::Prefer => ClientSslMode::Prefer,
            SslMode::Require => ClientSslMode::Require,
        });
    let from_file = match (&address.password, &address.passfile) {
        (None, Some(path)) => passfile::password(path, address, host)?,
        _ => None,
    };
    if let Some(password) = address.password.as_ref().or(from_file.as_ref()) {
        config.password(password.reveal());
    }
    Ok(config)
}

/// True if a certificate was refused, which the next attempt does not change.
fn is_certificate_error(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let refused = error.downcast_ref::<std::io::Error>();
        if refused.is_some_and(|error| error.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What a failed connection attempt means.
fn failure(address: &PostgresAddress, error: &tokio_postgres::Error) -> PostgresConnectFailure {
    // Wrong login, missing rights, no such database.
    let is_final = is_certificate_error(error)
        || error.code().is_some_and(|code| {
            let code = code.code();
            code.starts_with("28") || code.starts_with("3D") || code.starts_with("42")
        });
    PostgresConnectFailure {
        error: StoreError::Unreachable {
            log_name: address.log_name().clone(),
            problem: describe(error),
        },
        is_final,
    }
}

/// The server's own message, or what the system said. Never the statement or its values.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        let message = refusal.message();
        return message.chars().filter(|c| !c.is_control()).collect();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
