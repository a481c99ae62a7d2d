//! Columns of a query as a describe tells them.

use super::{
    failure::{Failure, unsupported},
    handle::Handle,
    kind, sqlt,
};
use crate::ColumnDesc;
use type_convert::{LengthUnit, OracleType};

/// What `OCIAttrGet` answers of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: u16,
    /// Bytes, in the database's character set.
    pub(super) data_size: u16,
    /// Characters; 0 for other types.
    pub(super) char_size: u16,
    pub(super) precision: i16,
    pub(super) scale: i8,
    pub(super) charset_form: u8,
    pub(super) nullable: bool,
    /// An object or collection type.
    pub(super) user_type: Option<OracleType>,
}

impl Handle for Column {
    fn accepts(kind: u32) -> bool {
        kind == kind::PARAMETER
    }
}

const IMPLICIT: u8 = 1;
const NCHAR: u8 = 2;

fn size(bytes: u64, most: u16) -> u16 {
    u16::try_from(bytes).unwrap_or(most).min(most)
}

/// Size in bytes and in characters, in AL32UTF8.
fn text_size(length: u32, unit: LengthUnit, most: u16) -> (u16, u16) {
    let chars = size(length.into(), most);
    match unit {
        LengthUnit::Byte => (chars, chars),
        LengthUnit::Char => (size(u64::from(length) * 4, most), chars),
    }
}

impl Column {
    /// The numbers of Oracle's describe for a column of this type.
    pub(super) fn new(desc: &ColumnDesc) -> Result<Column, Failure> {
        // The longest VARCHAR2 depends on MAX_STRING_SIZE: what was declared with more is an extended one.
        let most = |length: u32, standard: u32| if length > standard { 32767 } else { standard as u16 };
        let mut column = Column {
            name: desc.name.clone(),
            data_type: 0,
            data_size: 0,
            char_size: 0,
            precision: 0,
            scale: 0,
            charset_form: 0,
            nullable: desc.nullable,
            user_type: None,
        };
        match &desc.oracle_type {
            OracleType::Number { precision, scale } => {
                column.data_type = sqlt::NUM;
                column.data_size = 22;
                (column.precision, column.scale) = match (precision, scale) {
                    (Some(p), s) => ((*p).into(), s.unwrap_or(0)),
                    // NUMBER(*,s) has every digit there is.
                    (None, Some(s)) => (38, *s),
                    (None, None) => (0, -127),
                };
            }
            OracleType::Float { binary_precision } => {
                column.data_type = sqlt::NUM;
                column.data_size = 22;
                (column.precision, column.scale) = ((*binary_precision).into(), -127);
            }
            OracleType::BinaryFloat => (column.data_type, column.data_size) = (sqlt::IBFLOAT, 4),
            OracleType::BinaryDouble => (column.data_type, column.data_size) = (sqlt::IBDOUBLE, 8),
            OracleType::Char { length, unit } => {
                (column.data_type, column.charset_form) = (sqlt::AFC, IMPLICIT);
                (column.data_size, column.char_size) = text_size(*length, *unit, most(*length, 2000));
            }
            OracleType::Varchar2 { length, unit } => {
                (column.data_type, column.charset_form) = (sqlt::CHR, IMPLICIT);
                (column.data_size, column.char_size) = text_size(*length, *unit, most(*length, 4000));
            }
            // The national character set is AL16UTF16: two bytes for a character.
            OracleType::NChar { length } => {
                (column.data_type, column.charset_form) = (sqlt::AFC, NCHAR);
                (column.data_size, column.char_size) =
                    (size(u64::from(*length) * 2, 4000), size((*length).into(), 2000));
            }
            OracleType::NVarchar2 { length } => {
                (column.data_type, column.charset_form) = (sqlt::CHR, NCHAR);
                (column.data_size, column.char_size) =
                    (size(u64::from(*length) * 2, 32766), size((*length).into(), 16383));
            }
            OracleType::Long => (column.data_type, column.charset_form) = (sqlt::LNG, IMPLICIT),
            OracleType::LongRaw => column.data_type = sqlt::LBI,
            OracleType::Raw { length } => {
                (column.data_type, column.data_size) = (sqlt::BIN, size((*length).into(), 32767));
            }
            OracleType::Clob => {
                (column.data_type, column.data_size, column.charset_form) = (sqlt::CLOB, 4000, IMPLICIT)
            }
            OracleType::NClob => (column.data_type, column.data_size, column.charset_form) = (sqlt::CLOB, 4000, NCHAR),
            OracleType::Blob => (column.data_type, column.data_size) = (sqlt::BLOB, 4000),
            OracleType::Date => (column.data_type, column.data_size) = (sqlt::DAT, 7),
            OracleType::Timestamp { precision } => {
                (column.data_type, column.data_size) = (sqlt::TIMESTAMP, if *precision == 0 { 7 } else { 11 });
                column.scale = fraction(*precision);
            }
            OracleType::TimestampTz { precision } => {
                (column.data_type, column.data_size) = (sqlt::TIMESTAMP_TZ, 13);
                column.scale = fraction(*precision);
            }
            OracleType::TimestampLtz { precision } => {
                (column.data_type, column.data_size) = (sqlt::TIMESTAMP_LTZ, if *precision == 0 { 7 } else { 11 });
                column.scale = fraction(*precision);
            }
            OracleType::IntervalYm { year_precision } => {
                (column.data_type, column.data_size) = (sqlt::INTERVAL_YM, 5);
                column.precision = (*year_precision).into();
            }
            OracleType::IntervalDs { day_precision, second_precision } => {
                (column.data_type, column.data_size) = (sqlt::INTERVAL_DS, 11);
                column.precision = (*day_precision).into();
                column.scale = fraction(*second_precision);
            }
            OracleType::RowId | OracleType::URowId { .. } => (column.data_type, column.data_size) = (sqlt::RDD, 10),
            OracleType::Boolean => (column.data_type, column.data_size) = (sqlt::BOL, 1),
            OracleType::Object(_) | OracleType::Collection(_) | OracleType::Geometry => {
                column.data_type = sqlt::NTY;
                column.user_type = Some(desc.oracle_type.clone());
            }
            other => return Err(unsupported(format_args!("columns of type {other} (column {:?})", desc.name))),
        }
        Ok(column)
    }
}

