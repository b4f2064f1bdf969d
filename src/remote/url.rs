//! Addresses of logs on engines: `nats://`, `tls://` and `postgres://`.
//!
//! A secret is never sent unprotected by accident, and messages never quote a value. Must not read
//! the environment: secrets from there are passed in.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use super::{LogName, Secret, StoreError};

/// An address of a log on an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A stream of NATS JetStream.
    Nats(NatsAddress),
    /// A ledger in a table of PostgreSQL.
    Postgres(PostgresAddress),
}

/// Secrets that do not come from the address, such as those of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuppliedSecrets {
    /// `LEDGER_NATS_CREDS`: the path of a credentials file.
    pub nats_creds: Option<PathBuf>,
    /// `LEDGER_NATS_USER`.
    pub nats_user: Option<String>,
    /// `LEDGER_NATS_PASSWORD`.
    pub nats_password: Option<Secret>,
    /// `PGUSER`: the user, if the address names none.
    pub postgres_user: Option<String>,
    /// `PGPASSWORD`.
    pub postgres_password: Option<Secret>,
    /// `PGPASSFILE`.
    pub postgres_passfile: Option<PathBuf>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name or address; the directory of a Unix socket if it begins with `/`.
    pub name: String,
    /// Its port.
    pub port: u16,
}

/// The use of TLS with NATS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatsTls {
    /// TLS if the server asks for it.
    IfOffered,
    /// TLS, after the server's greeting.
    On,
    /// TLS, before the server's greeting.
    First,
    /// No TLS, said explicitly.
    Off,
}

/// An address on NATS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatsAddress {
    /// The servers, at least one.
    pub hosts: Vec<Host>,
    /// The stream.
    pub stream: String,
    /// The user, if one logs in by name.
    pub user: Option<String>,
    /// The user's password; a token if there is no user.
    pub password: Option<Secret>,
    /// A credentials file.
    pub creds: Option<PathBuf>,
    /// A file with the seed of an nkey.
    pub nkey: Option<PathBuf>,
    /// A file with the certificates to trust, in place of the system's.
    pub ca: Option<PathBuf>,
    /// A client certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
    /// The use of TLS.
    pub tls: NatsTls,
    log_name: LogName,
}

/// The use of TLS with PostgreSQL, in libpq's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// `disable`.
    Disable,
    /// `prefer`, the default, and `allow`.
    Prefer,
    /// `require`, `verify-ca` and `verify-full`: certificate and name are always checked.
    Require,
}

/// An address on PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresAddress {
    /// The servers, at least one.
    pub hosts: Vec<Host>,
    /// The database.
    pub database: String,
    /// The ledger's name in the table.
    pub ledger: String,
    /// The user.
    pub user: String,
    /// The user's password.
    pub password: Option<Secret>,
    /// A password file, as libpq's.
    pub passfile: Option<PathBuf>,
    /// A file with the certificates to trust, in place of the system's.
    pub ca: Option<PathBuf>,
    /// A client certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
    /// The use of TLS.
    pub sslmode: SslMode,
    log_name: LogName,
}

impl NatsAddress {
    /// The stream's name for messages.
    pub fn log_name(&self) -> &LogName {
        &self.log_name
    }
}

