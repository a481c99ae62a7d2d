//! What a real PostgreSQL says to the converted objects.
//!
//! They are created in schemas of their own, which are dropped afterwards: object by object, because one DROP SCHEMA of thousands of
//! objects takes more locks than a server has by default.

use crate::{connect::PgConnector, scripts::schemas_of};
use anyhow::{Context, Result, bail};
use assessment::{Proof, ProofFailure};
use schema_map::{
    ByCase, CaseRule, Catalog, NameMap, OracleIdent, PgIdent, TypePolicy,
    ddl::{Ddl, Options, Phase},
};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_postgres::Client;

/// Creates the catalog's objects and drops them again. The proof, and the server's major version.
///
/// Rights are not given: whom they are for is not there. Comments are.
pub(super) async fn prove(target: &PgConnector, catalog: &Catalog, types: &dyn TypePolicy) -> Result<(Proof, u32)> {
    let client = target.connect().await?;
    let row = client
        .query_one("SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000", &[])
        .await?;
    let (server, version): (String, i32) = (row.get(0), row.get(1));
    let version = u32::try_from(version).unwrap_or_default();
    if version < 13 {
        bail!("{} is PostgreSQL {server}: 13 or later is needed", target.place());
    }
    let prefix = format!("assess_{}_{}", std::process::id(), moment());
    let schemas: Vec<OracleIdent> = schemas_of(catalog).into_iter().collect();
    let mut made = Vec::new();
    let mut targets = Vec::new();
    for (n, schema) in schemas.iter().enumerate() {
        let name = PgIdent::new_schema(format!("{prefix}_{n}"))?;
        targets.push((schema.clone(), name.clone()));
        made.push(name);
    }
    let helpers = PgIdent::new_schema(format!("{prefix}_h"))?;
    made.push(helpers.clone());
    let (names, _) = NameMap::plan_apart(catalog, &ByCase::new(&targets, Some(CaseRule::Lower)), &NameMap::default())?;
    let mut options = Options::default();
    options.partial = true;
    options.pg_version = version;
    options.helper_schema = helpers;
    let ddl = Ddl::with(catalog, &names, types, &options)?;
    let tried = try_all(&client, &ddl, server).await;
    // Also after a failure: nothing may stay behind. A connection that is lost is made anew.
    let mut dropped = drop_all(&client, &made).await;
    if dropped.is_err() {
        dropped = match target.connect().await {
            Ok(again) => drop_all(&again, &made).await,
            Err(error) => Err(error),
        };
    }
    dropped.with_context(|| format!("the schemas {prefix}_… could not be dropped: drop them"))?;
    Ok((tried?, version))
}

fn moment() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 1_000_000)
}

async fn try_all(client: &Client, ddl: &Ddl, server: String) -> Result<Proof> {
    let mut proof = Proof { server, ..Proof::default() };
    client.batch_execute("SET client_min_messages = warning; SET statement_timeout = '60s'").await?;
    for statement in ddl.statements.iter().filter(|statement| statement.phase != Phase::Grants) {
        match client.batch_execute(&statement.sql).await {
            Ok(()) => proof.taken += 1,
            Err(error) => {
                let Some(said) = error.as_db_error() else { return Err(error.into()) };
                let error = format!("{} ({})", said.message(), said.code().code());
                let (kind, source) = (statement.kind, statement.source.clone());
                proof.failures.push(ProofFailure { kind, source, error });
            }
        }
    }
    Ok(proof)
}

/// Relations of a schema, those that others depend on included, as statements that drop them.
const DROPS: &str = "SELECT format('DROP %s IF EXISTS %I.%I CASCADE', \
        CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname) \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT relispartition ORDER BY relkind DESC, relname";

async fn drop_all(client: &Client, schemas: &[PgIdent]) -> Result<()> {
    client.batch_execute("SET client_min_messages = warning").await?;
    for schema in schemas {
        for row in client.query(DROPS, &[&schema.as_str()]).await? {
            client.batch_execute(row.get(0)).await?;
        }
        client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", schema.quoted())).await?;
    }
    Ok(())
}
