//! A folder of Oracle scripts becomes files that a real PostgreSQL takes without an error, whatever the folder holds.

use examples::scripts::{ScriptConversion, ScriptOptions, convert};
use schema_map::{
    NameMap, ObjectKind, OracleIdent, PgIdent,
    ddl::{Phase, Verdict},
};
use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls};

/// A database of its own, dropped in the end.
struct Target {
    runtime: Runtime,
    client: Client,
    name: String,
}

fn connect(runtime: &Runtime, database: Option<&str>) -> Client {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run this with scripts/with-postgres.sh");
    let mut config: Config = url.parse().expect("a connection URL");
    if let Some(database) = database {
        config.dbname(database);
    }
    let (client, connection) = runtime.block_on(config.connect(NoTls)).expect("a connection");
    runtime.spawn(connection);
    client
}

impl Target {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let name = format!("folder_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&runtime, None);
        runtime.block_on(admin.batch_execute(&format!("CREATE DATABASE {name}"))).expect("a database");
        let client = connect(&runtime, Some(&name));
        Target { runtime, client, name }
    }

    /// Options for this server's version.
    fn options(&self) -> ScriptOptions {
        let mut options = ScriptOptions::default();
        options.choices.pg_version = Some(self.version());
        options
    }

    fn version(&self) -> u32 {
        self.rows("SELECT current_setting('server_version_num')::int / 10000")[0].parse().expect("a version")
    }

    /// Executes every statement in the order of its phases; none may fail.
    #[track_caller]
    fn load(&self, conversion: &ScriptConversion) {
        for statement in &conversion.ddl.statements {
            if let Err(error) = self.runtime.block_on(self.client.batch_execute(&statement.sql)) {
                panic!("{error:?}\n{}", statement.sql);
            }
        }
    }

    #[track_caller]
    fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap_or_else(|e| panic!("{e:?}\n{sql}"));
    }

    /// The rows of a query, each as its values with `|` between them.
    #[track_caller]
    fn rows(&self, sql: &str) -> Vec<String> {
        let messages = self.runtime.block_on(self.client.simple_query(sql));
        let messages = messages.unwrap_or_else(|e| panic!("{e:?}\n{sql}"));
        messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => {
                    Some((0..row.len()).map(|n| row.get(n).unwrap_or("-")).collect::<Vec<_>>().join("|"))
                }
                _ => None,
            })
            .collect()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let admin = connect(&self.runtime, None);
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.runtime.block_on(admin.batch_execute(&drop));
    }
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/folder"))
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    dir
}

#[track_caller]
fn converted(files: &[(&str, &str)]) -> ScriptConversion {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    convert(folder(&files).path(), &ScriptOptions::default()).expect("a conversion")
}

#[track_caller]
fn verdict(conversion: &ScriptConversion, kind: ObjectKind, name: &str) -> (Verdict, String) {
    let objects = &conversion.report.manifest.objects;
    let object = objects.iter().find(|o| o.kind == kind && o.source.name.as_str() == name);
    let object = object.unwrap_or_else(|| panic!("{name}: {objects:#?}"));
    (object.verdict, object.notes.join("; "))
}

/// Whether a view in this query is refused because this server is older than what it needs, which the refusal says.
#[track_caller]
fn is_too_new(conversion: &ScriptConversion, target: &Target, query: &str) -> bool {
    let objects = conversion.report.manifest.objects.iter().filter(|o| o.verdict == Verdict::Refused);
    let refused = objects.filter(|o| o.kind == ObjectKind::View);
    let mut refused = refused.filter(|o| query.contains(&o.source.name.as_str().to_ascii_lowercase()));
    let Some(view) = refused.next() else { return false };
    let notes = view.notes.join("; ");
    assert!(target.version() < 15 && notes.contains("PostgreSQL 1"), "{}: {notes}", view.source);
    true
}

