//! Random values of each pair of types: our bytes, once in PostgreSQL, are the value meant, and come back as they went.

mod cases;

use crate::database::{Database, text};
use crate::source::{self, number_type, plan};
use bytes::BytesMut;
use cases::{ASSUMED, Case, LABELS, LENGTH};
use futures_util::TryStreamExt;
use pg_sink::{CopyDecoder, CopyEncoder, CopyRow, CopyWriter};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::pin::pin;
use tokio_postgres::Client;
use type_convert::{
    CollectionType, LengthUnit, Loss, LossAction, LossPolicy, ObjectType, OracleType, PgComposite, PgEnum, PgType,
    RowBatch, Transcoder, ValueRef,
};

const NUMBER: OracleType = OracleType::Number { precision: None, scale: None };
const NUMERIC: PgType = PgType::Numeric { digits: None };

struct Pair {
    oracle: OracleType,
    pg: PgType,
    policy: LossPolicy,
    cases: BoxedStrategy<Case>,
    /// SQL for what PostgreSQL makes of `literal`, a column of texts.
    expected: String,
    /// Whether the server sends back what it was sent.
    as_sent: bool,
    /// What every value may lose; in all others nothing is.
    loss: Option<Loss>,
}

impl Pair {
    /// With nothing lost; `None` where there is no such pair.
    fn exact(oracle: &OracleType, pg: &PgType) -> Option<Self> {
        let cases = cases::of(oracle, pg)?;
        let zoned = matches!(oracle, OracleType::TimestampTz { .. } | OracleType::TimestampLtz { .. });
        let offset_lost = zoned && matches!(pg, PgType::Timestamp { .. });
        Some(Pair {
            oracle: oracle.clone(),
            pg: pg.clone(),
            policy: planned_policy(),
            cases,
            expected: if offset_lost { format!("literal::timestamptz::{pg}") } else { format!("literal::{pg}") },
            as_sent: !matches!(pg, PgType::Jsonb) && *pg != PgType::Array(Box::new(PgType::Jsonb)),
            loss: offset_lost.then_some(Loss::Offset),
        })
    }

    fn lossy(oracle: OracleType, pg: PgType, loss: Loss, cases: BoxedStrategy<Case>, expected: &str) -> Self {
        let mut policy = LossPolicy::default();
        let field = match loss {
            Loss::DecimalDigits => &mut policy.decimal_digits,
            Loss::FloatDigits => &mut policy.float_digits,
            Loss::TimeOfDay => &mut policy.time_of_day,
            Loss::TooLong => &mut policy.too_long,
            other => panic!("{other} is not compared here"),
        };
        *field = LossAction::Convert;
        Pair { oracle, pg, policy, cases, expected: expected.into(), as_sent: true, loss: Some(loss) }
    }

    fn name(&self) -> String {
        format!("{} to {}", self.oracle, self.pg.to_definition())
    }

    /// SQL that is true of a row whose value is not the one meant.
    fn unlike(&self) -> String {
        let expected = &self.expected;
        let float = match self.oracle {
            OracleType::BinaryFloat => Some("real"),
            OracleType::BinaryDouble => Some("double precision"),
            _ => None,
        };
        match (&self.pg, float) {
            // Any text will do that reads as the number, is as short as PostgreSQL's own, and looks like a number.
            (pg, Some(float)) if cases::is_text(pg) => format!(
                "value::text::{float}::text IS DISTINCT FROM literal::{float}::text \
                 OR value::text !~ '^(-?[0-9]+([.][0-9]+)?(e-?[0-9]+)?|NaN|-?Infinity) *$' \
                 OR length(regexp_replace(value::text, 'e.*|[-.0]', '', 'g')) > 17"
            ),
            // The server's output function leaves out one line break before the root element, we all of them.
            (PgType::Xml, _) => {
                let shown = |value: &str| format!("ltrim(format('%s', {value}), E'\\n')");
                format!("{} IS DISTINCT FROM {}", shown("value"), shown(expected))
            }
            (PgType::Array(element), _) if **element == PgType::Xml => {
                let shown = |value: &str| {
                    let texts = "SELECT ltrim(format('%s', x), E'\\n') FROM unnest";
                    format!("ARRAY({texts}({value}) WITH ORDINALITY u(x, n) ORDER BY n)")
                };
                format!("{} IS DISTINCT FROM {}", shown("value"), shown(expected))
            }
            // There is no `=` of these. As text they are what is stored, not what is sent.
            (pg, _) if !has_equality(pg) => format!("format('%s', value) IS DISTINCT FROM format('%s', {expected})"),
            _ => {
                let unlike =
                    format!("value IS DISTINCT FROM {expected} OR value::text IS DISTINCT FROM {expected}::text");
                match self.oracle {
                    OracleType::Number { .. } | OracleType::Float { .. } if cases::is_text(&self.pg) => {
                        format!("{unlike} OR rtrim(value::text) <> value::text::numeric::text")
                    }
                    _ => unlike,
                }
            }
        }
    }
}

