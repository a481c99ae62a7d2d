//! What an Oracle schema holds, as the dictionary or a DDL script tells it.

use crate::{ObjectKind, ObjectPath, OracleIdent};
use std::collections::HashMap;
use type_convert::OracleType;

/// Objects of one or more schemas. The dictionary reader and the script reader fill the same model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    /// Tables with their columns and constraints, in the order in which they were created or read.
    pub tables: Vec<Table>,
    /// Indexes, those that only back a constraint included (see [`Index::backs_constraint`]).
    pub indexes: Vec<Index>,
    /// Sequences.
    pub sequences: Vec<Sequence>,
    /// Views.
    pub views: Vec<View>,
    /// Materialized views.
    pub materialized_views: Vec<MaterializedView>,
    /// Synonyms.
    pub synonyms: Vec<Synonym>,
    /// Procedures, functions, packages, triggers, types and type bodies, as source text.
    pub stored_code: Vec<StoredCode>,
    /// Rights on objects, in the order in which they were given.
    pub grants: Vec<Grant>,
    /// Objects that no other list has a place for. Scripts have none.
    pub other_objects: Vec<OtherObject>,
    /// What is to be known of objects beyond their definitions. Scripts have none.
    pub remarks: Vec<ObjectRemark>,
    /// How large tables are. Scripts do not tell.
    pub sizes: Vec<TableSize>,
}

/// An object that nothing is made of in PostgreSQL by itself: a job, a database link, a directory, a cluster, a queue and
/// the like. It is there to be named in reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherObject {
    /// As `ALL_OBJECTS.OBJECT_TYPE` spells it (`JOB`, `DATABASE LINK`, `CLUSTER`, …), or `POLICY`.
    pub kind: String,
    /// Owner and name.
    pub path: ObjectPath,
    /// What it does, for people; never a secret.
    pub detail: Option<String>,
}

/// A state or peculiarity of an object, for people: that it is invalid or disabled, that a column is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRemark {
    /// As `ALL_OBJECTS.OBJECT_TYPE` spells it.
    pub kind: String,
    /// Owner and name.
    pub path: ObjectPath,
    /// What is to be known.
    pub text: String,
}

/// What a table takes up, as far as the dictionary knows. Statistics are as old as their last gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// The table.
    pub table: ObjectPath,
    /// Rows, from the statistics; `None` before they are gathered.
    pub rows: Option<u64>,
    /// Average bytes of a row, from the statistics.
    pub row_bytes: Option<u64>,
    /// Bytes of its segments, of all partitions, or of the index that it is organised in.
    pub segment_bytes: Option<u64>,
    /// Bytes of the segments of its LOBs.
    pub lob_bytes: Option<u64>,
    /// Bytes of the segments of its indexes.
    pub index_bytes: Option<u64>,
    /// Partitions or, where it has them, subpartitions that have segments.
    pub partitions: Option<u64>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Owner and name.
    pub path: ObjectPath,
    /// How Oracle stores it.
    pub kind: TableKind,
    /// Visible columns in their order.
    pub columns: Vec<Column>,
    /// Primary key, unique, foreign key and check constraints. NOT NULL is on the column instead.
    pub constraints: Vec<Constraint>,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
    /// PARTITION BY; `None` where it is not partitioned, or where the source of the catalog does not tell.
    pub partitioning: Option<Partitioning>,
    /// Peculiarities that no other field has, for people: what an object table is of, how a cluster keeps it.
    pub remarks: Vec<String>,
}

/// How a table is cut into partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct Partitioning {
    /// By what.
    pub method: PartitionMethod,
    /// The columns of the key; none for `REFERENCE` and `SYSTEM`.
    pub columns: Vec<OracleIdent>,
    /// The expression of INTERVAL, as written.
    pub interval: Option<String>,
    /// How each partition is cut again: without partitions of its own but those of its template.
    pub subpartitioning: Option<Box<Partitioning>>,
    /// In their order.
    pub partitions: Vec<Partition>,
}

/// By what a table is cut into partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartitionMethod {
    /// `RANGE`, with or without INTERVAL.
    Range,
    /// `LIST`, with or without AUTOMATIC.
    List,
    /// `HASH`.
    Hash,
    /// `REFERENCE`: as the table that a foreign key refers to.
    Reference,
    /// `SYSTEM`: wherever each INSERT says.
    System,
}

/// A partition or subpartition.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// Its name; `None` where Oracle makes one up.
    pub name: Option<OracleIdent>,
    /// What is behind `VALUES LESS THAN` or `VALUES`, each value as written; none for HASH.
    pub values: Vec<String>,
    /// What it is cut into, where it says so itself.
    pub subpartitions: Vec<Partition>,
}

