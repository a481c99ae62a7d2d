//! Analytic functions.

use super::Call;
use crate::rewrite::{
    Refused,
    ast::{Bound, Expr, Frame, Node, Window},
    compat::Helper,
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
        let Some(over) = &self.node.over else {
            return self.refuse(format!("{} without OVER is not converted", self.name));
        };
        if self.node.ignore_nulls || self.node.from_last {
            return self.picked(over);
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

    /// Values of a window that are counted without the NULLs among them, or from the last one: functions that count so are
    /// aggregates over the same rows here.
    fn picked(self, over: &Window) -> Translated {
        let at = self.expr.start;
        let rows = |from: Bound, to: Bound| Window {
            frame: Some(Frame { unit: "ROWS".to_owned(), from, to: Some(to) }),
            ..over.clone()
        };
        let one = || Expr::at(at, Node::Number("1".to_owned()));
        let value = self.inner(0)?;
        let nth = match self.arguments.len() {
            0 | 1 => 1,
            _ => match self.positive(1) {
                Some(nth) => nth,
                None => {
                    return self
                        .refuse(format!("{} with IGNORE NULLS is converted with a literal number only", self.name));
                }
            },
        };
        let (window, last) = match self.name {
            "FIRST_VALUE" => (over.clone(), false),
            "LAST_VALUE" => (over.clone(), true),
            "NTH_VALUE" => (over.clone(), self.node.from_last),
            "LAG" => (rows(Bound::UnboundedPreceding, Bound::Preceding(one())), true),
            "LEAD" => (rows(Bound::Following(one()), Bound::UnboundedFollowing), false),
            name => return self.refuse(format!("{name} with IGNORE NULLS is not converted")),
        };
        let window = self.t.window(self.expr, &window)?;
        let sql = if nth == 1 && self.node.ignore_nulls {
            let helper = self.t.helper(if last { Helper::LastNotNull } else { Helper::FirstNotNull });
            let typed = match (&value.literal, value.kind.pg_name()) {
                (Some(_), Some(to)) => format!("CAST({} AS {to})", value.sql),
                _ => value.sql.clone(),
            };
            format!("{helper}({typed}){window}")
        } else {
            let filter = match self.node.ignore_nulls {
                true => format!(" FILTER (WHERE {} IS NOT NULL)", value.operand()),
                false => String::new(),
            };
            let all = format!("array_agg({}){filter}{window}", value.sql);
            match last {
                true => format!("({all})[cardinality({all}) - {}]", nth - 1),
                false => format!("({all})[{nth}]"),
            }
        };
        if self.arguments.len() > 2 {
            let found = Piece::atom(sql, value.kind, true);
            let (pieces, kind) = self.t.unify(self.expr, vec![found, self.inner(2)?])?;
            return Ok(Piece::atom(format!("COALESCE({}, {})", pieces[0].sql, pieces[1].sql), kind, true));
        }
        Ok(Piece::atom(sql, value.kind, true))
    }
}
