//! Every statement that this crate sends to Oracle, here and in the modules below, but those of LogMiner (`cdc_logminer::session_sql`).
//!
//! They name only columns of views that Oracle's Database Reference documents from 11.2 on; a statement that needs a later version says so. Bind
//! variables are bound by position and each occurs once. Identifiers enter a text only through
//! [`OracleIdent::quoted`](schema_map::OracleIdent::quoted).

pub mod heartbeat;
pub mod logminer;
pub mod prerequisites;
pub mod session;

use schema_map::{ObjectPath, OracleIdent};
use type_convert::OracleType;

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

// --- dictionary: each takes the owner as its one bind --------------------------------------------------------

/// Tables. Columns: TABLE_NAME, IOT_TYPE (`IOT`, `IOT_OVERFLOW`, `IOT_MAPPING`, NULL), TEMPORARY (`Y`, `N`), NESTED (`YES`, `NO`),
/// SECONDARY (`Y`, `N`), NUM_ROWS and AVG_ROW_LEN (NULL before statistics are gathered). Without dropped ones.
pub const TABLES: &str = "SELECT table_name, iot_type, temporary, nested, secondary, num_rows, avg_row_len \
     FROM all_tables WHERE owner = :owner AND dropped = 'NO' ORDER BY table_name";

/// External tables. Column: TABLE_NAME.
pub const EXTERNAL_TABLES: &str = "SELECT table_name FROM all_external_tables WHERE owner = :owner ORDER BY table_name";

/// Visible columns of tables and views. DATA_DEFAULT is a LONG.
///
/// Columns: TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_TYPE_OWNER, DATA_LENGTH, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH,
/// CHAR_USED (`B`, `C`, NULL), NULLABLE (`Y`, `N`), VIRTUAL_COLUMN (`YES`, `NO`), DATA_DEFAULT.
pub const COLUMNS: &str = "SELECT table_name, column_name, data_type, data_type_owner, data_length, data_precision, \
     data_scale, char_length, char_used, nullable, virtual_column, data_default \
     FROM all_tab_cols WHERE owner = :owner AND hidden_column = 'NO' ORDER BY table_name, column_id";

/// Identity columns (12.1 and later only).
/// Columns: TABLE_NAME, COLUMN_NAME, GENERATION_TYPE (`ALWAYS`, `BY DEFAULT`).
pub const IDENTITY_COLUMNS: &str = "SELECT table_name, column_name, generation_type FROM all_tab_identity_cols \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Primary key (`P`), unique (`U`), foreign key (`R`) and check (`C`) constraints. SEARCH_CONDITION is a LONG.
///
/// Columns: TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE, R_OWNER, R_CONSTRAINT_NAME, DELETE_RULE (`CASCADE`, `SET NULL`,
/// `NO ACTION`, NULL), STATUS (`ENABLED`, `DISABLED`), DEFERRABLE (`DEFERRABLE`, `NOT DEFERRABLE`), DEFERRED (`DEFERRED`, `IMMEDIATE`),
/// VALIDATED (`VALIDATED`, `NOT VALIDATED`), GENERATED (`GENERATED NAME`, `USER NAME`), INDEX_OWNER, INDEX_NAME, SEARCH_CONDITION.
pub const CONSTRAINTS: &str = "SELECT table_name, constraint_name, constraint_type, r_owner, r_constraint_name, \
     delete_rule, status, deferrable, deferred, validated, generated, index_owner, index_name, search_condition \
     FROM all_constraints WHERE owner = :owner AND constraint_type IN ('P', 'U', 'R', 'C') \
     ORDER BY table_name, constraint_name";

/// Columns of constraints. Columns: CONSTRAINT_NAME, COLUMN_NAME, POSITION (NULL for checks).
pub const CONSTRAINT_COLUMNS: &str = "SELECT constraint_name, column_name, position FROM all_cons_columns \
     WHERE owner = :owner ORDER BY constraint_name, position, column_name";

/// What the foreign keys of the schema refer to, in whatever schema it is.
/// Columns: CONSTRAINT_NAME (the foreign key's), OWNER and TABLE_NAME (of the table referred to), COLUMN_NAME, POSITION.
pub const REFERENCED_COLUMNS: &str = "SELECT c.constraint_name, k.owner, k.table_name, k.column_name, k.position \
     FROM all_constraints c JOIN all_cons_columns k \
     ON k.owner = c.r_owner AND k.constraint_name = c.r_constraint_name \
     WHERE c.owner = :owner AND c.constraint_type = 'R' ORDER BY c.constraint_name, k.position";

/// Indexes of the schema's tables.
///
/// Columns: OWNER, INDEX_NAME, INDEX_TYPE (`NORMAL`, `NORMAL/REV`, `BITMAP`, `FUNCTION-BASED NORMAL`, `IOT - TOP`, …),
/// TABLE_NAME, UNIQUENESS (`UNIQUE`, `NONUNIQUE`), GENERATED (`Y`, `N`).
pub const INDEXES: &str = "SELECT owner, index_name, index_type, table_name, uniqueness, generated \
     FROM all_indexes WHERE table_owner = :owner AND dropped = 'NO' AND index_type NOT IN ('LOB', 'CLUSTER') \
     ORDER BY owner, index_name";

