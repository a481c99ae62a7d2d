//! From one map to another, for what has been made by the first already.

use super::NameMap;
use crate::{ObjectKind, ObjectPath, OracleIdent, PgIdent, PgPath};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of objects that have a name of their own and how ALTER calls them.
const KINDS: [(ObjectKind, &str); 7] = [
    (ObjectKind::Type, "TYPE"),
    (ObjectKind::Table, "TABLE"),
    (ObjectKind::View, "VIEW"),
    (ObjectKind::MaterializedView, "MATERIALIZED VIEW"),
    (ObjectKind::Synonym, "VIEW"),
    (ObjectKind::Sequence, "SEQUENCE"),
    (ObjectKind::Index, "INDEX"),
];

impl NameMap {
    /// What has another name in `other`: what it is, its name here, its name there. What only one of the maps names is left
    /// out.
    pub fn differences(&self, other: &NameMap) -> Vec<String> {
        let mut found = Vec::new();
        for (schema, target) in &self.schemas {
            if let Some(to) = other.schemas.get(schema).filter(|to| *to != target) {
                found.push(format!("schema {schema}: {target}, {to}"));
            }
        }
        for (kind, _) in KINDS {
            for (path, target) in self.objects.get(&kind).into_iter().flatten() {
                if let Some(to) = other.object(kind, path).filter(|to| *to != target) {
                    found.push(format!("{} {path}: {target}, {to}", kind.noun()));
                }
            }
        }
        for (table, column, target, to) in self.changed_columns(other) {
            found.push(format!("column {table}.{column}: {target}, {to}"));
        }
        for (table, what, target, to) in self.changed_constraints(other) {
            found.push(format!("constraint {what} of {table}: {target}, {to}"));
        }
        found
    }

    /// The statements that give what was made by this map the names that `to` has for it: from lower to upper case after the
    /// fact, for one. In their order they never meet a name that is still taken.
    pub fn rename_script(&self, to: &NameMap) -> Vec<String> {
        let mut script = Vec::new();
        let columns: Vec<_> = self.changed_columns(to).collect();
        self.rename_parts(&columns, "COLUMN", &mut script, |table| {
            self.columns.get(table).map(|names| names.values().cloned().collect()).unwrap_or_default()
        });
        let constraints: Vec<_> = self.changed_constraints(to).collect();
        self.rename_parts(&constraints, "CONSTRAINT", &mut script, |table| {
            self.constraints.get(table).map(|names| names.all().map(|(_, n)| n.clone()).collect()).unwrap_or_default()
        });
        let whole = self.whole_schemas(to);
        // Names within the schemas, in two steps where the new one is taken.
        let taken: BTreeSet<PgPath> = KINDS
            .iter()
            .flat_map(|(kind, _)| self.objects.get(kind).into_iter().flatten())
            .map(|(_, p)| p.clone())
            .collect();
        let mut later = Vec::new();
        for (kind, word) in KINDS {
            for (path, target) in self.objects.get(&kind).into_iter().flatten() {
                let Some(new) = to.object(kind, path) else { continue };
                if new.name != target.name {
                    let there = PgPath { schema: target.schema.clone(), name: new.name.clone() };
                    if taken.contains(&there) {
                        let aside = crate::ident::quoted(&format!("renamed${}", later.len() + 1));
                        script.push(format!("ALTER {word} {} RENAME TO {aside};", target.quoted()));
                        let from = format!("{}.{aside}", target.schema.quoted());
                        later.push(format!("ALTER {word} {from} RENAME TO {};", new.name.quoted()));
                    } else {
                        script.push(format!("ALTER {word} {} RENAME TO {};", target.quoted(), new.name.quoted()));
                    }
                }
            }
        }
        script.append(&mut later);
        let mut made = BTreeSet::new();
        for (kind, word) in KINDS.iter().filter(|(kind, _)| *kind != ObjectKind::Index) {
            for (path, target) in self.objects.get(kind).into_iter().flatten() {
                let Some(new) = to.object(*kind, path) else { continue };
                let follows = whole.get(&target.schema) == Some(&&new.schema);
                if new.schema != target.schema && !follows {
                    if made.insert(new.schema.clone()) && new.schema.as_str() != "public" {
                        script.push(format!("CREATE SCHEMA IF NOT EXISTS {};", new.schema.quoted()));
                    }
                    let from = format!("{}.{}", target.schema.quoted(), new.name.quoted());
                    script.push(format!("ALTER {word} {from} SET SCHEMA {};", new.schema.quoted()));
                }
            }
        }
        for (from, to) in whole {
            script.push(format!("ALTER SCHEMA {} RENAME TO {};", from.quoted(), to.quoted()));
        }
        script
    }

    /// Target schemas that are renamed as a whole: nobody else uses the old name or the new one.
    fn whole_schemas<'m>(&'m self, to: &'m NameMap) -> BTreeMap<PgIdent, &'m PgIdent> {
        let count = |map: &NameMap, name: &PgIdent| map.schemas.values().filter(|s| *s == name).count();
        let mut whole = BTreeMap::new();
        for (schema, target) in &self.schemas {
            let Some(new) = to.schemas.get(schema).filter(|new| *new != target) else { continue };
            let alone = count(self, target) == 1 && count(self, new) == 0 && count(to, new) == 1;
            if alone && target.as_str() != "public" && new.as_str() != "public" {
                whole.insert(target.clone(), new);
            }
        }
        whole
    }

    fn changed_columns<'m>(
        &'m self,
        to: &'m NameMap,
    ) -> impl Iterator<Item = (&'m ObjectPath, &'m OracleIdent, &'m PgIdent, &'m PgIdent)> {
        self.columns.iter().flat_map(move |(table, columns)| {
            columns.iter().filter_map(move |(column, target)| {
                let new = to.column(table, column).filter(|new| *new != target)?;
                Some((table, column, target, new))
            })
        })
    }

    fn changed_constraints<'m>(
        &'m self,
        to: &'m NameMap,
    ) -> impl Iterator<Item = (&'m ObjectPath, &'m str, &'m PgIdent, &'m PgIdent)> {
        self.constraints.iter().flat_map(move |(table, names)| {
            names.all().filter_map(move |(what, target)| {
                let new = to.constraints.get(table)?.all().find(|(other, _)| *other == what)?.1;
                (new != target).then_some((table, what, target, new))
            })
        })
    }

    /// Columns or constraints of tables, in two steps where the new name is taken.
    fn rename_parts<W>(
        &self,
        changes: &[(&ObjectPath, W, &PgIdent, &PgIdent)],
        word: &str,
        script: &mut Vec<String>,
        taken: impl Fn(&ObjectPath) -> BTreeSet<PgIdent>,
    ) {
        let mut later = Vec::new();
        for (table, _, from, to) in changes {
            let kinds = [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView];
            let found = kinds.iter().find_map(|kind| Some((*kind, self.object(*kind, table)?)));
            let Some((kind, target)) = found else { continue };
            let object = match kind {
                ObjectKind::Table => "TABLE",
                ObjectKind::View => "VIEW",
                _ => "MATERIALIZED VIEW",
            };
            let alter = format!("ALTER {object} {} RENAME {word}", target.quoted());
            if taken(table).contains(*to) {
                let aside = crate::ident::quoted(&format!("renamed${}", later.len() + 1));
                script.push(format!("{alter} {} TO {aside};", from.quoted()));
                later.push(format!("{alter} {aside} TO {};", to.quoted()));
            } else {
                script.push(format!("{alter} {} TO {};", from.quoted(), to.quoted()));
            }
        }
        script.append(&mut later);
    }
}
