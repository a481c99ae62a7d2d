use super::{Builder, Phase};
use crate::{ObjectKind, pg_literal};

impl Builder<'_> {
    pub(super) fn comments(&mut self) {
        let mut made = Vec::new();
        for table in self.catalog.tables.iter() {
            let Some(of_table) = self.tables.get(&table.path) else { continue };
            let target = of_table.target.quoted();
            if let Some(comment) = &table.comment {
                made.push((ObjectKind::Table, &table.path, format!("TABLE {target}"), comment));
            }
            for (column, _) in &of_table.columns {
                if let (Some(comment), Some(name)) = (&column.comment, self.names.column(&table.path, &column.name)) {
                    let on = format!("COLUMN {target}.{}", name.quoted());
                    made.push((ObjectKind::Table, &table.path, on, comment));
                }
            }
        }
        let plain = self.catalog.views.iter().map(|v| (ObjectKind::View, "VIEW", v));
        let materialized = self.catalog.materialized_views.iter();
        let materialized = materialized.map(|v| (ObjectKind::MaterializedView, "MATERIALIZED VIEW", &v.view));
        for (kind, word, view) in plain.chain(materialized).filter(|(.., v)| self.views.contains(&v.path)) {
            let Some(target) = self.names.object(kind, &view.path).map(|t| t.quoted()) else { continue };
            if let Some(comment) = &view.comment {
                made.push((kind, &view.path, format!("{word} {target}"), comment));
            }
            for (column, comment) in &view.column_comments {
                if let Some(name) = self.names.column(&view.path, column) {
                    made.push((kind, &view.path, format!("COLUMN {target}.{}", name.quoted()), comment));
                }
            }
        }
        for (kind, source, on, comment) in made {
            let sql = format!("COMMENT ON {on} IS {};", pg_literal(comment));
            self.push(Phase::Comments, kind, source, sql, Vec::new());
        }
    }
}
