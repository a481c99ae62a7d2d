//! The functions that are known to have a counterpart.

use super::{
    Refused,
    ast::{Expr, Node, Part},
    scope::Kind,
    translate::{Piece, Shape, Translated, Translator, collated},
};

pub(super) fn call(
    translator: &mut Translator<'_>,
    expr: &Expr,
    name: &[Part],
    arguments: &[Expr],
    distinct: bool,
) -> Translated {
    let [part] = name else {
        let name = name.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".");
        return translator.refuse(expr, format!("the function {name} is stored code, which is not converted yet"));
    };
    if part.quoted {
        return translator.refuse(expr, format!("the function {} is not known here", part.name));
    }
    let call = Call { t: translator, expr, name: part.name.as_str(), arguments };
    match part.name.as_str() {
        "COUNT" | "SUM" | "MIN" | "MAX" => call.aggregate(distinct),
        _ if distinct => call.refuse("DISTINCT is for aggregates"),
        "NVL" | "COALESCE" => call.coalesce(),
        "NVL2" => call.nvl2(),
        "NULLIF" => call.nullif(),
        "DECODE" => call.decode(),
        "UPPER" | "LOWER" => call.upper_lower(),
        "LENGTH" => call.length(),
        "SUBSTR" => call.substr(),
        "TRIM" | "LTRIM" | "RTRIM" => call.trim(),
        "INSTR" => call.instr(),
        "REPLACE" => call.replace(),
        "CONCAT" => call.concat(),
        "ABS" | "FLOOR" | "CEIL" | "SIGN" => call.of_one_number(),
        "MOD" => call.modulo(),
        "ROUND" | "TRUNC" => call.round_trunc(),
        "GREATEST" | "LEAST" => call.greatest_least(),
        "TO_DATE" | "TO_TIMESTAMP" => call.datetime(),
        "SYS_GUID" => call.guid(),
        "HEXTORAW" => call.hex(),
        "EMPTY_CLOB" if arguments.is_empty() => Ok(Piece::atom("''", Kind::Clob, false)),
        "EMPTY_BLOB" if arguments.is_empty() => Ok(Piece::atom("CAST('' AS bytea)", Kind::Raw, false)),
        other => call.refuse(format!("the function {other} is not known to mean the same in PostgreSQL")),
    }
}

struct Call<'c, 'a> {
    t: &'c mut Translator<'a>,
    expr: &'c Expr,
    name: &'c str,
    arguments: &'c [Expr],
}

impl Call<'_, '_> {
    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Refused> {
        self.t.refuse(self.expr, reason)
    }

    fn count(&self, least: usize, most: usize) -> Result<(), Refused> {
        if (least..=most).contains(&self.arguments.len()) {
            Ok(())
        } else {
            self.refuse(format!("{} with {} arguments is not converted", self.name, self.arguments.len()))
        }
    }

    fn all(&mut self) -> Result<Vec<Piece>, Refused> {
        let arguments = self.arguments;
        arguments.iter().map(|a| self.t.value(a)).collect()
    }

