//! The functions that are known to have a counterpart.

use super::{
    Refused,
    ast::{Argument, Bound, Call as CallNode, Expr, Node, Order, Window},
    compat::Helper,
    format,
    scope::Kind,
    translate::{Piece, Shape, Translated, Translator, collated, is_complete},
};
use crate::{ObjectPath, pg_literal};

pub(super) fn call(translator: &Translator<'_>, expr: &Expr, node: &CallNode) -> Translated {
    if let Some(piece) = constructor(translator, expr, node)? {
        return Ok(piece);
    }
    let [part] = node.name.as_slice() else {
        let name = node.name.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".");
        if let [schema, function] = node.name.as_slice()
            && !function.quoted
            && matches!((schema.name.as_str(), function.name.as_str()), ("SYS" | "STANDARD", _))
        {
            let inner = CallNode { name: vec![function.clone()], ..node.clone() };
            return call(translator, expr, &inner);
        }
        if matches!(name.as_str(), "DBMS_LOB.GETLENGTH" | "DBMS_LOB.SUBSTR" | "DBMS_LOB.INSTR") {
            return Call::new(translator, expr, node, &name).lob();
        }
        return translator.refuse(expr, format!("the function {name} is stored code, which is not converted yet"));
    };
    if part.quoted {
        return translator.refuse(expr, format!("the function {} is not known here", part.name));
    }
    Call::new(translator, expr, node, part.name.as_str()).any()
}

/// `type(attribute, …)`.
fn constructor(t: &Translator<'_>, expr: &Expr, node: &CallNode) -> Result<Option<Piece>, Refused> {
    let path = match node.name.as_slice() {
        [name] => ObjectPath::new(t.schema.clone(), name.name.clone()),
        [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
        _ => return Ok(None),
    };
    let path = t.rewriter.resolve_synonym(&path);
    let Some(object) = t.rewriter.object(&path) else { return Ok(None) };
    let values: Vec<String> =
        node.arguments.iter().map(|a| Ok(t.value(&a.value)?.sql)).collect::<Result<_, Refused>>()?;
    let kind = object.kind(&path);
    let sql = match kind {
        Kind::Collection(_) => format!("CAST(ARRAY[{}] AS {})", values.join(", "), object.target),
        _ if values.len() != object.attributes.len() => {
            return t.refuse(expr, format!("{path} has {} attributes", object.attributes.len()));
        }
        _ => format!("CAST(ROW({}) AS {})", values.join(", "), object.target),
    };
    Ok(Some(Piece::atom(sql, kind, false)))
}

#[derive(Clone, Copy)]
struct Call<'c> {
    t: &'c Translator<'c>,
    expr: &'c Expr,
    node: &'c CallNode,
    name: &'c str,
    arguments: &'c [Argument],
}

impl<'c> Call<'c> {
    fn new(t: &'c Translator<'c>, expr: &'c Expr, node: &'c CallNode, name: &'c str) -> Self {
        Call { t, expr, node, name, arguments: &node.arguments }
    }

    fn any(self) -> Translated {
        if self.node.keep.is_some() {
            return self.keep();
        }
        match self.name {
            "COUNT" | "SUM" | "MIN" | "MAX" | "AVG" | "STDDEV" | "STDDEV_POP" | "STDDEV_SAMP" | "VARIANCE"
            | "VAR_POP" | "VAR_SAMP" | "CORR" | "COVAR_POP" | "COVAR_SAMP" | "REGR_SLOPE" | "REGR_INTERCEPT"
            | "REGR_COUNT" | "REGR_R2" | "REGR_AVGX" | "REGR_AVGY" => return self.aggregate(),
            "LISTAGG" | "WM_CONCAT" | "XMLAGG" => return self.list_aggregate(),
            "MEDIAN" | "PERCENTILE_CONT" | "PERCENTILE_DISC" | "STATS_MODE" => return self.ordered_set(),
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "PERCENT_RANK" | "CUME_DIST" | "NTILE" | "LAG" | "LEAD"
            | "FIRST_VALUE" | "LAST_VALUE" | "NTH_VALUE" | "RATIO_TO_REPORT" => return self.analytic(),
            "GROUPING" | "GROUPING_ID" => return self.grouping(),
            _ => {}
        }
        if self.node.distinct {
            return self.refuse("DISTINCT is for aggregates");
        }
        if self.node.over.is_some() || !self.node.within.is_empty() {
            return self.refuse(format!("the analytic or ordered-set function {} is not converted", self.name));
        }
        match self.name {
            "NVL" | "COALESCE" => self.coalesce(),
            "NVL2" => self.nvl2(),
            "NULLIF" => self.nullif(),
            "DECODE" => self.decode(),
            "LNNVL" => self.lnnvl(),
            "UPPER" | "LOWER" | "INITCAP" => self.upper_lower(),
            "LENGTH" | "LENGTHC" | "LENGTHB" => self.length(),
            "SUBSTR" | "SUBSTRC" => self.substr(),
            "TRIM" | "LTRIM" | "RTRIM" => self.trim(),
            "INSTR" => self.instr(),
            "REPLACE" => self.replace(),
            "TRANSLATE" => self.translate(),
            "LPAD" | "RPAD" => self.pad(),
            "CONCAT" => self.concat(),
            "ASCII" => self.text_to("ascii", Kind::Int),
            "CHR" => self.chr(),
            "REGEXP_LIKE" => self.regexp_like(),
            "REGEXP_REPLACE" | "REGEXP_SUBSTR" | "REGEXP_INSTR" | "REGEXP_COUNT" => self.regexp(),
            "ABS" | "FLOOR" | "CEIL" | "SIGN" => self.of_one_number(),
            "SQRT" | "EXP" | "LN" | "POWER" | "LOG" | "SIN" | "COS" | "TAN" | "ASIN" | "ACOS" | "ATAN" | "ATAN2"
            | "SINH" | "COSH" | "TANH" => self.transcendental(),
            "MOD" => self.modulo(),
            "BITAND" => self.bitand(),
            "ROUND" | "TRUNC" => self.round_trunc(),
            "GREATEST" | "LEAST" => self.greatest_least(),
            "WIDTH_BUCKET" => self.width_bucket(),
            "TO_DATE" | "TO_TIMESTAMP" => self.datetime(),
            "TO_CHAR" | "TO_NCHAR" => self.to_char(),
            "TO_NUMBER" => self.to_number(),
            "TO_CLOB" | "TO_NCLOB" | "TO_LOB" => self.to_clob(),
            "ADD_MONTHS" | "MONTHS_BETWEEN" | "LAST_DAY" | "NEXT_DAY" => self.months(),
            "NUMTODSINTERVAL" | "NUMTOYMINTERVAL" => self.num_to_interval(),
            "SYS_GUID" => self.guid(),
            "SYS_CONTEXT" | "USERENV" => self.context(),
            "HEXTORAW" => self.hex(),
            "RAWTOHEX" => self.raw_to_hex(),
            "EMPTY_CLOB" if self.arguments.is_empty() => Ok(Piece::atom("''", Kind::Clob, false)),
            "EMPTY_BLOB" if self.arguments.is_empty() => Ok(Piece::atom("CAST('' AS bytea)", Kind::Raw, false)),
            "XMLELEMENT" | "XMLFOREST" | "XMLCONCAT" | "XMLCOMMENT" => self.xml_constructor(),
            "XMLTYPE" => self.xml_type(),
            "EXTRACTVALUE" => self.extract_value(),
            "JSON_VALUE" | "JSON_QUERY" | "JSON_EXISTS" => self.json_path(),
            "MAKE_REF" => self.make_ref(),
            "CARDINALITY" => self.cardinality(),
            "NANVL" | "DUMP" | "VSIZE" | "ORA_HASH" | "STANDARD_HASH" | "NLSSORT" | "NLS_UPPER" | "NLS_LOWER"
            | "REMAINDER" | "SOUNDEX" | "CONVERT" | "UNISTR" | "FROM_TZ" | "TZ_OFFSET" | "NEW_TIME" | "DEREF" | "REF"
            | "VALUE" | "JSON_OBJECT" | "JSON_ARRAY" | "JSON_OBJECTAGG" | "JSON_ARRAYAGG" | "EXISTSNODE" | "XMLQUERY"
            | "XMLSERIALIZE" | "XMLCAST" | "POWERMULTISET" | "COLLECT" | "CLUSTER_ID" | "PREDICTION" => {
                self.refuse(format!("the function {} is not known to mean the same in PostgreSQL", self.name))
            }
            other => self.refuse(format!(
                "the function {other} is not known to mean the same in PostgreSQL, or is stored code, which is not converted yet"
            )),
        }
    }

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

