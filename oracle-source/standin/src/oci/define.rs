//! Defines: fetched values written into the caller's buffers, in the type that the caller chose.

use super::{
    Failure,
    datetime::{DateTimeDescriptor, IntervalDescriptor, OciDate},
    failure::{ora, unsupported},
    handle::{self, Handle, get_mut},
    kind,
    lob::Lob,
    number,
    object::{self, ObjectDefine},
    row_id::RowId,
    sqlt, status,
};
use std::{ffi::c_void, fmt::Write};
use type_convert::{OracleType, UtcOffset, Value};

/// `OCICallbackDefine`.
pub(super) type DefineCallback = unsafe extern "C" fn(
    context: *mut c_void,
    define: *mut c_void,
    iteration: u32,
    buffer: *mut *mut c_void,
    length: *mut *mut u32,
    piece: *mut u8,
    indicator: *mut *mut c_void,
    return_code: *mut *mut u16,
) -> i32;

/// A define handle: where the values of one column go.
pub(super) struct Define {
    pub(super) value: *mut u8,
    pub(super) size: u64,
    pub(super) data_type: u16,
    pub(super) indicator: *mut i16,
    pub(super) lengths: *mut u32,
    pub(super) return_codes: *mut u16,
    /// Room is asked for while fetching.
    pub(super) dynamic: bool,
    pub(super) callback: Option<(*mut c_void, DefineCallback)>,
    /// Where objects and collections go.
    pub(super) object: Option<ObjectDefine>,
}

impl Handle for Define {
    fn accepts(kind: u32) -> bool {
        kind == kind::DEFINE
    }
}

const NULL: i16 = -1;
/// The indicator of a truncated value whose length does not fit the indicator.
const TRUNCATED: i16 = -2;
const ONE_PIECE: u8 = 0;
const FIRST_PIECE: u8 = 1;
const NEXT_PIECE: u8 = 2;
const LAST_PIECE: u8 = 3;

/// Whether a value arrived whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Whole,
    Truncated,
}

