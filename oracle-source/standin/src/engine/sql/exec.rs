//! Running plans. Rows come lazily; what an iterator needs it owns, so that it outlives the call that made it.

use super::ast::{JoinKind, SetOperator};
use super::compile::{hashable, is_untyped};
use super::convert::{Conversion, Kind, hash_key, integer, number_value, sort_order, text_value};
use super::decimal::Decimal;
use super::expr::{Cond, Env, Expr, Subquery, Typed, convert_kind};
use super::plan::*;
use super::{convert, ora};
use crate::OraError;
use crate::engine::storage::{Lookup, Moment, RelationKind, Row, Rows, Storage};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};
use type_convert::{OracleType, Scn, Value};

/// Results of a correlated subquery that are remembered, by what it takes from outside.
const REMEMBERED: usize = 10_000;

pub(super) type RowIter = Box<dyn Iterator<Item = Result<Vec<Value>, OraError>> + Send>;
type NumberedRows = Box<dyn Iterator<Item = Result<(Vec<Value>, i64), OraError>> + Send>;

/// One execution of a statement.
pub(super) struct Cx {
    pub(super) binds: Vec<Value>,
    pub(super) conversion: Conversion,
    pub(super) user: String,
    pub(super) contexts: Vec<Value>,
    pub(super) scn: Value,
    registry: Arc<Registry>,
    leaves: Vec<Mutex<Leaf>>,
    subqueries: Vec<Mutex<HashMap<Vec<u8>, Remembered>>>,
    built: Vec<Mutex<Option<Arc<Built>>>>,
    lists: Vec<OnceLock<Option<HashedList>>>,
    deadline: Mutex<Option<Instant>>,
}

/// A long list of IN, hashed.
struct HashedList {
    keys: HashSet<Vec<u8>>,
    padded: bool,
    any_null: bool,
}

/// Rows of a stored table or fixed view: read once as they come, or kept.
enum Leaf {
    Fresh(Rows),
    Kept(Arc<Vec<Vec<Value>>>),
    Taken,
}

#[derive(Clone)]
enum Remembered {
    Scalar(Value),
    Exists(bool),
    Rows(Arc<RowSet>),
}

/// The rows of a subquery of IN, ANY or ALL.
pub(super) struct RowSet {
    pub(super) rows: Vec<Vec<Value>>,
    hashed: Option<HashSet<Vec<u8>>>,
    any_null: bool,
}

/// One side of a join, or a leaf by the columns that a correlated subquery looks for.
struct Built {
    rows: Arc<Vec<Vec<Value>>>,
    index: Option<HashMap<Vec<u8>, Vec<usize>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Cx {
    /// Opens all scans at once: they see one state of the database, that of `snapshot` where it is given.
    pub(super) fn start(
        registry: &Arc<Registry>,
        storage: &dyn Storage,
        binds: &[Value],
        conversion: &Conversion,
        deadline: Option<Instant>,
        snapshot: Option<Scn>,
    ) -> Result<Arc<Cx>, OraError> {
        let mut cx = Cx {
            binds: binds
                .iter()
                .map(|b| match b {
                    Value::Text(t) if t.is_empty() => Value::Null,
                    Value::Bytes(b) if b.is_empty() => Value::Null,
                    other => other.clone(),
                })
                .collect(),
            conversion: conversion.clone(),
            user: storage.user().to_owned(),
            contexts: Vec::with_capacity(registry.contexts.len()),
            scn: Value::Null,
            registry: registry.clone(),
            leaves: Vec::new(),
            subqueries: (0..registry.subqueries).map(|_| Mutex::default()).collect(),
            built: (0..registry.built).map(|_| Mutex::default()).collect(),
            lists: (0..registry.lists).map(|_| OnceLock::new()).collect(),
            deadline: Mutex::new(deadline),
        };
        for parameter in &registry.contexts {
            cx.contexts.push(storage.context(parameter).map_or(Value::Null, text_value));
        }
        if registry.current_scn {
            cx.scn = integer(i64::try_from(storage.current_scn()?.0).unwrap_or(i64::MAX));
        }
        // Lookups are evaluated before there are leaves: they are without subqueries.
        let before = Arc::new(cx);
        let env = before.env(&[], &[]);
        let mut leaves = Vec::with_capacity(registry.leaves.len());
        let mut view = None;
        for spec in &registry.leaves {
            let moment = match &spec.as_of {
                None if !spec.is_stored() => Moment::Now,
                None => match (snapshot, view) {
                    (Some(scn), _) => Moment::Scn(scn),
                    (None, Some(view)) => Moment::Statement(view),
                    (None, None) => Moment::Statement(*view.insert(storage.statement_view()?)),
                },
                Some(e) => {
                    let value = e.eval(&env)?;
                    let scn = before.conversion.to_decimal(&value, e.kind)?.and_then(|d| d.trunc(0).to_i64());
                    let scn = scn.and_then(|s| u64::try_from(s).ok());
                    Moment::Scn(Scn(
                        scn.ok_or_else(|| ora(8181, "specified number is not a valid system change number"))?
                    ))
                }
            };
            let lookup = lookup(spec, &env)?;
            let rows: Rows = match lookup {
                Some(lookup) => storage.scan(&spec.relation, moment, lookup)?,
                None => Box::new(std::iter::empty()),
            };
            leaves.push(Mutex::new(Leaf::Fresh(rows)));
        }
        let mut cx =
            Arc::into_inner(before).ok_or_else(|| ora(600, "internal error code, arguments: [shared context]"))?;
        cx.leaves = leaves;
        Ok(Arc::new(cx))
    }

    pub(super) fn env<'a>(self: &'a Arc<Self>, row: &'a [Value], outer: &'a [Value]) -> Env<'a> {
        Env { cx: self, row, base: 0, outer, row_num: 0, sequences: &[] }
    }

    fn check_deadline(&self) -> Result<(), OraError> {
        match *lock(&self.deadline) {
            Some(deadline) if Instant::now() >= deadline => Err(ora(3156, "OCI call timed out")),
            _ => Ok(()),
        }
    }
}

