use crate::{
    Error, ErrorKind,
    driver::{DriverError, FromRow, Row},
};
use schema_map::OracleIdent;
use std::str::FromStr;

/// A row of a small result, its values as text.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) values: Vec<Option<String>>,
}

impl FromRow for Record {
    fn from_row(row: &Row<'_>) -> Result<Self, DriverError> {
        Ok(Record { values: (0..row.len()).map(|column| row.text(column)).collect::<Result<_, _>>()? })
    }
}

impl Record {
    /// The value at a position, `None` for NULL.
    pub(crate) fn get(&self, column: usize) -> Option<&str> {
        self.values.get(column).and_then(Option::as_deref)
    }

    /// A value that is documented never to be NULL.
    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        self.get(column).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("column {} of {:?} is NULL", column + 1, self.values))
        })
    }

    /// A name.
    pub(crate) fn ident(&self, column: usize) -> Result<OracleIdent, Error> {
        OracleIdent::new(self.text(column)?).map_err(|e| Error::new(ErrorKind::Malformed, e.to_string()))
    }

    /// A number, `None` for NULL.
    pub(crate) fn number<T: FromStr>(&self, column: usize) -> Result<Option<T>, Error> {
        self.get(column)
            .map(|text| {
                text.parse().map_err(|_| {
                    Error::new(
                        ErrorKind::Malformed,
                        format!("column {} of {:?} is not a number of the range expected", column + 1, self.values),
                    )
                })
            })
            .transpose()
    }

    /// A number that is documented never to be NULL.
    pub(crate) fn required<T: FromStr>(&self, column: usize) -> Result<T, Error> {
        self.text(column)?;
        self.number(column)?.ok_or_else(|| Error::new(ErrorKind::Malformed, "a number is NULL"))
    }
}
