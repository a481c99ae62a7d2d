//! Stored code.

use super::{NULL, Scope, Values, count, id, shows_path, text};
use crate::{
    OraError,
    engine::store::{Model, Object, Store, code_kind},
};
use schema_map::CodeKind;

pub(super) fn source(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for code in model.catalog.stored_code.iter().filter(|c| shows_path(store, model, scope, &c.path)) {
        for (n, line) in code.source.split_inclusive('\n').enumerate() {
            rows.push(vec![
                id(&code.path.schema),
                id(&code.path.name),
                text(code_kind(code.kind)),
                count(n + 1),
                text(line),
            ]);
        }
    }
    Ok(rows)
}

/// TRIGGER_TYPE and TRIGGERING_EVENT, from the words before the body.
fn trigger_words(source: &str) -> (String, String) {
    let words: Vec<String> = schema_map::sql::Lexer::new(source)
        .filter(|t| t.kind == schema_map::sql::TokenKind::Word)
        .map(|t| t.text.to_uppercase())
        .take_while(|w| w != "DECLARE" && w != "BEGIN" && w != "CALL" && w != "COMPOUND")
        .collect();
    let has = |w: &str| words.iter().any(|x| x == w);
    let time = if has("INSTEAD") {
        "INSTEAD OF"
    } else if has("BEFORE") {
        "BEFORE"
    } else {
        "AFTER"
    };
    let level = match (time, has("ROW")) {
        ("INSTEAD OF", _) => "",
        (_, true) => " EACH ROW",
        (_, false) => " STATEMENT",
    };
    let end = words.iter().position(|w| w == "ON").unwrap_or(words.len());
    let events: Vec<&str> =
        ["INSERT", "UPDATE", "DELETE"].into_iter().filter(|e| words[..end].iter().any(|w| w == e)).collect();
    (format!("{time}{level}"), events.join(" OR "))
}

pub(super) fn triggers(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    let all = model.catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Trigger);
    for trigger in all.filter(|c| shows_path(store, model, scope, &c.path)) {
        let (kind, event) = trigger_words(&trigger.source);
        let enabled = model
            .object(trigger.path.schema.as_str(), trigger.path.name.as_str(), "TRIGGER")
            .is_none_or(|o: &Object| o.enabled);
        let is_view = trigger.table.as_ref().is_some_and(|t| model.catalog.views.iter().any(|v| v.path == *t));
        let base = match (&trigger.table, is_view) {
            (Some(_), true) => "VIEW            ",
            (Some(_), false) => "TABLE           ",
            (None, _) => "SCHEMA          ",
        };
        rows.push(vec![
            id(&trigger.path.schema),
            id(&trigger.path.name),
            text(kind),
            text(event),
            trigger.table.as_ref().map_or(NULL, |t| id(&t.schema)),
            text(base),
            trigger.table.as_ref().map_or(NULL, |t| id(&t.name)),
            text(if enabled { "ENABLED" } else { "DISABLED" }),
            text(&trigger.source),
        ]);
    }
    Ok(rows)
}
