//! `OCIAttrGet`, `OCIAttrSet`, `OCIParamGet`.

use super::{
    AL32UTF8,
    bind::Bind,
    column::Column,
    connection::{Connection, Server, Service, SessionHandle},
    define::Define,
    environment::Environment,
    failure::{ErrorHandle, Failure, call, ora},
    handle::{get, get_mut, kind_of},
    kind,
    object::{self, Describe, TypeHandle},
    pool::{self, PoolHandle},
    sql_text, sqlt,
    statement::Statement,
};
use crate::Outcome;
use std::{
    ffi::c_void,
    sync::{PoisonError, atomic::Ordering},
};
use type_convert::Value;

/// `OCI_ATTR_…`. Several numbers mean different things on different handles.
mod attr {
    // of columns
    pub(super) const DATA_SIZE: u32 = 1;
    pub(super) const DATA_TYPE: u32 = 2;
    pub(super) const NAME: u32 = 4;
    pub(super) const PRECISION: u32 = 5;
    pub(super) const SCALE: u32 = 6;
    pub(super) const IS_NULL: u32 = 7;
    pub(super) const TYPE_NAME: u32 = 8;
    pub(super) const SCHEMA_NAME: u32 = 9;
    pub(super) const CHARSET_FORM: u32 = 32;
    pub(super) const CHAR_USED: u32 = 285;
    pub(super) const CHAR_SIZE: u32 = 286;
    pub(super) const JSON_COL: u32 = 534;
    pub(super) const OSON_COL: u32 = 623;
    pub(super) const REF_TDO: u32 = 110;
    // of types and what describes them
    pub(super) const PACKAGE_NAME: u32 = 12;
    pub(super) const PARAM: u32 = 124;
    pub(super) const TYPECODE: u32 = 216;
    pub(super) const COLLECTION_ELEMENT: u32 = 227;
    pub(super) const NUM_TYPE_ATTRS: u32 = 228;
    pub(super) const LIST_TYPE_ATTRS: u32 = 229;
    // of services, servers, environments
    pub(super) const ENV: u32 = 5;
    pub(super) const SERVER: u32 = 6;
    pub(super) const SESSION: u32 = 7;
    pub(super) const TRANS: u32 = 8;
    pub(super) const INTERNAL_NAME: u32 = 25;
    pub(super) const EXTERNAL_NAME: u32 = 26;
    pub(super) const CHARSET_ID: u32 = 31;
    pub(super) const SERVER_STATUS: u32 = 143;
    pub(super) const STMTCACHESIZE: u32 = 176;
    pub(super) const NCHARSET_ID: u32 = 262;
    pub(super) const DBNAME: u32 = 391;
    pub(super) const INSTNAME: u32 = 392;
    pub(super) const SERVICENAME: u32 = 393;
    pub(super) const DBDOMAIN: u32 = 399;
    pub(super) const RECEIVE_TIMEOUT: u32 = 436;
    pub(super) const VARTYPE_MAXLEN_COMPAT: u32 = 489;
    pub(super) const BREAK_ON_NET_TIMEOUT: u32 = 495;
    pub(super) const MAX_IDENTIFIER_LEN: u32 = 500;
    pub(super) const CALL_TIMEOUT: u32 = 531;
    // of sessions
    pub(super) const USERNAME: u32 = 22;
    pub(super) const PASSWORD: u32 = 23;
    pub(super) const CURRENT_SCHEMA: u32 = 224;
    pub(super) const CLIENT_IDENTIFIER: u32 = 278;
    pub(super) const EDITION: u32 = 288;
    pub(super) const MODULE: u32 = 366;
    pub(super) const ACTION: u32 = 367;
    pub(super) const CLIENT_INFO: u32 = 368;
    pub(super) const ECONTEXT_ID: u32 = 371;
    pub(super) const DRIVER_NAME: u32 = 424;
    pub(super) const DEFAULT_LOBPREFETCH_SIZE: u32 = 438;
    pub(super) const MAX_OPEN_CURSORS: u32 = 471;
    pub(super) const TRANSACTION_IN_PROGRESS: u32 = 484;
    pub(super) const DBOP: u32 = 485;
    // of statements
    pub(super) const ROW_COUNT: u32 = 9;
    pub(super) const SQLFNCODE: u32 = 10;
    pub(super) const PREFETCH_ROWS: u32 = 11;
    pub(super) const PREFETCH_MEMORY: u32 = 13;
    pub(super) const PARAM_COUNT: u32 = 18;
    pub(super) const ROWID: u32 = 19;
    pub(super) const STMT_TYPE: u32 = 24;
    pub(super) const NUM_DML_ERRORS: u32 = 73;
    pub(super) const PARSE_ERROR_OFFSET: u32 = 129;
    pub(super) const STATEMENT: u32 = 144;
    pub(super) const CURRENT_POSITION: u32 = 164;
    pub(super) const BIND_COUNT: u32 = 190;
    pub(super) const ROWS_FETCHED: u32 = 197;
    pub(super) const STMT_IS_RETURNING: u32 = 218;
    pub(super) const UB8_ROW_COUNT: u32 = 457;
    pub(super) const DML_ROW_COUNT_ARRAY: u32 = 469;
    // of binds, defines and errors
    pub(super) const MAXDATA_SIZE: u32 = 33;
    pub(super) const DML_ROW_OFFSET: u32 = 74;
    pub(super) const LOBPREFETCH_LENGTH: u32 = 440;
    pub(super) const ERROR_IS_RECOVERABLE: u32 = 472;
    // of pools
    pub(super) const SPOOL_AUTH: u32 = 460;
}

