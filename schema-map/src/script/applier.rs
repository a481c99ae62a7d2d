//! What statements do to a catalog.

use super::{Applied, DdlAction, ScriptErrorKind};
use crate::ddl;
use crate::sql::ast::{
    ColumnSpec, ConstraintRef, CreateTable, DropKind, NotNullName, SequenceOptions, StateChange, Statement, TableChange,
};
use crate::sql::parser::{Context, UNDEFINED_TYPE, new_column, type_attributes};
use crate::sql::{Lexer, TokenKind};
use crate::{
    Catalog, CodeKind, Column, Constraint, ConstraintKind, Index, IndexKey, IndexKind, MaterializedView, ObjectKind,
    ObjectPath, OracleIdent, Sequence, StoredCode, Synonym, Table, View,
};
use std::collections::{HashMap, HashSet};
use type_convert::OracleType;

/// Why a statement that can be read cannot be applied.
#[derive(Debug)]
pub(super) struct ApplyError {
    pub(super) kind: ScriptErrorKind,
    pub(super) message: String,
}

type Outcome<T> = Result<T, ApplyError>;

fn not_found<T>(message: String) -> Outcome<T> {
    Err(ApplyError { kind: ScriptErrorKind::NotFound, message })
}

fn exists<T>(message: String) -> Outcome<T> {
    Err(ApplyError { kind: ScriptErrorKind::Exists, message })
}

/// Kinds of objects as far as they are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    Table,
    Index,
    Sequence,
    View,
    MaterializedView,
    Synonym,
    Code(CodeKind),
}

/// Kinds that share one namespace of a schema.
const ONE_NAMESPACE: [Slot; 9] = [
    Slot::Table,
    Slot::View,
    Slot::MaterializedView,
    Slot::Sequence,
    Slot::Synonym,
    Slot::Code(CodeKind::Procedure),
    Slot::Code(CodeKind::Function),
    Slot::Code(CodeKind::Package),
    Slot::Code(CodeKind::Type),
];

/// What is remembered from one statement to the next besides the catalog.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Where objects are. One that has been removed leaves those behind it up to that many places further front.
    positions: HashMap<Slot, HashMap<ObjectPath, usize>>,
    /// As many objects as there were when `positions` was last true.
    counted: usize,
    /// NOT NULL constraints by name.
    not_null: HashMap<ObjectPath, Vec<NotNullName>>,
    /// Tables whose keys or indexes changed since the last [`Applier::settle`].
    touched: HashSet<ObjectPath>,
    /// Tables that refer to a primary key not known yet.
    referring: HashSet<ObjectPath>,
}

/// Applies statements to a catalog. `indexed` looks objects up in the memory, which must then have seen all of them;
/// otherwise the catalog is searched, which is quick enough for a statement at a time.
pub(super) struct Applier<'c> {
    pub(super) catalog: &'c mut Catalog,
    pub(super) memory: &'c mut Memory,
    pub(super) indexed: bool,
}

trait Object {
    fn path(&self) -> &ObjectPath;
    fn slot(&self) -> Slot;
}

impl Object for MaterializedView {
    fn path(&self) -> &ObjectPath {
        &self.view.path
    }
    fn slot(&self) -> Slot {
        Slot::MaterializedView
    }
}

macro_rules! object {
    ($($type:ident, $self:ident => $slot:expr;)*) => {
        $(impl Object for $type {
            fn path(&self) -> &ObjectPath {
                &self.path
            }
            fn slot(&$self) -> Slot {
                $slot
            }
        })*
    };
}
object! {
    Table, self => Slot::Table;
    Index, self => Slot::Index;
    Sequence, self => Slot::Sequence;
    View, self => Slot::View;
    Synonym, self => Slot::Synonym;
    StoredCode, self => Slot::Code(self.kind);
}

impl Slot {
    fn object_kind(self) -> ObjectKind {
        match self {
            Slot::Table => ObjectKind::Table,
            Slot::Index => ObjectKind::Index,
            Slot::Sequence => ObjectKind::Sequence,
            Slot::View => ObjectKind::View,
            Slot::MaterializedView => ObjectKind::MaterializedView,
            Slot::Synonym => ObjectKind::Synonym,
            Slot::Code(_) => ObjectKind::Code,
        }
    }
}

