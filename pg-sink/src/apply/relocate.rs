//! Updates of one statement that hand a unique value from row to row.
//!
//! Oracle checks unique constraints when a statement ends, PostgreSQL row by row: `SET id = id + 1` succeeds
//! in the one and fails in the other. Such rows are taken out first, all of them, and then put in again as they are to be.
//! Meanwhile they are in a temporary table of the server: a statement may update any number of rows.

use super::operation::{Field, Row, Shape, Target};
use crate::{Error, ErrorKind, Result};
use postgres_types::Type;
use schema_map::PgIdent;
use tokio_postgres::Client;

/// Where the rows of one table are while they are out.
pub(super) struct Relocation {
    names: Vec<String>,
    parked: String,
    rows: u64,
}

impl Relocation {
    /// Must be called within a transaction: the place is gone with it.
    pub(super) async fn new(client: &Client, target: &Target) -> Result<Self> {
        let failed =
            |e| Error::postgres("making room for rows that pass a unique value on", e).with_table(&target.plan.target);
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
        let names: Vec<String> = names.collect::<Result<_, _>>().map_err(malformed)?;
        let parked = format!("pg_temp.apply_parked_{}", target.table_id);
        let sql = format!(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA",
            parked.trim_start_matches("pg_temp."),
            names.join(", "),
            target.plan.target.quoted()
        );
        client.batch_execute(&sql).await.map_err(failed)?;
        Ok(Relocation { names, parked, rows: 0 })
    }

    /// How many rows are out.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes out the row that an update is about, as the update makes it, and says how many it was.
    pub(super) async fn take(
        &mut self,
        client: &Client,
        target: &Target,
        set: &[u16],
        row: &Row,
        parameters: Vec<Field>,
    ) -> Result<u64, tokio_postgres::Error> {
        let sql = target.take_sql(set, row, &self.parked, &self.names);
        let types: Vec<Type> = target.types(&Shape::Update { set: set.into(), row: row.clone() });
        let statement = client.prepare_typed(&sql, &types).await?;
        let taken = client.execute_raw(&statement, parameters).await?;
        self.rows += taken;
        Ok(taken)
    }

    /// Puts all rows in again; says whether they were as many.
    pub(super) async fn put(&mut self, client: &Client, target: &Target) -> Result<bool, tokio_postgres::Error> {
        let names = self.names.join(", ");
        let sql = format!(
            "WITH back AS (DELETE FROM {} RETURNING {names}) INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM back",
            self.parked,
            target.plan.target.quoted()
        );
        let put = client.execute(&sql, &[]).await?;
        Ok(std::mem::take(&mut self.rows) == put)
    }
}
