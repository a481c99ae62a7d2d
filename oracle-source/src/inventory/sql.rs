//! The statements of the inventory. They name documented columns of documented views, from 11.2 on, and bind by position.

use schema_map::{ObjectPath, OracleIdent};

/// Objects of a schema, without their partitions. Bind: owner. Columns: OBJECT_TYPE, OBJECT_NAME, STATUS (`VALID`, `INVALID`, `N/A`).
pub const OBJECT_STATES: &str = "SELECT object_type, object_name, status FROM all_objects \
     WHERE owner = :owner AND subobject_name IS NULL ORDER BY object_type, object_name";

/// How tables are kept. Bind: owner. Columns: TABLE_NAME, LOGGING (`YES`, `NO`; NULL for partitioned ones), COMPRESS_FOR.
pub const TABLE_STATES: &str = "SELECT table_name, logging, compress_for FROM all_tables \
     WHERE owner = :owner AND dropped = 'NO' ORDER BY table_name";

/// Encrypted columns (TDE). Bind: owner. Column: TABLE_NAME.
pub const ENCRYPTED_COLUMNS: &str =
    "SELECT table_name FROM all_encrypted_columns WHERE owner = :owner ORDER BY table_name";

/// Columns that logical standby, which reads redo as LogMiner does, does not support. Bind: owner. Columns: TABLE_NAME, COLUMN_NAME, DATA_TYPE.
pub const UNSUPPORTED_COLUMNS: &str = "SELECT table_name, column_name, data_type FROM dba_logstdby_unsupported \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Public database links. Column: DB_LINK.
pub const PUBLIC_LINKS: &str = "SELECT db_link FROM all_db_links WHERE owner = 'PUBLIC' ORDER BY db_link";

/// What refers to what, within the database. Bind: owner. Columns: TYPE, NAME, REFERENCED_OWNER, REFERENCED_NAME.
pub const DEPENDENCIES: &str = "SELECT type, name, referenced_owner, referenced_name FROM all_dependencies \
     WHERE owner = :owner AND referenced_link_name IS NULL ORDER BY type, name, referenced_owner, referenced_name";

/// Redo of the last seven days by the hour it began in; a log that is archived several times counts once.
/// Columns: the hour (`2026-01-31 13:00`, the database's time), bytes.
pub const REDO_BY_HOUR: &str = "SELECT h, SUM(b) FROM (SELECT DISTINCT thread#, sequence#, resetlogs_id, \
     TO_CHAR(first_time, 'YYYY-MM-DD HH24\":00\"') AS h, blocks * block_size AS b \
     FROM v$archived_log WHERE first_time > SYSDATE - 7) GROUP BY h ORDER BY h";

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
