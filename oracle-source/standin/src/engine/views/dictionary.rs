//! `USER_`, `ALL_` and `DBA_` views.

use super::{
    Access, Columns, D, Kind, L, N, NULL, Registry, Scope, Source, V, Values, count, number, text, y_n, yes_no,
};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, OBJECT_PRIVILEGES, Object, Store, TableInfo, code_kind, date},
    },
};
use schema_map::{
    CodeKind, Constraint, ConstraintKind, Identity, Index, IndexKey, ObjectPath, OnDelete, OracleIdent, Table,
    TableKind,
};
use std::sync::Arc;
use type_convert::{LengthUnit, Number, OracleType, Value};

const BLOCK: i64 = 8192;
const NAME: Kind = V(128);

pub(super) fn register(registry: &mut Registry) {
    registry.family(
        "TABLES",
        &[
            ("OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("TABLESPACE_NAME", V(30)),
            ("CLUSTER_NAME", NAME),
            ("IOT_NAME", NAME),
            ("STATUS", V(8)),
            ("LOGGING", V(3)),
            ("NUM_ROWS", N),
            ("BLOCKS", N),
            ("AVG_ROW_LEN", N),
            ("LAST_ANALYZED", D),
            ("PARTITIONED", V(3)),
            ("IOT_TYPE", V(12)),
            ("TEMPORARY", V(1)),
            ("SECONDARY", V(1)),
            ("NESTED", V(3)),
            ("ROW_MOVEMENT", V(8)),
            ("DURATION", V(15)),
            ("MONITORING", V(3)),
            ("CLUSTER_OWNER", NAME),
            ("DEPENDENCIES", V(8)),
            ("COMPRESSION", V(8)),
            ("DROPPED", V(3)),
            ("READ_ONLY", V(3)),
            ("EXTERNAL", V(3)),
        ],
        1,
        tables,
    );
    registry.family(
        "EXTERNAL_TABLES",
        &[("OWNER", NAME), ("TABLE_NAME", NAME), ("TYPE_OWNER", V(3)), ("TYPE_NAME", NAME)],
        1,
        |_, _, _| Ok(Vec::new()),
    );
    const COLUMNS: Columns = &[
        ("OWNER", NAME),
        ("TABLE_NAME", NAME),
        ("COLUMN_NAME", NAME),
        ("DATA_TYPE", NAME),
        ("DATA_TYPE_MOD", V(3)),
        ("DATA_TYPE_OWNER", NAME),
        ("DATA_LENGTH", N),
        ("DATA_PRECISION", N),
        ("DATA_SCALE", N),
        ("NULLABLE", V(1)),
        ("COLUMN_ID", N),
        ("DEFAULT_LENGTH", N),
        ("DATA_DEFAULT", L),
        ("NUM_DISTINCT", N),
        ("NUM_NULLS", N),
        ("CHARACTER_SET_NAME", V(44)),
        ("CHAR_COL_DECL_LENGTH", N),
        ("AVG_COL_LEN", N),
        ("CHAR_LENGTH", N),
        ("CHAR_USED", V(1)),
        ("HIDDEN_COLUMN", V(3)),
        ("VIRTUAL_COLUMN", V(3)),
        ("SEGMENT_COLUMN_ID", N),
        ("INTERNAL_COLUMN_ID", N),
        ("IDENTITY_COLUMN", V(3)),
        ("DEFAULT_ON_NULL", V(3)),
    ];
    registry.family("TAB_COLUMNS", COLUMNS, 1, columns);
    registry.family("TAB_COLS", COLUMNS, 1, columns);
    registry.family(
        "TAB_IDENTITY_COLS",
        &[
            ("OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("COLUMN_NAME", NAME),
            ("GENERATION_TYPE", V(10)),
            ("SEQUENCE_NAME", NAME),
            ("IDENTITY_OPTIONS", V(298)),
        ],
        1,
        identity_columns,
    );
    registry.family(
        "CONSTRAINTS",
        &[
            ("OWNER", NAME),
            ("CONSTRAINT_NAME", NAME),
            ("CONSTRAINT_TYPE", V(1)),
            ("TABLE_NAME", NAME),
            ("SEARCH_CONDITION", L),
            ("SEARCH_CONDITION_VC", V(4000)),
            ("R_OWNER", NAME),
            ("R_CONSTRAINT_NAME", NAME),
            ("DELETE_RULE", V(9)),
            ("STATUS", V(8)),
            ("DEFERRABLE", V(14)),
            ("DEFERRED", V(9)),
            ("VALIDATED", V(13)),
            ("GENERATED", V(14)),
            ("BAD", V(3)),
            ("RELY", V(4)),
            ("LAST_CHANGE", D),
            ("INDEX_OWNER", NAME),
            ("INDEX_NAME", NAME),
            ("INVALID", V(7)),
            ("VIEW_RELATED", V(14)),
        ],
        0,
        constraints,
    );
    registry.family(
        "CONS_COLUMNS",
        &[("OWNER", NAME), ("CONSTRAINT_NAME", NAME), ("TABLE_NAME", NAME), ("COLUMN_NAME", V(4000)), ("POSITION", N)],
        0,
        constraint_columns,
    );
    registry.family(
        "INDEXES",
        &[
            ("OWNER", NAME),
            ("INDEX_NAME", NAME),
            ("INDEX_TYPE", V(27)),
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("TABLE_TYPE", V(11)),
            ("UNIQUENESS", V(9)),
            ("COMPRESSION", V(13)),
            ("TABLESPACE_NAME", V(30)),
            ("LOGGING", V(3)),
            ("STATUS", V(8)),
            ("NUM_ROWS", N),
            ("PARTITIONED", V(3)),
            ("TEMPORARY", V(1)),
            ("GENERATED", V(1)),
            ("SECONDARY", V(1)),
            ("FUNCIDX_STATUS", V(8)),
            ("JOIN_INDEX", V(3)),
            ("DROPPED", V(3)),
            ("VISIBILITY", V(9)),
            ("CONSTRAINT_INDEX", V(3)),
        ],
        1,
        indexes,
    );
    registry.family(
        "IND_COLUMNS",
        &[
            ("INDEX_OWNER", NAME),
            ("INDEX_NAME", NAME),
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("COLUMN_NAME", V(4000)),
            ("COLUMN_POSITION", N),
            ("COLUMN_LENGTH", N),
            ("CHAR_LENGTH", N),
            ("DESCEND", V(4)),
        ],
        0,
        index_columns,
    );
    registry.family(
        "IND_EXPRESSIONS",
        &[
            ("INDEX_OWNER", NAME),
            ("INDEX_NAME", NAME),
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("COLUMN_EXPRESSION", L),
            ("COLUMN_POSITION", N),
        ],
        0,
        index_expressions,
    );
    registry.family(
        "SEQUENCES",
        &[
            ("SEQUENCE_OWNER", NAME),
            ("SEQUENCE_NAME", NAME),
            ("MIN_VALUE", N),
            ("MAX_VALUE", N),
            ("INCREMENT_BY", N),
            ("CYCLE_FLAG", V(1)),
            ("ORDER_FLAG", V(1)),
            ("CACHE_SIZE", N),
            ("LAST_NUMBER", N),
        ],
        1,
        sequences,
    );
    registry.family(
        "VIEWS",
        &[
            ("OWNER", NAME),
            ("VIEW_NAME", NAME),
            ("TEXT_LENGTH", N),
            ("TEXT", L),
            ("TEXT_VC", V(4000)),
            ("READ_ONLY", V(1)),
            ("EDITIONING_VIEW", V(1)),
        ],
        1,
        views,
    );
    registry.family(
        "SYNONYMS",
        &[("OWNER", NAME), ("SYNONYM_NAME", NAME), ("TABLE_OWNER", NAME), ("TABLE_NAME", NAME), ("DB_LINK", V(128))],
        1,
        synonyms,
    );
    registry.family(
        "SOURCE",
        &[("OWNER", NAME), ("NAME", NAME), ("TYPE", V(12)), ("LINE", N), ("TEXT", V(4000))],
        1,
        source,
    );
    registry.family(
        "TRIGGERS",
        &[
            ("OWNER", NAME),
            ("TRIGGER_NAME", NAME),
            ("TRIGGER_TYPE", V(16)),
            ("TRIGGERING_EVENT", V(246)),
            ("TABLE_OWNER", NAME),
            ("BASE_OBJECT_TYPE", V(18)),
            ("TABLE_NAME", NAME),
            ("STATUS", V(8)),
            ("TRIGGER_BODY", L),
        ],
        1,
        triggers,
    );
    registry.family(
        "OBJECTS",
        &[
            ("OWNER", NAME),
            ("OBJECT_NAME", NAME),
            ("SUBOBJECT_NAME", NAME),
            ("OBJECT_ID", N),
            ("DATA_OBJECT_ID", N),
            ("OBJECT_TYPE", V(23)),
            ("CREATED", D),
            ("LAST_DDL_TIME", D),
            ("TIMESTAMP", V(19)),
            ("STATUS", V(7)),
            ("TEMPORARY", V(1)),
            ("GENERATED", V(1)),
            ("SECONDARY", V(1)),
            ("NAMESPACE", N),
            ("EDITION_NAME", NAME),
        ],
        1,
        objects,
    );
    registry.family(
        "TAB_COMMENTS",
        &[("OWNER", NAME), ("TABLE_NAME", NAME), ("TABLE_TYPE", V(11)), ("COMMENTS", V(4000))],
        1,
        table_comments,
    );
    registry.family(
        "COL_COMMENTS",
        &[("OWNER", NAME), ("TABLE_NAME", NAME), ("COLUMN_NAME", NAME), ("COMMENTS", V(4000))],
        1,
        column_comments,
    );
    registry.family(
        "LOG_GROUPS",
        &[
            ("OWNER", NAME),
            ("LOG_GROUP_NAME", NAME),
            ("TABLE_NAME", NAME),
            ("LOG_GROUP_TYPE", V(28)),
            ("ALWAYS", V(11)),
            ("GENERATED", V(14)),
        ],
        0,
        log_groups,
    );
    registry.family(
        "LOG_GROUP_COLUMNS",
        &[
            ("OWNER", NAME),
            ("LOG_GROUP_NAME", NAME),
            ("TABLE_NAME", NAME),
            ("COLUMN_NAME", V(4000)),
            ("POSITION", N),
            ("LOGGING_PROPERTY", V(6)),
        ],
        0,
        log_group_columns,
    );
    const PRIVILEGES: Columns = &[
        ("GRANTOR", NAME),
        ("GRANTEE", NAME),
        ("TABLE_SCHEMA", NAME),
        ("TABLE_NAME", NAME),
        ("PRIVILEGE", V(40)),
        ("GRANTABLE", V(3)),
        ("HIERARCHY", V(3)),
        ("COMMON", V(3)),
        ("TYPE", V(24)),
    ];
    registry.add("ALL_TAB_PRIVS", Access::Everyone, PRIVILEGES, Source::Rows(privileges, Scope::All));
    const OWNED: Columns = &[
        ("GRANTEE", NAME),
        ("OWNER", NAME),
        ("TABLE_NAME", NAME),
        ("GRANTOR", NAME),
        ("PRIVILEGE", V(40)),
        ("GRANTABLE", V(3)),
        ("HIERARCHY", V(3)),
        ("COMMON", V(3)),
        ("TYPE", V(24)),
    ];
    registry.add("USER_TAB_PRIVS", Access::Everyone, OWNED, Source::Rows(owned_privileges, Scope::User));
    registry.add("DBA_TAB_PRIVS", Access::Catalog, OWNED, Source::Rows(owned_privileges, Scope::Dba));
    registry.family(
        "SYS_PRIVS",
        &[("GRANTEE", NAME), ("PRIVILEGE", V(40)), ("ADMIN_OPTION", V(3)), ("COMMON", V(3)), ("INHERITED", V(3))],
        0,
        |store, model, scope| Ok(role_or_system(store, model, scope, false)),
    );
    registry.family(
        "ROLE_PRIVS",
        &[
            ("GRANTEE", NAME),
            ("GRANTED_ROLE", NAME),
            ("ADMIN_OPTION", V(3)),
            ("DELEGATE_OPTION", V(3)),
            ("DEFAULT_ROLE", V(3)),
        ],
        0,
        |store, model, scope| Ok(role_or_system(store, model, scope, true)),
    );
    registry.add(
        "DBA_ROLES",
        Access::Catalog,
        &[("ROLE", NAME), ("PASSWORD_REQUIRED", V(8)), ("AUTHENTICATION_TYPE", V(11))],
        Source::Rows(
            |_, model, _| Ok(model.privileges.roles.iter().map(|r| vec![text(r), text("NO"), text("NONE")]).collect()),
            Scope::Dba,
        ),
    );
    registry.add(
        "ALL_USERS",
        Access::Everyone,
        &[("USERNAME", NAME), ("USER_ID", N), ("CREATED", D), ("COMMON", V(3)), ("ORACLE_MAINTAINED", V(1))],
        Source::Rows(
            |_, model, _| {
                let row = |u: &crate::engine::store::User| {
                    let maintained = u.name == "SYS" || u.name == "SYSTEM";
                    vec![text(&u.name), number(u.id), date(u.created), text("NO"), y_n(maintained)]
                };
                Ok(model.users.iter().map(row).collect())
            },
            Scope::All,
        ),
    );
    const USERS: Columns = &[
        ("USERNAME", NAME),
        ("USER_ID", N),
        ("ACCOUNT_STATUS", V(32)),
        ("DEFAULT_TABLESPACE", V(30)),
        ("TEMPORARY_TABLESPACE", V(30)),
        ("CREATED", D),
        ("ORACLE_MAINTAINED", V(1)),
    ];
    registry.add("DBA_USERS", Access::Catalog, USERS, Source::Rows(users, Scope::Dba));
    registry.add("USER_USERS", Access::Everyone, USERS, Source::Rows(users, Scope::User));
    const EXTENTS: Columns = &[
        ("OWNER", NAME),
        ("SEGMENT_NAME", NAME),
        ("PARTITION_NAME", NAME),
        ("SEGMENT_TYPE", V(18)),
        ("TABLESPACE_NAME", V(30)),
        ("EXTENT_ID", N),
        ("FILE_ID", N),
        ("BLOCK_ID", N),
        ("BYTES", N),
        ("BLOCKS", N),
        ("RELATIVE_FNO", N),
    ];
    registry.add("DBA_EXTENTS", Access::Catalog, EXTENTS, Source::Rows(extents, Scope::Dba));
    const SEGMENTS: Columns = &[
        ("OWNER", NAME),
        ("SEGMENT_NAME", NAME),
        ("PARTITION_NAME", NAME),
        ("SEGMENT_TYPE", V(18)),
        ("TABLESPACE_NAME", V(30)),
        ("HEADER_FILE", N),
        ("HEADER_BLOCK", N),
        ("BYTES", N),
        ("BLOCKS", N),
        ("EXTENTS", N),
        ("RELATIVE_FNO", N),
    ];
    registry.add("DBA_SEGMENTS", Access::Catalog, SEGMENTS, Source::Rows(segments, Scope::Dba));
    registry.add("USER_SEGMENTS", Access::Everyone, &SEGMENTS[1..], Source::Rows(segments, Scope::User));
}

/// Whether a view of this scope is about the object.
fn shows(store: &Store, model: &Model, scope: Scope, owner: &str, name: &str) -> bool {
    match scope {
        Scope::User => owner == store.user(),
        Scope::Dba => true,
        Scope::All => {
            owner == store.user()
                || owner == "PUBLIC"
                || model.privileges.has_system(store.user(), "SELECT ANY TABLE")
                || model.privileges.has_system(store.user(), "SELECT ANY DICTIONARY")
                || model.privileges.has_object(store.user(), owner, name, OBJECT_PRIVILEGES)
        }
    }
}

fn shows_path(store: &Store, model: &Model, scope: Scope, path: &ObjectPath) -> bool {
    shows(store, model, scope, path.schema.as_str(), path.name.as_str())
}

fn id(ident: &OracleIdent) -> Value {
    text(ident.as_str())
}

fn big(n: i128) -> Value {
    n.to_string().parse::<Number>().map_or(NULL, Value::Number)
}

/// Tables that the scope shows, with what the store knows of them.
fn shown_tables<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = &'a Arc<TableInfo>> {
    let mut all: Vec<&Arc<TableInfo>> =
        model.tables().filter(|t| shows_path(store, model, scope, &t.table.path)).collect();
    all.sort_by_key(|t| t.object.id);
    all.into_iter()
}

fn tables(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
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
struct TypeColumns {
    name: String,
    owner: Option<String>,
    length: i64,
    precision: Option<i64>,
    scale: Option<i64>,
    char_length: i64,
    char_used: Option<&'static str>,
}

fn type_columns(ty: &OracleType) -> TypeColumns {
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

fn columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
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

fn identity_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
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

/// The constraints of a table, NOT NULL ones as Oracle has them: checks with made-up names.
fn all_constraints(info: &TableInfo) -> Vec<(Constraint, Option<&OracleIdent>)> {
    let table = &info.table;
    let mut all: Vec<(Constraint, Option<&OracleIdent>)> =
        table.constraints.iter().map(|c| (c.clone(), None)).collect();
    let key = table.primary_key().unwrap_or_default();
    for (n, column) in table.columns.iter().enumerate() {
        if column.nullable || key.contains(&column.name) || column.virtual_expression.is_some() {
            continue;
        }
        // One name for one column of one table, whoever asks.
        let name = format!("SYS_C{:07}", info.object.id * 100 % 9_000_000 + i64::try_from(n).unwrap_or(0) + 1);
        all.push((
            Constraint {
                name: OracleIdent::new(name).ok(),
                kind: ConstraintKind::Check { condition: format!("{} IS NOT NULL", column.name.quoted()) },
                enabled: true,
                validated: true,
                deferrable: false,
                initially_deferred: false,
            },
            Some(&column.name),
        ));
    }
    all
}

fn name_of(constraint: &Constraint) -> Value {
    constraint.name.as_ref().map_or(NULL, id)
}

/// The key of `table` that has these columns, in whatever order.
fn referenced_key<'a>(table: &'a Table, columns: &[OracleIdent]) -> Option<&'a Constraint> {
    table.constraints.iter().find(|c| match &c.kind {
        ConstraintKind::PrimaryKey { columns: key } | ConstraintKind::Unique { columns: key } => {
            key.len() == columns.len() && key.iter().all(|k| columns.contains(k))
        }
        _ => false,
    })
}

fn constraints(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        let table = &info.table;
        for (constraint, _) in all_constraints(info) {
            let (mut condition, mut referred, mut rule, mut index) = (NULL, (NULL, NULL), NULL, (NULL, NULL));
            let kind = match &constraint.kind {
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
                    let name = constraint.name.as_ref();
                    if let Some(found) = name.and_then(|name| model.index_behind(&table.path, name)) {
                        index = (id(&found.schema), id(&found.name));
                    }
                    if matches!(constraint.kind, ConstraintKind::PrimaryKey { .. }) { "P" } else { "U" }
                }
                ConstraintKind::ForeignKey { references, referenced_columns, on_delete, .. } => {
                    let key = model.catalog.table(references).and_then(|t| referenced_key(t, referenced_columns));
                    referred = (id(&references.schema), key.map_or(NULL, name_of));
                    rule = text(match on_delete {
                        OnDelete::NoAction => "NO ACTION",
                        OnDelete::Cascade => "CASCADE",
                        OnDelete::SetNull => "SET NULL",
                    });
                    "R"
                }
                ConstraintKind::Check { condition: found } => {
                    condition = text(found);
                    "C"
                }
            };
            let generated = constraint.name.as_ref().is_some_and(|n| n.as_str().starts_with("SYS_C"));
            rows.push(vec![
                id(&table.path.schema),
                name_of(&constraint),
                text(kind),
                id(&table.path.name),
                condition.clone(),
                condition,
                referred.0,
                referred.1,
                rule,
                text(if constraint.enabled { "ENABLED" } else { "DISABLED" }),
                text(if constraint.deferrable { "DEFERRABLE" } else { "NOT DEFERRABLE" }),
                text(if constraint.initially_deferred { "DEFERRED" } else { "IMMEDIATE" }),
                text(if constraint.validated { "VALIDATED" } else { "NOT VALIDATED" }),
                text(if generated { "GENERATED NAME" } else { "USER NAME" }),
                NULL,
                NULL,
                date(info.object.changed),
                index.0,
                index.1,
                NULL,
                NULL,
            ]);
        }
    }
    // A view WITH READ ONLY has a constraint of type O, which nothing here asks for.
    Ok(rows)
}

