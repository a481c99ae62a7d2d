//! Rows in versions, transactions, locks, constraints and redo, over one SQLite file that several processes share.
//!
//! A row lies in its table's `c<object>` as its newest version, with the transaction that made it; older versions
//! lie in `v<object>`; `k<object>` finds rows by the values of keys, in whatever version. A statement is one short write
//! transaction of SQLite; an Oracle transaction is the row in `tx` that many of them share, so several are open at a time.
//! A reader takes, for each row, the newest version whose transaction is its own or had committed at its SCN.

mod clock;
mod ddl;
mod dictionary;
mod file;
mod key_index;
mod liveness;
mod logminer;
mod model;
mod nls;
mod redo;
mod redo_text;
mod row;
mod rowid;
mod scan;
mod scene;
mod sequence;
mod transaction;
mod users;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use clock::date;
pub(crate) use ddl::PlainObject;
pub use file::CreateOptions;
pub(crate) use file::{
    DatabaseFile, RESETLOGS_SCN, SUPPLEMENTAL_ALL, SUPPLEMENTAL_FK, SUPPLEMENTAL_MIN, SUPPLEMENTAL_PK, SUPPLEMENTAL_UI,
};
pub(crate) use logminer::{Log, group_of};
use model::collect;
pub(crate) use model::{Model, Object, TableInfo, User, code_kind, sequence_of};
pub(crate) use nls::DEFAULTS as NLS_DEFAULTS;
pub(crate) use redo::{archive_name, online_name};
pub(crate) use scene::ROOT;
pub(crate) use users::OBJECT_PRIVILEGES;

use super::storage::{
    Lookup, Moment, ProcedureCall, Relation, RelationKind, Row, RowUpdate, Rows, StatementView, Storage,
};
use crate::OraError;
use file::{Shared, State};
use logminer::LogMiner;
use rusqlite::{Connection, params};
use schema_map::OracleIdent;
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use transaction::OpenTransaction;
use type_convert::{OracleType, Scn, Value};

/// One session's view of the storage.
#[derive(Debug)]
pub(crate) struct Store {
    file: Arc<DatabaseFile>,
    connection: Shared,
    user: String,
    schema: String,
    session: i64,
    model: RefCell<Arc<Model>>,
    transaction: Option<OpenTransaction>,
    savepoints: Vec<(String, i64)>,
    /// There while a statement writes.
    writing: Option<write::Writing>,
    nls: nls::Nls,
    logminer: LogMiner,
    /// Where ALTER SESSION went.
    in_container: Option<String>,
    /// Commits that had something to write.
    synch_writes: i64,
    call_timeout: Option<Duration>,
    lock_timeout: Option<Duration>,
    broken_off: Arc<AtomicBool>,
    current_values: HashMap<i64, i128>,
    module: Option<String>,
    action: Option<String>,
}

