//! Servers, sessions and service contexts: connecting, transactions, breaking off.

use super::{
    RELEASE,
    failure::{Failure, call, ora, unsupported},
    handle::{Handle, get},
    kind, network,
};
use crate::{Database, OraError, Session};
use std::{
    collections::HashMap,
    ffi::{c_char, c_void},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// A session as the handles of one connection share it. Calls from several threads wait for each other, as OCI's do.
pub(super) struct Connection {
    session: Mutex<Option<Session>>,
    call_timeout: AtomicU32,
    calls: AtomicU32,
    broken_off: Arc<AtomicBool>,
}

/// The time within which a call must end, and the flag that ends it sooner.
pub(super) struct Running<'a> {
    connection: &'a Connection,
    deadline: Option<Instant>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.connection.calls.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.connection.broken_off.store(false, Ordering::Release);
        }
    }
}

impl Running<'_> {
    /// To be asked between rows.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.connection.broken_off.load(Ordering::Acquire) {
            return Err(ora(1013, "user requested cancel of current operation"));
        }
        if self.deadline.is_some_and(|d| Instant::now() >= d) {
            return Err(ora(3156, "OCI call timed out"));
        }
        Ok(())
    }
}

impl Connection {
    fn new(mut session: Session) -> Arc<Self> {
        let broken_off = Arc::<AtomicBool>::default();
        session.set_break_flag(Arc::clone(&broken_off));
        Arc::new(Connection {
            session: Mutex::new(Some(session)),
            call_timeout: AtomicU32::new(0),
            calls: AtomicU32::new(0),
            broken_off,
        })
    }

    pub(super) fn running(&self) -> Running<'_> {
        self.calls.fetch_add(1, Ordering::AcqRel);
        let timeout = self.call_timeout.load(Ordering::Acquire);
        let deadline = (timeout > 0).then(|| Instant::now() + Duration::from_millis(timeout.into()));
        Running { connection: self, deadline }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<Session>>, Failure> {
        // After a panic in the middle of a call nobody knows what the session holds.
        self.session.lock().map_err(|_| ora(603, "ORACLE server session terminated by fatal error"))
    }

    /// Works with the session.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, OraError>) -> Result<T, Failure> {
        let mut session = self.lock()?;
        let session = session.as_mut().ok_or_else(|| ora(3114, "not connected to ORACLE"))?;
        Ok(work(session)?)
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.session.is_poisoned()
    }

    pub(super) fn call_timeout(&self) -> u32 {
        self.call_timeout.load(Ordering::Acquire)
    }

    /// In milliseconds; 0 is none.
    pub(super) fn set_call_timeout(&self, milliseconds: u32) -> Result<(), Failure> {
        self.call_timeout.store(milliseconds, Ordering::Release);
        let timeout = (milliseconds > 0).then(|| Duration::from_millis(milliseconds.into()));
        self.with(|s| {
            s.set_call_timeout(timeout);
            Ok(())
        })
    }

    /// What was not committed is rolled back.
    pub(super) fn end(&self) {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        drop(session.take());
    }

    fn break_off(&self) {
        if self.calls.load(Ordering::Acquire) > 0 {
            self.broken_off.store(true, Ordering::Release);
        }
    }
}

/// Opens the database that a connect string names: `standin:PATH`, or a path that ends in `.db`. A descriptor is connected to, in vain.
pub(super) fn open(connect_string: &[u8]) -> Result<Database, Failure> {
    let text = std::str::from_utf8(connect_string).map_err(|_| unresolved())?.trim();
    if text.is_empty() {
        return Err(ora(12162, "TNS:net service name is incorrectly specified"));
    }
    if text.starts_with('(') {
        return Err(network::connect(text));
    }
    let path = match text.strip_prefix("standin:") {
        Some("") => return Err(unresolved()),
        Some(path) => path,
        None if text.ends_with(".db") => text,
        None => return Err(unresolved()),
    };
    Ok(Database::open(&PathBuf::from(path))?)
}

fn unresolved() -> Failure {
    ora(
        12154,
        "TNS:could not resolve the connect identifier specified: \
         this is the stand-in client library, its connect strings are standin:/path/to/file.db",
    )
}

/// Logs in.
pub(super) fn log_in(database: &Database, user: &str, password: &str) -> Result<Arc<Connection>, Failure> {
    if user.is_empty() {
        return Err(ora(1017, "invalid username/password; logon denied"));
    }
    Ok(Connection::new(database.session(user, password)?))
}

/// Logs in with SYSDBA, which is as SYS whoever asks. SYS alone has been granted it.
fn log_in_as_sysdba(database: &Database, user: &str, password: &str) -> Result<Arc<Connection>, Failure> {
    if !user.eq_ignore_ascii_case("sys") {
        return Err(ora(1031, "insufficient privileges: the stand-in has granted SYSDBA to SYS alone"));
    }
    log_in(database, user, password)
}

