use crate::error::Doing;
use crate::{Control, Error, ErrorKind, PhaseRun, Result};
use schema_map::ddl::{Addition, Ddl, Phase};
use schema_map::{PgIdent, PgPath, pg_literal};
use tokio_postgres::Client;

/// Takes foreign keys and triggers of the target tables out of the way, and puts them back exactly as they were.
///
/// What is taken down is recorded in the control schema in the same transaction, so that
/// [`restore`](Self::restore) works after any crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintGuard {
    control: Control,
}

/// What [`ConstraintGuard::take_down`] took down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenDown {
    /// Foreign keys dropped: those of the tables, and those of others that refer to them.
    pub foreign_keys: usize,
    /// User triggers disabled.
    pub triggers: usize,
}

/// What [`ConstraintGuard::restore`] put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Foreign keys added and, where they had been valid, validated.
    pub foreign_keys: usize,
    /// Triggers enabled again.
    pub triggers: usize,
}

impl ConstraintGuard {
    /// A guard that keeps its record in this control schema.
    pub fn new(control: Control) -> Self {
        ConstraintGuard { control }
    }

    /// Drops the foreign keys of and to `tables` and disables their user triggers, in one transaction with the record
    /// of them. Safe to call again, also where a [`restore`](Self::restore) was broken off: of what is recorded already, the
    /// first record counts. The role must own the tables.
    pub async fn take_down(&self, client: &mut Client, tables: &[PgPath]) -> Result<TakenDown> {
        let doing = "taking foreign keys and triggers down";
        let schemas: Vec<&str> = tables.iter().map(|t| t.schema.as_str()).collect();
        let names: Vec<&str> = tables.iter().map(|t| t.name.as_str()).collect();
        let record = self.control.sql(
            "WITH tables AS (SELECT c.oid FROM unnest($1::text[], $2::text[]) AS w (s, t) \
                JOIN pg_namespace n ON n.nspname = w.s JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.t), \
             found AS ( \
                SELECT 'foreign key' AS kind, conrelid AS relid, conname AS name, pg_get_constraintdef(oid) AS definition, \
                   convalidated AS validated, '' AS enabled, obj_description(oid, 'pg_constraint') AS comment FROM pg_constraint \
                WHERE contype = 'f' AND conparentid = 0 AND (conrelid IN (TABLE tables) OR confrelid IN (TABLE tables)) \
                UNION ALL \
                SELECT 'trigger', tgrelid, tgname, pg_get_triggerdef(oid), true, tgenabled::text, NULL FROM pg_trigger \
                WHERE NOT tgisinternal AND tgparentid = 0 AND tgenabled <> 'D' AND tgrelid IN (TABLE tables)) \
             INSERT INTO {s}.taken_down (kind, schema_name, table_name, name, definition, validated, enabled, comment) \
             SELECT f.kind, n.nspname, c.relname, f.name, f.definition, f.validated, f.enabled, f.comment \
             FROM found f JOIN pg_class c ON c.oid = f.relid JOIN pg_namespace n ON n.oid = c.relnamespace \
             ORDER BY f.kind, n.nspname, c.relname, f.name \
             ON CONFLICT (kind, schema_name, table_name, name) WHERE restored_at IS NULL DO UPDATE SET taken_at = clock_timestamp() \
             RETURNING kind, schema_name, table_name, name",
        );
        let transaction = client.transaction().await.doing(doing)?;
        // What `pg_get_constraintdef` prints must mean the same under any search path.
        transaction.batch_execute("SET LOCAL search_path = pg_catalog").await.doing(doing)?;
        let found = transaction.query(&record, &[&schemas, &names]).await.doing(doing)?;
        let mut taken = TakenDown::default();
        fail_point!("take down: recorded");
        for row in &found {
            let [schema, table, name] = [1, 2, 3].map(|i| quoted(row.get(i)));
            let action = match row.get(0) {
                "trigger" => {
                    taken.triggers += 1;
                    format!("ALTER TABLE {}.{} DISABLE TRIGGER {}", schema?, table?, name?)
                }
                _ => {
                    taken.foreign_keys += 1;
                    format!("ALTER TABLE {}.{} DROP CONSTRAINT {}", schema?, table?, name?)
                }
            };
            transaction.batch_execute(&action).await.map_err(|e| at(doing, e, row.get(1), row.get(2), row.get(3)))?;
        }
        fail_point!("take down: dropped");
        transaction.commit().await.doing(doing)?;
        fail_point!("take down: committed");
        Ok(taken)
    }

