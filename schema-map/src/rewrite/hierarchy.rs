//! CONNECT BY as a recursive query.
//!
//! Two parts of a WITH: the rows that FROM and the joins in WHERE give, each with a number; and the tree, which grows from
//! the rows of START WITH by CONNECT BY. The numbers on the way from the root order the tree as Oracle does, depth
//! first, and tell rows that have been on the way already.

use super::{
    Refused,
    ast::{Expr, Hierarchy, Item, Node, Select},
    outer_join,
    query::{Expected, Naming, Ordering, QuerySql, flattened},
    scope::{Kind, Scope},
    translate::{Piece, Translated, Translator},
};
use std::cell::RefCell;

/// What CONNECT BY's own names and operators mean at one place.
pub(super) struct Hierarchical<'h> {
    stage: Stage,
    /// The tree's rows: the parents while it grows, the result in the end.
    tree: &'h Scope<'h>,
    tree_name: &'h str,
    rows: &'h Scope<'h>,
    base: &'h str,
    clause: &'h Hierarchy,
    /// What rows carry along their way.
    carried: &'h RefCell<Vec<Carried>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Step,
    Result,
}

/// A column of the tree: its value in the first row of a way, and in those that follow, where that is not the same.
struct Carried {
    sort: &'static str,
    first: String,
    next: String,
    column: String,
}

