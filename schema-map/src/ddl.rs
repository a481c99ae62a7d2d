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
mod grant;
mod index;
mod object_type;
mod partition;
mod query_columns;
mod sequence;
mod synonym;
mod table;
mod view;

use crate::catalog::Relations;
use crate::{
    Catalog, CodeKind, Column, NameMap, ObjectKind, ObjectPath, PgIdent, PgPath, PlanError, Table, TypePolicy,
    UserTypes,
    rewrite::{Helper, Rewriter},
    types::ForeignKeyTypes,
};
pub use files::{Manifest, ManifestFile, ManifestObject, Verdict, files};
pub(crate) use query_columns::query_columns;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};
use type_convert::PgType;

/// The phases, in the order in which they run. The load comes after `Tables`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// `CREATE SCHEMA`.
    Schemas,
    /// `CREATE TYPE` and `CREATE DOMAIN`, for object and collection types.
    Types,
    /// Functions of our own for what PostgreSQL lacks.
    Helpers,
    /// `CREATE TABLE` with columns, defaults and NOT NULL only, and their partitions.
    Tables,
    /// Primary keys, unique constraints.
    Keys,
    /// Indexes that back no constraint, and check constraints.
    Indexes,
    /// Foreign keys.
    ForeignKeys,
    /// Views, and materialized views with their indexes.
    Views,
    /// Views that stand for synonyms.
    Synonyms,
    /// Sequences, with their positions, and what draws from them.
    Sequences,
    /// `COMMENT ON`.
    Comments,
    /// `GRANT`.
    Grants,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Phase; 12] = [
        Phase::Schemas,
        Phase::Types,
        Phase::Helpers,
        Phase::Tables,
        Phase::Keys,
        Phase::Indexes,
        Phase::ForeignKeys,
        Phase::Views,
        Phase::Synonyms,
        Phase::Sequences,
        Phase::Comments,
        Phase::Grants,
    ];
}

/// How DDL is made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The server's major version, 13 or later.
    pub pg_version: u32,
    /// Where helper functions are made.
    pub helper_schema: PgIdent,
    /// A column whose type has no counterpart is made as `text` and refused by name, instead of the whole DDL failing: for
    /// schemas without their rows.
    pub partial: bool,
    /// Bitmap indexes become GIN indexes of the extension `btree_gin`, instead of b-trees.
    pub bitmap_as_gin: bool,
    /// Partitioned tables stay so.
    pub partitions: bool,
    /// The extension orafce is installed in the target: its functions are called where ours would be, but for what must
    /// never change its result (indexes, checks, generated columns). Its functions for dates take the session's zone into account.
    pub orafce: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            pg_version: 15,
            // A constant that is an identifier.
            helper_schema: PgIdent::new("oracle_compat").expect("an identifier"),
            partial: false,
            bitmap_as_gin: false,
            partitions: true,
            orafce: false,
        }
    }
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
        Ddl::with(catalog, names, types, &Options::default())
    }

    /// The same in other ways than the default one.
    pub fn with(
        catalog: &Catalog,
        names: &NameMap,
        types: &dyn TypePolicy,
        options: &Options,
    ) -> Result<Self, PlanError> {
        let catalog = &*table::with_virtual_types(catalog, names, types, options);
        let relations = Relations::of(catalog);
        let types = ForeignKeyTypes { catalog: &relations, policy: types };
        let mut builder = Builder::new(catalog, names, &types, &relations, options);
        builder.object_types()?;
        builder.tables()?;
        builder.keys()?;
        builder.indexes()?;
        builder.checks()?;
        builder.foreign_keys()?;
        builder.views()?;
        builder.synonyms();
        builder.schemas()?;
        builder.sequences()?;
        builder.comments();
        builder.grants();
        builder.rest();
        builder.helper_functions();
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
    relations: &'a Relations<'a>,
    /// Of each table.
    indexes: HashMap<&'a ObjectPath, Vec<&'a crate::Index>>,
    options: &'a Options,
    rewriter: Rewriter<'a>,
    /// Those that are made.
    tables: HashMap<ObjectPath, Made<'a>>,
    /// Views and materialized views that are made.
    views: BTreeSet<ObjectPath>,
    types_made: HashSet<ObjectPath>,
    user_types: UserTypes,
    helpers: BTreeSet<Helper>,
    /// Names of relations that are taken, once a name of our own is to be found.
    taken: Option<HashSet<PgPath>>,
    /// Defaults that draw from sequences, identity columns: the table, the SQL, a note.
    after_sequences: Vec<(ObjectPath, String, Option<String>)>,
    ddl: Ddl,
}

/// A table as PostgreSQL has it.
struct Made<'a> {
    table: &'a Table,
    target: PgPath,
    columns: Vec<(&'a Column, PgType)>,
    /// It is cut into partitions in PostgreSQL too.
    partitioned: bool,
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

impl<'a> Builder<'a> {
    fn new(
        catalog: &'a Catalog,
        names: &'a NameMap,
        types: &'a dyn TypePolicy,
        relations: &'a Relations<'a>,
        options: &'a Options,
    ) -> Self {
        let mut indexes: HashMap<&ObjectPath, Vec<&crate::Index>> = HashMap::new();
        for index in &catalog.indexes {
            indexes.entry(&index.table).or_default().push(index);
        }
        Builder {
            catalog,
            names,
            types,
            relations,
            indexes,
            options,
            rewriter: Rewriter::new(names, relations, options),
            tables: HashMap::new(),
            views: BTreeSet::new(),
            types_made: HashSet::new(),
            user_types: UserTypes::of(catalog),
            helpers: BTreeSet::new(),
            taken: None,
            after_sequences: Vec::new(),
            ddl: Ddl::default(),
        }
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
        let tables = catalog.tables.iter().map(|t| &t.path);
        let types = catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type).map(|c| &c.path);
        let others = catalog
            .views
            .iter()
            .map(|v| &v.path)
            .chain(catalog.sequences.iter().map(|s| &s.path))
            .chain(catalog.materialized_views.iter().map(|v| &v.view.path))
            .chain(types);
        // Of synonyms only those need one that are made.
        let synonyms: Vec<ObjectPath> = self.phase_sources(Phase::Synonyms);
        let used: BTreeSet<_> = tables.chain(others).chain(&synonyms).map(|path| &path.schema).collect();
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

    fn phase_sources(&self, phase: Phase) -> Vec<ObjectPath> {
        self.ddl.phase(phase).map(|s| s.source.clone()).collect()
    }

    /// Functions of our own that something uses.
    fn helper_functions(&mut self) {
        if self.helpers.is_empty() {
            return;
        }
        let schema = self.options.helper_schema.clone();
        let source = |name: &str| {
            let ident = |text: &str| crate::OracleIdent::new(text.to_ascii_uppercase());
            Some(ObjectPath::new(ident(schema.as_str()).ok()?, ident(name).ok()?))
        };
        let sql = format!("CREATE SCHEMA IF NOT EXISTS {};", schema.quoted());
        if let Some(path) = source(schema.as_str()) {
            self.push(Phase::Helpers, ObjectKind::Helper, &path, sql, Vec::new());
        }
        for helper in std::mem::take(&mut self.helpers) {
            if let Some(path) = source(helper.name()) {
                let notes = vec![helper.purpose().to_owned()];
                self.push(Phase::Helpers, ObjectKind::Helper, &path, helper.sql(&schema), notes);
            }
        }
    }

    /// What is not converted at all.
    fn rest(&mut self) {
        let catalog = self.catalog;
        for code in catalog.stored_code.iter().filter(|c| c.kind != CodeKind::Type) {
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
