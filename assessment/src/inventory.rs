//! What there is: kinds, types, sizes, features.

use crate::conversion::{Conversion, without_sizes};
use crate::facts::TableFacts;
use crate::report::{ColumnTypes, Feature, Size, TableLine};
use crate::{CostModel, Facts, Kind, OtherObject, bytes};
use schema_map::{Catalog, ConstraintKind, IndexKey, IndexKind, PartitionMethod, TableKind};
use std::collections::BTreeMap;
use type_convert::OracleType;

/// Tables that are listed by size.
const LARGEST: usize = 20;

pub(crate) fn comment(catalog: &Catalog, kind: Kind) -> String {
    let count = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let parts: Vec<Option<String>> = match kind {
        Kind::Table => {
            let of = |kind| catalog.tables.iter().filter(|table| table.kind == kind).count();
            let columns = catalog.tables.iter().map(|table| table.columns.len()).sum();
            let partitioned = catalog.tables.iter().filter_map(|t| t.partitioning.as_ref());
            let partitions: usize = partitioned.clone().map(|p| p.partitions.len()).sum();
            vec![
                count(columns, "columns"),
                count(of(TableKind::IndexOrganized), "index-organised"),
                count(of(TableKind::GlobalTemporary), "temporary"),
                count(of(TableKind::External), "external"),
                count(partitioned.count(), "partitioned"),
                count(partitions, "partitions"),
            ]
        }
        Kind::Constraint => {
            let of = |is: fn(&ConstraintKind) -> bool| {
                catalog.tables.iter().flat_map(|table| &table.constraints).filter(|c| is(&c.kind)).count()
            };
            vec![
                count(of(|kind| matches!(kind, ConstraintKind::PrimaryKey { .. })), "primary keys"),
                count(of(|kind| matches!(kind, ConstraintKind::Unique { .. })), "unique"),
                count(of(|kind| matches!(kind, ConstraintKind::ForeignKey { .. })), "foreign keys"),
                count(of(|kind| matches!(kind, ConstraintKind::Check { .. })), "checks"),
            ]
        }
        Kind::Index => {
            let indexes = &catalog.indexes;
            let expression =
                |i: &&schema_map::Index| i.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_)));
            vec![
                count(indexes.iter().filter(|index| index.backs_constraint).count(), "behind constraints"),
                count(indexes.iter().filter(|index| index.bitmap).count(), "bitmap"),
                count(indexes.iter().filter(expression).count(), "function-based"),
                count(indexes.iter().filter(|i| matches!(i.kind, IndexKind::Domain(_))).count(), "domain"),
            ]
        }
        Kind::Synonym => vec![
            count(catalog.synonyms.iter().filter(|s| s.path.schema.as_str() == "PUBLIC").count(), "public"),
            count(catalog.synonyms.iter().filter(|s| s.db_link.is_some()).count(), "across database links"),
        ],
        _ => Vec::new(),
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(crate) fn column_types(catalog: &Catalog, conversion: &Conversion) -> Vec<ColumnTypes> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for column in catalog.tables.iter().flat_map(|table| &table.columns) {
        *counts.entry(without_sizes(&column.oracle_type.to_string())).or_default() += 1;
    }
    let pg_types = |oracle_type: &str| conversion.types.get(oracle_type).into_iter().flatten().cloned().collect();
    let mut types: Vec<_> = counts
        .into_iter()
        .map(|(oracle_type, columns)| ColumnTypes { pg_types: pg_types(&oracle_type), oracle_type, columns })
        .collect();
    types.sort_by_key(|t| std::cmp::Reverse(t.columns));
    types
}

/// Whether a table's facts are of a schema that is assessed, in the order of the facts.
fn known<'f>(facts: &'f Facts, catalog: &Catalog) -> Vec<&'f TableFacts> {
    let paths: std::collections::HashSet<(&str, &str)> =
        catalog.tables.iter().map(|t| (t.path.schema.as_str(), t.path.name.as_str())).collect();
    facts.tables.iter().flatten().filter(|t| paths.contains(&(t.owner.as_str(), t.name.as_str()))).collect()
}

pub(crate) fn size(facts: &Facts, catalog: &Catalog, model: &CostModel) -> Size {
    let tables = known(facts, catalog);
    let sum = |of: fn(&TableFacts) -> Option<u64>| {
        tables.iter().filter_map(|t| of(t)).fold(None, |sum: Option<u64>, n| Some(sum.unwrap_or(0).saturating_add(n)))
    };
    let (table_bytes, lob_bytes) = (sum(|t| t.bytes), sum(|t| t.lob_bytes));
    let growth = tables.iter().filter_map(|t| t.growth_bytes);
    let load_seconds = table_bytes.map(|table| {
        let rate = model.load_mb_per_second * 1_048_576.0;
        // Whole seconds of at most some thousand years.
        let seconds = (bytes::as_f64(table.saturating_add(lob_bytes.unwrap_or(0))) / rate).ceil().min(1e11);
        seconds_of(seconds)
    });
    Size {
        table_bytes,
        lob_bytes,
        rows: sum(|t| t.rows),
        growth_bytes: growth.fold(None, |sum: Option<i64>, n| Some(sum.unwrap_or(0).saturating_add(n))),
        growth_days: facts.growth_days,
        load_seconds,
    }
}

