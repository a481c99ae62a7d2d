//! Statements that find out how to cut tables, and that read their rows.

use crate::{Error, SqlExpression};
use schema_map::{ObjectPath, OracleIdent};
use serde::{Deserialize, Serialize};
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

/// Statistics of the schema's partitions, or of their subpartitions where they have some. Binds: owner, owner again.
/// Columns: TABLE_NAME, the partition's or subpartition's name, NUM_ROWS, AVG_ROW_LEN (both NULL before they are gathered).
pub const PARTITION_STATISTICS: &str = "SELECT table_name, partition_name, num_rows, avg_row_len FROM all_tab_partitions \
     WHERE table_owner = :owner AND subpartition_count = 0 \
     UNION ALL SELECT table_name, subpartition_name, num_rows, avg_row_len FROM all_tab_subpartitions \
     WHERE table_owner = :subpartition_owner";

/// Whether other types may be under an object type, and whether it lacks its definition. Binds: owner, name.
/// Columns: FINAL (`YES`, `NO`), INCOMPLETE (`YES`, `NO`).
pub const TYPE_FINAL: &str =
    "SELECT t.final, t.incomplete FROM all_types t WHERE t.owner = :owner AND t.type_name = :type_name";

/// What stands in front of a query that reads BFILEs: a function that makes a locator a text, NULL of NULL. `DBMS_LOB.FILEGETNAME` is a procedure, and the
/// driver over ODPI-C has no BFILE. A query may have functions from 12.1 on.
///
/// The text is the length of the directory's name, a colon, and the names of directory and file.
pub const BFILE_LOCATOR: &str = "WITH FUNCTION bfile_locator(f BFILE) RETURN VARCHAR2 IS directory VARCHAR2(128); name VARCHAR2(2000); \
     BEGIN IF f IS NULL THEN RETURN NULL; END IF; DBMS_LOB.FILEGETNAME(f, directory, name); \
     RETURN LENGTH(directory) || ':' || directory || name; END; ";

/// Where an object is that may be of a type under its declared one, which is NOT FINAL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The column, and the attributes that lead from it to the object.
    pub path: Vec<OracleIdent>,
    /// The declared type.
    pub declared: ObjectPath,
}

/// Which rows of a table a query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowRange<'a> {
    /// At one SCN: `AS OF SCN :scn` is the first bind.
    pub as_of: bool,
    /// What tells the rows of a chunk.
    pub by: RangeBy<'a>,
    /// From this value on, inclusive: the next bind, as text. Not by hash.
    pub from: bool,
    /// To this value, exclusive: the last bind, as text. Not by hash.
    pub to: bool,
    /// Only rows for which this is true.
    pub condition: Option<&'a SqlExpression>,
}

/// What a range of rows is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RangeBy<'a> {
    /// ROWIDs.
    #[default]
    RowId,
    /// A column without NULLs.
    Key(&'a OracleIdent, KeyType),
    /// `ORA_HASH(ROWID)`: two binds, the greatest number of a bucket and the number of this one.
    Hash,
}

/// Types of key columns whose values can be put into text and read from it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyType {
    /// NUMBER and FLOAT.
    Number,
    /// CHAR and VARCHAR2, compared as bytes (`sql::SET_NLS`).
    Text,
    /// DATE.
    Date,
    /// TIMESTAMP without a zone.
    Timestamp,
    /// RAW.
    Raw,
}

impl KeyType {
    /// That of a column's type, where it has one.
    pub fn of(ty: &OracleType) -> Option<Self> {
        Some(match ty {
            OracleType::Number { .. } | OracleType::Float { .. } => KeyType::Number,
            OracleType::Char { .. } | OracleType::Varchar2 { .. } => KeyType::Text,
            OracleType::Date => KeyType::Date,
            OracleType::Timestamp { .. } => KeyType::Timestamp,
            OracleType::Raw { .. } => KeyType::Raw,
            _ => return None,
        })
    }

