use cdc_logminer::{Position, Transaction};
use std::time::{Duration, Instant};

/// How many transactions of the source share one of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Transactions. 5000 unless set.
    pub transactions: usize,
    /// Changes. A transaction with more of them is a batch by itself: none is ever split. 50 000 unless set.
    pub changes: usize,
    /// Bytes of memory that their changes take; what is on disk takes none. 32 MiB unless set.
    pub bytes: usize,
    /// How long the first of them may wait for others. Half a second unless set. A source that has nothing more at the moment is no
    /// reason to wait: then apply at once.
    pub latency: Duration,
}

impl Default for BatchLimits {
    fn default() -> Self {
        BatchLimits { transactions: 5000, changes: 50_000, bytes: 32 << 20, latency: Duration::from_millis(500) }
    }
}

/// Transactions that are waiting to be applied together.
///
/// ```
/// use pg_sink::{BatchLimits, TransactionBatch};
///
/// let mut batch = TransactionBatch::new(BatchLimits::default());
/// // As transactions come: `batch.push(transaction, position)`; where `batch.is_due()`, or the source has nothing more for now:
/// if let Some(position) = batch.position() {
///     // applier.apply(batch.transactions(), position).await?;
///     batch.clear();
/// }
/// assert!(batch.transactions().is_empty());
/// ```
#[derive(Debug)]
pub struct TransactionBatch {
    limits: BatchLimits,
    transactions: Vec<Transaction>,
    position: Option<Position>,
    changes: usize,
    bytes: usize,
    since: Option<Instant>,
}

impl TransactionBatch {
    /// An empty one.
    pub fn new(limits: BatchLimits) -> Self {
        TransactionBatch { limits, transactions: Vec::new(), position: None, changes: 0, bytes: 0, since: None }
    }

    /// Adds a whole transaction, with the position once it is applied.
    pub fn push(&mut self, transaction: Transaction, position: Position) {
        self.changes = self.changes.saturating_add(transaction.changes.len());
        self.bytes = self.bytes.saturating_add(transaction.changes.memory());
        self.since.get_or_insert_with(Instant::now);
        self.transactions.push(transaction);
        self.position = Some(position);
    }

    /// Whether it must be applied now: one of the limits is reached.
    pub fn is_due(&self) -> bool {
        self.transactions.len() >= self.limits.transactions.max(1)
            || self.changes >= self.limits.changes
            || self.bytes >= self.limits.bytes
            || self.since.is_some_and(|since| since.elapsed() >= self.limits.latency)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// The transactions in their order.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The position once all of them are applied; `None` where there are none.
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// Forgets them: they are applied.
    pub fn clear(&mut self) {
        self.transactions.clear();
        (self.position, self.changes, self.bytes, self.since) = (None, 0, 0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cdc_logminer::{Change, Changes, Incarnation, Operation, Xid};
    use schema_map::{ObjectPath, OracleIdent};
    use std::sync::Arc;
    use type_convert::Scn;

    fn transaction(changes: usize) -> Transaction {
        let name = |name: &str| OracleIdent::new(name).unwrap();
        let table = Arc::new(ObjectPath { schema: name("HR"), name: name("T") });
        let change = Change { table, scn: Scn(1), row_id: None, operation: Operation::Truncate };
        let changes: Changes = std::iter::repeat_n(change, changes).collect();
        Transaction { xid: Xid::default(), start_scn: Scn(1), commit_scn: Scn(2), commit_time: 0, changes }
    }

    fn due_after(limits: BatchLimits, changes: usize) -> usize {
        let mut batch = TransactionBatch::new(limits);
        let incarnation = Incarnation { dbid: 1, resetlogs_id: 1 };
        let mut pushed = 0;
        while !batch.is_due() {
            batch.push(transaction(changes), Position::after_load(incarnation, Scn(1), None));
            pushed += 1;
        }
        batch.clear();
        assert!(batch.is_empty() && !batch.is_due() && batch.position().is_none());
        pushed
    }

    #[test]
    fn each_limit_ends_a_batch() {
        let none = BatchLimits {
            transactions: usize::MAX,
            changes: usize::MAX,
            bytes: usize::MAX,
            latency: Duration::from_secs(3600),
        };
        assert_eq!(due_after(BatchLimits { transactions: 3, ..none }, 1), 3);
        assert_eq!(due_after(BatchLimits { changes: 10, ..none }, 4), 3);
        assert_eq!(due_after(BatchLimits { changes: 10, ..none }, 1000), 1);
        assert_eq!(due_after(BatchLimits { bytes: transaction(1).changes.memory() * 2, ..none }, 1), 2);
        assert!(due_after(BatchLimits { latency: Duration::from_millis(20), ..none }, 1) > 0);
    }
}
