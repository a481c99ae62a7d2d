//! Sessions: statements prepared and executed over the storage layer.

use super::ast::{BlockItem, Expr, ForUpdate, ProcedureCall as CallSyntax, Statement};
use super::calendar::Today;
use super::compile::{Compiler, Link, Scope};
use super::convert::{Conversion, Kind};
use super::dml::{Call, Dml};
use super::exec::{self, Cx};
use super::expr::Typed;
use super::nls::Nls;
use super::plan::{QueryPlan, Registry};
use super::{ora, parser};
use crate::OraError;
use crate::engine::storage::{ProcedureCall, Storage};
use crate::engine::{Bind, ColumnDesc, Outcome, StatementType};
use std::sync::{Arc, atomic::AtomicBool};
use std::time::{Duration, Instant};
use type_convert::{Scn, UtcOffset, Value};

/// Dynamic SQL within dynamic SQL, as deep as Oracle goes.
const MAX_RECURSION: usize = 50;

/// A savepoint that no statement can name.
const BLOCK_SAVEPOINT: &str = " block";

/// One Oracle session: its user, its open transaction, its LogMiner state.
/// Dropping it rolls back what was not committed, as a lost connection does.
pub struct Session {
    storage: Box<dyn Storage>,
    nls: Nls,
    call_timeout: Option<Duration>,
    /// The state that a `SET TRANSACTION READ ONLY` transaction sees.
    read_only: Option<Scn>,
    recursion: usize,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("user", &self.storage.user()).finish_non_exhaustive()
    }
}

/// A parsed statement: what OCI's describe tells before execution.
#[derive(Debug)]
pub struct Prepared {
    text: String,
    statement_type: StatementType,
    binds: Vec<Bind>,
    columns: Vec<ColumnDesc>,
    compiled: Compiled,
}

#[derive(Debug)]
enum Compiled {
    Query { plan: Arc<QueryPlan>, registry: Arc<Registry>, for_update: Option<ForUpdate> },
    Dml { dml: Box<Dml>, registry: Arc<Registry> },
    Call { call: CompiledCall, registry: Arc<Registry> },
    Execute { text: Typed, using: Vec<Typed>, registry: Arc<Registry> },
    Block(Vec<Compiled>),
    Commit,
    Rollback { to: Option<String> },
    Savepoint(String),
    SetTransaction { read_only: bool },
    AlterSession(Vec<(String, String)>),
    Ddl,
    Nothing,
}

#[derive(Debug)]
struct CompiledCall {
    name: String,
    arguments: Vec<(Option<String>, Typed)>,
}

impl Prepared {
    /// What it is.
    pub fn statement_type(&self) -> StatementType {
        self.statement_type
    }

    /// Its bind variables, one for each position.
    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// Columns of a query, known at parse time; empty for everything else.
    pub fn columns(&self) -> &[ColumnDesc] {
        &self.columns
    }
}

fn prepare(storage: &dyn Storage, sql: &str) -> Result<Prepared, OraError> {
    let parsed = parser::parse(sql)?;
    let (compiled, statement_type) = compile(storage, &parsed.statement, sql, false)?;
    let columns = match &compiled {
        Compiled::Query { plan, .. } => plan
            .columns
            .iter()
            .map(|c| ColumnDesc {
                name: c.name.clone(),
                oracle_type: exec::described_type(c.ty.as_ref()),
                nullable: c.nullable,
            })
            .collect(),
        _ => Vec::new(),
    };
    Ok(Prepared { text: sql.to_owned(), statement_type, binds: parsed.binds, columns, compiled })
}

/// The columns of a query.
pub(crate) fn describe(storage: &dyn Storage, sql: &str) -> Result<Vec<ColumnDesc>, OraError> {
    prepare(storage, sql).map(|p| p.columns)
}

