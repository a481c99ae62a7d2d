use super::applier::Applier;
use super::options::ApplyOptions;
use crate::{Control, Error, ErrorKind, Result};
use cdc_logminer::{ChangeSink, Position, Transaction};
use schema_map::TablePlan;
use std::fmt;
use std::time::Duration;
use tokio_postgres::Client;

/// How often and after which pauses a batch is tried again where it failed for reasons that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often in all, the first time included. 10 unless set.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long. 100 ms unless set.
    pub first_pause: Duration,
    /// No pause is longer. 30 s unless set.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry { attempts: 10, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(30) }
    }
}

impl Retry {
    /// The pause before this attempt, which are counted from 1.
    fn pause(&self, attempt: u32) -> Duration {
        match attempt.checked_sub(2) {
            None => Duration::ZERO,
            Some(doublings) => {
                self.first_pause.saturating_mul(1u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(self.longest_pause)
            }
        }
    }
}

/// What a closure that connects is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which attempt it is, from 1.
    pub number: u32,
    /// How long to wait before connecting: this crate does not sleep by itself. Zero at first.
    pub pause: Duration,
}

/// An [`Applier`] that outlives its connections: what fails for reasons that pass ([`Error::is_transient`], decided by SQLSTATE) is done again
/// on a new connection. The guard on the position makes a repeat harmless: a batch that was committed before its connection died is not
/// applied again.
///
/// `connect` waits as long as it is told, and then makes a connection. Its own errors are tried again as well, as far as they are transient.
///
/// ```no_run
/// # async fn example(url: String, plans: Vec<schema_map::TablePlan>) -> pg_sink::Result<()> {
/// use pg_sink::{ApplyOptions, Attempt, Control, ReconnectingApplier, Retry};
/// use tokio_postgres::NoTls;
///
/// let connect = move |attempt: Attempt| {
///     let url = url.clone();
///     async move {
///         // tokio::time::sleep(attempt.pause).await;
///         let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
///         // tokio::spawn(connection);
///         Ok(client)
///     }
/// };
/// let mut applier =
///     ReconnectingApplier::new(connect, Control::default(), plans, ApplyOptions::default(), Retry::default());
/// let first = applier.applier().await?;
/// assert!(!first.fires_triggers());
/// # Ok(()) }
/// ```
pub struct ReconnectingApplier<F> {
    connect: F,
    control: Control,
    plans: Vec<TablePlan>,
    options: ApplyOptions,
    retry: Retry,
    applier: Option<Applier>,
    /// The position that the target had when it was last heard of.
    known: Option<Position>,
}

impl<F, Fut> ReconnectingApplier<F>
where
    F: FnMut(Attempt) -> Fut + Send,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>> + Send,
{
    /// Connects when it is first used.
    pub fn new(connect: F, control: Control, plans: Vec<TablePlan>, options: ApplyOptions, retry: Retry) -> Self {
        ReconnectingApplier { connect, control, plans, options, retry, applier: None, known: None }
    }

    /// The applier, on a connection that was alive when it was last used; connects where there is none.
    pub async fn applier(&mut self) -> Result<&mut Applier> {
        let mut attempt = 1;
        while self.applier.is_none() {
            if let Err(error) = self.try_connect(attempt).await {
                self.may_try_again(&error, &mut attempt).ok_or(error)?;
            }
        }
        self.applier.as_mut().ok_or_else(|| Error::new(ErrorKind::Connection, "there is no connection"))
    }

    async fn try_connect(&mut self, number: u32) -> Result<()> {
        if self.applier.is_none() {
            let attempt = Attempt { number, pause: self.retry.pause(number) };
            let client = (self.connect)(attempt).await.map_err(|e| Error::postgres("connecting to the target", e))?;
            let applier =
                Applier::with_options(client, self.control.clone(), &self.plans, self.options.clone()).await?;
            self.applier = Some(applier);
        }
        Ok(())
    }

    /// Counts an attempt that failed; `None`: it was the last, or it makes no sense to try again.
    fn may_try_again(&mut self, error: &Error, attempt: &mut u32) -> Option<()> {
        if !error.is_transient() {
            return None;
        }
        // Whatever is left of it is not to be trusted.
        self.applier = None;
        *attempt += 1;
        (*attempt <= self.retry.attempts).then_some(())
    }

    async fn try_position(&mut self, attempt: u32) -> Result<Option<Position>> {
        self.try_connect(attempt).await?;
        let position = self.applier().await?.position().await?;
        self.known.clone_from(&position);
        Ok(position)
    }

    async fn try_apply(&mut self, transactions: &[Transaction], position: &Position, attempt: u32) -> Result<()> {
        let is_new = self.applier.is_none();
        self.try_connect(attempt).await?;
        let known = self.known.clone();
        let applier = self.applier().await?;
        if is_new {
            let stored = applier.position().await?;
            if attempt > 1 && stored.as_ref() == Some(position) {
                // It was committed, only the answer was lost.
                self.known = stored;
                return Ok(());
            }
            if known.is_some() && stored != known {
                let message =
                    "the position was moved by somebody else while the connection was lost: another applier is at work";
                return Err(Error::new(ErrorKind::State, message));
            }
        }
        applier.apply(transactions, position).await?;
        self.known = Some(position.clone());
        Ok(())
    }
}

impl<F, Fut> ChangeSink for ReconnectingApplier<F>
where
    F: FnMut(Attempt) -> Fut + Send,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>> + Send,
{
    type Error = Error;

    async fn position(&mut self) -> Result<Option<Position>> {
        let mut attempt = 1;
        loop {
            match self.try_position(attempt).await {
                Err(error) => self.may_try_again(&error, &mut attempt).ok_or(error)?,
                found => return found,
            }
        }
    }

    async fn apply(&mut self, transactions: &[Transaction], position: &Position) -> Result<()> {
        if self.known.is_none() {
            self.position().await?;
        }
        let mut attempt = 1;
        loop {
            match self.try_apply(transactions, position, attempt).await {
                Err(error) => self.may_try_again(&error, &mut attempt).ok_or(error)?,
                Ok(()) => return Ok(()),
            }
        }
    }
}

impl<F> fmt::Debug for ReconnectingApplier<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReconnectingApplier")
            .field("control", &self.control)
            .field("tables", &self.plans.len())
            .field("retry", &self.retry)
            .field("applier", &self.applier)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let retry =
            Retry { attempts: 100, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(3) };
        let pauses: Vec<u128> = (1..=9).map(|n| retry.pause(n).as_millis()).collect();
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1600, 3000, 3000, 3000]);
        assert_eq!(retry.pause(u32::MAX), retry.longest_pause);
    }
}
