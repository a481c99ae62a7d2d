//! Updates of one statement that hand a unique value from row to row.
//!
//! Oracle checks unique constraints when a statement ends, PostgreSQL row by row: `SET id = id + 1` succeeds
//! in the one and fails in the other. Where a statement ends the redo does not say, but it does before something else than an
//! update, and with its transaction. So all rows that updates touch are taken out first, changed where they are then, and put in again there.
//! Meanwhile they are in a temporary table of the server: a transaction may touch any number of rows.

use super::operation::{Field, Shape, Target};
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
            "CREATE TEMPORARY TABLE IF NOT EXISTS {name} (LIKE {} INCLUDING DEFAULTS, {TOUCHED} bigint, {ROW_ID} text) ON COMMIT DROP",
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

    /// Carries an update out where its row is then, and says how many rows it hit.
    pub(super) async fn update(
        &mut self,
        client: &Client,
        target: &Target,
        shape: &Shape,
        parameters: &[Field],
        row_id: Option<&str>,
    ) -> Outcome {
        let Shape::Update { set, row } = shape else { return Ok(0) };
        self.touched += 1;
        let types = target.types(shape);
        // The same row again, by its ROWID, which an index-organized table has not: there a row with this key that was not touched yet
        // is the one, because keys are unique when a statement begins.
        for sql in target.relocated_sql(set, row, &self.parked, &self.names, self.touched, row_id) {
            let statement = client.prepare_typed(&sql, &types).await?;
            match client.execute_raw(&statement, parameters.to_vec()).await? {
                0 => {}
                hit => return Ok(hit),
            }
        }
        Ok(0)
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
/// The column that says which row of the source it is.
pub(super) const ROW_ID: &str = "\"apply row id\"";
