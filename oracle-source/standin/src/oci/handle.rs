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
    object::{Bytes, Describe, Instance},
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
    /// The environment that frees this handle with itself; null where nobody does.
    parent: *mut c_void,
    body: T,
}

/// A handle or descriptor that is only remembered; whoever follows it is ordered by OCI's caller.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pointer(pub(super) *mut c_void);

// SAFETY: see above.
unsafe impl Send for Pointer {}

/// A type that stands behind handles of some kinds.
pub(super) trait Handle: Sized {
    fn accepts(kind: u32) -> bool;
}

/// Makes a handle; it lives until [`free`].
pub(super) fn allocate<T: Handle>(kind: u32, body: T) -> *mut c_void {
    allocate_of(std::ptr::null_mut(), kind, body)
}

fn allocate_of<T: Handle>(parent: *mut c_void, kind: u32, body: T) -> *mut c_void {
    debug_assert!(T::accepts(kind));
    Box::into_raw(Box::new(Tagged { magic: MAGIC, kind, parent, body })).cast()
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
        if let Ok(environment) = get::<Environment>((*tagged).parent) {
            environment.children().remove(&Pointer(handle));
        }
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

/// Frees a descriptor of any kind.
///
/// # Safety
/// As for [`free`].
pub(super) unsafe fn free_descriptor(descriptor: *mut c_void) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        match kind_of(descriptor).ok_or(Failure::InvalidHandle)? {
            kind::LOB => free::<Lob>(descriptor),
            kind::ROW_ID => free::<RowId>(descriptor),
            kind::INTERVAL_YM | kind::INTERVAL_DS => free::<IntervalDescriptor>(descriptor),
            kind::TIMESTAMP | kind::TIMESTAMP_TZ | kind::TIMESTAMP_LTZ => free::<DateTimeDescriptor>(descriptor),
            kind::BYTES => free::<Bytes>(descriptor),
            kind::INSTANCE => free::<Instance>(descriptor),
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
            let environment = get::<Environment>(parenth)?;
            let parent = parenth.cast_mut();
            let handle = match htype {
                kind::ERROR => allocate_of(parent, htype, ErrorHandle::default()),
                kind::SERVICE => allocate_of(parent, htype, Service::new(parent)),
                kind::SERVER => allocate_of(parent, htype, Server::new(parent)),
                kind::SESSION => allocate_of(parent, htype, SessionHandle::default()),
                kind::POOL => allocate_of(parent, htype, PoolHandle::default()),
                kind::DESCRIBE => allocate_of(parent, htype, Describe::default()),
                _ => return Err(unsupported(format_args!("handles of type {htype}"))),
            };
            environment.children().insert(Pointer(handle));
            *hndlpp = handle;
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIHandleFree(hndlp: *mut c_void, _htype: u32) -> i32 {
    // SAFETY: OCI's contract: a live handle that nobody uses any more.
    unsafe { call(std::ptr::null_mut(), || free_handle(hndlp)) }
}

unsafe fn free_handle(handle: *mut c_void) -> Result<(), Failure> {
    // SAFETY: the exported function's contract.
    unsafe {
        match kind_of(handle).ok_or(Failure::InvalidHandle)? {
            kind::ENVIRONMENT => {
                // What was made in it goes with it: ODPI-C relies on that after a failed connect.
                let children = std::mem::take(&mut *get::<Environment>(handle)?.children());
                for Pointer(child) in children {
                    free_handle(child)?;
                }
                free::<Environment>(handle)
            }
            kind::ERROR => free::<ErrorHandle>(handle),
            kind::SERVICE => free::<Service>(handle),
            kind::SERVER => free::<Server>(handle),
            kind::SESSION => free::<SessionHandle>(handle),
            kind::STATEMENT => free::<Statement>(handle),
            kind::POOL => free::<PoolHandle>(handle),
            kind::DESCRIBE => free::<Describe>(handle),
            // Binds and defines go with their statement.
            kind::BIND | kind::DEFINE | kind::PARAMETER => Ok(()),
            _ => Err(Failure::InvalidHandle),
        }
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
static ARRAYS: LazyLock<Mutex<HashMap<Pointer, Vec<Pointer>>>> = LazyLock::new(Mutex::default);

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
                let all = places.iter().map(|&p| Pointer(p)).collect();
                ARRAYS.lock().unwrap_or_else(PoisonError::into_inner).insert(Pointer(first), all);
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
            let all = ARRAYS.lock().unwrap_or_else(PoisonError::into_inner).remove(&Pointer(*descpp));
            for descriptor in all.ok_or(Failure::InvalidHandle)? {
                free_descriptor(descriptor.0)?;
            }
            Ok(())
        })
    }
}
