//! From syntax to plans: names, types, joins.

use super::ast::*;
use super::convert::{Kind, inconsistent};
use super::expr::{Clock, Cond, Expr as Bound, Field, Subquery, Typed, arithmetic_kind};
use super::functions::{self, NUMBER, byte_length, varchar};
use super::plan::*;
use super::{error_at, parser};
use crate::OraError;
use crate::engine::storage::{Relation, RelationKind, Storage};
use std::cell::RefCell;
use std::sync::Arc;
use type_convert::{LengthUnit, OracleType, Value};

mod query;

pub(super) use query::{hashable, is_untyped};

/// Plans larger than this are refused: views and WITH queries are planned anew wherever they occur.
const MAX_SOURCES: usize = 1000;

/// Lists of IN longer than this are hashed.
const HASHED_LIST: usize = 8;

type Compile<T> = Result<T, OraError>;

/// A column that a name can mean.
#[derive(Debug, Clone)]
pub(super) struct ScopeColumn {
    name: String,
    ty: Option<OracleType>,
    kind: Kind,
    nullable: bool,
    /// Its place in the row.
    index: usize,
    /// No part of `*`.
    invisible: bool,
}

#[derive(Debug, Clone)]
pub(super) struct ScopeTable {
    /// Alias or name.
    name: Option<String>,
    /// Only where there is no alias.
    owner: Option<String>,
    columns: Arc<Vec<ScopeColumn>>,
    row_id: Option<usize>,
}

/// A column of `USING`.
#[derive(Debug, Clone)]
struct Merged {
    name: String,
    value: Typed,
    hidden: Vec<usize>,
}

/// How a subquery reaches the query around it.
pub(super) struct Link<'p> {
    parent: Option<&'p Scope<'p>>,
    captures: RefCell<Vec<Typed>>,
}

impl Link<'_> {
    pub(super) fn none() -> Self {
        Link { parent: None, captures: RefCell::default() }
    }
}

#[derive(Default)]
struct GroupScope {
    keys: Vec<Typed>,
    aggregates: Vec<Aggregate>,
}

/// The names that an expression can use.
pub(super) struct Scope<'p> {
    tables: Vec<ScopeTable>,
    merged: Vec<Merged>,
    link: &'p Link<'p>,
    /// Where LEVEL is, in a query with CONNECT BY.
    level: Option<usize>,
    /// Names of the select list, known in ORDER BY only.
    aliases: RefCell<Vec<(String, Typed)>>,
    /// Within a grouped query's select list.
    group: RefCell<Option<GroupScope>>,
}

#[derive(Clone)]
struct CteDef {
    name: String,
    columns: Vec<Ident>,
    query: Arc<Query>,
}

pub(super) struct Compiler<'s> {
    storage: &'s dyn Storage,
    pub(super) registry: Registry,
    /// Whose names come first: a view's owner.
    owner: Option<String>,
    /// Package constants are known in PL/SQL only.
    pub(super) plsql: bool,
    /// NEXTVAL and CURRVAL may stand here.
    pub(super) sequences: bool,
    /// WITH queries that can be named here.
    ctes: Vec<CteDef>,
    view_depth: usize,
    sources: usize,
}

impl<'s> Scope<'s> {
    pub(super) fn empty(link: &'s Link<'s>) -> Self {
        Scope {
            tables: Vec::new(),
            merged: Vec::new(),
            link,
            level: None,
            aliases: RefCell::default(),
            group: RefCell::new(None),
        }
    }

    /// The columns of one relation, from the row's first value on, and its ROWID after them.
    pub(super) fn of_relation(relation: &Relation, alias: Option<&str>, link: &'s Link<'s>) -> Self {
        Scope { tables: vec![ScopeTable::of_relation(relation, alias, 0)], ..Scope::empty(link) }
    }

    pub(super) fn add(&mut self, table: ScopeTable) {
        self.tables.push(table);
    }
}

impl ScopeTable {
    pub(super) fn of_relation(relation: &Relation, alias: Option<&str>, start: usize) -> Self {
        let columns: Vec<_> = relation
            .columns
            .iter()
            .enumerate()
            .map(|(i, c)| ScopeColumn {
                name: c.name.clone(),
                kind: Kind::of_type(&c.oracle_type),
                ty: Some(c.oracle_type.clone()),
                nullable: c.nullable,
                index: start + i,
                invisible: relation.invisible.contains(&i),
            })
            .collect();
        ScopeTable {
            name: Some(alias.unwrap_or(&relation.name).to_owned()),
            owner: if alias.is_some() { None } else { Some(relation.owner.clone()) },
            row_id: (relation.kind == RelationKind::Table).then_some(start + columns.len()),
            columns: Arc::new(columns),
        }
    }
}

impl ScopeTable {
    /// The columns that a query puts out, by their names alone.
    pub(super) fn of_plan(plan: &QueryPlan) -> Self {
        let columns = plan.columns.iter().zip(&plan.kinds).enumerate().map(|(index, (c, kind))| ScopeColumn {
            name: c.name.clone(),
            ty: c.ty.clone(),
            kind: *kind,
            nullable: c.nullable,
            index,
            invisible: false,
        });
        ScopeTable { name: None, owner: None, columns: Arc::new(columns.collect()), row_id: None }
    }
}

impl<'s> Compiler<'s> {
    pub(super) fn new(storage: &'s dyn Storage) -> Self {
        Compiler {
            storage,
            registry: Registry::default(),
            owner: None,
            plsql: false,
            sequences: false,
            ctes: Vec::new(),
            view_depth: 0,
            sources: 0,
        }
    }

    // --- relations ---------------------------------------------------------------------------------------------

    pub(super) fn relation(&mut self, table: &TableName) -> Compile<Arc<Relation>> {
        let owner = table.owner.as_ref().map(|o| o.text.as_str());
        let name = table.name.text.as_str();
        let mut found = None;
        if owner.is_none()
            && let Some(view_owner) = self.owner.clone()
        {
            found = self.storage.relation(Some(&view_owner), name)?.map(|r| (Some(view_owner), r));
        }
        if found.is_none() {
            found = self.storage.relation(owner, name)?.map(|r| (owner.map(str::to_owned), r));
        }
        let offset = table.owner.as_ref().unwrap_or(&table.name).offset;
        let Some((owner, relation)) = found else {
            return Err(error_at(942, "table or view does not exist", offset));
        };
        self.registry.relations.push((owner, name.to_owned(), relation.clone()));
        Ok(relation)
    }

