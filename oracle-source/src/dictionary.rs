//! The dictionary views to a [`Catalog`].

mod code;
mod index;
mod table;

use crate::{Error, ErrorKind, Session, session::Record, sql};
use schema_map::{Catalog, ObjectPath, OracleIdent, Sequence, Synonym, View};
use std::collections::BTreeMap;

/// Reads the objects of some schemas, about fifteen queries a schema whatever its size.
///
/// `filter` decides for each table, view, sequence, synonym and piece of code whether it is taken; indexes go with their tables.
/// Everything comes in the order of its name; constraints of a table by kind, then name.
///
/// Read from the `ALL_` views: objects that the session has no right to are not there. The catalog is what a script of the same
/// schema gives ([`schema_map::script`]), but for what Oracle does not keep or keeps otherwise:
/// * columns and constraints have their own states only (`NOT NULL` that is disabled or not validated is a check constraint),
/// * foreign keys always name the referenced columns, views always their columns,
/// * expressions of virtual columns and function-based indexes are as Oracle rewrote them (`UPPER("NAME")`),
/// * implicit indexes of constraints are there.
///
/// Left out: nested and secondary tables, materialized view logs, domain, LOB and cluster indexes, invisible and hidden
/// columns, sequences behind identity columns, dropped objects.
pub fn read_catalog(
    session: &Session,
    schemas: &[OracleIdent],
    filter: &dyn Fn(&ObjectPath) -> bool,
) -> Result<Catalog, Error> {
    let mut catalog = Catalog::default();
    for schema in schemas {
        let owner = Owner { session, schema };
        let (mut columns, mut comments) = (table::columns(&owner)?, Comments::read(&owner)?);
        catalog.tables.extend(table::tables(&owner, &mut columns, &mut comments, filter)?);
        catalog.indexes.extend(index::indexes(&owner, filter)?);
        catalog.sequences.extend(sequences(&owner, filter)?);
        catalog.views.extend(views(&owner, &mut columns, &mut comments, filter)?);
        catalog.synonyms.extend(synonyms(&owner, filter)?);
        catalog.stored_code.extend(code::stored_code(&owner, filter)?);
    }
    Ok(catalog)
}

/// One schema and the session that reads it.
struct Owner<'a> {
    session: &'a Session,
    schema: &'a OracleIdent,
}

impl Owner<'_> {
    /// The rows of a statement that takes the owner as its one bind.
    fn query(&self, view: &str, sql: &str) -> Result<Vec<Record>, Error> {
        self.session.query(format_args!("reading {view} of {}", self.schema), sql, &[&self.schema.as_str()])
    }

    fn path(&self, name: OracleIdent) -> ObjectPath {
        ObjectPath { schema: self.schema.clone(), name }
    }
}

/// Comments of one schema.
struct Comments {
    tables: BTreeMap<String, String>,
    columns: BTreeMap<(String, String), String>,
}

impl Comments {
    fn read(owner: &Owner<'_>) -> Result<Self, Error> {
        let mut comments = Comments { tables: BTreeMap::new(), columns: BTreeMap::new() };
        for row in owner.query("ALL_TAB_COMMENTS", sql::TABLE_COMMENTS)? {
            comments.tables.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
        }
        for row in owner.query("ALL_COL_COMMENTS", sql::COLUMN_COMMENTS)? {
            comments.columns.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.text(2)?.to_owned());
        }
        Ok(comments)
    }

    /// Those on the columns of a view, by the order of their names.
    fn of_columns(&mut self, view: &str) -> Vec<(OracleIdent, String)> {
        let first = (view.to_owned(), String::new());
        let of_view = self.columns.range(first..).take_while(|((of, _), _)| of == view);
        let keys: Vec<(String, String)> = of_view.map(|(key, _)| key.clone()).collect();
        let taken = keys
            .into_iter()
            .filter_map(|key| Some((OracleIdent::new(key.1.clone()).ok()?, self.columns.remove(&key)?)));
        taken.collect()
    }
}

