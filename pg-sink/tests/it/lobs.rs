//! LOBs that are read piece by piece while they are sent, and losses that are counted with the chunk.

use crate::database::{self, Database, text};
use crate::load::{ledger, load};
use crate::source::{self, column, number, number_type, people, person, plan, row_id};
use bytes::BytesMut;
use pg_sink::{BadRows, ChunkDone, CopyEncoder, CopyWriter, ErrorKind, LoadLedger, Result};
use schema_map::TablePlan;
use std::{env, fs, io, process::Command};
use tokio_postgres::{Client, Config};
use type_convert::{BatchReader, Loss, LossAction, OracleType, PgType, RowBatch, StreamedLob, Value, ValueRef};

/// Set for [`worker`]: what it loads.
const KIND: &str = "PG_SINK_TEST_LOB";
const DATABASE: &str = "PG_SINK_TEST_LOB_DATABASE";

/// One LOB: what is said of its length, and what it is.
#[derive(Clone)]
enum Lob {
    Value(Value),
    Streamed { said: u64, bytes: u64, letters: &'static str },
}

/// Rows of a number, LOBs and a name; LOBs come in pieces that are cut anywhere.
struct Reader {
    types: Vec<OracleType>,
    rows: Vec<(i64, Vec<Lob>, Value)>,
    piece: u64,
    /// The LOB being read and how far.
    at: Option<(u32, u64)>,
    fails: bool,
    /// Promises more at the end of every LOB.
    stalls: bool,
    asked: u32,
    done: bool,
}

impl Reader {
    fn new(plan: &TablePlan, rows: Vec<(i64, Vec<Lob>, Value)>, piece: u64) -> Self {
        let types = plan.columns.iter().map(|c| c.oracle_type.clone()).collect();
        Reader { types, rows, piece, at: None, fails: false, stalls: false, asked: 0, done: false }
    }
}

impl BatchReader for Reader {
    type Error = io::Error;

