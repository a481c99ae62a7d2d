use super::Owner;
use crate::{Error, sql};
use schema_map::{Index, IndexColumn, IndexKey, IndexKind, ObjectPath, OracleIdent};
use std::collections::{BTreeMap, BTreeSet};

/// Indexes of the schema's tables that pass the filter.
pub(super) fn indexes(owner: &Owner<'_>, filter: &dyn Fn(&ObjectPath) -> bool) -> Result<Vec<Index>, Error> {
    let mut expressions: BTreeMap<(ObjectPath, u32), String> = BTreeMap::new();
    for row in owner.query("ALL_IND_EXPRESSIONS", sql::INDEX_EXPRESSIONS)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        expressions.insert((path, row.required(2)?), row.text(3)?.trim().to_owned());
    }
    let mut columns: BTreeMap<ObjectPath, Vec<IndexColumn>> = BTreeMap::new();
    for row in owner.query("ALL_IND_COLUMNS", sql::INDEX_COLUMNS)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        let key = match expressions.remove(&(path.clone(), row.required(3)?)) {
            // A descending column is an expression to Oracle: its name between quotes.
            Some(expression) => match quoted_name(&expression) {
                Some(column) => IndexKey::Column(column),
                None => IndexKey::Expression(expression),
            },
            None => IndexKey::Column(row.ident(2)?),
        };
        columns.entry(path).or_default().push(IndexColumn { key, descending: row.get(4) == Some("DESC") });
    }
    let mut backing: BTreeSet<ObjectPath> = BTreeSet::new();
    for row in owner.query("ALL_CONSTRAINTS", sql::CONSTRAINTS)? {
        if row.get(12).is_some() {
            let schema = if row.get(11).is_some() { row.ident(11)? } else { owner.schema.clone() };
            backing.insert(ObjectPath { schema, name: row.ident(12)? });
        }
    }
    let mut indexes = Vec::new();
    for row in owner.query("ALL_INDEXES", sql::INDEXES)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        let (kind, table) = (row.text(2)?, owner.path(row.ident(3)?));
        if !filter(&table) {
            continue;
        }
        let sort = match kind {
            "CLUSTER" => IndexKind::Cluster,
            kind if kind.ends_with("DOMAIN") => IndexKind::Domain("DOMAIN".to_owned()),
            kind if kind.ends_with("/REV") => IndexKind::Reverse,
            _ => IndexKind::Normal,
        };
        indexes.push(Index {
            table,
            unique: row.get(4) == Some("UNIQUE"),
            bitmap: kind.contains("BITMAP"),
            columns: columns.remove(&path).unwrap_or_default(),
            backs_constraint: backing.contains(&path),
            kind: sort,
            path,
        });
    }
    Ok(indexes)
}

/// `"NAME"` and nothing else.
fn quoted_name(expression: &str) -> Option<OracleIdent> {
    OracleIdent::new(expression.strip_prefix('"')?.strip_suffix('"')?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_names() {
        assert_eq!(quoted_name("\"HIRE_DATE\"").unwrap().as_str(), "HIRE_DATE");
        assert_eq!(quoted_name("\"A\"||\"B\""), None);
        assert_eq!(quoted_name("UPPER(\"A\")"), None);
        assert_eq!(quoted_name("\""), None);
    }
}
