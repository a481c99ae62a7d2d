use crate::{
    Allowed, Changes, DecodeError, DecodeErrorKind, Incarnation, Irregularity, OperationCode, Position, RedoBatch,
    RedoGap, RedoPolicy, RedoRow, Scanner, SpillError, TableSet, Transaction,
    changes::ChangeKind,
    decode::real_row_id,
    policy::AllowedSoFar,
    transaction::{BufferError, CommittedTransaction, TransactionBuffer},
};
use schema_map::ObjectPath;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    path::PathBuf,
    sync::Arc,
};
use type_convert::Scn;

/// Where redo rows come from. Blocking.
pub trait RedoSource {
    /// What can go wrong. The caller may try again from the same `after` with a new source.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Which life of which database the rows belong to.
    fn incarnation(&self) -> Incarnation;

    /// Clears `out`, reads a window of rows with `SCN > after` in LogMiner's order, and returns the SCN up to
    /// which (inclusively) the window is complete over all redo threads: the next call's `after`. When nothing
    /// new is there `out` stays empty and `after` itself may come back.
    ///
    /// Redo of the window that cannot be had is named in [`RedoBatch::gaps`]: whether it goes on nevertheless is for the caller's
    /// [`RedoPolicy`] to say.
    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error>;
}

/// Committed transactions in commit order.
pub trait ChangeStream {
    /// What can go wrong; the stream must not be used afterwards, unless the error says otherwise.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next committed transaction, each exactly once. Transactions without changes of followed tables are not
    /// delivered, they only move the position.
    fn next_transaction(&mut self) -> Result<Next, Self::Error>;
}

/// What [`ChangeStream::next_transaction`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// A transaction, and the position once it is applied.
    Transaction(Box<Transaction>, Position),
    /// Redo was read without a transaction to deliver; everything up to this position has been delivered. Call again at once.
    Progress(Position),
    /// There is no more redo for now; everything up to this position has been delivered. Wait a little, then call again.
    Idle(Position),
}

/// Where transactions go.
pub trait ChangeSink {
    /// What can go wrong.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The position that is durable here; `None` before the first.
    fn position(&mut self) -> impl Future<Output = Result<Option<Position>, Self::Error>> + Send;

    /// Applies whole transactions in this order and `position` with them, in one transaction of the target:
    /// all or nothing. After an error nothing of this call has happened, or all of it: ask [`position`](Self::position).
    /// No transactions and a newer position is how an idle source moves on.
    fn apply(
        &mut self,
        transactions: &[Transaction],
        position: &Position,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// How a [`RedoStream`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamOptions {
    /// Bytes of memory that the changes of all open transactions may take; what is more waits on disk. 64 MiB unless set.
    pub memory_limit: usize,
    /// Where the temporary file of these changes is made once it is needed. It holds rows of the source in the clear, readable by
    /// this user only, has no name, and is gone with the process. The system's folder for temporary files unless set.
    pub spill_folder: PathBuf,
    /// What does not stop the stream.
    pub policy: RedoPolicy,
}

impl Default for StreamOptions {
    fn default() -> Self {
        StreamOptions { memory_limit: 64 << 20, spill_folder: std::env::temp_dir(), policy: RedoPolicy::default() }
    }
}

/// Assembles a [`RedoSource`]'s rows into committed transactions.
pub struct RedoStream<S> {
    source: S,
    tables: TableSet,
    policy: RedoPolicy,
    position: Position,
    /// Redo has been read up to and including this SCN.
    read_to: Scn,
    batch: RedoBatch,
    scanner: Scanner,
    buffer: TransactionBuffer,
    /// The first pieces of a statement that goes on in the next row.
    pieces: Option<RedoRow>,
    committed: VecDeque<Transaction>,
    allowed: AllowedSoFar,
    /// Why redo cannot be read on, told once what was committed before it is delivered.
    failure: Option<BufferError>,
}

/// What a stream holds back at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamStatus {
    /// Redo has been read up to and including this SCN.
    pub read_to: Scn,
    /// Transactions that are open at the source.
    pub open_transactions: usize,
    /// Changes of followed tables in open transactions; those of a transaction that cannot be read count as one more.
    pub open_changes: usize,
    /// SCN at which the oldest open transaction began.
    pub oldest_start: Option<Scn>,
    /// Changes that are committed and not yet delivered.
    pub committed_changes: usize,
    /// Bytes of memory that the changes of open transactions take.
    pub open_bytes: usize,
    /// Rows that undid a change which was not their transaction's newest: none in the redo that is known.
    pub undone_out_of_order: u64,
    /// Statements that could be read only by taking apostrophes for text that LogMiner had not doubled.
    pub repaired_statements: u64,
}

