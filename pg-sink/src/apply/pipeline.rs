use super::operation::Field;
use bytes::Bytes;
use futures_util::SinkExt;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;
use tokio_postgres::{Client, Statement};

/// Statements on their way at once, at most.
const MAX_STATEMENTS: usize = 256;
/// Bytes of parameters on their way at once, at most (unless one statement alone has more).
const MAX_BYTES: usize = 4 << 20;

/// Bytes of a COPY's data in one message.
const MESSAGE: usize = 64 << 10;

/// Sends statements without waiting for each one's result, in order and with a bound on what is under way.
///
/// `T` says what a statement was for; results come back in the order of sending.
pub(super) struct Pipeline<'a, T> {
    client: &'a Client,
    under_way: VecDeque<Sent<'a, T>>,
    bytes: usize,
}

struct Sent<'a, T> {
    what: T,
    bytes: usize,
    reply: Reply<'a>,
}

enum Reply<'a> {
    Awaited(Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>),
    Here(Outcome),
}

pub(super) type Outcome = Result<u64, tokio_postgres::Error>;

impl<'a, T> Pipeline<'a, T> {
    pub(super) fn new(client: &'a Client) -> Self {
        Pipeline { client, under_way: VecDeque::new(), bytes: 0 }
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether a result must be taken before more is sent.
    pub(super) fn is_full(&self) -> bool {
        self.under_way.len() >= MAX_STATEMENTS || self.bytes >= MAX_BYTES
    }

    /// Sends a statement.
    pub(super) async fn send(&mut self, what: T, statement: Statement, parameters: Vec<Field>) {
        let bytes = parameters.iter().map(|Field(f)| f.as_ref().map_or(0, |f| f.len())).sum();
        let client = self.client;
        self.begin(what, bytes, Box::pin(async move { client.execute_raw(&statement, parameters).await })).await;
    }

    /// Sends a COPY's data, waiting until the server has taken most of it. Nothing may be under way.
    pub(super) async fn copy(&mut self, what: T, statement: &Statement, data: Vec<Field>) {
        let mut data: Bytes = data.into_iter().next().and_then(|Field(data)| data).unwrap_or_default();
        let bytes = data.len();
        let client = self.client;
        let sent = async {
            let mut sink = Box::pin(client.copy_in::<_, Bytes>(statement).await?);
            while !data.is_empty() {
                sink.send(data.split_to(data.len().min(MESSAGE))).await?;
            }
            Ok(sink)
        };
        match sent.await {
            Ok(mut sink) => self.begin(what, bytes, Box::pin(async move { sink.as_mut().finish().await })).await,
            Err(error) => self.under_way.push_back(Sent { what, bytes: 0, reply: Reply::Here(Err(error)) }),
        }
    }

    async fn begin(&mut self, what: T, bytes: usize, mut future: Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>) {
        // The first poll is what sends it, so that the order of sending is that of these calls.
        let reply = std::future::poll_fn(|context| {
            Poll::Ready(match future.as_mut().poll(context) {
                Poll::Ready(outcome) => Some(outcome),
                Poll::Pending => None,
            })
        })
        .await
        .map_or(Reply::Awaited(future), Reply::Here);
        self.bytes += bytes;
        self.under_way.push_back(Sent { what, bytes, reply });
    }

    /// The oldest statement's result; `None` where nothing is under way.
    pub(super) async fn next(&mut self) -> Option<(T, Outcome)> {
        let sent = self.under_way.pop_front()?;
        self.bytes -= sent.bytes;
        let outcome = match sent.reply {
            Reply::Here(outcome) => outcome,
            Reply::Awaited(future) => future.await,
        };
        Some((sent.what, outcome))
    }
}
