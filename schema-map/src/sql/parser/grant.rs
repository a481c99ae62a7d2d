//! GRANT.

use super::{Parsed, Parser};
use crate::sql::{TokenKind, ast::Statement};
use crate::{Grant, OracleIdent, Privilege};

impl Parser<'_> {
    /// Behind GRANT. Roles and rights on the whole system are none of a catalog's business.
    pub(super) fn grant(mut self) -> Parsed<Statement> {
        let mut privileges = Vec::new();
        loop {
            let from = self.at;
            // ON COMMIT REFRESH is a right itself.
            self.words(&["ON", "COMMIT", "REFRESH"]);
            while self.peek().is_some_and(|t| t.kind == TokenKind::Word) && !self.is("ON") && !self.is("TO") {
                self.at += 1;
            }
            let words: Vec<String> =
                self.tokens[from..self.at].iter().map(|token| token.text.to_ascii_uppercase()).collect();
            let name = match words.join(" ").as_str() {
                "ALL PRIVILEGES" => "ALL".to_owned(),
                other => other.to_owned(),
            };
            let columns = if self.is_symbol("(") { self.column_list()? } else { Vec::new() };
            privileges.push(Privilege { name, columns });
            if !self.symbol(",") {
                break;
            }
        }
        if !self.word("ON") {
            return Ok(Statement::Other);
        }
        let other_objects = ["DIRECTORY", "EDITION", "MINING", "JAVA", "SQL", "USER"]
            .iter()
            .any(|w| self.is(w) && !self.is_at(1, "TO"));
        if other_objects && !self.is_symbol_at(1, ".") {
            return Ok(Statement::Other);
        }
        let object = self.path("an object")?;
        if self.symbol("@") {
            return Ok(Statement::Other);
        }
        self.expect("TO")?;
        let mut grantees: Vec<OracleIdent> = Vec::new();
        loop {
            grantees.push(self.ident("a user or role")?);
            if !self.symbol(",") {
                break;
            }
        }
        let mut grantable = false;
        while !self.at_end() {
            grantable |= self.words(&["WITH", "GRANT", "OPTION"]);
            if !self.at_end() && !self.words(&["WITH", "HIERARCHY", "OPTION"]) {
                return self.expected("WITH GRANT OPTION");
            }
        }
        Ok(Statement::Grant(Grant { privileges, object, grantees, grantable }))
    }
}
