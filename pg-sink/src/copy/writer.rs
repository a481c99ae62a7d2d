use super::{
    encoder::{Behind, LossCounts, cut_short, next_piece},
    row_ids::RecentRowIds,
};
use crate::{CopyEncoder, Error, ErrorKind, Result};
use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use std::{ops::Range, pin::Pin};
use tokio_postgres::{Client, CopyInSink, Statement, error::DbError};
use type_convert::{BatchReader, FieldError, OpenRow, RowBatch, StreamedLob};

/// A message is sent once it has this many bytes. Twice and half the size gained nothing where measured.
const SEND_AT: usize = 64 * 1024;
/// So few bytes of rows are no message of their own where others go before them.
const COPY_BELOW: usize = 8 * 1024;
/// No CopyData message is longer: the server takes up to 1 GB, but buffers each whole.
const SEND_MOST: usize = 128 * 1024;

/// One COPY BINARY of one table into PostgreSQL, in messages of 64 to 128 KiB, but for the last.
///
/// ```no_run
/// # async fn write(client: &tokio_postgres::Client, plan: &schema_map::TablePlan) -> pg_sink::Result<()> {
/// use pg_sink::{CopyEncoder, CopyWriter};
/// use type_convert::ValueRef;
///
/// let mut writer = CopyWriter::begin(client, CopyEncoder::new(plan)?).await?;
/// for (id, name) in [(1, "Ada"), (2, "Grace")] {
///     let row_id = None;
///     writer.write_values(row_id, |row| {
///         row.push(ValueRef::Int(id))?;
///         row.push(ValueRef::Text(name.as_bytes()))
///     }).await?;
/// }
/// assert_eq!(writer.finish().await?, 2);
/// # Ok(())
/// # }
/// ```
///
/// Dropped before [`finish`](Self::finish), the COPY fails and nothing of it stays.
///
/// An error that the server finds in a row names the row's [number](Error::copy_row) and its [ROWID](Error::row_id). The
/// number is in the context of the server's message (`COPY employees, line 3`: rows of a binary COPY count from 1, its header
/// does not count). Such an error comes late: the server checks indexes after up to 1000 rows, what lies in the
/// sockets' buffers comes on top, and tokio-postgres hands it over in [`finish`](Self::finish) only. The ROWIDs of the last
/// 131 072 rows are kept for that (of the last 4 MiB of ROWIDs, where they are long), so a COPY of more rows may have an error
/// with a number and no ROWID; [`ChunkLoad`](crate::ChunkLoad) ends its COPY before that and begins another.
pub struct CopyWriter {
    // The sink is not `Unpin`. None between two COPYs.
    sink: Option<Pin<Box<CopyInSink<Bytes>>>>,
    statement: Statement,
    encoder: CopyEncoder,
    buffer: BytesMut,
    bytes: u64,
    row_ids: RecentRowIds,
}

impl CopyWriter {
    /// Begins the COPY on `client`, inside its open transaction if there is one (`transaction.client()`).
    pub async fn begin(client: &Client, encoder: CopyEncoder) -> Result<Self> {
        let statement = encoder.copy_statement().to_owned();
        Self::open(client, encoder, &statement).await
    }

    /// As [`begin`](Self::begin), with `FREEZE`: the rows need no later VACUUM to freeze them, and no hint bits to be set.
    ///
    /// The server allows it only for an ordinary table that this transaction has created or truncated, not within a later
    /// savepoint, and where nothing else is open in the session; otherwise the error is of kind [`ErrorKind::Freeze`] and
    /// says why. Once committed, transactions that began earlier see the rows too.
    pub async fn begin_frozen(client: &Client, encoder: CopyEncoder) -> Result<Self> {
        let statement = encoder.copy_statement();
        let statement = format!("{}, FREEZE)", statement.strip_suffix(')').unwrap_or(statement));
        // The server looks whether it may freeze once it has the header, and that is only heard of at the end of a COPY.
        let probe = async {
            let mut writer = Self::open(client, encoder, &statement).await?;
            writer.pause().await.map(|_| writer)
        };
        let mut writer = probe.await.map_err(|e| match e.sql_state() {
            Some("55000" | "25000" | "0A000") => e.with_kind(ErrorKind::Freeze).with_message(
                "rows cannot be frozen: truncate or create the table in this transaction first, outside of any savepoint",
            ),
            _ => e,
        })?;
        writer.resume(client).await?;
        Ok(writer)
    }

