#![doc = include_str!("../README.md")]
// Without a driver nothing can be called that needs a session.
#![cfg_attr(not(any(feature = "oci", feature = "thin")), allow(dead_code, unused_variables))]

mod chunk;
mod dictionary;
mod driver;
mod error;
mod expression;
pub mod inventory;
mod lob;
#[cfg(feature = "logminer")]
mod logminer;
mod object;
pub mod prerequisites;
mod reader;
mod row_id;
mod scn;
mod session;
pub mod sql;

pub use chunk::{Chunk, ChunkPlan, ChunkRange, plan_chunks};
pub use dictionary::{Dictionary, ObjectFilter, PatternError, Unread, read_catalog, read_dictionary};
pub use error::{Error, ErrorKind};
pub use expression::SqlExpression;
#[cfg(feature = "logminer")]
pub use logminer::{Heartbeat, LogMinerOptions, LogMinerSource, LogMinerStatus};
pub use prerequisites::{Prerequisite, PrerequisiteState};
pub use reader::{TableRead, TableReader, count_rows};
pub use scn::{Handoff, OpenTransaction, current_scn};
pub use session::{
    AdminPrivilege, Backoff, Breaker, ConnectOptions, Driver, PooledSession, Secret, ServerVersion, Session,
    SessionPool,
};
