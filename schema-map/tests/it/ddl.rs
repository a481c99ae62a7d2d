use crate::{catalog, ora, path, pg};
use schema_map::{
    Catalog, DefaultTypes, NameMap, ObjectKind, ObjectPath, TableKind,
    ddl::{Ddl, Options, Phase, files},
};
use sqlparser::{dialect::PostgreSqlDialect, parser::Parser};
use std::collections::BTreeSet;

const SHOP: &str = include_str!("fixtures/shop.sql");

fn ddl(text: &str) -> Ddl {
    of(&catalog("SHOP", text))
}

fn of(catalog: &Catalog) -> Ddl {
    let schemas = [(ora("SHOP"), pg("shop")), (ora("OTHER"), pg("OTHER"))];
    let names = NameMap::plan_by_case(catalog, &schemas, None).unwrap();
    Ddl::new(catalog, &names, &DefaultTypes::default()).unwrap()
}

#[track_caller]
fn only(ddl: &Ddl, phase: Phase) -> (&str, Option<&str>) {
    let statements: Vec<_> = ddl.phase(phase).collect();
    let [statement] = statements.as_slice() else { panic!("{statements:#?}") };
    (&statement.sql, statement.note.as_deref())
}

#[track_caller]
fn refusal(ddl: &Ddl, kind: ObjectKind, name: &str) -> String {
    let found = ddl.refusals.iter().find(|r| r.kind == kind && r.source.name == ora(name));
    found.unwrap_or_else(|| panic!("{name}: {:#?}", ddl.refusals)).reason.clone()
}

/// Every object ends in one of the three lists, and nothing else does.
fn account(catalog: &Catalog, ddl: &Ddl) {
    let listed: BTreeSet<(ObjectKind, &ObjectPath)> = ddl
        .statements
        .iter()
        .map(|s| (s.kind, &s.source))
        .chain(ddl.refusals.iter().map(|r| (r.kind, &r.source)))
        .chain(ddl.covered.iter().map(|c| (c.kind, &c.source)))
        .filter(|(kind, _)| !matches!(kind, ObjectKind::Schema | ObjectKind::Helper))
        .collect();
    let mut constraints = Vec::new();
    for table in &catalog.tables {
        for constraint in &table.constraints {
            constraints.push(match &constraint.name {
                Some(name) => ObjectPath::new(table.path.schema.clone(), name.clone()),
                None => table.path.clone(),
            });
        }
    }
    let all: BTreeSet<(ObjectKind, &ObjectPath)> = catalog
        .tables
        .iter()
        .map(|t| (ObjectKind::Table, &t.path))
        .chain(constraints.iter().map(|path| (ObjectKind::Constraint, path)))
        .chain(catalog.indexes.iter().map(|i| (ObjectKind::Index, &i.path)))
        .chain(catalog.sequences.iter().map(|s| (ObjectKind::Sequence, &s.path)))
        .chain(catalog.views.iter().map(|v| (ObjectKind::View, &v.path)))
        .chain(catalog.synonyms.iter().map(|s| (ObjectKind::Synonym, &s.path)))
        .chain(catalog.materialized_views.iter().map(|v| (ObjectKind::MaterializedView, &v.view.path)))
        .chain(catalog.grants.iter().map(|g| (ObjectKind::Grant, &g.object)))
        .chain(catalog.stored_code.iter().map(|c| match c.kind {
            schema_map::CodeKind::Type => (ObjectKind::Type, &c.path),
            _ => (ObjectKind::Code, &c.path),
        }))
        .collect();
    assert_eq!(listed, all);
    // Unnamed constraints share a path; their number must be right too.
    let of_ddl = ddl.statements.iter().filter(|s| s.kind == ObjectKind::Constraint).count()
        + ddl.refusals.iter().filter(|r| r.kind == ObjectKind::Constraint).count();
    assert_eq!(of_ddl, constraints.len());
}

/// PostgreSQL's grammar as others wrote it down reads every statement.
fn parse_back(ddl: &Ddl) {
    for statement in &ddl.statements {
        // Scales below 0 are new in PostgreSQL 15 and not in that grammar.
        let sql = statement.sql.replace("numeric(5,-3)", "numeric(5)");
        let parsed = Parser::parse_sql(&PostgreSqlDialect {}, &sql);
        assert!(parsed.as_ref().is_ok_and(|p| p.len() == 1), "{sql}\n{parsed:?}");
    }
}

