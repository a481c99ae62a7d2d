//! Tokens to the syntax tree. What is not converted is refused here, at its token; the whole language, which stored code and assessments
//! need, is read by the same functions.

mod query;
mod source;

use super::{
    Refused,
    ast::{Argument, Bound, Call, Expr, Frame, InList, Node, Op, Order, Part, Query, Span, Window, Wrapper},
};
use crate::{
    OracleIdent,
    sql::{
        Lexer, Token, TokenKind,
        parser::{Context, data_type},
    },
};
use type_convert::{LengthUnit, OracleType};

pub(crate) struct Parser<'a> {
    pub(crate) source: &'a str,
    pub(crate) tokens: Vec<Token<'a>>,
    /// For each opening parenthesis the token that closes it; for others, and those that nothing closes, the end.
    pub(crate) closing: Vec<usize>,
    pub(crate) at: usize,
    pub(crate) depth: usize,
    /// Of the tallest expression of those that were read last: operators in a row nest, too.
    height: usize,
    /// How often something of the whole language may still be gone into: what is read as one thing, and then as another, ends.
    pub(crate) fuel: usize,
    language: Language,
    /// The colon before the next token was part of it.
    colon: bool,
    /// Comments that are hints, in their order.
    hints: Vec<Span>,
    /// From which token on the next semicolon was looked for, and where it is.
    semicolon: (usize, usize),
    /// Statements within statements.
    pub(crate) nesting: usize,
}

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// Expressions and queries that can be converted.
    Converted,
    /// All of SQL's queries and of PL/SQL's expressions.
    Whole,
}

/// Expressions nested deeper than any person writes them would end in a stack overflow.
const MAX_DEPTH: usize = 64;

/// The same for the whole language, where statements may be around them: two of these count for one.
const MAX_DEPTH_OF_WHOLE: usize = 55;

/// So would chains of operators longer than this.
const MAX_LINKS: usize = 256;

/// And expressions with more operators than this on one path to their innermost one.
const MAX_HEIGHT: usize = 1500;

/// Set operators and joins in a row that the whole language may have.
const MAX_PARTS: usize = 1000;

/// Words that end an expression or begin something that is none.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ALL", "AND", "ANY", "AS", "ASC", "BETWEEN", "BY", "CONNECT", "CROSS", "DESC", "DISTINCT", "ELSE", "END", "ESCAPE",
    "EXCEPT", "FETCH", "FOR", "FROM", "FULL", "GROUP", "HAVING", "IN", "INNER", "INTERSECT", "INTO", "IS", "JOIN", "LEFT",
    "LIKE", "MINUS", "MODEL", "NATURAL", "NOT", "NULLS", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PIVOT", "PRIOR",
    "RIGHT", "SELECT", "SOME", "START", "THEN", "UNION", "UNIQUE", "UNPIVOT", "USING", "WHEN", "WHERE", "WITH",
];

/// Of these, what may be the name of a variable or column where an expression begins.
const NAMES_TOO: &[&str] = &[
    "CROSS", "ESCAPE", "EXCEPT", "FULL", "INNER", "JOIN", "LEFT", "MODEL", "NATURAL", "NULLS", "OFFSET", "OUTER",
    "PIVOT", "RIGHT", "SOME", "UNPIVOT",
];

pub(crate) type Parsed<T> = Result<T, Refused>;

impl<'a> Parser<'a> {
    pub(crate) fn new(source: &'a str) -> Parsed<Self> {
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
        Ok(Self::over(source, tokens, Language::Converted))
    }

    /// Reads the whole language; a source that is no tokens is refused where these stand.
    pub(crate) fn whole(source: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut hints = Vec::new();
        for token in Lexer::new(source) {
            if token.kind != TokenKind::Comment {
                tokens.push(token);
            } else if token.text.get(2..).is_some_and(|text| text.starts_with('+')) {
                hints.push(Span { start: token.offset, end: token.end() });
            }
        }
        Parser { hints, ..Self::over(source, tokens, Language::Whole) }
    }

    fn over(source: &'a str, tokens: Vec<Token<'a>>, language: Language) -> Self {
        let closing = closing(&tokens, language);
        let fuel = if language == Language::Whole { fuel(tokens.len()) } else { usize::MAX };
        Parser {
            source,
            tokens,
            closing,
            at: 0,
            depth: 0,
            height: 0,
            fuel,
            language,
            colon: false,
            hints: Vec::new(),
            semicolon: (1, 0),
            nesting: 0,
        }
    }

    /// Reads on over other tokens of the same source.
    pub(crate) fn set_tokens(&mut self, tokens: Vec<Token<'a>>) {
        self.closing = closing(&tokens, self.language);
        self.tokens = tokens;
        self.semicolon = (1, 0);
    }

