//! COPY BINARY: rows into bytes, bytes into PostgreSQL, and back.

mod decoder;
mod encoder;
mod row_ids;
mod writer;

pub use decoder::{CopyDecoder, CopyRow};
pub(crate) use encoder::column_list;
pub use encoder::{CopyEncoder, LossCounts};
#[cfg(feature = "apply")]
pub(crate) use encoder::{copy_in_statement, put_header, put_trailer};
pub use writer::CopyWriter;
pub(crate) use writer::is_refused_row;

/// What COPY BINARY begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
