//! Captured rows of `V$LOGMNR_CONTENTS` to committed transactions.

use cdc_logminer::{
    Change, ChangeStream, ColumnImage, DecodeErrorKind, Incarnation, LobKind, LobPatch, LobStatement, LobTarget, Next,
    Operation, OperationCode, Position, RedoBatch, RedoPolicy, RedoRow, RedoSource, RedoStream, Scanner, SpillError,
    StatementError, StreamError, StreamOptions, TableColumns, TableSet, Transaction, Xid,
};
use chrono::NaiveDateTime;
use schema_map::{ObjectPath, OracleIdent};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value as Json, json};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt::Display,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Seek, Write},
    sync::Arc,
};
use type_convert::{OracleType, Scn, Value, literal};

/// How many rows a window has at least, unless they are the last.
const WINDOW: u64 = 2000;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RedoSummary {
    /// Transactions written.
    pub transactions: u64,
    /// Transactions that had neither a COMMIT nor a ROLLBACK.
    pub open: usize,
    /// Statements whose apostrophes were not doubled.
    pub repaired: u64,
    /// Whether reading stopped at an error, which was written as the last line.
    pub failed: bool,
}

/// Reads rows of `V$LOGMNR_CONTENTS`, one object of JSON a line with the view's columns as keys, and writes committed transactions
/// in the order of their commits, one a line:
///
/// ```json
/// {"xid":"0300070001000000","start_scn":101,"commit_scn":103,"commit_time":"2026-11-25 10:00:00","changes":[
///   {"scn":102,"op":"INSERT","owner":"HR","table":"REGIONS","row_id":null,
///    "after":{"REGION_ID":{"value":"7","state":"value"}},"before":{}}]}
/// ```
///
/// (in one line). `SCN` and `OPERATION_CODE`, or `OPERATION`, must be there, of all rows but `MISSING_SCN` also `XID`, 16 hexadecimal
/// digits, or `XIDUSN`, `XIDSLT` and `XIDSQN`; then `SQL_REDO`, and as far as they matter
/// `PXID`, `ROLLBACK`, `STATUS`, `INFO`, `SEG_OWNER`, `TABLE_NAME`, `ROW_ID`, `RS_ID`, `SSN`, `CSF`, `THREAD#`, `DATA_OBJ#`,
/// `DATA_OBJV#`, `TIMESTAMP`, `START_SCN` and `COMMIT_SCN`. Numbers may be texts. Keys may be in lower case; others are left alone.
///
/// The rows keep LogMiner's order. Every table that they name is followed; what types its columns have is not known, so that values are
/// text, as [`literal::readable`] gives it. `state` is `value`, `null`, `unsupported`, `lob_not_logged`, or `lob_patch`, with the
/// operations on a LOB of which the redo does not hold all under `patch`. A column that is not there was not logged. `op` may also be
/// `TRUNCATE` or `DDL`, with `ddl` as `{"kind": …, "text": …}`.
///
/// What cannot be read ends it with a line `{"error": {"kind": …, "line": …, "scn": …, "rs_id": …, "xid": …, "table": …, "offset": …,
/// "message": …}}`, as far as these are known, after the transactions that were committed before; what `policy` allows does not.
/// The rows are kept in a temporary file meanwhile, because the columns of a table must be known before its first row is read.
pub fn transactions(input: impl BufRead, mut output: impl Write, policy: RedoPolicy) -> io::Result<RedoSummary> {
    let captured = Captured::read(input)?;
    let mut refusal = captured.refusal;
    let tables: TableSet =
        captured.tables.into_iter().filter_map(|((owner, name), table)| table.columns(&owner, &name)).collect();
    let position = Position {
        incarnation: INCARNATION,
        commit_scn: captured.first,
        delivered: Vec::new(),
        low_watermark: captured.first,
    };
    let options = StreamOptions { policy, ..StreamOptions::default() };
    let mut stream =
        RedoStream::with_options(captured.rows, tables.clone(), position, options).map_err(io::Error::other)?;
    let mut summary = RedoSummary::default();
    loop {
        match stream.next_transaction() {
            Ok(Next::Transaction(transaction, _)) => {
                write_transaction(&mut output, &tables, &transaction)?;
                summary.transactions += 1;
            }
            Ok(Next::Progress(_)) => {}
            Ok(Next::Idle(_)) => break,
            Err(StreamError::Decode(error)) => {
                refusal = Some(Refusal {
                    kind: kind_name(error.kind()),
                    line: None,
                    scn: Some(error.scn().0),
                    rs_id: Some(error.rs_id().to_owned()),
                    xid: Some(error.xid().to_string()),
                    table: error.table().map(str::to_owned),
                    offset: error.offset(),
                    message: error.to_string(),
                });
                break;
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    if let Some(error) = refusal {
        #[derive(Serialize)]
        struct Line {
            error: Refusal,
        }
        serde_json::to_writer(&mut output, &Line { error })?;
        writeln!(output)?;
        summary.failed = true;
    }
    output.flush()?;
    summary.open = stream.status().open_transactions;
    summary.repaired = stream.status().repaired_statements;
    Ok(summary)
}

const INCARNATION: Incarnation = Incarnation { dbid: 0, resetlogs_id: 0 };

/// Why no more is read.
#[derive(Debug, Serialize)]
struct Refusal {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rs_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    message: String,
}

fn kind_name(kind: DecodeErrorKind) -> String {
    match kind {
        DecodeErrorKind::Irregular(irregularity) => irregularity.name().to_owned(),
        DecodeErrorKind::Statement => "statement".to_owned(),
        DecodeErrorKind::Value => "value".to_owned(),
        DecodeErrorKind::UnknownColumn => "unknown_column".to_owned(),
        DecodeErrorKind::Ambiguous => "ambiguous".to_owned(),
        DecodeErrorKind::NoStatement => "no_statement".to_owned(),
        DecodeErrorKind::OtherTable => "other_table".to_owned(),
        DecodeErrorKind::Lob => "lob".to_owned(),
        DecodeErrorKind::UnknownObject => "unknown_object".to_owned(),
        DecodeErrorKind::Pieces => "pieces".to_owned(),
        DecodeErrorKind::UnmatchedUndo => "unmatched_undo".to_owned(),
        _ => "other".to_owned(),
    }
}

/// What rows tell of a table: its columns in the order in which they came up.
#[derive(Debug, Default)]
struct SeenTable {
    columns: Vec<String>,
    positions: BTreeMap<String, usize>,
    /// Columns that rows of their own, or empty LOBs, show to be LOBs.
    lobs: BTreeMap<usize, OracleType>,
}

impl SeenTable {
    fn column(&mut self, name: &str) -> usize {
        if let Some(position) = self.positions.get(name) {
            return *position;
        }
        self.columns.push(name.to_owned());
        self.positions.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    fn columns(self, owner: &str, name: &str) -> Option<TableColumns> {
        let path = ObjectPath { schema: OracleIdent::new(owner).ok()?, name: OracleIdent::new(name).ok()? };
        let ty = |position| {
            let lob = self.lobs.get(&position).cloned();
            lob.unwrap_or_else(|| OracleType::Other { owner: None, name: "UNKNOWN".to_owned() })
        };
        // A name that no table can have is left out: its row is an error then.
        let columns =
            self.columns.iter().enumerate().filter_map(|(n, name)| Some((OracleIdent::new(name).ok()?, ty(n))));
        Some(TableColumns { path: Arc::new(path), columns: columns.collect() })
    }
}

/// The rows in a file, and what must be known of them beforehand.
struct Captured {
    rows: CapturedRows,
    first: Scn,
    tables: BTreeMap<(String, String), SeenTable>,
    refusal: Option<Refusal>,
}

/// Hands the rows out in windows.
struct CapturedRows {
    lines: io::Lines<BufReader<File>>,
    /// After how many rows a window may end, and the SCN up to which it is complete then.
    cuts: VecDeque<(u64, Scn)>,
    taken: u64,
    names: TableNames,
}

impl Captured {
    fn read(mut input: impl BufRead) -> io::Result<Self> {
        let mut file = BufWriter::new(tempfile::tempfile()?);
        let (mut scanner, mut names) = (Scanner::new(), TableNames::default());
        let mut tables: BTreeMap<(String, String), SeenTable> = BTreeMap::new();
        let mut cuts: Vec<(u64, u64)> = Vec::new();
        let (mut rows, mut number, mut first, mut last) = (0, 0, u64::MAX, 0);
        let mut pieces: Option<RedoRow> = None;
        let mut line = Vec::new();
        let mut refusal = None;
        while refusal.is_none() {
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let row = match read_row(&line) {
                Ok(row) => row,
                Err(message) => {
                    refusal = Some(Refusal {
                        kind: "json".to_owned(),
                        line: Some(number),
                        scn: None,
                        rs_id: None,
                        xid: None,
                        table: None,
                        offset: None,
                        message,
                    });
                    continue;
                }
            };
            file.write_all(line.trim_ascii())?;
            file.write_all(b"\n")?;
            // A window may end only where no later row has an SCN that it has.
            while cuts.last().is_some_and(|(_, upto)| *upto >= row.scn.0) {
                cuts.pop();
            }
            rows += 1;
            (first, last) = (first.min(row.scn.0), last.max(row.scn.0));
            if rows - cuts.last().map_or(0, |(rows, _)| *rows) >= WINDOW {
                cuts.push((rows, last));
            }
            let mut row = match pieces.take() {
                Some(mut whole) => {
                    let sql = whole.sql_redo.get_or_insert_default();
                    sql.push_str(row.sql_redo.as_deref().unwrap_or_default());
                    whole.csf = row.csf;
                    whole
                }
                None => row,
            };
            if row.csf {
                pieces = Some(row);
                continue;
            }
            if let Err(error) = names.name(&mut row) {
                refusal = Some(Refusal {
                    kind: "statement".to_owned(),
                    line: Some(number),
                    scn: Some(row.scn.0),
                    rs_id: Some(row.rs_id.clone()),
                    xid: Some(row.xid.to_string()),
                    table: None,
                    offset: Some(error.offset()),
                    message: error.to_string(),
                });
                continue;
            }
            look_at(&row, &mut scanner, &mut tables);
        }
        cuts.push((rows, last));
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let cuts = cuts.into_iter().map(|(rows, upto)| (rows, Scn(upto))).collect();
        let rows = CapturedRows { lines: BufReader::new(file).lines(), cuts, taken: 0, names: TableNames::default() };
        Ok(Captured { rows, first: Scn(first.min(last)), tables, refusal })
    }
}

impl RedoSource for CapturedRows {
    type Error = io::Error;

    fn incarnation(&self) -> Incarnation {
        INCARNATION
    }

    fn read_redo(&mut self, after: Scn, out: &mut RedoBatch) -> io::Result<Scn> {
        out.clear();
        let Some((end, upto)) = self.cuts.pop_front() else { return Ok(after) };
        // Pieces have no statement that could name a table.
        let mut within = false;
        while self.taken < end {
            let line = self.lines.next().ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))??;
            let mut row = read_row(line.as_bytes()).map_err(io::Error::other)?;
            if !within && !row.csf {
                // The row that it fails for was the last one that was read.
                let _ = self.names.name(&mut row);
            }
            within = row.csf;
            out.rows.push(row);
            self.taken += 1;
        }
        Ok(upto)
    }
}

/// Says which table a row is of that does not name it.
#[derive(Default)]
struct TableNames {
    scanner: Scanner,
    /// The table of each transaction's last row about a LOB: those that go on with it need not name it.
    lobs: HashMap<Xid, (String, String)>,
}

impl TableNames {
    /// An error where the row is a change, and neither it nor its statement tells of which table.
    fn name(&mut self, row: &mut RedoRow) -> Result<(), StatementError> {
        let named = row.seg_owner.is_some() && row.table_name.is_some();
        let sql = row.sql_redo.as_deref().unwrap_or_default();
        let table = match row.operation {
            OperationCode::INSERT | OperationCode::UPDATE | OperationCode::DELETE if !named => {
                let statement = self.scanner.scan_repairing(sql, None)?;
                Some((statement.owner.to_owned(), statement.table.to_owned()))
            }
            operation if operation.is_lob() && !named => match lob_target(operation, sql)? {
                Some((target, _)) => Some((target.owner().to_owned(), target.table().to_owned())),
                None => self.lobs.get(&row.xid).cloned(),
            },
            _ => None,
        };
        if let Some((owner, table)) = table {
            (row.seg_owner, row.table_name) = (Some(owner), Some(table));
        }
        if row.operation.is_lob()
            && let (Some(owner), Some(table)) = (&row.seg_owner, &row.table_name)
        {
            self.lobs.insert(row.xid, (owner.clone(), table.clone()));
        }
        Ok(())
    }
}

/// The row and column that a statement about a LOB, document or long string names, and what the column is.
fn lob_target(operation: OperationCode, sql: &str) -> Result<Option<(LobTarget<'_>, OracleType)>, StatementError> {
    let of_kind = |kind| match kind {
        LobKind::Blob => OracleType::Blob,
        LobKind::Clob => OracleType::Clob,
        LobKind::NClob => OracleType::NClob,
    };
    if sql.is_empty() {
        return Ok(None);
    }
    Ok(match LobStatement::scan(operation, sql)? {
        LobStatement::Locator { target, kind } | LobStatement::LongStringBegin { target, kind } => {
            Some((target, of_kind(kind)))
        }
        LobStatement::Call { target, call } => target.map(|target| (target, of_kind(call.kind))),
        LobStatement::XmlBegin { target } => Some((target, OracleType::Xml)),
        _ => None,
    })
}

/// Notes the columns that a row names.
fn look_at(row: &RedoRow, scanner: &mut Scanner, tables: &mut BTreeMap<(String, String), SeenTable>) {
    let (Some(owner), Some(table)) = (&row.seg_owner, &row.table_name) else { return };
    let seen = tables.entry((owner.clone(), table.clone())).or_default();
    let sql = row.sql_redo.as_deref().unwrap_or_default();
    match row.operation {
        operation if operation.is_lob() => {
            if let Ok(Some((target, ty))) = lob_target(operation, sql) {
                target.conditions().iter().for_each(|condition| {
                    seen.column(condition.column);
                });
                let column = seen.column(target.column());
                seen.lobs.insert(column, ty);
            }
        }
        _ => {
            let Ok(statement) = scanner.scan_repairing(sql, None) else { return };
            for assignment in statement.set.iter().chain(statement.condition.iter()) {
                let column = seen.column(assignment.column);
                let lob = match assignment.literal.to_ascii_uppercase().as_str() {
                    "EMPTY_CLOB()" => OracleType::Clob,
                    "EMPTY_BLOB()" => OracleType::Blob,
                    literal if literal.starts_with("XMLTYPE(") => OracleType::Xml,
                    literal if literal.starts_with("/* JSON */") => OracleType::Json,
                    _ => continue,
                };
                seen.lobs.entry(column).or_insert(lob);
            }
        }
    }
}

/// A row from its JSON.
fn read_row(line: &[u8]) -> Result<RedoRow, String> {
    let object: Map<String, Json> = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    let mut columns: BTreeMap<String, Json> = object.into_iter().map(|(k, v)| (k.to_ascii_uppercase(), v)).collect();
    columns.retain(|_, value| !value.is_null());
    let columns = Columns(columns);
    let operation = match (columns.number::<u16>("OPERATION_CODE")?, columns.text("OPERATION")?) {
        (Some(code), _) => OperationCode(code),
        (None, Some(name)) => {
            operation_named(&name).ok_or_else(|| format!("OPERATION {name:?} is not known; give OPERATION_CODE"))?
        }
        (None, None) => return Err("neither OPERATION_CODE nor OPERATION".to_owned()),
    };
    let xid = columns.xid("XID", ["XIDUSN", "XIDSLT", "XIDSQN"])?;
    if xid.is_none() && operation != OperationCode::MISSING_SCN {
        return Err("neither XID nor XIDUSN, XIDSLT and XIDSQN".to_owned());
    }
    let flag = |name: &str| columns.number::<i64>(name).map(|n| n == Some(1));
    let timestamp = columns.text("TIMESTAMP")?.and_then(|text| seconds(&text)).unwrap_or(NO_TIME);
    Ok(RedoRow {
        scn: Scn(columns.number("SCN")?.ok_or("no SCN")?),
        start_scn: columns.number("START_SCN")?.map(Scn),
        commit_scn: columns.number("COMMIT_SCN")?.map(Scn),
        timestamp,
        xid: xid.unwrap_or_default(),
        pxid: columns.xid("PXID", ["PXIDUSN", "PXIDSLT", "PXIDSQN"])?,
        operation,
        rollback: flag("ROLLBACK")?,
        status: columns.number("STATUS")?.unwrap_or(0),
        info: columns.text("INFO")?,
        seg_owner: columns.text("SEG_OWNER")?,
        table_name: columns.text("TABLE_NAME")?,
        row_id: columns.text("ROW_ID")?,
        rs_id: columns.text("RS_ID")?.map_or_else(String::new, |id| id.trim().to_owned()),
        ssn: columns.number("SSN")?.unwrap_or(0),
        csf: flag("CSF")?,
        thread: columns.number("THREAD#")?.unwrap_or(0),
        data_obj: columns.number("DATA_OBJ#")?.unwrap_or(0),
        data_objv: columns.number("DATA_OBJV#")?.unwrap_or(0),
        sql_redo: columns.text("SQL_REDO")?,
    })
}

/// Of rows without a time that can be read.
const NO_TIME: i64 = i64::MIN;

struct Columns(BTreeMap<String, Json>);

impl Columns {
    fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("{name} is no text")),
        }
    }

    fn number<T: std::str::FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|e| format!("{name} is not the number that it should be: {e}"))
    }

    fn xid(&self, name: &str, parts: [&str; 3]) -> Result<Option<Xid>, String> {
        if let Some(text) = self.text(name)? {
            return text.trim().parse().map(Some).map_err(|e| format!("{name}: {e}"));
        }
        let [usn, slot, sequence] = parts;
        Ok(match (self.number(usn)?, self.number(slot)?, self.number(sequence)?) {
            (Some(usn), Some(slot), sequence) => Some(Xid { usn, slot, sequence: sequence.unwrap_or(u32::MAX) }),
            _ => None,
        })
    }
}