/// The connection, whatever happened to another holder: SQLite rolls back by itself what was not finished.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DatabaseFile {
    /// The dictionary as of now, shared by all sessions of the process.
    fn model(&self, connection: &Connection) -> Result<Arc<Model>, OraError> {
        let version: i64 = connection.prepare_cached("SELECT model FROM state")?.query_row([], |r| r.get(0))?;
        let mut cached = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = cached.as_ref().filter(|m| m.version == version) {
            return Ok(Arc::clone(model));
        }
        let alone = connection.is_autocommit();
        if alone {
            connection.execute_batch("BEGIN")?;
        }
        let model = Model::load(connection, cached.as_deref());
        if alone {
            connection.execute_batch("COMMIT")?;
        }
        let model = Arc::new(model?);
        *cached = Some(Arc::clone(&model));
        Ok(model)
    }

    /// Logs in.
    pub(crate) fn login(self: &Arc<Self>, user: &str, password: &str) -> Result<Store, OraError> {
        let user = user_name(user);
        let connection = self.connect()?;
        file::check_password(&connection, &user, password)?;
        let model = self.model(&connection)?;
        if !model.privileges.has_system(&user, "CREATE SESSION") {
            return Err(OraError::new(1045, format!("user {user} lacks CREATE SESSION privilege; logon denied")));
        }
        self.start(connection, user, model)
    }

    /// A session of a user without a password: for work of the database itself.
    pub(crate) fn internal(self: &Arc<Self>, user: &str) -> Result<Store, OraError> {
        let user = user_name(user);
        let connection = self.connect()?;
        let model = self.model(&connection)?;
        if model.user(&user).is_none() {
            return Err(OraError::new(1435, format!("user does not exist: {user}")));
        }
        self.start(connection, user, model)
    }

    fn start(self: &Arc<Self>, connection: Connection, user: String, model: Arc<Model>) -> Result<Store, OraError> {
        let started = liveness::own_start();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let dead: Vec<(i64, i64, String)> =
            model::collect(&connection, "SELECT sid, pid, started FROM sessions", |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })?;
        for (sid, ..) in dead.iter().filter(|(_, pid, started)| !liveness::is_alive(*pid, started)) {
            connection.execute("DELETE FROM sessions WHERE sid = ?1", [sid])?;
        }
        connection.execute(
            "INSERT INTO sessions SELECT coalesce(max(sid), 20) + 1, abs(random() % 60000) + 1, ?1, ?2, ?3, ?4, NULL, NULL FROM sessions",
            params![user, std::process::id(), started, clock::now()],
        )?;
        let session = connection.last_insert_rowid();
        connection.execute_batch("COMMIT")?;
        let mut store = Store {
            file: Arc::clone(self),
            connection: Arc::new(Mutex::new(connection)),
            schema: user.clone(),
            user,
            session,
            model: RefCell::new(model),
            transaction: None,
            savepoints: Vec::new(),
            writing: None,
            nls: nls::Nls::default(),
            logminer: LogMiner::default(),
            in_container: None,
            synch_writes: 0,
            call_timeout: None,
            lock_timeout: None,
            broken_off: Arc::default(),
            current_values: HashMap::new(),
            module: None,
            action: None,
        };
        store.clean_up_dead()?;
        Ok(store)
    }

    /// Makes a user with what a schema owner needs: CONNECT, RESOURCE, CREATE VIEW, CREATE SYNONYM, UNLIMITED TABLESPACE.
    pub(crate) fn create_user(self: &Arc<Self>, name: &str, password: &str) -> Result<(), OraError> {
        let mut store = self.internal("SYS")?;
        let name = user_name(name);
        store.ddl(&format!("CREATE USER \"{name}\" IDENTIFIED BY \"{password}\""))?;
        store.ddl(&format!("GRANT CONNECT, RESOURCE, CREATE VIEW, CREATE SYNONYM, UNLIMITED TABLESPACE TO \"{name}\""))
    }

    /// Applies a script of DDL that makes objects, all at once.
    pub(crate) fn make_objects(self: &Arc<Self>, user: &str, text: &str) -> Result<(), OraError> {
        self.internal(user)?.make_objects(text)
    }

    /// Takes an archived log away, as RMAN's DELETE ARCHIVELOG does. `false` where it is not there.
    pub(crate) fn purge_archived_log(&self, sequence: u64) -> Result<bool, OraError> {
        let connection = self.connect()?;
        let n = connection.execute(
            "UPDATE logs SET purged = 1 WHERE sequence = ?1 AND archived = 1 AND purged = 0",
            [sequence as i64],
        )?;
        Ok(n > 0)
    }

    /// Forgets undo before this SCN: queries as of an earlier one fail with ORA-01555 from now on.
    pub(crate) fn expire_undo(&self, before: Scn) -> Result<(), OraError> {
        self.connect()?.execute("UPDATE state SET undo_from = max(undo_from, ?1)", [before.0 as i64])?;
        Ok(())
    }
}

/// A user's name as a person gives it: upper case unless quoted.
pub(crate) fn user_name(name: &str) -> String {
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.to_uppercase(),
    }
}

fn no_table() -> OraError {
    OraError::new(942, "table or view does not exist")
}

