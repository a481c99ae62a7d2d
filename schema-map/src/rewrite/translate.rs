//! The syntax tree to PostgreSQL. What is not known to mean the same there is refused at its place.

use super::{
    Refused, Rewriter,
    ast::{Expr, InList, Node, Op, Part},
    compat::Helper,
    functions,
    hierarchy::Hierarchical,
    query::Ctes,
    scope::{Declared, Kind, Scope},
};
use crate::{ObjectKind, ObjectPath, OracleIdent, pg_literal};
use std::{cell::RefCell, collections::BTreeSet};
use type_convert::{DateTime, LengthUnit, OracleType, Value};

/// What an expression became.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) sql: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) shape: Shape,
    /// The value of a string literal, which stands in the SQL as one.
    pub(super) literal: Option<String>,
    /// Its type in Oracle, where it is a column or a cast to one, and not computed.
    pub(super) declared: Option<Declared>,
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
    /// COUNT, SUM and their like, as in queries.
    pub(super) aggregates: bool,
}

/// What a translation needs and says besides its SQL.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) notes: BTreeSet<String>,
    /// Sequences that were used.
    pub(super) sequences: BTreeSet<ObjectPath>,
    pub(super) helpers: BTreeSet<Helper>,
    /// Whether a generated column was used.
    pub(super) generated: bool,
    /// Relations that got a name of ours.
    pub(super) named: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Translator<'a> {
    pub(super) rewriter: &'a Rewriter<'a>,
    pub(super) scope: &'a Scope<'a>,
    /// The schema of names that name none.
    pub(super) schema: &'a OracleIdent,
    pub(super) place: Place,
    pub(super) effects: &'a RefCell<Effects>,
    /// Queries that WITH gave a name.
    pub(super) ctes: &'a Ctes<'a>,
    /// Where CONNECT BY is at work.
    pub(super) hierarchy: Option<&'a Hierarchical<'a>>,
    /// Where `(+)` has become a join already.
    pub(super) marks: bool,
}

pub(super) type Translated = Result<Piece, Refused>;

/// A DATE that is the current time to the second, cut off as Oracle does and not rounded.
pub(super) const NOW_TO_THE_SECOND: &str = "CAST(date_trunc('second', statement_timestamp()) AS timestamp(0))";

impl Piece {
    pub(super) fn new(sql: impl Into<String>, kind: Kind, nullable: bool, shape: Shape) -> Self {
        Piece { sql: sql.into(), kind, nullable, shape, literal: None, declared: None }
    }

    pub(super) fn atom(sql: impl Into<String>, kind: Kind, nullable: bool) -> Self {
        Piece::new(sql, kind, nullable, Shape::Atom)
    }

    pub(super) fn declared(self, declared: Option<Declared>) -> Self {
        Piece { declared, ..self }
    }

    pub(super) fn null() -> Self {
        Piece::atom("NULL", Kind::Null, true)
    }

    /// As an operand of any operator.
    pub(super) fn operand(&self) -> String {
        if self.shape == Shape::Atom { self.sql.clone() } else { format!("({})", self.sql) }
    }

    /// As an operand that is `numeric`: integers of PostgreSQL overflow where NUMBER does not.
    pub(super) fn numeric(&self) -> String {
        if self.kind == Kind::Int { format!("CAST({} AS numeric)", self.sql) } else { self.operand() }
    }

    /// A whole number that stands there as such.
    pub(super) fn is_integer_literal(&self) -> bool {
        self.kind == Kind::Int && self.sql.bytes().all(|b| b.is_ascii_digit())
    }
}

impl<'a> Translator<'a> {
    pub(super) fn refuse<T>(&self, at: &Expr, reason: impl Into<String>) -> Result<T, Refused> {
        Err(Refused::new(at.start, reason))
    }

    pub(super) fn note(&self, note: impl Into<String>) {
        self.effects.borrow_mut().notes.insert(note.into());
    }

    /// The helper function, ready to be called.
    pub(super) fn helper(&self, helper: Helper) -> String {
        if let Some(name) = self.orafce(helper) {
            self.note(format!("{name} is that of the extension orafce"));
            return format!("\"oracle\".{}", crate::ident::quoted(name));
        }
        self.effects.borrow_mut().helpers.insert(helper);
        format!("{}.{}", self.rewriter.helper_schema.quoted(), crate::ident::quoted(helper.name()))
    }

