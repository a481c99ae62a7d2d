//! PostgreSQL DDL for a catalog, in phases.
//!
//! Every object of the catalog ends in one of three lists of [`Ddl`]: the statements that make it, the refusals
//! that say why it is not made, or what covers it already.
//!
//! What waits for the end of the load: keys, indexes and foreign keys, because a load into bare tables is faster;
//! sequences and what draws from them (defaults with NEXTVAL, identity columns), because rows arrive with their
//! values until then and the positions are known only when the source stands still.
//!
//! Differences that every conversion has:
//! - A key of several columns, some of which may be NULL: Oracle takes (1, NULL) twice for a duplicate,
//!   PostgreSQL does not. The statement has a note.
//! - `CACHE` of a sequence is left at 1: Oracle shares the cache between sessions, PostgreSQL gives each its own,
//!   and numbers would no longer follow the order of inserts.
//! - Limits of sequences are those of `bigint` at most.

mod comment;
mod constraint;
mod files;
mod index;
mod sequence;
mod table;
mod view;

use crate::{
    Catalog, CodeKind, Column, NameMap, ObjectKind, ObjectPath, PgIdent, PgPath, PlanError, Table, TypePolicy,
    rewrite::Rewriter, types::ForeignKeyTypes,
};
pub use files::{Manifest, ManifestFile, ManifestStatement, files};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use type_convert::PgType;

/// The phases, in the order in which they run. The load comes after `Tables`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Sequences, with their positions, and what draws from them.
    Sequences,
    /// `COMMENT ON`.
    Comments,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Phase; 8] = [
        Phase::Schemas,
        Phase::Tables,
        Phase::Keys,
        Phase::Indexes,
        Phase::ForeignKeys,
        Phase::Views,
        Phase::Sequences,
        Phase::Comments,
    ];
}

/// One statement, complete with its semicolon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// When it runs.
    pub phase: Phase,
    /// What it makes.
    pub kind: ObjectKind,
    /// The Oracle object it comes from. For a constraint its owner and name, or its table where it has no name;
    /// for a schema the schema twice.
    pub source: ObjectPath,
    /// The SQL.
    pub sql: String,
    /// What differs from the original, if anything does.
    pub note: Option<String>,
    /// The key, index or other constraint that it adds to a table; none of other statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds: Option<Addition>,
}

/// What a statement adds to a table of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// The table.
    pub table: PgPath,
    /// The name of the constraint or index, which is in the table's schema.
    pub name: PgIdent,
}

/// An object, or a part of one, that is not converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it is. A default or a virtual column is refused as part of its table, which is made without it.
    pub kind: ObjectKind,
    /// The Oracle object, as in [`Statement::source`].
    pub source: ObjectPath,
    /// Why not, and what to do.
    pub reason: String,
}

/// An object that needs no statement of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// What it is.
    pub kind: ObjectKind,
    /// The Oracle object.
    pub source: ObjectPath,
    /// What does its work, for people.
    pub by: String,
}

/// The DDL of a catalog: what is made and what is not. Nothing disappears silently.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ddl {
    /// In the order in which they run.
    pub statements: Vec<Statement>,
    /// What is left out, and why.
    pub refusals: Vec<Refusal>,
    /// What another statement makes along the way: indexes behind keys, sequences behind identity columns.
    pub covered: Vec<Covered>,
}

impl Ddl {
    /// Makes the DDL of every object of `catalog`. A table that cannot be planned is an error, and the error has all
    /// of them; what else cannot be converted is in `refusals`.
    pub fn new(catalog: &Catalog, names: &NameMap, types: &dyn TypePolicy) -> Result<Self, PlanError> {
        let types = ForeignKeyTypes { catalog, policy: types };
        let mut builder = Builder {
            catalog,
            names,
            types: &types,
            rewriter: Rewriter::new(names),
            tables: BTreeMap::new(),
            views: BTreeSet::new(),
            after_sequences: Vec::new(),
            ddl: Ddl::default(),
        };
        builder.schemas()?;
        builder.tables()?;
        builder.keys()?;
        builder.indexes()?;
        builder.checks()?;
        builder.foreign_keys()?;
        builder.views()?;
        builder.sequences()?;
        builder.comments();
        builder.rest();
        let mut ddl = builder.ddl;
        // Stable: within a phase the order stays.
        ddl.statements.sort_by_key(|s| s.phase);
        Ok(ddl)
    }

    /// The statements of one phase, in order.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |s| s.phase == phase)
    }
}

struct Builder<'a> {
    catalog: &'a Catalog,
    names: &'a NameMap,
    types: &'a dyn TypePolicy,
    rewriter: Rewriter<'a>,
    /// Those that are made.
    tables: BTreeMap<ObjectPath, Made<'a>>,
    views: BTreeSet<ObjectPath>,
    /// Defaults that draw from sequences, identity columns: the table, the SQL, a note.
    after_sequences: Vec<(ObjectPath, String, Option<String>)>,
    ddl: Ddl,
}

