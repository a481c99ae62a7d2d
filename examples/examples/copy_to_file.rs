//! The COPY encoder of `pg-sink` alone: rows into a file that `COPY … FROM 'file' (FORMAT binary)` takes. No connection, no runtime.
//!
//! `cargo run -p examples --example copy_to_file -- regions.copy`, then in psql:
//! `CREATE TABLE regions (region_id numeric, region_name varchar(25)); \copy regions from regions.copy (format binary)`

use bytes::BytesMut;
use pg_sink::CopyEncoder;
use schema_map::{ColumnPlan, ObjectPath, OracleIdent, PgIdent, PgPath, TablePlan};
use std::{env, error::Error, fs::File, io::Write};
use type_convert::{LengthUnit, LossPolicy, OracleType, PgType, RowBatch, ValueRef};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name the file to write")?;
    let plan = TablePlan {
        source: ObjectPath { schema: OracleIdent::new("HR")?, name: OracleIdent::new("REGIONS")? },
        target: PgPath { schema: PgIdent::new("public")?, name: PgIdent::new("regions")? },
        columns: vec![
            column("REGION_ID", OracleType::Number { precision: None, scale: None }, PgType::Numeric { digits: None })?,
            column(
                "REGION_NAME",
                OracleType::Varchar2 { length: 25, unit: LengthUnit::Byte },
                PgType::Varchar { length: Some(25) },
            )?,
        ],
        key: vec![0],
    };
    let mut encoder = CopyEncoder::new(&plan)?;
    let mut out = BytesMut::new();
    encoder.header(&mut out);

    // A batch as a reader of any kind would fill it.
    let mut batch = RowBatch::new(plan.columns.len());
    for (id, name) in [(10, "Europe"), (20, "Americas"), (30, "Asia"), (40, "Oceania")] {
        batch.push(ValueRef::Int(id));
        batch.push(ValueRef::Text(name.as_bytes()));
        batch.finish_row(None);
    }
    let rows = encoder.encode_rows(&batch, 0, &mut out)?;
    encoder.trailer(&mut out);

    File::create(&path)?.write_all(&out)?;
    println!("{rows} rows, {} bytes in {path}", out.len());
    Ok(())
}

fn column(name: &str, oracle_type: OracleType, pg_type: PgType) -> Result<ColumnPlan, Box<dyn Error>> {
    Ok(ColumnPlan {
        source: OracleIdent::new(name)?,
        oracle_type,
        target: PgIdent::new(name.to_lowercase())?,
        pg_type,
        nullable: true,
        loss: LossPolicy::default(),
    })
}