/// Why the stream stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E: std::error::Error + 'static> {
    /// The source failed. Nothing of its window was taken: the stream may be asked again.
    #[error("reading redo failed: {0}")]
    Source(#[source] E),
    /// The position belongs to another database or incarnation.
    #[error(
        "the position belongs to DBID {} with RESETLOGS id {}, the source is DBID {} with RESETLOGS id {}: \
         its redo cannot continue from there, load anew",
        expected.dbid, expected.resetlogs_id, found.dbid, found.resetlogs_id
    )]
    OtherIncarnation {
        /// Of the position.
        expected: Incarnation,
        /// Of the source.
        found: Incarnation,
    },
    /// A redo row cannot be read; its transaction is not delivered.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The disk for large transactions failed.
    #[error(transparent)]
    Spill(#[from] SpillError),
}

impl<S: RedoSource> RedoStream<S> {
    /// Goes on from `position`: mining begins at its low watermark, and what it says is delivered is not delivered
    /// again. After a load use [`Position::after_load`].
    pub fn new(source: S, tables: TableSet, position: Position) -> Result<Self, StreamError<S::Error>> {
        Self::with_options(source, tables, position, StreamOptions::default())
    }

    /// As [`new`](Self::new), with other options than the default ones.
    pub fn with_options(
        source: S,
        tables: TableSet,
        position: Position,
        options: StreamOptions,
    ) -> Result<Self, StreamError<S::Error>> {
        let found = source.incarnation();
        if found != position.incarnation {
            return Err(StreamError::OtherIncarnation { expected: position.incarnation, found });
        }
        Ok(RedoStream {
            source,
            tables,
            policy: options.policy,
            read_to: Scn(position.low_watermark.0.saturating_sub(1)),
            position,
            batch: RedoBatch::default(),
            scanner: Scanner::new(),
            buffer: TransactionBuffer::new(options.memory_limit, options.spill_folder),
            pieces: None,
            committed: VecDeque::new(),
            allowed: AllowedSoFar::default(),
            failure: None,
        })
    }

