//! Running SQL scripts.

use super::{Database, Outcome, Session};
use crate::OraError;
use schema_map::script::{ScriptErrorKind, ScriptStatement, Splitter};
use std::sync::Arc;

/// What a DROP says where there is nothing to drop.
const NOT_THERE: &[i32] = &[942, 1418, 1432, 1434, 2289, 4043, 4080];

/// "Invalid file operation": what there is for a script that cannot be read. SQL*Plus itself has no ORA- error for it.
pub(super) const NO_FILE: i32 = 29283;

pub(super) fn run(database: &Database, user: &str, statements: Splitter<'_>) -> Result<(), OraError> {
    let mut session = session(database, user)?;
    for statement in statements {
        let statement = statement.map_err(|e| {
            let code = match e.kind {
                ScriptErrorKind::Include => NO_FILE,
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
            Err(e) => return Err(placed(e, &statement)),
            Ok(()) => {}
        }
    }
    session.commit()
}

/// The error with its place in the script, and with what stands there where Oracle's text only says what does not.
fn placed(error: OraError, statement: &ScriptStatement) -> OraError {
    let ScriptStatement { text, file, .. } = statement;
    let (before, at) = text.split_at_checked(usize::from(error.offset)).unwrap_or((text, ""));
    let line = statement.line + before.matches('\n').count();
    let column = match before.rsplit_once('\n') {
        Some((_, last)) => last.chars().count() + 1,
        None => statement.column + before.chars().count(),
    };
    // Of the errors that the reader of a statement has, these are about a place in its text.
    let syntax = error.code == 900 || (error.offset > 0 && matches!(error.code, 905..=908 | 917 | 920..=936));
    let found = match at.split_whitespace().next() {
        _ if !syntax || error.message.contains(", found ") => String::new(),
        Some(word) => format!(", found {}", word.chars().take(40).collect::<String>()),
        None => ", found the end of the statement".to_owned(),
    };
    OraError { message: format!("{file}:{line}:{column}: {}{found}", error.message), ..error }
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
