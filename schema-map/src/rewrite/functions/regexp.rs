//! Regular expressions.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    Refused,
    ast::Node,
    scope::Kind,
    translate::{Piece, Shape, Translated},
};

impl Call<'_> {
    /// Flags of regular expressions: Oracle's `.` takes no line end unless `n` says so, PostgreSQL's does.
    pub(super) fn regexp_flags(&self, position: usize) -> Result<String, Refused> {
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

    pub(super) fn regexp_like(self) -> Translated {
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

    pub(super) fn regexp(self) -> Translated {
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
}
