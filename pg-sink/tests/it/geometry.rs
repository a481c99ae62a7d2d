//! SDO_GEOMETRY into PostGIS, where the server has that extension.

use crate::database::{Database, text};
use crate::source::{self, number_type, plan};
use bytes::BytesMut;
use futures_util::TryStreamExt;
use pg_sink::{CopyEncoder, CopyWriter};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schema_map::{ColumnPlan, TablePlan};
use std::pin::pin;
use tokio_postgres::Client;
use type_convert::{OracleType, PgType, Value, geometry, literal};

/// SDO_GTYPE, SDO_SRID, SDO_ELEM_INFO and SDO_ORDINATES (or SDO_POINT alone), and PostGIS's text of the same geometry.
const CASES: [(&str, &str, &str, &str, &str); 34] = [
    ("2001", "", "", "1.5,-2", "POINT(1.5 -2)"),
    ("3001", "4326", "", "-74.00597,40.7143,10", "SRID=4326;POINT Z (-74.00597 40.7143 10)"),
    ("3301", "8307", "", "1,2,3", "SRID=8307;POINT M (1 2 3)"),
    ("2001", "8307", "", "1.5,-2", "SRID=8307;POINT(1.5 -2)"),
    ("2001", "998999", "1,1,1", "0.1,0.2", "SRID=998999;POINT(0.1 0.2)"),
    ("4001", "", "1,1,1", "1,2,3,4", "POINT ZM (1 2 3 4)"),
    ("4301", "", "1,1,1", "1,2,3,4", "POINT ZM (1 2 4 3)"),
    ("4401", "", "1,1,1", "1,2,3,4", "POINT ZM (1 2 3 4)"),
    ("2002", "3857", "1,2,1", "0,0,1,1,2,0", "SRID=3857;LINESTRING(0 0,1 1,2 0)"),
    ("3302", "", "1,2,1", "0,0,0,5,5,7.25", "LINESTRING M (0 0 0,5 5 7.25)"),
    ("3002", "", "1,2,1", "0,0,0,5,5,7.25", "LINESTRING Z (0 0 0,5 5 7.25)"),
    ("2002", "", "1,2,2", "10,10,10,14,6,10,14,10,17,10", "CIRCULARSTRING(10 10,10 14,6 10,14 10,17 10)"),
    (
        "2002",
        "31467",
        "1,4,2, 1,2,1, 3,2,2",
        "10,10,10,14,6,10,14,10",
        "SRID=31467;COMPOUNDCURVE((10 10,10 14),CIRCULARSTRING(10 14,6 10,14 10))",
    ),
    (
        "3302",
        "",
        "1,4,3, 1,2,1, 7,2,2, 13,2,1",
        "0,0,0,1,0,1,2,0,2,3,1,3,4,0,4,5,0,5",
        "COMPOUNDCURVE M ((0 0 0,1 0 1,2 0 2),CIRCULARSTRING M (2 0 2,3 1 3,4 0 4),(4 0 4,5 0 5))",
    ),
    ("2003", "", "1,1003,1", "0,0,4,0,4,4,0,4,0,0", "POLYGON((0 0,4 0,4 4,0 4,0 0))"),
    (
        "2003",
        "4326",
        "1,1003,1, 11,2003,1, 21,2003,3",
        "0,0,9,0,9,9,0,9,0,0, 1,1,1,2,2,2,2,1,1,1, 3,3,4,5",
        "SRID=4326;POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1),(3 3,3 5,4 5,4 3,3 3))",
    ),
    ("2003", "", "1,1003,3", "1,1,5,7", "POLYGON((1 1,5 1,5 7,1 7,1 1))"),
    ("2003", "", "1,1003,3", "5,7,1,1", "POLYGON((1 1,5 1,5 7,1 7,1 1))"),
    ("3003", "", "1,1003,3", "1,1,2.5,5,7,2.5", "POLYGON Z ((1 1 2.5,5 1 2.5,5 7 2.5,1 7 2.5,1 1 2.5))"),
    ("3003", "", "1,1003,1", "0,0,1,4,0,1,4,4,2,0,4,2,0,0,1", "POLYGON Z ((0 0 1,4 0 1,4 4 2,0 4 2,0 0 1))"),
    (
        "2003",
        "",
        "1,1003,2",
        "15,145,10,140,15,135,20,140,15,145",
        "CURVEPOLYGON(CIRCULARSTRING(15 145,10 140,15 135,20 140,15 145))",
    ),
    (
        "2003",
        "3857",
        "1,1005,2, 1,2,1, 5,2,2, 11,2003,3",
        "6,10,10,1,14,10,10,14,6,10, 9,8,11,10",
        "SRID=3857;CURVEPOLYGON(COMPOUNDCURVE((6 10,10 1,14 10),CIRCULARSTRING(14 10,10 14,6 10)),(9 8,9 10,11 10,11 8,9 8))",
    ),
    (
        "2003",
        "",
        "1,1003,1, 11,2003,2",
        "0,0,9,0,9,9,0,9,0,0, 3,5,5,7,7,5,5,3,3,5",
        "CURVEPOLYGON((0 0,9 0,9 9,0 9,0 0),CIRCULARSTRING(3 5,5 7,7 5,5 3,3 5))",
    ),
    ("2005", "4326", "1,1,1, 3,1,1", "1,2,3,4", "SRID=4326;MULTIPOINT(1 2,3 4)"),
    ("2005", "", "1,1,3", "1,2,3,4,5,6", "MULTIPOINT(1 2,3 4,5 6)"),
    ("3005", "", "1,1,2, 7,1,1", "1,2,3,4,5,6,7,8,9", "MULTIPOINT Z (1 2 3,4 5 6,7 8 9)"),
    ("2006", "", "1,2,1, 5,2,1", "0,0,1,1,5,5,6,6", "MULTILINESTRING((0 0,1 1),(5 5,6 6))"),
    (
        "2006",
        "4326",
        "1,2,1, 5,2,2, 11,4,2, 11,2,1, 13,2,2",
        "0,0,1,1, 5,5,6,6,7,5, 10,10,10,14,6,10,14,10",
        "SRID=4326;MULTICURVE((0 0,1 1),CIRCULARSTRING(5 5,6 6,7 5),COMPOUNDCURVE((10 10,10 14),CIRCULARSTRING(10 14,6 10,14 10)))",
    ),
    (
        "2007",
        "4326",
        "1,1003,1, 11,2003,3, 15,1003,3",
        "0,0,9,0,9,9,0,9,0,0, 1,1,2,2, 20,20,30,30",
        "SRID=4326;MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1)),((20 20,30 20,30 30,20 30,20 20)))",
    ),
    ("2007", "", "1,1003,3", "0,0,1,1", "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)))"),
    (
        "2007",
        "",
        "1,1003,3, 5,1003,2",
        "0,0,1,1, 15,145,10,140,15,135,20,140,15,145",
        "MULTISURFACE(((0 0,1 0,1 1,0 1,0 0)),CURVEPOLYGON(CIRCULARSTRING(15 145,10 140,15 135,20 140,15 145)))",
    ),
    ("2004", "", "1,1,1", "1,2", "GEOMETRYCOLLECTION(POINT(1 2))"),
    (
        "2004",
        "4326",
        "1,1,1, 3,1,2, 7,2,1, 11,1003,1, 21,2003,3, 25,1003,3",
        "1,2, 3,4,5,6, 0,0,1,1, 0,0,9,0,9,9,0,9,0,0, 1,1,2,2, 20,20,30,30",
        "SRID=4326;GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT(3 4,5 6),LINESTRING(0 0,1 1),POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1)),POLYGON((20 20,30 20,30 30,20 30,20 20)))",
    ),
    (
        "4304",
        "",
        "1,1,1, 5,2,2",
        "1,2,3,4, 0,0,1,5, 1,1,2,6, 2,0,3,7",
        "GEOMETRYCOLLECTION ZM (POINT ZM (1 2 4 3),CIRCULARSTRING ZM (0 0 5 1,1 1 6 2,2 0 7 3))",
    ),
];

