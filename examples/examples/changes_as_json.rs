//! A sink of one's own: every committed change of an Oracle schema as a line of JSON, in commit order.
//!
//! `ORACLE_PASSWORD=… cargo run -p examples --example changes_as_json -- migrate.toml [SECONDS]` follows the schemas of the configuration
//! from now on, for so many seconds (10 where not given). A real sink would keep the position: see `ChangeSink`.

use anyhow::{Context, Result};
use cdc_logminer::{
    Change, ChangeSink, ChangeStream, ColumnImage, Next, Operation, Position, RedoStream, SpillError, TableColumns,
    TableSet, Transaction,
};
use examples::{config::Config, pipeline::Pipeline};
use oracle_source::{Handoff, LogMinerOptions, LogMinerSource};
use serde_json::{Map, Value as Json, json};
use std::{
    env,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use type_convert::{Value, literal};

/// Prints changes. It forgets its position when it ends: what a printer delivers twice does no harm.
struct Printer {
    tables: TableSet,
    position: Option<Position>,
}

impl ChangeSink for Printer {
    type Error = SpillError;

    async fn position(&mut self) -> Result<Option<Position>, SpillError> {
        Ok(self.position.clone())
    }

    async fn apply(&mut self, transactions: &[Transaction], position: &Position) -> Result<(), SpillError> {
        for transaction in transactions {
            for change in &transaction.changes {
                println!("{}", self.line(transaction, &change?));
            }
        }
        self.position = Some(position.clone());
        Ok(())
    }
}

impl Printer {
    fn line(&self, transaction: &Transaction, change: &Change) -> Json {
        let table = self.tables.get(change.table.schema.as_str(), change.table.name.as_str());
        let row = |images: &[ColumnImage]| -> Json {
            let columns = table.map_or(&[][..], |t| &t.columns);
            let values = columns.iter().zip(images).filter_map(|((name, ty), image)| {
                let value = match image {
                    ColumnImage::Value(Value::Null) => Json::Null,
                    ColumnImage::Value(Value::Text(text)) => Json::String(text.clone()),
                    ColumnImage::Value(Value::DateTime(at)) => Json::String(at.to_string()),
                    ColumnImage::Value(value) => Json::String(literal::format(value, ty).trim_matches('\'').to_owned()),
                    ColumnImage::NotLogged => return None,
                    ColumnImage::LobNotLogged => json!({"state": "lob not logged"}),
                    ColumnImage::LobPatch(_) => json!({"state": "parts of a lob"}),
                    _ => json!({"state": "unsupported"}),
                };
                Some((name.as_str().to_owned(), value))
            });
            Json::Object(values.collect::<Map<_, _>>())
        };
        let (op, before, after) = match &change.operation {
            Operation::Insert { after } => ("insert", Json::Null, row(after)),
            Operation::Update { before, after } => ("update", row(before), row(after)),
            Operation::Delete { before } => ("delete", row(before), Json::Null),
            Operation::Truncate => ("truncate", Json::Null, Json::Null),
            Operation::Ddl(ddl) => ("ddl", Json::Null, Json::String(ddl.text.clone())),
            _ => ("other", Json::Null, Json::Null),
        };
        json!({
            "xid": transaction.xid.to_string(), "commit_scn": transaction.commit_scn.0, "table": change.table.to_string(),
            "op": op, "before": before, "after": after,
        })
    }
}

fn main() -> Result<()> {
    let config = env::args().nth(1).context("name the configuration file")?;
    let seconds = env::args().nth(2).map_or(Ok(10), |s| s.parse()).context("the seconds are not a number")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let pipeline = Pipeline::new(Config::read(Path::new(&config))?, runtime.handle().clone(), Arc::default());
    let session = pipeline.oracle("changes_as_json")?;
    let catalog = pipeline.catalog(&session)?;
    let tables: TableSet = catalog
        .tables
        .iter()
        .filter(|t| t.kind.holds_rows())
        .map(|t| TableColumns {
            path: Arc::new(t.path.clone()),
            columns: t
                .columns
                .iter()
                .filter(|c| c.virtual_expression.is_none())
                .map(|c| (c.name.clone(), c.oracle_type.clone()))
                .collect(),
        })
        .collect();
    let paths: Vec<_> = tables.iter().map(|t| t.path.as_ref().clone()).collect();
    let position = Handoff::take(&session)?.position();
    let source = LogMinerSource::new(pipeline.oracle("changes_as_json")?, &paths, LogMinerOptions::default())?;
    let mut stream = RedoStream::new(source, tables.clone(), position)?;
    let mut sink = Printer { tables, position: None };

    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) {
        match stream.next_transaction()? {
            Next::Transaction(transaction, position) => runtime.block_on(sink.apply(&[*transaction], &position))?,
            Next::Progress(position) => runtime.block_on(sink.apply(&[], &position))?,
            Next::Idle(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
    Ok(())
}
