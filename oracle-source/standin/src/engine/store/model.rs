//! The dictionary as a session holds it in memory: read from the DDL texts in their order, kept until another
//! session changes it.

use super::{
    file::{SUPPLEMENTAL_ALL, SUPPLEMENTAL_FK, SUPPLEMENTAL_MIN, SUPPLEMENTAL_PK, SUPPLEMENTAL_UI},
    key_index::KeyIndexes,
    users::{Grant, Privileges},
};
use crate::{
    OraError,
    engine::{
        ColumnDesc,
        storage::{Relation, RelationKind},
    },
};
use rusqlite::Connection;
use schema_map::{
    Catalog, CodeKind, Column, Constraint, ConstraintKind, IdentityOptions, Index, IndexKey, ObjectPath, OnDelete,
    OracleIdent, Sequence, Table, TableKind, UserTypes,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use type_convert::OracleType;

/// One version of the dictionary.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) version: i64,
    /// As the DDL texts say it, with the names that Oracle would have made up.
    raw: Catalog,
    ddl: i64,
    generated: u32,
    key_indexes: KeyIndexes,
    /// `raw` with what follows from it: indexes behind constraints, sequences behind identity columns.
    pub(crate) catalog: Catalog,
    pub(crate) objects: Vec<Object>,
    names: HashMap<(String, String), Vec<usize>>,
    tables: HashMap<i64, Arc<TableInfo>>,
    pub(crate) users: Vec<User>,
    pub(crate) privileges: Privileges,
    /// Object and collection types.
    pub(crate) types: UserTypes,
    pub(crate) supplemental: i64,
    pub(crate) log_groups: Vec<LogGroup>,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) locked: bool,
}

/// A row of `ALL_OBJECTS`.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) id: i64,
    pub(crate) owner: String,
    pub(crate) name: String,
    /// `OBJECT_TYPE`.
    pub(crate) kind: String,
    pub(crate) created: i64,
    pub(crate) changed: i64,
    /// Queries as of an SCN before this one cannot be answered.
    pub(crate) changed_scn: i64,
    /// `DATA_OBJV#`.
    pub(crate) version: i64,
    /// The first part of its ROWIDs.
    pub(crate) data_object: i64,
    /// Of triggers.
    pub(crate) enabled: bool,
}

/// A supplemental log group of a table.
#[derive(Debug, Clone)]
pub(crate) struct LogGroup {
    pub(crate) object: i64,
    pub(crate) name: String,
    /// `LOG_GROUP_TYPE`.
    pub(crate) kind: String,
    pub(crate) always: bool,
    pub(crate) columns: Vec<String>,
}

/// A table, ready for reading and writing its rows.
#[derive(Debug)]
pub(crate) struct TableInfo {
    pub(crate) object: Object,
    pub(crate) table: Table,
    pub(crate) relation: Arc<Relation>,
    pub(crate) keys: Vec<KeyDef>,
    /// Enabled foreign keys of this table.
    pub(crate) parents: Vec<ForeignKey>,
    /// Enabled foreign keys of other tables (or this) that refer to this table.
    pub(crate) children: Vec<ForeignKey>,
    pub(crate) logging: Logging,
}

/// A list of columns whose values can be looked up.
#[derive(Debug, Clone)]
pub(crate) struct KeyDef {
    /// Made from the columns' names, so that it stays when other columns come and go.
    pub(crate) id: i64,
    pub(crate) columns: Vec<usize>,
    /// Owner and name of the constraint or index where the values must be unique.
    pub(crate) unique: Option<String>,
}

/// An enabled foreign key: columns on both sides in the order of the referred key's definition.
#[derive(Debug, Clone)]
pub(crate) struct ForeignKey {
    /// `OWNER.NAME`.
    pub(crate) name: String,
    pub(crate) child: i64,
    pub(crate) child_key: i64,
    pub(crate) child_columns: Vec<usize>,
    pub(crate) parent: i64,
    pub(crate) parent_key: i64,
    pub(crate) parent_columns: Vec<usize>,
    pub(crate) on_delete: OnDelete,
}

/// Which columns an UPDATE logs beyond those it changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logging {
    pub(crate) minimal: bool,
    pub(crate) always: Vec<bool>,
    /// Logged where one of them changes.
    pub(crate) conditional: Vec<Vec<usize>>,
}

