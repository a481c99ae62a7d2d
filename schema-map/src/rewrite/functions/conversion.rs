//! Conversions between texts, numbers and dates.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    ast::Node,
    compat::Helper,
    format,
    scope::Kind,
    translate::{Piece, Translated, is_complete},
};

impl Call<'_> {
    pub(super) fn datetime(self) -> Translated {
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
        let model = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("to_number({}, {})", text.sql, pg_literal(&model)), Kind::Numeric, text.nullable))
    }

    pub(super) fn to_clob(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece { kind: Kind::Clob, ..text })
    }
}
