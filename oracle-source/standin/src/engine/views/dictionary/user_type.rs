//! Object and collection types.

use super::{NULL, Scope, Values, count, id, number, shows_path, table::type_columns, text, yes_no};
use crate::{
    OraError,
    engine::store::{Model, Store},
};
use schema_map::{CodeKind, ObjectPath, OracleIdent, UserType, UserTypes};
use type_convert::{OracleType, Value};

/// Types whose source is not complete have no definition.
pub(super) fn types(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let named = model.catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type);
    Ok(named
        .filter(|c| shows_path(store, model, scope, &c.path))
        .map(|code| {
            let defined = model.types.get(&code.path);
            let (attributes, local, supertype, extensible) = match defined {
                Some(UserType::Object { attributes, supertype, extensible }) => {
                    let inherited = supertype.as_ref().map_or(0, |path| attribute_count(model, path));
                    (attributes.len(), Some(attributes.len() - inherited), supertype.as_ref(), *extensible)
                }
                _ => (0, None, None, false),
            };
            let of = |part: fn(&ObjectPath) -> &OracleIdent| supertype.map_or(NULL, |path| id(part(path)));
            vec![
                id(&code.path.schema),
                id(&code.path.name),
                text(if matches!(defined, Some(UserType::Collection { .. })) { "COLLECTION" } else { "OBJECT" }),
                count(attributes),
                text("NO"),
                yes_no(defined.is_none()),
                yes_no(!extensible),
                text("YES"),
                of(|path| &path.schema),
                of(|path| &path.name),
                local.filter(|_| supertype.is_some()).map_or(NULL, count),
            ]
        })
        .collect())
}

fn attribute_count(model: &Model, path: &ObjectPath) -> usize {
    match model.types.get(path) {
        Some(UserType::Object { attributes, .. }) => attributes.len(),
        _ => 0,
    }
}

/// What the types that a scope shows are made of.
fn shown<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = (&'a ObjectPath, &'a UserType)> {
    model.types.iter().filter(move |(path, _)| shows_path(store, model, scope, path))
}

pub(super) fn attributes(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for (path, defined) in shown(store, model, scope) {
        let UserType::Object { attributes, supertype, .. } = defined else { continue };
        let inherited = supertype.as_ref().map_or(0, |path| attribute_count(model, path));
        for (n, (name, ty)) in attributes.iter().enumerate() {
            let mut row = vec![id(&path.schema), id(&path.name), id(name)];
            row.extend(columns_of(ty, path));
            row.extend([count(n + 1), yes_no(n < inherited)]);
            rows.push(row);
        }
    }
    Ok(rows)
}

pub(super) fn collections(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for (path, defined) in shown(store, model, scope) {
        let UserType::Collection { limit, element } = defined else { continue };
        let kind = text(if limit.is_some() { "VARYING ARRAY" } else { "TABLE" });
        let mut row = vec![id(&path.schema), id(&path.name), kind, limit.map_or(NULL, |n| number(i64::from(n)))];
        row.extend(columns_of(element, path));
        rows.push(row);
    }
    Ok(rows)
}

/// The columns of a type within a type: its modifier, owner and name, LENGTH, PRECISION, SCALE, CHARACTER_SET_NAME.
fn columns_of(ty: &OracleType, within: &ObjectPath) -> Vec<Value> {
    let (name, precision, scale) = match ty {
        OracleType::Number { precision: None, scale: Some(0) } => ("INTEGER".to_owned(), None, None),
        // Unlike in ALL_TAB_COLUMNS, the precision is no part of the name.
        OracleType::Timestamp { precision } => ("TIMESTAMP".to_owned(), None, Some(i64::from(*precision))),
        OracleType::TimestampTz { precision } => ("TIMESTAMP WITH TZ".to_owned(), None, Some(i64::from(*precision))),
        OracleType::TimestampLtz { precision } => {
            ("TIMESTAMP WITH LOCAL TZ".to_owned(), None, Some(i64::from(*precision)))
        }
        OracleType::IntervalYm { year_precision } => {
            ("INTERVAL YEAR TO MONTH".to_owned(), Some(i64::from(*year_precision)), None)
        }
        OracleType::IntervalDs { day_precision, second_precision } => {
            ("INTERVAL DAY TO SECOND".to_owned(), Some(i64::from(*day_precision)), Some(i64::from(*second_precision)))
        }
        _ => {
            let described = type_columns(ty);
            (described.name, described.precision, described.scale)
        }
    };
    let described = type_columns(ty);
    let named = UserTypes::path(ty, &within.schema);
    let owner = named.map(|path| id(&path.schema)).or(described.owner.map(text));
    let (modifier, name) = match name.strip_prefix("REF ") {
        Some(of) => (text("REF"), of.to_owned()),
        None => (NULL, name),
    };
    let characters = described.char_length > 0;
    let national = matches!(ty, OracleType::NChar { .. } | OracleType::NVarchar2 { .. } | OracleType::NClob);
    vec![
        modifier,
        owner.unwrap_or(NULL),
        text(name),
        match ty {
            OracleType::Raw { length } => number(i64::from(*length)),
            _ if characters => number(described.char_length),
            _ => NULL,
        },
        precision.map_or(NULL, number),
        scale.map_or(NULL, number),
        match (national, characters || *ty == OracleType::Clob) {
            (true, _) => text("NCHAR_CS"),
            (false, true) => text("CHAR_CS"),
            _ => NULL,
        },
    ]
}
