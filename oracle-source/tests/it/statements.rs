//! Every statement that is sent to Oracle: an outside grammar reads it, and it names documented columns only.

use cdc_logminer::session_sql;
use oracle_source::{
    SqlExpression,
    inventory::sql as inventory,
    sql::{
        self, dictionary,
        dictionary::{Capabilities, Views},
        heartbeat, logminer, prerequisites, read,
        read::{FoundBy, KeyType, RangeBy},
        session,
    },
};
use schema_map::{ObjectPath, OracleIdent};
use sqlparser::{
    dialect::{GenericDialect, OracleDialect},
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use type_convert::OracleType;

macro_rules! named {
    ($($module:ident: $($name:ident)*;)*) => { &[$($((stringify!($name), $module::$name),)*)*] };
}

const STATEMENTS: &[(&str, &str)] = named! {
    sql: SET_NLS SET_TIME_ZONE SET_MODULE SESSION_USER DATABASE ARCHIVE_DESTINATIONS PARAMETERS CHARACTER_SETS
        SESSION_PRIVILEGES SESSION_ROLES TABLE_PRIVILEGES LOG_GROUPS LOG_GROUP_COLUMNS IS_CONTAINER_DATABASE PROBE_EXTENTS
        PROBE_DBMS_LOGMNR CURRENT_SCN OPEN_TRANSACTIONS DATABASE_ID;
    read: STATISTICS EXTENTS DATA_OBJECTS PARTITION_STATISTICS TYPE_FINAL BFILE_LOCATOR;
    prerequisites: TABLE_COLUMNS KEY_COLUMNS UNIQUE_INDEX_COLUMNS XML_STORAGE CONTAINER_NAME MANAGED_BY_RDS FORCE_LOGGING FORCE_LOGGING_OF_CONTAINER FORCE_LOGGING_TABLESPACES
        NOLOGGING_TABLES NOLOGGING_PARTITIONS NOLOGGING_SUBPARTITIONS NOLOGGING_LOBS NOLOGGING_LOB_PARTITIONS
        NOLOGGING_LOB_SUBPARTITIONS NOLOGGING_INDEX_TABLES NOLOGGING_INDEX_TABLE_PARTITIONS ARCHIVED_LOG_AGES
        REDO_OF_A_DAY REDO_LOG_GROUPS RECOVERY_AREA UNDO_STATISTICS UNDO_TABLESPACES ENCRYPTED_TABLESPACES ENCRYPTED_COLUMNS
        WALLETS TIME_ZONE_FILE TIME_ZONE_UPGRADE TRANSACTION_AGES SEGMENT_BYTES TABLE_BYTES SESSION_STATISTICS REDO_DICTIONARIES BUILD_REDO_DICTIONARY;
    session: NLS TIME_ZONE;
    inventory: SEGMENT_GROWTH GROWTH_DAYS OBJECT_STATES TABLE_STATES ENCRYPTED_COLUMNS UNSUPPORTED_COLUMNS PUBLIC_LINKS DEPENDENCIES REDO_BY_HOUR
        OPEN_TRANSACTION_AGES;
    logminer: TABLE_NUMBERS TABLE_NUMBERS_OF_CONTAINER DATABASE_ROLE;
    session_sql: DATABASE INCARNATION IS_CONTAINER_DATABASE THREADS ONLINE_LOGS ARCHIVED_LOGS ADD_FIRST_LOGFILE ADD_LOGFILE
        START_LOGMNR END_LOGMNR ENDED_LOGS DICTIONARY_LOGS START_LOGMNR_WITH_REDO_DICTIONARY
        SET_ROOT_CONTAINER SESSION_MEMORY FLUSH_REDO REDO_SYNCH_WRITES;
};

/// Those that are sent over `ALL_` or `DBA_` views, with or without the columns that a version has.
const DICTIONARY: &[(&str, &str)] = named! {
    dictionary: CAPABILITIES PROBE_DBA TABLES OBJECT_TABLES EXTERNAL_TABLES IMMUTABLE_TABLES BLOCKCHAIN_TABLES COLUMNS DEFAULTS
        IDENTITY_COLUMNS TYPES ENCRYPTED_COLUMNS TABLE_COMMENTS COLUMN_COMMENTS PARTITIONED_TABLES PARTITION_KEYS PARTITIONS
        SUBPARTITIONS SUBPARTITION_TEMPLATES CONSTRAINTS CONDITIONS CONSTRAINT_COLUMNS REFERENCED_COLUMNS INDEXES INDEX_COLUMNS
        INDEX_EXPRESSIONS SEQUENCES VIEWS MATERIALIZED_VIEWS REFRESHES SYNONYMS SOURCE TRIGGERS GRANTS DBA_GRANTS POLICIES
        OTHER_OBJECTS JOBS OLD_JOBS DB_LINKS DIRECTORIES SEGMENTS OWN_SEGMENTS LOB_SEGMENTS;
};

/// Statements that need a later version than 11.2, and which. Those of the dictionary are only sent where the views are there.
const LATER: &[(&str, &str)] = &[
    ("IS_CONTAINER_DATABASE", "12.1"),
    ("IDENTITY_COLUMNS", "12.1"),
    ("CONTAINER_NAME", "12.1"),
    ("FORCE_LOGGING_OF_CONTAINER", "12.2"),
    ("TABLE_NUMBERS_OF_CONTAINER", "12.1"),
    ("contents of a container", "12.1"),
    ("IMMUTABLE_TABLES", "19.11"),
    ("BLOCKCHAIN_TABLES", "19.10"),
];

/// What the lists of documented views say of a column.
#[derive(Clone)]
struct Documented {
    /// The version of Oracle that brought it.
    since: String,
    /// Where it was seen: `R19`, `C11.2 R19`, … (see the README of the lists), or `-`.
    seen: String,
}

impl Documented {
    /// Whether it was seen in something of the version that brought it; of 11.2, or of an older one.
    fn is_seen_at_once(&self) -> bool {
        let of = |place: &str| place.get(1..).filter(|of| of.contains('.')).map(version);
        self.seen.split(' ').any(|place| of(place).is_some_and(|of| of <= version(&self.since)))
    }
}

/// Columns by view.
type DocumentedViews = BTreeMap<String, BTreeMap<String, Documented>>;

fn documented() -> DocumentedViews {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dictionary");
    let mut documented = DocumentedViews::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "tsv") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines();
        let view = lines.next().and_then(|line| line.strip_prefix("# ")).unwrap_or_else(|| panic!("{file:?}"));
        let columns = lines.map(|line| {
            let [column, since, seen] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{file:?}: {line:?} should be a column, a version, and where it was seen (see README.md there)")
            };
            let known = [
                "R10.1", "R10.2", "R11.1", "C11.2", "Q11.2", "R11.2", "R12.1", "R12.2", "R18", "R19", "R21", "R23",
                "R26",
            ];
            assert!(seen == "-" || seen.split(' ').all(|place| known.contains(&place)), "{file:?}: {line:?}");
            (column.to_owned(), Documented { since: since.to_owned(), seen: seen.to_owned() })
        });
        let columns = columns.collect();
        assert!(documented.insert(view.to_owned(), columns).is_none(), "{view} has two files");
    }
    let all: Vec<_> = documented.iter().filter_map(|(view, c)| Some((view.strip_prefix("ALL_")?, c.clone()))).collect();
    for (name, columns) in all.into_iter().map(|(name, columns)| (format!("DBA_{name}"), columns)).collect::<Vec<_>>() {
        documented.entry(name).or_insert(columns);
    }
    documented
}

