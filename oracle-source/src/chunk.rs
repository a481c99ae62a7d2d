use crate::{Error, ErrorKind, Session, row_id::RowId, sql};
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
    /// `None` where `DBA_EXTENTS` may not be read.
    extents: Option<BTreeMap<String, Vec<Extent>>>,
}

/// Cuts tables into chunks of about `target_bytes`, at the borders of blocks as `DBA_EXTENTS` has them.
///
/// A range only ever ends where the next begins, the first and the last are open: whatever the extents say, and however they
/// change, each row is in exactly one chunk. Index-organized tables are read whole, and so is every table where
/// the session may not read `DBA_EXTENTS`. Temporary and external tables have no chunks.
pub fn plan_chunks(session: &Session, tables: &[&Table], target_bytes: u64) -> Result<ChunkPlan, Error> {
    let owners: BTreeSet<&OracleIdent> = tables.iter().map(|t| &t.path.schema).collect();
    let sizes: BTreeMap<&OracleIdent, Sizes> =
        owners.into_iter().map(|owner| Ok((owner, Sizes::read(session, owner)?))).collect::<Result<_, Error>>()?;
    let mut plan = ChunkPlan::default();
    for table in tables {
        if let Some(sizes) = sizes.get(&table.path.schema) {
            plan.add(table, sizes, target_bytes);
        }
    }
    Ok(plan)
}

impl Sizes {
    fn read(session: &Session, owner: &OracleIdent) -> Result<Self, Error> {
        let owner = owner.as_str();
        let mut sizes = Sizes::default();
        for row in session.query("reading ALL_TABLES", sql::read::STATISTICS, &[&owner])? {
            sizes.statistics.insert(row.text(0)?.to_owned(), (row.number(1)?, row.number(2)?));
        }
        let extents = match session.try_query(sql::read::EXTENTS, &[&owner]) {
            Ok(rows) => rows,
            // No right to DBA_EXTENTS: tables can be read whole all the same.
            Err(e) if matches!(e.oci_code(), Some(942 | 1031)) => return Ok(sizes),
            Err(e) => return Err(Error::driver("reading DBA_EXTENTS", e)),
        };
        let mut data_objects: BTreeMap<(String, Option<String>), u32> = BTreeMap::new();
        for row in session.query("reading ALL_OBJECTS", sql::read::DATA_OBJECTS, &[&owner])? {
            data_objects.insert((row.text(0)?.to_owned(), row.get(1).map(str::to_owned)), row.required(3)?);
        }
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
    fn add(&mut self, table: &Table, sizes: &Sizes, target_bytes: u64) {
        let name = table.path.name.as_str();
        let (rows, row_bytes) = sizes.statistics.get(name).copied().unwrap_or_default();
        let guessed_bytes = rows.zip(row_bytes).map(|(rows, bytes)| rows.saturating_mul(bytes));
        let known_small = guessed_bytes.is_some_and(|bytes| bytes <= target_bytes);
        let (extents, reason) = match (table.kind, &sizes.extents) {
            (TableKind::GlobalTemporary | TableKind::External, _) => return,
            (TableKind::Heap, Some(extents)) => (extents.get(name).map_or(&[][..], Vec::as_slice), None),
            (TableKind::Heap, None) => (&[][..], Some("the session may not read DBA_EXTENTS")),
            _ => (&[][..], Some("an index-organized table has no ROWID ranges")),
        };
        if let Some(reason) = reason.filter(|_| !known_small) {
            self.whole.push((table.path.clone(), reason.to_owned()));
        }
        let total: u64 = extents.iter().map(|e| e.bytes).sum();
        let cuts = cuts(extents, total, target_bytes);
        let ends = cuts.iter().map(Some).chain([None]);
        let starts = [None].into_iter().chain(cuts.iter().map(Some));
        let count = u64::try_from(cuts.len()).unwrap_or(u64::MAX).saturating_add(1);
        let bytes = if total > 0 { Some(total) } else { guessed_bytes };
        for (id, (from, to)) in (0..).zip(starts.zip(ends)) {
            let range = if cuts.is_empty() {
                ChunkRange::Whole
            } else {
                ChunkRange::RowIds { from: from.map(ToString::to_string), to: to.map(ToString::to_string) }
            };
            self.chunks.push(Chunk {
                table: table.path.clone(),
                id,
                range,
                estimated_rows: rows.map(|n| n / count),
                estimated_bytes: bytes.map(|n| n / count),
            });
        }
    }
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
        if let ChunkRange::RowIds { from, to } = &chunk.range {
            for row_id in [from, to].into_iter().flatten() {
                row_id.parse::<RowId>().map_err(|e| malformed(&e))?;
            }
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