/// A server handle: which database.
pub(super) struct Server {
    pub(super) environment: AtomicPtr<c_void>,
    database: Mutex<Option<Database>>,
    connection: Mutex<Option<Arc<Connection>>>,
    texts: Texts,
    pub(super) receive_timeout: AtomicU32,
    pub(super) break_on_timeout: AtomicBool,
}

impl Handle for Server {
    fn accepts(kind: u32) -> bool {
        kind == kind::SERVER
    }
}

impl Server {
    pub(super) fn new(environment: *mut c_void) -> Self {
        Server {
            environment: AtomicPtr::new(environment),
            database: Mutex::default(),
            connection: Mutex::default(),
            texts: Texts::default(),
            receive_timeout: AtomicU32::new(0),
            break_on_timeout: AtomicBool::new(false),
        }
    }

    pub(super) fn attach(&self, database: Database) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some(database);
    }

    pub(super) fn is_alive(&self) -> bool {
        let attached = self.database.lock().is_ok_and(|d| d.is_some());
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        attached && connection.as_ref().is_none_or(|c| c.is_alive())
    }

    /// The session that was begun on it last.
    pub(super) fn connection(&self) -> Result<Arc<Connection>, Failure> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.clone().ok_or_else(|| ora(1012, "not logged on"))
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }
}

/// Text attributes that are kept for whoever asks. Pointers to them are given out, so nothing is dropped before
/// the handle is.
#[derive(Default)]
pub(super) struct Texts(Mutex<TextsInner>);

#[derive(Default)]
struct TextsInner {
    current: HashMap<u32, Arc<str>>,
    given_out: Vec<Arc<str>>,
}

impl Texts {
    pub(super) fn set(&self, attribute: u32, text: &str) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.current.insert(attribute, text.into());
    }

    /// The text, valid as long as the handle.
    pub(super) fn give_out(&self, attribute: u32) -> Option<(*const u8, usize)> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = inner.current.get(&attribute)?.clone();
        let out = (text.as_ptr(), text.len());
        inner.given_out.push(text);
        Some(out)
    }
}

/// A session handle, which is an authentication handle too: who logs in, and the session's own attributes.
#[derive(Default)]
pub(super) struct SessionHandle {
    credentials: Mutex<Credentials>,
    connection: Mutex<Option<Arc<Connection>>>,
    context: Mutex<HashMap<Vec<u8>, AtomicPtr<c_void>>>,
    /// Blocks of `OCIMemoryAlloc` by their addresses.
    memory: Mutex<HashMap<usize, Box<[u128]>>>,
    texts: Texts,
}

/// A user name and a password.
#[derive(Default, Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Handle for SessionHandle {
    fn accepts(kind: u32) -> bool {
        kind == kind::SESSION
    }
}

impl SessionHandle {
    pub(super) fn credentials(&self) -> MutexGuard<'_, Credentials> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connection(&self) -> Option<Arc<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// A zeroed block that lives until it is freed or the handle is.
    pub(super) fn new_memory(&self, bytes: u32) -> *mut c_void {
        let mut block = vec![0_u128; (bytes as usize).div_ceil(16).max(1)].into_boxed_slice();
        let pointer: *mut c_void = block.as_mut_ptr().cast();
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(pointer as usize, block);
        pointer
    }

    pub(super) fn free_memory(&self, block: *mut c_void) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).remove(&(block as usize));
    }

    pub(super) fn set_context(&self, key: Vec<u8>, value: *mut c_void) {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if value.is_null() {
            context.remove(&key)
        } else {
            context.insert(key, AtomicPtr::new(value))
        };
    }

    pub(super) fn context(&self, key: &[u8]) -> *mut c_void {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        context.get(key).map_or(std::ptr::null_mut(), |v| v.load(Ordering::Acquire))
    }
}

/// A service context: the handle that calls are made on.
pub(super) struct Service {
    pub(super) environment: AtomicPtr<c_void>,
    pub(super) server: AtomicPtr<c_void>,
    pub(super) session: AtomicPtr<c_void>,
    pub(super) statement_cache_size: AtomicU32,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Handle for Service {
    fn accepts(kind: u32) -> bool {
        kind == kind::SERVICE
    }
}

impl Service {
    pub(super) fn new(environment: *mut c_void) -> Self {
        Service {
            environment: AtomicPtr::new(environment),
            server: AtomicPtr::default(),
            session: AtomicPtr::default(),
            statement_cache_size: AtomicU32::new(20),
            connection: Mutex::default(),
        }
    }

    /// The connection, where the session has begun.
    pub(super) fn connection(&self) -> Result<Arc<Connection>, Failure> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.clone().ok_or_else(|| ora(1012, "not logged on"))
    }

    /// Ties the handles of a connection to it, or off it.
    pub(super) fn tie(&self, server: &Server, session: &SessionHandle, connection: Option<Arc<Connection>>) {
        for place in [&self.connection, &server.connection, &session.connection] {
            place.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&connection);
        }
    }
}