    /// The source.
    pub fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }

    /// Everything up to here has been delivered.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What is held back at the moment.
    pub fn status(&self) -> StreamStatus {
        let open: u64 = self.buffer.counts().map(|(_, changes)| changes).sum();
        StreamStatus {
            read_to: self.read_to,
            open_transactions: self.buffer.len(),
            open_changes: usize::try_from(open).unwrap_or(usize::MAX) + self.buffer.unreadable_count(),
            oldest_start: self.buffer.oldest_start(),
            committed_changes: self.committed.iter().map(|t| t.changes.len()).sum(),
            open_bytes: self.buffer.resident(),
            undone_out_of_order: self.buffer.undone_out_of_order(),
            repaired_statements: self.scanner.repairs(),
        }
    }

    /// Changes that were read and not yet delivered, by table: of open transactions and of committed ones.
    pub fn pending(&self) -> BTreeMap<Arc<ObjectPath>, u64> {
        let mut pending = BTreeMap::new();
        for (table, changes) in self.buffer.counts().chain(self.committed.iter().flat_map(|t| t.changes.tables())) {
            *pending.entry(Arc::clone(table)).or_default() += changes;
        }
        pending
    }

    /// What the stream went on over because its policy allows it.
    pub fn allowed(&self) -> &BTreeMap<Irregularity, Allowed> {
        &self.allowed.0
    }

    /// Reads one window; says whether there was anything new.
    fn read_window(&mut self) -> Result<bool, StreamError<S::Error>> {
        let mut batch = std::mem::take(&mut self.batch);
        let read_to = self.source.read_redo(self.read_to, &mut batch).map_err(StreamError::Source)?;
        let any = !batch.rows.is_empty() || !batch.gaps.is_empty();
        let mut taken = batch.gaps.iter().try_for_each(|gap| self.gap(gap)).map_err(BufferError::Decode);
        for row in batch.rows.drain(..) {
            taken = taken.and_then(|()| self.row(row));
            if taken.is_err() {
                break;
            }
        }
        self.failure = taken.err();
        batch.clear();
        self.batch = batch;
        if self.failure.is_none() {
            self.failure = self.pieces.take().map(|first| {
                let detail = "the end of its statement is missing";
                DecodeError::new(&first, DecodeErrorKind::Pieces, detail).into()
            });
        }
        // Threads of a cluster are merged by the source; commits of one window still need not come in order.
        self.committed.make_contiguous().sort_by_key(|t| t.commit_scn);
        if self.failure.is_none() {
            self.read_to = self.read_to.max(read_to);
        }
        Ok(any)
    }

    /// The error, unless the policy allows it.
    fn irregular(&mut self, error: DecodeError) -> Result<(), DecodeError> {
        if self.allowed.check(&self.policy, error)?.is_gap() {
            self.buffer.redo_missing();
        }
        Ok(())
    }

    fn gap(&mut self, gap: &RedoGap) -> Result<(), DecodeError> {
        let RedoGap { irregularity, thread, sequence, after, upto, detail } = gap;
        let row = RedoRow { scn: *after, thread: *thread, ..RedoRow::default() };
        let sequence = sequence.map_or_else(String::new, |sequence| format!(", log sequence {sequence}"));
        let detail = format!(
            "the redo of thread {thread}{sequence} after SCN {after} up to SCN {upto} cannot be read: {detail}"
        );
        self.irregular(DecodeError::new(&row, DecodeErrorKind::Irregular(*irregularity), detail))
    }

    fn row(&mut self, row: RedoRow) -> Result<(), BufferError> {
        let Some(row) = self.join(row)? else { return Ok(()) };
        match row.operation {
            OperationCode::START => {
                if let Err(error) = self.buffer.start(&row) {
                    self.irregular(error)?;
                }
            }
            OperationCode::COMMIT => {
                let committed = self.buffer.commit(&row)?;
                self.committed(&row, committed)?;
            }
            OperationCode::ROLLBACK => {
                let others = self.buffer.rollback(&row)?;
                self.committed(&row, others)?;
            }
            OperationCode::MISSING_SCN => self.irregular(missing(&row, "LogMiner says that redo is missing"))?,
            OperationCode::REPLICATION_MARKER => self.buffer.forget_empty(row.xid),
            OperationCode::INTERNAL | OperationCode::SELECT_FOR_UPDATE => {}
            _ => return self.data(&row),
        }
        Ok(())
    }

    /// A row that may be of a followed table.
    fn data(&mut self, row: &RedoRow) -> Result<(), BufferError> {
        let Err(error) = self.take_data(row) else { return Ok(()) };
        let error = match error {
            BufferError::Decode(error) => error,
            spill => return Err(spill),
        };
        match error.kind() {
            DecodeErrorKind::Irregular(irregularity) if irregularity.is_gap() => self.irregular(error)?,
            // Which transaction it belongs to is not known: none can be trusted any more.
            _ if row.xid.sequence == u32::MAX => return Err(error.into()),
            DecodeErrorKind::Irregular(irregularity) if self.policy.allows(irregularity) => {
                self.irregular(error)?;
                self.buffer.left_out(row);
            }
            _ => self.buffer.unreadable(row, error),
        }
        Ok(())
    }

    fn take_data(&mut self, row: &RedoRow) -> Result<(), BufferError> {
        let Some(followed) = self.tables.table_of(row)? else { return Ok(()) };
        let irregular = |irregularity, detail: String| {
            Err(DecodeError::new(row, DecodeErrorKind::Irregular(irregularity), detail).into())
        };
        let info = || row.info.as_deref().unwrap_or("no INFO");
        match row.status {
            0 => {}
            1291 => return Err(missing(row, info()).into()),
            1343 => return irregular(Irregularity::Corruption, format!("redo is corrupt: {}", info())),
            // Rows about LOBs and documents always say that they are no SQL to execute.
            2 | 5 if row.operation.is_lob() => {}
            // Decoded here, by the columns of that version.
            _ if row.seg_owner.as_deref() == Some("UNKNOWN") => {}
            // A statement with a LONG is complete, though it could not be executed.
            2 if row.info.as_deref().is_none_or(|info| info.trim().is_empty()) && followed.has_long() => {}
            status => {
                let detail = format!("LogMiner could not rebuild its statement: STATUS {status}, {}", info());
                return irregular(Irregularity::Status, detail);
            }
        }
        let kind = match row.operation {
            OperationCode::INSERT => ChangeKind::Insert,
            OperationCode::UPDATE => ChangeKind::Update,
            OperationCode::DELETE => ChangeKind::Delete,
            OperationCode::DDL => ChangeKind::Ddl,
            operation if operation.is_lob() => return self.buffer.lob(row, followed),
            OperationCode::UNSUPPORTED => {
                return irregular(Irregularity::UnsupportedRow, format!("LogMiner does not support it: {}", info()));
            }
            OperationCode(code) => {
                return irregular(Irregularity::UnknownOperation, format!("operation code {code} is not known"));
            }
        };
        if row.rollback && kind != ChangeKind::Ddl {
            // What it undoes is told by its place and its ROWID; its values are not needed.
            let mut row_id = row.row_id.as_deref();
            if row_id.is_none()
                && let Some(Ok(statement)) = row.sql_redo.as_deref().map(|sql| self.scanner.scan(sql))
            {
                row_id = statement.row_id;
            }
            return self.buffer.undo(row, kind, real_row_id(row_id).map(str::to_owned));
        }
        let change = self.tables.decode(&mut self.scanner, row)?;
        self.buffer.change(row, followed, change)
    }

    /// Joins the pieces of a statement (CSF = 1 on all but the last) into one row.
    fn join(&mut self, row: RedoRow) -> Result<Option<RedoRow>, DecodeError> {
        let whole = match self.pieces.take() {
            None => row,
            Some(mut first) => {
                let same =
                    |a: &RedoRow, b: &RedoRow| (a.xid, a.scn, a.ssn) == (b.xid, b.scn, b.ssn) && a.rs_id == b.rs_id;
                if !same(&first, &row) {
                    let detail = format!("the next row, at RS_ID {}, is not the rest of its statement", row.rs_id);
                    return Err(DecodeError::new(&first, DecodeErrorKind::Pieces, detail));
                }
                let text = first.sql_redo.get_or_insert_default();
                text.push_str(row.sql_redo.as_deref().unwrap_or_default());
                first.csf = row.csf;
                first
            }
        };
        if whole.csf {
            self.pieces = Some(whole);
            return Ok(None);
        }
        Ok(Some(whole))
    }

    fn committed(&mut self, row: &RedoRow, transaction: Option<CommittedTransaction>) -> Result<(), DecodeError> {
        let Some(transaction) = transaction else { return Ok(()) };
        // A COMMIT row lies at the commit's SCN; the other column is filled for COMMITTED_DATA_ONLY.
        let commit_scn = row.commit_scn.filter(|scn| scn.0 > 0).unwrap_or(row.scn);
        let changes = Changes::new(transaction.logs);
        if self.position.covers(commit_scn, transaction.xid) || (changes.is_empty() && transaction.unreadable.is_none())
        {
            return Ok(());
        }
        if let Some(error) = transaction.unreadable {
            return Err(error);
        }
        if !transaction.whole {
            self.irregular(DecodeError::new(
                row,
                DecodeErrorKind::Irregular(Irregularity::BrokenTransaction),
                "its transaction began before the redo that was read: begin mining at an older SCN, or load anew",
            ))?;
        }
        self.committed.push_back(Transaction {
            xid: transaction.xid,
            start_scn: transaction.start_scn,
            commit_scn,
            commit_time: row.timestamp,
            changes,
        });
        Ok(())
    }

    fn position_at(&self, commit_scn: Scn, delivered: Vec<crate::Xid>) -> Position {
        let oldest = self.committed.iter().map(|t| t.start_scn).chain(self.buffer.oldest_start()).min();
        let low_watermark = oldest.map_or(commit_scn, |start| start.min(commit_scn));
        // Mining never has to begin before where it began this time.
        let low_watermark = low_watermark.max(self.position.low_watermark);
        Position { incarnation: self.position.incarnation, commit_scn, delivered, low_watermark }
    }
}

