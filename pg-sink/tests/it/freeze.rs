//! COPY with FREEZE: only where it is legal, and really frozen.

use crate::database::{Database, text};
use crate::load::ledger;
use crate::source::{batch, create_table, people, person};
use pg_sink::{BadRows, CopyEncoder, CopyWriter, ErrorKind, LoadLedger};
use schema_map::TablePlan;
use tokio_postgres::Client;
use type_convert::Value;

/// Rows, and those of them whose header says that their xmin is frozen (`HEAP_XMIN_FROZEN`, both bits of 0x0300).
const FROZEN: &str = "SELECT count(*), count(*) FILTER (WHERE t_infomask & 768 = 768) FROM generate_series(0, \
     pg_relation_size('people') / current_setting('block_size')::int - 1) AS block, \
     heap_page_items(get_raw_page('people', block::int)) WHERE lp_flags = 1";

async fn database() -> (Database, Client) {
    let database = Database::new().await;
    let client = database.client().await;
    client.batch_execute("CREATE EXTENSION pageinspect; CREATE EXTENSION pg_visibility").await.unwrap();
    (database, client)
}

fn rows(count: i64) -> Vec<Vec<Value>> {
    (0..count).map(|n| person(n, "Ada")).collect()
}

/// Loads the next chunk, frozen where it may be, and says whether it was.
async fn load(ledger: &LoadLedger, client: &mut Client, plan: &TablePlan, bad: BadRows) -> bool {
    let mut claim = ledger.claim(client, "w").await.unwrap().unwrap();
    let frozen = claim.freeze().await.unwrap();
    let mut load = claim.load(plan, bad).await.unwrap();
    for rows in rows(150_000).chunks(10_000) {
        load.write(&batch(rows)).await.unwrap();
    }
    assert_eq!(load.commit().await.unwrap().rows, 150_000);
    frozen
}

#[tokio::test]
async fn the_only_chunk_of_an_empty_table_is_loaded_frozen() {
    let (_database, mut client) = database().await;
    let plan = people();
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    assert!(load(&ledger, &mut client, &plan, BadRows::Abort).await);
    assert_eq!(text(&client, FROZEN).await, "150000|150000");
    // From PostgreSQL 14 on VACUUM has nothing to write; from 16 on it has the pages by which the table was extended beforehand.
    let visible = "SELECT current_setting('server_version_num')::int / 10000, count(*) FILTER (WHERE all_visible AND all_frozen) * 100 / count(*) \
                   FROM pg_visibility_map('people')";
    let visible = text(&client, visible).await;
    let (version, percent) = visible.split_once('|').unwrap();
    let least = match version.parse::<u32>().unwrap() {
        ..14 => 0,
        14 | 15 => 100,
        _ => 60,
    };
    assert!(percent.parse::<u32>().unwrap() >= least, "{visible}");
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "150000");
}

#[tokio::test]
async fn one_of_several_chunks_is_not() {
    let (_database, mut client) = database().await;
    let plan = people();
    let ledger = ledger(&mut client, &plan, &["one", "two"]).await;
    assert!(!load(&ledger, &mut client, &plan, BadRows::Quarantine).await);
    assert_eq!(text(&client, FROZEN).await, "150000|0");
}

