//! Updates of one statement that hand a unique value from row to row.
//!
//! Oracle checks unique constraints when a statement ends, PostgreSQL row by row: `SET id = id + 1` succeeds
//! in the one and fails in the other. Such rows are taken out first, all of them, and then put in again as they are to be.

use super::operation::{Field, Shape, Target};
use crate::{Error, ErrorKind, Result};
use bytes::Bytes;
use cdc_logminer::{Change, Operation};
use postgres_types::{FromSql, Type};
use schema_map::PgIdent;
use std::collections::HashSet;
use std::error::Error as StdError;
use tokio_postgres::{Client, Row};

/// How many changes from the start of `changes` are updates of one table, each of another row.
pub(super) fn run_length<'c>(changes: impl Iterator<Item = &'c Change>) -> usize {
    let mut changes = changes.peekable();
    let Some(first) = changes.peek().copied() else { return 0 };
    let (mut rows, mut length) = (HashSet::new(), 0);
    for change in changes {
        let is_update = change.table == first.table && matches!(change.operation, Operation::Update { .. });
        if !is_update || !change.row_id.as_deref().is_none_or(|id| rows.insert(id)) {
            break;
        }
        length += 1;
    }
    length
}

/// A row that is taken out: all its columns in binary, those of the target that the plan does not know included.
pub(super) struct Taken {
    fields: Vec<Option<Bytes>>,
}

/// The columns of a target table that can be written.
pub(super) struct Relocation {
    names: Vec<String>,
}

impl Relocation {
    pub(super) async fn new(client: &Client, target: &Target) -> Result<Self> {
        let failed = |e| Error::postgres("reading the columns of a table", e).with_table(&target.plan.target);
        let rows = client
            .query(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 \
                 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                &[&target.plan.target.quoted()],
            )
            .await
            .map_err(failed)?;
        let names = rows.iter().map(|row| PgIdent::new(row.get::<_, &str>(0)).map(|name| name.quoted()));
        let malformed = |e| Error::new(ErrorKind::Malformed, "a name in pg_attribute").with_source(e);
        Ok(Relocation { names: names.collect::<Result<_, _>>().map_err(malformed)? })
    }

    /// Deletes the row that an update is about and returns it. `parameters` are the update's.
    pub(super) async fn take(
        &self,
        client: &Client,
        target: &Target,
        shape: &Shape,
        parameters: &[Field],
    ) -> Result<Vec<Taken>, tokio_postgres::Error> {
        let Shape::Update { set, row } = shape else { return Ok(Vec::new()) };
        let delete = Shape::Delete { row: row.clone() };
        let sql = format!("{} RETURNING {}", target.sql(&delete), self.names.join(", "));
        let statement = client.prepare_typed(&sql, &target.types(&delete)).await?;
        let by = parameters[set.len()..].iter().map(|f| f as &(dyn postgres_types::ToSql + Sync)).collect::<Vec<_>>();
        let rows = client.query(&statement, &by).await?;
        let raw = |row: &Row, i| row.try_get::<_, Raw>(i).map(|Raw(bytes)| bytes);
        let fields = |row: &Row| (0..row.len()).map(|i| raw(row, i)).collect::<Result<_, _>>();
        rows.iter().map(|row| Ok(Taken { fields: fields(row)? })).collect()
    }

    /// Inserts a row that was taken, with what the update sets.
    pub(super) async fn put(
        &self,
        client: &Client,
        target: &Target,
        shape: &Shape,
        parameters: &[Field],
        taken: Taken,
    ) -> Result<u64, tokio_postgres::Error> {
        let Shape::Update { set, .. } = shape else { return Ok(0) };
        let mut fields: Vec<Field> = taken.fields.into_iter().map(Field).collect();
        for (column, value) in set.iter().zip(parameters) {
            let name = target.plan.columns[usize::from(*column)].target.quoted();
            if let Some(at) = self.names.iter().position(|n| *n == name) {
                fields[at] = value.clone();
            }
        }
        let values: Vec<String> = (1..=fields.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            target.plan.target.quoted(),
            self.names.join(", "),
            values.join(", ")
        );
        let statement = client.prepare(&sql).await?;
        client.execute_raw(&statement, fields).await
    }
}

/// A value as the server sent it.
struct Raw(Option<Bytes>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Raw(Some(Bytes::copy_from_slice(raw))))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
