use super::Pipeline;
use crate::{choices::Choices, config::Names, progress::Progress};
use anyhow::{Context, Result, bail};
use oracle_source::{
    ChunkPlan, ChunkRange, Dictionary, Session, TableRead, TableReader, Unread, plan_chunks, read_dictionary,
    sql::read::KeyType,
};
use pg_sink::{complete_types, existing_tables};
use schema_map::{
    ByCase, Catalog, ConstraintKind, DefaultTypes, ExistingTable, NameError, NameMap, ObjectKind, ObjectPath,
    OracleIdent, PgIdent, Table, TableKind, TablePlan, TypeOverrides, UserTypes,
    ddl::{self, Ddl, Phase},
};
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};
use tokio_postgres::Client;
use type_convert::{OracleType, Scn};

/// Bytes that one batch of rows aims at.
const BATCH_BYTES: usize = 1 << 20;
/// LOBs of more bytes or characters are loaded piece by piece.
const LONG_LOB: u64 = 1 << 20;

/// Everything that is decided before anything is touched.
#[derive(Debug)]
pub struct Plan {
    /// What the source holds.
    pub catalog: Catalog,
    /// Every name.
    pub names: NameMap,
    /// The DDL for what is to be created.
    pub ddl: Ddl,
    /// How each table moves.
    pub tables: Vec<TablePlan>,
    /// Target schemas whose tables are there already, made by somebody else, and are filled as they are.
    pub existing: BTreeSet<PgIdent>,
    /// What of the source's dictionary could not be read.
    pub unread: Vec<Unread>,
    columns: HashMap<ObjectPath, Vec<(OracleIdent, OracleType)>>,
}

impl Pipeline {
    /// The objects of the configured schemas.
    pub fn catalog(&self, session: &Session) -> Result<Catalog> {
        Ok(self.dictionary(session)?.catalog)
    }

    /// Reads the source's dictionary for the configured schemas.
    pub(super) fn dictionary(&self, session: &Session) -> Result<Dictionary> {
        let schemas: Vec<OracleIdent> = self.config.schemas.keys().cloned().collect();
        let dictionary = read_dictionary(session, &schemas, &self.config.objects.filter()?)?;
        for schema in &schemas {
            if !dictionary.catalog.tables.iter().any(|t| t.path.schema == *schema) {
                bail!(
                    "schema {schema} has no tables that {} can see: check its spelling (as the dictionary has it, usually upper case), [objects] and the user's rights",
                    session.user()
                );
            }
        }
        Ok(dictionary)
    }

    /// Decides names, types and DDL. Only reads, on both sides.
    pub fn plan(&self, session: &Session, client: &Client) -> Result<Plan> {
        self.plan_by(session, client, &Choices::default())
    }

    /// The same of what is chosen, and as it is chosen: for review, because a run does not know of these choices.
    pub fn plan_by(&self, session: &Session, client: &Client, choices: &Choices) -> Result<Plan> {
        let mut dictionary = self.dictionary(session)?;
        dictionary.catalog.retain(&|path| choices.filter.passes(path));
        self.plan_for(dictionary, client, choices)
    }

    /// The names that the configuration gives a catalog, whatever the target holds. A name map that cannot be read counts as none.
    pub fn names(&self, catalog: &Catalog) -> Result<NameMap, NameError> {
        self.names_over(catalog, &self.name_map().unwrap_or_default())
    }

    fn names_over(&self, catalog: &Catalog, given: &NameMap) -> Result<NameMap, NameError> {
        let schemas: Vec<(OracleIdent, PgIdent)> =
            self.config.schemas.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
        NameMap::plan_over(catalog, &ByCase::new(&schemas, self.config.names.case), given)
    }

    fn name_map(&self) -> Result<NameMap> {
        let Some(path) = &self.config.names.map else { return Ok(NameMap::default()) };
        Names::read_map(path)
    }

