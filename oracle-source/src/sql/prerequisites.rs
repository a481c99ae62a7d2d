//! What the prerequisites of a migration are read with, beside the statements in [`sql`](crate::sql).
//!
//! Ages are counted by the server, in seconds, so that no clock of the client takes part.

/// The tables of one schema with their columns. Bind: owner.
///
/// Columns: TABLE_NAME, COLUMN_NAME, NULLABLE (`Y`, `N`), DATA_TYPE, DATA_TYPE_OWNER (NULL for built-in types).
pub const TABLE_COLUMNS: &str = "SELECT table_name, column_name, nullable, data_type, data_type_owner \
     FROM all_tab_cols WHERE owner = :owner AND hidden_column = 'NO' ORDER BY table_name, column_id";

/// Columns of enabled primary (`P`) and unique (`U`) keys of one schema. Bind: owner.
///
/// Columns: TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE, COLUMN_NAME.
pub const KEY_COLUMNS: &str = "SELECT c.table_name, c.constraint_name, c.constraint_type, k.column_name \
     FROM all_constraints c JOIN all_cons_columns k ON k.owner = c.owner AND k.constraint_name = c.constraint_name \
     WHERE c.owner = :owner AND c.constraint_type IN ('P', 'U') AND c.status = 'ENABLED' \
     ORDER BY c.table_name, c.constraint_name, k.position";

/// Columns of unique indexes of one schema's tables; function-based and bitmap ones left out. Bind: owner of the tables.
///
/// Columns: TABLE_NAME, OWNER (of the index), INDEX_NAME, COLUMN_NAME.
pub const UNIQUE_INDEX_COLUMNS: &str = "SELECT i.table_name, i.owner, i.index_name, c.column_name \
     FROM all_indexes i JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name \
     WHERE i.table_owner = :owner AND i.uniqueness = 'UNIQUE' AND i.index_type = 'NORMAL' AND i.dropped = 'NO' \
     ORDER BY i.table_name, i.owner, i.index_name, c.column_position";

/// How XMLTYPE columns are stored. Bind: owner. Columns: TABLE_NAME, COLUMN_NAME, STORAGE_TYPE (`CLOB`, `BINARY`, `OBJECT-RELATIONAL`).
pub const XML_STORAGE: &str = "SELECT table_name, column_name, storage_type FROM all_xml_tab_cols \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Which container the session is in (12.1 and later). Column: CON_NAME (`CDB$ROOT`, or the pluggable database's name).
pub const CONTAINER_NAME: &str = "SELECT SYS_CONTEXT('USERENV', 'CON_NAME') AS con_name FROM dual";

/// One row in a database that Amazon RDS manages: its administrator's account. Column: USERNAME.
pub const MANAGED_BY_RDS: &str = "SELECT username FROM all_users WHERE username = 'RDSADMIN'";

/// Whether all changes are logged. Column: FORCE_LOGGING (`YES`, `NO`; from 12.2 on also the names of nologging modes for standbys).
pub const FORCE_LOGGING: &str = "SELECT force_logging FROM v$database";

/// The same of one pluggable database (12.2 and later), whose FORCE LOGGING is its own. Bind: its name. Column: FORCE_LOGGING (`YES`, `NO`).
/// `DBA_PDBS` has it, in the root of all pluggable databases, in one of them its own.
pub const FORCE_LOGGING_OF_CONTAINER: &str = "SELECT force_logging FROM dba_pdbs WHERE pdb_name = :container";

/// Tablespaces in which all changes are logged. Column: TABLESPACE_NAME.
pub const FORCE_LOGGING_TABLESPACES: &str =
    "SELECT tablespace_name FROM dba_tablespaces WHERE force_logging = 'YES' ORDER BY tablespace_name";

/// Tables whose direct-path changes need not be logged. Bind: owner. Columns: TABLE_NAME, NULL, TABLESPACE_NAME.
pub const NOLOGGING_TABLES: &str = "SELECT table_name, NULL, tablespace_name FROM all_tables \
     WHERE owner = :owner AND logging = 'NO' ORDER BY table_name";

/// The same of partitions. Bind: owner. Columns: TABLE_NAME, PARTITION_NAME, TABLESPACE_NAME.
pub const NOLOGGING_PARTITIONS: &str = "SELECT table_name, partition_name, tablespace_name FROM all_tab_partitions \
     WHERE table_owner = :owner AND logging = 'NO' ORDER BY table_name, partition_name";

