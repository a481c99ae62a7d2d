use crate::database::{Database, pid, text};
use crate::source::{self, Rows, batch, create_table, number, people, person, row_id};
use pg_sink::{BadRows, ChunkDone, Control, CopyEncoder, CopyWriter, ErrorKind, LoadLedger, NewChunk, Result};
use schema_map::TablePlan;
use tokio_postgres::Client;
use type_convert::{BatchReader, RowBatch, Scn, Value};

pub(crate) fn chunks(ranges: &[&str]) -> Vec<NewChunk> {
    (0..).zip(ranges).map(|(number, range)| NewChunk { number, range: (*range).to_owned() }).collect()
}

pub(crate) async fn ledger(client: &mut Client, plan: &TablePlan, ranges: &[&str]) -> LoadLedger {
    client.batch_execute(&create_table(plan)).await.unwrap();
    let control = Control::default();
    control.install(client).await.unwrap();
    control.begin(client, 1, 1).await.unwrap();
    let ledger = LoadLedger::new(control);
    assert!(ledger.register(client, plan, Some(100), Scn(777), &chunks(ranges)).await.unwrap());
    ledger
}

pub(crate) async fn load(
    ledger: &LoadLedger,
    client: &mut Client,
    plan: &TablePlan,
    rows: Vec<Vec<Value>>,
    bad: BadRows,
) -> Result<Option<ChunkDone>> {
    let Some(claim) = ledger.claim(client, "worker").await? else { return Ok(None) };
    let mut load = claim.load(plan, bad).await?;
    let (mut reader, mut batch) = (Rows::new(plan, rows), RowBatch::default());
    while reader.read_batch(&mut batch).unwrap() {
        load.write(&batch).await?;
    }
    load.commit().await.map(Some)
}

#[tokio::test]
async fn chunks_are_loaded_once_and_counted() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["first", "second"]).await;
    // Registered again, with other chunks: what is there stays.
    assert!(!ledger.register(&mut client, &plan, None, Scn(1), &chunks(&["other"])).await.unwrap());

    let rows: Vec<_> = (0..20).map(|n| person(n, "Ada")).collect();
    let done = load(&ledger, &mut client, &plan, rows, BadRows::Abort).await.unwrap().unwrap();
    assert_eq!((done.rows, done.chunk.range.as_str(), done.chunk.scn), (20, "first", Scn(777)));
    assert!(!ledger.is_complete(&client).await.unwrap());
    let done = load(&ledger, &mut client, &plan, vec![], BadRows::Abort).await.unwrap().unwrap();
    assert_eq!((done.rows, done.chunk.range.as_str()), (0, "second"));
    assert!(load(&ledger, &mut client, &plan, vec![], BadRows::Abort).await.unwrap().is_none());
    assert!(ledger.is_complete(&client).await.unwrap());

    assert_eq!(text(&client, "SELECT * FROM people WHERE id = 7").await, "7|Ada|1000.50|2024-02-29 12:34:56");
    let progress = ledger.progress(&client).await.unwrap();
    assert_eq!((progress[0].chunks_done, progress[0].rows), (2, 20));
    // Header and trailer, then per row: field count, four lengths, int4, 'Ada', numeric of two groups, timestamp.
    assert_eq!(progress[0].bytes, 2 * 21 + 20 * (2 + 16 + 4 + 3 + 12 + 8));
}

#[tokio::test]
async fn a_chunk_whose_worker_dies_is_free_again_at_once() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;

    let mut dying = database.client().await;
    let pid = pid(&dying).await;
    let claim = ledger.claim(&mut dying, "dying").await.unwrap().unwrap();
    let mut doomed = claim.load(&plan, BadRows::Abort).await.unwrap();
    doomed.write(&batch(&[person(1, "Bob")])).await.unwrap();
    // While it lives nobody else gets the chunk.
    assert!(ledger.claim(&mut client, "other").await.unwrap().is_none());
    assert_eq!(text(&client, "SELECT state, claimed_by FROM oracle_migration.load_chunk").await, "claimed|dying");

    database.kill(pid).await;
    let error = doomed.commit().await.unwrap_err();
    assert!(error.is_transient(), "{error}");

    let done = load(&ledger, &mut client, &plan, vec![person(1, "Bob")], BadRows::Abort).await.unwrap().unwrap();
    assert_eq!(done.rows, 1);
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "1");
    assert_eq!(text(&client, "SELECT state, claimed_by, rows FROM oracle_migration.load_chunk").await, "done|worker|1");
}

