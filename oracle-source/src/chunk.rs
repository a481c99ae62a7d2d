use crate::{
    Error, ErrorKind, Session,
    row_id::RowId,
    sql::read::{self as sql, KeyType},
};
use schema_map::{ObjectPath, OracleIdent, Table, TableKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a table that is read, and ticked off, as a whole. The chunks of a table have each of its rows exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The table.
    pub table: ObjectPath,
    /// From 0, counted for each table.
    pub id: u32,
    /// Its rows.
    pub range: ChunkRange,
    /// Rows that are to be expected, from the optimizer's statistics.
    pub estimated_rows: Option<u64>,
    /// Bytes that are to be expected.
    pub estimated_bytes: Option<u64>,
}

/// Which rows a chunk has.
///
/// Chunks of one table are read as of one SCN. Where undo does not reach back to it any more, one that is whole or a range of ROWIDs may be read
/// at a newer SCN, since a row keeps its ROWID (but for tables with ROW MOVEMENT). A key may have been changed from one range to another's
/// meanwhile: the row would be in two chunks, or in none; and of a bucket no change can tell whether it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChunkRange {
    /// All of them.
    Whole,
    /// Those with `from <= ROWID < to`; without `from` or `to` the range is open at that end.
    RowIds {
        /// 18 characters.
        from: Option<String>,
        /// 18 characters.
        to: Option<String>,
    },
    /// Those with `from <= column < to`; without `from` or `to` the range is open at that end.
    Keys {
        /// A column without NULLs.
        column: OracleIdent,
        /// How its values are put into text.
        key_type: KeyType,
        /// A value.
        from: Option<String>,
        /// A value.
        to: Option<String>,
    },
    /// Those whose ROWIDs are in one bucket of a hash function: each chunk costs a scan of the whole table.
    Hash {
        /// How many there are.
        buckets: u32,
        /// This one, from 0.
        bucket: u32,
    },
}

/// The chunks of some tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChunkPlan {
    /// Table by table, each in ROWID order.
    pub chunks: Vec<Chunk>,
    /// Tables that are read whole though it is not known that they are small, and why.
    pub whole: Vec<(ObjectPath, String)>,
}

/// An extent of a table's segment, at its place among all ROWIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Extent {
    start: RowId,
    blocks: u64,
    bytes: u64,
}

/// What one schema's dictionary says of its tables' sizes.
#[derive(Debug, Default)]
struct Sizes {
    /// Rows and average bytes of a row.
    statistics: BTreeMap<String, (Option<u64>, Option<u64>)>,
    /// The segments of tables by their data object numbers, with their bytes as far as statistics tell.
    segments: BTreeMap<String, BTreeMap<u32, Option<u64>>>,
    /// `None` where `DBA_EXTENTS` may not be read.
    extents: Option<BTreeMap<String, Vec<Extent>>>,
}

/// How a table is cut.
enum Cuts {
    RowIds(Vec<RowId>),
    Keys(OracleIdent, KeyType, Vec<String>),
    Hash(u32),
}

/// Chunks of a table of which each costs a scan of all of it.
const MAX_BUCKETS: u32 = 16;

/// Cuts tables into chunks of about `target_bytes`.
///
/// In order of preference:
/// * at the borders of blocks as `DBA_EXTENTS` has them: ranges of ROWIDs of even size;
/// * between partitions, where the session may not read `DBA_EXTENTS`: ranges of ROWIDs too, as each begins with the number of its partition's
///   segment;
/// * by the first column of the primary key, for index-organized tables and the rest: its index is read once to find the borders (NUMBER, CHAR,
///   VARCHAR2, DATE, TIMESTAMP, RAW);
/// * by a hash of the ROWID, where there is no such key: at most 16 chunks.
///
/// A range only ever ends where the next begins, the first and the last are open: whatever the dictionary says, and however it
/// changes, each row is in exactly one chunk. Tables that are smaller, or whose size is not known and cannot be counted, are read whole. Temporary and
/// external tables have no chunks.
///
/// # Errors
/// [`ErrorKind::Privilege`] where the rows of a table that must be counted cannot be read.
pub fn plan_chunks(session: &Session, tables: &[&Table], target_bytes: u64) -> Result<ChunkPlan, Error> {
    let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.path.schema).collect();
    let sizes: BTreeMap<&OracleIdent, Sizes> =
        owners.into_iter().map(|owner| Ok((owner, Sizes::read(session, owner)?))).collect::<Result<_, Error>>()?;
    let mut plan = ChunkPlan::default();
    for table in tables {
        if let Some(sizes) = sizes.get(&table.path.schema) {
            plan.add(session, table, sizes, target_bytes.max(1))?;
        }
    }
    Ok(plan)
}

