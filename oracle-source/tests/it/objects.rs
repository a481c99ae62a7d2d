use crate::{
    fixture::{Fixture, hr, ident},
    rows::whole,
};
use oracle_source::{Error, ErrorKind, ObjectFilter, Session, TableRead, TableReader, current_scn, read_dictionary};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use schema_map::OracleIdent;
use type_convert::{BatchReader, DateTime, OracleType, RowBatch, UtcOffset, Value, ValueRef};

/// Columns of a table, with what their types are made of.
fn columns(session: &Session, table: &str) -> Vec<(OracleIdent, OracleType)> {
    let dictionary = read_dictionary(session, &[ident("HR")], &ObjectFilter::default()).unwrap();
    let table = dictionary.catalog.tables.iter().find(|t| t.path == hr(table)).unwrap();
    let resolved = |ty| dictionary.types.resolve(ty, &ident("HR"));
    table.columns.iter().map(|c| (c.name.clone(), resolved(&c.oracle_type))).collect()
}

/// The values of a table's rows but for the first column, by that.
fn read(fixture: &Fixture, session: &Session, table: &str) -> Result<Vec<Vec<Value>>, Error> {
    let columns = columns(session, table);
    let table = hr(table);
    let read = TableRead {
        as_of: Some(current_scn(&fixture.system())?),
        row_ids: true,
        batch_bytes: 10_000,
        lob_limit: Some(100),
        ..whole(&table, &columns)
    };
    let mut reader = TableReader::open(session, &read)?;
    let (mut batch, mut rows) = (RowBatch::new(0), Vec::new());
    while reader.read_batch(&mut batch)? {
        for row in 0..batch.rows() {
            assert!(batch.row_id(row).is_some());
            rows.push((0..columns.len()).map(|c| owned(batch.get(row, c))).collect());
        }
    }
    Ok(rows)
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Int(n) => Value::Number(n.into()),
        ValueRef::Decimal(text) => n(text),
        ValueRef::Text(text) => t(std::str::from_utf8(text).unwrap()),
        ValueRef::Object(attributes) => Value::Object(attributes.to_vec()),
        ValueRef::Collection(elements) => Value::Collection(elements.to_vec()),
        ValueRef::Bfile(file) => Value::Bfile { directory: file.directory.to_owned(), file: file.file.to_owned() },
        other => panic!("{other:?}"),
    }
}

