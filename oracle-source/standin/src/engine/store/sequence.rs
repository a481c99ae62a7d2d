//! Sequences. Numbers are handed out from a shared cache, and never again after a rollback.

use super::{Model, Store, lock, model::Object};
use crate::OraError;
use rusqlite::{Connection, OptionalExtension, params};
use schema_map::Sequence;
use std::sync::Arc;
use type_convert::{Number, Value};

fn no_sequence() -> OraError {
    OraError::new(2289, "sequence does not exist")
}

fn number(n: i128) -> Result<Value, OraError> {
    n.to_string()
        .parse::<Number>()
        .map(Value::Number)
        .map_err(|e| OraError::new(600, format!("internal error code: {e}")))
}

/// `next` and `last` of a sequence's row: what comes next, and `LAST_NUMBER`.
pub(crate) fn position(connection: &Connection, object: i64) -> Result<Option<(i128, i128)>, OraError> {
    let row: Option<(String, String)> = connection
        .prepare_cached("SELECT next, last FROM sequences WHERE object = ?1")?
        .query_row([object], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let damaged = || OraError::new(600, "internal error code, arguments: [sequence]");
    row.map(|(next, last)| Ok((next.parse().map_err(|_| damaged())?, last.parse().map_err(|_| damaged())?))).transpose()
}

pub(super) fn set_position(connection: &Connection, object: i64, next: i128, last: i128) -> Result<(), OraError> {
    connection
        .prepare_cached(
            "INSERT INTO sequences VALUES (?1, ?2, ?3) ON CONFLICT (object) DO UPDATE SET next = ?2, last = ?3",
        )?
        .execute(params![object, next.to_string(), last.to_string()])?;
    Ok(())
}

impl Store {
    fn sequence(&self, owner: Option<&str>, name: &str) -> Result<(Object, Sequence), OraError> {
        let model: Arc<Model> = match self.writing {
            Some(_) => Arc::clone(&self.model.borrow()),
            None => self.model()?,
        };
        let mut at = (owner.unwrap_or(&self.schema).to_owned(), name.to_owned());
        for _ in 0..16 {
            if let Some(object) = model.object(&at.0, &at.1, "SEQUENCE") {
                // Identity columns take their numbers with the right to insert alone.
                let seen = object.owner == self.user
                    || object.name.starts_with("ISEQ$$_")
                    || self.may(&model, &object.owner, &object.name, &["SELECT", "ALTER"], "SELECT ANY SEQUENCE");
                let sequence = model
                    .catalog
                    .sequences
                    .iter()
                    .find(|s| s.path.schema.as_str() == object.owner && s.path.name.as_str() == object.name);
                return match sequence.filter(|_| seen) {
                    Some(sequence) => Ok((object.clone(), sequence.clone())),
                    None => Err(no_sequence()),
                };
            }
            let synonym = |schema: &str| {
                model.catalog.synonyms.iter().find(|s| s.path.schema.as_str() == schema && s.path.name.as_str() == at.1)
            };
            let found = synonym(&at.0).or_else(|| owner.is_none().then(|| synonym("PUBLIC")).flatten());
            let Some(found) = found else { break };
            at = (found.target.schema.as_str().to_owned(), found.target.name.as_str().to_owned());
        }
        Err(no_sequence())
    }

    pub(super) fn sequence_next(&mut self, owner: Option<&str>, name: &str) -> Result<Value, OraError> {
        let (object, sequence) = self.sequence(owner, name)?;
        let alone = self.writing.is_none();
        let connection = lock(&self.connection);
        if alone {
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        }
        let result = advance(&connection, object.id, &sequence);
        if alone {
            connection.prepare_cached(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?.execute([])?;
        }
        drop(connection);
        let value = result?;
        if let Some(writing) = &mut self.writing {
            writing.wrote = true;
        }
        self.current_values.insert(object.id, value);
        number(value)
    }

    pub(super) fn sequence_current(&self, owner: Option<&str>, name: &str) -> Result<Value, OraError> {
        let (object, _) = self.sequence(owner, name)?;
        match self.current_values.get(&object.id) {
            Some(&value) => number(value),
            None => Err(OraError::new(8002, format!("sequence {name}.CURRVAL is not yet defined in this session"))),
        }
    }
}

fn advance(connection: &Connection, object: i64, sequence: &Sequence) -> Result<i128, OraError> {
    let (mut value, mut last) = position(connection, object)?.unwrap_or((sequence.next_value, sequence.next_value));
    let up = sequence.increment > 0;
    if value > sequence.max_value || value < sequence.min_value {
        if !sequence.cycle {
            let (bound, limit) = if up { ("MAXVALUE", sequence.max_value) } else { ("MINVALUE", sequence.min_value) };
            let name = &sequence.path.name;
            let _ = limit;
            return Err(match up {
                true => {
                    OraError::new(8004, format!("sequence {name}.NEXTVAL exceeds {bound} and cannot be instantiated"))
                }
                false => OraError::new(
                    8004,
                    format!("sequence {name}.NEXTVAL goes below {bound} and cannot be instantiated"),
                ),
            });
        }
        value = if up { sequence.min_value } else { sequence.max_value };
        last = value;
    }
    let next = value.saturating_add(sequence.increment);
    // LAST_NUMBER is beyond what the cache holds.
    if (up && next > last) || (!up && next < last) || last == value {
        last = value.saturating_add(sequence.increment.saturating_mul(i128::from(sequence.cache.max(1))));
        last = last.clamp(sequence.min_value.saturating_sub(1), sequence.max_value.saturating_add(1));
    }
    set_position(connection, object, next, last)?;
    Ok(value)
}
