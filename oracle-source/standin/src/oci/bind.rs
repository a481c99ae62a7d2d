//! Binds: the caller's buffers read as values when the statement is executed.

use super::{
    Failure,
    datetime::{DateTimeDescriptor, IntervalDescriptor, OciDate, date_time},
    failure::{ora, unsupported},
    handle::{self, Handle, get},
    kind,
    lob::Lob,
    number,
    row_id::RowId,
    sqlt, status,
};
use std::ffi::{CStr, c_char, c_void};
use type_convert::{DateTime, Value};

/// `OCICallbackInBind`.
pub(super) type InCallback = unsafe extern "C" fn(
    context: *mut c_void,
    bind: *mut c_void,
    iteration: u32,
    index: u32,
    buffer: *mut *mut c_void,
    length: *mut u32,
    piece: *mut u8,
    indicator: *mut *mut c_void,
) -> i32;

/// A bind handle: where the values of one bind variable are.
pub(super) struct Bind {
    pub(super) value: *mut u8,
    pub(super) size: i64,
    pub(super) data_type: u16,
    pub(super) indicator: *mut i16,
    pub(super) lengths: *mut u32,
    /// Values are asked for when they are needed.
    pub(super) at_execution: bool,
    pub(super) callback: Option<(*mut c_void, InCallback)>,
}

impl Handle for Bind {
    fn accepts(kind: u32) -> bool {
        kind == kind::BIND
    }
}

const NULL: i16 = -1;

/// One value as the caller holds it.
struct Place {
    value: *mut u8,
    size: u64,
    length: Option<u32>,
    is_null: bool,
}

/// The value of a bind for one iteration.
///
/// # Safety
/// `bind` is a live bind handle whose buffers are as long as the caller said.
pub(super) unsafe fn value(bind: *mut c_void, iteration: u32, plsql: bool) -> Result<Value, Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        let this = get::<Bind>(bind)?;
        let place = if this.at_execution { ask(bind, this, iteration)? } else { fixed(this, iteration)? };
        if place.is_null || place.value.is_null() {
            return Ok(Value::Null);
        }
        read(&place, this.data_type, plsql)
    }
}

unsafe fn fixed(bind: &Bind, iteration: u32) -> Result<Place, Failure> {
    let row = iteration as usize;
    let size = usize::try_from(bind.size).map_err(|_| ora(1459, "invalid length for variable character string"))?;
    // SAFETY: the caller's arrays are as long as the number of iterations.
    unsafe {
        Ok(Place {
            value: if bind.value.is_null() { bind.value } else { bind.value.add(row * size) },
            size: size as u64,
            length: (!bind.lengths.is_null()).then(|| bind.lengths.add(row).read_unaligned()),
            is_null: !bind.indicator.is_null() && bind.indicator.add(row).read_unaligned() == NULL,
        })
    }
}

unsafe fn ask(handle: *mut c_void, bind: &Bind, iteration: u32) -> Result<Place, Failure> {
    let Some((context, callback)) = bind.callback else {
        return Err(ora(24337, "statement handle is not prepared: a bind at execution has no callback"));
    };
    let (mut buffer, mut length, mut piece, mut indicator) = (std::ptr::null_mut(), 0, 0, std::ptr::null_mut());
    // SAFETY: the caller's callback.
    unsafe {
        if callback(context, handle, iteration, 0, &mut buffer, &mut length, &mut piece, &mut indicator)
            != status::CONTINUE
        {
            return Err(ora(24336, "a bind callback failed"));
        }
        if piece != 0 {
            return Err(unsupported("binds in pieces"));
        }
        let indicator = indicator.cast::<i16>();
        let is_null = !indicator.is_null() && indicator.read_unaligned() == NULL;
        // A descriptor is handed over itself here, not in an array.
        let by_descriptor = is_descriptor(bind.data_type);
        if by_descriptor {
            return Ok(Place { value: buffer.cast(), size: 0, length: None, is_null });
        }
        Ok(Place { value: buffer.cast(), size: length.into(), length: Some(length), is_null })
    }
}

fn is_descriptor(data_type: u16) -> bool {
    matches!(
        data_type,
        sqlt::CLOB
            | sqlt::BLOB
            | sqlt::RDD
            | sqlt::TIMESTAMP
            | sqlt::TIMESTAMP_TZ
            | sqlt::TIMESTAMP_LTZ
            | sqlt::INTERVAL_DS
            | sqlt::INTERVAL_YM
    )
}

fn text(bytes: &[u8]) -> Result<Value, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| ora(29275, "partial multibyte character"))?;
    // The empty string is NULL.
    Ok(if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) })
}