impl TableInfo {
    pub(crate) fn id(&self) -> i64 {
        self.object.id
    }

    pub(crate) fn index_organized(&self) -> bool {
        self.table.kind == TableKind::IndexOrganized
    }

    pub(crate) fn is_external(&self) -> bool {
        self.table.kind == TableKind::External
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.table.remarks.iter().any(|r| r.starts_with("READ ONLY "))
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.table.kind == TableKind::GlobalTemporary
    }

    pub(crate) fn key(&self, id: i64) -> Option<&KeyDef> {
        self.keys.iter().find(|k| k.id == id)
    }

    pub(crate) fn primary_key(&self) -> Option<&KeyDef> {
        let id = key_id(self.table.primary_key()?);
        self.key(id)
    }

    /// `"OWNER"."TABLE"`.
    pub(crate) fn quoted(&self) -> String {
        self.table.path.quoted()
    }

    /// Columns whose values are stored and logged.
    pub(crate) fn is_stored(&self, column: usize) -> bool {
        self.table.columns[column].virtual_expression.is_none()
    }

    pub(crate) fn row_id(&self, rid: i64) -> String {
        if self.index_organized() {
            super::rowid::logical(rid)
        } else {
            super::rowid::physical(self.object.data_object, rid)
        }
    }
}

/// Types whose values are out of line: never part of a WHERE clause.
pub(crate) fn is_lob(ty: &OracleType) -> bool {
    matches!(
        ty,
        OracleType::Clob
            | OracleType::NClob
            | OracleType::Blob
            | OracleType::BFile
            | OracleType::Xml
            | OracleType::Json
            | OracleType::Long
            | OracleType::LongRaw
            | OracleType::Vector { .. }
            | OracleType::Geometry
            | OracleType::Other { .. }
    )
}

fn key_id(columns: &[OracleIdent]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for b in columns.iter().flat_map(|c| c.as_str().bytes().chain([0])) {
        hash = (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
    }
    (hash >> 1) as i64
}

pub(crate) fn code_kind(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Procedure => "PROCEDURE",
        CodeKind::Function => "FUNCTION",
        CodeKind::Package => "PACKAGE",
        CodeKind::PackageBody => "PACKAGE BODY",
        CodeKind::Trigger => "TRIGGER",
        CodeKind::Type => "TYPE",
        CodeKind::TypeBody => "TYPE BODY",
        _ => "UNDEFINED",
    }
}

/// Owner, name and type of everything in the catalog.
pub(super) fn catalog_objects(catalog: &Catalog) -> BTreeSet<(String, String, &'static str)> {
    let of = |p: &ObjectPath, kind| (p.schema.as_str().to_owned(), p.name.as_str().to_owned(), kind);
    let mut all = BTreeSet::new();
    all.extend(catalog.tables.iter().map(|t| of(&t.path, "TABLE")));
    all.extend(catalog.indexes.iter().map(|i| of(&i.path, "INDEX")));
    all.extend(catalog.sequences.iter().map(|s| of(&s.path, "SEQUENCE")));
    all.extend(catalog.views.iter().map(|v| of(&v.path, "VIEW")));
    all.extend(catalog.materialized_views.iter().map(|v| of(&v.view.path, "MATERIALIZED VIEW")));
    all.extend(catalog.synonyms.iter().map(|s| of(&s.path, "SYNONYM")));
    all.extend(catalog.stored_code.iter().map(|c| of(&c.path, code_kind(c.kind))));
    all
}

/// Names what was not named: the same in every session, since all read the DDL in the same order.
fn generate_names(catalog: &mut Catalog, generated: &mut u32) {
    for table in &mut catalog.tables {
        for constraint in table.constraints.iter_mut().filter(|c| c.name.is_none()) {
            *generated += 1;
            constraint.name = OracleIdent::new(format!("SYS_C{generated:07}")).ok();
        }
    }
}

