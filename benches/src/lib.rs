//! What the benches share: values as a driver hands them over, and measuring side by side.

mod orders;
mod side_by_side;

pub use orders::{ORDERS, Order, orders, orders_batch, orders_plan};
pub use side_by_side::{Contender, Measured, side_by_side};
