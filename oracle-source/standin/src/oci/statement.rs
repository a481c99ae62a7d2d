//! Statements: preparing, binding, executing, fetching.

use super::{
    bind::{self, Bind},
    column::Column,
    connection::{Connection, Service},
    define::{self, Define, Written},
    failure::{BatchError, ErrorHandle, Failure, call, ora, unsupported},
    handle::{self, Handle, allocate, get, get_mut},
    kind,
    sql_text::{self, StatementKind, Text},
};
use crate::{OraError, Outcome, Prepared, StatementType};
use std::{
    ffi::{c_char, c_void},
    sync::Arc,
};
use type_convert::Value;

type Rows = Box<dyn Iterator<Item = Result<Vec<Value>, OraError>> + Send>;

/// A statement handle.
pub(super) struct Statement {
    pub(super) connection: Arc<Connection>,
    pub(super) sql: String,
    pub(super) text: Text,
    /// Bind handles, one for each position.
    binds: Vec<*mut c_void>,
    /// Define handles by position; null where there is none.
    defines: Vec<*mut c_void>,
    /// Column handles of the query.
    columns: Vec<*mut c_void>,
    /// Columns of earlier executions: pointers to their names were given out.
    retired: Vec<*mut c_void>,
    rows: Option<Rows>,
    at_end: bool,
    /// Rows of the last fetch.
    pub(super) fetched: u32,
    /// Rows fetched since the execution, or changed by it.
    pub(super) row_count: u64,
    /// Rows changed by each iteration.
    pub(super) row_counts: Vec<u64>,
    pub(super) batch_errors: u32,
    pub(super) error_offset: u16,
}

impl Handle for Statement {
    fn accepts(kind: u32) -> bool {
        kind == kind::STATEMENT
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: these handles are the statement's own.
        unsafe {
            for bind in self.binds.drain(..) {
                bind::free(bind);
            }
            for define in self.defines.drain(..) {
                define::free(define);
            }
            for column in self.columns.drain(..).chain(self.retired.drain(..)) {
                let _ = handle::free::<Column>(column);
            }
        }
    }
}

/// Modes of `OCIStmtExecute`.
mod mode {
    pub(super) const DESCRIBE_ONLY: u32 = 0x10;
    pub(super) const COMMIT_ON_SUCCESS: u32 = 0x20;
    pub(super) const BATCH_ERRORS: u32 = 0x80;
    pub(super) const PARSE_ONLY: u32 = 0x100;
    pub(super) const ROW_COUNT_ARRAY: u32 = 0x10_0000;
    pub(super) const KNOWN: u32 = DESCRIBE_ONLY | COMMIT_ON_SUCCESS | BATCH_ERRORS | PARSE_ONLY | ROW_COUNT_ARRAY;
}

impl Statement {
    fn new(connection: Arc<Connection>, sql: String) -> Self {
        let text = sql_text::read(&sql);
        Statement {
            connection,
            sql,
            binds: vec![std::ptr::null_mut(); text.binds.len()],
            text,
            defines: Vec::new(),
            columns: Vec::new(),
            retired: Vec::new(),
            rows: None,
            at_end: false,
            fetched: 0,
            row_count: 0,
            row_counts: Vec::new(),
            batch_errors: 0,
            error_offset: 0,
        }
    }

    pub(super) fn kind(&self) -> StatementKind {
        self.text.kind
    }

    pub(super) fn is_query(&self) -> bool {
        self.kind().is(StatementType::Select)
    }

    pub(super) fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// The handle of a column, from 1.
    pub(super) fn column(&self, position: u32) -> Option<*mut c_void> {
        self.columns.get((position as usize).checked_sub(1)?).copied()
    }

    fn describe(&mut self, prepared: &Prepared) -> Result<(), Failure> {
        let columns = prepared.columns().iter().map(Column::new).collect::<Result<Vec<_>, _>>()?;
        // SAFETY: the statement's own handles.
        let same = columns.len() == self.columns.len()
            && self
                .columns
                .iter()
                .zip(&columns)
                .all(|(&old, new)| unsafe { get::<Column>(old) }.is_ok_and(|o| o == new));
        if !same {
            self.retired.append(&mut self.columns);
            self.columns = columns.into_iter().map(|c| allocate(kind::PARAMETER, c)).collect();
        }
        Ok(())
    }

    fn bound(&mut self, position: usize, bind: impl FnOnce() -> Bind) -> *mut c_void {
        let old = self.binds[position];
        // The handle of a position stays the same however often it is bound.
        // SAFETY: the statement's own handle.
        match unsafe { get_mut::<Bind>(old) } {
            Ok(place) => {
                *place = bind();
                old
            }
            Err(_) => {
                self.binds[position] = allocate(kind::BIND, bind());
                self.binds[position]
            }
        }
    }