    fn new_leaf(&mut self, relation: &Arc<Relation>, as_of: Option<Typed>) -> Compile<usize> {
        let mut virtuals = Vec::new();
        let link = Link::none();
        let scope = Scope::of_relation(relation, None, &link);
        for (i, text) in relation.virtuals.iter().enumerate() {
            if let Some(text) = text {
                let expr = parser::parse_expression(text)?;
                virtuals.push((i, self.scalar(&expr, &scope)?));
            }
        }
        self.registry.leaves.push(LeafSpec { relation: relation.clone(), as_of, lookup: LookupSpec::All, virtuals });
        Ok(self.registry.leaves.len() - 1)
    }

    // --- names -------------------------------------------------------------------------------------------------

    fn lookup(&self, scope: &Scope<'_>, name: &[Ident]) -> Compile<Option<Typed>> {
        let (Some(column), qualifier) = (name.last(), &name[..name.len() - 1]) else { return Ok(None) };
        let mut found: Option<Typed> = None;
        if qualifier.is_empty()
            && let Some(merged) = scope.merged.iter().find(|m| m.name == column.text)
        {
            return Ok(Some(merged.value.clone()));
        }
        if let Some(level) = scope.level.filter(|_| qualifier.is_empty() && column.text == "LEVEL" && !column.quoted) {
            return Ok(Some(Typed::new(Bound::Column(level), NUMBER, false)));
        }
        let mut several = false;
        for table in &scope.tables {
            let matches = match qualifier {
                [] => true,
                [t] => table.name.as_deref() == Some(t.text.as_str()),
                [o, t] => {
                    table.name.as_deref() == Some(t.text.as_str()) && table.owner.as_deref() == Some(o.text.as_str())
                }
                _ => false,
            };
            if !matches {
                continue;
            }
            if column.text == "ROWID" && !column.quoted {
                if let Some(index) = table.row_id {
                    several |= found.is_some();
                    found = Some(Typed::new(Bound::Column(index), OracleType::RowId, false));
                }
                continue;
            }
            for c in table.columns.iter().filter(|c| c.name == column.text) {
                several |= found.is_some();
                found =
                    Some(Typed { expr: Bound::Column(c.index), ty: c.ty.clone(), kind: c.kind, nullable: c.nullable });
            }
        }
        if several {
            return Err(error_at(918, "column ambiguously defined", name.first().map_or(0, |n| n.offset)));
        }
        Ok(found)
    }

    fn resolve(&self, scope: &Scope<'_>, name: &[Ident]) -> Compile<Option<Typed>> {
        if let Some(found) = self.lookup(scope, name)? {
            if let Some(group) = scope.group.borrow().as_ref() {
                let Some(key) = group.keys.iter().position(|k| k.expr == found.expr) else {
                    let offset = name.first().map_or(0, |n| n.offset);
                    return Err(error_at(979, "not a GROUP BY expression", offset));
                };
                return Ok(Some(Typed { expr: Bound::Column(key), ..found }));
            }
            return Ok(Some(found));
        }
        if let [one] = name
            && let Some((_, alias)) = scope.aliases.borrow().iter().find(|(n, _)| *n == one.text)
        {
            return Ok(Some(alias.clone()));
        }
        let Some(parent) = scope.link.parent else { return Ok(None) };
        let Some(found) = self.resolve(parent, name)? else { return Ok(None) };
        let mut captures = scope.link.captures.borrow_mut();
        let index = captures.iter().position(|c| c.expr == found.expr).unwrap_or_else(|| {
            captures.push(found.clone());
            captures.len() - 1
        });
        Ok(Some(Typed { expr: Bound::Outer(index), ..found }))
    }

    fn invalid_identifier(name: &[Ident]) -> OraError {
        let text: Vec<String> = name.iter().map(|n| format!("\"{}\"", n.text)).collect();
        error_at(904, &format!("{}: invalid identifier", text.join(".")), name.first().map_or(0, |n| n.offset))
    }

    fn name(&mut self, name: &[Ident], scope: &Scope<'_>) -> Compile<Typed> {
        let tz = |clock, precision| Typed::new(Bound::Clock(clock), OracleType::TimestampTz { precision }, false);
        if let [one] = name
            && !one.quoted
        {
            match one.text.as_str() {
                "SYSDATE" => return Ok(Typed::new(Bound::Clock(Clock::SysDate), OracleType::Date, false)),
                "CURRENT_DATE" => return Ok(Typed::new(Bound::Clock(Clock::CurrentDate), OracleType::Date, false)),
                "SYSTIMESTAMP" => return Ok(tz(Clock::SysTimestamp, 6)),
                "CURRENT_TIMESTAMP" => return Ok(tz(Clock::CurrentTimestamp, 6)),
                "LOCALTIMESTAMP" => {
                    let ty = OracleType::Timestamp { precision: 6 };
                    return Ok(Typed::new(Bound::Clock(Clock::LocalTimestamp), ty, false));
                }
                "TRUE" | "FALSE" if self.plsql => {
                    let value = Value::Boolean(one.text == "TRUE");
                    return Ok(Typed::new(Bound::Const(value), OracleType::Boolean, false));
                }
                "ROWNUM" => return Ok(Typed::new(Bound::RowNum, NUMBER, false)),
                "USER" => return Ok(Typed::new(Bound::User, varchar(128), true)),
                "UID" => {
                    let context = self.context("SESSION_USERID");
                    let number = Typed::new(context, varchar(4000), true);
                    return Ok(Typed::new(Bound::Convert(Box::new(number), Kind::Number), NUMBER, true));
                }
                "SESSIONTIMEZONE" => return Ok(Typed::new(Bound::SessionZone, varchar(75), true)),
                "DBTIMEZONE" => {
                    return Ok(Typed::new(Bound::Const(Value::Text("+00:00".to_owned())), varchar(6), true));
                }
                _ => {}
            }
        }
        if let Some(found) = self.resolve(scope, name)? {
            return Ok(found);
        }
        if name.len() > 1
            && let Some(found) = self.attribute(scope, name)?
        {
            return Ok(found);
        }
        let words: Vec<&str> = name.iter().filter(|n| !n.quoted).map(|n| n.text.as_str()).collect();
        let words = if words.len() == name.len() { words } else { Vec::new() };
        if let [qualifier @ .., last @ ("NEXTVAL" | "CURRVAL")] = words.as_slice()
            && let [.., sequence] = &name[..qualifier.len()]
        {
            if !self.sequences {
                return Err(error_at(2287, "sequence number not allowed here", name[0].offset));
            }
            let owner = if qualifier.len() > 1 { Some(name[0].text.clone()) } else { None };
            return Ok(self.sequence(owner, sequence.text.clone(), *last == "NEXTVAL"));
        }
        // A quoted sequence name: "S".NEXTVAL.
        if let [.., sequence, last] = name
            && !last.quoted
            && matches!(last.text.as_str(), "NEXTVAL" | "CURRVAL")
            && name.len() <= 3
        {
            if !self.sequences {
                return Err(error_at(2287, "sequence number not allowed here", name[0].offset));
            }
            let owner = if name.len() == 3 { Some(name[0].text.clone()) } else { None };
            return Ok(self.sequence(owner, sequence.text.clone(), last.text == "NEXTVAL"));
        }
        let words = words.strip_prefix(&["SYS"]).unwrap_or(&words);
        match words {
            ["DBMS_FLASHBACK", "GET_SYSTEM_CHANGE_NUMBER"] => {
                self.registry.current_scn = true;
                return Ok(Typed::new(Bound::CurrentScn, NUMBER, false));
            }
            ["DBMS_LOGMNR" | "DBMS_LOGMNR_D", constant] if self.plsql => {
                if let Some(value) = logmnr_constant(constant) {
                    return Ok(Typed::new(Bound::Const(Value::Number(value.into())), NUMBER, false));
                }
            }
            _ => {}
        }
        // Functions without arguments need no parentheses.
        if let Some(function) = functions::find(&words.join(".")).filter(|f| f.min == 0) {
            return Ok(Typed::new(Bound::Call(function, Vec::new()), (function.ty)(&[]), true));
        }
        if self.plsql && words.len() > 1 {
            let text = format!("line 1, column 1: PLS-00201: identifier '{}' must be declared", words.join("."));
            return Err(error_at(6550, &text, name[0].offset));
        }
        Err(Self::invalid_identifier(name))
    }

