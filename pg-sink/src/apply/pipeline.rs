use super::operation::Field;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;
use tokio_postgres::{Client, Statement};

/// Statements on their way at once, at most.
const MAX_STATEMENTS: usize = 256;
/// Bytes of parameters on their way at once, at most (unless one statement alone has more).
const MAX_BYTES: usize = 4 << 20;

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
        let mut future: Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> =
            Box::pin(async move { client.execute_raw(&statement, parameters).await });
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