/// Columns of those indexes. Columns: INDEX_OWNER, INDEX_NAME, COLUMN_NAME, COLUMN_POSITION, DESCEND (`ASC`, `DESC`).
pub const INDEX_COLUMNS: &str = "SELECT index_owner, index_name, column_name, column_position, descend \
     FROM all_ind_columns WHERE table_owner = :owner ORDER BY index_owner, index_name, column_position";

/// Expressions of those indexes. COLUMN_EXPRESSION is a LONG.
/// Columns: INDEX_OWNER, INDEX_NAME, COLUMN_POSITION, COLUMN_EXPRESSION.
pub const INDEX_EXPRESSIONS: &str = "SELECT index_owner, index_name, column_position, column_expression \
     FROM all_ind_expressions WHERE table_owner = :owner ORDER BY index_owner, index_name, column_position";

/// Sequences. Columns: SEQUENCE_NAME, MIN_VALUE, MAX_VALUE, INCREMENT_BY, CYCLE_FLAG (`Y`, `N`), CACHE_SIZE, LAST_NUMBER.
pub const SEQUENCES: &str = "SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, cache_size, \
     last_number FROM all_sequences WHERE sequence_owner = :owner ORDER BY sequence_name";

/// Views. TEXT is a LONG. Columns: VIEW_NAME, READ_ONLY (`Y`, `N`), TEXT.
pub const VIEWS: &str = "SELECT view_name, read_only, text FROM all_views WHERE owner = :owner ORDER BY view_name";

/// Synonyms of the schema and public ones for its objects. Binds: owner, owner again.
/// Columns: OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK.
pub const SYNONYMS: &str = "SELECT owner, synonym_name, table_owner, table_name, db_link FROM all_synonyms \
     WHERE owner = :owner OR (owner = 'PUBLIC' AND table_owner = :table_owner) ORDER BY owner, synonym_name";

/// Source of stored code, line by line.
/// Columns: NAME, TYPE (`PROCEDURE`, `FUNCTION`, `PACKAGE`, `PACKAGE BODY`, `TRIGGER`, `TYPE`, `TYPE BODY`), LINE, TEXT.
pub const SOURCE: &str = "SELECT name, type, line, text FROM all_source WHERE owner = :owner \
     AND type IN ('PROCEDURE', 'FUNCTION', 'PACKAGE', 'PACKAGE BODY', 'TRIGGER', 'TYPE', 'TYPE BODY') \
     ORDER BY name, type, line";

/// Tables of triggers. Columns: TRIGGER_NAME, BASE_OBJECT_TYPE (`TABLE`, `VIEW`, `SCHEMA`, `DATABASE`, …; blank padded), TABLE_OWNER, TABLE_NAME.
pub const TRIGGERS: &str = "SELECT trigger_name, base_object_type, table_owner, table_name FROM all_triggers \
     WHERE owner = :owner ORDER BY trigger_name";

/// Comments on tables and views. Columns: TABLE_NAME, COMMENTS.
pub const TABLE_COMMENTS: &str = "SELECT table_name, comments FROM all_tab_comments \
     WHERE owner = :owner AND comments IS NOT NULL ORDER BY table_name";

/// Comments on columns of tables and views. Columns: TABLE_NAME, COLUMN_NAME, COMMENTS.
pub const COLUMN_COMMENTS: &str = "SELECT table_name, column_name, comments FROM all_col_comments \
     WHERE owner = :owner AND comments IS NOT NULL ORDER BY table_name, column_name";

// --- chunks and rows -----------------------------------------------------------------------------------------

/// Extents of the schema's heap tables. Bind: owner. Columns: SEGMENT_NAME, PARTITION_NAME (NULL where not
/// partitioned), RELATIVE_FNO, BLOCK_ID (the extent's first block), BLOCKS, BYTES.
pub const EXTENTS: &str = "SELECT segment_name, partition_name, relative_fno, block_id, blocks, bytes FROM dba_extents \
     WHERE owner = :owner AND segment_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') \
     ORDER BY segment_name, partition_name, relative_fno, block_id";

/// Data object numbers: the first part of every ROWID of a segment. Bind: owner.
/// Columns: OBJECT_NAME, SUBOBJECT_NAME (the partition, or NULL), OBJECT_ID, DATA_OBJECT_ID.
pub const DATA_OBJECTS: &str = "SELECT object_name, subobject_name, object_id, data_object_id FROM all_objects \
     WHERE owner = :owner AND object_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') \
     AND data_object_id IS NOT NULL ORDER BY object_name, subobject_name";

/// Which rows of a table a query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowRange {
    /// At one SCN: `AS OF SCN :scn` is the first bind.
    pub as_of: bool,
    /// From this ROWID on, inclusive: the next bind, as text.
    pub from: bool,
    /// To this ROWID, exclusive: the last bind, as text.
    pub to: bool,
}

