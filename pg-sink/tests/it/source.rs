use schema_map::{ColumnPlan, ObjectPath, OracleIdent, PgIdent, PgPath, TablePlan};
use std::convert::Infallible;
use type_convert::{BatchReader, DateTime, LengthUnit, LossPolicy, Number, OracleType, PgType, RowBatch, Value};

/// Rows held in memory, read a few at a time.
pub(crate) struct Rows {
    pub(crate) types: Vec<OracleType>,
    pub(crate) rows: Vec<Vec<Value>>,
    pub(crate) at: usize,
    pub(crate) batch: usize,
}

impl Rows {
    pub(crate) fn new(plan: &TablePlan, rows: Vec<Vec<Value>>) -> Self {
        Rows { types: plan.columns.iter().map(|c| c.oracle_type.clone()).collect(), rows, at: 0, batch: 7 }
    }
}

impl BatchReader for Rows {
    type Error = Infallible;

    fn columns(&self) -> &[OracleType] {
        &self.types
    }

    fn read_batch(&mut self, batch: &mut RowBatch) -> Result<bool, Infallible> {
        batch.reset(self.types.len());
        let end = self.rows.len().min(self.at + self.batch);
        for (n, row) in self.rows[self.at..end].iter().enumerate() {
            row.iter().for_each(|value| batch.push(value.as_ref()));
            batch.finish_row(Some(row_id(self.at + n).as_bytes()));
        }
        self.at = end;
        Ok(batch.rows() > 0)
    }
}

pub(crate) fn row_id(row: usize) -> String {
    format!("AAAR3sAAEAAA{row:06}")
}

pub(crate) fn batch(rows: &[Vec<Value>]) -> RowBatch {
    batch_from(0, rows)
}

/// Rows of which the first has the ROWID `row_id(first)`.
pub(crate) fn batch_from(first: usize, rows: &[Vec<Value>]) -> RowBatch {
    let mut batch = RowBatch::new(rows[0].len());
    for (n, row) in rows.iter().enumerate() {
        row.iter().for_each(|value| batch.push(value.as_ref()));
        batch.finish_row(Some(row_id(first + n).as_bytes()));
    }
    batch
}

pub(crate) fn number(n: impl ToString) -> Value {
    Value::Number(n.to_string().parse::<Number>().unwrap())
}

pub(crate) fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}

pub(crate) fn date(year: i16, month: u8, day: u8) -> Value {
    Value::DateTime(DateTime { year, month, day, hour: 12, minute: 34, second: 56, nanosecond: 0 })
}

pub(crate) fn column(name: &str, oracle_type: OracleType, pg_type: PgType) -> ColumnPlan {
    ColumnPlan {
        source: OracleIdent::new(name.to_uppercase()).unwrap(),
        oracle_type,
        target: PgIdent::new(name).unwrap(),
        pg_type,
        nullable: true,
        loss: LossPolicy::default(),
    }
}

/// A plan of `HR.<NAME>` to `public.<name>`.
pub(crate) fn plan(name: &str, columns: Vec<ColumnPlan>, key: &[usize]) -> TablePlan {
    TablePlan {
        source: ObjectPath {
            schema: OracleIdent::new("HR").unwrap(),
            name: OracleIdent::new(name.to_uppercase()).unwrap(),
        },
        target: pg_path(name),
        columns,
        key: key.to_vec(),
    }
}

pub(crate) fn pg_path(name: &str) -> PgPath {
    PgPath { schema: PgIdent::new("public").unwrap(), name: PgIdent::new(name).unwrap() }
}

pub(crate) fn create_table(plan: &TablePlan) -> String {
    let mut items: Vec<String> = plan.columns.iter().map(|c| format!("{} {}", c.target.quoted(), c.pg_type)).collect();
    if !plan.key.is_empty() {
        let key: Vec<String> = plan.key.iter().map(|&c| plan.columns[c].target.quoted()).collect();
        items.push(format!("PRIMARY KEY ({})", key.join(", ")));
    }
    format!("CREATE TABLE {} ({})", plan.target.quoted(), items.join(", "))
}

pub(crate) fn number_type(precision: u8, scale: i8) -> OracleType {
    OracleType::Number { precision: Some(precision), scale: Some(scale) }
}

pub(crate) fn varchar2(length: u32) -> OracleType {
    OracleType::Varchar2 { length, unit: LengthUnit::Char }
}

/// `people (id integer primary key, name varchar(10), salary numeric(8,2), hired timestamp(0))`.
pub(crate) fn people() -> TablePlan {
    let columns = vec![
        column("id", number_type(6, 0), PgType::Int4),
        column("name", varchar2(10), PgType::Varchar { length: Some(10) }),
        column("salary", number_type(8, 2), PgType::Numeric { digits: Some((8, 2)) }),
        column("hired", OracleType::Date, PgType::Timestamp { precision: Some(0) }),
    ];
    plan("people", columns, &[0])
}

pub(crate) fn person(id: i64, name: &str) -> Vec<Value> {
    vec![number(id), text(name), number("1000.5"), date(2024, 2, 29)]
}

/// `notes (body varchar(20), size numeric, place varchar(5))`, without a key.
pub(crate) fn notes() -> TablePlan {
    let columns = vec![
        column("body", varchar2(20), PgType::Varchar { length: Some(20) }),
        column("size", OracleType::Number { precision: None, scale: None }, PgType::Numeric { digits: None }),
        column("place", varchar2(5), PgType::Varchar { length: Some(5) }),
    ];
    plan("notes", columns, &[])
}
