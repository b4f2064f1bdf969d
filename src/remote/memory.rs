//! An engine in memory with faults, for tests.
//!
//! The faults: answers lost before or after the commit, late requests, other writers, stale heads,
//! rollbacks, holes, lagging replicas.

#![allow(
    clippy::cast_possible_truncation,
    reason = "positions in memory are small"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, EngineHead, Fetched, Identity, LogName,
    NotAppended, ReplicaRead, ReplicaSink, Sink, Store, StoreError, StoreNode, store,
};

/// What goes wrong with the next request of one connection.
#[derive(Clone, Debug)]
pub(crate) enum StoreFault {
    /// Nothing.
    None,
    /// An append does not arrive, and the answer does not either.
    LostBefore,
    /// An append is recorded, but its answer is lost.
    LostAfter,
    /// An append is delayed: it arrives with this many requests to the engine in between.
    Late(usize),
    /// An append is refused because the engine is full.
    Full,
    /// Another writer's append arrives first.
    Overtaken(Vec<u8>),
    /// The head is that of a deposed leader, this many appends ago.
    StaleHead(u64),
    /// No connection.
    Unreachable,
    /// A replica answers that has not got the last appends.
    Behind(u64),
    /// A replica answers that has lost this append.
    Hole(AppendPosition),
    /// A replica answers that has other bytes in this append.
    Rotten(AppendPosition),
}

#[derive(Debug)]
struct EngineState {
    appends: Vec<(AppendId, Vec<Vec<u8>>)>,
    identity: Identity,
    late: Vec<(usize, AppendPosition, Vec<u8>, AppendId)>,
}

impl EngineState {
    fn parts(&self) -> Vec<(&[u8], AppendId)> {
        let parts = self.appends.iter().flat_map(|(id, parts)| {
            let parts = parts.iter().map(Vec::as_slice);
            parts.map(|part| (part, *id))
        });
        parts.collect()
    }

    fn head(&self) -> AppendPosition {
        AppendPosition::new(self.parts().len() as u64)
    }

    fn append(
        &mut self,
        expected: AppendPosition,
        lines: &[u8],
        id: AppendId,
        most: usize,
    ) -> bool {
        let fits = self.head() == expected;
        if fits {
            let parts = store::parts(lines, most).unwrap();
            self.appends
                .push((id, parts.into_iter().map(<[u8]>::to_vec).collect()));
        }
        fits
    }

    fn replace(&mut self, replaced: &[(AppendPosition, Vec<u8>)]) {
        let parts = self.appends.iter_mut().flat_map(|(_, parts)| parts);
        for (index, part) in parts.enumerate() {
            let at = AppendPosition::new(index as u64 + 1);
            if let Some((_, new)) = replaced.iter().find(|(replaced, _)| *replaced == at) {
                part.clone_from(new);
            }
        }
    }

    /// One request arrives: appends that were delayed come closer.
    fn tick(&mut self, most: usize) {
        let late = std::mem::take(&mut self.late);
        for (left, expected, lines, id) in late {
            if left == 0 {
                self.append(expected, &lines, id, most);
            } else {
                self.late.push((left - 1, expected, lines, id));
            }
        }
    }
}

/// The engine, shared by its connections.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    state: Arc<Mutex<EngineState>>,
    part_bytes: usize,
}

impl Engine {
    pub(crate) fn new() -> Engine {
        Engine::with_part_bytes(super::PART_BYTES)
    }

    /// The same, with smaller parts.
    pub(crate) fn with_part_bytes(part_bytes: usize) -> Engine {
        let state = EngineState {
            appends: Vec::new(),
            identity: Identity::new("created once".to_owned()),
            late: Vec::new(),
        };
        Engine {
            state: Arc::new(Mutex::new(state)),
            part_bytes,
        }
    }

    fn state(&self) -> MutexGuard<'_, EngineState> {
        self.state.lock().unwrap()
    }

    /// A connection without faults yet.
    pub(crate) fn connect(&self) -> MemoryStore {
        MemoryStore {
            engine: self.clone(),
            log_name: LogName::new("memory://tests/books".to_owned()),
            faults: VecDeque::new(),
        }
    }

    /// All bytes, as a file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let state = self.state();
        state
            .parts()
            .iter()
            .flat_map(|(part, _)| *part)
            .copied()
            .collect()
    }

    /// Takes away the last appends, as a restored backup does.
    pub(crate) fn roll_back(&self, appends: usize) {
        let mut state = self.state();
        let left = state.appends.len() - appends;
        state.appends.truncate(left);
    }

    /// Deletes the stream and creates it again.
    pub(crate) fn replace(&self) {
        let mut state = self.state();
        state.appends.clear();
        state.identity = Identity::new("created again".to_owned());
    }

    /// All delayed appends arrive.
    pub(crate) fn deliver_late(&self) {
        while !self.state().late.is_empty() {
            self.state().tick(self.part_bytes);
        }
    }
}

/// A connection to an [`Engine`].
#[derive(Debug)]
pub(crate) struct MemoryStore {
    engine: Engine,
    log_name: LogName,
    faults: VecDeque<StoreFault>,
}

