use super::{Pipeline, Plan};
use anyhow::{Context, Result};
use cdc_logminer::Position;
use pg_sink::{CutoverLog, CutoverRecord, MigrationState};
use schema_map::{
    ObjectKind, PgIdent,
    ddl::{Phase, Statement},
    pg_literal,
};
use serde::Serialize;
use std::{collections::BTreeSet, fs, io::Write as _, path::Path};
use tokio_postgres::Client;

/// What a cutover leaves in a file: `report.json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    source: &'a str,
    target: &'a str,
    control_schema: &'a str,
    state: MigrationState,
    /// From where to follow again, should the cutover be undone.
    position: Option<Position>,
    #[serde(flatten)]
    record: CutoverRecord,
}

pub(super) fn make_folder(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("the folder {} cannot be made", dir.display()))
}

impl Pipeline {
    /// Writes what the control schema has of the cutover: the report, and once it is completed the way back.
    pub(super) fn write_report(&self, client: &Client, dir: &Path) -> Result<()> {
        make_folder(dir)?;
        let state = self.begun(client)?;
        let record = self.block(CutoverLog::new(self.control.clone()).read(client))?;
        let position = self.block(self.control.position(client))?;
        if state == MigrationState::Completed {
            let plan = self.plan(&self.oracle("migrate cutover report")?, client)?;
            write_whole(&dir.join("way_back.sql"), &self.way_back(&plan, &record, position.as_ref()))?;
        }
        let report = Report {
            source: &self.config.source.connect,
            target: self.target()?.place(),
            control_schema: self.control.schema().as_str(),
            state,
            position,
            record,
        };
        write_whole(&dir.join("report.json"), &serde_json::to_string_pretty(&report)?)
    }

    /// The SQL that undoes what the cutover did to the target, and what it cannot undo.
    fn way_back(&self, plan: &Plan, record: &CutoverRecord, position: Option<&Position>) -> String {
        let control = self.control.schema().quoted();
        let (from, mined) = position.map_or((0, 0), |p| (p.commit_scn.0, p.low_watermark.0));
        let mut sql = format!(
            "-- The way back from the cutover: run it with psql, then `migrate run` follows the source again and `migrate cutover`\n\
             -- cuts over anew.\n\
             --\n\
             -- It follows from SCN {from}; the source must still have its redo from SCN {mined} on, and be written to as it was before.\n\
             -- What it does not undo: rows that were written to the target since the cutover. They are not sent to Oracle; where they\n\
             -- collide with changes of the source, `migrate run` stops at them, and where they do not, they stay. Look at them first.\n\
             -- Foreign keys and triggers of tables that were there before the migration are taken down by `migrate run` itself.\n\
             -- Whoever writes to the target must be stopped before.\n\
             \\set ON_ERROR_STOP on\nBEGIN;\n"
        );
        let refuse = format!(
            "BEGIN IF (SELECT state FROM {control}.migration FOR UPDATE) IS DISTINCT FROM 'completed' THEN RAISE EXCEPTION {}; END IF; END",
            pg_literal("the migration is not completed: there is nothing to go back from")
        );
        sql.push_str(&format!("DO {};\n", pg_literal(&refuse)));
        let made: Vec<&Statement> = plan
            .ddl
            .statements
            .iter()
            .filter(|s| s.phase >= Phase::ForeignKeys && s.phase != Phase::Comments)
            .collect();
        let mut gone = BTreeSet::new();
        for statement in made.iter().rev() {
            let undo = match (statement.phase, &statement.adds) {
                (Phase::ForeignKeys, Some(added)) => Some(format!(
                    "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {};",
                    added.table.quoted(),
                    added.name.quoted()
                )),
                (Phase::Views, _) => plan
                    .names
                    .object(ObjectKind::View, &statement.source)
                    .map(|view| format!("DROP VIEW IF EXISTS {};", view.quoted())),
                _ => None,
            };
            sql.extend(undo.into_iter().filter(|undo| gone.insert(undo.clone())).map(|undo| undo + "\n"));
        }
        for undo in identities(plan).chain(sequences(plan, &made)) {
            sql.push_str(&undo);
            sql.push('\n');
        }
        // What was there before stands where it stood before the first attempt that moved it.
        let dropped: BTreeSet<String> = made
            .iter()
            .filter_map(|s| plan.names.object(ObjectKind::Sequence, &s.source))
            .map(|path| pg_literal(&path.quoted()))
            .collect();
        let mut back = BTreeSet::new();
        for step in record.attempts.iter().flat_map(|a| &a.steps) {
            for change in step.detail.iter().filter_map(|d| d.as_array()).flatten() {
                let text = |key: &str| change.get(key).and_then(|v| v.as_str());
                let (Some(schema), Some(name), Some(undo)) = (text("schema"), text("name"), text("undo")) else {
                    continue;
                };
                let ours = plan
                    .tables
                    .iter()
                    .any(|t| t.target.schema.as_str() == schema && !plan.existing.contains(&t.target.schema));
                let is_dropped = dropped.iter().any(|sequence| undo.contains(sequence.as_str()));
                if back.insert((schema.to_owned(), name.to_owned())) && !is_dropped && !ours {
                    sql.push_str(undo);
                    sql.push('\n');
                }
            }
        }
        sql.push_str(&format!(
            "DELETE FROM {control}.phase WHERE phase IN ('ForeignKeys', 'Views', 'Sequences', 'Comments');\n\
             UPDATE {control}.migration SET state = 'running', updated_at = clock_timestamp();\n\
             COMMIT;\n"
        ));
        sql
    }
}

/// Identities and defaults that the cutover gave to columns.
fn identities(plan: &Plan) -> impl Iterator<Item = String> {
    let ours = plan.tables.iter().filter(|t| !plan.existing.contains(&t.target.schema));
    ours.flat_map(|table| {
        let source = plan.catalog.table(&table.source);
        let columns = source.into_iter().flat_map(|t| &t.columns).filter(|c| c.identity.is_some());
        let target = |c: &schema_map::Column| plan.names.column(&table.source, &c.name).map(PgIdent::quoted);
        let alter = format!("ALTER TABLE {} ALTER COLUMN", table.target.quoted());
        columns.filter_map(target).map(move |c| format!("{alter} {c} DROP IDENTITY IF EXISTS;"))
    })
}

/// Sequences that the cutover made, with the defaults that draw from them.
fn sequences(plan: &Plan, made: &[&Statement]) -> impl Iterator<Item = String> {
    let made = made.iter().filter(|s| s.phase == Phase::Sequences && s.kind == ObjectKind::Sequence);
    let paths: BTreeSet<_> = made.filter_map(|s| plan.names.object(ObjectKind::Sequence, &s.source)).collect();
    let drops: Vec<String> =
        paths.iter().map(|path| format!("DROP SEQUENCE IF EXISTS {} CASCADE;", path.quoted())).collect();
    drops.into_iter()
}

/// Writes a file whole or not at all. Only its owner can read it: it may hold values of rows.
pub(super) fn write_whole(path: &Path, content: &str) -> Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).with_context(failed)?;
    file.write_all(content.as_bytes()).with_context(failed)?;
    file.as_file().sync_all().with_context(failed)?;
    fail_point!("report: written, not named");
    file.persist(path).with_context(failed)?;
    Ok(())
}
