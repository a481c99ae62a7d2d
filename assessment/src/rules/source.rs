//! The migration itself: what must hold at the source, and whether redo, undo and time suffice.

use super::{Check, Found, Rule, Scope, Severity, Topic};
use crate::bytes::{as_f64, duration, size};
use crate::{Effort, facts::TableFacts};
use schema_map::{ObjectPath, OracleIdent};

/// Age of a transaction from which on it holds up the hand-over from load to following noticeably, in seconds.
const LONG_TRANSACTION_S: u64 = 1800;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "migration.prerequisite",
            "prerequisites that are not met",
            "The migration cannot follow changes without it: `migrate check` prints the SQL that mends it.",
            Severity::Blocker,
            Topic::Migration,
            Effort::new(0.5, 1.0, 4.0),
            Check::with(|scope, found| {
                for p in scope.facts.prerequisites.iter().flatten() {
                    if p.required && p.met == Some(false) && !p.id.starts_with("supplemental:") {
                        found.database(format!("{}: {}", p.what, p.found));
                    }
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"prerequisites": [{"id": "archivelog", "what": "Redo is archived", "met": false, "required": true, "found": "NOARCHIVELOG", "mend": []}]}"#,
            r#"{"prerequisites": [{"id": "archivelog", "what": "Redo is archived", "met": true, "required": true, "found": "ARCHIVELOG", "mend": []}]}"#,
        ),
        Rule::new(
            "migration.supplemental-logging",
            "tables without supplemental logging of their key",
            "Redo must tell the key of each changed row: ALTER TABLE … ADD SUPPLEMENTAL LOG DATA; `migrate check` prints it.",
            Severity::Blocker,
            Topic::Migration,
            Effort::new(0.0, 0.1, 0.2),
            Check::with(|scope, found| {
                for p in scope.facts.prerequisites.iter().flatten().filter(|p| p.met == Some(false)) {
                    if let Some(table) = p.id.strip_prefix("supplemental:").and_then(table_of) {
                        found.table(&table, format!("supplemental logging: {}", p.found));
                    }
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"prerequisites": [{"id": "supplemental:APP.T", "what": "Redo tells the key", "met": false, "required": true, "found": "not logged", "mend": []}]}"#,
            r#"{"prerequisites": [{"id": "supplemental:APP.T", "what": "Redo tells the key", "met": true, "required": true, "found": "primary key", "mend": []}]}"#,
        ),
        Rule::new(
            "migration.recommended",
            "recommendations that are not followed",
            "The migration goes worse without it: `migrate check` says how and prints the SQL that mends it.",
            Severity::Risk,
            Topic::Migration,
            Effort::new(0.0, 0.2, 1.0),
            Check::with(|scope, found| {
                for p in scope.facts.prerequisites.iter().flatten() {
                    if !p.required && p.met == Some(false) {
                        found.database(format!("{}: {}", p.what, p.found));
                    }
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"prerequisites": [{"id": "extents", "what": "DBA_EXTENTS may be read", "met": false, "required": false, "found": "not granted", "mend": []}]}"#,
            r#"{"prerequisites": [{"id": "extents", "what": "DBA_EXTENTS may be read", "met": null, "required": false, "found": "unknown", "mend": []}]}"#,
        ),
        Rule::new(
            "migration.redo-volume",
            "more redo than can be mined",
            "In its busiest hours the source writes redo faster than LogMiner gets through: the target falls behind then, and the cutover must wait for a quiet hour.",
            Severity::Risk,
            Topic::Migration,
            Effort::new(0.5, 2.0, 8.0),
            Check::with(redo),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"redo": [{"hour": "2026-01-31 13:00", "bytes": 500000000000}]}"#,
            r#"{"redo": [{"hour": "2026-01-31 13:00", "bytes": 500000000}]}"#,
        ),
        Rule::new(
            "migration.long-transaction",
            "long transactions",
            "Redo is mined from the start of the oldest open transaction on, and its changes wait until it ends: begin the load when none is that old.",
            Severity::Risk,
            Topic::Migration,
            Effort::new(0.1, 0.5, 2.0),
            Check::with(|scope, found| {
                if let Some(open) = scope.facts.transactions.filter(|open| open.oldest_s > LONG_TRANSACTION_S) {
                    let age = duration(as_f64(open.oldest_s));
                    found.database(format!("{} transactions are open, the oldest for {age}", open.count));
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"transactions": {"count": 1, "oldest_s": 90000}}"#,
            r#"{"transactions": {"count": 1, "oldest_s": 9}}"#,
        ),
        Rule::new(
            "migration.undo",
            "undo kept for less than a load takes",
            "All tables are read as of one SCN; what has gone from undo by then ends in ORA-01555. Raise UNDO_RETENTION and the undo tablespace, or load with more workers.",
            Severity::Risk,
            Topic::Migration,
            Effort::new(0.2, 0.5, 2.0),
            Check::with(undo),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"undo_retention_s": 900, "tables": [{"owner": "APP", "name": "T", "bytes": 90000000000}]}"#,
            r#"{"undo_retention_s": 10800, "tables": [{"owner": "APP", "name": "T", "bytes": 90000000000}]}"#,
        ),
        Rule::new(
            "migration.load-time",
            "duration of the load",
            "Bytes of tables and LOBs by the throughput of the cost model, which is a guess until a load was tried.",
            Severity::Note,
            Topic::Migration,
            Effort::NONE,
            Check::with(|scope, found| {
                let bytes: u64 = scope.facts.tables.iter().flatten().map(bytes_of).fold(0, u64::saturating_add);
                if bytes > 0 {
                    let rate = scope.model.load_mb_per_second;
                    let time = duration(seconds(scope, bytes));
                    found.database(format!("{} of rows take about {time} to load at {rate} MB/s", size(bytes)));
                }
            }),
        )
        .facts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
            r#"{"tables": [{"owner": "APP", "name": "T", "bytes": 90000000000}]}"#,
            r#"{"tables": [{"owner": "APP", "name": "T"}]}"#,
        ),
    ]
}

/// The table that is meant by `OWNER.NAME`.
fn table_of(name: &str) -> Option<ObjectPath> {
    let (owner, table) = name.split_once('.')?;
    Some(ObjectPath::new(OracleIdent::new(owner).ok()?, OracleIdent::new(table).ok()?))
}

fn redo(scope: &Scope<'_>, found: &mut Found) {
    let hours = scope.facts.redo.as_deref().unwrap_or_default();
    let capacity = scope.model.mine_mb_per_second * 3600.0 * 1_048_576.0;
    let over: Vec<_> = hours.iter().filter(|hour| as_f64(hour.bytes) > capacity).collect();
    if let Some(worst) = over.iter().max_by_key(|hour| hour.bytes) {
        found.database(format!(
            "in {} of {} hours there was more redo than {} MB/s mine; most at {}: {}",
            over.len(),
            hours.len(),
            scope.model.mine_mb_per_second,
            worst.hour,
            size(worst.bytes)
        ));
    }
}

fn undo(scope: &Scope<'_>, found: &mut Found) {
    let Some(retention) = scope.facts.undo_retention_s else { return };
    for table in scope.facts.tables.iter().flatten() {
        let time = seconds(scope, bytes_of(table));
        if let Some(path) = super::tables::path(table).filter(|_| time > as_f64(retention)) {
            let (time, kept) = (duration(time), duration(as_f64(retention)));
            found.table(&path, format!("its load takes about {time}, and undo is kept for {kept}"));
        }
    }
}

fn bytes_of(table: &TableFacts) -> u64 {
    table.bytes.unwrap_or_default().saturating_add(table.lob_bytes.unwrap_or_default())
}

fn seconds(scope: &Scope<'_>, bytes: u64) -> f64 {
    as_f64(bytes) / (scope.model.load_mb_per_second * 1_048_576.0)
}