unsafe fn bytes<'a>(text: *const c_char, length: usize) -> &'a [u8] {
    if text.is_null() || length == 0 {
        return &[];
    }
    // SAFETY: the caller's text of that length.
    unsafe { std::slice::from_raw_parts(text.cast(), length) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIServerAttach(
    srvhp: *mut c_void,
    errhp: *mut c_void,
    dblink: *const c_char,
    dblink_len: i32,
    _mode: u32,
) -> i32 {
    // SAFETY: OCI's contract, here and below: live handles, texts of the lengths given, places for what is returned.
    unsafe {
        call(errhp, || {
            let server = get::<Server>(srvhp)?;
            server.attach(open(bytes(dblink, usize::try_from(dblink_len).unwrap_or(0)))?);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIServerDetach(srvhp: *mut c_void, errhp: *mut c_void, _mode: u32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let server = get::<Server>(srvhp)?;
            *server.database.lock().unwrap_or_else(PoisonError::into_inner) = None;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionBegin(
    svchp: *mut c_void,
    errhp: *mut c_void,
    usrhp: *mut c_void,
    credt: u32,
    mode: u32,
) -> i32 {
    const CRED_RDBMS: u32 = 1;
    const SYSDBA: u32 = 2;
    const STMT_CACHE: u32 = 0x40;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let service = get::<Service>(svchp)?;
            let session = get::<SessionHandle>(usrhp)?;
            let server = get::<Server>(service.server.load(Ordering::Acquire))?;
            if credt != CRED_RDBMS {
                return Err(ora(
                    1017,
                    "invalid username/password; logon denied: the stand-in has no external authentication",
                ));
            }
            if mode & !(STMT_CACHE | SYSDBA) != 0 {
                return Err(ora(
                    1031,
                    "insufficient privileges: of administrative logins the stand-in has SYSDBA alone",
                ));
            }
            let database = server.database.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let database = database.ok_or_else(|| ora(12153, "TNS:not connected"))?;
            let Credentials { user, password } = session.credentials().clone();
            let connection = match mode & SYSDBA {
                0 if user.eq_ignore_ascii_case("sys") => {
                    return Err(ora(28009, "connection as SYS should be as SYSDBA or SYSOPER"));
                }
                0 => log_in(&database, &user, &password)?,
                _ => log_in_as_sysdba(&database, &user, &password)?,
            };
            service.tie(server, session, Some(connection));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionEnd(svchp: *mut c_void, errhp: *mut c_void, usrhp: *mut c_void, _mode: u32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let service = get::<Service>(svchp)?;
            service.connection()?.end();
            service.tie(get(service.server.load(Ordering::Acquire))?, get(usrhp)?, None);
            Ok(())
        })
    }
}

unsafe fn release(errhp: *mut c_void, hndlp: *mut c_void, bufp: *mut c_char, bufsz: u32, version: *mut u32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(hndlp)?.connection()?;
            let [major, minor, update, port_release, port_update] = RELEASE.map(u32::from);
            if !version.is_null() {
                *version = major << 24 | minor << 16 | update << 12 | port_release << 4 | port_update;
            }
            if !bufp.is_null() && bufsz > 0 {
                let banner = format!(
                    "Oracle stand-in {} (not Oracle Database), speaking as Release {major}.{minor}.{update}.0.0",
                    env!("CARGO_PKG_VERSION")
                );
                let n = banner.len().min(bufsz as usize - 1);
                std::ptr::copy_nonoverlapping(banner.as_ptr(), bufp.cast(), n);
                *bufp.add(n) = 0;
            }
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIServerRelease(
    hndlp: *mut c_void,
    errhp: *mut c_void,
    bufp: *mut c_char,
    bufsz: u32,
    _hndltype: u8,
    version: *mut u32,
) -> i32 {
    // SAFETY: as above.
    unsafe { release(errhp, hndlp, bufp, bufsz, version) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIServerRelease2(
    hndlp: *mut c_void,
    errhp: *mut c_void,
    bufp: *mut c_char,
    bufsz: u32,
    _hndltype: u8,
    version: *mut u32,
    _mode: u32,
) -> i32 {
    // SAFETY: as above.
    unsafe { release(errhp, hndlp, bufp, bufsz, version) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIPing(svchp: *mut c_void, errhp: *mut c_void, _mode: u32) -> i32 {
    // SAFETY: as above.
    unsafe { call(errhp, || get::<Service>(svchp)?.connection()?.with(|_| Ok(()))) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIBreak(hndlp: *mut c_void, errhp: *mut c_void) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            get::<Service>(hndlp)?.connection()?.break_off();
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITransCommit(svchp: *mut c_void, errhp: *mut c_void, flags: u32) -> i32 {
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            if flags != 0 {
                return Err(unsupported(format_args!("commits with flags {flags:#x}")));
            }
            get::<Service>(svchp)?.connection()?.with(Session::commit)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCITransRollback(svchp: *mut c_void, errhp: *mut c_void, _flags: u32) -> i32 {
    // SAFETY: as above.
    unsafe { call(errhp, || get::<Service>(svchp)?.connection()?.with(Session::rollback)) }
}
