//! Queries.

use super::{
    Refused,
    ast::{Body, Cte, Expr, Fetch, Group, Item, Node, Order, Query, Select, SetOperator},
    hierarchy, outer_join,
    scope::{Declared, Kind, Relation, Scope, ScopeColumn, ScopeSource},
    translate::{Piece, Translator},
};
use crate::{CaseRule, OracleIdent, View};
use std::{collections::BTreeSet, rc::Rc};

/// Queries that WITH gave a name, the innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Ctes<'a> {
    pub(super) parent: Option<&'a Ctes<'a>>,
    pub(super) named: Vec<(OracleIdent, Rc<Relation>)>,
}

/// A query of PostgreSQL.
#[derive(Debug)]
pub(super) struct QuerySql {
    pub(super) sql: String,
    pub(super) columns: Vec<OutColumn>,
    /// It has an ORDER BY, a limit or a WITH of its own: as a part of a set operation it needs parentheses.
    closed: bool,
}

/// A column of a query's result.
#[derive(Debug, Clone)]
pub(super) struct OutColumn {
    /// Its name in Oracle, where it has one that can be used.
    pub(super) name: Option<OracleIdent>,
    /// Quoted.
    pub(super) target: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    /// As [`ScopeColumn::declared`].
    pub(super) declared: Option<Declared>,
}

/// Where the names of a query's columns come from.
#[derive(Clone, Copy)]
pub(super) enum Naming<'n> {
    /// From the query itself.
    Own,
    /// A list that takes the place of the query's own.
    List(&'n [OracleIdent]),
    /// From the name map, for a view.
    View(&'n View),
}

/// What the columns of a query must become because others of a set operation are so.
#[derive(Clone, Copy)]
pub(super) struct Expected<'e> {
    kinds: &'e [Kind],
    /// Cast all of them, as both parts of a recursive query must have exactly the same types.
    force: bool,
}

impl<'a> Ctes<'a> {
    pub(super) fn find(&self, name: &OracleIdent) -> Option<&Rc<Relation>> {
        match self.named.iter().rev().find(|(known, _)| known == name) {
            Some((_, relation)) => Some(relation),
            None => self.parent?.find(name),
        }
    }
}

impl QuerySql {
    /// One that needs parentheses as a part of a set operation.
    pub(super) fn closed(sql: String, columns: Vec<OutColumn>) -> Self {
        QuerySql { sql, columns, closed: true }
    }

    /// Its columns for whoever selects from it; those without a name cannot be.
    pub(super) fn scope_columns(&self) -> Vec<ScopeColumn> {
        self.columns
            .iter()
            .filter_map(|c| {
                Some(ScopeColumn {
                    name: c.name.clone()?,
                    target: c.target.clone(),
                    kind: c.kind.clone(),
                    nullable: c.nullable,
                    generated: false,
                    hidden: false,
                    declared: c.declared.clone(),
                })
            })
            .collect()
    }

    /// As what `name`, quoted, stands for.
    pub(super) fn relation(&self, name: &str) -> Relation {
        let columns = self.scope_columns();
        Relation { path: None, target: name.to_owned(), name: name.to_owned(), columns, lacks: None }
    }
}

impl<'a> Translator<'a> {
    /// A query within an expression.
    pub(super) fn subquery(&self, query: &Query) -> Result<QuerySql, Refused> {
        if self.place.immutable || self.place.default {
            return Err(Refused::new(query.start, "subqueries cannot stand here"));
        }
        let inner = Translator { hierarchy: None, marks: false, ..*self };
        inner.query(query, Naming::Own, None)
    }

    /// A whole query; what is in `self.scope` is around it.
    pub(super) fn query(
        &self,
        query: &Query,
        naming: Naming<'_>,
        expected: Option<Expected<'_>>,
    ) -> Result<QuerySql, Refused> {
        if query.with.is_empty() {
            return self.query_body(query, naming, expected);
        }
        let mut ctes = Ctes { parent: Some(self.ctes), named: Vec::new() };
        let mut with = Vec::with_capacity(query.with.len());
        let mut recursive = false;
        for cte in &query.with {
            let (sql, relation, is_recursive) = self.cte(cte, &ctes)?;
            with.push(sql);
            recursive |= is_recursive;
            ctes.named.push((cte.name.clone(), Rc::new(relation)));
        }
        let inner = Translator { ctes: &ctes, ..*self };
        let mut sql = inner.query_body(query, naming, expected)?;
        let word = if recursive { "WITH RECURSIVE" } else { "WITH" };
        sql.sql = format!("{word} {}\n{}", with.join(",\n"), sql.sql);
        sql.closed = true;
        Ok(sql)
    }

