//! The catalog of an Oracle schema, the map of its names and types to PostgreSQL, and the DDL
//! that follows from both.
//!
//! Pure: no I/O but what the caller hands in, no async, no driver.
//!
//! A [`Catalog`] comes from DDL scripts ([`script::Script`]) or from a dictionary reader. A [`NameMap`] decides every
//! name in it once, a [`TypePolicy`] the type of every column; [`TablePlan`]s and the statements of [`ddl::Ddl`]
//! follow from these.
//!
//! ```
//! use schema_map::{DefaultTypes, NameMap, OracleIdent, PgIdent, TablePlan, ddl::{Ddl, Phase}, script::Script};
//!
//! let hr = OracleIdent::new("HR")?;
//! let mut script = Script::default();
//! script.read("jobs.sql", "CREATE TABLE jobs (job_id VARCHAR2(10) PRIMARY KEY, pay NUMBER(8,2) CHECK (pay > 0));", &hr);
//! assert!(script.errors.is_empty());
//! let catalog = script.catalog;
//!
//! let names = NameMap::plan_by_case(&catalog, &[(hr, PgIdent::new_schema("HR")?)], None)?;
//! let plans = TablePlan::all(&catalog, &names, &DefaultTypes::default())?;
//! assert_eq!(plans[0].target.quoted(), "\"HR\".\"JOBS\"");
//! assert_eq!(plans[0].key, [0]);
//!
//! let ddl = Ddl::new(&catalog, &names, &DefaultTypes::default())?;
//! let checks: Vec<&str> = ddl.phase(Phase::Indexes).map(|s| s.sql.as_str()).collect();
//! assert_eq!(checks, ["ALTER TABLE \"HR\".\"JOBS\" ADD CONSTRAINT \"JOBS_PAY_CHECK\" CHECK (\"PAY\" > 0);"]);
//! assert!(ddl.refusals.is_empty());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod catalog;
pub mod ddl;
mod ident;
mod name_map;
mod plan;
pub mod plsql;
mod rewrite;
pub mod script;
pub mod sql;
mod types;
mod user_types;

pub use catalog::{
    Catalog, CodeKind, Column, Constraint, ConstraintKind, Grant, Identity, IdentityOptions, Index, IndexColumn,
    IndexKey, IndexKind, MaterializedView, ObjectRemark, OnDelete, OtherObject, Partition, PartitionMethod,
    Partitioning, Privilege, Sequence, StoredCode, Synonym, Table, TableKind, TableSize, View,
};
pub use ident::{IdentError, ObjectPath, OracleIdent, PgIdent, PgPath, pg_literal};
pub use name_map::{ByCase, CaseRule, ExistingTable, NameError, NameMap, NamePolicy, ObjectKind, Renamed, Target};
pub use plan::{ColumnPlan, PlanError, TablePlan};
pub use types::{DefaultTypes, TypeError, TypeOverrides, TypePolicy};
pub use user_types::{UserType, UserTypes};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