/// The same of subpartitions. Bind: owner. Columns: TABLE_NAME, SUBPARTITION_NAME, TABLESPACE_NAME.
pub const NOLOGGING_SUBPARTITIONS: &str = "SELECT table_name, subpartition_name, tablespace_name FROM all_tab_subpartitions \
     WHERE table_owner = :owner AND logging = 'NO' ORDER BY table_name, subpartition_name";

/// The same of LOBs. Bind: owner. Columns: TABLE_NAME, COLUMN_NAME, TABLESPACE_NAME.
pub const NOLOGGING_LOBS: &str = "SELECT table_name, column_name, tablespace_name FROM all_lobs \
     WHERE owner = :owner AND logging = 'NO' ORDER BY table_name, column_name";

/// The same of partitions of LOBs, of which ALL_LOBS does not tell. Bind: owner. Columns: TABLE_NAME, LOB_PARTITION_NAME, TABLESPACE_NAME.
pub const NOLOGGING_LOB_PARTITIONS: &str = "SELECT table_name, lob_partition_name, tablespace_name FROM all_lob_partitions \
     WHERE table_owner = :owner AND logging = 'NO' ORDER BY table_name, lob_partition_name";

/// The same of their subpartitions. Bind: owner. Columns: TABLE_NAME, LOB_SUBPARTITION_NAME, TABLESPACE_NAME.
pub const NOLOGGING_LOB_SUBPARTITIONS: &str = "SELECT table_name, lob_subpartition_name, tablespace_name \
     FROM all_lob_subpartitions WHERE table_owner = :owner AND logging = 'NO' ORDER BY table_name, lob_subpartition_name";

/// The same of the indexes that index-organised tables are. Bind: owner of the tables. Columns: TABLE_NAME, INDEX_NAME, TABLESPACE_NAME.
pub const NOLOGGING_INDEX_TABLES: &str = "SELECT table_name, index_name, tablespace_name FROM all_indexes \
     WHERE table_owner = :owner AND index_type = 'IOT - TOP' AND logging = 'NO' ORDER BY table_name";

/// The same of the partitions of those indexes. Bind: owner of the tables. Columns: TABLE_NAME, PARTITION_NAME, TABLESPACE_NAME.
pub const NOLOGGING_INDEX_TABLE_PARTITIONS: &str = "SELECT i.table_name, p.partition_name, p.tablespace_name FROM all_indexes i \
     JOIN all_ind_partitions p ON p.index_owner = i.owner AND p.index_name = i.index_name \
     WHERE i.table_owner = :owner AND i.index_type = 'IOT - TOP' AND p.logging = 'NO' ORDER BY i.table_name, p.partition_name";

/// How far back archived logs of this incarnation reach, by whether they were deleted: at most two rows.
///
/// Columns: DELETED (`YES`, `NO`), how many, the age in seconds of the oldest one's first change and of the newest one's last.
pub const ARCHIVED_LOG_AGES: &str = "SELECT a.deleted, COUNT(*), (SYSDATE - MIN(a.first_time)) * 86400, \
     (SYSDATE - MAX(a.next_time)) * 86400 FROM v$archived_log a JOIN v$database d \
     ON d.resetlogs_change# = a.resetlogs_change# \
     WHERE a.archived = 'YES' AND a.standby_dest = 'NO' GROUP BY a.deleted ORDER BY a.deleted";

/// The logs that were archived within the last day, each once however many copies there are.
///
/// Columns: THREAD#, SEQUENCE#, bytes, age of the first change in hours.
pub const REDO_OF_A_DAY: &str = "SELECT thread#, sequence#, MAX(blocks * block_size), \
     (SYSDATE - MIN(first_time)) * 24 FROM v$archived_log WHERE first_time > SYSDATE - 1 AND standby_dest = 'NO' \
     GROUP BY thread#, sequence# ORDER BY thread#, sequence#";

/// The online redo log groups. Columns: THREAD#, GROUP#, BYTES.
pub const REDO_LOG_GROUPS: &str = "SELECT thread#, group#, bytes FROM v$log ORDER BY thread#, group#";

/// The recovery area; one row, its NAME NULL where there is none.
/// Columns: NAME, SPACE_LIMIT, SPACE_USED, SPACE_RECLAIMABLE (bytes).
pub const RECOVERY_AREA: &str = "SELECT name, space_limit, space_used, space_reclaimable FROM v$recovery_file_dest";

