//! Scenarios for a real Oracle, and a record of what was found.
//!
//! `ORACLE_TEST_DSN` (connect string), `ORACLE_TEST_USER` and `ORACLE_TEST_PASSWORD` of somebody who may create users and grant (SYSTEM, or SYS with
//! `ORACLE_TEST_PRIVILEGE=SYSDBA`); where the loader does not find the client library, `ORACLE_TEST_CLIENT_DIR`; `ORACLE_TEST_DRIVER` (`thin`); for the record, `ORACLE_TEST_RECORD`
//! (`oracle-live-record.md` in the system's folder for temporary files unless set).
//!
//! It makes two users, `OSRC_LIVE_OWNER_…` with the tables and `OSRC_LIVE_MOVER_…` with the least rights, and drops them. Settings of the database
//! are not touched: where redo cannot be followed with them, the record says so.

mod record;

use crate::{
    fixture::Fixture,
    handoff::{number, replay, text},
    redo::table_set,
    rows::{columns, read},
};
use bytes::BytesMut;
use cdc_logminer::{ChangeStream, Next, OperationCode, RedoBatch, RedoRow, RedoSource, RedoStream, Xid};
use oracle_source::{
    AdminPrivilege, ChunkRange, ConnectOptions, Driver, ErrorKind, Handoff, LogMinerOptions, LogMinerSource,
    Prerequisite, PrerequisiteState, Secret, Session, TableRead, TableReader, current_scn, plan_chunks,
    prerequisites::{self, Site},
    read_catalog,
};
use record::Record;
use schema_map::{ObjectPath, OracleIdent};
use std::{
    collections::{BTreeMap, hash_map::RandomState},
    env, fs,
    hash::BuildHasher as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use type_convert::{BatchReader, RowBatch, Scn, ValueRef};

const CHILD: &str = "ORACLE_SOURCE_TEST_LIVE";

/// The client library can be loaded once in a process, and the other tests have the stand-in's: so in a process of its own.
#[test]
fn on_a_real_oracle() {
    if env::var_os("ORACLE_TEST_DSN").is_none() {
        eprintln!("NOT RUN: live::on_a_real_oracle needs ORACLE_TEST_DSN, ORACLE_TEST_USER and ORACLE_TEST_PASSWORD");
        return;
    }
    if env::var_os(CHILD).is_some() {
        return live();
    }
    let status = this_test().env(CHILD, "1").status().unwrap();
    assert!(status.success());
}

fn this_test() -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "live::on_a_real_oracle", "--nocapture"]);
    command
}

/// The same scenarios on the stand-in: they can be run, they clean up, and their record has an answer to everything. What they prove there is
/// nothing about Oracle.
#[test]
fn the_scenarios_run_on_the_stand_in() {
    let fixture = Fixture::new("");
    fixture.system().execute("ALTER DATABASE ADD SUPPLEMENTAL LOG DATA").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.md");
    let output = this_test()
        .env(CHILD, "1")
        .env("ORACLE_TEST_DSN", format!("standin:{}", fixture.file().display()))
        .env("ORACLE_TEST_USER", "system")
        .env("ORACLE_TEST_PASSWORD", fixture.system_password())
        .env("ORACLE_TEST_CLIENT_DIR", clntsh::library_dir().unwrap())
        .env("ORACLE_TEST_RECORD", &file)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    let record = fs::read_to_string(&file).unwrap();
    for check in record::checks() {
        assert!(record.contains(&format!("\n| {} | ", check.number)), "{}: {record}", check.number);
    }
    assert!(!record.contains("FAILED") && !record.contains("OTHERWISE") && !record.contains("NOT RUN"), "{record}");
    assert!(record.matches("as assumed").count() > 20, "{record}");
    assert!(!record.contains(fixture.system_password()), "no password in the record");
    let users = "SELECT COUNT(*) FROM dba_users WHERE username LIKE 'OSRC_LIVE%'";
    assert_eq!(fixture.system().query_text(users, &[]).unwrap(), [[Some("0".to_owned())]]);
}

/// Who takes part.
struct World {
    admin: Session,
    owner: ConnectOptions,
    mover: ConnectOptions,
    tables: Vec<ObjectPath>,
}

type Scenario = fn(&World, &mut Record);

