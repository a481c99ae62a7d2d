use std::collections::HashMap;

/// The names of all columns of a table, for [`Scanner::scan_repairing`](crate::Scanner::scan_repairing).
///
/// ```
/// let columns: cdc_logminer::KnownColumns = ["ID", "Id", "NAME"].into_iter().collect();
/// assert!(columns.contains("Id") && !columns.contains("id"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownColumns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl KnownColumns {
    /// Whether the table has a column of this very name.
    pub fn contains(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }

    /// Where the column is in the table. Statements list columns in the table's order, so that the one after the last is
    /// likely.
    #[inline]
    pub(crate) fn place(&self, column: &str, likely: usize) -> Option<usize> {
        match self.names.get(likely) {
            Some(name) if name == column => Some(likely),
            _ => self.places.get(column).copied(),
        }
    }
}

impl<S: Into<String>> FromIterator<S> for KnownColumns {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        Self { names, places }
    }
}
