use super::{VerifyOptions, json};
use crate::{CopyEncoder, CopyRow, Error, ErrorKind, Result};
use bytes::BytesMut;
use schema_map::TablePlan;
use type_convert::{PgType, RowBatch};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// What a table's rows add up to, spread over buckets by key: equal digests mean equal rows, in any order.
#[derive(Debug, Clone)]
pub struct TableDigest {
    comparison: Comparison,
    buckets: Vec<Bucket>,
    rows: u64,
    unrepresentable: u64,
    messages: Vec<String>,
    max_messages: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Bucket {
    rows: u64,
    /// Sum of the rows' hashes: the same in whatever order, and unlike an XOR not blind to pairs of equal rows.
    sum: u128,
}

/// How rows of a table are brought into a form in which equal values have equal bytes.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    encoder: CopyEncoder,
    forms: Vec<Form>,
    /// All columns, where the table has no key.
    key: Vec<usize>,
    scratch: BytesMut,
    canonical: Canonical,
}

/// A row in canonical form.
#[derive(Debug, Clone, Default)]
pub(super) struct Canonical {
    bytes: Vec<u8>,
    /// Where each field, its length in front, ends.
    ends: Vec<usize>,
    pub(super) key: Vec<u8>,
    pub(super) hash: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsItIs,
    /// With the least display scale that shows all its digits.
    Numeric,
    /// Without blanks at its end.
    Bpchar,
    /// As JSON in one form, behind the byte for the version of the binary form.
    Jsonb,
}

impl Canonical {
    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a field; `None` is NULL.
    pub(super) fn field(&self, column: usize) -> Option<&[u8]> {
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        let field = &self.bytes[start..self.ends[column]];
        field.strip_prefix(&[1])
    }
}

impl Comparison {
    pub(super) fn new(plan: &TablePlan) -> Result<Self> {
        let forms = plan.columns.iter().map(|column| match column.pg_type {
            PgType::Numeric { .. } => Form::Numeric,
            PgType::Bpchar { .. } => Form::Bpchar,
            PgType::Jsonb => Form::Jsonb,
            _ => Form::AsItIs,
        });
        let key = if plan.key.is_empty() { (0..plan.columns.len()).collect() } else { plan.key.clone() };
        Ok(Comparison {
            encoder: CopyEncoder::new(plan)?,
            forms: forms.collect(),
            key,
            scratch: BytesMut::new(),
            canonical: Canonical::default(),
        })
    }

    /// A row of the source as PostgreSQL would hold it.
    pub(super) fn source_row(&mut self, batch: &RowBatch, row: usize) -> Result<&Canonical> {
        self.scratch.clear();
        self.encoder.encode_row(batch, row, &mut self.scratch)?;
        // Two bytes for the number of fields; then each has four bytes of length.
        let (mut rest, canonical) = (&self.scratch[2..], &mut self.canonical);
        canonical.clear();
        for form in &self.forms {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(short)?;
            let field = match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => Some(after.get(..length).ok_or_else(short)?),
                Err(_) => None,
            };
            rest = &after[field.map_or(0, <[u8]>::len)..];
            canonical.push(*form, field);
        }
        canonical.finish(&self.key);
        Ok(canonical)
    }

    /// A row of the target.
    pub(super) fn target_row(&mut self, row: &CopyRow) -> Result<&Canonical> {
        if row.len() != self.forms.len() {
            let message = format!("{} fields instead of {}", row.len(), self.forms.len());
            return Err(Error::new(ErrorKind::Malformed, message).with_table(self.encoder.table()));
        }
        self.canonical.clear();
        for (column, form) in self.forms.iter().enumerate() {
            self.canonical.push(*form, row.get(column));
        }
        self.canonical.finish(&self.key);
        Ok(&self.canonical)
    }

    pub(super) fn key(&self) -> &[usize] {
        &self.key
    }
}

fn short() -> Error {
    Error::new(ErrorKind::Malformed, "a field that is longer than its row")
}

