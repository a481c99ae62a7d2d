//! From rows in an arena to the fields of COPY BINARY.

use bytes::BytesMut;
use type_convert::{
    BatchReader, DateTime, LengthUnit, LossPolicy, OracleType, PgType, RowBatch, Transcoder, ValueErrorKind, ValueRef,
};

/// Rows that are made up, 100 a batch.
struct Made {
    columns: Vec<OracleType>,
    next: i64,
    end: i64,
}

impl BatchReader for Made {
    type Error = std::convert::Infallible;

    fn columns(&self) -> &[OracleType] {
        &self.columns
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Self::Error> {
        batch.reset(self.columns.len());
        for _ in 0..100.min(self.end - self.next) {
            let n = self.next;
            self.next += 1;
            batch.push(ValueRef::Int(n));
            batch.push(ValueRef::Decimal(&format!("{n}.25")));
            batch.push(if n % 3 == 0 { ValueRef::Null } else { ValueRef::Text(b"some text") });
            batch.push(ValueRef::DateTime(DateTime::from_seconds_since_unix_epoch(n * 86_400, 0).unwrap()));
            batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
        }
        Ok(batch.rows() > 0)
    }
}

fn made(end: i64) -> (Made, Vec<Transcoder>) {
    let columns = vec![
        OracleType::Number { precision: Some(10), scale: Some(0) },
        OracleType::Number { precision: Some(12), scale: Some(2) },
        OracleType::Varchar2 { length: 20, unit: LengthUnit::Char },
        OracleType::Date,
    ];
    let targets = ["bigint", "numeric(12,2)", "varchar(20)", "timestamp(0)"];
    let transcoders = columns
        .iter()
        .zip(targets)
        .map(|(oracle, pg)| Transcoder::new(oracle, &pg.parse::<PgType>().unwrap(), LossPolicy::default()).unwrap());
    let transcoders = transcoders.collect();
    (Made { columns, next: 0, end }, transcoders)
}

fn encode(batch: &RowBatch, transcoders: &[Transcoder], out: &mut BytesMut) {
    for row in 0..batch.rows() {
        for (value, transcoder) in batch.row(row).zip(transcoders) {
            transcoder.encode(value, out).unwrap();
        }
    }
}

#[test]
fn every_field_is_framed() {
    let (mut reader, transcoders) = made(250);
    let reader: &mut dyn BatchReader<Error = _> = &mut reader;
    let (mut batch, mut out, mut rows) = (RowBatch::default(), BytesMut::new(), 0);
    let mut boxed: Box<dyn BatchReader<Error = _> + '_> = Box::new(reader);
    while boxed.read_batch(&mut batch).unwrap() {
        rows += batch.rows();
        encode(&batch, &transcoders, &mut out);
    }
    assert_eq!((rows, batch.rows()), (250, 0));
    let (mut fields, mut nulls, mut rest) = (0, 0, &out[..]);
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = i32::from_be_bytes(*length);
        fields += 1;
        nulls += usize::from(length == -1);
        rest = &after[usize::try_from(length.max(0)).unwrap()..];
    }
    assert_eq!((fields, nulls), (1000, 84));
}

/// Once grown, neither the arena nor the output buffer asks for memory again.
#[test]
fn buffers_settle() {
    let (mut reader, transcoders) = made(i64::from(u16::MAX));
    let (mut batch, mut out) = (RowBatch::new(4), BytesMut::new());
    let mut settled = None;
    for round in 0..50 {
        reader.next = 1000;
        reader.read_batch(&mut batch).unwrap();
        out.clear();
        encode(&batch, &transcoders, &mut out);
        let memory = (out.as_ptr(), out.capacity(), batch.byte_len());
        if round > 1 {
            assert_eq!(*settled.get_or_insert(memory), memory);
        }
    }
}

#[test]
fn a_refused_value_leaves_the_row_as_it_was() {
    let (_, transcoders) = made(0);
    let mut out = BytesMut::from(&b"row so far"[..]);
    let error = transcoders[1].encode(ValueRef::Decimal("0.001"), &mut out).unwrap_err();
    assert_eq!((error.kind(), &out[..]), (ValueErrorKind::Inexact, &b"row so far"[..]));
    assert_eq!(error.to_string(), "the target type would lose digits or the time of day of the value");
}