#[tokio::test]
async fn a_server_that_goes_away_in_mid_copy_is_a_transient_error() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let pid = pid(&client).await;
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
    let rows = batch(&(0..5000).map(|n| person(n, "Bob")).collect::<Vec<_>>());
    load.write(&rows).await.unwrap();
    database.kill(pid).await;
    let mut outcome = Ok(());
    for _ in 0..100 {
        outcome = load.write(&rows).await.map(drop);
        if outcome.is_err() {
            break;
        }
    }
    let error = outcome.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(error.table(), Some("public.people"));
    drop(load);
    let mut again = database.client().await;
    assert_eq!(text(&again, "SELECT state, rows FROM oracle_migration.load_chunk").await, "claimed|NULL");
    assert!(ledger.claim(&mut again, "w").await.unwrap().is_some());
    assert_eq!(text(&again, "SELECT count(*) FROM people").await, "0");
}

#[tokio::test]
async fn a_load_that_is_dropped_leaves_nothing() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    let mut load = claim.load(&plan, BadRows::Abort).await.unwrap();
    // More than one message, so that rows have reached the server.
    for from in 0..40 {
        let rows: Vec<_> = (0..200).map(|n| person(from * 200 + n, "Bob")).collect();
        load.write(&batch(&rows)).await.unwrap();
    }
    drop(load);
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");
    assert!(ledger.claim(&mut client, "w").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_share_one_ledger() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ranges: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    let ledger = ledger(&mut client, &plan, &ranges.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut workers = Vec::new();
    for _ in 0..4 {
        let (ledger, plan, mut client) = (ledger.clone(), plan.clone(), database.client().await);
        // As a program does whose reader blocks: a thread with the runtime's handle.
        let runtime = tokio::runtime::Handle::current();
        workers.push(std::thread::spawn(move || {
            let mut loaded = 0;
            while let Some(claim) = runtime.block_on(ledger.claim(&mut client, "w")).unwrap() {
                let first: i64 = claim.chunk().range.parse().unwrap();
                let mut load = runtime.block_on(claim.load(&plan, BadRows::Abort)).unwrap();
                let rows: Vec<_> = (0..10).map(|n| person(first * 10 + n, "x")).collect();
                loaded += runtime.block_on(load.write(&batch(&rows))).unwrap().rows;
                runtime.block_on(load.commit()).unwrap();
            }
            loaded
        }));
    }
    let loaded: u64 = workers.into_iter().map(|w| w.join().unwrap()).sum();
    assert_eq!(loaded, 400);
    assert_eq!(text(&client, "SELECT count(*), count(DISTINCT id), max(id) FROM people").await, "400|400|399");
    assert!(ledger.is_complete(&client).await.unwrap());
}

#[tokio::test]
async fn a_bad_value_stops_the_chunk_or_is_set_aside() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let mut rows: Vec<_> = (0..20).map(|n| person(n, "Ada")).collect();
    rows[11][1] = source::text("more than ten");
    rows[13][2] = number("1234567.5");
    rows[19][1] = source::text("nul\0");

    let error = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Abort).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    assert_eq!((error.table(), error.column()), (Some("public.people"), Some("name")));
    assert_eq!(error.row_id(), Some(row_id(11).as_str()));
    assert!(!error.is_transient());
    for part in ["public.people", "name", &row_id(11)] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");

    let done = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap().unwrap();
    assert_eq!((done.rows, done.rejected.len()), (17, 3));
    assert_eq!(text(&client, "SELECT count(*), sum(id) FROM people").await, "17|147");
    let rejects = "SELECT row_id, column_name, chunk, source_row->>'NAME', source_row->>'SALARY' FROM oracle_migration.reject ORDER BY reject_id";
    assert_eq!(
        text(&client, rejects).await,
        format!(
            "{}|name|0|more than ten|1000.5\n{}|salary|0|Ada|1234567.5\n{}|name|0|nul\u{fffd}|1000.5",
            row_id(11),
            row_id(13),
            row_id(19)
        )
    );
    assert_eq!(text(&client, "SELECT rows, rejected FROM oracle_migration.load_chunk").await, "17|3");
}

