use super::{Builder, Made, Phase};
use crate::{Column, Identity, ObjectKind, PlanError, Table, TableKind, TablePlan, types};
use type_convert::PgType;

impl<'a> Builder<'a> {
    pub(super) fn tables(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let mut errors = Vec::new();
        for table in &catalog.tables {
            let reason = match table.kind {
                TableKind::Heap | TableKind::IndexOrganized => match self.table(table) {
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
                TableKind::GlobalTemporary => {
                    "temporary tables are not converted: PostgreSQL makes them for one session at a time, where they are used"
                }
                TableKind::External => {
                    "external tables are not converted: their rows are in files of the Oracle server; use COPY or a foreign table"
                }
            };
            self.refuse(ObjectKind::Table, &table.path, reason);
        }
        PlanError::all(errors)
    }

    fn table(&mut self, table: &'a Table) -> Result<(), PlanError> {
        let plan = TablePlan::new(table, self.names, self.types)?;
        let target = plan.target.clone();
        let mut moving = plan.columns.iter().map(|c| c.pg_type.clone());
        let mut columns: Vec<(&Column, PgType)> = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            if column.virtual_expression.is_none() {
                columns.extend(moving.next().map(|pg_type| (column, pg_type)));
                continue;
            }
            if self.names.column(&table.path, &column.name).is_none() {
                return Err(PlanError::Unnamed(format!("column {}.{}", table.path, column.name)));
            }
            match types::decide(self.types, table, column) {
                Ok(pg_type) => columns.push((column, pg_type)),
                Err(error) => self.virtual_column_refused(table, column, &error.reason),
            }
        }
        self.rewriter.add_table(table, &target, &columns);

        let mut lines = Vec::with_capacity(columns.len());
        let mut notes = Vec::new();
        if table.kind == TableKind::IndexOrganized {
            notes.push("ORGANIZATION INDEX has no counterpart: an ordinary table".to_owned());
        }
        let mut left_out = Vec::new();
        for (position, (column, pg_type)) in columns.iter().enumerate() {
            let Some(name) = self.names.column(&table.path, &column.name) else { continue };
            let mut line = format!("{} {pg_type}", name.quoted());
            if let Some(text) = &column.virtual_expression {
                match self.rewriter.virtual_column(&table.path, column, pg_type) {
                    Ok(rewritten) => {
                        line.push_str(&format!(" GENERATED ALWAYS AS ({}) STORED", rewritten.sql));
                        notes.push(format!("{} is stored, virtual in Oracle", column.name));
                        notes.extend(rewritten.notes.into_iter().map(|n| format!("{}: {n}", column.name)));
                    }
                    Err(refused) => {
                        self.virtual_column_refused(table, column, &refused.message(text));
                        left_out.push(position);
                        continue;
                    }
                }
            } else if let Some(identity) = column.identity {
                self.identity(table, column, identity, pg_type, &target.quoted(), &name.quoted());
            } else if column.default.is_some()
                && let Some(default) =
                    self.default(table, column, pg_type, &target.quoted(), &name.quoted(), &mut notes)
            {
                line.push_str(&format!(" DEFAULT {default}"));
            }
            if !column.nullable {
                line.push_str(" NOT NULL");
            }
            lines.push(line);
        }
        for position in left_out.into_iter().rev() {
            columns.remove(position);
        }
        self.rewriter.add_table(table, &target, &columns);
        let sql = format!("CREATE TABLE {} (\n    {}\n);", target.quoted(), lines.join(",\n    "));
        self.push(Phase::Tables, ObjectKind::Table, &table.path, sql, notes);
        self.tables.insert(table.path.clone(), Made { table, target, columns });
        Ok(())
    }

    fn virtual_column_refused(&mut self, table: &Table, column: &Column, reason: &str) {
        let text = column.virtual_expression.as_deref().unwrap_or_default();
        let reason = format!("the virtual column {} ({text}) is left out: {reason}", column.name);
        self.refuse(ObjectKind::Table, &table.path, reason);
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
        if rewritten.sequences.is_empty() {
            notes.extend(rewritten.notes.into_iter().map(|n| format!("{}: {n}", column.name)));
            return Some(rewritten.sql);
        }
        let sql = format!("ALTER TABLE {target} ALTER COLUMN {name} SET DEFAULT {};", rewritten.sql);
        self.after_sequences.push((table.path.clone(), sql, None));
        None
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
        if !matches!(pg_type, PgType::Int2 | PgType::Int4 | PgType::Int8) || column.nullable {
            let reason = format!(
                "{} is no identity column in PostgreSQL, where it is {pg_type}{}: give it an integer type",
                column.name,
                if column.nullable { " and may be NULL" } else { "" }
            );
            self.refuse(ObjectKind::Table, &table.path, reason);
            return;
        }
        let generated = match identity {
            Identity::Always => "ALWAYS",
            Identity::ByDefault => "BY DEFAULT",
        };
        let sql = format!("ALTER TABLE {target} ALTER COLUMN {name} ADD GENERATED {generated} AS IDENTITY;");
        self.after_sequences.push((table.path.clone(), sql, None));
        // pg_get_serial_sequence takes the table as SQL has it, the column as the catalog has it.
        let bare = self.names.column(&table.path, &column.name).map(|c| c.as_str()).unwrap_or_default();
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), COALESCE(max({name}), 0) + 1, false) FROM {target};",
            crate::pg_literal(target),
            crate::pg_literal(bare),
        );
        let note = format!("{} goes on after its highest value", column.name);
        self.after_sequences.push((table.path.clone(), sql, Some(note)));
    }
}
