//! Queries: SELECT, set operators, FROM, ORDER BY.

use super::*;

impl<'a> Parser<'a> {
    /// Whether the parentheses here hold a query.
    pub(super) fn opens_query(&self) -> bool {
        let mut ahead = 0;
        while self.is_symbol_at(ahead, "(") {
            ahead += 1;
        }
        ahead > 0 && (self.is_word_at(ahead, "SELECT") || self.is_word_at(ahead, "WITH"))
    }

    pub(super) fn query(&mut self) -> Parse<Query> {
        self.deeper(Self::query_here)
    }

    /// A function in front of a query. There is no PL/SQL here: one is known by its text, and stands for a function that is built in.
    fn known_function(&mut self) -> Parse<()> {
        const BFILE_LOCATOR: &str = "FUNCTION BFILE_LOCATOR ( F BFILE ) RETURN VARCHAR2 IS DIRECTORY VARCHAR2 ( 128 ) ; NAME VARCHAR2 ( 2000 ) ; \
            BEGIN IF F IS NULL THEN RETURN NULL ; END IF ; DBMS_LOB . FILEGETNAME ( F , DIRECTORY , NAME ) ; \
            RETURN LENGTH ( DIRECTORY ) || ':' || DIRECTORY || NAME ; END ;";
        let words = BFILE_LOCATOR.split(' ').filter(|word| !word.is_empty());
        for word in words {
            if !self.peek().is_some_and(|token| token.text.eq_ignore_ascii_case(word)) {
                return self.fail(3001, "unimplemented feature: functions of a query's own");
            }
            self.at += 1;
        }
        Ok(())
    }

