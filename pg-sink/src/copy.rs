//! COPY BINARY: rows into bytes, bytes into PostgreSQL, and back.

mod decoder;
mod encoder;
mod row_ids;
mod writer;

pub use decoder::{CopyDecoder, CopyRow};
pub(crate) use encoder::column_list;
pub use encoder::{CopyEncoder, LossCounts};
pub use writer::CopyWriter;
pub(crate) use writer::is_refused_row;
