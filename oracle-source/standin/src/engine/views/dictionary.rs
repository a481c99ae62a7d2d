//! `USER_`, `ALL_` and `DBA_` views.

mod code;
mod key;
mod log_group;
mod materialized_view;
mod partition;
mod plain_object;
mod privilege;
mod segment;
mod table;
mod user_type;

use code::{source, triggers};
use key::{constraint_columns, constraints, index_columns, index_expressions, indexes};
use log_group::{log_group_columns, log_groups};
use materialized_view::{materialized_view_comments, materialized_views, refreshes};
use partition::{
    partition_keys, partitioned_tables, partitions, subpartition_keys, subpartition_templates, subpartitions,
};
use plain_object::{column_privileges, database_links, directories, jobs, owned_column_privileges, policies};
use privilege::{owned_privileges, privileges, role_or_system, users};
use segment::{extents, lobs, segments};
use table::{
    column_comments, columns, external_tables, identity_columns, object_tables, table_comments, tables, visible_columns,
};

use super::{
    Access, Columns, D, Kind, L, N, NULL, Registry, Scope, Source, V, Values, count, number, text, y_n, yes_no,
};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{Model, OBJECT_PRIVILEGES, Object, Store, date},
    },
};
use schema_map::{ObjectPath, OracleIdent};
use type_convert::{Number, Value};

const BLOCK: i64 = 8192;
const NAME: Kind = V(128);

