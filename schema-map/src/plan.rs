use crate::{Catalog, NameMap, ObjectPath, OracleIdent, PgIdent, PgPath, Table, TypeError, TypePolicy};
use type_convert::{LossPolicy, OracleType, PgType};

/// How one table moves: the one description that load, apply and verify share.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePlan {
    /// The Oracle table.
    pub source: ObjectPath,
    /// The PostgreSQL table.
    pub target: PgPath,
    /// The columns that move, in their order. Virtual columns do not.
    pub columns: Vec<ColumnPlan>,
    /// Positions in `columns` of the columns that identify a row: the primary key, else the first unique
    /// constraint over NOT NULL columns; empty where there is none.
    pub key: Vec<usize>,
}

/// How one column moves.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnPlan {
    /// Its Oracle name.
    pub source: OracleIdent,
    /// Its Oracle type.
    pub oracle_type: OracleType,
    /// Its PostgreSQL name.
    pub target: PgIdent,
    /// Its PostgreSQL type.
    pub pg_type: PgType,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// What happens to values that do not fit.
    pub loss: LossPolicy,
}

/// Why a table cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A column's type.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// The name map does not hold it.
    #[error("the name map has no name for {0}")]
    Unnamed(String),
}

impl TablePlan {
    /// Plans one table of the catalog.
    pub fn new(_table: &Table, _names: &NameMap, _types: &dyn TypePolicy) -> Result<Self, PlanError> {
        todo!()
    }

    /// Plans every table of the catalog that holds rows of its own (not external, not temporary).
    pub fn all(_catalog: &Catalog, _names: &NameMap, _types: &dyn TypePolicy) -> Result<Vec<Self>, PlanError> {
        todo!()
    }
}