/// What follows from the catalog without being said in it.
fn complete(raw: &Catalog, key_indexes: &KeyIndexes, objects: &[Object]) -> Catalog {
    let mut catalog = raw.clone();
    key_indexes.complete(&mut catalog);
    let primary_keys: HashMap<&ObjectPath, &[OracleIdent]> =
        raw.tables.iter().filter_map(|t| Some((&t.path, t.primary_key()?))).collect();
    let ids: HashMap<(&str, &str), i64> =
        objects.iter().filter(|o| o.kind == "TABLE").map(|o| ((o.owner.as_str(), o.name.as_str()), o.id)).collect();
    for table in &mut catalog.tables {
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey { references, referenced_columns, .. } = &mut constraint.kind
                && referenced_columns.is_empty()
                && let Some(key) = primary_keys.get(references)
            {
                *referenced_columns = key.to_vec();
            }
        }
        let identity = table.columns.iter().find(|c| c.identity.is_some());
        let id = ids.get(&(table.path.schema.as_str(), table.path.name.as_str()));
        if let (Some(column), Some(id)) = (identity, id)
            && let Ok(name) = OracleIdent::new(identity_sequence(*id))
        {
            let path = ObjectPath { schema: table.path.schema.clone(), name };
            catalog.sequences.push(sequence_of(path, column.identity_options.unwrap_or_default()));
        }
    }
    catalog
}

/// The sequence of an identity column.
pub(crate) fn sequence_of(path: ObjectPath, options: IdentityOptions) -> Sequence {
    let increment = options.increment.unwrap_or(1);
    let (least, most) = if increment < 0 { (1 - 10_i128.pow(27), -1) } else { (1, 10_i128.pow(28) - 1) };
    let (min_value, max_value) = (options.min_value.unwrap_or(least), options.max_value.unwrap_or(most));
    let first = if increment < 0 { max_value } else { min_value };
    Sequence {
        path,
        min_value,
        max_value,
        increment,
        cycle: options.cycle,
        cache: 20,
        next_value: options.start.unwrap_or(first),
    }
}

fn identity_sequence(table: i64) -> String {
    format!("ISEQ$$_{table}")
}

