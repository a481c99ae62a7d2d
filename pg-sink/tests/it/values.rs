//! Rows that are written value by value, without a batch.

use crate::database::{Database, text};
use crate::source::{batch_from, create_table, people, person, row_id};
use bytes::BytesMut;
use pg_sink::{CopyEncoder, CopyWriter, ErrorKind};
use std::error::Error as _;
use type_convert::{OpenRow, PgType, Value, ValueError, ValueErrorKind};

#[tokio::test]
async fn values_and_batches_in_turn_are_loaded_in_order() {
    let database = Database::new().await;
    let (mut plan, client) = (people(), database.client().await);
    plan.columns[1].pg_type = PgType::Text;
    client.batch_execute(&create_table(&plan)).await.unwrap();
    client.batch_execute("ALTER TABLE people ADD arrived bigserial").await.unwrap();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    // Names longer than what is held back among them.
    let name = |n: i64| match n % 1000 {
        0 => "x".repeat(100_000),
        _ => format!("Ada {n} é"),
    };
    let rows = 5000;
    for n in 0..rows {
        let values = person(n, &name(n));
        if n % 7 == 0 {
            writer.write(&batch_from(0, &[values]), 0).await.unwrap();
        } else {
            let fill = |row: &mut OpenRow<'_>| values.iter().try_for_each(|value| row.push(value.as_ref()));
            writer.write_values(None, fill).await.unwrap();
        }
    }
    let bytes = writer.bytes();
    assert!(bytes > 500_000 && bytes < 1_000_000, "{bytes}");
    assert_eq!(writer.finish().await.unwrap(), u64::try_from(rows).unwrap());
    let loaded = client.query("SELECT id::int8, name, salary::text FROM people ORDER BY arrived", &[]).await.unwrap();
    assert_eq!(loaded.len(), 5000);
    for (n, row) in (0..).zip(&loaded) {
        let expected = person(n, &name(n));
        let Value::Number(salary) = &expected[2] else { panic!("{expected:?}") };
        assert_eq!((row.get::<_, i64>(0), row.get::<_, String>(1)), (n, name(n)));
        assert_eq!(row.get::<_, String>(2).parse(), Ok(*salary));
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_and_the_copy_goes_on() {
    let database = Database::new().await;
    let (plan, client) = (people(), database.client().await);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    for n in 0..4 {
        let name = if n == 2 { "not\0this" } else { "Ada" };
        let (values, id) = (person(n, name), row_id(usize::try_from(n).unwrap()));
        let written =
            writer.write_values(Some(&id), |row| values.iter().try_for_each(|value| row.push(value.as_ref()))).await;
        match written {
            Ok(()) => assert_ne!(n, 2),
            Err(error) => {
                assert_eq!((n, error.kind()), (2, ErrorKind::Value));
                assert_eq!((error.table(), error.column()), (Some("public.people"), Some("name")));
                assert_eq!(error.row_id(), Some(id.as_str()));
                let reason = error.source().and_then(|source| source.downcast_ref::<ValueError>()).unwrap();
                assert_eq!(reason.kind(), ValueErrorKind::NulCharacter);
            }
        }
    }
    assert_eq!(writer.finish().await.unwrap(), 3);
    assert_eq!(text(&client, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM people").await, "0 1 3");

    // What the server refuses is traced to its ROWID.
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    for n in [10, 11, 3, 12] {
        let (values, id) = (person(n, "Ada"), row_id(usize::try_from(n).unwrap()));
        writer
            .write_values(Some(&id), |row| values.iter().try_for_each(|value| row.push(value.as_ref())))
            .await
            .unwrap();
    }
    let error = writer.finish().await.unwrap_err();
    assert_eq!((error.sql_state(), error.copy_row()), (Some("23505"), Some(3)));
    assert_eq!(error.row_id(), Some(row_id(3).as_str()));
}

/// The stream for a file is the same as that of batches.
#[test]
fn values_in_memory() {
    let plan = people();
    let mut encoders = [(); 2].map(|()| CopyEncoder::new(&plan).unwrap());
    let [mut of_batches, mut of_values] = [(); 2].map(|()| BytesMut::new());
    let rows: Vec<Vec<Value>> = (0..1000).map(|n| person(n, "Ada")).collect();
    let [batches, values] = &mut encoders;
    batches.header(&mut of_batches);
    batches.encode_rows(&batch_from(0, &rows), 0, &mut of_batches).unwrap();
    batches.trailer(&mut of_batches);
    values.header(&mut of_values);
    for row in &rows {
        let fill = |open: &mut OpenRow<'_>| row.iter().try_for_each(|value| open.push(value.as_ref()));
        values.encode_values(None, &mut of_values, fill).unwrap();
    }
    values.trailer(&mut of_values);
    assert!(of_values == of_batches);
}
