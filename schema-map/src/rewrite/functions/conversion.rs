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
        let zoned = self.name == "TO_TIMESTAMP_TZ";
        if zoned && self.t.place.immutable {
            return self.refuse("this depends on the session's zone");
        }
        if let (Some(Node::Text(text)), Some(Node::Text(model)), true, false) =
            (self.node(0), self.node(1), known, zoned)
        {
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
        let (to, kind) = match self.name {
            "TO_DATE" => ("timestamp(0)", Kind::Date),
            "TO_TIMESTAMP" => ("timestamp", Kind::Timestamp),
            _ => ("timestamp with time zone", Kind::TimestampTz),
        };
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
        let piece = match self.t.local_at_zone(&self.arguments[0].value)? {
            Some(local) => local,
            None => self.piece(0)?,
        };
        let model = match self.arguments.len() {
            1 => None,
            _ => match self.text_literal(1) {
                Some(model) => Some(model),
                None => return self.refuse("TO_CHAR is converted with a format that is a literal only"),
            },
        };
        let text = !piece.kind.is_moment() && !piece.kind.is_number();
        if self.t.place.immutable && (text || piece.kind == Kind::Float || (model.is_none() && piece.kind.is_number()))
        {
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
            (kind, Some(model)) if kind.is_number() => self.number_text(piece, model),
            (Kind::Text | Kind::Char(_), Some(model)) => {
                let number = self.t.convert(self.expr, &piece, &Kind::Numeric)?;
                self.number_text(number, model)
            }
            (kind, _) => self.refuse(format!("TO_CHAR of {} is not converted", kind.noun())),
        }
    }

    /// A number by a format model.
    fn number_text(self, number: Piece, model: &str) -> Translated {
        let upper = model.to_ascii_uppercase();
        if matches!(upper.as_str(), "TM" | "TM9") && number.kind.is_exact_number() {
            return self.t.as_text(&self.arguments[0].value, number);
        }
        let digits = upper.trim_start_matches("FM");
        if !digits.is_empty() && digits.bytes().all(|b| b == b'X') {
            let hex = format!("to_hex(CAST({} AS bigint))", number.sql);
            // As the model writes it; what does not fit is a row of #, one for the sign with it.
            let hex = if model.contains('x') { hex } else { format!("upper({hex})") };
            let width = digits.len() + 1;
            let fits = if upper.starts_with("FM") { hex.clone() } else { format!("lpad({hex}, {width})") };
            let sql = format!("CASE WHEN length({hex}) < {width} THEN {fits} ELSE repeat('#', {width}) END");
            return Ok(Piece::atom(sql, Kind::Text, number.nullable));
        }
        // `NLS_NUMERIC_CHARACTERS = ',.'`: what D and G are.
        let marks = match self.node(2) {
            None => None,
            Some(Node::Text(nls)) => {
                let mut words = nls.splitn(2, '=');
                let name = words.next().unwrap_or_default().trim();
                let marks: Vec<char> = words.next().unwrap_or_default().trim().trim_matches('\'').chars().collect();
                match marks.as_slice() {
                    [point, group] if name.eq_ignore_ascii_case("NLS_NUMERIC_CHARACTERS") => Some((*point, *group)),
                    _ => return self.refuse("this NLS parameter of TO_CHAR is not converted"),
                }
            }
            Some(_) => return self.refuse("TO_CHAR is converted with an NLS parameter that is a literal only"),
        };
        let changed = format::number(model).or_else(|what| self.refuse(format!("{what} is not converted")))?;
        let named = upper.contains('D') || upper.contains('G');
        if named && marks.is_none() {
            self.t.note("D and G in formats of numbers are point and comma, whatever the session says");
        }
        let mut sql = match self.t.place.immutable {
            true => format!("{}({}, {})", self.t.helper(Helper::NumberFormat), number.sql, pg_literal(&changed)),
            false => format!("to_char({}, {})", number.sql, pg_literal(&changed)),
        };
        if changed.contains("EEEE") {
            sql = format!("upper({sql})");
        }
        if let Some((point, group)) = marks.filter(|marks| named && *marks != ('.', ',')) {
            sql = format!("translate({sql}, '.,', {})", pg_literal(&format!("{point}{group}")));
        }
        Ok(Piece::atom(sql, Kind::Text, number.nullable))
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
