//! What is converted, and how, as far as a person chooses it beside names and types.

use oracle_source::ObjectFilter;
use schema_map::ddl;

/// Choices for a conversion, from a dictionary or from scripts.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The target's major version, 13 to 18; where absent that of the server, or 15 where there is none.
    pub pg_version: Option<u32>,
    /// The objects that are converted.
    pub filter: ObjectFilter,
    /// Bitmap indexes become GIN indexes.
    pub bitmap_as_gin: bool,
    /// Partitioned tables become plain ones.
    pub plain_tables: bool,
    /// Functions of the extension orafce are called instead of ones of our own.
    pub orafce: bool,
}

impl Choices {
    /// The same choices for the DDL, for a server of this version.
    pub fn options(&self, pg_version: u32) -> ddl::Options {
        let mut options = ddl::Options::default();
        options.pg_version = pg_version;
        options.bitmap_as_gin = self.bitmap_as_gin;
        options.partitions = !self.plain_tables;
        options.orafce = self.orafce;
        options
    }
}