impl Applier<'_> {
    /// Makes the memory true again after someone else changed the catalog.
    pub(super) fn remember(&mut self) {
        let count = self.count();
        if self.memory.counted == count {
            return;
        }
        self.memory.positions.clear();
        let catalog = &*self.catalog;
        let positions = &mut self.memory.positions;
        fn note<T: Object>(objects: &[T], positions: &mut HashMap<Slot, HashMap<ObjectPath, usize>>) {
            for (at, object) in objects.iter().enumerate() {
                positions.entry(object.slot()).or_default().insert(object.path().clone(), at);
            }
        }
        note(&catalog.tables, positions);
        note(&catalog.indexes, positions);
        note(&catalog.sequences, positions);
        note(&catalog.views, positions);
        note(&catalog.materialized_views, positions);
        note(&catalog.synonyms, positions);
        note(&catalog.stored_code, positions);
        self.memory.counted = count;
    }

    fn count(&self) -> usize {
        let c = &self.catalog;
        c.tables.len()
            + c.indexes.len()
            + c.sequences.len()
            + c.views.len()
            + c.materialized_views.len()
            + c.synonyms.len()
            + c.stored_code.len()
    }

    /// Applies one statement. On an error the catalog is as it was.
    pub(super) fn apply(&mut self, statement: Statement, context: &mut Context) -> Outcome<Applied> {
        if let Statement::AlterTable { table, .. } = &statement
            && self.find(Slot::Table, table).is_none()
            && self.find(Slot::MaterializedView, table).is_some()
        {
            // Constraints of materialized views say what the query says already.
            return Ok(Applied::NotDdl);
        }
        use DdlAction::{Alter, Comment, Create, Drop, Rename};
        let done = |action, slot: Slot, path| Ok(Applied::Ddl { action, kind: slot.object_kind(), path });
        let applied = match statement {
            Statement::CreateTable(create) => {
                let path = create.table.path.clone();
                self.create_table(*create, context)?;
                done(Create, Slot::Table, path)
            }
            Statement::AlterTable { table, changes } => {
                let (action, path) = self.alter_table(&table, changes)?;
                done(action, Slot::Table, path)
            }
            Statement::CreateIndex { index, if_not_exists } => {
                let path = index.path.clone();
                self.create_index(index, if_not_exists)?;
                done(Create, Slot::Index, path)
            }
            Statement::CreateSequence { path, options, if_not_exists } => {
                if self.free(Slot::Sequence, &path, false, if_not_exists)? {
                    let sequence = options.create(path.clone());
                    check_sequence(&sequence)?;
                    self.push(|catalog| &mut catalog.sequences, sequence);
                }
                done(Create, Slot::Sequence, path)
            }
            Statement::AlterSequence { path, options } => {
                self.alter_sequence(&path, options)?;
                done(Alter, Slot::Sequence, path)
            }
            Statement::CreateView { mut view, replace, if_not_exists } => {
                let path = view.path.clone();
                match self.find(Slot::View, &path).filter(|_| replace) {
                    Some(at) => {
                        view.comment = self.catalog.views[at].comment.take();
                        view.column_comments = std::mem::take(&mut self.catalog.views[at].column_comments);
                        self.catalog.views[at] = view;
                    }
                    None if self.free(Slot::View, &path, replace, if_not_exists)? => {
                        self.push(|catalog| &mut catalog.views, view);
                    }
                    None => {}
                }
                done(Create, Slot::View, path)
            }
            // One that stands for itself does so only where its schema is taken for that of the object.
            Statement::CreateSynonym { synonym, .. } if synonym.db_link.is_none() && synonym.path == synonym.target => {
                Ok(Applied::NotDdl)
            }
            Statement::CreateSynonym { synonym, replace, if_not_exists } => {
                let path = synonym.path.clone();
                match self.find(Slot::Synonym, &path).filter(|_| replace) {
                    Some(at) => self.catalog.synonyms[at] = synonym,
                    None if self.free(Slot::Synonym, &path, replace, if_not_exists)? => {
                        self.push(|catalog| &mut catalog.synonyms, synonym);
                    }
                    None => {}
                }
                done(Create, Slot::Synonym, path)
            }
            Statement::CreateCode { code, replace, if_not_exists } => {
                let (slot, path) = (Slot::Code(code.kind), code.path.clone());
                match self.find(slot, &path) {
                    // CREATE TYPE name; only announces the type that another CREATE TYPE makes.
                    Some(at) if replace || is_announced(&self.catalog.stored_code[at]) => {
                        self.catalog.stored_code[at] = code;
                    }
                    _ if self.free(slot, &path, replace, if_not_exists)? => {
                        self.push(|catalog| &mut catalog.stored_code, code);
                    }
                    _ => {}
                }
                done(Create, slot, path)
            }
            Statement::CommentOnTable { table, text } => {
                let slot = match (self.find(Slot::Table, &table), self.find(Slot::View, &table)) {
                    (Some(at), _) => {
                        self.catalog.tables[at].comment = text;
                        Slot::Table
                    }
                    (None, Some(at)) => {
                        self.catalog.views[at].comment = text;
                        Slot::View
                    }
                    (None, None) => match self.find(Slot::MaterializedView, &table) {
                        Some(at) => {
                            self.catalog.materialized_views[at].view.comment = text;
                            Slot::MaterializedView
                        }
                        None => return not_found(format!("table or view {table} is not there")),
                    },
                };
                done(Comment, slot, table)
            }
            Statement::CommentOnColumn { table, column, text } => match self.find(Slot::Table, &table) {
                Some(at) => {
                    let Some(found) = self.catalog.tables[at].columns.iter_mut().find(|c| c.name == column) else {
                        return not_found(format!("table {table} has no column {column}"));
                    };
                    found.comment = text;
                    done(Comment, Slot::Table, table)
                }
                None => {
                    let (slot, view) = match (self.find(Slot::View, &table), self.find(Slot::MaterializedView, &table))
                    {
                        (Some(at), _) => (Slot::View, &mut self.catalog.views[at]),
                        (None, Some(at)) => (Slot::MaterializedView, &mut self.catalog.materialized_views[at].view),
                        (None, None) => return not_found(format!("table or view {table} is not there")),
                    };
                    view.column_comments.retain(|(name, _)| *name != column);
                    view.column_comments.extend(text.map(|text| (column, text)));
                    done(Comment, slot, table)
                }
            },
            Statement::Drop { kind, path, cascade, if_exists } => {
                let slot = kind.slot();
                self.drop_object(slot, &path, cascade, if_exists)?;
                done(Drop, slot, path)
            }
            Statement::Rename { path, to } => {
                let (slot, path) = self.rename(&[Slot::Table, Slot::View, Slot::Sequence, Slot::Synonym], path, to)?;
                done(Rename, slot, path)
            }
            Statement::RenameIndex { path, to } => {
                let (slot, path) = self.rename(&[Slot::Index], path, to)?;
                done(Rename, slot, path)
            }
            Statement::RenameTrigger { path, to } => {
                let (slot, path) = self.rename(&[Slot::Code(CodeKind::Trigger)], path, to)?;
                done(Rename, slot, path)
            }
            Statement::SetSchema(schema) => {
                context.schema = schema;
                Ok(Applied::NotDdl)
            }
            Statement::SetLengthUnit(unit) => {
                context.length_unit = unit;
                Ok(Applied::NotDdl)
            }
            Statement::CreateMaterializedView { view, if_not_exists } => {
                let path = view.view.path.clone();
                // ON PREBUILT TABLE gives it the rows and the name of a table that is there.
                let prebuilt =
                    self.find(Slot::Table, &path).is_some() && view.options.to_uppercase().contains("PREBUILT");
                if prebuilt || self.free(Slot::MaterializedView, &path, false, if_not_exists)? {
                    self.push(|catalog| &mut catalog.materialized_views, *view);
                }
                done(Create, Slot::MaterializedView, path)
            }
            Statement::Grant(grant) => {
                // Rights are none of a single statement's catalog: whoever applies statements one by one keeps users too.
                if self.indexed {
                    self.catalog.grants.push(grant);
                }
                Ok(Applied::NotDdl)
            }
            Statement::Other => Ok(Applied::NotDdl),
        };
        self.memory.counted = self.count();
        applied
    }

    /// What only all statements together tell: which columns a foreign key without a list refers to, the type of a
    /// column that takes it from the one it refers to, and which indexes back a constraint.
    pub(super) fn settle(&mut self) {
        let referring = std::mem::take(&mut self.memory.referring);
        for path in referring {
            if self.find(Slot::Table, &path).is_some_and(|at| !self.resolve_references(at)) {
                self.memory.referring.insert(path);
            }
        }
        let touched = std::mem::take(&mut self.memory.touched);
        if touched.is_empty() {
            return;
        }
        for at in 0..self.catalog.indexes.len() {
            if touched.contains(&self.catalog.indexes[at].table) {
                self.mark_backing(at);
            }
        }
    }

    /// After the keys or indexes of a table changed: at once, or later for all tables together.
    fn touched(&mut self, at: usize) {
        let path = self.catalog.tables[at].path.clone();
        if !self.resolve_references(at) {
            self.memory.referring.insert(path.clone());
        }
        if self.indexed {
            self.memory.touched.insert(path);
            return;
        }
        for index in 0..self.catalog.indexes.len() {
            if self.catalog.indexes[index].table == path {
                self.mark_backing(index);
            }
        }
    }

    fn mark_backing(&mut self, at: usize) {
        let table = self.find(Slot::Table, &self.catalog.indexes[at].table);
        let index = &self.catalog.indexes[at];
        let plain: Option<Vec<_>> = index
            .columns
            .iter()
            .map(|column| match &column.key {
                IndexKey::Column(name) if !column.descending => Some(name),
                _ => None,
            })
            .collect();
        let backs = plain.filter(|_| !index.bitmap).zip(table).is_some_and(|(columns, table)| {
            self.catalog.tables[table].constraints.iter().filter(|c| c.enabled).any(|constraint| {
                match &constraint.kind {
                    ConstraintKind::PrimaryKey { columns: key } | ConstraintKind::Unique { columns: key } => {
                        key.iter().eq(columns.iter().copied())
                    }
                    _ => false,
                }
            })
        });
        self.catalog.indexes[at].backs_constraint = backs;
    }

    /// Fills in the referenced columns of a table's foreign keys as far as they are known; whether all are.
    fn resolve_references(&mut self, at: usize) -> bool {
        let mut whole = true;
        for n in 0..self.catalog.tables[at].constraints.len() {
            let ConstraintKind::ForeignKey { columns, references, referenced_columns, .. } =
                &self.catalog.tables[at].constraints[n].kind
            else {
                continue;
            };
            let referred = self.find(Slot::Table, references).map(|other| &self.catalog.tables[other]);
            let resolved = match (referenced_columns.is_empty(), referred.and_then(Table::primary_key)) {
                (false, _) => referenced_columns.clone(),
                (true, Some(key)) if key.len() == columns.len() => key.to_vec(),
                (true, _) => {
                    whole = false;
                    continue;
                }
            };
            let mut types = Vec::new();
            for (own, other) in columns.iter().zip(&resolved) {
                let own = self.catalog.tables[at].column(own).filter(|(_, c)| is_undefined(&c.oracle_type));
                if let Some((own, _)) = own {
                    match referred.and_then(|table| table.column(other)) {
                        Some((_, other)) => types.push((own, other.oracle_type.clone())),
                        None => whole = false,
                    }
                }
            }
            let table = &mut self.catalog.tables[at];
            for (column, oracle_type) in types {
                table.columns[column].oracle_type = oracle_type;
            }
            if let ConstraintKind::ForeignKey { referenced_columns, .. } = &mut table.constraints[n].kind {
                *referenced_columns = resolved;
            }
        }
        whole
    }

    // --- Finding, adding, removing

    fn find(&self, slot: Slot, path: &ObjectPath) -> Option<usize> {
        fn search<T: Object>(objects: &[T], slot: Slot, path: &ObjectPath, from: usize) -> Option<usize> {
            let end = objects.len().min(from.saturating_add(1));
            objects[..end].iter().rposition(|object| object.slot() == slot && object.path() == path)
        }
        let from = match self.indexed {
            true => *self.memory.positions.get(&slot)?.get(path)?,
            false => usize::MAX,
        };
        match slot {
            Slot::Table => search(&self.catalog.tables, slot, path, from),
            Slot::Index => search(&self.catalog.indexes, slot, path, from),
            Slot::Sequence => search(&self.catalog.sequences, slot, path, from),
            Slot::View => search(&self.catalog.views, slot, path, from),
            Slot::MaterializedView => search(&self.catalog.materialized_views, slot, path, from),
            Slot::Synonym => search(&self.catalog.synonyms, slot, path, from),
            Slot::Code(_) => search(&self.catalog.stored_code, slot, path, from),
        }
    }

    /// The names of a table's constraints.
    pub(super) fn constraint_names(&self, path: &ObjectPath) -> Vec<OracleIdent> {
        let table = self.find(Slot::Table, path).map(|at| &self.catalog.tables[at]);
        table.into_iter().flat_map(|t| &t.constraints).filter_map(|c| c.name.clone()).collect()
    }

    fn table(&self, path: &ObjectPath) -> Outcome<usize> {
        match self.find(Slot::Table, path) {
            Some(at) => Ok(at),
            None => not_found(format!("table {path} is not there")),
        }
    }

    /// Whether the name can be given to a new object; false where there is one and IF NOT EXISTS leaves it.
    fn free(&self, slot: Slot, path: &ObjectPath, replace: bool, if_not_exists: bool) -> Outcome<bool> {
        let rivals = if ONE_NAMESPACE.contains(&slot) { ONE_NAMESPACE.as_slice() } else { std::slice::from_ref(&slot) };
        for &rival in rivals {
            if self.find(rival, path).is_some() {
                if if_not_exists && rival == slot {
                    return Ok(false);
                }
                if !(replace && rival == slot) {
                    return exists(format!("the name {path} is already used"));
                }
            }
        }
        Ok(true)
    }

    fn push<T: Object>(&mut self, objects: fn(&mut Catalog) -> &mut Vec<T>, object: T) {
        let (slot, path) = (object.slot(), object.path().clone());
        let objects = objects(self.catalog);
        objects.push(object);
        let at = objects.len() - 1;
        if self.indexed {
            self.memory.positions.entry(slot).or_default().insert(path, at);
        }
    }

    fn forget(&mut self, slot: Slot, path: &ObjectPath) {
        if let Some(positions) = self.memory.positions.get_mut(&slot) {
            positions.remove(path);
        }
    }

    fn drop_object(&mut self, slot: Slot, path: &ObjectPath, cascade: bool, if_exists: bool) -> Outcome<()> {
        let Some(at) = self.find(slot, path) else {
            if if_exists {
                return Ok(());
            }
            return not_found(format!("{path} is not there"));
        };
        match slot {
            Slot::Table => {
                self.catalog.tables.remove(at);
                self.memory.not_null.remove(path);
                let gone: Vec<_> =
                    self.catalog.indexes.iter().filter(|i| i.table == *path).map(|i| i.path.clone()).collect();
                self.catalog.indexes.retain(|index| index.table != *path);
                gone.iter().for_each(|index| self.forget(Slot::Index, index));
                self.drop_triggers(path);
                if cascade {
                    for table in &mut self.catalog.tables {
                        table.constraints.retain(|constraint| {
                            !matches!(&constraint.kind, ConstraintKind::ForeignKey { references, .. } if references == path)
                        });
                    }
                }
            }
            Slot::Index => {
                self.catalog.indexes.remove(at);
            }
            Slot::Sequence => {
                self.catalog.sequences.remove(at);
            }
            Slot::View => {
                self.catalog.views.remove(at);
                self.drop_triggers(path);
            }
            Slot::MaterializedView => {
                self.catalog.materialized_views.remove(at);
                self.catalog.indexes.retain(|index| index.table != *path);
            }
            Slot::Synonym => {
                self.catalog.synonyms.remove(at);
            }
            Slot::Code(kind) => {
                self.catalog.stored_code.remove(at);
                let body = match kind {
                    CodeKind::Package => Some(CodeKind::PackageBody),
                    CodeKind::Type => Some(CodeKind::TypeBody),
                    _ => None,
                };
                if let Some(body) = body.map(Slot::Code) {
                    self.forget(slot, path);
                    if let Some(at) = self.find(body, path) {
                        self.catalog.stored_code.remove(at);
                        self.forget(body, path);
                    }
                }
            }
        }
        self.forget(slot, path);
        Ok(())
    }

    fn drop_triggers(&mut self, table: &ObjectPath) {
        let on_table = |code: &StoredCode| code.kind == CodeKind::Trigger && code.table.as_ref() == Some(table);
        let gone: Vec<_> = self.catalog.stored_code.iter().filter(|c| on_table(c)).map(|c| c.path.clone()).collect();
        self.catalog.stored_code.retain(|code| !on_table(code));
        gone.iter().for_each(|trigger| self.forget(Slot::Code(CodeKind::Trigger), trigger));
    }

    fn rename(&mut self, slots: &[Slot], path: ObjectPath, to: OracleIdent) -> Outcome<(Slot, ObjectPath)> {
        let Some((slot, at)) = slots.iter().find_map(|&slot| self.find(slot, &path).map(|at| (slot, at))) else {
            return not_found(format!("{path} is not there"));
        };
        let new = ObjectPath { schema: path.schema.clone(), name: to };
        self.free(slot, &new, false, false)?;
        let place = match slot {
            Slot::Table => &mut self.catalog.tables[at].path,
            Slot::Index => &mut self.catalog.indexes[at].path,
            Slot::Sequence => &mut self.catalog.sequences[at].path,
            Slot::View => &mut self.catalog.views[at].path,
            Slot::MaterializedView => &mut self.catalog.materialized_views[at].view.path,
            Slot::Synonym => &mut self.catalog.synonyms[at].path,
            Slot::Code(_) => &mut self.catalog.stored_code[at].path,
        };
        *place = new.clone();
        if slot == Slot::Table {
            for index in self.catalog.indexes.iter_mut().filter(|index| index.table == path) {
                index.table = new.clone();
            }
            for code in self.catalog.stored_code.iter_mut().filter(|code| code.table.as_ref() == Some(&path)) {
                code.table = Some(new.clone());
            }
            for constraint in self.catalog.tables.iter_mut().flat_map(|table| &mut table.constraints) {
                if let ConstraintKind::ForeignKey { references, .. } = &mut constraint.kind
                    && *references == path
                {
                    *references = new.clone();
                }
            }
            if let Some(names) = self.memory.not_null.remove(&path) {
                self.memory.not_null.insert(new.clone(), names);
            }
            for set in [&mut self.memory.touched, &mut self.memory.referring] {
                if set.remove(&path) {
                    set.insert(new.clone());
                }
            }
        }
        if self.indexed {
            self.forget(slot, &path);
            self.memory.positions.entry(slot).or_default().insert(new.clone(), at);
        }
        Ok((slot, new))
    }

    // --- Tables, indexes, sequences

    fn create_table(&mut self, create: CreateTable, context: &Context) -> Outcome<()> {
        let CreateTable { mut table, indexes, mut not_null_names, if_not_exists, of_type, as_query } = create;
        if !self.free(Slot::Table, &table.path, false, if_not_exists)? {
            return Ok(());
        }
        if let Some((of, specs)) = of_type {
            let source = |path: &ObjectPath| {
                let at = self.find(Slot::Code(CodeKind::Type), path)?;
                Some(self.catalog.stored_code[at].source.as_str())
            };
            let Some(attributes) = type_attributes(&of, &source, context) else {
                return not_found(format!("object type {of}, or a type that it is under, is not there or not defined"));
            };
            table.columns =
                attributes.into_iter().map(|(name, oracle_type)| Column::plain(name, oracle_type)).collect();
            let mut unused = Vec::new();
            for spec in specs {
                modify_column(&mut table, &mut unused, spec)?;
            }
        }
        if let Some((query, specs)) = as_query {
            let names: Vec<OracleIdent> = specs.iter().map(|spec| spec.name.clone()).collect();
            table.columns = ddl::query_columns(self.catalog, &table.path, &query, &names).map_err(|error| {
                let kind = if error.missing { ScriptErrorKind::NotFound } else { ScriptErrorKind::Unsupported };
                ApplyError {
                    kind,
                    message: format!("the columns of {} follow from its query: {}", table.path, error.reason),
                }
            })?;
            for spec in specs {
                modify_column(&mut table, &mut not_null_names, spec)?;
            }
            table.remarks.push("made from a query (CREATE TABLE … AS): its types are those of the query".to_owned());
        }
        let constraints = std::mem::take(&mut table.constraints);
        for constraint in constraints {
            add_constraint(&mut table, constraint)?;
        }
        for index in &indexes {
            self.check_new_index(index, &table)?;
        }
        let path = table.path.clone();
        self.push(|catalog| &mut catalog.tables, table);
        for index in indexes {
            self.push(|catalog| &mut catalog.indexes, index);
        }
        if !not_null_names.is_empty() {
            self.memory.not_null.insert(path, not_null_names);
        }
        self.touched(self.catalog.tables.len() - 1);
        Ok(())
    }

    fn check_new_index(&self, index: &Index, table: &Table) -> Outcome<()> {
        if index.kind == IndexKind::BitmapJoin {
            self.free(Slot::Index, &index.path, false, false)?;
            return Ok(());
        }
        if index.table != table.path {
            return not_found(format!("index {} is on another table, {}", index.path, index.table));
        }
        for column in &index.columns {
            if let IndexKey::Column(name) = &column.key {
                // ROWID and its like are no columns of the table, and cannot be indexed.
                if table.column(name).is_none() {
                    return not_found(format!("table {} has no column {name}", table.path));
                }
            }
        }
        self.free(Slot::Index, &index.path, false, false)?;
        Ok(())
    }

    fn create_index(&mut self, index: Index, if_not_exists: bool) -> Outcome<()> {
        let elsewhere = index.kind == IndexKind::Cluster || self.find(Slot::MaterializedView, &index.table).is_some();
        if elsewhere && self.find(Slot::Table, &index.table).is_none() {
            if self.free(Slot::Index, &index.path, false, if_not_exists)? {
                self.push(|catalog| &mut catalog.indexes, index);
            }
            return Ok(());
        }
        let table = self.table(&index.table)?;
        if !self.free(Slot::Index, &index.path, false, if_not_exists)? {
            return Ok(());
        }
        self.check_new_index(&index, &self.catalog.tables[table])?;
        self.push(|catalog| &mut catalog.indexes, index);
        if self.indexed {
            let path = self.catalog.tables[table].path.clone();
            self.memory.touched.insert(path);
        } else {
            self.mark_backing(self.catalog.indexes.len() - 1);
        }
        Ok(())
    }

    fn alter_sequence(&mut self, path: &ObjectPath, options: SequenceOptions) -> Outcome<()> {
        let Some(at) = self.find(Slot::Sequence, path) else {
            return not_found(format!("sequence {path} is not there"));
        };
        let mut sequence = self.catalog.sequences[at].clone();
        options.alter(&mut sequence);
        check_sequence(&sequence)?;
        self.catalog.sequences[at] = sequence;
        Ok(())
    }

    fn alter_table(&mut self, path: &ObjectPath, changes: Vec<TableChange>) -> Outcome<(DdlAction, ObjectPath)> {
        let at = self.table(path)?;
        if let [TableChange::RenameTable(_)] = changes.as_slice() {
            for change in changes {
                if let TableChange::RenameTable(to) = change {
                    let (_, path) = self.rename(&[Slot::Table], path.clone(), to)?;
                    return Ok((DdlAction::Rename, path));
                }
            }
            return Ok((DdlAction::Rename, path.clone()));
        }
        let mut table = self.catalog.tables[at].clone();
        let mut names = self.memory.not_null.get(path).cloned().unwrap_or_default();
        let mut indexes = Vec::new();
        let mut columns_gone = Vec::new();
        let mut columns_renamed = Vec::new();
        for change in changes {
            match change {
                TableChange::AddColumn(spec) => add_column(&mut table, &mut names, spec)?,
                TableChange::ModifyColumn(spec) => modify_column(&mut table, &mut names, spec)?,
                TableChange::AddConstraint(constraint) => add_constraint(&mut table, constraint)?,
                TableChange::AddIndex(index) => {
                    self.check_new_index(&index, &table)?;
                    indexes.push(index);
                }
                TableChange::ConstraintState { which, state } => {
                    change_state(&mut table, &names, &which, state)?;
                }
                TableChange::DropConstraint(which) => drop_constraint(&mut table, &mut names, &which)?,
                TableChange::DropColumns(columns) => {
                    for column in columns {
                        drop_column(&mut table, &column)?;
                        names.retain(|name| name.column != column);
                        columns_gone.push(column);
                    }
                }
                TableChange::RenameColumn { from, to } => {
                    rename_column(&mut table, &from, &to)?;
                    names.iter_mut().filter(|name| name.column == from).for_each(|name| name.column = to.clone());
                    columns_renamed.push((from, to));
                }
                TableChange::RenameConstraint { from, to } => {
                    rename_constraint(&mut table, &mut names, &from, to)?;
                }
                TableChange::RenameTable(_) => {
                    return Err(ApplyError {
                        kind: ScriptErrorKind::Syntax,
                        message: "expected RENAME TO to be the only clause of its statement".to_owned(),
                    });
                }
            }
        }
        self.catalog.tables[at] = table;
        if names.is_empty() {
            self.memory.not_null.remove(path);
        } else {
            self.memory.not_null.insert(path.clone(), names);
        }
        for index in indexes {
            self.push(|catalog| &mut catalog.indexes, index);
        }
        for column in &columns_gone {
            let uses = |index: &Index| index.table == *path && index_uses(index, column);
            let gone: Vec<_> = self.catalog.indexes.iter().filter(|i| uses(i)).map(|i| i.path.clone()).collect();
            self.catalog.indexes.retain(|index| !uses(index));
            gone.iter().for_each(|index| self.forget(Slot::Index, index));
        }
        for (from, to) in &columns_renamed {
            self.rename_column_elsewhere(path, from, to);
        }
        self.touched(at);
        Ok((DdlAction::Alter, path.clone()))
    }

    fn rename_column_elsewhere(&mut self, path: &ObjectPath, from: &OracleIdent, to: &OracleIdent) {
        for column in self.catalog.indexes.iter_mut().filter(|i| i.table == *path).flat_map(|i| &mut i.columns) {
            match &mut column.key {
                IndexKey::Column(name) if name == from => *name = to.clone(),
                IndexKey::Column(_) => {}
                IndexKey::Expression(text) => *text = renamed_in(text, from, to),
            }
        }
        for constraint in self.catalog.tables.iter_mut().flat_map(|table| &mut table.constraints) {
            if let ConstraintKind::ForeignKey { references, referenced_columns, .. } = &mut constraint.kind
                && references == path
            {
                referenced_columns.iter_mut().filter(|name| *name == from).for_each(|name| *name = to.clone());
            }
        }
    }
}

