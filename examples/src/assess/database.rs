//! The facts that a live source tells.

use crate::pipeline::Pipeline;
use anyhow::Result;
use assessment::{
    ColumnFacts, Dependency, Facts, InvalidObject, Kind, OpenTransactions, OtherObject, Prerequisite, RedoHour,
    TableFacts,
};
use oracle_source::{
    PrerequisiteState, Session,
    inventory::{Inventory, ObjectState, TableState, read_growth, read_inventory, sample},
    prerequisites,
};
use schema_map::{Catalog, ObjectPath, OracleIdent, TableSize};
use std::{collections::HashMap, io::Write as _};

/// Over how many days growth is asked for.
const GROWTH_DAYS: u64 = 30;

/// What may be looked at.
pub(super) struct Looks {
    /// So many rows of each table, none where absent: that reads the tables.
    pub(super) rows: Option<u64>,
    /// The workload repository, which needs a licence of its own.
    pub(super) growth: bool,
}

/// Everything that the user may see.
pub(super) fn facts(pipeline: &Pipeline, session: &Session, catalog: &Catalog, looks: &Looks) -> Result<Facts> {
    let schemas: Vec<OracleIdent> = pipeline.config.schemas.keys().cloned().collect();
    let inventory = read_inventory(session, &schemas)?;
    for (view, reason) in &inventory.unseen {
        let _ = writeln!(std::io::stderr(), "not seen: {view}: {reason}");
    }
    let prerequisites = pipeline.check(session, catalog)?;
    let mut facts = of_inventory(inventory, catalog);
    facts.version = Some(format!("Oracle {}", session.server_version()));
    facts.prerequisites = Some(prerequisites.into_iter().map(prerequisite).collect());
    if looks.growth {
        match read_growth(session, &schemas, GROWTH_DAYS)? {
            Some(growth) => add_growth(&mut facts, &growth),
            None => {
                let _ =
                    writeln!(std::io::stderr(), "not seen: DBA_HIST_SEG_STAT: it cannot be read, or has no snapshots");
            }
        }
    }
    if let Some(rows) = looks.rows {
        facts.columns = Some(columns(session, catalog, rows)?);
    }
    Ok(facts)
}

fn of_inventory(inventory: Inventory, catalog: &Catalog) -> Facts {
    let mut facts = Facts::default();
    if let Some((set, national)) = inventory.character_sets {
        (facts.character_set, facts.national_character_set) = (Some(set), Some(national));
    }
    facts.invalid = inventory.objects.map(|objects| objects.iter().filter(|o| !o.valid).filter_map(invalid).collect());
    let public = inventory.public_links.iter().flatten().map(|link| OtherObject {
        kind: Kind::DatabaseLink,
        owner: None,
        name: link.to_string(),
        details: "public".to_owned(),
        place: None,
    });
    facts.objects = Some(catalog.other_objects.iter().filter_map(OtherObject::of_catalog).chain(public).collect());
    let mut states: HashMap<ObjectPath, TableState> =
        inventory.tables.into_iter().flatten().map(|state| (state.path.clone(), state)).collect();
    facts.tables = Some(catalog.sizes.iter().map(|size| table(size, states.remove(&size.table))).collect());
    facts.redo = inventory.redo.map(|hours| hours.into_iter().map(|(hour, bytes)| RedoHour { hour, bytes }).collect());
    facts.transactions = inventory.transactions.map(|(count, oldest_s)| OpenTransactions { count, oldest_s });
    facts.undo_retention_s = inventory.undo_retention_s;
    facts.dependencies = inventory.dependencies.map(|rows| {
        let dependency = |row: oracle_source::inventory::DependencyRow| {
            Some(Dependency {
                kind: Kind::of_object_type(&row.object_type)?,
                owner: row.path.schema.to_string(),
                name: row.path.name.to_string(),
                referenced_owner: row.referenced.schema.to_string(),
                referenced_name: row.referenced.name.to_string(),
            })
        };
        rows.into_iter().filter_map(dependency).collect()
    });
    facts
}

fn add_growth(facts: &mut Facts, growth: &oracle_source::inventory::Growth) {
    facts.growth_days = Some(growth.days);
    for table in facts.tables.iter_mut().flatten() {
        let names = OracleIdent::new(&table.owner).ok().zip(OracleIdent::new(&table.name).ok());
        let path = names.map(|(owner, name)| ObjectPath::new(owner, name));
        table.growth_bytes = path.and_then(|path| growth.tables.get(&path).copied());
    }
}

fn invalid(object: &ObjectState) -> Option<InvalidObject> {
    let (owner, name) = (object.path.schema.to_string(), object.path.name.to_string());
    Some(InvalidObject { kind: Kind::of_object_type(&object.object_type)?, owner, name })
}

/// `state` where it is known.
fn table(size: &TableSize, state: Option<TableState>) -> TableFacts {
    let mut facts = TableFacts::from(size);
    let Some(state) = state else { return facts };
    (facts.logging, facts.compression, facts.encrypted) = (state.logging, state.compression, state.encrypted);
    if !state.not_mined.is_empty() {
        let columns: Vec<String> = state.not_mined.iter().map(|(column, of)| format!("{column} {of}")).collect();
        facts.not_mined = Some(columns.join(", "));
    }
    facts
}

fn prerequisite(p: prerequisites::Prerequisite) -> Prerequisite {
    let met = match p.state {
        PrerequisiteState::Met => Some(true),
        PrerequisiteState::NotMet => Some(false),
        PrerequisiteState::Unknown => None,
    };
    Prerequisite { id: p.id, what: p.what, met, required: p.required, found: p.found, mend: p.mend }
}

fn columns(session: &Session, catalog: &Catalog, rows: u64) -> Result<Vec<ColumnFacts>> {
    let mut columns = Vec::new();
    for table in catalog.tables.iter().filter(|table| table.kind.holds_rows()) {
        for found in sample(session, table, rows)?.unwrap_or_default() {
            let mut facts = ColumnFacts::default();
            (facts.owner, facts.table) = (table.path.schema.to_string(), table.path.name.to_string());
            facts.column = found.column.to_string();
            facts.sampled = Some(rows);
            facts.longest = found.longest;
            (facts.least, facts.greatest) = found.range.unzip();
            facts.fractions = found.fractions;
            facts.zero_characters = found.zero_characters;
            facts.bad_encodings = found.bad_encodings;
            columns.push(facts);
        }
    }
    Ok(columns)
}
