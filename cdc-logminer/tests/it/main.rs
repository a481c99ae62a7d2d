//! Redo rows in, committed transactions out.

mod buffer;
mod failures;
mod lob;
mod programs;
mod scanning;
mod source;