/// Writes one value to row `row` of a define; `scratch` is reused.
///
/// # Safety
/// `define` is a live define handle whose buffers are as long as the caller said.
pub(super) unsafe fn write(
    define: *mut c_void,
    row: u32,
    value: Value,
    user_type: Option<&OracleType>,
    scratch: &mut String,
) -> Result<Written, Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        let this = handle::get::<Define>(define)?;
        if this.data_type == sqlt::NTY {
            let (Some(to), Some(ty)) = (this.object, user_type) else {
                return Err(ora(21500, "an object is defined without its type"));
            };
            object::write(to, row, ty, value)?;
            return Ok(Written::Whole);
        }
        if value.is_null() {
            return write_null(define, this, row);
        }
        let inconsistent = |value: &Value| {
            ora(
                932,
                format!(
                    "inconsistent datatypes: the stand-in does not convert {} to data type {}",
                    name(value),
                    this.data_type
                ),
            )
        };
        match this.data_type {
            sqlt::CHR | sqlt::AFC | sqlt::LNG | sqlt::VCS => match &value {
                Value::Text(text) => put(define, this, row, text.as_bytes()),
                Value::Number(n) => {
                    scratch.clear();
                    let _ = write!(scratch, "{n}");
                    put(define, this, row, scratch.as_bytes())
                }
                // RAW as text is its hexadecimal digits.
                Value::Bytes(bytes) => {
                    scratch.clear();
                    for byte in bytes {
                        let _ = write!(scratch, "{byte:02X}");
                    }
                    put(define, this, row, scratch.as_bytes())
                }
                other => Err(inconsistent(other)),
            },
            sqlt::BIN | sqlt::LBI => match &value {
                Value::Bytes(bytes) => put(define, this, row, bytes),
                other => Err(inconsistent(other)),
            },
            sqlt::INT | sqlt::UIN => {
                let whole = match &value {
                    Value::Number(n) => number::to_i128(n)?,
                    Value::Double(d) if d.is_finite() => *d as i128,
                    Value::Float(f) if f.is_finite() => *f as i128,
                    Value::Double(_) | Value::Float(_) => return Err(ora(1426, "numeric overflow")),
                    other => return Err(inconsistent(other)),
                };
                number::write_int(whole, this.at(row), this.size, this.data_type == sqlt::INT)?;
                this.done(row, this.size)
            }
            sqlt::VNU => {
                this.needs(number::VNU_SIZE as u64)?;
                let number = match &value {
                    Value::Number(n) => *n,
                    Value::Double(d) => number::from_f64(*d)?,
                    Value::Float(f) => f.to_string().parse().map_err(|_| ora(1426, "numeric overflow"))?,
                    other => return Err(inconsistent(other)),
                };
                number::write_vnu(&number, this.at(row))?;
                this.done(row, number::VNU_SIZE as u64)
            }
            sqlt::BDOUBLE | sqlt::IBDOUBLE | sqlt::BFLOAT | sqlt::IBFLOAT | sqlt::FLT => {
                let double = match &value {
                    Value::Double(d) => *d,
                    Value::Float(f) => f64::from(*f),
                    Value::Number(n) => number::to_f64(n)?,
                    other => return Err(inconsistent(other)),
                };
                match this.size {
                    4 => this.at(row).cast::<f32>().write_unaligned(double as f32),
                    8 => this.at(row).cast::<f64>().write_unaligned(double),
                    other => return Err(unsupported(format_args!("floating point numbers of {other} bytes"))),
                }
                this.done(row, this.size)
            }
            sqlt::ODT => {
                this.needs(size_of::<OciDate>() as u64)?;
                let (Value::DateTime(d) | Value::DateTimeTz(d, _)) = &value else { return Err(inconsistent(&value)) };
                this.at(row).cast::<OciDate>().write_unaligned(OciDate::from(*d));
                this.done(row, size_of::<OciDate>() as u64)
            }
            sqlt::TIMESTAMP | sqlt::TIMESTAMP_TZ | sqlt::TIMESTAMP_LTZ => {
                let target = get_mut::<DateTimeDescriptor>(this.descriptor(row)?)?;
                *target = match &value {
                    Value::DateTime(d) => {
                        DateTimeDescriptor { value: Some(*d), offset: Some(UtcOffset { minutes: 0 }) }
                    }
                    Value::DateTimeTz(d, o) => DateTimeDescriptor { value: Some(*d), offset: Some(*o) },
                    other => return Err(inconsistent(other)),
                };
                this.done(row, this.size)
            }
            sqlt::INTERVAL_DS | sqlt::INTERVAL_YM => {
                let target = get_mut::<IntervalDescriptor>(this.descriptor(row)?)?;
                *target = match &value {
                    Value::IntervalYm(i) if this.data_type == sqlt::INTERVAL_YM => IntervalDescriptor::YearMonth(*i),
                    Value::IntervalDs(i) if this.data_type == sqlt::INTERVAL_DS => IntervalDescriptor::DaySecond(*i),
                    other => return Err(inconsistent(other)),
                };
                this.done(row, this.size)
            }
            sqlt::CLOB | sqlt::BLOB => {
                let target = get_mut::<Lob>(this.descriptor(row)?)?;
                match value {
                    Value::Text(text) if this.data_type == sqlt::CLOB => target.set_text(text),
                    Value::Bytes(bytes) if this.data_type == sqlt::BLOB => target.set_binary(bytes),
                    other => return Err(inconsistent(&other)),
                }
                this.done(row, this.size)
            }
            sqlt::RDD => {
                let Value::Text(text) = value else { return Err(inconsistent(&value)) };
                get_mut::<RowId>(this.descriptor(row)?)?.text = text;
                this.done(row, this.size)
            }
            sqlt::BOL => {
                let Value::Boolean(b) = &value else { return Err(inconsistent(&value)) };
                this.needs(4)?;
                this.at(row).cast::<i32>().write_unaligned(i32::from(*b));
                this.done(row, 4)
            }
            other => Err(unsupported(format_args!("defines of data type {other}"))),
        }
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Number(_) => "NUMBER",
        Value::Float(_) => "BINARY_FLOAT",
        Value::Double(_) => "BINARY_DOUBLE",
        Value::Text(_) => "CHAR",
        Value::Bytes(_) => "RAW",
        Value::DateTime(_) => "DATE",
        Value::DateTimeTz(..) => "TIMESTAMP WITH TIME ZONE",
        Value::IntervalYm(_) => "INTERVAL YEAR TO MONTH",
        Value::IntervalDs(_) => "INTERVAL DAY TO SECOND",
        Value::Boolean(_) => "BOOLEAN",
        Value::Bfile { .. } => "BFILE",
        Value::Object(_) | Value::Collection(_) => "an object",
        _ => "an unknown type",
    }
}

impl Define {
    unsafe fn at(&self, row: u32) -> *mut u8 {
        // SAFETY: the caller's array has a place for each row.
        unsafe { self.value.add(row as usize * self.size as usize) }
    }

    fn needs(&self, bytes: u64) -> Result<(), Failure> {
        if self.size < bytes {
            return Err(ora(1459, "the buffer of a column is too small for its data type"));
        }
        Ok(())
    }

    /// The descriptor in an array of pointers to descriptors.
    unsafe fn descriptor(&self, row: u32) -> Result<*mut c_void, Failure> {
        if self.value.is_null() {
            return Err(Failure::InvalidHandle);
        }
        // SAFETY: the caller's array has a pointer for each row.
        Ok(unsafe { self.value.cast::<*mut c_void>().add(row as usize).read_unaligned() })
    }

