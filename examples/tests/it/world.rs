//! One migration's surroundings: a stand-in database with HR in it, a PostgreSQL database of its own, a configuration.

use oracle_source::{ConnectOptions, Session};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};
use type_convert::Value;

pub(crate) const SYSTEM_PASSWORD: &str = "system-secret";
pub(crate) const HR_PASSWORD: &str = "hr-secret";

pub(crate) struct World {
    dir: TempDir,
    database: String,
    runtime: Runtime,
}

/// What supplemental logging the demo's prerequisites ask for, so that tests need not go through `migrate check`.
const READY: &str = "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA;\n\
    ALTER DATABASE ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY, UNIQUE) COLUMNS;\n\
    GRANT DBA TO hr;\n";

/// A program of this workspace that is no part of this package: cargo puts it two folders above the test.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own file");
    let path = test.parent().and_then(Path::parent).expect("target/debug").join(name);
    assert!(path.exists(), "{} is missing: cargo build -p oracle-standin", path.display());
    path
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", text(&output));
}

/// Both streams of a finished program.
pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// HR once, copied for each test.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    let dir = TEMPLATE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("hr.db");
        let tool = || Command::new(program("oracle-standin"));
        succeed(tool().arg("create").arg(&file).env("STANDIN_SYSTEM_PASSWORD", SYSTEM_PASSWORD));
        succeed(tool().arg("user").arg(&file).arg("HR").env("STANDIN_PASSWORD", HR_PASSWORD));
        run_sql(&file, "SYSTEM", READY);
        let hr = Path::new(env!("CARGO_MANIFEST_DIR")).join("hr/hr.sql");
        succeed(tool().arg("script").arg(&file).arg("HR").arg(hr));
        dir
    });
    dir.path()
}

/// Runs a script in the stand-in, in a process of its own.
fn run_sql(file: &Path, user: &str, sql: &str) {
    let script = tempfile::Builder::new().suffix(".sql").tempfile().expect("a file");
    fs::write(script.path(), sql).expect("a script");
    succeed(Command::new(program("oracle-standin")).arg("script").arg(file).arg(user).arg(script.path()));
}