    fn columns(&self) -> &[OracleType] {
        &self.types
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> io::Result<bool> {
        batch.reset(self.types.len());
        if std::mem::replace(&mut self.done, true) {
            return Ok(false);
        }
        for (n, (id, lobs, name)) in self.rows.iter().enumerate() {
            batch.push(ValueRef::Int(*id));
            for (m, lob) in lobs.iter().enumerate() {
                batch.push(match lob {
                    Lob::Value(value) => value.as_ref(),
                    Lob::Streamed { said, .. } => {
                        let id = u32::try_from(n * lobs.len() + m).unwrap();
                        ValueRef::Streamed(StreamedLob { id, length: *said })
                    }
                });
            }
            batch.push(name.as_ref());
            batch.finish_row(Some(row_id(n).as_bytes()));
        }
        Ok(true)
    }

    fn read_lob(&mut self, lob: StreamedLob, piece: &mut BytesMut) -> io::Result<bool> {
        let start = self.at.filter(|(id, _)| *id == lob.id).map_or(0, |(_, at)| at);
        if self.fails && start > 0 {
            return Err(io::Error::other("the network is gone"));
        }
        let per_row = self.rows[0].1.len();
        let id = usize::try_from(lob.id).unwrap();
        let Lob::Streamed { bytes, letters, .. } = &self.rows[id / per_row].1[id % per_row] else { unreachable!() };
        let (letters, end) = (letters.as_bytes(), (start + self.piece).min(*bytes));
        piece.extend((start..end).map(|at| letters[usize::try_from(at).unwrap() % letters.len()]));
        self.at = Some((lob.id, end));
        self.asked += 1;
        assert!(self.asked < 1_000_000, "asked for ever");
        Ok(end > start || self.stalls)
    }
}

fn documents() -> TablePlan {
    let columns = vec![
        column("id", number_type(6, 0), PgType::Int4),
        column("image", OracleType::Blob, PgType::Bytea),
        column("body", OracleType::Clob, PgType::Text),
        column("name", source::varchar2(10), PgType::Varchar { length: Some(10) }),
    ];
    plan("documents", columns, &[0])
}

fn blob(bytes: u64) -> Lob {
    Lob::Streamed { said: bytes, bytes, letters: "0123456789abcdef!" }
}

fn clob(times: u64) -> Lob {
    // Of 2, 3, 4 and 1 bytes; the third is two UTF-16 code units.
    Lob::Streamed { said: times * 5, bytes: times * 10, letters: "é€😀x" }
}

async fn load_from(
    ledger: &LoadLedger,
    client: &mut Client,
    plan: &TablePlan,
    reader: &mut Reader,
    bad: BadRows,
) -> Result<ChunkDone> {
    let mut load = ledger.claim(client, "worker").await?.unwrap().load(plan, bad).await?;
    let mut batch = RowBatch::default();
    while reader.read_batch(&mut batch).unwrap() {
        load.write_from(&batch, reader).await?;
    }
    load.commit().await
}

#[tokio::test]
async fn lobs_arrive_whole_however_they_are_cut() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["a", "b", "c"]).await;
    let small = |s: &str| Lob::Value(Value::Bytes(s.as_bytes().to_vec()));
    for (n, piece) in [3, 70_000, 1 << 20].into_iter().enumerate() {
        let first = i64::try_from(n).unwrap() * 100;
        let rows = vec![
            (first, vec![small("inline"), Lob::Value(source::text("inline"))], source::text("plain")),
            (first + 1, vec![blob(300_001), clob(20_000)], source::text("both")),
            (first + 2, vec![Lob::Value(Value::Null), clob(1)], Value::Null),
            (first + 3, vec![small(""), Lob::Value(Value::Null)], source::text("plain")),
            (first + 4, vec![blob(0), clob(0)], source::text("empty")),
        ];
        let bad = if n == 0 { BadRows::Quarantine } else { BadRows::Abort };
        let done = load_from(&ledger, &mut client, &plan, &mut Reader::new(&plan, rows, piece), bad).await.unwrap();
        assert_eq!((done.rows, done.rejected.len()), (5, 0));
    }
    let whole = "WITH expected AS (SELECT substr(convert_to(repeat('0123456789abcdef!', 20000), 'UTF8'), 1, 300001) AS image) \
                 SELECT count(*) FROM documents d, expected e WHERE d.image = e.image AND d.body = repeat('é€😀x', 20000) AND name = 'both'";
    assert_eq!(text(&client, whole).await, "3");
    let rest = "SELECT id, image, body, name FROM documents WHERE id IN (0, 2, 3, 4) ORDER BY id";
    assert_eq!(
        text(&client, rest).await,
        "0|\\x696e6c696e65|inline|plain\n2|NULL|é€😀x|NULL\n3|\\x|NULL|plain\n4|\\x||empty"
    );
    assert_eq!(text(&client, "SELECT body IS NULL, body = '' FROM documents WHERE id = 4").await, "f|t");
    assert_eq!(text(&client, "SELECT sum(rows), sum(rejected) FROM oracle_migration.load_chunk").await, "15|0");
}

#[tokio::test]
async fn a_lob_that_is_not_as_long_as_was_said_breaks_the_chunk() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let none = || Lob::Value(Value::Null);
    let of = |said, bytes| Lob::Streamed { said, bytes, letters: "0" };
    for (image, body, column) in [
        (of(100_000, 99_999), none(), "image"),
        (of(100_000, 100_001), none(), "image"),
        (of(10, 0), none(), "image"),
        (none(), of(10, 9), "body"),
        (none(), of(0, 9), "body"),
        // As many bytes as characters were said.
        (none(), Lob::Streamed { said: 10, bytes: 10, letters: "é" }, "body"),
    ] {
        for bad in [BadRows::Abort, BadRows::Quarantine] {
            let rows = vec![
                (1, vec![none(), none()], source::text("a")),
                (2, vec![image.clone(), body.clone()], source::text("b")),
            ];
            let mut reader = Reader::new(&plan, rows, 1000);
            let error = load_from(&ledger, &mut client, &plan, &mut reader, bad).await.unwrap_err();
            assert_eq!((error.kind(), error.column()), (ErrorKind::Source, Some(column)), "{error}");
            assert_eq!((error.table(), error.row_id()), (Some("public.documents"), Some(row_id(1).as_str())));
        }
    }
    let rows = vec![(1, vec![blob(100_000), none()], source::text("a"))];
    let mut reader = Reader { fails: true, ..Reader::new(&plan, rows, 1000) };
    let error = load_from(&ledger, &mut client, &plan, &mut reader, BadRows::Quarantine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source);
    assert!(error.to_string().contains("the network is gone") && error.to_string().contains("image"), "{error}");
    // A field holds no more.
    let rows = vec![(1, vec![blob(1 << 30), none()], source::text("a"))];
    let mut reader = Reader::new(&plan, rows, 1000);
    let error = load_from(&ledger, &mut client, &plan, &mut reader, BadRows::Abort).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Value, Some("image")), "{error}");

    assert_eq!(text(&client, "SELECT count(*) FROM documents").await, "0");
    assert_eq!(text(&client, "SELECT state FROM oracle_migration.load_chunk").await, "claimed");
    // Without the reader such a row is refused.
    let rows = vec![(1, vec![blob(10), none()], source::text("a"))];
    let (mut reader, mut batch) = (Reader::new(&plan, rows, 1000), RowBatch::default());
    reader.read_batch(&mut batch).unwrap();
    let claim = ledger.claim(&mut client, "worker").await.unwrap().unwrap();
    // It is not the row's fault.
    let error = claim.load(&plan, BadRows::Quarantine).await.unwrap().write(&batch).await.unwrap_err();
    assert!(error.to_string().contains("piece by piece"), "{error}");
}

