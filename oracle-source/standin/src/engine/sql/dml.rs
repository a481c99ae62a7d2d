//! INSERT, UPDATE, DELETE and MERGE.

use super::ast::*;
use super::compile::{Compiler, Link, Scope, ScopeTable, fits, is_untyped};
use super::convert::{Conversion, Kind};
use super::exec::{self, Cx};
use super::expr::{Cond, Env, Subquery, Typed};
use super::plan::{QueryPlan, Registry, SelectPlan};
use super::{error_at, ora, parser};
use crate::OraError;
use crate::engine::storage::{Relation, RelationKind, Row, RowUpdate, Storage};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;
use type_convert::{OracleType, Value};

/// Rows are handed to the storage layer in batches of this size.
const BATCH: usize = 500;

/// A DML statement with its names resolved.
#[derive(Debug)]
pub(super) enum Dml {
    Insert {
        targets: Vec<InsertInto>,
        source: Option<Arc<QueryPlan>>,
        self_reference: bool,
    },
    Update {
        plan: Arc<SelectPlan>,
        table: Table,
        set: Setter,
    },
    Delete {
        plan: Arc<SelectPlan>,
        table: Table,
    },
    Merge {
        plan: Arc<SelectPlan>,
        table: Table,
        update: Option<Box<MergeUpdateInto>>,
        insert: Option<Box<MergeInsertInto>>,
    },
}

/// A table that is written to.
#[derive(Debug)]
pub(super) struct Table {
    relation: Arc<Relation>,
    checks: Vec<(String, Cond)>,
    virtuals: Vec<(usize, Typed)>,
    /// What an INSERT takes for NULL, where the column has DEFAULT ON NULL.
    on_null: Vec<(usize, Typed)>,
}

#[derive(Debug)]
pub(super) struct InsertInto {
    table: Table,
    values: Values,
}

/// What every column gets.
#[derive(Debug)]
enum Values {
    /// Expressions, one for each column of the table; `None` is NULL.
    Expressions(Vec<Option<Typed>>),
    /// For each column of the table, the source's column or the default.
    Source(Vec<(Option<usize>, Option<Typed>)>),
}

#[derive(Debug, Default)]
pub(super) struct Setter {
    one: Vec<(usize, Typed)>,
    many: Vec<(Vec<usize>, Arc<Subquery>)>,
}

#[derive(Debug)]
pub(super) struct MergeUpdateInto {
    set: Setter,
    filter: Option<Cond>,
    delete: Option<Cond>,
}

#[derive(Debug)]
pub(super) struct MergeInsertInto {
    values: Vec<Option<Typed>>,
    filter: Option<Cond>,
}

type Compile<T> = Result<T, OraError>;

// --- analysis --------------------------------------------------------------------------------------------------

