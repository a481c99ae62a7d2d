//! How long archived logs and undo are kept, against the time that the load is expected to take; and how much redo there is.

use super::{Draft, Prerequisite, answer::Answer, site::Site};
use crate::{Error, Session, session::Record, sql};
use schema_map::OracleIdent;
use std::{collections::BTreeMap, time::Duration};

const HOUR: u64 = 3600;

/// Undo that is kept for less long than this hardly outlasts the load of a large chunk; archived logs, an interruption.
const LEAST_UNDO: Duration = Duration::from_secs(900);
const LEAST_LOGS: Duration = Duration::from_secs(24 * HOUR);

/// More switches an hour than this and logs are recycled faster than they can be read comfortably.
const SWITCHES_AN_HOUR: u64 = 12;

/// How long the load is expected to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadTime {
    /// As the caller says.
    Told(Duration),
    /// From the size of the tables.
    Estimated {
        bytes: u64,
        time: Duration,
    },
    Unknown,
}

impl LoadTime {
    /// Size by segments where they may be read, otherwise by statistics where every table has some.
    pub(super) fn estimate<'a>(
        session: &Session,
        owners: impl Iterator<Item = &'a OracleIdent>,
        bytes_per_second: u64,
    ) -> Result<Self, Error> {
        let mut bytes = 0_u64;
        for owner in owners {
            let owner = owner.as_str();
            let segments = Answer::ask(session, "DBA_SEGMENTS", sql::prerequisites::SEGMENT_BYTES, &[&owner])?;
            if let Answer::Rows(rows) = segments {
                bytes = bytes.saturating_add(whole(rows.first(), 0).unwrap_or(0));
                continue;
            }
            let rows = session.query("reading ALL_TABLES", sql::prerequisites::TABLE_BYTES, &[&owner])?;
            let row = rows.first();
            if whole(row, 1) != whole(row, 2) {
                return Ok(LoadTime::Unknown);
            }
            bytes = bytes.saturating_add(whole(row, 0).unwrap_or(0));
        }
        Ok(LoadTime::Estimated { bytes, time: Duration::from_secs(bytes.div_ceil(bytes_per_second.max(1))) })
    }

    fn time(self) -> Option<Duration> {
        match self {
            LoadTime::Told(time) | LoadTime::Estimated { time, .. } => Some(time),
            LoadTime::Unknown => None,
        }
    }
}

impl std::fmt::Display for LoadTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadTime::Told(time) => write!(f, "the load takes {}", span(*time)),
            LoadTime::Estimated { bytes, time } => write!(f, "{} load in about {}", size(*bytes), span(*time)),
            LoadTime::Unknown => f.write_str("how long the load takes is not known: gather statistics, or say it"),
        }
    }
}

pub(super) fn undo(
    site: &Site,
    parameters: &Answer,
    statistics: &Answer,
    spaces: &Answer,
    load: LoadTime,
) -> Prerequisite {
    let draft = Draft::new(
        "undo-retention",
        "Undo is kept for as long as the load takes",
        "rows as of the load's SCN are made from undo; ORA-01555 where it is gone",
    )
    .asks(sql::PARAMETERS)
    .asks(sql::prerequisites::UNDO_STATISTICS)
    .asks(sql::prerequisites::UNDO_TABLESPACES)
    .recommended();
    let Answer::Rows(rows) = parameters else { return draft.hidden(site, parameters) };
    let retention = rows.iter().find(|row| row.get(0) == Some("undo_retention"));
    let Some(retention) = whole(retention, 1).map(Duration::from_secs) else {
        return draft.unknown("UNDO_RETENTION is not among the parameters", []);
    };
    let needed = load.time().unwrap_or(LEAST_UNDO).max(LEAST_UNDO);
    let mut found = format!("UNDO_RETENTION is {}", span(retention));
    // What the database kept of itself, where its undo tablespace can grow or is large.
    if let Some(tuned) = whole(statistics.first(), 0).map(Duration::from_secs) {
        found.push_str(&format!(", at least {} was kept lately", span(tuned)));
    }
    if let Some(failed) = whole(statistics.first(), 2).filter(|failed| *failed > 0) {
        found.push_str(&format!(", {failed} queries failed with ORA-01555 lately"));
    }
    let guaranteed =
        spaces.rows().is_some_and(|rows| !rows.is_empty() && rows.iter().all(|row| row.get(1) == Some("GUARANTEE")));
    found.push_str(if guaranteed { ", guaranteed" } else { ", not guaranteed" });
    found.push_str(&format!("; {load}"));
    if load == LoadTime::Unknown && retention >= needed {
        return draft.unknown(found, []);
    }
    let seconds = needed.as_secs().saturating_mul(3) / 2;
    let mut mend = if site.rds {
        vec![format!("-- in the DB parameter group: undo_retention = {seconds}")]
    } else {
        vec![format!("ALTER SYSTEM SET UNDO_RETENTION = {seconds}")]
    };
    mend.push(
        "-- and let the undo tablespace grow to hold it: it wins over UNDO_RETENTION unless RETENTION GUARANTEE is set"
            .to_owned(),
    );
    draft.found(retention >= needed, found, mend)
}

