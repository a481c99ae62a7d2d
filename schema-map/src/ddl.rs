//! PostgreSQL DDL for a catalog, in phases.

use crate::{Catalog, NameMap, ObjectKind, ObjectPath, PlanError, TypePolicy};

/// The phases, in the order in which they run. The load comes after `Tables`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// `CREATE SCHEMA`.
    Schemas,
    /// `CREATE TABLE` with columns, defaults and NOT NULL only.
    Tables,
    /// Primary keys, unique constraints.
    Keys,
    /// Indexes that back no constraint, and check constraints.
    Indexes,
    /// Foreign keys.
    ForeignKeys,
    /// Views.
    Views,
    /// Sequences, with their positions.
    Sequences,
    /// `COMMENT ON`.
    Comments,
}

/// One statement, complete with its semicolon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// When it runs.
    pub phase: Phase,
    /// What it makes.
    pub kind: ObjectKind,
    /// The Oracle object it comes from.
    pub source: ObjectPath,
    /// The SQL.
    pub sql: String,
    /// What differs from the original, if anything does.
    pub note: Option<String>,
}

/// An object that is not converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it is.
    pub kind: ObjectKind,
    /// The Oracle object.
    pub source: ObjectPath,
    /// Why not, and what to do.
    pub reason: String,
}

/// The DDL of a catalog: what is made and what is not. Nothing disappears silently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ddl {
    /// In the order in which they run.
    pub statements: Vec<Statement>,
    /// What is left out, and why.
    pub refusals: Vec<Refusal>,
}

impl Ddl {
    /// Makes the DDL of every object of `catalog`. A table that cannot be planned is an error.
    pub fn new(_catalog: &Catalog, _names: &NameMap, _types: &dyn TypePolicy) -> Result<Self, PlanError> {
        todo!()
    }

    /// The statements of one phase, in order.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |s| s.phase == phase)
    }
}