impl Model {
    /// Reads the current dictionary; `previous` saves reading again what it has read.
    pub(super) fn load(connection: &Connection, previous: Option<&Model>) -> Result<Model, OraError> {
        let (version, supplemental) =
            connection.query_row("SELECT model, supplemental FROM state", [], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let (mut raw, mut ddl, mut generated, mut key_indexes) = match previous {
            Some(p) => (p.raw.clone(), p.ddl, p.generated, p.key_indexes.clone()),
            None => (Catalog::default(), 0, 8000, KeyIndexes::default()),
        };
        let mut statement = connection.prepare("SELECT id, schema, text FROM ddl WHERE id > ?1 ORDER BY id")?;
        let mut rows = statement.query([ddl])?;
        while let Some(row) = rows.next()? {
            let (id, schema, text): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            ddl = id;
            apply(&mut raw, &text, &schema).map_err(|e| {
                OraError::new(
                    600,
                    format!("internal error code, arguments: [stored DDL {id} cannot be read again: {e}]"),
                )
            })?;
            generate_names(&mut raw, &mut generated);
            key_indexes.follow(&raw);
        }
        let objects = objects(connection)?;
        let catalog = complete(&raw, &key_indexes, &objects);
        let types = UserTypes::of(&catalog);
        let mut names: HashMap<_, Vec<usize>> = HashMap::new();
        for (n, o) in objects.iter().enumerate() {
            names.entry((o.owner.clone(), o.name.clone())).or_default().push(n);
        }
        let users = collect(connection, "SELECT id, name, created, locked FROM users ORDER BY id", |r| {
            Ok(User { id: r.get(0)?, name: r.get(1)?, created: r.get(2)?, locked: r.get(3)? })
        })?;
        let roles = collect(connection, "SELECT name FROM roles ORDER BY name", |r| r.get(0))?;
        let grants = collect(
            connection,
            "SELECT grantee, privilege, owner, object, grantor, grantable FROM grants ORDER BY grantee, privilege, owner, object",
            |r| {
                Ok(Grant {
                    grantee: r.get(0)?,
                    privilege: r.get(1)?,
                    owner: r.get(2)?,
                    object: r.get(3)?,
                    grantor: r.get(4)?,
                    grantable: r.get(5)?,
                })
            },
        )?;
        let log_groups = collect(
            connection,
            "SELECT object, name, kind, always, columns FROM log_groups ORDER BY object, name",
            |r| {
                let columns: String = r.get(4)?;
                Ok(LogGroup {
                    object: r.get(0)?,
                    name: r.get(1)?,
                    kind: r.get(2)?,
                    always: r.get(3)?,
                    columns: columns.split('"').filter(|c| !c.is_empty()).map(str::to_owned).collect(),
                })
            },
        )?;
        let privileges = Privileges::new(roles, grants);
        let mut model = Model {
            version,
            raw,
            ddl,
            generated,
            key_indexes,
            catalog,
            objects,
            names,
            tables: HashMap::new(),
            users,
            privileges,
            types,
            supplemental,
            log_groups,
        };
        model.tables = model.build_tables();
        Ok(model)
    }

    /// Tables as they were from the DDL numbered `first` on, each version of each of `objects`; what else is known of them is as in `now`.
    ///
    /// A table that was made later has no number among `objects` and is left out.
    pub(super) fn history(
        connection: &Connection,
        now: &Model,
        first: i64,
        objects: Vec<Object>,
    ) -> Result<HashMap<(i64, i64), Arc<TableInfo>>, OraError> {
        let mut history = HashMap::new();
        let mut model = Model {
            version: now.version,
            raw: Catalog::default(),
            ddl: 0,
            generated: 8000,
            key_indexes: KeyIndexes::default(),
            catalog: Catalog::default(),
            names: objects.iter().enumerate().map(|(n, o)| ((o.owner.clone(), o.name.clone()), vec![n])).collect(),
            objects,
            tables: HashMap::new(),
            users: now.users.clone(),
            privileges: Privileges::default(),
            types: UserTypes::default(),
            supplemental: now.supplemental,
            log_groups: now.log_groups.clone(),
        };
        let mut statement = connection.prepare("SELECT id, schema, text FROM ddl ORDER BY id")?;
        let mut rows = statement.query([])?;
        loop {
            if model.ddl >= first {
                model.take_versions(&mut history);
            }
            let Some(row) = rows.next()? else { return Ok(history) };
            let (id, schema, text): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            model.ddl = id;
            apply(&mut model.raw, &text, &schema)
                .map_err(|e| OraError::new(600, format!("internal error code, arguments: [stored DDL {id}: {e}]")))?;
            generate_names(&mut model.raw, &mut model.generated);
            model.key_indexes.follow(&model.raw);
        }
    }

    /// Notes the tables as they are; one whose columns are others than before has a new version, as `ALTER TABLE` gives it one.
    fn take_versions(&mut self, history: &mut HashMap<(i64, i64), Arc<TableInfo>>) {
        self.catalog = complete(&self.raw, &self.key_indexes, &self.objects);
        self.types = UserTypes::of(&self.catalog);
        let shape = |table: &Table| -> Vec<_> {
            table.columns.iter().map(|c| (c.name.clone(), c.oracle_type.clone())).collect()
        };
        for object in &mut self.objects {
            let known = history.get(&(object.id, object.version));
            let of_object = |t: &&Table| t.path.schema.as_str() == object.owner && t.path.name.as_str() == object.name;
            if let (Some(known), Some(table)) = (known, self.catalog.tables.iter().find(of_object))
                && shape(&known.table) != shape(table)
            {
                object.version += 1;
            }
        }
        for (id, info) in self.build_tables() {
            history.entry((id, info.object.version)).or_insert(info);
        }
    }

    /// A copy of the catalog as the DDL texts give it, to try a statement on.
    pub(super) fn raw(&self) -> Catalog {
        self.raw.clone()
    }

    pub(super) fn with_generated_names(&self, catalog: &mut Catalog) {
        let mut generated = self.generated;
        generate_names(catalog, &mut generated);
    }

    /// What the catalog of the next version will be, given its DDL.
    pub(super) fn complete_next(&self, raw: &Catalog, objects: &[Object]) -> Catalog {
        let mut key_indexes = self.key_indexes.clone();
        key_indexes.follow(raw);
        complete(raw, &key_indexes, objects)
    }

    /// The index behind an enabled key; `None` for every other constraint.
    pub(crate) fn index_behind(&self, table: &ObjectPath, constraint: &OracleIdent) -> Option<&ObjectPath> {
        self.key_indexes.of(table, constraint)
    }

    /// Whether an index stands behind an enabled key.
    pub(crate) fn enforces_key(&self, index: &ObjectPath) -> bool {
        self.key_indexes.uses(index)
    }

    pub(crate) fn table(&self, id: i64) -> Option<&Arc<TableInfo>> {
        self.tables.get(&id)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Arc<TableInfo>> {
        self.tables.values()
    }

    pub(crate) fn object(&self, owner: &str, name: &str, kind: &str) -> Option<&Object> {
        self.objects_named(owner, name).find(|o| o.kind == kind)
    }

    pub(crate) fn objects_named(&self, owner: &str, name: &str) -> impl Iterator<Item = &Object> {
        // A map of pairs of strings cannot be asked with pairs of borrowed ones.
        self.names.get(&(owner.to_owned(), name.to_owned())).into_iter().flatten().map(|&n| &self.objects[n])
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|u| u.name == name)
    }

    fn build_tables(&self) -> HashMap<i64, Arc<TableInfo>> {
        let ids: HashMap<&ObjectPath, &Object> = self
            .catalog
            .tables
            .iter()
            .filter_map(|t| Some((&t.path, self.object(t.path.schema.as_str(), t.path.name.as_str(), "TABLE")?)))
            .collect();
        let by_path: HashMap<&ObjectPath, &Table> = self.catalog.tables.iter().map(|t| (&t.path, t)).collect();
        let (made, all) = (unique_by_table(&self.raw.indexes), unique_by_table(&self.catalog.indexes));
        let mut infos: HashMap<i64, TableInfo> = HashMap::new();
        for table in &self.catalog.tables {
            let Some(object) = ids.get(&table.path) else { continue };
            let keys = keys(table, made.get(&table.path).map_or(&[], Vec::as_slice));
            let groups: Vec<&LogGroup> = self.log_groups.iter().filter(|g| g.object == object.id).collect();
            infos.insert(
                object.id,
                TableInfo {
                    object: (*object).clone(),
                    table: table.clone(),
                    relation: Arc::new(relation(table, object, &self.types)),
                    logging: logging(
                        self.supplemental,
                        table,
                        all.get(&table.path).map_or(&[], Vec::as_slice),
                        &groups,
                    ),
                    keys,
                    parents: Vec::new(),
                    children: Vec::new(),
                },
            );
        }
        for table in &self.catalog.tables {
            let Some(child) = ids.get(&table.path) else { continue };
            for constraint in table.constraints.iter().filter(|c| c.enabled) {
                let ConstraintKind::ForeignKey { columns, references, referenced_columns, on_delete } =
                    &constraint.kind
                else {
                    continue;
                };
                let (Some(parent), Some(parent_table)) = (ids.get(references), by_path.get(references)) else {
                    continue;
                };
                let Some(foreign) = foreign_key(
                    constraint,
                    (child.id, table, columns),
                    (&infos[&parent.id], parent_table, referenced_columns),
                    *on_delete,
                ) else {
                    continue;
                };
                if let Some(info) = infos.get_mut(&parent.id) {
                    info.children.push(foreign.clone());
                }
                if let Some(info) = infos.get_mut(&child.id) {
                    if info.key(foreign.child_key).is_none() {
                        let columns = foreign.child_columns.clone();
                        info.keys.push(KeyDef { id: foreign.child_key, columns, unique: None });
                    }
                    info.parents.push(foreign);
                }
            }
        }
        infos.into_iter().map(|(id, info)| (id, Arc::new(info))).collect()
    }
}

/// Unique indexes by the tables that they are on.
fn unique_by_table(indexes: &[Index]) -> HashMap<&ObjectPath, Vec<&Index>> {
    let mut by_table: HashMap<&ObjectPath, Vec<&Index>> = HashMap::new();
    indexes.iter().filter(|i| i.unique).for_each(|i| by_table.entry(&i.table).or_default().push(i));
    by_table
}

/// Keys and unique indexes; foreign keys add theirs later.
fn keys(table: &Table, unique: &[&Index]) -> Vec<KeyDef> {
    let mut keys: Vec<KeyDef> = Vec::new();
    let mut add = |columns: &[OracleIdent], unique: Option<String>| {
        let id = key_id(columns);
        let positions: Option<Vec<usize>> = columns.iter().map(|c| Some(table.column(c)?.0)).collect();
        let Some(positions) = positions else { return };
        match keys.iter_mut().find(|k| k.id == id) {
            Some(key) => key.unique = key.unique.take().or(unique),
            None => keys.push(KeyDef { id, columns: positions, unique }),
        }
    };
    for constraint in &table.constraints {
        if let ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } = &constraint.kind {
            let name = constraint.name.as_ref().map_or("", OracleIdent::as_str);
            add(columns, constraint.enabled.then(|| format!("{}.{name}", table.path.schema)));
        }
    }
    for index in unique {
        let columns: Option<Vec<OracleIdent>> = index
            .columns
            .iter()
            .map(|c| match &c.key {
                IndexKey::Column(name) => Some(name.clone()),
                IndexKey::Expression(_) => None,
            })
            .collect();
        if let Some(columns) = columns {
            add(&columns, Some(index.path.to_string()));
        }
    }
    keys
}

