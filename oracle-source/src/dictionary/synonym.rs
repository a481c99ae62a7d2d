use super::Owner;
use crate::{Error, sql::dictionary as sql};
use schema_map::{Catalog, ObjectPath, Synonym};

/// Adds the synonyms of the schema, and public ones for its objects, that are kept.
pub(super) fn synonyms(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    for row in owner.query(sql::SYNONYMS)? {
        let path = ObjectPath { schema: row.ident(0)?, name: row.ident(1)? };
        // A synonym over a database link may leave the owner to the other side.
        let schema = if row.get(2).is_some() { row.ident(2)? } else { owner.schema.clone() };
        let target = ObjectPath { schema, name: row.ident(3)? };
        // A public one belongs to what it is for.
        let of = if path.schema == *owner.schema { &path } else { &target };
        if owner.keeps(of) {
            catalog.synonyms.push(Synonym { path, target, db_link: row.get(4).map(str::to_owned) });
        }
    }
    Ok(())
}