/// What a database of this version says of its views.
fn capabilities(documented: &DocumentedViews, of: &str) -> Capabilities {
    let mut known = Capabilities::default();
    for (view, columns) in documented {
        for (column, _) in columns.iter().filter(|(_, column)| version(&column.since) <= version(of)) {
            known.add(view, column);
        }
    }
    known
}

const VERSIONS: [&str; 5] = ["11.2", "12.1", "12.2", "19.11", "23.0"];

/// The statements over the dictionary as they are sent to each version: name, version, text.
fn of_dictionary(documented: &DocumentedViews) -> Vec<(String, &'static str, String)> {
    let mut all = Vec::new();
    for of in VERSIONS {
        let known = capabilities(documented, of);
        for (name, statement) in DICTIONARY {
            if LATER.iter().any(|(later, since)| later == name && version(since) > version(of)) {
                assert!(!known.has_view(&dictionary::view(statement)), "{name} is not needed in {of}");
                continue;
            }
            let views: &[Views] = if *name == "GRANTS" { &[Views::All] } else { &[Views::All, Views::Dba] };
            for views in views {
                all.push(((*name).to_owned(), of, dictionary::text(statement, *views, &known)));
            }
        }
        all.push(("PROBE_DBA".to_owned(), of, dictionary::probe_dba(&known)));
    }
    all
}