fn sdo(gtype: &str, srid: &str, elements: &str, ordinates: &str) -> Value {
    let quoted = |list: &str| list.split(',').map(|n| format!("'{}'", n.trim())).collect::<Vec<_>>().join(", ");
    let srid = if srid.is_empty() { "NULL".to_owned() } else { quoted(srid) };
    let rest = if elements.is_empty() {
        let z = if ordinates.matches(',').count() == 1 { ", NULL" } else { "" };
        format!("\"MDSYS\".\"SDO_POINT_TYPE\"({}{z}), NULL, NULL", quoted(ordinates))
    } else {
        let (elements, ordinates) = (quoted(elements), quoted(ordinates));
        format!("NULL, \"MDSYS\".\"SDO_ELEM_INFO_ARRAY\"({elements}), \"MDSYS\".\"SDO_ORDINATE_ARRAY\"({ordinates})")
    };
    let text = format!("\"MDSYS\".\"SDO_GEOMETRY\"('{gtype}', {srid}, {rest})");
    literal::parse(&text, &OracleType::Geometry).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A table of geometries, where the server has PostGIS.
async fn with_postgis(client: &Client, columns: Vec<ColumnPlan>) -> Option<TablePlan> {
    let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'";
    if text(client, available).await == "0" {
        eprintln!("NOT RUN: this server has no PostGIS");
        return None;
    }
    client.batch_execute("CREATE EXTENSION postgis").await.unwrap();
    let plan = plan("geometries", columns, &[0]);
    client.batch_execute(&source::create_table(&plan)).await.unwrap();
    Some(plan)
}

/// Copies the rows in and out again: they come back as they went.
async fn there_and_back(client: &Client, plan: &TablePlan, rows: &[Vec<Value>]) {
    let batch = source::batch(rows);
    let mut encoder = CopyEncoder::new(plan).unwrap();
    let mut writer = CopyWriter::begin(client, encoder.clone()).await.unwrap();
    writer.write(&batch, 0).await.unwrap_or_else(|e| panic!("{e}: {:?}", e.row().map(|row| &rows[row])));
    writer.finish().await.unwrap();
    let mut ours = BytesMut::new();
    encoder.header(&mut ours);
    assert_eq!(encoder.encode_rows(&batch, 0, &mut ours).unwrap(), rows.len());
    encoder.trailer(&mut ours);
    let copy = "COPY (SELECT * FROM geometries ORDER BY id) TO STDOUT (FORMAT BINARY)";
    let theirs: Vec<_> = pin!(client.copy_out(copy).await.unwrap()).try_collect().await.unwrap();
    assert!(ours == theirs.concat(), "what was sent is not what came back");
}

#[tokio::test]
async fn geometries_arrive_as_meant_and_come_back_as_sent() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", number_type(9, 0), PgType::Int4),
        source::column("value", OracleType::Geometry, PgType::Geometry),
        source::column("ewkt", OracleType::Clob, PgType::Text),
    ];
    let Some(plan) = with_postgis(&client, columns).await else { return };
    let rows = CASES.iter().enumerate().map(|(id, (gtype, srid, elements, ordinates, ewkt))| {
        vec![source::number(id), sdo(gtype, srid, elements, ordinates), source::text(ewkt)]
    });
    there_and_back(&client, &plan, &rows.collect::<Vec<_>>()).await;
    // Byte for byte what PostGIS makes of its own text, and valid.
    let unlike = "SELECT id, ST_AsEWKT(value), ewkt FROM geometries \
        WHERE value::bytea IS DISTINCT FROM ST_GeomFromEWKT(ewkt)::bytea OR ST_IsValid(value) IS NOT TRUE";
    assert_eq!(text(&client, unlike).await, "");
    assert_eq!(text(&client, "SELECT count(*) FROM geometries").await, CASES.len().to_string());
}

