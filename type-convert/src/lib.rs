//! Oracle's values and types, PostgreSQL's values and types, and the transcoders between them.
//!
//! No I/O, no async: a program that only wants to turn Oracle values into PostgreSQL's binary
//! form takes this crate alone.

mod ascii_buffer;
mod batch;
mod datetime;
mod decimal_text;
mod format_model;
mod interval;
pub mod literal;
mod loss;
mod number;
mod oracle_type;
mod pg_numeric;
mod pg_type;
mod scn;
mod transcode;
mod value;
mod xml_declaration;

pub use batch::{BatchReader, RowBatch};
pub use datetime::{DateTime, DateTimeError, UtcOffset};
pub use interval::{IntervalDs, IntervalYm};
pub use loss::{LossAction, LossPolicy};
pub use number::{Number, NumberError};
pub use oracle_type::{DictionaryType, DictionaryTypeError, LengthUnit, OracleType};
pub use pg_type::{PgType, PgTypeError};
pub use scn::Scn;
pub use transcode::{Transcoder, UnsupportedPair, ValueError, ValueErrorKind};
pub use value::{Value, ValueRef};
