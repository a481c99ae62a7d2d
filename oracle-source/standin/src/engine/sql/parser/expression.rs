//! Expressions and conditions.

use super::*;

fn make(kind: ExprKind, offset: usize) -> Expr {
    Expr { kind: Box::new(kind), offset }
}

impl<'a> Parser<'a> {
    /// A condition or a scalar.
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.deeper(Self::or)
    }

    /// A scalar: no AND, OR, NOT, comparison outside of parentheses.
    pub(super) fn scalar(&mut self) -> Parse<Expr> {
        self.deeper(Self::sum)
    }

    fn or(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        let first = self.and()?;
        if !self.is_word("OR") {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.take_word("OR") {
            list.push(self.and()?);
        }
        Ok(make(ExprKind::Or(list), offset))
    }

    fn and(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        let first = self.not()?;
        if !self.is_word("AND") {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.take_word("AND") {
            list.push(self.not()?);
        }
        Ok(make(ExprKind::And(list), offset))
    }

    fn not(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        if self.take_word("NOT") {
            let inner = self.deeper(Self::not)?;
            return Ok(make(ExprKind::Not(inner), offset));
        }
        self.condition()
    }

    fn condition(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        if self.is_word("EXISTS") && self.is_symbol_at(1, "(") {
            self.at += 2;
            let query = Box::new(self.query()?);
            self.need_close()?;
            return Ok(make(ExprKind::Exists(query), offset));
        }
        let left = self.sum()?;
        let offset = left.offset;
        if let Some(comparison) = self.comparison() {
            let all = self.is_word("ALL");
            if all || self.is_word("ANY") || self.is_word("SOME") {
                self.at += 1;
                let at = self.offset();
                let right = if self.opens_query() {
                    self.at += 1;
                    let query = Box::new(self.query()?);
                    self.need_close()?;
                    make(ExprKind::Subquery(query), at)
                } else {
                    self.need_open()?;
                    let mut list = vec![self.scalar()?];
                    while self.take_symbol(",") {
                        list.push(self.scalar()?);
                    }
                    self.need_close()?;
                    make(ExprKind::Tuple(list), at)
                };
                return Ok(make(ExprKind::Quantified(comparison, left, right, all), offset));
            }
            let right = self.sum()?;
            return Ok(make(ExprKind::Compare(comparison, left, right), offset));
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if self.take_word("OF") {
                return self.is_of(left, negated, offset);
            }
            self.need_word("NULL", 908, "missing NULL keyword")?;
            return Ok(make(ExprKind::IsNull { value: left, negated }, offset));
        }
        let negated = self.is_word("NOT")
            && (self.is_word_at(1, "IN") || self.is_word_at(1, "LIKE") || self.is_word_at(1, "BETWEEN"));
        self.at += usize::from(negated);
        if self.take_word("BETWEEN") {
            let low = self.sum()?;
            self.need_word("AND", 905, "missing keyword")?;
            let high = self.sum()?;
            return Ok(make(ExprKind::Between { value: left, low, high, negated }, offset));
        }
        if self.take_word("LIKE") {
            let pattern = self.sum()?;
            let escape = if self.take_word("ESCAPE") { Some(self.sum()?) } else { None };
            return Ok(make(ExprKind::Like { value: left, pattern, escape, negated }, offset));
        }
        if self.take_word("IN") {
            if self.opens_query() {
                self.at += 1;
                let query = Box::new(self.query()?);
                self.need_close()?;
                return Ok(make(ExprKind::InQuery { value: left, query, negated }, offset));
            }
            let list = if self.take_symbol("(") {
                let mut list = vec![self.scalar()?];
                while self.take_symbol(",") {
                    list.push(self.scalar()?);
                }
                self.need_close()?;
                list
            } else {
                vec![self.scalar()?]
            };
            return Ok(make(ExprKind::InList { value: left, list, negated }, offset));
        }
        Ok(left)
    }

    /// Behind `IS OF`: only the type itself, without those under it.
    fn is_of(&mut self, value: Expr, negated: bool, offset: usize) -> Parse<Expr> {
        self.take_word("TYPE");
        self.need_open()?;
        if !self.take_word("ONLY") {
            return self.fail(3001, "unimplemented feature: IS OF without ONLY");
        }
        let mut name = self.dotted(902, "invalid datatype")?;
        let (Some(last), owner, true) = (name.pop(), name.pop(), name.is_empty()) else {
            return self.fail(902, "invalid datatype");
        };
        self.need_close()?;
        let ty = TableName { owner, name: last };
        Ok(make(ExprKind::IsOfOnly { value, ty, negated }, offset))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let token = self.peek().filter(|t| t.kind == TokenKind::Symbol)?;
        let (comparison, length) = match token.text {
            "=" => (Comparison::Equal, 1),
            "<>" | "!=" | "^=" | "~=" => (Comparison::NotEqual, 1),
            "<=" => (Comparison::LessEqual, 1),
            ">=" => (Comparison::GreaterEqual, 1),
            // Blanks may stand within these operators.
            "<" if self.is_symbol_at(1, "=") => (Comparison::LessEqual, 2),
            "<" if self.is_symbol_at(1, ">") => (Comparison::NotEqual, 2),
            ">" if self.is_symbol_at(1, "=") => (Comparison::GreaterEqual, 2),
            "!" | "^" if self.is_symbol_at(1, "=") => (Comparison::NotEqual, 2),
            "<" => (Comparison::Less, 1),
            ">" => (Comparison::Greater, 1),
            _ => return None,
        };
        self.at += length;
        Some(comparison)
    }

    /// `+`, `-` and `||` have one precedence.
    fn sum(&mut self) -> Parse<Expr> {
        let mut left = self.product()?;
        // What is in parentheses is a tree of its own.
        let mut own = false;
        loop {
            let offset = left.offset;
            let operator = if self.take_symbol("||") {
                None
            } else if self.take_symbol("+") {
                Some(Arithmetic::Add)
            } else if self.take_symbol("-") {
                Some(Arithmetic::Subtract)
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            let kind = match (operator, *left.kind) {
                (None, ExprKind::Concat(mut list)) => {
                    list.push(right);
                    ExprKind::Concat(list)
                }
                (Some(operator), ExprKind::Arithmetic(first, mut rest)) if own => {
                    rest.push((operator, right));
                    ExprKind::Arithmetic(first, rest)
                }
                (operator, other) => {
                    if own {
                        self.branch()?;
                    }
                    let left = make(other, offset);
                    match operator {
                        None => ExprKind::Concat(vec![left, right]),
                        Some(operator) => ExprKind::Arithmetic(left, vec![(operator, right)]),
                    }
                }
            };
            own = true;
            left = make(kind, offset);
        }
    }

    fn product(&mut self) -> Parse<Expr> {
        let first = self.unary()?;
        let mut rest = Vec::new();
        loop {
            let operator = if self.take_symbol("*") {
                Arithmetic::Multiply
            } else if self.take_symbol("/") {
                Arithmetic::Divide
            } else {
                break;
            };
            rest.push((operator, self.unary()?));
        }
        let offset = first.offset;
        Ok(if rest.is_empty() { first } else { make(ExprKind::Arithmetic(first, rest), offset) })
    }

    fn unary(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        if self.take_symbol("-") {
            let inner = self.deeper(Self::unary)?;
            return Ok(make(ExprKind::Negate(inner), offset));
        }
        if self.take_symbol("+") {
            return self.deeper(Self::unary);
        }
        if self.is_word("PRIOR") && !self.is_symbol_at(1, ".") {
            return self.fail(3001, "unimplemented feature: PRIOR");
        }
        self.primary()
    }

    fn primary(&mut self) -> Parse<Expr> {
        let Some(token) = self.peek() else { return self.fail(936, "missing expression") };
        let offset = token.offset;
        match token.kind {
            TokenKind::Number => {
                self.at += 1;
                self.number(token)
            }
            TokenKind::Text => {
                self.at += 1;
                Ok(make(ExprKind::Text(text_literal(token.text)), offset))
            }
            TokenKind::Bind => {
                self.at += 1;
                let bind = self.bind(token);
                Ok(make(ExprKind::Bind(bind), offset))
            }
            TokenKind::Symbol if token.text == "(" => self.parenthesised(),
            TokenKind::Word | TokenKind::QuotedIdent => self.named(token),
            _ => self.fail(936, "missing expression"),
        }
    }

    fn number(&mut self, token: Token<'a>) -> Parse<Expr> {
        let invalid = || error_at(1722, "invalid number", token.offset);
        let (digits, suffix) = match token.text.as_bytes().last() {
            Some(b'f' | b'F' | b'd' | b'D') => token.text.split_at(token.text.len() - 1),
            _ => (token.text, ""),
        };
        let kind = match suffix.to_ascii_lowercase().as_str() {
            "f" => ExprKind::Float(digits.parse().map_err(|_| invalid())?),
            "d" => ExprKind::Double(digits.parse().map_err(|_| invalid())?),
            _ => {
                let decimal = super::super::decimal::Decimal::parse(digits).ok_or_else(invalid)?;
                ExprKind::Number(decimal.number().map_err(|e| error_at(e.code, &e.message, token.offset))?)
            }
        };
        Ok(make(kind, token.offset))
    }

    fn parenthesised(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        self.at += 1;
        if self.is_word("SELECT") || self.is_word("WITH") {
            let query = Box::new(self.query()?);
            self.need_close()?;
            return Ok(make(ExprKind::Subquery(query), offset));
        }
        let first = self.expr()?;
        if self.take_symbol(",") {
            let mut list = vec![first, self.scalar()?];
            while self.take_symbol(",") {
                list.push(self.scalar()?);
            }
            self.need_close()?;
            return Ok(make(ExprKind::Tuple(list), offset));
        }
        self.need_close()?;
        // A name in parentheses is no call's beginning, and `(a || b) || c` is flattened all the same.
        Ok(first)
    }

    fn named(&mut self, token: Token<'a>) -> Parse<Expr> {
        let offset = token.offset;
        if token.kind == TokenKind::Word {
            let word = token.text.to_ascii_uppercase();
            let next_is_text = self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text);
            match word.as_str() {
                "NULL" => {
                    self.at += 1;
                    return Ok(make(ExprKind::Null, offset));
                }
                "CASE" => return self.deeper(Self::case),
                "CAST" if self.is_symbol_at(1, "(") => {
                    self.at += 2;
                    if self.is_word("MULTISET") {
                        return self.fail(3001, "unimplemented feature");
                    }
                    let value = self.scalar()?;
                    self.need_word("AS", 905, "missing keyword")?;
                    let to = self.data_type()?;
                    self.need_close()?;
                    return Ok(make(ExprKind::Cast(value, to), offset));
                }
                "EXTRACT" if self.is_symbol_at(1, "(") => {
                    self.at += 2;
                    let field = self.ident(907, "missing right parenthesis")?.text;
                    self.need_word("FROM", 905, "missing keyword")?;
                    let value = self.scalar()?;
                    self.need_close()?;
                    return Ok(make(ExprKind::Extract(field, value), offset));
                }
                "TRIM" if self.is_symbol_at(1, "(") => return self.trim(),
                "XMLSERIALIZE" | "JSON_SERIALIZE" | "VECTOR_SERIALIZE" if self.is_symbol_at(1, "(") => {
                    return self.serialize(&word);
                }
                "DATE" if next_is_text => {
                    self.at += 2;
                    return self.date_literal(offset);
                }
                "TIMESTAMP" if next_is_text => {
                    self.at += 2;
                    return self.timestamp_literal(offset);
                }
                "INTERVAL" if next_is_text => {
                    self.at += 1;
                    return self.interval_literal(offset);
                }
                _ => {}
            }
        }
        let name = self.dotted(936, "missing expression")?;
        if self.is_symbol("(") {
            if self.is_symbol_at(1, "+") && self.is_symbol_at(2, ")") {
                self.at += 3;
                return Ok(make(ExprKind::OuterJoined(make(ExprKind::Name(name), offset)), offset));
            }
            return self.call(name, offset);
        }
        Ok(make(ExprKind::Name(name), offset))
    }

    fn call(&mut self, name: Vec<Ident>, offset: usize) -> Parse<Expr> {
        self.at += 1;
        let mut call = Call { name, arguments: Vec::new(), star: false, distinct: false, within: Vec::new() };
        if self.take_symbol("*") {
            call.star = true;
        } else if !self.is_symbol(")") {
            call.distinct = self.take_word("DISTINCT") || self.take_word("UNIQUE");
            if !call.distinct {
                self.take_word("ALL");
            }
            loop {
                if self.is_ident_at(0) && self.is_symbol_at(1, "=>") {
                    return self.fail(3001, "unimplemented feature: named arguments in SQL");
                }
                call.arguments.push(self.scalar()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        self.need_close()?;
        if self.take_words(&["WITHIN", "GROUP"]) {
            self.need_open()?;
            if !self.take_words(&["ORDER", "BY"]) {
                return self.fail(905, "missing keyword");
            }
            call.within = self.order_items()?;
            self.need_close()?;
        }
        if self.is_word("OVER") && self.is_symbol_at(1, "(") || self.is_word("KEEP") && self.is_symbol_at(1, "(") {
            return self.fail(3001, "unimplemented feature: analytic functions");
        }
        Ok(make(ExprKind::Call(call), offset))
    }

    fn trim(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        self.at += 2;
        let side = if self.take_word("LEADING") {
            TrimSide::Leading
        } else if self.take_word("TRAILING") {
            TrimSide::Trailing
        } else {
            self.take_word("BOTH");
            TrimSide::Both
        };
        if self.take_word("FROM") {
            let value = self.scalar()?;
            self.need_close()?;
            return Ok(make(ExprKind::Trim(side, None, value), offset));
        }
        let first = self.scalar()?;
        let kind = if self.take_word("FROM") {
            ExprKind::Trim(side, Some(first), self.scalar()?)
        } else {
            ExprKind::Trim(side, None, first)
        };
        self.need_close()?;
        Ok(make(kind, offset))
    }

    /// `XMLSERIALIZE(CONTENT x AS CLOB)`, `JSON_SERIALIZE(j RETURNING CLOB ERROR ON ERROR)`, `VECTOR_SERIALIZE(v RETURNING CLOB)`.
    fn serialize(&mut self, function: &str) -> Parse<Expr> {
        let offset = self.offset();
        let name = self.dotted(936, "missing expression")?;
        self.at += 1;
        let xml = function == "XMLSERIALIZE";
        if xml && !self.take_word("CONTENT") && !self.take_word("DOCUMENT") {
            return self.fail(905, "missing keyword");
        }
        let value = self.scalar()?;
        self.need_word(if xml { "AS" } else { "RETURNING" }, 905, "missing keyword")?;
        if self.data_type()? != OracleType::Clob {
            return self.fail(3001, "unimplemented feature: serializing into anything but CLOB");
        }
        if function == "JSON_SERIALIZE" {
            self.take_words(&["ERROR", "ON", "ERROR"]);
        }
        self.need_close()?;
        let call = Call { name, arguments: vec![value], star: false, distinct: false, within: Vec::new() };
        Ok(make(ExprKind::Call(call), offset))
    }

    fn case(&mut self) -> Parse<Expr> {
        let offset = self.offset();
        self.at += 1;
        let operand = if self.is_word("WHEN") { None } else { Some(self.scalar()?) };
        let mut whens = Vec::new();
        while self.take_word("WHEN") {
            let when = self.expr()?;
            self.need_word("THEN", 905, "missing keyword")?;
            whens.push((when, self.scalar()?));
        }
        if whens.is_empty() {
            return self.fail(905, "missing keyword");
        }
        let otherwise = if self.take_word("ELSE") { Some(self.scalar()?) } else { None };
        self.need_word("END", 905, "missing keyword")?;
        Ok(make(ExprKind::Case { operand, whens, otherwise }, offset))
    }

    fn literal_before(&self) -> String {
        self.tokens.get(self.at.wrapping_sub(1)).map_or_else(String::new, |t| text_literal(t.text))
    }

    fn date_literal(&mut self, offset: usize) -> Parse<Expr> {
        let text = self.literal_before();
        let parsed = format::parse_datetime(&text, "FXSYYYY-MM-DD", &calendar::Today::default())
            .or_else(|_| format::parse_datetime(&text, "SYYYY-MM-DD", &calendar::Today::default()))
            .map_err(|e| error_at(e.code, &e.message, offset))?;
        Ok(make(ExprKind::Date(parsed.datetime), offset))
    }

    fn timestamp_literal(&mut self, offset: usize) -> Parse<Expr> {
        let text = self.literal_before();
        let text = text.trim();
        let place = |e: OraError| error_at(e.code, &e.message, offset);
        let precision = match text.split_once('.') {
            Some((_, rest)) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                u8::try_from(digits).unwrap_or(9).min(9)
            }
            None => 0,
        };
        // A sign or a letter after the time is a zone.
        let time = text.find(':').unwrap_or(text.len());
        let zone = text[time..].contains(['+', '-']) || text[time..].contains(|c: char| c.is_ascii_alphabetic());
        let model = if zone { "SYYYY-MM-DD HH24:MI:SSXFF TZR" } else { "SYYYY-MM-DD HH24:MI:SSXFF" };
        let parsed = format::parse_datetime(text, model, &calendar::Today::default()).map_err(place)?;
        Ok(match parsed.offset {
            Some(utc_offset) => make(ExprKind::TimestampTz(parsed.datetime, utc_offset, precision), offset),
            None => make(ExprKind::Timestamp(parsed.datetime, precision), offset),
        })
    }

    fn interval_literal(&mut self, offset: usize) -> Parse<Expr> {
        self.at += 1;
        let text = self.literal_before();
        let invalid = || error_at(1867, "the interval is invalid", offset);
        let mut fields = Vec::new();
        loop {
            let Some(word) = self.peek().filter(|t| t.kind == TokenKind::Word) else { return Err(invalid()) };
            self.at += 1;
            fields.push(word.text.to_ascii_uppercase());
            if self.take_symbol("(") {
                self.small(0..=9, 30088, "datetime/interval precision is out of range")?;
                if self.take_symbol(",") {
                    self.small(0..=9, 30088, "datetime/interval precision is out of range")?;
                }
                self.need_close()?;
            }
            if fields.len() == 2 || !self.take_word("TO") {
                break;
            }
        }
        let trimmed = text.trim();
        let (negative, body) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let names: Vec<&str> = fields.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["YEAR"] | ["MONTH"] | ["YEAR", "MONTH"] => {
                let number = |t: &str| t.trim().parse::<i32>().ok().filter(|n| (0..=999_999_999).contains(n));
                let months = match names.as_slice() {
                    ["YEAR"] => number(body).and_then(|y| y.checked_mul(12)),
                    ["MONTH"] => number(body),
                    _ => body.split_once('-').and_then(|(y, m)| {
                        let (y, m) = (number(y)?, number(m)?);
                        if m > 11 { None } else { y.checked_mul(12)?.checked_add(m) }
                    }),
                };
                let months = months.ok_or_else(invalid)?;
                let months = if negative { -months } else { months };
                Ok(make(ExprKind::IntervalYm(IntervalYm { months }), offset))
            }
            _ => {
                const ORDER: [(&str, i128); 4] = [
                    ("DAY", 86_400_000_000_000),
                    ("HOUR", 3_600_000_000_000),
                    ("MINUTE", 60_000_000_000),
                    ("SECOND", 1_000_000_000),
                ];
                let find = |name: &str| ORDER.iter().position(|(n, _)| *n == name);
                let first = names.first().and_then(|n| find(n)).ok_or_else(invalid)?;
                let last = names.last().and_then(|n| find(n)).ok_or_else(invalid)?;
                let parts: Vec<&str> = body.split([' ', ':']).filter(|p| !p.is_empty()).collect();
                if last < first || parts.len() != last - first + 1 {
                    return Err(invalid());
                }
                let mut total: i128 = 0;
                for (part, (name, unit)) in parts.iter().zip(&ORDER[first..]) {
                    let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
                    let whole: i64 = whole.parse().ok().filter(|n| *n >= 0).ok_or_else(invalid)?;
                    total += i128::from(whole) * unit;
                    if !fraction.is_empty() {
                        if *name != "SECOND" || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                            return Err(invalid());
                        }
                        let padded: i128 = format!("{fraction:0<9}").parse().map_err(|_| invalid())?;
                        total += padded;
                    }
                }
                let total = if negative { -total } else { total };
                let interval: IntervalDs = calendar::interval_of(total).ok_or_else(invalid)?;
                Ok(make(ExprKind::IntervalDs(interval), offset))
            }
        }
    }
}
