//! Statements over the dictionary views. Each takes the owner as its bind, where it has several, as every one of them.
//!
//! They are written over the `ALL_` views; [`text`] makes of them what is sent: over the `DBA_` views where the session may read
//! these, and with `NULL` in place of a column in brackets, such as `[default_on_null]`, that this version's views do not have.

use std::collections::{HashMap, HashSet};

/// Which dictionary views are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Views {
    /// `ALL_`: what the session has a right to.
    All,
    /// `DBA_`: everything.
    Dba,
}

/// What this version's views have, of what is not there from 11.2 on. Asked once, with [`CAPABILITIES`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Columns by view, all in upper case.
    columns: HashMap<String, HashSet<String>>,
}

impl Capabilities {
    /// A column that is there. Both names in upper case, the view's with `ALL_`.
    pub fn add(&mut self, view: &str, column: &str) {
        self.columns.entry(view.to_owned()).or_default().insert(column.to_owned());
    }

    /// Whether a view, named with `ALL_`, is there.
    pub fn has_view(&self, view: &str) -> bool {
        self.columns.contains_key(view)
    }

    /// Whether a view has a column.
    pub fn has(&self, view: &str, column: &str) -> bool {
        self.columns.get(view).is_some_and(|columns| columns.contains(column))
    }
}

/// The text to send for one of the statements here.
pub fn text(statement: &str, views: Views, known: &Capabilities) -> String {
    let view = view(statement);
    let mut text = String::with_capacity(statement.len());
    let mut rest = statement;
    while let Some((before, (column, after))) = rest.split_once('[').and_then(|(b, r)| Some((b, r.split_once(']')?))) {
        text.push_str(before);
        text.push_str(if known.has(&view, &column.to_ascii_uppercase()) { column } else { "NULL" });
        rest = after;
    }
    text.push_str(rest);
    match views {
        Views::All => text,
        Views::Dba => text.replace(" all_", " dba_"),
    }
}

/// The first view that a statement reads, in upper case: the one that columns in brackets are of.
pub fn view(statement: &str) -> String {
    let from = statement.split_once(" FROM ").map_or("", |(_, rest)| rest);
    from.split([' ', ',']).next().unwrap_or_default().to_ascii_uppercase()
}

/// Columns of the views that changed after 11.2. Takes no bind. Columns: TABLE_NAME, COLUMN_NAME. The `DBA_` views have the same as the `ALL_` ones.
pub const CAPABILITIES: &str = "SELECT table_name, column_name FROM all_tab_columns WHERE owner = 'SYS' AND table_name IN \
     ('ALL_TAB_COLS', 'ALL_PART_TABLES', 'ALL_TAB_IDENTITY_COLS', 'ALL_IMMUTABLE_TABLES', 'ALL_BLOCKCHAIN_TABLES') \
     ORDER BY table_name, column_name";

/// Succeeds only where the session may read the `DBA_` views that every version has: with SELECT_CATALOG_ROLE, SELECT ANY DICTIONARY, or a grant on each. Takes no bind.
pub const PROBE_DBA: &str = "SELECT 1 FROM dual WHERE \
     EXISTS (SELECT 1 FROM dba_tables WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_object_tables WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_external_tables WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_tab_cols WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_constraints WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_cons_columns WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_indexes WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_ind_columns WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_ind_expressions WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_sequences WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_views WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_mviews WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_synonyms WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_source WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_triggers WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_tab_comments WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_mview_comments WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_col_comments WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_part_tables WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_part_key_columns WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_subpart_key_columns WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_tab_partitions WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_tab_subpartitions WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_subpartition_templates WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_tab_privs WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_col_privs WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_types WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_type_attrs WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_coll_types WHERE 1 = 0) \
     OR EXISTS (SELECT 1 FROM dba_objects WHERE 1 = 0) OR EXISTS (SELECT 1 FROM dba_lobs WHERE 1 = 0)";