fn has_equality(pg: &PgType) -> bool {
    match pg {
        PgType::Json | PgType::Xml => false,
        PgType::Array(element) => has_equality(element),
        PgType::Composite(composite) => composite.fields.iter().all(|(_, field)| has_equality(field)),
        _ => true,
    }
}

/// Refuses all losses but those without which a pair cannot even be planned.
fn planned_policy() -> LossPolicy {
    let mut policy = LossPolicy::default();
    policy.offset = LossAction::Convert;
    policy.assumed_offset = Some(ASSUMED);
    policy
}

/// Every Oracle type, and in every form that makes a difference.
fn oracle_types() -> Vec<OracleType> {
    let (length, unit) = (LENGTH, LengthUnit::Char);
    let mut types = vec![
        NUMBER,
        OracleType::Float { binary_precision: 126 },
        OracleType::BinaryFloat,
        OracleType::BinaryDouble,
        OracleType::Char { length, unit },
        OracleType::NChar { length },
        OracleType::Varchar2 { length, unit },
        OracleType::NVarchar2 { length },
        OracleType::Long,
        OracleType::LongRaw,
        OracleType::Raw { length: 16 },
        OracleType::Raw { length: 50 },
        OracleType::Clob,
        OracleType::NClob,
        OracleType::Blob,
        OracleType::BFile,
        OracleType::Date,
        OracleType::Timestamp { precision: 9 },
        OracleType::TimestampTz { precision: 9 },
        OracleType::TimestampLtz { precision: 9 },
        OracleType::IntervalYm { year_precision: 9 },
        OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
        OracleType::RowId,
        OracleType::URowId { length: 4000 },
        OracleType::Xml,
        OracleType::Json,
        OracleType::Boolean,
        OracleType::Vector { dimensions: None, format: None },
        OracleType::Geometry,
        OracleType::Other { owner: None, name: "ANYDATA".into() },
    ];
    let list = |element: &OracleType| {
        let element = element.clone();
        let list = CollectionType { owner: "HR".into(), name: "LIST".into(), limit: None, element };
        OracleType::Collection(Box::new(list))
    };
    let texts = list(&types[6]);
    let place = OracleType::Object(Box::new(ObjectType {
        owner: "HR".into(),
        name: "PLACE".into(),
        attributes: vec![
            ("NO".into(), NUMBER),
            ("NAME".into(), types[6].clone()),
            ("AT".into(), OracleType::Date),
            ("TAGS".into(), texts.clone()),
        ],
    }));
    let lists = [&NUMBER, &OracleType::Date, &OracleType::Blob, &place].map(list);
    types.extend(lists);
    types.extend([texts, place]);
    types
}