impl Sizes {
    fn read(session: &Session, owner: &OracleIdent) -> Result<Self, Error> {
        let owner = owner.as_str();
        let mut sizes = Sizes::default();
        for row in session.query("reading ALL_TABLES", sql::STATISTICS, &[&owner])? {
            sizes.statistics.insert(row.text(0)?.to_owned(), (row.number(1)?, row.number(2)?));
        }
        let mut data_objects: BTreeMap<(String, Option<String>), u32> = BTreeMap::new();
        for row in session.query("reading ALL_OBJECTS", sql::DATA_OBJECTS, &[&owner])? {
            let (table, data_object) = (row.text(0)?.to_owned(), row.required(3)?);
            sizes.segments.entry(table.clone()).or_default().insert(data_object, None);
            data_objects.insert((table, row.get(1).map(str::to_owned)), data_object);
        }
        let extents = match session.try_query(sql::EXTENTS, &[&owner]) {
            Ok(rows) => rows,
            // No right to DBA_EXTENTS: there are other ways.
            Err(e) if matches!(e.ora_code(), Some(942 | 1031)) => {
                let doing = "reading ALL_TAB_PARTITIONS";
                for row in session.query(doing, sql::PARTITION_STATISTICS, &[&owner, &owner])? {
                    let bytes = row.number::<u64>(2)?.zip(row.number::<u64>(3)?);
                    let table = row.text(0)?.to_owned();
                    let segments = sizes.segments.get_mut(&table);
                    let data_object = data_objects.get(&(table, row.get(1).map(str::to_owned)));
                    if let Some((segments, data_object)) = segments.zip(data_object) {
                        segments.insert(*data_object, bytes.map(|(rows, bytes)| rows.saturating_mul(bytes)));
                    }
                }
                return Ok(sizes);
            }
            Err(e) => return Err(Error::driver("reading DBA_EXTENTS", e)),
        };
        let mut by_table: BTreeMap<String, Vec<Extent>> = BTreeMap::new();
        for row in extents {
            let table = row.text(0)?.to_owned();
            let Some(&data_object) = data_objects.get(&(table.clone(), row.get(1).map(str::to_owned))) else {
                continue;
            };
            let start = RowId::of_block(data_object, row.required(2)?, row.required(3)?);
            by_table.entry(table).or_default().push(Extent {
                start,
                blocks: row.required(4)?,
                bytes: row.required(5)?,
            });
        }
        by_table.values_mut().for_each(|extents| extents.sort());
        sizes.extents = Some(by_table);
        Ok(sizes)
    }
}