    fn cte(&self, cte: &Cte, ctes: &Ctes<'_>) -> Result<(String, Relation, bool), Refused> {
        let name = lower(&cte.name, cte.start)?;
        let naming = if cte.columns.is_empty() { Naming::Own } else { Naming::List(&cte.columns) };
        let mut tables = Vec::new();
        cte.query.tables(&mut tables);
        let is_recursive = tables.iter().any(|t| matches!(t.parts.as_slice(), [part] if part.name == cte.name));
        let inner = Translator { ctes, hierarchy: None, marks: false, ..*self };
        if !is_recursive {
            let sql = inner.query(&cte.query, naming, None)?;
            let relation = sql.relation(&name);
            return Ok((format!("{name} AS (\n{}\n)", sql.sql), relation, false));
        }
        let Body::Set { operator: SetOperator::UnionAll, left, .. } = &cte.query.body else {
            return Err(Refused::new(cte.start, "a recursive WITH is converted as a UNION ALL only"));
        };
        let anchor = inner.body(left, naming, None)?;
        let kinds: Vec<Kind> = anchor
            .columns
            .iter()
            .map(|c| match &c.kind {
                Kind::Int => Kind::Numeric,
                Kind::Char(_) => Kind::Text,
                other => other.clone(),
            })
            .collect();
        let expected = Expected { kinds: &kinds, force: true };
        let anchor = inner.body(left, naming, Some(expected))?;
        let mut known = Ctes { parent: Some(ctes), named: Vec::new() };
        known.named.push((cte.name.clone(), Rc::new(anchor.relation(&name))));
        let inner = Translator { ctes: &known, ..inner };
        let sql = inner.query(&cte.query, naming, Some(expected))?;
        let mut relation = sql.relation(&name);
        let clauses = self.search_and_cycle(cte, &mut relation)?;
        Ok((format!("{name} AS (\n{}\n){clauses}", sql.sql), relation, true))
    }

    /// SEARCH and CYCLE behind a recursive WITH; their columns go into `relation`.
    fn search_and_cycle(&self, cte: &Cte, relation: &mut Relation) -> Result<String, Refused> {
        let refused = |reason: &str| Refused::new(cte.start, reason);
        if (cte.search.is_some() || cte.cycle.is_some()) && self.rewriter.pg_version < 14 {
            return Err(refused("SEARCH and CYCLE are converted from PostgreSQL 14 on"));
        }
        let column = |relation: &Relation, name: &OracleIdent| {
            let found = relation.columns.iter().find(|c| c.name == *name).map(|c| c.target.clone());
            found.ok_or_else(|| Refused::new(cte.start, format!("{name} is no column of {}", cte.name)))
        };
        let mut sql = String::new();
        let mut more = Vec::new();
        if let Some(search) = &cte.search {
            let mut by = Vec::with_capacity(search.by.len());
            for order in &search.by {
                let Node::Name(parts) = &order.value.node else { return Err(refused("SEARCH BY names columns only")) };
                let [part] = parts.as_slice() else { return Err(refused("SEARCH BY names columns only")) };
                if order.descending || order.nulls_first == Some(true) {
                    return Err(refused("SEARCH in descending order, or NULLs first, has no counterpart"));
                }
                by.push(column(relation, &part.name)?);
            }
            let set = lower(&search.set, cte.start)?;
            let how = if search.depth { "DEPTH" } else { "BREADTH" };
            sql.push_str(&format!(" SEARCH {how} FIRST BY {} SET {set}", by.join(", ")));
            // An array of rows in PostgreSQL, good for ORDER BY and nothing else, as in Oracle.
            more.push((search.set.clone(), set, Kind::Numeric));
        }
        if let Some(cycle) = &cte.cycle {
            let columns: Vec<String> = cycle.columns.iter().map(|c| column(relation, c)).collect::<Result<_, _>>()?;
            let set = lower(&cycle.set, cte.start)?;
            // Constants, and nothing but constants, in both.
            let (to, default) = (self.value(&cycle.to)?, self.value(&cycle.default)?);
            if to.literal.is_none() || default.literal.is_none() {
                return Err(refused("CYCLE is converted with marks that are texts only"));
            }
            sql.push_str(&format!(
                " CYCLE {} SET {set} TO {} DEFAULT {} USING {}",
                columns.join(", "),
                to.sql,
                default.sql,
                self.fresh("way")
            ));
            more.push((cycle.set.clone(), set, Kind::Text));
        }
        relation.columns.extend(more.into_iter().map(|(name, target, kind)| ScopeColumn {
            name,
            target,
            kind,
            nullable: false,
            generated: false,
            hidden: false,
            declared: None,
        }));
        Ok(sql)
    }

