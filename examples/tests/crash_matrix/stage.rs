//! The source and the targets that every run begins with, and what every run must end with.

use crate::{
    proxy::{Cut, Proxy},
    server::Server,
};
use oracle_source::{ConnectOptions, Session};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

const ORACLE_PASSWORD: &str = "hr-secret";
/// Tables with a key and what refers to it, with a second unique key, without a key.
const TABLES: &str = "
CREATE TABLE account (id NUMBER(9) CONSTRAINT account_pk PRIMARY KEY, balance NUMBER(12,2), note VARCHAR2(60), seat NUMBER(9) CONSTRAINT seat_u UNIQUE);
CREATE TABLE transfer (id NUMBER(9) CONSTRAINT transfer_pk PRIMARY KEY, payer NUMBER(9) CONSTRAINT payer_fk REFERENCES account,
    payee NUMBER(9) CONSTRAINT payee_fk REFERENCES account, amount NUMBER(12,2));
CREATE TABLE loose (a NUMBER, b VARCHAR2(20));
ALTER TABLE loose ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;
CREATE SEQUENCE transfer_seq START WITH 1000;
";
/// What is in every table: all its columns as text, in both languages.
const ROWS: [(&str, &str); 3] = [
    ("account", "id || '|' || balance || '|' || note || '|' || seat"),
    ("transfer", "id || '|' || payer || '|' || payee || '|' || amount"),
    ("loose", "a || '|' || b"),
];

/// From where a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Begin {
    /// Nothing in the target but empty schemas: `migrate run` is killed, then a cutover ends it.
    Empty,
    /// Loaded, with changes of the source waiting: `migrate cutover` is killed.
    Loaded,
}

/// What is prepared once.
pub(crate) struct Stage {
    dir: TempDir,
    model: BTreeMap<&'static str, Vec<String>>,
    runtime: Runtime,
}

fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own file");
    let path = test.parent().and_then(Path::parent).expect("target/debug").join(name);
    assert!(path.exists(), "{} is missing: cargo build -p oracle-standin", path.display());
    path
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

fn source_sql(file: &Path, user: &str, sql: &str) {
    let script = tempfile::Builder::new().suffix(".sql").tempfile().expect("a file");
    fs::write(script.path(), sql).expect("a script");
    succeed(Command::new(program("oracle-standin")).arg("script").arg(file).arg(user).arg(script.path()));
}

/// The transactions that are followed: of every kind, some undone, some that touch a row again and again.
fn changes() -> String {
    let mut sql = String::new();
    for n in 0..60 {
        let (payer, payee) = (n % 40, (n * 7 + 1) % 40);
        sql.push_str(&format!(
            "UPDATE account SET balance = balance - {n}.25, note = 'paid {n}' WHERE id = {payer};\n\
             UPDATE account SET balance = balance + {n}.25 WHERE id = {payee};\n\
             INSERT INTO transfer VALUES (transfer_seq.NEXTVAL, {payer}, {payee}, {n}.25);\n"
        ));
        if n % 5 == 0 {
            sql.push_str(&format!(
                "INSERT INTO loose VALUES ({n}, 'twin');\nINSERT INTO loose VALUES ({n}, 'twin');\n"
            ));
        }
        if n % 7 == 3 {
            sql.push_str("DELETE FROM loose WHERE a = 1 AND ROWNUM = 1;\n");
        }
        if n % 9 == 4 {
            sql.push_str(&format!("SAVEPOINT s;\nDELETE FROM transfer WHERE payer = {payer};\nROLLBACK TO s;\n"));
        }
        if n % 11 == 5 {
            // Seats change hands, in a transaction of its own.
            sql.push_str("COMMIT;\nUPDATE account SET seat = seat + 1;\nCOMMIT;\n");
        }
        if n % 13 == 6 {
            sql.push_str(&format!("INSERT INTO account VALUES ({}, 0, NULL, NULL);\n", 100 + n));
        }
        sql.push_str(if n % 10 == 8 { "ROLLBACK;\n" } else { "COMMIT;\n" });
    }
    sql
}

