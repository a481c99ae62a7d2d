use crate::{
    DecodeError, DecodeErrorKind, Incarnation, OperationCode, Position, RedoBatch, RedoRow, Scanner, TableSet,
    Transaction, TransactionBuffer,
};
use schema_map::ObjectPath;
use std::{
    collections::{BTreeMap, VecDeque},
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
    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error>;
}

/// Committed transactions in commit order.
pub trait ChangeStream {
    /// What can go wrong; the stream must not be used afterwards.
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

/// Assembles a [`RedoSource`]'s rows into committed transactions.
#[derive(Debug)]
pub struct RedoStream<S> {
    source: S,
    tables: TableSet,
    position: Position,
    /// Redo has been read up to and including this SCN.
    read_to: Scn,
    batch: RedoBatch,
    scanner: Scanner,
    buffer: TransactionBuffer,
    /// The first pieces of a statement that goes on in the next row.
    pieces: Option<RedoRow>,
    committed: VecDeque<Transaction>,
    /// Why redo cannot be read on, told once what was committed before it is delivered.
    failure: Option<DecodeError>,
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
}

/// Why the stream stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E: std::error::Error + 'static> {
    /// The source failed.
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
}

impl<S: RedoSource> RedoStream<S> {
    /// Goes on from `position`: mining begins at its low watermark, and what it says is delivered is not delivered
    /// again. After a load use [`Position::after_load`].
    pub fn new(source: S, tables: TableSet, position: Position) -> Result<Self, StreamError<S::Error>> {
        let found = source.incarnation();
        if found != position.incarnation {
            return Err(StreamError::OtherIncarnation { expected: position.incarnation, found });
        }
        Ok(RedoStream {
            source,
            tables,
            read_to: Scn(position.low_watermark.0.saturating_sub(1)),
            position,
            batch: RedoBatch::default(),
            scanner: Scanner::new(),
            buffer: TransactionBuffer::default(),
            pieces: None,
            committed: VecDeque::new(),
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
        StreamStatus {
            read_to: self.read_to,
            open_transactions: self.buffer.len(),
            open_changes: self.buffer.iter().count() + self.buffer.unreadable_count(),
            oldest_start: self.buffer.oldest_start(),
            committed_changes: self.committed.iter().map(|t| t.changes.len()).sum(),
        }
    }

    /// Changes that were read and not yet delivered, by table: of open transactions and of committed ones.
    pub fn pending(&self) -> BTreeMap<Arc<ObjectPath>, u64> {
        let mut pending = BTreeMap::new();
        for change in self.buffer.iter().chain(self.committed.iter().flat_map(|t| &t.changes)) {
            *pending.entry(Arc::clone(&change.table)).or_default() += 1;
        }
        pending
    }

    /// Reads one window; says whether there was anything new.
    fn read_window(&mut self) -> Result<bool, StreamError<S::Error>> {
        let mut batch = std::mem::take(&mut self.batch);
        let read_to = self.source.read_redo(self.read_to, &mut batch).map_err(StreamError::Source)?;
        let any = !batch.rows.is_empty();
        for row in batch.rows.drain(..) {
            if let Err(error) = self.row(row) {
                self.failure = Some(error);
                break;
            }
        }
        self.batch = batch;
        if self.failure.is_none() {
            self.failure = self
                .pieces
                .take()
                .map(|first| DecodeError::new(&first, DecodeErrorKind::Pieces, "the end of its statement is missing"));
        }
        // Threads of a cluster are merged by the source; commits of one window still need not come in order.
        self.committed.make_contiguous().sort_by_key(|t| t.commit_scn);
        if self.failure.is_none() {
            self.read_to = self.read_to.max(read_to);
        }
        Ok(any)
    }

    fn row(&mut self, row: RedoRow) -> Result<(), DecodeError> {
        let row = match self.join(row)? {
            Some(row) => row,
            None => return Ok(()),
        };
        match row.operation {
            OperationCode::START => self.buffer.start(row.xid, row.scn),
            OperationCode::COMMIT => self.commit(&row)?,
            OperationCode::ROLLBACK => self.buffer.rollback(row.xid),
            OperationCode::MISSING_SCN => {
                return Err(DecodeError::new(&row, DecodeErrorKind::MissingRedo, "LogMiner says that redo is missing"));
            }
            OperationCode::INTERNAL | OperationCode::SELECT_FOR_UPDATE => {}
            _ if !self.tables.follows(&row) => {}
            OperationCode::DDL => self.ddl(&row)?,
            _ => {
                if let Err(error) = self.data(&row) {
                    if row.xid.sequence == u32::MAX {
                        // Which transaction it belongs to is not known: none can be trusted any more.
                        return Err(error);
                    }
                    self.buffer.unreadable(&row, error);
                }
            }
        }
        Ok(())
    }

    /// A row of a followed table.
    fn data(&mut self, row: &RedoRow) -> Result<(), DecodeError> {
        if !matches!(row.operation, OperationCode::INSERT | OperationCode::UPDATE | OperationCode::DELETE) {
            let detail = format!("operation code {} cannot be carried over", row.operation.0);
            return Err(DecodeError::new(row, DecodeErrorKind::Operation, detail));
        }
        if row.status != 0 {
            let info = row.info.as_deref().unwrap_or("no INFO");
            let detail = format!("LogMiner could not rebuild its statement: STATUS {}, {info}", row.status);
            return Err(DecodeError::new(row, DecodeErrorKind::Status, detail));
        }
        let change = self.tables.decode(&mut self.scanner, row)?;
        self.buffer.change(row, change)
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

    fn commit(&mut self, row: &RedoRow) -> Result<(), DecodeError> {
        let Some(transaction) = self.buffer.commit(row.xid) else { return Ok(()) };
        // A COMMIT row lies at the commit's SCN; the other column is filled for COMMITTED_DATA_ONLY.
        let commit_scn = row.commit_scn.filter(|scn| scn.0 > 0).unwrap_or(row.scn);
        if self.position.covers(commit_scn, row.xid) || transaction.is_empty() {
            return Ok(());
        }
        if !transaction.whole {
            return Err(DecodeError::new(
                row,
                DecodeErrorKind::Beginning,
                "its transaction began before the redo that was read: begin mining at an older SCN, or load anew",
            ));
        }
        self.committed.push_back(Transaction {
            xid: row.xid,
            start_scn: transaction.start_scn,
            commit_scn,
            commit_time: row.timestamp,
            changes: transaction.into_changes()?,
        });
        Ok(())
    }

    /// DDL that was committed before the position is part of what was loaded; later DDL that changes rows or
    /// columns of a followed table cannot be carried over as row changes.
    fn ddl(&mut self, row: &RedoRow) -> Result<(), DecodeError> {
        let text = row.sql_redo.as_deref().unwrap_or_default();
        if row.scn < self.position.commit_scn || !changes_rows_or_columns(text) {
            return Ok(());
        }
        let statement: String = text.chars().take(200).collect();
        let detail = format!("the table was changed by DDL, which is not followed: {statement}");
        Err(DecodeError::new(row, DecodeErrorKind::Ddl, detail))
    }

    fn position_at(&self, commit_scn: Scn, delivered: Vec<crate::Xid>) -> Position {
        let oldest = self.committed.iter().map(|t| t.start_scn).chain(self.buffer.oldest_start()).min();
        let low_watermark = oldest.map_or(commit_scn, |start| start.min(commit_scn));
        // Mining never has to begin before where it began this time.
        let low_watermark = low_watermark.max(self.position.low_watermark);
        Position { incarnation: self.position.incarnation, commit_scn, delivered, low_watermark }
    }
}

/// Whether DDL on a table changes its rows or columns. What is not known to be harmless counts as a change.
fn changes_rows_or_columns(ddl: &str) -> bool {
    let words = words(ddl);
    let word = |i: usize| words.get(i).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("COMMENT" | "GRANT" | "REVOKE" | "ANALYZE" | "AUDIT" | "NOAUDIT", _) => false,
        ("CREATE", "TABLE") => true,
        ("CREATE" | "DROP" | "ALTER", "INDEX" | "UNIQUE" | "BITMAP" | "TRIGGER" | "SYNONYM" | "VIEW" | "OR") => false,
        ("ALTER", "TABLE") => {
            const OF_CONSTRAINTS: [&str; 6] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "SUPPLEMENTAL"];
            let (mut known, mut changes) = (false, false);
            for i in 2..words.len() {
                match word(i) {
                    // Several things can be added in one pair of parentheses: each must be a constraint.
                    "ADD" if word(i + 1) == "(" => {
                        let (mut depth, mut first) = (0, true);
                        for item in &words[i + 1..] {
                            let begins = std::mem::replace(&mut first, false) && depth == 1;
                            match item.as_str() {
                                "(" => depth += 1,
                                ")" => depth -= 1,
                                name => changes |= begins && !OF_CONSTRAINTS.contains(&name),
                            }
                            first = depth == 1 && matches!(item.as_str(), "(" | ",");
                            if depth == 0 {
                                break;
                            }
                        }
                        known = true;
                    }
                    "ADD" | "DROP" | "MODIFY" | "RENAME" => match OF_CONSTRAINTS.contains(&word(i + 1)) {
                        true => known = true,
                        false => changes = true,
                    },
                    "COLUMN" | "TRUNCATE" | "PARTITION" | "MOVE" => changes = true,
                    "CONSTRAINT" | "CONSTRAINTS" | "TRIGGERS" | "LOGGING" | "PARALLEL" | "CACHE" => known = true,
                    _ => {}
                }
            }
            changes || !known
        }
        _ => true,
    }
}

/// The words of a statement in upper case, and its parentheses and commas. Quoted names and texts come with their quotes: they are no
/// keywords.
fn words(ddl: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = ddl.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '\'' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || "_$#".contains(c))).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        if first.is_alphanumeric() || matches!(first, '_' | '"' | '\'' | '(' | ')' | ',') {
            words.push(word.to_uppercase());
        }
        rest = after.trim_start();
    }
    words
}

impl<S: RedoSource> ChangeStream for RedoStream<S> {
    type Error = StreamError<S::Error>;

    fn next_transaction(&mut self) -> Result<Next, Self::Error> {
        let mut idle = false;
        if self.committed.is_empty() && self.failure.is_none() {
            idle = !self.read_window()?;
        }
        let Some(transaction) = self.committed.pop_front() else {
            if let Some(error) = self.failure.take() {
                return Err(error.into());
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