    /// The function of orafce that does what the helper function does, where it is to be used.
    pub(super) fn orafce(&self, helper: Helper) -> Option<&'static str> {
        let known = matches!(
            helper,
            Helper::AddMonths
                | Helper::Instr
                | Helper::LastDay
                | Helper::MonthsBetween
                | Helper::NextDay
                | Helper::Substr
        );
        (known && self.rewriter.orafce && !self.place.immutable).then(|| helper.name())
    }

    /// A name that nothing else in the statement has.
    pub(super) fn fresh(&self, what: &str) -> String {
        let mut effects = self.effects.borrow_mut();
        effects.named += 1;
        crate::ident::quoted(&format!("{what}${}", effects.named))
    }

    pub(super) fn condition(&self, expr: &Expr) -> Translated {
        let piece = self.expr(expr)?;
        match piece.kind {
            Kind::Condition => Ok(piece),
            Kind::Boolean => Ok(Piece { kind: Kind::Condition, ..piece }),
            _ => self.refuse(expr, "a condition is expected here"),
        }
    }

    pub(super) fn value(&self, expr: &Expr) -> Translated {
        let piece = self.expr(expr)?;
        if piece.kind == Kind::Condition { self.refuse(expr, "a value is expected here") } else { Ok(piece) }
    }

    fn expr(&self, expr: &Expr) -> Translated {
        if let Some(hierarchy) = self.hierarchy
            && let Some(piece) = hierarchy.known(self, expr)?
        {
            return Ok(piece);
        }
        match &expr.node {
            Node::Null => Ok(Piece::null()),
            Node::Number(text) => self.number(expr, text, false),
            Node::Text(text) => Ok(text_literal(text)),
            Node::Date(text) => self.literal(expr, "TO_DATE", text, "YYYY-MM-DD"),
            Node::Timestamp(text) if text.contains('.') => {
                self.literal(expr, "TO_TIMESTAMP", text.trim(), "YYYY-MM-DD HH24:MI:SS.FF")
            }
            Node::Timestamp(text) if text.trim().contains(' ') => {
                self.literal(expr, "TO_TIMESTAMP", text.trim(), "YYYY-MM-DD HH24:MI:SS")
            }
            Node::Timestamp(text) => self.literal(expr, "TO_TIMESTAMP", text.trim(), "YYYY-MM-DD"),
            Node::Interval(text, fields) => Ok(interval(text, fields)),
            Node::Name(parts) => self.name(expr, parts),
            Node::Call(call) => functions::call(self, expr, call),
            Node::CountAll(over) => {
                self.aggregate(expr)?;
                let window = over.as_ref().map(|w| self.window(expr, w)).transpose()?.unwrap_or_default();
                Ok(Piece::atom(format!("count(*){window}"), Kind::Int, false))
            }
            Node::Extract { field, value } => self.extract(expr, field, value),
            Node::Trim { side, characters, value } => self.trim(side, characters.as_deref(), value),
            Node::Cast { value, to } => self.cast(expr, value, to),
            Node::Multiset { query, to } => self.multiset(expr, query, to),
            Node::AtZone { value, zone } => self.at_zone(expr, value, zone.as_deref()),
            Node::Method { value, method, arguments } => self.method(expr, value, method, arguments),
            Node::Negate(value) => self.negate(expr, value),
            Node::Binary { op, left, right } => self.binary(expr, *op, left, right),
            Node::Compare { op, left, right } => self.compare(expr, op, left, right),
            Node::Quantified { op, all, left, right } => self.quantified(expr, op, *all, left, right),
            Node::Between { value, low, high, negated } => {
                let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
                let (first, low, collate) = self.ordered(expr, &value, &low)?;
                let (second, high, also) = self.ordered(expr, &value, &high)?;
                if first.sql != second.sql {
                    return self.refuse(expr, "BETWEEN with bounds of different types is not converted");
                }
                let not = if *negated { "NOT " } else { "" };
                let value = collated(&first, collate || also);
                let sql = format!("{value} {not}BETWEEN {} AND {}", low.operand(), high.operand());
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            Node::In { value, list, negated } => self.within(value, list, *negated),
            Node::Like { value, pattern, escape, negated } => {
                self.like(expr, value, pattern, escape.as_deref(), *negated)
            }
            Node::IsNull { value, negated } => {
                let value = self.value(value)?;
                // A composite value is no NULL in Oracle because its attributes are.
                let sql = match value.kind {
                    Kind::Object(_) if *negated => format!("({} IS DISTINCT FROM NULL)", value.operand()),
                    Kind::Object(_) => format!("({} IS NOT DISTINCT FROM NULL)", value.operand()),
                    _ => format!("{} IS {}NULL", value.operand(), if *negated { "NOT " } else { "" }),
                };
                Ok(Piece::new(sql, Kind::Condition, false, Shape::Predicate))
            }
            Node::Is { value, what, negated } => self.is(expr, value, what, *negated),
            Node::Exists(query) => {
                let query = self.subquery(query)?;
                Ok(Piece::atom(format!("EXISTS ({})", query.sql), Kind::Condition, false))
            }
            Node::Subquery(query) => {
                let query = self.subquery(query)?;
                let [column] = query.columns.as_slice() else {
                    return self.refuse(expr, "a query of several columns is no value");
                };
                Ok(Piece::atom(format!("({})", query.sql), column.kind.clone(), true))
            }
            Node::Row(_) => self.refuse(expr, "a list of values cannot stand here"),
            Node::Not(inner) => {
                let inner = self.condition(inner)?;
                let parentheses = matches!(inner.shape, Shape::And | Shape::Or | Shape::Not | Shape::Operator);
                let sql = if parentheses { format!("NOT ({})", inner.sql) } else { format!("NOT {}", inner.sql) };
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Not))
            }
            Node::And(all) => self.junction(all, " AND ", Shape::And),
            Node::Or(all) => self.junction(all, " OR ", Shape::Or),
            Node::Case { operand, arms, otherwise } => self.case(expr, operand.as_deref(), arms, otherwise.as_deref()),
            Node::Prior(_) | Node::ConnectByRoot(_) => {
                self.refuse(expr, "PRIOR and CONNECT_BY_ROOT belong to CONNECT BY, which is not here")
            }
            Node::OuterJoined(value) if self.marks => self.expr(value),
            Node::OuterJoined(_) => self.refuse(expr, "the outer join operator (+) cannot be placed from here"),
            Node::Bind(_)
            | Node::Remote { .. }
            | Node::Apply { .. }
            | Node::Attribute { .. }
            | Node::Cursor(_)
            | Node::Operator { .. }
            | Node::Upcast { .. }
            | Node::IsOf { .. }
            | Node::Unparsed(_) => self.refuse(expr, "this is of stored code, which is not converted yet"),
        }
    }

    fn number(&self, expr: &Expr, text: &str, negative: bool) -> Translated {
        let sign = if negative { "-" } else { "" };
        if let Some(digits) = text.strip_suffix(['f', 'F', 'd', 'D']) {
            if self.place.immutable {
                return self.refuse(expr, "binary floating-point literals are not converted");
            }
            let to = if text.ends_with(['f', 'F']) { "real" } else { "double precision" };
            return Ok(Piece::atom(format!("CAST({sign}{digits} AS {to})"), Kind::Float, false));
        }
        let integer = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 18;
        let kind = if integer { Kind::Int } else { Kind::Numeric };
        if negative {
            return Ok(Piece::new(format!("-{text}"), kind, false, Shape::Operator));
        }
        Ok(Piece::atom(text, kind, false))
    }

    fn negate(&self, expr: &Expr, value: &Expr) -> Translated {
        if let Node::Number(text) = &value.node {
            return self.number(expr, text, true);
        }
        let value = self.value(value)?;
        match value.kind {
            Kind::Int | Kind::Numeric => {
                Ok(Piece::new(format!("-{}", value.numeric()), Kind::Numeric, value.nullable, Shape::Operator))
            }
            Kind::Float | Kind::IntervalDs | Kind::IntervalYm => {
                Ok(Piece::new(format!("-{}", value.operand()), value.kind.clone(), value.nullable, Shape::Operator))
            }
            _ => self.refuse(expr, format!("{} cannot be negated alike", value.kind.noun())),
        }
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
            _ if !has_whole_date(model) => {
                return self.refuse(expr, "a format that has no whole date depends on the day");
            }
            _ => format!("{function}({}, {})", quoted(text), quoted(model)),
        };
        if has_names(model) {
            self.note("names of months and days are English, whatever the session says");
        }
        let value = type_convert::literal::parse(&call, &ty)
            .map_err(|e| Refused::new(expr.start, format!("this literal is not understood: {e}")))?;
        match value {
            Value::DateTime(at) => self.timestamp(expr, at, ty == OracleType::Date),
            Value::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                Ok(Piece::atom(format!("CAST({} AS bytea)", pg_literal(&format!("\\x{hex}"))), Kind::Raw, false))
            }
            Value::Null => Ok(Piece::null()),
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

    // --- Names

    fn name(&self, expr: &Expr, parts: &[Part]) -> Translated {
        if let [part] = parts
            && !part.quoted
            && let Some(piece) = self.pseudo(expr, part.name.as_str())?
        {
            return Ok(piece);
        }
        if let Some(found) = self.scope.column(parts, expr.start)? {
            self.effects.borrow_mut().generated |= found.column.generated;
            let declared = found.column.declared.filter(|_| found.rest.is_empty());
            let piece = Piece::atom(found.sql, found.column.kind, found.nullable).declared(declared);
            return self.attributes(expr, piece, &found.rest);
        }
        if let [.., last] = parts
            && !last.quoted
            && parts.len() > 1
            && matches!(last.name.as_str(), "NEXTVAL" | "CURRVAL")
        {
            return self.sequence(expr, &parts[..parts.len() - 1], last.name.as_str());
        }
        if let [Part { name, quoted: false, .. }] = parts
            && matches!(name.as_str(), "TRUE" | "FALSE")
        {
            return Ok(Piece::atom(name.as_str(), Kind::Boolean, false));
        }
        let name = parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".");
        self.refuse(expr, format!("{name} is no column and no value that is known here, or is stored code"))
    }

    /// `value.attribute.attribute`.
    fn attributes(&self, expr: &Expr, mut piece: Piece, rest: &[Part]) -> Translated {
        if !rest.is_empty() && matches!(piece.kind, Kind::Json | Kind::Text | Kind::Clob | Kind::Raw) {
            return self.json_member(expr, &piece, rest);
        }
        for part in rest {
            let Kind::Object(path) = &piece.kind else {
                return self.refuse(expr, format!("{} has no attributes", piece.kind.noun()));
            };
            let object = self.rewriter.object(path);
            let attribute = object.and_then(|o| o.attributes.iter().find(|(name, ..)| *name == part.name));
            let Some((_, target, kind)) = attribute else {
                return self.refuse(expr, format!("{path} has no attribute {}", part.name));
            };
            piece = Piece::atom(format!("({}).{target}", piece.sql), kind.clone(), true);
        }
        Ok(piece)
    }

    fn pseudo(&self, expr: &Expr, name: &str) -> Result<Option<Piece>, Refused> {
        let piece = match name {
            "SYSDATE" | "CURRENT_DATE" => Piece::atom(NOW_TO_THE_SECOND, Kind::Date, false),
            "SYSTIMESTAMP" | "CURRENT_TIMESTAMP" => Piece::atom("statement_timestamp()", Kind::TimestampTz, false),
            "LOCALTIMESTAMP" => Piece::atom("CAST(statement_timestamp() AS timestamp)", Kind::Timestamp, false),
            "SESSIONTIMEZONE" => Piece::atom("current_setting('TimeZone')", Kind::Text, false),
            "USER" => {
                if self.place.immutable {
                    return self.refuse(expr, "USER is converted in defaults and queries only");
                }
                self.note("USER gives the name of the PostgreSQL role");
                Piece::atom("CAST(SESSION_USER AS text)", Kind::Text, false)
            }
            "ROWNUM" if self.place.aggregates => {
                self.note("ROWNUM numbers the rows in the order in which PostgreSQL finds them");
                Piece::atom("row_number() OVER ()", Kind::Int, false)
            }
            "ROWNUM" | "ROWID" | "LEVEL" | "UID" | "ORA_ROWSCN" | "CONNECT_BY_ISLEAF" | "CONNECT_BY_ISCYCLE" => {
                // Quoted or not, a column may have the name of some of them.
                if name != "ROWNUM"
                    && name != "ROWID"
                    && let Ok(ident) = OracleIdent::new(name)
                    && self.scope.column(&[Part::exact(ident)], expr.start)?.is_some()
                {
                    return Ok(None);
                }
                return self.refuse(expr, format!("{name} is not converted"));
            }
            _ => return Ok(None),
        };
        if self.place.immutable {
            return self.refuse(expr, format!("{name} changes and cannot stand here"));
        }
        if name.starts_with("SYS") {
            self.note(format!("{name} is the time in the session's zone, not in the server's"));
        }
        Ok(Some(piece))
    }

    fn sequence(&self, expr: &Expr, parts: &[Part], what: &str) -> Translated {
        if !self.place.default || what != "NEXTVAL" {
            return self.refuse(expr, "of sequences only NEXTVAL in a default is converted");
        }
        let path = match parts {
            [name] => ObjectPath::new(self.schema.clone(), name.name.clone()),
            [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
            _ => return self.refuse(expr, "this is no name of a sequence"),
        };
        let path = self.rewriter.resolve_synonym(&path);
        let Some(target) = self.rewriter.names.object(ObjectKind::Sequence, &path) else {
            return self.refuse(expr, format!("the sequence {path} is not part of the migration"));
        };
        let sql = format!("nextval({}::regclass)", pg_literal(&target.quoted()));
        self.effects.borrow_mut().sequences.insert(path);
        Ok(Piece::atom(sql, Kind::Int, false))
    }

    pub(super) fn aggregate(&self, expr: &Expr) -> Result<(), Refused> {
        if self.place.aggregates { Ok(()) } else { self.refuse(expr, "aggregates cannot stand here") }
    }

    // --- Arithmetic

    fn binary(&self, expr: &Expr, op: Op, left: &Expr, right: &Expr) -> Translated {
        let (l, r) = (self.value(left)?, self.value(right)?);
        if op == Op::Concat {
            return self.concat(&[(left, l), (right, r)]);
        }
        let (l, r) = (self.as_number_if_text(expr, l)?, self.as_number_if_text(expr, r)?);
        let nullable = l.nullable || r.nullable;
        let symbol = match op {
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
            _ => "/",
        };
        let days = |moment: &Piece, days: &Piece| {
            let moment = self.dated(moment).operand();
            match days.kind {
                Kind::Int => format!("{moment} {symbol} {} * INTERVAL '1 day'", days.operand()),
                // Oracle rounds to the second.
                _ => format!("CAST({moment} {symbol} {} * INTERVAL '1 day' AS timestamp(0))", days.operand()),
            }
        };
        let cut = |sql: String, days: &Piece| {
            let shape = if days.kind == Kind::Int { Shape::Operator } else { Shape::Atom };
            Ok(Piece::new(sql, Kind::Date, nullable, shape))
        };
        match (op, &l.kind, &r.kind) {
            (_, Kind::Null, _) | (_, _, Kind::Null) => {
                if self.place.immutable {
                    return self.refuse(expr, "arithmetic with NULL is not converted");
                }
                Ok(Piece::null())
            }
            (Op::Divide, a, b) if a.is_exact_number() && b.is_exact_number() => {
                self.note("a quotient has as many digits as PostgreSQL's numeric gives it, at least 16, where Oracle has up to 40");
                let sql = format!("{} / {}", l.numeric(), r.operand());
                Ok(Piece::new(sql, Kind::Numeric, nullable, Shape::Operator))
            }
            (_, a, b) if a.is_exact_number() && b.is_exact_number() => {
                let sql = format!("{} {symbol} {}", l.numeric(), r.operand());
                Ok(Piece::new(sql, Kind::Numeric, nullable, Shape::Operator))
            }
            (_, a, b) if a.is_number() && b.is_number() && !self.place.immutable => {
                let float = |p: &Piece| match p.kind {
                    Kind::Float => p.operand(),
                    _ => format!("CAST({} AS double precision)", p.sql),
                };
                let sql = format!("{} {symbol} {}", float(&l), float(&r));
                Ok(Piece::new(sql, Kind::Float, nullable, Shape::Operator))
            }
            (Op::Add | Op::Subtract, a, b) if a.is_moment() && b.is_exact_number() => cut(days(&l, &r), &r),
            (Op::Add, a, b) if a.is_exact_number() && b.is_moment() => cut(days(&r, &l), &l),
            (Op::Subtract, Kind::Date, Kind::Date) => {
                let sql = format!("CAST(EXTRACT(EPOCH FROM {} - {}) AS numeric) / 86400", l.operand(), r.operand());
                Ok(Piece::new(sql, Kind::Numeric, nullable, Shape::Operator))
            }
            (Op::Subtract, a, b) if a.is_moment() && b.is_moment() => {
                if (a == &Kind::TimestampTz) != (b == &Kind::TimestampTz) && self.place.immutable {
                    return self.refuse(expr, "a time with a zone less one without depends on the session");
                }
                let sql = format!("{} - {}", l.operand(), r.operand());
                Ok(Piece::new(sql, Kind::IntervalDs, nullable, Shape::Operator))
            }
            (Op::Add | Op::Subtract, a, Kind::IntervalDs) if a.is_moment() => {
                let sql = format!("{} {symbol} {}", l.operand(), r.operand());
                Ok(Piece::new(sql, l.kind.clone(), nullable, Shape::Operator))
            }
            (Op::Add, Kind::IntervalDs, b) if b.is_moment() => {
                let sql = format!("{} + {}", r.operand(), l.operand());
                Ok(Piece::new(sql, r.kind.clone(), nullable, Shape::Operator))
            }
            (Op::Add | Op::Subtract, a, Kind::IntervalYm) if a.is_moment() => {
                self.note("a day that the month does not have becomes its last one, where Oracle raises ORA-01839");
                let sql = format!("{} {symbol} {}", l.operand(), r.operand());
                Ok(Piece::new(sql, l.kind.clone(), nullable, Shape::Operator))
            }
            (Op::Add | Op::Subtract, Kind::IntervalDs, Kind::IntervalDs)
            | (Op::Add | Op::Subtract, Kind::IntervalYm, Kind::IntervalYm) => {
                let sql = format!("{} {symbol} {}", l.operand(), r.operand());
                Ok(Piece::new(sql, l.kind.clone(), nullable, Shape::Operator))
            }
            (Op::Multiply | Op::Divide, Kind::IntervalDs | Kind::IntervalYm, b) if b.is_number() => {
                let sql = format!("{} {symbol} {}", l.operand(), r.operand());
                Ok(Piece::new(sql, l.kind.clone(), nullable, Shape::Operator))
            }
            (Op::Multiply, a, Kind::IntervalDs | Kind::IntervalYm) if a.is_number() => {
                let sql = format!("{} * {}", r.operand(), l.operand());
                Ok(Piece::new(sql, r.kind.clone(), nullable, Shape::Operator))
            }
            (_, a, b) => self.refuse(expr, format!("arithmetic of {} and {} is not converted", a.noun(), b.noun())),
        }
    }

    /// A DATE as Oracle makes one of a timestamp for arithmetic with days.
    pub(super) fn dated(&self, moment: &Piece) -> Piece {
        match moment.kind {
            Kind::Timestamp => {
                Piece::atom(format!("date_trunc('second', {})", moment.sql), Kind::Date, moment.nullable)
            }
            Kind::TimestampTz => Piece::atom(
                format!("CAST(date_trunc('second', {}) AS timestamp(0))", moment.sql),
                Kind::Date,
                moment.nullable,
            ),
            _ => moment.clone(),
        }
    }

    /// Arithmetic takes a text for the number that is written in it.
    fn as_number_if_text(&self, at: &Expr, piece: Piece) -> Translated {
        if matches!(piece.kind, Kind::Text | Kind::Char(_)) {
            self.convert(at, &piece, &Kind::Numeric)
        } else {
            Ok(piece)
        }
    }

    /// The value as Oracle converts it by itself where one of `to` is wanted.
    pub(super) fn convert(&self, at: &Expr, piece: &Piece, to: &Kind) -> Translated {
        let atom = |sql: String| Ok(Piece::atom(sql, to.clone(), piece.nullable));
        match (&piece.kind, to) {
            (a, b) if a == b => Ok(piece.clone()),
            (Kind::Null, _)
            | (Kind::Int, Kind::Numeric)
            | (Kind::Numeric, Kind::Int)
            | (Kind::Int | Kind::Numeric, Kind::Float)
            | (Kind::Text, Kind::Char(_) | Kind::Clob)
            | (Kind::Clob, Kind::Text)
            | (Kind::Char(_), Kind::Char(_))
            | (Kind::Date, Kind::Timestamp) => Ok(piece.clone()),
            (Kind::Char(length), Kind::Text | Kind::Clob) => match length {
                0 => atom(format!("CAST({} AS text)", piece.sql)),
                _ => atom(format!("rpad(CAST({} AS text), {length})", piece.sql)),
            },
            (Kind::Int, Kind::Text | Kind::Clob) if piece.is_integer_literal() => {
                Ok(text_literal(super::plain_integer(&piece.sql)))
            }
            (Kind::Int, Kind::Text | Kind::Clob) => atom(format!("CAST({} AS text)", piece.sql)),
            (Kind::Numeric, Kind::Text | Kind::Clob) => {
                atom(format!("{}({})", self.helper(Helper::NumberText), piece.sql))
            }
            (Kind::Text | Kind::Char(_) | Kind::Clob, Kind::Int | Kind::Numeric) => match &piece.literal {
                Some(text) if super::is_plain_number(text.trim()) => {
                    let kind = if text.contains('.') { Kind::Numeric } else { Kind::Int };
                    Ok(Piece::atom(text.trim(), kind, false))
                }
                Some(_) => self.refuse(at, "a text for a number needs a conversion that depends on the session"),
                None => {
                    self.note("a text is converted to a number, with a point for its decimals");
                    Ok(Piece::atom(format!("CAST({} AS numeric)", piece.sql), Kind::Numeric, piece.nullable))
                }
            },
            (Kind::Timestamp | Kind::TimestampTz, Kind::Date) => Ok(self.dated(piece)),
            (Kind::Date | Kind::Timestamp, Kind::TimestampTz) if !self.place.immutable => {
                atom(format!("CAST({} AS timestamp with time zone)", piece.sql))
            }
            (Kind::TimestampTz, Kind::Timestamp) if !self.place.immutable => {
                atom(format!("CAST({} AS timestamp)", piece.sql))
            }
            (Kind::Text, Kind::Xml) => atom(format!("CAST({} AS xml)", piece.sql)),
            (a, b) => {
                self.refuse(at, format!("{} as {} needs a conversion that depends on the session", a.noun(), b.noun()))
            }
        }
    }

    /// `||`: in Oracle NULL is the empty string, and the empty string NULL.
    pub(super) fn concat(&self, parts: &[(&Expr, Piece)]) -> Translated {
        let mut operands = Vec::with_capacity(parts.len());
        let mut all_nullable = true;
        let mut kind = Kind::Text;
        for (at, piece) in parts {
            let sql = match &piece.kind {
                Kind::Text => piece.operand(),
                Kind::Clob => {
                    kind = Kind::Clob;
                    piece.operand()
                }
                Kind::Int => format!("CAST({} AS text)", piece.sql),
                Kind::Null => continue,
                Kind::Numeric | Kind::Char(_) => self.convert(at, piece, &Kind::Text)?.operand(),
                other => {
                    return self.refuse(at, format!("{} as text depends on the session", other.noun()));
                }
            };
            all_nullable &= piece.nullable;
            operands.push(if piece.nullable { format!("COALESCE({sql}, '')") } else { sql });
        }
        match operands.as_slice() {
            [] => Ok(Piece::null()),
            _ if all_nullable => Ok(Piece::atom(format!("NULLIF({}, '')", operands.join(" || ")), kind, true)),
            [one] => Ok(Piece::atom(one.clone(), kind, false)),
            _ => Ok(Piece::new(operands.join(" || "), kind, false, Shape::Operator)),
        }
    }

    // --- Conditions

    fn compare(&self, expr: &Expr, op: &str, left: &Expr, right: &Expr) -> Translated {
        if let (Node::Row(l), Node::Row(r)) = (&left.node, &right.node) {
            return self.compare_rows(expr, op, l, r);
        }
        if let (Node::Row(l), Node::Subquery(query)) = (&left.node, &right.node) {
            let rows = self.row(l)?;
            let query = self.subquery(query)?;
            let sql = format!("({}) {op} ({})", rows.join(", "), query.sql);
            return Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate));
        }
        let (l, r) = (self.value(left)?, self.value(right)?);
        let (l, r, collate) = if matches!(op, "=" | "<>") {
            let (l, r) = self.comparable(expr, &l, &r)?;
            (l, r, false)
        } else {
            self.ordered(expr, &l, &r)?
        };
        let sql = format!("{} {op} {}", collated(&l, collate), r.operand());
        Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
    }

    fn compare_rows(&self, expr: &Expr, op: &str, l: &[Expr], r: &[Expr]) -> Translated {
        if l.len() != r.len() || !matches!(op, "=" | "<>") {
            return self.refuse(expr, "this comparison of lists is not converted");
        }
        let (l, r) = (self.row(l)?, self.row(r)?);
        let sql = format!("({}) {op} ({})", l.join(", "), r.join(", "));
        Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
    }

    fn row(&self, all: &[Expr]) -> Result<Vec<String>, Refused> {
        all.iter().map(|e| Ok(self.value(e)?.sql)).collect()
    }

    fn within(&self, value: &Expr, list: &InList, negated: bool) -> Translated {
        let not = if negated { "NOT " } else { "" };
        match (&value.node, list) {
            (Node::Row(row), InList::Query(query)) => {
                let rows = self.row(row)?;
                let query = self.subquery(query)?;
                if query.columns.len() != rows.len() {
                    return self.refuse(value, "the query has another number of columns");
                }
                let sql = format!("({}) {not}IN ({})", rows.join(", "), query.sql);
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            (Node::Row(row), InList::Values(values)) => {
                let rows = self.row(row)?;
                let mut sql = Vec::with_capacity(values.len());
                for item in values {
                    let Node::Row(item_row) = &item.node else {
                        return self.refuse(item, "a list of values is expected here");
                    };
                    sql.push(format!("({})", self.row(item_row)?.join(", ")));
                }
                let sql = format!("({}) {not}IN ({})", rows.join(", "), sql.join(", "));
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            (_, InList::Query(query)) => {
                let at = value;
                let value = self.value(value)?;
                let query = self.subquery(query)?;
                let [column] = query.columns.as_slice() else {
                    return self.refuse(at, "the query has more than one column");
                };
                let there = Piece::atom("", column.kind.clone(), true);
                let (value, same) = self.comparable(at, &value, &there)?;
                if same.sql != there.sql {
                    return self.refuse(at, "a query of another type than the value is not converted");
                }
                let sql = format!("{} {not}IN ({})", value.operand(), query.sql);
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            (_, InList::Values(list)) => {
                let mut left = self.value(value)?;
                let mut sql = Vec::with_capacity(list.len());
                for item in list {
                    let piece = self.value(item)?;
                    let (l, r) = self.comparable(item, &left, &piece)?;
                    left = l;
                    sql.push(r.sql);
                }
                let sql = format!("{} {not}IN ({})", left.operand(), sql.join(", "));
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
        }
    }

    fn quantified(&self, expr: &Expr, op: &str, all: bool, left: &Expr, right: &InList) -> Translated {
        let value = self.value(left)?;
        match right {
            InList::Query(query) => {
                let query = self.subquery(query)?;
                let [column] = query.columns.as_slice() else {
                    return self.refuse(expr, "the query has more than one column");
                };
                let there = Piece::atom("", column.kind.clone(), true);
                let (value, same, collate) = match op {
                    "=" | "<>" => {
                        let (value, same) = self.comparable(expr, &value, &there)?;
                        (value, same, false)
                    }
                    _ => self.ordered(expr, &value, &there)?,
                };
                if same.sql != there.sql {
                    return self.refuse(expr, "a query of another type than the value is not converted");
                }
                let word = if all { "ALL" } else { "ANY" };
                let sql = format!("{} {op} {word} ({})", collated(&value, collate), query.sql);
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            InList::Values(values) => {
                let mut sql = Vec::with_capacity(values.len());
                for item in values {
                    let piece = self.value(item)?;
                    let (l, r, collate) = match op {
                        "=" | "<>" => {
                            let (l, r) = self.comparable(item, &value, &piece)?;
                            (l, r, false)
                        }
                        _ => self.ordered(item, &value, &piece)?,
                    };
                    sql.push(format!("{} {op} {}", collated(&l, collate), r.operand()));
                }
                let (word, shape) = if all { (" AND ", Shape::And) } else { (" OR ", Shape::Or) };
                Ok(Piece::new(sql.join(word), Kind::Condition, true, shape))
            }
        }
    }

    /// Both as `=` compares them in PostgreSQL with the same result.
    pub(super) fn comparable(&self, at: &Expr, l: &Piece, r: &Piece) -> Result<(Piece, Piece), Refused> {
        let same = || Ok((l.clone(), r.clone()));
        let literal = |p: &Piece| p.literal.is_some();
        for piece in [l, r] {
            let blank = piece.literal.as_ref().is_some_and(|literal| literal.ends_with(' '));
            if blank && self.place.immutable {
                return self.refuse(at, "comparing a literal with blanks at its end depends on blank padding");
            }
        }
        match (&l.kind, &r.kind) {
            (Kind::Null, Kind::Null) if self.place.immutable => {
                self.refuse(at, "comparing NULL with NULL is not converted")
            }
            (Kind::Null, kind) | (kind, Kind::Null) if !matches!(kind, Kind::Other(_) | Kind::Xml) => same(),
            (a, b) if a.is_number() && b.is_number() => same(),
            (Kind::Text | Kind::Clob, Kind::Text | Kind::Clob) if l.kind == r.kind || !self.place.immutable => same(),
            (Kind::Char(_), Kind::Char(_)) => same(),
            (Kind::Char(_), Kind::Text) if literal(r) => same(),
            (Kind::Text, Kind::Char(_)) if literal(l) => same(),
            // Oracle counts the blanks that pad the CHAR, PostgreSQL does not.
            (Kind::Char(_), Kind::Text) => Ok((self.convert(at, l, &Kind::Text)?, r.clone())),
            (Kind::Text, Kind::Char(_)) => Ok((l.clone(), self.convert(at, r, &Kind::Text)?)),
            (Kind::Float, Kind::Text | Kind::Char(_)) if !self.place.immutable => {
                let number = self.convert(at, r, &Kind::Numeric)?;
                Ok((
                    l.clone(),
                    Piece::atom(format!("CAST({} AS double precision)", number.sql), Kind::Float, r.nullable),
                ))
            }
            (Kind::Text | Kind::Char(_), Kind::Float) if !self.place.immutable => {
                let number = self.convert(at, l, &Kind::Numeric)?;
                Ok((
                    Piece::atom(format!("CAST({} AS double precision)", number.sql), Kind::Float, l.nullable),
                    r.clone(),
                ))
            }
            (Kind::Text | Kind::Char(_), b) if b.is_exact_number() => {
                Ok((self.convert(at, l, &Kind::Numeric)?, r.clone()))
            }
            (a, Kind::Text | Kind::Char(_)) if a.is_exact_number() => {
                Ok((l.clone(), self.convert(at, r, &Kind::Numeric)?))
            }
            (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp)
            | (Kind::TimestampTz, Kind::TimestampTz)
            | (Kind::Raw, Kind::Raw)
            | (Kind::Boolean, Kind::Boolean)
            | (Kind::IntervalDs, Kind::IntervalDs)
            | (Kind::IntervalYm, Kind::IntervalYm) => same(),
            (Kind::Object(a), Kind::Object(b)) if a == b => same(),
            (a, b) if a.is_moment() && b.is_moment() && !self.place.immutable => same(),
            (Kind::Raw, Kind::Text) if r.literal.is_some() => {
                let text = r.literal.clone().unwrap_or_default();
                Ok((l.clone(), self.literal(at, "HEXTORAW", &text, "")?))
            }
            (a, b) => self.refuse(
                at,
                format!("comparing {} with {} needs a conversion that depends on the session", a.noun(), b.noun()),
            ),
        }
    }

    /// Both as `<` compares them with the same result; `true` if it needs Oracle's binary order named.
    pub(super) fn ordered(&self, at: &Expr, l: &Piece, r: &Piece) -> Result<(Piece, Piece, bool), Refused> {
        let (l, r) = self.comparable(at, l, r)?;
        match (&l.kind, &r.kind) {
            (Kind::Char(_), _) | (_, Kind::Char(_)) if self.place.immutable => {
                self.refuse(at, "the order of CHAR values is not converted: it depends on blank padding")
            }
            (Kind::Boolean | Kind::Object(_), _) | (_, Kind::Boolean | Kind::Object(_)) => {
                self.refuse(at, "the order of these values is not converted")
            }
            (Kind::Text | Kind::Char(_) | Kind::Clob, _) | (_, Kind::Text | Kind::Char(_) | Kind::Clob) => {
                Ok((l, r, true))
            }
            _ => Ok((l, r, false)),
        }
    }

    fn like(&self, expr: &Expr, value: &Expr, pattern: &Expr, escape: Option<&Expr>, negated: bool) -> Translated {
        let (value, pattern) = (self.value(value)?, self.value(pattern)?);
        let is_pattern = |p: &Piece| matches!(p.kind, Kind::Text | Kind::Clob | Kind::Null);
        let value = match value.kind {
            Kind::Text | Kind::Clob => value,
            Kind::Char(_) | Kind::Int | Kind::Numeric => self.convert(expr, &value, &Kind::Text)?,
            _ => {
                let reason = format!("LIKE of {} and {} is not converted", value.kind.noun(), pattern.kind.noun());
                return self.refuse(expr, reason);
            }
        };
        let pattern = match pattern.kind {
            Kind::Char(_) | Kind::Int | Kind::Numeric => self.convert(expr, &pattern, &Kind::Text)?,
            _ => pattern,
        };
        if !is_pattern(&pattern) {
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

    fn is(&self, expr: &Expr, value: &Expr, what: &str, negated: bool) -> Translated {
        let piece = self.value(value)?;
        let not = if negated { "NOT " } else { "" };
        if let Some(sort) = what.strip_prefix("JSON") {
            let text = match piece.kind {
                Kind::Text | Kind::Clob => piece.sql.clone(),
                Kind::Raw => format!("convert_from({}, 'UTF8')", piece.sql),
                Kind::Json => format!("CAST({} AS text)", piece.sql),
                _ => return self.refuse(expr, format!("IS JSON of {} is not converted", piece.kind.noun())),
            };
            self.note("IS JSON is strict in PostgreSQL: names need double quotes");
            let sql = if self.rewriter.pg_version >= 16 {
                let operand = if text == piece.sql { piece.operand() } else { text };
                format!("{operand} IS {not}JSON{sort}")
            } else if sort.is_empty() {
                format!("{not}{}({text})", self.helper(Helper::IsJson))
            } else {
                return self.refuse(expr, format!("IS {what} is converted from PostgreSQL 16 on"));
            };
            let shape = if negated { Shape::Not } else { Shape::Predicate };
            return Ok(Piece::new(sql, Kind::Condition, true, shape));
        }
        match (what, &piece.kind) {
            ("NAN", Kind::Float) => {
                let op = if negated { "<>" } else { "=" };
                let sql = format!("{} {op} CAST('NaN' AS double precision)", piece.operand());
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            ("INFINITE", Kind::Float) => {
                let op = if negated { "<>" } else { "=" };
                let sql = format!("abs({}) {op} CAST('Infinity' AS double precision)", piece.sql);
                Ok(Piece::new(sql, Kind::Condition, true, Shape::Predicate))
            }
            ("EMPTY", Kind::Collection(_)) => {
                let op = if negated { "<>" } else { "=" };
                Ok(Piece::new(format!("cardinality({}) {op} 0", piece.sql), Kind::Condition, true, Shape::Predicate))
            }
            _ => self.refuse(expr, format!("the condition IS {what} is not converted")),
        }
    }

    fn junction(&self, all: &[Expr], word: &str, shape: Shape) -> Translated {
        let mut sql = Vec::with_capacity(all.len());
        for part in all {
            let piece = self.condition(part)?;
            let parentheses = matches!(piece.shape, Shape::And | Shape::Or);
            sql.push(if parentheses { format!("({})", piece.sql) } else { piece.sql });
        }
        Ok(Piece::new(sql.join(word), Kind::Condition, true, shape))
    }

    fn case(&self, expr: &Expr, operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Translated {
        let operand = operand.map(|o| self.value(o)).transpose()?;
        let mut whens = Vec::with_capacity(arms.len());
        let mut results = Vec::with_capacity(arms.len() + 1);
        let mut subject = operand.as_ref().map(Piece::operand);
        for (when, then) in arms {
            let when_sql = match &operand {
                Some(operand) => {
                    let (l, r) = self.comparable(when, operand, &self.value(when)?)?;
                    if l.sql != operand.sql {
                        subject = Some(l.operand());
                    }
                    r.operand()
                }
                None => self.condition(when)?.sql,
            };
            whens.push(when_sql);
            results.push(self.value(then)?);
        }
        results.push(match otherwise {
            Some(otherwise) => self.value(otherwise)?,
            None => Piece::null(),
        });
        let (results, kind) = self.unify(expr, results)?;
        let mut sql = String::from("CASE");
        if let Some(subject) = subject {
            sql.push_str(&format!(" {subject}"));
        }
        for (when, result) in whens.iter().zip(&results) {
            sql.push_str(&format!(" WHEN {when} THEN {}", result.sql));
        }
        if otherwise.is_some()
            && let Some(last) = results.last()
        {
            sql.push_str(&format!(" ELSE {}", last.sql));
        }
        sql.push_str(" END");
        Ok(Piece::atom(sql, kind, results.iter().any(|r| r.nullable)))
    }

    /// Several alternatives as values of one kind: that of the first one that has one, as NVL, DECODE and CASE take it.
    pub(super) fn unify(&self, at: &Expr, pieces: Vec<Piece>) -> Result<(Vec<Piece>, Kind), Refused> {
        let kind = self.common_kind(at, &pieces)?;
        let converted: Result<Vec<Piece>, Refused> = pieces.iter().map(|p| self.convert(at, p, &kind)).collect();
        Ok((converted?, kind))
    }

    fn common_kind(&self, at: &Expr, pieces: &[Piece]) -> Result<Kind, Refused> {
        let mut kind = Kind::Null;
        let mut literals = true;
        for piece in pieces {
            kind = match (&kind, &piece.kind) {
                (_, Kind::Null) => continue,
                (Kind::Null, other) => {
                    literals = piece.literal.is_some();
                    other.clone()
                }
                (Kind::Int, Kind::Numeric) | (Kind::Numeric, Kind::Int) => Kind::Numeric,
                (a, b) if a.is_number() && b.is_number() => Kind::Float,
                // A literal takes part as the CHAR that it is in Oracle.
                (Kind::Char(n), Kind::Text) if piece.literal.is_some() => Kind::Char(*n),
                (Kind::Text, Kind::Char(n)) if literals => Kind::Char(*n),
                (Kind::Char(_), Kind::Char(_)) if kind == piece.kind => kind,
                (Kind::Char(_) | Kind::Text, Kind::Char(_) | Kind::Text) => Kind::Text,
                (Kind::Text | Kind::Char(_) | Kind::Clob, Kind::Clob) | (Kind::Clob, Kind::Text | Kind::Char(_)) => {
                    Kind::Clob
                }
                (Kind::Date, Kind::Timestamp) | (Kind::Timestamp, Kind::Date) => Kind::Timestamp,
                (a, b) if a.is_moment() && b.is_moment() => Kind::TimestampTz,
                (Kind::Text, b) if b.is_exact_number() => Kind::Text,
                // The text is converted to the number that is written in it.
                (a, Kind::Text | Kind::Char(_)) if a.is_exact_number() && !self.place.immutable => Kind::Numeric,
                (a, Kind::Text) if a.is_exact_number() && piece.literal.is_some() => kind,
                (a, b) if a == b => kind,
                (a, b) => {
                    let reason =
                        format!("{} and {} as results of one expression are not converted", a.noun(), b.noun());
                    return self.refuse(at, reason);
                }
            };
            literals &= piece.literal.is_some();
        }
        if self.place.immutable && matches!(kind, Kind::Char(_) | Kind::Other(_)) {
            return self.refuse(at, format!("{} as one of several results is not converted", kind.noun()));
        }
        Ok(kind)
    }

    // --- Conversions and the like

    fn extract(&self, expr: &Expr, field: &str, value: &Expr) -> Translated {
        let value = self.value(value)?;
        let known = match value.kind {
            Kind::Date => matches!(field, "YEAR" | "MONTH" | "DAY"),
            Kind::Timestamp => matches!(field, "YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "SECOND"),
            Kind::TimestampTz if !self.place.immutable => {
                self.note("EXTRACT of a time with a zone gives what it is in the session's zone");
                matches!(
                    field,
                    "YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "SECOND" | "TIMEZONE_HOUR" | "TIMEZONE_MINUTE"
                )
            }
            Kind::IntervalYm => matches!(field, "YEAR" | "MONTH"),
            Kind::IntervalDs => matches!(field, "DAY" | "HOUR" | "MINUTE" | "SECOND"),
            _ => false,
        };
        if !known {
            return self.refuse(expr, format!("EXTRACT of {field} from {} is not converted", value.kind.noun()));
        }
        // PostgreSQL 13 gives double precision.
        let sql = format!("EXTRACT({field} FROM {})", value.sql);
        let sql = if self.rewriter.pg_version < 14 { format!("CAST({sql} AS numeric)") } else { sql };
        Ok(Piece::atom(sql, Kind::Numeric, value.nullable))
    }

    fn trim(&self, side: &str, characters: Option<&Expr>, value: &Expr) -> Translated {
        let at = value;
        let value = self.as_text(at, self.value(value)?)?;
        let function = match side {
            "LEADING" => "ltrim",
            "TRAILING" => "rtrim",
            _ => "btrim",
        };
        let set = match characters {
            None => String::new(),
            Some(characters) => format!(", {}", self.as_text(characters, self.value(characters)?)?.sql),
        };
        Ok(Piece::atom(format!("NULLIF({function}({}{set}), '')", value.sql), value.kind, true))
    }

    /// As an argument of a text function.
    pub(super) fn as_text(&self, at: &Expr, piece: Piece) -> Translated {
        match piece.kind {
            Kind::Text | Kind::Clob | Kind::Null => Ok(piece),
            Kind::Char(_) | Kind::Int | Kind::Numeric => self.convert(at, &piece, &Kind::Text),
            _ => self.refuse(at, format!("{} as text depends on the session", piece.kind.noun())),
        }
    }

    fn cast(&self, expr: &Expr, value: &Expr, to: &OracleType) -> Translated {
        if let Node::Call(call) = &value.node
            && matches!(call.name.as_slice(), [part] if !part.quoted && part.name.as_str() == "COLLECT")
        {
            return self.collect(expr, call, to);
        }
        let (pg_type, kind) = self.target_type(expr, to)?;
        let piece = match self.local_at_zone(value)? {
            // The zone itself is lost with the cast.
            Some(local) if matches!(kind, Kind::Date | Kind::Timestamp) => local,
            _ => self.value(value)?,
        };
        let cast = |sql: &str| {
            let piece = Piece::atom(format!("CAST({sql} AS {pg_type})"), kind.clone(), piece.nullable);
            Ok(piece.declared(Some(Declared::as_type(to.clone()))))
        };
        match (&piece.kind, &kind) {
            (Kind::Null, _) => cast("NULL"),
            (a, b) if a.is_number() && b.is_number() => cast(&piece.sql),
            (Kind::Text | Kind::Char(_) | Kind::Clob, Kind::Text | Kind::Char(_) | Kind::Clob) => {
                cast(&self.as_text(value, piece.clone())?.sql)
            }
            (Kind::Int | Kind::Numeric, Kind::Text | Kind::Char(_) | Kind::Clob) => {
                cast(&self.as_text(value, piece.clone())?.sql)
            }
            (Kind::Text | Kind::Char(_), Kind::Int | Kind::Numeric | Kind::Float) => {
                self.note("a text is converted to a number, with a point for its decimals");
                cast(&piece.sql)
            }
            (Kind::Timestamp | Kind::TimestampTz, Kind::Date) if !self.place.immutable => {
                Ok(Piece { kind: Kind::Date, ..self.dated(&piece) }.declared(None))
            }
            (a, b) if a.is_moment() && b.is_moment() => {
                let zones = (a == &Kind::TimestampTz) != (b == &Kind::TimestampTz);
                if zones && self.place.immutable {
                    return self.refuse(expr, "this cast depends on the session's zone");
                }
                cast(&piece.sql)
            }
            (a, b) if a == b => Ok(piece),
            (Kind::Text | Kind::Clob, Kind::Xml) => cast(&piece.sql),
            (Kind::Raw, Kind::Text) => {
                Ok(Piece::atom(format!("upper(encode({}, 'hex'))", piece.sql), Kind::Text, piece.nullable))
            }
            (a, b) => self.refuse(expr, format!("CAST of {} as {} depends on the session", a.noun(), b.noun())),
        }
    }

    /// PostgreSQL's type for one that an expression names, and its kind.
    pub(super) fn target_type(&self, at: &Expr, oracle: &OracleType) -> Result<(String, Kind), Refused> {
        if let OracleType::Other { owner, name } = oracle {
            let owner = owner.clone().and_then(|o| OracleIdent::new(o).ok()).unwrap_or_else(|| self.schema.clone());
            if let Ok(name) = OracleIdent::new(name.clone()) {
                let path = self.rewriter.resolve_synonym(&ObjectPath::new(owner, name));
                if let Some(object) = self.rewriter.object(&path) {
                    return Ok((object.target.clone(), object.kind(&path)));
                }
            }
        }
        let types = crate::DefaultTypes::for_server(self.rewriter.pg_version);
        match types.of(oracle, false) {
            Some(pg_type) => {
                let kind = Kind::of(oracle, &pg_type);
                Ok((pg_type.to_string(), kind))
            }
            None => self.refuse(at, format!("the type {oracle} has no counterpart")),
        }
    }

    fn multiset(&self, expr: &Expr, query: &super::ast::Query, to: &OracleType) -> Translated {
        let (target, kind) = self.target_type(expr, to)?;
        let Kind::Collection(path) = &kind else {
            return self.refuse(expr, format!("{to} is no collection type that is converted"));
        };
        let element = self.rewriter.object(path).and_then(|o| o.element.clone());
        let sub = self.subquery(query)?;
        let sql = match element {
            Some((element, Kind::Object(_))) => {
                let row = self.fresh("m");
                let columns: Vec<String> = sub.columns.iter().map(|c| format!("{row}.{}", c.target)).collect();
                format!(
                    "CAST(ARRAY(SELECT CAST(ROW({}) AS {element}) FROM ({}) AS {row}) AS {target})",
                    columns.join(", "),
                    sub.sql
                )
            }
            _ => format!("CAST(ARRAY({}) AS {target})", sub.sql),
        };
        Ok(Piece::atom(sql, kind, false))
    }

    /// `CAST(COLLECT(value ORDER BY …) AS type)`.
    fn collect(&self, expr: &Expr, call: &super::ast::Call, to: &OracleType) -> Translated {
        self.aggregate(expr)?;
        let (target, kind) = self.target_type(expr, to)?;
        let ([value], Kind::Collection(_), None) = (call.arguments.as_slice(), &kind, &call.over) else {
            return self.refuse(expr, format!("COLLECT as {to} is not converted"));
        };
        let piece = self.value(&value.value)?;
        let order = self.order(&call.within)?;
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let distinct = if call.distinct { "DISTINCT " } else { "" };
        Ok(Piece::atom(format!("CAST(array_agg({distinct}{}{order}) AS {target})", piece.sql), kind, true))
    }

    fn at_zone(&self, expr: &Expr, value: &Expr, zone: Option<&Expr>) -> Translated {
        let value = self.value(value)?;
        if !value.kind.is_moment() || self.place.immutable {
            return self.refuse(expr, "AT TIME ZONE is not converted here");
        }
        let Some(zone) = zone else {
            return self.convert(expr, &value, &Kind::TimestampTz);
        };
        if zone.is_name("SESSIONTIMEZONE") {
            return self.convert(expr, &value, &Kind::TimestampTz);
        }
        self.refuse(
            expr,
            "AT TIME ZONE is not converted: a timestamp with time zone of PostgreSQL is an instant and shows itself in the session's zone",
        )
    }

    /// `value AT TIME ZONE zone` as the time that clocks in that zone show.
    pub(super) fn local_at_zone(&self, expr: &Expr) -> Result<Option<Piece>, Refused> {
        let Node::AtZone { value, zone: Some(zone) } = &expr.node else { return Ok(None) };
        if zone.is_name("SESSIONTIMEZONE") || self.place.immutable {
            return Ok(None);
        }
        let moment = self.convert(value, &self.value(value)?, &Kind::TimestampTz)?;
        // In parentheses, because a DEFAULT takes no such operator.
        let sql = format!("({} AT TIME ZONE {})", moment.operand(), self.zone(zone)?);
        Ok(Some(Piece::atom(sql, Kind::Timestamp, moment.nullable)))
    }

    /// A zone by its name, or by its distance from UTC, which PostgreSQL would take for the opposite as a text.
    pub(super) fn zone(&self, zone: &Expr) -> Result<String, Refused> {
        match &zone.node {
            Node::Text(text) if text.starts_with(['+', '-']) => Ok(format!("INTERVAL {}", pg_literal(text))),
            Node::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                Ok(format!("INTERVAL {}", pg_literal(text)))
            }
            Node::Text(text) => Ok(pg_literal(text)),
            _ => self.refuse(zone, "a time zone that is no literal is not converted"),
        }
    }

    pub(super) fn method(&self, expr: &Expr, value: &Expr, method: &str, arguments: &[Expr]) -> Translated {
        let piece = self.value(value)?;
        match (&piece.kind, method) {
            (Kind::Xml, "GETCLOBVAL" | "GETSTRINGVAL") if arguments.is_empty() => {
                let kind = if method == "GETCLOBVAL" { Kind::Clob } else { Kind::Text };
                Ok(Piece::atom(format!("CAST({} AS text)", piece.sql), kind, piece.nullable))
            }
            (Kind::Xml, "GETNUMBERVAL") if arguments.is_empty() => {
                let sql = format!("CAST(CAST({} AS text) AS numeric)", piece.sql);
                Ok(Piece::atom(sql, Kind::Numeric, piece.nullable))
            }
            // A method that is a function as well.
            (Kind::Xml, "EXTRACT" | "EXISTSNODE") if arguments.len() == 1 => {
                functions::of_xml(self, expr, method, value, &arguments[0])
            }
            (Kind::Object(_), _) if arguments.is_empty() => {
                let name = OracleIdent::new(method).map_err(|e| Refused::new(expr.start, e.to_string()))?;
                self.attributes(expr, piece, &[Part::exact(name)])
            }
            _ => self.refuse(expr, format!("the method or field {method} of {} is not converted", piece.kind.noun())),
        }
    }
}

/// `INTERVAL '…' DAY`: PostgreSQL understands Oracle's texts with their fields.
fn interval(text: &str, fields: &str) -> Piece {
    let kind =
        if fields.starts_with("YEAR") || fields.starts_with("MONTH") { Kind::IntervalYm } else { Kind::IntervalDs };
    Piece::atom(format!("INTERVAL {} {fields}", pg_literal(text)), kind, false)
}

/// Whether a format model says everything that a date needs, whatever the day.
pub(super) fn has_whole_date(model: &str) -> bool {
    let upper = model.to_ascii_uppercase();
    let has = |part: &str| upper.contains(part);
    // Without a day it is the first.
    (has("YY") || has("RR")) && (has("DDD") || has("MM") || has("MON"))
}

/// Whether names of months or days are in a format model.
pub(super) fn has_names(model: &str) -> bool {
    let upper = model.to_ascii_uppercase();
    ["MON", "DAY", "DY"].iter().any(|part| upper.contains(part))
}

/// `''` is NULL in Oracle.
pub(super) fn text_literal(text: &str) -> Piece {
    if text.is_empty() {
        return Piece::null();
    }
    let length = u32::try_from(text.len()).ok();
    let declared = length.map(|length| Declared::as_type(OracleType::Char { length, unit: LengthUnit::Byte }));
    Piece { literal: Some(text.to_owned()), declared, ..Piece::atom(pg_literal(text), Kind::Text, false) }
}

/// Oracle orders text by its bytes unless told otherwise, PostgreSQL by the database's collation.
pub(super) fn collated(piece: &Piece, collate: bool) -> String {
    if collate { format!("{} COLLATE \"C\"", piece.operand()) } else { piece.operand() }
}