fn n(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn t(text: &str) -> Value {
    Value::Text(text.to_owned())
}

const SCRIPT: &str = "
    CREATE TYPE address_t AS OBJECT (street VARCHAR2(30), \"No\" NUMBER(4));
    /
    CREATE TYPE phones_t AS VARRAY(3) OF VARCHAR2(20);
    /
    CREATE TYPE places_t AS TABLE OF address_t;
    /
    CREATE TYPE person_t AS OBJECT (name VARCHAR2(20), home address_t, phones phones_t, places places_t, born DATE, pay NUMBER(10,2),
        seen TIMESTAMP(9) WITH TIME ZONE, picture RAW(8), notes CLOB, rate BINARY_DOUBLE);
    /
    CREATE TABLE people (id NUMBER(4), person person_t, phones phones_t, places places_t) NESTED TABLE places STORE AS places_nt;
    INSERT INTO people VALUES (1, person_t('Ann', address_t('Main St', 7), phones_t('1', NULL), places_t(address_t('A', 1), NULL), DATE '1999-12-31',
        1234.5, TIMESTAMP '2024-02-29 23:59:59.123456789 -03:30', HEXTORAW('00FF'), 'a note', -0.5d), phones_t(), places_t(address_t(NULL, NULL)));
    INSERT INTO people VALUES (2, person_t(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), NULL, places_t());
    INSERT INTO people VALUES (3, NULL, phones_t('x', 'y', 'z'), NULL);
    INSERT INTO people VALUES (4, person_t('', address_t(NULL, NULL), phones_t(), places_t(), NULL, 0, NULL, NULL, EMPTY_CLOB(), NULL), NULL, NULL);
    COMMIT;";

#[test]
fn objects_and_collections_with_every_kind_of_null() {
    let fixture = Fixture::new(SCRIPT);
    let session = fixture.session();
    let rows = read(&fixture, &session, "PEOPLE").unwrap();
    let address = |street: Value, no: Value| Value::Object(vec![street, no]);
    let Value::Object(ann) = &rows[0][1] else { panic!("{rows:?}") };
    assert_eq!(ann[..2], [t("Ann"), address(t("Main St"), n("7"))]);
    assert_eq!(ann[2], Value::Collection(vec![t("1"), Value::Null]));
    assert_eq!(ann[3], Value::Collection(vec![address(t("A"), n("1")), Value::Null]));
    assert!(matches!(&ann[4], Value::DateTime(d) if (d.year, d.month, d.day) == (1999, 12, 31)));
    assert_eq!(ann[5], n("1234.5"));
    assert!(matches!(&ann[6], Value::DateTimeTz(d, o) if d.nanosecond == 123_456_789 && o.minutes == -210));
    assert_eq!(ann[7..], [Value::Bytes(vec![0, 255]), t("a note"), Value::Double(-0.5)]);
    assert_eq!(rows[0][2..], [Value::Collection(vec![]), Value::Collection(vec![address(Value::Null, Value::Null)])]);
    assert_eq!(rows[1][1..], [Value::Object(vec![Value::Null; 10]), Value::Null, Value::Collection(vec![])]);
    assert_eq!(rows[2][1..], [Value::Null, Value::Collection(vec![t("x"), t("y"), t("z")]), Value::Null]);
    let Value::Object(empty) = &rows[3][1] else { panic!("{rows:?}") };
    assert_eq!(
        empty[..4],
        [Value::Null, address(Value::Null, Value::Null), Value::Collection(vec![]), Value::Collection(vec![])]
    );
    assert_eq!(empty[8], t(""), "an empty CLOB is none that is NULL");
}

#[test]
fn values_of_types_under_the_declared_one_are_refused_with_their_row() {
    let fixture = Fixture::new(
        "CREATE TYPE person_t AS OBJECT (name VARCHAR2(10)) NOT FINAL;
         /
         CREATE TYPE student_t UNDER person_t (year NUMBER(1));
         /
         CREATE TYPE desk_t AS OBJECT (who person_t);
         /
         CREATE TYPE persons_t AS TABLE OF person_t;
         /
         CREATE TABLE a (id NUMBER, p person_t);
         INSERT INTO a VALUES (1, person_t('Ann'));
         INSERT INTO a VALUES (2, NULL);
         CREATE TABLE b (id NUMBER, p person_t);
         INSERT INTO b VALUES (1, person_t('Ann'));
         INSERT INTO b VALUES (2, student_t('Bob', 3));
         CREATE TABLE c (id NUMBER, d desk_t);
         INSERT INTO c VALUES (1, desk_t(student_t('Bob', 3)));
         CREATE TABLE d (id NUMBER, p student_t);
         INSERT INTO d VALUES (1, student_t('Bob', 3));
         CREATE TABLE e (id NUMBER, p persons_t) NESTED TABLE p STORE AS e_p;
         COMMIT;",
    );
    let session = fixture.session();
    let rows = read(&fixture, &session, "A").unwrap();
    assert_eq!([&rows[0][1], &rows[1][1]], [&Value::Object(vec![t("Ann")]), &Value::Null]);
    assert_eq!(read(&fixture, &session, "D").unwrap()[0][1], Value::Object(vec![t("Bob"), n("3")]));
    for (table, path) in [("B", "P is of a type under HR.PERSON_T"), ("C", "D.WHO is of a type under HR.PERSON_T")] {
        let error = read(&fixture, &session, table).unwrap_err();
        assert_eq!((error.kind(), error.table()), (ErrorKind::Unsupported, Some(&hr(table))));
        assert!(error.row_id().is_some() && error.column().is_some(), "{error}");
        assert!(error.to_string().contains(path), "{error}");
    }
    let error = read(&fixture, &session, "E").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("the elements of HR.PERSONS_T may be of types under HR.PERSON_T"), "{error}");
}

#[test]
fn geometries_are_read() {
    let fixture = Fixture::new(
        "CREATE TABLE places (id NUMBER, place MDSYS.SDO_GEOMETRY);
         INSERT INTO places VALUES (1, SDO_GEOMETRY(2001, 4326, SDO_POINT_TYPE(1, 2.5, NULL), NULL, NULL));
         INSERT INTO places VALUES (2, SDO_GEOMETRY(2002, NULL, NULL, SDO_ELEM_INFO_ARRAY(1, 2, 1), SDO_ORDINATE_ARRAY(0, 0, 1, 1)));
         INSERT INTO places VALUES (3, NULL);
         COMMIT;",
    );
    let session = fixture.session();
    let rows = read(&fixture, &session, "PLACES").unwrap();
    let point = Value::Object(vec![n("1"), n("2.5"), Value::Null]);
    assert_eq!(rows[0][1], Value::Object(vec![n("2001"), n("4326"), point, Value::Null, Value::Null]));
    let numbers = |all: &[&str]| Value::Collection(all.iter().map(|text| n(text)).collect());
    let line = vec![n("2002"), Value::Null, Value::Null, numbers(&["1", "2", "1"]), numbers(&["0", "0", "1", "1"])];
    assert_eq!(rows[1][1], Value::Object(line));
    assert_eq!(rows[2][1], Value::Null);
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let fixture = Fixture::new(
        "CREATE TYPE since_t AS OBJECT (name VARCHAR2(10), since INTERVAL YEAR(2) TO MONTH);
         /
         CREATE TYPE open_t;
         /
         CREATE TABLE a (id NUMBER, s since_t);",
    );
    let session = fixture.session();
    let error = read(&fixture, &session, "A").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("column S cannot be read: its type is the attribute SINCE of HR.SINCE_T"),
        "{error}"
    );
}

