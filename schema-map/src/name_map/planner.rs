use super::{
    ConstraintNames, NameMap, Renamed, apart,
    case_rule::{cut, shortened},
    definition_at, is_key,
};
use crate::catalog::{Relations, constraint_of};
use crate::{
    Catalog, CodeKind, ConstraintKind, Index, NameError, NamePolicy, ObjectKind, ObjectPath, OracleIdent, PgIdent,
    PgPath, Table, View, rewrite,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn plan(catalog: &Catalog, policy: &dyn NamePolicy, given: &NameMap) -> Result<NameMap, NameError> {
    let map = plan_unchecked(catalog, policy, given)?;
    validate(&map, Some(catalog))?;
    Ok(map)
}

pub(super) fn plan_apart(
    catalog: &Catalog,
    policy: &dyn NamePolicy,
    given: &NameMap,
) -> Result<(NameMap, Vec<Renamed>), NameError> {
    let mut map = plan_unchecked(catalog, policy, given)?;
    let renamed = apart::separate(&mut map, given, catalog)?;
    validate(&map, Some(catalog))?;
    Ok((map, renamed))
}

fn plan_unchecked(catalog: &Catalog, policy: &dyn NamePolicy, given: &NameMap) -> Result<NameMap, NameError> {
    let mut planner = Planner { policy, map: given.clone() };
    let relations = Relations::of(catalog);
    for table in &catalog.tables {
        planner.table(table)?;
    }
    for view in &catalog.views {
        planner.view(ObjectKind::View, view, &relations)?;
    }
    for view in &catalog.materialized_views {
        planner.view(ObjectKind::MaterializedView, &view.view, &relations)?;
    }
    for code in catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type) {
        planner.object(ObjectKind::Type, &code.path)?;
    }
    for index in &catalog.indexes {
        if needs_name(index, &relations) {
            // An index of PostgreSQL lives in its table's schema, whoever owns it in Oracle.
            let schema = planner.schema(&index.table.schema)?;
            planner.object_in(ObjectKind::Index, &index.path, schema)?;
        }
    }
    for sequence in catalog.sequences.iter().filter(|s| !s.feeds_identity()) {
        planner.object(ObjectKind::Sequence, &sequence.path)?;
    }
    for synonym in catalog.synonyms.iter().filter(|s| s.path.schema.as_str() != "PUBLIC") {
        planner.object(ObjectKind::Synonym, &synonym.path)?;
    }
    // Last, because they avoid all other names.
    let mut tables: Vec<&Table> = catalog.tables.iter().collect();
    tables.sort_by(|a, b| a.path.cmp(&b.path));
    let mut taken: BTreeMap<PgIdent, BTreeSet<PgIdent>> = BTreeMap::new();
    for (path, _) in self::relations(&planner.map, Some(catalog)) {
        taken.entry(path.schema).or_default().insert(path.name);
    }
    for table in tables {
        planner.unnamed_constraints(table, &mut taken)?;
    }
    Ok(planner.map)
}

/// Not the index of a constraint, which has the constraint's name.
fn needs_name(index: &Index, relations: &Relations<'_>) -> bool {
    relations.tables.get(&index.table).is_none_or(|table| constraint_of(table, index).is_none())
}

