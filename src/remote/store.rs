//! The interface of an engine, where a log's bytes are if not in a local file: the [`Store`] trait,
//! its values and errors.

use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use thiserror::Error;

/// The most bytes that one message of a stream, or one part of an append, may have.
pub const PART_BYTES: usize = 512 * 1024;
/// The most parts that one append may have.
pub const PARTS: usize = 1000;

/// A clock that the caller brings, since the library reads none.
pub trait Clock: Send + Sync {
    /// The current moment of a monotonic clock.
    fn now(&self) -> Instant;

    /// Blocks for this long.
    fn pause(&self, time: Duration);
}

/// The moment at which an operation stops. It is a value; only a [`Clock`] reads the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// Gives up at this moment.
    pub fn at(end: Instant) -> Deadline {
        Deadline(end)
    }

    /// The time that is left; zero once the deadline has passed.
    pub fn left(self, clock: &dyn Clock) -> Duration {
        self.0.saturating_duration_since(clock.now())
    }

    /// True once the deadline has passed.
    pub fn is_over(self, clock: &dyn Clock) -> bool {
        self.left(clock).is_zero()
    }
}

/// The number of one append. The first append has 1; 0 is the position of an empty log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppendPosition(u64);

impl AppendPosition {
    /// The position before the first append.
    pub const START: AppendPosition = AppendPosition(0);

    /// The position with this number.
    pub fn new(number: u64) -> AppendPosition {
        AppendPosition(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The position of the next append.
    #[must_use]
    pub fn next(self) -> AppendPosition {
        self.after(1)
    }

    /// The position of the append that is this many later.
    #[must_use]
    pub fn after(self, appends: u64) -> AppendPosition {
        AppendPosition(self.0.saturating_add(appends))
    }
}

impl fmt::Display for AppendPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What distinguishes a stream from another one that had or gets the same name: its creation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(String);

impl Identity {
    /// Wraps the engine's own text: a creation time or a random id.
    pub fn new(text: String) -> Identity {
        Identity(text)
    }

    /// The engine's own text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The end of a log, as the engine reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineHead {
    /// The position of the last append.
    pub position: AppendPosition,
    /// The stream's identity.
    pub identity: Identity,
    /// The engine's clock at that moment, if it reports one.
    pub time: Option<SystemTime>,
}

/// The name of a log on an engine, for messages and for the mirror's path. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogName(String);

impl LogName {
    /// Wraps a text such as `nats://HOST/STREAM`.
    pub fn new(text: String) -> LogName {
        LogName(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The random id of one append. It tells an append from another machine's with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendId([u8; 16]);

impl AppendId {
    /// A new id.
    ///
    /// # Errors
    /// The system's error if it gave no random bytes.
    pub fn random() -> io::Result<AppendId> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(AppendId(bytes))
    }

    /// The id with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> AppendId {
        AppendId(bytes)
    }

    /// Reads 32 hex digits; hyphens between them are ignored.
    pub fn from_text(text: &str) -> Option<AppendId> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let mut bytes = [0; 16];
        if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(AppendId(bytes))
    }
}

impl fmt::Display for AppendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One append as an engine delivers it, or one part of a large one.
#[derive(Clone, Copy, Debug)]
pub struct Fetched<'a> {
    /// Its position.
    pub position: AppendPosition,
    /// Its lines.
    pub lines: &'a [u8],
    /// The id it was sent with; `None` if another program wrote it.
    pub id: Option<AppendId>,
}

/// What is to be appended.
#[derive(Clone, Copy, Debug)]
pub struct Append<'a> {
    /// The end of the log that it was decided on.
    pub expected: AppendPosition,
    /// Whole lines.
    pub lines: &'a [u8],
    /// The same if it is sent again.
    pub id: AppendId,
    /// The new lines of earlier appends.
    pub replaced: &'a [(AppendPosition, Vec<u8>)],
}

impl<'a> Append<'a> {
    /// Lines after this end, and nothing replaced.
    pub fn new(expected: AppendPosition, lines: &'a [u8], id: AppendId) -> Append<'a> {
        Append {
            expected,
            lines,
            id,
            replaced: &[],
        }
    }
}

/// Takes appends in order, and may stop.
pub type Sink<'s> = dyn FnMut(Fetched<'_>) -> ControlFlow<()> + 's;

