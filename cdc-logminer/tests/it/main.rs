//! Redo rows in, committed transactions out.

mod buffer;
mod failures;
mod folding;
mod lob;
mod programs;
mod repairing;
mod rows;
mod scanning;
mod source;
