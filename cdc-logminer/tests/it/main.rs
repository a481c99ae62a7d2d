//! Redo rows in, committed transactions out.

mod failures;
mod programs;
mod scanning;
mod source;