fn unknown(kind: u32, attribute: u32) -> Failure {
    ora(
        24315,
        format!("illegal attribute type: the stand-in does not know attribute {attribute} of handle type {kind}"),
    )
}

/// Where an attribute goes: in the type that OCI documents for it.
struct Out {
    place: *mut c_void,
    size: *mut u32,
}

impl Out {
    unsafe fn put<T>(&self, value: T) -> Result<(), Failure> {
        // SAFETY: the caller's place is of the attribute's documented type.
        unsafe {
            self.place.cast::<T>().write_unaligned(value);
            if !self.size.is_null() {
                *self.size = size_of::<T>() as u32;
            }
        }
        Ok(())
    }

    /// A pointer and a length; what it points to outlives the caller's use of it.
    unsafe fn put_text(&self, pointer: *const u8, length: usize) -> Result<(), Failure> {
        // SAFETY: the caller's place for a pointer, and for a length.
        unsafe {
            self.place.cast::<*const u8>().write_unaligned(pointer);
            if !self.size.is_null() {
                *self.size = u32::try_from(length).map_err(|_| ora(24315, "illegal attribute type"))?;
            }
        }
        Ok(())
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIAttrGet(
    trgthndlp: *const c_void,
    _trghndltyp: u32,
    attributep: *mut c_void,
    sizep: *mut u32,
    attrtype: u32,
    errhp: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract, here and below: live handles, and places of the attribute's type.
    unsafe {
        call(errhp, || {
            let out = Out { place: attributep, size: sizep };
            match kind_of(trgthndlp).ok_or(Failure::InvalidHandle)? {
                kind::PARAMETER => get_of_column(get(trgthndlp)?, attrtype, &out),
                kind::STATEMENT => get_of_statement(get(trgthndlp)?, attrtype, &out),
                kind::TYPE => get_of_type(trgthndlp, attrtype, &out),
                kind::DESCRIBE => match (get::<Describe>(trgthndlp)?.described, attrtype) {
                    (Some(described), attr::PARAM) => out.put(described.0),
                    _ => Err(unknown(kind::DESCRIBE, attrtype)),
                },
                kind::SERVICE => get_of_service(get(trgthndlp)?, attrtype, &out),
                kind::SERVER => get_of_server(get(trgthndlp)?, attrtype, &out),
                kind::SESSION => get_of_session(get(trgthndlp)?, attrtype, &out),
                kind::ENVIRONMENT => {
                    let environment = get::<Environment>(trgthndlp)?;
                    match attrtype {
                        attr::CHARSET_ID => out.put(environment.charset),
                        attr::NCHARSET_ID => out.put(environment.ncharset),
                        _ => Err(unknown(kind::ENVIRONMENT, attrtype)),
                    }
                }
                kind::ERROR => {
                    let error = get::<ErrorHandle>(trgthndlp)?;
                    match attrtype {
                        attr::ERROR_IS_RECOVERABLE => out.put(0_i32),
                        attr::DML_ROW_OFFSET => out.put(error.row_offset),
                        _ => Err(unknown(kind::ERROR, attrtype)),
                    }
                }
                kind::POOL => {
                    let pool = get::<PoolHandle>(trgthndlp)?;
                    match attrtype {
                        pool::OPEN_COUNT => out.put(pool.counts().0),
                        pool::BUSY_COUNT => out.put(pool.counts().1),
                        _ if pool::NUMBERS.contains(&attrtype) => {
                            let numbers = pool.numbers.lock().unwrap_or_else(PoisonError::into_inner);
                            let value = numbers.get(&attrtype).copied().unwrap_or(0);
                            if attrtype == pool::GETMODE { out.put(value as u8) } else { out.put(value) }
                        }
                        _ => Err(unknown(kind::POOL, attrtype)),
                    }
                }
                other => Err(unknown(other, attrtype)),
            }
        })
    }
}

unsafe fn get_of_column(column: &Column, attribute: u32, out: &Out) -> Result<(), Failure> {
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::DATA_SIZE => out.put(column.data_size),
            attr::DATA_TYPE => out.put(column.data_type),
            attr::NAME => out.put_text(column.name.as_ptr(), column.name.len()),
            attr::PRECISION => out.put(column.precision),
            attr::SCALE => out.put(column.scale),
            attr::IS_NULL => out.put(u8::from(column.nullable)),
            attr::TYPE_NAME | attr::SCHEMA_NAME => out.put_text(std::ptr::null(), 0),
            attr::TYPECODE => out.put(object::type_code(column)),
            attr::REF_TDO => match &column.user_type {
                Some(ty) => out.put(object::descriptor(ty)?),
                None => Err(unknown(kind::PARAMETER, attribute)),
            },
            attr::CHARSET_ID => out.put(if column.charset_form == 0 { 0 } else { AL32UTF8 }),
            attr::CHARSET_FORM => out.put(column.charset_form),
            attr::CHAR_USED => out.put(u8::from(column.data_size > column.char_size && column.char_size > 0)),
            attr::CHAR_SIZE => out.put(column.char_size),
            attr::JSON_COL | attr::OSON_COL => out.put(0_u8),
            _ => Err(unknown(kind::PARAMETER, attribute)),
        }
    }
}

