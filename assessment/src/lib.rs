//! What an Oracle schema holds, what of it moves to PostgreSQL by itself, what a person must do, and what that costs.
//!
//! [`assess`] takes a [`Catalog`](schema_map::Catalog), from DDL scripts or from a dictionary, and really converts it
//! with [`schema_map::ddl::Ddl`]: an object counts as converted only if there is a statement that makes it. The
//! [`Report`] has the verdict on every object, the findings that a person should read, and an estimate by a
//! [`CostModel`] whose every figure is shown. [`Report::render`] gives it as text; it serialises with serde.
//!
//! Pure: no I/O, no async, no database.
//!
//! ```
//! use assessment::{CostModel, Verdict, assess};
//! use schema_map::{DefaultTypes, NameMap, OracleIdent, PgIdent, script::Script};
//!
//! let hr = OracleIdent::new("HR")?;
//! let mut script = Script::default();
//! script.read(
//!     "hr.sql",
//!     "CREATE TABLE jobs (job_id VARCHAR2(10) PRIMARY KEY, place MDSYS.SDO_GEOMETRY);
//!      CREATE PROCEDURE p IS BEGIN EXECUTE IMMEDIATE 'DROP TABLE jobs'; EXCEPTION WHEN OTHERS THEN NULL; END;
//! /
//! ",
//!     &hr,
//! );
//! let names = NameMap::plan_by_case(&script.catalog, &[(hr, PgIdent::new("hr")?)], None);
//!
//! let report = assess(&script.catalog, names.as_ref(), &DefaultTypes::default(), &CostModel::default());
//!
//! let verdicts: Vec<_> = report.objects.iter().map(|o| (o.name.as_str(), o.verdict)).collect();
//! assert_eq!(verdicts, [
//!     ("HR.JOBS", Verdict::ByHand),
//!     ("HR.JOBS, without a name", Verdict::Converts),
//!     ("HR.P", Verdict::ByHand),
//! ]);
//! assert!(report.findings[0].text.contains("SDO_GEOMETRY"));
//! assert!(report.estimate.days.high > report.estimate.days.low);
//! println!("{}", report.render());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod construct;
mod conversion;
mod cost;
mod finding;
mod render;
mod report;

pub use construct::{CONSTRUCTS, Construct};
pub use cost::{Cost, CostItem, CostModel, Estimate, Prices, Range};
pub use finding::{Finding, Severity, Topic};
pub use report::{ColumnTypes, InventoryLine, Kind, Level, ObjectLine, Report, Verdict, assess};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
