//! A look into captured redo, without a database: what each statement of `SQL_REDO` says, and which transactions its rows are.

mod transactions;

pub use transactions::{RedoSummary, transactions};

use cdc_logminer::{Assignments, KnownColumns, Scanner, Statement, StatementErrorKind, StatementKind};
use serde::{
    Deserialize, Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    io::{self, BufRead, Write},
};
use type_convert::literal::{Readable, readable};

/// Reads lines of JSON, `{"id": …, "sql": "…", "columns": ["A", …] or null}`, and writes one for each, in order:
///
/// ```json
/// {"id":1,"op":"UPDATE","owner":"APP","table":"T","after":{"A":{"raw":"'x'","value":"x","state":"value"}},"before":{},"repaired":false}
/// {"id":2,"error":{"kind":"statement","offset":17}}
/// ```
///
/// `value` is null where `state` is `null` or `unsupported`; a column that is not there was not logged. `row_id` comes after
/// `table` where the statement has one. `columns` are those of the table, where they are known: a statement that names
/// another is an error, or what looks like it belongs to a text in which LogMiner did not double the apostrophes, as
/// [`Scanner::scan_repairing`] has it.
///
/// What is wrong with a line is told in its place, and the next one is read. `offset` is in bytes into `sql`, or for the kind
/// `json` into the line.
pub fn statements(input: impl BufRead, output: impl Write) -> io::Result<()> {
    let mut reader = StatementReader::default();
    each_line(input, output, |line, output| reader.answer(line, output))
}

/// Lines of any length, one after the other, with or without a last line feed.
fn each_line<W: Write>(
    mut input: impl BufRead,
    mut output: W,
    mut answer: impl FnMut(&[u8], &mut W) -> io::Result<()>,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        answer(line.strip_suffix(b"\n").unwrap_or(&line), &mut output)?;
        output.write_all(b"\n")?;
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    sql: Cow<'a, str>,
    // Not an Option, which would take a missing key for null.
    #[serde(borrow)]
    columns: &'a RawValue,
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a RawValue,
    op: &'static str,
    owner: &'a str,
    table: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    row_id: Option<&'a str>,
    after: Images<'a>,
    before: Images<'a>,
    repaired: bool,
}

#[derive(Serialize)]
struct Refusal<'a> {
    id: Option<&'a RawValue>,
    error: Reason,
}

/// Why a line has no answer.
#[derive(Debug, Clone, Copy, Serialize)]
struct Reason {
    kind: &'static str,
    offset: usize,
}

struct Images<'a>(Assignments<'a>);

#[derive(Serialize)]
struct Image<'a> {
    raw: &'a str,
    value: Option<&'a str>,
    state: &'static str,
}

/// A scanner, and the columns of the line before: usually those of the next one too.
#[derive(Default)]
struct StatementReader {
    scanner: Scanner,
    columns_text: String,
    columns: Option<KnownColumns>,
}

impl StatementReader {
    fn answer(&mut self, bytes: &[u8], output: &mut impl Write) -> io::Result<()> {
        let line: Line<'_> = match serde_json::from_slice(bytes) {
            Ok(line) => line,
            Err(error) => {
                let id = serde_json::from_slice(bytes).ok().map(|Identified { id }| id);
                // There is one line only, and its columns are counted from 1.
                let reason = Reason { kind: "json", offset: error.column().saturating_sub(1) };
                return write_json(output, &Refusal { id, error: reason });
            }
        };
        let written = match self.set_columns(line.columns.get()) {
            Ok(()) => self.read(&line, output)?,
            Err(reason) => Err(reason),
        };
        match written {
            Ok(()) => Ok(()),
            Err(error) => write_json(output, &Refusal { id: Some(line.id), error }),
        }
    }

    fn set_columns(&mut self, text: &str) -> Result<(), Reason> {
        if self.columns_text != text {
            let columns: Option<Vec<String>> =
                serde_json::from_str(text).map_err(|_| Reason { kind: "json", offset: 0 })?;
            self.columns = columns.map(KnownColumns::from_iter);
            self.columns_text.clear();
            self.columns_text.push_str(text);
        }
        Ok(())
    }

    fn read(&mut self, line: &Line<'_>, output: &mut impl Write) -> io::Result<Result<(), Reason>> {
        let statement = match self.scanner.scan_repairing(&line.sql, self.columns.as_ref()) {
            Ok(statement) => statement,
            Err(error) => {
                let kind = match error.kind() {
                    StatementErrorKind::NoStatement => "no_statement",
                    StatementErrorKind::UnknownColumn => "unknown_column",
                    StatementErrorKind::RepeatedColumn => "repeated_column",
                    StatementErrorKind::Ambiguous => "ambiguous",
                    StatementErrorKind::TooManyReadings => "too_many_readings",
                    _ => "statement",
                };
                return Ok(Err(Reason { kind, offset: error.offset() }));
            }
        };
        if let Some(reason) = unreadable(&statement) {
            return Ok(Err(reason));
        }
        let Statement { kind, owner, table, set, condition, row_id, repaired } = statement;
        let op = match kind {
            StatementKind::Insert => "INSERT",
            StatementKind::Update => "UPDATE",
            StatementKind::Delete => "DELETE",
        };
        let (after, before) = (Images(set), Images(condition));
        write_json(output, &Answer { id: line.id, op, owner, table, row_id, after, before, repaired }).map(Ok)
    }
}

/// The first literal that cannot be read, if there is one.
fn unreadable(statement: &Statement<'_>) -> Option<Reason> {
    statement.set.iter().chain(statement.condition.iter()).find_map(|column| {
        let error = readable(column.escaped).err()?;
        // Within a literal that was repaired, places are not those of the statement.
        let within = if column.repaired { 0 } else { error.offset() };
        Some(Reason { kind: "value", offset: column.offset + within })
    })
}

