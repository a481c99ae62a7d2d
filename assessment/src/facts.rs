//! What only a live source can tell.

use crate::{Kind, Place};
use schema_map::Catalog;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a dictionary and a running instance tell beyond the catalog. Each fact may be missing: a report from scripts has none of them,
/// one from a database those that the user may read. The report lists what it did not have.
///
/// It is plain data and reads and writes as JSON, so that facts can be gathered where the database is and used elsewhere.
///
/// ```
/// use assessment::Facts;
///
/// let facts: Facts = serde_json::from_str(r#"{"character_set": "WE8MSWIN1252"}"#)?;
/// assert_eq!(facts.character_set.as_deref(), Some("WE8MSWIN1252"));
/// assert!(facts.missing().iter().any(|what| what.contains("DBA_SEGMENTS")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Facts {
    /// Product and version, as `V$VERSION.BANNER` or the session says it.
    pub version: Option<String>,
    /// `NLS_CHARACTERSET`.
    pub character_set: Option<String>,
    /// `NLS_NCHAR_CHARACTERSET`.
    pub national_character_set: Option<String>,
    /// Objects that Oracle calls invalid: `ALL_OBJECTS.STATUS`.
    pub invalid: Option<Vec<InvalidObject>>,
    /// Sizes and states of tables: `ALL_TABLES`, `DBA_SEGMENTS`, `ALL_LOBS`.
    pub tables: Option<Vec<TableFacts>>,
    /// Over how many days tables grew as they say: as many as the workload repository goes back.
    pub growth_days: Option<u64>,
    /// What was found in columns by looking at rows.
    pub columns: Option<Vec<ColumnFacts>>,
    /// Objects that a catalog does not have: jobs, links, queues, contexts …
    pub objects: Option<Vec<OtherObject>>,
    /// What holds and what does not of the prerequisites for an online migration.
    pub prerequisites: Option<Vec<Prerequisite>>,
    /// Redo by the hour: `V$ARCHIVED_LOG`.
    pub redo: Option<Vec<RedoHour>>,
    /// Open transactions: how many, and the age of the oldest: `GV$TRANSACTION`.
    pub transactions: Option<OpenTransactions>,
    /// `UNDO_RETENTION`, in seconds.
    pub undo_retention_s: Option<u64>,
    /// Which object refers to which: `ALL_DEPENDENCIES`. Where it is missing, references are taken from the code.
    pub dependencies: Option<Vec<Dependency>>,
}

/// An object that Oracle calls invalid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvalidObject {
    /// Its kind.
    pub kind: Kind,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// What the dictionary knows of a table's rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TableFacts {
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// `ALL_TABLES.NUM_ROWS`, as old as the statistics.
    pub rows: Option<u64>,
    /// Bytes of its segments, those of partitions included, without LOBs.
    pub bytes: Option<u64>,
    /// Bytes of its LOB segments.
    pub lob_bytes: Option<u64>,
    /// Bytes by which it grew over the last [`growth_days`](Facts::growth_days): `DBA_HIST_SEG_STAT`, which needs a licence for the Diagnostics Pack.
    #[serde(alias = "growth_bytes_30_days")]
    pub growth_bytes: Option<i64>,
    /// Partitions and subpartitions that have rows of their own.
    pub partitions: Option<u64>,
    /// False under NOLOGGING.
    pub logging: Option<bool>,
    /// `ALL_TABLES.COMPRESS_FOR`, where it is compressed.
    pub compression: Option<String>,
    /// A column or the tablespace is encrypted (TDE).
    pub encrypted: Option<bool>,
    /// Why LogMiner cannot follow it, as `DBA_LOGSTDBY_UNSUPPORTED` says it.
    pub not_mined: Option<String>,
}

/// What was found in a column by looking at rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ColumnFacts {
    /// The table's owner.
    pub owner: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Rows that were looked at; `None` where it was all of them.
    pub sampled: Option<u64>,
    /// The longest value of a LOB in bytes or characters, as `DBMS_LOB.GETLENGTH` counts.
    pub longest: Option<u64>,
    /// The smallest number, as Oracle prints it.
    pub least: Option<String>,
    /// The largest number.
    pub greatest: Option<String>,
    /// Values that are no whole numbers.
    pub fractions: Option<u64>,
    /// Values with a character U+0000.
    pub zero_characters: Option<u64>,
    /// Values with bytes that are no characters of the database's character set.
    pub bad_encodings: Option<u64>,
}

/// An object that the catalog does not describe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherObject {
    /// Its kind.
    pub kind: Kind,
    /// Its owner; `None` where it belongs to the database.
    pub owner: Option<String>,
    /// Its name.
    pub name: String,
    /// What else is known, for people. Never a secret.
    pub details: String,
    /// Where it is in the scripts.
    #[serde(default)]
    pub place: Option<Place>,
}

