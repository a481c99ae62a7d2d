//! Objects that have a name and some texts and no effect here: directories, database links, clusters, jobs, policies.

use super::{Subject, Words, insufficient, invalid, unimplemented};
use crate::{
    OraError,
    engine::store::{Store, lock},
};
use rusqlite::params;
use schema_map::sql::TokenKind;

/// One of them. What the texts are depends on the kind.
#[derive(Debug, Clone)]
pub(crate) struct PlainObject {
    /// As `ALL_OBJECTS.OBJECT_TYPE` spells it, or `POLICY`.
    pub(crate) kind: String,
    pub(crate) owner: String,
    pub(crate) name: String,
    /// Path; user, host; type, action, interval; table, function.
    pub(crate) texts: [Option<String>; 3],
}

impl Store {
    /// CREATE and DROP of directories, database links and clusters; `None` where the statement is another.
    pub(super) fn plain_object(&mut self, words: &mut Words<'_>) -> Result<Option<Subject>, OraError> {
        let start = words.at;
        let create = words.take(&["CREATE"]);
        if !create && !words.take(&["DROP"]) {
            return Ok(None);
        }
        let replace = words.take(&["OR", "REPLACE"]);
        let public = words.take(&["PUBLIC", "DATABASE"]);
        let kind = if public || words.take(&["DATABASE"]) {
            if !words.take(&["LINK"]) {
                words.at = start;
                return Ok(None);
            }
            "DATABASE LINK"
        } else if words.take(&["DIRECTORY"]) {
            "DIRECTORY"
        } else if words.take(&["CLUSTER"]) {
            "CLUSTER"
        } else {
            words.at = start;
            return Ok(None);
        };
        let mut name = words.ident().ok_or_else(invalid)?;
        let mut owner = self.schema.clone();
        if kind == "DATABASE LINK" {
            while words.symbol(".") {
                name = format!("{name}.{}", words.ident().ok_or_else(invalid)?);
            }
        } else if words.symbol(".") {
            owner = std::mem::replace(&mut name, words.ident().ok_or_else(invalid)?);
        }
        match (kind, public) {
            ("DIRECTORY", _) => "SYS".clone_into(&mut owner),
            (_, true) => "PUBLIC".clone_into(&mut owner),
            _ => {}
        }
        if owner != self.user && !self.model.borrow().privileges.has_system(&self.user, "CREATE ANY TABLE") {
            return Err(insufficient());
        }
        if !create {
            words.end()?;
            let connection = lock(&self.connection);
            let sql = "DELETE FROM plain_objects WHERE kind = ?1 AND owner = ?2 AND name = ?3";
            if connection.execute(sql, params![kind, owner, name])? == 0 {
                return Err(OraError::new(4043, format!("object {name} does not exist")));
            }
            return Ok(Some(Subject::default()));
        }
        let mut texts = [None, None, None];
        match kind {
            "DIRECTORY" => {
                if !words.take(&["AS"]) {
                    return Err(words.unexpected(905, "missing keyword"));
                }
                texts[0] = Some(literal(words)?);
            }
            "DATABASE LINK" => {
                if words.take(&["CONNECT", "TO"]) {
                    texts[0] = Some(words.ident().ok_or_else(invalid)?);
                    if !words.take(&["IDENTIFIED", "BY"]) || words.ident().is_none() {
                        return Err(words.unexpected(905, "missing keyword"));
                    }
                }
                if words.take(&["USING"]) {
                    texts[1] = Some(literal(words)?);
                }
            }
            // How a cluster is laid out is Oracle's business.
            _ => words.at = words.tokens.len(),
        }
        words.end()?;
        let object = PlainObject { kind: kind.to_owned(), owner, name, texts };
        self.keep_plain_object(&object, replace)?;
        Ok(Some(Subject::default()))
    }

    /// Notes a job or a policy that a procedure made.
    pub(in crate::engine::store) fn make_plain_object(&mut self, object: &PlainObject) -> Result<(), OraError> {
        if object.owner != self.user {
            return Err(unimplemented("the stand-in makes jobs and policies in the session's own schema only"));
        }
        self.keep_plain_object(object, false)
    }

    fn keep_plain_object(&self, object: &PlainObject, replace: bool) -> Result<(), OraError> {
        let PlainObject { kind, owner, name, texts: [a, b, c] } = object;
        let connection = lock(&self.connection);
        let verb = if replace { "INSERT OR REPLACE" } else { "INSERT OR IGNORE" };
        let sql = format!("{verb} INTO plain_objects VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        match connection.execute(&sql, params![kind, owner, name, a, b, c])? {
            0 => Err(OraError::new(955, "name is already used by an existing object")),
            _ => Ok(()),
        }
    }

    /// Those of one kind, or all.
    pub(crate) fn plain_objects(&self, kind: Option<&str>) -> Result<Vec<PlainObject>, OraError> {
        let all =
            self.query("SELECT kind, owner, name, a, b, c FROM plain_objects ORDER BY kind, owner, name", |r| {
                Ok(PlainObject {
                    kind: r.get(0)?,
                    owner: r.get(1)?,
                    name: r.get(2)?,
                    texts: [r.get(3)?, r.get(4)?, r.get(5)?],
                })
            })?;
        Ok(all.into_iter().filter(|o| kind.is_none_or(|kind| o.kind == kind)).collect())
    }
}

fn literal(words: &mut Words<'_>) -> Result<String, OraError> {
    let text = words.peek(0).filter(|t| t.kind == TokenKind::Text).and_then(|t| t.text_value());
    let text = text.ok_or_else(|| words.unexpected(1780, "string literal required"))?;
    words.at += 1;
    Ok(text)
}
