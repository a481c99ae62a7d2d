//! Queries.

use super::{Parsed, Parser};
use crate::rewrite::ast::{
    Body, Cte, Cycle, Expr, Fetch, Group, Hierarchy, Item, Node, Query, Search, Select, SetOperator, Span, Targets,
};
use crate::sql::TokenKind;

impl Parser<'_> {
    pub(crate) fn query(&mut self) -> Parsed<Query> {
        self.deeper()?;
        let start = self.offset();
        let mut with = Vec::new();
        if self.take_word("WITH") {
            if self.is_any(&["FUNCTION", "PROCEDURE"]) {
                return Err(self.refuse("functions declared in WITH are not converted"));
            }
            loop {
                with.push(self.cte()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        let body = self.body()?;
        let mut query = Query {
            start,
            end: start,
            with,
            body,
            order_by: Vec::new(),
            siblings: false,
            offset: None,
            fetch: None,
            for_update: None,
        };
        loop {
            if self.take_word("ORDER") {
                query.siblings = self.take_word("SIBLINGS");
                self.need_word("BY")?;
                query.order_by = self.orders()?;
            } else if self.is_word("OFFSET") {
                self.at += 1;
                query.offset = Some(self.sum()?);
                if !self.take_word("ROWS") {
                    self.need_word("ROW")?;
                }
            } else if self.is_word("FETCH") && (self.is_word_at(1, "FIRST") || self.is_word_at(1, "NEXT")) {
                self.at += 2;
                let rows = if self.is_any(&["ROW", "ROWS"]) { None } else { Some(self.sum()?) };
                let percent = self.take_word("PERCENT");
                if !self.take_word("ROWS") {
                    self.need_word("ROW")?;
                }
                let ties = self.take_words(&["WITH", "TIES"]);
                if !ties {
                    self.need_word("ONLY")?;
                }
                query.fetch = Some(Fetch { rows, percent, ties });
            } else if self.is_word("FOR") && self.is_word_at(1, "UPDATE") {
                self.unless_whole("FOR UPDATE cannot stand here")?;
                query.for_update = Some(self.for_update()?);
            } else {
                break;
            }
        }
        self.depth -= 1;
        query.end = self.end();
        Ok(query)
    }

    /// `FOR UPDATE [OF columns] [NOWAIT | WAIT n | SKIP LOCKED]`.
    fn for_update(&mut self) -> Parsed<(usize, Vec<Expr>)> {
        let start = self.offset();
        self.at += 2;
        let mut of = Vec::new();
        if self.take_word("OF") {
            loop {
                let at = self.offset();
                let name = self.name(3)?;
                of.push(self.expr(at, Node::Name(name)));
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take_word("WAIT") {
            self.sum()?;
        } else if !self.take_word("NOWAIT") {
            self.take_words(&["SKIP", "LOCKED"]);
        }
        Ok((start, of))
    }

    /// `[BULK COLLECT] INTO targets`, where it is there.
    pub(crate) fn read_targets(&mut self) -> Parsed<Option<Targets>> {
        let start = self.offset();
        let bulk = self.take_words(&["BULK", "COLLECT"]);
        if !self.take_word("INTO") {
            return if bulk { Err(self.expected("INTO")) } else { Ok(None) };
        }
        let mut targets = vec![self.postfix()?];
        while self.take_symbol(",") {
            targets.push(self.postfix()?);
        }
        Ok(Some(Targets { span: self.span(start), bulk, targets }))
    }

    fn cte(&mut self) -> Parsed<Cte> {
        let start = self.offset();
        let name = self.part()?.name;
        let mut columns = Vec::new();
        if self.take_symbol("(") {
            loop {
                columns.push(self.part()?.name);
                if !self.take_symbol(",") {
                    break;
                }
            }
            self.need_symbol(")")?;
        }
        self.need_word("AS")?;
        self.need_symbol("(")?;
        let query = self.query()?;
        self.need_symbol(")")?;
        let search = if self.take_word("SEARCH") { Some(self.search()?) } else { None };
        let cycle = if self.take_word("CYCLE") { Some(self.cycle()?) } else { None };
        Ok(Cte { start, name, columns, query, search, cycle })
    }

    /// Behind SEARCH.
    fn search(&mut self) -> Parsed<Search> {
        let depth = self.take_word("DEPTH");
        if !depth {
            self.need_word("BREADTH")?;
        }
        self.need_word("FIRST")?;
        self.need_word("BY")?;
        let by = self.orders()?;
        self.need_word("SET")?;
        let set = self.part()?.name;
        Ok(Search { depth, by, set })
    }

    /// Behind CYCLE.
    fn cycle(&mut self) -> Parsed<Cycle> {
        let mut columns = vec![self.part()?.name];
        while self.take_symbol(",") {
            columns.push(self.part()?.name);
        }
        self.need_word("SET")?;
        let set = self.part()?.name;
        self.need_word("TO")?;
        let to = self.sum()?;
        self.need_word("DEFAULT")?;
        let default = self.sum()?;
        Ok(Cycle { columns, set, to, default })
    }

    fn body(&mut self) -> Parsed<Body> {
        let mut left = self.operand()?;
        for links in 0.. {
            let start = self.offset();
            let operator = if self.take_word("UNION") {
                if self.take_word("ALL") { SetOperator::UnionAll } else { SetOperator::Union }
            } else if self.take_word("INTERSECT") {
                if self.take_word("ALL") { SetOperator::IntersectAll } else { SetOperator::Intersect }
            } else if self.take_word("MINUS") || self.take_word("EXCEPT") {
                if self.take_word("ALL") { SetOperator::MinusAll } else { SetOperator::Minus }
            } else {
                return Ok(left);
            };
            if self.is_whole() && !self.may_link(links) {
                break;
            }
            let right = self.operand()?;
            left = Body::Set { operator, start, left: Box::new(left), right: Box::new(right) };
        }
        Err(self.refuse("more set operators than are read here"))
    }

    fn operand(&mut self) -> Parsed<Body> {
        if self.take_symbol("(") {
            let query = self.query()?;
            self.need_symbol(")")?;
            return Ok(Body::Nested(Box::new(query)));
        }
        Ok(Body::Select(Box::new(self.select()?)))
    }

    fn select(&mut self) -> Parsed<Select> {
        let start = self.offset();
        self.need_word("SELECT")?;
        let hint = self.hint();
        let distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        if !distinct {
            self.take_word("ALL");
        }
        let mut items = vec![self.item()?];
        while self.take_symbol(",") {
            items.push(self.item()?);
        }
        let into = if self.is_whole() { self.read_targets()? } else { None };
        let mut from = Vec::new();
        // Oracle 23ai has queries without FROM.
        if self.take_word("FROM") {
            from.push(self.joined()?);
            while self.take_symbol(",") {
                from.push(self.joined()?);
            }
        }
        let filter = if self.take_word("WHERE") { Some(self.or()?) } else { None };
        let hierarchy = self.hierarchy()?;
        let mut group_by = Vec::new();
        let mut having = None;
        loop {
            if self.take_words(&["GROUP", "BY"]) {
                group_by.push(self.group()?);
                while self.take_symbol(",") {
                    group_by.push(self.group()?);
                }
            } else if self.take_word("HAVING") {
                having = Some(self.or()?);
            } else {
                break;
            }
        }
        for word in ["MODEL", "MATCH_RECOGNIZE"] {
            if self.is_word(word) {
                self.unless_whole(format!("{word} is not converted"))?;
            }
        }
        let model = if self.is_word("MODEL") { Some(self.model()) } else { None };
        Ok(Select { start, hint, distinct, items, into, from, filter, hierarchy, group_by, having, model })
    }

    /// MODEL up to what goes on with the query; its rules are a language of their own.
    fn model(&mut self) -> Span {
        let start = self.offset();
        self.at += 1;
        while let Some(token) = self.peek() {
            if token.is_symbol(")")
                || token.is_symbol(";")
                || self.is_any(&["UNION", "INTERSECT", "MINUS", "EXCEPT", "FETCH", "OFFSET"])
            {
                break;
            }
            // The ORDER BY of the query; that of a rule is in its parentheses or behind a cell.
            if self.is_word("ORDER") && self.tokens.get(self.at.wrapping_sub(1)).is_some_and(|t| t.is_symbol(")")) {
                break;
            }
            if !self.skip_parentheses() {
                self.at += 1;
            }
        }
        self.span(start)
    }

    fn hierarchy(&mut self) -> Parsed<Option<Hierarchy>> {
        let mut start_with = None;
        let mut start_with_at = self.is_word("START").then(|| self.offset());
        if self.take_words(&["START", "WITH"]) {
            start_with = Some(self.or()?);
        }
        let start = self.offset();
        if !self.take_words(&["CONNECT", "BY"]) {
            return match start_with {
                Some(_) => Err(self.expected("CONNECT BY")),
                None => Ok(None),
            };
        }
        let nocycle = self.take_word("NOCYCLE");
        let connect_by = self.or()?;
        let behind = self.offset();
        if start_with.is_none() && self.take_words(&["START", "WITH"]) {
            start_with_at = Some(behind);
            start_with = Some(self.or()?);
        }
        Ok(Some(Hierarchy { start_with_at, start, start_with, connect_by, nocycle }))
    }

    fn group(&mut self) -> Parsed<Group> {
        self.deeper()?;
        let group = if self.is_word("ROLLUP") && self.is_symbol_at(1, "(") {
            self.at += 2;
            Group::Rollup(self.groups()?)
        } else if self.is_word("CUBE") && self.is_symbol_at(1, "(") {
            self.at += 2;
            Group::Cube(self.groups()?)
        } else if self.take_words(&["GROUPING", "SETS"]) {
            self.need_symbol("(")?;
            Group::Sets(self.groups()?)
        } else if self.is_symbol("(") && self.is_symbol_at(1, ")") {
            self.at += 2;
            Group::Set(Vec::new())
        } else {
            let value = self.or()?;
            match value.node {
                Node::Row(all) => Group::Set(all),
                _ => Group::One(value),
            }
        };
        self.depth -= 1;
        Ok(group)
    }

    fn groups(&mut self) -> Parsed<Vec<Group>> {
        let mut groups = vec![self.group()?];
        while self.take_symbol(",") {
            groups.push(self.group()?);
        }
        self.need_symbol(")")?;
        Ok(groups)
    }

    fn item(&mut self) -> Parsed<Item> {
        let start = self.offset();
        if self.take_symbol("*") {
            return Ok(Item::All { of: Vec::new(), start });
        }
        let before = self.at;
        if self.peek().is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdent))
            && let Ok(of) = self.name(if self.is_whole() { 3 } else { 2 })
            && self.take_symbol(".")
            && self.take_symbol("*")
        {
            return Ok(Item::All { of, start });
        }
        self.at = before;
        let value = self.or()?;
        let explicit = self.take_word("AS");
        let alias = if explicit || self.may_be_alias() { Some(self.part()?.name) } else { None };
        Ok(Item::One { value, alias })
    }
}
