//! LogMiner dictionaries in the redo: what was known of the tables when one was written, and how DDL changed them since.

use super::{
    Store, collect, lock,
    model::{Model, Object, TableInfo},
};
use crate::OraError;
use rusqlite::{Connection, params};
use std::{collections::HashMap, sync::Arc};

/// Tables as they were, by `DATA_OBJ#` and `DATA_OBJV#`.
pub(super) type History = HashMap<(i64, i64), Arc<TableInfo>>;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS dictionaries(log INTEGER, ddl INTEGER, object INTEGER, owner TEXT, name TEXT,
    version INTEGER, data_object INTEGER, PRIMARY KEY (log, object)) WITHOUT ROWID";

impl Store {
    /// `DBMS_LOGMNR_D.BUILD`: writes a dictionary into the current log, and switches it.
    pub(super) fn build_dictionary(&mut self) -> Result<(), OraError> {
        {
            let connection = lock(&self.connection);
            connection.execute(TABLE, [])?;
            // Object 0 stands for the dictionary itself, so that there is one without tables too.
            connection.execute(
                "INSERT OR REPLACE INTO dictionaries
                 SELECT s.log, (SELECT coalesce(max(id), 0) FROM ddl), o.id, o.owner, o.name, o.version, o.data_object
                 FROM state s, (SELECT id, owner, name, version, data_object FROM objects WHERE kind = 'TABLE'
                 UNION ALL SELECT 0, '', '', 0, 0) o",
                [],
            )?;
        }
        self.switch_log()
    }

    /// Numbers of the logs with a dictionary.
    pub(crate) fn dictionary_logs(&self) -> Result<Vec<i64>, OraError> {
        let connection = lock(&self.connection);
        if !exists(&connection)? {
            return Ok(Vec::new());
        }
        collect(&connection, "SELECT log FROM dictionaries WHERE object = 0 ORDER BY log", |r| r.get(0))
    }

    /// Every table at every version since the dictionary in this log.
    pub(super) fn history(&self, log: i64) -> Result<History, OraError> {
        let model = self.model()?;
        let connection = lock(&self.connection);
        let mut statement = connection.prepare(
            "SELECT ddl, object, owner, name, version, data_object FROM dictionaries WHERE log = ?1 ORDER BY object",
        )?;
        let mut rows = statement.query(params![log])?;
        let (mut ddl, mut objects) = (0, Vec::new());
        while let Some(row) = rows.next()? {
            ddl = row.get(0)?;
            let id: i64 = row.get(1)?;
            if id > 0 {
                objects.push(Object {
                    id,
                    owner: row.get(2)?,
                    name: row.get(3)?,
                    kind: "TABLE".to_owned(),
                    created: 0,
                    changed: 0,
                    changed_scn: 0,
                    version: row.get(4)?,
                    data_object: row.get(5)?,
                    enabled: true,
                });
            }
        }
        Model::history(&connection, &model, ddl, objects)
    }
}

fn exists(connection: &Connection) -> Result<bool, OraError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'dictionaries')";
    Ok(connection.query_row(sql, [], |r| r.get(0))?)
}
