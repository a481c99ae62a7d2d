use crate::{Error, ErrorKind, Result};
use schema_map::{PgPath, TablePlan};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::GenericClient;
use type_convert::{PgComposite, PgDomain, PgType, Transcoder};

/// Puts what the target has of a table's row types, domains and arrays of them into its plan, OIDs and all: their binary form names the OIDs, which
/// differ from database to database. A plan without such columns stays as it is, and so does that of a table that is not there yet.
///
/// # Errors
/// [`ErrorKind::Plan`], with table and column, for a type of the target that values of the source cannot be converted to.
pub async fn complete_types<C: GenericClient + Sync>(client: &C, plan: &mut TablePlan) -> Result<()> {
    if !plan.columns.iter().any(|column| is_made(&column.pg_type)) {
        return Ok(());
    }
    let reading = |e| Error::postgres("reading the types of the target's columns", e).with_table(&plan.target);
    let columns = client
        .query(
            "SELECT attname::text, atttypid, format_type(atttypid, atttypmod) FROM pg_attribute \
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            &[&plan.target.quoted()],
        )
        .await
        .map_err(reading)?;
    let columns: BTreeMap<String, Named> =
        columns.iter().map(|row| (row.get(0), Named { oid: row.get(1), name: row.get(2) })).collect();
    let wanted = plan.columns.iter().filter(|column| is_made(&column.pg_type));
    let wanted = wanted.filter_map(|column| columns.get(column.target.as_str()).map(|named| named.oid));
    let known = Known::read(client, wanted.collect()).await.map_err(reading)?;
    let table = plan.target.clone();
    for column in plan.columns.iter_mut().filter(|column| is_made(&column.pg_type)) {
        let Some(named) = columns.get(column.target.as_str()) else { continue };
        let pg_type = known.pg_type(named, 0).map_err(|e| refused(&table, &e).with_column(&column.target))?;
        Transcoder::new(&column.oracle_type, &pg_type, column.loss)
            .map_err(|e| refused(&table, &e.to_string()).with_column(&column.target))?;
        column.pg_type = pg_type;
    }
    Ok(())
}

fn refused(table: &PgPath, reason: &str) -> Error {
    Error::new(ErrorKind::Plan, format!("the target's type cannot be filled: {reason}")).with_table(table)
}

/// Whether a type is made in the database, or holds one that is.
fn is_made(ty: &PgType) -> bool {
    match ty {
        PgType::Composite(_) | PgType::Domain(_) => true,
        PgType::Array(element) => is_made(element),
        _ => false,
    }
}

/// Whether the OIDs of a type that is made in the database are known, as [`complete_types`] makes them.
pub(crate) fn is_complete(ty: &PgType) -> bool {
    match ty {
        PgType::Composite(of) => of.fields.iter().all(|(_, field)| field.oid() != Some(0) && is_complete(field)),
        PgType::Domain(of) => is_complete(&of.base),
        PgType::Array(element) => element.oid() != Some(0) && is_complete(element),
        _ => true,
    }
}

/// A reference to a type: its OID, and its name with its modifier.
#[derive(Debug, Clone)]
struct Named {
    oid: u32,
    name: String,
}

/// What `pg_type` has of the types that are needed.
#[derive(Default)]
struct Known {
    types: BTreeMap<u32, Entry>,
}

struct Entry {
    name: String,
    array_oid: u32,
    form: Form,
}

enum Form {
    Plain,
    Domain { base: Named },
    Array { element: u32 },
    Composite { fields: Vec<(String, Named)> },
}

/// Types within types, and no deeper.
const MAX_DEPTH: usize = 16;

