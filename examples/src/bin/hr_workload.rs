//! Somebody else at work on the source: a program that keeps changing the HR schema while a migration runs.
//!
//! It connects as any client does and runs a seeded random mix of transactions: inserts, updates (of primary keys too),
//! deletes, statements that change many rows, rollbacks, rollbacks to a savepoint, and statements that fail on a
//! constraint. With `--hold-open` a second connection first opens a transaction that stays open that long, so that it
//! spans whatever happens meanwhile. At its end it prints one line of JSON that says what it did.
//!
//! The password comes from the environment variable `ORACLE_PASSWORD`.

use anyhow::{Context, Result, bail};
use clap::Parser;
use oracle::{
    Connection, InitParams,
    sql_type::{OracleType, Timestamp, ToSql},
};
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::{
    env, fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Keeps changing the HR schema until it is told to stop: by --seconds, --transactions, a stop file or a signal.
#[derive(Debug, Parser)]
struct Arguments {
    /// Connect string; standin:/path/to/file.db for the embedded stand-in.
    #[arg(long)]
    dsn: String,
    /// User; the password comes from ORACLE_PASSWORD.
    #[arg(long, default_value = "hr")]
    user: String,
    /// Owner of the HR tables, where it is not the user.
    #[arg(long)]
    schema: Option<String>,
    /// Folder of the Oracle client library; found by itself for the stand-in.
    #[arg(long)]
    client_lib_dir: Option<PathBuf>,
    /// Seed of the random mix: the same seed tries the same things.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop after this many seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// Stop after this many transactions.
    #[arg(long)]
    transactions: Option<u64>,
    /// Stop when this file exists.
    #[arg(long)]
    stop_file: Option<PathBuf>,
    /// Write this file when the work has begun (and the held transaction is open).
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Open a transaction first and keep it open for so many seconds while the work goes on beside it.
    #[arg(long)]
    hold_open: Option<f64>,
    /// Milliseconds to rest after each transaction.
    #[arg(long, default_value_t = 5)]
    pause_ms: u64,
}

/// What was done, counted. Rows of what was rolled back count too.
#[derive(Debug, Default, Serialize)]
struct Counters {
    seconds: f64,
    transactions: u64,
    commits: u64,
    rollbacks: u64,
    savepoint_rollbacks: u64,
    inserted_rows: u64,
    updated_rows: u64,
    deleted_rows: u64,
    key_updates: u64,
    many_row_statements: u64,
    failed_statements: u64,
    lock_conflicts: u64,
    held_transaction: Option<Held>,
}

/// What the transaction that stayed open did.
#[derive(Debug, Clone, Serialize)]
struct Held {
    seconds: f64,
    statements: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    load_client(&arguments)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let started = Instant::now();
    let mut work = work::Work::new(connect(&arguments)?, arguments.seed)?;
    let holder = match arguments.hold_open {
        Some(seconds) => {
            let seconds = Duration::try_from_secs_f64(seconds).context("--hold-open")?;
            Some(hold_open(connect(&arguments)?, seconds, work.hold_two_employees()?, Arc::clone(&stop))?)
        }
        None => None,
    };
    if let Some(file) = &arguments.ready_file {
        fs::write(file, "").with_context(|| format!("--ready-file {}", file.display()))?;
    }
    let told_to_stop = |done: u64| {
        stop.load(Ordering::Relaxed)
            || arguments.seconds.is_some_and(|s| started.elapsed().as_secs_f64() >= s)
            || arguments.transactions.is_some_and(|n| done >= n)
            || arguments.stop_file.as_ref().is_some_and(|f| f.exists())
    };
    while !told_to_stop(work.counters.transactions) {
        work.transaction()?;
        thread::sleep(Duration::from_millis(arguments.pause_ms));
    }
    stop.store(true, Ordering::Relaxed);
    let mut counters = work.counters;
    if let Some(holder) = holder {
        let held = holder.join().map_err(|_| anyhow::anyhow!("the held transaction's thread panicked"))?;
        counters.held_transaction = Some(held.context("the held transaction")?);
    }
    counters.seconds = started.elapsed().as_secs_f64();
    println!("{}", serde_json::to_string(&counters)?);
    Ok(())
}

fn load_client(arguments: &Arguments) -> Result<()> {
    let mut parameters = InitParams::new();
    let folder = match &arguments.client_lib_dir {
        Some(folder) => Some(folder.clone()),
        None => clntsh::client_library_dir(&arguments.dsn)?,
    };
    if let Some(folder) = folder {
        parameters.oracle_client_lib_dir(folder)?;
    }
    parameters.init().context(
        "the Oracle client library cannot be loaded: install Instant Client, or name its folder with --client-lib-dir",
    )?;
    Ok(())
}

fn connect(arguments: &Arguments) -> Result<Connection> {
    let Ok(password) = env::var("ORACLE_PASSWORD") else {
        bail!("set the environment variable ORACLE_PASSWORD to the password of {}", arguments.user);
    };
    let connection = Connection::connect(&arguments.user, &password, &arguments.dsn)
        .with_context(|| format!("cannot connect as {} to {}", arguments.user, arguments.dsn))?;
    if let Some(schema) = &arguments.schema {
        connection.set_current_schema(schema)?;
    }
    Ok(connection)
}

/// Opens a transaction, returns when it has done its first changes, and ends it in a thread of its own: after `length`,
/// or when everything stops. It commits.
fn hold_open(
    connection: Connection,
    length: Duration,
    employees: [i64; 2],
    stop: Arc<AtomicBool>,
) -> Result<thread::JoinHandle<Result<Held>>> {
    let (opened, is_open) = mpsc::channel();
    let thread = thread::spawn(move || {
        let started = Instant::now();
        let mut statements = 0;
        let mut run = |sql: &str, binds: &[&dyn ToSql]| -> oracle::Result<()> {
            statements += 1;
            connection.execute(sql, binds).map(drop)
        };
        let department: i64 = connection.query_row_as("SELECT departments_seq.NEXTVAL FROM DUAL", &[])?;
        run("INSERT INTO departments VALUES (:1, :2, NULL, NULL)", &[&department, &"Held open"])?;
        run("UPDATE employees SET salary = salary + 1 WHERE employee_id = :1", &[&employees[0]])?;
        run("UPDATE employees SET phone_number = NULL WHERE employee_id = :1", &[&employees[1]])?;
        // Where the other side is gone, the whole program is at its end.
        let _ = opened.send(());
        while started.elapsed() < length && !stop.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        run("SAVEPOINT late", &[])?;
        run("UPDATE employees SET salary = salary + 1000 WHERE employee_id = :1", &[&employees[0]])?;
        run("ROLLBACK TO SAVEPOINT late", &[])?;
        run("UPDATE employees SET salary = salary + 2 WHERE employee_id = :1", &[&employees[0]])?;
        run("UPDATE departments SET manager_id = :1 WHERE department_id = :2", &[&employees[1], &department])?;
        connection.commit()?;
        Ok(Held { seconds: started.elapsed().as_secs_f64(), statements })
    });
    if is_open.recv().is_err() {
        // It failed before its first changes were done.
        let failed = thread.join().map_err(|_| anyhow::anyhow!("the held transaction's thread panicked"))?;
        failed.context("cannot open the held transaction")?;
        bail!("the held transaction ended at once");
    }
    Ok(thread)
}

/// The random transactions.
mod work {
    use super::{Connection, Counters, OracleType, Result, Timestamp, ToSql};
    use anyhow::Context;

    /// A small random number generator (SplitMix64): the same seed gives the same numbers everywhere.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        /// 0 to `end` − 1.
        fn below(&mut self, end: u32) -> u32 {
            u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
        }

        fn percent(&mut self, chance: u32) -> bool {
            self.below(100) < chance
        }

        fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
            let n = u32::try_from(from.len()).ok().filter(|&n| n > 0)?;
            from.get(usize::try_from(self.below(n)).ok()?).cloned()
        }

        /// A moment between 2000 and 2020, to the second.
        fn moment(&mut self) -> Result<Timestamp> {
            let year = 2000 + i32::try_from(self.below(20))?;
            let (month, day) = (1 + self.below(12), 1 + self.below(28));
            Ok(Timestamp::new(year, month, day, self.below(24), self.below(60), self.below(60), 0)?)
        }
    }

    /// What this program knows of the tables; put back when a transaction is.
    #[derive(Debug, Clone, Default)]
    struct Known {
        employees: Vec<i64>,
        departments: Vec<i64>,
        jobs: Vec<String>,
        countries: Vec<String>,
        /// Made here, and nothing refers to them.
        spare_employees: Vec<i64>,
        spare_regions: Vec<i64>,
        spare_locations: Vec<i64>,
        spare_jobs: Vec<String>,
        /// Made here, each with one department made here too.
        used_locations: Vec<(i64, i64)>,
    }

    pub(super) struct Work {
        connection: Connection,
        random: Random,
        known: Known,
        /// Employees that another transaction keeps locked.
        held: [i64; 2],
        next_name: u64,
        pub(super) counters: Counters,
    }

    /// How a statement that may fail ended.
    enum Done {
        Rows(u64),
        /// A constraint refused it; nothing of it stays.
        Refused,
    }

    const NAMES: [&str; 8] = ["O'Brien", "Łukasz", "Zoë \"Z\"", "大阪", "Ñandú", "a;b--c", "Ωmega", "line\nbreak"];

    impl Work {
        pub(super) fn new(connection: Connection, seed: u64) -> Result<Self> {
            let numbers = |sql: &str| -> Result<Vec<i64>> {
                connection.query_as::<i64>(sql, &[])?.collect::<oracle::Result<_>>().with_context(|| sql.to_owned())
            };
            let texts = |sql: &str| -> Result<Vec<String>> {
                connection.query_as::<String>(sql, &[])?.collect::<oracle::Result<_>>().with_context(|| sql.to_owned())
            };
            let known = Known {
                employees: numbers("SELECT employee_id FROM employees ORDER BY employee_id")?,
                departments: numbers("SELECT department_id FROM departments ORDER BY department_id")?,
                jobs: texts("SELECT job_id FROM jobs ORDER BY job_id")?,
                countries: texts("SELECT country_id FROM countries ORDER BY country_id")?,
                ..Known::default()
            };
            Ok(Work {
                connection,
                random: Random(seed),
                known,
                held: [-1, -1],
                next_name: 0,
                counters: Counters::default(),
            })
        }

        /// Two employees that this work leaves alone from now on.
        pub(super) fn hold_two_employees(&mut self) -> Result<[i64; 2]> {
            let [.., a, b] = self.known.employees[..] else { anyhow::bail!("EMPLOYEES has fewer than two rows") };
            self.known.employees.retain(|&e| e != a && e != b);
            self.held = [a, b];
            Ok(self.held)
        }

        /// One transaction: some changes, perhaps a savepoint and back to it, then a commit or a rollback.
        pub(super) fn transaction(&mut self) -> Result<()> {
            let before = self.known.clone();
            self.counters.transactions += 1;
            match self.changes() {
                Ok(()) if self.random.percent(12) => {
                    self.connection.rollback()?;
                    self.known = before;
                    self.counters.rollbacks += 1;
                }
                Ok(()) => {
                    self.connection.commit()?;
                    self.counters.commits += 1;
                }
                // Deadlock, busy, wait for a lock broken off: somebody else is at work too.
                Err(error) if matches!(ora_code(&error), Some(54 | 60 | 30006 | 3156)) => {
                    self.connection.rollback()?;
                    self.known = before;
                    self.counters.lock_conflicts += 1;
                    self.counters.rollbacks += 1;
                }
                Err(error) => return Err(error),
            }
            Ok(())
        }

        fn changes(&mut self) -> Result<()> {
            for _ in 0..1 + self.random.below(5) {
                self.change()?;
            }
            if self.random.percent(25) {
                self.connection.execute("SAVEPOINT half_way", &[])?;
                let half_way = self.known.clone();
                for _ in 0..1 + self.random.below(4) {
                    self.change()?;
                }
                if self.random.percent(60) {
                    self.connection.execute("ROLLBACK TO SAVEPOINT half_way", &[])?;
                    self.known = half_way;
                    self.counters.savepoint_rollbacks += 1;
                    self.change()?;
                }
            }
            Ok(())
        }

        fn change(&mut self) -> Result<()> {
            match self.random.below(20) {
                0..=3 => self.hire(),
                4..=6 => self.change_an_employee(),
                7 => self.raise_a_department(),
                8 => self.record_a_department(),
                9 => self.found_a_department(),
                10 => self.move_a_location(),
                11 => self.add_spares(),
                12..=13 => self.change_a_key(),
                14 => self.change_a_history_key(),
                15 => self.fire(),
                16 => self.forget_history(),
                17 => self.describe_places(),
                _ => self.fail(),
            }
        }

        /// Runs a statement. What a constraint refuses is counted; anything else is an error.
        fn run(&mut self, sql: &str, binds: &[&dyn ToSql]) -> Result<Done> {
            let done = self.connection.execute(sql, binds).and_then(|s| s.row_count());
            match done {
                Ok(rows) => {
                    let counter = match sql.get(..6) {
                        Some("INSERT") => &mut self.counters.inserted_rows,
                        Some("UPDATE") => &mut self.counters.updated_rows,
                        _ => &mut self.counters.deleted_rows,
                    };
                    *counter += rows;
                    self.counters.many_row_statements += u64::from(rows > 1);
                    Ok(Done::Rows(rows))
                }
                // Unique, NOT NULL, too large, check, parent and child keys, a sequence at its end.
                Err(e)
                    if matches!(
                        e.db_error().map(|e| e.code()),
                        Some(1 | 1400 | 1407 | 1438 | 2290 | 2291 | 2292 | 8004 | 12899)
                    ) =>
                {
                    self.counters.failed_statements += 1;
                    Ok(Done::Refused)
                }
                Err(e) => Err(anyhow::Error::new(e).context(sql.to_owned())),
            }
        }

        fn next_value(&mut self, sequence: &str) -> Result<Option<i64>> {
            let sql = format!("SELECT {sequence}.NEXTVAL FROM DUAL");
            match self.connection.query_row_as::<i64>(&sql, &[]) {
                Ok(value) => Ok(Some(value)),
                Err(e) if e.db_error().is_some_and(|e| e.code() == 8004) => Ok(None),
                Err(e) => Err(anyhow::Error::new(e).context(sql)),
            }
        }

        fn name(&mut self) -> String {
            self.next_name += 1;
            let name = NAMES[usize::try_from(self.random.below(8)).unwrap_or(0)];
            format!("{name} {}", self.next_name)
        }

        fn hire(&mut self) -> Result<()> {
            let (Some(id), Some(job)) = (self.next_value("employees_seq")?, self.random.pick(&self.known.jobs)) else {
                return Ok(());
            };
            let (first, last) = (self.random.percent(80).then(|| self.name()), self.name());
            let phone = self.random.percent(70).then(|| format!("+1 555 {:04}", self.random.below(10_000)));
            let salary = f64::from(200_000 + self.random.below(1_800_000)) / 100.0;
            let commission = self.random.percent(30).then(|| f64::from(self.random.below(99)) / 100.0);
            let manager = self.random.pick(&self.known.employees);
            let department = self.random.pick(&self.known.departments).filter(|_| id % 7 != 0);
            let hired = self.random.moment()?;
            let done = self.run(
                "INSERT INTO employees (employee_id, first_name, last_name, email, phone_number, hire_date, job_id, salary, \
                 commission_pct, manager_id, department_id) VALUES (:1, :2, :3, :4, :5, :6, :7, :8, :9, :10, :11)",
                &[
                    &id,
                    &first,
                    &last,
                    &format!("WORK{id}"),
                    &phone,
                    &(&hired, &OracleType::Date),
                    &job,
                    &salary,
                    &commission,
                    &manager,
                    &department,
                ],
            )?;
            if let Done::Rows(_) = done {
                self.known.spare_employees.push(id);
            }
            Ok(())
        }

        fn change_an_employee(&mut self) -> Result<()> {
            let Some(id) = self.random.pick(&self.known.employees) else { return Ok(()) };
            match self.random.below(4) {
                0 => {
                    let salary = f64::from(150_000 + self.random.below(2_000_000)) / 100.0;
                    self.run("UPDATE employees SET salary = :1 WHERE employee_id = :2", &[&salary, &id])?;
                }
                1 => {
                    let phone = self.random.percent(50).then(|| format!("+44 20 555 {}", self.random.below(1000)));
                    self.run("UPDATE employees SET phone_number = :1 WHERE employee_id = :2", &[&phone, &id])?;
                }
                2 => {
                    let name = self.name();
                    let sql = "UPDATE employees SET last_name = :1, commission_pct = NULL WHERE employee_id = :2";
                    self.run(sql, &[&name, &id])?;
                }
                // The same value again: redo there is, change there is none.
                _ => {
                    self.run("UPDATE employees SET last_name = last_name WHERE employee_id = :1", &[&id])?;
                }
            }
            Ok(())
        }

        fn raise_a_department(&mut self) -> Result<()> {
            let Some(department) = self.random.pick(&self.known.departments) else { return Ok(()) };
            let [held, also_held] = self.held;
            let factor = f64::from(95 + self.random.below(11)) / 100.0;
            self.run(
                "UPDATE employees SET salary = ROUND(salary * :1, 2) \
                 WHERE department_id = :2 AND employee_id NOT IN (:3, :4)",
                &[&factor, &department, &held, &also_held],
            )?;
            Ok(())
        }

        fn record_a_department(&mut self) -> Result<()> {
            let Some(department) = self.random.pick(&self.known.departments) else { return Ok(()) };
            let [held, also_held] = self.held;
            let start = self.random.moment()?;
            let end = Timestamp::new(2021, 1 + self.random.below(12), 1 + self.random.below(28), 0, 0, 0, 0)?;
            self.run(
                "INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id) \
                 SELECT employee_id, :1, :2, job_id, department_id FROM employees \
                 WHERE department_id = :3 AND employee_id BETWEEN 100 AND 299 AND employee_id NOT IN (:4, :5)",
                &[&(&start, &OracleType::Date), &(&end, &OracleType::Date), &department, &held, &also_held],
            )?;
            Ok(())
        }

        fn add_location(&mut self) -> Result<Option<i64>> {
            // The sequence has few values; below 1000 there are more.
            let id = match self.next_value("locations_seq")? {
                Some(id) if self.random.percent(20) => id,
                _ => 1 + i64::from(self.random.below(999)),
            };
            let (city, country) = (self.name(), self.random.pick(&self.known.countries));
            let done = self.run(
                "INSERT INTO locations VALUES (:1, NULL, :2, :3, NULL, :4)",
                &[&id, &format!("{id:05}"), &city, &country],
            )?;
            Ok(matches!(done, Done::Rows(_)).then_some(id))
        }

        fn found_a_department(&mut self) -> Result<()> {
            let Some(location) = self.add_location()? else { return Ok(()) };
            let Some(department) = self.next_value("departments_seq")? else { return Ok(()) };
            let name = self.name();
            let sql = "INSERT INTO departments VALUES (:1, :2, NULL, :3)";
            if let Done::Rows(_) = self.run(sql, &[&department, &name, &location])? {
                self.known.used_locations.push((location, department));
            }
            Ok(())
        }

        /// A new key for a row that others refer to: a new row, its children moved to it, the old row deleted.
        fn move_a_location(&mut self) -> Result<()> {
            let Some(old) = self.random.pick(&self.known.used_locations) else { return Ok(()) };
            let Some(new) = self.add_location()? else { return Ok(()) };
            self.run("UPDATE departments SET location_id = :1 WHERE location_id = :2", &[&new, &old.0])?;
            self.run("DELETE FROM locations WHERE location_id = :1", &[&old.0])?;
            self.counters.key_updates += 1;
            self.known.used_locations.retain(|l| *l != old);
            self.known.used_locations.push((new, old.1));
            Ok(())
        }

        fn add_spares(&mut self) -> Result<()> {
            let n = 100 + i64::from(self.random.below(900_000));
            let name = self.name();
            let done = self.run("INSERT INTO regions VALUES (:1, :2)", &[&n, &name])?;
            if let Done::Rows(_) = done {
                self.known.spare_regions.push(n);
            }
            let (job, title) = (format!("W{n}"), self.name());
            let sql = "INSERT INTO jobs VALUES (:1, :2, :3, NULL)";
            if let Done::Rows(_) = self.run(sql, &[&job, &title, &(n % 10_000)])? {
                self.known.spare_jobs.push(job);
            }
            if let Some(location) = self.add_location()? {
                self.known.spare_locations.push(location);
            }
            Ok(())
        }

        /// A new key for a row that nothing refers to.
        fn change_a_key(&mut self) -> Result<()> {
            let n = 1_000_000 + i64::from(self.random.below(9_000_000));
            match self.random.below(4) {
                0 => {
                    let Some(old) = self.random.pick(&self.known.spare_regions) else { return Ok(()) };
                    let sql = "UPDATE regions SET region_id = :1 WHERE region_id = :2";
                    if let Done::Rows(_) = self.run(sql, &[&n, &old])? {
                        self.known.spare_regions.retain(|r| *r != old);
                        self.known.spare_regions.push(n);
                        self.counters.key_updates += 1;
                    }
                }
                1 => {
                    let Some(old) = self.random.pick(&self.known.spare_jobs) else { return Ok(()) };
                    let new = format!("X{n}");
                    let sql = "UPDATE jobs SET job_id = :1, max_salary = :2 WHERE job_id = :3";
                    if let Done::Rows(_) = self.run(sql, &[&new, &(n % 100_000), &old])? {
                        self.known.spare_jobs.retain(|j| *j != old);
                        self.known.spare_jobs.push(new);
                        self.counters.key_updates += 1;
                    }
                }
                2 => {
                    let Some(old) = self.random.pick(&self.known.spare_locations) else { return Ok(()) };
                    let new = 1 + i64::from(self.random.below(999));
                    let sql = "UPDATE locations SET location_id = :1 WHERE location_id = :2";
                    if let Done::Rows(_) = self.run(sql, &[&new, &old])? {
                        self.known.spare_locations.retain(|l| *l != old);
                        self.known.spare_locations.push(new);
                        self.counters.key_updates += 1;
                    }
                }
                _ => {
                    let Some(old) = self.random.pick(&self.known.spare_employees) else { return Ok(()) };
                    let Some(new) = self.next_value("employees_seq")? else { return Ok(()) };
                    let sql = "UPDATE employees SET employee_id = :1 WHERE employee_id = :2";
                    if let Done::Rows(_) = self.run(sql, &[&new, &old])? {
                        self.known.spare_employees.retain(|e| *e != old);
                        self.known.spare_employees.push(new);
                        self.counters.key_updates += 1;
                    }
                }
            }
            Ok(())
        }

        fn change_a_history_key(&mut self) -> Result<()> {
            let Some(id) = self.random.pick(&self.known.employees) else { return Ok(()) };
            let sql = "UPDATE job_history SET start_date = start_date - 1 WHERE employee_id = :1";
            if let Done::Rows(rows) = self.run(sql, &[&id])? {
                self.counters.key_updates += u64::from(rows > 0);
            }
            Ok(())
        }

        fn fire(&mut self) -> Result<()> {
            let Some(id) = self.random.pick(&self.known.spare_employees) else { return Ok(()) };
            if let Done::Rows(_) = self.run("DELETE FROM employees WHERE employee_id = :1", &[&id])? {
                self.known.spare_employees.retain(|e| *e != id);
            }
            if self.random.percent(30)
                && let Some(region) = self.random.pick(&self.known.spare_regions)
                && let Done::Rows(_) = self.run("DELETE FROM regions WHERE region_id = :1", &[&region])?
            {
                self.known.spare_regions.retain(|r| *r != region);
            }
            Ok(())
        }

        fn forget_history(&mut self) -> Result<()> {
            let from = 100 + i64::from(self.random.below(120));
            self.run("DELETE FROM job_history WHERE employee_id BETWEEN :1 AND :2", &[&from, &(from + 5)])?;
            Ok(())
        }

        fn describe_places(&mut self) -> Result<()> {
            let name = self.name();
            let sql = "UPDATE locations SET state_province = :1 WHERE location_id < 1000";
            self.run(sql, &[&name])?;
            if let Some(country) = self.random.pick(&self.known.countries) {
                let name = self.name();
                self.run("UPDATE countries SET country_name = :1 WHERE country_id = :2", &[&name, &country])?;
            }
            Ok(())
        }

        /// Statements that a constraint refuses, some of them after they have changed rows.
        fn fail(&mut self) -> Result<()> {
            match self.random.below(6) {
                0 => self.run("INSERT INTO regions VALUES (10, 'twice')", &[])?,
                1 => self.run("INSERT INTO countries VALUES ('QQ', 'No such region', -1)", &[])?,
                2 => self.run("DELETE FROM regions WHERE region_id IN (10, 20)", &[])?,
                3 => {
                    // Employee 100 comes first and would be fine; the others go below zero.
                    let sql = "UPDATE employees SET salary = salary - 20000 WHERE employee_id BETWEEN 100 AND 110";
                    self.run(sql, &[])?
                }
                4 => self.run("UPDATE locations SET city = NULL WHERE location_id = 1000", &[])?,
                _ => {
                    let sql = "INSERT INTO jobs VALUES ('LONG', 'a title with more than thirty-five characters', 1, 2)";
                    self.run(sql, &[])?
                }
            };
            Ok(())
        }
    }

    fn ora_code(error: &anyhow::Error) -> Option<i32> {
        error.downcast_ref::<oracle::Error>()?.db_error().map(|e| e.code())
    }
}
