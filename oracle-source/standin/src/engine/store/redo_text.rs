//! Redo as LogMiner prints it: `SQL_REDO` and `SQL_UNDO`.

use super::{
    TableInfo,
    model::is_lob,
    nls::{Nls, format_date},
    redo::{Update, in_mask},
    row,
};
use crate::OraError;
use type_convert::{DateTime, OracleType, UtcOffset, Value, literal};

/// Bytes of one piece of `SQL_REDO`.
const PIECE: usize = 4000;

/// LOBs up to this many bytes are printed within the statement of their row; larger ones follow it in `LOB_WRITE` rows.
const LOB_IN_STATEMENT: usize = 32767;
/// Bytes of one `LOB_WRITE`.
const LOB_WRITE: usize = 8132;

/// How statements are to be printed.
pub(super) struct Printer<'a> {
    pub(super) nls: &'a Nls,
    /// `NO_ROWID_IN_STMT`.
    pub(super) row_id: bool,
    /// Not `NO_SQL_DELIMITER`.
    pub(super) delimiter: bool,
}

impl Printer<'_> {
    /// One value, in the session's NLS formats.
    fn value(&self, value: &Value, ty: &OracleType) -> Result<String, OraError> {
        let precision = match ty {
            OracleType::Timestamp { precision }
            | OracleType::TimestampTz { precision }
            | OracleType::TimestampLtz { precision } => *precision,
            _ => 0,
        };
        let formatted = |d: &DateTime, offset: Option<UtcOffset>, parameter: &str| {
            let model = self.nls.get(parameter).unwrap_or("DD-MON-RR");
            Ok::<_, OraError>((format_date(d, offset, precision, model)?, model.to_owned()))
        };
        Ok(match (value, ty) {
            (Value::Text(text), ty) if is_lob(ty) && text.len() > LOB_IN_STATEMENT => "EMPTY_CLOB()".to_owned(),
            (Value::Bytes(bytes), ty) if is_lob(ty) && bytes.len() > LOB_IN_STATEMENT => "EMPTY_BLOB()".to_owned(),
            (Value::DateTime(d), OracleType::Date) => {
                let (text, model) = formatted(d, None, "NLS_DATE_FORMAT")?;
                format!("TO_DATE('{text}', '{model}')")
            }
            (Value::DateTime(d), _) => {
                let (text, _) = formatted(d, None, "NLS_TIMESTAMP_FORMAT")?;
                format!("TO_TIMESTAMP('{text}')")
            }
            (Value::DateTimeTz(d, offset), OracleType::TimestampLtz { .. }) => {
                // Without an offset, in the session's time zone.
                let zone = self.nls.time_zone;
                let local = d.utc_from(*offset).and_then(|utc| utc.local_at(zone));
                let local = local
                    .map_err(|e| OraError::new(1841, format!("(full) year must be between -4713 and +9999: {e}")))?;
                let (text, _) = formatted(&local, None, "NLS_TIMESTAMP_FORMAT")?;
                format!("TO_TIMESTAMP_ITZ('{text}')")
            }
            (Value::DateTimeTz(d, offset), _) => {
                let (text, _) = formatted(d, Some(*offset), "NLS_TIMESTAMP_TZ_FORMAT")?;
                format!("TO_TIMESTAMP_TZ('{text}')")
            }
            (Value::Number(_) | Value::Float(_) | Value::Double(_), _) => {
                let text = literal::format(value, ty);
                match self.nls.get("NLS_NUMERIC_CHARACTERS").and_then(|c| c.chars().next()) {
                    Some(radix) if radix != '.' => text.replace('.', radix.encode_utf8(&mut [0; 4])),
                    _ => text,
                }
            }
            _ => literal::format(value, ty),
        })
    }

    fn finish(&self, mut statement: String) -> String {
        if self.delimiter {
            statement.push(';');
        }
        statement
    }

    pub(super) fn insert(&self, table: &TableInfo, data: &[u8]) -> Result<String, OraError> {
        let values = row::decode(data, table.table.columns.len())?;
        let columns = || table.table.columns.iter().zip(&values).filter(|(c, _)| c.virtual_expression.is_none());
        let names: Vec<String> = columns().map(|(c, _)| c.name.quoted()).collect();
        let literals: Vec<String> = columns().map(|(c, v)| self.value(v, &c.oracle_type)).collect::<Result<_, _>>()?;
        Ok(self.finish(format!("insert into {}({}) values ({})", table.quoted(), names.join(","), literals.join(","))))
    }

    /// What follows an INSERT or UPDATE of large LOBs: for each a statement that finds it and those that write it.
    pub(super) fn lob_writes(
        &self,
        table: &TableInfo,
        data: &[u8],
        rid: i64,
        is_set: impl Fn(usize) -> bool,
    ) -> Result<Vec<LobStep>, OraError> {
        let values = row::decode(data, table.table.columns.len())?;
        let mut steps = Vec::new();
        for (n, (column, value)) in table.table.columns.iter().zip(&values).enumerate() {
            if !is_set(n) || !is_lob(&column.oracle_type) {
                continue;
            }
            let variable = match column.oracle_type {
                OracleType::NClob => "nc",
                OracleType::Blob | OracleType::LongRaw => "b",
                _ => "c",
            };
            // Length and place of each piece, in characters or bytes, and its literal.
            let writes: Vec<(usize, String)> = match value {
                Value::Text(text) if text.len() > LOB_IN_STATEMENT => cut(text, LOB_WRITE)
                    .into_iter()
                    .map(|p| (p.chars().count(), format!("'{}'", p.replace('\'', "''"))))
                    .collect(),
                Value::Bytes(bytes) if bytes.len() > LOB_IN_STATEMENT => bytes
                    .chunks(LOB_WRITE)
                    .map(|p| (p.len(), literal::format(&Value::Bytes(p.to_vec()), &OracleType::Raw { length: 2000 })))
                    .collect(),
                _ => continue,
            };
            let key = &table.relation.key;
            let conditions = self.conditions(table, &values, |n| key.is_empty() || key.contains(&n), rid)?;
            let name = column.name.quoted();
            steps.push(LobStep {
                write: false,
                text: format!(
                    "DECLARE \n loc_c CLOB; \n buf_c VARCHAR2(6156); \n loc_b BLOB; \n buf_b RAW(6156); \n loc_nc NCLOB; \n \
                     buf_nc NVARCHAR2(6156); \nBEGIN\n select {name} into loc_{variable} from {}{conditions} for update;",
                    table.quoted()
                ),
            });
            let mut at = 1;
            for (length, text) in writes {
                steps.push(LobStep {
                    write: true,
                    text: format!(
                        " buf_{variable} := {text}; \n  dbms_lob.write(loc_{variable}, {length}, {at}, buf_{variable});"
                    ),
                });
                at += length;
            }
        }
        Ok(steps)
    }

    /// With every column's old value, as a DELETE's undo has them.
    pub(super) fn delete(&self, table: &TableInfo, data: &[u8], rid: i64) -> Result<String, OraError> {
        let values = row::decode(data, table.table.columns.len())?;
        let conditions = self.conditions(table, &values, |_| true, rid)?;
        Ok(self.finish(format!("delete from {}{conditions}", table.quoted())))
    }

    /// The undo of an INSERT: found by its ROWID alone, in an index-organised table by its key.
    pub(super) fn delete_by_place(&self, table: &TableInfo, data: &[u8], rid: i64) -> Result<String, OraError> {
        if table.index_organized() {
            let values = row::decode(data, table.table.columns.len())?;
            let conditions = self.conditions(table, &values, |n| table.relation.key.contains(&n), rid)?;
            return Ok(self.finish(format!("delete from {}{conditions}", table.quoted())));
        }
        Ok(self.finish(format!("delete from {} where ROWID = '{}'", table.quoted(), table.row_id(rid))))
    }

    /// `by_place`: the undo of an UPDATE, found by its ROWID alone.
    pub(super) fn update(
        &self,
        table: &TableInfo,
        update: &Update,
        rid: i64,
        by_place: bool,
    ) -> Result<String, OraError> {
        let width = table.table.columns.len();
        let (old, new) = (row::decode(&update.old, width)?, row::decode(&update.new, width)?);
        let set: Vec<String> = table
            .table
            .columns
            .iter()
            .zip(&new)
            .enumerate()
            .filter(|(n, _)| in_mask(&update.set, *n))
            .map(|(_, (c, v))| Ok(format!("{} = {}", c.name.quoted(), self.value(v, &c.oracle_type)?)))
            .collect::<Result<_, OraError>>()?;
        let key = |n: usize| table.index_organized() && table.relation.key.contains(&n);
        let conditions = if by_place && !table.index_organized() {
            format!(" where ROWID = '{}'", table.row_id(rid))
        } else {
            let has = |n: usize| key(n) || !by_place && (in_mask(&update.set, n) || in_mask(&update.logged, n));
            self.conditions(table, &old, has, rid)?
        };
        Ok(self.finish(format!("update {} set {}{conditions}", table.quoted(), set.join(", "))))
    }

    fn conditions(
        &self,
        table: &TableInfo,
        values: &[Value],
        has: impl Fn(usize) -> bool,
        rid: i64,
    ) -> Result<String, OraError> {
        let mut all: Vec<String> = Vec::new();
        for (n, (column, value)) in table.table.columns.iter().zip(values).enumerate() {
            if !has(n) || is_lob(&column.oracle_type) || !table.is_stored(n) {
                continue;
            }
            let name = column.name.quoted();
            all.push(match value {
                Value::Null => format!("{name} IS NULL"),
                value => format!("{name} = {}", self.value(value, &column.oracle_type)?),
            });
        }
        if self.row_id && !table.index_organized() {
            all.push(format!("ROWID = '{}'", table.row_id(rid)));
        }
        Ok(if all.is_empty() { String::new() } else { format!(" where {}", all.join(" and ")) })
    }

    /// A row whose table has another shape than the dictionary: raw bytes under made-up names.
    pub(super) fn mismatch_insert(&self, object: i64, data: &[u8]) -> Result<String, OraError> {
        let values = row::decode(data, 0)?;
        let names: Vec<String> = (1..=values.len()).map(|n| format!("\"COL {n}\"")).collect();
        let literals: Vec<String> = values.iter().map(raw).collect();
        Ok(self.finish(format!(
            "insert into \"UNKNOWN\".\"OBJ# {object}\"({}) values ({})",
            names.join(","),
            literals.join(",")
        )))
    }

    pub(super) fn mismatch_delete(&self, object: i64, data: &[u8], row_id: &str) -> Result<String, OraError> {
        let conditions = self.raw_conditions(&row::decode(data, 0)?, |_| true, row_id);
        Ok(self.finish(format!("delete from \"UNKNOWN\".\"OBJ# {object}\"{conditions}")))
    }

    pub(super) fn mismatch_update(&self, object: i64, update: &Update, row_id: &str) -> Result<String, OraError> {
        let new = row::decode(&update.new, 0)?;
        let set: Vec<String> = new
            .iter()
            .enumerate()
            .filter(|(n, _)| in_mask(&update.set, *n))
            .map(|(n, v)| format!("\"COL {}\" = {}", n + 1, raw(v)))
            .collect();
        let old = row::decode(&update.old, 0)?;
        let has = |n: usize| in_mask(&update.set, n) || in_mask(&update.logged, n);
        let conditions = self.raw_conditions(&old, has, row_id);
        Ok(self.finish(format!("update \"UNKNOWN\".\"OBJ# {object}\" set {}{conditions}", set.join(", "))))
    }

    fn raw_conditions(&self, values: &[Value], has: impl Fn(usize) -> bool, row_id: &str) -> String {
        let mut all: Vec<String> = values
            .iter()
            .enumerate()
            .filter(|(n, _)| has(*n))
            .map(|(n, v)| match v {
                Value::Null => format!("\"COL {}\" IS NULL", n + 1),
                v => format!("\"COL {}\" = {}", n + 1, raw(v)),
            })
            .collect();
        if self.row_id {
            all.push(format!("ROWID = '{row_id}'"));
        }
        if all.is_empty() { String::new() } else { format!(" where {}", all.join(" and ")) }
    }
}