/// Every PostgreSQL type, and in every form that makes a difference. The composite's OID is this one.
fn pg_types(oid: u32) -> Vec<PgType> {
    let labels: Vec<String> = LABELS.iter().map(|l| (*l).to_owned()).collect();
    let mood = |labels| PgType::Enum(Box::new(PgEnum { name: "mood".into(), labels }));
    let fields = [
        ("no", PgType::Int4),
        ("name", PgType::Varchar { length: Some(LENGTH) }),
        ("at", PgType::Timestamp { precision: Some(0) }),
        ("tags", PgType::Array(Box::new(PgType::Text))),
    ];
    let fields = fields.map(|(name, pg)| (name.to_owned(), pg)).into();
    let place =
        PgType::Composite(Box::new(PgComposite { name: "place".into(), oid: Some(oid), array_oid: None, fields }));
    let mut types = vec![
        PgType::Bool,
        PgType::Int2,
        PgType::Int4,
        PgType::Int8,
        NUMERIC,
        PgType::Numeric { digits: Some((12, 2)) },
        PgType::Float4,
        PgType::Float8,
        PgType::Text,
        PgType::Varchar { length: None },
        PgType::Varchar { length: Some(LENGTH) },
        PgType::Bpchar { length: LENGTH },
        PgType::Bytea,
        PgType::Date,
        PgType::Timestamp { precision: None },
        PgType::Timestamp { precision: Some(0) },
        PgType::Timestamp { precision: Some(3) },
        PgType::TimestampTz { precision: None },
        PgType::TimestampTz { precision: Some(3) },
        PgType::Interval,
        PgType::Uuid,
        PgType::Json,
        PgType::Jsonb,
        PgType::Xml,
        PgType::Citext,
        PgType::Vector { dimensions: None },
        PgType::Geometry,
        mood(labels),
        mood(Vec::new()),
        place,
    ];
    // Of those whose OIDs are known.
    let elements =
        types.iter().filter(|pg| PgType::Array(Box::new((*pg).clone())).oid().is_some() || pg.oid() == Some(oid));
    let arrays: Vec<PgType> = elements.map(|pg| PgType::Array(Box::new(pg.clone()))).collect();
    types.extend(arrays);
    types
}

fn pairs(oid: u32) -> Vec<Pair> {
    let pg_types = pg_types(oid);
    let all = oracle_types().into_iter().flat_map(|oracle| {
        let exact: Vec<Pair> = pg_types.iter().filter_map(|pg| Pair::exact(&oracle, pg)).collect();
        exact
    });
    all.collect()
}

/// What a policy lets values lose, where PostgreSQL itself can say what is left.
fn lossy_pairs() -> Vec<Pair> {
    let of = |oracle: &OracleType, pg: &PgType| cases::of(oracle, pg).unwrap();
    let varchar2 = source::varchar2(LENGTH);
    let numeric = |p, s| PgType::Numeric { digits: Some((p, s)) };
    let (fine, double, bits) = (cases::scaled(30, 14), PgType::Float8, OracleType::BinaryDouble);
    let singles = of(&bits, &double).prop_filter("in range", |case| {
        // PostgreSQL's own cast refuses what becomes 0.
        case.literal.parse::<f64>().is_ok_and(|f| !f.is_finite() || f == 0.0 || (1.2e-38..3.4e38).contains(&f.abs()))
    });
    vec![
        Pair::lossy(NUMBER, numeric(30, 2), Loss::DecimalDigits, fine.clone(), "literal::numeric(30,2)"),
        Pair::lossy(NUMBER, numeric(30, -3), Loss::DecimalDigits, fine.clone(), "literal::numeric(30,-3)"),
        Pair::lossy(NUMBER, PgType::Int8, Loss::DecimalDigits, fine.clone(), "literal::numeric::bigint"),
        Pair::lossy(varchar2.clone(), PgType::Int8, Loss::DecimalDigits, in_text(fine), "literal::numeric::bigint"),
        Pair::lossy(NUMBER, double.clone(), Loss::FloatDigits, of(&NUMBER, &NUMERIC), "literal::double precision"),
        Pair::lossy(NUMBER, PgType::Float4, Loss::FloatDigits, cases::scaled(38, 10), "literal::real"),
        Pair::lossy(bits, PgType::Float4, Loss::FloatDigits, singles.boxed(), "literal::double precision::real"),
        Pair::lossy(
            OracleType::Date,
            PgType::Date,
            Loss::TimeOfDay,
            of(&OracleType::Date, &PgType::Timestamp { precision: Some(0) }),
            "literal::timestamp::date",
        ),
        Pair::lossy(
            varchar2.clone(),
            PgType::Varchar { length: Some(10) },
            Loss::TooLong,
            of(&varchar2, &PgType::Text),
            "literal::varchar(10)",
        ),
        Pair::lossy(
            varchar2.clone(),
            PgType::Bpchar { length: 10 },
            Loss::TooLong,
            of(&varchar2, &PgType::Text),
            "literal::character(10)",
        ),
    ]
}

