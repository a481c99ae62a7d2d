//! What the target's catalog says of a table, as far as the order of changes depends on it.

use crate::error::Doing;
use crate::{Error, ErrorKind, Result};
use schema_map::{PgIdent, PgPath, TablePlan};
use std::collections::{HashMap, HashSet};
use tokio_postgres::GenericClient;
use type_convert::PgType;

/// The type that a column has, of a domain the type beneath.
#[derive(Debug, Clone)]
pub(super) struct ColumnFacts {
    pub(super) oid: u32,
    /// Its name, quoted, with its schema and without a modifier.
    pub(super) name: String,
    /// Values that PostgreSQL holds for equal have the same bytes once [`normalized`](super::net) is done with them.
    pub(super) equal_by_bytes: bool,
    /// Whether it is an array: `unnest` would take it apart.
    pub(super) is_array: bool,
}

/// What the unique indexes and exclusion constraints of a table mean for its changes.
#[derive(Debug, Clone, Default)]
pub(super) struct IndexFacts {
    /// Whether they have been read.
    pub(super) known: bool,
    /// Whether the key finds one row at most, by an index, so that changes can be made in sets.
    pub(super) key_is_unique: bool,
    /// The indexes that say so.
    pub(super) key_names: HashSet<String>,
    /// By column of the plan: whether it is part of another unique index or exclusion constraint.
    pub(super) ordered: Vec<bool>,
    /// Whether COPY writes into the table what INSERT would: it knows no rules, and refuses row-level security, views and some foreign tables.
    pub(super) takes_copy: bool,
}

pub(super) async fn column_facts<C: GenericClient + Sync>(client: &C, plan: &TablePlan) -> Result<Vec<ColumnFacts>> {
    let rows = client
        .query(
            "WITH RECURSIVE c AS (SELECT a.attname, a.attcollation, t.oid, t.typtype, t.typbasetype \
                FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
                WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped \
                UNION ALL SELECT c.attname, c.attcollation, t.oid, t.typtype, t.typbasetype \
                FROM c JOIN pg_type t ON t.oid = c.typbasetype WHERE c.typtype = 'd') \
             SELECT c.attname::text, t.oid, n.nspname::text, t.typname::text, coalesce(l.collisdeterministic, true), \
                t.typcategory = 'A' FROM c JOIN pg_type t ON t.oid = c.oid JOIN pg_namespace n ON n.oid = t.typnamespace \
             LEFT JOIN pg_collation l ON l.oid = c.attcollation WHERE c.typtype <> 'd'",
            &[&plan.target.quoted()],
        )
        .await
        .map_err(|e| Error::postgres("reading the types of a table's columns", e).with_table(&plan.target))?;
    let there: HashMap<&str, _> = rows.iter().map(|row| (row.get::<_, &str>(0), row)).collect();
    plan.columns
        .iter()
        .map(|column| {
            let row = there.get(column.target.as_str()).ok_or_else(|| {
                let error = Error::new(ErrorKind::Plan, "the target's table has no such column");
                error.with_table(&plan.target).with_column(&column.target)
            })?;
            let malformed = |e| Error::new(ErrorKind::Malformed, "a name in pg_type").with_source(e);
            let name = |i| PgIdent::new(row.get::<_, &str>(i)).map_err(malformed);
            let deterministic: bool = row.get(4);
            let oid: u32 = row.get(1);
            Ok(ColumnFacts {
                oid,
                name: PgPath { schema: name(2)?, name: name(3)? }.quoted(),
                equal_by_bytes: deterministic && is_equal_by_bytes(oid),
                is_array: row.get(5),
            })
        })
        .collect()
}

/// Not so: `citext` and nondeterministic collations, floating-point numbers (−0), what has no equality at all.
fn is_equal_by_bytes(oid: u32) -> bool {
    use PgType::*;
    let types = [
        Bool,
        Int2,
        Int4,
        Int8,
        Numeric { digits: None },
        Text,
        Varchar { length: None },
        Bpchar { length: 1 },
        Bytea,
        Date,
        Timestamp { precision: None },
        TimestampTz { precision: None },
        Uuid,
    ];
    types.iter().any(|ty| ty.oid() == Some(oid))
}

pub(super) async fn index_facts<C: GenericClient + Sync>(client: &C, plan: &TablePlan) -> Result<IndexFacts> {
    let rows = client
        .query(
            "SELECT x.relname::text, i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL, \
                ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (number, nth) \
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.nth <= i.indnkeyatts), \
                ARRAY(SELECT a.attname::text FROM pg_depend d \
                    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid \
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid) \
             FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
             WHERE i.indrelid = $1::text::regclass AND (i.indisunique OR i.indisexclusion)",
            &[&plan.target.quoted()],
        )
        .await
        .map_err(|e| Error::postgres("reading the unique indexes of a table", e).with_table(&plan.target))?;
    let copy = client
        .query_one(
            "SELECT relkind IN ('r', 'p') AND NOT relrowsecurity AND NOT relhasrules FROM pg_class WHERE oid = $1::text::regclass",
            &[&plan.target.quoted()],
        )
        .await
        .map_err(|e| Error::postgres("reading what kind of table it is", e).with_table(&plan.target))?;
    let key: HashSet<&str> = plan.key.iter().map(|&c| plan.columns[c].target.as_str()).collect();
    let mut facts = IndexFacts {
        known: true,
        ordered: vec![false; plan.columns.len()],
        takes_copy: copy.get(0),
        ..IndexFacts::default()
    };
    for row in &rows {
        let (plain, columns, depends): (bool, Vec<&str>, Vec<&str>) = (row.get(1), row.get(2), row.get(3));
        if plain && !key.is_empty() && columns.iter().all(|c| key.contains(c)) {
            facts.key_is_unique = true;
            facts.key_names.insert(row.get(0));
            continue;
        }
        // An index over the key and more cannot be broken while the key is unique, whatever the order.
        if plain && !key.is_empty() && key.iter().all(|c| columns.contains(c)) {
            continue;
        }
        for (column, ordered) in plan.columns.iter().zip(&mut facts.ordered) {
            let name = column.target.as_str();
            *ordered |= columns.contains(&name) || depends.contains(&name);
        }
    }
    Ok(facts)
}

/// Whether triggers act on changes of these tables in this session, those of foreign keys included: then the order of
/// changes over all tables counts.
pub(super) async fn triggers_fire<C: GenericClient + Sync>(
    client: &C,
    plans: impl Iterator<Item = &TablePlan>,
    is_replica: bool,
) -> Result<bool> {
    let tables: Vec<String> = plans.map(|plan| plan.target.quoted()).collect();
    let modes: Vec<&str> = if is_replica { vec!["R", "A"] } else { vec!["O", "A"] };
    let row = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ANY ($1::text[]::regclass[]) AND tgenabled::text = ANY ($2))",
            &[&tables, &modes],
        )
        .await
        .doing("looking for triggers on the tables")?;
    Ok(row.get(0))
}