/// How Oracle stores a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableKind {
    /// An ordinary one.
    Heap,
    /// `ORGANIZATION INDEX`.
    IndexOrganized,
    /// `GLOBAL TEMPORARY`, `PRIVATE TEMPORARY`.
    GlobalTemporary,
    /// `ORGANIZATION EXTERNAL`.
    External,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: OracleIdent,
    /// Its declared type.
    pub oracle_type: OracleType,
    /// Whether NULL may be stored: false for NOT NULL and primary key columns.
    pub nullable: bool,
    /// The DEFAULT expression as written, without blanks around it.
    pub default: Option<String>,
    /// The expression of a virtual column as written.
    pub virtual_expression: Option<String>,
    /// `GENERATED … AS IDENTITY`.
    pub identity: Option<Identity>,
    /// The options of the identity's sequence, where any are known.
    pub identity_options: Option<IdentityOptions>,
    /// `DEFAULT ON NULL`: an explicit NULL becomes the default too.
    pub default_on_null: bool,
    /// `INVISIBLE`: left out of `SELECT *` and of INSERT without a list.
    pub invisible: bool,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
}

/// The options of an identity column's sequence that are not the default ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IdentityOptions {
    /// START WITH.
    pub start: Option<i128>,
    /// INCREMENT BY.
    pub increment: Option<i128>,
    /// MINVALUE.
    pub min_value: Option<i128>,
    /// MAXVALUE.
    pub max_value: Option<i128>,
    /// CYCLE.
    pub cycle: bool,
}

/// How an identity column takes its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// `GENERATED ALWAYS`.
    Always,
    /// `GENERATED BY DEFAULT`, with or without `ON NULL`.
    ByDefault,
}