/// How long undo was kept in the last days, in ten minutes each: one row.
///
/// Columns: the shortest TUNED_UNDORETENTION and the longest MAXQUERYLEN (seconds), how many ORA-01555 (SSOLDERRCNT).
pub const UNDO_STATISTICS: &str = "SELECT MIN(tuned_undoretention), MAX(maxquerylen), SUM(ssolderrcnt) FROM v$undostat";

/// The undo tablespaces. Columns: TABLESPACE_NAME, RETENTION (`GUARANTEE`, `NOGUARANTEE`).
pub const UNDO_TABLESPACES: &str = "SELECT tablespace_name, retention FROM dba_tablespaces \
     WHERE contents = 'UNDO' ORDER BY tablespace_name";

/// Tablespaces with transparent encryption. Column: TABLESPACE_NAME.
pub const ENCRYPTED_TABLESPACES: &str =
    "SELECT tablespace_name FROM dba_tablespaces WHERE encrypted = 'YES' ORDER BY tablespace_name";

/// Columns with transparent encryption. Bind: owner. Columns: TABLE_NAME, COLUMN_NAME.
pub const ENCRYPTED_COLUMNS: &str = "SELECT table_name, column_name FROM all_encrypted_columns \
     WHERE owner = :owner ORDER BY table_name, column_name";

/// Key stores. Columns: WRL_TYPE, STATUS (`OPEN`, `CLOSED`, `OPEN_NO_MASTER_KEY`, …).
pub const WALLETS: &str = "SELECT wrl_type, status FROM v$encryption_wallet ORDER BY wrl_type, status";

/// The time zone file in use. Columns: FILENAME, VERSION.
pub const TIME_ZONE_FILE: &str = "SELECT filename, version FROM v$timezone_file";

/// Whether a change of the time zone file is under way. Column: PROPERTY_VALUE (`NONE`, `PREPARE`, `UPGRADE`, `DATAPUMP(n)`).
pub const TIME_ZONE_UPGRADE: &str =
    "SELECT property_value FROM database_properties WHERE property_name = 'DST_UPGRADE_STATE'";

/// Open transactions of all instances with their sessions, the oldest first.
///
/// Columns: INST_ID, SID, SERIAL#, USERNAME (these three NULL where the session is gone), age in seconds.
pub const TRANSACTION_AGES: &str = "SELECT t.inst_id, s.sid, s.serial#, s.username, (SYSDATE - t.start_date) * 86400 \
     FROM gv$transaction t LEFT JOIN gv$session s ON s.inst_id = t.inst_id AND s.saddr = t.ses_addr \
     ORDER BY t.start_date";

/// Size of one schema's tables with their LOBs, indexes left out. Bind: owner. Column: bytes, NULL where it has none.
pub const SEGMENT_BYTES: &str = "SELECT SUM(bytes) FROM dba_segments WHERE owner = :owner \
     AND segment_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION', 'NESTED TABLE', 'CLUSTER', \
     'LOBSEGMENT', 'LOB PARTITION', 'LOB SUBPARTITION')";

/// The same by statistics, LOBs left out. Bind: owner. Columns: bytes, tables, tables with statistics.
pub const TABLE_BYTES: &str = "SELECT SUM(num_rows * avg_row_len), COUNT(*), COUNT(num_rows) FROM all_tables \
     WHERE owner = :owner AND temporary = 'N'";

/// Whether the session may see what it has done: no row, or an error.
pub const SESSION_STATISTICS: &str =
    "SELECT s.value FROM v$mystat s JOIN v$statname n ON n.statistic# = s.statistic# WHERE 1 = 0";

/// Logs that hold a whole LogMiner dictionary. Columns: how many, age of the newest in seconds.
pub const REDO_DICTIONARIES: &str = "SELECT COUNT(*), (SYSDATE - MAX(first_time)) * 86400 FROM v$archived_log \
     WHERE dictionary_begin = 'YES' AND deleted = 'NO' AND standby_dest = 'NO'";

/// Writes a LogMiner dictionary into the redo. For whoever may execute DBMS_LOGMNR_D: nothing here runs it.
pub const BUILD_REDO_DICTIONARY: &str =
    "BEGIN SYS.DBMS_LOGMNR_D.BUILD(OPTIONS => SYS.DBMS_LOGMNR_D.STORE_IN_REDO_LOGS); END;";
