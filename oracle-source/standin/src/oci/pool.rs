//! Homogeneous session pools: one user, sessions kept open between uses.

use super::{
    connection::{Credentials, Server, Service, SessionHandle, log_in, open},
    failure::{Failure, call, ora, unsupported},
    handle::{self, Handle, allocate, get},
    kind,
};
use crate::Database;
use std::{
    collections::HashMap,
    ffi::{c_char, c_int, c_void},
    sync::{
        Arc, Condvar, LazyLock, Mutex, PoisonError,
        atomic::{AtomicPtr, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A pool handle. The pool itself is found by its name.
#[derive(Default)]
pub(super) struct PoolHandle {
    /// Number attributes: timeouts, get mode, cache size.
    pub(super) numbers: Mutex<HashMap<u32, u32>>,
    pool: Option<Arc<Pool>>,
}

impl Handle for PoolHandle {
    fn accepts(kind: u32) -> bool {
        kind == kind::POOL
    }
}

/// `OCI_ATTR_SPOOL_GETMODE` and its values.
pub(super) const GETMODE: u32 = 309;
const GETMODE_WAIT: u32 = 0;
const GETMODE_NOWAIT: u32 = 1;
const GETMODE_FORCEGET: u32 = 2;
const WAIT_TIMEOUT: u32 = 506;

impl PoolHandle {
    fn number(&self, attribute: u32) -> u32 {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).get(&attribute).copied().unwrap_or(0)
    }

    /// Open and busy sessions.
    pub(super) fn counts(&self) -> (u32, u32) {
        let Some(pool) = &self.pool else { return (0, 0) };
        let state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.busy + u32::try_from(state.idle.len()).unwrap_or(u32::MAX), state.busy)
    }
}

struct Pool {
    name: String,
    handle: AtomicPtr<c_void>,
    environment: AtomicPtr<c_void>,
    database: Database,
    credentials: Credentials,
    max: u32,
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    /// Service handles that nobody uses.
    idle: Vec<ServicePointer>,
    busy: u32,
    closed: bool,
}

#[derive(Clone, Copy)]
struct ServicePointer(*mut c_void);

// SAFETY: a service handle may be used from any thread; an idle one is used by nobody.
unsafe impl Send for ServicePointer {}

static POOLS: LazyLock<Mutex<HashMap<String, Arc<Pool>>>> = LazyLock::new(Mutex::default);
/// Which pool a service handle came from.
static BORROWED: LazyLock<Mutex<HashMap<usize, Arc<Pool>>>> = LazyLock::new(Mutex::default);

/// Makes the three handles of a connection.
unsafe fn connect(
    environment: *mut c_void,
    database: &Database,
    credentials: &Credentials,
) -> Result<*mut c_void, Failure> {
    let connection = log_in(database, &credentials.user, &credentials.password)?;
    let server = allocate(kind::SERVER, Server::new(environment));
    let session = allocate(kind::SESSION, SessionHandle::default());
    let service = allocate(kind::SERVICE, Service::new(environment));
    // SAFETY: made just now.
    unsafe {
        let (server_ref, service_ref) = (get::<Server>(server)?, get::<Service>(service)?);
        server_ref.attach(database.clone());
        service_ref.server.store(server, Ordering::Release);
        service_ref.session.store(session, Ordering::Release);
        service_ref.tie(server_ref, get(session)?, Some(connection));
    }
    Ok(service)
}

/// Ends a connection made by [`connect`] and frees its handles.
unsafe fn disconnect(service: *mut c_void) -> Result<(), Failure> {
    // SAFETY: nobody uses the handles any more.
    unsafe {
        let service_ref = get::<Service>(service)?;
        service_ref.connection()?.end();
        let server = service_ref.server.load(Ordering::Acquire);
        let session = service_ref.session.load(Ordering::Acquire);
        handle::free::<Service>(service)?;
        handle::free::<Server>(server)?;
        handle::free::<SessionHandle>(session)
    }
}

unsafe fn text(pointer: *const c_char, length: u32) -> Result<String, Failure> {
    if pointer.is_null() || length == 0 {
        return Ok(String::new());
    }
    // SAFETY: the caller's text of that length.
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length as usize) };
    String::from_utf8(bytes.to_vec())
        .map_err(|_| ora(12705, "Cannot access NLS data files or invalid environment specified"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionPoolCreate(
    envhp: *mut c_void,
    errhp: *mut c_void,
    spoolhp: *mut c_void,
    pool_name: *mut *mut c_char,
    pool_name_len: *mut u32,
    conn_str: *const c_char,
    conn_str_len: u32,
    sess_min: u32,
    sess_max: u32,
    _sess_incr: u32,
    userid: *const c_char,
    userid_len: u32,
    password: *const c_char,
    password_len: u32,
    mode: u32,
) -> i32 {
    const REINITIALIZE: u32 = 1;
    const HOMOGENEOUS: u32 = 2;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // SAFETY: OCI's contract, here and below: live handles, texts of the lengths given, places for what is returned.
    unsafe {
        call(errhp, || {
            let target = handle::get_mut::<PoolHandle>(spoolhp)?;
            if mode & REINITIALIZE != 0 {
                return Err(unsupported("changing a session pool"));
            }
            if mode & HOMOGENEOUS == 0 {
                return Err(unsupported("heterogeneous session pools"));
            }
            if sess_max == 0 || sess_min > sess_max {
                return Err(ora(24413, "Invalid number of sessions specified"));
            }
            let pool = Arc::new(Pool {
                name: format!("STANDIN_POOL_{}", NEXT.fetch_add(1, Ordering::Relaxed)),
                handle: AtomicPtr::new(spoolhp),
                environment: AtomicPtr::new(envhp),
                database: open(text(conn_str, conn_str_len)?.as_bytes())?,
                credentials: Credentials { user: text(userid, userid_len)?, password: text(password, password_len)? },
                max: sess_max,
                state: Mutex::default(),
                released: Condvar::new(),
            });
            for _ in 0..sess_min {
                let service = connect(envhp, &pool.database, &pool.credentials)?;
                pool.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(ServicePointer(service));
            }
            // The name lives as long as the pool, which the handle keeps.
            *pool_name = pool.name.as_ptr().cast_mut().cast();
            *pool_name_len = u32::try_from(pool.name.len()).unwrap_or(0);
            POOLS.lock().unwrap_or_else(PoisonError::into_inner).insert(pool.name.clone(), pool.clone());
            target.pool = Some(pool);
            Ok(())
        })
    }
}

impl Pool {
    unsafe fn take(&self) -> Result<*mut c_void, Failure> {
        // SAFETY: the pool's handle lives until the pool is destroyed.
        let (mode, wait) = unsafe {
            let handle = get::<PoolHandle>(self.handle.load(Ordering::Acquire))?;
            (handle.number(GETMODE), Duration::from_millis(handle.number(WAIT_TIMEOUT).into()))
        };
        let started = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return Err(ora(24422, "error occurred while trying to destroy the Session Pool"));
            }
            if let Some(ServicePointer(service)) = state.idle.pop() {
                state.busy += 1;
                return Ok(service);
            }
            if state.busy < self.max || mode == GETMODE_FORCEGET {
                state.busy += 1;
                drop(state);
                // SAFETY: the environment lives as long as the pool.
                let made =
                    unsafe { connect(self.environment.load(Ordering::Acquire), &self.database, &self.credentials) };
                if made.is_err() {
                    self.state.lock().unwrap_or_else(PoisonError::into_inner).busy -= 1;
                }
                return made;
            }
            state = match mode {
                GETMODE_NOWAIT => return Err(ora(24418, "Cannot open further sessions")),
                GETMODE_WAIT => self.released.wait(state).unwrap_or_else(PoisonError::into_inner),
                _ => {
                    let Some(left) = wait.checked_sub(started.elapsed()) else {
                        return Err(ora(
                            24457,
                            "OCISessionGet() could not find a free session in the specified timeout period",
                        ));
                    };
                    self.released.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionGet(
    _envhp: *mut c_void,
    errhp: *mut c_void,
    svchp: *mut *mut c_void,
    _authhp: *mut c_void,
    pool_name: *const c_char,
    pool_name_len: u32,
    _tag: *const c_char,
    tag_len: u32,
    out_tag: *mut *const c_char,
    out_tag_len: *mut u32,
    found: *mut c_int,
    mode: u32,
) -> i32 {
    const FROM_SESSION_POOL: u32 = 1;
    const ALLOWED: u32 = FROM_SESSION_POOL | 4;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            if mode & FROM_SESSION_POOL == 0 || mode & !ALLOWED != 0 {
                return Err(unsupported(format_args!(
                    "OCISessionGet with mode {mode:#x}: DRCP, proxies, administrators"
                )));
            }
            if tag_len != 0 {
                return Err(unsupported("session tags"));
            }
            let name = text(pool_name, pool_name_len)?;
            let pool = POOLS.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
            let pool = pool.ok_or_else(|| ora(24416, "Invalid session Poolname was specified."))?;
            let service = pool.take()?;
            BORROWED.lock().unwrap_or_else(PoisonError::into_inner).insert(service as usize, pool);
            *svchp = service;
            if !out_tag.is_null() {
                *out_tag = std::ptr::null();
                *out_tag_len = 0;
            }
            if !found.is_null() {
                *found = 0;
            }
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionRelease(
    svchp: *mut c_void,
    errhp: *mut c_void,
    _tag: *const c_char,
    _tag_len: u32,
    mode: u32,
) -> i32 {
    const DROP_SESSION: u32 = 1;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let service = get::<Service>(svchp)?;
            let pool = BORROWED.lock().unwrap_or_else(PoisonError::into_inner).remove(&(svchp as usize));
            let pool = pool.ok_or(Failure::InvalidHandle)?;
            let connection = service.connection()?;
            let keep = mode & DROP_SESSION == 0 && connection.is_alive();
            if keep {
                connection.with(crate::Session::rollback)?;
            }
            let mut state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.busy = state.busy.saturating_sub(1);
            let keep = keep && !state.closed;
            if keep {
                state.idle.push(ServicePointer(svchp));
            }
            drop(state);
            pool.released.notify_one();
            if keep { Ok(()) } else { disconnect(svchp) }
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCISessionPoolDestroy(spoolhp: *mut c_void, errhp: *mut c_void, mode: u32) -> i32 {
    const FORCE: u32 = 1;
    // SAFETY: as above.
    unsafe {
        call(errhp, || {
            let target = handle::get_mut::<PoolHandle>(spoolhp)?;
            let Some(pool) = target.pool.clone() else { return Ok(()) };
            let mut state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.busy > 0 && mode & FORCE == 0 {
                return Err(ora(24422, "error occurred while trying to destroy the Session Pool: sessions are in use"));
            }
            state.closed = true;
            let idle = std::mem::take(&mut state.idle);
            drop(state);
            POOLS.lock().unwrap_or_else(PoisonError::into_inner).remove(&pool.name);
            pool.released.notify_all();
            for ServicePointer(service) in idle {
                disconnect(service)?;
            }
            target.pool = None;
            Ok(())
        })
    }
}

/// Attributes that are plain numbers, kept as given; those that change what the pool does are read where they matter.
pub(super) const NUMBERS: [u32; 6] = [208, GETMODE, 308, 490, WAIT_TIMEOUT, 602];

/// `OCI_ATTR_SPOOL_OPEN_COUNT` and `OCI_ATTR_SPOOL_BUSY_COUNT`.
pub(super) const OPEN_COUNT: u32 = 311;
pub(super) const BUSY_COUNT: u32 = 310;
