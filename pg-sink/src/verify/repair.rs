use super::digest::{Canonical, Comparison};
use super::{TableOutcome, nested_literal, pg_value, read_source, read_target};
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result};
use schema_map::{TablePlan, pg_literal};
use std::collections::BTreeMap;
use std::io::Write;
use tokio_postgres::Client;
use type_convert::{BatchReader, PgType, RowBatch};

/// What would make the rows of one key equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mend {
    /// Rows that the target lacks.
    pub(super) insert: u64,
    /// Rows that only the target has.
    pub(super) delete: u64,
    /// Of each row that differs, the columns.
    pub(super) update: Vec<Vec<usize>>,
    /// Whether the target has several rows of the key.
    pub(super) several: bool,
}

/// What would make a table equal, by the key in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mends {
    rows: BTreeMap<Vec<u8>, Mend>,
}

impl Mends {
    pub(super) fn new(rows: BTreeMap<Vec<u8>, Mend>) -> Self {
        Mends { rows }
    }
}

/// Statements that a [`RepairScript`] was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repaired {
    /// Rows that it inserts.
    pub inserts: u64,
    /// Rows that it updates.
    pub updates: u64,
    /// Rows that it deletes.
    pub deletes: u64,
    /// Rows that it cannot mend, each with a comment that says why.
    pub left: u64,
}

/// Writes SQL for psql that makes the target's rows what the source's were when they were compared. It is for a person to read and to run:
/// nothing here executes it.
///
/// The script is one transaction, and refuses to run where the target's position is no longer the one of the comparison: what was
/// right for that state could undo a change that was applied since. It stops at the first error and has then done nothing.
#[derive(Debug)]
pub struct RepairScript<W> {
    out: W,
    repaired: Repaired,
}

impl<W: Write> RepairScript<W> {
    /// Begins the script. `client` is in the snapshot of the comparison.
    pub async fn begin(mut out: W, client: &Client, control: &Control) -> Result<Self> {
        let row = client.query_opt(&control.sql("SELECT position FROM {s}.position"), &[]).await;
        let row = row.doing("reading the position")?;
        let position = row.map_or_else(|| "NULL".to_owned(), |row| pg_literal(row.get(0)));
        // One block of one literal: no text of the position can end it early.
        let moved = "the target has moved on since it was compared: compare again, and run the new script";
        let check = control.sql(&format!(
            "BEGIN IF (SELECT position FROM {{s}}.position FOR UPDATE) IS DISTINCT FROM {} THEN RAISE EXCEPTION {}; END IF; END",
            position,
            pg_literal(moved),
        ));
        let head = format!(
            "-- Makes the target's rows what the source's were when they were compared. Read it before you run it with psql.\n\
             -- Triggers of the tables act on it, where they are enabled.\n\
             \\set ON_ERROR_STOP on\nBEGIN;\nDO {};\nSET CONSTRAINTS ALL DEFERRED;\n",
            pg_literal(&check)
        );
        out.write_all(head.as_bytes()).map_err(unwritable)?;
        Ok(RepairScript { out, repaired: Repaired::default() })
    }

    /// Adds what makes a table equal: rows that are too many go first, then those that differ are updated, then those that are missing
    /// inserted. `open` opens the same reader as for the comparison, `client` is in the same snapshot.
    pub async fn add<R, F>(
        &mut self,
        client: &Client,
        plan: &TablePlan,
        outcome: &TableOutcome,
        mut open: F,
    ) -> Result<()>
    where
        R: BatchReader,
        F: FnMut() -> Result<R, R::Error>,
    {
        let mut mends = outcome.mends.rows.clone();
        if !outcome.complete {
            self.line(&format!(
                "-- {}: more rows may differ than are mended here: compare again after it.",
                plan.target
            ))?;
        }
        let unheld = outcome.differences.iter().filter(|d| matches!(d, super::Difference::Unrepresentable { .. }));
        for difference in unheld {
            self.repaired.left += 1;
            self.line(&comment(&difference.to_string()))?;
        }
        if mends.is_empty() {
            return Ok(());
        }
        let mut comparison = Comparison::new(plan)?;
        read_target(client, plan, |row| {
            let row = comparison.target_row(row)?;
            match mends.get_mut(&row.key) {
                Some(mend) if mend.delete > 0 => {
                    mend.delete -= 1;
                    self.delete(plan, row, mend)
                }
                _ => Ok(()),
            }
        })
        .await?;
        // What is taken away may be in the way of what is set, and that of what is added.
        for inserting in [false, true] {
            read_source(plan, open(), |batch| self.add_source(plan, &mut comparison, batch, &mut mends, inserting))?;
        }
        Ok(())
    }

    /// Ends the script.
    pub fn finish(mut self) -> Result<Repaired> {
        self.line("COMMIT;")?;
        self.out.flush().map_err(unwritable)?;
        Ok(self.repaired)
    }

