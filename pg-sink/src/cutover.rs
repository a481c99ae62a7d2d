use crate::control::{from_i64, to_i64};
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::GenericClient;
use type_convert::Scn;

/// The record of all attempts to cut over, in the control schema's tables `cutover` and `cutover_step`: what was done, when, with what
/// counts, and what an attempt was told to go on over. It survives every crash; a report can be written from it at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutoverLog {
    control: Control,
}

/// An attempt that is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningCutover {
    control: Control,
    attempt: i32,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoverResult {
    /// The migration is completed.
    Completed,
    /// It was refused, and the migration goes on.
    Refused,
    /// An error; the cutover can be called again.
    Failed,
}

/// All attempts, in their order. Moments are in UTC, as RFC 3339 has them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoverRecord {
    /// Each attempt.
    pub attempts: Vec<CutoverAttempt>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoverAttempt {
    /// Its number, from 1.
    pub attempt: u64,
    /// When it began.
    pub started_at: String,
    /// When it ended; `None` where it is at work, or was killed.
    pub ended_at: Option<String>,
    /// `completed`, `refused` or `failed`; `None` where it is at work, or was killed.
    pub outcome: Option<String>,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// Everything committed at the source up to this SCN is in the target.
    pub scn: Option<u64>,
    /// What it went on over, with what that was.
    pub overrides: Value,
    /// What it did.
    pub steps: Vec<CutoverStep>,
}

/// One step of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoverStep {
    /// What it does.
    pub step: String,
    /// When it began.
    pub started_at: String,
    /// When it ended; `None` where it was broken off.
    pub ended_at: Option<String>,
    /// What it found and did.
    pub detail: Option<Value>,
}

impl CutoverLog {
    /// The log in this control schema.
    pub fn new(control: Control) -> Self {
        CutoverLog { control }
    }

    /// Begins an attempt.
    pub async fn begin<C: GenericClient + Sync>(&self, client: &C) -> Result<RunningCutover> {
        let sql = self.control.sql("INSERT INTO {s}.cutover DEFAULT VALUES RETURNING attempt");
        let row = client.query_one(&sql, &[]).await.doing("recording a cutover")?;
        Ok(RunningCutover { control: self.control.clone(), attempt: row.get(0) })
    }

    /// What is recorded.
    pub async fn read<C: GenericClient + Sync>(&self, client: &C) -> Result<CutoverRecord> {
        let doing = "reading the record of the cutover";
        let moment =
            |column: &str| format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')");
        let sql = self.control.sql(&format!(
            "SELECT attempt, {}, {}, outcome, reason, scn, overrides::text FROM {{s}}.cutover ORDER BY attempt",
            moment("started_at"),
            moment("ended_at")
        ));
        let steps = self.control.sql(&format!(
            "SELECT step, {}, {}, detail::text FROM {{s}}.cutover_step WHERE attempt = $1 ORDER BY number",
            moment("started_at"),
            moment("ended_at")
        ));
        let mut attempts = Vec::new();
        for row in client.query(&sql, &[]).await.doing(doing)? {
            let number: i32 = row.get(0);
            let mut attempt = CutoverAttempt {
                attempt: from_i64(number.into())?,
                started_at: row.get(1),
                ended_at: row.get(2),
                outcome: row.get(3),
                reason: row.get(4),
                scn: row.get::<_, Option<i64>>(5).map(from_i64).transpose()?,
                overrides: json(row.get(6))?,
                steps: Vec::new(),
            };
            for row in client.query(&steps, &[&number]).await.doing(doing)? {
                attempt.steps.push(CutoverStep {
                    step: row.get(0),
                    started_at: row.get(1),
                    ended_at: row.get(2),
                    detail: row.get::<_, Option<&str>>(3).map(json).transpose()?,
                });
            }
            attempts.push(attempt);
        }
        Ok(CutoverRecord { attempts })
    }
}

impl RunningCutover {
    /// Records that a step begins.
    pub async fn begin_step<C: GenericClient + Sync>(&self, client: &C, step: &str) -> Result<()> {
        let sql = self.control.sql(
            "INSERT INTO {s}.cutover_step (attempt, number, step) \
             SELECT $1, coalesce(max(number), 0) + 1, $2 FROM {s}.cutover_step WHERE attempt = $1",
        );
        client.execute(&sql, &[&self.attempt, &step]).await.doing("recording a step of the cutover").map(drop)
    }

