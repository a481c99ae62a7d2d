//! JSON.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    Refused,
    ast::Expr,
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
