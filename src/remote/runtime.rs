//! The runtime of the client libraries: one thread, which is the caller's, and never outside the room.

use tokio::runtime::{Builder, Runtime};

use super::{LogName, StoreError};

/// A runtime that is built when it is first needed. Dropping it does not wait for a name server.
#[derive(Debug, Default)]
pub(super) struct LazyRuntime(Option<Runtime>);

impl LazyRuntime {
    /// The runtime.
    pub(super) fn get(&mut self, log_name: &LogName) -> Result<&Runtime, StoreError> {
        let refused = |problem: String| StoreError::Refused {
            log_name: log_name.clone(),
            problem,
        };
        if self.0.is_none() {
            let built = Builder::new_current_thread().enable_all().build();
            self.0 = Some(built.map_err(|error| refused(format!("no runtime: {error}")))?);
        }
        self.0
            .as_ref()
            .ok_or_else(|| refused("no runtime".to_owned()))
    }
}

impl Drop for LazyRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
