use super::{Builder, Made, Options, Phase};
use crate::catalog::Relations;
use crate::name_map::shortened;
use crate::rewrite::Rewriter;
use crate::sql::Lexer;
use crate::sql::parser::UNDEFINED_TYPE;
use crate::{
    Catalog, Column, ConstraintKind, Identity, IndexKey, NameMap, ObjectKind, Partitioning, PgIdent, PgPath, PlanError,
    Table, TableKind, TablePlan, TypePolicy, types,
};
use std::borrow::Cow;
use type_convert::{OracleType, PgType};

/// PostgreSQL's limit of columns.
const MAX_COLUMNS: usize = 1600;

/// The catalog with the types of those virtual columns that get theirs from their expressions.
pub(super) fn with_virtual_types<'c>(
    catalog: &'c Catalog,
    names: &NameMap,
    types: &dyn TypePolicy,
    options: &Options,
) -> Cow<'c, Catalog> {
    let open = |c: &Column| {
        c.virtual_expression.is_some()
            && matches!(&c.oracle_type, OracleType::Other { owner: None, name } if name == UNDEFINED_TYPE)
    };
    if !catalog.tables.iter().any(|t| t.columns.iter().any(open)) {
        return Cow::Borrowed(catalog);
    }
    let relations = Relations::of(catalog);
    let mut rewriter = Rewriter::new(names, &relations, options);
    let mut found = Vec::new();
    for (at, table) in catalog.tables.iter().enumerate().filter(|(_, t)| t.columns.iter().any(open)) {
        let Some(target) = names.object(ObjectKind::Table, &table.path) else { continue };
        let typed = table.columns.iter().filter(|c| !open(c));
        let columns: Vec<(&Column, PgType)> =
            typed.filter_map(|c| Some((c, types::decide(types, table, c).ok()?))).collect();
        rewriter.add_table(table, target, &columns);
        for (position, column) in table.columns.iter().enumerate().filter(|(_, c)| open(c)) {
            let text = column.virtual_expression.as_deref().unwrap_or_default();
            if let Some(oracle_type) = rewriter.virtual_type(&table.path, text) {
                found.push((at, position, oracle_type));
            }
        }
    }
    let mut catalog = catalog.clone();
    for (at, position, oracle_type) in found {
        catalog.tables[at].columns[position].oracle_type = oracle_type;
    }
    Cow::Owned(catalog)
}

impl<'a> Builder<'a> {
    pub(super) fn tables(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let mut errors = Vec::new();
        for table in &catalog.tables {
            let reason = match table.kind {
                _ if table.columns.len() > MAX_COLUMNS => {
                    format!("it has {} columns, PostgreSQL's tables at most {MAX_COLUMNS}", table.columns.len())
                }
                TableKind::Heap | TableKind::IndexOrganized | TableKind::GlobalTemporary => match self.table(table) {
                    Ok(()) => continue,
                    Err(PlanError::Several(several)) => {
                        errors.extend(several);
                        continue;
                    }
                    Err(error) => {
                        errors.push(error);
                        continue;
                    }
                },
                TableKind::External => {
                    "external tables are not converted: their rows are in files of the Oracle server; use COPY or a foreign table".to_owned()
                }
            };
            self.refuse(ObjectKind::Table, &table.path, reason);
        }
        PlanError::all(errors)
    }

