use super::{Owner, column::TableColumns, comment::Comments};
use crate::{Error, sql::dictionary as sql};
use schema_map::{MaterializedView, ObjectPath, View};
use std::collections::HashMap;

/// A materialized view, and the table that its rows are in where that is not one of the schema's own.
pub(super) struct Materialized {
    pub(super) view: MaterializedView,
    pub(super) container: Option<String>,
}

/// Views that are kept.
pub(super) fn views(
    owner: &mut Owner<'_, '_>,
    columns: &mut HashMap<String, TableColumns>,
    comments: &mut Comments,
) -> Result<Vec<View>, Error> {
    let mut views = Vec::new();
    for row in owner.query(sql::VIEWS)? {
        let path = owner.path(row.ident(0)?);
        if !owner.keeps(&path) {
            continue;
        }
        let of_type = match row.get(3) {
            Some(_) if row.get(2).is_some() => Some(ObjectPath { schema: row.ident(2)?, name: row.ident(3)? }),
            Some(_) => Some(owner.path(row.ident(3)?)),
            None => None,
        };
        let query = without_read_only(row.text(4)?).to_owned();
        views.push(View { read_only: row.get(1) == Some("Y"), of_type, ..view(path, query, columns, comments) });
    }
    Ok(views)
}

/// All materialized views, for the containers of those that are not kept are no tables either.
pub(super) fn materialized_views(
    owner: &mut Owner<'_, '_>,
    columns: &mut HashMap<String, TableColumns>,
    comments: &mut Comments,
) -> Result<Vec<Materialized>, Error> {
    let rows = owner.query(sql::MATERIALIZED_VIEWS)?;
    let mut refreshes: HashMap<String, String> = HashMap::new();
    if !rows.is_empty() {
        for row in owner.query_if_allowed(sql::REFRESHES, "when materialized views are refreshed")? {
            refreshes.insert(row.text(0)?.to_owned(), row.text(1)?.trim().to_owned());
        }
    }
    let mut views = Vec::new();
    for row in rows {
        let path = owner.path(row.ident(0)?);
        let prebuilt = row.get(2) == Some("PREBUILT");
        let mut options = match row.get(2) {
            Some("PREBUILT") => "ON PREBUILT TABLE".to_owned(),
            Some("DEFERRED") => "BUILD DEFERRED".to_owned(),
            _ => "BUILD IMMEDIATE".to_owned(),
        };
        match (row.get(3), row.get(4)) {
            (Some("NEVER"), _) | (_, Some("NEVER")) => options.push_str(" NEVER REFRESH"),
            (method, mode) => {
                options.push_str(&format!(" REFRESH {} ON {}", method.unwrap_or("FORCE"), mode.unwrap_or("DEMAND")));
            }
        }
        if let Some(next) = refreshes.remove(path.name.as_str()) {
            options.push_str(&format!(" NEXT {next}"));
        }
        if row.get(5) == Some("Y") {
            options.push_str(" ENABLE QUERY REWRITE");
        }
        let query = row.text(6)?.trim().trim_end_matches(';').trim_end().to_owned();
        let container = row.get(1).filter(|_| !prebuilt).map(str::to_owned);
        views.push(Materialized {
            // The columns and comments of a table that was there before are the table's.
            view: MaterializedView {
                view: match prebuilt {
                    true => view(path, query, &mut HashMap::new(), &mut Comments::default()),
                    false => view(path, query, columns, comments),
                },
                options,
            },
            container,
        });
    }
    Ok(views)
}

fn view(path: ObjectPath, query: String, columns: &mut HashMap<String, TableColumns>, comments: &mut Comments) -> View {
    let name = path.name.as_str();
    View {
        columns: columns.remove(name).unwrap_or_default().columns.into_iter().map(|c| c.name).collect(),
        query,
        read_only: false,
        comment: comments.tables.remove(name),
        column_comments: comments.of_columns(name),
        of_type: None,
        path,
    }
}

/// The query of a view without `WITH READ ONLY`, which Oracle keeps as a part of its text.
fn without_read_only(text: &str) -> &str {
    let text = text.trim().trim_end_matches(';').trim_end();
    let mut rest = text;
    for word in ["ONLY", "READ", "WITH"] {
        let Some(start) = rest.len().checked_sub(word.len()) else { return text };
        match rest.get(start..) {
            Some(end) if end.eq_ignore_ascii_case(word) => {}
            _ => return text,
        }
        let before = rest[..start].trim_end();
        if before.len() == start {
            return text;
        }
        rest = before;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_is_cut_off() {
        assert_eq!(without_read_only(" SELECT a FROM t\nWITH READ ONLY"), "SELECT a FROM t");
        assert_eq!(without_read_only("select a from t with  read\tonly ;"), "select a from t");
        assert_eq!(without_read_only("SELECT a FROM t"), "SELECT a FROM t");
        assert_eq!(without_read_only("SELECT only"), "SELECT only");
        assert_eq!(without_read_only("with read only"), "with read only");
        assert_eq!(without_read_only("SELECT a FROM t WHERE b = 'é'"), "SELECT a FROM t WHERE b = 'é'");
    }
}