    fn context(&mut self, parameter: &str) -> Bound {
        let contexts = &mut self.registry.contexts;
        let index = contexts.iter().position(|c| c == parameter).unwrap_or_else(|| {
            contexts.push(parameter.to_owned());
            contexts.len() - 1
        });
        Bound::Context(index)
    }

    fn sequence(&mut self, owner: Option<String>, name: String, next: bool) -> Typed {
        let sequence = SequenceRef { owner, name, next };
        let sequences = &mut self.registry.sequences;
        let index = sequences.iter().position(|s| *s == sequence).unwrap_or_else(|| {
            sequences.push(sequence);
            sequences.len() - 1
        });
        Typed::new(Bound::Sequence(index), NUMBER, false)
    }

    // --- scalars -----------------------------------------------------------------------------------------------

    /// A whole expression of a grouped query may be a key of its GROUP BY.
    fn group_key(&mut self, e: &Expr, scope: &Scope<'_>) -> Option<Typed> {
        let has_keys =
            scope.group.borrow().as_ref().is_some_and(|g| g.keys.iter().any(|k| !matches!(k.expr, Bound::Column(_))));
        if !has_keys || contains(e, &|k| matches!(k, ExprKind::Subquery(_)) || is_aggregate(k)) {
            return None;
        }
        let group = scope.group.take();
        let plain = self.scalar(e, scope);
        scope.group.replace(group);
        let plain = plain.ok()?;
        let key = scope.group.borrow().as_ref().and_then(|g| g.keys.iter().position(|k| k.expr == plain.expr))?;
        Some(Typed { expr: Bound::Column(key), ..plain })
    }

