//! The catalog of an Oracle schema, the map of its names and types to PostgreSQL, and the DDL
//! that follows from both.
//!
//! Pure: no I/O but what the caller hands in, no async, no driver.

mod catalog;
pub mod ddl;
mod ident;
mod name_map;
mod plan;
mod rewrite;
pub mod script;
pub mod sql;
mod types;

pub use catalog::*;
pub use ident::{IdentError, ObjectPath, OracleIdent, PgIdent, PgPath, pg_literal};
pub use name_map::{ByCase, CaseRule, ExistingTable, NameError, NameMap, NamePolicy, ObjectKind, Target};
pub use plan::{ColumnPlan, PlanError, TablePlan};
pub use types::{DefaultTypes, TypeError, TypeOverrides, TypePolicy};