/// What a stored DDL text of many statements begins with.
pub(super) const SCRIPT: &str = "-- script\n";

/// Applies one stored DDL text.
pub(super) fn apply(
    catalog: &mut Catalog,
    text: &str,
    schema: &str,
) -> Result<schema_map::script::Applied, schema_map::script::ScriptError> {
    let schema = OracleIdent::new(schema).map_err(|e| schema_map::script::ScriptError {
        file: String::new(),
        line: 1,
        column: 1,
        kind: schema_map::script::ScriptErrorKind::Syntax,
        message: e.to_string(),
    })?;
    let Some(text) = text.strip_prefix(SCRIPT) else { return catalog.apply_ddl(text, &schema) };
    let mut script = schema_map::script::Script::default();
    script.catalog = std::mem::take(catalog);
    script.read("script", text, &schema);
    *catalog = std::mem::take(&mut script.catalog);
    // Rights are kept elsewhere.
    catalog.grants.clear();
    match script.errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(schema_map::script::Applied::NotDdl),
    }
}

fn foreign_key(
    constraint: &Constraint,
    (child, child_table, columns): (i64, &Table, &[OracleIdent]),
    (parent, parent_table, referenced): (&TableInfo, &Table, &[OracleIdent]),
    on_delete: OnDelete,
) -> Option<ForeignKey> {
    let referenced: Vec<usize> = referenced.iter().map(|c| Some(parent_table.column(c)?.0)).collect::<Option<_>>()?;
    let own: Vec<usize> = columns.iter().map(|c| Some(child_table.column(c)?.0)).collect::<Option<_>>()?;
    let key = parent.keys.iter().find(|k| {
        k.unique.is_some() && k.columns.len() == referenced.len() && k.columns.iter().all(|c| referenced.contains(c))
    })?;
    // The child's columns in the order of the parent's key.
    let child_columns: Vec<usize> =
        key.columns.iter().map(|c| Some(own[referenced.iter().position(|r| r == c)?])).collect::<Option<_>>()?;
    let names: Vec<OracleIdent> = child_columns.iter().map(|&c| child_table.columns[c].name.clone()).collect();
    Some(ForeignKey {
        name: format!("{}.{}", child_table.path.schema, constraint.name.as_ref().map_or("", OracleIdent::as_str)),
        child,
        child_key: key_id(&names),
        child_columns,
        parent: parent.id(),
        parent_key: key.id,
        parent_columns: key.columns.clone(),
        on_delete,
    })
}