impl Store {
    /// The dictionary as of now.
    pub(crate) fn model(&self) -> Result<Arc<Model>, OraError> {
        let model = self.file.model(&lock(&self.connection))?;
        *self.model.borrow_mut() = Arc::clone(&model);
        Ok(model)
    }

    pub(crate) fn session_id(&self) -> i64 {
        self.session
    }

    pub(crate) fn synch_writes(&self) -> i64 {
        self.synch_writes
    }

    pub(crate) fn nls(&self) -> &nls::Nls {
        &self.nls
    }

    pub(crate) fn logminer(&self) -> &LogMiner {
        &self.logminer
    }

    /// Runs a query of SQLite's for a dictionary view.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, OraError> {
        model::collect(&lock(&self.connection), sql, row)
    }

    /// All logs, purged ones included.
    pub(crate) fn logs(&self) -> Result<Vec<Log>, OraError> {
        logminer::logs(&lock(&self.connection))
    }

    /// A sequence's `LAST_NUMBER`.
    pub(crate) fn last_number(&self, object: i64) -> Result<Option<i128>, OraError> {
        Ok(sequence::position(&lock(&self.connection), object)?.map(|(_, last)| last))
    }

    fn table(&self, relation: &Relation) -> Result<Arc<TableInfo>, OraError> {
        let find = |m: &Model| m.table(relation.id).cloned();
        let found = find(&self.model.borrow());
        match found {
            Some(info) => Ok(info),
            None => find(&*self.model()?).ok_or_else(no_table),
        }
    }

    /// Whether the session's user has one of these object privileges, or owns the object.
    fn may(&self, model: &Model, owner: &str, name: &str, object: &[&str], any: &str) -> bool {
        owner == self.user
            || model.privileges.has_system(&self.user, any)
            || model.privileges.has_object(&self.user, owner, name, object)
    }

    fn demand(&self, table: &TableInfo, privilege: &str, any: &str) -> Result<(), OraError> {
        let path = &table.table.path;
        if path.schema.as_str() == self.user {
            return Ok(());
        }
        let model = Arc::clone(&self.model.borrow());
        match self.may(&model, path.schema.as_str(), path.name.as_str(), &[privilege], any) {
            true => Ok(()),
            false => Err(OraError::new(1031, "insufficient privileges")),
        }
    }

    fn resolve(
        &self,
        model: &Model,
        owner: Option<&str>,
        name: &str,
        depth: u8,
    ) -> Result<Option<Arc<Relation>>, OraError> {
        if depth > 16 {
            return Err(OraError::new(1775, "looping chain of synonyms"));
        }
        if owner.is_none_or(|o| o == "SYS" || o == "PUBLIC")
            && let Some(view) = super::views::find(name)
        {
            // An object of the schema hides a public synonym of the same name.
            let hidden = owner.is_none() && self.own_relation(model, &self.schema, name);
            if !hidden {
                return Ok(view.is_visible_to(self, model).then(|| view.relation()));
            }
        }
        let schema = owner.unwrap_or(&self.schema);
        for object in model.objects_named(schema, name) {
            match object.kind.as_str() {
                "TABLE" => {
                    let seen = self.may(model, schema, name, users::OBJECT_PRIVILEGES, "SELECT ANY TABLE");
                    return Ok(model.table(object.id).filter(|_| seen).map(|t| Arc::clone(&t.relation)));
                }
                // The rows of a materialized view are always fresh here.
                "VIEW" | "MATERIALIZED VIEW" => {
                    let seen = self.may(model, schema, name, users::OBJECT_PRIVILEGES, "SELECT ANY TABLE");
                    let materialized = model.catalog.materialized_views.iter().map(|m| &m.view);
                    let view = model
                        .catalog
                        .views
                        .iter()
                        .chain(materialized)
                        .find(|v| v.path.schema.as_str() == schema && v.path.name.as_str() == name && seen);
                    return Ok(view.map(|v| {
                        Arc::new(Relation {
                            id: object.id,
                            owner: schema.to_owned(),
                            name: name.to_owned(),
                            columns: v
                                .columns
                                .iter()
                                .map(|c| super::ColumnDesc {
                                    name: c.as_str().to_owned(),
                                    oracle_type: type_convert::OracleType::Other {
                                        owner: None,
                                        name: "UNDEFINED".to_owned(),
                                    },
                                    nullable: true,
                                })
                                .collect(),
                            defaults: Vec::new(),
                            virtuals: Vec::new(),
                            invisible: Vec::new(),
                            default_on_null: Vec::new(),
                            checks: Vec::new(),
                            key: Vec::new(),
                            kind: RelationKind::View { query: v.query.clone() },
                        })
                    }));
                }
                "SYNONYM" => return self.resolve_synonym(model, schema, name, depth),
                _ => {}
            }
        }
        if owner.is_none() && model.object("PUBLIC", name, "SYNONYM").is_some() {
            return self.resolve_synonym(model, "PUBLIC", name, depth);
        }
        Ok(None)
    }

    fn own_relation(&self, model: &Model, schema: &str, name: &str) -> bool {
        model
            .objects_named(schema, name)
            .any(|o| matches!(o.kind.as_str(), "TABLE" | "VIEW" | "MATERIALIZED VIEW" | "SYNONYM"))
    }

    fn resolve_synonym(
        &self,
        model: &Model,
        owner: &str,
        name: &str,
        depth: u8,
    ) -> Result<Option<Arc<Relation>>, OraError> {
        let synonym =
            model.catalog.synonyms.iter().find(|s| s.path.schema.as_str() == owner && s.path.name.as_str() == name);
        match synonym {
            Some(s) if s.db_link.is_some() => {
                Err(OraError::new(2019, "connection description for remote database not found"))
            }
            Some(s) => self.resolve(model, Some(s.target.schema.as_str()), s.target.name.as_str(), depth + 1),
            None => Ok(None),
        }
    }

    /// Time left of the call; an error where there is none.
    fn deadline(&self) -> Option<Instant> {
        self.call_timeout.map(|t| Instant::now() + t)
    }

    pub(crate) fn set_module(&mut self, module: Option<String>, action: Option<String>) -> Result<(), OraError> {
        lock(&self.connection).execute(
            "UPDATE sessions SET module = ?2, action = ?3 WHERE sid = ?1",
            params![self.session, module, action],
        )?;
        (self.module, self.action) = (module, action);
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What fails here is cleaned up by the next session that meets it.
        let _ = self.abandon();
        let _ = self.rollback();
        let _ = lock(&self.connection).execute("DELETE FROM sessions WHERE sid = ?1", [self.session]);
    }
}

