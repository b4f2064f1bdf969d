//! What a server of NATS says of itself over its monitoring port: plain HTTP, one request a connection.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::bail;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// How long a connection and an answer take at most.
const LIMIT: Duration = Duration::from_secs(3);
/// More than an answer has.
const MOST_BYTES: u64 = 4 * 1024 * 1024;
const PORT: &str = "8222";

/// A server, as it describes itself.
#[derive(Clone, Debug)]
pub(crate) struct Monitored {
    pub(crate) server: String,
    pub(crate) version: String,
    /// What is wrong with it, if it says so.
    pub(crate) illness: Option<String>,
    /// True if it syncs each append before it acknowledges it.
    pub(crate) syncs_always: bool,
}

impl Monitored {
    /// True if it can lose what it acknowledged, or says that it is ill.
    pub(crate) fn is_ill(&self) -> bool {
        self.illness.is_some() || !self.syncs_always
    }
}

#[derive(Deserialize)]
struct Varz {
    server_name: String,
    version: String,
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Default, Deserialize)]
struct JetStream {
    #[serde(default)]
    config: JetStreamConfig,
}

#[derive(Default, Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
}

#[derive(Deserialize)]
struct Health {
    status: String,
    #[serde(default)]
    error: Option<String>,
}

/// Asks the server whose monitoring port this is: `http://HOST[:PORT]`.
pub(crate) fn ask(url: &str) -> anyhow::Result<Monitored> {
    let host = url
        .strip_prefix("http://")
        .map(|host| host.trim_end_matches('/'));
    let Some(host) = host.filter(|host| !host.is_empty() && !host.contains(['/', '@', '?'])) else {
        bail!(
            Failure::usage(format!("`{url}` is not the address of a monitoring port"))
                .with_advice("one is like http://localhost:8222")
        );
    };
    let failed = |problem| Failure::io(format!("{url}: {problem}"));
    let varz: Varz = get(host, "/varz").map_err(failed)?;
    let health: Health = get(host, "/healthz").map_err(failed)?;
    let is_well = health.status == "ok";
    Ok(Monitored {
        server: varz.server_name,
        version: varz.version,
        illness: (!is_well).then(|| health.error.unwrap_or(health.status)),
        syncs_always: varz.jetstream.config.sync_always,
    })
}

/// The body of an answer, whatever its status: a server that is ill answers with its illness.
fn get<T: DeserializeOwned>(host: &str, path: &str) -> Result<T, String> {
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let address = if has_port {
        host.to_owned()
    } else {
        format!("{host}:{PORT}")
    };
    let text = |error: std::io::Error| error.to_string();
    let mut addresses = address.to_socket_addrs().map_err(text)?;
    let socket = addresses.next().ok_or("it has no address")?;
    let mut stream = TcpStream::connect_timeout(&socket, LIMIT).map_err(text)?;
    stream.set_read_timeout(Some(LIMIT)).map_err(text)?;
    stream.set_write_timeout(Some(LIMIT)).map_err(text)?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(text)?;
    let mut answer = Vec::new();
    stream
        .take(MOST_BYTES)
        .read_to_end(&mut answer)
        .map_err(text)?;
    let end = memchr::memmem::find(&answer, b"\r\n\r\n").ok_or("it does not speak HTTP")?;
    let body = answer.split_off(end.saturating_add(4));
    serde_json::from_slice(&body).map_err(|error| format!("unexpected answer: {error}"))
}
