//! Progress of long reads.
//!
//! Nothing is printed here.

use std::fmt;
use std::sync::Arc;

/// Shorter reads are not reported.
const LEAST_BYTES: u64 = 4 * 1024 * 1024;
/// Progress is reported in steps of this many bytes.
const STEP: u64 = 1024 * 1024;

/// Called with the number of further bytes that were read; dropped when the read is over.
pub type ProgressHandle = Box<dyn FnMut(u64) + Send>;

/// Makes a [`ProgressHandle`] for each long read.
#[derive(Clone)]
pub struct ProgressObserver(Arc<dyn Fn(u64) -> ProgressHandle + Send + Sync>);

impl ProgressObserver {
    /// `begin` is called with the number of bytes to read.
    pub fn new(begin: impl Fn(u64) -> ProgressHandle + Send + Sync + 'static) -> ProgressObserver {
        ProgressObserver(Arc::new(begin))
    }
}

impl fmt::Debug for ProgressObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressObserver")
    }
}

/// The progress of one read, observed or not.
pub(super) struct ProgressReport {
    handle: Option<ProgressHandle>,
    unreported: u64,
}

impl ProgressReport {
    pub(super) fn begin(observer: Option<&ProgressObserver>, bytes: u64) -> ProgressReport {
        let observer = observer.filter(|_| bytes >= LEAST_BYTES);
        ProgressReport {
            handle: observer.map(|ProgressObserver(begin)| begin(bytes)),
            unreported: 0,
        }
    }

    pub(super) fn advance(&mut self, bytes: u64) {
        let Some(handle) = &mut self.handle else {
            return;
        };
        self.unreported = self.unreported.saturating_add(bytes);
        if self.unreported >= STEP {
            handle(std::mem::take(&mut self.unreported));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_long_read_is_reported_step_by_step_and_its_end_too() {
        let (sender, receiver) = channel();
        let observer = ProgressObserver::new(move |total| {
            sender.send(total).unwrap();
            let sender = sender.clone();
            Box::new(move |bytes| sender.send(bytes).unwrap())
        });
        ProgressReport::begin(Some(&observer), LEAST_BYTES - 1).advance(LEAST_BYTES - 1);
        let mut report = ProgressReport::begin(Some(&observer), LEAST_BYTES);
        report.advance(STEP - 1);
        report.advance(9);
        report.advance(STEP);
        drop((report, observer));
        assert_eq!(
            receiver.iter().collect::<Vec<_>>(),
            [LEAST_BYTES, STEP + 8, STEP]
        );
    }
}