const ROWS: &str = r#"
    INSERT INTO dept VALUES (10, 'ACC', 'X'), (20, 'RES', 'Y');
    INSERT INTO emp (empno, ename, job, mgr, hiredate, sal, comm, deptno, doc, x) VALUES
        (1, 'KING', 'BOSS', NULL, '1981-11-17', 5000, NULL, 10,
            '{"a":5,"b":[1],"c":1,"items":[{"name":"n1","qty":2,"tags":["t1","t2"]},{"name":"n2"}]}',
            '<r><i a="q"><n>7</n></i></r>'),
        (2, 'BLAKE', 'SALES', 1, '1981-05-01', 2850, 0.5, 10, NULL, NULL),
        (3, 'CLARK', 'SALES', 1, '1981-06-09', 2450, 1400, 20, NULL, NULL),
        (4, 'ALLEN', 'CLERK', 2, '2020-02-20 13:14:15', 1600, 300, 20, NULL, NULL);
"#;

#[test]
fn every_kind_of_object_loads_and_views_give_what_oracle_gives() {
    let target = Target::new();
    let conversion = convert(fixtures(), &target.options()).expect("a conversion");
    target.load(&conversion);
    target.run(ROWS);
    for (view, rows) in [
        ("v_plus ORDER BY 1", vec!["ALLEN|-", "BLAKE|ACC", "CLARK|-", "KING|ACC"]),
        ("v_chain ORDER BY 1", vec!["ALLEN|BLAKE|ACC", "BLAKE|KING|ACC", "CLARK|KING|ACC", "KING|-|-"]),
        (
            "v_decode ORDER BY c, jj",
            vec!["2|0|n|none|BOSS", "0|0.50|y|.5|SALES", "1|300.00|y|300|CLERK", "0|1400.00|y|1400|SALES"],
        ),
        ("v_rownum4", vec!["ALLEN", "BLAKE", "CLARK", "KING"]),
        (
            "v_tree",
            vec![
                "1|KING|/KING|KING|-|0",
                "2|  CLARK|/KING/CLARK|KING|KING|1",
                "2|  BLAKE|/KING/BLAKE|KING|KING|0",
                "3|    ALLEN|/KING/BLAKE/ALLEN|KING|BLAKE|1",
            ],
        ),
        ("(SELECT d FROM v_days) AS d", vec!["0", "1", "2", "3", "4", "5", "6"]),
        // All set operators bind equally: ((emp - dept) + NULL) and emp.
        ("v_minus ORDER BY 1", vec!["ALLEN", "BLAKE", "CLARK", "KING"]),
        ("v_null_union ORDER BY 1", vec!["x|-", "y|2.5", "-|1"]),
        (
            "(SELECT s1, s2, s3, i1, i2, t1, t3 FROM v_text WHERE ic = 'Blake') AS t",
            vec!["AKE|LAK|BL|3|0|01.05.1981 00:00|   2,850.00"],
        ),
        (
            "(SELECT deptno, names, n, last_sal, first_name FROM v_agg) AS t ORDER BY 1",
            vec!["10|BLAKE, KING|2|5000.00|KING", "20|ALLEN, CLARK|2|1600.00|CLARK"],
        ),
        (
            "(SELECT ename, rn, lg, la, total FROM v_ana) AS t ORDER BY 1",
            vec![
                "ALLEN|2|2450.00|ALLEN;CLARK|4",
                "BLAKE|2|5000.00|BLAKE;KING|4",
                "CLARK|1|2850.00|ALLEN;CLARK|4",
                "KING|1|0|BLAKE;KING|4",
            ],
        ),
        ("v_pivot ORDER BY deptno", vec!["10|-|0|5000.00|1|2850.00|1", "20|1600.00|1|-|0|2450.00|1"]),
        (
            "v_unpivot WHERE empno IN (1, 2) ORDER BY empno, kind",
            vec!["1|C|-", "1|S|5000.00", "2|C|0.50", "2|S|2850.00"],
        ),
        ("v_xml", vec!["1|q|7"]),
        ("v_json", vec!["1|n1|2", "1|n1|2", "1|n2|0"]),
        ("v_jv", vec!["5|[1]"]),
        ("v_rec", vec!["1|a", "2|ab", "3|abb", "4|abbb", "5|abbbb"]),
        ("v_sub ORDER BY 1", vec!["CLARK|RES|N", "KING|ACC|Y"]),
        ("v_nat ORDER BY 1", vec!["10|ACC|X|2", "20|RES|Y|2"]),
        ("v_dual", vec!["X"]),
        ("after_no_query", vec!["1"]),
    ] {
        if is_too_new(&conversion, &target, view) {
            continue;
        }
        assert_eq!(target.rows(&format!("SELECT * FROM {view}")), rows, "{view}");
    }
    // What has no equivalent is refused by name, at its place.
    for (kind, name, reason) in [
        (ObjectKind::View, "BAD_FN", "MY_PKG.F is stored code"),
        (ObjectKind::View, "BAD_MODEL", "MODEL is not converted"),
        (ObjectKind::View, "C1", "reads itself"),
        (ObjectKind::View, "C2", "reads itself"),
        (ObjectKind::Table, "EXT", "external"),
        (ObjectKind::Index, "EMP_TXT", "to_tsvector"),
        (ObjectKind::Synonym, "REM", "in another database"),
    ] {
        let (found, notes) = verdict(&conversion, kind, name);
        assert_eq!(found, Verdict::Refused, "{name}");
        assert!(notes.contains(reason), "{name}: {notes}");
    }
    let objects = &conversion.report.manifest.objects;
    let place = objects.iter().find(|o| o.source.name.as_str() == "BAD_MODEL").and_then(|o| o.place.clone());
    assert!(place.is_some_and(|p| p.starts_with("a_views.sql:")));
    assert!(conversion.report.unread.iter().any(|e| e.contains("expected AS, found syntax")));
    // Oracle lets no constraint of a partition key stand; PostgreSQL wants it in every key.
    let (found, notes) = verdict(&conversion, ObjectKind::Table, "SALES_BAD");
    assert!(found == Verdict::Changed && notes.contains("lacks the partition key"), "{notes}");
    assert_eq!(target.rows("SELECT relkind FROM pg_class WHERE relname = 'sales_r'"), ["p"]);
    target.run("INSERT INTO sales_r VALUES (1, '2019-05-05', 'E', 1), (2, '2030-01-01', 'E', 1); INSERT INTO sales_l VALUES (1, NULL), (2, 'Q')");
    assert_eq!(target.rows("SELECT count(*) FROM sales_r UNION ALL SELECT count(*) FROM sales_l_pn"), ["2", "1"]);
}