fn constraint_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for (constraint, not_null) in all_constraints(info) {
            let mut add = |column: &OracleIdent, position: Value| {
                rows.push(vec![
                    id(&info.table.path.schema),
                    name_of(&constraint),
                    id(&info.table.path.name),
                    id(column),
                    position,
                ]);
            };
            match (&constraint.kind, not_null) {
                (_, Some(column)) => add(column, NULL),
                (
                    ConstraintKind::PrimaryKey { columns }
                    | ConstraintKind::Unique { columns }
                    | ConstraintKind::ForeignKey { columns, .. },
                    None,
                ) => columns.iter().enumerate().for_each(|(n, c)| add(c, count(n + 1))),
                (ConstraintKind::Check { condition }, None) => {
                    let words: Vec<String> = schema_map::sql::Lexer::new(condition)
                        .filter_map(|t| match t.kind {
                            schema_map::sql::TokenKind::Word => Some(t.text.to_uppercase()),
                            schema_map::sql::TokenKind::QuotedIdent => Some(t.text.trim_matches('"').to_owned()),
                            _ => None,
                        })
                        .collect();
                    let named = info.table.columns.iter().filter(|c| words.iter().any(|w| w == c.name.as_str()));
                    named.for_each(|c| add(&c.name, NULL));
                }
            }
        }
    }
    Ok(rows)
}