    async fn open(client: &Client, encoder: CopyEncoder, statement: &str) -> Result<Self> {
        let statement = client.prepare(statement).await.map_err(|e| cannot_begin(&encoder, e))?;
        let (buffer, row_ids) = (BytesMut::with_capacity(SEND_MOST), RecentRowIds::default());
        let mut writer = CopyWriter { sink: None, statement, encoder, buffer, bytes: 0, row_ids };
        writer.resume(client).await?;
        Ok(writer)
    }

    /// Writes the rows of `batch` from `from_row` on and returns how many. At a value that does not fit, the rows before it
    /// are written and the COPY can go on: see [`CopyEncoder::encode_rows`]. After any other error it cannot.
    ///
    /// An error that the server found in earlier rows comes to light in [`finish`](Self::finish) only.
    pub async fn write(&mut self, batch: &RowBatch, from_row: usize) -> Result<usize> {
        self.write_range(batch, from_row..batch.rows()).await
    }

    /// Writes one row of values that are in no batch: `fill` pushes one for each column, see [`CopyEncoder::encode_values`]. Where a value
    /// does not fit nothing of the row is written, and the COPY can go on. After any other error it cannot.
    ///
    /// # Panics
    /// As there.
    #[inline(always)]
    pub async fn write_values(
        &mut self,
        row_id: Option<&str>,
        fill: impl FnOnce(&mut OpenRow<'_>) -> std::result::Result<(), FieldError>,
    ) -> Result<()> {
        self.encoder.encode_values(row_id, &mut self.buffer, fill)?;
        self.row_ids.push(row_id);
        if self.unsent() >= SEND_AT { self.send().await } else { Ok(()) }
    }

    /// Bytes produced so far, framing included.
    pub fn bytes(&self) -> u64 {
        self.bytes + self.unsent() as u64
    }

    /// Bytes of them that are not sent.
    #[inline]
    fn unsent(&self) -> usize {
        self.buffer.len() + self.encoder.held()
    }

    /// What values of the rows written so far lost, by column: as [`CopyEncoder::losses`].
    pub fn losses(&self) -> impl Iterator<Item = (&str, &LossCounts)> {
        self.encoder.losses()
    }

    /// Ends the COPY and returns the number of rows that the server took. They are durable once the surrounding transaction is.
    pub async fn finish(mut self) -> Result<u64> {
        self.pause().await
    }

    /// As [`write`](Self::write), some rows of the batch.
    pub(crate) async fn write_range(&mut self, batch: &RowBatch, rows: Range<usize>) -> Result<usize> {
        let mut at = rows.start;
        while at < rows.end {
            let most = SEND_AT.saturating_sub(self.unsent());
            let encoded = self.encoder.hold_range(batch, at..rows.end, most, &mut self.buffer);
            let end = match &encoded {
                Ok(count) => at + count,
                Err(error) => error.row().unwrap_or(at),
            };
            (at..end).for_each(|row| self.row_ids.push(batch.row_id(row)));
            at = end;
            encoded?;
            if self.unsent() >= SEND_AT {
                self.send().await?;
            }
        }
        Ok(rows.len())
    }

    /// Writes a row some of whose values are LOBs that `reader`, which has read the batch, reads piece by piece. Nothing of the row is
    /// sent before all else in it is known to fit; an error after that breaks the COPY.
    pub(crate) async fn write_streamed_row<R: BatchReader>(
        &mut self,
        batch: &RowBatch,
        row: usize,
        reader: &mut R,
    ) -> Result<()> {
        let parts = self.encoder.streamed_row(batch, row, reader)?;
        self.encoder.flush(&mut self.buffer);
        self.row_ids.push(batch.row_id(row));
        for part in parts {
            self.buffer.extend_from_slice(&part.head);
            match part.behind {
                Behind::Body(body) => self.send_body(body).await?,
                Behind::Lob { lob, column } => {
                    let sent = self.send_lob(lob, reader).await;
                    sent.map_err(|e| match e.kind() {
                        ErrorKind::Source => self.encoder.at(e, batch, row, column),
                        _ => e,
                    })?;
                }
            }
        }
        if self.buffer.len() >= SEND_AT { self.send().await } else { Ok(()) }
    }

    /// The bytes of a LOB whose length has been sent.
    async fn send_lob<R: BatchReader>(&mut self, lob: StreamedLob, reader: &mut R) -> Result<()> {
        let mut length = 0;
        loop {
            let Some(more) = next_piece(lob, reader, &mut self.buffer)? else { break };
            length += more;
            if length > lob.length {
                break;
            }
            if self.buffer.len() >= SEND_AT {
                self.send().await?;
            }
        }
        if length == lob.length { Ok(()) } else { Err(cut_short(lob, length)) }
    }

    /// Bytes that are ready and are not copied.
    async fn send_body(&mut self, mut body: Bytes) -> Result<()> {
        if body.len() <= SEND_AT {
            self.buffer.extend_from_slice(&body);
            return Ok(());
        }
        self.send().await?;
        self.bytes += body.len() as u64;
        while !body.is_empty() {
            let message = body.split_to(body.len().min(SEND_MOST));
            self.feed(message).await?;
        }
        Ok(())
    }

    /// What values of the rows written since the last call lost, by position of the column.
    pub(crate) fn take_losses(&mut self) -> Vec<(usize, LossCounts)> {
        self.encoder.take_losses()
    }

    /// Rows of the COPY so far.
    pub(crate) fn rows(&self) -> u64 {
        self.row_ids.rows()
    }

    /// Whether a COPY is open.
    pub(crate) fn is_open(&self) -> bool {
        self.sink.is_some()
    }

    /// Ends the COPY and returns the number of rows that the server took; [`resume`](Self::resume) begins the next.
    pub(crate) async fn pause(&mut self) -> Result<u64> {
        self.encoder.trailer(&mut self.buffer);
        self.send().await?;
        let mut sink = self.sink.take().ok_or_else(|| self.not_open())?;
        sink.as_mut().finish().await.map_err(|e| self.failed(e))
    }

    /// Begins another COPY, whose rows count from 1 again.
    pub(crate) async fn resume(&mut self, client: &Client) -> Result<()> {
        let sink = client.copy_in(&self.statement).await.map_err(|e| cannot_begin(&self.encoder, e))?;
        self.sink = Some(Box::pin(sink));
        // Nothing of a COPY that broke.
        self.encoder.flush(&mut self.buffer);
        self.buffer.clear();
        self.bytes = 0;
        self.row_ids.clear();
        self.encoder.header(&mut self.buffer);
        Ok(())
    }

    async fn send(&mut self) -> Result<()> {
        self.bytes += self.unsent() as u64;
        if !self.buffer.is_empty() {
            if self.encoder.held() < COPY_BELOW {
                self.encoder.flush(&mut self.buffer);
            }
            while !self.buffer.is_empty() {
                let length = self.buffer.len().min(SEND_MOST);
                let message = self.buffer.split_to(length).freeze();
                self.feed(message).await?;
            }
            self.buffer.reserve(SEND_MOST);
        }
        if self.encoder.held() > 0 {
            let rows = self.encoder.take_held();
            self.feed(rows).await?;
        }
        Ok(())
    }

    async fn feed(&mut self, message: Bytes) -> Result<()> {
        let Some(sink) = &mut self.sink else { return Err(self.not_open()) };
        let fed = sink.feed(message).await;
        fed.map_err(|e| self.failed(e))
    }

    fn not_open(&self) -> Error {
        Error::new(ErrorKind::State, "no COPY is open").with_table(self.encoder.table())
    }

    fn failed(&self, error: tokio_postgres::Error) -> Error {
        let Some(db) = error.as_db_error() else {
            return Error::postgres("COPY failed", error).with_table(self.encoder.table());
        };
        let context = db.where_().and_then(|context| Context::parse(context, self.encoder.table()));
        let line = context.as_ref().map(|c| c.line).filter(|_| is_about_a_row(db));
        let column = db.column().or(context.as_ref().and_then(|c| c.column));
        let (column, object) = (column.map(str::to_owned), db.constraint().map(str::to_owned));
        let doing = match db.code().code() {
            "53100" => {
                "COPY failed, the server's disk is full: make room there and load again; nothing of this COPY is kept"
            }
            _ => "COPY failed",
        };
        let mut error = Error::postgres(doing, error).with_table(self.encoder.table());
        if let Some(column) = column {
            error = error.with_column(column);
        }
        if let Some(object) = object {
            error = error.with_object(object);
        }
        match line {
            Some(line) => error.with_copy_row(line).with_row_id(self.row_ids.get(line)),
            None => error,
        }
    }
}

/// Whether the server refused one row for what is in it, so that the others would go in without it. A row that is
/// refused for its framing (22P03, 22P04) is not what it seems: the table is not the one that was planned.
pub(crate) fn is_refused_row(error: &Error) -> bool {
    error.copy_row().is_some() && !matches!(error.sql_state(), Some("22P03" | "22P04"))
}

/// Whether an error is about the row in its context. A full disk or a cancelled statement only happens to come at one.
fn is_about_a_row(db: &DbError) -> bool {
    // Data exceptions, broken constraints, program limits such as the size of an index's row, RAISE of a function or a trigger.
    ["22", "23", "54", "P0"].iter().any(|class| db.code().code().starts_with(class))
}

fn cannot_begin(encoder: &CopyEncoder, error: tokio_postgres::Error) -> Error {
    Error::postgres("COPY cannot begin", error).with_table(encoder.table())
}

/// What the server's context says of an error in a COPY: `COPY employees, line 3, column salary`.
#[derive(Debug, PartialEq, Eq)]
struct Context<'a> {
    line: u64,
    column: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// `table` is `schema.name`; the context has the name alone. The words between name and number are in the server's
    /// language, and only English ones tell where a column's name begins.
    fn parse(context: &'a str, table: &str) -> Option<Self> {
        // Functions called by a constraint come first. Names may have points and line ends in them.
        let starts = std::iter::once(0).chain(context.match_indices('\n').map(|(at, _)| at + 1));
        let lines = starts.filter_map(|at| context[at..].strip_prefix("COPY "));
        let names = table.match_indices('.').map(|(at, _)| &table[at + 1..]);
        let after = lines.flat_map(|line| names.clone().filter_map(move |name| line.strip_prefix(name))).last()?;
        let number = &after[after.find(|c: char| c.is_ascii_digit())?..];
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        Some(Context { line: number[..end].parse().ok()?, column: number[end..].strip_prefix(", column ") })
    }
}