unsafe fn get_of_type(handle: *const c_void, attribute: u32, out: &Out) -> Result<(), Failure> {
    // SAFETY: each attribute has its documented type; the handle is a type's, and lives for ever.
    unsafe {
        let of = get::<TypeHandle>(handle)?;
        match attribute {
            attr::TYPECODE => out.put(if of.collection { sqlt::NCO } else { sqlt::NTY }),
            attr::SCHEMA_NAME => out.put_text(of.schema.as_ptr(), of.schema.len()),
            attr::NAME => out.put_text(of.name.as_ptr(), of.name.len()),
            attr::PACKAGE_NAME => out.put_text(std::ptr::null(), 0),
            attr::NUM_TYPE_ATTRS => {
                let count = if of.collection { 0 } else { of.parameters.len() };
                out.put(u16::try_from(count).unwrap_or(u16::MAX))
            }
            // The list of its attributes is the type itself.
            attr::LIST_TYPE_ATTRS => out.put(handle),
            attr::COLLECTION_ELEMENT => match of.parameters.first() {
                Some(&element) if of.collection => out.put(element),
                _ => Err(unknown(kind::TYPE, attribute)),
            },
            _ => Err(unknown(kind::TYPE, attribute)),
        }
    }
}

unsafe fn get_of_statement(statement: &Statement, attribute: u32, out: &Out) -> Result<(), Failure> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::ROW_COUNT => out.put(u32::try_from(statement.row_count).unwrap_or(u32::MAX)),
            attr::SQLFNCODE => out.put(sql_text::function_code(&statement.sql)),
            attr::PARAM_COUNT => out.put(count(statement.column_count())),
            // The engine does not tell the ROWID of the last row that was changed.
            attr::ROWID => Err(Failure::NoData),
            attr::STMT_TYPE => out.put(statement.kind().0),
            attr::NUM_DML_ERRORS => out.put(statement.batch_errors),
            attr::PARSE_ERROR_OFFSET => out.put(statement.error_offset),
            attr::STATEMENT => out.put_text(statement.sql.as_ptr(), statement.sql.len()),
            attr::CURRENT_POSITION => out.put(u32::try_from(statement.row_count).unwrap_or(u32::MAX)),
            attr::BIND_COUNT => out.put(count(statement.text.binds.len())),
            attr::ROWS_FETCHED => out.put(statement.fetched),
            attr::STMT_IS_RETURNING => out.put(u8::from(statement.text.returning)),
            attr::UB8_ROW_COUNT => out.put(statement.row_count),
            attr::DML_ROW_COUNT_ARRAY => {
                let counts = &statement.row_counts;
                out.put_text(counts.as_ptr().cast(), counts.len())
            }
            _ => Err(unknown(kind::STATEMENT, attribute)),
        }
    }
}