/// Arrays whose elements follow one another as they should, or nearly so.
fn made_up() -> impl Strategy<Value = Value> {
    let element = (
        prop::sample::select(vec![
            (1, 1),
            (2, 1),
            (2, 2),
            (1003, 1),
            (1003, 2),
            (1003, 3),
            (2003, 1),
            (2003, 3),
            (4, 2),
            (1005, 2),
        ]),
        1..7_usize,
        any::<bool>(),
    );
    let gtype = (prop::sample::select(vec![20, 30, 33, 40, 43, 44]), 1..=7);
    (gtype, prop::collection::vec(element, 1..6), prop::collection::vec(-3..4_i32, 200)).prop_map(
        |((layout, kind), elements, numbers)| {
            let dimensions = usize::try_from(layout / 10).unwrap();
            let (mut info, mut points, mut numbers) = (Vec::new(), Vec::new(), numbers.into_iter());
            for ((etype, interpretation), count, closed) in elements {
                let first = points.len();
                let interpretation = if etype == 1 { count } else { interpretation };
                info.push((first, etype, interpretation));
                points.extend((0..count).map(|_| numbers.by_ref().take(dimensions).collect::<Vec<_>>()));
                if closed && etype != 1 {
                    points.push(points[first].clone());
                }
                if etype == 4 || etype == 1005 {
                    let middle = points.len() - 1;
                    info.push((first, 2, 1 + usize::from(count % 2 == 0)));
                    info.push((middle.max(first), 2, 1));
                }
            }
            let info = info.into_iter().flat_map(|(first, etype, n)| [first * dimensions + 1, etype, n]);
            Value::Object(vec![
                source::number(layout * 100 + kind),
                Value::Null,
                Value::Null,
                Value::Collection(info.map(source::number).collect()),
                Value::Collection(points.into_iter().flatten().map(source::number).collect()),
            ])
        },
    )
}

/// What is not refused here is not refused there either, in the middle of a COPY.
#[tokio::test]
async fn what_is_written_is_read() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", number_type(9, 0), PgType::Int4),
        source::column("value", OracleType::Geometry, PgType::Geometry),
    ];
    let Some(plan) = with_postgis(&client, columns).await else { return };
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = made_up();
    let made = (0..cases).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    let written = made.filter(|value| match value {
        Value::Object(attributes) => geometry::put_ewkb(attributes, &mut BytesMut::new()).is_ok(),
        _ => false,
    });
    let rows: Vec<_> = written.enumerate().map(|(id, value)| vec![source::number(id), value]).collect();
    there_and_back(&client, &plan, &rows).await;
    let kinds = text(&client, "SELECT count(DISTINCT GeometryType(value)) FROM geometries").await;
    println!("{} of {cases} written, {kinds} types", rows.len());
    assert!(kinds.parse::<usize>().unwrap() >= 12, "{kinds} types of geometry");
}
