//! Every statement that this crate sends to Oracle, here and in the modules below, but those of LogMiner (`cdc_logminer::session_sql`).
//!
//! They name only columns of views that Oracle's Database Reference documents from 11.2 on; a statement that needs a later version says so. Bind
//! variables are bound by position and each occurs once. Identifiers enter a text only through
//! [`OracleIdent::quoted`](schema_map::OracleIdent::quoted).

pub mod dictionary;
pub mod heartbeat;
pub mod logminer;
pub mod prerequisites;
pub mod read;
pub mod session;

// --- session -------------------------------------------------------------------------------------------------

/// The formats in which this session reads and prints values: they decide what LogMiner's `SQL_REDO` looks like.
pub const SET_NLS: &str = "ALTER SESSION SET NLS_DATE_FORMAT = 'SYYYY-MM-DD HH24:MI:SS' \
     NLS_TIMESTAMP_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9' \
     NLS_TIMESTAMP_TZ_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM' \
     NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = 'BINARY' NLS_COMP = 'BINARY' NLS_CALENDAR = 'GREGORIAN'";

/// The zone in which `TIMESTAMP WITH LOCAL TIME ZONE` values arrive.
pub const SET_TIME_ZONE: &str = "ALTER SESSION SET TIME_ZONE = '+00:00'";

/// How the session shows in `V$SESSION`. Binds: module (48 bytes), action (32 bytes).
pub const SET_MODULE: &str =
    "BEGIN SYS.DBMS_APPLICATION_INFO.SET_MODULE(MODULE_NAME => :module, ACTION_NAME => :action); END;";

/// The session's user as the dictionary spells it.
pub const SESSION_USER: &str = "SELECT SYS_CONTEXT('USERENV', 'SESSION_USER') AS session_user FROM dual";

// --- prerequisites -------------------------------------------------------------------------------------------

/// What the database logs. One row.
///
/// Columns: DBID, NAME, LOG_MODE (`ARCHIVELOG`, `NOARCHIVELOG`, `MANUAL`), OPEN_MODE, DATABASE_ROLE (`PRIMARY`, …),
/// SUPPLEMENTAL_LOG_DATA_MIN (`YES`, `IMPLICIT`, `NO`), SUPPLEMENTAL_LOG_DATA_PK, …_UI, …_ALL (`YES`, `NO`), CURRENT_SCN.
pub const DATABASE: &str = "SELECT dbid, name, log_mode, open_mode, database_role, supplemental_log_data_min, \
     supplemental_log_data_pk, supplemental_log_data_ui, supplemental_log_data_all, current_scn FROM v$database";

/// Where archived logs go. Columns: DEST_ID, DEST_NAME, STATUS (`VALID`, `INACTIVE`, `DEFERRED`, `ERROR`, …),
/// TYPE (`LOCAL`, `PHYSICAL`, …), DESTINATION, ERROR (NULL where there is none).
pub const ARCHIVE_DESTINATIONS: &str = "SELECT dest_id, dest_name, status, type, destination, error \
     FROM v$archive_dest_status WHERE status <> 'INACTIVE' ORDER BY dest_id";

/// Initialization parameters that a migration depends on. Columns: NAME, VALUE (`undo_retention` in seconds).
pub const PARAMETERS: &str =
    "SELECT name, value FROM v$parameter WHERE name IN ('undo_retention', 'compatible') ORDER BY name";

/// The character sets. Columns: PARAMETER, VALUE.
pub const CHARACTER_SETS: &str = "SELECT parameter, value FROM nls_database_parameters \
     WHERE parameter IN ('NLS_CHARACTERSET', 'NLS_NCHAR_CHARACTERSET') ORDER BY parameter";

/// System privileges that this session has, those of its roles included. Column: PRIVILEGE.
pub const SESSION_PRIVILEGES: &str = "SELECT privilege FROM session_privs ORDER BY privilege";

/// Roles that are enabled in this session. Column: ROLE.
pub const SESSION_ROLES: &str = "SELECT role FROM session_roles ORDER BY role";

/// Object privileges on one schema's objects that this session may use. Bind: owner.
/// Columns: TABLE_NAME, PRIVILEGE (`SELECT`, `READ`, `FLASHBACK`, …), GRANTEE.
pub const TABLE_PRIVILEGES: &str = "SELECT table_name, privilege, grantee FROM all_tab_privs \
     WHERE table_schema = :owner ORDER BY table_name, privilege";

