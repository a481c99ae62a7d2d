//! Supplemental log groups.

use super::{Scope, Values, count, id, table::shown_tables, text};
use crate::{
    OraError,
    engine::store::{Model, Store},
};

pub(super) fn log_groups(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for group in model.log_groups.iter().filter(|g| g.object == info.object.id) {
            let user = group.kind == "USER LOG GROUP";
            rows.push(vec![
                id(&info.table.path.schema),
                text(&group.name),
                id(&info.table.path.name),
                text(&group.kind),
                text(if group.always { "ALWAYS" } else { "CONDITIONAL" }),
                text(if user { "USER NAME" } else { "GENERATED NAME" }),
            ]);
        }
    }
    Ok(rows)
}

pub(super) fn log_group_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for group in model.log_groups.iter().filter(|g| g.object == info.object.id) {
            for (n, column) in group.columns.iter().enumerate() {
                rows.push(vec![
                    id(&info.table.path.schema),
                    text(&group.name),
                    id(&info.table.path.name),
                    text(column),
                    count(n + 1),
                    text("LOG"),
                ]);
            }
        }
    }
    Ok(rows)
}
