//! INSERT, UPDATE, DELETE, MERGE.

use super::Parser;
use crate::plsql::ast::{
    Delete, Expr, Filter, Insert, InsertInto, Merge, Name, Relation, Returning, Span, StatementKind, Update,
};
use crate::rewrite::{
    ast::{Source, TableName},
    parser::Parsed,
};

/// What goes on with a statement behind its table, where an alias could stand.
const NO_ALIAS: &[&str] = &["SET", "VALUES", "RETURNING", "RETURN", "LOG", "SELECT", "WHEN"];

impl Parser<'_> {
    /// Behind INSERT.
    pub(super) fn insert(&mut self) -> Parsed<StatementKind> {
        let start = self.tokens.get(self.at - 1).map_or(0, |t| t.offset);
        let hint = self.hint();
        let mut insert =
            Insert { hint, multiple: None, into: Vec::new(), query: None, returning: None, log_errors: None };
        if self.is_any(&["ALL", "FIRST"]) {
            self.at += 1;
            insert.multiple = Some(self.span(start));
            self.insert_multiple(&mut insert)?;
        } else {
            let into = self.insert_into(None)?;
            insert.into.push(into);
        }
        if self.is_any(&["SELECT", "WITH"]) || self.is_symbol("(") {
            insert.query = Some(self.query()?);
        }
        insert.returning = self.returning()?;
        insert.log_errors = self.log_errors()?;
        Ok(StatementKind::Insert(Box::new(insert)))
    }

    fn insert_multiple(&mut self, insert: &mut Insert) -> Parsed<()> {
        loop {
            let when = if self.take_word("WHEN") {
                let condition = self.or()?;
                self.need_word("THEN")?;
                Some(condition)
            } else {
                self.take_word("ELSE");
                None
            };
            if !self.is_word("INTO") {
                return if self.is_any(&["SELECT", "WITH"]) || self.is_symbol("(") {
                    Ok(())
                } else {
                    Err(self.expected("INTO"))
                };
            }
            let mut when = when;
            while self.is_word("INTO") {
                let into = self.insert_into(when.take())?;
                insert.into.push(into);
                self.log_errors()?;
            }
        }
    }

    /// `INTO table (columns) VALUES (…)`.
    fn insert_into(&mut self, when: Option<Expr>) -> Parsed<InsertInto> {
        self.need_word("INTO")?;
        let table = self.relation()?;
        let mut columns = Vec::new();
        if self.is_symbol("(") && !self.is_any_at(1, &["SELECT", "WITH"]) && !self.is_symbol_at(1, "(") {
            self.at += 1;
            columns = self.columns()?;
        }
        let mut values = Vec::new();
        if self.take_word("VALUES") {
            loop {
                if self.take_symbol("(") {
                    values.extend(self.list()?);
                } else {
                    values.push(self.postfix()?);
                }
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        Ok(InsertInto { when, table, columns, values })
    }

    /// Names up to the closing parenthesis, which is taken too.
    fn columns(&mut self) -> Parsed<Vec<Name>> {
        let mut columns = vec![self.full_name()?];
        while self.take_symbol(",") {
            columns.push(self.full_name()?);
        }
        self.need_symbol(")")?;
        Ok(columns)
    }

    /// Behind UPDATE.
    pub(super) fn update(&mut self) -> Parsed<StatementKind> {
        let hint = self.hint();
        let table = self.relation()?;
        self.need_word("SET")?;
        let set = self.assignments()?;
        let filter = self.filter()?;
        let returning = self.returning()?;
        let log_errors = self.log_errors()?;
        Ok(StatementKind::Update(Box::new(Update { hint, table, set, filter, returning, log_errors })))
    }

    /// `column = value, (columns) = (query), VALUE(alias) = object`.
    fn assignments(&mut self) -> Parsed<Vec<(Expr, Expr)>> {
        let mut set = Vec::new();
        loop {
            let target = self.postfix()?;
            self.need_symbol("=")?;
            set.push((target, self.or()?));
            if !self.take_symbol(",") {
                return Ok(set);
            }
        }
    }

    /// Behind DELETE.
    pub(super) fn delete(&mut self) -> Parsed<StatementKind> {
        let hint = self.hint();
        self.take_word("FROM");
        let table = self.relation()?;
        let filter = self.filter()?;
        let returning = self.returning()?;
        let log_errors = self.log_errors()?;
        Ok(StatementKind::Delete(Box::new(Delete { hint, table, filter, returning, log_errors })))
    }

    /// Behind MERGE.
    pub(super) fn merge(&mut self) -> Parsed<StatementKind> {
        let hint = self.hint();
        self.need_word("INTO")?;
        let into = self.relation()?;
        self.need_word("USING")?;
        let using = self.relation()?;
        self.need_word("ON")?;
        let on = self.or()?;
        let mut merge = Merge {
            hint,
            into,
            using,
            on,
            set: Vec::new(),
            set_where: None,
            delete_where: None,
            columns: Vec::new(),
            values: Vec::new(),
            insert_where: None,
            log_errors: None,
        };
        while self.take_word("WHEN") {
            if self.take_word("NOT") {
                self.need_word("MATCHED")?;
                self.need_word("THEN")?;
                self.need_word("INSERT")?;
                if self.take_symbol("(") {
                    merge.columns = self.columns()?;
                }
                self.need_word("VALUES")?;
                if self.take_symbol("(") {
                    merge.values = self.list()?;
                } else {
                    merge.values.push(self.postfix()?);
                }
                if self.take_word("WHERE") {
                    merge.insert_where = Some(self.or()?);
                }
                continue;
            }
            self.need_word("MATCHED")?;
            self.need_word("THEN")?;
            self.need_word("UPDATE")?;
            self.need_word("SET")?;
            merge.set = self.assignments()?;
            if self.take_word("WHERE") {
                merge.set_where = Some(self.or()?);
            }
            if self.take_words(&["DELETE", "WHERE"]) {
                merge.delete_where = Some(self.or()?);
            }
        }
        merge.log_errors = self.log_errors()?;
        Ok(StatementKind::Merge(Box::new(merge)))
    }

    /// A table, view, query or collection with its alias. What goes on with the statement is none.
    fn relation(&mut self) -> Parsed<Relation> {
        let source = self.changed_source()?;
        let has_alias = matches!(
            &source,
            Source::Table(TableName { alias: Some(_), .. })
                | Source::Query { alias: Some(_), .. }
                | Source::Collection { alias: Some(_), .. }
        );
        let last = self.tokens.get(self.at.wrapping_sub(1));
        if has_alias && last.is_some_and(|token| NO_ALIAS.iter().any(|word| token.is_word(word))) {
            self.at -= 1;
            return Ok(Relation(without_alias(source)));
        }
        Ok(Relation(source))
    }

    fn filter(&mut self) -> Parsed<Option<Filter>> {
        if !self.take_word("WHERE") {
            return Ok(None);
        }
        if self.take_words(&["CURRENT", "OF"]) {
            return Ok(Some(Filter::CurrentOf(self.full_name()?)));
        }
        Ok(Some(Filter::Where(self.or()?)))
    }

    fn returning(&mut self) -> Parsed<Option<Returning>> {
        let start = self.offset();
        if !self.take_word("RETURNING") && !self.take_word("RETURN") {
            return Ok(None);
        }
        let mut values = Vec::new();
        loop {
            let _ = self.take_word("OLD") || self.take_word("NEW");
            values.push(self.or()?);
            if !self.take_symbol(",") {
                break;
            }
        }
        let into = self.read_targets()?;
        Ok(Some(Returning { span: self.span(start), values, into }))
    }

    /// `LOG ERRORS [INTO table] [('tag')] [REJECT LIMIT n | UNLIMITED]`.
    fn log_errors(&mut self) -> Parsed<Option<Span>> {
        let start = self.offset();
        if !self.take_words(&["LOG", "ERRORS"]) {
            return Ok(None);
        }
        if self.take_word("INTO") {
            self.full_name()?;
        }
        if self.take_symbol("(") {
            self.list()?;
        }
        if self.take_words(&["REJECT", "LIMIT"]) {
            self.sum()?;
        }
        Ok(Some(self.span(start)))
    }
}

/// What was taken for an alias goes on with the statement.
fn without_alias(source: Source) -> Source {
    match source {
        Source::Table(table) => Source::Table(TableName { alias: None, ..table }),
        Source::Query { start, lateral, query, .. } => Source::Query { start, lateral, query, alias: None },
        Source::Collection { start, value, .. } => Source::Collection { start, value, alias: None },
        other => other,
    }
}