    /// The values of one iteration, in the order of the engine's bind positions.
    unsafe fn values(&self, prepared: &Prepared, iteration: u32) -> Result<Vec<Value>, Failure> {
        let wanted = prepared.binds();
        let by_position = wanted.len() == self.binds.len();
        let mut values = Vec::with_capacity(wanted.len());
        for (i, bind) in wanted.iter().enumerate() {
            let position =
                if by_position { Some(i) } else { self.text.binds.iter().position(|name| *name == bind.name) };
            let handle = position.map_or(std::ptr::null_mut(), |p| self.binds[p]);
            if handle.is_null() {
                return Err(ora(1008, "not all variables bound"));
            }
            // SAFETY: a bind handle of this statement.
            values.push(unsafe { bind::value(handle, iteration, self.kind().is_plsql()) }?);
        }
        Ok(values)
    }

    unsafe fn execute(
        &mut self,
        errors: &mut ErrorHandle,
        iterations: u32,
        offset: u32,
        mode: u32,
    ) -> Result<(), Failure> {
        if mode & !mode::KNOWN != 0 {
            return Err(unsupported(format_args!("OCIStmtExecute with mode {:#x}", mode & !mode::KNOWN)));
        }
        self.rows = None;
        self.at_end = false;
        self.fetched = 0;
        self.row_count = 0;
        self.row_counts.clear();
        self.batch_errors = 0;
        self.error_offset = 0;
        errors.batch.clear();
        let connection = self.connection.clone();
        let running = connection.running();
        let prepared = connection.with(|s| s.prepare(&self.sql))?;
        self.describe(&prepared)?;
        if mode & (mode::DESCRIBE_ONLY | mode::PARSE_ONLY) != 0 {
            return Ok(());
        }
        let commit = mode & mode::COMMIT_ON_SUCCESS != 0;
        if self.is_query() {
            // SAFETY: the caller's promise.
            let values = unsafe { self.values(&prepared, offset) }?;
            match connection.with(|s| s.execute(&prepared, &values, commit))? {
                Outcome::Rows(rows) => self.rows = Some(rows),
                Outcome::Done { .. } => return Err(ora(600, "internal error code, arguments: [stand-in], [no rows]")),
            }
            drop(running);
            // SAFETY: the caller's promise.
            return if iterations > 0 { unsafe { self.fetch(iterations) } } else { Ok(()) };
        }
        if iterations == 0 {
            return Err(ora(24333, "zero iteration count"));
        }
        let end = offset.checked_add(iterations).ok_or_else(|| ora(24381, "error(s) in array DML"))?;
        let keep_going = mode & mode::BATCH_ERRORS != 0;
        for iteration in offset..end {
            running.check()?;
            let commit_now = commit && iteration + 1 == end && errors.batch.is_empty();
            // SAFETY: the caller's promise.
            let done = unsafe { self.values(&prepared, iteration) }
                .and_then(|values| connection.with(|s| s.execute(&prepared, &values, commit_now)));
            match done {
                Ok(Outcome::Done { affected }) => {
                    self.row_count += affected;
                    self.row_counts.push(affected);
                }
                Ok(Outcome::Rows(_)) => return Err(ora(600, "internal error code, arguments: [stand-in], [rows]")),
                Err(Failure::Error(error)) if keep_going => {
                    self.row_counts.push(0);
                    errors.batch.push(BatchError { row: iteration, error });
                }
                Err(failure) => return Err(failure),
            }
        }
        self.batch_errors = u32::try_from(errors.batch.len()).unwrap_or(u32::MAX);
        if self.batch_errors > 0 {
            return Err(Failure::Warning(OraError::new(24381, "error(s) in array DML")));
        }
        Ok(())
    }

    /// Fetches up to `count` rows into the defined buffers.
    unsafe fn fetch(&mut self, count: u32) -> Result<(), Failure> {
        self.fetched = 0;
        if count == 0 {
            // This cancels the cursor.
            self.rows = None;
            return Ok(());
        }
        if self.at_end {
            return Err(ora(1002, "fetch out of sequence"));
        }
        if self.columns.len() > self.defines.len() || self.defines.iter().any(|d| d.is_null()) {
            return Err(ora(1007, "variable not in select list: not every column is defined"));
        }
        let rows = self.rows.as_mut().ok_or_else(|| ora(24338, "statement handle not executed"))?;
        let running = self.connection.running();
        let mut truncated = false;
        let mut scratch = String::new();
        while self.fetched < count {
            if self.fetched.is_multiple_of(64) {
                running.check()?;
            }
            let Some(row) = rows.next().transpose()? else {
                self.rows = None;
                self.at_end = true;
                break;
            };
            if row.len() != self.columns.len() {
                return Err(ora(600, "internal error code, arguments: [stand-in], [row width]"));
            }
            for ((&define, &column), value) in self.defines.iter().zip(&self.columns).zip(row) {
                // SAFETY: the statement's own handle, and the caller's promise.
                let written = unsafe {
                    let ty = get::<Column>(column)?.user_type.as_ref();
                    define::write(define, self.fetched, value, ty, &mut scratch)
                };
                truncated |= written? == Written::Truncated;
            }
            self.fetched += 1;
        }
        self.row_count += u64::from(self.fetched);
        if self.fetched < count {
            return Err(Failure::NoData);
        }
        if truncated {
            return Err(Failure::Warning(OraError::new(24345, "A Truncation or null fetch error occurred")));
        }
        Ok(())
    }
}