#[derive(Clone, Copy)]
enum Sort<'e> {
    Root(&'e Expr),
    Prior(&'e Expr),
    Path(&'e Expr, &'e str),
}

const ROW: &str = "\"row#\"";
const WAY: &str = "\"way#\"";
const LEVEL: &str = "\"level#\"";

impl<'h> Hierarchical<'h> {
    /// What this expression is here, if it belongs to CONNECT BY.
    pub(super) fn known(&self, t: &Translator<'_>, expr: &Expr) -> Result<Option<Piece>, Refused> {
        if !is_carried(expr) {
            return self.plain(t, expr);
        }
        match &expr.node {
            Node::Prior(value) => match self.stage {
                Stage::Start => Ok(Some(Piece::null())),
                Stage::Step => self.of_parent(t, value).map(Some),
                Stage::Result => self.carry(t, Sort::Prior(value)).map(Some),
            },
            Node::ConnectByRoot(value) if self.stage == Stage::Result => self.carry(t, Sort::Root(value)).map(Some),
            Node::Call(call) if self.stage == Stage::Result => {
                let [value, separator] = call.arguments.as_slice() else {
                    return t.refuse(expr, "SYS_CONNECT_BY_PATH has two arguments");
                };
                let Node::Text(separator) = &separator.value.node else {
                    return t.refuse(expr, "SYS_CONNECT_BY_PATH is converted with a literal separator only");
                };
                self.carry(t, Sort::Path(&value.value, separator)).map(Some)
            }
            _ => t.refuse(expr, "this cannot stand in START WITH or CONNECT BY"),
        }
    }

    fn plain(&self, t: &Translator<'_>, expr: &Expr) -> Result<Option<Piece>, Refused> {
        let tree = self.tree_name;
        if expr.is_name("LEVEL") {
            return Ok(Some(match self.stage {
                Stage::Start => Piece::atom("1", Kind::Int, false),
                Stage::Step => Piece::atom(format!("({tree}.{LEVEL} + 1)"), Kind::Int, false),
                Stage::Result => Piece::atom(format!("{tree}.{LEVEL}"), Kind::Int, false),
            }));
        }
        if expr.is_name("ROWNUM") {
            return Ok(Some(match self.stage {
                Stage::Result => Piece::atom(format!("row_number() OVER (ORDER BY {tree}.{WAY})"), Kind::Int, false),
                // CONNECT BY ROWNUM <= n without PRIOR counts as LEVEL does.
                Stage::Step if !has_prior(&self.clause.connect_by) => {
                    Piece::atom(format!("({tree}.{LEVEL} + 1)"), Kind::Int, false)
                }
                _ => return t.refuse(expr, "ROWNUM is not converted here"),
            }));
        }
        let leaf = expr.is_name("CONNECT_BY_ISLEAF");
        if !leaf && !expr.is_name("CONNECT_BY_ISCYCLE") {
            return Ok(None);
        }
        if self.stage != Stage::Result {
            return t.refuse(expr, "CONNECT_BY_ISLEAF and CONNECT_BY_ISCYCLE cannot stand here");
        }
        let condition = self.connect_by(t)?;
        let seen = if leaf { "<> ALL" } else { "= ANY" };
        let (yes, no) = if leaf { (0, 1) } else { (1, 0) };
        let check = if leaf && !has_prior(&self.clause.connect_by) {
            String::new()
        } else {
            format!(" AND {}.{ROW} {seen} ({tree}.{WAY})", self.base)
        };
        let sql =
            format!("CASE WHEN EXISTS (SELECT FROM {} WHERE {condition}{check}) THEN {yes} ELSE {no} END", self.base);
        Ok(Some(Piece::atom(sql, Kind::Int, false)))
    }

    fn of_parent(&self, t: &Translator<'_>, value: &Expr) -> Translated {
        let parent = Translator { scope: self.tree, hierarchy: None, ..*t };
        parent.value(value)
    }

    /// The condition between a row of the tree and one of the rows.
    fn connect_by(&self, t: &Translator<'_>) -> Result<String, Refused> {
        let step = Hierarchical { stage: Stage::Step, ..*self };
        let inner = Translator { scope: self.rows, hierarchy: Some(&step), ..*t };
        inner.conjunct(&self.clause.connect_by)
    }

    fn carry(&self, t: &Translator<'_>, sort: Sort<'_>) -> Translated {
        let parent = |scope| Translator { scope, hierarchy: None, ..*t };
        let (rows, tree) = (parent(self.rows), parent(self.tree));
        let (sort, first, next, kind) = match sort {
            Sort::Root(value) => {
                let piece = rows.value(value)?;
                let first = match piece.kind.pg_name() {
                    Some(to) => format!("CAST({} AS {to})", piece.sql),
                    None => piece.sql,
                };
                ("root", first, String::new(), piece.kind)
            }
            Sort::Prior(value) => {
                let piece = tree.value(value)?;
                let Some(to) = piece.kind.pg_name() else {
                    return t.refuse(value, format!("PRIOR of {} is not converted", piece.kind.noun()));
                };
                ("prior", format!("CAST(NULL AS {to})"), format!("CAST({} AS {to})", piece.sql), piece.kind)
            }
            Sort::Path(value, separator) => {
                let text = rows.as_text(value, rows.value(value)?)?;
                let text = if text.nullable { format!("COALESCE({}, '')", text.sql) } else { text.operand() };
                let separator = crate::pg_literal(separator);
                let first = format!("CAST({separator} || {text} AS text)");
                ("path", first, format!("{separator} || {text}"), Kind::Text)
            }
        };
        let mut carried = self.carried.borrow_mut();
        let known = carried.iter().find(|c| c.sort == sort && c.first == first && c.next == next);
        let column = match known {
            Some(known) => known.column.clone(),
            None => {
                let column = crate::ident::quoted(&format!("{sort}#{}", carried.len() + 1));
                carried.push(Carried { sort, first, next, column: column.clone() });
                column
            }
        };
        Ok(Piece::atom(format!("{}.{column}", self.tree_name), kind, true))
    }
}

/// Whether rows carry this from one level to the next.
fn is_carried(expr: &Expr) -> bool {
    match &expr.node {
        Node::Prior(_) | Node::ConnectByRoot(_) => true,
        Node::Call(call) => {
            matches!(call.name.as_slice(), [p] if !p.quoted && p.name.as_str() == "SYS_CONNECT_BY_PATH")
        }
        _ => false,
    }
}

fn has_prior(expr: &Expr) -> bool {
    expr.any(&|e| matches!(e.node, Node::Prior(_)))
}

/// A SELECT with CONNECT BY.
pub(super) fn select(
    t: &Translator<'_>,
    select: &Select,
    order: Ordering<'_>,
    naming: Naming<'_>,
    expected: Option<Expected<'_>>,
) -> Result<QuerySql, Refused> {
    let Some(clause) = &select.hierarchy else {
        return Err(Refused::new(select.start, "CONNECT BY is expected here"));
    };
    let mut scope = Scope { sources: Vec::new(), outer: Some(t.scope) };
    let filter: Vec<&Expr> = select.filter.iter().flat_map(|f| f.conjuncts()).collect();
    let from = outer_join::from(t, select, &filter, &mut scope)?;
    let plain = Translator { scope: &scope, hierarchy: None, ..*t };
    // Conditions that join are looked at before the tree grows, all others after it has.
    let joins = |condition: &Expr| {
        let mut sources = std::collections::BTreeSet::new();
        condition.walk(&mut |e| {
            if let Node::Name(parts) = &e.node {
                sources.extend(scope.source_of(parts));
            }
            true
        });
        sources.len() > 1
    };
    let mut conditions = from.conditions;
    let mut after: Vec<&Expr> = Vec::new();
    for condition in filter {
        if outer_join::is_marked(condition) {
            continue;
        }
        if joins(condition) { conditions.push(plain.conjunct(condition)?) } else { after.push(condition) }
    }
    let (base, tree_name) = (t.fresh("rows"), t.fresh("tree"));
    let (list, sources) = flattened(&scope.sources, &base);
    let rows = Scope { sources, outer: Some(t.scope) };
    let mut tree = rows.clone();
    tree.sources.iter_mut().for_each(|s| s.prefix = format!("{tree_name}."));
    let numbered = if order.siblings {
        let siblings = plain.order(order.by)?;
        format!("row_number() OVER (ORDER BY {})", siblings.join(", "))
    } else {
        "row_number() OVER ()".to_owned()
    };
    let carried = RefCell::new(Vec::new());
    let at = |stage| Hierarchical {
        stage,
        tree: &tree,
        tree_name: &tree_name,
        rows: &rows,
        base: &base,
        clause,
        carried: &carried,
    };
    let (start, step, result) = (at(Stage::Start), at(Stage::Step), at(Stage::Result));
    let starting = Translator { scope: &rows, hierarchy: Some(&start), ..*t };
    let start_with = clause.start_with.as_ref().map(|c| starting.conjunct(c)).transpose()?;
    let connect_by = step.connect_by(t)?;

    let over = Translator { scope: &tree, hierarchy: Some(&result), ..*t };
    let mut filters = Vec::new();
    for condition in after {
        filters.push(over.conjunct(condition)?);
    }
    let own_order = Ordering { by: if order.siblings { &[] } else { order.by }, siblings: false };
    let mut sql = over.output(select, own_order, naming, expected, &tree_name, &filters.join(" AND "))?;
    let aggregated = select.distinct
        || !select.group_by.is_empty()
        || select.items.iter().any(|item| matches!(item, Item::One { value, .. } if is_aggregate(value)));
    if own_order.by.is_empty() && !aggregated {
        sql.sql.push_str(&format!("\nORDER BY {tree_name}.{WAY}"));
    }

    let carried = carried.into_inner();
    let firsts: String = carried.iter().map(|c| format!(", {} AS {}", c.first, c.column)).collect();
    let nexts: String = carried
        .iter()
        .map(|c| match c.sort {
            "root" => format!(", {tree_name}.{}", c.column),
            "prior" => format!(", {}", c.next),
            _ => format!(", {tree_name}.{} || {}", c.column, c.next),
        })
        .collect();
    let from = if from.sql.is_empty() { String::new() } else { format!("\nFROM {}", from.sql) };
    let joined = if conditions.is_empty() { String::new() } else { format!("\nWHERE {}", conditions.join(" AND ")) };
    let columns: String = list.iter().map(|c| format!(", {c}")).collect();
    let start = start_with.map(|s| format!("\nWHERE {s}")).unwrap_or_default();
    // Without PRIOR a row is its own child as often as the condition says.
    let once = if has_prior(&clause.connect_by) {
        if !clause.nocycle {
            t.note("a loop in the data ends its branch, where Oracle raises ORA-01436");
        }
        format!(" AND {base}.{ROW} <> ALL ({tree_name}.{WAY})")
    } else {
        String::new()
    };
    let whole = format!(
        "WITH RECURSIVE {base} AS (\nSELECT {numbered} AS {ROW}{columns}{from}{joined}\n),\n{tree_name} AS (\n\
         SELECT {base}.*, 1 AS {LEVEL}, ARRAY[{base}.{ROW}] AS {WAY}{firsts}\nFROM {base}{start}\n\
         UNION ALL\n\
         SELECT {base}.*, {tree_name}.{LEVEL} + 1, {tree_name}.{WAY} || {base}.{ROW}{nexts}\n\
         FROM {tree_name}\n    JOIN {base} ON {connect_by}{once}\n)\n{}",
        sql.sql
    );
    Ok(QuerySql::closed(whole, sql.columns))
}

fn is_aggregate(value: &Expr) -> bool {
    value.any(&|e| match &e.node {
        Node::CountAll(over) => over.is_none(),
        Node::Call(call) => {
            let name = call.name.first().map(|p| p.name.as_str()).unwrap_or_default();
            call.over.is_none()
                && ["COUNT", "SUM", "MIN", "MAX", "AVG", "LISTAGG", "STDDEV", "VARIANCE", "MEDIAN"].contains(&name)
        }
        _ => false,
    })
}
