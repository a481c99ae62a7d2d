use std::fmt;

/// The unit of a character column's declared length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthUnit {
    /// `VARCHAR2(n BYTE)`; `ALL_TAB_COLUMNS.CHAR_USED = 'B'`.
    Byte,
    /// `VARCHAR2(n CHAR)`; `CHAR_USED = 'C'`.
    Char,
}

/// The declared type of an Oracle column. `Display` writes it as Oracle's DDL does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OracleType {
    /// `NUMBER`, `NUMBER(p)`, `NUMBER(p,s)`, `NUMBER(*,s)`, and the ANSI names for them (INTEGER is `NUMBER(*,0)`).
    Number {
        /// 1 to 38 decimal digits; `None` is `NUMBER` or `NUMBER(*,s)`.
        precision: Option<u8>,
        /// −84 to 127; `None` only where the precision is `None` too and any scale may occur.
        scale: Option<i8>,
    },
    /// `FLOAT(b)`: a decimal number with b binary digits of precision, 1 to 126.
    Float {
        /// Binary digits.
        binary_precision: u8,
    },
    /// `BINARY_FLOAT`.
    BinaryFloat,
    /// `BINARY_DOUBLE`.
    BinaryDouble,
    /// `CHAR(n)`, blank padded.
    Char {
        /// 1 to 2000.
        length: u32,
        /// What `length` counts.
        unit: LengthUnit,
    },
    /// `VARCHAR2(n)`.
    Varchar2 {
        /// 1 to 32767.
        length: u32,
        /// What `length` counts.
        unit: LengthUnit,
    },
    /// `NCHAR(n)`, in characters.
    NChar {
        /// 1 to 2000.
        length: u32,
    },
    /// `NVARCHAR2(n)`, in characters.
    NVarchar2 {
        /// 1 to 16383.
        length: u32,
    },
    /// `LONG`.
    Long,
    /// `LONG RAW`.
    LongRaw,
    /// `RAW(n)`.
    Raw {
        /// 1 to 32767 bytes.
        length: u32,
    },
    /// `CLOB`.
    Clob,
    /// `NCLOB`.
    NClob,
    /// `BLOB`.
    Blob,
    /// `BFILE`.
    BFile,
    /// `DATE`: to the second.
    Date,
    /// `TIMESTAMP(p)`.
    Timestamp {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `TIMESTAMP(p) WITH TIME ZONE`.
    TimestampTz {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `TIMESTAMP(p) WITH LOCAL TIME ZONE`.
    TimestampLtz {
        /// Digits of the fraction, 0 to 9.
        precision: u8,
    },
    /// `INTERVAL YEAR(p) TO MONTH`.
    IntervalYm {
        /// Digits of the years, 0 to 9.
        year_precision: u8,
    },
    /// `INTERVAL DAY(p) TO SECOND(s)`.
    IntervalDs {
        /// Digits of the days, 0 to 9.
        day_precision: u8,
        /// Digits of the fraction, 0 to 9.
        second_precision: u8,
    },
    /// `ROWID`.
    RowId,
    /// `UROWID(n)`.
    URowId {
        /// Bytes, 1 to 4000.
        length: u32,
    },
    /// `XMLTYPE`.
    Xml,
    /// `JSON` (21c and later).
    Json,
    /// `BOOLEAN` (23ai).
    Boolean,
    /// Any other type, built in or user defined, by its name as the dictionary gives it.
    Other {
        /// `ALL_TAB_COLUMNS.DATA_TYPE_OWNER`.
        owner: Option<String>,
        /// `ALL_TAB_COLUMNS.DATA_TYPE`.
        name: String,
    },
}

impl fmt::Display for OracleType {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
