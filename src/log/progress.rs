//! Somebody who wants to know how far a long read has come.
//!
//! Owns when they are told. Must not know what they do with it: nothing is printed here.

use std::fmt;
use std::sync::Arc;

/// What there is less of is read before anybody could look.
const LEAST_BYTES: u64 = 4 * 1024 * 1024;
/// They are told of so many bytes together.
const STEP: u64 = 1024 * 1024;

/// Told of more bytes that were read; dropped when the read is over.
pub type Told = Box<dyn FnMut(u64) + Send>;

/// Asked, before much is read, for somebody to tell about it.
#[derive(Clone)]
pub struct ProgressObserver(Arc<dyn Fn(u64) -> Told + Send + Sync>);

impl ProgressObserver {
    /// `begins` is told how many bytes there are to read.
    pub fn new(begins: impl Fn(u64) -> Told + Send + Sync + 'static) -> ProgressObserver {
        ProgressObserver(Arc::new(begins))
    }
}

impl fmt::Debug for ProgressObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressObserver")
    }
}

/// One read that is looked at, or not.
pub(super) struct Looked {
    told: Option<Told>,
    unsaid: u64,
}

impl Looked {
    pub(super) fn begin(observer: Option<&ProgressObserver>, bytes: u64) -> Looked {
        let observer = observer.filter(|_| bytes >= LEAST_BYTES);
        Looked {
            told: observer.map(|ProgressObserver(begins)| begins(bytes)),
            unsaid: 0,
        }
    }

    pub(super) fn advance(&mut self, bytes: u64) {
        let Some(told) = &mut self.told else {
            return;
        };
        self.unsaid = self.unsaid.saturating_add(bytes);
        if self.unsaid >= STEP {
            told(std::mem::take(&mut self.unsaid));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_long_read_is_told_step_by_step_and_its_end_is_noticed() {
        let (said, heard) = channel();
        let observer = ProgressObserver::new(move |total| {
            said.send(total).unwrap();
            let said = said.clone();
            Box::new(move |bytes| said.send(bytes).unwrap())
        });
        Looked::begin(Some(&observer), LEAST_BYTES - 1).advance(LEAST_BYTES - 1);
        let mut looked = Looked::begin(Some(&observer), LEAST_BYTES);
        looked.advance(STEP - 1);
        looked.advance(9);
        looked.advance(STEP);
        drop((looked, observer));
        assert_eq!(
            heard.iter().collect::<Vec<_>>(),
            [LEAST_BYTES, STEP + 8, STEP]
        );
    }
}
