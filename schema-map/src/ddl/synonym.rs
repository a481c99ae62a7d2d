use super::{Builder, Phase};
use crate::{ObjectKind, OracleIdent};

impl Builder<'_> {
    /// A private synonym of a table or view is a view. A public one of the same name is what `search_path` does; for others
    /// there is advice.
    pub(super) fn synonyms(&mut self) {
        let catalog = self.catalog;
        for synonym in &catalog.synonyms {
            let end = self.relations.resolve(&synonym.path);
            let of = match &synonym.db_link {
                Some(link) => format!("{}@{link}", synonym.target),
                None => synonym.target.to_string(),
            };
            let target = self.tables.get(&end).map(|made| made.target.quoted()).or_else(|| {
                let named = |kind| self.names.object(kind, &end).map(|t| t.quoted());
                let view = || named(ObjectKind::View).or_else(|| named(ObjectKind::MaterializedView));
                self.views.contains(&end).then(view).flatten()
            });
            let public = synonym.path.schema.as_str() == "PUBLIC";
            let own = self.names.object(ObjectKind::Synonym, &synonym.path).map(|t| t.quoted());
            if public && target.is_some() && synonym.db_link.is_none() && synonym.path.name == end.name {
                let schema = self.names.schema(&end.schema).map(|s| s.quoted()).unwrap_or_default();
                let by = format!("search_path: {of} is found without its schema once {schema} is on it");
                self.cover(ObjectKind::Synonym, &synonym.path, by);
                continue;
            }
            match (target, own) {
                (Some(target), Some(own)) if synonym.db_link.is_none() && !public => {
                    // By name, so that what is invisible in Oracle can still be used through it.
                    let columns = self.columns_of(&end);
                    let sql = format!("CREATE VIEW {own} AS SELECT {columns} FROM {target};");
                    let note = format!("a view stands for the synonym of {of}");
                    self.push(Phase::Synonyms, ObjectKind::Synonym, &synonym.path, sql, vec![note]);
                }
                (target, _) => {
                    let reason = if synonym.db_link.is_some() {
                        format!("it stands for {of}, which is in another database: make a foreign table of this name")
                    } else if target.is_some() {
                        format!(
                            "PostgreSQL has no synonyms: put the schema of {of} on search_path, or make a view of this name"
                        )
                    } else {
                        format!("it stands for {of}, which is not converted, is not there, or is stored code")
                    };
                    self.refuse(ObjectKind::Synonym, &synonym.path, reason);
                }
            }
        }
    }

    fn columns_of(&self, path: &crate::ObjectPath) -> String {
        let names: Option<Vec<OracleIdent>> =
            self.tables.get(path).map(|made| made.columns.iter().map(|(c, _)| c.name.clone()).collect());
        let quoted: Option<Vec<String>> =
            names.and_then(|names| names.iter().map(|n| self.names.column(path, n).map(|c| c.quoted())).collect());
        quoted.map_or_else(|| "*".to_owned(), |q| q.join(", "))
    }
}
