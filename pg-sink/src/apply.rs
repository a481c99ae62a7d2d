//! Committed transactions into PostgreSQL, exactly once.

mod applier;

pub use applier::{Applier, table_columns};