impl Compiler<'_> {
    fn written(&mut self, name: &TableName) -> Compile<Table> {
        let relation = self.relation(name)?;
        let offset = name.owner.as_ref().unwrap_or(&name.name).offset;
        match relation.kind {
            RelationKind::Table => {}
            RelationKind::View { .. } => {
                return Err(error_at(1732, "data manipulation operation not legal on this view", offset));
            }
            RelationKind::Fixed => return Err(error_at(1031, "insufficient privileges", offset)),
        }
        let link = Link::none();
        let scope = Scope::of_relation(&relation, None, &link);
        let mut checks = Vec::with_capacity(relation.checks.len());
        for (name, text) in &relation.checks {
            let expr = parser::parse_expression(text)?;
            checks.push((name.clone(), self.cond(&expr, &scope)?));
        }
        let mut virtuals = Vec::new();
        for (i, text) in relation.virtuals.iter().enumerate() {
            if let Some(text) = text {
                let expr = parser::parse_expression(text)?;
                virtuals.push((i, self.scalar(&expr, &scope)?));
            }
        }
        Ok(Table { relation, checks, virtuals, on_null: Vec::new() })
    }

    fn column(&self, table: &Table, column: &Ident) -> Compile<usize> {
        let found = table.relation.columns.iter().position(|c| c.name == column.text);
        let Some(index) = found else {
            let text = format!("\"{}\": invalid identifier", column.text);
            return Err(error_at(904, &text, column.offset));
        };
        if table.virtuals.iter().any(|(i, _)| *i == index) {
            let message = "INSERT/UPDATE operation disallowed on virtual columns";
            return Err(error_at(54013, message, column.offset));
        }
        Ok(index)
    }

    fn default_of(&mut self, table: &Table, index: usize) -> Compile<Option<Typed>> {
        match table.relation.defaults.get(index) {
            Some(Some(text)) => {
                let expr = parser::parse_expression(text)?;
                let link = Link::none();
                let sequences = std::mem::replace(&mut self.sequences, true);
                let typed = self.scalar(&expr, &Scope::empty(&link));
                self.sequences = sequences;
                typed.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// As [`written`](Self::written), by INSERT.
    fn inserted(&mut self, name: &TableName) -> Compile<Table> {
        let mut table = self.written(name)?;
        for index in table.relation.default_on_null.clone() {
            if let Some(default) = self.default_of(&table, index)? {
                table.on_null.push((index, default));
            }
        }
        Ok(table)
    }

    /// The columns of an INSERT's list, or all but the virtual and the invisible ones.
    fn target_columns(&self, table: &Table, columns: &[Ident]) -> Compile<Vec<usize>> {
        if columns.is_empty() {
            let left_out =
                |i: &usize| table.virtuals.iter().any(|(v, _)| v == i) || table.relation.invisible.contains(i);
            return Ok((0..table.relation.columns.len()).filter(|i| !left_out(i)).collect());
        }
        let mut list = Vec::with_capacity(columns.len());
        for column in columns {
            let index = self.column(table, column)?;
            if list.contains(&index) {
                return Err(error_at(957, "duplicate column name", column.offset));
            }
            list.push(index);
        }
        Ok(list)
    }

    fn count(have: usize, want: usize, offset: usize) -> Compile<()> {
        match have.cmp(&want) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(error_at(947, "not enough values", offset)),
            std::cmp::Ordering::Greater => Err(error_at(913, "too many values", offset)),
        }
    }

    fn expressions(
        &mut self,
        table: &Table,
        columns: &[Ident],
        values: &[Expr],
        offset: usize,
        scope: &Scope<'_>,
    ) -> Compile<Vec<Option<Typed>>> {
        let columns = self.target_columns(table, columns)?;
        Self::count(values.len(), columns.len(), offset)?;
        let mut list: Vec<Option<Typed>> = Vec::with_capacity(table.relation.columns.len());
        for index in 0..table.relation.columns.len() {
            let given = columns.iter().position(|c| *c == index).map(|at| &values[at]);
            list.push(match given {
                Some(e) if !matches!(e.kind.as_ref(), ExprKind::Default) => {
                    self.sequences = true;
                    let typed = self.scalar(e, scope);
                    self.sequences = false;
                    Some(typed?)
                }
                _ => self.default_of(table, index)?,
            });
        }
        Ok(list)
    }

    pub(super) fn insert(&mut self, insert: &Insert) -> Compile<Dml> {
        let link = Link::none();
        let (source, output) = match &insert.source {
            InsertSource::Values => (None, None),
            InsertSource::Query(query) => {
                self.sequences = insert.targets.len() == 1;
                let plan = self.query(query, &link);
                self.sequences = false;
                let plan = plan?;
                let output = ScopeTable::of_plan(&plan);
                (Some(Arc::new(plan)), Some(output))
            }
        };
        let mut targets = Vec::with_capacity(insert.targets.len());
        for target in &insert.targets {
            let table = self.inserted(&target.table)?;
            let values = match (&target.values, &source) {
                (Some(values), _) => {
                    let mut scope = Scope::empty(&link);
                    if let Some(output) = &output {
                        scope.add(output.clone());
                    }
                    Values::Expressions(self.expressions(&table, &target.columns, values, target.offset, &scope)?)
                }
                (None, Some(plan)) => {
                    let columns = self.target_columns(&table, &target.columns)?;
                    Self::count(plan.columns.len(), columns.len(), target.offset)?;
                    let mut list = Vec::with_capacity(table.relation.columns.len());
                    for index in 0..table.relation.columns.len() {
                        let from = columns.iter().position(|c| *c == index);
                        list.push((from, if from.is_none() { self.default_of(&table, index)? } else { None }));
                    }
                    Values::Source(list)
                }
                (None, None) => return Err(error_at(926, "missing VALUES keyword", target.offset)),
            };
            targets.push(InsertInto { table, values });
        }
        let self_reference =
            self.registry.leaves.iter().any(|leaf| targets.iter().any(|t| t.table.relation.id == leaf.relation.id));
        Ok(Dml::Insert { targets, source, self_reference })
    }

    fn setter(&mut self, table: &Table, set: &[(Ident, Expr)], scope: &Scope<'_>, setter: &mut Setter) -> Compile<()> {
        for (column, value) in set {
            let index = self.column(table, column)?;
            Self::once(setter, index, column)?;
            let typed = match value.kind.as_ref() {
                ExprKind::Default => self.default_of(table, index)?.unwrap_or_else(Typed::null),
                _ => {
                    self.sequences = true;
                    let typed = self.scalar(value, scope);
                    self.sequences = false;
                    typed?
                }
            };
            setter.one.push((index, typed));
        }
        Ok(())
    }

    fn once(setter: &Setter, index: usize, column: &Ident) -> Compile<()> {
        let twice = setter.one.iter().any(|(i, _)| *i == index) || setter.many.iter().any(|(l, _)| l.contains(&index));
        if twice { Err(error_at(957, "duplicate column name", column.offset)) } else { Ok(()) }
    }

    pub(super) fn update(&mut self, update: &Update) -> Compile<Dml> {
        let table = self.written(&update.table)?;
        let link = Link::none();
        let (plan, scope) = self.target(&update.table, update.alias.as_ref(), update.filter.as_ref(), &link)?;
        let mut set = Setter::default();
        for clause in &update.set {
            match clause {
                SetClause::One(column, value) => {
                    let pair = [(column.clone(), value.clone())];
                    self.setter(&table, &pair, &scope, &mut set)?;
                }
                SetClause::Many(columns, query, offset) => {
                    let mut list = Vec::with_capacity(columns.len());
                    for column in columns {
                        let index = self.column(&table, column)?;
                        Self::once(&set, index, column)?;
                        list.push(index);
                    }
                    let query = self.subquery(query, &scope)?;
                    Self::count(query.plan.columns.len(), list.len(), *offset)?;
                    set.many.push((list, query));
                }
            }
        }
        Ok(Dml::Update { plan, table, set })
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Compile<Dml> {
        let table = self.written(&delete.table)?;
        let link = Link::none();
        let (plan, _) = self.target(&delete.table, delete.alias.as_ref(), delete.filter.as_ref(), &link)?;
        Ok(Dml::Delete { plan, table })
    }

    pub(super) fn merge(&mut self, merge: &Merge) -> Compile<Dml> {
        let table = match &merge.insert {
            Some(_) => self.inserted(&merge.table)?,
            None => self.written(&merge.table)?,
        };
        let link = Link::none();
        let (plan, scope) = self.merge_join(merge, &link)?;
        let update = match &merge.update {
            None => None,
            Some(u) => {
                let mut set = Setter::default();
                self.setter(&table, &u.set, &scope, &mut set)?;
                let filter = u.filter.as_ref().map(|f| self.cond(f, &scope)).transpose()?;
                let delete = u.delete.as_ref().map(|d| self.cond(d, &scope)).transpose()?;
                Some(Box::new(MergeUpdateInto { set, filter, delete }))
            }
        };
        let insert = match &merge.insert {
            None => None,
            Some(i) => {
                let values = self.expressions(&table, &i.columns, &i.values, i.offset, &scope)?;
                let filter = i.filter.as_ref().map(|f| self.cond(f, &scope)).transpose()?;
                Some(Box::new(MergeInsertInto { values, filter }))
            }
        };
        Ok(Dml::Merge { plan, table, update, insert })
    }
}

// --- execution -------------------------------------------------------------------------------------------------

impl Table {
    fn label(&self, index: usize) -> String {
        let name = self.relation.columns.get(index).map_or("", |c| c.name.as_str());
        format!("\"{}\".\"{}\".\"{name}\"", self.relation.owner, self.relation.name)
    }

    fn assign(&self, index: usize, value: Value, kind: Kind, cx: &Arc<Cx>) -> Result<Value, OraError> {
        let ty = &self.relation.columns[index].oracle_type;
        cx.conversion.assign(value, kind, ty, &self.label(index))
    }

    /// What an expression gives the column; ORA-00932 where it is an object of another type.
    fn assigned(&self, index: usize, e: &Typed, env: &Env<'_>) -> Result<Value, OraError> {
        let ty = &self.relation.columns[index].oracle_type;
        if e.kind == Kind::Other
            && matches!(ty, OracleType::Object(_) | OracleType::Collection(_))
            && !fits(e.ty.as_ref(), ty)
        {
            return Err(ora(932, &format!("inconsistent datatypes: expected {ty} for column {}", self.label(index))));
        }
        self.assign(index, e.eval(env)?.into_owned(), e.kind, env.cx)
    }

    /// ORA-02290 where a CHECK is FALSE; UNKNOWN passes.
    fn check(&self, row: &[Value], cx: &Arc<Cx>) -> Result<(), OraError> {
        if self.checks.is_empty() {
            return Ok(());
        }
        let mut full = row.to_vec();
        for (i, e) in &self.virtuals {
            let value = e.eval(&cx.env(&full, &[]))?.into_owned();
            let untyped = is_untyped(&self.relation.columns[*i].oracle_type);
            full[*i] = if untyped { value } else { self.assign(*i, value, e.kind, cx)? };
        }
        for (name, cond) in &self.checks {
            if cond.eval(&cx.env(&full, &[]))? == Some(false) {
                let text = format!("check constraint ({}.{name}) violated", self.relation.owner);
                return Err(ora(2290, &text));
            }
        }
        Ok(())
    }

    /// Virtual columns are computed when read, never stored.
    fn stored(&self, mut row: Vec<Value>) -> Vec<Value> {
        for (i, _) in &self.virtuals {
            row[*i] = Value::Null;
        }
        row
    }

    fn evaluate(&self, list: &[Option<Typed>], env: &Env<'_>) -> Result<Vec<Value>, OraError> {
        let mut row = Vec::with_capacity(list.len());
        for (index, e) in list.iter().enumerate() {
            row.push(match e {
                Some(e) => self.assigned(index, e, env)?,
                None => Value::Null,
            });
        }
        self.replace_nulls(&mut row, env)?;
        self.check(&row, env.cx)?;
        Ok(row)
    }

    /// DEFAULT ON NULL.
    fn replace_nulls(&self, row: &mut [Value], env: &Env<'_>) -> Result<(), OraError> {
        for (index, default) in &self.on_null {
            if row[*index] == Value::Null {
                row[*index] = self.assigned(*index, default, env)?;
            }
        }
        Ok(())
    }

    /// The row at the beginning of a joined one, and its ROWID.
    fn old_row(&self, row: &[Value]) -> Result<Row, OraError> {
        let count = self.relation.columns.len();
        match row.get(count) {
            Some(Value::Text(id)) => Ok(Row { row_id: Some(id.clone()), values: row[..count].to_vec() }),
            _ => Err(ora(600, "internal error code, arguments: [row without ROWID]")),
        }
    }

    fn updated(&self, set: &Setter, old: &Row, env: &Env<'_>) -> Result<RowUpdate, OraError> {
        let mut new = old.values.clone();
        let mut positions = Vec::with_capacity(set.one.len());
        for (index, e) in &set.one {
            new[*index] = self.assigned(*index, e, env)?;
            positions.push(*index);
        }
        for (columns, query) in &set.many {
            let rows = exec::subquery_rows(query, env)?;
            if rows.rows.len() > 1 {
                return Err(ora(1427, "single-row subquery returns more than one row"));
            }
            for (at, index) in columns.iter().enumerate() {
                let value = rows.rows.first().map_or(Value::Null, |r| r[at].clone());
                new[*index] = self.assign(*index, value, query.plan.kinds[at], env.cx)?;
                positions.push(*index);
            }
        }
        self.check(&new, env.cx)?;
        let old = Row { row_id: old.row_id.clone(), values: self.stored(old.values.clone()) };
        Ok(RowUpdate { old, new: self.stored(new), set: positions })
    }
}

/// What an execution needs from its session.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) registry: &'a Arc<Registry>,
    pub(super) binds: &'a [Value],
    pub(super) conversion: &'a Conversion,
    pub(super) deadline: Option<Instant>,
}

impl Call<'_> {
    pub(super) fn start(&self, storage: &dyn Storage) -> Result<Arc<Cx>, OraError> {
        Cx::start(self.registry, storage, self.binds, self.conversion, self.deadline, None)
    }

    fn sequences(&self, storage: &mut dyn Storage) -> Result<Vec<Value>, OraError> {
        if self.registry.sequences.is_empty() {
            return Ok(Vec::new());
        }
        exec::next_sequences(self.registry, storage)
    }
}

