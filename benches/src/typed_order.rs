use crate::{Order, OrderBytes};
use bytes::{BufMut, BytesMut};
use chrono::{NaiveDate, NaiveDateTime};
use postgres_types::{IsNull, ToSql, Type};
use rust_decimal::Decimal;
use std::{hint::black_box, str::FromStr};
use type_convert::DateTime;

/// The types of an order's columns in PostgreSQL.
pub const TYPES: [Type; 12] = {
    const N: Type = Type::NUMERIC;
    const T: Type = Type::TIMESTAMP;
    const S: Type = Type::TEXT;
    [Type::INT8, N, N, N, T, T, S, S, S, T, S, Type::FLOAT8]
};

/// An order in the types that `postgres-types` writes: the peers' way. `S` is `&str` or `String`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedOrder<S> {
    id: i64,
    amounts: [Decimal; 3],
    times: [NaiveDateTime; 2],
    texts: [S; 3],
    due: NaiveDateTime,
    note: Option<S>,
    weight: f64,
}

impl<'a> TypedOrder<&'a str> {
    /// From a fetch buffer that the program may borrow from: amounts parsed from text, dates made `chrono`'s, UTF-8 checked.
    pub fn borrowed(order: &'a Order) -> Self {
        let utf8 = |text: &'a String| std::str::from_utf8(text.as_bytes()).expect("UTF-8");
        TypedOrder {
            id: order.id,
            amounts: order.amounts.each_ref().map(|a| Decimal::from_str(a).expect("a decimal")),
            times: order.times.map(chrono_of),
            texts: order.texts.each_ref().map(utf8),
            due: chrono_of(order.due),
            note: order.note.as_ref().map(utf8),
            weight: order.weight,
        }
    }

    /// From Oracle's bytes: a NUMBER becomes decimal text, in `text`, and that a `Decimal`. Texts are borrowed.
    pub fn from_bytes(order: &'a OrderBytes, text: &mut String) -> Self {
        number_text(&order.id, text);
        let id = text.parse().expect("an integer");
        let amounts = order.amounts.each_ref().map(|amount| {
            number_text(amount, text);
            Decimal::from_str(text).expect("a decimal")
        });
        let utf8 = |text: &'a [u8]| std::str::from_utf8(text).expect("UTF-8");
        TypedOrder {
            id,
            amounts,
            times: order.times.each_ref().map(|t| chrono_of_bytes(t)),
            texts: order.texts.each_ref().map(|t| utf8(t)),
            due: chrono_of_bytes(&order.due),
            note: order.note.as_deref().map(utf8),
            weight: order.weight,
        }
    }
}

impl TypedOrder<String> {
    /// From the values that the `oracle` crate makes of a row: `row.get::<_, String>` for text and for numbers that are not
    /// integers, which then are parsed, and `row.get::<_, NaiveDateTime>`. It makes a `String` with
    /// `from_utf8_lossy`, which checks UTF-8 (and changes what is not).
    pub fn from_driver(order: &Order) -> Self {
        let string = |text: &String| String::from_utf8_lossy(text.as_bytes()).into_owned();
        TypedOrder {
            id: order.id,
            amounts: order.amounts.each_ref().map(|a| {
                let text = black_box(a.clone());
                Decimal::from_str(&text).expect("a decimal")
            }),
            times: order.times.map(chrono_of),
            texts: order.texts.each_ref().map(string),
            due: chrono_of(order.due),
            note: order.note.as_ref().map(string),
            weight: order.weight,
        }
    }

    /// The same from a driver that speaks Oracle's protocol itself: a `String` made of each NUMBER's bytes and parsed, one of each text.
    pub fn from_driver_of_bytes(order: &OrderBytes) -> Self {
        let number = |bytes: &[u8]| {
            let mut text = String::new();
            number_text(bytes, &mut text);
            black_box(text)
        };
        let string = |text: &[u8]| String::from_utf8(text.to_vec()).expect("UTF-8");
        TypedOrder {
            id: number(&order.id).parse().expect("an integer"),
            amounts: order.amounts.each_ref().map(|a| Decimal::from_str(&number(a)).expect("a decimal")),
            times: order.times.each_ref().map(|t| chrono_of_bytes(t)),
            texts: order.texts.each_ref().map(|t| string(t)),
            due: chrono_of_bytes(&order.due),
            note: order.note.as_deref().map(string),
            weight: order.weight,
        }
    }
}

impl<S: ToSql + Sync> TypedOrder<S> {
    /// The values of the columns.
    pub fn params(&self) -> [&(dyn ToSql + Sync); 12] {
        let ([a, b, c], [d, e], [f, g, h]) = (&self.amounts, &self.times, &self.texts);
        [&self.id, a, b, c, d, e, f, g, h, &self.due, &self.note, &self.weight]
    }

