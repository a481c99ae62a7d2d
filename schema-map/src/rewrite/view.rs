//! Views.

use super::{
    Refused, Rewriter,
    ast::{Body, Expr, Item, Node, Query, Select, Source},
    compat::Helper,
    parser::Parser,
    query::{Ctes, Naming, own_name},
    scope::{Relation, Scope, ScopeColumn},
    translate::{Effects, Place, Translator},
};
use crate::catalog::Relations;
use crate::{ObjectPath, OracleIdent, View};
use std::{cell::RefCell, collections::BTreeSet, rc::Rc};
use type_convert::OracleType;

/// A view as PostgreSQL has it.
pub(crate) struct ViewSql {
    /// Without the semicolon.
    pub(crate) query: String,
    pub(crate) notes: BTreeSet<String>,
    pub(crate) helpers: BTreeSet<Helper>,
    /// `Some` where it has WITH CHECK OPTION: whether PostgreSQL takes it too, which lets rows be changed through views of
    /// one table's rows and no more.
    pub(crate) check_option: Option<bool>,
    /// In Oracle and quoted in PostgreSQL.
    columns: Vec<ScopeColumn>,
}

impl ViewSql {
    /// Its columns as a table made from it has them: name, type, whether NULL may be in it. No type where it cannot be told.
    pub(crate) fn typed_columns(&self) -> impl Iterator<Item = (&OracleIdent, Option<OracleType>, bool)> {
        self.columns.iter().map(|c| {
            let oracle_type = c.declared.as_ref().map(|d| d.oracle_type.clone()).or_else(|| c.kind.oracle_type());
            let not_null = c.declared.as_ref().is_some_and(|d| d.not_null);
            (&c.name, oracle_type, c.nullable || !not_null)
        })
    }
}

/// The tables and views that a view's query names, as far as it can be read.
pub(crate) fn sources(view: &View, relations: &Relations<'_>) -> Vec<ObjectPath> {
    let Ok((query, _)) = Parser::new(&view.query).and_then(Parser::whole_query) else { return Vec::new() };
    let mut found = Vec::new();
    query.tables(&mut found);
    found.iter().filter_map(|t| path(&t.parts, &view.path.schema)).map(|path| relations.resolve(&path)).collect()
}

fn path(parts: &[super::ast::Part], schema: &OracleIdent) -> Option<ObjectPath> {
    match parts {
        [schema, name] => Some(ObjectPath::new(schema.name.clone(), name.name.clone())),
        [name] => Some(ObjectPath::new(schema.clone(), name.name.clone())),
        _ => None,
    }
}

/// The names of a view's columns, where they are given or can be read from its query.
pub(crate) fn view_columns(view: &View, relations: &Relations<'_>) -> Option<Vec<OracleIdent>> {
    columns_within(view, relations, 16)
}

fn columns_within(view: &View, relations: &Relations<'_>, depth: usize) -> Option<Vec<OracleIdent>> {
    if !view.columns.is_empty() {
        return Some(view.columns.clone());
    }
    let depth = depth.checked_sub(1)?;
    if let Some(of_type) = &view.of_type {
        return attributes(of_type, relations);
    }
    let (query, _) = Parser::new(&view.query).and_then(Parser::whole_query).ok()?;
    Names { schema: &view.path.schema, relations, ctes: Vec::new(), depth }.of_query(&query)
}

/// The names of an object type's attributes.
fn attributes(path: &ObjectPath, relations: &Relations<'_>) -> Option<Vec<OracleIdent>> {
    let context =
        crate::sql::parser::Context { schema: path.schema.clone(), length_unit: type_convert::LengthUnit::Byte };
    let source = |path: &ObjectPath| relations.types.get(path).copied();
    let attributes = crate::sql::parser::type_attributes(path, &source, &context)?;
    Some(attributes.into_iter().map(|(name, _)| name).collect())
}

/// Finds out what columns a query has, without knowing their types.
struct Names<'n> {
    schema: &'n OracleIdent,
    relations: &'n Relations<'n>,
    ctes: Vec<(OracleIdent, Option<Vec<OracleIdent>>)>,
    depth: usize,
}