/// One thing that an online migration depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// Stable and short: `archivelog`, `supplemental:HR.JOBS`.
    pub id: String,
    /// What must hold.
    pub what: String,
    /// Whether it does; `None` where it could not be seen.
    pub met: Option<bool>,
    /// Whether a migration cannot go without it.
    pub required: bool,
    /// What was found.
    pub found: String,
    /// SQL that mends it, without terminators.
    pub mend: Vec<String>,
}

/// Redo of one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedoHour {
    /// When it began: `2026-01-31 13:00`, the database's time.
    pub hour: String,
    /// Bytes, of all threads.
    pub bytes: u64,
}

/// Transactions that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenTransactions {
    /// How many.
    pub count: u64,
    /// Age of the oldest, in seconds; 0 where there is none.
    pub oldest_s: u64,
}

/// One object refers to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// Kind of the object that refers.
    pub kind: Kind,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Owner of what it refers to.
    pub referenced_owner: String,
    /// Name of what it refers to.
    pub referenced_name: String,
}

impl From<&schema_map::TableSize> for TableFacts {
    /// What a dictionary reader has put into a catalog.
    fn from(size: &schema_map::TableSize) -> Self {
        TableFacts {
            owner: size.table.schema.to_string(),
            name: size.table.name.to_string(),
            rows: size.rows,
            bytes: size.segment_bytes,
            lob_bytes: size.lob_bytes,
            partitions: size.partitions,
            ..TableFacts::default()
        }
    }
}

impl OtherObject {
    /// One that a dictionary reader has put into a catalog; `None` where it is of no kind that a report has.
    pub fn of_catalog(object: &schema_map::OtherObject) -> Option<Self> {
        let kind = Kind::of_object_type(&object.kind)?;
        let mut details = object.detail.clone().unwrap_or_default();
        if kind == Kind::Other {
            details = format!("{} {details}", object.kind.to_lowercase()).trim_end().to_owned();
        }
        let (owner, name) = (Some(object.path.schema.to_string()), object.path.name.to_string());
        Some(OtherObject { kind, owner, name, details, place: None })
    }
}

impl Facts {
    /// With the sizes that a dictionary reader has put into a catalog, where there are no facts about tables.
    pub(crate) fn with_sizes_of(&self, catalog: &Catalog) -> Cow<'_, Facts> {
        if self.tables.is_some() || catalog.sizes.is_empty() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Facts { tables: Some(catalog.sizes.iter().map(TableFacts::from).collect()), ..self.clone() })
    }

    /// Each fact that is missing: what it is and where it would have come from.
    pub fn missing(&self) -> Vec<&'static str> {
        let tables = self.tables.as_deref().unwrap_or_default();
        let columns = self.columns.as_deref().unwrap_or_default();
        let all = [
            (self.version.is_none(), "version of the source (V$VERSION)"),
            (self.character_set.is_none(), "character set (NLS_DATABASE_PARAMETERS)"),
            (self.invalid.is_none(), "which objects are invalid (ALL_OBJECTS)"),
            (self.tables.is_none(), "states of tables (ALL_TABLES)"),
            (!tables.iter().any(|t| t.rows.is_some()), "numbers of rows (ALL_TABLES.NUM_ROWS)"),
            (!tables.iter().any(|t| t.bytes.is_some()), "sizes of tables (DBA_SEGMENTS)"),
            (!tables.iter().any(|t| t.lob_bytes.is_some()), "volume of LOBs (ALL_LOBS, DBA_SEGMENTS)"),
            (
                !tables.iter().any(|t| t.growth_bytes.is_some()),
                "growth of tables (DBA_HIST_SEG_STAT, which needs a licence for the Diagnostics Pack; nothing else tells)",
            ),
            (!columns.iter().any(|c| c.longest.is_some()), "longest LOBs (a query of the rows)"),
            (
                !columns.iter().any(|c| c.least.is_some()),
                "ranges of NUMBER columns without precision (a query of the rows)",
            ),
            (!columns.iter().any(|c| c.zero_characters.is_some()), "U+0000 in texts (a query of the rows)"),
            (
                !columns.iter().any(|c| c.bad_encodings.is_some()),
                "bytes in texts that are no characters (a query of the rows)",
            ),
            (self.objects.is_none(), "jobs, links, queues, policies and contexts (dictionary views of each)"),
            (self.prerequisites.is_none(), "prerequisites of an online migration (migrate check)"),
            (self.redo.is_none(), "redo by the hour (V$ARCHIVED_LOG)"),
            (self.transactions.is_none(), "open transactions (GV$TRANSACTION)"),
            (self.undo_retention_s.is_none(), "undo retention (V$PARAMETER)"),
            (
                self.dependencies.is_none(),
                "dependencies between objects (ALL_DEPENDENCIES): taken from the code instead",
            ),
        ];
        all.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what).collect()
    }
}