impl ChunkPlan {
    fn add(&mut self, session: &Session, table: &Table, sizes: &Sizes, target_bytes: u64) -> Result<(), Error> {
        let name = table.path.name.as_str();
        let (rows, row_bytes) = sizes.statistics.get(name).copied().unwrap_or_default();
        let guessed_bytes = rows.zip(row_bytes).map(|(rows, bytes)| rows.saturating_mul(bytes));
        if matches!(table.kind, TableKind::GlobalTemporary | TableKind::External) {
            return Ok(());
        }
        let extents = sizes.extents.as_ref().filter(|_| table.kind == TableKind::Heap);
        if let Some(extents) = extents {
            let extents = extents.get(name).map_or(&[][..], Vec::as_slice);
            let total: u64 = extents.iter().map(|e| e.bytes).sum();
            // The rows of a clustered table are in the extents of its cluster.
            if total > 0 || guessed_bytes.is_none_or(|bytes| bytes <= target_bytes) {
                let bytes = if total > 0 { Some(total) } else { guessed_bytes };
                self.push(table, &Cuts::RowIds(cuts(extents, total, target_bytes)), rows, bytes);
                return Ok(());
            }
        }
        if guessed_bytes.is_some_and(|bytes| bytes <= target_bytes) {
            self.push(table, &Cuts::RowIds(Vec::new()), rows, guessed_bytes);
            return Ok(());
        }
        let segments = sizes.segments.get(name).filter(|_| table.kind == TableKind::Heap);
        if let Some(segments) = segments.filter(|segments| segments.len() > 1) {
            self.push(table, &Cuts::RowIds(between(segments, guessed_bytes, target_bytes)), rows, guessed_bytes);
            return Ok(());
        }
        let rows = match rows.filter(|_| guessed_bytes.is_some()) {
            Some(rows) => rows,
            None => count(session, &table.path)?,
        };
        let bytes = guessed_bytes.unwrap_or_else(|| rows.saturating_mul(usual_row_bytes(table)));
        // A last chunk that is much smaller than the others is not worth its round trips.
        let count = bytes.saturating_add(target_bytes / 2) / target_bytes;
        let mut cuts = Cuts::RowIds(Vec::new());
        if count > 1 {
            let key = table.primary_key().and_then(|key| table.column(key.first()?)).map(|(_, column)| column);
            let key = key.filter(|column| !column.nullable);
            match key.and_then(|column| Some((&column.name, KeyType::of(&column.oracle_type)?))) {
                Some((column, ty)) => {
                    let borders = borders(session, &table.path, column, ty, (rows / count).max(1))?;
                    cuts = Cuts::Keys(column.clone(), ty, borders);
                }
                None if table.kind == TableKind::Heap => {
                    cuts = Cuts::Hash(u32::try_from(count).unwrap_or(MAX_BUCKETS).min(MAX_BUCKETS));
                }
                None => {
                    let reason =
                        "an index-organized table has no ROWID ranges, and its key is of a type that cannot be cut";
                    self.whole.push((table.path.clone(), reason.to_owned()));
                }
            }
        }
        self.push(table, &cuts, Some(rows), Some(bytes));
        Ok(())
    }

    fn push(&mut self, table: &Table, cuts: &Cuts, rows: Option<u64>, bytes: Option<u64>) {
        let ranges: Vec<ChunkRange> = match cuts {
            Cuts::RowIds(cuts) if cuts.is_empty() => vec![ChunkRange::Whole],
            Cuts::Keys(_, _, borders) if borders.is_empty() => vec![ChunkRange::Whole],
            Cuts::RowIds(cuts) => {
                let cuts: Vec<String> = cuts.iter().map(ToString::to_string).collect();
                pairs(&cuts).map(|(from, to)| ChunkRange::RowIds { from, to }).collect()
            }
            Cuts::Keys(column, key_type, borders) => pairs(borders)
                .map(|(from, to)| ChunkRange::Keys { column: column.clone(), key_type: *key_type, from, to })
                .collect(),
            Cuts::Hash(buckets) => (0..*buckets).map(|bucket| ChunkRange::Hash { buckets: *buckets, bucket }).collect(),
        };
        let count = u64::try_from(ranges.len()).unwrap_or(u64::MAX);
        self.chunks.extend((0..).zip(ranges).map(|(id, range)| Chunk {
            table: table.path.clone(),
            id,
            range,
            estimated_rows: rows.map(|n| n / count),
            estimated_bytes: bytes.map(|n| n / count),
        }));
    }
}

/// The ranges between borders, open at both ends.
fn pairs(borders: &[String]) -> impl Iterator<Item = (Option<String>, Option<String>)> {
    let starts = std::iter::once(None).chain(borders.iter().cloned().map(Some));
    starts.zip(borders.iter().cloned().map(Some).chain([None]))
}

fn count(session: &Session, table: &ObjectPath) -> Result<u64, Error> {
    let doing = format!("counting the rows of {table}");
    let rows = session.query(doing, &sql::count_now(table), &[]).map_err(|e| e.with_table(table))?;
    rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "COUNT(*) gave no row"))?.required(0)
}

/// Values of a key with about `step` rows from one to the next; each is there once.
fn borders(
    session: &Session,
    table: &ObjectPath,
    column: &OracleIdent,
    ty: KeyType,
    step: u64,
) -> Result<Vec<String>, Error> {
    let text = sql::key_borders(table, column, ty);
    let rows = session.query(format!("cutting {table} by {column}"), &text, &[&step]);
    let rows = rows.map_err(|e| e.with_table(table).with_column(column))?;
    let mut borders: Vec<String> = rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?;
    borders.dedup();
    Ok(borders)
}

