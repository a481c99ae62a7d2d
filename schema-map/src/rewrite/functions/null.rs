//! NULL, and choices between values.

use super::Call;
use crate::rewrite::{
    scope::Kind,
    translate::{Piece, Shape, Translated, collated},
};

impl Call<'_> {
    pub(super) fn coalesce(self) -> Translated {
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

    pub(super) fn nvl2(self) -> Translated {
        self.count(3, 3)?;
        let mut pieces = self.all()?;
        let test = pieces.remove(0);
        let (pieces, kind) = self.t.unify(self.expr, pieces)?;
        let sql = format!("CASE WHEN {} IS NOT NULL THEN {} ELSE {} END", test.operand(), pieces[0].sql, pieces[1].sql);
        Ok(Piece::atom(sql, kind, pieces.iter().any(|p| p.nullable)))
    }

    pub(super) fn nullif(self) -> Translated {
        self.count(2, 2)?;
        let (l, r) = self.t.comparable(self.expr, &self.piece(0)?, &self.piece(1)?)?;
        if self.t.place.immutable && matches!(l.kind, Kind::Char(_)) {
            return self.refuse("NULLIF of a CHAR is not converted");
        }
        Ok(Piece::atom(format!("NULLIF({}, {})", l.sql, r.sql), l.kind, true))
    }

    /// Unlike CASE it takes NULL for equal to NULL.
    pub(super) fn decode(self) -> Translated {
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

    pub(super) fn lnnvl(self) -> Translated {
        self.count(1, 1)?;
        let condition = self.t.condition(&self.arguments[0].value)?;
        Ok(Piece::new(format!("({}) IS NOT TRUE", condition.sql), Kind::Condition, false, Shape::Predicate))
    }

    pub(super) fn greatest_least(self) -> Translated {
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
}
