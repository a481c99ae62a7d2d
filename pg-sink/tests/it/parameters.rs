//! `type_convert`'s values as parameters of statements, and out of their rows.

use crate::database::Database;
use std::fmt::Debug;
use tokio_postgres::types::{FromSqlOwned, ToSql};
use type_convert::{DateTime, DateTimeTz, IntervalDs, IntervalYm, Number, UtcOffset, Value};

/// The parameter is what PostgreSQL reads from `literal`, and comes back as it went.
async fn there_and_back<T>(client: &tokio_postgres::Client, ty: &str, value: T, literal: &str)
where
    T: ToSql + FromSqlOwned + PartialEq + Debug + Sync,
{
    let sql = format!("SELECT $1::{ty}, $1::{ty} = $2::text::{ty}, $1::{ty}::text");
    let row = client.query_one(&sql, &[&value, &literal]).await.unwrap_or_else(|e| panic!("{value:?} as {ty}: {e}"));
    assert!(row.get::<_, bool>(1), "{value:?} as {ty} is not {literal} but {}", row.get::<_, String>(2));
    assert_eq!(row.get::<_, T>(0), value, "{ty}");
}

#[tokio::test]
async fn parameters_arrive_as_meant_and_come_back() {
    let database = Database::new().await;
    let client = database.client().await;
    for text in ["0", "-12.5", "1E-130", "9.99E125", "1234567890123456789012345678901234567890", "100000000"] {
        there_and_back(&client, "numeric", text.parse::<Number>().unwrap(), text).await;
    }
    for (ty, text) in [("int2", "-32768"), ("int4", "2147483647"), ("int8", "-9223372036854775808")] {
        there_and_back(&client, ty, text.parse::<Number>().unwrap(), text).await;
    }
    let at = |text: &str| text.parse::<DateTime>().unwrap();
    there_and_back(&client, "timestamp", at("2024-02-29 23:59:59.123456"), "2024-02-29 23:59:59.123456").await;
    there_and_back(&client, "timestamp", at("-4712-01-01 00:00:00"), "4712-01-01 00:00:00 BC").await;
    there_and_back(&client, "timestamp", at("9999-12-31 23:59:59.999999"), "9999-12-31 23:59:59.999999").await;
    there_and_back(&client, "date", at("-0001-12-31 00:00:00"), "0001-12-31 BC").await;
    let utc = DateTimeTz { at: at("1970-01-01 00:00:00"), offset: UtcOffset::UTC };
    there_and_back(&client, "timestamptz", utc, "1970-01-01 05:30:00+05:30").await;
    there_and_back(&client, "interval", IntervalYm { months: -14 }, "-1 year -2 months").await;
    let ds = IntervalDs { days: -1, nanoseconds: -500_000_000 };
    there_and_back(&client, "interval", ds, "-1 day -0.5 seconds").await;

    // What only PostgreSQL has is refused.
    let refused = "SELECT 'NaN'::numeric, 'infinity'::timestamp, '-infinity'::date, 'infinity'::timestamptz, \
        '1 month 1 day'::interval, '1e200'::numeric, '25:00'::interval";
    let row = client.query_one(refused, &[]).await.unwrap();
    assert!(row.try_get::<_, Number>(0).is_err() && row.try_get::<_, Number>(5).is_err());
    assert!(row.try_get::<_, DateTime>(1).is_err() && row.try_get::<_, DateTime>(2).is_err());
    assert!(row.try_get::<_, DateTimeTz>(3).is_err());
    assert!(row.try_get::<_, IntervalYm>(4).is_err() && row.try_get::<_, IntervalDs>(4).is_err());
    assert!(row.try_get::<_, IntervalDs>(6).is_err());
    let null = client.query_one("SELECT NULL::numeric", &[]).await.unwrap();
    assert_eq!(null.get::<_, Option<Number>>(0), None);
}

#[tokio::test]
async fn any_value_is_a_parameter_of_the_type_asked_for() {
    let database = Database::new().await;
    let client = database.client().await;
    let made = "SET timezone = 'UTC'; CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE point2 AS (x numeric, y text); \
        CREATE DOMAIN small AS smallint CHECK (VALUE < 100)";
    client.batch_execute(made).await.unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let n = |text: &str| Value::Number(text.parse().unwrap());
    let at: DateTime = "2024-02-29 23:59:59.5".parse().unwrap();
    let points =
        vec![Value::Object(vec![n("1.5"), text("a b")]), Value::Null, Value::Object(vec![Value::Null, text("")])];
    for (value, ty, shown) in [
        (Value::Null, "jsonb", None),
        (n("-12.5"), "numeric", Some("-12.5")),
        (n("0.1"), "float8", Some("0.1")),
        (n("1"), "bool", Some("true")),
        (n("7"), "small", Some("7")),
        (Value::Float(0.1), "float4", Some("0.1")),
        (Value::Double(0.5), "numeric", Some("0.5")),
        (text("žluť"), "text", Some("žluť")),
        (text("12"), "bigint", Some("12")),
        (text(""), "varchar", Some("")),
        (text("ab"), "char(4)", Some("ab")),
        (text("glad"), "mood", Some("glad")),
        (text("{\"a\": 1}"), "jsonb", Some("{\"a\": 1}")),
        (text("<a/>"), "xml", Some("<a/>")),
        (Value::Bytes(vec![0xab, 0]), "bytea", Some("\\xab00")),
        (Value::Bytes(vec![0x11; 16]), "uuid", Some("11111111-1111-1111-1111-111111111111")),
        (Value::DateTime(at), "timestamp", Some("2024-02-29 23:59:59.5")),
        (Value::DateTimeTz(at, UtcOffset { minutes: 60 }), "timestamptz", Some("2024-02-29 22:59:59.5+00")),
        (Value::IntervalYm(IntervalYm { months: 14 }), "interval", Some("1 year 2 mons")),
        (Value::IntervalDs(IntervalDs { days: 1, nanoseconds: 0 }), "interval", Some("1 day")),
        (Value::Boolean(true), "int2", Some("1")),
        (Value::Collection(vec![n("1"), Value::Null, n("2.5")]), "numeric[]", Some("{1,NULL,2.5}")),
        (Value::Collection(vec![Value::Null]), "timestamptz[]", Some("{NULL}")),
        (Value::Object(vec![n("1"), text("x")]), "point2", Some("(1,x)")),
        (Value::Collection(points), "point2[]", Some(r#"{"(1.5,\"a b\")",NULL,"(,\"\")"}"#)),
    ] {
        let sql = format!("SELECT $1::{ty}::text");
        let row = client.query_one(&sql, &[&value]).await.unwrap_or_else(|e| panic!("{value:?} as {ty}: {e:?}"));
        assert_eq!(row.get::<_, Option<&str>>(0), shown, "{value:?} as {ty}");
    }
    assert!(client.query_one("SELECT $1::smallint", &[&n("1.5")]).await.is_err());
    assert!(client.query_one("SELECT $1::mood", &[&text("bored")]).await.is_err());
    assert!(client.query_one("SELECT $1::money", &[&n("1")]).await.is_err());
}