/// [`PROBE_DBA`] with those views that only later versions have, where this one has them: what a catalog cannot do without is asked for together, so that it
/// is never half of the `DBA_` views and half of the `ALL_` ones.
pub fn probe_dba(known: &Capabilities) -> String {
    let mut text = PROBE_DBA.to_owned();
    for view in ["tab_identity_cols", "immutable_tables", "blockchain_tables"] {
        if known.has_view(&format!("ALL_{}", view.to_ascii_uppercase())) {
            text.push_str(&format!(" OR EXISTS (SELECT 1 FROM dba_{view} WHERE 1 = 0)"));
        }
    }
    text
}

// --- tables --------------------------------------------------------------------------------------------------

/// Relational tables. Columns: TABLE_NAME, IOT_TYPE (`IOT`, `IOT_OVERFLOW`, `IOT_MAPPING`, NULL), TEMPORARY (`Y`, `N`), NESTED
/// (`YES`, `NO`), SECONDARY (`Y`, `N`), NUM_ROWS and AVG_ROW_LEN (NULL before statistics are gathered), PARTITIONED (`YES`, `NO`),
/// CLUSTER_OWNER, CLUSTER_NAME (NULL where it is in none), DURATION (`SYS$SESSION`, `SYS$TRANSACTION`, NULL), READ_ONLY (`YES`, `NO`).
/// Without dropped ones.
pub const TABLES: &str = "SELECT table_name, iot_type, temporary, nested, secondary, num_rows, avg_row_len, partitioned, \
     cluster_owner, cluster_name, duration, read_only \
     FROM all_tables WHERE owner = :owner AND dropped = 'NO' ORDER BY table_name";

/// Object tables, which ALL_TABLES does not have. The same columns, but for READ_ONLY; then TABLE_TYPE_OWNER, TABLE_TYPE. Dropped ones are
/// there too, by their names in the recycle bin.
pub const OBJECT_TABLES: &str = "SELECT table_name, iot_type, temporary, nested, secondary, num_rows, avg_row_len, partitioned, \
     cluster_owner, cluster_name, duration, NULL, table_type_owner, table_type \
     FROM all_object_tables WHERE owner = :owner ORDER BY table_name";

/// External tables. Column: TABLE_NAME.
pub const EXTERNAL_TABLES: &str = "SELECT table_name FROM all_external_tables WHERE owner = :owner ORDER BY table_name";

/// Immutable tables (19.11 and later only). Column: TABLE_NAME.
pub const IMMUTABLE_TABLES: &str =
    "SELECT table_name FROM all_immutable_tables WHERE schema_name = :owner ORDER BY table_name";

/// Blockchain tables (19.10 and later only). Column: TABLE_NAME.
pub const BLOCKCHAIN_TABLES: &str =
    "SELECT table_name FROM all_blockchain_tables WHERE schema_name = :owner ORDER BY table_name";

/// Columns of tables and views, without those that Oracle made and hides.
///
/// Columns: TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_TYPE_OWNER, DATA_LENGTH, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH,
/// CHAR_USED (`B`, `C`, NULL), NULLABLE (`Y`, `N`), VIRTUAL_COLUMN (`YES`, `NO`), DATA_TYPE_MOD (`REF`, NULL), HIDDEN_COLUMN (`YES` for an
/// invisible one), INTERNAL_COLUMN_ID (its place among all, hidden ones included), and where the version has them: DEFAULT_ON_NULL
/// (12.1: `YES`, `NO`), COLLATION (12.2), DOMAIN_OWNER and DOMAIN_NAME (23ai), VECTOR_INFO (23ai: `VECTOR(3,FLOAT32)`, `*` for what is not declared).
pub const COLUMNS: &str = "SELECT table_name, column_name, data_type, data_type_owner, data_length, data_precision, \
     data_scale, char_length, char_used, nullable, virtual_column, data_type_mod, hidden_column, internal_column_id, \
     [default_on_null], [collation], [domain_owner], [domain_name], [vector_info] \
     FROM all_tab_cols WHERE owner = :owner AND (hidden_column = 'NO' OR [user_generated] = 'YES') \
     ORDER BY table_name, column_id, internal_column_id";