#[tokio::test]
async fn a_table_that_might_lose_something_is_not_truncated() {
    let (database, mut client) = database().await;
    let plan = people();
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let other = database.client().await;
    for (hinder, clear) in [
        ("INSERT INTO people VALUES (-1)", "DELETE FROM people"),
        ("CREATE TABLE boss (id int REFERENCES people)", "DROP TABLE boss"),
        ("CREATE TABLE child () INHERITS (people)", "DROP TABLE child"),
        (
            "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER t AFTER TRUNCATE ON people EXECUTE FUNCTION noted()",
            "DROP TRIGGER t ON people",
        ),
        ("BEGIN; LOCK TABLE people IN ACCESS SHARE MODE", "ROLLBACK"),
    ] {
        other.batch_execute(hinder).await.unwrap();
        let mut claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
        assert!(!claim.freeze().await.unwrap(), "{hinder}");
        // The claim is still good, and nobody is locked out.
        assert_eq!(claim.transaction().query_one("SELECT 1", &[]).await.unwrap().get::<_, i32>(0), 1);
        other.batch_execute("SELECT FROM people").await.unwrap();
        drop(claim);
        other.batch_execute(clear).await.unwrap();
    }
    assert!(ledger.claim(&mut client, "w").await.unwrap().unwrap().freeze().await.unwrap());
    // Dropped: as it was.
    assert_eq!(text(&other, "SELECT count(*) FROM people").await, "0");
}

/// TRUNCATE removes rows too that the transaction's snapshot does not show.
#[tokio::test]
async fn rows_that_came_after_the_claim_are_not_truncated() {
    let (database, mut client) = database().await;
    let plan = people();
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("SET default_transaction_isolation = 'repeatable read'").await.unwrap();
    let mut claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    database.client().await.batch_execute("INSERT INTO people VALUES (-1)").await.unwrap();
    assert!(!claim.freeze().await.unwrap());
    claim.load(&plan, BadRows::Abort).await.unwrap().commit().await.unwrap();
    assert_eq!(text(&client, "SELECT id FROM people").await, "-1");
}

#[tokio::test]
async fn freezing_where_it_is_illegal_says_why() {
    let (_database, mut client) = database().await;
    let plan = people();
    client.batch_execute(&create_table(&plan)).await.unwrap();
    let encoder = CopyEncoder::new(&plan).unwrap();
    // Not in the transaction that created it.
    let error = CopyWriter::begin_frozen(&client, encoder.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Freeze, Some("55000")), "{error}");
    assert_eq!(error.table(), Some("public.people"));
    assert!(error.to_string().contains("truncate") && !error.is_transient(), "{error}");
    // In a savepoint within it.
    let transaction = client.transaction().await.unwrap();
    transaction.batch_execute("TRUNCATE people; SAVEPOINT later").await.unwrap();
    let error = CopyWriter::begin_frozen(transaction.client(), encoder.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Freeze, Some("55000")), "{error}");
    transaction.batch_execute("ROLLBACK TO later; RELEASE later").await.unwrap();
    let mut writer = CopyWriter::begin_frozen(transaction.client(), encoder.clone()).await.unwrap();
    writer.write(&batch(&rows(1000)), 0).await.unwrap();
    assert_eq!(writer.finish().await.unwrap(), 1000);
    transaction.commit().await.unwrap();
    assert_eq!(text(&client, FROZEN).await, "1000|1000");
    // Into a partitioned table.
    client.batch_execute("DROP TABLE people").await.unwrap();
    let partitioned = create_table(&plan) + " PARTITION BY RANGE (id)";
    let transaction = client.transaction().await.unwrap();
    transaction.batch_execute(&partitioned).await.unwrap();
    let error = CopyWriter::begin_frozen(transaction.client(), encoder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Freeze, "{error}");
}

#[tokio::test]
async fn a_frozen_chunk_with_a_refused_row_fails_and_is_loaded_without_freezing() {
    let (_database, mut client) = database().await;
    let plan = people();
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let mut rows = rows(100);
    rows[50] = person(7, "twice");
    rows[60] = person(60, "much too long");
    for frozen in [true, false] {
        let mut claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
        if frozen {
            assert!(claim.freeze().await.unwrap());
        }
        let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
        load.write(&batch(&rows)).await.unwrap();
        let outcome = load.commit().await;
        if frozen {
            let error = outcome.unwrap_err();
            assert_eq!((error.copy_row(), error.sql_state()), (Some(51), Some("23505")), "{error}");
        } else {
            assert_eq!(outcome.unwrap().rejected.len(), 2);
        }
    }
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "98");
}
