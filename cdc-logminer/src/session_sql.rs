//! The statements that a LogMiner session sends to Oracle, each a named constant.
//!
//! They name only columns that Oracle's Database Reference documents for these views from 11.2 on. Bind variables are bound by
//! position, each occurs once. The session's NLS formats decide how `SQL_REDO` prints dates and numbers: see
//! `oracle_source::sql::SET_NLS`.

use schema_map::ObjectPath;
use std::fmt::Write as _;

/// Which database this is, where its clock stands, and whether it logs enough.
///
/// Columns: DBID, CURRENT_SCN, RESETLOGS_CHANGE#, LOG_MODE (`ARCHIVELOG`, `NOARCHIVELOG`, `MANUAL`),
/// SUPPLEMENTAL_LOG_DATA_MIN (`YES`, `IMPLICIT`, `NO`), SUPPLEMENTAL_LOG_DATA_ALL (`YES`, `NO`).
///
/// Redo that is still being written can carry the SCN read here, so a window ends below it. Oracle's SCN moves on by itself, also
/// in an idle database, so that the last commit does not stay out of reach.
pub const DATABASE: &str = "SELECT dbid, current_scn, resetlogs_change#, log_mode, supplemental_log_data_min, \
     supplemental_log_data_all FROM v$database";

/// The id of the current incarnation, `RESETLOGS_ID`: one row.
pub const INCARNATION: &str = "SELECT resetlogs_id FROM v$database_incarnation WHERE status = 'CURRENT'";

/// Whether this is a container database (12.1 and later only): `YES` or `NO`.
pub const IS_CONTAINER_DATABASE: &str = "SELECT cdb FROM v$database";

/// The redo threads, with the last change that each has written.
///
/// Columns: THREAD#, STATUS (`OPEN`, `CLOSED`), ENABLED (`PUBLIC`, `PRIVATE`, `DISABLED`), LAST_REDO_SEQUENCE#, LAST_REDO_CHANGE#,
/// ENABLE_CHANGE# (there is no redo of the thread before this SCN).
pub const THREADS: &str = "SELECT thread#, status, enabled, last_redo_sequence#, last_redo_change#, enable_change# \
     FROM v$thread ORDER BY thread#";

/// The online redo logs, one row for each member file.
///
/// Columns: THREAD#, SEQUENCE#, status of the group (`CURRENT`, `ACTIVE`, `INACTIVE`, `UNUSED`, …), FIRST_CHANGE#, NEXT_CHANGE#
/// (2^48 − 1 or larger for the current one; it is the FIRST_CHANGE# of the next log, so exclusive), MEMBER (the file's
/// path on the server), status of the member (NULL is in use; `INVALID`, `STALE`, `DELETED`), BYTES.
pub const ONLINE_LOGS: &str = "SELECT l.thread#, l.sequence#, l.status, l.first_change#, l.next_change#, \
     f.member, f.status AS member_status, l.bytes FROM v$log l JOIN v$logfile f ON f.group# = l.group# \
     WHERE f.type = 'ONLINE' ORDER BY l.thread#, l.sequence#, f.member";

/// The archived logs of this incarnation that reach beyond an SCN, one row for each copy, also of those that are not there any more: that a log was
/// there is what tells a gap.
///
/// Columns: THREAD#, SEQUENCE#, FIRST_CHANGE#, NEXT_CHANGE# (exclusive), NAME (NULL where it is gone), DEST_ID, bytes, DELETED (`YES`, `NO`),
/// STATUS (`A` available, `D` deleted, `U` unavailable, `X` expired).
/// Binds: RESETLOGS_CHANGE# of the current incarnation; the SCN.
pub const ARCHIVED_LOGS: &str = "SELECT thread#, sequence#, first_change#, next_change#, \
     name, dest_id, blocks * block_size, deleted, status FROM v$archived_log \
     WHERE archived = 'YES' AND standby_dest = 'NO' \
     AND resetlogs_change# = :resetlogs_change AND next_change# > :after_scn \
     ORDER BY thread#, sequence#, dest_id";

/// The last log of each thread that ends at or before an SCN, whether it is still there or not: where the next one follows it by number, nothing
/// is missing between them, however far apart their SCNs are (the thread was closed).
///
/// Columns: THREAD#, the highest SEQUENCE#. Binds: RESETLOGS_CHANGE# of the current incarnation; the SCN.
pub const ENDED_LOGS: &str = "SELECT thread#, MAX(sequence#) FROM v$archived_log \
     WHERE resetlogs_change# = :resetlogs_change AND next_change# <= :scn GROUP BY thread# ORDER BY thread#";