/// A server that keeps a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreNode {
    /// Its name, or its host and port.
    pub name: String,
    /// True if it answers.
    pub is_online: bool,
    /// True if it decides on appends at the moment.
    pub is_leader: bool,
    /// How many appends it does not have yet, as far as the engine knows.
    pub behind: u64,
}

/// What was read of one server's copy of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaRead {
    /// The server.
    pub node: String,
    /// How far.
    pub state: ReplicaState,
}

/// How far one server's copy was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaState {
    /// Up to this position, after which it has nothing, or something else.
    Read(AppendPosition),
    /// Not at all, or not to the end.
    NotRead(String),
}

/// Takes the appends of each server in order, with the server's name, and may stop.
pub type ReplicaSink<'s> = dyn FnMut(&str, Fetched<'_>) -> ControlFlow<()> + 's;

/// A log on an engine. Deals in whole lines as bytes: no rules, no printing, no clock.
///
/// The payload of one append is whole lines, each with its LF. The payloads in order are the file.
pub trait Store: Send {
    /// The log's name, for messages and the mirror. Never holds a secret.
    fn log_name(&self) -> &LogName;

    /// Makes the empty log, unless it is there, and checks its settings. An engine that does not
    /// replicate ignores `replicas`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn create(&mut self, replicas: u8, until: Deadline) -> Result<EngineHead, StoreError>;

    /// The end of the log.
    ///
    /// # Errors
    /// [`StoreError`].
    fn head(&mut self, until: Deadline) -> Result<EngineHead, StoreError>;

    /// Passes the appends from `from` to `to`, both included, to `sink`: in order, each once. `sink`
    /// stops it early.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Hole`] if an append in this range was not delivered.
    fn fetch(
        &mut self,
        from: AppendPosition,
        to: AppendPosition,
        until: Deadline,
        sink: &mut Sink<'_>,
    ) -> Result<(), StoreError>;

    /// True if the lines of earlier appends can be replaced.
    fn can_replace(&self) -> bool {
        false
    }

    /// Appends whole lines after the expected end, and returns the new one. The same append, sent again
    /// after a lost answer, has the same id, so that it is recognised. Large appends occupy several
    /// positions, as [`parts`] divides them. Lines of earlier appends are replaced in the same
    /// transaction; an engine that cannot do that records nothing.
    ///
    /// # Errors
    /// [`NotAppended`].
    fn append(
        &mut self,
        append: &Append<'_>,
        until: Deadline,
    ) -> Result<AppendPosition, NotAppended>;

    /// The servers that keep the log.
    ///
    /// # Errors
    /// [`StoreError`].
    fn nodes(&mut self, until: Deadline) -> Result<Vec<StoreNode>, StoreError>;

    /// Passes the appends up to `to` to `sink`, as each server has them: one server after the other. The
    /// deadline is that of the connection; reading takes as long as it needs.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read_replicas(
        &mut self,
        to: AppendPosition,
        until: Deadline,
        sink: &mut ReplicaSink<'_>,
    ) -> Result<Vec<ReplicaRead>, StoreError>;

    /// Waits until there is an append after `beyond`; false if the deadline passed first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn wait(&mut self, beyond: AppendPosition, until: Deadline) -> Result<bool, StoreError>;
}

/// Why an append did not succeed.
#[derive(Debug, Error)]
pub enum NotAppended {
    /// The log has another end than expected. These bytes were not recorded by this attempt.
    #[error("the log has changed since it was read")]
    Conflict,
    /// These bytes were not recorded by this attempt.
    #[error("nothing was recorded: {0}")]
    NotRecorded(StoreError),
    /// The answer was lost: the bytes may have been recorded, or may be recorded later.
    #[error("unknown whether it was recorded: {0}")]
    Unknown(StoreError),
}