fn shown_indexes<'a>(store: &'a Store, model: &'a Model, scope: Scope) -> impl Iterator<Item = &'a Index> {
    model.catalog.indexes.iter().filter(move |i| match scope {
        Scope::User => i.path.schema.as_str() == store.user(),
        _ => shows_path(store, model, scope, &i.table),
    })
}

fn indexes(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    Ok(shown_indexes(store, model, scope)
        .map(|index| {
            let expressions = index.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_)) || c.descending);
            let organized = index.backs_constraint
                && model.catalog.table(&index.table).is_some_and(|t| {
                    t.kind == TableKind::IndexOrganized
                        && t.primary_key().is_some_and(|k| {
                            k.len() == index.columns.len()
                                && index
                                    .columns
                                    .iter()
                                    .zip(k)
                                    .all(|(c, k)| matches!(&c.key, IndexKey::Column(n) if n == k))
                        })
                });
            let kind = match (organized, index.bitmap, expressions) {
                (true, ..) => "IOT - TOP",
                (_, true, true) => "FUNCTION-BASED BITMAP",
                (_, true, false) => "BITMAP",
                (_, false, true) => "FUNCTION-BASED NORMAL",
                _ => "NORMAL",
            };
            vec![
                id(&index.path.schema),
                id(&index.path.name),
                text(kind),
                id(&index.table.schema),
                id(&index.table.name),
                text("TABLE"),
                text(if index.unique { "UNIQUE" } else { "NONUNIQUE" }),
                text("DISABLED"),
                text("USERS"),
                text("YES"),
                text("VALID"),
                NULL,
                text("NO"),
                text("N"),
                y_n(index.path.name.as_str().starts_with("SYS_C")),
                text("N"),
                if expressions { text("ENABLED") } else { NULL },
                text("NO"),
                text("NO"),
                text("VISIBLE"),
                yes_no(index.backs_constraint),
            ]
        })
        .collect())
}

