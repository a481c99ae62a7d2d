use crate::{Error, ErrorKind, Result};
use schema_map::{TablePlan, pg_literal};
use type_convert::{OracleType, PgType};

/// Rows of a table with `from <= key < to`, by the first column of its key; without `from` or `to` the range is open at that end.
///
/// Both sides must have the values in one order: numbers, dates and timestamps. Texts are ordered by collations, which are not the same, and a zone's
/// offset would have to be counted in; such keys have no ranges. Ends are texts: a number as `-12.5` (without a fraction where the target's column
/// is an integer), a DATE as `2024-02-29` or `2024-02-29 12:34:56`, a TIMESTAMP also as `2024-02-29 12:34:56.789`, since the year 1.
///
/// A key that a [`LossPolicy`](type_convert::LossPolicy) converts may be on the other side of an end than the source's is: it is then found as a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    from: Option<String>,
    to: Option<String>,
    condition: String,
}

/// How the values of a key are written.
enum Form {
    Integer,
    Number,
    /// With seconds.
    Date,
    /// With microseconds.
    Timestamp,
}

impl KeyRange {
    /// A range of this table's rows.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] where the table has no key or one without a common order; [`ErrorKind::Value`] where an end is no value of it.
    pub fn new(plan: &TablePlan, from: Option<&str>, to: Option<&str>) -> Result<Self> {
        let plan_error = |message: &str| Error::new(ErrorKind::Plan, message).with_table(&plan.target);
        let Some(column) = plan.key.first().map(|&key| &plan.columns[key]) else {
            return Err(plan_error("a table without a key has no ranges of keys: compare it whole"));
        };
        let form = match (&column.oracle_type, &column.pg_type) {
            (OracleType::Number { .. }, PgType::Int2 | PgType::Int4 | PgType::Int8) => Form::Integer,
            (OracleType::Number { .. } | OracleType::Float { .. }, PgType::Numeric { .. }) => Form::Number,
            (OracleType::Date, PgType::Date | PgType::Timestamp { .. }) => Form::Date,
            (OracleType::Timestamp { .. }, PgType::Date | PgType::Timestamp { .. }) => Form::Timestamp,
            _ => {
                let message = "this key has no order that is the same on both sides (only numbers, dates and timestamps have): compare the table whole";
                return Err(plan_error(message).with_column(&column.target));
            }
        };
        let end = |value: Option<&str>| {
            let read = value.map(|value| form.read(value.trim()).ok_or(value)).transpose();
            read.map_err(|value| {
                let message = format!("{value:?} is no value of this key: it takes {}", form.expected());
                Error::new(ErrorKind::Value, message).with_table(&plan.target).with_column(&column.target)
            })
        };
        let (from, to) = (end(from)?, end(to)?);
        let name = column.target.quoted();
        let bound = |operator: &str, value: &Option<String>| {
            value.as_deref().map(|value| format!("{name} {operator} {}::{}", pg_literal(value), form.type_name()))
        };
        let bounds: Vec<String> = [bound(">=", &from), bound("<", &to)].into_iter().flatten().collect();
        let condition = if bounds.is_empty() { "true".to_owned() } else { bounds.join(" AND ") };
        Ok(KeyRange { from, to, condition })
    }

    /// The first key, in the form that `oracle_source::ChunkRange::Keys` takes.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// The first key behind the range, likewise.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// What is true for the target's rows in it.
    pub(super) fn condition(&self) -> &str {
        &self.condition
    }
}

impl Form {
    fn expected(&self) -> &'static str {
        match self {
            Form::Integer => "an integer",
            Form::Number => "a decimal number",
            Form::Date => "YYYY-MM-DD or YYYY-MM-DD HH:MM:SS",
            Form::Timestamp => "YYYY-MM-DD, YYYY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS.FFFFFF",
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Form::Integer => "bigint",
            Form::Number => "numeric",
            Form::Date | Form::Timestamp => "timestamp",
        }
    }

    /// The value as both servers take it.
    fn read(&self, value: &str) -> Option<String> {
        match self {
            Form::Integer => value.parse::<i64>().ok().map(|n| n.to_string()),
            Form::Number => {
                let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
                let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                let is_number = digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction);
                // NUMBER has 40 digits at most.
                (is_number && value.len() <= 120).then(|| value.to_owned())
            }
            Form::Date | Form::Timestamp => {
                let (date, time) = value.split_once([' ', 'T']).unwrap_or((value, "00:00:00"));
                let (clock, fraction) = time.split_once('.').map_or((time, None), |(clock, f)| (clock, Some(f)));
                let [year, month, day] = fields(date, '-', [4, 2, 2])?;
                let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
                let days = match month {
                    2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
                    2 => 28,
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                let is_moment = year > 0
                    && (1..=12).contains(&month)
                    && (1..=days).contains(&day)
                    && hour < 24
                    && minute < 60
                    && second < 60;
                let is_fraction = |f: &str| (1..=6).contains(&f.len()) && f.bytes().all(|b| b.is_ascii_digit());
                let fraction = match (self, fraction) {
                    (Form::Timestamp, Some(fraction)) if is_fraction(fraction) => format!(".{fraction:0<6}"),
                    (Form::Timestamp, None) => ".000000".to_owned(),
                    (_, Some(_)) => return None,
                    (_, None) => String::new(),
                };
                // Where a year before Christ has its sign, Oracle writes a blank.
                is_moment.then(|| format!(" {date} {clock}{fraction}"))
            }
        }
    }
}

/// Numbers of just so many digits each.
fn fields(text: &str, between: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(between);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_values_or_nothing() {
        let read = |form: Form, value: &str| form.read(value);
        assert_eq!(read(Form::Integer, "-7").as_deref(), Some("-7"));
        assert_eq!(read(Form::Number, "-12.50").as_deref(), Some("-12.50"));
        assert_eq!(read(Form::Date, "2024-02-29").as_deref(), Some(" 2024-02-29 00:00:00"));
        assert_eq!(read(Form::Date, "2024-02-29 00:00:00.5"), None);
        assert_eq!(read(Form::Timestamp, "2024-02-29").as_deref(), Some(" 2024-02-29 00:00:00.000000"));
        assert_eq!(read(Form::Timestamp, "2024-02-29T12:34:56.7").as_deref(), Some(" 2024-02-29 12:34:56.700000"));
        for value in ["", "1.5", "1e3", "0x1", "' OR 1", "9223372036854775808"] {
            assert_eq!(read(Form::Integer, value), None, "{value}");
        }
        for value in ["", "-", ".5", "1.", "1e3", "+1", "1,5", "NaN", "'1'"] {
            assert_eq!(read(Form::Number, value), None, "{value}");
        }
        for value in [
            "",
            "2023-02-29",
            "2024-13-01",
            "0000-01-01",
            "2024-1-1",
            "2024-01-01 24:00:00",
            "-001-01-01",
            "2024-01-01 00:00",
            "2024-01-01 00:00:00.",
            "2024-01-01 00:00:00.1234567",
            "2024-01-01 00:00:00+01",
        ] {
            assert_eq!(read(Form::Timestamp, value), None, "{value}");
        }
    }
}
