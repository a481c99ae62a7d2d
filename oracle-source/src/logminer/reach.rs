//! Up to which SCN redo is certainly in the log files. Nothing here speaks to a database.

use super::log::Threads;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// SCNs and when they were current, oldest first.
#[derive(Debug, Default)]
pub(super) struct Clock(VecDeque<(Instant, u64)>);

impl Clock {
    /// Takes a reading, and tells the newest SCN that was current `settle` ago or before; 0 where none was.
    pub(super) fn settled(&mut self, now: Instant, current: u64, settle: Duration) -> u64 {
        const READINGS: usize = 1000;
        self.0.push_back((now, current));
        // The newest that is old enough; those before it are of no more use.
        while let Some((seen, _)) = self.0.get(1)
            && now.duration_since(*seen) >= settle
        {
            self.0.pop_front();
        }
        let settled = match self.0.front() {
            Some((seen, scn)) if now.duration_since(*seen) >= settle => *scn,
            _ => 0,
        };
        // Polling faster than it settles must not collect readings without end.
        if self.0.len() > READINGS {
            let mut n = 0;
            self.0.retain(|_| {
                n += 1;
                n % 2 == 1
            });
        }
        settled
    }
}

/// Whether at most one thread is open.
pub(super) fn is_alone(threads: &Threads) -> bool {
    threads.values().filter(|thread| thread.open).count() <= 1
}

/// As far as redo has settled; with one open thread, as far as it was written, where that is further. With several, no further than the slowest has
/// written. Redo with that very SCN can still be on its way.
pub(super) fn online_reach(settled: u64, written: u64, threads: &Threads) -> u64 {
    let slowest = || threads.values().filter(|thread| thread.open).map(|thread| thread.last_redo).min();
    let reach = match is_alone(threads) {
        true => settled.max(written),
        false => settled.min(slowest().unwrap_or(0)),
    };
    reach.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::super::log::Thread;
    use super::*;

    #[test]
    fn redo_settles() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut clock = Clock::default();
        let settle = Duration::from_secs(4);
        let told: Vec<u64> =
            [0, 1, 4, 5, 9, 30].into_iter().map(|second| clock.settled(at(second), 100 + second, settle)).collect();
        assert_eq!(told, [0, 0, 100, 101, 105, 109]);
        let mut clock = Clock::default();
        assert_eq!(clock.settled(start, 7, Duration::ZERO), 7);
        for n in 0..10_000 {
            clock.settled(start + Duration::from_micros(n), n, settle);
        }
        assert!(clock.0.len() <= 1001, "{}", clock.0.len());
    }

    #[test]
    fn the_slowest_open_thread_bounds() {
        let thread = |open, last_redo| Thread { open, last_redo, ..Thread::default() };
        let reach = |threads: &[Thread]| {
            online_reach(
                1000,
                0,
                &threads.iter().enumerate().map(|(n, t)| (u16::try_from(n).unwrap() + 1, *t)).collect(),
            )
        };
        assert_eq!(reach(&[thread(true, 500)]), 999, "alone it has written what has settled");
        assert_eq!(reach(&[thread(true, 990), thread(true, 400)]), 399);
        assert_eq!(reach(&[thread(true, 990), thread(false, 400)]), 999, "a closed one does not");
        assert_eq!(reach(&[thread(true, 2000), thread(true, 3000)]), 999);
        assert_eq!(online_reach(0, 0, &Threads::new()), 0);
    }

    #[test]
    fn what_was_written_need_not_settle() {
        let threads = |open: &[bool]| {
            (1..).zip(open).map(|(n, &open)| (n, Thread { open, last_redo: 990, ..Thread::default() })).collect()
        };
        assert_eq!(online_reach(500, 1000, &threads(&[true])), 999);
        assert_eq!(online_reach(500, 1000, &threads(&[true, false])), 999);
        assert_eq!(online_reach(1000, 500, &threads(&[true])), 999);
        assert_eq!(online_reach(500, 1000, &threads(&[true, true])), 499, "the other instance may not have written");
    }
}
