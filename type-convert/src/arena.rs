/// What a window over the arena shows beyond the end of what it holds, at most.
const SLACK: usize = 64;

/// Bytes one behind the other, kept until the next reset.
///
/// There is always room behind the last of them, already set to something: so a few bytes are copied in pieces of a fixed size, which
/// are single instructions, and a [`window`](Arena::window) of a fixed size can be taken anywhere.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    bytes: Vec<u8>,
    used: usize,
}

/// Where bytes are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) length: u32,
    pub(crate) start: u64,
}

impl Span {
    #[inline]
    fn range(self) -> std::ops::Range<usize> {
        // Both were made of a `usize`.
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let start = size(self.start);
        start..start + size(self.length.into())
    }
}

impl Arena {
    /// How many bytes it holds.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Forgets them and keeps the memory.
    pub(crate) fn reset(&mut self) {
        self.used = 0;
    }

    /// # Panics
    /// Where they are 4 GiB or more.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Span {
        let Ok(length) = u32::try_from(bytes.len()) else { panic!("a value of {} bytes in a batch", bytes.len()) };
        let (start, end) = (self.used, self.used + bytes.len());
        if self.bytes.len() < end + SLACK {
            self.grow(end + SLACK);
        }
        self.used = end;
        let room = &mut self.bytes[start..];
        // The last piece may overlap those before it.
        if bytes.len() > SLACK {
            room[..bytes.len()].copy_from_slice(bytes);
        } else if let (Some(last), Some(room)) = (bytes.last_chunk::<16>(), room.first_chunk_mut::<SLACK>()) {
            for (piece, room) in bytes.as_chunks::<16>().0.iter().zip(room.as_chunks_mut::<16>().0) {
                *room = *piece;
            }
            if let Some(room) = room[bytes.len() - 16..].first_chunk_mut() {
                *room = *last;
            }
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            put(room, 0, first);
            put(room, bytes.len() - 8, last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            put(room, 0, first);
            put(room, bytes.len() - 4, last);
        } else {
            room.iter_mut().zip(bytes).for_each(|(room, byte)| *room = *byte);
        }
        Span { length, start: start as u64 }
    }

    #[inline]
    pub(crate) fn get(&self, span: Span) -> &[u8] {
        &self.bytes[span.range()]
    }

    /// The bytes and whatever follows them, `N` in all, and how many of them count; `None` where they are more.
    #[inline(always)]
    pub(crate) fn window<const N: usize>(&self, span: Span) -> Option<(&[u8; N], usize)> {
        const { assert!(N <= SLACK) };
        let length = usize::try_from(span.length).ok().filter(|length| *length <= N)?;
        let window = self.bytes.get(usize::try_from(span.start).ok()?..)?.first_chunk()?;
        Some((window, length))
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    #[cold]
    fn grow(&mut self, least: usize) {
        self.bytes.resize(least.max(2 * self.bytes.len()), 0);
    }
}

#[inline(always)]
fn put<const N: usize>(room: &mut [u8], at: usize, piece: &[u8; N]) {
    if let Some(room) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *room = *piece;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_kept() {
        let mut arena = Arena::default();
        for round in 0..3_u8 {
            let all: Vec<Vec<u8>> =
                (0..200).map(|n| (0..n).map(|i| round.wrapping_mul(31) ^ u8::try_from(i).unwrap()).collect()).collect();
            let spans: Vec<Span> = all.iter().map(|bytes| arena.push(bytes)).collect();
            for (bytes, span) in all.iter().zip(spans) {
                assert_eq!(arena.get(span), bytes);
                match arena.window::<64>(span) {
                    Some((window, length)) => assert_eq!(&window[..length], bytes),
                    None => assert!(bytes.len() > 64),
                }
            }
            assert_eq!(arena.len(), 199 * 200 / 2);
            arena.reset();
        }
    }
}