    fn query_body(
        &self,
        query: &Query,
        naming: Naming<'_>,
        expected: Option<Expected<'_>>,
    ) -> Result<QuerySql, Refused> {
        let percent = match &query.fetch {
            Some(Fetch { rows: Some(rows), percent: true, ties: false }) if query.offset.is_none() => Some(rows),
            _ => None,
        };
        let limit = if percent.is_some() { String::new() } else { self.limit(query)? };
        let mut sql = match &query.body {
            Body::Select(select) => {
                let order = Ordering { by: &query.order_by, siblings: query.siblings };
                self.select(select, order, naming, expected)?
            }
            body => {
                if query.siblings {
                    return Err(Refused::new(query.start, "ORDER SIBLINGS BY belongs to CONNECT BY"));
                }
                let sql = self.body(body, naming, expected)?;
                if query.order_by.is_empty() { sql } else { self.ordered_whole(sql, &query.order_by, &[])? }
            }
        };
        if !limit.is_empty() {
            sql.sql.push_str(&limit);
            sql.closed = true;
        }
        match percent {
            Some(percent) => self.first_percent(sql, percent),
            None => Ok(sql),
        }
    }

    /// `FETCH FIRST percent PERCENT ROWS ONLY`: by counting the rows, rounded up.
    fn first_percent(&self, sql: QuerySql, percent: &Expr) -> Result<QuerySql, Refused> {
        let piece = self.value(percent)?;
        if !piece.kind.is_exact_number() {
            return self.refuse(percent, "a percentage of rows that is no number is not converted");
        }
        let (inner, outer) = (self.fresh("q"), self.fresh("q"));
        let list: Vec<String> = sql.columns.iter().map(|c| format!("{outer}.{}", c.target)).collect();
        let text = format!(
            "SELECT\n    {}\nFROM (\nSELECT {inner}.*, row_number() OVER () AS \"row#\", count(*) OVER () AS \"rows#\"\nFROM (\n{}\n) AS {inner}\n) AS {outer}\n\
             WHERE {outer}.\"row#\" <= ceil({outer}.\"rows#\" * {} / 100.0)\nORDER BY {outer}.\"row#\"",
            list.join(",\n    "),
            sql.sql,
            piece.operand()
        );
        Ok(QuerySql { sql: text, columns: sql.columns, closed: true })
    }

    fn limit(&self, query: &Query) -> Result<String, Refused> {
        let mut sql = String::new();
        let number = |e: &Expr| -> Result<String, Refused> {
            let piece = self.value(e)?;
            if piece.kind.is_exact_number() {
                Ok(piece.operand())
            } else {
                self.refuse(e, "a limit of rows that is no number is not converted")
            }
        };
        if let Some(offset) = &query.offset {
            sql.push_str(&format!("\nOFFSET {} ROWS", number(offset)?));
        }
        if let Some(Fetch { rows, percent, ties }) = &query.fetch {
            if *percent {
                return Err(Refused::new(query.start, "FETCH FIRST … PERCENT with OFFSET or TIES has no counterpart"));
            }
            let rows = rows.as_ref().map(number).transpose()?.unwrap_or_else(|| "1".to_owned());
            let ending = if *ties { "WITH TIES" } else { "ONLY" };
            sql.push_str(&format!("\nFETCH FIRST {rows} ROWS {ending}"));
        }
        Ok(sql)
    }

