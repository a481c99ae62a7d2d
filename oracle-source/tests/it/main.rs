//! The whole crate on the stand-in client library; the same on a real Oracle where one is named (see `live`).

mod statements;