/// What Oracle calls the hidden column behind an expression.
fn column_name(key: &IndexKey, position: usize) -> Value {
    match key {
        IndexKey::Column(name) => id(name),
        IndexKey::Expression(_) => text(format!("SYS_NC{position:05}$")),
    }
}

fn index_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for index in shown_indexes(store, model, scope) {
        let table = model.catalog.table(&index.table);
        for (n, column) in index.columns.iter().enumerate() {
            let ty = match &column.key {
                IndexKey::Column(name) => table.and_then(|t| t.column(name)).map(|(_, c)| type_columns(&c.oracle_type)),
                IndexKey::Expression(_) => None,
            };
            rows.push(vec![
                id(&index.path.schema),
                id(&index.path.name),
                id(&index.table.schema),
                id(&index.table.name),
                column_name(&column.key, table.map_or(0, |t| t.columns.len()) + n + 1),
                count(n + 1),
                ty.as_ref().map_or(NULL, |t| number(t.length)),
                ty.as_ref().map_or(NULL, |t| number(t.char_length)),
                text(if column.descending { "DESC" } else { "ASC" }),
            ]);
        }
    }
    Ok(rows)
}

fn index_expressions(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for index in shown_indexes(store, model, scope) {
        for (n, column) in index.columns.iter().enumerate() {
            let expression = match &column.key {
                IndexKey::Expression(expression) => expression.clone(),
                IndexKey::Column(name) if column.descending => name.quoted(),
                IndexKey::Column(_) => continue,
            };
            rows.push(vec![
                id(&index.path.schema),
                id(&index.path.name),
                id(&index.table.schema),
                id(&index.table.name),
                text(expression),
                count(n + 1),
            ]);
        }
    }
    Ok(rows)
}