/// Whoever says that there is more and gives nothing would be asked for ever.
#[tokio::test]
async fn a_reader_that_gives_nothing_and_promises_more_is_an_error() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let none = || Lob::Value(Value::Null);
    for (lobs, column) in [(vec![blob(10), none()], "image"), (vec![none(), clob(2)], "body")] {
        let mut reader = Reader { stalls: true, ..Reader::new(&plan, vec![(1, lobs, Value::Null)], 5) };
        let load = load_from(&ledger, &mut client, &plan, &mut reader, BadRows::Quarantine);
        let error = load.await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Source, Some(column)), "{error}");
    }
}

#[tokio::test]
async fn rows_with_lobs_are_set_aside_before_or_after_they_are_sent() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("ALTER TABLE documents ADD CHECK (name <> 'Eve')").await.unwrap();
    let row = |id, name: &str| (id, vec![blob(200_000), clob(10)], source::text(name));
    let mut bad_text = row(6, "f");
    bad_text.1[1] = Lob::Streamed { said: 4, bytes: 4, letters: "a\0b\0" };
    let rows = vec![row(1, "a"), row(2, "longer than ten"), row(3, "Eve"), row(4, "d"), row(1, "twin"), bad_text];
    let mut reader = Reader::new(&plan, rows, 10_000);
    let done = load_from(&ledger, &mut client, &plan, &mut reader, BadRows::Quarantine).await.unwrap();
    assert_eq!((done.rows, done.rejected.len()), (2, 4));
    assert_eq!(
        text(&client, "SELECT id, name, length(image) FROM documents ORDER BY id").await,
        "1|a|200000\n4|d|200000"
    );
    let rejects = "SELECT row_id, column_name, source_row->>'ID' FROM oracle_migration.reject ORDER BY reject_id";
    let [b, c, e, f] = [1, 2, 4, 5].map(row_id);
    assert_eq!(text(&client, rejects).await, format!("{b}|name|2\n{c}|NULL|3\n{e}|NULL|1\n{f}|body|6"));
}

/// Each row is a COPY of its own, and all of them are frozen; a value that does not fit is known before anything of its row is sent.
#[tokio::test]
async fn rows_with_lobs_are_loaded_frozen() {
    let database = Database::new().await;
    let (plan, mut client) = (documents(), database.client().await);
    client.batch_execute("CREATE EXTENSION pageinspect").await.unwrap();
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let row = |id, name: &str| (id, vec![blob(200_000), clob(10)], source::text(name));
    let plain = |id| (id, vec![Lob::Value(Value::Null), Lob::Value(Value::Null)], source::text("plain"));
    let rows = vec![plain(1), row(2, "a"), row(3, "longer than ten"), row(4, "b"), plain(5)];
    let mut reader = Reader::new(&plan, rows, 10_000);
    let mut claim = ledger.claim(&mut client, "w").await.unwrap().unwrap();
    assert!(claim.freeze().await.unwrap());
    let mut load = claim.load(&plan, BadRows::Quarantine).await.unwrap();
    let mut batch = RowBatch::default();
    while reader.read_batch(&mut batch).unwrap() {
        let written = load.write_from(&batch, &mut reader).await.unwrap();
        assert_eq!((written.rows, written.rejected), (4, 1));
    }
    let done = load.commit().await.unwrap();
    assert_eq!((done.rows, done.rejected[0].row_id.as_deref()), (4, Some(row_id(2).as_str())));
    let frozen = "SELECT count(*), count(*) FILTER (WHERE t_infomask & 768 = 768) FROM heap_page_items(get_raw_page('documents', 0))";
    assert_eq!(text(&client, frozen).await, "4|4");
    assert_eq!(
        text(&client, "SELECT string_agg(id::text, ' ' ORDER BY id), sum(length(image)) FROM documents").await,
        "1 2 4 5|400000"
    );
}

