#![doc = include_str!("../README.md")]

/// A place at which a test can stop the process; nothing without the feature `failpoints`.
macro_rules! fail_point {
    ($name:expr) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::reach($name);
    };
}

#[cfg(feature = "apply")]
mod apply;
mod build;
mod constraints;
mod control;
mod copy;
mod cutover;
mod ddl;
mod error;
#[cfg(feature = "failpoints")]
pub mod failpoint;
mod ledger;
mod load;
mod quarantine;
mod sequence;
mod status;
mod target;
mod user_types;
mod verify;

#[cfg(feature = "apply")]
pub use apply::{
    Applier, ApplyOptions, Attempt, BatchLimits, ConflictAction, ConflictKind, ConflictPolicy, NewerRows,
    ReconnectingApplier, Retry, TransactionBatch, table_columns,
};
pub use build::{BuildKind, BuildList, Built};
pub use constraints::{ConstraintGuard, ForeignKeysRun, Restored, TakenDown};
pub use control::{Control, Migration, MigrationState};
pub use copy::{CopyDecoder, CopyEncoder, CopyRow, CopyWriter, LossCounts};
pub use cutover::{CutoverAttempt, CutoverLog, CutoverRecord, CutoverResult, CutoverStep, RunningCutover};
pub use ddl::PhaseRun;
pub use error::{Error, ErrorKind, Result};
pub use ledger::{LedgerChunk, LoadLedger, LoadProgress, NewChunk};
pub use load::{BadRows, ChunkClaim, ChunkDone, ChunkLoad, Written};
pub use quarantine::Reject;
pub use sequence::{SequenceChange, advance_sequences, plan_sequences, set_sequences};
pub use status::{FollowStatus, FullLoadCounts, FullLoadState, Status, TableStatus};
pub use target::{ExistingColumn, ExistingTable, check_target, existing_tables};
pub use user_types::complete_types;
pub use verify::{
    Difference, KeyRange, RepairScript, Repaired, TableDigest, TableOutcome, VerifyOptions, count_rows, verify_range,
    verify_range_between, verify_table, verify_table_between,
};
