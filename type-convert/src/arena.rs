use crate::short_copy::{SHORT, copy_short};

/// What a window over the arena shows beyond the end of what it holds, at most.
const SLACK: usize = 64;
/// What lies before the first byte that it holds.
const LEAD: usize = 16;

/// Bytes one behind the other, kept until the next reset.
///
/// There is always room behind the last of them, and some before the first, already set to something: so a few bytes are copied in pieces of
/// a fixed size, which are single instructions, and a [`window`](Arena::window) or a [`tail`](Arena::tail) of a fixed size can be taken anywhere.
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

    /// Where they are then, and whether they are known to be ASCII without NUL.
    ///
    /// # Panics
    /// Where they are 4 GiB or more.
    #[inline(always)]
    pub(crate) fn push(&mut self, bytes: &[u8]) -> (Span, bool) {
        let start = LEAD + self.used;
        match (self.bytes.get_mut(start..).and_then(<[u8]>::first_chunk_mut), u8::try_from(bytes.len())) {
            (Some(room), Ok(length)) if bytes.len() <= SHORT => {
                let usual = copy_short(bytes, room);
                self.used += bytes.len();
                (Span { length: length.into(), start: start as u64 }, usual)
            }
            _ => (self.push_any(bytes), false),
        }
    }

    /// Long ones, and where there is no room left.
    #[inline(never)]
    fn push_any(&mut self, bytes: &[u8]) -> Span {
        let Ok(length) = u32::try_from(bytes.len()) else { panic!("a value of {} bytes in a batch", bytes.len()) };
        let start = LEAD + self.used;
        let end = start + bytes.len();
        if self.bytes.len() < end + SLACK {
            self.bytes.resize((end + SLACK).max(2 * self.bytes.len()), 0);
        }
        self.bytes[start..end].copy_from_slice(bytes);
        self.used += bytes.len();
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

    /// The 16 bytes at whose end these are, and how many of them they are; `None` where they are more.
    #[inline(always)]
    pub(crate) fn tail(&self, span: Span) -> Option<(&[u8; LEAD], usize)> {
        let length = span.length as usize;
        let end = usize::try_from(span.start).ok()?.wrapping_add(length);
        let tail = self.bytes.get(end.wrapping_sub(LEAD)..)?.first_chunk()?;
        (length <= LEAD).then_some((tail, length))
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
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
            let spans: Vec<Span> = all.iter().map(|bytes| arena.push(bytes).0).collect();
            for (bytes, span) in all.iter().zip(spans) {
                assert_eq!(arena.get(span), bytes);
                match arena.window::<64>(span) {
                    Some((window, length)) => assert_eq!(&window[..length], bytes),
                    None => assert!(bytes.len() > 64),
                }
                match arena.tail(span) {
                    Some((window, length)) => assert_eq!(&window[16 - length..16], bytes),
                    None => assert!(bytes.len() > 16),
                }
            }
            assert_eq!(arena.len(), 199 * 200 / 2);
            arena.reset();
        }
    }
}