    /// The value of a column as text.
    fn text_of(self, column: &str) -> String {
        match self {
            KeyType::Number | KeyType::Text => column.to_owned(),
            KeyType::Date => format!("TO_CHAR({column}, 'SYYYY-MM-DD HH24:MI:SS')"),
            KeyType::Timestamp => format!("TO_CHAR({column}, 'SYYYY-MM-DD HH24:MI:SS.FF9')"),
            KeyType::Raw => format!("RAWTOHEX({column})"),
        }
    }

    /// A bind variable, bound as text, as the value.
    fn value_of(self, bind: &str) -> String {
        match self {
            KeyType::Number => format!("TO_NUMBER({bind})"),
            KeyType::Text => bind.to_owned(),
            KeyType::Date => format!("TO_DATE({bind}, 'SYYYY-MM-DD HH24:MI:SS')"),
            KeyType::Timestamp => format!("TO_TIMESTAMP({bind}, 'SYYYY-MM-DD HH24:MI:SS.FF9')"),
            KeyType::Raw => format!("HEXTORAW({bind})"),
        }
    }
}

impl RowRange<'_> {
    fn conditions(&self) -> Vec<String> {
        let mut all: Vec<String> = self.condition.iter().map(|condition| format!("({condition})")).collect();
        let (column, from, to) = match self.by {
            RangeBy::RowId => {
                let bound = |end| format!("CHARTOROWID(:{end}_rowid)");
                ("ROWID".to_owned(), bound("from"), bound("to"))
            }
            RangeBy::Key(column, ty) => (column.quoted(), ty.value_of(":from_key"), ty.value_of(":to_key")),
            RangeBy::Hash => {
                all.push("ORA_HASH(ROWID, :last_bucket) = :bucket".to_owned());
                return all;
            }
        };
        if self.from {
            all.push(format!("{column} >= {from}"));
        }
        if self.to {
            all.push(format!("{column} < {to}"));
        }
        all
    }
}

/// Every so many-th value of a column in its order, as text: where to cut a table by its key. Bind: the number of rows from one to the next.
/// Reads the column's index as a whole. Column: the value.
pub fn key_borders(table: &ObjectPath, column: &OracleIdent, ty: KeyType) -> String {
    let column = column.quoted();
    format!(
        "SELECT {} FROM (SELECT k.{column}, ROWNUM AS place FROM (SELECT {column} FROM {} ORDER BY {column}) k) \
         WHERE MOD(place, :step) = 0 ORDER BY place",
        ty.text_of(&column),
        table.quoted()
    )
}

