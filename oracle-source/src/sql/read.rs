//! Statements that find out how to cut tables, and that read their rows.

use schema_map::{ObjectPath, OracleIdent};
use type_convert::OracleType;

/// Statistics of the schema's tables. Bind: owner. Columns: TABLE_NAME, NUM_ROWS, AVG_ROW_LEN (both NULL before they are gathered).
pub const STATISTICS: &str =
    "SELECT table_name, num_rows, avg_row_len FROM all_tables WHERE owner = :owner ORDER BY table_name";

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
