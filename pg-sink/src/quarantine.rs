use schema_map::TablePlan;
use std::fmt::Write;
use type_convert::{DateTime, Number, RowBatch, UtcOffset, Value, ValueRef};

/// Bytes of one value that its readable form shows; longer ones are cut and say so.
const SHOWN: usize = 4096;

/// A row that was not loaded because a value does not fit, or because the server refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Oracle's ROWID, where the reader gave it.
    pub row_id: Option<String>,
    /// The PostgreSQL column whose value does not fit, where it is one column.
    pub column: Option<String>,
    /// Why; in the server's words with its SQLSTATE, where the server refused the row.
    pub reason: String,
    /// The whole row in readable form, a JSON object by Oracle column name.
    pub source_row: String,
}

impl Reject {
    pub(crate) fn new(plan: &TablePlan, batch: &RowBatch, row: usize, error: &crate::Error) -> Self {
        let source = std::error::Error::source(error).map(|source| {
            let db = source.downcast_ref::<tokio_postgres::Error>().and_then(|e| e.as_db_error());
            db.map_or_else(|| source.to_string(), server_words)
        });
        let fields = plan.columns.iter().enumerate().map(|(i, column)| {
            let value = readable(batch.get(row, i)).map_or(serde_json::Value::Null, serde_json::Value::String);
            (column.source.as_str().to_owned(), value)
        });
        Reject {
            row_id: batch.row_id(row).map(str::to_owned),
            column: error.column().map(str::to_owned),
            reason: source.unwrap_or_else(|| error.to_string()).replace('\0', "\u{fffd}"),
            source_row: serde_json::Value::Object(fields.collect()).to_string(),
        }
    }
}

fn server_words(db: &tokio_postgres::error::DbError) -> String {
    let code = db.code().code();
    match db.detail() {
        // Of a broken CHECK or NOT NULL the detail is the row once more.
        Some(detail) if !matches!(code, "23502" | "23514") => format!("{}: {detail} (SQLSTATE {code})", db.message()),
        _ => format!("{} (SQLSTATE {code})", db.message()),
    }
}

/// A value for people; `None` is NULL. Of a LOB that is not in the row its length alone is shown. U+0000 and bytes that are not UTF-8 are shown as U+FFFD.
pub(crate) fn readable(value: ValueRef<'_>) -> Option<String> {
    let text = match value {
        ValueRef::Null => return None,
        ValueRef::Int(n) => n.to_string(),
        ValueRef::Decimal(text) => text.to_owned(),
        ValueRef::NumberBytes(bytes) => match Number::from_bytes(bytes) {
            Ok(number) => number.to_string(),
            Err(_) => format!("NUMBER bytes {}", hex(bytes)),
        },
        ValueRef::Float(f) => f.to_string(),
        ValueRef::Double(d) => d.to_string(),
        ValueRef::Text(bytes) => return Some(cut(bytes, |b| String::from_utf8_lossy(b).replace('\0', "\u{fffd}"))),
        ValueRef::Bytes(bytes) => return Some(cut(bytes, hex)),
        ValueRef::DateTime(t) => date_time(t),
        ValueRef::DateTimeTz(t, UtcOffset { minutes }) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{}{sign}{:02}:{:02}", date_time(t), minutes.abs() / 60, minutes.abs() % 60)
        }
        ValueRef::IntervalYm(i) => format!("{} months", i.months),
        ValueRef::IntervalDs(i) => format!("{} days {} ns", i.days, i.nanoseconds),
        ValueRef::Boolean(b) => b.to_string(),
        ValueRef::Streamed(lob) => format!("a LOB of {} bytes or characters", lob.length),
        ValueRef::Bfile(locator) => locator.to_string(),
        ValueRef::Object(attributes) => return Some(listed('(', attributes, ')')),
        ValueRef::Collection(elements) => return Some(listed('[', elements, ']')),
        _ => format!("{value:?}"),
    };
    Some(text)
}

/// `(a, NULL, [1, 2])`, cut as any long value is.
fn listed(open: char, parts: &[Value], close: char) -> String {
    let mut text = String::from(open);
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            text.push_str(", ");
        }
        text.push_str(readable(part.as_ref()).as_deref().unwrap_or("NULL"));
        if text.len() > SHOWN {
            let _ = write!(text, " … ({} in all)", parts.len());
            break;
        }
    }
    text.push(close);
    text
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn cut(bytes: &[u8], show: impl Fn(&[u8]) -> String) -> String {
    match bytes.get(..SHOWN) {
        Some(start) if bytes.len() > SHOWN => format!("{} … ({} bytes in all)", show(start), bytes.len()),
        _ => show(bytes),
    }
}

fn date_time(t: DateTime) -> String {
    let mut text = format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
    if t.nanosecond != 0 {
        let _ = write!(text, ".{:09}", t.nanosecond);
    }
    text
}