    unsafe fn indicate(&self, row: u32, indicator: i16, length: u64, return_code: u16) {
        let row = row as usize;
        // SAFETY: the caller's arrays have a place for each row.
        unsafe {
            if !self.indicator.is_null() {
                self.indicator.add(row).write_unaligned(indicator);
            }
            if !self.lengths.is_null() {
                self.lengths.add(row).write_unaligned(u32::try_from(length).unwrap_or(u32::MAX));
            }
            if !self.return_codes.is_null() {
                self.return_codes.add(row).write_unaligned(return_code);
            }
        }
    }

    unsafe fn done(&self, row: u32, length: u64) -> Result<Written, Failure> {
        // SAFETY: as for `indicate`.
        unsafe { self.indicate(row, 0, length, 0) };
        Ok(Written::Whole)
    }
}

/// Bytes of variable length: into a fixed buffer, or in as many pieces as the caller's buffers take.
unsafe fn put(handle: *mut c_void, define: &Define, row: u32, bytes: &[u8]) -> Result<Written, Failure> {
    // SAFETY: the caller's buffers and callback.
    unsafe {
        if define.dynamic {
            return put_pieces(handle, define, row, bytes);
        }
        let room = usize::try_from(define.size).unwrap_or(usize::MAX);
        if bytes.len() <= room {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), define.at(row), bytes.len());
            return define.done(row, bytes.len() as u64);
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), define.at(row), room);
        let indicator = i16::try_from(bytes.len()).unwrap_or(TRUNCATED);
        define.indicate(row, indicator, room as u64, 1406);
        Ok(Written::Truncated)
    }
}

struct Piece {
    buffer: *mut u8,
    length: *mut u32,
    indicator: *mut i16,
}

unsafe fn next_piece(handle: *mut c_void, define: &Define, row: u32, piece: u8) -> Result<Piece, Failure> {
    let Some((context, callback)) = define.callback else {
        return Err(ora(24338, "a dynamic define has no callback"));
    };
    let (mut buffer, mut length, mut piece) = (std::ptr::null_mut(), std::ptr::null_mut(), piece);
    let (mut indicator, mut return_code) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: the caller's callback.
    let answer = unsafe {
        callback(context, handle, row, &mut buffer, &mut length, &mut piece, &mut indicator, &mut return_code)
    };
    if answer != status::CONTINUE || buffer.is_null() || length.is_null() {
        return Err(ora(24338, "a define callback gave no buffer"));
    }
    Ok(Piece { buffer: buffer.cast(), length, indicator: indicator.cast() })
}

unsafe fn put_pieces(handle: *mut c_void, define: &Define, row: u32, mut bytes: &[u8]) -> Result<Written, Failure> {
    let mut piece = ONE_PIECE;
    // SAFETY: each piece is as long as its length says.
    unsafe {
        loop {
            let to = next_piece(handle, define, row, piece)?;
            let room = *to.length as usize;
            let n = room.min(bytes.len());
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.buffer, n);
            *to.length = n as u32;
            if !to.indicator.is_null() {
                to.indicator.write_unaligned(0);
            }
            bytes = &bytes[n..];
            if bytes.is_empty() {
                return Ok(Written::Whole);
            }
            if room == 0 {
                return Err(ora(24338, "a define callback gave an empty buffer"));
            }
            piece = if bytes.len() > room { NEXT_PIECE } else { LAST_PIECE };
        }
    }
}

unsafe fn write_null(handle: *mut c_void, define: &Define, row: u32) -> Result<Written, Failure> {
    // SAFETY: the caller's buffers and callback.
    unsafe {
        if define.dynamic {
            let to = next_piece(handle, define, row, FIRST_PIECE)?;
            *to.length = 0;
            if to.indicator.is_null() {
                return Err(ora(1405, "fetched column value is NULL"));
            }
            to.indicator.write_unaligned(NULL);
            return Ok(Written::Whole);
        }
        if define.indicator.is_null() {
            return Err(ora(1405, "fetched column value is NULL"));
        }
        define.indicate(row, NULL, 0, 0);
    }
    Ok(Written::Whole)
}

/// Frees a define handle.
///
/// # Safety
/// Nobody uses it any more.
pub(super) unsafe fn free(define: *mut c_void) {
    // SAFETY: the caller's promise; a null pointer is none.
    let _ = unsafe { handle::free::<Define>(define) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCIDefineDynamic(
    defnp: *mut c_void,
    errhp: *mut c_void,
    octxp: *mut c_void,
    ocbfp: Option<DefineCallback>,
) -> i32 {
    // SAFETY: OCI's contract.
    unsafe {
        super::call(errhp, || {
            get_mut::<Define>(defnp)?.callback = ocbfp.map(|callback| (octxp, callback));
            Ok(())
        })
    }
}
