//! Committed transactions into PostgreSQL, exactly once.

mod applier;
mod operation;
mod pipeline;
mod relocate;

pub use applier::{Applier, table_columns};
