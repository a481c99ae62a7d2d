//! Queries: FROM and its joins, grouping, the select list, ORDER BY.

use super::*;
use std::ops::Range;

/// Sources that are joined by the WHERE clause, and conditions not yet placed.
#[derive(Default)]
struct Sources {
    units: Vec<Arc<Node>>,
    conds: Vec<Cond>,
}

struct From<'p> {
    scope: Scope<'p>,
    width: usize,
    /// Leaf, first column, columns.
    tables: Vec<(usize, usize, usize)>,
}

impl<'s> Compiler<'s> {
    pub(in crate::engine::sql) fn query(&mut self, query: &Query, link: &Link<'_>) -> Compile<QueryPlan> {
        let known = self.ctes.len();
        for cte in &query.with {
            self.ctes.push(CteDef {
                name: cte.name.text.clone(),
                columns: cte.columns.clone(),
                query: cte.query.clone(),
            });
        }
        let result = self.query_here(query, link);
        self.ctes.truncate(known);
        result
    }

    fn query_here(&mut self, query: &Query, link: &Link<'_>) -> Compile<QueryPlan> {
        let sequences = self.sequences;
        if !query.order.is_empty() {
            self.sequences = false;
        }
        let mut plan = match &query.body {
            SetExpr::Select(select) => self.select(select, &query.order, link)?,
            SetExpr::Nested(inner) => {
                let mut plan = self.query(inner, link)?;
                if !query.order.is_empty() || query.skip.is_some() || query.fetch.is_some() {
                    if !plan.order.is_empty() || plan.skip.is_some() || plan.fetch.is_some() {
                        return Err(error_at(933, "SQL command not properly ended", 0));
                    }
                    plan.order = self.output_order(&query.order, &plan)?;
                }
                plan
            }
            SetExpr::Set { .. } => {
                self.sequences = false;
                let mut plan = self.set(&query.body, link)?;
                plan.order = self.output_order(&query.order, &plan)?;
                plan
            }
        };
        self.sequences = sequences;
        let scope = Scope::empty(link);
        if let Some(skip) = &query.skip {
            plan.skip = Some(self.scalar(skip, &scope)?);
        }
        if let Some(fetch) = &query.fetch {
            plan.fetch = Some(self.scalar(fetch, &scope)?);
        }
        Ok(plan)
    }

    fn set(&mut self, body: &SetExpr, link: &Link<'_>) -> Compile<QueryPlan> {
        match body {
            SetExpr::Select(select) => self.select(select, &[], link),
            SetExpr::Nested(query) => self.query(query, link),
            SetExpr::Set { operator, left, right, offset } => {
                let left = self.set(left, link)?;
                let right = self.set(right, link)?;
                if left.columns.len() != right.columns.len() {
                    let message = "query block has incorrect number of result columns";
                    return Err(error_at(1789, message, *offset));
                }
                let mut columns = Vec::with_capacity(left.columns.len());
                let mut kinds = Vec::with_capacity(left.columns.len());
                for (i, (l, r)) in left.columns.iter().zip(&right.columns).enumerate() {
                    let typed = |c: &PlanColumn, kind: Kind| Typed {
                        expr: Bound::Column(0),
                        ty: c.ty.clone(),
                        kind,
                        nullable: c.nullable,
                    };
                    let (a, b) = (typed(l, left.kinds[i]), typed(r, right.kinds[i]));
                    let (ty, kind) = unify(&[&a, &b]).map_err(|_| {
                        error_at(1790, "expression must have same datatype as corresponding expression", *offset)
                    })?;
                    columns.push(PlanColumn { name: l.name.clone(), ty, nullable: l.nullable || r.nullable });
                    kinds.push(kind);
                }
                Ok(QueryPlan {
                    body: Body::Set { operator: *operator, left: Arc::new(left), right: Arc::new(right) },
                    order: Vec::new(),
                    skip: None,
                    fetch: None,
                    columns,
                    kinds,
                })
            }
        }
    }

