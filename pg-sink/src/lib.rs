#![doc = include_str!("../README.md")]

#[cfg(feature = "apply")]
mod apply;
mod build;
mod constraints;
mod control;
mod copy;
mod ddl;
mod error;
mod ledger;
mod load;
mod quarantine;
mod sequence;
mod status;
mod target;
mod verify;

#[cfg(feature = "apply")]
pub use apply::{
    Applier, ApplyOptions, Attempt, BatchLimits, ConflictAction, ConflictKind, ConflictPolicy, NewerRows,
    ReconnectingApplier, Retry, TransactionBatch, table_columns,
};
pub use build::{BuildKind, BuildList, Built};
pub use constraints::{ConstraintGuard, Restored, TakenDown};
pub use control::{Control, Migration, MigrationState};
pub use copy::{CopyDecoder, CopyEncoder, CopyRow, CopyWriter, LossCounts};
pub use ddl::PhaseRun;
pub use error::{Error, ErrorKind, Result};
pub use ledger::{LedgerChunk, LoadLedger, LoadProgress, NewChunk};
pub use load::{BadRows, ChunkClaim, ChunkDone, ChunkLoad, Written};
pub use quarantine::Reject;
pub use sequence::{SequenceChange, advance_sequences};
pub use status::{FollowStatus, FullLoadState, Status, TableStatus};
pub use target::{ExistingColumn, ExistingTable, check_target, existing_tables};
pub use verify::{Difference, TableDigest, TableOutcome, VerifyOptions, count_rows, verify_table};
