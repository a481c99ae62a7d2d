//! Tokens to the syntax tree. What the tree has no place for is refused here, at its token.

mod query;
mod source;

use super::{
    Refused,
    ast::{Argument, Bound, Call, Expr, Frame, InList, Node, Op, Order, Part, Query, Window, Wrapper},
};
use crate::{
    OracleIdent,
    sql::{
        Lexer, Token, TokenKind,
        parser::{Context, data_type},
    },
};
use type_convert::{LengthUnit, OracleType};

pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    /// For each opening parenthesis the token that closes it; for others, and those that nothing closes, the end.
    closing: Vec<usize>,
    at: usize,
    depth: usize,
}

/// Expressions nested deeper than any person writes them would end in a stack overflow.
const MAX_DEPTH: usize = 64;

/// So would chains of operators longer than this.
const MAX_LINKS: usize = 256;

/// Words that end an expression or begin something that is none.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ALL", "AND", "ANY", "AS", "ASC", "BETWEEN", "BY", "CONNECT", "CROSS", "DESC", "DISTINCT", "ELSE", "END", "ESCAPE",
    "EXCEPT", "FETCH", "FOR", "FROM", "FULL", "GROUP", "HAVING", "IN", "INNER", "INTERSECT", "INTO", "IS", "JOIN", "LEFT",
    "LIKE", "MINUS", "MODEL", "NATURAL", "NOT", "NULLS", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PIVOT", "PRIOR",
    "RIGHT", "SELECT", "SOME", "START", "THEN", "UNION", "UNIQUE", "UNPIVOT", "USING", "WHEN", "WHERE", "WITH",
];

type Parsed<T> = Result<T, Refused>;

impl<'a> Parser<'a> {
    pub(super) fn new(source: &'a str) -> Parsed<Self> {
        let mut tokens = Vec::new();
        for token in Lexer::new(source) {
            match token.kind {
                TokenKind::Comment => {}
                TokenKind::Error => return Err(Refused::new(token.offset, "this is no token of Oracle's SQL")),
                // `'key':value` of JSON_OBJECT; bind variables cannot be in stored SQL.
                TokenKind::Bind => {
                    let (colon, name) = token.text.split_at(1);
                    tokens.push(Token { kind: TokenKind::Symbol, text: colon, offset: token.offset });
                    for inner in Lexer::new(name) {
                        tokens.push(Token { offset: token.offset + 1 + inner.offset, ..inner });
                    }
                }
                _ => tokens.push(token),
            }
        }
        if tokens.last().is_some_and(|token| token.is_symbol(";")) {
            tokens.pop();
        }
        let closing = closing(&tokens);
        Ok(Parser { source, tokens, closing, at: 0, depth: 0 })
    }

    /// The whole source as one expression or condition.
    pub(super) fn expression(mut self) -> Parsed<Expr> {
        let expr = self.or()?;
        self.nothing_left()?;
        Ok(expr)
    }

    /// The whole source as one query, and whether WITH CHECK OPTION is behind it.
    pub(super) fn whole_query(mut self) -> Parsed<(Query, bool)> {
        let query = self.query()?;
        let check_option = self.take_words(&["WITH", "CHECK", "OPTION"]);
        if !check_option {
            self.take_words(&["WITH", "READ", "ONLY"]);
        }
        if self.take_word("CONSTRAINT") {
            self.part()?;
        }
        self.nothing_left()?;
        Ok((query, check_option))
    }

    fn nothing_left(&self) -> Parsed<()> {
        match self.peek() {
            None => Ok(()),
            Some(token) => Err(match token.text.to_ascii_uppercase().as_str() {
                "MODEL" | "MATCH_RECOGNIZE" | "SAMPLE" | "PARTITION" => {
                    self.refuse(format!("{} is not converted", token.text.to_ascii_uppercase()))
                }
                _ => self.refuse(format!("{} is not understood here", token.text)),
            }),
        }
    }