impl Dml {
    /// Rows changed.
    pub(super) fn run(&self, call: Call<'_>, storage: &mut dyn Storage) -> Result<u64, OraError> {
        storage.dml(&mut |storage| {
            let cx = call.start(storage)?;
            match self {
                Dml::Insert { targets, source, self_reference } => {
                    run_insert(targets, source.as_ref(), *self_reference, &cx, call, storage)
                }
                Dml::Update { plan, table, set } => run_update(plan, table, set, &cx, call, storage),
                Dml::Delete { plan, table } => run_delete(plan, table, &cx, storage),
                Dml::Merge { plan, table, update, insert } => {
                    run_merge(plan, table, update.as_deref(), insert.as_deref(), &cx, call, storage)
                }
            }
        })
    }
}

fn run_insert(
    targets: &[InsertInto],
    source: Option<&Arc<QueryPlan>>,
    self_reference: bool,
    cx: &Arc<Cx>,
    call: Call<'_>,
    storage: &mut dyn Storage,
) -> Result<u64, OraError> {
    let mut count = 0;
    let mut batches: Vec<Vec<Vec<Value>>> = targets.iter().map(|_| Vec::new()).collect();
    let Some(plan) = source else {
        let sequences = call.sequences(storage)?;
        let env = Env { sequences: &sequences, ..cx.env(&[], &[]) };
        for target in targets {
            if let Values::Expressions(list) = &target.values {
                let row = target.table.evaluate(list, &env)?;
                storage.insert(&target.table.relation, vec![row])?;
                count += 1;
            }
        }
        return Ok(count);
    };
    // A default's NEXTVAL is one for each row, as is one of the select list.
    let in_query = exec::query_uses_sequences(plan);
    let mut rows = exec::statement_rows(plan, call.registry, cx, storage)?;
    if self_reference {
        rows = Box::new(rows.collect::<Vec<_>>().into_iter());
    }
    for row in rows {
        let row = row?;
        let sequences = if in_query { Vec::new() } else { call.sequences(storage)? };
        let env = Env { sequences: &sequences, ..cx.env(&row, &[]) };
        for (target, batch) in targets.iter().zip(&mut batches) {
            let table = &target.table;
            let new = match &target.values {
                Values::Expressions(list) => table.evaluate(list, &env)?,
                Values::Source(list) => {
                    let mut new = Vec::with_capacity(list.len());
                    for (index, (from, default)) in list.iter().enumerate() {
                        new.push(match (from, default) {
                            (Some(at), _) => table.assign(index, row[*at].clone(), plan.kinds[*at], cx)?,
                            (None, Some(e)) => table.assigned(index, e, &env)?,
                            (None, None) => Value::Null,
                        });
                    }
                    table.replace_nulls(&mut new, &env)?;
                    table.check(&new, cx)?;
                    new
                }
            };
            batch.push(new);
            count += 1;
        }
        if batches[0].len() >= BATCH {
            flush(targets, &mut batches, storage)?;
        }
    }
    flush(targets, &mut batches, storage)?;
    Ok(count)
}