pub(super) fn archived_logs(site: &Site, ages: &Answer, load: LoadTime) -> Prerequisite {
    let draft = Draft::new(
        "log-retention",
        "Archived logs are kept for longer than the load takes",
        "redo from the begin of the load on is read when it ends; a log that is gone then means a new load",
    )
    .asks(sql::prerequisites::ARCHIVED_LOG_AGES)
    .recommended();
    let Answer::Rows(rows) = ages else { return draft.hidden(site, ages) };
    let needed = load.time().map(|time| (time * 2).max(LEAST_LOGS));
    let row = |deleted: &str| rows.iter().find(|row| row.get(0) == Some(deleted));
    let oldest = whole(row("NO"), 2).map(Duration::from_secs);
    let deleted = whole(row("YES"), 3).map(Duration::from_secs);
    let hours = needed.unwrap_or(LEAST_LOGS).as_secs().div_ceil(HOUR);
    let mend: Vec<String> = if site.rds {
        vec![
            format!(
                "BEGIN rdsadmin.rdsadmin_util.set_configuration(name => 'archivelog retention hours', value => '{hours}'); END;"
            ),
            "COMMIT".to_owned(),
        ]
    } else {
        vec![
            format!("-- keep them for {hours} hours: no job may delete younger ones, for example in RMAN"),
            format!("-- DELETE ARCHIVELOG UNTIL TIME 'SYSDATE - {hours}/24';"),
        ]
    };
    let Some(needed) = needed else { return draft.unknown(load.to_string(), []) };
    match (oldest, deleted) {
        // Younger ones than are needed were deleted already.
        (_, Some(deleted)) if deleted < needed => {
            draft.found(false, format!("one that was {} old is deleted; {load}", span(deleted)), mend)
        }
        (Some(oldest), _) if oldest >= needed => {
            draft.found(true, format!("they reach back {}; {load}", span(oldest)), [])
        }
        (Some(oldest), None) => {
            draft.unknown(format!("none is deleted yet, the oldest is {} old; {load}", span(oldest)), mend)
        }
        (Some(oldest), Some(_)) => draft.found(false, format!("they reach back {} only; {load}", span(oldest)), mend),
        (None, _) => draft.unknown(format!("there is none yet; {load}"), mend),
    }
}

pub(super) fn recovery_area(site: &Site, area: &Answer, day: &Answer, load: LoadTime) -> Prerequisite {
    let draft = Draft::new(
        "recovery-area",
        "The recovery area has room for the redo of the load",
        "a full one stops the database (ORA-00257), or has archived logs deleted that are still to be read",
    )
    .asks(sql::prerequisites::RECOVERY_AREA)
    .asks(sql::prerequisites::REDO_OF_A_DAY)
    .recommended();
    let Answer::Rows(rows) = area else { return draft.hidden(site, area) };
    let row = rows.iter().find(|row| row.get(0).is_some());
    let Some(row) = row else {
        return draft.found(true, "there is none: archived logs have destinations of their own", []);
    };
    let number = |column| whole(Some(row), column).unwrap_or(0);
    let (limit, used, reclaimable) = (number(1), number(2), number(3));
    let free = limit.saturating_sub(used).saturating_add(reclaimable);
    let Some(rows) = day.rows() else { return draft.hidden(site, day) };
    let a_day: u64 = rows.iter().filter_map(|row| whole(Some(row), 2)).sum();
    let Some(time) = load.time() else {
        return draft
            .unknown(format!("{} of {} free, {} of redo a day; {load}", size(free), size(limit), size(a_day)), []);
    };
    let seconds = u128::from((time * 2).max(LEAST_LOGS).as_secs());
    let needed = u64::try_from(u128::from(a_day) * seconds / u128::from(24 * HOUR)).unwrap_or(u64::MAX);
    let found = format!("{} of {} free, {} of redo a day; {load}", size(free), size(limit), size(a_day));
    let gigabytes = limit.saturating_add(needed.saturating_sub(free)).div_ceil(1 << 30);
    let mend = if site.rds {
        vec!["-- raise the allocated storage of the instance".to_owned()]
    } else {
        site.in_root_container([format!("ALTER SYSTEM SET DB_RECOVERY_FILE_DEST_SIZE = {gigabytes}G")])
    };
    draft.found(free >= needed, found, mend)
}

