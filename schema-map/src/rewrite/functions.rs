//! The functions that are known to have a counterpart.

mod aggregate;
mod analytic;
mod conversion;
mod json;
mod lob;
mod moment;
mod null;
mod number;
mod object;
mod regexp;
mod session;
mod text;
mod xml;

use super::{
    Refused,
    ast::{Argument, Call as CallNode, Expr, Node, Part},
    scope::Kind,
    translate::{Piece, Translated, Translator},
};
use crate::pg_literal;
pub(super) use json::{json_document, json_path};

pub(super) fn call(translator: &Translator<'_>, expr: &Expr, node: &CallNode) -> Translated {
    if let Some(piece) = object::constructor(translator, expr, node)? {
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
        if let [column @ .., method] = node.name.as_slice()
            && translator.scope.column(column, expr.start)?.is_some()
        {
            let column = Expr::at(expr.start, Node::Name(column.to_vec()));
            let arguments: Vec<Expr> = node.arguments.iter().map(|a| a.value.clone()).collect();
            return translator.method(expr, &column, method.name.as_str(), &arguments);
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

/// `xml.extract(path)` as `EXTRACT(xml, path)`.
pub(super) fn of_xml(t: &Translator<'_>, expr: &Expr, method: &str, xml: &Expr, path: &Expr) -> Translated {
    let Ok(name) = crate::OracleIdent::new(method) else { return t.refuse(expr, "this is no method") };
    let arguments = vec![Argument::of(xml.clone()), Argument::of(path.clone())];
    let node = CallNode::new(vec![Part::exact(name)], arguments);
    Call::new(t, expr, &node, method).any()
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
            "APPROX_COUNT_DISTINCT" | "BIT_AND_AGG" | "BIT_OR_AGG" | "BIT_XOR_AGG" | "ANY_VALUE" => {
                return self.plain_aggregate();
            }
            "LISTAGG" | "WM_CONCAT" | "XMLAGG" => return self.list_aggregate(),
            "MEDIAN" | "PERCENTILE_CONT" | "PERCENTILE_DISC" | "STATS_MODE" => return self.ordered_set(),
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" | "PERCENT_RANK" | "CUME_DIST" | "NTILE" | "LAG" | "LEAD"
            | "FIRST_VALUE" | "LAST_VALUE" | "NTH_VALUE" | "RATIO_TO_REPORT" => return self.analytic(),
            "GROUPING" | "GROUPING_ID" => return self.grouping(),
            "JSON_OBJECTAGG" | "JSON_ARRAYAGG" => return self.json_aggregate(),
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
            "UPPER" | "LOWER" | "INITCAP" | "NLS_UPPER" | "NLS_LOWER" | "NLS_INITCAP" => self.upper_lower(),
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
            "TO_DATE" | "TO_TIMESTAMP" | "TO_TIMESTAMP_TZ" => self.datetime(),
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
            "JSON_OBJECT" | "JSON_ARRAY" => self.json_constructor(),
            "MAKE_REF" => self.make_ref(),
            "CARDINALITY" => self.cardinality(),
            "EXTRACT" | "XMLQUERY" => self.xml_nodes(),
            "EXISTSNODE" | "XMLEXISTS" => self.xml_exists(),
            "XMLSERIALIZE" => self.xml_serialize(),
            "XMLCAST" => self.xml_cast(),
            "XMLPARSE" => self.xml_parse(),
            "NANVL" => self.nanvl(),
            "REMAINDER" => self.remainder(),
            "STANDARD_HASH" => self.hash(),
            "UNISTR" => self.unistr(),
            "NLSSORT" => self.nlssort(),
            "FROM_TZ" => self.at_its_zone(),
            "SYS_EXTRACT_UTC" => self.utc(),
            "TO_DSINTERVAL" | "TO_YMINTERVAL" => self.to_interval(),
            "DUMP" | "VSIZE" | "ORA_HASH" | "SOUNDEX" | "CONVERT" | "TZ_OFFSET" | "NEW_TIME" | "DEREF" | "REF" | "VALUE"
            | "POWERMULTISET" | "COLLECT" | "CLUSTER_ID" | "PREDICTION" | "GROUP_ID" => {
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
}
