use super::{Draft, Prerequisite, answer::Answer, key::Keys, site::Site};
use crate::{Error, ServerVersion, Session, sql};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::{BTreeMap, BTreeSet};

/// One kind of thing that may be NOLOGGING: the view, the query, what it is called.
const PLACES: &[(&[&str], &str, &str)] = &[
    (&["ALL_TABLES"], sql::prerequisites::NOLOGGING_TABLES, ""),
    (&["ALL_TAB_PARTITIONS"], sql::prerequisites::NOLOGGING_PARTITIONS, " partition "),
    (&["ALL_TAB_SUBPARTITIONS"], sql::prerequisites::NOLOGGING_SUBPARTITIONS, " subpartition "),
    (&["ALL_LOBS"], sql::prerequisites::NOLOGGING_LOBS, " LOB "),
    (&["ALL_LOB_PARTITIONS"], sql::prerequisites::NOLOGGING_LOB_PARTITIONS, " LOB partition "),
    (&["ALL_LOB_SUBPARTITIONS"], sql::prerequisites::NOLOGGING_LOB_SUBPARTITIONS, " LOB subpartition "),
    (&["ALL_INDEXES"], sql::prerequisites::NOLOGGING_INDEX_TABLES, " index "),
    (&["ALL_IND_PARTITIONS"], sql::prerequisites::NOLOGGING_INDEX_TABLE_PARTITIONS, " partition "),
];

/// Something that is NOLOGGING.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unlogged {
    table: ObjectPath,
    /// Which part of it, with a blank before; empty for the table itself.
    part: String,
    tablespace: Option<String>,
}

/// Whether every change gets into the redo.
pub(super) fn check(
    session: &Session,
    site: &Site,
    keys: &BTreeMap<&OracleIdent, Keys>,
    tables: &[ObjectPath],
) -> Result<Prerequisite, Error> {
    let forced = Answer::ask(session, &["V_$DATABASE"], sql::prerequisites::FORCE_LOGGING, &[])?;
    let says_yes = |answer: &Answer| answer.first().and_then(|row| row.get(0)) == Some("YES");
    let mut draft = draft();
    if says_yes(&forced) {
        return Ok(draft.found(true, "FORCE LOGGING", []));
    }
    if let Some(container) = site.container.as_ref().filter(|_| !site.in_root() && site.version >= ServerVersion::V12_2)
    {
        let query = sql::prerequisites::FORCE_LOGGING_OF_CONTAINER;
        draft = draft.asks(query);
        if says_yes(&Answer::ask(session, &["DBA_PDBS"], query, &[&container.as_str()])?) {
            return Ok(draft.found(true, format!("FORCE LOGGING of the pluggable database {container}"), []));
        }
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
                if !hidden.iter().any(|h| h == view[0]) {
                    hidden.push(view[0].to_owned());
                }
                continue;
            };
            for row in rows {
                let table = ObjectPath::new((*owner).clone(), row.ident(0)?);
                if tables.contains(&table) {
                    let part = row.get(1).map(|part| format!("{called}{part}")).unwrap_or_default();
                    found.push(Unlogged { table, part, tablespace: row.get(2).map(str::to_owned) });
                }
            }
        }
    }
    let mut logged = BTreeSet::new();
    if !found.is_empty() {
        let query = sql::prerequisites::FORCE_LOGGING_TABLESPACES;
        draft = draft.asks(query);
        // Where they are hidden, none is taken to force logging.
        if let Answer::Rows(rows) = Answer::ask(session, &["DBA_TABLESPACES"], query, &[])? {
            logged.extend(rows.iter().filter_map(|row| row.get(0).map(str::to_owned)));
        }
    }
    Ok(verdict(draft, site, &found, &logged, &hidden))
}

fn draft() -> Draft {
    Draft::new(
        "logging",
        "Every change of the tables is logged (FORCE LOGGING, or no table is NOLOGGING)",
        "direct-path changes of what is NOLOGGING are not in the redo: they would be missing in PostgreSQL, unnoticed",
    )
    .asks(sql::prerequisites::FORCE_LOGGING)
}

