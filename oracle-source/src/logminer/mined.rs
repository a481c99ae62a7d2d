use crate::driver::{DriverError, FromRow, Row};
use cdc_logminer::{OperationCode, RedoRow, Xid};
use type_convert::{Scn, ValueRef};

/// A row of [`CONTENTS`](cdc_logminer::session_sql::CONTENTS).
pub(super) struct Mined(pub(super) RedoRow);

impl FromRow for Mined {
    fn from_row(row: &Row<'_>) -> Result<Self, DriverError> {
        if row.len() != 24 {
            return Err(malformed("a row", "24 columns"));
        }
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
        ]: [usize; 24] = std::array::from_fn(|column| column);
        Ok(Mined(RedoRow {
            scn: Scn(number(row, scn, "SCN")?.unwrap_or(0)),
            start_scn: number(row, start_scn, "START_SCN")?.map(Scn),
            commit_scn: number(row, commit_scn, "COMMIT_SCN")?.map(Scn),
            timestamp: seconds(row, timestamp)?,
            xid: Xid {
                usn: number(row, usn, "XIDUSN")?.unwrap_or(0),
                slot: number(row, slot, "XIDSLT")?.unwrap_or(0),
                sequence: number(row, sequence, "XIDSQN")?.unwrap_or(u32::MAX),
            },
            pxid: match number(row, parallel_usn, "PXIDUSN")? {
                Some(usn) => Some(Xid {
                    usn,
                    slot: number(row, parallel_slot, "PXIDSLT")?.unwrap_or(0),
                    sequence: number(row, parallel_sequence, "PXIDSQN")?.unwrap_or(0),
                }),
                None => None,
            },
            operation: OperationCode(number(row, operation, "OPERATION_CODE")?.unwrap_or(OperationCode::UNSUPPORTED.0)),
            rollback: number::<i64>(row, rollback, "ROLLBACK")? == Some(1),
            status: number(row, status, "STATUS")?.unwrap_or(0),
            info: text(row, info)?,
            seg_owner: text(row, seg_owner)?,
            table_name: text(row, table_name)?,
            row_id: text(row, row_id)?,
            rs_id: text(row, rs_id)?.map_or_else(String::new, |id| id.trim().to_owned()),
            ssn: number(row, ssn, "SSN")?.unwrap_or(0),
            csf: number::<i64>(row, csf, "CSF")? == Some(1),
            thread: number(row, thread, "THREAD#")?.unwrap_or(0),
            data_obj: number(row, data_obj, "DATA_OBJ#")?.unwrap_or(0),
            data_objv: number(row, data_objv, "DATA_OBJV#")?.unwrap_or(0),
            sql_redo: text(row, sql_redo)?,
        }))
    }
}

fn malformed(what: &str, expected: &str) -> DriverError {
    DriverError::value(format!("{what} of V$LOGMNR_CONTENTS is not {expected}"))
}

fn number<T: TryFrom<i64> + std::str::FromStr>(
    row: &Row<'_>,
    column: usize,
    name: &str,
) -> Result<Option<T>, DriverError> {
    let number = match row.value(column)? {
        ValueRef::Null => return Ok(None),
        ValueRef::Int(n) => n.try_into().ok(),
        ValueRef::Decimal(text) => text.parse().ok(),
        _ => None,
    };
    number.map(Some).ok_or_else(|| malformed(name, "a number of the range documented"))
}

fn text(row: &Row<'_>, column: usize) -> Result<Option<String>, DriverError> {
    match row.value(column)? {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(malformed("a text", "UTF-8")),
        },
        _ => row.text(column),
    }
}

/// Seconds since 1970-01-01 of a DATE, taken without a zone.
fn seconds(row: &Row<'_>, column: usize) -> Result<i64, DriverError> {
    match row.value(column)? {
        ValueRef::Null => Ok(0),
        ValueRef::DateTime(t) => {
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
