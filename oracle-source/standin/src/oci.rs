//! The exported OCI functions: the C interface of Oracle's client library, as far as ODPI-C 5.4 calls it for
//! connections, statements, LOBs, fetched objects and collections, transactions and pools.
//!
//! What is not here at all (making and changing objects, AQ, SODA, JSON and VECTOR documents, XA, subscriptions) makes ODPI-C say which
//! symbol is missing. What is here but unknown (an attribute, a mode) is refused with an ORA- error; attributes that
//! mean nothing to an embedded database are accepted, and listed as such where they are.
//!
//! Numbers and layouts are those of Oracle's `oci.h` as ODPI-C's public sources quote them.

mod attribute;
mod bind;
mod column;
mod connection;
mod datetime;
mod define;
mod environment;
mod failure;
mod handle;
mod lob;
mod network;
mod number;
mod object;
mod pool;
mod row_id;
mod sql_text;
mod statement;

use failure::{Failure, call};

/// What an OCI function returns.
mod status {
    pub(super) const SUCCESS: i32 = 0;
    pub(super) const SUCCESS_WITH_INFO: i32 = 1;
    pub(super) const NO_DATA: i32 = 100;
    pub(super) const ERROR: i32 = -1;
    pub(super) const INVALID_HANDLE: i32 = -2;
    /// What a callback returns to go on.
    pub(super) const CONTINUE: i32 = -24200;
}

/// `OCI_HTYPE_…` and `OCI_DTYPE_…`: one number space.
mod kind {
    pub(super) const ENVIRONMENT: u32 = 1;
    pub(super) const ERROR: u32 = 2;
    pub(super) const SERVICE: u32 = 3;
    pub(super) const STATEMENT: u32 = 4;
    pub(super) const BIND: u32 = 5;
    pub(super) const DEFINE: u32 = 6;
    pub(super) const DESCRIBE: u32 = 7;
    pub(super) const SERVER: u32 = 8;
    pub(super) const SESSION: u32 = 9;
    pub(super) const POOL: u32 = 27;
    pub(super) const LOB: u32 = 50;
    pub(super) const PARAMETER: u32 = 53;
    pub(super) const ROW_ID: u32 = 54;
    pub(super) const INTERVAL_YM: u32 = 62;
    pub(super) const INTERVAL_DS: u32 = 63;
    pub(super) const TIMESTAMP: u32 = 68;
    pub(super) const TIMESTAMP_TZ: u32 = 69;
    pub(super) const TIMESTAMP_LTZ: u32 = 70;
    // What OCI gives out as pointers without a number.
    pub(super) const TYPE: u32 = 0x1001;
    pub(super) const INSTANCE: u32 = 0x1002;
    pub(super) const BYTES: u32 = 0x1003;
}

/// `SQLT_…`: the external data types of binds, defines and describes.
mod sqlt {
    pub(super) const CHR: u16 = 1;
    pub(super) const NUM: u16 = 2;
    pub(super) const INT: u16 = 3;
    pub(super) const FLT: u16 = 4;
    pub(super) const STR: u16 = 5;
    pub(super) const VNU: u16 = 6;
    pub(super) const LNG: u16 = 8;
    pub(super) const VCS: u16 = 9;
    pub(super) const DAT: u16 = 12;
    pub(super) const BFLOAT: u16 = 21;
    pub(super) const BDOUBLE: u16 = 22;
    pub(super) const BIN: u16 = 23;
    pub(super) const LBI: u16 = 24;
    pub(super) const UIN: u16 = 68;
    pub(super) const LVB: u16 = 95;
    pub(super) const AFC: u16 = 96;
    pub(super) const IBFLOAT: u16 = 100;
    pub(super) const IBDOUBLE: u16 = 101;
    pub(super) const RDD: u16 = 104;
    pub(super) const NTY: u16 = 108;
    pub(super) const CLOB: u16 = 112;
    pub(super) const BLOB: u16 = 113;
    pub(super) const NCO: u16 = 122;
    pub(super) const ODT: u16 = 156;
    pub(super) const TIMESTAMP: u16 = 187;
    pub(super) const TIMESTAMP_TZ: u16 = 188;
    pub(super) const INTERVAL_YM: u16 = 189;
    pub(super) const INTERVAL_DS: u16 = 190;
    pub(super) const TIMESTAMP_LTZ: u16 = 232;
    pub(super) const BOL: u16 = 252;
}

/// The one character set: AL32UTF8.
const AL32UTF8: u16 = 873;

/// The release that client and server report; ODPI-C asks for features by it.
const RELEASE: [u8; 5] = [19, 10, 0, 0, 0];
