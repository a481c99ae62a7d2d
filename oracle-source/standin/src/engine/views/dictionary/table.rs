//! Tables, views and their columns.

use super::{NULL, Scope, Values, count, id, number, shows_path, text, y_n, yes_no};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, Store, TableInfo, sequence_of},
        views::fixed_views,
    },
};
use schema_map::{Identity, ObjectPath, OracleIdent, TableKind, View};
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
    let mut rows: Values = shown_tables(store, model, scope)
        .filter(|info| object_type(info).is_none())
        .map(|info| {
            let table = &info.table;
            let temporary = table.kind == TableKind::GlobalTemporary;
            let organized = table.kind == TableKind::IndexOrganized;
            let (cluster_owner, cluster) = cluster(info);
            vec![
                id(&table.path.schema),
                id(&table.path.name),
                if organized || temporary { NULL } else { text("USERS") },
                cluster,
                NULL,
                text("VALID"),
                yes_no(!temporary),
                NULL,
                NULL,
                NULL,
                NULL,
                yes_no(table.partitioning.is_some()),
                if organized { text("IOT") } else { NULL },
                y_n(temporary),
                text("N"),
                text("NO"),
                text("DISABLED"),
                duration(info),
                text("YES"),
                cluster_owner,
                text("DISABLED"),
                text("DISABLED"),
                text("NO"),
                yes_no(info.is_read_only()),
                yes_no(info.is_external()),
                NULL,
            ]
        })
        .collect();
    // The tables that the rows of materialized views are in.
    for view in shown_materialized(store, model, scope) {
        let mut row = vec![NULL; 26];
        (row[0], row[1], row[2]) = (id(&view.path.schema), id(&view.path.name), text("USERS"));
        (row[5], row[6], row[11]) = (text("VALID"), text("YES"), text("NO"));
        (row[13], row[14], row[15]) = (text("N"), text("N"), text("NO"));
        (row[22], row[23], row[24]) = (text("NO"), text("NO"), text("NO"));
        rows.push(row);
    }
    Ok(rows)
}

/// Materialized views whose rows are in a table of their own.
fn shown_materialized<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = &'a View> {
    let shown = model.catalog.materialized_views.iter().filter(move |m| shows_path(store, model, scope, &m.view.path));
    shown.filter(|m| !m.options.to_uppercase().contains("PREBUILT")).map(|m| &m.view)
}

/// What a remark of the reader of DDL says between these words: the catalog has no other place for it.
fn remarked<'a>(info: &'a TableInfo, before: &str, after: &str) -> Option<&'a str> {
    info.table.remarks.iter().find_map(|remark| Some(remark.strip_prefix(before)?.split_once(after)?.0))
}

/// The type of an object table.
fn object_type(info: &TableInfo) -> Option<(&str, &str)> {
    remarked(info, "an object table of ", ": ")?.split_once('.')
}

fn cluster(info: &TableInfo) -> (Value, Value) {
    let cluster = remarked(info, "it is kept in the cluster ", ", ").and_then(|path| path.split_once('.'));
    cluster.map_or((NULL, NULL), |(owner, name)| (text(owner), text(name)))
}

fn duration(info: &TableInfo) -> Value {
    match remarked(info, "ON COMMIT ", " ROWS") {
        Some("PRESERVE") => text("SYS$SESSION"),
        _ if info.is_temporary() => text("SYS$TRANSACTION"),
        _ => NULL,
    }
}

pub(super) fn object_tables(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = shown_tables(store, model, scope).filter_map(|info| Some((info, object_type(info)?)));
    Ok(shown
        .map(|(info, (owner, name))| {
            let (cluster_owner, cluster) = cluster(info);
            vec![
                id(&info.table.path.schema),
                id(&info.table.path.name),
                text("USERS"),
                cluster,
                NULL,
                text("VALID"),
                NULL,
                NULL,
                NULL,
                yes_no(info.table.partitioning.is_some()),
                if info.index_organized() { text("IOT") } else { NULL },
                text(owner),
                text(name),
                text("N"),
                text("N"),
                text("NO"),
                NULL,
                cluster_owner,
                text("NO"),
            ]
        })
        .collect())
}

pub(super) fn external_tables(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = shown_tables(store, model, scope).filter(|info| info.is_external());
    Ok(shown
        .map(|info| vec![id(&info.table.path.schema), id(&info.table.path.name), text("SYS"), text("ORACLE_LOADER")])
        .collect())
}

/// DATA_TYPE, DATA_TYPE_OWNER, DATA_LENGTH, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH, CHAR_USED.
pub(super) struct TypeColumns {
    pub(super) name: String,
    pub(super) owner: Option<String>,
    pub(super) length: i64,
    pub(super) precision: Option<i64>,
    pub(super) scale: Option<i64>,
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
        // Dimensions and format are in VECTOR_INFO.
        OracleType::Vector { .. } => plain("VECTOR", 8200),
        OracleType::Geometry => TypeColumns { owner: Some("MDSYS".to_owned()), ..plain("SDO_GEOMETRY", 1) },
        OracleType::Object(of) => TypeColumns { owner: Some(of.owner.clone()), ..plain(&of.name, 1) },
        OracleType::Collection(of) => TypeColumns { owner: Some(of.owner.clone()), ..plain(&of.name, 1) },
        OracleType::Other { owner, name } => TypeColumns { owner: owner.clone(), ..plain(name, 1) },
        other => plain(&other.to_string(), 0),
    }
}