impl Canonical {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.key.clear();
    }

    fn push(&mut self, form: Form, field: Option<&[u8]>) {
        match field {
            None => self.bytes.push(0),
            Some(field) => {
                self.bytes.push(1);
                match form {
                    Form::AsItIs => self.bytes.extend_from_slice(field),
                    // Number of digits, weight, sign, display scale (2 bytes each), digits.
                    Form::Numeric if field.len() >= 8 => {
                        self.bytes.extend_from_slice(&field[..6]);
                        self.bytes.extend_from_slice(&least_scale(field).to_be_bytes());
                        self.bytes.extend_from_slice(&field[8..]);
                    }
                    Form::Numeric => self.bytes.extend_from_slice(field),
                    Form::Bpchar => {
                        let blanks = field.iter().rev().take_while(|b| **b == b' ').count();
                        self.bytes.extend_from_slice(&field[..field.len() - blanks]);
                    }
                    Form::Jsonb => {
                        let (version, text) = field.split_at(field.len().min(1));
                        self.bytes.extend_from_slice(version);
                        if !json::canonical(text, &mut self.bytes) {
                            self.bytes.extend_from_slice(text);
                        }
                    }
                }
            }
        }
        self.ends.push(self.bytes.len());
    }

    fn finish(&mut self, key: &[usize]) {
        for &column in key {
            let start = if column == 0 { 0 } else { self.ends[column - 1] };
            let field = &self.bytes[start..self.ends[column]];
            self.key.extend_from_slice(&(field.len() as u64).to_be_bytes());
            self.key.extend_from_slice(field);
        }
        // The bounds tell ('ab', 'c') from ('a', 'bc').
        let length = self.bytes.len();
        self.ends.iter().for_each(|end| self.bytes.extend_from_slice(&(*end as u64).to_be_bytes()));
        self.hash = xxh3_128(&self.bytes);
        self.bytes.truncate(length);
    }

    pub(super) fn bucket(&self, buckets: usize) -> usize {
        let buckets = buckets as u64;
        usize::try_from(xxh3_64(&self.key) % buckets).unwrap_or(0)
    }
}

impl TableDigest {
    /// The digest of no rows.
    pub fn new(plan: &TablePlan, options: VerifyOptions) -> Result<Self> {
        Ok(TableDigest {
            comparison: Comparison::new(plan)?,
            buckets: vec![Bucket::default(); options.buckets.max(1)],
            rows: 0,
            unrepresentable: 0,
            messages: Vec::new(),
            max_messages: options.max_differences,
        })
    }

    /// Adds rows of the source. A row with a value that its column cannot hold is counted, but adds nothing.
    pub fn add_batch(&mut self, batch: &RowBatch) -> Result<()> {
        for row in 0..batch.rows() {
            self.rows += 1;
            match self.comparison.source_row(batch, row) {
                Ok(canonical) => add(&mut self.buckets, canonical),
                Err(e) if e.kind() == ErrorKind::Value => {
                    self.unrepresentable += 1;
                    if self.messages.len() < self.max_messages {
                        self.messages.push(e.to_string());
                    }
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Adds a row of the target, as `COPY … TO STDOUT (FORMAT BINARY)` of the plan's columns gives it.
    pub fn add_row(&mut self, row: &CopyRow) -> Result<()> {
        self.rows += 1;
        add(&mut self.buckets, self.comparison.target_row(row)?);
        Ok(())
    }

    /// Rows added.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows of the source that the target's columns cannot hold.
    pub fn unrepresentable(&self) -> u64 {
        self.unrepresentable
    }

    /// Whether both digests are of the same rows, those left aside that the target cannot hold.
    pub fn same_rows(&self, other: &TableDigest) -> bool {
        self.buckets == other.buckets
    }

    pub(super) fn take_unrepresentable(&mut self) -> Vec<String> {
        std::mem::take(&mut self.messages)
    }

    /// For each bucket the larger number of rows of either side, where they differ.
    pub(super) fn differing<'a>(&'a self, other: &'a TableDigest) -> impl Iterator<Item = Option<u64>> + 'a {
        self.buckets.iter().zip(&other.buckets).map(|(a, b)| (a != b).then_some(a.rows.max(b.rows)))
    }
}

/// Decimal digits after the point, zeros at the end left out.
fn least_scale(numeric: &[u8]) -> u16 {
    let short = |at: usize| numeric.get(at..at + 2).map_or(0, |b| i32::from(i16::from_be_bytes([b[0], b[1]])));
    let (groups, weight) = (short(0), short(2));
    let last = if groups > 0 { short(numeric.len() - 2) } else { 0 };
    let zeros = [10, 100, 1000].iter().filter(|power| last % **power == 0).count();
    let scale = (groups - weight - 1) * 4 - if last == 0 { 4 } else { i32::try_from(zeros).unwrap_or(0) };
    u16::try_from(scale.max(0)).unwrap_or(u16::MAX)
}

fn add(buckets: &mut [Bucket], row: &Canonical) {
    let bucket = row.bucket(buckets.len());
    let bucket = &mut buckets[bucket];
    bucket.rows += 1;
    bucket.sum = bucket.sum.wrapping_add(row.hash);
}
