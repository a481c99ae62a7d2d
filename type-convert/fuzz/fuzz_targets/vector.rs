#![no_main]
//! Bytes and text are a VECTOR whose fields have the length that they should, or an error, which leaves nothing behind.

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use type_convert::vector::{Vector, VectorFormat};

fuzz_target!(|data: &[u8]| {
    if let Ok(vector) = Vector::from_bytes(data) {
        check(&vector);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        for format in [VectorFormat::Float32, VectorFormat::Float64, VectorFormat::Int8, VectorFormat::Binary] {
            if let Ok(vector) = Vector::parse(text, format) {
                check(&vector);
                let again = Vector::parse(&vector.to_string(), format).expect("its own text");
                assert!(again.elements().eq(vector.elements()));
            }
        }
    }
});

fn check(vector: &Vector<'_>) {
    let (dimensions, mut out) = (vector.dimensions(), BytesMut::new());
    let header = if dimensions == 0 { 12 } else { 20 };
    let real = vector.append_real_array(&mut out).is_ok();
    assert_eq!(out.len(), if real { header + 8 * dimensions } else { 0 });
    out.clear();
    let double = vector.append_double_array(&mut out).is_ok();
    assert_eq!(out.len(), if double { header + 12 * dimensions } else { 0 });
    out.clear();
    let pgvector = vector.append_pgvector(&mut out).is_ok();
    assert_eq!(out.len(), if pgvector { 4 + 4 * dimensions } else { 0 });
    out.clear();
    let bit = vector.append_bit(&mut out).is_ok();
    assert_eq!(out.len(), if bit { 4 + dimensions / 8 } else { 0 });
    assert_ne!(bit, double);
}
