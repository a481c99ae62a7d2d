//! The inventory on the stand-in, which lacks some of its views: those are left out and said so.

use crate::fixture::{Fixture, hr, ident};
use oracle_source::inventory::{read_inventory, sample, sql};
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