fn operation_named(name: &str) -> Option<OperationCode> {
    Some(match name {
        "INTERNAL" => OperationCode::INTERNAL,
        "INSERT" => OperationCode::INSERT,
        "DELETE" => OperationCode::DELETE,
        "UPDATE" => OperationCode::UPDATE,
        "DDL" => OperationCode::DDL,
        "START" => OperationCode::START,
        "COMMIT" => OperationCode::COMMIT,
        "ROLLBACK" => OperationCode::ROLLBACK,
        "SELECT_LOB_LOCATOR" | "SEL_LOB_LOCATOR" => OperationCode::SELECT_LOB_LOCATOR,
        "LOB_WRITE" => OperationCode::LOB_WRITE,
        "LOB_TRIM" => OperationCode::LOB_TRIM,
        "LOB_ERASE" => OperationCode::LOB_ERASE,
        "SELECT_FOR_UPDATE" => OperationCode::SELECT_FOR_UPDATE,
        "MISSING_SCN" => OperationCode::MISSING_SCN,
        "XML DOC BEGIN" => OperationCode::XML_DOC_BEGIN,
        "XML DOC WRITE" => OperationCode::XML_DOC_WRITE,
        "XML DOC END" => OperationCode::XML_DOC_END,
        "32K BEGIN" => OperationCode::LONG_STRING_BEGIN,
        "32K WRITE" => OperationCode::LONG_STRING_WRITE,
        "32K END" => OperationCode::LONG_STRING_END,
        "UNSUPPORTED" => OperationCode::UNSUPPORTED,
        _ => return None,
    })
}

