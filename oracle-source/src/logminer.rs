mod flush;
mod heartbeat;
mod log;
mod mined;
mod options;
mod place;
mod reach;
mod source;
mod window;

pub use heartbeat::Heartbeat;
pub use options::LogMinerOptions;
pub use source::{LogMinerSource, LogMinerStatus};