    pub(super) fn scalar(&mut self, e: &Expr, scope: &Scope<'_>) -> Compile<Typed> {
        let place =
            |error: OraError| if error.offset == 0 { error_at(error.code, &error.message, e.offset) } else { error };
        if !matches!(e.kind.as_ref(), ExprKind::Name(_))
            && let Some(key) = self.group_key(e, scope)
        {
            return Ok(key);
        }
        match e.kind.as_ref() {
            ExprKind::Null => Ok(Typed::null()),
            ExprKind::Default => Err(error_at(936, "missing expression", e.offset)),
            ExprKind::Number(n) => Ok(Typed::new(Bound::Const(Value::Number(*n)), NUMBER, false)),
            ExprKind::Float(f) => Ok(Typed::new(Bound::Const(Value::Float(*f)), OracleType::BinaryFloat, false)),
            ExprKind::Double(d) => Ok(Typed::new(Bound::Const(Value::Double(*d)), OracleType::BinaryDouble, false)),
            ExprKind::Text(text) if text.is_empty() => Ok(Typed::null()),
            ExprKind::Text(text) => {
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                if length > 32767 {
                    return Err(error_at(1704, "string literal too long", e.offset));
                }
                let ty = OracleType::Char { length, unit: LengthUnit::Byte };
                Ok(Typed::new(Bound::Const(Value::Text(text.clone())), ty, false))
            }
            ExprKind::Date(d) => Ok(Typed::new(Bound::Const(Value::DateTime(*d)), OracleType::Date, false)),
            ExprKind::Timestamp(d, precision) => {
                let ty = OracleType::Timestamp { precision: *precision };
                Ok(Typed::new(Bound::Const(Value::DateTime(*d)), ty, false))
            }
            ExprKind::TimestampTz(d, offset, precision) => {
                let ty = OracleType::TimestampTz { precision: *precision };
                Ok(Typed::new(Bound::Const(Value::DateTimeTz(*d, *offset)), ty, false))
            }
            ExprKind::IntervalYm(i) => {
                let ty = OracleType::IntervalYm { year_precision: 9 };
                Ok(Typed::new(Bound::Const(Value::IntervalYm(*i)), ty, false))
            }
            ExprKind::IntervalDs(i) => {
                let ty = OracleType::IntervalDs { day_precision: 9, second_precision: 9 };
                Ok(Typed::new(Bound::Const(Value::IntervalDs(*i)), ty, false))
            }
            ExprKind::Bind(i) => Ok(Typed { expr: Bound::Bind(*i), ty: None, kind: Kind::Unknown, nullable: true }),
            ExprKind::Name(name) => self.name(name, scope),
            ExprKind::OuterJoined(inner) => self.scalar(inner, scope),
            ExprKind::Negate(inner) => {
                let inner = self.scalar(inner, scope)?;
                match inner.kind {
                    Kind::IntervalDs | Kind::IntervalYm | Kind::Double | Kind::Float => {
                        let ty = inner.ty.clone().unwrap_or(NUMBER);
                        Ok(Typed::new(Bound::Negate(Box::new(inner)), ty, true))
                    }
                    k if k.is_numeric() || k.is_text() || k == Kind::Unknown => {
                        let nullable = inner.nullable;
                        Ok(Typed::new(Bound::Negate(Box::new(inner)), NUMBER, nullable))
                    }
                    k => Err(place(inconsistent("NUMBER", k.name()))),
                }
            }
            ExprKind::Concat(list) => {
                let list = self.scalars(list, scope)?;
                if let Some(bad) = list.iter().find(|t| matches!(t.kind, Kind::Blob | Kind::Other)) {
                    return Err(place(inconsistent("CHAR", bad.kind.name())));
                }
                let length = list.iter().fold(0u32, |n, t| n.saturating_add(byte_length(t.ty.as_ref())));
                let ty = if list.iter().any(|t| t.kind == Kind::Clob) {
                    OracleType::Clob
                } else if list.iter().all(|t| t.kind == Kind::Raw) {
                    OracleType::Raw { length: (length / 2).clamp(1, 2000) }
                } else {
                    varchar(length)
                };
                let nullable = list.iter().all(|t| t.nullable);
                Ok(Typed::new(Bound::Concat(list), ty, nullable))
            }
            ExprKind::Arithmetic(first, rest) => {
                let first = self.scalar(first, scope)?;
                let (mut kind, mut nullable) = (first.kind, first.nullable);
                let mut steps = Vec::with_capacity(rest.len());
                for (operator, operand) in rest {
                    let operand = self.scalar(operand, scope)?;
                    kind = arithmetic_kind(*operator, kind, operand.kind).map_err(place)?;
                    nullable |= operand.nullable;
                    steps.push((*operator, operand, kind));
                }
                let ty = type_of_kind(kind);
                Ok(Typed { expr: Bound::Arithmetic(Box::new(first), steps), ty: Some(ty), kind, nullable })
            }
            ExprKind::Call(call) => self.call(call, e.offset, scope),
            ExprKind::Case { operand, whens, otherwise } => {
                let operand = operand.as_ref().map(|o| self.scalar(o, scope)).transpose()?;
                let mut pairs = Vec::with_capacity(whens.len());
                for (when, then) in whens {
                    let cond = match &operand {
                        None => self.cond(when, scope)?,
                        Some(operand) => {
                            let value = self.scalar(when, scope)?;
                            self.comparable(operand, &value, when.offset)?;
                            Cond::Compare(Comparison::Equal, Box::new(operand.clone()), Box::new(value))
                        }
                    };
                    pairs.push((cond, self.scalar(then, scope)?));
                }
                let mut otherwise = otherwise.as_ref().map(|o| self.scalar(o, scope)).transpose()?;
                let results: Vec<&Typed> = pairs.iter().map(|(_, t)| t).chain(&otherwise).collect();
                let (ty, kind) = unify(&results).map_err(place)?;
                let nullable = otherwise.as_ref().is_none_or(|o| o.nullable) || results.iter().any(|t| t.nullable);
                for (_, then) in &mut pairs {
                    convert_to(then, kind);
                }
                if let Some(o) = &mut otherwise {
                    convert_to(o, kind);
                }
                Ok(Typed { expr: Bound::Case(pairs, otherwise.map(Box::new)), ty, kind, nullable })
            }
            ExprKind::Cast(value, to) => {
                let value = self.scalar(value, scope)?;
                let nullable = value.nullable;
                Ok(Typed::new(Bound::Cast(Box::new(value), to.clone()), to.clone(), nullable))
            }
            ExprKind::Extract(field, value) => {
                let field = match field.as_str() {
                    "YEAR" => Field::Year,
                    "MONTH" => Field::Month,
                    "DAY" => Field::Day,
                    "HOUR" => Field::Hour,
                    "MINUTE" => Field::Minute,
                    "SECOND" => Field::Second,
                    "TIMEZONE_HOUR" => Field::ZoneHour,
                    "TIMEZONE_MINUTE" => Field::ZoneMinute,
                    _ => return Err(error_at(30076, "invalid extract field for extract source", e.offset)),
                };
                let value = self.scalar(value, scope)?;
                Ok(Typed::new(Bound::Extract(field, Box::new(value)), NUMBER, true))
            }
            ExprKind::Trim(side, chars, value) => {
                let chars = chars.as_ref().map(|c| self.scalar(c, scope)).transpose()?;
                let value = self.scalar(value, scope)?;
                let ty = varchar(byte_length(value.ty.as_ref()));
                Ok(Typed::new(Bound::Trim(*side, chars.map(Box::new), Box::new(value)), ty, true))
            }
            ExprKind::Subquery(query) => {
                let query = self.subquery(query, scope)?;
                let [column] = query.plan.columns.as_slice() else {
                    return Err(error_at(913, "too many values", e.offset));
                };
                let (ty, kind) = (column.ty.clone(), query.plan.kinds[0]);
                Ok(Typed { expr: Bound::Scalar(query), ty, kind, nullable: true })
            }
            ExprKind::Tuple(_) => Err(error_at(907, "missing right parenthesis", e.offset)),
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::Quantified(..)
            | ExprKind::Between { .. }
            | ExprKind::InList { .. }
            | ExprKind::InQuery { .. }
            | ExprKind::Like { .. }
            | ExprKind::IsNull { .. }
            | ExprKind::IsOfOnly { .. }
            | ExprKind::Exists(_) => Err(error_at(907, "missing right parenthesis", e.offset)),
        }
    }

    fn scalars(&mut self, list: &[Expr], scope: &Scope<'_>) -> Compile<Vec<Typed>> {
        list.iter().map(|e| self.scalar(e, scope)).collect()
    }

    pub(super) fn subquery(&mut self, query: &Query, scope: &Scope<'_>) -> Compile<Arc<Subquery>> {
        // Sequences are not allowed in subqueries.
        let sequences = std::mem::replace(&mut self.sequences, false);
        let link = Link { parent: Some(scope), captures: RefCell::default() };
        let plan = self.query(query, &link)?;
        self.sequences = sequences;
        let id = self.registry.subqueries;
        self.registry.subqueries += 1;
        Ok(Arc::new(Subquery { id, plan: Arc::new(plan), captures: link.captures.into_inner() }))
    }