    fn piece(&self, position: usize) -> Translated {
        self.t.value(&self.arguments[position].value)
    }

    fn node(&self, position: usize) -> Option<&'c Node> {
        self.arguments.get(position).map(|a| &a.value.node)
    }

    fn all(&self) -> Result<Vec<Piece>, Refused> {
        self.arguments.iter().map(|a| self.t.value(&a.value)).collect()
    }

    fn text(&self, position: usize) -> Translated {
        let piece = self.piece(position)?;
        let immutable_number = self.t.place.immutable && piece.kind.is_number();
        if immutable_number && piece.literal.is_none() {
            return self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()));
        }
        self.t.as_text(&self.arguments[position].value, piece)
    }

    /// A string literal with something in it.
    fn text_literal(&self, position: usize) -> Option<&'c str> {
        match self.node(position) {
            Some(Node::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A text in a place where NULL and '' count alike in Oracle and PostgreSQL wants ''.
    fn maybe_empty(&self, position: usize) -> Result<String, Refused> {
        match self.text_literal(position) {
            Some(text) => Ok(pg_literal(text)),
            None => {
                let piece = self.text(position)?;
                Ok(if piece.nullable { format!("COALESCE({}, '')", piece.sql) } else { piece.sql })
            }
        }
    }

    fn positive(&self, position: usize) -> Option<u32> {
        match self.node(position) {
            Some(Node::Number(text)) if text.parse::<u32>().is_ok_and(|n| n > 0 && n < 1 << 30) => text.parse().ok(),
            _ => None,
        }
    }

    /// As an `integer` of PostgreSQL: Oracle cuts fractions off.
    fn integer(&self, position: usize) -> Translated {
        let piece = self.number(position)?;
        if piece.is_integer_literal()
            || piece.sql.strip_prefix('-').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        {
            return Ok(piece);
        }
        let sql = match piece.kind {
            Kind::Int => format!("CAST({} AS integer)", piece.sql),
            _ => format!("CAST(trunc({}) AS integer)", piece.sql),
        };
        Ok(Piece::atom(sql, Kind::Int, piece.nullable))
    }

    /// An exact number, or a text that is converted to one.
    fn number(&self, position: usize) -> Translated {
        let piece = self.piece(position)?;
        match piece.kind {
            Kind::Int | Kind::Numeric | Kind::Null => Ok(piece),
            Kind::Text | Kind::Char(_) => self.t.convert(&self.arguments[position].value, &piece, &Kind::Numeric),
            _ => self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun())),
        }
    }

    // --- NULL

    fn coalesce(self) -> Translated {
        if self.name == "NVL" {
            self.count(2, 2)?
        } else {
            self.count(2, 100)?
        }
        let pieces = self.all()?;
        if self.t.place.immutable {
            let texts = pieces.iter().filter(|p| matches!(p.kind, Kind::Text | Kind::Char(_))).count();
            let others = pieces.iter().filter(|p| p.kind != Kind::Null).count();
            if texts != 0 && texts != others {
                return self.refuse("values of several types as results of one expression are not converted");
            }
        }
        let nullable = pieces.iter().all(|p| p.nullable);
        let (pieces, kind) = self.t.unify(self.expr, pieces)?;
        let sql = pieces.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(", ");
        Ok(Piece::atom(format!("COALESCE({sql})"), kind, nullable))
    }

    fn nvl2(self) -> Translated {
        self.count(3, 3)?;
        let mut pieces = self.all()?;
        let test = pieces.remove(0);
        let (pieces, kind) = self.t.unify(self.expr, pieces)?;
        let sql = format!("CASE WHEN {} IS NOT NULL THEN {} ELSE {} END", test.operand(), pieces[0].sql, pieces[1].sql);
        Ok(Piece::atom(sql, kind, pieces.iter().any(|p| p.nullable)))
    }

    fn nullif(self) -> Translated {
        self.count(2, 2)?;
        let (l, r) = self.t.comparable(self.expr, &self.piece(0)?, &self.piece(1)?)?;
        if self.t.place.immutable && matches!(l.kind, Kind::Char(_)) {
            return self.refuse("NULLIF of a CHAR is not converted");
        }
        Ok(Piece::atom(format!("NULLIF({}, {})", l.sql, r.sql), l.kind, true))
    }

    /// Unlike CASE it takes NULL for equal to NULL.
    fn decode(self) -> Translated {
        self.count(3, 255)?;
        let pieces = self.all()?;
        let value = &pieces[0];
        if matches!(value.kind, Kind::Char(_)) && self.t.place.immutable {
            return self.refuse("DECODE of a CHAR is not converted: it counts the blanks that pad it");
        }
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        let mut rest = &pieces[1..];
        while let [search, result, more @ ..] = rest {
            conditions.push(match search {
                Piece { kind: Kind::Null, .. } => format!("{} IS NULL", value.operand()),
                _ => {
                    let (value, search) = self.t.comparable(self.expr, value, search)?;
                    let equal = if search.nullable { "IS NOT DISTINCT FROM" } else { "=" };
                    format!("{} {equal} {}", value.operand(), search.operand())
                }
            });
            results.push(result.clone());
            rest = more;
        }
        if results.first().is_some_and(|r| r.kind == Kind::Null) && self.t.place.immutable {
            return self.refuse("DECODE whose first result is NULL is not converted: its type is not that of the rest");
        }
        let has_else = !rest.is_empty();
        results.push(rest.first().cloned().unwrap_or_else(Piece::null));
        let (results, kind) = self.t.unify(self.expr, results)?;
        let mut sql = String::from("CASE");
        for (condition, result) in conditions.iter().zip(&results) {
            sql.push_str(&format!(" WHEN {condition} THEN {}", result.sql));
        }
        if has_else && let Some(last) = results.last() {
            sql.push_str(&format!(" ELSE {}", last.sql));
        }
        sql.push_str(" END");
        Ok(Piece::atom(sql, kind, results.iter().any(|r| r.nullable)))
    }

    fn lnnvl(self) -> Translated {
        self.count(1, 1)?;
        let condition = self.t.condition(&self.arguments[0].value)?;
        Ok(Piece::new(format!("({}) IS NOT TRUE", condition.sql), Kind::Condition, false, Shape::Predicate))
    }

    fn greatest_least(self) -> Translated {
        self.count(2, 100)?;
        let pieces = self.all()?;
        // Oracle gives NULL where one argument is NULL, PostgreSQL where all are.
        let nullable = pieces.iter().any(|p| p.nullable);
        if nullable && self.t.place.immutable {
            return self.refuse(format!("{} is converted for values only that cannot be NULL", self.name));
        }
        let nulls: Vec<String> =
            pieces.iter().filter(|p| p.nullable).map(|p| format!("{} IS NULL", p.operand())).collect();
        let (pieces, kind) = self.t.unify(self.expr, pieces)?;
        if !(kind.is_number() || kind.is_moment() || kind == Kind::Text) {
            return self.refuse(format!("{} is converted for numbers, texts and dates only", self.name));
        }
        let text = kind == Kind::Text;
        let sql = pieces.iter().map(|p| collated(p, text)).collect::<Vec<_>>();
        let sql = if text { sql } else { pieces.iter().map(|p| p.sql.clone()).collect() };
        let sql = format!("{}({})", self.name, sql.join(", "));
        if nulls.is_empty() {
            return Ok(Piece::atom(sql, kind, false));
        }
        Ok(Piece::atom(format!("CASE WHEN NOT ({}) THEN {sql} END", nulls.join(" OR ")), kind, true))
    }

    // --- Text

    fn upper_lower(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        self.t.note(format!("{} treats letters beyond ASCII as the database's locale does", self.name));
        Ok(Piece::atom(format!("{}({})", self.name.to_ascii_lowercase(), text.sql), text.kind, text.nullable))
    }

    fn text_to(self, function: &str, kind: Kind) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("{function}({})", text.sql), kind, text.nullable))
    }

    fn length(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        if piece.kind == Kind::Raw {
            return Ok(Piece::atom(format!("length({})", piece.sql), Kind::Int, piece.nullable));
        }
        if self.t.place.immutable && !piece.kind.is_text() {
            return self.refuse(format!("LENGTH of {} is not converted", piece.kind.noun()));
        }
        let piece = self.text(0)?;
        let function = if self.name == "LENGTHB" { "octet_length" } else { "length" };
        if self.name == "LENGTHB" {
            self.t.note("LENGTHB counts the bytes of UTF-8");
        }
        Ok(Piece::atom(format!("{function}({})", piece.sql), Kind::Int, piece.nullable))
    }

    fn substr(self) -> Translated {
        self.count(2, 3)?;
        let text = self.text(0)?;
        let literal = (self.positive(1), if self.arguments.len() == 3 { self.positive(2) } else { Some(1) });
        if let (Some(from), Some(count)) = literal {
            let sql = match self.arguments.len() {
                2 => format!("substr({}, {from})", text.sql),
                _ => format!("substr({}, {from}, {count})", text.sql),
            };
            // Beyond the end it is '' in PostgreSQL, NULL in Oracle; the first character of a text is there.
            if from == 1 {
                return Ok(Piece::atom(sql, text.kind, text.nullable));
            }
            return Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true));
        }
        let mut arguments = vec![text.sql, self.integer(1)?.sql];
        if self.arguments.len() == 3 {
            let length = self.integer(2)?;
            // No length is another thing than NULL for one.
            arguments.push(if length.nullable { format!("COALESCE({}, 0)", length.sql) } else { length.sql });
        }
        let sql = format!("{}({})", self.t.helper(Helper::Substr), arguments.join(", "));
        Ok(Piece::atom(sql, text.kind, true))
    }

    fn trim(self) -> Translated {
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
        let set = match self.arguments.len() {
            2 => format!(", {}", self.text(1)?.sql),
            _ => String::new(),
        };
        Ok(Piece::atom(format!("NULLIF({function}({}{set}), '')", text.sql), text.kind, true))
    }

    fn instr(self) -> Translated {
        self.count(2, 4)?;
        let text = self.text(0)?;
        if self.arguments.len() == 2
            && let Some(part) = self.text_literal(1)
        {
            return Ok(Piece::atom(format!("strpos({}, {})", text.sql, pg_literal(part)), Kind::Int, text.nullable));
        }
        let mut arguments = vec![text.sql, self.text(1)?.sql];
        for position in 2..self.arguments.len() {
            arguments.push(self.integer(position)?.sql);
        }
        Ok(Piece::atom(format!("{}({})", self.t.helper(Helper::Instr), arguments.join(", ")), Kind::Int, true))
    }

    fn replace(self) -> Translated {
        self.count(2, 3)?;
        let text = self.text(0)?;
        let from = self.maybe_empty(1)?;
        let to = if self.arguments.len() == 3 { self.maybe_empty(2)? } else { "''".to_owned() };
        let sql = format!("replace({}, {from}, {to})", text.sql);
        let kept = to != "''" && self.arguments.len() == 3 && self.text_literal(2).is_some();
        if kept {
            return Ok(Piece::atom(sql, text.kind, text.nullable));
        }
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true))
    }

    fn translate(self) -> Translated {
        if self.arguments.len() == 1 {
            return self.text(0);
        }
        self.count(3, 3)?;
        let (text, from, to) = (self.text(0)?, self.text(1)?, self.text(2)?);
        let sql = format!("NULLIF(translate({}, {}, {}), '')", text.sql, from.sql, to.sql);
        Ok(Piece::atom(sql, text.kind, true))
    }

    fn pad(self) -> Translated {
        self.count(2, 3)?;
        let (text, length) = (self.text(0)?, self.integer(1)?);
        let fill = if self.arguments.len() == 3 { format!(", {}", self.text(2)?.sql) } else { String::new() };
        let sql = format!("{}({}, {}{fill})", self.name.to_ascii_lowercase(), text.sql, length.sql);
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true))
    }

    fn concat(self) -> Translated {
        self.count(2, 2)?;
        let pieces = self.all()?;
        let parts: Vec<(&Expr, Piece)> = self.arguments.iter().map(|a| &a.value).zip(pieces).collect();
        self.t.concat(&parts)
    }

    fn chr(self) -> Translated {
        self.count(1, 1)?;
        let code = self.integer(0)?;
        Ok(Piece::atom(format!("chr({})", code.sql), Kind::Text, code.nullable))
    }

    /// Flags of regular expressions: Oracle's `.` takes no line end unless `n` says so, PostgreSQL's does.
    fn regexp_flags(&self, position: usize) -> Result<String, Refused> {
        let flags = match (self.node(position), self.arguments.len() > position) {
            (_, false) | (Some(Node::Null), _) => String::new(),
            (Some(Node::Text(flags)), _) => flags.to_ascii_lowercase(),
            _ => return self.refuse(format!("{} is converted with flags that are a literal only", self.name)),
        };
        let mut out = String::new();
        for flag in flags.chars() {
            match flag {
                'i' | 'c' | 'x' => out.push(flag),
                'm' => out.push('w'),
                'n' => {}
                _ => return self.refuse(format!("the flag {flag} of {} is not converted", self.name)),
            }
        }
        if !flags.contains('n') && !flags.contains('m') {
            out.push('p');
        }
        self.t.note("regular expressions are PostgreSQL's, which differ from Oracle's in rare forms");
        Ok(out)
    }

    fn regexp_like(self) -> Translated {
        self.count(2, 3)?;
        if self.t.place.immutable && self.text_literal(1).is_none() {
            return self.refuse("REGEXP_LIKE is converted with a literal pattern here only");
        }
        let (text, pattern) = (self.text(0)?, self.text(1)?);
        let flags = self.regexp_flags(2)?;
        // Within the pattern, because the operator takes no flags.
        let pattern = match self.text_literal(1) {
            Some(literal) => pg_literal(&format!("(?{flags}){literal}")),
            None => format!("('(?{flags})' || {})", pattern.operand()),
        };
        Ok(Piece::new(format!("{} ~ {pattern}", text.operand()), Kind::Condition, true, Shape::Predicate))
    }

    fn regexp(self) -> Translated {
        self.count(2, 6)?;
        let (text, pattern) = (self.text(0)?, self.text(1)?);
        let since_15 = self.t.rewriter.pg_version >= 15;
        let number = |position: usize, default: &str| -> Result<String, Refused> {
            if self.arguments.len() > position { Ok(self.integer(position)?.sql) } else { Ok(default.to_owned()) }
        };
        let plain = |from: usize| {
            (from..self.arguments.len()).all(|p| matches!(self.node(p), Some(Node::Number(n)) if n == "1"))
        };
        match self.name {
            "REGEXP_REPLACE" => {
                let to = if self.arguments.len() > 2 { self.maybe_empty(2)? } else { "''".to_owned() };
                let flags = self.regexp_flags(5)?;
                let (start, occurrence) = (number(3, "1")?, number(4, "0")?);
                let sql = if start == "1" && occurrence == "0" {
                    format!("regexp_replace({}, {}, {to}, {})", text.sql, pattern.sql, pg_literal(&format!("g{flags}")))
                } else if since_15 {
                    let flags = pg_literal(&flags);
                    format!("regexp_replace({}, {}, {to}, {start}, {occurrence}, {flags})", text.sql, pattern.sql)
                } else {
                    return self.refuse("REGEXP_REPLACE with a position is converted from PostgreSQL 15 on");
                };
                Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true))
            }
            "REGEXP_SUBSTR" => {
                if since_15 {
                    let flags = pg_literal(&self.regexp_flags(4)?);
                    let group =
                        if self.arguments.len() > 5 { format!(", {}", self.integer(5)?.sql) } else { String::new() };
                    let (start, occurrence) = (number(2, "1")?, number(3, "1")?);
                    let sql =
                        format!("regexp_substr({}, {}, {start}, {occurrence}, {flags}{group})", text.sql, pattern.sql);
                    return Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true));
                }
                if !plain(2) {
                    return self.refuse("REGEXP_SUBSTR with a position is converted from PostgreSQL 15 on");
                }
                let Some(literal) = self.text_literal(1) else {
                    return self.refuse("REGEXP_SUBSTR is converted with a literal pattern before PostgreSQL 15");
                };
                let flags = self.regexp_flags(4)?;
                let whole = pg_literal(&format!("(?{flags})({literal})"));
                Ok(Piece::atom(format!("NULLIF(substring({}, {whole}), '')", text.sql), text.kind, true))
            }
            _ if !since_15 => self.refuse(format!("{} is converted from PostgreSQL 15 on", self.name)),
            "REGEXP_COUNT" => {
                let flags = pg_literal(&self.regexp_flags(3)?);
                let sql = format!("regexp_count({}, {}, {}, {flags})", text.sql, pattern.sql, number(2, "1")?);
                Ok(Piece::atom(sql, Kind::Int, true))
            }
            _ => {
                let flags = pg_literal(&self.regexp_flags(5)?);
                let sql = format!(
                    "regexp_instr({}, {}, {}, {}, {}, {flags})",
                    text.sql,
                    pattern.sql,
                    number(2, "1")?,
                    number(3, "1")?,
                    number(4, "0")?
                );
                Ok(Piece::atom(sql, Kind::Int, true))
            }
        }
    }

    // --- Numbers

    fn of_one_number(self) -> Translated {
        self.count(1, 1)?;
        let number = self.number(0)?;
        // Without the cast the integers would become double precision here.
        let sql = format!("{}({})", self.name.to_ascii_lowercase(), number.numeric());
        Ok(Piece::atom(sql, Kind::Numeric, number.nullable))
    }

    fn transcendental(self) -> Translated {
        let two = matches!(self.name, "POWER" | "LOG" | "ATAN2");
        self.count(if two { 2 } else { 1 }, if two { 2 } else { 1 })?;
        if self.t.place.immutable {
            return self.refuse(format!("{} has other last digits in PostgreSQL", self.name));
        }
        self.t.note(format!("{} has other last digits in PostgreSQL", self.name));
        let pieces: Vec<Piece> = (0..self.arguments.len()).map(|p| self.piece(p)).collect::<Result<_, _>>()?;
        let nullable = pieces.iter().any(|p| p.nullable);
        let function = self.name.to_ascii_lowercase();
        if matches!(self.name, "SQRT" | "EXP" | "LN" | "POWER" | "LOG")
            && pieces.iter().all(|p| p.kind.is_exact_number())
        {
            let arguments: Vec<String> = pieces.iter().map(|p| format!("CAST({} AS numeric)", p.sql)).collect();
            return Ok(Piece::atom(format!("{function}({})", arguments.join(", ")), Kind::Numeric, nullable));
        }
        if !pieces.iter().all(|p| p.kind.is_number()) {
            return self.refuse(format!("{} is converted for numbers only", self.name));
        }
        let exact = pieces.iter().all(|p| p.kind.is_exact_number());
        let arguments: Vec<String> = pieces.iter().map(|p| format!("CAST({} AS double precision)", p.sql)).collect();
        let sql = format!("{function}({})", arguments.join(", "));
        if exact {
            return Ok(Piece::atom(format!("CAST({sql} AS numeric)"), Kind::Numeric, nullable));
        }
        Ok(Piece::atom(sql, Kind::Float, nullable))
    }

    fn modulo(self) -> Translated {
        self.count(2, 2)?;
        let number = self.number(0)?;
        if let Some(by) = self.positive(1) {
            return Ok(Piece::atom(format!("mod({}, {by})", number.numeric()), Kind::Numeric, number.nullable));
        }
        if self.t.place.immutable {
            return self.refuse("MOD is converted with whole numbers from 1 in this place only");
        }
        let by = self.number(1)?;
        // MOD(n, 0) is n in Oracle, an error in PostgreSQL.
        let sql = format!("COALESCE(mod({}, NULLIF({}, 0)), {})", number.numeric(), by.numeric(), number.numeric());
        let sql = if by.nullable { format!("CASE WHEN {} IS NOT NULL THEN {sql} END", by.operand()) } else { sql };
        Ok(Piece::atom(sql, Kind::Numeric, number.nullable || by.nullable))
    }

    fn bitand(self) -> Translated {
        self.count(2, 2)?;
        let (l, r) = (self.number(0)?, self.number(1)?);
        let sql = format!("(CAST({} AS bigint) & CAST({} AS bigint))", l.sql, r.sql);
        Ok(Piece::atom(sql, Kind::Int, l.nullable || r.nullable))
    }

    fn width_bucket(self) -> Translated {
        self.count(4, 4)?;
        let numbers: Vec<Piece> = (0..3).map(|p| self.number(p)).collect::<Result<_, _>>()?;
        let list: Vec<String> = numbers.iter().map(|n| format!("CAST({} AS numeric)", n.sql)).collect();
        let sql = format!("width_bucket({}, {})", list.join(", "), self.integer(3)?.sql);
        Ok(Piece::atom(sql, Kind::Int, numbers.iter().any(|n| n.nullable)))
    }

    fn round_trunc(self) -> Translated {
        self.count(1, 2)?;
        let piece = self.piece(0)?;
        if piece.kind.is_moment() {
            return self.round_trunc_date(&piece);
        }
        if piece.kind == Kind::Float && self.arguments.len() == 1 && !self.t.place.immutable {
            let function = self.name.to_ascii_lowercase();
            return Ok(Piece::atom(format!("{function}({})", piece.sql), Kind::Float, piece.nullable));
        }
        let number = match piece.kind {
            Kind::Float => Piece::atom(format!("CAST({} AS numeric)", piece.sql), Kind::Numeric, piece.nullable),
            _ => self.number(0)?,
        };
        let function = self.name.to_ascii_lowercase();
        let digits = match self.arguments.get(1) {
            None => String::new(),
            Some(_) => format!(", {}", self.integer(1)?.sql),
        };
        Ok(Piece::atom(format!("{function}({}{digits})", number.numeric()), Kind::Numeric, number.nullable))
    }

    fn round_trunc_date(self, piece: &Piece) -> Translated {
        let model = match self.node(1) {
            None => "DD".to_owned(),
            Some(Node::Text(model)) => model.to_ascii_uppercase(),
            Some(_) => return self.refuse(format!("{} of a date is converted with a literal format only", self.name)),
        };
        let unit = match model.as_str() {
            "DD" | "DDD" | "J" => "day",
            "MM" | "MON" | "MONTH" | "RM" => "month",
            "YYYY" | "YEAR" | "YYY" | "YY" | "Y" | "SYYYY" | "SYEAR" => "year",
            "Q" => "quarter",
            "IW" => "week",
            "HH" | "HH12" | "HH24" => "hour",
            "MI" => "minute",
            "CC" | "SCC" => "century",
            other => return self.refuse(format!("{} of a date to {other} is not converted", self.name)),
        };
        let date = match piece.kind {
            Kind::TimestampTz if self.t.place.immutable => {
                return self.refuse("this depends on the session's zone");
            }
            Kind::TimestampTz => format!("CAST({} AS timestamp)", piece.sql),
            _ => piece.sql.clone(),
        };
        let sql = match (self.name, unit) {
            ("TRUNC", _) => format!("date_trunc('{unit}', {date})"),
            ("ROUND", "day") => format!("date_trunc('day', {date} + INTERVAL '12 hours')"),
            ("ROUND", "hour") => format!("date_trunc('hour', {date} + INTERVAL '30 minutes')"),
            ("ROUND", "minute") => format!("date_trunc('minute', {date} + INTERVAL '30 seconds')"),
            // From the sixteenth of a month, and from the first of July.
            ("ROUND", "month") => format!("date_trunc('month', {date} + INTERVAL '16 days')"),
            ("ROUND", "year") => format!("date_trunc('year', {date} + INTERVAL '6 months')"),
            (name, unit) => return self.refuse(format!("{name} of a date to the {unit} is not converted")),
        };
        if (self.name, unit) == ("ROUND", "month") {
            // In February the sixteenth and 16 days more is March in any case, in the others it is not before.
            let sql = format!(
                "CASE WHEN EXTRACT(DAY FROM {date}) >= 16 THEN date_trunc('month', {date}) + INTERVAL '1 month' ELSE date_trunc('month', {date}) END"
            );
            return Ok(Piece::atom(sql, Kind::Date, piece.nullable));
        }
        Ok(Piece::atom(sql, Kind::Date, piece.nullable))
    }

    // --- Conversions

    fn datetime(self) -> Translated {
        // DBMS_METADATA names the calendar.
        let gregorian = match self.node(2) {
            None => true,
            Some(Node::Text(nls)) => nls.eq_ignore_ascii_case("NLS_CALENDAR=GREGORIAN"),
            Some(_) => false,
        };
        if let (Some(Node::Text(text)), Some(Node::Text(model)), true) = (self.node(0), self.node(1), gregorian) {
            if is_complete(model) || self.t.place.immutable || self.t.place.default {
                return self.t.literal(self.expr, self.name, text, model);
            }
        } else if self.t.place.immutable {
            return self.refuse(format!("{} is converted for literals with their format only", self.name));
        }
        self.count(1, if gregorian { 3 } else { 2 })?;
        let piece = self.piece(0)?;
        if piece.kind.is_moment() {
            // To text by the session's format and back: the same moment where that format has all of it.
            return self.refuse(format!("{} of {} depends on the session", self.name, piece.kind.noun()));
        }
        let Some(model) = self.text_literal(1) else {
            return self.refuse(format!("{} is converted with a format that is a literal only", self.name));
        };
        let upper = model.to_ascii_uppercase();
        let whole = (upper.contains("YYYY") || upper.contains("RRRR"))
            && ((upper.contains("MM") || upper.contains("MON")) && upper.contains("DD") || upper.contains("DDD"));
        if !whole {
            return self.refuse(format!("{} with a format that has no whole date depends on the day", self.name));
        }
        let model = format::datetime(model, true).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        if upper.contains("MON") || upper.contains("DAY") || upper.contains("DY") {
            self.t.note("names of months and days are English, whatever the session says");
        }
        let text = self.text(0)?;
        let (to, kind) =
            if self.name == "TO_DATE" { ("timestamp(0)", Kind::Date) } else { ("timestamp", Kind::Timestamp) };
        let sql = format!("CAST(to_timestamp({}, {}) AS {to})", text.sql, pg_literal(&model));
        Ok(Piece::atom(sql, kind, text.nullable))
    }

    fn to_char(self) -> Translated {
        self.count(1, 3)?;
        let piece = self.piece(0)?;
        let model = match self.arguments.len() {
            1 => None,
            _ => match self.text_literal(1) {
                Some(model) => Some(model),
                None => return self.refuse("TO_CHAR is converted with a format that is a literal only"),
            },
        };
        if self.t.place.immutable && !piece.kind.is_moment() {
            return self.refuse("TO_CHAR of this is not converted here");
        }
        match (&piece.kind, model) {
            (Kind::Text | Kind::Clob | Kind::Char(_) | Kind::Int | Kind::Numeric, None) => {
                self.t.as_text(&self.arguments[0].value, piece)
            }
            (kind, Some(model)) if kind.is_moment() => {
                let model =
                    format::datetime(model, false).or_else(|what| self.refuse(format!("{what} is not converted")))?;
                let upper = model.to_ascii_uppercase();
                if upper.contains("MON") || upper.contains("DAY") || upper.contains("DY") {
                    self.t.note("names of months and days are English, whatever the session says");
                }
                let function = if !self.t.place.immutable {
                    "to_char".to_owned()
                } else if *kind == Kind::TimestampTz {
                    return self.refuse("this depends on the session's zone");
                } else {
                    self.t.helper(Helper::DateText)
                };
                Ok(Piece::atom(
                    format!("{function}({}, {})", piece.sql, pg_literal(&model)),
                    Kind::Text,
                    piece.nullable,
                ))
            }
            (kind, None) if kind.is_moment() => {
                self.refuse(format!("TO_CHAR of {} without a format depends on the session", kind.noun()))
            }
            (kind, Some(model)) if kind.is_number() => {
                let model = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
                Ok(Piece::atom(format!("to_char({}, {})", piece.sql, pg_literal(&model)), Kind::Text, piece.nullable))
            }
            (Kind::Text | Kind::Char(_), Some(model)) => {
                let number = self.t.convert(self.expr, &piece, &Kind::Numeric)?;
                let model = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
                Ok(Piece::atom(format!("to_char({}, {})", number.sql, pg_literal(&model)), Kind::Text, piece.nullable))
            }
            (kind, _) => self.refuse(format!("TO_CHAR of {} is not converted", kind.noun())),
        }
    }

    fn to_number(self) -> Translated {
        self.count(1, 2)?;
        let piece = self.piece(0)?;
        if piece.kind.is_exact_number() {
            return Ok(piece);
        }
        if self.arguments.len() == 1 {
            return self.t.convert(self.expr, &piece, &Kind::Numeric);
        }
        let Some(model) = self.text_literal(1) else {
            return self.refuse("TO_NUMBER is converted with a format that is a literal only");
        };
        let model = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("to_number({}, {})", text.sql, pg_literal(&model)), Kind::Numeric, text.nullable))
    }

    fn to_clob(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece { kind: Kind::Clob, ..text })
    }

    fn months(self) -> Translated {
        let date = |position: usize| -> Translated {
            let piece = self.piece(position)?;
            if !piece.kind.is_moment() {
                return self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()));
            }
            if piece.kind == Kind::TimestampTz && self.t.place.immutable {
                return self.refuse("this depends on the session's zone");
            }
            Ok(self.t.dated(&piece))
        };
        match self.name {
            "ADD_MONTHS" => {
                self.count(2, 2)?;
                let (date, months) = (date(0)?, self.integer(1)?);
                let sql = format!("{}({}, {})", self.t.helper(Helper::AddMonths), date.sql, months.sql);
                Ok(Piece::atom(sql, Kind::Date, date.nullable || months.nullable))
            }
            "MONTHS_BETWEEN" => {
                self.count(2, 2)?;
                let (later, earlier) = (date(0)?, date(1)?);
                let sql = format!("{}({}, {})", self.t.helper(Helper::MonthsBetween), later.sql, earlier.sql);
                Ok(Piece::atom(sql, Kind::Numeric, later.nullable || earlier.nullable))
            }
            "LAST_DAY" => {
                self.count(1, 1)?;
                let date = date(0)?;
                Ok(Piece::atom(format!("{}({})", self.t.helper(Helper::LastDay), date.sql), Kind::Date, date.nullable))
            }
            _ => {
                self.count(2, 2)?;
                let Some(day) = self.text_literal(1) else {
                    return self.refuse("NEXT_DAY is converted with the name of a day that is a literal only");
                };
                self.t.note("names of days are English, whatever the session says");
                let date = date(0)?;
                let sql = format!("{}({}, {})", self.t.helper(Helper::NextDay), date.sql, pg_literal(day));
                Ok(Piece::atom(sql, Kind::Date, date.nullable))
            }
        }
    }

    fn num_to_interval(self) -> Translated {
        self.count(2, 2)?;
        let number = self.number(0)?;
        let unit = self.text_literal(1).map(str::to_ascii_uppercase).unwrap_or_default();
        let (unit, kind) = match unit.as_str() {
            "DAY" => ("1 day", Kind::IntervalDs),
            "HOUR" => ("1 hour", Kind::IntervalDs),
            "MINUTE" => ("1 minute", Kind::IntervalDs),
            "SECOND" => ("1 second", Kind::IntervalDs),
            "MONTH" => ("1 month", Kind::IntervalYm),
            "YEAR" => ("1 year", Kind::IntervalYm),
            _ => return self.refuse(format!("{} is converted with a literal unit only", self.name)),
        };
        Ok(Piece::new(format!("{} * INTERVAL '{unit}'", number.operand()), kind, number.nullable, Shape::Operator))
    }

    // --- Session

    fn guid(self) -> Translated {
        self.count(0, 0)?;
        if self.t.place.immutable {
            return self.refuse("SYS_GUID changes and cannot stand here");
        }
        Ok(Piece::atom(super::NEW_GUID, Kind::Raw, false))
    }

    fn context(self) -> Translated {
        if self.t.place.immutable {
            return self.refuse(format!("{} changes and cannot stand here", self.name));
        }
        let (namespace, parameter) = if self.name == "USERENV" {
            (Some("USERENV"), self.text_literal(0))
        } else {
            (self.text_literal(0), self.text_literal(1))
        };
        let (Some(namespace), Some(parameter)) = (namespace, parameter) else {
            return self.refuse(format!("{} is converted with literals only", self.name));
        };
        let parameter = parameter.to_ascii_uppercase();
        if !namespace.eq_ignore_ascii_case("USERENV") {
            let setting = format!("{}.{}", namespace.to_ascii_lowercase(), parameter.to_ascii_lowercase());
            self.t.note(format!("the context attribute is the setting {setting}: set it with set_config"));
            let sql = format!("NULLIF(current_setting({}, true), '')", pg_literal(&setting));
            return Ok(Piece::atom(sql, Kind::Text, true));
        }
        let sql = match parameter.as_str() {
            "SESSION_USER" => "CAST(SESSION_USER AS text)",
            "CURRENT_USER" => "CAST(CURRENT_USER AS text)",
            "CURRENT_SCHEMA" => "CAST(current_schema() AS text)",
            "DB_NAME" | "CON_NAME" | "PDB_NAME" => "CAST(current_database() AS text)",
            "IP_ADDRESS" => "host(inet_client_addr())",
            "SESSIONID" | "SID" => "CAST(pg_backend_pid() AS text)",
            "MODULE" | "CLIENT_PROGRAM_NAME" => "current_setting('application_name')",
            "CLIENT_IDENTIFIER" | "CLIENT_INFO" | "ACTION" => {
                let setting = format!("oracle_compat.{}", parameter.to_ascii_lowercase());
                self.t.note(format!("{parameter} is the setting {setting}: set it with set_config"));
                let sql = format!("NULLIF(current_setting({}, true), '')", pg_literal(&setting));
                return Ok(Piece::atom(sql, Kind::Text, true));
            }
            other => return self.refuse(format!("SYS_CONTEXT of {other} has no counterpart")),
        };
        self.t.note(format!("SYS_CONTEXT of {parameter} gives what PostgreSQL has for it"));
        Ok(Piece::atom(sql, Kind::Text, true))
    }

    // --- RAW, LOBs, XML, JSON, objects

    fn hex(self) -> Translated {
        self.count(1, 1)?;
        if let Some(text) = self.text_literal(0) {
            return self.t.literal(self.expr, self.name, text, "");
        }
        if self.t.place.immutable {
            return self.refuse("HEXTORAW is converted for literals only");
        }
        let text = self.text(0)?;
        Ok(Piece::atom(format!("decode({}, 'hex')", text.sql), Kind::Raw, text.nullable))
    }

    fn raw_to_hex(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        if piece.kind != Kind::Raw {
            return self.refuse(format!("RAWTOHEX of {} is not converted", piece.kind.noun()));
        }
        Ok(Piece::atom(format!("upper(encode({}, 'hex'))", piece.sql), Kind::Text, piece.nullable))
    }

    fn lob(self) -> Translated {
        self.count(1, 4)?;
        let lob = self.piece(0)?;
        if !matches!(lob.kind, Kind::Clob | Kind::Text | Kind::Raw) {
            return self.refuse(format!("{} of {} is not converted", self.name, lob.kind.noun()));
        }
        match self.name {
            "DBMS_LOB.GETLENGTH" => Ok(Piece::atom(format!("length({})", lob.sql), Kind::Int, lob.nullable)),
            "DBMS_LOB.SUBSTR" => {
                let amount = if self.arguments.len() > 1 { self.integer(1)?.sql } else { "32767".to_owned() };
                let offset = if self.arguments.len() > 2 { self.integer(2)?.sql } else { "1".to_owned() };
                let kind = if lob.kind == Kind::Raw { Kind::Raw } else { Kind::Text };
                Ok(Piece::atom(format!("NULLIF(substr({}, {offset}, {amount}), '')", lob.sql), kind, true))
            }
            _ if lob.kind != Kind::Raw => self.instr(),
            _ => self.refuse("DBMS_LOB.INSTR of a BLOB is not converted"),
        }
    }

    fn xml_name(&self, argument: &Argument) -> Option<String> {
        match (&argument.alias, &argument.value.node) {
            (Some(alias), _) => Some(alias.as_str().to_owned()),
            (None, Node::Name(parts)) => parts.last().map(|p| p.name.as_str().to_owned()),
            _ => None,
        }
    }

    fn xml_list(&self, arguments: &[Argument]) -> Result<String, Refused> {
        let mut sql = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.t.value(&argument.value)?;
            let Some(name) = self.xml_name(argument) else {
                return self.refuse("an expression in XML needs a name (AS) here");
            };
            sql.push(format!("{} AS {}", value.sql, crate::ident::quoted(&name)));
        }
        Ok(sql.join(", "))
    }

    fn xml_constructor(self) -> Translated {
        let list = match self.name {
            "XMLFOREST" => format!("xmlforest({})", self.xml_list(self.arguments)?),
            "XMLCONCAT" => {
                let all: Vec<String> = self.all()?.into_iter().map(|p| p.sql).collect();
                format!("xmlconcat({})", all.join(", "))
            }
            "XMLCOMMENT" => format!("xmlcomment({})", self.text(0)?.sql),
            _ => {
                let Some((first, rest)) = self.arguments.split_first() else {
                    return self.refuse("XMLELEMENT needs a name");
                };
                let Node::Name(parts) = &first.value.node else {
                    return self.refuse("XMLELEMENT is converted with a literal name only");
                };
                let [name] = parts.as_slice() else {
                    return self.refuse("XMLELEMENT is converted with a simple name only");
                };
                let mut sql = format!("xmlelement(name {}", crate::ident::quoted(name.name.as_str()));
                for argument in rest {
                    if let Node::Call(call) = &argument.value.node
                        && matches!(call.name.as_slice(), [part] if part.name.as_str() == "XMLATTRIBUTES")
                    {
                        sql.push_str(&format!(", xmlattributes({})", self.xml_list(&call.arguments)?));
                    } else {
                        sql.push_str(&format!(", {}", self.t.value(&argument.value)?.sql));
                    }
                }
                sql.push(')');
                sql
            }
        };
        self.t.note("dates and numbers in XML are written as PostgreSQL writes them");
        Ok(Piece::atom(list, Kind::Xml, false))
    }

    fn xml_type(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        match piece.kind {
            Kind::Xml => Ok(piece),
            Kind::Text | Kind::Clob => {
                Ok(Piece::atom(format!("xmlparse(DOCUMENT {})", piece.sql), Kind::Xml, piece.nullable))
            }
            _ => self.refuse(format!("XMLTYPE of {} is not converted", piece.kind.noun())),
        }
    }

    fn extract_value(self) -> Translated {
        self.count(2, 2)?;
        let piece = self.piece(0)?;
        let Some(path) = self.text_literal(1) else {
            return self.refuse("EXTRACTVALUE is converted with a literal path only");
        };
        if piece.kind != Kind::Xml {
            return self.refuse(format!("EXTRACTVALUE of {} is not converted", piece.kind.noun()));
        }
        let sql = format!("CAST((xpath({}, {}))[1] AS text)", pg_literal(&format!("string({path})")), piece.sql);
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), Kind::Text, true))
    }

    /// The first argument as `jsonb`.
    pub(super) fn document(t: &Translator<'_>, at: &Expr, piece: &Piece) -> Result<String, Refused> {
        Ok(match piece.kind {
            Kind::Json => piece.sql.clone(),
            Kind::Text | Kind::Clob => format!("CAST({} AS jsonb)", piece.sql),
            Kind::Raw => format!("CAST(convert_from({}, 'UTF8') AS jsonb)", piece.sql),
            _ => return t.refuse(at, format!("JSON out of {} is not converted", piece.kind.noun())),
        })
    }

    fn json_path(self) -> Translated {
        self.count(1, 2)?;
        let at = &self.arguments[0].value;
        let document = Self::document(self.t, at, &self.piece(0)?)?;
        let path = match self.arguments.len() {
            1 => "$",
            _ => match self.text_literal(1) {
                Some(path) => path,
                None => return self.refuse(format!("{} is converted with a literal path only", self.name)),
            },
        };
        let path = pg_literal(&json_path(path));
        self.t.note("a text that is no JSON is an error, where Oracle may give NULL");
        match self.name {
            "JSON_EXISTS" => Ok(Piece::atom(format!("jsonb_path_exists({document}, {path})"), Kind::Condition, true)),
            "JSON_QUERY" => {
                let sql = format!("CAST(jsonb_path_query_first({document}, {path}) AS text)");
                Ok(Piece::atom(sql, Kind::Text, true))
            }
            _ => {
                let text = format!("(jsonb_path_query_first({document}, {path}) #>> '{{}}')");
                match &self.node.returning {
                    None => Ok(Piece::atom(text, Kind::Text, true)),
                    Some(to) => {
                        let (pg_type, kind) = self.t.target_type(self.expr, to)?;
                        let sql = match kind {
                            Kind::Text => text,
                            _ => format!("CAST({text} AS {pg_type})"),
                        };
                        Ok(Piece::atom(sql, kind, true))
                    }
                }
            }
        }
    }

    /// A reference by primary key: the key itself, as a text.
    fn make_ref(self) -> Translated {
        self.count(2, 2)?;
        let key = self.t.as_text(&self.arguments[1].value, self.piece(1)?)?;
        self.t.note("a REF is the key of the object that it refers to, as a text");
        Ok(Piece { kind: Kind::Text, ..key })
    }

    fn cardinality(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        match piece.kind {
            Kind::Collection(_) => Ok(Piece::atom(format!("cardinality({})", piece.sql), Kind::Int, piece.nullable)),
            _ => self.refuse(format!("CARDINALITY of {} is not converted", piece.kind.noun())),
        }
    }

    // --- Aggregates and analytic functions

    /// The argument of an aggregate, in which no other aggregate can stand; in a window it can.
    fn inner(&self, position: usize) -> Translated {
        self.t.value(&self.arguments[position].value)
    }

    fn window(&self) -> Result<String, Refused> {
        match &self.node.over {
            Some(window) => self.t.window(self.expr, window),
            None => Ok(String::new()),
        }
    }

    fn aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        let two = self.name.starts_with("CO") && self.name != "COUNT" || self.name.starts_with("REGR");
        self.count(if two { 2 } else { 1 }, if two { 2 } else { 1 })?;
        let window = self.window()?;
        let piece = self.inner(0)?;
        let piece = match (self.name, &piece.kind) {
            ("COUNT" | "MIN" | "MAX", _) => piece,
            (_, Kind::Text | Kind::Char(_)) => self.t.convert(self.expr, &piece, &Kind::Numeric)?,
            _ => piece,
        };
        let distinct = if self.node.distinct { "DISTINCT " } else { "" };
        let function = self.name.to_ascii_lowercase();
        let atom = |sql: String, kind: Kind, nullable: bool| Ok(Piece::atom(format!("{sql}{window}"), kind, nullable));
        match (self.name, &piece.kind) {
            ("COUNT", Kind::Xml | Kind::Other(_)) if self.node.distinct => {
                self.refuse(format!("COUNT of different ones of {} is not converted", piece.kind.noun()))
            }
            ("COUNT", _) => atom(format!("count({distinct}{})", piece.sql), Kind::Int, false),
            ("SUM" | "AVG", Kind::Float) => atom(format!("{function}({distinct}{})", piece.sql), Kind::Float, true),
            ("SUM", kind) if kind.is_exact_number() => {
                atom(format!("sum({distinct}{})", piece.numeric()), Kind::Numeric, true)
            }
            ("AVG", kind) if kind.is_exact_number() => {
                self.t.note("an average has as many digits as PostgreSQL's numeric gives it, at least 16, where Oracle has up to 40");
                atom(format!("avg({distinct}{})", piece.numeric()), Kind::Numeric, true)
            }
            ("SUM" | "AVG", Kind::Null) => atom(format!("{function}(CAST(NULL AS numeric))"), Kind::Numeric, true),
            ("MIN" | "MAX", Kind::Text | Kind::Clob | Kind::Char(_)) => {
                atom(format!("{function}({})", collated(&piece, true)), piece.kind.clone(), true)
            }
            ("MIN" | "MAX", kind)
                if kind.is_number() || kind.is_moment() || matches!(kind, Kind::IntervalDs | Kind::IntervalYm) =>
            {
                atom(format!("{function}({})", piece.sql), piece.kind.clone(), true)
            }
            (name, kind) if kind.is_number() && !matches!(name, "MIN" | "MAX") => {
                self.t.note(format!("{name} has other last digits in PostgreSQL"));
                if two {
                    let other = self.inner(1)?;
                    if !other.kind.is_number() {
                        return self.refuse(format!("{name} of {} is not converted", other.kind.noun()));
                    }
                    let sql = format!(
                        "{function}(CAST({} AS double precision), CAST({} AS double precision))",
                        piece.sql, other.sql
                    );
                    return atom(sql, Kind::Float, true);
                }
                // Of one row Oracle's STDDEV and VARIANCE are 0, those of PostgreSQL NULL.
                let numeric = piece.numeric();
                if matches!(name, "STDDEV" | "VARIANCE") {
                    let function = if name == "STDDEV" { "stddev_samp" } else { "var_samp" };
                    let sql = format!(
                        "CASE WHEN count({distinct}{}){window} = 1 THEN 0 ELSE {function}({distinct}{numeric}){window} END",
                        piece.sql
                    );
                    return Ok(Piece::atom(sql, Kind::Numeric, true));
                }
                atom(format!("{function}({distinct}{numeric})"), Kind::Numeric, true)
            }
            (name, kind) => self.refuse(format!("{name} of {} is not converted", kind.noun())),
        }
    }

    fn list_aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 2)?;
        let order = self.t.order(&self.node.within)?;
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        if self.name == "XMLAGG" {
            let piece = self.inner(0)?;
            return Ok(Piece::atom(format!("xmlagg({}{order}){}", piece.sql, self.window()?), Kind::Xml, true));
        }
        let text = self.t.as_text(&self.arguments[0].value, self.inner(0)?)?;
        let separator = match (self.name, self.arguments.len()) {
            ("WM_CONCAT", _) => "','".to_owned(),
            (_, 2) => self.maybe_empty(1)?,
            _ => "''".to_owned(),
        };
        if self.name == "LISTAGG" {
            self.t.note("LISTAGG has no limit of length in PostgreSQL: nothing overflows");
        }
        let distinct = if self.node.distinct { "DISTINCT " } else { "" };
        match &self.node.over {
            None if self.node.distinct && !self.node.within.is_empty() => {
                // PostgreSQL orders DISTINCT values by themselves only.
                let same =
                    self.node.within.len() == 1 && self.t.value(&self.node.within[0].value)?.sql == self.inner(0)?.sql;
                if !same {
                    return self.refuse("LISTAGG(DISTINCT) in another order than that of its values is not converted");
                }
                let direction = if self.node.within[0].descending { " DESC" } else { "" };
                let sql = format!(
                    "string_agg(DISTINCT {}, {separator} ORDER BY {}{direction})",
                    collated(&text, true),
                    collated(&text, true)
                );
                Ok(Piece::atom(sql, Kind::Text, true))
            }
            None => {
                Ok(Piece::atom(format!("string_agg({distinct}{}, {separator}{order})", text.sql), Kind::Text, true))
            }
            Some(_) if self.node.distinct => self.refuse("LISTAGG(DISTINCT) OVER is not converted"),
            Some(window) => {
                let window = Window {
                    partition: window.partition.clone(),
                    order: self.node.within.clone(),
                    frame: Some(super::ast::Frame {
                        unit: "ROWS".to_owned(),
                        from: Bound::UnboundedPreceding,
                        to: Some(Bound::UnboundedFollowing),
                    }),
                };
                let over = self.t.window(self.expr, &window)?;
                Ok(Piece::atom(format!("string_agg({}, {separator}){over}", text.sql), Kind::Text, true))
            }
        }
    }

    fn ordered_set(self) -> Translated {
        self.t.aggregate(self.expr)?;
        if self.node.over.is_some() {
            return self.refuse(format!("{} OVER is not converted", self.name));
        }
        self.count(1, 1)?;
        let piece = self.inner(0)?;
        match self.name {
            "STATS_MODE" => {
                let sql = format!("mode() WITHIN GROUP (ORDER BY {})", piece.sql);
                Ok(Piece::atom(sql, piece.kind, true))
            }
            "MEDIAN" if piece.kind.is_exact_number() => {
                let sql = format!(
                    "CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST({} AS double precision)) AS numeric)",
                    piece.sql
                );
                self.t.note("MEDIAN has 15 digits in PostgreSQL");
                Ok(Piece::atom(sql, Kind::Numeric, true))
            }
            "PERCENTILE_CONT" | "PERCENTILE_DISC" => {
                let [order] = self.node.within.as_slice() else {
                    return self.refuse(format!("{} needs WITHIN GROUP (ORDER BY …)", self.name));
                };
                let value = self.t.value(&order.value)?;
                let direction = if order.descending { " DESC" } else { "" };
                if self.name == "PERCENTILE_DISC" {
                    let sql = format!(
                        "percentile_disc({}) WITHIN GROUP (ORDER BY {}{direction})",
                        piece.sql,
                        collated(&value, value.kind == Kind::Text)
                    );
                    return Ok(Piece::atom(sql, value.kind, true));
                }
                if !value.kind.is_number() {
                    return self.refuse(format!("PERCENTILE_CONT of {} is not converted", value.kind.noun()));
                }
                let sql = format!(
                    "CAST(percentile_cont({}) WITHIN GROUP (ORDER BY CAST({} AS double precision){direction}) AS numeric)",
                    piece.sql, value.sql
                );
                self.t.note("PERCENTILE_CONT has 15 digits in PostgreSQL");
                Ok(Piece::atom(sql, Kind::Numeric, true))
            }
            _ => self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun())),
        }
    }

    fn analytic(self) -> Translated {
        self.t.aggregate(self.expr)?;
        if self.node.ignore_nulls {
            return self.refuse(format!("{} with IGNORE NULLS has no counterpart", self.name));
        }
        if self.node.over.is_none() {
            return self.refuse(format!("{} without OVER is not converted", self.name));
        }
        let window = self.window()?;
        let function = self.name.to_ascii_lowercase();
        match self.name {
            "RATIO_TO_REPORT" => {
                self.count(1, 1)?;
                let piece = self.inner(0)?;
                if !piece.kind.is_exact_number() {
                    return self.refuse(format!("RATIO_TO_REPORT of {} is not converted", piece.kind.noun()));
                }
                let sql = format!("{} / NULLIF(sum({}){window}, 0)", piece.numeric(), piece.numeric());
                Ok(Piece::new(sql, Kind::Numeric, true, Shape::Operator))
            }
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" => {
                self.count(0, 0)?;
                Ok(Piece::atom(format!("{function}(){window}"), Kind::Int, false))
            }
            "PERCENT_RANK" | "CUME_DIST" => {
                self.count(0, 0)?;
                Ok(Piece::atom(format!("CAST({function}(){window} AS numeric)"), Kind::Numeric, false))
            }
            "NTILE" => {
                self.count(1, 1)?;
                Ok(Piece::atom(format!("ntile({}){window}", self.integer(0)?.sql), Kind::Int, false))
            }
            "LAG" | "LEAD" => {
                self.count(1, 3)?;
                let mut value = self.inner(0)?;
                let mut arguments = String::new();
                if self.arguments.len() > 1 {
                    arguments.push_str(&format!(", {}", self.integer(1)?.sql));
                }
                if self.arguments.len() > 2 {
                    let (pieces, kind) = self.t.unify(self.expr, vec![value.clone(), self.inner(2)?])?;
                    // Both arguments must be of one type of PostgreSQL.
                    let cast = |p: &Piece| match kind.pg_name() {
                        Some(to) => format!("CAST({} AS {to})", p.sql),
                        None => p.sql.clone(),
                    };
                    value = Piece::atom(cast(&pieces[0]), kind.clone(), true);
                    arguments.push_str(&format!(", {}", cast(&pieces[1])));
                }
                Ok(Piece::atom(format!("{function}({}{arguments}){window}", value.sql), value.kind, true))
            }
            _ => {
                let value = self.inner(0)?;
                let nth = if self.name == "NTH_VALUE" { format!(", {}", self.integer(1)?.sql) } else { String::new() };
                Ok(Piece::atom(format!("{function}({}{nth}){window}", value.sql), value.kind, true))
            }
        }
    }

    fn grouping(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 31)?;
        let arguments: Vec<String> = self.all()?.into_iter().map(|p| p.sql).collect();
        Ok(Piece::atom(format!("GROUPING({})", arguments.join(", ")), Kind::Int, false))
    }

    /// `MAX(x) KEEP (DENSE_RANK FIRST ORDER BY y)`: the greatest x of those rows that come first by y.
    fn keep(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 1)?;
        let Some((first, order)) = &self.node.keep else { return self.refuse("KEEP is expected here") };
        if !matches!(self.name, "MIN" | "MAX") {
            return self.refuse(format!("{} with KEEP is not converted, only MIN and MAX are", self.name));
        }
        if self.node.over.is_some() {
            return self.refuse("KEEP with OVER is not converted");
        }
        let value = self.inner(0)?;
        let order: Vec<Order> = order
            .iter()
            .map(|o| match first {
                true => o.clone(),
                // Backwards, NULLs too: they are last in ascending order and first in descending.
                false => Order {
                    value: o.value.clone(),
                    descending: !o.descending,
                    nulls_first: Some(!o.nulls_first.unwrap_or(o.descending)),
                },
            })
            .collect();
        let mut order = self.t.order(&order)?;
        let text = matches!(value.kind, Kind::Text | Kind::Char(_) | Kind::Clob);
        let direction = if self.name == "MAX" { " DESC NULLS LAST" } else { "" };
        order.push(format!("{}{direction}", collated(&value, text)));
        let sql = format!("(array_agg({} ORDER BY {}))[1]", value.sql, order.join(", "));
        Ok(Piece::atom(sql, value.kind, true))
    }
}

