use crate::{Error, ErrorKind, Result};
use schema_map::{PgIdent, PgPath, pg_literal};
use serde::Serialize;
use std::collections::BTreeMap;
use tokio_postgres::GenericClient;

/// How one sequence goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceChange {
    /// The sequence.
    pub sequence: PgPath,
    /// The value that it would give next as it stands; one step beyond its last where it is used up.
    pub before: i128,
    /// The value that it gives next at the source, where that is known.
    pub source: Option<i128>,
    /// The highest value (the lowest, of a descending sequence) within its range in the columns that it feeds.
    pub in_use: Option<i128>,
    /// The value that it is to give next.
    pub next: i128,
    was: Place,
    place: Place,
}

/// A sequence's `last_value` and `is_called`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    value: i64,
    called: bool,
}

impl SequenceChange {
    /// The statement that takes it back to where it stood.
    pub fn undo(&self) -> String {
        setval(&self.sequence, self.was)
    }
}

fn setval(sequence: &PgPath, Place { value, called }: Place) -> String {
    format!("SELECT setval({}, {value}, {called});", pg_literal(&sequence.quoted()))
}

/// Moves each sequence so that the next value it gives is the given one or beyond: [`plan_sequences`] without tables, then
/// [`set_sequences`].
pub async fn advance_sequences<C: GenericClient + Sync>(
    client: &C,
    next_values: &[(PgPath, i128)],
) -> Result<Vec<SequenceChange>> {
    let changes = plan_sequences(client, next_values, &[]).await?;
    set_sequences(client, &changes).await?;
    Ok(changes)
}

/// Says how sequences are to go on: those of `next_values`, with the value that each gives next at the source, and those that feed
/// columns of `tables` (identities, columns that own one, columns whose default draws from one). Changes nothing.
///
/// A sequence goes on with the source's next value, or beyond it where it stands beyond already, or where a column has a value from its
/// range that is beyond; then by whole steps, so that sequences that share numbers by their remainders still do. None moves backwards,
/// but one that begins again at its end (CYCLE), whose values repeat anyhow: that goes on just where the source's would.
/// A next value that lies beyond the range, by not more than one step, is that of a sequence that is used up; then this one is used up too.
pub async fn plan_sequences<C: GenericClient + Sync>(
    client: &C,
    next_values: &[(PgPath, i128)],
    tables: &[PgPath],
) -> Result<Vec<SequenceChange>> {
    let mut wanted: BTreeMap<PgPath, (Option<i128>, Vec<Fed>)> = BTreeMap::new();
    for (sequence, next) in next_values {
        wanted.entry(sequence.clone()).or_default().0 = Some(*next);
    }
    for (sequence, fed) in fed_columns(client, tables).await? {
        wanted.entry(sequence).or_default().1.push(fed);
    }
    // Those that were named come first and in their order.
    let mut order: Vec<PgPath> = next_values.iter().map(|(sequence, _)| sequence.clone()).collect();
    order.extend(wanted.keys().filter(|s| !next_values.iter().any(|(named, _)| named == *s)).cloned());
    let mut changes = Vec::with_capacity(order.len());
    for sequence in order {
        let (source, fed) = wanted.get(&sequence).cloned().unwrap_or_default();
        changes.push(plan(client, sequence, source, &fed).await?);
    }
    Ok(changes)
}

/// Sets sequences as planned; those that stand right already are left alone. Safe to call again.
///
/// Concurrent `nextval` on the same sequence may be undone: call it while nobody uses them.
pub async fn set_sequences<C: GenericClient + Sync>(client: &C, changes: &[SequenceChange]) -> Result<()> {
    for change in changes.iter().filter(|c| c.next != c.before) {
        let set = setval(&change.sequence, change.place);
        let at = |e| Error::postgres("setting a sequence", e).with_table(&change.sequence);
        client.batch_execute(&set).await.map_err(at)?;
        fail_point!("sequences: one set");
    }
    Ok(())
}

/// A column that a sequence feeds.
#[derive(Debug, Clone)]
struct Fed {
    table: PgPath,
    column: PgIdent,
}

