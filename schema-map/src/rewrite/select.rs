//! Views.

use super::{
    Refused, Rewriter,
    ast::{Expr, Item, JoinKind, Joined, Node, Part, Select, TableName},
    parser::Parser,
    scope::{Kind, Relation, Scope, ScopeColumn, Source},
    translate::{Piece, Place, Translator, collated},
};
use crate::{Catalog, ObjectPath, OracleIdent, View};
use std::collections::BTreeSet;

/// A view as PostgreSQL has it.
pub(crate) struct ViewSql {
    /// Without the semicolon.
    pub(crate) query: String,
    pub(crate) notes: BTreeSet<String>,
    pub(super) columns: Vec<ScopeColumn>,
}

/// The tables and views that a view's query names, as far as it can be read.
pub(crate) fn sources(view: &View) -> Vec<ObjectPath> {
    let Ok(select) = Parser::new(&view.query).and_then(Parser::query) else { return Vec::new() };
    tables(&select).map(|t| path(&t.parts, &view.path.schema)).collect()
}

fn tables(select: &Select) -> impl Iterator<Item = &TableName> {
    select.from.iter().flat_map(|j| std::iter::once(&j.first).chain(j.joins.iter().map(|j| &j.table)))
}

fn path(parts: &[Part], schema: &OracleIdent) -> ObjectPath {
    match parts {
        [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
        [.., name] => ObjectPath::new(schema.clone(), name.name.clone()),
        [] => ObjectPath::new(schema.clone(), schema.clone()),
    }
}

/// The names of a view's columns, where they are given or can be read from its query.
pub(crate) fn view_columns(view: &View, catalog: &Catalog) -> Option<Vec<OracleIdent>> {
    columns_within(view, catalog, 16)
}

fn columns_within(view: &View, catalog: &Catalog, depth: usize) -> Option<Vec<OracleIdent>> {
    if !view.columns.is_empty() {
        return Some(view.columns.clone());
    }
    let depth = depth.checked_sub(1)?;
    let select = Parser::new(&view.query).and_then(Parser::query).ok()?;
    let mut names = Vec::new();
    for item in &select.items {
        match item {
            Item::One { alias: Some(alias), .. } => names.push(alias.clone()),
            Item::One { value: Expr { node: Node::Name(parts), .. }, alias: None } => {
                names.push(parts.last()?.name.clone());
            }
            Item::One { .. } => return None,
            Item::All { of, .. } => {
                for table in tables(&select).filter(|t| is_meant(of, t, &view.path.schema)) {
                    let path = path(&table.parts, &view.path.schema);
                    match (catalog.table(&path), catalog.view(&path)) {
                        (Some(table), _) => names.extend(table.columns.iter().map(|c| c.name.clone())),
                        (None, Some(view)) => names.extend(columns_within(view, catalog, depth)?),
                        (None, None) => return None,
                    }
                }
            }
        }
    }
    Some(names)
}

/// Whether `qualifier.*` takes the columns of this table.
fn is_meant(qualifier: &[Part], table: &TableName, schema: &OracleIdent) -> bool {
    match (qualifier, &table.alias) {
        ([], _) => true,
        ([name], Some(alias)) => name.name == *alias,
        ([name], None) => table.parts.last().is_some_and(|p| p.name == name.name),
        (parts, None) => path(parts, schema) == path(&table.parts, schema),
        _ => false,
    }
}

impl Rewriter<'_> {
    /// Rewrites a view whose tables and views are known already.
    pub(crate) fn view(&self, view: &View) -> Result<ViewSql, Refused> {
        let select = Parser::new(&view.query)?.query()?;
        let mut scope = Scope::default();
        let mut from = Vec::with_capacity(select.from.len());
        let mut ons = Vec::new();
        for joined in &select.from {
            ons.push(self.sources_of(joined, view, &mut scope)?);
        }
        let prefixes: BTreeSet<&str> = scope.sources.iter().map(|s| s.prefix.as_str()).collect();
        if prefixes.len() < scope.sources.len() {
            return Err(Refused::new(0, "two tables here would get one name: give each an alias"));
        }
        let mut notes = BTreeSet::new();
        for (joined, range) in select.from.iter().zip(ons) {
            from.push(self.joined(joined, view, &scope, range, &mut notes)?);
        }
        let filter = select.filter.as_ref().map(|f| self.part(view, &scope, false, &mut notes, |t| t.condition(f)));
        let filter = filter.transpose()?;
        let items = self.items(&select, view, &scope, &mut notes)?;
        let mut groups = Vec::with_capacity(select.group_by.len());
        for group in &select.group_by {
            if matches!(group.node, Node::Number(_) | Node::Text(_) | Node::Null) {
                return Err(Refused::new(group.start, "PostgreSQL takes a number here for the position of a column"));
            }
            groups.push(self.part(view, &scope, false, &mut notes, |t| t.value(group))?.sql);
        }
        let having = select.having.as_ref().map(|h| self.part(view, &scope, true, &mut notes, |t| t.condition(h)));
        let having = having.transpose()?;
        let order = self.order(&select, &items, view, &scope, &mut notes)?;

        let columns = self.name_columns(view, items)?;
        let list: Vec<String> =
            columns.iter().map(|(piece, column)| format!("{} AS {}", piece.sql, column.target.quoted())).collect();
        let distinct = if select.distinct { " DISTINCT" } else { "" };
        let mut query = format!("SELECT{distinct}\n    {}\nFROM {}", list.join(",\n    "), from.join(",\n    "));
        let mut clause = |word: &str, sql: String| {
            if !sql.is_empty() {
                query.push_str(&format!("\n{word} {sql}"));
            }
        };
        clause("WHERE", filter.map(|f| f.sql).unwrap_or_default());
        clause("GROUP BY", groups.join(", "));
        clause("HAVING", having.map(|h| h.sql).unwrap_or_default());
        clause("ORDER BY", order.join(", "));
        if view.read_only {
            notes.insert("WITH READ ONLY has no counterpart: grant nothing but SELECT".to_owned());
        }
        Ok(ViewSql { query, notes, columns: columns.into_iter().map(|(_, column)| column).collect() })
    }

    /// Makes a converted view known to those that read it.
    pub(crate) fn add_view(&mut self, view: &View, sql: ViewSql) {
        let target = self.names.object(crate::ObjectKind::View, &view.path);
        if let Some(target) = target {
            let relation = Relation {
                path: view.path.clone(),
                target: target.quoted(),
                name: target.name.clone(),
                columns: sql.columns,
                lacks: None,
            };
            self.relations.insert(view.path.clone(), relation);
        }
    }

    /// Adds the tables of one element of the FROM list; the range that they have in the scope.
    fn sources_of<'a>(
        &'a self,
        joined: &Joined,
        view: &View,
        scope: &mut Scope<'a>,
    ) -> Result<std::ops::Range<usize>, Refused> {
        let first = scope.sources.len();
        scope.sources.push(self.source(&joined.first, view)?);
        for join in &joined.joins {
            let mut source = self.source(&join.table, view)?;
            source.outer = matches!(join.kind, JoinKind::Left | JoinKind::Full);
            if matches!(join.kind, JoinKind::Right | JoinKind::Full) {
                scope.sources[first..].iter_mut().for_each(|s| s.outer = true);
            }
            scope.sources.push(source);
        }
        Ok(first..scope.sources.len())
    }

    fn source<'a>(&'a self, table: &TableName, view: &View) -> Result<Source<'a>, Refused> {
        let path = path(&table.parts, &view.path.schema);
        let relation = self
            .relations
            .get(&path)
            .ok_or_else(|| Refused::new(table.start, format!("{path} is no table or view that is converted")))?;
        let name = match &table.alias {
            Some(alias) => crate::CaseRule::Lower.apply(alias).map_err(|e| Refused::new(table.start, e.to_string()))?,
            None => relation.name.clone(),
        };
        let prefix = format!("{}.", name.quoted());
        Ok(Source { relation, alias: table.alias.clone(), prefix, outer: false })
    }

    fn joined(
        &self,
        joined: &Joined,
        view: &View,
        scope: &Scope<'_>,
        range: std::ops::Range<usize>,
        notes: &mut BTreeSet<String>,
    ) -> Result<String, Refused> {
        let table = |position: usize| {
            let source = &scope.sources[position];
            match &source.alias {
                Some(_) => format!("{} AS {}", source.relation.target, source.prefix.trim_end_matches('.')),
                None => source.relation.target.clone(),
            }
        };
        let mut sql = table(range.start);
        for (position, join) in (range.start + 1..range.end).zip(&joined.joins) {
            let word = match join.kind {
                JoinKind::Inner => "JOIN",
                JoinKind::Left => "LEFT JOIN",
                JoinKind::Right => "RIGHT JOIN",
                JoinKind::Full => "FULL JOIN",
                JoinKind::Cross => "CROSS JOIN",
            };
            sql.push_str(&format!("\n    {word} {}", table(position)));
            if let Some(on) = &join.on {
                let visible = Scope { sources: scope.sources[range.start..=position].to_vec() };
                let on = self.part(view, &visible, false, notes, |t| t.condition(on))?;
                sql.push_str(&format!(" ON {}", on.sql));
            }
        }
        Ok(sql)
    }

    /// The columns of the result, with the name that the query gives them.
    fn items(
        &self,
        select: &Select,
        view: &View,
        scope: &Scope<'_>,
        notes: &mut BTreeSet<String>,
    ) -> Result<Vec<(Piece, Option<OracleIdent>)>, Refused> {
        let mut items = Vec::new();
        for item in &select.items {
            match item {
                Item::One { value, alias } => {
                    let piece = self.part(view, scope, true, notes, |t| t.value(value))?;
                    let name = alias.clone().or_else(|| match &value.node {
                        Node::Name(parts) => parts.last().map(|p| p.name.clone()),
                        _ => None,
                    });
                    items.push((piece, name));
                }
                Item::All { of, start } => {
                    let before = items.len();
                    for source in scope.sources.iter().filter(|s| s.answers_to(of)) {
                        if let Some(column) = &source.relation.lacks {
                            let reason = format!("{}.{column} is not converted", source.relation.path);
                            return Err(Refused::new(*start, reason));
                        }
                        for column in &source.relation.columns {
                            let sql = format!("{}{}", source.prefix, column.target.quoted());
                            let piece = Piece::atom(sql, column.kind.clone(), column.nullable || source.outer);
                            items.push((piece, Some(column.name.clone())));
                        }
                    }
                    if items.len() == before {
                        return Err(Refused::new(*start, "no table of this name is in the query"));
                    }
                }
            }
        }
        Ok(items)
    }

    fn order(
        &self,
        select: &Select,
        items: &[(Piece, Option<OracleIdent>)],
        view: &View,
        scope: &Scope<'_>,
        notes: &mut BTreeSet<String>,
    ) -> Result<Vec<String>, Refused> {
        let mut sql = Vec::with_capacity(select.order_by.len());
        for order in &select.order_by {
            let of_item = match &order.value.node {
                Node::Number(text) => text.parse::<usize>().ok().and_then(|n| items.get(n.checked_sub(1)?)),
                Node::Name(parts) => match parts.as_slice() {
                    [part] => items.iter().find(|(_, name)| name.as_ref() == Some(&part.name)),
                    _ => None,
                },
                _ => None,
            };
            let piece = match of_item {
                Some((piece, _)) => piece.clone(),
                None if matches!(order.value.node, Node::Number(_)) => {
                    return Err(Refused::new(order.value.start, "there is no column at this position"));
                }
                None => self.part(view, scope, true, notes, |t| t.value(&order.value))?,
            };
            let text = piece.kind == Kind::Text;
            let known = matches!(
                piece.kind,
                Kind::Int | Kind::Numeric | Kind::Float | Kind::Date | Kind::Timestamp | Kind::TimestampTz
            );
            if !(known || text && !select.distinct) {
                let reason = format!("the order of {} is not converted", piece.kind.noun());
                return Err(Refused::new(order.value.start, reason));
            }
            let nulls = match order.nulls_first {
                None => "",
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
            };
            sql.push(format!("{}{}{nulls}", collated(&piece, text), if order.descending { " DESC" } else { "" }));
        }
        Ok(sql)
    }

    fn name_columns(
        &self,
        view: &View,
        items: Vec<(Piece, Option<OracleIdent>)>,
    ) -> Result<Vec<(Piece, ScopeColumn)>, Refused> {
        if !view.columns.is_empty() && view.columns.len() != items.len() {
            let reason = format!("the view names {} columns and its query has {}", view.columns.len(), items.len());
            return Err(Refused::new(0, reason));
        }
        let mut columns = Vec::with_capacity(items.len());
        for (position, (piece, name)) in items.into_iter().enumerate() {
            let name = view.columns.get(position).cloned().or(name);
            let name = name.ok_or_else(|| Refused::new(0, format!("column {} has no name", position + 1)))?;
            let target = self.names.column(&view.path, &name);
            let target =
                target.ok_or_else(|| Refused::new(0, format!("the name map has no name for column {name}")))?;
            let column = ScopeColumn {
                target: target.clone(),
                kind: if piece.literal.is_some() { Kind::Text } else { piece.kind.clone() },
                nullable: piece.nullable,
                generated: false,
                name,
            };
            columns.push((piece, column));
        }
        Ok(columns)
    }

    fn part(
        &self,
        view: &View,
        scope: &Scope<'_>,
        aggregates: bool,
        notes: &mut BTreeSet<String>,
        translate: impl FnOnce(&mut Translator<'_>) -> Result<Piece, Refused>,
    ) -> Result<Piece, Refused> {
        let place = Place { immutable: false, default: false, aggregates };
        let mut translator = self.translator(scope, &view.path.schema, place);
        let piece = translate(&mut translator)?;
        notes.append(&mut translator.notes);
        Ok(piece)
    }
}
