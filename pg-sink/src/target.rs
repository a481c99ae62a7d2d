use crate::error::Doing;
use crate::user_types::is_complete;
use crate::{Error, ErrorKind, Result};
use schema_map::{PgIdent, PgPath, TablePlan};
use std::collections::HashMap;
use tokio_postgres::GenericClient;
use type_convert::PgType;

/// A table of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingTable {
    /// Where it is.
    pub path: PgPath,
    /// Its columns in their order, generated ones left out: they cannot be written.
    pub columns: Vec<ExistingColumn>,
    /// Whether it holds at least one row.
    pub has_rows: bool,
}

/// A column of a table of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingColumn {
    /// Its name.
    pub name: PgIdent,
    /// Its type as [`PgType`] reads it: what `format_type` writes, e.g. `character varying(30)`; of a domain, what it is a domain of; of an
    /// enumeration, its labels too: `enum mood ('sad', 'ok')`.
    pub type_name: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// As [`NameMap::match_existing`](schema_map::NameMap::match_existing) takes it.
impl From<&ExistingTable> for schema_map::ExistingTable {
    fn from(table: &ExistingTable) -> Self {
        let columns = table.columns.iter().map(|c| c.name.clone()).collect();
        schema_map::ExistingTable { path: table.path.clone(), columns }
    }
}

/// The ordinary and partitioned tables of a schema of the target, by name; none where the schema is missing.
pub async fn existing_tables<C: GenericClient + Sync>(client: &C, schema: &PgIdent) -> Result<Vec<ExistingTable>> {
    let doing = "listing the tables of the target schema";
    let columns = client
        .query(
            "SELECT c.relname::text, a.attname::text, CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) \
                WHEN 'e' THEN (SELECT format('enum %s (%s)', format_type(t.oid, NULL), \
                    string_agg(concat(chr(39), replace(e.enumlabel, chr(39), repeat(chr(39), 2)), chr(39)), ', ' ORDER BY e.enumsortorder)) \
                    FROM pg_enum e WHERE e.enumtypid = t.oid) \
                ELSE format_type(a.atttypid, a.atttypmod) END, NOT a.attnotnull \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
             LEFT JOIN pg_type t ON t.oid = a.atttypid \
             WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum",
            &[&schema.as_str()],
        )
        .await
        .doing(doing)?;
    let ident = |name: &str| {
        PgIdent::new(name).map_err(|e| Error::new(ErrorKind::Malformed, "a name in pg_class").with_source(e))
    };
    let mut tables: Vec<ExistingTable> = Vec::new();
    for row in &columns {
        let name: &str = row.get(0);
        if tables.last().is_none_or(|t| t.path.name.as_str() != name) {
            let path = PgPath { schema: schema.clone(), name: ident(name)? };
            tables.push(ExistingTable { path, columns: Vec::new(), has_rows: false });
        }
        // A table without columns has one row here, of NULLs.
        if let (Some(column), Some(table)) = (row.get::<_, Option<&str>>(1), tables.last_mut()) {
            table.columns.push(ExistingColumn { name: ident(column)?, type_name: row.get(2), nullable: row.get(3) });
        }
    }
    for table in &mut tables {
        let row = client.query_one(&format!("SELECT EXISTS (SELECT FROM {})", table.path.quoted()), &[]).await;
        table.has_rows = row.map_err(|e| Error::postgres(doing, e).with_table(&table.path))?.get(0);
    }
    Ok(tables)
}