/// A table constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its name; `None` where Oracle made one up (`SYS_C…`).
    pub name: Option<OracleIdent>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// `ENABLE` or `DISABLE`.
    pub enabled: bool,
    /// `VALIDATE` or `NOVALIDATE`.
    pub validated: bool,
    /// `DEFERRABLE`.
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`.
    pub initially_deferred: bool,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    /// PRIMARY KEY.
    PrimaryKey {
        /// In the key's order.
        columns: Vec<OracleIdent>,
    },
    /// UNIQUE.
    Unique {
        /// In the key's order.
        columns: Vec<OracleIdent>,
    },
    /// FOREIGN KEY.
    ForeignKey {
        /// The referring columns.
        columns: Vec<OracleIdent>,
        /// The table referred to.
        references: ObjectPath,
        /// The columns referred to, as many as `columns`; empty in a script that relies on the primary key.
        referenced_columns: Vec<OracleIdent>,
        /// ON DELETE.
        on_delete: OnDelete,
    },
    /// CHECK.
    Check {
        /// The condition as written, without the outer parentheses and blanks around it.
        condition: String,
    },
}

/// What deleting the referred row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnDelete {
    /// It is refused.
    #[default]
    NoAction,
    /// The referring rows go too.
    Cascade,
    /// The referring columns become NULL.
    SetNull,
}

/// An index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Owner and name.
    pub path: ObjectPath,
    /// The table it is on.
    pub table: ObjectPath,
    /// UNIQUE.
    pub unique: bool,
    /// BITMAP.
    pub bitmap: bool,
    /// In their order.
    pub columns: Vec<IndexColumn>,
    /// Whether a primary key or unique constraint of the same columns uses it.
    pub backs_constraint: bool,
    /// What else it is.
    pub kind: IndexKind,
}

/// Sorts of indexes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IndexKind {
    /// A b-tree or bitmap index.
    #[default]
    Normal,
    /// REVERSE: a b-tree over the bytes of the key in reverse order.
    Reverse,
    /// INTEGER or text search and the like: `INDEXTYPE IS` this.
    Domain(String),
    /// A bitmap index over the join of several tables.
    BitmapJoin,
    /// On the key of a cluster.
    Cluster,
    /// MULTIVALUE, over arrays in JSON.
    Multivalue,
}

/// One column or expression of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexColumn {
    /// What is indexed.
    pub key: IndexKey,
    /// DESC.
    pub descending: bool,
}

/// What an index is on.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexKey {
    /// A column.
    Column(OracleIdent),
    /// An expression as written.
    Expression(String),
}

/// A sequence. Numbers are up to 28 digits in Oracle: those beyond `i128` do not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// Owner and name.
    pub path: ObjectPath,
    /// MINVALUE.
    pub min_value: i128,
    /// MAXVALUE.
    pub max_value: i128,
    /// INCREMENT BY, not 0.
    pub increment: i128,
    /// CYCLE.
    pub cycle: bool,
    /// CACHE, 0 for NOCACHE.
    pub cache: u64,
    /// The next number that is certainly unused: `ALL_SEQUENCES.LAST_NUMBER`, or START WITH of a script.
    pub next_value: i128,
}

/// A view.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Owner and name.
    pub path: ObjectPath,
    /// Column names where the script or dictionary gives them.
    pub columns: Vec<OracleIdent>,
    /// The query as written, without the trailing semicolon.
    pub query: String,
    /// WITH READ ONLY.
    pub read_only: bool,
    /// `COMMENT ON TABLE` for the view.
    pub comment: Option<String>,
    /// `COMMENT ON COLUMN` for its columns.
    pub column_comments: Vec<(OracleIdent, String)>,
    /// The object type of an object view (`OF`).
    pub of_type: Option<ObjectPath>,
}

/// A materialized view.
#[derive(Debug, Clone, PartialEq)]
pub struct MaterializedView {
    /// Its name, query and columns.
    pub view: View,
    /// What is said of storage and refreshing, as written.
    pub options: String,
}

/// Rights on one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// As written, in upper case: `SELECT`, `UPDATE (SALARY)`, `ALL`.
    pub privileges: Vec<Privilege>,
    /// The object.
    pub object: ObjectPath,
    /// Users and roles; `PUBLIC` is everybody.
    pub grantees: Vec<OracleIdent>,
    /// WITH GRANT OPTION.
    pub grantable: bool,
}

/// One right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    /// Its name in upper case; `ALL` for all that there are.
    pub name: String,
    /// The columns that it is limited to; none where it is for the whole object.
    pub columns: Vec<OracleIdent>,
}

/// A synonym.
#[derive(Debug, Clone, PartialEq)]
pub struct Synonym {
    /// Owner (`PUBLIC` for a public one) and name.
    pub path: ObjectPath,
    /// What it stands for.
    pub target: ObjectPath,
    /// The database link, if the target is remote.
    pub db_link: Option<String>,
}

/// A piece of stored code.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCode {
    /// Owner and name.
    pub path: ObjectPath,
    /// What it is.
    pub kind: CodeKind,
    /// The whole source from the kind's keyword on (`PROCEDURE add_job_history …`), as `ALL_SOURCE` has it.
    pub source: String,
    /// The table of a trigger.
    pub table: Option<ObjectPath>,
}

/// Kinds of stored code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CodeKind {
    /// PROCEDURE.
    Procedure,
    /// FUNCTION.
    Function,
    /// PACKAGE.
    Package,
    /// PACKAGE BODY.
    PackageBody,
    /// TRIGGER.
    Trigger,
    /// TYPE.
    Type,
    /// TYPE BODY.
    TypeBody,
}

/// Relations of a catalog by their paths: looking each up in its list would take quadratic time.
#[derive(Debug)]
pub(crate) struct Relations<'c> {
    pub(crate) tables: HashMap<&'c ObjectPath, &'c Table>,
    pub(crate) views: HashMap<&'c ObjectPath, &'c View>,
    pub(crate) synonyms: HashMap<&'c ObjectPath, &'c Synonym>,
    /// Sources of the types.
    pub(crate) types: HashMap<&'c ObjectPath, &'c str>,
}

/// Synonyms of synonyms that are followed.
const MAX_SYNONYMS: usize = 16;

impl<'c> Relations<'c> {
    pub(crate) fn of(catalog: &'c Catalog) -> Self {
        let views = catalog.views.iter().chain(catalog.materialized_views.iter().map(|m| &m.view));
        let types = catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type);
        Relations {
            tables: catalog.tables.iter().map(|t| (&t.path, t)).collect(),
            views: views.map(|v| (&v.path, v)).collect(),
            synonyms: catalog.synonyms.iter().map(|s| (&s.path, s)).collect(),
            types: types.map(|c| (&c.path, c.source.as_str())).collect(),
        }
    }

    /// What a name stands for in Oracle: itself, or what the synonym of this name is for, a public one at last.
    pub(crate) fn resolve(&self, path: &ObjectPath) -> ObjectPath {
        let mut path = path.clone();
        for _ in 0..MAX_SYNONYMS {
            if self.tables.contains_key(&path) || self.views.contains_key(&path) {
                break;
            }
            let public = || Some(ObjectPath::new(OracleIdent::new("PUBLIC").ok()?, path.name.clone()));
            let synonym = self.synonyms.get(&path).copied();
            let synonym = synonym.or_else(|| public().and_then(|public| self.synonyms.get(&public).copied()));
            match synonym {
                Some(synonym) if synonym.db_link.is_none() && synonym.target != path => path = synonym.target.clone(),
                _ => break,
            }
        }
        path
    }
}

impl Column {
    /// One that may be NULL, and of which nothing else is said: an attribute of an object type, a column of an object table.
    pub(crate) fn plain(name: OracleIdent, oracle_type: OracleType) -> Self {
        Column {
            name,
            oracle_type,
            nullable: true,
            default: None,
            virtual_expression: None,
            identity: None,
            identity_options: None,
            default_on_null: false,
            invisible: false,
            comment: None,
        }
    }
}

impl Catalog {
    /// Leaves out what `keep` does not keep, with the indexes, triggers and rights that are on it; what is left out is
    /// returned, but for other objects, remarks and sizes. References to it remain.
    pub fn retain(&mut self, keep: &dyn Fn(&ObjectPath) -> bool) -> Vec<(ObjectKind, ObjectPath)> {
        let mut gone = Vec::new();
        fn part<T>(
            list: &mut Vec<T>,
            kind: ObjectKind,
            keep: impl Fn(&T) -> bool,
            path: impl Fn(&T) -> &ObjectPath,
            gone: &mut Vec<(ObjectKind, ObjectPath)>,
        ) {
            list.retain(|object| {
                let stays = keep(object);
                if !stays {
                    gone.push((kind, path(object).clone()));
                }
                stays
            });
        }
        part(&mut self.tables, ObjectKind::Table, |t| keep(&t.path), |t| &t.path, &mut gone);
        part(&mut self.indexes, ObjectKind::Index, |i| keep(&i.table), |i| &i.path, &mut gone);
        part(&mut self.sequences, ObjectKind::Sequence, |s| keep(&s.path), |s| &s.path, &mut gone);
        part(&mut self.views, ObjectKind::View, |v| keep(&v.path), |v| &v.path, &mut gone);
        let materialized = &mut self.materialized_views;
        part(materialized, ObjectKind::MaterializedView, |v| keep(&v.view.path), |v| &v.view.path, &mut gone);
        part(&mut self.synonyms, ObjectKind::Synonym, |s| keep(&s.path), |s| &s.path, &mut gone);
        let code = |c: &StoredCode| keep(&c.path) && c.table.as_ref().is_none_or(keep);
        part(&mut self.stored_code, ObjectKind::Code, code, |c| &c.path, &mut gone);
        part(&mut self.grants, ObjectKind::Grant, |g| keep(&g.object), |g| &g.object, &mut gone);
        self.other_objects.retain(|o| keep(&o.path));
        self.remarks.retain(|r| keep(&r.path));
        self.sizes.retain(|s| keep(&s.table));
        gone
    }

    /// The table of this path.
    pub fn table(&self, path: &ObjectPath) -> Option<&Table> {
        self.tables.iter().find(|t| t.path == *path)
    }

    /// The view of this path.
    pub fn view(&self, path: &ObjectPath) -> Option<&View> {
        self.views.iter().find(|v| v.path == *path)
    }

    /// The materialized view of this path.
    pub fn materialized_view(&self, path: &ObjectPath) -> Option<&MaterializedView> {
        self.materialized_views.iter().find(|v| v.view.path == *path)
    }

    /// The enabled primary key or unique constraint whose own index makes `index` superfluous: it demands the same
    /// columns in the same order, or in any order where the index is known to back a constraint.
    pub fn constraint_of_index(&self, index: &Index) -> Option<(&Table, &Constraint)> {
        constraint_of(self.table(&index.table)?, index)
    }
}

/// As [`Catalog::constraint_of_index`], the index's table at hand.
pub(crate) fn constraint_of<'t>(table: &'t Table, index: &Index) -> Option<(&'t Table, &'t Constraint)> {
    if index.bitmap || !matches!(index.kind, IndexKind::Normal | IndexKind::Reverse) {
        return None;
    }
    let columns: Option<Vec<&OracleIdent>> = index
        .columns
        .iter()
        .map(|c| match &c.key {
            IndexKey::Column(name) if !c.descending => Some(name),
            _ => None,
        })
        .collect();
    let columns = columns?;
    let constraint = table.constraints.iter().find(|c| {
        c.enabled
            && c.key_columns().is_some_and(|key| {
                key.len() == columns.len()
                    && (key.iter().eq(columns.iter().copied())
                        || index.backs_constraint && key.iter().all(|k| columns.contains(&k)))
            })
    })?;
    Some((table, constraint))
}

impl Sequence {
    /// Whether Oracle made it for an identity column (`ISEQ$$_…`).
    pub fn feeds_identity(&self) -> bool {
        self.path.name.as_str().starts_with("ISEQ$$_")
    }
}

impl Constraint {
    /// The columns of a primary key or unique constraint.
    pub fn key_columns(&self) -> Option<&[OracleIdent]> {
        match &self.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => Some(columns),
            _ => None,
        }
    }
}

impl Table {
    /// The column of this name, with its position from 0.
    pub fn column(&self, name: &OracleIdent) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, c)| c.name == *name)
    }

    /// The columns of the primary key, in the key's order.
    pub fn primary_key(&self) -> Option<&[OracleIdent]> {
        self.constraints.iter().find_map(|c| match &c.kind {
            ConstraintKind::PrimaryKey { columns } => Some(columns.as_slice()),
            _ => None,
        })
    }
}
