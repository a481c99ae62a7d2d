//! What a LogMiner session asks of the dictionary; what it asks of LogMiner is in `cdc_logminer::session_sql`.

/// Tables and partitions of one schema with their numbers, which redo has where LogMiner knows no name. Bind: owner. Columns: OBJECT_NAME, OBJECT_ID.
pub const TABLE_NUMBERS: &str = "SELECT object_name, object_id FROM all_objects \
     WHERE owner = :owner AND object_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') ORDER BY object_name";

/// The same of a pluggable database, from the root (12.1 and later). Binds: the container's name, the owner. Columns: OBJECT_NAME, OBJECT_ID.
pub const TABLE_NUMBERS_OF_CONTAINER: &str = "SELECT o.object_name, o.object_id FROM cdb_objects o \
     JOIN v$containers c ON c.con_id = o.con_id \
     WHERE c.name = :container AND o.owner = :owner AND o.object_type IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') \
     ORDER BY o.object_name";

/// Whether this is the primary database. Column: DATABASE_ROLE (`PRIMARY`, `PHYSICAL STANDBY`, …).
pub const DATABASE_ROLE: &str = "SELECT database_role FROM v$database";