fn compile(
    storage: &dyn Storage,
    statement: &Statement,
    text: &str,
    in_plsql: bool,
) -> Result<(Compiled, StatementType), OraError> {
    let mut compiler = Compiler::new(storage);
    let dml = |dml: Dml, compiler: Compiler<'_>, ty| {
        Ok((Compiled::Dml { dml: Box::new(dml), registry: Arc::new(compiler.registry) }, ty))
    };
    match statement {
        Statement::Query(query) => {
            compiler.sequences = true;
            let link = Link::none();
            let plan = Arc::new(compiler.query(query, &link)?);
            let registry = Arc::new(compiler.registry);
            let for_update = query.for_update.clone();
            Ok((Compiled::Query { plan, registry, for_update }, StatementType::Select))
        }
        Statement::Insert(insert) => {
            let compiled = compiler.insert(insert)?;
            dml(compiled, compiler, StatementType::Insert)
        }
        Statement::Update(update) => {
            let compiled = compiler.update(update)?;
            dml(compiled, compiler, StatementType::Update)
        }
        Statement::Delete(delete) => {
            let compiled = compiler.delete(delete)?;
            dml(compiled, compiler, StatementType::Delete)
        }
        Statement::Merge(merge) => {
            let compiled = compiler.merge(merge)?;
            dml(compiled, compiler, StatementType::Merge)
        }
        Statement::Commit => Ok((Compiled::Commit, StatementType::Commit)),
        Statement::Rollback { to } => Ok((Compiled::Rollback { to: to.clone() }, StatementType::Rollback)),
        Statement::Savepoint(name) => Ok((Compiled::Savepoint(name.clone()), StatementType::Unknown)),
        Statement::SetTransaction { read_only } => {
            Ok((Compiled::SetTransaction { read_only: *read_only }, StatementType::Unknown))
        }
        Statement::AlterSession(parameters) => Ok((Compiled::AlterSession(parameters.clone()), StatementType::Alter)),
        Statement::Ddl(ty) => Ok((Compiled::Ddl, *ty)),
        Statement::Call(call) => {
            compiler.plsql = true;
            let call = compile_call(&mut compiler, call)?;
            Ok((Compiled::Call { call, registry: Arc::new(compiler.registry) }, StatementType::Call))
        }
        Statement::Block(items) if !in_plsql => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(match item {
                    BlockItem::Null => Compiled::Nothing,
                    BlockItem::Execute { text, using } => compile_execute(storage, text, using)?,
                    BlockItem::Statement(statement) => {
                        compile(storage, statement, text, true).map_err(|e| in_block(e, text))?.0
                    }
                });
            }
            Ok((Compiled::Block(list), StatementType::Begin))
        }
        Statement::Block(_) => Err(ora(6550, "line 1, column 1: nested blocks are not supported here")),
    }
}

/// A compilation error in a block.
fn in_block(error: OraError, text: &str) -> OraError {
    if error.code == 6550 {
        return error;
    }
    let before = text.get(..usize::from(error.offset)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
    let message = format!("line {line}, column {column}:\nPL/SQL: ORA-{:05}: {}", error.code, error.message);
    OraError { code: 6550, message, offset: error.offset }
}

fn compile_call(compiler: &mut Compiler<'_>, call: &CallSyntax) -> Result<CompiledCall, OraError> {
    let words: Vec<&str> = call.name.iter().map(|n| n.text.as_str()).collect();
    let words = words.strip_prefix(&["SYS"]).unwrap_or(&words);
    let link = Link::none();
    let scope = Scope::empty(&link);
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for (name, value) in &call.arguments {
        arguments.push((name.as_ref().map(|n| n.text.clone()), compiler.scalar(value, &scope)?));
    }
    Ok(CompiledCall { name: words.join("."), arguments })
}

fn compile_execute(storage: &dyn Storage, text: &Expr, using: &[Expr]) -> Result<Compiled, OraError> {
    let mut compiler = Compiler::new(storage);
    compiler.plsql = true;
    let link = Link::none();
    let scope = Scope::empty(&link);
    let text = compiler.scalar(text, &scope)?;
    let mut list = Vec::with_capacity(using.len());
    for value in using {
        list.push(compiler.scalar(value, &scope)?);
    }
    Ok(Compiled::Execute { text, using: list, registry: Arc::new(compiler.registry) })
}

fn registries<'c>(compiled: &'c Compiled, out: &mut Vec<&'c Registry>) {
    match compiled {
        Compiled::Query { registry, .. }
        | Compiled::Dml { registry, .. }
        | Compiled::Call { registry, .. }
        | Compiled::Execute { registry, .. } => out.push(registry),
        Compiled::Block(list) => list.iter().for_each(|c| registries(c, out)),
        _ => {}
    }
}

impl Session {
    /// A session over a storage layer that has logged in.
    pub(crate) fn over(storage: Box<dyn Storage>) -> Self {
        Session { storage, nls: Nls::default(), call_timeout: None, read_only: None, recursion: 0 }
    }

    /// Parses a statement. ORA-00900 and its like with an offset where it is not understood.
    pub fn prepare(&mut self, sql: &str) -> Result<Prepared, OraError> {
        prepare(self.storage.as_ref(), sql)
    }