    /// ORDER BY of what is no plain SELECT: by position or by name of a column.
    fn output_order(&self, order: &[OrderItem], plan: &QueryPlan) -> Compile<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(order.len());
        for item in order {
            let index = match item.expr.kind.as_ref() {
                ExprKind::Number(n) => Some(position(n, plan.columns.len(), item.offset)?),
                ExprKind::Name(name) => match name.as_slice() {
                    [one] => plan.columns.iter().position(|c| c.name == one.text),
                    _ => None,
                },
                _ => None,
            };
            let Some(index) = index else {
                return Err(error_at(
                    1785,
                    "ORDER BY item must be the number of a SELECT-list expression",
                    item.offset,
                ));
            };
            keys.push(sort_key(index, plan.kinds[index], item)?);
        }
        Ok(keys)
    }

    // --- SELECT ------------------------------------------------------------------------------------------------

    fn select(&mut self, select: &Select, order: &[OrderItem], link: &Link<'_>) -> Compile<QueryPlan> {
        let mut from = From { scope: Scope::empty(link), width: 0, tables: Vec::new() };
        let mut sources = Sources::default();
        for table in &select.from {
            let part = self.table_ref(table, &mut from)?;
            sources.units.extend(part.units);
            sources.conds.extend(part.conds);
        }
        let From { mut scope, mut width, tables } = from;
        if let Some(condition) = &select.connect_by {
            let dual = match sources.units.as_slice() {
                [unit] => matches!(unit.as_ref(), Node::One { .. }),
                _ => false,
            };
            if !dual {
                return Err(error_at(3001, "unimplemented feature: CONNECT BY but on DUAL", condition.offset));
            }
            scope.level = Some(width);
            width += 1;
            let condition = self.cond(condition, &scope)?;
            sources.units = vec![Arc::new(Node::Levels { start: 0, condition })];
        }
        let sequences = std::mem::replace(&mut self.sequences, false);

        let mut outer: Vec<(usize, Cond)> = Vec::new();
        if let Some(filter) = &select.filter {
            let parts: &[Expr] = match filter.kind.as_ref() {
                ExprKind::And(list) => list,
                _ => std::slice::from_ref(filter),
            };
            for part in parts {
                let cond = self.cond(part, &scope)?;
                match self.outer_joined(part, &scope, &sources.units)? {
                    Some(unit) => outer.push((unit, cond)),
                    None => split(cond, &mut sources.conds),
                }
            }
        }
        let (node, leftover) = self.arrange(sources, outer)?;
        let grouped = !select.group_by.is_empty()
            || select.having.is_some()
            || select.items.iter().any(|i| matches!(i, Item::Expr { expr, .. } if contains(expr, &is_aggregate)))
            || order.iter().any(|o| contains(&o.expr, &is_aggregate));
        if grouped {
            let mut keys = Vec::with_capacity(select.group_by.len());
            for key in &select.group_by {
                let key_typed = self.scalar(key, &scope)?;
                if key_typed.kind == Kind::Clob {
                    return Err(error_at(932, "inconsistent datatypes: expected - got CLOB", key.offset));
                }
                keys.push(key_typed);
            }
            scope.group.replace(Some(GroupScope { keys, aggregates: Vec::new() }));
        }
        self.sequences = sequences && !grouped && !select.distinct;
        let mut project: Vec<Typed> = Vec::new();
        let mut columns = Vec::new();
        for item in &select.items {
            match item {
                Item::Expr { expr, name, .. } => {
                    let typed = self.scalar(expr, &scope)?;
                    columns.push(PlanColumn { name: name.clone(), ty: typed.ty.clone(), nullable: typed.nullable });
                    project.push(typed);
                }
                Item::Star { offset } => self.star(&scope, None, *offset, &mut columns, &mut project)?,
                Item::QualifiedStar { name, offset } => {
                    self.star(&scope, Some(name), *offset, &mut columns, &mut project)?;
                }
            }
        }
        self.sequences = false;
        let visible = project.len();
        if select.distinct
            && let Some(i) = project.iter().position(|t| matches!(t.kind, Kind::Clob | Kind::Blob))
        {
            let error = inconsistent("-", project[i].kind.name());
            return Err(error_at(error.code, &error.message, select.offset));
        }
        let aliases = columns.iter().map(|c| c.name.clone()).zip(project.iter().cloned()).collect();
        scope.aliases.replace(aliases);
        let mut sort = Vec::with_capacity(order.len());
        for item in order {
            let by_name = match item.expr.kind.as_ref() {
                ExprKind::Number(n) => Some(position(n, visible, item.offset)?),
                ExprKind::Name(name) if name.len() == 1 => {
                    // An alias goes before a column of the same name.
                    let aliased = select.items.iter().any(|i| match i {
                        Item::Expr { name: n, expr, .. } => {
                            *n == name[0].text && !matches!(expr.kind.as_ref(), ExprKind::Name(_))
                        }
                        _ => false,
                    });
                    let named = columns.iter().position(|c| c.name == name[0].text);
                    if aliased || self.lookup(&scope, name).ok().flatten().is_none() { named } else { None }
                }
                _ => None,
            };
            let index = match by_name {
                Some(index) => index,
                None => {
                    let typed = self.scalar(&item.expr, &scope)?;
                    match project.iter().position(|p| p.expr == typed.expr) {
                        Some(index) => index,
                        None if select.distinct => {
                            return Err(error_at(1791, "not a SELECTed expression", item.offset));
                        }
                        None => {
                            project.push(typed);
                            project.len() - 1
                        }
                    }
                }
            };
            sort.push(sort_key(index, project[index].kind, item)?);
        }
        scope.aliases.take();
        let mut having = Vec::new();
        if let Some(cond) = &select.having {
            split(self.cond(cond, &scope)?, &mut having);
        }
        let group = scope.group.take().map(|g| GroupPlan { keys: g.keys, aggregates: g.aggregates });
        let kinds = project[..visible].iter().map(|t| t.kind).collect();
        let plan = SelectPlan {
            group,
            having,
            project,
            visible,
            distinct: select.distinct,
            ..bare(node, leftover, width, tables)
        };
        self.sequences = sequences;
        Ok(QueryPlan { body: Body::Select(Arc::new(plan)), order: sort, skip: None, fetch: None, columns, kinds })
    }

    fn star(
        &mut self,
        scope: &Scope<'_>,
        name: Option<&Vec<Ident>>,
        offset: usize,
        columns: &mut Vec<PlanColumn>,
        project: &mut Vec<Typed>,
    ) -> Compile<()> {
        let mut found: Vec<(String, Typed)> = Vec::new();
        if name.is_none() {
            found.extend(scope.merged.iter().map(|m| (m.name.clone(), m.value.clone())));
        }
        let mut any = false;
        for table in &scope.tables {
            let wanted = match name.map(Vec::as_slice) {
                None => true,
                Some([t]) => table.name.as_deref() == Some(t.text.as_str()),
                Some([o, t]) => {
                    table.name.as_deref() == Some(t.text.as_str()) && table.owner.as_deref() == Some(o.text.as_str())
                }
                Some(_) => false,
            };
            if !wanted {
                continue;
            }
            any = true;
            for c in table.columns.iter().filter(|c| !c.invisible) {
                if name.is_none() && scope.merged.iter().any(|m| m.hidden.contains(&c.index)) {
                    continue;
                }
                let typed =
                    Typed { expr: Bound::Column(c.index), ty: c.ty.clone(), kind: c.kind, nullable: c.nullable };
                found.push((c.name.clone(), typed));
            }
        }
        if !any {
            return Err(match name {
                Some(name) => Self::invalid_identifier(name),
                None => error_at(936, "missing expression", offset),
            });
        }
        for (name, typed) in found {
            let typed = match scope.group.borrow().as_ref() {
                None => typed,
                Some(group) => {
                    let Some(key) = group.keys.iter().position(|k| k.expr == typed.expr) else {
                        return Err(error_at(979, "not a GROUP BY expression", offset));
                    };
                    Typed { expr: Bound::Column(key), ..typed }
                }
            };
            columns.push(PlanColumn { name, ty: typed.ty.clone(), nullable: typed.nullable });
            project.push(typed);
        }
        Ok(())
    }

    /// The one stored table of an UPDATE or DELETE and its WHERE: a plan that projects nothing, and the names in it.
    pub(in crate::engine::sql) fn target<'p>(
        &mut self,
        table: &TableName,
        alias: Option<&Ident>,
        filter: Option<&Expr>,
        link: &'p Link<'p>,
    ) -> Compile<(Arc<SelectPlan>, Scope<'p>)> {
        let reference = TableRef::Table { table: table.clone(), as_of: None, alias: alias.cloned() };
        let mut from = From { scope: Scope::empty(link), width: 0, tables: Vec::new() };
        let mut sources = self.table_ref(&reference, &mut from)?;
        if let Some(filter) = filter {
            split(self.cond(filter, &from.scope)?, &mut sources.conds);
        }
        let (node, leftover) = self.arrange(sources, Vec::new())?;
        Ok((Arc::new(bare(node, leftover, from.width, from.tables)), from.scope))
    }

    /// MERGE: each row of the source with the target rows that it matches, or without.
    pub(in crate::engine::sql) fn merge_join<'p>(
        &mut self,
        merge: &Merge,
        link: &'p Link<'p>,
    ) -> Compile<(Arc<SelectPlan>, Scope<'p>)> {
        let target = TableRef::Table { table: merge.table.clone(), as_of: None, alias: merge.alias.clone() };
        let mut from = From { scope: Scope::empty(link), width: 0, tables: Vec::new() };
        let target = self.table_ref(&target, &mut from)?;
        let source = self.table_ref(&merge.source, &mut from)?;
        let mut conds = Vec::new();
        split(self.cond(&merge.on, &from.scope)?, &mut conds);
        let (target, _) = self.arrange(target, Vec::new())?;
        let (source, rest) = self.arrange(source, Vec::new())?;
        let mut node = self.new_join(JoinKind::Left, filtered(source, rest), target);
        for cond in conds {
            add_on(&mut node, cond);
        }
        Ok((Arc::new(bare(Arc::new(node), Vec::new(), from.width, from.tables)), from.scope))
    }

    // --- FROM --------------------------------------------------------------------------------------------------

    fn table_ref(&mut self, table: &TableRef, from: &mut From<'_>) -> Compile<Sources> {
        self.sources += 1;
        if self.sources > MAX_SOURCES {
            return Err(error_at(3001, "unimplemented feature: so many tables in one statement", 0));
        }
        let unit = match table {
            TableRef::Table { table, as_of, alias } => self.named_table(table, as_of.as_ref(), alias.as_ref(), from)?,
            TableRef::Query { query, alias } => {
                let link = Link::none();
                let plan = self.uncorrelated(query, &link)?;
                self.view_unit(plan, alias.as_ref().map(|a| a.text.clone()), None, None, from)
            }
            TableRef::Join { left, right, kind, on, using } => {
                return self.join(left, right, *kind, on.as_ref(), using, from);
            }
        };
        Ok(Sources { units: vec![unit], conds: Vec::new() })
    }

    /// An inline view sees neither the tables beside it nor the query around it.
    fn uncorrelated(&mut self, query: &Query, link: &Link<'_>) -> Compile<QueryPlan> {
        let sequences = std::mem::replace(&mut self.sequences, false);
        let plan = self.query(query, link);
        self.sequences = sequences;
        plan
    }

    fn named_table(
        &mut self,
        table: &TableName,
        as_of: Option<&Expr>,
        alias: Option<&Ident>,
        from: &mut From<'_>,
    ) -> Compile<Arc<Node>> {
        let alias_text = alias.map(|a| a.text.clone());
        if table.owner.is_none()
            && let Some(at) = self.ctes.iter().rposition(|c| c.name == table.name.text)
        {
            let cte = self.ctes[at].clone();
            // It sees only those before it.
            let later = self.ctes.split_off(at);
            let link = Link::none();
            let plan = self.uncorrelated(&cte.query, &link);
            self.ctes.extend(later);
            let plan = plan?;
            let names: Vec<String> = cte.columns.iter().map(|c| c.text.clone()).collect();
            if !names.is_empty() && names.len() != plan.columns.len() {
                let message = "number of WITH clause column names does not match number of elements in select list";
                return Err(error_at(32038, message, table.name.offset));
            }
            let names = if names.is_empty() { None } else { Some(names) };
            return Ok(self.view_unit(plan, Some(alias_text.unwrap_or(cte.name)), None, names, from));
        }
        let dual_owner = table.owner.as_ref().is_none_or(|o| o.text == "SYS");
        if dual_owner && table.name.text == "DUAL" {
            let start = from.width;
            from.width += 2;
            let column = ScopeColumn {
                name: "DUMMY".to_owned(),
                ty: Some(varchar(1)),
                kind: Kind::Text,
                nullable: true,
                index: start,
                invisible: false,
            };
            from.scope.add(ScopeTable {
                name: Some(alias_text.unwrap_or_else(|| "DUAL".to_owned())),
                owner: None,
                columns: Arc::new(vec![column]),
                row_id: None,
            });
            return Ok(Arc::new(Node::One { start }));
        }
        let relation = self.relation(table)?;
        if let RelationKind::View { query } = &relation.kind {
            if as_of.is_some() {
                return Err(error_at(3001, "unimplemented feature: AS OF on a view", table.name.offset));
            }
            if self.view_depth > 30 {
                return Err(error_at(1731, "circular view definition encountered", table.name.offset));
            }
            let parsed = parser::parse_query(query)?;
            let owner = self.owner.replace(relation.owner.clone());
            let ctes = std::mem::take(&mut self.ctes);
            self.view_depth += 1;
            let link = Link::none();
            let plan = self.uncorrelated(&parsed, &link);
            self.view_depth -= 1;
            self.ctes = ctes;
            self.owner = owner;
            let plan = plan.map_err(|e| OraError { offset: 0, ..e })?;
            // Without names in its definition a view has those of its query.
            let named = !relation.columns.is_empty();
            if named && plan.columns.len() != relation.columns.len() {
                let text = format!("view \"{}.{}\" has errors", relation.owner, relation.name);
                return Err(error_at(4063, &text, table.name.offset));
            }
            let names = named.then(|| relation.columns.iter().map(|c| c.name.clone()).collect());
            let owner = if alias.is_some() { None } else { Some(relation.owner.clone()) };
            let name = alias_text.unwrap_or_else(|| relation.name.clone());
            return Ok(self.view_unit(plan, Some(name), owner, names, from));
        }
        let as_of = match as_of {
            Some(e) => {
                let empty = Link::none();
                Some(self.scalar(e, &Scope::empty(&empty))?)
            }
            None => None,
        };
        let leaf = self.new_leaf(&relation, as_of)?;
        let start = from.width;
        let count = relation.columns.len();
        from.width += count + 1;
        // A name given by a synonym is the name by which columns are qualified.
        let mut scope_table = ScopeTable::of_relation(&relation, alias_text.as_deref(), start);
        // A virtual column without a declared type has that of its expression.
        let untyped: Vec<(usize, Typed)> = self.registry.leaves[leaf]
            .virtuals
            .iter()
            .filter(|(i, _)| is_untyped(&relation.columns[*i].oracle_type))
            .cloned()
            .collect();
        if !untyped.is_empty() {
            let columns = Arc::make_mut(&mut scope_table.columns);
            for (i, typed) in untyped {
                columns[i] = ScopeColumn { ty: typed.ty, kind: typed.kind, ..columns[i].clone() };
            }
        }
        if alias.is_none() {
            scope_table.name = Some(table.name.text.clone());
            if let Some(owner) = &table.owner {
                scope_table.owner = Some(owner.text.clone());
            }
        }
        from.scope.add(scope_table);
        if relation.kind == RelationKind::Table {
            from.tables.push((leaf, start, count));
        }
        Ok(Arc::new(Node::Leaf { leaf, start, width: count + 1, filter: Vec::new(), probe: None }))
    }

    fn view_unit(
        &mut self,
        plan: QueryPlan,
        name: Option<String>,
        owner: Option<String>,
        names: Option<Vec<String>>,
        from: &mut From<'_>,
    ) -> Arc<Node> {
        let start = from.width;
        let width = plan.columns.len();
        from.width += width;
        let columns = plan
            .columns
            .iter()
            .enumerate()
            .map(|(i, c)| ScopeColumn {
                name: names.as_ref().and_then(|n| n.get(i)).unwrap_or(&c.name).clone(),
                ty: c.ty.clone(),
                kind: plan.kinds[i],
                nullable: c.nullable,
                index: start + i,
                invisible: false,
            })
            .collect();
        from.scope.add(ScopeTable { name, owner, columns: Arc::new(columns), row_id: None });
        Arc::new(Node::View { plan: Arc::new(plan), start, width })
    }

    fn join(
        &mut self,
        left: &TableRef,
        right: &TableRef,
        kind: JoinKind,
        on: Option<&Expr>,
        using: &[Ident],
        from: &mut From<'_>,
    ) -> Compile<Sources> {
        let first = from.scope.tables.len();
        let left_sources = self.table_ref(left, from)?;
        let middle = from.scope.tables.len();
        let right_sources = self.table_ref(right, from)?;
        let mut conds = Vec::new();
        // Only the tables of this join can be named in its ON.
        let own = Scope {
            tables: from.scope.tables[first..].to_vec(),
            merged: from.scope.merged.clone(),
            link: from.scope.link,
            level: None,
            aliases: RefCell::default(),
            group: RefCell::new(None),
        };
        if let Some(on) = on {
            split(self.cond(on, &own)?, &mut conds);
        }
        for column in using {
            let part = |tables: &[ScopeTable], merged: &[Merged]| -> Compile<Typed> {
                let side = Scope {
                    tables: tables.to_vec(),
                    merged: merged.to_vec(),
                    link: from.scope.link,
                    level: None,
                    aliases: RefCell::default(),
                    group: RefCell::new(None),
                };
                let found = self.lookup(&side, std::slice::from_ref(column))?;
                found.ok_or_else(|| Self::invalid_identifier(std::slice::from_ref(column)))
            };
            let l = part(&from.scope.tables[first..middle], &from.scope.merged)?;
            let r = part(&from.scope.tables[middle..], &[])?;
            self.comparable(&l, &r, column.offset)?;
            let hidden = [&l, &r].into_iter().flat_map(|t| refs_of(t).columns).collect();
            let value = match kind {
                JoinKind::Inner | JoinKind::Left => l.clone(),
                JoinKind::Right => r.clone(),
                JoinKind::Full => {
                    Typed { expr: Bound::Coalesce(vec![l.clone(), r.clone()]), nullable: true, ..l.clone() }
                }
            };
            from.scope.merged.retain(|m| m.name != column.text);
            from.scope.merged.push(Merged { name: column.text.clone(), value, hidden });
            conds.push(Cond::Compare(Comparison::Equal, Box::new(l), Box::new(r)));
        }
        if kind == JoinKind::Inner {
            let mut sources = left_sources;
            sources.units.extend(right_sources.units);
            sources.conds.extend(right_sources.conds);
            sources.conds.extend(conds);
            return Ok(sources);
        }
        let outer_left = matches!(kind, JoinKind::Right | JoinKind::Full);
        let outer_right = matches!(kind, JoinKind::Left | JoinKind::Full);
        for (i, table) in from.scope.tables[first..].iter_mut().enumerate() {
            if if i < middle - first { outer_left } else { outer_right } {
                let columns = table.columns.iter().map(|c| ScopeColumn { nullable: true, ..c.clone() }).collect();
                table.columns = Arc::new(columns);
            }
        }
        let (left, left_rest) = self.arrange(left_sources, Vec::new())?;
        let (right, right_rest) = self.arrange(right_sources, Vec::new())?;
        let left = filtered(left, left_rest);
        let right = filtered(right, right_rest);
        let mut node = self.new_join(kind, left, right);
        for cond in conds {
            add_on(&mut node, cond);
        }
        Ok(Sources { units: vec![Arc::new(node)], conds: Vec::new() })
    }

    /// The one unit on whose columns `(+)` stands in this condition.
    fn outer_joined(&mut self, e: &Expr, scope: &Scope<'_>, units: &[Arc<Node>]) -> Compile<Option<usize>> {
        let marked = RefCell::new(Vec::new());
        contains(e, &|kind| {
            if let ExprKind::OuterJoined(name) = kind {
                marked.borrow_mut().push(name.clone());
            }
            false
        });
        let mut unit = None;
        for name in marked.into_inner() {
            let typed = self.scalar(&name, scope)?;
            let refs = refs_of(&typed);
            let found = units.iter().position(|u| refs.within(&u.ranges()) && !refs.columns.is_empty());
            if found.is_none() || unit.is_some() && unit != found {
                return Err(error_at(1468, "a predicate may reference only one outer-joined table", name.offset));
            }
            unit = found;
        }
        Ok(unit)
    }

    fn new_join(&mut self, kind: JoinKind, left: Arc<Node>, right: Arc<Node>) -> Node {
        let id = self.registry.built;
        self.registry.built += 1;
        Node::Join {
            id,
            kind,
            left,
            right,
            left_keys: Vec::new(),
            right_keys: Vec::new(),
            padded: Vec::new(),
            on: Vec::new(),
        }
    }

    /// Joins the units, those first that an equality connects. What is left are conditions without columns and with ROWNUM.
    fn arrange(&mut self, sources: Sources, outer: Vec<(usize, Cond)>) -> Compile<(Arc<Node>, Vec<Cond>)> {
        let Sources { units, conds } = sources;
        let ranges: Vec<Vec<Range<usize>>> = units.iter().map(|u| u.ranges()).collect();
        let unit_of = |column: usize| ranges.iter().position(|r| r.iter().any(|r| r.contains(&column)));
        let units_of = |cond: &Cond| -> Vec<usize> {
            let mut list: Vec<usize> = refs_of_cond(cond).columns.into_iter().filter_map(unit_of).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let mut units: Vec<Option<Arc<Node>>> = units.into_iter().map(Some).collect();
        let optional: Vec<bool> = (0..units.len()).map(|u| outer.iter().any(|(o, _)| *o == u)).collect();
        let (mut leftover, mut pool, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for cond in conds {
            let refs = refs_of_cond(&cond);
            let of = units_of(&cond);
            if refs.row_num || of.is_empty() {
                leftover.push(cond);
            } else if of.iter().any(|u| optional[*u]) {
                after.push(cond);
            } else if let [unit] = of.as_slice() {
                if let Some(node) = &mut units[*unit] {
                    push_down(node, cond);
                }
            } else {
                pool.push((of, cond));
            }
        }
        let mut joined: Vec<usize> = Vec::new();
        let mut node: Option<Arc<Node>> = None;
        while joined.len() < units.len() - optional.iter().filter(|o| **o).count() {
            let left = (0..units.len()).filter(|u| !optional[*u] && !joined.contains(u));
            let connected = |u: &usize| {
                pool.iter().any(|(of, cond)| {
                    of.contains(u)
                        && of.iter().all(|x| x == u || joined.contains(x))
                        && matches!(cond, Cond::Compare(Comparison::Equal, ..))
                })
            };
            let candidates: Vec<usize> = left.collect();
            let Some(next) = candidates.iter().find(|u| connected(u)).or(candidates.first()).copied() else { break };
            let Some(unit) = units[next].take() else { break };
            joined.push(next);
            node = Some(match node {
                None => unit,
                Some(left) => {
                    let mut join = self.new_join(JoinKind::Inner, left, unit);
                    let mut kept = Vec::new();
                    for (of, cond) in pool {
                        if of.iter().all(|u| joined.contains(u)) {
                            add_on(&mut join, cond)
                        } else {
                            kept.push((of, cond))
                        }
                    }
                    pool = kept;
                    Arc::new(join)
                }
            });
        }
        // `(+)`: each optional unit after those that its conditions name.
        let mut waiting: Vec<usize> = (0..units.len()).filter(|u| optional[*u]).collect();
        while !waiting.is_empty() {
            let ready = waiting.iter().position(|u| {
                outer
                    .iter()
                    .filter(|(o, _)| o == u)
                    .all(|(_, cond)| units_of(cond).iter().all(|x| x == u || joined.contains(x)))
            });
            let Some(ready) = ready else {
                return Err(error_at(1416, "two tables cannot be outer-joined to each other", 0));
            };
            let next = waiting.remove(ready);
            let Some(unit) = units[next].take() else { break };
            joined.push(next);
            let left = match node.take() {
                Some(left) => left,
                None => return Err(error_at(1416, "two tables cannot be outer-joined to each other", 0)),
            };
            let mut join = self.new_join(JoinKind::Left, left, unit);
            for (_, cond) in outer.iter().filter(|(o, _)| *o == next) {
                add_on(&mut join, cond.clone());
            }
            node = Some(Arc::new(join));
        }
        let mut node = node.ok_or_else(|| error_at(923, "FROM keyword not found where expected", 0))?;
        for cond in after {
            push_down(&mut node, cond);
        }
        self.choose_lookups(&mut node);
        Ok((node, leftover))
    }

    /// Reads a leaf by its key or ROWIDs where the conditions on it allow.
    fn choose_lookups(&mut self, node: &mut Arc<Node>) {
        let Some(node) = Arc::get_mut(node) else { return };
        match node {
            Node::One { .. } | Node::Levels { .. } | Node::View { .. } => {}
            Node::Filter { input, .. } => self.choose_lookups(input),
            Node::Join { left, right, .. } => {
                self.choose_lookups(left);
                self.choose_lookups(right);
            }
            Node::Leaf { leaf, start, width, filter, probe } => {
                let spec = &mut self.registry.leaves[*leaf];
                let row_id = *start + *width - 1;
                if spec.relation.kind == RelationKind::Table {
                    spec.lookup = lookup(filter, &spec.relation, *start, row_id);
                }
                if probe.is_none() {
                    let mut found = Probe { id: 0, keys: Vec::new(), values: Vec::new(), padded: Vec::new() };
                    filter.retain(|cond| {
                        let Cond::Compare(Comparison::Equal, a, b) = cond else { return true };
                        for (own, other) in [(a, b), (b, a)] {
                            let (x, y) = (refs_of(own), refs_of(other));
                            let correlated = y.outer && y.columns.is_empty() && !y.subquery;
                            let plain = !x.columns.is_empty() && !x.outer && !x.subquery;
                            if correlated
                                && plain
                                && let Some(padded) = hashable(own.kind, other.kind)
                            {
                                found.keys.push((**own).clone());
                                found.values.push((**other).clone());
                                found.padded.push(padded);
                                return false;
                            }
                        }
                        true
                    });
                    if !found.keys.is_empty() {
                        found.id = self.registry.built;
                        self.registry.built += 1;
                        *probe = Some(found);
                    }
                }
            }
        }
    }
}

fn position(n: &type_convert::Number, count: usize, offset: usize) -> Compile<usize> {
    let value = super::super::decimal::Decimal::of(n).ok().and_then(|d| d.to_i64());
    match value.and_then(|v| usize::try_from(v).ok()) {
        Some(v) if (1..=count).contains(&v) => Ok(v - 1),
        _ => Err(error_at(1785, "ORDER BY item must be the number of a SELECT-list expression", offset)),
    }
}

/// Whether a type is only what the storage layer puts where none was declared.
pub(in crate::engine::sql) fn is_untyped(ty: &OracleType) -> bool {
    Kind::of_type(ty) == Kind::Other
}

fn sort_key(index: usize, kind: Kind, item: &OrderItem) -> Compile<SortKey> {
    if matches!(kind, Kind::Clob | Kind::Blob) {
        let error = inconsistent("-", kind.name());
        return Err(error_at(error.code, &error.message, item.offset));
    }
    Ok(SortKey { index, kind, descending: item.descending, nulls_first: item.nulls_first })
}

fn split(cond: Cond, out: &mut Vec<Cond>) {
    match cond {
        Cond::And(list) => list.into_iter().for_each(|c| split(c, out)),
        other => out.push(other),
    }
}

fn bare(node: Arc<Node>, leftover: Vec<Cond>, width: usize, tables: Vec<(usize, usize, usize)>) -> SelectPlan {
    let (mut guards, mut stops, mut filter) = (Vec::new(), Vec::new(), Vec::new());
    for cond in leftover {
        let refs = refs_of_cond(&cond);
        if !refs.row_num {
            guards.push(cond);
        } else if refs.columns.is_empty() && !refs.subquery {
            stops.push(cond);
        } else {
            filter.push(cond);
        }
    }
    SelectPlan {
        node,
        width: width.max(1),
        guards,
        stops,
        filter,
        group: None,
        having: Vec::new(),
        project: Vec::new(),
        visible: 0,
        distinct: false,
        tables,
    }
}

fn filtered(node: Arc<Node>, filter: Vec<Cond>) -> Arc<Node> {
    if filter.is_empty() { node } else { Arc::new(Node::Filter { input: node, filter }) }
}

/// As near to the leaf as the meaning allows.
fn push_down(node: &mut Arc<Node>, cond: Cond) {
    let refs = refs_of_cond(&cond);
    if let Some(inner) = Arc::get_mut(node) {
        match inner {
            Node::Leaf { filter, .. } | Node::Filter { filter, .. } => {
                filter.push(cond);
                return;
            }
            Node::Join { kind, left, right, .. } => {
                let to_left = matches!(kind, JoinKind::Inner | JoinKind::Left) && refs.within(&left.ranges());
                let to_right = matches!(kind, JoinKind::Inner | JoinKind::Right) && refs.within(&right.ranges());
                if to_left {
                    return push_down(left, cond);
                }
                if to_right {
                    return push_down(right, cond);
                }
                if *kind == JoinKind::Inner {
                    return add_on(inner, cond);
                }
            }
            Node::One { .. } | Node::Levels { .. } | Node::View { .. } => {}
        }
    }
    *node = Arc::new(Node::Filter { input: node.clone(), filter: vec![cond] });
}

/// Adds a condition to a join's ON: as a hashed key where it is an equality of both sides.
fn add_on(join: &mut Node, cond: Cond) {
    let Node::Join { kind, left, right, left_keys, right_keys, padded, on, .. } = join else { return };
    let (l, r) = (left.ranges(), right.ranges());
    if let Cond::Compare(Comparison::Equal, a, b) = &cond {
        for (x, y) in [(a, b), (b, a)] {
            let (rx, ry) = (refs_of(x), refs_of(y));
            let sides = !rx.columns.is_empty()
                && !ry.columns.is_empty()
                && rx.within(&l)
                && ry.within(&r)
                && !rx.subquery
                && !ry.subquery;
            if sides && let Some(pad) = hashable(x.kind, y.kind) {
                left_keys.push((**x).clone());
                right_keys.push((**y).clone());
                padded.push(pad);
                return;
            }
        }
    }
    let refs = refs_of_cond(&cond);
    if !refs.columns.is_empty() && !refs.row_num {
        if matches!(kind, JoinKind::Inner | JoinKind::Left) && refs.within(&r) {
            return push_down(right, cond);
        }
        if matches!(kind, JoinKind::Inner | JoinKind::Right) && refs.within(&l) {
            return push_down(left, cond);
        }
    }
    on.push(cond);
}

/// Whether equality of these kinds is equality of hashed bytes, and whether blanks at the end count for nothing.
pub(in crate::engine::sql) fn hashable(a: Kind, b: Kind) -> Option<bool> {
    match (a, b) {
        (Kind::Number, Kind::Number)
        | (Kind::Raw, Kind::Raw)
        | (Kind::RowId, Kind::RowId)
        | (Kind::TimestampTz, Kind::TimestampTz)
        | (Kind::IntervalDs, Kind::IntervalDs)
        | (Kind::IntervalYm, Kind::IntervalYm)
        | (Kind::Float | Kind::Double, Kind::Float | Kind::Double)
        | (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => Some(false),
        (Kind::Char, Kind::Char) => Some(true),
        (Kind::Char | Kind::Text, Kind::Char | Kind::Text) => Some(false),
        _ => None,
    }
}

/// A value that is known before the first row is read.
pub(super) fn is_static(typed: &Typed) -> bool {
    let refs = refs_of(typed);
    refs.columns.is_empty() && !refs.outer && !refs.row_num && !refs.subquery && !refs.sequence
}

fn lookup(filter: &[Cond], relation: &Relation, start: usize, row_id: usize) -> LookupSpec {
    let mut low: Option<Typed> = None;
    let mut high: Option<Typed> = None;
    let mut keys: Vec<Option<Typed>> = vec![None; relation.key.len()];
    for cond in filter {
        match cond {
            Cond::Compare(comparison, a, b) => {
                for (own, other, flipped) in [(a, b, false), (b, a, true)] {
                    let Bound::Column(column) = own.expr else { continue };
                    if !is_static(other) {
                        continue;
                    }
                    if column == row_id {
                        match (comparison, flipped) {
                            (Comparison::Equal, _) => return LookupSpec::RowId((**other).clone()),
                            (Comparison::Greater | Comparison::GreaterEqual, false)
                            | (Comparison::Less | Comparison::LessEqual, true) => {
                                low.get_or_insert_with(|| (**other).clone());
                            }
                            (Comparison::Less | Comparison::LessEqual, false)
                            | (Comparison::Greater | Comparison::GreaterEqual, true) => {
                                high.get_or_insert_with(|| (**other).clone());
                            }
                            _ => {}
                        }
                    } else if *comparison == Comparison::Equal
                        && let Some(at) = relation.key.iter().position(|k| start + k == column)
                    {
                        keys[at].get_or_insert_with(|| (**other).clone());
                    }
                }
            }
            Cond::Between { value, low: l, high: h, negated: false }
                if value.expr == Bound::Column(row_id) && is_static(l) && is_static(h) =>
            {
                low.get_or_insert_with(|| (**l).clone());
                high.get_or_insert_with(|| (**h).clone());
            }
            _ => {}
        }
    }
    if !keys.is_empty() && keys.iter().all(Option::is_some) {
        return LookupSpec::Key(keys.into_iter().flatten().collect());
    }
    if low.is_some() || high.is_some() {
        return LookupSpec::RowIdRange(low, high);
    }
    LookupSpec::All
}