    fn call(&mut self, call: &Call, offset: usize, scope: &Scope<'_>) -> Compile<Typed> {
        let words: Vec<&str> = call.name.iter().map(|n| n.text.as_str()).collect();
        let words = words.strip_prefix(&["SYS"]).unwrap_or(&words);
        let name = words.join(".");
        if let Some(function) = aggregate_function(&name) {
            return self.aggregate(function, call, offset, scope);
        }
        if call.star || call.distinct || !call.within.is_empty() {
            return Err(error_at(30483, "window or aggregate functions are not allowed here", offset));
        }
        let wrong_count = |few: bool| {
            if few {
                error_at(938, "not enough arguments for function", offset)
            } else {
                error_at(939, "too many arguments for function", offset)
            }
        };
        let count = call.arguments.len();
        let place =
            |error: OraError| if error.offset == 0 { error_at(error.code, &error.message, offset) } else { error };
        match name.as_str() {
            "SYS_CONTEXT" | "USERENV" => {
                let arguments = self.scalars(&call.arguments, scope)?;
                let literal = |i: usize| match arguments.get(i).map(|a| &a.expr) {
                    Some(Bound::Const(Value::Text(t))) => Some(t.to_uppercase()),
                    _ => None,
                };
                let parameter = if name == "USERENV" {
                    literal(0)
                } else {
                    match literal(0).as_deref() {
                        Some("USERENV") => literal(1),
                        Some(_) => return Ok(Typed::null()),
                        None => None,
                    }
                };
                let Some(parameter) = parameter else {
                    return Err(error_at(3001, "unimplemented feature: SYS_CONTEXT of what is no literal", offset));
                };
                let context = self.context(&parameter);
                return Ok(Typed::new(context, varchar(4000), true));
            }
            "NVL" | "COALESCE" | "NULLIF" | "NVL2" | "DECODE" => {
                let mut arguments = self.scalars(&call.arguments, scope)?;
                match name.as_str() {
                    "NVL" if count != 2 => return Err(error_at(909, "invalid number of arguments", offset)),
                    "NULLIF" if count != 2 => return Err(error_at(909, "invalid number of arguments", offset)),
                    "NVL2" if count != 3 => return Err(error_at(909, "invalid number of arguments", offset)),
                    "COALESCE" if count < 2 => return Err(wrong_count(true)),
                    "DECODE" if count < 3 => return Err(wrong_count(true)),
                    _ => {}
                }
                match name.as_str() {
                    "NULLIF" => {
                        let (Some(b), Some(a)) = (arguments.pop(), arguments.pop()) else {
                            return Err(wrong_count(true));
                        };
                        self.comparable(&a, &b, offset)?;
                        let (ty, kind) = (a.ty.clone(), a.kind);
                        return Ok(Typed { expr: Bound::NullIf(Box::new([a, b])), ty, kind, nullable: true });
                    }
                    "NVL2" => {
                        let (Some(mut no), Some(mut yes), Some(test)) =
                            (arguments.pop(), arguments.pop(), arguments.pop())
                        else {
                            return Err(wrong_count(true));
                        };
                        let (ty, kind) = lenient(&[&yes, &no]);
                        convert_to(&mut yes, kind);
                        convert_to(&mut no, kind);
                        let nullable = yes.nullable || no.nullable;
                        return Ok(Typed { expr: Bound::Nvl2(Box::new([test, yes, no])), ty, kind, nullable });
                    }
                    "DECODE" => {
                        let mut rest = arguments.into_iter();
                        let Some(operand) = rest.next() else { return Err(wrong_count(true)) };
                        let mut rest: Vec<Typed> = rest.collect();
                        let mut otherwise = if rest.len() % 2 == 1 { rest.pop() } else { None };
                        let mut pairs = Vec::with_capacity(rest.len() / 2);
                        let mut rest = rest.into_iter();
                        while let (Some(search), Some(result)) = (rest.next(), rest.next()) {
                            pairs.push((search, result));
                        }
                        // The first search value decides how is compared, the first result what comes out.
                        let first = pairs.first().map_or(Kind::Unknown, |(s, _)| s.kind);
                        for (search, _) in &mut pairs {
                            convert_to(search, first);
                        }
                        let mut operand = operand;
                        if first != Kind::Unknown {
                            convert_to(&mut operand, first);
                        }
                        let results: Vec<&Typed> = pairs.iter().map(|(_, r)| r).chain(&otherwise).collect();
                        let (ty, kind) = lenient(&results);
                        let nullable =
                            otherwise.as_ref().is_none_or(|o| o.nullable) || results.iter().any(|r| r.nullable);
                        for (_, result) in &mut pairs {
                            convert_to(result, kind);
                        }
                        if let Some(o) = &mut otherwise {
                            convert_to(o, kind);
                        }
                        let expr = Bound::Decode(Box::new(operand), pairs, otherwise.map(Box::new));
                        return Ok(Typed { expr, ty, kind, nullable });
                    }
                    _ => {
                        let results: Vec<&Typed> = arguments.iter().collect();
                        let (ty, kind) =
                            if name == "NVL" { lenient(&results) } else { unify(&results).map_err(place)? };
                        let nullable = arguments.iter().all(|a| a.nullable);
                        for argument in &mut arguments {
                            convert_to(argument, kind);
                        }
                        return Ok(Typed { expr: Bound::Coalesce(arguments), ty, kind, nullable });
                    }
                }
            }
            "DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER" if count == 0 => {
                self.registry.current_scn = true;
                return Ok(Typed::new(Bound::CurrentScn, NUMBER, false));
            }
            _ => {}
        }
        let Some(function) = functions::find(&name) else {
            return self.constructor(call, offset, scope);
        };
        if count < function.min {
            return Err(wrong_count(true));
        }
        if count > function.max {
            return Err(wrong_count(false));
        }
        let arguments = self.scalars(&call.arguments, scope)?;
        let ty = (function.ty)(&arguments);
        Ok(Typed::new(Bound::Call(function, arguments), ty, true))
    }

    /// `type(attributes)`, `type(elements)`.
    fn constructor(&mut self, call: &Call, offset: usize, scope: &Scope<'_>) -> Compile<Typed> {
        let (owner, name) = match call.name.as_slice() {
            [name] => (None, name),
            [owner, name] => (Some(owner.text.as_str()), name),
            _ => return Err(Self::invalid_identifier(&call.name)),
        };
        let Some(ty) = self.storage.user_type(owner, &name.text)? else {
            return Err(Self::invalid_identifier(&call.name));
        };
        let arguments = self.scalars(&call.arguments, scope)?;
        let expected = parts_of(&ty, arguments.len());
        if expected.len() != arguments.len() {
            let text = match &ty {
                OracleType::Collection(_) => "exceeded maximum VARRAY limit",
                _ => "incorrect number of arguments for default constructor",
            };
            let code = if matches!(ty, OracleType::Collection(_)) { 22909 } else { 2315 };
            return Err(error_at(code, text, offset));
        }
        for (argument, wanted) in arguments.iter().zip(&expected) {
            let object = matches!(wanted, OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry);
            if object && argument.kind != Kind::Unknown && !fits(argument.ty.as_ref(), wanted) {
                return Err(error_at(932, &format!("inconsistent datatypes: expected {wanted}"), offset));
            }
        }
        let parts = arguments.into_iter().zip(expected).collect();
        Ok(Typed::new(Bound::Construct(ty.clone(), parts), ty, false))
    }

