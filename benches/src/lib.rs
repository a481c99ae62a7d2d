//! What the benches share: values as a driver hands them over, the peers' ways of writing them, and measuring side by side.

mod backend;
mod change_mix;
mod one_sync;
mod order_arrow;
mod order_bytes;
mod orders;
mod ready;
mod side_by_side;
mod typed_order;

pub use backend::{connect, process_time};
pub use change_mix::{ChangeMix, ReadyChange};
pub use one_sync::OneSync;
pub use order_arrow::{OrderArrow, orders_schema};
pub use order_bytes::{OrderBytes, orders_bytes, orders_bytes_batch, push_order_bytes};
pub use orders::{ORDERS, Order, orders, orders_batch, orders_plan, push_order};
pub use ready::Ready;
pub use side_by_side::{Contender, Measured, Scale, cpu_time, side_by_side};
pub use typed_order::{TYPES, TypedOrder, number_text, put_field};
