//! How long reading and converting takes: `cargo run --release -p schema-map --example measure_schema -- 1000 10000`, for schemas of
//! so many tables of twenty columns, each with a primary and a foreign key, a check, two indexes, comments and a view.

use schema_map::{
    CaseRule, DefaultTypes, NameMap, OracleIdent,
    ddl::{self, Ddl, Options},
    script::Script,
};
use std::{env, error::Error, fmt::Write as _, time::Instant};

const TYPES: [&str; 10] = [
    "NUMBER(10,0)",
    "NUMBER(12,2)",
    "NUMBER",
    "VARCHAR2(100 CHAR)",
    "VARCHAR2(4000)",
    "CHAR(3)",
    "DATE DEFAULT SYSDATE",
    "TIMESTAMP(6)",
    "CLOB",
    "RAW(16)",
];

fn main() -> Result<(), Box<dyn Error>> {
    for argument in env::args().skip(1) {
        measure(argument.parse()?)?;
    }
    Ok(())
}

fn measure(tables: usize) -> Result<(), Box<dyn Error>> {
    let text = schema(tables)?;
    let app = OracleIdent::new("APP")?;
    let mut options = Options::default();
    options.partial = true;
    let start = Instant::now();
    let mut script = Script::in_any_order();
    script.read("app.sql", &text, &app);
    script.finish();
    let read = start.elapsed();
    if let Some(error) = script.errors.first() {
        return Err(error.to_string().into());
    }
    let (names, _) = NameMap::plan_apart(&script.catalog, &CaseRule::Lower, &NameMap::default())?;
    let named = start.elapsed();
    let ddl = Ddl::with(&script.catalog, &names, &DefaultTypes::default(), &options)?;
    let converted = start.elapsed();
    let written: usize = ddl::files(&ddl).iter().map(|(_, content)| content.len()).sum();
    let whole = start.elapsed();
    let megabytes = text.len() as f64 / 1e6;
    println!(
        "{tables} tables, {megabytes:.1} MB of DDL: read {:.2} s ({:.1} MB/s), names {:.2} s, DDL {:.2} s, files {:.2} s ({:.1} MB); {:.2} s in all",
        read.as_secs_f64(),
        megabytes / read.as_secs_f64(),
        (named - read).as_secs_f64(),
        (converted - named).as_secs_f64(),
        (whole - converted).as_secs_f64(),
        written as f64 / 1e6,
        whole.as_secs_f64(),
    );
    Ok(())
}

fn schema(tables: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for n in 0..tables {
        let t = format!("T_{n:06}");
        write!(text, "CREATE TABLE \"APP\".\"{t}\"\n   (\t\"ID\" NUMBER(18,0) NOT NULL ENABLE")?;
        for c in 1..20 {
            write!(text, ",\n\t\"C{c:02}\" {}", TYPES[c % TYPES.len()])?;
        }
        write!(
            text,
            ",\n\t CONSTRAINT \"{t}_PK\" PRIMARY KEY (\"ID\")\n  USING INDEX PCTFREE 10 INITRANS 2 MAXTRANS 255\n  \
             STORAGE(INITIAL 65536 NEXT 1048576 MINEXTENTS 1)\n  TABLESPACE \"USERS\"  ENABLE\n   ) SEGMENT CREATION IMMEDIATE\n  \
             PCTFREE 10 PCTUSED 40 INITRANS 1 MAXTRANS 255\n NOCOMPRESS LOGGING\n  TABLESPACE \"USERS\";\n"
        )?;
        if n > 0 {
            writeln!(
                text,
                "ALTER TABLE \"APP\".\"{t}\" ADD CONSTRAINT \"{t}_FK\" FOREIGN KEY (\"C10\") REFERENCES \"APP\".\"T_{:06}\" (\"ID\") ENABLE;",
                n / 2
            )?;
        }
        writeln!(
            text,
            "ALTER TABLE \"APP\".\"{t}\" ADD CONSTRAINT \"{t}_CK\" CHECK (\"C01\" BETWEEN 0 AND 9 OR \"C02\" IS NULL) ENABLE;"
        )?;
        writeln!(
            text,
            "CREATE UNIQUE INDEX \"APP\".\"{t}_IX1\" ON \"APP\".\"{t}\" (\"C01\", \"C03\") PCTFREE 10 TABLESPACE \"USERS\";"
        )?;
        writeln!(text, "CREATE INDEX \"APP\".\"{t}_IX2\" ON \"APP\".\"{t}\" (UPPER(\"C03\"), \"C07\" DESC);")?;
        writeln!(text, "COMMENT ON TABLE \"APP\".\"{t}\" IS 'table {n} it''s';")?;
        writeln!(
            text,
            "CREATE OR REPLACE FORCE EDITIONABLE VIEW \"APP\".\"{t}_V\" (\"ID\", \"N\") AS\n  SELECT t.id, NVL(SUM(t.c02), 0) FROM app.{t} t WHERE t.c07 > ADD_MONTHS(SYSDATE, -1) GROUP BY t.id;"
        )?;
    }
    Ok(text)
}
