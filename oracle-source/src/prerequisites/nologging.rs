use super::{Draft, Prerequisite, answer::Answer, key::Keys, site::Site};
use crate::{Error, Session, sql};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::BTreeMap;

/// One kind of thing that may be NOLOGGING: the view, the query, what it is called.
const PLACES: &[(&str, &str, &str)] = &[
    ("ALL_TABLES", sql::prerequisites::NOLOGGING_TABLES, ""),
    ("ALL_TAB_PARTITIONS", sql::prerequisites::NOLOGGING_PARTITIONS, " partition "),
    ("ALL_TAB_SUBPARTITIONS", sql::prerequisites::NOLOGGING_SUBPARTITIONS, " subpartition "),
    ("ALL_LOBS", sql::prerequisites::NOLOGGING_LOBS, " LOB "),
    ("ALL_INDEXES", sql::prerequisites::NOLOGGING_INDEX_TABLES, " index "),
];

/// Whether every change gets into the redo.
pub(super) fn check(
    session: &Session,
    site: &Site,
    keys: &BTreeMap<&OracleIdent, Keys>,
    tables: &[ObjectPath],
) -> Result<Prerequisite, Error> {
    let forced = Answer::ask(session, "V_$DATABASE", sql::prerequisites::FORCE_LOGGING, &[])?;
    let mut draft = draft();
    if forced.first().and_then(|row| row.get(0)) == Some("YES") {
        return Ok(draft.found(true, "FORCE LOGGING", []));
    }
    let mut found = Vec::new();
    // Of a table that cannot be seen, the views have nothing.
    let can_see =
        |table: &&ObjectPath| keys.get(&table.schema).is_some_and(|keys| keys.tables.contains_key(table.name.as_str()));
    let mut hidden: Vec<String> = tables.iter().filter(|table| !can_see(table)).map(ToString::to_string).collect();
    for owner in keys.keys() {
        for (view, query, called) in PLACES {
            draft = draft.asks(query);
            let answer = Answer::ask(session, view, query, &[&owner.as_str()])?;
            let Answer::Rows(rows) = answer else {
                if !hidden.iter().any(|h| h == view) {
                    hidden.push((*view).to_owned());
                }
                continue;
            };
            for row in rows {
                let table = ObjectPath::new((*owner).clone(), row.ident(0)?);
                if tables.contains(&table) {
                    let part = row.get(1).map(|part| format!("{called}{part}")).unwrap_or_default();
                    found.push((table, part));
                }
            }
        }
    }
    Ok(verdict(draft, site, &found, &hidden))
}

fn draft() -> Draft {
    Draft::new(
        "logging",
        "Every change of the tables is logged (FORCE LOGGING, or no table is NOLOGGING)",
        "direct-path changes of what is NOLOGGING are not in the redo: they would be missing in PostgreSQL, unnoticed",
    )
    .asks(sql::prerequisites::FORCE_LOGGING)
}

fn verdict(draft: Draft, site: &Site, found: &[(ObjectPath, String)], hidden: &[String]) -> Prerequisite {
    if found.is_empty() {
        return match hidden {
            [] => draft.found(true, "nothing is NOLOGGING", []),
            _ => draft.unknown(format!("{} cannot be read", hidden.join(", ")), []),
        };
    }
    let names: Vec<String> = found.iter().take(5).map(|(table, part)| format!("{table}{part}")).collect();
    let more = if found.len() > 5 { ", …" } else { "" };
    let mut mend = if site.rds {
        vec!["BEGIN rdsadmin.rdsadmin_util.force_logging(p_enable => true); END;".to_owned()]
    } else {
        site.in_root_container(["ALTER DATABASE FORCE LOGGING".to_owned()])
    };
    mend.push("-- or, where that is too much:".to_owned());
    for (table, part) in found.iter().filter(|(_, part)| part.is_empty()) {
        mend.push(format!("-- ALTER TABLE {}{part} LOGGING;", table.quoted()));
    }
    if found.iter().any(|(_, part)| !part.is_empty()) {
        mend.push(
            "-- ALTER TABLE … MODIFY PARTITION …, MODIFY LOB (…) (CACHE), ALTER INDEX … LOGGING for the others"
                .to_owned(),
        );
    }
    draft.found(false, format!("NOLOGGING: {}{more}", names.join(", ")), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::{PrerequisiteState as State, site::tests::site};

    #[test]
    fn what_is_not_logged() {
        let site = site("19.3");
        let table = ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new("T").unwrap());
        assert_eq!(verdict(draft(), &site, &[], &[]).state, State::Met);
        assert_eq!(verdict(draft(), &site, &[], &["ALL_LOBS".to_owned()]).state, State::Unknown);
        let p = verdict(draft(), &site, &[(table.clone(), String::new())], &["ALL_LOBS".to_owned()]);
        assert_eq!(p.state, State::NotMet);
        assert_eq!(p.mend[0], "ALTER DATABASE FORCE LOGGING");
        assert!(p.mend.contains(&"-- ALTER TABLE \"HR\".\"T\" LOGGING;".to_owned()), "{p:?}");
        let p = verdict(draft(), &Site { rds: true, ..site }, &[(table, " LOB C".to_owned())], &[]);
        assert!(p.mend[0].contains("force_logging") && p.found.contains("HR.T LOB C"), "{p:?}");
    }
}