async fn fed_columns<C: GenericClient + Sync>(client: &C, tables: &[PgPath]) -> Result<Vec<(PgPath, Fed)>> {
    let sql = "SELECT DISTINCT sn.nspname, s.relname, tn.nspname, t.relname, a.attname \
         FROM unnest($1::text[], $2::text[]) AS w (s, t) JOIN pg_namespace tn ON tn.nspname = w.s \
         JOIN pg_class t ON t.relnamespace = tn.oid AND t.relname = w.t \
         CROSS JOIN LATERAL ( \
            SELECT d.objid AS sequence, d.refobjsubid AS attnum FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
               AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') \
            UNION ALL \
            SELECT d.refobjid, x.adnum FROM pg_attrdef x JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = x.oid \
               AND d.refclassid = 'pg_class'::regclass WHERE x.adrelid = t.oid) f \
         JOIN pg_class s ON s.oid = f.sequence AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.attnum ORDER BY 1, 2, 3, 4, 5";
    let schemas: Vec<&str> = tables.iter().map(|t| t.schema.as_str()).collect();
    let names: Vec<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    let rows = client.query(sql, &[&schemas, &names]).await;
    let rows = rows.map_err(|e| Error::postgres("looking for the sequences of columns", e))?;
    let malformed = |e| Error::new(ErrorKind::Malformed, "a name in the server's catalog").with_source(e);
    rows.iter()
        .map(|row| {
            let name = |i| PgIdent::new(row.get::<_, &str>(i)).map_err(malformed);
            let sequence = PgPath { schema: name(0)?, name: name(1)? };
            Ok((sequence, Fed { table: PgPath { schema: name(2)?, name: name(3)? }, column: name(4)? }))
        })
        .collect()
}

async fn plan<C: GenericClient + Sync>(
    client: &C,
    sequence: PgPath,
    source: Option<i128>,
    fed: &[Fed],
) -> Result<SequenceChange> {
    let at = |e| Error::postgres("reading a sequence", e).with_table(&sequence);
    let name = sequence.quoted();
    let sql = format!(
        "SELECT q.last_value, q.is_called, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle \
         FROM {name} q, pg_sequence s WHERE s.seqrelid = $1::text::regclass"
    );
    let row = client.query_one(&sql, &[&name]).await.map_err(at)?;
    let [last, increment, min, max] = [0, 2, 3, 4].map(|i| i128::from(row.get::<_, i64>(i)));
    let was = Place { value: row.get(0), called: row.get(1) };
    let before = if was.called { last + increment } else { last };
    let mut in_use: Option<i128> = None;
    let cycle: bool = row.get(5);
    for Fed { table, column } in fed.iter().filter(|_| !cycle) {
        let at = |e| Error::postgres("looking for the values in use", e).with_table(table).with_column(column);
        let (extreme, column) = (if increment > 0 { "max" } else { "min" }, column.quoted());
        let sql = format!(
            "SELECT trunc({extreme}({column})::numeric)::bigint FROM {} WHERE {column} BETWEEN {min} AND {max}",
            table.quoted()
        );
        let found: Option<i64> = client.query_one(&sql, &[]).await.map_err(at)?.get(0);
        let found = found.map(i128::from);
        in_use = if increment > 0 { in_use.max(found) } else { in_use.into_iter().chain(found).min() };
    }
    let next = match source {
        Some(source) if cycle => source,
        Some(source) if increment > 0 => before.max(source),
        Some(source) => before.min(source),
        None => before,
    };
    let next = match in_use {
        // By whole steps past what is in use.
        Some(used) if (used - next) * increment.signum() >= 0 => next + ((used - next) / increment + 1) * increment,
        _ => next,
    };
    let spent = !(min..=max).contains(&next);
    let end = if increment > 0 { max } else { min };
    let place = match next {
        _ if next == before => (last, was.called),
        _ if !spent => (next, false),
        // Beyond the range by less than a step: it is used up, at the source and so here; or begins again.
        _ if (min..=max).contains(&(next - increment)) => (end, true),
        _ => {
            let message = format!("its next value is {next} at the source, outside of its range here, {min} to {max}");
            return Err(Error::new(ErrorKind::Value, message).with_table(&sequence));
        }
    };
    let beyond = |_| Error::new(ErrorKind::Value, "a value beyond bigint").with_table(&sequence);
    let place = Place { value: i64::try_from(place.0).map_err(beyond)?, called: place.1 };
    Ok(SequenceChange { sequence, before, source, in_use, next, was, place })
}

impl Serialize for SequenceChange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SequenceRecord::from(self).serialize(serializer)
    }
}

/// A change as JSON has it; numbers of 128 bits as text.
#[derive(Serialize)]
struct SequenceRecord<'a> {
    schema: &'a str,
    name: &'a str,
    before: String,
    source: Option<String>,
    in_use: Option<String>,
    next: String,
    undo: String,
}

impl<'a> From<&'a SequenceChange> for SequenceRecord<'a> {
    fn from(change: &'a SequenceChange) -> Self {
        SequenceRecord {
            schema: change.sequence.schema.as_str(),
            name: change.sequence.name.as_str(),
            before: change.before.to_string(),
            source: change.source.map(|n| n.to_string()),
            in_use: change.in_use.map(|n| n.to_string()),
            next: change.next.to_string(),
            undo: change.undo(),
        }
    }
}
