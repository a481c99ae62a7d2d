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
        for view in self.catalog.views.iter().filter(|v| self.views.contains(&v.path)) {
            if let (Some(comment), Some(target)) = (&view.comment, self.names.object(ObjectKind::View, &view.path)) {
                made.push((ObjectKind::View, &view.path, format!("VIEW {}", target.quoted()), comment));
            }
        }
        for (kind, source, on, comment) in made {
            let sql = format!("COMMENT ON {on} IS {};", pg_literal(comment));
            self.push(Phase::Comments, kind, source, sql, Vec::new());
        }
    }
}
