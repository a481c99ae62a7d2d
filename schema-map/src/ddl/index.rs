use super::{
    Builder, Phase,
    constraint::{key_columns, null_note},
};
use crate::catalog::constraint_of;
use crate::{Index, IndexKey, IndexKind, ObjectKind, ObjectPath, OracleIdent, PgIdent, PlanError};

impl Builder<'_> {
    pub(super) fn indexes(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        for index in &catalog.indexes {
            if index.kind == IndexKind::Cluster {
                let reason = "it is on a cluster, whose tables are ordinary ones here with indexes of their own";
                self.refuse(ObjectKind::Index, &index.path, reason);
                continue;
            }
            let Some(table) = self.relations.tables.get(&index.table).filter(|t| self.tables.contains_key(&t.path))
            else {
                // Those of materialized views are made with them.
                if !self.relations.views.contains_key(&index.table) {
                    let reason = format!("its table {} is not converted", index.table);
                    self.refuse(ObjectKind::Index, &index.path, reason);
                }
                continue;
            };
            if let Some((table, constraint)) = constraint_of(table, index) {
                let by = match &constraint.name {
                    Some(name) => format!("the index of the constraint {name} of {}", table.path),
                    None => format!("the index of a key of {}", table.path),
                };
                self.cover(ObjectKind::Index, &index.path, by);
                continue;
            }
            let name = self.target(ObjectKind::Index, &index.path)?.name;
            if let Err(reason) = self.index(index, &name) {
                self.refuse(ObjectKind::Index, &index.path, reason);
            }
        }
        Ok(())
    }

    /// Those of a materialized view, which can be on its columns only.
    pub(super) fn indexes_of_view(&mut self, view: &ObjectPath) -> Result<(), PlanError> {
        let Some(target) = self.names.object(ObjectKind::MaterializedView, view).map(|t| t.quoted()) else {
            return Ok(());
        };
        for index in self.indexes.get(view).cloned().unwrap_or_default() {
            let name = self.target(ObjectKind::Index, &index.path)?.name;
            let keys: Option<Vec<String>> = index
                .columns
                .iter()
                .map(|column| match &column.key {
                    IndexKey::Column(of) => {
                        let key = self.names.column(view, of)?.quoted();
                        Some(if column.descending { format!("{key} DESC") } else { key })
                    }
                    IndexKey::Expression(_) => None,
                })
                .collect();
            let (Some(keys), IndexKind::Normal | IndexKind::Reverse) = (keys, &index.kind) else {
                self.refuse(
                    ObjectKind::Index,
                    &index.path,
                    "of a materialized view only indexes on columns are converted",
                );
                continue;
            };
            let unique = if index.unique { "UNIQUE " } else { "" };
            let sql = format!("CREATE {unique}INDEX {} ON {target} ({});", name.quoted(), keys.join(", "));
            self.push(Phase::Views, ObjectKind::Index, &index.path, sql, Vec::new());
        }
        Ok(())
    }

    pub(super) fn refuse_indexes(&mut self, of: &ObjectPath, reason: &str) {
        for index in self.indexes.get(of).cloned().unwrap_or_default() {
            self.refuse(ObjectKind::Index, &index.path, reason);
        }
    }

    fn index(&mut self, index: &Index, name: &PgIdent) -> Result<(), String> {
        match &index.kind {
            IndexKind::Domain(kind) => return Err(domain(kind)),
            IndexKind::BitmapJoin => {
                return Err(
                    "a bitmap join index has no counterpart: index the columns that join, or make a materialized view"
                        .to_owned(),
                );
            }
            IndexKind::Multivalue => {
                return Err(
                    "a multivalue index over JSON has no counterpart: a GIN index on the jsonb column finds its values"
                        .to_owned(),
                );
            }
            _ => {}
        }
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
                    self.helpers.extend(rewritten.helpers);
                    format!("({})", rewritten.sql)
                }
            };
            keys.push(if column.descending { format!("{key} DESC") } else { key });
        }
        if index.kind == IndexKind::Reverse {
            notes.push("an ordinary b-tree, REVERSE in Oracle".to_owned());
        }
        let gin = index.bitmap && self.options.bitmap_as_gin;
        if gin {
            notes.push("a GIN index, bitmap in Oracle: it needs the extension btree_gin".to_owned());
            keys.iter_mut().for_each(|key| {
                if let Some(plain) = key.strip_suffix(" DESC") {
                    *key = plain.to_owned();
                }
            });
        } else if index.bitmap {
            notes.push("a b-tree, bitmap in Oracle: PostgreSQL makes bitmaps from b-trees as it needs them".to_owned());
        }
        if index.unique {
            notes.extend(null_note(&plain, made.table));
        }
        let unique = if index.unique { "UNIQUE " } else { "" };
        let target = made.target.clone();
        let using = if gin { " USING gin" } else { "" };
        let sql =
            format!("CREATE {unique}INDEX {} ON {}{using} ({});", name.quoted(), target.quoted(), keys.join(", "));
        self.push(Phase::Indexes, ObjectKind::Index, &index.path, sql, notes);
        self.adds(target, name);
        Ok(())
    }
}

/// Why an index of this INDEXTYPE is not made, and what to do.
fn domain(kind: &str) -> String {
    let advice = match kind {
        "CONTEXT" | "CTXCAT" | "CTXRULE" | "SEARCH_INDEX" | "CONTEXT_V2" => {
            "make a GIN index over to_tsvector of the column, and rewrite CONTAINS with @@"
        }
        "SPATIAL_INDEX" | "SPATIAL_INDEX_V2" => "make a GiST index once the column is a geometry of PostGIS",
        "VECTOR" => "make an index of the extension pgvector once the column is one of its vectors",
        "XMLINDEX" => "make indexes on the xpath expressions that are searched for",
        _ => "its own code decides what it finds",
    };
    format!("a domain index of the type {kind} has no counterpart: {advice}")
}
