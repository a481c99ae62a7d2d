use super::{Pipeline, Plan};
use crate::progress::Progress;
use anyhow::{Context, Result};
use pg_sink::{BuildList, ConstraintGuard, ForeignKeysRun};
use schema_map::{PgPath, ddl::Phase};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};
use tokio_postgres::Client;

impl Pipeline {
    /// What must be there before the load: schemas and bare tables; and what must not: foreign keys and triggers of
    /// tables that were there before.
    pub fn create_tables(&self, client: &mut Client, plan: &Plan) -> Result<()> {
        // Where they are there already, the role need not have the right to create schemas.
        let missing =
            "SELECT EXISTS (SELECT FROM unnest($1::text[]) AS s WHERE to_regnamespace(quote_ident(s)) IS NULL)";
        let schemas: Vec<&str> = plan.tables.iter().map(|t| t.target.schema.as_str()).collect();
        if self.block(client.query_one(missing, &[&schemas]))?.get(0) {
            self.phases(client, plan, &[Phase::Schemas])?;
        }
        self.phases(client, plan, &[Phase::Types, Phase::Helpers, Phase::Tables])?;
        let theirs: Vec<PgPath> =
            plan.tables.iter().filter(|t| plan.existing.contains(&t.target.schema)).map(|t| t.target.clone()).collect();
        if !theirs.is_empty() {
            let guard = ConstraintGuard::new(self.control.clone());
            self.block(guard.take_down(client, &theirs)).context("foreign keys and triggers of the target's tables")?;
        }
        Ok(())
    }

    /// What the apply needs, built once the rows are there: keys, checks, other indexes and statistics, with as many connections as
    /// the load has workers. False where it was asked to stop before the end.
    pub(super) fn create_keys(&self, client: &mut Client, plan: &Plan, progress: &Progress) -> Result<bool> {
        let builds = BuildList::new(self.control.clone());
        let tables: Vec<PgPath> = plan.tables.iter().map(|t| t.target.clone()).collect();
        self.block(builds.register(client, &plan.ddl, &tables))?;
        if !self.block(builds.is_complete(client))? {
            progress.say("building keys, indexes and statistics".to_owned());
            self.in_parallel(|name, failed| self.build(name, &builds, failed)).context("building keys and indexes")?;
            if !self.block(builds.is_complete(client))? {
                return Ok(false);
            }
        }
        self.block(builds.finish(client, &plan.ddl))?;
        Ok(true)
    }

    /// One worker: a connection, one build after the other.
    fn build(&self, name: &str, builds: &BuildList, failed: &AtomicBool) -> Result<()> {
        let mut client = self.postgres()?;
        while !self.stopping() && !failed.load(Ordering::Relaxed) && !self.block(builds.is_complete(&client))? {
            fail_point!("build: next");
            if self.block(builds.run_next(&mut client, name))?.is_none() {
                // Others build what is left, or what must be there before it.
                thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(())
    }

    /// What only a complete target can have.
    pub(super) fn create_rest(&self, client: &mut Client, plan: &Plan) -> Result<ForeignKeysRun> {
        let keys = self.block(self.control.run_foreign_keys(client, &plan.ddl)).context("creating foreign keys")?;
        let rest = [Phase::Views, Phase::Synonyms, Phase::Sequences, Phase::Comments, Phase::Grants];
        self.phases(client, plan, &rest)?;
        Ok(keys)
    }

    fn phases(&self, client: &mut Client, plan: &Plan, phases: &[Phase]) -> Result<()> {
        // A phase without statements is not recorded: tables that were there before must not pass for ours later.
        for phase in phases.iter().filter(|p| plan.ddl.phase(**p).next().is_some()) {
            self.block(self.control.run_phase(client, &plan.ddl, *phase))
                .with_context(|| format!("creating the target's {phase:?}"))?;
        }
        Ok(())
    }
}
