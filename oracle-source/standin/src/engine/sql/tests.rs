//! The SQL layer over a storage layer in memory.

mod expressions;
mod mock;
mod queries;
mod statements;
mod stored;

use super::session::Session;
use crate::OraError;
use crate::engine::Outcome;
use mock::Mock;
use type_convert::Value;

/// A session of HR with a few tables.
fn session() -> Session {
    let mut session = Session::over(Box::new(Mock::hr()));
    run(&mut session, "ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'").unwrap();
    session
}

fn run_with(session: &mut Session, sql: &str, binds: &[Value]) -> Result<Outcome, OraError> {
    let prepared = session.prepare(sql)?;
    session.execute(&prepared, binds, false)
}

fn run(session: &mut Session, sql: &str) -> Result<u64, OraError> {
    match run_with(session, sql, &[])? {
        Outcome::Rows(rows) => Ok(u64::try_from(rows.collect::<Result<Vec<_>, _>>()?.len()).unwrap()),
        Outcome::Done { affected } => Ok(affected),
    }
}

/// A value as a test writes it.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Text(t) => t.clone(),
        Value::Bytes(b) => super::convert::hex(b),
        Value::DateTime(d) => super::format::datetime_to_text(d, None, "YYYY-MM-DD HH24:MI:SSXFF9")
            .unwrap()
            .trim_end_matches(".000000000")
            .to_owned(),
        Value::DateTimeTz(d, o) => {
            super::format::datetime_to_text(d, Some(*o), "YYYY-MM-DD HH24:MI:SS TZH:TZM").unwrap()
        }
        other => format!("{other:?}"),
    }
}

fn rows_with(session: &mut Session, sql: &str, binds: &[Value]) -> Result<Vec<String>, OraError> {
    match run_with(session, sql, binds)? {
        Outcome::Rows(rows) => rows.map(|r| r.map(|r| r.iter().map(show).collect::<Vec<_>>().join("|"))).collect(),
        Outcome::Done { affected } => Ok(vec![format!("{affected} rows")]),
    }
}

fn rows(session: &mut Session, sql: &str) -> Vec<String> {
    rows_with(session, sql, &[]).unwrap_or_else(|e| panic!("{sql}: {e} at {}", e.offset))
}

fn code(session: &mut Session, sql: &str) -> (i32, u16) {
    match run(session, sql) {
        Ok(_) => panic!("{sql} should fail"),
        Err(e) => (e.code, e.offset),
    }
}