#[test]
fn every_object_is_made_or_accounted_for() {
    let whole = catalog("SHOP", SHOP);
    let ddl = of(&whole);
    account(&whole, &ddl);
    parse_back(&ddl);
    assert!(ddl.statements.is_sorted_by_key(|s| s.phase));
    assert!(ddl.statements.iter().all(|s| s.sql.ends_with(';')));
}

#[test]
fn whatever_is_left_out_of_a_catalog_the_rest_is_accounted_for() {
    let whole = catalog("SHOP", SHOP);
    for left_out in 0..whole.tables.len() {
        let mut part = whole.clone();
        part.tables.remove(left_out);
        let ddl = of(&part);
        account(&part, &ddl);
        parse_back(&ddl);
    }
    for (position, table) in whole.tables.iter().enumerate() {
        for column in 0..table.columns.len() {
            let mut part = whole.clone();
            part.tables[position].columns.remove(column);
            let ddl = of(&part);
            account(&part, &ddl);
        }
    }
    let mut external = whole.clone();
    external.tables.iter_mut().for_each(|t| t.kind = TableKind::External);
    let ddl = of(&external);
    account(&external, &ddl);
    assert_eq!(ddl.phase(Phase::Tables).count(), 0);
}

#[test]
fn what_is_added_to_a_table_is_named() {
    let ddl = ddl("CREATE TABLE p (id NUMBER(4) CONSTRAINT p_pk PRIMARY KEY);
        CREATE TABLE t (a NUMBER(4), b NUMBER(4) CHECK (b > 0), CONSTRAINT t_fk FOREIGN KEY (a) REFERENCES p);
        CREATE INDEX t_a ON t (a);");
    let added: Vec<_> = ddl
        .statements
        .iter()
        .filter_map(|s| s.adds.as_ref().map(|a| (s.phase, a.table.to_string(), a.name.as_str().to_owned(), &s.sql)))
        .collect();
    let names: Vec<_> = added.iter().map(|(phase, table, name, _)| (*phase, table.as_str(), name.as_str())).collect();
    assert_eq!(names[..2], [(Phase::Keys, "shop.p", "p_pk"), (Phase::Indexes, "shop.t", "t_a")]);
    assert_eq!(names[3], (Phase::ForeignKeys, "shop.t", "t_fk"));
    assert_eq!((names.len(), names[2].0, names[2].1), (4, Phase::Indexes, "shop.t"));
    for (_, table, name, sql) in &added {
        let table = table.replace('.', "\".\"");
        assert!(sql.contains(&format!("\"{table}\"")) && sql.contains(&format!("\"{name}\"")), "{sql}");
    }
}

#[test]
fn tables_have_defaults_and_nothing_that_slows_a_load() {
    let ddl = ddl("CREATE TABLE t (a NUMBER(4) DEFAULT 7 NOT NULL, \"b c\" VARCHAR2(10) DEFAULT 'x''y', c DATE,
        CONSTRAINT t_pk PRIMARY KEY (a)) ORGANIZATION INDEX");
    assert_eq!(only(&ddl, Phase::Schemas).0, "CREATE SCHEMA IF NOT EXISTS \"shop\";");
    let (sql, note) = only(&ddl, Phase::Tables);
    assert_eq!(
        sql,
        "CREATE TABLE \"shop\".\"t\" (\n    \"a\" smallint DEFAULT 7 NOT NULL,\n    \"b c\" character varying(10) DEFAULT 'x''y',\n    \"c\" timestamp(0) without time zone\n);"
    );
    assert!(note.unwrap().contains("ORGANIZATION INDEX"));
    assert_eq!(only(&ddl, Phase::Keys).0, "ALTER TABLE \"shop\".\"t\" ADD CONSTRAINT \"t_pk\" PRIMARY KEY (\"a\");");
}

#[test]
fn public_is_there_already() {
    let whole = catalog("SHOP", "CREATE TABLE t (a NUMBER)");
    let names = NameMap::plan_by_case(&whole, &[(ora("SHOP"), pg("public"))], None).unwrap();
    let ddl = Ddl::new(&whole, &names, &DefaultTypes::default()).unwrap();
    assert_eq!(ddl.phase(Phase::Schemas).count(), 0);
    assert_eq!(ddl.phase(Phase::Tables).count(), 1);
}

#[test]
fn indexes_behind_keys_are_not_doubled() {
    let ddl = ddl("CREATE TABLE t (a NUMBER, b NUMBER, c NUMBER);
        CREATE UNIQUE INDEX t_pk ON t (a, b); ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY (a, b);
        CREATE INDEX t_ba ON t (b, a); CREATE INDEX t_desc ON t (a, b DESC);
        CREATE UNIQUE INDEX t_c ON t (c); ALTER TABLE t ADD CONSTRAINT t_c_uk UNIQUE (c) DISABLE;");
    assert_eq!(ddl.covered.len(), 1);
    assert_eq!(ddl.covered[0].source, path("SHOP", "T_PK"));
    let indexes: Vec<&str> = ddl.phase(Phase::Indexes).map(|s| s.sql.as_str()).collect();
    assert_eq!(
        indexes,
        [
            "CREATE INDEX \"t_ba\" ON \"shop\".\"t\" (\"b\", \"a\");",
            "CREATE INDEX \"t_desc\" ON \"shop\".\"t\" (\"a\", \"b\" DESC);",
            "CREATE UNIQUE INDEX \"t_c\" ON \"shop\".\"t\" (\"c\");",
        ]
    );
    assert!(refusal(&ddl, ObjectKind::Constraint, "T_C_UK").contains("disabled"));
}

#[test]
fn foreign_keys_of_every_sort() {
    let ddl = ddl("CREATE TABLE a (id NUMBER(4), b_id NUMBER(4), CONSTRAINT a_pk PRIMARY KEY (id));
        CREATE TABLE b (id NUMBER(4), a_id NUMBER(4), up NUMBER, CONSTRAINT b_pk PRIMARY KEY (id), CONSTRAINT b_uk UNIQUE (a_id, id));
        ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b_id) REFERENCES b ON DELETE SET NULL;
        ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE;
        ALTER TABLE b ADD CONSTRAINT b_self FOREIGN KEY (up) REFERENCES b INITIALLY DEFERRED DEFERRABLE;
        ALTER TABLE a ADD CONSTRAINT a_wide FOREIGN KEY (id, b_id) REFERENCES b (id, a_id) ENABLE NOVALIDATE;
        ALTER TABLE a ADD CONSTRAINT a_off FOREIGN KEY (id) REFERENCES b DISABLE;");
    let keys: Vec<&str> = ddl.phase(Phase::ForeignKeys).map(|s| s.sql.as_str()).collect();
    assert_eq!(
        keys,
        [
            "ALTER TABLE \"shop\".\"a\" ADD CONSTRAINT \"a_b\" FOREIGN KEY (\"b_id\") REFERENCES \"shop\".\"b\" (\"id\") ON DELETE SET NULL;",
            "ALTER TABLE \"shop\".\"a\" ADD CONSTRAINT \"a_wide\" FOREIGN KEY (\"id\", \"b_id\") REFERENCES \"shop\".\"b\" (\"id\", \"a_id\") NOT VALID;",
            "ALTER TABLE \"shop\".\"b\" ADD CONSTRAINT \"b_a\" FOREIGN KEY (\"a_id\") REFERENCES \"shop\".\"a\" (\"id\") ON DELETE CASCADE;",
            "ALTER TABLE \"shop\".\"b\" ADD CONSTRAINT \"b_self\" FOREIGN KEY (\"up\") REFERENCES \"shop\".\"b\" (\"id\") DEFERRABLE INITIALLY DEFERRED;",
        ]
    );
    assert!(refusal(&ddl, ObjectKind::Constraint, "A_OFF").contains("disabled"));
    let (_, up) = ddl.phase(Phase::Tables).nth(1).unwrap().sql.split_once("\"up\"").unwrap();
    assert!(up.starts_with(" smallint"), "it follows the key that it refers to");
}

#[test]
fn foreign_keys_that_postgresql_would_not_take_are_refused() {
    let mut whole = catalog(
        "SHOP",
        "CREATE TABLE p (id NUMBER(4) PRIMARY KEY, k NUMBER(4), v NUMBER, CONSTRAINT k UNIQUE (k) DISABLE);
         CREATE TABLE c (v NUMBER, x NUMBER(4));
         ALTER TABLE c ADD CONSTRAINT c_loose FOREIGN KEY (v) REFERENCES p NOVALIDATE;",
    );
    let other = catalog("OTHER", "CREATE TABLE away (id NUMBER(4) PRIMARY KEY)");
    let mut foreign = whole.tables[1].constraints[0].clone();
    foreign.name = Some(ora("C_AWAY"));
    if let schema_map::ConstraintKind::ForeignKey { references, .. } = &mut foreign.kind {
        *references = other.tables[0].path.clone();
    }
    whole.tables[1].constraints.push(foreign);
    let ddl = of(&whole);
    assert_eq!(ddl.phase(Phase::ForeignKeys).count(), 0);
    let loose = refusal(&ddl, ObjectKind::Constraint, "C_LOOSE");
    assert!(loose.contains("V is numeric and refers to smallint"), "{loose}");
    assert!(refusal(&ddl, ObjectKind::Constraint, "C_AWAY").contains("OTHER.AWAY"));
    account(&whole, &ddl);
}

#[test]
fn a_key_that_foreign_keys_need_is_not_deferrable() {
    let ddl = ddl("CREATE TABLE p (id NUMBER(4), CONSTRAINT p_pk PRIMARY KEY (id) DEFERRABLE, k NUMBER, CONSTRAINT p_k UNIQUE (k) DEFERRABLE);
        CREATE TABLE c (id NUMBER(4) REFERENCES p);");
    let keys: Vec<_> = ddl.phase(Phase::Keys).collect();
    assert!(keys[0].sql.ends_with("PRIMARY KEY (\"id\");") && keys[0].note.is_some());
    assert!(keys[1].sql.ends_with("UNIQUE (\"k\") DEFERRABLE;") && keys[1].note.is_none());
}

#[test]
fn sequences_come_with_what_draws_from_them() {
    let ddl = ddl("CREATE SEQUENCE s START WITH 5 NOCACHE MAXVALUE 100;
        CREATE TABLE t (a NUMBER(9) DEFAULT s.NEXTVAL, id NUMBER GENERATED ALWAYS AS IDENTITY);");
    let (table, _) = only(&ddl, Phase::Tables);
    assert!(!table.contains("DEFAULT") && !table.contains("GENERATED"), "{table}");
    let sequences: Vec<&str> = ddl.phase(Phase::Sequences).map(|s| s.sql.as_str()).collect();
    assert_eq!(
        sequences,
        [
            "CREATE SEQUENCE \"shop\".\"s\" INCREMENT BY 1 MINVALUE 1 MAXVALUE 100 START WITH 5 CACHE 1 NO CYCLE;",
            "ALTER TABLE \"shop\".\"t\" ALTER COLUMN \"a\" SET DEFAULT nextval('\"shop\".\"s\"'::regclass);",
            "ALTER TABLE \"shop\".\"t\" ALTER COLUMN \"id\" ADD GENERATED ALWAYS AS IDENTITY;",
            "SELECT setval(pg_get_serial_sequence('\"shop\".\"t\"', 'id'), COALESCE(max(\"id\"), 0) + 1, false) FROM \"shop\".\"t\";",
        ]
    );
}

#[test]
fn views_follow_what_they_read() {
    let ddl = ddl("CREATE TABLE t (a NUMBER(4) NOT NULL, b VARCHAR2(9));
        CREATE VIEW v3 AS SELECT * FROM v2;
        CREATE VIEW v2 (x, y) AS SELECT v1.a, 'k' || b FROM v1 WITH READ ONLY;
        CREATE VIEW v1 AS SELECT DISTINCT * FROM t WHERE a IN (1, 2);
        CREATE VIEW loop1 AS SELECT a FROM loop2; CREATE VIEW loop2 AS SELECT a FROM loop1;
        COMMENT ON TABLE v1 IS 'a \\ view';");
    let views: Vec<&str> = ddl.phase(Phase::Views).map(|s| s.sql.as_str()).collect();
    assert_eq!(
        views,
        [
            "CREATE VIEW \"shop\".\"v1\" AS\nSELECT DISTINCT\n    \"t\".\"a\" AS \"a\",\n    \"t\".\"b\" AS \"b\"\nFROM \"shop\".\"t\"\nWHERE \"t\".\"a\" IN (1, 2);",
            "CREATE VIEW \"shop\".\"v2\" AS\nSELECT\n    \"v1\".\"a\" AS \"x\",\n    'k' || COALESCE(\"v1\".\"b\", '') AS \"y\"\nFROM \"shop\".\"v1\";",
            "CREATE VIEW \"shop\".\"v3\" AS\nSELECT\n    \"v2\".\"x\" AS \"x\",\n    \"v2\".\"y\" AS \"y\"\nFROM \"shop\".\"v2\";",
        ]
    );
    assert!(refusal(&ddl, ObjectKind::View, "LOOP1").contains("reads itself"));
    assert_eq!(only(&ddl, Phase::Comments).0, "COMMENT ON VIEW \"shop\".\"v1\" IS E'a \\\\ view';");
}

#[test]
fn orafce_instead_of_functions_of_our_own() {
    let catalog = catalog(
        "SHOP",
        "CREATE TABLE t (a VARCHAR2(9), d DATE, n NUMBER(4)); CREATE INDEX i ON t (SUBSTR(a, -2));
        CREATE VIEW v AS SELECT ADD_MONTHS(d, 1) m, SUBSTR(a, -2) s, INSTR(a, 'x', -1) p FROM t;",
    );
    let names = NameMap::plan_by_case(&catalog, &[(ora("SHOP"), pg("shop"))], None).unwrap();
    let mut options = Options::default();
    options.orafce = true;
    let ddl = Ddl::with(&catalog, &names, &DefaultTypes::default(), &options).unwrap();
    let (view, note) = only(&ddl, Phase::Views);
    for call in [
        "\"oracle\".\"add_months\"(\"t\".\"d\", 1)",
        "NULLIF(\"oracle\".\"substr\"(CAST(\"t\".\"a\" AS text), -2), '')",
        "\"oracle\".\"instr\"(\"t\".\"a\", 'x', -1)",
    ] {
        assert!(view.contains(call), "{view}");
    }
    assert!(note.is_some_and(|note| note.contains("orafce")), "{note:?}");
    // What is in an index must never change its result.
    let helpers: Vec<&str> = ddl.phase(Phase::Helpers).map(|s| s.source.name.as_str()).collect();
    assert_eq!(helpers, ["ORACLE_COMPAT", "SUBSTR"]);
}

#[test]
fn virtual_columns_stay_so_from_postgresql_18_on() {
    let catalog = catalog(
        "SHOP",
        "CREATE TABLE t (a NUMBER(4) NOT NULL, b AS (a * 2), c AS (a + 1), e AS (a - 1), f VARCHAR2(9), g AS (SUBSTR(f, -1)));
        CREATE INDEX i ON t (c); CREATE INDEX j ON t (e * 2);",
    );
    let names = NameMap::plan_by_case(&catalog, &[(ora("SHOP"), pg("shop"))], None).unwrap();
    let mut options = Options::default();
    options.pg_version = 18;
    let ddl = Ddl::with(&catalog, &names, &DefaultTypes::default(), &options).unwrap();
    let (table, note) = only(&ddl, Phase::Tables);
    assert_eq!((table.matches("VIRTUAL").count(), table.matches("STORED").count()), (1, 3), "{table}");
    assert!(!note.unwrap_or_default().contains("B is stored"), "{note:?}");
}

#[test]
fn tables_from_queries_have_the_types_of_their_columns() {
    let mut whole = catalog(
        "SHOP",
        "CREATE TABLE t (a NUMBER(4) PRIMARY KEY, b VARCHAR2(9) NOT NULL, d DATE, r RAW(16), f FLOAT);
        CREATE VIEW v AS SELECT a, b || 'x' bx FROM t;
        CREATE TABLE plain NOLOGGING AS SELECT * FROM t;
        CREATE TABLE computed AS SELECT a + 1 n, bx, 'abc' lit, CAST(a AS NUMBER(9,2)) c, d, COUNT(*) OVER () k FROM (SELECT v.*, SYSDATE d FROM v)
        UNION ALL SELECT 1, 'y', 'abcd', 2, NULL, 3 FROM dual;",
    );
    let types = |table: &str| -> Vec<String> {
        let table = whole.table(&path("SHOP", table)).unwrap();
        table
            .columns
            .iter()
            .map(|c| format!("{} {}{}", c.name, c.oracle_type, if c.nullable { "" } else { " NOT NULL" }))
            .collect()
    };
    assert_eq!(types("PLAIN"), ["A NUMBER(4)", "B VARCHAR2(9 BYTE) NOT NULL", "D DATE", "R RAW(16)", "F FLOAT(126)"]);
    assert_eq!(
        types("COMPUTED"),
        ["N NUMBER", "BX VARCHAR2(4000 BYTE)", "LIT VARCHAR2(4000 BYTE)", "C NUMBER", "D DATE", "K NUMBER"]
    );
    assert!(whole.table(&path("SHOP", "PLAIN")).unwrap().constraints.is_empty());
    whole.apply_ddl("CREATE TABLE named (x PRIMARY KEY, y DEFAULT 'q' NOT NULL, CONSTRAINT c CHECK (x > 0)) AS SELECT a, b FROM t", &ora("SHOP")).unwrap();
    let named = whole.table(&path("SHOP", "NAMED")).unwrap();
    assert_eq!(named.constraints.len(), 2);
    assert_eq!(named.columns[1].default.as_deref(), Some("'q'"));
    assert!(!named.columns[0].nullable && !named.columns[1].nullable);
    let twice = whole.apply_ddl("CREATE TABLE twice AS SELECT a, a FROM t", &ora("SHOP")).unwrap_err();
    assert!(twice.to_string().contains("column A is there twice"), "{twice}");
}

#[test]
fn views_that_cannot_be_certain_are_refused() {
    let ddl = ddl("CREATE TABLE t (a NUMBER(4), b VARCHAR2(9), c CHAR(3)); CREATE TABLE u (a NUMBER(4), d DATE);
        CREATE VIEW ambiguous AS SELECT a FROM t, u;
        CREATE VIEW by_position AS SELECT a FROM t GROUP BY 1;
        CREATE VIEW in_where AS SELECT a FROM t WHERE nothing(a) > 1;
        CREATE VIEW no_name AS SELECT a + 1 FROM t;
        CREATE VIEW model_clause AS SELECT a FROM t MODEL DIMENSION BY (a) MEASURES (b) RULES (b[1] = 2);
        CREATE VIEW past AS SELECT a FROM t AS OF TIMESTAMP SYSTIMESTAMP;
        CREATE VIEW open_pivot AS SELECT * FROM t PIVOT XML (COUNT(*) FOR b IN (ANY));
        CREATE VIEW ignoring AS SELECT LAG(a, a) IGNORE NULLS OVER (ORDER BY a) x FROM t;
        CREATE VIEW remote AS SELECT a FROM t@there;");
    assert_eq!(ddl.phase(Phase::Views).count(), 0, "{:#?}", ddl.phase(Phase::Views).collect::<Vec<_>>());
    for (view, reason) in [
        ("AMBIGUOUS", "column of several tables"),
        ("BY_POSITION", "position"),
        ("IN_WHERE", "stored code"),
        ("NO_NAME", "has no name"),
        ("MODEL_CLAUSE", "MODEL is not converted"),
        ("PAST", "flashback"),
        ("OPEN_PIVOT", "only the rows tell"),
        ("IGNORING", "IGNORE NULLS"),
        ("REMOTE", "database links"),
    ] {
        let found = refusal(&ddl, ObjectKind::View, view);
        assert!(found.contains(reason), "{view}: {found}");
    }
}

#[test]
fn files_are_for_psql_in_the_order_of_their_names() {
    let ddl = ddl(SHOP);
    let files = files(&ddl);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "10_schemas.sql",
            "15_helpers.sql",
            "20_tables.sql",
            "30_keys.sql",
            "40_indexes_and_checks.sql",
            "50_foreign_keys.sql",
            "60_views.sql",
            "65_synonyms.sql",
            "70_sequences.sql",
            "80_comments.sql"
        ]
    );
    let manifest = ddl.manifest(&|_, _| None);
    for ((name, content), listed) in files.iter().zip(&manifest.files) {
        assert_eq!(*name, listed.name);
        assert!(content.contains("\\set ON_ERROR_STOP on\n"));
        for statement in ddl.phase(listed.phase) {
            assert!(content.contains(&statement.sql));
        }
        assert_eq!(ddl.phase(listed.phase).count(), listed.statements);
    }
    for refusal in &ddl.refusals {
        let listed = manifest.objects.iter().find(|o| o.kind == refusal.kind && o.source == refusal.source);
        assert!(listed.is_some_and(|o| o.notes.contains(&refusal.reason)), "{refusal:?}");
    }
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<schema_map::ddl::Manifest>(&json).unwrap(), manifest);
}

#[test]
fn no_name_ends_a_comment_or_a_quotation() {
    let mut whole = catalog("SHOP", "CREATE TABLE t (a NUMBER)");
    whole.tables[0].path.name = ora("x\n'; DROP TABLE y; --");
    whole.tables[0].comment = Some("a'b\\'c\nd".to_owned());
    let ddl = of(&whole);
    parse_back(&ddl);
    let tables = &files(&ddl)[1].1;
    assert!(tables.contains("-- table SHOP.x '; DROP TABLE y; --\n"), "{tables}");
}
