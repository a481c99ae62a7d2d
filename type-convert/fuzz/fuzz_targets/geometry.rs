#![no_main]
//! Any attributes are written as EWKB, or refused with nothing written.

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use type_convert::{Value, geometry};

const ETYPES: [i64; 9] = [0, 1, 2, 4, 1003, 2003, 1005, 2005, 1006];

fn number(n: i64) -> Value {
    Value::Number(n.into())
}

fuzz_target!(|data: &[u8]| {
    let [layout, kind, triplets, forms, rest @ ..] = data else { return };
    let gtype = i64::from(layout % 50) * 100 + i64::from(kind % 11);
    let (elements, ordinates) = rest.split_at(rest.len().min(3 * usize::from(triplets % 8)));
    let elements = elements.chunks(3).flat_map(|triplet| match *triplet {
        [offset, etype, n] => vec![
            number(offset.cast_signed().into()),
            number(ETYPES[usize::from(etype) % ETYPES.len()]),
            number(i64::from(n % 6)),
        ],
        _ => vec![Value::Null],
    });
    let elements: Vec<_> = elements.collect();
    let ordinates: Vec<_> = ordinates
        .iter()
        .map(|&byte| if byte == 0xff { Value::Null } else { number(i64::from(byte % 4)) })
        .collect();
    let point = if forms & 1 == 0 { Value::Null } else { Value::Object(ordinates.iter().take(3).cloned().collect()) };
    let array = |bit: u8, values| if forms & bit == 0 { Value::Collection(values) } else { Value::Null };
    let srid = if forms & 8 == 0 { Value::Null } else { number(i64::from(*triplets) * 9999 - 1) };
    let attributes = [number(gtype), srid, point, array(2, elements), array(4, ordinates)];
    let mut out = BytesMut::from(&[7][..]);
    match geometry::put_ewkb(&attributes, &mut out) {
        Ok(_) => assert!(out.len() >= 1 + 21),
        Err(_) => assert_eq!(out[..], [7]),
    }
});