    fn text(&mut self, position: usize) -> Translated {
        let arguments = self.arguments;
        let piece = self.t.value(&arguments[position])?;
        if piece.kind == Kind::Text {
            Ok(piece)
        } else {
            self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()))
        }
    }

    /// A string literal with something in it.
    fn text_literal(&self, position: usize) -> Result<String, Refused> {
        match &self.arguments[position].node {
            Node::Text(text) if !text.is_empty() => Ok(crate::pg_literal(text)),
            _ => self.refuse(format!("{} is converted with a literal in this place only", self.name)),
        }
    }

    fn positive(&self, position: usize) -> Result<u32, Refused> {
        match &self.arguments[position].node {
            Node::Number(text) if text.parse::<u32>().is_ok_and(|n| n > 0 && n < 1 << 30) => {
                Ok(text.parse().unwrap_or(1))
            }
            _ => self.refuse(format!("{} is converted with whole numbers from 1 in this place only", self.name)),
        }
    }

    fn coalesce(mut self) -> Translated {
        if self.name == "NVL" {
            self.count(2, 2)?
        } else {
            self.count(2, 100)?
        }
        let pieces = self.all()?;
        let kind = self.t.unify(self.expr, &pieces)?;
        let nullable = pieces.iter().all(|p| p.nullable);
        let sql = pieces.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(", ");
        Ok(Piece::atom(format!("COALESCE({sql})"), kind, nullable))
    }

    fn nvl2(mut self) -> Translated {
        self.count(3, 3)?;
        let pieces = self.all()?;
        let (test, some, none) = (&pieces[0], &pieces[1], &pieces[2]);
        let kind = self.t.unify(self.expr, &pieces[1..])?;
        let sql = format!("CASE WHEN {} IS NOT NULL THEN {} ELSE {} END", test.operand(), some.sql, none.sql);
        Ok(Piece::atom(sql, kind, some.nullable || none.nullable))
    }

    fn nullif(mut self) -> Translated {
        self.count(2, 2)?;
        let pieces = self.all()?;
        self.t.comparable(self.expr, &pieces[0], &pieces[1])?;
        let kind = self.t.unify(self.expr, &pieces[..1])?;
        Ok(Piece::atom(format!("NULLIF({}, {})", pieces[0].sql, pieces[1].sql), kind, true))
    }

    /// Unlike CASE it takes NULL for equal to NULL.
    fn decode(mut self) -> Translated {
        self.count(3, 255)?;
        let pieces = self.all()?;
        let value = &pieces[0];
        if value.kind == Kind::Char {
            return self.refuse("DECODE of a CHAR is not converted: it counts the blanks that pad it");
        }
        let mut sql = String::from("CASE");
        let mut results = Vec::new();
        let mut rest = &pieces[1..];
        while let [search, result, more @ ..] = rest {
            let condition = match search {
                Piece { kind: Kind::Null, .. } => format!("{} IS NULL", value.operand()),
                _ => {
                    self.t.comparable(self.expr, value, search)?;
                    let equal = if search.nullable { "IS NOT DISTINCT FROM" } else { "=" };
                    format!("{} {equal} {}", value.operand(), search.operand())
                }
            };
            sql.push_str(&format!(" WHEN {condition} THEN {}", result.sql));
            results.push(result.clone());
            rest = more;
        }
        if results.first().is_some_and(|r| r.kind == Kind::Null) {
            return self.refuse("DECODE whose first result is NULL is not converted: its type is not that of the rest");
        }
        match rest {
            [otherwise] => {
                sql.push_str(&format!(" ELSE {}", otherwise.sql));
                results.push(otherwise.clone());
            }
            _ => results.push(Piece::atom("NULL", Kind::Null, true)),
        }
        sql.push_str(" END");
        let kind = self.t.unify(self.expr, &results)?;
        Ok(Piece::atom(sql, kind, results.iter().any(|r| r.nullable)))
    }

    fn upper_lower(mut self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        self.t.notes.insert(format!("{} treats letters beyond ASCII as the database's locale does", self.name));
        Ok(Piece::atom(format!("{}({})", self.name.to_ascii_lowercase(), text.sql), Kind::Text, text.nullable))
    }

    fn length(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.t.value(&self.arguments[0])?;
        if !matches!(piece.kind, Kind::Text | Kind::Clob) {
            return self.refuse(format!("LENGTH of {} is not converted", piece.kind.noun()));
        }
        Ok(Piece::atom(format!("length({})", piece.sql), Kind::Int, piece.nullable))
    }

    fn substr(mut self) -> Translated {
        self.count(2, 3)?;
        let text = self.text(0)?;
        let from = self.positive(1)?;
        let sql = match self.arguments.len() {
            2 => format!("substr({}, {from})", text.sql),
            _ => format!("substr({}, {from}, {})", text.sql, self.positive(2)?),
        };
        // Beyond the end it is '' in PostgreSQL, NULL in Oracle; the first character of a text is there.
        if from == 1 {
            return Ok(Piece::atom(sql, Kind::Text, text.nullable));
        }
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), Kind::Text, true))
    }

    fn trim(mut self) -> Translated {
        let function = match self.name {
            "TRIM" => "btrim",
            "LTRIM" => "ltrim",
            _ => "rtrim",
        };
        if self.name == "TRIM" {
            self.count(1, 1)?
        } else {
            self.count(1, 2)?
        }
        let text = self.text(0)?;
        let set = if self.arguments.len() == 2 { format!(", {}", self.text_literal(1)?) } else { String::new() };
        Ok(Piece::atom(format!("NULLIF({function}({}{set}), '')", text.sql), Kind::Text, true))
    }

    fn instr(mut self) -> Translated {
        self.count(2, 2)?;
        let text = self.text(0)?;
        let part = self.text_literal(1)?;
        Ok(Piece::atom(format!("strpos({}, {part})", text.sql), Kind::Int, text.nullable))
    }

    fn replace(mut self) -> Translated {
        self.count(3, 3)?;
        let text = self.text(0)?;
        let (from, to) = (self.text_literal(1)?, self.text_literal(2)?);
        Ok(Piece::atom(format!("replace({}, {from}, {to})", text.sql), Kind::Text, text.nullable))
    }

    fn concat(mut self) -> Translated {
        self.count(2, 2)?;
        let pieces = self.all()?;
        let parts: Vec<(&Expr, Piece)> = self.arguments.iter().zip(pieces).collect();
        self.t.concat(&parts)
    }

    fn exact_number(&mut self, position: usize) -> Translated {
        let arguments = self.arguments;
        let piece = self.t.value(&arguments[position])?;
        if piece.kind.is_exact_number() {
            Ok(piece)
        } else {
            self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()))
        }
    }

    fn of_one_number(mut self) -> Translated {
        self.count(1, 1)?;
        let number = self.exact_number(0)?;
        // Without the cast the integers would become double precision here.
        let sql = format!("{}({})", self.name.to_ascii_lowercase(), number.numeric());
        Ok(Piece::atom(sql, Kind::Numeric, number.nullable))
    }

    fn modulo(mut self) -> Translated {
        self.count(2, 2)?;
        let number = self.exact_number(0)?;
        let by = self.positive(1)?;
        Ok(Piece::atom(format!("mod({}, {by})", number.numeric()), Kind::Numeric, number.nullable))
    }

    fn round_trunc(mut self) -> Translated {
        self.count(1, 2)?;
        let piece = self.t.value(&self.arguments[0])?;
        if self.name == "TRUNC" && self.arguments.len() == 1 && matches!(piece.kind, Kind::Date | Kind::Timestamp) {
            return Ok(Piece::atom(format!("date_trunc('day', {})", piece.sql), Kind::Date, piece.nullable));
        }
        let number = self.exact_number(0)?;
        let function = self.name.to_ascii_lowercase();
        let sql = match self.arguments.get(1).map(|a| &a.node) {
            None => format!("{function}({})", number.numeric()),
            Some(Node::Number(text)) if text.parse::<u8>().is_ok_and(|n| n <= 38) => {
                format!("{function}({}, {text})", number.numeric())
            }
            Some(_) => return self.refuse(format!("{} is converted to a whole number of digits only", self.name)),
        };
        Ok(Piece::atom(sql, Kind::Numeric, number.nullable))
    }

    /// Oracle gives NULL where one argument is NULL, PostgreSQL where all are.
    fn greatest_least(mut self) -> Translated {
        self.count(2, 100)?;
        let pieces = self.all()?;
        let kind = self.t.unify(self.expr, &pieces)?;
        if pieces.iter().any(|p| p.nullable) {
            return self.refuse(format!("{} is converted for values only that cannot be NULL", self.name));
        }
        if !kind.is_exact_number() && !matches!(kind, Kind::Date | Kind::Timestamp) {
            return self.refuse(format!("{} is converted for numbers and dates only", self.name));
        }
        let sql = pieces.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(", ");
        Ok(Piece::atom(format!("{}({sql})", self.name), kind, false))
    }

    fn datetime(self) -> Translated {
        match self.arguments {
            [Expr { node: Node::Text(text), .. }, Expr { node: Node::Text(model), .. }] => {
                self.t.literal(self.expr, self.name, text, model)
            }
            _ => self.refuse(format!("{} is converted for literals with their format only", self.name)),
        }
    }

    fn hex(self) -> Translated {
        match self.arguments {
            [Expr { node: Node::Text(text), .. }] => self.t.literal(self.expr, self.name, text, ""),
            _ => self.refuse("HEXTORAW is converted for literals only"),
        }
    }

    fn guid(self) -> Translated {
        self.count(0, 0)?;
        if self.t.place.immutable {
            return self.refuse("SYS_GUID changes and cannot stand here");
        }
        Ok(Piece::atom(super::NEW_GUID, Kind::Raw, false))
    }

    fn aggregate(self, distinct: bool) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 1)?;
        // An aggregate within an aggregate is another thing altogether.
        let outer = std::mem::replace(&mut self.t.place.aggregates, false);
        let piece = self.t.value(&self.arguments[0]);
        self.t.place.aggregates = outer;
        let piece = piece?;
        let distinct = if distinct { "DISTINCT " } else { "" };
        let function = self.name.to_ascii_lowercase();
        match (self.name, &piece.kind) {
            ("COUNT", Kind::Clob | Kind::Other(_)) => self.refuse(format!("COUNT of {}", piece.kind.noun())),
            ("COUNT", _) => Ok(Piece::atom(format!("count({distinct}{})", piece.sql), Kind::Int, false)),
            ("SUM", kind) if kind.is_exact_number() => {
                Ok(Piece::atom(format!("sum({distinct}{})", piece.numeric()), Kind::Numeric, true))
            }
            ("MIN" | "MAX", Kind::Text) => {
                Ok(Piece::new(format!("{function}({})", collated(&piece, true)), Kind::Text, true, Shape::Atom))
            }
            ("MIN" | "MAX", Kind::Int | Kind::Numeric | Kind::Date | Kind::Timestamp | Kind::TimestampTz) => {
                Ok(Piece::atom(format!("{function}({})", piece.sql), piece.kind.clone(), true))
            }
            (name, kind) => self.refuse(format!("{name} of {} is not converted", kind.noun())),
        }
    }
}