/// Object types with their attributes, inherited ones too, and collection types. Columns: the type's name, what the row is about, a number, then seven more.
///
/// * `O`, an object type: NULL; FINAL (`NO` where types may be under it), INCOMPLETE (`YES`, `NO`), SUPERTYPE_OWNER, SUPERTYPE_NAME (NULL where it is under none),
///   NULLs.
/// * `A`, an attribute: ATTR_NO; ATTR_NAME, ATTR_TYPE_MOD (`REF`, NULL), ATTR_TYPE_OWNER (NULL for built-in types), ATTR_TYPE_NAME, LENGTH, PRECISION, SCALE.
/// * `C`, a VARRAY or nested table: UPPER_BOUND (NULL for nested tables); NULL, and as for an attribute ELEM_TYPE_MOD, ELEM_TYPE_OWNER, ELEM_TYPE_NAME, LENGTH,
///   PRECISION, SCALE.
pub const TYPES: &str = "SELECT t.type_name, 'O', NULL, t.final, t.incomplete, t.supertype_owner, t.supertype_name, NULL, NULL, NULL \
     FROM all_types t WHERE t.owner = :owner AND t.typecode = 'OBJECT' \
     UNION ALL SELECT a.type_name, 'A', a.attr_no, a.attr_name, a.attr_type_mod, a.attr_type_owner, a.attr_type_name, \
     a.length, a.precision, a.scale FROM all_type_attrs a WHERE a.owner = :attribute_owner \
     UNION ALL SELECT c.type_name, 'C', c.upper_bound, NULL, c.elem_type_mod, c.elem_type_owner, c.elem_type_name, \
     c.length, c.precision, c.scale FROM all_coll_types c WHERE c.owner = :collection_owner ORDER BY 1, 2 DESC, 3";

/// What columns have by default, and what virtual ones are. DATA_DEFAULT is a LONG. Columns: TABLE_NAME, COLUMN_NAME, DATA_DEFAULT.
pub const DEFAULTS: &str = "SELECT table_name, column_name, data_default FROM all_tab_cols \
     WHERE owner = :owner AND default_length > 0 AND (hidden_column = 'NO' OR [user_generated] = 'YES') \
     ORDER BY table_name, column_id";

/// Identity columns (12.1 and later only).
/// Columns: TABLE_NAME, COLUMN_NAME, GENERATION_TYPE (`ALWAYS`, `BY DEFAULT`), IDENTITY_OPTIONS (`START WITH: 1, INCREMENT BY: 1, …`).
pub const IDENTITY_COLUMNS: &str = "SELECT table_name, column_name, generation_type, identity_options \
     FROM all_tab_identity_cols WHERE owner = :owner ORDER BY table_name, column_name";

/// Encrypted columns. Columns: TABLE_NAME, COLUMN_NAME, ENCRYPTION_ALG.
pub const ENCRYPTED_COLUMNS: &str = "SELECT table_name, column_name, encryption_alg FROM all_encrypted_columns \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Comments on tables and views, and on materialized views. Columns: TABLE_NAME, COMMENTS.
pub const TABLE_COMMENTS: &str = "SELECT table_name, comments FROM all_tab_comments \
     WHERE owner = :owner AND comments IS NOT NULL \
     UNION ALL SELECT mview_name, comments FROM all_mview_comments \
     WHERE owner = :mview_owner AND comments IS NOT NULL";

/// Comments on columns of tables and views. Columns: TABLE_NAME, COLUMN_NAME, COMMENTS.
pub const COLUMN_COMMENTS: &str = "SELECT table_name, column_name, comments FROM all_col_comments \
     WHERE owner = :owner AND comments IS NOT NULL ORDER BY table_name, column_name";

