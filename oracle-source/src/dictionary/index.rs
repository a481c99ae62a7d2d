use super::{
    Owner,
    table::{Taken, is_taken},
};
use crate::{Error, sql::dictionary as sql};
use schema_map::{Catalog, Index, IndexColumn, IndexKey, IndexKind, ObjectPath, ObjectRemark, OracleIdent};
use std::collections::{BTreeSet, HashMap};

/// Adds the indexes of the tables and materialized views that were taken, and of clusters.
pub(super) fn indexes(
    owner: &mut Owner<'_, '_>,
    taken: &Taken,
    on_views: &BTreeSet<ObjectPath>,
    backing: &BTreeSet<ObjectPath>,
    catalog: &mut Catalog,
) -> Result<(), Error> {
    let mut expressions: HashMap<(ObjectPath, u32), String> = HashMap::new();
    for row in owner.query(sql::INDEX_EXPRESSIONS)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        expressions.insert((path, row.required(2)?), row.text(3)?.trim().to_owned());
    }
    let mut columns: HashMap<ObjectPath, Vec<IndexColumn>> = HashMap::new();
    for row in owner.query(sql::INDEX_COLUMNS)? {
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
    for row in owner.query(sql::INDEXES)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        let (kind, table) = (row.text(2)?, owner.path(row.ident(3)?));
        let on_cluster = kind == "CLUSTER" && owner.keeps(&table);
        if row.get(6) == Some("Y") || !(on_cluster || is_taken(taken, on_views, &table)) {
            continue;
        }
        // What Oracle makes to find the rows of a materialized view again.
        if on_views.contains(&table) && (row.get(5) == Some("Y") || path.name.as_str().starts_with("I_SNAP$_")) {
            continue;
        }
        let sort = match kind {
            "CLUSTER" => IndexKind::Cluster,
            kind if kind.ends_with("DOMAIN") => IndexKind::Domain(row.get(7).unwrap_or("DOMAIN").to_owned()),
            kind if kind.ends_with("/REV") => IndexKind::Reverse,
            kind if kind.contains("MULTIVALUE") => IndexKind::Multivalue,
            _ if row.get(8) == Some("YES") => IndexKind::BitmapJoin,
            _ => IndexKind::Normal,
        };
        let states = [(9, "UNUSABLE", "it is unusable"), (10, "INVISIBLE", "it is invisible to the optimizer")];
        for (column, state, text) in states {
            if row.get(column) == Some(state) {
                let (kind, path, text) = ("INDEX".to_owned(), path.clone(), text.to_owned());
                catalog.remarks.push(ObjectRemark { kind, path, text });
            }
        }
        catalog.indexes.push(Index {
            table,
            unique: row.get(4) == Some("UNIQUE"),
            bitmap: kind.contains("BITMAP"),
            // The columns of a cluster's key are the cluster's.
            columns: if sort == IndexKind::Cluster { Vec::new() } else { columns.remove(&path).unwrap_or_default() },
            backs_constraint: backing.contains(&path),
            kind: sort,
            path,
        });
    }
    Ok(())
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
