//! What an Oracle schema holds, what of it moves to PostgreSQL by itself, what a person must do, and what that costs.
//!
//! [`assess`] takes a [`Catalog`](schema_map::Catalog), from DDL scripts or from a dictionary, and [`Facts`] that only a live source
//! can tell. It really converts the catalog with [`schema_map::ddl::Ddl`]: an object counts as converted only if there is a statement that
//! makes it. The [`Report`] has a [`Verdict`] on every object, [`Finding`]s that a person should read, an [`Estimate`] by a
//! [`CostModel`] whose every figure is shown, an order of work, and what it did not know. [`Assessment`] is the same with more
//! choices: names, types, [`Rules`], [`Scripts`] for places, a [`Proof`] from a real PostgreSQL.
//!
//! A [`Portfolio`] of reports is given as text, HTML, JSON, CSV or SARIF.
//!
//! Pure: no I/O, no async, no database.
//!
//! ```
//! use assessment::{CostModel, Facts, Verdict, assess};
//! use schema_map::{OracleIdent, script::Script};
//!
//! let mut script = Script::default();
//! script.read(
//!     "hr.sql",
//!     "CREATE TABLE jobs (job_id VARCHAR2(10) PRIMARY KEY, place MDSYS.SDO_GEOMETRY);
//!      CREATE PROCEDURE p IS BEGIN EXECUTE IMMEDIATE 'DROP TABLE jobs'; EXCEPTION WHEN OTHERS THEN NULL; END;
//! /
//! ",
//!     &OracleIdent::new("HR")?,
//! );
//!
//! let report = assess(&script.catalog, &Facts::default(), &CostModel::default());
//!
//! let verdicts: Vec<_> = report.objects.iter().map(|o| (o.name.as_str(), o.verdict)).collect();
//! assert_eq!(verdicts, [
//!     ("HR.JOBS", Verdict::ByHand),
//!     ("HR.JOBS, primary key without a name", Verdict::Converts),
//!     ("HR.P", Verdict::ByHand),
//! ]);
//! assert!(report.findings[0].text.contains("SDO_GEOMETRY"));
//! assert!(report.estimate.days.low < report.estimate.days.expected);
//! assert!(!report.unknown.is_empty());
//! println!("{}", report.text());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod assess;
mod bytes;
mod conversion;
mod cost;
mod facts;
mod finder;
mod first;
mod inventory;
mod kind;
mod order;
mod place;
pub mod reference;
mod render;
mod report;
mod rules;
mod scripts;

pub use assess::{Assessment, assess};
pub use conversion::{Proof, ProofFailure};
pub use cost::{Cost, CostItem, CostModel, Effort, Estimate, Prices};
pub use facts::{
    ColumnFacts, Dependency, Facts, InvalidObject, OpenTransactions, OtherObject, Prerequisite, RedoHour, TableFacts,
};
pub use kind::Kind;
pub use place::Place;
pub use render::{CsvTable, Portfolio, RenderError};
pub use report::{
    CodeSpot, ColumnTypes, Feature, Finding, InventoryLine, Level, ObjectLine, ObjectName, ProofLine, Report, RuleLine,
    SchemaLine, Size, Step, TableLine, Verdict,
};
pub use rules::{Check, Example, Examples, Found, Rule, RuleFunction, Rules, Scope, Severity, Topic};
pub use scripts::{Scripts, Unread};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