pub(super) fn redo_logs(site: &Site, groups: &Answer, day: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "redo-logs",
        "Redo logs are large enough",
        "a log that is switched every few minutes is recycled while it is read, and each switch begins a new window",
    )
    .asks(sql::prerequisites::REDO_LOG_GROUPS)
    .asks(sql::prerequisites::REDO_OF_A_DAY)
    .recommended();
    let Answer::Rows(groups) = groups else { return draft.hidden(site, groups) };
    let Answer::Rows(day) = day else { return draft.hidden(site, day) };
    let mut sizes: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for row in groups {
        let (Some(thread), Some(bytes)) = (whole(Some(row), 0), whole(Some(row), 2)) else { continue };
        let (count, smallest) = sizes.entry(thread).or_insert((0, u64::MAX));
        *count += 1;
        *smallest = (*smallest).min(bytes);
    }
    let mut an_hour: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for row in day {
        let (Some(thread), Some(hour)) = (whole(Some(row), 0), whole(Some(row), 3)) else { continue };
        *an_hour.entry((thread, hour)).or_default() += 1;
    }
    let busiest =
        an_hour.iter().max_by_key(|(_, switches)| **switches).map(|((thread, _), switches)| (*thread, *switches));
    let sizes_text: Vec<String> =
        sizes.iter().map(|(thread, (count, bytes))| format!("thread {thread}: {count} of {}", size(*bytes))).collect();
    let Some((thread, switches)) = busiest else {
        return draft.unknown(format!("{}; no log was archived within a day", sizes_text.join(", ")), []);
    };
    let found = format!("{}; {switches} switches in the busiest hour", sizes_text.join(", "));
    let smallest = sizes.get(&thread).map_or(0, |(_, bytes)| *bytes);
    // Four an hour.
    let wanted = (smallest.saturating_mul(switches) / 4).div_ceil(1 << 20);
    let mend = if site.rds {
        vec![format!("BEGIN rdsadmin.rdsadmin_util.add_logfile(p_size => '{wanted}M'); END;")]
    } else {
        vec![
            "-- add groups to each thread, then drop the small ones once they are INACTIVE, for example:".to_owned(),
            format!(
                "-- ALTER DATABASE ADD LOGFILE THREAD {thread} ('/path/on/the/server/redo_new_1.log') SIZE {wanted}M;"
            ),
        ]
    };
    draft.found(switches <= SWITCHES_AN_HOUR, found, mend)
}

/// The whole part of a number that is not negative.
pub(super) fn whole(row: Option<&Record>, column: usize) -> Option<u64> {
    let text = row?.get(column)?;
    if text.starts_with('-') {
        return Some(0);
    }
    text.split_once('.').map_or(text, |(whole, _)| if whole.is_empty() { "0" } else { whole }).parse().ok()
}

pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / HOUR),
        _ => format!("{} days", seconds / (24 * HOUR)),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=0xFFFF_FFFF if bytes < 10 << 20 => format!("{} KiB", bytes >> 10),
        _ if bytes < 10 << 30 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    const NONE: Answer = Answer::NoRight("V_$UNDOSTAT");

    fn told(hours: u64) -> LoadTime {
        LoadTime::Told(Duration::from_secs(hours * HOUR))
    }

    #[test]
    fn undo_against_the_load() {
        let site = site("19.3");
        let parameters = |seconds| Answer::of(&[&[Some("undo_retention"), Some(seconds)]]);
        let check = |seconds, load| undo(&site, &parameters(seconds), &NONE, &NONE, load);
        assert_eq!(check("900", told(0)).state, State::Met);
        assert_eq!(check("900", told(1)).state, State::NotMet);
        assert_eq!(check("900", told(1)).mend[0], "ALTER SYSTEM SET UNDO_RETENTION = 5400");
        assert_eq!(check("3600", told(1)).state, State::Met);
        assert_eq!(check("86400", LoadTime::Unknown).state, State::Unknown);
        assert_eq!(check("60", LoadTime::Unknown).state, State::NotMet);
        assert_eq!(undo(&site, &Answer::NoRight("V_$PARAMETER"), &NONE, &NONE, told(1)).state, State::Unknown);
        assert_eq!(undo(&site, &Answer::of(&[]), &NONE, &NONE, told(1)).state, State::Unknown);
    }

    #[test]
    fn logs_against_the_load() {
        let site = site("19.3");
        let row = |deleted, oldest, newest| [Some(deleted), Some("7"), Some(oldest), Some(newest)];
        let kept = row("NO", "360000.5", "10");
        let young = row("NO", "7200", "10");
        let state = |rows: &[&[Option<&str>]], load| archived_logs(&site, &Answer::of(rows), load).state;
        assert_eq!(state(&[&kept], told(10)), State::Met);
        assert_eq!(state(&[&kept], told(100)), State::Unknown, "none was deleted, so nobody knows");
        assert_eq!(state(&[&kept, &row("YES", "900000", "360000")], told(10)), State::Met);
        assert_eq!(state(&[&kept, &row("YES", "900000", "360000")], told(100)), State::NotMet);
        assert_eq!(state(&[&young, &row("YES", "900000", "7200")], told(1)), State::NotMet);
        assert_eq!(state(&[&young], told(1)), State::Unknown);
        assert_eq!(state(&[], told(1)), State::Unknown);
        assert_eq!(state(&[&kept], LoadTime::Unknown), State::Unknown);
        let rds = archived_logs(&Site { rds: true, ..site.clone() }, &Answer::of(&[&young]), told(20));
        assert!(rds.mend[0].contains("value => '40'"), "{rds:?}");
    }

    #[test]
    fn room_in_the_recovery_area() {
        let site = site("19.3");
        let gib = |n: u64| (n << 30).to_string();
        let (hundred, used, freeable, log) = (gib(100), gib(90), gib(20), gib(4));
        let area = Answer::of(&[&[Some("+FRA"), Some(&hundred), Some(&used), Some(&freeable)]]);
        let day = Answer::of(&[
            &[Some("1"), Some("5"), Some(&log), Some("3.4")],
            &[Some("1"), Some("6"), Some(&log), Some("3.2")],
        ]);
        assert_eq!(recovery_area(&site, &area, &day, told(24)).state, State::Met, "16 of 30 GiB");
        let p = recovery_area(&site, &area, &day, told(60));
        assert_eq!((p.state, &p.mend[0][..]), (State::NotMet, "ALTER SYSTEM SET DB_RECOVERY_FILE_DEST_SIZE = 110G"));
        assert_eq!(recovery_area(&site, &area, &NONE, told(1)).state, State::Unknown);
        let none = Answer::of(&[&[None, Some("0"), Some("0"), Some("0")]]);
        assert_eq!(recovery_area(&site, &none, &day, told(1)).state, State::Met);
    }

    #[test]
    fn switches_an_hour() {
        let site = site("19.3");
        let size = (200_u64 << 20).to_string();
        let groups = Answer::of(&[&[Some("1"), Some("1"), Some(&size)], &[Some("1"), Some("2"), Some(&size)]]);
        let log: &[Option<&str>] = &[Some("1"), Some("1"), Some("1"), Some("5.5")];
        let other: &[Option<&str>] = &[Some("1"), Some("1"), Some("1"), Some("6.5")];
        let check = |rows: &[&[Option<&str>]]| redo_logs(&site, &groups, &Answer::of(rows));
        assert_eq!(check(&[]).state, State::Unknown);
        assert_eq!(check(&[log; 12]).state, State::Met);
        assert_eq!(check(&[[log; 10], [other; 10]].concat()).state, State::Met);
        let p = check(&[log; 20]);
        assert_eq!(p.state, State::NotMet);
        assert!(p.mend[1].ends_with("SIZE 1000M;"), "{p:?}");
    }

    #[test]
    fn whole_numbers() {
        let row = Record {
            values: [Some("12.75"), Some("-0.2"), Some(".5"), Some("7"), None].map(|v| v.map(str::to_owned)).into(),
        };
        let numbers: Vec<_> = (0..6).map(|column| whole(Some(&row), column)).collect();
        assert_eq!(numbers, [Some(12), Some(0), Some(0), Some(7), None, None]);
    }
}
