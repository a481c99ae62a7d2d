//! The statements that a LogMiner session sends to Oracle, each a named constant.