// --- partitions ----------------------------------------------------------------------------------------------

/// Partitioned tables. Columns: TABLE_NAME, PARTITIONING_TYPE (`RANGE`, `HASH`, `LIST`, `REFERENCE`, `SYSTEM`, …), SUBPARTITIONING_TYPE (`NONE`, …),
/// DEF_SUBPARTITION_COUNT, INTERVAL (an expression, NULL), and from 12.2 on AUTOLIST (`YES`, `NO`).
pub const PARTITIONED_TABLES: &str = "SELECT table_name, partitioning_type, subpartitioning_type, def_subpartition_count, \
     p.interval, [autolist] FROM all_part_tables p WHERE owner = :owner ORDER BY table_name";

/// The columns of their keys. Columns: NAME (the table), the level (`P` partition, `S` subpartition), COLUMN_POSITION, COLUMN_NAME.
pub const PARTITION_KEYS: &str = "SELECT name, 'P', column_position, column_name FROM all_part_key_columns \
     WHERE owner = :owner AND object_type = 'TABLE' \
     UNION ALL SELECT name, 'S', column_position, column_name FROM all_subpart_key_columns \
     WHERE owner = :subpartition_owner AND object_type = 'TABLE' ORDER BY 1, 2, 3";

/// Partitions. HIGH_VALUE is a LONG: values with commas between them. Columns: TABLE_NAME, PARTITION_NAME, HIGH_VALUE.
pub const PARTITIONS: &str = "SELECT table_name, partition_name, high_value FROM all_tab_partitions \
     WHERE table_owner = :owner ORDER BY table_name, partition_position";

/// Subpartitions. Columns: TABLE_NAME, PARTITION_NAME, SUBPARTITION_NAME, HIGH_VALUE.
pub const SUBPARTITIONS: &str = "SELECT table_name, partition_name, subpartition_name, high_value \
     FROM all_tab_subpartitions WHERE table_owner = :owner ORDER BY table_name, partition_name, subpartition_position";

/// Templates of subpartitions. HIGH_BOUND is a LONG. Columns: TABLE_NAME, SUBPARTITION_NAME, HIGH_BOUND.
pub const SUBPARTITION_TEMPLATES: &str = "SELECT table_name, subpartition_name, high_bound FROM all_subpartition_templates \
     WHERE user_name = :owner ORDER BY table_name, subpartition_position";

// --- constraints and indexes ---------------------------------------------------------------------------------

/// Primary key (`P`), unique (`U`), foreign key (`R`) and check (`C`) constraints.
///
/// Columns: TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE, R_OWNER, R_CONSTRAINT_NAME, DELETE_RULE (`CASCADE`, `SET NULL`,
/// `NO ACTION`, NULL), STATUS (`ENABLED`, `DISABLED`), DEFERRABLE (`DEFERRABLE`, `NOT DEFERRABLE`), DEFERRED (`DEFERRED`, `IMMEDIATE`),
/// VALIDATED (`VALIDATED`, `NOT VALIDATED`), GENERATED (`GENERATED NAME`, `USER NAME`), INDEX_OWNER, INDEX_NAME.
pub const CONSTRAINTS: &str = "SELECT table_name, constraint_name, constraint_type, r_owner, r_constraint_name, \
     delete_rule, status, deferrable, deferred, validated, generated, index_owner, index_name \
     FROM all_constraints WHERE owner = :owner AND constraint_type IN ('P', 'U', 'R', 'C') \
     ORDER BY table_name, constraint_name";

/// Conditions of the check constraints. SEARCH_CONDITION is a LONG. Columns: CONSTRAINT_NAME, SEARCH_CONDITION.
pub const CONDITIONS: &str = "SELECT constraint_name, search_condition FROM all_constraints \
     WHERE owner = :owner AND constraint_type = 'C' ORDER BY constraint_name";

