//! Which log files hold the redo of a window. Nothing here speaks to a database.

use crate::{Error, ErrorKind};
use cdc_logminer::{Irregularity, RedoBatch, RedoGap};
use std::collections::{BTreeMap, BTreeSet};
use type_convert::Scn;

/// One log of one redo thread, with the files that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) thread: u16,
    pub(super) sequence: u64,
    pub(super) archived: bool,
    /// First SCN that may be in it.
    pub(super) first: u64,
    /// First SCN that is not in it any more.
    pub(super) next: u64,
    pub(super) current: bool,
    pub(super) bytes: u64,
    /// The same log in several places, the best first: archived copies by destination, then members of the online group. None where it is known
    /// to have been archived and is not there any more.
    pub(super) files: Vec<String>,
}

/// What is known of one redo thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Thread {
    /// An instance has it open.
    pub(super) open: bool,
    /// The last SCN that it has written.
    pub(super) last_redo: u64,
    /// It has no redo before this SCN.
    pub(super) enabled_at: u64,
    /// The last of its logs that ends at or before where reading begins, there or not.
    pub(super) ended: Option<u64>,
}

pub(super) type Threads = BTreeMap<u16, Thread>;

/// The threads as archived logs alone tell them, where `V$THREAD` does not: on a physical standby, of which the Database Reference says that
/// "this view does not return meaningful results". Each thread is taken to be open, but for those that are known to have `ended` for good; `before` has
/// the last log of each that ends where reading begins.
pub(super) fn archived_threads(found: &[Log], before: &BTreeMap<u16, u64>, ended: &BTreeSet<u16>) -> Threads {
    let mut threads = Threads::new();
    let numbers = found.iter().map(|log| log.thread).chain(before.keys().copied());
    for number in numbers {
        threads.entry(number).or_insert_with(|| {
            // Sequences of an incarnation begin with 1: the thread has no redo from before that.
            let first = found.iter().find(|log| log.thread == number && log.sequence == 1);
            Thread {
                open: !ended.contains(&number),
                enabled_at: first.map_or(0, |log| log.first),
                ended: before.get(&number).copied(),
                ..Thread::default()
            }
        });
    }
    threads
}

/// Whether an open thread has no archived log yet with redo after `after`: it is behind the others, or idle.
pub(super) fn waits_for_a_thread(found: &[Log], threads: &Threads, after: u64) -> bool {
    let has_more = |number: u16| found.iter().any(|log| log.thread == number && log.archived && log.next > after + 1);
    threads.iter().any(|(number, thread)| thread.open && !has_more(*number))
}

/// The logs for the redo of `after` (exclusive) to `upto` (inclusive): one for each thread and sequence, archived ones
/// first, without a gap in any thread. A thread that is open must reach over the whole window; a closed one has what it has.
pub(super) fn select(found: &[Log], threads: &Threads, after: u64, upto: u64) -> Result<Vec<Log>, Error> {
    let mut by_thread: BTreeMap<u16, BTreeMap<u64, Log>> =
        threads.iter().filter(|(_, thread)| thread.open).map(|(number, _)| (*number, BTreeMap::new())).collect();
    for log in found.iter().filter(|log| log.next > after + 1 && log.first <= upto) {
        by_thread
            .entry(log.thread)
            .or_default()
            .entry(log.sequence)
            .and_modify(|known| {
                if log.archived && !known.archived && !log.files.is_empty() {
                    let online = std::mem::replace(known, log.clone());
                    known.files.extend(online.files);
                } else if !log.archived && known.files.is_empty() {
                    // Archived and deleted, and not overwritten yet.
                    *known = log.clone();
                } else {
                    known.files.extend(log.files.iter().cloned());
                }
            })
            .or_insert_with(|| log.clone());
    }
    let gone = |thread, sequence, what: String| {
        Error::new(
            ErrorKind::RedoGone { thread, sequence },
            format!("{what}: restore the archived log files where the database expects them, or load anew"),
        )
        .with_scn(Scn(after))
    };
    let mut logs = Vec::new();
    for (number, by_sequence) in by_thread {
        let thread = threads.get(&number).copied().unwrap_or_default();
        let first = by_sequence.values().next();
        if !reaches_back(thread, first, after, upto) {
            let sequence = first.map_or(0, |log| log.sequence.saturating_sub(1));
            return Err(gone(number, sequence, format!("no log file of redo thread {number} reaches back to the SCN")));
        }
        let mut previous: Option<(u64, u64, bool)> = None;
        for log in by_sequence.into_values() {
            if let Some((sequence, _, _)) = previous
                && log.sequence != sequence + 1
            {
                let sequence = sequence + 1;
                return Err(gone(
                    number,
                    sequence,
                    format!("log sequence {sequence} of redo thread {number} is missing"),
                ));
            }
            if log.files.is_empty() {
                let sequence = log.sequence;
                return Err(gone(
                    number,
                    sequence,
                    format!("log sequence {sequence} of redo thread {number} is there no more"),
                ));
            }
            previous = Some((log.sequence, log.next, log.current));
            logs.push(log);
        }
        if let Some((sequence, next, current)) = previous
            && thread.open
            && !current
            && next <= upto
        {
            // A later one is there already: it is no switch.
            if found.iter().any(|log| log.thread == number && log.sequence > sequence) {
                let sequence = sequence + 1;
                return Err(gone(
                    number,
                    sequence,
                    format!("log sequence {sequence} of redo thread {number} is missing"),
                ));
            }
            // Its successor was there a moment ago: a switch happened between the queries, or it is not archived yet.
            return Err(Error::new(
                ErrorKind::RedoMoved,
                format!("the log files of redo thread {number} end at SCN {next}: a log switch is under way"),
            )
            .with_scn(Scn(after)));
        }
    }
    Ok(logs)
}