/// How many rows a table has as of an SCN. Bind: the SCN.
pub fn count(table: &ObjectPath) -> String {
    format!("SELECT COUNT(*) FROM {} AS OF SCN :scn", table.quoted())
}

/// Rows of one table, for example
/// `SELECT "ID", "DOC", CASE WHEN "DOC" IS NOT NULL THEN 1 END, ROWIDTOCHAR(ROWID) FROM "HR"."T" AS OF SCN :scn
/// WHERE ROWID >= CHARTOROWID(:from_rowid) AND ROWID < CHARTOROWID(:to_rowid)`.
///
/// First the columns, then for each column that arrives as a LOB ([`arrives_as_lob`]) whether there is a value (1 or NULL): fetched as a
/// string, an empty LOB looks like NULL. Last the ROWID. `ROWIDTOCHAR` makes of a ROWID (also of a column of that type) a string, which is
/// fetched as any other string.
///
/// With `lob_limit`, a LOB of more than so many bytes (BLOB) or characters (CLOB, NCLOB) comes as NULL, and in place of the 1 comes its length:
/// `CASE WHEN DBMS_LOB.GETLENGTH("DOC") <= 65536 THEN "DOC" END` and `DBMS_LOB.GETLENGTH("DOC")`. The limit is part of the text: it is the same
/// for all tables and so makes no more cursors.
///
/// XMLTYPE comes as `XMLSERIALIZE(CONTENT "X" AS CLOB)` (11.1 and later), JSON as `JSON_SERIALIZE("J" RETURNING CLOB ERROR ON ERROR)` (19c; the
/// type itself 21c), VECTOR as `VECTOR_SERIALIZE("V" RETURNING CLOB)` (23ai). The limit is not for them.
pub fn rows<'a>(
    table: &ObjectPath,
    columns: impl IntoIterator<Item = (&'a OracleIdent, &'a OracleType)>,
    row_id: bool,
    lob_limit: Option<u64>,
    range: RowRange,
) -> String {
    let (mut list, mut presence) = (Vec::new(), Vec::new());
    for (name, ty) in columns {
        let name = name.quoted();
        let limit = lob_limit.filter(|_| is_lob(ty));
        list.push(match ty {
            OracleType::RowId | OracleType::URowId { .. } => format!("ROWIDTOCHAR({name})"),
            OracleType::Xml => format!("XMLSERIALIZE(CONTENT {name} AS CLOB)"),
            // Not every version's documentation has ERROR as what happens by default.
            OracleType::Json => format!("JSON_SERIALIZE({name} RETURNING CLOB ERROR ON ERROR)"),
            OracleType::Vector { .. } => format!("VECTOR_SERIALIZE({name} RETURNING CLOB)"),
            _ => match limit {
                Some(limit) => format!("CASE WHEN DBMS_LOB.GETLENGTH({name}) <= {limit} THEN {name} END"),
                None => name.clone(),
            },
        });
        if limit.is_some() {
            presence.push(format!("DBMS_LOB.GETLENGTH({name})"));
        } else if arrives_as_lob(ty) {
            presence.push(format!("CASE WHEN {name} IS NOT NULL THEN 1 END"));
        }
    }
    list.append(&mut presence);
    if row_id {
        list.push("ROWIDTOCHAR(ROWID)".to_owned());
    }
    let mut sql = format!("SELECT {} FROM {}", list.join(", "), table.quoted());
    if range.as_of {
        sql.push_str(" AS OF SCN :scn");
    }
    sql.push_str(match (range.from, range.to) {
        (false, false) => "",
        (true, false) => " WHERE ROWID >= CHARTOROWID(:from_rowid)",
        (false, true) => " WHERE ROWID < CHARTOROWID(:to_rowid)",
        (true, true) => " WHERE ROWID >= CHARTOROWID(:from_rowid) AND ROWID < CHARTOROWID(:to_rowid)",
    });
    sql
}

/// One LOB of one row as of an SCN, fetched by its locator: `SELECT "DOC" FROM "HR"."T" AS OF SCN :scn WHERE ROWID = CHARTOROWID(:row_id)`.
/// Binds: the SCN, the ROWID as text.
pub fn lob(table: &ObjectPath, column: &OracleIdent) -> String {
    format!("SELECT {} FROM {} AS OF SCN :scn WHERE ROWID = CHARTOROWID(:row_id)", column.quoted(), table.quoted())
}

/// Types that are stored as LOBs, which are empty without being NULL.
pub(crate) fn is_lob(ty: &OracleType) -> bool {
    matches!(ty, OracleType::Clob | OracleType::NClob | OracleType::Blob)
}

/// LOBs, and the types that [`rows`] makes a CLOB of.
pub fn arrives_as_lob(ty: &OracleType) -> bool {
    is_lob(ty) || matches!(ty, OracleType::Xml | OracleType::Json | OracleType::Vector { .. })
}
