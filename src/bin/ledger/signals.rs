//! Signals that would end the program in the middle of a write.

/// Turns a write beyond the file size limit (`ulimit -f`) into an error instead of the end of the
/// process. If the signal cannot be caught, it ends the program, as it ends others.
#[cfg(unix)]
pub(crate) fn report_file_size_limit_as_error() {
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag);
}

#[cfg(not(unix))]
pub(crate) fn report_file_size_limit_as_error() {}