    /// Runs `read` as the whole of an expression or query of its own, with as much patience as the tokens up to the next semicolon
    /// deserve. Where it fails, nothing is left open.
    pub(crate) fn guarded<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if !(self.semicolon.0..=self.semicolon.1).contains(&self.at) {
            let rest = self.tokens.get(self.at..).unwrap_or_default();
            let found = rest.iter().position(|token| token.is_symbol(";")).unwrap_or(rest.len());
            self.semicolon = (self.at, self.at + found);
        }
        let length = self.semicolon.1 - self.at;
        (self.depth, self.height, self.fuel, self.colon) = (0, 0, fuel(length), false);
        let result = read(self);
        (self.depth, self.height, self.colon) = (0, 0, false);
        result
    }

    fn is_whole(&self) -> bool {
        self.language == Language::Whole
    }

    /// Refuses what only the whole language has.
    fn unless_whole(&self, reason: impl Into<String>) -> Parsed<()> {
        if self.is_whole() { Ok(()) } else { Err(self.refuse(reason)) }
    }

    /// The hint before the token that comes next.
    pub(crate) fn hint(&self) -> Option<Span> {
        let before = self.hints.partition_point(|hint| hint.start < self.end());
        self.hints.get(before).copied().filter(|hint| hint.start < self.offset())
    }

    /// The whole source as one expression or condition.
    pub(crate) fn expression(mut self) -> Parsed<Expr> {
        let expr = self.or()?;
        self.nothing_left()?;
        Ok(expr)
    }

    /// The whole source as one query, and whether WITH CHECK OPTION is behind it.
    pub(crate) fn whole_query(mut self) -> Parsed<(Query, bool)> {
        self.query_and_options()
    }

    pub(crate) fn query_and_options(&mut self) -> Parsed<(Query, bool)> {
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

    pub(crate) fn nothing_left(&self) -> Parsed<()> {
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

    pub(crate) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).copied()
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    pub(crate) fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.is_word(word))
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.is_symbol_at(0, symbol)
    }

    pub(crate) fn is_symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        self.peek_at(ahead).is_some_and(|t| t.is_symbol(symbol))
    }

    pub(crate) fn is_any_symbol(&self, symbols: &[&str]) -> bool {
        symbols.iter().any(|symbol| self.is_symbol(symbol))
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        self.is_any_at(0, words)
    }

    pub(crate) fn is_any_at(&self, ahead: usize, words: &[&str]) -> bool {
        words.iter().any(|w| self.is_word_at(ahead, w))
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn take_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word_at(ahead, word));
        if found {
            self.at += words.len();
        }
        found
    }

    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn need_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(word)) }
    }

    pub(crate) fn need_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    pub(crate) fn need_text(&mut self) -> Parsed<String> {
        match self.peek().and_then(|t| t.text_value()) {
            Some(text) => {
                self.at += 1;
                Ok(text)
            }
            None => Err(self.expected("a text")),
        }
    }

    pub(crate) fn offset(&self) -> usize {
        self.peek().map_or(self.source.len(), |t| t.offset)
    }

    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Refused {
        Refused::new(self.offset(), reason)
    }

    pub(crate) fn expected(&self, what: &str) -> Refused {
        match self.peek() {
            Some(token) => self.refuse(format!("expected {what}, found {}", token.text)),
            None => self.refuse(format!("expected {what}, found the end")),
        }
    }

    /// Up to the last token that was taken.
    pub(crate) fn expr(&self, start: usize, node: Node) -> Expr {
        Expr { start, end: self.end().max(start), node }
    }

    /// Where the last token that was taken ends.
    pub(crate) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, Token::end)
    }

    /// From `start` to the last token that was taken.
    pub(crate) fn span(&self, start: usize) -> Span {
        Span { start, end: self.end().max(start) }
    }

    /// Takes all that is left.
    pub(crate) fn skip_all(&mut self) {
        self.at = self.tokens.len();
    }

    /// Goes behind the parentheses that begin here, if they do and are closed.
    pub(crate) fn skip_parentheses(&mut self) -> bool {
        let close = self.closing.get(self.at).copied().filter(|close| *close < self.tokens.len());
        if let Some(close) = close {
            self.at = close + 1;
        }
        close.is_some()
    }

    /// Whether a query begins here, in parentheses of its own or not: behind these can only be what goes on with a query, where
    /// `((SELECT …) + 1)` is an expression.
    fn at_query(&self) -> bool {
        self.at_query_ahead(0)
    }

    pub(crate) fn at_query_ahead(&self, mut ahead: usize) -> bool {
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
        let most = if self.is_whole() { MAX_DEPTH_OF_WHOLE.saturating_sub(self.nesting / 2) } else { MAX_DEPTH };
        if self.depth > most || self.fuel == 0 {
            return Err(self.refuse("expressions nested this deep are not converted"));
        }
        self.fuel -= 1;
        Ok(())
    }

    /// One more operator on the way down.
    fn higher(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MAX_HEIGHT {
            return Err(self.refuse("expressions this long are not converted"));
        }
        Ok(())
    }

    /// Whether a chain of so many links may go on.
    fn may_link(&self, links: usize) -> bool {
        links < if self.is_whole() { MAX_PARTS } else { MAX_LINKS }
    }

    // --- Conditions

    pub(crate) fn or(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let start = self.offset();
        let mut all = vec![self.and()?];
        while self.take_word("OR") {
            all.push(self.and()?);
        }
        self.depth -= 1;
        self.height += 1;
        Ok(if all.len() == 1 { all.remove(0) } else { self.expr(start, Node::Or(all)) })
    }

    fn and(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut all = vec![self.not()?];
        while self.take_word("AND") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { self.expr(start, Node::And(all)) })
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
            expr = self.expr(start, Node::Not(Box::new(expr)));
        }
        Ok(expr)
    }

    fn predicate(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        if self.is_word("EXISTS") && self.is_symbol_at(1, "(") {
            self.at += 2;
            let query = Box::new(self.query()?);
            self.need_symbol(")")?;
            return Ok(self.expr(start, Node::Exists(query)));
        }
        let left = self.sum()?;
        let goes_on = self.peek().is_some_and(|token| match token.kind {
            TokenKind::Symbol => !(token.text == ")" || token.text == "," || token.text == ";"),
            _ => true,
        });
        if goes_on { self.condition(start, left) } else { Ok(left) }
    }

    /// What makes a condition of a value.
    fn condition(&mut self, start: usize, mut left: Expr) -> Parsed<Expr> {
        if self.is_whole() {
            left = self.multiset(start, left)?;
        }
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
        if let Some(mut op) = op {
            self.at += 1;
            // Blanks between the two signs are allowed.
            if self.is_whole() && self.is_any_symbol(&["=", ">"]) {
                op = match (op, self.take_symbol("=")) {
                    ("<", true) => "<=",
                    (">", true) => ">=",
                    ("<", false) if self.take_symbol(">") => "<>",
                    _ => return Err(self.expected("an expression")),
                };
            }
            if self.is_any(&["ANY", "SOME", "ALL"]) && self.is_symbol_at(1, "(") {
                let all = self.is_word("ALL");
                self.at += 1;
                let right = self.in_list()?;
                return Ok(self.expr(start, Node::Quantified { op, all, left: value, right }));
            }
            let right = Box::new(self.sum()?);
            return Ok(self.expr(start, Node::Compare { op, left: value, right }));
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if self.take_word("NULL") {
                return Ok(self.expr(start, Node::IsNull { value, negated }));
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
            return Ok(self.expr(start, Node::Between { value, low, high, negated }));
        }
        if self.take_word("IN") {
            let list = if self.is_symbol("(") { self.in_list()? } else { InList::Values(vec![self.sum()?]) };
            return Ok(self.expr(start, Node::In { value, list, negated }));
        }
        if self.is_any(&likes) {
            self.at += 1;
            let pattern = Box::new(self.sum()?);
            let escape = if self.take_word("ESCAPE") { Some(Box::new(self.sum()?)) } else { None };
            return Ok(self.expr(start, Node::Like { value, pattern, escape, negated }));
        }
        if self.is_any(&["MEMBER", "SUBMULTISET"]) || (self.is_word("MULTISET") && self.peek_at(1).is_some()) {
            self.unless_whole("conditions and operators on collections (MEMBER, MULTISET) are not converted")?;
            let op = if self.is_word("MEMBER") { "MEMBER OF" } else { "SUBMULTISET OF" };
            self.at += 1;
            self.take_word("OF");
            let at = self.offset();
            let right = self.sum()?;
            let right = Box::new(self.multiset(at, right)?);
            let found = self.expr(start, Node::Operator { op, left: value, right });
            return Ok(if negated { self.expr(start, Node::Not(Box::new(found))) } else { found });
        }
        Ok(*value)
    }

    /// `MULTISET UNION …` behind a collection.
    fn multiset(&mut self, start: usize, mut left: Expr) -> Parsed<Expr> {
        while self.is_word("MULTISET") && self.is_any_at(1, &["UNION", "INTERSECT", "EXCEPT"]) {
            let op = ["UNION", "INTERSECT", "EXCEPT"].into_iter().find(|word| self.is_word_at(1, word));
            self.at += 2;
            let _ = self.take_word("ALL") || self.take_word("DISTINCT");
            self.higher()?;
            let right = Box::new(self.sum()?);
            let op = match op {
                Some("UNION") => "MULTISET UNION",
                Some("INTERSECT") => "MULTISET INTERSECT",
                _ => "MULTISET EXCEPT",
            };
            left = self.expr(start, Node::Operator { op, left: Box::new(left), right });
        }
        Ok(left)
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
            "OF" if self.is_whole() => {
                self.take_word("TYPE");
                self.need_symbol("(")?;
                let mut types = Vec::new();
                loop {
                    self.take_word("ONLY");
                    types.push(self.name(3)?);
                    if !self.take_symbol(",") {
                        break;
                    }
                }
                self.need_symbol(")")?;
                let is = self.expr(start, Node::IsOf { value, types });
                return Ok(if negated { self.expr(start, Node::Not(Box::new(is))) } else { is });
            }
            // IS TRUE of Oracle 23ai.
            "TRUE" | "FALSE" if self.is_whole() => {}
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
        Ok(self.expr(start, Node::Is { value, what, negated }))
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
    pub(crate) fn list(&mut self) -> Parsed<Vec<Expr>> {
        let mut list = vec![self.or()?];
        while self.take_symbol(",") {
            list.push(self.or()?);
        }
        self.need_symbol(")")?;
        Ok(list)
    }

    // --- Values

    /// `+`, `-` and `||` bind equally in Oracle.
    pub(crate) fn sum(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let beside = std::mem::take(&mut self.height);
        let mut left = self.product()?;
        for links in 0.. {
            let op = match self.peek() {
                Some(t) if t.is_symbol("+") => Op::Add,
                Some(t) if t.is_symbol("-") => Op::Subtract,
                Some(t) if t.is_symbol("||") => Op::Concat,
                _ => {
                    self.height = self.height.max(beside);
                    return Ok(left);
                }
            };
            if !self.may_link(links) {
                break;
            }
            self.at += 1;
            self.higher()?;
            let right = self.product()?;
            left = self.expr(start, Node::Binary { op, left: Box::new(left), right: Box::new(right) });
        }
        Err(self.refuse("expressions this long are not converted"))
    }

    fn product(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut left = self.unary()?;
        for links in 0.. {
            let op = match self.peek() {
                Some(t) if t.is_symbol("*") => Op::Multiply,
                Some(t) if t.is_symbol("/") => Op::Divide,
                _ if self.at_modulo() => {
                    self.at += 1;
                    self.higher()?;
                    let right = Box::new(self.unary()?);
                    left = self.expr(start, Node::Operator { op: "MOD", left: Box::new(left), right });
                    continue;
                }
                _ => return Ok(left),
            };
            if !self.may_link(links) {
                break;
            }
            self.at += 1;
            self.higher()?;
            let right = self.unary()?;
            left = self.expr(start, Node::Binary { op, left: Box::new(left), right: Box::new(right) });
        }
        Err(self.refuse("expressions this long are not converted"))
    }

    /// `a MOD b` of PL/SQL, where MOD cannot be an alias.
    fn at_modulo(&self) -> bool {
        self.is_whole()
            && self.is_any(&["MOD", "REM"])
            && self.peek_at(1).is_some_and(|t| match t.kind {
                TokenKind::Number | TokenKind::Bind => true,
                TokenKind::Word => !RESERVED.contains(&t.text.to_ascii_uppercase().as_str()),
                _ => t.is_symbol("("),
            })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        if self.take_symbol("+") {
            return self.power();
        }
        if self.take_symbol("-") {
            let value = self.power()?;
            return Ok(self.expr(start, Node::Negate(Box::new(value))));
        }
        self.power()
    }

    /// `**`, which PL/SQL has.
    fn power(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let base = self.postfix()?;
        if !self.is_whole() || !self.take_symbol("**") {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.unary()?;
        self.depth -= 1;
        Ok(self.expr(start, Node::Operator { op: "**", left: Box::new(base), right: Box::new(exponent) }))
    }

    /// A primary with what can stand behind it.
    pub(crate) fn postfix(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let mut expr = self.primary()?;
        loop {
            if self.is_symbol("(") && self.is_symbol_at(1, "+") && self.is_symbol_at(2, ")") {
                self.at += 3;
                expr = self.expr(start, Node::OuterJoined(Box::new(expr)));
            } else if self.is_whole() && self.is_symbol("(") && !matches!(expr.node, Node::Number(_) | Node::Text(_)) {
                self.at += 1;
                self.higher()?;
                let mut call = Call::new(Vec::new(), Vec::new());
                self.arguments(&mut call)?;
                expr = self.expr(start, Node::Apply { value: Box::new(expr), arguments: call.arguments });
            } else if self.is_whole()
                && self.is_symbol("%")
                && self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Word)
            {
                let name = self.peek_at(1).map(|t| t.text.to_ascii_uppercase()).unwrap_or_default();
                self.at += 2;
                self.higher()?;
                expr = self.expr(start, Node::Attribute { value: Box::new(expr), name });
            } else if self.is_whole() && self.is_symbol(".") && !self.is_symbol_at(1, "*") {
                self.at += 1;
                self.higher()?;
                let method = self.part()?.name.as_str().to_owned();
                expr = self.expr(start, Node::Method { value: Box::new(expr), method, arguments: Vec::new() });
            } else if self.is_symbol(".") && !self.is_symbol_at(1, "*") {
                self.at += 1;
                let method = self.part()?.name.as_str().to_owned();
                let arguments = if !self.take_symbol("(") || self.take_symbol(")") { Vec::new() } else { self.list()? };
                expr = self.expr(start, Node::Method { value: Box::new(expr), method, arguments });
            } else if self.is_word("AT") && (self.is_word_at(1, "TIME") || self.is_word_at(1, "LOCAL")) {
                self.at += 1;
                let zone = if self.take_word("LOCAL") {
                    None
                } else {
                    self.at += 1;
                    self.need_word("ZONE")?;
                    Some(Box::new(self.primary()?))
                };
                expr = self.expr(start, Node::AtZone { value: Box::new(expr), zone });
            } else {
                return Ok(expr);
            }
        }
    }

    pub(crate) fn primary(&mut self) -> Parsed<Expr> {
        let start = self.offset();
        let Some(token) = self.peek() else { return Err(self.expected("an expression")) };
        match token.kind {
            TokenKind::Number => {
                self.at += 1;
                Ok(self.expr(start, Node::Number(token.text.to_owned())))
            }
            TokenKind::Text => {
                let value = token.text_value().ok_or_else(|| self.refuse("this literal is not understood"))?;
                self.at += 1;
                Ok(self.expr(start, Node::Text(value)))
            }
            TokenKind::Symbol if token.text == "(" => self.parenthesized(start),
            TokenKind::Word | TokenKind::QuotedIdent => self.word(start, token),
            TokenKind::Bind => {
                self.at += 1;
                Ok(self.expr(start, Node::Bind(token.text.trim_start_matches(':').to_owned())))
            }
            TokenKind::Error => Err(self.refuse("this is no token of Oracle's SQL")),
            TokenKind::Symbol if token.text == ":" => Err(self.refuse("bind variables are not converted")),
            _ => Err(self.expected("an expression")),
        }
    }

    /// `(value)`, `(a, b)`, `(SELECT …)`, `(object AS type)`.
    fn parenthesized(&mut self, start: usize) -> Parsed<Expr> {
        self.at += 1;
        if self.at_query() {
            self.deeper()?;
            let query = Box::new(self.query()?);
            self.depth -= 1;
            self.need_symbol(")")?;
            return Ok(self.expr(start, Node::Subquery(query)));
        }
        let inner = self.or()?;
        if self.is_whole() && self.take_word("AS") {
            let to = self.name(3)?;
            self.need_symbol(")")?;
            return Ok(self.expr(start, Node::Upcast { value: Box::new(inner), to }));
        }
        if self.take_symbol(",") {
            let mut row = vec![inner];
            row.extend(self.list()?);
            return Ok(self.expr(start, Node::Row(row)));
        }
        self.need_symbol(")")?;
        Ok(self.expr(start, inner.node))
    }

    fn word(&mut self, start: usize, token: Token<'a>) -> Parsed<Expr> {
        if token.kind == TokenKind::Word
            && let Some(read) = self.keyword(start, token)
        {
            return read;
        }
        let name = self.name(4)?;
        if self.is_symbol("@") {
            let link = self.link()?;
            return Ok(self.expr(start, Node::Remote { name, link }));
        }
        if self.is_symbol("(") && self.is_symbol_at(1, "+") && self.is_symbol_at(2, ")") {
            return Ok(self.expr(start, Node::Name(name)));
        }
        if !self.take_symbol("(") {
            return Ok(self.expr(start, Node::Name(name)));
        }
        self.call(start, name)
    }

    /// What begins with a word that is no name. Not in [`word`](Self::word), because that is on the stack once for each call in a call.
    fn keyword(&mut self, start: usize, token: Token<'a>) -> Option<Parsed<Expr>> {
        let next_is_text = self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text);
        let word = token.text.to_ascii_uppercase();
        match word.as_str() {
            "NULL" => {
                self.at += 1;
                return Some(Ok(self.expr(start, Node::Null)));
            }
            "CASE" => {
                self.at += 1;
                return Some(self.case(start));
            }
            "PRIOR" => {
                self.at += 1;
                let value = self.unary();
                return Some(value.map(|value| self.expr(start, Node::Prior(Box::new(value)))));
            }
            "CONNECT_BY_ROOT" => {
                self.at += 1;
                let value = self.postfix();
                return Some(value.map(|value| self.expr(start, Node::ConnectByRoot(Box::new(value)))));
            }
            "CAST" if self.is_symbol_at(1, "(") => return Some(self.cast(start)),
            "CURSOR" if self.is_symbol_at(1, "(") => return Some(self.cursor_expression(start)),
            // `NEW type(…)`
            "NEW" if self.is_whole() && self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Word) => {
                self.at += 1;
                return None;
            }
            "INTERVAL" if next_is_text => return Some(self.interval(start)),
            _ => {}
        }
        if next_is_text {
            let text = self.peek_at(1).and_then(|t| t.text_value()).unwrap_or_default();
            let node = match word.as_str() {
                "DATE" => Node::Date(text),
                "TIMESTAMP" => Node::Timestamp(text),
                other => return Some(Err(self.refuse(format!("literals with {other} are not converted")))),
            };
            self.at += 2;
            return Some(Ok(self.expr(start, node)));
        }
        let is_name = self.is_whole() && NAMES_TOO.contains(&word.as_str());
        (RESERVED.contains(&word.as_str()) && !is_name).then(|| Err(self.expected("an expression")))
    }

    /// `CURSOR(query)`.
    fn cursor_expression(&mut self, start: usize) -> Parsed<Expr> {
        self.unless_whole("CURSOR expressions are not converted")?;
        self.at += 2;
        let query = Box::new(self.query()?);
        self.need_symbol(")")?;
        Ok(self.expr(start, Node::Cursor(query)))
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
                return Ok(self.expr(start, Node::Interval(text, fields)));
            }
            fields.push_str(" TO ");
        }
    }

    pub(crate) fn cast(&mut self, start: usize) -> Parsed<Expr> {
        self.at += 2;
        if self.take_word("MULTISET") {
            self.need_symbol("(")?;
            let query = Box::new(self.query()?);
            self.need_symbol(")")?;
            self.need_word("AS")?;
            let to = self.data_type()?;
            self.need_symbol(")")?;
            return Ok(self.expr(start, Node::Multiset { query, to }));
        }
        let value = Box::new(self.or()?);
        self.need_word("AS")?;
        let to = self.data_type()?;
        if self.is_any(&["DEFAULT"]) || self.is_symbol(",") {
            self.unless_whole("CAST with a format or a default is not converted")?;
            let mut call = Call::new(
                vec![Part::exact(OracleIdent::new("CAST").map_err(|e| self.refuse(e.to_string()))?)],
                Vec::new(),
            );
            call.returning = Some(to);
            call.arguments.push(Argument::of(*value));
            if self.take_word("DEFAULT") {
                call.arguments.push(Argument::of(self.or()?));
                for word in ["ON", "CONVERSION", "ERROR"] {
                    self.need_word(word)?;
                }
            }
            while self.take_symbol(",") {
                call.arguments.push(Argument::of(self.or()?));
            }
            self.need_symbol(")")?;
            return Ok(self.expr(start, Node::Call(Box::new(call))));
        }
        self.need_symbol(")")?;
        Ok(self.expr(start, Node::Cast { value, to }))
    }

    pub(crate) fn data_type(&mut self) -> Parsed<OracleType> {
        // The names of types that the schema owns are qualified where they are looked up.
        let schema = OracleIdent::new("PUBLIC").map_err(|e| self.refuse(e.to_string()))?;
        if let Some(oracle_type) = self.type_without_length() {
            return Ok(oracle_type);
        }
        let context = Context { schema, length_unit: LengthUnit::Byte };
        let (oracle_type, taken) =
            data_type(self.source, &self.tokens[self.at..], &context).map_err(|e| Refused::new(e.offset, e.message))?;
        self.at += taken;
        Ok(oracle_type)
    }

    /// `CAST(value AS VARCHAR2)`: in PL/SQL, and in SQL from Oracle 23ai on, a length need not be said.
    fn type_without_length(&mut self) -> Option<OracleType> {
        if !self.is_whole() || self.is_symbol_at(1, "(") || self.is_symbol_at(1, ".") {
            return None;
        }
        let (length, unit) = (32_767, LengthUnit::Byte);
        let found = if self.is_any(&["VARCHAR2", "VARCHAR"]) {
            OracleType::Varchar2 { length, unit }
        } else if self.is_word("NVARCHAR2") {
            OracleType::NVarchar2 { length: 16_383 }
        } else if self.is_word("RAW") {
            OracleType::Raw { length }
        } else {
            return None;
        };
        self.at += 1;
        Some(found)
    }

    pub(crate) fn call(&mut self, start: usize, name: Vec<Part>) -> Parsed<Expr> {
        if let [part] = name.as_slice()
            && !part.quoted
            && ["COUNT", "EXTRACT", "XMLSERIALIZE", "XMLCAST", "XMLPARSE", "TRIM"].contains(&part.name.as_str())
            && let Some(read) = self.call_with_words(start, &name)?
        {
            return Ok(read);
        }
        let mut call = Call::new(name, Vec::new());
        call.distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
        if !call.distinct {
            self.take_word("ALL");
        }
        self.arguments(&mut call)?;
        self.suffixes(&mut call)?;
        Ok(self.expr(start, Node::Call(Box::new(call))))
    }

    /// Functions whose arguments have words between them.
    fn call_with_words(&mut self, start: usize, name: &[Part]) -> Parsed<Option<Expr>> {
        let name = name.to_vec();
        let is = |word: &str| matches!(name.as_slice(), [part] if !part.quoted && part.name.as_str() == word);
        if is("COUNT") && self.is_symbol("*") && self.is_symbol_at(1, ")") {
            if self.is_word_at(2, "KEEP") {
                // All rows: something that is never NULL.
                self.at += 2;
                let one = self.expr(start, Node::Number("1".to_owned()));
                let mut call = Call::new(name, vec![Argument::of(one)]);
                self.suffixes(&mut call)?;
                return Ok(Some(self.expr(start, Node::Call(Box::new(call)))));
            }
            self.at += 2;
            let over = if self.take_word("OVER") { Some(Box::new(self.window()?)) } else { None };
            return Ok(Some(self.expr(start, Node::CountAll(over))));
        }
        if is("EXTRACT") && self.is_word_at(1, "FROM") {
            let Some(field) = self.peek().filter(|t| t.kind == TokenKind::Word) else {
                return Err(self.expected("a field"));
            };
            self.at += 2;
            let value = Box::new(self.sum()?);
            self.need_symbol(")")?;
            return Ok(Some(self.expr(start, Node::Extract { field: field.text.to_ascii_uppercase(), value })));
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
            return Ok(Some(self.expr(start, Node::Call(Box::new(call)))));
        }
        if is("TRIM") && !self.is_symbol_at(1, "=>") {
            let side = ["LEADING", "TRAILING", "BOTH"].into_iter().find(|w| self.is_word(w));
            self.at += usize::from(side.is_some());
            let characters = if self.is_word("FROM") { None } else { Some(Box::new(self.sum()?)) };
            if self.take_word("FROM") {
                let value = Box::new(self.sum()?);
                self.need_symbol(")")?;
                let side = side.unwrap_or("BOTH").to_owned();
                return Ok(Some(self.expr(start, Node::Trim { side, characters, value })));
            }
            let value = characters.map(|value| Argument::of(*value));
            let mut call = Call::new(name, value.into_iter().collect());
            // A routine of this name may have more of them.
            while self.is_whole() && self.take_symbol(",") {
                call.arguments.push(self.argument()?);
            }
            self.need_symbol(")")?;
            return Ok(Some(self.expr(start, Node::Call(Box::new(call)))));
        }
        Ok(None)
    }

    /// Up to and with the closing parenthesis.
    pub(crate) fn arguments(&mut self, call: &mut Call) -> Parsed<()> {
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
                self.unless_whole("JSON_OBJECT(*) is not converted: name the columns")?;
                self.at += 1;
                break;
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
        self.behind_arguments(call, made)
    }

    /// What functions of SQL have behind their arguments, and the closing parenthesis. On its own, because arguments are on the stack
    /// once for each call in a call.
    fn behind_arguments(&mut self, call: &mut Call, made: Option<bool>) -> Parsed<()> {
        loop {
            if self.take_symbol(")") {
                return Ok(());
            }
            if self.take_words(&["RETURNING", "CONTENT"]) {
                // XMLQUERY
            } else if self.take_word("PASSING") {
                self.take_words(&["BY", "VALUE"]);
                call.arguments.push(self.argument()?);
                while self.is_whole() && self.take_symbol(",") {
                    call.arguments.push(self.argument()?);
                }
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
                self.unless_whole("WITH UNIQUE KEYS is not converted")?;
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
            } else if self.is_whole() && self.is_word("DEFAULT") {
                // TO_NUMBER(text DEFAULT 0 ON CONVERSION ERROR)
                self.at += 1;
                call.arguments.push(Argument::of(self.or()?));
                for word in ["ON", "CONVERSION", "ERROR"] {
                    self.need_word(word)?;
                }
                while self.take_symbol(",") {
                    call.arguments.push(self.argument()?);
                }
            } else if self.is_whole() && self.take_word("USING") {
                // CHR(n USING NCHAR_CS), PREDICTION(model USING *)
                if !self.take_symbol("*") {
                    call.arguments.push(self.argument()?);
                    while self.take_symbol(",") {
                        call.arguments.push(self.argument()?);
                    }
                }
            } else if self.is_word("USING") {
                return Err(self.refuse("USING within a function is not converted"));
            } else if self.is_whole()
                && !call.arguments.is_empty()
                && self.peek().is_some_and(|t| t.kind == TokenKind::Word)
            {
                // What else a function of SQL has between its parentheses; no rule of PL/SQL allows a word there.
                let (start, reason) = (self.offset(), self.expected(")").reason);
                let before =
                    self.tokens[..self.at].iter().rposition(|token| token.is_symbol(";")).map_or(0, |at| at + 1);
                let encloses = |close: &usize| *close > self.at && *close < self.tokens.len();
                let open = self.closing[before..self.at].iter().rposition(encloses).map(|at| before + at);
                let Some(open) = open else { return Err(self.expected(")")) };
                self.at = self.closing[open];
                let tail = self.expr(start, Node::Unparsed(reason));
                call.arguments.push(Argument::of(tail));
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
        if self.is_whole() && self.is_word("VERSION") && self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text) {
            // XMLROOT
            self.at += 1;
        }
        // XMLELEMENT(NAME "x", …)
        if self.is_any(&["NAME", "EVALNAME"])
            && self.peek_at(1).is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::QuotedIdent))
        {
            self.at += 1;
        }
        let value = self.or()?;
        if self.is_whole() && !self.is_symbol(",") {
            self.take_words(&["FORMAT", "JSON"]);
        }
        let alias = if self.is_word("AS") && !self.is_word_at(1, "OF") {
            self.at += 1;
            let name = self.part()?.name;
            // TREAT(value AS schema.type)
            while self.is_whole() && self.take_symbol(".") {
                self.part()?;
            }
            Some(name)
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
        self.split_bind();
        let mut argument = if self.take_word("VALUE")
            || self.take_symbol(":")
            || std::mem::take(&mut self.colon)
            || self.take_word("IS")
        {
            Argument { key: Some(key), ..Argument::of(self.or()?) }
        } else {
            let Node::Name(parts) = &key.node else { return Err(self.expected("VALUE")) };
            let name = parts.last().map(|p| p.written.clone().unwrap_or_else(|| p.name.as_str().to_owned()));
            let name = self.expr(key.start, Node::Text(name.unwrap_or_default()));
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
    pub(crate) fn window(&mut self) -> Parsed<Window> {
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

    pub(crate) fn case(&mut self, start: usize) -> Parsed<Expr> {
        // It takes more of the stack than others.
        self.deeper()?;
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
        self.depth -= 1;
        Ok(self.expr(start, Node::Case { operand, arms, otherwise }))
    }

    // --- Names and orders

    /// Up to `most` parts with dots between them.
    pub(crate) fn name(&mut self, most: usize) -> Parsed<Vec<Part>> {
        let mut parts = vec![self.part()?];
        while self.is_symbol(".") && !self.is_symbol_at(1, "*") {
            if parts.len() == most {
                if self.is_whole() {
                    break;
                }
                return Err(self.refuse("names of more parts are not converted"));
            }
            self.at += 1;
            parts.push(self.part()?);
        }
        if self.is_symbol("@") {
            self.unless_whole("database links are not converted")?;
        }
        Ok(parts)
    }

    /// `@link`, with a domain and a connection where they are said: `@hq.example.com@instance`. Nothing, where there is none.
    pub(crate) fn link(&mut self) -> Parsed<Vec<Part>> {
        let mut link = Vec::new();
        while self.take_symbol("@") {
            link.push(self.part()?);
            while self.take_symbol(".") {
                link.push(self.part()?);
            }
        }
        Ok(link)
    }

    /// A bind variable becomes its name: what its colon belongs to is before it.
    fn split_bind(&mut self) {
        if let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Bind)
            && let Some(inner) = Lexer::new(&token.text[1..]).next()
            && inner.text.len() + 1 == token.text.len()
            && self.at > 0
        {
            self.tokens[self.at] = Token { offset: token.offset + 1, ..inner };
            self.colon = true;
        }
    }

    pub(crate) fn part(&mut self) -> Parsed<Part> {
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

    /// Whether a name can begin here: no word that ends an expression.
    fn may_be_name(&self) -> bool {
        self.may_be_alias() || self.is_any(NAMES_TOO)
    }

    fn may_be_alias(&self) -> bool {
        self.peek().is_some_and(|t| match t.kind {
            TokenKind::QuotedIdent => true,
            TokenKind::Word => {
                let goes_on = self.is_whole()
                    && ((t.is_word("BULK") && self.is_word_at(1, "COLLECT"))
                        || (t.is_word("LOG") && self.is_word_at(1, "ERRORS")));
                !goes_on && !RESERVED.contains(&t.text.to_ascii_uppercase().as_str())
            }
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

    pub(crate) fn order(&mut self) -> Parsed<Order> {
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

/// Enough to read so many tokens several times, and not enough to read them for ever.
pub(crate) fn fuel(tokens: usize) -> usize {
    tokens.saturating_mul(16).saturating_add(1000)
}

/// In the whole language none reaches over the end of a statement: one that does is one that was forgotten.
fn closing(tokens: &[Token<'_>], language: Language) -> Vec<usize> {
    let mut closing = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            open.push(at);
        } else if token.is_symbol(";") && language == Language::Whole {
            open.clear();
        } else if token.is_symbol(")")
            && let Some(from) = open.pop()
        {
            closing[from] = at;
        }
    }
    closing
}
