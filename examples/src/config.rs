//! The configuration file of a migration, in TOML.
//!
//! ```toml
//! [source]
//! connect = "//oracle.example.com:1521/ORCL"   # Easy Connect, a TNS name or a full descriptor
//! user = "migrator"
//! password = { env = "ORACLE_PASSWORD" }       # or { file = "…" } or { command = "…" }
//! driver = "oci"                               # or "thin" (built with the feature `thin`): 12.1 and later, no Instant Client
//! client_lib_dir = "/opt/oracle/instantclient" # where libclntsh.so is; else the system's search path
//!
//! [target]
//! url = "postgresql://migrator@pg.example.com/app?sslmode=verify-full&sslrootcert=ca.pem"
//! password = { command = "pass show pg" }      # else PGPASSWORD, else the pgpass file
//!
//! [schemas]                                    # Oracle schema = PostgreSQL schema, as each stores its names
//! HR = "hr"
//! ```
//!
//! No password is ever written into the file or given on the command line.

use anyhow::{Context, Result, bail};
use cdc_logminer::Irregularity;
use oracle_source::{Driver, ObjectFilter};
use pg_sink::{ApplyOptions, ConflictPolicy};
use schema_map::{CaseRule, NameMap, ObjectPath, OracleIdent, PgIdent, TypeOverrides};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

/// A whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The Oracle database.
    pub source: Source,
    /// The PostgreSQL database.
    #[serde(default)]
    pub target: Target,
    /// Oracle schema to PostgreSQL schema, both as their dictionaries store them. At least one.
    pub schemas: BTreeMap<OracleIdent, PgIdent>,
    /// Which of the schemas' objects move.
    #[serde(default)]
    pub objects: Objects,
    /// How names are made.
    #[serde(default)]
    pub names: Names,
    /// Other types than the default ones: `[types.columns]`, `[types.oracle]`, `[types.loss]`.
    #[serde(default)]
    pub types: TypeOverrides,
    /// The full load.
    #[serde(default)]
    pub load: Load,
    /// Following the redo.
    #[serde(default)]
    pub follow: Follow,
    /// The schema of the target that keeps the migration's own state.
    #[serde(default = "control_schema")]
    pub control_schema: PgIdent,
}

/// The Oracle side.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Easy Connect string, TNS name or descriptor; `standin:FILE` is the embedded stand-in.
    pub connect: String,
    /// The user.
    pub user: String,
    /// Where the password comes from.
    #[serde(default = "oracle_password")]
    pub password: Secret,
    /// What speaks to the database: `oci`, Oracle's client library, or `thin`, which needs none ([`Driver`]; with the feature `thin`).
    #[serde(default)]
    pub driver: Driver,
    /// The folder of `libclntsh.so`; found by itself for the stand-in.
    pub client_lib_dir: Option<PathBuf>,
    /// The folder of `tnsnames.ora`, `sqlnet.ora` and a wallet, in place of the environment's `TNS_ADMIN`.
    pub config_dir: Option<PathBuf>,
    /// Connecting may take this long, in seconds. 0 is no limit.
    #[serde(default = "connect_timeout")]
    pub connect_timeout_s: u64,
    /// A single call to the database may take this long, in seconds. 0 is no limit.
    #[serde(default = "call_timeout")]
    pub call_timeout_s: u64,
}

/// The PostgreSQL side.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A libpq connection URL without password; where absent, the environment's `DATABASE_URL`, which may have one.
    pub url: Option<String>,
    /// Another database on the same server than the URL's.
    pub dbname: Option<String>,
    /// Where the password comes from; where absent, `PGPASSWORD`, else the pgpass file.
    pub password: Option<Secret>,
    /// The folder that the certificates of [`url`](Target::url) are relative to: that of the configuration file.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// Which objects move: those that fit one of the patterns to include, or all where there is none, and none of those to exclude. Patterns are
/// those of [`ObjectFilter`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Objects {
    /// Names, or schema and name, with `*` and `?`.
    pub include: Vec<String>,
    /// The same for what stays.
    pub exclude: Vec<String>,
}

/// How names are made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The case rule; where absent, what the target schema's name implies.
    pub case: Option<CaseRule>,
    /// A name map that was written by `migrate plan`, reviewed and perhaps edited.
    pub map: Option<PathBuf>,
}