    /// Appends the row as COPY BINARY has it.
    pub fn put_row(&self, out: &mut BytesMut) {
        out.put_i16(12);
        for (value, ty) in self.params().into_iter().zip(&TYPES) {
            put_field(value, ty, out);
        }
    }
}

/// Appends one value as COPY BINARY has it, by `ToSql`.
pub fn put_field(value: &(dyn ToSql + Sync), ty: &Type, out: &mut BytesMut) {
    let at = out.len();
    out.put_i32(0);
    let length = match value.to_sql_checked(ty, out).expect("it converts") {
        IsNull::Yes => -1,
        IsNull::No => i32::try_from(out.len() - at - 4).expect("a field"),
    };
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// A finite NUMBER's bytes as plain decimal text, as a program does that has a decimal type which reads text. Digits are checked.
pub fn number_text(bytes: &[u8], text: &mut String) {
    text.clear();
    let (&head, mantissa) = bytes.split_first().expect("a NUMBER");
    if head == 0x80 {
        text.push('0');
        return;
    }
    let negative = head & 0x80 == 0;
    let (power, mantissa) = if negative {
        text.push('-');
        (!head & 0x7f, mantissa.strip_suffix(&[102]).unwrap_or(mantissa))
    } else {
        (head & 0x7f, mantissa)
    };
    let pair = |byte: u8| {
        let digit = if negative { 101_u8.wrapping_sub(byte) } else { byte.wrapping_sub(1) };
        assert!(digit < 100, "a byte that is no base-100 digit");
        [char::from(b'0' + digit / 10), char::from(b'0' + digit % 10)]
    };
    // Base-100 digits before the point; without any, zeros follow it.
    let whole = i32::from(power) - 64;
    if whole <= 0 {
        text.push_str("0.");
        (whole..0).for_each(|_| text.push_str("00"));
    }
    let mut at = 0;
    for &byte in mantissa {
        if at > 0 && at == whole {
            text.push('.');
        }
        let [high, low] = pair(byte);
        if at > 0 || whole <= 0 || high != '0' {
            text.push(high);
        }
        text.push(low);
        at += 1;
    }
    (at..whole).for_each(|_| text.push_str("00"));
}

fn chrono_of(t: DateTime) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(t.year.into(), t.month.into(), t.day.into())
        .and_then(|d| d.and_hms_nano_opt(t.hour.into(), t.minute.into(), t.second.into(), t.nanosecond))
        .expect("a date")
}

/// The 7 bytes of a DATE or the 11 of a TIMESTAMP.
fn chrono_of_bytes(bytes: &[u8]) -> NaiveDateTime {
    let (fields, nanosecond) = match bytes {
        [fields @ .., n3, n2, n1, n0] if fields.len() == 7 => (fields, u32::from_be_bytes([*n3, *n2, *n1, *n0])),
        _ => (bytes, 0),
    };
    let &[century, year, month, day, hour, minute, second] = fields else { panic!("neither 7 nor 11 bytes") };
    let year = (i32::from(century) - 100) * 100 + i32::from(year) - 100;
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .and_then(|d| {
            let time = [hour, minute, second].map(|byte| u32::from(byte).wrapping_sub(1));
            d.and_hms_nano_opt(time[0], time[1], time[2], nanosecond)
        })
        .expect("a date")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{orders, orders_bytes};
    use type_convert::Number;

    #[test]
    fn number_bytes_become_the_text_of_the_number() {
        let mut text = String::new();
        for decimal in [
            "0",
            "1",
            "10",
            "99",
            "100",
            "12300",
            "-7",
            "-1200",
            "0.5",
            "0.05",
            "0.005",
            "-0.0012",
            "1.5",
            "123.45",
            "-98765.4321",
            "1000000000000000000.01",
        ] {
            number_text(decimal.parse::<Number>().expect("a number").as_bytes(), &mut text);
            // A base-100 digit may leave a zero behind the last decimal.
            let (own, same) = (Decimal::from_str(&text), Decimal::from_str(decimal));
            assert_eq!(own, same, "{text}");
        }
    }

    #[test]
    fn every_way_gives_the_same_values() {
        let orders = orders(300);
        let mut text = String::new();
        for (order, bytes) in orders.iter().zip(&orders_bytes(&orders)) {
            let typed = TypedOrder::borrowed(order);
            assert_eq!(TypedOrder::from_bytes(bytes, &mut text), typed);
            let [mut one, mut other] = [BytesMut::new(), BytesMut::new()];
            typed.put_row(&mut one);
            TypedOrder::from_driver(order).put_row(&mut other);
            assert_eq!(one, other);
            assert_eq!(TypedOrder::from_driver_of_bytes(bytes), TypedOrder::from_driver(order));
        }
    }
}