impl Stage {
    /// Makes the source, and in `server` the databases that the runs are copied from.
    pub(crate) fn prepare(server: &Server) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let file = dir.path().join("hr.db");
        let tool = || Command::new(program("oracle-standin"));
        succeed(tool().arg("create").arg(&file).env("STANDIN_SYSTEM_PASSWORD", "system-secret"));
        succeed(tool().arg("user").arg(&file).arg("HR").env("STANDIN_PASSWORD", ORACLE_PASSWORD));
        source_sql(
            &file,
            "SYSTEM",
            "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA;\nALTER DATABASE ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY, UNIQUE) COLUMNS;\nGRANT DBA TO hr;\n",
        );
        let mut rows = TABLES.to_owned();
        for id in 0..40 {
            rows.push_str(&format!("INSERT INTO account VALUES ({id}, 1000, 'begun', {});\n", id + 500));
        }
        for n in 0..30 {
            rows.push_str(&format!("INSERT INTO loose VALUES ({}, 'row');\n", n % 3));
        }
        source_sql(&file, "HR", &format!("{rows}COMMIT;\n"));

        let mut stage = Stage { dir, model: BTreeMap::new(), runtime };
        stage.admin(server, "CREATE ROLE plain LOGIN PASSWORD 'plain'");
        stage.admin(server, "CREATE DATABASE begin_empty");
        stage.sql(
            server,
            "begin_empty",
            "CREATE SCHEMA hr AUTHORIZATION plain; CREATE SCHEMA oracle_migration AUTHORIZATION plain; \
             CREATE TABLE public.noted (n int); GRANT ALL ON public.noted TO plain; \
             CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.noted VALUES (1); RETURN NEW; END'",
        );
        stage.admin(server, "CREATE DATABASE begin_loaded TEMPLATE begin_empty");
        // Loaded by the role that owns all of it, so that any may go on.
        let world = World::in_database(&stage, server, "begin_loaded".to_owned(), stage.dir.path().to_owned(), true);
        let mut run = world.command(Begin::Empty).spawn().expect("migrate starts");
        let begun = Instant::now();
        while !world.is_loaded() {
            assert!(
                run.try_wait().expect("a child").is_none() && begun.elapsed() < Duration::from_secs(60),
                "{}",
                world.log()
            );
            thread::sleep(Duration::from_millis(100));
        }
        run.kill().expect("SIGKILL");
        run.wait().expect("it is dead");
        drop(world);
        stage.sql(
            server,
            "begin_loaded",
            "CREATE TRIGGER note AFTER INSERT OR UPDATE ON hr.account FOR EACH ROW EXECUTE FUNCTION public.note()",
        );
        // In two scripts, so that what is followed spans more than one reading of the redo.
        source_sql(&file, "HR", &changes());
        stage.model = stage.read_model(&file);
        stage.wait_until_unused(server, "begin_loaded");
        stage
    }

    /// The source's rows, as it says them itself.
    fn read_model(&self, file: &Path) -> BTreeMap<&'static str, Vec<String>> {
        let mut options = ConnectOptions::new("hr", ORACLE_PASSWORD, format!("standin:{}", file.display()));
        options.client_lib_dir = Some(clntsh::library_dir().expect("libclntsh.so"));
        let session = Session::connect(&options).expect("a session");
        let read = |(table, columns): (&'static str, &str)| {
            let rows = session.query_text(&format!("SELECT {columns} FROM hr.{table}"), &[]).expect("rows");
            let mut rows: Vec<String> = rows.into_iter().map(|row| row[0].clone().unwrap_or_default()).collect();
            rows.sort();
            (table, rows)
        };
        ROWS.into_iter().map(read).collect()
    }

    /// Another server gets the same databases.
    pub(crate) fn copy_to(&self, from: &Server, to: &Server) {
        self.admin(to, "CREATE ROLE plain LOGIN PASSWORD 'plain'");
        for database in ["begin_empty", "begin_loaded"] {
            self.admin(to, &format!("CREATE DATABASE {database}"));
            let dump = Command::new("pg_dump").arg(from.url(database)).stdout(Stdio::piped()).spawn();
            let mut dump = dump.expect("pg_dump starts");
            let load = Command::new("psql")
                .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", &to.url(database)])
                .stdin(dump.stdout.take().expect("its output"))
                .stdout(Stdio::null())
                .status();
            assert!(load.expect("psql starts").success() && dump.wait().expect("pg_dump ends").success());
        }
    }

    /// What a run without a crash reaches, in which order; how many COMMITs it sends, and how long it takes.
    pub(crate) fn trace(&self, server: &Server, begin: Begin, plain: bool) -> (Vec<String>, usize, Duration) {
        let world = World::new(self, server, 10_000 + usize::from(plain), begin, plain);
        let proxy = Proxy::start(server.port, Cut::Never, 0);
        let trace = world.path("trace");
        let begun = Instant::now();
        let mut command = world.command(begin);
        command.env("FAILPOINT_TRACE", &trace).env("DATABASE_URL", world.url_at(proxy.port));
        let mut child = command.spawn().expect("migrate starts");
        while child.try_wait().expect("a child").is_none() && !(begin == Begin::Empty && world.is_loaded()) {
            thread::sleep(Duration::from_millis(if begin == Begin::Empty { 100 } else { 5 }));
        }
        let took = begun.elapsed();
        let _ = child.kill();
        child.wait().expect("it is dead");
        let places = fs::read_to_string(trace).unwrap_or_default().lines().map(str::to_owned).collect();
        let commits = proxy.commits();
        drop(proxy);
        if begin == Begin::Loaded {
            world.assert_model("without a crash");
        }
        (places, commits, took)
    }

    fn client(&self, server: &Server, database: &str) -> Client {
        self.runtime.block_on(async {
            let url = server.url(database);
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("PostgreSQL answers");
            tokio::spawn(connection);
            client
        })
    }

    fn sql(&self, server: &Server, database: &str, sql: &str) {
        let client = self.client(server, database);
        self.runtime.block_on(client.batch_execute(sql)).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    }

    fn admin(&self, server: &Server, sql: &str) {
        self.sql(server, "postgres", sql);
    }

    /// A database can be copied once nobody is connected to it.
    fn wait_until_unused(&self, server: &Server, database: &str) {
        let client = self.client(server, "postgres");
        let used = format!("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{database}')");
        while self.runtime.block_on(client.query_one(&used, &[])).expect("an answer").get(0) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// One run's copy of the source and of the target.
pub(crate) struct World<'a> {
    stage: &'a Stage,
    server: &'a Server,
    database: String,
    dir: PathBuf,
    plain: bool,
    /// Deleted with the run.
    own: Option<TempDir>,
}