fn sequences(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for sequence in model.catalog.sequences.iter().filter(|s| shows_path(store, model, scope, &s.path)) {
        let object = model.object(sequence.path.schema.as_str(), sequence.path.name.as_str(), "SEQUENCE");
        let last = match object {
            Some(object) => store.last_number(object.id)?,
            None => None,
        };
        rows.push(vec![
            id(&sequence.path.schema),
            id(&sequence.path.name),
            big(sequence.min_value),
            big(sequence.max_value),
            big(sequence.increment),
            y_n(sequence.cycle),
            text("N"),
            big(i128::from(sequence.cache)),
            big(last.unwrap_or(sequence.next_value)),
        ]);
    }
    Ok(rows)
}

fn views(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.catalog.views.iter().filter(|v| shows_path(store, model, scope, &v.path));
    Ok(shown
        .map(|view| {
            vec![
                id(&view.path.schema),
                id(&view.path.name),
                count(view.query.len()),
                text(&view.query),
                text(view.query.chars().take(1000).collect::<String>()),
                y_n(view.read_only),
                text("N"),
            ]
        })
        .collect())
}

fn synonyms(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.catalog.synonyms.iter().filter(|s| match scope {
        Scope::All => {
            shows_path(store, model, scope, &s.path)
                && (s.path.schema.as_str() == store.user()
                    || s.db_link.is_some()
                    || shows_path(store, model, scope, &s.target))
        }
        _ => shows_path(store, model, scope, &s.path),
    });
    Ok(shown
        .map(|s| {
            vec![
                id(&s.path.schema),
                id(&s.path.name),
                id(&s.target.schema),
                id(&s.target.name),
                s.db_link.as_ref().map_or(NULL, text),
            ]
        })
        .collect())
}

