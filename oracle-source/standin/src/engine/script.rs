//! Running SQL scripts.

use super::{Database, Outcome, Session};
use crate::OraError;
use schema_map::script::{ScriptErrorKind, Splitter};
use std::sync::Arc;

/// What a DROP says where there is nothing to drop.
const NOT_THERE: &[i32] = &[942, 1418, 1432, 1434, 2289, 4043, 4080];

pub(super) fn run(database: &Database, user: &str, statements: Splitter<'_>) -> Result<(), OraError> {
    let mut session = session(database, user)?;
    for statement in statements {
        let statement = statement.map_err(|e| {
            let code = match e.kind {
                ScriptErrorKind::Include => 7445,
                _ => 900,
            };
            OraError::new(code, e.to_string())
        })?;
        if let Some(user) = connect(&statement.text) {
            session.commit()?;
            session = self::session(database, user)?;
            continue;
        }
        match execute(&mut session, &statement.text) {
            Err(e) if NOT_THERE.contains(&e.code) && first_word(&statement.text).eq_ignore_ascii_case("DROP") => {}
            Err(e) => {
                let before = statement.text.get(..usize::from(e.offset)).unwrap_or_default();
                let line = statement.line + before.matches('\n').count();
                return Err(OraError { message: format!("{}:{line}: {}", statement.file, e.message), ..e });
            }
            Ok(()) => {}
        }
    }
    session.commit()
}

fn session(database: &Database, user: &str) -> Result<Session, OraError> {
    Ok(Session::over(Box::new(Arc::clone(&database.file).internal(user)?)))
}

fn execute(session: &mut Session, text: &str) -> Result<(), OraError> {
    let prepared = session.prepare(text)?;
    match session.execute(&prepared, &[], false)? {
        // Nobody looks at the rows; an error among them is one all the same.
        Outcome::Rows(mut rows) => rows.try_for_each(|row| row.map(|_| ())),
        Outcome::Done { .. } => Ok(()),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The user of `CONNECT user`.
fn connect(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    let is = words.next()?.eq_ignore_ascii_case("CONNECT");
    words.next().filter(|_| is && words.next().is_none())
}
