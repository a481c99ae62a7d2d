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

/// By how many bytes of data each segment of a schema grew within so many days, as far as the Automatic Workload Repository goes back. Binds: owner, days.
/// Columns: OBJECT_NAME, SUBOBJECT_NAME (NULL for what has no partitions), OBJECT_TYPE (`TABLE`, `TABLE PARTITION`, `LOB`, …), bytes (less than 0 where it shrank).
///
/// **Querying `DBA_HIST_` views needs a licence for the Diagnostics Pack** (Database Licensing Information User Manual): nothing here sends this unless it is told to.
pub const SEGMENT_GROWTH: &str = "SELECT o.object_name, o.subobject_name, o.object_type, SUM(g.space_used_delta) \
     FROM dba_hist_seg_stat g \
     JOIN dba_hist_snapshot s ON s.snap_id = g.snap_id AND s.dbid = g.dbid AND s.instance_number = g.instance_number \
     JOIN dba_hist_seg_stat_obj o ON o.dbid = g.dbid AND o.ts# = g.ts# AND o.obj# = g.obj# AND o.dataobj# = g.dataobj# \
     WHERE o.owner = :owner AND s.begin_interval_time >= SYSDATE - TO_NUMBER(:days) \
     GROUP BY o.object_name, o.subobject_name, o.object_type ORDER BY o.object_name, o.subobject_name";

/// Since when there are snapshots of that repository: one row. Column: whole days, NULL where there are none. The same licence.
pub const GROWTH_DAYS: &str = "SELECT TRUNC(SYSDATE - CAST(MIN(begin_interval_time) AS DATE)) FROM dba_hist_snapshot";

/// How to find bytes that are no characters of the database's character set (of the national one in NCHAR and NVARCHAR2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodingTest {
    /// `UTL_I18N.VALIDATE_CHARACTER_ENCODING` tells, of the whole value. Not every version has it. It takes Unicode's non-characters (U+FFFF) for invalid too,
    /// which PostgreSQL does not.
    Validate,
    /// The value is turned into UTF-16 and back by `UTL_I18N.STRING_TO_RAW` and `RAW_TO_CHAR`, in pieces of 500 characters, which are no more than the 2000 bytes of a
    /// RAW: what is no character does not come back as it was. Of each value the first 4000 characters.
    RoundTrip,
}

/// Counts the values with such bytes in up to so many rows of a table. Bind: how many. Each column with whether it is of the national character set. For `NAME`:
/// `SELECT SUM(CASE WHEN UTL_I18N.VALIDATE_CHARACTER_ENCODING("NAME") > 0 THEN 1 ELSE 0 END) FROM (SELECT "NAME" FROM "HR"."T" WHERE ROWNUM <= :how_many)`.
pub fn bad_encodings(table: &ObjectPath, columns: &[(&OracleIdent, bool)], test: EncodingTest) -> String {
    let values = columns.iter().map(|(column, national)| {
        let c = column.quoted();
        let is_bad = match test {
            EncodingTest::Validate => format!("UTL_I18N.VALIDATE_CHARACTER_ENCODING({c}) > 0"),
            EncodingTest::RoundTrip => {
                let back = if *national { "RAW_TO_NCHAR" } else { "RAW_TO_CHAR" };
                let pieces = (0..8).map(|n| {
                    let piece = format!("SUBSTR({c}, {}, 500)", n * 500 + 1);
                    format!("{piece} <> UTL_I18N.{back}(UTL_I18N.STRING_TO_RAW({piece}, 'AL16UTF16'), 'AL16UTF16')")
                });
                pieces.collect::<Vec<_>>().join(" OR ")
            }
        };
        format!("SUM(CASE WHEN {is_bad} THEN 1 ELSE 0 END)")
    });
    of_first_rows(table, values.collect(), columns.iter().map(|(column, _)| column.quoted()).collect())
}

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
    of_first_rows(table, values, columns.iter().map(|(column, _)| column.quoted()).collect())
}

fn of_first_rows(table: &ObjectPath, values: Vec<String>, names: Vec<String>) -> String {
    format!(
        "SELECT {} FROM (SELECT {} FROM {} WHERE ROWNUM <= :how_many)",
        values.join(", "),
        names.join(", "),
        table.quoted()
    )
}
