use crate::{DecodeError, Incarnation, Position, RedoBatch, TableSet, Transaction};
use type_convert::Scn;

/// Where redo rows come from. Blocking.
pub trait RedoSource {
    /// What can go wrong. The caller may try again from the same `after` with a new source.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Which life of which database the rows belong to.
    fn incarnation(&self) -> Incarnation;

    /// Clears `out`, reads a window of rows with `SCN > after` in LogMiner's order, and returns the SCN
    /// up to which (inclusively) the window is complete: the next call's `after`. When nothing new is there
    /// `out` stays empty and `after` itself may come back.
    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> Result<Scn, Self::Error>;
}

/// Committed transactions in commit order.
pub trait ChangeStream {
    /// What can go wrong; the stream must not be used afterwards.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next committed transaction, each exactly once; transactions without changes of followed tables are not delivered.
    fn next_transaction(&mut self) -> Result<Next, Self::Error>;

    /// Says that everything up to and including `upto` is durable at the target.
    fn release(&mut self, upto: &Position);
}

/// What [`ChangeStream::next_transaction`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// A transaction, and the position once it is applied.
    Transaction(Box<Transaction>, Position),
    /// Nothing more for now: everything up to this position has been delivered. Persist it to move on when idle.
    Idle(Position),
}

/// Where transactions go.
pub trait ChangeSink {
    /// What can go wrong.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The position of the last transaction that is durable here; `None` before the first.
    fn position(&mut self) -> impl Future<Output = Result<Option<Position>, Self::Error>> + Send;

    /// Applies whole transactions in this order and `position` with them, in one transaction of the target:
    /// all or nothing. After an error nothing of this call has happened, or all of it: ask [`position`](Self::position).
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
}

/// Why the stream stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E: std::error::Error + 'static> {
    /// The source failed.
    #[error("reading redo failed")]
    Source(#[source] E),
    /// The position belongs to another database or incarnation.
    #[error(
        "the position is of database {expected:?}, the source is {found:?}: its redo cannot go on from there; load anew"
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
    /// Goes on from `position`: mining begins at its low watermark, and what it says is delivered is not delivered again.
    /// For the hand-over from a load, the position is the load's SCN with the oldest open transaction's start as low watermark.
    pub fn new(source: S, tables: TableSet, position: Position) -> Result<Self, StreamError<S::Error>> {
        Ok(RedoStream { source, tables, position })
    }

    /// The source.
    pub fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }
}

impl<S: RedoSource> ChangeStream for RedoStream<S> {
    type Error = StreamError<S::Error>;

    fn next_transaction(&mut self) -> Result<Next, Self::Error> {
        let _ = (&self.tables, &self.position);
        todo!()
    }

    fn release(&mut self, _upto: &Position) {
        todo!()
    }
}