impl DropKind {
    fn slot(self) -> Slot {
        match self {
            DropKind::Table => Slot::Table,
            DropKind::Index => Slot::Index,
            DropKind::Sequence => Slot::Sequence,
            DropKind::View => Slot::View,
            DropKind::MaterializedView => Slot::MaterializedView,
            DropKind::Synonym => Slot::Synonym,
            DropKind::Code(kind) => Slot::Code(kind),
        }
    }
}

/// What DROP drops, as a kind of object.
pub(super) fn object_kind(kind: DropKind) -> ObjectKind {
    kind.slot().object_kind()
}

/// `CREATE TYPE name;`, with which mutually dependent types begin.
fn is_announced(code: &StoredCode) -> bool {
    code.kind == CodeKind::Type
        && !Lexer::new(&code.source)
            .any(|token| ["AS", "IS", "UNDER", "WRAPPED"].iter().any(|word| token.is_word(word)))
}

fn is_undefined(oracle_type: &OracleType) -> bool {
    matches!(oracle_type, OracleType::Other { owner: None, name } if name == UNDEFINED_TYPE)
}

fn check_sequence(sequence: &Sequence) -> Outcome<()> {
    if sequence.min_value >= sequence.max_value {
        return Err(ApplyError {
            kind: ScriptErrorKind::Syntax,
            message: format!(
                "expected MINVALUE ({}) to be less than MAXVALUE ({})",
                sequence.min_value, sequence.max_value
            ),
        });
    }
    Ok(())
}