/// Archived logs that begin or end a LogMiner dictionary, newest first.
///
/// Columns: THREAD#, SEQUENCE#, FIRST_CHANGE#, NEXT_CHANGE#, DICTIONARY_BEGIN, DICTIONARY_END (`YES`, `NO`).
/// Binds: RESETLOGS_CHANGE# of the current incarnation; the SCN at which the log must have begun.
pub const DICTIONARY_LOGS: &str = "SELECT thread#, sequence#, first_change#, next_change#, dictionary_begin, dictionary_end \
     FROM v$archived_log WHERE name IS NOT NULL AND archived = 'YES' AND deleted = 'NO' AND status = 'A' \
     AND standby_dest = 'NO' AND resetlogs_change# = :resetlogs_change AND first_change# <= :scn \
     AND (dictionary_begin = 'YES' OR dictionary_end = 'YES') ORDER BY first_change# DESC";

/// Begins a list of log files with this one. Bind: the file's path on the server.
pub const ADD_FIRST_LOGFILE: &str =
    "BEGIN SYS.DBMS_LOGMNR.ADD_LOGFILE(LOGFILENAME => :log_file, OPTIONS => SYS.DBMS_LOGMNR.NEW); END;";

/// Adds another file to the list. Bind: the file's path on the server.
pub const ADD_LOGFILE: &str =
    "BEGIN SYS.DBMS_LOGMNR.ADD_LOGFILE(LOGFILENAME => :log_file, OPTIONS => SYS.DBMS_LOGMNR.ADDFILE); END;";

/// Starts LogMiner with the online dictionary. Binds: first and last SCN, both inclusive.
///
/// `SKIP_CORRUPTION` and `CONTINUOUS_MINE` are never used: the first loses rows without a word, the second is gone since 19c.
pub const START_LOGMNR: &str = "BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(STARTSCN => :start_scn, ENDSCN => :end_scn, \
     OPTIONS => SYS.DBMS_LOGMNR.DICT_FROM_ONLINE_CATALOG + SYS.DBMS_LOGMNR.NO_ROWID_IN_STMT); END;";

/// Starts LogMiner with the dictionary in the redo itself, kept up to date by the DDL in it: for redo of tables as they were before they were altered.
/// Binds: first SCN, at or before the log in which the dictionary begins, and last SCN, both inclusive.
pub const START_LOGMNR_WITH_REDO_DICTIONARY: &str = "BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(STARTSCN => :start_scn, ENDSCN => :end_scn, \
     OPTIONS => SYS.DBMS_LOGMNR.DICT_FROM_REDO_LOGS + SYS.DBMS_LOGMNR.DDL_DICT_TRACKING + SYS.DBMS_LOGMNR.NO_ROWID_IN_STMT); END;";

/// Goes to the root container, where all redo can be mined.
pub const SET_ROOT_CONTAINER: &str = "ALTER SESSION SET CONTAINER = CDB$ROOT";

/// How much memory the session takes on the server. Column: bytes.
pub const SESSION_MEMORY: &str = "SELECT s.value FROM v$mystat s JOIN v$statname n ON n.statistic# = s.statistic# \
     WHERE n.name = 'session pga memory'";

/// Makes the log writer write all redo that was made before: a transaction that changes nothing but takes its place in an undo segment, and whose
/// commit waits until it is on disk. It needs no table and no right but that to `DBMS_TRANSACTION`, which is PUBLIC's. See [`REDO_SYNCH_WRITES`].
///
/// Oracle's Concepts: at a commit the log writer writes the buffer up to the commit's record and all before it.
pub const FLUSH_REDO: &str = "DECLARE id VARCHAR2(100); BEGIN id := SYS.DBMS_TRANSACTION.LOCAL_TRANSACTION_ID(TRUE); \
     COMMIT WRITE IMMEDIATE WAIT; END;";

/// How often this session has waited for its redo to be on disk: more often after [`FLUSH_REDO`] than before, or that has written nothing. Column: a number.
pub const REDO_SYNCH_WRITES: &str = "SELECT s.value FROM v$mystat s JOIN v$statname n ON n.statistic# = s.statistic# \
     WHERE n.name = 'redo synch writes'";

/// Ends LogMiner and frees what it holds. ORA-01307 says that none was started.
pub const END_LOGMNR: &str = "BEGIN SYS.DBMS_LOGMNR.END_LOGMNR; END;";

