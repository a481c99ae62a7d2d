use super::{NameMap, planner};
use crate::{Catalog, NameError, ObjectKind, ObjectPath, PgIdent, PgPath, TableKind};
use std::collections::{BTreeMap, BTreeSet};

/// A table that is in the target already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingTable {
    /// Where it is.
    pub path: PgPath,
    /// Its columns, generated ones included, dropped ones not.
    pub columns: Vec<PgIdent>,
}

/// A name map that fits what is in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The map, with the names of existing tables and columns as they are there.
    pub names: NameMap,
    /// The target schemas whose tables are there already. In all others everything is to be created.
    pub existing: BTreeSet<PgIdent>,
}

impl NameMap {
    /// Compares the map with the tables that exist in the target (`tables`: all of each target schema).
    ///
    /// In a target schema without tables everything is to be created. In any other, every table that holds rows
    /// must be there with every column: a name as the map has it comes first, then one that differs by ASCII case
    /// only ([`NameError::Ambiguous`] where several do). More tables and columns than needed are let be, but where
    /// one of ours is missing it is [`NameError::NotMatching`]: creating and using what exists are never mixed
    /// in one schema.
    pub fn match_existing(&self, catalog: &Catalog, tables: &[ExistingTable]) -> Result<Target, NameError> {
        let mut names = self.clone();
        let mut existing = BTreeSet::new();
        let mut ours: BTreeMap<&PgIdent, Vec<(&ObjectPath, &PgPath)>> = BTreeMap::new();
        let mut unnamed = Vec::new();
        for table in catalog.tables.iter().filter(|t| t.kind.holds_rows()) {
            match self.object(ObjectKind::Table, &table.path) {
                Some(target) => ours.entry(&target.schema).or_default().push((&table.path, target)),
                None => unnamed.push(format!("table {}", table.path)),
            }
        }
        if !unnamed.is_empty() {
            return Err(NameError::Missing(unnamed));
        }
        let mut ambiguous = Vec::new();
        for (schema, wanted) in ours {
            let there: Vec<&ExistingTable> = tables.iter().filter(|t| t.path.schema == *schema).collect();
            if there.is_empty() {
                continue;
            }
            let mut missing = Vec::new();
            let mut used = BTreeSet::new();
            for (source, target) in wanted {
                let table = match pick(&target.name, there.iter().copied(), |t| &t.path.name) {
                    Pick::One(table) => table,
                    Pick::None => {
                        missing.push(target.name.to_string());
                        continue;
                    }
                    Pick::Several(names) => {
                        ambiguous.push(format!("{target} could be {}", names.join(" or ")));
                        continue;
                    }
                };
                used.insert(&table.path);
                names.rename_table(source, &table.path);
                for column in catalog.table(source).into_iter().flat_map(|t| &t.columns) {
                    if column.virtual_expression.is_some() {
                        continue;
                    }
                    let Some(wanted) = self.column(source, &column.name) else {
                        unnamed.push(format!("column {source}.{}", column.name));
                        continue;
                    };
                    match pick(wanted, table.columns.iter(), |c| c) {
                        Pick::One(found) => {
                            let columns = names.columns.entry(source.clone()).or_default();
                            columns.insert(column.name.clone(), found.clone());
                        }
                        Pick::None => missing.push(format!("{}.{wanted}", table.path.name)),
                        Pick::Several(names) => {
                            ambiguous.push(format!("{}.{wanted} could be {}", table.path, names.join(" or ")));
                        }
                    }
                }
            }
            if !unnamed.is_empty() {
                return Err(NameError::Missing(unnamed));
            }
            if !missing.is_empty() && ambiguous.is_empty() {
                let others = there.iter().filter(|t| !used.contains(&t.path));
                let extra: Vec<String> = match others.clone().count() {
                    0 => there.iter().map(|t| t.path.name.to_string()).collect(),
                    _ => others.map(|t| t.path.name.to_string()).collect(),
                };
                return Err(NameError::NotMatching { schema: schema.to_string(), missing, extra });
            }
            existing.insert(schema.clone());
        }
        if !ambiguous.is_empty() {
            return Err(NameError::Ambiguous(ambiguous));
        }
        planner::validate(&names, None)?;
        Ok(Target { names, existing })
    }

    fn rename_table(&mut self, source: &ObjectPath, target: &PgPath) {
        self.objects.entry(ObjectKind::Table).or_default().insert(source.clone(), target.clone());
    }
}

impl TableKind {
    /// Whether its rows are its own and lasting, so that they move.
    pub fn holds_rows(self) -> bool {
        match self {
            TableKind::Heap | TableKind::IndexOrganized => true,
            TableKind::GlobalTemporary | TableKind::External => false,
        }
    }
}

enum Pick<'a, T> {
    None,
    One(&'a T),
    Several(Vec<String>),
}

fn pick<'a, T>(
    wanted: &PgIdent,
    all: impl Iterator<Item = &'a T> + Clone,
    name: impl Fn(&T) -> &PgIdent,
) -> Pick<'a, T> {
    if let Some(exact) = all.clone().find(|t| name(t) == wanted) {
        return Pick::One(exact);
    }
    let mut alike = all.filter(|t| name(t).as_str().eq_ignore_ascii_case(wanted.as_str()));
    match (alike.next(), alike.next()) {
        (None, _) => Pick::None,
        (Some(one), None) => Pick::One(one),
        (Some(first), Some(second)) => {
            let mut names = vec![name(first).to_string(), name(second).to_string()];
            names.extend(alike.map(|t| name(t).to_string()));
            Pick::Several(names)
        }
    }
}
