use super::{Owner, table::Taken};
use crate::{
    Error,
    sql::dictionary::{self as sql, Views},
};
use schema_map::{Catalog, TableSize};
use std::collections::HashMap;

/// What a segment is of: a table and an index may have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    Table,
    Index,
    Lob,
}

impl Sort {
    /// By `SEGMENT_TYPE`: `TABLE PARTITION`, `INDEX`, `LOBSEGMENT`, `LOB PARTITION`, …
    fn of(segment_type: &str) -> Self {
        match segment_type {
            index if index.starts_with("INDEX") => Sort::Index,
            lob if lob.starts_with("LOB") => Sort::Lob,
            _ => Sort::Table,
        }
    }
}

/// Adds the sizes of the tables from `first` on.
pub(super) fn sizes(
    owner: &mut Owner<'_, '_>,
    taken: &Taken,
    catalog: &mut Catalog,
    first: usize,
) -> Result<(), Error> {
    // The DBA_ view may be granted by itself.
    let own = owner.is_own() && owner.views() == Views::All;
    let statement = if own { sql::OWN_SEGMENTS } else { sql::SEGMENTS };
    let known_before = owner.unread();
    let segments = owner.query_if_allowed(statement, "how large segments are")?;
    let known = owner.unread() == known_before;
    let mut bytes: HashMap<(Sort, String), u64> = HashMap::new();
    let mut partitions: HashMap<String, u64> = HashMap::new();
    for row in segments {
        let (name, segment_type) = (row.text(0)?, row.text(1)?);
        *bytes.entry((Sort::of(segment_type), name.to_owned())).or_default() += row.number(2)?.unwrap_or(0);
        if segment_type.starts_with("TABLE ") {
            *partitions.entry(name.to_owned()).or_default() += row.number(3)?.unwrap_or(0);
        }
    }
    let of = |sort, name: &str| bytes.get(&(sort, name.to_owned())).copied().unwrap_or(0);
    let mut lobs: HashMap<String, u64> = HashMap::new();
    for row in owner.query(sql::LOB_SEGMENTS)? {
        *lobs.entry(row.text(0)?.to_owned()).or_default() += row.get(1).map_or(0, |name| of(Sort::Lob, name));
    }
    let (mut indexes, mut organized): (HashMap<&str, u64>, HashMap<&str, u64>) = Default::default();
    for index in catalog.indexes.iter().filter(|i| i.table.schema == *owner.schema) {
        let of_index = of(Sort::Index, index.path.name.as_str());
        *indexes.entry(index.table.name.as_str()).or_default() += of_index;
        if index.backs_constraint {
            organized.entry(index.table.name.as_str()).or_insert(of_index);
        }
    }
    let sizes = catalog.tables[first..].iter().map(|table| {
        let name = table.path.name.as_str();
        let (rows, row_bytes) = taken.statistics.get(name).copied().unwrap_or_default();
        // The rows of an index-organized table are in the index of its primary key.
        let is_organized = table.kind == schema_map::TableKind::IndexOrganized;
        let in_key = if is_organized { organized.get(name).copied().unwrap_or(0) } else { 0 };
        let of_table = of(Sort::Table, name) + in_key;
        TableSize {
            table: table.path.clone(),
            rows,
            row_bytes,
            segment_bytes: known.then_some(of_table),
            lob_bytes: known.then(|| lobs.get(name).copied().unwrap_or(0)),
            index_bytes: known.then(|| indexes.get(name).copied().unwrap_or(0).saturating_sub(in_key)),
            partitions: known.then(|| partitions.get(name).copied().unwrap_or(0)),
        }
    });
    let sizes: Vec<TableSize> = sizes.collect();
    catalog.sizes.extend(sizes);
    Ok(())
}
