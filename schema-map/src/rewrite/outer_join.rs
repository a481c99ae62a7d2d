//! FROM lists, and the outer joins that `(+)` makes of them.

use super::{
    Refused,
    ast::{Expr, Node, Select, Source},
    scope::Scope,
    translate::Translator,
};
use std::collections::BTreeSet;

/// A FROM clause.
pub(super) struct From {
    /// Empty where nothing is selected from.
    pub(super) sql: String,
    /// Conditions that belong into WHERE.
    pub(super) conditions: Vec<String>,
}

/// Whether `(+)` is in this condition.
pub(super) fn is_marked(condition: &Expr) -> bool {
    condition.any(&|e| matches!(e.node, Node::OuterJoined(_)))
}

/// The FROM clause of a SELECT whose conditions are `filter`; its relations go into `scope`.
pub(super) fn from(
    translator: &Translator<'_>,
    select: &Select,
    filter: &[&Expr],
    scope: &mut Scope<'_>,
) -> Result<From, Refused> {
    let marked: Vec<&Expr> = filter.iter().copied().filter(|c| is_marked(c)).collect();
    if let [Source::Table(table)] = select.from.as_slice()
        && marked.is_empty()
        && translator.is_dual(table)
        && !uses_dummy(select)
    {
        return Ok(From { sql: String::new(), conditions: Vec::new() });
    }
    let mut elements = Vec::with_capacity(select.from.len());
    let mut conditions = Vec::new();
    for source in &select.from {
        let before = scope.sources.len();
        let sql = translator.source(source, scope, &mut conditions)?;
        elements.push((sql, before..scope.sources.len()));
    }
    if marked.is_empty() {
        let sql: Vec<String> = elements.into_iter().map(|(sql, _)| sql).collect();
        return Ok(From { sql: sql.join(",\n    "), conditions });
    }
    if elements.iter().any(|(_, range)| range.len() != 1) {
        return Err(Refused::new(select.start, "(+) beside joins with JOIN is not converted, and Oracle refuses it"));
    }
    // Which relation each condition makes optional, and which others it needs.
    let mut optional: Vec<Vec<&Expr>> = vec![Vec::new(); elements.len()];
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); elements.len()];
    for condition in &marked {
        let (mut inner, mut outer) = (BTreeSet::new(), BTreeSet::new());
        condition.walk(&mut |e| {
            match &e.node {
                Node::OuterJoined(value) => {
                    value.walk(&mut |e| {
                        if let Node::Name(parts) = &e.node {
                            inner.extend(scope.source_of(parts));
                        }
                        true
                    });
                    return false;
                }
                Node::Name(parts) => outer.extend(scope.source_of(parts)),
                _ => {}
            }
            true
        });
        let (Some(&position), 1) = (inner.first(), inner.len()) else {
            return Err(Refused::new(condition.start, "(+) marks no table, or several, in this condition"));
        };
        outer.remove(&position);
        optional[position].push(condition);
        needs[position].extend(outer);
    }
    for (position, conditions) in optional.iter().enumerate() {
        if !conditions.is_empty() {
            scope.sources[position].outer = true;
        }
    }
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    let mut sql = String::new();
    for (position, (element, _)) in elements.iter().enumerate().filter(|(p, _)| optional[*p].is_empty()) {
        sql.push_str(if sql.is_empty() { "" } else { "\n    CROSS JOIN " });
        sql.push_str(element);
        placed.insert(position);
    }
    let inner = Translator { scope, marks: true, hierarchy: None, ..*translator };
    while placed.len() < elements.len() {
        let next = (0..elements.len()).find(|p| !placed.contains(p) && needs[*p].is_subset(&placed));
        let Some(next) = next.filter(|_| !sql.is_empty()) else {
            return Err(Refused::new(select.start, "these outer joins with (+) depend on each other"));
        };
        let on: Vec<String> =
            optional[next].iter().map(|condition| inner.conjunct(condition)).collect::<Result<_, _>>()?;
        sql.push_str(&format!("\n    LEFT JOIN {} ON {}", elements[next].0, on.join(" AND ")));
        placed.insert(next);
    }
    Ok(From { sql, conditions })
}

/// Whether the column DUMMY of DUAL is asked for.
fn uses_dummy(select: &Select) -> bool {
    use super::ast::Item;
    let dummy =
        |e: &Expr| matches!(&e.node, Node::Name(parts) if parts.last().is_some_and(|p| p.name.as_str() == "DUMMY"));
    select.items.iter().any(|item| match item {
        Item::All { .. } => true,
        Item::One { value, .. } => value.any(&dummy),
    }) || select.filter.as_ref().is_some_and(|f| f.any(&dummy))
}