    fn add_source(
        &mut self,
        plan: &TablePlan,
        comparison: &mut Comparison,
        batch: &RowBatch,
        mends: &mut BTreeMap<Vec<u8>, Mend>,
        inserting: bool,
    ) -> Result<()> {
        for row in 0..batch.rows() {
            let row = match comparison.source_row(batch, row) {
                Ok(row) => row,
                Err(e) if e.kind() == ErrorKind::Value => continue,
                Err(e) => return Err(e),
            };
            let Some(mend) = mends.get_mut(&row.key) else { continue };
            if inserting && mend.insert > 0 {
                mend.insert -= 1;
                self.insert(plan, row)?;
            } else if !inserting && let Some(columns) = mend.update.pop() {
                self.update(plan, row, &columns, mend.several)?;
            }
        }
        Ok(())
    }

    fn insert(&mut self, plan: &TablePlan, row: &Canonical) -> Result<()> {
        let values = (0..plan.columns.len()).map(|at| value(plan, row, at)).collect::<Option<Vec<_>>>();
        let columns: Vec<String> = plan.columns.iter().map(|c| c.target.quoted()).collect();
        self.repaired.inserts += u64::from(values.is_some());
        let statement = values.map(|values| {
            format!(
                "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({});",
                plan.target.quoted(),
                columns.join(", "),
                values.join(", ")
            )
        });
        self.statement(plan, row, statement)
    }

    fn update(&mut self, plan: &TablePlan, row: &Canonical, columns: &[usize], several: bool) -> Result<()> {
        let set =
            columns.iter().map(|&at| Some(format!("{} = {}", plan.columns[at].target.quoted(), value(plan, row, at)?)));
        let set = set.collect::<Option<Vec<_>>>().zip(condition(plan, row, &plan.key)).filter(|_| !several);
        self.repaired.updates += u64::from(set.is_some());
        let statement =
            set.map(|(set, key)| format!("UPDATE {} SET {} WHERE {key};", plan.target.quoted(), set.join(", ")));
        self.statement(plan, row, statement)
    }

    fn delete(&mut self, plan: &TablePlan, row: &Canonical, mend: &Mend) -> Result<()> {
        let target = plan.target.quoted();
        let statement = match plan.key.is_empty() {
            // One of the rows that are alike, whichever.
            true => condition(plan, row, &(0..plan.columns.len()).collect::<Vec<_>>()).map(|all| {
                format!(
                    "DELETE FROM {target} WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM {target} WHERE {all} LIMIT 1);"
                )
            }),
            // Several rows of one key: which of them to take away only a person can tell.
            false if mend.several => None,
            false => condition(plan, row, &plan.key).map(|key| format!("DELETE FROM {target} WHERE {key};")),
        };
        self.repaired.deletes += u64::from(statement.is_some());
        self.statement(plan, row, statement)
    }

    fn statement(&mut self, plan: &TablePlan, row: &Canonical, statement: Option<String>) -> Result<()> {
        match statement {
            Some(statement) => self.line(&statement),
            None => {
                self.repaired.left += 1;
                let key = plan.key.iter().map(|&at| {
                    let column = &plan.columns[at];
                    let shown =
                        row.field(at).map_or_else(|| "NULL".to_owned(), |v| pg_value::readable(&column.pg_type, v));
                    format!("{} = {shown}", column.target)
                });
                let key = key.collect::<Vec<_>>().join(", ");
                self.line(&comment(&format!("{}, row {key}: mend it by hand, no statement here can", plan.target)))
            }
        }
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n")).map_err(unwritable)
    }
}

fn unwritable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Output, "the repair script cannot be written").with_source(error)
}

/// A comment of one line, whatever the text.
fn comment(text: &str) -> String {
    format!("-- {}", text.replace(['\n', '\r'], " "))
}

/// A field as a literal of PostgreSQL; `None` where its type has no text form here.
fn value(plan: &TablePlan, row: &Canonical, column: usize) -> Option<String> {
    match row.field(column) {
        None => Some("NULL".to_owned()),
        Some(field) => nested_literal::input(&plan.columns[column].pg_type, field).map(|text| pg_literal(&text)),
    }
}

/// What finds the row by these columns.
fn condition(plan: &TablePlan, row: &Canonical, columns: &[usize]) -> Option<String> {
    let conditions = columns.iter().map(|&at| {
        let name = plan.columns[at].target.quoted();
        if row.field(at).is_none() {
            return Some(format!("{name} IS NULL"));
        }
        let value = value(plan, row, at)?;
        let ty = &plan.columns[at].pg_type;
        Some(match ty {
            // These have no operator that tells equal from unequal, or one that takes unlike values for equal.
            PgType::Json | PgType::Xml | PgType::Citext => format!("{name}::text = {value}"),
            PgType::Geometry => return None,
            // Not all that may be in them has an operator; their texts tell all that is.
            PgType::Composite(_) | PgType::Array(_) | PgType::Domain(_) => {
                format!("{name}::text = {value}::{ty}::text")
            }
            _ => format!("{name} = {value}"),
        })
    });
    conditions.collect::<Option<Vec<_>>>().map(|c| c.join(" AND "))
}
