//! Names that are not simply Oracle's in the other case.

use super::{Check, Found, Rule, Scope, Severity, Topic};
use crate::{Effort, Kind};
use schema_map::{ObjectKind, ObjectPath, OracleIdent, PgIdent};

/// Bytes that a name of PostgreSQL may have (`NAMEDATALEN` − 1).
const LONGEST_NAME: usize = 63;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "name.none",
            "no names",
            "The names in PostgreSQL cannot be decided, and without them nothing is converted: choose a case rule or name the objects in a name map.",
            Severity::Blocker,
            Topic::Name,
            Effort::new(0.5, 1.0, 4.0),
            Check::Elsewhere,
        ),
        Rule::new(
            "name.collision",
            "names that collide",
            "PostgreSQL has one space of names for tables, indexes, sequences, views and types, and folding makes some equal: the object gets another name, and code that names it must follow.",
            Severity::Loss,
            Topic::Name,
            Effort::new(0.2, 0.5, 1.0),
            Check::with(|scope, found| {
                for renamed in scope.renamed {
                    if let Some(kind) = kind_of(renamed.kind) {
                        let text = format!("the name {} is taken: it is called {}", renamed.from, renamed.to);
                        found.object(kind, &renamed.source, text);
                    }
                }
            }),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY); CREATE TABLE \"t\" (id NUMBER(9) PRIMARY KEY);",
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY); CREATE TABLE u (id NUMBER(9) PRIMARY KEY);",
        ),
        Rule::new(
            "name.long",
            "names over 63 bytes",
            "PostgreSQL would cut them silently: they are shortened with a hash, and code that names them must follow.",
            Severity::Loss,
            Topic::Name,
            Effort::new(0.2, 0.3, 0.5),
            Check::with(|scope, found| {
                each_name(scope, &mut |at, from, to| {
                    if from.len() > LONGEST_NAME && !to.as_str().eq_ignore_ascii_case(from) {
                        let text = format!("{} bytes are more than {LONGEST_NAME}: it is called {to}", from.len());
                        at.find(found, text);
                    }
                });
            }),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a2345678901234567890123456789012345678901234567890123456789012345 DATE);",
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a23456789012345678901234567890123456789012345678901234567890123 DATE);",
        ),
        Rule::new(
            "name.reserved",
            "reserved words as names",
            "The name is a keyword of PostgreSQL: generated SQL quotes it, and so must what people write.",
            Severity::Note,
            Topic::Name,
            Effort::new(0.0, 0.1, 0.2),
            Check::with(|scope, found| {
                each_name(scope, &mut |at, from, to| {
                    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                    let quoted = to.readable().starts_with('"') && to.as_str().chars().all(plain);
                    if quoted && !to.as_str().starts_with(|c: char| c.is_ascii_digit()) && to.as_str().eq_ignore_ascii_case(from) {
                        at.find(found, format!("{to} is a keyword of PostgreSQL: quote it wherever it is written"));
                    }
                });
            }),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, \"USER\" VARCHAR2(9));",
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, people VARCHAR2(9));",
        ),
        Rule::new(
            "name.changed",
            "other names",
            "The object is called otherwise in PostgreSQL for another reason (a system column, a prefix, the name map): code that names it must follow.",
            Severity::Note,
            Topic::Name,
            Effort::new(0.1, 0.2, 0.5),
            Check::with(|scope, found| {
                let renamed: std::collections::HashSet<_> = scope.renamed.iter().map(|r| &r.source).collect();
                each_name(scope, &mut |at, from, to| {
                    let known = matches!(&at, At::Object(_, path) if renamed.contains(path));
                    if from.len() <= LONGEST_NAME && !to.as_str().eq_ignore_ascii_case(from) && !known {
                        at.find(found, format!("it is called {to} in PostgreSQL"));
                    }
                });
            }),
        )
        .scripts(
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, xmin NUMBER(9));",
            "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, minimum NUMBER(9));",
        ),
    ]
}

/// Where a name stands.
enum At<'a> {
    Object(Kind, &'a ObjectPath),
    Column(&'a ObjectPath, &'a OracleIdent),
}

impl At<'_> {
    fn find(&self, found: &mut Found, text: String) {
        match self {
            At::Object(kind, path) => found.object(*kind, path, text),
            At::Column(table, column) => found.column(table, column, text),
        }
    }
}

/// Each name of the catalog with the one in PostgreSQL.
fn each_name(scope: &Scope<'_>, each: &mut dyn FnMut(At<'_>, &str, &PgIdent)) {
    let Some(names) = scope.names else { return };
    let catalog = scope.catalog;
    let mut object = |kind: Kind, of: ObjectKind, path: &ObjectPath| {
        if let Some(target) = names.object(of, path) {
            each(At::Object(kind, path), path.name.as_str(), &target.name);
        }
    };
    for table in &catalog.tables {
        object(Kind::Table, ObjectKind::Table, &table.path);
    }
    for index in catalog.indexes.iter().filter(|index| !index.backs_constraint) {
        object(Kind::Index, ObjectKind::Index, &index.path);
    }
    for sequence in &catalog.sequences {
        object(Kind::Sequence, ObjectKind::Sequence, &sequence.path);
    }
    for view in &catalog.views {
        object(Kind::View, ObjectKind::View, &view.path);
    }
    for view in &catalog.materialized_views {
        object(Kind::MaterializedView, ObjectKind::MaterializedView, &view.view.path);
    }
    for table in &catalog.tables {
        for column in &table.columns {
            if let Some(target) = names.column(&table.path, &column.name) {
                each(At::Column(&table.path, &column.name), column.name.as_str(), target);
            }
        }
        for (position, constraint) in table.constraints.iter().enumerate() {
            if let (Some(name), Some(target)) = (&constraint.name, names.constraint(table, position)) {
                each(At::Column(&table.path, name), name.as_str(), target);
            }
        }
    }
}

pub(crate) fn kind_of(kind: ObjectKind) -> Option<Kind> {
    Some(match kind {
        ObjectKind::Table => Kind::Table,
        ObjectKind::Index => Kind::Index,
        ObjectKind::Sequence => Kind::Sequence,
        ObjectKind::View => Kind::View,
        ObjectKind::MaterializedView => Kind::MaterializedView,
        ObjectKind::Type => Kind::Type,
        ObjectKind::Synonym => Kind::Synonym,
        ObjectKind::Constraint => Kind::Constraint,
        _ => return None,
    })
}
