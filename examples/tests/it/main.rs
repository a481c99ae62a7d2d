//! The whole pipeline: the program `migrate` from the embedded stand-in to a real PostgreSQL.

mod assess;
mod bad_input;
mod case_rule;
mod crash;
mod cutover;
mod documents;
mod embedding;
mod folder;
mod heartbeat;
mod latency;
mod network;
mod objects;
mod readme;
mod redo;
mod scenarios;
mod scripts;
#[cfg(feature = "thin")]
mod thin;
mod tls;
mod world;
