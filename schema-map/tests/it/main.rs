//! What the crate does as a whole: scripts to names, types, plans and DDL.

mod ddl;
mod ddl_script;
mod hr;
mod hr_script;
mod names;
mod plsql;
mod splitter;
mod types;

use schema_map::{Catalog, ObjectPath, OracleIdent, PgIdent, script::Script};

fn ora(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

fn pg(name: &str) -> PgIdent {
    PgIdent::new(name).unwrap()
}

fn path(schema: &str, name: &str) -> ObjectPath {
    ObjectPath::new(ora(schema), ora(name))
}

/// The catalog of a script that has no errors.
fn catalog(schema: &str, text: &str) -> Catalog {
    let mut script = Script::default();
    script.read("test.sql", text, &ora(schema));
    assert!(script.errors.is_empty(), "{:?}", script.errors);
    script.catalog
}
