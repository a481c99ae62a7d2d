//! Rows that only the server refuses.

use crate::database::{Database, text};
use crate::load::{ledger, load};
use crate::source::{self, batch, batch_from, create_table, number, people, person, row_id};
use pg_sink::{BadRows, CopyEncoder, CopyWriter, Error, ErrorKind};
use schema_map::TablePlan;
use tokio_postgres::Client;
use type_convert::{PgType, RowBatch, Value};

/// Sends `rows` people of whom one may be changed; fails.
async fn refused(client: &Client, plan: &TablePlan, rows: i64, at: usize, with: Vec<Value>) -> Error {
    let mut writer = CopyWriter::begin(client, CopyEncoder::new(plan).unwrap()).await.unwrap();
    let mut people: Vec<_> = (0..rows).map(|n| person(n, "Ada")).collect();
    people[at] = with;
    for (n, rows) in people.chunks(1000).enumerate() {
        writer.write(&batch_from(n * 1000, rows), 0).await.unwrap();
    }
    writer.finish().await.unwrap_err()
}

fn place(error: &Error) -> (Option<&str>, Option<&str>, Option<u64>, Option<&str>) {
    (error.table(), error.column(), error.copy_row(), error.row_id())
}

#[tokio::test]
async fn an_error_of_the_server_deep_in_a_copy_names_the_row() {
    let database = Database::new().await;
    let (plan, client) = (people(), database.client().await);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    client
        .batch_execute(
            "ALTER TABLE people ALTER hired SET NOT NULL, ADD CONSTRAINT paid CHECK (salary > 0); \
             CREATE FUNCTION allowed(name text) RETURNS bool LANGUAGE plpgsql AS \
             $$ BEGIN IF name = 'Eve' THEN RAISE 'not Eve'; END IF; RETURN true; END $$; \
             ALTER TABLE people ADD CHECK (allowed(name))",
        )
        .await
        .unwrap();
    let (rows, at) = (30_000, 23_456);
    let id = row_id(at);
    let (table, line) = (Some("public.people"), Some(at as u64 + 1));

    let mut unpaid = person(-1, "Bob");
    unpaid[2] = number("-1");
    let error = refused(&client, &plan, rows, at, unpaid).await;
    assert_eq!((error.sql_state(), error.object()), (Some("23514"), Some("paid")));
    assert_eq!(place(&error), (table, None, line, Some(id.as_str())), "{error}");
    for part in ["public.people", "row 23457", &id, "paid"] {
        assert!(error.to_string().contains(part), "{error}");
    }

    let mut no_date = person(-1, "Bob");
    no_date[3] = Value::Null;
    let error = refused(&client, &plan, rows, at, no_date).await;
    assert_eq!(error.sql_state(), Some("23502"));
    assert_eq!(place(&error), (table, Some("hired"), line, Some(id.as_str())), "{error}");

    // Found when a buffer of rows goes into the index, not when the row is read.
    let error = refused(&client, &plan, rows, at, person(23_455, "Bob")).await;
    assert_eq!((error.sql_state(), error.object()), (Some("23505"), Some("people_pkey")));
    assert_eq!(place(&error), (table, None, line, Some(id.as_str())), "{error}");

    let error = refused(&client, &plan, rows, at, person(-1, "Eve")).await;
    assert_eq!(error.sql_state(), Some("P0001"));
    assert_eq!(place(&error), (table, None, line, Some(id.as_str())), "{error}");
}

#[tokio::test]
async fn an_error_far_behind_the_row_still_has_its_number() {
    let database = Database::new().await;
    let (plan, client) = (people(), database.client().await);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    let error = refused(&client, &plan, 300_000, 1, person(0, "Bob")).await;
    assert_eq!(place(&error), (Some("public.people"), None, Some(2), None), "{error}");
    let error = refused(&client, &plan, 300_000, 299_998, person(0, "Bob")).await;
    assert_eq!(error.row_id(), Some(row_id(299_998).as_str()), "{error}");
}

/// `documents (id integer primary key, body jsonb, name varchar(10))`.
fn documents() -> TablePlan {
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("body", type_convert::OracleType::Json, PgType::Jsonb),
        source::column("name", source::varchar2(10), PgType::Varchar { length: Some(10) }),
    ];
    source::plan("documents", columns, &[0])
}

fn document(id: i64, body: &str, name: &str) -> Vec<Value> {
    vec![number(id), source::text(body), source::text(name)]
}

