use super::Unread;
use crate::{
    Error, Session,
    driver::{DriverError, ToBind},
    session::Record,
    sql::dictionary::{self as sql, Capabilities, Views},
};
use schema_map::{ObjectPath, OracleIdent};

/// Runs the dictionary's statements and counts them.
pub(super) struct Reader<'a> {
    session: &'a Session,
    pub(super) views: Views,
    pub(super) known: Capabilities,
    pub(super) unread: Vec<Unread>,
    pub(super) queries: u32,
}

/// One schema, what is kept of it, and the reader.
pub(super) struct Owner<'r, 'a> {
    reader: &'r mut Reader<'a>,
    pub(super) schema: &'r OracleIdent,
    keep: &'r dyn Fn(&ObjectPath) -> bool,
}

impl<'a> Reader<'a> {
    /// Finds out which views there are and which of them may be read.
    pub(super) fn new(session: &'a Session) -> Result<Self, Error> {
        let mut known = Capabilities::default();
        for row in session.query("reading ALL_TAB_COLUMNS of SYS", sql::CAPABILITIES, &[])? {
            known.add(row.text(0)?, row.text(1)?);
        }
        if !known.has_view("ALL_TAB_COLS") {
            return Err(super::malformed(
                "ALL_TAB_COLUMNS does not show the columns of ALL_TAB_COLS, so that this version's views are not known: \
                 PUBLIC needs SELECT on the ALL_ views, as every installation has it"
                    .to_owned(),
            ));
        }
        let views = match session.try_query(&sql::probe_dba(&known), &[]) {
            Ok(_) => Views::Dba,
            Err(e) if is_no_right(&e) => Views::All,
            Err(e) => return Err(Error::driver("asking whether the DBA_ views may be read", e)),
        };
        Ok(Reader { session, views, known, unread: Vec::new(), queries: 2 })
    }
}

fn is_no_right(error: &DriverError) -> bool {
    matches!(error.ora_code(), Some(942 | 1031))
}

impl<'r, 'a> Owner<'r, 'a> {
    pub(super) fn new(
        reader: &'r mut Reader<'a>,
        schema: &'r OracleIdent,
        keep: &'r dyn Fn(&ObjectPath) -> bool,
    ) -> Self {
        Owner { reader, schema, keep }
    }

    /// The rows of a statement: each of its binds is the owner.
    pub(super) fn query(&mut self, statement: &str) -> Result<Vec<Record>, Error> {
        let text = sql::text(statement, self.reader.views, &self.reader.known);
        let view = sql::view(&text);
        self.send(&text).map_err(|e| Error::driver(format_args!("reading {view} of {}", self.schema), e))
    }

    /// The same where the catalog can do without: no rows, and a note of what it lacks, where the session may not read the view.
    pub(super) fn query_if_allowed(&mut self, statement: &str, lacking: &'static str) -> Result<Vec<Record>, Error> {
        let text = sql::text(statement, self.reader.views, &self.reader.known);
        let view = sql::view(&text);
        match self.send(&text) {
            Err(e) if is_no_right(&e) => {
                self.lacks(&view, lacking);
                Ok(Vec::new())
            }
            other => other.map_err(|e| Error::driver(format_args!("reading {view} of {}", self.schema), e)),
        }
    }

    fn send(&mut self, text: &str) -> Result<Vec<Record>, DriverError> {
        self.reader.queries += 1;
        let owner = self.schema.as_str();
        let binds = vec![&owner as &dyn ToBind; text.matches(" = :").count()];
        self.reader.session.try_query(text, &binds)
    }

    /// Notes that a view could not be read.
    fn lacks(&mut self, view: &str, lacking: &'static str) {
        self.reader.unread.push(Unread {
            schema: self.schema.clone(),
            view: view.to_owned(),
            lacking,
            grant: format!("GRANT SELECT ON SYS.{view} TO {};", self.reader.session.user().quoted()),
        });
    }

    /// Says what the `ALL_` views of another's schema do not tell.
    pub(super) fn note_what_is_hidden(&mut self) {
        if self.reader.views == Views::All && self.schema != self.reader.session.user() {
            self.reader.unread.push(Unread {
                schema: self.schema.clone(),
                view: "ALL_OBJECTS".to_owned(),
                lacking: "objects that the session has no right to",
                grant: format!("GRANT SELECT_CATALOG_ROLE TO {};", self.reader.session.user().quoted()),
            });
        }
    }

    /// How many parts of the dictionary could not be read so far.
    pub(super) fn unread(&self) -> usize {
        self.reader.unread.len()
    }

    pub(super) fn is_own(&self) -> bool {
        self.schema == self.reader.session.user()
    }

    pub(super) fn views(&self) -> Views {
        self.reader.views
    }

    /// Whether this version has a view, named with `ALL_`.
    pub(super) fn has_view(&self, view: &str) -> bool {
        self.reader.known.has_view(view)
    }

    pub(super) fn path(&self, name: OracleIdent) -> ObjectPath {
        ObjectPath { schema: self.schema.clone(), name }
    }

    pub(super) fn keeps(&self, path: &ObjectPath) -> bool {
        // What lies in the recycle bin is dropped.
        !path.name.as_str().starts_with("BIN$") && (self.keep)(path)
    }
}