/// Every statement, with its name; the ones that are put together too.
fn all() -> Vec<(String, String)> {
    let table = ObjectPath { schema: ident("HR"), name: ident("Odd.Name") };
    let columns = [
        (ident("ID"), OracleType::Number { precision: None, scale: None }),
        (ident("RID"), OracleType::RowId),
        (ident("DOC"), OracleType::Clob),
        (ident("XML"), OracleType::Xml),
        (ident("JSON"), OracleType::Json),
        (ident("VEC"), OracleType::Vector { dimensions: None, format: None }),
    ];
    let mut all: Vec<_> = STATEMENTS.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
    all.extend(of_dictionary(&documented()).into_iter().map(|(name, of, text)| (format!("{name} ({of})"), text)));
    all.extend(sql::PROBES.iter().map(|probe| (probe.name.to_owned(), probe.sql.to_owned())));
    all.push(("contents".to_owned(), session_sql::contents(&[2, 1001])));
    all.push(("contents of a container".to_owned(), session_sql::contents_of_container(&[1])));
    all.extend(heartbeat::ddl(&table).into_iter().map(|sql| ("DDL of the heartbeat".to_owned(), sql)));
    all.push(("beat".to_owned(), heartbeat::beat(&table)));
    let texts = [(&ident("NAME"), false), (&ident("N. name"), true)];
    for test in [inventory::EncodingTest::Validate, inventory::EncodingTest::RoundTrip] {
        all.push((format!("looks at encodings {test:?}"), inventory::bad_encodings(&table, &texts, test)));
    }
    let (a, b, c) = (ident("A"), ident("B"), ident("C"));
    let looks = [(&a, inventory::Look::Length), (&b, inventory::Look::Range), (&c, inventory::Look::Zero)];
    all.push(("looks".to_owned(), inventory::sample(&table, &looks)));
    all.push(("count".to_owned(), read::count(&table)));
    all.push(("lob".to_owned(), read::lob(&table, &ident("Doc."), FoundBy::RowId)));
    let key = [
        (ident("ID"), KeyType::Number),
        (ident("Te xt"), KeyType::Text),
        (ident("D"), KeyType::Date),
        (ident("TS"), KeyType::Timestamp),
        (ident("R"), KeyType::Raw),
    ];
    all.push(("lob by key".to_owned(), read::lob(&table, &ident("Doc."), FoundBy::Key(&key))));
    all.push(("count_now".to_owned(), read::count_now(&table)));
    let key = ident("Key.");
    let types = [KeyType::Number, KeyType::Text, KeyType::Date, KeyType::Timestamp, KeyType::Raw];
    all.extend(types.map(|ty| (format!("borders {ty:?}"), read::key_borders(&table, &key, ty))));
    let objects = [(vec![ident("PERSON")], "PERSON_T"), (vec![ident("DESK"), ident("who sits")], "Odd type")];
    let objects = objects
        .map(|(path, ty)| read::ObjectPlace { path, declared: ObjectPath { schema: ident("HR"), name: ident(ty) } });
    let files = [(ident("F"), OracleType::BFile), (ident("PERSON"), OracleType::Date)];
    let as_of = read::RowRange { as_of: true, ..read::RowRange::default() };
    all.push((
        "rows with objects and files".to_owned(),
        read::rows(&table, files.iter().map(|(name, ty)| (name, ty, None)), &objects, FoundBy::RowId, None, as_of),
    ));
    let condition = SqlExpression::new("a > 1 OR b IS NULL").unwrap();
    let by_key = types.map(|ty| (RangeBy::Key(&key, ty), true, true));
    let by_row_id = [(true, true), (false, true), (true, false), (false, false)].map(|(f, t)| (RangeBy::RowId, f, t));
    for (n, (by, from, to)) in by_row_id.into_iter().chain(by_key).chain([(RangeBy::Hash, false, false)]).enumerate() {
        let condition = Some(&condition).filter(|_| n % 2 == 0);
        let range = read::RowRange { as_of: n % 3 != 2, by, from, to, condition };
        for lob_limit in [None, Some(0), Some(65_536)] {
            all.push((
                format!("rows {range:?} {lob_limit:?}"),
                read::rows(
                    &table,
                    columns.iter().map(|(name, ty)| (name, ty, None)),
                    &[],
                    FoundBy::RowId,
                    lob_limit,
                    range,
                ),
            ));
        }
    }
    all
}