    /// The same for a dictionary that was read already.
    pub(super) fn plan_for(&self, dictionary: Dictionary, client: &Client, choices: &Choices) -> Result<Plan> {
        let Dictionary { catalog, types: user_types, unread, .. } = dictionary;
        let given = self.name_map()?;
        let mut names = self.names_over(&catalog, &given)?;
        let mut types = self.config.types.clone();
        let mut existing = BTreeSet::new();
        let version = match choices.pg_version {
            Some(version) => version,
            None => self.server_version(client)?,
        };
        types = types.with_base(DefaultTypes::for_server(version).with_postgis(self.has_postgis(client)?));
        let options = choices.options(version);
        if !self.tables_are_ours(client)? {
            let target = self.match_target(client, &catalog, &names, &mut types, &user_types)?;
            names = target.names;
            existing = target.existing;
            let new: Vec<&str> =
                self.config.schemas.values().filter(|s| !existing.contains(s)).map(PgIdent::as_str).collect();
            if !existing.is_empty() && !new.is_empty() {
                bail!(
                    "some target schemas have their tables already and some do not ({}): move them in two migrations, each with a                      control_schema of its own",
                    new.join(", ")
                );
            }
        }
        let unknown = types.unknown_columns(&catalog.tables);
        if !unknown.is_empty() {
            bail!("[types.columns] names columns that the source does not have: {}", unknown.join(", "));
        }
        let mut ddl = Ddl::with(&catalog, &names, &types, &options)?;
        ddl.statements.retain(|s| names.schema(&s.source.schema).is_none_or(|schema| !existing.contains(schema)));
        let tables = TablePlan::all_with_user_types(&catalog, &names, &types, &user_types)?;
        let columns = tables
            .iter()
            .map(|t| (t.source.clone(), t.columns.iter().map(|c| (c.source.clone(), c.oracle_type.clone())).collect()))
            .collect();
        let mut plan = Plan { catalog, names, ddl, tables, existing, unread, columns };
        self.complete_types(client, &mut plan)?;
        Ok(plan)
    }

    /// Takes row types and domains as the target has them, for the tables that are there.
    pub(super) fn complete_types(&self, client: &Client, plan: &mut Plan) -> Result<()> {
        plan.tables.iter_mut().try_for_each(|table| self.block(complete_types(client, table)))
    }

    /// Whether the target has a type `geometry` that is found without its schema.
    fn has_postgis(&self, client: &Client) -> Result<bool> {
        let row = self.block(client.query_one("SELECT to_regtype('geometry') IS NOT NULL", &[]))?;
        Ok(row.get(0))
    }

    /// Writes the plan for people to review: names, DDL, chunks. The name map can be edited and given to a run.
    pub fn write_plan(&self, session: &Session, plan: &Plan, dir: &Path) -> Result<ChunkPlan> {
        let chunks = self.chunks(session, plan)?;
        write_files(plan, dir)?;
        let mut text = String::new();
        for chunk in &chunks.chunks {
            text.push_str(&chunk.to_text());
            text.push('\n');
        }
        write(&dir.join("chunks.jsonl"), &text)?;
        Ok(chunks)
    }

    pub(super) fn chunks(&self, session: &Session, plan: &Plan) -> Result<ChunkPlan> {
        let tables: Vec<&Table> = plan.tables.iter().filter_map(|t| plan.catalog.table(&t.source)).collect();
        Ok(plan_chunks(session, &tables, self.config.load.chunk_mb << 20)?)
    }

    fn server_version(&self, client: &Client) -> Result<u32> {
        let row = self.block(client.query_one("SELECT current_setting('server_version_num')::int / 10000", &[]))?;
        let version = u32::try_from(row.get::<_, i32>(0)).unwrap_or_default();
        if version < 13 {
            bail!("the target is PostgreSQL {version}: 13 or later is needed");
        }
        Ok(version)
    }

    /// Whether this migration has created the target's tables in an earlier run.
    fn tables_are_ours(&self, client: &Client) -> Result<bool> {
        Ok(self.block(self.control.is_installed(client))?
            && self.block(self.control.phase_done(client, Phase::Tables))?)
    }

    /// Finds out which target schemas have tables, whether they are the ones that are needed, and takes their
    /// columns' types as they are.
    fn match_target(
        &self,
        client: &Client,
        catalog: &Catalog,
        names: &NameMap,
        types: &mut TypeOverrides,
        user_types: &UserTypes,
    ) -> Result<schema_map::Target> {
        let begun = self.block(self.control.is_installed(client))?
            && self.block(self.control.migration(client))?.is_some_and(|m| m.load_scn.is_some());
        let mut found = HashMap::new();
        for (_, schema) in names.schemas() {
            for table in self.block(existing_tables(client, schema))? {
                found.insert(table.path.clone(), table);
            }
        }
        let listed: Vec<ExistingTable> = found
            .iter()
            .map(|(path, table)| ExistingTable {
                path: path.clone(),
                columns: table.columns.iter().map(|c| c.name.clone()).collect(),
            })
            .collect();
        let target = names.match_existing(catalog, &listed)?;
        for table in &catalog.tables {
            let Some(path) = target.names.object(ObjectKind::Table, &table.path) else { continue };
            let Some(there) = found.get(path).filter(|_| target.existing.contains(&path.schema)) else { continue };
            if there.has_rows && !begun {
                bail!("the target's table {path} has rows already: empty it, or choose another schema");
            }
            for column in &table.columns {
                let Some(name) = target.names.column(&table.path, &column.name) else { continue };
                let Some(exists) = there.columns.iter().find(|c| c.name == *name) else { continue };
                // What the target's row type or domain is made of is looked up once everything is planned.
                if user_types.resolve(&column.oracle_type, &table.path.schema) != column.oracle_type {
                    continue;
                }
                let pg_type = exists
                    .type_name
                    .parse()
                    .with_context(|| format!("the target's column {path}.{name} has the type {}", exists.type_name))?;
                types.set_column(&table.path, column.name.clone(), pg_type);
            }
        }
        Ok(target)
    }
}

