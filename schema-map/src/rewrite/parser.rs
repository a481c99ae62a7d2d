//! Tokens to the syntax tree. What is not in the tree is refused here, at its token.

use super::{
    Refused,
    ast::{Expr, Item, Join, JoinKind, Joined, Node, Op, Order, Part, Select, TableName},
};
use crate::{
    OracleIdent,
    sql::{Lexer, Token, TokenKind},
};

pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
}

/// Expressions nested deeper than any person writes them would end in a stack overflow.
const MAX_DEPTH: usize = 64;

/// So would chains of operators longer than this.
const MAX_LINKS: usize = 256;

/// Words that end an expression or begin something that is none.
const RESERVED: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CONNECT",
    "CROSS",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "ESCAPE",
    "FETCH",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "IN",
    "INNER",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "MINUS",
    "MODEL",
    "NATURAL",
    "NOT",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "PRIOR",
    "RIGHT",
    "SELECT",
    "SOME",
    "START",
    "THEN",
    "UNION",
    "UNIQUE",
    "USING",
    "WHEN",
    "WHERE",
    "WITH",
];

type Parsed<T> = Result<T, Refused>;

impl<'a> Parser<'a> {
    pub(super) fn new(source: &'a str) -> Parsed<Self> {
        let mut tokens = Vec::new();
        for token in Lexer::new(source) {
            match token.kind {
                TokenKind::Comment => {}
                TokenKind::Error => return Err(Refused::new(token.offset, "this is no token of Oracle's SQL")),
                TokenKind::Bind => return Err(Refused::new(token.offset, "bind variables are not converted")),
                _ => tokens.push(token),
            }
        }
        Ok(Parser { source, tokens, at: 0, depth: 0 })
    }

    /// The whole source as one expression or condition.
    pub(super) fn expression(mut self) -> Parsed<Expr> {
        let expr = self.or()?;
        self.nothing_left()?;
        Ok(expr)
    }

    /// The whole source as one query.
    pub(super) fn query(mut self) -> Parsed<Select> {
        let select = self.select()?;
        self.nothing_left()?;
        Ok(select)
    }