/// The types of Oracle Spatial, which are there without a script: SDO_GEOMETRY and what it is made of.
fn spatial_type(owner: Option<&str>, name: &str) -> Option<OracleType> {
    if owner.is_some_and(|owner| owner != "MDSYS") {
        return None;
    }
    if name == "SDO_GEOMETRY" {
        return Some(OracleType::Geometry);
    }
    type_convert::geometry::object_type().attributes.into_iter().map(|(_, ty)| ty).find(|ty| match ty {
        OracleType::Object(of) => of.name == name,
        OracleType::Collection(of) => of.name == name,
        _ => false,
    })
}

impl Storage for Store {
    fn user_type(&self, owner: Option<&str>, name: &str) -> Result<Option<OracleType>, OraError> {
        let model = self.model()?;
        let schema = owner.unwrap_or(&self.schema);
        let named = OracleType::Other { owner: Some(schema.to_owned()), name: name.to_owned() };
        let seen = self.may(&model, schema, name, &["EXECUTE"], "EXECUTE ANY TYPE");
        let ident = OracleIdent::new(schema);
        let resolved = ident.ok().filter(|_| seen).map(|ident| model.types.resolve(&named, &ident));
        Ok(match resolved {
            Some(OracleType::Other { .. }) | None => spatial_type(owner, name),
            found => found,
        })
    }