unsafe fn read(place: &Place, data_type: u16, plsql: bool) -> Result<Value, Failure> {
    let Place { value, size, length, .. } = *place;
    let descriptor = || {
        if size == 0 {
            Ok(value.cast::<c_void>())
        } else {
            // SAFETY: an array of pointers to descriptors.
            Ok::<_, Failure>(unsafe { value.cast::<*mut c_void>().read_unaligned() })
        }
    };
    // SAFETY: the buffer is one of this type.
    unsafe {
        let bytes = || {
            let length = length.map_or(size, u64::from).min(size);
            std::slice::from_raw_parts(value, length as usize)
        };
        Ok(match data_type {
            sqlt::CHR | sqlt::AFC | sqlt::LNG | sqlt::VCS => text(bytes())?,
            sqlt::STR => text(CStr::from_ptr(value.cast::<c_char>()).to_bytes())?,
            sqlt::BIN | sqlt::LBI => match bytes() {
                [] => Value::Null,
                bytes => Value::Bytes(bytes.to_vec()),
            },
            sqlt::VNU => Value::Number(number::read_vnu(value)?),
            sqlt::INT => Value::Number(number::from_i128(number::read_int(value, size, true)?)?),
            sqlt::UIN => Value::Number(number::from_i128(number::read_int(value, size, false)?)?),
            sqlt::FLT => Value::Number(number::from_f64(match size {
                4 => value.cast::<f32>().read_unaligned().into(),
                8 => value.cast::<f64>().read_unaligned(),
                _ => return Err(unsupported(format_args!("floating point numbers of {size} bytes"))),
            })?),
            sqlt::BFLOAT | sqlt::IBFLOAT => Value::Float(value.cast::<f32>().read_unaligned()),
            sqlt::BDOUBLE | sqlt::IBDOUBLE => Value::Double(value.cast::<f64>().read_unaligned()),
            sqlt::ODT => Value::DateTime(value.cast::<OciDate>().read_unaligned().checked()?),
            sqlt::DAT => Value::DateTime(stored_date(std::slice::from_raw_parts(value, 7))?),
            sqlt::TIMESTAMP => Value::DateTime(get::<DateTimeDescriptor>(descriptor()?)?.value.ok_or_else(no_value)?),
            sqlt::TIMESTAMP_TZ | sqlt::TIMESTAMP_LTZ => {
                let descriptor = get::<DateTimeDescriptor>(descriptor()?)?;
                let value = descriptor.value.ok_or_else(no_value)?;
                Value::DateTimeTz(value, descriptor.offset.ok_or_else(no_value)?)
            }
            sqlt::INTERVAL_DS | sqlt::INTERVAL_YM => match get::<IntervalDescriptor>(descriptor()?)? {
                IntervalDescriptor::Empty => return Err(no_value()),
                IntervalDescriptor::YearMonth(value) => Value::IntervalYm(*value),
                IntervalDescriptor::DaySecond(value) => Value::IntervalDs(*value),
            },
            sqlt::CLOB | sqlt::BLOB => get::<Lob>(descriptor()?)?.value()?,
            sqlt::RDD => text(get::<RowId>(descriptor()?)?.text.as_bytes())?,
            // SQL has no BOOLEAN before 23ai; PL/SQL has.
            sqlt::BOL if plsql => Value::Boolean(value.cast::<i32>().read_unaligned() != 0),
            sqlt::BOL => return Err(ora(3115, "unsupported network datatype or representation")),
            other => return Err(unsupported(format_args!("binds of data type {other}"))),
        })
    }
}

fn no_value() -> Failure {
    ora(1878, "specified field not found in datetime or interval")
}

/// DATE as stored: century and year with an offset of 100, time fields with an offset of 1.
fn stored_date(b: &[u8]) -> Result<DateTime, Failure> {
    let year = (i16::from(b[0]) - 100) * 100 + (i16::from(b[1]) - 100);
    date_time(year, b[2], b[3], b[4].wrapping_sub(1), b[5].wrapping_sub(1), b[6].wrapping_sub(1), 0)
}

/// Frees a bind handle.
///
/// # Safety
/// Nobody uses it any more.
pub(super) unsafe fn free(bind: *mut c_void) {
    // SAFETY: the caller's promise; a null pointer is none.
    let _ = unsafe { handle::free::<Bind>(bind) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIBindDynamic(
    bindp: *mut c_void,
    errhp: *mut c_void,
    ictxp: *mut c_void,
    icbfp: Option<InCallback>,
    _octxp: *mut c_void,
    _ocbfp: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        super::call(errhp, || {
            handle::get_mut::<Bind>(bindp)?.callback = icbfp.map(|callback| (ictxp, callback));
            Ok(())
        })
    }
}
