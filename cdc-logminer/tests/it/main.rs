//! Redo rows in, committed transactions out.

mod failures;
mod lob;
mod programs;
mod scanning;
mod source;
