//! Columns of object and collection types: whether they can be read, and what tells values of types under theirs.

use crate::{
    Error, ErrorKind, Session,
    sql::{self, read::ObjectPlace},
};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::BTreeMap;
use type_convert::OracleType;

/// Whether a column comes as an object or a collection.
pub(crate) fn is_nested(ty: &OracleType) -> bool {
    matches!(ty, OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry)
}

/// What within a type cannot be read; `None` where all of it can.
///
/// ODPI-C reads no attributes of other types than these ("from Oracle value" in its `dpiObject.c`), and the driver over it no BFILE.
pub(crate) fn unreadable(ty: &OracleType) -> Option<String> {
    match ty {
        OracleType::Geometry => None,
        OracleType::Object(of) => {
            let parts = of
                .attributes
                .iter()
                .map(|(name, ty)| (format!("the attribute {name} of {}.{}", of.owner, of.name), ty));
            parts.filter_map(|(part, ty)| within(part, ty)).next()
        }
        OracleType::Collection(of) => within(format!("the elements of {}.{}", of.owner, of.name), &of.element),
        other => Some(other.to_string()),
    }
}

fn within(part: String, ty: &OracleType) -> Option<String> {
    match ty {
        OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry => unreadable(ty),
        OracleType::Number { .. }
        | OracleType::Float { .. }
        | OracleType::BinaryFloat
        | OracleType::BinaryDouble
        | OracleType::Char { .. }
        | OracleType::Varchar2 { .. }
        | OracleType::NChar { .. }
        | OracleType::NVarchar2 { .. }
        | OracleType::Raw { .. }
        | OracleType::Clob
        | OracleType::NClob
        | OracleType::Blob
        | OracleType::Date
        | OracleType::Timestamp { .. }
        | OracleType::TimestampTz { .. }
        | OracleType::TimestampLtz { .. }
        | OracleType::Boolean => None,
        other => Some(format!("{part}: {other}")),
    }
}

/// The places in these columns where an object of a type under the declared one may be: those of types that are NOT FINAL.
///
/// # Errors
/// [`ErrorKind::Privilege`] for a type that the session cannot see, [`ErrorKind::Unsupported`] for a collection of objects that may be of
/// types under the declared one.
pub(crate) fn extensible(session: &Session, columns: &[(OracleIdent, OracleType)]) -> Result<Vec<ObjectPlace>, Error> {
    let mut search = Search { session, known: BTreeMap::new(), found: Vec::new() };
    for (name, ty) in columns {
        search.visit(&mut vec![name.clone()], ty).map_err(|e| e.with_column(name))?;
    }
    Ok(search.found)
}

struct Search<'a> {
    session: &'a Session,
    /// Whether types are NOT FINAL.
    known: BTreeMap<ObjectPath, bool>,
    found: Vec<ObjectPlace>,
}

impl Search<'_> {
    fn visit(&mut self, path: &mut Vec<OracleIdent>, ty: &OracleType) -> Result<(), Error> {
        match ty {
            OracleType::Object(of) => {
                let declared = ObjectPath::new(ident(&of.owner)?, ident(&of.name)?);
                if self.is_extensible(&declared)? {
                    self.found.push(ObjectPlace { path: path.clone(), declared });
                }
                for (name, ty) in &of.attributes {
                    path.push(ident(name)?);
                    self.visit(path, ty)?;
                    path.pop();
                }
                Ok(())
            }
            OracleType::Collection(of) => {
                let before = self.found.len();
                self.visit(path, &of.element)?;
                match self.found.get(before) {
                    None => Ok(()),
                    Some(one) => Err(Error::new(
                        ErrorKind::Unsupported,
                        format!(
                            "the elements of {}.{} may be of types under {}, which is NOT FINAL, and what those have more would be lost: leave the \
                             column out, or make the type FINAL (ALTER TYPE {} FINAL) where no type is under it",
                            of.owner,
                            of.name,
                            one.declared,
                            one.declared.quoted()
                        ),
                    )),
                }
            }
            _ => Ok(()),
        }
    }

    fn is_extensible(&mut self, of: &ObjectPath) -> Result<bool, Error> {
        if let Some(known) = self.known.get(of) {
            return Ok(*known);
        }
        let doing = format!("looking at the type {of}");
        let rows = self.session.query(doing, sql::read::TYPE_FINAL, &[&of.schema.as_str(), &of.name.as_str()])?;
        let Some(row) = rows.first() else {
            return Err(Error::new(
                ErrorKind::Privilege,
                format!(
                    "the type {of} is not there, or may not be used: GRANT EXECUTE ON {} TO {}",
                    of.quoted(),
                    self.session.user().quoted()
                ),
            ));
        };
        if row.get(1) == Some("YES") {
            let message = format!("the type {of} is incomplete: compile it, or leave the column out");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let extensible = row.get(0) == Some("NO");
        self.known.insert(of.clone(), extensible);
        Ok(extensible)
    }
}

fn ident(name: &str) -> Result<OracleIdent, Error> {
    OracleIdent::new(name)
        .map_err(|e| Error::new(ErrorKind::Malformed, format!("the name {name:?} of a type or an attribute: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use type_convert::{CollectionType, ObjectType};

    #[test]
    fn what_cannot_be_read_is_named() {
        let object = |attributes: &[(&str, OracleType)]| {
            OracleType::Object(Box::new(ObjectType {
                owner: "HR".into(),
                name: "T".into(),
                attributes: attributes.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect(),
            }))
        };
        let list = |element| {
            OracleType::Collection(Box::new(CollectionType {
                owner: "HR".into(),
                name: "L".into(),
                limit: None,
                element,
            }))
        };
        assert_eq!(unreadable(&object(&[("A", OracleType::Date), ("B", list(OracleType::Clob))])), None);
        assert_eq!(unreadable(&OracleType::Geometry), None);
        let interval = OracleType::IntervalYm { year_precision: 2 };
        let message = unreadable(&list(object(&[("A", OracleType::Date), ("B", interval)]))).unwrap();
        assert_eq!(message, "the attribute B of HR.T: INTERVAL YEAR(2) TO MONTH");
        assert_eq!(unreadable(&list(OracleType::BFile)).unwrap(), "the elements of HR.L: BFILE");
        let unknown = OracleType::Other { owner: Some("HR".into()), name: "X".into() };
        assert_eq!(unreadable(&unknown).unwrap(), "HR.X");
    }
}
