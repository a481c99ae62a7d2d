//! From rows in an arena to the fields of COPY BINARY.

use bytes::BytesMut;
use proptest::prelude::*;
use type_convert::{
    BatchReader, DateTime, LengthUnit, LossAction, LossPolicy, Number, OracleType, PgType, RowBatch, RowEncoder,
    Transcoder, ValueErrorKind, ValueRef,
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

fn made(end: i64) -> (Made, RowEncoder) {
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
    let encoder = RowEncoder::new(transcoders.collect());
    (Made { columns, next: 0, end }, encoder)
}

fn encode(batch: &RowBatch, encoder: &mut RowEncoder, out: &mut BytesMut) {
    for row in 0..batch.rows() {
        encoder.encode_row(batch, row, out, |_, _| {}).unwrap();
    }
}

#[test]
fn every_field_is_framed() {
    let (mut reader, mut encoder) = made(250);
    let reader: &mut dyn BatchReader<Error = _> = &mut reader;
    let (mut batch, mut out, mut rows) = (RowBatch::default(), BytesMut::new(), 0);
    let mut boxed: Box<dyn BatchReader<Error = _> + '_> = Box::new(reader);
    while boxed.read_batch(&mut batch).unwrap() {
        rows += batch.rows();
        encode(&batch, &mut encoder, &mut out);
    }
    assert_eq!((rows, batch.rows()), (250, 0));
    let (mut fields, mut nulls, mut rest) = (0, 0, &out[..]);
    while !rest.is_empty() {
        if fields % 4 == 0 {
            rest = rest.strip_prefix(&[0, 4]).unwrap();
        }
        let Some((length, after)) = rest.split_first_chunk() else { panic!("a field is cut off") };
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
    let (mut reader, mut encoder) = made(i64::from(u16::MAX));
    let (mut batch, mut out) = (RowBatch::new(4), BytesMut::new());
    let mut settled = None;
    for round in 0..50 {
        reader.next = 1000;
        reader.read_batch(&mut batch).unwrap();
        out.clear();
        encode(&batch, &mut encoder, &mut out);
        let memory = (out.as_ptr(), out.capacity(), batch.byte_len());
        if round > 1 {
            assert_eq!(*settled.get_or_insert(memory), memory);
        }
    }
}

/// Every form of value in every plan that most rows consist of, and some that they do not: no row and no value allocates.
#[test]
fn encoding_allocates_nothing() {
    let (mut reader, mut encoder) = made(100);
    let (mut batch, mut out) = (RowBatch::new(4), BytesMut::with_capacity(1 << 20));
    reader.read_batch(&mut batch).unwrap();
    let number = OracleType::Number { precision: None, scale: None };
    let others: Vec<(Transcoder, ValueRef<'_>)> = [
        (&number, "numeric", ValueRef::Decimal("1234567890123456789.0123456789E-3")),
        (&number, "numeric", ValueRef::NumberBytes(&[0xc3, 2, 3, 4, 5])),
        (&number, "float8", ValueRef::Decimal("0.1234567890123456789")),
        (&number, "text", ValueRef::Decimal("-12.5")),
        (&number, "integer", ValueRef::Decimal("12345")),
        (&OracleType::Clob, "text", ValueRef::Text("žluťoučký kůň".as_bytes())),
        (&OracleType::Char { length: 9, unit: LengthUnit::Char }, "char(12)", ValueRef::Text("kůň   ".as_bytes())),
        (&OracleType::Blob, "bytea", ValueRef::Bytes(&[0; 100])),
        (&OracleType::Raw { length: 16 }, "uuid", ValueRef::Bytes(&[7; 16])),
        (&OracleType::Raw { length: 16 }, "text", ValueRef::Bytes(&[7; 16])),
        (&OracleType::BinaryDouble, "numeric", ValueRef::Double(0.1)),
        (&OracleType::BinaryDouble, "text", ValueRef::Double(-1e-300)),
        (&OracleType::Date, "date", ValueRef::DateBytes(&[120, 124, 2, 29, 1, 1, 1])),
        (&OracleType::Date, "text", ValueRef::DateBytes(&[120, 124, 2, 29, 1, 1, 1])),
        (
            &OracleType::TimestampTz { precision: 6 },
            "timestamptz",
            ValueRef::DateBytes(&[120, 124, 2, 29, 1, 1, 1, 0, 0, 3, 232, 25, 90]),
        ),
        (
            &OracleType::IntervalDs { day_precision: 2, second_precision: 6 },
            "interval",
            ValueRef::IntervalBytes(&[128, 0, 0, 5, 70, 70, 70, 128, 0, 0, 0]),
        ),
        (&OracleType::IntervalYm { year_precision: 2 }, "interval", ValueRef::IntervalBytes(&[128, 0, 0, 2, 63])),
        (&OracleType::Xml, "xml", ValueRef::Text(b"<?xml version='1.0' standalone='yes'?><a/>")),
        (&OracleType::Json, "jsonb", ValueRef::Text(b"{\"a\": 1}")),
        (&OracleType::Boolean, "boolean", ValueRef::Boolean(true)),
        (&OracleType::Varchar2 { length: 9, unit: LengthUnit::Char }, "integer", ValueRef::Text(b" 42 ")),
        (&OracleType::Varchar2 { length: 9, unit: LengthUnit::Char }, "enum mood ('sad')", ValueRef::Text(b"sad")),
    ]
    .into_iter()
    .map(|(oracle, pg, value)| (Transcoder::new(oracle, &pg.parse().unwrap(), LossPolicy::default()).unwrap(), value))
    .collect();
    let mut policy = LossPolicy::default();
    policy.float_digits = type_convert::LossAction::Convert;
    let lossy = Transcoder::new(&number, &PgType::Float8, policy).unwrap();
    let counted = allocation_counter::measure(|| {
        for _ in 0..3 {
            out.clear();
            encode(&batch, &mut encoder, &mut out);
            for (transcoder, value) in &others {
                let encoded = transcoder.encode(*value, &mut out);
                assert!(encoded.is_ok() || matches!(value, ValueRef::Decimal("0.1234567890123456789")));
            }
            lossy.encode(ValueRef::Decimal("0.1234567890123456789"), &mut out).unwrap();
        }
    });
    assert_eq!(counted.count_total, 0);
    assert!(out.len() > 100 * 50);

    // The same values again in the same arena.
    let again: Vec<Vec<ValueRef<'_>>> = (0..batch.rows()).map(|row| batch.row(row).collect()).collect();
    let mut refilled = RowBatch::new(4);
    let mut fill = || {
        refilled.reset(4);
        for row in &again {
            row.iter().for_each(|value| refilled.push(*value));
            refilled.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
        }
    };
    fill();
    assert_eq!(allocation_counter::measure(fill).count_total, 0);
}

/// A row of 12 columns as most tables have them, from what ODPI-C hands over and from Oracle's own bytes: once the arena and the output
/// have grown, neither filling nor encoding allocates, and both forms are the same bytes.
#[test]
fn rows_of_twelve_columns_allocate_nothing() {
    let varchar2 = OracleType::Varchar2 { length: 60, unit: LengthUnit::Char };
    let amount = OracleType::Number { precision: Some(12), scale: Some(2) };
    let timestamp = OracleType::Timestamp { precision: 6 };
    let mut encoder = RowEncoder::new(
        [
            (&OracleType::Number { precision: Some(18), scale: Some(0) }, "bigint"),
            (&amount, "numeric(12,2)"),
            (&amount, "numeric(12,2)"),
            (&amount, "numeric(12,2)"),
            (&timestamp, "timestamp"),
            (&timestamp, "timestamp"),
            (&varchar2, "varchar(60)"),
            (&varchar2, "varchar(60)"),
            (&varchar2, "varchar(60)"),
            (&OracleType::Date, "timestamp(0)"),
            (&varchar2, "text"),
            (&OracleType::BinaryDouble, "double precision"),
        ]
        .map(|(oracle, pg)| Transcoder::new(oracle, &pg.parse().unwrap(), LossPolicy::default()).unwrap())
        .into(),
    );
    // Nothing that is made anew for each row: what a driver's buffers hold.
    let numbers: Vec<[String; 4]> = (0..100_i64)
        .map(|n| [n.to_string(), format!("{}.{:02}", n * 7919, n), format!("-0.{n:02}"), format!("{}", n * 1_000_003)])
        .collect();
    let bytes: Vec<[Number; 4]> = numbers.iter().map(|row| row.each_ref().map(|text| text.parse().unwrap())).collect();
    let texts = ["Ada Lovelace", "žluťoučký kůň", "a text of some forty characters, or so it is"].map(str::as_bytes);
    let moments: Vec<[DateTime; 3]> = (0..100_i64)
        .map(|n| [123_456_000, 0, 0].map(|f| DateTime::from_seconds_since_unix_epoch(n * 12_345_678, f).unwrap()))
        .collect();
    let moment_bytes: Vec<_> = moments.iter().map(|row| row.map(|at| at.to_timestamp_bytes().unwrap())).collect();
    let weight = |n: usize| ValueRef::Double(f64::from(u8::try_from(n).unwrap()) / 3.0);

    let from_driver = |batch: &mut RowBatch| {
        batch.reset(12);
        for n in 0..100 {
            batch.push(ValueRef::Int(i64::from(u8::try_from(n).unwrap())));
            numbers[n][1..].iter().for_each(|text| batch.push(ValueRef::Decimal(text)));
            moments[n][..2].iter().for_each(|at| batch.push(ValueRef::DateTime(*at)));
            texts.iter().for_each(|text| batch.push(ValueRef::Text(text)));
            batch.push(ValueRef::DateTime(moments[n][2]));
            batch.push(if n % 3 == 0 { ValueRef::Null } else { ValueRef::Text(b"a note") });
            batch.push(weight(n));
            batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
        }
    };
    let from_bytes = |batch: &mut RowBatch| {
        batch.reset(12);
        for n in 0..100 {
            bytes[n].iter().for_each(|number| batch.push(ValueRef::NumberBytes(number.as_bytes())));
            // A TIMESTAMP without a fraction has 7 bytes.
            batch.push(ValueRef::DateBytes(&moment_bytes[n][0]));
            batch.push(ValueRef::DateBytes(&moment_bytes[n][1][..7]));
            texts.iter().for_each(|text| batch.push(ValueRef::Text(text)));
            batch.push(ValueRef::DateBytes(&moment_bytes[n][2][..7]));
            batch.push(if n % 3 == 0 { ValueRef::Null } else { ValueRef::Text(b"a note") });
            batch.push(weight(n));
            batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
        }
    };
    let (mut batch, mut out) = (RowBatch::default(), BytesMut::with_capacity(1 << 20));
    let mut streams = Vec::new();
    for fill in [&from_driver as &dyn Fn(&mut RowBatch), &from_bytes] {
        // The first time the arena grows.
        fill(&mut batch);
        let counted = allocation_counter::measure(|| {
            for _ in 0..3 {
                out.clear();
                fill(&mut batch);
                encode(&batch, &mut encoder, &mut out);
            }
        });
        assert_eq!(counted.count_total, 0);
        streams.push(out.to_vec());
    }
    assert!(streams[0].len() > 100 * 200);
    assert_eq!(streams[0], streams[1]);

    // Value by value, without a batch.
    let mut put = |out: &mut BytesMut| {
        out.clear();
        for row in 0..100 {
            let mut values = batch.row(row);
            encoder.encode_values(out, |_, _| {}, |open| values.try_for_each(|value| open.push(value))).unwrap();
        }
        encoder.flush(out);
    };
    assert_eq!(allocation_counter::measure(|| put(&mut out)).count_total, 0);
    assert_eq!(out, streams[0]);
}

#[test]
fn a_row_tells_which_field_is_refused() {
    let (_, mut encoder) = made(0);
    let mut batch = RowBatch::new(4);
    for value in [ValueRef::Int(1), ValueRef::Null, ValueRef::Text(b"longer than twenty characters"), ValueRef::Null] {
        batch.push(value);
    }
    batch.finish_row(None);
    let mut out = BytesMut::new();
    let error = encoder.encode_row(&batch, 0, &mut out, |_, _| {}).unwrap_err();
    assert_eq!((error.row(), error.column(), out.len()), (0, 2, 0));
    assert_eq!(error.into_error().kind(), ValueErrorKind::Overflow);
}

proptest! {
    /// However many rows go at once, up to whatever size, wherever one is refused: what comes out is each field, one behind the other.
    #[test]
    fn rows_at_once_are_rows_one_by_one(
        rows in prop::collection::vec((any::<i64>(), "[a-z]{0,70}|é{1,5}|[a-z]{3000,9000}", 0..12_u8), 1..40),
        limits in prop::collection::vec(prop_oneof![0..300_usize, Just(usize::MAX)], 40),
    ) {
        let number = OracleType::Number { precision: None, scale: None };
        let text = OracleType::Varchar2 { length: 32_767, unit: LengthUnit::Byte };
        let mut policy = LossPolicy::default();
        policy.decimal_digits = LossAction::Convert;
        policy.empty_text = LossAction::Convert;
        let columns: Vec<Transcoder> = [(&number, "bigint"), (&text, "text"), (&number, "numeric(20,2)"), (&text, "varchar")]
            .map(|(oracle, pg)| Transcoder::new(oracle, &pg.parse().unwrap(), policy).unwrap())
            .into();
        let mut batch = RowBatch::new(4);
        for (n, text, kind) in &rows {
            let decimal = format!("{}.{}", n % 1_000_000, if *kind == 1 { "125" } else { "25" });
            batch.push(if *kind == 0 { ValueRef::Decimal("1e30") } else { ValueRef::Int(*n) });
            batch.push(if *kind == 2 { ValueRef::Null } else { ValueRef::Text(text.as_bytes()) });
            batch.push(ValueRef::Decimal(&decimal));
            batch.push(if *kind == 3 { ValueRef::Text(b"not \xff") } else { ValueRef::Text(text.as_bytes()) });
            batch.finish_row(Some(b"AAAWsGAAHAAAAFmAAA"));
        }
        let (mut expected, mut expected_lost, mut refused) = (BytesMut::new(), Vec::new(), Vec::new());
        for row in 0..batch.rows() {
            let (start, lost_before) = (expected.len(), expected_lost.len());
            expected.extend_from_slice(&[0, 4]);
            for (n, (column, value)) in columns.iter().zip(batch.row(row)).enumerate() {
                match column.encode(value, &mut expected) {
                    Ok(losses) if losses.is_empty() => {}
                    Ok(losses) => expected_lost.push((n, losses)),
                    Err(error) => {
                        refused.push((row, n, error));
                        expected.truncate(start);
                        expected_lost.truncate(lost_before);
                        break;
                    }
                }
            }
        }
        let (mut encoder, mut out, mut lost, mut found) = (RowEncoder::new(columns), BytesMut::new(), Vec::new(), Vec::new());
        let mut at = 0;
        for &most in limits.iter().cycle() {
            if at == batch.rows() {
                break;
            }
            let before = out.len();
            match encoder.encode_rows(&batch, at..batch.rows(), most, &mut out, |n, losses| lost.push((n, losses))) {
                Ok(count) => {
                    at += count;
                    prop_assert!(count > 0 && (at == batch.rows() || out.len() - before >= most));
                }
                Err(error) => {
                    at = error.row() + 1;
                    found.push((error.row(), error.column(), error.into_error()));
                }
            }
        }
        prop_assert_eq!(&out, &expected);
        prop_assert_eq!(&lost, &expected_lost);
        prop_assert_eq!(&found, &refused);

        // Value by value, or from the batch and held back; what is held back is appended or taken now and then.
        out.clear();
        (lost, found) = (Vec::new(), Vec::new());
        for (row, limit) in (0..batch.rows()).zip(&limits) {
            let lose = |n, losses| lost.push((n, losses));
            let written = match limit % 3 {
                0 => encoder.hold_rows(&batch, row..row + 1, 0, &mut out, lose).map(|_| ()),
                _ => encoder.encode_values(&mut out, lose, |open| batch.row(row).try_for_each(|value| open.push(value))),
            };
            found.extend(written.err().map(|error| (row, error.column(), error.into_error())));
            match limit % 7 {
                0 => encoder.flush(&mut out),
                1 => out.extend_from_slice(&encoder.take_held()),
                _ => {}
            }
            prop_assert!(encoder.held() <= 1 << 17);
        }
        out.extend_from_slice(&encoder.take_held());
        prop_assert_eq!(encoder.held(), 0);
        prop_assert_eq!(out, expected);
        prop_assert_eq!(lost, expected_lost);
        prop_assert_eq!(found, refused);
    }
}

/// The row 1, NULL, 'a', NULL.
const ONE_NULL_A_NULL: [u8; 27] = *b"\0\x04\0\0\0\x08\0\0\0\0\0\0\0\x01\xff\xff\xff\xff\0\0\0\x01a\xff\xff\xff\xff";

/// Whoever gives up a row leaves nothing of it, however much of it there was.
#[test]
fn a_row_that_is_given_up_leaves_nothing() {
    let (_, mut encoder) = made(0);
    let mut out = BytesMut::new();
    let long = "x".repeat(140_000);
    let mut row = |values: &[ValueRef<'_>], out: &mut BytesMut| {
        encoder.encode_values(out, |_, _| {}, |row| values.iter().try_for_each(|value| row.push(*value)))
    };
    let good = [ValueRef::Int(1), ValueRef::Null, ValueRef::Text(b"a"), ValueRef::Null];
    row(&good, &mut out).unwrap();
    // The second is refused after the first has been flushed; the last only after all else was written.
    for (column, values) in [
        (1, [ValueRef::Text(b"no number"), ValueRef::Null, ValueRef::Null, ValueRef::Null]),
        (2, [ValueRef::Int(2), ValueRef::Decimal("1.5"), ValueRef::Text(long.as_bytes()), ValueRef::Null]),
        (3, [ValueRef::Int(2), ValueRef::Decimal("1e5"), ValueRef::Text(b"b"), ValueRef::DateBytes(&[1])]),
    ] {
        let error = row(&values, &mut out).unwrap_err();
        assert_eq!(error.column(), if column == 1 { 0 } else { column });
    }
    row(&good, &mut out).unwrap();
    encoder.flush(&mut out);
    assert_eq!(out[..], [ONE_NULL_A_NULL; 2].concat());
}

#[test]
fn another_value_in_place_of_one_that_does_not_fit() {
    let (_, mut encoder) = made(0);
    let mut out = BytesMut::new();
    for _ in 0..2 {
        let written = encoder.encode_values(
            &mut out,
            |_, _| {},
            |row| {
                row.push(ValueRef::Int(1))?;
                assert!(row.push(ValueRef::Decimal("0.001")).is_err());
                row.push(ValueRef::Null)?;
                assert!(row.push(ValueRef::Text(b"longer than twenty characters")).is_err());
                assert!(row.push(ValueRef::Text(b"\xff")).is_err());
                row.push(ValueRef::Text(b"a"))?;
                row.push(ValueRef::Null)
            },
        );
        assert_eq!(written, Ok(()));
    }
    encoder.flush(&mut out);
    assert_eq!(out[..], [ONE_NULL_A_NULL; 2].concat());
}

/// As many bytes held back as there can be, to the last.
#[test]
fn a_full_line() {
    let text = OracleType::Varchar2 { length: 100, unit: LengthUnit::Byte };
    let column = Transcoder::new(&text, &PgType::Text, LossPolicy::default()).unwrap();
    let (mut encoder, mut out, mut expected) = (RowEncoder::new(vec![column]), BytesMut::new(), Vec::new());
    for n in 0..5000_usize {
        // 32 bytes and 1872 times 70 are 128 KiB.
        let text = [&[b'j'; 26][..], &[b'k'; 64]][usize::from(n > 0)];
        encoder.encode_values(&mut out, |_, _| {}, |row| row.push(ValueRef::Text(text))).unwrap();
        expected.extend_from_slice(&[0, 1, 0, 0, 0, u8::try_from(text.len()).unwrap()]);
        expected.extend_from_slice(text);
        if n == 1872 {
            assert_eq!((encoder.held(), out.len()), (1 << 17, 0));
        }
    }
    encoder.flush(&mut out);
    assert!(out == expected);
}

#[test]
#[should_panic(expected = "values of a row against columns")]
fn a_row_with_a_value_too_few() {
    let (_, mut encoder) = made(0);
    let _ = encoder.encode_values(&mut BytesMut::new(), |_, _| {}, |row| row.push(ValueRef::Null));
}

#[test]
#[should_panic(expected = "no more values than columns")]
fn a_row_with_a_value_too_many() {
    let (_, mut encoder) = made(0);
    let _ =
        encoder.encode_values(&mut BytesMut::new(), |_, _| {}, |row| (0..5).try_for_each(|_| row.push(ValueRef::Null)));
}

/// What was taken is memory for rows to come, once it is dropped.
#[test]
fn taken_rows_are_not_overwritten() {
    let number = OracleType::Number { precision: Some(18), scale: Some(0) };
    let column = Transcoder::new(&number, &PgType::Int8, LossPolicy::default()).unwrap();
    let (mut encoder, mut out) = (RowEncoder::new(vec![column]), BytesMut::new());
    let mut take = |n: i64| {
        encoder.encode_values(&mut out, |_, _| {}, |row| row.push(ValueRef::Int(n))).unwrap();
        let taken = encoder.take_held();
        assert_eq!((&taken[..6], &taken[6..], out.len()), (&[0, 1, 0, 0, 0, 8][..], &n.to_be_bytes()[..], 0));
        taken
    };
    let taken: Vec<_> = (0..3).map(&mut take).collect();
    for (n, rows) in (0_i64..).zip(&taken) {
        assert_eq!(rows[6..], n.to_be_bytes());
    }
    let memory: Vec<_> = taken.iter().map(|rows| rows.as_ptr()).collect();
    drop(taken);
    // The encoder has a line of its own already; the next three are those that were given back.
    let again: Vec<_> = (10..14).map(&mut take).collect();
    assert_eq!(again.iter().filter(|rows| memory.contains(&rows.as_ptr())).count(), 3);
}

/// Rows as long as what the encoder puts together at once, and a little less and more, one behind the other and with what was
/// discarded between them.
#[test]
fn rows_of_every_length_are_whole() {
    let text = OracleType::Varchar2 { length: 32_767, unit: LengthUnit::Byte };
    let number = OracleType::Number { precision: None, scale: None };
    let columns =
        [(&number, "numeric"), (&text, "text"), (&number, "bigint"), (&text, "text"), (&number, "numeric(10,2)")];
    let transcoders: Vec<Transcoder> = columns
        .map(|(oracle, pg)| Transcoder::new(oracle, &pg.parse().unwrap(), LossPolicy::default()).unwrap())
        .into();
    let mut encoder = RowEncoder::new(transcoders.clone());
    let mut batch = RowBatch::new(5);
    let letters: Vec<u8> = (b'!'..=b'~').cycle().take(132_000).collect();
    for length in (0..200).chain(65_300..65_600).chain(130_700..131_150) {
        batch.reset(5);
        for row in 0..3 {
            batch.push(ValueRef::Text(&letters[..length % 77]));
            batch.discard_row();
            batch.push(ValueRef::NumberBytes(&[0x3e, 100, 7, 102]));
            batch.push(ValueRef::Text(&letters[row..row + length + 1]));
            batch.push(ValueRef::NumberBytes(&[0xc4, 2, 3, 4, 5]));
            batch.push(if row == 1 { ValueRef::Text("é".as_bytes()) } else { ValueRef::Text(&letters[..64 + row]) });
            batch.push(ValueRef::Decimal("12345678.25"));
            batch.finish_row(None);
        }
        let (mut out, mut expected) = (BytesMut::new(), BytesMut::new());
        assert_eq!(encoder.encode_rows(&batch, 0..3, usize::MAX, &mut out, |_, _| {}), Ok(3));
        for row in 0..3 {
            expected.extend_from_slice(&[0, 5]);
            for (value, transcoder) in batch.row(row).zip(&transcoders) {
                transcoder.encode(value, &mut expected).unwrap();
            }
        }
        assert!(out == expected, "texts of {length} bytes");
    }
}

#[test]
fn a_refused_value_leaves_the_row_as_it_was() {
    let (_, encoder) = made(0);
    let mut out = BytesMut::from(&b"row so far"[..]);
    let error = encoder.columns()[1].encode(ValueRef::Decimal("0.001"), &mut out).unwrap_err();
    assert_eq!((error.kind(), &out[..]), (ValueErrorKind::Inexact, &b"row so far"[..]));
    assert_eq!(error.to_string(), "the target type would lose digits, the time of day or the offset of the value");
}
