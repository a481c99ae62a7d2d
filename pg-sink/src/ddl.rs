use crate::error::Doing;
use crate::{Control, Error, Result};
use schema_map::ddl::{Ddl, Phase};
use tokio_postgres::{Client, GenericClient};

/// What [`Control::run_phase`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseRun {
    /// The phase ran now, with so many statements.
    Ran(usize),
    /// It had been done before.
    WasDone,
}

impl Control {
    /// Runs one phase of the DDL and records it as done, both in one transaction; a phase that is recorded is not run again.
    pub async fn run_phase(&self, client: &mut Client, ddl: &Ddl, phase: Phase) -> Result<PhaseRun> {
        let doing = "running a phase of the DDL";
        let transaction = client.transaction().await.doing(doing)?;
        // Two processes at once: the second waits here, and then finds the phase done.
        let lock = self.sql("LOCK TABLE {s}.phase IN SHARE ROW EXCLUSIVE MODE");
        transaction.batch_execute(&lock).await.doing(doing)?;
        if self.phase_done(&transaction, phase).await? {
            return Ok(PhaseRun::WasDone);
        }
        let mut count = 0;
        for statement in ddl.phase(phase) {
            transaction.batch_execute(&statement.sql).await.map_err(|e| {
                let doing =
                    format!("DDL phase {phase:?}, {:?} {}, in \"{}\"", statement.kind, statement.source, statement.sql);
                Error::postgres(doing, e)
            })?;
            count += 1;
        }
        let done = self.sql("INSERT INTO {s}.phase (phase, statements) VALUES ($1, $2)");
        let statements = i32::try_from(count).unwrap_or(i32::MAX);
        transaction.execute(&done, &[&phase_name(phase), &statements]).await.doing(doing)?;
        transaction.commit().await.doing(doing)?;
        Ok(PhaseRun::Ran(count))
    }

    /// Whether a phase is recorded as done.
    pub async fn phase_done<C: GenericClient + Sync>(&self, client: &C, phase: Phase) -> Result<bool> {
        let sql = self.sql("SELECT EXISTS (SELECT FROM {s}.phase WHERE phase = $1)");
        Ok(client.query_one(&sql, &[&phase_name(phase)]).await.doing("reading the record of DDL phases")?.get(0))
    }
}

/// The name under which the record keeps a phase: `Phase` as it is spelled in the code.
pub(crate) fn phase_name(phase: Phase) -> String {
    format!("{phase:?}")
}