/// One row of redo about a LOB.
pub(super) struct LobStep {
    /// `LOB_WRITE`; otherwise `SELECT_LOB_LOCATOR`.
    pub(super) write: bool,
    pub(super) text: String,
}

/// A value's own bytes, where LogMiner knows no type.
fn raw(value: &Value) -> String {
    let bytes: Vec<u8> = match value {
        Value::Null => return "NULL".to_owned(),
        Value::Number(n) => n.as_bytes().to_vec(),
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::DateTime(d) if d.nanosecond == 0 => d.to_date_bytes().map(|b| b.to_vec()).unwrap_or_default(),
        Value::DateTime(d) => d.to_timestamp_bytes().map(|b| b.to_vec()).unwrap_or_default(),
        Value::DateTimeTz(d, o) => d.to_timestamp_tz_bytes(*o).map(|b| b.to_vec()).unwrap_or_default(),
        Value::IntervalYm(i) => i.to_bytes().to_vec(),
        Value::IntervalDs(i) => i.to_bytes().map(|b| b.to_vec()).unwrap_or_default(),
        Value::Float(f) => float_bytes(&f.to_be_bytes()),
        Value::Double(f) => float_bytes(&f.to_be_bytes()),
        Value::Boolean(b) => vec![u8::from(*b)],
        _ => return "Unsupported Type".to_owned(),
    };
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("HEXTORAW('{hex}')")
}

