//! ORDER BY, and the windows of analytic functions.

use super::{
    Refused,
    ast::{Bound, Expr, Node, Order, Window},
    scope::Kind,
    translate::{Piece, Translator, collated},
};

impl Translator<'_> {
    /// ` OVER (…)`.
    pub(super) fn window(&self, at: &Expr, window: &Window) -> Result<String, Refused> {
        let mut parts = Vec::new();
        if !window.partition.is_empty() {
            let partition: Vec<String> =
                window.partition.iter().map(|e| Ok(self.value(e)?.sql)).collect::<Result<_, Refused>>()?;
            parts.push(format!("PARTITION BY {}", partition.join(", ")));
        }
        let order = self.order(&window.order)?;
        if !order.is_empty() {
            parts.push(format!("ORDER BY {}", order.join(", ")));
        }
        if let Some(frame) = &window.frame {
            let moments = match window.order.as_slice() {
                [order] if frame.unit == "RANGE" => self.value(&order.value)?.kind.is_moment(),
                _ => false,
            };
            let bound = |bound: &Bound| -> Result<String, Refused> {
                let offset = |e: &Expr| -> Result<String, Refused> {
                    let piece = self.value(e)?;
                    Ok(if moments && piece.kind.is_number() {
                        format!("{} * INTERVAL '1 day'", piece.operand())
                    } else {
                        piece.operand()
                    })
                };
                Ok(match bound {
                    Bound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
                    Bound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
                    Bound::CurrentRow => "CURRENT ROW".to_owned(),
                    Bound::Preceding(e) => format!("{} PRECEDING", offset(e)?),
                    Bound::Following(e) => format!("{} FOLLOWING", offset(e)?),
                })
            };
            let unit = &frame.unit;
            parts.push(match &frame.to {
                Some(to) => format!("{unit} BETWEEN {} AND {}", bound(&frame.from)?, bound(to)?),
                None => format!("{unit} {}", bound(&frame.from)?),
            });
        }
        let _ = at;
        Ok(format!(" OVER ({})", parts.join(" ")))
    }

    /// The elements of an ORDER BY.
    pub(super) fn order(&self, order: &[Order]) -> Result<Vec<String>, Refused> {
        order
            .iter()
            .map(|order| {
                if matches!(order.value.node, Node::Null | Node::Text(_) | Node::Number(_)) {
                    // A constant orders nothing; PostgreSQL would take a number for a column.
                    return Ok("(SELECT NULL)".to_owned());
                }
                let piece = self.value(&order.value)?;
                self.ordering(&order.value, &piece, order)
            })
            .collect()
    }

    /// One element.
    pub(super) fn ordering(&self, at: &Expr, piece: &Piece, order: &Order) -> Result<String, Refused> {
        let text = matches!(piece.kind, Kind::Text | Kind::Char(_) | Kind::Clob);
        if matches!(piece.kind, Kind::Xml | Kind::Json | Kind::Object(_) | Kind::Collection(_) | Kind::Other(_)) {
            return self.refuse(at, format!("the order of {} is not converted", piece.kind.noun()));
        }
        let nulls = match order.nulls_first {
            None => "",
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
        };
        Ok(format!("{}{}{nulls}", collated(piece, text), if order.descending { " DESC" } else { "" }))
    }
}
