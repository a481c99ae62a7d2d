use cdc_logminer::{OperationCode, RedoRow, Xid};
use oracle::{Row, RowValue, SqlValue, sql_type::InnerValue};
use type_convert::Scn;

/// A row of [`CONTENTS`](cdc_logminer::session_sql::CONTENTS).
pub(super) struct Mined(pub(super) RedoRow);

impl RowValue for Mined {
    fn get(row: &Row) -> oracle::Result<Self> {
        let values = row.sql_values();
        let [
            scn,
            start_scn,
            commit_scn,
            timestamp,
            usn,
            slot,
            sequence,
            parallel_usn,
            parallel_slot,
            parallel_sequence,
            operation,
            rollback,
            status,
            info,
            seg_owner,
            table_name,
            row_id,
            rs_id,
            ssn,
            csf,
            thread,
            data_obj,
            data_objv,
            sql_redo,
        ] = values
        else {
            return Err(malformed("a row", "24 columns"));
        };
        Ok(Mined(RedoRow {
            scn: Scn(number(scn, "SCN")?.unwrap_or(0)),
            start_scn: number(start_scn, "START_SCN")?.map(Scn),
            commit_scn: number(commit_scn, "COMMIT_SCN")?.map(Scn),
            timestamp: seconds(timestamp)?,
            xid: Xid {
                usn: number(usn, "XIDUSN")?.unwrap_or(0),
                slot: number(slot, "XIDSLT")?.unwrap_or(0),
                sequence: number(sequence, "XIDSQN")?.unwrap_or(u32::MAX),
            },
            pxid: match number(parallel_usn, "PXIDUSN")? {
                Some(usn) => Some(Xid {
                    usn,
                    slot: number(parallel_slot, "PXIDSLT")?.unwrap_or(0),
                    sequence: number(parallel_sequence, "PXIDSQN")?.unwrap_or(0),
                }),
                None => None,
            },
            operation: OperationCode(number(operation, "OPERATION_CODE")?.unwrap_or(OperationCode::UNSUPPORTED.0)),
            rollback: number::<i64>(rollback, "ROLLBACK")? == Some(1),
            status: number(status, "STATUS")?.unwrap_or(0),
            info: text(info)?,
            seg_owner: text(seg_owner)?,
            table_name: text(table_name)?,
            row_id: text(row_id)?,
            rs_id: text(rs_id)?.map_or_else(String::new, |id| id.trim().to_owned()),
            ssn: number(ssn, "SSN")?.unwrap_or(0),
            csf: number::<i64>(csf, "CSF")? == Some(1),
            thread: number(thread, "THREAD#")?.unwrap_or(0),
            data_obj: number(data_obj, "DATA_OBJ#")?.unwrap_or(0),
            data_objv: number(data_objv, "DATA_OBJV#")?.unwrap_or(0),
            sql_redo: text(sql_redo)?,
        }))
    }
}

fn malformed(what: &str, expected: &str) -> oracle::Error {
    oracle::Error::new(oracle::ErrorKind::OutOfRange, format!("{what} of V$LOGMNR_CONTENTS is not {expected}"))
}

fn number<T: TryFrom<i64> + std::str::FromStr>(value: &SqlValue<'_>, column: &str) -> oracle::Result<Option<T>> {
    if value.is_null()? {
        return Ok(None);
    }
    let number = match value.as_inner_value()? {
        InnerValue::Int64(n) => n.try_into().ok(),
        InnerValue::Number(text) => text.parse().ok(),
        _ => None,
    };
    number.map(Some).ok_or_else(|| malformed(column, "a number of the range documented"))
}

fn text(value: &SqlValue<'_>) -> oracle::Result<Option<String>> {
    if value.is_null()? {
        return Ok(None);
    }
    match value.as_inner_value()? {
        InnerValue::Char(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(malformed("a text", "UTF-8")),
        },
        _ => value.get(),
    }
}

/// Seconds since 1970-01-01 of a DATE, taken without a zone.
fn seconds(value: &SqlValue<'_>) -> oracle::Result<i64> {
    if value.is_null()? {
        return Ok(0);
    }
    match value.as_inner_value()? {
        InnerValue::Timestamp(t) => {
            // Days from civil: years begin in March, so that the leap day is the last of its year.
            let (year, month) = (i64::from(t.year), i64::from(t.month));
            let year = if month <= 2 { year - 1 } else { year };
            let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(t.day) - 1;
            let era = year.div_euclid(400);
            let year_of_era = year.rem_euclid(400);
            let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
            Ok(((days * 24 + i64::from(t.hour)) * 60 + i64::from(t.minute)) * 60 + i64::from(t.second))
        }
        _ => Err(malformed("TIMESTAMP", "a DATE")),
    }
}