    /// `column.attribute…`: what follows the name of a column of an object type.
    fn attribute(&mut self, scope: &Scope<'_>, name: &[Ident]) -> Compile<Option<Typed>> {
        for length in (1..name.len()).rev() {
            let Some(mut found) = self.resolve(scope, &name[..length])? else { continue };
            for attribute in &name[length..] {
                let parts = match &found.ty {
                    Some(OracleType::Object(of)) => of.attributes.clone(),
                    Some(OracleType::Geometry) => type_convert::geometry::object_type().attributes,
                    _ => return Err(Self::invalid_identifier(name)),
                };
                let at = parts.iter().position(|(part, _)| *part == attribute.text);
                let at = at.ok_or_else(|| Self::invalid_identifier(name))?;
                found = Typed::new(Bound::Attribute(Box::new(found), at), parts[at].1.clone(), true);
            }
            return Ok(Some(found));
        }
        Ok(None)
    }

    fn aggregate(
        &mut self,
        function: AggregateFunction,
        call: &Call,
        offset: usize,
        scope: &Scope<'_>,
    ) -> Compile<Typed> {
        // Arguments are of the rows before grouping.
        let Some(group) = scope.group.take() else {
            return Err(error_at(934, "group function is not allowed here", offset));
        };
        let compiled = self.aggregate_parts(function, call, offset, scope);
        let mut group = group;
        let result = compiled.map(|(aggregate, ty, kind, nullable)| {
            let index = group.aggregates.iter().position(|a| *a == aggregate).unwrap_or_else(|| {
                group.aggregates.push(aggregate);
                group.aggregates.len() - 1
            });
            Typed { expr: Bound::Column(group.keys.len() + index), ty, kind, nullable }
        });
        scope.group.replace(Some(group));
        result
    }

    fn aggregate_parts(
        &mut self,
        function: AggregateFunction,
        call: &Call,
        offset: usize,
        scope: &Scope<'_>,
    ) -> Compile<(Aggregate, Option<OracleType>, Kind, bool)> {
        let most = if function == AggregateFunction::ListAgg { 2 } else { 1 };
        if call.star && function != AggregateFunction::Count || !call.star && call.arguments.is_empty() {
            return Err(error_at(909, "invalid number of arguments", offset));
        }
        if call.arguments.len() > most {
            return Err(error_at(909, "invalid number of arguments", offset));
        }
        let argument = match call.arguments.first() {
            Some(e) => Some(self.scalar(e, scope)?),
            None => None,
        };
        let separator = match call.arguments.get(1) {
            Some(e) => Some(self.scalar(e, scope)?),
            None => None,
        };
        let mut order = Vec::new();
        for item in &call.within {
            let key = self.scalar(&item.expr, scope)?;
            let sort = SortKey { index: 0, kind: key.kind, descending: item.descending, nulls_first: item.nulls_first };
            order.push((key, sort));
        }
        let kind = argument.as_ref().map_or(Kind::Number, |a| a.kind);
        if kind == Kind::Clob && function != AggregateFunction::Count {
            return Err(error_at(932, "inconsistent datatypes: expected - got CLOB", offset));
        }
        let numeric = kind.is_numeric() || kind.is_text() || kind == Kind::Unknown;
        let (ty, nullable) = match function {
            AggregateFunction::Count => (Some(NUMBER), false),
            AggregateFunction::Sum | AggregateFunction::Avg => {
                if !numeric {
                    let error = inconsistent("NUMBER", kind.name());
                    return Err(error_at(error.code, &error.message, offset));
                }
                let double = matches!(kind, Kind::Double | Kind::Float);
                (Some(if double { OracleType::BinaryDouble } else { NUMBER }), true)
            }
            AggregateFunction::Min | AggregateFunction::Max => (argument.as_ref().and_then(|a| a.ty.clone()), true),
            AggregateFunction::ListAgg => (Some(varchar(4000)), true),
        };
        let kind = ty.as_ref().map_or(Kind::Unknown, Kind::of_type);
        Ok((Aggregate { function, distinct: call.distinct, argument, separator, order }, ty, kind, nullable))
    }

    // --- conditions --------------------------------------------------------------------------------------------

    fn comparable(&self, a: &Typed, b: &Typed, offset: usize) -> Compile<()> {
        let (x, y) = (a.kind, b.kind);
        let wrong = |expected: Kind, got: Kind| {
            let error = inconsistent(expected.name(), got.name());
            Err(error_at(error.code, &error.message, offset))
        };
        if x == Kind::Clob || y == Kind::Clob || x == Kind::Blob || y == Kind::Blob {
            let got = if matches!(x, Kind::Clob | Kind::Blob) { x } else { y };
            return wrong(Kind::Unknown, got);
        }
        if a.ty == Some(OracleType::Long) || b.ty == Some(OracleType::Long) {
            return Err(error_at(997, "illegal use of LONG datatype", offset));
        }
        if x.is_numeric() && (y.is_datetime() || matches!(y, Kind::Raw | Kind::RowId)) {
            return wrong(x, y);
        }
        if y.is_numeric() && (x.is_datetime() || matches!(x, Kind::Raw | Kind::RowId)) {
            return wrong(x, y);
        }
        let interval = |k| matches!(k, Kind::IntervalDs | Kind::IntervalYm);
        if (interval(x) || interval(y)) && x != y && x != Kind::Unknown && y != Kind::Unknown {
            return wrong(x, y);
        }
        Ok(())
    }

    /// The parts of `(a, b)`, or the one value.
    fn row_value(&mut self, e: &Expr, scope: &Scope<'_>) -> Compile<Vec<Typed>> {
        match e.kind.as_ref() {
            ExprKind::Tuple(list) => self.scalars(list, scope),
            _ => Ok(vec![self.scalar(e, scope)?]),
        }
    }