/// The server answers such a row with "invalid memory alloc request size", and that is about no row.
#[tokio::test]
async fn a_row_too_large_to_be_put_together_is_set_aside_before_it_is_sent() {
    let database = Database::new().await;
    let columns = vec![
        column("id", number_type(6, 0), PgType::Int4),
        column("front", OracleType::Blob, PgType::Bytea),
        column("back", OracleType::Blob, PgType::Bytea),
        column("name", source::varchar2(10), PgType::Varchar { length: Some(10) }),
    ];
    let (plan, mut client) = (plan("scans", columns, &[0]), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let none = || Lob::Value(Value::Null);
    // 48 bytes are the row's own, and 4 each field's.
    let most = (1 << 30) - 1 - 48 - 4;
    let rows = vec![
        (1, vec![blob(most + 1), none()], Value::Null),
        (2, vec![blob(most / 2), blob(most / 2 + 1)], Value::Null),
        (3, vec![blob(10), blob(10)], Value::Null),
    ];
    let mut reader = Reader::new(&plan, rows, 1 << 20);
    let done = load_from(&ledger, &mut client, &plan, &mut reader, BadRows::Quarantine).await.unwrap();
    assert_eq!((done.rows, done.rejected.len()), (1, 2));
    let columns: Vec<_> = done.rejected.iter().map(|r| r.column.as_deref()).collect();
    assert_eq!(columns, [Some("front"), Some("back")]);
    assert!(done.rejected.iter().all(|r| r.reason.contains("1 GiB")), "{:?}", done.rejected);
}

#[tokio::test]
async fn what_a_writer_has_lost_is_told_before_it_is_finished() {
    let database = Database::new().await;
    let (mut plan, client) = (people(), database.client().await);
    plan.columns[1].loss.too_long = LossAction::Convert;
    client.batch_execute(&source::create_table(&plan)).await.unwrap();
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    let mut rows: Vec<_> = (0..3).map(|n| person(n, "Ada")).collect();
    rows[1][1] = source::text("more than ten");
    writer.write(&source::batch(&rows), 0).await.unwrap();
    let counts: Vec<_> = writer.losses().map(|(column, counts)| (column, counts.get(Loss::TooLong))).collect();
    assert_eq!(counts, [("name", 1)]);
    assert_eq!(writer.finish().await.unwrap(), 3);
}

#[tokio::test]
async fn losses_are_counted_once_and_only_of_rows_that_are_loaded() {
    let database = Database::new().await;
    let (mut plan, mut client) = (people(), database.client().await);
    plan.columns[1].loss.too_long = LossAction::Convert;
    plan.columns[2].loss.decimal_digits = LossAction::Convert;
    plan.columns[2].loss.out_of_range = LossAction::Quarantine;
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute("ALTER TABLE people ADD CHECK (id <> 5)").await.unwrap();
    let mut rows: Vec<_> = (0..10).map(|n| person(n, "Ada")).collect();
    rows[1][1] = source::text("more than ten");
    rows[2][1] = source::text("more than ten");
    rows[2][2] = number("1.005");
    // Refused by the server, after it was cut; the others are sent again.
    rows[5][1] = source::text("more than ten");
    // Set aside by the column's policy.
    rows[7][1] = source::text("more than ten");
    rows[7][2] = number("1234567.5");
    let done = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap().unwrap();
    assert_eq!((done.rows, done.rejected.len()), (8, 2));
    let counts: Vec<(&str, Vec<(Loss, u64)>)> =
        done.losses.iter().map(|(column, counts)| (column.as_str(), counts.iter().collect())).collect();
    assert_eq!(counts, [("name", vec![(Loss::TooLong, 2)]), ("salary", vec![(Loss::DecimalDigits, 1)])]);
    let recorded = "SELECT chunk, column_name, loss, count FROM oracle_migration.loss ORDER BY column_name";
    assert_eq!(text(&client, recorded).await, "0|name|too_long|2\n0|salary|decimal_digits|1");
    assert_eq!(text(&client, "SELECT name, salary FROM people WHERE id = 2").await, "more than |1.01");
    let control = pg_sink::Control::default();
    assert_eq!(control.status(&client).await.unwrap().tables[0].losses, 3);
}

/// A column's policy sets a row aside where all other errors stop the chunk.
#[tokio::test]
async fn a_policy_sets_rows_aside_whatever_the_rule_for_others_is() {
    let database = Database::new().await;
    let (mut plan, mut client) = (people(), database.client().await);
    plan.columns[1].loss.too_long = LossAction::Quarantine;
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    let mut rows: Vec<_> = (0..10).map(|n| person(n, "Ada")).collect();
    rows[3][1] = source::text("more than ten");
    let done = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Abort).await.unwrap().unwrap();
    assert_eq!((done.rows, done.rejected.len()), (9, 1));
    assert_eq!(done.rejected[0].row_id.as_deref(), Some(row_id(3).as_str()));
    assert!(done.losses.is_empty());
}