/// `None` where no row can match.
fn lookup(spec: &LeafSpec, env: &Env<'_>) -> Result<Option<Lookup>, OraError> {
    let row_id = |e: &Typed| -> Result<Option<String>, OraError> {
        match e.eval(env)?.as_ref() {
            Value::Null => Ok(None),
            Value::Text(t) if super::row_id::is_valid(t) => Ok(Some(t.clone())),
            _ => Err(ora(1410, "invalid ROWID")),
        }
    };
    Ok(Some(match &spec.lookup {
        LookupSpec::All => Lookup::All,
        LookupSpec::RowId(e) => match row_id(e)? {
            Some(id) => Lookup::RowId(id),
            None => return Ok(None),
        },
        LookupSpec::RowIdRange(low, high) => {
            let bound = |e: &Option<Typed>, default: &str| match e {
                Some(e) => row_id(e),
                None => Ok(Some(default.to_owned())),
            };
            match (bound(low, "AAAAAAAAAAAAAAAAAA")?, bound(high, "//////////////////")?) {
                (Some(low), Some(high)) => Lookup::RowIdBetween(low, high),
                _ => return Ok(None),
            }
        }
        LookupSpec::Key(values) => {
            let mut key = Vec::with_capacity(values.len());
            for (e, column) in values.iter().zip(&spec.relation.key) {
                let value = e.eval(env)?.into_owned();
                if value.is_null() {
                    return Ok(None);
                }
                let Some(desc) = spec.relation.columns.get(*column) else { return Ok(Some(Lookup::All)) };
                let kind = e.kind.or_of(&value);
                // Text is converted to the column's type, never a column's number or date to text.
                let column_kind = Kind::of_type(&desc.oracle_type);
                let converts = kind.is_text() && matches!(column_kind, Kind::Number | Kind::Date | Kind::Timestamp);
                if hashable(column_kind, kind).is_none() && !converts {
                    return Ok(Some(Lookup::All));
                }
                // A value that the column cannot hold equals none of its values, but evaluation says so, or why not.
                match env.cx.conversion.assign(value, kind, &desc.oracle_type, "") {
                    Ok(value) => key.push(value),
                    Err(_) => return Ok(Some(Lookup::All)),
                }
            }
            Lookup::Key(key)
        }
    }))
}

// --- nodes -----------------------------------------------------------------------------------------------------

fn leaf_row(spec: &LeafSpec, row: Row, cx: &Arc<Cx>) -> Result<Vec<Value>, OraError> {
    let mut values = row.values;
    values.resize(spec.relation.columns.len(), Value::Null);
    for (i, e) in &spec.virtuals {
        let value = e.eval(&cx.env(&values, &[]))?.into_owned();
        let ty = &spec.relation.columns[*i].oracle_type;
        values[*i] = if is_untyped(ty) {
            value
        } else {
            cx.conversion.assign(value, e.kind, ty, &spec.relation.columns[*i].name)?
        };
    }
    values.push(row.row_id.map_or(Value::Null, Value::Text));
    Ok(values)
}

fn leaf_stream(cx: &Arc<Cx>, leaf: usize) -> Result<RowIter, OraError> {
    let mut slot = lock(&cx.leaves[leaf]);
    if let Leaf::Kept(rows) = &*slot {
        let rows = rows.clone();
        return Ok(Box::new((0..rows.len()).map(move |i| Ok(rows[i].clone()))));
    }
    let Leaf::Fresh(rows) = std::mem::replace(&mut *slot, Leaf::Taken) else {
        return Err(ora(600, "internal error code, arguments: [rows read twice]"));
    };
    drop(slot);
    let cx = cx.clone();
    let mut count = 0u32;
    Ok(Box::new(rows.map(move |row| {
        count = count.wrapping_add(1);
        if count.is_multiple_of(256) {
            cx.check_deadline()?;
        }
        leaf_row(&cx.registry.leaves[leaf], row?, &cx)
    })))
}

fn leaf_kept(cx: &Arc<Cx>, leaf: usize) -> Result<Arc<Vec<Vec<Value>>>, OraError> {
    if let Leaf::Kept(rows) = &*lock(&cx.leaves[leaf]) {
        return Ok(rows.clone());
    }
    let rows = Arc::new(leaf_stream(cx, leaf)?.collect::<Result<Vec<_>, _>>()?);
    *lock(&cx.leaves[leaf]) = Leaf::Kept(rows.clone());
    Ok(rows)
}