impl Names {
    /// Reads a name map: TOML, or JSON where the file's name ends so.
    pub fn read_map(path: &Path) -> Result<NameMap> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("the name map {} cannot be read", path.display()))?;
        let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
        let names = if json { NameMap::from_json(&text) } else { NameMap::from_toml(&text) };
        names.with_context(|| format!("the name map {}", path.display()))
    }
}

/// The full load.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Load {
    /// Readers and writers side by side, and builders of keys and indexes after them, 1 to 64.
    pub workers: usize,
    /// Size that chunks of large tables aim at, in MiB.
    pub chunk_mb: u64,
    /// What happens to a row with a value that does not fit, or that the target refuses.
    pub on_bad_value: OnBadValue,
}

/// What happens to a row with a value that does not fit, or that the target refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBadValue {
    /// The load stops.
    #[default]
    Abort,
    /// The row is kept in the reject table with its reason, and the load goes on.
    Quarantine,
}

/// Following the redo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Follow {
    /// How long to wait when there is nothing new, in milliseconds.
    pub idle_ms: u64,
    /// How long redo is left alone after it was made, in milliseconds. Oracle's log writer writes at least every three seconds; what is
    /// not written yet cannot be mined, so less than that is for the stand-in only.
    pub settle_ms: u64,
    /// How often at most a single instance's log writer is made to write, by a commit of nothing, so that redo need not be left alone, in
    /// milliseconds; 0 is "never". Where it cannot be made to (several instances, a standby), `settle_ms` stands.
    pub flush_ms: u64,
    /// Source transactions that one target transaction takes at most.
    pub batch_transactions: usize,
    /// Changes after which a batch is closed.
    pub batch_changes: usize,
    /// How long the first transaction of a batch waits for others, in milliseconds. Where the source has nothing more for now, none waits.
    pub batch_ms: u64,
    /// The database is ready to cut over when the target is at most this far behind, in seconds.
    pub ready_lag_s: u64,
    /// Memory for changes of open transactions, in MiB; what is more waits on disk.
    pub memory_mb: usize,
    /// Where it waits, in a file without a name. The system's folder for temporary files where not given.
    pub spill_folder: Option<PathBuf>,
    /// Read archived logs only, never the online ones: changes come once their log is switched.
    pub archived_only: bool,
    /// Redo threads of a standby's primary that write no more: a standby waits for every other one.
    pub ended_threads: BTreeSet<u16>,
    /// The pluggable database to follow, where LogMiner runs in `CDB$ROOT`, or in it by name.
    pub container: Option<OracleIdent>,
    /// Another login for LogMiner than the source's: a common user in `CDB$ROOT`, or a standby that is open for reading.
    pub miner: Option<Miner>,
    /// A table on the source that is written to every minute: it proves the filters, and keeps idle instances of a cluster moving.
    pub heartbeat: Option<Beats>,
    /// What LogMiner cannot tell, or redo that is gone, that does not stop following: names of
    /// [`Irregularity`]. With it changes are lost.
    pub allow: Vec<String>,
    /// Whether each batch waits until it is on the target's disk. Where not, a crash of the target's server may take the last ones back,
    /// rows and position together, and they are applied again.
    pub synchronous_commit: bool,
    /// What is done about changes that do not fit the target's rows.
    pub conflicts: ConflictPolicy,
    /// The same for single tables, by owner and name, in place of `conflicts`.
    pub table_conflicts: BTreeMap<OracleIdent, BTreeMap<OracleIdent, ConflictPolicy>>,
}

impl Objects {
    /// As a filter.
    pub fn filter(&self) -> Result<ObjectFilter> {
        ObjectFilter::new(&self.include, &self.exclude).context("[objects]")
    }
}

impl Follow {
    /// How changes are applied.
    pub fn apply_options(&self) -> ApplyOptions {
        let mut options = ApplyOptions::default();
        options.synchronous_commit = self.synchronous_commit;
        options.conflicts = self.conflicts;
        for (schema, tables) in &self.table_conflicts {
            let path = |name: &OracleIdent| ObjectPath { schema: schema.clone(), name: name.clone() };
            options.table_conflicts.extend(tables.iter().map(|(name, policy)| (path(name), *policy)));
        }
        options
    }
}

/// Where LogMiner logs in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Miner {
    /// As that of the source.
    pub connect: String,
    /// The user, for example `C##MINER`.
    pub user: String,
    /// Where its password comes from.
    pub password: Secret,
}