/// The process that [`memory_does_not_grow_with_lobs`] measures: `blob MiB` or `clob MiB`.
#[tokio::test]
#[ignore = "run by another test"]
async fn worker() {
    let (kind, name) = (env::var(KIND).unwrap(), env::var(DATABASE).unwrap());
    let (kind, mib) = kind.split_once(' ').unwrap();
    let bytes = mib.parse::<u64>().unwrap() << 20;
    let mut config: Config = database::server();
    let mut client = database::connect(config.dbname(&name)).await;
    let plan = documents();
    // What every load takes, whatever it loads.
    let ledger = LoadLedger::new(pg_sink::Control::default());
    let warm = vec![(0, vec![blob(1 << 20), clob(1 << 10)], Value::Null)];
    load_from(&ledger, &mut client, &plan, &mut Reader::new(&plan, warm, 1 << 20), BadRows::Abort).await.unwrap();
    let before = resident("VmRSS:");
    let lobs = match kind {
        "blob" => vec![blob(bytes), Lob::Value(Value::Null)],
        _ => vec![Lob::Value(Value::Null), clob(bytes / 10)],
    };
    let rows = vec![(1, lobs, Value::Null)];
    load_from(&ledger, &mut client, &plan, &mut Reader::new(&plan, rows, 1 << 20), BadRows::Abort).await.unwrap();
    println!("grew by {} KiB", resident("VmHWM:") - before);
}

fn resident(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// `PG_SINK_TEST_LOB_MIB=900` for the real thing; PostgreSQL itself takes several times as much.
#[tokio::test]
async fn memory_does_not_grow_with_lobs() {
    if !cfg!(target_os = "linux") {
        eprintln!("NOT RUN: needs /proc");
        return;
    }
    let mib: u64 = env::var("PG_SINK_TEST_LOB_MIB").ok().and_then(|n| n.parse().ok()).unwrap_or(96);
    for (kind, most) in [("blob", 64), ("clob", mib + 64)] {
        let database = Database::new().await;
        let (plan, mut client) = (documents(), database.client().await);
        ledger(&mut client, &plan, &["warm", "large"]).await;
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "lobs::worker", "--ignored", "--nocapture", "--test-threads=1"])
            .env(KIND, format!("{kind} {mib}"))
            .env(DATABASE, database.name())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let (_, grew) = said.split_once("grew by ").unwrap();
        let grew: u64 = grew.split_once(" KiB").unwrap().0.parse().unwrap();
        println!("a {kind} of {mib} MiB: memory grew by {:.1} MiB", grew as f64 / 1024.0);
        assert!(grew <= most << 10, "{kind}: {said}");
        let loaded = "SELECT coalesce(length(image), octet_length(body)) FROM documents WHERE id = 1";
        let expected = if kind == "blob" { mib << 20 } else { (mib << 20) / 10 * 10 };
        assert_eq!(text(&client, loaded).await, expected.to_string());
    }
}