impl Known {
    /// Reads types and all that is in them: a query for each level.
    async fn read<C: GenericClient + Sync>(
        client: &C,
        mut wanted: BTreeSet<u32>,
    ) -> std::result::Result<Self, tokio_postgres::Error> {
        let mut known = Known::default();
        while !wanted.is_empty() {
            let oids: Vec<u32> = std::mem::take(&mut wanted).into_iter().collect();
            let rows = client
                .query(
                    "SELECT t.oid, format_type(t.oid, NULL), t.typarray, t.typtype::text, t.typbasetype, \
                        format_type(t.typbasetype, t.typtypmod), \
                        CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END, \
                        ARRAY(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped ORDER BY attnum), \
                        ARRAY(SELECT atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped ORDER BY attnum), \
                        ARRAY(SELECT format_type(atttypid, atttypmod) FROM pg_attribute a \
                            WHERE a.attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) \
                     FROM pg_type t WHERE t.oid = ANY($1)",
                    &[&oids],
                )
                .await?;
            for row in rows {
                let (kind, element): (&str, u32) = (row.get(3), row.get(6));
                let form = match kind {
                    "d" => Form::Domain { base: Named { oid: row.get(4), name: row.get(5) } },
                    "c" => {
                        let (names, oids, types): (Vec<String>, Vec<u32>, Vec<String>) =
                            (row.get(7), row.get(8), row.get(9));
                        let types = oids.into_iter().zip(types).map(|(oid, name)| Named { oid, name });
                        Form::Composite { fields: names.into_iter().zip(types).collect() }
                    }
                    _ if element != 0 => Form::Array { element },
                    _ => Form::Plain,
                };
                match &form {
                    Form::Domain { base } => wanted.extend([base.oid]),
                    Form::Array { element } => wanted.extend([*element]),
                    Form::Composite { fields } => wanted.extend(fields.iter().map(|(_, named)| named.oid)),
                    Form::Plain => {}
                }
                known.types.insert(row.get(0), Entry { name: row.get(1), array_oid: row.get(2), form });
            }
            wanted.retain(|oid| !known.types.contains_key(oid));
        }
        Ok(known)
    }

    /// A type with everything in it; one whose OID is not fixed stands in a [`PgDomain`], which says it, where it is within another.
    fn pg_type(&self, named: &Named, depth: usize) -> std::result::Result<PgType, String> {
        let entry = self.types.get(&named.oid).ok_or_else(|| format!("{} is gone", named.name))?;
        if depth > MAX_DEPTH {
            return Err(format!("{} is nested too deeply", named.name));
        }
        let (oid, array_oid) = (Some(named.oid), Some(entry.array_oid).filter(|oid| *oid != 0));
        let domain =
            |base: PgType| PgType::Domain(Box::new(PgDomain { name: entry.name.clone(), oid, array_oid, base }));
        Ok(match &entry.form {
            Form::Domain { base } => match self.pg_type(base, depth + 1)? {
                PgType::Domain(inner) => domain(inner.base),
                base => domain(base),
            },
            Form::Array { element } => {
                // The modifier is the elements'.
                let name = named.name.strip_suffix("[]").unwrap_or(&named.name).to_owned();
                PgType::Array(Box::new(self.pg_type(&Named { oid: *element, name }, depth + 1)?))
            }
            Form::Composite { fields } => {
                let fields = fields.iter().map(|(name, of)| Ok((name.clone(), self.pg_type(of, depth + 1)?)));
                PgType::Composite(Box::new(PgComposite {
                    name: entry.name.clone(),
                    oid,
                    array_oid,
                    fields: fields.collect::<std::result::Result<_, String>>()?,
                }))
            }
            Form::Plain => {
                let plain = named.name.parse::<PgType>().map_err(|e| e.to_string())?;
                if plain.oid().is_none() && depth > 0 { domain(plain) } else { plain }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lacks_oids_is_told() {
        let complete = |text: &str| is_complete(&text.parse::<PgType>().unwrap());
        assert!(complete("integer") && complete("text[]") && complete("composite c (a text, b numeric[])"));
        let mut inner: PgType = "composite c (a text)".parse().unwrap();
        assert!(is_complete(&inner));
        if let PgType::Composite(of) = &mut inner {
            (of.oid, of.array_oid) = (Some(0), Some(0));
        }
        assert!(!is_complete(&PgType::Array(Box::new(inner.clone()))));
        let base = PgType::Array(Box::new(inner));
        let domain = PgDomain { name: "d".into(), oid: Some(0), array_oid: Some(0), base };
        assert!(!is_complete(&PgType::Domain(Box::new(domain))));
    }
}