fn add_column(table: &mut Table, names: &mut Vec<NotNullName>, spec: ColumnSpec) -> Outcome<()> {
    if table.column(&spec.name).is_some() {
        return exists(format!("table {} already has a column {}", table.path, spec.name));
    }
    if let Some(name) = &spec.not_null_name {
        names.push(NotNullName { name: name.clone(), column: spec.name.clone() });
    }
    if let Some(encryption) = &spec.encryption {
        encryption.remark(table, &spec.name);
    }
    let (column, constraints) = new_column(spec);
    table.columns.push(column);
    constraints.into_iter().try_for_each(|constraint| add_constraint(table, constraint))
}

fn modify_column(table: &mut Table, names: &mut Vec<NotNullName>, spec: ColumnSpec) -> Outcome<()> {
    let path = table.path.clone();
    if let Some(encryption) = spec.encryption.as_ref().filter(|_| table.column(&spec.name).is_some()) {
        encryption.remark(table, &spec.name);
    }
    let Some(column) = table.columns.iter_mut().find(|column| column.name == spec.name) else {
        return not_found(format!("table {path} has no column {}", spec.name));
    };
    if let Some(oracle_type) = spec.oracle_type {
        column.oracle_type = oracle_type;
    }
    if let Some(default) = spec.default {
        // DEFAULT NULL is how a default is taken away.
        column.default = Some(default).filter(|default| !default.eq_ignore_ascii_case("NULL"));
    }
    if let Some(expression) = spec.virtual_expression {
        column.virtual_expression = Some(expression);
    }
    if spec.identity.is_some() || spec.drop_identity {
        column.identity = spec.identity;
        column.identity_options = spec.identity_options;
    }
    if let Some(invisible) = spec.invisible {
        column.invisible = invisible;
    }
    column.default_on_null |= spec.default_on_null;
    if let Some(nullable) = spec.nullable {
        column.nullable = nullable;
        if nullable {
            names.retain(|name| name.column != spec.name);
        }
    }
    if let Some(name) = spec.not_null_name {
        names.push(NotNullName { name, column: spec.name });
    }
    spec.constraints.into_iter().try_for_each(|constraint| add_constraint(table, constraint))
}

