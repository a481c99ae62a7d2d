//! Rows that a transaction touches, out of their table until it ends.
//!
//! Oracle checks unique constraints when a statement ends, PostgreSQL row by row: `SET id = id + 1` succeeds
//! in the one and fails in the other. Where a statement ends the redo does not say; when its transaction ends, everything
//! holds. So all rows that the transaction touches are taken out first, changed where they are then, and put in again at its end.
//! Meanwhile they are in a temporary table of the server: a transaction may touch any number of rows.

use super::operation::{RowOperation, Shape, Target};
use super::pipeline::Outcome;
use crate::{Error, ErrorKind, Result};
use schema_map::PgIdent;
use tokio_postgres::Client;

/// Where the rows of one table are while they are out.
pub(super) struct Relocation {
    names: Vec<String>,
    parked: String,
    /// Changes so far: what a parked row was touched by last. Of several with the same key the one that was touched least recently
    /// is meant: the others got the key from the statement that goes on.
    touched: u64,
}

impl Relocation {
    /// Must be called within a transaction: the place is gone with it.
    pub(super) async fn new(client: &Client, target: &Target) -> Result<Self> {
        let failed = |e| {
            let doing = "making room for rows that pass a unique value on (the role needs TEMPORARY on the database)";
            Error::postgres(doing, e).with_table(&target.plan.target)
        };
        let rows = client
            .query(
                "SELECT attname::text, attgenerated <> '' FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 \
                 AND NOT attisdropped ORDER BY attnum",
                &[&target.plan.target.quoted()],
            )
            .await
            .map_err(failed)?;
        let malformed = |e| Error::new(ErrorKind::Malformed, "a name in pg_attribute").with_source(e);
        let name = format!("apply_parked_{}", target.table_id);
        let mut sql = format!(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {name} (LIKE {} INCLUDING DEFAULTS, {TOUCHED} bigint) ON COMMIT DROP",
            target.plan.target.quoted()
        );
        let mut names = Vec::new();
        for row in &rows {
            let column = PgIdent::new(row.get::<_, &str>(0)).map_err(malformed)?.quoted();
            if row.get(1) {
                sql += &format!("; ALTER TABLE pg_temp.{name} DROP COLUMN IF EXISTS {column}");
            } else {
                names.push(column);
            }
        }
        client.batch_execute(&sql).await.map_err(failed)?;
        Ok(Relocation { names, parked: format!("pg_temp.{name}"), touched: 0 })
    }

    /// Carries out a change where its row is then, and says how many rows it hit.
    pub(super) async fn change(&mut self, client: &Client, target: &Target, operation: RowOperation) -> Outcome {
        let RowOperation { shape, parameters, .. } = operation;
        self.touched += 1;
        let types = target.types(&shape);
        let (in_table, in_parked) = target.relocated_sql(&shape, &self.parked, &self.names, self.touched);
        let mut hit = 0;
        // A row with this key that was not touched yet is the one: keys are unique when a statement begins.
        for sql in [in_table, in_parked].into_iter().flatten() {
            if hit == 0 || shape == Shape::DeleteAll {
                let statement = client.prepare_typed(&sql, &types).await?;
                hit += client.execute_raw(&statement, parameters.clone()).await?;
            }
        }
        Ok(hit)
    }

    /// Puts all rows in again.
    pub(super) async fn put(&mut self, client: &Client, target: &Target) -> Result<(), tokio_postgres::Error> {
        let names = self.names.join(", ");
        let sql = format!(
            "WITH back AS (DELETE FROM {} RETURNING {names}) INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM back",
            self.parked,
            target.plan.target.quoted()
        );
        client.batch_execute(&sql).await
    }
}

/// The column of a parked row that says when it was touched.
pub(super) const TOUCHED: &str = "\"apply touched\"";
