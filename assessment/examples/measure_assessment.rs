//! How much processor time and memory an assessment takes: `cargo run --release -p oracle-assessment --example measure_assessment -- 1000 10000`.
//!
//! A schema of so many objects: of ten, four tables (with a key, an index, a comment), two views, two procedures, a package and its
//! body. Reading the scripts is not counted; making the report and all its forms is. Each line is one measurement as JSON.

use assessment::{Assessment, CostModel, CsvTable, Facts, Portfolio, Scripts};
use cpu_time::ProcessTime;
use schema_map::{OracleIdent, script::Script};
use std::{env, error::Error, fmt::Write as _, fs, hint::black_box};

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<usize> = env::args().skip(1).map(|n| n.parse()).collect::<Result<_, _>>()?;
    let sizes = if given.is_empty() { vec![1000, 2500, 5000, 10_000] } else { given };
    for objects in sizes {
        measure(objects)?;
    }
    Ok(())
}

fn measure(objects: usize) -> Result<(), Box<dyn Error>> {
    let app = OracleIdent::new("APP")?;
    let text = schema(objects)?;
    let mut script = Script::in_any_order();
    script.read("app.sql", &text, &app);
    script.finish();
    if let Some(error) = script.errors.first() {
        return Err(error.to_string().into());
    }
    let (facts, model) = (Facts::default(), CostModel::default());
    let start = ProcessTime::now();
    let mut scripts = Scripts::of(&script);
    scripts.read("app.sql", &text, &app);
    let report = Assessment::new(&script.catalog, &facts, &model).scripts(&scripts).reference_score(true).run();
    let assessed = start.elapsed().as_secs_f64();
    let portfolio = Portfolio { reports: vec![report] };
    let forms =
        [portfolio.text(), portfolio.html()?, portfolio.json()?, portfolio.sarif()?, portfolio.csv(CsvTable::Objects)?];
    let bytes: usize = black_box(forms).iter().map(String::len).sum();
    let whole = start.elapsed().as_secs_f64();
    line(&format!("assess/{objects}"), assessed, "s");
    line(&format!("assess_and_render/{objects}"), whole, "s");
    line(&format!("assess_forms/{objects}"), mebibytes(u64::try_from(bytes)?), "MiB");
    if let Some(peak) = peak_memory() {
        line(&format!("assess_peak_memory/{objects}"), mebibytes(peak), "MiB");
    }
    Ok(())
}

fn line(measure: &str, value: f64, unit: &str) {
    println!(r#"{{"measure": "{measure}", "value": {value:.3}, "unit": "{unit}", "peer": null, "ratio": null}}"#);
}

fn mebibytes(bytes: u64) -> f64 {
    // Of bytes below 2^52, whole kibibytes first.
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}

/// The most memory that the process has had, in bytes: Linux tells it.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

fn schema(objects: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for n in 0..objects / 10 {
        for t in 0..4 {
            let before = if n == 0 { String::new() } else { format!(" REFERENCES t{}_{t}", n - 1) };
            writeln!(
                text,
                "CREATE TABLE t{n}_{t} (id NUMBER(10) CONSTRAINT t{n}_{t}_pk PRIMARY KEY, up NUMBER(10){before}, name VARCHAR2(100) NOT NULL, \
                 pay NUMBER, made TIMESTAMP(9) DEFAULT SYSTIMESTAMP, doc CLOB);\n\
                 CREATE INDEX t{n}_{t}_name ON t{n}_{t} (UPPER(name));"
            )?;
        }
        for v in 0..2 {
            writeln!(
                text,
                "CREATE VIEW v{n}_{v} AS SELECT a.id, NVL(b.name, a.name) name FROM t{n}_{v} a, t{n}_3 b WHERE a.id = b.up(+);"
            )?;
        }
        for p in 0..2 {
            writeln!(text, "CREATE PROCEDURE p{n}_{p}(who NUMBER) IS\nBEGIN\n{}END;\n/", body(n, p))?;
        }
        writeln!(
            text,
            "CREATE PACKAGE k{n} AS\n  PROCEDURE one(who NUMBER);\nEND;\n/\nCREATE PACKAGE BODY k{n} AS\n  PROCEDURE one(who NUMBER) IS\n  BEGIN\n{}  END;\nEND;\n/",
            body(n, 2).repeat(4)
        )?;
    }
    Ok(text)
}

/// About twenty lines of code.
fn body(n: usize, p: usize) -> String {
    format!(
        "  FOR r IN (SELECT id, name FROM v{n}_0 WHERE ROWNUM < 100) LOOP\n    UPDATE t{n}_{p} SET name = r.name, made = SYSDATE WHERE id = r.id;\n\
         \x20   IF SQL%ROWCOUNT = 0 THEN\n      INSERT INTO t{n}_{p} (id, name) VALUES (r.id, DECODE(r.name, NULL, 'none', r.name));\n    END IF;\n\
         \x20   EXECUTE IMMEDIATE 'BEGIN p{n}_0(:1); END;' USING who;\n  END LOOP;\n  DBMS_OUTPUT.PUT_LINE('done: ' || who);\n  COMMIT;\n\
         EXCEPTION\n  WHEN OTHERS THEN\n    ROLLBACK;\n    RAISE_APPLICATION_ERROR(-20001, SQLERRM);\n"
    )
}
