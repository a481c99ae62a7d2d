use super::Owner;
use crate::{Error, sql::dictionary as sql};
use schema_map::OracleIdent;
use std::collections::BTreeMap;

/// Comments of one schema.
#[derive(Default)]
pub(super) struct Comments {
    pub(super) tables: BTreeMap<String, String>,
    pub(super) columns: BTreeMap<(String, String), String>,
}

/// What Oracle writes by itself.
const OF_CONTAINER: &str = "snapshot table for snapshot ";

impl Comments {
    pub(super) fn read(owner: &mut Owner<'_, '_>) -> Result<Self, Error> {
        let mut comments = Comments::default();
        for row in owner.query(sql::TABLE_COMMENTS)? {
            if !row.text(1)?.starts_with(OF_CONTAINER) {
                comments.tables.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
            }
        }
        for row in owner.query(sql::COLUMN_COMMENTS)? {
            comments.columns.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.text(2)?.to_owned());
        }
        Ok(comments)
    }

    /// Those on the columns of a view, by the order of their names.
    pub(super) fn of_columns(&mut self, view: &str) -> Vec<(OracleIdent, String)> {
        let first = (view.to_owned(), String::new());
        let of_view = self.columns.range(first..).take_while(|((of, _), _)| of == view);
        let keys: Vec<(String, String)> = of_view.map(|(key, _)| key.clone()).collect();
        let taken = keys
            .into_iter()
            .filter_map(|key| Some((OracleIdent::new(key.1.clone()).ok()?, self.columns.remove(&key)?)));
        taken.collect()
    }
}
