//! The columns of a table that is made from a query.

use super::{Builder, Options};
use crate::catalog::Relations;
use crate::types::ForeignKeyTypes;
use crate::{
    ByCase, CaseRule, Catalog, CodeKind, Column, DefaultTypes, NameMap, ObjectPath, OracleIdent, PgIdent, View, rewrite,
};
use std::collections::BTreeSet;

/// Why the columns cannot be told.
#[derive(Debug)]
pub(crate) struct QueryColumnsError {
    pub(crate) reason: String,
    /// The query names a table or view that is not there, or not yet.
    pub(crate) missing: bool,
}

/// The columns of `CREATE TABLE table (names) AS query`: a column of the query that is one of a table has its type and is
/// NOT NULL as it is, unless it is so for a primary key alone; what is computed has the longest type of its kind.
pub(crate) fn query_columns(
    catalog: &Catalog,
    table: &ObjectPath,
    query: &str,
    names: &[OracleIdent],
) -> Result<Vec<Column>, QueryColumnsError> {
    let other = |reason: String| QueryColumnsError { reason, missing: false };
    let view = View {
        path: table.clone(),
        columns: names.to_vec(),
        query: query.to_owned(),
        read_only: false,
        comment: None,
        column_comments: Vec::new(),
        of_type: None,
    };
    let catalog = part_for(&view, catalog);
    let mut schemas: BTreeSet<&OracleIdent> = catalog.tables.iter().map(|t| &t.path.schema).collect();
    schemas.extend(catalog.views.iter().map(|v| &v.path.schema));
    schemas.extend(catalog.stored_code.iter().map(|c| &c.path.schema));
    schemas.extend(catalog.synonyms.iter().map(|s| &s.path.schema));
    schemas.insert(&table.schema);
    // What the names become does not matter here.
    let mut targets = Vec::with_capacity(schemas.len());
    for (number, schema) in schemas.into_iter().enumerate() {
        targets.push((schema.clone(), PgIdent::new(format!("s{number}")).map_err(|e| other(e.to_string()))?));
    }
    let policy = ByCase::new(&targets, Some(CaseRule::Lower));
    let (names, _) = NameMap::plan_apart(&catalog, &policy, &NameMap::default()).map_err(|e| other(e.to_string()))?;
    let relations = Relations::of(&catalog);
    let types = DefaultTypes::default();
    let types = ForeignKeyTypes { catalog: &relations, policy: &types };
    let options = Options { partial: true, ..Options::default() };
    let mut builder = Builder::new(&catalog, &names, &types, &relations, &options);
    let made = builder.object_types().and_then(|()| builder.tables()).and_then(|()| builder.views());
    made.map_err(|e| other(e.to_string()))?;
    let sql = builder
        .rewriter
        .view(&view)
        .map_err(|refused| QueryColumnsError { reason: refused.message(query), missing: refused.missing })?;
    let mut columns: Vec<Column> = Vec::new();
    for (name, oracle_type, nullable) in sql.typed_columns() {
        let oracle_type = oracle_type.ok_or_else(|| other(format!("the type of {name} cannot be told")))?;
        if columns.iter().any(|c| c.name == *name) {
            return Err(other(format!("column {name} is there twice")));
        }
        columns.push(Column { nullable, ..Column::plain(name.clone(), oracle_type) });
    }
    Ok(columns)
}

/// What the query needs of the catalog: its tables and views, those that the views need, and how they are found.
fn part_for(view: &View, catalog: &Catalog) -> Catalog {
    let relations = Relations::of(catalog);
    let mut part = Catalog { synonyms: catalog.synonyms.clone(), ..Catalog::default() };
    let mut seen: BTreeSet<ObjectPath> = BTreeSet::new();
    let mut open = rewrite::sources(view, &relations);
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        if let Some(table) = relations.tables.get(&path) {
            let mut table = (*table).clone();
            // NOT NULL that only a primary key makes is not carried over.
            let key: Vec<OracleIdent> = table.primary_key().unwrap_or_default().to_vec();
            table.columns.iter_mut().filter(|c| key.contains(&c.name)).for_each(|c| c.nullable = true);
            table.constraints.clear();
            table.partitioning = None;
            part.tables.push(table);
        } else if let Some(view) = relations.views.get(&path) {
            open.extend(rewrite::sources(view, &relations));
            part.views.push((*view).clone());
        }
    }
    let types = catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type);
    part.stored_code = types.cloned().collect();
    part
}
