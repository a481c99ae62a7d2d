//! Handles and descriptors: what OCI gives out as opaque pointers.
//!
//! Each is a boxed value with a tag in front, so that a wrong or null pointer is answered with
//! `OCI_INVALID_HANDLE` instead of being followed.

use super::{
    Failure, call,
    connection::{Server, Service, SessionHandle},
    datetime::{DateTimeDescriptor, IntervalDescriptor},
    environment::Environment,
    failure::{ErrorHandle, unsupported},
    kind,
    lob::Lob,
    pool::PoolHandle,
    row_id::RowId,
    statement::Statement,
    status,
};
use std::{
    collections::HashMap,
    ffi::c_void,
    sync::{LazyLock, Mutex, PoisonError},
};

const MAGIC: u32 = 0x0c1d_5a19;
const FREED: u32 = 0xdead_0c1d;

#[repr(C)]
struct Tagged<T> {
    magic: u32,
    kind: u32,
    body: T,
}

/// A type that stands behind handles of some kinds.
pub(super) trait Handle: Sized {
    fn accepts(kind: u32) -> bool;
}

/// Makes a handle; it lives until [`free`].
pub(super) fn allocate<T: Handle>(kind: u32, body: T) -> *mut c_void {
    debug_assert!(T::accepts(kind));
    Box::into_raw(Box::new(Tagged { magic: MAGIC, kind, body })).cast()
}

/// The kind of a handle, where the pointer is one.
///
/// # Safety
/// `handle` is null, or points to at least eight readable bytes.
pub(super) unsafe fn kind_of(handle: *const c_void) -> Option<u32> {
    let tag: *const [u32; 2] = handle.cast();
    if tag.is_null() || !tag.is_aligned() {
        return None;
    }
    // SAFETY: checked above, and promised.
    let [magic, kind] = unsafe { *tag };
    (magic == MAGIC).then_some(kind)
}

/// What a handle stands for.
///
/// # Safety
/// `handle` is null or came from [`allocate`], was not freed, and nobody holds a mutable reference to it.
pub(super) unsafe fn get<'a, T: Handle>(handle: *const c_void) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise.
    match unsafe { kind_of(handle) } {
        // SAFETY: the kind tells the type.
        Some(kind) if T::accepts(kind) => Ok(unsafe { &(*handle.cast::<Tagged<T>>()).body }),
        _ => Err(Failure::InvalidHandle),
    }
}

/// What a handle stands for, to change.
///
/// # Safety
/// As for [`get`], and nobody else uses the handle meanwhile: OCI's own rule for error handles, statements and
/// descriptors.
pub(super) unsafe fn get_mut<'a, T: Handle>(handle: *mut c_void) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller's promise.
    match unsafe { kind_of(handle) } {
        // SAFETY: the kind tells the type.
        Some(kind) if T::accepts(kind) => Ok(unsafe { &mut (*handle.cast::<Tagged<T>>()).body }),
        _ => Err(Failure::InvalidHandle),
    }
}

/// Frees a handle of type `T`.
///
/// # Safety
/// As for [`get_mut`], and nobody uses the handle afterwards.
pub(super) unsafe fn free<T: Handle>(handle: *mut c_void) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        get_mut::<T>(handle)?;
        let tagged = handle.cast::<Tagged<T>>();
        (*tagged).magic = FREED;
        drop(Box::from_raw(tagged));
    }
    Ok(())
}

fn new_descriptor(kind: u32) -> Result<*mut c_void, Failure> {
    Ok(match kind {
        kind::LOB => allocate(kind, Lob::default()),
        kind::ROW_ID => allocate(kind, RowId::default()),
        kind::INTERVAL_YM | kind::INTERVAL_DS => allocate(kind, IntervalDescriptor::default()),
        kind::TIMESTAMP | kind::TIMESTAMP_TZ | kind::TIMESTAMP_LTZ => allocate(kind, DateTimeDescriptor::default()),
        _ => return Err(unsupported(format_args!("descriptors of type {kind}"))),
    })
}