impl Plan {
    /// Opens a reader of all rows of a table, LOBs and all.
    pub(super) fn open(
        &self,
        session: &Session,
        table: &TablePlan,
        as_of: Scn,
    ) -> Result<TableReader, oracle_source::Error> {
        self.open_range(session, table, &ChunkRange::Whole, as_of)
    }

    /// The same of some of its rows.
    pub(super) fn open_range(
        &self,
        session: &Session,
        table: &TablePlan,
        range: &ChunkRange,
        as_of: Scn,
    ) -> Result<TableReader, oracle_source::Error> {
        self.open_rows(session, &table.source, range, as_of, None)
    }

    /// Opens a reader of a chunk that hands over long LOBs piece by piece.
    pub(super) fn open_chunk(
        &self,
        session: &Session,
        table: &ObjectPath,
        range: &ChunkRange,
        as_of: Scn,
    ) -> Result<TableReader, oracle_source::Error> {
        self.open_rows(session, table, range, as_of, Some(LONG_LOB))
    }

    fn open_rows(
        &self,
        session: &Session,
        table: &ObjectPath,
        range: &ChunkRange,
        as_of: Scn,
        lob_limit: Option<u64>,
    ) -> Result<TableReader, oracle_source::Error> {
        let is_heap = self.catalog.table(table).is_some_and(|t| t.kind == TableKind::Heap);
        let read = TableRead {
            table,
            columns: self.columns.get(table).map_or(&[], Vec::as_slice),
            range,
            as_of: Some(as_of),
            row_ids: is_heap,
            batch_bytes: BATCH_BYTES,
            lob_limit,
            condition: None,
            expressions: &[],
        };
        // Long LOBs of other tables are found again by the primary key, where it can be said as text.
        match self.key(table).filter(|_| !is_heap && lob_limit.is_some()) {
            Some(key) => TableReader::open_by_key(session, &read, &key),
            None => TableReader::open(session, &read),
        }
    }

    /// The columns of a table's primary key, where each of them comes back from text as it was.
    fn key(&self, table: &ObjectPath) -> Option<Vec<(OracleIdent, OracleType)>> {
        let table = self.catalog.table(table)?;
        let key = table.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => Some(columns),
            _ => None,
        })?;
        let typed = key.iter().map(|name| {
            let column = table.columns.iter().find(|column| column.name == *name)?;
            KeyType::of(&column.oracle_type).map(|_| (name.clone(), column.oracle_type.clone()))
        });
        typed.collect()
    }

    /// The plan of a table.
    pub(super) fn table(&self, source: &ObjectPath) -> Result<&TablePlan> {
        self.tables.iter().find(|t| t.source == *source).with_context(|| {
            format!("the ledger has a chunk of {source}, which the plan does not have: the configuration has changed since the load began")
        })
    }

    /// What is not converted, for people: one line each.
    pub fn refusal_lines(&self) -> impl Iterator<Item = String> {
        self.ddl.refusals.iter().map(|r| format!("  {} {}: {}", r.kind.noun(), r.source, r.reason))
    }

    /// Says what is not converted, and what could not be seen.
    pub fn say_refusals(&self, progress: &Progress) {
        self.refusal_lines().for_each(|line| progress.say(line));
        for part in &self.unread {
            progress.say(format!("  not seen in {}: {} ({})", part.schema, part.lacking, part.grant));
        }
    }
}

/// Writes the name map and the DDL files of a plan into a folder.
pub fn write_files(plan: &Plan, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("the folder {} cannot be made", dir.display()))?;
    write(&dir.join("names.toml"), &plan.names.to_toml())?;
    write(&dir.join("manifest.json"), &serde_json::to_string_pretty(&plan.ddl.manifest(&|_, _| None))?)?;
    for (name, content) in ddl::files(&plan.ddl) {
        write(&dir.join(name), &content)?;
    }
    Ok(())
}

fn write(path: &Path, content: &str) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
}
