//! Analytic functions.

use super::Call;
use crate::rewrite::{
    Refused,
    scope::Kind,
    translate::{Piece, Shape, Translated},
};

impl Call<'_> {
    /// The argument of an aggregate, in which no other aggregate can stand; in a window it can.
    pub(super) fn inner(&self, position: usize) -> Translated {
        self.t.value(&self.arguments[position].value)
    }

    pub(super) fn window(&self) -> Result<String, Refused> {
        match &self.node.over {
            Some(window) => self.t.window(self.expr, window),
            None => Ok(String::new()),
        }
    }

    pub(super) fn analytic(self) -> Translated {
        self.t.aggregate(self.expr)?;
        if self.node.ignore_nulls {
            return self.refuse(format!("{} with IGNORE NULLS has no counterpart", self.name));
        }
        if self.node.over.is_none() {
            return self.refuse(format!("{} without OVER is not converted", self.name));
        }
        let window = self.window()?;
        let function = self.name.to_ascii_lowercase();
        match self.name {
            "RATIO_TO_REPORT" => {
                self.count(1, 1)?;
                let piece = self.inner(0)?;
                if !piece.kind.is_exact_number() {
                    return self.refuse(format!("RATIO_TO_REPORT of {} is not converted", piece.kind.noun()));
                }
                let sql = format!("{} / NULLIF(sum({}){window}, 0)", piece.numeric(), piece.numeric());
                Ok(Piece::new(sql, Kind::Numeric, true, Shape::Operator))
            }
            "ROW_NUMBER" | "RANK" | "DENSE_RANK" => {
                self.count(0, 0)?;
                Ok(Piece::atom(format!("{function}(){window}"), Kind::Int, false))
            }
            "PERCENT_RANK" | "CUME_DIST" => {
                self.count(0, 0)?;
                Ok(Piece::atom(format!("CAST({function}(){window} AS numeric)"), Kind::Numeric, false))
            }
            "NTILE" => {
                self.count(1, 1)?;
                Ok(Piece::atom(format!("ntile({}){window}", self.integer(0)?.sql), Kind::Int, false))
            }
            "LAG" | "LEAD" => {
                self.count(1, 3)?;
                let mut value = self.inner(0)?;
                let mut arguments = String::new();
                if self.arguments.len() > 1 {
                    arguments.push_str(&format!(", {}", self.integer(1)?.sql));
                }
                if self.arguments.len() > 2 {
                    let (pieces, kind) = self.t.unify(self.expr, vec![value.clone(), self.inner(2)?])?;
                    // Both arguments must be of one type of PostgreSQL.
                    let cast = |p: &Piece| match kind.pg_name() {
                        Some(to) => format!("CAST({} AS {to})", p.sql),
                        None => p.sql.clone(),
                    };
                    value = Piece::atom(cast(&pieces[0]), kind.clone(), true);
                    arguments.push_str(&format!(", {}", cast(&pieces[1])));
                }
                Ok(Piece::atom(format!("{function}({}{arguments}){window}", value.sql), value.kind, true))
            }
            _ => {
                let value = self.inner(0)?;
                let nth = if self.name == "NTH_VALUE" { format!(", {}", self.integer(1)?.sql) } else { String::new() };
                Ok(Piece::atom(format!("{function}({}{nth}){window}", value.sql), value.kind, true))
            }
        }
    }
}
