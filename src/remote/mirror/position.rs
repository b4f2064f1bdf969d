//! How far a mirror goes, and its text in the position file.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::remote::{AppendPosition, Identity, LogName};

const FORMAT: &str = "ledger mirror 1";

/// How far a mirror goes and which log it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedPosition {
    /// The log.
    pub log_name: LogName,
    /// The log's creation.
    pub identity: Identity,
    /// The last append in the mirror.
    pub position: AppendPosition,
    /// The length of the mirror's log up to there.
    pub bytes: u64,
    /// The last position that this machine has seen, even if the mirror was emptied since.
    pub seen: AppendPosition,
    /// The engine's clock when the mirror was synced last.
    pub time: Option<SystemTime>,
    pub(super) last_bytes: u64,
    pub(super) last_digest: [u8; 32],
}

impl SyncedPosition {
    /// The position of an empty mirror.
    pub(super) fn start(log_name: LogName, identity: Identity) -> SyncedPosition {
        SyncedPosition {
            log_name,
            identity,
            position: AppendPosition::START,
            bytes: 0,
            seen: AppendPosition::START,
            time: None,
            last_bytes: 0,
            last_digest: Sha256::digest(b"").into(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.position == AppendPosition::START
    }

    /// One more append.
    pub(super) fn advance(&mut self, position: AppendPosition, payload: &[u8]) {
        let bytes = u64::try_from(payload.len()).unwrap_or(u64::MAX);
        self.position = position;
        self.seen = self.seen.max(position);
        self.bytes = self.bytes.saturating_add(bytes);
        self.last_bytes = bytes;
        self.last_digest = Sha256::digest(payload).into();
    }

    /// Back to an empty mirror, but what was seen is remembered.
    pub(super) fn empty(&mut self) {
        let seen = self.seen;
        *self = SyncedPosition::start(self.log_name.clone(), self.identity.clone());
        self.seen = seen;
    }

    /// The text of the position file. Its last line is the digest of the lines before.
    pub(super) fn to_text(&self) -> String {
        let time = self.time.and_then(microseconds).unwrap_or(0);
        let mut text = format!(
            "{FORMAT}\nplace {}\nidentity {}\nposition {}\nbytes {}\nseen {}\ntime {time}\nlast {} {}\n",
            self.log_name,
            self.identity.as_str(),
            self.position,
            self.bytes,
            self.seen,
            self.last_bytes,
            hex(&self.last_digest),
        );
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let _ = writeln!(text, "digest {}", hex(&digest));
        text
    }

    /// Reads the position file; `None` if it is damaged.
    pub(super) fn from_text(text: &str) -> Option<SyncedPosition> {
        let (body, digest) = text.strip_suffix('\n')?.rsplit_once("\ndigest ")?;
        let computed: [u8; 32] = Sha256::digest(format!("{body}\n").as_bytes()).into();
        if hex(&computed) != digest {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != FORMAT {
            return None;
        }
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let log_name = LogName::new(value("place")?.to_owned());
        let identity = Identity::new(value("identity")?.to_owned());
        let position = AppendPosition::new(value("position")?.parse().ok()?);
        let bytes = value("bytes")?.parse().ok()?;
        let seen = AppendPosition::new(value("seen")?.parse().ok()?);
        let time: u64 = value("time")?.parse().ok()?;
        let (last_bytes, last_digest) = value("last")?.split_once(' ')?;
        Some(SyncedPosition {
            log_name,
            identity,
            position,
            bytes,
            seen,
            time: Some(time)
                .filter(|time| *time != 0)
                .and_then(|time| SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(time))),
            last_bytes: last_bytes.parse().ok().filter(|last| *last <= bytes)?,
            last_digest: from_hex(last_digest)?,
        })
    }
}

/// Microseconds since 1970.
fn microseconds(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_micros()).ok()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let start = at.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(start..start.checked_add(2)?)?, 16).ok()?;
    }
    Some(bytes)
}
