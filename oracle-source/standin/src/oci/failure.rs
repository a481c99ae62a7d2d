//! Errors on their way to the caller: OCI functions return a status, and `OCIErrorGet` tells the rest.

use super::{handle, kind, status};
use crate::OraError;
use std::{
    any::Any,
    cell::RefCell,
    ffi::{c_char, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Why a call does not return `OCI_SUCCESS`.
#[derive(Debug)]
pub(super) enum Failure {
    /// A pointer that is no handle of the kind asked for.
    InvalidHandle,
    /// The end of a result, or an attribute without a value.
    NoData,
    /// An error to be read with `OCIErrorGet`.
    Error(OraError),
    /// Success with a warning to be read with `OCIErrorGet`.
    Warning(OraError),
}

impl From<OraError> for Failure {
    fn from(error: OraError) -> Self {
        Failure::Error(error)
    }
}

/// An error of this library.
pub(super) fn ora(code: i32, message: impl Into<String>) -> Failure {
    Failure::Error(OraError::new(code, message))
}

/// What this library does not do.
pub(super) fn unsupported(what: impl std::fmt::Display) -> Failure {
    ora(3001, format!("unimplemented feature: the stand-in does not know {what}"))
}

/// The error handle: the last error, and those of an array DML in batch mode.
#[derive(Default)]
pub(super) struct ErrorHandle {
    pub(super) current: Option<OraError>,
    pub(super) batch: Vec<BatchError>,
    /// `OCI_ATTR_DML_ROW_OFFSET`, where this handle was filled from a batch.
    pub(super) row_offset: u32,
}

/// An error of one row of an array DML.
#[derive(Debug, Clone)]
pub(super) struct BatchError {
    pub(super) row: u32,
    pub(super) error: OraError,
}

impl handle::Handle for ErrorHandle {
    fn accepts(kind: u32) -> bool {
        kind == kind::ERROR
    }
}

thread_local! {
    /// The error of the last failed call that has no error handle among its arguments.
    static UNATTACHED: RefCell<Option<OraError>> = const { RefCell::new(None) };
}

/// Runs the body of an exported function. A panic never crosses the C boundary: it becomes ORA-00600.
///
/// # Safety
/// `error_handle` is null or a handle from this library.
pub(super) unsafe fn call(error_handle: *mut c_void, body: impl FnOnce() -> Result<(), Failure>) -> i32 {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return status::SUCCESS,
        Ok(Err(failure)) => failure,
        Err(panic) => ora(
            600,
            format!("internal error code, arguments: [stand-in], [{}], [], [], [], [], [], []", panic_text(&*panic)),
        ),
    };
    let (status, error) = match failure {
        Failure::InvalidHandle => return status::INVALID_HANDLE,
        Failure::NoData => (status::NO_DATA, OraError::new(1403, "no data found")),
        Failure::Error(error) => (status::ERROR, error),
        Failure::Warning(error) => (status::SUCCESS_WITH_INFO, error),
    };
    // SAFETY: the caller's promise.
    match unsafe { handle::get_mut::<ErrorHandle>(error_handle) } {
        Ok(target) => {
            target.current = Some(error);
            UNATTACHED.with(|e| e.take());
        }
        Err(_) => UNATTACHED.with(|e| *e.borrow_mut() = Some(error)),
    }
    status
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied()).unwrap_or("panic")
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIErrorGet(
    hndlp: *mut c_void,
    recordno: u32,
    _sqlstate: *mut c_char,
    errcodep: *mut i32,
    bufp: *mut c_char,
    bufsiz: u32,
    htype: u32,
) -> i32 {
    if recordno != 1 {
        return status::NO_DATA;
    }
    let unattached = UNATTACHED.with(|e| e.take());
    let attached = if htype == kind::ERROR {
        // SAFETY: a handle from this library, by OCI's contract.
        match unsafe { handle::get_mut::<ErrorHandle>(hndlp) } {
            Ok(handle) => handle.current.clone(),
            Err(_) => return status::INVALID_HANDLE,
        }
    } else {
        None
    };
    let Some(error) = unattached.or(attached) else { return status::NO_DATA };
    if !errcodep.is_null() {
        // SAFETY: the caller's place for a number.
        unsafe { *errcodep = error.code };
    }
    if !bufp.is_null() && bufsiz > 0 {
        let text = format!("{error}\n");
        let mut end = text.len().min(bufsiz as usize - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // SAFETY: the caller's buffer has `bufsiz` bytes, and `end` is less.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), bufp.cast(), end);
            *bufp.add(end) = 0;
        }
    }
    status::SUCCESS
}
