//! Machines that work on a log of an engine.

use crate::harness::Shell;
use crate::servers::PASSWORD;

/// A machine: a directory and a cache of its own, which works on this log.
pub(crate) fn machine(address: &str) -> Shell {
    let mut shell = Shell::new();
    shell
        .pastes_nothing()
        .with("LEDGER_LOG", address)
        .with("PGPASSWORD", PASSWORD);
    shell
}
