use super::{
    Builder, Phase,
    constraint::{key_columns, null_note},
};
use crate::{Index, IndexKey, ObjectKind, OracleIdent, PgIdent, PlanError};

impl Builder<'_> {
    pub(super) fn indexes(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        for index in &catalog.indexes {
            if !self.tables.contains_key(&index.table) {
                let reason = format!("its table {} is not converted", index.table);
                self.refuse(ObjectKind::Index, &index.path, reason);
            } else if let Some((table, constraint)) = catalog.constraint_of_index(index) {
                let by = match &constraint.name {
                    Some(name) => format!("the index of the constraint {name} of {}", table.path),
                    None => format!("the index of a key of {}", table.path),
                };
                self.cover(ObjectKind::Index, &index.path, by);
            } else {
                let name = self.target(ObjectKind::Index, &index.path)?.name;
                if let Err(reason) = self.index(index, &name) {
                    self.refuse(ObjectKind::Index, &index.path, reason);
                }
            }
        }
        Ok(())
    }

    fn index(&mut self, index: &Index, name: &PgIdent) -> Result<(), String> {
        let Some(made) = self.tables.get(&index.table) else { return Ok(()) };
        let mut notes = Vec::new();
        let mut keys = Vec::with_capacity(index.columns.len());
        let mut plain: Vec<OracleIdent> = Vec::new();
        for column in &index.columns {
            let key = match &column.key {
                IndexKey::Column(column) => {
                    plain.push(column.clone());
                    key_columns(made, self.names, std::slice::from_ref(column))?
                }
                IndexKey::Expression(text) => {
                    let rewritten = self.rewriter.index_expression(&index.table, text);
                    let rewritten = rewritten.map_err(|r| format!("{} in: {text}", r.message(text)))?;
                    notes.extend(rewritten.notes);
                    format!("({})", rewritten.sql)
                }
            };
            keys.push(if column.descending { format!("{key} DESC") } else { key });
        }
        if index.bitmap {
            notes.push("a b-tree, bitmap in Oracle: PostgreSQL makes bitmaps from b-trees as it needs them".to_owned());
        }
        if index.unique {
            notes.extend(null_note(&plain, made.table));
        }
        let unique = if index.unique { "UNIQUE " } else { "" };
        let target = made.target.clone();
        let sql = format!("CREATE {unique}INDEX {} ON {} ({});", name.quoted(), target.quoted(), keys.join(", "));
        self.push(Phase::Indexes, ObjectKind::Index, &index.path, sql, notes);
        self.adds(target, name);
        Ok(())
    }
}
