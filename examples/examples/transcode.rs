//! `type-convert` alone: Oracle values to PostgreSQL's binary form, without I/O and without async.
//!
//! Reads lines of `ORACLE TYPE <tab> POSTGRESQL TYPE <tab> LITERAL`, the literal as LogMiner's SQL_REDO writes it, and
//! prints the field as COPY BINARY has it: its length, then its bytes, in hexadecimal.
//!
//! `printf "NUMBER(8,2)\tnumeric(8,2)\t'-12.5'\n" | cargo run -p examples --example transcode`

use bytes::BytesMut;
use std::{error::Error, io};
use type_convert::{LossPolicy, OracleType, PgType, Transcoder, literal};

fn main() -> Result<(), Box<dyn Error>> {
    let mut failed = false;
    for (number, line) in io::stdin().lines().enumerate() {
        match transcode(&line?) {
            Ok(field) => println!("{field}"),
            Err(error) => {
                println!("error in line {}: {error}", number + 1);
                failed = true;
            }
        }
    }
    if failed { Err("not every line could be converted".into()) } else { Ok(()) }
}

fn transcode(line: &str) -> Result<String, Box<dyn Error>> {
    let [oracle, pg, text] = line.split('\t').collect::<Vec<_>>()[..] else {
        return Err("expected three fields with tabs between them".into());
    };
    let oracle: OracleType = oracle.parse()?;
    let pg: PgType = pg.parse()?;
    let value = literal::parse(text, &oracle)?;
    let transcoder = Transcoder::new(&oracle, &pg, LossPolicy::default())?;
    let mut field = BytesMut::new();
    transcoder.encode(value.as_ref(), &mut field)?;
    Ok(field.iter().map(|byte| format!("{byte:02x}")).collect())
}
