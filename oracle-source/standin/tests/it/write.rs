//! Binds, DML and batches.

use crate::{Standin, code};
use oracle::sql_type::{IntervalDS, IntervalYM, OracleType, Timestamp};

const SCRIPT: &str = "
CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(40), amount NUMBER, CONSTRAINT t_positive CHECK (amount > 0));
CREATE TABLE every (n NUMBER, bd BINARY_DOUBLE, s VARCHAR2(4000), r RAW(20), d DATE, ts TIMESTAMP(9),
  tz TIMESTAMP(9) WITH TIME ZONE, ym INTERVAL YEAR(3) TO MONTH, ds INTERVAL DAY(4) TO SECOND(9), c CLOB);
";

#[test]
fn binds_of_every_type() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let moment = Timestamp::new(2024, 2, 29, 23, 59, 58, 123_456_789).unwrap();
    let zoned = moment.and_tz_hm_offset(5, 45).unwrap();
    let (ym, ds) = (IntervalYM::new(-1, -2).unwrap(), IntervalDS::new(1, 2, 3, 4, 500).unwrap());
    connection
        .execute(
            "INSERT INTO every VALUES (:1, :2, :3, :4, :5, :6, :7, :8, :9, :10)",
            &[
                &i64::MIN,
                &-0.1_f64,
                &"naïve €",
                &vec![0_u8, 255],
                &(&moment, &OracleType::Date),
                &(&moment, &OracleType::Timestamp(9)),
                &zoned,
                &ym,
                &ds,
                &"text for a clob",
            ],
        )
        .unwrap();
    let row = connection.query_row("SELECT * FROM every", &[]).unwrap();
    assert_eq!(row.get::<_, i64>("N").unwrap(), i64::MIN);
    assert_eq!(row.get::<_, f64>("BD").unwrap(), -0.1);
    assert_eq!(row.get::<_, String>("S").unwrap(), "naïve €");
    assert_eq!(row.get::<_, Vec<u8>>("R").unwrap(), [0, 255]);
    assert_eq!(row.get::<_, Timestamp>("D").unwrap(), Timestamp::new(2024, 2, 29, 23, 59, 58, 0).unwrap());
    assert_eq!(row.get::<_, Timestamp>("TS").unwrap(), moment);
    assert_eq!(row.get::<_, Timestamp>("TZ").unwrap(), zoned);
    assert_eq!(row.get::<_, IntervalYM>("YM").unwrap(), ym);
    assert_eq!(row.get::<_, IntervalDS>("DS").unwrap(), ds);
    assert_eq!(row.get::<_, String>("C").unwrap(), "text for a clob");
}

#[test]
fn columns_that_are_invisible_or_fill_themselves() {
    let standin = Standin::new(
        "CREATE TABLE t (id NUMBER GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), a VARCHAR2(9) DEFAULT ON NULL 'none', h NUMBER INVISIBLE, b NUMBER);
         CREATE SEQUENCE s; CREATE TABLE n (k NUMBER DEFAULT ON NULL s.NEXTVAL, x NUMBER);",
    );
    let connection = standin.connect();
    connection.execute("INSERT INTO t (a, b) VALUES (NULL, 1)", &[]).unwrap();
    connection.execute("INSERT INTO t (b, h) VALUES (2, 7)", &[]).unwrap();
    connection.execute("INSERT INTO t (a, b) SELECT NULL, 3 FROM dual", &[]).unwrap();
    let row = connection.query_row("SELECT * FROM t WHERE b = 1", &[]).unwrap();
    assert_eq!(row.column_info().iter().map(oracle::ColumnInfo::name).collect::<Vec<_>>(), ["ID", "A", "B"]);
    let rows = connection.query_as::<(i64, String, Option<i64>)>("SELECT id, a, h FROM t ORDER BY b", &[]).unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    assert_eq!(rows, [(10, "none".to_owned(), None), (15, "none".to_owned(), Some(7)), (20, "none".to_owned(), None)]);
    // The list of columns that an INSERT need not have is that of the visible ones.
    connection.execute("INSERT INTO n VALUES (NULL, 1)", &[]).unwrap();
    connection.execute("INSERT INTO n VALUES (5, 2)", &[]).unwrap();
    let rows = connection.query_as::<(i64, i64)>("SELECT k, x FROM n ORDER BY x", &[]).unwrap();
    assert_eq!(rows.map(Result::unwrap).collect::<Vec<_>>(), [(1, 1), (5, 2)]);
    assert_eq!(code(connection.execute("INSERT INTO t (a, b, h) VALUES (1, 2)", &[])), 947);
}

#[test]
fn tables_that_take_no_rows() {
    let standin = Standin::new(
        "CREATE TABLE outside (a NUMBER) ORGANIZATION EXTERNAL (TYPE ORACLE_LOADER DEFAULT DIRECTORY d LOCATION ('a.csv'));
         CREATE TABLE settled (a NUMBER) READ ONLY;
         CREATE TABLE base (a NUMBER); INSERT INTO base VALUES (1);
         CREATE MATERIALIZED VIEW kept AS SELECT a FROM base;",
    );
    let connection = standin.connect();
    assert_eq!(code(connection.execute("INSERT INTO outside VALUES (1)", &[])), 30657);
    assert_eq!(code(connection.execute("INSERT INTO settled VALUES (1)", &[])), 12081);
    assert_eq!(code(connection.execute("INSERT INTO kept VALUES (1)", &[])), 1732);
    assert_eq!(code(connection.query_row_as::<i64>("SELECT a FROM outside", &[])), 29913);
    assert_eq!(connection.query_row_as::<i64>("SELECT a FROM kept", &[]).unwrap(), 1);
}