/// A whole, positive figure below 2^53 by its text: there is no cast that lint and reader both trust.
fn seconds_of(seconds: f64) -> u64 {
    format!("{seconds:.0}").parse().unwrap_or(u64::MAX)
}

pub(crate) fn largest_tables(facts: &Facts, catalog: &Catalog) -> Vec<TableLine> {
    let mut lines: Vec<TableLine> = known(facts, catalog)
        .into_iter()
        .filter_map(|t| {
            let bytes = t.bytes.or(t.lob_bytes.map(|_| 0))?;
            Some(TableLine {
                name: format!("{}.{}", t.owner, t.name),
                bytes,
                lob_bytes: t.lob_bytes,
                rows: t.rows,
                growth_bytes: t.growth_bytes,
            })
        })
        .collect();
    let whole = |t: &TableLine| t.bytes.saturating_add(t.lob_bytes.unwrap_or_default());
    lines.sort_by(|a, b| whole(b).cmp(&whole(a)).then_with(|| a.name.cmp(&b.name)));
    lines.truncate(LARGEST);
    lines
}

pub(crate) fn features(catalog: &Catalog, facts: &Facts, objects: &[OtherObject]) -> Vec<Feature> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut use_of = |name: &str| *counts.entry(name.to_owned()).or_default() += 1;
    for table in &catalog.tables {
        match table.kind {
            TableKind::IndexOrganized => use_of("index-organised tables"),
            TableKind::GlobalTemporary => use_of("temporary tables"),
            TableKind::External => use_of("external tables"),
            _ => {}
        }
        if let Some(partitioning) = &table.partitioning {
            use_of(match partitioning.method {
                PartitionMethod::Range if partitioning.interval.is_some() => "tables partitioned by interval",
                PartitionMethod::Range => "tables partitioned by range",
                PartitionMethod::List => "tables partitioned by list",
                PartitionMethod::Hash => "tables partitioned by hash",
                PartitionMethod::Reference => "tables partitioned by reference",
                _ => "tables partitioned otherwise",
            });
            if partitioning.subpartitioning.is_some() {
                use_of("tables with subpartitions");
            }
        }
        for column in &table.columns {
            if column.virtual_expression.is_some() {
                use_of("virtual columns");
            }
            if column.identity.is_some() {
                use_of("identity columns");
            }
            if column.invisible {
                use_of("invisible columns");
            }
            if column.default_on_null {
                use_of("DEFAULT ON NULL");
            }
            match column.oracle_type {
                OracleType::Clob | OracleType::NClob | OracleType::Blob => use_of("LOB columns"),
                OracleType::Long | OracleType::LongRaw => use_of("LONG columns"),
                OracleType::Xml => use_of("XMLTYPE columns"),
                OracleType::Json => use_of("JSON columns"),
                OracleType::Geometry => use_of("spatial columns"),
                OracleType::BFile => use_of("BFILE columns"),
                OracleType::Vector { .. } => use_of("vectors"),
                OracleType::Object(_) | OracleType::Collection(_) | OracleType::Other { .. } => {
                    use_of("columns of other types");
                }
                _ => {}
            }
        }
        if table.constraints.iter().any(|c| c.deferrable) {
            use_of("tables with deferrable constraints");
        }
    }
    for index in &catalog.indexes {
        match &index.kind {
            IndexKind::Normal if index.bitmap => use_of("bitmap indexes"),
            IndexKind::Reverse => use_of("reverse key indexes"),
            IndexKind::Domain(name) => match name.rsplit('.').next().unwrap_or_default().trim_matches('"') {
                "CONTEXT" | "CTXCAT" | "CTXRULE" | "SEARCH_INDEX" => use_of("text indexes"),
                "SPATIAL_INDEX" | "SPATIAL_INDEX_V2" => use_of("spatial indexes"),
                _ => use_of("domain indexes"),
            },
            IndexKind::BitmapJoin => use_of("bitmap join indexes"),
            _ => {}
        }
        if index.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_))) {
            use_of("function-based indexes");
        }
    }
    for _ in &catalog.materialized_views {
        use_of("materialized views");
    }
    for _ in catalog.views.iter().filter(|v| v.of_type.is_some()) {
        use_of("object views");
    }
    for synonym in &catalog.synonyms {
        if synonym.db_link.is_some() {
            use_of("synonyms across database links");
        }
    }
    for object in objects {
        use_of(object.kind.plural());
    }
    for table in facts.tables.iter().flatten() {
        if table.encrypted == Some(true) {
            use_of("encrypted tables");
        }
        if table.compression.is_some() {
            use_of("compressed tables");
        }
    }
    let mut features: Vec<Feature> = counts.into_iter().map(|(name, count)| Feature { name, count }).collect();
    features.sort_by_key(|feature| std::cmp::Reverse(feature.count));
    features
}