unsafe fn free_descriptor(descriptor: *mut c_void) -> Result<(), Failure> {
    // SAFETY: the exported functions' contract.
    unsafe {
        match kind_of(descriptor).ok_or(Failure::InvalidHandle)? {
            kind::LOB => free::<Lob>(descriptor),
            kind::ROW_ID => free::<RowId>(descriptor),
            kind::INTERVAL_YM | kind::INTERVAL_DS => free::<IntervalDescriptor>(descriptor),
            kind::TIMESTAMP | kind::TIMESTAMP_TZ | kind::TIMESTAMP_LTZ => free::<DateTimeDescriptor>(descriptor),
            // Columns live as long as their statement: ODPI-C keeps pointers to their names.
            kind::PARAMETER => Ok(()),
            _ => Err(Failure::InvalidHandle),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIHandleAlloc(
    parenth: *const c_void,
    hndlpp: *mut *mut c_void,
    htype: u32,
    _xtramem_sz: usize,
    _usrmempp: *mut *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: a live environment and a place for the pointer.
    unsafe {
        call(std::ptr::null_mut(), || {
            get::<Environment>(parenth)?;
            let handle = match htype {
                kind::ERROR => allocate(htype, ErrorHandle::default()),
                kind::SERVICE => allocate(htype, Service::new(parenth.cast_mut())),
                kind::SERVER => allocate(htype, Server::new(parenth.cast_mut())),
                kind::SESSION => allocate(htype, SessionHandle::default()),
                kind::POOL => allocate(htype, PoolHandle::new(parenth.cast_mut())),
                _ => return Err(unsupported(format_args!("handles of type {htype}"))),
            };
            *hndlpp = handle;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIHandleFree(hndlp: *mut c_void, _htype: u32) -> i32 {
    // SAFETY: OCI's contract: a live handle that nobody uses any more.
    unsafe {
        call(std::ptr::null_mut(), || match kind_of(hndlp).ok_or(Failure::InvalidHandle)? {
            kind::ENVIRONMENT => free::<Environment>(hndlp),
            kind::ERROR => free::<ErrorHandle>(hndlp),
            kind::SERVICE => free::<Service>(hndlp),
            kind::SERVER => free::<Server>(hndlp),
            kind::SESSION => free::<SessionHandle>(hndlp),
            kind::STATEMENT => free::<Statement>(hndlp),
            kind::POOL => free::<PoolHandle>(hndlp),
            // Binds and defines go with their statement.
            kind::BIND | kind::DEFINE | kind::PARAMETER => Ok(()),
            _ => Err(Failure::InvalidHandle),
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDescriptorAlloc(
    _parenth: *const c_void,
    descpp: *mut *mut c_void,
    dtype: u32,
    _xtramem_sz: usize,
    _usrmempp: *mut *mut c_void,
) -> i32 {
    // SAFETY: a place for the pointer.
    unsafe {
        call(std::ptr::null_mut(), || {
            *descpp = new_descriptor(dtype)?;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDescriptorFree(descp: *mut c_void, _dtype: u32) -> i32 {
    // SAFETY: OCI's contract: a live descriptor that nobody uses any more.
    unsafe { call(std::ptr::null_mut(), || free_descriptor(descp)) }
}

/// The descriptors of each array, by its first one: `OCIArrayDescriptorFree` is not told the length.
static ARRAYS: LazyLock<Mutex<HashMap<Descriptor, Vec<Descriptor>>>> = LazyLock::new(Mutex::default);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Descriptor(*mut c_void);

// SAFETY: only kept here, never followed; the calls that follow it are ordered by OCI's caller.
unsafe impl Send for Descriptor {}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIArrayDescriptorAlloc(
    _parenth: *const c_void,
    descpp: *mut *mut c_void,
    dtype: u32,
    array_size: u32,
    _xtramem_sz: usize,
    _usrmempp: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller's array has `array_size` places.
    unsafe {
        call(std::ptr::null_mut(), || {
            let places = std::slice::from_raw_parts_mut(descpp, array_size as usize);
            for place in places.iter_mut() {
                *place = new_descriptor(dtype)?;
            }
            if let Some(&first) = places.first() {
                let all = places.iter().map(|&p| Descriptor(p)).collect();
                ARRAYS.lock().unwrap_or_else(PoisonError::into_inner).insert(Descriptor(first), all);
            }
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIArrayDescriptorFree(descpp: *mut *mut c_void, _dtype: u32) -> i32 {
    if descpp.is_null() {
        return status::INVALID_HANDLE;
    }
    // SAFETY: OCI's contract: the array that `OCIArrayDescriptorAlloc` filled.
    unsafe {
        call(std::ptr::null_mut(), || {
            let all = ARRAYS.lock().unwrap_or_else(PoisonError::into_inner).remove(&Descriptor(*descpp));
            for descriptor in all.ok_or(Failure::InvalidHandle)? {
                free_descriptor(descriptor.0)?;
            }
            Ok(())
        })
    }
}