fn source(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for code in model.catalog.stored_code.iter().filter(|c| shows_path(store, model, scope, &c.path)) {
        for (n, line) in code.source.split_inclusive('\n').enumerate() {
            rows.push(vec![
                id(&code.path.schema),
                id(&code.path.name),
                text(code_kind(code.kind)),
                count(n + 1),
                text(line),
            ]);
        }
    }
    Ok(rows)
}

/// TRIGGER_TYPE and TRIGGERING_EVENT, from the words before the body.
fn trigger_words(source: &str) -> (String, String) {
    let words: Vec<String> = schema_map::sql::Lexer::new(source)
        .filter(|t| t.kind == schema_map::sql::TokenKind::Word)
        .map(|t| t.text.to_uppercase())
        .take_while(|w| w != "DECLARE" && w != "BEGIN" && w != "CALL" && w != "COMPOUND")
        .collect();
    let has = |w: &str| words.iter().any(|x| x == w);
    let time = if has("INSTEAD") {
        "INSTEAD OF"
    } else if has("BEFORE") {
        "BEFORE"
    } else {
        "AFTER"
    };
    let level = match (time, has("ROW")) {
        ("INSTEAD OF", _) => "",
        (_, true) => " EACH ROW",
        (_, false) => " STATEMENT",
    };
    let end = words.iter().position(|w| w == "ON").unwrap_or(words.len());
    let events: Vec<&str> =
        ["INSERT", "UPDATE", "DELETE"].into_iter().filter(|e| words[..end].iter().any(|w| w == e)).collect();
    (format!("{time}{level}"), events.join(" OR "))
}

