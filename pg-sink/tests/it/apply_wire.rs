//! What goes over the wire: each Sync is an answer that the server must send by itself.

use crate::apply::{delete, insert, n, null, person, position, t, transaction, update};
use crate::database::{Database, text};
use crate::source::{create_table, notes, people};
use cdc_logminer::{Change, ChangeSink, ColumnImage, Transaction};
use pg_sink::{Applier, ApplyOptions, Control};
use schema_map::TablePlan;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, NoTls};

use ColumnImage::NotLogged;

/// Messages that were sent.
#[derive(Default)]
struct Sent {
    syncs: AtomicU64,
    copies: AtomicU64,
}

/// A socket that counts what goes through it.
struct Counting {
    socket: TcpStream,
    sent: Arc<Sent>,
    /// The kind and length of the message that is passing, as far as they have.
    head: Vec<u8>,
    /// What is left of it.
    rest: usize,
    is_started: bool,
}

impl Counting {
    fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            (self.rest, bytes) = (self.rest - skipped, &bytes[skipped..]);
            let Some((&byte, after)) = bytes.split_first().filter(|_| self.rest == 0) else { continue };
            // The first message has no kind.
            if self.head.is_empty() && !self.is_started {
                self.head.push(0);
            }
            self.head.push(byte);
            bytes = after;
            if let [kind, length @ ..] = self.head.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                self.sent.syncs.fetch_add(u64::from(*kind == b'S'), Ordering::Relaxed);
                self.sent.copies.fetch_add(u64::from(*kind == b'c'), Ordering::Relaxed);
                self.rest = usize::try_from(u32::from_be_bytes(length)).unwrap() - 4;
                self.head.clear();
                self.is_started = true;
            }
        }
    }
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.socket).poll_write(cx, buf))?;
        self.pass(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

async fn counted(database: &Database) -> (Client, Arc<Sent>) {
    let config = database.config();
    let [Host::Tcp(host)] = config.get_hosts() else { panic!("DATABASE_URL names one host") };
    let socket = TcpStream::connect((host.as_str(), config.get_ports()[0])).await.unwrap();
    let sent = Arc::new(Sent::default());
    let counting = Counting { socket, sent: Arc::clone(&sent), head: Vec::new(), rest: 0, is_started: false };
    let (client, connection) = config.connect_raw(counting, NoTls).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    (client, sent)
}

async fn applier(database: &Database, plan: &TablePlan) -> (Applier, Arc<Sent>) {
    let (client, sent) = counted(database).await;
    let control = Control::default();
    control.install(&client).await.unwrap();
    control.begin(&client, 1, 1).await.unwrap();
    client.batch_execute(&create_table(plan)).await.unwrap();
    let plans = std::slice::from_ref(plan);
    let mut applier = Applier::with_options(client, control, plans, ApplyOptions::default()).await.unwrap();
    applier.start(&position(1)).await.unwrap();
    (applier, sent)
}

/// Applies transactions of one change each, and tells how many Syncs that took.
async fn syncs(applier: &mut Applier, sent: &Sent, first: u64, changes: Vec<Change>) -> u64 {
    let transactions: Vec<Transaction> = (first..).zip(changes).map(|(scn, c)| transaction(scn, vec![c])).collect();
    let end = position(first + transactions.len() as u64);
    let before = sent.syncs.load(Ordering::Relaxed);
    applier.apply(&transactions, &end).await.unwrap();
    sent.syncs.load(Ordering::Relaxed) - before
}

#[tokio::test]
async fn rows_without_a_key_are_inserted_together() {
    let database = Database::new().await;
    let plan = notes();
    let (mut applier, count) = applier(&database, &plan).await;
    let note = |i: usize| vec![t(&format!("note {i}")), n(i), null()];
    let inserts = (0..1000).map(|i| insert(&plan, note(i))).collect();
    let taken = syncs(&mut applier, &count, 2, inserts).await;
    assert!(taken < 20, "{taken} Syncs for 1000 inserts");
    // What comes after them finds them, and what comes after that is not before it.
    let mut changes: Vec<_> = (1000..1010).map(|i| insert(&plan, note(i))).collect();
    changes.push(update(&plan, 1, note(1005), vec![NotLogged, NotLogged, t("here")]));
    changes.push(delete(&plan, note(1006)));
    changes.extend((0..10).map(|_| insert(&plan, note(1006))));
    let taken = syncs(&mut applier, &count, 2000, changes).await;
    assert!(taken < 20, "{taken} Syncs");
    let found =
        "SELECT count(*), count(*) FILTER (WHERE size = 1006), count(*) FILTER (WHERE place = 'here') FROM notes";
    assert_eq!(text(applier.client(), found).await, "1019|10|1");
    let status = applier.control().status(applier.client()).await.unwrap();
    assert_eq!((status.tables[0].inserts, status.tables[0].updates, status.tables[0].deletes), (1020, 1, 1));
}

/// A program that sets all columns leaves the unique ones as they are: nothing passes from row to row.
#[tokio::test]
async fn unique_values_that_stay_keep_nothing_in_order() {
    let database = Database::new().await;
    let plan = people();
    let (mut applier, count) = applier(&database, &plan).await;
    applier.client().batch_execute("ALTER TABLE people ADD UNIQUE (name)").await.unwrap();
    let name = |i: i64| format!("p{i}");
    let inserts = (0..500).map(|i| insert(&plan, person(i, &name(i)))).collect();
    let taken = syncs(&mut applier, &count, 2, inserts).await;
    assert!(taken < 20, "{taken} Syncs for 500 inserts");
    let all = |i: i64, salary: i64| {
        let before = vec![n(i), t(&name(i)), n("1000.5"), NotLogged];
        update(&plan, usize::try_from(i).unwrap(), before, vec![NotLogged, t(&name(i)), n(salary), NotLogged])
    };
    let taken = syncs(&mut applier, &count, 2000, (0..500).map(|i| all(i, i)).collect()).await;
    assert!(taken < 20, "{taken} Syncs for 500 updates");
    let sum = "SELECT sum(salary), count(DISTINCT name) FROM people";
    assert_eq!(text(applier.client(), sum).await, "124750.00|500");
    // One that does change goes by itself, behind what was before it and before what comes after.
    let rename = |i: i64, from: &str, to: &str| {
        let before = vec![n(i), t(from), NotLogged, NotLogged];
        update(&plan, usize::try_from(i).unwrap(), before, vec![NotLogged, t(to), NotLogged, NotLogged])
    };
    let changes =
        vec![all(1, 7), rename(1, "p1", "free"), rename(2, "p2", "p1"), all(3, 7), insert(&plan, person(900, "p2"))];
    syncs(&mut applier, &count, 4000, changes).await;
    let found = "SELECT string_agg(id || name, ' ' ORDER BY id) FROM people WHERE id IN (1, 2, 3, 900)";
    assert_eq!(text(applier.client(), found).await, "1free 2p1 3p3 900p2");
}

/// Many rows are copied into the table, and what does not fit among them is found as always.
#[tokio::test]
async fn many_rows_are_copied() {
    let database = Database::new().await;
    let plan = people();
    let (mut applier, sent) = applier(&database, &plan).await;
    let some = |from: i64, to: i64| -> Vec<Change> { (from..to).map(|i| insert(&plan, person(i, "Ada"))).collect() };
    let copies = || sent.copies.load(Ordering::Relaxed);
    syncs(&mut applier, &sent, 2, some(0, 1999)).await;
    assert_eq!(copies(), 0, "fewer are not");
    // With them go an update, a delete, and a row that comes and changes.
    // A batch begins with fewer, and then sends more at once.
    let mut changes = some(2000, 6000);
    let id = |i: i64| vec![n(i), NotLogged, NotLogged, NotLogged];
    changes.push(update(&plan, 1, id(1), vec![NotLogged, t("Eve"), NotLogged, NotLogged]));
    changes.push(delete(&plan, id(2)));
    changes.push(update(&plan, 1, id(3000), vec![NotLogged, null(), NotLogged, NotLogged]));
    let taken = syncs(&mut applier, &sent, 3000, changes).await;
    assert_eq!(copies(), 1);
    assert!(taken < 20, "{taken} Syncs");
    let found = "SELECT count(*), count(*) FILTER (WHERE name = 'Eve'), count(*) FILTER (WHERE name IS NULL), sum(salary) FROM people";
    assert_eq!(text(applier.client(), found).await, "5998|1|1|6000999.00");
    // A row is there already.
    let mut changes = some(7000, 11_000);
    changes.push(insert(&plan, person(1, "Bob")));
    let transactions: Vec<Transaction> = (10_000..).zip(changes).map(|(scn, c)| transaction(scn, vec![c])).collect();
    let error = applier.apply(&transactions, &position(20_000)).await.unwrap_err();
    assert!(error.to_string().contains("insert of \"id\" = 1"), "{error}");
    assert_eq!(text(applier.client(), "SELECT count(*) FROM people").await, "5998");
}

/// What COPY does not do, or not before the rest of its batch, is done as ever.
#[tokio::test]
async fn what_cannot_be_copied_is_inserted() {
    let rule = "CREATE RULE twice AS ON INSERT TO people DO ALSO NOTIFY twice";
    for alter in ["ALTER TABLE people ENABLE ROW LEVEL SECURITY", "ALTER TABLE people ADD UNIQUE (name)", rule] {
        let database = Database::new().await;
        let plan = people();
        let (mut applier, sent) = applier(&database, &plan).await;
        applier.client().batch_execute(alter).await.unwrap();
        let many = (0..4000).map(|i| insert(&plan, person(i, &format!("p{i}")))).collect();
        syncs(&mut applier, &sent, 2, many).await;
        assert_eq!(sent.copies.load(Ordering::Relaxed), 0, "{alter}");
        assert_eq!(text(applier.client(), "SELECT count(*) FROM people").await, "4000");
    }
}