    /// `value` is compared with whatever this is: interval text literals and the like are left to evaluation.
    pub(super) fn cond(&mut self, e: &Expr, scope: &Scope<'_>) -> Compile<Cond> {
        Ok(match e.kind.as_ref() {
            ExprKind::And(list) => Cond::And(list.iter().map(|c| self.cond(c, scope)).collect::<Compile<_>>()?),
            ExprKind::Or(list) => Cond::Or(list.iter().map(|c| self.cond(c, scope)).collect::<Compile<_>>()?),
            ExprKind::Not(inner) => Cond::Not(Box::new(self.cond(inner, scope)?)),
            ExprKind::Compare(comparison, a, b) => {
                if let ExprKind::Tuple(_) = a.kind.as_ref() {
                    // (a, b) = (c, d) and (a, b) = (query).
                    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
                        return Err(error_at(1796, "this operator cannot be used with lists", a.offset));
                    }
                    let negated = *comparison == Comparison::NotEqual;
                    let value = self.row_value(a, scope)?;
                    return match b.kind.as_ref() {
                        ExprKind::Subquery(query) => self.in_query(value, query, negated, b.offset, scope),
                        _ => {
                            let other = self.row_value(b, scope)?;
                            self.in_list(value, vec![other], negated, b.offset)
                        }
                    };
                }
                let (x, y) = (self.scalar(a, scope)?, self.scalar(b, scope)?);
                self.comparable(&x, &y, e.offset)?;
                Cond::Compare(*comparison, Box::new(x), Box::new(y))
            }
            ExprKind::Quantified(comparison, value, right, all) => {
                let value = self.scalar(value, scope)?;
                match right.kind.as_ref() {
                    ExprKind::Subquery(query) => {
                        let query = self.subquery(query, scope)?;
                        if query.plan.columns.len() != 1 {
                            return Err(error_at(913, "too many values", right.offset));
                        }
                        Cond::Quantified { comparison: *comparison, all: *all, value: Box::new(value), query }
                    }
                    _ => {
                        let list = self.row_value(right, scope)?;
                        Cond::QuantifiedList { comparison: *comparison, all: *all, value: Box::new(value), list }
                    }
                }
            }
            ExprKind::Between { value, low, high, negated } => {
                let (value, low, high) =
                    (self.scalar(value, scope)?, self.scalar(low, scope)?, self.scalar(high, scope)?);
                self.comparable(&value, &low, e.offset)?;
                self.comparable(&value, &high, e.offset)?;
                Cond::Between { value: Box::new(value), low: Box::new(low), high: Box::new(high), negated: *negated }
            }
            ExprKind::InList { value, list, negated } => {
                let left = self.row_value(value, scope)?;
                let mut candidates = Vec::with_capacity(list.len());
                for item in list {
                    candidates.push(self.row_value(item, scope)?);
                }
                self.in_list(left, candidates, *negated, e.offset)?
            }
            ExprKind::InQuery { value, query, negated } => {
                let left = self.row_value(value, scope)?;
                self.in_query(left, query, *negated, e.offset, scope)?
            }
            ExprKind::Like { value, pattern, escape, negated } => {
                let escape = escape.as_ref().map(|x| self.scalar(x, scope)).transpose()?;
                Cond::Like {
                    value: Box::new(self.scalar(value, scope)?),
                    pattern: Box::new(self.scalar(pattern, scope)?),
                    escape: escape.map(Box::new),
                    negated: *negated,
                }
            }
            ExprKind::IsNull { value, negated } => Cond::IsNull(Box::new(self.scalar(value, scope)?), *negated),
            ExprKind::IsOfOnly { value, ty, negated } => {
                let value = self.scalar(value, scope)?;
                let owner = ty.owner.as_ref().map(|o| o.text.as_str());
                let wanted = self.storage.user_type(owner, &ty.name.text)?;
                let Some(OracleType::Object(of)) = wanted.filter(|wanted| value.ty.as_ref() == Some(wanted)) else {
                    return Err(error_at(
                        3001,
                        "unimplemented feature: IS OF another type than the declared one",
                        e.offset,
                    ));
                };
                Cond::HasParts(Box::new(value), of.attributes.len(), *negated)
            }
            ExprKind::Exists(query) => Cond::Exists(self.subquery(query, scope)?),
            _ => return Err(error_at(920, "invalid relational operator", e.offset)),
        })
    }

    fn in_list(&mut self, value: Vec<Typed>, list: Vec<Vec<Typed>>, negated: bool, offset: usize) -> Compile<Cond> {
        if list.len() > 1000 && value.len() == 1 {
            return Err(error_at(1795, "maximum number of expressions in a list is 1000", offset));
        }
        for candidate in &list {
            if candidate.len() != value.len() {
                return Err(error_at(920, "invalid relational operator", offset));
            }
            for (a, b) in value.iter().zip(candidate) {
                self.comparable(a, b, offset)?;
            }
        }
        let known = list.len() > HASHED_LIST
            && value.len() == 1
            && value.iter().all(|v| v.kind != Kind::Unknown)
            && list.iter().flatten().all(query::is_static);
        let hashed = known.then(|| {
            self.registry.lists += 1;
            self.registry.lists - 1
        });
        Ok(Cond::InList { value, list, negated, hashed })
    }

    fn in_query(
        &mut self,
        value: Vec<Typed>,
        query: &Query,
        negated: bool,
        offset: usize,
        scope: &Scope<'_>,
    ) -> Compile<Cond> {
        let query = self.subquery(query, scope)?;
        if query.plan.columns.len() != value.len() {
            let (code, message) = if query.plan.columns.len() > value.len() {
                (913, "too many values")
            } else {
                (947, "not enough values")
            };
            return Err(error_at(code, message, offset));
        }
        Ok(Cond::InQuery { value, query, negated })
    }
}

fn logmnr_constant(name: &str) -> Option<i64> {
    Some(match name {
        "NEW" => 1,
        "REMOVEFILE" => 2,
        "ADDFILE" => 3,
        "COMMITTED_DATA_ONLY" => 2,
        "SKIP_CORRUPTION" => 4,
        "DDL_DICT_TRACKING" => 8,
        "DICT_FROM_ONLINE_CATALOG" => 16,
        "DICT_FROM_REDO_LOGS" => 32,
        "NO_SQL_DELIMITER" => 64,
        "PRINT_PRETTY_SQL" => 512,
        "CONTINUOUS_MINE" => 1024,
        "NO_ROWID_IN_STMT" => 2048,
        "STRING_LITERALS_IN_STMT" => 4096,
        "STORE_IN_FLAT_FILE" => 1,
        "STORE_IN_REDO_LOGS" => 2,
        _ => return None,
    })
}

/// The types of what a constructor with so many arguments takes: as many as the type has parts, or may have.
fn parts_of(ty: &OracleType, arguments: usize) -> Vec<OracleType> {
    match ty {
        OracleType::Object(of) => of.attributes.iter().map(|(_, ty)| ty.clone()).collect(),
        OracleType::Geometry => {
            type_convert::geometry::object_type().attributes.into_iter().map(|(_, ty)| ty).collect()
        }
        OracleType::Collection(of) => {
            let most = of.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
            vec![of.element.clone(); arguments.min(most)]
        }
        _ => Vec::new(),
    }
}

/// Whether a value of one type is one of another: the same, or an object that has all its attributes in front.
pub(super) fn fits(of: Option<&OracleType>, wanted: &OracleType) -> bool {
    match (of, wanted) {
        (Some(OracleType::Object(of)), OracleType::Object(wanted)) => of.attributes.starts_with(&wanted.attributes),
        (of, wanted) => of == Some(wanted),
    }
}

fn aggregate_function(name: &str) -> Option<AggregateFunction> {
    Some(match name {
        "COUNT" => AggregateFunction::Count,
        "SUM" => AggregateFunction::Sum,
        "AVG" => AggregateFunction::Avg,
        "MIN" => AggregateFunction::Min,
        "MAX" => AggregateFunction::Max,
        "LISTAGG" => AggregateFunction::ListAgg,
        _ => return None,
    })
}