fn triggers(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    let all = model.catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Trigger);
    for trigger in all.filter(|c| shows_path(store, model, scope, &c.path)) {
        let (kind, event) = trigger_words(&trigger.source);
        let enabled = model
            .object(trigger.path.schema.as_str(), trigger.path.name.as_str(), "TRIGGER")
            .is_none_or(|o: &Object| o.enabled);
        let is_view = trigger.table.as_ref().is_some_and(|t| model.catalog.views.iter().any(|v| v.path == *t));
        let base = match (&trigger.table, is_view) {
            (Some(_), true) => "VIEW            ",
            (Some(_), false) => "TABLE           ",
            (None, _) => "SCHEMA          ",
        };
        rows.push(vec![
            id(&trigger.path.schema),
            id(&trigger.path.name),
            text(kind),
            text(event),
            trigger.table.as_ref().map_or(NULL, |t| id(&t.schema)),
            text(base),
            trigger.table.as_ref().map_or(NULL, |t| id(&t.name)),
            text(if enabled { "ENABLED" } else { "DISABLED" }),
            text(&trigger.source),
        ]);
    }
    Ok(rows)
}

fn objects(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.objects.iter().filter(|o| shows(store, model, scope, &o.owner, &o.name));
    Ok(shown
        .map(|o| {
            let segment =
                o.kind == "INDEX" || (o.kind == "TABLE" && model.table(o.id).is_none_or(|t| !t.index_organized()));
            let stamp = match date(o.changed) {
                Value::DateTime(d) => {
                    format!("{:04}-{:02}-{:02}:{:02}:{:02}:{:02}", d.year, d.month, d.day, d.hour, d.minute, d.second)
                }
                _ => String::new(),
            };
            vec![
                text(&o.owner),
                text(&o.name),
                NULL,
                number(o.id),
                if segment { number(o.data_object) } else { NULL },
                text(&o.kind),
                date(o.created),
                date(o.changed),
                text(stamp),
                text("VALID"),
                y_n(model.table(o.id).is_some_and(|t| t.is_temporary())),
                y_n(o.name.starts_with("SYS_C") || o.name.starts_with("ISEQ$$_")),
                text("N"),
                number(match o.kind.as_str() {
                    "INDEX" => 4,
                    "TRIGGER" => 3,
                    "PACKAGE BODY" | "TYPE BODY" => 2,
                    _ => 1,
                }),
                NULL,
            ]
        })
        .collect())
}

fn table_comments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
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

fn column_comments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
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

fn log_groups(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for group in model.log_groups.iter().filter(|g| g.object == info.object.id) {
            let user = group.kind == "USER LOG GROUP";
            rows.push(vec![
                id(&info.table.path.schema),
                text(&group.name),
                id(&info.table.path.name),
                text(&group.kind),
                text(if group.always { "ALWAYS" } else { "CONDITIONAL" }),
                text(if user { "USER NAME" } else { "GENERATED NAME" }),
            ]);
        }
    }
    Ok(rows)
}