/// Everything that can go wrong with an engine or the mirror.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The address cannot be used.
    #[error("{problem}")]
    Address {
        /// What is wrong with it. Never quotes a secret.
        problem: String,
    },
    /// The append is larger than any engine takes.
    #[error("{bytes} bytes are too many for one append; at most {most} are possible")]
    TooLarge {
        /// The size of the append.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The lines are not whole: an append must end in LF and have no longer line than the format.
    #[error("an append must be whole lines")]
    NotLines,
    /// No connection, leader, quorum or login within the time allowed.
    #[error("cannot reach {log_name}: {problem}")]
    Unreachable {
        /// Which log.
        log_name: LogName,
        /// What happened.
        problem: String,
    },
    /// The engine refused: not allowed, full, or an unexpected answer.
    #[error("{log_name} refused: {problem}")]
    Refused {
        /// Which log.
        log_name: LogName,
        /// What the engine said.
        problem: String,
    },
    /// There is no such stream or ledger on the engine.
    #[error("there is no ledger at {log_name}")]
    NoStream {
        /// Which log.
        log_name: LogName,
    },
    /// A setting of the stream, or of the server, could lose or change an append.
    #[error("{log_name} is not safe for a ledger: {setting} is {found}, but must be {needed}")]
    WrongSetting {
        /// Which log.
        log_name: LogName,
        /// The setting's name, as the engine has it.
        setting: &'static str,
        /// Its value.
        found: String,
        /// The value that is safe.
        needed: String,
    },
    /// The engine's end is older than an end that was seen before.
    #[error("{log_name} was rolled back: append {seen} was seen earlier, now the last is {head}")]
    RolledBack {
        /// Which log.
        log_name: LogName,
        /// The position seen earlier.
        seen: AppendPosition,
        /// The engine's position now.
        head: AppendPosition,
    },
    /// Another stream now has this name.
    #[error("{log_name} was deleted and created again")]
    Replaced {
        /// Which log.
        log_name: LogName,
    },
    /// An append in the middle was not delivered.
    #[error("append {position} of {log_name} is missing{}", node.as_ref().map_or_else(String::new, |node| format!(" on {node}")))]
    Hole {
        /// Which log.
        log_name: LogName,
        /// The position that is missing.
        position: AppendPosition,
        /// The server that was asked, if known.
        node: Option<String>,
    },
    /// An append does not continue the chain.
    #[error("append {position} of {log_name} does not continue the chain: {problem}")]
    BrokenChain {
        /// Which log.
        log_name: LogName,
        /// The position.
        position: AppendPosition,
        /// What is wrong with it.
        problem: String,
    },
    /// The mirror cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Mirror {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Another process of this machine held the mirror's lock for too long.
    #[error("timed out waiting for the lock of {}", path.display())]
    MirrorLocked {
        /// Which file.
        path: PathBuf,
    },
}

/// Divides an append into parts of whole lines, each as large as possible but no larger than `most`.
/// The division depends on the bytes alone, so that a repeated append has the same parts.
///
/// # Errors
/// [`StoreError::NotLines`] or [`StoreError::TooLarge`].
pub fn parts(lines: &[u8], most: usize) -> Result<Vec<&[u8]>, StoreError> {
    if lines.last() != Some(&b'\n') {
        return Err(StoreError::NotLines);
    }
    let mut parts = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let window = rest.get(..most).unwrap_or(rest);
        let end = memchr::memrchr(b'\n', window)
            .and_then(|at| at.checked_add(1))
            .ok_or(StoreError::NotLines)?;
        let (part, later) = rest.split_at(end);
        parts.push(part);
        rest = later;
    }
    if parts.len() > PARTS {
        return Err(StoreError::TooLarge {
            bytes: lines.len(),
            most: most.saturating_mul(PARTS),
        });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::{StoreError, parts};

    #[test]
    fn an_append_is_divided_at_line_ends_only() {
        let lines = b"aa\nbbbb\nc\nd\n";
        assert_eq!(parts(lines, 100).unwrap(), [&lines[..]]);
        assert_eq!(
            parts(lines, 5).unwrap(),
            [&b"aa\n"[..], b"bbbb\n", b"c\nd\n"]
        );
    }

    #[test]
    fn what_cannot_be_divided_is_refused() {
        assert!(matches!(parts(b"", 5), Err(StoreError::NotLines)));
        assert!(matches!(parts(b"a\nb", 5), Err(StoreError::NotLines)));
        assert!(matches!(parts(b"aaaaaa\n", 5), Err(StoreError::NotLines)));
        let many = b"a\n".repeat(1001);
        assert!(matches!(parts(&many, 2), Err(StoreError::TooLarge { .. })));
        assert_eq!(parts(&many, 4).unwrap().len(), 501);
    }
}