impl std::fmt::Debug for CopyWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyWriter").field("table", &self.encoder.table()).field("bytes", &self.bytes()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_context_gives_row_and_column() {
        let place = |context, table| Context::parse(context, table).map(|c| (c.line, c.column));
        assert_eq!(place("COPY people, line 6", "public.people"), Some((6, None)));
        assert_eq!(place("COPY people, line 60, column salary", "hr.people"), Some((60, Some("salary"))));
        assert_eq!(place("COPY b, line 2, line 3, column a: b", "a.b, line 2"), Some((3, Some("a: b"))));
        assert_eq!(place("COPY t.2, line 7", "s.x.t.2"), Some((7, None)));
        let function = "PL/pgSQL function check_it(integer) line 3 at RAISE\nCOPY people, line 12";
        assert_eq!(place(function, "hr.people"), Some((12, None)));
        // Other languages.
        assert_eq!(place("COPY people, Zeile 18446744073709551615, Spalte name", "hr.people"), Some((u64::MAX, None)));
        assert_eq!(place("COPY people、行5、列 name", "hr.people"), Some((5, None)));
        for other in ["", "COPY", "COPY people", "COPY others, line 4", "COPY people, line", "line 3"] {
            assert_eq!(place(other, "hr.people"), None, "{other}");
        }
        assert_eq!(place("COPY people, line 99999999999999999999", "hr.people"), None);
    }
}