#[test]
fn what_postgresql_says_otherwise_gives_the_same() {
    let target = Target::new();
    let conversion = convert(fixtures(), &target.options()).expect("a conversion");
    target.load(&conversion);
    target.run(ROWS);
    for (view, rows) in [
        (
            "m_ignore ORDER BY 1",
            vec![
                "1|-|0.50|-1|1400.00|5000.00|-",
                "2|0.50|0.50|-1|300.00|5000.00|5000.00",
                "3|1400.00|300.00|0.50|-|2450.00|2850.00",
                "4|300.00|300.00|1400.00|-|2450.00|2450.00",
            ],
        ),
        (
            "m_json WHERE empno < 3 ORDER BY 1",
            vec![
                r#"1|{"id":1,"name":"KING","since":"1981-11-17T00:00:00"}|[1,"KING"]|{"empno":1,"ENAME":"KING"}|{"in":[1,"a\"b",null]}"#,
                r#"2|{"id":2,"name":"BLAKE","comm":0.5,"since":"1981-05-01T00:00:00"}|[2,"BLAKE",0.5]|{"empno":2,"ENAME":"BLAKE"}|{"in":[1,"a\"b",null]}"#,
            ],
        ),
        (
            "(SELECT deptno, l, replace(o::jsonb::text, ' ', '') FROM m_json_agg) AS t ORDER BY 1",
            vec![
                r#"10|[{"n":"BLAKE"},{"n":"KING"}]|{"KING":null,"BLAKE":0.5}"#,
                r#"20|[{"n":"ALLEN"},{"n":"CLARK"}]|{"ALLEN":300,"CLARK":1400}"#,
            ],
        ),
        ("m_json_path", vec!["n1|5|[2]|-|-"]),
        ("m_search", vec!["1|1|N", "2|2|N", "4|3|N", "3|2|N"]),
        ("m_percent", vec!["ALLEN", "CLARK"]),
        ("(SELECT v, e, q, c, m FROM m_xpath) AS t", vec!["7|<n>7</n>|0|7|q"]),
        ("m_keep ORDER BY 1", vec!["10|5000.00|1", "20|1600.00|1"]),
        (
            "m_keep_over ORDER BY 1",
            vec!["1|2850.00|3925.000", "2|2850.00|3925.000", "3|2450.00|2025.000", "4|2450.00|2025.000"],
        ),
        ("m_words", vec!["BOSS,SALES|2|10|3"]),
        ("m_numbers", vec!["-1|  100|2|255|  2.850,0| 2.9E+03|ä\\|1"]),
        (
            "(SELECT w, m, q, rr, back, iv, ft AT TIME ZONE 'UTC' FROM m_dates) AS t",
            vec![
                "2020-02-19 00:00:00|2020-02-15 00:00:00|2020-04-01 00:00:00|1999-12-31 00:00:00|2020-02-20 00:00:00|1 day 02:00:00|2019-12-31 22:00:00",
            ],
        ),
        ("m_limit ORDER BY 1", vec!["BLAKE", "KING"]),
        ("m_nested", vec!["3"]),
        ("m_sample", vec!["4"]),
        ("of_announced ORDER BY 1", vec!["10|ACC!", "20|RES!"]),
        (
            "(SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'made_of'::regclass AND attnum > 0) AS t",
            vec!["id|smallint|t", "name|character varying(10)|t", "total|numeric|f"],
        ),
        (
            "(SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'made_of_all'::regclass AND attnum > 0) AS t",
            vec![
                "deptno|smallint|f",
                "dname|character varying(14)|f",
                "loc|character varying(13)|f",
                "mark|character(1)|f",
                "made|timestamp(0) without time zone|f",
            ],
        ),
    ] {
        if is_too_new(&conversion, &target, view) {
            continue;
        }
        assert_eq!(target.rows(&format!("SELECT * FROM {view}")), rows, "{view}");
    }
    target.run("INSERT INTO on_null VALUES (NULL, NULL, NULL), (9, 'z', 8), (NULL, DEFAULT, DEFAULT)");
    assert_eq!(target.rows("SELECT * FROM on_null"), ["1|y|7", "9|z|8", "2|y|8"]);
    target.run("SET app.limit_of_rows = '3'");
    assert_eq!(target.rows("SELECT * FROM m_limit").len(), 3);
    assert_eq!(verdict(&conversion, ObjectKind::Synonym, "DEPT").0, Verdict::Covered);
    let objects = &conversion.report.manifest.objects;
    assert!(!objects.iter().any(|o| o.source.name.as_str() == "SELF" || o.source.name.as_str().starts_with("SYS_IL")));
}

