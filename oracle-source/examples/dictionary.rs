//! How long the dictionary of a large schema takes, on the stand-in client library:
//! `cargo run --release -p oracle-source --example dictionary [TABLES [COLUMNS]]` (10 000 and 20 unless said).
//!
//! Prints one line of JSON: `value` is seconds of wall time, `cpu` of CPU time, `peak_mb` the most memory (Linux only): those of a process that does nothing
//! else, the stand-in's own work included in all three; `queries` is the number of statements sent, each of which is one round trip and one more for every 1000 rows.
//! A table has two indexes: `dictionary 16700` is a schema of 50 100 objects.

use oracle_source::{ConnectOptions, ObjectFilter, Session, read_dictionary};
use schema_map::OracleIdent;
use std::{error::Error, fmt::Write, path::Path, process::Command, time::Instant};

const PASSWORD: &str = "of-a-database-that-is-gone-at-the-end";

/// Names the database to the process that reads.
const FILE: &str = "DICTIONARY_FILE";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let tables = arguments.next().transpose()?.unwrap_or(10_000);
    let columns = arguments.next().transpose()?.unwrap_or(20);
    if let Some(file) = std::env::var_os(FILE) {
        return read(Path::new(&file), tables, columns);
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("large.db");
    // Closed before the client library opens it.
    {
        let database = clntsh::Database::create(&file, PASSWORD)?;
        database.create_user("BIG", PASSWORD)?;
        database.make_objects("BIG", &script(tables, columns)?)?;
    }
    let status = Command::new(std::env::current_exe()?)
        .args([tables.to_string(), columns.to_string()])
        .env(FILE, &file)
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("reading ended with {status}").into()) }
}

fn read(file: &Path, tables: usize, columns: usize) -> Result<(), Box<dyn Error>> {
    let mut options = ConnectOptions::new("big", PASSWORD, format!("standin:{}", file.display()));
    options.client_lib_dir = Some(clntsh::library_dir()?);
    let session = Session::connect(&options)?;
    let (begun, cpu) = (Instant::now(), cpu_time::ProcessTime::now());
    let read = read_dictionary(&session, &[OracleIdent::new("BIG")?], &ObjectFilter::default())?;
    let (wall, cpu) = (begun.elapsed(), cpu.elapsed());
    let found: usize = read.catalog.tables.iter().map(|table| table.columns.len()).sum();
    if (read.catalog.tables.len(), found) != (tables, tables * columns) {
        return Err(format!("{} tables with {found} columns were read", read.catalog.tables.len()).into());
    }
    let line = serde_json::json!({
        "measure": format!("dictionary/{tables}x{columns}"),
        "value": wall.as_secs_f64(),
        "cpu": cpu.as_secs_f64(),
        "unit": "s",
        "queries": read.queries,
        "peak_mb": peak().map(|kib| kib / 1024),
        "objects": tables + read.catalog.indexes.len() + read.catalog.stored_code.len(),
    });
    println!("{line}");
    Ok(())
}

/// The most memory that the process had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// Tables with a primary key, a foreign key to the one before, an index, a check, defaults and comments.
fn script(tables: usize, columns: usize) -> Result<String, std::fmt::Error> {
    let mut script = String::new();
    for n in 0..tables {
        write!(script, "CREATE TABLE table_{n} (id NUMBER(10) PRIMARY KEY")?;
        for column in 1..columns {
            match column % 4 {
                0 => write!(script, ", c{column} NUMBER(12,2) DEFAULT 0 NOT NULL")?,
                1 => write!(script, ", c{column} VARCHAR2(100 CHAR)")?,
                2 => write!(script, ", c{column} DATE DEFAULT SYSDATE")?,
                _ => write!(script, ", c{column} NUMBER(10)")?,
            }
        }
        if columns > 4 {
            write!(script, ", CONSTRAINT check_{n} CHECK (c4 >= 0)")?;
            if n > 0 {
                write!(script, ", CONSTRAINT before_{n} FOREIGN KEY (c3) REFERENCES table_{} (id)", n - 1)?;
            }
        }
        script.push_str(");\n");
        if columns > 3 {
            writeln!(script, "CREATE INDEX index_{n} ON table_{n} (c3, c1);")?;
        }
        writeln!(script, "COMMENT ON TABLE table_{n} IS 'Table number {n}';")?;
        writeln!(script, "COMMENT ON COLUMN table_{n}.id IS 'Key of table {n}';")?;
    }
    Ok(script)
}
