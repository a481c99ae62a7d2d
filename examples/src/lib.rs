//! The reference pipeline: what a whole migration looks like when the crates of this workspace are put together.
//!
//! The program `migrate` is a thin shell around [`pipeline::Pipeline`]; teams may run it as it is, or take it as the pattern
//! for their own.

pub mod config;
pub mod connect;
pub mod pipeline;
pub mod progress;
pub mod redo;
pub mod scripts;