/// Checks that the target's table takes what `plan` writes, without loss: every column is there and of the planned type,
/// or of a wider one of the same binary form. [`ErrorKind::Plan`] says what is not.
///
/// The server does not check it: COPY BINARY into `double precision` reads the eight bytes of a `bigint` as they come, and
/// a `numeric` of smaller scale rounds. [`ChunkClaim::load`](crate::ChunkClaim::load), `Applier` and
/// [`verify_table`](crate::verify_table) call this by themselves.
pub async fn check_target<C: GenericClient + Sync>(client: &C, plan: &TablePlan) -> Result<()> {
    let rows = client
        .query(
            "SELECT attname::text, CASE typtype WHEN 'd' THEN typbasetype ELSE atttypid END, \
             CASE typtype WHEN 'd' THEN typtypmod ELSE atttypmod END, format_type(atttypid, atttypmod), \
             format_type(CASE typtype WHEN 'd' THEN typbasetype ELSE atttypid END, NULL) \
             FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            &[&plan.target.quoted()],
        )
        .await
        .map_err(|e| Error::postgres("reading the target's columns", e).with_table(&plan.target))?;
    let there: HashMap<&str, _> = rows.iter().map(|row| (row.get(0), row)).collect();
    let failed = |message: String| Error::new(ErrorKind::Plan, message).with_table(&plan.target);
    if there.is_empty() && !plan.columns.is_empty() {
        return Err(failed("the target has no such table: run the DDL phase `Tables` first".to_owned()));
    }
    for column in &plan.columns {
        let Some(row) = there.get(column.target.as_str()) else {
            return Err(failed("the target's table has no such column that can be written".to_owned())
                .with_column(&column.target));
        };
        if !is_complete(&column.pg_type) {
            let message = "the OIDs of the column's types are not in the plan: `complete_types` puts them there";
            return Err(failed(message.to_owned()).with_column(&column.target));
        }
        if !takes(row.get(1), row.get(2), row.get(4), &column.pg_type) {
            let message = format!(
                "the target's column is {}, the plan writes {}: alter the column, or plan its type",
                row.get::<_, &str>(3),
                column.pg_type
            );
            return Err(failed(message).with_column(&column.target));
        }
    }
    Ok(())
}

/// Whether a column of this type (`atttypid`, `atttypmod`) holds every value of type `planned`, sent as `planned`, or the
/// server refuses it. `name` is the type as `format_type` has it, without its modifier.
fn takes(oid: u32, modifier: i32, name: &str, planned: &PgType) -> bool {
    let is = |ty: PgType| ty.oid() == Some(oid);
    let (text, varchar) = (is(PgType::Text), is(PgType::Varchar { length: None }));
    match planned {
        // Too long a text is an error of the server.
        PgType::Text | PgType::Varchar { .. } => text || varchar,
        PgType::Bpchar { .. } => text || varchar || is(planned.clone()),
        // Their OIDs differ from database to database. What is in a row type the server itself checks.
        PgType::Citext | PgType::Geometry => bare(name) == planned.to_string(),
        PgType::Vector { dimensions } => bare(name) == "vector" && (modifier < 0 || dimensions.is_some()),
        PgType::Enum(of) => bare(name) == bare(&of.name),
        PgType::Composite(of) => bare(name) == bare(&of.name),
        // Of a column's domain comes here what it is over.
        PgType::Domain(of) => bare(name) == bare(&of.name) || takes(oid, modifier, name, &of.base),
        PgType::Array(element) if planned.oid().is_none() => {
            name.strip_suffix("[]").is_some_and(|name| takes(0, modifier, name, element))
        }
        _ if !is(planned.clone()) => false,
        // Too large a number is an error of the server, too many digits after the point are rounded.
        PgType::Numeric { digits } => {
            modifier < 0 || digits.is_some_and(|(_, scale)| i32::from(scale) <= numeric_scale(modifier))
        }
        PgType::Timestamp { precision } | PgType::TimestampTz { precision } => {
            modifier < 0 || i32::from(precision.unwrap_or(6)) <= modifier
        }
        PgType::Interval => modifier < 0,
        // Of arrays the elements' modifier is the array's.
        PgType::Array(element) => {
            let name = name.strip_suffix("[]").unwrap_or(name);
            element.oid().is_some_and(|element_oid| takes(element_oid, modifier, name, element))
        }
        _ => true,
    }
}

/// A type's name without its schema, which `format_type` leaves out for those on the search path.
fn bare(name: &str) -> &str {
    // The last dot outside quotes.
    let mut quoted = false;
    let dot = name.char_indices().filter(|(_, c)| {
        quoted ^= *c == '"';
        *c == '.' && !quoted
    });
    dot.last().map_or(name, |(at, _)| &name[at + 1..])
}

/// `numeric_typmod_scale`: eleven bits with sign.
fn numeric_scale(modifier: i32) -> i32 {
    (((modifier - 4) & 0x7ff) ^ 1024) - 1024
}
