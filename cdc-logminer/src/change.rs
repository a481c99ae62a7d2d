use crate::{Changes, Ddl, LobPatch, Xid};
use schema_map::ObjectPath;
use std::sync::Arc;
use type_convert::{Scn, Value};

/// A committed transaction: its changes in the order in which they happened, undone ones left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// Its id. Of parallel DML the id of the coordinator (`PXID`), whose parts are one transaction.
    pub xid: Xid,
    /// SCN of its first redo row seen.
    pub start_scn: Scn,
    /// SCN of its commit.
    pub commit_scn: Scn,
    /// Time of its commit, in seconds since 1970-01-01 of the source's clock.
    pub commit_time: i64,
    /// The changes, as many as there may be: those of a large transaction come back from disk one by one.
    pub changes: Changes,
}

/// One change of a followed table.
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

/// What happened to a row or a table. Every image vector has one entry for each column of the table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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
    /// `TRUNCATE TABLE`: all rows gone.
    Truncate,
    /// Any other DDL on the table.
    Ddl(Ddl),
}

/// What redo says of one column: five states that are never confused (NULL is a [`ColumnImage::Value`]), and the parts of a LOB.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum ColumnImage {
    /// A value, or NULL.
    Value(Value),
    /// Not in the redo: unchanged, or not logged. Never to be written.
    #[default]
    NotLogged,
    /// A LOB, XML document or JSON value of which the redo of this row holds nothing.
    LobNotLogged,
    /// `Unsupported Type`.
    Unsupported,
    /// Parts of a LOB whose other parts are what they were before: in `after` of an update only.
    LobPatch(LobPatch),
}