/// Whether the thread's first log that is there has all of the thread's redo after `after`.
fn reaches_back(thread: Thread, first: Option<&Log>, after: u64, upto: u64) -> bool {
    match first {
        Some(log) if log.first <= after + 1 => true,
        // It begins later: the thread was enabled only then, or was closed since the log before, which ended earlier. (Logs of closed threads are
        // known as long as the control file keeps their records.)
        Some(log) => {
            thread.enabled_at > after + 1 || thread.ended.is_some_and(|ended| ended + 1 == log.sequence) || !thread.open
        }
        None => !thread.open || thread.enabled_at > upto,
    }
}

/// As far as whole logs hold no more than `max_bytes`; those that hold the beginning are read in any case.
pub(super) fn bound_by_bytes(logs: &[Log], after: u64, upto: u64, max_bytes: u64) -> u64 {
    let mut sorted: Vec<&Log> = logs.iter().collect();
    sorted.sort_by_key(|log| log.first);
    let mut bytes = 0_u64;
    for log in sorted {
        bytes = bytes.saturating_add(log.bytes);
        if bytes > max_bytes && log.first > after + 1 {
            return upto.min(log.first - 1);
        }
    }
    upto
}

/// The last SCN up to which every open thread's redo after `after` is in archived logs without a gap; `after` where there is none.
pub(super) fn archived_reach(found: &[Log], threads: &Threads, after: u64) -> u64 {
    let mut reach: Option<u64> = None;
    for (number, _) in threads.iter().filter(|(_, thread)| thread.open) {
        let mut logs: Vec<&Log> =
            found.iter().filter(|log| log.thread == *number && log.archived && log.next > after + 1).collect();
        // Of several copies one that is there.
        logs.sort_by_key(|log| (log.sequence, log.files.is_empty()));
        logs.dedup_by_key(|log| log.sequence);
        let mut end: Option<(u64, u64)> = None;
        for log in logs {
            if log.files.is_empty() || end.is_some_and(|(sequence, _)| sequence + 1 != log.sequence) {
                break;
            }
            end = Some((log.sequence, log.next));
        }
        let of_thread = end.map_or(after, |(_, next)| next - 1);
        reach = Some(reach.map_or(of_thread, |reach| reach.min(of_thread)));
    }
    reach.unwrap_or(after)
}

/// The last SCN that can be read before the log which an error says is gone.
pub(super) fn last_before_gap(found: &[Log], after: u64, error: &Error) -> Option<u64> {
    let ErrorKind::RedoGone { thread, sequence } = error.kind() else { return None };
    let before = found.iter().find(|log| log.thread == thread && log.sequence + 1 == sequence)?;
    (before.next > after + 1).then(|| before.next - 1)
}

