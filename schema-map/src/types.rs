use crate::{Column, Table};
use type_convert::PgType;

/// Decides the PostgreSQL type of each column; an embedder may replace or wrap it.
pub trait TypePolicy {
    /// The type for this column. `Ok(None)` leaves it to [`DefaultTypes`].
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError>;
}

/// The default mapping: nothing is lost, nothing is approximated.
#[derive(Debug, Clone, Copy, Default)]
pub struct DefaultTypes;

/// A column whose type has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column}: {reason}")]
pub struct TypeError {
    /// The table, `OWNER.NAME`.
    pub table: String,
    /// The column.
    pub column: String,
    /// The type and what can be done.
    pub reason: String,
}

impl TypePolicy for DefaultTypes {
    fn pg_type(&self, _table: &Table, _column: &Column) -> Result<Option<PgType>, TypeError> {
        todo!()
    }
}

impl<T: TypePolicy + ?Sized> TypePolicy for &T {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        (**self).pg_type(table, column)
    }
}

impl<T: TypePolicy + ?Sized> TypePolicy for Box<T> {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        (**self).pg_type(table, column)
    }
}
