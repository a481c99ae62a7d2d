//! Settings that decide what texts and times arrive.

use super::{Draft, Prerequisite, answer::Answer, site::Site};
use crate::sql;

pub(super) fn character_sets(site: &Site, sets: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "character-set",
        "The database's character set says what its texts are",
        "the client library turns characters into UTF-8; bytes that are no characters of the declared set are lost there",
    )
    .asks(sql::CHARACTER_SETS)
    .recommended();
    let Answer::Rows(rows) = sets else { return draft.hidden(site, sets) };
    let set = rows.iter().find(|row| row.get(0) == Some("NLS_CHARACTERSET")).and_then(|row| row.get(1));
    let Some(set) = set else { return draft.unknown("NLS_CHARACTERSET is not among the parameters", []) };
    let found: Vec<&str> = rows.iter().filter_map(|row| row.get(1)).collect();
    // Clients that declare the same seven bits store bytes of any other set in it, unconverted.
    let mend = [
        "-- look for texts beyond ASCII before loading, in each VARCHAR2, CHAR and CLOB column, for example:"
            .to_owned(),
        "-- SELECT COUNT(*) FROM owner.table WHERE REGEXP_LIKE(DUMP(column, 1016), '[89a-f][0-9a-f](,|$)')".to_owned(),
        "-- where there are any, Oracle's Database Migration Assistant for Unicode (DMU) tells what they are"
            .to_owned(),
    ];
    draft.found(set != "US7ASCII", found.join(", "), mend)
}

pub(super) fn time_zone_file(site: &Site, file: &Answer, upgrade: &Answer) -> Prerequisite {
    let draft = Draft::new(
        "time-zone-file",
        "The time zone file is not being changed",
        "TIMESTAMP WITH TIME ZONE values of regions are read by it; a client library with an older file than the server's fails with ORA-01805",
    )
    .asks(sql::prerequisites::TIME_ZONE_FILE)
    .asks(sql::prerequisites::TIME_ZONE_UPGRADE)
    .recommended();
    let Some(row) = file.first() else { return draft.hidden(site, file) };
    let Some(state) = upgrade.first().and_then(|row| row.get(0)) else { return draft.hidden(site, upgrade) };
    let found = format!("{}, version {}, upgrade state {state}", row.get(0).unwrap_or("?"), row.get(1).unwrap_or("?"));
    draft.found(
        state == "NONE",
        found,
        ["-- end the upgrade that is under way first: DBMS_DST.END_PREPARE or DBMS_DST.END_UPGRADE".to_owned()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    #[test]
    fn sets_and_zones() {
        let site = site("19.3");
        let sets = |name| character_sets(&site, &Answer::of(&[&[Some("NLS_CHARACTERSET"), Some(name)]])).state;
        assert_eq!(["AL32UTF8", "WE8MSWIN1252", "US7ASCII"].map(sets), [State::Met, State::Met, State::NotMet]);
        assert_eq!(character_sets(&site, &Answer::of(&[])).state, State::Unknown);
        let file = Answer::of(&[&[Some("timezlrg_32.dat"), Some("32")]]);
        let state = |upgrade| time_zone_file(&site, &file, &Answer::of(&[&[Some(upgrade)]])).state;
        assert_eq!(["NONE", "PREPARE", "UPGRADE"].map(state), [State::Met, State::NotMet, State::NotMet]);
        assert_eq!(time_zone_file(&site, &Answer::NoRight("V_$TIMEZONE_FILE"), &file).state, State::Unknown);
    }
}
