//! Materialized views.

use super::{NULL, Scope, Values, count, id, shows_path, text, y_n};
use crate::{
    OraError,
    engine::store::{Model, Store},
};
use schema_map::MaterializedView;

fn shown<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = &'a MaterializedView> {
    model.catalog.materialized_views.iter().filter(move |m| shows_path(store, model, scope, &m.view.path))
}

/// The first of these that the options name.
fn named(options: &str, words: &[(&str, &'static str)], otherwise: &'static str) -> &'static str {
    words.iter().find(|(word, _)| options.contains(word)).map_or(otherwise, |(_, is)| is)
}

pub(super) fn materialized_views(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown(store, model, scope)
        .map(|materialized| {
            let view = &materialized.view;
            let options = materialized.options.to_uppercase();
            let build = named(&options, &[("PREBUILT", "PREBUILT"), ("BUILD DEFERRED", "DEFERRED")], "IMMEDIATE");
            let never = ("NEVER REFRESH", "NEVER");
            let method = [never, ("COMPLETE", "COMPLETE"), ("FAST", "FAST")];
            let mode = [never, ("ON COMMIT", "COMMIT"), ("ON STATEMENT", "STATEMENT")];
            vec![
                id(&view.path.schema),
                id(&view.path.name),
                id(&view.path.name),
                text(&view.query),
                count(view.query.len()),
                y_n(options.contains("ENABLE QUERY REWRITE")),
                text(named(&options, &mode, "DEMAND")),
                text(named(&options, &method, "FORCE")),
                text(build),
            ]
        })
        .collect())
}

pub(super) fn materialized_view_comments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown(store, model, scope)
        .map(|m| {
            let own = format!("snapshot table for snapshot {}", m.view.path);
            vec![id(&m.view.path.schema), id(&m.view.path.name), text(m.view.comment.clone().unwrap_or(own))]
        })
        .collect())
}

/// Those with NEXT.
pub(super) fn refreshes(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for m in shown(store, model, scope) {
        let Some((_, next)) = m.options.split_once(" NEXT ") else { continue };
        let end = [" ENABLE ", " DISABLE ", " WITH ", " USING ", " FOR "].iter().filter_map(|w| next.find(w)).min();
        let next = &next[..end.unwrap_or(next.len())];
        let (owner, name) = (id(&m.view.path.schema), id(&m.view.path.name));
        rows.push(vec![owner.clone(), name.clone(), text("SNAPSHOT"), owner, name, NULL, text(next), text("N")]);
    }
    Ok(rows)
}