fn add_constraint(table: &mut Table, constraint: Constraint) -> Outcome<()> {
    let path = table.path.clone();
    if let Some(name) = &constraint.name
        && table.constraints.iter().any(|other| other.name.as_ref() == Some(name))
    {
        return exists(format!("table {path} already has a constraint {name}"));
    }
    let columns = match &constraint.kind {
        ConstraintKind::PrimaryKey { columns }
        | ConstraintKind::Unique { columns }
        | ConstraintKind::ForeignKey { columns, .. } => columns.as_slice(),
        ConstraintKind::Check { .. } => &[],
    };
    if let Some(column) = columns.iter().find(|name| table.column(name).is_none()) {
        return not_found(format!("table {path} has no column {column}"));
    }
    if let ConstraintKind::PrimaryKey { .. } = &constraint.kind
        && table.primary_key().is_some()
    {
        return exists(format!("table {path} already has a primary key"));
    }
    table.constraints.push(constraint);
    forbid_nulls_in_key(table);
    Ok(())
}

/// The columns of an enabled primary key take no NULL.
fn forbid_nulls_in_key(table: &mut Table) {
    let key = table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } if constraint.enabled => Some(columns),
        _ => None,
    });
    for column in key.into_iter().flatten() {
        table.columns.iter_mut().filter(|c| c.name == *column).for_each(|c| c.nullable = false);
    }
}

