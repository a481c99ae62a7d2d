//! What is known around a piece of code.

use super::words::declared;
use crate::Kind;
use schema_map::plsql::{self, UnitKind};
use schema_map::{Catalog, CodeKind, ObjectPath};
use std::collections::{HashMap, HashSet};

/// What the specifications of packages declare, for their bodies.
#[derive(Debug, Default)]
pub(crate) struct Declared<'c> {
    of_packages: HashMap<&'c ObjectPath, HashSet<String>>,
    nothing: HashSet<String>,
}

impl<'c> Declared<'c> {
    pub(crate) fn of(catalog: &'c Catalog) -> Self {
        let specifications = catalog.stored_code.iter().filter(|code| code.kind == CodeKind::Package);
        let of_packages = specifications.filter_map(|code| match plsql::parse(&code.source).kind {
            UnitKind::Package(package) => {
                let names = declared(&package.declarations).into_iter().map(|part| part.name().to_owned());
                Some((&code.path, names.collect()))
            }
            _ => None,
        });
        Declared { of_packages: of_packages.collect(), nothing: HashSet::new() }
    }

    /// What is declared outside of an object of this kind.
    pub(crate) fn outside(&self, kind: Kind, path: Option<&ObjectPath>) -> &HashSet<String> {
        let package = path.filter(|_| kind == Kind::PackageBody);
        package.and_then(|path| self.of_packages.get(path)).unwrap_or(&self.nothing)
    }
}

/// Objects by schema and name that may stand before a dot or be a type.
#[derive(Debug, Default)]
pub(crate) struct OwnObjects<'c>(HashMap<&'c str, HashSet<&'c str>>);

impl<'c> OwnObjects<'c> {
    pub(crate) fn of(catalog: &'c Catalog) -> Self {
        let mut own = OwnObjects::default();
        let code = catalog.stored_code.iter().map(|code| &code.path);
        let tables = catalog.tables.iter().map(|table| &table.path);
        let views = catalog.views.iter().map(|view| &view.path);
        let sequences = catalog.sequences.iter().map(|sequence| &sequence.path);
        for path in code.chain(tables).chain(views).chain(sequences) {
            own.0.entry(path.schema.as_str()).or_default().insert(path.name.as_str());
        }
        own
    }

    pub(crate) fn has(&self, schema: &str, name: &str) -> bool {
        self.0.get(schema).is_some_and(|names| names.contains(name))
    }
}