/// What is NOLOGGING in a tablespace that is under FORCE LOGGING is logged all the same.
fn verdict(draft: Draft, site: &Site, all: &[Unlogged], forced: &BTreeSet<String>, hidden: &[String]) -> Prerequisite {
    let is_forced = |one: &&Unlogged| one.tablespace.as_ref().is_some_and(|space| forced.contains(space));
    let found: Vec<&Unlogged> = all.iter().filter(|one| !is_forced(one)).collect();
    if found.is_empty() {
        return match hidden {
            [] if all.is_empty() => draft.found(true, "nothing is NOLOGGING", []),
            [] => {
                let spaces: BTreeSet<&str> = all.iter().filter_map(|one| one.tablespace.as_deref()).collect();
                let spaces = spaces.into_iter().collect::<Vec<_>>().join(", ");
                draft.found(true, format!("what is NOLOGGING is in tablespaces with FORCE LOGGING: {spaces}"), [])
            }
            _ => draft.unknown(format!("{} cannot be read", hidden.join(", ")), []),
        };
    }
    let names: Vec<String> = found.iter().take(5).map(|one| format!("{}{}", one.table, one.part)).collect();
    let more = if found.len() > 5 { ", …" } else { "" };
    let mut mend = if site.rds {
        vec!["BEGIN rdsadmin.rdsadmin_util.force_logging(p_enable => true); END;".to_owned()]
    } else {
        site.in_root_container(["ALTER DATABASE FORCE LOGGING".to_owned()])
    };
    mend.push("-- or, where that is too much:".to_owned());
    if let Some(container) = site.container.as_ref().filter(|_| !site.in_root() && !site.rds) {
        mend.push(format!("-- ALTER PLUGGABLE DATABASE {} ENABLE FORCE LOGGING;", container.quoted()));
    }
    let spaces: BTreeSet<&str> = found.iter().filter_map(|one| one.tablespace.as_deref()).collect();
    mend.extend(spaces.into_iter().map(|space| {
        format!(
            "-- ALTER TABLESPACE {} FORCE LOGGING;",
            OracleIdent::new(space).map_or_else(|_| space.to_owned(), |s| s.quoted())
        )
    }));
    for one in found.iter().filter(|one| one.part.is_empty()) {
        mend.push(format!("-- ALTER TABLE {} LOGGING;", one.table.quoted()));
    }
    if found.iter().any(|one| !one.part.is_empty()) {
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

    fn unlogged(part: &str, tablespace: Option<&str>) -> Unlogged {
        let table = ObjectPath::new(OracleIdent::new("HR").unwrap(), OracleIdent::new("T").unwrap());
        Unlogged { table, part: part.to_owned(), tablespace: tablespace.map(str::to_owned) }
    }

    #[test]
    fn what_is_not_logged() {
        let site = site("19.3");
        let none = BTreeSet::new();
        assert_eq!(verdict(draft(), &site, &[], &none, &[]).state, State::Met);
        assert_eq!(verdict(draft(), &site, &[], &none, &["ALL_LOBS".to_owned()]).state, State::Unknown);
        let p = verdict(draft(), &site, &[unlogged("", None)], &none, &["ALL_LOBS".to_owned()]);
        assert_eq!(p.state, State::NotMet);
        assert_eq!(p.mend[0], "ALTER DATABASE FORCE LOGGING");
        assert!(p.mend.contains(&"-- ALTER TABLE \"HR\".\"T\" LOGGING;".to_owned()), "{p:?}");
        let p = verdict(draft(), &Site { rds: true, ..site }, &[unlogged(" LOB C", None)], &none, &[]);
        assert!(p.mend[0].contains("force_logging") && p.found.contains("HR.T LOB C"), "{p:?}");
    }

    #[test]
    fn a_tablespace_may_force_it() {
        let site = Site { container: Some(OracleIdent::new("PDB1").unwrap()), ..site("19.3") };
        let forced = BTreeSet::from(["SAFE".to_owned()]);
        let safe = [unlogged(" LOB C", Some("SAFE"))];
        let p = verdict(draft(), &site, &safe, &forced, &[]);
        assert_eq!((p.state, &*p.found), (State::Met, "what is NOLOGGING is in tablespaces with FORCE LOGGING: SAFE"));
        assert_eq!(verdict(draft(), &site, &safe, &forced, &["ALL_INDEXES".to_owned()]).state, State::Unknown);
        let p = verdict(draft(), &site, &[safe[0].clone(), unlogged("", Some("FAST"))], &forced, &[]);
        assert_eq!((p.state, &*p.found), (State::NotMet, "NOLOGGING: HR.T"));
        for line in [
            "-- ALTER TABLESPACE \"FAST\" FORCE LOGGING;",
            "-- ALTER PLUGGABLE DATABASE \"PDB1\" ENABLE FORCE LOGGING;",
        ] {
            assert!(p.mend.iter().any(|mend| mend == line), "{p:?}");
        }
        // The data is in no segment of the table's own, so in no tablespace: nothing says that it is safe.
        assert_eq!(verdict(draft(), &site, &[unlogged("", None)], &forced, &[]).state, State::NotMet);
    }
}