fn is_meant(constraint: &Constraint, which: &ConstraintRef) -> bool {
    match (which, &constraint.kind) {
        (ConstraintRef::Named(name), _) => constraint.name.as_ref() == Some(name),
        (ConstraintRef::PrimaryKey, ConstraintKind::PrimaryKey { .. }) => true,
        (ConstraintRef::Unique(meant), ConstraintKind::Unique { columns }) => columns == meant,
        _ => false,
    }
}

fn no_constraint<T>(table: &Table, which: &ConstraintRef) -> Outcome<T> {
    let path = &table.path;
    not_found(match which {
        ConstraintRef::Named(name) => format!("table {path} has no constraint {name}"),
        ConstraintRef::PrimaryKey => format!("table {path} has no primary key"),
        ConstraintRef::Unique(_) => format!("table {path} has no such unique constraint"),
    })
}

/// The column whose NOT NULL constraint is meant.
fn not_null_column<'n>(names: &'n [NotNullName], which: &ConstraintRef) -> Option<&'n OracleIdent> {
    let ConstraintRef::Named(meant) = which else { return None };
    names.iter().find(|not_null| not_null.name == *meant).map(|not_null| &not_null.column)
}

fn set_nullable(table: &mut Table, column: &OracleIdent, nullable: bool) {
    table.columns.iter_mut().filter(|c| c.name == *column).for_each(|c| c.nullable = nullable);
    forbid_nulls_in_key(table);
}

