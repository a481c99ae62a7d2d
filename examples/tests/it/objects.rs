//! Object types, collections and geometries, from the source into row types and arrays of a real PostgreSQL, and compared there.

use crate::world::World;

const TYPES: &str = "
CREATE TYPE address_t AS OBJECT (street VARCHAR2(30), \"No\" NUMBER(4));
/
CREATE TYPE phones_t AS VARRAY(3) OF VARCHAR2(20);
/
CREATE TYPE prices_t AS TABLE OF NUMBER(10,2);
/
CREATE TYPE places_t AS TABLE OF address_t;
/
CREATE TYPE person_t AS OBJECT (name VARCHAR2(20), home address_t, phones phones_t, places places_t, born DATE, pay NUMBER(10,2), any_number NUMBER,
    seen TIMESTAMP(6) WITH TIME ZONE, picture RAW(8), notes CLOB, rate BINARY_DOUBLE);
/
CREATE TABLE people (id NUMBER(6) CONSTRAINT people_pk PRIMARY KEY, person person_t, phones phones_t, prices prices_t, places places_t)
    NESTED TABLE prices STORE AS prices_nt NESTED TABLE places STORE AS places_nt;
";

const ROWS: &str = "
INSERT INTO people VALUES (1, person_t('Ann', address_t('Main St, \"3\"', 7), phones_t('1', NULL), places_t(address_t('A', 1), NULL), DATE '1999-12-31',
    1234.5, 0.000123, TIMESTAMP '2024-02-29 23:59:59.123456 -03:30', HEXTORAW('00FF'), 'a note', -0.5d), phones_t(), prices_t(1.5, NULL, -99999999.99),
    places_t(address_t(NULL, NULL), address_t('B', 2)));
INSERT INTO people VALUES (2, person_t(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), NULL, prices_t(), places_t());
INSERT INTO people VALUES (3, NULL, phones_t('x', 'y', 'z'), NULL, NULL);
INSERT INTO people VALUES (4, person_t('', address_t(NULL, NULL), phones_t(), places_t(), NULL, 0, 1e30, NULL, NULL, EMPTY_CLOB(), NULL), NULL, NULL, NULL);
COMMIT;
";

#[test]
fn objects_and_collections_become_row_types_and_arrays() {
    let world = World::new("hr");
    world.source_sql(TYPES);
    world.source_sql(ROWS);
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    world.succeed(&["verify"]);
    let rows = world.pg_column(
        "SELECT concat_ws('|', id, (person).name, (person).home, (person).phones, (person).places, (person).pay, (person).any_number, phones, prices, places) \
         FROM hr.people ORDER BY id",
    );
    assert_eq!(
        rows,
        [
            r#"1|Ann|("Main St, ""3""",7)|{1,NULL}|{"(A,1)",NULL}|1234.50|0.000123|{}|{1.50,NULL,-99999999.99}|{"(,)","(B,2)"}"#,
            "2|{}|{}",
            "3|{x,y,z}",
            "4|(,)|{}|{}|0.00|1000000000000000000000000000000",
        ]
    );
    let kinds = "SELECT concat_ws(' ', person IS NULL, person IS NOT DISTINCT FROM NULL, (person).home IS NOT DISTINCT FROM NULL, phones IS NULL) FROM hr.people ORDER BY id";
    assert_eq!(world.pg_column(kinds), ["f f f f", "t f t t", "t t t f", "f f f t"]);
    // A change of such a row LogMiner does not tell: the follower stops and says so, it does not go on without it.
    world.source_sql("UPDATE people SET phones = NULL WHERE id = 3; COMMIT;");
    assert!(!run.wait().expect("the run ends").success());
    let log = world.log();
    assert!(log.contains("does not support") && log.contains("PEOPLE"), "{log}");
    // What differs is found, and mended.
    world.pg("UPDATE hr.people SET person.pay = 1 WHERE id = 1");
    world.pg("UPDATE hr.people SET phones = '{a}' WHERE id = 2");
    world.pg("DELETE FROM hr.people WHERE id = 4");
    let repair = world.path("repair.sql");
    let said = world.fail(&["verify", "--repair", repair.to_str().expect("a path")]);
    assert!(said.contains("PEOPLE"), "{said}");
    world.psql(&repair);
    world.succeed(&["verify"]);
}
