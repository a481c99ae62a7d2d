//! Redo rows in, committed transactions out.

mod failures;
mod programs;
mod repairing;
mod scanning;
mod source;