impl MemoryStore {
    /// The same, with these faults for its next requests, one each.
    pub(crate) fn with(mut self, faults: impl IntoIterator<Item = StoreFault>) -> MemoryStore {
        self.faults = faults.into_iter().collect();
        self
    }

    fn next_fault(&mut self) -> Result<StoreFault, StoreError> {
        self.engine.state().tick(self.engine.part_bytes);
        match self.faults.pop_front().unwrap_or(StoreFault::None) {
            StoreFault::Unreachable => Err(self.unreachable()),
            fault => Ok(fault),
        }
    }

    fn unreachable(&self) -> StoreError {
        StoreError::Unreachable {
            log_name: self.log_name.clone(),
            problem: "a fault of the test".to_owned(),
        }
    }
}

impl Store for MemoryStore {
    fn log_name(&self) -> &LogName {
        &self.log_name
    }

    fn create(&mut self, _replicas: u8, until: Deadline) -> Result<EngineHead, StoreError> {
        self.head(until)
    }

    fn head(&mut self, _until: Deadline) -> Result<EngineHead, StoreError> {
        let fault = self.next_fault()?;
        let state = self.engine.state();
        let behind = match fault {
            StoreFault::StaleHead(appends) => appends,
            _ => 0,
        };
        Ok(EngineHead {
            position: AppendPosition::new(state.head().number().saturating_sub(behind)),
            identity: state.identity.clone(),
            time: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1_000_000)),
        })
    }

    fn fetch(
        &mut self,
        from: AppendPosition,
        to: AppendPosition,
        _until: Deadline,
        sink: &mut Sink<'_>,
    ) -> Result<(), StoreError> {
        let fault = self.next_fault()?;
        let state = self.engine.state();
        let mut parts: Vec<Option<(&[u8], AppendId)>> =
            state.parts().into_iter().map(Some).collect();
        match fault {
            StoreFault::Behind(appends) => {
                parts.truncate(parts.len().saturating_sub(appends as usize));
            }
            StoreFault::Hole(position) if position.number() as usize <= parts.len() => {
                parts[position.number() as usize - 1] = None;
            }
            StoreFault::Rotten(position) if position.number() as usize <= parts.len() => {
                if let Some((lines, _)) = &mut parts[position.number() as usize - 1] {
                    *lines = b"rotten\n";
                }
            }
            _ => {}
        }
        let mut position = from;
        while position <= to {
            let part = parts.get(position.number() as usize - 1).copied().flatten();
            let Some((lines, id)) = part else {
                return Err(StoreError::Hole {
                    log_name: self.log_name.clone(),
                    position,
                    node: None,
                });
            };
            let fetched = Fetched {
                position,
                lines,
                id: Some(id),
            };
            if sink(fetched).is_break() {
                break;
            }
            position = position.next();
        }
        Ok(())
    }

    fn append(
        &mut self,
        append: &Append<'_>,
        _until: Deadline,
    ) -> Result<AppendPosition, NotAppended> {
        let Append {
            expected,
            lines,
            id,
            replaced,
        } = *append;
        let most = self.engine.part_bytes;
        let fault = self.next_fault().map_err(NotAppended::NotRecorded)?;
        let mut state = self.engine.state();
        match fault {
            StoreFault::LostBefore => return Err(NotAppended::Unknown(self.unreachable())),
            StoreFault::Late(requests) => {
                state.late.push((requests, expected, lines.to_vec(), id));
                return Err(NotAppended::Unknown(self.unreachable()));
            }
            StoreFault::Full => {
                return Err(NotAppended::NotRecorded(StoreError::Refused {
                    log_name: self.log_name.clone(),
                    problem: "full".to_owned(),
                }));
            }
            StoreFault::Overtaken(ref others) => {
                let head = state.head();
                state.append(head, others, AppendId::random().unwrap(), most);
            }
            _ => {}
        }
        let is_recorded = state.append(expected, lines, id, most);
        if is_recorded {
            state.replace(replaced);
        }
        match fault {
            StoreFault::LostAfter => Err(NotAppended::Unknown(self.unreachable())),
            _ if is_recorded => Ok(state.head()),
            _ => Err(NotAppended::Conflict),
        }
    }

    fn can_replace(&self) -> bool {
        true
    }

    fn nodes(&mut self, _until: Deadline) -> Result<Vec<StoreNode>, StoreError> {
        Ok(Vec::new())
    }

    fn read_replicas(
        &mut self,
        _to: AppendPosition,
        _until: Deadline,
        _sink: &mut ReplicaSink<'_>,
    ) -> Result<Vec<ReplicaRead>, StoreError> {
        Ok(Vec::new())
    }

    fn wait(&mut self, beyond: AppendPosition, _until: Deadline) -> Result<bool, StoreError> {
        self.next_fault()?;
        Ok(self.engine.state().head() > beyond)
    }
}

/// A clock that only moves if it pauses.
#[derive(Debug)]
pub(crate) struct TestClock {
    start: Instant,
    passed: Mutex<Duration>,
}

impl TestClock {
    pub(crate) fn new() -> TestClock {
        TestClock {
            start: Instant::now(),
            passed: Mutex::new(Duration::ZERO),
        }
    }

    /// A deadline so long after the start.
    pub(crate) fn deadline(&self, time: Duration) -> Deadline {
        Deadline::at(self.start + time)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn pause(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }
}