    /// Records what the step that began last is about to do or has found, while it goes on.
    pub async fn note<C, D>(&self, client: &C, detail: &D) -> Result<()>
    where
        C: GenericClient + Sync,
        D: Serialize + Sync,
    {
        self.write_step(client, detail, "").await
    }

    /// Records that the step that began last has ended, and what it found and did.
    pub async fn end_step<C, D>(&self, client: &C, detail: &D) -> Result<()>
    where
        C: GenericClient + Sync,
        D: Serialize + Sync,
    {
        self.write_step(client, detail, ", ended_at = clock_timestamp()").await
    }

    /// Records what the attempt goes on over, and what that is.
    pub async fn overrule<C, D>(&self, client: &C, what: &str, detail: &D) -> Result<()>
    where
        C: GenericClient + Sync,
        D: Serialize + Sync,
    {
        let sql = self.control.sql(
            "UPDATE {s}.cutover SET overrides = overrides || jsonb_build_object('override', $2::text, 'found', $3::text::jsonb) \
             WHERE attempt = $1",
        );
        let detail = to_text(detail)?;
        client.execute(&sql, &[&self.attempt, &what, &detail]).await.doing("recording an override").map(drop)
    }

    /// Ends the attempt without completing the migration.
    pub async fn end<C: GenericClient + Sync>(&self, client: &C, result: CutoverResult, reason: &str) -> Result<()> {
        let sql = self.control.sql(
            "UPDATE {s}.cutover SET outcome = $2, reason = $3, ended_at = clock_timestamp() WHERE attempt = $1 AND outcome IS NULL",
        );
        let outcome = match result {
            CutoverResult::Completed => "completed",
            CutoverResult::Refused => "refused",
            CutoverResult::Failed => "failed",
        };
        let reason = reason.replace('\0', "\u{fffd}");
        client.execute(&sql, &[&self.attempt, &outcome, &reason]).await.doing("recording a cutover's end").map(drop)
    }

    /// Completes the migration and the attempt, both or neither. [`ErrorKind::State`] where the cutover has not begun, or no longer is
    /// under way.
    pub async fn complete<C: GenericClient + Sync>(&self, client: &C, scn: Scn) -> Result<()> {
        // One statement is one transaction.
        let sql = self.control.sql(
            "WITH done AS (UPDATE {s}.migration SET state = 'completed', failure = NULL, updated_at = clock_timestamp() \
             WHERE state = 'cutover_started' RETURNING one) \
             UPDATE {s}.cutover SET outcome = 'completed', scn = $2, ended_at = clock_timestamp() \
             WHERE attempt = $1 AND EXISTS (SELECT FROM done)",
        );
        let done = client.execute(&sql, &[&self.attempt, &to_i64(scn.0)?]).await.doing("completing the cutover")?;
        match done {
            1 => Ok(()),
            _ => {
                let message = "the migration is no longer being cut over: another process has changed its state; call the cutover again";
                Err(Error::new(ErrorKind::State, message))
            }
        }
    }

    async fn write_step<C, D>(&self, client: &C, detail: &D, more: &str) -> Result<()>
    where
        C: GenericClient + Sync,
        D: Serialize + Sync,
    {
        let sql = self.control.sql(&format!(
            "UPDATE {{s}}.cutover_step SET detail = $2::text::jsonb{more} WHERE attempt = $1 \
             AND number = (SELECT max(number) FROM {{s}}.cutover_step WHERE attempt = $1)"
        ));
        let detail = to_text(detail)?;
        client.execute(&sql, &[&self.attempt, &detail]).await.doing("recording a step of the cutover").map(drop)
    }
}

fn to_text(detail: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(detail);
    // `jsonb` has no U+0000; values of a report may.
    text.map(|t| t.replace("\\u0000", "\\ufffd"))
        .map_err(|e| Error::new(ErrorKind::Malformed, "the detail of a cutover's step").with_source(e))
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|e| Error::new(ErrorKind::Malformed, "the record of the cutover in the control schema").with_source(e))
}
