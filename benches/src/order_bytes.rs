use crate::Order;
use std::str::FromStr;
use type_convert::{FieldError, Number, OpenRow, RowBatch, ValueRef};

/// An [`Order`] in the forms in which Oracle itself holds and sends values: what redo, a dump or a driver without ODPI-C gives.
#[derive(Debug, Clone)]
pub struct OrderBytes {
    /// NUMBER(18)
    pub id: Box<[u8]>,
    /// NUMBER(12,2)
    pub amounts: [Box<[u8]>; 3],
    /// TIMESTAMP(6), 11 bytes
    pub times: [Box<[u8]>; 2],
    /// VARCHAR2(60)
    pub texts: [Box<[u8]>; 3],
    /// DATE, 7 bytes
    pub due: Box<[u8]>,
    /// VARCHAR2(100), one in three NULL
    pub note: Option<Box<[u8]>>,
    /// BINARY_DOUBLE: drivers hand it over as a double
    pub weight: f64,
}

/// The same rows as bytes.
pub fn orders_bytes(orders: &[Order]) -> Vec<OrderBytes> {
    let number = |n: Number| Box::from(n.as_bytes());
    let text = |s: &String| Box::from(s.as_bytes());
    orders
        .iter()
        .map(|order| OrderBytes {
            id: number(Number::from(order.id)),
            amounts: order.amounts.each_ref().map(|a| number(Number::from_str(a).expect("a number"))),
            times: order.times.map(|t| Box::from(t.to_timestamp_bytes().expect("a timestamp"))),
            texts: order.texts.each_ref().map(text),
            due: Box::from(order.due.to_date_bytes().expect("a date")),
            note: order.note.as_ref().map(text),
            weight: order.weight,
        })
        .collect()
}

/// The rows in an arena, as a reader of Oracle's bytes fills it.
pub fn orders_bytes_batch(orders: &[OrderBytes], batch: &mut RowBatch) {
    batch.reset(12);
    for order in orders {
        batch.push(ValueRef::NumberBytes(&order.id));
        order.amounts.iter().for_each(|a| batch.push(ValueRef::NumberBytes(a)));
        order.times.iter().for_each(|t| batch.push(ValueRef::DateBytes(t)));
        order.texts.iter().for_each(|t| batch.push(ValueRef::Text(t)));
        batch.push(ValueRef::DateBytes(&order.due));
        batch.push(order.note.as_ref().map_or(ValueRef::Null, |n| ValueRef::Text(n)));
        batch.push(ValueRef::Double(order.weight));
        batch.finish_row(None);
    }
}

/// One row, value by value, as it is written without a batch.
// Inlined for the sake of the measure, as a program's own closure is.
#[inline(always)]
pub fn push_order_bytes(order: &OrderBytes, row: &mut OpenRow<'_>) -> Result<(), FieldError> {
    row.push(ValueRef::NumberBytes(&order.id))?;
    let [a, b, c] = &order.amounts;
    row.push(ValueRef::NumberBytes(a))?;
    row.push(ValueRef::NumberBytes(b))?;
    row.push(ValueRef::NumberBytes(c))?;
    let [a, b] = &order.times;
    row.push(ValueRef::DateBytes(a))?;
    row.push(ValueRef::DateBytes(b))?;
    let [a, b, c] = &order.texts;
    row.push(ValueRef::Text(a))?;
    row.push(ValueRef::Text(b))?;
    row.push(ValueRef::Text(c))?;
    row.push(ValueRef::DateBytes(&order.due))?;
    match &order.note {
        Some(note) => row.push(ValueRef::Text(note))?,
        None => row.push(ValueRef::Null)?,
    }
    row.push(ValueRef::Double(order.weight))
}
