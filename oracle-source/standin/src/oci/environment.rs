//! The environment: character sets, client version, thread keys, memory.

use super::{
    AL32UTF8, Failure, RELEASE, call,
    connection::SessionHandle,
    failure::{ora, unsupported},
    handle::{Handle, Pointer, allocate, get},
    kind, status,
};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    ffi::{CStr, c_char, c_int, c_void},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

pub(super) struct Environment {
    pub(super) charset: u16,
    pub(super) ncharset: u16,
    children: Mutex<HashSet<Pointer>>,
}

impl Environment {
    /// The handles that live no longer than the environment.
    pub(super) fn children(&self) -> MutexGuard<'_, HashSet<Pointer>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle for Environment {
    fn accepts(kind: u32) -> bool {
        kind == kind::ENVIRONMENT
    }
}

/// Character sets whose text is UTF-8 as it stands: AL32UTF8, UTF8 (without supplementary characters) and US7ASCII.
fn is_utf8(charset: u16) -> bool {
    matches!(charset, 873 | 871 | 1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIEnvNlsCreate(
    envp: *mut *mut c_void,
    _mode: u32,
    _ctxp: *mut c_void,
    _malocfp: *mut c_void,
    _ralocfp: *mut c_void,
    _mfreefp: *mut c_void,
    _xtramem_sz: usize,
    _usrmempp: *mut *mut c_void,
    charset: u16,
    ncharset: u16,
) -> i32 {
    let [charset, ncharset] = [charset, ncharset].map(|c| if c == 0 { AL32UTF8 } else { c });
    // SAFETY: a place for the pointer.
    unsafe {
        // The handle is made in any case: ODPI-C reads the error from it.
        *envp = allocate(kind::ENVIRONMENT, Environment { charset, ncharset, children: Mutex::default() });
        call(std::ptr::null_mut(), || {
            if is_utf8(charset) && is_utf8(ncharset) {
                return Ok(());
            }
            Err(ora(
                12705,
                "Cannot access NLS data files or invalid environment specified: the stand-in's clients speak UTF-8 only",
            ))
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIClientVersion(
    major: *mut c_int,
    minor: *mut c_int,
    update: *mut c_int,
    patch: *mut c_int,
    port_update: *mut c_int,
) {
    for (place, number) in [major, minor, update, patch, port_update].into_iter().zip(RELEASE) {
        // SAFETY: the caller's places.
        unsafe { *place = c_int::from(number) };
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsNumericInfoGet(
    _envhp: *mut c_void,
    errhp: *mut c_void,
    val: *mut i32,
    item: u16,
) -> i32 {
    const CHARSET_MAXBYTESZ: u16 = 91;
    // SAFETY: the caller's place.
    unsafe {
        call(errhp, || {
            if item != CHARSET_MAXBYTESZ {
                return Err(unsupported(format_args!("NLS number {item}")));
            }
            *val = 4;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsEnvironmentVariableGet(
    val: *mut c_void,
    _size: usize,
    item: u16,
    _charset: u16,
    rsize: *mut usize,
) -> i32 {
    const CHARSET_ID: u16 = 93;
    const NCHARSET_ID: u16 = 94;
    if item != CHARSET_ID && item != NCHARSET_ID {
        return status::ERROR;
    }
    // SAFETY: the caller's places; both items are two bytes.
    unsafe {
        val.cast::<u16>().write_unaligned(AL32UTF8);
        if !rsize.is_null() {
            *rsize = 2;
        }
    }
    status::SUCCESS
}

const NAMES: [(u16, &str, &str); 3] =
    [(AL32UTF8, "AL32UTF8", "UTF-8"), (871, "UTF8", "CESU-8"), (1, "US7ASCII", "US-ASCII")];

unsafe fn put_name(buf: *mut c_char, buflen: usize, name: &str) -> i32 {
    if name.len() >= buflen {
        return status::ERROR;
    }
    // SAFETY: the caller's buffer is long enough for the name and its end.
    unsafe {
        std::ptr::copy_nonoverlapping(name.as_ptr(), buf.cast(), name.len());
        *buf.add(name.len()) = 0;
    }
    status::SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsCharSetIdToName(_envhp: *mut c_void, buf: *mut c_char, buflen: usize, id: u16) -> i32 {
    match NAMES.iter().find(|n| n.0 == id) {
        // SAFETY: the caller's buffer.
        Some((_, name, _)) => unsafe { put_name(buf, buflen, name) },
        None => status::ERROR,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsCharSetNameToId(_envhp: *mut c_void, name: *const c_char) -> u16 {
    // SAFETY: the caller's text, with its end.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    NAMES.iter().find(|n| n.1.as_bytes().eq_ignore_ascii_case(name)).map_or(0, |n| n.0)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsNameMap(
    _envhp: *mut c_void,
    buf: *mut c_char,
    buflen: usize,
    srcbuf: *const c_char,
    flag: u32,
) -> i32 {
    // SAFETY: the caller's text, with its end.
    let source = unsafe { CStr::from_ptr(srcbuf) }.to_bytes();
    let found = NAMES.iter().find_map(|&(_, oracle, iana)| match flag {
        0 if iana.as_bytes().eq_ignore_ascii_case(source) => Some(oracle),
        1 if oracle.as_bytes().eq_ignore_ascii_case(source) => Some(iana),
        _ => None,
    });
    match found {
        // SAFETY: the caller's buffer.
        Some(name) => unsafe { put_name(buf, buflen, name) },
        None => status::ERROR,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINlsCharSetConvert(
    _envhp: *mut c_void,
    errhp: *mut c_void,
    dstid: u16,
    dstp: *mut c_void,
    dstlen: usize,
    srcid: u16,
    srcp: *const c_void,
    srclen: usize,
    rsize: *mut usize,
) -> i32 {
    // SAFETY: the caller's buffers, of the lengths given.
    unsafe {
        call(errhp, || {
            if !is_utf8(dstid) || !is_utf8(srcid) {
                return Err(unsupported(format_args!("character sets {srcid} and {dstid}")));
            }
            if srclen > dstlen {
                return Err(ora(1489, "result of string concatenation is too long"));
            }
            std::ptr::copy_nonoverlapping(srcp.cast::<u8>(), dstp.cast::<u8>(), srclen);
            *rsize = srclen;
            Ok(())
        })
    }
}

// Thread keys -----------------------------------------------------------------------------------------------------

type Destructor = Option<unsafe extern "C" fn(*mut c_void)>;

struct ThreadKey {
    id: u64,
    destructor: Destructor,
}

/// One thread's values, given to their destructors at its end.
#[derive(Default)]
struct ThreadValues(HashMap<u64, (*mut c_void, Destructor)>);

impl Drop for ThreadValues {
    fn drop(&mut self) {
        for (_, (value, destructor)) in self.0.drain() {
            if let Some(destructor) = destructor
                && !value.is_null()
            {
                // SAFETY: the caller gave both to each other.
                unsafe { destructor(value) };
            }
        }
    }
}

thread_local! {
    static THREAD_VALUES: RefCell<ThreadValues> = RefCell::default();
}

#[unsafe(no_mangle)]
pub extern "C" fn OCIThreadProcessInit() {}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIThreadKeyInit(
    _hndl: *mut c_void,
    _err: *mut c_void,
    key: *mut *mut c_void,
    destructor: Destructor,
) -> i32 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    // SAFETY: a place for the pointer.
    unsafe { *key = Box::into_raw(Box::new(ThreadKey { id, destructor })).cast() };
    status::SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIThreadKeyGet(
    _hndl: *mut c_void,
    _err: *mut c_void,
    key: *mut c_void,
    value: *mut *mut c_void,
) -> i32 {
    // SAFETY: a key from `OCIThreadKeyInit`, and a place for the pointer.
    unsafe {
        let Some(key) = key.cast::<ThreadKey>().as_ref() else { return status::INVALID_HANDLE };
        *value = THREAD_VALUES
            .try_with(|v| v.borrow().0.get(&key.id).map(|v| v.0))
            .ok()
            .flatten()
            .unwrap_or(std::ptr::null_mut());
    }
    status::SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIThreadKeySet(
    _hndl: *mut c_void,
    _err: *mut c_void,
    key: *mut c_void,
    value: *mut c_void,
) -> i32 {
    // SAFETY: a key from `OCIThreadKeyInit`.
    let Some(key) = (unsafe { key.cast::<ThreadKey>().as_ref() }) else { return status::INVALID_HANDLE };
    match THREAD_VALUES.try_with(|v| v.borrow_mut().0.insert(key.id, (value, key.destructor))) {
        Ok(_) => status::SUCCESS,
        Err(_) => status::ERROR,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIThreadKeyDestroy(_hndl: *mut c_void, _err: *mut c_void, key: *mut *mut c_void) -> i32 {
    // SAFETY: a key from `OCIThreadKeyInit`, used no more.
    unsafe {
        if key.is_null() || (*key).is_null() {
            return status::INVALID_HANDLE;
        }
        drop(Box::from_raw((*key).cast::<ThreadKey>()));
        *key = std::ptr::null_mut();
    }
    status::SUCCESS
}

// Memory and values kept with a session ---------------------------------------------------------------------------

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIMemoryAlloc(
    hdl: *mut c_void,
    err: *mut c_void,
    mem: *mut *mut c_void,
    _dur: u16,
    size: u32,
    _flags: u32,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            *mem = get::<SessionHandle>(hdl)?.new_memory(size);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIMemoryFree(hdl: *mut c_void, err: *mut c_void, mem: *mut c_void) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            get::<SessionHandle>(hdl)?.free_memory(mem);
            Ok(())
        })
    }
}

unsafe fn key_text(key: *const c_char, keylen: u8) -> Vec<u8> {
    // SAFETY: the caller's text of that length.
    unsafe { std::slice::from_raw_parts(key.cast::<u8>(), usize::from(keylen)).to_vec() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIContextSetValue(
    hdl: *mut c_void,
    err: *mut c_void,
    _duration: u16,
    key: *const c_char,
    keylen: u8,
    value: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            get::<SessionHandle>(hdl)?.set_context(key_text(key, keylen), value);
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIContextGetValue(
    hdl: *mut c_void,
    err: *mut c_void,
    key: *const c_char,
    keylen: u8,
    value: *mut *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        call(err, || {
            *value = get::<SessionHandle>(hdl)?.context(&key_text(key, keylen));
            Ok::<(), Failure>(())
        })
    }
}