/// Supplemental log groups of one schema's tables. Bind: owner.
///
/// Columns: TABLE_NAME, LOG_GROUP_NAME, LOG_GROUP_TYPE (`PRIMARY KEY LOGGING`, `UNIQUE KEY LOGGING`, `FOREIGN KEY LOGGING`,
/// `ALL COLUMN LOGGING`, `USER LOG GROUP`), ALWAYS (`ALWAYS`, `CONDITIONAL`; NULL or `ALWAYS` for the generated ones).
pub const LOG_GROUPS: &str = "SELECT table_name, log_group_name, log_group_type, always FROM all_log_groups \
     WHERE owner = :owner ORDER BY table_name, log_group_name";

/// Columns of the user log groups of one schema. Bind: owner.
/// Columns: TABLE_NAME, LOG_GROUP_NAME, COLUMN_NAME, POSITION.
pub const LOG_GROUP_COLUMNS: &str = "SELECT table_name, log_group_name, column_name, position FROM all_log_group_columns \
     WHERE owner = :owner ORDER BY table_name, log_group_name, position";

/// One view or package that a part of this crate reads, and a statement that only succeeds where the session may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// As it is spelt in statements.
    pub name: &'static str,
    /// What a GRANT names.
    pub grant_object: &'static str,
    /// Returns no rows and changes nothing.
    pub sql: &'static str,
}

/// The `V$` views and packages, tried one by one. `ORA-00942` or `ORA-01031` is "no right";
/// `V$LOGMNR_CONTENTS` answers `ORA-01306` where the right is there and LogMiner has not been started.
pub const PROBES: &[Probe] = &[
    Probe { name: "V$DATABASE", grant_object: "SYS.V_$DATABASE", sql: "SELECT 1 FROM v$database WHERE 1 = 0" },
    Probe {
        name: "V$DATABASE_INCARNATION",
        grant_object: "SYS.V_$DATABASE_INCARNATION",
        sql: "SELECT 1 FROM v$database_incarnation WHERE 1 = 0",
    },
    Probe { name: "V$THREAD", grant_object: "SYS.V_$THREAD", sql: "SELECT 1 FROM v$thread WHERE 1 = 0" },
    Probe { name: "V$LOG", grant_object: "SYS.V_$LOG", sql: "SELECT 1 FROM v$log WHERE 1 = 0" },
    Probe { name: "V$LOGFILE", grant_object: "SYS.V_$LOGFILE", sql: "SELECT 1 FROM v$logfile WHERE 1 = 0" },
    Probe {
        name: "V$ARCHIVED_LOG",
        grant_object: "SYS.V_$ARCHIVED_LOG",
        sql: "SELECT 1 FROM v$archived_log WHERE 1 = 0",
    },
    Probe {
        name: "V$ARCHIVE_DEST_STATUS",
        grant_object: "SYS.V_$ARCHIVE_DEST_STATUS",
        sql: "SELECT 1 FROM v$archive_dest_status WHERE 1 = 0",
    },
    Probe { name: "V$PARAMETER", grant_object: "SYS.V_$PARAMETER", sql: "SELECT 1 FROM v$parameter WHERE 1 = 0" },
    Probe {
        name: "GV$TRANSACTION",
        grant_object: "SYS.GV_$TRANSACTION",
        sql: "SELECT 1 FROM gv$transaction WHERE 1 = 0",
    },
    Probe {
        name: "V$LOGMNR_CONTENTS",
        grant_object: "SYS.V_$LOGMNR_CONTENTS",
        sql: "SELECT 1 FROM v$logmnr_contents WHERE 1 = 0",
    },
];

/// Whether this is a container database (12.1 and later only): `YES` or `NO`.
pub const IS_CONTAINER_DATABASE: &str = "SELECT cdb FROM v$database";

/// Succeeds only where the session may read DBA_EXTENTS; returns no rows.
pub const PROBE_EXTENTS: &str = "SELECT 1 FROM dba_extents WHERE 1 = 0";

/// Succeeds, or fails with ORA-01307 (nothing to end), only where the session may execute DBMS_LOGMNR; otherwise ORA-06550 with PLS-00201.
pub const PROBE_DBMS_LOGMNR: &str = "BEGIN SYS.DBMS_LOGMNR.END_LOGMNR; END;";

// --- SCN and hand-off ----------------------------------------------------------------------------------------

/// The clock. Column: CURRENT_SCN.
pub const CURRENT_SCN: &str = "SELECT current_scn FROM v$database";

/// Transactions that are open in any instance. Columns: XIDUSN, XIDSLOT, XIDSQN, START_SCN.
pub const OPEN_TRANSACTIONS: &str = "SELECT xidusn, xidslot, xidsqn, start_scn FROM gv$transaction ORDER BY start_scn";

/// Which database this is. Columns: DBID, RESETLOGS_ID.
pub const DATABASE_ID: &str =
    "SELECT d.dbid, i.resetlogs_id FROM v$database d CROSS JOIN v$database_incarnation i WHERE i.status = 'CURRENT'";
