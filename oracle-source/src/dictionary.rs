use crate::{Error, Session};
use schema_map::{Catalog, OracleIdent};

/// Reads the objects of `schemas` whose tables pass `filter` (schema, table name).
pub fn read_catalog(
    _session: &Session,
    _schemas: &[OracleIdent],
    _filter: &dyn Fn(&OracleIdent, &OracleIdent) -> bool,
) -> Result<Catalog, Error> {
    todo!()
}
