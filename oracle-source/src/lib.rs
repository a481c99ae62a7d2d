//! oracle-source