    /// Puts back everything that is recorded as taken down. Each object is its own transaction: after an error
    /// (such as rows that break a foreign key) mend its cause and call again.
    pub async fn restore(&self, client: &mut Client) -> Result<Restored> {
        let doing = "putting foreign keys and triggers back";
        let open = self.control.sql(
            "SELECT d.kind, d.schema_name, d.table_name, d.name, d.definition, d.validated, d.enabled, d.comment, d.taken_id, \
             c.relkind = 'p', k.oid IS NOT NULL \
             FROM {s}.taken_down d LEFT JOIN pg_namespace n ON n.nspname = d.schema_name \
             LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.table_name \
             LEFT JOIN pg_constraint k ON d.kind = 'foreign key' AND k.conrelid = c.oid AND k.conname = d.name \
             WHERE d.restored_at IS NULL ORDER BY d.taken_id",
        );
        let done = self.control.sql("UPDATE {s}.taken_down SET restored_at = clock_timestamp() WHERE taken_id = $1");
        let open = client.query(&open, &[]).await.doing(doing)?;
        let mut restored = Restored::default();
        for row in &open {
            let [schema, table, name] = [1, 2, 3].map(|i| quoted(row.get(i)));
            let (schema, table, name) = (schema?, table?, name?);
            let failed = |e| at(doing, e, row.get(1), row.get(2), row.get(3));
            let definition: &str = row.get(4);
            let alter = format!("ALTER TABLE {schema}.{table}");
            let mut steps = Vec::new();
            if row.get::<_, &str>(0) == "trigger" {
                let mode = match row.get(6) {
                    "R" => "ENABLE REPLICA",
                    "A" => "ENABLE ALWAYS",
                    _ => "ENABLE",
                };
                steps.push(format!("{alter} {mode} TRIGGER {name}"));
                restored.triggers += 1;
            } else {
                // NOT VALID takes its strong lock for a moment only, the check of the rows then runs under a weak one.
                // Partitioned tables do not take NOT VALID.
                let (partitioned, validated) = (row.get::<_, Option<bool>>(9).unwrap_or(false), row.get::<_, bool>(5));
                let late = validated && !partitioned;
                let exists: bool = row.get(10);
                if !exists {
                    let not_valid = if late { " NOT VALID" } else { "" };
                    let mut add = format!("{alter} ADD CONSTRAINT {name} {definition}{not_valid}");
                    if let Some(comment) = row.get::<_, Option<&str>>(7) {
                        add +=
                            &format!("; COMMENT ON CONSTRAINT {name} ON {schema}.{table} IS {}", pg_literal(comment));
                    }
                    steps.push(add);
                }
                if late {
                    steps.push(format!("{alter} VALIDATE CONSTRAINT {name}"));
                }
                restored.foreign_keys += 1;
            }
            for (i, step) in steps.iter().enumerate() {
                let transaction = client.transaction().await.doing(doing)?;
                transaction.batch_execute(step).await.map_err(failed)?;
                fail_point!("put back: done, not recorded");
                if i + 1 == steps.len() {
                    transaction.execute(&done, &[&row.get::<_, i64>(8)]).await.doing(doing)?;
                }
                transaction.commit().await.map_err(failed)?;
                fail_point!("put back: committed");
            }
            if steps.is_empty() {
                client.execute(&done, &[&row.get::<_, i64>(8)]).await.doing(doing)?;
            }
        }
        Ok(restored)
    }
}

/// What [`Control::run_foreign_keys`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ForeignKeysRun {
    /// Foreign keys added; 0 where the phase had been done before.
    pub added: usize,
    /// Foreign keys of the phase that were validated now.
    pub validated: usize,
}

impl Control {
    /// Runs the phase of foreign keys: all are added as `NOT VALID` in one transaction with the record of the phase, and then validated one by one.
    /// So strong locks are held for moments only, and a crash or a row that breaks a key costs no more than that key's check. Safe to call
    /// again: what is valid already is left alone. Keys that the DDL has as `NOT VALID`, because Oracle does not validate them either, stay so.
    pub async fn run_foreign_keys(&self, client: &mut Client, ddl: &Ddl) -> Result<ForeignKeysRun> {
        let phase = Phase::ForeignKeys;
        let mut late = Ddl::default();
        let mut to_validate = Vec::new();
        for statement in ddl.phase(phase) {
            let mut statement = statement.clone();
            if let (Some(added), Some(sql)) = (&statement.adds, statement.sql.strip_suffix(';'))
                && !sql.ends_with(" NOT VALID")
                && !is_partitioned(client, &added.table).await?
            {
                to_validate.push(added.clone());
                statement.sql = format!("{sql} NOT VALID;");
            }
            late.statements.push(statement);
        }
        let mut run = ForeignKeysRun::default();
        if late.statements.is_empty() {
            return Ok(run);
        }
        if let PhaseRun::Ran(added) = self.run_phase(client, &late, phase).await? {
            run.added = added;
        }
        fail_point!("foreign keys: added");
        for Addition { table, name } in &to_validate {
            let at = |e| Error::postgres("validating a foreign key", e).with_table(table).with_object(name);
            let sql = "SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2 AND NOT convalidated)";
            if client.query_one(sql, &[&table.quoted(), &name.as_str()]).await.map_err(at)?.get(0) {
                let validate = format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", table.quoted(), name.quoted());
                client.batch_execute(&validate).await.map_err(at)?;
                run.validated += 1;
                fail_point!("foreign keys: one validated");
            }
        }
        Ok(run)
    }
}

async fn is_partitioned(client: &Client, table: &PgPath) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'p')";
    let row = client.query_one(sql, &[&table.quoted()]).await;
    Ok(row.map_err(|e| Error::postgres("looking for a table", e).with_table(table))?.get(0))
}

fn quoted(name: &str) -> Result<String> {
    let malformed = |e| Error::new(ErrorKind::Malformed, "a name in the record of what was taken down").with_source(e);
    PgIdent::new(name).map(|name| name.quoted()).map_err(malformed)
}

fn at(doing: &str, error: tokio_postgres::Error, schema: &str, table: &str, name: &str) -> Error {
    Error::postgres(format!("{doing}, at {name}"), error).with_table(format!("{schema}.{table}"))
}
