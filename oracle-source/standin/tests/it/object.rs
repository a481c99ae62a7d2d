//! Objects and collections, fetched by ODPI-C's object functions.

use crate::{Standin, code};
use oracle::{
    Connection,
    sql_type::{Blob, Clob, Collection, Object, OracleType, Timestamp},
};
use std::io::Read;

const SCRIPT: &str = "
    CREATE TYPE address_t AS OBJECT (street VARCHAR2(30), \"No\" NUMBER(4));
    /
    CREATE TYPE phones_t AS VARRAY(3) OF VARCHAR2(20);
    /
    CREATE TYPE prices_t AS TABLE OF NUMBER(10,2);
    /
    CREATE TYPE places_t AS TABLE OF address_t;
    /
    CREATE TYPE all_t AS OBJECT (
        n NUMBER, i INTEGER, c CHAR(3), nv NVARCHAR2(10), r RAW(8), d DATE, ts TIMESTAMP(9), tz TIMESTAMP WITH TIME ZONE,
        bf BINARY_FLOAT, bd BINARY_DOUBLE, big CLOB, bin BLOB, home address_t, phones phones_t);
    /
    CREATE TYPE person_t AS OBJECT (name VARCHAR2(10)) NOT FINAL;
    /
    CREATE TYPE student_t UNDER person_t (year NUMBER(1));
    /
    CREATE TABLE people (id NUMBER PRIMARY KEY, home address_t, phones phones_t, prices prices_t, places places_t)
        NESTED TABLE prices STORE AS prices_nt NESTED TABLE places STORE AS places_nt;
    INSERT INTO people VALUES (1, address_t('Main St', 7), phones_t('1', NULL, '3'), prices_t(1.5, 12345678.99),
        places_t(address_t('A', 1), NULL, address_t(NULL, NULL)));
    INSERT INTO people VALUES (2, address_t(NULL, NULL), phones_t(), prices_t(), places_t());
    INSERT INTO people VALUES (3, NULL, NULL, NULL, NULL);
    CREATE TABLE everything (id NUMBER, a all_t);
    INSERT INTO everything VALUES (1, all_t(12345678901234567890123456789.123456789, -5, 'ab', 'é', HEXTORAW('00FF'),
        DATE '2024-02-29', TIMESTAMP '2024-02-29 23:59:59.123456789', TIMESTAMP '2024-02-29 23:59:59.5 +05:30', 1.5f, -2.25d,
        'long', HEXTORAW('0102'), address_t('S', 9), phones_t('x')));
    INSERT INTO everything VALUES (2, all_t(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    CREATE TABLE students (p person_t);
    INSERT INTO students VALUES (person_t('Ann'));
    INSERT INTO students VALUES (student_t('Bob', 3));
    INSERT INTO students VALUES (NULL);
    CREATE TABLE map (place MDSYS.SDO_GEOMETRY);
    INSERT INTO map VALUES (SDO_GEOMETRY(2001, 4326, SDO_POINT_TYPE(1, 2.5, NULL), NULL, NULL));
    INSERT INTO map VALUES (MDSYS.SDO_GEOMETRY(2002, NULL, NULL, MDSYS.SDO_ELEM_INFO_ARRAY(1, 2, 1), MDSYS.SDO_ORDINATE_ARRAY(0, 0, 1, 1)));
    COMMIT;";

fn connection() -> (Standin, Connection) {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    (standin, connection)
}

#[test]
fn objects_and_their_nulls() {
    let (_standin, connection) = connection();
    let sql = "SELECT id, home FROM people ORDER BY id";
    let mut homes = Vec::new();
    for row in connection.query_as::<(i64, Option<Object>)>(sql, &[]).unwrap() {
        let (_, home) = row.unwrap();
        homes.push(home.map(|home| {
            assert_eq!((home.object_type().schema(), home.object_type().name()), ("HR", "ADDRESS_T"));
            (home.get::<Option<String>>("STREET").unwrap(), home.get::<Option<i64>>("No").unwrap())
        }));
    }
    assert_eq!(homes, [Some((Some("Main St".to_owned()), Some(7))), Some((None, None)), None]);
    assert_eq!(
        connection.query_row_as::<String>("SELECT p.home.street FROM people p WHERE id = 1", &[]).unwrap(),
        "Main St"
    );
    let sql = "SELECT COUNT(*) FROM people p WHERE p.home.\"No\" IS NULL";
    assert_eq!(connection.query_row_as::<i64>(sql, &[]).unwrap(), 2);
}

#[test]
fn collections_empty_null_and_of_objects() {
    let (_standin, connection) = connection();
    let phones = |id: i64| {
        let row = connection.query_row_as::<Option<Collection>>("SELECT phones FROM people WHERE id = :1", &[&id]);
        row.unwrap().map(|c| c.values::<Option<String>>().map(Result::unwrap).collect::<Vec<_>>())
    };
    assert_eq!(phones(1), Some(vec![Some("1".to_owned()), None, Some("3".to_owned())]));
    assert_eq!(phones(2), Some(vec![]));
    assert_eq!(phones(3), None);
    let prices: Collection = connection.query_row_as("SELECT prices FROM people WHERE id = 1", &[]).unwrap();
    assert_eq!(prices.object_type().element_oracle_type(), Some(&OracleType::Number(10, 2)));
    let prices: Vec<String> = prices.values().map(Result::unwrap).collect();
    assert_eq!(prices, ["1.5", "12345678.99"]);
    let places: Collection = connection.query_row_as("SELECT places FROM people WHERE id = 1", &[]).unwrap();
    let places = places.values::<Option<Object>>().map(|place| {
        place.unwrap().map(|p| (p.get::<Option<String>>("STREET").unwrap(), p.get::<Option<i64>>("No").unwrap()))
    });
    assert_eq!(places.collect::<Vec<_>>(), [Some((Some("A".to_owned()), Some(1))), None, Some((None, None))]);
}

#[test]
fn attributes_of_every_type_that_odpi_reads() {
    let (_standin, connection) = connection();
    let rows = connection.query_as::<Object>("SELECT a FROM everything ORDER BY id", &[]).unwrap();
    let rows: Vec<Object> = rows.map(Result::unwrap).collect();
    let a = &rows[0];
    assert_eq!(a.get::<String>("N").unwrap(), "12345678901234567890123456789.123456789");
    assert_eq!(a.get::<i64>("I").unwrap(), -5);
    assert_eq!(a.get::<String>("C").unwrap(), "ab ");
    assert_eq!(a.get::<String>("NV").unwrap(), "é");
    assert_eq!(a.get::<Vec<u8>>("R").unwrap(), [0, 255]);
    assert_eq!(a.get::<Timestamp>("D").unwrap(), Timestamp::new(2024, 2, 29, 0, 0, 0, 0).unwrap());
    assert_eq!(a.get::<Timestamp>("TS").unwrap(), Timestamp::new(2024, 2, 29, 23, 59, 59, 123_456_789).unwrap());
    assert_eq!(a.get::<Timestamp>("TZ").unwrap().tz_offset(), 5 * 3600 + 1800);
    assert_eq!((a.get::<f32>("BF").unwrap(), a.get::<f64>("BD").unwrap()), (1.5, -2.25));
    let (mut text, mut bytes) = (String::new(), Vec::new());
    a.get::<Clob>("BIG").unwrap().read_to_string(&mut text).unwrap();
    a.get::<Blob>("BIN").unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!((text.as_str(), bytes.as_slice()), ("long", &[1, 2][..]));
    assert_eq!(a.get::<Object>("HOME").unwrap().get::<i64>("No").unwrap(), 9);
    assert_eq!(a.get::<Collection>("PHONES").unwrap().get::<String>(0).unwrap(), "x");
    for attribute in a.object_type().attributes() {
        let null: Option<String> = match attribute.oracle_type() {
            OracleType::Object(of) if of.is_collection() => {
                rows[1].get::<Option<Collection>>(attribute.name()).unwrap().map(|c| c.to_string())
            }
            OracleType::Object(_) => rows[1].get::<Option<Object>>(attribute.name()).unwrap().map(|o| o.to_string()),
            OracleType::CLOB => rows[1].get::<Option<Clob>>(attribute.name()).unwrap().map(|_| String::new()),
            OracleType::BLOB => rows[1].get::<Option<Blob>>(attribute.name()).unwrap().map(|_| String::new()),
            _ => rows[1].get(attribute.name()).unwrap(),
        };
        assert_eq!(null, None, "{}", attribute.name());
    }
}

#[test]
fn values_of_a_type_under_the_declared_one_are_told() {
    let (_standin, connection) = connection();
    let sql = "SELECT CASE WHEN p IS OF (ONLY hr.person_t) THEN 1 WHEN p IS NOT NULL THEN 2 END FROM students";
    let own: Vec<Option<i64>> = connection.query_as::<Option<i64>>(sql, &[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(own, [Some(1), Some(2), None]);
    // As ODPI-C reads it, by the declared type.
    let bob: Vec<Option<Object>> =
        connection.query_as::<Option<Object>>("SELECT p FROM students", &[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(bob[1].as_ref().unwrap().get::<String>("NAME").unwrap(), "Bob");
}

#[test]
fn geometries_are_objects() {
    let (_standin, connection) = connection();
    let rows: Vec<Object> =
        connection.query_as::<Object>("SELECT place FROM map", &[]).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows[0].object_type().to_string(), "MDSYS.SDO_GEOMETRY");
    let point: Object = rows[0].get("SDO_POINT").unwrap();
    assert_eq!((point.get::<f64>("Y").unwrap(), point.get::<Option<f64>>("Z").unwrap()), (2.5, None));
    let ordinates: Collection = rows[1].get("SDO_ORDINATES").unwrap();
    assert_eq!(ordinates.values::<i64>().map(Result::unwrap).collect::<Vec<_>>(), [0, 0, 1, 1]);
}

#[test]
fn the_dictionary_says_what_types_are_made_of() {
    let (_standin, connection) = connection();
    let sql = "SELECT attr_name, attr_type_owner, attr_type_name, attr_no FROM all_type_attrs WHERE owner = 'HR' AND type_name = :1 ORDER BY attr_no";
    let rows = |name: &str| {
        let rows = connection.query_as::<(String, Option<String>, String, i64)>(sql, &[&name]).unwrap();
        rows.map(Result::unwrap).map(|(name, owner, ty, _)| (name, owner, ty)).collect::<Vec<_>>()
    };
    let row = |name: &str, owner: Option<&str>, ty: &str| (name.to_owned(), owner.map(str::to_owned), ty.to_owned());
    assert_eq!(rows("STUDENT_T"), [row("NAME", None, "VARCHAR2"), row("YEAR", None, "NUMBER")]);
    assert_eq!(rows("ALL_T")[12], row("HOME", Some("HR"), "ADDRESS_T"));
    let sql = "SELECT final, supertype_name FROM all_types WHERE type_name = :1";
    let types = |name: &str| connection.query_row_as::<(String, Option<String>)>(sql, &[&name]).unwrap();
    assert_eq!(types("PERSON_T"), ("NO".to_owned(), None));
    assert_eq!(types("STUDENT_T"), ("YES".to_owned(), Some("PERSON_T".to_owned())));
    let sql = "SELECT coll_type, upper_bound, elem_type_name FROM all_coll_types WHERE type_name = 'PHONES_T'";
    let row: (String, i64, String) = connection.query_row_as(sql, &[]).unwrap();
    assert_eq!(row, ("VARYING ARRAY".to_owned(), 3, "VARCHAR2".to_owned()));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (_standin, connection) = connection();
    let insert = |values: &str| code(connection.execute(&format!("INSERT INTO people VALUES ({values})"), &[]));
    assert_eq!(insert("9, address_t('x'), NULL, NULL, NULL"), 2315);
    assert_eq!(insert("9, phones_t('x'), NULL, NULL, NULL"), 932);
    assert_eq!(insert("9, NULL, phones_t('1', '2', '3', '4'), NULL, NULL"), 22909);
    assert_eq!(insert("9, address_t('x', 12345), NULL, NULL, NULL"), 1438);
    assert_eq!(insert("9, nobody_t('x'), NULL, NULL, NULL"), 904);
    assert_eq!(insert("9, 'text', NULL, NULL, NULL"), 932);
}