impl Serialize for Images<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for column in self.0.iter() {
            let says = readable(column.escaped).map_err(S::Error::custom)?;
            let (value, state) = match &says {
                Readable::Value(text) => (Some(&**text), "value"),
                Readable::Null => (None, "null"),
                Readable::Unsupported => (None, "unsupported"),
            };
            map.serialize_entry(column.column, &Image { raw: column.literal, value, state })?;
        }
        map.end()
    }
}

fn write_json(output: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(output, value).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> Vec<String> {
        let mut output = Vec::new();
        statements(input, &mut output).unwrap();
        String::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_statement_of_each_kind() {
        let lines = concat!(
            r#"{"id": 1, "sql": "insert into \"O\".\"T\"(\"Id\",\"ID\",\"D\",\"X\") values ('7',NULL,TO_DATE('2024-02-29', 'YYYY-MM-DD'),Unsupported Type);", "columns": null}"#,
            "\n",
            r#"{"id":{"scn": [1]},"columns":["A","B"],"more":0,"sql":"update \"O\".\"T\" set \"B\" = 'it''s', \"A\" = EMPTY_CLOB() where \"A\" IS NULL and ROWID = 'AAAB'"}"#,
            "\r\n",
            r#"{"id":"x","sql":"delete from \"O\".\"T\" where \"A\" = 'it's';","columns":["A"]}"#,
        );
        assert_eq!(
            answers(lines.as_bytes()),
            [
                r#"{"id":1,"op":"INSERT","owner":"O","table":"T","after":{"Id":{"raw":"'7'","value":"7","state":"value"},"ID":{"raw":"NULL","value":null,"state":"null"},"D":{"raw":"TO_DATE('2024-02-29', 'YYYY-MM-DD')","value":"2024-02-29","state":"value"},"X":{"raw":"Unsupported Type","value":null,"state":"unsupported"}},"before":{},"repaired":false}"#,
                r#"{"id":{"scn": [1]},"op":"UPDATE","owner":"O","table":"T","row_id":"AAAB","after":{"B":{"raw":"'it''s'","value":"it's","state":"value"},"A":{"raw":"EMPTY_CLOB()","value":"","state":"value"}},"before":{"A":{"raw":"NULL","value":null,"state":"null"}},"repaired":false}"#,
                r#"{"id":"x","op":"DELETE","owner":"O","table":"T","after":{},"before":{"A":{"raw":"'it's'","value":"it's","state":"value"}},"repaired":true}"#,
            ]
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_in_its_place() {
        let lines = [
            r#"{"id":1,"sql":"nothing","columns":null}"#,
            r#"{"id":null,"sql":"insert into \"O\".\"T\"(\"A\") values (UNISTR('\\00'))","columns":null}"#,
            r#"{"id":3,"sql":"update \"O\".\"T\" set \"B\" = '1'","columns":["A"]}"#,
            r#"{"id":4,"sql":"insert into \"O\".\"T\"(\"A\",\"B\") values ('1','2','3')","columns":null}"#,
            r#"{"id":5,"sql":"delete from \"O\".\"T\" where \"A\" IS NULL and \"A\" IS NULL","columns":null}"#,
            r#"{"id":6,"sql":"/* No SQL_REDO for temporary tables */","columns":null}"#,
            r#"{"id":7,"sql":"delete from \"O\".\"T\""}"#,
            r#"{"id":8,"columns":null}"#,
            r#"{"id":9,"sql":7,"columns":null}"#,
            r#"{"id":10,"sql":"delete from \"O\".\"T\"","columns":"A"}"#,
            r#"{"sql":"delete from \"O\".\"T\"","columns":null}"#,
            r#"{"id":11,"sql":"#,
            "",
            "[]",
        ];
        let kinds = [
            (r#"{"id":1,"error":{"kind":"statement","offset":0}}"#),
            (r#"{"id":null,"error":{"kind":"value","offset":"#),
            (r#"{"id":3,"error":{"kind":"unknown_column","offset":20}}"#),
            (r#"{"id":4,"error":{"kind":"ambiguous","offset":"#),
            (r#"{"id":5,"error":{"kind":"repeated_column","offset":43}}"#),
            (r#"{"id":6,"error":{"kind":"no_statement","offset":0}}"#),
            (r#"{"id":7,"error":{"kind":"json","offset":"#),
            (r#"{"id":8,"error":{"kind":"json","offset":"#),
            (r#"{"id":9,"error":{"kind":"json","offset":"#),
            (r#"{"id":10,"error":{"kind":"json","offset":0}}"#),
            (r#"{"id":null,"error":{"kind":"json","offset":"#),
            (r#"{"id":null,"error":{"kind":"json","offset":"#),
            (r#"{"id":null,"error":{"kind":"json","offset":"#),
            (r#"{"id":null,"error":{"kind":"json","offset":"#),
        ];
        let answers = answers(lines.join("\n").as_bytes());
        assert_eq!(answers.len(), kinds.len(), "{answers:#?}");
        for (answer, kind) in answers.iter().zip(kinds) {
            assert!(answer.starts_with(kind), "{answer} is not {kind}");
        }
    }

    #[test]
    fn reading_goes_on_after_bytes_that_are_no_text() {
        let good: &[u8] = br#"{"id":1,"sql":"delete from \"O\".\"T\"","columns":null}"#;
        let input = [b"\xff\xfe\0\n", good, b"\n{\"id\":2,\"sql\":\"\xff\",\"columns\":null}\n"].concat();
        let answers = answers(&input);
        assert_eq!(answers.len(), 3);
        assert!(answers[0].contains("\"json\"") && answers[1].contains("DELETE") && answers[2].contains("\"json\""));
    }
}
