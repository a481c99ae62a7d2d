//! What the SQL layer asks of the storage layer. The SQL layer parses, binds, evaluates and joins; the storage
//! layer knows versions, transactions, locks, constraints by key, sequences and redo.

use super::ColumnDesc;
use crate::OraError;
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use type_convert::{OracleType, Scn, Value};

/// A table, view, dictionary view or synonym's target, resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relation {
    /// The storage layer's own number for it.
    pub(crate) id: i64,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<ColumnDesc>,
    /// DEFAULT expressions, one for each column.
    pub(crate) defaults: Vec<Option<String>>,
    /// Virtual column expressions, one for each column.
    pub(crate) virtuals: Vec<Option<String>>,
    /// Positions of invisible columns: no part of `*`, nor of an INSERT without a list.
    pub(crate) invisible: Vec<usize>,
    /// Positions of columns whose default is taken for an explicit NULL too.
    pub(crate) default_on_null: Vec<usize>,
    /// Enabled CHECK constraints: name and condition.
    pub(crate) checks: Vec<(String, String)>,
    /// Positions of the primary key's columns.
    pub(crate) key: Vec<usize>,
    pub(crate) kind: RelationKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RelationKind {
    /// Rows are stored: DML is possible, rows have a ROWID.
    Table,
    /// A view over other relations: this query stands for it.
    View { query: String },
    /// A dictionary or `V$` view whose rows the storage layer makes up.
    Fixed,
}

/// A stored row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// 18 characters; `None` for fixed views.
    pub(crate) row_id: Option<String>,
    pub(crate) values: Vec<Value>,
}

/// Which rows a scan must at least give; the caller still evaluates its WHERE on each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lookup {
    All,
    RowId(String),
    /// Inclusive, in ROWID order.
    RowIdBetween(String, String),
    /// Equality on the whole primary key, values in the key's order.
    Key(Vec<Value>),
}

/// Which state of a table a scan gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// What had committed when the scan began, and the session's own changes.
    Now,
    /// The same, of the moment when [`Storage::statement_view`] was asked: all tables of a statement show one state.
    Statement(StatementView),
    /// `AS OF SCN`: what had committed then, without the session's own changes.
    Scn(Scn),
}

/// A moment that several scans share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatementView {
    pub(crate) scn: i64,
    /// Every transaction below this number had ended.
    pub(crate) ended_below: i64,
}

pub(crate) type Rows = Box<dyn Iterator<Item = Result<Row, OraError>> + Send>;

/// One row to change: as scanned, and its new values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowUpdate {
    pub(crate) old: Row,
    pub(crate) new: Vec<Value>,
    /// Positions of the columns that the statement sets (LogMiner prints these even where the value is equal).
    pub(crate) set: Vec<usize>,
}

/// A call of a PL/SQL procedure in an anonymous block, arguments evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProcedureCall {
    /// Upper case, dots kept, a leading `SYS.` removed: `DBMS_LOGMNR.START_LOGMNR`.
    pub(crate) name: String,
    /// Upper-case parameter name where given by name.
    pub(crate) arguments: Vec<(Option<String>, Value)>,
}

pub(crate) trait Storage: Send {
    /// Resolves a name as Oracle does: current schema, then private and public synonyms and dictionary views.
    /// `None` (ORA-00942 to the user) where nothing is visible. Names are as the dictionary stores them.
    fn relation(&self, owner: Option<&str>, name: &str) -> Result<Option<Arc<Relation>>, OraError>;

    /// What an object or collection type is made of; `None` where nothing is visible by that name.
    fn user_type(&self, owner: Option<&str>, name: &str) -> Result<Option<OracleType>, OraError>;

    /// Rows in ROWID order, all of one moment: ORA-08181 for an SCN not yet reached, ORA-01555 for one too old.
    fn scan(&self, relation: &Relation, moment: Moment, lookup: Lookup) -> Result<Rows, OraError>;
    /// Now, for scans that begin one after the other.
    fn statement_view(&self) -> Result<StatementView, OraError>;

    /// Runs one DML statement: `body` scans and writes through the storage it is given, and sees current rows.
    /// All of it happens or none; on an error of `body` (a constraint, a value) what it did is undone, with undo redo
    /// rows, while the transaction stays open. Waits for rows locked by others and runs `body` again after the wait.
    fn dml(&mut self, body: &mut dyn FnMut(&mut dyn Storage) -> Result<u64, OraError>) -> Result<u64, OraError>;

    /// Inserts rows (only within `dml`): NOT NULL, key, unique and foreign key constraints are checked.
    fn insert(&mut self, relation: &Relation, rows: Vec<Vec<Value>>) -> Result<(), OraError>;
    /// Updates rows that this `dml` scanned.
    fn update(&mut self, relation: &Relation, rows: Vec<RowUpdate>) -> Result<(), OraError>;
    /// Deletes rows that this `dml` scanned.
    fn delete(&mut self, relation: &Relation, rows: Vec<Row>) -> Result<(), OraError>;
    /// `SELECT … FOR UPDATE` (only within `dml`).
    fn lock(&mut self, relation: &Relation, rows: &[Row]) -> Result<(), OraError>;

    /// `sequence.NEXTVAL`; ORA-02289 where there is none.
    fn next_value(&mut self, owner: Option<&str>, name: &str) -> Result<Value, OraError>;
    /// `sequence.CURRVAL`; ORA-08002 before the first NEXTVAL of the session.
    fn current_value(&self, owner: Option<&str>, name: &str) -> Result<Value, OraError>;

    /// COMMIT.
    fn commit(&mut self) -> Result<(), OraError>;
    /// ROLLBACK.
    fn rollback(&mut self) -> Result<(), OraError>;
    /// SAVEPOINT name.
    fn savepoint(&mut self, name: &str) -> Result<(), OraError>;
    /// ROLLBACK TO SAVEPOINT name; ORA-01086 where there is none.
    fn rollback_to(&mut self, name: &str) -> Result<(), OraError>;
    /// Whether a transaction is open.
    fn in_transaction(&self) -> bool;

    /// Everything that is neither query nor DML nor transaction control: CREATE, ALTER (SESSION, SYSTEM, DATABASE, TABLE …),
    /// DROP, TRUNCATE, COMMENT, GRANT. Commits first and after, where Oracle does.
    fn ddl(&mut self, text: &str) -> Result<(), OraError>;
    /// A built-in procedure (`DBMS_LOGMNR.…`); ORA-06550 with PLS-00201 for an unknown one.
    fn call(&mut self, call: &ProcedureCall) -> Result<(), OraError>;

    /// The session's user.
    fn user(&self) -> &str;
    /// `SYS_CONTEXT('USERENV', parameter)`; `None` where unknown.
    fn context(&self, parameter: &str) -> Option<String>;
    /// `DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER` and `V$DATABASE.CURRENT_SCN`.
    fn current_scn(&self) -> Result<Scn, OraError>;

    /// How long a call may take: waits for locks end with ORA-03156. `None` is for ever.
    fn set_call_timeout(&mut self, timeout: Option<Duration>);
    /// How long the next statements wait for a lock: `Some(0)` is NOWAIT (ORA-00054), another time ends with ORA-30006,
    /// `None` is for ever.
    fn set_lock_timeout(&mut self, timeout: Option<Duration>);
    /// A flag that another thread raises to break off what is running: scans and waits for locks end with ORA-01013
    /// while it is up.
    fn set_break_flag(&mut self, flag: Arc<AtomicBool>);
}
