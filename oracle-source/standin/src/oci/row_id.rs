//! ROWID descriptors.

use super::{
    call,
    failure::ora,
    handle::{Handle, get},
    kind,
};
use std::ffi::{c_char, c_void};

/// A ROWID in its text form; empty until it is fetched into.
#[derive(Default)]
pub(super) struct RowId {
    pub(super) text: String,
}

impl Handle for RowId {
    fn accepts(kind: u32) -> bool {
        kind == kind::ROW_ID
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIRowidToChar(
    rowid_desc: *mut c_void,
    outbfp: *mut c_char,
    outbflp: *mut u16,
    errhp: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: a descriptor, and a buffer of the length given.
    unsafe {
        call(errhp, || {
            let text = &get::<RowId>(rowid_desc)?.text;
            let room = usize::from(*outbflp);
            // The caller asks with a length of 0 how much it needs.
            *outbflp = u16::try_from(text.len()).map_err(|_| ora(1410, "invalid ROWID"))?;
            if text.len() > room {
                return Err(ora(1405, "the ROWID does not fit into the buffer"));
            }
            std::ptr::copy_nonoverlapping(text.as_ptr(), outbfp.cast(), text.len());
            Ok(())
        })
    }
}
