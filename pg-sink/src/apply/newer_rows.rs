use crate::{Error, ErrorKind, Result};
use cdc_logminer::{Change, Operation};
use schema_map::ObjectPath;
use std::cmp::Ordering;
use type_convert::Scn;

/// Rows that were loaded as of a newer SCN than the rest, because undo did not reach back any more (ORA-01555): what was committed up to
/// that SCN is in them already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerRows {
    /// The table of the source.
    pub table: ObjectPath,
    /// The first ROWID; `None`: from the beginning.
    pub from: Option<String>,
    /// The ROWID behind the last one; `None`: up to the end.
    pub to: Option<String>,
    /// The SCN that they were read at.
    pub scn: Scn,
}

impl NewerRows {
    /// Whether a change of this commit is in the rows already.
    pub(super) fn have(&self, change: &Change, commit_scn: Scn) -> Result<bool> {
        if commit_scn > self.scn || *change.table != self.table {
            return Ok(false);
        }
        let cannot = |message: &str| Err(Error::new(ErrorKind::Incomplete, message));
        match (&change.operation, &change.row_id) {
            (Operation::Ddl(_), _) => Ok(false),
            // The whole table is of that SCN.
            _ if self.from.is_none() && self.to.is_none() => Ok(true),
            (Operation::Truncate, _) => {
                cannot("the table was emptied before rows of it were loaded at a newer SCN: load the table anew")
            }
            (_, None) => cannot(
                "rows of this table were loaded at a newer SCN, and the change has no ROWID that tells whether it is of them: load the table anew",
            ),
            (_, Some(id)) => {
                let begins = self.from.as_ref().is_none_or(|from| order(from, id) != Ordering::Greater);
                Ok(begins && self.to.as_ref().is_none_or(|to| order(id, to) == Ordering::Less))
            }
        }
    }
}

/// ROWIDs as Oracle orders them: their digits are A to Z, a to z, 0 to 9, + and /.
fn order(one: &str, other: &str) -> Ordering {
    let digits = |id: &str| -> Vec<u8> {
        id.bytes()
            .map(|b| match b {
                b'A'..=b'Z' => b - b'A',
                b'a'..=b'z' => b - b'a' + 26,
                b'0'..=b'9' => b - b'0' + 52,
                b'+' => 62,
                _ => 63,
            })
            .collect()
    };
    digits(one).cmp(&digits(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_ids_are_in_the_order_of_their_digits() {
        let ids = [
            "AAAR3sAAEAAAACXAAA",
            "AAAR3sAAEAAAACXAAB",
            "AAAR3sAAEAAAACXAAa",
            "AAAR3sAAEAAAACXAA0",
            "AAAR3sAAEAAAACXAA+",
            "AAAR3sAAEAAAACXAA/",
            "AAAR3sAAEAAAACaAAA",
        ];
        assert!(ids.is_sorted_by(|a, b| order(a, b) == Ordering::Less));
    }
}