const SCENARIOS: &[(&str, Scenario)] = &[
    ("rights and what mends them", rights),
    ("logging in", logins),
    ("limits of calls", call_timeout),
    ("values at their edges", values),
    ("SCNs and commits", scns),
    ("chunks and LOBs", chunks_and_lobs),
    ("load and redo make the whole", load_and_redo),
];

fn live() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let mut options = ConnectOptions::new(
        variable("ORACLE_TEST_USER"),
        Secret::from_env("ORACLE_TEST_PASSWORD"),
        variable("ORACLE_TEST_DSN"),
    );
    options.client_lib_dir = env::var_os("ORACLE_TEST_CLIENT_DIR").map(Into::into);
    options.driver = match env::var("ORACLE_TEST_DRIVER").as_deref() {
        Err(_) | Ok("oci") => Driver::Oci,
        #[cfg(feature = "thin")]
        Ok("thin") => Driver::Thin,
        Ok(other) => panic!("ORACLE_TEST_DRIVER is {other:?}: oci, or thin with the feature of that name"),
    };
    options.privilege = match env::var("ORACLE_TEST_PRIVILEGE").as_deref() {
        Ok("SYSDBA") => Some(AdminPrivilege::Sysdba),
        Ok(other) => panic!("ORACLE_TEST_PRIVILEGE is {other:?}: SYSDBA is what is known"),
        Err(_) => None,
    };
    let file =
        env::var_os("ORACLE_TEST_RECORD").map_or_else(|| env::temp_dir().join("oracle-live-record.md"), PathBuf::from);
    let mut record = Record::default();
    let world = World::new(&options, &mut record);
    for (name, scenario) in SCENARIOS {
        let started = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| scenario(&world, &mut record)));
        let result = result.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        });
        println!("{name}: {}", result.as_ref().map_or_else(|e| format!("FAILED: {e}"), |()| "passed".to_owned()));
        record.ran(name, started.elapsed(), result);
    }
    drop(world);
    fs::write(&file, record.to_markdown()).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    println!("the record is in {}", file.display());
    let failures = record.failures();
    assert!(failures.is_empty(), "{failures:#?}");
}

impl World {
    fn new(options: &ConnectOptions, record: &mut Record) -> Self {
        let admin = Session::connect(options).unwrap_or_else(|e| panic!("{e}: {e:?}"));
        record.fact("server", admin.server_version());
        record.fact("client library", admin.client_version().unwrap());
        record.fact("crate", env!("CARGO_PKG_VERSION"));
        record.fact("system", format!("{} {}", env::consts::OS, env::consts::ARCH));
        for (name, query) in [
            ("banner", "SELECT banner FROM v$version"),
            ("platform", "SELECT platform_name FROM v$database"),
            (
                "character sets",
                "SELECT value FROM nls_database_parameters WHERE parameter LIKE 'NLS%CHARACTERSET' ORDER BY parameter",
            ),
        ] {
            match admin.query_text(query, &[]) {
                Ok(rows) => record.fact(name, rows.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ")),
                Err(e) => record.fact(name, e),
            }
        }
        for number in [1, 114] {
            record.answer(number, true, "a session was opened and its settings checked");
        }
        // Names and passwords of nobody else.
        let random = RandomState::new();
        let tag = format!("{:08X}", random.hash_one("tag") >> 32);
        let password = |role: &str| format!("aA1_{:016x}", random.hash_one(role));
        let user = |role: &str| {
            let mut user = options.clone();
            user.privilege = None;
            user.user = format!("OSRC_LIVE_{role}_{tag}");
            user.password = password(role).into();
            user
        };
        let (owner, mover) = (user("OWNER"), user("MOVER"));
        let table = |name: &str| ObjectPath::new(ident(&owner.user), ident(name));
        let world = World { tables: vec![table("T"), table("L")], admin, owner: owner.clone(), mover: mover.clone() };
        for (user, role) in [(&owner, "OWNER"), (&mover, "MOVER")] {
            world.as_admin(&format!("CREATE USER {} IDENTIFIED BY \"{}\"", user.user, password(role)));
            world.as_admin(&format!("GRANT CREATE SESSION TO {}", user.user));
        }
        for privilege in ["CREATE TABLE", "CREATE VIEW", "UNLIMITED TABLESPACE"] {
            world.as_admin(&format!("GRANT {privilege} TO {}", owner.user));
        }
        let session = world.owner();
        for sql in [
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, v VARCHAR2(4000))",
            "CREATE TABLE l (id NUMBER(9) PRIMARY KEY, v VARCHAR2(100), d DATE, c CLOB)",
        ] {
            session.execute(sql).unwrap();
        }
        for id in 0..1000 {
            let c = ["NULL", "EMPTY_CLOB()", "'text'"][id % 3];
            let sql = format!("INSERT INTO l VALUES ({id}, '{}', DATE '2024-02-29', {c})", "x".repeat(100));
            session.execute(&sql).unwrap();
        }
        session.commit().unwrap();
        world
    }

