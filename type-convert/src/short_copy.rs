//! Copies of a few bytes without a call, and without a branch that depends on how many they are exactly.

use crate::word::unusual;

/// The most bytes that are copied so.
pub(crate) const SHORT: usize = 64;
/// The room for them: what is written may run over their end.
pub(crate) type Room = [u8; 2 * SHORT];

/// At most [`SHORT`] bytes to the beginning of the room, in pieces that may overlap. `true` where they are ASCII without NUL: then they are
/// characters that PostgreSQL takes.
#[inline(always)]
pub(crate) fn copy_short(bytes: &[u8], room: &mut Room) -> bool {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
        && length <= 16
    {
        put::<8>(room, 0, first);
        put::<8>(room, length - 8, last);
        unusual(u64::from_ne_bytes(*first)) | unusual(u64::from_ne_bytes(*last)) == 0
    } else if length > 16 {
        let last = length - 16;
        let mut usual = [0xff_u8; 16];
        for at in [0, last.min(16), last.min(32), last] {
            if let Some(piece) = bytes.get(at..at + 16).and_then(<[u8]>::first_chunk::<16>) {
                for (usual, byte) in usual.iter_mut().zip(piece) {
                    *usual &= if byte.cast_signed() > 0 { 0xff } else { 0 };
                }
                put(room, at, piece);
            }
        }
        usual == [0xff; 16]
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        put::<4>(room, 0, first);
        put::<4>(room, length - 4, last);
        let word = u64::from(u32::from_ne_bytes(*first)) << 32 | u64::from(u32::from_ne_bytes(*last));
        unusual(word) == 0
    } else if let [first, .., last] = *bytes {
        // Two or three: the one in the middle may be either of them.
        let middle = bytes[length / 2];
        put(room, 0, &[first]);
        put(room, length / 2, &[middle]);
        put(room, length - 1, &[last]);
        [first, middle, last].iter().all(|byte| byte.cast_signed() > 0)
    } else if let [byte] = *bytes {
        put(room, 0, &[byte]);
        byte.cast_signed() > 0
    } else {
        true
    }
}

#[inline(always)]
fn put<const N: usize>(room: &mut Room, at: usize, piece: &[u8; N]) {
    const { assert!(N <= SHORT) };
    let at = at % SHORT;
    room[at..at + N].copy_from_slice(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_with_one_unusual_byte_anywhere() {
        for length in 0..=SHORT {
            let bytes: Vec<u8> = (1..=127).cycle().skip(3 * length).take(length).collect();
            let mut room = [0xee; 2 * SHORT];
            assert!(copy_short(&bytes, &mut room), "{bytes:?}");
            assert_eq!(room[..length], bytes);
            for (at, unusual) in (0..length).flat_map(|at| [(at, 0), (at, 0x80), (at, 0xff)]) {
                let mut bytes = bytes.clone();
                bytes[at] = unusual;
                assert!(!copy_short(&bytes, &mut room), "{bytes:?}");
                assert_eq!(room[..length], bytes);
            }
        }
    }
}
