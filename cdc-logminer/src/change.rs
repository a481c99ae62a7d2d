use crate::Xid;
use schema_map::ObjectPath;
use std::sync::Arc;
use type_convert::{Scn, Value};

/// A committed transaction: its changes in the order in which they happened, undone ones left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// Its id.
    pub xid: Xid,
    /// SCN of its first redo row seen.
    pub start_scn: Scn,
    /// SCN of its commit.
    pub commit_scn: Scn,
    /// Time of its commit, in seconds since 1970-01-01 of the source's clock.
    pub commit_time: i64,
    /// The changes. A transaction that touched no followed table has none.
    pub changes: Vec<Change>,
}

/// One row changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The table.
    pub table: Arc<ObjectPath>,
    /// SCN of the redo row.
    pub scn: Scn,
    /// Oracle's ROWID, where the redo row has a real one.
    pub row_id: Option<String>,
    /// What happened, with images in the order of the table's columns (see [`crate::TableColumns`]).
    pub operation: Operation,
}

/// What happened to a row. Every image vector has one entry for each column of the table.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A new row.
    Insert {
        /// Its values.
        after: Vec<ColumnImage>,
    },
    /// A row changed: columns that `after` does not have keep their value.
    Update {
        /// What is known of the row as it was.
        before: Vec<ColumnImage>,
        /// What was set.
        after: Vec<ColumnImage>,
    },
    /// A row gone.
    Delete {
        /// What is known of the row as it was.
        before: Vec<ColumnImage>,
    },
}

/// What redo says of one column. NULL is a [`ColumnImage::Value`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ColumnImage {
    /// A value, or NULL.
    Value(Value),
    /// Not in the redo: unchanged, or not logged. Never to be written.
    #[default]
    NotLogged,
    /// A LOB that the redo only names (`EMPTY_CLOB()` placeholders, locators).
    LobNotLogged,
    /// `Unsupported Type`.
    Unsupported,
}