#[test]
fn files_load_with_psql_in_the_order_of_their_names() {
    let Ok(psql) = Command::new("psql").arg("--version").output() else { return };
    assert!(psql.status.success());
    let target = Target::new();
    let out = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["schema", "--json", "--scripts"])
        .arg(fixtures())
        .args(["--pg-version", &target.version().to_string()])
        .arg("--out")
        .arg(out.path())
        .output()
        .expect("migrate");
    assert!(output.status.success(), "{output:?}");
    let manifest: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let written = fs::read_to_string(out.path().join("manifest.json")).expect("a manifest");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).expect("JSON"), manifest);
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let (server, _) = url.rsplit_once('/').expect("a database");
    let mut files: Vec<_> = fs::read_dir(out.path()).expect("the files").map(|f| f.expect("a file").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "sql"));
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        let output = Command::new("psql")
            .args(["-X", "-q", "-d", &format!("{server}/{}", target.name), "-f"])
            .arg(&file)
            .output()
            .expect("psql");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !errors.contains("ERROR"), "{}: {errors}", file.display());
    }
}

#[test]
fn bad_files_hide_nothing_that_is_good() {
    let utf16: Vec<u8> =
        "\u{feff}CREATE TABLE u16 (a NUMBER, ü VARCHAR2(10));".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bare: Vec<u8> = "CREATE TABLE bare16 (a NUMBER);\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let garbage: Vec<u8> = (0..4096u32).map(|n| u8::try_from(n * 7919 % 251).unwrap_or_default()).collect();
    let cut = "CREATE TABLE whole (a NUMBER);\nCREATE TABLE cut (a NUMBER, b VARCHAR2(10) DEFAULT 'x";
    let wrapped = "CREATE OR REPLACE PACKAGE BODY w wrapped\na000000\n1\nabcd\nabcd;;'\"\n/\nCREATE TABLE after_wrapped (a NUMBER);\n";
    let dir = folder(&[
        ("utf16.sql", &utf16),
        ("bare16.sql", &bare),
        ("w1252.sql", b"CREATE TABLE w1252 (a NUMBER);\nCOMMENT ON TABLE w1252 IS 'caf\xe9 \x80';\n"),
        ("garbage.sql", &garbage),
        ("empty.sql", b""),
        ("cut.sql", cut.as_bytes()),
        ("wrapped.sql", wrapped.as_bytes()),
        ("twice1.sql", b"CREATE TABLE twice (a NUMBER);"),
        ("twice2.sql", b"CREATE TABLE twice (b DATE, c DATE);"),
        ("bad.sql", b"CREATE TABLE x1 (a NUMBER(99));\nCREATE TABEL x2 (a NUMBER);\nCREATE TABLE good (a NUMBER);\nALTER TABLE nowhere ADD (b DATE);\n"),
    ]);
    let conversion = convert(dir.path(), &ScriptOptions::default()).expect("a conversion");
    let target = Target::new();
    target.load(&conversion);
    assert_eq!(
        target.rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        ),
        ["after_wrapped", "bare16", "good", "twice", "u16", "w1252", "whole"]
    );
    assert_eq!(target.rows("SELECT obj_description('w1252'::regclass)"), ["café €"]);
    let unread = conversion.report.unread.join("\n");
    for part in [
        "garbage.sql: this is no text",
        "cut.sql:2:",
        "twice2.sql:1:1: the name APP.TWICE is already used",
        "bad.sql:1:27: expected a precision from 1 to 38, found 99",
        "bad.sql:2:8: expected TABLE",
        "bad.sql:4:1: table APP.NOWHERE is not there",
    ] {
        assert!(unread.contains(part), "{part} in:\n{unread}");
    }
    assert_eq!(verdict(&conversion, ObjectKind::Code, "W").0, Verdict::Refused);
}

