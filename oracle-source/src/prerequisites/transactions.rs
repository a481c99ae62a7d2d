use super::{
    Draft, Prerequisite,
    answer::Answer,
    retention::{span, whole},
    site::Site,
};
use crate::sql;
use std::time::Duration;

/// Transactions that are open for long.
pub(super) fn long_open(site: &Site, ages: &Answer, limit: Duration) -> Prerequisite {
    let draft = Draft::new(
        "long-transactions",
        format!("No transaction is open for longer than {}", span(limit)),
        "following begins with the redo of the oldest open transaction, which must still be there; and a cutover waits for all to end",
    )
    .asks(sql::prerequisites::TRANSACTION_AGES)
    .recommended();
    let Answer::Rows(rows) = ages else { return draft.hidden(site, ages) };
    let age = |row: &crate::session::Record| Duration::from_secs(whole(Some(row), 4).unwrap_or(u64::MAX));
    let long: Vec<_> = rows.iter().filter(|row| age(row) > limit).collect();
    if long.is_empty() {
        return draft.found(true, format!("{} open transactions", rows.len()), []);
    }
    let names: Vec<String> = long
        .iter()
        .take(5)
        .map(|row| match (row.get(1), row.get(2)) {
            (Some(sid), Some(serial)) => {
                format!("{} (session {sid},{serial}) since {}", row.get(3).unwrap_or("?"), span(age(row)))
            }
            _ => format!("one without a session since {}", span(age(row))),
        })
        .collect();
    let mut mend = vec!["-- have their owners commit or roll back; otherwise, losing their changes:".to_owned()];
    for row in &long {
        if let (Some(instance), Some(sid), Some(serial)) = (row.get(0), row.get(1), row.get(2)) {
            mend.push(if site.rds {
                format!("-- BEGIN rdsadmin.rdsadmin_util.kill(sid => {sid}, serial => {serial}); END;")
            } else {
                format!("-- ALTER SYSTEM KILL SESSION '{sid},{serial},@{instance}' IMMEDIATE;")
            });
        }
    }
    draft.found(false, names.join(", "), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    #[test]
    fn transactions_of_any_age() {
        let site = site("19.3");
        let row = |age| [Some("2"), Some("17"), Some("4711"), Some("HR"), Some(age)];
        let check = |rows: &[&[Option<&str>]]| long_open(&site, &Answer::of(rows), Duration::from_secs(3600));
        assert_eq!(check(&[]).state, State::Met);
        assert_eq!(check(&[&row("3600")]).state, State::Met);
        let p = check(&[&row("86401.7"), &row("5")]);
        assert_eq!(p.state, State::NotMet);
        assert_eq!(p.mend[1..], ["-- ALTER SYSTEM KILL SESSION '17,4711,@2' IMMEDIATE;"]);
        assert!(p.found.contains("HR (session 17,4711) since 24 h"), "{p:?}");
        assert_eq!(check(&[&[Some("1"), None, None, None, Some("9999")]]).state, State::NotMet);
        assert_eq!(long_open(&site, &Answer::NoRight("GV_$TRANSACTION"), Duration::ZERO).state, State::Unknown);
    }
}