/// A table as PostgreSQL has it.
struct Made<'a> {
    table: &'a Table,
    target: PgPath,
    columns: Vec<(&'a Column, PgType)>,
}

impl Made<'_> {
    /// The columns, quoted and separated by commas, or the first that the table does not have.
    fn quoted_columns<'c>(
        &self,
        names: &NameMap,
        columns: &'c [crate::OracleIdent],
    ) -> Result<String, &'c crate::OracleIdent> {
        let quoted = columns.iter().map(|name| {
            let made = self.columns.iter().any(|(c, _)| c.name == *name);
            names.column(&self.table.path, name).filter(|_| made).map(|c| c.quoted()).ok_or(name)
        });
        Ok(quoted.collect::<Result<Vec<_>, _>>()?.join(", "))
    }

    fn pg_type(&self, column: &crate::OracleIdent) -> Option<&PgType> {
        self.columns.iter().find(|(c, _)| c.name == *column).map(|(_, pg_type)| pg_type)
    }

    /// The first of the columns whose type PostgreSQL cannot compare.
    fn incomparable<'c>(&self, columns: &'c [crate::OracleIdent]) -> Option<(&'c crate::OracleIdent, &PgType)> {
        columns.iter().find_map(|name| {
            let pg_type = self.pg_type(name)?;
            matches!(pg_type, PgType::Xml | PgType::Json).then_some((name, pg_type))
        })
    }
}

impl Builder<'_> {
    fn push(&mut self, phase: Phase, kind: ObjectKind, source: &ObjectPath, sql: String, notes: Vec<String>) {
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        self.ddl.statements.push(Statement { phase, kind, source: source.clone(), sql, note, adds: None });
    }

    /// The statement pushed last adds this to a table.
    fn adds(&mut self, table: PgPath, name: &PgIdent) {
        if let Some(statement) = self.ddl.statements.last_mut() {
            statement.adds = Some(Addition { table, name: name.clone() });
        }
    }

    fn refuse(&mut self, kind: ObjectKind, source: &ObjectPath, reason: impl Into<String>) {
        self.ddl.refusals.push(Refusal { kind, source: source.clone(), reason: reason.into() });
    }

    fn cover(&mut self, kind: ObjectKind, source: &ObjectPath, by: impl Into<String>) {
        self.ddl.covered.push(Covered { kind, source: source.clone(), by: by.into() });
    }

    fn target(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgPath, PlanError> {
        let target = self.names.object(kind, path);
        target.cloned().ok_or_else(|| PlanError::Unnamed(format!("{} {path}", kind.noun())))
    }

    fn schemas(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let tables = catalog.tables.iter().filter(|t| t.kind.holds_rows()).map(|t| &t.path);
        let others = catalog.views.iter().map(|v| &v.path).chain(catalog.sequences.iter().map(|s| &s.path));
        let used: BTreeSet<_> = tables.chain(others).map(|path| &path.schema).collect();
        let mut made = BTreeSet::new();
        for schema in used {
            let target = self.names.schema(schema).cloned();
            let target = target.ok_or_else(|| PlanError::Unnamed(format!("schema {schema}")))?;
            // Every database has it, and IF NOT EXISTS needs the right to create schemas all the same.
            if target.as_str() != "public" && made.insert(target.clone()) {
                let source = ObjectPath::new(schema.clone(), schema.clone());
                let sql = format!("CREATE SCHEMA IF NOT EXISTS {};", target.quoted());
                self.push(Phase::Schemas, ObjectKind::Schema, &source, sql, Vec::new());
            }
        }
        Ok(())
    }

    /// What is not converted at all.
    fn rest(&mut self) {
        let catalog = self.catalog;
        for synonym in &catalog.synonyms {
            let target = match &synonym.db_link {
                Some(link) => format!("{}@{link}", synonym.target),
                None => synonym.target.to_string(),
            };
            let reason = format!(
                "PostgreSQL has no synonyms: put the schema of {target} on search_path, or make a view of this name"
            );
            self.refuse(ObjectKind::Synonym, &synonym.path, reason);
        }
        for code in &catalog.stored_code {
            let what = match code.kind {
                CodeKind::Procedure => "procedure",
                CodeKind::Function => "function",
                CodeKind::Package => "package",
                CodeKind::PackageBody => "package body",
                CodeKind::Trigger => "trigger",
                CodeKind::Type => "type",
                CodeKind::TypeBody => "type body",
            };
            self.refuse(ObjectKind::Code, &code.path, format!("{what}: kept as source; not converted yet"));
        }
    }
}