/// The first argument of JSON_TABLE and its like as `jsonb`.
pub(super) fn json_document(t: &Translator<'_>, at: &Expr) -> Result<String, Refused> {
    Call::document(t, at, &t.value(at)?)
}

/// A path of Oracle's SQL/JSON in PostgreSQL: without the item methods that only name a type.
pub(super) fn json_path(path: &str) -> String {
    let mut path = path.trim();
    for method in [".string()", ".number()", ".stringOnly()", ".numberOnly()"] {
        path = path.strip_suffix(method).unwrap_or(path);
    }
    path.to_owned()
}

impl Translator<'_> {
    /// ` OVER (…)`.
    pub(super) fn window(&self, at: &Expr, window: &Window) -> Result<String, Refused> {
        let mut parts = Vec::new();
        if !window.partition.is_empty() {
            let partition: Vec<String> =
                window.partition.iter().map(|e| Ok(self.value(e)?.sql)).collect::<Result<_, Refused>>()?;
            parts.push(format!("PARTITION BY {}", partition.join(", ")));
        }
        let order = self.order(&window.order)?;
        if !order.is_empty() {
            parts.push(format!("ORDER BY {}", order.join(", ")));
        }
        if let Some(frame) = &window.frame {
            let moments = match window.order.as_slice() {
                [order] if frame.unit == "RANGE" => self.value(&order.value)?.kind.is_moment(),
                _ => false,
            };
            let bound = |bound: &Bound| -> Result<String, Refused> {
                let offset = |e: &Expr| -> Result<String, Refused> {
                    let piece = self.value(e)?;
                    Ok(if moments && piece.kind.is_number() {
                        format!("{} * INTERVAL '1 day'", piece.operand())
                    } else {
                        piece.operand()
                    })
                };
                Ok(match bound {
                    Bound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
                    Bound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
                    Bound::CurrentRow => "CURRENT ROW".to_owned(),
                    Bound::Preceding(e) => format!("{} PRECEDING", offset(e)?),
                    Bound::Following(e) => format!("{} FOLLOWING", offset(e)?),
                })
            };
            let unit = &frame.unit;
            parts.push(match &frame.to {
                Some(to) => format!("{unit} BETWEEN {} AND {}", bound(&frame.from)?, bound(to)?),
                None => format!("{unit} {}", bound(&frame.from)?),
            });
        }
        let _ = at;
        Ok(format!(" OVER ({})", parts.join(" ")))
    }

    /// The elements of an ORDER BY.
    pub(super) fn order(&self, order: &[Order]) -> Result<Vec<String>, Refused> {
        order
            .iter()
            .map(|order| {
                if matches!(order.value.node, Node::Null | Node::Text(_) | Node::Number(_)) {
                    // A constant orders nothing; PostgreSQL would take a number for a column.
                    return Ok("(SELECT NULL)".to_owned());
                }
                let piece = self.value(&order.value)?;
                self.ordering(&order.value, &piece, order)
            })
            .collect()
    }

    /// One element.
    pub(super) fn ordering(&self, at: &Expr, piece: &Piece, order: &Order) -> Result<String, Refused> {
        let text = matches!(piece.kind, Kind::Text | Kind::Char(_) | Kind::Clob);
        if matches!(piece.kind, Kind::Xml | Kind::Json | Kind::Object(_) | Kind::Collection(_) | Kind::Other(_)) {
            return self.refuse(at, format!("the order of {} is not converted", piece.kind.noun()));
        }
        let nulls = match order.nulls_first {
            None => "",
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
        };
        Ok(format!("{}{}{nulls}", collated(piece, text), if order.descending { " DESC" } else { "" }))
    }
}