#[test]
fn ranges_conditions_and_expressions() {
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let (id, doc) = (ident("ID"), ident("DOC"));
    let number = OracleType::Number { precision: None, scale: None };
    let (condition, expression) = (SqlExpression::new("a OR b").unwrap(), SqlExpression::new("f(x)").unwrap());
    let rows = |by, expression, condition| {
        let columns = [(&id, &number, None), (&doc, &OracleType::Clob, expression)];
        read::rows(
            &table,
            columns,
            &[],
            FoundBy::Nothing,
            Some(9),
            read::RowRange { as_of: true, by, from: true, to: true, condition },
        )
    };
    let head = r#"SELECT "ID", (f(x)), CASE WHEN (f(x)) IS NOT NULL THEN 1 END FROM "HR"."T" AS OF SCN :scn WHERE "#;
    assert_eq!(
        rows(RangeBy::Key(&id, KeyType::Number), Some(&expression), Some(&condition)),
        format!(r#"{head}(a OR b) AND "ID" >= TO_NUMBER(:from_key) AND "ID" < TO_NUMBER(:to_key)"#)
    );
    assert_eq!(rows(RangeBy::Hash, Some(&expression), None), format!("{head}ORA_HASH(ROWID, :last_bucket) = :bucket"));
    assert!(rows(RangeBy::Hash, None, None).contains("DBMS_LOB.GETLENGTH(\"DOC\") <= 9"));
}

#[test]
fn lobs_of_rows_found_by_their_key() {
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let key = [(ident("ID"), KeyType::Number), (ident("PART"), KeyType::Text), (ident("D"), KeyType::Date)];
    let columns = [(ident("DOC"), OracleType::Clob)];
    let columns = columns.iter().map(|(name, ty)| (name, ty, None));
    let range = read::RowRange { as_of: true, ..read::RowRange::default() };
    assert_eq!(
        read::rows(&table, columns, &[], FoundBy::Key(&key), Some(9), range),
        r#"SELECT CASE WHEN DBMS_LOB.GETLENGTH("DOC") <= 9 THEN "DOC" END, DBMS_LOB.GETLENGTH("DOC"), "ID", "PART", TO_CHAR("D", 'SYYYY-MM-DD HH24:MI:SS') FROM "HR"."T" AS OF SCN :scn"#
    );
    assert_eq!(
        read::lob(&table, &ident("DOC"), FoundBy::Key(&key)),
        r#"SELECT "DOC" FROM "HR"."T" AS OF SCN :scn WHERE "ID" = TO_NUMBER(:key1) AND "PART" = :key2 AND "D" = TO_DATE(:key3, 'SYYYY-MM-DD HH24:MI:SS')"#
    );
}

#[test]
fn rows_and_their_lobs() {
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let columns = [
        (ident("DOC"), OracleType::Clob),
        (ident("PIC"), OracleType::Blob),
        (ident("X"), OracleType::Xml),
        (ident("V"), OracleType::Vector { dimensions: None, format: None }),
    ];
    let rows = |lob_limit| {
        let range = read::RowRange { as_of: true, ..read::RowRange::default() };
        read::rows(&table, columns.iter().map(|(name, ty)| (name, ty, None)), &[], FoundBy::RowId, lob_limit, range)
    };
    let documents = r#"XMLSERIALIZE(CONTENT "X" AS CLOB), VECTOR_SERIALIZE("V" RETURNING CLOB)"#;
    let present = r#"CASE WHEN "X" IS NOT NULL THEN 1 END, CASE WHEN "V" IS NOT NULL THEN 1 END"#;
    let rest = r#"ROWIDTOCHAR(ROWID) FROM "HR"."T" AS OF SCN :scn"#;
    assert_eq!(
        rows(None),
        format!(
            r#"SELECT "DOC", "PIC", {documents}, CASE WHEN "DOC" IS NOT NULL THEN 1 END, CASE WHEN "PIC" IS NOT NULL THEN 1 END, {present}, {rest}"#
        )
    );
    let within = |c: &str| format!(r#"CASE WHEN DBMS_LOB.GETLENGTH({c}) <= 9 THEN {c} END"#);
    let (doc, pic) = (within(r#""DOC""#), within(r#""PIC""#));
    assert_eq!(
        rows(Some(9)),
        format!(
            r#"SELECT {doc}, {pic}, {documents}, DBMS_LOB.GETLENGTH("DOC"), DBMS_LOB.GETLENGTH("PIC"), {present}, {rest}"#
        )
    );
    assert_eq!(
        read::lob(&table, &ident("DOC"), FoundBy::RowId),
        r#"SELECT "DOC" FROM "HR"."T" AS OF SCN :scn WHERE ROWID = CHARTOROWID(:row_id)"#
    );
}

/// What a driver that drops offsets is asked for in place of a column.
#[test]
fn times_with_their_offset_as_text() {
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let (name, ty) = (ident("it's at"), OracleType::TimestampTz { precision: 9 });
    let of = |expression| read::zoned_as_text(&name, expression).unwrap();
    let format = "'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'";
    assert_eq!(of(None).as_str(), format!(r#"TO_CHAR("it's at", {format})"#));
    let expression = SqlExpression::new("at + 1").unwrap();
    let text = of(Some(&expression));
    assert_eq!(text.as_str(), format!("TO_CHAR((at + 1), {format})"));
    let rows = read::rows(&table, [(&name, &ty, Some(&text))], &[], FoundBy::Nothing, None, read::RowRange::default());
    Parser::parse_sql(&OracleDialect, &rows).unwrap();
}

fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

#[test]
fn no_statement_is_forgotten() {
    let known: BTreeSet<&str> = STATEMENTS.iter().chain(DICTIONARY).map(|(name, _)| *name).collect();
    for source in [
        include_str!("../../src/sql.rs"),
        include_str!("../../src/sql/dictionary.rs"),
        include_str!("../../src/sql/read.rs"),
        include_str!("../../src/sql/prerequisites.rs"),
        include_str!("../../src/sql/session.rs"),
        include_str!("../../src/sql/logminer.rs"),
        include_str!("../../src/inventory/sql.rs"),
        include_str!("../../../cdc-logminer/src/session_sql.rs"),
    ] {
        for line in source.lines() {
            if let Some((name, _)) = line.strip_prefix("pub const ").and_then(|rest| rest.split_once(": &str")) {
                // The beginning of what `contents` makes.
                assert!(known.contains(name) || name == "CONTENTS", "{name} is not tested");
            }
        }
    }
}

#[test]
fn an_outside_grammar_reads_them() {
    let mut read = 0;
    for (name, sql) in all() {
        // The function in front is PL/SQL, and no condition of that grammar asks for the type of an object.
        if sql == read::BFILE_LOCATOR {
            continue;
        }
        let sql =
            sql.strip_prefix(read::BFILE_LOCATOR).unwrap_or(&sql).replace("IS NOT OF (ONLY ", "IS NOT NULL AND (1 = ");
        // That grammar knows neither PL/SQL blocks, nor flashback queries, nor several settings in one ALTER SESSION.
        if sql.starts_with("BEGIN ") {
            let inner =
                sql.strip_prefix("BEGIN ").and_then(|s| s.strip_suffix("; END;")).unwrap_or_else(|| panic!("{sql}"));
            parse(&name, &format!("CALL {}{}", inner, if inner.ends_with(')') { "" } else { "()" }));
        } else if sql.contains("SUPPLEMENTAL LOG DATA") {
            continue;
        } else if let Some(block) = sql.strip_prefix("DECLARE id VARCHAR2(100); BEGIN id := ") {
            let (call, commit) = block.split_once("; ").unwrap_or_else(|| panic!("{sql}"));
            parse(&name, &format!("CALL {call}"));
            assert_eq!(commit, "COMMIT WRITE IMMEDIATE WAIT; END;");
        } else if let Some(settings) = sql.strip_prefix("ALTER SESSION SET ") {
            assert_eq!(settings.matches(" = '").count() * 2, settings.matches('\'').count(), "{name}");
            continue;
        } else {
            // Nor what is said within the parentheses of these functions.
            let known = [" AS OF SCN :scn", "CONTENT ", " AS CLOB", " RETURNING CLOB", " ERROR ON ERROR"];
            parse(&name, &known.iter().fold(sql, |sql, known| sql.replace(known, "")));
        }
        read += 1;
    }
    assert!(read > 50, "{read}");
}

fn parse(name: &str, sql: &str) {
    let statements = Parser::parse_sql(&OracleDialect {}, sql).or_else(|_| Parser::parse_sql(&GenericDialect {}, sql));
    match statements {
        Ok(statements) => assert_eq!(statements.len(), 1, "{name}"),
        Err(e) => panic!("{name}: {e}\n{sql}"),
    }
}

/// The statements over views, each with the version that it is sent to at the earliest.
fn over_views(documented: &DocumentedViews) -> Vec<(String, &'static str, String)> {
    let earliest = |name: &str| LATER.iter().find(|(later, _)| *later == name).map_or("11.2", |(_, version)| version);
    let plain = all().into_iter().filter(|(name, _)| !name.contains(" (")).map(|(name, sql)| {
        let of = earliest(&name);
        (name, of, sql)
    });
    let all = plain.chain(of_dictionary(documented));
    all.filter(|(name, _, sql)| sql.starts_with("SELECT") && !reads_table(name)).collect()
}

#[test]
fn they_name_documented_columns_only() {
    let documented = documented();
    let mut read_views = BTreeSet::new();
    for (name, of, sql) in over_views(&documented) {
        let words = words(&sql);
        let views: Vec<&String> = words.iter().filter(|word| documented.contains_key(*word)).collect();
        assert!(!views.is_empty() || words.contains("DUAL"), "{name} reads no known view");
        read_views.extend(views.iter().map(|view| (*view).clone()));
        for word in &words {
            let found = views.iter().filter_map(|view| documented[*view].get(word));
            let since = found.map(|column| version(&column.since)).min();
            if let Some(since) = since {
                assert!(since <= version(of), "{name}: {word} of {views:?} came with {since:?}, not {of}");
            }
            assert!(
                since.is_some() || views.contains(&word) || is_syntax(word),
                "{name}: {word} is no column of {views:?}"
            );
        }
    }
    for view in documented.keys() {
        let other = view.replacen("DBA_", "ALL_", 1);
        assert!(read_views.contains(view) || read_views.contains(&other), "no statement reads {view}");
    }
}

/// Where the columns that statements name were seen: see the README of the lists.
#[test]
fn they_name_columns_that_were_looked_up() {
    let documented = documented();
    let mut named = BTreeSet::new();
    for (_, _, sql) in over_views(&documented) {
        let words = words(&sql);
        for view in words.iter().filter(|word| documented.contains_key(*word)) {
            named.extend(
                words
                    .iter()
                    .filter(|word| documented[view].contains_key(*word))
                    .map(|word| (view.clone(), word.clone())),
            );
        }
    }
    let column = |(view, column): &(String, String)| &documented[view][column];
    let (at_once, later): (Vec<_>, Vec<_>) = named.iter().partition(|name| column(name).is_seen_at_once());
    let (unseen, later): (Vec<_>, Vec<_>) = later.into_iter().partition(|name| column(name).seen == "-");
    let list =
        |names: &[&(String, String)]| names.iter().map(|(v, c)| format!("{v}.{c}")).collect::<Vec<_>>().join(", ");
    println!(
        "Of {} columns that statements name, {} were seen in something of the version that brought them, {} only in something later, {} nowhere.\n\
         only later: {}\nnowhere: {}",
        named.len(),
        at_once.len(),
        later.len(),
        unseen.len(),
        list(&later),
        list(&unseen)
    );
    assert!(at_once.len() * 10 >= named.len() * 9, "{} of {}", at_once.len(), named.len());
    for (view, column) in unseen {
        // Those are sent only where the view was asked for them first.
        assert!(
            DICTIONARY.iter().any(|(_, statement)| statement.contains(&format!("[{}]", column.to_lowercase()))),
            "{view}.{column}"
        );
    }
}

#[test]
fn what_a_version_lacks_is_null() {
    let documented = documented();
    let of_11 = dictionary::text(dictionary::COLUMNS, Views::Dba, &capabilities(&documented, "11.2"));
    assert!(of_11.contains("NULL, NULL, NULL, NULL FROM dba_tab_cols"), "{of_11}");
    assert!(of_11.contains("OR NULL = 'YES')"), "{of_11}");
    let of_23 = dictionary::text(dictionary::COLUMNS, Views::All, &capabilities(&documented, "23.0"));
    assert!(
        of_23.contains("default_on_null, collation, domain_owner, domain_name, vector_info FROM all_tab_cols"),
        "{of_23}"
    );
    assert!(!DICTIONARY.iter().any(|(_, statement)| {
        dictionary::text(statement, Views::All, &Capabilities::default()).contains(['[', ']'])
    }));
}

/// Whether a statement reads a user's table.
fn reads_table(name: &str) -> bool {
    ["rows", "count", "lob", "borders", "looks"].iter().any(|start| name.starts_with(start))
}

/// Functions in statements that read users' tables, and the version whose SQL Language Reference (DBMS_LOB: PL/SQL Packages and Types Reference) has
/// them first. Those after 11.2 stand in a statement only where a column has the type.
const FUNCTIONS: &[(&str, &str)] = &[
    ("COUNT", "11.2"),
    ("ROWIDTOCHAR", "11.2"),
    ("CHARTOROWID", "11.2"),
    ("ORA_HASH", "11.2"),
    ("TO_NUMBER", "11.2"),
    ("TO_DATE", "11.2"),
    ("TO_TIMESTAMP", "11.2"),
    ("HEXTORAW", "11.2"),
    ("TO_CHAR", "11.2"),
    ("RAWTOHEX", "11.2"),
    ("MOD", "11.2"),
    ("DBMS_LOB.GETLENGTH", "11.2"),
    ("SUM", "11.2"),
    ("MIN", "11.2"),
    ("MAX", "11.2"),
    ("TRUNC", "11.2"),
    ("INSTR", "11.2"),
    ("CHR", "11.2"),
    ("SUBSTR", "11.2"),
    ("UTL_I18N.STRING_TO_RAW", "11.2"),
    ("UTL_I18N.RAW_TO_CHAR", "11.2"),
    ("UTL_I18N.RAW_TO_NCHAR", "11.2"),
    // Sent first, and where the server does not have it the round trip instead.
    ("UTL_I18N.VALIDATE_CHARACTER_ENCODING", "18.0"),
    ("XMLSERIALIZE", "11.2"),
    ("JSON_SERIALIZE", "19.0"),
    ("VECTOR_SERIALIZE", "23.0"),
    // The query's own.
    ("bfile_locator", "12.1"),
];

#[test]
fn they_call_documented_functions_only() {
    let mut called = BTreeSet::new();
    for (name, sql) in all() {
        if !reads_table(&name) {
            continue;
        }
        let sql = sql.strip_prefix(read::BFILE_LOCATOR).unwrap_or(&sql);
        for (at, _) in sql.match_indices('(') {
            let before = sql[..at].rsplit([' ', '(']).next().unwrap_or_default();
            if before.is_empty() || before == "FROM" || before == "OF" {
                continue;
            }
            assert!(FUNCTIONS.iter().any(|(function, _)| *function == before), "{name} calls {before:?}: {sql}");
            called.insert(before.to_owned());
        }
    }
    assert_eq!(called.len(), FUNCTIONS.len(), "{called:?}");
    let plain = [(ident("ID"), OracleType::Date), (ident("DOC"), OracleType::Clob), (ident("X"), OracleType::Xml)];
    let table = ObjectPath { schema: ident("HR"), name: ident("T") };
    let plain = plain.iter().map(|(name, ty)| (name, ty, None));
    let range = read::RowRange { as_of: true, from: true, to: true, ..read::RowRange::default() };
    let sql = read::rows(&table, plain, &[], FoundBy::RowId, Some(1), range);
    for (function, since) in FUNCTIONS {
        assert!(version(since) <= (11, 2) || !sql.contains(function), "{function}: {sql}");
    }
}

/// Words that are not between quotes, nor bind variables, in upper case.
fn words(sql: &str) -> BTreeSet<String> {
    let tokens = Tokenizer::new(&OracleDialect {}, sql).tokenize().unwrap();
    let before = std::iter::once(&Token::EOF).chain(&tokens);
    tokens
        .iter()
        .zip(before)
        .filter_map(|(token, before)| match token {
            Token::Word(word) if word.quote_style.is_none() && *before != Token::Colon => {
                Some(word.value.to_uppercase())
            }
            _ => None,
        })
        .collect()
}

fn is_syntax(word: &str) -> bool {
    // A letter is an alias of a view.
    word.len() == 1
        || [
            "SELECT",
            "DISTINCT",
            "ROUND",
            "TO_CHAR",
            "FROM",
            "WHERE",
            "AND",
            "OR",
            "NOT",
            "IN",
            "IS",
            "NULL",
            "ORDER",
            "BY",
            "AS",
            "JOIN",
            "ON",
            "CROSS",
            "DUAL",
            "UNION",
            "ALL",
            "EXISTS",
            "SUM",
            "GROUP",
            "SYS_CONTEXT",
            "SESSION_USER",
            "MEMBER_STATUS",
            "CON_NAME",
            "DESC",
            "SESSIONTIMEZONE",
            "LEFT",
            "GROUP",
            "COUNT",
            "SUM",
            "MIN",
            "MAX",
            "SYSDATE",
            "TRUNC",
            "CAST",
            "DATE",
            "TO_NUMBER",
        ]
        .contains(&word)
}

fn version(text: &str) -> (u32, u32) {
    let (major, minor) = text.split_once('.').unwrap();
    (major.parse().unwrap(), minor.parse().unwrap())
}