pub(super) fn register(registry: &mut Registry) {
    const TABLES: Columns = &[
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
        ("COMPRESS_FOR", V(30)),
    ];
    registry.family("TABLES", TABLES, 1, tables);
    registry.family(
        "OBJECT_TABLES",
        &[
            ("OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("TABLESPACE_NAME", V(30)),
            ("CLUSTER_NAME", NAME),
            ("IOT_NAME", NAME),
            ("STATUS", V(8)),
            ("NUM_ROWS", N),
            ("BLOCKS", N),
            ("AVG_ROW_LEN", N),
            ("PARTITIONED", V(3)),
            ("IOT_TYPE", V(12)),
            ("TABLE_TYPE_OWNER", NAME),
            ("TABLE_TYPE", NAME),
            ("TEMPORARY", V(1)),
            ("SECONDARY", V(1)),
            ("NESTED", V(3)),
            ("DURATION", V(15)),
            ("CLUSTER_OWNER", NAME),
            ("DROPPED", V(3)),
        ],
        1,
        object_tables,
    );
    registry.family(
        "EXTERNAL_TABLES",
        &[("OWNER", NAME), ("TABLE_NAME", NAME), ("TYPE_OWNER", V(3)), ("TYPE_NAME", NAME)],
        1,
        external_tables,
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
        ("COLLATION", V(100)),
        ("USER_GENERATED", V(3)),
        ("VECTOR_INFO", V(100)),
    ];
    registry.family(
        "TYPES",
        &[
            ("OWNER", NAME),
            ("TYPE_NAME", NAME),
            ("TYPECODE", NAME),
            ("ATTRIBUTES", N),
            ("PREDEFINED", V(3)),
            ("INCOMPLETE", V(3)),
            ("FINAL", V(3)),
            ("INSTANTIABLE", V(3)),
            ("SUPERTYPE_OWNER", NAME),
            ("SUPERTYPE_NAME", NAME),
            ("LOCAL_ATTRIBUTES", N),
        ],
        1,
        user_type::types,
    );
    registry.family(
        "TYPE_ATTRS",
        &[
            ("OWNER", NAME),
            ("TYPE_NAME", NAME),
            ("ATTR_NAME", NAME),
            ("ATTR_TYPE_MOD", V(7)),
            ("ATTR_TYPE_OWNER", NAME),
            ("ATTR_TYPE_NAME", NAME),
            ("LENGTH", N),
            ("PRECISION", N),
            ("SCALE", N),
            ("CHARACTER_SET_NAME", V(44)),
            ("ATTR_NO", N),
            ("INHERITED", V(3)),
        ],
        1,
        user_type::attributes,
    );
    registry.family(
        "COLL_TYPES",
        &[
            ("OWNER", NAME),
            ("TYPE_NAME", NAME),
            ("COLL_TYPE", NAME),
            ("UPPER_BOUND", N),
            ("ELEM_TYPE_MOD", V(7)),
            ("ELEM_TYPE_OWNER", NAME),
            ("ELEM_TYPE_NAME", NAME),
            ("LENGTH", N),
            ("PRECISION", N),
            ("SCALE", N),
            ("CHARACTER_SET_NAME", V(44)),
        ],
        1,
        user_type::collections,
    );
    registry.family("TAB_COLUMNS", COLUMNS, 1, visible_columns);
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
            ("ITYP_OWNER", NAME),
            ("ITYP_NAME", NAME),
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
            ("VIEW_TYPE_OWNER", NAME),
            ("VIEW_TYPE", NAME),
        ],
        1,
        views,
    );
    registry.family(
        "MVIEWS",
        &[
            ("OWNER", NAME),
            ("MVIEW_NAME", NAME),
            ("CONTAINER_NAME", NAME),
            ("QUERY", L),
            ("QUERY_LEN", N),
            ("REWRITE_ENABLED", V(1)),
            ("REFRESH_MODE", V(9)),
            ("REFRESH_METHOD", V(8)),
            ("BUILD_MODE", V(9)),
        ],
        0,
        materialized_views,
    );
    registry.family(
        "MVIEW_COMMENTS",
        &[("OWNER", NAME), ("MVIEW_NAME", NAME), ("COMMENTS", V(4000))],
        1,
        materialized_view_comments,
    );
    registry.family(
        "REFRESH_CHILDREN",
        &[
            ("OWNER", NAME),
            ("NAME", NAME),
            ("TYPE", NAME),
            ("ROWNER", NAME),
            ("RNAME", NAME),
            ("NEXT_DATE", D),
            ("INTERVAL", V(200)),
            ("BROKEN", V(1)),
        ],
        0,
        refreshes,
    );
    registry.family(
        "PART_TABLES",
        &[
            ("OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("PARTITIONING_TYPE", V(9)),
            ("SUBPARTITIONING_TYPE", V(9)),
            ("PARTITION_COUNT", N),
            ("DEF_SUBPARTITION_COUNT", N),
            ("PARTITIONING_KEY_COUNT", N),
            ("SUBPARTITIONING_KEY_COUNT", N),
            ("INTERVAL", V(1000)),
            ("AUTOLIST", V(3)),
        ],
        1,
        partitioned_tables,
    );
    const PARTITION_KEYS: Columns =
        &[("OWNER", NAME), ("NAME", NAME), ("OBJECT_TYPE", V(5)), ("COLUMN_NAME", V(4000)), ("COLUMN_POSITION", N)];
    registry.family("PART_KEY_COLUMNS", PARTITION_KEYS, 1, partition_keys);
    registry.family("SUBPART_KEY_COLUMNS", PARTITION_KEYS, 1, subpartition_keys);
    registry.family(
        "TAB_PARTITIONS",
        &[
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("COMPOSITE", V(3)),
            ("PARTITION_NAME", NAME),
            ("SUBPARTITION_COUNT", N),
            ("HIGH_VALUE", L),
            ("PARTITION_POSITION", N),
            ("NUM_ROWS", N),
            ("AVG_ROW_LEN", N),
            ("INTERVAL", V(3)),
            ("LOGGING", V(7)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        partitions,
    );
    registry.family(
        "TAB_SUBPARTITIONS",
        &[
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("PARTITION_NAME", NAME),
            ("SUBPARTITION_NAME", NAME),
            ("HIGH_VALUE", L),
            ("SUBPARTITION_POSITION", N),
            ("NUM_ROWS", N),
            ("AVG_ROW_LEN", N),
            ("LOGGING", V(3)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        subpartitions,
    );
    registry.family(
        "SUBPARTITION_TEMPLATES",
        &[
            ("USER_NAME", NAME),
            ("TABLE_NAME", NAME),
            ("SUBPARTITION_NAME", V(132)),
            ("SUBPARTITION_POSITION", N),
            ("TABLESPACE_NAME", V(30)),
            ("HIGH_BOUND", L),
        ],
        1,
        subpartition_templates,
    );
    registry.family(
        "LOBS",
        &[
            ("OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("COLUMN_NAME", V(4000)),
            ("SEGMENT_NAME", NAME),
            ("LOGGING", V(7)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        lobs,
    );
    // What no DDL here can make.
    registry.family(
        "LOB_PARTITIONS",
        &[
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("LOB_PARTITION_NAME", NAME),
            ("LOGGING", V(7)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        nothing,
    );
    registry.family(
        "LOB_SUBPARTITIONS",
        &[
            ("TABLE_OWNER", NAME),
            ("TABLE_NAME", NAME),
            ("LOB_SUBPARTITION_NAME", NAME),
            ("LOGGING", V(3)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        nothing,
    );
    registry.family(
        "IND_PARTITIONS",
        &[
            ("INDEX_OWNER", NAME),
            ("INDEX_NAME", NAME),
            ("PARTITION_NAME", NAME),
            ("LOGGING", V(7)),
            ("TABLESPACE_NAME", V(30)),
        ],
        1,
        nothing,
    );
    registry.family(
        "ENCRYPTED_COLUMNS",
        &[("OWNER", NAME), ("TABLE_NAME", NAME), ("COLUMN_NAME", NAME), ("ENCRYPTION_ALG", V(29)), ("SALT", V(3))],
        1,
        nothing,
    );
    registry.family(
        "POLICIES",
        &[
            ("OBJECT_OWNER", NAME),
            ("OBJECT_NAME", NAME),
            ("POLICY_GROUP", NAME),
            ("POLICY_NAME", NAME),
            ("PF_OWNER", NAME),
            ("PACKAGE", NAME),
            ("FUNCTION", NAME),
            ("SEL", V(3)),
            ("INS", V(3)),
            ("UPD", V(3)),
            ("DEL", V(3)),
            ("ENABLE", V(3)),
        ],
        1,
        policies,
    );
    registry.family(
        "SCHEDULER_JOBS",
        &[
            ("OWNER", NAME),
            ("JOB_NAME", NAME),
            ("JOB_TYPE", V(16)),
            ("JOB_ACTION", V(4000)),
            ("SCHEDULE_TYPE", V(12)),
            ("REPEAT_INTERVAL", V(4000)),
            ("ENABLED", V(5)),
            ("STATE", V(20)),
        ],
        1,
        jobs,
    );
    registry.family(
        "JOBS",
        &[
            ("JOB", N),
            ("LOG_USER", NAME),
            ("PRIV_USER", NAME),
            ("SCHEMA_USER", NAME),
            ("NEXT_DATE", D),
            ("BROKEN", V(1)),
            ("INTERVAL", V(200)),
            ("WHAT", V(4000)),
        ],
        0,
        nothing,
    );
    registry.family(
        "DB_LINKS",
        &[("OWNER", NAME), ("DB_LINK", V(128)), ("USERNAME", NAME), ("HOST", V(2000)), ("CREATED", D)],
        1,
        database_links,
    );
    for (name, access) in [("ALL_DIRECTORIES", Access::Everyone), ("DBA_DIRECTORIES", Access::Catalog)] {
        const DIRECTORIES: Columns =
            &[("OWNER", NAME), ("DIRECTORY_NAME", NAME), ("DIRECTORY_PATH", V(4000)), ("ORIGIN_CON_ID", N)];
        registry.add(name, access, DIRECTORIES, Source::Rows(directories, Scope::All));
    }
    const COLUMN_PRIVILEGES: Columns = &[
        ("GRANTOR", NAME),
        ("GRANTEE", NAME),
        ("TABLE_SCHEMA", NAME),
        ("TABLE_NAME", NAME),
        ("COLUMN_NAME", NAME),
        ("PRIVILEGE", V(40)),
        ("GRANTABLE", V(3)),
    ];
    registry.add("ALL_COL_PRIVS", Access::Everyone, COLUMN_PRIVILEGES, Source::Rows(column_privileges, Scope::All));
    const OWNED_COLUMN_PRIVILEGES: Columns = &[
        ("GRANTEE", NAME),
        ("OWNER", NAME),
        ("TABLE_NAME", NAME),
        ("COLUMN_NAME", NAME),
        ("GRANTOR", NAME),
        ("PRIVILEGE", V(40)),
        ("GRANTABLE", V(3)),
    ];
    registry.add(
        "DBA_COL_PRIVS",
        Access::Catalog,
        OWNED_COLUMN_PRIVILEGES,
        Source::Rows(owned_column_privileges, Scope::Dba),
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

fn nothing(_: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    Ok(Values::new())
}

fn id(ident: &OracleIdent) -> Value {
    text(ident.as_str())
}

fn big(n: i128) -> Value {
    n.to_string().parse::<Number>().map_or(NULL, Value::Number)
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
                view.of_type.as_ref().map_or(NULL, |of| id(&of.schema)),
                view.of_type.as_ref().map_or(NULL, |of| id(&of.name)),
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

fn objects(store: &Store, model: &Model, scope: Scope) -> Result<Values, OraError> {
    let shown = model.objects.iter().filter(|o| shows(store, model, scope, &o.owner, &o.name));
    let valid = |o: &Object| {
        let text = || format!("SELECT * FROM \"{}\".\"{}\"", o.owner, o.name);
        o.kind != "VIEW" || crate::engine::sql::describe(store, &text()).is_ok()
    };
    let mut rows: Values = shown
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
                text(if valid(o) { "VALID" } else { "INVALID" }),
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
        .collect();
    let plain = store.plain_objects(None)?;
    let shown = plain.iter().filter(|o| o.kind != "POLICY" && shows(store, model, scope, &o.owner, &o.name));
    for object in shown {
        let mut row = vec![NULL; 15];
        (row[0], row[1], row[5], row[9]) = (text(&object.owner), text(&object.name), text(&object.kind), text("VALID"));
        rows.push(row);
    }
    Ok(rows)
}