pub(super) fn columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        let mut visible = 0;
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
            // Types of the schema have an owner in the dictionary.
            let oracle_type = match &column.oracle_type {
                OracleType::Other { owner: None, name } if is_type(model, path.schema.as_str(), name) => {
                    &OracleType::Other { owner: Some(path.schema.as_str().to_owned()), name: name.clone() }
                }
                other => other,
            };
            let mut row = column_row(path, n, name, oracle_type, column.nullable, kind);
            row[DEFAULT_ON_NULL] = yes_no(column.default_on_null);
            if column.invisible {
                (row[COLUMN_ID], row[HIDDEN_COLUMN]) = (NULL, text("YES"));
            } else {
                row[COLUMN_ID] = count(visible + 1);
                visible += 1;
            }
            rows.push(row);
        }
    }
    rows.extend(view_columns(store, model, scope));
    Ok(rows)
}

/// `ALL_TAB_COLUMNS`: without hidden columns, and with those of the views in SYS.
pub(super) fn visible_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = columns(store, model, scope)?;
    rows.retain(|row| row[HIDDEN_COLUMN] == text("NO"));
    if scope != Scope::User || store.user() == "SYS" {
        for view in fixed_views(store, model) {
            let path = ObjectPath::new(
                OracleIdent::new("SYS").map_err(internal)?,
                OracleIdent::new(&view.name).map_err(internal)?,
            );
            for (n, column) in view.columns.iter().enumerate() {
                let plain = (None, false, false, false);
                rows.push(column_row(&path, n, &column.name, &column.oracle_type, true, plain));
            }
        }
    }
    Ok(rows)
}

fn internal(error: schema_map::IdentError) -> OraError {
    OraError::new(600, format!("internal error code, arguments: [{error}]"))
}

fn is_type(model: &Model, schema: &str, name: &str) -> bool {
    model.object(schema, name.strip_prefix("REF ").unwrap_or(name), "TYPE").is_some()
}

/// Places in a row of `ALL_TAB_COLS`.
const DATA_TYPE_MOD: usize = 4;
const COLUMN_ID: usize = 10;
const HIDDEN_COLUMN: usize = 20;
const DEFAULT_ON_NULL: usize = 25;

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
    let reference = ty.name.strip_prefix("REF ").map(str::to_owned);
    let modifier = if reference.is_some() { text("REF") } else { NULL };
    let mut row = vec![
        id(&path.schema),
        id(&path.name),
        text(name),
        text(reference.unwrap_or(ty.name)),
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
        if characters { text("USING_NLS_COMP") } else { NULL },
        text("YES"),
        match oracle_type {
            OracleType::Vector { .. } => text(vector_info(oracle_type)),
            _ => NULL,
        },
    ];
    row[DATA_TYPE_MOD] = modifier;
    row
}

/// `VECTOR(*,*)`, `VECTOR(3,FLOAT32)`: with both arguments, whatever was declared.
fn vector_info(ty: &OracleType) -> String {
    let OracleType::Vector { dimensions, format } = ty else { return String::new() };
    let any = || "*".to_owned();
    let format = format.map_or_else(any, |_| {
        let text = OracleType::Vector { dimensions: None, format: *format }.to_string();
        let argument = text.trim_end_matches(')').rsplit(',').next().unwrap_or("*").trim();
        argument.to_owned()
    });
    format!("VECTOR({},{format})", dimensions.map_or_else(any, |n| n.to_string()))
}

/// The columns of views, as their queries give them. A view whose query is not valid has none.
fn view_columns(store: &Store, model: &Model, scope: Scope) -> Values {
    let mut rows = Values::new();
    let views = model.catalog.views.iter().filter(|v| shows_path(store, model, scope, &v.path));
    for view in views.chain(shown_materialized(store, model, scope)) {
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
            let sequence = sequence_of(info.table.path.clone(), column.identity_options.unwrap_or_default());
            rows.push(vec![
                id(&info.table.path.schema),
                id(&info.table.path.name),
                id(&column.name),
                text(match identity {
                    Identity::Always => "ALWAYS",
                    Identity::ByDefault => "BY DEFAULT",
                }),
                text(format!("ISEQ$$_{}", info.object.id)),
                text(format!(
                    "START WITH: {}, INCREMENT BY: {}, MAX_VALUE: {}, MIN_VALUE: {}, CYCLE_FLAG: {}, CACHE_SIZE: {}, ORDER_FLAG: N",
                    sequence.next_value,
                    sequence.increment,
                    sequence.max_value,
                    sequence.min_value,
                    if sequence.cycle { "Y" } else { "N" },
                    sequence.cache
                )),
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
    // Oracle comments on the tables of materialized views by itself.
    let containers = shown_materialized(store, model, scope);
    Ok(tables
        .map(|t| row(&t.path, "TABLE", &t.comment))
        .chain(views.map(|v| row(&v.path, "VIEW", &v.comment)))
        .chain(containers.map(|v| row(&v.path, "TABLE", &Some(format!("snapshot table for snapshot {}", v.path)))))
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
    let views = model.catalog.views.iter().filter(|v| shows_path(store, model, scope, &v.path));
    for view in views.chain(shown_materialized(store, model, scope)) {
        rows.extend(
            view.column_comments
                .iter()
                .map(|(column, comment)| vec![id(&view.path.schema), id(&view.path.name), id(column), text(comment)]),
        );
    }
    Ok(rows)
}
