//! Moves Oracle schemas to PostgreSQL while the source stays open.

use anyhow::{Context, Result, bail};
use cdc_logminer::{Irregularity, RedoPolicy};
use clap::{Args, Parser, Subcommand};
use examples::{
    assess::{AssessOptions, Format, assess},
    choices::Choices,
    config::{Config, Names},
    pipeline::{CutoverOptions, Override, Pipeline, RunEnd, VerifyPart, write_files},
    progress::{Progress, status_table},
    redo,
    scripts::{ScriptOptions, convert},
};
use oracle_source::{ObjectFilter, PrerequisiteState, prerequisites};
use pg_sink::{MigrationState, TableOutcome};
use schema_map::{CaseRule, ObjectPath, OracleIdent, PgIdent, TypeOverrides, ddl::Phase};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};
use tokio::runtime::Handle;

/// Moves Oracle schemas to PostgreSQL while the source stays open: load at one SCN, follow the redo, cut over.
#[derive(Parser)]
#[command(name = "migrate", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Common {
    /// The configuration file.
    #[arg(short, long, default_value = "migrate.toml")]
    config: PathBuf,
}

/// What `migrate schema` is told beside the configuration, which is not read for a folder of scripts.
#[derive(Args)]
struct SchemaArgs {
    /// Convert the Oracle scripts of this folder and of those below it; no database is needed.
    #[arg(long, value_name = "DIR")]
    scripts: Option<PathBuf>,
    /// Print the manifest as JSON instead of a summary.
    #[arg(long, requires = "scripts")]
    json: bool,
    /// The Oracle schema of names without one; as NAME=TARGET, and again for other schemas, also the target schema.
    #[arg(long = "schema", value_name = "NAME[=TARGET]", requires = "scripts")]
    schemas: Vec<String>,
    /// Unquoted names become lower or upper case, whatever the target schema's name implies.
    #[arg(long, value_name = "lower|upper", requires = "scripts")]
    case: Option<String>,
    /// A name map, as `migrate schema` writes it into names.toml, edited; TOML or JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    name_map: Option<PathBuf>,
    /// A type: 'NUMBER(1,0)=smallint' for all columns of a type, 'HR.JOBS.PAY=numeric(10,2)' for one column.
    #[arg(long = "type", value_name = "WHAT=TYPE", conflicts_with = "apply")]
    types: Vec<String>,
    /// The target's major version, 13 to 18; that of the server where there is one, else 15.
    #[arg(long, value_name = "N", conflicts_with = "apply", value_parser = clap::value_parser!(u32).range(13..=18))]
    pg_version: Option<u32>,
    /// A substitution variable's value.
    #[arg(long = "define", value_name = "NAME=VALUE", requires = "scripts")]
    defines: Vec<String>,
    /// Only objects whose name or OWNER.NAME fits this; * is anything, ? one character, a name between double quotes as it stands.
    #[arg(long, value_name = "PATTERN", conflicts_with = "apply")]
    include: Vec<String>,
    /// No objects whose name or OWNER.NAME fits this.
    #[arg(long, value_name = "PATTERN", conflicts_with = "apply")]
    exclude: Vec<String>,
    /// Bitmap indexes become GIN indexes of the extension btree_gin, instead of b-trees.
    #[arg(long, conflicts_with = "apply")]
    bitmap_as_gin: bool,
    /// Partitioned tables become plain ones.
    #[arg(long, conflicts_with = "apply")]
    plain_tables: bool,
    /// Call functions of the extension orafce, which the target has, instead of making ones of our own.
    #[arg(long, conflicts_with = "apply")]
    orafce: bool,
}