#[test]
fn scripts_that_take_down_and_blocks_that_look_first() {
    let conversion = converted(&[
        (
            "a_install.sql",
            "CREATE TABLE t (a NUMBER);\nDROP VIEW v;\nCREATE VIEW v AS SELECT a FROM t;\nCREATE TABLE gone (a NUMBER);\nDROP TABLE gone;\n",
        ),
        (
            "b_block.sql",
            "DECLARE n NUMBER; BEGIN\n SELECT COUNT(*) INTO n FROM user_tables;\n IF n = 0 THEN\n  \
             EXECUTE IMMEDIATE 'CREATE TABLE logs (id NUMBER PRIMARY KEY, text VARCHAR2(10) DEFAULT ''x'')';\n END IF;\n\
             EXECUTE IMMEDIATE 'CREATE TABLE ' || 'x' || ' (a NUMBER)';\nEND;\n/\n",
        ),
        ("z_uninstall.sql", "DROP VIEW v;\nDROP TABLE t CASCADE CONSTRAINTS PURGE;\nDROP TABLE logs;\n"),
    ]);
    assert_eq!(conversion.report.unread, Vec::<String>::new());
    let target = Target::new();
    target.load(&conversion);
    assert_eq!(
        target.rows("SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace ORDER BY 1"),
        ["logs", "t", "v"]
    );
    let objects = &conversion.report.manifest.objects;
    let logs = objects.iter().find(|o| o.kind == ObjectKind::Table && o.source.name.as_str() == "LOGS");
    assert_eq!(logs.and_then(|o| o.place.as_deref()), Some("b_block.sql:4"));
}

#[test]
fn nothing_to_convert_is_an_error() {
    assert!(convert(Path::new("/nowhere/at/all"), &ScriptOptions::default()).is_err());
    for files in [vec![], vec![("x.txt", "CREATE TABLE t (a NUMBER);")], vec![("x.sql", "SELECT 1 FROM dual;")]] {
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, text): &(&str, &str)| (*name, text.as_bytes())).collect();
        assert!(convert(folder(&files).path(), &ScriptOptions::default()).is_err());
    }
}