impl PostgresAddress {
    /// The ledger's name for messages.
    pub fn log_name(&self) -> &LogName {
        &self.log_name
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

impl Host {
    /// True if the server is on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.name == "localhost"
            || self.name.starts_with('/')
            || self.name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

impl Address {
    /// True if this text is meant as an address on an engine and not as a path.
    pub fn is_meant(text: &str) -> bool {
        ["nats:", "tls:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`StoreError::Address`].
    pub fn parse(text: &str, supplied: &SuppliedSecrets) -> Result<Address, StoreError> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| wrong("an address on an engine has the form nats://HOST/STREAM"))?;
        let parts = UrlParts::split(rest)?;
        match scheme {
            "nats" | "tls" => nats(scheme, parts, supplied).map(Address::Nats),
            "postgres" | "postgresql" => postgres(parts, supplied).map(Address::Postgres),
            _ => Err(wrong("only nats://, tls:// and postgres:// are known")),
        }
    }

    /// An address as it may be shown: without its password, and without parameters that only say how
    /// to connect. Other text is returned as it is.
    pub fn without_secrets(text: &str) -> String {
        if !Address::is_meant(text) {
            return text.to_owned();
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            // It cannot be told what of it is a secret.
            return text.split(':').next().unwrap_or_default().to_owned() + "://…";
        };
        let (rest, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
        let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        if scheme == "nats" || scheme == "tls" {
            return format!("{scheme}://{rest}");
        }
        let user = login.split(':').next().filter(|user| !user.is_empty());
        let user = user.map_or_else(String::new, |user| format!("{user}@"));
        let ledger = query.split('&').find(|part| part.starts_with("ledger="));
        let ledger = ledger.map_or_else(String::new, |ledger| format!("?{ledger}"));
        format!("{scheme}://{user}{rest}{ledger}")
    }

    /// What of an address is a secret, as it was typed: its password, or on NATS a token in place of a
    /// user.
    pub fn secret_in(text: &str) -> Option<&str> {
        let (scheme, rest) = text.split_once("://").filter(|_| Address::is_meant(text))?;
        let rest = rest.split(['?', '#']).next()?;
        let (login, _) = rest.rsplit_once('@')?;
        let secret = match login.split_once(':') {
            Some((_, password)) => password,
            None if scheme == "nats" || scheme == "tls" => login,
            None => return None,
        };
        Some(secret).filter(|secret| !secret.is_empty())
    }

    /// The log's name for messages.
    pub fn log_name(&self) -> &LogName {
        match self {
            Address::Nats(address) => &address.log_name,
            Address::Postgres(address) => &address.log_name,
        }
    }
}

fn wrong(problem: impl Into<String>) -> StoreError {
    StoreError::Address {
        problem: problem.into(),
    }
}

/// An address taken apart, its values decoded.
struct UrlParts<'a> {
    user: Option<String>,
    password: Option<Secret>,
    hosts: &'a str,
    path: String,
    parameters: Vec<(&'a str, String)>,
}

impl<'a> UrlParts<'a> {
    fn split(rest: &'a str) -> Result<UrlParts<'a>, StoreError> {
        if rest.contains('#') {
            return Err(wrong("an address has no fragment; write # as %23"));
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':')) {
            Some(Some((user, password))) => (Some(decode(user)?), Some(decode(password)?)),
            Some(None) => (login.map(decode).transpose()?, None),
            None => (None, None),
        };
        let mut parameters: Vec<(&str, String)> = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter
                .split_once('=')
                .ok_or_else(|| wrong("a parameter in an address has the form NAME=VALUE"))?;
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(wrong(format!("parameter {name} is given twice")));
            }
            parameters.push((name, decode(value)?));
        }
        Ok(UrlParts {
            user: user.filter(|user| !user.is_empty()),
            password: password.map(Secret::new),
            hosts,
            path: decode(path)?,
            parameters,
        })
    }

    /// Removes a parameter and returns its value.
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.parameters.iter().position(|(key, _)| *key == name)?;
        Some(self.parameters.swap_remove(at).1)
    }

    fn take_path(&mut self, name: &str) -> Option<PathBuf> {
        self.take(name).map(PathBuf::from)
    }

    fn take_client(
        &mut self,
        cert: &str,
        key: &str,
    ) -> Result<Option<(PathBuf, PathBuf)>, StoreError> {
        match (self.take_path(cert), self.take_path(key)) {
            (Some(certificate), Some(secret)) => Ok(Some((certificate, secret))),
            (None, None) => Ok(None),
            _ => Err(wrong(format!("{cert} and {key} are given together"))),
        }
    }

    fn refuse_others(&self) -> Result<(), StoreError> {
        match self.parameters.first() {
            Some((name, _)) => Err(wrong(format!("there is no parameter {name} in an address"))),
            None => Ok(()),
        }
    }

    fn hosts(&self, port: u16) -> Result<Vec<Host>, StoreError> {
        self.hosts.split(',').map(|text| host(text, port)).collect()
    }
}

fn host(text: &str, port: u16) -> Result<Host, StoreError> {
    let (name, after) = match text.strip_prefix('[') {
        Some(rest) => rest
            .split_once(']')
            .ok_or_else(|| wrong("an IPv6 address ends in ]"))?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match after.strip_prefix(':') {
        Some(digits) => digits
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| wrong("a port is a number from 1 to 65535"))?,
        None if after.is_empty() => port,
        None => return Err(wrong("after an IPv6 address only :PORT may follow")),
    };
    let name = decode(name)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._:/%".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(wrong("an address names a host"));
    }
    Ok(Host { name, port })
}

/// Replaces `%XX`. Refuses what is not UTF-8 after that, and control characters.
fn decode(text: &str) -> Result<String, StoreError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after
                .get(..2)
                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .ok_or_else(|| wrong("% in an address is written as %25"))?;
            bytes.push(digits);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.chars().any(char::is_control))
        .ok_or_else(|| wrong("an address is UTF-8 without control characters"))
}

/// True if the text is short, of ASCII letters, digits, `-` and `_`.
fn is_plain_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=128).contains(&text.len()) && text.chars().all(is_plain)
}

