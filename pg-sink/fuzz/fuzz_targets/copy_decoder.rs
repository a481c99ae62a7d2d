#![no_main]
//! Any bytes, cut anywhere: the decoder neither panics nor depends on where they were cut.

use libfuzzer_sys::fuzz_target;
use pg_sink::{CopyDecoder, CopyRow};

type Rows = Vec<Vec<Option<Vec<u8>>>>;

fn decode(pieces: impl Iterator<Item = Vec<u8>>) -> (Rows, bool) {
    let (mut decoder, mut row, mut rows) = (CopyDecoder::new(), CopyRow::default(), Vec::new());
    for piece in pieces {
        decoder.push(&piece);
        loop {
            match decoder.next_row(&mut row) {
                Ok(true) => rows.push((0..row.len()).map(|i| row.get(i).map(<[u8]>::to_vec)).collect()),
                Ok(false) => break,
                Err(_) => return (rows, false),
            }
        }
    }
    (rows, decoder.is_finished())
}

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (cut, bytes) = input;
    let whole = decode(std::iter::once(bytes.clone()));
    let pieces = decode(bytes.chunks(usize::from(cut).max(1)).map(<[u8]>::to_vec));
    assert_eq!(whole.0, pieces.0);
    assert_eq!(whole.1, pieces.1);
});
