//! The storage layer alone, driven as the SQL layer drives it.

use super::*;
use crate::engine::storage::Storage;
use type_convert::{DateTime, Number};

mod constraints;
mod dictionary;
mod logs;
mod processes;
mod programs;
mod versions;

/// A database in a folder of its own, with the user HR.
struct World {
    file: Arc<DatabaseFile>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        World::with(&CreateOptions { supplemental_minimal: true, supplemental_all: true, ..CreateOptions::default() })
    }

    fn with(options: &CreateOptions) -> World {
        let folder = tempfile::tempdir().unwrap();
        let file = Arc::new(DatabaseFile::create(&folder.path().join("db"), "manager", options).unwrap());
        file.create_user("hr", "hr").unwrap();
        World { file, _folder: folder }
    }

    fn hr(&self) -> Store {
        self.file.login("hr", "hr").unwrap()
    }

    fn system(&self) -> Store {
        self.file.login("system", "manager").unwrap()
    }
}

fn n(n: i64) -> Value {
    Value::Number(Number::from(n))
}

fn t(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn relation(store: &Store, name: &str) -> Arc<Relation> {
    store.relation(None, name).unwrap().unwrap_or_else(|| panic!("{name} is not there"))
}

fn rows(store: &Store, name: &str) -> Vec<Row> {
    store.scan(&relation(store, name), Moment::Now, Lookup::All).unwrap().map(Result::unwrap).collect()
}

fn values(store: &Store, name: &str) -> Vec<Vec<Value>> {
    rows(store, name).into_iter().map(|r| r.values).collect()
}

fn values_as_of(store: &Store, name: &str, scn: Scn) -> Vec<Vec<Value>> {
    store.scan(&relation(store, name), Moment::Scn(scn), Lookup::All).unwrap().map(|r| r.unwrap().values).collect()
}

fn insert(store: &mut Store, name: &str, rows: Vec<Vec<Value>>) -> Result<u64, OraError> {
    let relation = relation(store, name);
    store.dml(&mut |s| {
        s.insert(&relation, rows.clone())?;
        Ok(rows.len() as u64)
    })
}

/// Updates the rows that `which` says, with what `change` makes of their values.
fn update(
    store: &mut Store,
    name: &str,
    which: impl Fn(&[Value]) -> bool,
    set: &[usize],
    change: impl Fn(&mut Vec<Value>),
) -> Result<u64, OraError> {
    let relation = relation(store, name);
    store.dml(&mut |s| {
        let mut updates = Vec::new();
        for row in s.scan(&relation, Moment::Now, Lookup::All)? {
            let row = row?;
            if which(&row.values) {
                let mut new = row.values.clone();
                change(&mut new);
                updates.push(RowUpdate { old: row, new, set: set.to_vec() });
            }
        }
        let n = updates.len() as u64;
        s.update(&relation, updates)?;
        Ok(n)
    })
}

fn delete(store: &mut Store, name: &str, which: impl Fn(&[Value]) -> bool) -> Result<u64, OraError> {
    let relation = relation(store, name);
    store.dml(&mut |s| {
        let rows: Vec<Row> = s
            .scan(&relation, Moment::Now, Lookup::All)?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .filter(|r| which(&r.values))
            .collect();
        let n = rows.len() as u64;
        s.delete(&relation, rows)?;
        Ok(n)
    })
}

fn call(store: &mut Store, name: &str, arguments: &[(&str, Value)]) -> Result<(), OraError> {
    store.call(&ProcedureCall {
        name: name.to_owned(),
        arguments: arguments.iter().map(|(n, v)| (Some((*n).to_owned()), v.clone())).collect(),
    })
}

/// A mined row, the columns that tests look at.
#[derive(Debug, Clone, PartialEq)]
struct Mined {
    scn: i64,
    operation: String,
    rollback: bool,
    xid: Vec<u8>,
    row_id: String,
    rs_id: String,
    ssn: i64,
    csf: bool,
    status: i64,
    redo: String,
}

/// Everything that V$LOGMNR_CONTENTS has after `scn`.
fn mine(world: &World, after: Scn, options: i64) -> Vec<Mined> {
    let mut store = world.system();
    let to = store.current_scn().unwrap().max(Scn(after.0 + 1));
    call(&mut store, "DBMS_LOGMNR.END_LOGMNR", &[]).unwrap_err();
    let logs = values(&store, "V$LOG");
    let mut first = true;
    let mut seen = Vec::new();
    for name in values(&store, "V$ARCHIVED_LOG").into_iter().map(|r| (r[5].clone(), r[2].clone())).chain(
        logs.into_iter().filter(|r| r[7] == t("CURRENT")).map(|r| (r[2].clone(), t(&online_name(integer(&r[0]))))),
    ) {
        if seen.contains(&name.0) {
            continue;
        }
        let option = if std::mem::take(&mut first) { 1 } else { 3 };
        call(&mut store, "DBMS_LOGMNR.ADD_LOGFILE", &[("LOGFILENAME", name.1), ("OPTIONS", n(option))]).unwrap();
        seen.push(name.0);
    }
    call(
        &mut store,
        "DBMS_LOGMNR.START_LOGMNR",
        &[("STARTSCN", n(after.0 as i64 + 1)), ("ENDSCN", n(to.0 as i64)), ("OPTIONS", n(16 | options))],
    )
    .unwrap();
    contents(&store)
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Number(n) => n.to_i64().unwrap(),
        Value::Null => 0,
        other => panic!("{other:?} is no number"),
    }
}

fn string(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Null => String::new(),
        other => panic!("{other:?} is no text"),
    }
}

fn contents(store: &Store) -> Vec<Mined> {
    let relation = relation(store, "V$LOGMNR_CONTENTS");
    let at = |name: &str| relation.columns.iter().position(|c| c.name == name).unwrap();
    values(store, "V$LOGMNR_CONTENTS")
        .iter()
        .map(|r| Mined {
            scn: integer(&r[at("SCN")]),
            operation: string(&r[at("OPERATION")]),
            rollback: integer(&r[at("ROLLBACK")]) == 1,
            xid: match &r[at("XID")] {
                Value::Bytes(b) => b.clone(),
                _ => Vec::new(),
            },
            row_id: string(&r[at("ROW_ID")]),
            rs_id: string(&r[at("RS_ID")]),
            ssn: integer(&r[at("SSN")]),
            csf: integer(&r[at("CSF")]) == 1,
            status: integer(&r[at("STATUS")]),
            redo: string(&r[at("SQL_REDO")]),
        })
        .collect()
}

/// Operation, ROLLBACK and text with ROWIDs as `@n` in the order of their first appearance.
fn told(mined: &[Mined]) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    mined
        .iter()
        .map(|m| {
            let mut redo = m.redo.clone();
            if m.row_id != rowid::NONE {
                if !known.contains(&m.row_id) {
                    known.push(m.row_id.clone());
                }
                let n = known.iter().position(|k| *k == m.row_id).unwrap();
                redo = redo.replace(&m.row_id, &format!("@{n}"));
            }
            format!("{}{}: {redo}", m.operation, if m.rollback { " (undo)" } else { "" })
        })
        .collect()
}

fn date(year: i16, month: u8, day: u8) -> Value {
    Value::DateTime(DateTime { year, month, day, hour: 23, minute: 59, second: 58, nanosecond: 0 })
}