#[test]
fn a_type_that_changed_since_it_was_planned_is_told() {
    let fixture = Fixture::new(SCRIPT);
    let session = fixture.session();
    let mut columns = columns(&session, "PEOPLE");
    for (_, ty) in &mut columns {
        if let OracleType::Object(of) = ty {
            of.attributes.pop();
        }
    }
    let error = TableReader::open(&session, &whole(&hr("PEOPLE"), &columns)).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::TableChanged, Some(&ident("PERSON"))));
    assert!(error.to_string().contains("HR.PERSON_T has the attributes NAME, HOME"), "{error}");
}

#[test]
fn types_of_other_schemas_need_a_right() {
    let fixture = Fixture::new("");
    let system = fixture.system();
    system.execute("CREATE USER types IDENTIFIED BY secret").unwrap();
    system.execute("CREATE TYPE types.\"Odd type\" AS OBJECT (\"a b\" NUMBER)").unwrap();
    system.execute("CREATE TABLE hr.odd (id NUMBER, o types.\"Odd type\")").unwrap();
    system.execute("INSERT INTO hr.odd VALUES (1, types.\"Odd type\"(1.5))").unwrap();
    system.commit().unwrap();
    let rows = read(&fixture, &system, "ODD").unwrap();
    assert_eq!(rows[0][1], Value::Object(vec![n("1.5")]));
    let error = read(&fixture, &fixture.session(), "ODD").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Privilege | ErrorKind::Unsupported), "{error}");
    system.execute("GRANT EXECUTE ON types.\"Odd type\" TO hr").unwrap();
    assert_eq!(read(&fixture, &fixture.session(), "ODD").unwrap(), rows);
}

#[test]
fn vectors_are_as_they_were_declared() {
    let fixture =
        Fixture::new("CREATE TABLE v (id NUMBER, a VECTOR, b VECTOR(3, FLOAT32), c VECTOR(*, INT8), d VECTOR(8));");
    let types: Vec<String> = columns(&fixture.session(), "V").iter().map(|(_, ty)| ty.to_string()).collect();
    assert_eq!(types[1..], ["VECTOR", "VECTOR(3, FLOAT32)", "VECTOR(*, INT8)", "VECTOR(8, *)"].map(str::to_owned));
}

#[test]
fn files_are_read_as_their_locators() {
    let fixture = Fixture::new(
        "CREATE TABLE files (id NUMBER, f BFILE, c CLOB, g BFILE);
         INSERT INTO files VALUES (1, BFILENAME('DOCS', 'sub/é:1.pdf'), 'text', NULL);
         INSERT INTO files VALUES (2, NULL, NULL, BFILENAME('Odd:Dir', 'x'));
         COMMIT;",
    );
    let rows = read(&fixture, &fixture.session(), "FILES").unwrap();
    let file = |directory: &str, file: &str| Value::Bfile { directory: directory.to_owned(), file: file.to_owned() };
    assert_eq!([&rows[0][1], &rows[0][3]], [&file("DOCS", "sub/é:1.pdf"), &Value::Null]);
    assert_eq!([&rows[1][1], &rows[1][3]], [&Value::Null, &file("Odd:Dir", "x")]);
}

/// A value of a type within SQL, its scalars as binds.
fn constructed(ty: &OracleType, value: &Value, binds: &mut Vec<Value>) -> String {
    let call = |name: &str, parts: Vec<String>| format!("{name}({})", parts.join(", "));
    match (ty, value) {
        (_, Value::Null) => "NULL".to_owned(),
        (OracleType::Object(of), Value::Object(values)) => {
            let parts = of.attributes.iter().zip(values).map(|((_, ty), value)| constructed(ty, value, binds));
            call(&of.name, parts.collect())
        }
        (OracleType::Collection(of), Value::Collection(values)) => {
            call(&of.name, values.iter().map(|value| constructed(&of.element, value, binds)).collect())
        }
        (_, scalar) => {
            binds.push(scalar.clone());
            format!(":{}", binds.len())
        }
    }
}