/// Between segments, so that each chunk has about the target's bytes, or the same number of them where the bytes of one are not known.
fn between(segments: &BTreeMap<u32, Option<u64>>, bytes: Option<u64>, target_bytes: u64) -> Vec<RowId> {
    let border = |segment: &u32| RowId::of_block(*segment, 0, 0);
    if let Some(sizes) = segments.values().copied().collect::<Option<Vec<u64>>>() {
        let (mut before, mut borders) = (0_u64, Vec::new());
        for (segment, size) in segments.keys().zip(sizes) {
            // The border is where less is missing than would be too much.
            if before > 0 && before.saturating_add(size / 2) > target_bytes {
                borders.push(border(segment));
                before = 0;
            }
            before = before.saturating_add(size);
        }
        return borders;
    }
    let all = u64::try_from(segments.len()).unwrap_or(u64::MAX);
    let count = bytes.map_or(all, |bytes| (bytes.saturating_add(target_bytes / 2) / target_bytes).clamp(1, all));
    let each = usize::try_from(all.div_ceil(count)).unwrap_or(usize::MAX);
    segments.keys().skip(each).step_by(each).map(border).collect()
}

/// What a row may take where no statistics tell.
fn usual_row_bytes(table: &Table) -> u64 {
    use type_convert::OracleType::{Blob, Char, Clob, NChar, NClob, NVarchar2, Raw, Varchar2};
    let bytes = |ty: &type_convert::OracleType| match ty {
        Char { length, .. } | NChar { length } => u64::from(*length),
        Varchar2 { length, .. } | NVarchar2 { length } | Raw { length } => u64::from(*length / 2).clamp(1, 64),
        Clob | NClob | Blob => 4096,
        _ => 8,
    };
    table.columns.iter().map(|column| bytes(&column.oracle_type)).sum::<u64>().max(1)
}

/// The ROWIDs at which to cut: about `target` bytes lie between two of them.
fn cuts(extents: &[Extent], total: u64, target: u64) -> Vec<RowId> {
    let target = target.max(1);
    // A last chunk that is much smaller than the others is not worth its round trips.
    let count = total.saturating_add(target / 2) / target;
    let mut cuts = Vec::new();
    if count < 2 {
        return cuts;
    }
    let step = total / count;
    let (mut before, mut next) = (0, 1);
    for extent in extents {
        while next < count {
            let into = (step * next).saturating_sub(before);
            if into >= extent.bytes {
                break;
            }
            let blocks = u128::from(extent.blocks) * u128::from(into) / u128::from(extent.bytes);
            let cut = extent.start.block_after(u64::try_from(blocks).unwrap_or(0));
            // A block is never cut: where the target is smaller than one, there are fewer chunks.
            if cuts.last().is_none_or(|last| *last < cut) && cut != extents[0].start {
                cuts.push(cut);
            }
            next += 1;
        }
        before += extent.bytes;
    }
    cuts
}