fn positions(table: &Table, which: impl Fn(&Column) -> bool) -> Vec<usize> {
    table.columns.iter().enumerate().filter(|(_, c)| which(c)).map(|(n, _)| n).collect()
}

fn relation(table: &Table, object: &Object, types: &UserTypes) -> Relation {
    let owner = table.path.schema.as_str();
    Relation {
        id: object.id,
        owner: owner.to_owned(),
        name: table.path.name.as_str().to_owned(),
        columns: table
            .columns
            .iter()
            .map(|c| ColumnDesc {
                name: c.name.as_str().to_owned(),
                oracle_type: types.resolve(&c.oracle_type, &table.path.schema),
                nullable: c.nullable,
            })
            .collect(),
        defaults: table
            .columns
            .iter()
            .map(|c| match c.identity {
                Some(_) => Some(format!("\"{owner}\".\"{}\".NEXTVAL", identity_sequence(object.id))),
                None => c.default.clone(),
            })
            .collect(),
        virtuals: table.columns.iter().map(|c| c.virtual_expression.clone()).collect(),
        invisible: positions(table, |c| c.invisible),
        default_on_null: positions(table, |c| c.default_on_null),
        checks: table
            .constraints
            .iter()
            .filter(|c| c.enabled)
            .filter_map(|c| match &c.kind {
                ConstraintKind::Check { condition } => {
                    Some((c.name.as_ref().map_or("", OracleIdent::as_str).to_owned(), condition.clone()))
                }
                _ => None,
            })
            .collect(),
        key: table.primary_key().unwrap_or_default().iter().filter_map(|c| Some(table.column(c)?.0)).collect(),
        kind: RelationKind::Table,
    }
}