/// The hosts as they were given; default ports are left out.
fn listed(hosts: &[Host], default: u16) -> String {
    let texts = hosts.iter().map(|host| {
        let text = host.to_string();
        let short = text.strip_suffix(&format!(":{default}"));
        short.map_or_else(|| text.clone(), str::to_owned)
    });
    texts.collect::<Vec<_>>().join(",")
}

fn nats(
    scheme: &str,
    mut parts: UrlParts<'_>,
    supplied: &SuppliedSecrets,
) -> Result<NatsAddress, StoreError> {
    const PORT: u16 = 4222;
    let hosts = parts.hosts(PORT)?;
    if !is_plain_name(&parts.path) {
        return Err(wrong(
            "a stream's name is 1 to 128 of A-Z, a-z, 0-9, - and _, as in nats://HOST/STREAM",
        ));
    }
    let tls = match (parts.take("tls").as_deref(), scheme) {
        (None, "tls") | (Some("on"), _) => NatsTls::On,
        (None, _) => NatsTls::IfOffered,
        (Some("first"), _) => NatsTls::First,
        (Some("off"), "nats") => NatsTls::Off,
        (Some("off"), _) => return Err(wrong("tls:// and tls=off contradict each other")),
        (Some(_), _) => return Err(wrong("tls is first, on or off")),
    };
    let log_name = LogName::new(format!(
        "{scheme}://{}/{}",
        listed(&hosts, PORT),
        parts.path
    ));
    let creds = parts.take_path("creds");
    let nkey = parts.take_path("nkey");
    let is_login_given = parts.user.is_some() || creds.is_some() || nkey.is_some();
    let mut address = NatsAddress {
        ca: parts.take_path("ca"),
        client: parts.take_client("cert", "key")?,
        user: parts.user.take(),
        password: parts.password.take(),
        stream: std::mem::take(&mut parts.path),
        hosts,
        creds,
        nkey,
        tls,
        log_name,
    };
    parts.refuse_others()?;
    if !is_login_given {
        address.creds.clone_from(&supplied.nats_creds);
    }
    if address.creds.is_none() && address.nkey.is_none() {
        address.user = address.user.or_else(|| supplied.nats_user.clone());
        address.password = address.password.or_else(|| supplied.nats_password.clone());
    }
    let has_secret =
        address.password.is_some() || address.creds.is_some() || address.nkey.is_some();
    if has_secret && address.tls == NatsTls::IfOffered && !address.hosts.iter().all(Host::is_local)
    {
        return Err(wrong(
            "a secret is not sent to another machine without TLS: write tls://, or tls=off to send it anyway",
        ));
    }
    Ok(address)
}

fn postgres(
    mut parts: UrlParts<'_>,
    supplied: &SuppliedSecrets,
) -> Result<PostgresAddress, StoreError> {
    const PORT: u16 = 5432;
    let hosts = parts.hosts(PORT)?;
    let user = parts
        .user
        .take()
        .or_else(|| supplied.postgres_user.clone())
        .ok_or_else(|| wrong("the user is missing, as in postgres://USER@HOST/DATABASE"))?;
    if parts.path.is_empty() || parts.path.contains('/') {
        return Err(wrong(
            "the database is missing, as in postgres://USER@HOST/DATABASE",
        ));
    }
    let ledger = parts
        .take("ledger")
        .filter(|name| is_plain_name(name))
        .ok_or_else(|| wrong("ledger=NAME is missing: 1 to 128 of A-Z, a-z, 0-9, - and _"))?;
    let (sslmode, is_said) = match parts.take("sslmode").as_deref() {
        None | Some("allow" | "prefer") => (SslMode::Prefer, false),
        Some("disable") => (SslMode::Disable, true),
        Some("require" | "verify-ca" | "verify-full") => (SslMode::Require, true),
        Some(_) => {
            return Err(wrong(
                "sslmode is disable, allow, prefer, require, verify-ca or verify-full",
            ));
        }
    };
    let address = PostgresAddress {
        log_name: LogName::new(format!(
            "postgres://{}/{}?ledger={ledger}",
            listed(&hosts, PORT),
            parts.path
        )),
        ca: parts.take_path("sslrootcert"),
        client: parts.take_client("sslcert", "sslkey")?,
        password: parts
            .password
            .take()
            .or_else(|| supplied.postgres_password.clone()),
        passfile: supplied.postgres_passfile.clone(),
        database: std::mem::take(&mut parts.path),
        hosts,
        ledger,
        user,
        sslmode,
    };
    parts.refuse_others()?;
    let has_secret = address.password.is_some() || address.passfile.is_some();
    if has_secret && !is_said && !address.hosts.iter().all(Host::is_local) {
        return Err(wrong(
            "a secret is not sent to another machine without TLS: write sslmode=verify-full, or sslmode=disable to send it anyway",
        ));
    }
    Ok(address)
}

#[cfg(test)]
mod tests;