fn log_group_columns(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let mut rows = Values::new();
    for info in shown_tables(store, model, scope) {
        for group in model.log_groups.iter().filter(|g| g.object == info.object.id) {
            for (n, column) in group.columns.iter().enumerate() {
                rows.push(vec![
                    id(&info.table.path.schema),
                    text(&group.name),
                    id(&info.table.path.name),
                    text(column),
                    count(n + 1),
                    text("LOG"),
                ]);
            }
        }
    }
    Ok(rows)
}

fn object_type(model: &Model, owner: &str, name: &str) -> Value {
    let kind = model.objects_named(owner, name).map(|o| o.kind.as_str()).find(|k| *k != "INDEX" && *k != "TRIGGER");
    text(kind.unwrap_or(if name.starts_with("DBMS_") { "PACKAGE" } else { "VIEW" }))
}

fn privileges(store: &Store, model: &Model, _: Scope) -> Result<Values, OraError> {
    let roles = model.privileges.roles_of(store.user());
    let user = store.user();
    let shown = model.privileges.grants.iter().filter(|g| {
        !g.object.is_empty()
            && (g.grantee == user
                || g.grantee == "PUBLIC"
                || g.owner == user
                || g.grantor == user
                || roles.contains(&g.grantee))
    });
    Ok(shown
        .map(|g| {
            vec![
                text(&g.grantor),
                text(&g.grantee),
                text(&g.owner),
                text(&g.object),
                text(&g.privilege),
                yes_no(g.grantable),
                text("NO"),
                text("NO"),
                object_type(model, &g.owner, &g.object),
            ]
        })
        .collect())
}

fn owned_privileges(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let user = store.user();
    let shown = model.privileges.grants.iter().filter(|g| {
        !g.object.is_empty() && (scope == Scope::Dba || g.grantee == user || g.owner == user || g.grantor == user)
    });
    Ok(shown
        .map(|g| {
            vec![
                text(&g.grantee),
                text(&g.owner),
                text(&g.object),
                text(&g.grantor),
                text(&g.privilege),
                yes_no(g.grantable),
                text("NO"),
                text("NO"),
                object_type(model, &g.owner, &g.object),
            ]
        })
        .collect())
}

fn role_or_system(store: &Store, model: &Model, scope: Scope, roles: bool) -> Values {
    let shown = model.privileges.grants.iter().filter(|g| {
        g.object.is_empty()
            && model.privileges.is_role(&g.privilege) == roles
            && (scope == Scope::Dba || g.grantee == store.user() || g.grantee == "PUBLIC")
    });
    shown.map(|g| vec![text(&g.grantee), text(&g.privilege), yes_no(g.grantable), text("NO"), yes_no(roles)]).collect()
}

fn users(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.users.iter().filter(|u| scope == Scope::Dba || u.name == store.user());
    Ok(shown
        .map(|u| {
            vec![
                text(&u.name),
                number(u.id),
                text(if u.locked { "LOCKED" } else { "OPEN" }),
                text("USERS"),
                text("TEMP"),
                date(u.created),
                y_n(u.name == "SYS" || u.name == "SYSTEM"),
            ]
        })
        .collect())
}

fn extents(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let all: Vec<(i64, i64, i64)> = store
        .query("SELECT object, number, block FROM extents ORDER BY object, number", |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?;
    let mut rows = Values::new();
    for (object, extent, block) in all {
        let Some(info) = model.table(object) else { continue };
        if info.index_organized() || !shows_path(store, model, scope, &info.table.path) {
            continue;
        }
        rows.push(vec![
            id(&info.table.path.schema),
            id(&info.table.path.name),
            NULL,
            text("TABLE"),
            text("USERS"),
            number(extent),
            number(4),
            number(block),
            number(8 * BLOCK),
            number(8),
            number(4),
        ]);
    }
    Ok(rows)
}

fn segments(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let all: Vec<(i64, i64, i64)> = store
        .query("SELECT object, count(*), min(block) FROM extents GROUP BY object ORDER BY object", |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?;
    let mut rows = Values::new();
    for (object, extents, block) in all {
        let Some(info) = model.table(object) else { continue };
        if info.index_organized() || !shows_path(store, model, scope, &info.table.path) {
            continue;
        }
        rows.push(vec![
            id(&info.table.path.schema),
            id(&info.table.path.name),
            NULL,
            text("TABLE"),
            text("USERS"),
            number(4),
            number(block),
            number(extents * 8 * BLOCK),
            number(extents * 8),
            number(extents),
            number(4),
        ]);
    }
    Ok(rows)
}