    fn relation(&self, owner: Option<&str>, name: &str) -> Result<Option<Arc<Relation>>, OraError> {
        let model = self.model()?;
        self.resolve(&model, owner, name, 0)
    }

    fn scan(&self, relation: &Relation, moment: Moment, lookup: Lookup) -> Result<Rows, OraError> {
        match relation.kind {
            RelationKind::Fixed => super::views::scan(self, relation),
            RelationKind::View { .. } => Err(OraError::new(600, "internal error code, arguments: [scan of a view]")),
            RelationKind::Table => {
                let table = self.table(relation)?;
                self.demand_read(&table)?;
                if table.is_external() {
                    return Err(OraError::new(
                        29913,
                        "error in executing ODCIEXTTABLEOPEN callout: the stand-in reads no external tables",
                    ));
                }
                self.scan_table(table, moment, lookup)
            }
        }
    }

    fn statement_view(&self) -> Result<StatementView, OraError> {
        self.view()
    }

    fn dml(&mut self, body: &mut dyn FnMut(&mut dyn Storage) -> Result<u64, OraError>) -> Result<u64, OraError> {
        self.run_dml(body)
    }

    fn insert(&mut self, relation: &Relation, rows: Vec<Vec<Value>>) -> Result<(), OraError> {
        let table = self.writable(relation)?;
        self.demand(&table, "INSERT", "INSERT ANY TABLE")?;
        self.insert_rows(&table, rows)
    }

    fn update(&mut self, relation: &Relation, rows: Vec<RowUpdate>) -> Result<(), OraError> {
        let table = self.writable(relation)?;
        self.demand(&table, "UPDATE", "UPDATE ANY TABLE")?;
        self.update_rows(&table, rows)
    }

    fn delete(&mut self, relation: &Relation, rows: Vec<Row>) -> Result<(), OraError> {
        let table = self.writable(relation)?;
        self.demand(&table, "DELETE", "DELETE ANY TABLE")?;
        self.delete_rows(&table, rows)
    }

    fn lock(&mut self, relation: &Relation, rows: &[Row]) -> Result<(), OraError> {
        let table = self.writable(relation)?;
        self.lock_rows(&table, rows)
    }

    fn next_value(&mut self, owner: Option<&str>, name: &str) -> Result<Value, OraError> {
        self.sequence_next(owner, name)
    }

    fn current_value(&self, owner: Option<&str>, name: &str) -> Result<Value, OraError> {
        self.sequence_current(owner, name)
    }

    fn commit(&mut self) -> Result<(), OraError> {
        self.end_transaction(true)
    }

    fn rollback(&mut self) -> Result<(), OraError> {
        self.end_transaction(false)
    }

    fn savepoint(&mut self, name: &str) -> Result<(), OraError> {
        self.savepoints.retain(|(n, _)| n != name);
        self.savepoints.push((name.to_owned(), self.transaction.as_ref().map_or(0, |t| t.last)));
        Ok(())
    }

    fn rollback_to(&mut self, name: &str) -> Result<(), OraError> {
        let at = self.savepoints.iter().position(|(n, _)| n == name);
        let at = at.ok_or_else(|| {
            OraError::new(1086, format!("savepoint '{name}' never established in this session or is invalid"))
        })?;
        let to = self.savepoints[at].1;
        self.savepoints.truncate(at + 1);
        self.undo_to(to)
    }

    fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    fn ddl(&mut self, text: &str) -> Result<(), OraError> {
        self.run_ddl(text)
    }

