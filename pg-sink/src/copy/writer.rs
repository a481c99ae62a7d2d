use crate::{CopyEncoder, Error, Result};
use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use std::pin::Pin;
use tokio_postgres::{Client, CopyInSink};
use type_convert::RowBatch;

/// A message is sent once it has this many bytes. Twice and half the size gained nothing where measured.
const SEND_AT: usize = 64 * 1024;
/// No CopyData message is longer: the server takes up to 1 GB, but buffers each whole.
const SEND_MOST: usize = 128 * 1024;

/// One COPY BINARY of one table into PostgreSQL, in messages of 64 to 128 KiB.
///
/// Dropped before [`finish`](Self::finish), the COPY fails and nothing of it stays.
pub struct CopyWriter {
    // The sink is not `Unpin`.
    sink: Pin<Box<CopyInSink<Bytes>>>,
    encoder: CopyEncoder,
    buffer: BytesMut,
    bytes: u64,
}

impl CopyWriter {
    /// Begins the COPY on `client`, inside its open transaction if there is one (`transaction.client()`).
    pub async fn begin(client: &Client, encoder: CopyEncoder) -> Result<Self> {
        let sink = client
            .copy_in(encoder.copy_statement())
            .await
            .map_err(|e| Error::postgres("COPY cannot begin", e).with_table(encoder.table()))?;
        let mut buffer = BytesMut::with_capacity(SEND_MOST);
        encoder.header(&mut buffer);
        Ok(CopyWriter { sink: Box::pin(sink), encoder, buffer, bytes: 0 })
    }

    /// Writes the rows of `batch` from `from_row` on and returns how many. At a value that does not fit, the rows before it
    /// are written and the COPY can go on: see [`CopyEncoder::encode_rows`]. After any other error it cannot.
    ///
    /// An error that the server found in earlier rows may only come to light in [`finish`](Self::finish).
    pub async fn write(&mut self, batch: &RowBatch, from_row: usize) -> Result<usize> {
        for row in from_row..batch.rows() {
            self.encoder.encode_row(batch, row, &mut self.buffer)?;
            if self.buffer.len() >= SEND_AT {
                self.send().await?;
            }
        }
        Ok(batch.rows().saturating_sub(from_row))
    }

    /// Bytes produced so far, framing included.
    pub fn bytes(&self) -> u64 {
        self.bytes + self.buffer.len() as u64
    }

    /// Ends the COPY and returns the number of rows that the server took. They are durable once the surrounding transaction is.
    pub async fn finish(mut self) -> Result<u64> {
        self.encoder.trailer(&mut self.buffer);
        self.send().await?;
        self.sink.as_mut().finish().await.map_err(|e| self.failed(e))
    }

    async fn send(&mut self) -> Result<()> {
        self.bytes += self.buffer.len() as u64;
        while !self.buffer.is_empty() {
            let length = self.buffer.len().min(SEND_MOST);
            let message = self.buffer.split_to(length).freeze();
            if let Err(e) = self.sink.feed(message).await {
                return Err(self.failed(e));
            }
        }
        self.buffer.reserve(SEND_MOST);
        Ok(())
    }

    fn failed(&self, error: tokio_postgres::Error) -> Error {
        let column = error.as_db_error().and_then(|db| db.column().or_else(|| context_column(db.where_()?)));
        let column = column.map(str::to_owned);
        let error = Error::postgres("COPY failed", error).with_table(self.encoder.table());
        match column {
            Some(column) => error.with_column(column),
            None => error,
        }
    }
}

/// The column in `COPY employees, line 3, column salary`, the context that the server gives to errors in a COPY.
fn context_column(context: &str) -> Option<&str> {
    let line = context.lines().find(|l| l.starts_with("COPY "))?;
    let (_, column) = line.split_once(", column ")?;
    Some(column.split_once(": ").map_or(column, |(name, _)| name))
}

impl std::fmt::Debug for CopyWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyWriter").field("table", &self.encoder.table()).field("bytes", &self.bytes()).finish()
    }
}
