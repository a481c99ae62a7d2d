//! Objects, references and collections.

use super::Call;
use crate::ObjectPath;
use crate::rewrite::{
    Refused,
    ast::{Call as CallNode, Expr},
    scope::Kind,
    translate::{Piece, Translated, Translator},
};

impl Call<'_> {
    /// A reference by primary key: the key itself, as a text.
    pub(super) fn make_ref(self) -> Translated {
        self.count(2, 2)?;
        let key = self.t.as_text(&self.arguments[1].value, self.piece(1)?)?;
        self.t.note("a REF is the key of the object that it refers to, as a text");
        Ok(Piece { kind: Kind::Text, ..key }.declared(None))
    }

    pub(super) fn cardinality(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        match piece.kind {
            Kind::Collection(_) => Ok(Piece::atom(format!("cardinality({})", piece.sql), Kind::Int, piece.nullable)),
            _ => self.refuse(format!("CARDINALITY of {} is not converted", piece.kind.noun())),
        }
    }
}

/// `type(attribute, …)`.
pub(super) fn constructor(t: &Translator<'_>, expr: &Expr, node: &CallNode) -> Result<Option<Piece>, Refused> {
    let path = match node.name.as_slice() {
        [name] => ObjectPath::new(t.schema.clone(), name.name.clone()),
        [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
        _ => return Ok(None),
    };
    let path = t.rewriter.resolve_synonym(&path);
    let Some(object) = t.rewriter.object(&path) else { return Ok(None) };
    let values: Vec<String> =
        node.arguments.iter().map(|a| Ok(t.value(&a.value)?.sql)).collect::<Result<_, Refused>>()?;
    let kind = object.kind(&path);
    let sql = match kind {
        Kind::Collection(_) => format!("CAST(ARRAY[{}] AS {})", values.join(", "), object.target),
        _ if values.len() != object.attributes.len() => {
            return t.refuse(expr, format!("{path} has {} attributes", object.attributes.len()));
        }
        _ => format!("CAST(ROW({}) AS {})", values.join(", "), object.target),
    };
    Ok(Some(Piece::atom(sql, kind, false)))
}