/// Seconds since 1970 of `2026-11-25 10:00:00` or `2026-11-25T10:00:00`.
fn seconds(text: &str) -> Option<i64> {
    let at = NaiveDateTime::parse_from_str(&text.trim().replacen('T', " ", 1), "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(at.and_utc().timestamp())
}

fn write_transaction(output: &mut impl Write, tables: &TableSet, transaction: &Transaction) -> io::Result<()> {
    let time = chrono::DateTime::from_timestamp(transaction.commit_time, 0);
    let time = time.filter(|_| transaction.commit_time != NO_TIME).map(|at| at.naive_utc().to_string());
    write!(
        output,
        "{{\"xid\":\"{}\",\"start_scn\":{},\"commit_scn\":{},\"commit_time\":{},\"changes\":[",
        transaction.xid,
        transaction.start_scn,
        transaction.commit_scn,
        serde_json::to_string(&time)?
    )?;
    // One by one: a transaction may be larger than memory.
    for (n, change) in transaction.changes.iter().enumerate() {
        let change = change.map_err(|e: SpillError| io::Error::other(e))?;
        if n > 0 {
            output.write_all(b",")?;
        }
        let columns = tables.get(change.table.schema.as_str(), change.table.name.as_str());
        let columns = columns.map_or(&[][..], |table| &table.columns);
        serde_json::to_writer(&mut *output, &ShownChange(&change, columns))?;
    }
    writeln!(output, "]}}")
}

/// A change, and the columns of its table.
struct ShownChange<'a>(&'a Change, &'a [(OracleIdent, OracleType)]);

impl Serialize for ShownChange<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Change { table, scn, row_id, operation } = self.0;
        let none: &[ColumnImage] = &[];
        let (op, after, before): (_, &[ColumnImage], &[ColumnImage]) = match operation {
            Operation::Insert { after } => ("INSERT", after, none),
            Operation::Update { before, after } => ("UPDATE", after, before),
            Operation::Delete { before } => ("DELETE", none, before),
            Operation::Truncate => ("TRUNCATE", none, none),
            _ => ("DDL", none, none),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("scn", &scn.0)?;
        map.serialize_entry("op", op)?;
        map.serialize_entry("owner", table.schema.as_str())?;
        map.serialize_entry("table", table.name.as_str())?;
        map.serialize_entry("row_id", row_id)?;
        if let Operation::Ddl(ddl) = operation {
            map.serialize_entry("ddl", &json!({"kind": format!("{:?}", ddl.kind), "text": ddl.text}))?;
        } else {
            let columns = self.1;
            map.serialize_entry("after", &ShownImages { columns, images: after })?;
            map.serialize_entry("before", &ShownImages { columns, images: before })?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct ShownImage<'a> {
    value: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a LobPatch>,
}

struct ShownImages<'a> {
    columns: &'a [(OracleIdent, OracleType)],
    images: &'a [ColumnImage],
}

impl Serialize for ShownImages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for ((name, ty), image) in self.columns.iter().zip(self.images) {
            let text: String;
            let (value, state, patch) = match image {
                ColumnImage::NotLogged => continue,
                ColumnImage::Value(Value::Null) => (None, "null", None),
                ColumnImage::Value(Value::Text(text)) => (Some(text.as_str()), "value", None),
                ColumnImage::Value(Value::Bytes(bytes)) => {
                    text = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    (Some(text.as_str()), "value", None)
                }
                ColumnImage::Value(value) => {
                    text = literal::format(value, ty);
                    (Some(text.as_str()), "value", None)
                }
                ColumnImage::LobNotLogged => (None, "lob_not_logged", None),
                ColumnImage::LobPatch(patch) => (None, "lob_patch", Some(patch)),
                _ => (None, "unsupported", None),
            };
            let shown = ShownImage { value, state, patch };
            map.serialize_entry(name.as_str(), &shown)?;
        }
        map.end()
    }
}