/// A value of a type, NULLs and empty collections among them.
fn any_value(ty: &OracleType) -> BoxedStrategy<Value> {
    let value: BoxedStrategy<Value> = match ty {
        OracleType::Object(of) => {
            let parts: Vec<_> = of.attributes.iter().map(|(_, ty)| any_value(ty)).collect();
            parts.prop_map(Value::Object).boxed()
        }
        OracleType::Collection(of) => {
            let most = of.limit.map_or(6, |limit| usize::try_from(limit).unwrap());
            prop::collection::vec(any_value(&of.element), 0..=most).prop_map(Value::Collection).boxed()
        }
        OracleType::Number { precision: Some(4), .. } => {
            (-9999..=9999_i64).prop_map(|n| Value::Number(n.into())).boxed()
        }
        OracleType::Number { precision: Some(_), .. } => {
            (-9_999_999_999..=9_999_999_999_i64).prop_map(|cents| n(&format!("{cents}e-2"))).boxed()
        }
        OracleType::Number { .. } => {
            let any = "-?[1-9][0-9]{0,37}"
                .prop_flat_map(|digits| (-60..60_i32).prop_map(move |e| n(&format!("{digits}e{e}"))));
            any.boxed()
        }
        OracleType::Varchar2 { .. } => "[ -~äß€😀]{1,7}".prop_map(Value::Text).boxed(),
        OracleType::Clob => "[ -~\nä€😀]{1,300}".prop_map(Value::Text).boxed(),
        OracleType::Raw { .. } => prop::collection::vec(any::<u8>(), 1..8).prop_map(Value::Bytes).boxed(),
        OracleType::BinaryDouble => {
            any::<f64>().prop_filter("comparable", |d| !d.is_nan()).prop_map(Value::Double).boxed()
        }
        OracleType::Date => moment().prop_map(|d| Value::DateTime(DateTime { nanosecond: 0, ..d })).boxed(),
        OracleType::Timestamp { .. } => moment().prop_map(Value::DateTime).boxed(),
        OracleType::TimestampTz { .. } => {
            let offset = (-14 * 60..=14 * 60_i16).prop_map(|minutes| UtcOffset { minutes });
            (moment(), offset).prop_map(|(d, offset)| Value::DateTimeTz(d, offset)).boxed()
        }
        other => panic!("{other}"),
    };
    prop_oneof![1 => Just(Value::Null), 5 => value].boxed()
}

fn moment() -> impl Strategy<Value = DateTime> {
    let date = (1..=9998_i16, 1..=12_u8, 1..=28_u8);
    (date, 0..24_u8, 0..60_u8, 0..60_u8, 0..1_000_000_000_u32).prop_map(
        |((year, month, day), hour, minute, second, nanosecond)| DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
        },
    )
}

/// Whatever is put in comes out: through the client library, ODPI-C and the driver.
#[test]
fn any_object_comes_back_as_it_was() {
    const SCRIPT: &str = "
        CREATE TYPE address_t AS OBJECT (street VARCHAR2(30), no NUMBER(4));
        /
        CREATE TYPE phones_t AS VARRAY(3) OF VARCHAR2(30);
        /
        CREATE TYPE numbers_t AS TABLE OF NUMBER;
        /
        CREATE TYPE places_t AS TABLE OF address_t;
        /
        CREATE TYPE thing_t AS OBJECT (name VARCHAR2(30), pay NUMBER(12,2), n NUMBER, home address_t, phones phones_t, places places_t, numbers numbers_t,
            born DATE, at TIMESTAMP(9), zoned TIMESTAMP(9) WITH TIME ZONE, r RAW(8), big CLOB, d BINARY_DOUBLE);
        /
        CREATE TABLE things (id NUMBER(9), thing thing_t);";
    let fixture = Fixture::new(SCRIPT);
    let columns = columns(&fixture.session(), "THINGS");
    let ty = &columns[1].1;
    let mut runner = TestRunner::deterministic();
    let values: Vec<Value> = (0..300).map(|_| any_value(ty).new_tree(&mut runner).unwrap().current()).collect();
    fixture.offline(|database| {
        let mut session = database.session("HR", crate::fixture::PASSWORD).unwrap();
        for (id, value) in values.iter().enumerate() {
            let mut binds = Vec::new();
            let object = constructed(ty, value, &mut binds);
            let statement = session.prepare(&format!("INSERT INTO things VALUES ({id}, {object})")).unwrap();
            session.execute(&statement, &binds, false).unwrap_or_else(|e| panic!("{value:?}: {e}"));
        }
        session.commit().unwrap();
    });
    let rows = read(&fixture, &fixture.session(), "THINGS").unwrap();
    assert_eq!(rows.len(), values.len());
    for row in rows {
        let Value::Number(id) = &row[0] else { panic!("{row:?}") };
        assert_eq!(row[1], values[usize::try_from(id.to_i64().unwrap()).unwrap()]);
    }
}
