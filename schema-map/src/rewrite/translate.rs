//! The syntax tree to PostgreSQL. What is not known to mean the same there is refused at its place.

use super::{
    Refused,
    ast::{Expr, Node, Op, Part},
    functions,
    scope::{Kind, Scope},
};
use crate::{NameMap, ObjectKind, ObjectPath, OracleIdent, pg_literal};
use std::collections::BTreeSet;
use type_convert::{DateTime, OracleType, Value};

/// What an expression became.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) sql: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) shape: Shape,
    /// The value of a string literal, which stands in the SQL as one.
    pub(super) literal: Option<String>,
}

/// What its outermost operator is, which decides about parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Atom,
    Operator,
    Predicate,
    Not,
    And,
    Or,
}

/// Where the expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Only what gives the same result for ever: checks, indexes, generated columns.
    pub(super) immutable: bool,
    /// Sequences and the session user, as in defaults.
    pub(super) default: bool,
    /// COUNT, SUM and their like.
    pub(super) aggregates: bool,
}

pub(super) struct Translator<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) names: &'a NameMap,
    /// The schema of names that name none.
    pub(super) schema: &'a OracleIdent,
    pub(super) place: Place,
    pub(super) notes: BTreeSet<String>,
    /// Sequences that were used.
    pub(super) sequences: BTreeSet<ObjectPath>,
    /// Whether a generated column was used.
    pub(super) generated: bool,
}

pub(super) type Translated = Result<Piece, Refused>;

/// A DATE that is the current time to the second, cut off as Oracle does and not rounded.
pub(super) const NOW_TO_THE_SECOND: &str = "CAST(date_trunc('second', statement_timestamp()) AS timestamp(0))";

impl Piece {
    pub(super) fn new(sql: impl Into<String>, kind: Kind, nullable: bool, shape: Shape) -> Self {
        Piece { sql: sql.into(), kind, nullable, shape, literal: None }
    }

    pub(super) fn atom(sql: impl Into<String>, kind: Kind, nullable: bool) -> Self {
        Piece::new(sql, kind, nullable, Shape::Atom)
    }

    /// As an operand of any operator.
    pub(super) fn operand(&self) -> String {
        if self.shape == Shape::Atom { self.sql.clone() } else { format!("({})", self.sql) }
    }

    /// As an operand that is `numeric`: integers of PostgreSQL overflow where NUMBER does not.
    pub(super) fn numeric(&self) -> String {
        if self.kind == Kind::Int { format!("CAST({} AS numeric)", self.sql) } else { self.operand() }
    }
}

