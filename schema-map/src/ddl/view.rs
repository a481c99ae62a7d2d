use super::{Builder, Phase};
use crate::{MaterializedView, ObjectKind, ObjectPath, PlanError, View, rewrite};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy)]
enum Sort<'a> {
    Plain(&'a View),
    Materialized(&'a MaterializedView),
}

impl<'a> Sort<'a> {
    fn view(self) -> &'a View {
        match self {
            Sort::Plain(view) => view,
            Sort::Materialized(view) => &view.view,
        }
    }

    fn kind(self) -> ObjectKind {
        match self {
            Sort::Plain(_) => ObjectKind::View,
            Sort::Materialized(_) => ObjectKind::MaterializedView,
        }
    }
}

impl Builder<'_> {
    /// Each behind those that it reads.
    pub(super) fn views(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let mut all: HashMap<&ObjectPath, Sort<'_>> =
            catalog.materialized_views.iter().map(|v| (&v.view.path, Sort::Materialized(v))).collect();
        all.extend(catalog.views.iter().map(|v| (&v.path, Sort::Plain(v))));
        let order = catalog.views.iter().map(|v| &v.path);
        let order = order.chain(catalog.materialized_views.iter().map(|v| &v.view.path));
        let mut done: HashSet<ObjectPath> = HashSet::new();
        for path in order {
            // Depth first, without recursion: chains of views may be long.
            let mut way: Vec<(Sort<'_>, Vec<ObjectPath>)> = Vec::new();
            let mut on_way: HashSet<ObjectPath> = HashSet::new();
            let mut circular: HashSet<ObjectPath> = HashSet::new();
            if let Some(sort) = all.get(path).filter(|_| !done.contains(path)) {
                way.push((*sort, rewrite::sources(sort.view(), self.relations)));
                on_way.insert(path.clone());
            }
            while let Some((sort, sources)) = way.last_mut() {
                let sort = *sort;
                let Some(next) = sources.pop() else {
                    let own = &sort.view().path;
                    if circular.contains(own) {
                        let reason = "it reads itself by way of the views that it reads";
                        self.refuse(sort.kind(), own, reason);
                    } else {
                        self.view(sort)?;
                    }
                    done.insert(own.clone());
                    on_way.remove(own);
                    way.pop();
                    continue;
                };
                // ON PREBUILT TABLE reads the table that it has the name of.
                let Some(needed) = all.get(&next).filter(|_| !done.contains(&next)) else { continue };
                if on_way.contains(&next) {
                    let from = way.iter().position(|(s, _)| s.view().path == next).unwrap_or_default();
                    circular.extend(way[from..].iter().map(|(s, _)| s.view().path.clone()));
                    continue;
                }
                on_way.insert(next.clone());
                let sources = rewrite::sources(needed.view(), self.relations);
                way.push((*needed, sources));
            }
        }
        Ok(())
    }

    fn view(&mut self, sort: Sort<'_>) -> Result<(), PlanError> {
        let (view, kind) = (sort.view(), sort.kind());
        let target = self.target(kind, &view.path)?;
        if let Sort::Materialized(materialized) = sort
            && self.relations.tables.contains_key(&view.path)
        {
            let reason = format!(
                "it is over a table that was there before (ON PREBUILT TABLE): that table is converted, but nothing fills it: {}",
                materialized.options
            );
            self.refuse(kind, &view.path, reason);
            return Ok(());
        }
        let sql = match self.rewriter.view(view) {
            Ok(sql) => sql,
            Err(refused) => {
                self.refuse(kind, &view.path, refused.message(&view.query));
                self.refuse_indexes(&view.path, "its materialized view is not converted");
                return Ok(());
            }
        };
        let mut notes: Vec<String> = sql.notes.iter().cloned().collect();
        self.helpers.extend(sql.helpers.iter().copied());
        let statement = match sort {
            Sort::Plain(_) => {
                let check = match sql.check_option {
                    Some(true) => "\nWITH CHECK OPTION",
                    Some(false) => {
                        notes.push("WITH CHECK OPTION is left out: PostgreSQL has it for simple views only".to_owned());
                        ""
                    }
                    None => "",
                };
                format!("CREATE VIEW {} AS\n{}{check};", target.quoted(), sql.query)
            }
            Sort::Materialized(materialized) => {
                let options = materialized.options.to_uppercase();
                let deferred = options.contains("BUILD DEFERRED");
                let data = if deferred { "\nWITH NO DATA" } else { "" };
                notes.push(if options.contains("REFRESH") {
                    format!(
                        "nothing refreshes it by itself: run REFRESH MATERIALIZED VIEW where Oracle had: {}",
                        materialized.options
                    )
                } else {
                    "nothing refreshes it by itself: run REFRESH MATERIALIZED VIEW".to_owned()
                });
                format!("CREATE MATERIALIZED VIEW {} AS\n{}{data};", target.quoted(), sql.query)
            }
        };
        self.push(Phase::Views, kind, &view.path, statement, notes);
        self.rewriter.add_view(view, kind, sql);
        self.views.insert(view.path.clone());
        if matches!(sort, Sort::Materialized(_)) {
            self.indexes_of_view(&view.path)?;
        }
        Ok(())
    }
}
