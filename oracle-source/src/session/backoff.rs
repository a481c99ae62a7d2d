use crate::Error;
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// How long to wait before something that failed is tried again. It does not wait itself.
///
/// ```
/// # use oracle_source::{Backoff, Error};
/// # fn attempt() -> Result<(), Error> { Ok(()) }
/// let mut backoff = Backoff::default();
/// let done = loop {
///     match attempt() {
///         Ok(done) => break done,
///         Err(error) => match backoff.after(&error) {
///             Some(wait) => std::thread::sleep(wait),
///             None => return Err(error),
///         },
///     }
/// };
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    /// The longest first wait; each wait after it is up to twice as long as the one before.
    pub first: Duration,
    /// No wait is longer than this.
    pub longest: Duration,
    /// How often may be tried in all, the first time included.
    pub attempts: u32,
    failed: u32,
}

impl Default for Backoff {
    /// Five attempts; waits of up to 0.5, 1, 2 and 4 seconds.
    fn default() -> Self {
        Backoff::new(Duration::from_millis(500), Duration::from_secs(30), 5)
    }
}

impl Backoff {
    /// With these limits.
    pub fn new(first: Duration, longest: Duration, attempts: u32) -> Self {
        Backoff { first, longest, attempts, failed: 0 }
    }

    /// The wait after this error; `None` where it does not pass by itself ([`Error::is_transient`]) or it was tried often enough.
    pub fn after(&mut self, error: &Error) -> Option<Duration> {
        if error.is_transient() { self.next_wait() } else { None }
    }

    /// The wait after a failure that the caller knows to pass by itself; `None` where it was tried often enough.
    ///
    /// Between half of the wait and all of it, by chance: many readers that lost one server do not all come back at once.
    pub fn next_wait(&mut self) -> Option<Duration> {
        self.failed += 1;
        if self.failed >= self.attempts {
            return None;
        }
        let doubled = 1_u32.checked_shl(self.failed - 1).unwrap_or(u32::MAX);
        let wait = self.first.saturating_mul(doubled).min(self.longest);
        // Each RandomState has keys of its own.
        let chance = u32::try_from(RandomState::new().hash_one(0) % 1024).unwrap_or(0);
        Some(wait / 2 + wait / 2 * chance / 1024)
    }

    /// It worked: failures are counted anew.
    pub fn reset(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn waits_grow_and_end() {
        let passing = Error::new(ErrorKind::Timeout, "x");
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(300), 5);
        for _ in 0..2 {
            let waits: Vec<_> = std::iter::from_fn(|| backoff.after(&passing)).collect();
            assert_eq!(waits.len(), 4);
            for (wait, longest) in waits.iter().zip([100, 200, 300, 300]) {
                let longest = Duration::from_millis(longest);
                assert!((longest / 2..=longest).contains(wait), "{waits:?}");
            }
            backoff.reset();
        }
        assert_eq!(Backoff::default().after(&Error::new(ErrorKind::WrongCredentials, "x")), None);
    }
}