    /// `sql` in an order that its own columns decide; `items` are the expressions behind them, where they are known.
    fn ordered_whole(
        &self,
        sql: QuerySql,
        order_by: &[Order],
        items: &[(Piece, Option<OracleIdent>)],
    ) -> Result<QuerySql, Refused> {
        let alias = self.fresh("q");
        let relation = Rc::new(sql.relation(&alias));
        let mut scope = Scope { sources: Vec::new(), outer: Some(self.scope) };
        let prefix = format!("{alias}.");
        scope.sources.push(ScopeSource { relation, alias: None, prefix, outer: false, merged: Vec::new() });
        let outer = Translator { scope: &scope, ..*self };
        let mut order = Vec::with_capacity(order_by.len());
        for element in order_by {
            let position = match &element.value.node {
                Node::Number(text) => text.parse::<usize>().ok().and_then(|n| n.checked_sub(1)),
                _ => None,
            };
            // Behind DISTINCT an expression of the list may stand again: `e.name` that is given out as NAME.
            let position = position.or_else(|| {
                if items.is_empty() {
                    return None;
                }
                let piece = self.value(&element.value).ok()?;
                items.iter().position(|(item, _)| item.sql == piece.sql)
            });
            let piece = match position {
                Some(position) => {
                    let Some(column) = sql.columns.get(position) else {
                        return self.refuse(&element.value, "there is no column at this position");
                    };
                    Piece::atom(format!("{alias}.{}", column.target), column.kind.clone(), true)
                }
                None => outer.value(&element.value)?,
            };
            order.push(outer.ordering(&element.value, &piece, element)?);
        }
        let list: Vec<String> = sql.columns.iter().map(|c| format!("{alias}.{}", c.target)).collect();
        let text = format!(
            "SELECT\n    {}\nFROM (\n{}\n) AS {alias}\nORDER BY {}",
            list.join(",\n    "),
            sql.sql,
            order.join(", ")
        );
        Ok(QuerySql { sql: text, columns: sql.columns, closed: true })
    }

    // --- Set operations

    fn body(&self, body: &Body, naming: Naming<'_>, expected: Option<Expected<'_>>) -> Result<QuerySql, Refused> {
        match body {
            Body::Select(select) => self.select(select, Ordering { by: &[], siblings: false }, naming, expected),
            Body::Nested(query) => self.query(query, naming, expected),
            Body::Set { .. } => {
                if expected.is_some() {
                    return self.set(body, naming, expected);
                }
                let mut leaves = Vec::new();
                leaves_of(body, &mut leaves);
                let mut columns: Vec<Vec<Piece>> = Vec::new();
                for leaf in &leaves {
                    let sql = self.body(leaf, Naming::Own, None)?;
                    if columns.is_empty() {
                        columns = vec![Vec::new(); sql.columns.len()];
                    }
                    if columns.len() != sql.columns.len() {
                        return Err(Refused::new(start_of(leaf), "the queries have different numbers of columns"));
                    }
                    for (column, found) in columns.iter_mut().zip(sql.columns) {
                        column.push(Piece::atom("", found.kind, found.nullable));
                    }
                }
                let at = Expr::at(start_of(body), Node::Null);
                let kinds: Vec<Kind> = columns
                    .into_iter()
                    .map(|pieces| {
                        let same = pieces.windows(2).all(|pair| pair[0].kind == pair[1].kind);
                        match pieces.first() {
                            Some(first) if same => Ok(first.kind.clone()),
                            _ => self.unify_kinds(&at, &pieces),
                        }
                    })
                    .collect::<Result<_, _>>()?;
                self.set(body, naming, Some(Expected { kinds: &kinds, force: false }))
            }
        }
    }

