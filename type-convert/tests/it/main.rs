//! The crate as another crate sees it.

mod any_value;
mod features;
mod rows;
