use super::Owner;
use crate::{Error, sql::dictionary as sql};
use schema_map::{Catalog, Sequence};

/// Adds the sequences that are kept, but for those of identity columns.
pub(super) fn sequences(owner: &mut Owner<'_, '_>, catalog: &mut Catalog) -> Result<(), Error> {
    for row in owner.query(sql::SEQUENCES)? {
        let sequence = Sequence {
            path: owner.path(row.ident(0)?),
            min_value: row.required(1)?,
            max_value: row.required(2)?,
            increment: row.required(3)?,
            cycle: row.get(4) == Some("Y"),
            cache: row.required(5)?,
            next_value: row.required(6)?,
        };
        if !sequence.feeds_identity() && owner.keeps(&sequence.path) {
            catalog.sequences.push(sequence);
        }
    }
    Ok(())
}