impl Translator<'_> {
    pub(super) fn refuse<T>(&self, at: &Expr, reason: impl Into<String>) -> Result<T, Refused> {
        Err(Refused::new(at.start, reason))
    }

    pub(super) fn condition(&mut self, expr: &Expr) -> Translated {
        let piece = self.expr(expr)?;
        if piece.kind == Kind::Condition { Ok(piece) } else { self.refuse(expr, "a condition is expected here") }
    }

    pub(super) fn value(&mut self, expr: &Expr) -> Translated {
        let piece = self.expr(expr)?;
        if piece.kind == Kind::Condition { self.refuse(expr, "a value is expected here") } else { Ok(piece) }
    }

    fn expr(&mut self, expr: &Expr) -> Translated {
        match &expr.node {
            Node::Null => Ok(Piece::atom("NULL", Kind::Null, true)),
            Node::Number(text) => self.number(expr, text, false),
            Node::Text(text) => Ok(text_literal(text)),
            Node::Date(text) => self.literal(expr, "TO_DATE", text, "YYYY-MM-DD"),
            Node::Timestamp(text) if text.contains('.') => {
                self.literal(expr, "TO_TIMESTAMP", text, "YYYY-MM-DD HH24:MI:SS.FF")
            }
            Node::Timestamp(text) => self.literal(expr, "TO_TIMESTAMP", text, "YYYY-MM-DD HH24:MI:SS"),
            Node::Name(parts) => self.name(expr, parts),
            Node::Call { name, arguments, distinct } => functions::call(self, expr, name, arguments, *distinct),
            Node::CountAll => self.aggregate(expr).map(|()| Piece::atom("count(*)", Kind::Int, false)),
            Node::Extract { field, value } => self.extract(expr, field, value),
            Node::Negate(value) => self.negate(expr, value),
            Node::Binary { op, left, right } => self.binary(expr, *op, left, right),
            Node::Compare { op, left, right } => self.compare(expr, op, left, right),
            Node::Between { value, low, high, negated } => {
                let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
                let collate = self.ordered(expr, &value, &low)? || self.ordered(expr, &value, &high)?;
                let not = if *negated { "NOT " } else { "" };
                let sql =
                    format!("{} {not}BETWEEN {} AND {}", collated(&value, collate), low.operand(), high.operand());
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            Node::In { value, list, negated } => {
                let value = self.value(value)?;
                let mut sql = Vec::with_capacity(list.len());
                for item in list {
                    let piece = self.value(item)?;
                    self.comparable(item, &value, &piece)?;
                    sql.push(piece.sql);
                }
                let not = if *negated { "NOT " } else { "" };
                let sql = format!("{} {not}IN ({})", value.operand(), sql.join(", "));
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            Node::Like { value, pattern, escape, negated } => {
                self.like(expr, value, pattern, escape.as_deref(), *negated)
            }
            Node::IsNull { value, negated } => {
                let value = self.value(value)?;
                let sql = format!("{} IS {}NULL", value.operand(), if *negated { "NOT " } else { "" });
                Ok(Piece::new(sql, Kind::Condition, false, Shape::Predicate))
            }
            Node::Not(inner) => {
                let inner = self.condition(inner)?;
                let parentheses = matches!(inner.shape, Shape::And | Shape::Or | Shape::Not | Shape::Operator);
                let sql = if parentheses { format!("NOT ({})", inner.sql) } else { format!("NOT {}", inner.sql) };
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Not))
            }
            Node::And(all) => self.junction(all, " AND ", Shape::And),
            Node::Or(all) => self.junction(all, " OR ", Shape::Or),
            Node::Case { operand, arms, otherwise } => self.case(expr, operand.as_deref(), arms, otherwise.as_deref()),
        }
    }

    fn number(&self, expr: &Expr, text: &str, negative: bool) -> Translated {
        if text.ends_with(['f', 'F', 'd', 'D']) {
            return self.refuse(expr, "binary floating-point literals are not converted");
        }
        let integer = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 18;
        let kind = if integer { Kind::Int } else { Kind::Numeric };
        if negative {
            return Ok(Piece::new(format!("-{text}"), kind, false, Shape::Operator));
        }
        Ok(Piece::atom(text, kind, false))
    }

    fn negate(&mut self, expr: &Expr, value: &Expr) -> Translated {
        if let Node::Number(text) = &value.node {
            return self.number(expr, text, true);
        }
        let value = self.value(value)?;
        if !value.kind.is_exact_number() {
            return self.refuse(expr, format!("{} cannot be negated alike", value.kind.noun()));
        }
        Ok(Piece::new(format!("-{}", value.numeric()), Kind::Numeric, value.nullable, Shape::Operator))
    }

    /// `TO_DATE('text', 'model')`, `TO_TIMESTAMP(…)` and `HEXTORAW('text')`, which has no model.
    pub(super) fn literal(&self, expr: &Expr, function: &str, text: &str, model: &str) -> Translated {
        let ty = match function {
            "TO_DATE" => OracleType::Date,
            "TO_TIMESTAMP" => OracleType::Timestamp { precision: 9 },
            _ => OracleType::Raw { length: 32767 },
        };
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let call = match ty {
            OracleType::Raw { .. } => format!("{function}({})", quoted(text)),
            _ if !is_complete(model) => {
                return self.refuse(
                    expr,
                    "only formats of YYYY, MM, DD, HH24, MI, SS and FF with the whole date are converted: others depend on the session or the day",
                );
            }
            _ => format!("{function}({}, {})", quoted(text), quoted(model)),
        };
        let value = type_convert::literal::parse(&call, &ty)
            .map_err(|e| Refused::new(expr.start, format!("this literal is not understood: {e}")))?;
        match value {
            Value::DateTime(at) => self.timestamp(expr, at, ty == OracleType::Date),
            Value::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                Ok(Piece::atom(format!("CAST({} AS bytea)", pg_literal(&format!("\\x{hex}"))), Kind::Raw, false))
            }
            Value::Null => Ok(Piece::atom("NULL", Kind::Null, true)),
            _ => self.refuse(expr, "this literal is not converted"),
        }
    }

    fn timestamp(&self, expr: &Expr, at: DateTime, date: bool) -> Translated {
        if at.year < 1 {
            return self.refuse(expr, "years before Christ are not converted");
        }
        if !at.nanosecond.is_multiple_of(1000) {
            return self.refuse(expr, "PostgreSQL has six digits of a second");
        }
        let DateTime { year, month, day, hour, minute, second, nanosecond } = at;
        let mut text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        if nanosecond != 0 {
            text.push_str(format!(".{:06}", nanosecond / 1000).trim_end_matches('0'));
        }
        let kind = if date { Kind::Date } else { Kind::Timestamp };
        Ok(Piece::atom(format!("TIMESTAMP {}", pg_literal(&text)), kind, false))
    }

    fn name(&mut self, expr: &Expr, parts: &[Part]) -> Translated {
        if let [part] = parts
            && !part.quoted
            && let Some(piece) = self.pseudo(expr, part.name.as_str())?
        {
            return Ok(piece);
        }
        if let Some(found) = self.scope.column(parts, expr.start)? {
            self.generated |= found.column.generated;
            return Ok(Piece::atom(found.sql, found.column.kind.clone(), found.nullable));
        }
        if let [.., last] = parts
            && !last.quoted
            && parts.len() > 1
            && matches!(last.name.as_str(), "NEXTVAL" | "CURRVAL")
        {
            return self.sequence(expr, &parts[..parts.len() - 1], last.name.as_str());
        }
        if let [Part { name, quoted: false }] = parts
            && matches!(name.as_str(), "TRUE" | "FALSE")
        {
            return Ok(Piece::atom(name.as_str(), Kind::Boolean, false));
        }
        let name = parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".");
        self.refuse(expr, format!("{name} is no column and no value that is known here"))
    }

    fn pseudo(&mut self, expr: &Expr, name: &str) -> Result<Option<Piece>, Refused> {
        let piece = match name {
            "SYSDATE" | "CURRENT_DATE" => Piece::atom(NOW_TO_THE_SECOND, Kind::Date, false),
            "SYSTIMESTAMP" | "CURRENT_TIMESTAMP" => Piece::atom("statement_timestamp()", Kind::TimestampTz, false),
            "LOCALTIMESTAMP" => Piece::atom("CAST(statement_timestamp() AS timestamp)", Kind::Timestamp, false),
            "USER" => {
                if !self.place.default {
                    return self.refuse(expr, "USER is converted in defaults only: the roles have other names");
                }
                self.notes.insert("USER gives the name of the PostgreSQL role".to_owned());
                Piece::atom("CAST(SESSION_USER AS text)", Kind::Text, false)
            }
            "ROWNUM" | "ROWID" | "LEVEL" | "UID" | "ORA_ROWSCN" | "CONNECT_BY_ISLEAF" | "CONNECT_BY_ISCYCLE" => {
                return self.refuse(expr, format!("{name} is not converted"));
            }
            _ => return Ok(None),
        };
        if self.place.immutable {
            return self.refuse(expr, format!("{name} changes and cannot stand here"));
        }
        if name.starts_with("SYS") {
            self.notes.insert(format!("{name} is the time in the session's zone, not in the server's"));
        }
        Ok(Some(piece))
    }

    fn sequence(&mut self, expr: &Expr, parts: &[Part], what: &str) -> Translated {
        if !self.place.default || what != "NEXTVAL" {
            return self.refuse(expr, "of sequences only NEXTVAL in a default is converted");
        }
        let path = match parts {
            [name] => ObjectPath::new(self.schema.clone(), name.name.clone()),
            [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
            _ => return self.refuse(expr, "this is no name of a sequence"),
        };
        let Some(target) = self.names.object(ObjectKind::Sequence, &path) else {
            return self.refuse(expr, format!("the sequence {path} is not part of the migration"));
        };
        let sql = format!("nextval({}::regclass)", pg_literal(&target.quoted()));
        self.sequences.insert(path);
        Ok(Piece::atom(sql, Kind::Int, false))
    }

    pub(super) fn aggregate(&self, expr: &Expr) -> Result<(), Refused> {
        if self.place.aggregates { Ok(()) } else { self.refuse(expr, "aggregates cannot stand here") }
    }

    fn extract(&mut self, expr: &Expr, field: &str, value: &Expr) -> Translated {
        let value = self.value(value)?;
        let known = matches!(field, "YEAR" | "MONTH" | "DAY");
        if !known || !matches!(value.kind, Kind::Date | Kind::Timestamp) {
            return self.refuse(expr, "EXTRACT is converted for YEAR, MONTH and DAY of a DATE or TIMESTAMP only");
        }
        Ok(Piece::atom(format!("EXTRACT({field} FROM {})", value.sql), Kind::Numeric, value.nullable))
    }

    fn binary(&mut self, expr: &Expr, op: Op, left: &Expr, right: &Expr) -> Translated {
        if op == Op::Divide {
            return self.refuse(
                expr,
                "a division is not converted: Oracle's result has up to 40 digits, PostgreSQL's fewer, and between integers none behind the point",
            );
        }
        let (l, r) = (self.value(left)?, self.value(right)?);
        if op == Op::Concat {
            return self.concat(&[(left, l), (right, r)]);
        }
        let nullable = l.nullable || r.nullable;
        match (op, &l.kind, &r.kind) {
            (_, Kind::Null, _) | (_, _, Kind::Null) => self.refuse(expr, "arithmetic with NULL is not converted"),
            (_, a, b) if a.is_exact_number() && b.is_exact_number() => {
                let symbol = match op {
                    Op::Add => "+",
                    Op::Subtract => "-",
                    _ => "*",
                };
                let sql = format!("{} {symbol} {}", l.numeric(), r.operand());
                Ok(Piece::new(sql, Kind::Numeric, nullable, Shape::Operator))
            }
            (Op::Add | Op::Subtract, Kind::Date, Kind::Int) => {
                let symbol = if op == Op::Add { "+" } else { "-" };
                let sql = format!("{} {symbol} {} * INTERVAL '1 day'", l.operand(), r.operand());
                Ok(Piece::new(sql, Kind::Date, nullable, Shape::Operator))
            }
            (Op::Add, Kind::Int, Kind::Date) => {
                let sql = format!("{} + {} * INTERVAL '1 day'", r.operand(), l.operand());
                Ok(Piece::new(sql, Kind::Date, nullable, Shape::Operator))
            }
            (_, Kind::Date | Kind::Timestamp | Kind::TimestampTz, _)
            | (_, _, Kind::Date | Kind::Timestamp | Kind::TimestampTz) => self.refuse(
                expr,
                "of the arithmetic with dates only a DATE plus or minus a whole number of days is converted",
            ),
            (_, a, b) => self.refuse(expr, format!("arithmetic of {} and {} is not converted", a.noun(), b.noun())),
        }
    }

    /// `||`: in Oracle NULL is the empty string, and the empty string NULL.
    pub(super) fn concat(&self, parts: &[(&Expr, Piece)]) -> Translated {
        let mut operands = Vec::with_capacity(parts.len());
        let mut all_nullable = true;
        for (at, piece) in parts {
            let sql = match &piece.kind {
                Kind::Text => piece.operand(),
                Kind::Int => format!("CAST({} AS text)", piece.sql),
                Kind::Null => continue,
                Kind::Char => {
                    return self.refuse(at, "a CHAR in a concatenation is not converted: PostgreSQL drops its blanks");
                }
                other => {
                    return self.refuse(at, format!("{} as text depends on the session", other.noun()));
                }
            };
            all_nullable &= piece.nullable;
            operands.push(if piece.nullable { format!("COALESCE({sql}, '')") } else { sql });
        }
        match operands.as_slice() {
            [] => Ok(Piece::atom("NULL", Kind::Null, true)),
            _ if all_nullable => Ok(Piece::atom(format!("NULLIF({}, '')", operands.join(" || ")), Kind::Text, true)),
            [one] => Ok(Piece::atom(one.clone(), Kind::Text, false)),
            _ => Ok(Piece::new(operands.join(" || "), Kind::Text, false, Shape::Operator)),
        }
    }

    fn compare(&mut self, expr: &Expr, op: &str, left: &Expr, right: &Expr) -> Translated {
        let (l, r) = (self.value(left)?, self.value(right)?);
        let collate = if matches!(op, "=" | "<>") {
            self.comparable(expr, &l, &r)?;
            false
        } else {
            self.ordered(expr, &l, &r)?
        };
        let sql = format!("{} {op} {}", collated(&l, collate), r.operand());
        Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
    }

    /// Whether `=` means the same of both.
    pub(super) fn comparable(&self, at: &Expr, l: &Piece, r: &Piece) -> Result<(), Refused> {
        for literal in [&l.literal, &r.literal].into_iter().flatten() {
            if literal.ends_with(' ') {
                return self.refuse(at, "comparing a literal with blanks at its end depends on blank padding");
            }
        }
        let literal = |p: &Piece| p.literal.is_some();
        match (&l.kind, &r.kind) {
            (Kind::Null, Kind::Null) => self.refuse(at, "comparing NULL with NULL is not converted"),
            (Kind::Null, kind) | (kind, Kind::Null) if !matches!(kind, Kind::Clob | Kind::Other(_)) => Ok(()),
            (a, b) if a.is_number() && b.is_number() => Ok(()),
            (Kind::Text, Kind::Text) | (Kind::Char, Kind::Char) => Ok(()),
            (Kind::Char, Kind::Text) if literal(r) => Ok(()),
            (Kind::Text, Kind::Char) if literal(l) => Ok(()),
            (Kind::Char, Kind::Text) | (Kind::Text, Kind::Char) => self.refuse(
                at,
                "comparing a CHAR with a VARCHAR2 is not converted: Oracle counts the blanks that pad the CHAR, PostgreSQL does not",
            ),
            (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp)
            | (Kind::TimestampTz, Kind::TimestampTz)
            | (Kind::Raw, Kind::Raw)
            | (Kind::Boolean, Kind::Boolean) => Ok(()),
            (a, b) => self.refuse(
                at,
                format!("comparing {} with {} needs a conversion that depends on the session", a.noun(), b.noun()),
            ),
        }
    }

    /// Whether `<` means the same of both; `true` if it needs Oracle's binary order named.
    pub(super) fn ordered(&self, at: &Expr, l: &Piece, r: &Piece) -> Result<bool, Refused> {
        self.comparable(at, l, r)?;
        match (&l.kind, &r.kind) {
            (Kind::Char, _) | (_, Kind::Char) => {
                self.refuse(at, "the order of CHAR values is not converted: it depends on blank padding")
            }
            (Kind::Raw | Kind::Boolean, _) | (_, Kind::Raw | Kind::Boolean) => {
                self.refuse(at, "the order of these values is not converted")
            }
            (Kind::Text, _) | (_, Kind::Text) => Ok(true),
            _ => Ok(false),
        }
    }

    fn like(&mut self, expr: &Expr, value: &Expr, pattern: &Expr, escape: Option<&Expr>, negated: bool) -> Translated {
        let (value, pattern) = (self.value(value)?, self.value(pattern)?);
        if value.kind != Kind::Text || !matches!(pattern.kind, Kind::Text | Kind::Null) {
            let reason = format!("LIKE of {} and {} is not converted", value.kind.noun(), pattern.kind.noun());
            return self.refuse(expr, reason);
        }
        // PostgreSQL escapes with a backslash unless told otherwise, Oracle with nothing.
        let escape = match escape.map(|e| &e.node) {
            None => String::new(),
            Some(Node::Text(text)) if text.chars().count() == 1 => text.clone(),
            Some(_) => return self.refuse(expr, "an ESCAPE that is not one character is not converted"),
        };
        let sql = format!(
            "{} {}LIKE {} ESCAPE {}",
            value.operand(),
            if negated { "NOT " } else { "" },
            pattern.operand(),
            pg_literal(&escape)
        );
        Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
    }

    fn junction(&mut self, all: &[Expr], word: &str, shape: Shape) -> Translated {
        let mut sql = Vec::with_capacity(all.len());
        for part in all {
            let piece = self.condition(part)?;
            let parentheses = matches!(piece.shape, Shape::And | Shape::Or);
            sql.push(if parentheses { format!("({})", piece.sql) } else { piece.sql });
        }
        Ok(Piece::new(sql.join(word), Kind::Condition, true, shape))
    }

    fn case(
        &mut self,
        expr: &Expr,
        operand: Option<&Expr>,
        arms: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Translated {
        let mut sql = String::from("CASE");
        let operand = operand.map(|o| self.value(o)).transpose()?;
        if let Some(operand) = &operand {
            sql.push(' ');
            sql.push_str(&operand.operand());
        }
        let mut results = Vec::with_capacity(arms.len() + 1);
        for (when, then) in arms {
            let when_sql = match &operand {
                Some(operand) => {
                    let piece = self.value(when)?;
                    self.comparable(when, operand, &piece)?;
                    piece.operand()
                }
                None => self.condition(when)?.sql,
            };
            let result = self.value(then)?;
            sql.push_str(&format!(" WHEN {when_sql} THEN {}", result.sql));
            results.push(result);
        }
        match otherwise {
            Some(otherwise) => {
                let result = self.value(otherwise)?;
                sql.push_str(&format!(" ELSE {}", result.sql));
                results.push(result);
            }
            None => results.push(Piece::atom("NULL", Kind::Null, true)),
        }
        sql.push_str(" END");
        let kind = self.unify(expr, &results)?;
        Ok(Piece::atom(sql, kind, results.iter().any(|r| r.nullable)))
    }

    /// The one kind of several alternatives.
    pub(super) fn unify(&self, at: &Expr, pieces: &[Piece]) -> Result<Kind, Refused> {
        let mut kind = Kind::Null;
        for piece in pieces {
            if piece.literal.as_ref().is_some_and(|l| l.ends_with(' ')) {
                return self.refuse(at, "a literal with blanks at its end depends on blank padding here");
            }
            kind = match (&kind, &piece.kind) {
                (_, Kind::Char | Kind::Clob | Kind::Other(_)) => {
                    return self
                        .refuse(at, format!("{} as one of several results is not converted", piece.kind.noun()));
                }
                (Kind::Null, other) => other.clone(),
                (_, Kind::Null) => kind,
                (Kind::Int, Kind::Numeric) | (Kind::Numeric, Kind::Int) => Kind::Numeric,
                (a, b) if a == b => kind,
                (a, b) => {
                    let reason =
                        format!("{} and {} as results of one expression are not converted", a.noun(), b.noun());
                    return self.refuse(at, reason);
                }
            };
        }
        Ok(kind)
    }
}

/// Whether a format model says everything that a date needs, whatever the session and the day.
fn is_complete(model: &str) -> bool {
    let mut rest = model.to_ascii_uppercase();
    let whole = ["YYYY", "MM", "DD"].iter().all(|part| rest.matches(part).count() == 1);
    for part in ["YYYY", "MM", "DD", "HH24", "MI", "SS", "FF"] {
        rest = rest.replacen(part, "", 1);
    }
    whole && !rest.contains(|c: char| c.is_alphanumeric() || c == '"')
}

/// `''` is NULL in Oracle.
pub(super) fn text_literal(text: &str) -> Piece {
    if text.is_empty() {
        return Piece::atom("NULL", Kind::Null, true);
    }
    Piece { literal: Some(text.to_owned()), ..Piece::atom(pg_literal(text), Kind::Text, false) }
}

/// Oracle orders text by its bytes unless told otherwise, PostgreSQL by the database's collation.
pub(super) fn collated(piece: &Piece, collate: bool) -> String {
    if collate { format!("{} COLLATE \"C\"", piece.operand()) } else { piece.operand() }
}
