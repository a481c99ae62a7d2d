use schema_map::{ColumnPlan, ObjectPath, OracleIdent, PgIdent, PgPath, TablePlan};
use type_convert::{DateTime, FieldError, LengthUnit, LossPolicy, OpenRow, OracleType, PgType, RowBatch, ValueRef};

/// `CREATE TABLE` for [`orders_plan`], without the name.
pub const ORDERS: &str = "(id bigint, amount numeric(12,2), tax numeric(12,2), paid numeric(12,2), created timestamp, \
     changed timestamp, customer text, address text, item text, due timestamp(0), note text, weight float8)";

/// A row of 12 columns, about 280 bytes in COPY BINARY, in the forms in which ODPI-C hands values over: integers, exact decimal
/// text, date fields, UTF-8, doubles.
#[derive(Debug, Clone)]
pub struct Order {
    /// NUMBER(18)
    pub id: i64,
    /// NUMBER(12,2), as text
    pub amounts: [String; 3],
    /// TIMESTAMP(6)
    pub times: [DateTime; 2],
    /// VARCHAR2(60)
    pub texts: [String; 3],
    /// DATE
    pub due: DateTime,
    /// VARCHAR2(100), one in three NULL
    pub note: Option<String>,
    /// BINARY_DOUBLE
    pub weight: f64,
}

/// `count` different rows, the same in every run.
pub fn orders(count: u32) -> Vec<Order> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state >> 40).unwrap_or(0) % below
    };
    let small = |n: u32| u8::try_from(n).unwrap_or(0);
    (0..count)
        .map(|n| {
            let mut text = |from: u32, to: u32| -> String {
                let length = from + random(to - from);
                (0..length).map(|i| char::from(b'a' + small((n * 7 + i * 13 + random(3)) % 26))).collect()
            };
            let texts = [text(20, 60), text(20, 60), text(20, 60)];
            let note = text(10, 100);
            let mut time = |fraction: u32| DateTime {
                year: 1990 + i16::from(small(random(40))),
                month: 1 + small(random(12)),
                day: 1 + small(random(28)),
                hour: small(random(24)),
                minute: small(random(60)),
                second: small(random(60)),
                nanosecond: random(1_000_000) * fraction,
            };
            let (times, due) = ([time(1000), time(1000)], time(0));
            let mut amount =
                || format!("{}{}.{:02}", if random(10) == 0 { "-" } else { "" }, random(1_000_000), random(100));
            Order {
                id: i64::from(n) + 1,
                amounts: [amount(), amount(), amount()],
                times,
                texts,
                due,
                note: (n % 3 > 0).then_some(note),
                weight: f64::from(random(1_000_000)) / 1234.5,
            }
        })
        .collect()
}

/// The rows in an arena, as a reader fills it.
pub fn orders_batch(orders: &[Order], batch: &mut RowBatch) {
    batch.reset(12);
    for order in orders {
        batch.push(ValueRef::Int(order.id));
        order.amounts.iter().for_each(|a| batch.push(ValueRef::Decimal(a)));
        order.times.iter().for_each(|t| batch.push(ValueRef::DateTime(*t)));
        order.texts.iter().for_each(|t| batch.push(ValueRef::Text(t.as_bytes())));
        batch.push(ValueRef::DateTime(order.due));
        batch.push(order.note.as_ref().map_or(ValueRef::Null, |n| ValueRef::Text(n.as_bytes())));
        batch.push(ValueRef::Double(order.weight));
        batch.finish_row(None);
    }
}

/// One row, value by value, as it is written without a batch.
// Inlined for the sake of the measure, as a program's own closure is.
#[inline(always)]
pub fn push_order(order: &Order, row: &mut OpenRow<'_>) -> Result<(), FieldError> {
    row.push(ValueRef::Int(order.id))?;
    let [a, b, c] = &order.amounts;
    row.push(ValueRef::Decimal(a))?;
    row.push(ValueRef::Decimal(b))?;
    row.push(ValueRef::Decimal(c))?;
    let [a, b] = order.times;
    row.push(ValueRef::DateTime(a))?;
    row.push(ValueRef::DateTime(b))?;
    let [a, b, c] = &order.texts;
    row.push(ValueRef::Text(a.as_bytes()))?;
    row.push(ValueRef::Text(b.as_bytes()))?;
    row.push(ValueRef::Text(c.as_bytes()))?;
    row.push(ValueRef::DateTime(order.due))?;
    match &order.note {
        Some(note) => row.push(ValueRef::Text(note.as_bytes()))?,
        None => row.push(ValueRef::Null)?,
    }
    row.push(ValueRef::Double(order.weight))
}

/// How the rows move, into a table of this name in schema `public`.
pub fn orders_plan(table: &str) -> TablePlan {
    let number = |p, s| OracleType::Number { precision: Some(p), scale: Some(s) };
    let text = |length| OracleType::Varchar2 { length, unit: LengthUnit::Byte };
    let numeric = PgType::Numeric { digits: Some((12, 2)) };
    let timestamp = PgType::Timestamp { precision: None };
    let columns = [
        ("ID", number(18, 0), PgType::Int8),
        ("AMOUNT", number(12, 2), numeric.clone()),
        ("TAX", number(12, 2), numeric.clone()),
        ("PAID", number(12, 2), numeric),
        ("CREATED", OracleType::Timestamp { precision: 6 }, timestamp.clone()),
        ("CHANGED", OracleType::Timestamp { precision: 6 }, timestamp),
        ("CUSTOMER", text(60), PgType::Text),
        ("ADDRESS", text(60), PgType::Text),
        ("ITEM", text(60), PgType::Text),
        ("DUE", OracleType::Date, PgType::Timestamp { precision: Some(0) }),
        ("NOTE", text(100), PgType::Text),
        ("WEIGHT", OracleType::BinaryDouble, PgType::Float8),
    ];
    let oracle = |name: &str| OracleIdent::new(name).expect("a name");
    let pg = |name: &str| PgIdent::new(name).expect("a name");
    TablePlan {
        source: ObjectPath { schema: oracle("BENCH"), name: oracle("ORDERS") },
        target: PgPath { schema: pg("public"), name: pg(table) },
        columns: columns
            .into_iter()
            .map(|(name, oracle_type, pg_type)| ColumnPlan {
                source: oracle(name),
                oracle_type,
                target: pg(&name.to_lowercase()),
                pg_type,
                nullable: true,
                loss: LossPolicy::default(),
            })
            .collect(),
        key: vec![0],
    }
}
