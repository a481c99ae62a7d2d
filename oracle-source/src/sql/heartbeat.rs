//! The table that a follower may write to.

use schema_map::ObjectPath;

/// Makes the table, and has its redo identify rows.
pub fn ddl(table: &ObjectPath) -> [String; 2] {
    let table = table.quoted();
    [
        format!("CREATE TABLE {table} (\"ID\" NUMBER(9) PRIMARY KEY, \"BEAT\" NUMBER(19) NOT NULL)"),
        format!("ALTER TABLE {table} ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS"),
    ]
}

/// Changes the row of one instance, or makes it. Binds: its number, twice.
pub fn beat(table: &ObjectPath) -> String {
    format!(
        "MERGE INTO {} h USING (SELECT TO_NUMBER(:id) AS id FROM dual) n ON (h.\"ID\" = n.id) \
         WHEN MATCHED THEN UPDATE SET h.\"BEAT\" = h.\"BEAT\" + 1 \
         WHEN NOT MATCHED THEN INSERT (\"ID\", \"BEAT\") VALUES (TO_NUMBER(:new_id), 1)",
        table.quoted()
    )
}