impl<'a> World<'a> {
    pub(crate) fn new(stage: &'a Stage, server: &'a Server, nth: usize, begin: Begin, plain: bool) -> Self {
        let own = tempfile::tempdir().expect("a folder");
        for file in fs::read_dir(stage.dir.path()).expect("the stage").map(|f| f.expect("a file").path()) {
            let name = file.file_name().expect("a name").to_owned();
            if name.to_string_lossy().starts_with("hr.db") {
                fs::copy(&file, own.path().join(name)).expect("a copy");
            }
        }
        let database = format!("run_{nth}");
        let template = if begin == Begin::Empty { "begin_empty" } else { "begin_loaded" };
        stage.admin(server, &format!("CREATE DATABASE {database} TEMPLATE {template}"));
        let dir = own.path().to_owned();
        let mut world = World::in_database(stage, server, database, dir, plain);
        world.own = Some(own);
        world
    }

    fn in_database(stage: &'a Stage, server: &'a Server, database: String, dir: PathBuf, plain: bool) -> Self {
        // Batches are small, so that there are many.
        let config = "[source]\nconnect = \"standin:hr.db\"\nuser = \"hr\"\n[schemas]\nHR = \"hr\"\n[load]\nworkers = 2\nchunk_mb = 1\n\
             [follow]\nidle_ms = 20\nsettle_ms = 20\nbatch_transactions = 7\n";
        fs::write(dir.join("migrate.toml"), config).expect("a configuration");
        fs::create_dir_all(dir.join("points")).expect("a folder");
        World { stage, server, database, dir, plain, own: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The target's URL by way of another port.
    pub(crate) fn url_at(&self, port: u16) -> String {
        let url = self.server.url(&self.database);
        let url = if self.plain { url.replace("postgres:crash-matrix@", "plain:plain@") } else { url };
        url.replace(&format!(":{}/", self.server.port), &format!(":{port}/"))
    }

    pub(crate) fn command(&self, begin: Begin) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("log")).expect("a log");
        command
            .arg(if begin == Begin::Empty { "run" } else { "cutover" })
            .arg("--config")
            .arg(self.path("migrate.toml"));
        command.env("ORACLE_PASSWORD", ORACLE_PASSWORD).env("DATABASE_URL", self.url_at(self.server.port));
        command.current_dir(&self.dir).stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        command
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Lets a process go on that waits at a place.
    pub(crate) fn go(&self) {
        fs::write(self.path("points/go"), "").expect("a file");
    }

    pub(crate) fn clear_points(&self) {
        for name in ["points/go", "points/reached"] {
            let _ = fs::remove_file(self.path(name));
        }
    }

    fn column_of(&self, client: &Client, sql: &str) -> Vec<String> {
        let rows = self.stage.runtime.block_on(client.query(sql, &[])).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Whether it is loaded.
    pub(crate) fn is_loaded(&self) -> bool {
        let client = self.stage.client(self.server, &self.database);
        let there = "SELECT (to_regclass('oracle_migration.migration') IS NOT NULL)::text";
        let state = "SELECT state FROM oracle_migration.migration WHERE state NOT IN ('initializing', 'failed')";
        self.column_of(&client, there) == ["true"] && self.column_of(&client, state).len() == 1
    }

    /// From wherever it is to the end, with nothing in the way.
    pub(crate) fn carry_on(&self) {
        if !self.is_loaded() {
            let mut run = self.command(Begin::Empty).spawn().expect("migrate starts");
            let begun = Instant::now();
            while !self.is_loaded() {
                let ended = run.try_wait().expect("a child");
                assert!(ended.is_none() && begun.elapsed() < Duration::from_secs(60), "{ended:?}: {}", self.log());
                thread::sleep(Duration::from_millis(100));
            }
            run.kill().expect("SIGKILL");
            run.wait().expect("it is dead");
        }
        let status = self.command(Begin::Loaded).status().expect("migrate starts");
        assert!(status.success(), "{}", self.log());
    }

    /// The target is what the source is, and says of itself what happened.
    pub(crate) fn assert_model(&self, what: &str) {
        let client = self.stage.client(self.server, &self.database);
        let column = |sql: &str| self.column_of(&client, sql);
        for (table, columns) in ROWS {
            let columns: Vec<&str> = columns.split(" || '|' || ").collect();
            let text: Vec<String> = columns.iter().map(|c| format!("coalesce({c}::text, '')")).collect();
            let mut rows: Vec<String> = column(&format!("SELECT concat_ws('|', {}) FROM hr.{table}", text.join(", ")));
            // Oracle writes numbers without zeros at their end.
            for row in &mut rows {
                *row = row.split('|').map(plain_number).collect::<Vec<_>>().join("|");
            }
            rows.sort();
            assert_eq!(rows, self.stage.model[table], "{what}: {table}; {}", self.log());
        }
        assert_eq!(column("SELECT state FROM oracle_migration.migration"), ["completed"], "{what}");
        // Nothing is counted twice or not at all: loaded + inserted - deleted = there.
        for (table, _) in ROWS {
            let counted = format!(
                "SELECT (rows_loaded + inserts - deletes - (SELECT count(*) FROM hr.{table}))::text FROM oracle_migration.monitor_table \
                 WHERE target_name = '{table}'"
            );
            assert_eq!(column(&counted), ["0"], "{what}: {table}");
        }
        let keys = "SELECT conname::text FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = 'hr'::regnamespace ORDER BY 1";
        assert_eq!(column(keys), ["payee_fk", "payer_fk"], "{what}");
        assert_eq!(column("SELECT count(*)::text FROM public.noted"), ["0"], "{what}: a trigger has fired");
        let triggers = "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'note'";
        assert!(column(triggers).iter().all(|enabled| enabled == "O"), "{what}: the trigger is not back");
        let open = "SELECT count(*)::text FROM oracle_migration.taken_down WHERE restored_at IS NULL";
        assert_eq!(column(open), ["0"], "{what}");
        let next = column("SELECT nextval('hr.transfer_seq')::text");
        assert!(next[0].parse::<u32>().is_ok_and(|next| next >= 1060), "{what}: {next:?}");
        let report = fs::read_to_string(self.path("cutover/report.json")).expect("a report");
        assert!(
            report.contains("\"outcome\": \"completed\"") && self.path("cutover/way_back.sql").exists(),
            "{what}: {report}"
        );
    }
}

/// A number as Oracle writes it: without zeros that say nothing, not even one before the point.
fn plain_number(text: &str) -> String {
    match text.contains('.') && text.parse::<f64>().is_ok() {
        true => {
            let text = text.trim_end_matches('0').trim_end_matches('.');
            let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
            format!("{sign}{}", digits.strip_prefix('0').filter(|rest| rest.starts_with('.')).unwrap_or(digits))
        }
        false => text.to_owned(),
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        if self.own.is_some() && !thread::panicking() {
            self.stage.admin(self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database));
        }
    }
}
