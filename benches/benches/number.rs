//! NUMBER to PostgreSQL's numeric, a value at a time: from Oracle's bytes and from decimal text, beside `rust_decimal`.

use benches::{Contender, Scale, number_text, orders, put_field, side_by_side};
use bytes::BytesMut;
use postgres_types::Type;
use rust_decimal::Decimal;
use std::{hint::black_box, str::FromStr};
use type_convert::{LossPolicy, Number, OracleType, PgType, RowBatch, RowEncoder, Transcoder, ValueRef};

const REPEAT: usize = 50;
/// Columns of the batch: so many that a row's own cost is little beside theirs.
const COLUMNS: usize = 20;

struct Numbers {
    /// What the measures' names begin with.
    name: &'static str,
    texts: Vec<String>,
    bytes: Vec<Box<[u8]>>,
    transcoder: Transcoder,
}

impl Numbers {
    fn new(name: &'static str, texts: Vec<String>, oracle: &OracleType, pg: &PgType) -> Self {
        let number = |text: &String| Box::from(Number::from_str(text).expect("a number").as_bytes());
        let transcoder = Transcoder::new(oracle, pg, LossPolicy::default()).expect("a plan");
        Numbers { name, bytes: texts.iter().map(number).collect(), texts, transcoder }
    }

    /// Every contender writes the same bytes.
    fn check(&self) {
        let [mut own, mut other] = [BytesMut::new(), BytesMut::new()];
        self.put_bytes(&mut own);
        self.put_text(&mut other);
        assert_eq!(own, other, "bytes against text");
        other.clear();
        self.rust_decimal(&mut other);
        assert_eq!(own, other, "rust_decimal");
    }

    fn batch<'a>(&'a self, value: impl Fn(usize) -> ValueRef<'a>) -> RowBatch {
        let mut batch = RowBatch::new(COLUMNS);
        for n in 0..self.texts.len() {
            batch.push(value(n));
            if n % COLUMNS == COLUMNS - 1 {
                batch.finish_row(None);
            }
        }
        batch
    }

    fn put_bytes(&self, out: &mut BytesMut) {
        for bytes in &self.bytes {
            self.transcoder.encode(ValueRef::NumberBytes(bytes), out).expect("it fits");
        }
    }

    fn put_text(&self, out: &mut BytesMut) {
        for text in &self.texts {
            self.transcoder.encode(ValueRef::Decimal(text), out).expect("it fits");
        }
    }

    /// As COPY does it.
    fn put_batch(encoder: &mut RowEncoder, batch: &RowBatch, out: &mut BytesMut) {
        for row in 0..batch.rows() {
            encoder.encode_row(batch, row, out, |_, _| {}).expect("they fit");
        }
    }

    fn rust_decimal(&self, out: &mut BytesMut) {
        for text in &self.texts {
            put_field(&Decimal::from_str(text).expect("a decimal"), &Type::NUMERIC, out);
        }
    }

    fn bytes_rust_decimal(&self, text: &mut String, out: &mut BytesMut) {
        for bytes in &self.bytes {
            number_text(bytes, text);
            put_field(&Decimal::from_str(text).expect("a decimal"), &Type::NUMERIC, out);
        }
    }

    fn contender<'a>(&'a self, measure: &str, mut once: impl FnMut(&mut BytesMut) + 'a) -> Contender<'a> {
        let mut out = BytesMut::with_capacity(1 << 20);
        Contender::new(self.measure(measure), move || {
            for _ in 0..REPEAT {
                out.clear();
                once(black_box(&mut out));
            }
            (REPEAT * self.texts.len()) as u64
        })
    }

    fn measure(&self, measure: &str) -> String {
        format!("{}/{measure}", self.name)
    }

    fn measure_all(&self) {
        let mut for_bytes = RowEncoder::new(vec![self.transcoder.clone(); COLUMNS]);
        let mut for_text = for_bytes.clone();
        let text_batch = self.batch(|n| ValueRef::Decimal(&self.texts[n]));
        let bytes_batch = self.batch(|n| ValueRef::NumberBytes(&self.bytes[n]));
        let (text_peer, bytes_peer) = (self.measure("rust_decimal"), self.measure("bytes_rust_decimal"));
        let mut text = String::new();
        side_by_side(
            Scale::Nanoseconds("value"),
            15,
            &mut [
                self.contender("bytes_to_numeric", |out| self.put_bytes(out)).against(&bytes_peer),
                self.contender("text_to_numeric", |out| self.put_text(out)).against(&text_peer),
                self.contender("batch/bytes_to_numeric", |out| Self::put_batch(&mut for_bytes, &bytes_batch, out))
                    .against(&bytes_peer),
                self.contender("batch/text_to_numeric", |out| Self::put_batch(&mut for_text, &text_batch, out))
                    .against(&text_peer),
                self.contender("bytes_rust_decimal", |out| self.bytes_rust_decimal(&mut text, out)),
                self.contender("rust_decimal", |out| self.rust_decimal(out)),
            ],
        );
    }
}

/// 1 to 20 digits, half of them with a fraction, a quarter negative: the same in every run.
fn mixed(count: usize) -> Vec<String> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::from(u16::try_from(state >> 48).unwrap_or(0)) % below
    };
    (0..count)
        .map(|_| {
            let (length, negative) = (1 + random(20), random(4) == 0);
            let mut text = if negative { "-".to_owned() } else { String::new() };
            let point = if random(2) == 0 { random(length) } else { length };
            for n in 0..length {
                if n == point {
                    text.push_str(if n == 0 { "0." } else { "." });
                }
                // Neither the first digit nor the last is zero: a number has one form.
                let zero = n > 0 && n < length - 1;
                text.push(char::from(if zero { b"0123456789"[random(10)] } else { b"123456789"[random(9)] }));
            }
            text
        })
        .collect()
}

fn main() {
    let amounts = orders(1000).into_iter().flat_map(|order| order.amounts).collect();
    let oracle = |precision, scale| OracleType::Number { precision, scale };
    let numeric = |digits| PgType::Numeric { digits };
    for numbers in [
        Numbers::new("number", amounts, &oracle(Some(12), Some(2)), &numeric(Some((12, 2)))),
        Numbers::new("number/mixed", mixed(3000), &oracle(None, None), &numeric(None)),
    ] {
        numbers.check();
        numbers.measure_all();
    }
}
