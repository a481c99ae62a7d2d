//! The statements of the inventory. They name documented columns of documented views, from 11.2 on, and bind by position.

use schema_map::{ObjectPath, OracleIdent};

/// Objects of a schema, without their partitions. Bind: owner. Columns: OBJECT_TYPE, OBJECT_NAME, STATUS (`VALID`, `INVALID`, `N/A`).
pub const OBJECT_STATES: &str = "SELECT object_type, object_name, status FROM all_objects \
     WHERE owner = :owner AND subobject_name IS NULL ORDER BY object_type, object_name";

/// Tables of a schema. Bind: owner. Columns: TABLE_NAME, NUM_ROWS (NULL before statistics).
pub const TABLE_ROWS: &str =
    "SELECT table_name, num_rows FROM all_tables WHERE owner = :owner AND dropped = 'NO' ORDER BY table_name";

/// How tables are kept. Bind: owner. Columns: TABLE_NAME, LOGGING (`YES`, `NO`; NULL for partitioned ones), COMPRESS_FOR.
pub const TABLE_STATES: &str = "SELECT table_name, logging, compress_for FROM all_tables \
     WHERE owner = :owner AND dropped = 'NO' ORDER BY table_name";

/// Segments of tables and LOBs, by name and sort. Bind: owner. Columns: SEGMENT_NAME, SEGMENT_TYPE (`TABLE PARTITION`, `LOBSEGMENT`, …), their
/// bytes, how many.
pub const SEGMENT_BYTES: &str = "SELECT segment_name, segment_type, SUM(bytes), COUNT(*) FROM dba_segments \
     WHERE owner = :owner AND segment_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION', 'LOBSEGMENT', 'LOB PARTITION', 'LOB SUBPARTITION') \
     GROUP BY segment_name, segment_type ORDER BY segment_name, segment_type";

/// Which table a LOB segment is of. Bind: owner. Columns: SEGMENT_NAME, TABLE_NAME.
pub const LOB_SEGMENTS: &str =
    "SELECT segment_name, table_name FROM all_lobs WHERE owner = :owner ORDER BY segment_name";

/// Encrypted columns (TDE). Bind: owner. Column: TABLE_NAME.
pub const ENCRYPTED_COLUMNS: &str =
    "SELECT table_name FROM all_encrypted_columns WHERE owner = :owner ORDER BY table_name";

/// Columns that logical standby, which reads redo as LogMiner does, does not support. Bind: owner. Columns: TABLE_NAME, COLUMN_NAME, DATA_TYPE.
pub const UNSUPPORTED_COLUMNS: &str = "SELECT table_name, column_name, data_type FROM dba_logstdby_unsupported \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Database links of a schema, and public ones. Bind: owner. Columns: OWNER, DB_LINK.
pub const DATABASE_LINKS: &str =
    "SELECT owner, db_link FROM all_db_links WHERE owner = :owner OR owner = 'PUBLIC' ORDER BY owner, db_link";

/// Policies of DBMS_RLS (VPD). Bind: owner. Columns: OBJECT_NAME, POLICY_NAME.
pub const POLICIES: &str =
    "SELECT object_name, policy_name FROM all_policies WHERE object_owner = :owner ORDER BY object_name, policy_name";

/// What refers to what, within the database. Bind: owner. Columns: TYPE, NAME, REFERENCED_OWNER, REFERENCED_NAME.
pub const DEPENDENCIES: &str = "SELECT type, name, referenced_owner, referenced_name FROM all_dependencies \
     WHERE owner = :owner AND referenced_link_name IS NULL ORDER BY type, name, referenced_owner, referenced_name";

/// Redo of the last seven days by the hour it began in; a log that is archived several times counts once.
/// Columns: the hour (`2026-01-31 13:00`, the database's time), bytes.
pub const REDO_BY_HOUR: &str = "SELECT began, SUM(amount) FROM (SELECT DISTINCT thread#, sequence#, resetlogs_id, \
     TO_CHAR(first_time, 'YYYY-MM-DD HH24\":00\"') AS began, blocks * block_size AS amount \
     FROM v$archived_log WHERE first_time > SYSDATE - 7) GROUP BY began ORDER BY began";

/// Open transactions of all instances. Columns: how many, the age of the oldest in seconds (NULL where there is none).
pub const OPEN_TRANSACTION_AGES: &str =
    "SELECT COUNT(*), ROUND((SYSDATE - MIN(start_date)) * 86400) FROM gv$transaction";

/// What to find out about a column by looking at its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Look {
    /// The longest LOB: one value.
    Length,
    /// The smallest and the largest number, and how many have a fraction: three values.
    Range,
    /// How many texts have U+0000: one value.
    Zero,
}

impl Look {
    /// How many values it selects.
    pub fn values(self) -> usize {
        if self == Look::Range { 3 } else { 1 }
    }
}

/// Looks at up to so many rows of a table. Bind: how many. For `ID` by its range and `DOC` by its length:
/// `SELECT TO_CHAR(MIN("ID")), TO_CHAR(MAX("ID")), SUM(CASE WHEN "ID" <> TRUNC("ID") THEN 1 ELSE 0 END), MAX(DBMS_LOB.GETLENGTH("DOC"))
/// FROM (SELECT "ID", "DOC" FROM "HR"."T" WHERE ROWNUM <= :how_many)`.
pub fn sample(table: &ObjectPath, columns: &[(&OracleIdent, Look)]) -> String {
    let values: Vec<String> = columns
        .iter()
        .map(|(column, look)| {
            let c = column.quoted();
            match look {
                Look::Length => format!("MAX(DBMS_LOB.GETLENGTH({c}))"),
                Look::Range => {
                    format!("TO_CHAR(MIN({c})), TO_CHAR(MAX({c})), SUM(CASE WHEN {c} <> TRUNC({c}) THEN 1 ELSE 0 END)")
                }
                Look::Zero => format!("SUM(CASE WHEN INSTR({c}, CHR(0)) > 0 THEN 1 ELSE 0 END)"),
            }
        })
        .collect();
    let names: Vec<String> = columns.iter().map(|(column, _)| column.quoted()).collect();
    format!(
        "SELECT {} FROM (SELECT {} FROM {} WHERE ROWNUM <= :how_many)",
        values.join(", "),
        names.join(", "),
        table.quoted()
    )
}