fn in_text(numbers: BoxedStrategy<Case>) -> BoxedStrategy<Case> {
    let in_text =
        |Case { literal, .. }: Case| Case { forms: vec![cases::Form::Value(source::text(&literal))], literal };
    numbers.prop_map(in_text).boxed()
}

fn count() -> usize {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

fn samples<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, count: usize) -> Vec<T> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// A pair that is planned is one of those below, and the other way round.
#[test]
fn no_pair_is_forgotten() {
    let (mut known, mut planned) = (BTreeMap::new(), BTreeMap::new());
    for oracle in oracle_types() {
        for pg in pg_types(70_000) {
            let pair = format!("{oracle} to {}", pg.to_definition());
            // Compared where their extensions are, in `geometry`, and byte by byte in type-convert.
            if matches!(pg, PgType::Geometry | PgType::Vector { .. }) {
                continue;
            }
            known.insert(pair.clone(), Pair::exact(&oracle, &pg).is_some());
            planned.insert(pair, Transcoder::new(&oracle, &pg, planned_policy()).is_ok());
        }
    }
    let forgotten: Vec<_> = planned.iter().filter(|(pair, is_planned)| known[*pair] != **is_planned).collect();
    assert!(forgotten.is_empty(), "planned and not compared, or the other way round: {forgotten:#?}");
    assert!(known.values().filter(|known| **known).count() > 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_arrive_as_meant_and_come_back_as_sent() {
    let database = Database::new().await;
    let client = database.client().await;
    client.batch_execute("SET timezone = 'UTC'").await.unwrap();
    let labels = LABELS.map(|l| format!("'{}'", l.replace('\'', "''"))).join(", ");
    let types = format!(
        "CREATE TYPE mood AS ENUM ({labels}); \
         CREATE TYPE place AS (no integer, name varchar({LENGTH}), at timestamp(0), tags text[])"
    );
    client.batch_execute(&types).await.unwrap();
    let oid = client.query_one("SELECT 'place'::regtype::oid", &[]).await.unwrap().get(0);
    let citext = client.batch_execute("CREATE EXTENSION citext").await;
    if let Err(e) = &citext {
        println!("NOT RUN: the pairs of citext, which this server does not have: {e}");
    }
    let (mut compared, mut values) = (0, 0);
    let pairs = pairs(oid).into_iter().chain(lossy_pairs());
    for pair in pairs.filter(|pair| pair.pg != PgType::Citext || citext.is_ok()) {
        values += check(&client, compared, &pair).await;
        compared += 1;
    }
    println!("{values} values of {compared} pairs of types");
}

/// NUMBER of each precision and scale that it can be declared with, into `numeric` of the same: our bytes are those that the server
/// makes of the decimal text.
#[tokio::test]
async fn each_precision_and_scale_is_as_the_server_reads_it() {
    let database = Database::new().await;
    let client = database.client().await;
    let version: i32 = client.query_one("SELECT current_setting('server_version_num')::int", &[]).await.unwrap().get(0);
    let older = version < 150_000;
    if older {
        println!("NOT RUN: scales below 0 and beyond the precision, which PostgreSQL has from 15 on");
    }
    for precision in 1..=38_u16 {
        let p = u8::try_from(precision).unwrap();
        let scales: Vec<i8> = (-84..=127).filter(|s| !older || (0..=i16::from(p)).contains(&i16::from(*s))).collect();
        let mut columns = vec![source::column("id", number_type(9, 0), PgType::Int4)];
        columns.extend(scales.iter().enumerate().map(|(n, &scale)| {
            let pg = PgType::Numeric { digits: Some((precision, scale.into())) };
            source::column(&format!("c{n}"), number_type(p, scale), pg)
        }));
        let plan = plan(&format!("numbers_{precision}"), columns, &[]);
        let columns: Vec<Vec<Case>> = scales
            .iter()
            .map(|&scale| {
                let within = cases::scaled(precision, scale.into()).prop_filter("a NUMBER", |case| {
                    case.literal.trim_start_matches('-').parse::<type_convert::Number>().is_ok()
                });
                samples(&within.boxed(), 12)
            })
            .collect();
        let (mut batch, mut lines) = (RowBatch::new(scales.len() + 1), String::new());
        for (id, row) in (0_i64..).zip(0..12) {
            batch.push(ValueRef::Int(id));
            let cases: Vec<&Case> = columns.iter().map(|column| &column[row]).collect();
            cases.iter().for_each(|case| batch.push(case.forms[row % case.forms.len()].as_ref()));
            batch.finish_row(None);
            lines += &format!("{id}\t");
            lines += &cases.iter().map(|case| case.literal.as_str()).collect::<Vec<_>>().join("\t");
            lines.push('\n');
        }
        client.batch_execute(&source::create_table(&plan)).await.unwrap();
        let mut encoder = CopyEncoder::new(&plan).unwrap();
        let mut writer = CopyWriter::begin(&client, encoder.clone()).await.unwrap();
        writer.write(&batch, 0).await.unwrap();
        writer.finish().await.unwrap();
        let ours = encoded(&mut encoder, &batch);
        let (table, copied) = (plan.target.quoted(), format!("read_{precision}"));
        assert_same(
            &ours,
            &copied_out(&client, &format!("SELECT * FROM {table} ORDER BY id")).await,
            &format!("precision {precision}"),
        );
        client.batch_execute(&format!("CREATE TABLE {copied} (LIKE {table})")).await.unwrap();
        let mut sink = pin!(client.copy_in(&format!("COPY {copied} FROM STDIN")).await.unwrap());
        futures_util::SinkExt::send(&mut sink, bytes::Bytes::from(lines)).await.unwrap();
        sink.finish().await.unwrap();
        assert_same(
            &ours,
            &copied_out(&client, &format!("SELECT * FROM {copied} ORDER BY id")).await,
            &format!("precision {precision}, read"),
        );
    }
}

/// Returns how many values were compared.
async fn check(client: &Client, nth: usize, pair: &Pair) -> usize {
    let what = pair.name();
    let mut column = source::column("value", pair.oracle.clone(), pair.pg.clone());
    column.loss = pair.policy;
    let columns = vec![
        source::column("id", number_type(9, 0), PgType::Int4),
        column,
        source::column("literal", OracleType::Clob, PgType::Text),
    ];
    let plan = plan(&format!("pair_{nth}"), columns, &[]);
    let cases = samples(&pair.cases, count());
    let transcoder = Transcoder::new(&pair.oracle, &pair.pg, pair.policy).unwrap_or_else(|e| panic!("{what}: {e}"));
    let mut batch = RowBatch::new(3);
    let (mut field, mut same) = (BytesMut::new(), BytesMut::new());
    for (id, case) in (0_i64..).zip(&cases) {
        // One form goes to the server, all others are the same bytes. NULL now and then.
        let encode = |form: &cases::Form, out: &mut BytesMut| {
            out.clear();
            transcoder.encode(form.as_ref(), out).unwrap_or_else(|e| panic!("{what}: {form:?} of {case:?}: {e}"))
        };
        let losses = encode(&case.forms[0], &mut field);
        assert!(losses.iter().all(|loss| Some(loss) == pair.loss), "{what}: {case:?} loses {losses:?}");
        for form in &case.forms[1..] {
            assert_eq!((encode(form, &mut same), &same), (losses, &field), "{what}: {form:?} of {case:?}");
        }
        let null = id % 17 == 5;
        let form = &case.forms[usize::try_from(id).unwrap() % case.forms.len()];
        batch.push(ValueRef::Int(id));
        batch.push(if null { ValueRef::Null } else { form.as_ref() });
        batch.push(if null { ValueRef::Null } else { ValueRef::Text(case.literal.as_bytes()) });
        batch.finish_row(None);
    }
    if let Err(error) = client.batch_execute(&source::create_table(&plan)).await {
        // A scale below 0 or above the precision: from PostgreSQL 15 on.
        assert!(
            what.contains("numeric(") && error.code().is_some_and(|code| code.code() == "22023"),
            "{what}: {error}"
        );
        return 0;
    }
    let mut encoder = CopyEncoder::new(&plan).unwrap_or_else(|e| panic!("{what}: {e}"));
    let mut writer = CopyWriter::begin(client, encoder.clone()).await.unwrap();
    writer.write(&batch, 0).await.unwrap_or_else(|e| panic!("{what}: {e}: {:?}", cases[e.row().unwrap_or(0)]));
    writer.finish().await.unwrap_or_else(|e| panic!("{what}: {e}"));

    let table = plan.target.quoted();
    let unlike =
        format!("SELECT id, literal, value::text, {} FROM {table} WHERE {} LIMIT 3", pair.expected, pair.unlike());
    let unlike = text(client, &unlike).await;
    assert!(unlike.is_empty(), "{what}: {unlike}");
    if pair.as_sent {
        let ours = encoded(&mut encoder, &batch);
        let theirs = copied_out(client, &format!("SELECT id, value, literal FROM {table} ORDER BY id")).await;
        assert_same(&ours, &theirs, &what);
    }
    client.batch_execute(&format!("DROP TABLE {table}")).await.unwrap();
    cases.len()
}

/// The whole stream.
fn encoded(encoder: &mut CopyEncoder, batch: &RowBatch) -> Vec<u8> {
    let mut stream = BytesMut::new();
    encoder.header(&mut stream);
    assert_eq!(encoder.encode_rows(batch, 0, &mut stream).unwrap(), batch.rows());
    encoder.trailer(&mut stream);
    stream.to_vec()
}

async fn copied_out(client: &Client, query: &str) -> Vec<u8> {
    let copy = format!("COPY ({query}) TO STDOUT (FORMAT BINARY)");
    let pieces: Vec<_> = pin!(client.copy_out(copy.as_str()).await.unwrap()).try_collect().await.unwrap();
    pieces.concat()
}

/// Two streams, byte for byte; where they differ, the first field that does.
fn assert_same(ours: &[u8], theirs: &[u8], what: &str) {
    if ours == theirs {
        return;
    }
    let (ours, theirs) = (rows(ours), rows(theirs));
    assert_eq!(ours.len(), theirs.len(), "{what}: rows");
    for (row, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        for (column, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            assert_eq!(ours, theirs, "{what}: row {row}, column {column}");
        }
    }
    panic!("{what}: the streams differ, but their rows do not");
}

fn rows(stream: &[u8]) -> Vec<Vec<Option<Vec<u8>>>> {
    let (mut decoder, mut row, mut rows) = (CopyDecoder::new(), CopyRow::default(), Vec::new());
    decoder.push(stream);
    while decoder.next_row(&mut row).unwrap() {
        rows.push((0..row.len()).map(|i| row.get(i).map(<[u8]>::to_vec)).collect());
    }
    assert!(decoder.is_finished());
    rows
}
