//! The dictionary views to a [`Catalog`].

mod code;
mod column;
mod comment;
mod constraint;
mod filter;
mod grant;
mod index;
mod other_object;
mod partition;
mod reader;
mod sequence;
mod size;
mod synonym;
mod table;
mod user_type;
mod view;

pub use filter::{ObjectFilter, PatternError};

use crate::{Error, ErrorKind, Session};
use reader::{Owner, Reader};
use schema_map::{Catalog, ObjectPath, OracleIdent, UserTypes};
use std::collections::BTreeSet;

/// What was read of the dictionary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dictionary {
    /// The objects.
    pub catalog: Catalog,
    /// What the object and collection types are made of that columns of the catalog's tables name.
    pub types: UserTypes,
    /// What could not be read for want of a right. Where it is empty, nothing is missing from the catalog.
    pub unread: Vec<Unread>,
    /// How many queries it took: at most 40 for a schema, of whatever size.
    pub queries: u32,
}

/// A part of the dictionary that the session may not read, or not in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The schema whose objects it is about.
    pub schema: OracleIdent,
    /// The view, in upper case.
    pub view: String,
    /// What the catalog therefore lacks.
    pub lacking: &'static str,
    /// The statement that mends it, to be run by a DBA.
    pub grant: String,
}

/// Reads the objects of some schemas that pass a filter.
///
/// It reads the `DBA_` views where the session may (SELECT_CATALOG_ROLE, SELECT ANY DICTIONARY), otherwise the `ALL_` views, which do
/// not have what the session has no right to: then there is an [`Unread`] for each schema but its own. A query takes a schema as a
/// whole, so that their number does not depend on its size: tables that do not pass the filter are read and left out.
///
/// Indexes, triggers, rights, remarks and sizes go with their tables. Everything comes in the order of its name; constraints of a table by
/// kind, then name.
///
/// The catalog is what a script of the same schema gives ([`schema_map::script`]), but for what Oracle does not keep or keeps otherwise:
/// * columns and constraints have their own states only (`NOT NULL` that is disabled or not validated is a check constraint),
/// * foreign keys always name the referenced columns, views always their columns,
/// * expressions of virtual columns and function-based indexes are as Oracle rewrote them (`UPPER("NAME")`), bounds of partitions too
///   (`TO_DATE(' 2024-01-01 00:00:00', 'SYYYY-MM-DD HH24:MI:SS', 'NLS_CALENDAR=GREGORIAN')`),
/// * implicit indexes of constraints are there, and partitions that INTERVAL made,
/// * rights are those that there are: `ALL` is each of them,
/// * the options of a materialized view are put together anew,
/// * [`other_objects`](Catalog::other_objects), [`remarks`](Catalog::remarks) and [`sizes`](Catalog::sizes) are filled.
///
/// Left out: nested, overflow and secondary tables, logs and containers of materialized views, indexes of LOBs, columns that Oracle made and
/// hides, sequences behind identity columns, dropped objects.
///
/// # Errors
/// [`ErrorKind::Malformed`] where the dictionary says what this crate does not understand, naming the object; [`ErrorKind::Privilege`] where
/// not even the `ALL_` views can be read.
pub fn read_dictionary(session: &Session, schemas: &[OracleIdent], filter: &ObjectFilter) -> Result<Dictionary, Error> {
    read(session, schemas, &|path| filter.passes(path))
}

/// As [`read_dictionary`], with a filter of any kind; what could not be read for want of a right is not told.
pub fn read_catalog(
    session: &Session,
    schemas: &[OracleIdent],
    filter: &dyn Fn(&ObjectPath) -> bool,
) -> Result<Catalog, Error> {
    Ok(read(session, schemas, filter)?.catalog)
}

fn read(session: &Session, schemas: &[OracleIdent], keep: &dyn Fn(&ObjectPath) -> bool) -> Result<Dictionary, Error> {
    let mut reader = Reader::new(session)?;
    let mut catalog = Catalog::default();
    for (n, schema) in schemas.iter().enumerate() {
        let mut owner = Owner::new(&mut reader, schema, keep);
        read_schema(&mut owner, &mut catalog)?;
        if n == 0 {
            other_object::directories(&mut owner, &mut catalog)?;
        }
    }
    let types = user_type::user_types(&mut reader, &catalog)?;
    Ok(Dictionary { catalog, types, unread: reader.unread, queries: reader.queries })
}

fn read_schema(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    let mut columns = column::columns(owner)?;
    let mut comments = comment::Comments::read(owner)?;
    let mut materialized = view::materialized_views(owner, &mut columns, &mut comments)?;
    let containers: BTreeSet<String> = materialized.iter().filter_map(|m| m.container.clone()).collect();
    materialized.retain(|m| owner.keeps(&m.view.view.path));
    let views = view::views(owner, &mut columns, &mut comments)?;
    let mut keys = constraint::Constraints::read(owner)?;
    let mut partitioned = Vec::new();
    let first = catalog.tables.len();
    let taken = table::tables(owner, &containers, &mut columns, &mut comments, &mut keys, catalog, &mut partitioned)?;
    let tables = &mut catalog.tables[first..];
    partition::partitions(owner, tables, &partitioned)?;
    column::encrypted(owner, tables)?;
    let on_views: BTreeSet<ObjectPath> = materialized.iter().map(|m| m.view.view.path.clone()).collect();
    index::indexes(owner, &taken, &on_views, &keys.backing, catalog)?;
    sequence::sequences(owner, catalog)?;
    catalog.views.extend(views);
    catalog.materialized_views.extend(materialized.into_iter().map(|m| m.view));
    synonym::synonyms(owner, catalog)?;
    code::stored_code(owner, catalog)?;
    grant::grants(owner, catalog)?;
    grant::policies(owner, catalog)?;
    other_object::other_objects(owner, catalog)?;
    size::sizes(owner, &taken, catalog, first)?;
    owner.note_what_is_hidden();
    Ok(())
}

fn malformed(message: String) -> Error {
    Error::new(ErrorKind::Malformed, message)
}