    fn set(&self, body: &Body, naming: Naming<'_>, expected: Option<Expected<'_>>) -> Result<QuerySql, Refused> {
        let Body::Set { operator, left, right, .. } = body else { return self.body(body, naming, expected) };
        let word = match operator {
            SetOperator::Union => "UNION",
            SetOperator::UnionAll => "UNION ALL",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::IntersectAll => "INTERSECT ALL",
            SetOperator::Minus => "EXCEPT",
            SetOperator::MinusAll => "EXCEPT ALL",
        };
        let (l, r) = (self.set(left, naming, expected)?, self.set(right, naming.of_operand(), expected)?);
        if l.columns.len() != r.columns.len() {
            return Err(Refused::new(start_of(right), "the queries have different numbers of columns"));
        }
        // INTERSECT binds closer in PostgreSQL, in Oracle all bind equally.
        let mixed =
            matches!(&**left, Body::Set { operator: inner, .. } if is_intersect(*operator) && !is_intersect(*inner));
        let part = |q: &QuerySql, parentheses: bool| {
            if q.closed || parentheses { format!("(\n{}\n)", q.sql) } else { q.sql.clone() }
        };
        let sql = format!("{}\n{word}\n{}", part(&l, mixed), part(&r, matches!(&**right, Body::Set { .. })));
        let mut columns = l.columns;
        for (column, other) in columns.iter_mut().zip(r.columns) {
            column.nullable |= other.nullable;
            column.declared = match (column.declared.take(), other.declared) {
                (Some(one), Some(other)) if one.oracle_type == other.oracle_type => {
                    Some(Declared { not_null: one.not_null && other.not_null, ..one })
                }
                _ => None,
            };
            if column.kind == Kind::Null {
                column.kind = other.kind;
            }
        }
        Ok(QuerySql { sql, columns, closed: false })
    }

    fn unify_kinds(&self, at: &Expr, pieces: &[Piece]) -> Result<Kind, Refused> {
        self.unify(at, pieces.to_vec()).map(|(_, kind)| kind)
    }

    // --- SELECT

    fn select(
        &self,
        select: &Select,
        order: Ordering<'_>,
        naming: Naming<'_>,
        expected: Option<Expected<'_>>,
    ) -> Result<QuerySql, Refused> {
        if select.hierarchy.is_some() {
            return hierarchy::select(self, select, order, naming, expected);
        }
        if order.siblings {
            return Err(Refused::new(select.start, "ORDER SIBLINGS BY belongs to CONNECT BY"));
        }
        let mut scope = Scope { sources: Vec::new(), outer: Some(self.scope) };
        let (rownum, filter) = self.split_rownum(select)?;
        let from = outer_join::from(self, select, &filter, &mut scope)?;
        let inner = Translator { scope: &scope, hierarchy: None, ..*self };
        let mut conditions = from.conditions;
        for conjunct in &filter {
            if !outer_join::is_marked(conjunct) {
                conditions.push(inner.conjunct(conjunct)?);
            }
        }
        let filter = conditions.join(" AND ");
        // Oracle counts rows before it orders and groups them.
        let counted =
            rownum.as_ref().filter(|_| !order.by.is_empty() || !select.group_by.is_empty() || select.distinct);
        if let Some(limit) = counted {
            return self.counted_first(select, limit, order, naming, expected, &scope, &from.sql, &filter);
        }
        let mut sql = inner.output(select, order, naming, expected, &from.sql, &filter)?;
        if let Some(limit) = rownum {
            sql.sql.push_str(&format!("\nLIMIT {limit}"));
            sql.closed = true;
            self.note("of more rows than ROWNUM takes, PostgreSQL may find others first");
        }
        Ok(sql)
    }

    /// A condition as a part of a conjunction.
    pub(super) fn conjunct(&self, condition: &Expr) -> Result<String, Refused> {
        let piece = self.condition(condition)?;
        let parentheses = piece.shape == super::translate::Shape::Or;
        Ok(if parentheses { format!("({})", piece.sql) } else { piece.sql })
    }

    /// The rows that ROWNUM takes as a query of its own, then the rest over them.
    #[expect(clippy::too_many_arguments, reason = "the parts of one SELECT")]
    fn counted_first(
        &self,
        select: &Select,
        limit: &str,
        order: Ordering<'_>,
        naming: Naming<'_>,
        expected: Option<Expected<'_>>,
        scope: &Scope<'_>,
        from: &str,
        filter: &str,
    ) -> Result<QuerySql, Refused> {
        let alias = self.fresh("first");
        let (list, sources) = flattened(&scope.sources, &alias);
        let where_clause = if filter.is_empty() { String::new() } else { format!("\nWHERE {filter}") };
        let from = format!("(\nSELECT {}\nFROM {from}{where_clause}\nLIMIT {limit}\n) AS {alias}", list.join(", "));
        let scope = Scope { sources, outer: Some(self.scope) };
        let inner = Translator { scope: &scope, hierarchy: None, ..*self };
        self.note("of more rows than ROWNUM takes, PostgreSQL may find others first");
        inner.output(select, order, naming, expected, &from, "")
    }