    /// Executes; `binds` are the values in the order of [`Prepared::binds`]. `commit` is OCI_COMMIT_ON_SUCCESS.
    /// Rows of a query are a consistent state as of the beginning of the execution.
    pub fn execute(&mut self, statement: &Prepared, binds: &[Value], commit: bool) -> Result<Outcome, OraError> {
        if binds.len() < statement.binds.len() {
            return Err(ora(1008, "not all variables bound"));
        }
        let deadline = self.call_timeout.map(|t| Instant::now() + t);
        // What was prepared against a table that was altered since is prepared again.
        let fresh = if self.is_stale(&statement.compiled)? { Some(self.prepare(&statement.text)?) } else { None };
        let statement = fresh.as_ref().unwrap_or(statement);
        let outcome = self.run(&statement.compiled, &statement.text, binds, deadline)?;
        if commit && statement.statement_type != StatementType::Select {
            self.commit()?;
        }
        Ok(outcome)
    }

    /// COMMIT.
    pub fn commit(&mut self) -> Result<(), OraError> {
        self.read_only = None;
        self.storage.commit()
    }

    /// ROLLBACK.
    pub fn rollback(&mut self) -> Result<(), OraError> {
        self.read_only = None;
        self.storage.rollback()
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.storage.in_transaction()
    }

    /// A call that takes longer than this fails with ORA-03136-like `ORA-03156`; lock waits obey it.
    pub fn set_call_timeout(&mut self, timeout: Option<Duration>) {
        self.call_timeout = timeout;
        self.storage.set_call_timeout(timeout);
    }

    /// A flag that another thread raises to break off what is running: it ends with ORA-01013 while the flag is up.
    pub fn set_break_flag(&mut self, flag: Arc<AtomicBool>) {
        self.storage.set_break_flag(flag);
    }

