use crate::{
    Error, Session,
    driver::{DriverError, ToBind},
    session::Record,
};

/// What a query told, or that the session may not read what it asks.
#[derive(Debug)]
pub(super) enum Answer {
    Rows(Vec<Record>),
    /// The objects of SYS that GRANTs would have to name: one of them is missing, Oracle does not say which.
    NoRight(&'static [&'static str]),
}

impl Answer {
    /// `objects` are what a GRANT names for the views that the query reads.
    pub(super) fn ask(
        session: &Session,
        objects: &'static [&'static str],
        sql: &str,
        binds: &[&dyn ToBind],
    ) -> Result<Self, Error> {
        match session.try_query(sql, binds) {
            Ok(rows) => Ok(Answer::Rows(rows)),
            Err(e) if is_no_right(&e) => Ok(Answer::NoRight(objects)),
            Err(e) => Err(Error::driver(format_args!("reading {}", view_names(objects)), e)),
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

/// The views of these objects, as statements spell them.
pub(super) fn view_names(objects: &[&str]) -> String {
    objects.iter().map(|object| object.replacen("_$", "$", 1)).collect::<Vec<_>>().join(" or ")
}

/// ORA-00942 and ORA-01031: Oracle does not tell "no right" from "not there".
pub(super) fn is_no_right(error: &DriverError) -> bool {
    matches!(error.ora_code(), Some(942 | 1031))
}