    /// Runs what an administrator has to. The text has a password in it, perhaps: it is not printed.
    fn as_admin(&self, sql: &str) {
        let what = sql.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
        self.admin.execute(sql).unwrap_or_else(|e| panic!("{what}: {e}: {e:?}"));
    }

    fn owner(&self) -> Session {
        Session::connect(&self.owner).unwrap()
    }

    fn mover(&self) -> Session {
        Session::connect(&self.mover).unwrap()
    }

    fn check(&self) -> Vec<Prerequisite> {
        prerequisites::check(&self.mover(), &self.tables).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for user in [&self.owner.user, &self.mover.user] {
            // A session that was closed a moment ago may still be known.
            let dropped = (0..20).any(|_| {
                let done = self.admin.execute(&format!("DROP USER {user} CASCADE")).is_ok();
                if !done {
                    thread::sleep(Duration::from_millis(500));
                }
                done
            });
            if !dropped {
                eprintln!("the user {user} could not be dropped: DROP USER {user} CASCADE");
            }
        }
    }
}

fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

fn state_of(list: &[Prerequisite], id: &str) -> PrerequisiteState {
    list.iter().find(|p| p.id == id).unwrap_or_else(|| panic!("no {id}")).state
}

fn rights(world: &World, record: &mut Record) {
    let before = world.check();
    let (views, package) = (state_of(&before, "views"), state_of(&before, "dbms-logmnr"));
    record.answer(6, views == PrerequisiteState::NotMet, format!("with CREATE SESSION alone: views {views:?}"));
    record.answer(
        7,
        package == PrerequisiteState::NotMet,
        format!("with CREATE SESSION alone: DBMS_LOGMNR {package:?}"),
    );
    let mut site = Site::read(&world.mover()).unwrap();
    // Without rights the container is not seen; a user of a pluggable database is local.
    site.user = ident(&world.mover.user);
    for grant in site.grants(&world.tables, true) {
        world.as_admin(&grant);
    }
    for p in world.check().iter().filter(|p| p.id.starts_with("supplemental:")) {
        for sql in &p.mend {
            world.as_admin(sql);
        }
    }
    let after = world.check();
    let (views, package) = (state_of(&after, "views"), state_of(&after, "dbms-logmnr"));
    record.answer(6, views == PrerequisiteState::Met, format!("with the grants: views {views:?}"));
    record.answer(7, package == PrerequisiteState::Met, format!("with the grants: DBMS_LOGMNR {package:?}"));
    let logged = after.iter().filter(|p| p.id.starts_with("supplemental:")).all(|p| p.state == PrerequisiteState::Met);
    record.answer(8, logged, "after the ALTER TABLE that the check gave, the tables' keys are logged");
    record.section("Prerequisites", prerequisites::text(&after));
}

fn logins(world: &World, record: &mut Record) {
    let mut wrong = world.mover.clone();
    wrong.password = "aA1_certainly_wrong".into();
    let kind = |options: &ConnectOptions| Session::connect(options).map(|_| ()).map_err(|e| (e.kind(), e.ora_code()));
    let found = kind(&wrong);
    record.answer(115, found == Err((ErrorKind::WrongCredentials, Some(1017))), format!("wrong password: {found:?}"));
    world.as_admin(&format!("ALTER USER {} ACCOUNT LOCK", world.mover.user));
    let found = kind(&world.mover);
    world.as_admin(&format!("ALTER USER {} ACCOUNT UNLOCK", world.mover.user));
    record.answer(115, found == Err((ErrorKind::AccountLocked, Some(28000))), format!("locked account: {found:?}"));
    kind(&world.mover).unwrap();
}

