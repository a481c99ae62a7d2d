//! Other names for objects whose names collide.

use super::{NameMap, Renamed, case_rule::shortened, planner::relations};
use crate::{Catalog, NameError, ObjectKind, ObjectPath, PgIdent, PgPath};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Whose name stays where several collide: the earlier.
const ORDER: [ObjectKind; 7] = [
    ObjectKind::Table,
    ObjectKind::View,
    ObjectKind::MaterializedView,
    ObjectKind::Type,
    ObjectKind::Sequence,
    ObjectKind::Index,
    ObjectKind::Synonym,
];

/// Gives another name to all but one of those that collide, those that `given` names excepted.
pub(super) fn separate(map: &mut NameMap, given: &NameMap, catalog: &Catalog) -> Result<Vec<Renamed>, NameError> {
    let mut renamed = Vec::new();
    let mut taken: HashSet<PgPath> = HashSet::new();
    // What the map does not name itself and cannot rename: the sequences of identity columns.
    let mut all: BTreeMap<PgPath, usize> = BTreeMap::new();
    for (path, _) in relations(map, Some(catalog)) {
        *all.entry(path).or_default() += 1;
    }
    let collides: HashSet<PgPath> = all.iter().filter(|(_, count)| **count > 1).map(|(path, _)| path.clone()).collect();
    let in_use: HashSet<PgPath> = all.into_keys().collect();
    let free = |wanted: &PgPath, taken: &HashSet<PgPath>| -> Result<PgPath, NameError> {
        let mut number = 1u32;
        loop {
            number += 1;
            let name = shortened(&format!("{}_{number}", wanted.name))?;
            let path = PgPath { schema: wanted.schema.clone(), name };
            if !taken.contains(&path) && !in_use.contains(&path) {
                return Ok(path);
            }
        }
    };
    for (kind, given_only) in ORDER.iter().map(|k| (*k, true)).chain(ORDER.iter().map(|k| (*k, false))) {
        if kind == ObjectKind::Index {
            keys(map, given, given_only, &collides, &mut taken, &mut renamed, &free)?;
        }
        let Some(objects) = map.objects.get_mut(&kind) else { continue };
        for (source, target) in objects {
            let is_given = given.object(kind, source).is_some();
            if is_given != given_only || !collides.contains(target) {
                continue;
            }
            if !is_given && taken.contains(target) {
                let to = free(target, &taken)?;
                let from = target.name.to_string();
                renamed.push(Renamed { kind, source: source.clone(), from, to: to.name.to_string() });
                *target = to;
            }
            taken.insert(target.clone());
        }
    }
    columns(map, given, &mut renamed)?;
    constraints(map, given, &mut renamed)?;
    Ok(renamed)
}

type Free<'f> = dyn Fn(&PgPath, &HashSet<PgPath>) -> Result<PgPath, NameError> + 'f;

/// The indexes behind primary keys and unique constraints.
fn keys(
    map: &mut NameMap,
    given: &NameMap,
    given_only: bool,
    collides: &HashSet<PgPath>,
    taken: &mut HashSet<PgPath>,
    renamed: &mut Vec<Renamed>,
    free: &Free<'_>,
) -> Result<(), NameError> {
    let NameMap { objects, constraints, .. } = map;
    let tables = objects.get(&ObjectKind::Table).cloned().unwrap_or_default();
    for (table, names) in constraints {
        let Some(of_table) = tables.get(table) else { continue };
        let known = given.constraints.get(table);
        for (name, target) in &mut names.keys {
            let is_given = known.is_some_and(|known| known.keys.contains_key(name));
            let path = PgPath { schema: of_table.schema.clone(), name: target.clone() };
            if is_given != given_only || !collides.contains(&path) {
                continue;
            }
            let source = ObjectPath::new(table.schema.clone(), name.clone());
            if !is_given && taken.contains(&path) {
                let to = free(&path, taken)?;
                renamed.push(Renamed {
                    kind: ObjectKind::Constraint,
                    source: source.clone(),
                    from: target.to_string(),
                    to: to.name.to_string(),
                });
                *target = to.name.clone();
                if let Some(known) = objects.get_mut(&ObjectKind::Constraint).and_then(|c| c.get_mut(&source)) {
                    *known = to.clone();
                }
                taken.insert(to);
            } else {
                taken.insert(path);
            }
        }
    }
    Ok(())
}

fn columns(map: &mut NameMap, given: &NameMap, renamed: &mut Vec<Renamed>) -> Result<(), NameError> {
    for (table, columns) in &mut map.columns {
        let mut taken: BTreeSet<PgIdent> = columns
            .iter()
            .filter(|(column, _)| given.column(table, column).is_some())
            .map(|(_, target)| target.clone())
            .collect();
        let in_use: BTreeSet<PgIdent> = columns.values().cloned().collect();
        if in_use.len() == columns.len() {
            continue;
        }
        for (column, target) in columns.iter_mut().filter(|(column, _)| given.column(table, column).is_none()) {
            if !taken.insert(target.clone()) {
                let to = free_in(target, |name| taken.contains(name) || in_use.contains(name))?;
                renamed.push(Renamed {
                    kind: ObjectKind::Table,
                    source: table.clone(),
                    from: format!("column {column}"),
                    to: to.to_string(),
                });
                taken.insert(to.clone());
                *target = to;
            }
        }
    }
    Ok(())
}

/// Constraints share one namespace for each table.
fn constraints(map: &mut NameMap, given: &NameMap, renamed: &mut Vec<Renamed>) -> Result<(), NameError> {
    let NameMap { objects, constraints, .. } = map;
    for (table, names) in constraints {
        let mut taken: BTreeSet<PgIdent> = names.keys.values().chain(names.unnamed_keys.values()).cloned().collect();
        let in_use: BTreeSet<PgIdent> = names.all().map(|(_, target)| target.clone()).collect();
        if in_use.len() == names.all().count() {
            continue;
        }
        let known = given.constraints.get(table);
        for (name, target) in &mut names.others {
            if taken.insert(target.clone()) || known.is_some_and(|known| known.others.contains_key(name)) {
                continue;
            }
            let to = free_in(target, |name| taken.contains(name) || in_use.contains(name))?;
            let source = ObjectPath::new(table.schema.clone(), name.clone());
            if let Some(path) = objects.get_mut(&ObjectKind::Constraint).and_then(|c| c.get_mut(&source)) {
                path.name = to.clone();
            }
            let from = target.to_string();
            renamed.push(Renamed { kind: ObjectKind::Constraint, source, from, to: to.to_string() });
            taken.insert(to.clone());
            *target = to;
        }
    }
    Ok(())
}

fn free_in(wanted: &PgIdent, taken: impl Fn(&PgIdent) -> bool) -> Result<PgIdent, NameError> {
    let mut number = 1u32;
    loop {
        number += 1;
        let name = shortened(&format!("{wanted}_{number}"))?;
        if !taken(&name) {
            return Ok(name);
        }
    }
}
