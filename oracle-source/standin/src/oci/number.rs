//! NUMBER between Oracle's base-100 bytes, C integers and C floating point.

use super::{
    Failure, call,
    failure::{ora, unsupported},
};
use std::ffi::{c_uint, c_void};
use type_convert::Number;

/// `SQLT_VNU`: a length byte, then the number's own bytes.
pub(super) const VNU_SIZE: usize = 22;

/// Reads a `SQLT_VNU`.
///
/// # Safety
/// `place` has [`VNU_SIZE`] bytes.
pub(super) unsafe fn read_vnu(place: *const u8) -> Result<Number, Failure> {
    // SAFETY: the caller's promise; the length is checked before it is used.
    let bytes = unsafe { std::slice::from_raw_parts(place, VNU_SIZE) };
    let length = usize::from(bytes[0]);
    let body = bytes.get(1..=length).filter(|b| !b.is_empty());
    body.and_then(|b| Number::from_bytes(b).ok()).ok_or_else(|| ora(22062, "invalid input string [VARNUM bytes]"))
}

/// Writes a `SQLT_VNU`.
///
/// # Safety
/// `place` has [`VNU_SIZE`] bytes.
pub(super) unsafe fn write_vnu(number: &Number, place: *mut u8) -> Result<(), Failure> {
    let bytes = number.as_bytes();
    let Some(length) = u8::try_from(bytes.len()).ok().filter(|&l| usize::from(l) < VNU_SIZE) else {
        return Err(ora(1426, "numeric overflow"));
    };
    // SAFETY: the caller's promise; the length was checked.
    unsafe {
        *place = length;
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), place.add(1), bytes.len());
    }
    Ok(())
}

fn overflow() -> Failure {
    ora(1455, "converting column overflows integer datatype")
}

/// The integer part; Oracle's external type INTEGER cuts off the fraction.
pub(super) fn to_i128(number: &Number) -> Result<i128, Failure> {
    let (&head, mantissa) = number.as_bytes().split_first().ok_or_else(overflow)?;
    let negative = head & 0x80 == 0;
    if mantissa.is_empty() {
        // Zero is 0x80 alone; 0x00 is minus infinity.
        return if negative { Err(overflow()) } else { Ok(0) };
    }
    let mantissa = if negative { mantissa.strip_suffix(&[102]).unwrap_or(mantissa) } else { mantissa };
    let exponent = i32::from(if negative { !head } else { head }) - 193;
    let mut value: i128 = 0;
    for place in 0..=exponent {
        let digit = match usize::try_from(place).ok().and_then(|p| mantissa.get(p)) {
            Some(&byte) => i128::from(if negative { 101 - i16::from(byte) } else { i16::from(byte) - 1 }),
            None => 0,
        };
        if !(0..100).contains(&digit) {
            return Err(overflow());
        }
        value = value.checked_mul(100).and_then(|v| v.checked_add(digit)).ok_or_else(overflow)?;
    }
    Ok(if negative { -value } else { value })
}

/// The nearest double.
pub(super) fn to_f64(number: &Number) -> Result<f64, Failure> {
    let text = number.to_string();
    match text.as_str() {
        "~" => Ok(f64::INFINITY),
        "-~" => Ok(f64::NEG_INFINITY),
        _ => text.parse().map_err(|_| overflow()),
    }
}

/// The shortest decimal that reads back as this double.
pub(super) fn from_f64(value: f64) -> Result<Number, Failure> {
    format!("{value:e}").parse().map_err(|_| ora(1426, "numeric overflow"))
}

/// A C integer of 1, 2, 4 or 8 bytes.
///
/// # Safety
/// `place` has `size` bytes.
pub(super) unsafe fn read_int(place: *const u8, size: u64, signed: bool) -> Result<i128, Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        Ok(match (size, signed) {
            (1, true) => place.cast::<i8>().read().into(),
            (2, true) => place.cast::<i16>().read_unaligned().into(),
            (4, true) => place.cast::<i32>().read_unaligned().into(),
            (8, true) => place.cast::<i64>().read_unaligned().into(),
            (1, false) => place.read().into(),
            (2, false) => place.cast::<u16>().read_unaligned().into(),
            (4, false) => place.cast::<u32>().read_unaligned().into(),
            (8, false) => place.cast::<u64>().read_unaligned().into(),
            _ => return Err(unsupported(format_args!("integers of {size} bytes"))),
        })
    }
}