fn holds(filter: &[Cond], env: &Env<'_>) -> Result<bool, OraError> {
    for cond in filter {
        if cond.eval(env)? != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The values as hashed bytes; `None` where one is NULL, which equals nothing.
fn key_of(keys: &[Typed], padded: &[bool], env: &Env<'_>) -> Result<Option<Vec<u8>>, OraError> {
    let mut bytes = Vec::new();
    for (key, padded) in keys.iter().zip(padded) {
        if !hash_key(&*key.eval(env)?, *padded, &mut bytes) {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}

fn place(row: Vec<Value>, start: usize, width: usize) -> Vec<Value> {
    if start == 0 && row.len() == width {
        return row;
    }
    let mut full = vec![Value::Null; width.max(start + row.len())];
    for (slot, value) in full[start..].iter_mut().zip(row) {
        *slot = value;
    }
    full
}

/// Rows of a leaf or view by themselves, filtered, the first value at the node's own start.
fn own_rows(node: &Arc<Node>, cx: &Arc<Cx>, outer: &Arc<[Value]>, repeat: bool) -> Result<RowIter, OraError> {
    match node.as_ref() {
        Node::One { .. } => Ok(Box::new(std::iter::once(Ok(vec![Value::Text("X".to_owned()), Value::Null])))),
        Node::Levels { start, .. } => {
            let (node, cx, outer, start) = (node.clone(), cx.clone(), outer.clone(), *start);
            let mut level = 0i64;
            Ok(Box::new(std::iter::from_fn(move || {
                let Node::Levels { condition, .. } = node.as_ref() else { return None };
                level += 1;
                let row = vec![Value::Text("X".to_owned()), Value::Null, integer(level)];
                // The root needs no parent, so the condition is not asked for it.
                if level > 1 {
                    let env = Env { base: start, ..cx.env(&row, &outer) };
                    match cx.check_deadline().and_then(|()| condition.eval(&env)) {
                        Ok(Some(true)) => {}
                        Ok(_) => return None,
                        Err(error) => return Some(Err(error)),
                    }
                }
                Some(Ok(row))
            })))
        }
        Node::View { plan, .. } => query_rows(plan, cx, &Arc::from([]), repeat),
        Node::Leaf { leaf, start, filter, probe, .. } => {
            let rows: RowIter = match probe {
                Some(probe) => {
                    let built = {
                        let found = lock(&cx.built[probe.id]).clone();
                        match found {
                            Some(built) => built,
                            None => {
                                let rows = leaf_kept(cx, *leaf)?;
                                let mut index: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
                                for (i, row) in rows.iter().enumerate() {
                                    let env = Env { base: *start, ..cx.env(row, outer) };
                                    if let Some(key) = key_of(&probe.keys, &probe.padded, &env)? {
                                        index.entry(key).or_default().push(i);
                                    }
                                }
                                let built = Arc::new(Built { rows, index: Some(index) });
                                *lock(&cx.built[probe.id]) = Some(built.clone());
                                built
                            }
                        }
                    };
                    let key = key_of(&probe.values, &probe.padded, &cx.env(&[], outer))?;
                    let found = key.and_then(|k| built.index.as_ref().and_then(|i| i.get(&k).cloned()));
                    Box::new(found.unwrap_or_default().into_iter().map(move |i| Ok(built.rows[i].clone())))
                }
                None if repeat => {
                    let rows = leaf_kept(cx, *leaf)?;
                    Box::new((0..rows.len()).map(move |i| Ok(rows[i].clone())))
                }
                None => leaf_stream(cx, *leaf)?,
            };
            if filter.is_empty() {
                return Ok(rows);
            }
            let (node, cx, outer, start) = (node.clone(), cx.clone(), outer.clone(), *start);
            Ok(Box::new(rows.filter_map(move |row| {
                let Node::Leaf { filter, .. } = node.as_ref() else { return None };
                let row = match row {
                    Ok(row) => row,
                    Err(error) => return Some(Err(error)),
                };
                let env = Env { base: start, ..cx.env(&row, &outer) };
                match holds(filter, &env) {
                    Ok(true) => Some(Ok(row)),
                    Ok(false) => None,
                    Err(error) => Some(Err(error)),
                }
            })))
        }
        Node::Filter { .. } | Node::Join { .. } => Err(ora(600, "internal error code, arguments: [no leaf]")),
    }
}

/// Rows of `width` values in which the node's ranges are filled.
fn node_rows(
    node: &Arc<Node>,
    width: usize,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
    repeat: bool,
) -> Result<RowIter, OraError> {
    match node.as_ref() {
        Node::One { start } | Node::Levels { start, .. } | Node::Leaf { start, .. } | Node::View { start, .. } => {
            let start = *start;
            Ok(Box::new(own_rows(node, cx, outer, repeat)?.map(move |row| row.map(|r| place(r, start, width)))))
        }
        Node::Filter { input, .. } => {
            let rows = node_rows(input, width, cx, outer, repeat)?;
            let (node, cx, outer) = (node.clone(), cx.clone(), outer.clone());
            Ok(Box::new(rows.filter_map(move |row| {
                let Node::Filter { filter, .. } = node.as_ref() else { return None };
                let row = match row {
                    Ok(row) => row,
                    Err(error) => return Some(Err(error)),
                };
                match holds(filter, &cx.env(&row, &outer)) {
                    Ok(true) => Some(Ok(row)),
                    Ok(false) => None,
                    Err(error) => Some(Err(error)),
                }
            })))
        }
        Node::Join { id, left, right, .. } => {
            let cacheable = repeat && !right.is_correlated();
            let found = if cacheable { lock(&cx.built[*id]).clone() } else { None };
            let built = match found {
                Some(built) => built,
                None => {
                    let built = Arc::new(build(node, width, cx, outer, repeat)?);
                    if cacheable {
                        *lock(&cx.built[*id]) = Some(built.clone());
                    }
                    built
                }
            };
            let matched = vec![false; built.rows.len()];
            Ok(Box::new(JoinRows {
                left: node_rows(left, width, cx, outer, repeat)?,
                node: node.clone(),
                cx: cx.clone(),
                outer: outer.clone(),
                ranges: right.ranges(),
                width,
                built,
                matched,
                current: None,
                tail: 0,
                left_done: false,
                done: false,
            }))
        }
    }
}

/// Reads a join's right side and hashes it by its keys.
fn build(node: &Node, width: usize, cx: &Arc<Cx>, outer: &Arc<[Value]>, repeat: bool) -> Result<Built, OraError> {
    let Node::Join { right, right_keys, padded, .. } = node else {
        return Err(ora(600, "internal error code, arguments: [no join]"));
    };
    let ranges = right.ranges();
    let mut rows = Vec::new();
    let mut index: Option<HashMap<Vec<u8>, Vec<usize>>> =
        if right_keys.is_empty() { None } else { Some(HashMap::new()) };
    let mut keep = |row: Vec<Value>, key: Option<Vec<u8>>, rows: &mut Vec<Vec<Value>>| {
        if let (Some(index), Some(key)) = (&mut index, key) {
            index.entry(key).or_default().push(rows.len());
        }
        rows.push(row);
    };
    match right.as_ref() {
        Node::One { start } | Node::Levels { start, .. } | Node::Leaf { start, .. } | Node::View { start, .. } => {
            for row in own_rows(right, cx, outer, repeat)? {
                let row = row?;
                let key = key_of(right_keys, padded, &Env { base: *start, ..cx.env(&row, outer) })?;
                keep(row, key, &mut rows);
            }
        }
        Node::Filter { .. } | Node::Join { .. } => {
            for row in node_rows(right, width, cx, outer, repeat)? {
                let mut row = row?;
                let key = key_of(right_keys, padded, &cx.env(&row, outer))?;
                let mut compact = Vec::new();
                for range in &ranges {
                    compact.extend(row[range.clone()].iter_mut().map(std::mem::take));
                }
                keep(compact, key, &mut rows);
            }
        }
    }
    Ok(Built { rows: Arc::new(rows), index })
}

struct JoinRows {
    left: RowIter,
    node: Arc<Node>,
    cx: Arc<Cx>,
    outer: Arc<[Value]>,
    /// Of the right side.
    ranges: Vec<Range<usize>>,
    width: usize,
    built: Arc<Built>,
    /// Right rows that some left row met: for RIGHT and FULL.
    matched: Vec<bool>,
    current: Option<Current>,
    tail: usize,
    left_done: bool,
    done: bool,
}

struct Current {
    row: Vec<Value>,
    /// `None` is every right row.
    candidates: Option<Vec<usize>>,
    at: usize,
    matched: bool,
}

impl JoinRows {
    fn fill(&self, row: &mut [Value], right: usize) {
        let mut values = self.built.rows[right].iter();
        for range in &self.ranges {
            for slot in &mut row[range.clone()] {
                *slot = values.next().cloned().unwrap_or(Value::Null);
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Vec<Value>>, OraError> {
        let node = self.node.clone();
        let Node::Join { kind, left_keys, padded, on, .. } = node.as_ref() else { return Ok(None) };
        loop {
            if let Some(mut current) = self.current.take() {
                let count = current.candidates.as_ref().map_or(self.built.rows.len(), Vec::len);
                while current.at < count {
                    let right = current.candidates.as_ref().map_or(current.at, |c| c[current.at]);
                    current.at += 1;
                    let mut row = current.row.clone();
                    self.fill(&mut row, right);
                    if on.is_empty() || holds(on, &self.cx.env(&row, &self.outer))? {
                        current.matched = true;
                        self.matched[right] = true;
                        self.current = Some(current);
                        return Ok(Some(row));
                    }
                }
                if !current.matched && matches!(kind, JoinKind::Left | JoinKind::Full) {
                    return Ok(Some(current.row));
                }
            }
            if !self.left_done {
                match self.left.next().transpose()? {
                    Some(row) => {
                        let candidates = match &self.built.index {
                            None => None,
                            Some(index) => {
                                let key = key_of(left_keys, padded, &self.cx.env(&row, &self.outer))?;
                                Some(key.and_then(|k| index.get(&k).cloned()).unwrap_or_default())
                            }
                        };
                        self.current = Some(Current { row, candidates, at: 0, matched: false });
                        continue;
                    }
                    None => self.left_done = true,
                }
            }
            if matches!(kind, JoinKind::Right | JoinKind::Full) {
                while self.tail < self.matched.len() {
                    let right = self.tail;
                    self.tail += 1;
                    if !self.matched[right] {
                        let mut row = vec![Value::Null; self.width];
                        self.fill(&mut row, right);
                        return Ok(Some(row));
                    }
                }
            }
            return Ok(None);
        }
    }
}

impl Iterator for JoinRows {
    type Item = Result<Vec<Value>, OraError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

// --- SELECT ----------------------------------------------------------------------------------------------------

/// Rows that pass WHERE, with their ROWNUM.
pub(super) fn source_rows(
    plan: &Arc<SelectPlan>,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
    repeat: bool,
) -> Result<NumberedRows, OraError> {
    if !holds(&plan.guards, &cx.env(&[], outer))? {
        return Ok(Box::new(std::iter::empty()));
    }
    let rows = node_rows(&plan.node, plan.width, cx, outer, repeat)?;
    let (plan, cx, outer) = (plan.clone(), cx.clone(), outer.clone());
    let mut row_num = 0i64;
    let mut ended = false;
    let mut rows = rows;
    Ok(Box::new(std::iter::from_fn(move || {
        while !ended {
            let candidate = row_num + 1;
            let stop = holds(&plan.stops, &Env { row_num: candidate, ..cx.env(&[], &outer) });
            match stop {
                Ok(true) => {}
                Ok(false) => {
                    ended = true;
                    return None;
                }
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
            let row = match rows.next()? {
                Ok(row) => row,
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            };
            match holds(&plan.filter, &Env { row_num: candidate, ..cx.env(&row, &outer) }) {
                Ok(true) => {
                    row_num = candidate;
                    return Some(Ok((row, row_num)));
                }
                Ok(false) => {}
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    })))
}

fn select_rows(plan: &Arc<SelectPlan>, cx: &Arc<Cx>, outer: &Arc<[Value]>, repeat: bool) -> Result<RowIter, OraError> {
    let rows = source_rows(plan, cx, outer, repeat)?;
    projected(plan, rows, cx, outer)
}

/// Groups, filters by HAVING, projects, removes duplicates.
fn projected(
    plan: &Arc<SelectPlan>,
    rows: NumberedRows,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
) -> Result<RowIter, OraError> {
    let rows: NumberedRows = match &plan.group {
        None => rows,
        Some(group) => {
            let grouped = group_rows(group, rows, cx, outer)?;
            let (plan, cx, outer) = (plan.clone(), cx.clone(), outer.clone());
            Box::new(grouped.into_iter().filter_map(move |row| match holds(&plan.having, &cx.env(&row, &outer)) {
                Ok(true) => Some(Ok((row, 0))),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            }))
        }
    };
    // Values move out of the row where every one of them is wanted once.
    let mut seen = HashSet::new();
    let moves = plan.project.iter().all(|t| matches!(&t.expr, Expr::Column(i) if seen.insert(*i)));
    let distinct = plan.distinct;
    let visible = plan.visible;
    let (plan, cx, outer) = (plan.clone(), cx.clone(), outer.clone());
    let rows = rows.map(move |row| {
        let (mut row, row_num) = row?;
        let mut out = Vec::with_capacity(plan.project.len());
        for typed in &plan.project {
            match typed.expr {
                Expr::Column(i) if moves => out.push(row.get_mut(i).map(std::mem::take).unwrap_or_default()),
                _ => out.push(typed.eval(&Env { row_num, ..cx.env(&row, &outer) })?.into_owned()),
            }
        }
        Ok(out)
    });
    if !distinct {
        return Ok(Box::new(rows));
    }
    Ok(Box::new(unique(rows, visible)))
}

fn row_key(row: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in row {
        hash_key(value, false, &mut bytes);
    }
    bytes
}

fn unique(
    rows: impl Iterator<Item = Result<Vec<Value>, OraError>> + Send + 'static,
    visible: usize,
) -> impl Iterator<Item = Result<Vec<Value>, OraError>> + Send + 'static {
    let mut seen = HashSet::new();
    rows.filter(move |row| match row {
        Ok(row) => seen.insert(row_key(&row[..visible.min(row.len())])),
        Err(_) => true,
    })
}

// --- grouping --------------------------------------------------------------------------------------------------

struct State {
    count: i64,
    sum: Decimal,
    double: f64,
    best: Value,
    list: Vec<(Vec<Value>, String)>,
    separator: String,
    seen: HashSet<Vec<u8>>,
}

impl State {
    fn new() -> Self {
        State {
            count: 0,
            sum: Decimal::zero(),
            double: 0.0,
            best: Value::Null,
            list: Vec::new(),
            separator: String::new(),
            seen: HashSet::new(),
        }
    }

    fn add(&mut self, aggregate: &Aggregate, env: &Env<'_>) -> Result<(), OraError> {
        let conversion = &env.cx.conversion;
        let Some(argument) = &aggregate.argument else {
            self.count += 1;
            return Ok(());
        };
        let value = argument.eval(env)?;
        if value.is_null() {
            return Ok(());
        }
        if aggregate.distinct {
            let mut key = Vec::new();
            hash_key(&value, argument.kind == Kind::Char, &mut key);
            if !self.seen.insert(key) {
                return Ok(());
            }
        }
        self.count += 1;
        match aggregate.function {
            AggregateFunction::Count => {}
            AggregateFunction::Sum | AggregateFunction::Avg => {
                if matches!(argument.kind, Kind::Float | Kind::Double) {
                    self.double += conversion.to_double(&value, argument.kind)?.unwrap_or(0.0);
                } else if let Some(d) = conversion.to_decimal(&value, argument.kind)? {
                    self.sum = self.sum.add(&d);
                }
            }
            AggregateFunction::Min | AggregateFunction::Max => {
                let wanted =
                    if aggregate.function == AggregateFunction::Min { Ordering::Less } else { Ordering::Greater };
                let kind = argument.kind;
                if self.best.is_null() || conversion.compare(&value, kind, &self.best, kind)? == Some(wanted) {
                    self.best = value.into_owned();
                }
            }
            AggregateFunction::ListAgg => {
                let text = conversion.to_text(&value, argument.kind)?.map_or_else(String::new, Cow::into_owned);
                let mut keys = Vec::with_capacity(aggregate.order.len());
                for (key, _) in &aggregate.order {
                    keys.push(key.eval(env)?.into_owned());
                }
                if let Some(separator) = &aggregate.separator {
                    let value = separator.eval(env)?;
                    self.separator =
                        conversion.to_text(&value, separator.kind)?.map_or_else(String::new, Cow::into_owned);
                }
                self.list.push((keys, text));
            }
        }
        Ok(())
    }

    fn finish(mut self, aggregate: &Aggregate) -> Result<Value, OraError> {
        let double = aggregate.argument.as_ref().is_some_and(|a| matches!(a.kind, Kind::Float | Kind::Double));
        match aggregate.function {
            AggregateFunction::Count => Ok(integer(self.count)),
            _ if self.count == 0 => Ok(Value::Null),
            AggregateFunction::Sum if double => Ok(Value::Double(self.double)),
            AggregateFunction::Sum => number_value(&self.sum),
            AggregateFunction::Avg if double => {
                let count = Decimal::from(self.count).to_f64();
                Ok(Value::Double(self.double / count))
            }
            AggregateFunction::Avg => number_value(&self.sum.divide(&Decimal::from(self.count))?),
            AggregateFunction::Min | AggregateFunction::Max => Ok(self.best),
            AggregateFunction::ListAgg => {
                self.list.sort_by(|(a, _), (b, _)| {
                    let keys = aggregate.order.iter().map(|(_, key)| key);
                    compare_by(keys.zip(a.iter().zip(b)))
                });
                let texts: Vec<String> = self.list.into_iter().map(|(_, t)| t).collect();
                let text = texts.join(&self.separator);
                if text.len() > 4000 {
                    return Err(ora(1489, "result of string concatenation is too long"));
                }
                Ok(text_value(text))
            }
        }
    }
}

fn group_rows(
    group: &GroupPlan,
    rows: NumberedRows,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
) -> Result<Vec<Vec<Value>>, OraError> {
    let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Value>, Vec<State>)> = Vec::new();
    let states = || group.aggregates.iter().map(|_| State::new()).collect::<Vec<_>>();
    if group.keys.is_empty() {
        index.insert(Vec::new(), 0);
        groups.push((Vec::new(), states()));
    }
    for row in rows {
        let (row, row_num) = row?;
        let env = Env { row_num, ..cx.env(&row, outer) };
        let mut key = Vec::new();
        let mut values = Vec::with_capacity(group.keys.len());
        for typed in &group.keys {
            let value = typed.eval(&env)?;
            hash_key(&value, false, &mut key);
            values.push(value.into_owned());
        }
        let at = *index.entry(key).or_insert_with(|| {
            groups.push((values, states()));
            groups.len() - 1
        });
        for (state, aggregate) in groups[at].1.iter_mut().zip(&group.aggregates) {
            state.add(aggregate, &env)?;
        }
    }
    let mut out = Vec::with_capacity(groups.len());
    for (mut values, states) in groups {
        for (state, aggregate) in states.into_iter().zip(&group.aggregates) {
            values.push(state.finish(aggregate)?);
        }
        out.push(values);
    }
    Ok(out)
}

// --- queries ---------------------------------------------------------------------------------------------------

fn compare_by<'k>(keys: impl Iterator<Item = (&'k SortKey, (&'k Value, &'k Value))>) -> Ordering {
    for (key, (a, b)) in keys {
        let ordering = match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if key.nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if key.nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) => {
                let ordering = sort_order(a, b, key.kind);
                if key.descending { ordering.reverse() } else { ordering }
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

fn count_of(e: &Typed, cx: &Arc<Cx>, outer: &Arc<[Value]>) -> Result<usize, OraError> {
    let env = cx.env(&[], outer);
    let value = e.eval(&env)?;
    let count = cx.conversion.to_decimal(&value, e.kind)?.unwrap_or_default();
    let most = i64::MAX;
    Ok(usize::try_from(count.trunc(0).to_i64().unwrap_or(most).max(0)).unwrap_or(usize::MAX))
}

/// Sorts, cuts to the visible columns, skips and limits.
fn finished(plan: &QueryPlan, rows: RowIter, cx: &Arc<Cx>, outer: &Arc<[Value]>) -> Result<RowIter, OraError> {
    let visible = plan.columns.len();
    let mut rows = rows;
    if !plan.order.is_empty() {
        let mut all = rows.collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| compare_by(plan.order.iter().map(|k| (k, (&a[k.index], &b[k.index])))));
        rows = Box::new(all.into_iter().map(move |mut row| {
            row.truncate(visible);
            Ok(row)
        }));
    }
    if let Some(skip) = &plan.skip {
        let skip = count_of(skip, cx, outer)?;
        rows = Box::new(rows.skip(skip));
    }
    if let Some(fetch) = &plan.fetch {
        let fetch = count_of(fetch, cx, outer)?;
        rows = Box::new(rows.take(fetch));
    }
    Ok(rows)
}

/// The rows of a query. `repeat`: it will run again in this execution, so tables are kept.
pub(super) fn query_rows(
    plan: &Arc<QueryPlan>,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
    repeat: bool,
) -> Result<RowIter, OraError> {
    let rows: RowIter = match &plan.body {
        Body::Select(select) => select_rows(select, cx, outer, repeat)?,
        Body::Set { operator, left, right } => {
            let left_rows = set_side(plan, left, cx, outer, repeat)?;
            let right_rows = set_side(plan, right, cx, outer, repeat)?;
            let width = plan.columns.len();
            match operator {
                SetOperator::UnionAll => Box::new(left_rows.chain(right_rows)),
                SetOperator::Union => Box::new(unique(left_rows.chain(right_rows), width)),
                SetOperator::Intersect | SetOperator::Minus => {
                    let wanted = *operator == SetOperator::Intersect;
                    let mut other = HashSet::new();
                    for row in right_rows {
                        other.insert(row_key(&row?));
                    }
                    Box::new(unique(left_rows, width).filter(move |row| match row {
                        Ok(row) => other.contains(&row_key(row)) == wanted,
                        Err(_) => true,
                    }))
                }
            }
        }
    };
    finished(plan, rows, cx, outer)
}

/// One side of a set operator, its values in the common types.
fn set_side(
    whole: &Arc<QueryPlan>,
    side: &Arc<QueryPlan>,
    cx: &Arc<Cx>,
    outer: &Arc<[Value]>,
    repeat: bool,
) -> Result<RowIter, OraError> {
    let rows = query_rows(side, cx, outer, repeat)?;
    if whole.kinds == side.kinds {
        return Ok(rows);
    }
    let (whole, side, cx) = (whole.clone(), side.clone(), cx.clone());
    Ok(Box::new(rows.map(move |row| {
        let mut row = row?;
        for (i, value) in row.iter_mut().enumerate() {
            let (from, to) = (side.kinds[i], whole.kinds[i]);
            if from != to && to != Kind::Unknown {
                *value = convert_kind(&cx.conversion, Cow::Owned(std::mem::take(value)), from, to)?.into_owned();
            }
        }
        Ok(row)
    })))
}

/// Values of the statement's sequences for one row: each NEXTVAL once, however often it is written.
pub(super) fn next_sequences(registry: &Registry, storage: &mut dyn Storage) -> Result<Vec<Value>, OraError> {
    let mut values = vec![Value::Null; registry.sequences.len()];
    for (i, s) in registry.sequences.iter().enumerate().filter(|(_, s)| s.next) {
        values[i] = storage.next_value(s.owner.as_deref(), &s.name)?;
    }
    for (i, s) in registry.sequences.iter().enumerate().filter(|(_, s)| !s.next) {
        values[i] = storage.current_value(s.owner.as_deref(), &s.name)?;
    }
    Ok(values)
}

/// Whether its select list has NEXTVAL or CURRVAL.
pub(super) fn query_uses_sequences(plan: &QueryPlan) -> bool {
    match &plan.body {
        Body::Select(select) => select.project.iter().any(|t| refs_of(t).sequence),
        Body::Set { .. } => false,
    }
}

/// Like [`query_rows`] for a whole statement, with sequences where the select list has them: then all rows at once.
pub(super) fn statement_rows(
    plan: &Arc<QueryPlan>,
    registry: &Arc<Registry>,
    cx: &Arc<Cx>,
    storage: &mut dyn Storage,
) -> Result<RowIter, OraError> {
    let outer: Arc<[Value]> = Arc::from([]);
    match &plan.body {
        Body::Select(select) if query_uses_sequences(plan) => {
            let sources = source_rows(select, cx, &outer, false)?.collect::<Result<Vec<_>, _>>()?;
            let mut rows = Vec::with_capacity(sources.len());
            for (row, row_num) in sources {
                let sequences = next_sequences(registry, storage)?;
                let env = Env { row_num, sequences: &sequences, ..cx.env(&row, &outer) };
                let mut out = Vec::with_capacity(select.project.len());
                for typed in &select.project {
                    out.push(typed.eval(&env)?.into_owned());
                }
                rows.push(Ok(out));
            }
            finished(plan, Box::new(rows.into_iter()), cx, &outer)
        }
        _ => query_rows(plan, cx, &outer, false),
    }
}

/// `SELECT … FOR UPDATE`: locks the rows of every stored table in FROM.
pub(super) fn locked_rows(
    plan: &Arc<QueryPlan>,
    registry: &Arc<Registry>,
    cx: &Arc<Cx>,
    storage: &mut dyn Storage,
) -> Result<Vec<Vec<Value>>, OraError> {
    let outer: Arc<[Value]> = Arc::from([]);
    let select = match &plan.body {
        Body::Select(select) if select.group.is_none() && !select.distinct => select,
        _ => return Err(ora(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")),
    };
    let sources = source_rows(select, cx, &outer, false)?.collect::<Result<Vec<_>, _>>()?;
    for (leaf, start, count) in &select.tables {
        let relation = &registry.leaves[*leaf].relation;
        if relation.kind != RelationKind::Table {
            continue;
        }
        let mut seen = HashSet::new();
        let mut rows = Vec::with_capacity(sources.len());
        for (row, _) in &sources {
            if let Value::Text(id) = &row[start + count]
                && seen.insert(id.clone())
            {
                rows.push(Row { row_id: Some(id.clone()), values: row[*start..start + count].to_vec() });
            }
        }
        storage.lock(relation, &rows)?;
    }
    let rows = projected(select, Box::new(sources.into_iter().map(Ok)), cx, &outer)?;
    finished(plan, rows, cx, &outer)?.collect()
}

// --- subqueries ------------------------------------------------------------------------------------------------

fn remembered(
    query: &Subquery,
    env: &Env<'_>,
    run: impl FnOnce(RowIter) -> Result<Remembered, OraError>,
) -> Result<Remembered, OraError> {
    let mut captured = Vec::with_capacity(query.captures.len());
    for capture in &query.captures {
        captured.push(capture.eval(env)?.into_owned());
    }
    let key = row_key(&captured);
    if let Some(found) = lock(&env.cx.subqueries[query.id]).get(&key) {
        return Ok(found.clone());
    }
    let repeat = !captured.is_empty();
    let result = run(query_rows(&query.plan, env.cx, &captured.into(), repeat)?)?;
    let mut known = lock(&env.cx.subqueries[query.id]);
    if known.len() < REMEMBERED {
        known.insert(key, result.clone());
    }
    Ok(result)
}

pub(super) fn scalar(query: &Subquery, env: &Env<'_>) -> Result<Value, OraError> {
    let result = remembered(query, env, |mut rows| {
        let value = match rows.next().transpose()? {
            Some(row) => row.into_iter().next().unwrap_or_default(),
            None => Value::Null,
        };
        if rows.next().transpose()?.is_some() {
            return Err(ora(1427, "single-row subquery returns more than one row"));
        }
        Ok(Remembered::Scalar(value))
    })?;
    Ok(match result {
        Remembered::Scalar(value) => value,
        _ => Value::Null,
    })
}

pub(super) fn exists(query: &Subquery, env: &Env<'_>) -> Result<bool, OraError> {
    let result = remembered(query, env, |mut rows| Ok(Remembered::Exists(rows.next().transpose()?.is_some())))?;
    Ok(matches!(result, Remembered::Exists(true)))
}

pub(super) fn subquery_rows(query: &Subquery, env: &Env<'_>) -> Result<Arc<RowSet>, OraError> {
    let result = remembered(query, env, |rows| {
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let any_null = rows.iter().flatten().any(Value::is_null);
        Ok(Remembered::Rows(Arc::new(RowSet { hashed: None, rows, any_null })))
    })?;
    match result {
        Remembered::Rows(rows) => Ok(rows),
        _ => Err(ora(600, "internal error code, arguments: [subquery]")),
    }
}

/// IN of a long list of values known beforehand. The outer `None`: they cannot be hashed, compare one by one.
pub(super) fn in_hashed_list(
    place: usize,
    kind: Kind,
    value: &Value,
    list: &[Vec<Typed>],
    env: &Env<'_>,
) -> Result<Option<Option<bool>>, OraError> {
    let Some(slot) = env.cx.lists.get(place) else { return Ok(None) };
    let hashed = match slot.get() {
        Some(hashed) => hashed,
        None => {
            let made = hash_list(kind, list, env)?;
            slot.get_or_init(|| made)
        }
    };
    let Some(hashed) = hashed else { return Ok(None) };
    let mut key = Vec::new();
    if !hash_key(value, hashed.padded, &mut key) {
        return Ok(Some(None));
    }
    Ok(Some(match (hashed.keys.contains(&key), hashed.any_null) {
        (true, _) => Some(true),
        (false, true) => None,
        (false, false) => Some(false),
    }))
}

fn hash_list(kind: Kind, list: &[Vec<Typed>], env: &Env<'_>) -> Result<Option<HashedList>, OraError> {
    let mut hashed = HashedList { keys: HashSet::with_capacity(list.len()), padded: false, any_null: false };
    let mut padding = None;
    for typed in list.iter().flatten() {
        let value = typed.eval(env)?;
        if value.is_null() {
            hashed.any_null = true;
            continue;
        }
        let Some(padded) = hashable(kind, typed.kind.or_of(&value)) else { return Ok(None) };
        if *padding.get_or_insert(padded) != padded {
            return Ok(None);
        }
        let mut key = Vec::new();
        hash_key(&value, padded, &mut key);
        hashed.keys.insert(key);
    }
    hashed.padded = padding.unwrap_or(false);
    Ok(Some(hashed))
}

pub(super) fn in_query(
    value: &[Typed],
    values: &[Cow<'_, Value>],
    query: &Subquery,
    env: &Env<'_>,
) -> Result<Option<bool>, OraError> {
    let padded: Option<Vec<bool>> = value.iter().zip(&query.plan.kinds).map(|(v, k)| hashable(v.kind, *k)).collect();
    let result = remembered(query, env, |rows| {
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let any_null = rows.iter().flatten().any(Value::is_null);
        let hashed = padded.as_ref().map(|padded| {
            let keys = rows.iter().map(|row| {
                let mut bytes = Vec::new();
                row.iter().zip(padded).for_each(|(v, p)| {
                    hash_key(v, *p, &mut bytes);
                });
                bytes
            });
            keys.collect()
        });
        Ok(Remembered::Rows(Arc::new(RowSet { rows, hashed, any_null })))
    })?;
    let Remembered::Rows(set) = result else {
        return Err(ora(600, "internal error code, arguments: [subquery]"));
    };
    if set.rows.is_empty() {
        return Ok(Some(false));
    }
    if let (Some(hashed), Some(padded)) = (&set.hashed, &padded)
        && values.iter().all(|v| !v.is_null())
    {
        let mut bytes = Vec::new();
        values.iter().zip(padded).for_each(|(v, p)| {
            hash_key(v, *p, &mut bytes);
        });
        if hashed.contains(&bytes) {
            return Ok(Some(true));
        }
        if !set.any_null {
            return Ok(Some(false));
        }
    }
    let mut result = Some(false);
    for row in &set.rows {
        let mut equal = Some(true);
        for ((v, e), (c, k)) in values.iter().zip(value).zip(row.iter().zip(&query.plan.kinds)) {
            match env.cx.conversion.compare(v, e.kind, c, *k)? {
                Some(Ordering::Equal) => {}
                Some(_) => {
                    equal = Some(false);
                    break;
                }
                None => equal = None,
            }
        }
        match equal {
            Some(true) => return Ok(Some(true)),
            None => result = None,
            Some(false) => {}
        }
    }
    Ok(result)
}

/// A value in the form that the statement's description promised.
pub(super) fn described(rows: RowIter, plan: &QueryPlan, conversion: &Conversion) -> RowIter {
    let unknown: Vec<usize> = (0..plan.kinds.len()).filter(|i| plan.kinds[*i] == Kind::Unknown).collect();
    if unknown.is_empty() {
        return rows;
    }
    let conversion = conversion.clone();
    Box::new(rows.map(move |row| {
        let mut row = row?;
        for i in &unknown {
            let value = std::mem::take(&mut row[*i]);
            let kind = Kind::of_value(&value);
            row[*i] = conversion.to_text(&value, kind)?.map_or(Value::Null, |t| convert::text_value(t.into_owned()));
        }
        Ok(row)
    }))
}

/// Each fetch is a call with a time limit of its own.
pub(super) fn timed(mut rows: RowIter, cx: &Arc<Cx>, timeout: Option<Duration>) -> RowIter {
    let Some(timeout) = timeout else { return rows };
    let cx = cx.clone();
    Box::new(std::iter::from_fn(move || {
        *lock(&cx.deadline) = Some(Instant::now() + timeout);
        rows.next()
    }))
}

/// The type that is described for an expression without one.
pub(super) fn described_type(ty: Option<&OracleType>) -> OracleType {
    ty.cloned().unwrap_or_else(|| super::functions::varchar(4000))
}