/// The beginning of the query of redo rows; [`contents`] adds which tables.
///
/// Columns: SCN, START_SCN, COMMIT_SCN, TIMESTAMP (a DATE), XIDUSN, XIDSLT, XIDSQN,
/// PXIDUSN, PXIDSLT, PXIDSQN (the coordinator's transaction, of parallel DML), OPERATION_CODE, ROLLBACK, STATUS, INFO,
/// SEG_OWNER, TABLE_NAME, ROW_ID, RS_ID, SSN, CSF, THREAD#, DATA_OBJ#, DATA_OBJV#, SQL_REDO (last, the longest).
/// The rows keep LogMiner's order: there is no ORDER BY.
/// Binds: the SCN after which, the SCN up to which (inclusive), then those of [`contents`].
///
/// Rows of whatever table: START (6), COMMIT (7), ROLLBACK (36), MISSING_SCN (34), and replication markers (27), whose
/// transactions have no end.
pub const CONTENTS: &str = "SELECT scn, start_scn, commit_scn, timestamp, xidusn, xidslt, xidsqn, \
     pxidusn, pxidslt, pxidsqn, operation_code, rollback, status, \
     info, seg_owner, table_name, row_id, rs_id, ssn, csf, thread#, data_obj#, data_objv#, sql_redo \
     FROM v$logmnr_contents WHERE scn > :after_scn AND scn <= :upto_scn AND (operation_code IN (6, 7, 27, 34, 36)";

/// The whole query of redo rows: [`CONTENTS`] and every row of the followed tables, INTERNAL (0) ones left out.
///
/// Rows whose table LogMiner could not name (`SEG_OWNER = 'UNKNOWN'`) come too: they may belong to a followed table.
/// `owners` has, for each owner, how many of its tables are followed. The binds after those of [`CONTENTS`] are, owner by owner,
/// the owner and then its tables' names.
///
/// ```
/// let sql = cdc_logminer::session_sql::contents(&[2]);
/// assert!(sql.ends_with(
///     "OR (operation_code <> 0 AND (seg_owner = 'UNKNOWN' \
///      OR (seg_owner = :owner1 AND table_name IN (:table1_1, :table1_2)))))"
/// ));
/// ```
pub fn contents(owners: &[usize]) -> String {
    // Oracle takes at most 1000 expressions in a list.
    const LIST: usize = 1000;
    let mut sql = format!("{CONTENTS} OR (operation_code <> 0 AND (seg_owner = 'UNKNOWN'");
    for (owner, &tables) in (1..).zip(owners) {
        let _ = write!(sql, " OR (seg_owner = :owner{owner} AND ");
        let lists = tables.div_ceil(LIST);
        if lists > 1 {
            sql.push('(');
        }
        for list in 0..lists {
            sql.push_str(if list == 0 { "table_name IN (" } else { ") OR table_name IN (" });
            for table in list * LIST..tables.min((list + 1) * LIST) {
                let comma = if table == list * LIST { "" } else { ", " };
                let _ = write!(sql, "{comma}:table{owner}_{}", table + 1);
            }
        }
        sql.push_str(if lists > 1 { ")))" } else { "))" });
    }
    sql.push_str(")))");
    sql
}

/// The same, of one container only, from the root: the third bind is the container's name. 12.1 and later.
///
/// ```
/// let sql = cdc_logminer::session_sql::contents_of_container(&[1]);
/// assert!(sql.contains("WHERE scn > :after_scn AND scn <= :upto_scn AND src_con_name = :container AND ("));
/// ```
pub fn contents_of_container(owners: &[usize]) -> String {
    contents(owners).replacen("scn <= :upto_scn", "scn <= :upto_scn AND src_con_name = :container", 1)
}

/// The followed tables as [`contents`] wants them: counts for the text, and names in the order of the binds.
pub fn contents_binds<'a>(tables: impl IntoIterator<Item = &'a ObjectPath>) -> (Vec<usize>, Vec<String>) {
    let mut by_owner: std::collections::BTreeMap<&str, std::collections::BTreeSet<&str>> = Default::default();
    for table in tables {
        by_owner.entry(table.schema.as_str()).or_default().insert(table.name.as_str());
    }
    let counts = by_owner.values().map(|names| names.len()).collect();
    let binds = by_owner
        .iter()
        .flat_map(|(owner, names)| std::iter::once(owner).chain(names.iter()))
        .map(|name| (*name).to_owned())
        .collect();
    (counts, binds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema_map::OracleIdent;

    fn path(schema: &str, name: &str) -> ObjectPath {
        ObjectPath { schema: OracleIdent::new(schema).unwrap(), name: OracleIdent::new(name).unwrap() }
    }

    #[test]
    fn binds_and_text_agree() {
        let tables: Vec<_> = (0..2500).map(|n| path("HR", &format!("T{n}"))).chain([path("OE", "ORDERS")]).collect();
        let (counts, binds) = contents_binds(&tables);
        assert_eq!(counts, [2500, 1]);
        let sql = contents(&counts);
        assert_eq!(sql.matches(':').count(), 2 + binds.len());
        assert_eq!(sql.matches("table_name IN (").count(), 4);
        assert_eq!(sql.matches('(').count(), sql.matches(')').count());
        assert_eq!((binds[0].as_str(), binds[2501].as_str(), binds[2502].as_str()), ("HR", "OE", "ORDERS"));
    }
}
