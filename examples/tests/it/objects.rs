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

#[test]
fn files_and_geometries() {
    let world = World::new("hr");
    world.source_sql(
        "CREATE TABLE files (id NUMBER(6) CONSTRAINT files_pk PRIMARY KEY, f BFILE);
         INSERT INTO files VALUES (1, BFILENAME('DOCS', 'it''s.pdf'));
         INSERT INTO files VALUES (2, NULL);
         CREATE TABLE map (id NUMBER(6) CONSTRAINT map_pk PRIMARY KEY, place MDSYS.SDO_GEOMETRY);
         INSERT INTO map VALUES (1, SDO_GEOMETRY(2001, 4326, SDO_POINT_TYPE(1, 2.5, NULL), NULL, NULL));
         INSERT INTO map VALUES (2, NULL);
         COMMIT;",
    );
    let has_postgis =
        world.pg_column("SELECT name::text FROM pg_available_extensions WHERE name = 'postgis'").len() == 1;
    // Without PostGIS there is no type for it, and nothing is begun.
    let said = world.fail(&["plan"]);
    assert!(
        said.contains("HR.MAP.PLACE: type MDSYS.SDO_GEOMETRY has no counterpart in PostgreSQL without PostGIS"),
        "{said}"
    );
    match has_postgis {
        true => world.pg("CREATE EXTENSION postgis"),
        false => {
            eprintln!("without PostGIS: geometries are left out");
            world.source_sql("DROP TABLE map;");
        }
    }
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    world.succeed(&["verify"]);
    assert_eq!(
        world.pg_column("SELECT coalesce(f, 'none') FROM hr.files ORDER BY id"),
        ["BFILENAME('DOCS', 'it''s.pdf')", "none"]
    );
    if has_postgis {
        assert_eq!(
            world.pg_column("SELECT coalesce(ST_AsEWKT(place), 'none') FROM hr.map ORDER BY id"),
            ["SRID=4326;POINT(1 2.5)", "none"]
        );
    }
    crate::world::kill(run);
}

#[test]
fn a_value_within_an_object_that_does_not_fit_is_set_aside_with_its_row() {
    let world = World::new("hr");
    world.configure("hr", "[types.loss]\nnul_character = \"quarantine\"\n");
    world.source_sql(
        "CREATE TYPE note_t AS OBJECT (text VARCHAR2(20), n NUMBER);
         /
         CREATE TABLE notes (id NUMBER(6) CONSTRAINT notes_pk PRIMARY KEY, note note_t);
         INSERT INTO notes VALUES (1, note_t('fine', 1));
         INSERT INTO notes VALUES (2, note_t('a' || CHR(0), 2));
         COMMIT;",
    );
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover", "running"], &mut run);
    assert_eq!(world.pg_column("SELECT id::text FROM hr.notes"), ["1"]);
    let rejects = "SELECT concat_ws('|', source_row ->> 'ID', column_name, source_row ->> 'NOTE', length(row_id) > 0) \
                   FROM oracle_migration.reject";
    assert_eq!(world.pg_column(rejects), ["2|note|(a\u{fffd}, 2)|t"]);
    crate::world::kill(run);
}

#[test]
fn a_value_of_a_type_under_the_declared_one_stops_the_load_with_its_row() {
    let world = World::new("hr");
    world.source_sql(
        "CREATE TYPE person_t AS OBJECT (name VARCHAR2(10)) NOT FINAL;
         /
         CREATE TYPE student_t UNDER person_t (year NUMBER(1));
         /
         CREATE TABLE seats (id NUMBER(6) CONSTRAINT seats_pk PRIMARY KEY, who person_t);
         INSERT INTO seats VALUES (1, person_t('Ann'));
         INSERT INTO seats VALUES (2, student_t('Bob', 3));
         COMMIT;",
    );
    let said = world.fail(&["run"]);
    assert!(said.contains("SEATS") && said.contains("of a type under HR.PERSON_T"), "{said}");
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.seats"), ["0"]);
}

#[test]
fn tables_that_are_there_already_keep_their_types() {
    let world = World::new("hr");
    world.source_sql(TYPES);
    world.source_sql(ROWS);
    // Made by hand, with a wider number within a type.
    world.succeed(&["schema", "--out", world.path("schema").to_str().expect("a path")]);
    let mut files: Vec<_> =
        std::fs::read_dir(world.path("schema")).expect("files").map(|file| file.expect("a file").path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "sql")) {
        let sql = std::fs::read_to_string(file).expect("a script");
        std::fs::write(file, sql.replace("\"No\" smallint", "\"No\" numeric")).expect("a script");
        world.psql(file);
    }
    let mut run = world.start_run();
    world.wait_for(&["ready_to_cutover"], &mut run);
    world.succeed(&["verify"]);
    let number = "SELECT concat_ws('|', (person).home, pg_typeof(((person).home).\"No\")) FROM hr.people WHERE id = 1";
    assert_eq!(world.pg_column(number), [r#"("Main St, ""3""",7)|numeric"#]);
    crate::world::kill(run);
}

#[test]
fn an_attribute_that_cannot_be_read_stops_the_load_with_its_column() {
    let world = World::new("hr");
    world.source_sql(
        "CREATE TYPE scan_t AS OBJECT (pages NUMBER(4), kept INTERVAL YEAR TO MONTH);
         /
         CREATE TABLE scans (id NUMBER(9) CONSTRAINT scans_pk PRIMARY KEY, scan scan_t);
         INSERT INTO scans (id) VALUES (1);
         COMMIT;",
    );
    let refused = world.fail(&["run"]);
    for part in ["HR.SCANS", "column SCAN", "the attribute KEPT of HR.SCAN_T", "INTERVAL"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert_eq!(world.state().as_deref(), Some("failed"));
}