    /// The columns that PostgreSQL will have, with their types.
    fn columns(&mut self, table: &'a Table) -> Result<Vec<(&'a Column, PgType)>, PlanError> {
        if !self.options.partial && table.kind.holds_rows() {
            TablePlan::with_user_types(table, self.names, self.types, &self.user_types)?;
        }
        let mut columns: Vec<(&Column, PgType)> = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            if self.names.column(&table.path, &column.name).is_none() {
                return Err(PlanError::Unnamed(format!("column {}.{}", table.path, column.name)));
            }
            let error = match types::decide(self.types, table, column) {
                Ok(pg_type) => {
                    columns.push((column, pg_type));
                    continue;
                }
                Err(error) => error,
            };
            if let Some((pg_type, note)) = self.user_type(&column.oracle_type, &table.path.schema) {
                if let Some(note) = note {
                    self.refuse(ObjectKind::Table, &table.path, format!("the column {}: {note}", column.name));
                }
                columns.push((column, pg_type));
            } else if column.virtual_expression.is_some() {
                self.virtual_column_refused(table, column, &error.reason);
            } else if self.options.partial {
                let reason = format!("the column {} is made as a text: {}", column.name, error.reason);
                self.refuse(ObjectKind::Table, &table.path, reason);
                columns.push((column, PgType::Text));
            } else {
                return Err(PlanError::Type(error));
            }
        }
        Ok(columns)
    }

    fn table(&mut self, table: &'a Table) -> Result<(), PlanError> {
        let target = self.target(ObjectKind::Table, &table.path)?;
        let mut columns = self.columns(table)?;
        self.rewriter.add_table(table, &target, &columns);

        let mut lines = Vec::with_capacity(columns.len());
        let mut notes = table.remarks.clone();
        match table.kind {
            TableKind::IndexOrganized => {
                notes.push("ORGANIZATION INDEX has no counterpart: an ordinary table".to_owned());
            }
            TableKind::GlobalTemporary => notes.push(
                "a temporary table of Oracle has its rows for each session alone: this one is the pattern, and sessions make their own with CREATE TEMPORARY TABLE … (LIKE … INCLUDING ALL), which goes before it".to_owned(),
            ),
            _ => {}
        }
        let mut left_out = Vec::new();
        let mut on_null = Vec::new();
        for (position, (column, pg_type)) in columns.iter().enumerate() {
            let Some(name) = self.names.column(&table.path, &column.name) else { continue };
            let mut line = format!("{} {pg_type}", name.quoted());
            if column.invisible {
                notes.push(format!("{} is visible, INVISIBLE in Oracle", column.name));
            }
            if let Some(text) = &column.virtual_expression {
                match self.rewriter.virtual_column(&table.path, column, pg_type) {
                    Ok(rewritten) => {
                        // A virtual one calls no functions of ours, is of no type of ours, and in no index or key.
                        let plain = rewritten.helpers.is_empty() && !matches!(pg_type, PgType::Composite(_));
                        let stored = if self.options.pg_version >= 18 && plain && !self.is_key(table, column) {
                            "VIRTUAL"
                        } else {
                            notes.push(format!("{} is stored, virtual in Oracle", column.name));
                            "STORED"
                        };
                        line.push_str(&format!(" GENERATED ALWAYS AS ({}) {stored}", rewritten.sql));
                        self.helpers.extend(rewritten.helpers);
                        notes.extend(rewritten.notes.into_iter().map(|n| format!("{}: {n}", column.name)));
                    }
                    Err(refused) => {
                        self.virtual_column_refused(table, column, &refused.message(text));
                        left_out.push(position);
                        continue;
                    }
                }
            } else if let Some(identity) = column.identity.filter(|_| self.options.partial) {
                // Without rows to come there is nothing to wait for.
                if let Some(clause) = self.identity_clause(table, column, identity, pg_type) {
                    line.push_str(&clause);
                }
            } else if let Some(identity) = column.identity {
                self.identity(table, column, identity, pg_type, &target.quoted(), &name.quoted());
            } else if column.default.is_some()
                && let Some(default) =
                    self.default(table, column, pg_type, &target.quoted(), &name.quoted(), &mut notes)
            {
                line.push_str(&format!(" DEFAULT {default}"));
            }
            if column.default_on_null {
                match self.instead_of_null(table, column, pg_type, &target, name) {
                    Some(value) => on_null.push((name.quoted(), value)),
                    None => notes
                        .push(format!("DEFAULT ON NULL of {}: an explicit NULL is refused, not replaced", column.name)),
                }
            }
            if !column.nullable {
                line.push_str(" NOT NULL");
            }
            lines.push(line);
        }
        if !on_null.is_empty() {
            self.replace_nulls(table, &target, &on_null);
        }
        for position in left_out.into_iter().rev() {
            columns.remove(position);
        }
        self.rewriter.add_table(table, &target, &columns);
        let mut made = Made { table, target: target.clone(), columns, partitioned: false };
        let partitions = match self.partitions(&made) {
            Ok(partitions) => partitions,
            Err(reason) => {
                notes.push(format!("not partitioned: {reason}"));
                None
            }
        };
        let (clause, children) = match partitions {
            Some(partitions) => {
                made.partitioned = true;
                notes.extend(partitions.notes);
                (format!("\n{}", partitions.clause), partitions.statements)
            }
            None => (String::new(), Vec::new()),
        };
        let unlogged = if table.kind == TableKind::GlobalTemporary { "UNLOGGED " } else { "" };
        let sql = format!("CREATE {unlogged}TABLE {} (\n    {}\n){clause};", target.quoted(), lines.join(",\n    "));
        self.push(Phase::Tables, ObjectKind::Table, &table.path, sql, notes);
        for child in children {
            self.push(Phase::Tables, ObjectKind::Table, &table.path, child, Vec::new());
        }
        self.tables.insert(table.path.clone(), made);
        Ok(())
    }

    /// Whether an index, a key or the partitions need this column.
    fn is_key(&self, table: &Table, column: &Column) -> bool {
        let indexed =
            self.indexes.get(&table.path).into_iter().flatten().flat_map(|i| &i.columns).any(|c| match &c.key {
                IndexKey::Column(name) => *name == column.name,
                IndexKey::Expression(text) => {
                    Lexer::new(text).any(|t| t.text.trim_matches('"').eq_ignore_ascii_case(column.name.as_str()))
                }
            });
        let constrained = table.constraints.iter().any(|c| match &c.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                columns.contains(&column.name)
            }
            ConstraintKind::ForeignKey { columns, .. } => columns.contains(&column.name),
            ConstraintKind::Check { .. } => false,
        });
        let partitioned = |p: &Partitioning| {
            p.columns.contains(&column.name)
                || p.subpartitioning.as_ref().is_some_and(|s| s.columns.contains(&column.name))
        };
        indexed || constrained || table.partitioning.as_ref().is_some_and(partitioned)
    }

    fn virtual_column_refused(&mut self, table: &Table, column: &Column, reason: &str) {
        let text = column.virtual_expression.as_deref().unwrap_or_default();
        let reason = format!("the virtual column {} ({text}) is left out: {reason}", column.name);
        self.refuse(ObjectKind::Table, &table.path, reason);
    }

    /// What DEFAULT ON NULL puts in the place of a NULL.
    fn instead_of_null(
        &mut self,
        table: &Table,
        column: &Column,
        pg_type: &PgType,
        target: &PgPath,
        name: &PgIdent,
    ) -> Option<String> {
        if column.identity.is_some() {
            let integer = matches!(pg_type, PgType::Int2 | PgType::Int4 | PgType::Int8);
            let bare = crate::pg_literal(name.as_str());
            let table = crate::pg_literal(&target.quoted());
            return integer.then(|| format!("nextval(pg_get_serial_sequence({table}, {bare}))"));
        }
        let default = self.rewriter.default(&table.path, column, pg_type).ok()??;
        self.helpers.extend(default.helpers);
        Some(default.sql)
    }

    /// A trigger for DEFAULT ON NULL, made with what draws from sequences: rows of the load have their values.
    fn replace_nulls(&mut self, table: &Table, target: &PgPath, values: &[(String, String)]) {
        let Ok(name) = shortened(&format!("{}_default_on_null", target.name)) else { return };
        let function = PgPath::new(target.schema.clone(), name.clone()).quoted();
        let lines: Vec<String> = values
            .iter()
            .map(|(column, value)| format!("    NEW.{column} := COALESCE(NEW.{column}, {value});"))
            .collect();
        let sql = format!(
            "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n{}\n    RETURN NEW;\nEND\n$body$;\n\
             CREATE TRIGGER {} BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION {function}();",
            lines.join("\n"),
            name.quoted(),
            target.quoted()
        );
        let note = "DEFAULT ON NULL: a trigger puts the default in the place of an explicit NULL";
        self.after_sequences.push((table.path.clone(), sql, Some(note.to_owned())));
    }

    /// The default, if it can stand in CREATE TABLE.
    fn default(
        &mut self,
        table: &Table,
        column: &Column,
        pg_type: &PgType,
        target: &str,
        name: &str,
        notes: &mut Vec<String>,
    ) -> Option<String> {
        let text = column.default.as_deref().unwrap_or_default();
        let rewritten = match self.rewriter.default(&table.path, column, pg_type) {
            Ok(rewritten) => rewritten?,
            Err(refused) => {
                let reason = format!("the default of {} ({text}) is left out: {}", column.name, refused.message(text));
                self.refuse(ObjectKind::Table, &table.path, reason);
                return None;
            }
        };
        self.helpers.extend(rewritten.helpers.iter().copied());
        if rewritten.sequences.is_empty() {
            notes.extend(rewritten.notes.into_iter().map(|n| format!("{}: {n}", column.name)));
            return Some(rewritten.sql);
        }
        let sql = format!("ALTER TABLE {target} ALTER COLUMN {name} SET DEFAULT {};", rewritten.sql);
        self.after_sequences.push((table.path.clone(), sql, None));
        None
    }

    /// ` GENERATED … AS IDENTITY (…)`.
    fn identity_clause(
        &mut self,
        table: &Table,
        column: &Column,
        identity: Identity,
        pg_type: &PgType,
    ) -> Option<String> {
        if !matches!(pg_type, PgType::Int2 | PgType::Int4 | PgType::Int8) || column.nullable {
            let reason = format!(
                "{} is no identity column in PostgreSQL, where it is {pg_type}{}: give it an integer type",
                column.name,
                if column.nullable { " and may be NULL" } else { "" }
            );
            self.refuse(ObjectKind::Table, &table.path, reason);
            return None;
        }
        let generated = match identity {
            Identity::Always => "ALWAYS",
            Identity::ByDefault => "BY DEFAULT",
        };
        match identity_options(column) {
            Ok(options) => {
                let options = options.map(|(options, ..)| options).unwrap_or_default();
                Some(format!(" GENERATED {generated} AS IDENTITY{options}"))
            }
            Err(reason) => {
                self.refuse(ObjectKind::Table, &table.path, format!("{} is no identity column: {reason}", column.name));
                None
            }
        }
    }

    fn identity(
        &mut self,
        table: &Table,
        column: &Column,
        identity: Identity,
        pg_type: &PgType,
        target: &str,
        name: &str,
    ) {
        let Some(clause) = self.identity_clause(table, column, identity, pg_type) else { return };
        // pg_get_serial_sequence takes the table as SQL has it, the column as the catalog has it.
        let bare = self.names.column(&table.path, &column.name).map(|c| c.as_str()).unwrap_or_default();
        let sequence = format!("pg_get_serial_sequence({}, {})", crate::pg_literal(target), crate::pg_literal(bare));
        let next = match identity_options(column) {
            Ok(Some((_, start, step))) => {
                let (last, order) = if step < 0 { ("min", "LEAST") } else { ("max", "GREATEST") };
                format!("{order}(COALESCE({last}({name}) + ({step}), {start}), {start})")
            }
            _ => format!("COALESCE(max({name}), 0) + 1"),
        };
        let sql = format!("ALTER TABLE {target} ALTER COLUMN {name} ADD{clause};");
        self.after_sequences.push((table.path.clone(), sql, None));
        let sql = format!("SELECT setval({sequence}, {next}, false) FROM {target};");
        let note = format!("{} goes on after its highest value", column.name);
        self.after_sequences.push((table.path.clone(), sql, Some(note)));
    }
}