#[tokio::test]
async fn rows_that_the_server_refuses_are_set_aside_and_the_others_kept() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client
        .batch_execute(
            "CREATE EXTENSION IF NOT EXISTS btree_gist; \
             ALTER TABLE documents ALTER name SET NOT NULL, ADD CONSTRAINT no_z CHECK (name NOT LIKE 'z%'), \
             ADD CONSTRAINT one_name EXCLUDE USING gist (name WITH =) WHERE (name LIKE 'x%')",
        )
        .await
        .unwrap();
    let mut rows: Vec<_> = (0..5000).map(|n| document(n, "{\"n\": 1}", "a")).collect();
    rows[0] = document(0, "{oops", "a");
    rows[7] = vec![number(7), source::text("1"), Value::Null];
    rows[8] = document(8, "[1,", "a");
    rows[1999] = document(1999, "1", "zz");
    rows[2000] = document(2000, "1", "x");
    rows[2001] = document(2001, "1", "x");
    rows[3000] = document(12, "1", "a");
    // Refused here already.
    rows[4000] = document(4000, "1", "far too long a name");
    rows[4999] = document(4999, "", "a");
    let bad = [0usize, 7, 8, 1999, 2001, 3000, 4000, 4999];

    let error = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Abort).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value, "{error}");
    rows.truncate(4000);
    let error = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Abort).await.unwrap_err();
    assert_eq!(place(&error), (Some("public.documents"), Some("body"), Some(1), Some(row_id(0).as_str())), "{error}");
    rows.push(document(4000, "1", "far too long a name"));
    rows.extend((4001..4999).map(|n| document(n, "1", "a")));
    rows.push(document(4999, "", "a"));

    let done = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap().unwrap();
    assert_eq!((done.rows, done.rejected.len()), (5000 - bad.len() as u64, bad.len()));
    let mut found: Vec<_> = done.rejected.iter().map(|r| r.row_id.clone().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, bad.map(row_id));
    let missing = "SELECT n FROM generate_series(0, 4999) AS n WHERE n NOT IN (SELECT id FROM documents) ORDER BY 1";
    assert_eq!(text(&client, missing).await, bad.map(|n| n.to_string()).join("\n"));
    assert_eq!(text(&client, "SELECT count(*), count(DISTINCT id) FROM documents").await, "4992|4992");
    assert_eq!(text(&client, "SELECT state, rows, rejected FROM oracle_migration.load_chunk").await, "done|4992|8");

    let kept = "SELECT row_id, column_name, split_part(reason, ' (SQLSTATE ', 2), source_row ->> 'BODY' \
                FROM oracle_migration.reject ORDER BY row_id";
    let expected = [
        format!("{}|body|22P02)|{{oops", row_id(0)),
        format!("{}|name|23502)|1", row_id(7)),
        format!("{}|body|22P02)|[1,", row_id(8)),
        format!("{}|NULL|23514)|1", row_id(1999)),
        format!("{}|NULL|23P01)|1", row_id(2001)),
        format!("{}|NULL|23505)|1", row_id(3000)),
        format!("{}|name||1", row_id(4000)),
        format!("{}|body|22P02)|", row_id(4999)),
    ];
    assert_eq!(text(&client, kept).await, expected.join("\n"));
    let reason = &done.rejected.iter().find(|r| r.row_id == Some(row_id(3000))).unwrap().reason;
    assert!(reason.contains("documents_pkey") && reason.contains("(id)=(12)"), "{reason}");
}

#[tokio::test]
async fn a_chunk_of_many_pieces_keeps_what_is_good_of_each() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("ALTER TABLE people ADD CHECK (name <> 'Eve')").await.unwrap();
    let bad = |n: i64| n % 50_000 == 49_999 || (120_000..120_030).contains(&n);
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
    let (mut sent, mut rejected) = (0, 0);
    for first in (0..250_000).step_by(5000) {
        let rows: Vec<_> = (first..first + 5000).map(|n| person(n, if bad(n) { "Eve" } else { "Ada" })).collect();
        let written = load.write(&batch_from(usize::try_from(first).unwrap(), &rows)).await.unwrap();
        sent += written.rows;
        rejected += written.rejected;
    }
    // Those of the first two pieces are known before the end.
    assert!(sent == 250_000 && rejected >= 3, "{sent} {rejected}");
    let done = load.commit().await.unwrap();
    assert_eq!((done.rows, done.rejected.len()), (249_965, 35));
    let counts =
        "SELECT count(*), count(DISTINCT id), min(id), max(id), count(*) FILTER (WHERE name = 'Eve') FROM people";
    assert_eq!(text(&client, counts).await, "249965|249965|0|249998|0");
    let ids = "SELECT string_agg(source_row ->> 'ID', ' ' ORDER BY (source_row ->> 'ID')::int), \
               bool_and(row_id = 'AAAR3sAAEAAA' || lpad(source_row ->> 'ID', 6, '0')) FROM oracle_migration.reject";
    let expected: Vec<_> = (0..250_000).filter(|n| bad(*n)).map(|n| n.to_string()).collect();
    assert_eq!(text(&client, ids).await, format!("{}|t", expected.join(" ")));
}