#[tokio::test]
async fn an_error_of_the_server_in_mid_copy_names_table_and_column() {
    let database = Database::new().await;
    let (mut plan, client) = (people(), database.client().await);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    client.batch_execute("ALTER TABLE people ADD CHECK (id < 5)").await.unwrap();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    let rows: Vec<_> = (0..10).map(|n| person(n, "Ada")).collect();
    writer.write(&batch(&rows), 0).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Postgres, Some("23514")));
    assert_eq!(error.table(), Some("public.people"));
    assert!(error.to_string().contains("line 6"), "{error}");

    // The plan says int8, the table has int4: the server says which column.
    plan.columns[0].pg_type = type_convert::PgType::Int8;
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    writer.write(&batch(&rows), 0).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert_eq!((error.sql_state(), error.column()), (Some("22P03"), Some("id")), "{error}");
}

#[tokio::test]
async fn rows_larger_than_a_message_and_empty_loads_go_through() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), type_convert::PgType::Int4),
        source::column("body", type_convert::OracleType::Blob, type_convert::PgType::Bytea),
    ];
    let plan = source::plan("blobs", columns, &[0]);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    let rows: Vec<_> = (0..3u8).map(|n| vec![number(n), Value::Bytes(vec![n; 3_000_000])]).collect();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    writer.write(&batch(&rows), 0).await.unwrap();
    assert_eq!(writer.finish().await.unwrap(), 3);
    let writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    assert_eq!(writer.finish().await.unwrap(), 0);
    let lengths = "SELECT id, length(body), get_byte(body, 2999999) FROM blobs ORDER BY id";
    assert_eq!(text(&client, lengths).await, "0|3000000|0\n1|3000000|1\n2|3000000|2");
}

#[tokio::test]
async fn a_table_cannot_change_its_target() {
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let mut other = plan.clone();
    other.target = source::pg_path("persons");
    let error = ledger.register(&mut client, &other, None, Scn(1), &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.to_string().contains("HR.PEOPLE"), "{error}");
}

/// Callers may spawn all of it on a runtime of many threads.
#[tokio::test]
async fn all_futures_can_be_sent() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let control = Control::default();
    sent(control.install(&client)).await.unwrap();
    sent(control.begin(&client, 1, 1)).await.unwrap();
    client.batch_execute(&create_table(&plan)).await.unwrap();
    let ledger = LoadLedger::new(control.clone());
    sent(ledger.register(&mut client, &plan, None, Scn(1), &chunks(&[""]))).await.unwrap();
    let claim = sent(ledger.claim(&mut client, "w")).await.unwrap().unwrap();
    let mut load = sent(claim.load(&plan, BadRows::Abort)).await.unwrap();
    sent(load.write(&batch(&[person(1, "Ada")]))).await.unwrap();
    sent(load.commit()).await.unwrap();
    sent(control.status(&client)).await.unwrap();
    let guard = pg_sink::ConstraintGuard::new(control);
    sent(guard.take_down(&mut client, &[])).await.unwrap();
    sent(guard.restore(&mut client)).await.unwrap();
    sent(pg_sink::advance_sequences(&client, &[])).await.unwrap();
    let open = || Ok(Rows::new(&plan, vec![person(1, "Ada")]));
    let verified = sent(pg_sink::verify_table(&client, &plan, open, Default::default())).await.unwrap();
    assert!(verified.is_equal());
}
