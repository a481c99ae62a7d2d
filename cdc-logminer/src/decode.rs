use schema_map::{ObjectPath, OracleIdent};
use std::{collections::HashMap, sync::Arc};
use type_convert::OracleType;

/// The columns of one followed table, in the order of every image of its changes.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumns {
    /// The table.
    pub path: Arc<ObjectPath>,
    /// Names and types.
    pub columns: Vec<(OracleIdent, OracleType)>,
}

/// The tables that are followed: redo of others is skipped, and only that.
#[derive(Debug, Clone, Default)]
pub struct TableSet {
    tables: HashMap<ObjectPath, TableColumns>,
}

impl TableSet {
    /// Adds a table.
    pub fn insert(&mut self, table: TableColumns) {
        self.tables.insert((*table.path).clone(), table);
    }

    /// Looks a table up.
    pub fn get(&self, path: &ObjectPath) -> Option<&TableColumns> {
        self.tables.get(path)
    }

    /// All tables, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &TableColumns> {
        self.tables.values()
    }
}

impl FromIterator<TableColumns> for TableSet {
    fn from_iter<I: IntoIterator<Item = TableColumns>>(tables: I) -> Self {
        let mut set = Self::default();
        tables.into_iter().for_each(|t| set.insert(t));
        set
    }
}

/// A redo row whose statement or values cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    message: String,
}