#[derive(Args)]
struct AssessArgs {
    /// A configuration file with the source to assess; may be given again. migrate.toml where there are no scripts either.
    #[arg(short, long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// A folder of Oracle scripts to assess, with those below it; no database is needed. May be given again.
    #[arg(long, value_name = "DIR")]
    scripts: Vec<PathBuf>,
    /// The form of the report: text, html, json, sarif, csv, or one table of it as csv:summary, csv:inventory, csv:objects, csv:findings.
    #[arg(long, value_name = "FORM", default_value = "text", conflicts_with = "json")]
    format: Format,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Write the report into this file instead of printing it.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also give the score of another tool's cost model, to compare with older figures.
    #[arg(long, value_name = "ora2pg", value_parser = ["ora2pg"])]
    score: Option<String>,
    /// Create what converts in this PostgreSQL, in schemas that are dropped afterwards, and say what it refuses. Where no URL is given,
    /// the environment's DATABASE_URL; the password comes from PGPASSWORD or the pgpass file.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    prove: Option<String>,
    /// Look at so many rows of each table for what its columns really hold: ranges, long LOBs, texts with U+0000 or with bytes that are no
    /// characters.
    #[arg(long, value_name = "ROWS")]
    sample: Option<u64>,
    /// This database has a licence for Oracle's Diagnostics Pack: also read how tables grew, from DBA_HIST_SEG_STAT, which must not be queried
    /// without one. Nothing that is free of charge tells it.
    #[arg(long, conflicts_with = "scripts")]
    diagnostics_pack: bool,
    /// The figures of the cost model, as TOML or JSON; what it does not name stays as it is.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// People who work on it at the same time.
    #[arg(long, value_name = "N")]
    team: Option<u32>,
    /// Effort for tests, as a share of writing: 0.4 is 40 %.
    #[arg(long, value_name = "SHARE")]
    test_share: Option<f64>,
    /// What scripts cannot tell, as JSON that --facts-out wrote where the database is.
    #[arg(long, value_name = "FILE", requires = "scripts")]
    facts: Option<PathBuf>,
    /// Write what the database told beyond its catalog into this file, as JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "scripts")]
    facts_out: Option<PathBuf>,
    /// Switch a rule off, by its id. May be given again.
    #[arg(long, value_name = "RULE")]
    without: Vec<String>,
    /// The Oracle schema of names without one, in scripts.
    #[arg(long, value_name = "NAME", requires = "scripts")]
    schema: Option<String>,
    /// The target's major version, 13 to 18; with --prove it is the server's.
    #[arg(long, value_name = "N", requires = "scripts", value_parser = clap::value_parser!(u32).range(13..=18))]
    pg_version: Option<u32>,
    /// A substitution variable's value, in scripts.
    #[arg(long = "define", value_name = "NAME=VALUE", requires = "scripts")]
    defines: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Check what the source needs for an online migration; print the SQL that mends what is missing.
    Check {
        #[command(flatten)]
        common: Common,
        /// Also write that SQL into this file, for a DBA.
        #[arg(long)]
        sql: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what is there, what converts, what moving it costs and what stands in the way, object by object: of databases or of
    /// folders of scripts.
    Assess(Box<AssessArgs>),
    /// Decide names, types, DDL and chunks, and write them down for review. Touches nothing.
    Plan {
        #[command(flatten)]
        common: Common,
        /// The folder to write into.
        #[arg(short, long, default_value = "plan")]
        out: PathBuf,
    },
    /// Write the target's DDL as .sql files that psql loads in order, from the dictionary or from a folder of scripts; or create
    /// what comes before the load.
    Schema {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        args: Box<SchemaArgs>,
        /// The folder to write into.
        #[arg(short, long, default_value = "schema")]
        out: PathBuf,
        /// Also create schemas and tables in the target, without keys and indexes: `run` adds these. What `run` is to know
        /// too is in the configuration, not in options.
        #[arg(long, conflicts_with = "scripts")]
        apply: bool,
    },
    /// Create the schema, load everything at one SCN, then follow the redo until a cutover. Start it again after any failure.
    Run {
        #[command(flatten)]
        common: Common,
    },
    /// Show each table's load, applied and pending changes, and the lag.
    Status {
        #[command(flatten)]
        common: Common,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// With the source's writers stopped: apply the rest, compare everything, put keys, sequences and triggers in place.
    Cutover {
        #[command(flatten)]
        common: Common,
        /// The folder for the report and the way back.
        #[arg(short, long, default_value = "cutover")]
        out: PathBuf,
        /// Go on over what would be refused, and record it: differences=SCHEMA.TABLE, open-transactions, late-writes. May be given again.
        #[arg(long = "override", value_name = "WHAT")]
        overrides: Vec<Override>,
    },
    /// Compare every row of every table, value by value; source and target may go on meanwhile.
    Verify {
        #[command(flatten)]
        common: Common,
        /// Write SQL into this file that makes the target's rows equal, for you to read and run.
        #[arg(long, value_name = "FILE")]
        repair: Option<PathBuf>,
        /// Only this table of the source. May be given again.
        #[arg(long = "table", value_name = "SCHEMA.TABLE")]
        tables: Vec<String>,
        /// Of one table, only rows whose key (its first column: a number, a date or a timestamp) is at least this.
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        from: Option<String>,
        /// And less than this.
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        to: Option<String>,
    },
    /// Look into captured redo, from standard input to standard output. Needs no configuration and no database.
    #[command(subcommand)]
    Redo(Redo),
}

#[derive(Subcommand)]
enum Redo {
    /// Say what each statement of SQL_REDO does: lines of JSON to lines of JSON.
    ///
    /// Reads lines {"id": …, "sql": "…", "columns": ["A", …] or null}: an id of any kind, one statement, and the names of all
    /// columns of its table where they are known. Writes for each, in order,
    /// {"id": …, "op": "INSERT|UPDATE|DELETE", "owner": …, "table": …, "after": {…}, "before": {…}, "repaired": false}
    /// with {"raw": …, "value": …, "state": "value|null|unsupported"} for each column, and "row_id" where there is one; or
    /// {"id": …, "error": {"kind": …, "offset": …}}, with the offset in bytes into sql.
    ///
    /// Columns that are not there were not logged. "repaired": apostrophes within texts were not doubled, and there is one
    /// way to read the statement. Lines with errors do not change the exit status, which is 0 once all lines are read.
    Statements,
    /// Say which transactions rows of V$LOGMNR_CONTENTS are: lines of JSON to lines of JSON.
    ///
    /// Reads one row a line, with the view's columns as keys, in LogMiner's order: SCN, XID (or XIDUSN, XIDSLT, XIDSQN),
    /// OPERATION_CODE (or OPERATION), SQL_REDO, and as far as they matter ROLLBACK, STATUS, INFO, SEG_OWNER, TABLE_NAME, ROW_ID, RS_ID,
    /// SSN, CSF, THREAD#, DATA_OBJ#, DATA_OBJV#, PXID, TIMESTAMP, COMMIT_SCN. Writes one committed transaction a line, in the order
    /// of the commits, with what was undone left out:
    /// {"xid": …, "start_scn": …, "commit_scn": …, "commit_time": …, "changes": [{"scn": …, "op": "INSERT|UPDATE|DELETE|TRUNCATE|DDL",
    /// "owner": …, "table": …, "row_id": …, "after": {…}, "before": {…}}, …]}
    /// with {"value": …, "state": "value|null|unsupported|lob_not_logged|lob_patch"} for each column that was logged.
    ///
    /// What cannot be read ends it, after the transactions committed before, with a line {"error": {…}} and status 1.
    Transactions {
        /// Go on over this, and count it: status, corruption, missing-scn, unknown-operation, unsupported-row or
        /// broken-transaction. May be given several times.
        #[arg(long, value_name = "WHAT")]
        allow: Vec<Irregularity>,
    },
}

/// A line for whoever reads. They may have gone, as `head` does: that must not end a cutover in its middle.
macro_rules! say {
    ($($line:tt)*) => {{
        let _ = writeln!(io::stdout(), $($line)*);
    }};
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// The chain of causes, each said once: some errors repeat their cause in their own text.
fn one_line(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn run(command: Command) -> Result<ExitCode> {
    if let Command::Redo(redo) = command {
        return look_into(redo);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // A second signal ends the process at once.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let pipeline = |common: &Common| {
        Ok::<_, anyhow::Error>(Pipeline::new(
            Config::read(&common.config)?,
            runtime.handle().clone(),
            Arc::clone(&stop),
        ))
    };
    match command {
        Command::Redo(redo) => look_into(redo),
        Command::Check { common, sql, json } => check(&pipeline(&common)?, sql, json),
        Command::Assess(args) => report(*args, runtime.handle(), &stop),
        Command::Plan { common, out } => {
            let pipeline = pipeline(&common)?;
            let session = pipeline.oracle("migrate plan")?;
            let plan = pipeline.plan(&session, &pipeline.postgres()?)?;
            let chunks = pipeline.write_plan(&session, &plan, &out)?;
            say!(
                "{} tables in {} chunks, {} statements of DDL:",
                plan.tables.len(),
                chunks.chunks.len(),
                plan.ddl.statements.len()
            );
            for table in &plan.tables {
                say!("  {} -> {}", table.source, table.target.quoted());
            }
            for (table, reason) in &chunks.whole {
                say!("  {table} is loaded as one chunk: {reason}");
            }
            if !plan.ddl.refusals.is_empty() {
                say!("not converted:");
                plan.say_refusals(&Progress::new());
            }
            say!(
                "written to {}: review names.toml and the .sql files; names.map of the configuration takes an edited names.toml",
                out.display()
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Schema { args, out, .. } if args.scripts.is_some() => convert_scripts(&args, &out),
        Command::Schema { common, args, out, apply } => {
            let mut config = Config::read(&common.config)?;
            if args.name_map.is_some() {
                config.names.map.clone_from(&args.name_map);
            }
            config.types = type_overrides(config.types, &args.types)?;
            let pipeline = Pipeline::new(config, runtime.handle().clone(), Arc::clone(&stop));
            let session = pipeline.oracle("migrate schema")?;
            let mut client = pipeline.postgres()?;
            let plan = pipeline.plan_by(&session, &client, &choices(&args)?)?;
            write_files(&plan, &out)?;
            say!(
                "{} statements written to {}, {} objects not converted:",
                plan.ddl.statements.len(),
                out.display(),
                plan.ddl.refusals.len()
            );
            plan.say_refusals(&Progress::new());
            if apply {
                runtime.block_on(pipeline.control().install(&client))?;
                pipeline.create_tables(&mut client, &plan)?;
                say!("created: {} tables", plan.ddl.phase(Phase::Tables).count());
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Run { common } => {
            match pipeline(&common)?.run()? {
                RunEnd::Stopped => say!("stopped; `migrate run` carries on from here"),
                RunEnd::HandedToCutover => say!("everything is applied; the cutover takes over"),
                RunEnd::AlreadyCompleted => say!("the migration is completed; `migrate verify` compares again"),
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Status { common, json } => {
            let pipeline = pipeline(&common)?;
            if json {
                say!("{}", serde_json::to_string_pretty(&pipeline.status()?)?);
            } else {
                let status = pipeline.status()?;
                say!("{}", status_table(&status));
                if status.state != MigrationState::Completed && !pipeline.is_at_work()? {
                    say!("no process is at work: start `migrate run`");
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Cutover { common, out, overrides } => {
            let pipeline = pipeline(&common)?;
            let options = CutoverOptions { overrides, out };
            let Some(outcome) = pipeline.cutover(&options, &Progress::new())? else {
                say!("the migration is completed already; its report is written anew to {}", options.out.display());
                return Ok(ExitCode::SUCCESS);
            };
            let rows: u64 = outcome.tables.iter().map(|t| t.source_rows).sum();
            let equal = outcome.tables.iter().all(TableOutcome::is_equal);
            say!(
                "completed at SCN {}: {} tables with {rows} rows are {}",
                outcome.scn,
                outcome.tables.len(),
                if equal { "equal, value by value" } else { "NOT all equal" }
            );
            for over in &outcome.overridden {
                say!("  OVERRIDDEN: {over}");
            }
            for s in &outcome.sequences {
                say!("  sequence {} goes on with {}", s.sequence, s.next);
            }
            say!("report and way back: {}", options.out.display());
            say!("{}", pipeline.summary()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { common, repair, tables, from, to } => {
            let part = VerifyPart { tables, from, to };
            let verified = pipeline(&common)?.verify(&part, repair.as_deref(), &Progress::new())?;
            let different: Vec<_> = verified.tables.iter().filter(|t| !t.is_equal()).collect();
            for outcome in &different {
                say!(
                    "{} differs: {} rows at the source, {} at the target",
                    outcome.table,
                    outcome.source_rows,
                    outcome.target_rows
                );
                for difference in &outcome.differences {
                    say!("  {difference}");
                }
                if !outcome.complete {
                    say!("  and perhaps more");
                }
            }
            if let (Some(file), Some(r)) = (&repair, verified.repaired) {
                say!(
                    "{}: {} rows to insert, {} to update, {} to delete, {} left to you",
                    file.display(),
                    r.inserts,
                    r.updates,
                    r.deletes,
                    r.left
                );
            }
            if different.is_empty() {
                say!("{} tables are equal, value by value", verified.tables.len());
                return Ok(ExitCode::SUCCESS);
            }
            bail!("{} of {} tables differ", different.len(), verified.tables.len())
        }
    }
}

/// A filter of lines: signals end it, and so does whoever reads no more.
fn look_into(redo: Redo) -> Result<ExitCode> {
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    let output = io::BufWriter::with_capacity(1 << 16, output);
    let read = match redo {
        Redo::Statements => redo::statements(input, output).map(|()| ExitCode::SUCCESS),
        Redo::Transactions { allow } => {
            let policy = allow.into_iter().fold(RedoPolicy::default(), RedoPolicy::allow);
            redo::transactions(input, output, policy).map(|summary| {
                if summary.open > 0 {
                    let _ = writeln!(io::stderr(), "transactions open at the end: {}", summary.open);
                }
                if summary.repaired > 0 {
                    let _ =
                        writeln!(io::stderr(), "statements whose apostrophes were not doubled: {}", summary.repaired);
                }
                if summary.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
            })
        }
    };
    match read {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("reading lines"),
        Err(_) => Ok(ExitCode::SUCCESS),
        Ok(code) => Ok(code),
    }
}

fn choices(args: &SchemaArgs) -> Result<Choices> {
    Ok(Choices {
        pg_version: args.pg_version,
        filter: ObjectFilter::new(&args.include, &args.exclude)?,
        bitmap_as_gin: args.bitmap_as_gin,
        plain_tables: args.plain_tables,
        orafce: args.orafce,
    })
}

/// `WHAT=VALUE`.
fn pair(text: &str) -> Result<(String, String)> {
    let (left, right) = text.rsplit_once('=').with_context(|| format!("{text}: expected WHAT=VALUE"))?;
    Ok((left.trim().to_owned(), right.trim().to_owned()))
}

/// `NAME=VALUE` of a substitution variable; its value may have a `=` in it.
fn define(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').with_context(|| format!("{text}: expected NAME=VALUE"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn convert_scripts(args: &SchemaArgs, out: &Path) -> Result<ExitCode> {
    let dir = args.scripts.as_deref().context("--scripts is missing")?;
    let mut options = ScriptOptions { choices: choices(args)?, ..ScriptOptions::default() };
    for (at, schema) in args.schemas.iter().enumerate() {
        let (source, target) = match schema.contains('=') {
            true => pair(schema).map(|(source, target)| (source, Some(target)))?,
            false => (schema.clone(), None),
        };
        let source = OracleIdent::new(source)?;
        if let Some(target) = target {
            options.targets.push((source.clone(), PgIdent::new_schema(target)?));
        }
        if at == 0 {
            options.schema = Some(source);
        }
    }
    options.case = match args.case.as_deref() {
        None => None,
        Some("lower") => Some(CaseRule::Lower),
        Some("upper") => Some(CaseRule::Upper),
        Some(other) => bail!("--case {other}: expected lower or upper"),
    };
    if let Some(path) = &args.name_map {
        options.names = Names::read_map(path)?;
    }
    options.types = type_overrides(TypeOverrides::default(), &args.types)?;
    options.defines = args.defines.iter().map(|text| define(text)).collect::<Result<_>>()?;
    let conversion = convert(dir, &options)?;
    conversion.write(out)?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&conversion.report)?);
    } else {
        say!("{}", conversion.report.text());
        say!("written to {}: load the .sql files with psql in the order of their names", out.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn type_overrides(mut overrides: TypeOverrides, types: &[String]) -> Result<TypeOverrides> {
    for text in types {
        let (what, pg_type) = pair(text)?;
        let pg_type = pg_type.parse().with_context(|| format!("{text}: {pg_type} is no type that is known here"))?;
        let parts: Vec<&str> = what.split('.').collect();
        match parts.as_slice() {
            [owner, table, column] if !what.contains('(') => {
                let table = ObjectPath::new(OracleIdent::new(*owner)?, OracleIdent::new(*table)?);
                overrides.set_column(&table, OracleIdent::new(*column)?, pg_type);
            }
            _ => overrides.set_oracle_type(&what, pg_type),
        }
    }
    Ok(overrides)
}

fn check(pipeline: &Pipeline, sql: Option<PathBuf>, json: bool) -> Result<ExitCode> {
    let session = pipeline.oracle("migrate check")?;
    let found = pipeline.check(&session, &pipeline.catalog(&session)?)?;
    if let Some(path) = sql {
        std::fs::write(&path, prerequisites::mend_script(&found))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let unmet = found.iter().filter(|p| p.required && p.state == PrerequisiteState::NotMet).count();
    if json {
        say!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(if unmet == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    say!("{}", prerequisites::text(&found).trim_end());
    if unmet == 0 {
        say!("the source is ready for an online migration");
        return Ok(ExitCode::SUCCESS);
    }
    let noun = if unmet == 1 { "prerequisite is" } else { "prerequisites are" };
    say!("{unmet} {noun} not met: the SQL above mends what SQL can");
    Ok(ExitCode::FAILURE)
}

fn report(args: AssessArgs, runtime: &Handle, stop: &Arc<AtomicBool>) -> Result<ExitCode> {
    let mut configs = args.config;
    if configs.is_empty() && args.scripts.is_empty() {
        configs.push(PathBuf::from("migrate.toml"));
    }
    let defines = args.defines.iter().map(|text| define(text)).collect::<Result<_>>()?;
    let schema = args.schema.map(OracleIdent::new).transpose()?;
    let options = AssessOptions {
        scripts: args.scripts,
        configs,
        script_options: ScriptOptions {
            schema,
            choices: Choices { pg_version: args.pg_version, ..Choices::default() },
            defines,
            ..ScriptOptions::default()
        },
        reference_score: args.score.is_some(),
        prove: args.prove,
        model: args.model,
        team: args.team,
        test_share: args.test_share,
        facts: args.facts,
        facts_out: args.facts_out,
        sample: args.sample,
        diagnostics_pack: args.diagnostics_pack,
        without: args.without,
    };
    let format = if args.json { Format::Json } else { args.format };
    let report = format.render(&assess(&options, runtime, stop)?)?;
    match args.out {
        Some(path) => {
            std::fs::write(&path, report).with_context(|| format!("{} cannot be written", path.display()))?;
            say!("written to {}", path.display());
        }
        None => say!("{}", report.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