unsafe fn text<'a>(pointer: *const c_char, length: usize) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Ok("");
    }
    // SAFETY: the caller's text of that length.
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) };
    std::str::from_utf8(bytes).map_err(|_| ora(29275, "partial multibyte character"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtPrepare2(
    svchp: *mut c_void,
    stmtp: *mut *mut c_void,
    errhp: *mut c_void,
    stmt: *const c_char,
    stmt_len: u32,
    _key: *const c_char,
    _key_len: u32,
    language: u32,
    _mode: u32,
) -> i32 {
    const NATIVE_SYNTAX: u32 = 1;
    // SAFETY: OCI's contract, here and below: live handles, texts of the lengths given, places for what is returned.
    unsafe {
        call(errhp, || {
            if language != NATIVE_SYNTAX {
                return Err(unsupported(format_args!("statements in language {language}")));
            }
            let sql = text(stmt, stmt_len as usize)?;
            if sql.is_empty() {
                return Err(ora(24431, "Statement does not exist in the cache"));
            }
            let connection = get::<Service>(svchp)?.connection()?;
            *stmtp = allocate(kind::STATEMENT, Statement::new(connection, sql.to_owned()));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtRelease(
    stmtp: *mut c_void,
    errhp: *mut c_void,
    _key: *const c_char,
    _key_len: u32,
    _mode: u32,
) -> i32 {
    // SAFETY: as above, and the statement is used no more.
    unsafe { call(errhp, || handle::free::<Statement>(stmtp)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtExecute(
    svchp: *mut c_void,
    stmtp: *mut c_void,
    errhp: *mut c_void,
    iters: u32,
    rowoff: u32,
    snap_in: *const c_void,
    snap_out: *mut c_void,
    mode: u32,
) -> i32 {
    // SAFETY: as above, and the bound buffers hold as many values as there are iterations.
    unsafe {
        call(errhp, || {
            get::<Service>(svchp)?;
            let statement = get_mut::<Statement>(stmtp)?;
            if !snap_in.is_null() || !snap_out.is_null() {
                return Err(unsupported("snapshot descriptors"));
            }
            let result = statement.execute(get_mut::<ErrorHandle>(errhp)?, iters, rowoff, mode);
            if let Err(Failure::Error(error)) = &result {
                statement.error_offset = error.offset;
            }
            result
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtFetch2(
    stmtp: *mut c_void,
    errhp: *mut c_void,
    nrows: u32,
    orientation: u16,
    _scroll_offset: i32,
    _mode: u32,
) -> i32 {
    const DEFAULT: u16 = 0;
    const NEXT: u16 = 2;
    // SAFETY: as above, and the defined buffers have room for as many rows.
    unsafe {
        call(errhp, || {
            if orientation != DEFAULT && orientation != NEXT {
                return Err(unsupported("scrollable cursors"));
            }
            get_mut::<Statement>(stmtp)?.fetch(nrows)
        })
    }
}

/// PL/SQL has no implicit results here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtGetNextResult(
    stmthp: *mut c_void,
    errhp: *mut c_void,
    _result: *mut *mut c_void,
    _rtype: *mut u32,
    _mode: u32,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Statement>(stmthp)?;
            Err(Failure::NoData)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIStmtGetBindInfo(
    stmtp: *mut c_void,
    errhp: *mut c_void,
    size: u32,
    startloc: u32,
    found: *mut i32,
    bvnp: *mut *const c_char,
    bvnl: *mut u8,
    invp: *mut *const c_char,
    inpl: *mut u8,
    dupl: *mut u8,
    hndl: *mut *mut c_void,
) -> i32 {
    // SAFETY: as above, and the arrays have `size` places.
    unsafe {
        call(errhp, || {
            let statement = get::<Statement>(stmtp)?;
            let names = &statement.text.binds;
            let start = (startloc as usize).saturating_sub(1);
            let total = i32::try_from(names.len()).map_err(|_| ora(1745, "invalid host/bind variable name"))?;
            if start >= names.len() {
                return Err(Failure::NoData);
            }
            for (i, name) in names[start..].iter().take(size as usize).enumerate() {
                let length = u8::try_from(name.len()).map_err(|_| ora(1745, "invalid host/bind variable name"))?;
                *bvnp.add(i) = name.as_ptr().cast();
                *bvnl.add(i) = length;
                *invp.add(i) = std::ptr::null();
                *inpl.add(i) = 0;
                *dupl.add(i) = u8::from(names[..start + i].contains(name));
                *hndl.add(i) = statement.binds[start + i];
            }
            // A negative number says that there are more than fit.
            *found = if names.len() - start > size as usize { -total } else { total };
            Ok(())
        })
    }
}

const DATA_AT_EXEC: u32 = 2;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIBindByPos2(
    stmtp: *mut c_void,
    bindp: *mut *mut c_void,
    errhp: *mut c_void,
    position: u32,
    valuep: *mut c_void,
    value_sz: i64,
    dty: u16,
    indp: *mut c_void,
    alenp: *mut u32,
    _rcodep: *mut u16,
    maxarr_len: u32,
    _curelep: *mut u32,
    mode: u32,
) -> i32 {
    // SAFETY: as above; the buffers are read when the statement is executed.
    unsafe {
        call(errhp, || {
            if maxarr_len != 0 {
                return Err(unsupported("PL/SQL arrays"));
            }
            let statement = get_mut::<Statement>(stmtp)?;
            let position = (position as usize).checked_sub(1).filter(|&p| p < statement.binds.len());
            let position = position.ok_or_else(|| ora(1036, "illegal variable name/number"))?;
            *bindp = statement.bound(position, || Bind {
                value: valuep.cast(),
                size: value_sz,
                data_type: dty,
                indicator: indp.cast(),
                lengths: alenp,
                at_execution: mode & DATA_AT_EXEC != 0,
                callback: None,
            });
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIBindByName2(
    stmtp: *mut c_void,
    bindp: *mut *mut c_void,
    errhp: *mut c_void,
    placeholder: *const c_char,
    placeh_len: i32,
    valuep: *mut c_void,
    value_sz: i64,
    dty: u16,
    indp: *mut c_void,
    alenp: *mut u32,
    _rcodep: *mut u16,
    maxarr_len: u32,
    _curelep: *mut u32,
    mode: u32,
) -> i32 {
    // SAFETY: as above; the buffers are read when the statement is executed.
    unsafe {
        call(errhp, || {
            if maxarr_len != 0 {
                return Err(unsupported("PL/SQL arrays"));
            }
            let statement = get_mut::<Statement>(stmtp)?;
            let length = usize::try_from(placeh_len).map_err(|_| ora(1036, "illegal variable name/number"))?;
            let name = sql_text::bind_name(text(placeholder, length)?);
            let positions: Vec<usize> =
                (0..statement.text.binds.len()).filter(|&p| statement.text.binds[p] == name).collect();
            if mode & DATA_AT_EXEC != 0 && positions.len() > 1 {
                return Err(unsupported("a bind at execution whose name stands in several places: bind by position"));
            }
            let Some((&first, others)) = positions.split_first() else {
                return Err(ora(1036, "illegal variable name/number"));
            };
            let bind = || Bind {
                value: valuep.cast(),
                size: value_sz,
                data_type: dty,
                indicator: indp.cast(),
                lengths: alenp,
                at_execution: mode & DATA_AT_EXEC != 0,
                callback: None,
            };
            *bindp = statement.bound(first, bind);
            for &position in others {
                statement.bound(position, bind);
            }
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDefineByPos2(
    stmtp: *mut c_void,
    defnp: *mut *mut c_void,
    errhp: *mut c_void,
    position: u32,
    valuep: *mut c_void,
    value_sz: u64,
    dty: u16,
    indp: *mut c_void,
    rlenp: *mut u32,
    rcodep: *mut u16,
    mode: u32,
) -> i32 {
    const DYNAMIC_FETCH: u32 = 2;
    // SAFETY: as above; the buffers are written while rows are fetched.
    unsafe {
        call(errhp, || {
            let statement = get_mut::<Statement>(stmtp)?;
            let index = (position as usize).checked_sub(1).filter(|&p| p < 1000 && statement.is_query());
            let index = index.ok_or_else(|| ora(1007, "variable not in select list"))?;
            let new = Define {
                value: valuep.cast(),
                size: value_sz,
                data_type: dty,
                indicator: indp.cast(),
                lengths: rlenp,
                return_codes: rcodep,
                dynamic: mode & DYNAMIC_FETCH != 0,
                callback: None,
                object: None,
            };
            if statement.defines.len() <= index {
                statement.defines.resize(index + 1, std::ptr::null_mut());
            }
            let place = &mut statement.defines[index];
            match get_mut::<Define>(*place) {
                Ok(define) => *define = new,
                Err(_) => *place = allocate(kind::DEFINE, new),
            }
            *defnp = *place;
            Ok(())
        })
    }
}
