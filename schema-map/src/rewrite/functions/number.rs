//! Numbers.

use super::Call;
use crate::rewrite::{
    scope::Kind,
    translate::{Piece, Shape, Translated},
};

impl Call<'_> {
    pub(super) fn of_one_number(self) -> Translated {
        self.count(1, 1)?;
        let number = self.number(0)?;
        // Without the cast the integers would become double precision here.
        let sql = format!("{}({})", self.name.to_ascii_lowercase(), number.numeric());
        Ok(Piece::atom(sql, Kind::Numeric, number.nullable))
    }

    pub(super) fn transcendental(self) -> Translated {
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

    pub(super) fn modulo(self) -> Translated {
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

    /// To the nearest multiple, where MOD goes to the one below.
    pub(super) fn remainder(self) -> Translated {
        self.count(2, 2)?;
        if self.t.place.immutable {
            return self.refuse("REMAINDER has other last digits in PostgreSQL");
        }
        let (number, by) = (self.number(0)?, self.number(1)?);
        let sql = format!("{} - {} * round({} / {})", number.numeric(), by.numeric(), number.numeric(), by.numeric());
        Ok(Piece::new(sql, Kind::Numeric, number.nullable || by.nullable, Shape::Operator))
    }

    pub(super) fn nanvl(self) -> Translated {
        self.count(2, 2)?;
        let (value, other) = (self.piece(0)?, self.piece(1)?);
        if value.kind.is_exact_number() {
            return Ok(value);
        }
        if value.kind != Kind::Float || !other.kind.is_number() {
            return self.refuse(format!("NANVL of {} is not converted", value.kind.noun()));
        }
        let sql = format!(
            "CASE WHEN {} = CAST('NaN' AS double precision) THEN CAST({} AS double precision) ELSE {} END",
            value.operand(),
            other.sql,
            value.sql
        );
        Ok(Piece::atom(sql, Kind::Float, value.nullable || other.nullable))
    }

    pub(super) fn bitand(self) -> Translated {
        self.count(2, 2)?;
        let (l, r) = (self.number(0)?, self.number(1)?);
        let sql = format!("(CAST({} AS bigint) & CAST({} AS bigint))", l.sql, r.sql);
        Ok(Piece::atom(sql, Kind::Int, l.nullable || r.nullable))
    }

    pub(super) fn width_bucket(self) -> Translated {
        self.count(4, 4)?;
        let numbers: Vec<Piece> = (0..3).map(|p| self.number(p)).collect::<Result<_, _>>()?;
        let list: Vec<String> = numbers.iter().map(|n| format!("CAST({} AS numeric)", n.sql)).collect();
        let sql = format!("width_bucket({}, {})", list.join(", "), self.integer(3)?.sql);
        Ok(Piece::atom(sql, Kind::Int, numbers.iter().any(|n| n.nullable)))
    }

    pub(super) fn round_trunc(self) -> Translated {
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
}
