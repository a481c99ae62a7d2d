use super::{Owner, column::TableColumns, comment::Comments, constraint::Constraints, malformed};
use crate::{Error, session::Record, sql::dictionary as sql};
use schema_map::{Catalog, ObjectPath, OtherObject, Table, TableKind};
use std::collections::{BTreeSet, HashMap};

/// The tables that were taken.
pub(super) struct Taken {
    /// Rows and bytes of a row, by table.
    pub(super) statistics: HashMap<String, (Option<u64>, Option<u64>)>,
}

/// Adds the tables that are kept; those that are partitioned are noted.
pub(super) fn tables(
    owner: &mut Owner<'_, '_>,
    containers: &BTreeSet<String>,
    columns: &mut HashMap<String, TableColumns>,
    comments: &mut Comments,
    constraints: &mut Constraints,
    catalog: &mut Catalog,
    partitioned: &mut Vec<String>,
) -> Result<Taken, Error> {
    let external = names(owner.query(sql::EXTERNAL_TABLES)?)?;
    let immutable = match owner.has_view("ALL_IMMUTABLE_TABLES") {
        true => names(owner.query(sql::IMMUTABLE_TABLES)?)?,
        false => BTreeSet::new(),
    };
    let blockchain = match owner.has_view("ALL_BLOCKCHAIN_TABLES") {
        true => names(owner.query(sql::BLOCKCHAIN_TABLES)?)?,
        false => BTreeSet::new(),
    };
    let mut rows = owner.query(sql::TABLES)?;
    rows.extend(owner.query(sql::OBJECT_TABLES)?);
    rows.sort_by(|a, b| a.get(0).cmp(&b.get(0)));
    let mut taken = Taken { statistics: HashMap::new() };
    for row in &rows {
        let path = owner.path(row.ident(0)?);
        let name = path.name.as_str();
        let kind = match (row.get(1), row.get(2)) {
            (Some("IOT_OVERFLOW" | "IOT_MAPPING"), _) => continue,
            _ if row.get(3) == Some("YES") || row.get(4) == Some("Y") => continue,
            // Log and update tables of materialized views, and the tables that hold their rows.
            _ if name.starts_with("MLOG$_") || name.starts_with("RUPD$_") || containers.contains(name) => continue,
            _ if external.contains(name) => TableKind::External,
            (Some("IOT"), _) => TableKind::IndexOrganized,
            (_, Some("Y")) => TableKind::GlobalTemporary,
            _ => TableKind::Heap,
        };
        if !owner.keeps(&path) {
            continue;
        }
        let TableColumns { columns: mut found, remarks: of_columns } = columns.remove(name).unwrap_or_default();
        if row.get(13) == Some("XMLTYPE") {
            let detail = Some("its rows are documents: it has no columns that could be converted".to_owned());
            catalog.other_objects.push(OtherObject { kind: "XMLTYPE TABLE".to_owned(), path, detail });
            continue;
        }
        if found.is_empty() {
            return Err(malformed(format!("table {path} has no column that the session can see")));
        }
        for column in &mut found {
            column.comment = comments.columns.remove(&(name.to_owned(), column.name.as_str().to_owned()));
        }
        let mut remarks = remarks(owner, row);
        if immutable.contains(name) || blockchain.contains(name) {
            let sort = if blockchain.contains(name) { "a blockchain table" } else { "an immutable table" };
            remarks.push(format!("{sort}: its rows can be changed and deleted here"));
        }
        remarks.extend(of_columns);
        if row.get(7) == Some("YES") {
            partitioned.push(name.to_owned());
        }
        taken.statistics.insert(name.to_owned(), (row.number(5)?, row.number(6)?));
        catalog.tables.push(Table {
            kind,
            columns: found,
            constraints: constraints.of_table(name),
            comment: comments.tables.remove(name),
            partitioning: None,
            remarks,
            path,
        });
    }
    Ok(taken)
}

fn names(rows: Vec<Record>) -> Result<BTreeSet<String>, Error> {
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// What the reader of scripts remarks too, in the same words.
fn remarks(owner: &Owner<'_, '_>, row: &Record) -> Vec<String> {
    let mut remarks = Vec::new();
    let path = |schema: Option<&str>, name: &str| match schema {
        Some(schema) => format!("{schema}.{name}"),
        None => format!("{}.{name}", owner.schema),
    };
    if let Some(of) = row.get(13) {
        let of = path(row.get(12), of);
        remarks.push(format!("an object table of {of}: its rows have no object identifiers here"));
    }
    if let Some(cluster) = row.get(9) {
        let cluster = path(row.get(8), cluster);
        remarks.push(format!("it is kept in the cluster {cluster}, which has no counterpart"));
    }
    match row.get(10) {
        Some("SYS$TRANSACTION") => remarks.push("ON COMMIT DELETE ROWS".to_owned()),
        Some("SYS$SESSION") => remarks.push("ON COMMIT PRESERVE ROWS".to_owned()),
        _ => {}
    }
    if row.get(11).map(str::trim) == Some("YES") {
        remarks.push("READ ONLY has no counterpart: grant nothing but SELECT".to_owned());
    }
    remarks
}

/// Whether the path is a table or materialized view that was taken.
pub(super) fn is_taken(taken: &Taken, on_views: &BTreeSet<ObjectPath>, path: &ObjectPath) -> bool {
    taken.statistics.contains_key(path.name.as_str()) || on_views.contains(path)
}