    fn nothing_left(&self) -> Parsed<()> {
        match self.peek() {
            None => Ok(()),
            Some(token) => Err(match token.text.to_ascii_uppercase().as_str() {
                "UNION" | "MINUS" | "INTERSECT" | "EXCEPT" => self.refuse("set operators are not converted"),
                "CONNECT" | "START" => self.refuse("hierarchical queries are not converted"),
                "OVER" | "KEEP" | "WITHIN" => self.refuse("analytic and ordered-set functions are not converted"),
                "PIVOT" | "UNPIVOT" | "MODEL" | "MATCH_RECOGNIZE" | "SAMPLE" | "PARTITION" => {
                    self.refuse(format!("{} is not converted", token.text))
                }
                "FETCH" | "OFFSET" => self.refuse("row limits are not converted"),
                "WITH" => self.refuse("WITH CHECK OPTION and the like are not converted"),
                _ => self.refuse(format!("{} is not understood here", token.text)),
            }),
        }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn is_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| t.is_word(word))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|t| t.is_symbol(symbol))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn need_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(word)) }
    }

    fn need_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    fn offset(&self) -> usize {
        self.peek().map_or(self.source.len(), |t| t.offset)
    }

    fn refuse(&self, reason: impl Into<String>) -> Refused {
        Refused::new(self.offset(), reason)
    }

    fn expected(&self, what: &str) -> Refused {
        match self.peek() {
            Some(token) => self.refuse(format!("expected {what}, found {}", token.text)),
            None => self.refuse(format!("expected {what}, found the end")),
        }
    }

    fn expr(start: usize, node: Node) -> Expr {
        Expr { start, node }
    }

    fn or(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.refuse("expressions nested this deep are not converted"));
        }
        let start = self.offset();
        let mut all = vec![self.and()?];
        while self.take_word("OR") {
            all.push(self.and()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.remove(0) } else { Self::expr(start, Node::Or(all)) })
    }

    fn and(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut all = vec![self.not()?];
        while self.take_word("AND") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Self::expr(start, Node::And(all)) })
    }

    fn not(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut nots = 0usize;
        while self.take_word("NOT") {
            nots += 1;
            if nots > MAX_DEPTH {
                return Err(self.refuse("expressions nested this deep are not converted"));
            }
        }
        let mut expr = self.predicate()?;
        for _ in 0..nots {
            expr = Self::expr(start, Node::Not(Box::new(expr)));
        }
        Ok(expr)
    }

    fn predicate(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let left = self.sum()?;
        let op = match self.peek() {
            Some(token) if token.kind == TokenKind::Symbol => match token.text {
                "=" => Some("="),
                "<>" | "!=" | "^=" | "~=" => Some("<>"),
                "<" => Some("<"),
                ">" => Some(">"),
                "<=" => Some("<="),
                ">=" => Some(">="),
                _ => None,
            },
            _ => None,
        };
        let value = Box::new(left);
        if let Some(op) = op {
            self.at += 1;
            if ["ANY", "SOME", "ALL"].iter().any(|w| self.is_word(w)) {
                return Err(self.refuse("comparisons with ANY, SOME and ALL are not converted"));
            }
            let right = Box::new(self.sum()?);
            return Ok(Self::expr(start, Node::Compare { op, left: value, right }));
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if !self.take_word("NULL") {
                return Err(self.refuse("of the conditions with IS only IS NULL and IS NOT NULL are converted"));
            }
            return Ok(Self::expr(start, Node::IsNull { value, negated }));
        }
        let negated = self.is_word("NOT")
            && self.peek_at(1).is_some_and(|t| ["IN", "BETWEEN", "LIKE"].iter().any(|w| t.is_word(w)));
        self.at += usize::from(negated);
        if self.take_word("BETWEEN") {
            let low = Box::new(self.sum()?);
            self.need_word("AND")?;
            let high = Box::new(self.sum()?);
            return Ok(Self::expr(start, Node::Between { value, low, high, negated }));
        }
        if self.take_word("IN") {
            self.need_symbol("(")?;
            if self.is_word("SELECT") || self.is_word("WITH") {
                return Err(self.refuse("subqueries are not converted"));
            }
            let list = self.list()?;
            return Ok(Self::expr(start, Node::In { value, list, negated }));
        }
        if self.take_word("LIKE") {
            let pattern = Box::new(self.sum()?);
            let escape = if self.take_word("ESCAPE") { Some(Box::new(self.sum()?)) } else { None };
            return Ok(Self::expr(start, Node::Like { value, pattern, escape, negated }));
        }
        Ok(*value)
    }

    /// Expressions up to the closing parenthesis, which is taken too.
    fn list(&mut self) -> Parsed<Vec<Expr>> {
        let mut list = vec![self.or()?];
        while self.take_symbol(",") {
            list.push(self.or()?);
        }
        self.need_symbol(")")?;
        Ok(list)
    }

    /// `+`, `-` and `||` bind equally in Oracle.
    fn sum(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut left = self.product()?;
        for _ in 0..MAX_LINKS {
            let op = match self.peek() {
                Some(t) if t.is_symbol("+") => Op::Add,
                Some(t) if t.is_symbol("-") => Op::Subtract,
                Some(t) if t.is_symbol("||") => Op::Concat,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product()?;
            left = Self::expr(start, Node::Binary { op, left: Box::new(left), right: Box::new(right) });
        }
        Err(self.refuse("expressions this long are not converted"))
    }

    fn product(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut left = self.unary()?;
        for _ in 0..MAX_LINKS {
            let op = match self.peek() {
                Some(t) if t.is_symbol("*") => Op::Multiply,
                Some(t) if t.is_symbol("/") => Op::Divide,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.unary()?;
            left = Self::expr(start, Node::Binary { op, left: Box::new(left), right: Box::new(right) });
        }
        Err(self.refuse("expressions this long are not converted"))
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        if self.take_symbol("+") {
            return self.primary();
        }
        if self.take_symbol("-") {
            let value = self.primary()?;
            return Ok(Self::expr(start, Node::Negate(Box::new(value))));
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let Some(token) = self.peek() else { return Err(self.expected("an expression")) };
        match token.kind {
            TokenKind::Number => {
                self.at += 1;
                Ok(Self::expr(start, Node::Number(token.text.to_owned())))
            }
            TokenKind::Text => {
                self.at += 1;
                let value = token.text_value().ok_or_else(|| self.refuse("this literal is not understood"))?;
                Ok(Self::expr(start, Node::Text(value)))
            }
            TokenKind::Symbol if token.text == "(" => {
                self.at += 1;
                if self.is_word("SELECT") || self.is_word("WITH") {
                    return Err(self.refuse("subqueries are not converted"));
                }
                let inner = self.or()?;
                if self.is_symbol(",") {
                    return Err(self.refuse("lists of values are not converted"));
                }
                self.need_symbol(")")?;
                self.no_outer_join()?;
                Ok(Expr { start, node: inner.node })
            }
            TokenKind::Word | TokenKind::QuotedIdent => self.word(start, token),
            _ => Err(self.expected("an expression")),
        }
    }

    fn word(&mut self, start: usize, token: Token<'a>) -> Parsed<Expr> {
        let next_is_text = self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text);
        if token.kind == TokenKind::Word {
            if token.is_word("NULL") {
                self.at += 1;
                return Ok(Self::expr(start, Node::Null));
            }
            if token.is_word("CASE") {
                self.at += 1;
                return self.case(start);
            }
            if next_is_text {
                let text = self.peek_at(1).and_then(|t| t.text_value()).unwrap_or_default();
                let node = match token.text.to_ascii_uppercase().as_str() {
                    "DATE" => Node::Date(text),
                    "TIMESTAMP" => Node::Timestamp(text),
                    other => return Err(self.refuse(format!("literals with {other} are not converted"))),
                };
                self.at += 2;
                if self.is_word("AT") {
                    return Err(self.refuse("AT TIME ZONE is not converted"));
                }
                return Ok(Self::expr(start, node));
            }
            match token.text.to_ascii_uppercase().as_str() {
                "SELECT" | "EXISTS" => return Err(self.refuse("subqueries are not converted")),
                "PRIOR" | "CONNECT_BY_ROOT" => return Err(self.refuse("hierarchical queries are not converted")),
                "CAST" | "TREAT" | "XMLCAST" | "MULTISET" | "CURSOR" => {
                    return Err(self.refuse(format!("{} is not converted", token.text)));
                }
                word if RESERVED.contains(&word) => return Err(self.expected("an expression")),
                _ => {}
            }
        }
        let name = self.name(3)?;
        if !self.take_symbol("(") {
            return Ok(Self::expr(start, Node::Name(name)));
        }
        if self.is_symbol("+") && self.peek_at(1).is_some_and(|t| t.is_symbol(")")) {
            return Err(self.refuse("the outer join operator (+) is not converted"));
        }
        let expr = self.call(start, name)?;
        for word in ["OVER", "KEEP", "WITHIN", "IGNORE", "RESPECT"] {
            if self.is_word(word) {
                return Err(self.refuse("analytic and ordered-set functions are not converted"));
            }
        }
        if self.is_symbol(".") {
            return Err(self.refuse("member access is not converted"));
        }
        Ok(expr)
    }

    fn no_outer_join(&self) -> Parsed<()> {
        if self.is_symbol("(") && self.peek_at(1).is_some_and(|t| t.is_symbol("+")) {
            return Err(self.refuse("the outer join operator (+) is not converted"));
        }
        Ok(())
    }

    fn call(&mut self, start: usize, name: Vec<Part>) -> Parsed<Expr> {
        let is = |word: &str| matches!(name.as_slice(), [part] if !part.quoted && part.name.as_str() == word);
        if is("COUNT") && self.take_symbol("*") {
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::CountAll));
        }
        if is("EXTRACT") {
            let Some(field) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
                return Err(self.expected("a field"));
            };
            self.at += 1;
            self.need_word("FROM")?;
            let value = Box::new(self.sum()?);
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::Extract { field: field.text.to_ascii_uppercase(), value }));
        }
        if is("TRIM") && ["LEADING", "TRAILING", "BOTH"].iter().any(|w| self.is_word(w)) {
            return Err(self.refuse("TRIM with LEADING, TRAILING or BOTH is not converted"));
        }
        let distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        let arguments = if self.take_symbol(")") { Vec::new() } else { self.list()? };
        Ok(Self::expr(start, Node::Call { name, arguments, distinct }))
    }

    fn case(&mut self, start: usize) -> Parsed<Expr> {
        let operand = if self.is_word("WHEN") { None } else { Some(Box::new(self.or()?)) };
        let mut arms = Vec::new();
        while self.take_word("WHEN") {
            let when = self.or()?;
            self.need_word("THEN")?;
            arms.push((when, self.or()?));
        }
        if arms.is_empty() {
            return Err(self.expected("WHEN"));
        }
        let otherwise = if self.take_word("ELSE") { Some(Box::new(self.or()?)) } else { None };
        self.need_word("END")?;
        Ok(Self::expr(start, Node::Case { operand, arms, otherwise }))
    }

    /// Up to `most` parts with dots between them.
    fn name(&mut self, most: usize) -> Parsed<Vec<Part>> {
        let mut parts = vec![self.part()?];
        while self.is_symbol(".") && !self.peek_at(1).is_some_and(|t| t.is_symbol("*")) {
            if parts.len() == most {
                return Err(self.refuse("names of more parts are not converted"));
            }
            self.at += 1;
            parts.push(self.part()?);
        }
        if self.is_symbol("@") {
            return Err(self.refuse("database links are not converted"));
        }
        Ok(parts)
    }

    fn part(&mut self) -> Parsed<Part> {
        let Some(token) = self.peek() else { return Err(self.expected("a name")) };
        let (name, quoted) = match token.kind {
            TokenKind::Word => (token.text.to_uppercase(), false),
            TokenKind::QuotedIdent => (token.text.trim_matches('"').to_owned(), true),
            _ => return Err(self.expected("a name")),
        };
        let name = OracleIdent::new(name).map_err(|e| self.refuse(e.to_string()))?;
        self.at += 1;
        Ok(Part { name, quoted })
    }

    fn select(&mut self) -> Parsed<Select> {
        if self.is_word("WITH") {
            return Err(self.refuse("WITH is not converted"));
        }
        if self.is_symbol("(") {
            return Err(self.refuse("queries in parentheses are not converted"));
        }
        self.need_word("SELECT")?;
        let distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        if !distinct {
            self.take_word("ALL");
        }
        let mut items = vec![self.item()?];
        while self.take_symbol(",") {
            items.push(self.item()?);
        }
        self.need_word("FROM")?;
        let mut from = vec![self.joined()?];
        while self.take_symbol(",") {
            from.push(self.joined()?);
        }
        let filter = if self.take_word("WHERE") { Some(self.or()?) } else { None };
        let mut group_by = Vec::new();
        if self.take_word("GROUP") {
            self.need_word("BY")?;
            group_by.push(self.or()?);
            while self.take_symbol(",") {
                group_by.push(self.or()?);
            }
        }
        let having = if self.take_word("HAVING") { Some(self.or()?) } else { None };
        let mut order_by = Vec::new();
        if self.take_word("ORDER") {
            if self.is_word("SIBLINGS") {
                return Err(self.refuse("hierarchical queries are not converted"));
            }
            self.need_word("BY")?;
            order_by.push(self.order()?);
            while self.take_symbol(",") {
                order_by.push(self.order()?);
            }
        }
        if self.is_word("WITH") && self.peek_at(1).is_some_and(|t| t.is_word("READ")) {
            self.at += 2;
            self.need_word("ONLY")?;
        }
        Ok(Select { distinct, items, from, filter, group_by, having, order_by })
    }

    fn item(&mut self) -> Parsed<Item> {
        let start = self.offset();
        if self.take_symbol("*") {
            return Ok(Item::All { of: Vec::new(), start });
        }
        let before = self.at;
        if self.peek().is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdent))
            && let Ok(of) = self.name(2)
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

    fn may_be_alias(&self) -> bool {
        self.peek().is_some_and(|t| match t.kind {
            TokenKind::QuotedIdent => true,
            TokenKind::Word => !RESERVED.contains(&t.text.to_ascii_uppercase().as_str()),
            _ => false,
        })
    }

    fn joined(&mut self) -> Parsed<Joined> {
        let first = self.table()?;
        let mut joins = Vec::new();
        loop {
            let kind = if self.take_word("JOIN") {
                JoinKind::Inner
            } else if self.take_word("INNER") {
                self.need_word("JOIN")?;
                JoinKind::Inner
            } else if self.is_word("CROSS") {
                self.at += 1;
                if self.is_word("APPLY") {
                    return Err(self.refuse("APPLY is not converted"));
                }
                self.need_word("JOIN")?;
                JoinKind::Cross
            } else if self.is_word("NATURAL") {
                return Err(self.refuse("natural joins are not converted: they change with every new column"));
            } else if let Some(kind) = [("LEFT", JoinKind::Left), ("RIGHT", JoinKind::Right), ("FULL", JoinKind::Full)]
                .into_iter()
                .find_map(|(word, kind)| self.is_word(word).then_some(kind))
            {
                self.at += 1;
                self.take_word("OUTER");
                self.need_word("JOIN")?;
                kind
            } else {
                return Ok(Joined { first, joins });
            };
            let table = self.table()?;
            let on = if kind == JoinKind::Cross {
                None
            } else if self.is_word("USING") {
                return Err(self.refuse("joins with USING are not converted: write ON"));
            } else {
                self.need_word("ON")?;
                Some(self.or()?)
            };
            joins.push(Join { kind, table, on });
        }
    }

    fn table(&mut self) -> Parsed<TableName> {
        let start = self.offset();
        if self.is_symbol("(") {
            return Err(self.refuse("subqueries are not converted"));
        }
        let parts = self.name(2)?;
        if self.is_symbol("(") {
            return Err(self.refuse("table functions are not converted"));
        }
        for word in ["PARTITION", "SUBPARTITION", "SAMPLE", "AS", "VERSIONS", "PIVOT", "UNPIVOT", "MATCH_RECOGNIZE"] {
            if self.is_word(word) {
                return Err(self.refuse(format!("{word} behind a table is not converted")));
            }
        }
        let alias = if self.may_be_alias() { Some(self.part()?.name) } else { None };
        Ok(TableName { start, parts, alias })
    }

    fn order(&mut self) -> Parsed<Order> {
        let value = self.or()?;
        let descending = self.take_word("DESC");
        if !descending {
            self.take_word("ASC");
        }
        let nulls_first = if self.take_word("NULLS") {
            if self.take_word("FIRST") {
                Some(true)
            } else {
                self.need_word("LAST")?;
                Some(false)
            }
        } else {
            None
        };
        Ok(Order { value, descending, nulls_first })
    }
}