pub(super) fn check(map: &NameMap, catalog: &Catalog) -> Result<(), NameError> {
    let mut missing = Vec::new();
    let mut need = |kind: ObjectKind, path: &ObjectPath| {
        if map.object(kind, path).is_none() {
            missing.push(format!("{} {path}", kind.noun()));
        }
    };
    catalog.tables.iter().for_each(|t| need(ObjectKind::Table, &t.path));
    catalog.views.iter().for_each(|v| need(ObjectKind::View, &v.path));
    catalog.materialized_views.iter().for_each(|v| need(ObjectKind::MaterializedView, &v.view.path));
    let types = catalog.stored_code.iter().filter(|c| c.kind == CodeKind::Type);
    types.for_each(|c| need(ObjectKind::Type, &c.path));
    let relations = Relations::of(catalog);
    let indexes = catalog.indexes.iter().filter(|i| needs_name(i, &relations));
    indexes.for_each(|i| need(ObjectKind::Index, &i.path));
    catalog.sequences.iter().filter(|s| !s.feeds_identity()).for_each(|s| need(ObjectKind::Sequence, &s.path));
    for table in &catalog.tables {
        for column in table.columns.iter().filter(|c| map.column(&table.path, &c.name).is_none()) {
            missing.push(format!("column {}.{}", table.path, column.name));
        }
        for position in (0..table.constraints.len()).filter(|p| map.constraint(table, *p).is_none()) {
            missing.push(match &table.constraints[position].name {
                Some(name) => format!("constraint {}.{name}", table.path.schema),
                None => format!("constraint {} of {}", definition_at(table, position), table.path),
            });
        }
    }
    if missing.is_empty() { validate(map, Some(catalog)) } else { Err(NameError::Missing(missing)) }
}

struct Planner<'a> {
    policy: &'a dyn NamePolicy,
    map: NameMap,
}

impl Planner<'_> {
    fn schema(&mut self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        if let Some(target) = self.map.schemas.get(schema) {
            return Ok(target.clone());
        }
        let target = PgIdent::new_schema(self.policy.schema(schema)?)?;
        self.map.schemas.insert(schema.clone(), target.clone());
        Ok(target)
    }

    fn object(&mut self, kind: ObjectKind, path: &ObjectPath) -> Result<(), NameError> {
        let schema = self.schema(&path.schema)?;
        self.object_in(kind, path, schema)
    }

    fn object_in(&mut self, kind: ObjectKind, path: &ObjectPath, schema: PgIdent) -> Result<(), NameError> {
        // The owner is named even where its index lives in another schema, so that the map can be written down.
        self.schema(&path.schema)?;
        if self.map.object(kind, path).is_none() {
            let target = PgPath { schema, name: self.policy.object(kind, path)? };
            self.map.objects.entry(kind).or_default().insert(path.clone(), target);
        }
        Ok(())
    }

    fn column(&mut self, table: &ObjectPath, column: &OracleIdent) -> Result<(), NameError> {
        if self.map.column(table, column).is_none() {
            let mut target = self.policy.column(table, column)?;
            if target.is_system_column() {
                target = PgIdent::new(format!("{target}_"))?;
            }
            self.map.columns.entry(table.clone()).or_default().insert(column.clone(), target);
        }
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), NameError> {
        self.object(ObjectKind::Table, &table.path)?;
        for column in &table.columns {
            self.column(&table.path, &column.name)?;
        }
        for constraint in &table.constraints {
            let Some(name) = &constraint.name else { continue };
            let path = ObjectPath::new(table.path.schema.clone(), name.clone());
            let known = self.map.object(ObjectKind::Constraint, &path).map(|p| p.name.clone());
            let target = match known {
                Some(target) => target,
                None => self.policy.object(ObjectKind::Constraint, &path)?,
            };
            self.map.insert_constraint(&table.path, name, is_key(constraint), target);
        }
        Ok(())
    }

    fn view(&mut self, kind: ObjectKind, view: &View, relations: &Relations<'_>) -> Result<(), NameError> {
        self.object(kind, &view.path)?;
        for column in rewrite::view_columns(view, relations).unwrap_or_default() {
            self.column(&view.path, &column)?;
        }
        Ok(())
    }

    /// `schemas` has the names that are taken in each schema.
    fn unnamed_constraints(
        &mut self,
        table: &Table,
        schemas: &mut BTreeMap<PgIdent, BTreeSet<PgIdent>>,
    ) -> Result<(), NameError> {
        let unnamed = (0..table.constraints.len()).filter(|p| table.constraints[*p].name.is_none());
        let todo: Vec<usize> = unnamed.filter(|p| self.map.constraint(table, *p).is_none()).collect();
        if todo.is_empty() {
            return Ok(());
        }
        let Some(target) = self.map.object(ObjectKind::Table, &table.path).cloned() else { return Ok(()) };
        let of_schema = schemas.entry(target.schema.clone()).or_default();
        for position in todo {
            let key = is_key(&table.constraints[position]);
            let of_table = self.map.constraints.get(&table.path).cloned().unwrap_or_default();
            let taken =
                |name: &PgIdent| of_table.all().any(|(_, taken)| taken == name) || key && of_schema.contains(name);
            let base = self.constraint_base(table, position, &target.name);
            let mut name = shortened(&base)?;
            let mut number = 0u32;
            while taken(&name) {
                number += 1;
                name = shortened(&format!("{base}{number}"))?;
            }
            if key {
                of_schema.insert(name.clone());
            }
            let names = self.map.constraints.entry(table.path.clone()).or_default();
            let unnamed = if key { &mut names.unnamed_keys } else { &mut names.unnamed_others };
            unnamed.insert(definition_at(table, position), name);
        }
        Ok(())
    }

    /// As PostgreSQL would call it, in the case of the table's name.
    fn constraint_base(&self, table: &Table, position: usize, target: &PgIdent) -> String {
        let (columns, suffix) = match &table.constraints[position].kind {
            ConstraintKind::PrimaryKey { .. } => (Vec::new(), "pkey"),
            ConstraintKind::Unique { columns } => (columns.clone(), "key"),
            ConstraintKind::ForeignKey { columns, .. } => (columns.clone(), "fkey"),
            ConstraintKind::Check { condition } => {
                let columns = rewrite::columns_in(condition, table);
                (if columns.len() == 1 { columns } else { Vec::new() }, "check")
            }
        };
        let upper = CaseOf(target.as_str()).is_upper();
        let mut base = target.as_str().to_owned();
        for column in &columns {
            base.push('_');
            base.push_str(self.map.column(&table.path, column).map_or(column.as_str(), PgIdent::as_str));
        }
        base.push('_');
        base.push_str(&if upper { suffix.to_ascii_uppercase() } else { suffix.to_owned() });
        base
    }
}