    // --- Tokens

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.is_word(word))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.is_symbol_at(0, symbol)
    }

    fn is_symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.is_symbol(symbol))
    }

    fn is_any(&self, words: &[&str]) -> bool {
        self.is_any_at(0, words)
    }

    fn is_any_at(&self, ahead: usize, words: &[&str]) -> bool {
        words.iter().any(|w| self.is_word_at(ahead, w))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word_at(ahead, word));
        if found {
            self.at += words.len();
        }
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

    fn need_text(&mut self) -> Parsed<String> {
        match self.peek().and_then(|t| t.text_value()) {
            Some(text) => {
                self.at += 1;
                Ok(text)
            }
            None => Err(self.expected("a text")),
        }
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

    /// Whether a query begins here, in parentheses of its own or not: behind these can only be what goes on with a query, where
    /// `((SELECT …) + 1)` is an expression.
    fn at_query(&self) -> bool {
        self.at_query_ahead(0)
    }

    fn at_query_ahead(&self, mut ahead: usize) -> bool {
        while self.is_symbol_at(ahead, "(") {
            let behind = self.closing[self.at + ahead] + 1 - self.at;
            let goes_on = ["UNION", "INTERSECT", "MINUS", "EXCEPT", "ORDER", "OFFSET", "FETCH"];
            let ends = self.peek_at(behind).is_none() || self.is_symbol_at(behind, ")");
            if !(ends || self.is_any_at(behind, &goes_on)) {
                return false;
            }
            ahead += 1;
        }
        self.is_word_at(ahead, "SELECT") || (self.is_word_at(ahead, "WITH") && !self.is_symbol_at(ahead + 1, "."))
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.refuse("expressions nested this deep are not converted"));
        }
        Ok(())
    }

    // --- Conditions

    fn or(&mut self) -> Parsed<Expr> {
        self.deeper()?;
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
        if self.is_word("EXISTS") && self.is_symbol_at(1, "(") {
            self.at += 2;
            let query = Box::new(self.query()?);
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::Exists(query)));
        }
        let left = self.sum()?;
        let op = match self.peek() {
            Some(token) if token.kind == TokenKind::Symbol => match token.text {
                "=" => Some("="),
                "<>" | "!=" | "^=" | "~=" | "¬=" => Some("<>"),
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
            if self.is_any(&["ANY", "SOME", "ALL"]) && self.is_symbol_at(1, "(") {
                let all = self.is_word("ALL");
                self.at += 1;
                let right = self.in_list()?;
                return Ok(Self::expr(start, Node::Quantified { op, all, left: value, right }));
            }
            let right = Box::new(self.sum()?);
            return Ok(Self::expr(start, Node::Compare { op, left: value, right }));
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if self.take_word("NULL") {
                return Ok(Self::expr(start, Node::IsNull { value, negated }));
            }
            return self.is_what(start, value, negated);
        }
        let likes = ["LIKE", "LIKEC", "LIKE2", "LIKE4"];
        let negated = self.is_word("NOT")
            && self
                .peek_at(1)
                .is_some_and(|t| ["IN", "BETWEEN", "MEMBER", "SUBMULTISET"].iter().chain(&likes).any(|w| t.is_word(w)));
        self.at += usize::from(negated);
        if self.take_word("BETWEEN") {
            let low = Box::new(self.sum()?);
            self.need_word("AND")?;
            let high = Box::new(self.sum()?);
            return Ok(Self::expr(start, Node::Between { value, low, high, negated }));
        }
        if self.take_word("IN") {
            let list = if self.is_symbol("(") { self.in_list()? } else { InList::Values(vec![self.sum()?]) };
            return Ok(Self::expr(start, Node::In { value, list, negated }));
        }
        if self.is_any(&likes) {
            self.at += 1;
            let pattern = Box::new(self.sum()?);
            let escape = if self.take_word("ESCAPE") { Some(Box::new(self.sum()?)) } else { None };
            return Ok(Self::expr(start, Node::Like { value, pattern, escape, negated }));
        }
        if self.is_any(&["MEMBER", "SUBMULTISET"]) || (self.is_word("MULTISET") && self.peek_at(1).is_some()) {
            return Err(self.refuse("conditions and operators on collections (MEMBER, MULTISET) are not converted"));
        }
        Ok(*value)
    }

    /// Behind `IS [NOT]`.
    fn is_what(&mut self, start: usize, value: Box<Expr>, negated: bool) -> Parsed<Expr> {
        let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
            return Err(self.expected("NULL"));
        };
        let mut what = token.text.to_ascii_uppercase();
        self.at += 1;
        match what.as_str() {
            "NAN" | "INFINITE" | "EMPTY" | "DANGLING" => {}
            "A" if self.take_word("SET") => what = "A SET".to_owned(),
            "JSON" => {
                if self.is_symbol("(") {
                    while self.peek().is_some() && !self.take_symbol(")") {
                        self.at += 1;
                    }
                }
                while self
                    .is_any(&["VALUE", "STRICT", "LAX", "ALLOW", "DISALLOW", "SCALARS", "OBJECT", "ARRAY", "SCALAR"])
                    || (self.is_any(&["WITH", "WITHOUT"]) && self.is_word_at(1, "UNIQUE"))
                {
                    if self.take_word("WITH") || self.take_word("WITHOUT") {
                        self.take_word("UNIQUE");
                        self.take_word("KEYS");
                        continue;
                    }
                    if self.is_any(&["OBJECT", "ARRAY", "SCALAR"]) {
                        what.push(' ');
                        what.push_str(&self.peek().map(|t| t.text.to_ascii_uppercase()).unwrap_or_default());
                    }
                    self.at += 1;
                }
            }
            other => {
                self.at -= 1;
                return Err(self.refuse(format!("the condition IS {other} is not converted")));
            }
        }
        Ok(Self::expr(start, Node::Is { value, what, negated }))
    }

    /// `(a, b)` or `(SELECT …)`.
    fn in_list(&mut self) -> Parsed<InList> {
        self.need_symbol("(")?;
        if self.at_query() {
            let query = self.query()?;
            self.need_symbol(")")?;
            return Ok(InList::Query(Box::new(query)));
        }
        Ok(InList::Values(self.list()?))
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

    // --- Values

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
            return self.postfix();
        }
        if self.take_symbol("-") {
            let value = self.postfix()?;
            return Ok(Self::expr(start, Node::Negate(Box::new(value))));
        }
        self.postfix()
    }

    /// A primary with what can stand behind it.
    fn postfix(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut expr = self.primary()?;
        loop {
            if self.is_symbol("(") && self.is_symbol_at(1, "+") && self.is_symbol_at(2, ")") {
                self.at += 3;
                expr = Self::expr(start, Node::OuterJoined(Box::new(expr)));
            } else if self.is_symbol(".") && !self.is_symbol_at(1, "*") {
                self.at += 1;
                let method = self.part()?.name.as_str().to_owned();
                let arguments = if !self.take_symbol("(") || self.take_symbol(")") { Vec::new() } else { self.list()? };
                expr = Self::expr(start, Node::Method { value: Box::new(expr), method, arguments });
            } else if self.is_word("AT") && (self.is_word_at(1, "TIME") || self.is_word_at(1, "LOCAL")) {
                self.at += 1;
                let zone = if self.take_word("LOCAL") {
                    None
                } else {
                    self.at += 1;
                    self.need_word("ZONE")?;
                    Some(Box::new(self.primary()?))
                };
                expr = Self::expr(start, Node::AtZone { value: Box::new(expr), zone });
            } else {
                return Ok(expr);
            }
        }
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
                let value = token.text_value().ok_or_else(|| self.refuse("this literal is not understood"))?;
                self.at += 1;
                Ok(Self::expr(start, Node::Text(value)))
            }
            TokenKind::Symbol if token.text == "(" => {
                self.at += 1;
                if self.at_query() {
                    self.deeper()?;
                    let query = Box::new(self.query()?);
                    self.depth -= 1;
                    self.need_symbol(")")?;
                    return Ok(Self::expr(start, Node::Subquery(query)));
                }
                let inner = self.or()?;
                if self.take_symbol(",") {
                    let mut row = vec![inner];
                    row.extend(self.list()?);
                    return Ok(Self::expr(start, Node::Row(row)));
                }
                self.need_symbol(")")?;
                Ok(Expr { start, node: inner.node })
            }
            TokenKind::Word | TokenKind::QuotedIdent => self.word(start, token),
            TokenKind::Symbol if token.text == ":" => Err(self.refuse("bind variables are not converted")),
            _ => Err(self.expected("an expression")),
        }
    }

    fn word(&mut self, start: usize, token: Token<'a>) -> Parsed<Expr> {
        let next_is_text = self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text);
        if token.kind == TokenKind::Word {
            let word = token.text.to_ascii_uppercase();
            match word.as_str() {
                "NULL" => {
                    self.at += 1;
                    return Ok(Self::expr(start, Node::Null));
                }
                "CASE" => {
                    self.at += 1;
                    return self.case(start);
                }
                "PRIOR" => {
                    self.at += 1;
                    let value = self.unary()?;
                    return Ok(Self::expr(start, Node::Prior(Box::new(value))));
                }
                "CONNECT_BY_ROOT" => {
                    self.at += 1;
                    let value = self.postfix()?;
                    return Ok(Self::expr(start, Node::ConnectByRoot(Box::new(value))));
                }
                "CAST" if self.is_symbol_at(1, "(") => return self.cast(start),
                "CURSOR" if self.is_symbol_at(1, "(") => {
                    return Err(self.refuse("CURSOR expressions are not converted"));
                }
                "INTERVAL" if next_is_text => return self.interval(start),
                _ => {}
            }
            if next_is_text {
                let text = self.peek_at(1).and_then(|t| t.text_value()).unwrap_or_default();
                let node = match word.as_str() {
                    "DATE" => Node::Date(text),
                    "TIMESTAMP" => Node::Timestamp(text),
                    other => return Err(self.refuse(format!("literals with {other} are not converted"))),
                };
                self.at += 2;
                return Ok(Self::expr(start, node));
            }
            if RESERVED.contains(&word.as_str()) {
                return Err(self.expected("an expression"));
            }
        }
        let name = self.name(4)?;
        if self.is_symbol("(") && self.is_symbol_at(1, "+") && self.is_symbol_at(2, ")") {
            return Ok(Self::expr(start, Node::Name(name)));
        }
        if !self.take_symbol("(") {
            return Ok(Self::expr(start, Node::Name(name)));
        }
        self.call(start, name)
    }

    /// `INTERVAL '5' DAY`, `INTERVAL '1-2' YEAR(3) TO MONTH`.
    fn interval(&mut self, start: usize) -> Parsed<Expr> {
        self.at += 1;
        let text = self.need_text()?;
        let mut fields = String::new();
        loop {
            let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
                return Err(self.expected("a field of an interval"));
            };
            fields.push_str(&token.text.to_ascii_uppercase());
            self.at += 1;
            if self.take_symbol("(") {
                while self.peek().is_some() && !self.take_symbol(")") {
                    self.at += 1;
                }
            }
            if !self.take_word("TO") {
                return Ok(Self::expr(start, Node::Interval(text, fields)));
            }
            fields.push_str(" TO ");
        }
    }

    fn cast(&mut self, start: usize) -> Parsed<Expr> {
        self.at += 2;
        if self.take_word("MULTISET") {
            self.need_symbol("(")?;
            let query = Box::new(self.query()?);
            self.need_symbol(")")?;
            self.need_word("AS")?;
            let to = self.data_type()?;
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::Multiset { query, to }));
        }
        let value = Box::new(self.or()?);
        self.need_word("AS")?;
        let to = self.data_type()?;
        if self.is_any(&["DEFAULT"]) || self.is_symbol(",") {
            return Err(self.refuse("CAST with a format or a default is not converted"));
        }
        self.need_symbol(")")?;
        Ok(Self::expr(start, Node::Cast { value, to }))
    }

    pub(super) fn data_type(&mut self) -> Parsed<OracleType> {
        // The names of types that the schema owns are qualified where they are looked up.
        let schema = OracleIdent::new("PUBLIC").map_err(|e| self.refuse(e.to_string()))?;
        let context = Context { schema, length_unit: LengthUnit::Byte };
        let (oracle_type, taken) =
            data_type(self.source, &self.tokens[self.at..], &context).map_err(|e| Refused::new(e.offset, e.message))?;
        self.at += taken;
        Ok(oracle_type)
    }

    fn call(&mut self, start: usize, name: Vec<Part>) -> Parsed<Expr> {
        let is = |word: &str| matches!(name.as_slice(), [part] if !part.quoted && part.name.as_str() == word);
        if is("COUNT") && self.is_symbol("*") && self.is_symbol_at(1, ")") {
            if self.is_word_at(2, "KEEP") {
                // All rows: something that is never NULL.
                self.at += 2;
                let one = Self::expr(start, Node::Number("1".to_owned()));
                let mut call = Call::new(name, vec![Argument::of(one)]);
                self.suffixes(&mut call)?;
                return Ok(Self::expr(start, Node::Call(Box::new(call))));
            }
            self.at += 2;
            let over = if self.take_word("OVER") { Some(Box::new(self.window()?)) } else { None };
            return Ok(Self::expr(start, Node::CountAll(over)));
        }
        if is("EXTRACT") && self.is_word_at(1, "FROM") {
            let Some(field) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
                return Err(self.expected("a field"));
            };
            self.at += 2;
            let value = Box::new(self.sum()?);
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::Extract { field: field.text.to_ascii_uppercase(), value }));
        }
        if is("XMLSERIALIZE") || is("XMLCAST") || is("XMLPARSE") {
            self.take_word("CONTENT");
            self.take_word("DOCUMENT");
            let mut call = Call::new(name, vec![Argument::of(self.or()?)]);
            if self.take_word("AS") {
                call.returning = Some(self.data_type()?);
            }
            // How it is written: ENCODING, VERSION, INDENT, WELLFORMED …
            while self.peek().is_some() && !self.is_symbol(")") {
                self.at += 1;
            }
            self.need_symbol(")")?;
            return Ok(Self::expr(start, Node::Call(Box::new(call))));
        }
        if is("TRIM") {
            let side = ["LEADING", "TRAILING", "BOTH"].into_iter().find(|w| self.is_word(w));
            self.at += usize::from(side.is_some());
            let characters = if self.is_word("FROM") { None } else { Some(Box::new(self.sum()?)) };
            if self.take_word("FROM") {
                let value = Box::new(self.sum()?);
                self.need_symbol(")")?;
                let side = side.unwrap_or("BOTH").to_owned();
                return Ok(Self::expr(start, Node::Trim { side, characters, value }));
            }
            self.need_symbol(")")?;
            let value = characters.map(|value| Argument::of(*value));
            return Ok(Self::expr(start, Node::Call(Box::new(Call::new(name, value.into_iter().collect())))));
        }
        let mut call = Call::new(name, Vec::new());
        call.distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        if !call.distinct {
            self.take_word("ALL");
        }
        self.arguments(&mut call)?;
        self.suffixes(&mut call)?;
        Ok(Self::expr(start, Node::Call(Box::new(call))))
    }

    /// Up to and with the closing parenthesis.
    fn arguments(&mut self, call: &mut Call) -> Parsed<()> {
        if self.take_symbol(")") {
            return Ok(());
        }
        let made = match call.name.as_slice() {
            [part] if !part.quoted => match part.name.as_str() {
                "JSON_OBJECT" | "JSON_OBJECTAGG" => Some(true),
                "JSON_ARRAY" | "JSON_ARRAYAGG" => Some(false),
                _ => None,
            },
            _ => None,
        };
        loop {
            if made == Some(true) && self.is_symbol("*") {
                return Err(self.refuse("JSON_OBJECT(*) is not converted: name the columns"));
            }
            // Without arguments something may be said all the same.
            let ends = self.is_any(&["RETURNING", "NULL", "ABSENT"]) && !self.is_symbol_at(1, ",");
            if made.is_some() && call.arguments.is_empty() && ends && !self.is_symbol_at(1, ")") {
                break;
            }
            call.arguments.push(match made {
                Some(keyed) => self.json_argument(keyed)?,
                None => self.argument()?,
            });
            if !self.take_symbol(",") {
                break;
            }
        }
        loop {
            if self.take_symbol(")") {
                return Ok(());
            }
            if self.take_words(&["RETURNING", "CONTENT"]) {
                // XMLQUERY
            } else if self.take_word("PASSING") {
                self.take_words(&["BY", "VALUE"]);
                call.arguments.push(self.argument()?);
                if self.is_symbol(",") || self.is_word("AS") {
                    return Err(self.refuse("several or named values for XQuery are not converted"));
                }
            } else if self.take_word("RETURNING") {
                call.returning = Some(self.data_type()?);
            } else if made.is_some() && self.take_words(&["ABSENT", "ON", "NULL"]) {
                call.absent_on_null = Some(true);
            } else if made.is_some() && self.take_words(&["NULL", "ON", "NULL"]) {
                call.absent_on_null = Some(false);
            } else if made.is_some() && self.take_words(&["WITH", "UNIQUE", "KEYS"]) {
                return Err(self.refuse("WITH UNIQUE KEYS is not converted"));
            } else if self.is_word("WITH") && (self.is_any_at(1, &["WRAPPER", "ARRAY", "CONDITIONAL", "UNCONDITIONAL"]))
            {
                self.at += 1;
                let conditional = self.take_word("CONDITIONAL");
                self.take_word("UNCONDITIONAL");
                self.take_word("ARRAY");
                self.need_word("WRAPPER")?;
                call.wrapper = Some(if conditional { Wrapper::Conditional } else { Wrapper::Always });
            } else if self.is_word("ORDER") && self.is_word_at(1, "BY") {
                self.at += 2;
                call.within = self.orders()?;
            } else if self.take_word("ON") {
                // LISTAGG: ON OVERFLOW …
                self.take_word("OVERFLOW");
                if !self.take_word("ERROR") {
                    self.need_word("TRUNCATE")?;
                    if self.peek().is_some_and(|t| t.kind == TokenKind::Text) {
                        self.at += 1;
                    }
                }
                let _ = self.take_words(&["WITH", "COUNT"]) || self.take_words(&["WITHOUT", "COUNT"]);
            } else if (self.is_any(&["NULL", "ERROR", "EMPTY", "TRUE", "FALSE", "ABSENT", "DEFAULT"])
                && self.json_on_clause())
                || self.take_words(&["FORMAT", "JSON"])
                || self.take_words(&["TYPE", "STRICT"])
                || self.take_words(&["ALLOW", "SCALARS"])
                || self.take_words(&["DISALLOW", "SCALARS"])
                || self.take_words(&["WITHOUT", "WRAPPER"])
                || self.take_words(&["WITHOUT", "ARRAY", "WRAPPER"])
                || self.take_word("PRETTY")
                || self.take_word("ASCII")
                || self.take_word("STRICT")
            {
            } else if (self.is_word("RESPECT") || self.is_word("IGNORE")) && self.is_word_at(1, "NULLS") {
                call.ignore_nulls = self.is_word("IGNORE");
                self.at += 2;
            } else if self.is_word("USING")
                && matches!(call.name.as_slice(), [part] if part.name.as_str() == "TRANSLATE")
            {
                // TRANSLATE(text USING NCHAR_CS): all texts are of one character set here.
                self.at += 2;
            } else if self.is_word("USING") {
                return Err(self.refuse("USING within a function is not converted"));
            } else {
                return Err(self.expected(")"));
            }
        }
    }

    /// `NULL ON ERROR` and the like: PostgreSQL's counterparts give NULL.
    fn json_on_clause(&mut self) -> bool {
        let before = self.at;
        self.at += 1;
        let _ = self.take_word("OBJECT") || self.take_word("ARRAY");
        if self.take_word("ON") && (self.take_word("ERROR") || self.take_word("EMPTY") || self.take_word("NULL")) {
            return true;
        }
        self.at = before;
        false
    }

    fn argument(&mut self) -> Parsed<Argument> {
        if self.peek().is_some_and(|t| t.kind == TokenKind::Word) && self.is_symbol_at(1, "=>") {
            let alias = Some(self.part()?.name);
            self.at += 1;
            return Ok(Argument { alias, ..Argument::of(self.or()?) });
        }
        // XMLELEMENT(NAME "x", …)
        if self.is_any(&["NAME", "EVALNAME"])
            && self.peek_at(1).is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdent))
        {
            self.at += 1;
        }
        let value = self.or()?;
        let alias = if self.is_word("AS") && !self.is_word_at(1, "OF") {
            self.at += 1;
            Some(self.part()?.name)
        } else {
            None
        };
        Ok(Argument { alias, ..Argument::of(value) })
    }

    /// `KEY 'k' VALUE v`, `'k' : v`, `'k' IS v`, or a column whose name is the key; in an array the value alone.
    fn json_argument(&mut self, keyed: bool) -> Parsed<Argument> {
        if !keyed {
            let json = Argument::of(self.or()?);
            return Ok(Argument { json: self.take_words(&["FORMAT", "JSON"]), ..json });
        }
        // A column may be called KEY.
        let marked = self.is_word("KEY")
            && !self.peek_at(1).is_some_and(|t| t.is_symbol(",") || t.is_symbol(")") || t.is_symbol(":"))
            && !self.is_word_at(1, "VALUE");
        self.at += usize::from(marked);
        let key = self.sum()?;
        let mut argument = if self.take_word("VALUE") || self.take_symbol(":") || self.take_word("IS") {
            Argument { key: Some(key), ..Argument::of(self.or()?) }
        } else {
            let Node::Name(parts) = &key.node else { return Err(self.expected("VALUE")) };
            let name = parts.last().map(|p| p.written.clone().unwrap_or_else(|| p.name.as_str().to_owned()));
            let name = Self::expr(key.start, Node::Text(name.unwrap_or_default()));
            Argument { key: Some(name), ..Argument::of(key) }
        };
        argument.json = self.take_words(&["FORMAT", "JSON"]);
        Ok(argument)
    }

    /// What can stand behind the parentheses of a function.
    fn suffixes(&mut self, call: &mut Call) -> Parsed<()> {
        if self.take_words(&["WITHIN", "GROUP"]) {
            self.need_symbol("(")?;
            self.need_word("ORDER")?;
            self.need_word("BY")?;
            call.within = self.orders()?;
            self.need_symbol(")")?;
        }
        if self.is_word("FROM") && (self.is_word_at(1, "FIRST") || self.is_word_at(1, "LAST")) {
            call.from_last = self.is_word_at(1, "LAST");
            self.at += 2;
        }
        if (self.is_word("RESPECT") || self.is_word("IGNORE")) && self.is_word_at(1, "NULLS") {
            call.ignore_nulls = self.is_word("IGNORE");
            self.at += 2;
        }
        if self.is_word("KEEP") && self.is_symbol_at(1, "(") {
            self.at += 2;
            self.need_word("DENSE_RANK")?;
            let first = self.take_word("FIRST");
            if !first {
                self.need_word("LAST")?;
            }
            self.need_word("ORDER")?;
            self.need_word("BY")?;
            call.keep = Some((first, self.orders()?));
            self.need_symbol(")")?;
        }
        if self.is_word("OVER") && self.is_symbol_at(1, "(") {
            self.at += 1;
            call.over = Some(self.window()?);
        }
        Ok(())
    }

    /// `(PARTITION BY … ORDER BY … frame)`.
    fn window(&mut self) -> Parsed<Window> {
        self.need_symbol("(")?;
        let mut window = Window { partition: Vec::new(), order: Vec::new(), frame: None };
        if self.take_words(&["PARTITION", "BY"]) {
            loop {
                window.partition.push(self.or()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take_words(&["ORDER", "BY"]) {
            window.order = self.orders()?;
        }
        if let Some(unit) = ["ROWS", "RANGE", "GROUPS"].into_iter().find(|w| self.is_word(w)) {
            self.at += 1;
            let between = self.take_word("BETWEEN");
            let from = self.bound()?;
            let to = if between {
                self.need_word("AND")?;
                Some(self.bound()?)
            } else {
                None
            };
            window.frame = Some(Frame { unit: unit.to_owned(), from, to });
        }
        self.need_symbol(")")?;
        Ok(window)
    }

    fn bound(&mut self) -> Parsed<Bound> {
        if self.take_words(&["UNBOUNDED", "PRECEDING"]) {
            return Ok(Bound::UnboundedPreceding);
        }
        if self.take_words(&["UNBOUNDED", "FOLLOWING"]) {
            return Ok(Bound::UnboundedFollowing);
        }
        if self.take_words(&["CURRENT", "ROW"]) {
            return Ok(Bound::CurrentRow);
        }
        let value = self.sum()?;
        if self.take_word("PRECEDING") {
            return Ok(Bound::Preceding(value));
        }
        self.need_word("FOLLOWING")?;
        Ok(Bound::Following(value))
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

    // --- Names and orders

    /// Up to `most` parts with dots between them.
    fn name(&mut self, most: usize) -> Parsed<Vec<Part>> {
        let mut parts = vec![self.part()?];
        while self.is_symbol(".") && !self.is_symbol_at(1, "*") {
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
        let written = (!quoted && name != token.text).then(|| token.text.to_owned());
        let name = OracleIdent::new(name).map_err(|e| self.refuse(e.to_string()))?;
        self.at += 1;
        Ok(Part { name, quoted, written })
    }

    fn may_be_alias(&self) -> bool {
        self.peek().is_some_and(|t| match t.kind {
            TokenKind::QuotedIdent => true,
            TokenKind::Word => !RESERVED.contains(&t.text.to_ascii_uppercase().as_str()),
            _ => false,
        })
    }

    fn orders(&mut self) -> Parsed<Vec<Order>> {
        let mut orders = vec![self.order()?];
        while self.take_symbol(",") {
            orders.push(self.order()?);
        }
        Ok(orders)
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

fn closing(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut closing = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            open.push(at);
        } else if token.is_symbol(")")
            && let Some(from) = open.pop()
        {
            closing[from] = at;
        }
    }
    closing
}