impl World {
    /// HR in the stand-in, nothing in PostgreSQL; schema HR goes to `target`.
    pub(crate) fn new(target: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let dir = tempfile::tempdir().expect("a folder");
        for file in fs::read_dir(template()).expect("the template") {
            let file = file.expect("a file");
            fs::copy(file.path(), dir.path().join(file.file_name())).expect("a copy");
        }
        let database = format!("pipeline_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let world = World { dir, database, runtime };
        let admin = world.client_of(None);
        world
            .runtime
            .block_on(admin.batch_execute(&format!("CREATE DATABASE {}", world.database)))
            .expect("a database");
        world.configure(target, "");
        world
    }

    /// Writes the configuration anew, with more lines at its end. It waits for less than it would by itself.
    pub(crate) fn configure(&self, target: &str, more: &str) {
        self.configure_follow(target, &format!("idle_ms = 50\nsettle_ms = 100\n{more}"));
    }

    /// The same with these lines alone about following, and whatever comes after.
    pub(crate) fn configure_follow(&self, target: &str, follow: &str) {
        let config = format!(
            "[source]\nconnect = \"standin:hr.db\"\nuser = \"hr\"\n[target]\ndbname = \"{}\"\n[schemas]\nHR = \"{target}\"\n\
             [load]\nworkers = 2\nchunk_mb = 1\n[follow]\n{follow}",
            self.database
        );
        fs::write(self.path("migrate.toml"), config).expect("a configuration");
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    /// Executes a statement at the source as HR once for each row of binds, of any length, and commits. This world's sessions must be gone.
    pub(crate) fn source_rows(&self, sql: &str, rows: &[Vec<Value>]) {
        let database = clntsh::Database::open(&self.path("hr.db")).expect("the database");
        let mut session = database.session("HR", HR_PASSWORD).expect("a session");
        let statement = session.prepare(sql).expect("a statement");
        rows.iter().for_each(|row| drop(session.execute(&statement, row, false).expect("a row")));
        session.commit().expect("a commit");
    }

    /// Queries of states before the present fail from now on. This world's sessions must be gone.
    pub(crate) fn expire_undo(&self) {
        let now = oracle_source::current_scn(&self.session()).expect("an SCN");
        let database = clntsh::Database::open(&self.path("hr.db")).expect("the database");
        database.expire_undo(now).expect("no undo");
    }

    /// Runs SQL at the source as HR, in a process of its own.
    pub(crate) fn source_sql(&self, sql: &str) {
        run_sql(&self.path("hr.db"), "HR", sql);
    }

    /// Runs a script at the source as somebody else. This world's sessions must be gone, or be other processes'.
    pub(crate) fn source_script(&self, user: &str, script: &str) {
        self.try_source_script(user, script).unwrap_or_else(|e| panic!("{e}"));
    }

    /// The same; what went wrong with it.
    pub(crate) fn try_source_script(&self, user: &str, script: &str) -> Result<(), String> {
        let database = clntsh::Database::open(&self.path("hr.db")).expect("the database");
        database.run_script(user, "script.sql", script).map_err(|e| e.to_string())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command.args(arguments).arg("--config").arg(self.path("migrate.toml")).env("ORACLE_PASSWORD", HR_PASSWORD);
        command.current_dir(self.dir.path());
        command
    }

    /// From now on the target is reached as a role that owns `schemas` and may do nothing else, in particular not set
    /// `session_replication_role` and not create schemas. What its `DATABASE_URL` is.
    pub(crate) fn plain_role(&self, schemas: &[&str]) -> String {
        let role = format!("{}_plain", self.database);
        self.pg(&format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'plain'"));
        for schema in schemas {
            self.pg(&format!("CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}"));
        }
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let (_, host) = url.split_once('@').expect("a user in the URL");
        format!("postgresql://{role}:plain@{host}")
    }

    /// Runs `migrate` to its end.
    pub(crate) fn migrate(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("migrate starts")
    }

    /// Runs `migrate`, which must succeed; what it printed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        assert!(output.status.success(), "migrate {arguments:?}: {}", text(&output));
        text(&output)
    }

    /// Runs `migrate`, which must fail; what it printed.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        assert!(!output.status.success(), "migrate {arguments:?} succeeded: {}", text(&output));
        text(&output)
    }

    /// Starts `migrate run` and leaves it running; its output goes to `run.log`.
    pub(crate) fn start_run(&self) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("run.log")).expect("a log");
        let mut command = self.command(&["run"]);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("migrate starts")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("run.log")).unwrap_or_default()
    }

    /// Starts the writer, which goes on until it is told to stop.
    pub(crate) fn start_writer(&self, seed: u64) -> Child {
        Command::new(env!("CARGO_BIN_EXE_hr_workload"))
            .arg("--dsn")
            .arg(format!("standin:{}", self.path("hr.db").display()))
            .args(["--user", "hr", "--seed", &seed.to_string(), "--hold-open", "2", "--stop-file"])
            .arg(self.path("stop"))
            .env("ORACLE_PASSWORD", HR_PASSWORD)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the writer starts")
    }

    /// Tells the writer to stop, and waits until it has.
    pub(crate) fn stop_writer(&self, writer: Child) -> String {
        fs::write(self.path("stop"), "").expect("the stop file");
        let output = writer.wait_with_output().expect("the writer ends");
        assert!(output.status.success(), "the writer: {}", text(&output));
        text(&output)
    }

    /// Waits until the control tables say that a migration is in one of these states.
    pub(crate) fn wait_for(&self, states: &[&str], run: &mut Child) {
        let begun = Instant::now();
        loop {
            if let Some(state) = self.state()
                && states.contains(&state.as_str())
            {
                return;
            }
            if let Some(status) = run.try_wait().expect("a child") {
                panic!("migrate run ended with {status} before {states:?}: {}", self.log());
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "not {states:?} after two minutes: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn state(&self) -> Option<String> {
        let client = self.client();
        let row =
            self.runtime.block_on(client.query_opt("SELECT state FROM oracle_migration.migration", &[])).ok()??;
        Some(row.get(0))
    }

    /// Cuts over and checks the end state with code that shares nothing with the pipeline's.
    pub(crate) fn finish(&self, target: &str) {
        let printed = self.succeed(&["cutover"]);
        assert!(printed.contains("are equal, value by value"), "{printed}");
        assert_eq!(self.state().as_deref(), Some("completed"));
        self.assert_equal(target);
    }

    /// Compares every table as text: Oracle's own rendering against PostgreSQL's.
    pub(crate) fn assert_equal(&self, target: &str) {
        let upper = !target.chars().any(|c| c.is_ascii_lowercase());
        let session = self.session();
        let client = self.client();
        let tables = session
            .query_text("SELECT table_name FROM all_tables WHERE owner = 'HR' ORDER BY table_name", &[])
            .expect("tables");
        assert!(tables.len() >= 7);
        for table in tables {
            let table = table[0].clone().expect("a name");
            let columns = session
                .query_text(
                    "SELECT column_name, data_type FROM all_tab_columns WHERE owner = 'HR' AND table_name = :t ORDER BY column_id",
                    &[Some(&table)],
                )
                .expect("columns");
            let pg_name = |name: &str| if upper { name.to_owned() } else { name.to_ascii_lowercase() };
            let (mut oracle, mut pg) = (Vec::new(), Vec::new());
            for column in &columns {
                let (name, ty) = (column[0].as_deref().expect("a name"), column[1].as_deref().expect("a type"));
                let pg_column = format!("\"{}\"", pg_name(name));
                match ty {
                    "DATE" => {
                        oracle.push(format!("TO_CHAR(\"{name}\", 'YYYY-MM-DD HH24:MI:SS')"));
                        pg.push(format!("to_char({pg_column}, 'YYYY-MM-DD HH24:MI:SS')"));
                    }
                    "NUMBER" => {
                        oracle.push(format!("\"{name}\""));
                        pg.push(format!("trim_scale({pg_column}::numeric)::text"));
                    }
                    // PostgreSQL's cast to text leaves the blanks off.
                    "CHAR" => {
                        oracle.push(format!("RTRIM(\"{name}\")"));
                        pg.push(format!("{pg_column}::text"));
                    }
                    _ => {
                        oracle.push(format!("\"{name}\""));
                        pg.push(format!("{pg_column}::text"));
                    }
                }
            }
            let source: Vec<_> = session
                .query_text(&format!("SELECT {} FROM hr.\"{table}\"", oracle.join(", ")), &[])
                .expect("rows of the source");
            let rows = self
                .runtime
                .block_on(
                    client.query(&format!("SELECT {} FROM \"{target}\".\"{}\"", pg.join(", "), pg_name(&table)), &[]),
                )
                .expect("rows of the target");
            let found: Vec<Vec<Option<String>>> =
                rows.iter().map(|row| (0..row.len()).map(|i| row.get(i)).collect()).collect();
            assert_eq!(source.len(), found.len(), "rows of {table}");
            let (source, found): (BTreeSet<_>, BTreeSet<_>) =
                (source.into_iter().collect(), found.into_iter().collect());
            let missing: Vec<_> = source.difference(&found).take(3).collect();
            let extra: Vec<_> = found.difference(&source).take(3).collect();
            assert!(missing.is_empty() && extra.is_empty(), "{table}: missing {missing:?}, extra {extra:?}");
        }
    }

    /// A session of the test itself, through the client library.
    pub(crate) fn session(&self) -> Session {
        let place = format!("standin:{}", self.path("hr.db").display());
        let mut options = ConnectOptions::new("hr", HR_PASSWORD, place);
        options.client_lib_dir = Some(clntsh::library_dir().expect("libclntsh.so"));
        Session::connect(&options).expect("a session")
    }

    /// A connection to this world's database.
    pub(crate) fn client(&self) -> Client {
        self.client_of(Some(&self.database))
    }

    pub(crate) fn pg(&self, sql: &str) {
        let client = self.client();
        self.runtime.block_on(client.batch_execute(sql)).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// Waits for a future of one of this world's connections.
    pub(crate) fn on<T, E: std::fmt::Debug>(&self, future: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(future).expect("PostgreSQL does it")
    }

    /// The first column of a query, as text.
    pub(crate) fn pg_column(&self, sql: &str) -> Vec<String> {
        let client = self.client();
        let rows = self.runtime.block_on(client.query(sql, &[])).unwrap_or_else(|e| panic!("{sql}: {e}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The number that a query over this connection gives.
    pub(crate) fn count(&self, client: &Client, sql: &str) -> i64 {
        self.runtime.block_on(client.query_one(sql, &[])).unwrap_or_else(|e| panic!("{sql}: {e}")).get(0)
    }

    /// Loads a file as a person would.
    pub(crate) fn psql(&self, file: &Path) {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let (server, _) = url.rsplit_once('/').expect("a URL with a database");
        let url = format!("{server}/{}", self.database);
        succeed(Command::new("psql").args(["--no-psqlrc", "--quiet", &url, "--file"]).arg(file));
    }

    /// A file that psql must refuse; what it said.
    pub(crate) fn psql_fails(&self, file: &Path) -> String {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let (server, _) = url.rsplit_once('/').expect("a URL with a database");
        let url = format!("{server}/{}", self.database);
        let mut psql = Command::new("psql");
        let output = psql.args(["--no-psqlrc", "--quiet", &url, "--file"]).arg(file).output().expect("psql starts");
        assert!(!output.status.success(), "{}", text(&output));
        text(&output)
    }

    /// COPY … FROM STDIN.
    pub(crate) fn copy_in(&self, sql: &str, data: &[u8]) {
        let client = self.client();
        let rows = self.runtime.block_on(async {
            let mut sink = std::pin::pin!(client.copy_in::<_, bytes::Bytes>(sql).await.expect("COPY begins"));
            futures_util::SinkExt::send(&mut sink, bytes::Bytes::copy_from_slice(data)).await.expect("COPY takes data");
            sink.finish().await.expect("COPY ends")
        });
        assert!(rows > 0);
    }

    fn client_of(&self, database: Option<&str>) -> Client {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL is not set: run `make test`, or `scripts/with-postgres.sh cargo test -p examples`");
        let mut config: tokio_postgres::Config = url.parse().expect("DATABASE_URL is a PostgreSQL URL");
        if let Some(database) = database {
            config.dbname(database);
        }
        self.runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
            tokio::spawn(connection);
            client
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let admin = self.client_of(None);
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database);
        let role = format!("DROP ROLE IF EXISTS {}_plain", self.database);
        for drop in [drop, role] {
            if let Err(error) = self.runtime.block_on(admin.batch_execute(&drop)) {
                eprintln!("{drop}: {error}");
            }
        }
    }
}

/// SIGKILL, and the wait until it is dead.
pub(crate) fn kill(mut child: Child) {
    child.kill().expect("SIGKILL");
    child.wait().expect("it is dead");
}
