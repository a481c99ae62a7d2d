use super::digest::{Canonical, Comparison};
use super::repair::Mend;
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
    /// How many cancelled out.
    matched: usize,
    /// Hashes of the rows in the source's earlier state.
    before: Vec<u128>,
}

/// What the second pass found.
pub(super) struct Found {
    /// The differences that are listed.
    pub(super) listed: Vec<Difference>,
    /// Whether all are.
    pub(super) complete: bool,
    /// All rows that differ, with what would mend each.
    pub(super) rows: BTreeMap<Vec<u8>, Mend>,
    /// Rows that are as they were in the source's earlier state.
    pub(super) in_flight: u64,
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

    /// Adds rows of the source's earlier state.
    pub(super) fn add_batch_before(&mut self, batch: &RowBatch) -> Result<()> {
        for row in 0..batch.rows() {
            match self.comparison.source_row(batch, row) {
                Ok(row) if self.chosen[row.bucket(self.chosen.len())] => {
                    self.rows.entry(row.key.clone()).or_default().before.push(row.hash);
                }
                Ok(_) => {}
                // The target cannot hold it: no row is taken for it.
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
            Some(equal) => {
                sides.source.swap_remove(equal);
                sides.matched += 1;
            }
            None => sides.target.push(Kept::new(row)),
        }
        Ok(())
    }

    /// The differences, at most `room` of them listed. With `amid`, rows that are as in the source's earlier state are in flight.
    pub(super) fn found(self, plan: &TablePlan, room: usize, amid: bool) -> Found {
        let key = self.comparison.key();
        let (mut listed, mut rows, mut in_flight, mut complete) = (Vec::new(), BTreeMap::new(), 0, self.all_chosen);
        for (id, sides) in self.rows {
            let unlike = sides.source.len().max(sides.target.len());
            if amid && unlike > 0 && sides.is_in_flight(plan.key.is_empty()) {
                in_flight += unlike as u64;
                continue;
            }
            let Sides { mut source, mut target, matched, .. } = sides;
            let mut mend = Mend { several: matched + target.len() > 1, ..Mend::default() };
            loop {
                match (source.pop(), target.pop()) {
                    (Some(s), Some(t)) => {
                        mend.update.push(s.unlike(&t));
                        listed.extend(
                            s.columns_unlike(&t, plan, key).into_iter().take(room + 1 - listed.len().min(room)),
                        );
                    }
                    (Some(s), None) => {
                        mend.insert += 1;
                        if listed.len() <= room {
                            listed.push(Difference::Missing { key: s.describe(plan, key) });
                        }
                    }
                    (None, Some(t)) => {
                        mend.delete += 1;
                        if listed.len() <= room {
                            listed.push(Difference::Extra { key: t.describe(plan, key) });
                        }
                    }
                    (None, None) => break,
                }
            }
            if unlike > 0 {
                rows.insert(id, mend);
            }
        }
        complete &= listed.len() <= room;
        listed.truncate(room);
        Found { listed, complete, rows, in_flight }
    }
}

impl Sides {
    /// Whether the target's rows of this key are those of the source's earlier state; of rows without a key, which are all alike,
    /// whether there are as many as in the one state, in the other, or in between.
    fn is_in_flight(&self, keyless: bool) -> bool {
        let (after, target) = (self.matched + self.source.len(), self.matched + self.target.len());
        if keyless {
            let before = self.before.len();
            return (before.min(after)..=before.max(after)).contains(&target);
        }
        let mut there: Vec<u128> = self.target.iter().map(|row| row.hash).collect();
        let mut before = self.before.clone();
        there.sort_unstable();
        before.sort_unstable();
        self.matched == 0 && there == before
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

    /// The columns in which they differ.
    fn unlike(&self, other: &Kept) -> Vec<usize> {
        let hash = |field: &Option<KeptField>| field.as_ref().map(|f| f.hash);
        (0..self.fields.len()).filter(|&at| hash(&self.fields[at]) != hash(&other.fields[at])).collect()
    }

    fn columns_unlike(&self, other: &Kept, plan: &TablePlan, key: &[usize]) -> Vec<Difference> {
        let show = |field: &Option<KeptField>, at: usize| field.as_ref().map(|f| f.show(&plan.columns[at].pg_type));
        let unlike = self.unlike(other).into_iter();
        unlike
            .map(|at| Difference::Column {
                key: self.describe(plan, key),
                column: plan.columns[at].target.to_string(),
                source: show(&self.fields[at], at),
                target: show(&other.fields[at], at),
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