/// A heartbeat's table, made with the statements of `oracle_source::Heartbeat::ddl`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beats {
    /// Its owner.
    pub schema: OracleIdent,
    /// Its name.
    pub table: OracleIdent,
    /// Of a cluster: a connect string for each instance, for the source's user. Absent: the source's own.
    #[serde(default)]
    pub instances: Vec<String>,
}

impl Default for Load {
    fn default() -> Self {
        Load { workers: 2, chunk_mb: 256, on_bad_value: OnBadValue::Abort }
    }
}

impl Default for Follow {
    fn default() -> Self {
        Follow {
            idle_ms: 250,
            settle_ms: 4000,
            flush_ms: 200,
            batch_transactions: 5000,
            batch_changes: 50_000,
            batch_ms: 500,
            ready_lag_s: 10,
            memory_mb: 64,
            spill_folder: None,
            archived_only: false,
            ended_threads: BTreeSet::new(),
            container: None,
            miner: None,
            heartbeat: None,
            allow: Vec::new(),
            synchronous_commit: true,
            conflicts: ConflictPolicy::default(),
            table_conflicts: BTreeMap::new(),
        }
    }
}

fn control_schema() -> PgIdent {
    PgIdent::new("oracle_migration").expect("a valid name")
}

fn oracle_password() -> Secret {
    Secret::Env("ORACLE_PASSWORD".to_owned())
}

fn connect_timeout() -> u64 {
    30
}

fn call_timeout() -> u64 {
    300
}

/// Where a password comes from. The password itself is only ever in memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file: its first line.
    File(PathBuf),
    /// A command line for `sh -c`: the first line that it prints.
    Command(String),
}

impl Secret {
    /// Fetches the password.
    pub fn fetch(&self) -> Result<String> {
        let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
        let password = match self {
            Secret::Env(name) => std::env::var(name).with_context(|| {
                format!("the environment variable {name}, which the configuration names for the password, is not set")
            })?,
            Secret::File(path) => first_line(
                std::fs::read_to_string(path)
                    .with_context(|| format!("the password file {} cannot be read", path.display()))?,
            ),
            Secret::Command(command) => {
                let output = Command::new("sh")
                    .args(["-c", command])
                    .stderr(std::process::Stdio::inherit())
                    .output()
                    .context("the password command cannot be started")?;
                if !output.status.success() {
                    bail!("the password command ended with {}", output.status);
                }
                first_line(
                    String::from_utf8(output.stdout)
                        .context("the password command printed something that is not UTF-8")?,
                )
            }
        };
        if password.is_empty() {
            bail!("the password from {self} is empty");
        }
        Ok(password)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::Env(name) => write!(f, "environment variable {name}"),
            Secret::File(path) => write!(f, "file {}", path.display()),
            Secret::Command(_) => f.write_str("the password command"),
        }
    }
}

impl Config {
    /// Reads and checks a configuration file. Relative paths in it are relative to the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        let mut config: Config =
            toml::from_str(&text).with_context(|| format!("the configuration file {} is not valid", path.display()))?;
        config.check().with_context(|| format!("the configuration file {} is not valid", path.display()))?;
        let base = path.parent().unwrap_or(Path::new("."));
        for relative in [&mut config.names.map, &mut config.source.client_lib_dir, &mut config.source.config_dir]
            .into_iter()
            .flatten()
        {
            *relative = base.join(&*relative);
        }
        for secret in [Some(&mut config.source.password), config.target.password.as_mut()].into_iter().flatten() {
            if let Secret::File(path) = secret {
                *path = base.join(&*path);
            }
        }
        config.target.folder = base.to_owned();
        if let Some(file) = config.source.connect.strip_prefix("standin:") {
            let file = std::path::absolute(base.join(file)).context("the stand-in's file has no absolute path")?;
            config.source.connect = format!("standin:{}", file.display());
        }
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.schemas.is_empty() {
            bail!(
                "[schemas] names no schema: say which Oracle schema goes to which PostgreSQL schema, for example HR = \"hr\""
            );
        }
        self.objects.filter()?;
        if !(1..=64).contains(&self.load.workers) {
            bail!("load.workers is {}: from 1 to 64 are possible", self.load.workers);
        }
        if self.load.chunk_mb == 0 || self.follow.batch_transactions == 0 || self.follow.batch_changes == 0 {
            bail!("load.chunk_mb, follow.batch_transactions and follow.batch_changes must be at least 1");
        }
        for name in &self.follow.allow {
            name.parse::<Irregularity>().context("follow.allow")?;
        }
        self.follow.apply_options().check().context("follow.conflicts")?;
        Ok(())
    }
}
