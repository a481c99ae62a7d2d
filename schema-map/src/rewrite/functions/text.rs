//! Texts.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    ast::Expr,
    compat::Helper,
    scope::Kind,
    translate::{Piece, Translated, text_literal},
};

impl Call<'_> {
    pub(super) fn upper_lower(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        self.t.note(format!("{} treats letters beyond ASCII as the database's locale does", self.name));
        let function = self.name.trim_start_matches("NLS_").to_ascii_lowercase();
        Ok(Piece::atom(format!("{function}({})", text.sql), text.kind, text.nullable))
    }

    pub(super) fn text_to(self, function: &str, kind: Kind) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("{function}({})", text.sql), kind, text.nullable))
    }

    pub(super) fn length(self) -> Translated {
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

    pub(super) fn substr(self) -> Translated {
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
        let orafce = self.t.orafce(Helper::Substr).is_some();
        // Of orafce there are several, by the types of the arguments.
        let whole = if orafce { format!("CAST({} AS text)", text.sql) } else { text.sql };
        let mut arguments = vec![whole, self.integer(1)?.sql];
        if self.arguments.len() == 3 {
            let length = self.integer(2)?;
            // No length is another thing than NULL for one.
            arguments.push(if length.nullable { format!("COALESCE({}, 0)", length.sql) } else { length.sql });
        }
        let sql = format!("{}({})", self.t.helper(Helper::Substr), arguments.join(", "));
        let sql = if orafce { format!("NULLIF({sql}, '')") } else { sql };
        Ok(Piece::atom(sql, text.kind, true))
    }

    pub(super) fn trim(self) -> Translated {
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

    pub(super) fn instr(self) -> Translated {
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

    pub(super) fn replace(self) -> Translated {
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

    pub(super) fn translate(self) -> Translated {
        if self.arguments.len() == 1 {
            return self.text(0);
        }
        self.count(3, 3)?;
        let (text, from, to) = (self.text(0)?, self.text(1)?, self.text(2)?);
        let sql = format!("NULLIF(translate({}, {}, {}), '')", text.sql, from.sql, to.sql);
        Ok(Piece::atom(sql, text.kind, true))
    }

    pub(super) fn pad(self) -> Translated {
        self.count(2, 3)?;
        let (text, length) = (self.text(0)?, self.integer(1)?);
        let fill = if self.arguments.len() == 3 { format!(", {}", self.text(2)?.sql) } else { String::new() };
        let sql = format!("{}({}, {}{fill})", self.name.to_ascii_lowercase(), text.sql, length.sql);
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), text.kind, true))
    }

    pub(super) fn concat(self) -> Translated {
        // Two of them before 23ai.
        self.count(2, 254)?;
        let pieces = self.all()?;
        let parts: Vec<(&Expr, Piece)> = self.arguments.iter().map(|a| &a.value).zip(pieces).collect();
        self.t.concat(&parts)
    }

    /// `UNISTR('\\00e4')` of a literal is another literal.
    pub(super) fn unistr(self) -> Translated {
        self.count(1, 1)?;
        let Some(text) = self.text_literal(0) else { return self.refuse("UNISTR is converted of a literal only") };
        let mut units: Vec<u16> = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c != '\\' {
                units.extend(c.encode_utf16(&mut [0; 2]).iter());
                rest = &rest[c.len_utf8()..];
            } else if let Some(more) = rest.strip_prefix("\\\\") {
                units.push(u16::from(b'\\'));
                rest = more;
            } else {
                let Some(unit) = rest.get(1..5).and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
                    return self.refuse("UNISTR has a backslash without four hexadecimal digits");
                };
                units.push(unit);
                rest = &rest[5..];
            }
        }
        match String::from_utf16(&units) {
            Ok(text) => Ok(text_literal(&text)),
            Err(_) => self.refuse("UNISTR makes no text of Unicode"),
        }
    }

    /// The key that a text is ordered by, which is the text itself where bytes are what counts.
    pub(super) fn nlssort(self) -> Translated {
        self.count(1, 2)?;
        let binary = match self.text_literal(1) {
            Some(sort) => sort.to_ascii_uppercase().replace(' ', "") == "NLS_SORT=BINARY",
            None => false,
        };
        if !binary {
            return self.refuse(
                "NLSSORT is converted with NLS_SORT=BINARY only: order by COLLATE with the collation that is meant",
            );
        }
        self.text(0)
    }

    pub(super) fn hash(self) -> Translated {
        self.count(1, 2)?;
        let algorithm = self.text_literal(1).unwrap_or("SHA1").to_ascii_uppercase();
        let text = self.text(0)?;
        let bytes = format!("convert_to({}, 'UTF8')", text.sql);
        let sql = match algorithm.as_str() {
            "MD5" => format!("decode(md5({bytes}), 'hex')"),
            "SHA256" | "SHA384" | "SHA512" => format!("{}({bytes})", algorithm.to_ascii_lowercase()),
            other => return self.refuse(format!("STANDARD_HASH with {other} needs the extension pgcrypto")),
        };
        self.t.note("STANDARD_HASH is over the bytes of UTF-8");
        Ok(Piece::atom(sql, Kind::Raw, text.nullable))
    }

    pub(super) fn chr(self) -> Translated {
        self.count(1, 1)?;
        let code = self.integer(0)?;
        Ok(Piece::atom(format!("chr({})", code.sql), Kind::Text, code.nullable))
    }
}