fn sequences(owner: &Owner<'_>, filter: &dyn Fn(&ObjectPath) -> bool) -> Result<Vec<Sequence>, Error> {
    let mut sequences = Vec::new();
    for row in owner.query("ALL_SEQUENCES", sql::SEQUENCES)? {
        let path = owner.path(row.ident(0)?);
        if path.name.as_str().starts_with("ISEQ$$_") || !filter(&path) {
            continue;
        }
        sequences.push(Sequence {
            path,
            min_value: row.required(1)?,
            max_value: row.required(2)?,
            increment: row.required(3)?,
            cycle: row.get(4) == Some("Y"),
            cache: row.required(5)?,
            next_value: row.required(6)?,
        });
    }
    Ok(sequences)
}

fn views(
    owner: &Owner<'_>,
    columns: &mut BTreeMap<String, Vec<table::ColumnRow>>,
    comments: &mut Comments,
    filter: &dyn Fn(&ObjectPath) -> bool,
) -> Result<Vec<View>, Error> {
    let mut views = Vec::new();
    for row in owner.query("ALL_VIEWS", sql::VIEWS)? {
        let path = owner.path(row.ident(0)?);
        if !filter(&path) {
            continue;
        }
        let name = path.name.as_str();
        views.push(View {
            columns: columns.remove(name).unwrap_or_default().into_iter().map(|c| c.name).collect(),
            query: without_read_only(row.text(2)?).to_owned(),
            read_only: row.get(1) == Some("Y"),
            comment: comments.tables.remove(name),
            column_comments: comments.of_columns(name),
            of_type: None,
            path,
        });
    }
    Ok(views)
}

/// The query of a view without `WITH READ ONLY`, which Oracle keeps as a part of its text.
fn without_read_only(text: &str) -> &str {
    let text = text.trim().trim_end_matches(';').trim_end();
    let mut rest = text;
    for word in ["ONLY", "READ", "WITH"] {
        let Some(start) = rest.len().checked_sub(word.len()) else { return text };
        match rest.get(start..) {
            Some(end) if end.eq_ignore_ascii_case(word) => {}
            _ => return text,
        }
        let before = rest[..start].trim_end();
        if before.len() == start {
            return text;
        }
        rest = before;
    }
    rest
}

fn synonyms(owner: &Owner<'_>, filter: &dyn Fn(&ObjectPath) -> bool) -> Result<Vec<Synonym>, Error> {
    let name = owner.schema.as_str();
    let rows = owner.session.query(
        format_args!("reading ALL_SYNONYMS of {}", owner.schema),
        sql::SYNONYMS,
        &[&name, &name],
    )?;
    let mut synonyms = Vec::new();
    for row in rows {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        if !filter(&path) {
            continue;
        }
        // A synonym over a database link may leave the owner to the other side.
        let schema = if row.get(2).is_some() { row.ident(2)? } else { owner.schema.clone() };
        synonyms.push(Synonym {
            path,
            target: ObjectPath { schema, name: row.ident(3)? },
            db_link: row.get(4).map(str::to_owned),
        });
    }
    Ok(synonyms)
}

fn malformed(message: String) -> Error {
    Error::new(ErrorKind::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_is_cut_off() {
        assert_eq!(without_read_only(" SELECT a FROM t\nWITH READ ONLY"), "SELECT a FROM t");
        assert_eq!(without_read_only("select a from t with  read\tonly ;"), "select a from t");
        assert_eq!(without_read_only("SELECT a FROM t"), "SELECT a FROM t");
        assert_eq!(without_read_only("SELECT only"), "SELECT only");
        assert_eq!(without_read_only("with read only"), "with read only");
        assert_eq!(without_read_only("SELECT a FROM t WHERE b = 'é'"), "SELECT a FROM t WHERE b = 'é'");
    }
}