    /// Everything but FROM and WHERE, which are given; `self.scope` is what FROM has.
    pub(super) fn output(
        &self,
        select: &Select,
        order: Ordering<'_>,
        naming: Naming<'_>,
        expected: Option<Expected<'_>>,
        from: &str,
        filter: &str,
    ) -> Result<QuerySql, Refused> {
        let items = self.items(select)?;
        let mut groups = Vec::with_capacity(select.group_by.len());
        for group in &select.group_by {
            groups.push(self.group(group)?);
        }
        let having = select.having.as_ref().map(|h| self.condition(h)).transpose()?;
        let columns = self.named(select, &items, naming)?;
        let mut list = Vec::with_capacity(items.len());
        let mut out = columns;
        for (position, (piece, _)) in items.iter().enumerate() {
            let mut sql = piece.sql.clone();
            if let Some(expected) = expected
                && let Some(kind) = expected.kinds.get(position)
            {
                let at = Expr::at(select.start, Node::Null);
                let converted = self.convert(&at, piece, kind)?;
                sql.clone_from(&converted.sql);
                if (expected.force || piece.kind == Kind::Null)
                    && let Some(to) = kind.pg_name()
                {
                    sql = format!("CAST({sql} AS {to})");
                }
                if let Some(column) = out.get_mut(position) {
                    column.kind = kind.clone();
                }
            }
            list.push(format!("{sql} AS {}", out[position].target));
        }
        let distinct = if select.distinct { " DISTINCT" } else { "" };
        let mut query = format!("SELECT{distinct}\n    {}", list.join(",\n    "));
        let mut clause = |word: &str, sql: &str| {
            if !sql.is_empty() {
                query.push_str(&format!("\n{word} {sql}"));
            }
        };
        clause("FROM", from);
        clause("WHERE", filter);
        clause("GROUP BY", &groups.join(", "));
        clause("HAVING", having.as_ref().map_or("", |h| h.sql.as_str()));
        let sql = QuerySql { sql: query, columns: out, closed: false };
        if order.by.is_empty() {
            return Ok(sql);
        }
        if select.distinct {
            return self.ordered_whole(sql, order.by, &items);
        }
        let mut elements = Vec::with_capacity(order.by.len());
        for element in order.by {
            elements.push(self.order_element(element, &items)?);
        }
        let text = format!("{}\nORDER BY {}", sql.sql, elements.join(", "));
        Ok(QuerySql { sql: text, columns: sql.columns, closed: true })
    }

