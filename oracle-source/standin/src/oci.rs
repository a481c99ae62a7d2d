//! The exported OCI functions.