#[tokio::test]
async fn a_later_piece_counts_from_the_chunks_start() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("ALTER TABLE people ADD CHECK (id <> 223456)").await.unwrap();
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Abort).await.unwrap();
    let mut outcome = Ok(());
    let mut first = 0;
    while outcome.is_ok() && first < 900_000 {
        let rows: Vec<_> = (first..first + 7000).map(|n| person(n, "Ada")).collect();
        outcome = load.write(&batch_from(usize::try_from(first).unwrap(), &rows)).await.map(drop);
        first += 7000;
    }
    // Long before the end.
    let error = outcome.unwrap_err();
    assert!(first < 320_000, "{first}");
    assert_eq!(place(&error), (Some("public.people"), None, Some(223_457), Some(row_id(223_456).as_str())), "{error}");
    assert_eq!(load.commit().await.unwrap_err().kind(), ErrorKind::State);
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");
}

#[tokio::test]
async fn rows_without_a_rowid_are_set_aside_too() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let mut batch = RowBatch::new(3);
    for (id, body) in [(1, "1"), (2, "{"), (3, "3")] {
        document(id, body, "a").iter().for_each(|v| batch.push(v.as_ref()));
        batch.finish_row(None);
    }
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
    load.write(&batch).await.unwrap();
    let done = load.commit().await.unwrap();
    assert_eq!((done.rows, done.rejected[0].row_id.as_deref()), (2, None));
    assert!(done.rejected[0].source_row.contains("\"ID\":\"2\""), "{:?}", done.rejected);
}

#[tokio::test]
async fn rows_larger_than_a_piece_are_set_aside_without_being_kept() {
    let database = Database::new().await;
    let mut client = database.client().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("body", type_convert::OracleType::Blob, PgType::Bytea),
    ];
    let plan = source::plan("blobs", columns, &[0]);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("ALTER TABLE blobs ADD CHECK (id NOT IN (2, 4, 6))").await.unwrap();
    let blob = |n: i64, size| vec![number(n), Value::Bytes(vec![7; size])];
    let rows: Vec<_> =
        (1..=6).map(|n| blob(n, if n < 3 || n == 5 { 17 << 20 } else { 6 << 20 })).chain([blob(7, 10)]).collect();
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
    load.write(&batch(&rows)).await.unwrap();
    let done = load.commit().await.unwrap();
    assert_eq!((done.rows, done.rejected.len()), (4, 3));
    let lengths = "SELECT id, length(body) FROM blobs ORDER BY id";
    assert_eq!(text(&client, lengths).await, "1|17825792\n3|6291456\n5|17825792\n7|10");
    let shown = "SELECT max(length(source_row::text)) < 20000 FROM oracle_migration.reject";
    assert_eq!(text(&client, shown).await, "t");
}

#[tokio::test]
async fn too_many_refused_rows_fail_the_chunk() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    // Two of three values do not fit, one is refused by the server: both count.
    client.batch_execute("ALTER TABLE people ADD CHECK (name <> 'Eve')").await.unwrap();
    let mut rows: Vec<_> = (0..9_990).map(|n| person(n, "much too long")).collect();
    rows.extend((9_990..10_010).map(|n| person(n, "Eve")));
    let error = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Value, Some("public.people")), "{error}");
    for part in ["10000 rows", "mend", "people_name_check"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(text(&client, "SELECT state FROM oracle_migration.load_chunk").await, "claimed");
    assert_eq!(text(&client, "SELECT count(*) FROM oracle_migration.reject").await, "0");
}

#[tokio::test]
async fn what_no_row_can_be_blamed_for_fails_the_chunk() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    // Checked at the end of the COPY, without a word of the row.
    client
        .batch_execute(
            "CREATE TABLE bosses (id int PRIMARY KEY); ALTER TABLE people ADD FOREIGN KEY (id) REFERENCES bosses",
        )
        .await
        .unwrap();
    let rows = vec![person(1, "Ada")];
    let error = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Quarantine).await.unwrap_err();
    assert_eq!((error.sql_state(), error.copy_row()), (Some("23503"), None), "{error}");
    // A trigger that drops rows is no refusal.
    client
        .batch_execute(
            "ALTER TABLE people DROP CONSTRAINT people_id_fkey; \
             CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
             CREATE TRIGGER drops BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION drop_it()",
        )
        .await
        .unwrap();
    let error = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert_eq!(text(&client, "SELECT state FROM oracle_migration.load_chunk").await, "claimed");
}

#[tokio::test]
async fn a_broken_load_cannot_be_committed() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Abort).await.unwrap();
    load.write(&batch(&[person(1, "Ada"), person(2, "far too long a name")])).await.unwrap_err();
    assert_eq!(load.write(&batch(&[person(3, "Ada")])).await.unwrap_err().kind(), ErrorKind::State);
    assert_eq!(load.commit().await.unwrap_err().kind(), ErrorKind::State);
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");
}