    fn order_element(&self, order: &Order, items: &[(Piece, Option<OracleIdent>)]) -> Result<String, Refused> {
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
                return self.refuse(&order.value, "there is no column at this position");
            }
            None => self.value(&order.value)?,
        };
        if piece.kind == Kind::Null || piece.literal.is_some() {
            return Ok("(SELECT NULL)".to_owned());
        }
        self.ordering(&order.value, &piece, order)
    }

    /// The columns of the result, with the name that the query gives them.
    fn items(&self, select: &Select) -> Result<Vec<(Piece, Option<OracleIdent>)>, Refused> {
        let mut items = Vec::new();
        for item in &select.items {
            match item {
                Item::One { value, alias } => {
                    let piece = self.value(value)?;
                    let name = alias.clone().or_else(|| own_name(value));
                    items.push((piece, name));
                }
                Item::All { of, start } => {
                    let before = items.len();
                    for source in self.scope.sources.iter().filter(|s| s.answers_to(of)) {
                        if let Some(column) = &source.relation.lacks {
                            let of = source.relation.path.as_ref().map(ToString::to_string).unwrap_or_default();
                            return Err(Refused::new(*start, format!("{of}.{column} is not converted")));
                        }
                        let merged = |c: &ScopeColumn| of.is_empty() && source.merged.contains(&c.name);
                        for column in source.relation.columns.iter().filter(|c| !c.hidden && !merged(c)) {
                            let sql = format!("{}{}", source.prefix, column.target);
                            let piece = Piece::atom(sql, column.kind.clone(), column.nullable || source.outer)
                                .declared(column.declared.clone());
                            items.push((piece, Some(column.name.clone())));
                        }
                    }
                    if items.len() == before {
                        return Err(Refused::new(*start, "no table of this name is in the query"));
                    }
                    if of.is_empty() {
                        // What USING and NATURAL JOIN join by comes first.
                        let joined = |name: &Option<OracleIdent>| {
                            name.as_ref().is_some_and(|n| self.scope.sources.iter().any(|s| s.merged.contains(n)))
                        };
                        items[before..].sort_by_key(|(_, name)| !joined(name));
                    }
                }
            }
        }
        Ok(items)
    }

    fn group(&self, group: &Group) -> Result<String, Refused> {
        let list = |groups: &[Group]| -> Result<String, Refused> {
            Ok(groups.iter().map(|g| self.group(g)).collect::<Result<Vec<_>, _>>()?.join(", "))
        };
        Ok(match group {
            Group::One(value) => {
                if matches!(value.node, Node::Number(_) | Node::Text(_) | Node::Null) {
                    return self.refuse(value, "PostgreSQL takes a number here for the position of a column");
                }
                self.value(value)?.operand()
            }
            Group::Set(all) => {
                let all: Vec<String> = all.iter().map(|e| Ok(self.value(e)?.sql)).collect::<Result<_, Refused>>()?;
                format!("({})", all.join(", "))
            }
            Group::Rollup(groups) => format!("ROLLUP ({})", list(groups)?),
            Group::Cube(groups) => format!("CUBE ({})", list(groups)?),
            Group::Sets(groups) => format!("GROUPING SETS ({})", list(groups)?),
        })
    }

    fn named(
        &self,
        select: &Select,
        items: &[(Piece, Option<OracleIdent>)],
        naming: Naming<'_>,
    ) -> Result<Vec<OutColumn>, Refused> {
        let list: &[OracleIdent] = match naming {
            Naming::Own => &[],
            Naming::List(list) => list,
            Naming::View(view) => &view.columns,
        };
        if !list.is_empty() && list.len() != items.len() {
            let reason = format!("{} columns are named here and the query has {}", list.len(), items.len());
            return Err(Refused::new(select.start, reason));
        }
        let mut taken = BTreeSet::new();
        let mut columns = Vec::with_capacity(items.len());
        for (position, (piece, name)) in items.iter().enumerate() {
            let name = list.get(position).cloned().or_else(|| name.clone());
            let target = match (naming, &name) {
                (Naming::View(view), Some(name)) => {
                    match self.rewriter.names.column(&view.path, name) {
                        Some(target) => target.quoted(),
                        // What only the types tell, the attributes of a collection's elements, is in no map.
                        None => lower(name, select.start)?,
                    }
                }
                (Naming::View(_), None) => {
                    return Err(Refused::new(select.start, format!("column {} has no name", position + 1)));
                }
                (_, Some(name)) => lower(name, select.start)?,
                (_, None) => crate::ident::quoted(&format!("column{}", position + 1)),
            };
            let target = if taken.contains(&target) && !matches!(naming, Naming::View(_)) {
                crate::ident::quoted(&format!("column{}${}", position + 1, position + 1))
            } else {
                target
            };
            taken.insert(target.clone());
            let (kind, declared) = (piece.kind.clone(), piece.declared.clone());
            columns.push(OutColumn { name, target, kind, nullable: piece.nullable, declared });
        }
        Ok(columns)
    }
}

/// An ORDER BY.
#[derive(Clone, Copy)]
pub(super) struct Ordering<'o> {
    pub(super) by: &'o [Order],
    pub(super) siblings: bool,
}

impl<'n> Naming<'n> {
    /// Of the second operand of a set operation, whose own names count for nothing.
    fn of_operand(self) -> Naming<'n> {
        match self {
            Naming::View(_) => Naming::Own,
            other => other,
        }
    }
}

fn is_intersect(operator: SetOperator) -> bool {
    matches!(operator, SetOperator::Intersect | SetOperator::IntersectAll)
}

fn leaves_of<'b>(body: &'b Body, leaves: &mut Vec<&'b Body>) {
    match body {
        Body::Set { left, right, .. } => {
            leaves_of(left, leaves);
            leaves_of(right, leaves);
        }
        other => leaves.push(other),
    }
}