fn change_state(table: &mut Table, names: &[NotNullName], which: &ConstraintRef, state: StateChange) -> Outcome<()> {
    if let Some(column) = not_null_column(names, which) {
        if let Some(enabled) = state.enabled {
            set_nullable(table, column, !(enabled && state.validated.unwrap_or(enabled)));
        }
        return Ok(());
    }
    let Some(constraint) = table.constraints.iter_mut().find(|constraint| is_meant(constraint, which)) else {
        return no_constraint(table, which);
    };
    if let Some(enabled) = state.enabled {
        constraint.enabled = enabled;
        constraint.validated = enabled;
    }
    if let Some(validated) = state.validated {
        constraint.validated = validated;
    }
    if let Some(deferrable) = state.deferrable {
        constraint.deferrable = deferrable;
    }
    if let Some(deferred) = state.initially_deferred {
        constraint.initially_deferred = deferred;
    }
    forbid_nulls_in_key(table);
    Ok(())
}

fn drop_constraint(table: &mut Table, names: &mut Vec<NotNullName>, which: &ConstraintRef) -> Outcome<()> {
    if let Some(column) = not_null_column(names, which).cloned() {
        names.retain(|name| name.column != column);
        set_nullable(table, &column, true);
        return Ok(());
    }
    match table.constraints.iter().position(|constraint| is_meant(constraint, which)) {
        Some(at) => {
            table.constraints.remove(at);
            Ok(())
        }
        None => no_constraint(table, which),
    }
}

