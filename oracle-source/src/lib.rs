//! Reads Oracle for a migration.

pub mod sql;
