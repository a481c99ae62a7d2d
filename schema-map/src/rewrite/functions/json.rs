//! JSON.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    Refused,
    ast::{Argument, Body, Expr, Item, Node, Part, Wrapper},
    scope::Kind,
    translate::{Piece, Translated, Translator},
};

impl Call<'_> {
    /// The first argument as `jsonb`.
    pub(super) fn document(t: &Translator<'_>, at: &Expr, piece: &Piece) -> Result<String, Refused> {
        Ok(match piece.kind {
            Kind::Json => piece.sql.clone(),
            Kind::Text | Kind::Clob => format!("CAST({} AS jsonb)", piece.sql),
            Kind::Raw => format!("CAST(convert_from({}, 'UTF8') AS jsonb)", piece.sql),
            _ => return t.refuse(at, format!("JSON out of {} is not converted", piece.kind.noun())),
        })
    }

    pub(super) fn json_path(self) -> Translated {
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
        let found = format!("jsonb_path_query_first({document}, {path})");
        match self.name {
            "JSON_EXISTS" => Ok(Piece::atom(format!("jsonb_path_exists({document}, {path})"), Kind::Condition, true)),
            "JSON_QUERY" => {
                let all = format!("jsonb_path_query_array({document}, {path})");
                let sql = match self.node.wrapper {
                    // A scalar is none of JSON_QUERY's results without a wrapper.
                    None => format!("CASE WHEN jsonb_typeof({found}) IN ('object', 'array') THEN {found} END"),
                    Some(Wrapper::Always) => format!("NULLIF({all}, '[]')"),
                    Some(Wrapper::Conditional) => format!(
                        "CASE WHEN jsonb_array_length({all}) = 1 AND jsonb_typeof({found}) IN ('object', 'array') THEN {found} ELSE NULLIF({all}, '[]') END"
                    ),
                };
                self.t.note("JSON is written with the blanks that PostgreSQL puts between its parts");
                self.returned(format!("CAST({sql} AS text)"), true)
            }
            _ => {
                // An object or array is no value of JSON_VALUE's.
                let text =
                    format!("CASE WHEN jsonb_typeof({found}) NOT IN ('object', 'array') THEN {found} #>> '{{}}' END");
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

    /// JSON_OBJECT, JSON_ARRAY: put together as a text, which is what they give, without blanks as Oracle has it.
    pub(super) fn json_constructor(self) -> Translated {
        if self.t.place.immutable {
            return self.refuse(format!("{} cannot stand here", self.name));
        }
        let object = self.name == "JSON_OBJECT";
        let absent = self.node.absent_on_null.unwrap_or(!object);
        let mut parts = Vec::with_capacity(self.arguments.len());
        for argument in self.arguments {
            parts.push(match &argument.key {
                Some(_) => self.json_pair(argument, absent)?,
                None => self.json_element(argument, absent)?,
            });
        }
        let (open, close) = if object { ("{", "}") } else { ("[", "]") };
        if parts.is_empty() {
            return self.returned(format!("'{open}{close}'"), false);
        }
        self.returned(format!("concat('{open}', concat_ws(',', {}), '{close}')", parts.join(", ")), false)
    }

    /// JSON_OBJECTAGG, JSON_ARRAYAGG.
    pub(super) fn json_aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        if self.node.over.is_some() {
            return self.refuse(format!("{} OVER is not converted", self.name));
        }
        self.count(1, 1)?;
        let object = self.name == "JSON_OBJECTAGG";
        let absent = self.node.absent_on_null.unwrap_or(!object);
        let part = match &self.arguments[0].key {
            Some(_) => self.json_pair(&self.arguments[0], absent)?,
            None => self.json_element(&self.arguments[0], absent)?,
        };
        let order = self.t.order(&self.node.within)?;
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let (open, close) = if object { ("{", "}") } else { ("[", "]") };
        self.t.note(format!("{} of no rows is NULL, as the standard has it", self.name));
        let sql =
            format!("CASE WHEN count(*) > 0 THEN concat('{open}', string_agg({part}, ','{order}), '{close}') END");
        self.returned(sql, true)
    }

    /// `"key":value`; NULL where it is to be left out.
    fn json_pair(&self, argument: &Argument, absent: bool) -> Result<String, Refused> {
        let element = self.json_element(argument, absent)?;
        Ok(match argument.key.as_ref().map(|key| (key, &key.node)) {
            Some((_, Node::Text(key))) => format!("{} || {element}", pg_literal(&format!("{}:", json_text(key)))),
            Some((at, _)) => {
                let key = self.t.as_text(at, self.t.value(at)?)?;
                format!("CAST(to_json(CAST({} AS text)) AS text) || ':' || {element}", key.sql)
            }
            None => element,
        })
    }

    /// A value in JSON as a text; NULL where it is to be left out.
    fn json_element(&self, argument: &Argument, absent: bool) -> Result<String, Refused> {
        let at = &argument.value;
        let piece = self.t.value(at)?;
        let text = |sql: &str| format!("CAST(to_json(CAST({sql} AS text)) AS text)");
        let sql = match &piece.kind {
            Kind::Null => return Ok(if absent { "CAST(NULL AS text)" } else { "'null'" }.to_owned()),
            Kind::Json => format!("CAST({} AS text)", piece.sql),
            Kind::Text | Kind::Clob if argument.json || makes_json(at) => piece.operand(),
            Kind::Text | Kind::Clob => match &piece.literal {
                Some(literal) => pg_literal(&json_text(literal)),
                None => text(&piece.sql),
            },
            Kind::Char(_) => text(&self.t.convert(at, &piece, &Kind::Text)?.sql),
            Kind::Int => format!("CAST({} AS text)", piece.sql),
            Kind::Numeric => format!("CAST(trim_scale({}) AS text)", piece.sql),
            Kind::Raw => text(&format!("upper(encode({}, 'hex'))", piece.sql)),
            Kind::Float | Kind::Boolean => format!("CAST(to_json({}) AS text)", piece.sql),
            kind if kind.is_moment() => {
                self.t.note("times in JSON are written as PostgreSQL writes them (ISO 8601)");
                format!("CAST(to_json({}) AS text)", piece.sql)
            }
            kind => return self.t.refuse(at, format!("{} in JSON is not converted", kind.noun())),
        };
        Ok(if piece.nullable && !absent { format!("COALESCE({sql}, 'null')") } else { sql })
    }

    /// A text with JSON as what RETURNING says.
    fn returned(&self, sql: String, nullable: bool) -> Translated {
        Ok(match self.node.returning.as_ref().map(|to| self.t.target_type(self.expr, to)).transpose()? {
            None | Some((_, Kind::Text)) => Piece::atom(sql, Kind::Text, nullable),
            Some((_, Kind::Clob)) => Piece::atom(sql, Kind::Clob, nullable),
            Some((_, Kind::Json)) => Piece::atom(format!("CAST({sql} AS jsonb)"), Kind::Json, nullable),
            Some((_, Kind::Raw)) => Piece::atom(format!("convert_to({sql}, 'UTF8')"), Kind::Raw, nullable),
            Some((_, kind)) => return self.refuse(format!("{} as {} is not converted", self.name, kind.noun())),
        })
    }
}

/// Whether the text that this gives is JSON for the functions that make more of it.
fn makes_json(value: &Expr) -> bool {
    match &value.node {
        Node::Call(call) => matches!(call.name.as_slice(), [part] if !part.quoted
            && matches!(part.name.as_str(), "JSON_OBJECT" | "JSON_ARRAY" | "JSON_OBJECTAGG" | "JSON_ARRAYAGG" | "JSON_QUERY")),
        Node::Subquery(query) => match &query.body {
            Body::Select(select) => {
                matches!(select.items.as_slice(), [Item::One { value, .. }] if makes_json(value))
            }
            _ => false,
        },
        _ => false,
    }
}

/// A text as JSON has it, in quotes.
fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The first argument of JSON_TABLE and its like as `jsonb`.
pub(in crate::rewrite) fn json_document(t: &Translator<'_>, at: &Expr) -> Result<String, Refused> {
    Call::document(t, at, &t.value(at)?)
}

/// A path of Oracle's SQL/JSON in PostgreSQL: without the item methods that only name a type.
pub(in crate::rewrite) fn json_path(path: &str) -> String {
    let mut path = path.trim();
    for method in [".string()", ".number()", ".stringOnly()", ".numberOnly()"] {
        path = path.strip_suffix(method).unwrap_or(path);
    }
    path.to_owned()
}

impl Translator<'_> {
    /// `column.name.name`: what is there in a column of JSON.
    pub(in crate::rewrite) fn json_member(&self, at: &Expr, piece: &Piece, names: &[Part]) -> Translated {
        let document = Call::document(self, at, piece)?;
        let mut path = String::from("$");
        for part in names {
            path.push('.');
            path.push_str(&json_text(part.written.as_deref().unwrap_or(part.name.as_str())));
        }
        self.note("a text that is no JSON is an error, where Oracle may give NULL");
        let sql = format!("(jsonb_path_query_first({document}, {}) #>> '{{}}')", pg_literal(&path));
        Ok(Piece::atom(sql, Kind::Text, true))
    }
}