fn flush(targets: &[InsertInto], batches: &mut [Vec<Vec<Value>>], storage: &mut dyn Storage) -> Result<(), OraError> {
    for (target, batch) in targets.iter().zip(batches) {
        if !batch.is_empty() {
            storage.insert(&target.table.relation, std::mem::take(batch))?;
        }
    }
    Ok(())
}

fn sources(plan: &Arc<SelectPlan>, cx: &Arc<Cx>) -> Result<Vec<(Vec<Value>, i64)>, OraError> {
    exec::source_rows(plan, cx, &Arc::from([]), false)?.collect()
}

fn total(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn run_update(
    plan: &Arc<SelectPlan>,
    table: &Table,
    set: &Setter,
    cx: &Arc<Cx>,
    call: Call<'_>,
    storage: &mut dyn Storage,
) -> Result<u64, OraError> {
    let rows = sources(plan, cx)?;
    let mut updates = Vec::with_capacity(rows.len());
    for (row, row_num) in &rows {
        let sequences = call.sequences(storage)?;
        let env = Env { row_num: *row_num, sequences: &sequences, ..cx.env(row, &[]) };
        updates.push(table.updated(set, &table.old_row(row)?, &env)?);
    }
    let count = total(updates.len());
    if count > 0 {
        storage.update(&table.relation, updates)?;
    }
    Ok(count)
}

fn run_delete(plan: &Arc<SelectPlan>, table: &Table, cx: &Arc<Cx>, storage: &mut dyn Storage) -> Result<u64, OraError> {
    let mut rows = Vec::new();
    for (row, _) in sources(plan, cx)? {
        let old = table.old_row(&row)?;
        rows.push(Row { values: table.stored(old.values), ..old });
    }
    let count = total(rows.len());
    if count > 0 {
        storage.delete(&table.relation, rows)?;
    }
    Ok(count)
}

fn run_merge(
    plan: &Arc<SelectPlan>,
    table: &Table,
    update: Option<&MergeUpdateInto>,
    insert: Option<&MergeInsertInto>,
    cx: &Arc<Cx>,
    call: Call<'_>,
    storage: &mut dyn Storage,
) -> Result<u64, OraError> {
    let (mut updates, mut deletes, mut inserts) = (Vec::new(), Vec::new(), Vec::new());
    let mut touched = HashSet::new();
    let count = table.relation.columns.len();
    let holds = |cond: &Option<Cond>, env: &Env<'_>| match cond {
        Some(c) => Ok::<_, OraError>(c.eval(env)? == Some(true)),
        None => Ok(true),
    };
    for (row, _) in sources(plan, cx)? {
        let matched = matches!(row.get(count), Some(Value::Text(_)));
        if matched {
            let Some(update) = update else { continue };
            let env = cx.env(&row, &[]);
            if !holds(&update.filter, &env)? {
                continue;
            }
            let old = table.old_row(&row)?;
            if !touched.insert(old.row_id.clone()) {
                return Err(ora(30926, "unable to get a stable set of rows in the source tables"));
            }
            let sequences = call.sequences(storage)?;
            let change = table.updated(&update.set, &old, &Env { sequences: &sequences, ..env })?;
            if let Some(delete) = &update.delete {
                // It sees the row as updated.
                let mut after = row.clone();
                after[..count].clone_from_slice(&change.new);
                if delete.eval(&cx.env(&after, &[]))? == Some(true) {
                    deletes.push(Row { row_id: change.old.row_id.clone(), values: change.new.clone() });
                }
            }
            updates.push(change);
        } else if let Some(insert) = insert {
            if !holds(&insert.filter, &cx.env(&row, &[]))? {
                continue;
            }
            let sequences = call.sequences(storage)?;
            let env = Env { sequences: &sequences, ..cx.env(&row, &[]) };
            inserts.push(table.evaluate(&insert.values, &env)?);
        }
    }
    let affected = total(updates.len() + inserts.len());
    if !updates.is_empty() {
        storage.update(&table.relation, updates)?;
    }
    if !deletes.is_empty() {
        storage.delete(&table.relation, deletes)?;
    }
    if !inserts.is_empty() {
        storage.insert(&table.relation, inserts)?;
    }
    Ok(affected)
}