fn start_of(body: &Body) -> usize {
    match body {
        Body::Select(select) => select.start,
        Body::Nested(query) => query.start,
        Body::Set { left, .. } => start_of(left),
    }
}

/// The name that an item has without an alias.
pub(super) fn own_name(value: &Expr) -> Option<OracleIdent> {
    match &value.node {
        Node::Name(parts) => parts.last().map(|p| p.name.clone()),
        Node::OuterJoined(inner) => own_name(inner),
        _ => None,
    }
}

/// The name of an alias, quoted.
pub(super) fn lower(name: &OracleIdent, at: usize) -> Result<String, Refused> {
    Ok(CaseRule::Lower.apply(name).map_err(|e| Refused::new(at, e.to_string()))?.quoted())
}

/// All columns of several relations as a list, each under a name of its own, and the relations as they are found again in
/// `alias`.
pub(super) fn flattened(sources: &[ScopeSource], alias: &str) -> (Vec<String>, Vec<ScopeSource>) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut list = Vec::new();
    let sources = sources
        .iter()
        .map(|source| {
            let mut relation = (*source.relation).clone();
            for column in &mut relation.columns {
                let mut name = column.target.clone();
                let mut number = 1usize;
                while !taken.insert(name.clone()) {
                    number += 1;
                    name = crate::ident::quoted(&format!("{}${number}", column.target.trim_matches('"')));
                }
                list.push(format!("{}{} AS {name}", source.prefix, column.target));
                column.nullable |= source.outer;
                column.target = name;
            }
            ScopeSource {
                relation: Rc::new(relation),
                alias: source.alias.clone(),
                prefix: format!("{alias}."),
                outer: source.outer,
                merged: source.merged.clone(),
            }
        })
        .collect();
    (list, sources)
}

impl Translator<'_> {
    /// What `ROWNUM` limits the rows to, and the other conditions of WHERE.
    fn split_rownum<'s>(&self, select: &'s Select) -> Result<(Option<String>, Vec<&'s Expr>), Refused> {
        let mut limit: Option<u64> = None;
        let mut computed: Option<String> = None;
        let mut rest = Vec::new();
        for conjunct in select.filter.iter().flat_map(|f| f.conjuncts()) {
            if !conjunct.any(&|e| e.is_name("ROWNUM")) {
                rest.push(conjunct);
                continue;
            }
            let refused = || {
                Refused::new(
                    conjunct.start,
                    "of the conditions with ROWNUM only those that limit it to a number are converted",
                )
            };
            let Node::Compare { op, left, right } = &conjunct.node else { return Err(refused()) };
            let (op, number) = match (left.is_name("ROWNUM"), right.is_name("ROWNUM")) {
                (true, false) => (*op, right),
                (false, true) => match *op {
                    ">" => ("<", left),
                    ">=" => ("<=", left),
                    "=" => ("=", left),
                    _ => return Err(refused()),
                },
                _ => return Err(refused()),
            };
            let Node::Number(text) = &number.node else {
                // What names no column of this query: the same number for all rows.
                if computed.is_some() || !matches!(op, "<" | "<=") {
                    return Err(refused());
                }
                let piece = self.value(number).map_err(|_| refused())?;
                if !piece.kind.is_exact_number() {
                    return Err(refused());
                }
                let most = if op == "<" { format!("ceil({}) - 1", piece.sql) } else { format!("floor({})", piece.sql) };
                computed = Some(format!("CAST(GREATEST(COALESCE({most}, 0), 0) AS bigint)"));
                continue;
            };
            let number: u64 = text.parse().map_err(|_| refused())?;
            let most = match op {
                "<=" => number,
                "<" => number.saturating_sub(1),
                "=" if number == 1 => 1,
                // Of no row can ROWNUM be more than 1 before another has been 1.
                "=" | ">" if number > 0 => 0,
                ">=" if number > 1 => 0,
                _ => continue,
            };
            limit = Some(limit.map_or(most, |known| known.min(most)));
        }
        let limit = match (limit, computed) {
            (Some(limit), Some(computed)) => Some(format!("LEAST({limit}, {computed})")),
            (limit, computed) => limit.map(|limit| limit.to_string()).or(computed),
        };
        Ok((limit, rest))
    }
}