struct CaseOf<'a>(&'a str);

impl CaseOf<'_> {
    fn is_upper(&self) -> bool {
        self.0.bytes().any(|b| b.is_ascii_uppercase()) && !self.0.bytes().any(|b| b.is_ascii_lowercase())
    }
}

impl NameMap {
    pub(super) fn insert_constraint(&mut self, table: &ObjectPath, name: &OracleIdent, key: bool, target: PgIdent) {
        let path = ObjectPath::new(table.schema.clone(), name.clone());
        if let Some(schema) = self.object(ObjectKind::Table, table).map(|t| t.schema.clone()) {
            let target = PgPath { schema, name: target.clone() };
            self.objects.entry(ObjectKind::Constraint).or_default().insert(path, target);
        }
        let names = self.constraints.entry(table.clone()).or_default();
        let (mine, other) =
            if key { (&mut names.keys, &mut names.others) } else { (&mut names.others, &mut names.keys) };
        other.remove(name);
        mine.insert(name.clone(), target);
    }
}

impl ConstraintNames {
    /// What each is, and its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &PgIdent)> {
        let named = self.keys.iter().chain(&self.others).map(|(name, target)| (name.as_str(), target));
        let unnamed = self.unnamed_keys.iter().chain(&self.unnamed_others);
        named.chain(unnamed.map(|(definition, target)| (definition.as_str(), target)))
    }
}

