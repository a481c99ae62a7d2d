//! BINARY_FLOAT and BINARY_DOUBLE in Oracle's own byte form, as redo, `DUMP`, OSON and VECTOR have them.
//!
//! The bytes are those of IEEE 754, big-endian, changed so that they sort as the numbers do: of a positive number the
//! sign bit is set, of a negative one all bits are inverted. `DUMP(1F)` is `191,128,0,0`.
//!
//! Oracle stores −0 as 0 and every NaN as one: so do [`float_to_bytes`] and [`double_to_bytes`]. Reading is for whatever
//! comes: −0 stays −0, any NaN is the one of Rust's constants.

/// The number of 4 bytes of a BINARY_FLOAT.
///
/// ```
/// use type_convert::binary_float;
///
/// assert_eq!(binary_float::float_from_bytes([191, 128, 0, 0]), 1.0);
/// assert_eq!(binary_float::float_to_bytes(-1.0), [64, 127, 255, 255]);
/// ```
#[inline]
pub fn float_from_bytes(bytes: [u8; 4]) -> f32 {
    let ordered = u32::from_be_bytes(bytes);
    let number = f32::from_bits(if ordered >> 31 == 1 { ordered ^ (1 << 31) } else { !ordered });
    if number.is_nan() { f32::NAN } else { number }
}

/// The 4 bytes of a BINARY_FLOAT, as Oracle stores the number.
#[inline]
pub fn float_to_bytes(number: f32) -> [u8; 4] {
    ordered_float(if number == 0.0 { 0.0 } else { number })
}

/// The number of 8 bytes of a BINARY_DOUBLE.
#[inline]
pub fn double_from_bytes(bytes: [u8; 8]) -> f64 {
    let ordered = u64::from_be_bytes(bytes);
    let number = f64::from_bits(if ordered >> 63 == 1 { ordered ^ (1 << 63) } else { !ordered });
    if number.is_nan() { f64::NAN } else { number }
}

/// The 8 bytes of a BINARY_DOUBLE, as Oracle stores the number.
#[inline]
pub fn double_to_bytes(number: f64) -> [u8; 8] {
    ordered_double(if number == 0.0 { 0.0 } else { number })
}

/// −0 is kept.
pub(crate) fn ordered_float(number: f32) -> [u8; 4] {
    let bits = if number.is_nan() { 0x7fc0_0000 } else { number.to_bits() };
    (if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }).to_be_bytes()
}

/// −0 is kept.
pub(crate) fn ordered_double(number: f64) -> [u8; 8] {
    let bits = if number.is_nan() { 0x7ff8_0000_0000_0000 } else { number.to_bits() };
    (if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As `DUMP` prints them, and as images of JSON and VECTOR values taken from servers have them.
    #[test]
    fn known_bytes() {
        for (number, bytes) in [
            (0.0, [128, 0, 0, 0]),
            (1.0, [191, 128, 0, 0]),
            (-1.0, [64, 127, 255, 255]),
            (2.5, [0xc0, 0x20, 0, 0]),
            (12.5, [0xc1, 0x48, 0, 0]),
            (f32::INFINITY, [255, 128, 0, 0]),
            (f32::NEG_INFINITY, [0, 127, 255, 255]),
        ] {
            assert_eq!(float_from_bytes(bytes).to_bits(), number.to_bits(), "{number}");
            assert_eq!(float_to_bytes(number), bytes, "{number}");
        }
        for (number, bytes) in [
            (0.0, [128, 0, 0, 0, 0, 0, 0, 0]),
            (1.0, [191, 240, 0, 0, 0, 0, 0, 0]),
            (-1.0, [64, 15, 255, 255, 255, 255, 255, 255]),
            (42.25, [0xc0, 0x45, 0x20, 0, 0, 0, 0, 0]),
            (f64::INFINITY, [255, 240, 0, 0, 0, 0, 0, 0]),
            (f64::NEG_INFINITY, [0, 15, 255, 255, 255, 255, 255, 255]),
        ] {
            assert_eq!(double_from_bytes(bytes).to_bits(), number.to_bits(), "{number}");
            assert_eq!(double_to_bytes(number), bytes, "{number}");
        }
    }

    #[test]
    fn not_a_number_and_negative_zero() {
        assert_eq!(float_to_bytes(-f32::NAN), [255, 192, 0, 0]);
        assert_eq!(double_to_bytes(-f64::NAN), [255, 248, 0, 0, 0, 0, 0, 0]);
        for bytes in [[255, 192, 0, 0], [255, 255, 255, 255], [0, 0, 0, 0]] {
            assert_eq!(float_from_bytes(bytes).to_bits(), f32::NAN.to_bits(), "{bytes:?}");
        }
        for bytes in [[255, 248, 0, 0, 0, 0, 0, 0], [255; 8], [0; 8]] {
            assert_eq!(double_from_bytes(bytes).to_bits(), f64::NAN.to_bits(), "{bytes:?}");
        }
        assert_eq!((float_to_bytes(-0.0), double_to_bytes(-0.0)), ([128, 0, 0, 0], [128, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(float_from_bytes([127, 255, 255, 255]).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(double_from_bytes([127, 255, 255, 255, 255, 255, 255, 255]).to_bits(), (-0.0_f64).to_bits());
    }

    proptest! {
        #[test]
        fn floats_survive_their_bytes(bits: u32) {
            let number = f32::from_bits(bits);
            let again = float_from_bytes(float_to_bytes(number));
            prop_assert!(again == number || (again.is_nan() && number.is_nan()));
            prop_assert_eq!(ordered_float(number), ordered_float(float_from_bytes(ordered_float(number))));
        }

        #[test]
        fn doubles_survive_their_bytes(bits: u64) {
            let number = f64::from_bits(bits);
            let again = double_from_bytes(double_to_bytes(number));
            prop_assert!(again == number || (again.is_nan() && number.is_nan()));
            prop_assert_eq!(ordered_double(number), ordered_double(double_from_bytes(ordered_double(number))));
        }

        #[test]
        fn bytes_sort_as_the_numbers(a: f64, b: f64, c: f32, d: f32) {
            prop_assert_eq!(Some(double_to_bytes(a).cmp(&double_to_bytes(b))), a.partial_cmp(&b));
            prop_assert_eq!(Some(float_to_bytes(c).cmp(&float_to_bytes(d))), c.partial_cmp(&d));
        }
    }
}
