//! CREATE MATERIALIZED VIEW.

use super::{Parsed, Parser};
use crate::sql::ast::Statement;
use crate::{MaterializedView, View};

impl Parser<'_> {
    /// Behind CREATE MATERIALIZED VIEW.
    pub(super) fn materialized_view(mut self) -> Parsed<Statement> {
        self.check_tokens()?;
        let if_not_exists = self.if_not_exists();
        let path = self.path("a name")?;
        let of_type = if self.word("OF") { Some(self.path("an object type")?) } else { None };
        let mut columns = Vec::new();
        if self.symbol("(") {
            loop {
                columns.push(self.ident("a column name")?);
                if self.word("ENCRYPT") {
                    while !(self.at_end() || self.is_symbol(",") || self.is_symbol(")")) {
                        self.at += 1;
                    }
                }
                if !self.symbol(",") {
                    break;
                }
            }
            if !self.symbol(")") {
                return self.expected("\",\" or \")\"");
            }
        }
        let from = self.at;
        while !(self.at_end() || (self.is("AS") && self.at_query(1))) {
            self.skip_property()?;
        }
        let options = self.slice(from, self.at).split_whitespace().collect::<Vec<_>>().join(" ");
        self.expect("AS")?;
        let query = self.slice(self.at, self.tokens.len()).to_owned();
        let view = View { path, columns, query, read_only: false, comment: None, column_comments: Vec::new(), of_type };
        Ok(Statement::CreateMaterializedView { view: Box::new(MaterializedView { view, options }), if_not_exists })
    }
}