/// Keywords of PostgreSQL and Oracle alike, system columns, and names that only quotes allow.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "ALL", "ANALYSE", "AND", "ANY", "ARRAY", "AS", "ASC", "BETWEEN", "CASE", "CAST", "CHECK", "COLLATE", "COLUMN",
    "CONSTRAINT", "CREATE", "CROSS", "CURRENT_DATE", "CURRENT_USER", "DEFAULT", "DESC", "DISTINCT", "DO", "ELSE", "END",
    "EXCEPT", "FALSE", "FETCH", "FOR", "FOREIGN", "FROM", "GRANT", "GROUP", "HAVING", "IN", "INTERSECT", "INTO", "IS",
    "JOIN", "LATERAL", "LEFT", "LEVEL", "LIKE", "LIMIT", "MINUS", "NATURAL", "NOT", "NULL", "NUMBER", "OFFSET", "ON",
    "ONLY", "OR", "ORDER", "OUTER", "PRIMARY", "PRIOR", "REFERENCES", "RETURNING", "ROWNUM", "SELECT", "SESSION_USER",
    "SOME", "SYSDATE", "TABLE", "THEN", "TO", "TRUE", "UNION", "UNIQUE", "USER", "USING", "VALUES", "VARIADIC", "VIEW",
    "WHEN", "WHERE", "WINDOW", "WITH", "XMIN", "CTID", "TABLEOID", "MIN", "A B", "É", "1A", "a.b", "$", "#",
];

#[test]
fn every_word_can_be_a_name() {
    let mut text = String::new();
    for word in WORDS {
        let _ = writeln!(text, "CREATE TABLE \"{word}\" (\"{word}\" NUMBER(4) PRIMARY KEY, \"x{word}\" DATE);");
        let _ = writeln!(text, "CREATE VIEW \"{word}_V\" AS SELECT \"{word}\", t.\"x{word}\" FROM \"{word}\" t;");
        let _ = writeln!(text, "CREATE INDEX \"{word}_I\" ON \"{word}\" (\"x{word}\" DESC);");
        let _ = writeln!(text, "COMMENT ON COLUMN \"{word}\".\"{word}\" IS '{word}';");
    }
    let conversion = converted(&[("words.sql", &text)]);
    assert_eq!(conversion.report.unread, Vec::<String>::new());
    let refused: Vec<_> = conversion.report.manifest.objects.iter().filter(|o| o.verdict == Verdict::Refused).collect();
    // Unquoted, Oracle would read these as what they are; quoted they are columns.
    assert!(refused.is_empty(), "{refused:#?}");
    Target::new().load(&conversion);
}

#[test]
fn long_names_many_columns_and_circles() {
    let long = |first: &str| format!("{first}{}", "X".repeat(127));
    let many = |count: usize| (0..count).map(|n| format!("c{n} NUMBER(4)")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "CREATE TABLE {a} ({a} NUMBER(4) CONSTRAINT {b} PRIMARY KEY, {c} NUMBER(4));\n\
         CREATE INDEX {c} ON {a} ({c});\nCREATE VIEW {d} AS SELECT {a} FROM {a};\n\
         CREATE TABLE wide (c NUMBER, {many});\nCREATE TABLE wider ({wider});\n\
         CREATE TABLE p (id NUMBER PRIMARY KEY, q NUMBER, me NUMBER REFERENCES p);\n\
         CREATE TABLE q (id NUMBER PRIMARY KEY, p NUMBER REFERENCES p (id));\n\
         ALTER TABLE p ADD FOREIGN KEY (q) REFERENCES q (id);\n\
         CREATE VIEW v1 AS SELECT * FROM v2; CREATE VIEW v2 AS SELECT * FROM v3; CREATE VIEW v3 AS SELECT * FROM v1;\n\
         CREATE VIEW v4 AS SELECT * FROM v4;\n",
        a = long("A"),
        b = long("B"),
        c = long("C"),
        d = long("D"),
        many = many(1599),
        wider = many(1601),
    );
    let conversion = converted(&[("x.sql", &text)]);
    assert_eq!(conversion.report.unread, Vec::<String>::new());
    Target::new().load(&conversion);
    let (found, notes) = verdict(&conversion, ObjectKind::Table, "WIDER");
    assert!(found == Verdict::Refused && notes.contains("1601 columns"), "{notes}");
    assert_eq!(verdict(&conversion, ObjectKind::Table, "WIDE").0, Verdict::Converted);
    for view in ["V1", "V2", "V3", "V4"] {
        let (found, notes) = verdict(&conversion, ObjectKind::View, view);
        assert!(found == Verdict::Refused && notes.contains("reads itself"), "{view}: {notes}");
    }
    assert_eq!(conversion.ddl.phase(Phase::ForeignKeys).count(), 3);
}