/// Columns of constraints. Columns: CONSTRAINT_NAME, COLUMN_NAME, POSITION (NULL for checks).
pub const CONSTRAINT_COLUMNS: &str = "SELECT constraint_name, column_name, position FROM all_cons_columns \
     WHERE owner = :owner ORDER BY constraint_name, position, column_name";

/// What the foreign keys of the schema refer to, in whatever schema it is.
/// Columns: CONSTRAINT_NAME (the foreign key's), OWNER and TABLE_NAME (of the table referred to), COLUMN_NAME, POSITION.
pub const REFERENCED_COLUMNS: &str = "SELECT c.constraint_name, k.owner, k.table_name, k.column_name, k.position \
     FROM all_constraints c JOIN all_cons_columns k \
     ON k.owner = c.r_owner AND k.constraint_name = c.r_constraint_name \
     WHERE c.owner = :owner AND c.constraint_type = 'R' ORDER BY c.constraint_name, k.position";

/// Indexes of the schema's tables, those of LOBs left out.
///
/// Columns: OWNER, INDEX_NAME, INDEX_TYPE (`NORMAL`, `NORMAL/REV`, `BITMAP`, `FUNCTION-BASED NORMAL`, `IOT - TOP`, `DOMAIN`, `CLUSTER`, …),
/// TABLE_NAME, UNIQUENESS (`UNIQUE`, `NONUNIQUE`), GENERATED (`Y`, `N`), SECONDARY (`Y`, `N`), ITYP_NAME (the type of a domain index),
/// JOIN_INDEX (`YES`, `NO`), STATUS (`VALID`, `UNUSABLE`, `N/A` where it is partitioned), VISIBILITY (`VISIBLE`, `INVISIBLE`).
pub const INDEXES: &str = "SELECT owner, index_name, index_type, table_name, uniqueness, generated, secondary, ityp_name, \
     join_index, status, visibility FROM all_indexes WHERE table_owner = :owner AND dropped = 'NO' AND index_type <> 'LOB' \
     ORDER BY owner, index_name";

/// Columns of those indexes. Columns: INDEX_OWNER, INDEX_NAME, COLUMN_NAME, COLUMN_POSITION, DESCEND (`ASC`, `DESC`).
pub const INDEX_COLUMNS: &str = "SELECT index_owner, index_name, column_name, column_position, descend \
     FROM all_ind_columns WHERE table_owner = :owner ORDER BY index_owner, index_name, column_position";

/// Expressions of those indexes. COLUMN_EXPRESSION is a LONG.
/// Columns: INDEX_OWNER, INDEX_NAME, COLUMN_POSITION, COLUMN_EXPRESSION.
pub const INDEX_EXPRESSIONS: &str = "SELECT index_owner, index_name, column_position, column_expression \
     FROM all_ind_expressions WHERE table_owner = :owner ORDER BY index_owner, index_name, column_position";

// --- sequences, views, synonyms, code ------------------------------------------------------------------------

/// Sequences. Columns: SEQUENCE_NAME, MIN_VALUE, MAX_VALUE, INCREMENT_BY, CYCLE_FLAG (`Y`, `N`), CACHE_SIZE, LAST_NUMBER.
pub const SEQUENCES: &str = "SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, cache_size, \
     last_number FROM all_sequences WHERE sequence_owner = :owner ORDER BY sequence_name";

/// Views. TEXT is a LONG. Columns: VIEW_NAME, READ_ONLY (`Y`, `N`), VIEW_TYPE_OWNER, VIEW_TYPE (of an object view), TEXT.
pub const VIEWS: &str = "SELECT view_name, read_only, view_type_owner, view_type, text \
     FROM all_views WHERE owner = :owner ORDER BY view_name";

