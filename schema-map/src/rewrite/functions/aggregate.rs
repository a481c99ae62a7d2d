//! Aggregates.

use super::Call;
use crate::rewrite::{
    Refused,
    ast::{Bound, Order, Window},
    compat::Helper,
    scope::Kind,
    translate::{Piece, Translated, collated},
};

impl Call<'_> {
    pub(super) fn aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        let two = self.name.starts_with("CO") && self.name != "COUNT" || self.name.starts_with("REGR");
        self.count(if two { 2 } else { 1 }, if two { 2 } else { 1 })?;
        let window = self.window()?;
        let piece = self.inner(0)?;
        let piece = match (self.name, &piece.kind) {
            ("COUNT" | "MIN" | "MAX", _) => piece,
            (_, Kind::Text | Kind::Char(_)) => self.t.convert(self.expr, &piece, &Kind::Numeric)?,
            _ => piece,
        };
        let distinct = if self.node.distinct { "DISTINCT " } else { "" };
        let function = self.name.to_ascii_lowercase();
        let atom = |sql: String, kind: Kind, nullable: bool| Ok(Piece::atom(format!("{sql}{window}"), kind, nullable));
        match (self.name, &piece.kind) {
            ("COUNT", Kind::Xml | Kind::Other(_)) if self.node.distinct => {
                self.refuse(format!("COUNT of different ones of {} is not converted", piece.kind.noun()))
            }
            ("COUNT", _) => atom(format!("count({distinct}{})", piece.sql), Kind::Int, false),
            ("SUM" | "AVG", Kind::Float) => atom(format!("{function}({distinct}{})", piece.sql), Kind::Float, true),
            ("SUM", kind) if kind.is_exact_number() => {
                atom(format!("sum({distinct}{})", piece.numeric()), Kind::Numeric, true)
            }
            ("AVG", kind) if kind.is_exact_number() => {
                self.t.note("an average has as many digits as PostgreSQL's numeric gives it, at least 16, where Oracle has up to 40");
                atom(format!("avg({distinct}{})", piece.numeric()), Kind::Numeric, true)
            }
            ("SUM" | "AVG", Kind::Null) => atom(format!("{function}(CAST(NULL AS numeric))"), Kind::Numeric, true),
            ("MIN" | "MAX", Kind::Text | Kind::Clob | Kind::Char(_)) => {
                atom(format!("{function}({})", collated(&piece, true)), piece.kind.clone(), true)
            }
            ("MIN" | "MAX", kind)
                if kind.is_number() || kind.is_moment() || matches!(kind, Kind::IntervalDs | Kind::IntervalYm) =>
            {
                atom(format!("{function}({})", piece.sql), piece.kind.clone(), true)
            }
            (name, kind) if kind.is_number() && !matches!(name, "MIN" | "MAX") => {
                self.t.note(format!("{name} has other last digits in PostgreSQL"));
                if two {
                    let other = self.inner(1)?;
                    if !other.kind.is_number() {
                        return self.refuse(format!("{name} of {} is not converted", other.kind.noun()));
                    }
                    let sql = format!(
                        "{function}(CAST({} AS double precision), CAST({} AS double precision))",
                        piece.sql, other.sql
                    );
                    return atom(sql, Kind::Float, true);
                }
                // Of one row Oracle's STDDEV and VARIANCE are 0, those of PostgreSQL NULL.
                let numeric = piece.numeric();
                if matches!(name, "STDDEV" | "VARIANCE") {
                    let function = if name == "STDDEV" { "stddev_samp" } else { "var_samp" };
                    let sql = format!(
                        "CASE WHEN count({distinct}{}){window} = 1 THEN 0 ELSE {function}({distinct}{numeric}){window} END",
                        piece.sql
                    );
                    return Ok(Piece::atom(sql, Kind::Numeric, true));
                }
                atom(format!("{function}({distinct}{numeric})"), Kind::Numeric, true)
            }
            (name, kind) => self.refuse(format!("{name} of {} is not converted", kind.noun())),
        }
    }

    pub(super) fn list_aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 2)?;
        let order = self.t.order(&self.node.within)?;
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        if self.name == "XMLAGG" {
            let piece = self.inner(0)?;
            return Ok(Piece::atom(format!("xmlagg({}{order}){}", piece.sql, self.window()?), Kind::Xml, true));
        }
        let text = self.t.as_text(&self.arguments[0].value, self.inner(0)?)?;
        let separator = match (self.name, self.arguments.len()) {
            ("WM_CONCAT", _) => "','".to_owned(),
            (_, 2) => self.maybe_empty(1)?,
            _ => "''".to_owned(),
        };
        if self.name == "LISTAGG" {
            self.t.note("LISTAGG has no limit of length in PostgreSQL: nothing overflows");
        }
        let distinct = if self.node.distinct { "DISTINCT " } else { "" };
        match &self.node.over {
            None if self.node.distinct && !self.node.within.is_empty() => {
                // PostgreSQL orders DISTINCT values by themselves only.
                let same =
                    self.node.within.len() == 1 && self.t.value(&self.node.within[0].value)?.sql == self.inner(0)?.sql;
                if !same {
                    return self.refuse("LISTAGG(DISTINCT) in another order than that of its values is not converted");
                }
                let direction = if self.node.within[0].descending { " DESC" } else { "" };
                // As text, because the argument becomes one, and both must be the same expression.
                let value = format!("CAST({} AS text) COLLATE \"C\"", text.sql);
                let sql = format!("string_agg(DISTINCT {value}, {separator} ORDER BY {value}{direction})");
                Ok(Piece::atom(sql, Kind::Text, true))
            }
            None => {
                Ok(Piece::atom(format!("string_agg({distinct}{}, {separator}{order})", text.sql), Kind::Text, true))
            }
            Some(_) if self.node.distinct => self.refuse("LISTAGG(DISTINCT) OVER is not converted"),
            Some(window) => {
                let window = Window {
                    partition: window.partition.clone(),
                    order: self.node.within.clone(),
                    frame: Some(crate::rewrite::ast::Frame {
                        unit: "ROWS".to_owned(),
                        from: Bound::UnboundedPreceding,
                        to: Some(Bound::UnboundedFollowing),
                    }),
                };
                let over = self.t.window(self.expr, &window)?;
                Ok(Piece::atom(format!("string_agg({}, {separator}){over}", text.sql), Kind::Text, true))
            }
        }
    }

    /// Those that PostgreSQL has under another name.
    pub(super) fn plain_aggregate(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 1)?;
        let window = self.window()?;
        let piece = self.inner(0)?;
        let version = self.t.rewriter.pg_version;
        match self.name {
            "APPROX_COUNT_DISTINCT" => {
                if self.node.over.is_some() || matches!(piece.kind, Kind::Xml | Kind::Other(_)) {
                    return self
                        .refuse(format!("APPROX_COUNT_DISTINCT of {} is not converted here", piece.kind.noun()));
                }
                self.t.note("APPROX_COUNT_DISTINCT counts exactly");
                Ok(Piece::atom(format!("count(DISTINCT {})", piece.sql), Kind::Int, false))
            }
            "ANY_VALUE" if version >= 16 => {
                Ok(Piece::atom(format!("any_value({}){window}", piece.sql), piece.kind, true))
            }
            "ANY_VALUE" => {
                let filter = format!("FILTER (WHERE {} IS NOT NULL)", piece.operand());
                Ok(Piece::atom(format!("(array_agg({}) {filter}{window})[1]", piece.sql), piece.kind, true))
            }
            "BIT_XOR_AGG" if version < 14 => self.refuse("BIT_XOR_AGG is converted from PostgreSQL 14 on"),
            name if piece.kind.is_exact_number() => {
                let function = match name {
                    "BIT_AND_AGG" => "bit_and",
                    "BIT_OR_AGG" => "bit_or",
                    _ => "bit_xor",
                };
                Ok(Piece::atom(format!("{function}(CAST({} AS bigint)){window}", piece.sql), Kind::Int, true))
            }
            name => self.refuse(format!("{name} of {} is not converted", piece.kind.noun())),
        }
    }

    pub(super) fn ordered_set(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 1)?;
        let piece = self.inner(0)?;
        if let Some(over) = &self.node.over {
            return self.percentile_over(&piece, over);
        }
        match self.name {
            "STATS_MODE" => {
                let sql = format!("mode() WITHIN GROUP (ORDER BY {})", piece.sql);
                Ok(Piece::atom(sql, piece.kind, true))
            }
            "MEDIAN" if piece.kind.is_exact_number() => {
                let sql = format!(
                    "CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST({} AS double precision)) AS numeric)",
                    piece.sql
                );
                self.t.note("MEDIAN has 15 digits in PostgreSQL");
                Ok(Piece::atom(sql, Kind::Numeric, true))
            }
            "PERCENTILE_CONT" | "PERCENTILE_DISC" => {
                let [order] = self.node.within.as_slice() else {
                    return self.refuse(format!("{} needs WITHIN GROUP (ORDER BY …)", self.name));
                };
                let value = self.t.value(&order.value)?;
                let direction = if order.descending { " DESC" } else { "" };
                if self.name == "PERCENTILE_DISC" {
                    let sql = format!(
                        "percentile_disc({}) WITHIN GROUP (ORDER BY {}{direction})",
                        piece.sql,
                        collated(&value, value.kind == Kind::Text)
                    );
                    return Ok(Piece::atom(sql, value.kind, true));
                }
                if !value.kind.is_number() {
                    return self.refuse(format!("PERCENTILE_CONT of {} is not converted", value.kind.noun()));
                }
                let sql = format!(
                    "CAST(percentile_cont({}) WITHIN GROUP (ORDER BY CAST({} AS double precision){direction}) AS numeric)",
                    piece.sql, value.sql
                );
                self.t.note("PERCENTILE_CONT has 15 digits in PostgreSQL");
                Ok(Piece::atom(sql, Kind::Numeric, true))
            }
            _ => self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun())),
        }
    }

    /// MEDIAN and PERCENTILE_CONT over a window: from an array of its values.
    fn percentile_over(self, piece: &Piece, over: &Window) -> Translated {
        let (fraction, value, descending) = match (self.name, self.node.within.as_slice()) {
            ("MEDIAN", _) => ("0.5".to_owned(), piece.clone(), false),
            ("PERCENTILE_CONT", [order]) => (piece.numeric(), self.t.value(&order.value)?, order.descending),
            _ => return self.refuse(format!("{} OVER is not converted", self.name)),
        };
        if !value.kind.is_exact_number() {
            return self.refuse(format!("{} OVER of {} is not converted", self.name, value.kind.noun()));
        }
        let fraction = if descending { format!("1 - {fraction}") } else { fraction };
        let window = self.t.window(self.expr, over)?;
        let sql = format!(
            "{}(array_agg({}) FILTER (WHERE {} IS NOT NULL){window}, {fraction})",
            self.t.helper(Helper::Percentile),
            value.numeric(),
            value.operand()
        );
        Ok(Piece::atom(sql, Kind::Numeric, true))
    }

    pub(super) fn grouping(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 31)?;
        let arguments: Vec<String> = self.all()?.into_iter().map(|p| p.sql).collect();
        Ok(Piece::atom(format!("GROUPING({})", arguments.join(", ")), Kind::Int, false))
    }

    /// `MAX(x) KEEP (DENSE_RANK FIRST ORDER BY y)`: the greatest x of those rows that come first by y.
    pub(super) fn keep(self) -> Translated {
        self.t.aggregate(self.expr)?;
        self.count(1, 1)?;
        let Some((first, order)) = &self.node.keep else { return self.refuse("KEEP is expected here") };
        let value = self.inner(0)?;
        let order: Vec<Order> = order
            .iter()
            .map(|o| match first {
                true => o.clone(),
                // Backwards, NULLs too: they are last in ascending order and first in descending.
                false => Order {
                    value: o.value.clone(),
                    descending: !o.descending,
                    nulls_first: Some(!o.nulls_first.unwrap_or(o.descending)),
                },
            })
            .collect();
        if !matches!(self.name, "MIN" | "MAX") {
            return self.keep_all(&value, &order);
        }
        let mut by = self.t.order(&order)?;
        let text = matches!(value.kind, Kind::Text | Kind::Char(_) | Kind::Clob);
        let direction = if self.name == "MAX" { " DESC NULLS LAST" } else { "" };
        by.push(format!("{}{direction}", collated(&value, text)));
        let by = by.join(", ");
        if let Some(over) = &self.node.over {
            let partition: Vec<String> =
                over.partition.iter().map(|e| Ok(self.t.value(e)?.sql)).collect::<Result<_, Refused>>()?;
            let partition = match partition.as_slice() {
                [] => String::new(),
                all => format!("PARTITION BY {} ", all.join(", ")),
            };
            let sql = format!(
                "first_value({}) OVER ({partition}ORDER BY {by} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
                value.sql
            );
            return Ok(Piece::atom(sql, value.kind, true));
        }
        let sql = format!("(array_agg({} ORDER BY {by}))[1]", value.sql);
        Ok(Piece::atom(sql, value.kind, true))
    }

    /// `SUM(x) KEEP (DENSE_RANK FIRST ORDER BY y)` and its like: over the rows whose y is that of the first one.
    fn keep_all(self, value: &Piece, order: &[Order]) -> Translated {
        if self.node.over.is_some() || self.node.distinct {
            return self.refuse(format!("{} with KEEP and OVER is not converted, only MIN and MAX are", self.name));
        }
        let (function, kind) = match self.name {
            "COUNT" => ("count", Kind::Int),
            "SUM" | "AVG" if value.kind.is_exact_number() => {
                (if self.name == "SUM" { "sum" } else { "avg" }, Kind::Numeric)
            }
            _ => return self.refuse(format!("{} of {} with KEEP is not converted", self.name, value.kind.noun())),
        };
        let by = self.t.order(order)?.join(", ");
        let rows = self.t.fresh("keep");
        let (mut arrays, mut names) = (Vec::new(), Vec::new());
        // An aggregate of a constant alone would be the inner query's own.
        let all = self.name == "COUNT" && value.is_integer_literal();
        if !all {
            arrays
                .push(format!("array_agg({})", if self.name == "COUNT" { value.sql.clone() } else { value.numeric() }));
            names.push("\"v\"".to_owned());
        }
        let mut same = Vec::with_capacity(order.len());
        for (position, element) in order.iter().enumerate() {
            let key = self.t.value(&element.value)?.sql;
            arrays.push(format!("array_agg({key})"));
            names.push(format!("\"k{position}\""));
            same.push(format!("{rows}.\"k{position}\" IS NOT DISTINCT FROM (array_agg({key} ORDER BY {by}))[1]"));
        }
        let sql = format!(
            "(SELECT {function}({}) FROM unnest({}) AS {rows}({}) WHERE {})",
            if all { "*".to_owned() } else { format!("{rows}.\"v\"") },
            arrays.join(", "),
            names.join(", "),
            same.join(" AND ")
        );
        Ok(Piece::atom(sql, kind, true))
    }
}
