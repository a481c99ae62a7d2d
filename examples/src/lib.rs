//! The reference pipeline: what a whole migration looks like when the crates of this workspace are put together.
//!
//! The program `migrate` is a thin shell around [`pipeline::Pipeline`]; teams may run it as it is, or take it as the pattern
//! for their own.

/// A place at which a test can stop the process; nothing without the feature `failpoints`.
macro_rules! fail_point {
    ($name:expr) => {
        #[cfg(feature = "failpoints")]
        pg_sink::failpoint::reach($name);
    };
}

pub mod assess;
pub mod choices;
pub mod config;
pub mod connect;
pub mod pipeline;
pub mod progress;
pub mod redo;
pub mod scripts;
