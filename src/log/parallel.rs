//! Reads a long segment of a log in blocks, on all cores if that is worthwhile.
//!
//! Every line has its own hash, so each block can be checked separately, starting from its own
//! first line. Blocks are then delivered in the order of the log, and the first line of each is
//! compared with the last one before it. Whatever is not a valid line with a line feed ends the
//! parallel scan; the sequential scan continues there, and it alone reports errors.

mod block;

use std::fs::File;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::check::{self, LineChecks, Predecessor};
use super::format::ParseCache;
use super::{LineSpan, LogPosition};
use crate::event::Entry;
use block::{Checked, EntryBuffers, LineBefore, OwnBytes};

/// How a segment is shared out.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScanPlan {
    /// The bytes in which the lines of one block start.
    pub(super) block: u64,
    /// How many cores take part, this one included.
    pub(super) workers: usize,
}

impl ScanPlan {
    /// More workers than that wait for each other's turns.
    const MOST_WORKERS: usize = 8;

    /// The plan for a segment of this size on this machine; `None` if it should be read
    /// sequentially.
    pub(super) fn of(bytes: u64) -> Option<ScanPlan> {
        /// A shorter segment does not justify the memory of a block.
        const LEAST: u64 = 128 * 1024;
        (bytes >= LEAST).then(|| ScanPlan::some(bytes))
    }

    /// The plan if the segment is shared between cores.
    pub(super) fn some(bytes: u64) -> ScanPlan {
        /// A shorter segment does not justify a thread, nor a query for the number of cores.
        const LEAST_FOR_THREADS: u64 = 4 * 1024 * 1024;
        if bytes < LEAST_FOR_THREADS {
            return ScanPlan {
                block: 32 * 1024,
                workers: 1,
            };
        }
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        ScanPlan {
            block: 256 * 1024,
            workers: cores.min(ScanPlan::MOST_WORKERS),
        }
    }
}

/// A segment of a file that starts at the start of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'f> {
    pub(super) file: &'f File,
    /// The line before it, which was checked.
    pub(super) from: Option<LogPosition>,
    /// Where it ends.
    pub(super) end: u64,
    /// The checks for its lines.
    pub(super) checks: LineChecks,
}