/// Without rows and values, which may be secret.
impl<S> fmt::Debug for RedoStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedoStream")
            .field("position", &self.position)
            .field("read_to", &self.read_to)
            .field("open_transactions", &self.buffer.len())
            .field("committed", &self.committed.len())
            .finish_non_exhaustive()
    }
}

fn missing(row: &RedoRow, detail: &str) -> DecodeError {
    let detail = format!("a gap in the redo: {detail}");
    DecodeError::new(row, DecodeErrorKind::Irregular(Irregularity::MissingScn), detail)
}

impl<S: RedoSource> ChangeStream for RedoStream<S> {
    type Error = StreamError<S::Error>;

    fn next_transaction(&mut self) -> Result<Next, Self::Error> {
        let mut idle = false;
        if self.committed.is_empty() && self.failure.is_none() {
            idle = !self.read_window()?;
        }
        let Some(transaction) = self.committed.pop_front() else {
            match self.failure.take() {
                Some(BufferError::Decode(error)) => return Err(error.into()),
                Some(BufferError::Spill(error)) => return Err(error.into()),
                None => {}
            }
            // The window is complete: every commit up to and including `read_to` has been delivered.
            let commit_scn = Scn(self.read_to.0.saturating_add(1));
            if commit_scn > self.position.commit_scn {
                self.position = self.position_at(commit_scn, Vec::new());
            }
            let position = self.position.clone();
            return Ok(if idle { Next::Idle(position) } else { Next::Progress(position) });
        };
        let mut delivered = match self.position.commit_scn == transaction.commit_scn {
            true => std::mem::take(&mut self.position.delivered),
            false => Vec::new(),
        };
        delivered.push(transaction.xid);
        self.position = self.position_at(transaction.commit_scn, delivered);
        Ok(Next::Transaction(Box::new(transaction), self.position.clone()))
    }
}