#[test]
fn nulls_and_empty_strings_are_null() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    connection.execute("INSERT INTO t VALUES (:1, :2, :3)", &[&1, &"", &None::<i64>]).unwrap();
    let row: (Option<String>, Option<i64>) = connection.query_row_as("SELECT name, amount FROM t", &[]).unwrap();
    assert_eq!(row, (None, None));
}

#[test]
fn binds_by_name_stand_wherever_the_name_does() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let sql = "INSERT INTO t VALUES (:id, :name, :id * 10)";
    connection.execute_named(sql, &[("name", &"seven"), ("ID", &7)]).unwrap();
    let row: (i64, String, i64) = connection.query_row_as("SELECT id, name, amount FROM t", &[]).unwrap();
    assert_eq!(row, (7, "seven".into(), 70));
    let mut statement = connection.statement(sql).build().unwrap();
    assert_eq!((statement.bind_count(), statement.bind_names()), (3, vec!["ID", "NAME"]));
    assert!(statement.bind("other", &1).is_err());
}

#[test]
fn a_statement_is_executed_again_with_other_values() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let mut statement = connection.statement("INSERT INTO t VALUES (:1, :2, 1)").build().unwrap();
    for i in 0..5 {
        statement.execute(&[&i, &format!("row {i}")]).unwrap();
        assert_eq!(statement.row_count().unwrap(), 1);
    }
    let updated = connection.execute("UPDATE t SET amount = amount + 1 WHERE id >= :1", &[&2]).unwrap();
    assert_eq!(updated.row_count().unwrap(), 3);
    let sum: i64 = connection.query_row_as("SELECT SUM(amount) FROM t", &[]).unwrap();
    assert_eq!(sum, 8);
}

#[test]
fn a_batch_inserts_its_rows_with_counts() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let mut batch = connection.batch("INSERT INTO t VALUES (:1, :2, :3)", 100).with_row_counts().build().unwrap();
    for i in 0..250_i64 {
        let amount = (i % 2 == 0).then_some(i + 1);
        batch.append_row(&[&i, &format!("row {i}"), &amount]).unwrap();
    }
    batch.execute().unwrap();
    assert_eq!(batch.row_counts().unwrap(), vec![1; 50]);
    let counts: (i64, i64) = connection.query_row_as("SELECT COUNT(*), COUNT(amount) FROM t", &[]).unwrap();
    assert_eq!(counts, (250, 125));
}

#[test]
fn a_batch_stops_at_an_error_or_collects_them() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    let sql = "INSERT INTO t VALUES (:1, 'x', :2)";
    let rows: [(i64, i64); 5] = [(1, 1), (2, 1), (1, 1), (3, -1), (4, 1)];
    let mut batch = connection.batch(sql, 10).build().unwrap();
    for (id, amount) in &rows {
        batch.append_row(&[id, amount]).unwrap();
    }
    assert_eq!(code(batch.execute()), 1);
    assert_eq!(connection.query_row_as::<i64>("SELECT COUNT(*) FROM t", &[]).unwrap(), 2);
    connection.rollback().unwrap();

    let mut batch = connection.batch(sql, 10).with_batch_errors().with_row_counts().build().unwrap();
    for (id, amount) in &rows {
        batch.append_row(&[id, amount]).unwrap();
    }
    let error = batch.execute().unwrap_err();
    let errors: Vec<(u32, i32)> = error.batch_errors().unwrap().iter().map(|e| (e.offset(), e.code())).collect();
    assert_eq!(errors, [(2, 1), (3, 2290)]);
    assert_eq!(batch.row_counts().unwrap(), [1, 1, 0, 0, 1]);
    assert_eq!(connection.query_row_as::<i64>("SELECT COUNT(*) FROM t", &[]).unwrap(), 3);
}

#[test]
fn constraint_errors_have_their_codes() {
    let standin = Standin::new(SCRIPT);
    let connection = standin.connect();
    connection.execute("INSERT INTO t VALUES (1, 'x', 1)", &[]).unwrap();
    for (sql, wanted) in [
        ("INSERT INTO t VALUES (1, 'x', 1)", 1),
        ("INSERT INTO t VALUES (NULL, 'x', 1)", 1400),
        ("INSERT INTO t VALUES (2, 'x', -1)", 2290),
        ("INSERT INTO t VALUES (99999999999, 'x', 1)", 1438),
        ("INSERT INTO t VALUES (3, RPAD('x', 41, 'x'), 1)", 12899),
        ("INSERT INTO nowhere VALUES (3)", 942),
        ("this is no SQL", 900),
    ] {
        assert_eq!(code(connection.execute(sql, &[])), wanted, "{sql}");
    }
    assert_eq!(connection.query_row_as::<i64>("SELECT COUNT(*) FROM t", &[]).unwrap(), 1);
}

#[test]
fn a_boolean_is_for_plsql_only() {
    let standin = Standin::new(SCRIPT);
    assert_eq!(code(standin.connect().execute("INSERT INTO t VALUES (:1, 'x', 1)", &[&true])), 3115);
}
