//! Tables, views and their columns.

use super::{NULL, Scope, Values, count, id, number, shows_path, text, y_n, yes_no};
use crate::{
    OraError,
    engine::store::{Model, Store, TableInfo},
};
use schema_map::{Identity, ObjectPath, TableKind};
use std::sync::Arc;
use type_convert::{LengthUnit, OracleType, Value};

/// Tables that the scope shows, with what the store knows of them.
pub(super) fn shown_tables<'a>(
    store: &'a Store,
    model: &'a Model,
    scope: Scope,
) -> impl Iterator<Item = &'a Arc<TableInfo>> {
    let mut all: Vec<&Arc<TableInfo>> =
        model.tables().filter(|t| shows_path(store, model, scope, &t.table.path)).collect();
    all.sort_by_key(|t| t.object.id);
    all.into_iter()
}

pub(super) fn tables(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown_tables(store, model, scope)
        .map(|info| {
            let table = &info.table;
            let temporary = table.kind == TableKind::GlobalTemporary;
            let organized = table.kind == TableKind::IndexOrganized;
            vec![
                id(&table.path.schema),
                id(&table.path.name),
                if organized || temporary { NULL } else { text("USERS") },
                NULL,
                NULL,
                text("VALID"),
                yes_no(!temporary),
                NULL,
                NULL,
                NULL,
                NULL,
                text("NO"),
                if organized { text("IOT") } else { NULL },
                y_n(temporary),
                text("N"),
                text("NO"),
                text("DISABLED"),
                NULL,
                text("YES"),
                NULL,
                text("DISABLED"),
                text("DISABLED"),
                text("NO"),
                text("NO"),
                text("NO"),
            ]
        })
        .collect())
}

/// DATA_TYPE, DATA_TYPE_OWNER, DATA_LENGTH, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH, CHAR_USED.
pub(super) struct TypeColumns {
    name: String,
    owner: Option<String>,
    pub(super) length: i64,
    precision: Option<i64>,
    scale: Option<i64>,
    pub(super) char_length: i64,
    char_used: Option<&'static str>,
}

pub(super) fn type_columns(ty: &OracleType) -> TypeColumns {
    let plain = |name: &str, length: i64| TypeColumns {
        name: name.to_owned(),
        owner: None,
        length,
        precision: None,
        scale: None,
        char_length: 0,
        char_used: None,
    };
    let chars = |name: &str, length: u32, unit: &LengthUnit, limit: i64| {
        let length = i64::from(length);
        let (bytes, used) = match unit {
            LengthUnit::Byte => (length, "B"),
            LengthUnit::Char => ((length * 4).min(limit), "C"),
        };
        TypeColumns { char_length: length, char_used: Some(used), ..plain(name, bytes) }
    };
    match ty {
        OracleType::Number { precision, scale } => {
            TypeColumns { precision: precision.map(i64::from), scale: scale.map(i64::from), ..plain("NUMBER", 22) }
        }
        OracleType::Float { binary_precision } => {
            TypeColumns { precision: Some(i64::from(*binary_precision)), ..plain("FLOAT", 22) }
        }
        OracleType::BinaryFloat => plain("BINARY_FLOAT", 4),
        OracleType::BinaryDouble => plain("BINARY_DOUBLE", 8),
        OracleType::Char { length, unit } => chars("CHAR", *length, unit, 2000),
        OracleType::Varchar2 { length, unit } => chars("VARCHAR2", *length, unit, 4000.max(i64::from(*length))),
        OracleType::NChar { length } => TypeColumns {
            char_length: i64::from(*length),
            char_used: Some("C"),
            ..plain("NCHAR", i64::from(*length) * 2)
        },
        OracleType::NVarchar2 { length } => TypeColumns {
            char_length: i64::from(*length),
            char_used: Some("C"),
            ..plain("NVARCHAR2", i64::from(*length) * 2)
        },
        OracleType::Long => plain("LONG", 0),
        OracleType::LongRaw => plain("LONG RAW", 0),
        OracleType::Raw { length } => plain("RAW", i64::from(*length)),
        OracleType::Clob => plain("CLOB", 4000),
        OracleType::NClob => plain("NCLOB", 4000),
        OracleType::Blob => plain("BLOB", 4000),
        OracleType::BFile => plain("BFILE", 530),
        OracleType::Date => plain("DATE", 7),
        OracleType::Timestamp { precision } => {
            TypeColumns { scale: Some(i64::from(*precision)), ..plain(&format!("TIMESTAMP({precision})"), 11) }
        }
        OracleType::TimestampTz { precision } => TypeColumns {
            scale: Some(i64::from(*precision)),
            ..plain(&format!("TIMESTAMP({precision}) WITH TIME ZONE"), 13)
        },
        OracleType::TimestampLtz { precision } => TypeColumns {
            scale: Some(i64::from(*precision)),
            ..plain(&format!("TIMESTAMP({precision}) WITH LOCAL TIME ZONE"), 11)
        },
        OracleType::IntervalYm { year_precision } => TypeColumns {
            precision: Some(i64::from(*year_precision)),
            scale: Some(0),
            ..plain(&format!("INTERVAL YEAR({year_precision}) TO MONTH"), 5)
        },
        OracleType::IntervalDs { day_precision, second_precision } => TypeColumns {
            precision: Some(i64::from(*day_precision)),
            scale: Some(i64::from(*second_precision)),
            ..plain(&format!("INTERVAL DAY({day_precision}) TO SECOND({second_precision})"), 11)
        },
        OracleType::RowId => plain("ROWID", 10),
        OracleType::URowId { length } => plain("UROWID", i64::from(*length)),
        OracleType::Xml => TypeColumns { owner: Some("SYS".to_owned()), ..plain("XMLTYPE", 2000) },
        OracleType::Json => plain("JSON", 8200),
        OracleType::Boolean => plain("BOOLEAN", 1),
        OracleType::Other { owner, name } => TypeColumns { owner: owner.clone(), ..plain(name, 1) },
        other => plain(&other.to_string(), 0),
    }
}

