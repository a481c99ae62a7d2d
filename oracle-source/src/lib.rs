#![doc = include_str!("../README.md")]

mod chunk;
mod dictionary;
mod error;
pub mod inventory;
mod lob;
#[cfg(feature = "logminer")]
mod logminer;
pub mod prerequisites;
mod reader;
mod row_id;
mod scn;
mod session;
pub mod sql;

pub use chunk::{Chunk, ChunkPlan, ChunkRange, plan_chunks};
pub use dictionary::read_catalog;
pub use error::{Error, ErrorKind};
#[cfg(feature = "logminer")]
pub use logminer::{LogMinerOptions, LogMinerSource};
pub use prerequisites::{Prerequisite, PrerequisiteState};
pub use reader::{TableRead, TableReader, count_rows};
pub use scn::{Handoff, OpenTransaction, current_scn};
pub use session::{Breaker, ConnectOptions, Secret, ServerVersion, Session};