impl Chunk {
    /// As JSON, for a ledger.
    pub fn to_text(&self) -> String {
        // Strings, numbers and enums only: nothing that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What [`to_text`](Chunk::to_text) wrote.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let malformed = |e: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Malformed, format!("{text:?} is not the description of a chunk: {e}"))
        };
        let chunk: Self = serde_json::from_str(text).map_err(|e| malformed(&e))?;
        match &chunk.range {
            ChunkRange::RowIds { from, to } => {
                for row_id in [from, to].into_iter().flatten() {
                    row_id.parse::<RowId>().map_err(|e| malformed(&e))?;
                }
            }
            ChunkRange::Hash { buckets, bucket } if bucket >= buckets => {
                return Err(malformed(&format_args!("there is no bucket {bucket} of {buckets}")));
            }
            _ => {}
        }
        Ok(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn extent(file: u32, block: u32, blocks: u64) -> Extent {
        Extent { start: RowId::of_block(70_000, file, block), blocks, bytes: blocks * 8192 }
    }

    #[test]
    fn small_tables_are_not_cut() {
        let extents = [extent(4, 128, 8)];
        assert_eq!(cuts(&extents, 8 * 8192, 64 * 1024), []);
        assert_eq!(cuts(&extents, 8 * 8192, 60 * 1024), []);
        assert_eq!(cuts(&[], 0, 1), []);
    }

    #[test]
    fn cuts_lie_within_extents() {
        let extents = [extent(4, 128, 8), extent(4, 256, 128), extent(5, 128, 128)];
        let total = extents.iter().map(|e| e.bytes).sum();
        assert_eq!(
            cuts(&extents, total, 66 * 8192),
            [
                RowId::of_block(70_000, 4, 256 + 58),
                RowId::of_block(70_000, 4, 256 + 124),
                RowId::of_block(70_000, 5, 128 + 62)
            ]
        );
    }

    #[test]
    fn text_and_back() {
        let chunk = Chunk {
            table: ObjectPath { schema: OracleIdent::new("HR").unwrap(), name: OracleIdent::new("Über. T").unwrap() },
            id: 7,
            range: ChunkRange::RowIds { from: None, to: Some("AAAAaoAATAAABrXAAA".to_owned()) },
            estimated_rows: Some(12),
            estimated_bytes: None,
        };
        assert_eq!(Chunk::from_text(&chunk.to_text()).unwrap(), chunk);
        for bad in ["", "{}", &chunk.to_text().replace("AAAAao", "AAAAa'")] {
            assert_eq!(Chunk::from_text(bad).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }

    #[test]
    fn every_range_as_text() {
        let column = OracleIdent::new("K").unwrap();
        let table = ObjectPath { schema: column.clone(), name: column.clone() };
        let keys = ChunkRange::Keys { column, key_type: KeyType::Date, from: None, to: Some("2024".to_owned()) };
        for range in [ChunkRange::Whole, keys, ChunkRange::Hash { buckets: 2, bucket: 1 }] {
            let chunk = Chunk { table: table.clone(), id: 1, range, estimated_rows: None, estimated_bytes: Some(3) };
            assert_eq!(Chunk::from_text(&chunk.to_text()).unwrap(), chunk);
            let wrong = chunk.to_text().replace("\"bucket\":1", "\"bucket\":2");
            assert_eq!(Chunk::from_text(&wrong).is_err(), wrong != chunk.to_text());
        }
    }

    #[test]
    fn cuts_between_segments() {
        let segments = BTreeMap::from([7, 9, 20, 21, 30].map(|segment| (segment, None)));
        let at = |segments: &[u32]| segments.iter().map(|s| RowId::of_block(*s, 0, 0)).collect::<Vec<_>>();
        assert_eq!(between(&segments, None, 1), at(&[9, 20, 21, 30]));
        assert_eq!(between(&segments, Some(200), 100), at(&[21]));
        assert_eq!(between(&segments, Some(1), 100), at(&[]));
        let sizes = BTreeMap::from([(7, Some(90)), (9, Some(20)), (20, Some(0)), (21, Some(300)), (30, Some(10))]);
        assert_eq!(between(&sizes, None, 100), at(&[20, 30]));
        assert_eq!(between(&sizes, None, 1000), at(&[]));
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_another_chunk(text in ".{0,200}", row_id in "[A-Za-z0-9+/]{17,19}") {
            prop_assert!(Chunk::from_text(&text).is_err());
            let text = format!(r#"{{"table":{{"schema":"A","name":"B"}},"id":0,"range":{{"row_ids":{{"from":null,"to":"{row_id}"}}}}}}"#);
            if let Ok(chunk) = Chunk::from_text(&text) {
                prop_assert_eq!(chunk.range, ChunkRange::RowIds { from: None, to: Some(row_id) });
            }
        }

        #[test]
        fn cuts_ascend_and_are_about_even(sizes in proptest::collection::vec(1_u64..2000, 1..40), target in 1_u64..20_000_000) {
            let extents: Vec<Extent> = (0_u32..).zip(&sizes).map(|(n, blocks)| extent(4, 128 + n * 4096, *blocks)).collect();
            let total = extents.iter().map(|e| e.bytes).sum();
            let cuts = cuts(&extents, total, target);
            prop_assert!(cuts.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(cuts.iter().all(|cut| *cut > extents[0].start));
            prop_assert!((cuts.len() as u64) < (total / target).max(1) + 1);
            if target >= 64 * 1024 && total > 2 * target {
                prop_assert!(!cuts.is_empty());
            }
        }
    }
}