pub(super) fn columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for (n, column) in info.table.columns.iter().enumerate() {
            let sequence = format!("\"{}\".\"ISEQ$$_{}\".nextval", info.table.path.schema, info.object.id);
            let default = match (&column.virtual_expression, column.identity) {
                (Some(expression), _) => Some(expression),
                (None, Some(_)) => Some(&sequence),
                (None, None) => column.default.as_ref(),
            };
            let kind =
                (default.map(String::as_str), true, column.virtual_expression.is_some(), column.identity.is_some());
            let (path, name) = (&info.table.path, column.name.as_str());
            rows.push(column_row(path, n, name, &column.oracle_type, column.nullable, kind));
        }
    }
    rows.extend(view_columns(store, model, scope));
    Ok(rows)
}

/// A row of `ALL_TAB_COLS`. `kind`: DATA_DEFAULT, whether it is stored in a segment, whether it is virtual, an identity column.
fn column_row(
    path: &ObjectPath,
    position: usize,
    name: &str,
    oracle_type: &OracleType,
    nullable: bool,
    (default, segment, is_virtual, identity): (Option<&str>, bool, bool, bool),
) -> Vec<Value> {
    let ty = type_columns(oracle_type);
    let national = matches!(oracle_type, OracleType::NChar { .. } | OracleType::NVarchar2 { .. } | OracleType::NClob);
    let characters = ty.char_used.is_some() || *oracle_type == OracleType::Clob;
    vec![
        id(&path.schema),
        id(&path.name),
        text(name),
        text(ty.name),
        NULL,
        ty.owner.map_or(NULL, text),
        number(ty.length),
        ty.precision.map_or(NULL, number),
        ty.scale.map_or(NULL, number),
        y_n(nullable),
        count(position + 1),
        default.map_or(NULL, |d| count(d.len())),
        default.map_or(NULL, text),
        NULL,
        NULL,
        match (national, characters) {
            (true, _) => text("NCHAR_CS"),
            (false, true) => text("CHAR_CS"),
            _ => NULL,
        },
        if ty.char_length > 0 { number(ty.length) } else { NULL },
        NULL,
        number(ty.char_length),
        ty.char_used.map_or(NULL, text),
        text("NO"),
        yes_no(is_virtual),
        if segment && !is_virtual { count(position + 1) } else { NULL },
        count(position + 1),
        yes_no(identity),
        text("NO"),
    ]
}

/// The columns of views, as their queries give them. A view whose query is not valid has none.
fn view_columns(store: &Store, model: &Model, scope: Scope) -> Values {
    let mut rows = Values::new();
    for view in model.catalog.views.iter().filter(|v| shows_path(store, model, scope, &v.path)) {
        let query = format!("SELECT * FROM {}", view.path.quoted());
        let Ok(columns) = crate::engine::sql::describe(store, &query) else { continue };
        for (n, column) in columns.iter().enumerate() {
            let default = (None, false, false, false);
            rows.push(column_row(&view.path, n, &column.name, &column.oracle_type, column.nullable, default));
        }
    }
    rows
}

pub(super) fn identity_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for column in &info.table.columns {
            let Some(identity) = column.identity else { continue };
            rows.push(vec![
                id(&info.table.path.schema),
                id(&info.table.path.name),
                id(&column.name),
                text(match identity {
                    Identity::Always => "ALWAYS",
                    Identity::ByDefault => "BY DEFAULT",
                }),
                text(format!("ISEQ$$_{}", info.object.id)),
                // Options are refused, so that these are every identity column's.
                text("START WITH: 1, INCREMENT BY: 1, MAX_VALUE: 9999999999999999999999999999, MIN_VALUE: 1, CYCLE_FLAG: N, CACHE_SIZE: 20, ORDER_FLAG: N"),
            ]);
        }
    }
    Ok(rows)
}

pub(super) fn table_comments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let row = |path: &ObjectPath, kind: &str, comment: &Option<String>| {
        vec![id(&path.schema), id(&path.name), text(kind), comment.as_ref().map_or(NULL, text)]
    };
    let tables = model.catalog.tables.iter().filter(|t| shows_path(store, model, scope, &t.path));
    let views = model.catalog.views.iter().filter(|v| shows_path(store, model, scope, &v.path));
    Ok(tables
        .map(|t| row(&t.path, "TABLE", &t.comment))
        .chain(views.map(|v| row(&v.path, "VIEW", &v.comment)))
        .collect())
}

pub(super) fn column_comments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for table in model.catalog.tables.iter().filter(|t| shows_path(store, model, scope, &t.path)) {
        for column in &table.columns {
            rows.push(vec![
                id(&table.path.schema),
                id(&table.path.name),
                id(&column.name),
                column.comment.as_ref().map_or(NULL, text),
            ]);
        }
    }
    Ok(rows)
}
