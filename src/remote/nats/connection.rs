//! One connection to one NATS server: login, TLS, and requests that end with an answer, a refusal,
//! a lost connection or a time limit.
//!
//! The client library would reconnect and send buffered requests; here a lost connection is closed,
//! so that only the settling of lost answers decides what is sent again.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::client::{Request, RequestErrorKind};
use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, Event, HeaderMap, Message, ServerError,
};
use tokio::sync::watch;

use crate::log::careful;
use crate::remote::url::{Host, NatsAddress, NatsTls};

/// Longer than any process runs: the pause before the client library reconnects.
const NEVER: Duration = Duration::from_hours(24 * 365);
/// More than a file with credentials has.
const MOST_SECRET_BYTES: u64 = 64 * 1024;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RequestFailure {
    /// The user may not do it.
    Denied(String),
    /// No server takes this subject: there is no leader, or no such stream.
    NoResponders,
    /// The connection was lost, or the time limit passed: the request may have arrived.
    Lost(String),
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct NatsConnectFailure {
    pub(super) problem: String,
    /// True if another attempt would fail as well.
    pub(super) is_final: bool,
}

impl NatsConnectFailure {
    fn fatal(problem: String) -> NatsConnectFailure {
        NatsConnectFailure {
            problem,
            is_final: true,
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct NatsConnection {
    pub(super) client: Client,
    trouble: watch::Sender<Option<RequestFailure>>,
}

impl NatsConnection {
    /// Connects to this server within the time limit.
    pub(super) async fn open(
        address: &NatsAddress,
        host: &Host,
        limit: Duration,
    ) -> Result<NatsConnection, NatsConnectFailure> {
        let (trouble, _) = watch::channel(None);
        let options = options(address, trouble.clone())
            .map_err(|error| NatsConnectFailure::fatal(error.to_string()))?
            .connection_timeout(limit);
        let connecting = options.connect(format!("nats://{host}"));
        match tokio::time::timeout(limit, connecting).await {
            Ok(Ok(client)) => Ok(NatsConnection { client, trouble }),
            Ok(Err(error)) => Err(NatsConnectFailure {
                is_final: matches!(
                    error.kind(),
                    ConnectErrorKind::Authentication
                        | ConnectErrorKind::AuthorizationViolation
                        | ConnectErrorKind::Tls
                        | ConnectErrorKind::ServerParse
                ) || is_certificate_error(&error),
                problem: format!("{host}: {error}"),
            }),
            Err(_) => Err(NatsConnectFailure {
                problem: format!("{host}: no answer within {limit:?}"),
                is_final: false,
            }),
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn request(
        &self,
        subject: String,
        headers: Option<HeaderMap>,
        payload: Vec<u8>,
        limit: Duration,
    ) -> Result<Message, RequestFailure> {
        let mut request = Request::new().payload(payload.into()).timeout(None);
        if let Some(headers) = headers {
            request = request.headers(headers);
        }
        let answer = async {
            let answer = self.client.send_request(subject, request).await;
            answer.map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => RequestFailure::NoResponders,
                RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
                    RequestFailure::Denied(error.to_string())
                }
                RequestErrorKind::TimedOut | RequestErrorKind::Other => {
                    RequestFailure::Lost(error.to_string())
                }
            })
        };
        self.within(limit, answer).await
    }

    /// Waits for something, but no longer than the limit, and not after the server refused or the
    /// connection was lost.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, RequestFailure>>,
    ) -> Result<T, RequestFailure> {
        let mut trouble = self.trouble.subscribe();
        let troubled = async {
            match trouble.wait_for(Option::is_some).await {
                Ok(failure) => failure.clone(),
                Err(_) => None,
            }
        };
        tokio::select! {
            biased;
            outcome = work => outcome,
            failure = troubled => {
                // A refusal is about one request; the connection stays.
                self.trouble.send_if_modified(|state| {
                    let is_refusal = matches!(state, Some(RequestFailure::Denied(_)));
                    if is_refusal {
                        *state = None;
                    }
                    is_refusal
                });
                Err(failure.unwrap_or_else(|| RequestFailure::Lost("connection closed".to_owned())))
            }
            () = tokio::time::sleep(limit) => {
                Err(RequestFailure::Lost(format!("no answer within {limit:?}")))
            }
        }
    }
}

/// True if a certificate was refused, which the next attempt does not change.
fn is_certificate_error(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::InvalidData
        {
            return true;
        }
        cause = error.source();
    }
    false
}

fn options(
    address: &NatsAddress,
    trouble: watch::Sender<Option<RequestFailure>>,
) -> io::Result<ConnectOptions> {
    let is_used = AtomicBool::new(false);
    let mut options = ConnectOptions::new()
        .name("ledger")
        .ignore_discovered_servers()
        .retain_servers_order()
        .max_reconnects(Some(1))
        .reconnect_delay_callback(move |_| {
            if is_used.swap(true, Ordering::Relaxed) {
                NEVER
            } else {
                Duration::ZERO
            }
        })
        .event_callback(move |event| {
            let trouble = trouble.clone();
            async move {
                if let Some(failure) = failure(event) {
                    trouble.send_replace(Some(failure));
                }
            }
        });
    if let Some(path) = &address.creds {
        options = options.credentials(&secret_file(path)?)?;
    } else if let Some(path) = &address.nkey {
        options = options.nkey(secret_file(path)?.trim().to_owned());
    } else if let Some(password) = &address.password {
        let password = password.reveal().to_owned();
        options = match &address.user {
            Some(user) => options.user_and_password(user.clone(), password),
            None => options.token(password),
        };
    } else if let Some(user) = &address.user {
        options = options.user_and_password(user.clone(), String::new());
    }
    if let Some(path) = &address.ca {
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &address.client {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(match address.tls {
        NatsTls::First => options.require_tls(true).tls_first(),
        NatsTls::On => options.require_tls(true),
        NatsTls::IfOffered | NatsTls::Off => options,
    })
}

fn failure(event: Event) -> Option<RequestFailure> {
    match event {
        Event::Disconnected | Event::Closed => {
            Some(RequestFailure::Lost("the connection was lost".to_owned()))
        }
        Event::ServerError(ServerError::Other(text)) => {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            // Without notifications, the head is checked every few seconds.
            if text.contains("Subscription to \"ledger-stored.") {
                return None;
            }
            Some(
                if text.to_ascii_lowercase().contains("permissions violation") {
                    RequestFailure::Denied(text)
                } else {
                    RequestFailure::Lost(text)
                },
            )
        }
        Event::ServerError(ServerError::AuthorizationViolation) => {
            Some(RequestFailure::Lost("login refused".to_owned()))
        }
        _ => None,
    }
}

/// Reads a file with a secret.
fn secret_file(path: &Path) -> io::Result<String> {
    let described = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot read {}: {error}", path.display()),
        )
    };
    let mut options = OpenOptions::new();
    let file = careful(options.read(true)).open(path).map_err(described)?;
    let mut text = String::new();
    file.take(MOST_SECRET_BYTES)
        .read_to_string(&mut text)
        .map_err(described)?;
    Ok(text)
}