/// Oracle keeps binary floats so that their bytes order as the numbers do.
fn float_bytes(big_endian: &[u8]) -> Vec<u8> {
    let negative = big_endian.first().is_some_and(|b| b & 0x80 != 0);
    let flip = |(n, b): (usize, &u8)| match (negative, n) {
        (true, _) => !b,
        (false, 0) => b | 0x80,
        (false, _) => *b,
    };
    big_endian.iter().enumerate().map(flip).collect()
}

/// Cuts a statement into pieces of at most 4000 bytes, at characters.
pub(super) fn pieces(statement: &str) -> Vec<&str> {
    cut(statement, PIECE)
}

fn cut(text: &str, bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::with_capacity(text.len() / bytes + 1);
    let mut rest = text;
    while rest.len() > bytes {
        let mut at = bytes;
        while !rest.is_char_boundary(at) {
            at -= 1;
        }
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_at_characters() {
        let text = format!("{}é{}", "x".repeat(3999), "y".repeat(4001));
        let cut = pieces(&text);
        assert_eq!(cut.iter().map(|p| p.len()).collect::<Vec<_>>(), [3999, 4000, 3]);
        assert_eq!(cut.concat(), text);
        assert_eq!(pieces(""), [""]);
    }

    #[test]
    fn binary_floats_order_as_bytes() {
        let bytes: Vec<_> = [-2.0f64, -1.0, 0.0, 1.0, 2.0].iter().map(|f| float_bytes(&f.to_be_bytes())).collect();
        assert!(bytes.is_sorted());
    }
}
