//! The whole crate on the stand-in client library; the same on a real Oracle where one is named (see `live`).

mod bad_input;
mod chunks;
mod dictionary;
#[cfg(feature = "thin")]
mod drivers;
mod fixture;
mod handoff;
mod inventory;
mod live;
mod lobs;
mod model;
mod objects;
mod places;
mod prerequisites;
mod processes;
#[cfg(feature = "thin")]
mod protocol;
mod redo;
mod rows;
mod session;
mod statements;
