//! What the server's error codes mean for an append.

use tokio_postgres::error::SqlState;

/// True if a later attempt may succeed: the connection, the server or its role is changing.
pub(super) fn may_pass(code: &SqlState) -> bool {
    let code = code.code();
    // 25006: the server has become a replica.
    ["08", "40", "57", "58", "XX"]
        .iter()
        .any(|class| code.starts_with(class))
        || code == "25006"
}

/// True if a statement that ended so may have been recorded.
pub(super) fn is_unknown(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("58") || code.starts_with("XX") || code == "40003"
}