    fn call(&mut self, call: &ProcedureCall) -> Result<(), OraError> {
        self.call_procedure(call)
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn context(&self, parameter: &str) -> Option<String> {
        let parameter = parameter.to_ascii_uppercase();
        Some(match parameter.as_str() {
            "SESSION_USER" | "CURRENT_USER" | "AUTHENTICATED_IDENTITY" => self.user.clone(),
            "CURRENT_SCHEMA" => self.schema.clone(),
            "SID" => self.session.to_string(),
            "SESSIONID" => self.session.to_string(),
            "INSTANCE" => "1".to_owned(),
            "INSTANCE_NAME" | "DB_NAME" | "DB_UNIQUE_NAME" | "SERVICE_NAME" => {
                super::views::database_name(self).ok()?
            }
            "LANGUAGE" => "AMERICAN_AMERICA.AL32UTF8".to_owned(),
            "LANG" => "US".to_owned(),
            "ISDBA" => "FALSE".to_owned(),
            "CON_ID" => "0".to_owned(),
            "CON_NAME" => match self.container().ok()? {
                Some(container) => container,
                None => super::views::database_name(self).ok()?,
            },
            "MODULE" => self.module.clone()?,
            "ACTION" => self.action.clone()?,
            "NLS_TERRITORY" => "AMERICA".to_owned(),
            "NLS_CALENDAR" => "GREGORIAN".to_owned(),
            _ => self.nls.get(&parameter)?.to_owned(),
        })
    }

    fn current_scn(&self) -> Result<Scn, OraError> {
        let connection = lock(&self.connection);
        if self.writing.is_none() && connection.is_autocommit() {
            // Oracle's clock moves on in an idle database too. Where another session writes, it moves it.
            connection.busy_timeout(Duration::ZERO)?;
            let moved = connection
                .prepare_cached("UPDATE state SET scn = scn + 1, ticked = ?1 WHERE ticked < ?1")
                .and_then(|mut s| s.execute([clock::now()]));
            connection.busy_timeout(Duration::from_secs(60))?;
            drop(moved);
        }
        let scn: i64 = connection.prepare_cached("SELECT scn FROM state")?.query_row([], |r| r.get(0))?;
        Ok(Scn(scn as u64))
    }

    fn set_call_timeout(&mut self, timeout: Option<Duration>) {
        self.call_timeout = timeout;
    }

    fn set_lock_timeout(&mut self, timeout: Option<Duration>) {
        self.lock_timeout = timeout;
    }

    fn set_break_flag(&mut self, flag: Arc<AtomicBool>) {
        self.broken_off = flag;
    }
}

/// ORA-01013 while the flag is up.
fn check_break(flag: &AtomicBool) -> Result<(), OraError> {
    if flag.load(Ordering::Acquire) {
        return Err(OraError::new(1013, "user requested cancel of current operation"));
    }
    Ok(())
}

impl Store {
    fn demand_read(&self, table: &TableInfo) -> Result<(), OraError> {
        let path = &table.table.path;
        if path.schema.as_str() == self.user {
            return Ok(());
        }
        let model = Arc::clone(&self.model.borrow());
        match self.may(&model, path.schema.as_str(), path.name.as_str(), &["SELECT", "READ"], "SELECT ANY TABLE") {
            true => Ok(()),
            false => Err(OraError::new(1031, "insufficient privileges")),
        }
    }

    fn writable(&self, relation: &Relation) -> Result<Arc<TableInfo>, OraError> {
        if self.writing.is_none() {
            return Err(OraError::new(600, "internal error code, arguments: [write outside a statement]"));
        }
        match relation.kind {
            RelationKind::Table => match self.table(relation)? {
                table if table.is_temporary() => {
                    Err(OraError::new(3001, "unimplemented feature: the stand-in keeps no rows of temporary tables"))
                }
                table if table.is_external() => {
                    Err(OraError::new(30657, "operation not supported on external organized table"))
                }
                table if table.is_read_only() => {
                    let path = &table.table.path;
                    let text = format!("update operation not allowed on table {}", path.quoted());
                    Err(OraError::new(12081, text))
                }
                table => Ok(table),
            },
            RelationKind::View { .. } => Err(OraError::new(1732, "data manipulation operation not legal on this view")),
            RelationKind::Fixed => Err(OraError::new(1031, "insufficient privileges")),
        }
    }

    /// Ids of transactions that are open.
    fn open_transactions(connection: &Connection) -> Result<HashSet<i64>, OraError> {
        let mut statement = connection.prepare_cached("SELECT id FROM tx WHERE status = 0")?;
        Ok(statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
    }
}