fn call_timeout(world: &World, record: &mut Record) {
    let mut options = world.owner.clone();
    options.call_timeout = Some(Duration::from_secs(1));
    let session = Session::connect(&options).unwrap();
    let started = Instant::now();
    match session.execute("BEGIN SYS.DBMS_SESSION.SLEEP(10); END;") {
        // Before 18c, or on what is no Oracle.
        Err(e) if e.ora_code() == Some(6550) => {}
        other => {
            let kind = other.map(|_| ()).map_err(|e| e.kind());
            let in_time = started.elapsed() < Duration::from_secs(8);
            record.answer(
                3,
                kind == Err(ErrorKind::Timeout) && in_time,
                format!("{kind:?} after {:?}", started.elapsed()),
            );
        }
    }
}

/// A literal, and whether what arrives is it.
type Edge = (&'static str, &'static str, u32, fn(ValueRef<'_>) -> bool);

const EDGES: &[Edge] = &[
    (
        "d",
        "TO_DATE('-0044-03-15 01:02:03', 'SYYYY-MM-DD HH24:MI:SS')",
        29,
        |v| matches!(v, ValueRef::DateTime(d) if (d.year, d.month, d.day, d.second) == (-44, 3, 15, 3)),
    ),
    (
        "ltz",
        "TO_TIMESTAMP_TZ('2024-01-01 00:00:00 +05:00', 'YYYY-MM-DD HH24:MI:SS TZH:TZM')",
        30,
        |v| matches!(v, ValueRef::DateTimeTz(d, o) if (d.year, d.month, d.day, d.hour, o.minutes) == (2023, 12, 31, 19, 0)),
    ),
    ("bd", "TO_BINARY_DOUBLE('NaN')", 28, |v| matches!(v, ValueRef::Double(d) if d.is_nan())),
    ("bd", "TO_BINARY_DOUBLE('-INF')", 28, |v| matches!(v, ValueRef::Double(d) if d == f64::NEG_INFINITY)),
];

fn values(world: &World, record: &mut Record) {
    let session = world.owner();
    session
        .execute("CREATE TABLE e (id NUMBER(9) PRIMARY KEY, n NUMBER, d DATE, ltz TIMESTAMP WITH LOCAL TIME ZONE, bd BINARY_DOUBLE)")
        .unwrap();
    let table = ObjectPath::new(ident(&world.owner.user), ident("E"));
    let digits = "9".repeat(38);
    session.execute(&format!("INSERT INTO e (id, n) VALUES (0, -{digits})")).unwrap();
    for (n, (column, literal, ..)) in EDGES.iter().enumerate() {
        session.execute(&format!("INSERT INTO e (id, {column}) VALUES ({}, {literal})", n + 1)).unwrap();
    }
    session.commit().unwrap();
    let mut seen = BTreeMap::new();
    read(&session, &table, &ChunkRange::Whole, None, 1 << 16, |batch, row| {
        let id = usize::try_from(number(batch.get(row, 0))).unwrap();
        match id.checked_sub(1) {
            None => {
                let ValueRef::Decimal(text) = batch.get(row, 1) else { panic!("{:?}", batch.get(row, 1)) };
                assert_eq!(text.strip_prefix('-'), Some(digits.as_str()));
            }
            Some(edge) => {
                let column = ["d", "ltz", "bd"].iter().position(|c| *c == EDGES[edge].0).unwrap() + 2;
                let value = batch.get(row, column);
                seen.insert(edge, (EDGES[edge].3(value), format!("{} arrives as {value:?}", EDGES[edge].1)));
            }
        }
    });
    assert_eq!(seen.len(), EDGES.len());
    for (edge, (ok, said)) in seen {
        record.answer(EDGES[edge].2, ok, said);
    }
}

fn scns(world: &World, record: &mut Record) {
    let (writer, reader) = (world.owner(), world.mover());
    let count = |scn: Scn| oracle_source::count_rows(&reader, &world.tables[0], scn).unwrap();
    let begin = current_scn(&reader).unwrap();
    let before = count(begin);
    let mut taken = Vec::new();
    for n in 0..50_u64 {
        writer.execute(&format!("INSERT INTO t VALUES ({}, 'scn')", 900_000 + n)).unwrap();
        writer.commit().unwrap();
        taken.push((current_scn(&reader).unwrap(), before + n + 1));
    }
    let wrong: Vec<_> = taken.iter().filter(|(scn, rows)| count(*scn) != *rows).collect();
    record.answer(
        12,
        wrong.is_empty(),
        format!("50 commits, each followed by an SCN; {} of them seen otherwise", wrong.len()),
    );
    writer.execute("DELETE FROM t").unwrap();
    writer.commit().unwrap();
}

fn chunks_and_lobs(world: &World, record: &mut Record) {
    let session = world.mover();
    let table = &world.tables[1];
    let catalog = read_catalog(&session, std::slice::from_ref(&table.schema), &|path| path == table).unwrap();
    assert_eq!((catalog.tables.len(), columns(&session, table).len()), (1, 4));
    let scn = current_scn(&session).unwrap();
    let plan = plan_chunks(&session, &catalog.tables.iter().collect::<Vec<_>>(), 16 * 1024).unwrap();
    let (mut rows, mut empty, mut null) = (0, 0, 0);
    for chunk in &plan.chunks {
        read(&session, table, &chunk.range, Some(scn), 1 << 16, |batch, n| {
            rows += 1;
            match batch.get(n, 3) {
                ValueRef::Null => null += 1,
                ValueRef::Text(b"") => empty += 1,
                _ => {}
            }
        });
    }
    let chunks = plan.chunks.len();
    record.answer(23, rows == 1000 && chunks > 1, format!("{rows} of 1000 rows in {chunks} chunks"));
    record.answer(25, true, "ROWIDs at the borders of chunks were taken");
    record.answer(27, (null, empty) == (334, 333), format!("{null} of 334 NULL, {empty} of 333 empty"));
    let long = long_lobs(&session, table, scn);
    for number in [46, 48, 50] {
        record.answer(number, long == 333, format!("{long} of 333 LOBs by their locators, while their table was read"));
    }
}

/// How many CLOBs longer than two characters are read whole by their locators.
fn long_lobs(session: &Session, table: &ObjectPath, scn: Scn) -> usize {
    let columns = columns(session, table);
    let range = &ChunkRange::Whole;
    let read = TableRead {
        table,
        columns: &columns,
        range,
        as_of: Some(scn),
        row_ids: true,
        batch_bytes: 1 << 16,
        lob_limit: Some(2),
        condition: None,
        expressions: &[],
    };
    let mut reader = TableReader::open(session, &read).unwrap();
    let (mut batch, mut content, mut long) = (RowBatch::new(0), BytesMut::new(), 0);
    while reader.read_batch(&mut batch).unwrap() {
        for row in 0..batch.rows() {
            if let ValueRef::Streamed(lob) = batch.get(row, 3) {
                content.clear();
                while reader.read_lob(lob, &mut content).unwrap() {}
                long += usize::from((lob.length, &content[..]) == (4, b"text"));
            }
        }
    }
    long
}

/// Rows of a table of an id and a text.
fn whole(session: &Session, table: &ObjectPath, scn: Option<Scn>) -> BTreeMap<i64, String> {
    let mut rows = BTreeMap::new();
    read(session, table, &ChunkRange::Whole, scn, 1 << 16, |batch, n| {
        rows.insert(number(batch.get(n, 0)), text(batch.get(n, 1)));
    });
    rows
}

/// All redo of T, in windows as the options have them.
fn redo(world: &World, after: Scn, upto: Scn, options: LogMinerOptions) -> Vec<RedoRow> {
    let mut source = LogMinerSource::new(world.mover(), &world.tables, options).unwrap();
    let (mut all, mut batch, mut after) = (Vec::new(), RedoBatch::default(), after);
    let deadline = Instant::now() + Duration::from_secs(120);
    while after < upto {
        let read_to = source.read_redo(after, &mut batch).unwrap();
        assert!(batch.gaps.is_empty(), "{:?}", batch.gaps);
        all.append(&mut batch.rows);
        if read_to == after {
            assert!(Instant::now() < deadline, "the redo does not come to SCN {upto}");
            thread::sleep(Duration::from_millis(300));
        }
        after = read_to;
    }
    // How far the last window went is not the same twice.
    all.retain(|row| row.scn <= upto);
    all
}

fn load_and_redo(world: &World, record: &mut Record) {
    if let Err(e) = LogMinerSource::new(world.mover(), &world.tables, LogMinerOptions::default()) {
        record.section("Redo", format!("NOT RUN: {e}"));
        return;
    }
    let table = &world.tables[0];
    let (a, b, mover) = (world.owner(), world.owner(), world.mover());
    a.execute("INSERT INTO t VALUES (1, 'loaded')").unwrap();
    a.commit().unwrap();
    b.execute("INSERT INTO t VALUES (2, 'across')").unwrap();
    let handoff = Handoff::take(&mover).unwrap();
    let across = handoff.open_transactions.iter().max_by_key(|t| t.start_scn).copied();
    record.answer(
        13,
        across.is_some(),
        format!("{} open transactions at the hand-off", handoff.open_transactions.len()),
    );
    let mut rows = whole(&mover, table, Some(handoff.scn));
    assert_eq!(rows.len(), 1, "{rows:?}");

    a.execute("UPDATE t SET v = 'changed' WHERE id = 1").unwrap();
    a.execute("SAVEPOINT here").unwrap();
    a.execute("DELETE FROM t WHERE id = 1").unwrap();
    a.execute("INSERT INTO t VALUES (3, 'never')").unwrap();
    a.execute("ROLLBACK TO SAVEPOINT here").unwrap();
    let apostrophes = "'".repeat(4000);
    a.execute_with("INSERT INTO t VALUES (4, :v)", &[Some(&apostrophes)]).unwrap();
    a.execute_with("INSERT INTO t VALUES (5, :v)", &[Some(&"€".repeat(1333))]).unwrap();
    a.commit().unwrap();
    a.execute("UPDATE l SET d = TO_DATE('-0044-03-15', 'SYYYY-MM-DD') WHERE id = 7").unwrap();
    a.commit().unwrap();
    a.execute("UPDATE t SET id = id + 100").unwrap();
    a.rollback().unwrap();
    b.execute("UPDATE t SET id = 20 WHERE id = 2").unwrap();
    b.commit().unwrap();
    let goal = current_scn(&mover).unwrap();

    // What the stream makes of it.
    let tables = std::slice::from_ref(table);
    let source = LogMinerSource::new(world.mover(), tables, LogMinerOptions::default()).unwrap();
    let mut stream = RedoStream::new(source, table_set(&mover, tables), handoff.position()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, _) => replay(&mut rows, &[*transaction]),
            Next::Progress(position) | Next::Idle(position) if position.commit_scn >= goal => break,
            Next::Progress(_) => {}
            Next::Idle(_) => {
                assert!(Instant::now() < deadline, "the redo does not come to SCN {goal}");
                thread::sleep(Duration::from_millis(300));
            }
        }
    }
    let expected = whole(&world.owner(), table, None);
    assert_eq!(rows, expected, "load and redo do not make the table");
    record.answer(10, true, "another user's changes were mined with the least rights, and make the table whole");
    record.answer(43, true, "changes up to a savepoint, and of a whole transaction, were undone by their undo rows");
    record.answer(45, expected.contains_key(&4), "4000 apostrophes and 1333 characters of three bytes came whole");

    // The same redo as rows, in windows of any size.
    let after = handoff.low_watermark;
    let all = redo(world, after, goal, LogMinerOptions::default());
    let narrow = LogMinerOptions { max_scn_span: 7, max_rows: 3, ..LogMinerOptions::default() };
    let cut = redo(world, after, goal, narrow);
    for number in [34, 35, 37] {
        record.answer(number, all == cut, format!("{} rows in wide windows, {} in narrow ones", all.len(), cut.len()));
    }
    let changes = || all.iter().filter(|row| row.table_name.is_some());
    let placed =
        changes().all(|row| row.row_id.as_deref().is_some_and(|id| id.len() == 18 && id != "AAAAAAAAAAAAAAAAAA"));
    record.answer(38, placed, "every change of the tables has its ROW_ID");
    let bc = changes().any(|row| row.sql_redo.as_deref().is_some_and(|sql| sql.contains("'-0044-03-15 ")));
    record.answer(2, bc, "a date before Christ in SQL_REDO");
    if let Some(across) = across {
        let xid = Xid { usn: across.usn, slot: across.slot, sequence: across.sequence };
        let own: Vec<_> = all.iter().filter(|row| row.xid == xid).collect();
        record.answer(
            40,
            !own.is_empty(),
            format!("{} rows of the transaction that was open at the hand-off", own.len()),
        );
        let start = own.iter().find(|row| row.operation == OperationCode::START).map(|row| row.scn);
        let seen = format!("START_SCN {}, the START row's SCN {start:?}", across.start_scn);
        record.answer(14, start.is_some_and(|scn| scn >= across.start_scn), seen);
    }
}