fn logging(database: i64, table: &Table, unique: &[&Index], groups: &[&LogGroup]) -> Logging {
    let minimal = database & SUPPLEMENTAL_MIN != 0;
    let mut logging = Logging { minimal, always: vec![false; table.columns.len()], conditional: Vec::new() };
    // Table-level groups without the database's minimal logging have no effect.
    if !minimal {
        return logging;
    }
    let position = |c: &OracleIdent| table.column(c).map(|(n, _)| n);
    let has = |bit, kind| database & bit != 0 || groups.iter().any(|g| g.kind == kind);
    let scalar = |n: usize| !is_lob(&table.columns[n].oracle_type) && table.columns[n].virtual_expression.is_none();
    let all =
        |logging: &mut Logging| (0..table.columns.len()).filter(|&n| scalar(n)).for_each(|n| logging.always[n] = true);
    if has(SUPPLEMENTAL_ALL, "ALL COLUMN LOGGING") {
        all(&mut logging);
    }
    let unique_lists: Vec<Vec<usize>> = table
        .constraints
        .iter()
        .filter_map(|c| match &c.kind {
            ConstraintKind::Unique { columns } => columns.iter().map(position).collect(),
            _ => None,
        })
        .chain(unique.iter().filter_map(|i| {
            i.columns
                .iter()
                .map(|c| match &c.key {
                    IndexKey::Column(c) => position(c),
                    IndexKey::Expression(_) => None,
                })
                .collect()
        }))
        .collect();
    if has(SUPPLEMENTAL_PK, "PRIMARY KEY LOGGING") {
        // Without a primary key: a unique key over NOT NULL columns, or else every column.
        let key = table.primary_key().map(|k| k.iter().filter_map(position).collect());
        let key: Option<Vec<usize>> =
            key.or_else(|| unique_lists.iter().find(|l| l.iter().all(|&n| !table.columns[n].nullable)).cloned());
        match key {
            Some(key) => key.into_iter().for_each(|n| logging.always[n] = true),
            None => all(&mut logging),
        }
    }
    if has(SUPPLEMENTAL_UI, "UNIQUE KEY LOGGING") {
        logging.conditional.extend(unique_lists);
    }
    if has(SUPPLEMENTAL_FK, "FOREIGN KEY LOGGING") {
        logging.conditional.extend(table.constraints.iter().filter_map(|c| match &c.kind {
            ConstraintKind::ForeignKey { columns, .. } => columns.iter().map(position).collect::<Option<Vec<_>>>(),
            _ => None,
        }));
    }
    for group in groups.iter().filter(|g| g.kind == "USER LOG GROUP") {
        let columns: Vec<usize> =
            group.columns.iter().filter_map(|c| table.columns.iter().position(|t| t.name.as_str() == c)).collect();
        if group.always {
            columns.into_iter().for_each(|n| logging.always[n] = true);
        } else {
            logging.conditional.push(columns);
        }
    }
    logging
}

pub(super) fn objects(connection: &Connection) -> Result<Vec<Object>, OraError> {
    collect(
        connection,
        "SELECT id, owner, name, kind, created, changed, changed_scn, version, data_object, enabled FROM objects ORDER BY id",
        |r| {
            Ok(Object {
                id: r.get(0)?,
                owner: r.get(1)?,
                name: r.get(2)?,
                kind: r.get(3)?,
                created: r.get(4)?,
                changed: r.get(5)?,
                changed_scn: r.get(6)?,
                version: r.get(7)?,
                data_object: r.get(8)?,
                enabled: r.get(9)?,
            })
        },
    )
}

pub(crate) fn collect<T>(
    connection: &Connection,
    sql: &str,
    row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, OraError> {
    Ok(connection.prepare_cached(sql)?.query_map([], row)?.collect::<Result<_, _>>()?)
}