fn rename_constraint(table: &mut Table, names: &mut [NotNullName], from: &OracleIdent, to: OracleIdent) -> Outcome<()> {
    if let Some(not_null) = names.iter_mut().find(|not_null| not_null.name == *from) {
        not_null.name = to;
        return Ok(());
    }
    match table.constraints.iter_mut().find(|constraint| constraint.name.as_ref() == Some(from)) {
        Some(constraint) => {
            constraint.name = Some(to);
            Ok(())
        }
        None => not_found(format!("table {} has no constraint {from}", table.path)),
    }
}

fn drop_column(table: &mut Table, column: &OracleIdent) -> Outcome<()> {
    let Some((at, _)) = table.column(column) else {
        return not_found(format!("table {} has no column {column}", table.path));
    };
    table.columns.remove(at);
    table.constraints.retain(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns }
        | ConstraintKind::Unique { columns }
        | ConstraintKind::ForeignKey { columns, .. } => !columns.contains(column),
        ConstraintKind::Check { condition } => !mentions(condition, column),
    });
    Ok(())
}

fn rename_column(table: &mut Table, from: &OracleIdent, to: &OracleIdent) -> Outcome<()> {
    if table.column(to).is_some() {
        return exists(format!("table {} already has a column {to}", table.path));
    }
    let path = table.path.clone();
    let Some(column) = table.columns.iter_mut().find(|column| column.name == *from) else {
        return not_found(format!("table {path} has no column {from}"));
    };
    column.name = to.clone();
    for expression in table.columns.iter_mut().filter_map(|column| column.virtual_expression.as_mut()) {
        *expression = renamed_in(expression, from, to);
    }
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey { columns }
            | ConstraintKind::Unique { columns }
            | ConstraintKind::ForeignKey { columns, .. } => {
                columns.iter_mut().filter(|name| *name == from).for_each(|name| *name = to.clone());
            }
            ConstraintKind::Check { condition } => *condition = renamed_in(condition, from, to),
        }
    }
    Ok(())
}

fn index_uses(index: &Index, column: &OracleIdent) -> bool {
    index.columns.iter().any(|indexed| match &indexed.key {
        IndexKey::Column(name) => name == column,
        IndexKey::Expression(text) => mentions(text, column),
    })
}

fn is_name(kind: TokenKind, text: &str, name: &OracleIdent) -> bool {
    match kind {
        TokenKind::Word => text.to_uppercase() == name.as_str(),
        TokenKind::QuotedIdent => text == name.quoted(),
        _ => false,
    }
}

fn mentions(expression: &str, column: &OracleIdent) -> bool {
    Lexer::new(expression).any(|token| is_name(token.kind, token.text, column))
}

fn renamed_in(expression: &str, from: &OracleIdent, to: &OracleIdent) -> String {
    let mut renamed = String::with_capacity(expression.len());
    let mut done = 0;
    for token in Lexer::new(expression).filter(|token| is_name(token.kind, token.text, from)) {
        renamed.push_str(&expression[done..token.offset]);
        renamed.push_str(&to.quoted());
        done = token.end();
    }
    renamed.push_str(&expression[done..]);
    renamed
}