fn fraction(digits: u8) -> i8 {
    i8::try_from(digits).unwrap_or(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(oracle_type: OracleType) -> (u16, u16, u16, i16, i8) {
        let desc = ColumnDesc { name: "C".into(), oracle_type, nullable: true };
        let c = Column::new(&desc).unwrap();
        (c.data_type, c.data_size, c.char_size, c.precision, c.scale)
    }

    #[test]
    fn numbers_as_oracle_describes_them() {
        let number = |precision, scale| numbers(OracleType::Number { precision, scale });
        assert_eq!(number(None, None), (2, 22, 0, 0, -127));
        assert_eq!(number(None, Some(0)), (2, 22, 0, 38, 0));
        assert_eq!(number(Some(10), None), (2, 22, 0, 10, 0));
        assert_eq!(number(Some(10), Some(-2)), (2, 22, 0, 10, -2));
        assert_eq!(numbers(OracleType::Float { binary_precision: 63 }), (2, 22, 0, 63, -127));
    }

    #[test]
    fn text_sizes_in_bytes_and_characters() {
        let varchar = |length, unit| numbers(OracleType::Varchar2 { length, unit });
        assert_eq!(varchar(10, LengthUnit::Byte), (1, 10, 10, 0, 0));
        assert_eq!(varchar(10, LengthUnit::Char), (1, 40, 10, 0, 0));
        assert_eq!(varchar(4000, LengthUnit::Char), (1, 4000, 4000, 0, 0));
        assert_eq!(varchar(20000, LengthUnit::Char), (1, 32767, 20000, 0, 0));
        assert_eq!(numbers(OracleType::NVarchar2 { length: 10 }), (1, 20, 10, 0, 0));
        assert_eq!(numbers(OracleType::Char { length: 5, unit: LengthUnit::Char }), (96, 20, 5, 0, 0));
    }

    #[test]
    fn what_cannot_be_carried_is_refused() {
        let desc = ColumnDesc { name: "X".into(), oracle_type: OracleType::Xml, nullable: true };
        assert!(matches!(Column::new(&desc), Err(Failure::Error(e)) if e.code == 3001));
    }
}
