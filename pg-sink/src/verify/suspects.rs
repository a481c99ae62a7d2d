use super::digest::{Canonical, Comparison};
use super::{Difference, TableDigest, VerifyOptions, pg_value};
use crate::{CopyRow, ErrorKind, Result};
use schema_map::TablePlan;
use std::collections::BTreeMap;
use type_convert::{PgType, RowBatch};
use xxhash_rust::xxh3::xxh3_128;

/// Bytes kept of one field; of longer ones the hash is compared and the start is shown.
const KEPT: usize = 512;

/// The rows of buckets that differ, from both sides.
pub(super) struct Suspects {
    comparison: Comparison,
    chosen: Vec<bool>,
    all_chosen: bool,
    // In the key's order, so that reports are the same each time.
    rows: BTreeMap<Vec<u8>, Sides>,
}

/// Rows of one key; equal ones of both sides cancel out.
#[derive(Default)]
struct Sides {
    source: Vec<Kept>,
    target: Vec<Kept>,
}

struct Kept {
    hash: u128,
    fields: Vec<Option<KeptField>>,
}

struct KeptField {
    hash: u128,
    length: usize,
    start: Box<[u8]>,
}

impl Suspects {
    pub(super) fn new(
        comparison: Comparison,
        source: &TableDigest,
        target: &TableDigest,
        options: VerifyOptions,
    ) -> Self {
        let (mut kept, mut all_chosen) = (0, true);
        let chosen = source.differing(target).map(|rows| {
            let Some(rows) = rows else { return false };
            // One bucket is looked at however large it is.
            if kept > 0 && kept + rows > options.max_kept_rows {
                all_chosen = false;
                return false;
            }
            kept += rows;
            true
        });
        let chosen = chosen.collect();
        Suspects { comparison, chosen, all_chosen, rows: BTreeMap::new() }
    }

    pub(super) fn add_batch(&mut self, batch: &RowBatch) -> Result<()> {
        for row in 0..batch.rows() {
            match self.comparison.source_row(batch, row) {
                Ok(row) if self.chosen[row.bucket(self.chosen.len())] => {
                    self.rows.entry(row.key.clone()).or_default().source.push(Kept::new(row));
                }
                Ok(_) => {}
                // Listed in the first pass.
                Err(e) if e.kind() == ErrorKind::Value => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub(super) fn add_row(&mut self, row: &CopyRow) -> Result<()> {
        let row = self.comparison.target_row(row)?;
        if !self.chosen[row.bucket(self.chosen.len())] {
            return Ok(());
        }
        let sides = self.rows.entry(row.key.clone()).or_default();
        match sides.source.iter().position(|s| s.hash == row.hash) {
            Some(equal) => drop(sides.source.swap_remove(equal)),
            None => sides.target.push(Kept::new(row)),
        }
        Ok(())
    }

    /// The differences, at most `room`, and whether they are all.
    pub(super) fn differences(self, plan: &TablePlan, room: usize) -> (Vec<Difference>, bool) {
        let key = self.comparison.key();
        let mut differences = Vec::new();
        for Sides { mut source, mut target } in self.rows.into_values() {
            while differences.len() <= room {
                match (source.pop(), target.pop()) {
                    (Some(s), Some(t)) => differences.extend(s.columns_unlike(&t, plan, key)),
                    (Some(s), None) => differences.push(Difference::Missing { key: s.describe(plan, key) }),
                    (None, Some(t)) => differences.push(Difference::Extra { key: t.describe(plan, key) }),
                    (None, None) => break,
                }
            }
        }
        let complete = self.all_chosen && differences.len() <= room;
        differences.truncate(room);
        (differences, complete)
    }
}

impl Kept {
    fn new(row: &Canonical) -> Self {
        let keep = |field: &[u8]| KeptField {
            hash: xxh3_128(field),
            length: field.len(),
            start: field[..field.len().min(KEPT)].into(),
        };
        let fields = (0..row.len()).map(|column| row.field(column).map(keep)).collect();
        Kept { hash: row.hash, fields }
    }

    fn columns_unlike(&self, other: &Kept, plan: &TablePlan, key: &[usize]) -> Vec<Difference> {
        let pairs = self.fields.iter().zip(&other.fields).zip(&plan.columns);
        let unlike = pairs.filter(|((a, b), _)| a.as_ref().map(|f| f.hash) != b.as_ref().map(|f| f.hash));
        unlike
            .map(|((source, target), column)| Difference::Column {
                key: self.describe(plan, key),
                column: column.target.to_string(),
                source: source.as_ref().map(|f| f.show(&column.pg_type)),
                target: target.as_ref().map(|f| f.show(&column.pg_type)),
            })
            .collect()
    }

    fn describe(&self, plan: &TablePlan, key: &[usize]) -> String {
        let field = |&column: &usize| {
            let plan = &plan.columns[column];
            let value = self.fields[column].as_ref().map_or_else(|| "NULL".to_owned(), |f| f.show(&plan.pg_type));
            format!("{} = {value}", plan.target)
        };
        key.iter().map(field).collect::<Vec<_>>().join(", ")
    }
}

impl KeptField {
    fn show(&self, ty: &PgType) -> String {
        let shown = pg_value::readable(ty, &self.start);
        if self.length > self.start.len() { format!("{shown}… ({} bytes)", self.length) } else { shown }
    }
}