unsafe fn get_of_service(service: &Service, attribute: u32, out: &Out) -> Result<(), Failure> {
    /// `OCI_ATTR_MAXLEN_COMPAT_EXTENDED`: VARCHAR2 up to 32767.
    const EXTENDED: u8 = 2;
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::ENV => out.put(service.environment.load(Ordering::Acquire)),
            attr::SERVER => out.put(service.server.load(Ordering::Acquire)),
            attr::SESSION => out.put(service.session.load(Ordering::Acquire)),
            attr::STMTCACHESIZE => out.put(service.statement_cache_size.load(Ordering::Acquire)),
            attr::VARTYPE_MAXLEN_COMPAT => out.put(EXTENDED),
            attr::MAX_IDENTIFIER_LEN => out.put(128_u8),
            attr::CALL_TIMEOUT => out.put(service.connection()?.call_timeout()),
            _ => Err(unknown(kind::SERVICE, attribute)),
        }
    }
}

unsafe fn get_of_server(server: &Server, attribute: u32, out: &Out) -> Result<(), Failure> {
    const NORMAL: u32 = 1;
    const NOT_CONNECTED: u32 = 0;
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::ENV => out.put(server.environment.load(Ordering::Acquire)),
            attr::CHARSET_ID => out.put(AL32UTF8),
            attr::SERVER_STATUS => out.put(if server.is_alive() { NORMAL } else { NOT_CONNECTED }),
            attr::DBNAME | attr::INSTNAME | attr::SERVICENAME => {
                if let Some(name) = user_environment(&*server.connection()?, "DB_NAME")? {
                    server.texts().set(attribute, &name);
                }
                match server.texts().give_out(attribute) {
                    Some((pointer, length)) => out.put_text(pointer, length),
                    None => Err(Failure::NoData),
                }
            }
            // The database has no domain.
            attr::DBDOMAIN => out.put_text("".as_ptr(), 0),
            attr::INTERNAL_NAME | attr::EXTERNAL_NAME => match server.texts().give_out(attribute) {
                Some((pointer, length)) => out.put_text(pointer, length),
                None => out.put_text("".as_ptr(), 0),
            },
            attr::RECEIVE_TIMEOUT => out.put(server.receive_timeout.load(Ordering::Acquire)),
            attr::BREAK_ON_NET_TIMEOUT => out.put(u8::from(server.break_on_timeout.load(Ordering::Acquire))),
            _ => Err(unknown(kind::SERVER, attribute)),
        }
    }
}

/// `SYS_CONTEXT('USERENV', parameter)`.
fn user_environment(connection: &Connection, parameter: &str) -> Result<Option<String>, Failure> {
    let row = connection.with(|s| {
        let query = s.prepare(&format!("SELECT SYS_CONTEXT('USERENV', '{parameter}') FROM DUAL"))?;
        match s.execute(&query, &[], false)? {
            Outcome::Rows(mut rows) => rows.next().transpose(),
            Outcome::Done { .. } => Ok(None),
        }
    })?;
    Ok(row.and_then(|row| row.into_iter().next()).and_then(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    }))
}

