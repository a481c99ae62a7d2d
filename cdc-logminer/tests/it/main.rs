//! Redo rows in, committed transactions out.

mod failures;
mod programs;
mod repairing;
mod rows;
mod scanning;
mod source;