/// A log that is gone is a gap up to the next one that is there, which the reader's policy may allow; without a next one, an error.
pub(super) fn gap(found: &[Log], after: Scn, error: Error, out: &mut RedoBatch) -> Result<Scn, Error> {
    let ErrorKind::RedoGone { thread, sequence } = error.kind() else { return Err(error) };
    let next = found.iter().filter(|log| log.thread == thread && log.sequence > sequence && !log.files.is_empty());
    let Some(next) = next.min_by_key(|log| log.sequence).filter(|log| log.first > after.0 + 1) else {
        return Err(error);
    };
    let upto = Scn(next.first - 1);
    out.gaps.push(RedoGap {
        irregularity: Irregularity::PurgedLog,
        thread,
        sequence: (sequence > 0).then_some(sequence),
        after,
        upto,
        detail: error.to_string(),
    });
    Ok(upto)
}

/// A log with a part of a dictionary in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DictionaryLog {
    pub(super) thread: u16,
    pub(super) sequence: u64,
    pub(super) first: u64,
    pub(super) next: u64,
    pub(super) begins: bool,
    pub(super) ends: bool,
}

/// First SCN of the newest whole dictionary that ends at or before `after`; `logs` are newest first.
pub(super) fn newest_dictionary(logs: &[DictionaryLog], after: u64) -> Option<u64> {
    logs.iter().enumerate().filter(|(_, log)| log.ends && log.next <= after + 1).find_map(|(at, end)| {
        let mut of_thread = logs[at..].iter().filter(|log| log.thread == end.thread && log.sequence <= end.sequence);
        // The next older log with a part must be its beginning; another end means that the beginning is gone.
        let begin = of_thread.find(|log| log.begins || (log.ends && log.sequence < end.sequence))?;
        begin.begins.then_some(begin.first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(thread: u16, sequence: u64, archived: bool, first: u64, next: u64) -> Log {
        Log {
            thread,
            sequence,
            archived,
            first,
            next,
            current: !archived && next == u64::MAX,
            bytes: 100,
            files: vec![format!("/{}/{thread}_{sequence}", if archived { "arch" } else { "redo" })],
        }
    }

    fn open(numbers: &[u16]) -> Threads {
        numbers.iter().map(|number| (*number, Thread { open: true, ..Thread::default() })).collect()
    }

    fn files(logs: &[Log]) -> Vec<&str> {
        logs.iter().map(|l| l.files[0].as_str()).collect()
    }

    #[test]
    fn archived_logs_win_over_online_ones() {
        let found = [
            log(1, 7, false, 100, 200),
            log(1, 8, false, 200, u64::MAX),
            log(1, 6, true, 50, 100),
            log(1, 7, true, 100, 200),
            Log { files: vec!["/second/1_7".to_owned()], ..log(1, 7, true, 100, 200) },
        ];
        let threads = open(&[1]);
        let select = |after, upto| select(&found, &threads, after, upto).unwrap();
        assert_eq!(files(&select(99, 250)), ["/arch/1_7", "/redo/1_8"]);
        assert_eq!(files(&select(98, 98)), ["/arch/1_6"]);
        assert_eq!(files(&select(98, 99)), ["/arch/1_6"]);
        assert_eq!(files(&select(98, 100)), ["/arch/1_6", "/arch/1_7"]);
        assert_eq!(files(&select(199, 300)), ["/redo/1_8"]);
        assert_eq!(select(99, 150)[0].files, ["/arch/1_7", "/redo/1_7", "/second/1_7"], "other places of the same log");
    }

    #[test]
    fn gaps_are_errors() {
        let threads = open(&[1]);
        let kind = |found: &[Log], after, upto| {
            let error = select(found, &threads, after, upto).unwrap_err();
            assert_eq!(error.scn(), Some(Scn(after)));
            error.kind()
        };
        let gap = [log(1, 5, true, 50, 100), log(1, 7, false, 200, u64::MAX)];
        assert_eq!(kind(&gap, 60, 300), ErrorKind::RedoGone { thread: 1, sequence: 6 });
        assert_eq!(kind(&gap, 20, 300), ErrorKind::RedoGone { thread: 1, sequence: 4 });
        assert_eq!(kind(&[], 20, 300), ErrorKind::RedoGone { thread: 1, sequence: 0 });
        assert_eq!(kind(&gap[..1], 60, 300), ErrorKind::RedoMoved);
        assert!(select(&gap[1..], &threads, 199, 300).is_ok());
    }

    /// A closed thread's log that was deleted, and nothing after it: its records tell that redo is missing.
    #[test]
    fn logs_that_were_deleted_are_known() {
        let gone = |log: Log| Log { files: Vec::new(), ..log };
        let one = log(1, 9, false, 100, u64::MAX);
        let found = [one.clone(), gone(log(2, 7, true, 100, 350))];
        let error = select(&found, &open(&[1]), 300, 400).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RedoGone { thread: 2, sequence: 7 });
        assert!(select(&found, &open(&[1]), 349, 400).is_ok());
        // Another copy of it, or the online log that it was, is enough.
        let copy = [gone(log(2, 7, true, 100, 350)), log(2, 7, true, 100, 350), one.clone()];
        assert_eq!(files(&select(&copy, &open(&[1]), 300, 400).unwrap()), ["/redo/1_9", "/arch/2_7"]);
        let online = [gone(log(2, 7, true, 100, 350)), log(2, 7, false, 100, 350), one];
        assert_eq!(files(&select(&online, &open(&[1]), 300, 400).unwrap()), ["/redo/1_9", "/redo/2_7"]);
        let end = [log(1, 5, true, 50, 100), gone(log(1, 6, true, 100, 200)), log(1, 7, true, 200, 300)];
        assert_eq!(archived_reach(&end, &open(&[1]), 60), 99);
        assert_eq!(archived_reach(&end, &open(&[1]), 99), 99);
        let mut out = RedoBatch::default();
        let error = select(&end, &open(&[1]), 99, 250).unwrap_err();
        assert_eq!(gap(&end, Scn(99), error, &mut out).unwrap(), Scn(199));
        assert_eq!(out.gaps[0].sequence, Some(6));
    }

    /// A standby does not tell which threads are open: whatever has archived logs is waited for.
    #[test]
    fn threads_of_a_standby() {
        let found = [
            log(1, 9, true, 100, 200),
            log(1, 10, true, 200, 300),
            log(2, 5, true, 90, 150),
            log(3, 1, true, 180, 250),
        ];
        let before = BTreeMap::from([(2, 4), (4, 7)]);
        let threads = archived_threads(&found, &before, &BTreeSet::new());
        assert_eq!(threads.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(threads.values().all(|thread| thread.open));
        assert_eq!((threads[&3].enabled_at, threads[&2].ended, threads[&4].ended), (180, Some(4), Some(7)));
        assert!(waits_for_a_thread(&found, &threads, 120), "thread 4 has nothing new");
        assert_eq!(archived_reach(&found, &threads, 120), 120);
        let without = archived_threads(&found, &before, &BTreeSet::from([4]));
        assert!(!waits_for_a_thread(&found, &without, 120));
        assert_eq!(archived_reach(&found, &without, 120), 149, "thread 2 is the slowest");
        assert_eq!(files(&select(&found, &without, 120, 149).unwrap()), ["/arch/1_9", "/arch/2_5"]);
        assert!(waits_for_a_thread(&found, &without, 149), "for thread 2");
    }

    #[test]
    fn closed_threads_do_not_block() {
        let found = [log(1, 9, false, 100, u64::MAX), log(2, 3, true, 150, 180), log(3, 1, true, 10, 20)];
        let logs = select(&found, &open(&[1]), 120, 300).unwrap();
        assert_eq!(files(&logs), ["/redo/1_9", "/arch/2_3"]);
        let error = select(&found, &open(&[1, 2]), 120, 300).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RedoGone { thread: 2, sequence: 2 });
    }

    /// An instance that was down, or is new, has no redo from before: that is no gap.
    #[test]
    fn threads_that_were_opened_meanwhile() {
        let found = [log(1, 9, false, 100, u64::MAX), log(2, 8, false, 500, u64::MAX)];
        let with = |thread: Thread| {
            let threads = Threads::from([(1, Thread { open: true, ..Thread::default() }), (2, thread)]);
            select(&found, &threads, 300, 600).map(|logs| logs.len())
        };
        let thread = Thread { open: true, ..Thread::default() };
        assert_eq!(with(Thread { ended: Some(7), ..thread }).unwrap(), 2);
        assert_eq!(with(Thread { enabled_at: 480, ..thread }).unwrap(), 2);
        let lost = ErrorKind::RedoGone { thread: 2, sequence: 7 };
        assert_eq!(with(Thread { ended: Some(6), ..thread }).unwrap_err().kind(), lost);
        assert_eq!(with(thread).unwrap_err().kind(), lost);
        // Opened after the window: not needed for it.
        let threads = Threads::from([(1, thread), (2, Thread { enabled_at: 900, ..thread })]);
        assert_eq!(select(&found[..1], &threads, 300, 600).unwrap().len(), 1);
    }

    #[test]
    fn bytes_bound_a_window_at_a_log() {
        let logs =
            [log(1, 5, true, 50, 100), log(2, 3, true, 60, 150), log(1, 6, true, 100, 200), log(1, 7, true, 200, 300)];
        assert_eq!(bound_by_bytes(&logs, 60, 299, 1000), 299);
        assert_eq!(bound_by_bytes(&logs, 60, 299, 300), 199);
        assert_eq!(bound_by_bytes(&logs, 60, 299, 200), 99);
        assert_eq!(bound_by_bytes(&logs, 60, 299, 1), 99, "what holds the beginning is read in any case");
        assert_eq!(bound_by_bytes(&logs, 60, 80, 200), 80);
    }

    #[test]
    fn archived_logs_reach_as_far_as_every_open_thread() {
        let found = [
            log(1, 5, true, 50, 100),
            log(1, 6, true, 100, 200),
            log(1, 6, true, 100, 200),
            log(1, 8, true, 300, 400),
            log(2, 3, true, 40, 150),
            log(1, 9, false, 400, u64::MAX),
        ];
        assert_eq!(archived_reach(&found, &open(&[1]), 60), 199, "up to the gap");
        assert_eq!(archived_reach(&found, &open(&[1, 2]), 60), 149);
        assert_eq!(archived_reach(&found, &open(&[1, 3]), 60), 60, "a thread that has archived nothing");
        assert_eq!(archived_reach(&found, &open(&[1]), 199), 399);
        assert_eq!(archived_reach(&found, &open(&[1]), 399), 399);
        assert_eq!(archived_reach(&found, &Threads::new(), 60), 60);
    }

    #[test]
    fn the_newest_whole_dictionary() {
        let part = |sequence, begins, ends| DictionaryLog {
            thread: 1,
            sequence,
            first: sequence * 10,
            next: sequence * 10 + 10,
            begins,
            ends,
        };
        let one = [part(9, true, true), part(5, true, true)];
        assert_eq!(newest_dictionary(&one, 99), Some(90));
        assert_eq!(newest_dictionary(&one, 98), Some(50), "the newer one is not over yet");
        assert_eq!(newest_dictionary(&one, 20), None);
        assert_eq!(newest_dictionary(&[part(9, false, true), part(7, true, false)], 99), Some(70));
        assert_eq!(newest_dictionary(&[part(9, false, true), part(5, true, true)], 99), None.or(Some(50)));
        assert_eq!(newest_dictionary(&[part(9, true, false)], 200), None);
    }

    proptest! {
        /// Whatever copies there are and whichever logs are gone: a selection has each log of a thread once, without a gap, over the window.
        #[test]
        fn selections_are_whole(
            bounds in proptest::collection::vec(1_u64..50, 2..12),
            gone in proptest::collection::vec(any::<bool>(), 12),
            copies in proptest::collection::vec(0_usize..3, 12),
            after in 0_u64..200,
            length in 1_u64..200,
        ) {
            let (mut found, mut first) = (Vec::new(), 1);
            for (n, size) in bounds.iter().enumerate() {
                let last = n + 1 == bounds.len();
                let next = if last { u64::MAX } else { first + size };
                if !gone[n] || last {
                    found.push(log(1, n as u64 + 1, false, first, next));
                }
                if !last {
                    for _ in 0..copies[n] {
                        found.push(log(1, n as u64 + 1, true, first, next));
                    }
                }
                first = next;
            }
            let upto = after + length;
            match select(&found, &open(&[1]), after, upto) {
                Ok(logs) => {
                    prop_assert!(logs[0].first <= after + 1 && logs.last().unwrap().next > upto);
                    for pair in logs.windows(2) {
                        prop_assert_eq!(pair[0].next, pair[1].first);
                    }
                    for log in &logs {
                        let archived = found.iter().any(|l| l.sequence == log.sequence && l.archived);
                        prop_assert_eq!(log.archived, archived);
                        prop_assert_eq!(log.files.len(), found.iter().filter(|l| l.sequence == log.sequence).count());
                    }
                }
                Err(error) => {
                    let is_gone = matches!(error.kind(), ErrorKind::RedoGone { .. });
                    prop_assert!(is_gone, "{error}");
                    let missing = |n: u64| !found.iter().any(|l| l.sequence == n + 1);
                    prop_assert!((0..bounds.len() as u64).any(missing));
                }
            }
        }
    }
}
