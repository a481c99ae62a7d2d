use super::conflict::{ConflictAction, ConflictKind};
use super::operation::Target;
use super::options::ApplyOptions;
use crate::control::{from_i64, to_i64};
use crate::error::Doing;
use crate::{Control, Error, ErrorKind, Result};
use cdc_logminer::{Change, Operation, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;

/// Exceptions that are written together.
const MAX_WAITING: usize = 500;

/// Changes that were passed over, on their way into the table `exception`.
pub(super) struct Exceptions<'a> {
    client: &'a Client,
    control: &'a Control,
    waiting: Vec<Exception>,
}

struct Exception {
    table_id: i32,
    commit_scn: u64,
    xid: String,
    change_scn: u64,
    operation: &'static str,
    row_key: Option<String>,
    row_id: Option<String>,
    conflict: Option<&'static str>,
    action: &'static str,
    reason: String,
}

impl<'a> Exceptions<'a> {
    pub(super) fn new(client: &'a Client, control: &'a Control) -> Self {
        Exceptions { client, control, waiting: Vec::new() }
    }

    pub(super) fn add(
        &mut self,
        target: &Target,
        tx: &Transaction,
        change: &Change,
        conflict: Option<ConflictKind>,
        action: ConflictAction,
        reason: &str,
    ) {
        let operation = match change.operation {
            Operation::Insert { .. } => "insert",
            Operation::Update { .. } => "update",
            Operation::Delete { .. } => "delete",
            Operation::Truncate => "truncate",
            _ => "ddl",
        };
        self.waiting.push(Exception {
            table_id: target.table_id,
            commit_scn: tx.commit_scn.0,
            xid: tx.xid.to_string(),
            change_scn: change.scn.0,
            operation,
            // Without a key a row is described by all its values, which are nobody's business here.
            row_key: (!target.plan.key.is_empty()).then(|| target.describe(change)),
            row_id: change.row_id.clone(),
            conflict: conflict.map(ConflictKind::as_str),
            action: action.done(),
            reason: reason.to_owned(),
        });
    }

    /// Those of this transaction are no more: it is set aside as a whole.
    pub(super) fn forget(&mut self, tx: &Transaction) {
        let xid = tx.xid.to_string();
        self.waiting.retain(|e| (e.commit_scn, &e.xid) != (tx.commit_scn.0, &xid));
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// Writes them, and stops where a table has more than its policy allows.
    pub(super) async fn write(&mut self, targets: &[Target], options: &ApplyOptions) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let doing = "recording changes that were passed over";
        let sql = self.control.sql(
            "INSERT INTO {s}.exception (table_id, commit_scn, xid, change_scn, operation, row_key, row_id, conflict, action, reason) \
             SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], \
             $9::text[], $10::text[])",
        );
        let ids: Vec<i32> = waiting.iter().map(|e| e.table_id).collect();
        let commit_scns = waiting.iter().map(|e| to_i64(e.commit_scn)).collect::<Result<Vec<_>>>()?;
        let change_scns = waiting.iter().map(|e| to_i64(e.change_scn)).collect::<Result<Vec<_>>>()?;
        let xids: Vec<&str> = waiting.iter().map(|e| e.xid.as_str()).collect();
        let operations: Vec<&str> = waiting.iter().map(|e| e.operation).collect();
        let keys: Vec<Option<&str>> = waiting.iter().map(|e| e.row_key.as_deref()).collect();
        let row_ids: Vec<Option<&str>> = waiting.iter().map(|e| e.row_id.as_deref()).collect();
        let conflicts: Vec<Option<&str>> = waiting.iter().map(|e| e.conflict).collect();
        let actions: Vec<&str> = waiting.iter().map(|e| e.action).collect();
        let reasons: Vec<&str> = waiting.iter().map(|e| e.reason.as_str()).collect();
        self.client
            .execute(
                &sql,
                &[
                    &ids,
                    &commit_scns,
                    &xids,
                    &change_scns,
                    &operations,
                    &keys,
                    &row_ids,
                    &conflicts,
                    &actions,
                    &reasons,
                ],
            )
            .await
            .doing(doing)?;
        let mut counts: BTreeMap<i32, (i64, &str)> = BTreeMap::new();
        for exception in waiting.iter().filter(|e| e.conflict.is_some()) {
            let count = counts.entry(exception.table_id).or_insert((0, ""));
            *count = (count.0 + 1, &exception.reason);
        }
        let sql =
            self.control.sql("UPDATE {s}.table_status SET errors = errors + $2, last_error = $3 WHERE table_id = $1");
        for (table_id, (count, reason)) in &counts {
            self.client.execute(&sql, &[table_id, count, reason]).await.doing(doing)?;
        }
        let sql = self.control.sql("SELECT count(*) FROM {s}.exception WHERE table_id = $1");
        for table_id in ids.iter().collect::<BTreeSet<_>>() {
            let Some(target) = targets.iter().find(|t| t.table_id == *table_id) else { continue };
            let Some(most) = options.conflicts_of(&target.plan.source).max_exceptions else { continue };
            let count = from_i64(self.client.query_one(&sql, &[table_id]).await.doing(doing)?.get(0))?;
            if count > most {
                let message = format!(
                    "{count} changes of this table do not fit the target, the policy allows {most} (table `exception` of the control schema): \
                     find out why before more are passed over"
                );
                return Err(Error::new(ErrorKind::State, message).with_table(&target.plan.target));
            }
        }
        Ok(())
    }
}