impl Names<'_> {
    fn of_query(&mut self, query: &Query) -> Option<Vec<OracleIdent>> {
        let before = self.ctes.len();
        for cte in &query.with {
            let columns = if cte.columns.is_empty() { self.of_query(&cte.query) } else { Some(cte.columns.clone()) };
            self.ctes.push((cte.name.clone(), columns));
        }
        let columns = self.of_body(&query.body);
        self.ctes.truncate(before);
        columns
    }

    fn of_body(&mut self, body: &Body) -> Option<Vec<OracleIdent>> {
        match body {
            Body::Select(select) => self.of_select(select),
            Body::Nested(query) => self.of_query(query),
            Body::Set { left, .. } => self.of_body(left),
        }
    }

    fn of_select(&mut self, select: &Select) -> Option<Vec<OracleIdent>> {
        let mut names = Vec::new();
        for item in &select.items {
            match item {
                Item::One { alias: Some(alias), .. } => names.push(alias.clone()),
                Item::One { value, alias: None } => names.push(own_name(value).or_else(|| last_attribute(value))?),
                Item::All { of, .. } => {
                    for source in &select.from {
                        names.extend(self.of_source(source, of)?);
                    }
                }
            }
        }
        Some(names)
    }

    /// The columns of `source` that `qualifier.*` takes.
    fn of_source(&mut self, source: &Source, qualifier: &[super::ast::Part]) -> Option<Vec<OracleIdent>> {
        let answers = |alias: &Option<OracleIdent>| match (qualifier, alias) {
            ([], _) => true,
            ([name], Some(alias)) => name.name == *alias,
            _ => false,
        };
        Some(match source {
            Source::Table(table) => {
                let own = table.parts.last()?;
                let meant = match (qualifier, &table.alias) {
                    ([], _) => true,
                    ([name], Some(alias)) => name.name == *alias,
                    ([name], None) => name.name == own.name,
                    (parts, None) => path(parts, self.schema) == path(&table.parts, self.schema),
                    _ => false,
                };
                if !meant {
                    return Some(Vec::new());
                }
                if let [name] = table.parts.as_slice()
                    && let Some((_, columns)) = self.ctes.iter().rev().find(|(known, _)| *known == name.name)
                {
                    return columns.clone();
                }
                let path = self.relations.resolve(&path(&table.parts, self.schema)?);
                match (self.relations.tables.get(&path), self.relations.views.get(&path)) {
                    (Some(table), _) => table.columns.iter().filter(|c| !c.invisible).map(|c| c.name.clone()).collect(),
                    (None, Some(view)) => columns_within(view, self.relations, self.depth)?,
                    (None, None) if own.name.as_str() == "DUAL" => vec![OracleIdent::new("DUMMY").ok()?],
                    (None, None) => return None,
                }
            }
            Source::Query { query, alias, .. } if answers(alias) => self.of_query(query)?,
            Source::Xml(table) if answers(&table.alias) => {
                table.columns.iter().filter_map(|c| c.name.clone()).collect()
            }
            Source::Join { left, right, natural, using, .. } => {
                if qualifier.is_empty() && (*natural || !using.is_empty()) {
                    // What they are joined by comes first, once.
                    let (left, right) = (self.of_source(left, qualifier)?, self.of_source(right, qualifier)?);
                    let joined = |name: &OracleIdent| using.contains(name) || (*natural && right.contains(name));
                    let (mut names, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(joined);
                    let first = names.clone();
                    names.extend(rest);
                    names.extend(right.into_iter().filter(|name| !first.contains(name)));
                    return Some(names);
                }
                let mut names = self.of_source(left, qualifier)?;
                names.extend(self.of_source(right, qualifier)?);
                names
            }
            Source::Query { .. } | Source::Xml(_) => Vec::new(),
            Source::Json(table) if answers(&table.alias) => {
                let mut names = Vec::new();
                json_names(&table.columns, &mut names);
                names
            }
            Source::Json(_) => Vec::new(),
            Source::Pivot { input, pivot, alias } if qualifier.is_empty() || answers(alias) => {
                let mut used: Vec<OracleIdent> = pivot.columns.iter().map(|p| p.name.clone()).collect();
                for (aggregate, _) in &pivot.aggregates {
                    super::source::columns_named(aggregate, &mut used);
                }
                let mut names = self.of_source(input, &[])?;
                names.retain(|name| !used.contains(name));
                names.extend(super::source::pivoted_names(pivot)?);
                names
            }
            Source::Unpivot { input, unpivot, alias } if qualifier.is_empty() || answers(alias) => {
                let used: Vec<&OracleIdent> =
                    unpivot.columns.iter().flat_map(|(row, _)| row.iter().map(|p| &p.name)).collect();
                let mut names = self.of_source(input, &[])?;
                names.retain(|name| !used.contains(&name));
                names.extend(unpivot.names.iter().chain(&unpivot.values).cloned());
                names
            }
            Source::Pivot { .. } | Source::Unpivot { .. } => Vec::new(),
            // The attributes of its elements.
            Source::Collection { .. } | Source::Match { .. } => return None,
        })
    }
}