fn is_aggregate(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Call(call) => match call.name.as_slice() {
            [name] => aggregate_function(&name.text).is_some(),
            _ => false,
        },
        _ => false,
    }
}

/// Whether `test` holds anywhere in the expression, subqueries' own expressions left out.
fn contains(e: &Expr, test: &dyn Fn(&ExprKind) -> bool) -> bool {
    if test(&e.kind) {
        return true;
    }
    let any = |list: &[Expr]| list.iter().any(|x| contains(x, test));
    let one = |x: &Expr| contains(x, test);
    match e.kind.as_ref() {
        ExprKind::OuterJoined(x)
        | ExprKind::Negate(x)
        | ExprKind::Cast(x, _)
        | ExprKind::Extract(_, x)
        | ExprKind::Not(x) => one(x),
        ExprKind::Concat(list) | ExprKind::Tuple(list) | ExprKind::And(list) | ExprKind::Or(list) => any(list),
        ExprKind::Arithmetic(first, rest) => one(first) || rest.iter().any(|(_, x)| one(x)),
        ExprKind::Call(call) => any(&call.arguments) || call.within.iter().any(|o| one(&o.expr)),
        ExprKind::Case { operand, whens, otherwise } => {
            operand.as_ref().is_some_and(one)
                || whens.iter().any(|(w, t)| one(w) || one(t))
                || otherwise.as_ref().is_some_and(one)
        }
        ExprKind::Trim(_, chars, value) => chars.as_ref().is_some_and(one) || one(value),
        ExprKind::Compare(_, a, b) | ExprKind::Quantified(_, a, b, _) => one(a) || one(b),
        ExprKind::Between { value, low, high, .. } => one(value) || one(low) || one(high),
        ExprKind::InList { value, list, .. } => one(value) || any(list),
        ExprKind::InQuery { value, .. } | ExprKind::IsNull { value, .. } | ExprKind::IsOfOnly { value, .. } => {
            one(value)
        }
        ExprKind::Like { value, pattern, escape, .. } => one(value) || one(pattern) || escape.as_ref().is_some_and(one),
        ExprKind::Null
        | ExprKind::Default
        | ExprKind::Number(_)
        | ExprKind::Float(_)
        | ExprKind::Double(_)
        | ExprKind::Text(_)
        | ExprKind::Date(_)
        | ExprKind::Timestamp(..)
        | ExprKind::TimestampTz(..)
        | ExprKind::IntervalYm(_)
        | ExprKind::IntervalDs(_)
        | ExprKind::Bind(_)
        | ExprKind::Name(_)
        | ExprKind::Subquery(_)
        | ExprKind::Exists(_) => false,
    }
}

fn type_of_kind(kind: Kind) -> OracleType {
    match kind {
        Kind::Double => OracleType::BinaryDouble,
        Kind::Float => OracleType::BinaryFloat,
        Kind::Date => OracleType::Date,
        Kind::Timestamp => OracleType::Timestamp { precision: 9 },
        Kind::TimestampTz => OracleType::TimestampTz { precision: 9 },
        Kind::IntervalDs => OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
        Kind::IntervalYm => OracleType::IntervalYm { year_precision: 9 },
        _ => NUMBER,
    }
}

fn convert_to(typed: &mut Typed, kind: Kind) {
    let same = typed.kind == kind || typed.kind.is_text() && kind.is_text();
    if same || kind == Kind::Unknown || typed.is_null_literal() {
        return;
    }
    let inner = std::mem::replace(typed, Typed::null());
    let nullable = inner.nullable;
    *typed = Typed { expr: Bound::Convert(Box::new(inner), kind), ty: None, kind, nullable };
}

/// The common type of alternatives. ORA-00932 where there is none.
fn unify(list: &[&Typed]) -> Result<(Option<OracleType>, Kind), OraError> {
    let known: Vec<&Typed> = list.iter().copied().filter(|t| t.kind != Kind::Unknown).collect();
    let Some(first) = known.first() else { return Ok((None, Kind::Unknown)) };
    let family = |k: Kind| match k {
        Kind::Char | Kind::Text | Kind::Clob => 1,
        Kind::Number | Kind::Float | Kind::Double => 2,
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => 3,
        Kind::Raw | Kind::Blob => 4,
        Kind::IntervalDs => 5,
        Kind::IntervalYm => 6,
        Kind::RowId => 7,
        Kind::Boolean => 8,
        Kind::Unknown | Kind::Other => 9,
    };
    if let Some(other) = known.iter().find(|t| family(t.kind) != family(first.kind)) {
        return Err(inconsistent(first.kind.name(), other.kind.name()));
    }
    Ok(common(&known, first))
}

/// Like [`unify`], but where the types differ, the first one's is taken, as NVL and DECODE do.
fn lenient(list: &[&Typed]) -> (Option<OracleType>, Kind) {
    unify(list).unwrap_or_else(|_| {
        let first = list.iter().copied().find(|t| t.kind != Kind::Unknown || t.is_null_literal());
        match first {
            Some(t) if t.kind.is_text() || t.is_null_literal() => {
                let length = list.iter().map(|t| byte_length(t.ty.as_ref())).max().unwrap_or(4000);
                (Some(varchar(length)), Kind::Text)
            }
            Some(t) => (t.ty.clone(), t.kind),
            None => (None, Kind::Unknown),
        }
    })
}

fn common(known: &[&Typed], first: &Typed) -> (Option<OracleType>, Kind) {
    let any = |kind: Kind| known.iter().any(|t| t.kind == kind);
    if known.iter().all(|t| t.ty == first.ty) && first.ty.is_some() {
        return (first.ty.clone(), first.kind);
    }
    let ty = match first.kind {
        Kind::Char | Kind::Text | Kind::Clob => {
            if any(Kind::Clob) {
                OracleType::Clob
            } else {
                varchar(known.iter().map(|t| byte_length(t.ty.as_ref())).max().unwrap_or(4000))
            }
        }
        Kind::Number | Kind::Float | Kind::Double => {
            type_of_kind([Kind::Double, Kind::Float].into_iter().find(|k| any(*k)).unwrap_or(Kind::Number))
        }
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => {
            type_of_kind([Kind::TimestampTz, Kind::Timestamp].into_iter().find(|k| any(*k)).unwrap_or(Kind::Date))
        }
        Kind::Raw | Kind::Blob => {
            if any(Kind::Blob) {
                OracleType::Blob
            } else {
                OracleType::Raw { length: 2000 }
            }
        }
        _ => return (first.ty.clone(), first.kind),
    };
    let kind = Kind::of_type(&ty);
    (Some(ty), kind)
}