impl<T: RedoSource + ?Sized> RedoSource for &mut T {
    type Error = T::Error;

    fn incarnation(&self) -> Incarnation {
        (**self).incarnation()
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error> {
        (**self).read_redo(after, out)
    }
}

impl<T: RedoSource + ?Sized> RedoSource for Box<T> {
    type Error = T::Error;

    fn incarnation(&self) -> Incarnation {
        (**self).incarnation()
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error> {
        (**self).read_redo(after, out)
    }
}

impl<T: ChangeStream + ?Sized> ChangeStream for &mut T {
    type Error = T::Error;

    fn next_transaction(&mut self) -> Result<Next, Self::Error> {
        (**self).next_transaction()
    }
}

impl<T: ChangeStream + ?Sized> ChangeStream for Box<T> {
    type Error = T::Error;

    fn next_transaction(&mut self) -> Result<Next, Self::Error> {
        (**self).next_transaction()
    }
}

impl<T: ChangeSink + Send> ChangeSink for &mut T {
    type Error = T::Error;

    fn position(&mut self) -> impl Future<Output = Result<Option<Position>, Self::Error>> + Send {
        (**self).position()
    }

    fn apply(
        &mut self,
        transactions: &[Transaction],
        position: &Position,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        (**self).apply(transactions, position)
    }
}