/// Materialized views. QUERY is a LONG. Columns: MVIEW_NAME, CONTAINER_NAME (the table that its rows are in), BUILD_MODE (`IMMEDIATE`,
/// `DEFERRED`, `PREBUILT`), REFRESH_METHOD (`COMPLETE`, `FORCE`, `FAST`, `NEVER`), REFRESH_MODE (`DEMAND`, `COMMIT`, `NEVER`, …),
/// REWRITE_ENABLED (`Y`, `N`), QUERY.
pub const MATERIALIZED_VIEWS: &str = "SELECT mview_name, container_name, build_mode, refresh_method, refresh_mode, \
     rewrite_enabled, query FROM all_mviews WHERE owner = :owner ORDER BY mview_name";

/// When materialized views are refreshed by themselves. Columns: NAME, INTERVAL (an expression of the next time).
pub const REFRESHES: &str =
    "SELECT name, r.interval FROM all_refresh_children r WHERE owner = :owner AND r.interval IS NOT NULL ORDER BY name";

/// Synonyms of the schema and public ones for its objects. Columns: OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK.
pub const SYNONYMS: &str = "SELECT owner, synonym_name, table_owner, table_name, db_link FROM all_synonyms \
     WHERE owner = :owner OR (owner = 'PUBLIC' AND table_owner = :table_owner) ORDER BY owner, synonym_name";

/// Source of stored code, line by line.
/// Columns: NAME, TYPE (`PROCEDURE`, `FUNCTION`, `PACKAGE`, `PACKAGE BODY`, `TRIGGER`, `TYPE`, `TYPE BODY`), LINE, TEXT.
pub const SOURCE: &str = "SELECT name, type, line, text FROM all_source WHERE owner = :owner \
     AND type IN ('PROCEDURE', 'FUNCTION', 'PACKAGE', 'PACKAGE BODY', 'TRIGGER', 'TYPE', 'TYPE BODY') \
     ORDER BY name, type, line";

/// Triggers. Columns: TRIGGER_NAME, BASE_OBJECT_TYPE (`TABLE`, `VIEW`, `SCHEMA`, `DATABASE`, …; blank padded), TABLE_OWNER, TABLE_NAME,
/// STATUS (`ENABLED`, `DISABLED`).
pub const TRIGGERS: &str = "SELECT trigger_name, base_object_type, table_owner, table_name, status FROM all_triggers \
     WHERE owner = :owner ORDER BY trigger_name";

// --- rights --------------------------------------------------------------------------------------------------

/// Rights on the schema's objects that the session can see. Columns: TABLE_NAME (the object), GRANTEE, GRANTABLE (`YES`, `NO`), PRIVILEGE,
/// COLUMN_NAME (NULL where it is on the whole object).
pub const GRANTS: &str = "SELECT table_name, grantee, grantable, privilege, NULL FROM all_tab_privs \
     WHERE table_schema = :owner \
     UNION ALL SELECT table_name, grantee, grantable, privilege, column_name FROM all_col_privs \
     WHERE table_schema = :column_owner ORDER BY 1, 2, 3, 4, 5";

/// All rights on the schema's objects: the `DBA_` views call the owner otherwise. Columns as [`GRANTS`].
pub const DBA_GRANTS: &str = "SELECT table_name, grantee, grantable, privilege, NULL FROM dba_tab_privs \
     WHERE owner = :owner \
     UNION ALL SELECT table_name, grantee, grantable, privilege, column_name FROM dba_col_privs \
     WHERE owner = :column_owner ORDER BY 1, 2, 3, 4, 5";

/// Policies that hide or change rows (Virtual Private Database). Columns: OBJECT_NAME, POLICY_NAME, PF_OWNER, PACKAGE (may be NULL), FUNCTION, SEL, INS, UPD,
/// DEL, ENABLE (each `YES`, `NO`).
pub const POLICIES: &str = "SELECT object_name, policy_name, pf_owner, package, function, sel, ins, upd, del, enable \
     FROM all_policies WHERE object_owner = :owner ORDER BY object_name, policy_name";

// --- everything else -----------------------------------------------------------------------------------------