/// Writes a C integer of 1, 2, 4 or 8 bytes.
///
/// # Safety
/// `place` has `size` bytes.
pub(super) unsafe fn write_int(value: i128, place: *mut u8, size: u64, signed: bool) -> Result<(), Failure> {
    fn fit<T: TryFrom<i128>>(value: i128) -> Result<T, Failure> {
        T::try_from(value).map_err(|_| overflow())
    }
    // SAFETY: the caller's promise.
    unsafe {
        match (size, signed) {
            (1, true) => place.cast::<i8>().write(fit(value)?),
            (2, true) => place.cast::<i16>().write_unaligned(fit(value)?),
            (4, true) => place.cast::<i32>().write_unaligned(fit(value)?),
            (8, true) => place.cast::<i64>().write_unaligned(fit(value)?),
            (1, false) => place.write(fit(value)?),
            (2, false) => place.cast::<u16>().write_unaligned(fit(value)?),
            (4, false) => place.cast::<u32>().write_unaligned(fit(value)?),
            (8, false) => place.cast::<u64>().write_unaligned(fit(value)?),
            _ => return Err(unsupported(format_args!("integers of {size} bytes"))),
        }
    }
    Ok(())
}

/// A whole number as NUMBER.
pub(super) fn from_i128(value: i128) -> Result<Number, Failure> {
    match i64::try_from(value) {
        Ok(value) => Ok(Number::from(value)),
        Err(_) => value.to_string().parse().map_err(|_| ora(1426, "numeric overflow")),
    }
}

const SIGNED: c_uint = 2;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINumberFromInt(
    err: *mut c_void,
    inum: *const c_void,
    inum_length: c_uint,
    inum_s_flag: c_uint,
    number: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: an integer of that size and a VARNUM.
    unsafe {
        call(err, || {
            let value = read_int(inum.cast(), u64::from(inum_length), inum_s_flag == SIGNED)?;
            write_vnu(&from_i128(value)?, number.cast())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINumberToInt(
    err: *mut c_void,
    number: *const c_void,
    rsl_length: c_uint,
    rsl_flag: c_uint,
    rsl: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: a VARNUM and an integer of that size.
    unsafe {
        call(err, || {
            let value = to_i128(&read_vnu(number.cast())?)?;
            write_int(value, rsl.cast(), u64::from(rsl_length), rsl_flag == SIGNED)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINumberFromReal(
    err: *mut c_void,
    rnum: *const c_void,
    rnum_length: c_uint,
    number: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: a floating point number of that size and a VARNUM.
    unsafe {
        call(err, || {
            let value = match rnum_length {
                4 => f64::from(rnum.cast::<f32>().read_unaligned()),
                8 => rnum.cast::<f64>().read_unaligned(),
                _ => return Err(unsupported(format_args!("floating point numbers of {rnum_length} bytes"))),
            };
            write_vnu(&from_f64(value)?, number.cast())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn OCINumberToReal(
    err: *mut c_void,
    number: *const c_void,
    rsl_length: c_uint,
    rsl: *mut c_void,
) -> i32 {
    // SAFETY: OCI's contract: a VARNUM and a floating point number of that size.
    unsafe {
        call(err, || {
            let value = to_f64(&read_vnu(number.cast())?)?;
            match rsl_length {
                4 => rsl.cast::<f32>().write_unaligned(value as f32),
                8 => rsl.cast::<f64>().write_unaligned(value),
                _ => return Err(unsupported(format_args!("floating point numbers of {rsl_length} bytes"))),
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_go_there_and_back() {
        for value in
            [0, 1, -1, 9, 10, 99, 100, -100, 12345, i128::from(i64::MAX), i128::from(i64::MIN), 10_i128.pow(18)]
        {
            assert_eq!(to_i128(&from_i128(value).unwrap()).unwrap(), value);
        }
    }

    #[test]
    fn the_fraction_is_cut_off() {
        for (text, whole) in [("12.99", 12), ("-12.99", -12), ("0.5", 0), ("-0.0001", 0), ("1234567.1", 1_234_567)] {
            assert_eq!(to_i128(&text.parse().unwrap()).unwrap(), whole, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let big: Number = "1E+30".parse().unwrap();
        let mut place = [0u8; 8];
        let value = to_i128(&big).unwrap();
        // SAFETY: eight bytes.
        assert!(unsafe { write_int(value, place.as_mut_ptr(), 8, true) }.is_err());
        assert!(to_i128(&"1E+100".parse().unwrap()).is_err());
    }

    #[test]
    fn a_varnum_carries_its_length() {
        let mut place = [0u8; VNU_SIZE];
        let number: Number = "-1234567890.0123456789".parse().unwrap();
        // SAFETY: 22 bytes.
        unsafe {
            write_vnu(&number, place.as_mut_ptr()).unwrap();
            assert_eq!(usize::from(place[0]), number.as_bytes().len());
            assert_eq!(read_vnu(place.as_ptr()).unwrap(), number);
        }
        place[0] = 200;
        // SAFETY: 22 bytes.
        assert!(unsafe { read_vnu(place.as_ptr()) }.is_err());
    }
}
