//! The inventory on the stand-in, which lacks some of its views: those are left out and said so.

use crate::fixture::{Fixture, hr, ident};
use oracle_source::inventory::{read_growth, read_inventory, sample, sql};
use schema_map::{ObjectPath, OracleIdent};
use sqlparser::{dialect::OracleDialect, parser::Parser};

#[test]
fn what_can_be_seen_is_there_and_the_rest_is_named() {
    let fixture = Fixture::hr();
    let inventory = read_inventory(&fixture.system(), &[ident("HR")]).unwrap();
    let tables = inventory.tables.as_deref().unwrap();
    assert_eq!(tables.len(), 7, "{tables:?}");
    let employees = tables.iter().find(|table| table.path == hr("EMPLOYEES")).unwrap();
    assert_eq!((employees.logging, employees.encrypted), (Some(true), Some(false)), "{employees:?}");
    let objects = inventory.objects.as_deref().unwrap();
    assert!(objects.iter().any(|o| o.path == hr("SECURE_DML") && o.object_type == "PROCEDURE" && o.valid));
    assert_eq!(inventory.character_sets.as_ref().map(|sets| sets.0.as_str()), Some("AL32UTF8"));
    assert!(inventory.undo_retention_s.is_some() && inventory.redo.is_some(), "{inventory:?}");
    for (view, reason) in &inventory.unseen {
        assert!(reason.contains("ORA-"), "{view}: {reason}");
    }
    // What the stand-in does not have is not taken for nothing.
    let unseen: Vec<&str> = inventory.unseen.iter().map(|(view, _)| *view).collect();
    assert_eq!(inventory.dependencies.is_none(), unseen.contains(&"ALL_DEPENDENCIES"), "{unseen:?}");
    assert_eq!(inventory.public_links.is_none(), unseen.contains(&"ALL_DB_LINKS"), "{unseen:?}");
}

#[test]
fn rows_that_are_looked_at() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20), doc CLOB, made DATE);
         INSERT INTO t VALUES (1, 'plain', 'four', NULL);
         INSERT INTO t VALUES (-4.5, 'zero' || CHR(0), NULL, NULL);
         INSERT INTO t VALUES (9000000000, NULL, 'longer', NULL);
         COMMIT;
         CREATE TABLE nothing (made DATE);",
    );
    let session = fixture.session();
    let catalog = oracle_source::read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let table = |name: &str| catalog.tables.iter().find(|table| table.path == hr(name)).unwrap();
    let samples = sample(&session, table("T"), 1000).unwrap().unwrap();
    let of = |name: &str| samples.iter().find(|sample| sample.column.as_str() == name).unwrap();
    assert_eq!(samples.len(), 3);
    assert_eq!(of("ID").range, Some(("-4.5".to_owned(), "9000000000".to_owned())));
    assert_eq!(of("ID").fractions, Some(1));
    assert_eq!(of("NAME").zero_characters, Some(1));
    assert_eq!(of("DOC").longest, Some(6));
    assert_eq!(sample(&session, table("NOTHING"), 1000).unwrap(), None);
}

/// U+FFFD stands for bytes that are no characters: the stand-in holds no others.
#[test]
fn bytes_that_are_no_characters_are_counted() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, name VARCHAR2(4000), other NVARCHAR2(20), doc CLOB);
         INSERT INTO t VALUES (1, 'fine: äöü€', 'x', '\u{fffd}');
         INSERT INTO t VALUES (2, 'bad: \u{fffd}', NULL, NULL);
         INSERT INTO t VALUES (3, RPAD('x', 1700, 'y') || '\u{fffd}', '\u{fffd}', NULL);
         COMMIT;",
    );
    let session = fixture.session();
    let catalog = oracle_source::read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let table = &catalog.tables[0];
    let samples = sample(&session, table, 1000).unwrap().unwrap();
    let bad = |name: &str| samples.iter().find(|sample| sample.column.as_str() == name).and_then(|s| s.bad_encodings);
    assert_eq!((bad("NAME"), bad("OTHER"), bad("DOC")), (Some(2), Some(1), None), "{samples:?}");
    let two = sample(&session, table, 2).unwrap().unwrap();
    assert_eq!(two.iter().find(|sample| sample.column.as_str() == "NAME").unwrap().bad_encodings, Some(1));
    // What servers without the function are asked instead finds the same.
    let (name, other) = (ident("NAME"), ident("OTHER"));
    let both = [sql::EncodingTest::Validate, sql::EncodingTest::RoundTrip].map(|test| {
        let text = sql::bad_encodings(&table.path, &[(&name, false), (&other, true)], test);
        text.replace(":how_many", "1000").replacen("SELECT ", "INSERT INTO found SELECT ", 1)
    });
    session.execute("CREATE TABLE found (a NUMBER, b NUMBER, CHECK (a = 2 AND b = 1))").unwrap();
    for text in both {
        session.execute(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    }
}

#[test]
fn growth_is_read_on_request() {
    let fixture =
        Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, doc CLOB); CREATE TABLE u (id NUMBER PRIMARY KEY);");
    let system = fixture.system();
    let growth = || read_growth(&system, &[ident("HR")], 30).unwrap();
    assert_eq!(growth(), None, "no snapshots");
    let segments = "HR:T:TABLE:1000,HR:T:TABLE:24,HR:U:TABLE:-7,HR:U_PK:INDEX:5,OE:T:TABLE:9";
    system.execute(&format!("BEGIN STANDIN.SCENE('GROWTH', '{segments}'); END;")).unwrap();
    let found = growth().unwrap();
    assert_eq!(found.days, 10, "no further than the repository goes back");
    assert_eq!(found.tables.into_iter().collect::<Vec<_>>(), [(hr("T"), 1024), (hr("U"), -7)]);
    // HR may not read it.
    assert_eq!(read_growth(&fixture.session(), &[ident("HR")], 30).unwrap(), None);
    let days = read_growth(&system, &[ident("HR")], 7).unwrap().unwrap();
    assert_eq!((days.days, days.tables.len()), (7, 0), "the snapshot is older");
}

#[test]
fn a_look_is_sql() {
    let (a, b, c) = (ident("A"), ident("B c"), ident("D"));
    let columns: [(&OracleIdent, sql::Look); 3] =
        [(&a, sql::Look::Range), (&b, sql::Look::Zero), (&c, sql::Look::Length)];
    let text = sql::sample(&ObjectPath::new(ident("HR"), ident("Odd.Name")), &columns);
    assert_eq!(Parser::parse_sql(&OracleDialect {}, &text).unwrap().len(), 1, "{text}");
    assert!(
        text.ends_with(r#"FROM (SELECT "A", "B c", "D" FROM "HR"."Odd.Name" WHERE ROWNUM <= :how_many)"#),
        "{text}"
    );
}