/// Objects that no other statement reads, and those that are invalid. Columns: OBJECT_TYPE, OBJECT_NAME, STATUS (`VALID`, `INVALID`, `N/A`).
pub const OTHER_OBJECTS: &str = "SELECT object_type, object_name, status FROM all_objects \
     WHERE owner = :owner AND subobject_name IS NULL AND (status = 'INVALID' OR object_type NOT IN \
     ('TABLE', 'INDEX', 'SEQUENCE', 'VIEW', 'MATERIALIZED VIEW', 'SYNONYM', 'PROCEDURE', 'FUNCTION', 'PACKAGE', \
     'PACKAGE BODY', 'TRIGGER', 'TYPE', 'TYPE BODY', 'LOB', 'JOB', 'DATABASE LINK')) ORDER BY object_type, object_name";

/// Jobs of the scheduler. Columns: JOB_NAME, JOB_TYPE, REPEAT_INTERVAL, ENABLED (`TRUE`, `FALSE`), JOB_ACTION.
pub const JOBS: &str = "SELECT job_name, job_type, repeat_interval, enabled, job_action FROM all_scheduler_jobs \
     WHERE owner = :owner ORDER BY job_name";

/// Jobs of DBMS_JOB, which ALL_JOBS has of the session's user only. Columns: JOB (a number), INTERVAL, BROKEN (`Y`, `N`), WHAT.
pub const OLD_JOBS: &str =
    "SELECT job, j.interval, broken, what FROM all_jobs j WHERE schema_user = :owner ORDER BY job";

/// Database links. Columns: DB_LINK, USERNAME (NULL for the session's own), HOST.
pub const DB_LINKS: &str = "SELECT db_link, username, host FROM all_db_links WHERE owner = :owner ORDER BY db_link";

/// Directories, which belong to no schema. Takes no bind. Columns: OWNER, DIRECTORY_NAME, DIRECTORY_PATH.
pub const DIRECTORIES: &str =
    "SELECT owner, directory_name, directory_path FROM all_directories ORDER BY owner, directory_name";

/// Sizes of segments. Columns: SEGMENT_NAME, SEGMENT_TYPE (`TABLE`, `TABLE PARTITION`, `TABLE SUBPARTITION`, `INDEX`, …, `LOBSEGMENT`, `LOBINDEX`, …),
/// the sum of BYTES, how many.
pub const SEGMENTS: &str = "SELECT segment_name, segment_type, SUM(bytes), COUNT(*) FROM dba_segments WHERE owner = :owner \
     GROUP BY segment_name, segment_type ORDER BY segment_name, segment_type";

/// The same of the session's own schema. Takes no bind.
pub const OWN_SEGMENTS: &str = "SELECT segment_name, segment_type, SUM(bytes), COUNT(*) FROM user_segments \
     GROUP BY segment_name, segment_type ORDER BY segment_name, segment_type";

/// Segments of LOBs. Columns: TABLE_NAME, SEGMENT_NAME.
pub const LOB_SEGMENTS: &str =
    "SELECT table_name, segment_name FROM all_lobs WHERE owner = :owner ORDER BY table_name, segment_name";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_views_and_version() {
        let mut known = Capabilities::default();
        let statement = "SELECT a, [b_c], [d] FROM all_x WHERE e = ' [' AND all_small = 1";
        assert_eq!(text("SELECT a, [b] FROM all_x", Views::Dba, &known), "SELECT a, NULL FROM dba_x");
        known.add("ALL_X", "B_C");
        assert_eq!(
            text(statement.split(" WHERE").next().unwrap(), Views::All, &known),
            "SELECT a, b_c, NULL FROM all_x"
        );
        assert!(known.has_view("ALL_X") && !known.has_view("ALL_Y") && !known.has("ALL_X", "D"));
        assert_eq!(view(IDENTITY_COLUMNS), "ALL_TAB_IDENTITY_COLS");
        assert_eq!(view(CAPABILITIES), "ALL_TAB_COLUMNS");
    }
}
