//! COPY BINARY: rows into bytes, bytes into PostgreSQL.

mod encoder;
mod writer;

pub use encoder::CopyEncoder;
pub use writer::CopyWriter;