unsafe fn get_of_session(session: &SessionHandle, attribute: u32, out: &Out) -> Result<(), Failure> {
    let connection = || session.connection().ok_or_else(|| ora(1012, "not logged on"));
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::MAX_OPEN_CURSORS => out.put(300_u32),
            attr::TRANSACTION_IN_PROGRESS => {
                let open = connection()?.with(|s| Ok(s.in_transaction()))?;
                out.put(u32::from(open))
            }
            attr::CURRENT_SCHEMA => {
                if let Some(schema) = user_environment(&*connection()?, "CURRENT_SCHEMA")? {
                    session.texts().set(attribute, &schema);
                }
                match session.texts().give_out(attribute) {
                    Some((pointer, length)) => out.put_text(pointer, length),
                    None => Err(Failure::NoData),
                }
            }
            attr::USERNAME => {
                session.texts().set(attribute, &session.credentials().user);
                match session.texts().give_out(attribute) {
                    Some((pointer, length)) => out.put_text(pointer, length),
                    None => Err(Failure::NoData),
                }
            }
            attr::MODULE | attr::ACTION | attr::CLIENT_INFO | attr::CLIENT_IDENTIFIER | attr::DRIVER_NAME => {
                match session.texts().give_out(attribute) {
                    Some((pointer, length)) => out.put_text(pointer, length),
                    None => Err(Failure::NoData),
                }
            }
            attr::EDITION => Err(Failure::NoData),
            _ => Err(unknown(kind::SESSION, attribute)),
        }
    }
}

/// What is set: a number of the attribute's type, a text of the given length, or a handle.
struct In {
    place: *mut c_void,
    size: u32,
}

impl In {
    unsafe fn number<T: Copy>(&self) -> Result<T, Failure> {
        if self.place.is_null() {
            return Err(ora(24315, "illegal attribute type: no value"));
        }
        // SAFETY: the caller's value is of the attribute's documented type.
        Ok(unsafe { self.place.cast::<T>().read_unaligned() })
    }

    unsafe fn text(&self) -> Result<&str, Failure> {
        if self.place.is_null() || self.size == 0 {
            return Ok("");
        }
        // SAFETY: the caller's text of that length.
        let bytes = unsafe { std::slice::from_raw_parts(self.place.cast::<u8>(), self.size as usize) };
        std::str::from_utf8(bytes).map_err(|_| ora(29275, "partial multibyte character"))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIAttrSet(
    trgthndlp: *mut c_void,
    _trghndltyp: u32,
    attributep: *mut c_void,
    size: u32,
    attrtype: u32,
    errhp: *mut c_void,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let value = In { place: attributep, size };
            match kind_of(trgthndlp).ok_or(Failure::InvalidHandle)? {
                kind::SERVICE => set_of_service(get(trgthndlp)?, attrtype, &value),
                kind::SERVER => set_of_server(get(trgthndlp)?, attrtype, &value),
                kind::SESSION => set_of_session(get(trgthndlp)?, attrtype, &value),
                kind::STATEMENT => {
                    get::<Statement>(trgthndlp)?;
                    match attrtype {
                        // How many rows travel at once means nothing where none travel.
                        attr::PREFETCH_ROWS | attr::PREFETCH_MEMORY => Ok(()),
                        _ => Err(unknown(kind::STATEMENT, attrtype)),
                    }
                }
                kind::BIND => {
                    get::<Bind>(trgthndlp)?;
                    match attrtype {
                        // Both character sets are UTF-8 on the client's side, and lengths are checked by the columns.
                        attr::CHARSET_FORM | attr::MAXDATA_SIZE => Ok(()),
                        _ => Err(unknown(kind::BIND, attrtype)),
                    }
                }
                kind::DEFINE => {
                    get::<Define>(trgthndlp)?;
                    match attrtype {
                        // As for binds; a LOB's length is known with its locator.
                        attr::CHARSET_FORM | attr::LOBPREFETCH_LENGTH => Ok(()),
                        _ => Err(unknown(kind::DEFINE, attrtype)),
                    }
                }
                kind::POOL => {
                    let pool = get::<PoolHandle>(trgthndlp)?;
                    let number = match attrtype {
                        attr::SPOOL_AUTH => {
                            get::<SessionHandle>(attributep)?;
                            return Ok(());
                        }
                        pool::GETMODE => u32::from(value.number::<u8>()?),
                        _ if pool::NUMBERS.contains(&attrtype) => value.number::<u32>()?,
                        _ => return Err(unknown(kind::POOL, attrtype)),
                    };
                    pool.numbers.lock().unwrap_or_else(PoisonError::into_inner).insert(attrtype, number);
                    Ok(())
                }
                other => Err(unknown(other, attrtype)),
            }
        })
    }
}