#[test]
fn names_that_collide_get_others_and_say_so() {
    let text = "CREATE TABLE a (x NUMBER, CONSTRAINT b PRIMARY KEY (x)); CREATE TABLE b (y NUMBER, \"y\" NUMBER);\
        CREATE TABLE \"b\" (z NUMBER); CREATE INDEX a ON b (y); CREATE SEQUENCE s; CREATE INDEX s ON a (x DESC);";
    let conversion = converted(&[("x.sql", text)]);
    Target::new().load(&conversion);
    assert_eq!(conversion.report.remarks.len(), 5, "{:?}", conversion.report.remarks);
}

#[test]
fn filters_types_names_and_includes() {
    let dir = folder(&[
        ("install.sql", b"DEFINE kind = NUMBER\n@@tables/one\n@ tables/two.sql\n"),
        ("tables/one.sql", b"CREATE TABLE one (flag &kind(1), n &kind);"),
        ("tables/two.sql", b"CREATE TABLE two (a &kind REFERENCES three (id));"),
        ("tables/zero.sql", b"CREATE TABLE three (id NUMBER(6) PRIMARY KEY);\nCREATE TABLE log_1 (a NUMBER);\nINSERT INTO two VALUES (1);"),
    ]);
    let mut options = ScriptOptions::default();
    options.choices.filter = oracle_source::ObjectFilter::new([], ["log_*"]).unwrap();
    options.schema = Some(OracleIdent::new("HR").unwrap());
    options.targets = vec![(OracleIdent::new("HR").unwrap(), PgIdent::new("staff").unwrap())];
    options.types.set_oracle_type("NUMBER(1,0)", "boolean".parse().unwrap());
    options.choices.pg_version = Some(13);
    let first = convert(dir.path(), &options).expect("a conversion");
    assert_eq!(first.report.unread, Vec::<String>::new());
    assert_eq!(first.report.left_out, ["table HR.LOG_1"]);
    assert_eq!(first.report.other_statements.len(), 1);
    let tables: Vec<&str> = first.ddl.phase(Phase::Tables).map(|s| s.sql.as_str()).collect();
    assert!(
        tables.contains(&"CREATE TABLE \"staff\".\"one\" (\n    \"flag\" boolean,\n    \"n\" numeric\n);"),
        "{tables:?}"
    );
    // The map is edited and taken: one table gets another name and schema column.
    let edited =
        first.names.to_toml().replace("target = \"one\"", "target = \"first\"").replace("N = \"n\"", "N = \"amount\"");
    options.names = NameMap::from_toml(&edited).expect("the edited map");
    assert_eq!(NameMap::from_json(&options.names.to_json()), Ok(options.names.clone()));
    let second = convert(dir.path(), &options).expect("a conversion");
    assert!(
        second.ddl.phase(Phase::Tables).any(|s| s.sql.contains("\"staff\".\"first\"") && s.sql.contains("\"amount\""))
    );
    let target = Target::new();
    target.load(&first);
    // What was made by the first map is renamed to the second.
    for statement in first.names.rename_script(&second.names) {
        target.run(&statement);
    }
    assert_eq!(target.rows("SELECT amount FROM staff.first"), Vec::<String>::new());
    assert_eq!(
        first.names.differences(&second.names),
        ["table HR.ONE: staff.one, staff.first", "column HR.ONE.N: n, amount"]
    );
}

#[test]
fn a_variables_value_may_have_an_equals_sign() {
    let dir = folder(&[("t.sql", b"CREATE TABLE t (a VARCHAR2(20) DEFAULT '&v');")]);
    let out = dir.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["schema", "--define", "v=a=b", "--scripts"])
        .arg(dir.path())
        .arg("--out")
        .arg(&out)
        .output()
        .expect("migrate");
    assert!(output.status.success(), "{output:?}");
    let tables = fs::read_to_string(out.join("20_tables.sql")).expect("the tables");
    assert!(tables.contains("DEFAULT 'a=b'"), "{tables}");
}
