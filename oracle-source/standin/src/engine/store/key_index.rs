//! Which index stands behind which primary or unique key: one that was there when the key was made or enabled and
//! begins with its columns in whatever order, unique or not; else one of the key's own name.

use schema_map::{
    Catalog, Constraint, ConstraintKind, Index, IndexColumn, IndexKey, IndexKind, ObjectPath, OracleIdent, Table,
};
use std::collections::{HashMap, HashSet};

/// For each table its enabled keys, by the constraint's name, with the index behind each.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyIndexes {
    by_table: HashMap<ObjectPath, Vec<(OracleIdent, ObjectPath)>>,
}

/// An enabled key: name and columns.
fn keys(table: &Table) -> impl Iterator<Item = (&OracleIdent, &[OracleIdent], &Constraint)> {
    table.constraints.iter().filter(|c| c.enabled).filter_map(|c| match &c.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
            Some((c.name.as_ref()?, columns.as_slice(), c))
        }
        _ => None,
    })
}

/// Whether the index can tell whether a key is there: its first columns are the key's, none of them descending.
fn serves(index: &Index, columns: &[OracleIdent]) -> bool {
    let first = index.columns.iter().take(columns.len()).map(|c| match &c.key {
        IndexKey::Column(name) if !c.descending => Some(name),
        _ => None,
    });
    let first: Option<Vec<&OracleIdent>> = first.collect();
    let plain = !index.bitmap && matches!(index.kind, IndexKind::Normal | IndexKind::Reverse);
    first.is_some_and(|f| plain && f.len() == columns.len() && columns.iter().all(|c| f.contains(&c)))
}

impl KeyIndexes {
    /// After a statement: finds an index for each key that is new, and forgets keys that are gone.
    pub(super) fn follow(&mut self, catalog: &Catalog) {
        let tables: HashSet<&ObjectPath> = catalog.tables.iter().map(|t| &t.path).collect();
        self.by_table.retain(|path, _| tables.contains(path));
        let mut indexes: HashMap<&ObjectPath, Vec<&Index>> = HashMap::new();
        catalog.indexes.iter().for_each(|i| indexes.entry(&i.table).or_default().push(i));
        for table in &catalog.tables {
            let known = self.by_table.get(&table.path).map_or(0, Vec::len);
            if keys(table).count() == 0 && known == 0 {
                continue;
            }
            let known = self.by_table.entry(table.path.clone()).or_default();
            known.retain(|(name, _)| keys(table).any(|(key, ..)| key == name));
            for (name, columns, _) in keys(table) {
                if known.iter().any(|(key, _)| key == name) {
                    continue;
                }
                let usable = indexes.get(&table.path).into_iter().flatten().filter(|i| serves(i, columns));
                // Which of several Oracle takes is not documented: the one that is most like the key's own.
                let best = usable.min_by_key(|i| {
                    (i.columns.len(), !i.unique, !keys_in_order(i, columns), i.path.name != *name, i.path.clone())
                });
                let own = ObjectPath { schema: table.path.schema.clone(), name: name.clone() };
                known.push((name.clone(), best.map_or(own, |i| i.path.clone())));
            }
        }
    }

    /// The index behind an enabled key.
    pub(super) fn of(&self, table: &ObjectPath, constraint: &OracleIdent) -> Option<&ObjectPath> {
        self.by_table.get(table)?.iter().find(|(name, _)| name == constraint).map(|(_, index)| index)
    }

    /// Whether an index stands behind any key.
    pub(super) fn uses(&self, index: &ObjectPath) -> bool {
        self.by_table.values().flatten().any(|(_, path)| path == index)
    }

    /// Marks the indexes behind keys, and adds those that no statement made.
    pub(super) fn complete(&self, catalog: &mut Catalog) {
        catalog.indexes.iter_mut().for_each(|i| i.backs_constraint = false);
        let mut at: HashMap<ObjectPath, usize> =
            catalog.indexes.iter().enumerate().map(|(n, i)| (i.path.clone(), n)).collect();
        for table in &catalog.tables {
            for (name, columns, constraint) in keys(table) {
                let Some(path) = self.of(&table.path, name) else { continue };
                match at.get(path) {
                    Some(&n) => catalog.indexes[n].backs_constraint = true,
                    None => {
                        at.insert(path.clone(), catalog.indexes.len());
                        catalog.indexes.push(Index {
                            path: path.clone(),
                            table: table.path.clone(),
                            unique: !constraint.deferrable,
                            bitmap: false,
                            columns: columns
                                .iter()
                                .map(|c| IndexColumn { key: IndexKey::Column(c.clone()), descending: false })
                                .collect(),
                            backs_constraint: true,
                            kind: IndexKind::Normal,
                        });
                    }
                }
            }
        }
    }
}

fn keys_in_order(index: &Index, columns: &[OracleIdent]) -> bool {
    index.columns.iter().zip(columns).all(|(i, c)| matches!(&i.key, IndexKey::Column(name) if name == c))
}
