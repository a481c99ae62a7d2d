use super::{Owner, table::Read};
use crate::{
    Error,
    sql::dictionary::{self as sql, Views},
};
use schema_map::{Catalog, TableSize};
use std::collections::HashMap;

/// Adds the sizes of the tables from `first` on.
pub(super) fn sizes(owner: &mut Owner<'_, '_>, read: &Read, catalog: &mut Catalog, first: usize) -> Result<(), Error> {
    // The DBA_ view may be granted by itself.
    let own = owner.is_own() && owner.views() == Views::All;
    let statement = if own { sql::OWN_SEGMENTS } else { sql::SEGMENTS };
    let known_before = owner.unread();
    let segments = owner.query_if_allowed(statement, "how large segments are")?;
    let known = owner.unread() == known_before;
    let mut bytes: HashMap<String, u64> = HashMap::new();
    for row in segments {
        *bytes.entry(row.text(0)?.to_owned()).or_default() += row.number(2)?.unwrap_or(0);
    }
    let mut lobs: HashMap<String, u64> = HashMap::new();
    for row in owner.query(sql::LOB_SEGMENTS)? {
        let of_segment = row.get(1).and_then(|name| bytes.get(name)).copied().unwrap_or(0);
        *lobs.entry(row.text(0)?.to_owned()).or_default() += of_segment;
    }
    let (mut indexes, mut organized): (HashMap<&str, u64>, HashMap<&str, u64>) = Default::default();
    for index in catalog.indexes.iter().filter(|i| i.table.schema == *owner.schema) {
        let of_index = bytes.get(index.path.name.as_str()).copied().unwrap_or(0);
        *indexes.entry(index.table.name.as_str()).or_default() += of_index;
        if index.backs_constraint {
            organized.entry(index.table.name.as_str()).or_insert(of_index);
        }
    }
    let sizes = catalog.tables[first..].iter().map(|table| {
        let name = table.path.name.as_str();
        let (rows, row_bytes) = read.statistics.get(name).copied().unwrap_or_default();
        // The rows of an index-organized table are in the index of its primary key.
        let is_organized = table.kind == schema_map::TableKind::IndexOrganized;
        let in_key = if is_organized { organized.get(name).copied().unwrap_or(0) } else { 0 };
        let of_table = bytes.get(name).copied().unwrap_or(0) + in_key;
        TableSize {
            table: table.path.clone(),
            rows,
            row_bytes,
            segment_bytes: known.then_some(of_table),
            lob_bytes: known.then(|| lobs.get(name).copied().unwrap_or(0)),
            index_bytes: known.then(|| indexes.get(name).copied().unwrap_or(0).saturating_sub(in_key)),
        }
    });
    let sizes: Vec<TableSize> = sizes.collect();
    catalog.sizes.extend(sizes);
    Ok(())
}
