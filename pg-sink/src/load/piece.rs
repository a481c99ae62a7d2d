use std::ops::Range;
use type_convert::{RowBatch, ValueRef};

/// Bytes of one piece of a chunk, and of what is kept of its rows.
pub(super) const BYTES: u64 = 16 << 20;
/// Rows of one piece; the writer knows the ROWIDs of more.
const ROWS: usize = 100_000;
/// Values of one piece, each of which is kept in 16 bytes.
const VALUES: usize = 1 << 20;
/// Rows that are sent at first after one that was refused.
const STEP: usize = 1000;

/// The most rows that one piece of a table of so many columns has.
pub(super) fn most_rows(columns: usize) -> usize {
    (VALUES / columns.max(1)).clamp(STEP, ROWS)
}

/// Whether a batch fills a piece by itself, so that its rows must be looked at one by one.
pub(super) fn is_large(batch: &RowBatch) -> bool {
    batch.byte_len() as u64 > BYTES
}

/// Whether a row of `batch` is too large to be kept.
pub(super) fn is_huge(batch: &RowBatch, row: usize) -> bool {
    is_large(batch) && batch.row(row).map(variable_bytes).sum::<usize>() as u64 > BYTES
}

fn variable_bytes(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Bytes(bytes) | ValueRef::NumberBytes(bytes) => bytes.len(),
        ValueRef::Decimal(text) => text.len(),
        _ => 0,
    }
}

/// Appends rows of one batch to another.
pub(super) fn keep(kept: &mut RowBatch, batch: &RowBatch, rows: Range<usize>) {
    for row in rows {
        batch.row(row).for_each(|value| kept.push(value));
        kept.finish_row(batch.row_id(row).map(str::as_bytes));
    }
}

/// The order in which the rows of a piece are sent again, without those that the server refuses.
///
/// The rows before the first refused one were most likely good and go at once; from then on a few, and twice as many each time that
/// they are taken: of many refused rows each costs little more than itself.
#[derive(Debug)]
pub(super) struct Resend {
    /// The next row to be sent.
    at: usize,
    rows: usize,
    step: usize,
    /// Refused rows from `at` on, in order.
    refused: Vec<usize>,
}

impl Resend {
    /// Of so many rows, of which one was refused.
    pub(super) fn new(rows: usize, refused: usize) -> Self {
        Resend { at: 0, rows, step: rows, refused: vec![refused] }
    }

    /// The rows to send next, not empty.
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        while self.refused.first() == Some(&self.at) {
            self.refused.remove(0);
            self.at += 1;
        }
        let end = self.refused.first().copied().unwrap_or(self.rows).min(self.at.saturating_add(self.step));
        (self.at < end).then_some(self.at..end)
    }

    /// The rows of the range were taken.
    pub(super) fn taken(&mut self, range: Range<usize>) {
        self.at = range.end;
        self.step = self.step.saturating_mul(2);
    }

    /// A row of the range was refused, and nothing of the range is in.
    pub(super) fn refused(&mut self, row: usize) {
        self.step = STEP;
        if let Err(place) = self.refused.binary_search(&row) {
            self.refused.insert(place, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_taken_once_or_refused_once() {
        let bad = |row: usize| row % 977 == 5 || (3000..3020).contains(&row) || row == 9999;
        let rows = 10_000;
        let (mut taken, mut refused, mut sent) = (Vec::new(), vec![5], 0);
        let mut resend = Resend::new(rows, 5);
        while let Some(range) = resend.next() {
            assert!(!range.is_empty() && range.end <= rows, "{range:?}");
            sent += range.len();
            // The server finds any of the bad rows; the last is the worst case.
            match range.clone().rev().find(|r| bad(*r)) {
                Some(row) => {
                    refused.push(row);
                    resend.refused(row);
                }
                None => {
                    taken.extend(range.clone());
                    resend.taken(range);
                }
            }
        }
        assert_eq!(taken, (0..rows).filter(|r| !bad(*r)).collect::<Vec<_>>());
        refused.sort_unstable();
        assert_eq!(refused, (0..rows).filter(|r| bad(*r)).collect::<Vec<_>>());
        assert!(sent < 10 * rows, "{sent}");
    }

    #[test]
    fn wide_tables_have_smaller_pieces() {
        assert_eq!([most_rows(0), most_rows(12), most_rows(200), most_rows(1600)], [100_000, 87_381, 5242, 1000]);
    }
}