/// How many rows a table has now. No bind.
pub fn count_now(table: &ObjectPath) -> String {
    format!("SELECT COUNT(*) FROM {}", table.quoted())
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
/// string, an empty LOB looks like NULL. `ROWIDTOCHAR` makes of a ROWID (also of a column of that type) a string, which is fetched as any other
/// string.
///
/// With `lob_limit`, a LOB of more than so many bytes (BLOB) or characters (CLOB, NCLOB) comes as NULL, and in place of the 1 comes its length:
/// `CASE WHEN DBMS_LOB.GETLENGTH("DOC") <= 65536 THEN "DOC" END` and `DBMS_LOB.GETLENGTH("DOC")`. The limit is part of the text: it is the same
/// for all tables and so makes no more cursors.
///
/// Then follows for each of `objects` whether it is of a type under the declared one (1 or NULL):
/// `CASE WHEN r."PERSON" IS NOT OF (ONLY "HR"."PERSON_T") THEN 1 END`, with `r` as the name of the table.
///
/// Last comes what the row is found again by, [`FoundBy`].
///
/// With a BFILE among the columns, [`BFILE_LOCATOR`] stands in front, and `bfile_locator("F")` in place of the column.
///
/// An expression stands in place of the column's name; the LOB that it gives always comes with its row.
///
/// XMLTYPE comes as `XMLSERIALIZE(CONTENT "X" AS CLOB)` (11.1 and later), JSON as `JSON_SERIALIZE("J" RETURNING CLOB ERROR ON ERROR)` (19c; the
/// type itself 21c), VECTOR as `VECTOR_SERIALIZE("V" RETURNING CLOB)` (23ai). The limit is not for them.
pub fn rows<'a>(
    table: &ObjectPath,
    columns: impl IntoIterator<Item = (&'a OracleIdent, &'a OracleType, Option<&'a SqlExpression>)>,
    objects: &[ObjectPlace],
    found_by: FoundBy<'_>,
    lob_limit: Option<u64>,
    range: RowRange<'_>,
) -> String {
    let (mut list, mut presence, mut files) = (Vec::new(), Vec::new(), false);
    for (name, ty, expression) in columns {
        let name = expression.map_or_else(|| name.quoted(), |expression| format!("({expression})"));
        let limit = lob_limit.filter(|_| is_lob(ty) && expression.is_none());
        list.push(match ty {
            OracleType::RowId | OracleType::URowId { .. } => format!("ROWIDTOCHAR({name})"),
            OracleType::BFile => {
                files = true;
                format!("bfile_locator({name})")
            }
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
    for place in objects {
        let path: Vec<String> = place.path.iter().map(|name| name.quoted()).collect();
        list.push(format!("CASE WHEN r.{} IS NOT OF (ONLY {}) THEN 1 END", path.join("."), place.declared.quoted()));
    }
    match found_by {
        FoundBy::Nothing => {}
        FoundBy::RowId => list.push("ROWIDTOCHAR(ROWID)".to_owned()),
        FoundBy::Key(key) => list.extend(key.iter().map(|(column, ty)| ty.text_of(&column.quoted()))),
    }
    let functions = if files { BFILE_LOCATOR } else { "" };
    let mut sql = format!("{functions}SELECT {} FROM {}", list.join(", "), table.quoted());
    if range.as_of {
        sql.push_str(" AS OF SCN :scn");
    }
    if !objects.is_empty() {
        sql.push_str(" r");
    }
    let conditions = range.conditions();
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    sql
}

/// For a driver that drops offsets: a TIMESTAMP WITH TIME ZONE or WITH LOCAL TIME ZONE, of a column or an expression in its place, as text,
/// `TO_CHAR("T", 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')`. It is no error for any name.
pub fn zoned_as_text(column: &OracleIdent, expression: Option<&SqlExpression>) -> Result<SqlExpression, Error> {
    let value = expression.map_or_else(|| column.quoted(), |expression| format!("({expression})"));
    SqlExpression::new(format!("TO_CHAR({value}, 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')"))
}

/// What a row is found again by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy<'a> {
    /// It is not.
    Nothing,
    /// Its ROWID, as text.
    RowId,
    /// Its primary key, each column as text: what the rows of an index-organized table have in place of a fixed ROWID.
    Key(&'a [(OracleIdent, KeyType)]),
}

/// One LOB of one row as of an SCN, fetched by its locator: `SELECT "DOC" FROM "HR"."T" AS OF SCN :scn WHERE ROWID = CHARTOROWID(:row_id)`, or for a key
/// `… WHERE "ID" = TO_NUMBER(:key1) AND "PART" = :key2`. Binds: the SCN, then the ROWID or the key's columns, as text.
pub fn lob(table: &ObjectPath, column: &OracleIdent, found_by: FoundBy<'_>) -> String {
    let conditions: Vec<String> = match found_by {
        FoundBy::Key(key) => (1..)
            .zip(key)
            .map(|(n, (column, ty))| format!("{} = {}", column.quoted(), ty.value_of(&format!(":key{n}"))))
            .collect(),
        FoundBy::Nothing | FoundBy::RowId => vec!["ROWID = CHARTOROWID(:row_id)".to_owned()],
    };
    format!("SELECT {} FROM {} AS OF SCN :scn WHERE {}", column.quoted(), table.quoted(), conditions.join(" AND "))
}

/// Types that are stored as LOBs, which are empty without being NULL.
pub(crate) fn is_lob(ty: &OracleType) -> bool {
    matches!(ty, OracleType::Clob | OracleType::NClob | OracleType::Blob)
}

/// LOBs, and the types that [`rows`] makes a CLOB of.
pub fn arrives_as_lob(ty: &OracleType) -> bool {
    is_lob(ty) || matches!(ty, OracleType::Xml | OracleType::Json | OracleType::Vector { .. })
}
