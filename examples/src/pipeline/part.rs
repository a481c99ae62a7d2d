use super::Plan;
use crate::progress::Progress;
use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use oracle_source::{ChunkRange, sql::read::KeyType};
use pg_sink::KeyRange;
use schema_map::{ObjectPath, TablePlan};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};
use type_convert::{BatchReader, OracleType, RowBatch, StreamedLob};

/// What [`Pipeline::verify`](super::Pipeline::verify) compares: everything, unless something is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyPart {
    /// Tables of the source, `SCHEMA.TABLE` as the dictionary has them; none is "all".
    pub tables: Vec<String>,
    /// Of the one table that is named, rows with at least this value in the first column of the key: as [`KeyRange`] takes it.
    pub from: Option<String>,
    /// And with less than this one.
    pub to: Option<String>,
}

impl VerifyPart {
    pub(super) fn has_range(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The tables of the plan that are meant.
    pub(super) fn choose<'p>(&self, plan: &'p Plan) -> Result<Vec<&'p TablePlan>> {
        if self.has_range() && self.tables.len() != 1 {
            bail!("a range of keys is of one table: name it with --table");
        }
        if self.tables.is_empty() {
            return Ok(plan.tables.iter().collect());
        }
        let find = |name: &String| {
            let found = plan.tables.iter().find(|table| table.source.to_string() == *name);
            found.with_context(|| format!("{name} is none of the tables that are migrated: name it as SCHEMA.TABLE"))
        };
        self.tables.iter().map(find).collect()
    }

    pub(super) fn range(&self, table: &TablePlan) -> Result<Option<KeyRange>> {
        if !self.has_range() {
            return Ok(None);
        }
        Ok(Some(KeyRange::new(table, self.from.as_deref(), self.to.as_deref())?))
    }
}

/// The source's rows in a range.
pub(super) fn source_range(table: &TablePlan, range: &KeyRange) -> Result<ChunkRange> {
    let key = table.key.first().map(|&key| &table.columns[key]);
    let key = key.and_then(|column| Some((column.source.clone(), KeyType::of(&column.oracle_type)?)));
    let (column, key_type) = key.with_context(|| format!("{} has no key with ranges", table.source))?;
    let end = |end: Option<&str>| end.map(str::to_owned);
    Ok(ChunkRange::Keys { column, key_type, from: end(range.from()), to: end(range.to()) })
}

/// How many rows of a table were read, and when that was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowsRead {
    rows: u64,
    said: Instant,
}

impl Default for RowsRead {
    fn default() -> Self {
        RowsRead { rows: 0, said: Instant::now() }
    }
}

/// A reader that tells now and then how far it is.
pub(super) struct Told<'a, R> {
    pub(super) reader: R,
    pub(super) read: &'a Cell<RowsRead>,
    pub(super) table: &'a ObjectPath,
    pub(super) progress: &'a Progress,
}

/// How often.
const SAY: Duration = Duration::from_secs(10);

impl<R: BatchReader> BatchReader for Told<'_, R> {
    type Error = R::Error;

    fn columns(&self) -> &[OracleType] {
        self.reader.columns()
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, R::Error> {
        let more = self.reader.read_batch(batch)?;
        let mut read = self.read.get();
        read.rows += batch.rows() as u64;
        if read.said.elapsed() >= SAY {
            self.progress.say(format!("  {:<32} {:>10} rows read at the source", self.table.to_string(), read.rows));
            read.said = Instant::now();
        }
        self.read.set(read);
        Ok(more)
    }

    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> Result<bool, R::Error> {
        self.reader.read_lob(lob, piece)
    }
}