/// Finds names that cannot be, and all groups of names that collide.
pub(super) fn validate(map: &NameMap, catalog: Option<&Catalog>) -> Result<(), NameError> {
    for schema in map.schemas.values() {
        PgIdent::new_schema(schema.clone())?;
    }
    let mut groups = Vec::new();
    collect(relations(map, catalog), |path| path.to_string(), &mut groups);
    for (table, names) in &map.constraints {
        let all = names.all().map(|(what, target)| (target, format!("constraint {what}"))).collect();
        let target = map.object(ObjectKind::Table, table).map_or_else(|| table.to_string(), PgPath::to_string);
        collect(all, |name| format!("constraint {name} of {target}"), &mut groups);
    }
    for (table, columns) in &map.columns {
        let is_view = |kind| map.object(kind, table);
        let view = is_view(ObjectKind::View).or_else(|| is_view(ObjectKind::MaterializedView));
        let target = map.object(ObjectKind::Table, table).or(view);
        let target = target.map_or_else(|| table.to_string(), PgPath::to_string);
        if view.is_none()
            && let Some(column) = columns.values().find(|c| c.is_system_column())
        {
            return Err(NameError::Map(format!(
                "{target}.{column}: PostgreSQL gives every table a system column of this name, choose another"
            )));
        }
        let all = columns.iter().map(|(column, target)| (target, format!("column {table}.{column}"))).collect();
        collect(all, |name| format!("{target}.{name}"), &mut groups);
    }
    if groups.is_empty() { Ok(()) } else { Err(NameError::Collisions(groups)) }
}

/// Everything that lives in the one namespace of a schema, with what it is called in Oracle.
pub(super) fn relations(map: &NameMap, catalog: Option<&Catalog>) -> Vec<(PgPath, String)> {
    let mut all = Vec::new();
    for (kind, objects) in map.objects.iter().filter(|(kind, _)| **kind != ObjectKind::Constraint) {
        all.extend(objects.iter().map(|(path, target)| (target.clone(), format!("{} {path}", kind.noun()))));
    }
    for (table, names) in &map.constraints {
        let Some(target) = map.object(ObjectKind::Table, table) else { continue };
        let named = names.keys.iter().map(|(name, target)| (target, format!("constraint {}.{name}", table.schema)));
        let unnamed = names.unnamed_keys.iter().map(|(what, target)| (target, format!("{what} of {table}")));
        all.extend(
            named
                .chain(unnamed)
                .map(|(name, what)| (PgPath { schema: target.schema.clone(), name: name.clone() }, what)),
        );
    }
    for table in catalog.map(|c| c.tables.as_slice()).unwrap_or_default() {
        let Some(target) = map.object(ObjectKind::Table, &table.path) else { continue };
        for column in table.columns.iter().filter(|c| c.identity.is_some()) {
            if let Some(name) = map.column(&table.path, &column.name).and_then(|c| identity_sequence(&target.name, c)) {
                let what = format!("identity sequence of {}.{}", table.path, column.name);
                all.push((PgPath { schema: target.schema.clone(), name }, what));
            }
        }
    }
    all
}

/// The name that PostgreSQL gives to the sequence behind an identity column (`makeObjectName` of its source).
fn identity_sequence(table: &PgIdent, column: &PgIdent) -> Option<PgIdent> {
    let (table, column) = (table.as_str(), column.as_str());
    let (mut of_table, mut of_column) = (table.len(), column.len());
    while of_table + of_column + "__seq".len() > 63 {
        if of_table > of_column { of_table -= 1 } else { of_column -= 1 }
    }
    let table = cut(table, of_table);
    let column = cut(column, of_column);
    PgIdent::new(format!("{table}_{column}_seq")).ok()
}

fn collect<K: Ord>(all: Vec<(K, String)>, show: impl Fn(&K) -> String, groups: &mut Vec<String>) {
    let mut by_name: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for (name, what) in all {
        by_name.entry(name).or_default().push(what);
    }
    for (name, what) in by_name.into_iter().filter(|(_, what)| what.len() > 1) {
        groups.push(format!("{} is {}", show(&name), what.join(" and ")));
    }
}
