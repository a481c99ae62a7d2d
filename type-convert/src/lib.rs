//! Oracle's values and types, PostgreSQL's values and types, and the transcoders between them.
//!
//! No I/O, no async: a program that only wants to turn Oracle values into PostgreSQL's binary
//! form takes this crate alone.
//!
//! - [`OracleType`] and [`PgType`] are the declared types of columns; [`ValueRef`] and [`Value`] are single Oracle values,
//!   borrowed and owned, with [`Number`], [`DateTime`], [`IntervalYm`] and [`IntervalDs`] in Oracle's own shapes.
//! - [`RowBatch`] holds rows of them in one reused arena; a [`BatchReader`] fills it.
//! - [`Transcoder`] writes values of one column as fields of COPY BINARY, exactly or not at all; [`LossPolicy`] says,
//!   column by column, what may be lost all the same, and [`Losses`] what was. [`RowEncoder`] writes whole rows.
//! - [`geometry`] writes SDO_GEOMETRY as PostGIS's EWKB.
//! - [`literal`] reads and writes values as LogMiner's `SQL_REDO` has them.
//! - [`oson`] reads Oracle's binary JSON, [`vector`] its VECTOR, [`binary_float`] its BINARY_FLOAT and BINARY_DOUBLE.
//!
//! ```
//! use bytes::BytesMut;
//! use type_convert::{LossPolicy, OracleType, PgType, RowBatch, Transcoder, ValueRef};
//!
//! let mut batch = RowBatch::new(2);
//! batch.push(ValueRef::Int(7));
//! batch.push(ValueRef::Decimal("1499.5"));
//! batch.finish_row(None);
//!
//! let id = OracleType::Number { precision: Some(6), scale: Some(0) };
//! let salary = OracleType::Number { precision: Some(8), scale: Some(2) };
//! let columns = [
//!     Transcoder::new(&id, &PgType::Int4, LossPolicy::default())?,
//!     Transcoder::new(&salary, &"numeric(8,2)".parse()?, LossPolicy::default())?,
//! ];
//! let mut out = BytesMut::new();
//! for (value, column) in batch.row(0).zip(&columns) {
//!     column.encode(value, &mut out)?;
//! }
//! assert_eq!(out[..8], [0, 0, 0, 4, 0, 0, 0, 7]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//! None is on by default.
//! - `with-chrono-0_4`: [`DateTime`], [`UtcOffset`] and [`IntervalDs`] to and from the types of `chrono` 0.4.
//! - `with-postgres-types-0_2`: `ToSql` of `postgres-types` 0.2 for [`Number`], [`DateTime`], `DateTimeTz`, [`IntervalYm`], [`IntervalDs`]
//!   and [`Value`], and `FromSql` for all of them but the last.
//! - `with-rust_decimal-1`: [`Number`] to and from `rust_decimal` 1's `Decimal`.
//! - `with-serde-1`: `Serialize` and `Deserialize`; [`Scn`] as a number; [`Number`], [`DateTime`], [`UtcOffset`], [`IntervalYm`], [`IntervalDs`],
//!   [`PgType`], [`LossAction`] and [`Loss`] as text; [`OracleType`] as DDL text, of user-defined types the name alone, which is not read
//!   again; [`LossPolicy`] as its fields, each of which may be left out; [`Value`] as its kind and what it holds.

mod arena;
mod ascii_buffer;
mod batch;
mod bfile;
pub mod binary_float;
mod datetime;
mod decimal_text;
mod format_model;
pub mod geometry;
mod hexadecimal;
mod interval;
pub mod literal;
mod loss;
mod number;
mod oracle_type;
pub mod oson;
mod pg_numeric;
mod pg_type;
mod row_encoder;
mod scn;
mod short_copy;
mod short_numeric;
mod transcode;
mod usual_moment;
mod value;
pub mod vector;
#[cfg(feature = "with-chrono-0_4")]
mod with_chrono_0_4;
#[cfg(feature = "with-postgres-types-0_2")]
mod with_postgres_types_0_2;
#[cfg(feature = "with-rust_decimal-1")]
mod with_rust_decimal_1;
#[cfg(feature = "with-serde-1")]
mod with_serde_1;
mod word;
mod xml_declaration;

pub use batch::{BatchReader, RowBatch};
pub use bfile::BfileLocator;
pub use datetime::{DateTime, DateTimeError, UtcOffset};
pub use interval::{IntervalDs, IntervalYm};
pub use loss::{Loss, LossAction, LossPolicy, Losses};
pub use number::{Number, NumberError};
pub use oracle_type::{
    CollectionType, DictionaryType, DictionaryTypeError, LengthUnit, ObjectType, OracleType, OracleTypeError,
};
pub use pg_type::{PgComposite, PgDomain, PgEnum, PgType, PgTypeError};
pub use row_encoder::{OpenRow, RowEncoder};
pub use scn::Scn;
pub use transcode::{FieldError, Transcoder, UnsupportedPair, ValueError, ValueErrorKind};
pub use value::{StreamedLob, Value, ValueRef};
pub use vector::{Vector, VectorFormat};
#[cfg(feature = "with-postgres-types-0_2")]
pub use with_postgres_types_0_2::DateTimeTz;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
