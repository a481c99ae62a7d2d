use crate::{Error, Session, session::Record};
use oracle::sql_type::ToSql;

/// What a query told, or that the session may not read what it asks.
#[derive(Debug)]
pub(super) enum Answer {
    Rows(Vec<Record>),
    /// The object of SYS that a GRANT would have to name.
    NoRight(&'static str),
}

impl Answer {
    /// `object` is what a GRANT names for the view that the query reads.
    pub(super) fn ask(session: &Session, object: &'static str, sql: &str, binds: &[&dyn ToSql]) -> Result<Self, Error> {
        match session.try_query(sql, binds) {
            Ok(rows) => Ok(Answer::Rows(rows)),
            Err(e) if is_no_right(&e) => Ok(Answer::NoRight(object)),
            Err(e) => Err(Error::driver(format_args!("reading {}", object.replacen("_$", "$", 1)), e)),
        }
    }

    pub(super) fn rows(&self) -> Option<&[Record]> {
        match self {
            Answer::Rows(rows) => Some(rows),
            Answer::NoRight(_) => None,
        }
    }

    /// The first row, where there is one that may be read.
    pub(super) fn first(&self) -> Option<&Record> {
        self.rows().and_then(<[Record]>::first)
    }

    #[cfg(test)]
    pub(super) fn of(rows: &[&[Option<&str>]]) -> Self {
        Answer::Rows(
            rows.iter()
                .map(|row| Record { values: row.iter().map(|value| value.map(str::to_owned)).collect() })
                .collect(),
        )
    }
}

/// ORA-00942 and ORA-01031: Oracle does not tell "no right" from "not there".
pub(super) fn is_no_right(error: &oracle::Error) -> bool {
    matches!(error.oci_code(), Some(942 | 1031))
}