impl Segment<'_> {
    fn start(&self) -> u64 {
        self.from.map_or(0, |position| position.offset)
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        self.end.saturating_sub(self.start())
    }

    /// Checks lines on several cores and delivers them in order. Returns the last delivered one:
    /// the next was not delivered, or is after the segment.
    ///
    /// # Errors
    /// The error of `each`.
    pub(super) fn scan<E: Send>(
        &self,
        plan: ScanPlan,
        mut each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E> + Send,
    ) -> Result<Option<LogPosition>, E> {
        let nothing = |(): &mut (), _: &[Entry<'_>]| Ok(());
        self.scan_blocks(
            plan,
            || (),
            nothing,
            |checked, ()| checked.deliver(&mut each),
        )
    }

    /// The same, and converts the lines of each block on the core that checked them. Each core has a
    /// result of its own from `make`, which `each` empties.
    ///
    /// # Errors
    /// The error of `convert` or `each`.
    pub(super) fn convert<P, E: Send>(
        &self,
        plan: ScanPlan,
        make: impl Fn() -> P + Sync,
        convert: impl Fn(&mut P, &Entry<'_>) -> Result<(), E> + Sync,
        mut each: impl FnMut(&mut P) -> Result<(), E> + Send,
    ) -> Result<Option<LogPosition>, E> {
        let convert_all = |converted: &mut P, entries: &[Entry<'_>]| {
            let mut entries = entries.iter();
            entries.try_for_each(|entry| convert(converted, entry))
        };
        self.scan_blocks(plan, make, convert_all, |_, converted| each(converted))
    }

    fn scan_blocks<P, E: Send>(
        &self,
        plan: ScanPlan,
        make: impl Fn() -> P + Sync,
        prepare: impl Fn(&mut P, &[Entry<'_>]) -> Result<(), E> + Sync,
        each: impl FnMut(&mut Checked<'_>, &mut P) -> Result<(), E> + Send,
    ) -> Result<Option<LogPosition>, E> {
        let relay = ParallelScan {
            segment: *self,
            make,
            prepare,
            block: plan.block.max(1),
            claimed: AtomicU64::new(0),
            turn: AtomicU64::new(0),
            over: AtomicBool::new(false),
            baton: Mutex::new(OrderedSink {
                each,
                last: self.from,
                stopped: None,
            }),
            passed: Condvar::new(),
        };
        std::thread::scope(|scope| {
            for _ in 1..plan.workers {
                // If a thread cannot be started, the others do its work.
                let _ = std::thread::Builder::new().spawn_scoped(scope, || relay.run());
            }
            relay.run();
        });
        let baton = match relay.baton.into_inner() {
            Ok(baton) => baton,
            Err(poisoned) => poisoned.into_inner(),
        };
        match baton.stopped {
            Some(stopped) => Err(stopped),
            None => Ok(baton.last),
        }
    }
}

/// What the workers share.
struct ParallelScan<'f, M, C, F, E> {
    segment: Segment<'f>,
    /// Makes a worker's own result.
    make: M,
    /// Done with a block's lines before its turn.
    prepare: C,
    block: u64,
    /// The number of blocks that workers have taken.
    claimed: AtomicU64,
    /// The block to be delivered next. Changes only under the lock of the sink.
    turn: AtomicU64,
    /// True if nothing more is delivered.
    over: AtomicBool,
    baton: Mutex<OrderedSink<F, E>>,
    passed: Condvar,
}

/// What is passed from block to block.
struct OrderedSink<F, E> {
    each: F,
    last: Option<LogPosition>,
    stopped: Option<E>,
}

impl<P, M, C, F, E> ParallelScan<'_, M, C, F, E>
where
    M: Fn() -> P + Sync,
    C: Fn(&mut P, &[Entry<'_>]) -> Result<(), E> + Sync,
    F: FnMut(&mut Checked<'_>, &mut P) -> Result<(), E> + Send,
    E: Send,
{
    fn run(&self) {
        // However this ends, no worker waits for it any longer.
        let _leaving = WorkerGuard(self);
        let mut prepared = (self.make)();
        let mut bytes = Vec::new();
        let mut room = EntryBuffers::default();
        let mut cache = ParseCache::default();
        loop {
            let index = self.claimed.fetch_add(1, Ordering::Relaxed);
            let start = self.segment.start();
            let Some(from) = index
                .checked_mul(self.block)
                .and_then(|ahead| ahead.checked_add(start))
                .filter(|from| *from < self.segment.end)
            else {
                return;
            };
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let mut checked = Checked::empty(room);
            let block_end = from.saturating_add(self.block).min(self.segment.end);
            let own = OwnBytes {
                from,
                to: block_end,
                before: match index {
                    0 => LineBefore::Known(self.segment.from),
                    _ => LineBefore::Unknown,
                },
            };
            let whole = match own.read(self.segment.file, self.segment.end, &mut bytes) {
                Some(block) => checked.check(&block, self.segment.checks, &mut cache),
                None => false,
            };
            let ready = (self.prepare)(&mut prepared, &checked.entries);
            let Some(mut baton) = self.wait_for(index) else {
                return;
            };
            let prepared = ready.map(|()| &mut prepared);
            let goes_on = baton.deliver(&mut checked, prepared, self.segment.checks) && whole;
            if !goes_on {
                self.over.store(true, Ordering::Relaxed);
            }
            self.turn.store(index.saturating_add(1), Ordering::Release);
            drop(baton);
            self.passed.notify_all();
            if !goes_on {
                return;
            }
            room = checked.into_buffers();
        }
    }

    /// The sink, once every earlier block was delivered; `None` if nothing more is.
    fn wait_for(&self, index: u64) -> Option<MutexGuard<'_, OrderedSink<F, E>>> {
        /// Spin about as long as waking a thread takes, which is cheaper for short waits.
        const SPINS: u32 = 1000;
        let is_due = || self.turn.load(Ordering::Acquire) == index;
        let is_over = || self.over.load(Ordering::Relaxed);
        for _ in 0..SPINS {
            if is_due() || is_over() {
                break;
            }
            std::hint::spin_loop();
        }
        // A poisoned lock is one whose holder panicked: the scope will say so.
        let mut baton = self.baton.lock().ok()?;
        while !is_due() && !is_over() {
            baton = self.passed.wait(baton).ok()?;
        }
        (!is_over()).then_some(baton)
    }
}

impl<F, E> OrderedSink<F, E> {
    /// Delivers the checked lines of a block, if it follows what was delivered before. True if the
    /// next block may follow.
    fn deliver<P>(
        &mut self,
        checked: &mut Checked<'_>,
        prepared: Result<&mut P, E>,
        checks: LineChecks,
    ) -> bool
    where
        F: FnMut(&mut Checked<'_>, &mut P) -> Result<(), E>,
    {
        if let Some(covered) = &checked.first {
            let follows = checked.entries.first().is_some_and(|first| {
                let ahead = self.last.as_ref();
                ahead.is_some_and(|last| {
                    check::follows(Some(Predecessor::position(last)), first, covered, checks)
                })
            });
            if !follows {
                return false;
            }
        }
        let last = checked.last();
        if let Err(stopped) = prepared.and_then(|prepared| (self.each)(checked, prepared)) {
            self.stopped = Some(stopped);
            return false;
        }
        self.last = last.or(self.last);
        true
    }
}

/// Wakes the other workers if a worker panics.
struct WorkerGuard<'r, 'f, M, C, F, E>(&'r ParallelScan<'f, M, C, F, E>);

impl<M, C, F, E> Drop for WorkerGuard<'_, '_, M, C, F, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.over.store(true, Ordering::Relaxed);
            // A worker that checked before this must already be waiting.
            drop(self.0.baton.lock());
            self.0.passed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests;