fn json_names(columns: &[super::ast::PathColumn], names: &mut Vec<OracleIdent>) {
    for column in columns {
        match &column.kind {
            super::ast::PathColumnKind::Nested(nested) => json_names(nested, names),
            _ => names.extend(column.name.clone()),
        }
    }
}

fn last_attribute(value: &Expr) -> Option<OracleIdent> {
    match &value.node {
        Node::Method { method, arguments, .. } if arguments.is_empty() => OracleIdent::new(method.clone()).ok(),
        _ => None,
    }
}

/// The names that a query gives its columns, and `COLUMNn` where it gives none; none at all where `*` hides them.
fn numbered(query: &Query) -> Vec<OracleIdent> {
    let Body::Select(select) = &query.body else { return Vec::new() };
    let names = select.items.iter().enumerate().map(|(at, item)| match item {
        Item::One { alias: Some(alias), .. } => Some(alias.clone()),
        Item::One { value, alias: None } => {
            own_name(value).or_else(|| OracleIdent::new(format!("COLUMN{}", at + 1)).ok())
        }
        Item::All { .. } => None,
    });
    names.collect::<Option<Vec<_>>>().unwrap_or_default()
}

impl Rewriter<'_> {
    /// Rewrites a view whose tables and views are known already.
    pub(crate) fn view(&self, view: &View) -> Result<ViewSql, Refused> {
        let (query, check_option) = Parser::new(&view.query)?.whole_query()?;
        let scope = Scope::default();
        let effects = RefCell::new(Effects::default());
        let ctes = Ctes::default();
        let translator = Translator {
            rewriter: self,
            scope: &scope,
            schema: &view.path.schema,
            place: Place { immutable: false, default: false, aggregates: true },
            effects: &effects,
            ctes: &ctes,
            hierarchy: None,
            marks: false,
        };
        let columns;
        let of_type;
        let named = match &view.of_type {
            None => view,
            Some(path) if self.object(path).is_some_and(|o| o.announced) => {
                effects.borrow_mut().notes.insert(format!(
                    "{path} is only announced: the columns have the names that the query gives them, or their numbers"
                ));
                columns = numbered(&query);
                of_type = View { columns, ..view.clone() };
                &of_type
            }
            Some(path) => {
                let object = self.object(path).filter(|o| !o.attributes.is_empty());
                let object =
                    object.ok_or_else(|| Refused::new(0, format!("the object type {path} is not converted")))?;
                columns = object.attributes.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>();
                of_type = View { columns, ..view.clone() };
                &of_type
            }
        };
        let sql = translator.query(&query, Naming::View(named), None)?;
        let mut effects = effects.into_inner();
        if view.read_only {
            effects.notes.insert("WITH READ ONLY has no counterpart: grant nothing but SELECT".to_owned());
        }
        if let Some(path) = &view.of_type {
            effects.notes.insert(format!("an object view of {path}: its rows have no object identifiers here"));
        }
        let columns = sql.scope_columns();
        let check_option = check_option.then(|| self.is_updatable(&query, &view.path.schema));
        Ok(ViewSql { query: sql.sql, notes: effects.notes, helpers: effects.helpers, check_option, columns })
    }

    fn is_updatable(&self, query: &Query, schema: &OracleIdent) -> bool {
        let Query { with, body: Body::Select(select), offset: None, fetch: None, .. } = query else { return false };
        let [Source::Table(table)] = select.from.as_slice() else { return false };
        let is_table = path(&table.parts, schema)
            .is_some_and(|path| self.catalog.tables.contains_key(&self.catalog.resolve(&path)));
        let plain = select.items.iter().all(|item| match item {
            Item::All { .. } => true,
            Item::One { value, .. } => matches!(value.node, Node::Name(_)) && !value.is_name("ROWNUM"),
        });
        let numbered = select.filter.as_ref().is_some_and(|f| f.any(&|e| e.is_name("ROWNUM")));
        is_table
            && plain
            && !numbered
            && with.is_empty()
            && !select.distinct
            && select.hierarchy.is_none()
            && select.group_by.is_empty()
            && select.having.is_none()
    }

    /// Makes a converted view known to those that read it.
    pub(crate) fn add_view(&mut self, view: &View, kind: crate::ObjectKind, sql: ViewSql) {
        if let Some(target) = self.names.object(kind, &view.path) {
            let relation = Relation {
                path: Some(view.path.clone()),
                target: target.quoted(),
                name: target.name.quoted(),
                columns: sql.columns,
                lacks: None,
            };
            self.relations.insert(view.path.clone(), Rc::new(relation));
        }
    }
}
