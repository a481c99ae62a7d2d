/// Rows of one generation.
pub(super) const ROWS: usize = 131_072;
/// Bytes of ROWIDs of one generation.
const BYTES: usize = 4 << 20;

/// The ROWIDs of the rows sent lately, by the number of the row in its COPY: the last [`ROWS`] of them at least, or those of
/// the last 4 MiB of ROWIDs where they are long (a heap table's have 18 bytes), and twice that at most.
///
/// Two generations take turns, so that nothing is allocated once both have grown.
#[derive(Debug, Default)]
pub(super) struct RecentRowIds {
    newer: Generation,
    older: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    /// Rows that came before this generation.
    before: u64,
    text: String,
    /// Where each row's ROWID ends in `text`; one that is not known is empty.
    ends: Vec<usize>,
}

impl RecentRowIds {
    /// Forgets everything; the next row is the first.
    pub(super) fn clear(&mut self) {
        self.newer.begin(0);
        self.older.begin(0);
    }

    /// Adds the next row.
    #[inline]
    pub(super) fn push(&mut self, row_id: Option<&str>) {
        match row_id {
            // Nothing to look up: rows only need counting as long as none has a ROWID.
            None if self.newer.ends.is_empty() => self.newer.before += 1,
            _ => self.push_known(row_id.unwrap_or_default()),
        }
    }

    fn push_known(&mut self, row_id: &str) {
        if self.newer.ends.len() == ROWS || self.newer.text.len() + row_id.len() > BYTES {
            let rows = self.rows();
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.begin(rows);
        }
        self.newer.text.push_str(row_id);
        self.newer.ends.push(self.newer.text.len());
    }

    /// Rows added.
    pub(super) fn rows(&self) -> u64 {
        self.newer.before + self.newer.ends.len() as u64
    }

    /// The ROWID of a row, the first being 1, where it is known and not too long ago.
    pub(super) fn get(&self, row: u64) -> Option<&str> {
        self.newer.get(row).or_else(|| self.older.get(row)).filter(|id| !id.is_empty())
    }
}

impl Generation {
    fn begin(&mut self, before: u64) {
        self.before = before;
        self.text.clear();
        self.ends.clear();
    }

    fn get(&self, row: u64) -> Option<&str> {
        let at = usize::try_from(row.checked_sub(self.before + 1)?).ok()?;
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(at)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rows_are_known_and_earlier_ones_are_forgotten() {
        let mut ids = RecentRowIds::default();
        assert_eq!(ids.get(1), None);
        let last = 5 * ROWS as u64 + 7;
        for n in 1..=last {
            ids.push((n % 3 != 0).then(|| format!("R{n}")).as_deref());
        }
        assert_eq!(ids.rows(), last);
        assert_eq!((ids.get(0), ids.get(last + 1)), (None, None));
        for n in last - ROWS as u64..=last {
            assert_eq!(ids.get(n), (n % 3 != 0).then(|| format!("R{n}")).as_deref());
        }
        assert_eq!(ids.get(last - 2 * ROWS as u64), None);
        ids.clear();
        ids.push(Some("first"));
        assert_eq!((ids.get(1), ids.get(2), ids.get(last)), (Some("first"), None, None));
    }

    #[test]
    fn memory_is_bounded_by_bytes_too() {
        let mut ids = RecentRowIds::default();
        let long = "x".repeat(4000);
        for _ in 0..10_000 {
            ids.push(Some(&long));
        }
        assert!(ids.get(10_000).is_some() && ids.get(1).is_none());
        assert!(ids.newer.text.capacity() + ids.older.text.capacity() <= 4 * BYTES);
    }
}
