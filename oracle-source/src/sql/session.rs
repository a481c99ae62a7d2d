//! What a session is checked with once it is set up, beside the statements in [`sql`](crate::sql).

/// The session's NLS parameters. Columns: PARAMETER, VALUE.
pub const NLS: &str = "SELECT parameter, value FROM nls_session_parameters ORDER BY parameter";

/// The session's zone. Column: SESSIONTIMEZONE, for example `+00:00`.
pub const TIME_ZONE: &str = "SELECT SESSIONTIMEZONE FROM dual";
