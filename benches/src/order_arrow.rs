use crate::Order;
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int64Builder, PrimitiveBuilder, StringBuilder, TimestampMicrosecondBuilder},
    types::DecimalType,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use std::sync::Arc;
use type_convert::DateTime;

/// Builds Arrow record batches of orders, amounts as decimals of type `D`.
#[derive(Debug)]
pub struct OrderArrow<D: DecimalType> {
    schema: Arc<Schema>,
    id: Int64Builder,
    amounts: [PrimitiveBuilder<D>; 3],
    times: [TimestampMicrosecondBuilder; 2],
    texts: [StringBuilder; 3],
    due: TimestampMicrosecondBuilder,
    note: StringBuilder,
    weight: Float64Builder,
}

/// The columns, amounts of this type.
pub fn orders_schema(amount: &DataType) -> Schema {
    let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
    let field = |name: &str, ty: &DataType| Field::new(name, ty.clone(), name == "note");
    Schema::new(vec![
        field("id", &DataType::Int64),
        field("amount", amount),
        field("tax", amount),
        field("paid", amount),
        field("created", &timestamp),
        field("changed", &timestamp),
        field("customer", &DataType::Utf8),
        field("address", &DataType::Utf8),
        field("item", &DataType::Utf8),
        field("due", &timestamp),
        field("note", &DataType::Utf8),
        field("weight", &DataType::Float64),
    ])
}

impl<D: DecimalType> OrderArrow<D>
where
    D::Native: From<i64>,
{
    /// Room for `rows` rows.
    pub fn new(rows: usize) -> Self {
        let amount = D::TYPE_CONSTRUCTOR(12, 2);
        let text = |length: usize| StringBuilder::with_capacity(rows, rows * length);
        let decimal = || PrimitiveBuilder::with_capacity(rows).with_data_type(amount.clone());
        let timestamp = || TimestampMicrosecondBuilder::with_capacity(rows);
        OrderArrow {
            schema: Arc::new(orders_schema(&amount)),
            id: Int64Builder::with_capacity(rows),
            amounts: [decimal(), decimal(), decimal()],
            times: [timestamp(), timestamp()],
            texts: [text(60), text(60), text(60)],
            due: timestamp(),
            note: text(100),
            weight: Float64Builder::with_capacity(rows),
        }
    }

    /// Of values as ODPI-C hands them over: amounts from decimal text, microseconds from date fields, UTF-8 checked.
    pub fn build(&mut self, orders: &[Order]) -> RecordBatch {
        let utf8 = |text: &String, into: &mut StringBuilder| {
            into.append_value(std::str::from_utf8(text.as_bytes()).expect("UTF-8"));
        };
        for order in orders {
            self.id.append_value(order.id);
            for (builder, amount) in self.amounts.iter_mut().zip(&order.amounts) {
                builder.append_value(D::Native::from(hundredths(amount)));
            }
            for (builder, time) in self.times.iter_mut().zip(order.times) {
                builder.append_value(microseconds(time));
            }
            for (builder, text) in self.texts.iter_mut().zip(&order.texts) {
                utf8(text, builder);
            }
            self.due.append_value(microseconds(order.due));
            match &order.note {
                Some(note) => utf8(note, &mut self.note),
                None => self.note.append_null(),
            }
            self.weight.append_value(order.weight);
        }
        let [a, b, c] = self.amounts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let [d, e] = self.times.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let [f, g, h] = self.texts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let (id, due) = (Arc::new(self.id.finish()), Arc::new(self.due.finish()));
        let (note, weight) = (Arc::new(self.note.finish()), Arc::new(self.weight.finish()));
        RecordBatch::try_new(self.schema.clone(), vec![id, a, b, c, d, e, f, g, h, due, note, weight])
            .expect("columns of one length")
    }
}

/// `-123.4` as −12340. At most 15 digits before the point.
fn hundredths(text: &str) -> i64 {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    assert!(digits.len() <= 18, "{text}: too long");
    let (mut value, mut decimals) = (0_i64, None);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                decimals = decimals.map(|n| n + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => panic!("{text}: no decimal"),
        }
    }
    let value = match decimals.unwrap_or(0) {
        0 => value * 100,
        1 => value * 10,
        2 => value,
        _ => panic!("{text}: more than two decimals"),
    };
    if negative { -value } else { value }
}

/// Since 1970, by `chrono`.
fn microseconds(t: DateTime) -> i64 {
    chrono::NaiveDate::from_ymd_opt(t.year.into(), t.month.into(), t.day.into())
        .and_then(|d| d.and_hms_nano_opt(t.hour.into(), t.minute.into(), t.second.into(), t.nanosecond))
        .expect("a date")
        .and_utc()
        .timestamp_micros()
}
