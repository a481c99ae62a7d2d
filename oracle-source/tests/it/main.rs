//! The whole crate on the stand-in client library; the same on a real Oracle where one is named (see `live`).

mod chunks;
mod dictionary;
mod fixture;
mod handoff;
mod inventory;
mod live;
mod lobs;
mod model;
mod objects;
mod prerequisites;
mod processes;
mod redo;
mod rows;
mod session;
mod statements;