    fn is_stale(&self, compiled: &Compiled) -> Result<bool, OraError> {
        let mut list = Vec::new();
        registries(compiled, &mut list);
        for (owner, name, relation) in list.iter().flat_map(|r| &r.relations) {
            match self.storage.relation(owner.as_deref(), name)? {
                Some(now) if Arc::ptr_eq(&now, relation) || *now == **relation => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    fn conversion(&self) -> Conversion {
        Conversion { nls: self.nls.clone(), today: Today::read(UtcOffset { minutes: 0 }) }
    }

    fn run(
        &mut self,
        compiled: &Compiled,
        text: &str,
        binds: &[Value],
        deadline: Option<Instant>,
    ) -> Result<Outcome, OraError> {
        const DONE: Outcome = Outcome::Done { affected: 0 };
        let conversion = self.conversion();
        match compiled {
            Compiled::Query { plan, registry, for_update } => {
                if let Some(lock) = for_update {
                    return self.locked(plan, registry, lock, binds, &conversion, deadline);
                }
                let cx = Cx::start(registry, self.storage.as_ref(), binds, &conversion, deadline, self.read_only)?;
                let rows = exec::statement_rows(plan, registry, &cx, self.storage.as_mut())?;
                let rows = exec::timed(rows, &cx, self.call_timeout);
                Ok(Outcome::Rows(exec::described(rows, plan, &conversion)))
            }
            Compiled::Dml { dml, registry } => {
                self.refuse_read_only()?;
                let call = Call { registry, binds, conversion: &conversion, deadline };
                Ok(Outcome::Done { affected: dml.run(call, self.storage.as_mut())? })
            }
            Compiled::Call { call, registry } => {
                let cx = Cx::start(registry, self.storage.as_ref(), binds, &conversion, deadline, None)?;
                let mut arguments = Vec::with_capacity(call.arguments.len());
                for (name, e) in &call.arguments {
                    arguments.push((name.clone(), e.eval(&cx.env(&[], &[]))?.into_owned()));
                }
                self.storage.call(&ProcedureCall { name: call.name.clone(), arguments })?;
                Ok(DONE)
            }
            Compiled::Execute { text, using, registry } => {
                let cx = Cx::start(registry, self.storage.as_ref(), binds, &conversion, deadline, None)?;
                let env = cx.env(&[], &[]);
                let value = text.eval(&env)?;
                let sql = conversion.to_text(&value, text.kind)?.map_or_else(String::new, |t| t.into_owned());
                let mut values = Vec::with_capacity(using.len());
                for e in using {
                    values.push(e.eval(&env)?.into_owned());
                }
                if self.recursion >= MAX_RECURSION {
                    return Err(ora(36, "maximum number of recursive SQL levels (50) exceeded"));
                }
                self.recursion += 1;
                let outcome = self.dynamic(&sql, &values, deadline);
                self.recursion -= 1;
                outcome
            }
            Compiled::Block(items) => self.block(items, text, binds, deadline),
            Compiled::Commit => self.commit().map(|()| DONE),
            Compiled::Rollback { to: None } => self.rollback().map(|()| DONE),
            Compiled::Rollback { to: Some(name) } => self.storage.rollback_to(name).map(|()| DONE),
            Compiled::Savepoint(name) => self.storage.savepoint(name).map(|()| DONE),
            Compiled::SetTransaction { read_only } => {
                if self.storage.in_transaction() {
                    return Err(ora(1453, "SET TRANSACTION must be first statement of transaction"));
                }
                self.read_only = if *read_only { Some(self.storage.current_scn()?) } else { None };
                Ok(DONE)
            }
            Compiled::AlterSession(parameters) => {
                for (name, value) in parameters {
                    if let Some(kind) = model_kind(name) {
                        // A format that cannot be used is refused when it is set.
                        super::format::check_model(value, kind)?;
                    }
                }
                self.storage.ddl(text)?;
                for (name, value) in parameters {
                    self.nls.set(name, value);
                }
                Ok(DONE)
            }
            Compiled::Ddl => {
                self.read_only = None;
                self.storage.ddl(text)?;
                Ok(DONE)
            }
            Compiled::Nothing => Ok(DONE),
        }
    }

    fn dynamic(&mut self, sql: &str, binds: &[Value], deadline: Option<Instant>) -> Result<Outcome, OraError> {
        let prepared = self.prepare(sql)?;
        if binds.len() < prepared.binds.len() {
            return Err(ora(1008, "not all variables bound"));
        }
        if binds.len() > prepared.binds.len() {
            return Err(ora(1006, "bind variable does not exist"));
        }
        match self.run(&prepared.compiled, &prepared.text, binds, deadline)? {
            // A query without INTO is not even fetched.
            Outcome::Rows(_) => Ok(Outcome::Done { affected: 0 }),
            done => Ok(done),
        }
    }

    /// An error undoes what the block did, unless it committed.
    fn block(
        &mut self,
        items: &[Compiled],
        text: &str,
        binds: &[Value],
        deadline: Option<Instant>,
    ) -> Result<Outcome, OraError> {
        let writes = items.iter().any(|i| matches!(i, Compiled::Dml { .. } | Compiled::Execute { .. }));
        let ends = items.iter().any(|i| matches!(i, Compiled::Commit | Compiled::Rollback { .. }));
        let guarded = writes && !ends;
        let was_open = self.storage.in_transaction();
        if guarded && was_open {
            self.storage.savepoint(BLOCK_SAVEPOINT)?;
        }
        for item in items {
            if let Err(error) = self.run(item, text, binds, deadline) {
                if guarded && self.storage.in_transaction() {
                    // Where dynamic DDL has committed meanwhile, the savepoint is gone.
                    match if was_open { self.storage.rollback_to(BLOCK_SAVEPOINT) } else { self.storage.rollback() } {
                        Err(e) if e.code == 1086 => {}
                        other => other?,
                    }
                }
                return Err(error);
            }
        }
        Ok(Outcome::Done { affected: 0 })
    }

    fn refuse_read_only(&self) -> Result<(), OraError> {
        if self.read_only.is_some() {
            return Err(ora(1456, "may not perform insert, delete, update operation inside a READ ONLY transaction"));
        }
        Ok(())
    }

    fn locked(
        &mut self,
        plan: &Arc<QueryPlan>,
        registry: &Arc<Registry>,
        lock: &ForUpdate,
        binds: &[Value],
        conversion: &Conversion,
        deadline: Option<Instant>,
    ) -> Result<Outcome, OraError> {
        self.refuse_read_only()?;
        let mut rows = Vec::new();
        if lock.wait.is_some() {
            self.storage.set_lock_timeout(lock.wait.map(Duration::from_secs));
        }
        let call = Call { registry, binds, conversion, deadline };
        let result = self.storage.dml(&mut |storage| {
            let cx = call.start(storage)?;
            rows = exec::locked_rows(plan, registry, &cx, storage)?;
            Ok(0)
        });
        if lock.wait.is_some() {
            self.storage.set_lock_timeout(None);
        }
        result?;
        let rows = Box::new(rows.into_iter().map(Ok));
        Ok(Outcome::Rows(exec::described(rows, plan, conversion)))
    }
}

fn model_kind(parameter: &str) -> Option<Kind> {
    match parameter {
        "NLS_DATE_FORMAT" => Some(Kind::Date),
        "NLS_TIMESTAMP_FORMAT" => Some(Kind::Timestamp),
        "NLS_TIMESTAMP_TZ_FORMAT" => Some(Kind::TimestampTz),
        _ => None,
    }
}
