//! Conversions between texts, numbers and dates.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    ast::Node,
    compat::Helper,
    format,
    scope::Kind,
    translate::{Piece, Translated, has_names, has_whole_date},
};

impl Call<'_> {
    pub(super) fn datetime(self) -> Translated {
        // DBMS_METADATA names the calendar, and scripts the language; both count for names of months and days only.
        let known = match self.node(2) {
            None => true,
            Some(Node::Text(nls)) => {
                let nls: String =
                    nls.to_ascii_uppercase().chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
                matches!(
                    nls.as_str(),
                    "NLS_CALENDAR=GREGORIAN" | "NLS_DATE_LANGUAGE=AMERICAN" | "NLS_DATE_LANGUAGE=ENGLISH"
                ) || (nls.starts_with("NLS_DATE_LANGUAGE=") && self.text_literal(1).is_some_and(|m| !has_names(m)))
            }
            Some(_) => false,
        };
        if let (Some(Node::Text(text)), Some(Node::Text(model)), true) = (self.node(0), self.node(1), known) {
            let fixed = self.t.literal(self.expr, self.name, text, model);
            if fixed.is_ok() || self.t.place.immutable || self.t.place.default {
                return fixed;
            }
        } else if self.t.place.immutable {
            return self.refuse(format!("{} is converted for literals with their format only", self.name));
        }
        self.count(1, if known { 3 } else { 2 })?;
        let piece = self.piece(0)?;
        if piece.kind.is_moment() {
            // To text by the session's format and back: the same moment where that format has all of it.
            return self.refuse(format!("{} of {} depends on the session", self.name, piece.kind.noun()));
        }
        let Some(model) = self.text_literal(1) else {
            return self.refuse(format!("{} is converted with a format that is a literal only", self.name));
        };
        if !has_whole_date(model) {
            return self.refuse(format!("{} with a format that has no whole date depends on the day", self.name));
        }
        let read = format::datetime(model, true).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        if has_names(model) {
            self.t.note("names of months and days are English, whatever the session says");
        }
        let text = self.text(0)?;
        let (to, kind) =
            if self.name == "TO_DATE" { ("timestamp(0)", Kind::Date) } else { ("timestamp", Kind::Timestamp) };
        let sql = format!("CAST(to_timestamp({}, {}) AS {to})", text.sql, pg_literal(&read));
        let upper = model.to_ascii_uppercase();
        let sql = match ["RR", "YY"].iter().find(|year| upper.contains(*year) && !upper.contains(&year.repeat(2))) {
            Some(year) => format!("{}({sql}, {})", self.t.helper(Helper::ShortYear), pg_literal(year)),
            None => sql,
        };
        Ok(Piece::atom(sql, kind, text.nullable))
    }

    pub(super) fn to_char(self) -> Translated {
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

    pub(super) fn to_number(self) -> Translated {
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
        if model.trim_start_matches("FM").trim_start_matches("fm").bytes().all(|b| b.eq_ignore_ascii_case(&b'x')) {
            let digits = match &piece.kind {
                // SYS_GUID, of which TO_NUMBER takes the digits that RAWTOHEX gives.
                Kind::Raw => format!("upper(encode({}, 'hex'))", piece.sql),
                _ => self.text(0)?.sql,
            };
            let sql = format!("{}({digits})", self.t.helper(Helper::HexNumber));
            return Ok(Piece::atom(sql, Kind::Numeric, piece.nullable));
        }
        let model = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("to_number({}, {})", text.sql, pg_literal(&model)), Kind::Numeric, text.nullable))
    }

    pub(super) fn to_clob(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece { kind: Kind::Clob, ..text }.declared(None))
    }
}