unsafe fn set_of_service(service: &Service, attribute: u32, value: &In) -> Result<(), Failure> {
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::SERVER => {
                get::<Server>(value.place)?;
                service.server.store(value.place, Ordering::Release);
            }
            attr::SESSION => {
                get::<SessionHandle>(value.place)?;
                service.session.store(value.place, Ordering::Release);
            }
            // ODPI-C clears the transaction after each commit; only distributed ones set it.
            attr::TRANS if value.place.is_null() => {}
            attr::TRANS => return Err(super::failure::unsupported("distributed transactions")),
            attr::STMTCACHESIZE => service.statement_cache_size.store(value.number()?, Ordering::Release),
            attr::CALL_TIMEOUT => service.connection()?.set_call_timeout(value.number()?)?,
            _ => return Err(unknown(kind::SERVICE, attribute)),
        }
    }
    Ok(())
}

unsafe fn set_of_server(server: &Server, attribute: u32, value: &In) -> Result<(), Failure> {
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            // Names for distributed transactions.
            attr::INTERNAL_NAME | attr::EXTERNAL_NAME => server.texts().set(attribute, value.text()?),
            // There is no network to wait for.
            attr::RECEIVE_TIMEOUT => server.receive_timeout.store(value.number()?, Ordering::Release),
            attr::BREAK_ON_NET_TIMEOUT => {
                server.break_on_timeout.store(value.number::<u8>()? != 0, Ordering::Release);
            }
            _ => return Err(unknown(kind::SERVER, attribute)),
        }
    }
    Ok(())
}

unsafe fn set_of_session(session: &SessionHandle, attribute: u32, value: &In) -> Result<(), Failure> {
    // SAFETY: each attribute has its documented type.
    unsafe {
        match attribute {
            attr::USERNAME => session.credentials().user = value.text()?.to_owned(),
            attr::PASSWORD => session.credentials().password = value.text()?.to_owned(),
            attr::CURRENT_SCHEMA => {
                let statement = format!("ALTER SESSION SET CURRENT_SCHEMA = {}", quoted(value.text()?)?);
                let connection = session.connection().ok_or_else(|| ora(1012, "not logged on"))?;
                connection.with(|s| {
                    let statement = s.prepare(&statement)?;
                    s.execute(&statement, &[], false)
                })?;
            }
            // What monitoring shows of a session, and how LOBs travel.
            attr::MODULE
            | attr::ACTION
            | attr::CLIENT_INFO
            | attr::CLIENT_IDENTIFIER
            | attr::ECONTEXT_ID
            | attr::DRIVER_NAME
            | attr::DBOP => session.texts().set(attribute, value.text()?),
            attr::DEFAULT_LOBPREFETCH_SIZE => {}
            _ => return Err(unknown(kind::SESSION, attribute)),
        }
    }
    Ok(())
}

/// A schema's name as an identifier: as in SQL, it is upper case unless it is quoted already.
fn quoted(name: &str) -> Result<String, Failure> {
    let inner = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
    let stored = inner.map_or_else(|| name.to_uppercase(), str::to_owned);
    let ident = schema_map::OracleIdent::new(stored).map_err(|e| ora(972, format!("identifier is not valid: {e}")))?;
    Ok(ident.quoted().to_string())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIParamGet(
    hndlp: *const c_void,
    _htype: u32,
    errhp: *mut c_void,
    parmdpp: *mut *mut c_void,
    pos: u32,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || match kind_of(hndlp).ok_or(Failure::InvalidHandle)? {
            kind::STATEMENT => {
                let column = get::<Statement>(hndlp)?.column(pos);
                *parmdpp = column.ok_or_else(|| ora(24334, "no descriptor for this position"))?;
                Ok(())
            }
            kind::TYPE => {
                let parameter =
                    pos.checked_sub(1).and_then(|at| get::<TypeHandle>(hndlp).ok()?.parameters.get(at as usize));
                *parmdpp = *parameter.ok_or_else(|| ora(24334, "no descriptor for this position"))?;
                Ok(())
            }
            // The error of one row of an array DML, copied into the handle that the caller brings.
            kind::ERROR => {
                let one = get::<ErrorHandle>(hndlp)?.batch.get(pos as usize).cloned();
                let one = one.ok_or_else(|| ora(24334, "no descriptor for this position"))?;
                let target = get_mut::<ErrorHandle>(*parmdpp)?;
                target.current = Some(one.error);
                target.row_offset = one.row;
                Ok(())
            }
            other => Err(unknown(other, attr::PARAM_COUNT)),
        })
    }
}