    fn query_here(&mut self) -> Parse<Query> {
        let mut with = Vec::new();
        if self.is_word("WITH") && self.is_word_at(1, "FUNCTION") {
            self.at += 1;
            self.known_function()?;
        } else if self.take_word("WITH") {
            loop {
                let name = self.ident(903, "invalid table name")?;
                let columns = if self.take_symbol("(") {
                    let columns = self.column_list()?;
                    self.need_close()?;
                    columns
                } else {
                    Vec::new()
                };
                self.need_word("AS", 905, "missing keyword")?;
                self.need_open()?;
                let query = Arc::new(self.query()?);
                self.need_close()?;
                with.push(Cte { name, columns, query });
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        let body = self.set_expr()?;
        let mut query = Query { with, body, order: Vec::new(), skip: None, fetch: None, for_update: None };
        if self.take_words(&["ORDER", "BY"]) {
            query.order = self.order_items()?;
        }
        if self.take_word("OFFSET") {
            query.skip = Some(self.scalar()?);
            if !self.take_word("ROWS") && !self.take_word("ROW") {
                return self.fail(905, "missing keyword");
            }
        }
        if self.take_word("FETCH") {
            if !self.take_word("FIRST") && !self.take_word("NEXT") {
                return self.fail(905, "missing keyword");
            }
            let offset = self.offset();
            query.fetch = Some(if self.is_word("ROW") || self.is_word("ROWS") {
                Expr { kind: Box::new(ExprKind::Number(1i64.into())), offset }
            } else {
                self.scalar()?
            });
            if !self.take_word("ROWS") && !self.take_word("ROW") {
                return self.fail(905, "missing keyword");
            }
            self.need_word("ONLY", 3001, "unimplemented feature")?;
        }
        if self.is_word("FOR") && self.is_word_at(1, "UPDATE") {
            self.at += 2;
            if self.take_word("OF") {
                self.column_list()?;
            }
            let wait = if self.take_word("NOWAIT") {
                Some(0)
            } else if self.take_word("WAIT") {
                let seconds = self.small(0..=i64::from(u32::MAX), 30005, "missing or invalid WAIT interval")?;
                u64::try_from(seconds).ok()
            } else if self.is_word("SKIP") {
                return self.fail(3001, "unimplemented feature: SKIP LOCKED");
            } else {
                None
            };
            query.for_update = Some(ForUpdate { wait });
        }
        Ok(query)
    }

    pub(super) fn order_items(&mut self) -> Parse<Vec<OrderItem>> {
        let mut items = Vec::new();
        loop {
            let offset = self.offset();
            let expr = self.scalar()?;
            let descending = !self.take_word("ASC") && self.take_word("DESC");
            let nulls_first = if self.take_words(&["NULLS", "FIRST"]) {
                true
            } else if self.take_words(&["NULLS", "LAST"]) {
                false
            } else {
                descending
            };
            items.push(OrderItem { expr, descending, nulls_first, offset });
            if !self.take_symbol(",") {
                return Ok(items);
            }
        }
    }

    /// All set operators have one precedence in Oracle: from left to right.
    fn set_expr(&mut self) -> Parse<SetExpr> {
        let mut left = self.set_term()?;
        loop {
            let offset = self.offset();
            let operator = if self.take_word("UNION") {
                if self.take_word("ALL") { SetOperator::UnionAll } else { SetOperator::Union }
            } else if self.take_word("INTERSECT") {
                SetOperator::Intersect
            } else if self.take_word("MINUS") || self.take_word("EXCEPT") {
                SetOperator::Minus
            } else {
                return Ok(left);
            };
            self.branch()?;
            let right = self.set_term()?;
            left = SetExpr::Set { operator, left: Box::new(left), right: Box::new(right), offset };
        }
    }

    fn set_term(&mut self) -> Parse<SetExpr> {
        if self.is_word("SELECT") {
            return Ok(SetExpr::Select(Box::new(self.select()?)));
        }
        if self.take_symbol("(") {
            let query = self.query()?;
            self.need_close()?;
            return Ok(SetExpr::Nested(Box::new(query)));
        }
        self.fail(928, "missing SELECT keyword")
    }

    fn select(&mut self) -> Parse<Select> {
        let offset = self.offset();
        self.at += 1;
        let distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        if !distinct {
            self.take_word("ALL");
        }
        let mut items = vec![self.item()?];
        while self.take_symbol(",") {
            items.push(self.item()?);
        }
        let mut from = Vec::new();
        if self.take_word("FROM") {
            from.push(self.table_ref()?);
            while self.take_symbol(",") {
                from.push(self.table_ref()?);
            }
        } else if self.is_word("INTO") {
            return self.fail(905, "missing keyword");
        } else {
            return self.fail(923, "FROM keyword not found where expected");
        }
        let filter = self.filter()?;
        if self.is_word("START") && self.is_word_at(1, "WITH") {
            return self.fail(3001, "unimplemented feature: START WITH");
        }
        let connect_by = if self.take_words(&["CONNECT", "BY"]) {
            self.take_word("NOCYCLE");
            Some(self.expr()?)
        } else {
            None
        };
        let mut group_by = Vec::new();
        if self.take_words(&["GROUP", "BY"]) {
            loop {
                group_by.push(self.scalar()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        let having = if self.take_word("HAVING") { Some(self.expr()?) } else { None };
        Ok(Select { distinct, items, from, filter, connect_by, group_by, having, offset })
    }

    fn item(&mut self) -> Parse<Item> {
        let offset = self.offset();
        if self.take_symbol("*") {
            return Ok(Item::Star { offset });
        }
        let start = self.at;
        if self.is_ident_at(0) {
            let mut ahead = 1;
            while self.is_symbol_at(ahead, ".") && self.is_ident_at(ahead + 1) {
                ahead += 2;
            }
            if self.is_symbol_at(ahead, ".") && self.is_symbol_at(ahead + 1, "*") {
                let name = self.dotted(936, "missing expression")?;
                self.at += 2;
                return Ok(Item::QualifiedStar { name, offset });
            }
        }
        let expr = self.scalar()?;
        let own_name = match expr.kind.as_ref() {
            ExprKind::Name(names) => names.last().map_or_else(String::new, |n| n.text.clone()),
            _ => self.tokens[start..self.at]
                .iter()
                .map(|t| match t.kind {
                    TokenKind::QuotedIdent => t.text.trim_matches('"').to_owned(),
                    _ => t.text.to_uppercase(),
                })
                .collect::<String>()
                .chars()
                .take(120)
                .collect(),
        };
        let name = if self.take_word("AS") {
            self.ident(923, "FROM keyword not found where expected")?.text
        } else {
            self.alias()?.map_or(own_name, |i| i.text)
        };
        Ok(Item::Expr { expr, name })
    }

    fn table_ref(&mut self) -> Parse<TableRef> {
        self.deeper(Self::table_ref_here)
    }

    fn table_ref_here(&mut self) -> Parse<TableRef> {
        let mut left = self.table_primary()?;
        loop {
            let kind = if self.is_word("NATURAL") {
                return self.fail(3001, "unimplemented feature: NATURAL JOIN");
            } else if self.take_words(&["CROSS", "JOIN"]) {
                self.branch()?;
                let right = self.table_primary()?;
                left = TableRef::Join {
                    left: Box::new(left),
                    right: Box::new(right),
                    kind: JoinKind::Inner,
                    on: None,
                    using: Vec::new(),
                };
                continue;
            } else if self.take_word("JOIN") || self.take_words(&["INNER", "JOIN"]) {
                JoinKind::Inner
            } else if self.take_words(&["LEFT", "JOIN"]) || self.take_words(&["LEFT", "OUTER", "JOIN"]) {
                JoinKind::Left
            } else if self.take_words(&["RIGHT", "JOIN"]) || self.take_words(&["RIGHT", "OUTER", "JOIN"]) {
                JoinKind::Right
            } else if self.take_words(&["FULL", "JOIN"]) || self.take_words(&["FULL", "OUTER", "JOIN"]) {
                JoinKind::Full
            } else {
                return Ok(left);
            };
            self.branch()?;
            let right = self.table_primary()?;
            let (mut on, mut using) = (None, Vec::new());
            if self.take_word("ON") {
                on = Some(self.expr()?);
            } else if self.take_word("USING") {
                self.need_open()?;
                using = self.column_list()?;
                self.need_close()?;
            } else {
                return self.fail(905, "missing keyword");
            }
            left = TableRef::Join { left: Box::new(left), right: Box::new(right), kind, on, using };
        }
    }

    pub(super) fn table_primary(&mut self) -> Parse<TableRef> {
        if self.is_word("LATERAL") || self.is_word("TABLE") && self.is_symbol_at(1, "(") {
            return self.fail(3001, "unimplemented feature: table functions and LATERAL");
        }
        if self.is_symbol("(") {
            if self.opens_query() {
                self.at += 1;
                let query = Box::new(self.query()?);
                self.need_close()?;
                return Ok(TableRef::Query { query, alias: self.alias()? });
            }
            self.at += 1;
            let inner = self.table_ref()?;
            self.need_close()?;
            return Ok(inner);
        }
        let table = self.table_name()?;
        let mut as_of = None;
        if self.is_word("AS") && self.is_word_at(1, "OF") {
            self.at += 2;
            if !self.take_word("SCN") {
                return self.fail(3001, "unimplemented feature: AS OF TIMESTAMP");
            }
            as_of = Some(self.scalar()?);
        }
        Ok(TableRef::Table { table, as_of, alias: self.alias()? })
    }
}