/// The options of an identity column where it has any, the number that it starts with, and its step.
fn identity_options(column: &Column) -> Result<Option<(String, i64, i64)>, String> {
    let Some(options) = &column.identity_options else { return Ok(None) };
    let bigint = |value: i128| i64::try_from(value).map_err(|_| format!("{value} is beyond bigint"));
    let clamp = |value: i128| i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX });
    let step = bigint(options.increment.unwrap_or(1))?;
    let mut sql = Vec::new();
    if step != 1 {
        sql.push(format!("INCREMENT BY {step}"));
    }
    // What is beyond bigint, as Oracle's own limit is, leaves the limit to bigint.
    if let Some(min) = options.min_value.filter(|min| *min != 1 || step < 0) {
        sql.push(format!("MINVALUE {}", clamp(min)));
    }
    if let Some(max) = options.max_value.filter(|max| *max <= i128::from(i64::MAX)) {
        sql.push(format!("MAXVALUE {}", clamp(max)));
    }
    let first = if step > 0 { options.min_value.unwrap_or(1) } else { options.max_value.unwrap_or(-1) };
    let start = bigint(options.start.unwrap_or(first))?;
    sql.push(format!("START WITH {start}"));
    if options.cycle {
        sql.push("CYCLE".to_owned());
    }
    Ok(Some((format!(" ({})", sql.join(" ")), start, step)))
}
